//! The configuration that a file exports: what `next.config.js` says of `output`, which adapter a site is built with.

use super::expr::{self, Entry, Expr, Shape};
use super::lexer::{self, Tokens};
use super::names::{self, Names};
use super::worth::{Worth, is_variable, worth};

/// A value of a configuration and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// What it is.
    pub kind: ValueKind,
    /// The line, counted from 1.
    pub line: u32,
}

/// What a value of a configuration is.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueKind {
    /// A text.
    Str(String),
    /// true or false.
    Bool(bool),
    /// A number.
    Number(f64),
    /// An array.
    List(Vec<Value>),
    /// An object, without what it spreads.
    Object(Vec<(String, Value)>),
    /// What a function makes: `adapter()`.
    Call {
        /// The function's name.
        name: String,
        /// The module that the function is imported from.
        specifier: Option<String>,
        /// What it is given.
        arguments: Vec<Value>,
    },
    /// An environment variable decides.
    Conditional {
        /// The variable.
        variable: String,
        /// The value that makes it so (`=== 'standalone'`); `None` where any does.
        equals: Option<String>,
        /// What it is then.
        then: Box<Value>,
    },
    /// Anything else.
    Unknown,
}

impl Value {
    /// The text, where it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            ValueKind::Str(text) => Some(text),
            _ => None,
        }
    }

    /// true or false, where it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            ValueKind::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The module that made it, where it is the result of an imported function.
    #[must_use]
    pub fn made_by(&self) -> Option<&str> {
        match &self.kind {
            ValueKind::Call { specifier, .. } => specifier.as_deref(),
            _ => None,
        }
    }
}

/// The value at a path of keys in the object that the file exports; `None` where it has no such key.
#[must_use]
pub fn config_value(text: &str, path: &[&str]) -> Option<Value> {
    if text.len() > super::LARGEST {
        return None;
    }
    // A configuration in JSON is an object and nothing else.
    let tokens = lexer::lex(text);
    let names = names::names(&tokens);
    let config = Config { names: &names, tokens: &tokens };
    let whole = if tokens.is(0, "{") { Some(expr::parse(&tokens, 0).0) } else { config.exported() };
    let mut found = Candidate { value: whole?, condition: None };
    for key in path {
        found = config.at(&found, key)?;
    }
    Some(config.condition(found))
}

/// An expression that the configuration may hold, and the test that it depends on.
struct Candidate<'a> {
    value: Expr<'a>,
    condition: Option<Worth>,
}

struct Config<'n, 't, 'a> {
    names: &'n Names<'t, 'a>,
    tokens: &'t Tokens<'a>,
}

const DEEPEST: u8 = 12;

