//! What only a Python program has.

use camino::Utf8PathBuf;
use serde::Serialize;

use super::{Found, Start};

/// How a project's packages are installed; its tool's row stands in `detectors/python.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct PythonTool {
    /// Its id: `pip`, `uv`, `poetry`, `pdm`, `pipenv`.
    pub id: String,
    /// The version that the project asks for, or that wrote the lock file.
    pub version: Option<Found<String>>,
    /// The lock file, relative to the repository.
    pub lock: Option<Utf8PathBuf>,
    /// The folder that the install runs in, relative to the repository: the workspace's root or the project's.
    pub root: Utf8PathBuf,
    /// Everything that the install reads, relative to the repository.
    pub manifests: Vec<Utf8PathBuf>,
    /// Requirements files that pip is handed, relative to the repository.
    pub requirements: Vec<Utf8PathBuf>,
    /// The name of the workspace's member that is installed, where the lock file is that of a workspace.
    pub member: Option<String>,
    /// Extras of the project that its program imports.
    pub extras: Vec<Found<String>>,
    /// The project is installed with members of a workspace that has no lock file.
    pub workspace: bool,
    /// The group of dependencies that production runs, where the manifest describes no project.
    pub group: Option<String>,
    /// A pip.conf of the project's own, relative to the repository.
    pub settings: Option<Found<Utf8PathBuf>>,
    /// Dependencies are installed with the project itself, since no file lists them that can be read without its sources.
    pub needs_sources: Option<Found<()>>,
}

/// A package whose wheels are for some interpreters only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Binary {
    /// Its name.
    pub name: String,
    /// The releases (`3.13`) that it has a wheel for on Debian.
    pub glibc: Vec<String>,
    /// The releases that it has a wheel for on Alpine.
    pub musl: Vec<String>,
    /// It can be compiled.
    pub sdist: bool,
}

/// A Python program's own facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct PythonFacts {
    /// The name in the project's manifest.
    pub package: Option<String>,
    /// The package manager.
    pub tool: PythonTool,
    /// Whether there are packages to install.
    pub has_dependencies: bool,
    /// The folder that the program is started in, relative to the project's.
    pub place: Utf8PathBuf,
    /// The framework's id in `detectors/python.toml`.
    pub framework: Option<Found<String>>,
    /// The program, and how it is started.
    pub start: Option<Found<Start>>,
    /// It ends on SIGTERM by itself, or its server does.
    pub handles_sigterm: bool,
    /// Requirements that the image adds to the project's own, each with its reason (`gunicorn`).
    pub adds: Vec<Found<String>>,
    /// The project itself is installed, and why.
    pub installs_itself: Option<Found<()>>,
    /// The sources belong in the image beside what is installed: the program reads files of theirs.
    pub keeps_sources: bool,
    /// Documents that the project's manifests name, relative to it: building the project reads them.
    pub built_from: Vec<Utf8PathBuf>,
    /// Variables of that install.
    pub build_env: Vec<Found<(String, String)>>,
    /// Commands that make something of the sources (`collectstatic`), with the variables that they cannot run without.
    pub build: Vec<Found<Start>>,
    /// Packages that have wheels for some interpreters only.
    pub binaries: Vec<Found<Binary>>,
    /// A package comes from a git repository.
    pub git_dependency: Option<Found<String>>,
    /// Folders of the repository that packages are installed from, beside the project's own.
    pub siblings: Vec<Utf8PathBuf>,
    /// Folders that the program names and that git does not hold: a front end may be built into them. Relative to the
    /// repository.
    pub reads_built: Vec<Found<Utf8PathBuf>>,
    /// Files that are written beside the code, relative to the project.
    pub beside: Vec<Found<Utf8PathBuf>>,
    /// Source files that the program needs, for the .dockerignore: relative to the repository.
    pub reached: Vec<Utf8PathBuf>,
}
