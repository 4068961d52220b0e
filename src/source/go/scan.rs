//! One pass over every token of a program: what names are given, what can be set, and whose types names have.

use std::collections::BTreeSet;

use foldhash::HashMap;

use super::file::{File, Span};
use super::lex::Kind;
use super::program::{Definition, Given, Place, Program, Setting, Source};
use super::setting::{flag_literal, is_variable, may_set, setting_call};
use crate::parallel;

/// No entry of a table of settings has more tokens.
const ENTRY: usize = 80;

/// The tables of a program.
pub(super) struct Tables {
    pub(super) definitions: HashMap<String, Vec<Definition>>,
    pub(super) types: HashMap<String, BTreeSet<String>>,
    pub(super) settings: Vec<Setting>,
    pub(super) automatic: Option<String>,
}

/// Reads the tables of a program.
pub(super) fn tables(program: &Program) -> Tables {
    let files: Vec<(Place, &File)> = program.files().filter(|(_, file)| !stands_in(file)).collect();
    let mut found = Found::default();
    for part in parallel::map(&files, |(place, file)| scan_file(file, *place)) {
        found.add(part);
    }
    typed_by_result(program, &mut found);
    let mut definitions: HashMap<&str, Vec<Definition>> = HashMap::default();
    for (name, definition) in found.definitions {
        definitions.entry(name).or_default().push(definition);
    }
    let mut types: HashMap<&str, BTreeSet<&str>> = HashMap::default();
    for (name, import) in found.types {
        types.entry(name).or_default().insert(import);
    }
    let texts = |imports: BTreeSet<&str>| imports.into_iter().map(str::to_owned).collect();
    Tables {
        definitions: definitions.into_iter().map(|(name, all)| (name.to_owned(), all)).collect(),
        types: types.into_iter().map(|(name, imports)| (name.to_owned(), texts(imports))).collect(),
        settings: found.settings,
        automatic: found.automatic.then(|| found.prefix.unwrap_or_default()),
    }
}

/// A key that a method sets on itself (`ServicePort.setDefault(80)`) is called what that constant says.
pub(super) fn name_constants(program: &mut Program) {
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
#[must_use]
pub fn stands_in(file: &File) -> bool {
    let name = file.path.file_stem().unwrap_or("");
    name.split(['_', '-', '.'])
        .any(|word| matches!(word, "mock" | "mocks" | "test" | "tests" | "testing" | "fake" | "fixtures"))
}

/// What files say, in their order.
#[derive(Default)]
pub(super) struct Found<'a> {
    pub(super) definitions: Vec<(&'a str, Definition)>,
    pub(super) settings: Vec<Setting>,
    types: Vec<(&'a str, &'a str)>,
    pub(super) prefix: Option<String>,
    pub(super) automatic: bool,
}

impl Found<'_> {
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

fn scan_file(file: &File, place: Place) -> Found<'_> {
    let mut all = Found::default();
    let found = &mut all;
    let mut open: Vec<Open> = Vec::new();
    for at in 0..file.len() {
        let place = Place { at, ..place };
        while open.last().is_some_and(|brace| brace.close <= at) {
            open.pop();
        }
        match file.kind(at) {
            Some(Kind::Mark) => mark(file, at, place, &mut open, found),
            Some(Kind::Word) => match file.word(at) {
                "var" | "const" => declarations(file, at, place, found),
                _ => named(file, at, place, found),
            },
            Some(Kind::Text) if file.first(at) == b'`' => tag(file, at, place, &open, found),
            _ => {}
        }
    }
    all
}

fn mark<'a>(file: &'a File, at: usize, place: Place, open: &mut Vec<Open>, found: &mut Found<'a>) {
    match file.first(at) {
        b'{' => {
            open.extend(file.close(at).map(|close| Open { close, name: literal_name(file, at) }));
            if file.before(at, 1).ends_with("Flag") {
                flag_literal(file, at, place, found);
            }
        }
        b':' | b'=' => match file.word(at) {
            ":=" | "=" => assignment(file, at, place, found),
            ":" => {
                key(file, at, place, open, found);
                table_entry(file, at, place, found);
            }
            _ => {}
        },
        _ => {}
    }
}

/// A name: what follows says whether it is a call's, or has a type.
fn named<'a>(file: &'a File, at: usize, place: Place, found: &mut Found<'a>) {
    match file.first(at + 1) {
        b'(' if may_set(file, at) => {
            if let Some(call) = file.call_at(at) {
                setting_call(file, &call, place, found);
            }
        }
        b'*' => typed(file, at, found),
        _ if file.is_word(at + 1) => typed(file, at, found),
        _ => {}
    }
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

pub(super) fn define<'a>(
    found: &mut Found<'a>,
    file: &File,
    place: Place,
    name: &'a str,
    field: bool,
    context: String,
    given: Given,
) {
    if name != "_" {
        let function = file.function_of(place.at);
        found.definitions.push((name, Definition { place, function, field, context, given }));
    }
}

