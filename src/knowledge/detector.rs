//! A language's table: the serde types of `detectors/<id>.toml`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::framework::Framework;
use super::lazy::{Lazy, Whole, check_all};
use super::serving::{Brings, Conflict, Server, Supports};

/// One file `detectors/<id>.toml`: a language or an ecosystem.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Detector {
    /// Opens the same-named door in every room.
    pub id: String,
    /// Its name in messages.
    pub name: String,
    /// What is detected, in a sentence.
    pub docs: String,
    /// File names, or endings with `*` in front, that say it is there.
    pub markers: Vec<String>,
    /// The id of its toolchain in `_bases.toml`, where that is not its own.
    #[serde(default)]
    pub toolchain: Option<String>,
    /// Names for versions that move (`lts/jod`), and the version each means.
    #[serde(default)]
    pub aliases: BTreeMap<String, String>,
    /// Package managers.
    #[serde(default)]
    pub tools: Lazy<Vec<Tool>>,
    /// Frameworks, the most telling first.
    #[serde(default)]
    pub frameworks: Lazy<Vec<Framework>>,
    /// Packages that need something of the system.
    #[serde(default)]
    pub packages: Lazy<Vec<Package>>,
    /// Install scripts that fetch what only tests use, and the variable that stops each.
    #[serde(default)]
    pub downloads: Lazy<Vec<Download>>,
    /// Programs of packages: the file that `node_modules/.bin/NAME` stands for.
    #[serde(default)]
    pub programs: Lazy<BTreeMap<String, String>>,
    /// Programs that only develop: no image starts with one. Two words name a program and its first argument.
    #[serde(default)]
    pub dev_programs: Vec<String>,
    /// Programs that serve a folder of files: a web server does it better.
    #[serde(default)]
    pub file_servers: Vec<String>,
    /// Programs in front of a command that run it in another way and change nothing for an image (`npx`, `cross-env`).
    #[serde(default)]
    pub wrappers: Vec<String>,
    /// Programs that take what they run as a path, sources as they are (`tsx`, `ts-node`).
    #[serde(default)]
    pub source_runners: Vec<String>,
    /// Programs that build when a script of any name calls them.
    #[serde(default)]
    pub builders: Vec<String>,
    /// Compilers that leave every import as it is.
    #[serde(default)]
    pub compilers: Vec<String>,
    /// Names of scripts that build, the best first.
    #[serde(default)]
    pub build_scripts: Vec<String>,
    /// Names of scripts that start, the best first.
    #[serde(default)]
    pub start_scripts: Vec<String>,
    /// Names of scripts that start while developing: the last hint at the program's file.
    #[serde(default)]
    pub dev_scripts: Vec<String>,
    /// Programs that start others and stay in front of them, and the word that asks for it: what they run starts by
    /// itself in a container.
    #[serde(default)]
    pub managers: Vec<String>,
    /// Files that such a program reads where its command names none.
    #[serde(default)]
    pub ecosystems: Vec<String>,
    /// Words that the name of a file of settings is made of: a mere value called `port` counts in such a file.
    #[serde(default)]
    pub configuration: Vec<String>,
    /// Files that are the program where nothing else says so, the best first.
    #[serde(default)]
    pub entries: Vec<String>,
    /// Packages that only check, format or test; a manifest of nothing else is tooling. A trailing `*` is a prefix.
    #[serde(default)]
    pub tooling: Vec<String>,
    /// Programs of a build script that make nothing an image runs: installers, images, executables of another kind.
    #[serde(default)]
    pub packers: Vec<String>,
    /// Programs that set up git hooks when a checkout is installed: an image has no use for them.
    #[serde(default)]
    pub hooks: Vec<String>,
    /// Programs of a build script that test or check: where another script builds alone, that one is taken.
    #[serde(default)]
    pub checkers: Vec<String>,
    /// Programs and the words behind them that change a database.
    #[serde(default)]
    pub migrations: Vec<String>,
    /// Folders that builds make, where git ignores them and nothing else says so.
    #[serde(default)]
    pub outputs: Vec<String>,
    /// Folders that programs read while they run, by names that nobody needs to spell out.
    #[serde(default)]
    pub assets: Vec<String>,
    /// Builders, and the option of each that names the folder it writes to.
    #[serde(default)]
    pub written: BTreeMap<String, String>,
    /// Programs that code runs as child processes, and the capability that has each.
    #[serde(default)]
    pub called: BTreeMap<String, String>,
    /// Modules for protocols other than the web's: a port that is opened with them alone is not the program's own.
    #[serde(default)]
    pub raw: Vec<String>,
    /// Packages that help others to compile at install.
    #[serde(default)]
    pub addon_helpers: Vec<String>,
    /// Packages of other operating systems, and those that only look at helpers of native code.
    #[serde(default)]
    pub foreign: Vec<String>,
    /// Programs in scripts, and packages, that say this language runs the project and not another of the same manifest.
    #[serde(default)]
    pub signs: Vec<String>,
    /// Places of a web server's configuration, relative to the project.
    #[serde(default)]
    pub nginx: Vec<String>,
    /// The port that an image sets where a program takes it from a variable alone.
    #[serde(default)]
    pub asked_port: Option<u16>,
    /// Functions that are handed a path to read: `os.Open`, and which argument it is, counted from 0.
    #[serde(default)]
    pub reading: BTreeMap<String, usize>,
    /// Functions that are handed a path to write.
    #[serde(default)]
    pub writing: BTreeMap<String, usize>,
    /// What only a language on the JVM has.
    #[serde(default)]
    pub jvm: Option<Lazy<super::Jvm>>,
    /// What only PHP has.
    #[serde(default)]
    pub php: Option<Lazy<super::Php>>,
    /// Packages that speak to a database server.
    #[serde(default)]
    pub drivers: Vec<String>,
    /// Endings of database files.
    #[serde(default)]
    pub databases: Vec<String>,
    /// Macros that take files in, and which argument names them.
    #[serde(default)]
    pub embedding: BTreeMap<String, usize>,
    /// Packages that are built for other systems alone.
    #[serde(default)]
    pub other_systems: Vec<String>,
    /// Crates that a browser's WebAssembly is made with.
    #[serde(default)]
    pub browsers: Vec<String>,
    /// The oldest version of the language that reads an edition or a format of the lock file.
    #[serde(default)]
    pub floors: BTreeMap<String, String>,
    /// Packages that newer versions of the language refuse.
    #[serde(default)]
    pub ceilings: Lazy<Vec<Ceiling>>,
    /// Dependencies that the lock file holds and that only a feature compiles.
    #[serde(default)]
    pub gates: Lazy<Vec<Gate>>,
    /// What a dependency brings where no lock file says it.
    #[serde(default)]
    pub unlocked: Lazy<Vec<Unlocked>>,
    /// Servers that a program is handed to (`gunicorn`), the best first.
    #[serde(default)]
    pub servers: Lazy<Vec<Server>>,
    /// Since which version packages run on each release of the language.
    #[serde(default)]
    pub supports: Lazy<Vec<Supports>>,
    /// Packages that bring others with them, where no lock file tells.
    #[serde(default)]
    pub brings: Lazy<Vec<Brings>>,
    /// Packages that break an older one where nothing keeps their newest version away.
    #[serde(default)]
    pub conflicts: Lazy<Vec<Conflict>>,
    /// Files that list the packages of production where no lock file does, the best first.
    #[serde(default)]
    pub requirements: Vec<String>,
    /// Names of folders and files that hold no program of their own: tests, examples, migrations.
    #[serde(default)]
    pub apart: Vec<String>,
    /// Modules of the language's own library whose names packages take again.
    #[serde(default)]
    pub standard: Vec<String>,
    /// Files right in a project's folder that only build or administer it.
    #[serde(default)]
    pub chores: Vec<String>,
    /// Groups of dependencies that hold what production runs, where the manifest describes no project: the best first.
    #[serde(default)]
    pub production_groups: Vec<String>,
    /// Files that take a sub-command: no program by themselves, unless they listen.
    #[serde(default)]
    pub commands: Vec<String>,
    /// Calls after which the program ends on SIGTERM by itself.
    #[serde(default)]
    pub handlers: Vec<String>,
    /// Build backends that take the version from version control, and the variable that says it without.
    #[serde(default)]
    pub versioned_by_git: BTreeMap<String, String>,
    /// What packages that others build on call themselves in an index.
    #[serde(default)]
    pub framework_classifiers: Vec<String>,
    /// Lines of a .dockerignore, by heading.
    #[serde(default)]
    pub ignore: BTreeMap<String, Vec<String>>,
}

