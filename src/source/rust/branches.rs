//! Values that depend on a condition, and those that macros make.

use super::file::{Call, File, Span};
use super::program::Place;
use super::value::{Evaluator, Frame, MANIFEST, UNKNOWN, Value, is_variable, tail};

impl Evaluator<'_> {
    /// `if let Ok(port) = env::var("PORT") { ... } else { 3000 }`.
    pub(super) fn condition(&self, place: Place, span: Span, frame: &Frame, depth: usize) -> Option<Value> {
        let file = self.program.file(place)?;
        let open = file.find(span.clone(), &["{"])?;
        let close = file.close(open)?;
        let other = (file.mark(close + 1) == "else").then_some(close + 2..span.end)?;
        let debug = file.text_of(&(span.start + 1..open)).replace(' ', "") == "cfg!(debug_assertions)";
        let otherwise = self.any(place, block(file, other), frame, depth + 1);
        if debug {
            return otherwise;
        }
        let asked = (file.mark(span.start + 1) == "let")
            .then(|| file.find(span.start + 1..open, &["="]))
            .flatten()
            .and_then(|equals| self.any(place, equals + 1..open, frame, depth + 1));
        let first = self.any(place, tail(file, open + 1..close), frame, depth + 1);
        choose(asked, first, otherwise)
    }

    /// `match env::var("PORT") { Ok(port) => ..., Err(_) => 3000 }`.
    pub(super) fn arms(&self, place: Place, span: Span, frame: &Frame, depth: usize) -> Option<Value> {
        let file = self.program.file(place)?;
        let open = file.find(span.clone(), &["{"])?;
        let close = file.close(open)?;
        let asked = self.any(place, span.start + 1..open, frame, depth + 1);
        let (mut first, mut otherwise) = (None, None);
        let mut at = open + 1;
        while let Some(arrow) = file.find(at..close, &["=>"]) {
            let body = arrow + 1;
            let end = if file.mark(body) == "{" {
                file.past(body)
            } else {
                file.find(body..close, &[","]).unwrap_or(close)
            };
            let value = self.any(place, block(file, body..end), frame, depth + 1);
            if matches!(file.mark(at), "Ok" | "Some") {
                first = first.or(value);
            } else if matches!(file.mark(at), "Err" | "None" | "_") {
                otherwise = otherwise.or(value);
            }
            at = if file.mark(end) == "," { end + 1 } else { end };
        }
        choose(asked, first, otherwise)
    }

    /// `format!`, `concat!`, `env!` and their kin.
    pub(super) fn expanded(
        &self,
        place: Place,
        call: &Call<'_>,
        frame: &Frame,
        depth: usize,
    ) -> Option<Value> {
        let file = self.program.file(place)?;
        let text = |span: &Span| file.only_string(span);
        match call.name {
            "format" | "format_args" => self.formatted(place, call, frame, depth),
            "concat" | "concatcp" => {
                let mut value = Value::known("", place);
                for arg in &call.args {
                    let part = self.any(place, arg.clone(), frame, depth + 1);
                    value.append(part.unwrap_or_else(|| Value::unknown(place)));
                }
                Some(value)
            }
            "env" => {
                let name = text(call.args.first()?)?;
                (name == "CARGO_MANIFEST_DIR").then(|| Value::known(MANIFEST, place))
            }
            "relative" => {
                let inner = text(call.args.first()?)?;
                Some(Value::known(format!("{MANIFEST}/{inner}"), place))
            }
            "vec" => self.any(place, call.args.first()?.clone(), frame, depth + 1),
            _ => None,
        }
    }

    fn formatted(&self, place: Place, call: &Call<'_>, frame: &Frame, depth: usize) -> Option<Value> {
        let file = self.program.file(place)?;
        let (pattern, args) = call.args.split_first()?;
        let pattern = file.only_string(pattern)?;
        let named = |name: &str| {
            let given =
                args.iter().find(|arg| file.word(arg.start) == name && file.mark(arg.start + 1) == "=");
            match given {
                Some(arg) => self.any(place, arg.start + 2..arg.end, frame, depth + 1),
                None => self.by_name(place, name, frame, depth + 1),
            }
        };
        let mut value = Value::known("", place);
        let mut next = 0;
        let mut rest = pattern.as_str();
        while let Some(open) = rest.find(['{', '}']) {
            value.text.push_str(rest.get(..open)?);
            let behind = rest.get(open + 1..)?;
            let mark = rest.get(open..=open)?;
            if let Some(after) = behind.strip_prefix(mark) {
                value.text.push_str(mark);
                rest = after;
                continue;
            }
            let close = behind.find('}')?;
            let name = behind.get(..close)?.split(':').next().unwrap_or("").trim();
            let part = match (name.parse::<usize>(), name) {
                (_, "") => {
                    next += 1;
                    args.get(next - 1).and_then(|arg| self.any(place, arg.clone(), frame, depth + 1))
                }
                (Ok(number), _) => {
                    args.get(number).and_then(|arg| self.any(place, arg.clone(), frame, depth + 1))
                }
                (Err(_), name) => named(name),
            };
            value.append(part.unwrap_or_else(|| Value::unknown(place)));
            rest = behind.get(close + 1..)?;
        }
        value.text.push_str(rest);
        Some(value)
    }

    /// A name that stands in a text: the local one, or a constant.
    fn by_name(&self, place: Place, name: &str, frame: &Frame, depth: usize) -> Option<Value> {
        if let Some((_, value)) = frame.iter().rev().find(|(bound, _)| bound == name) {
            return Some(value.clone());
        }
        self.named_value(place, name, frame, depth)
    }

    /// `Arg::new("port").default_value("8080").env("PORT")`, or a key of a configuration.
    pub(super) fn keyed(
        &self,
        place: Place,
        call: &Call<'_>,
        node: super::value::Node,
        frame: &Frame,
        depth: usize,
    ) -> super::value::Node {
        let Some(key) = call.args.first().and_then(|arg| self.any(place, arg.clone(), frame, depth + 1))
        else {
            return node;
        };
        let Some(key) = key.whole().map(str::to_owned) else { return node };
        if let Some(value) = self.declared(&key, depth) {
            return Some(value).into();
        }
        let keys: Vec<String> = key.split('.').map(str::to_owned).collect();
        let found = (self.settings)(&keys).map(|text| Value::known(text, place));
        found.or_else(|| self.set_default(&keys, depth)).or(node.value).into()
    }

    /// `.set_default("server.port", 8080)` of a configuration.
    #[must_use]
    pub fn set_default(&self, keys: &[String], depth: usize) -> Option<Value> {
        let fits = |key: &str| {
            let all: Vec<&str> = key.split('.').collect();
            keys.len() >= all.len()
                && all.iter().rev().zip(keys.iter().rev()).all(|(one, other)| one == other)
        };
        self.program.called("set_default").iter().take(200).find_map(|place| {
            let file = self.program.file(*place)?;
            let call = file.call_at(place.at)?;
            let key = file.only_string(call.args.first()?)?;
            let given = call.args.get(1)?.clone();
            fits(&key).then(|| self.any(*place, given, &Vec::new(), depth + 1)).flatten()
        })
    }

    /// The value of an option of the command line that clap's builder declares.
    pub(super) fn declared(&self, key: &str, depth: usize) -> Option<Value> {
        let makers = ["new", "with_name"].iter().flat_map(|name| self.program.called(name));
        for place in makers {
            let file = self.program.file(*place)?;
            let call = file.call_at(place.at)?;
            let named = call.args.first().and_then(|arg| file.only_string(arg));
            if call.base() != "Arg" || named.as_deref() != Some(key) {
                continue;
            }
            let mut value = Value { flag: Some(key.to_owned()), ..Value::unknown(*place) };
            let mut at = call.close + 1;
            while let Some(next) = file.call_at(at + 1).filter(|_| file.mark(at) == ".") {
                let first = next.args.first();
                match next.name {
                    "env" => value.variable = first.and_then(|arg| file.only_string(arg)),
                    "default_value" | "default_value_t" => {
                        let given =
                            first.and_then(|arg| self.any(*place, arg.clone(), &Vec::new(), depth + 1));
                        value.text = given.map_or(value.text, |given| given.text);
                    }
                    _ => {}
                }
                at = next.close + 1;
            }
            value.variable = value.variable.filter(|name| is_variable(name));
            return Some(value);
        }
        None
    }
}

/// What one of two branches gives: with a variable that decides, the other's value is the default.
fn choose(asked: Option<Value>, first: Option<Value>, otherwise: Option<Value>) -> Option<Value> {
    let variable = asked.and_then(|asked| asked.variable);
    match (variable, otherwise, first) {
        (Some(variable), Some(otherwise), _) => Some(Value { variable: Some(variable), ..otherwise }),
        (Some(variable), None, Some(first)) if first.text == UNKNOWN.to_string() => {
            Some(Value { variable: Some(variable), ..first })
        }
        (Some(_), None, first) => first,
        (None, Some(one), Some(other)) => (one.text == other.text).then_some(one),
        (None, ..) => None,
    }
}

/// The inside of a block's last expression, or the expression itself.
fn block(file: &File, span: Span) -> Span {
    match file.close(span.start) {
        Some(close) if file.mark(span.start) == "{" && close + 1 >= span.end => {
            tail(file, span.start + 1..close)
        }
        _ => span,
    }
}
