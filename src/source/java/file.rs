//! What one file of Java or Kotlin says, kept small: a program may have thousands of them.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::lex::{Kind, Token, tokens};

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct File {
    /// Where it lies.
    pub path: Utf8PathBuf,
    /// Its package; empty for none.
    pub package: String,
    /// What it imports.
    pub imports: Vec<String>,
    /// Where programs start in it.
    pub mains: Vec<Main>,
    /// The names of the annotations in it.
    pub annotations: BTreeSet<String>,
    /// Calls that somebody asked for by their names.
    pub calls: Vec<Call>,
    /// What names stand for: constants, variables and what functions return.
    pub names: BTreeMap<String, Hint>,
    /// Variables of the environment that it reads.
    pub variables: Vec<Read>,
    /// Placeholders of annotations: `@Value("${x.y:1}")` and its line.
    pub placeholders: Vec<(String, u32)>,
}

/// Where a program starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Main {
    /// The class as the JVM knows it.
    pub class: String,
    /// Annotations of the class.
    pub annotations: Vec<String>,
    /// What the class extends or implements.
    pub above: Vec<String>,
    /// The line.
    pub line: u32,
}

/// What an expression is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hint {
    /// Its numbers, texts of digits among them, in order.
    pub numbers: Vec<u32>,
    /// Its texts.
    pub texts: Vec<String>,
    /// The variables of the environment that it reads.
    pub variables: Vec<String>,
    /// The other names in it.
    pub names: Vec<String>,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Call {
    /// The function, or the class that is made.
    pub name: String,
    /// The name in front of the dot.
    pub on: Option<String>,
    /// The arguments: the name that Kotlin gives one, and what it is made of.
    pub arguments: Vec<(Option<String>, Hint)>,
    /// What the object in front is made of: `new File("data").mkdirs()`.
    pub object: Hint,
    /// The line.
    pub line: u32,
}

/// A variable that is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Read {
    /// Its name.
    pub name: String,
    /// The program does not go on without it.
    pub required: bool,
    /// The line.
    pub line: u32,
}

/// Longer expressions and functions than these say nothing simple.
const LONGEST: usize = 90;

/// Most names that one file keeps.
const MOST: usize = 400;

/// Reads a file; `wanted` are the names of calls that matter.
#[must_use]
pub fn read(path: &Utf8Path, text: &str, wanted: &BTreeSet<String>) -> File {
    let all = tokens(text);
    let code = Code { all: &all };
    let mut file = File { path: path.to_owned(), ..File::default() };
    code.header(&mut file);
    code.annotations(&mut file);
    code.names(&mut file);
    code.variables(&mut file);
    code.calls(&mut file, wanted);
    file.mains = super::program::mains(&all, path, &file.package);
    file
}

struct Code<'a> {
    all: &'a [Token<'a>],
}

impl<'a> Code<'a> {
    fn at(&self, at: usize) -> Option<&'a Token<'a>> {
        self.all.get(at)
    }

    fn is(&self, at: usize, mark: &str) -> bool {
        self.at(at).is_some_and(|token| token.is(mark))
    }

