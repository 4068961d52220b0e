//! `yarn.lock`: Yarn 1's own format and berry's YAML, both as regular as a table, read line by line.

use super::lock::{Lock, Locked};

/// A Yarn lock file, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct YarnLock {
    /// What it locks.
    pub lock: Lock,
    /// Written by Yarn 2 or later.
    pub berry: bool,
}

/// Reads it; lines that it does not know are passed over.
#[must_use]
pub fn read(text: &str) -> YarnLock {
    let mut yarn = YarnLock::default();
    let mut section = "";
    let mut metadata = false;
    for line in text.lines() {
        let content = line.trim_start_matches(' ');
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        match line.len() - content.len() {
            0 => {
                section = "";
                metadata = content.starts_with("__metadata");
                yarn.berry |= metadata;
                if !metadata && content.ends_with(':') {
                    yarn.lock.packages.push(entry(content));
                }
            }
            2 if metadata => {
                if let Some(version) = content.strip_prefix("version:") {
                    yarn.lock.format = Some(unquoted(version).to_owned());
                }
            }
            2 => section = field(content, yarn.lock.packages.last_mut()),
            4 if section == "needs" => need(content, yarn.lock.packages.last_mut()),
            4 if section == "bin" => program(content, yarn.lock.packages.last_mut()),
            _ => {}
        }
    }
    if yarn.berry {
        berry_keys(&mut yarn.lock);
    }
    yarn
}

/// `"a@^1.0.0", a@^1.1.0:` or `"a@npm:^1, a@npm:^2":`.
fn entry(line: &str) -> Locked {
    let keys: Vec<String> =
        line.trim_end_matches(':').replace('"', "").split(", ").map(|key| key.trim().to_owned()).collect();
    let first = keys.first().map_or("", String::as_str);
    let (name, specifier) = split(first);
    let git = is_git(specifier);
    Locked { name: name.to_owned(), keys: keys.clone(), git, mark: line.to_owned(), ..Locked::default() }
}

/// Whether a specifier or resolution names a git repository.
fn is_git(text: &str) -> bool {
    text.starts_with("git")
        || text.contains("git@")
        || text.contains(".git#")
        || text.contains("codeload.github.com")
}

/// Name and specifier of `@scope/name@specifier`.
fn split(key: &str) -> (&str, &str) {
    let at = key.char_indices().skip(1).find(|(_, letter)| *letter == '@').map(|(index, _)| index);
    at.map_or((key, ""), |at| (&key[..at], key.get(at + 1..).unwrap_or_default()))
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}

fn pair(line: &str) -> (&str, &str) {
    let line = line.trim();
    let end = if let Some(rest) = line.strip_prefix('"') {
        rest.find('"').map_or(line.len(), |end| end + 2)
    } else {
        line.find([' ', ':']).unwrap_or(line.len())
    };
    let (key, value) = line.split_at_checked(end).unwrap_or((line, ""));
    (unquoted(key), unquoted(value.trim_start_matches(':')))
}

fn field(line: &str, package: Option<&mut Locked>) -> &'static str {
    let (key, value) = pair(line);
    let Some(package) = package else { return "" };
    match key {
        "version" => value.clone_into(&mut package.version),
        "resolved" | "resolution" => {
            package.git |= is_git(split(value).1) || value.contains("codeload.github.com");
            let address = if value.contains("://") && key == "resolved" { value } else { split(value).1 };
            if address.contains("ssh://") || address.starts_with("git@") {
                package.source = Some(address.to_owned());
                package.git = true;
            }
        }
        "dependencies" | "optionalDependencies" => return "needs",
        "bin" => return "bin",
        _ => {}
    }
    ""
}

fn need(line: &str, package: Option<&mut Locked>) {
    let (name, specifier) = pair(line);
    if let Some(package) = package {
        package.needs.push(format!("{name}@{specifier}"));
    }
}

fn program(line: &str, package: Option<&mut Locked>) {
    let (name, file) = pair(line);
    if let Some(package) = package {
        package.bin.insert(name.to_owned(), file.to_owned());
    }
}

/// Berry writes keys with a protocol (`a@npm:^1`), and needs with or without one.
fn berry_keys(lock: &mut Lock) {
    for package in &mut lock.packages {
        let plain: Vec<String> = package.keys.iter().map(|key| key.replacen("@npm:", "@", 1)).collect();
        package.keys = plain;
        package.needs = package.needs.iter().map(|need| need.replacen("@npm:", "@", 1)).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_yarn_1() {
        let yarn = read(
            "# yarn lockfile v1\n\n\n\"@b/code@^7.0.0\", \"@b/code@^7.1.0\":\n  version \"7.2.0\"\n  resolved \"https://x\"\n  dependencies:\n    \"@b/high\" \"^7.0.0\"\n    chalk \"^2.0.0 || ^3\"\n\nchalk@^2.0.0:\n  version \"2.4.2\"\n\n\"irc@github:kiwi/irc#69d\":\n  version \"4\"\n  resolved \"https://codeload.github.com/kiwi/irc/tar.gz/69d\"\n",
        );
        assert!(!yarn.berry);
        let code = &yarn.lock.packages[0];
        assert_eq!((code.name.as_str(), code.version.as_str()), ("@b/code", "7.2.0"));
        assert_eq!(code.keys, ["@b/code@^7.0.0", "@b/code@^7.1.0"]);
        assert_eq!(code.needs, ["@b/high@^7.0.0", "chalk@^2.0.0 || ^3"]);
        assert!(yarn.lock.packages[2].git && !code.git);
    }

    #[test]
    fn reads_berry() {
        let yarn = read(
            "__metadata:\n  version: 8\n  cacheKey: 10c0\n\n\"next@npm:15.1.7\":\n  version: 15.1.7\n  resolution: \"next@npm:15.1.7\"\n  dependencies:\n    \"@next/env\": \"npm:15.1.7\"\n  bin:\n    next: dist/bin/next\n  languageName: node\n\n\"app@workspace:^, app@workspace:apps/app\":\n  version: 0.0.0-use.local\n",
        );
        assert!(yarn.berry);
        assert_eq!(yarn.lock.format.as_deref(), Some("8"));
        let next = &yarn.lock.packages[0];
        assert_eq!(next.keys, ["next@15.1.7"]);
        assert_eq!(next.needs, ["@next/env@15.1.7"]);
        assert_eq!(next.bin["next"], "dist/bin/next");
        assert_eq!(yarn.lock.packages[1].name, "app");
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s).{0,200}") {
            let _ = read(&text);
        }
    }
}
