//! The head of a Go file: package, imports, constraint, embeds. All that is read of files that no program reaches.

use super::constraint;
use super::lex::{Directive, Kind, Lexer, Token, unquote};

/// What the head of a file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// The package's name.
    pub package: String,
    /// What it imports.
    pub imports: Vec<Import>,
    /// Its build constraint.
    pub constraint: Option<String>,
    /// The patterns of its `//go:embed` lines, each with the line.
    pub embeds: Vec<(String, u32)>,
    /// The line of `func main`; only looked for in package main.
    pub main: Option<u32>,
    /// That function does nothing: the file only holds directives.
    pub idle: bool,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The name that it goes by in the file: the one that it is given, or what its path tells.
    pub name: String,
    /// The path.
    pub path: String,
    /// Its line.
    pub line: u32,
}

impl Import {
    fn new(given: Option<String>, path: String, line: u32) -> Self {
        Self { name: given.unwrap_or_else(|| package_name(&path).to_owned()), path, line }
    }
}

/// The likely package name of an import path.
#[must_use]
pub fn package_name(path: &str) -> &str {
    let mut parts = path.rsplit('/');
    let last = parts.next().unwrap_or(path);
    let last = if is_major(last) { parts.next().unwrap_or(last) } else { last };
    let last = last.split_once(".v").map_or(last, |(name, _)| name);
    let last = last.strip_prefix("go-").unwrap_or(last);
    last.strip_suffix("-go").or_else(|| last.strip_suffix(".go")).unwrap_or(last)
}

/// Whether the last element of a module path is its major version.
#[must_use]
pub fn is_major(part: &str) -> bool {
    part.strip_prefix('v')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// Reads the head of a file; of package main and of files with embeds, also what follows.
#[must_use]
pub fn read(text: &str) -> Header {
    let mut lexer = Lexer::new(text);
    let mut header = Header::default();
    let mut held = preamble(text, &mut lexer, &mut header);
    header.constraint = constraint_of(&lexer.directives);
    let mut before = [""; 2];
    if header.package == "main" || memchr::memmem::find(text.as_bytes(), b"//go:embed").is_some() {
        while let Some(token) = held.take().or_else(|| lexer.next()) {
            let word = text.get(token.range.clone()).unwrap_or("");
            if header.package == "main" && word == "(" && before == ["func", "main"] {
                header.main.get_or_insert(token.line);
            }
            header.idle |= word == "}" && before == [")", "{"] && header.main == Some(token.line);
            before = [before[1], word];
        }
        header.embeds = lexer.directives.iter().flat_map(embed).collect();
    }
    header
}

/// Reads package and imports; gives back the token that was one too many.
fn preamble(text: &str, lexer: &mut Lexer<'_>, header: &mut Header) -> Option<Token> {
    let mut grouped = false;
    let mut importing = false;
    let mut name = None;
    let mut package_next = false;
    for token in lexer {
        let word = text.get(token.range.clone()).unwrap_or("");
        match (token.kind, word) {
            (Kind::End, _) => importing &= grouped,
            (Kind::Word, "package") if header.package.is_empty() => package_next = true,
            (Kind::Word, _) if package_next => {
                word.clone_into(&mut header.package);
                package_next = false;
            }
            (Kind::Word, "import") if !importing => importing = true,
            (Kind::Mark, "(") if importing => grouped = true,
            (Kind::Mark, ")") if grouped => (grouped, importing) = (false, false),
            (Kind::Word, _) | (Kind::Mark, ".") if importing => name = Some(word.to_owned()),
            (Kind::Text, _) if importing => {
                header.imports.push(Import::new(name.take(), unquote(word), token.line));
            }
            _ => return Some(token),
        }
    }
    None
}

fn constraint_of(directives: &[Directive]) -> Option<String> {
    if let Some(build) = directives.iter().find_map(|directive| directive.text.strip_prefix("go:build ")) {
        return Some(build.trim().to_owned());
    }
    let old: Vec<String> = directives
        .iter()
        .filter_map(|directive| directive.text.strip_prefix("+build "))
        .map(|line| format!("({})", constraint::from_plus_build(line)))
        .collect();
    (!old.is_empty()).then(|| old.join(" && "))
}

fn embed(directive: &Directive) -> Vec<(String, u32)> {
    let Some(patterns) = directive.text.strip_prefix("go:embed ") else { return Vec::new() };
    let quoted = patterns.contains(['"', '`']);
    let names: Vec<String> = if quoted {
        Lexer::new(patterns)
            .filter(|token| token.kind == Kind::Text)
            .filter_map(|token| patterns.get(token.range.clone()).map(unquote))
            .collect()
    } else {
        patterns.split_whitespace().map(str::to_owned).collect()
    };
    let bare = |name: String| name.strip_prefix("all:").map_or(name.clone(), str::to_owned);
    names.into_iter().map(|name| (bare(name), directive.line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_package_imports_and_main() {
        let text = "// Package main\n//go:build linux && cgo\n\npackage main\n\nimport \"C\"\nimport (\n\t_ \"embed\"\n\tgrpc2 \"a.b/grpc\" // x\n)\n\n//go:embed all:build/* \"a b\"\nvar f embed.FS\nfunc main() {}\n";
        let header = read(text);
        assert_eq!(header.package, "main");
        assert_eq!(header.constraint.as_deref(), Some("linux && cgo"));
        let paths: Vec<_> = header.imports.iter().map(|import| (import.name.as_str(), import.line)).collect();
        assert_eq!(paths, [("C", 6), ("_", 8), ("grpc2", 9)]);
        assert_eq!((header.main, header.idle), (Some(14), true));
    }

    #[test]
    fn reads_embeds_outside_main_and_not_in_strings() {
        let header = read(
            "package ui\nvar s = `\n//go:embed no\n`\n//go:embed all:dist static/*.css\nvar f embed.FS\n",
        );
        assert_eq!(header.embeds, [("dist".to_owned(), 5), ("static/*.css".to_owned(), 5)]);
        assert_eq!(header.main, None);
    }

    #[test]
    fn a_method_or_a_string_is_no_main() {
        assert_eq!(read("package main\nfunc (t T) main() {}\nvar s = \"func main() {}\"").main, None);
    }

    #[test]
    fn names_packages_by_their_path() {
        for (path, name) in [
            ("github.com/gofiber/fiber/v2", "fiber"),
            ("gopkg.in/yaml.v3", "yaml"),
            ("net/http", "http"),
            ("github.com/mattn/go-sqlite3", "sqlite3"),
        ] {
            assert_eq!(package_name(path), name);
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(package|import|func|main|//go:embed|[\"(){};\n `']| ){0,60}|\\PC{0,80}") {
            let _ = read(&text);
        }
    }
}
