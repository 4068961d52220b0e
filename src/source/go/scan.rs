//! One pass over every token of a program: what names are given, what can be set, and whose types names have.

use super::file::{Call, File, Span};
use super::lex::Kind;
use super::program::{Definition, Given, Place, Program, Setting, Source};
use crate::parallel;

/// No entry of a table of settings has more tokens.
const ENTRY: usize = 80;

/// Fills the tables of a program.
pub(super) fn fill(program: &mut Program) {
    let files: Vec<(Place, &File)> = program.files().filter(|(_, file)| !stands_in(file)).collect();
    let mut found = Found::default();
    for part in parallel::map(&files, |(place, file)| scan_file(file, *place)) {
        found.add(part);
    }
    typed_by_result(program, &mut found);
    program.automatic = found.automatic.then(|| found.prefix.clone().unwrap_or_default());
    for (name, definition) in found.definitions {
        program.definitions.entry(name).or_default().push(definition);
    }
    for (name, import) in found.types {
        program.types.entry(name).or_default().insert(import);
    }
    program.settings = found.settings;
    name_constants(program);
}

/// A key that a method sets on itself (`ServicePort.setDefault(80)`) is called what that constant says.
fn name_constants(program: &mut Program) {
    let mut settings = std::mem::take(&mut program.settings);
    settings.retain_mut(|setting| {
        let Some(constant) = setting.name.strip_prefix('=') else { return true };
        let Some(text) = constant_text(program, constant) else { return false };
        setting.name = text;
        true
    });
    program.settings = settings;
}

/// The text of a constant of the program.
fn constant_text(program: &Program, name: &str) -> Option<String> {
    let all = program.definitions.get(name)?;
    all.iter().filter(|one| !one.field && one.function.is_none()).find_map(|one| {
        let Given::Expression(span) = &one.given else { return None };
        program.file(one.place)?.only_string(span)
    })
}

/// A file of mocks or test helpers, whose values no program starts with.
pub(super) fn stands_in(file: &File) -> bool {
    let name = file.path.file_stem().unwrap_or("");
    name.split(['_', '-', '.'])
        .any(|word| matches!(word, "mock" | "mocks" | "test" | "tests" | "testing" | "fake" | "fixtures"))
}

#[derive(Default)]
struct Found {
    definitions: Vec<(String, Definition)>,
    settings: Vec<Setting>,
    types: Vec<(String, String)>,
    prefix: Option<String>,
    automatic: bool,
}

impl Found {
    /// Adds what a later file says.
    fn add(&mut self, mut other: Self) {
        self.definitions.append(&mut other.definitions);
        self.settings.append(&mut other.settings);
        self.types.append(&mut other.types);
        self.prefix = other.prefix.or(self.prefix.take());
        self.automatic |= other.automatic;
    }
}

/// A brace that is open, and what it is called: the key or the type before it.
struct Open {
    close: usize,
    name: String,
}

fn scan_file(file: &File, place: Place) -> Found {
    let mut all = Found::default();
    let found = &mut all;
    let mut open: Vec<Open> = Vec::new();
    for at in 0..file.len() {
        let place = Place { at, ..place };
        while open.last().is_some_and(|brace| brace.close <= at) {
            open.pop();
        }
        match file.kind(at) {
            Some(Kind::Mark) => match file.word(at) {
                "{" => {
                    open.extend(file.close(at).map(|close| Open { close, name: literal_name(file, at) }));
                    if file.before(at, 1).ends_with("Flag") {
                        flag_literal(file, at, place, found);
                    }
                }
                ":=" | "=" => assignment(file, at, place, found),
                ":" => {
                    key(file, at, place, &open, found);
                    table_entry(file, at, place, found);
                }
                _ => {}
            },
            Some(Kind::Word) => match file.word(at) {
                "var" | "const" => declarations(file, at, place, found),
                _ => {
                    typed(file, at, found);
                    if let Some(call) = file.call_at(at) {
                        setting_call(file, &call, place, found);
                    }
                }
            },
            Some(Kind::Text) if file.word(at).starts_with('`') => tag(file, at, place, &open, found),
            _ => {}
        }
    }
    all
}

