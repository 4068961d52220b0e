//! The sources that a program is made of: the files that the modules of its crates name.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::ground::{self, Bin, Ground};
use super::reach::Reach;
use crate::detect::{Context, join_inside};
use crate::source::rust::cfg::Build;
use crate::source::rust::file::File;
use crate::source::rust::program::{Crate, Program};

/// No real crate has more files; what names itself would never end.
const MOST_FILES: usize = 4000;

/// Reads the binary, its library and the packages of the repository that it reaches.
pub(super) fn program(cx: &Context<'_>, ground: &Ground, bin: &Bin, reach: &Reach) -> Program {
    let mut crates = Vec::new();
    let own = std::iter::once((bin.member, bin.file.clone()));
    let mut libraries: Vec<(usize, Utf8PathBuf)> = reach
        .packages
        .keys()
        .filter_map(|number| Some((*number, ground::library(cx, ground.members.get(*number)?)?)))
        .collect();
    libraries.sort_by_key(|(number, _)| *number != bin.member);
    for (number, root) in own.chain(libraries) {
        let features = reach.packages.get(&number).map(|one| one.features.clone());
        let build = Build { features, musl: false };
        let dir = ground.members.get(number).map(|member| member.dir.clone()).unwrap_or_default();
        crates.push(Crate { dir, files: files(cx, &root, &build) });
    }
    Program::new(crates)
}

/// The files of a crate, its root first.
fn files(cx: &Context<'_>, root: &Utf8Path, build: &Build) -> Vec<File> {
    let mut found: Vec<File> = Vec::new();
    let mut seen = BTreeSet::from([root.to_owned()]);
    let mut open = vec![(root.to_owned(), true)];
    while let Some((path, is_root)) = open.pop() {
        let Some(text) = cx.repo.source(&path) else { continue };
        let file = File::read(&path, &text, build);
        for module in &file.modules {
            let next = place(cx, &path, is_root, &module.path, module.file.as_deref());
            if let Some(next) = next.filter(|_| seen.len() < MOST_FILES)
                && seen.insert(next.clone())
            {
                open.push((next, false));
            }
        }
        found.push(file);
    }
    found
}

/// Where a module lies: beside a crate's root or a `mod.rs`, else in the folder of the file's own name.
fn place(
    cx: &Context<'_>,
    from: &Utf8Path,
    is_root: bool,
    path: &[String],
    named: Option<&str>,
) -> Option<Utf8PathBuf> {
    let dir = from.parent()?;
    if let Some(named) = named {
        return join_inside(dir, named).filter(|path| cx.repo.has(path));
    }
    let beside = is_root || from.file_name() == Some("mod.rs");
    let base = if beside { dir.to_owned() } else { dir.join(from.file_stem()?) };
    let stem = base.join(path.join("/"));
    let places = [Utf8PathBuf::from(format!("{stem}.rs")), stem.join("mod.rs")];
    places.into_iter().find(|path| cx.repo.has(path))
}
