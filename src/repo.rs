//! The only reader of the project: one walk, each file read once.
//!
//! The walk obeys the repository's own `.gitignore` files and nothing else (no global, parent or `.git/info`
//! excludes), so that the same repository gives the same list on every machine. A checkout needs no git.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use ignore::WalkBuilder;

use crate::error::{Error, ErrorKind, Result};
use crate::parallel;

/// A manifest or lock file larger than this is refused, a source file passed over.
const LARGEST: u64 = 64 << 20;

/// A repository: its list of files, and their texts on demand.
#[derive(Debug)]
pub struct Repo {
    root: PathBuf,
    files: Vec<Utf8PathBuf>,
    /// The text of each file that was read.
    texts: Vec<OnceLock<Arc<str>>>,
    made: Mutex<HashMap<(Utf8PathBuf, TypeId), Arc<dyn Any + Send + Sync>>>,
}

impl Repo {
    /// Walks the folder `root`.
    ///
    /// # Errors
    /// `root` is not a folder or cannot be read.
    pub fn open(root: &Path) -> Result<Self> {
        if !root.is_dir() {
            return Err(Error::new(ErrorKind::Usage, format!("`{}` is not a folder", root.display()))
                .help("give the repository's folder: `dfgen init PATH`"));
        }
        Ok(Self::listed(root.to_owned(), walk(root)?))
    }

    /// A repository in memory: what tests hand to the readers.
    #[must_use]
    pub fn from_files<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let texts: BTreeMap<&str, &str> = files.into_iter().collect();
        let repo = Self::listed(PathBuf::new(), texts.keys().map(|path| Utf8PathBuf::from(*path)).collect());
        for (path, slot) in repo.files.iter().zip(&repo.texts) {
            slot.get_or_init(|| texts.get(path.as_str()).copied().unwrap_or_default().into());
        }
        repo
    }

    fn listed(root: PathBuf, mut files: Vec<Utf8PathBuf>) -> Self {
        files.sort_unstable_by(|one, other| order(one, other));
        let texts = files.iter().map(|_| OnceLock::new()).collect();
        Self { root, files, texts, made: Mutex::default() }
    }

    /// Every file that git would not ignore, relative to the root, sorted.
    #[must_use]
    pub fn files(&self) -> &[Utf8PathBuf] {
        &self.files
    }

    /// Whether there is such a file.
    #[must_use]
    pub fn has(&self, path: impl AsRef<Utf8Path>) -> bool {
        self.place(path.as_ref()).is_some()
    }

    /// The number of a file in the list.
    fn place(&self, path: &Utf8Path) -> Option<usize> {
        self.files.binary_search_by(|file| order(file, path)).ok()
    }

    /// Whether there is such a folder with a file in it; the root is `""`.
    #[must_use]
    pub fn has_dir(&self, path: impl AsRef<Utf8Path>) -> bool {
        let path = path.as_ref();
        self.under(path).next().is_some_and(|file| below(file, path).is_some_and(|rest| !rest.is_empty()))
    }

    /// The files below a folder, at any depth, relative to the root, sorted.
    pub fn under<'a, 'b>(&'a self, dir: &'b Utf8Path) -> impl Iterator<Item = &'a Utf8PathBuf> + use<'a, 'b> {
        let first = self.files.partition_point(|file| order(file, dir).is_lt());
        self.files[first..].iter().take_while(move |file| below(file, dir).is_some())
    }

    /// The names of the files and of the folders right in a folder, each sorted.
    #[must_use]
    pub fn list<'a>(&'a self, dir: &Utf8Path) -> (Vec<&'a str>, Vec<&'a str>) {
        let mut files = Vec::new();
        let mut dirs = BTreeSet::new();
        for file in self.under(dir) {
            let Some(rest) = below(file, dir) else { continue };
            match rest.split_once('/') {
                Some((first, _)) => {
                    dirs.insert(first);
                }
                None if rest.is_empty() => {}
                None => files.push(rest),
            }
        }
        (files, dirs.into_iter().collect())
    }

    /// A file's text, without a byte order mark; `None` where there is no such file.
    ///
    /// # Errors
    /// The file is there and cannot be read, is not UTF-8, or is absurdly large.
    pub fn read(&self, path: impl AsRef<Utf8Path>) -> Result<Option<Arc<str>>> {
        let path = path.as_ref();
        let Some(slot) = self.place(path).and_then(|place| self.texts.get(place)) else { return Ok(None) };
        if let Some(text) = slot.get() {
            return Ok(Some(Arc::clone(text)));
        }
        let text: Arc<str> = read_text(&self.root.join(path), path)?.into();
        Ok(Some(Arc::clone(slot.get_or_init(|| text))))
    }

    /// What `read` makes of a file's text, made once: the lock file of a workspace is asked for by every member.
    ///
    /// # Errors
    /// The file cannot be read, or `read` refuses it.
    pub fn made<T: Any + Send + Sync>(
        &self,
        path: &Utf8Path,
        read: impl FnOnce(&str) -> Result<T>,
    ) -> Result<Option<Arc<T>>> {
        let key = (path.to_owned(), TypeId::of::<T>());
        let known = self.made.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known.and_then(|known| known.downcast().ok()) {
            return Ok(Some(known));
        }
        let Some(text) = self.read(path)? else { return Ok(None) };
        let made = Arc::new(read(&text)?);
        let kept: Arc<dyn Any + Send + Sync> = Arc::clone(&made) as _;
        self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(key, kept);
        Ok(Some(made))
    }

    /// A source file's text; one that cannot be read as text counts as missing, since nothing is built from dfgen's reading of it.
    #[must_use]
    pub fn source(&self, path: &Utf8Path) -> Option<Arc<str>> {
        self.read(path).ok().flatten()
    }

    /// Reads many source files on all cores and maps each; in the order of `paths`, those that cannot be read left out.
    pub fn map_sources<T: Send>(
        &self,
        paths: &[&Utf8PathBuf],
        read: impl Fn(&Utf8Path, &str) -> T + Sync,
    ) -> Vec<T> {
        let mapped = parallel::map(paths, |path| self.source(path).map(|text| read(path, &text)));
        mapped.into_iter().flatten().collect()
    }
}

