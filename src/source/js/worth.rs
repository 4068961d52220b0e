//! What an expression comes to: a literal, an environment variable with its fallback, or a name in another file.

use std::cell::Cell;

use super::Reference;
use super::expr::{Expr, Shape};
use super::names::Names;

/// What a value is worth.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Worth {
    /// The literal, numbers in decimal.
    pub(super) text: Option<String>,
    /// The environment variable that changes it.
    pub(super) variable: Option<String>,
    /// Where another file says it.
    pub(super) refers: Option<Reference>,
    /// Something is taken where the variable is not set, known or not.
    pub(super) has_fallback: bool,
}

impl Worth {
    fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    fn variable(name: impl Into<String>) -> Self {
        Self { variable: Some(name.into()), ..Self::default() }
    }

    fn refers(specifier: Option<&str>, name: String) -> Self {
        let refers = Reference { specifier: specifier.map(str::to_owned), name };
        Self { refers: Some(refers), ..Self::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_none() && self.variable.is_none() && self.refers.is_none()
    }

    /// A port, where the literal is one; 0 lets the system choose.
    pub(super) fn port(&self) -> Option<u16> {
        self.text.as_deref()?.trim().parse().ok().filter(|port| *port > 0)
    }

    /// This, or that where this is not set.
    fn or(self, other: Self) -> Self {
        if self.text.is_some() && self.variable.is_none() {
            return self;
        }
        Self {
            text: self.text.or(other.text),
            has_fallback: self.has_fallback || self.variable.is_some(),
            variable: self.variable.or(other.variable),
            refers: self.refers.or(other.refers),
        }
    }
}

/// A name as environment variables have it.
pub(super) fn is_variable(name: &str) -> bool {
    name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The largest base that `parseInt` takes.
const LARGEST_BASE: u16 = 36;

/// Steps for one value: enough for any that a person wrote.
const STEPS: u32 = 1500;
const DEEPEST: u32 = 100;

/// Works out values with a file's names.
pub(super) struct Worths<'n, 't, 'a> {
    names: &'n Names<'t, 'a>,
    steps: Cell<u32>,
}

/// What an expression is worth in a file.
pub(super) fn worth<'a>(names: &Names<'_, 'a>, expr: &Expr<'a>) -> Worth {
    Worths::new(names).of(expr, 0)
}

/// Whether the expression is the environment: `process.env`, `Bun.env`, `import.meta.env`.
pub(super) fn is_environment(names: &Names<'_, '_>, expr: &Expr<'_>) -> bool {
    let Some(name) = expr.dotted() else { return false };
    let name = name.strip_prefix("globalThis.").unwrap_or(&name);
    if matches!(name, "process.env" | "Bun.env" | "import.meta.env") {
        return true;
    }
    let imported = |name: &str| {
        names.imported.get(name).map(|import| (import.specifier.trim_start_matches("node:"), &*import.name))
    };
    if let Some(process) = name.strip_suffix(".env") {
        return matches!(imported(process), Some(("process", _)));
    }
    imported(name) == Some(("process", "env"))
        || names.lookup(name, expr.at).iter().any(|bound| {
            bound
                .value
                .dotted()
                .is_some_and(|dotted| matches!(&*dotted, "process.env" | "Bun.env" | "import.meta.env"))
        })
}

impl<'n, 't, 'a> Worths<'n, 't, 'a> {
    pub(super) fn new(names: &'n Names<'t, 'a>) -> Self {
        Self { names, steps: Cell::new(STEPS) }
    }

    pub(super) fn of(&self, expr: &Expr<'a>, depth: u32) -> Worth {
        let steps = self.steps.get();
        if steps == 0 || depth > DEEPEST {
            return Worth::default();
        }
        self.steps.set(steps - 1);
        let depth = depth + 1;
        match &expr.shape {
            Shape::Str(text) => Worth::text(text.clone()),
            Shape::Number(number) => Worth::text(number.to_string()),
            Shape::Bool(value) => Worth::text(value.to_string()),
            Shape::Template(texts, parts) => self.template(texts, parts, depth),
            Shape::Name(name) => self.name(name, expr, depth),
            Shape::Member(object, key) => self.member(object, key, expr, depth),
            Shape::Call { callee, args } => self.call(callee, args, depth),
            Shape::Binary(operator, left, right) => self.binary(operator, left, right, depth),
            Shape::Unary("+", inner) => self.of(inner, depth),
            Shape::Conditional(test, then, other) => self.conditional(test, then, other, depth),
            _ => Worth::default(),
        }
    }

