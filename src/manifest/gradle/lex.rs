//! The tokens of Gradle's build files, Groovy and Kotlin alike, and the statements that they make.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A name.
    Word,
    /// A text, without its quotes.
    Text,
    /// A number.
    Number,
    /// An operator or a bracket.
    Mark,
    /// The end of a line.
    Line,
}

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// What it says.
    pub text: String,
    /// Its line, counted from 1.
    pub line: u32,
}

/// A statement: `java { ... }`, `version = '1'`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Statement {
    /// Everything in front of its block.
    pub tokens: Vec<Token>,
    /// What its block holds.
    pub block: Vec<Statement>,
}

/// Deeper blocks than these are nobody's build file.
const DEEPEST: usize = 40;

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        self.line = self.line.saturating_add(u32::from(letter == '\n'));
        Some(letter)
    }

    fn starts(&self, with: &str) -> bool {
        self.rest().starts_with(with)
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(letter) = self.peek().filter(|letter| keep(*letter)) {
            taken.push(letter);
            self.take();
        }
        taken
    }

    fn skip_comment(&mut self) -> bool {
        if self.starts("//") {
            self.take_while(|letter| letter != '\n');
            return true;
        }
        if !self.starts("/*") {
            return false;
        }
        let end = self.rest().get(2..).and_then(|rest| rest.find("*/"));
        let end = end.map_or(self.text.len(), |length| self.at + 2 + length + 2);
        while self.at < end && self.take().is_some() {}
        true
    }

    /// A text in quotes; escapes are taken out, what is put in stays as written.
    fn quoted(&mut self, quote: &str) -> String {
        for _ in quote.chars() {
            self.take();
        }
        let mut text = String::new();
        while self.at < self.text.len() && !self.starts(quote) {
            match self.take() {
                Some('\\') if quote.len() == 1 => text.extend(self.take()),
                // A text that is not closed ends with its line.
                Some('\n') if quote.len() == 1 => return text,
                letter => text.extend(letter),
            }
        }
        for _ in quote.chars() {
            self.take();
        }
        text
    }
}

fn token(reader: &mut Reader) -> Option<Token> {
    loop {
        reader.take_while(|letter| letter.is_whitespace() && letter != '\n');
        if !reader.skip_comment() {
            break;
        }
    }
    let (first, line) = (reader.peek()?, reader.line);
    let (kind, text) = match first {
        '\n' => {
            reader.take();
            (Kind::Line, String::new())
        }
        '\'' | '"' => {
            let three = first.to_string().repeat(3);
            let quote = if reader.starts(&three) { three } else { first.to_string() };
            (Kind::Text, reader.quoted(&quote))
        }
        '`' => (Kind::Word, reader.quoted("`")),
        _ if first.is_alphabetic() || first == '_' || first == '$' => (
            Kind::Word,
            reader.take_while(|letter| letter.is_alphanumeric() || letter == '_' || letter == '$'),
        ),
        _ if first.is_ascii_digit() => {
            let digits = reader.take_while(|letter| letter.is_ascii_alphanumeric() || letter == '.');
            (Kind::Number, digits.trim_end_matches('.').to_owned())
        }
        _ => {
            reader.take();
            (Kind::Mark, first.to_string())
        }
    };
    Some(Token { kind, text, line })
}

/// The statements of a build file.
#[must_use]
pub(super) fn statements(text: &str) -> Vec<Statement> {
    let mut reader = Reader { text, at: 0, line: 1 };
    let mut tokens = std::iter::from_fn(|| token(&mut reader)).collect::<Vec<_>>().into_iter().peekable();
    block(&mut tokens, 0)
}

type Tokens = std::iter::Peekable<std::vec::IntoIter<Token>>;

impl Token {
    fn is(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark
    }
}

fn block(tokens: &mut Tokens, depth: usize) -> Vec<Statement> {
    let mut all = Vec::new();
    let mut statement = Statement::default();
    let mut open = 0usize;
    while let Some(token) = tokens.next() {
        match token.text.as_str() {
            "(" | "[" if token.kind == Kind::Mark => open += 1,
            ")" | "]" if token.kind == Kind::Mark => open = open.saturating_sub(1),
            "{" if token.kind == Kind::Mark && open > 0 => open += 1,
            "}" if token.kind == Kind::Mark && open > 0 => open -= 1,
            "{" if token.kind == Kind::Mark && depth < DEEPEST => {
                statement.block = block(tokens, depth + 1);
                end(&mut all, &mut statement);
                continue;
            }
            "}" if token.kind == Kind::Mark => {
                if depth > 0 {
                    break;
                }
                continue;
            }
            _ => {}
        }
        let ends = token.kind == Kind::Line || token.is(";");
        if ends && open == 0 {
            if !goes_on(&statement, tokens) {
                end(&mut all, &mut statement);
            }
        } else if !ends {
            statement.tokens.push(token);
        }
    }
    end(&mut all, &mut statement);
    all
}

