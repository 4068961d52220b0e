//! Paths that a program names: what it hands to functions that read or write, what macros take in, databases.

use super::listen::is_called;
use super::program::{Place, Program};
use super::value::{Evaluator, UNKNOWN, Value};
use crate::source::ports::words;

/// A function of a table, and which argument is the path.
#[derive(Debug, Clone)]
pub struct Opens {
    /// As in the table: `ServeDir::new`, `.open`, `include_str!`.
    pub call: String,
    /// Counted from 0.
    pub argument: usize,
}

/// A path that the sources name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The path, up to what is not known.
    pub path: String,
    /// The variable or flag whose default it is.
    pub by: Option<String>,
    /// Where.
    pub place: Place,
}

fn named(value: &Value) -> Option<Named> {
    let known = value.text.split(UNKNOWN).next().unwrap_or("");
    let whole = known.len() == value.text.len();
    // Of a name that goes on in a way that is not known, the folder is.
    let path = if whole { known } else { known.rsplit_once('/').map_or("", |(folder, _)| folder) };
    let by = value.variable.clone().or_else(|| value.flag.as_ref().map(|flag| format!("--{flag}")));
    (!path.is_empty()).then(|| Named { path: path.to_owned(), by, place: value.place })
}

/// The paths that are handed to functions of a table.
#[must_use]
pub fn handed(program: &Program, evaluator: &Evaluator<'_>, functions: &[Opens]) -> Vec<Named> {
    let each = program.calls().filter_map(|(place, file, call)| {
        let opens = functions.iter().find(|opens| is_called(&call, &opens.call))?;
        let arg = call.args.get(opens.argument)?;
        let value = match file.only_string(arg) {
            Some(text) => Value::known(text, place),
            None => evaluator.value(place, arg)?,
        };
        named(&value)
    });
    each.collect()
}

/// Paths from the working folder that are written out: `"./config.cfg"`, `format!("./{PUBLIC}")`.
#[must_use]
pub fn relative(program: &Program, evaluator: &Evaluator<'_>) -> Vec<Named> {
    let mut found = texts(program, |text| {
        text.strip_prefix("./").is_some_and(|rest| !rest.is_empty() && !rest.contains(['{', ' ', '\n']))
    });
    let formats = program.calls().filter(|(_, _, call)| call.is_macro && call.name == "format");
    found.extend(formats.filter_map(|(place, file, call)| {
        let text = file.string(call.args.first()?.start)?;
        let value =
            evaluator.value(place, &(call.start..call.close + 1)).filter(|_| text.starts_with("./"))?;
        value.whole()?;
        named(&value)
    }));
    found
}

/// The texts of a program that are looked for.
pub fn texts(program: &Program, wanted: impl Fn(&str) -> bool) -> Vec<Named> {
    let mut found = Vec::new();
    for (place, file) in program.files() {
        for at in 0..file.len() {
            if let Some(text) = file.string(at).filter(|text| text.len() < 120 && wanted(text)) {
                found.push(Named { path: text, by: None, place: Place { at, ..place } });
            }
        }
    }
    found
}

/// Options and settings with a default, and the words of their names.
#[must_use]
pub fn settings(program: &Program, evaluator: &Evaluator<'_>) -> Vec<(Vec<String>, Named)> {
    let mut found = Vec::new();
    for (place, file) in program.files() {
        for field in file.fields.iter().filter(|field| !field.attributes.is_empty()) {
            let here = Place { at: field.at, ..place };
            if let Some(value) = evaluator.held(here, field, 0).filter(|value| value.whole().is_some())
                && let Some(one) = named(&value)
            {
                found.push((words(&field.name), Named { place: here, ..one }));
            }
        }
    }
    for (place, file, call) in
        program.calls().filter(|(_, _, call)| call.name == "var" && call.base() == "env")
    {
        let Some(name) = call.args.first().and_then(|arg| file.only_string(arg)) else { continue };
        let end = (call.close + 1..file.len())
            .find(|at| matches!(file.mark(*at), ";" | "}" | ","))
            .unwrap_or(call.close);
        if let Some(value) = evaluator.value(place, &(call.start..end))
            && value.whole().is_some()
            && let Some(one) = named(&value)
        {
            found.push((words(&name), Named { by: Some(name), ..one }));
        }
    }
    found
}

/// Files of databases: `sqlite://data/app.db`, and names with an ending that databases have.
#[must_use]
pub fn databases(program: &Program, evaluator: &Evaluator<'_>, endings: &[String]) -> Vec<Named> {
    let mut found = Vec::new();
    let mut add = |value: &Value| {
        let path = value.text.strip_prefix("sqlite:").map(|path| path.trim_start_matches("//"));
        let path = path.or_else(|| {
            endings.iter().any(|end| value.text.ends_with(end.as_str())).then_some(value.text.as_str())
        });
        let path =
            path.map(|path| path.split('?').next().unwrap_or(path)).filter(|path| !path.starts_with(':'));
        if let Some(path) = path
            && let Some(one) = named(&Value { text: path.to_owned(), ..value.clone() })
        {
            found.push(one);
        }
    };
    for (_, one) in settings(program, evaluator) {
        add(&Value { variable: one.by, ..Value::known(one.path, one.place) });
    }
    for (place, file) in program.files() {
        for at in 0..file.len() {
            if let Some(text) =
                file.string(at).filter(|text| text.len() < 120 && !text.contains(['{', ' ', '\n']))
            {
                let alone = matches!(file.before(at, 1), "(" | "=" | "," | "&" | "{" | ":");
                if alone && !is_pattern(file, at) {
                    add(&Value::known(text, Place { at, ..place }));
                }
            }
        }
    }
    found
}

/// A text that another is held against is no file that is opened.
fn is_pattern(file: &super::file::File, at: usize) -> bool {
    // An arm of a `match`.
    if matches!(file.mark(at + 1), "=>" | "|") {
        return true;
    }
    let back = (1..6).find(|by| file.before(at, *by) == "(");
    let call = back.map(|by| file.before(at, by + 1));
    matches!(
        call,
        Some(
            "ends_with"
                | "starts_with"
                | "contains"
                | "assert_eq"
                | "strip_suffix"
                | "matches"
                | "extension"
                | "println"
        )
    )
}
