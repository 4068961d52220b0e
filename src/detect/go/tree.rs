//! The packages of a ground, from the heads of their files alone, and which of them a program reaches.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashMap;

use super::module::Ground;
use crate::detect::Context;
use crate::parallel;
use crate::source::go::constraint;
use crate::source::go::file::File;
use crate::source::go::header::{self, Header};
use crate::source::go::program::{Package, Program};

/// A package: the files of a folder that a build for Linux takes.
#[derive(Debug, Clone)]
pub(super) struct Pack {
    /// Its folder.
    pub(super) dir: Utf8PathBuf,
    /// Its import path.
    pub(super) import: String,
    /// Its files and their heads.
    pub(super) files: Vec<(Utf8PathBuf, Header)>,
}

impl Pack {
    /// The file and line of `func main`.
    pub(super) fn main(&self) -> Option<(&Utf8Path, u32)> {
        self.files.iter().find_map(|(path, header)| header.main.map(|line| (path.as_path(), line)))
    }

    /// Whether its `func main` does nothing.
    pub(super) fn is_idle(&self) -> bool {
        self.files.iter().any(|(_, header)| header.idle)
    }
}

/// Every package, by folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Tree {
    packs: Vec<Pack>,
    by_dir: HashMap<String, usize>,
    by_import: HashMap<String, usize>,
    /// Whether there is any Go file, tests and other systems' among them.
    pub(super) any: bool,
    /// The imports of test files.
    pub(super) test_imports: BTreeSet<String>,
}

/// Reads the heads of all files that could belong to a build.
pub(super) fn read(cx: &Context<'_>, ground: &Ground) -> Tree {
    let mut folders: Vec<&Utf8Path> = ground.modules.iter().map(|module| module.dir.as_path()).collect();
    if folders.is_empty() {
        folders.push(&ground.root);
    }
    let mut files: Vec<&Utf8PathBuf> = folders
        .iter()
        .flat_map(|dir| cx.repo.under(dir))
        .filter(|path| super::is_go(path.as_str()))
        .collect();
    if folders.len() > 1 {
        files.sort_unstable();
        files.dedup();
    }
    let mut tree = Tree { any: !files.is_empty(), ..Tree::default() };
    let nested: BTreeSet<&Utf8Path> = cx
        .repo
        .files()
        .iter()
        .filter(|path| path.file_name() == Some("go.mod"))
        .filter_map(|path| path.parent())
        .filter(|dir| !folders.contains(dir))
        .collect();
    let built: Vec<&Utf8PathBuf> = files
        .into_iter()
        .filter(|path| {
            is_built(path, &folders)
                && (nested.is_empty()
                    || !path.ancestors().skip(1).any(|dir| nested.contains(dir) && inside(dir, &folders)))
        })
        .collect();
    let heads = cx.repo.map_sources(&built, |path, text| (path.to_owned(), header::read(text)));
    let mut taken: Vec<(Utf8PathBuf, Header)> = Vec::with_capacity(heads.len());
    for (path, header) in heads {
        if path.file_name().is_some_and(|name| name.ends_with("_test.go")) {
            tree.test_imports.extend(header.imports.into_iter().map(|import| import.path));
        } else if header.constraint.as_ref().is_none_or(|expression| constraint::allows(expression, &[])) {
            taken.push((path, header));
        }
    }
    // Most files of a folder stand together: it is looked up once for all of those.
    let mut taken = taken.into_iter().peekable();
    while let Some((path, header)) = taken.next() {
        let dir = folder(&path).to_owned();
        let mut files = vec![(path, header)];
        files.extend(std::iter::from_fn(|| taken.next_if(|(path, _)| folder(path) == dir)));
        tree.add(ground, &dir, files);
    }
    tree.settle();
    tree
}

fn folder(path: &Utf8Path) -> &str {
    path.parent().map_or("", Utf8Path::as_str)
}

/// Whether a folder lies in one of some.
fn inside(dir: &Utf8Path, folders: &[&Utf8Path]) -> bool {
    folders.iter().any(|folder| dir.starts_with(folder) && dir != *folder)
}

fn is_built(path: &Utf8Path, folders: &[&Utf8Path]) -> bool {
    let name = path.file_name().unwrap_or("");
    let passed = |part: &str| part == "testdata" || part == "vendor" || part.starts_with(['_', '.']);
    let base = folders.iter().filter(|dir| path.starts_with(dir)).map(|dir| dir.components().count()).max();
    let own = path.parent().into_iter().flat_map(Utf8Path::components).skip(base.unwrap_or(0));
    let test = name.ends_with("_test.go") && !name.starts_with(['_', '.']);
    (constraint::name_allows(name) || test) && !own.into_iter().any(|part| passed(part.as_str()))
}