/// Folder by folder: what lies in a folder stands together. The same as comparing components, without taking paths apart.
fn order(one: &Utf8Path, other: &Utf8Path) -> std::cmp::Ordering {
    let (one, other) = (one.as_str().as_bytes(), other.as_str().as_bytes());
    let key = |byte: &u8| if *byte == b'/' { 0 } else { *byte };
    match one.iter().zip(other).find(|(one, other)| one != other) {
        Some((one, other)) => key(one).cmp(&key(other)),
        None => one.len().cmp(&other.len()),
    }
}

/// The rest of a path behind a folder that it lies in, or that it is; `None` elsewhere. Every path here is plain: no `.`, no
/// slash twice or at an end.
#[must_use]
pub fn below<'a>(path: &'a Utf8Path, dir: &Utf8Path) -> Option<&'a str> {
    if dir.as_str().is_empty() {
        return Some(path.as_str());
    }
    let rest = path.as_str().strip_prefix(dir.as_str())?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// Folders that no project's own files lie in, whether or not git ignores them.
const NEVER: [&str; 4] = [".git", "node_modules", ".hg", ".svn"];

fn walk(root: &Path) -> Result<Vec<Utf8PathBuf>> {
    // On one thread: several that wait for each other sleep longer than most walks take.
    let entries = WalkBuilder::new(root)
        .hidden(false)
        .parents(false)
        .ignore(false)
        .git_global(false)
        .git_exclude(false)
        .require_git(false)
        .filter_entry(|entry| entry.depth() == 0 || !NEVER.iter().any(|name| entry.file_name() == *name))
        .build();
    let mut files = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => files.extend(file_within(root, &entry)),
            Err(error) if error.depth() == Some(0) => {
                return Err(Error::new(ErrorKind::Io, format!("cannot read the repository: {error}")));
            }
            // A folder or .gitignore line that cannot be read hides nothing else.
            Err(_) => {}
        }
    }
    Ok(files)
}

