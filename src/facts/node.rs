//! What only a program or site of Node's or Bun's tools has.

use camino::Utf8PathBuf;
use serde::Serialize;

use super::{Found, Start, WebServer};

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
    /// Scripts of the manifest that an install runs with programs that production lacks: taken out before it.
    pub drops: Vec<Found<String>>,
    /// Scripts of the manifest that an install runs and that do nothing but what the build does: taken out before every
    /// install, so that an edit of a source installs nothing again.
    pub repeats: Vec<Found<String>>,
    /// Install hooks that read sources: an install that runs one of them comes after the sources. One of the manifest that
    /// is installed stands here as in `drops`, one of a member behind its folder; those of `repeats` do not.
    pub reading: Vec<String>,
}

impl ToolFacts {
    /// The scripts that are taken out of the manifest before an install, the one of production or the one of everything.
    pub fn dropped(&self, production: bool) -> impl Iterator<Item = &Found<String>> {
        self.repeats.iter().chain(self.drops.iter().filter(move |_| production))
    }

    /// Whether an install comes after the sources.
    #[must_use]
    pub fn needs_sources(&self, production: bool) -> bool {
        self.reading.iter().any(|hook| self.dropped(production).all(|drop| drop.value != *hook))
    }
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
    /// Whether the root of that workspace has production dependencies of its own.
    pub roots_ship: bool,
    /// Folders of workspace packages that this one depends on, itself not among them, relative to the repository.
    pub siblings: Vec<Utf8PathBuf>,
    /// Those among them that the program needs when it runs.
    pub shipped: Vec<Utf8PathBuf>,
    /// Folders of workspace packages that nothing of this one's build names, relative to the repository.
    pub others: Vec<Utf8PathBuf>,
    /// The framework's id in `detectors/node.toml`.
    pub framework: Option<Found<String>>,
    /// What builds it: commands in order, each an argv (`npm run build`).
    pub build: Vec<Found<Vec<String>>>,
    /// What the build makes, relative to `root`: folders that the runtime needs.
    pub output: Vec<Found<Utf8PathBuf>>,
    /// Folders that it serves and that a front end's build makes, relative to the repository.
    pub reads_built: Vec<Found<Utf8PathBuf>>,
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
