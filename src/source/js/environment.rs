//! Environment variables that are read, those that a program does not start without, and the signal that stops it.

use super::EnvRead;
use super::expr::{self, Expr, Shape};
use super::lexer::Kind;
use super::names::Names;
use super::schema;
use super::worth::{is_environment, is_variable, worth};

/// The line of `process.on('SIGTERM', ...)`, also of one in a list of signals that handlers are set for.
pub(super) fn sigterm(names: &Names<'_, '_>) -> Option<u32> {
    let tokens = names.tokens;
    let all = || 0..tokens.len();
    let direct =
        all().find(|at| is_handler(names, *at) && tokens.is(at + 1, "(") && is_sigterm(names, at + 2));
    let by_name = || {
        all().any(|at| tokens.is(at, "process") && is_handler(names, at + 2) && tokens.name(at + 4).is_some())
    };
    let listed = || all().find(|at| is_sigterm(names, *at) && in_array(names, *at)).filter(|_| by_name());
    direct.or_else(listed).map(|at| tokens.line(at))
}

fn is_handler(names: &Names<'_, '_>, at: usize) -> bool {
    matches!(names.tokens.name(at), Some("on" | "once" | "addListener" | "addEventListener"))
}

fn is_sigterm(names: &Names<'_, '_>, at: usize) -> bool {
    let token = names.tokens.get(at).filter(|token| token.kind == Kind::Str);
    token.is_some_and(|token| expr::unquote(token.text) == "SIGTERM")
}

fn in_array(names: &Names<'_, '_>, at: usize) -> bool {
    let tokens = names.tokens;
    let before = at > 0 && (tokens.is(at - 1, "[") || tokens.is(at - 1, ","));
    before && (tokens.is(at + 1, "]") || tokens.is(at + 1, ","))
}

/// The variables of a file, one entry a name.
pub(super) fn reads(names: &Names<'_, '_>) -> Vec<EnvRead> {
    let mut scan = Scan { names, found: Vec::new(), depths: depths(names) };
    for at in 0..names.tokens.len() {
        scan.token(at);
    }
    let mut merged: Vec<EnvRead> = Vec::new();
    let mut place = std::collections::HashMap::new();
    for read in scan.found {
        if let Some(known) = place.get(&read.name).and_then(|at: &usize| merged.get_mut(*at)) {
            known.required |= read.required;
            known.loading |= read.loading;
            known.has_fallback |= read.has_fallback;
            known.fallback = known.fallback.take().or(read.fallback);
        } else {
            place.insert(read.name.clone(), merged.len());
            merged.push(read);
        }
    }
    merged
}

struct Scan<'n, 't, 'a> {
    names: &'n Names<'t, 'a>,
    found: Vec<EnvRead>,
    /// How many braces stand open at each token.
    depths: Vec<u16>,
}

/// How many braces stand open at each token; those of a file that nobody closes count for nothing.
fn depths(names: &Names<'_, '_>) -> Vec<u16> {
    let mut depth: u16 = 0;
    let each = (0..names.tokens.len()).map(|at| {
        if names.tokens.is(at, "}") {
            depth = depth.saturating_sub(1);
        }
        let here = depth;
        if names.tokens.is(at, "{") {
            depth = depth.saturating_add(1);
        }
        here
    });
    each.collect()
}

impl<'a> Scan<'_, '_, 'a> {
    fn token(&mut self, at: usize) {
        let tokens = self.names.tokens;
        let Some(name) = tokens.name(at) else { return };
        let member = at > 0 && (tokens.is(at - 1, ".") || tokens.is(at - 1, "?."));
        match name {
            "env" if member && tokens.is(at + 1, "(") => self.option(at),
            "env" => self.member(at),
            "if" if !member => self.test(at),
            "const" | "let" | "var" if !member => self.destructured(at),
            _ if tokens.is(at + 1, "(") => self.call(name, at),
            _ => {}
        }
    }

