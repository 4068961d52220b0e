//! A repository's own tables over dfgen's: a row of the same id, name or version takes the place of ours, key by key, other
//! rows come before ours, and any other value replaces ours.

use serde_json::{Map, Value};

use super::lazy::whole;
use super::{Table, Whole};
use crate::error::{Error, Result};

impl Table<'_> {
    /// The table with the repository's lines put in.
    pub(super) fn read_own<T: Whole>(&self) -> Result<T> {
        let Self::Own { path, text, built_in } = self else {
            return Err(Error::broken(self.path(), None, "is no table"));
        };
        let own: toml::Table = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| crate::manifest::line_at(text, span.start));
            Error::broken(path, line, error.message().trim_end().replace('\n', "; "))
        })?;
        let own = serde_json::to_value(own).unwrap_or_default();
        let base = built_in.and_then(|json| serde_json::from_str(json).ok()).map_or(Value::Null, whole);
        let read = |value| {
            let table: T = serde_json::from_value(value)?;
            table.check().map(|()| table)
        };
        read(over(base, own)).map_err(|error: serde_json::Error| {
            // A place in the JSON that the table became says nothing to a person.
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default().to_owned();
            Error::broken(path, line_of(text, &message), message)
                .help("`dfgen schema detector` has every key of a language's table")
        })
    }
}

/// The line of the key that a message is about.
fn line_of(text: &str, message: &str) -> Option<u32> {
    let key = message.split('`').nth(1)?;
    let named = |line: &str| line.split('=').next().is_some_and(|name| name.trim().trim_matches('"') == key);
    u32::try_from(text.lines().position(named)? + 1).ok()
}

fn over(base: Value, own: Value) -> Value {
    match (base, own) {
        (Value::Object(base), Value::Object(own)) => Value::Object(tables(base, own)),
        (Value::Array(base), Value::Array(own)) if own.iter().all(|row| key(row).is_some()) => {
            Value::Array(rows(base, own))
        }
        (_, own) => own,
    }
}

fn tables(mut base: Map<String, Value>, own: Map<String, Value>) -> Map<String, Value> {
    for (name, value) in own {
        let before = base.remove(&name).unwrap_or(Value::Null);
        base.insert(name, over(before, value));
    }
    base
}

/// What names a row.
fn key(row: &Value) -> Option<&str> {
    ["id", "name", "version"].iter().find_map(|name| row.get(*name)?.as_str())
}

fn rows(base: Vec<Value>, own: Vec<Value>) -> Vec<Value> {
    let (mut rows, mut base) = (Vec::new(), base);
    for row in own {
        match base.iter_mut().find(|one| key(one) == key(&row)) {
            Some(same) => *same = over(same.take(), row),
            None => rows.push(row),
        }
    }
    rows.extend(base);
    rows
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_of_a_name_are_changed_and_others_come_first() {
        let base = json!({"a": [{"id": "x", "port": 1, "when": ["p"]}, {"id": "y"}], "b": {"c": 1, "d": 2}, "e": [1, 2]});
        let own = json!({"a": [{"id": "z"}, {"id": "x", "port": 2}], "b": {"c": 3}, "e": [4]});
        let expected = json!({
            "a": [{"id": "z"}, {"id": "x", "port": 2, "when": ["p"]}, {"id": "y"}], "b": {"c": 3, "d": 2}, "e": [4]
        });
        assert_eq!(over(base, own), expected);
    }
}
