//! Files that name a version and nothing else: `.nvmrc`, `.node-version`, `.tool-versions`, `mise.toml`.

/// A version and its line.
pub type Line = (String, u32);

/// The first line that is no comment: `.nvmrc`, `.node-version`, `.bun-version`. A leading `v` is dropped.
#[must_use]
pub fn plain(text: &str) -> Option<Line> {
    text.lines().zip(1u32..).find_map(|(line, number)| {
        let version = line.split('#').next().unwrap_or_default().trim();
        (!version.is_empty()).then(|| (without_v(version).to_owned(), number))
    })
}

fn without_v(version: &str) -> &str {
    let rest = version.strip_prefix("node-").unwrap_or(version);
    match rest.strip_prefix('v') {
        Some(digits) if digits.starts_with(|first: char| first.is_ascii_digit()) => digits,
        _ => rest,
    }
}

/// The version of a tool in `.tool-versions`, under any of its names.
#[must_use]
pub fn tool_versions(text: &str, names: &[&str]) -> Option<Line> {
    text.lines().zip(1u32..).find_map(|(line, number)| {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let name = words.next()?;
        names.contains(&name).then_some(())?;
        words.next().map(|version| (without_v(version).to_owned(), number))
    })
}

/// The version of a tool in the `[tools]` table of `mise.toml`; `None` too where the file is no TOML.
#[must_use]
pub fn mise(text: &str, names: &[&str]) -> Option<Line> {
    let table: toml::Table = toml::from_str(text).ok()?;
    let tools = table.get("tools")?.as_table()?;
    let (name, value) = names.iter().find_map(|name| Some((*name, tools.get(*name)?)))?;
    let version = match value {
        toml::Value::Table(table) => table.get("version")?.as_str()?.to_owned(),
        toml::Value::Array(list) => list.first()?.as_str()?.to_owned(),
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let starts = |line: &str| line.trim_start().trim_start_matches(['"', '\'']).starts_with(name);
    let line = text.lines().zip(1u32..).find(|(line, _)| starts(line)).map_or(1, |(_, number)| number);
    Some((without_v(&version).to_owned(), line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_plain_files() {
        assert_eq!(plain("v18.17.1\n"), Some(("18.17.1".into(), 1)));
        assert_eq!(plain("# we like it\n lts/jod \r\n"), Some(("lts/jod".into(), 2)));
        assert_eq!(plain("\n"), None);
    }

    #[test]
    fn reads_tool_versions() {
        assert_eq!(
            tool_versions("ruby 3.1\nnodejs 20.1.0 system # x\n", &["nodejs", "node"]),
            Some(("20.1.0".into(), 2))
        );
        assert_eq!(tool_versions("nodejsx 1", &["nodejs"]), None);
    }

    #[test]
    fn reads_mise() {
        assert_eq!(mise("[tools]\nnode = \"22\"\n", &["node"]), Some(("22".into(), 2)));
        assert_eq!(mise("[tools]\nnode = [\"20\", \"18\"]\n", &["node"]), Some(("20".into(), 2)));
        assert_eq!(mise("[tools]\nbun = { version = \"1.2\" }\n", &["bun"]), Some(("1.2".into(), 2)));
        assert_eq!(mise("[tools", &["node"]), None);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s).{0,80}") {
            let _ = (plain(&text), tool_versions(&text, &["node"]), mise(&text, &["node"]));
        }
    }
}
