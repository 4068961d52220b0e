//! Python's tokens in logical lines: where strings and comments begin and end, which line's end counts, how far a line is indented.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    /// A string, its prefix and quotes included.
    Str,
    Number,
    Op,
}

/// A token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) line: u32,
}

/// A logical line.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) indent: u32,
    pub(super) tokens: Vec<Token<'a>>,
}

/// Cuts a text into logical lines. What does not close is closed at the next line that can only begin a statement.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lexer = Lexer {
        text,
        at: 0,
        line: 1,
        depth: 0,
        indent: 0,
        fresh: true,
        tokens: Vec::new(),
        lines: Vec::new(),
    };
    lexer.run();
    lexer.lines
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    depth: u32,
    indent: u32,
    /// Nothing of the physical line was read yet.
    fresh: bool,
    tokens: Vec<Token<'a>>,
    lines: Vec<Line<'a>>,
}

/// Words that only a statement begins with.
const OPENERS: [&str; 6] = ["def ", "class ", "import ", "from ", "@", "async def "];

const LONG: [&str; 16] =
    ["**=", "//=", ">>=", "<<=", "...", "->", ":=", "==", "!=", "<=", ">=", "+=", "-=", "/=", "**", "//"];

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn run(&mut self) {
        while self.at < self.text.len() {
            if self.fresh {
                self.begin();
            }
            let rest = self.rest();
            let Some(first) = rest.chars().next() else { break };
            match first {
                '\n' => self.newline(),
                ' ' | '\t' | '\r' | '\u{c}' => self.at += 1,
                '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
                '\\' => self.continued(),
                ';' if self.depth == 0 => {
                    self.at += 1;
                    self.end();
                }
                _ => self.token(first),
            }
        }
        self.end();
    }

    /// The indentation of a physical line that begins a logical one.
    fn begin(&mut self) {
        self.fresh = false;
        let rest = self.rest();
        if self.depth > 0 && OPENERS.iter().any(|opener| rest.starts_with(opener)) {
            self.depth = 0;
            self.end();
        }
        if self.depth == 0 && self.tokens.is_empty() {
            let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let width = rest.bytes().take(blank).map(|byte| if byte == b'\t' { 8 } else { 1 }).sum();
            self.indent = width;
            self.at += blank;
        }
    }

    fn newline(&mut self) {
        self.at += 1;
        self.line = self.line.saturating_add(1);
        self.fresh = true;
        if self.depth == 0 {
            self.end();
        }
    }

    fn continued(&mut self) {
        self.at += 1;
        let rest = self.rest();
        let skip = if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
        if skip > 0 {
            self.at += skip;
            self.line = self.line.saturating_add(1);
        }
    }

    fn end(&mut self) {
        if !self.tokens.is_empty() {
            let tokens = std::mem::take(&mut self.tokens);
            self.lines.push(Line { indent: self.indent, tokens });
        }
    }

    fn token(&mut self, first: char) {
        let rest = self.rest();
        let (kind, length) = if let Some(length) = string(rest) {
            (Kind::Str, length)
        } else if first.is_alphabetic() || first == '_' {
            (Kind::Name, rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len()))
        } else if first.is_ascii_digit() {
            let number = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
            (Kind::Number, rest.find(|c: char| !number(c)).unwrap_or(rest.len()))
        } else {
            let long = LONG.iter().find(|long| rest.starts_with(**long));
            (Kind::Op, long.map_or(first.len_utf8(), |long| long.len()))
        };
        let text = rest.get(..length).unwrap_or(rest);
        match text {
            "(" | "[" | "{" => self.depth = self.depth.saturating_add(1),
            ")" | "]" | "}" => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.tokens.push(Token { kind, text, line: self.line });
        self.at += text.len().max(1);
        let lines = text.bytes().filter(|byte| *byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
    }
}

/// The length of the string that the text begins with, where it begins with one.
fn string(text: &str) -> Option<usize> {
    let prefix =
        text.len() - text.trim_start_matches(['r', 'R', 'b', 'B', 'u', 'U', 'f', 'F', 't', 'T']).len();
    if prefix > 2 {
        return None;
    }
    let rest = text.get(prefix..)?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let triple: String = std::iter::repeat_n(quote, 3).collect();
    let (open, multiline) = if rest.starts_with(&triple) { (3, true) } else { (1, false) };
    let body = rest.get(open..)?;
    let mut escaped = false;
    for (at, letter) in body.char_indices() {
        let ends = if multiline {
            body.get(at..).is_some_and(|rest| rest.starts_with(&triple))
        } else {
            letter == quote
        };
        if !escaped && ends {
            return Some(prefix + open + at + open);
        }
        if letter == '\n' && !multiline && !escaped {
            return Some(prefix + open + at);
        }
        escaped = letter == '\\' && !escaped;
    }
    Some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(u32, String)> {
        lines(text)
            .iter()
            .map(|line| {
                (line.indent, line.tokens.iter().map(|token| token.text).collect::<Vec<_>>().join(" "))
            })
            .collect()
    }

    #[test]
    fn logical_lines() {
        let found = told(
            "a = (1,\n     2)  # no\nif a: # x\n    b = '''\n x # ''' ; c()\n    d = 1 + \\\n  2\n\"#\"\n",
        );
        let expected = [
            (0, "a = ( 1 , 2 )"),
            (0, "if a :"),
            (4, "b = '''\n x # '''"),
            (4, "c ( )"),
            (4, "d = 1 + 2"),
            (0, "\"#\""),
        ];
        assert_eq!(found, expected.map(|(indent, text)| (indent, text.to_owned())));
    }

    #[test]
    fn what_does_not_close_hides_nothing_behind_it() {
        assert_eq!(told("a = (1,\ndef f():\n    pass\n")[1].1, "def f ( ) :");
        assert_eq!(told("a = 'x\nb = 1\n")[1].1, "b = 1");
    }

    #[test]
    fn lines_are_counted_through_strings() {
        let found = lines("a = \"\"\"x\ny\"\"\"\nb\n");
        assert_eq!(found[1].tokens[0].line, 3);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)[a-f(){}\\[\\]'\"\\\\#:;.=é \n\t]{0,80}") {
            let _ = lines(&text);
        }
    }
}
