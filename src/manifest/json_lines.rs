//! The line of each key in a JSON document: serde's value has none, and evidence wants one.
//! The same parser reads JSON with comments (`tsconfig.json`, `bun.lock`), with a bounded depth.

use std::collections::HashMap;

use camino::Utf8Path;
use jsonc_parser::ast::Value;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::{Map, Number};

use super::line_at;
use crate::error::{Error, Result};

/// What to do about a document that does not parse.
const HELP: &str = "correct it there; its own tool refuses it, too";

/// Deeper keys are nobody's evidence.
const DEPTH: usize = 4;

/// The lines of the keys of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyLines(HashMap<Vec<String>, u32>);

impl KeyLines {
    /// Reads the keys of the objects of a document; none where it does not parse.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut lines = Self::default();
        if let Ok(parsed) = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default())
            && let Some(value) = &parsed.value
        {
            let mut seen = (0, 1);
            lines.walk(text, value, &mut Vec::new(), &mut seen);
        }
        lines
    }

    /// The line of a key, by its path from the root.
    #[must_use]
    pub fn get(&self, path: &[&str]) -> Option<u32> {
        let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
        self.0.get(&path).copied()
    }

    fn walk(&mut self, text: &str, value: &Value, path: &mut Vec<String>, seen: &mut (usize, u32)) {
        let Value::Object(object) = value else { return };
        if path.len() >= DEPTH {
            return;
        }
        for property in &object.properties {
            path.push(property.name.as_str().to_owned());
            self.0.insert(path.clone(), advance(text, property.range.start, seen));
            self.walk(text, &property.value, path, seen);
            path.pop();
        }
    }
}

/// The line of an offset, counted on from the last one asked for: keys come in order.
fn advance(text: &str, offset: usize, seen: &mut (usize, u32)) -> u32 {
    let between = text.as_bytes().get(seen.0..offset).unwrap_or_default();
    let lines = String::from_utf8_lossy(between).matches('\n').count();
    seen.1 = seen.1.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
    seen.0 = seen.0.max(offset);
    seen.1
}

/// A JSON document that may hold comments and trailing commas.
///
/// # Errors
/// It does not parse.
pub fn with_comments(file: &Utf8Path, text: &str) -> Result<serde_json::Value> {
    let parsed =
        parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default()).map_err(|error| {
            let line = line_at(text, error.range().start);
            Error::broken(file, Some(line), format!("is not valid JSON: {}", error.kind())).help(HELP)
        })?;
    Ok(parsed.value.map_or(serde_json::Value::Null, to_serde))
}

fn to_serde(value: Value) -> serde_json::Value {
    match value {
        Value::StringLit(text) => serde_json::Value::String(text.value.into_owned()),
        Value::NumberLit(number) => number
            .value
            .parse::<Number>()
            .map_or_else(|_| serde_json::Value::String(number.value.into()), serde_json::Value::Number),
        Value::BooleanLit(yes) => serde_json::Value::Bool(yes.value),
        Value::NullKeyword(_) => serde_json::Value::Null,
        Value::Array(array) => serde_json::Value::Array(array.elements.into_iter().map(to_serde).collect()),
        Value::Object(object) => {
            let pairs =
                object.properties.into_iter().map(|one| (one.name.into_string(), to_serde(one.value)));
            serde_json::Value::Object(pairs.collect::<Map<_, _>>())
        }
    }
}

/// A strict JSON document.
///
/// # Errors
/// It does not parse.
pub fn strict(file: &Utf8Path, text: &str) -> Result<serde_json::Value> {
    serde_json::from_str(text).map_err(|error| {
        let line = u32::try_from(error.line()).ok().filter(|line| *line > 0);
        let message = error.to_string();
        let what = message.split(" at line ").next().unwrap_or_default();
        Error::broken(file, line, format!("is not valid JSON: {what}")).help(HELP)
    })
}

/// A key of an object, by path.
#[must_use]
pub fn at<'a>(value: &'a serde_json::Value, path: &[&str]) -> Option<&'a serde_json::Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

/// The text pairs of an object; values of other types, and those with control characters, are passed over.
#[must_use]
pub fn pairs(value: Option<&serde_json::Value>) -> std::collections::BTreeMap<String, String> {
    let object = value.and_then(serde_json::Value::as_object).into_iter().flatten();
    let plain = |text: &str| !text.contains(char::is_control);
    object
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .filter(|(key, value)| plain(key) && plain(value))
        .collect()
}

/// The texts of a list; values of other types are passed over.
#[must_use]
pub fn texts(value: Option<&serde_json::Value>) -> Vec<String> {
    let list = value.and_then(serde_json::Value::as_array).into_iter().flatten();
    list.filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_line_of_a_key() {
        let lines = KeyLines::read("{\n  \"a\": 1,\n  \"scripts\": {\n    \"start\": \"node .\"\n  }\n}\n");
        assert_eq!(lines.get(&["scripts", "start"]), Some(4));
        assert_eq!(lines.get(&["a"]), Some(2));
        assert_eq!(lines.get(&["start"]), None);
    }

    #[test]
    fn says_where_it_is_broken() {
        let error = strict("package.json".into(), "{\n  \"a\": 1,\n}\n").unwrap_err();
        assert_eq!(error.to_string(), "package.json:3: is not valid JSON: trailing comma");
        assert!(with_comments("tsconfig.json".into(), "{ // yes\n \"a\": [1,], }").is_ok());
        assert!(with_comments("tsconfig.json".into(), "{ \"a\": [").is_err());
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in ".{0,200}") {
            let _ = KeyLines::read(&text);
            let _ = with_comments("x".into(), &text);
        }
    }
}
