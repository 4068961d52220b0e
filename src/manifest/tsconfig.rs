//! `tsconfig.json`: where TypeScript's output goes.

use camino::Utf8Path;
use serde_json::Value;

use super::json_lines::{KeyLines, at, texts, with_comments};
use crate::error::Result;

/// The options that decide where a compiled file lies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TsConfig {
    /// `outDir`.
    pub out_dir: Option<String>,
    /// The line of `outDir`.
    pub out_dir_line: Option<u32>,
    /// `rootDir`.
    pub root_dir: Option<String>,
    /// `noEmit`.
    pub no_emit: Option<bool>,
    /// `include`.
    pub include: Option<Vec<String>>,
    /// `files`.
    pub files: Option<Vec<String>>,
    /// `exclude`.
    pub exclude: Vec<String>,
    /// `extends`, in order.
    pub extends: Vec<String>,
    /// `baseUrl`.
    pub base_url: Option<String>,
    /// `paths`: each pattern and what it stands for.
    pub paths: Vec<(String, Vec<String>)>,
    /// The paths of `references`.
    pub references: Vec<String>,
    /// `composite`: the root is then the folder of the file.
    pub composite: bool,
}

/// Reads it.
///
/// # Errors
/// It is not JSON with comments.
pub fn read(file: &Utf8Path, text: &str) -> Result<TsConfig> {
    let value = with_comments(file, text)?;
    let option = |key: &str| at(&value, &["compilerOptions", key]);
    let word = |key: &str| option(key).and_then(Value::as_str).map(str::to_owned);
    let list = |key: &str| value.get(key).filter(|list| list.is_array()).map(|list| texts(Some(list)));
    Ok(TsConfig {
        out_dir: word("outDir"),
        out_dir_line: KeyLines::read(text).get(&["compilerOptions", "outDir"]),
        root_dir: word("rootDir"),
        no_emit: option("noEmit").and_then(Value::as_bool),
        include: list("include"),
        files: list("files"),
        exclude: list("exclude").unwrap_or_default(),
        extends: match value.get("extends") {
            Some(Value::String(one)) => vec![one.clone()],
            other => texts(other),
        },
        base_url: word("baseUrl"),
        paths: option("paths")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(pattern, places)| (pattern.clone(), texts(Some(places))))
            .collect(),
        references: value
            .get("references")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|one| one.get("path")?.as_str().map(str::to_owned))
            .collect(),
        composite: option("composite").and_then(Value::as_bool).unwrap_or(false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_comments_and_lists() {
        let config = read(
            "tsconfig.json".into(),
            "{ // x\n \"extends\": \"./base.json\",\n \"compilerOptions\": { /* y */ \"outDir\": \"./dist\", },\n \"include\": [\"src/**/*\"] }",
        )
        .unwrap();
        assert_eq!(config.out_dir.as_deref(), Some("./dist"));
        assert_eq!(config.out_dir_line, Some(3));
        assert_eq!(config.include, Some(vec!["src/**/*".to_owned()]));
        assert_eq!(config.extends, ["./base.json"]);
        assert!(read("tsconfig.json".into(), "{").is_err());
    }
}
