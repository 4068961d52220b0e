//! What each name of a file stands for: declarations, assignments, imports, settings.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::expr::{self, Entry, Expr, Shape};
use super::lexer::{Kind, Tokens};
use super::{Import, Load};

/// No statement that loads a module is longer, in tokens.
const STATEMENT: usize = 96;

/// Where a name got its value.
#[derive(Debug, Clone)]
pub(super) struct Bound<'a> {
    pub(super) value: Expr<'a>,
    /// The brace of the block that the name lives in; `None` for the file.
    block: Option<usize>,
    /// `const`, `let`, `var`, a parameter; not a later assignment.
    declared: bool,
}

/// What an import binds: the module, and the name in it (`default`, `*` for all of it).
#[derive(Debug, Clone)]
pub(super) struct Imported<'a> {
    pub(super) specifier: Cow<'a, str>,
    pub(super) name: Cow<'a, str>,
}

/// The names of a file.
#[derive(Debug)]
pub(super) struct Names<'t, 'a> {
    pub(super) tokens: &'t Tokens<'a>,
    bound: HashMap<String, Vec<Bound<'a>>>,
    pub(super) imported: HashMap<&'a str, Imported<'a>>,
    pub(super) imports: Vec<Import>,
    pub(super) passes_on: Vec<String>,
    /// What is exported under a name that is not its own: `export { x as y }`, `export default x`.
    pub(super) exported: Vec<(Cow<'a, str>, Expr<'a>)>,
    /// `app.set('port', x)`.
    pub(super) settings: HashMap<String, Expr<'a>>,
    /// The tokens of names in declarations: `const x = 1` is no assignment besides.
    declared_at: HashSet<usize>,
}

/// Reads the names of a file.
pub(super) fn names<'t, 'a>(tokens: &'t Tokens<'a>) -> Names<'t, 'a> {
    let mut names = Names {
        tokens,
        bound: HashMap::new(),
        imported: HashMap::new(),
        imports: Vec::new(),
        passes_on: Vec::new(),
        exported: Vec::new(),
        settings: HashMap::new(),
        declared_at: HashSet::new(),
    };
    let mut blocks: Vec<usize> = Vec::new();
    for at in 0..tokens.len() {
        while blocks.last().is_some_and(|open| tokens.partner(*open).is_none_or(|close| close <= at)) {
            blocks.pop();
        }
        if tokens.is(at, "{") && tokens.partner(at).is_some_and(|close| close > at) {
            blocks.push(at);
        }
        names.read(at, blocks.last().copied());
    }
    names.drop_types();
    names
}

