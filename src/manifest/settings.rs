//! The settings of JVM frameworks: `application.properties`, `application.yaml` and HOCON's `application.conf`, as flat
//! keys, and the placeholders in their values.

use crate::manifest::java_properties;
use crate::manifest::yaml::{self, Node, Unreadable};

/// A setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its dotted key: `server.port`, `connectors[0].port`.
    pub key: String,
    /// Its value as written.
    pub value: String,
    /// The profile that it holds for, where it does not hold always.
    pub profile: Option<String>,
    /// Its line.
    pub line: u32,
}

/// A placeholder: `${NAME:default}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// The name.
    pub name: String,
    /// What stands in its place where there is no such name.
    pub default: Option<String>,
}

const PROFILE: [&str; 2] = ["spring.config.activate.on-profile", "spring.profiles"];

/// Settings of a `.properties` file; a line `#---` begins a document of its own.
#[must_use]
pub fn properties(text: &str) -> Vec<Setting> {
    let mut all = Vec::new();
    let mut before = 0u32;
    for document in text
        .split_inclusive('\n')
        .collect::<Vec<_>>()
        .split_inclusive(|line| matches!(line.trim(), "#---" | "!---"))
    {
        let part: String = document.concat();
        let settings = java_properties::parse(&part).into_iter().map(|(key, value)| {
            let (key, profile) = of_profile(&key);
            Setting { key, value: value.value, profile, line: before + value.line }
        });
        all.extend(for_profile(settings.collect()));
        before += u32::try_from(document.len()).unwrap_or(0);
    }
    all
}

/// Quarkus puts the profile in front: `%prod.quarkus.http.port`.
fn of_profile(key: &str) -> (String, Option<String>) {
    match key.strip_prefix('%').and_then(|rest| rest.split_once('.')) {
        Some((profile, key)) => (key.to_owned(), Some(profile.to_owned())),
        None => (key.to_owned(), None),
    }
}

/// A document for a profile says so in one of its own settings.
fn for_profile(mut settings: Vec<Setting>) -> Vec<Setting> {
    let profile =
        settings.iter().find(|one| PROFILE.contains(&one.key.as_str())).map(|one| one.value.clone());
    if let Some(profile) = profile {
        for one in &mut settings {
            one.profile = Some(profile.clone());
        }
    }
    settings
}

/// Settings of a YAML file.
///
/// # Errors
/// The text is no YAML.
pub fn yaml(text: &str) -> Result<Vec<Setting>, Unreadable> {
    let mut all = Vec::new();
    for document in yaml::documents(text)? {
        let mut settings = Vec::new();
        flatten(&document, String::new(), &mut settings);
        for one in &mut settings {
            let key = one.key.replace("\"%", "%").replace("\".", ".");
            (one.key, one.profile) = of_profile(&key);
        }
        all.extend(for_profile(settings));
    }
    Ok(all)
}

/// The settings of a tree that was read.
#[must_use]
pub fn flat(node: &Node) -> Vec<Setting> {
    let mut all = Vec::new();
    flatten(node, String::new(), &mut all);
    all
}

fn flatten(node: &Node, key: String, all: &mut Vec<Setting>) {
    if let Some(text) = node.text() {
        all.push(Setting { key, value: text.to_owned(), profile: None, line: node.line });
        return;
    }
    for (number, item) in node.items().iter().enumerate() {
        flatten(item, format!("{key}[{number}]"), all);
    }
    for (name, inner) in node.entries() {
        let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
        flatten(inner, key, all);
    }
}

/// Settings of a HOCON file. A key may come twice: `port = 8080`, then `port = ${?PORT}`.
#[must_use]
pub fn hocon(text: &str) -> Vec<Setting> {
    let mut all = Vec::new();
    let mut path: Vec<String> = Vec::new();
    for (line, number) in text.lines().zip(1u32..) {
        let mut rest = without_comment(line).trim();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('}') {
                path.pop();
                rest = after.trim_start_matches([',', ' ']);
                continue;
            }
            let Some(at) = rest.find(['{', '=', ':', '}']) else { break };
            let (key, after) = rest.split_at(at);
            let key = key.trim().trim_matches('"').to_owned();
            let opens = after.starts_with('{');
            let after = after.get(1..).unwrap_or("").trim_start();
            if let Some(inner) = after.strip_prefix('{').or(opens.then_some(after)) {
                path.push(key);
                rest = inner.trim_start();
                continue;
            }
            let end = value_end(after);
            let value = after.get(..end).unwrap_or("").trim().trim_matches('"').to_owned();
            let full = path.iter().map(String::as_str).chain([key.as_str()]).collect::<Vec<_>>().join(".");
            all.push(Setting { key: full, value, profile: None, line: number });
            rest = after.get(end..).unwrap_or("").trim_start_matches([',', ' ', ';']);
        }
    }
    all
}

fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    for (at, letter) in line.char_indices() {
        let comment = letter == '#' || line.get(at..).is_some_and(|rest| rest.starts_with("//"));
        if letter == '"' {
            quoted = !quoted;
        } else if comment && !quoted {
            return line.get(..at).unwrap_or(line);
        }
    }
    line
}

/// A value ends with its line, or at a bracket or comma outside of quotes, lists and placeholders.
fn value_end(text: &str) -> usize {
    let (mut quoted, mut open) = (false, 0usize);
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => open += 1,
            '}' | ']' if !quoted && open > 0 => open -= 1,
            '}' | ',' if !quoted && open == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// The placeholders of a value, the outermost ones: `${A:${B:1}}` gives A with `${B:1}` as its default. Also `${?A}`, and
/// `$A:1` where that is the whole value.
#[must_use]
pub fn placeholders(value: &str) -> Vec<Placeholder> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = value.get(from..).and_then(|rest| rest.find("${")).map(|at| from + at) {
        let Some(end) = closing(value, start + 2) else { break };
        found.extend(value.get(start + 2..end).map(placeholder));
        from = end;
    }
    let bare =
        value.strip_prefix('$').filter(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()));
    found.extend(bare.map(placeholder));
    found
}

fn closing(value: &str, from: usize) -> Option<usize> {
    let mut open = 1usize;
    for (at, letter) in value.char_indices().skip_while(|(at, _)| *at < from) {
        match letter {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
    }
    None
}

fn placeholder(inner: &str) -> Placeholder {
    let inner = inner.trim_start_matches('?');
    match inner.split_once(':') {
        Some((name, default)) => Placeholder {
            name: name.trim().to_owned(),
            default: Some(default.trim_start_matches('-').to_owned()),
        },
        None => Placeholder { name: inner.trim().to_owned(), default: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(settings: &[Setting]) -> Vec<(String, String, Option<&str>, u32)> {
        settings
            .iter()
            .map(|one| (one.key.clone(), one.value.clone(), one.profile.as_deref(), one.line))
            .collect()
    }

    #[test]
    fn reads_properties() {
        let text =
            "server.port=${PORT:5000}\n%prod.a.b=1\n#---\nspring.config.activate.on-profile=dev\nc=2\n";
        let read = properties(text);
        assert_eq!(told(&read)[0], ("server.port".into(), "${PORT:5000}".into(), None, 1));
        assert_eq!(told(&read)[1], ("a.b".into(), "1".into(), Some("prod"), 2));
        assert_eq!(told(&read)[3], ("c".into(), "2".into(), Some("dev"), 5));
    }

    #[test]
    fn reads_yaml() {
        let read =
            yaml("server:\n  port: 8081\nlist:\n  - port: 1\n---\nspring:\n  profiles: x\nserver.port: 9\n")
                .unwrap();
        assert_eq!(told(&read)[0], ("server.port".into(), "8081".into(), None, 2));
        assert_eq!(told(&read)[1].0, "list[0].port");
        assert_eq!(told(&read)[3], ("server.port".into(), "9".into(), Some("x"), 8));
    }

    #[test]
    fn reads_hocon() {
        let text = "ktor {\n  deployment {\n    port = 8080 # c\n    port = ${?PORT}\n  }\n  application { modules = [ a.B.c, d ] }\n}\na.b: \"x, y\"\n";
        let read = hocon(text);
        assert_eq!(told(&read)[0], ("ktor.deployment.port".into(), "8080".into(), None, 3));
        assert_eq!(told(&read)[1].1, "${?PORT}");
        assert_eq!(told(&read)[2].1, "[ a.B.c, d ]");
        assert_eq!(told(&read)[3], ("a.b".into(), "x, y".into(), None, 8));
    }

    #[test]
    fn reads_placeholders() {
        let one = |name: &str, default: Option<&str>| Placeholder {
            name: name.into(),
            default: default.map(str::to_owned),
        };
        assert_eq!(placeholders("x${A}y${b.c:1}"), [one("A", None), one("b.c", Some("1"))]);
        assert_eq!(placeholders("${A:${B:8080}}"), [one("A", Some("${B:8080}"))]);
        assert_eq!(placeholders("${?PORT}"), [one("PORT", None)]);
        assert_eq!(placeholders("$PORT:8080"), [one("PORT", Some("8080"))]);
        assert_eq!(placeholders("${A"), []);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)[a-b{}\\[\\]$?:=#%\"., \n-]{0,60}") {
            let _ = (properties(&text), yaml(&text), hocon(&text), placeholders(&text));
        }
    }
}
