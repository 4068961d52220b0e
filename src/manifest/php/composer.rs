//! Reads composer.json: what is required, what is autoloaded, what scripts do, where packages come from.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::manifest::json_lines::{KeyLines, at, pairs, strict, texts};

/// What composer.json says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComposerJson {
    /// `vendor/name`.
    pub name: Option<String>,
    /// `project`, `library`, `wordpress-plugin` ...; none is a library to Composer.
    pub kind: Option<String>,
    /// Packages of production and their constraints, `php` and `ext-*` among them.
    pub require: BTreeMap<String, String>,
    /// Packages and extensions that it suggests.
    pub suggest: BTreeMap<String, String>,
    /// Packages of development.
    pub require_dev: BTreeMap<String, String>,
    /// The version of PHP that packages are resolved for.
    pub platform: Option<String>,
    /// Where packages go, when that is not `vendor`.
    pub vendor_dir: Option<String>,
    /// Programs.
    pub bin: Vec<String>,
    /// Scripts by name: their lines.
    pub scripts: BTreeMap<String, Vec<String>>,
    /// Files and folders of the project that the autoloader has.
    pub autoload: Vec<String>,
    /// Folders of the repository that packages come from, as globs.
    pub paths: Vec<String>,
    /// Addresses of further repositories.
    pub repositories: Vec<String>,
    /// `extra` has a folder for the document root.
    pub public_dir: Option<String>,
    /// The lines of its keys.
    pub lines: KeyLines,
}

/// Reads it.
///
/// # Errors
/// It is not JSON, or not an object.
pub fn parse(file: &Utf8Path, text: &str) -> Result<ComposerJson> {
    let value = strict(file, text)?;
    if !value.is_object() {
        return Err(Error::broken(file, Some(1), "is not a JSON object").help("Composer refuses it, too"));
    }
    let word = |path: &[&str]| at(&value, path).and_then(Value::as_str).map(str::to_owned);
    Ok(ComposerJson {
        name: word(&["name"]),
        kind: word(&["type"]),
        require: pairs(value.get("require")),
        suggest: pairs(value.get("suggest")),
        require_dev: pairs(value.get("require-dev")),
        platform: word(&["config", "platform", "php"]),
        vendor_dir: word(&["config", "vendor-dir"]),
        bin: several(value.get("bin")),
        scripts: scripts(&value),
        autoload: autoload(value.get("autoload")),
        paths: repositories(&value, |kind| kind == "path"),
        repositories: repositories(&value, |kind| kind != "path" && kind != "package"),
        public_dir: word(&["extra", "public-dir"]),
        lines: KeyLines::read(text),
    })
}

/// A text, or a list of texts.
fn several(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        other => texts(other),
    }
}

/// `auto-scripts` of Symfony is an object whose keys are the commands.
fn scripts(value: &Value) -> BTreeMap<String, Vec<String>> {
    let all = value.get("scripts").and_then(Value::as_object).into_iter().flatten();
    all.map(|(name, lines)| {
        let lines = match lines {
            Value::Object(lines) => lines.keys().cloned().collect(),
            other => several(Some(other)),
        };
        (name.clone(), lines)
    })
    .collect()
}

fn autoload(value: Option<&Value>) -> Vec<String> {
    let mut paths = Vec::new();
    for (kind, rules) in value.and_then(Value::as_object).into_iter().flatten() {
        match rules {
            Value::Object(rules) if kind != "exclude-from-classmap" => {
                paths.extend(rules.values().flat_map(|rule| several(Some(rule))));
            }
            Value::Array(_) if kind != "exclude-from-classmap" => paths.extend(texts(Some(rules))),
            _ => {}
        }
    }
    paths
}

/// `repositories` is a list or an object; each entry has a type and an address.
fn repositories(value: &Value, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let entries: Vec<&Value> = match value.get("repositories") {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(Value::Object(named)) => named.values().collect(),
        _ => vec![],
    };
    let kind = |entry: &Value| entry.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let of = entries.into_iter().filter(|entry| wanted(&kind(entry)));
    of.filter_map(|entry| entry.get("url")?.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_manifest_says() {
        let text = r#"{
  "name": "acme/shop", "type": "project",
  "require": { "php": "^8.2", "ext-intl": "*" },
  "bin": "bin/shop",
  "autoload": { "psr-4": { "App\\": ["src/", "lib"] }, "files": ["helpers.php"] },
  "repositories": { "own": { "type": "path", "url": "packages/*" }, "more": { "type": "composer", "url": "https://repo.example.com" } },
  "config": { "platform": { "php": "8.2.5" } },
  "scripts": { "auto-scripts": { "cache:clear": "symfony-cmd" }, "start": "php -S localhost:8080" }
}"#;
        let read = parse("composer.json".into(), text).unwrap();
        assert_eq!(read.require["ext-intl"], "*");
        assert_eq!(read.autoload, ["helpers.php", "src/", "lib"]);
        assert_eq!(read.bin, ["bin/shop"]);
        assert_eq!(
            (read.paths, read.repositories),
            (vec!["packages/*".into()], vec!["https://repo.example.com".into()])
        );
        assert_eq!(read.platform.as_deref(), Some("8.2.5"));
        assert_eq!(read.scripts["auto-scripts"], ["cache:clear"]);
        assert_eq!(read.lines.get(&["require", "php"]), Some(3));
    }

    #[test]
    fn broken_ones_say_where() {
        let error = parse("composer.json".into(), "{\n  \"name\": ,\n}").unwrap_err();
        assert!(error.to_string().contains("composer.json:2"), "{error}");
        assert!(parse("composer.json".into(), "[]").is_err());
    }
}
