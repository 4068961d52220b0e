//! A repository in a temporary folder, and dfgen run on it as a person would run it.
#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking"
)]
#![expect(clippy::disallowed_methods, reason = "tests make and read files of their own")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// A repository that is gone when the value is.
pub struct Dir(tempfile::TempDir);

/// What a run gave.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Dir {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let dir = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            dir.put(path, text);
        }
        dir
    }

    pub fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }

    pub fn put(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn remove(&self, path: &str) {
        let path = self.0.path().join(path);
        if path.is_dir() {
            std::fs::remove_dir_all(path).unwrap();
        } else {
            std::fs::remove_file(path).unwrap();
        }
    }

    pub fn read(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.0.path().join(path)).ok()
    }

    /// Runs dfgen with `{}` replaced by the repository's path.
    pub fn run(&self, words: &[&str]) -> Ran {
        let path = self.0.path().to_str().unwrap().to_owned();
        let words: Vec<String> = words.iter().map(|word| word.replace("{}", &path)).collect();
        let done = Command::cargo_bin("dfgen").unwrap().args(words).output().unwrap();
        Ran {
            code: done.status.code().unwrap_or(-1),
            stdout: String::from_utf8(done.stdout).unwrap(),
            stderr: String::from_utf8(done.stderr).unwrap(),
        }
    }

    /// Every file by its path, those that git does not hold among them.
    pub fn files(&self) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        collect(self.0.path(), self.0.path(), &mut all);
        all
    }
}

fn collect(root: &Path, folder: &Path, all: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, all);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            all.insert(name, String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned());
        }
    }
}

/// The folders of `examples/`, sorted.
pub fn examples() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut all: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    all.sort();
    assert!(all.len() >= 10, "{} examples are too few", all.len());
    all
}

/// Those of one service, whose files lie in the folder itself.
pub fn single_examples() -> Vec<PathBuf> {
    let mut all = examples();
    all.retain(|example| example.join("Dockerfile").is_file());
    all
}

/// What dfgen writes in an example.
pub const OUTPUTS: [&str; 5] =
    ["Dockerfile", ".dockerignore", "dfgen.lock", "Dockerfile.dockerignore", "docker-bake.hcl"];

/// A copy of an example without what dfgen wrote, and that.
pub fn copy(example: &Path) -> (Dir, BTreeMap<String, String>) {
    let dir = Dir::new(&[]);
    let mut outputs = BTreeMap::new();
    copy_into(example, example, &dir, &mut outputs);
    (dir, outputs)
}

/// Folders that a person's own build leaves behind, which git ignores.
const LEFT_BEHIND: [&str; 5] = ["node_modules", "dist", ".next", "target", ".yarn"];

fn copy_into(root: &Path, folder: &Path, dir: &Dir, outputs: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let place = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && !LEFT_BEHIND.contains(&name.as_str()) {
            copy_into(root, &path, dir, outputs);
        } else if path.is_file() && OUTPUTS.contains(&name.as_str()) {
            outputs.insert(place, std::fs::read_to_string(&path).unwrap());
        } else if path.is_file() {
            let target = dir.path().join(&place);
            std::fs::create_dir_all(target.parent().unwrap()).unwrap();
            std::fs::copy(&path, target).unwrap();
        }
    }
}

/// Writes a file of the project itself, for `DFGEN_BLESS=1`.
pub fn bless(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

/// Whether the committed outputs are to be written anew.
pub fn blessing() -> bool {
    std::env::var("DFGEN_BLESS").is_ok_and(|value| value == "1")
}