    fn template(&self, texts: &[std::borrow::Cow<'a, str>], parts: &[Expr<'a>], depth: u32) -> Worth {
        if let [part] = parts
            && texts.iter().all(|text| text.is_empty())
        {
            return self.of(part, depth);
        }
        let mut whole = String::new();
        for (at, text) in texts.iter().enumerate() {
            whole.push_str(text);
            if let Some(part) = parts.get(at) {
                match self.of(part, depth) {
                    Worth { text: Some(text), variable: None, .. } if whole.len() < 4096 => {
                        whole.push_str(&text);
                    }
                    _ => return Worth::default(),
                }
            }
        }
        Worth::text(whole)
    }

    fn name(&self, name: &str, expr: &Expr<'a>, depth: u32) -> Worth {
        let bound = self.names.lookup(name, expr.at);
        if bound.is_empty() {
            return match self.names.imported.get(name) {
                Some(import) => Worth::refers(Some(&import.specifier), import.name.to_string()),
                None => Worth::default(),
            };
        }
        let mut worth = Worth::default();
        for one in bound {
            // `port = normalize(port)` says nothing new.
            if one.value.at != expr.at {
                worth = merge(worth, self.of(&one.value, depth));
            }
        }
        worth
    }

    fn member(&self, object: &Expr<'a>, key: &str, expr: &Expr<'a>, depth: u32) -> Worth {
        if is_environment(self.names, object) {
            return Worth::variable(key);
        }
        if let Some(dotted) = expr.dotted() {
            let bound = self.names.lookup(&dotted, expr.at);
            if let Some(one) = bound.first() {
                return self.of(&one.value, depth);
            }
        }
        // A field of a class is declared without `this`.
        if let Shape::Name("this") = object.shape {
            return self.name(key, expr, depth);
        }
        self.within(object, key, depth)
    }

    /// The value under a key of an object, which may be a name, a call that checks a schema, or another file's.
    fn within(&self, object: &Expr<'a>, key: &str, depth: u32) -> Worth {
        if let Some(found) = self.find(object, key, depth) {
            return self.setting(&found, key, depth);
        }
        if is_variable(key) && self.checks_environment(object) {
            return Worth::variable(key);
        }
        match self.of(object, depth) {
            Worth { refers: Some(refers), .. } => {
                Worth::refers(refers.specifier.as_deref(), format!("{}.{key}", refers.name))
            }
            _ => match object.dotted() {
                Some(name) if self.names.lookup(&name, object.at).is_empty() => {
                    Worth::refers(None, format!("{name}.{key}"))
                }
                _ => Worth::default(),
            },
        }
    }

    /// Whether a name stands for a call that the environment is handed to: `schema.parse(process.env)`.
    fn checks_environment(&self, object: &Expr<'a>) -> bool {
        let Shape::Name(name) = &object.shape else { return false };
        self.names.lookup(name, object.at).iter().any(|one| match &one.value.shape {
            Shape::Call { args, .. } => args.iter().any(|arg| is_environment(self.names, arg)),
            _ => false,
        })
    }

