//! Python's expressions: a small tree, enough to follow values. What it has no shape for is `Other`.

use super::lex::{Kind, Token};

/// An argument of a call: its keyword, where it has one, and its value.
pub type Argument = (Option<String>, Expr);

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A string without values in it.
    Text(String),
    /// An f-string: pieces of text, and the expressions between them as dotted names.
    Format(Vec<Expr>),
    /// A whole number.
    Number(i64),
    /// A name, `True`, `False` and `None` among them.
    Name(String),
    /// `base.name`.
    Attribute(Box<Expr>, String),
    /// `function(arguments)`, and its line.
    Call {
        /// What is called.
        function: Box<Expr>,
        /// With what.
        arguments: Vec<Argument>,
        /// The line of the opening bracket.
        line: u32,
    },
    /// `base[index]`, and its line.
    Index(Box<Expr>, Box<Expr>, u32),
    /// A list, tuple or set.
    List(Vec<Expr>),
    /// A dictionary.
    Dict(Vec<(Expr, Expr)>),
    /// Two values and the operator between them.
    Binary(Box<Expr>, String, Box<Expr>),
    /// `then if condition else otherwise`.
    If {
        /// The condition.
        condition: Box<Expr>,
        /// Where it holds.
        then: Box<Expr>,
        /// Where it does not.
        otherwise: Box<Expr>,
    },
    /// Anything else, with what it is made of.
    Other(Vec<Expr>),
}

impl Expr {
    /// The text of a string.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// `a.b.c` of names and attributes alone.
    #[must_use]
    pub fn dotted(&self) -> Option<String> {
        match self {
            Self::Name(name) => Some(name.clone()),
            Self::Attribute(base, name) => Some(format!("{}.{name}", base.dotted()?)),
            _ => None,
        }
    }

    /// A call: the dotted name of what is called, its arguments, its line.
    #[must_use]
    pub fn call(&self) -> Option<(String, &[Argument], u32)> {
        match self {
            Self::Call { function, arguments, line } => Some((function.dotted()?, arguments, *line)),
            _ => None,
        }
    }

    /// The last name of what is called, whatever it is called on: `run` of `make_app().run()`.
    #[must_use]
    pub fn called(&self) -> Option<&str> {
        match self {
            Self::Call { function, .. } => match function.as_ref() {
                Self::Name(name) | Self::Attribute(_, name) => Some(name),
                _ => None,
            },
            _ => None,
        }
    }

    /// The argument of a call by its keyword, else by its place.
    #[must_use]
    pub fn argument(&self, keyword: &str, place: usize) -> Option<&Self> {
        let Self::Call { arguments, .. } = self else { return None };
        let named = arguments.iter().find(|(name, _)| name.as_deref() == Some(keyword));
        named
            .or_else(|| arguments.iter().filter(|(name, _)| name.is_none()).nth(place))
            .map(|(_, value)| value)
    }

    /// The argument of a call by its keyword alone.
    #[must_use]
    pub fn keyword(&self, keyword: &str) -> Option<&Self> {
        self.argument(keyword, usize::MAX)
    }

    /// Hands itself and everything that it is made of to `look`.
    pub fn walk<'e>(&'e self, look: &mut impl FnMut(&'e Self)) {
        look(self);
        match self {
            Self::Text(_) | Self::Number(_) | Self::Name(_) => {}
            Self::Format(parts) | Self::List(parts) | Self::Other(parts) => {
                for part in parts {
                    part.walk(look);
                }
            }
            Self::Attribute(base, _) => base.walk(look),
            Self::Call { function, arguments, .. } => {
                function.walk(look);
                for (_, value) in arguments {
                    value.walk(look);
                }
            }
            Self::Index(base, index, _) => {
                base.walk(look);
                index.walk(look);
            }
            Self::Dict(pairs) => {
                for (key, value) in pairs {
                    key.walk(look);
                    value.walk(look);
                }
            }
            Self::Binary(left, _, right) => {
                left.walk(look);
                right.walk(look);
            }
            Self::If { condition, then, otherwise } => {
                condition.walk(look);
                then.walk(look);
                otherwise.walk(look);
            }
        }
    }
}

/// Reads tokens into expressions.
pub(super) struct Reader<'t, 'a> {
    tokens: &'t [Token<'a>],
    pub(super) at: usize,
    depth: u32,
}

/// Nested deeper than this, an expression is passed over: the text is hostile or made by a program.
const DEEPEST: u32 = 60;

