//! What an expression comes to, as far as the sources tell: a port, an address, a path, and the variable that changes it.

use std::cell::Cell;

use super::file::{Call, File, Span};
use super::program::{Definition, Given, Place, Program, Setting, Source};
use super::setting::{chain, flag_default, is_variable, names_variables};

/// What is smaller counts something else: below it, the registered services have long been dead.
const LOWEST: u16 = 20;

/// Stands for what is not known in a text.
pub const UNKNOWN: char = '\u{1}';

/// No real default is looked up through more names.
const DEEPEST: usize = 12;
/// Nor with more steps: what names each other would never end.
const STEPS: u32 = 400;

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Its text, [`UNKNOWN`] for each part that is not known.
    pub text: String,
    /// The environment variable that changes it.
    pub variable: Option<String>,
    /// The flag that changes it.
    pub flag: Option<String>,
    /// Of an address with the loopback host in front: what changes that host alone.
    pub host: Option<Changed>,
    /// Where its text stands.
    pub place: Place,
}

/// What whoever starts the program changes a value with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The environment variable.
    pub variable: Option<String>,
    /// The flag.
    pub flag: Option<String>,
    /// Where its default stands.
    pub place: Place,
}

/// Hosts that only the machine itself reaches.
const LOOPBACK: [&str; 4] = ["127.0.0.1", "localhost", "[::1]", "::1"];

impl Value {
    fn known(text: String, place: Place) -> Self {
        Self { text, variable: None, flag: None, host: None, place }
    }

    fn unknown(place: Place) -> Self {
        Self::known(UNKNOWN.to_string(), place)
    }

    /// Its text where all of it is known.
    #[must_use]
    pub fn whole(&self) -> Option<&str> {
        (!self.text.contains(UNKNOWN)).then_some(self.text.as_str())
    }

    fn append(&mut self, part: Value) {
        if LOOPBACK.contains(&self.text.as_str()) && (self.variable.is_some() || self.flag.is_some()) {
            let (variable, flag) = (self.variable.clone(), self.flag.clone());
            self.host = Some(Changed { variable, flag, place: self.place });
        } else if self.text.is_empty() {
            self.host.clone_from(&part.host);
        }
        let colon = part.text.contains(':');
        if colon
            || part.variable.is_some()
            || part.flag.is_some()
            || part.text.bytes().any(|byte| byte.is_ascii_digit())
        {
            (self.variable, self.flag, self.place) = (part.variable, part.flag, part.place);
        }
        self.text.push_str(&part.text);
    }

    /// Whether it is an address that only the machine itself reaches.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.text.rsplit_once(':').is_some_and(|(host, _)| LOOPBACK.contains(&host))
    }

    fn tells(&self) -> bool {
        self.text != UNKNOWN.to_string() || self.variable.is_some()
    }

    /// The port that it names: `8080`, `:8080`, `host:8080`, with a host that is not known, too.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        let text = self.text.trim();
        let last = text.rsplit(':').next().unwrap_or(text);
        if !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()) {
            return last.parse().ok().filter(|port| *port >= LOWEST);
        }
        None
    }
}

/// Evaluates expressions of a program.
#[derive(Debug)]
pub struct Evaluator<'a> {
    program: &'a Program,
    steps: Cell<u32>,
}

impl<'a> Evaluator<'a> {
    /// For a program.
    #[must_use]
    pub fn new(program: &'a Program) -> Self {
        Self { program, steps: Cell::new(0) }
    }

    /// What an expression comes to; `None` where nothing of it is known.
    #[must_use]
    pub fn value(&self, place: Place, span: &Span) -> Option<Value> {
        self.steps.set(0);
        self.any(place, span.clone(), 0).filter(Value::tells)
    }

    /// What a setting's default comes to.
    #[must_use]
    pub fn setting(&self, setting: &Setting) -> Option<Value> {
        self.steps.set(0);
        let given = setting.default.as_ref().and_then(|given| self.given(setting.place, given, 0));
        let mut value = given.unwrap_or_else(|| Value::unknown(setting.place));
        if value.variable.is_none() {
            value.variable = setting.variable.clone().or_else(|| self.variable_of(setting));
        }
        if setting.source == Source::Flag {
            value.flag = Some(setting.name.clone());
        }
        Some(value).filter(Value::tells)
    }

    /// The variable that a definition takes its value from.
    #[must_use]
    pub fn variable(&self, definition: &Definition) -> Option<String> {
        self.steps.set(0);
        self.given(definition.place, &definition.given, 0)?.variable
    }

