//! What is known of a repository, each fact with the evidence that it rests on.
//!
//! `explain`, the comments of a Dockerfile and the summary on stderr all come from here: a fact without
//! evidence cannot be made.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

/// Where a fact comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Evidence {
    /// How a comment cites it: the key, never a line number (`the go line of go.mod`).
    pub says: String,
    /// The file, relative to the repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<Utf8PathBuf>,
    /// The line in that file, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

impl Evidence {
    /// A line of a file.
    #[must_use]
    pub fn line(file: &Utf8Path, line: u32, says: impl Into<String>) -> Self {
        Self { says: says.into(), file: Some(file.to_owned()), line: Some(line) }
    }

    /// A file as a whole.
    #[must_use]
    pub fn file(file: &Utf8Path, says: impl Into<String>) -> Self {
        Self { says: says.into(), file: Some(file.to_owned()), line: None }
    }

    /// A flag, a line of `dfgen.toml` or a table of dfgen's own.
    #[must_use]
    pub fn told(says: impl Into<String>) -> Self {
        Self { says: says.into(), file: None, line: None }
    }

    /// `file:line`, or what it says where it has no file.
    #[must_use]
    pub fn place(&self) -> String {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            (Some(file), None) => file.to_string(),
            (None, _) => self.says.clone(),
        }
    }
}

/// A value and why it is believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found<T> {
    /// The fact.
    pub value: T,
    /// At least one piece of evidence, the decisive one first.
    pub because: Vec<Evidence>,
}

impl<T> Found<T> {
    /// A fact with one piece of evidence.
    #[must_use]
    pub fn new(value: T, because: Evidence) -> Self {
        Self { value, because: vec![because] }
    }

    /// The same evidence for something derived from the value.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Found<U> {
        Found { value: change(self.value), because: self.because }
    }

    /// How a comment cites the decisive evidence.
    #[must_use]
    pub fn says(&self) -> &str {
        self.because.first().map_or("", |evidence| evidence.says.as_str())
    }
}

/// A decision: what was taken, why, and what was not taken, with the reason for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// What was decided (`base image`, `Go version`).
    pub about: String,
    /// What was taken.
    pub taken: String,
    /// Why.
    pub because: Vec<Evidence>,
    /// What was not, and why not.
    pub rejected: Vec<(String, String)>,
}

/// What kind of program a project is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Listens on a port.
    Web,
    /// Runs on without a port.
    Worker,
    /// Runs and ends.
    Cli,
    /// Files for a web server.
    Static,
}

/// How a source of a version is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bound {
    /// What people build with: `1.26`, `18`, `18.17.1`.
    Pin(String),
    /// The oldest that may work.
    Floor(String),
    /// A range in the ecosystem's own syntax: `>=18 <23`, `^20 || ^22`.
    Range(String),
}

/// One source of a version. Solving all of them picks the version.
pub type Constraint = Found<Bound>;

/// A port that the program listens on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listen {
    /// The port.
    pub port: u16,
    /// The environment variable that changes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// The program does not choose this port by itself: without the variable it does not start, or listens elsewhere.
    pub must_set: bool,
}

/// An environment variable that the program reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Variable {
    /// Its name: letters, digits and underscores.
    pub name: String,
    /// A value that the image sets; none where only its owner knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The program cannot start without it.
    pub required: bool,
}

/// When something is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// While the image is built.
    Build,
    /// In the container.
    Run,
}

/// A capability that has to be there: `c-compiler`, `shell`, `glibc`, `openssl`. Its packages stand in `detectors/_system.toml`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Need {
    /// The capability's id.
    pub capability: String,
    /// When.
    pub phase: Phase,
}

/// Something a person should be told, on stderr and by `explain`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// A stable id (`no-lock-file`).
    pub code: String,
    /// One sentence, lower case, without a full stop.
    pub text: String,
    /// What it rests on.
    pub because: Vec<Evidence>,
}

