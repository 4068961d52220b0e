//! go.mod: what a module is called, what it is built with, and what it requires.

use camino::Utf8Path;

use crate::error::{Error, Result};

/// A go.mod file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GoMod {
    /// The module's path.
    pub module: String,
    /// The go line.
    pub go: Option<Line>,
    /// The toolchain line, without `go` in front; `default` is none.
    pub toolchain: Option<Line>,
    /// What it requires.
    pub requires: Vec<Require>,
    /// What it replaces.
    pub replaces: Vec<Replace>,
    /// The tool lines.
    pub tools: Vec<String>,
}

/// A value and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The value.
    pub value: String,
    /// The line, counted from 1.
    pub line: u32,
}

/// A required module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Require {
    /// Its path.
    pub path: String,
    /// Its version.
    pub version: String,
    /// Another module requires it.
    pub indirect: bool,
    /// The line, counted from 1.
    pub line: u32,
}

/// A replaced module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replace {
    /// The path of what is replaced.
    pub path: String,
    /// What replaces it: a module's path, or a folder that starts with `.` or `/`.
    pub with: String,
    /// The line, counted from 1.
    pub line: u32,
}

impl Replace {
    /// Whether a folder of the machine replaces the module.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.with.starts_with("./")
            || self.with.starts_with("../")
            || self.with.starts_with('/')
            || matches!(self.with.as_str(), "." | "..")
    }
}

/// Reads a go.mod file.
///
/// # Errors
/// A line that is none of go.mod's, an open block, or no module line.
pub fn read(file: &Utf8Path, text: &str) -> Result<GoMod> {
    let mut found = GoMod::default();
    for statement in statements(file, text)? {
        apply(file, &mut found, &statement)?;
    }
    if found.module.is_empty() {
        return Err(Error::broken(file, None, "has no module line").help("`go mod init PATH` writes one"));
    }
    Ok(found)
}

/// A line of go.mod or go.work, a block's verb put in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    /// `require`, `use`.
    pub(super) verb: String,
    /// The words behind it.
    pub(super) words: Vec<String>,
    /// The comment at its end.
    pub(super) comment: String,
    /// The line, counted from 1.
    pub(super) line: u32,
}

/// The statements of the syntax that go.mod and go.work share.
pub(super) fn statements(file: &Utf8Path, text: &str) -> Result<Vec<Statement>> {
    let mut found = Vec::new();
    let mut block: Option<(String, u32)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let (code, comment) = split_comment(line);
        let mut words = words(code).ok_or_else(|| {
            Error::broken(file, Some(number), "a string is not closed")
                .help("close it with the quote that opens it")
        })?;
        let comment = comment.trim().to_owned();
        match (&block, words.as_slice()) {
            (_, []) => {}
            (Some(_), [close]) if close == ")" => block = None,
            (Some((verb, _)), _) => {
                found.push(Statement { verb: verb.clone(), words, comment, line: number });
            }
            (None, [verb, open]) if open == "(" => block = Some((verb.clone(), number)),
            (None, [verb, open, close]) if open == "(" && close == ")" => drop(verb.clone()),
            (None, _) => {
                let verb = words.remove(0);
                found.push(Statement { verb, words, comment, line: number });
            }
        }
    }
    match block {
        Some((verb, line)) => {
            Err(Error::broken(file, Some(line), format!("the block of `{verb}` is not closed"))
                .help("end it with a line `)`"))
        }
        None => Ok(found),
    }
}

fn split_comment(line: &str) -> (&str, &str) {
    // `//` inside of a word belongs to a path in no valid file, so the first one starts the comment.
    line.split_once("//").unwrap_or((line, ""))
}

fn words(code: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = code.trim();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' | '`' => rest.get(1..)?.find(first)? + 2,
            '(' | ')' | ',' => 1,
            _ => rest
                .find(|letter: char| letter.is_whitespace() || "(),".contains(letter))
                .unwrap_or(rest.len()),
        };
        words.push(rest.get(..end)?.trim_matches(['"', '`']).to_owned());
        rest = rest.get(end..)?.trim_start();
    }
    Some(words)
}

