//! `package.json`. A syntax error is an error at its line; a field of the wrong type counts as not given, as npm itself does.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde_json::Value;

use super::json_lines::{KeyLines, at, pairs, strict, texts};
use crate::error::{Error, Result};

/// The fields that matter for an image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PackageJson {
    /// `private`: it is published nowhere.
    pub private: bool,
    /// `name`.
    pub name: Option<String>,
    /// `"type": "module"`.
    pub module: bool,
    /// `main`.
    pub main: Option<String>,
    /// It has `exports`, `module`, `types` or `files`: what a library has.
    pub library: bool,
    /// The files that `main`, `module` and `exports` offer.
    pub offers: Vec<String>,
    /// The files and folders that it publishes.
    pub files: Vec<String>,
    /// `bin`, name to file.
    pub bin: BTreeMap<String, String>,
    /// `scripts`.
    pub scripts: BTreeMap<String, String>,
    /// `dependencies`.
    pub dependencies: BTreeMap<String, String>,
    /// `devDependencies`.
    pub dev_dependencies: BTreeMap<String, String>,
    /// `optionalDependencies`.
    pub optional_dependencies: BTreeMap<String, String>,
    /// `peerDependencies`.
    pub peer_dependencies: BTreeMap<String, String>,
    /// `engines`.
    pub engines: BTreeMap<String, String>,
    /// `volta`.
    pub volta: BTreeMap<String, String>,
    /// `packageManager`: the tool and its version, without the hash.
    pub package_manager: Option<(String, String)>,
    /// `devEngines.runtime`: name and version.
    pub dev_runtime: Vec<(String, String)>,
    /// `devEngines.packageManager`: name and version.
    pub dev_manager: Vec<(String, String)>,
    /// `workspaces`, as a list or as `packages` of an object.
    pub workspaces: Option<Vec<String>>,
    /// Packages that `resolutions`, `overrides` or `pnpm.overrides` put in another version.
    pub overridden: Vec<String>,
    /// Files of `patchedDependencies` (pnpm, Bun).
    pub patches: Vec<String>,
    /// Packages whose install scripts may run (pnpm, npm, Bun).
    pub allowed_scripts: Vec<String>,
    /// The folder or file that Prisma's schema lies in.
    pub prisma_schema: Option<String>,
    lines: KeyLines,
}

impl PackageJson {
    /// Reads it.
    ///
    /// # Errors
    /// It is not JSON, or no object.
    pub fn read(file: &Utf8Path, text: &str) -> Result<Self> {
        let value = strict(file, text)?;
        if !value.is_object() {
            return Err(
                Error::broken(file, Some(1), "is not an object").help("a package.json begins with `{`")
            );
        }
        Ok(Self { lines: KeyLines::read(text), ..fields(&value) })
    }

    /// The line of a key, by path.
    #[must_use]
    pub fn line(&self, path: &[&str]) -> Option<u32> {
        self.lines.get(path)
    }

    /// A dependency's specifier, production first.
    #[must_use]
    pub fn specifier(&self, name: &str) -> Option<&str> {
        [&self.dependencies, &self.optional_dependencies, &self.dev_dependencies]
            .into_iter()
            .find_map(|group| group.get(name))
            .map(String::as_str)
    }

    /// Whether production depends on it.
    #[must_use]
    pub fn in_production(&self, name: &str) -> bool {
        self.dependencies.contains_key(name) || self.optional_dependencies.contains_key(name)
    }

    /// Where a dependency stands, for evidence.
    #[must_use]
    pub fn dependency_line(&self, name: &str) -> Option<u32> {
        ["dependencies", "optionalDependencies", "devDependencies", "peerDependencies"]
            .into_iter()
            .find_map(|group| self.line(&[group, name]))
    }

    /// All dependencies, name and specifier, production first.
    pub fn all_dependencies(&self) -> impl Iterator<Item = (&String, &String)> {
        self.dependencies.iter().chain(&self.optional_dependencies).chain(&self.dev_dependencies)
    }
}

