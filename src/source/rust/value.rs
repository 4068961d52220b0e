//! What an expression comes to, as far as the sources tell: a port, an address, a path, and the variable that changes it.

use std::cell::Cell;

use super::file::{Call, File, Span};
use super::lex::Kind;
use super::program::{Place, Program};

/// Stands for what is not known in a text.
pub const UNKNOWN: char = '\u{1}';
/// Stands for the folder of the package that is built.
pub const MANIFEST: &str = "\u{2}";

const DEEPEST: usize = 14;
const STEPS: u32 = 600;

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Its text, [`UNKNOWN`] for each part that is not known.
    pub text: String,
    /// The environment variable that changes it.
    pub variable: Option<String>,
    /// The variable of the part in front of that: the host of an address.
    pub host: Option<String>,
    /// The flag of the part in front of that.
    pub host_flag: Option<String>,
    /// Host and port were put together.
    pub joined: bool,
    /// The flag that changes it.
    pub flag: Option<String>,
    /// Where its text stands.
    pub place: Place,
}

impl Value {
    /// A text.
    #[must_use]
    pub fn known(text: impl Into<String>, place: Place) -> Self {
        Self {
            text: text.into(),
            variable: None,
            host: None,
            host_flag: None,
            joined: false,
            flag: None,
            place,
        }
    }

    /// Nothing but a place.
    #[must_use]
    pub fn unknown(place: Place) -> Self {
        Self::known(UNKNOWN, place)
    }

    /// What a variable says.
    #[must_use]
    pub fn of_variable(name: String, place: Place) -> Self {
        Self { variable: Some(name), ..Self::unknown(place) }
    }

    /// Its text where all of it is known.
    #[must_use]
    pub fn whole(&self) -> Option<&str> {
        (!self.text.contains(UNKNOWN)).then_some(self.text.as_str())
    }

    /// Adds a part behind it: what changes the port stands over what changes the host.
    pub(super) fn append(&mut self, part: Value) {
        if part.variable.is_some()
            || part.flag.is_some()
            || part.text.bytes().any(|byte| byte.is_ascii_digit())
        {
            self.joined |= !self.text.is_empty();
            self.host = self.variable.take().or(self.host.take());
            self.host_flag = self.flag.take().or(self.host_flag.take());
            (self.variable, self.flag, self.place) = (part.variable, part.flag, part.place);
        }
        self.text.push_str(&part.text);
    }

    /// Host and port come from two places.
    #[must_use]
    pub fn split_host(&self) -> bool {
        self.host.is_some() || self.joined
    }

    fn tells(&self) -> bool {
        self.text.chars().any(|letter| letter != UNKNOWN) || self.variable.is_some()
    }

    /// The port that it names: `8080`, `host:8080`, with a host that is not known, too.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        let last = self.text.trim().rsplit([':', UNKNOWN]).next().unwrap_or("");
        let digits = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
        last.parse().ok().filter(|port| digits && *port != 0)
    }
}

/// Names that are bound while a function or closure is followed.
pub(super) type Frame = Vec<(String, Value)>;

/// What an expression is: its value, and what it is a part of.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    pub(super) value: Option<Value>,
    /// The struct that it is, as far as that has fields here.
    pub(super) kind: Option<String>,
    /// The fields that led here.
    pub(super) keys: Vec<String>,
}

impl From<Option<Value>> for Node {
    fn from(value: Option<Value>) -> Self {
        Self { value, ..Self::default() }
    }
}

/// A setting of a configuration file, by its keys.
pub type Settings<'a> = &'a dyn Fn(&[String]) -> Option<String>;

/// Evaluates expressions of a program.
pub struct Evaluator<'a> {
    pub(super) program: &'a Program,
    pub(super) settings: Settings<'a>,
    steps: Cell<u32>,
}

impl<'a> Evaluator<'a> {
    /// For a program, and what its configuration files say.
    #[must_use]
    pub fn new(program: &'a Program, settings: Settings<'a>) -> Self {
        Self { program, settings, steps: Cell::new(0) }
    }

    /// What an expression comes to; `None` where nothing of it is known.
    #[must_use]
    pub fn value(&self, place: Place, span: &Span) -> Option<Value> {
        self.steps.set(0);
        self.any(place, span.clone(), &Vec::new(), 0).filter(Value::tells)
    }