    /// The variable that a key is looked up by, where the program derives variables from keys.
    fn variable_of(&self, setting: &Setting) -> Option<String> {
        let prefix = self
            .program
            .automatic
            .as_ref()
            .filter(|_| matches!(setting.source, Source::Flag | Source::Key))?;
        let name = setting.name.to_ascii_uppercase().replace(['-', '.'], "_");
        let name = if prefix.is_empty() { name } else { format!("{}_{name}", prefix.to_ascii_uppercase()) };
        is_variable(&name).then_some(name)
    }

    fn given(&self, place: Place, given: &Given, depth: usize) -> Option<Value> {
        match given {
            Given::Expression(span) => self.any(place, span.clone(), depth + 1),
            Given::Key(name) => self.by_key(name),
            Given::Text(text) => Some(Value::known(text.clone(), place)),
            Given::Option(text, flag) => {
                Some(Value { flag: Some(flag.clone()), ..Value::known(text.clone(), place) })
            }
            Given::Variable(name) => {
                let name = match name.strip_prefix('=') {
                    Some(constant) => self.named(place, constant, depth + 1)?.whole().map(str::to_owned)?,
                    None => name.clone(),
                };
                is_variable(&name).then(|| Value { variable: Some(name), ..Value::unknown(place) })
            }
        }
    }

    fn any(&self, place: Place, span: Span, depth: usize) -> Option<Value> {
        self.steps.set(self.steps.get() + 1);
        if depth > DEEPEST || self.steps.get() > STEPS || span.is_empty() {
            return None;
        }
        let file = self.program.file(place)?;
        let place = Place { at: span.start, ..place };
        let parts = file.split(span.clone(), "+");
        if parts.len() > 1 {
            return Some(self.sum(place, &parts, depth));
        }
        match file.word(span.start) {
            "*" | "&" => return self.any(place, span.start + 1..span.end, depth + 1),
            "(" if file.close(span.start) == span.end.checked_sub(1) => {
                return self.any(place, span.start + 1..span.end - 1, depth + 1);
            }
            _ => {}
        }
        if span.len() == 1 {
            return self.single(file, place, depth);
        }
        if file.word(span.end - 1) == ")" {
            return self.chained_call(file, place, &span, depth);
        }
        let plain = span.clone().all(|at| file.is_word(at) || file.word(at) == ".");
        plain.then(|| self.selector(file, place, &span, depth)).flatten()
    }

    /// What is added up. What stands before a colon is the host: only what follows can be the port.
    fn sum(&self, place: Place, parts: &[Span], depth: usize) -> Value {
        let mut sum = Value::known(String::new(), place);
        for part in parts {
            let value = self.any(place, part.clone(), depth + 1).unwrap_or_else(|| Value::unknown(place));
            sum.append(value);
        }
        sum
    }

    fn single(&self, file: &File, place: Place, depth: usize) -> Option<Value> {
        use super::lex::Kind;
        match file.kind(place.at)? {
            Kind::Text => Some(Value::known(file.string(place.at)?, place)),
            Kind::Number => Some(Value::known(file.word(place.at).replace('_', ""), place)),
            Kind::Word => self.named(place, file.word(place.at), depth + 1),
            _ => None,
        }
    }

    /// A name: of the function that it stands in, or else of the package.
    fn named(&self, place: Place, name: &str, depth: usize) -> Option<Value> {
        let function = self.program.file(place)?.function_of(place.at);
        let none = Vec::new();
        let all = self.program.definitions.get(name).unwrap_or(&none);
        let local: Vec<&Definition> = all
            .iter()
            .filter(|one| {
                !one.field && same_file(one.place, place) && one.function == function && function.is_some()
            })
            .collect();
        if local.is_empty()
            && let Some(number) = function
            && let Some(parameter) = self.parameter(place, number, name)
        {
            return self.handed(place, number, parameter, depth);
        }
        let wide = || all.iter().filter(|one| !one.field && one.place.package == place.package);
        let chosen = if local.is_empty() {
            let top: Vec<&Definition> = wide().filter(|one| one.function.is_none()).collect();
            // What only functions assign counts where the package declares it: `flag.StringVar(&port, ...)` in init.
            let pointed = wide().filter(|one| one.function.is_some());
            if top.is_empty() && function.is_none() {
                Vec::new()
            } else {
                top.into_iter().chain(pointed).collect()
            }
        } else {
            local
        };
        self.agree(&chosen, depth)
    }