fn fields(value: &Value) -> PackageJson {
    let plain = |text: &&str| !text.contains(char::is_control);
    let text = |key: &str| value.get(key).and_then(Value::as_str).filter(plain).map(str::to_owned);
    let group = |key: &str| pairs(value.get(key));
    PackageJson {
        name: text("name").filter(|name| !name.is_empty()),
        private: value.get("private").is_some_and(|private| private == true || private == "true"),
        module: text("type").as_deref() == Some("module"),
        main: text("main").filter(|main| !main.is_empty()),
        library: ["exports", "module", "types", "typings", "files"]
            .iter()
            .any(|key| value.get(key).is_some()),
        offers: offers(value),
        files: texts(value.get("files")),
        bin: bin(value),
        scripts: group("scripts"),
        dependencies: group("dependencies"),
        dev_dependencies: group("devDependencies"),
        optional_dependencies: group("optionalDependencies"),
        peer_dependencies: group("peerDependencies"),
        engines: group("engines"),
        volta: group("volta"),
        package_manager: text("packageManager").as_deref().and_then(manager),
        dev_runtime: engines(at(value, &["devEngines", "runtime"])),
        dev_manager: engines(at(value, &["devEngines", "packageManager"])),
        workspaces: workspaces(value.get("workspaces")),
        overridden: overridden(value),
        patches: patches(value),
        allowed_scripts: allowed_scripts(value),
        prisma_schema: at(value, &["prisma", "schema"]).and_then(Value::as_str).map(str::to_owned),
        lines: KeyLines::default(),
    }
}

/// Every file of the entry fields, types left out.
fn offers(value: &Value) -> Vec<String> {
    let mut files = Vec::new();
    for key in ["main", "module", "exports"] {
        gather(value.get(key), 0, &mut files);
    }
    files
}

fn gather(value: Option<&Value>, depth: usize, files: &mut Vec<String>) {
    match value {
        Some(Value::String(file)) => files.push(file.clone()),
        Some(Value::Object(object)) if depth < 8 => {
            let entries = object.iter().filter(|(key, _)| *key != "types" && *key != "./package.json");
            entries.for_each(|(_, value)| gather(Some(value), depth + 1, files));
        }
        _ => {}
    }
}

fn bin(value: &Value) -> BTreeMap<String, String> {
    match value.get("bin") {
        Some(Value::String(file)) => {
            let name = value.get("name").and_then(Value::as_str).unwrap_or_default();
            let name = name.rsplit('/').next().unwrap_or_default();
            BTreeMap::from([(name.to_owned(), file.clone())])
        }
        other => pairs(other),
    }
}

/// `pnpm@9.11.0+sha512.abc` without the hash; a URL has no version that could be installed by name.
fn manager(text: &str) -> Option<(String, String)> {
    let (name, version) = text.split_once('@')?;
    let version = version.split('+').next().unwrap_or_default().trim();
    let plain = version.starts_with(|first: char| first.is_ascii_digit());
    Some((name.trim().to_owned(), if plain { version.to_owned() } else { String::new() }))
}

fn engines(value: Option<&Value>) -> Vec<(String, String)> {
    let one = |value: &Value| {
        let name = value.get("name")?.as_str()?.to_owned();
        let version = value.get("version").and_then(Value::as_str).unwrap_or_default().to_owned();
        (!name.contains(char::is_control) && !version.contains(char::is_control)).then_some((name, version))
    };
    match value {
        Some(Value::Array(list)) => list.iter().filter_map(one).collect(),
        Some(value) => one(value).into_iter().collect(),
        None => Vec::new(),
    }
}

fn workspaces(value: Option<&Value>) -> Option<Vec<String>> {
    match value? {
        list @ Value::Array(_) => Some(texts(Some(list))),
        object @ Value::Object(_) => object.get("packages").map(|packages| texts(Some(packages))),
        _ => None,
    }
}

/// The last package of each path: `**/@scope/name`, `parent>name`, `name@^1`.
fn overridden(value: &Value) -> Vec<String> {
    let groups = [value.get("resolutions"), value.get("overrides"), at(value, &["pnpm", "overrides"])];
    let keys = groups.into_iter().flatten().filter_map(Value::as_object).flat_map(|group| group.keys());
    let mut names: Vec<String> = keys
        .map(|key| {
            let key = key.rsplit('>').next().unwrap_or_default();
            let start = key.rfind("/@").map(|at| at + 1).or_else(|| {
                let slash = key.rfind('/')?;
                Some(if key.starts_with('@') && key.matches('/').count() == 1 { 0 } else { slash + 1 })
            });
            package_name(key.get(start.unwrap_or(0)..).unwrap_or_default()).to_owned()
        })
        .collect();
    names.sort();
    names
}

