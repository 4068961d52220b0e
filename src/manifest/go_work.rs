//! go.work: the modules of a workspace.

use camino::Utf8Path;

use super::go_mod::{Line, Replace, is_version, statements};
use crate::error::{Error, Result};

/// A go.work file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GoWork {
    /// The go line.
    pub go: Option<Line>,
    /// The toolchain line, without `go` in front.
    pub toolchain: Option<Line>,
    /// The folders of the modules, as they are written.
    pub uses: Vec<Line>,
    /// What it replaces.
    pub replaces: Vec<Replace>,
}

/// Reads a go.work file.
///
/// # Errors
/// A line that is none of go.work's, or an open block.
pub fn read(file: &Utf8Path, text: &str) -> Result<GoWork> {
    let mut found = GoWork::default();
    for statement in statements(file, text)? {
        let words: Vec<&str> = statement.words.iter().map(String::as_str).collect();
        let line = statement.line;
        let of = |value: &str| Line { value: value.to_owned(), line };
        match (statement.verb.as_str(), words.as_slice()) {
            ("go", [version]) if is_version(version) => found.go = Some(of(version)),
            ("toolchain", ["default"]) | ("godebug", _) => {}
            ("toolchain", [name]) => {
                found.toolchain = name.strip_prefix("go").filter(|version| is_version(version)).map(of);
            }
            ("use", [folder]) => found.uses.push(of(folder)),
            ("replace", [path, "=>", with, ..] | [path, _, "=>", with, ..]) => {
                found.replaces.push(Replace { path: (*path).to_owned(), with: (*with).to_owned(), line });
            }
            (verb, _) => {
                return Err(Error::broken(
                    file,
                    Some(line),
                    format!("the line of `{verb}` is not understood"),
                )
                .help("`go work edit -json` says what Go makes of it"));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_workspace() {
        let found = read("go.work".into(), "go 1.25\n\nuse (\n\t./api // x\n\t./worker\n)\nuse .\n").unwrap();
        assert_eq!(found.go.map(|go| go.value).as_deref(), Some("1.25"));
        let uses: Vec<_> = found.uses.iter().map(|one| (one.value.as_str(), one.line)).collect();
        assert_eq!(uses, [("./api", 4), ("./worker", 5), (".", 7)]);
    }

    #[test]
    fn says_where_it_breaks() {
        let error = read("go.work".into(), "go 1.25\nuses ./a\n").unwrap_err();
        assert_eq!(error.place, Some(("go.work".into(), Some(2))));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "((use|go|replace|toolchain|[()\"]|=>|\n| )){0,60}|\\PC{0,80}") {
            let _ = read("go.work".into(), &text);
        }
    }
}
