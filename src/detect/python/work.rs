//! What is read once and looked at everywhere: manifests, the lock file, the packages with their places.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::detect::Context;
use crate::facts::{Evidence, Note, PythonTool};
use crate::manifest::python::lock::{Lock, Locked};
use crate::manifest::python::pep440::{Specifier, Version};
use crate::manifest::python::project::PyProject;
use crate::manifest::python::requirements::Requirement;
use crate::source::python::Setup;

/// A manifest of the project.
pub(super) struct Manifest<T> {
    pub(super) path: Utf8PathBuf,
    pub(super) text: std::sync::Arc<str>,
    pub(super) value: T,
}

impl<T> Manifest<T> {
    /// The line of a key.
    pub(super) fn at(&self, key: &str, says: impl Into<String>) -> Evidence {
        Evidence {
            says: says.into(),
            file: Some(self.path.clone()),
            line: crate::manifest::line_of(&self.text, key),
        }
    }
}

/// A package that production needs.
#[derive(Debug, Clone)]
pub(super) struct Package {
    /// What versions are allowed, or the one that is locked.
    pub(super) versions: Specifier,
    /// The version of a lock file or of a pin.
    pub(super) exact: Option<Version>,
    pub(super) extras: Vec<String>,
    pub(super) because: Evidence,
    /// The project names it itself.
    pub(super) direct: bool,
}

/// The project while it is read.
pub(super) struct Work<'a> {
    pub(super) cx: &'a Context<'a>,
    pub(super) root: Utf8PathBuf,
    pub(super) tool: PythonTool,
    pub(super) pyproject: Option<Manifest<PyProject>>,
    pub(super) setup: Option<Manifest<Setup>>,
    pub(super) lock: Option<(Utf8PathBuf, Lock)>,
    /// Every package of production by name.
    pub(super) packages: BTreeMap<String, Package>,
    /// Indexes of the project's own: name and address.
    pub(super) indexes: Vec<(String, String, Evidence)>,
    /// Packages that come from git: name and address.
    pub(super) git: Vec<(String, String, Evidence)>,
    /// Folders and files of the project that packages come from.
    pub(super) paths: Vec<(String, Evidence)>,
    /// pip is told to compile these.
    pub(super) no_binary: Vec<String>,
    pub(super) notes: Vec<Note>,
    /// Some manifest describes the project: it is more than a script.
    pub(super) described: bool,
}

impl Work<'_> {
    /// Where a package is named, where production has it.
    pub(super) fn has(&self, name: &str) -> Option<&Evidence> {
        self.packages.get(name).map(|package| &package.because)
    }

    /// Adds a requirement of the project's own.
    pub(super) fn require(&mut self, requirement: &Requirement, because: Evidence) {
        if requirement.name.is_empty() || requirement.is_foreign() {
            return;
        }
        let versions = requirement.specifier();
        let exact = versions.exact().cloned();
        let extras = requirement.extras.clone();
        let package = Package { versions, exact, extras, because, direct: true };
        match self.packages.get_mut(&requirement.name) {
            Some(known) => known.extras.extend(package.extras),
            None => {
                self.packages.insert(requirement.name.clone(), package);
            }
        }
    }

    /// Keeps where git fetches a requirement from.
    pub(super) fn clone_of(&mut self, requirement: &Requirement, because: &Evidence) {
        if let Some(address) = requirement.source.as_ref().filter(|_| requirement.is_git()) {
            self.git.push((requirement.name.clone(), address.clone(), because.clone()));
        }
    }

    /// The evidence of a package in the lock file.
    pub(super) fn locked(&self, package: &Locked, says: impl Into<String>) -> Evidence {
        let file = self.lock.as_ref().map(|(path, _)| path.clone());
        Evidence { says: says.into(), file, line: Some(package.line) }
    }

    /// The lock file's name.
    pub(super) fn lock_name(&self) -> &str {
        self.lock.as_ref().and_then(|(path, _)| path.file_name()).unwrap_or_default()
    }

    /// A file right in the project's folder.
    pub(super) fn has_file(&self, name: &str) -> bool {
        self.cx.repo.has(self.root.join(name))
    }

    pub(super) fn note(&mut self, code: &str, text: impl Into<String>, because: Vec<Evidence>) {
        self.notes.push(Note { code: code.to_owned(), text: text.into(), because });
    }
}

/// Whether a name of a file or folder is one of those that hold no program of their own.
pub(super) fn is_apart(cx: &Context, path: &Utf8Path) -> bool {
    let table = cx.knowledge.of("python");
    let rows = &table.apart;
    let alone = path.parent().is_none_or(|folder| folder.as_str().is_empty());
    if alone && table.chores.iter().any(|name| path.file_stem() == Some(name)) {
        return true;
    }
    path.components().any(|part| {
        let name = part.as_str().trim_end_matches(".py");
        rows.iter().any(|row| match (row.strip_prefix('*'), row.strip_suffix('*')) {
            (Some(ending), _) => name.ends_with(ending),
            (_, Some(beginning)) => name.starts_with(beginning),
            _ => name == row,
        })
    })
}
