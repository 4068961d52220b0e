//! What only a site has that is served as it lies, and what every served site has.

use camino::Utf8PathBuf;
use serde::Serialize;

use super::Found;

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
