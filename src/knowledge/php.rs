//! What the table of PHP says beside what every language has: extensions, and applications with their folders.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// The `[php]` part of a detector.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Php {
    /// The image that has Composer, and where its program lies there.
    pub composer: Composer,
    /// Extensions that every image of PHP has.
    pub included: Vec<String>,
    /// Extensions of which an image has some only.
    pub extensions: Vec<Extension>,
    /// Document roots where nothing else names one, the best first.
    pub roots: Vec<String>,
    /// Directives of an .htaccess (their beginnings) and the module that answers each.
    pub modules: BTreeMap<String, String>,
    /// Words of a database's address or a driver's name, and the extension that speaks to it; empty where every image has it.
    pub drivers: BTreeMap<String, String>,
    /// Frameworks and programs, the most telling first.
    pub applications: Vec<Application>,
    /// Variables that name the database's driver, where an application's row has none of its own.
    #[serde(default)]
    pub database_variables: Vec<String>,
    /// Packages that speak to databases, whatever their manifest names for a driver.
    #[serde(default)]
    pub speakers: Vec<String>,
    /// What follows the driver's name in addresses of databases that code puts together.
    #[serde(default)]
    pub database_addresses: Vec<String>,
    /// Names of folders for data of users, which people keep empty in git.
    pub data: Vec<String>,
    /// Names of folders for what a release makes while it runs, likewise.
    pub scratch: Vec<String>,
    /// Servers that programs of the command line make.
    pub listens: Vec<Listens>,
    /// Files that are a program's own where nothing else says so.
    pub entries: Vec<String>,
}

/// Where Composer comes from.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Composer {
    /// The image.
    pub image: String,
    /// Its program there.
    pub program: String,
    /// The image for releases of PHP before `needs`, which the newest Composer does not run on.
    pub old_image: String,
    /// The oldest release of PHP that the newest Composer runs on.
    pub needs: String,
}

/// A class whose making opens a port.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listens {
    /// The class, or the method.
    pub call: String,
    /// A word that a file has which means this one.
    pub with: String,
    /// The argument with the port, where the first does not have both.
    #[serde(default)]
    pub port: Option<usize>,
}

/// An extension.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// Its name, without `ext-`.
    pub name: String,
    /// Its name in PECL, where it is not part of PHP's sources.
    #[serde(default)]
    pub pecl: Option<String>,
    /// The version in PECL by the release of PHP that it holds from; empty, and for older releases, the newest that PECL has.
    #[serde(default)]
    pub versions: BTreeMap<String, String>,
    /// What says that these versions are published and compile on those releases.
    #[serde(default)]
    pub pinned: Option<String>,
    /// From this release on, every image has it.
    #[serde(default)]
    pub included_from: Option<String>,
    /// From this release on, PHP's sources no longer have it, and PECL has.
    #[serde(default)]
    pub pecl_from: Option<String>,
    /// Flags of its configuration, by the release that they hold from.
    #[serde(default)]
    pub configure: BTreeMap<String, String>,
    /// Capabilities to compile it.
    #[serde(default)]
    pub build: Vec<String>,
    /// Capabilities to run it.
    #[serde(default)]
    pub run: Vec<String>,
    /// Why no image can have it, for a note.
    #[serde(default)]
    pub missing: Option<String>,
    /// Functions, classes and constants whose use in code says that it is needed; a trailing `*` is a prefix.
    #[serde(default)]
    pub used: Vec<String>,
    /// What the row rests on, as in [`super::Package::evidence`].
    #[serde(default)]
    pub evidence: Option<String>,
}

/// A framework or a program that many projects are.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Its id.
    pub id: String,
    /// Its name in messages.
    pub name: String,
    /// Any of these packages, in the manifest, says so.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Each of these files and folders has to be there.
    #[serde(default)]
    pub files: Vec<String>,
    /// The document root.
    pub root: String,
    /// Unknown paths are answered by its index.php.
    #[serde(default)]
    pub front: bool,
    /// Folders with data of its users: volumes.
    #[serde(default)]
    pub writes: Vec<String>,
    /// Only those of them that the repository has.
    #[serde(default)]
    pub writes_where_there: Vec<String>,
    /// Folders that it writes and that belong to a release: its user's own in the image.
    #[serde(default)]
    pub owned: Vec<String>,
    /// Variables that the image sets.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Variables that it does not start without.
    #[serde(default)]
    pub required: Vec<String>,
    /// Commands of the build behind the autoloader; `{scripts}` are those lines of the manifest's script that run by themselves.
    #[serde(default)]
    pub build: Vec<String>,
    /// Further commands, where a package is required: the package and the command.
    #[serde(default)]
    pub steps: Vec<(String, String)>,
    /// Variables of those commands.
    #[serde(default)]
    pub build_env: BTreeMap<String, String>,
    /// How its database's schema is brought forward, for a note.
    #[serde(default)]
    pub migrate: Option<String>,
    /// Folders that say that there are such steps.
    #[serde(default)]
    pub migrations: Vec<String>,
    /// The variable that names its database, a driver's name or an address.
    #[serde(default)]
    pub database: Option<String>,
    /// The variable that moves a SQLite file, and where the image has it: `{home}` is the project's folder there.
    #[serde(default)]
    pub sqlite: Option<(String, String)>,
    /// The key of that file whose value is the driver, where no variable is.
    #[serde(default)]
    pub database_key: Option<String>,
    /// The file with that variable's default.
    #[serde(default)]
    pub database_file: Option<String>,
    /// Extensions that it needs and no lock file says.
    #[serde(default)]
    pub extensions: Vec<String>,
    /// What lies in its folders from a local run: lines of the .dockerignore.
    #[serde(default)]
    pub local: Vec<String>,
    /// Files that its program reads though they look like local settings.
    #[serde(default)]
    pub reads: Vec<String>,
    /// Sources stay as they are while it runs.
    #[serde(default)]
    pub fixed: bool,
    /// What to tell of its configuration.
    #[serde(default)]
    pub note: Option<(String, String)>,
}
