//! The lock file of a project, whatever its format, beside the manifests that it has to fit.

use std::collections::BTreeSet;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::detect::Context;
use crate::error::{Error, Result};
use crate::facts::Evidence;
use crate::manifest::lock::{Lock, Locked};
use crate::manifest::package_json::PackageJson;
use crate::manifest::{bun_lock, line_of, package_lock, pnpm_lock, yarn_lock};

/// What a lock file says, for every member of its workspace.
#[derive(Debug, Default)]
struct Parsed {
    lock: Lock,
    /// Written by Yarn 2 or later.
    berry: bool,
}

fn parse(file: &Utf8Path, text: &str) -> Result<Parsed> {
    refuse_conflict(file, text)?;
    let lock = match file.file_name().unwrap_or_default() {
        "yarn.lock" => {
            let yarn = yarn_lock::read(text);
            return Ok(Parsed { lock: yarn.lock, berry: yarn.berry });
        }
        "pnpm-lock.yaml" => pnpm_lock::read(text),
        "bun.lock" => bun_lock::read(file, text)?,
        _ => package_lock::read(file, text)?,
    };
    Ok(Parsed { lock, berry: false })
}

/// A lock file that was read.
#[derive(Debug, Clone, Default)]
pub(super) struct LockFile {
    /// Where it lies.
    pub(super) file: Utf8PathBuf,
    read: Arc<Parsed>,
    /// Places in `lock.packages` that production needs.
    pub(super) production: BTreeSet<usize>,
}

impl LockFile {
    /// Reads a lock file by its name.
    ///
    /// # Errors
    /// It is there and broken.
    pub(super) fn read(cx: &Context, file: &Utf8Path) -> Result<Self> {
        let mut found = Self { file: file.to_owned(), ..Self::default() };
        // bun.lockb is binary: that it is there is all that can be known.
        if file.extension() == Some("lockb") {
            return Ok(found);
        }
        if let Some(read) = cx.repo.made(file, |text| parse(file, text))? {
            found.read = read;
        }
        Ok(found)
    }

    /// What it locks; empty for a format that is not text.
    pub(super) fn lock(&self) -> &Lock {
        &self.read.lock
    }

    /// Whether Yarn 2 or later wrote it.
    pub(super) fn is_berry(&self) -> bool {
        self.read.berry
    }

    /// Marks what the production dependencies of these manifests need, each with its folder.
    pub(super) fn mark(&mut self, manifests: &[(Utf8PathBuf, PackageJson)]) {
        let groups = manifests
            .iter()
            .flat_map(|(_, manifest)| manifest.dependencies.iter().chain(&manifest.optional_dependencies));
        let keys: Vec<String> = groups
            .map(|(name, specifier)| {
                format!("{name}@{}", specifier.strip_prefix("npm:").unwrap_or(specifier))
            })
            .collect();
        let outer = self.file.parent().unwrap_or(Utf8Path::new(""));
        let folders = manifests.iter().filter_map(|(folder, _)| folder.strip_prefix(outer).ok());
        let folders: Vec<&str> = folders.map(Utf8Path::as_str).collect();
        self.production = self.read.lock.production_set(&keys, &folders);
    }

    /// The packages that production needs.
    pub(super) fn shipped(&self) -> impl Iterator<Item = &Locked> {
        self.production.iter().filter_map(|index| self.read.lock.packages.get(*index))
    }

    /// Where a package stands.
    pub(super) fn evidence(&self, cx: &Context, package: &Locked) -> Evidence {
        let says = format!("{} in {}", package.name, self.file.file_name().unwrap_or_default());
        let text = cx.repo.source(&self.file);
        match text.and_then(|text| line_of(&text, &package.mark)) {
            Some(line) => Evidence::line(&self.file, line, says),
            None => Evidence::file(&self.file, says),
        }
    }

    /// The first dependency of a manifest that the lock does not know: an install that trusts the lock fails.
    /// `folder` is the manifest's, relative to the lock.
    pub(super) fn lacks(&self, folder: &Utf8Path, manifest: &PackageJson) -> Option<String> {
        if self.read.lock.packages.is_empty() && self.read.lock.importers.is_empty() {
            return None;
        }
        let importer = self.read.lock.importers.get(folder.as_str());
        let yarn = self.file.file_name() == Some("yarn.lock");
        let known = |name: &str, specifier: &str| match importer {
            Some(importer) => importer.contains_key(name),
            None if yarn && !manifest.overridden.iter().any(|one| one == name) => {
                self.by_key(name, specifier)
            }
            None => self.read.lock.named(name).next().is_some(),
        };
        let lacking = |(name, specifier): &(&String, &String)| {
            !is_local(specifier) && !specifier.starts_with("catalog:") && !known(name, specifier)
        };
        manifest.all_dependencies().find(lacking).map(|(name, _)| name.clone())
    }

    /// Yarn keeps each request: `name@specifier`.
    fn by_key(&self, name: &str, specifier: &str) -> bool {
        let plain = specifier.strip_prefix("npm:").unwrap_or(specifier);
        let wanted = [format!("{name}@{specifier}"), format!("{name}@{plain}")];
        let aliased = format!("{name}@");
        self.read.lock.packages.iter().any(|package| {
            package
                .keys
                .iter()
                .any(|key| wanted.contains(key) || (key.starts_with(&aliased) && unusual(specifier)))
        })
    }
}

/// Specifiers that a lock writes in another way than the manifest: aliases, git, patches, empty ranges.
fn unusual(specifier: &str) -> bool {
    specifier.is_empty()
        || specifier.contains([':', '/', '|', ' ', '*', 'x'])
        || specifier.chars().all(char::is_alphabetic)
}

fn is_local(specifier: &str) -> bool {
    ["workspace:", "file:", "link:", "portal:"].iter().any(|kind| specifier.starts_with(kind))
        || specifier.starts_with(['.', '/', '~'])
            && !specifier.trim_start_matches('~').starts_with(|digit: char| digit.is_ascii_digit())
}

fn refuse_conflict(file: &Utf8Path, text: &str) -> Result<()> {
    if !text.starts_with("<<<<<<< ") && !text.contains("\n<<<<<<< ") {
        return Ok(());
    }
    let line =
        text.lines().zip(1u32..).find(|(line, _)| line.starts_with("<<<<<<< ")).map(|(_, number)| number);
    Err(Error::broken(file, line, "holds an unresolved merge conflict").help("resolve it and install again"))
}
