//! Paths of a repository as detectors meet them: folders that hold nothing, paths relative to others, and which folder has
//! to be there for a path that a program writes to.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::Context;
use crate::facts::{Evidence, Found};

/// A path relative to a folder, with `..` where it lies outside.
#[must_use]
pub fn relative(path: &Utf8Path, from: &Utf8Path) -> Utf8PathBuf {
    let common = path.components().zip(from.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(common).map(|_| "..");
    up.chain(path.components().skip(common).map(|part| part.as_str())).collect()
}

/// Files that only make git keep a folder.
const PLACEHOLDERS: [&str; 8] =
    [".gitkeep", ".keep", ".gitignore", ".empty", "gitkeep", ".placeholder", "placeholder", "README.md"];

/// No file there but one that keeps an empty folder in git.
#[must_use]
pub(super) fn is_empty(cx: &Context<'_>, place: &Utf8Path) -> bool {
    let keeps = |path: &Utf8PathBuf| path.file_name().is_some_and(|name| PLACEHOLDERS.contains(&name));
    cx.repo.under(place).all(keeps)
}

/// Leaves out what lies in a folder that is named, too.
#[must_use]
pub(super) fn outermost(named: BTreeMap<Utf8PathBuf, Evidence>) -> Vec<Found<Utf8PathBuf>> {
    let mut kept: Vec<Found<Utf8PathBuf>> = Vec::new();
    for (path, evidence) in named {
        if !kept.iter().any(|one| path.starts_with(&one.value)) {
            kept.push(Found::new(path, evidence));
        }
    }
    kept
}

/// A database file right in the working folder, or above it.
#[must_use]
pub(super) fn is_loose(path: &Utf8Path) -> bool {
    path.starts_with("..")
        || path.extension().is_some() && path.parent().is_some_and(|dir| dir.as_str().is_empty())
}

/// The folder that has to be there and writable; of a database file the folder, or the file where that is the working folder.
#[must_use]
pub(super) fn written(path: &str, database: bool) -> Option<Utf8PathBuf> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    if path.is_empty() || path.starts_with(['~', '$']) || !path.bytes().all(plain) || path.contains("//") {
        return None;
    }
    let mut clean = Utf8PathBuf::from(if path.starts_with('/') { "/" } else { "" });
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if clean.as_str().is_empty() || clean.ends_with("..") => clean.push(".."),
            ".." => {
                clean.pop();
            }
            name => clean.push(name),
        }
    }
    let system =
        ["/tmp", "/dev", "/proc", "/sys", "/etc", "/usr", "/bin", "/run", "/var/run", "/root", "/home"];
    if clean.as_str().is_empty()
        || clean == "/"
        || clean == ".."
        || system.iter().any(|dir| clean.starts_with(dir))
    {
        return None;
    }
    match clean.parent() {
        Some(dir) if database && !matches!(dir.as_str(), "" | "/" | "..") => Some(dir.to_owned()),
        _ => Some(clean),
    }
}
