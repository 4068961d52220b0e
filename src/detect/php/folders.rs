//! Folders that the repository keeps empty, because the program writes there.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::work::Work;
use crate::detect::Context;
use crate::facts::{Evidence, Found, PhpFacts, Project};

/// Adds them: those for data as volumes, those for what a release makes as the user's own.
pub(super) fn kept(work: &Work, facts: &mut PhpFacts, project: &mut Project) {
    for folder in empty(work) {
        let known = |path: &Utf8PathBuf| folder.starts_with(path) || path.starts_with(&folder);
        if project.writes.iter().any(|one| known(&one.value))
            || facts.owned.iter().any(|one| known(&one.value))
        {
            continue;
        }
        let Some(name) = folder.file_name().map(str::to_ascii_lowercase) else { continue };
        let because = Evidence::file(&work.root.join(&folder), "kept empty in git");
        if work.table.data.contains(&name) {
            project.writes.push(Found::new(folder, because));
        } else if work.table.scratch.contains(&name) {
            facts.owned.push(Found::new(folder, because));
        }
    }
}

/// Folders whose only files keep them in git and people out of them, relative to the project.
fn empty(work: &Work) -> Vec<Utf8PathBuf> {
    let keeps =
        |path: &Utf8PathBuf| matches!(path.file_name(), Some(".gitkeep" | ".keep" | ".gitignore" | ".empty"));
    let guards =
        |path: &Utf8PathBuf| matches!(path.file_name(), Some(".htaccess" | "index.html" | "web.config"));
    let apart = &work.cx.knowledge.of(super::LANGUAGE).apart;
    let files = || work.cx.repo.under(&work.root);
    let folders: BTreeSet<&Utf8Path> =
        files().filter(|path| keeps(path)).filter_map(|file| file.parent()).collect();
    let own = folders
        .into_iter()
        .filter(|folder| work.cx.repo.under(folder).all(|path| keeps(path) || guards(path)));
    let inner = own.filter_map(|folder| folder.strip_prefix(&work.root).ok().map(Utf8Path::to_owned));
    inner
        .filter(|folder| !folder.as_str().is_empty())
        .filter(|folder| !folder.components().any(|part| apart.iter().any(|own| own == part.as_str())))
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