/// A package manager.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its id.
    pub id: String,
    /// Its name in messages.
    pub name: String,
    /// Lock files, each says that this tool is used.
    pub locks: Vec<String>,
    /// Further files beside the manifest that the install reads, where they are there; a trailing `/` is a folder.
    pub reads: Vec<String>,
    /// The frozen install of everything.
    pub install: String,
    /// The frozen install of production dependencies.
    pub production: String,
    /// The same for one member of a workspace, `{package}` put in, where the one above is for all of them.
    #[serde(default)]
    pub production_member: Option<String>,
    /// A frozen install does without members of the workspace that are not there.
    #[serde(default)]
    pub partial: bool,
    /// Both without a lock file.
    pub unlocked: String,
    /// See `unlocked`.
    pub unlocked_production: String,
    /// Words that add an extra to an install: `{extra}` is put in.
    #[serde(default)]
    pub extra: Option<String>,
    /// Installs a group of dependencies without a lock file: the words before its name.
    #[serde(default)]
    pub unlocked_group: String,
    /// Runs a script of the manifest: the words before its name.
    pub run: String,
    /// The cache mount: id and target.
    pub cache: Cache,
    /// Installs the tool itself where the image lacks it; `{version}` is put in.
    #[serde(default)]
    pub setup: Option<String>,
    /// Words for the install that take packages from the configured registry, whatever the lock file names.
    #[serde(default)]
    pub replace_registry: Option<String>,
    /// What the hosts of public registries have in their names.
    #[serde(default)]
    pub public_hosts: Vec<String>,
    /// The version that is set up where nothing asks for one.
    #[serde(default)]
    pub version: Option<String>,
    /// The version that wrote each format of the lock file.
    #[serde(default)]
    pub formats: BTreeMap<String, String>,
    /// The newest version that runs on an older release of the language, by that release.
    #[serde(default)]
    pub newest_on: BTreeMap<String, String>,
    /// Runs a program of a package: the words before its name.
    #[serde(default)]
    pub exec: Option<String>,
    /// Runs a script of another folder: the words before its name, `{folder}` put in.
    #[serde(default)]
    pub run_in: Option<String>,
    /// Commands that people write in a README or in CI who use it.
    #[serde(default)]
    pub spoken: Vec<String>,
    /// The word that lets the install pass over `engines`, where it would refuse.
    #[serde(default)]
    pub ignore_engines: Option<String>,
    /// From this version on, install scripts of dependencies run only where the project allows them.
    #[serde(default)]
    pub blocks_scripts: Option<String>,
    /// Variables of the install that make it use the cache mount.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// What an install without `node_modules` needs.
    #[serde(default)]
    pub pnp: Option<Pnp>,
    /// Below this version, the production install needs a plug-in that the repository has to hold.
    #[serde(default)]
    pub production_plugin: Option<(String, String)>,
    /// From this version on, the production install needs this plug-in, which is set up with the tool.
    #[serde(default)]
    pub plugin_from: Option<(String, String)>,
}

