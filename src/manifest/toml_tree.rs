//! TOML as the tree whose every node knows its line, so that whoever looks for a setting need not know the format.

use camino::Utf8Path;
use toml_edit::{Document, InlineTable, Item, Table, Value as Toml};

use super::line_at;
use super::yaml::{Node, Value};
use crate::error::{Error, Result};

/// Reads a document: a map. Scalars are texts without their quotes.
///
/// # Errors
/// The text is not TOML; the error has the line.
pub fn read(path: &Utf8Path, text: &str) -> Result<Node> {
    let document = Document::parse(text).map_err(|error| {
        let line = error.span().map(|span| line_at(text, span.start));
        Error::broken(path, line, error.message().trim_end().replace('\n', "; "))
            .help("correct it there; its own tool refuses it, too")
    })?;
    Ok(table(document.as_table(), text, 1))
}

fn table(table: &Table, text: &str, line: u32) -> Node {
    let entries = table.iter().map(|(key, item)| {
        let line = place(table.key(key).and_then(toml_edit::Key::span), text).unwrap_or(line);
        (key.to_owned(), self::item(item, text, line))
    });
    Node::new(line, Value::Map(entries.collect()))
}

fn inline(table: &InlineTable, text: &str, line: u32) -> Node {
    let entries = table.iter().map(|(key, value)| {
        let line = place(table.key(key).and_then(toml_edit::Key::span), text).unwrap_or(line);
        (key.to_owned(), scalar(value, text, line))
    });
    Node::new(line, Value::Map(entries.collect()))
}

fn item(item: &Item, text: &str, line: u32) -> Node {
    match item {
        Item::None => Node::new(line, Value::Null),
        Item::Value(value) => scalar(value, text, line),
        Item::Table(one) => table(one, text, line),
        Item::ArrayOfTables(several) => {
            let items = several.iter().map(|one| table(one, text, place(one.span(), text).unwrap_or(line)));
            Node::new(line, Value::List(items.collect()))
        }
    }
}

fn scalar(value: &Toml, text: &str, line: u32) -> Node {
    let line = place(value.span(), text).unwrap_or(line);
    let kept = match value {
        Toml::String(one) => Value::Scalar(one.value().clone()),
        Toml::Integer(one) => Value::Scalar(one.value().to_string()),
        Toml::Float(one) => Value::Scalar(one.value().to_string()),
        Toml::Boolean(one) => Value::Scalar(one.value().to_string()),
        Toml::Datetime(one) => Value::Scalar(one.value().to_string()),
        Toml::Array(items) => Value::List(items.iter().map(|one| scalar(one, text, line)).collect()),
        Toml::InlineTable(one) => return inline(one, text, line),
    };
    Node::new(line, kept)
}

fn place(span: Option<std::ops::Range<usize>>, text: &str) -> Option<u32> {
    span.map(|span| line_at(text, span.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_knows_its_line() {
        let text = "[a]\nb = \"x\"\nc.d = [1,\n  true]\n\n[[e]]\nf = { g = 2 }\n\n[[e]]\n";
        let tree = read("x.toml".into(), text).unwrap();
        assert_eq!(tree.at(&["a", "b"]).map(|one| (one.text(), one.line)), Some((Some("x"), 2)));
        assert_eq!(tree.at(&["a", "c", "d"]).and_then(Node::texts), Some(vec!["1".into(), "true".into()]));
        assert_eq!(tree.items_of("e").iter().map(|one| one.line).collect::<Vec<_>>(), [6, 9]);
        assert_eq!(tree.items_of("e")[0].at(&["f", "g"]).map(|one| one.line), Some(7));
    }

    #[test]
    fn what_is_no_toml_says_where() {
        let error = read("x.toml".into(), "a = 1\nb = \n").unwrap_err();
        assert_eq!(error.place.and_then(|(_, line)| line), Some(2));
    }
}
