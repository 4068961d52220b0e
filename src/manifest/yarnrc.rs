//! `.yarnrc.yml` of Yarn 2 and later, and `.yarnrc` of Yarn 1.

use camino::Utf8Path;
use serde_json::Value;

use super::npmrc::variables;
use crate::error::{Error, Result};

/// What Yarn's settings say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Yarnrc {
    /// `nodeLinker`: `pnp`, `node-modules`, `pnpm`.
    pub linker: Option<String>,
    /// `yarnPath`, or Yarn 1's `yarn-path`.
    pub path: Option<String>,
    /// `enableGlobalCache`.
    pub global_cache: Option<bool>,
    /// `cacheFolder`.
    pub cache_folder: Option<String>,
    /// Plug-ins kept in the repository.
    pub plugins: Vec<String>,
    /// Registries that no token stands beside, with their line.
    pub unsigned: Vec<(String, u32)>,
    /// Variables that are put in, with their line; those with a default are not needed.
    pub variables: Vec<(String, u32)>,
}

/// Reads `.yarnrc.yml`.
///
/// # Errors
/// It is not YAML.
pub fn read(file: &Utf8Path, text: &str) -> Result<Yarnrc> {
    let value: Value = serde_saphyr::from_str(text).map_err(|error| yaml_error(file, &error))?;
    let word = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let plugins = value.get("plugins").and_then(Value::as_array).into_iter().flatten();
    let plugin = |one: &Value| one.as_str().or_else(|| one.get("path")?.as_str()).map(str::to_owned);
    Ok(Yarnrc {
        linker: word("nodeLinker"),
        path: word("yarnPath"),
        global_cache: value.get("enableGlobalCache").and_then(Value::as_bool),
        cache_folder: word("cacheFolder"),
        plugins: plugins.filter_map(plugin).collect(),
        unsigned: unsigned(&value, text),
        variables: needed(text),
    })
}

/// The registries of all packages and of each scope, without those that have a token or a name and a password.
fn unsigned(value: &Value, text: &str) -> Vec<(String, u32)> {
    let scopes = value.get("npmScopes").and_then(Value::as_object);
    let scopes = scopes.into_iter().flat_map(|scopes| scopes.values());
    let open = |one: &&Value| one.get("npmAuthToken").is_none() && one.get("npmAuthIdent").is_none();
    let tokens = value.get("npmRegistries").and_then(Value::as_object);
    let by_host = |address: &str| {
        tokens.is_some_and(|all| all.keys().any(|key| address.contains(key.trim_matches('/'))))
    };
    let addresses = [value].into_iter().chain(scopes).filter(open);
    let addresses = addresses.filter_map(|one| one.get("npmRegistryServer")?.as_str());
    let line = |address: &str| crate::manifest::line_of(text, address).unwrap_or(1);
    addresses.filter(|one| !by_host(one)).map(|one| (one.to_owned(), line(one))).collect()
}

/// Reads `.yarnrc`.
#[must_use]
pub fn read_classic(text: &str) -> Yarnrc {
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(key))?;
        Some(line.trim().trim_matches('"').to_owned())
    };
    Yarnrc { path: value("yarn-path "), cache_folder: value("cache-folder "), ..Yarnrc::default() }
}

fn needed(text: &str) -> Vec<(String, u32)> {
    let lines = text.lines().zip(1u32..).filter(|(line, _)| !line.trim_start().starts_with('#'));
    lines
        .flat_map(|(line, number)| {
            let strict = variables(line).filter(|name| line.contains(&format!("${{{name}}}")));
            strict.map(move |name| (name, number)).collect::<Vec<_>>()
        })
        .collect()
}

/// An error of the YAML reader, at its line.
pub(crate) fn yaml_error(file: &Utf8Path, error: &serde_saphyr::Error) -> Error {
    let line = error.location().and_then(|at| u32::try_from(at.line()).ok());
    let message = error.without_snippet().to_string();
    Error::broken(file, line, format!("is not valid YAML: {}", message.lines().next().unwrap_or_default()))
        .help("correct it there; its own tool refuses it, too")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_it() {
        let rc = read(
            ".yarnrc.yml".into(),
            "nodeLinker: node-modules\nyarnPath: .yarn/releases/yarn-4.6.0.cjs\nenableGlobalCache: false\nplugins:\n  - path: .yarn/plugins/@yarnpkg/plugin-workspace-tools.cjs\n    spec: \"@yarnpkg/plugin-workspace-tools\"\nnpmAuthToken: ${NPM_TOKEN}\nnpmRegistryServer: ${REG:-https://x}\n",
        )
        .unwrap();
        assert_eq!(rc.linker.as_deref(), Some("node-modules"));
        assert_eq!(rc.global_cache, Some(false));
        assert_eq!(rc.plugins.len(), 1);
        assert_eq!(rc.variables, [("NPM_TOKEN".to_owned(), 7)]);
        assert_eq!(read(".yarnrc.yml".into(), "").unwrap(), Yarnrc::default());
        assert!(read(".yarnrc.yml".into(), "a: [").is_err());
    }

    #[test]
    fn reads_classic() {
        assert_eq!(
            read_classic("yarn-path \".yarn/releases/yarn-1.22.cjs\"\n").path.as_deref(),
            Some(".yarn/releases/yarn-1.22.cjs")
        );
    }
}
