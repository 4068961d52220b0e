//! Gradle's catalogue of versions, `gradle/libs.versions.toml`.

use std::collections::BTreeMap;

use toml::Value;

/// The catalogue. Keys are as build files write them: `spring.boot` for `spring-boot`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalog {
    /// Versions by name.
    pub versions: BTreeMap<String, String>,
    /// `group:artifact` and the version of each library.
    pub libraries: BTreeMap<String, (String, Option<String>)>,
    /// The id and the version of each plug-in.
    pub plugins: BTreeMap<String, (String, Option<String>)>,
    /// The names of the libraries of each bundle.
    pub bundles: BTreeMap<String, Vec<String>>,
}

/// Reads a catalogue.
///
/// # Errors
/// The line, where one is known, and what is wrong.
pub fn read(text: &str) -> Result<Catalog, (Option<u32>, String)> {
    let table: toml::Table = toml::from_str(text).map_err(|error: toml::de::Error| {
        let line = error.span().map(|span| crate::manifest::line_at(text, span.start));
        (line, error.message().trim_end().replace('\n', "; "))
    })?;
    let part = |name: &str| table.get(name).and_then(Value::as_table).into_iter().flatten();
    let mut catalog = Catalog::default();
    for (key, value) in part("versions") {
        catalog.versions.extend(version(value, &BTreeMap::new()).map(|version| (dotted(key), version)));
    }
    for (key, value) in part("libraries") {
        catalog.libraries.extend(library(value, &catalog.versions).map(|library| (dotted(key), library)));
    }
    for (key, value) in part("plugins") {
        catalog.plugins.extend(plugin(value, &catalog.versions).map(|plugin| (dotted(key), plugin)));
    }
    for (key, value) in part("bundles") {
        let names = value.as_array().into_iter().flatten().filter_map(Value::as_str).map(dotted).collect();
        catalog.bundles.insert(dotted(key), names);
    }
    Ok(catalog)
}

fn dotted(key: &str) -> String {
    key.replace(['-', '_'], ".")
}

/// A text, a reference, or one of the rich forms.
fn version(value: &Value, versions: &BTreeMap<String, String>) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    let table = value.as_table()?;
    if let Some(name) = table.get("ref").and_then(Value::as_str) {
        return versions.get(&dotted(name)).cloned();
    }
    ["strictly", "require", "prefer"].iter().find_map(|key| table.get(*key)?.as_str().map(str::to_owned))
}

fn library(value: &Value, versions: &BTreeMap<String, String>) -> Option<(String, Option<String>)> {
    if let Some(text) = value.as_str() {
        let mut parts = text.splitn(3, ':');
        let module = format!("{}:{}", parts.next()?, parts.next()?);
        return Some((module, parts.next().map(str::to_owned)));
    }
    let table = value.as_table()?;
    let text = |key: &str| table.get(key).and_then(Value::as_str);
    let module = match text("module") {
        Some(module) => module.to_owned(),
        None => format!("{}:{}", text("group")?, text("name")?),
    };
    Some((module, table.get("version").and_then(|value| version(value, versions))))
}

fn plugin(value: &Value, versions: &BTreeMap<String, String>) -> Option<(String, Option<String>)> {
    if let Some(text) = value.as_str() {
        let (id, version) = text.split_once(':')?;
        return Some((id.to_owned(), Some(version.to_owned())));
    }
    let table = value.as_table()?;
    let id = table.get("id")?.as_str()?.to_owned();
    Some((id, table.get("version").and_then(|value| version(value, versions))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_catalogue() {
        let text = "[versions]\njava = \"21\"\nspring-boot = { strictly = \"3.4.0\" }\n[libraries]\nweb = { module = \"g:a\", version.ref = \"spring-boot\" }\nold = \"g:b:1\"\nlong = { group = \"g\", name = \"c\" }\n[plugins]\nspring-boot = { id = \"org.springframework.boot\", version.ref = \"spring-boot\" }\nshort = \"x.y:2\"\n[bundles]\nall = [\"web\", \"old\"]\n";
        let catalog = read(text).unwrap();
        assert_eq!(catalog.versions["java"], "21");
        assert_eq!(catalog.libraries["web"], ("g:a".into(), Some("3.4.0".into())));
        assert_eq!(catalog.libraries["old"], ("g:b".into(), Some("1".into())));
        assert_eq!(catalog.libraries["long"], ("g:c".into(), None));
        assert_eq!(catalog.plugins["spring.boot"].1.as_deref(), Some("3.4.0"));
        assert_eq!(catalog.plugins["short"], ("x.y".into(), Some("2".into())));
        assert_eq!(catalog.bundles["all"], ["web", "old"]);
        assert_eq!(read("[versions\n").unwrap_err().0, Some(1));
    }
}
