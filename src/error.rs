//! The one shape of every error that a person reads: what is wrong, where, and what to do next.

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

/// What kind of answer the error is; tests and `--format json` tell them apart by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A file is there and cannot be understood.
    Broken,
    /// Nothing that dfgen knows was found, or nothing that runs.
    Nothing,
    /// The repository leaves a choice open that only a person can make.
    Choice,
    /// What was asked for cannot work.
    Refused,
    /// A flag, a setting or a path that makes no sense.
    Usage,
    /// The operating system refused.
    Io,
}

/// An error with its place and its next steps. `Display` gives `file:line: message`, without the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What kind of answer it is.
    pub kind: ErrorKind,
    /// The file, and its line where one is known, counted from 1.
    pub place: Option<(Utf8PathBuf, Option<u32>)>,
    /// Lower case, names in back-ticks, no full stop.
    pub message: String,
    /// What to do next, a line each.
    pub help: Vec<String>,
}

impl Error {
    /// An error of a kind, without a place.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, place: None, message: message.into(), help: Vec::new() }
    }

    /// A file that is there and cannot be understood.
    #[must_use]
    pub fn broken(file: &Utf8Path, line: Option<u32>, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Broken, message).at(file, line)
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, file: &Utf8Path, line: Option<u32>) -> Self {
        self.place = Some((file.to_owned(), line));
        self
    }

    /// Adds a next step.
    #[must_use]
    pub fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some((file, Some(line))) => write!(f, "{file}:{line}: {}", self.message),
            Some((file, None)) => write!(f, "{file}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}

/// A result whose error a person reads.
pub type Result<T> = std::result::Result<T, Error>;
