//! `package-lock.json` and `npm-shrinkwrap.json`, formats 1 to 3.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde_json::{Map, Value};

use super::json_lines::{pairs, strict};
use super::lock::{Lock, Locked};
use crate::error::{Error, Result};

/// Format 1 nests packages in packages; deeper than any real tree ends the walk.
const DEPTH: usize = 64;

/// Reads it.
///
/// # Errors
/// It is not JSON, or no object.
pub fn read(file: &Utf8Path, text: &str) -> Result<Lock> {
    let value = strict(file, text)?;
    if !value.is_object() {
        return Err(
            Error::broken(file, Some(1), "is not an object").help("let npm write it again: `npm install`")
        );
    }
    let mut lock = Lock {
        format: value.get("lockfileVersion").and_then(Value::as_u64).map(|format| format.to_string()),
        ..Lock::default()
    };
    if let Some(packages) = value.get("packages").and_then(Value::as_object) {
        for (path, entry) in packages {
            flat(path, entry, &mut lock);
        }
    } else if let Some(dependencies) = value.get("dependencies").and_then(Value::as_object) {
        nested(dependencies, 0, &mut lock.packages);
    }
    Ok(lock)
}

/// The hosts of registries that the lock's tarballs come from, each once with its first line: a registry has `/-/` in
/// their addresses, a plain download has not.
#[must_use]
pub fn registries(text: &str) -> Vec<(&str, u32)> {
    let mut hosts: Vec<(&str, u32)> = Vec::new();
    for (line, number) in text.lines().zip(1u32..) {
        let Some(address) = line.trim().strip_prefix("\"resolved\": \"").filter(|rest| rest.contains("/-/"))
        else {
            continue;
        };
        let host = address.split_once("://").and_then(|(_, rest)| rest.split('/').next());
        if let Some(host) = host.filter(|host| hosts.iter().all(|(known, _)| known != host)) {
            hosts.push((host, number));
        }
    }
    hosts
}

fn flat(path: &str, entry: &Value, lock: &mut Lock) {
    let yes = |key: &str| entry.get(key).and_then(Value::as_bool).unwrap_or(false);
    let Some((_, name)) = path.rsplit_once("node_modules/") else {
        let mut all = BTreeMap::new();
        for group in ["devDependencies", "optionalDependencies", "dependencies"] {
            all.extend(pairs(entry.get(group)));
        }
        lock.importers.insert(path.to_owned(), all);
        return;
    };
    if yes("link") {
        return;
    }
    let resolved = entry.get("resolved").and_then(Value::as_str).unwrap_or_default();
    lock.packages.push(Locked {
        name: entry.get("name").and_then(Value::as_str).unwrap_or(name).to_owned(),
        version: entry.get("version").and_then(Value::as_str).unwrap_or_default().to_owned(),
        dev: Some(yes("dev") || yes("devOptional")),
        engines: node_engine(entry.get("engines")),
        install_script: Some(yes("hasInstallScript")),
        bin: bin(name, entry.get("bin")),
        git: resolved.starts_with("git"),
        source: Some(resolved.to_owned()).filter(|address| is_own_git(address)),
        foreign: foreign(entry.get("os")),
        needs: pairs(entry.get("dependencies")).into_keys().collect(),
        mark: format!("\"{path}\""),
        ..Locked::default()
    });
}

fn nested(dependencies: &Map<String, Value>, depth: usize, packages: &mut Vec<Locked>) {
    for (name, entry) in dependencies {
        let version = entry.get("version").and_then(Value::as_str).unwrap_or_default();
        packages.push(Locked {
            name: name.clone(),
            version: version.to_owned(),
            dev: Some(entry.get("dev").and_then(Value::as_bool).unwrap_or(false)),
            git: version.starts_with("git"),
            source: Some(version.to_owned()).filter(|address| is_own_git(address)),
            needs: pairs(entry.get("requires")).into_keys().collect(),
            mark: format!("\"{name}\": {{"),
            ..Locked::default()
        });
        if let Some(inner) = entry.get("dependencies").and_then(Value::as_object)
            && depth < DEPTH
        {
            nested(inner, depth + 1, packages);
        }
    }
}