const COMPARISONS: [&str; 9] = ["==", "!=", "<", ">", "<=", ">=", "in", "is", "not"];
const SUMS: [&str; 6] = ["+", "-", "|", "&", "^", "<<"];
const PRODUCTS: [&str; 6] = ["*", "/", "//", "%", "@", "**"];

impl<'t, 'a> Reader<'t, 'a> {
    pub(super) fn new(tokens: &'t [Token<'a>]) -> Self {
        Self { tokens, at: 0, depth: 0 }
    }

    pub(super) fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.at).map(|token| token.text)
    }

    pub(super) fn is(&self, text: &str) -> bool {
        self.tokens.get(self.at).is_some_and(|token| token.kind != Kind::Str && token.text == text)
    }

    pub(super) fn take(&mut self, text: &str) -> bool {
        let is = self.is(text);
        self.at += usize::from(is);
        is
    }

    fn one_of(&self, words: &[&str]) -> Option<&'a str> {
        let token = self.tokens.get(self.at).filter(|token| token.kind != Kind::Str)?;
        words.contains(&token.text).then_some(token.text)
    }

    pub(super) fn done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(super) fn line(&self) -> u32 {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |token| token.line)
    }

    /// An expression, and a tuple where commas follow.
    pub(super) fn expressions(&mut self) -> Expr {
        let first = self.expression();
        if !self.is(",") {
            return first;
        }
        let mut all = vec![first];
        while self.take(",") {
            if self.done() || self.one_of(&["=", ")", "]", "}", ":"]).is_some() {
                break;
            }
            all.push(self.expression());
        }
        Expr::List(all)
    }

    /// An expression with `if` and `else`, `lambda`, `:=`.
    pub(super) fn expression(&mut self) -> Expr {
        if self.depth >= DEEPEST {
            self.at = self.tokens.len();
            return Expr::Other(Vec::new());
        }
        self.depth += 1;
        let found = self.choice();
        self.depth -= 1;
        found
    }

    fn choice(&mut self) -> Expr {
        if self.take("lambda") {
            while !self.done() && !self.is(":") {
                self.at += 1;
            }
            self.take(":");
            return Expr::Other(vec![self.expression()]);
        }
        if self.one_of(&["await", "yield", "not"]).is_some() {
            self.at += 1;
            self.take("from");
            return Expr::Other(vec![self.expression()]);
        }
        let then = self.level(0);
        if self.take(":=") {
            return self.expression();
        }
        if !self.take("if") {
            return then;
        }
        let condition = Box::new(self.level(0));
        let otherwise = if self.take("else") { self.expression() } else { Expr::Other(Vec::new()) };
        Expr::If { condition, then: Box::new(then), otherwise: Box::new(otherwise) }
    }

    /// Operators by how tightly they bind, the loosest first.
    fn level(&mut self, level: usize) -> Expr {
        let operators: &[&str] = match level {
            0 => &["or"],
            1 => &["and"],
            2 => &COMPARISONS,
            3 => &SUMS,
            4 => &PRODUCTS,
            _ => return self.unary(),
        };
        let mut left = self.level(level + 1);
        while let Some(operator) = self.one_of(operators) {
            self.at += 1;
            while matches!(self.peek(), Some("in" | "not")) && matches!(operator, "not" | "is") {
                self.at += 1;
            }
            let right =
                if level == 0 || level == 1 { self.negated(level + 1) } else { self.level(level + 1) };
            left = Expr::Binary(Box::new(left), operator.to_owned(), Box::new(right));
        }
        left
    }

    fn negated(&mut self, level: usize) -> Expr {
        if self.take("not") { Expr::Other(vec![self.level(2)]) } else { self.level(level) }
    }

    fn unary(&mut self) -> Expr {
        if self.one_of(&["-", "+", "~", "*", "**", "await", "not"]).is_some() && self.depth < DEEPEST {
            self.at += 1;
            self.depth += 1;
            let inner = Expr::Other(vec![self.unary()]);
            self.depth -= 1;
            return inner;
        }
        let mut found = self.atom();
        loop {
            if self.take(".") {
                let Some(name) = self.peek() else { break };
                self.at += 1;
                found = Expr::Attribute(Box::new(found), name.to_owned());
            } else if self.is("(") {
                let line = self.line();
                self.at += 1;
                let arguments = self.arguments();
                found = Expr::Call { function: Box::new(found), arguments, line };
            } else if self.is("[") {
                let line = self.line();
                self.at += 1;
                let index = self.items("]");
                let index = if index.len() == 1 { index.into_iter().next() } else { None };
                let index = index.unwrap_or(Expr::Other(Vec::new()));
                found = Expr::Index(Box::new(found), Box::new(index), line);
            } else {
                break;
            }
        }
        found
    }

    fn atom(&mut self) -> Expr {
        let Some(token) = self.tokens.get(self.at).copied() else { return Expr::Other(Vec::new()) };
        match (token.kind, token.text) {
            (Kind::Str, _) => self.strings(),
            (Kind::Number, text) => {
                self.at += 1;
                text.replace('_', "").parse().map_or(Expr::Other(Vec::new()), Expr::Number)
            }
            (Kind::Name, text) => {
                self.at += 1;
                Expr::Name(text.to_owned())
            }
            (_, "(") => {
                self.at += 1;
                let tuple = self.has_comma();
                let mut inner = self.items(")");
                if inner.len() == 1 && !tuple { inner.remove(0) } else { Expr::List(inner) }
            }
            (_, "[") => {
                self.at += 1;
                Expr::List(self.items("]"))
            }
            (_, "{") => {
                self.at += 1;
                self.braces()
            }
            (_, ")" | "]" | "}" | "," | ":" | "=") => Expr::Other(Vec::new()),
            _ => {
                self.at += 1;
                Expr::Other(Vec::new())
            }
        }
    }

    /// Whether a comma stands in the bracket that was just opened.
    fn has_comma(&self) -> bool {
        let mut depth = 0u32;
        for token in self.tokens.get(self.at..).unwrap_or_default() {
            match token.text {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" if depth == 0 => return false,
                ")" | "]" | "}" => depth -= 1,
                "," if depth == 0 => return true,
                _ => {}
            }
        }
        false
    }

    /// Strings that stand side by side are one.
    fn strings(&mut self) -> Expr {
        let mut parts: Vec<Expr> = Vec::new();
        while let Some(token) = self.tokens.get(self.at).filter(|token| token.kind == Kind::Str) {
            self.at += 1;
            pieces(token.text, &mut parts);
        }
        match parts.as_slice() {
            [] => Expr::Text(String::new()),
            [Expr::Text(one)] => Expr::Text(one.clone()),
            _ => Expr::Format(parts),
        }
    }

    /// Items up to a closing bracket; what follows the first `for` of a comprehension is passed over.
    fn items(&mut self, close: &str) -> Vec<Expr> {
        let mut all = Vec::new();
        while !self.done() && !self.take(close) {
            let before = self.at;
            if !self.take(",") {
                all.push(self.expression());
            }
            self.comprehension(close);
            self.at += usize::from(self.at == before);
        }
        all
    }

    fn comprehension(&mut self, close: &str) {
        if !self.is("for") && !self.is("async") {
            return;
        }
        let mut depth = 0u32;
        while let Some(text) = self.peek() {
            match text {
                "(" | "[" | "{" => depth += 1,
                text if depth == 0 && text == close => return,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
        }
    }

    fn arguments(&mut self) -> Vec<Argument> {
        let mut all = Vec::new();
        while !self.done() && !self.take(")") {
            let before = self.at;
            if !self.take(",") {
                let keyword = self.tokens.get(self.at).filter(|token| {
                    token.kind == Kind::Name
                        && self.tokens.get(self.at + 1).is_some_and(|next| next.text == "=")
                });
                let keyword = keyword.map(|token| token.text.to_owned());
                self.at += if keyword.is_some() { 2 } else { 0 };
                let more = keyword.is_none() && self.take("**");
                all.push((if more { Some("**".to_owned()) } else { keyword }, self.expression()));
            }
            self.comprehension(")");
            self.at += usize::from(self.at == before);
        }
        all
    }

    fn braces(&mut self) -> Expr {
        let (mut pairs, mut items) = (Vec::new(), Vec::new());
        while !self.done() && !self.take("}") {
            let before = self.at;
            if !self.take(",") {
                let key = self.expression();
                if self.take(":") {
                    pairs.push((key, self.expression()));
                } else {
                    items.push(key);
                }
            }
            self.comprehension("}");
            self.at += usize::from(self.at == before);
        }
        if items.is_empty() { Expr::Dict(pairs) } else { Expr::List(items) }
    }
}

