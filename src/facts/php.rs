//! What only a PHP program has.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::{Found, Start};

/// How a project's packages are installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct ComposerFacts {
    /// The lock file, relative to the repository.
    pub lock: Option<Utf8PathBuf>,
    /// Everything that the install reads, relative to the repository; folders end in `/`.
    pub manifests: Vec<Utf8PathBuf>,
    /// Packages are installed; without any, the autoloader alone is made.
    pub has_packages: bool,
    /// Where packages go, relative to the project.
    pub vendor: Utf8PathBuf,
    /// A package that is cloned.
    pub git_dependency: Option<Found<String>>,
}

/// An extension that the image of PHP lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Extension {
    /// Its name, without `ext-`.
    pub name: String,
}

/// A PHP program's own facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct PhpFacts {
    /// The name in the manifest.
    pub package: Option<String>,
    /// The row of `detectors/php.toml` that it is an application of.
    pub application: Option<Found<String>>,
    /// Composer, where it has something to do.
    pub composer: Option<ComposerFacts>,
    /// The document root, relative to the project; none where nothing is served.
    pub site: Option<Found<Utf8PathBuf>>,
    /// Unknown paths go to this script, and no .htaccess says so.
    pub front: Option<String>,
    /// Modules of Apache that its .htaccess files ask for.
    pub modules: Vec<Found<String>>,
    /// The program of one that serves nothing through Apache.
    pub start: Option<Found<Start>>,
    /// It ends on SIGTERM by itself.
    pub handles_sigterm: bool,
    /// Extensions to install.
    pub extensions: Vec<Found<Extension>>,
    /// Commands behind the autoloader, in the build.
    pub build: Vec<Found<String>>,
    /// Folders that it may write to and that belong to the image, not to a volume: relative to the project.
    pub owned: Vec<Found<Utf8PathBuf>>,
    /// What a local run leaves in its folders: lines of the .dockerignore, relative to the project.
    pub local: Vec<String>,
    /// The sources do not change while it runs.
    pub fixed: bool,
    /// The front end's sources name files of packages: it is built beside them.
    pub front_reads_packages: Option<Found<String>>,
}

impl PhpFacts {
    /// What it is served or started from: `root` is the project's.
    #[must_use]
    pub(super) fn takes_in(&self, root: &Utf8Path) -> Vec<Utf8PathBuf> {
        let site = self.site.iter().map(|site| root.join(&site.value).join("index.php"));
        let manifests = self.composer.iter().flat_map(|composer| composer.manifests.iter().cloned());
        site.chain(manifests).collect()
    }
}
