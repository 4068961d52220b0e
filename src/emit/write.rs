//! The only writer. A run writes all of its files or none: texts go into temporary files beside their targets first,
//! and only when every one of them is on disk are they renamed, the lock last.

use std::io::Write;
use std::path::{Path, PathBuf};

use camino::{Utf8Path, Utf8PathBuf};

use super::lock::{self, Lock, LockedFile, LockedService};
use crate::error::{Error, ErrorKind, Result};

/// A file to write, relative to the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Where.
    pub path: Utf8PathBuf,
    /// The text.
    pub text: String,
    /// What dfgen rendered, where a person's lines are merged into the text: it is what the lock keeps, and what is
    /// there may be replaced.
    pub merged: Option<String>,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was not there.
    Created,
    /// It was dfgen's own, or was to be replaced.
    Replaced,
    /// It says that already.
    Unchanged,
}

/// Whether what is there may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Only what dfgen wrote and nobody edited.
    No,
    /// Anything; a backup stays.
    Yes,
}

/// Reads `dfgen.lock`, if there is one.
///
/// # Errors
/// It cannot be read, or is not in the format.
pub fn read_lock(root: &Path) -> Result<Option<Lock>> {
    current(root, lock::FILE.into())?.map(|text| Lock::parse(&text)).transpose()
}

/// Writes the files of a service, then the lock.
///
/// # Errors
/// A file is not dfgen's to replace, or the disk refuses; then nothing was written.
pub fn write(
    root: &Path,
    mut lock: Lock,
    row: LockedService,
    files: &[Output],
    force: Force,
) -> Result<Vec<Fate>> {
    let mut pending = Vec::new();
    let mut fates = Vec::new();
    let mut backups = Vec::new();
    for file in files {
        inside(root, &file.path)?;
        let there = current(root, &file.path)?;
        let fresh = with_ends_of(there.as_deref(), &file.text);
        fates.push(fate(&lock, file, &fresh, there.as_deref(), force)?);
        if there.as_deref() == Some(fresh.as_str()) {
            continue;
        }
        let wrote =
            |there: &String| lock.file(&file.path).is_some_and(|locked| same_lines(&locked.base, there));
        let ours = there.as_ref().is_some_and(wrote);
        if let Some(text) = there.filter(|_| !ours && file.merged.is_none()) {
            backups.push((backup_name(root, &file.path), text));
        }
        pending.push((root.join(&file.path), fresh));
    }
    inside(root, lock::FILE.into())?;
    lock.put(row);
    let text = lock.to_text();
    if current(root, lock::FILE.into())?.as_deref() != Some(text.as_str()) {
        pending.push((root.join(lock::FILE), text));
    }
    commit(backups.into_iter().chain(pending).collect())?;
    Ok(fates)
}

/// The lock's row of a service.
#[must_use]
pub fn row(root: &Utf8Path, facts: Vec<String>, files: &[Output]) -> LockedService {
    let root = if root.as_str().is_empty() { "." } else { root.as_str() };
    let files = files.iter().filter(|file| file.path != crate::answers::FILE);
    let files =
        files.map(|file| LockedFile::new(&file.path, file.merged.as_ref().unwrap_or(&file.text))).collect();
    LockedService { root: root.to_owned(), facts, files }
}

/// The text with the line ends of what is there: git may have checked it out with those of Windows.
#[must_use]
pub fn with_ends_of(there: Option<&str>, text: &str) -> String {
    match there {
        Some(there) if there.contains("\r\n") => text.replace("\r\n", "\n").replace('\n', "\r\n"),
        _ => text.to_owned(),
    }
}

fn same_lines(one: &str, other: &str) -> bool {
    one == other || one == other.replace("\r\n", "\n")
}

fn fate(lock: &Lock, file: &Output, fresh: &str, there: Option<&str>, force: Force) -> Result<Fate> {
    let Some(there) = there else { return Ok(Fate::Created) };
    if there == fresh {
        return Ok(Fate::Unchanged);
    }
    match lock.file(&file.path) {
        _ if force == Force::Yes || file.merged.is_some() => Ok(Fate::Replaced),
        Some(locked) if same_lines(&locked.base, there) => Ok(Fate::Replaced),
        Some(_) => {
            Err(Error::new(ErrorKind::Refused, "was edited since dfgen wrote it, and the fresh text differs")
                .at(&file.path, None)
                .help("`--diff` shows what would change")
                .help("`--force` replaces it and keeps a backup beside it"))
        }
        None => Err(Error::new(ErrorKind::Refused, "is there, and dfgen did not write it")
            .at(&file.path, None)
            .help("`--diff` shows what dfgen would write instead; `--stdout` prints it")
            .help("`--output PATH` writes beside it; `--force` replaces it and keeps a backup")),
    }
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
    }
    Ok(())
}

/// Writes the text beside the file that a link leads to, with that file's mode.
fn stage(path: &Path, text: &str) -> Result<Pending> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let parent = target.parent().unwrap_or(Path::new("."));
    let missing = |folder: &&Path| std::fs::symlink_metadata(folder).is_err();
    let folders: Vec<PathBuf> = parent
        .ancestors()
        .take_while(missing)
        .filter(|one| !one.as_os_str().is_empty())
        .map(Path::to_owned)
        .collect();
    std::fs::create_dir_all(parent).map_err(|error| refused(&target, &error))?;
    let name = target.file_name().and_then(|name| name.to_str()).unwrap_or("file");
    let temporary = parent.join(format!(".{name}.dfgen-{}", std::process::id()));
    let mut file = std::fs::File::create_new(&temporary).map_err(|error| refused(&target, &error))?;
    let pending = Pending { temporary, target, folders, done: false };
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
mod tests {
    use super::*;

