//! Text to tokens: where a string, a comment, a regular expression or a JSX element begins and ends.
//!
//! One pass, no recursion: what nests (`${}`, braces, elements) lies on a stack. Whatever does not close is passed
//! over as it stands, so that one odd line hides nothing behind it.

use std::collections::HashMap;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An identifier or a keyword, `#private` and `@decorator` among them.
    Name,
    /// A number.
    Number,
    /// A string, quotes and all; a template without `${}` as well.
    Str,
    /// A template up to its first `${`, from the backtick.
    TemplateHead,
    /// From a `}` to the next `${`.
    TemplateMiddle,
    /// From a `}` to the closing backtick.
    TemplateTail,
    /// A regular expression.
    Regex,
    /// An operator or a bracket.
    Punct,
    /// A tag of JSX; what stands in its braces follows as tokens.
    Jsx,
}

/// A token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) line: u32,
}

/// The tokens of a file, with the partner of each bracket.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    list: Vec<Token<'a>>,
    partner: Vec<u32>,
}

/// No partner.
const NONE: u32 = u32::MAX;

impl<'a> Tokens<'a> {
    /// The token at an index.
    pub(super) fn get(&self, at: usize) -> Option<Token<'a>> {
        self.list.get(at).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether the token at an index is this operator, bracket or word.
    pub(super) fn is(&self, at: usize, text: &str) -> bool {
        self.list
            .get(at)
            .is_some_and(|token| matches!(token.kind, Kind::Punct | Kind::Name) && token.text == text)
    }

    /// The identifier or keyword at an index.
    pub(super) fn name(&self, at: usize) -> Option<&'a str> {
        self.list.get(at).filter(|token| token.kind == Kind::Name).map(|token| token.text)
    }

    /// The index of the bracket that closes or opens the one at an index.
    pub(super) fn partner(&self, at: usize) -> Option<usize> {
        self.partner.get(at).copied().filter(|partner| *partner != NONE).map(|partner| partner as usize)
    }

    pub(super) fn line(&self, at: usize) -> u32 {
        self.list.get(at).or(self.list.last()).map_or(1, |token| token.line)
    }
}

/// Cuts a file into tokens.
pub(super) fn lex(text: &str) -> Tokens<'_> {
    let text = text.strip_prefix("#!").map_or(text, |rest| &rest[rest.find('\n').unwrap_or(rest.len())..]);
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        at: 0,
        line: 1,
        tokens: Vec::with_capacity(text.len() / 6),
        stack: Vec::new(),
        parens: Vec::new(),
        before_regex: true,
        closing: closing_tags(text),
        hopeless: Hopeless::default(),
    };
    lexer.run();
    let partner = partners(&lexer.tokens);
    Tokens { list: lexer.tokens, partner }
}

/// Where each name's last closing tag (`</b>`) stands: JSX is only what closes.
fn closing_tags(text: &str) -> HashMap<&str, usize> {
    let mut found = HashMap::new();
    for (at, _) in text.match_indices("</") {
        let rest = text.get(at + 2..).unwrap_or_default();
        let end = rest.find(|c: char| !is_tag(c)).unwrap_or(rest.len());
        found.insert(rest.get(..end).unwrap_or_default(), at);
    }
    found
}

fn is_tag(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '-' | ':')
}

fn partners(tokens: &[Token<'_>]) -> Vec<u32> {
    let mut partner = vec![NONE; tokens.len()];
    let mut open: Vec<(usize, u8)> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match (token.kind, token.text) {
            (Kind::Punct, "(") => open.push((at, b')')),
            (Kind::Punct, "[") => open.push((at, b']')),
            (Kind::Punct, "{") => open.push((at, b'}')),
            (Kind::TemplateHead, _) => open.push((at, b'`')),
            (Kind::Punct, ")") => close(&mut open, &mut partner, at, b')'),
            (Kind::Punct, "]") => close(&mut open, &mut partner, at, b']'),
            (Kind::Punct, "}") => close(&mut open, &mut partner, at, b'}'),
            (Kind::TemplateTail, _) => close(&mut open, &mut partner, at, b'`'),
            _ => {}
        }
    }
    partner
}

