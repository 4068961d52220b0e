//! What only a Go program has.

use camino::Utf8PathBuf;
use serde::Serialize;

use super::Found;

/// A Go program's own facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
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
    /// The patterns of modules that come from git, and not from a public proxy.
    pub private: Option<Found<Vec<String>>>,
    /// The program: `.` or `./cmd/podinfo` relative to `module_root`, or `main.go` where there is no module.
    pub package: Option<Found<String>>,
    /// The binary's name.
    pub binary: String,
    /// Further programs of the module that belong in the image (a probe calls them by name), package and binary name.
    pub companions: Vec<Found<(String, String)>>,
    /// Folders of other programs and modules that this one is made without, relative to the repository.
    pub others: Vec<Utf8PathBuf>,
    /// A folder of programs alone, and those of them that this image is made of: relative to the repository.
    pub programs: Option<(Utf8PathBuf, Vec<Utf8PathBuf>)>,
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
    /// Folders that it serves from the disk and that a front end's build makes, relative to the repository.
    pub reads_built: Vec<Found<Utf8PathBuf>>,
    /// Everything that `//go:embed` names, relative to the repository.
    pub embeds: Vec<Found<Utf8PathBuf>>,
    /// Arguments that the program needs to serve (`serve`).
    pub args: Vec<Found<String>>,
}