    /// What a call comes to.
    #[must_use]
    pub fn called(&self, place: Place, call: &Call<'_>) -> Option<Value> {
        self.steps.set(0);
        self.call(place, call, &Vec::new(), 0).value.filter(Value::tells)
    }

    pub(super) fn any(&self, place: Place, span: Span, frame: &Frame, depth: usize) -> Option<Value> {
        self.node(place, span, frame, depth).value
    }

    pub(super) fn node(&self, place: Place, span: Span, frame: &Frame, depth: usize) -> Node {
        self.steps.set(self.steps.get() + 1);
        let Some(file) = self.program.file(place) else { return Node::default() };
        if depth > DEEPEST || self.steps.get() > STEPS || span.is_empty() {
            return Node::default();
        }
        let mut at = span.start;
        while matches!(file.mark(at), "&" | "*" | "mut" | "move" | "return" | "unsafe" | "async" | "ref") {
            at += 1;
        }
        let parts = file.split(at..span.end, "+");
        if let [first, rest @ ..] = parts.as_slice()
            && !rest.is_empty()
            && file.mark(at) != "|"
        {
            return Some(self.joined(place, first.clone(), rest, frame, depth)).into();
        }
        match file.mark(at) {
            "|" | "||" => self.node(place, closure_body(file, at, span.end), frame, depth + 1),
            "if" => self.condition(place, at..span.end, frame, depth).into(),
            "match" => self.arms(place, at..span.end, frame, depth).into(),
            _ => {
                let (node, next) = self.primary(place, at, span.end, frame, depth);
                self.chain(place, node, next..span.end, frame, depth)
            }
        }
    }

    fn joined(&self, place: Place, first: Span, rest: &[Span], frame: &Frame, depth: usize) -> Value {
        let part =
            |span: Span| self.any(place, span, frame, depth + 1).unwrap_or_else(|| Value::unknown(place));
        let mut value = part(first);
        for span in rest {
            value.append(part(span.clone()));
        }
        value
    }

    /// What an expression begins with, and the token after that.
    fn primary(&self, place: Place, at: usize, end: usize, frame: &Frame, depth: usize) -> (Node, usize) {
        let Some(file) = self.program.file(place) else { return (Node::default(), end) };
        let here = Place { at, ..place };
        match (file.kind(at), file.mark(at)) {
            (Some(Kind::Text), _) => {
                (Some(Value::known(file.string(at).unwrap_or_default(), here)).into(), at + 1)
            }
            (Some(Kind::Number), _) => (Some(Value::known(number(file.word(at)), here)).into(), at + 1),
            (_, "(") => {
                let close = file.close(at).unwrap_or(end);
                let parts = file.split(at + 1..close, ",");
                let node = match parts.as_slice() {
                    [one] => self.node(place, one.clone(), frame, depth + 1),
                    [host, port] => Some(self.address(place, host, port, frame, depth)).into(),
                    _ => Node::default(),
                };
                (node, close + 1)
            }
            (_, "[") => (octets(here, file).into(), file.past(at)),
            (_, "{") => {
                let close = file.close(at).unwrap_or(end);
                (self.node(place, tail(file, at + 1..close), frame, depth + 1), close + 1)
            }
            (Some(Kind::Word), _) => self.named(place, at, end, frame, depth),
            _ => (Node::default(), end),
        }
    }

    /// `([0, 0, 0, 0], port)`, `("0.0.0.0", 8080)`.
    pub(super) fn address(
        &self,
        place: Place,
        host: &Span,
        port: &Span,
        frame: &Frame,
        depth: usize,
    ) -> Value {
        let side = |span: &Span| {
            self.any(place, span.clone(), frame, depth + 1).unwrap_or_else(|| Value::unknown(place))
        };
        let mut value = side(host);
        value.text.push(':');
        value.append(side(port));
        value
    }

