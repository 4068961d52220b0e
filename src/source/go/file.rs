//! A Go file as tokens with their brackets paired: what the readers of bodies walk over.

use std::ops::Range;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::header::{self, Header};
use super::lex::{Kind, unquote};
use super::tokens::Tokens;

/// No real statement has more tokens outside of brackets; what never closes one would make each a walk to the end.
const LONGEST_STATEMENT: usize = 4096;

/// A stretch of a file's tokens.
pub type Span = Range<usize>;

/// A file that the program reaches.
#[derive(Debug)]
pub struct File {
    /// Its path, relative to the repository.
    pub path: Utf8PathBuf,
    /// Its head.
    pub header: Header,
    /// Its functions, in order.
    pub functions: Vec<Function>,
    tokens: Tokens,
    /// The tokens that are the names of calls.
    called: Vec<usize>,
}

/// A function with a body.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// It has a receiver.
    pub method: bool,
    /// From the receiver or name to the body.
    pub signature: Span,
    /// Between its braces.
    pub body: Span,
}

/// A call.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    /// The function's name.
    pub name: &'a str,
    /// What stands before the dot: a package, a variable, a field.
    pub base: &'a str,
    /// The token of the name.
    pub at: usize,
    /// The arguments.
    pub args: Vec<Span>,
    /// The token of the closing bracket.
    pub close: usize,
}

impl File {
    /// Reads a whole file.
    #[must_use]
    pub fn read(path: &Utf8Path, text: &Arc<str>) -> Self {
        Self::read_on(path, text, header::read(text))
    }

    /// Reads a whole file whose head is known.
    #[must_use]
    pub fn read_on(path: &Utf8Path, text: &Arc<str>, header: Header) -> Self {
        let tokens = Tokens::read(text);
        let mut file =
            Self { path: path.to_owned(), header, functions: Vec::new(), called: Vec::new(), tokens };
        file.functions = file.find_functions();
        file.called = file.find_calls();
        file
    }

    /// Whether its text holds any of some words, wherever they stand.
    #[must_use]
    pub fn holds(&self, words: &[memchr::memmem::Finder<'_>]) -> bool {
        words.iter().any(|word| word.find(self.tokens.text().as_bytes()).is_some())
    }

    /// How many tokens it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A token's text; empty past the end.
    #[must_use]
    pub fn word(&self, at: usize) -> &str {
        self.tokens.word(at)
    }

    /// A token's text, counted backwards.
    #[must_use]
    pub fn before(&self, at: usize, by: usize) -> &str {
        at.checked_sub(by).map_or("", |at| self.word(at))
    }

    /// The first byte of a token; 0 past the end, and of a line's end that ends a statement.
    #[must_use]
    pub fn first(&self, at: usize) -> u8 {
        self.tokens.first(at)
    }

    /// A token's kind.
    #[must_use]
    pub fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.kind(at)
    }

    /// A token's line.
    #[must_use]
    pub fn line(&self, at: usize) -> u32 {
        self.tokens.line(at)
    }