fn apply(file: &Utf8Path, found: &mut GoMod, statement: &Statement) -> Result<()> {
    let words: Vec<&str> = statement.words.iter().map(String::as_str).collect();
    let line = statement.line;
    match (statement.verb.as_str(), words.as_slice()) {
        ("module", [path]) => (*path).clone_into(&mut found.module),
        ("go", [version]) if is_version(version) => {
            found.go = Some(Line { value: (*version).to_owned(), line });
        }
        ("toolchain", ["default"]) | ("exclude" | "retract" | "godebug" | "ignore", _) => {}
        ("toolchain", [name]) => {
            let Some(version) = name.strip_prefix("go").filter(|version| is_version(version)) else {
                return Err(Error::broken(file, Some(line), format!("`{name}` is no toolchain"))
                    .help("a toolchain line reads `toolchain go1.N.P`"));
            };
            let version = version.split('-').next().unwrap_or(version);
            found.toolchain = Some(Line { value: version.to_owned(), line });
        }
        ("require", [path, version]) => found.requires.push(Require {
            path: (*path).to_owned(),
            version: (*version).to_owned(),
            indirect: statement.comment.starts_with("indirect"),
            line,
        }),
        ("replace", [path, "=>", with, ..] | [path, _, "=>", with, ..]) => {
            found.replaces.push(Replace { path: (*path).to_owned(), with: (*with).to_owned(), line });
        }
        ("tool", [path]) => found.tools.push((*path).to_owned()),
        (verb @ ("module" | "go" | "toolchain" | "require" | "replace" | "tool"), _) => {
            return Err(Error::broken(file, Some(line), format!("the {verb} line is not understood"))
                .help("`go mod edit -json` says what Go makes of it"));
        }
        (verb, _) => {
            return Err(Error::broken(file, Some(line), format!("`{verb}` is no word of go.mod"))
                .help("`go mod edit -json` says what Go makes of it"));
        }
    }
    Ok(())
}

/// `1.21`, `1.26.0`, `1.23rc1`.
#[must_use]
pub fn is_version(text: &str) -> bool {
    let mut parts = text.split('.');
    let number =
        |part: Option<&str>| part.is_some_and(|part| part.starts_with(|first: char| first.is_ascii_digit()));
    number(parts.next())
        && parts.all(|part| {
            number(Some(part)) && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<GoMod> {
        read("go.mod".into(), text)
    }

    #[test]
    fn reads_a_module() {
        let text = "// doc\nmodule \"example.com/app/v2\" // x\n\ngo 1.25.0\ntoolchain go1.26.1\n\nrequire (\n\tgithub.com/a/b v1.2.3\n\tgithub.com/mattn/go-sqlite3 v1.14.0 // indirect; x\n)\nrequire x.y/z v0.1.0\nreplace github.com/a/b v1.2.3 => ../b\nreplace c.d/e => github.com/f/g v1.0.0\nexclude x.y/z v0.0.1\ntool golang.org/x/tools/cmd/stringer\nretract [v1.0.0, v1.1.0]\n";
        let found = parse(text).unwrap();
        assert_eq!(found.module, "example.com/app/v2");
        assert_eq!(found.go, Some(Line { value: "1.25.0".to_owned(), line: 4 }));
        assert_eq!(found.toolchain, Some(Line { value: "1.26.1".to_owned(), line: 5 }));
        let requires: Vec<_> =
            found.requires.iter().map(|one| (one.path.as_str(), one.indirect, one.line)).collect();
        assert_eq!(
            requires,
            [("github.com/a/b", false, 8), ("github.com/mattn/go-sqlite3", true, 9), ("x.y/z", false, 11)]
        );
        assert_eq!(found.replaces.iter().map(Replace::is_local).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn says_where_it_breaks() {
        for (text, line) in [
            ("module a\nrequire (\n\tb v1\n", Some(2)),
            ("module a\n<<<<<<< HEAD\n", Some(2)),
            ("module a\ngo one\n", Some(2)),
            ("module a\nrequire b\n", Some(2)),
            ("module \"a\n", Some(1)),
            ("go 1.20\n", None),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.place, Some(("go.mod".into(), line)), "{text}");
            assert!(!error.help.is_empty());
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "((module|go|require|replace|toolchain|=>|[()\"`,]|//|1.2|é|\n| )){0,60}|\\PC{0,80}") {
            let _ = parse(&text);
        }
    }
}
