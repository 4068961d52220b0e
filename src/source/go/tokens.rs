//! The tokens of a file as they are kept: a program has a million of them, so each is eight bytes.

use std::sync::{Arc, OnceLock};

use super::lex::{Kind, Lexer};

/// How many bytes a token has in ordinary code, blanks and comments among them: a guess that saves growing.
const BYTES_A_TOKEN: usize = 5;

/// How many bits the code of a kind has.
const CODE: u32 = 3;

/// What stands for a length, or for the partner of a bracket, that there is no room for or none of.
const NONE: u32 = u32::MAX >> CODE;

/// A bracket that opens: its length is known, so that its partner stands in its place.
const OPENING: u32 = 6;

/// A token: its first byte, and the code of its kind below its length, or below the bracket that closes it.
#[derive(Debug, Clone, Copy)]
struct Kept {
    start: u32,
    rest: u32,
}

impl Kept {
    fn new(code: u32, start: usize, length: usize) -> Self {
        Self { start: u32::try_from(start).unwrap_or(u32::MAX), rest: code | short(length) << CODE }
    }

    fn code(self) -> u32 {
        self.rest & ((1 << CODE) - 1)
    }

    fn value(self) -> u32 {
        self.rest >> CODE
    }

    fn length(self) -> usize {
        if self.code() == OPENING { 1 } else { wide(self.value()) }
    }
}

fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NONE).min(NONE)
}

fn wide(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn code(kind: Kind) -> u32 {
    match kind {
        Kind::Word => 0,
        Kind::Text => 1,
        Kind::Number => 2,
        Kind::Rune => 3,
        Kind::Mark => 4,
        Kind::End => 5,
    }
}

fn kind(code: u32) -> Kind {
    match code {
        0 => Kind::Word,
        1 => Kind::Text,
        2 => Kind::Number,
        3 => Kind::Rune,
        5 => Kind::End,
        _ => Kind::Mark,
    }
}

/// The tokens of a text, their brackets paired.
#[derive(Debug)]
pub(super) struct Tokens {
    text: Arc<str>,
    kept: Vec<Kept>,
    /// Where each line ends, counted when it is first asked for.
    lines: OnceLock<Vec<u32>>,
}

impl Tokens {
    /// Reads a text.
    pub(super) fn read(text: &Arc<str>) -> Self {
        let mut kept: Vec<Kept> = Vec::with_capacity(text.len() / BYTES_A_TOKEN);
        let mut open: Vec<(usize, u8)> = Vec::new();
        for token in Lexer::new(text) {
            let (start, length) = (token.range.start, token.range.len());
            let mark =
                text.as_bytes().get(start).copied().filter(|_| token.kind == Kind::Mark && length == 1);
            let closing = match mark {
                Some(b'(') => Some(b')'),
                Some(b'[') => Some(b']'),
                Some(b'{') => Some(b'}'),
                _ => None,
            };
            if let Some(closing) = closing {
                open.push((kept.len(), closing));
                kept.push(Kept::new(OPENING, start, usize::MAX));
                continue;
            }
            if let Some(mark @ (b')' | b']' | b'}')) = mark
                && let Some((opening, _)) = open.pop_if(|(_, closing)| *closing == mark)
            {
                let partner = kept.len();
                if let Some(opening) = kept.get_mut(opening) {
                    opening.rest = OPENING | short(partner) << CODE;
                }
            }
            kept.push(Kept::new(code(token.kind), start, length));
        }
        Self { text: Arc::clone(text), kept, lines: OnceLock::new() }
    }

    /// The whole text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// A token's text; empty past the end.
    pub(super) fn word(&self, at: usize) -> &str {
        let Some(token) = self.kept.get(at) else { return "" };
        let start = wide(token.start);
        self.text.get(start..start.saturating_add(token.length())).unwrap_or("")
    }

    /// The first byte of a token; 0 past the end, and of one without a text.
    pub(super) fn first(&self, at: usize) -> u8 {
        let token = self.kept.get(at).filter(|token| token.length() > 0);
        token.and_then(|token| self.text.as_bytes().get(wide(token.start))).copied().unwrap_or(0)
    }

    /// A token's kind.
    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.kept.get(at).map(|token| kind(token.code()))
    }

    /// The line of a token, counted from 1; past the end, that of the last.
    pub(super) fn line(&self, at: usize) -> u32 {
        let Some(token) = self.kept.get(at).or(self.kept.last()) else { return 1 };
        let lines = self.lines.get_or_init(|| {
            memchr::memchr_iter(b'\n', self.text.as_bytes())
                .map(|end| u32::try_from(end).unwrap_or(u32::MAX))
                .collect()
        });
        let before = lines.partition_point(|end| *end < token.start);
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The bracket that closes one.
    pub(super) fn close(&self, at: usize) -> Option<usize> {
        let token = self.kept.get(at).filter(|token| token.code() == OPENING)?;
        (token.value() != NONE).then(|| wide(token.value()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_the_lexer_reads() {
        let text: Arc<str> = "f(`\n`, [1) ]\n}\n// c\ng { }".into();
        let tokens = Tokens::read(&text);
        for (at, token) in Lexer::new(&text).enumerate() {
            assert_eq!((tokens.kind(at), tokens.line(at)), (Some(token.kind), token.line), "{at}");
            assert_eq!(tokens.word(at), &text[token.range], "{at}");
        }
        let closed: Vec<_> = (0..tokens.len())
            .filter_map(|at| tokens.close(at).map(|close| (tokens.word(at), close)))
            .collect();
        assert_eq!(closed, [("[", 7), ("{", 13)]);
        assert_eq!((tokens.word(99), tokens.first(99), tokens.kind(99), tokens.line(99)), ("", 0, None, 5));
    }
}
