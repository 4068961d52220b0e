//! Files that the program loads and that the repository holds only an example of: git ignores what people make of it.

use camino::{Utf8Path, Utf8PathBuf};

use super::code::Reached;
use super::tsc;
use super::work::note;
use crate::detect::Context;
use crate::facts::{Evidence, Note};

/// What the name of an example has that the file's own has not.
const MARKS: [&str; 12] = [
    ".example",
    ".sample",
    ".template",
    ".dist",
    ".default",
    "-example",
    "-sample",
    "_example",
    "_sample",
    "example.",
    "sample.",
    "template.",
];

/// A note for each such file.
pub(super) fn notes(cx: &Context, reached: &Reached) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    // Variables belong to where the image runs.
    let kept = |path: &Utf8Path| !path.file_name().is_some_and(|name| name.starts_with(".env"));
    for (path, because) in reached.absent(cx).into_iter().filter(|(path, _)| kept(path)) {
        let Some((file, example)) = example(cx, &path) else { continue };
        let text = format!(
            "`{file}` is not in the repository, `{example}` is: make the one of the other before the image is built"
        );
        if notes.iter().all(|note| note.text != text) {
            notes.push(note("only-an-example", text, because));
        }
    }
    notes
}

/// The file that a path stands for and the example of it beside its place.
fn example(cx: &Context, path: &Utf8Path) -> Option<(Utf8PathBuf, Utf8PathBuf)> {
    let folder = path.parent().unwrap_or(Utf8Path::new(""));
    let wanted = tsc::candidates(path);
    let (files, _) = cx.repo.list(folder);
    files.iter().find_map(|name| {
        let mut bare =
            MARKS.iter().filter(|mark| name.contains(**mark)).map(|mark| name.replacen(mark, "", 1));
        let file = bare.find_map(|bare| wanted.iter().find(|path| **path == folder.join(&bare)))?;
        Some((file.clone(), folder.join(name)))
    })
}

/// Evidence of a place that loads a file.
pub(super) fn loads(file: &Utf8Path, line: u32) -> Evidence {
    Evidence::line(file, line, format!("loaded by {file}"))
}
