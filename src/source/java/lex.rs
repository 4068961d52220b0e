//! The tokens of Java and Kotlin: the ground that every reader of their sources stands on, so that comments and strings
//! are never taken for code.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A name or a keyword.
    Word,
    /// A string, without its quotes.
    Text,
    /// A number, or a letter in quotes.
    Number,
    /// An operator or a bracket, a byte of it.
    Mark,
}

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// What it says.
    pub text: &'a str,
    /// Its line, counted from 1.
    pub line: u32,
}

impl Token<'_> {
    /// Whether it is this operator or bracket.
    #[must_use]
    pub fn is(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark
    }

    /// Whether it is this name or keyword.
    #[must_use]
    pub fn says(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text == word
    }
}

/// The tokens of a text, comments left out.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { text, at: 0, line: 1 };
    std::iter::from_fn(|| lexer.next()).collect()
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// Goes on to a byte that has to be the first of a letter, and counts the lines on the way.
    fn go(&mut self, to: usize) {
        let to = to.min(self.text.len());
        let passed = self.text.as_bytes().get(self.at..to).unwrap_or(&[]);
        let lines = passed.split(|byte| *byte == b'\n').count().saturating_sub(1);
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at = to;
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or("")
    }

    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start().len();
            self.go(self.at + blank);
            if self.rest().starts_with("//") {
                let length = self.rest().find('\n').unwrap_or(self.rest().len());
                self.go(self.at + length);
            } else if self.rest().starts_with("/*") {
                let length = self.rest().get(2..).and_then(|rest| rest.find("*/")).map(|length| length + 4);
                self.go(self.at + length.unwrap_or(self.rest().len()));
            } else {
                return;
            }
        }
    }

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip();
        let (start, line) = (self.at, self.line);
        let first = self.rest().chars().next()?;
        let token = |kind, text| Some(Token { kind, text, line });
        if self.rest().starts_with("\"\"\"") {
            return token(Kind::Text, self.quoted("\"\"\""));
        }
        match first {
            '"' => token(Kind::Text, self.quoted("\"")),
            '\'' => token(Kind::Number, self.quoted("'")),
            '`' => token(Kind::Word, self.quoted("`")),
            _ if first.is_alphabetic() || first == '_' || first == '$' => {
                let length = self.length(|letter| letter.is_alphanumeric() || letter == '_' || letter == '$');
                self.go(start + length);
                token(Kind::Word, self.slice(start, self.at))
            }
            _ if first.is_ascii_digit() => {
                let length = self.length(|letter| letter.is_ascii_alphanumeric() || letter == '_');
                self.go(start + length);
                token(Kind::Number, self.slice(start, self.at))
            }
            _ => {
                self.go(start + first.len_utf8());
                token(Kind::Mark, self.slice(start, self.at))
            }
        }
    }

    fn length(&self, keep: impl Fn(char) -> bool) -> usize {
        self.rest().find(|letter| !keep(letter)).unwrap_or(self.rest().len())
    }

    /// What stands in quotes, escapes as written. One that is not closed ends with its line.
    fn quoted(&mut self, quote: &str) -> &'a str {
        let start = self.at + quote.len();
        self.go(start);
        let mut at = start;
        let mut inner = 0usize;
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\\' if quote.len() == 1 => at += 1,
                b'\n' if quote.len() == 1 => break,
                b'$' if bytes.get(at + 1) == Some(&b'{')
                    && quote != "'"
                    && closes(self.rest(), at - start) =>
                {
                    inner += 1;
                    at += 1;
                }
                b'}' if inner > 0 => inner -= 1,
                _ if inner == 0 && self.text.get(at..).is_some_and(|rest| rest.starts_with(quote)) => break,
                _ => {}
            }
            at += 1;
        }
        let at = at.min(self.text.len());
        let text = self.slice(start, at);
        self.go(at);
        if self.rest().starts_with(quote) {
            self.go(at + quote.len());
        }
        text
    }
}

/// Whether what is put in ends before its line does.
fn closes(rest: &str, from: usize) -> bool {
    let line = rest.get(from..).and_then(|rest| rest.lines().next());
    line.is_some_and(|line| line.contains('}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<&str> {
        tokens(text).iter().map(|token| token.text).collect()
    }

    #[test]
    fn reads_code_and_no_comments() {
        let text = "/* a */ package x; // y\nint p = 8_080; char c = '\\'';\nString s = \"a\\\"b // c\";";
        assert_eq!(
            told(text),
            [
                "package",
                "x",
                ";",
                "int",
                "p",
                "=",
                "8_080",
                ";",
                "char",
                "c",
                "=",
                "\\'",
                ";",
                "String",
                "s",
                "=",
                "a\\\"b // c",
                ";"
            ]
        );
        assert_eq!(tokens(text)[3].line, 2);
    }

    #[test]
    fn reads_long_texts_and_what_is_put_in() {
        assert_eq!(
            told("val s = \"\"\"a\n \"b\" \"\"\"\nfun `a b`()"),
            ["val", "s", "=", "a\n \"b\" ", "fun", "a b", "(", ")"]
        );
        assert_eq!(told("x(\"a${f(\"b\")}c\", 1)"), ["x", "(", "a${f(\"b\")}c", ",", "1", ")"]);
        assert_eq!(told("@Value(\"${a:\") x"), ["@", "Value", "(", "${a:", ")", "x"]);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)[a-bä\"'`$\\{\\}\\\\/*\n ]{0,60}") {
            let _ = tokens(&text);
        }
    }
}
