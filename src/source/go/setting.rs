//! Calls and literals that define what whoever starts a program can set: flags, keys and variables, with their defaults.

use super::file::{Call, File, Span};
use super::program::{Given, Place, Setting, Source};
use super::scan::{Found, define};

/// A look at a call before it is taken apart: it is named like a setting, or is handed a text, a place or a name.
pub(super) fn may_set(file: &File, at: usize) -> bool {
    let name = file.word(at);
    let kind = name.strip_suffix('P').unwrap_or(name);
    let kind = kind.strip_suffix("Var").unwrap_or(kind);
    matches!(file.first(at + 2), b'&' | b'"' | b'`')
        || FLAG_TYPES.contains(&kind)
        || name.ends_with("Flag")
        || matches!(name, "SetDefault" | "setDefault" | "BindEnv" | "SetEnvPrefix" | "AutomaticEnv")
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

pub(super) fn setting_call<'a>(file: &'a File, call: &Call<'_>, place: Place, found: &mut Found<'a>) {
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
        ("Flag", [_, _]) => chained_flag(file, call, 0, place, found),
        // A function of the program's own around it: `serverOnlyFlag(app, "data-path", "...").Default("data/")`.
        (name, [_, _, _]) if name.ends_with("Flag") && text(1).is_some() => {
            chained_flag(file, call, 1, place, found);
        }
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
fn chained_flag<'a>(file: &'a File, call: &Call<'_>, argument: usize, place: Place, found: &mut Found<'a>) {
    let Some(name) = call.args.get(argument).and_then(|arg| file.only_string(arg)) else { return };
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
fn pointed_variable<'a>(file: &'a File, call: &Call<'_>, place: Place, found: &mut Found<'a>) {
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

fn point<'a>(file: &'a File, target: &Span, given: Given, place: Place, found: &mut Found<'a>) {
    let Some(name) = target.end.checked_sub(1).filter(|name| file.is_word(*name)) else { return };
    let field = file.before(name, 1) == ".";
    let context: Vec<&str> =
        target.clone().filter(|at| file.is_word(*at) && *at != name).map(|at| file.word(at)).collect();
    define(found, file, place, file.word(name), field, context.join("."), given);
}

/// `&cli.StringFlag{Name: "port", Value: "8080", EnvVars: []string{"PORT"}, Destination: &port}`.
pub(super) fn flag_literal<'a>(file: &'a File, at: usize, place: Place, found: &mut Found<'a>) {
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
