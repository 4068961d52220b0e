//! Expressions, as far as a fact may stand in one: enough of the grammar to follow a port from an environment variable
//! through its fallbacks into the call that listens. Types are passed over; so is what cannot be read.

use std::borrow::Cow;
use std::rc::Rc;

use super::lexer::{Kind, Token, Tokens};

/// An expression.
#[derive(Debug, Clone)]
pub(super) struct Expr<'a> {
    pub(super) shape: Shape<'a>,
    /// The token that it begins at.
    pub(super) at: usize,
    height: u16,
}

/// What an expression is.
#[derive(Debug, Clone)]
pub(super) enum Shape<'a> {
    Str(Cow<'a, str>),
    /// Texts and what stands between them, in turn: one text more than expressions.
    Template(Vec<Cow<'a, str>>, Vec<Expr<'a>>),
    Number(f64),
    Bool(bool),
    /// `undefined` and `null`.
    Nothing,
    Name(&'a str),
    /// `object.key`, `object['key']`.
    Member(Rc<Expr<'a>>, Cow<'a, str>),
    Call {
        callee: Rc<Expr<'a>>,
        args: Vec<Expr<'a>>,
    },
    Object(Vec<Entry<'a>>),
    Array(Vec<Expr<'a>>),
    /// An assignment is one, too.
    Binary(&'a str, Rc<Expr<'a>>, Rc<Expr<'a>>),
    Unary(&'a str, Rc<Expr<'a>>),
    Conditional(Rc<Expr<'a>>, Rc<Expr<'a>>, Rc<Expr<'a>>),
    /// What it returns, where that is one expression; or the braces of its body.
    Function(Option<Rc<Expr<'a>>>, Option<usize>),
    Unknown,
}

/// An entry of an object; one without a key is spread.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub(super) key: Option<Cow<'a, str>>,
    pub(super) value: Expr<'a>,
}

impl<'a> Expr<'a> {
    pub(super) fn new(at: usize, shape: Shape<'a>) -> Self {
        Self { shape, at, height: 0 }
    }

    fn unknown(at: usize) -> Self {
        Self::new(at, Shape::Unknown)
    }

    /// An expression over others; one that is too high is not worth its stack.
    fn over(at: usize, below: u16, shape: Shape<'a>) -> Self {
        if below >= HIGHEST { Self::unknown(at) } else { Self { shape, at, height: below + 1 } }
    }

    /// `object.key` for an expression that is at hand.
    pub(super) fn member(object: &Rc<Self>, key: Cow<'a, str>, at: usize) -> Self {
        Self::over(at, object.height, Shape::Member(Rc::clone(object), key))
    }

    /// `left || right` for expressions that are at hand.
    pub(super) fn or(left: Self, right: Self) -> Self {
        Self::over(left.at, left.height.max(right.height), Shape::Binary("??", Rc::new(left), Rc::new(right)))
    }

    /// The dotted name that it is: `process.env`, `this.port`.
    pub(super) fn dotted(&self) -> Option<String> {
        match &self.shape {
            Shape::Name(name) => Some((*name).to_owned()),
            Shape::Member(object, key) => Some(format!("{}.{key}", object.dotted()?)),
            _ => None,
        }
    }

    /// The last name of what is called: `listen` of `app.listen`.
    pub(super) fn last_name(&self) -> Option<&str> {
        match &self.shape {
            Shape::Name(name) => Some(name),
            Shape::Member(_, key) => Some(key),
            _ => None,
        }
    }

    /// An entry of an object.
    pub(super) fn entry(&self, key: &str) -> Option<&Expr<'a>> {
        let Shape::Object(entries) = &self.shape else { return None };
        entries.iter().find(|entry| entry.key.as_deref() == Some(key)).map(|entry| &entry.value)
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match &self.shape {
            Shape::Str(text) => Some(text),
            _ => None,
        }
    }
}

const HIGHEST: u16 = 100;
const DEEPEST: u16 = 40;

type Parsed<'a> = (Expr<'a>, usize);

/// Parses expressions out of a file's tokens.
#[derive(Debug)]
pub(super) struct Parser<'t, 'a> {
    tokens: &'t Tokens<'a>,
    depth: u16,
    /// Within `a ? ... :`, where a colon ends and does not begin a type.
    ternary: bool,
}

/// The expression at a token, and the token behind it.
pub(super) fn parse<'a>(tokens: &Tokens<'a>, at: usize) -> Parsed<'a> {
    Parser { tokens, depth: 0, ternary: false }.expr(at)
}

/// What stands at a token without any operator behind it: the target of a declaration.
pub(super) fn parse_primary<'a>(tokens: &Tokens<'a>, at: usize) -> Parsed<'a> {
    Parser { tokens, depth: 0, ternary: false }.primary(at)
}