    /// Which parameter of its function a name is, counted from 0.
    fn parameter(&self, place: Place, function: usize, name: &str) -> Option<usize> {
        let file = self.program.file(place)?;
        let function = file.functions.get(function)?;
        let receiver = if function.method {
            file.close(function.signature.start + 1)?
        } else {
            function.signature.start
        };
        let open = (receiver + 1..function.signature.end).find(|at| file.word(*at) == "(")?;
        file.split(open + 1..file.close(open)?, ",").iter().position(|part| file.word(part.start) == name)
    }

    /// What the calls of a function agree to hand it.
    fn handed(&self, place: Place, function: usize, parameter: usize, depth: usize) -> Option<Value> {
        let body = self.program.file(place)?.functions.get(function)?;
        let mut values = Vec::new();
        for call_place in self.program.called(&body.name).take(8) {
            let Some(call) = self.program.file(call_place).and_then(|file| file.call_at(call_place.at))
            else {
                continue;
            };
            let callee = self.program.callee(call_place, &call);
            if callee.is_some_and(|(at, _)| same_file(at, place) && at.at == body.body.start) {
                let value =
                    call.args.get(parameter).and_then(|arg| self.any(call_place, arg.clone(), depth + 1));
                values.push(value?);
            }
        }
        merge(&values)
    }

    /// What several definitions of one name come to: the one default among them, and the variable.
    fn agree(&self, definitions: &[&Definition], depth: usize) -> Option<Value> {
        let values: Vec<(&Definition, Value)> = definitions
            .iter()
            .take(24)
            .filter_map(|one| Some((*one, self.given(one.place, &one.given, depth + 1)?)))
            .filter(|(_, value)| value.tells())
            .collect();
        let mut known = values.iter().filter(|(_, value)| value.whole().is_some_and(|text| !text.is_empty()));
        let (decides, first) = known.next().or(values.first())?;
        let differ = known.any(|(_, value)| value.text != first.text);
        if differ && !self.declares(decides) {
            return None;
        }
        let mut value = first.clone();
        let others = || values.iter().map(|(_, value)| value);
        value.variable = value.variable.or_else(|| others().find_map(|value| value.variable.clone()));
        value.flag = value.flag.or_else(|| others().find_map(|value| value.flag.clone()));
        Some(value)
    }

    /// Whether a definition is the one that the name begins with, and not one that some branch assigns.
    fn declares(&self, definition: &Definition) -> bool {
        let at = definition.place.at;
        let Some(file) = self.program.file(definition.place) else { return false };
        !definition.field
            && (file.word(at + 1) == ":="
                || file.before(at, 1) == "var"
                || file.word(at + 1) != "=" && file.word(at + 1) != ",")
    }

    /// `config.Port`, `cfg.HTTP.Port`, `s.addr`.
    fn selector(&self, file: &File, place: Place, span: &Span, depth: usize) -> Option<Value> {
        let (first, last) = (file.word(span.start), file.word(span.end - 1));
        if span.len() == 3
            && let Some(import) = file.import(first)
        {
            let package = self.program.package(import)?;
            let all = self.program.definitions.get(last)?;
            let theirs: Vec<&Definition> = all
                .iter()
                .filter(|one| !one.field && one.place.package == package && one.function.is_none())
                .collect();
            return self.agree(&theirs, depth);
        }
        let all = self.program.definitions.get(last)?;
        let fields: Vec<&Definition> = all.iter().filter(|one| one.field && one.place != place).collect();
        let own: Vec<&Definition> =
            fields.iter().copied().filter(|one| one.place.package == place.package).collect();
        if span.len() == 3 && !own.is_empty() && is_receiver(file, place.at, first) {
            return self.agree(&own, depth);
        }
        let parent =
            if span.len() >= 3 { file.word(span.end - 3).to_ascii_lowercase() } else { String::new() };
        let near: Vec<&Definition> = fields
            .iter()
            .copied()
            .filter(|one| {
                one.context.rsplit('.').take(2).any(|name| name.to_ascii_lowercase().contains(&parent))
            })
            .collect();
        let near = if span.len() > 3 && !near.is_empty() { near } else { fields };
        self.agree(&near, depth)
    }

    /// A call, alone or at the end of a chain.
    fn chained_call(&self, file: &File, place: Place, span: &Span, depth: usize) -> Option<Value> {
        let mut at = span.start;
        let mut first = None;
        let mut last = None;
        while at < span.end {
            if let Some(call) = file.call_at(at) {
                at = call.close;
                first.get_or_insert_with(|| call.clone());
                last = Some(call);
            }
            at = file.close(at).unwrap_or(at) + 1;
        }
        let (first, last) = (first?, last?);
        if first.name == "Flag" && first.at != last.at {
            let (default, variable) = chain(file, &first);
            let mut value = self.any(place, default?, depth + 1)?;
            value.variable = value.variable.or(variable);
            value.flag = first.args.first().and_then(|arg| file.only_string(arg));
            return Some(value);
        }
        if last.close + 1 != span.end {
            return None;
        }
        self.call(file, place, &last, depth)
    }