/// The path of a regular file, or of a link to one that stays within the root.
fn file_within(root: &Path, entry: &ignore::DirEntry) -> Option<Utf8PathBuf> {
    let kind = entry.file_type()?;
    let inside = kind.is_file() || kind.is_symlink() && links_inside(root, entry.path());
    let path = Utf8Path::from_path(entry.path().strip_prefix(root).ok()?)?;
    (inside && !path.as_str().is_empty() && !path.as_str().contains(char::is_control))
        .then(|| path.to_owned())
}

fn links_inside(root: &Path, path: &Path) -> bool {
    let (Ok(root), Ok(path)) = (root.canonicalize(), path.canonicalize()) else { return false };
    path.starts_with(root) && path.is_file()
}

fn read_text(from: &Path, name: &Utf8Path) -> Result<String> {
    let refused = |error: std::io::Error| Error::broken(name, None, format!("cannot be read: {error}"));
    let file = std::fs::File::open(from).map_err(refused)?;
    let size = file.metadata().map_or(0, |meta| meta.len());
    if size > LARGEST {
        return Err(Error::broken(name, None, format!("{} MiB is too large to be read", size >> 20)));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
    // Bounded, so that the length is not asked for once more.
    file.take(LARGEST).read_to_end(&mut bytes).map_err(refused)?;
    let mut text = String::from_utf8(bytes)
        .map_err(|_| Error::broken(name, None, "is not UTF-8 text").help("save it as UTF-8"))?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_finds() {
        let repo = Repo::from_files([("a/b.txt", "1"), ("a/c/d.txt", "2"), ("a-b/x", ""), ("z", "3")]);
        assert_eq!(repo.list("a".into()), (vec!["b.txt"], vec!["c"]));
        assert_eq!(repo.list("".into()), (vec!["z"], vec!["a", "a-b"]));
        assert!(repo.has("a/b.txt") && !repo.has("a") && repo.has_dir("a/c") && repo.has_dir(""));
        assert_eq!(repo.under("a".into()).count(), 2);
        assert_eq!(repo.files(), ["a/b.txt", "a/c/d.txt", "a-b/x", "z"]);
        assert_eq!(below("a/b.txt".into(), "a".into()), Some("b.txt"));
        assert_eq!(below("a-b/x".into(), "a".into()), None);
    }

    #[test]
    fn missing_is_not_broken() {
        let repo = Repo::from_files([("a", "1")]);
        assert_eq!(repo.read("b"), Ok(None));
        assert_eq!(repo.read("a").unwrap().as_deref(), Some("1"));
    }

    #[test]
    fn makes_a_thing_once_and_a_broken_one_again() {
        let repo = Repo::from_files([("a", "12")]);
        let number = |text: &str| Ok(text.len());
        assert_eq!(repo.made("a".into(), number).unwrap().as_deref(), Some(&2));
        let never = |_: &str| -> Result<usize> { Err(Error::new(ErrorKind::Broken, "read twice")) };
        assert_eq!(repo.made("a".into(), never).unwrap().as_deref(), Some(&2));
        let other = |_: &str| -> Result<String> { Err(Error::new(ErrorKind::Broken, "refused")) };
        assert!(repo.made("a".into(), other).is_err());
        assert_eq!(repo.made("b".into(), number).unwrap(), None);
    }

    #[test]
    fn obeys_the_repositorys_own_gitignore_alone() {
        let tmp = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &[u8]| {
            let path = tmp.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            #[expect(clippy::disallowed_methods, reason = "a fixture")]
            std::fs::write(path, text).unwrap();
        };
        put("repo/.gitignore", b"/dist\n");
        put("repo/.git/info/exclude", b"kept\n");
        put("repo/dist/x", b"");
        put("repo/kept", b"\xef\xbb\xbfyes");
        put("repo/node_modules/x/package.json", b"");
        put(".gitignore", b"kept\n");
        put("repo/binary", b"\xff\xfe");
        let repo = Repo::open(&tmp.path().join("repo")).unwrap();
        assert_eq!(repo.files(), [".gitignore", "binary", "kept"]);
        assert_eq!(repo.read("kept").unwrap().as_deref(), Some("yes"));
        assert_eq!(repo.read("binary").unwrap_err().kind, ErrorKind::Broken);
        assert!(repo.source("binary".into()).is_none());
    }
}
