//! XML as a tree whose every element knows its line: what the readers of Maven's files share.

use roxmltree::{Document, Node, ParsingOptions};

/// An element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// Its name without a prefix.
    pub name: String,
    /// Its own text, trimmed.
    pub text: String,
    /// Its line, counted from 1.
    pub line: u32,
    /// Its attributes, names without a prefix.
    pub attributes: Vec<(String, String)>,
    /// The elements in it.
    pub children: Vec<Element>,
}

/// Deeper elements than these are nobody's manifest.
const DEEPEST: usize = 64;

/// More elements than these are nobody's manifest.
const MOST: u32 = 200_000;

impl Element {
    /// The first child of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The element below several names.
    #[must_use]
    pub fn at(&self, names: &[&str]) -> Option<&Element> {
        names.iter().try_fold(self, |element, name| element.get(name))
    }

    /// The text of a child.
    #[must_use]
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.get(name).map(|child| child.text.as_str()).filter(|text| !text.is_empty())
    }

    /// The children below a name: `dependencies` gives each `dependency`.
    pub fn each<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Element> + use<'a> {
        self.get(name).map_or(&[] as &[Element], |element| &element.children).iter()
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// This element and all below it.
    #[must_use]
    pub fn all(&self) -> Vec<&Element> {
        let mut all = vec![self];
        let mut next = 0;
        while let Some(element) = all.get(next).copied() {
            all.extend(&element.children);
            next += 1;
        }
        all
    }
}

/// The root element of a text.
///
/// # Errors
/// The line, where one is known, and what is wrong.
pub fn parse(text: &str) -> Result<Element, (Option<u32>, String)> {
    let options = ParsingOptions { allow_dtd: true, nodes_limit: MOST, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        let line = error.pos().row;
        (Some(line).filter(|line| *line > 0), told(&error))
    })?;
    let starts: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    element(&starts, document.root_element(), 0)
        .ok_or((None, format!("elements are nested deeper than {DEEPEST}")))
}

/// The crate's words end with the place, which the error has already.
fn told(error: &roxmltree::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at ").map_or(text.as_str(), |(words, _)| words).replace('\'', "`")
}

/// `ends` are the places where lines end: the crate counts from the beginning each time that it is asked.
fn element(ends: &[usize], node: Node, depth: usize) -> Option<Element> {
    if depth > DEEPEST {
        return None;
    }
    let children = node.children().filter(Node::is_element);
    Some(Element {
        name: node.tag_name().name().to_owned(),
        text: own_text(node),
        line: line_of(ends, node.range().start),
        attributes: node
            .attributes()
            .map(|attribute| (attribute.name().to_owned(), attribute.value().to_owned()))
            .collect(),
        children: children.map(|child| element(ends, child, depth + 1)).collect::<Option<_>>()?,
    })
}

fn line_of(ends: &[usize], at: usize) -> u32 {
    u32::try_from(ends.partition_point(|end| *end < at)).unwrap_or(u32::MAX - 1) + 1
}

fn own_text(node: Node) -> String {
    let parts = node.children().filter(Node::is_text).filter_map(|part| part.text());
    parts.collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_elements_with_their_lines() {
        let text = "<?xml version=\"1.0\"?>\n<!-- x -->\n<a xmlns=\"urn:x\">\n  <b c='1'> t<![CDATA[&]]> </b>\n  <d><e/></d>\n</a>\n";
        let root = parse(text).unwrap();
        assert_eq!((root.name.as_str(), root.line), ("a", 3));
        assert_eq!(root.text_of("b"), Some("t&"));
        assert_eq!(root.get("b").unwrap().attribute("c"), Some("1"));
        assert_eq!(root.at(&["d", "e"]).unwrap().line, 5);
        assert_eq!(root.all().len(), 4);
    }

    #[test]
    fn says_where_it_is_broken() {
        let (line, message) = parse("<a>\n  <b>\n</a>\n").unwrap_err();
        assert_eq!(line, Some(3));
        assert!(message.contains('b'), "{message}");
        assert!(parse("").is_err());
    }

    #[test]
    fn refuses_what_is_made_to_exhaust_it() {
        let deep = "<a>".repeat(5000) + &"</a>".repeat(5000);
        assert!(parse(&deep).is_err());
        let laughs = "<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\"><!ENTITY y \"&x;&x;&x;&x;&x;&x;&x;&x;&x;&x;\"><!ENTITY z \"&y;&y;&y;&y;&y;&y;&y;&y;&y;&y;\">]><a>&z;</a>";
        assert!(parse(laughs).map_or(true, |root| root.text.len() < 10_000));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)[<>/a-c =\"'&;!\\-\\[\\]?\n]{0,120}") {
            let _ = parse(&text);
        }
    }
}
