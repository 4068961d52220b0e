//! What is known of a repository, each fact with the evidence that it rests on.
//!
//! `explain`, the comments of a Dockerfile and the summary on stderr all come from here: a fact without
//! evidence cannot be made.

mod access;
mod go;
mod java;
mod node;
mod php;
mod python;
mod rust;
mod site;
mod stack;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

pub use access::{Access, Host, Secret, SecretFile};
pub use go::GoFacts;
pub use java::{Artefact, Form, JavaFacts, JvmFrontEnd, JvmTool};
pub use node::{NodeFacts, ToolFacts};
pub use php::{ComposerFacts, Extension, PhpFacts};
pub use python::{Binary, PythonFacts, PythonTool};
pub use rust::RustFacts;
pub use site::{StaticFacts, WebServer};
pub use stack::{Stack, Taken};

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
    /// What its build has to be given to fetch private packages.
    #[serde(skip_serializing_if = "Access::is_empty")]
    pub access: Access,
    /// What a person should be told.
    pub notes: Vec<Note>,
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