impl<'a> Names<'_, 'a> {
    /// What a dotted name stands for where it is used; the declaration of the innermost block that holds the place,
    /// and what is assigned to it.
    pub(super) fn lookup(&self, name: &str, place: usize) -> Vec<&Bound<'a>> {
        let Some(all) = self.bound.get(name) else { return Vec::new() };
        let visible = |bound: &&Bound<'a>| bound.block.is_none_or(|open| self.holds(open, place));
        let innermost =
            all.iter().filter(|bound| bound.declared).filter(visible).map(|bound| bound.block).max();
        let home = innermost.unwrap_or_default();
        let declared = all.iter().filter(|bound| bound.declared && bound.block == home).take(4);
        let assigned = all.iter().filter(|bound| !bound.declared);
        declared
            .chain(assigned.filter(|bound| home.is_none_or(|open| self.inside(open, bound.block))))
            .take(8)
            .collect()
    }

    fn holds(&self, open: usize, place: usize) -> bool {
        open < place && self.tokens.partner(open).is_some_and(|close| place < close)
    }

    fn inside(&self, open: usize, block: Option<usize>) -> bool {
        block.is_some_and(|block| block == open || self.holds(open, block))
    }

    /// The module that a name is taken from, by import or by require.
    pub(super) fn module_of(&self, name: &str) -> Option<String> {
        if let Some(import) = self.imported.get(name) {
            return Some(import.specifier.to_string());
        }
        let bound = self.bound.get(name)?.first()?;
        required(&bound.value, 0).map(str::to_owned)
    }

    /// The classes of the file: a name, and the brace that its fields are given values in.
    pub(super) fn classes(&self) -> impl Iterator<Item = (&'a str, usize)> {
        let classes = (0..self.tokens.len()).filter(|at| self.tokens.is(*at, "class"));
        classes.filter_map(|at| {
            let open = (at + 2..at + 24).find(|open| self.tokens.is(*open, "{"))?;
            Some((self.tokens.name(at + 1)?, open))
        })
    }

    /// What the fields of a class are given.
    pub(super) fn fields(&self, open: usize) -> Vec<(&str, &Expr<'a>)> {
        let own = |bound: &&Bound<'a>| bound.block == Some(open) && !bound.declared;
        let fields = self.bound.iter().filter(|(name, _)| !name.contains('.'));
        let mut all: Vec<(&str, &Expr<'a>)> =
            fields.filter_map(|(name, all)| Some((name.as_str(), &all.iter().find(own)?.value))).collect();
        all.sort_unstable_by_key(|(name, value)| (value.at, *name));
        all
    }

    /// Every name that was given a value at the top of the file.
    pub(super) fn at_top(&self) -> impl Iterator<Item = (&str, &Bound<'a>)> {
        self.bound.iter().filter_map(|(name, all)| {
            // What is assigned and not declared may be a parameter's default.
            let public = |bound: &&Bound<'a>| bound.block.is_none() && (bound.declared || name.contains('.'));
            Some((name.as_str(), all.iter().find(public)?))
        })
    }

    fn bind(&mut self, name: impl Into<String>, value: Expr<'a>, block: Option<usize>, declared: bool) {
        let all = self.bound.entry(name.into()).or_default();
        if all.len() < 64 {
            all.push(Bound { value, block, declared });
        }
    }

    fn read(&mut self, at: usize, block: Option<usize>) {
        let Some(name) = self.tokens.name(at) else { return };
        if at > 0 && (self.tokens.is(at - 1, ".") || self.tokens.is(at - 1, "?.")) {
            if name == "set" {
                self.setting(at);
            }
            return;
        }
        match name {
            "const" | "let" | "var" => self.declarations(at + 1, block),
            "import" => self.import(at),
            "export" => self.export(at),
            "require" => self.load(at, Load::Require, block.is_none() && self.is_plain(at)),
            _ if self.declared_at.contains(&at) => {}
            _ => self.assignment(at, block),
        }
    }

    /// Whether nothing in the statement before a token decides if it is reached: no arrow, no condition.
    fn is_plain(&self, at: usize) -> bool {
        let word = |at: usize| self.tokens.get(at).map_or("", |token| token.text);
        let begins = |text: &str| matches!(text, ";" | "}" | "const" | "let" | "var");
        let decides =
            |text: &str| matches!(text, "=>" | "if" | "else" | "?" | "&&" | "||" | "??" | "function");
        let before = (0..at).rev().map(word).take(STATEMENT).take_while(|text| !begins(text));
        before.into_iter().all(|text| !decides(text))
    }

    /// Imports of which no name is called or made are what a compiler may drop.
    fn drop_types(&mut self) {
        let used = self.called();
        let names = |specifier: &str| {
            let all = self.imported.iter().filter(|(_, one)| one.specifier == specifier);
            all.map(|(local, _)| *local).collect::<Vec<_>>()
        };
        let dropped = |one: &Import| {
            let names = names(&one.specifier);
            one.load == Load::Import && !names.is_empty() && !names.iter().any(|name| used.contains(name))
        };
        let dropped: Vec<bool> = self.imports.iter().map(dropped).collect();
        for (import, dropped) in self.imports.iter_mut().zip(dropped) {
            import.at_once &= !dropped;
        }
    }

    /// The imported names that are called: `x(`, `x.y(`, `new x`.
    fn called(&self) -> HashSet<&'a str> {
        let tokens = self.tokens;
        let called = |at: &usize| {
            tokens.is(at + 1, "(")
                || tokens.is(at + 1, ".") && tokens.is(at + 3, "(")
                || *at > 0 && tokens.is(at - 1, "new")
        };
        let own = |at: &usize| *at == 0 || !(tokens.is(at - 1, ".") || tokens.is(at - 1, "?."));
        let all = (0..tokens.len()).filter(|at| called(at) && own(at));
        all.filter_map(|at| tokens.name(at)).filter(|name| self.imported.contains_key(name)).collect()
    }

    fn load(&mut self, at: usize, load: Load, at_once: bool) {
        let open =
            if self.tokens.is(at + 1, ".") && self.tokens.is(at + 2, "resolve") { at + 3 } else { at + 1 };
        if self.tokens.is(open, "(")
            && let Some(specifier) = self.string(open + 1)
        {
            self.push_import(&specifier, load, at_once && open == at + 1, at);
        }
    }

    fn push_import(&mut self, specifier: &str, load: Load, at_once: bool, at: usize) {
        let line = self.tokens.line(at);
        self.imports.push(Import { specifier: specifier.to_owned(), load, at_once, line });
    }

    fn string(&self, at: usize) -> Option<Cow<'a, str>> {
        self.tokens.get(at).filter(|token| token.kind == Kind::Str).map(|token| expr::unquote(token.text))
    }

    /// `const a = 1, { b = 2, c: d } = x`
    fn declarations(&mut self, mut at: usize, block: Option<usize>) {
        for _ in 0..64 {
            let (target, behind) = self.target(at);
            let equals = expr::after_type(self.tokens, behind);
            let (value, next) = if self.tokens.is(equals, "=") {
                let (value, next) = expr::parse(self.tokens, equals + 1);
                (Some(value), next)
            } else {
                (None, equals)
            };
            self.bind_target(&target, value, block);
            if !self.tokens.is(next, ",") {
                return;
            }
            at = next + 1;
        }
    }

    fn target(&self, at: usize) -> (Expr<'a>, usize) {
        if self.tokens.is(at, "{") || self.tokens.is(at, "[") {
            return expr::parse_primary(self.tokens, at);
        }
        let name = self.tokens.name(at).map_or(Shape::Unknown, Shape::Name);
        (Expr::new(at, name), at + 1)
    }

    fn bind_target(&mut self, target: &Expr<'a>, value: Option<Expr<'a>>, block: Option<usize>) {
        self.declared_at.insert(target.at);
        match (&target.shape, value) {
            (Shape::Name(name), Some(value)) => self.bind(*name, value, block, true),
            (Shape::Name(name), None) => self.bind(*name, Expr::new(target.at, Shape::Nothing), block, true),
            (Shape::Object(entries), Some(value)) => {
                let value = Rc::new(value);
                for entry in entries {
                    self.bind_entry(entry, &value, block, 0);
                }
            }
            _ => {}
        }
    }

    /// `{ key }`, `{ key = default }`, `{ key: name = default }`, `{ key: { ... } }`.
    fn bind_entry(&mut self, entry: &Entry<'a>, object: &Rc<Expr<'a>>, block: Option<usize>, depth: u8) {
        let Some(key) = &entry.key else { return };
        let (target, default) = match &entry.value.shape {
            Shape::Binary("=", target, default) => (target.as_ref(), Some(default.as_ref().clone())),
            _ => (&entry.value, None),
        };
        self.declared_at.insert(target.at);
        let taken = Expr::member(object, key.clone(), target.at);
        let value = match default {
            Some(default) => Expr::or(taken, default),
            None => taken,
        };
        match &target.shape {
            Shape::Name(name) => self.bind(*name, value, block, true),
            Shape::Object(entries) if depth < 8 => {
                let value = Rc::new(value);
                for entry in entries {
                    self.bind_entry(entry, &value, block, depth + 1);
                }
            }
            _ => {}
        }
    }

    /// `name = value`, `this.port = value`, `module.exports.x = value`, a parameter's or a field's default.
    fn assignment(&mut self, at: usize, block: Option<usize>) {
        let mut name = String::new();
        let mut next = at;
        for part in 0..5 {
            let Some(word) = self.tokens.name(next) else { return };
            if part > 0 {
                name.push('.');
            }
            name.push_str(word);
            next += 1;
            if !self.tokens.is(next, ".") {
                break;
            }
            next += 1;
        }
        let typed = if name.contains('.') { next } else { expr::after_type(self.tokens, next) };
        let assigns = ["=", "||=", "??="].iter().any(|operator| self.tokens.is(typed, operator));
        if !assigns {
            return;
        }
        let (value, _) = expr::parse(self.tokens, typed + 1);
        self.bind(name, value, block, false);
    }

    /// `app.set('port', value)`
    fn setting(&mut self, at: usize) {
        if self.tokens.is(at + 1, "(")
            && self.tokens.is(at + 3, ",")
            && let Some(key) = self.string(at + 2)
        {
            let (value, _) = expr::parse(self.tokens, at + 4);
            self.settings.entry(key.into_owned()).or_insert(value);
        }
    }

    fn import(&mut self, at: usize) {
        if self.tokens.is(at + 1, "(") {
            return self.load(at, Load::Dynamic, false);
        }
        if let Some(specifier) = self.string(at + 1) {
            return self.push_import(&specifier, Load::Import, true, at);
        }
        let typed =
            self.tokens.is(at + 1, "type") && !self.tokens.is(at + 2, "from") && !self.tokens.is(at + 2, ",");
        let Some((from, specifier)) = self.from(at + 1) else { return self.import_equals(at) };
        self.push_import(&specifier, if typed { Load::Type } else { Load::Import }, !typed, at);
        if !typed {
            self.import_names(at + 1, from, &specifier);
        }
    }

    /// `import fs = require('fs')`
    fn import_equals(&mut self, at: usize) {
        if let Some(name) = self.tokens.name(at + 1)
            && self.tokens.is(at + 2, "=")
            && let Some(specifier) = self.string(at + 5)
        {
            self.imported.insert(name, Imported { specifier, name: "*".into() });
        }
    }

    /// The `from` of an import or export, and the specifier behind it.
    fn from(&self, mut at: usize) -> Option<(usize, Cow<'a, str>)> {
        for _ in 0..12 {
            if self.tokens.is(at, "from")
                && let Some(specifier) = self.string(at + 1)
            {
                return Some((at, specifier));
            }
            let fits =
                self.tokens.name(at).is_some() || ["{", "*", ","].iter().any(|text| self.tokens.is(at, text));
            if !fits {
                return None;
            }
            at = self.tokens.partner(at).filter(|close| *close > at).unwrap_or(at) + 1;
        }
        None
    }

    fn import_names(&mut self, mut at: usize, from: usize, specifier: &str) {
        let mut insert = |local: &'a str, name: &'a str| {
            self.imported
                .insert(local, Imported { specifier: specifier.to_owned().into(), name: name.into() });
        };
        while at < from {
            if self.tokens.is(at, "*") {
                if let Some(local) = self.tokens.name(at + 2) {
                    insert(local, "*");
                }
                at += 3;
            } else if self.tokens.is(at, "{") {
                let close = self.tokens.partner(at).unwrap_or(from);
                for (name, local) in specifiers(self.tokens, at + 1, close) {
                    insert(local, name);
                }
                at = close + 1;
            } else {
                if let Some(local) = self.tokens.name(at) {
                    insert(local, "default");
                }
                at += 1;
            }
        }
    }

    fn export(&mut self, at: usize) {
        if self.tokens.is(at + 1, "default") {
            let (value, _) = expr::parse(self.tokens, at + 2);
            return self.exported.push(("default".into(), value));
        }
        if self.tokens.is(at + 1, "=") {
            let (value, _) = expr::parse(self.tokens, at + 2);
            return self.exported.push(("default".into(), value));
        }
        if !(self.tokens.is(at + 1, "{") || self.tokens.is(at + 1, "*") || self.tokens.is(at + 1, "type")) {
            return;
        }
        let typed = self.tokens.is(at + 1, "type");
        let from = self.from(at + 1);
        if let Some((_, specifier)) = &from {
            self.push_import(specifier, if typed { Load::Type } else { Load::Import }, !typed, at);
            self.passes_on.push(specifier.to_string());
        } else if let Some(close) = self.tokens.partner(at + 1).filter(|_| !typed) {
            for (name, public) in specifiers(self.tokens, at + 2, close) {
                self.exported.push((public.into(), Expr::new(at, Shape::Name(name))));
            }
        }
    }
}