/// One program of a repository: every fact that a Dockerfile for it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Project {
    /// Its folder, relative to the repository; empty for the repository's own.
    pub root: Utf8PathBuf,
    /// A name for images, stages and volumes: lower case letters, digits and dashes.
    pub name: String,
    /// The id of its file in `detectors/`.
    pub language: String,
    /// What kind of program it is.
    pub kind: Found<Kind>,
    /// Every source of its toolchain's version.
    pub versions: Vec<Constraint>,
    /// What only this language has.
    pub stack: Stack,
    /// The ports, the main one first.
    pub listen: Vec<Found<Listen>>,
    /// The variables that matter for an image.
    pub env: Vec<Found<Variable>>,
    /// Files and folders read at run time, relative to `root`.
    pub reads: Vec<Found<Utf8PathBuf>>,
    /// Folders written at run time: relative to the working folder, or absolute.
    pub writes: Vec<Found<Utf8PathBuf>>,
    /// What has to be there.
    pub needs: Vec<Found<Need>>,
    /// What a person should be told.
    pub notes: Vec<Note>,
}

/// What only one language has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stack {
    /// A Go program.
    Go(Box<GoFacts>),
    /// A program or site that Node's or Bun's tools build or run.
    Node(Box<NodeFacts>),
    /// Files that are served as they lie.
    Static(StaticFacts),
}

/// A Go program's own facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each with a name")]
pub struct GoFacts {
    /// The folder that `go build` runs in, relative to the repository: the go.work's, the go.mod's, or the program's.
    pub module_root: Utf8PathBuf,
    /// Whether there is a go.mod; without one, files are named to `go build`.
    pub has_module: bool,
    /// Whether go.mod requires anything that has to be downloaded.
    pub has_dependencies: bool,
    /// A vendor folder that go.mod is built with.
    pub vendor: bool,
    /// go.mod, go.sum, go.work, those of workspace members and of local `replace` targets, relative to the repository.
    pub manifests: Vec<Utf8PathBuf>,
    /// Folders outside `module_root` that local `replace` lines name, relative to the repository.
    pub outside: Vec<Utf8PathBuf>,
    /// The program: `.` or `./cmd/podinfo` relative to `module_root`, or `main.go` where there is no module.
    pub package: Option<Found<String>>,
    /// The binary's name.
    pub binary: String,
    /// Further programs of the module that belong in the image (a probe calls them by name), package and binary name.
    pub companions: Vec<Found<(String, String)>>,
    /// Why cgo is needed, where it is.
    pub cgo: Option<Found<String>>,
    /// Loads Go plug-ins: no -trimpath, and dynamic.
    pub plugins: Option<Found<()>>,
    /// `-X` values that change behaviour: `main.Mode=prod`.
    pub link: Vec<Found<String>>,
    /// Build tags.
    pub tags: Vec<Found<String>>,
    /// Folders that `//go:embed` takes in and that git does not hold: built first. Relative to the repository.
    pub embeds_built: Vec<Found<Utf8PathBuf>>,
    /// Everything that `//go:embed` names, relative to the repository.
    pub embeds: Vec<Found<Utf8PathBuf>>,
    /// Arguments that the program needs to serve (`serve`).
    pub args: Vec<Found<String>>,
    /// go:generate or a Makefile makes sources that are not in the repository.
    pub replaced_locally: bool,
}

/// A package manager or runtime that installs dependencies; its row stands in `detectors/node.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts that are true of a tool or not")]
pub struct ToolFacts {
    /// Its id: `npm`, `pnpm`, `yarn`, `berry`, `bun`.
    pub id: String,
    /// The exact version asked for by `packageManager` and its kin.
    pub version: Option<Found<String>>,
    /// The lock file, relative to the repository.
    pub lock: Option<Utf8PathBuf>,
    /// The folder that the install runs in, relative to the repository: the workspace's root or the project's.
    pub root: Utf8PathBuf,
    /// Everything that the install reads, relative to the repository, lock file and workspace manifests among them.
    pub manifests: Vec<Utf8PathBuf>,
    /// Yarn berry's `PnP`: no `node_modules`.
    pub pnp: bool,
    /// A Yarn release kept in the repository.
    pub vendored: bool,
    /// Further words for the install command, each with its reason (`--ignore-engines`).
    pub flags: Vec<Found<String>>,
    /// Variables of the install command, each with its reason (`YARN_ENABLE_GLOBAL_CACHE`).
    pub env: Vec<Found<(String, String)>>,
    /// The lock file fits the manifests: the frozen install works.
    pub frozen: bool,
    /// The production install needs a plug-in that the repository lacks.
    pub no_production: bool,
    /// Files outside `manifests` that install hooks run need all sources: the install comes after them.
    pub needs_sources: bool,
}

