//! A Rust file as tokens with their brackets paired, without what a release build for Linux leaves out, and the
//! functions, fields and constants in it.

use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};

use super::cfg::Build;
use super::items::{self, Constant, Field, Function, Module};
use super::lex::{Kind, Lexer, Token, unquote};

/// A stretch of a file's tokens.
pub type Span = Range<usize>;

/// A file of a crate.
#[derive(Debug)]
pub struct File {
    /// Its path, relative to the repository.
    pub path: Utf8PathBuf,
    /// Its functions, in order.
    pub functions: Vec<Function>,
    /// The fields of its structs and of its enums' variants.
    pub fields: Vec<Field>,
    /// Its constants and statics.
    pub constants: Vec<Constant>,
    /// The modules that lie in other files.
    pub modules: Vec<Module>,
    text: Box<str>,
    tokens: Vec<Token>,
    pairs: Vec<usize>,
}

/// Longer chains of methods are not followed to their beginning.
const LONGEST_CHAIN: usize = 64;

/// A call of a function, method or macro.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    /// Its name.
    pub name: &'a str,
    /// The path in front of it, without the name: `tokio::net::TcpListener`.
    pub path: Vec<&'a str>,
    /// A dot stands in front of it.
    pub method: bool,
    /// It is a macro's.
    pub is_macro: bool,
    /// The token of the name.
    pub at: usize,
    /// The token where the path begins.
    pub start: usize,
    /// The arguments.
    pub args: Vec<Span>,
    /// The token of the closing bracket.
    pub close: usize,
}

impl Call<'_> {
    /// The last part of the path.
    #[must_use]
    pub fn base(&self) -> &str {
        self.path.last().copied().unwrap_or("")
    }
}

impl File {
    /// Reads a whole file as a build takes it.
    #[must_use]
    pub fn read(path: &Utf8Path, text: &str, build: &Build) -> Self {
        let mut file = Self {
            path: path.to_owned(),
            functions: Vec::new(),
            fields: Vec::new(),
            constants: Vec::new(),
            modules: Vec::new(),
            text: text.into(),
            tokens: Lexer::new(text).collect(),
            pairs: Vec::new(),
        };
        file.pair();
        let kept = super::strip::kept(&file, build);
        if kept.contains(&false) {
            let mut number = 0;
            file.tokens.retain(|_| {
                number += 1;
                kept.get(number - 1).copied().unwrap_or(true)
            });
            file.pair();
        }
        items::fill(&mut file);
        file
    }

    fn pair(&mut self) {
        let mut pairs = vec![usize::MAX; self.tokens.len()];
        let mut open: Vec<usize> = Vec::new();
        for at in 0..self.tokens.len() {
            let wanted = match self.mark(at) {
                "(" | "[" | "{" => {
                    open.push(at);
                    continue;
                }
                ")" => "(",
                "]" => "[",
                "}" => "{",
                _ => continue,
            };
            if open.last().is_some_and(|opening| self.word(*opening) == wanted)
                && let Some(opening) = open.pop()
                && let Some(pair) = pairs.get_mut(opening)
            {
                *pair = at;
            }
        }
        self.pairs = pairs;
    }

    /// How many tokens it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// All of its tokens.
    #[must_use]
    pub fn all(&self) -> Span {
        0..self.tokens.len()
    }

    /// A token's text; empty past the end.
    #[must_use]
    pub fn word(&self, at: usize) -> &str {
        self.tokens.get(at).and_then(|token| self.text.get(token.start..token.end)).unwrap_or("")
    }

    /// A token's text where it is no string or character.
    #[must_use]
    pub fn mark(&self, at: usize) -> &str {
        match self.kind(at) {
            Some(Kind::Text | Kind::Char) | None => "",
            Some(_) => self.word(at),
        }
    }

    /// A token's text, counted backwards.
    #[must_use]
    pub fn before(&self, at: usize, by: usize) -> &str {
        at.checked_sub(by).map_or("", |at| self.mark(at))
    }

    /// A token's kind.
    #[must_use]
    pub fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    /// A token's line.
    #[must_use]
    pub fn line(&self, at: usize) -> u32 {
        self.tokens.get(at).map_or(1, |token| token.line)
    }

