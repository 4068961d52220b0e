//! Reads a .dockerignore as BuildKit does: which files of the build context reach the builder.

use camino::{Utf8Path, Utf8PathBuf};

use super::dockerfile::ParseError;

pub(crate) mod glob;

use glob::Glob;

/// The patterns of a .dockerignore in order.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    patterns: Vec<Pattern>,
}

#[derive(Debug, Clone)]
struct Pattern {
    again: bool,
    glob: Glob,
}

impl Patterns {
    /// Reads the lines.
    ///
    /// # Errors
    /// A pattern that Docker refuses: a lone `!`, a class that is not closed, a trailing backslash.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut patterns = Vec::new();
        for (line, number) in text.lines().zip(1..) {
            if let Some(pattern) = pattern(line).map_err(|message| ParseError::new(number, message))? {
                patterns.push(pattern);
            }
        }
        Ok(Self { patterns })
    }

    /// Whether a file or folder, relative to the build context, is kept from the builder.
    #[must_use]
    pub fn excludes(&self, path: &Utf8Path) -> bool {
        let Some(folder) = path.parent() else { return false };
        let mut within = self.within(folder);
        self.step(path, &mut within)
    }

    /// Of some files, those that reach the builder; asks about each folder once where the files are sorted.
    pub fn sent<'a>(
        &self,
        files: impl IntoIterator<Item = &'a Utf8PathBuf>,
    ) -> impl Iterator<Item = &'a Utf8PathBuf> {
        let mut folder: Option<(&Utf8Path, Vec<bool>)> = None;
        files.into_iter().filter(move |file| {
            let parent = file.parent().unwrap_or(Utf8Path::new(""));
            let (_, within) = match &folder {
                Some(known) if known.0.as_str() == parent.as_str() => known,
                _ => folder.insert((parent, self.within(parent))),
            };
            !self.step(file, &mut within.clone())
        })
    }

    /// The patterns that take a folder.
    fn within(&self, folder: &Utf8Path) -> Vec<bool> {
        let mut within = vec![false; self.patterns.len()];
        let mut folders: Vec<_> = folder.ancestors().filter(|path| !path.as_str().is_empty()).collect();
        folders.reverse();
        for folder in folders {
            self.step(folder, &mut within);
        }
        within
    }

    /// One level down: a pattern that took the parent folder takes what is in it; one that could change nothing is not asked.
    fn step(&self, path: &Utf8Path, within: &mut [bool]) -> bool {
        let mut excluded = false;
        for (pattern, within) in self.patterns.iter().zip(within) {
            if !*within && pattern.again == excluded {
                *within = pattern.glob.matches(path.as_str());
            }
            if *within {
                excluded = !pattern.again;
            }
        }
        excluded
    }
}

fn pattern(line: &str) -> Result<Option<Pattern>, String> {
    if line.starts_with('#') || line.trim().is_empty() {
        return Ok(None);
    }
    let line = line.trim();
    let (again, path) = line.strip_prefix('!').map_or((false, line), |path| (true, path.trim()));
    if path.is_empty() {
        return Err("`!` without a pattern".to_owned());
    }
    let path = clean(path);
    let glob = Glob::ignore(&path).ok_or_else(|| format!("`{path}` is not a pattern"))?;
    Ok(Some(Pattern { again, glob }))
}

/// The shortest path that means the same, without a slash in front: Go's `filepath.Clean`.
pub(crate) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match parts.as_slice() {
        [] if rooted => "/".to_owned(),
        [] => ".".to_owned(),
        parts => parts.join("/"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn excluded<'a>(ignore: &str, files: &[&'a str]) -> Vec<&'a str> {
        let patterns = Patterns::parse(ignore).unwrap();
        files.iter().copied().filter(|file| patterns.excludes(Utf8Path::new(file))).collect()
    }

    #[test]
    fn patterns_are_anchored_at_the_context() {
        let files = ["node_modules/a/b", "ui/node_modules/a", "dist", "ui/dist"];
        assert_eq!(excluded("node_modules\n/dist/\n", &files), ["node_modules/a/b", "dist"]);
        assert_eq!(excluded("**/node_modules\n./dist\n", &files), files[..3]);
    }

    #[test]
    fn two_stars_take_any_depth() {
        let files =
            ["a_test.go", "x/y/a_test.go", "x/a.go", "x/.env", ".env", ".env.local", "docs/x/y.md", "x.env"];
        assert_eq!(excluded("**/*_test.go", &files), ["a_test.go", "x/y/a_test.go"]);
        assert_eq!(excluded("**/.env", &files), ["x/.env", ".env"]);
        assert_eq!(excluded("**/.env.*.local\n**/.env.local", &files), [".env.local"]);
        assert_eq!(excluded("docs/**/y.md", &files), ["docs/x/y.md"]);
        assert_eq!(excluded("docs/**", &files), ["docs/x/y.md"]);
        assert_eq!(excluded("**", &files), files);
    }

    #[test]
    fn a_star_stays_within_a_folder() {
        assert_eq!(excluded("*.md", &["README.md", "docs/a.md"]), ["README.md"]);
        assert_eq!(excluded("*/temp?", &["a/temp1", "a/b/temp1", "a/temp", "temp1"]), ["a/temp1"]);
        assert_eq!(excluded("docs", &["docs/a.md", "docs2/a.md"]), ["docs/a.md"]);
    }

    #[test]
    fn the_last_match_wins() {
        let files = ["README.md", "a.md", "docs/a.txt", "docs/keep/b.txt"];
        assert_eq!(excluded("*.md\n!README.md", &files), ["a.md"]);
        assert_eq!(excluded("!README.md\n*.md", &files), ["README.md", "a.md"]);
        assert_eq!(excluded("docs\n!docs/keep", &files), ["docs/a.txt"]);
        assert_eq!(excluded("*\n! a.md\n", &files), ["README.md", "docs/a.txt", "docs/keep/b.txt"]);
    }

    #[test]
    fn comments_stand_in_the_first_column() {
        assert_eq!(excluded("# a\n  #b\n\n", &["# a", "#b", "a"]), ["#b"]);
        assert_eq!(excluded("\u{feff}a\r\n", &["a"]), ["a"]);
    }

    #[test]
    fn classes_and_escapes() {
        assert_eq!(excluded("[a-c].txt\n[^a-x]x", &["a.txt", "d.txt", "yx", "ax"]), ["a.txt", "yx"]);
        assert_eq!(excluded(r"a\*b", &["a*b", "axb"]), ["a*b"]);
        assert_eq!(excluded("a.b", &["a.b", "axb"]), ["a.b"]);
        for refused in ["!", "a[", "[]a]", "[a-]", "b\\"] {
            assert_eq!(Patterns::parse(&format!("x\n{refused}\n")).unwrap_err().line, 2, "{refused}");
        }
    }

    #[test]
    fn paths_are_cleaned() {
        assert_eq!(clean("/a//b/../c/"), "a/c");
        assert_eq!((clean("./"), clean("/"), clean("../a")), (".".into(), "/".into(), "../a".into()));
    }

    proptest! {
        #[test]
        fn never_panics(ignore in r"([!*?a/.\[\]^\\-]{0,12}\n){0,6}", path in "[a*/.-]{0,20}") {
            if let Ok(patterns) = Patterns::parse(&ignore) {
                let _ = patterns.excludes(Utf8Path::new(&path));
            }
        }
    }
}
