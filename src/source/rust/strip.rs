//! What a release build for Linux leaves out of a file: tests, other systems' code, features that are off.

use super::cfg::Build;
use super::file::{File, Span};

/// Whether each token stays.
pub(super) fn kept(file: &File, build: &Build) -> Vec<bool> {
    let mut kept = vec![true; file.len()];
    let mut at = 0;
    while at < file.len() {
        let Some((attribute, close)) = attribute(file, at) else {
            at += 1;
            continue;
        };
        let end = if is_out(file, &attribute, build) {
            item_end(file, close + 1).max(close + 1)
        } else if file.mark(attribute.start) == "cfg" {
            close + 1
        } else {
            at = close + 1;
            continue;
        };
        for gone in kept.iter_mut().take(end).skip(at) {
            *gone = false;
        }
        at = end;
    }
    kept
}

/// What stands in the brackets of an outer attribute, and its last token.
pub(super) fn attribute(file: &File, at: usize) -> Option<(Span, usize)> {
    if file.mark(at) != "#" || file.mark(at + 1) != "[" {
        return None;
    }
    let close = file.close(at + 1)?;
    Some((at + 2..close, close))
}

fn is_out(file: &File, attribute: &Span, build: &Build) -> bool {
    match file.mark(attribute.start) {
        "cfg" => file
            .close(attribute.start + 1)
            .is_some_and(|close| build.holds(&file.text_of(&(attribute.start + 2..close))) == Some(false)),
        "test" => attribute.len() == 1,
        "tokio" | "actix_web" | "actix_rt" | "rstest" | "async_std" | "sqlx" => {
            file.mark(attribute.start + 2) == "test"
        }
        _ => false,
    }
}

/// Items that end with their block, and those that end with a semicolon whatever they hold.
const WITH_BLOCK: [&str; 14] = [
    "fn",
    "struct",
    "enum",
    "impl",
    "mod",
    "trait",
    "union",
    "unsafe",
    "extern",
    "async",
    "macro_rules",
    "if",
    "for",
    "match",
];
const WITH_SEMICOLON: [&str; 5] = ["use", "let", "const", "static", "type"];

/// The token after the item, statement, field or argument that begins at one.
fn item_end(file: &File, mut at: usize) -> usize {
    while let Some((_, close)) = attribute(file, at) {
        at = close + 1;
    }
    let mut first = at;
    if file.mark(first) == "pub" {
        first += 1;
        if file.mark(first) == "(" {
            first = file.past(first);
        }
    }
    let word = file.mark(first);
    let constant = word == "const" && matches!(file.mark(first + 1), "fn" | "unsafe" | "async");
    let block = constant || WITH_BLOCK.contains(&word);
    let semicolon = !block && WITH_SEMICOLON.contains(&word);
    while at < file.len() {
        match file.mark(at) {
            ";" => return at + 1,
            "," if !block && !semicolon => return at + 1,
            "}" | ")" | "]" => return at,
            "{" if !semicolon => {
                let after = file.past(at);
                match file.mark(after) {
                    "else" => {
                        at = after + 1;
                        continue;
                    }
                    ";" | "," => return after + 1,
                    _ => return after,
                }
            }
            _ => {}
        }
        at = file.past(at);
    }
    at
}