    /// Whether a token is a name or keyword.
    #[must_use]
    pub fn is_word(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Word)
    }

    /// The bracket that closes one.
    #[must_use]
    pub fn close(&self, at: usize) -> Option<usize> {
        self.tokens.close(at)
    }

    /// The value of a string token.
    #[must_use]
    pub fn string(&self, at: usize) -> Option<String> {
        (self.kind(at) == Some(Kind::Text)).then(|| unquote(self.word(at)))
    }

    /// The value of a stretch that is one string.
    #[must_use]
    pub fn only_string(&self, span: &Span) -> Option<String> {
        (span.len() == 1).then(|| self.string(span.start)).flatten()
    }

    /// The path of the import that goes by a name.
    #[must_use]
    pub fn import(&self, name: &str) -> Option<&str> {
        self.header.imports.iter().find(|import| import.name == name).map(|import| import.path.as_str())
    }

    /// The parts of a stretch between marks that stand in no bracket.
    #[must_use]
    pub fn split(&self, span: Span, mark: &str) -> Vec<Span> {
        let mut parts = Vec::new();
        let (mut from, mut at) = (span.start, span.start);
        while at < span.end {
            if self.word(at) == mark {
                parts.push(from..at);
                from = at + 1;
            }
            at = self.close(at).unwrap_or(at) + 1;
        }
        if from < span.end {
            parts.push(from..span.end);
        }
        parts
    }

    /// The call whose name stands at a token.
    #[must_use]
    pub fn call_at(&self, at: usize) -> Option<Call<'_>> {
        if self.first(at + 1) != b'(' {
            return None;
        }
        self.called.binary_search(&at).ok()?;
        let close = self.close(at + 1)?;
        let base = if self.before(at, 1) == "." { self.before(at, 2) } else { "" };
        Some(Call { name: self.word(at), base, at, args: self.split(at + 2..close, ","), close })
    }

    fn find_calls(&self) -> Vec<usize> {
        (0..self.len())
            .filter(|at| self.is_word(*at) && self.first(at + 1) == b'(' && self.is_call(*at))
            .collect()
    }

    /// Whether a name before an opening bracket is that of a call.
    fn is_call(&self, at: usize) -> bool {
        self.close(at + 1).is_some()
            && !matches!(self.word(at), "func" | "if" | "switch" | "for" | "return")
            && self.before(at, 1) != "func"
    }

    /// Every call in a stretch.
    pub fn calls(&self, span: Span) -> impl Iterator<Item = Call<'_>> {
        self.called_in(span).filter_map(|at| self.call_at(at))
    }

    /// The names of every call in a stretch, as tokens.
    pub fn called_in(&self, span: Span) -> impl Iterator<Item = usize> {
        let first = self.called.partition_point(|at| *at < span.start);
        self.called.get(first..).unwrap_or_default().iter().copied().take_while(move |at| *at < span.end)
    }

    /// The whole file.
    #[must_use]
    pub fn all(&self) -> Span {
        0..self.tokens.len()
    }

    /// The end of the statement that a token stands in: the next end of statement, closing bracket or opening brace of a block.
    #[must_use]
    pub fn statement_end(&self, from: usize) -> usize {
        let mut at = from;
        for _ in 0..LONGEST_STATEMENT {
            if at >= self.tokens.len()
                || self.kind(at) == Some(Kind::End)
                || matches!(self.word(at), ")" | "]" | "}")
            {
                return at;
            }
            at = self.close(at).unwrap_or(at) + 1;
        }
        at
    }

    /// The number of the function that a token stands in.
    #[must_use]
    pub fn function_of(&self, at: usize) -> Option<usize> {
        let after = self.functions.partition_point(|function| function.signature.start <= at);
        let number = after.checked_sub(1)?;
        self.functions.get(number).is_some_and(|function| at < function.body.end).then_some(number)
    }

    /// The name of the function that a token stands in.
    #[must_use]
    pub fn function_name(&self, at: usize) -> &str {
        self.function_of(at)
            .and_then(|number| self.functions.get(number))
            .map_or("", |function| function.name.as_str())
    }

    fn find_functions(&self) -> Vec<Function> {
        let mut functions = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            if self.word(at) == "func"
                && self.is_word(at)
                && let Some(function) = self.function_at(at)
            {
                at = function.body.end;
                functions.push(function);
            } else {
                at = self.close(at).unwrap_or(at);
            }
            at += 1;
        }
        functions
    }

    fn function_at(&self, at: usize) -> Option<Function> {
        let method = self.word(at + 1) == "(";
        let name = if method { self.close(at + 1)? + 1 } else { at + 1 };
        let generic = if self.word(name + 1) == "[" { self.close(name + 1)? } else { name };
        let mut open = self.close(generic + 1)? + 1;
        while self.word(open) != "{" || matches!(self.before(open, 1), "interface" | "struct") {
            if self.kind(open).is_none_or(|kind| kind == Kind::End) {
                return None;
            }
            open = self.close(open).unwrap_or(open) + 1;
        }
        let body = open + 1..self.close(open)?;
        Some(Function { name: self.word(name).to_owned(), method, signature: at..open, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_functions_and_calls() {
        let file = File::read(
            "a.go".into(),
            &"package a\nfunc (s *S) Run(f func() interface{}) (x struct{}, err error) {\n\thttp.ListenAndServe(\":80\", f(1, 2))\n}\nfunc b[T any]() { c() }\n".into(),
        );
        let names: Vec<_> = file.functions.iter().map(|f| (f.name.as_str(), f.method)).collect();
        assert_eq!(names, [("Run", true), ("b", false)]);
        let calls: Vec<_> = file.calls(file.all()).map(|c| (c.base, c.name, c.args.len())).collect();
        assert_eq!(calls, [("", "Run", 1), ("http", "ListenAndServe", 2), ("", "f", 2), ("", "c", 0)]);
        assert_eq!(file.function_name(file.calls(file.all()).nth(1).unwrap().at), "Run");
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(func|[a-z]|[(){}\\[\\],;.\n]|:=){0,80}") {
            let file = File::read("a.go".into(), &text.into());
            for at in 0..file.len() {
                let _ = (file.statement_end(at), file.function_name(at));
            }
            let _ = file.calls(file.all()).count();
        }
    }
}
