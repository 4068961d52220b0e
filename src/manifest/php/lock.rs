//! Reads composer.lock: every package of production with what it asks of PHP and its extensions.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde_json::Value;

use crate::error::Result;
use crate::manifest::json_lines::{pairs, strict};

/// What composer.lock says of production.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// The packages.
    pub packages: Vec<Package>,
    /// Names of packages of development.
    pub dev: Vec<String>,
    /// What the project itself asks of PHP and its extensions.
    pub platform: BTreeMap<String, String>,
}

/// A package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// `vendor/name`.
    pub name: String,
    /// As it is written: `v5.5.40`.
    pub version: String,
    /// The line of its name.
    pub line: u32,
    /// What it requires, `php` and `ext-*` among it.
    pub require: BTreeMap<String, String>,
    /// What it stands for (a polyfill's `ext-mbstring`).
    pub provides: Vec<String>,
    /// Composer clones it: there is no archive.
    pub git: bool,
    /// It is a folder of the repository.
    pub path: Option<String>,
    /// Where its archive or clone comes from.
    pub url: Option<String>,
}

impl Lock {
    /// A package of production by name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }
}

/// Reads it.
///
/// # Errors
/// It is not JSON.
pub fn parse(file: &Utf8Path, text: &str) -> Result<Lock> {
    let value = strict(file, text)?;
    let lines = name_lines(text);
    let list = |key: &str| value.get(key).and_then(Value::as_array).into_iter().flatten();
    let names = list("packages-dev").filter_map(|one| one.get("name")?.as_str().map(str::to_owned));
    Ok(Lock {
        packages: list("packages").filter_map(|one| package(one, &lines)).collect(),
        dev: names.collect(),
        platform: pairs(value.get("platform")),
    })
}

fn package(value: &Value, lines: &BTreeMap<String, u32>) -> Option<Package> {
    let word = |path: [&str; 2]| value.get(path[0])?.get(path[1])?.as_str().map(str::to_owned);
    let name = value.get("name")?.as_str()?.to_owned();
    let kind = word(["dist", "type"]);
    let stands = ["provide", "replace"].map(|key| pairs(value.get(key)).into_keys());
    Some(Package {
        line: lines.get(&name).copied().unwrap_or(1),
        version: value.get("version").and_then(Value::as_str).unwrap_or_default().to_owned(),
        require: pairs(value.get("require")),
        provides: stands.into_iter().flatten().collect(),
        git: kind.is_none() && word(["source", "type"]).as_deref() == Some("git"),
        path: word(["dist", "url"]).filter(|_| kind.as_deref() == Some("path")),
        url: word(["dist", "url"]).or_else(|| word(["source", "url"])),
        name,
    })
}

/// The line of each `"name": "vendor/name"`, the first of each: packages of production stand in front.
fn name_lines(text: &str) -> BTreeMap<String, u32> {
    let mut lines = BTreeMap::new();
    for (line, number) in text.lines().zip(1u32..) {
        let Some(rest) = line.trim().strip_prefix("\"name\":") else { continue };
        let name = rest.trim().trim_end_matches(',').trim_matches('"');
        if name.contains('/') {
            lines.entry(name.to_owned()).or_insert(number);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_production() {
        let text = r#"{
    "packages": [
        {
            "name": "acme/images",
            "version": "2.1.0",
            "dist": { "type": "zip", "url": "https://example.com/images.zip" },
            "require": { "ext-gd": "*", "php": ">=8.1" }
        },
        {
            "name": "symfony/polyfill-mbstring",
            "version": "v1.30.0",
            "source": { "type": "git", "url": "https://example.com/polyfill.git" },
            "provide": { "ext-mbstring": "*" }
        }
    ],
    "packages-dev": [{ "name": "phpunit/phpunit", "require": { "ext-dom": "*" } }],
    "platform": { "php": "^8.2" }
}"#;
        let lock = parse("composer.lock".into(), text).unwrap();
        let images = lock.named("acme/images").unwrap();
        assert_eq!((images.line, images.git, images.require["ext-gd"].as_str()), (4, false, "*"));
        let polyfill = lock.named("symfony/polyfill-mbstring").unwrap();
        assert_eq!((polyfill.provides.clone(), polyfill.git), (vec!["ext-mbstring".to_owned()], true));
        assert_eq!((lock.dev, lock.platform["php"].as_str()), (vec!["phpunit/phpunit".to_owned()], "^8.2"));
        assert!(parse("composer.lock".into(), "<<<<<<< HEAD\n{}").is_err());
    }
}
