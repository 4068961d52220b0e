//! What is known while a project is looked at: its manifests, lock and notes. Each theme reads from it and adds.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::lock::LockFile;
use super::workspace::Workspace;
use crate::facts::{Evidence, Found, Note};
use crate::manifest::npmrc::Npmrc;
use crate::manifest::package_json::PackageJson;
use crate::manifest::yarnrc::Yarnrc;

/// A project that is being looked at.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// Its folder, relative to the repository.
    pub(super) root: Utf8PathBuf,
    /// Its package.json, relative to the repository.
    pub(super) file: Utf8PathBuf,
    /// What that says.
    pub(super) manifest: PackageJson,
    /// The folder that the install runs in.
    pub(super) tool_root: Utf8PathBuf,
    /// The workspace that it is a member or the root of.
    pub(super) workspace: Option<Workspace>,
    /// Members of the workspace that the project does without.
    pub(super) others: Vec<Utf8PathBuf>,
    /// The lock file.
    pub(super) lock: LockFile,
    /// Yarn's settings.
    pub(super) yarnrc: Yarnrc,
    /// npm's settings of `tool_root`.
    pub(super) npmrc: Npmrc,
    /// A script that starts or builds calls Bun.
    pub(super) bun_runs: bool,
    /// A setting or package speaks of Bun.
    pub(super) bun_signs: bool,
    /// What its build makes for another program, where that is all that it is for.
    pub(super) bundle: Option<Found<Utf8PathBuf>>,
    /// Notes so far.
    pub(super) notes: Vec<Note>,
}

impl Work {
    /// The project's manifest and that of its workspace's root.
    pub(super) fn manifests(&self) -> impl Iterator<Item = &PackageJson> {
        self.files().map(|(_, manifest)| manifest)
    }

    /// The same with their files; the project's own first.
    pub(super) fn files(&self) -> impl Iterator<Item = (&Utf8Path, &PackageJson)> {
        let outer = self.workspace.as_ref().filter(|workspace| workspace.root != self.root);
        let outer = outer
            .and_then(|workspace| Some((workspace.manifest_file.as_path(), workspace.manifest.as_ref()?)));
        std::iter::once((self.file.as_path(), &self.manifest)).chain(outer)
    }

    /// Evidence at a key of the project's package.json.
    pub(super) fn at(&self, path: &[&str], says: impl Into<String>) -> Evidence {
        Evidence { says: says.into(), file: Some(self.file.clone()), line: self.manifest.line(path) }
    }

    /// Evidence at a dependency: "the dependency express of package.json".
    pub(super) fn at_dependency(&self, name: &str) -> Evidence {
        let line = self.manifest.dependency_line(name);
        Evidence {
            says: format!("the dependency {name} of package.json"),
            file: Some(self.file.clone()),
            line,
        }
    }

    /// Evidence at a script: "the start script of package.json".
    pub(super) fn at_script(&self, name: &str) -> Evidence {
        self.at(&["scripts", name], format!("the {name} script of package.json"))
    }

    /// Whether any group of dependencies names it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.manifest.specifier(name).is_some()
    }

    /// Whether the project or its workspace's root depends on a package: a program that a script names may be either's.
    pub(super) fn reaches(&self, name: &str) -> bool {
        self.files().any(|(_, manifest)| manifest.specifier(name).is_some())
    }

    /// Whether production installs a package for the project or its workspace's root.
    pub(super) fn ships(&self, name: &str) -> bool {
        self.files().any(|(_, manifest)| manifest.in_production(name))
    }

    /// The version that the lock has of a package, else the specifier's digits.
    pub(super) fn locked_version(&self, name: &str) -> Option<String> {
        let shipped = self.lock.shipped().find(|package| package.name == name);
        let any = shipped.or_else(|| self.lock.lock().named(name).next());
        any.map(|package| package.version.clone()).or_else(|| {
            let specifier = self.manifest.specifier(name)?;
            let digits = specifier.trim_start_matches(['^', '~', '=', 'v', '>', ' ']);
            digits.starts_with(|first: char| first.is_ascii_digit()).then(|| digits.to_owned())
        })
    }

    /// The scripts.
    pub(super) fn scripts(&self) -> &BTreeMap<String, String> {
        &self.manifest.scripts
    }
}

/// A note with one piece of evidence.
pub(super) fn note(code: &str, text: impl Into<String>, because: Evidence) -> Note {
    Note { code: code.to_owned(), text: text.into(), because: vec![because] }
}