/// `TLS: SSL{` is called by its key and its type, `Server{` by its type, a block by nothing.
fn literal_name(file: &File, at: usize) -> String {
    if file.before(at, 1) == "struct" {
        return file.before(at, 2).to_owned();
    }
    let Some(mut first) = at.checked_sub(1).filter(|before| file.is_word(*before)) else {
        return String::new();
    };
    while file.before(first, 1) == "." && first >= 2 {
        first -= 2;
    }
    let amp = usize::from(file.before(first, 1) == "&");
    let keyed = file.before(first, 1 + amp) == ":";
    let kind = file.before(at, 1);
    if keyed { format!("{}.{kind}", file.before(first, 2 + amp)) } else { kind.to_owned() }
}

fn context(open: &[Open]) -> String {
    let names: Vec<&str> =
        open.iter().map(|brace| brace.name.as_str()).filter(|name| !name.is_empty()).collect();
    names.join(".")
}

fn define(
    found: &mut Found,
    file: &File,
    place: Place,
    name: &str,
    field: bool,
    context: String,
    given: Given,
) {
    if name != "_" {
        let function = file.function_of(place.at);
        found.definitions.push((name.to_owned(), Definition { place, function, field, context, given }));
    }
}

/// `port := expr`, `cfg.Port = expr`, `port, err := expr`.
fn assignment(file: &File, at: usize, place: Place, found: &mut Found) {
    let Some(mut target) = at.checked_sub(1) else { return };
    let mut names = Vec::new();
    loop {
        if !file.is_word(target) {
            return;
        }
        let field = file.before(target, 1) == ".";
        names.push((target, field));
        let mut first = target;
        while file.before(first, 1) == "." && first >= 2 {
            first -= 2;
        }
        match first.checked_sub(1) {
            Some(comma) if file.word(comma) == "," && comma > 0 && names.len() < 8 => target = comma - 1,
            _ => break,
        }
    }
    names.reverse();
    let values = file.split(at + 1..file.statement_end(at + 1), ",");
    for (number, (target, field)) in names.iter().enumerate() {
        let Some(value) = values.get(if values.len() == names.len() { number } else { 0 }) else { continue };
        if values.len() != names.len() && number > 0 {
            break;
        }
        let context = if *field { file.before(*target, 2).to_owned() } else { String::new() };
        typed_by_value(file, *target, value, found);
        define(
            found,
            file,
            Place { at: *target, ..place },
            file.word(*target),
            *field,
            context,
            Given::Expression(value.clone()),
        );
    }
}

/// `Port: 80,` in a literal.
fn key(file: &File, at: usize, place: Place, open: &[Open], found: &mut Found) {
    let Some(name) = at.checked_sub(1) else { return };
    if !file.is_word(name) || !matches!(file.before(name, 1), "{" | ",") {
        return;
    }
    let Some(brace) = open.last() else { return };
    let mut end = at + 1;
    while end < brace.close && file.word(end) != "," && file.kind(end) != Some(Kind::End) {
        end = file.close(end).unwrap_or(end) + 1;
    }
    let value = at + 1..end;
    typed_by_value(file, name, &value, found);
    let place = Place { at: name, ..place };
    let context = context(open);
    let setting = Setting {
        source: Source::Field,
        name: file.word(name).to_owned(),
        context: context.clone(),
        place,
        default: Some(Given::Expression(value.clone())),
        variable: None,
    };
    if value.len() <= 3 {
        found.settings.push(setting);
    }
    define(found, file, place, file.word(name), true, context, Given::Expression(value));
}

/// `"LISTEN_ADDR": {Default: "127.0.0.1:8080"},` in a table of settings by their variables.
fn table_entry(file: &File, at: usize, place: Place, found: &mut Found) {
    let Some(key) = at.checked_sub(1).filter(|key| file.kind(*key) == Some(Kind::Text)) else { return };
    let open = at + 1 + usize::from(file.word(at + 1) == "&");
    let open = if file.is_word(open) { open + 1 } else { open };
    let Some(close) = file.close(open).filter(|close| file.word(open) == "{" && *close - open < ENTRY) else {
        return;
    };
    let Some(name) = file.string(key).filter(|name| is_variable(name)) else { return };
    let address = (open..close).filter(|at| file.kind(*at) == Some(Kind::Text)).find_map(|at| {
        let text = file.string(at)?;
        text.rsplit(':').next()?.parse::<u16>().is_ok().then_some(text)
    });
    if let Some(address) = address {
        found.settings.push(Setting {
            source: Source::Variable,
            name: name.clone(),
            context: String::new(),
            place: Place { at: key, ..place },
            default: Some(Given::Text(address)),
            variable: Some(name),
        });
    }
}