    /// A path: a call, a constant, a local name.
    fn named(&self, place: Place, at: usize, end: usize, frame: &Frame, depth: usize) -> (Node, usize) {
        let Some(file) = self.program.file(place) else { return (Node::default(), end) };
        let mut last = at;
        while file.mark(last + 1) == "::" && (file.is_word(last + 2) || file.mark(last + 2) == "<") {
            let next = file.past_generics(last + 2);
            if next == last + 2 {
                last += 2;
            } else if file.mark(next) == "::" {
                last = next - 1;
            } else {
                break;
            }
        }
        if let Some(call) = file.call_at(last) {
            let node = self.call(Place { at: last, ..place }, &call, frame, depth);
            return (node, call.close + 1);
        }
        let name = file.word(last);
        if file.mark(last + 1) == "{" && self.program.owners.contains(name) {
            return (Node { kind: Some(name.to_owned()), ..Node::default() }, file.past(last + 1));
        }
        (self.name(Place { at: last, ..place }, last != at, frame, depth), last + 1)
    }

    fn name(&self, place: Place, qualified: bool, frame: &Frame, depth: usize) -> Node {
        let Some(file) = self.program.file(place) else { return Node::default() };
        if qualified {
            return self.constant(place, file.word(place.at), depth);
        }
        self.by_word(place, file.word(place.at), frame, depth)
    }

    /// What a name stands for where it is used.
    pub(super) fn by_word(&self, place: Place, name: &str, frame: &Frame, depth: usize) -> Node {
        let Some(file) = self.program.file(place) else { return Node::default() };
        if name == "self" {
            let kind = file.function_at(place.at).and_then(|one| one.owner.clone());
            return Node { kind, ..Node::default() };
        }
        if let Some((_, value)) = frame.iter().rev().find(|(bound, _)| bound == name) {
            return Some(value.clone()).into();
        }
        self.local(place, name, frame, depth).unwrap_or_else(|| self.constant(place, name, depth))
    }

    fn constant(&self, place: Place, name: &str, depth: usize) -> Node {
        match name {
            "UNSPECIFIED" => return Some(Value::known("0.0.0.0", place)).into(),
            "LOCALHOST" => return Some(Value::known("127.0.0.1", place)).into(),
            _ => {}
        }
        let mut constants = self.program.constants(name);
        let Some((at, constant)) = constants.next() else { return Node::default() };
        let other = self.program.file(at);
        let node = self.node(at, constant.value.clone(), &Vec::new(), depth + 1);
        let kind = node.kind.or_else(|| self.program.owner_in(other?, &constant.kind));
        Node { kind, ..node }
    }

    /// `let name = ...` in front of it, or a parameter.
    fn local(&self, place: Place, name: &str, frame: &Frame, depth: usize) -> Option<Node> {
        let file = self.program.file(place)?;
        let function = file.function_at(place.at)?;
        for at in (function.body.start..place.at).rev().filter(|at| file.word(*at) == name) {
            let back = if file.before(at, 1) == "mut" { 2 } else { 1 };
            let wrapped = file.before(at, back) == "(" && matches!(file.before(at, back + 1), "Ok" | "Some");
            let plain = file.before(at, back) == "let";
            let bound = plain || wrapped && file.before(at, back + 2) == "let";
            if !bound {
                continue;
            }
            let after = if wrapped { at + 2 } else { at + 1 };
            let equals = file.find(after..function.body.end, &["=", ";"])?;
            if file.mark(equals) != "=" {
                return None;
            }
            let stop: &[&str] = if plain { &[";", "else"] } else { &[";", "{", "else"] };
            let mut end = file.find(equals + 1..function.body.end, stop)?;
            if file.mark(end) == "else" && matches!(file.mark(equals + 1), "if" | "match") {
                end = file.find(end..function.body.end, &[";"])?;
            }
            if equals < place.at && place.at < end {
                continue;
            }
            let node = self.node(Place { at: equals + 1, ..place }, equals + 1..end, frame, depth + 1);
            let kind = node.kind.or_else(|| self.program.owner_in(file, &(after..equals)));
            return Some(Node { kind, ..node });
        }
        let params = file.split(function.params.clone(), ",");
        let number = params.iter().position(|param| {
            let start = if file.mark(param.start) == "mut" { param.start + 1 } else { param.start };
            file.word(start) == name && file.mark(start + 1) == ":"
        })?;
        let kind = self.program.owner_in(file, params.get(number)?);
        let method = params.first().is_some_and(|first| file.text_of(first).ends_with("self"));
        let value = if kind.is_some() { None } else { self.argument(place, number, method, depth) };
        Some(Node { value, kind, keys: Vec::new() })
    }

