//! What other files can take from a file, by dotted name, and which of it is called a port.

use std::collections::BTreeMap;

use super::Constant;
use super::expr::{self, Expr, Shape};
use super::names::Names;
use super::worth::{Worth, Worths, is_variable};

/// Enough for any configuration; more is data.
const MOST: usize = 1000;
const DEEPEST: u8 = 5;
const CLASSES: usize = 20;

/// The constants of a file.
pub(super) fn constants(names: &Names<'_, '_>) -> BTreeMap<String, Constant> {
    let mut found = Found { names, constants: BTreeMap::new() };
    let mut top: Vec<_> = names.at_top().collect();
    top.sort_unstable_by_key(|(name, bound)| (bound.value.at, *name));
    for (name, bound) in top {
        found.top(name, &bound.value);
    }
    for (name, value) in &names.exported {
        found.flatten(name, value, 0);
    }
    found.classes();
    found.constants
}

struct Found<'n, 't, 'a> {
    names: &'n Names<'t, 'a>,
    constants: BTreeMap<String, Constant>,
}

impl<'a> Found<'_, '_, 'a> {
    /// `export default new Settings()` gives the fields of the class, and so does a class for static ones.
    fn classes(&mut self) {
        let exported = self.names.exported.iter().map(|(name, value)| (name.to_string(), value));
        let top = self.names.at_top().map(|(name, bound)| (name.to_owned(), &bound.value));
        let values: Vec<(String, &Expr<'a>)> = exported.chain(top).collect();
        for (class, open) in self.names.classes().take(CLASSES).collect::<Vec<_>>() {
            let made = values.iter().filter(|(_, value)| self.is_made_of(value, class, 0));
            let mut owners: Vec<String> = made.map(|(name, _)| name.clone()).collect();
            owners.push(class.to_owned());
            for (field, value) in self.names.fields(open) {
                let worth = named_alike(Worths::new(self.names).setting(value, field, 0), field);
                for owner in &owners {
                    self.insert(&format!("{owner}.{field}"), value, worth.clone());
                }
            }
        }
    }

    /// Whether a value is `new Class()`, or a name for it.
    fn is_made_of(&self, value: &Expr<'a>, class: &str, depth: u8) -> bool {
        match &value.shape {
            Shape::Call { callee, .. } => matches!(callee.shape, Shape::Name(name) if name == class),
            Shape::Name(name) if depth < 4 => {
                let bound = self.names.lookup(name, value.at);
                bound.first().is_some_and(|one| self.is_made_of(&one.value, class, depth + 1))
            }
            _ => false,
        }
    }

    fn top(&mut self, name: &str, value: &Expr<'a>) {
        match name.strip_prefix("module.exports").or_else(|| name.strip_prefix("exports")) {
            Some("") => {
                self.flatten("default", value, 0);
                self.flatten("", value, 0);
            }
            Some(rest) if rest.starts_with('.') => self.flatten(rest.trim_start_matches('.'), value, 0),
            _ => self.flatten(name, value, 0),
        }
    }

    fn flatten(&mut self, prefix: &str, value: &Expr<'a>, depth: u8) {
        if depth > DEEPEST || self.constants.len() > MOST {
            return;
        }
        if let Some(object) = self.object(value, 0) {
            return self.entries(prefix, &object, depth);
        }
        let key = prefix.rsplit('.').next().unwrap_or(prefix);
        let worth = Worths::new(self.names).setting(value, if depth == 0 { "" } else { key }, 0);
        self.insert(prefix, value, worth);
    }

    fn entries(&mut self, prefix: &str, object: &Expr<'a>, depth: u8) {
        let Shape::Object(entries) = &object.shape else { return };
        for entry in entries {
            match &entry.key {
                Some(key) if prefix.is_empty() => self.flatten(key, &entry.value, depth + 1),
                Some(key) => self.flatten(&format!("{prefix}.{key}"), &entry.value, depth + 1),
                None => self.flatten(prefix, &entry.value, depth + 1),
            }
        }
    }

    /// The object that a value is, names and the calls that freeze or check one looked through; an option with a
    /// default is a value.
    fn object(&self, value: &Expr<'a>, depth: u8) -> Option<Expr<'a>> {
        match &value.shape {
            Shape::Object(_) if value.entry("default").is_none() => Some(value.clone()),
            Shape::Name(name) if depth < 8 => {
                let bound = self.names.lookup(name, value.at);
                bound.first().and_then(|one| self.object(&one.value, depth + 1))
            }
            // `registerAs('app', () => ({ port: 3000 }))`
            Shape::Function(Some(body), _) if depth < 8 => self.object(body, depth + 1),
            Shape::Function(None, Some(open)) if depth < 8 => {
                self.object(&expr::returned(self.names.tokens, *open)?, depth + 1)
            }
            Shape::Call { callee, args } if depth < 8 => {
                let given = args.iter().take(3).find_map(|arg| self.object(arg, depth + 1));
                given.or_else(|| match &callee.shape {
                    // `.default({})` says what a value is where nothing is given.
                    Shape::Member(receiver, _) => self.object(receiver, depth + 1),
                    _ => None,
                })
            }
            _ => None,
        }
    }

    fn insert(&mut self, name: &str, value: &Expr<'a>, worth: Worth) {
        if worth.is_empty() || name.is_empty() {
            return;
        }
        let Worth { text, variable, refers, .. } = worth;
        let text = text.filter(|text| text.len() <= 200);
        let line = self.names.tokens.line(value.at);
        self.constants.entry(name.to_owned()).or_insert(Constant { text, variable, refers, line });
    }
}

/// A field that takes its value from the environment as another file holds it, under the field's own name.
fn named_alike(mut worth: Worth, field: &str) -> Worth {
    let alike = worth.refers.as_ref().is_some_and(|refers| refers.name.rsplit('.').next() == Some(field));
    if worth.variable.is_none() && alike && is_variable(field) {
        worth.variable = Some(field.to_owned());
    }
    worth
}

/// Words that a program's own port is called by; a database's has another.
const OWN: [&str; 12] = [
    "default", "server", "http", "app", "api", "web", "listen", "service", "backend", "node", "config",
    "settings",
];

/// Keys that only a client's settings have beside its port.
const CLIENT: [&str; 9] =
    ["user", "username", "password", "pass", "database", "dialect", "auth", "keyPrefix", "secure"];

/// Whether a dotted name says that the value is the program's own port.
pub(super) fn is_own_port(name: &str, constants: &BTreeMap<String, Constant>) -> bool {
    let (parents, last) = name.rsplit_once('.').map_or(("", name), |(parents, last)| (parents, last));
    let exported_whole = || !name.contains('.') && constants.contains_key(&format!("default.{name}"));
    is_port_name(last)
        && !exported_whole()
        && parents.split('.').all(|parent| parent.is_empty() || is_own(parent))
        && !beside(parents, constants)
}

/// Whether a client's keys stand beside a port, or the host of another machine.
fn beside(parents: &str, constants: &BTreeMap<String, Constant>) -> bool {
    let get = |key: &str| constants.get(&format!("{parents}.{key}"));
    let far = |host: &Constant| {
        let text = host.text.as_deref().unwrap_or_default();
        text.contains('.') && !text.starts_with("0.") && !text.starts_with("127.")
    };
    !parents.is_empty()
        && (CLIENT.iter().any(|key| get(key).is_some())
            || ["host", "hostname"].iter().any(|key| get(key).is_some_and(far)))
}

/// `port`, `PORT`, `DEFAULT_PORT`, `serverPort`.
pub(super) fn is_port_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    match lower.strip_suffix("port").filter(|rest| !rest.ends_with("sup") && !rest.ends_with("re")) {
        Some("") => true,
        Some(rest) => rest.split('_').filter(|word| !word.is_empty()).all(is_own),
        None => false,
    }
}

fn is_own(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    OWN.iter().any(|own| lower == *own) || OWN.iter().any(|own| lower.strip_prefix("default") == Some(own))
}
