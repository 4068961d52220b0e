//! The answers that a person gives: flags over `dfgen.toml`. The repository's own files and defaults stand below them.

use camino::Utf8PathBuf;

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// The folder of the service, relative to the repository.
    pub service: Option<Utf8PathBuf>,
    /// The strategy: `auto`, `distroless`, `slim`, `alpine`, `scratch`.
    pub base: Option<String>,
    /// The port that the program listens on.
    pub port: Option<u16>,
    /// The start command.
    pub start: Option<String>,
    /// The program among several.
    pub bin: Option<String>,
}