/// What a tool's install without `node_modules` needs.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pnp {
    /// Variables of the install that keep the packages beside the project, where the image has them.
    pub env: BTreeMap<String, String>,
    /// Flags of Node that make it find the packages; `{root}` is the way to the folder of the install.
    pub preload: Vec<String>,
    /// Further flags for a project of ES modules.
    pub modules: Vec<String>,
}

/// A cache mount.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// The id, shared by all projects of a builder.
    pub id: String,
    /// Where it is mounted.
    pub target: String,
    /// Only one build at a time may use it.
    #[serde(default)]
    pub locked: bool,
}

/// A package that needs something of the system.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Its name in the manifest or lock file.
    pub name: String,
    /// Capabilities while it is installed or built.
    #[serde(default)]
    pub build: Vec<String>,
    /// Capabilities in the container.
    #[serde(default)]
    pub run: Vec<String>,
    /// Bases that it cannot run on, by trait (`musl`, `distroless`).
    #[serde(default)]
    pub never: Vec<String>,
    /// It counts only where the project itself depends on it: tools of frameworks depend on it for their own ends.
    #[serde(default)]
    pub direct: bool,
    /// Why, for a comment: continues "NAME ...".
    pub because: String,
    /// The row holds where the package depends on this one, too.
    #[serde(default)]
    pub with: Option<String>,
    /// The row holds where the package does not depend on this one.
    #[serde(default)]
    pub without: Option<String>,
    /// Packages that depend on it and do not use it.
    #[serde(default)]
    pub except: Vec<String>,
    /// The row holds where none of these packages is there.
    #[serde(default)]
    pub unless: Vec<String>,
    /// What of `run` a static build links in.
    #[serde(default)]
    pub fixed: Vec<String>,
    /// It compiles only from sources of versions below this one; newer ones bring a binary.
    #[serde(default)]
    pub below: Option<String>,
    /// Variables that its build needs on a current toolchain.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// The versions that all of this holds for, as a range; all of them without it.
    #[serde(default)]
    pub versions: Option<String>,
    /// The versions of the language that `env` is for, as a range.
    #[serde(default)]
    pub runtime: Option<String>,
    /// What the row rests on, a word in front of it: `lab` (an image was built), `lock` (a lock file of a public repository says
    /// it), `registry` (the release's own files or fields there), `unchecked`.
    #[serde(default)]
    pub evidence: Option<String>,
}