    /// The expression under a key: of an object literal, of the object that a name stands for, or of one that is
    /// handed to the calls that make it (`z.object({ ... }).parse(process.env)`).
    pub(super) fn find(&self, object: &Expr<'a>, key: &str, depth: u32) -> Option<Expr<'a>> {
        let steps = self.steps.get();
        if steps == 0 || depth > DEEPEST {
            return None;
        }
        self.steps.set(steps - 1);
        let depth = depth + 1;
        match &object.shape {
            Shape::Object(entries) => object.entry(key).cloned().or_else(|| {
                let spread = entries.iter().filter(|entry| entry.key.is_none()).take(8);
                spread.map(|entry| &entry.value).find_map(|value| self.find(value, key, depth))
            }),
            Shape::Name(name) => {
                let bound = self.names.lookup(name, object.at);
                bound
                    .iter()
                    .filter(|one| one.value.at != object.at)
                    .find_map(|one| self.find(&one.value, key, depth))
            }
            Shape::Member(inner, outer) => {
                let value = self.find(inner, outer, depth)?;
                self.find(&value, key, depth)
            }
            Shape::Call { callee, args } => {
                let made = args.iter().take(4).find_map(|arg| self.find(arg, key, depth));
                made.or_else(|| match &callee.shape {
                    Shape::Member(receiver, _) => self.find(receiver, key, depth),
                    _ => None,
                })
            }
            Shape::Binary("||" | "??" | "=", left, right) => {
                self.find(left, key, depth).or_else(|| self.find(right, key, depth))
            }
            Shape::Function(Some(body), _) => self.find(body, key, depth),
            _ => None,
        }
    }

    /// A value, or what a schema says of it: `z.coerce.number().default(3000)`, `port({ default: 3000 })`,
    /// `{ format: 'port', default: 3000, env: 'PORT' }`.
    pub(super) fn setting(&self, expr: &Expr<'a>, key: &str, depth: u32) -> Worth {
        let default = default_of(expr, 0);
        let variable = variable_of(expr, 0).or_else(|| is_variable(key).then(|| key.to_owned()));
        match (default, variable) {
            (Some(default), variable) => {
                let worth = self.of(&default, depth);
                Worth { variable: variable.or(worth.variable), has_fallback: true, ..worth }
            }
            (None, Some(variable)) if matches!(expr.shape, Shape::Call { .. }) => {
                let worth = self.of(expr, depth);
                if worth.is_empty() { Worth::variable(variable) } else { worth }
            }
            _ => self.of(expr, depth),
        }
    }

    fn call(&self, callee: &Expr<'a>, args: &[Expr<'a>], depth: u32) -> Worth {
        let Some(name) = callee.last_name() else { return Worth::default() };
        if name == "require" {
            let specifier = args.first().and_then(Expr::as_str);
            return specifier
                .map_or_else(Worth::default, |specifier| Worth::refers(Some(specifier), "*".to_owned()));
        }
        if let Some(key) = args.first().and_then(Expr::as_str) {
            return self.named(callee, key, args, depth);
        }
        let Shape::Member(receiver, method) = &callee.shape else { return self.converted(name, args, depth) };
        match &**method {
            "map" | "filter" | "find" | "shift" | "at" => self.first_of(receiver, depth),
            "toString" | "trim" | "valueOf" | "default" | "parse" if args.is_empty() => {
                self.of(receiver, depth)
            }
            _ => self.converted(name, args, depth),
        }
    }

    /// `[a, process.env.PORT, 3000].map(Number).find(x => x)`
    fn first_of(&self, list: &Expr<'a>, depth: u32) -> Worth {
        match &list.shape {
            Shape::Array(items) => {
                let worths = items.iter().take(16).map(|item| self.of(item, depth));
                worths.reduce(Worth::or).unwrap_or_default()
            }
            _ => self.of(list, depth),
        }
    }

