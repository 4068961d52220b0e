//! Go's tokens: the ground that every reader of Go sources stands on, so that comments and strings are never taken for code.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A name or a keyword.
    Word,
    /// A string, its quotes included.
    Text,
    /// A number.
    Number,
    /// A rune.
    Rune,
    /// An operator or a bracket.
    Mark,
    /// The end of a statement: a semicolon, or a line's end that stands for one.
    End,
}

/// A token, by its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// Its line, counted from 1.
    pub line: u32,
}

/// A comment for the compiler, such as `//go:embed static`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// What stands behind `//`.
    pub text: String,
    /// Its line, counted from 1.
    pub line: u32,
}

/// Reads token by token; [`Lexer::directives`] fills on the way.
#[derive(Debug)]
pub struct Lexer<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    /// A line's end here would end a statement.
    ends: bool,
    /// The directives met so far.
    pub directives: Vec<Directive>,
}

const LONG_MARKS: [&str; 23] = [
    "<<=", ">>=", "&^=", "...", ":=", "==", "!=", "<=", ">=", "&&", "||", "<-", "++", "--", "+=", "-=", "*=",
    "/=", "%=", "|=", "^=", "<<", ">>",
];

/// Keywords after which a line's end is no end of a statement.
fn is_open(word: &str) -> bool {
    let may_be = (2..=9).contains(&word.len()) && word.starts_with(|first| ('c'..='s').contains(&first));
    may_be
        && matches!(
            word,
            "case"
                | "chan"
                | "const"
                | "default"
                | "defer"
                | "else"
                | "for"
                | "func"
                | "go"
                | "goto"
                | "if"
                | "import"
                | "interface"
                | "map"
                | "package"
                | "range"
                | "select"
                | "switch"
        )
}

impl<'a> Lexer<'a> {
    /// Starts at the beginning.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1, ends: false, directives: Vec::new() }
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// Goes over blanks and comments; true where a statement ended on the way.
    fn skip(&mut self) -> bool {
        while self.at < self.text.len() {
            match self.byte(0) {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\n' if self.ends => return true,
                b'\n' => self.newline(),
                b'/' if self.byte(1) == b'/' => self.line_comment(),
                b'/' if self.byte(1) == b'*' => {
                    if self.block_comment() && self.ends {
                        return true;
                    }
                }
                _ => return false,
            }
        }
        self.ends
    }

    fn newline(&mut self) {
        self.at += 1;
        self.line = self.line.saturating_add(1);
    }

    fn line_comment(&mut self) {
        let rest = self.rest();
        let length = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        let comment = rest.get(..length).unwrap_or("");
        let body = comment.get(2..).unwrap_or("").trim_end();
        if body.starts_with("go:") || body.trim_start().starts_with("+build ") {
            self.directives.push(Directive { text: body.trim_start().to_owned(), line: self.line });
        }
        self.at += comment.len();
    }

    /// Goes over a `/* */` comment; true where it holds a line's end.
    fn block_comment(&mut self) -> bool {
        let body = self.rest();
        let length = body.get(2..).and_then(|rest| memchr::memmem::find(rest.as_bytes(), b"*/"));
        let length = length.map_or(body.len(), |end| end + 4);
        let lines = count_lines(body.get(..length).unwrap_or(""));
        self.at += length;
        self.line = self.line.saturating_add(lines);
        lines > 0
    }

    fn length(&self) -> (Kind, usize) {
        let rest = self.rest();
        match self.byte(0) {
            b'"' => (Kind::Text, quoted(rest, b'"')),
            b'\'' => (Kind::Rune, quoted(rest, b'\'')),
            b'`' => {
                let end = rest.get(1..).and_then(|text| memchr::memchr(b'`', text.as_bytes()));
                (Kind::Text, end.map_or(rest.len(), |end| end + 2))
            }
            b';' => (Kind::End, 1),
            b'.' if self.byte(1).is_ascii_digit() => (Kind::Number, number(rest)),
            b'0'..=b'9' => (Kind::Number, number(rest)),
            byte if is_name(byte) => (Kind::Word, name_length(rest.as_bytes())),
            _ => (Kind::Mark, self.mark(rest)),
        }
    }

    fn mark(&self, rest: &str) -> usize {
        // The second letter of every longer mark.
        if !b"<>^.=&|-+".contains(&self.byte(1)) {
            return 1;
        }
        LONG_MARKS.iter().find(|mark| rest.starts_with(**mark)).map_or(1, |mark| mark.len())
    }

