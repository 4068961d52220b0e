//! YAML as a tree whose every node knows its line: what the readers of deployment files share.
//!
//! Scalars are kept as written (`1.10` stays `1.10`), since the files mean text where YAML sees a number.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Spanned};

/// A value and the line that it stands in, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lined<T> {
    /// The value.
    pub value: T,
    /// Its line.
    pub line: u32,
}

impl<T> Lined<T> {
    /// A value in a line.
    #[must_use]
    pub fn new(value: T, line: u32) -> Self {
        Self { value, line }
    }
}

/// A YAML file that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The line, where one is known.
    pub line: Option<u32>,
    /// What is wrong, in a line.
    pub message: String,
}

/// A node of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its first line, counted from 1.
    pub line: u32,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    pub(super) fn new(line: u32, value: Value) -> Self {
        Self { line, value }
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The value below several keys.
    #[must_use]
    pub fn at(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a key's scalar.
    #[must_use]
    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// The items of a list; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The items below a key.
    #[must_use]
    pub fn items_of(&self, key: &str) -> &[Node] {
        self.get(key).map_or(&[], Node::items)
    }

    /// The keys and values of a map in order; none of anything else.
    #[must_use]
    pub fn entries(&self) -> &[(String, Node)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The keys and values below a key.
    #[must_use]
    pub fn entries_of(&self, key: &str) -> &[(String, Node)] {
        self.get(key).map_or(&[], Node::entries)
    }

    /// Whether this is a list.
    #[must_use]
    pub fn is_list(&self) -> bool {
        matches!(self.value, Value::List(_))
    }

    /// Whether Helm takes it for true: not null, false, zero or empty.
    #[must_use]
    pub fn is_truthy(&self) -> bool {
        match &self.value {
            Value::Null => false,
            Value::Scalar(text) => !matches!(text.as_str(), "" | "false" | "0"),
            Value::List(items) => !items.is_empty(),
            Value::Map(entries) => !entries.is_empty(),
        }
    }

    /// The texts of a list of scalars; none where one is not.
    #[must_use]
    pub fn texts(&self) -> Option<Vec<String>> {
        let texts = self.items().iter().map(|item| item.text().map(str::to_owned));
        texts.collect::<Option<Vec<_>>>().filter(|_| self.is_list())
    }
}

/// The documents of a YAML text, empty ones left out.
///
/// # Errors
/// The text is not YAML, or is built to exhaust its reader.
pub fn documents(text: &str) -> Result<Vec<Node>, Unreadable> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: 64 },
        duplicate_keys: DuplicateKeyPolicy::FirstWins,
        strict_booleans: true,
        with_snippet: false,
        emit_comments: false,
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::AsString,
    };
    serde_saphyr::from_multiple_with_options::<Spanned<Raw>>(text, options)
        .map(|documents| documents.into_iter().map(|document| node(document, text)).collect())
        .map_err(|error| Unreadable {
            line: error.location().and_then(|at| u32::try_from(at.line()).ok()).filter(|line| *line > 0),
            message: error.to_string().lines().next().unwrap_or_default().to_owned(),
        })
}

/// A scalar that is not text is taken from the source: the parser has rounded it.
fn node(raw: Spanned<Raw>, text: &str) -> Node {
    let line = u32::try_from(raw.referenced.line()).unwrap_or(u32::MAX);
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Text(scalar) => Value::Scalar(scalar),
        Raw::Plain(scalar) => Value::Scalar(written(text, raw.defined.span()).unwrap_or(scalar)),
        Raw::List(items) => Value::List(items.into_iter().map(|item| node(item, text)).collect()),
        Raw::Map(entries) => {
            Value::Map(entries.into_iter().map(|(key, value)| (key, node(value, text))).collect())
        }
    };
    Node { line, value }
}

fn written(text: &str, span: serde_saphyr::Span) -> Option<String> {
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let end = start.checked_add(usize::try_from(span.byte_len()?).ok()?)?;
    let scalar = text.get(start..end)?.trim();
    (!scalar.is_empty() && !scalar.contains('\n')).then(|| scalar.to_owned())
}

enum Raw {
    Null,
    Text(String),
    Plain(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(String, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Plain(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Plain(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Plain(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Raw, E> {
        Ok(Raw::Plain(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Raw, E> {
        Ok(Raw::Plain(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Plain(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Raw, E> {
        Ok(Raw::Text(String::from_utf8_lossy(value).into_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Raw, Spanned<Raw>>()? {
            if let Raw::Text(key) | Raw::Plain(key) = key {
                entries.push((key, value));
            }
        }
        Ok(Raw::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn scalars_stay_as_written() {
        let text = "x: &x { n: 1.10 }\nlist: [22:22, 0x1f, yes, '1', ~, 010, é]\n<<: *x\n8080: a\n";
        let document = documents(text).unwrap().remove(0);
        let texts: Vec<_> = document.items_of("list").iter().map(Node::text).collect();
        let expected = [Some("22:22"), Some("0x1f"), Some("yes"), Some("1"), None, Some("010"), Some("é")];
        assert_eq!(texts, expected);
        assert_eq!(document.at(&["x", "n"]).unwrap().text(), Some("1.10"));
        assert_eq!(document.text_of("n"), Some("1.10"));
        assert_eq!((document.text_of("8080"), document.get("8080").unwrap().line), (Some("a"), 4));
    }

    #[test]
    fn several_documents_and_lines() {
        let found = documents("---\na: 1\n---\n---\n# x\nb:\n  c:\n  - 2\n").unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].at(&["b", "c"]).unwrap().items()[0].line, 8);
    }

    #[test]
    fn what_is_no_yaml_says_where() {
        let error = documents("a: 1\nb: [\n").unwrap_err();
        assert!(error.line.is_some() && !error.message.is_empty());
        assert!(documents(&"[".repeat(10_000)).is_err());
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
            d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n\
            g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\nh: [*g,*g,*g,*g,*g,*g,*g,*g,*g]\n";
        assert!(documents(bomb).is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"([-a&*!|>{}\[\]:,"'#é \t]{0,10}\n){0,8}"#) {
            let _ = documents(&text);
        }
    }
}