    /// What the callers of the function around a place hand it.
    fn argument(&self, place: Place, number: usize, method: bool, depth: usize) -> Option<Value> {
        let function = self.program.file(place)?.function_at(place.at)?;
        let callers = self.program.called(&function.name);
        let values = callers.iter().take(4).filter_map(|caller| {
            let file = self.program.file(*caller)?;
            let call = file.call_at(caller.at)?;
            if call.is_macro || call.method != method {
                return None;
            }
            self.any(*caller, call.args.get(number - usize::from(method))?.clone(), &Vec::new(), depth + 2)
        });
        let values: Vec<Value> = values.collect();
        let first = values.first()?;
        values.iter().all(|value| value.text == first.text).then(|| first.clone())
    }

    /// The calls and fields behind an expression.
    fn chain(&self, place: Place, mut node: Node, span: Span, frame: &Frame, depth: usize) -> Node {
        let Some(file) = self.program.file(place) else { return node };
        let mut at = span.start;
        while at < span.end {
            match file.mark(at) {
                "?" => at += 1,
                "." if file.mark(at + 1) == "await" => at += 2,
                "." => match file.call_at(at + 1) {
                    Some(call) => {
                        node = self.method(Place { at: at + 1, ..place }, node, &call, frame, depth);
                        at = call.close + 1;
                    }
                    None if file.is_word(at + 1) => {
                        node = self.field(file.word(at + 1), &node, depth);
                        at += 2;
                    }
                    None => return Node::default(),
                },
                "[" => return Node::default(),
                _ => return node,
            }
        }
        node
    }

    pub(super) fn call(&self, place: Place, call: &Call<'_>, frame: &Frame, depth: usize) -> Node {
        if call.is_macro {
            return self.expanded(place, call, frame, depth).into();
        }
        let first = call.args.first();
        let base = call.base();
        match (base, call.name) {
            ("env" | "dotenvy" | "dotenv", "var" | "var_os") => {
                let name = first.and_then(|arg| self.any(place, arg.clone(), frame, depth + 1));
                let name = name.and_then(|value| value.whole().map(str::to_owned));
                return name
                    .filter(|name| is_variable(name))
                    .map(|name| Value::of_variable(name, place))
                    .into();
            }
            ("env", "current_dir") => return Some(Value::known(".", place)).into(),
            ("SocketAddr" | "SocketAddrV4" | "SocketAddrV6", "new") => {
                let address = call.args.first().zip(call.args.get(1));
                return address.map(|(host, port)| self.address(place, host, port, frame, depth)).into();
            }
            ("Ipv4Addr", "new") => {
                let zero = call.args.iter().all(|arg| {
                    self.any(place, arg.clone(), frame, depth + 1).is_some_and(|one| one.text == "0")
                });
                return Some(Value::known(if zero { "0.0.0.0" } else { "127.0.0.1" }, place)).into();
            }
            _ => {}
        }
        if let Some((at, function)) = self.program.callee(place, call)
            && let Some(file) = self.program.file(at)
        {
            let params = file.split(function.params.clone(), ",");
            let bound = params.iter().zip(&call.args).filter_map(|(param, arg)| {
                let value = self.any(place, arg.clone(), frame, depth + 1)?;
                Some((file.word(param.start).to_owned(), value))
            });
            let bound = bound.collect();
            let node = self.node(at, tail(file, function.body.clone()), &bound, depth + 1);
            let of_self = function.owner.clone().filter(|_| file.text_of(&function.result).contains("Self"));
            let kind = node.kind.or_else(|| self.program.owner_in(file, &function.result)).or(of_self);
            return Node { kind, ..node };
        }
        if self.program.owners.contains(base) {
            return Node { kind: Some(base.to_owned()), ..Node::default() };
        }
        match first {
            Some(arg) => self.node(place, arg.clone(), frame, depth + 1),
            None => Node::default(),
        }
    }