/// The text of a string's token, and the names that an f-string puts in.
fn pieces(token: &str, parts: &mut Vec<Expr>) {
    let body = token.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let prefix = token.get(..token.len() - body.len()).unwrap_or_default().to_ascii_lowercase();
    let quotes = if body.starts_with("\"\"\"") || body.starts_with("'''") { 3 } else { 1 };
    let closed = body.len() >= 2 * quotes && body.get(..1) == body.get(body.len().saturating_sub(1)..);
    let inner = body.get(quotes..body.len() - if closed { quotes } else { 0 }).unwrap_or_default();
    let raw = prefix.contains('r');
    if prefix.contains('f') {
        formatted(inner, raw, parts);
    } else {
        add_text(parts, unescaped(inner, raw));
    }
}

fn add_text(parts: &mut Vec<Expr>, text: String) {
    match parts.last_mut() {
        Some(Expr::Text(last)) => last.push_str(&text),
        _ => parts.push(Expr::Text(text)),
    }
}

fn formatted(inner: &str, raw: bool, parts: &mut Vec<Expr>) {
    let mut rest = inner;
    while let Some(open) = rest.find('{') {
        let (before, behind) = rest.split_at(open);
        add_text(parts, unescaped(&before.replace("}}", "}"), raw));
        if let Some(doubled) = behind.strip_prefix("{{") {
            add_text(parts, "{".to_owned());
            rest = doubled;
            continue;
        }
        let close = behind.find('}').unwrap_or(behind.len());
        let name = behind.get(1..close).unwrap_or_default();
        let name = name.split(['!', ':', '=']).next().unwrap_or_default().trim();
        parts.push(placeholder(name));
        rest = behind.get(close + 1..).unwrap_or_default();
    }
    add_text(parts, unescaped(&rest.replace("}}", "}"), raw));
}