    fn call(&self, file: &File, place: Place, call: &Call<'_>, depth: usize) -> Option<Value> {
        let argument = |number: usize| self.any(place, call.args.get(number)?.clone(), depth + 1);
        if let Some((name, default)) = flag_default(file, call) {
            let value = self.any(place, default, depth + 1).unwrap_or_else(|| Value::unknown(place));
            return Some(Value { flag: Some(name), ..value });
        }
        match (call.base, call.name, call.args.len()) {
            ("fmt", "Sprintf" | "Sprint", 1..) => self.formatted(place, call, depth),
            ("net", "JoinHostPort", 2) => {
                let host = argument(0).unwrap_or_else(|| Value::unknown(place));
                let port = argument(1)?;
                Some(Value { text: format!("{}:{}", host.text, port.text), ..port })
            }
            ("filepath" | "path", "Join", 1..) => self.joined(place, call, depth),
            ("filepath" | "path", "Clean" | "FromSlash" | "ToSlash", 1)
            | ("strconv", "Itoa" | "Atoi" | "FormatInt" | "FormatUint" | "ParseInt" | "ParseUint", 1..)
            | ("strings", "TrimSpace" | "TrimPrefix" | "TrimSuffix", 1..)
            | ("", "string" | "int" | "int64" | "uint" | "uint16" | "uint32" | "uint64", 1) => argument(0),
            ("cmp", "Or", 1..) => self.first_of(place, &call.args, depth),
            (_, "Getenv" | "LookupEnv", 1) => {
                let name = argument(0)?.whole().map(str::to_owned).filter(|name| is_variable(name))?;
                Some(Value { variable: Some(name), ..Value::unknown(place) })
            }
            _ => self.other_call(file, place, call, depth),
        }
    }

    fn other_call(&self, file: &File, place: Place, call: &Call<'_>, depth: usize) -> Option<Value> {
        let first = call.args.first().and_then(|arg| self.any(place, arg.clone(), depth + 1));
        let text = first.and_then(|value| value.whole().map(str::to_owned));
        let callee = self.program.callee(Place { at: call.at, ..place }, call);
        let named = text.filter(|name| !name.is_empty());
        if let Some(name) = named.as_ref().filter(|name| is_variable(name))
            && (names_variables(call) || callee.as_ref().is_some_and(|found| self.reads_variables(found.0)))
        {
            let default = call.args.get(1).and_then(|arg| self.any(place, arg.clone(), depth + 1));
            let value = default.unwrap_or_else(|| Value::unknown(place));
            return Some(Value { variable: Some(name.clone()), ..value });
        }
        if let Some(name) = named.as_ref().filter(|_| call.args.len() == 1 && is_getter(call.name)) {
            return self.by_key(name);
        }
        let getter = call.args.is_empty() && is_getter(call.name);
        if let Some(value) = getter.then(|| self.by_constant(place, call.base)).flatten() {
            return Some(value);
        }
        // `AppConfig.DefaultInt("httpport", 8080)`
        if let ([_, default], true) = (call.args.as_slice(), named.is_some() && callee.is_none())
            && call.name.contains("Default")
        {
            return self.any(place, default.clone(), depth + 1);
        }
        if call.args.len() > 1 || (callee.is_none() && file.import(call.base).is_some()) {
            return None;
        }
        let (at, function) = callee?;
        let theirs = self.program.file(at)?;
        self.returned(at, theirs, function.body.clone(), depth)
    }

    /// Whether a function's body reads the environment.
    fn reads_variables(&self, at: Place) -> bool {
        let Some(file) = self.program.file(at) else { return false };
        let Some(function) = file.function_of(at.at).and_then(|number| file.functions.get(number)) else {
            return false;
        };
        file.calls(function.body.clone()).any(|call| matches!(call.name, "Getenv" | "LookupEnv"))
    }

    /// What a function of the program gives back.
    fn returned(&self, place: Place, file: &File, body: Span, depth: usize) -> Option<Value> {
        let values: Vec<Value> = body
            .filter(|at| file.word(*at) == "return")
            .take(8)
            .filter_map(|at| {
                let span = at + 1..file.statement_end(at + 1);
                let first = file.split(span, ",").into_iter().next()?;
                self.any(Place { at, ..place }, first, depth + 1)
            })
            .filter(Value::tells)
            .collect();
        merge(&values)
    }

