//! The only writer. A run writes all of its files or none: texts go into temporary files beside their targets first,
//! and only when every one of them is on disk are they renamed, the lock last.
//!
//! A run that was killed in between leaves old and new files, each whole, and the old lock: the next run merges to the same
//! end. What it left beside them is removed by the next one, which has the folder to itself.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use camino::{Utf8Path, Utf8PathBuf};

use super::lock::{self, Lock};
use crate::error::{Error, ErrorKind, Result};

/// Everything that one run writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Files and their texts, relative to the repository.
    pub files: Vec<(Utf8PathBuf, String)>,
    /// Files that are replaced though dfgen did not write what is there: a copy stays beside each.
    pub backups: Vec<Utf8PathBuf>,
    /// The lock.
    pub lock: Option<Lock>,
}

/// Reads `dfgen.lock`, if there is one.
///
/// # Errors
/// It cannot be read, or is not in the format.
pub fn read_lock(root: &Path) -> Result<Option<Lock>> {
    current(root, lock::FILE.into())?.map(|text| Lock::parse(&text)).transpose()
}

/// Keeps other runs out of the folder until the value is gone, also where the process is killed. Where the system cannot
/// lock a folder, runs are not kept apart.
#[must_use]
pub fn alone(root: &Path) -> Option<File> {
    let folder = File::open(root).ok()?;
    folder.lock().ok().map(|()| folder)
}

/// Writes files that differ from what is there, the lock last.
///
/// # Errors
/// A link leads out of the repository, or the disk refuses; then nothing was written.
pub fn write(root: &Path, batch: &Batch) -> Result<()> {
    let mut pending = Vec::new();
    for path in &batch.backups {
        let there = current(root, path)?;
        pending.extend(there.map(|text| (backup_name(root, path), text)));
    }
    let lock = batch.lock.as_ref().map(|lock| (Utf8PathBuf::from(lock::FILE), lock.to_text()));
    for (path, text) in batch.files.iter().cloned().chain(lock) {
        inside(root, &path)?;
        if current(root, &path)?.as_deref() != Some(text.as_str()) {
            pending.push((root.join(path), text));
        }
    }
    for (path, _) in &pending {
        sweep(path);
    }
    commit(pending)
}

/// A file's text as it is on disk now; `None` where there is none.
///
/// # Errors
/// It is there and cannot be read as text.
#[expect(
    clippy::disallowed_methods,
    reason = "what is about to be replaced may be a file that git ignores, which the Repo does not list"
)]
pub fn current(root: &Path, path: &Utf8Path) -> Result<Option<String>> {
    match std::fs::read(root.join(path)) {
        Ok(bytes) => {
            String::from_utf8(bytes).map(Some).map_err(|_| Error::broken(path, None, "is not UTF-8 text"))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::broken(path, None, format!("cannot be read: {error}"))),
    }
}

/// A link may lead to another place of the repository, never out of it: a checkout of somebody else's cannot name
/// what is written.
fn inside(root: &Path, path: &Utf8Path) -> Result<()> {
    let full = root.join(path);
    let home = root.canonicalize().map_err(|error| refused(root, &error))?;
    let dangling = full.is_symlink() && full.canonicalize().is_err();
    let nearest = full.ancestors().find_map(|place| place.canonicalize().ok());
    if !dangling && nearest.is_some_and(|place| place.starts_with(&home)) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Refused, "is reached by a link that leads out of the repository, or nowhere")
        .at(path, None)
        .help("remove the link, or write elsewhere with `--output FILE`"))
}

fn backup_name(root: &Path, path: &Utf8Path) -> PathBuf {
    let free = |name: &PathBuf| std::fs::symlink_metadata(name).is_err();
    let numbered = (0..1000).map(|n| if n == 0 { format!("{path}.bak") } else { format!("{path}.bak{n}") });
    numbered.map(|name| root.join(name)).find(free).unwrap_or_else(|| root.join(format!("{path}.bak")))
}

/// A temporary file that is removed again unless it was renamed.
struct Pending {
    temporary: PathBuf,
    target: PathBuf,
    /// Folders that were made for it, the outermost last.
    folders: Vec<PathBuf>,
    done: bool,
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.done {
            // Nothing more can be done about a leftover than to try.
            let _ = std::fs::remove_file(&self.temporary);
            for folder in &self.folders {
                let _ = std::fs::remove_dir(folder);
            }
        }
    }
}

fn commit(files: Vec<(PathBuf, String)>) -> Result<()> {
    let staged: Result<Vec<Pending>> = files.into_iter().map(|(path, text)| stage(&path, &text)).collect();
    for mut pending in staged? {
        std::fs::rename(&pending.temporary, &pending.target)
            .map_err(|error| refused(&pending.target, &error))?;
        pending.done = true;
        // The name is on disk before the next one changes. A file system that cannot promise it has written all the same.
        let _ = pending.target.parent().map(|folder| File::open(folder).and_then(|folder| folder.sync_all()));
    }
    Ok(())
}

/// What stands in front of the number of the process in the name of a temporary file.
fn temporary_prefix(target: &Path) -> String {
    format!(".{}.dfgen-", target.file_name().and_then(|name| name.to_str()).unwrap_or("file"))
}

/// Removes what a run that was killed left beside a file.
#[expect(clippy::disallowed_methods, reason = "looks for its own leftovers, in the folder that it writes to")]
fn sweep(path: &Path) {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let prefix = temporary_prefix(&target);
    let listed = target.parent().and_then(|folder| std::fs::read_dir(folder).ok());
    for entry in listed.into_iter().flatten().flatten() {
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(&prefix));
        if number.is_some_and(|number| number.parse::<u32>().is_ok()) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Writes the text beside the file that a link leads to, with that file's mode.
fn stage(path: &Path, text: &str) -> Result<Pending> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let parent = &target.parent().unwrap_or(Path::new(".")).to_owned();
    let missing = |folder: &&Path| std::fs::symlink_metadata(folder).is_err();
    let folders: Vec<PathBuf> = parent
        .ancestors()
        .take_while(missing)
        .filter(|one| !one.as_os_str().is_empty())
        .map(Path::to_owned)
        .collect();
    let temporary = parent.join(format!("{}{}", temporary_prefix(&target), std::process::id()));
    let pending = Pending { temporary, target, folders, done: false };
    std::fs::create_dir_all(parent).map_err(|error| refused(&pending.target, &error))?;
    let mut file = File::create_new(&pending.temporary).map_err(|error| refused(&pending.target, &error))?;
    file.write_all(text.as_bytes())
        .and_then(|()| {
            std::fs::metadata(&pending.target).map_or(Ok(()), |meta| file.set_permissions(meta.permissions()))
        })
        .and_then(|()| file.sync_all())
        .map_err(|error| refused(&pending.target, &error))?;
    Ok(pending)
}

fn refused(path: &Path, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("`{}` cannot be written: {error}", path.display()))
}

#[cfg(test)]
mod tests;