fn end(all: &mut Vec<Statement>, statement: &mut Statement) {
    let mut done = std::mem::take(statement);
    done.tokens.drain(..annotation(&done.tokens));
    if !done.tokens.is_empty() || !done.block.is_empty() {
        all.push(done);
    }
}

/// How many tokens `@Suppress("x")` in front of a statement takes.
fn annotation(tokens: &[Token]) -> usize {
    if !tokens.first().is_some_and(|token| token.is("@")) {
        return 0;
    }
    if !tokens.get(2).is_some_and(|token| token.is("(")) {
        return 2.min(tokens.len());
    }
    tokens.iter().position(|token| token.is(")")).map_or(tokens.len(), |at| at + 1)
}

/// A line ends no statement behind a comma or an operator, nor in front of a dot.
fn goes_on(statement: &Statement, tokens: &mut Tokens) -> bool {
    let last = statement.tokens.last();
    let waits = last.is_some_and(|last| {
        last.kind == Kind::Mark && matches!(last.text.as_str(), "," | "=" | "." | "+" | ":" | "?")
    });
    waits || last.is_some() && tokens.peek().is_some_and(|next| next.is(".") || next.is("?") || next.is("{"))
}

impl Statement {
    /// The dotted name in front: `java.toolchain`, `tasks.named`.
    #[must_use]
    pub fn name(&self) -> String {
        let mut name = String::new();
        let mut dot = true;
        for token in &self.tokens {
            match token.kind {
                Kind::Word if dot => name.push_str(&token.text),
                Kind::Mark if token.text == "." && !dot => name.push('.'),
                _ => break,
            }
            dot = !dot;
        }
        name.trim_end_matches('.').to_owned()
    }

    /// What follows the name.
    #[must_use]
    pub fn rest(&self) -> &[Token] {
        let mut dot = true;
        let words = self.tokens.iter().take_while(|token| {
            let own = if dot { token.kind == Kind::Word } else { token.is(".") };
            dot = !dot;
            own
        });
        self.tokens.get(words.count()..).unwrap_or(&[])
    }

    /// Its first line.
    #[must_use]
    pub fn line(&self) -> u32 {
        let inner = || self.block.first().map_or(1, Statement::line);
        self.tokens.first().map_or_else(inner, |token| token.line)
    }

    /// The first text in it.
    #[must_use]
    pub fn text(&self) -> Option<&Token> {
        self.tokens.iter().find(|token| token.kind == Kind::Text)
    }

    /// This statement and all in its blocks.
    pub fn walk<'a>(&'a self, see: &mut dyn FnMut(&'a Statement)) {
        see(self);
        for inner in &self.block {
            inner.walk(see);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        fn one(statement: &Statement) -> String {
            let words: Vec<&str> = statement.tokens.iter().map(|token| token.text.as_str()).collect();
            let inner: Vec<String> = statement.block.iter().map(one).collect();
            let block = if inner.is_empty() { String::new() } else { format!(" {{{}}}", inner.join("; ")) };
            format!("{}{block}", words.join(" "))
        }
        statements(text).iter().map(one).collect()
    }

    #[test]
    fn makes_statements() {
        assert_eq!(
            told(
                "// c { \nplugins { id 'java' /* } */\n id(\"x\") version \"1\" }\nversion = '1'; group='a'\n"
            ),
            ["plugins {id java; id ( x ) version 1}", "version = 1", "group = a"]
        );
    }

    #[test]
    fn a_statement_goes_over_lines_where_it_must() {
        assert_eq!(
            told("implementation 'a',\n  'b'\nx(\n 1,\n 2)\ny\n  .z()"),
            ["implementation a , b", "x ( 1 , 2 )", "y . z ( )"]
        );
    }

    #[test]
    fn a_block_within_brackets_is_no_block() {
        assert_eq!(
            told("from(configurations.map { it })\n`java-library`"),
            ["from ( configurations . map { it } )", "java-library"]
        );
    }

    #[test]
    fn an_annotation_is_no_part_of_a_statement() {
        assert_eq!(told("@Suppress(\"X\", \"Y\") plugins { application }"), ["plugins {application}"]);
        assert_eq!(told("@Incubating x y"), ["x y"]);
        assert_eq!(told("@"), [""; 0]);
    }

    #[test]
    fn names_a_statement() {
        let all = statements("java.toolchain.languageVersion = 1\ntasks.named('x') { y }");
        assert_eq!(all[0].name(), "java.toolchain.languageVersion");
        assert_eq!(all[0].rest().len(), 2);
        assert_eq!((all[1].name(), all[1].text().unwrap().text.as_str()), ("tasks.named".into(), "x"));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)[a-b{}()'\"\\\\/*.=,;\n ]{0,80}") {
            let _ = statements(&text);
        }

        #[test]
        fn never_exhausts_the_stack(depth in 0usize..3000) {
            let _ = statements(&"{".repeat(depth));
        }
    }
}
