//! Rows that are read when somebody asks for them: a Go program never pays for what Python's packages need.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::PARTS;

/// A value of a table that is kept as its text until it is first used.
#[derive(Debug, Clone)]
pub struct Lazy<T> {
    json: Option<Cow<'static, str>>,
    read: OnceLock<T>,
}

impl<T> Lazy<T> {
    /// A whole table of the binary's.
    pub(super) fn table(json: &'static str) -> Self {
        Self { json: Some(Cow::Borrowed(json)), read: OnceLock::new() }
    }
}

impl<T> From<T> for Lazy<T> {
    fn from(value: T) -> Self {
        Self { json: None, read: OnceLock::from(value) }
    }
}

/// What `build.rs` took out of a table, by the number that it left there.
fn part(word: &str) -> Option<&'static str> {
    PARTS.get(word.strip_prefix("@part ")?.parse::<usize>().ok()?).copied()
}

/// A table of the binary's with every part in its place.
pub(super) fn whole(value: Value) -> Value {
    match value {
        Value::Object(map) => map.into_iter().map(|(name, value)| (name, whole(value))).collect(),
        Value::String(text) => match part(&text) {
            Some(json) => serde_json::from_str(json).unwrap_or(Value::Null),
            None => Value::String(text),
        },
        other => other,
    }
}

impl<T: DeserializeOwned> Lazy<T> {
    /// Reads it now.
    ///
    /// # Errors
    /// The text is not of the format.
    pub fn check(&self) -> serde_json::Result<()> {
        if let Some(json) = self.json.as_ref().filter(|_| self.read.get().is_none()) {
            let _ = self.read.set(serde_json::from_str(json)?);
        }
        Ok(())
    }
}

impl<T: DeserializeOwned> Deref for Lazy<T> {
    type Target = T;

    /// # Panics
    /// Never: dfgen's own tables are read whole by tests/rooms.rs, a repository's by [`Whole::check`] as soon as it is met.
    #[expect(clippy::expect_used, reason = "see above")]
    fn deref(&self) -> &T {
        self.read.get_or_init(|| {
            let json = self.json.as_deref().unwrap_or("null");
            serde_json::from_str(json).expect("a row in the format of its table")
        })
    }
}

impl<T: DeserializeOwned> DerefMut for Lazy<T> {
    #[expect(clippy::expect_used, reason = "`deref` has filled it")]
    fn deref_mut(&mut self) -> &mut T {
        let _: &T = self;
        self.read.get_mut().expect("a value that was read")
    }
}

impl<'de, T> Deserialize<'de> for Lazy<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let word = raw.get().strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let json = match word.and_then(part) {
            Some(json) => Cow::Borrowed(json),
            None => Cow::Owned(Box::<str>::from(raw).into()),
        };
        Ok(Self { json: Some(json), read: OnceLock::new() })
    }
}

impl<T: Default> Default for Lazy<T> {
    fn default() -> Self {
        T::default().into()
    }
}

impl<'a, T> IntoIterator for &'a Lazy<Vec<T>>
where
    Vec<T>: DeserializeOwned,
{
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: JsonSchema> JsonSchema for Lazy<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A table all of whose rows can be read at once, so that an error in a repository's own is told where it is met.
pub trait Whole: DeserializeOwned {
    /// Reads what was put off.
    ///
    /// # Errors
    /// A row is not in the format.
    fn check(&self) -> serde_json::Result<()> {
        Ok(())
    }
}

/// Checks every value of a map.
pub(super) fn check_all<'a, T: DeserializeOwned + 'a>(
    rows: impl IntoIterator<Item = &'a Lazy<T>>,
) -> serde_json::Result<()> {
    rows.into_iter().try_for_each(Lazy::check)
}