    fn may_end(kind: Kind, text: &str) -> bool {
        match kind {
            Kind::Word => !is_open(text),
            Kind::Text | Kind::Number | Kind::Rune => true,
            Kind::Mark => matches!(text, ")" | "]" | "}" | "++" | "--"),
            Kind::End => false,
        }
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let (start, line) = (self.at, self.line);
        if self.skip() {
            self.ends = false;
            let start = start.min(self.text.len());
            return Some(Token { kind: Kind::End, range: start..start, line });
        }
        if self.at >= self.text.len() {
            return None;
        }
        let (kind, length) = self.length();
        let range = self.at..self.at + length.max(1);
        let token = Token { kind, range: range.clone(), line: self.line };
        let text = self.text.get(range.clone()).unwrap_or("");
        self.ends = Self::may_end(kind, text);
        if kind == Kind::Text && text.starts_with('`') {
            self.line = self.line.saturating_add(count_lines(text));
        }
        self.at = range.end;
        Some(token)
    }
}

fn count_lines(text: &str) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text.as_bytes()).count()).unwrap_or(u32::MAX)
}

/// Whether each byte may stand in a name: most bytes of a program do, and a table answers at once.
static NAMES: [bool; 256] = {
    let mut names = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "it is below 256")]
        let letter = byte as u8;
        names[byte] = letter.is_ascii_alphanumeric() || letter == b'_' || letter >= 0x80;
        byte += 1;
    }
    names
};

fn is_name(byte: u8) -> bool {
    NAMES[usize::from(byte)]
}

fn name_length(text: &[u8]) -> usize {
    text.iter().position(|byte| !is_name(*byte)).unwrap_or(text.len())
}

fn number(text: &str) -> usize {
    let mut last = 0;
    text.bytes()
        .take_while(|byte| {
            let exponent = matches!(last, b'e' | b'E' | b'p' | b'P') && matches!(byte, b'+' | b'-');
            let part = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.') || exponent;
            last = *byte;
            part
        })
        .count()
}

/// The length of a string or rune; one that its line does not close ends with the line.
fn quoted(text: &str, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\n' => return at,
            b'\\' if bytes.get(at + 1) != Some(&b'\n') => at += 2,
            byte if *byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// The value of a string token.
#[must_use]
pub fn unquote(token: &str) -> String {
    if let Some(raw) = token.strip_prefix('`') {
        return raw.strip_suffix('`').unwrap_or(raw).replace('\r', "");
    }
    let inner = token.strip_prefix('"').unwrap_or(token);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut value = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        value.push(if letter == '\\' { escape(&mut letters) } else { letter });
    }
    value
}

fn escape(letters: &mut std::str::Chars<'_>) -> char {
    let digits = |letters: &mut std::str::Chars<'_>, count: usize, radix: u32| {
        let number: String = letters.take(count).collect();
        u32::from_str_radix(&number, radix).ok().and_then(char::from_u32).unwrap_or('\u{fffd}')
    };
    match letters.next() {
        Some('n') => '\n',
        Some('t') => '\t',
        Some('r') => '\r',
        Some('x') => digits(letters, 2, 16),
        Some('u') => digits(letters, 4, 16),
        Some('U') => digits(letters, 8, 16),
        Some(other) => other,
        None => '\\',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        Lexer::new(text)
            .map(|token| if token.kind == Kind::End { ";" } else { &text[token.range.clone()] })
            .collect()
    }

    #[test]
    fn knows_comments_strings_and_runes() {
        let text = "a := \"// no\" /* b */ + `c\n\"d` // e\nf('\\'')\n";
        assert_eq!(words(text), ["a", ":=", "\"// no\"", "+", "`c\n\"d`", ";", "f", "(", "'\\''", ")", ";"]);
    }

    #[test]
    fn ends_statements_where_go_does() {
        assert_eq!(
            words("x = a +\n b\nreturn\n}\n"),
            ["x", "=", "a", "+", "b", ";", "return", ";", "}", ";"]
        );
        assert_eq!(words("f /* \n */ g"), ["f", ";", "g", ";"]);
    }

    #[test]
    fn counts_lines_over_raw_strings() {
        let tokens: Vec<_> = Lexer::new("a `\n\n` b").collect();
        assert_eq!(tokens.last().map(|token| token.line), Some(3));
    }

    #[test]
    fn unquotes() {
        assert_eq!(unquote(r#""a\"\n\u00e4\\""#), "a\"\nä\\");
        assert_eq!(unquote(r"`a\n`"), r"a\n");
        assert_eq!(unquote("\"open"), "open");
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_always_ends(text in "\\PC{0,80}|[\"'`/*\\\\\n a0.é:=]{0,80}") {
            let tokens: Vec<_> = Lexer::new(&text).collect();
            proptest::prop_assert!(tokens.len() <= 2 * text.len() + 1);
            for token in tokens {
                let _ = unquote(text.get(token.range.clone()).unwrap_or(""));
            }
        }
    }
}
