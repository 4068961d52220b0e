//! `pnpm-workspace.yaml`: members, patches, and which install scripts may run.

use camino::Utf8Path;
use serde_json::Value;

use super::json_lines::{pairs, texts};
use super::yarnrc::yaml_error;
use crate::error::Result;

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PnpmWorkspace {
    /// The members' globs; those with `!` in front are left out.
    pub packages: Vec<String>,
    /// Files of `patchedDependencies`.
    pub patches: Vec<String>,
    /// Packages whose install scripts may run.
    pub allowed_scripts: Vec<String>,
}

/// Reads it.
///
/// # Errors
/// It is not YAML.
pub fn read(file: &Utf8Path, text: &str) -> Result<PnpmWorkspace> {
    let value: Value = serde_saphyr::from_str(text).map_err(|error| yaml_error(file, &error))?;
    let mut allowed = texts(value.get("onlyBuiltDependencies"));
    let yes = value.get("allowBuilds").and_then(Value::as_object).into_iter().flatten();
    allowed.extend(yes.filter(|(_, yes)| **yes == Value::Bool(true)).map(|(name, _)| name.clone()));
    Ok(PnpmWorkspace {
        packages: texts(value.get("packages")),
        patches: pairs(value.get("patchedDependencies")).into_values().collect(),
        allowed_scripts: allowed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_it() {
        let read = |text: &str| read("pnpm-workspace.yaml".into(), text);
        let workspace = read("packages:\n  - 'apps/*'\n  - '!**/test/**'\nonlyBuiltDependencies:\n  - esbuild\nallowBuilds:\n  sharp: true\n  core-js: false\npatchedDependencies:\n  x@1: patches/x.patch\n").unwrap();
        assert_eq!(workspace.packages, ["apps/*", "!**/test/**"]);
        assert_eq!(workspace.allowed_scripts, ["esbuild", "sharp"]);
        assert_eq!(workspace.patches, ["patches/x.patch"]);
        assert!(read("packages: [").is_err());
    }
}
