//! Which files `go build` takes for Linux: `//go:build` lines and the endings of file names.

use super::lex::{Kind, Lexer};

/// Operating systems that a file's ending can name.
const SYSTEMS: [&str; 18] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];
/// Architectures that a file's ending can name.
const ARCHITECTURES: [&str; 16] = [
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le",
    "riscv64", "s390x", "sparc64", "wasm", "riscv",
];
/// No real constraint nests deeper.
const DEEPEST: usize = 64;

/// Whether the name of a file lets it into a build for Linux.
#[must_use]
pub fn name_allows(name: &str) -> bool {
    if name.starts_with(['_', '.']) || name.ends_with("_test.go") {
        return false;
    }
    let stem = name.strip_suffix(".go").unwrap_or(name);
    let mut parts = stem.split('_').skip(1).collect::<Vec<_>>();
    let Some(last) = parts.pop() else { return true };
    if ARCHITECTURES.contains(&last) {
        let system = parts.pop().filter(|system| SYSTEMS.contains(system));
        return last == "amd64" && system.is_none_or(|system| system == "linux");
    }
    !SYSTEMS.contains(&last) || last == "linux"
}

/// Whether a `//go:build` expression holds for Linux with these tags, with cgo or without.
#[must_use]
pub fn allows(expression: &str, tags: &[String]) -> bool {
    [false, true].into_iter().any(|cgo| holds(expression, tags, cgo))
}

/// Whether a `//go:build` expression holds for Linux with these tags and cgo as given.
#[must_use]
pub fn holds(expression: &str, tags: &[String], cgo: bool) -> bool {
    let words = Lexer::new(expression)
        .filter(|token| token.kind != Kind::End)
        .filter_map(|token| expression.get(token.range.clone()))
        .collect();
    Reader { words, at: 0, tags, cgo }.either(0)
}

/// A `// +build` line as an expression of the newer form.
#[must_use]
pub fn from_plus_build(line: &str) -> String {
    let options = line.split_whitespace().map(|option| format!("({})", option.replace(',', " && ")));
    options.collect::<Vec<_>>().join(" || ")
}

struct Reader<'a> {
    words: Vec<&'a str>,
    at: usize,
    tags: &'a [String],
    cgo: bool,
}

impl<'a> Reader<'a> {
    fn take(&mut self, word: &str) -> bool {
        let here = self.words.get(self.at) == Some(&word);
        self.at += usize::from(here);
        here
    }

    fn either(&mut self, depth: usize) -> bool {
        let mut value = self.both(depth);
        while self.take("||") {
            value |= self.both(depth);
        }
        value
    }

    fn both(&mut self, depth: usize) -> bool {
        let mut value = self.one(depth);
        while self.take("&&") {
            value &= self.one(depth);
        }
        value
    }

    fn one(&mut self, depth: usize) -> bool {
        if depth > DEEPEST {
            self.at = self.words.len();
            return true;
        }
        if self.take("!") {
            return !self.one(depth + 1);
        }
        if self.take("(") {
            let value = self.either(depth + 1);
            self.take(")");
            return value;
        }
        let word = self.words.get(self.at).copied();
        self.at += 1;
        word.is_some_and(|word| self.tag(word))
    }

    fn tag(&self, word: &'a str) -> bool {
        matches!(word, "linux" | "unix" | "amd64" | "gc")
            || word == "cgo" && self.cgo
            || word.starts_with("go1")
            || self.tags.iter().any(|tag| tag == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_endings_of_names() {
        for name in ["main.go", "linux.go", "signal_posix.go", "a_linux.go", "a_linux_amd64.go", "a_amd64.go"]
        {
            assert!(name_allows(name), "{name}");
        }
        for name in ["a_test.go", "_x.go", "a_windows.go", "a_darwin_amd64.go", "a_linux_arm64.go"] {
            assert!(!name_allows(name), "{name}");
        }
    }

    #[test]
    fn evaluates_expressions() {
        for yes in
            ["linux", "!windows", "cgo", "!cgo", "go1.21 && (linux || darwin)", "unix && !(js || wasm)"]
        {
            assert!(allows(yes, &[]), "{yes}");
        }
        for no in ["ignore", "tools", "windows || darwin", "!linux", "linux && ignore"] {
            assert!(!allows(no, &[]), "{no}");
        }
        assert!(allows("prod && linux", &["prod".to_owned()]));
        assert!(!holds("cgo", &[], false));
        assert!(allows(&from_plus_build("linux,cgo darwin"), &[]));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[()!&| a-z]{0,200}|\\PC{0,60}") {
            let _ = (allows(&text, &[]), name_allows(&text));
        }
    }
}