    fn first_of(&self, place: Place, args: &[Span], depth: usize) -> Option<Value> {
        let values =
            args.iter().filter_map(|arg| self.any(place, arg.clone(), depth + 1)).filter(Value::tells);
        merge(&values.collect::<Vec<Value>>())
    }

    /// `viper.GetInt("port")`, `c.String("port")`: the setting of that name.
    fn by_key(&self, name: &str) -> Option<Value> {
        let same =
            |setting: &&Setting| setting.source != Source::Field && setting.name.eq_ignore_ascii_case(name);
        let values: Vec<Value> = self
            .program
            .settings
            .iter()
            .filter(same)
            .take(8)
            .map(|setting| {
                let given = setting.default.as_ref().and_then(|given| self.given(setting.place, given, 2));
                let mut value = given.unwrap_or_else(|| Value::unknown(setting.place));
                value.variable =
                    value.variable.or_else(|| setting.variable.clone()).or_else(|| self.variable_of(setting));
                value.flag =
                    value.flag.or_else(|| (setting.source == Source::Flag).then(|| setting.name.clone()));
                value
            })
            .filter(Value::tells)
            .collect();
        merge(&values)
    }

    /// `config.ServicePort.GetString()`: the setting that the constant names.
    fn by_constant(&self, place: Place, name: &str) -> Option<Value> {
        let all = self.program.definitions.get(name)?;
        let top: Vec<&Definition> =
            all.iter().filter(|one| !one.field && one.function.is_none() && one.place != place).collect();
        let value = self.agree(&top, DEEPEST - 2)?;
        self.by_key(value.whole()?)
    }

    fn joined(&self, place: Place, call: &Call<'_>, depth: usize) -> Option<Value> {
        let parts: Vec<Value> = call
            .args
            .iter()
            .map(|arg| self.any(place, arg.clone(), depth + 1).unwrap_or_else(|| Value::unknown(place)))
            .collect();
        let text: Vec<&str> = parts.iter().map(|part| part.text.trim_end_matches('/')).collect();
        let mut value = parts.first()?.clone();
        // A setting that is empty by default names no folder until somebody sets it.
        if value.text.is_empty() && (value.flag.is_some() || value.variable.is_some()) {
            return None;
        }
        value.text = text.join("/");
        Some(value)
    }

    fn formatted(&self, place: Place, call: &Call<'_>, depth: usize) -> Option<Value> {
        let (format, rest) = call.args.split_first()?;
        let format = self.any(place, format.clone(), depth + 1)?.whole()?.to_owned();
        let mut value = Value::known(String::new(), place);
        let mut args = rest.iter();
        let mut letters = format.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                value.append(Value::known(letter.to_string(), value.place));
                continue;
            }
            if letters.find(|verb| verb.is_ascii_alphabetic() || *verb == '%') == Some('%') {
                value.text.push('%');
            } else {
                let part = args.next().and_then(|arg| self.any(place, arg.clone(), depth + 1));
                value.append(part.unwrap_or_else(|| Value::unknown(place)));
            }
        }
        Some(value)
    }
}

/// One default, and the variable that any of them names; nothing where defaults differ.
fn merge(values: &[Value]) -> Option<Value> {
    let variable = values.iter().find_map(|value| value.variable.clone());
    let flag = values.iter().find_map(|value| value.flag.clone());
    let mut known = values.iter().filter(|value| value.whole().is_some_and(|text| !text.is_empty()));
    let first = known.next().or(values.first())?.clone();
    let differ = known.any(|value| value.text != first.text);
    (!differ).then_some(Value { variable, flag, ..first })
}

fn same_file(one: Place, other: Place) -> bool {
    (one.package, one.file) == (other.package, other.file)
}

fn is_getter(name: &str) -> bool {
    matches!(
        name,
        "GetString"
            | "GetInt"
            | "GetUint"
            | "GetUint16"
            | "GetInt32"
            | "GetInt64"
            | "Get"
            | "String"
            | "Int"
            | "Uint"
            | "MustInt"
            | "MustString"
            | "Int64"
            | "Path"
    )
}

/// Whether a name is the receiver of the method that a token stands in: its fields are the package's own.
fn is_receiver(file: &File, at: usize, name: &str) -> bool {
    let function = file.function_of(at).and_then(|number| file.functions.get(number));
    function.is_some_and(|one| one.method && file.word(one.signature.start + 2) == name)
}

#[cfg(test)]
pub(crate) mod tests;
