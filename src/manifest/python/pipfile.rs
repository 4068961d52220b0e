//! Pipfile: Pipenv's manifest.

use toml::{Table, Value};

use super::normal;
use super::requirements::Requirement;

/// What a Pipfile says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pipfile {
    /// `requires.python_full_version` or `python_version`.
    pub python: Option<String>,
    /// `packages`.
    pub packages: Vec<Requirement>,
    /// `scripts`, by name.
    pub scripts: Vec<(String, String)>,
    /// Its indexes: name and URL.
    pub indexes: Vec<(String, String)>,
}

/// Reads a Pipfile.
///
/// # Errors
/// It is no TOML: the message, and the line where one is known.
pub fn parse(text: &str) -> Result<Pipfile, (String, Option<u32>)> {
    let table: Table = toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| crate::manifest::line_at(text, span.start));
        (error.message().trim_end().replace('\n', "; "), line)
    })?;
    let sub = |key: &str| table.get(key).and_then(Value::as_table);
    let python = sub("requires").and_then(|requires| {
        ["python_full_version", "python_version"].iter().find_map(|key| requires.get(*key)?.as_str())
    });
    let scripts = sub("scripts").into_iter().flatten();
    let sources = table.get("source").and_then(Value::as_array).into_iter().flatten();
    Ok(Pipfile {
        python: python.map(str::to_owned),
        packages: sub("packages").into_iter().flatten().map(|(name, value)| package(name, value)).collect(),
        scripts: scripts.filter_map(|(name, line)| Some((name.clone(), line.as_str()?.to_owned()))).collect(),
        indexes: sources.filter_map(index).collect(),
    })
}

fn index(source: &Value) -> Option<(String, String)> {
    let name = source.get("name").and_then(Value::as_str).unwrap_or_default();
    Some((name.to_owned(), source.get("url")?.as_str()?.to_owned()))
}

fn package(name: &str, value: &Value) -> Requirement {
    let mut one = Requirement { name: normal(name), ..Requirement::default() };
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    match value {
        Value::String(versions) => one.versions.clone_from(versions),
        Value::Table(_) => {
            text("version").unwrap_or_default().clone_into(&mut one.versions);
            let extras = value.get("extras").and_then(Value::as_array).into_iter().flatten();
            one.extras = extras.filter_map(Value::as_str).map(normal).collect();
            one.marker = text("markers").or_else(|| text("sys_platform")).map(str::to_owned);
            one.source =
                text("git").map(|git| format!("git+{git}")).or_else(|| text("path").map(str::to_owned));
        }
        _ => {}
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_pipfile() {
        let found = parse(
            "[[source]]\nurl = \"https://x/simple\"\n[packages]\nFlask = \"*\"\ngunicorn = {version = \">=20\", extras = [\"gevent\"]}\n\
             b = {git = \"https://x/b\"}\n[scripts]\nstart = \"python main.py\"\n[requires]\npython_version = \"3.9\"\n",
        )
        .unwrap();
        assert_eq!((found.python.as_deref(), found.packages.len()), (Some("3.9"), 3));
        assert!(found.packages.iter().any(super::Requirement::is_git));
        assert_eq!(found.scripts, [("start".to_owned(), "python main.py".to_owned())]);
        assert!(parse("[packages").is_err());
    }
}