    fn push(&mut self, name: &str, fallback: Option<String>, has_fallback: bool, required: bool, at: usize) {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return;
        }
        let line = self.names.tokens.line(at);
        let loading = required && self.depths.get(at).is_some_and(|depth| *depth == 0);
        self.found.push(EnvRead { name: name.to_owned(), fallback, has_fallback, required, loading, line });
    }

    /// `process.env.X`, `process.env['X']`, `env.X` where env is the process's
    fn member(&mut self, env: usize) {
        let tokens = self.names.tokens;
        let start = self.chain_start(env);
        let (expr, _) = expr::parse_primary(tokens, start);
        let dotted = self.dotted(start, env).unwrap_or(expr);
        if !is_environment(self.names, &dotted) {
            return;
        }
        let (key, behind) =
            match tokens.name(env + 2).filter(|_| tokens.is(env + 1, ".") || tokens.is(env + 1, "?.")) {
                Some(key) => (key.to_owned(), env + 3),
                None if tokens.is(env + 1, "[") => {
                    match tokens.get(env + 2).filter(|key| key.kind == Kind::Str) {
                        Some(key) => (expr::unquote(key.text).into_owned(), env + 4),
                        None => return,
                    }
                }
                None => return,
            };
        if tokens.is(behind, "=") {
            return;
        }
        let (fallback, has_fallback) = self.fallback(behind);
        self.push(&key, fallback, has_fallback, false, env);
    }

    /// `new Option('--hostname <name>').env('HOSTNAME').default('0.0.0.0')`
    fn option(&mut self, at: usize) {
        let tokens = self.names.tokens;
        let Some(close) = tokens.partner(at + 1).filter(|close| *close == at + 3) else { return };
        let Some(key) = tokens.get(at + 2).filter(|key| key.kind == Kind::Str) else { return };
        let key = expr::unquote(key.text).into_owned();
        let chained = tokens.is(close + 1, ".") && tokens.is(close + 2, "default");
        let default = expr::parse_args(tokens, close + 3).first().filter(|_| chained).cloned();
        let fallback = default.as_ref().and_then(|default| worth(self.names, default).text);
        if is_variable(&key) {
            self.push(&key, fallback, true, false, at);
        }
    }

    /// The first token of `a.b.env`.
    fn chain_start(&self, mut at: usize) -> usize {
        let tokens = self.names.tokens;
        for _ in 0..3 {
            if at < 2 || !(tokens.is(at - 1, ".") || tokens.is(at - 1, "?.")) || tokens.name(at - 2).is_none()
            {
                break;
            }
            at -= 2;
        }
        at
    }

    fn dotted(&self, start: usize, end: usize) -> Option<Expr<'a>> {
        let mut expr = Expr::new(start, Shape::Name(self.names.tokens.name(start)?));
        let mut at = start;
        while at < end {
            at += 2;
            let key = self.names.tokens.name(at)?;
            expr = Expr::member(&std::rc::Rc::new(expr), key.into(), start);
        }
        Some(expr)
    }

    /// What is taken where the variable before this token is not set: `|| 3000`, `?? x`, behind a conversion too.
    fn fallback(&self, mut at: usize) -> (Option<String>, bool) {
        let tokens = self.names.tokens;
        for _ in 0..3 {
            let radix = tokens.is(at, ",") && tokens.is(at + 2, ")");
            if !radix && !tokens.is(at, ")") {
                break;
            }
            at += if radix { 3 } else { 1 };
        }
        if tokens.is(at, "||") || tokens.is(at, "??") {
            let (value, _) = expr::parse(tokens, at + 1);
            let fails = matches!(&value.shape, Shape::Call { callee, .. } if fails(callee.last_name().unwrap_or_default()));
            return (worth(self.names, &value).text, !fails);
        }
        (None, tokens.is(at, "?"))
    }

    /// `const { X, Y = 'y' } = process.env`
    fn destructured(&mut self, at: usize) {
        let tokens = self.names.tokens;
        let Some(close) = tokens.partner(at + 1).filter(|close| tokens.is(at + 1, "{") && *close > at) else {
            return;
        };
        let equals = expr::after_type(tokens, close + 1);
        if !tokens.is(equals, "=") || !is_environment(self.names, &expr::parse(tokens, equals + 1).0) {
            return;
        }
        let (pattern, _) = expr::parse_primary(tokens, at + 1);
        let Shape::Object(entries) = &pattern.shape else { return };
        for entry in entries {
            let Some(key) = &entry.key else { continue };
            let default = match &entry.value.shape {
                Shape::Binary("=", _, default) => Some(worth(self.names, default).text),
                _ => None,
            };
            self.push(key, default.clone().flatten(), default.is_some(), false, entry.value.at);
        }
    }

    /// `if (!process.env.X) throw ...`
    fn test(&mut self, at: usize) {
        let tokens = self.names.tokens;
        let Some(close) = tokens.partner(at + 1).filter(|close| tokens.is(at + 1, "(") && *close > at) else {
            return;
        };
        if !self.gives_up(close + 1) {
            return;
        }
        let (test, _) = expr::parse(tokens, at + 2);
        for name in self.missing(&test, 0) {
            self.push(&name, None, false, true, at);
        }
    }

    /// Whether the statement at a token throws or exits.
    fn gives_up(&self, at: usize) -> bool {
        let tokens = self.names.tokens;
        let end = match tokens.partner(at).filter(|close| tokens.is(at, "{") && *close > at) {
            Some(close) => close,
            None => (at..at + 40).find(|end| tokens.is(*end, ";") || tokens.is(*end, "}")).unwrap_or(at + 12),
        };
        (at..end.min(at + 80)).any(|at| {
            tokens.is(at, "throw")
                || tokens.is(at, "process") && tokens.is(at + 1, ".") && tokens.is(at + 2, "exit")
        })
    }

    /// The variables that a test finds missing: `!a || b === undefined`.
    fn missing(&self, test: &Expr<'a>, depth: u8) -> Vec<String> {
        match &test.shape {
            Shape::Binary("||", left, right) if depth < 20 => {
                let mut found = self.missing(left, depth + 1);
                found.extend(self.missing(right, depth + 1));
                found
            }
            Shape::Unary("!", inner) => self.bare(inner),
            Shape::Binary("===" | "==", value, nothing) if matches!(nothing.shape, Shape::Nothing) => {
                self.bare(value)
            }
            Shape::Binary("===" | "==", kind, undefined) if undefined.as_str() == Some("undefined") => {
                match &kind.shape {
                    Shape::Unary("typeof", value) => self.bare(value),
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }

    /// The variable that a value is, where nothing else is taken for it.
    fn bare(&self, value: &Expr<'a>) -> Vec<String> {
        let worth = worth(self.names, value);
        worth.variable.filter(|_| !worth.has_fallback && worth.text.is_none()).into_iter().collect()
    }

    /// `invariant(process.env.X)`, `requireEnv('X')`, `getEnv('X', 'y')`, `configService.getOrThrow('X')`
    fn call(&mut self, name: &str, at: usize) {
        if schema::CHECKS.contains(&name) {
            for key in schema::demanded(self.names, at) {
                self.push(&key, None, false, true, at);
            }
            return;
        }
        let lower = name.to_ascii_lowercase();
        let tokens = self.names.tokens;
        if matches!(name, "invariant" | "assert" | "ok") {
            if let Some(first) = expr::parse_args(tokens, at + 1).first() {
                for name in self.bare(first) {
                    self.push(&name, None, false, true, at);
                }
            }
            return;
        }
        let receiver = if at >= 2 {
            tokens.name(at - 2).unwrap_or_default().to_ascii_lowercase()
        } else {
            String::new()
        };
        let takes = lower.contains("env")
            || lower.starts_with("get") && (receiver.contains("config") || receiver == "env");
        let key = tokens.get(at + 2).filter(|key| key.kind == Kind::Str).map(|key| expr::unquote(key.text));
        let Some(key) = key.filter(|key| takes && is_variable(key)) else { return };
        let args = expr::parse_args(tokens, at + 1);
        let fallback = args.get(1).map(|fallback| worth(self.names, fallback).text);
        let required = fails(name) && args.len() == 1;
        let (_, behind) = self.fallback(tokens.partner(at + 1).map_or(at, |close| close + 1));
        self.push(&key, fallback.clone().flatten(), fallback.is_some() || behind, required, at);
    }
}

/// Whether a function of this name gives up where something is missing.
fn fails(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["require", "must", "mandatory", "orthrow", "throw", "fail", "panic"]
        .iter()
        .any(|word| lower.contains(word))
}
