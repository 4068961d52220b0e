//! Rows that are read when somebody asks for them: a Go program never pays for what Python's packages need.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A value of a table that is kept as its text until it is first used.
#[derive(Debug, Clone)]
pub struct Lazy<T> {
    json: Option<Box<RawValue>>,
    read: OnceLock<T>,
}

impl<T: DeserializeOwned> Lazy<T> {
    /// Reads it now.
    ///
    /// # Errors
    /// The text is not of the format.
    pub fn check(&self) -> serde_json::Result<()> {
        if let Some(json) = self.json.as_ref().filter(|_| self.read.get().is_none()) {
            let _ = self.read.set(serde_json::from_str(json.get())?);
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
            let json = self.json.as_ref().map_or("null", |json| json.get());
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
        let json = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self { json: Some(json), read: OnceLock::new() })
    }
}

impl<T: Default> Default for Lazy<T> {
    fn default() -> Self {
        Self { json: None, read: OnceLock::from(T::default()) }
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