/// What stands in the braces of an f-string, as far as it is simple.
fn placeholder(text: &str) -> Expr {
    let lines = super::lex::lines(text);
    match lines.as_slice() {
        [line] if !text.contains('{') => Reader::new(&line.tokens).expression(),
        _ => Expr::Other(Vec::new()),
    }
}

fn unescaped(text: &str, raw: bool) -> String {
    if raw || !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('\n') | None => {}
                Some(other) => out.push(other),
            },
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Expr {
        let lines = super::super::lex::lines(text);
        Reader::new(&lines[0].tokens).expressions()
    }

    #[test]
    fn reads_calls_and_values() {
        let call = read("int(os.environ.get('PORT', 5_000))");
        let (name, arguments, line) = call.call().unwrap();
        assert_eq!((name.as_str(), arguments.len(), line), ("int", 1, 1));
        let inner = arguments[0].1.call().unwrap();
        assert_eq!((inner.0.as_str(), &inner.1[1].1), ("os.environ.get", &Expr::Number(5000)));
        let call = read("app.run(host='0.0.0.0', port=80, **extra)");
        assert_eq!(call.keyword("port"), Some(&Expr::Number(80)));
        assert_eq!(read("\"a\" 'b'"), Expr::Text("ab".into()));
        assert_eq!(read("r'a\\b'"), Expr::Text("a\\b".into()));
    }

    #[test]
    fn reads_operators_and_formats() {
        let path = read("BASE_DIR / 'a' / 'b'");
        assert!(
            matches!(path, Expr::Binary(_, operator, right) if operator == "/" && right.text() == Some("b"))
        );
        assert!(matches!(read("os.getenv('A') or 8000"), Expr::Binary(_, operator, _) if operator == "or"));
        assert!(matches!(read("1 if a else 2"), Expr::If { .. }));
        let Expr::Format(parts) = read("f'0.0.0.0:{PORT}'") else { panic!() };
        assert_eq!(parts[1], Expr::Name("PORT".into()));
        assert!(matches!(read("[x for x in y if x]"), Expr::List(items) if items.len() == 1));
        assert!(matches!(read("{'a': 1, **b}"), Expr::Dict(_) | Expr::List(_)));
        assert!(matches!(read("('', 8000)"), Expr::List(items) if items.len() == 2));
        assert_eq!(read("not_a.b").dotted().as_deref(), Some("not_a.b"));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)(lambda |if |else |not |in |for |or |and |f'\\{a\\}'|'x'|[a-c]|[0-9]|[(){}\\[\\],.:=+*/-]| |\n){0,40}") {
            for line in super::super::lex::lines(&text) {
                let mut reader = Reader::new(&line.tokens);
                let _ = reader.expressions();
            }
        }
    }
}
