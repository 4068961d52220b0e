//! Frameworks: what a dependency says about start, port and output, and the settings that change it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// A framework: what a dependency says about start, port and output.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a row's own answer to a question of its own")]
pub struct Framework {
    /// Its id.
    pub id: String,
    /// Its name in messages.
    pub name: String,
    /// Any of these dependencies says it is used; of a crate, `NAME+FEATURE` asks for a feature, too.
    pub when: Vec<String>,
    /// The port that it listens on by itself.
    #[serde(default)]
    pub port: Option<u16>,
    /// The variable that changes the port.
    #[serde(default)]
    pub port_variable: Option<String>,
    /// The start command where no script says better, relative to the project.
    #[serde(default)]
    pub start: Vec<String>,
    /// Folders that its build makes and the runtime needs.
    #[serde(default)]
    pub output: Vec<String>,
    /// The folder of static files that its build makes.
    #[serde(default)]
    pub site: Option<String>,
    /// The build where no script is called `build`.
    #[serde(default)]
    pub build: Option<String>,
    /// Its server ends on SIGTERM by itself.
    #[serde(default)]
    pub handles_sigterm: bool,
    /// Variables that its server needs in a container (`HOSTNAME = "0.0.0.0"`).
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Prefixes of variables that its bundler puts into the output.
    #[serde(default)]
    pub public: Vec<String>,
    /// The key of its configuration that names another prefix in place of those.
    #[serde(default)]
    pub prefix_key: Option<String>,
    /// The site routes in the browser.
    #[serde(default)]
    pub spa: bool,
    /// Folders that its server writes to, relative to the project.
    #[serde(default)]
    pub writes: Vec<String>,
    /// Its output runs without `node_modules`.
    #[serde(default)]
    pub standalone: bool,
    /// Its configuration files.
    #[serde(default)]
    pub config: Vec<String>,
    /// When its build makes nothing that a container could run.
    #[serde(default)]
    pub elsewhere: Option<Elsewhere>,
    /// The key of the configuration that renames the output folder, dotted, and the folder without it: `{folder}`
    /// in `output`, `site` and `start`.
    #[serde(default)]
    pub folder: Option<Folder>,
    /// Methods of its configuration whose first argument is a folder that it writes to.
    #[serde(default)]
    pub output_calls: Vec<String>,
    /// Where none of them is called: what further arguments of its configuration name below this folder is made.
    #[serde(default)]
    pub targets_below: Option<String>,
    /// Scripts that its own template builds with, where none of the usual names does.
    #[serde(default)]
    pub scripts: Vec<String>,
    /// Files that it writes into that folder by itself.
    #[serde(default)]
    pub also: Vec<String>,
    /// The file below what it starts that a server of the project's own takes in, and is started instead.
    #[serde(default)]
    pub handler: Option<String>,
    /// Settings that change what is built.
    #[serde(default)]
    pub modes: Vec<Mode>,
    /// It is part of programs that others start: a production dependency, or it says nothing.
    #[serde(default)]
    pub library: bool,
    /// A program that uses it goes on without a port.
    #[serde(default)]
    pub worker: bool,
    /// Files and folders of which an application of it has one; a manifest without any lends it to others.
    #[serde(default)]
    pub places: Vec<String>,
    /// Files and folders that its server loads by itself, relative to the project.
    #[serde(default)]
    pub routes: Vec<String>,
    /// It makes a project's documents: at the root of a workspace, the members are the programs.
    #[serde(default)]
    pub documents: bool,
    /// The calls that open a port.
    #[serde(default)]
    pub listens: Vec<ListenCall>,
    /// Packages whose import says that a source file uses it.
    #[serde(default)]
    pub imports: Vec<String>,
    /// Annotations of sources that say that it listens.
    #[serde(default)]
    pub annotations: Vec<String>,
    /// The key of its configuration that sets the port.
    #[serde(default)]
    pub port_key: Option<String>,
    /// The versions of the language that its own versions need: its version, and the oldest of the language.
    #[serde(default)]
    pub needs: Vec<(String, String)>,
    /// Words that its programs are started with.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// The modules that its packages are imported by.
    #[serde(default)]
    pub modules: Vec<String>,
    /// What makes an application that a server is handed.
    #[serde(default)]
    pub objects: Vec<String>,
    /// The attribute of such an object that a server is handed, where that is not the object itself.
    #[serde(default)]
    pub attribute: Option<String>,
    /// The interface of such an application: `wsgi`, `asgi`.
    #[serde(default)]
    pub serves: Option<String>,
}

/// A choice of a framework that builds for one platform alone.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Elsewhere {
    /// The dotted key of the configuration; without one, the framework always does.
    #[serde(default)]
    pub key: Option<String>,
    /// Its values that do: texts, or modules that make the value.
    #[serde(default)]
    pub values: Vec<String>,
    /// What to do about it.
    pub help: Vec<String>,
}

/// The output folder of a framework.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    /// The dotted key.
    pub key: String,
    /// Without it.
    pub default: String,
    /// The key of the folder that it is relative to, where that is not the project's.
    #[serde(default)]
    pub within: Option<String>,
}

/// A setting of a framework's configuration, or a word of its build script, that changes what is built.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mode {
    /// The dotted key of the configuration.
    #[serde(default)]
    pub key: Option<String>,
    /// Its value.
    #[serde(default)]
    pub value: Option<String>,
    /// A word of the build script that says the same.
    #[serde(default)]
    pub script: Option<String>,
    /// See `Framework::start`.
    #[serde(default)]
    pub start: Vec<String>,
    /// See `Framework::output`.
    #[serde(default)]
    pub output: Vec<String>,
    /// See `Framework::site`.
    #[serde(default)]
    pub site: Option<String>,
    /// See `Framework::standalone`.
    #[serde(default)]
    pub standalone: bool,
    /// See `Framework::spa`.
    #[serde(default)]
    pub spa: bool,
    /// See `Framework::env`.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

/// A call that opens a port.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListenCall {
    /// The function's name, or `Type{Field}` for a field that holds the address.
    pub call: String,
    /// Which argument is the address, counted from 0.
    #[serde(default)]
    pub argument: usize,
    /// What listens: `http`, `tls`, `grpc`, `any`.
    #[serde(default)]
    pub role: Option<String>,
    /// Without that argument, it listens on the framework's own port.
    #[serde(default)]
    pub by_itself: bool,
    /// The argument's keyword.
    #[serde(default)]
    pub keyword: Option<String>,
    /// The keyword of the address, and what it is without one.
    #[serde(default)]
    pub host: Option<(String, String)>,
    /// The keyword that hands it a server for production: a program that does so starts itself.
    #[serde(default)]
    pub server: Option<String>,
}