    /// `app.get('port')`, `config.get('PORT', 3000)`, `env('PORT', 3000)`, `parseInt('3000', 10)`.
    fn named(&self, callee: &Expr<'a>, key: &str, args: &[Expr<'a>], depth: u32) -> Worth {
        let name = callee.last_name().unwrap_or_default();
        if is_variable(key) {
            let fallback = args.get(1).map_or_else(Worth::default, |fallback| self.of(fallback, depth));
            return Worth::variable(key).or(fallback);
        }
        if !name.starts_with("get") {
            return self.converted(name, args, depth);
        }
        if let Some(setting) = self.names.settings.get(key) {
            return self.of(setting, depth);
        }
        let worth = match &callee.shape {
            Shape::Member(receiver, _) => key
                .split('.')
                .try_fold((**receiver).clone(), |object, part| self.find(&object, part, depth))
                .map_or_else(|| self.within(receiver, key, depth), |found| self.setting(&found, key, depth)),
            _ => Worth::default(),
        };
        let fallback = args.get(1).map_or_else(Worth::default, |fallback| self.of(fallback, depth));
        // `getArg('port', 'p')` names the option twice.
        let short = !matches!(callee.shape, Shape::Member(..)) && fallback.port().is_none();
        if short { worth } else { worth.or(fallback) }
    }

    /// A function that hands on what it is given, by its name: `Number`, `parseInt`, `normalizePort`.
    fn converted(&self, name: &str, args: &[Expr<'a>], depth: u32) -> Worth {
        let lower = name.to_ascii_lowercase();
        let converts =
            ["port", "number", "int", "string", "num", "parse"].iter().any(|part| lower.contains(part));
        match args.first() {
            Some(object @ Expr { shape: Shape::Object(_), .. }) if lower.contains("port") => {
                object.entry("port").map_or_else(Worth::default, |port| self.of(port, depth))
            }
            Some(first) if converts => {
                // `parseNumber(process.env.PORT, 4242)`; a small number is the base that digits are read in.
                let second = args.get(1).map(|second| self.of(second, depth));
                let fallback = second.filter(|second| second.port().is_some_and(|port| port > LARGEST_BASE));
                let first = self.of(first, depth);
                match fallback {
                    Some(fallback) => first.or(fallback),
                    None => first,
                }
            }
            _ => Worth::default(),
        }
    }

    fn binary(&self, operator: &str, left: &Expr<'a>, right: &Expr<'a>, depth: u32) -> Worth {
        match operator {
            "||" | "??" => self.fallback(left, right, depth),
            "=" | "||=" | "??=" => self.of(right, depth),
            "|" => self.of(left, depth),
            "&&" => merge(self.of(right, depth), Worth::default()),
            "+" => match (self.of(left, depth), self.of(right, depth)) {
                (
                    Worth { text: Some(left), variable: None, .. },
                    Worth { text: Some(right), variable: None, .. },
                ) if left.len() < 4096 && left.parse::<f64>().is_err() => Worth::text(left + &right),
                (left, Worth { text: Some(empty), .. }) if empty.is_empty() => left,
                _ => Worth::default(),
            },
            _ => Worth::default(),
        }
    }

    fn fallback(&self, left: &Expr<'a>, right: &Expr<'a>, depth: u32) -> Worth {
        let left = self.of(left, depth);
        let has_variable = left.variable.is_some();
        let worth = left.or(self.of(right, depth));
        Worth { has_fallback: worth.has_fallback || has_variable, ..worth }
    }

    /// In an image, `NODE_ENV` is production; any other test leaves it open, unless one side is the other's fallback.
    fn conditional(&self, test: &Expr<'a>, then: &Expr<'a>, other: &Expr<'a>, depth: u32) -> Worth {
        if let Some(production) = self.production(test, depth) {
            return self.of(if production { then } else { other }, depth);
        }
        let (then, other) = (self.of(then, depth), self.of(other, depth));
        match (&then.variable, &other.variable) {
            (None, None) if then.text != other.text => Worth::default(),
            (None, Some(_)) => other.or(then),
            _ => then.or(other),
        }
    }

    /// Whether a test holds in production, where that is what it asks.
    fn production(&self, test: &Expr<'a>, depth: u32) -> Option<bool> {
        match &test.shape {
            Shape::Unary("!", inner) => self.production(inner, depth + 1).map(|holds| !holds),
            Shape::Binary(operator @ ("===" | "==" | "!==" | "!="), left, right) => {
                let (left, right) = (self.of(left, depth), self.of(right, depth));
                let asked = left.variable.as_deref() == Some("NODE_ENV");
                let equal = right.text.as_deref().filter(|_| asked)? == "production";
                Some(equal == operator.starts_with('='))
            }
            Shape::Name(name) if depth < 16 => {
                let bound = self.names.lookup(name, test.at);
                bound
                    .iter()
                    .filter(|one| one.value.at != test.at)
                    .find_map(|one| self.production(&one.value, depth + 1))
            }
            _ => None,
        }
    }
}

/// Two values that one name takes: a variable from the one and a literal from the other, or neither's literal where
/// they differ.
fn merge(first: Worth, second: Worth) -> Worth {
    if first.is_empty() {
        return second;
    }
    if second.is_empty() {
        return first;
    }
    let differ = first.variable == second.variable && first.text.is_some() && second.text.is_some();
    let text = if differ && first.text != second.text { None } else { first.text.or(second.text) };
    let has_fallback = first.has_fallback || second.has_fallback || text.is_some();
    Worth {
        text,
        has_fallback,
        variable: first.variable.or(second.variable),
        refers: first.refers.or(second.refers),
    }
}

/// What a schema or option takes where nothing is given.
pub(super) fn default_of<'a>(expr: &Expr<'a>, depth: u32) -> Option<Expr<'a>> {
    match &expr.shape {
        Shape::Object(_) => expr.entry("default").cloned(),
        Shape::Call { callee, args } if depth < 32 => match &callee.shape {
            Shape::Member(_, name) if matches!(&**name, "default" | "catch") => args.first().cloned(),
            Shape::Member(receiver, _) => {
                default_of(receiver, depth + 1).or_else(|| args.first()?.entry("default").cloned())
            }
            _ => args.first()?.entry("default").cloned(),
        },
        _ => None,
    }
}

/// The variable that a schema or option takes its value from: `env: 'PORT'`, `.env('PORT')`.
pub(super) fn variable_of(expr: &Expr<'_>, depth: u32) -> Option<String> {
    match &expr.shape {
        Shape::Object(_) => expr.entry("env")?.as_str().map(str::to_owned),
        Shape::Call { callee, args } if depth < 32 => match &callee.shape {
            Shape::Member(_, name) if name == "env" => args.first()?.as_str().map(str::to_owned),
            Shape::Member(receiver, _) => variable_of(receiver, depth + 1),
            _ => None,
        },
        _ => None,
    }
}