/// The arguments of a call whose `(` stands at a token.
pub(super) fn parse_args<'a>(tokens: &Tokens<'a>, open: usize) -> Vec<Expr<'a>> {
    Parser { tokens, depth: 0, ternary: false }.list(open).0
}

/// The token behind a type that may stand at a token: `: string | undefined`.
pub(super) fn after_type(tokens: &Tokens<'_>, at: usize) -> usize {
    if tokens.is(at, ":") { Parser { tokens, depth: 0, ternary: false }.skip_type(at + 1) } else { at }
}

/// How tightly an operator binds.
fn binds(operator: &str) -> Option<u8> {
    Some(match operator {
        "||" | "??" => 1,
        "&&" => 2,
        "|" | "^" | "&" => 3,
        "==" | "!=" | "===" | "!==" => 4,
        "<" | ">" | "<=" | ">=" | "in" | "instanceof" => 5,
        "+" | "-" => 6,
        "*" | "/" | "%" => 7,
        _ => return None,
    })
}

impl<'a> Parser<'_, 'a> {
    fn expr(&mut self, at: usize) -> Parsed<'a> {
        if self.depth >= DEEPEST {
            return (Expr::unknown(at), self.behind(at));
        }
        self.depth += 1;
        let parsed = self.arrow(at).unwrap_or_else(|| self.assignment(at));
        self.depth -= 1;
        parsed
    }

    /// The token behind whatever stands at a token, brackets taken whole.
    fn behind(&self, at: usize) -> usize {
        self.tokens.partner(at).filter(|partner| *partner > at).unwrap_or(at) + 1
    }

    fn assignment(&mut self, at: usize) -> Parsed<'a> {
        let (left, next) = self.conditional(at);
        match self.tokens.get(next) {
            Some(Token { kind: Kind::Punct, text: operator @ ("=" | "||=" | "??="), .. }) => {
                let (right, end) = self.expr(next + 1);
                (binary(operator, left, right), end)
            }
            _ => (left, next),
        }
    }

    fn arrow(&mut self, at: usize) -> Option<Parsed<'a>> {
        let start = if self.tokens.is(at, "async") { at + 1 } else { at };
        let token = self.tokens.get(start)?;
        let behind = match (token.kind, token.text) {
            (Kind::Punct, "(") => {
                let close = self.behind(start);
                if self.ternary || !self.tokens.is(close, ":") { close } else { self.skip_type(close + 1) }
            }
            (Kind::Name, _) => start + 1,
            _ => return None,
        };
        if !self.tokens.is(behind, "=>") {
            return None;
        }
        if self.tokens.is(behind + 1, "{") {
            let body = behind + 1;
            return Some((Expr::new(at, Shape::Function(None, Some(body))), self.behind(body)));
        }
        let (body, next) = self.expr(behind + 1);
        Some((Expr::over(at, body.height, Shape::Function(Some(Rc::new(body)), None)), next))
    }

    fn conditional(&mut self, at: usize) -> Parsed<'a> {
        let (test, next) = self.binary(at, 0);
        if !self.tokens.is(next, "?") {
            return (test, next);
        }
        let outer = std::mem::replace(&mut self.ternary, true);
        let (then, colon) = self.expr(next + 1);
        self.ternary = outer;
        if !self.tokens.is(colon, ":") {
            return (Expr::unknown(at), colon);
        }
        let (other, end) = self.expr(colon + 1);
        let height = test.height.max(then.height).max(other.height);
        (Expr::over(at, height, Shape::Conditional(Rc::new(test), Rc::new(then), Rc::new(other))), end)
    }

    fn binary(&mut self, at: usize, least: u8) -> Parsed<'a> {
        let (mut left, mut next) = self.unary(at);
        while let Some(token) = self.tokens.get(next) {
            if token.kind == Kind::Name && matches!(token.text, "as" | "satisfies") {
                next = self.skip_type(next + 1);
                continue;
            }
            let operator =
                matches!(token.kind, Kind::Punct | Kind::Name).then(|| binds(token.text)).flatten();
            let Some(strength) = operator.filter(|strength| *strength > least) else { break };
            let (right, end) = self.binary(next + 1, strength);
            left = binary(token.text, left, right);
            next = end;
        }
        (left, next)
    }

    fn unary(&mut self, at: usize) -> Parsed<'a> {
        let Some(token) = self.tokens.get(at) else { return (Expr::unknown(at), at) };
        let operator = match (token.kind, token.text) {
            (Kind::Punct, "!" | "+" | "-" | "~" | "++" | "--" | "...")
            | (Kind::Name, "typeof" | "void" | "await" | "delete" | "yield") => token.text,
            (Kind::Punct, "<") => {
                let Some(cast) = self.skip_generics(at) else { return (Expr::unknown(at), at + 1) };
                return self.deeper(at, |parser| parser.unary(cast));
            }
            _ => return self.postfix(at),
        };
        let (inner, next) = self.deeper(at, |parser| parser.unary(at + 1));
        if operator == "await" {
            return (inner, next);
        }
        (Expr::over(at, inner.height, Shape::Unary(operator, Rc::new(inner))), next)
    }

    fn deeper(&mut self, at: usize, parse: impl FnOnce(&mut Self) -> Parsed<'a>) -> Parsed<'a> {
        if self.depth >= DEEPEST {
            return (Expr::unknown(at), self.behind(at));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn postfix(&mut self, at: usize) -> Parsed<'a> {
        let start = if self.tokens.is(at, "new") { at + 1 } else { at };
        let (mut left, mut next) = self.primary(start);
        while let Some(token) = self.tokens.get(next) {
            match (token.kind, token.text) {
                (Kind::Punct, "." | "?.") => (left, next) = self.dot(left, next),
                (Kind::Punct, "[") => (left, next) = self.index(left, next),
                (Kind::Punct, "(") => (left, next) = self.call(left, next),
                (Kind::Punct, "!") if token.line == self.tokens.line(next.saturating_sub(1)) => next += 1,
                (Kind::Punct, "++" | "--") => next += 1,
                (Kind::Punct, "<") => {
                    match self.skip_generics(next).filter(|end| self.tokens.is(*end, "(")) {
                        Some(end) => next = end,
                        None => break,
                    }
                }
                (Kind::TemplateHead, _) => (left, next) = (Expr::unknown(at), self.behind(next)),
                _ => break,
            }
        }
        (left, next)
    }

    fn dot(&mut self, left: Expr<'a>, dot: usize) -> Parsed<'a> {
        match self.tokens.name(dot + 1) {
            Some(name) => {
                (Expr::over(left.at, left.height, Shape::Member(Rc::new(left), name.into())), dot + 2)
            }
            None => (left, dot + 1),
        }
    }

    fn index(&mut self, left: Expr<'a>, open: usize) -> Parsed<'a> {
        // Without a partner, what follows would be read here and once more behind the bracket.
        let Some(close) = self.tokens.partner(open).filter(|close| *close > open) else {
            return (Expr::unknown(left.at), open + 1);
        };
        let (key, _) = self.expr(open + 1);
        let next = close + 1;
        match key.shape {
            Shape::Str(key) => (Expr::over(left.at, left.height, Shape::Member(Rc::new(left), key)), next),
            _ => (Expr::unknown(left.at), next),
        }
    }

    fn call(&mut self, callee: Expr<'a>, open: usize) -> Parsed<'a> {
        let (args, next) = self.list(open);
        let height = args.iter().map(|arg| arg.height).max().unwrap_or(0).max(callee.height);
        (Expr::over(callee.at, height, Shape::Call { callee: Rc::new(callee), args }), next)
    }

    fn primary(&mut self, at: usize) -> Parsed<'a> {
        let Some(token) = self.tokens.get(at) else { return (Expr::unknown(at), at) };
        let shape = match (token.kind, token.text) {
            (Kind::Punct, "(") => return self.parenthesis(at),
            (Kind::Punct, "[") => return self.array(at),
            (Kind::Punct, "{") => return self.object(at),
            (Kind::TemplateHead, _) => return self.template(at),
            (Kind::Name, "function" | "class") => return self.body(at),
            (Kind::Name, "async") if self.tokens.is(at + 1, "function") => return self.body(at + 1),
            (Kind::Str, text) => Shape::Str(unquote(text)),
            (Kind::Number, text) => number(text).map_or(Shape::Unknown, Shape::Number),
            (Kind::Name, "true") => Shape::Bool(true),
            (Kind::Name, "false") => Shape::Bool(false),
            (Kind::Name, "undefined" | "null") => Shape::Nothing,
            (Kind::Name, name) => Shape::Name(name),
            (Kind::Jsx, _) => return (Expr::unknown(at), self.behind_element(at)),
            (Kind::Regex, _) => Shape::Unknown,
            // A bracket that closes, or an operator: nothing stands here.
            _ => return (Expr::unknown(at), at),
        };
        (Expr::new(at, shape), at + 1)
    }

    fn behind_element(&self, at: usize) -> usize {
        let mut next = at;
        while let Some(token) = self.tokens.get(next) {
            match (token.kind, token.text) {
                (Kind::Jsx, _) => next += 1,
                (Kind::Punct, "{") => next = self.behind(next),
                _ => break,
            }
        }
        next
    }

    fn parenthesis(&mut self, open: usize) -> Parsed<'a> {
        let outer = std::mem::replace(&mut self.ternary, false);
        let (mut list, next) = self.list(open);
        self.ternary = outer;
        (list.pop().unwrap_or_else(|| Expr::unknown(open)), next)
    }

    fn array(&mut self, open: usize) -> Parsed<'a> {
        let (items, next) = self.list(open);
        let height = items.iter().map(|item| item.height).max().unwrap_or(0);
        (Expr::over(open, height, Shape::Array(items)), next)
    }

    /// What stands between a bracket and its partner, parted by commas.
    fn list(&mut self, open: usize) -> (Vec<Expr<'a>>, usize) {
        let Some(close) = self.tokens.partner(open).filter(|close| *close > open) else {
            return (Vec::new(), open + 1);
        };
        let mut items = Vec::new();
        let mut at = open + 1;
        while at < close {
            let (item, next) = self.expr(at);
            items.push(item);
            at = self.comma(next, close) + 1;
        }
        (items, close + 1)
    }

    /// The next comma at this level, or the end.
    fn comma(&self, mut at: usize, close: usize) -> usize {
        while at < close && !self.tokens.is(at, ",") {
            at = self.behind(at);
        }
        at.min(close)
    }

    fn object(&mut self, open: usize) -> Parsed<'a> {
        let Some(close) = self.tokens.partner(open).filter(|close| *close > open) else {
            return (Expr::unknown(open), open + 1);
        };
        let mut entries = Vec::new();
        let mut at = open + 1;
        while at < close {
            let (entry, next) = self.entry(at);
            entries.extend(entry);
            at = self.comma(next, close) + 1;
        }
        let height = entries.iter().map(|entry: &Entry<'_>| entry.value.height).max().unwrap_or(0);
        (Expr::over(open, height, Shape::Object(entries)), close + 1)
    }

    fn entry(&mut self, at: usize) -> (Option<Entry<'a>>, usize) {
        if self.tokens.is(at, "...") {
            let (value, next) = self.expr(at + 1);
            return (Some(Entry { key: None, value }), next);
        }
        let modifier = matches!(self.tokens.name(at), Some("async" | "get" | "set"))
            && !matches!(self.tokens.get(at + 1), Some(Token { text: ":" | "," | "(" | "}" | "=", .. }));
        let at = at + usize::from(modifier);
        let at = at + usize::from(self.tokens.is(at, "*"));
        let Some(token) = self.tokens.get(at) else { return (None, at) };
        let key = match token.kind {
            Kind::Name | Kind::Number => Cow::Borrowed(token.text),
            Kind::Str => unquote(token.text),
            _ => return (None, self.behind(at)),
        };
        let (value, next) = self.entry_value(at, token);
        (Some(Entry { key: Some(key), value }), next)
    }

    fn entry_value(&mut self, at: usize, key: Token<'a>) -> Parsed<'a> {
        let own = Expr::new(at, Shape::Name(key.text));
        match self.tokens.get(at + 1).map(|token| token.text) {
            Some(":") => {
                let outer = std::mem::replace(&mut self.ternary, false);
                let parsed = self.expr(at + 2);
                self.ternary = outer;
                parsed
            }
            Some("=") => {
                let (default, next) = self.expr(at + 2);
                (binary("=", own, default), next)
            }
            Some("(" | "<") => self.body(at),
            _ => (own, at + 1),
        }
    }

    /// A function or class: what stands before its braces, and they.
    fn body(&mut self, at: usize) -> Parsed<'a> {
        let mut next = at;
        for _ in 0..64 {
            match self.tokens.get(next) {
                Some(Token { kind: Kind::Punct, text: "{", .. }) => {
                    return (Expr::new(at, Shape::Function(None, Some(next))), self.behind(next));
                }
                None | Some(Token { kind: Kind::Punct, text: ";" | "}" | ")", .. }) => break,
                Some(_) => next = self.behind(next),
            }
        }
        (Expr::unknown(at), next.max(at + 1))
    }

    fn template(&mut self, at: usize) -> Parsed<'a> {
        let Some(tail) = self.tokens.partner(at).filter(|tail| *tail > at) else {
            return (Expr::unknown(at), at + 1);
        };
        let (mut texts, mut parts) = (Vec::new(), Vec::new());
        let mut next = at;
        while let Some(piece) = self.tokens.get(next).filter(|_| next < tail) {
            texts.push(unescape(piece.text.get(1..piece.text.len().saturating_sub(2)).unwrap_or_default()));
            parts.push(self.expr(next + 1).0);
            next = self.piece(next + 1, tail);
        }
        let last = self.tokens.get(tail).map_or("", |piece| piece.text);
        texts.push(unescape(last.get(1..last.len().saturating_sub(1)).unwrap_or_default()));
        let height = parts.iter().map(|part: &Expr<'_>| part.height).max().unwrap_or(0);
        (Expr::over(at, height, Shape::Template(texts, parts)), tail + 1)
    }

    /// The next piece of a template's text.
    fn piece(&self, mut at: usize, tail: usize) -> usize {
        while at < tail && self.tokens.get(at).is_some_and(|token| token.kind != Kind::TemplateMiddle) {
            at = self.behind(at);
        }
        at.min(tail)
    }

    /// The token behind `<...>`, where that can be type arguments.
    fn skip_generics(&self, open: usize) -> Option<usize> {
        let mut depth = 0_u8;
        let mut at = open;
        for _ in 0..40 {
            let token = self.tokens.get(at)?;
            match (token.kind, token.text) {
                (Kind::Punct, "<") => depth = depth.checked_add(1)?,
                (Kind::Punct, ">") if depth == 1 => return Some(at + 1),
                (Kind::Punct, ">") => depth -= 1,
                (Kind::Punct, "{" | "[" | "(") => at = self.behind(at) - 1,
                (Kind::Punct, "." | "," | "|" | "&" | "=>" | "?" | ":") | (Kind::Name | Kind::Str, _) => {}
                _ => return None,
            }
            at += 1;
        }
        None
    }

    /// The token behind a type.
    fn skip_type(&self, mut at: usize) -> usize {
        loop {
            at = self.skip_type_word(at);
            while self.tokens.is(at, "[") {
                at = self.behind(at);
            }
            match self.tokens.get(at) {
                Some(
                    Token { kind: Kind::Punct, text: "|" | "&" | ".", .. }
                    | Token { kind: Kind::Name, text: "is" | "extends", .. },
                ) => at += 1,
                _ => return at,
            }
        }
    }

    fn skip_type_word(&self, mut at: usize) -> usize {
        while matches!(self.tokens.name(at), Some("typeof" | "keyof" | "readonly" | "asserts" | "infer"))
            || self.tokens.is(at, "|")
        {
            at += 1;
        }
        match self.tokens.get(at) {
            Some(Token { kind: Kind::Name | Kind::Str | Kind::Number, .. }) => {
                if self.tokens.is(at + 1, "<") {
                    self.skip_generics(at + 1).unwrap_or(at + 1)
                } else {
                    at + 1
                }
            }
            Some(Token { kind: Kind::Punct, text: "{" | "[" | "(", .. }) => self.behind(at),
            _ => at,
        }
    }
}

fn binary<'a>(operator: &'a str, left: Expr<'a>, right: Expr<'a>) -> Expr<'a> {
    let height = left.height.max(right.height);
    Expr::over(left.at, height, Shape::Binary(operator, Rc::new(left), Rc::new(right)))
}