/// npm writes SSH for every repository of the hosts that it knows, and fetches their archives over HTTPS.
fn is_own_git(address: &str) -> bool {
    let great = ["github.com", "gitlab.com", "bitbucket.org", "git.sr.ht"];
    address.starts_with("git") && !great.iter().any(|host| address.contains(&format!("@{host}/")))
}

/// `engines` was a list once: `["node >= 0.6"]`.
fn node_engine(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Array(list) => {
            list.iter().filter_map(Value::as_str).find_map(|one| one.strip_prefix("node")).map(str::to_owned)
        }
        object => object.get("node").and_then(Value::as_str).map(str::to_owned),
    }
}

/// Whether a list of operating systems leaves Linux out.
fn foreign(value: Option<&Value>) -> bool {
    let Some(list) = value.and_then(Value::as_array) else { return false };
    let mut names = list.iter().filter_map(Value::as_str);
    !list.is_empty()
        && !names.any(|name| name == "linux" || name == "any" || name.starts_with('!') && name != "!linux")
}

fn bin(name: &str, value: Option<&Value>) -> BTreeMap<String, String> {
    match value {
        Some(Value::String(file)) => {
            BTreeMap::from([(name.rsplit('/').next().unwrap_or_default().to_owned(), file.clone())])
        }
        other => pairs(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_are_told_from_downloads() {
        let text = "{\n  \"resolved\": \"https://npm.example.com/a/-/a-1.0.0.tgz\",\n  \"resolved\": \"https://npm.example.com/b/-/b-1.0.0.tgz\",\n  \"resolved\": \"https://files.example.org/c.tgz\"\n}";
        assert_eq!(registries(text), [("npm.example.com", 2)]);
    }

    #[test]
    fn reads_format_3() {
        let lock = read(
            "package-lock.json".into(),
            r#"{ "lockfileVersion": 3, "packages": {
                 "": { "dependencies": { "express": "^4" }, "devDependencies": { "jest": "^29" } },
                 "packages/a": { "name": "a" },
                 "node_modules/a": { "link": true, "resolved": "packages/a" },
                 "node_modules/express": { "version": "4.18.2", "engines": { "node": ">= 0.10.0" } },
                 "node_modules/x/node_modules/@s/old": { "version": "1.0.0", "dev": true, "engines": ["node >= 0.6"],
                   "hasInstallScript": true, "bin": { "old": "bin/old.js" } } } }"#,
        )
        .unwrap();
        assert_eq!(lock.format.as_deref(), Some("3"));
        assert_eq!(lock.importers[""].len(), 2);
        assert_eq!(lock.packages.len(), 2);
        let old = lock.named("@s/old").next().unwrap();
        assert_eq!(
            (old.dev, old.install_script, old.engines.as_deref()),
            (Some(true), Some(true), Some(" >= 0.6"))
        );
        assert_eq!(lock.production_set(&[], &[""]).len(), 1);
    }

    #[test]
    fn reads_format_1() {
        let lock = read(
            "package-lock.json".into(),
            r#"{ "lockfileVersion": 1, "dependencies": {
                 "a": { "version": "1.0.0", "dependencies": { "b": { "version": "2.0.0" } } },
                 "c": { "version": "git+ssh://git@github.com/x/c.git#1", "dev": true } } }"#,
        )
        .unwrap();
        assert_eq!(lock.packages.len(), 3);
        assert!(lock.named("c").next().unwrap().git);
        assert_eq!(lock.production_set(&[], &[""]).len(), 2);
    }

    #[test]
    fn a_merge_conflict_is_broken_at_its_line() {
        let error = read("package-lock.json".into(), "{\n<<<<<<< HEAD\n\"a\": 1\n=======\n}").unwrap_err();
        assert_eq!(error.place, Some(("package-lock.json".into(), Some(2))));
    }
}