impl Tree {
    /// The package of a folder.
    pub(super) fn at(&self, dir: &Utf8Path) -> Option<&Pack> {
        self.by_dir.get(dir.as_str()).and_then(|number| self.packs.get(*number))
    }

    fn add(&mut self, ground: &Ground, dir: &str, files: Vec<(Utf8PathBuf, Header)>) {
        if let Some(pack) = self.by_dir.get(dir).and_then(|number| self.packs.get_mut(*number)) {
            pack.files.extend(files);
            return;
        }
        self.by_dir.insert(dir.to_owned(), self.packs.len());
        let dir = Utf8PathBuf::from(dir);
        let import = match ground.module_of(&dir) {
            Some(module) => {
                let below = dir.strip_prefix(&module.dir).unwrap_or(Utf8Path::new(""));
                if below.as_str().is_empty() {
                    module.manifest.module.clone()
                } else {
                    format!("{}/{below}", module.manifest.module)
                }
            }
            None => format!("./{dir}"),
        };
        self.packs.push(Pack { dir, import, files });
    }

    /// Leaves each folder the files of one package, and indexes the packages in the order of their folders.
    fn settle(&mut self) {
        self.packs.sort_by(|one, other| one.dir.cmp(&other.dir));
        for (number, pack) in self.packs.iter_mut().enumerate() {
            let name = match pack.files.iter().find(|(_, header)| header.main.is_some()) {
                Some((_, header)) => header.package.clone(),
                None => pack.files.first().map(|(_, header)| header.package.clone()).unwrap_or_default(),
            };
            pack.files.retain(|(_, header)| header.package == name);
            self.by_dir.insert(pack.dir.as_str().to_owned(), number);
            self.by_import.insert(pack.import.clone(), number);
        }
    }

    /// The packages with a `func main`, below a folder.
    pub(super) fn mains(&self, below: &Utf8Path) -> Vec<&Pack> {
        self.packs.iter().filter(|pack| pack.dir.starts_with(below) && pack.main().is_some()).collect()
    }

    /// The package of a folder.
    pub(super) fn pack(&self, dir: &Utf8Path) -> Option<&Pack> {
        self.by_dir.get(dir.as_str()).and_then(|number| self.packs.get(*number))
    }

    /// Every package.
    pub(super) fn packs(&self) -> impl Iterator<Item = &Pack> {
        self.packs.iter()
    }

    /// The packages that one reaches by its imports, itself first, then by folder.
    pub(super) fn reach(&self, dir: &Utf8Path) -> Vec<&Pack> {
        let first = self.by_dir.get(dir.as_str()).copied();
        let mut seen = vec![false; self.packs.len()];
        let mut open: Vec<usize> = first.into_iter().collect();
        while let Some(number) = open.pop() {
            let (Some(pack), Some(seen)) = (self.packs.get(number), seen.get_mut(number)) else { continue };
            if !std::mem::replace(seen, true) {
                let imports = pack.files.iter().flat_map(|(_, header)| &header.imports);
                open.extend(imports.filter_map(|import| self.by_import.get(&import.path)));
            }
        }
        let others = self.packs.iter().zip(&seen).enumerate();
        let others = others.filter(|(number, (_, seen))| **seen && Some(*number) != first);
        first
            .and_then(|first| self.packs.get(first))
            .into_iter()
            .chain(others.map(|(_, (pack, _))| pack))
            .collect()
    }
}

/// Reads what a program reaches as a whole.
pub(super) fn program(cx: &Context<'_>, reached: &[&Pack]) -> Program {
    let heads: Vec<&(Utf8PathBuf, Header)> = reached.iter().flat_map(|pack| &pack.files).collect();
    let read = parallel::map(&heads, |(path, header)| {
        cx.repo.source(path).map(|text| File::read_on(path, &text, header.clone()))
    });
    let mut files = read.into_iter();
    let packages = reached.iter().map(|pack| Package {
        dir: pack.dir.clone(),
        import: pack.import.clone(),
        files: files.by_ref().take(pack.files.len()).flatten().collect(),
    });
    let packages = packages.collect();
    Program::new(packages)
}