/// The text of a string token.
pub(super) fn unquote(token: &str) -> Cow<'_, str> {
    unescape(token.get(1..token.len().saturating_sub(1)).unwrap_or_default())
}

/// Escapes stand for themselves, but for those of a line's end and of a tab: no path or port has others.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('t')) => out.push('\t'),
            ('\\', Some('\n') | None) => {}
            ('\\', Some(escaped)) => out.push(escaped),
            (plain, _) => out.push(plain),
        }
    }
    Cow::Owned(out)
}

fn number(text: &str) -> Option<f64> {
    let plain = text.replace('_', "").to_ascii_lowercase();
    let digits = |radix| i64::from_str_radix(plain.get(2..).unwrap_or_default(), radix).ok();
    let whole = match plain.get(..2) {
        Some("0x") => digits(16),
        Some("0o") => digits(8),
        Some("0b") => digits(2),
        _ => return plain.trim_end_matches('n').parse().ok(),
    };
    #[expect(clippy::cast_precision_loss, reason = "ports and sizes are small")]
    whole.map(|whole| whole as f64)
}
/// What the body of a function returns at its end, outside of its own blocks; `open` is the brace that opens it.
pub(super) fn returned<'a>(tokens: &Tokens<'a>, open: usize) -> Option<Expr<'a>> {
    let close = tokens.partner(open)?;
    let mut at = open + 1;
    let mut last = None;
    while at < close {
        if tokens.is(at, "return") {
            last = Some(at);
        }
        at = tokens.partner(at).filter(|partner| *partner > at).unwrap_or(at) + 1;
    }
    Some(parse(tokens, last? + 1).0)
}
