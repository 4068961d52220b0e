//! What an expression comes to, and how such values are put together.

use camino::{Utf8Path, Utf8PathBuf};

use crate::detect::join_inside;

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(i64),
    /// A path that begins at a source file's own place: relative to the repository.
    Path(Utf8PathBuf),
    /// A variable of the environment, and what it is without it.
    Variable(String, Option<Box<Value>>),
    List(Vec<Value>),
    /// Pieces of one text.
    Pieces(Vec<Value>),
    /// A call whose result nobody knows without running it.
    Made,
    Nothing,
    Unknown,
}

pub(super) fn with_default(value: Value, default: impl FnOnce() -> Value) -> Value {
    match value {
        Value::Variable(name, None) => Value::Variable(name, Some(Box::new(default()))),
        Value::Variable(name, Some(inner)) if *inner == Value::Nothing => {
            Value::Variable(name, Some(Box::new(default())))
        }
        Value::Unknown | Value::Nothing | Value::Made => default(),
        found => found,
    }
}

pub(super) fn parent(value: Value) -> Value {
    match value {
        Value::Path(path) => Value::Path(path.parent().map(Utf8Path::to_owned).unwrap_or_default()),
        Value::Text(text) => {
            Value::Text(Utf8Path::new(&text).parent().map(Utf8Path::to_string).unwrap_or_default())
        }
        _ => Value::Unknown,
    }
}

pub(super) fn join(left: Value, right: Value) -> Value {
    let right = match right {
        Value::Variable(_, Some(default)) => *default,
        other => other,
    };
    match (left, right) {
        (Value::Variable(name, Some(default)), right) => {
            Value::Variable(name, Some(Box::new(join(*default, right))))
        }
        (_, Value::Text(text)) if text.starts_with('/') => Value::Text(text),
        (Value::Path(base), Value::Text(text)) => {
            join_inside(&base, &text).map_or(Value::Unknown, Value::Path)
        }
        (Value::Text(base), Value::Text(text)) if base.is_empty() || base == "." => Value::Text(text),
        (Value::Text(base), Value::Text(text)) => {
            Value::Text(format!("{}/{text}", base.trim_end_matches('/')))
        }
        _ => Value::Unknown,
    }
}

/// Pieces of one text: plain where all are.
pub(super) fn joined(parts: Vec<Value>) -> Value {
    let mut pieces: Vec<Value> = Vec::new();
    for part in parts {
        let flat = match part {
            Value::Pieces(inner) => inner,
            Value::Number(number) => vec![Value::Text(number.to_string())],
            other => vec![other],
        };
        for piece in flat {
            match (pieces.last_mut(), piece) {
                (Some(Value::Text(last)), Value::Text(text)) => last.push_str(&text),
                (_, piece) => pieces.push(piece),
            }
        }
    }
    pieces.retain(|piece| !matches!(piece, Value::Text(text) if text.is_empty()));
    if !pieces.is_empty() && pieces.iter().all(|piece| matches!(piece, Value::Unknown | Value::Nothing)) {
        return Value::Unknown;
    }
    // A path with text behind it: `f"{BASE_DIR}/data"`, `BASE_DIR + "/data"`.
    if let [Value::Path(base), Value::Text(text)] = pieces.as_slice()
        && text.starts_with('/')
    {
        return join_inside(base, text).map_or(Value::Unknown, Value::Path);
    }
    match pieces.len() {
        0 => Value::Text(String::new()),
        1 => pieces.pop().unwrap_or(Value::Unknown),
        _ => Value::Pieces(pieces),
    }
}

impl Value {
    /// The port in a number, a text or an address, and the variable that changes it.
    pub(super) fn port(&self) -> Option<(Option<u16>, Option<String>)> {
        match self {
            Self::Number(number) => Some((u16::try_from(*number).ok().filter(|port| *port > 0), None)),
            Self::Text(text) => {
                let tail = text.rsplit(':').next()?.trim_end_matches('/');
                Some((tail.parse().ok().filter(|port| *port > 0), None)).filter(|(port, _)| port.is_some())
            }
            Self::Variable(name, default) => {
                let inner = default.as_ref().and_then(|default| default.port());
                Some((inner.as_ref().and_then(|(port, _)| *port), Some(name.clone())))
            }
            Self::List(items) | Self::Pieces(items) => items.iter().rev().find_map(Self::port),
            _ => None,
        }
        .filter(|(port, variable)| port.is_some() || variable.is_some())
    }

    /// The text, of a variable its default.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Variable(_, Some(default)) => default.text(),
            _ => None,
        }
    }
}