    fn word(&self, at: usize) -> Option<&'a str> {
        self.at(at).filter(|token| token.kind == Kind::Word).map(|token| token.text)
    }

    fn header(&self, file: &mut File) {
        for (at, token) in self.all.iter().enumerate() {
            if token.says("package") && file.package.is_empty() && file.imports.is_empty() {
                file.package = self.dotted(at + 1);
            } else if token.says("import") {
                let from = at + 1 + usize::from(self.word(at + 1) == Some("static"));
                file.imports.push(self.dotted(from));
            } else if token.says("class") || token.says("fun") {
                return;
            }
        }
    }

    fn dotted(&self, from: usize) -> String {
        let mut name = String::new();
        let mut at = from;
        while let Some(token) = self.at(at) {
            let part = token.kind == Kind::Word || token.is("*");
            if !part {
                break;
            }
            name.push_str(token.text);
            if !self.is(at + 1, ".") {
                break;
            }
            name.push('.');
            at += 2;
        }
        name
    }

    fn annotations(&self, file: &mut File) {
        for (at, token) in self.all.iter().enumerate().filter(|(_, token)| token.is("@")) {
            let Some(name) = self.word(at + 1) else { continue };
            let name = if self.is(at + 2, ":") { self.word(at + 3).unwrap_or(name) } else { name };
            file.annotations.insert(name.to_owned());
            let text = self.all.get(at + 2..(at + 8).min(self.all.len()));
            let text = text.into_iter().flatten().find(|token| token.kind == Kind::Text || token.is(")"));
            if let Some(text) = text.filter(|text| text.kind == Kind::Text && text.text.contains("${")) {
                file.placeholders.push((text.text.replace("\\$", "$"), token.line));
            }
        }
    }

    /// `NAME = expression` and `name(...) { body }`.
    fn names(&self, file: &mut File) {
        for (at, token) in self.all.iter().enumerate() {
            if file.names.len() >= MOST {
                return;
            }
            if token.is("=") && self.is_assignment(at) {
                let Some(name) = self.assigned(at) else { continue };
                let hint = self.hint(at + 1, self.end(at + 1));
                keep(&mut file.names, name, hint);
            } else if token.is("(") && at > 0 {
                let Some(name) = self.word(at - 1) else { continue };
                if let Some(body) = self.body(at) {
                    keep(&mut file.names, name, self.hint(body.0, body.1));
                }
            }
        }
    }

    fn is_assignment(&self, at: usize) -> bool {
        let beside = |at: Option<usize>| {
            at.and_then(|at| self.at(at)).is_some_and(|token| {
                token.kind == Kind::Mark && matches!(token.text, "=" | "!" | "<" | ">" | "+" | "-")
            })
        };
        !beside(at.checked_sub(1)) && !self.is(at + 1, "=")
    }

    /// The name that an `=` gives a value to: `int port =`, `val port: Int =`.
    fn assigned(&self, at: usize) -> Option<&'a str> {
        let before = at.checked_sub(1)?;
        let typed = (before.saturating_sub(5)..before).rev().find(|at| self.is(*at, ":"));
        if let Some(colon) = typed
            && let Some(name) = colon.checked_sub(1).and_then(|at| self.word(at))
            && colon
                .checked_sub(2)
                .and_then(|at| self.word(at))
                .is_some_and(|word| matches!(word, "val" | "var"))
        {
            return Some(name);
        }
        self.word(before)
    }

    /// Where an expression ends: at a semicolon, a comma or a closing bracket, or where the next line begins another statement.
    fn end(&self, from: usize) -> usize {
        let mut open = 0usize;
        let mut last: Option<&Token> = None;
        for (at, token) in self.all.iter().enumerate().skip(from).take(LONGEST) {
            if open == 0 && last.is_some_and(|last| new_statement(last, token)) {
                return at;
            }
            match token.text {
                "(" | "[" | "{" if token.kind == Kind::Mark => open += 1,
                ")" | "]" | "}" | ";" | "," if token.kind == Kind::Mark && open == 0 => return at,
                ")" | "]" | "}" if token.kind == Kind::Mark => open -= 1,
                _ => {}
            }
            last = Some(token);
        }
        (from + LONGEST).min(self.all.len())
    }

    /// The bracket that closes the one at `at`.
    fn closing(&self, at: usize) -> Option<usize> {
        let mut open = 0usize;
        for (place, token) in self.all.iter().enumerate().skip(at).take(LONGEST * 4) {
            match token.text {
                "(" | "[" | "{" if token.kind == Kind::Mark => open += 1,
                ")" | "]" | "}" if token.kind == Kind::Mark => {
                    open = open.saturating_sub(1);
                    if open == 0 {
                        return Some(place);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// The body of a short function whose parameters begin at `at`.
    fn body(&self, at: usize) -> Option<(usize, usize)> {
        let named = at.checked_sub(2).and_then(|before| self.at(before))?;
        if !(named.kind == Kind::Word && !matches!(named.text, "new" | "return" | "else" | "throw")
            || named.is(">")
            || named.is("]"))
        {
            return None;
        }
        let close = self.closing(at)?;
        let open =
            (close + 1..close + 8).find(|at| self.is(*at, "{") || self.is(*at, "=") || self.is(*at, ";"))?;
        if self.is(open, "=") {
            return Some((open + 1, self.end(open + 1)));
        }
        let end = self.closing(open).filter(|end| end - open < LONGEST)?;
        self.is(open, "{").then_some((open + 1, end))
    }

    fn hint(&self, from: usize, to: usize) -> Hint {
        let mut hint = Hint::default();
        for at in from..to.min(self.all.len()) {
            let Some(token) = self.at(at) else { break };
            match token.kind {
                Kind::Number => hint.numbers.extend(number(token.text)),
                Kind::Text => {
                    match self.read_by(at) {
                        Some(()) => hint.variables.push(token.text.to_owned()),
                        None => hint.texts.push(token.text.to_owned()),
                    }
                    hint.numbers.extend(number(token.text).filter(|_| self.read_by(at).is_none()));
                }
                Kind::Word => hint.names.push(token.text.to_owned()),
                Kind::Mark => {}
            }
        }
        hint
    }

    /// Whether a text is the name of a variable of the environment: `getenv("X")`, `getenv().getOrDefault("X"`, `env["X"]`.
    fn read_by(&self, at: usize) -> Option<()> {
        let open = at.checked_sub(1).filter(|at| self.is(*at, "(") || self.is(*at, "["))?;
        let text = self.at(at)?.text;
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let before = open.saturating_sub(5)..open;
        let words = || before.clone().filter_map(|at| self.word(at));
        let asked = words().any(|word| matches!(word, "getenv" | "environ"))
            || words().any(|word| word == "get" || word == "getOrDefault")
                && words()
                    .any(|word| matches!(word, "env" | "environment" | "dotenv" | "ENV" | "Environment"));
        (plain && asked).then_some(())
    }

    fn variables(&self, file: &mut File) {
        for (at, token) in self.all.iter().enumerate().filter(|(_, token)| token.kind == Kind::Text) {
            if self.read_by(at).is_some() && file.variables.iter().all(|read| read.name != token.text) {
                let required = self.required(at);
                file.variables.push(Read { name: token.text.to_owned(), required, line: token.line });
            }
        }
    }

    /// `requireNonNull(getenv("X"))`, `getenv("X") ?: error(...)`, `getenv("X")!!`.
    fn required(&self, at: usize) -> bool {
        let asserted = self.is(at + 2, "!") && self.is(at + 3, "!");
        let fails = (at + 4..at + 6)
            .filter_map(|at| self.word(at))
            .any(|word| matches!(word, "throw" | "error" | "exitProcess"));
        let otherwise = self.is(at + 2, "?") && self.is(at + 3, ":") && fails;
        let demanded =
            (at.saturating_sub(6)..at).filter_map(|at| self.word(at)).any(|word| word == "requireNonNull");
        asserted || otherwise || demanded
    }

    fn calls(&self, file: &mut File, wanted: &BTreeSet<String>) {
        for (at, token) in self.all.iter().enumerate() {
            if token.kind != Kind::Word || !wanted.contains(token.text) || !self.is(at + 1, "(") {
                continue;
            }
            if let Some(call) = self.call(at) {
                file.calls.push(call);
            }
        }
    }

    fn call(&self, at: usize) -> Option<Call> {
        let token = self.at(at)?;
        let dot = at.checked_sub(1).filter(|dot| self.is(*dot, "."));
        let on = dot.and_then(|dot| dot.checked_sub(1));
        let mut call = Call {
            name: token.text.to_owned(),
            on: on.and_then(|on| self.word(on)).map(str::to_owned),
            object: on.map(|on| self.object(on)).unwrap_or_default(),
            arguments: Vec::new(),
            line: token.line,
        };
        let close = self.closing(at + 1)?;
        let mut from = at + 2;
        while from < close {
            let to = self.argument_end(from, close);
            let named = self.word(from).filter(|_| self.is(from + 1, "=") && !self.is(from + 2, "="));
            let start = from + 2 * usize::from(named.is_some());
            call.arguments.push((named.map(str::to_owned), self.hint(start, to)));
            from = to + 1;
        }
        Some(call)
    }

    fn argument_end(&self, from: usize, close: usize) -> usize {
        let mut open = 0usize;
        for at in from..close {
            let Some(token) = self.at(at).filter(|token| token.kind == Kind::Mark) else { continue };
            match token.text {
                "(" | "[" | "{" => open += 1,
                ")" | "]" | "}" => open = open.saturating_sub(1),
                "," if open == 0 => return at,
                _ => {}
            }
        }
        close
    }

    /// What stands before a dot: a name, or a call whose arguments say it.
    fn object(&self, on: usize) -> Hint {
        if !self.is(on, ")") {
            return self.hint(on, on + 1);
        }
        let mut open = 0usize;
        for at in (on.saturating_sub(LONGEST)..=on).rev() {
            if self.is(at, ")") {
                open += 1;
            } else if self.is(at, "(") {
                open -= 1;
                if open == 0 {
                    return self.hint(at.saturating_sub(1), on);
                }
            }
        }
        Hint::default()
    }
}

fn keep(names: &mut BTreeMap<String, Hint>, name: &str, hint: Hint) {
    let told = !(hint.numbers.is_empty() && hint.texts.is_empty() && hint.variables.is_empty())
        || hint.names.len() == 1;
    if told {
        names.entry(name.to_owned()).or_insert(hint);
    }
}

/// Kotlin ends a statement with its line, unless an operator stands on either side.
fn new_statement(last: &Token, next: &Token) -> bool {
    let joined = |token: &Token, marks: &[&str]| token.kind == Kind::Mark && marks.contains(&token.text);
    next.line > last.line
        && !joined(last, &["=", "(", ",", ".", "+", "?", ":", "&", "|", "{", "["])
        && !joined(next, &[".", "?", ":", "+", ")", "&", "|", "}", "]"])
}

/// A number, or a text of digits.
fn number(text: &str) -> Option<u32> {
    let digits = text.replace('_', "");
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, wanted: &[&str]) -> File {
        read("A.java".into(), text, &wanted.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn reads_the_head() {
        let file =
            of("package a.b;\nimport spark.Spark;\nimport static x.Y.*;\n@RestController class A { }", &[]);
        assert_eq!(
            (file.package.as_str(), file.imports),
            ("a.b", vec!["spark.Spark".to_owned(), "x.Y.*".to_owned()])
        );
        assert!(file.annotations.contains("RestController"));
    }

    #[test]
    fn reads_calls_with_their_arguments() {
        let file = of(
            "void f() { port(4567); Javalin.create(c -> { c.x(1, 2); }).start(\"0.0.0.0\", 7070); embeddedServer(Netty, port = 8080) }",
            &["port", "start", "embeddedServer"],
        );
        assert_eq!(file.calls[0].arguments[0].1.numbers, [4567]);
        assert_eq!(file.calls[1].arguments[1].1.numbers, [7070]);
        assert_eq!(file.calls[2].arguments[1].0.as_deref(), Some("port"));
    }

    #[test]
    fn reads_what_names_stand_for() {
        let file = of(
            "class A { static final int PORT = 8080; static int port() { String p = System.getenv(\"PORT\"); if (p != null) { return Integer.parseInt(p); } return 4567; }\nval x: Int = System.getenv(\"P\")?.toInt() ?: 9090\nval y = 1 }",
            &[],
        );
        assert_eq!(file.names["PORT"].numbers, [8080]);
        assert_eq!(
            (file.names["port"].numbers.clone(), file.names["port"].variables.clone()),
            (vec![4567], vec!["PORT".to_owned()])
        );
        assert_eq!(
            (file.names["x"].numbers.clone(), file.names["x"].variables.clone()),
            (vec![9090], vec!["P".to_owned()])
        );
    }

    #[test]
    fn knows_variables_that_are_demanded() {
        let file = of(
            "a = System.getenv(\"A\"); b = Objects.requireNonNull(System.getenv(\"B\")); val c = System.getenv(\"C\") ?: throw X()\nval d = System.getenv(\"D\")!!\nval e = System.getenv()[\"E\"] ?: \"1\"",
            &[],
        );
        let told: Vec<(&str, bool)> =
            file.variables.iter().map(|read| (read.name.as_str(), read.required)).collect();
        assert_eq!(told, [("A", false), ("B", true), ("C", true), ("D", true), ("E", false)]);
    }

    #[test]
    fn reads_placeholders_and_what_a_method_is_called_on() {
        let file = of(
            "class A { @Value(\"${app.key}\") String k; void f() { new File(\"data\").mkdirs(); } }",
            &["mkdirs"],
        );
        assert_eq!(file.placeholders, [("${app.key}".to_owned(), 1)]);
        assert_eq!(file.calls[0].object.texts, ["data"]);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)(class |fun |main|@|getenv|port)?[A-b(){}\\[\\]\"=.,;:\n ]{0,60}") {
            let _ = of(&text, &["port", "a"]);
        }
    }
}
