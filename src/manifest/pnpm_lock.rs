//! `pnpm-lock.yaml`, formats 5 to 9: pnpm writes it with one layout, read line by line. A general YAML reader
//! takes seconds for a large one and says nothing more.

use super::lock::{Lock, Locked};
use std::collections::HashMap;

/// Reads it; lines that it does not know are passed over.
#[must_use]
pub fn read(text: &str) -> Lock {
    let mut reader = Reader::default();
    for line in text.lines() {
        reader.line(line);
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    lock: Lock,
    places: HashMap<String, usize>,
    section: String,
    importer: String,
    group: String,
    dependency: String,
    current: Option<usize>,
}

const GROUPS: [&str; 3] = ["dependencies", "optionalDependencies", "devDependencies"];

impl Reader {
    fn line(&mut self, line: &str) {
        let content = line.trim_start_matches(' ');
        if content.is_empty() || content.starts_with('#') || content.starts_with("---") {
            return;
        }
        let (key, value) = pair(content);
        match (line.len() - content.len(), self.section.as_str()) {
            (0, _) => self.top(&key, &value),
            (2, "importers") => {
                self.importer = if key == "." { String::new() } else { key };
                self.lock.importers.entry(self.importer.clone()).or_default();
            }
            (4, "importers") => self.group = key,
            (6, "importers") => self.dependency(&key, &value),
            (8, "importers") => self.detail(&key, &value),
            // Format 5 and 6 without a workspace keep the root's dependencies at the top.
            (2, group) if GROUPS.contains(&group) => self.dependency(&key, &value),
            (4, group) if GROUPS.contains(&group) => self.detail(&key, &value),
            (2, "packages" | "snapshots") => self.package(&key, line),
            (4, "packages" | "snapshots") => self.field(&key, &value),
            (6, "packages" | "snapshots") => self.need(&key, &value),
            _ => {}
        }
    }

    fn top(&mut self, key: &str, value: &str) {
        key.clone_into(&mut self.section);
        self.importer = String::new();
        self.current = None;
        self.group = if GROUPS.contains(&key) { key.to_owned() } else { String::new() };
        match key {
            "lockfileVersion" => self.lock.format = Some(value.to_owned()),
            "dependencies" | "devDependencies" | "optionalDependencies" => {
                self.lock.importers.entry(String::new()).or_default();
            }
            _ => {}
        }
    }

    fn dependency(&mut self, name: &str, value: &str) {
        if !GROUPS.contains(&self.group.as_str()) {
            return;
        }
        name.clone_into(&mut self.dependency);
        self.lock.importers.entry(self.importer.clone()).or_default().insert(name.to_owned(), String::new());
        if !value.is_empty() {
            self.direct(value);
        }
    }

    fn detail(&mut self, key: &str, value: &str) {
        if !GROUPS.contains(&self.group.as_str()) {
            return;
        }
        match key {
            "specifier" => {
                if let Some(importer) = self.lock.importers.get_mut(&self.importer) {
                    importer.insert(self.dependency.clone(), value.to_owned());
                }
            }
            "version" => self.direct(value),
            _ => {}
        }
    }

    fn direct(&mut self, version: &str) {
        if self.group != "devDependencies" {
            let direct = self.lock.production.entry(self.importer.clone()).or_default();
            direct.push(key_of(&self.dependency, version));
        }
    }

    /// `/name/1.0.0_peer:` (5), `/name@1.0.0(peer):` (6), `name@1.0.0:` (9).
    fn package(&mut self, key: &str, line: &str) {
        let key = key.strip_prefix('/').unwrap_or(key);
        let key = without_peers(key);
        let (name, version) = split(key);
        if name.is_empty() {
            self.current = None;
            return;
        }
        let id = format!("{name}@{version}");
        let place = *self.places.entry(id.clone()).or_insert(self.lock.packages.len());
        if place == self.lock.packages.len() {
            self.lock.packages.push(Locked {
                name: name.to_owned(),
                version: version.to_owned(),
                keys: vec![id],
                git: version.contains("codeload.github.com") || version.starts_with("git"),
                mark: line.trim().to_owned(),
                ..Locked::default()
            });
        }
        self.current = Some(place);
    }

    fn field(&mut self, key: &str, value: &str) {
        key.clone_into(&mut self.group);
        let Some(package) = self.current.and_then(|at| self.lock.packages.get_mut(at)) else { return };
        match key {
            "engines" => package.engines = inline(value, "node"),
            "resolution" => {
                let address = inline(value, "repo");
                if let Some(address) =
                    address.filter(|one| one.starts_with("ssh://") || one.starts_with("git@"))
                {
                    package.source = Some(address);
                    package.git = true;
                }
            }
            "requiresBuild" => package.install_script = Some(value == "true"),
            "dev" => package.dev = Some(value == "true"),
            _ => {}
        }
    }

    fn need(&mut self, key: &str, value: &str) {
        let Some(package) = self.current.and_then(|at| self.lock.packages.get_mut(at)) else { return };
        match self.group.as_str() {
            "peerDependencies" => package.peers.push(key.to_owned()),
            // What the project brings by itself stands among them once more; it is no need of the package.
            "dependencies" | "optionalDependencies" if package.peers.iter().any(|peer| peer == key) => {}
            "dependencies" | "optionalDependencies" => package.needs.push(key_of(key, value)),
            "engines" if key == "node" => package.engines = Some(value.to_owned()),
            _ => {}
        }
    }

    fn finish(self) -> Lock {
        self.lock
    }
}

/// The key of a dependency: an alias names the real package in its version (`plugin-i@2.28.0`).
fn key_of(name: &str, version: &str) -> String {
    let version = version.strip_prefix('/').unwrap_or(version);
    let version = without_peers(version);
    let (other, rest) = split(version);
    if rest.is_empty() { format!("{name}@{version}") } else { format!("{other}@{rest}") }
}

fn without_peers(text: &str) -> &str {
    let text = text.split('(').next().unwrap_or_default();
    // Format 5 marks peers with an underscore after the version's digits.
    match text.char_indices().skip(1).find(|(_, letter)| *letter == '_') {
        Some((at, _))
            if text[..at].contains(|letter: char| letter.is_ascii_digit()) && looks_peered(&text[..at]) =>
        {
            &text[..at]
        }
        _ => text,
    }
}

fn looks_peered(head: &str) -> bool {
    let last = head.rsplit(['/', '@']).next().unwrap_or_default();
    last.starts_with(|letter: char| letter.is_ascii_digit()) && last.contains('.')
}

/// Name and version, with `@` or, in format 5, a slash between.
fn split(key: &str) -> (&str, &str) {
    if let Some((at, _)) = key.char_indices().skip(1).find(|(_, letter)| *letter == '@') {
        return (&key[..at], key.get(at + 1..).unwrap_or_default());
    }
    match key.rsplit_once('/') {
        Some((name, version)) if version.starts_with(|letter: char| letter.is_ascii_digit()) => {
            (name, version)
        }
        _ => ("", ""),
    }
}

/// Key and value of a line, without quotes.
fn pair(line: &str) -> (String, String) {
    let plain = |text: &str| text.trim().trim_matches(['\'', '"']).to_owned();
    if let Some(quote) = line.chars().next().filter(|first| ['\'', '"'].contains(first))
        && let Some(end) = line.get(1..).and_then(|rest| rest.find(quote))
    {
        let key = line.get(1..=end).unwrap_or_default().to_owned();
        let value = line.get(end + 2..).unwrap_or_default().trim_start_matches(':');
        return (key, plain(value));
    }
    match line.split_once(": ") {
        Some((key, value)) => (plain(key), plain(value)),
        None => (plain(line.trim_end_matches(':')), String::new()),
    }
}

/// A key of `{node: '>=6', npm: '>=7'}`.
fn inline(value: &str, key: &str) -> Option<String> {
    let (_, rest) = value.split_once(&format!("{key}: "))?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|first| ['\'', '"'].contains(first));
    let text = match quote {
        Some(quote) => rest.get(1..)?.split(quote).next()?,
        None => rest.split([',', '}']).next()?,
    };
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn reads_format_9() {
        let lock = read(
            "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      express:\n        specifier: ^4.0.0\n        version: 4.18.2\n    devDependencies:\n      imp:\n        specifier: npm:real@1\n        version: real@1.0.0(express@4.18.2)\n\n  apps/a:\n    dependencies:\n      b:\n        specifier: workspace:*\n        version: link:../../packages/b\n\npackages:\n\n  '@s/x@1.0.0':\n    resolution: {integrity: sha512-x}\n    engines: {node: '>=10 <20', npm: '>=7'}\n\n  express@4.18.2:\n    engines: {node: '>= 0.10.0'}\n\n  real@1.0.0:\n    hasBin: true\n\nsnapshots:\n\n  '@s/x@1.0.0': {}\n\n  express@4.18.2:\n    dependencies:\n      '@s/x': 1.0.0\n\n  real@1.0.0(express@4.18.2):\n    dependencies:\n      express: 4.18.2\n",
        );
        assert_eq!(lock.format.as_deref(), Some("9.0"));
        assert_eq!(lock.importers[""]["express"], "^4.0.0");
        assert_eq!(lock.importers["apps/a"]["b"], "workspace:*");
        assert_eq!(lock.packages.len(), 3);
        assert_eq!(lock.packages[0].engines.as_deref(), Some(">=10 <20"));
        assert_eq!(lock.production_set(&[], &[""]), BTreeSet::from([0, 1]));
    }

    #[test]
    fn reads_format_5() {
        let lock = read(
            "lockfileVersion: 5.4\n\nspecifiers:\n  a: ^1.0.0\n\ndependencies:\n  a: 1.0.0_react@17.0.2\n\npackages:\n\n  /a/1.0.0_react@17.0.2:\n    resolution: {integrity: x}\n    requiresBuild: true\n    dependencies:\n      '@s/b': 2.0.0\n    dev: false\n\n  /@s/b/2.0.0:\n    dev: true\n",
        );
        assert_eq!(lock.packages[0].keys, ["a@1.0.0"]);
        assert_eq!(lock.packages[0].install_script, Some(true));
        assert_eq!(lock.packages[1].name, "@s/b");
        assert_eq!(lock.production_set(&[], &[""]), BTreeSet::from([0]));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)(importers:\n|packages:\n| |\n|'|[a-z@/_:(]|\\PC){0,80}") {
            let _ = read(&text);
        }
    }
}
