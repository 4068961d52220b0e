//! Servers that a program is handed to, and what packages say of each other and of the language's releases.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// A server that a program is handed to.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Its program.
    pub id: String,
    /// Its package.
    pub package: String,
    /// The interfaces that it speaks: `wsgi`, `asgi`.
    pub serves: Vec<String>,
    /// The words in front of the application, listening everywhere; `{port}` is put in.
    #[serde(default)]
    pub before: Vec<String>,
    /// The words behind it.
    #[serde(default)]
    pub after: Vec<String>,
    /// How it is told that the application is a function that makes one: `{app}` is put in.
    pub factory: Vec<String>,
    /// The port that it listens on by itself.
    pub port: u16,
    /// The variable that it takes its port from, all addresses with it.
    #[serde(default)]
    pub port_variable: Option<String>,
    /// Its flags for the address, whose value is an address with a port.
    #[serde(default)]
    pub bind: Vec<String>,
    /// Its flags for the port alone.
    #[serde(default)]
    pub port_flags: Vec<String>,
    /// Its flags for the address alone.
    #[serde(default)]
    pub host_flags: Vec<String>,
    /// Words that make it listen on all addresses, where its command has none of the flags.
    #[serde(default)]
    pub everywhere: Vec<String>,
    /// Words that it gets in a container, whatever the project's own command says.
    #[serde(default)]
    pub always: Vec<String>,
    /// Words of a command that only develop.
    #[serde(default)]
    pub dev_flags: Vec<String>,
    /// A file that it reads by itself.
    #[serde(default)]
    pub config: Option<String>,
    /// Places where projects keep such a file that it has to be told of.
    #[serde(default)]
    pub configs: Vec<String>,
    /// Its flags for such a file.
    #[serde(default)]
    pub config_flags: Vec<String>,
    /// It ends on SIGTERM by itself.
    #[serde(default)]
    pub handles_sigterm: bool,
    /// It develops alone: started only where nothing better is known.
    #[serde(default)]
    pub develops: bool,
    /// The requirement that the image installs where the project has no server.
    #[serde(default)]
    pub requirement: Option<String>,
    /// The same for an older release of the language, which the one above does not run on, by that release.
    #[serde(default)]
    pub requirement_on: BTreeMap<String, String>,
    /// Variables that it needs in a container.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

/// Since which version a package runs on each release of the language.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Supports {
    /// The package.
    pub name: String,
    /// The release to the package's first version for it.
    pub since: BTreeMap<String, String>,
    /// The releases hold for versions of this range alone.
    #[serde(default)]
    pub versions: Option<String>,
}

/// Packages that break an older one where nothing keeps their newest version away.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conflict {
    /// The package that breaks.
    pub name: String,
    /// From this version on.
    #[serde(default)]
    pub from: Option<String>,
    /// Below this version; newer ones work.
    #[serde(default)]
    pub below: Option<String>,
    /// The requirements that keep it working: `werkzeug<3`.
    pub with: Vec<String>,
    /// It brings them: they are there where the project does not name them.
    #[serde(default)]
    pub brings: bool,
    /// What breaks it: behind "NAME of this version".
    pub because: String,
    /// What the row rests on, as in [`super::Package::evidence`].
    #[serde(default)]
    pub evidence: Option<String>,
}

/// A package that brings others.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Brings {
    /// The package.
    pub name: String,
    /// With one of these extras; without any, always.
    #[serde(default)]
    pub extras: Vec<String>,
    /// What comes with it.
    pub brings: Vec<String>,
}
