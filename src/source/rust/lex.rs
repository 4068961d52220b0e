//! Rust's tokens: the ground that every reader of Rust sources stands on, so that comments, strings, characters and
//! lifetimes are never taken for code or for each other.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A name or a keyword.
    Word,
    /// A string of any form, its prefix and quotes included.
    Text,
    /// A character or byte.
    Char,
    /// A lifetime or label.
    Lifetime,
    /// A number.
    Number,
    /// An operator or a bracket.
    Mark,
}

/// A token, by its place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: usize,
    /// The byte after it.
    pub end: usize,
    /// Its line, counted from 1.
    pub line: u32,
}

/// Reads token by token; comments, those of documentation among them, are passed over.
#[derive(Debug)]
pub struct Lexer<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

const LONG_MARKS: [&str; 10] = ["..=", "...", "::", "->", "=>", "==", "!=", "&&", "||", ".."];

impl<'a> Lexer<'a> {
    /// Starts at the beginning.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let shebang = text.starts_with("#!") && !text.starts_with("#![");
        let at = if shebang { text.find('\n').unwrap_or(text.len()) } else { 0 };
        Self { text, at, line: 1 }
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// Goes over blanks and comments.
    fn skip(&mut self) {
        while self.at < self.text.len() {
            let length = match self.byte(0) {
                b' ' | b'\t' | b'\r' | b'\n' => 1,
                b'/' if self.byte(1) == b'/' => self.rest().find('\n').unwrap_or(self.rest().len()),
                b'/' if self.byte(1) == b'*' => block_comment(self.rest()),
                _ => return,
            };
            self.pass(length);
        }
    }

    fn pass(&mut self, length: usize) {
        let passed = self.rest().get(..length).unwrap_or(self.rest());
        let lines = passed.bytes().filter(|byte| *byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at += passed.len();
    }

    fn length(&self) -> (Kind, usize) {
        let rest = self.rest();
        if let Some(length) = string(rest) {
            return (Kind::Text, length);
        }
        match self.byte(0) {
            b'\'' => quote(rest),
            b'b' if self.byte(1) == b'\'' => {
                let (_, length) = quote(rest.get(1..).unwrap_or(""));
                (Kind::Char, length + 1)
            }
            b'r' if self.byte(1) == b'#' && is_name(self.byte(2)) => {
                (Kind::Word, 2 + rest.bytes().skip(2).take_while(|byte| is_name(*byte)).count())
            }
            b'0'..=b'9' => (Kind::Number, number(rest)),
            byte if is_name(byte) => (Kind::Word, rest.bytes().take_while(|byte| is_name(*byte)).count()),
            _ => (
                Kind::Mark,
                LONG_MARKS.iter().find(|mark| rest.starts_with(**mark)).map_or(1, |mark| mark.len()),
            ),
        }
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.skip();
        if self.at >= self.text.len() {
            return None;
        }
        let (kind, length) = self.length();
        let (start, line) = (self.at, self.line);
        self.pass(length.max(1));
        // A mark of one byte may be the first of a letter's several.
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
        Some(Token { kind, start, end: self.at, line })
    }
}

/// The length of a comment, those within it included.
fn block_comment(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0usize);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => {
                depth += 1;
                at += 2;
            }
            Some(b"*/") => {
                at += 2;
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    text.len()
}

/// The length of a string: plain, of bytes, of C, raw with any number of hashes.
fn string(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r", ""]
        .into_iter()
        .find(|prefix| text.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(['"', '#'])))?;
    let rest = text.get(prefix.len()..)?;
    if !prefix.ends_with('r') {
        return rest.starts_with('"').then(|| prefix.len() + quoted(rest, b'"'));
    }
    let hashes = rest.bytes().take_while(|byte| *byte == b'#').count();
    let body = rest.get(hashes..)?.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(prefix.len() + hashes + 1 + length)
}

/// A character, or the lifetime that begins like one.
fn quote(text: &str) -> (Kind, usize) {
    let mut letters = text.chars().skip(1);
    match (letters.next(), letters.next()) {
        (Some('\\'), _) => (Kind::Char, quoted(text, b'\'')),
        (Some(letter), Some('\'')) => (Kind::Char, 2 + letter.len_utf8()),
        (Some(_), _) => (Kind::Lifetime, 1 + text.bytes().skip(1).take_while(|byte| is_name(*byte)).count()),
        (None, _) => (Kind::Mark, 1),
    }
}