/// The module that `require('x').y` and `promisify(require('x').y)` take from.
fn required<'e>(value: &'e Expr<'_>, depth: u8) -> Option<&'e str> {
    match &value.shape {
        Shape::Member(object, _) if depth < 8 => required(object, depth + 1),
        Shape::Call { callee, args } if callee.last_name() == Some("require") => args.first()?.as_str(),
        Shape::Call { callee, .. } if depth < 8 => required(callee, depth + 1),
        _ => None,
    }
}

/// `a, b as c, type D` between two tokens, as pairs of the name there and the name here.
fn specifiers<'a>(tokens: &Tokens<'a>, mut at: usize, close: usize) -> Vec<(&'a str, &'a str)> {
    let mut found = Vec::new();
    while at < close {
        if let Some(name) = tokens.name(at) {
            let renamed = tokens.is(at + 1, "as").then(|| tokens.name(at + 2)).flatten();
            found.push((name, renamed.unwrap_or(name)));
        }
        while at < close && !tokens.is(at, ",") {
            at += 1;
        }
        at += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::source::js::read;

    #[test]
    fn what_loading_a_file_loads() {
        let module = read(
            "var a = require('a'), b = require('b');\nimport c from 'c';\nimport { T } from 't';\nimport 'side';\nc();\n\
             export * from './g';\nconst later = () => require('later');\nif (dev) require('dev');\nx && require('and');\n\
             try { require('maybe') } catch {}\nfunction f(x: T) { return require('inner') }\nrequire.resolve('path');\n\
             require('plain')(c);",
        );
        let at_once: Vec<_> =
            module.imports.iter().filter(|one| one.at_once).map(|one| one.specifier.as_str()).collect();
        assert_eq!(at_once, ["a", "b", "c", "side", "./g", "plain"]);
    }
}
