//! What a field of a struct holds: the default that its attributes name, what a literal gives it, and what a
//! configuration file says.

use super::cfg::Build;
use super::file::{File, Span};
use super::items::Field;
use super::program::{Crate, Given, Place, Program};
use super::value::{Evaluator, Frame, Node, UNKNOWN, Value, is_variable, tail};

impl Evaluator<'_> {
    /// The field of something.
    pub(super) fn field(&self, name: &str, of: &Node, depth: usize) -> Node {
        let mut keys = of.keys.clone();
        keys.push(name.to_owned());
        let declared: Vec<(Place, &Field)> = self
            .program
            .fields(name)
            .filter(|(_, field)| of.kind.as_ref().is_none_or(|kind| *kind == field.owner))
            .collect();
        let kinds = declared
            .iter()
            .filter_map(|(place, field)| self.program.owner_in(self.program.file(*place)?, &field.kind));
        let kinds: std::collections::BTreeSet<String> = kinds.collect();
        let kind = if kinds.len() == 1 { kinds.into_iter().next() } else { None };
        let values: Vec<Value> =
            declared.iter().filter_map(|(place, field)| self.held(*place, field, depth)).collect();
        let value = match values.as_slice() {
            [] if declared.is_empty() && of.kind.is_none() => self.given(None, name, depth),
            [] => None,
            [first, rest @ ..] => rest.iter().all(|other| other.text == first.text).then(|| first.clone()),
        };
        let told = value.as_ref().is_some_and(|value| value.whole().is_some());
        let found = if told { None } else { (self.settings)(&keys) };
        let value = if told || found.is_some() { value } else { self.set_default(&keys, depth).or(value) };
        let value = match (found, value, declared.first()) {
            (Some(text), Some(value), _) => Some(Value { text, ..value }),
            (Some(text), None, Some((place, _))) => Some(Value::known(text, *place)),
            (_, value, _) => value,
        };
        Node { value, kind, keys }
    }

    /// What a declared field holds: its attributes first, then literals.
    #[must_use]
    pub fn held(&self, place: Place, field: &Field, depth: usize) -> Option<Value> {
        let file = self.program.file(place)?;
        let by_attribute = self.by_attributes(place, file, field, depth);
        if by_attribute.as_ref().is_some_and(|value| value.whole().is_some()) {
            return by_attribute;
        }
        let given = self.given(Some(&field.owner), &field.name, depth);
        match (by_attribute, given) {
            (Some(asked), Some(given)) => {
                Some(Value { variable: asked.variable.or(given.variable.clone()), flag: asked.flag, ..given })
            }
            (asked, given) => asked.or(given),
        }
    }

    /// What literals of a struct give a field: the one that asks the environment tells more than a default.
    fn given(&self, owner: Option<&str>, name: &str, depth: usize) -> Option<Value> {
        let all = self.program.literals.get(name)?;
        let fits = |given: &&Given| owner.is_none_or(|owner| given.owner == owner);
        let values = all
            .iter()
            .filter(fits)
            .take(8)
            .filter_map(|given| self.any(given.place, given.value.clone(), &Vec::new(), depth + 1));
        let values: Vec<Value> = values.collect();
        let asked = values.iter().find(|value| value.variable.is_some());
        let known = values.iter().filter(|value| value.whole().is_some());
        let known: Vec<&Value> = known.collect();
        match (asked, known.as_slice()) {
            (Some(asked), _) if asked.whole().is_some() => Some(asked.clone()),
            (Some(asked), [one, ..]) => Some(Value { variable: asked.variable.clone(), ..(*one).clone() }),
            (Some(asked), []) => Some(asked.clone()),
            (None, [one, rest @ ..]) if rest.iter().all(|other| other.text == one.text) => {
                Some((*one).clone())
            }
            _ => None,
        }
    }

    fn by_attributes(&self, place: Place, file: &File, field: &Field, depth: usize) -> Option<Value> {
        let mut value = Value::unknown(place);
        let mut told = false;
        for attribute in &field.attributes {
            let name = file.mark(attribute.start);
            let Some(close) = file.close(attribute.start + 1) else {
                if name == "default" && file.mark(attribute.start + 1) == "=" {
                    told |= self.defaulted(&mut value, place, attribute.start + 2..attribute.end, depth);
                }
                continue;
            };
            let parts = file.split(attribute.start + 2..close, ",");
            match name {
                "default" => told |= self.defaulted(&mut value, place, attribute.start + 2..close, depth),
                "serde" => told |= self.serde(&mut value, place, file, &parts, depth),
                "argh" => told |= Self::argh(&mut value, place, file, field, &parts),
                "arg" | "clap" | "structopt" | "envconfig" | "config" | "env" | "conf" | "educe"
                | "builder" | "arg_enum" | "command" => {
                    told |= self.options(&mut value, place, file, field, &parts, depth);
                }
                _ => {}
            }
        }
        told.then_some(value)
    }

    fn options(
        &self,
        value: &mut Value,
        place: Place,
        file: &File,
        field: &Field,
        parts: &[Span],
        depth: usize,
    ) -> bool {
        let mut told = false;
        for part in parts {
            let key = file.mark(part.start);
            let equals = file.mark(part.start + 1) == "=";
            let given =
                if equals { part.start + 2..part.end } else { part.start + 2..part.end.saturating_sub(1) };
            match key {
                "default_value_t" | "default_value" | "default" | "default_value_os_t" if part.len() > 1 => {
                    told |= self.defaulted(value, place, given, depth);
                }
                "env" | "from" if part.len() > 1 => {
                    let name = self.any(place, given, &Vec::new(), depth + 1).map(|one| one.text);
                    value.variable = name.filter(|name| is_variable(name));
                    told = true;
                }
                "env" => {
                    value.variable = Some(field.name.to_ascii_uppercase());
                    told = true;
                }
                "long" => {
                    let named = equals.then(|| file.only_string(&given)).flatten();
                    value.flag = Some(named.unwrap_or_else(|| field.name.replace('_', "-")));
                    told = true;
                }
                _ => {}
            }
        }
        told
    }

    /// `#[argh(option, default = "Ipv4Addr::LOCALHOST.into()")]`: its texts are expressions.
    fn argh(value: &mut Value, place: Place, file: &File, field: &Field, parts: &[Span]) -> bool {
        let mut told = false;
        for part in parts {
            let text = file.string(part.start + 2).filter(|_| file.mark(part.start + 1) == "=");
            match (file.mark(part.start), text) {
                ("option", _) if value.flag.is_none() => value.flag = Some(field.name.replace('_', "-")),
                ("long", Some(name)) => value.flag = Some(name),
                ("default", Some(text)) => {
                    let found = expression(&text);
                    told |= found.is_some();
                    value.text = found.unwrap_or_else(|| UNKNOWN.to_string());
                }
                _ => {}
            }
            value.place = place;
        }
        told
    }

    /// `#[serde(default = "port")]` names a function.
    fn serde(&self, value: &mut Value, place: Place, file: &File, parts: &[Span], depth: usize) -> bool {
        let named = parts.iter().find(|part| file.mark(part.start) == "default" && part.len() == 3);
        let Some(path) = named.and_then(|part| file.string(part.start + 2)) else { return false };
        let mut segments = path.rsplit("::");
        let name = segments.next().unwrap_or(&path);
        let owner = segments.next();
        let fits = self.program.functions(name).filter(|(_, one)| match &one.owner {
            Some(of) => owner.is_some_and(|owner| owner == of || owner == "Self"),
            None => true,
        });
        let fits: Vec<_> = fits.collect();
        let near = fits.iter().find(|(at, _)| (at.owner, at.file) == (place.owner, place.file));
        let Some((at, function)) = near.or(fits.first()) else { return false };
        let Some(other) = self.program.file(*at) else { return false };
        self.defaulted(value, *at, tail(other, function.body.clone()), depth)
    }

    fn defaulted(&self, value: &mut Value, place: Place, span: Span, depth: usize) -> bool {
        let Some(default) = self.any(place, span, &Vec::new(), depth + 1) else { return false };
        value.text = default.text;
        value.variable = value.variable.take().or(default.variable);
        value.text != UNKNOWN.to_string() || value.variable.is_some()
    }

    /// What a local name or constant comes to.
    pub(super) fn named_value(&self, place: Place, name: &str, frame: &Frame, depth: usize) -> Option<Value> {
        let mut dotted = name.split('.');
        let first = dotted.next()?;
        let mut node = self.by_word(place, first, frame, depth);
        for field in dotted {
            node = self.field(field, &node, depth + 1);
        }
        node.value
    }
}

/// What an expression that stands in a text comes to by itself.
fn expression(text: &str) -> Option<String> {
    let body = format!("const X: X = {text};");
    let file = File::read("default.rs".into(), &body, &Build::default());
    let program = Program::new(vec![Crate { dir: "".into(), files: vec![file] }]);
    let span = program.files().next().map(|(place, file)| (place, 5..file.all().end.saturating_sub(1)))?;
    let value = Evaluator::new(&program, &|_: &[String]| None).value(span.0, &span.1)?;
    value.whole().map(str::to_owned)
}