/// An install script that fetches what only tests use.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Download {
    /// The package.
    pub package: String,
    /// The variable that stops it.
    pub variable: String,
    /// The value that stops it.
    pub value: String,
}

/// A package that newer versions of the language refuse.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ceiling {
    /// The package.
    pub name: String,
    /// Its versions, as a range.
    pub versions: String,
    /// The versions of the language that still take it.
    pub range: String,
    /// What the row rests on, as in [`Package::evidence`].
    #[serde(default)]
    pub evidence: Option<String>,
}

/// A dependency that the lock file holds and that only a feature compiles.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// The packages that list it.
    pub crates: Vec<String>,
    /// The dependency.
    pub dependency: String,
    /// The package whose feature it is.
    pub of: String,
    /// Any of these features.
    pub features: Vec<String>,
}

/// What a dependency brings where no lock file says it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unlocked {
    /// The dependency.
    pub name: String,
    /// Any of these features of it; `!` in front: where it is not asked for; none: always.
    pub features: Vec<String>,
    /// The package that it brings.
    pub brings: String,
}

impl Whole for Detector {
    fn check(&self) -> serde_json::Result<()> {
        self.tools.check()?;
        self.frameworks.check()?;
        self.packages.check()?;
        self.servers.check()?;
        self.supports.check()?;
        self.downloads.check()?;
        self.programs.check()?;
        self.ceilings.check()?;
        self.gates.check()?;
        self.unlocked.check()?;
        self.brings.check()?;
        self.conflicts.check()?;
        check_all(&self.php)?;
        check_all(&self.jvm)
    }
}