    /// The default of a chain, and what leaves a value as it is.
    fn method(&self, place: Place, node: Node, call: &Call<'_>, frame: &Frame, depth: usize) -> Node {
        let value = |number: usize| {
            call.args.get(number).and_then(|arg| self.any(place, arg.clone(), frame, depth + 1))
        };
        match call.name {
            "unwrap_or" | "unwrap_or_else" | "map_or" | "map_or_else" | "or" | "or_else"
            | "get_or_insert" | "get_or_insert_with" => match &node.value {
                Some(known) if known.text != UNKNOWN.to_string() => node,
                asked => {
                    let variable = asked.as_ref().and_then(|asked| asked.variable.clone());
                    let flag = asked.as_ref().and_then(|asked| asked.flag.clone());
                    let default = value(0);
                    let given = default.clone().unwrap_or_else(|| Value::unknown(place));
                    let told = default.is_some() || variable.is_some();
                    let merged = Value {
                        variable: variable.or(given.variable.clone()),
                        flag: flag.or(given.flag.clone()),
                        ..given
                    };
                    Node { value: told.then_some(merged), ..node }
                }
            },
            "join" => match (node.value, value(0)) {
                (Some(mut folder), Some(name)) => {
                    folder.text = format!("{}/{}", folder.text.trim_end_matches('/'), name.text);
                    folder.place = name.place;
                    Some(folder).into()
                }
                _ => Node::default(),
            },
            "get" | "get_int" | "get_string" | "get_one" | "value_of" | "get_str" | "extract_inner"
            | "value_of_t"
                if !call.args.is_empty() =>
            {
                self.keyed(place, call, node, frame, depth)
            }
            "get_matches" | "nth" | "next" | "skip" => Node::default(),
            _ => {
                let own = self.program.functions(call.name).filter(|(_, one)| one.owner.is_some());
                let own: Vec<_> =
                    own.filter(|(_, one)| node.kind.is_none() || one.owner == node.kind).collect();
                match own.as_slice() {
                    [(at, function)] => {
                        let Some(file) = self.program.file(*at) else { return Node::default() };
                        let found = self.node(*at, tail(file, function.body.clone()), &Vec::new(), depth + 1);
                        let kind = found.kind.or_else(|| self.program.owner_in(file, &function.result));
                        Node { kind, ..found }
                    }
                    _ => node,
                }
            }
        }
    }
}

/// The numbers of an address.
fn octets(place: Place, file: &File) -> Option<Value> {
    let close = file.close(place.at)?;
    let parts = file.split(place.at + 1..close, ",");
    let repeated = file.find(place.at + 1..close, &[";"]).is_some();
    let digits: Vec<String> = parts.iter().map(|part| number(file.word(part.start))).collect();
    let all = digits.iter().all(|digit| digit.bytes().all(|byte| byte.is_ascii_digit()));
    match (digits.as_slice(), repeated) {
        (_, true) => Some(Value::known("::", place)),
        ([one, _, _, _], false) if all => {
            Some(Value::known(if one == "0" { "0.0.0.0".to_owned() } else { digits.join(".") }, place))
        }
        (more, false) if all && more.len() > 4 => Some(Value::known("::", place)),
        _ => None,
    }
}

/// Whether a text is the name of an environment variable.
#[must_use]
pub fn is_variable(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.len() > 1 && name.bytes().all(plain) && name.starts_with(|first: char| first.is_ascii_alphabetic())
}

/// The digits of a number, without what names its type.
pub(super) fn number(word: &str) -> String {
    let plain = word.replace('_', "");
    if plain.starts_with("0x") {
        return plain;
    }
    let end = plain.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(plain.len());
    plain.get(..end).unwrap_or(&plain).to_owned()
}

/// What stands behind a closure's parameters.
fn closure_body(file: &File, at: usize, end: usize) -> Span {
    if file.mark(at) == "||" {
        return at + 1..end;
    }
    let close = (at + 1..end).find(|here| file.mark(*here) == "|").unwrap_or(at);
    close + 1..end
}

/// The last expression of a block.
pub(super) fn tail(file: &File, body: Span) -> Span {
    let mut last = file.split(body.clone(), ";").pop().unwrap_or(body);
    // Blocks before it end without a semicolon.
    while matches!(file.mark(last.start), "if" | "for" | "while" | "loop" | "match" | "#") {
        let open = if file.mark(last.start) == "#" { last.start + 1 } else { last.start };
        let Some(block) = file.find(open..last.end, &["{", "["]) else { break };
        let mut after = file.past(block);
        while file.mark(after) == "else" {
            after = file.find(after..last.end, &["{"]).map_or(last.end, |block| file.past(block));
        }
        if after >= last.end || matches!(file.mark(after), "." | "?") {
            break;
        }
        last.start = after;
    }
    last
}