/// Closes the innermost bracket of this kind; those that were left open within it are passed over.
fn close(open: &mut Vec<(usize, u8)>, partner: &mut [u32], at: usize, kind: u8) {
    // Bounded, so that a file full of stray brackets takes linear time.
    let Some(depth) = open.iter().rev().take(64).position(|(_, wanted)| *wanted == kind) else { return };
    open.truncate(open.len() - depth);
    if let Some((opened, _)) = open.pop()
        && let (Ok(to), Ok(from)) = (u32::try_from(at), u32::try_from(opened))
    {
        if let Some(slot) = partner.get_mut(opened) {
            *slot = to;
        }
        if let Some(slot) = partner.get_mut(at) {
            *slot = from;
        }
    }
}

/// What a `}` or the end of a tag returns to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// A block or an object.
    Brace,
    /// `${` of a template.
    Template,
    /// `{` of JSX.
    JsxBrace,
    /// Between the `<` and the `>` of a tag.
    Tag { closing: bool },
    /// Between a tag and its closing tag.
    Children,
}

/// Up to where no literal of a kind closes: what was once looked for in vain is not looked for again.
#[derive(Debug, Default)]
struct Hopeless {
    single: usize,
    double: usize,
    regex: usize,
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    line: u32,
    tokens: Vec<Token<'a>>,
    stack: Vec<Frame>,
    /// For each open parenthesis, whether an expression begins behind its partner (`if (...) /x/`).
    parens: Vec<bool>,
    /// An expression may begin here: `/` opens a regular expression, `<` an element.
    before_regex: bool,
    closing: HashMap<&'a str, usize>,
    hopeless: Hopeless,
}

/// Operators of more than one character, the longest first.
const OPERATORS: [&str; 26] = [
    ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", "&&=", "||=", "??=", "=>", "==", "!=", "<=", ">=",
    "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "|=",
];

/// Words behind which an expression begins.
const BEFORE_EXPRESSION: [&str; 17] = [
    "return",
    "typeof",
    "instanceof",
    "in",
    "of",
    "new",
    "delete",
    "void",
    "throw",
    "case",
    "do",
    "else",
    "yield",
    "await",
    "default",
    "extends",
    "export",
];