/// A Node or Bun project's own facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each with a name")]
pub struct NodeFacts {
    /// The name in package.json.
    pub package: Option<String>,
    /// Run by Bun.
    pub bun: bool,
    /// The package manager.
    pub tool: ToolFacts,
    /// Whether there are production dependencies to install.
    pub has_dependencies: bool,
    /// Whether there are development dependencies.
    pub has_dev_dependencies: bool,
    /// Whether it is a member of a workspace whose root is `tool.root`.
    pub workspace: bool,
    /// Folders of workspace packages that this one depends on, itself not among them, relative to the repository.
    pub siblings: Vec<Utf8PathBuf>,
    /// The framework's id in `detectors/node.toml`.
    pub framework: Option<Found<String>>,
    /// What builds it: commands in order, each an argv (`npm run build`).
    pub build: Vec<Found<Vec<String>>>,
    /// What the build makes, relative to `root`: folders that the runtime needs.
    pub output: Vec<Found<Utf8PathBuf>>,
    /// The output runs without `node_modules` (Next standalone, Nitro, a bundle).
    pub standalone: bool,
    /// The program as argv, without `node`: `["server.js"]`, `["dist/main.js", "--flag"]`.
    pub start: Option<Found<Start>>,
    /// The folder of files that a web server serves, relative to `root`, where it is a static site.
    pub site: Option<Found<Utf8PathBuf>>,
    /// The site routes in the browser: unknown paths fall back to index.html.
    pub spa: bool,
    /// A web server's configuration of the project's own, relative to `root`.
    pub nginx: Option<Found<Utf8PathBuf>>,
    /// What that configuration says.
    pub server: Option<WebServer>,
    /// SIGTERM is handled by the program or by its framework.
    pub handles_sigterm: bool,
    /// Variables that keep an install script from fetching what only tests use.
    pub skip_downloads: Vec<Found<(String, String)>>,
    /// Native code that has no prebuilt binary and compiles at install.
    pub compiles: Vec<Found<String>>,
    /// A Prisma schema, relative to the repository.
    pub prisma: Option<Found<Utf8PathBuf>>,
    /// `.npmrc` or `.yarnrc.yml` takes a token from this variable: a secret mount.
    pub registry_token: Option<Found<String>>,
    /// git dependencies among the packages.
    pub git_dependency: Option<Found<String>>,
    /// Build-time variables that a bundler puts into the output (`VITE_*`, `NEXT_PUBLIC_*`).
    pub build_args: Vec<Found<String>>,
    /// Variables that the build needs (`NODE_OPTIONS`), and those that choose what is built (`NEXT_OUTPUT`).
    pub build_env: Vec<Found<(String, String)>>,
    /// The program runs with packages that package.json lists for development: they belong in the image.
    pub keeps_dev: Option<Found<()>>,
    /// Sources that run as they are: files and folders of `root` that the runtime needs, beside the output.
    pub sources: Vec<Utf8PathBuf>,
}

/// How a program is started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Start {
    /// The words, the program first where it is not node or bun itself.
    pub argv: Vec<String>,
    /// Variables set in front of it.
    pub env: Vec<(String, String)>,
    /// It needs a shell to be understood, kept verbatim.
    pub shell: Option<String>,
}

/// Files that are served as they lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct StaticFacts {
    /// The folder of the site, relative to `root`.
    pub site: Utf8PathBuf,
    /// A web server's configuration of the project's own, relative to `root`.
    pub nginx: Option<Found<Utf8PathBuf>>,
    /// What that configuration says.
    pub server: Option<WebServer>,
}

/// What a project's own nginx configuration says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct WebServer {
    /// A whole nginx.conf, not a file for conf.d.
    pub whole: bool,
    /// Variables of the environment are put in when the container starts.
    pub template: bool,
    /// Where it looks for the files.
    pub root: Option<String>,
}
