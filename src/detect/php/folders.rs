//! Folders that the repository keeps empty, because the program writes there.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::work::Work;
use crate::detect::Context;
use crate::facts::{Evidence, Found, PhpFacts, Project};

/// Adds them: those for data as volumes, those for what a release makes as the user's own.
pub(super) fn kept(work: &Work, facts: &mut PhpFacts, project: &mut Project) {
    let empty = empty(work);
    for (folder, because) in gathered(work, &empty).into_iter().chain(empty).chain(ignored(work)) {
        let known = |path: &Utf8PathBuf| folder.starts_with(path) || path.starts_with(&folder);
        if project.writes.iter().any(|one| known(&one.value))
            || facts.owned.iter().any(|one| known(&one.value))
        {
            continue;
        }
        let Some(name) = folder.file_name().map(str::to_ascii_lowercase) else { continue };
        if work.table.data.contains(&name) {
            project.writes.push(Found::new(folder, because));
        } else if work.table.scratch.contains(&name) {
            facts.owned.push(Found::new(folder, because));
        }
    }
}

/// Files that are there for git alone.
const PLACEHOLDERS: [&str; 5] = [".gitkeep", ".keep", ".gitignore", ".empty", "_dummy"];

/// A folder of data in which several are kept empty is written itself, whatever the others hold.
fn gathered(work: &Work, empty: &[(Utf8PathBuf, Evidence)]) -> Vec<(Utf8PathBuf, Evidence)> {
    let is_data = |folder: &&Utf8Path| {
        folder.file_name().is_some_and(|name| work.table.data.iter().any(|one| one == name))
    };
    let mut parents: Vec<&Utf8Path> =
        empty.iter().filter_map(|(folder, _)| folder.parent()).filter(is_data).collect();
    parents.dedup();
    let inside = |parent: &Utf8Path| {
        empty.iter().filter(|(folder, _)| folder.parent() == Some(parent)).collect::<Vec<_>>()
    };
    parents
        .into_iter()
        .filter_map(|parent| match inside(parent).as_slice() {
            [(_, because), _, ..] => {
                let says = "kept in git with empty folders".to_owned();
                Some((parent.to_owned(), Evidence { says, ..because.clone() }))
            }
            _ => None,
        })
        .collect()
}

/// Folders whose only files keep them in git and people out of them, relative to the project.
fn empty(work: &Work) -> Vec<(Utf8PathBuf, Evidence)> {
    let keeps = |path: &Utf8PathBuf| path.file_name().is_some_and(|name| PLACEHOLDERS.contains(&name));
    let guards =
        |path: &Utf8PathBuf| matches!(path.file_name(), Some(".htaccess" | "index.html" | "web.config"));
    let apart = &work.cx.knowledge.of(super::LANGUAGE).apart;
    let files = || work.cx.repo.under(&work.root);
    // A folder of data that only keeps people out is as empty as one that git is told to keep.
    let for_data = |path: &Utf8Path| {
        let name = path.parent().and_then(Utf8Path::file_name).map(str::to_ascii_lowercase);
        name.is_some_and(|name| work.table.data.contains(&name) || work.table.scratch.contains(&name))
    };
    let folders: BTreeSet<&Utf8Path> = files()
        .filter(|path| keeps(path) || guards(path) && for_data(path))
        .filter_map(|file| file.parent())
        .collect();
    let own = folders
        .into_iter()
        .filter(|folder| work.cx.repo.under(folder).all(|path| keeps(path) || guards(path)));
    let inner = own.filter_map(|folder| folder.strip_prefix(&work.root).ok().map(Utf8Path::to_owned));
    inner
        .filter(|folder| !folder.as_str().is_empty())
        .filter(|folder| !folder.components().any(|part| apart.iter().any(|own| own == part.as_str())))
        .map(|folder| {
            let because = Evidence::file(&work.root.join(&folder), "kept empty in git");
            (folder, because)
        })
        .collect()
}

/// Folders that git leaves out, of an application without a framework that says where it writes.
fn ignored(work: &Work) -> Vec<(Utf8PathBuf, Evidence)> {
    let path = work.root.join(".gitignore");
    let Some(text) = work
        .cx
        .repo
        .source(&path)
        .filter(|_| work.row().is_none_or(|row| row.owned.is_empty() && row.writes.is_empty()))
    else {
        return Vec::new();
    };
    let lines = text.lines().zip(1u32..).map(|(line, number)| (line.trim().trim_matches('/'), number));
    let known = |name: &str| work.table.data.iter().chain(&work.table.scratch).any(|one| one == name);
    lines
        .filter(|(name, _)| known(name))
        .map(|(name, number)| {
            (Utf8PathBuf::from(name), Evidence::line(&path, number, "left out in .gitignore"))
        })
        .collect()
}

/// Places where other images have the project.
const HOMES: [&str; 4] = ["/var/www", "/app", "/srv", "/code"];

/// A volume of the deployment files at another image's place of the project is the folder of that name in it; one that is
/// the whole project is none.
pub(super) fn at_home(cx: &Context, project: &mut Project) {
    let root = project.root.clone();
    let mut kept: Vec<Found<Utf8PathBuf>> = Vec::new();
    for mut write in std::mem::take(&mut project.writes) {
        if HOMES.iter().any(|home| write.value.starts_with(home)) {
            let parts: Vec<&str> = write.value.as_str().trim_start_matches('/').split('/').collect();
            let mut inner = (1..parts.len()).filter_map(|at| Some(parts.get(at..)?.join("/")));
            let Some(inner) = inner.find(|inner| cx.repo.has_dir(root.join(inner))) else { continue };
            write.value = Utf8PathBuf::from(inner);
        }
        if kept.iter().all(|one| one.value != write.value) {
            kept.push(write);
        }
    }
    project.writes = kept;
}
