//! Folders that a front end's build makes and that the program serves from the disk: it names one that git does not hold,
//! below a folder with a package.json.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use crate::detect::{Context, join_inside};
use crate::facts::{Evidence, Found, GoFacts};
use crate::source::go::program::Program;

/// What bundlers call the folder that they make.
const MADE: [&str; 4] = ["dist", "build", "out", "www"];

/// Fills `reads_built`.
pub(super) fn fill(cx: &Context<'_>, program: &Program, root: &Utf8Path, facts: &mut GoFacts) {
    let folders = front_ends(cx, &facts.module_root);
    if folders.is_empty() {
        return;
    }
    for (_, file) in program.files() {
        for at in 0..file.len() {
            let Some(text) = file.string(at) else { continue };
            let Some(made) = made(&folders, root, &text) else { continue };
            let taken = facts.embeds_built.iter().chain(&facts.embeds).chain(&facts.reads_built);
            let known =
                taken.into_iter().any(|one| made.starts_with(&one.value) || one.value.starts_with(&made));
            if !known && cx.repo.list(&made).0.is_empty() {
                let because = Evidence::line(&file.path, file.line(at), format!("Served by {}", file.path));
                facts.reads_built.push(Found::new(made, because));
            }
        }
    }
}

/// Folders with a package.json below the module's.
fn front_ends(cx: &Context<'_>, module: &Utf8Path) -> BTreeSet<Utf8PathBuf> {
    let manifests = cx.repo.under(module).filter(|file| file.file_name() == Some("package.json"));
    let folders = manifests.filter_map(|file| file.parent()).filter(|folder| *folder != module);
    folders.map(Utf8Path::to_owned).collect()
}

/// The folder that a text names, where it is one that a front end's build makes.
fn made(folders: &BTreeSet<Utf8PathBuf>, root: &Utf8Path, text: &str) -> Option<Utf8PathBuf> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    if text.len() > 200 || text.starts_with('/') || !text.contains('/') || !text.bytes().all(plain) {
        return None;
    }
    let path = join_inside(root, text)?;
    let folder = path.ancestors().find(|folder| folders.contains(*folder))?;
    let first = path.strip_prefix(folder).ok()?.components().next()?.as_str().to_owned();
    MADE.contains(&first.as_str()).then(|| folder.join(first))
}
