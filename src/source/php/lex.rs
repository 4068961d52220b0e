//! Tokens of PHP: what stands between `<?php` and `?>`, without comments, strings as their values.

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or keyword, with its namespace.
    Name(String),
    /// A variable, without its dollar sign.
    Variable(String),
    /// A string that nothing is put into.
    Text(String),
    /// A string that something is put into.
    Template,
    /// A number.
    Number(String),
    /// Anything else, a character at a time.
    Mark(char),
}

/// The tokens of a file with their lines.
pub(super) fn lex(text: &str) -> Vec<(Token, u32)> {
    let mut lexer = Lexer { rest: text, line: 1, tokens: Vec::new() };
    while lexer.skip_to_code() {
        lexer.code();
    }
    lexer.tokens
}

struct Lexer<'a> {
    rest: &'a str,
    line: u32,
    tokens: Vec<(Token, u32)>,
}

impl<'a> Lexer<'a> {
    /// Takes bytes up to a place that is a boundary of characters, and counts their lines.
    fn take(&mut self, length: usize) -> &'a str {
        let length = length.min(self.rest.len());
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            return std::mem::take(&mut self.rest);
        };
        let lines = taken.bytes().filter(|byte| *byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.rest = rest;
        taken
    }

    fn skip_to_code(&mut self) -> bool {
        let Some(at) = self.rest.find("<?") else { return false };
        self.take(at + 2);
        let tag = ["php", "="].iter().find(|tag| self.rest.starts_with(**tag));
        self.take(tag.map_or(0, |tag| tag.len()));
        true
    }

    fn code(&mut self) {
        while let Some(first) = self.rest.chars().next() {
            if self.rest.starts_with("?>") {
                self.take(2);
                return;
            }
            self.token(first);
        }
    }

    fn token(&mut self, first: char) {
        let rest = self.rest;
        match first {
            _ if first.is_whitespace() => {
                self.take(first.len_utf8());
            }
            '/' if rest.starts_with("/*") => {
                let end = rest.find("*/").map_or(rest.len(), |at| at + 2);
                self.take(end);
            }
            '#' if rest.starts_with("#[") => self.mark(first),
            '/' if rest.starts_with("//") => self.comment(),
            '#' => self.comment(),
            '\'' => self.single(),
            '"' | '`' => self.double(first),
            '<' if rest.starts_with("<<<") => self.heredoc(),
            '$' => {
                self.take(1);
                let length = self.rest.find(|c: char| !is_name(c)).unwrap_or(self.rest.len());
                let line = self.line;
                let name = self.take(length).to_owned();
                self.tokens.push((Token::Variable(name), line));
            }
            _ if first.is_ascii_digit() => {
                let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.');
                let line = self.line;
                let number = self.take(length.unwrap_or(rest.len())).replace('_', "");
                self.tokens.push((Token::Number(number), line));
            }
            _ if is_name(first) || first == '\\' => {
                let length = rest.find(|c: char| !is_name(c) && c != '\\').unwrap_or(rest.len());
                let line = self.line;
                let name = self.take(length).trim_start_matches('\\').to_owned();
                self.tokens.push((Token::Name(name), line));
            }
            _ => self.mark(first),
        }
    }

    fn mark(&mut self, mark: char) {
        let line = self.line;
        self.take(mark.len_utf8());
        self.tokens.push((Token::Mark(mark), line));
    }

    /// To the end of the line, or of the code.
    fn comment(&mut self) {
        let line = self.rest.find('\n').unwrap_or(self.rest.len());
        let end = self.rest.find("?>").map_or(line, |at| at.min(line));
        self.take(end.max(1));
    }

    fn single(&mut self) {
        let line = self.line;
        self.take(1);
        let mut text = String::new();
        while let Some(letter) = self.rest.chars().next() {
            self.take(letter.len_utf8());
            match (letter, self.rest.chars().next()) {
                ('\'', _) => break,
                ('\\', Some(next @ ('\'' | '\\'))) => {
                    self.take(1);
                    text.push(next);
                }
                _ => text.push(letter),
            }
        }
        self.tokens.push((Token::Text(text), line));
    }

    fn double(&mut self, quote: char) {
        let line = self.line;
        self.take(1);
        let (mut text, mut filled) = (String::new(), quote == '`');
        while let Some(letter) = self.rest.chars().next() {
            self.take(letter.len_utf8());
            if letter == quote {
                break;
            }
            match (letter, self.rest.chars().next()) {
                ('\\', Some(next)) => {
                    self.take(next.len_utf8());
                    text.push(if next == 'n' { '\n' } else { next });
                }
                ('$', Some(next)) if is_name(next) || next == '{' => filled = true,
                ('{', Some('$')) => filled = true,
                _ => text.push(letter),
            }
        }
        self.tokens.push((if filled { Token::Template } else { Token::Text(text) }, line));
    }

    /// `<<<ID`: to the line that begins with the same word.
    fn heredoc(&mut self) {
        let line = self.line;
        self.take(3);
        let head = self.rest.find('\n').unwrap_or(self.rest.len());
        let word = self.take(head).trim().trim_matches(['"', '\'']).to_owned();
        while !self.rest.is_empty() {
            let end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
            let next = self.rest.get(..end).unwrap_or_default();
            let closes = next.trim_start().strip_prefix(word.as_str());
            if !word.is_empty() && closes.is_some_and(|after| !after.starts_with(is_name)) {
                let indent = next.len() - next.trim_start().len();
                self.take(indent + word.len());
                break;
            }
            self.take(end);
        }
        self.tokens.push((Token::Template, line));
    }
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}