/// `port := expr`, `cfg.Port = expr`, `port, err := expr`.
fn assignment<'a>(file: &'a File, at: usize, place: Place, found: &mut Found<'a>) {
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
fn key<'a>(file: &'a File, at: usize, place: Place, open: &[Open], found: &mut Found<'a>) {
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
fn table_entry(file: &File, at: usize, place: Place, found: &mut Found<'_>) {
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
fn declarations<'a>(file: &'a File, at: usize, place: Place, found: &mut Found<'a>) {
    let grouped = file.word(at + 1) == "(";
    let end = if grouped { file.close(at + 1).unwrap_or(file.len()) } else { file.statement_end(at + 1) };
    let mut from = if grouped { at + 2 } else { at + 1 };
    while from < end {
        let stop = file.statement_end(from).min(end);
        declaration(file, from..stop, place, found);
        from = stop + 1;
    }
}

fn declaration<'a>(file: &'a File, span: Span, place: Place, found: &mut Found<'a>) {
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
fn typed<'a>(file: &'a File, at: usize, found: &mut Found<'a>) {
    let package = if file.is_word(at + 1) { at + 1 } else { at + 2 };
    let dot = package + 1;
    if file.word(dot) == "."
        && file.is_word(package)
        && (package == at + 1 || file.word(at + 1) == "*")
        && file.is_word(dot + 1)
        && let Some(import) = file.import(file.word(package))
    {
        found.types.push((file.word(at), import));
    }
}

/// `r := gin.Default()`, `srv := &http.Server{}`: the name has its type from that package.
fn typed_by_value<'a>(file: &'a File, name: usize, value: &Span, found: &mut Found<'a>) {
    let first = value.start + usize::from(file.word(value.start) == "&");
    if file.is_word(first)
        && file.word(first + 1) == "."
        && matches!(file.word(first + 3), "(" | "{")
        && let Some(import) = file.import(file.word(first))
    {
        found.types.push((file.word(name), import));
    }
}

/// `r := NewRouter()` where a function of the program gives back what another package makes.
fn typed_by_result<'a>(program: &'a Program, found: &mut Found<'a>) {
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
                more.push((*name, import));
            }
        }
    }
    found.types.append(&mut more);
}

/// A struct tag with a default or a variable.
fn tag<'a>(file: &'a File, at: usize, place: Place, open: &[Open], found: &mut Found<'a>) {
    if !file.word(at).contains(":\"") {
        return;
    }
    let Some(text) = file.string(at) else { return };
    group(file, at, &text, found);
    let default = ["default", "envDefault", "env-default"].iter().find_map(|key| tag_value(&text, key));
    let default = default.or_else(|| of_conf(&text, "default:"));
    let variable = ["env", "envconfig"].iter().find_map(|key| tag_value(&text, key));
    let variable = variable.or_else(|| of_conf(&text, "env:"));
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
    let name = file.word(first);
    // go-flags has the flag's name in the tag, too.
    let flag = tag_value(&text, "long").filter(|_| tag_value(&text, "description").is_some());
    let given = |default: String| match flag.clone() {
        Some(flag) => Given::Option(default, flag),
        None => Given::Text(default),
    };
    let all = [default.clone().map(given), variable.clone().map(Given::Variable), key.map(Given::Key)];
    for given in all.into_iter().flatten() {
        define(found, file, place, name, true, context.clone(), given);
    }
    let default = default.map(Given::Text);
    if default.is_none() && variable.is_none() {
        return;
    }
    let name = name.to_owned();
    found.settings.push(Setting { source: Source::Field, name, context, place, default, variable });
}

/// One of the options that ardanlabs/conf has in a tag of its own: `conf:"default:7745,env:PORT"`.
fn of_conf(tag: &str, option: &str) -> Option<String> {
    tag_value(tag, "conf")?.split(',').find_map(|one| one.trim().strip_prefix(option).map(str::to_owned))
}

/// The tag of a struct within another puts something before the names of all that is in it.
fn group(file: &File, at: usize, text: &str, found: &mut Found<'_>) {
    let of_variables = tag_value(text, "env-namespace")
        .map(|name| format!("{name}_"))
        .or_else(|| tag_value(text, "envPrefix"))
        .unwrap_or_default();
    let of_flags = tag_value(text, "namespace").map(|name| format!("{name}.")).unwrap_or_default();
    let end = at.checked_sub(1).filter(|end| file.word(*end) == "}");
    let Some(end) = end.filter(|_| !(of_variables.is_empty() && of_flags.is_empty())) else { return };
    let Some(open) = (0..end).rev().find(|open| file.close(*open) == Some(end)) else { return };
    let inside = |place: Place| (open..end).contains(&place.at);
    for setting in found.settings.iter_mut().filter(|setting| inside(setting.place)) {
        setting.variable = setting.variable.take().map(|name| format!("{of_variables}{name}"));
    }
    for (_, one) in found.definitions.iter_mut().filter(|(_, one)| inside(one.place)) {
        match &mut one.given {
            Given::Variable(name) => name.insert_str(0, &of_variables),
            Given::Option(_, flag) => flag.insert_str(0, &of_flags),
            Given::Expression(_) | Given::Text(_) | Given::Key(_) => {}
        }
    }
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