impl<'a> Lexer<'a> {
    fn run(&mut self) {
        while self.at < self.bytes.len() {
            let before = self.at;
            match self.stack.last() {
                Some(Frame::Children) => self.children(),
                Some(Frame::Tag { closing }) => self.tag(*closing),
                _ => self.code(),
            }
            if self.at == before {
                self.skip_char();
            }
        }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Moves past one character, whole.
    fn skip_char(&mut self) {
        if self.peek(0) == b'\n' {
            self.line += 1;
        }
        self.at += 1;
        while self.at < self.bytes.len() && !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
    }

    /// Moves to an offset, counting lines.
    fn go(&mut self, to: usize) {
        let to = to.min(self.bytes.len());
        let lines = self.text.get(self.at..to).unwrap_or_default().matches('\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at = to;
    }

    fn push(&mut self, kind: Kind, end: usize, before_regex: bool) {
        if let Some(text) = self.text.get(self.at..end) {
            self.tokens.push(Token { kind, text, line: self.line });
        }
        self.before_regex = before_regex;
        self.go(end);
    }

    fn code(&mut self) {
        let byte = self.peek(0);
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => self.skip_char(),
            b'/' if self.peek(1) == b'/' => self.line_comment(),
            b'/' if self.peek(1) == b'*' => self.block_comment(),
            b'"' | b'\'' => self.string(byte),
            b'`' => self.template(Kind::TemplateHead, Kind::Str),
            b'0'..=b'9' => self.number(),
            b'.' if self.peek(1).is_ascii_digit() => self.number(),
            b'/' if self.before_regex => self.regex(),
            b'<' if self.before_regex && self.opens_element() => self.open_tag(),
            b'}' if self.stack.last() == Some(&Frame::Template) => {
                self.stack.pop();
                self.template(Kind::TemplateMiddle, Kind::TemplateTail);
            }
            _ if is_word(byte) || matches!(byte, b'#' | b'@') => self.name(),
            _ => self.operator(),
        }
    }

    fn line_comment(&mut self) {
        let end = self.rest().find('\n').map_or(self.bytes.len(), |end| self.at + end);
        self.go(end);
    }

    fn block_comment(&mut self) {
        let end = self.rest().get(2..).and_then(|rest| rest.find("*/"));
        self.go(end.map_or(self.bytes.len(), |end| self.at + end + 4));
    }

    /// A string ends on its line, or at a line that a backslash continues; otherwise its quote was an apostrophe.
    fn string(&mut self, quote: u8) {
        let hopeless = if quote == b'"' { &mut self.hopeless.double } else { &mut self.hopeless.single };
        let mut end = self.at + 1;
        loop {
            match self.bytes.get(end) {
                _ if end < *hopeless => return self.push(Kind::Punct, self.at + 1, false),
                None | Some(b'\n') => {
                    *hopeless = end;
                    return self.push(Kind::Punct, self.at + 1, false);
                }
                Some(b'\\') => end += if self.bytes.get(end + 1) == Some(&b'\r') { 3 } else { 2 },
                Some(byte) if *byte == quote => return self.push(Kind::Str, end + 1, false),
                Some(_) => end += 1,
            }
        }
    }

    /// The next piece of a template, from its backtick or `}`.
    fn template(&mut self, open: Kind, whole: Kind) {
        let mut end = self.at + 1;
        loop {
            match self.bytes.get(end) {
                None => return self.push(whole, self.bytes.len(), false),
                Some(b'\\') => end += 2,
                Some(b'`') => return self.push(whole, end + 1, false),
                Some(b'$') if self.bytes.get(end + 1) == Some(&b'{') => {
                    self.push(open, end + 2, true);
                    return self.stack.push(Frame::Template);
                }
                Some(_) => end += 1,
            }
        }
    }

    fn number(&mut self) {
        let mut end = self.at;
        while let Some(byte) = self.bytes.get(end) {
            let exponent = end > self.at && matches!(self.bytes.get(end - 1), Some(b'e' | b'E'));
            let sign = exponent && matches!(byte, b'+' | b'-') && self.peek(1) != b'x';
            if !(byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_') || sign) {
                break;
            }
            end += 1;
        }
        self.push(Kind::Number, end, false);
    }

    fn name(&mut self) {
        let rest = self.rest();
        let skip = usize::from(matches!(self.peek(0), b'#' | b'@'));
        let body = rest.get(skip..).unwrap_or_default();
        let length = body.bytes().position(|byte| !is_word(byte)).unwrap_or(body.len()) + skip;
        let word = rest.get(..length).unwrap_or_default();
        let property = self.tokens.last().is_some_and(|token| matches!(token.text, "." | "?."));
        self.push(Kind::Name, self.at + length, !property && BEFORE_EXPRESSION.contains(&word));
    }

    fn regex(&mut self) {
        let mut end = self.at + 1;
        let mut class = false;
        loop {
            match self.bytes.get(end) {
                _ if end < self.hopeless.regex => return self.push(Kind::Punct, self.at + 1, true),
                None | Some(b'\n') => {
                    self.hopeless.regex = end;
                    return self.push(Kind::Punct, self.at + 1, true);
                }
                Some(b'\\') => end += 1,
                Some(b'[') => class = true,
                Some(b']') => class = false,
                Some(b'/') if !class => break,
                Some(_) => {}
            }
            end += 1;
        }
        end += 1;
        while self.bytes.get(end).is_some_and(u8::is_ascii_alphabetic) {
            end += 1;
        }
        self.push(Kind::Regex, end, false);
    }

    fn operator(&mut self) {
        let rest = self.rest();
        let operator = OPERATORS.iter().find(|operator| rest.starts_with(**operator));
        let length =
            operator.map_or_else(|| rest.chars().next().map_or(1, char::len_utf8), |found| found.len());
        let text = rest.get(..length).unwrap_or_default();
        let before_regex = self.enter(text);
        self.push(Kind::Punct, self.at + length, before_regex);
    }

    /// Keeps the stacks for a bracket, and says whether an expression may begin behind the operator.
    fn enter(&mut self, operator: &str) -> bool {
        match operator {
            "(" => {
                let head = self.tokens.last().filter(|token| token.kind == Kind::Name);
                self.parens
                    .push(head.is_some_and(|head| matches!(head.text, "if" | "while" | "for" | "with")));
                true
            }
            ")" => self.parens.pop().unwrap_or(false),
            "{" => {
                self.stack.push(Frame::Brace);
                true
            }
            "}" => {
                // An element's brace or a block's; what stands behind an object is hardly ever a division.
                self.stack.pop();
                true
            }
            "]" => false,
            "++" | "--" => self.before_regex,
            _ => true,
        }
    }

    /// Whether the `<` here opens an element that is closed further on.
    fn opens_element(&self) -> bool {
        let rest = self.rest().get(1..).unwrap_or_default();
        let length = rest.find(|c: char| !is_tag(c)).unwrap_or(rest.len());
        let name = rest.get(..length).unwrap_or_default();
        let next = rest.as_bytes().get(length).copied().unwrap_or(0);
        let shaped = match next {
            b'>' => true,
            b'/' | b' ' | b'\n' | b'\r' | b'\t' => !name.is_empty(),
            _ => false,
        };
        let generic = rest.get(length..).unwrap_or_default().starts_with(" extends ");
        let closed = self.closing.get(name).is_some_and(|at| *at > self.at);
        shaped && !generic && (closed || next != b'>' && closes_itself(rest))
    }
    fn open_tag(&mut self) {
        let closing = self.peek(1) == b'/';
        let skip = 1 + usize::from(closing);
        let rest = self.rest().get(skip..).unwrap_or_default();
        let name = rest.find(|c: char| !is_tag(c)).unwrap_or(rest.len());
        self.push(Kind::Jsx, self.at + skip + name, false);
        self.stack.push(Frame::Tag { closing });
    }

    /// Attributes.
    fn tag(&mut self, closing: bool) {
        match self.peek(0) {
            b'/' if self.peek(1) == b'>' => {
                self.go(self.at + 2);
                self.stack.pop();
                self.before_regex = false;
            }
            b'>' => self.end_of_tag(closing),
            b'{' => self.jsx_brace(),
            quote @ (b'"' | b'\'') => {
                let end = self.rest().bytes().skip(1).position(|byte| byte == quote);
                self.go(end.map_or(self.at + 1, |end| self.at + end + 2));
            }
            _ => self.skip_char(),
        }
    }

    fn end_of_tag(&mut self, closing: bool) {
        self.go(self.at + 1);
        self.stack.pop();
        self.before_regex = false;
        if !closing {
            self.stack.push(Frame::Children);
        } else if self.stack.last() == Some(&Frame::Children) {
            self.stack.pop();
        }
    }

    fn jsx_brace(&mut self) {
        self.push(Kind::Punct, self.at + 1, true);
        self.stack.push(Frame::JsxBrace);
    }

    /// Text between tags.
    fn children(&mut self) {
        match self.peek(0) {
            b'{' => self.jsx_brace(),
            b'<' => self.open_tag(),
            _ => {
                let end = self.rest().find(['{', '<']).map_or(self.bytes.len(), |end| self.at + end);
                self.go(end);
            }
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'\\') || byte >= 0x80
}

/// Whether the tag ends in `/>`, as far as can be seen without reading it.
fn closes_itself(rest: &str) -> bool {
    let near = rest.as_bytes().get(..rest.len().min(500)).unwrap_or_default();
    near.windows(2).find(|pair| pair == b"/>" || pair == b"</" || pair == b";\n") == Some(b"/>")
}
