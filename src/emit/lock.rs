//! `dfgen.lock`: what dfgen wrote and what it was made from. It is committed, and read in a review.

use std::collections::BTreeMap;
use std::fmt::Write;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// The file's name, in the repository's own folder.
pub const FILE: &str = "dfgen.lock";

/// The format's version.
pub const SCHEMA: u32 = 1;

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// See [`SCHEMA`].
    pub schema: u32,
    /// A row a service.
    #[serde(default, rename = "service")]
    pub services: Vec<LockedService>,
    /// The file that builds them together, where there is one: in the form of a service, since it has facts and a text, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bake: Option<LockedService>,
}

/// What every version of the format has.
#[derive(Deserialize)]
struct Format {
    schema: u32,
}

/// A service's facts and files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedService {
    /// Its folder; `.` is the repository's own.
    pub root: String,
    /// The version of dfgen that wrote these files last.
    pub dfgen: String,
    /// What dfgen's tables said where the repository says nothing: it stays until `dfgen update --upgrade`.
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
    /// The facts that the files rest on, one a line: `go version = 1.26 (the go line of go.mod)`.
    pub facts: Vec<String>,
    /// Its files.
    #[serde(rename = "file")]
    pub files: Vec<LockedFile>,
}

/// One file as dfgen wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedFile {
    /// Relative to the repository.
    pub path: Utf8PathBuf,
    /// Of `base`.
    pub sha256: String,
    /// The text, verbatim.
    pub base: String,
}

impl Default for Lock {
    fn default() -> Self {
        Self { schema: SCHEMA, services: Vec::new(), bake: None }
    }
}

/// The version of this dfgen.
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

impl LockedService {
    /// The row of a file.
    #[must_use]
    pub fn file(&self, path: &Utf8Path) -> Option<&LockedFile> {
        self.files.iter().find(|file| file.path == path)
    }
}

impl LockedFile {
    /// A file as it is about to be written.
    #[must_use]
    pub fn new(path: &Utf8Path, text: &str) -> Self {
        Self { path: path.to_owned(), sha256: sha256(text), base: text.to_owned() }
    }
}

impl Lock {
    /// Reads the file.
    ///
    /// # Errors
    /// It holds git's conflict markers, is not in the format, is newer than this dfgen, or was edited.
    pub fn parse(text: &str) -> Result<Self> {
        let place = Utf8Path::new(FILE);
        if let Some(line) = text.lines().position(|line| line.starts_with("<<<<<<< ")) {
            let line = u32::try_from(line + 1).ok();
            return Err(Error::broken(place, line, "holds git's conflict markers").help(WAY_OUT));
        }
        let lock = Self::read(text)?;
        let edited = lock.rows().flat_map(|one| &one.files).find(|file| sha256(&file.base) != file.sha256);
        edited.map_or(Ok(lock.clone()), |file| {
            Err(Error::broken(place, None, format!("its text of `{}` was edited", file.path)).help(WAY_OUT))
        })
    }

    /// One side of a file that git could not merge whole: where it could, its texts have the lines of both branches, as the
    /// files themselves do, and fit no sum.
    ///
    /// # Errors
    /// It is not in the format.
    pub fn parse_side(text: &str) -> Result<Self> {
        let mut lock = Self::read(text)?;
        for file in lock.services.iter_mut().chain(&mut lock.bake).flat_map(|row| &mut row.files) {
            file.sha256 = sha256(&file.base);
        }
        Ok(lock)
    }

    fn read(text: &str) -> Result<Self> {
        let place = Utf8Path::new(FILE);
        let broken = |error: &toml::de::Error| {
            let line = error.span().map(|span| crate::manifest::line_at(text, span.start));
            Error::broken(place, line, error.message().trim_end().replace('\n', "; ")).help(WAY_OUT)
        };
        // The format first: what a newer one adds is no mistake.
        let format: Format = toml::from_str(text).map_err(|error| broken(&error))?;
        if format.schema > SCHEMA {
            let message = format!("is of schema {}, newer than this dfgen", format.schema);
            return Err(Error::broken(place, None, message).help("install a newer dfgen"));
        }
        let lock: Self = toml::from_str(text).map_err(|error| broken(&error))?;
        if let Some(odd) = lock.rows().find(|row| semver::Version::parse(&row.dfgen).is_err()) {
            let message = format!("`dfgen = \"{}\"` is no version", odd.dfgen);
            return Err(Error::broken(place, None, message).help(WAY_OUT));
        }
        Ok(lock)
    }

    /// The file's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let body = toml::to_string_pretty(self).unwrap_or_default();
        format!(
            "# Written by dfgen: commit it. An update merges against the texts in here; edit the files themselves.\n{body}"
        )
    }

    /// The row of a file.
    #[must_use]
    pub fn file(&self, path: &Utf8Path) -> Option<&LockedFile> {
        self.rows().find_map(|service| service.file(path))
    }

    /// Every row: those of services, then that of the file that builds them together.
    pub fn rows(&self) -> impl Iterator<Item = &LockedService> {
        self.services.iter().chain(&self.bake)
    }

    /// The row of a service.
    #[must_use]
    pub fn service(&self, root: &str) -> Option<&LockedService> {
        self.services.iter().find(|service| service.root == root)
    }

    /// Puts a service's row in the place of its former one, the rows sorted by folder.
    pub fn put(&mut self, service: LockedService) {
        self.services.retain(|one| one.root != service.root);
        self.services.push(service);
        self.services.sort_by(|one, other| one.root.cmp(&other.root));
    }
}

const WAY_OUT: &str = "`dfgen update --rebase-lock` makes it anew: the files stay as they are, and what differs in them is yours";

/// The SHA-256 of a text, in hexadecimal.
#[must_use]
pub fn sha256(text: &str) -> String {
    let mut sum = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        let _ = write!(sum, "{byte:02x}");
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock() -> Lock {
        let mut lock = Lock::default();
        let files = vec![LockedFile::new("Dockerfile".into(), "FROM scratch\nRUN '''x'''\n")];
        lock.put(LockedService {
            root: ".".into(),
            dfgen: version(),
            defaults: BTreeMap::from([("debian".into(), "trixie".into())]),
            facts: vec!["port = 80".into()],
            files,
        });
        lock
    }

    #[test]
    fn what_is_written_is_read() {
        let text = lock().to_text();
        assert_eq!(Lock::parse(&text), Ok(lock()));
        assert_eq!(Lock::parse(&text).unwrap().to_text(), text);
    }

    #[test]
    fn edited_conflicting_and_newer_files_are_errors() {
        let text = lock().to_text();
        assert!(
            Lock::parse(&text.replace("FROM scratch", "FROM other")).unwrap_err().message.contains("edited")
        );
        let marked = format!("<<<<<<< ours\n{text}");
        assert_eq!(Lock::parse(&marked).unwrap_err().place.unwrap().1, Some(1));
        assert!(
            Lock::parse(&text.replace("schema = 1", "schema = 9")).unwrap_err().message.contains("newer")
        );
    }

    #[test]
    fn the_sum_is_sha_256() {
        assert_eq!(&sha256("abc")[..16], "ba7816bf8f01cfea");
    }
}