    fn output(path: &str, text: &str) -> Output {
        Output { path: path.into(), text: text.into(), merged: None }
    }

    fn run(root: &Path, files: &[Output], force: Force) -> Result<Vec<Fate>> {
        let lock = read_lock(root)?.unwrap_or_default();
        write(root, lock, row("".into(), vec![], files), files, force)
    }

    fn names(root: &Path) -> Vec<String> {
        #[expect(clippy::disallowed_methods, reason = "looks at what was left behind")]
        let mut names: Vec<String> = std::fs::read_dir(root)
            .unwrap()
            .map(|one| one.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn writes_again_only_what_it_wrote() {
        let tmp = tempfile::tempdir().unwrap();
        let root = tmp.path();
        assert_eq!(run(root, &[output("Dockerfile", "1\n")], Force::No), Ok(vec![Fate::Created]));
        assert_eq!(run(root, &[output("Dockerfile", "1\n")], Force::No), Ok(vec![Fate::Unchanged]));
        assert_eq!(run(root, &[output("Dockerfile", "2\n")], Force::No), Ok(vec![Fate::Replaced]));
        #[expect(clippy::disallowed_methods, reason = "a person's edit")]
        std::fs::write(root.join("Dockerfile"), "mine\n").unwrap();
        assert_eq!(
            run(root, &[output("Dockerfile", "3\n")], Force::No).unwrap_err().kind,
            ErrorKind::Refused
        );
        assert_eq!(current(root, "Dockerfile".into()).unwrap().as_deref(), Some("mine\n"));
        assert_eq!(run(root, &[output("Dockerfile", "3\n")], Force::Yes), Ok(vec![Fate::Replaced]));
        assert_eq!(current(root, "Dockerfile.bak".into()).unwrap().as_deref(), Some("mine\n"));
        assert_eq!(names(root), ["Dockerfile", "Dockerfile.bak", "dfgen.lock"]);
    }

    #[test]
    fn line_ends_of_windows_are_no_edit_and_stay() {
        let tmp = tempfile::tempdir().unwrap();
        let root = tmp.path();
        assert!(run(root, &[output("Dockerfile", "1\n2\n")], Force::No).is_ok());
        #[expect(clippy::disallowed_methods, reason = "as git checks it out on Windows")]
        std::fs::write(root.join("Dockerfile"), "1\r\n2\r\n").unwrap();
        assert_eq!(run(root, &[output("Dockerfile", "1\n2\n")], Force::No), Ok(vec![Fate::Unchanged]));
        assert_eq!(run(root, &[output("Dockerfile", "1\n3\n")], Force::No), Ok(vec![Fate::Replaced]));
        assert_eq!(current(root, "Dockerfile".into()).unwrap().as_deref(), Some("1\r\n3\r\n"));
        assert_eq!(names(root), ["Dockerfile", "dfgen.lock"]);
    }

    #[test]
    fn a_failure_leaves_no_folder() {
        let tmp = tempfile::tempdir().unwrap();
        // The name of its temporary file is longer than a file system takes.
        let long = "x".repeat(250);
        let files = [output("a/b/Dockerfile", "1\n"), output(&long, "2\n")];
        assert_eq!(run(tmp.path(), &files, Force::No).unwrap_err().kind, ErrorKind::Io);
        assert!(names(tmp.path()).is_empty(), "{:?}", names(tmp.path()));
    }

    #[test]
    fn a_refusal_writes_nothing() {
        let tmp = tempfile::tempdir().unwrap();
        let root = tmp.path();
        #[expect(clippy::disallowed_methods, reason = "a file of theirs")]
        std::fs::write(root.join("Dockerfile"), "theirs\n").unwrap();
        let files = [output("a/.dockerignore", "x\n"), output("Dockerfile", "ours\n")];
        assert_eq!(run(root, &files, Force::No).unwrap_err().kind, ErrorKind::Refused);
        assert_eq!(names(root), ["Dockerfile"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_modes_are_kept() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let tmp = tempfile::tempdir().unwrap();
        let root = tmp.path();
        assert!(run(root, &[output("real", "1\n")], Force::No).is_ok());
        std::fs::set_permissions(root.join("real"), std::fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real", root.join("Dockerfile")).unwrap();
        assert!(run(root, &[output("Dockerfile", "2\n")], Force::Yes).is_ok());
        assert!(root.join("Dockerfile").is_symlink());
        assert_eq!(current(root, "real".into()).unwrap().as_deref(), Some("2\n"));
        assert_eq!(root.join("real").metadata().unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link_that_leads_out() {
        use std::os::unix::fs::symlink;
        let tmp = tempfile::tempdir().unwrap();
        let (root, out) = (tmp.path().join("repo"), tmp.path().join("out"));
        std::fs::create_dir_all(&root).unwrap();
        std::fs::create_dir_all(&out).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a file of somebody else's")]
        std::fs::write(out.join("rc"), "theirs\n").unwrap();
        symlink(out.join("rc"), root.join("dfgen.toml")).unwrap();
        symlink(&out, root.join("docker")).unwrap();
        symlink(out.join("new"), root.join("Dockerfile")).unwrap();
        let kept = Output { merged: Some("ours\n".into()), ..output("dfgen.toml", "ours\n") };
        for file in [kept, output("docker/Dockerfile", "1\n"), output("Dockerfile", "1\n")] {
            for force in [Force::No, Force::Yes] {
                assert_eq!(
                    run(&root, std::slice::from_ref(&file), force).unwrap_err().kind,
                    ErrorKind::Refused
                );
            }
        }
        assert_eq!(names(&out), ["rc"]);
        assert_eq!(current(&out, "rc".into()).unwrap().as_deref(), Some("theirs\n"));
        assert_eq!(names(&root), ["Dockerfile", "dfgen.toml", "docker"]);
    }
}
