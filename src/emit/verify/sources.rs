//! The sources of `COPY`: whether each is there and reaches the builder.

use std::collections::HashSet;

use camino::Utf8PathBuf;

use super::{Findings, Stage};
use crate::emit::dockerfile::Instruction;
use crate::emit::dockerignore::glob::Glob;
use crate::emit::dockerignore::{Patterns, clean};

/// The files of a build context, and those of them that reach the builder, each with its folders.
pub(super) struct Context<'a> {
    there: HashSet<&'a str>,
    sent: HashSet<&'a str>,
}

impl<'a> Context<'a> {
    pub(super) fn new(ignore: &Patterns, files: &'a [Utf8PathBuf]) -> Self {
        Self { there: with_folders(files.iter()), sent: with_folders(ignore.sent(files)) }
    }

    pub(super) fn check(&self, stage: &Stage, findings: &mut Findings) {
        for copy in stage.instructions.iter().filter(|it| ["COPY", "ADD"].contains(&it.keyword.as_str())) {
            let operands = findings.plain(copy);
            let Some((target, sources)) = operands.split_last() else { continue };
            if sources.len() > 1 && !target.text.ends_with('/') {
                findings
                    .add(copy.line, format!("several sources, and `{}` does not end in `/`", target.text));
            }
            if copy.flag("from").is_some() {
                continue;
            }
            for source in sources.iter().filter(|source| source.variables.is_empty()) {
                if !is_elsewhere(copy, &source.text) {
                    self.source(copy.line, &source.text, findings);
                }
            }
        }
    }

    fn source(&self, line: u32, source: &str, findings: &mut Findings) {
        let path = clean(source.trim_start_matches('/'));
        if path.starts_with("..") {
            findings.add(line, format!("`{source}` lies outside of the build context"));
        } else if !any(&self.there, &path) {
            findings.add(line, format!("`{source}` is not in the build context"));
        } else if !any(&self.sent, &path) {
            findings.add(line, format!("`{source}` is excluded by the .dockerignore"));
        }
    }
}

/// Paths, and every folder around one of them.
fn with_folders<'a>(files: impl Iterator<Item = &'a Utf8PathBuf>) -> HashSet<&'a str> {
    let mut all = HashSet::new();
    for file in files {
        for path in file.ancestors() {
            if !all.insert(path.as_str()) {
                break;
            }
        }
    }
    all
}

/// A here-document, or what `ADD` fetches.
fn is_elsewhere(copy: &Instruction, source: &str) -> bool {
    source.starts_with("<<") && !copy.heredocs.is_empty()
        || copy.keyword == "ADD" && (source.contains("://") || source.starts_with("git@"))
}

fn any(paths: &HashSet<&str>, source: &str) -> bool {
    if source == "." {
        return !paths.is_empty();
    }
    // BuildKit asks the context for what matches as a pattern, and then copies what matches as a pattern or, without wildcards, by name.
    let Some(pattern) = Glob::path(source) else { return false };
    if !has_wildcards(source) && !source.contains('\\') {
        return paths.contains(source);
    }
    paths.iter().any(|path| pattern.matches(path) && (has_wildcards(source) || *path == source))
}

fn has_wildcards(source: &str) -> bool {
    let mut letters = source.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}