fn patches(value: &Value) -> Vec<String> {
    let own = pairs(value.get("patchedDependencies"));
    let pnpm = pairs(at(value, &["pnpm", "patchedDependencies"]));
    let mut files: Vec<String> = own.into_values().chain(pnpm.into_values()).collect();
    files.sort();
    files.dedup();
    files
}

fn allowed_scripts(value: &Value) -> Vec<String> {
    let mut names = texts(at(value, &["pnpm", "onlyBuiltDependencies"]));
    names.extend(texts(value.get("trustedDependencies")));
    let yes = value.get("allowScripts").and_then(Value::as_object).into_iter().flatten();
    names.extend(
        yes.filter(|(_, yes)| *yes != &Value::Bool(false)).map(|(name, _)| package_name(name).to_owned()),
    );
    names
}

/// The name in `name@version`.
fn package_name(text: &str) -> &str {
    text.char_indices().skip(1).find(|(_, letter)| *letter == '@').map_or(text, |(index, _)| &text[..index])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> PackageJson {
        PackageJson::read("package.json".into(), text).unwrap()
    }

    #[test]
    fn reads_the_fields() {
        let json = read(
            r#"{ "name": "@a/app", "type": "module", "bin": "./cli.js",
                 "packageManager": "pnpm@9.11.0+sha512.0a2",
                 "workspaces": { "packages": ["apps/*"], "nohoist": [] },
                 "devEngines": { "runtime": { "name": "node", "version": "^22" } },
                 "pnpm": { "patchedDependencies": { "x@1.0.0": "patches/x.patch" } },
                 "allowScripts": { "sharp@0.34.0": true, "core-js": false } }"#,
        );
        assert_eq!(json.package_manager, Some(("pnpm".into(), "9.11.0".into())));
        assert_eq!(json.workspaces, Some(vec!["apps/*".into()]));
        assert_eq!(json.bin.get("app").map(String::as_str), Some("./cli.js"));
        assert_eq!(json.dev_runtime, [("node".into(), "^22".into())]);
        assert_eq!(json.patches, ["patches/x.patch"]);
        assert_eq!(json.allowed_scripts, ["sharp"]);
        let forced = read(r#"{ "resolutions": { "**/@s/a": "1", "x/b": "1", "@s/c": "2", "d@^1": "1" } }"#);
        assert_eq!(forced.overridden, ["@s/a", "@s/c", "b", "d"].map(String::from));
        assert!(json.module);
    }

    #[test]
    fn wrong_types_count_as_not_given() {
        let json =
            read(r#"{ "scripts": ["a"], "engines": "18", "dependencies": {"a": 1}, "main": 3, "bin": [] }"#);
        assert!(json.scripts.is_empty() && json.engines.is_empty() && json.dependencies.is_empty());
        assert_eq!((json.main, json.package_manager), (None, None));
    }

    #[test]
    fn broken_is_an_error_at_its_line() {
        let error =
            PackageJson::read("a/package.json".into(), "{\n\"name\": \"x\"\n\"main\": 1}").unwrap_err();
        assert_eq!(error.place, Some(("a/package.json".into(), Some(3))));
        assert!(PackageJson::read("package.json".into(), "[]").is_err());
    }

    #[test]
    fn knows_its_lines() {
        let json = read("{\n \"devDependencies\": {\n  \"a\": \"1\"\n }\n}");
        assert_eq!(json.dependency_line("a"), Some(3));
        assert_eq!(json.specifier("a"), Some("1"));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in ".{0,120}") {
            let _ = PackageJson::read("package.json".into(), &text);
            let _ = PackageJson::read("package.json".into(), &format!("{{\"packageManager\": {text:?}}}"));
            let _ = package_name(&text);
        }
    }
}