/// `var port string = "8080"`, `const (a = 1; b = 2)`.
fn declarations(file: &File, at: usize, place: Place, found: &mut Found) {
    let grouped = file.word(at + 1) == "(";
    let end = if grouped { file.close(at + 1).unwrap_or(file.len()) } else { file.statement_end(at + 1) };
    let mut from = if grouped { at + 2 } else { at + 1 };
    while from < end {
        let stop = file.statement_end(from).min(end);
        declaration(file, from..stop, place, found);
        from = stop + 1;
    }
}

fn declaration(file: &File, span: Span, place: Place, found: &mut Found) {
    let name = span.start;
    let Some(equals) = span.clone().find(|at| file.word(*at) == "=") else { return };
    // A plain `name = value` is an assignment, read as one already.
    if equals == name + 1 || !file.is_word(name) {
        return;
    }
    let value = file.split(equals + 1..span.end, ",").into_iter().next().unwrap_or(equals + 1..span.end);
    typed_by_value(file, name, &value, found);
    define(
        found,
        file,
        Place { at: name, ..place },
        file.word(name),
        false,
        String::new(),
        Given::Expression(value),
    );
}

/// `name *gin.Engine`, in parameters, fields and variables.
fn typed(file: &File, at: usize, found: &mut Found) {
    let package = if file.is_word(at + 1) { at + 1 } else { at + 2 };
    let dot = package + 1;
    if file.word(dot) == "."
        && file.is_word(package)
        && (package == at + 1 || file.word(at + 1) == "*")
        && file.is_word(dot + 1)
        && let Some(import) = file.import(file.word(package))
    {
        found.types.push((file.word(at).to_owned(), import.to_owned()));
    }
}

/// `r := gin.Default()`, `srv := &http.Server{}`: the name has its type from that package.
fn typed_by_value(file: &File, name: usize, value: &Span, found: &mut Found) {
    let first = value.start + usize::from(file.word(value.start) == "&");
    if file.is_word(first)
        && file.word(first + 1) == "."
        && matches!(file.word(first + 3), "(" | "{")
        && let Some(import) = file.import(file.word(first))
    {
        found.types.push((file.word(name).to_owned(), import.to_owned()));
    }
}

/// `r := NewRouter()` where a function of the program gives back what another package makes.
fn typed_by_result(program: &Program, found: &mut Found) {
    let mut more = Vec::new();
    for (name, definition) in &found.definitions {
        let Given::Expression(span) = &definition.given else { continue };
        let Some(file) = program.file(definition.place) else { continue };
        let function = if file.word(span.start + 1) == "." { span.start + 2 } else { span.start };
        let Some(call) = file.call_at(function).filter(|call| call.close < span.end) else { continue };
        let place = Place { at: call.at, ..definition.place };
        let Some((at, callee)) = program.callee(place, &call) else { continue };
        let Some(theirs) = program.file(at) else { continue };
        let result = callee.signature.clone().filter(|dot| theirs.word(*dot) == ".");
        for dot in result.filter(|dot| matches!(theirs.before(*dot, 2), "*" | ")" | "(" | ",")) {
            if let Some(import) = theirs.import(theirs.before(dot, 1)) {
                more.push((name.clone(), import.to_owned()));
            }
        }
    }
    found.types.append(&mut more);
}

/// The shape of a flag's definition: `String(name, default, usage)` and its kin.
struct FlagShape {
    target: Option<Span>,
    name: String,
    default: Span,
}

const FLAG_TYPES: [&str; 10] =
    ["String", "Int", "Uint", "Int16", "Int32", "Int64", "Uint16", "Uint32", "Uint64", "Path"];

fn flag_shape(file: &File, call: &Call<'_>) -> Option<FlagShape> {
    let short = call.name.strip_suffix('P').filter(|name| !name.is_empty());
    let name = short.unwrap_or(call.name);
    let variable = name.strip_suffix("Var");
    if !FLAG_TYPES.contains(&variable.unwrap_or(name)) {
        return None;
    }
    let first = usize::from(variable.is_some());
    let default = first + 1 + usize::from(short.is_some());
    if call.args.len() != default + 2 {
        return None;
    }
    let target = variable.and_then(|_| call.args.first().cloned());
    Some(FlagShape {
        target,
        name: file.only_string(call.args.get(first)?)?,
        default: call.args.get(default)?.clone(),
    })
}