    /// Whether a token is a name.
    #[must_use]
    pub fn is_word(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Word)
    }

    /// The value of a string token.
    #[must_use]
    pub fn string(&self, at: usize) -> Option<String> {
        (self.kind(at)? == Kind::Text).then(|| unquote(self.word(at)))
    }

    /// The value of a stretch that is a string alone, `&` in front of it passed over.
    #[must_use]
    pub fn only_string(&self, span: &Span) -> Option<String> {
        let start = if self.mark(span.start) == "&" { span.start + 1 } else { span.start };
        (span.end == start + 1).then(|| self.string(start)).flatten()
    }

    /// The token that closes a bracket.
    #[must_use]
    pub fn close(&self, at: usize) -> Option<usize> {
        self.pairs.get(at).copied().filter(|pair| *pair != usize::MAX)
    }

    /// The text of a stretch, tokens without blanks between them.
    #[must_use]
    pub fn text_of(&self, span: &Span) -> String {
        let ends =
            self.tokens.get(span.start).zip(span.end.checked_sub(1).and_then(|at| self.tokens.get(at)));
        ends.and_then(|(first, last)| self.text.get(first.start..last.end)).unwrap_or("").to_owned()
    }

    /// The parts of a stretch between marks outside of brackets, empty ones left out.
    #[must_use]
    pub fn split(&self, span: Span, mark: &str) -> Vec<Span> {
        let (mut parts, mut start, mut at) = (Vec::new(), span.start, span.start);
        while at < span.end {
            if self.mark(at) == mark {
                parts.push(start..at);
                start = at + 1;
            }
            at = self.past(at).max(at + 1);
        }
        parts.push(start..span.end);
        parts.retain(|part| !part.is_empty());
        parts
    }

    /// The token after this one, or after the bracket that it opens.
    #[must_use]
    pub fn past(&self, at: usize) -> usize {
        self.close(at).map_or(at + 1, |close| close + 1)
    }

    /// The first place of a mark in a stretch, outside of brackets.
    #[must_use]
    pub fn find(&self, span: Span, marks: &[&str]) -> Option<usize> {
        let mut at = span.start;
        while at < span.end {
            if marks.contains(&self.mark(at)) {
                return Some(at);
            }
            at = self.past(at);
        }
        None
    }

    /// The token after the generics that open at one: `<A, B>`.
    #[must_use]
    pub fn past_generics(&self, at: usize) -> usize {
        if self.mark(at) != "<" {
            return at;
        }
        let (mut depth, mut here) = (0usize, at);
        while here < self.len() {
            match self.mark(here) {
                "<" => depth += 1,
                ">" => depth = depth.saturating_sub(1),
                ";" | "{" | "}" => return at,
                _ => {}
            }
            here = self.past(here);
            if depth == 0 {
                return here;
            }
        }
        at
    }

    /// The call whose name is a token.
    #[must_use]
    pub fn call_at(&self, at: usize) -> Option<Call<'_>> {
        if !self.is_word(at) {
            return None;
        }
        let is_macro = self.mark(at + 1) == "!" && matches!(self.mark(at + 2), "(" | "[" | "{");
        let open = if is_macro {
            at + 2
        } else if self.mark(at + 1) == "::" && self.mark(at + 2) == "<" {
            self.past_generics(at + 2)
        } else {
            at + 1
        };
        if !is_macro && self.mark(open) != "(" || self.before(at, 1) == "fn" {
            return None;
        }
        let close = self.close(open)?;
        let (path, start) = self.path_before(at);
        Some(Call {
            name: self.word(at),
            method: self.before(start, 1) == ".",
            path,
            is_macro,
            at,
            start,
            args: self.split(open + 1..close, ","),
            close,
        })
    }

    /// The type that a chain of methods begins with: `HttpServer` of `HttpServer::new(x).workers(2).bind(y)`.
    #[must_use]
    pub fn chain_head(&self, call: &Call<'_>) -> Option<&str> {
        let mut dot = call.start.checked_sub(1).filter(|at| self.mark(*at) == ".")?;
        for _ in 0..LONGEST_CHAIN {
            let last = dot.checked_sub(1)?;
            let name = match self.mark(last) {
                "?" => {
                    dot = last;
                    continue;
                }
                ")" => (0..last).rev().find(|open| self.close(*open) == Some(last))?.checked_sub(1)?,
                _ => last,
            };
            let (path, start) = self.path_before(name);
            if let Some(base) =
                path.last().filter(|base| base.starts_with(|first: char| first.is_uppercase()))
            {
                return Some(base);
            }
            dot = start.checked_sub(1).filter(|at| self.mark(*at) == "." && self.is_word(name))?;
        }
        None
    }

    /// The names in front of a token, joined by `::`, and where they begin.
    fn path_before(&self, at: usize) -> (Vec<&str>, usize) {
        let (mut path, mut start) = (Vec::new(), at);
        while self.before(start, 1) == "::"
            && let Some(name) = start.checked_sub(2)
            && self.is_word(name)
        {
            path.push(self.word(name));
            start = name;
        }
        path.reverse();
        (path, start)
    }

    /// Every call of a stretch, those in arguments of others among them.
    pub fn calls(&self, span: Span) -> impl Iterator<Item = Call<'_>> {
        span.filter_map(|at| self.call_at(at))
    }

    /// The function that a token stands in: the innermost.
    #[must_use]
    pub fn function_at(&self, at: usize) -> Option<&Function> {
        let around = self.functions.iter().filter(|one| one.body.contains(&at));
        around.min_by_key(|one| one.body.len())
    }
}
