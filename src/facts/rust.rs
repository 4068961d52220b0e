//! What only a Rust program has.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::Found;

/// A Rust program's own facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each with a name")]
pub struct RustFacts {
    /// The folder that `cargo build` runs in, relative to the repository: the workspace's or the package's.
    pub workspace_root: Utf8PathBuf,
    /// The package that the program belongs to.
    pub package: String,
    /// Its folder, relative to the repository.
    pub package_root: Utf8PathBuf,
    /// The program's name, and why it is this one.
    pub binary: Option<Found<String>>,
    /// Whether `--package` has to name the package.
    pub several_packages: bool,
    /// Features that are asked for, each with its reason.
    pub features: Vec<Found<String>>,
    /// The lock file, relative to the repository.
    pub lock: Option<Utf8PathBuf>,
    /// Every Cargo.toml that cargo reads, with the lock, toolchain and configuration files: relative to the repository.
    pub manifests: Vec<Utf8PathBuf>,
    /// The files of targets that a skeleton of the workspace has to have, relative to the repository, and whether each
    /// is a program.
    pub skeleton: Vec<(Utf8PathBuf, bool)>,
    /// Folders of members that this program is made without, relative to the repository.
    pub others: Vec<Utf8PathBuf>,
    /// Files and folders outside the workspace that its packages take in, relative to the repository.
    pub outside: Vec<Utf8PathBuf>,
    /// The toolchain that rustup installs, where no image has it.
    pub nightly: Option<Found<String>>,
    /// A toolchain file that names what the image has under another name.
    pub toolchain_file: Option<Found<String>>,
    /// The target of `build.target`.
    pub target: Option<Found<String>>,
    /// The folder that cargo builds in, relative to the workspace.
    pub target_dir: String,
    /// A program in front of the compiler that the image lacks.
    pub wrapper: Option<Found<String>>,
    /// The release profile says what becomes of symbols.
    pub keeps_symbols: bool,
    /// Queries are checked against what is kept in the repository, not against a database.
    pub sqlx_offline: Option<Found<()>>,
    /// Dependencies come from git.
    pub git: bool,
    /// Everything comes from a folder of the repository.
    pub vendored: bool,
    /// Files and folders that macros and build scripts take in, relative to the repository.
    pub embeds: Vec<Found<Utf8PathBuf>>,
    /// Folders among them that git does not hold: built first.
    pub embeds_built: Vec<Found<Utf8PathBuf>>,
    /// Folders read at run time that git does not hold, relative to the repository.
    pub reads_built: Vec<Found<Utf8PathBuf>>,
    /// What is read by the path that the package had while it was built: relative to the repository.
    pub reads_in_place: Vec<Found<Utf8PathBuf>>,
    /// Arguments that the program needs to serve.
    pub args: Vec<Found<String>>,
    /// SIGTERM is handled by the program or its framework.
    pub handles_sigterm: bool,
    /// What can be linked into a static binary on musl: capabilities.
    pub fixed: Vec<String>,
}

impl RustFacts {
    /// The program's name.
    #[must_use]
    pub fn program(&self) -> &str {
        self.binary.as_ref().map_or("app", |binary| binary.value.as_str())
    }

    /// Its own configuration asks for musl.
    #[must_use]
    pub fn is_musl(&self) -> bool {
        self.target.as_ref().is_some_and(|target| target.value.contains("musl"))
    }

    /// Whether a file, relative to the build context, is one that cargo reads: the line of a .dockerignore that names it
    /// must go. Tests and benches that no manifest names are not.
    #[must_use]
    pub(super) fn is_built_from(&self, line: &str, file: &Utf8Path) -> bool {
        let named = |path: &Utf8Path| path.as_str().ends_with(file.as_str());
        let needed = self.manifests.iter().any(|path| named(path))
            || self.skeleton.iter().any(|(path, _)| named(path));
        let tests = matches!(line, "test" | "tests" | "benches" | "fuzz");
        needed || !tests && file.extension() == Some("rs")
    }
}