/// The default of a call that defines a flag.
pub(super) fn flag_default(file: &File, call: &Call<'_>) -> Option<(String, Span)> {
    flag_shape(file, call).map(|shape| (shape.name, shape.default))
}

fn setting_call(file: &File, call: &Call<'_>, place: Place, found: &mut Found) {
    let text = |number: usize| call.args.get(number).and_then(|arg| file.only_string(arg));
    let mut push = |source, name: String, default, variable| {
        let setting = Setting { source, name, context: String::new(), place, default, variable };
        found.settings.push(setting);
    };
    if let Some(shape) = flag_shape(file, call) {
        push(Source::Flag, shape.name, Some(Given::Expression(shape.default.clone())), None);
        if let Some(target) = shape.target {
            point(file, &target, Given::Expression(shape.default), place, found);
        }
        return;
    }
    match (call.name, call.args.as_slice()) {
        ("SetDefault", [_, value]) => {
            if let Some(name) = text(0) {
                push(Source::Key, name, Some(Given::Expression(value.clone())), None);
            }
        }
        ("SetDefault" | "setDefault", [value]) if is_public(call.base) => {
            push(Source::Key, format!("={}", call.base), Some(Given::Expression(value.clone())), None);
        }
        ("BindEnv", [_, _, ..]) => {
            if let (Some(name), Some(variable)) = (text(0), text(1)) {
                push(Source::Key, name, None, Some(variable));
            }
        }
        ("SetEnvPrefix", [_]) => found.prefix = text(0),
        ("AutomaticEnv", []) => found.automatic = true,
        ("Flag", [_, _]) => chained_flag(file, call, place, found),
        (_, [target, _]) if file.word(target.start) == "&" => pointed_variable(file, call, place, found),
        _ => {
            if let Some(name) = text(0).filter(|name| is_variable(name)) {
                let default = call.args.get(1).filter(|_| call.args.len() == 2 && names_variables(call));
                if default.is_some() || call.name == "Getenv" || call.name == "LookupEnv" {
                    let variable = Some(name.clone());
                    push(Source::Variable, name, default.cloned().map(Given::Expression), variable);
                }
            }
        }
    }
}

/// A name that other packages can see, as constants of settings are.
fn is_public(base: &str) -> bool {
    base.starts_with(|first: char| first.is_ascii_uppercase())
}

/// `app.Flag("listen", "...").Default(":80").Envar("LISTEN")`.
fn chained_flag(file: &File, call: &Call<'_>, place: Place, found: &mut Found) {
    let Some(name) = call.args.first().and_then(|arg| file.only_string(arg)) else { return };
    let (default, variable) = chain(file, call);
    let setting = Setting {
        source: Source::Flag,
        name,
        context: String::new(),
        place,
        default: default.map(Given::Expression),
        variable,
    };
    found.settings.push(setting);
}

/// What the calls chained behind a flag's say: its default and its variable.
pub(super) fn chain(file: &File, call: &Call<'_>) -> (Option<Span>, Option<String>) {
    let (mut default, mut variable) = (None, None);
    let mut close = call.close;
    for _ in 0..16 {
        let Some(next) = file.call_at(close + 2).filter(|_| file.word(close + 1) == ".") else { break };
        match next.name {
            "Default" => default = next.args.first().cloned(),
            "Envar" | "OverrideDefaultFromEnvar" => {
                variable = next.args.first().and_then(|arg| file.only_string(arg));
            }
            _ => {}
        }
        close = next.close;
    }
    (default, variable)
}

/// `parseInt(&c.Server.Port, "APP_PORT")`: the field is set by that variable.
fn pointed_variable(file: &File, call: &Call<'_>, place: Place, found: &mut Found) {
    let [target, value] = call.args.as_slice() else { return };
    point(file, target, Given::Expression(value.clone()), place, found);
    if let Some((_, definition)) = found.definitions.last_mut()
        && definition.place == place
    {
        definition.given = match file.only_string(value) {
            Some(name) if is_variable(&name) => Given::Variable(name),
            // A constant's name, looked up when it is asked for.
            _ if value.len() == 1 && file.is_word(value.start) => {
                Given::Variable(format!("={}", file.word(value.start)))
            }
            _ => Given::Text(String::new()),
        };
    }
}

