//! The sources of `COPY`: whether each is there and reaches the builder.

use camino::{Utf8Path, Utf8PathBuf};

use super::{Findings, Stage};
use crate::emit::dockerfile::Instruction;
use crate::emit::dockerignore::glob::Glob;
use crate::emit::dockerignore::{Patterns, clean};

/// The files of a build context, and what says which of them reach the builder.
pub(super) struct Context<'a> {
    pub(super) ignore: &'a Patterns,
    pub(super) files: &'a [Utf8PathBuf],
}

impl Context<'_> {
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
        let wanted = Wanted::of(&path);
        let mut there =
            self.files.iter().filter(|file| wanted.as_ref().is_some_and(|it| it.takes(file))).peekable();
        if path.starts_with("..") {
            findings.add(line, format!("`{source}` lies outside of the build context"));
        } else if there.peek().is_none() {
            findings.add(line, format!("`{source}` is not in the build context"));
        } else if self.ignore.sent(there).next().is_none() {
            findings.add(line, format!("`{source}` is excluded by the .dockerignore"));
        }
    }
}

/// A here-document, or what `ADD` fetches.
fn is_elsewhere(copy: &Instruction, source: &str) -> bool {
    source.starts_with("<<") && !copy.heredocs.is_empty()
        || copy.keyword == "ADD" && (source.contains("://") || source.starts_with("git@"))
}

/// What a source takes.
enum Wanted<'a> {
    All,
    /// A file, or a folder with what is in it.
    Path(&'a str),
    Pattern(Glob),
    /// A name with a backslash in it, which BuildKit asks for as a pattern and copies by name.
    Escaped(&'a str, Glob),
}

impl<'a> Wanted<'a> {
    fn of(source: &'a str) -> Option<Self> {
        if source == "." {
            return Some(Self::All);
        }
        let pattern = Glob::path(source)?;
        Some(match (has_wildcards(source), source.contains('\\')) {
            (true, _) => Self::Pattern(pattern),
            (false, true) => Self::Escaped(source, pattern),
            (false, false) => Self::Path(source),
        })
    }

    /// Whether it takes a file, by its name or by that of a folder around it.
    fn takes(&self, file: &Utf8Path) -> bool {
        let around = |takes: &dyn Fn(&str) -> bool| {
            file.ancestors().map(Utf8Path::as_str).any(|path| !path.is_empty() && takes(path))
        };
        match self {
            Self::All => true,
            Self::Path(path) => {
                file.as_str().strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            Self::Pattern(pattern) => around(&|path| pattern.matches(path)),
            Self::Escaped(source, pattern) => around(&|path| path == *source && pattern.matches(path)),
        }
    }
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