fn quoted(text: &str, mark: u8) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            byte if *byte == mark => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let part = byte.is_ascii_alphanumeric()
            || *byte == b'_'
            || *byte == b'.' && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if !part {
            break;
        }
        at += 1;
    }
    at
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The value of a string token.
#[must_use]
pub fn unquote(token: &str) -> String {
    let Some(open) = token.find('"') else { return token.to_owned() };
    let (prefix, body) = token.split_at(open);
    let hashes = prefix.bytes().filter(|byte| *byte == b'#').count();
    let body = body.strip_prefix('"').unwrap_or(body);
    if prefix.contains('r') {
        let end = format!("\"{}", "#".repeat(hashes));
        return body.strip_suffix(&end).unwrap_or(body).to_owned();
    }
    let body = body.strip_suffix('"').unwrap_or(body);
    let mut value = String::with_capacity(body.len());
    let mut letters = body.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            value.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => value.push('\n'),
            Some('t') => value.push('\t'),
            Some('r') => value.push('\r'),
            Some('0') => value.push('\0'),
            Some('x') => value.extend(code(&letters.by_ref().take(2).collect::<String>())),
            Some('u') => {
                let digits: String = letters.by_ref().take_while(|letter| *letter != '}').collect();
                value.extend(code(digits.trim_start_matches('{')));
            }
            // A line that goes on in the next one, without its blanks.
            Some('\n' | '\r') => while letters.next_if(|letter| letter.is_whitespace()).is_some() {},
            Some(other) => value.push(other),
            None => {}
        }
    }
    value
}

fn code(digits: &str) -> Option<char> {
    u32::from_str_radix(&digits.replace('_', ""), 16).ok().and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        Lexer::new(text).map(|token| &text[token.start..token.end]).collect()
    }

    #[test]
    fn knows_strings_characters_and_lifetimes() {
        let text = r##"f("a // \"b\"", r#"c " d"#, b"e", 'x', '\'', b'y', '"', &'static str, 'outer: loop)"##;
        assert_eq!(
            words(text),
            [
                "f",
                "(",
                r#""a // \"b\"""#,
                ",",
                r##"r#"c " d"#"##,
                ",",
                "b\"e\"",
                ",",
                "'x'",
                ",",
                r"'\''",
                ",",
                "b'y'",
                ",",
                "'\"'",
                ",",
                "&",
                "'static",
                "str",
                ",",
                "'outer",
                ":",
                "loop",
                ")"
            ]
        );
    }

    #[test]
    fn comments_hold_comments() {
        assert_eq!(words("a /* b /* c */ d */ e // f\n/// g\n//! h\ni"), ["a", "e", "i"]);
        let lines: Vec<u32> = Lexer::new("a /*\n\n*/ b\n\"\n\" c").map(|token| token.line).collect();
        assert_eq!(lines, [1, 3, 4, 5]);
    }

    #[test]
    fn numbers_and_ranges() {
        assert_eq!(
            words("0..10 1.5 3000u16 8_080 x.0.y r#type"),
            ["0", "..", "10", "1.5", "3000u16", "8_080", "x", ".", "0", ".", "y", "r#type"]
        );
    }

    #[test]
    fn unquotes() {
        assert_eq!(
            unquote(
                r#""a\n\u{e4}\\ \
            b""#
            ),
            "a\nä\\ b"
        );
        assert_eq!(unquote(r##"r#"a\n"#"##), r"a\n");
        assert_eq!(unquote("b\"x\""), "x");
        assert_eq!(unquote("\"open"), "open");
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_always_ends(text in "\\PC{0,80}|[\"'/*\\\\\n ab#r0.é:=]{0,80}") {
            let tokens: Vec<_> = Lexer::new(&text).collect();
            proptest::prop_assert!(tokens.len() <= text.len());
            for token in tokens {
                let _ = unquote(&text[token.start..token.end]);
            }
        }
    }
}