fn point(file: &File, target: &Span, given: Given, place: Place, found: &mut Found) {
    let Some(name) = target.end.checked_sub(1).filter(|name| file.is_word(*name)) else { return };
    let field = file.before(name, 1) == ".";
    let context: Vec<&str> =
        target.clone().filter(|at| file.is_word(*at) && *at != name).map(|at| file.word(at)).collect();
    define(found, file, place, file.word(name), field, context.join("."), given);
}

/// `&cli.StringFlag{Name: "port", Value: "8080", EnvVars: []string{"PORT"}, Destination: &port}`.
fn flag_literal(file: &File, at: usize, place: Place, found: &mut Found) {
    let Some(close) = file.close(at) else { return };
    let (mut name, mut default, mut variable, mut target) = (None, None, None, None);
    for part in file.split(at + 1..close, ",") {
        let value = part.start + 2..part.end;
        match file.word(part.start) {
            "Name" => name = file.only_string(&value),
            "Value" => default = Some(value),
            "EnvVar" | "EnvVars" | "Sources" => variable = value.clone().find_map(|at| file.string(at)),
            "Destination" => target = Some(value),
            _ => {}
        }
    }
    let (Some(name), given) = (name, default.map(Given::Expression)) else { return };
    if let (Some(target), Some(given)) = (target, given.clone()) {
        point(file, &target, given, place, found);
    }
    let variable = variable.filter(|name| is_variable(name));
    found.settings.push(Setting {
        source: Source::Flag,
        name,
        context: String::new(),
        place,
        default: given,
        variable,
    });
}

/// A struct tag with a default or a variable.
fn tag(file: &File, at: usize, place: Place, open: &[Open], found: &mut Found) {
    if !file.word(at).contains(":\"") {
        return;
    }
    let Some(text) = file.string(at) else { return };
    let default = ["default", "envDefault", "env-default"].iter().find_map(|key| tag_value(&text, key));
    let variable = ["env", "envconfig"].iter().find_map(|key| tag_value(&text, key));
    let variable =
        variable.and_then(|name| name.split(',').next().map(str::to_owned)).filter(|name| is_variable(name));
    let key = ["mapstructure", "koanf"].iter().find_map(|key| tag_value(&text, key));
    let key = key.and_then(|key| key.split(',').next().map(str::to_owned)).filter(|key| !key.is_empty());
    if default.is_none() && variable.is_none() && key.is_none() {
        return;
    }
    let line = file.line(at);
    let first = (0..=at).rev().take_while(|at| file.line(*at) == line).take(16).last().unwrap_or(at);
    if !file.is_word(first) {
        return;
    }
    let (place, context) = (Place { at: first, ..place }, context(open));
    let name = file.word(first).to_owned();
    let all = [default.clone().map(Given::Text), variable.clone().map(Given::Variable), key.map(Given::Key)];
    for given in all.into_iter().flatten() {
        define(found, file, place, &name, true, context.clone(), given);
    }
    let default = default.map(Given::Text);
    if default.is_none() && variable.is_none() {
        return;
    }
    found.settings.push(Setting { source: Source::Field, name, context, place, default, variable });
}

/// The value of a key in a struct tag.
#[must_use]
pub(super) fn tag_value(tag: &str, key: &str) -> Option<String> {
    tag.match_indices(key).find_map(|(at, _)| {
        let free = tag.get(..at)?.chars().next_back().is_none_or(char::is_whitespace);
        let value = tag.get(at + key.len()..)?.strip_prefix(":\"")?;
        free.then(|| value.split('"').next().map(str::to_owned)).flatten()
    })
}

/// Whether a text is named like an environment variable.
#[must_use]
pub(super) fn is_variable(name: &str) -> bool {
    name.len() > 1
        && name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether a call is named like one that reads a variable: `getEnv`, `envOr`, `EnvString`.
#[must_use]
pub(super) fn names_variables(call: &Call<'_>) -> bool {
    call.name.to_ascii_lowercase().contains("env") || call.base.to_ascii_lowercase().contains("env")
}
