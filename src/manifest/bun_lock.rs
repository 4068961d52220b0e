//! `bun.lock`: JSON with trailing commas.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde_json::Value;

use super::json_lines::{pairs, with_comments};
use super::lock::{Lock, Locked};
use crate::error::Result;

/// Reads it.
///
/// # Errors
/// It is not JSON.
pub fn read(file: &Utf8Path, text: &str) -> Result<Lock> {
    let value = with_comments(file, text)?;
    let mut lock = Lock {
        format: value.get("lockfileVersion").and_then(Value::as_u64).map(|format| format.to_string()),
        ..Lock::default()
    };
    for (folder, entry) in value.get("workspaces").and_then(Value::as_object).into_iter().flatten() {
        importer(folder, entry, &mut lock);
    }
    for (key, entry) in value.get("packages").and_then(Value::as_object).into_iter().flatten() {
        lock.packages.extend(package(key, entry));
    }
    Ok(lock)
}

fn importer(folder: &str, entry: &Value, lock: &mut Lock) {
    let mut all = BTreeMap::new();
    for group in ["dependencies", "optionalDependencies", "devDependencies"] {
        let pairs = pairs(entry.get(group));
        if group != "devDependencies" {
            lock.production.entry(folder.to_owned()).or_default().extend(pairs.keys().cloned());
        }
        all.extend(pairs);
    }
    lock.importers.insert(folder.to_owned(), all);
}

/// `"name": ["name@1.0.0", "", { "dependencies": {} }, "sha512-"]`; a nested one is called `parent/name`.
fn package(key: &str, entry: &Value) -> Option<Locked> {
    let list = entry.as_array()?;
    let id = list.first()?.as_str()?;
    let at = id.char_indices().skip(1).find(|(_, letter)| *letter == '@').map(|(at, _)| at)?;
    let (name, version) = (&id[..at], id.get(at + 1..).unwrap_or_default());
    let details = list.iter().find(|item| item.is_object());
    let needs = |group: &str| pairs(details.and_then(|details| details.get(group))).into_keys();
    Some(Locked {
        name: name.to_owned(),
        version: version.to_owned(),
        keys: vec![name.to_owned()],
        needs: needs("dependencies").chain(needs("optionalDependencies")).collect(),
        bin: pairs(details.and_then(|details| details.get("bin"))),
        git: version.starts_with("git") || version.starts_with("github:"),
        mark: format!("\"{key}\": ["),
        ..Locked::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_it() {
        let lock = read(
            "bun.lock".into(),
            r#"{ "lockfileVersion": 1, "workspaces": { "": { "name": "x", "dependencies": { "hono": "^4" },
                 "devDependencies": { "ts": "5" } } },
                 "packages": { "hono": ["hono@4.6.0", "", { "dependencies": { "a": "1" } }, "sha512-x"],
                   "hono/a": ["a@1.0.0", "", {}, ""], "ts": ["ts@5.0.0", "", { "bin": { "tsc": "bin/tsc" } }, ""], }, }"#,
        )
        .unwrap();
        assert_eq!(lock.importers[""].len(), 2);
        assert_eq!(lock.named("hono").next().unwrap().version, "4.6.0");
        assert_eq!(lock.production_set(&[], &[""]).len(), 2);
        assert!(read("bun.lock".into(), "{ [").is_err());
    }
}
