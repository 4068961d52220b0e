//! What the folder's own files say, read once: Composer's manifest and lock file, and the row of the table that the
//! project is an application of.

use camino::{Utf8Path, Utf8PathBuf};

use crate::detect::Context;
use crate::error::Result;
use crate::facts::{Evidence, Note};
use crate::knowledge::{Application, Php};
use crate::manifest::php::composer::{self, ComposerJson};
use crate::manifest::php::lock::{self, Lock};

/// A folder with PHP in it.
pub(super) struct Work<'a> {
    pub(super) cx: &'a Context<'a>,
    pub(super) root: Utf8PathBuf,
    pub(super) table: &'a Php,
    pub(super) manifest: Option<ComposerJson>,
    pub(super) lock: Option<Lock>,
    /// The row, and what says so.
    pub(super) application: Option<(&'a Application, Evidence)>,
    pub(super) notes: Vec<Note>,
}

/// Reads the folder; `None` where dfgen's table has no part on PHP.
///
/// # Errors
/// A manifest or lock file is broken.
pub(super) fn read<'a>(cx: &'a Context<'a>, root: &Utf8Path) -> Result<Option<Work<'a>>> {
    let Some(table) = cx.knowledge.of(super::LANGUAGE).php.as_ref() else { return Ok(None) };
    let path = root.join("composer.json");
    let manifest = cx.repo.read(&path)?.map(|text| composer::parse(&path, &text)).transpose()?;
    let path = root.join("composer.lock");
    let lock = match (&manifest, cx.repo.read(&path)?) {
        (Some(_), Some(text)) => Some(lock::parse(&path, &text)?),
        _ => None,
    };
    let root = root.to_owned();
    let mut work = Work { cx, root, table, manifest, lock, application: None, notes: Vec::new() };
    work.application = table.applications.iter().find_map(|row| Some((row, work.is(row)?)));
    Ok(Some(work))
}

impl<'a> Work<'a> {
    /// A path below the folder, of a file or of a folder.
    pub(super) fn has(&self, path: &str) -> bool {
        let path = self.root.join(path);
        self.cx.repo.has(&path) || self.cx.repo.has_dir(&path)
    }

    /// What of composer.json names a package of production.
    pub(super) fn requires(&self, package: &str) -> Option<Evidence> {
        let manifest = self.manifest.as_ref()?;
        manifest.require.get(package)?;
        Some(self.key(&["require", package], format!("{package} in composer.json")))
    }

    /// A key of composer.json as evidence.
    pub(super) fn key(&self, path: &[&str], says: impl Into<String>) -> Evidence {
        let line = self.manifest.as_ref().and_then(|manifest| manifest.lines.get(path));
        Evidence { says: says.into(), file: Some(self.root.join("composer.json")), line }
    }

    /// Whether the project is an application of a row, and what says so.
    fn is(&self, row: &Application) -> Option<Evidence> {
        if !row.files.iter().all(|file| self.has(file)) {
            return None;
        }
        if row.packages.is_empty() {
            let file = row.files.first()?;
            return Some(Evidence::file(&self.root.join(file), file.clone()));
        }
        row.packages.iter().find_map(|package| self.requires(package))
    }

    /// The row.
    pub(super) fn row(&self) -> Option<&'a Application> {
        self.application.as_ref().map(|(row, _)| *row)
    }

    pub(super) fn note(&mut self, code: &str, text: impl Into<String>, because: Vec<Evidence>) {
        self.notes.push(Note { code: code.to_owned(), text: text.into(), because });
    }
}