impl<'a> Config<'_, '_, 'a> {
    fn exported(&self) -> Option<Expr<'a>> {
        let default =
            self.names.exported.iter().find(|(name, _)| name == "default").map(|(_, value)| value.clone());
        let assigned = ["module.exports", "exports.default", "module.exports.default"];
        default.or_else(|| {
            assigned.iter().find_map(|name| Some(self.names.lookup(name, usize::MAX).first()?.value.clone()))
        })
    }

    fn at(&self, from: &Candidate<'a>, key: &str) -> Option<Candidate<'a>> {
        let found = self.find(&from.value, key, 0)?;
        let condition = found.condition.or_else(|| from.condition.clone());
        Some(Candidate { condition, ..found })
    }

    /// The value under a key of an object, or of whatever makes one: a name, `defineConfig({ ... })`, a function.
    fn find(&self, object: &Expr<'a>, key: &str, depth: u8) -> Option<Candidate<'a>> {
        if depth > DEEPEST {
            return None;
        }
        let depth = depth + 1;
        match &object.shape {
            Shape::Object(entries) => self.entry(entries, key, depth),
            Shape::Name(name) => {
                let dotted = self.assigned(name, key);
                dotted.or_else(|| {
                    let bound = self.names.lookup(name, object.at);
                    bound.iter().find_map(|one| self.find(&one.value, key, depth))
                })
            }
            Shape::Call { callee, args } => {
                let given = args.iter().take(4).find_map(|arg| self.find(arg, key, depth));
                given.or_else(|| self.find(callee, key, depth))
            }
            Shape::Member(inner, outer) => {
                let value = self.find(inner, outer, depth)?.value;
                self.find(&value, key, depth)
            }
            Shape::Function(Some(body), _) => self.find(body, key, depth),
            Shape::Function(None, Some(open)) => self.find(&expr::returned(self.tokens, *open)?, key, depth),
            Shape::Conditional(_, then, other) | Shape::Binary("||" | "??", then, other) => {
                self.find(then, key, depth).or_else(|| self.find(other, key, depth))
            }
            _ => None,
        }
    }

    /// `nextConfig.output = 'standalone'`
    fn assigned(&self, name: &str, key: &str) -> Option<Candidate<'a>> {
        let dotted = format!("{name}.{key}");
        let value = self.names.lookup(&dotted, usize::MAX).first()?.value.clone();
        Some(Candidate { value, condition: None })
    }

    fn entry(&self, entries: &[Entry<'a>], key: &str, depth: u8) -> Option<Candidate<'a>> {
        let own = entries.iter().rev().find(|entry| entry.key.as_deref() == Some(key));
        if let Some(entry) = own {
            return Some(Candidate { value: entry.value.clone(), condition: None });
        }
        let mut spread = entries.iter().rev().filter(|entry| entry.key.is_none()).take(8);
        spread.find_map(|entry| self.spread(&entry.value, key, depth))
    }

    /// `...(test && { key: value })`, `...(test ? { key: value } : {})`, `...other`
    fn spread(&self, value: &Expr<'a>, key: &str, depth: u8) -> Option<Candidate<'a>> {
        let (test, object) = match &value.shape {
            Shape::Binary("&&", test, object) => (test, object),
            Shape::Conditional(test, then, other) => {
                if self.find(then, key, depth).is_none() {
                    let found = self.find(other, key, depth)?;
                    return Some(Candidate { value: Expr::new(found.value.at, Shape::Unknown), ..found });
                }
                (test, then)
            }
            _ => return self.find(value, key, depth),
        };
        let found = self.find(object, key, depth)?;
        match self.test(test, 0) {
            Some(condition) => Some(Candidate { condition: Some(condition), ..found }),
            None => Some(Candidate { value: Expr::new(found.value.at, Shape::Unknown), condition: None }),
        }
    }

    /// The variable that a test asks for, and the value that it wants, as `text`.
    fn test(&self, test: &Expr<'a>, depth: u8) -> Option<Worth> {
        if depth > DEEPEST {
            return None;
        }
        match &test.shape {
            Shape::Binary("===" | "==", left, right) => {
                let (left, right) = (self.asked(left), self.asked(right));
                let (asked, wanted) = if left.variable.is_some() { (left, right) } else { (right, left) };
                Some(Worth { variable: Some(asked.variable?), text: Some(wanted.text?), ..Worth::default() })
            }
            Shape::Unary("!", inner) => match &inner.shape {
                Shape::Unary("!", inner) => self.test(inner, depth + 1),
                _ => None,
            },
            Shape::Name(name) => {
                let bound = self.names.lookup(name, test.at);
                self.test(&bound.first()?.value, depth + 1)
            }
            Shape::Call { callee, args } if matches!(callee.last_name(), Some("Boolean")) => {
                self.test(args.first()?, depth + 1)
            }
            _ => {
                let worth = self.asked(test);
                worth.variable.is_some().then_some(Worth { text: None, ..worth })
            }
        }
    }

    /// What a side of a test is worth; `env.OUTPUT` is the variable whatever made `env`.
    fn asked(&self, side: &Expr<'a>) -> Worth {
        let worth = worth(self.names, side);
        match &side.shape {
            Shape::Member(_, key) if worth.variable.is_none() && worth.text.is_none() && is_variable(key) => {
                Worth { variable: Some(key.to_string()), ..Worth::default() }
            }
            _ => worth,
        }
    }

    fn condition(&self, found: Candidate<'a>) -> Value {
        let value = self.value(&found.value, 0);
        match found.condition {
            Some(Worth { variable: Some(variable), text: equals, .. }) => {
                let line = value.line;
                Value { kind: ValueKind::Conditional { variable, equals, then: Box::new(value) }, line }
            }
            _ => value,
        }
    }

    fn value(&self, expr: &Expr<'a>, depth: u8) -> Value {
        let kind = if depth > DEEPEST { ValueKind::Unknown } else { self.kind(expr, depth + 1) };
        Value { kind, line: self.tokens.line(expr.at) }
    }

    fn kind(&self, expr: &Expr<'a>, depth: u8) -> ValueKind {
        match &expr.shape {
            Shape::Str(text) => ValueKind::Str(text.to_string()),
            Shape::Bool(value) => ValueKind::Bool(*value),
            Shape::Number(value) => ValueKind::Number(*value),
            Shape::Array(items) => {
                ValueKind::List(items.iter().map(|item| self.value(item, depth)).collect())
            }
            Shape::Object(entries) => ValueKind::Object(self.object(entries, depth)),
            Shape::Call { callee, args } => self.call(callee, args, depth),
            Shape::Conditional(test, then, _) | Shape::Binary("&&", test, then) => {
                self.conditional(test, then, depth)
            }
            Shape::Binary("||" | "??", value, fallback) => self.fallback(value, fallback, depth),
            Shape::Name(name) => {
                let bound = self.names.lookup(name, expr.at);
                match bound.as_slice() {
                    [only] => self.value(&only.value, depth).kind,
                    _ => ValueKind::Unknown,
                }
            }
            Shape::Template(..) | Shape::Binary("+", ..) => text_of(worth(self.names, expr)),
            Shape::Member(..) => self.variable(expr),
            _ => ValueKind::Unknown,
        }
    }

    fn object(&self, entries: &[Entry<'a>], depth: u8) -> Vec<(String, Value)> {
        entries
            .iter()
            .filter_map(|entry| Some((entry.key.as_ref()?.to_string(), self.value(&entry.value, depth))))
            .collect()
    }

    fn call(&self, callee: &Expr<'a>, args: &[Expr<'a>], depth: u8) -> ValueKind {
        let Some(name) = callee.dotted() else {
            // `require('x')()`
            let Shape::Call { callee: inner, args: given } = &callee.shape else { return ValueKind::Unknown };
            let specifier =
                given.first().and_then(Expr::as_str).filter(|_| inner.last_name() == Some("require"));
            return match specifier {
                Some(specifier) => self.made(specifier.to_owned(), Some(specifier.to_owned()), args, depth),
                None => ValueKind::Unknown,
            };
        };
        let specifier = self.names.module_of(name.split('.').next().unwrap_or(&name));
        self.made(name, specifier, args, depth)
    }

    fn made(&self, name: String, specifier: Option<String>, args: &[Expr<'a>], depth: u8) -> ValueKind {
        let arguments = args.iter().map(|arg| self.value(arg, depth)).collect();
        ValueKind::Call { name, specifier, arguments }
    }

    fn conditional(&self, test: &Expr<'a>, then: &Expr<'a>, depth: u8) -> ValueKind {
        match self.test(test, 0) {
            Some(Worth { variable: Some(variable), text: equals, .. }) => {
                let then = Box::new(self.value(then, depth));
                ValueKind::Conditional { variable, equals, then }
            }
            _ => ValueKind::Unknown,
        }
    }

    /// `process.env.X || 'dist'` is `'dist'` unless somebody sets the variable.
    fn fallback(&self, value: &Expr<'a>, fallback: &Expr<'a>, depth: u8) -> ValueKind {
        match worth(self.names, value) {
            Worth { variable: Some(_), text: None, .. } => self.value(fallback, depth).kind,
            worth => text_of(worth),
        }
    }

    /// `output: process.env.OUTPUT` is whatever the variable says.
    fn variable(&self, expr: &Expr<'a>) -> ValueKind {
        match worth(self.names, expr) {
            Worth { variable: Some(variable), text: None, .. } if is_variable(&variable) => {
                let then = Box::new(Value { kind: ValueKind::Unknown, line: self.tokens.line(expr.at) });
                ValueKind::Conditional { variable, equals: None, then }
            }
            worth => text_of(worth),
        }
    }
}

fn text_of(worth: Worth) -> ValueKind {
    worth.text.filter(|_| worth.variable.is_none()).map_or(ValueKind::Unknown, ValueKind::Str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, path: &[&str]) -> Option<ValueKind> {
        config_value(text, path).map(|value| value.kind)
    }

    fn standalone_if(variable: &str, equals: Option<&str>, line: u32) -> ValueKind {
        ValueKind::Conditional {
            variable: variable.to_owned(),
            equals: equals.map(str::to_owned),
            then: Box::new(Value { kind: ValueKind::Str("standalone".to_owned()), line }),
        }
    }

    #[test]
    fn every_way_to_export() {
        let standalone = Some(ValueKind::Str("standalone".to_owned()));
        for text in [
            "export default { output: 'standalone' }",
            "module.exports = { ...base, output: `standalone` }",
            "export default defineConfig({ output: 'standalone' } satisfies Config)",
            "export default defineConfig(({ mode }) => ({ output: 'standalone' }))",
            "export default async () => { if (x) { return {} } const a = 1; return { output: 'standalone' } }",
            "const nextConfig: NextConfig = { output: 'standalone' };\nexport default withA(withB({ c: 1 })(nextConfig))",
            "const c = {}; c.output = 'standalone'; module.exports = c",
            "const o = 'standalone'; module.exports = { output: o }",
            "const c = { output: 'standalone' }; export default async function config() { if (x) return c; await import('y'); return process.env.A ? wrap(c, { b: 1 }) : c }",
            "{ \"output\": \"standalone\" } // JSON",
            "const base = { output: 'standalone' }; export { base as default }",
            "export = { output: 'standalone' }",
        ] {
            assert_eq!(value(text, &["output"]), standalone, "{text}");
        }
    }

    #[test]
    fn missing_is_not_unknown() {
        assert_eq!(value("export default { a: 1 }", &["output"]), None);
        assert_eq!(value("const x = 1", &["output"]), None);
        assert_eq!(
            value("export default { output: pick() ? a() : b() }", &["output"]),
            Some(ValueKind::Unknown)
        );
        assert_eq!(
            value("export default { ...(pick() && { output: 'standalone' }) }", &["output"]),
            Some(ValueKind::Unknown)
        );
    }

    #[test]
    fn an_environment_variable_decides() {
        let by_value =
            "module.exports = {\n output: process.env.BUILD === 'standalone' ? 'standalone' : undefined }";
        assert_eq!(value(by_value, &["output"]), Some(standalone_if("BUILD", Some("standalone"), 2)));
        let spread = "export default { ...(process.env.DOCKER && { output: 'standalone' }) }";
        assert_eq!(value(spread, &["output"]), Some(standalone_if("DOCKER", None, 1)));
        let named = "const docker = process.env.DOCKER === 'true';\nexport default { ...(docker ? { output: 'standalone' } : {}) }";
        assert_eq!(value(named, &["output"]), Some(standalone_if("DOCKER", Some("true"), 2)));
        let fallback = "export default { build: { outDir: process.env.OUT || 'dist' } }";
        assert_eq!(value(fallback, &["build", "outDir"]), Some(ValueKind::Str("dist".to_owned())));
    }

    #[test]
    fn an_adapter_is_known_by_its_module() {
        let svelte = "import node from '@sveltejs/adapter-node';\nconst config = { kit: {\n adapter: node({ out: 'out' }) } };\nexport default config;";
        let adapter = config_value(svelte, &["kit", "adapter"]).unwrap();
        assert_eq!((adapter.made_by(), adapter.line), (Some("@sveltejs/adapter-node"), 3));
        let ValueKind::Call { arguments, .. } = adapter.kind else { panic!() };
        let ValueKind::Object(options) = &arguments[0].kind else { panic!() };
        assert_eq!((options[0].0.as_str(), options[0].1.as_str()), ("out", Some("out")));
        let required =
            "const a = require('x-adapter'); module.exports = { adapter: a.node(), list: [1, true] }";
        assert_eq!(config_value(required, &["adapter"]).unwrap().made_by(), Some("x-adapter"));
        assert!(
            matches!(value(required, &["list"]), Some(ValueKind::List(items)) if items[1].as_bool() == Some(true))
        );
    }
}
