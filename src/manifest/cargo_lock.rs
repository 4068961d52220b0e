//! Cargo.lock: every crate with its version, where it comes from and what it depends on.

use std::collections::HashMap;

use camino::Utf8Path;

use crate::error::{Error, Result};

/// A Cargo.lock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CargoLock {
    /// The version of its format.
    pub format: u32,
    /// Its crates, in order.
    pub crates: Vec<Locked>,
    by_name: HashMap<String, Vec<usize>>,
}

/// A crate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locked {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it comes from; none for a folder of the repository.
    pub source: Option<String>,
    /// `name`, `name version` or `name version (source)`.
    pub dependencies: Vec<String>,
    /// Its line.
    pub line: u32,
}

impl CargoLock {
    /// Reads a Cargo.lock.
    ///
    /// # Errors
    /// It holds the marks of a merge that is not finished.
    pub fn read(path: &Utf8Path, text: &str) -> Result<Self> {
        let mut lock = Self { format: 1, ..Self::default() };
        let mut open = false;
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark)) {
                return Err(Error::broken(path, Some(number), "a merge is not finished here")
                    .help("resolve the conflict, or let `cargo generate-lockfile` write it anew"));
            }
            match line {
                "[[package]]" | "[root]" => {
                    open = true;
                    lock.crates.push(Locked { line: number, ..Locked::default() });
                }
                _ if line.starts_with('[') => open = false,
                _ if !open => lock.format(line),
                _ => {
                    if let Some(last) = lock.crates.last_mut() {
                        last.add(line);
                    }
                }
            }
        }
        for (number, one) in lock.crates.iter().enumerate() {
            lock.by_name.entry(one.name.clone()).or_default().push(number);
        }
        Ok(lock)
    }

    fn format(&mut self, line: &str) {
        if let Some(format) = line.strip_prefix("version = ").and_then(|format| format.parse().ok()) {
            self.format = format;
        }
    }

    /// The crates of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> &[usize] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// The crate that a line of dependencies means.
    #[must_use]
    pub fn find(&self, reference: &str) -> Option<usize> {
        let mut words = reference.split(' ');
        let named = self.named(words.next()?);
        let version = words.next();
        let fits = |number: &&usize| {
            let one = self.crates.get(**number);
            version.is_none_or(|version| one.is_some_and(|one| one.version == version))
        };
        named.iter().find(fits).copied()
    }
}

impl Locked {
    fn add(&mut self, line: &str) {
        let text = |line: &str, key: &str| -> Option<String> {
            Some(line.strip_prefix(key)?.trim().trim_matches('"').to_owned())
        };
        if let Some(name) = text(line, "name =") {
            self.name = name;
        } else if let Some(version) = text(line, "version =") {
            self.version = version;
        } else if let Some(source) = text(line, "source =") {
            self.source = Some(source);
        } else if let Some(inner) = line.strip_prefix('"') {
            self.dependencies.push(inner.trim_end_matches([',', '"']).to_owned());
        } else if let Some(inline) = line.strip_prefix("dependencies = [") {
            let words = inline.trim_end_matches(']').split(',').map(|word| word.trim().trim_matches('"'));
            self.dependencies.extend(words.filter(|word| !word.is_empty()).map(str::to_owned));
        }
    }

    /// Whether it depends on a crate of this name.
    #[must_use]
    pub fn uses(&self, name: &str) -> bool {
        self.dependencies.iter().any(|one| one.split(' ').next() == Some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "# made by cargo\nversion = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+https://example.com\"\ndependencies = [\n \"b 2.0.0\",\n \"c\",\n]\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\n\n[metadata]\n\"checksum a\" = \"x\"\n";

    #[test]
    fn crates_and_what_they_use() {
        let lock = CargoLock::read("Cargo.lock".into(), LOCK).unwrap();
        assert_eq!((lock.format, lock.crates.len()), (4, 3));
        assert_eq!((lock.crates[0].line, lock.crates[0].uses("c")), (4, true));
        assert_eq!(lock.find("b 2.0.0"), Some(2));
        assert_eq!(lock.find("b 2.0.0 (registry+x)"), Some(2));
        assert_eq!(lock.find("z"), None);
    }

    #[test]
    fn an_unfinished_merge_is_an_error() {
        let text = "version = 4\n<<<<<<< HEAD\n";
        assert_eq!(CargoLock::read("Cargo.lock".into(), text).unwrap_err().place.unwrap().1, Some(2));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(\\[\\[package\\]\\]|name = \"a\"|dependencies = \\[\"a\"\\]| \"b 1\",|\"|\\PC{0,9}|\n){0,20}") {
            if let Ok(lock) = CargoLock::read("Cargo.lock".into(), &text) {
                for one in lock.crates.iter().flat_map(|one| &one.dependencies) {
                    let _ = lock.find(one);
                }
            }
        }
    }
}
