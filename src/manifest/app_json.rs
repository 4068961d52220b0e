//! Reads Heroku's app.json: the variables that an application is set up with.

use serde_json::Value;

use super::process::{Setting, is_variable};
use super::yaml::{Lined, Unreadable};

/// What app.json says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppJson {
    /// The variables.
    pub env: Vec<Lined<Setting>>,
    /// The processes of the formation: `web`, `worker`.
    pub processes: Vec<String>,
}

/// Reads it; a file of another program (Expo's) has none of it.
///
/// # Errors
/// The file is not JSON.
pub fn parse(text: &str) -> Result<AppJson, Unreadable> {
    let value: Value = serde_json::from_str(text).map_err(|error| Unreadable {
        line: u32::try_from(error.line()).ok().filter(|line| *line > 0),
        message: error.to_string(),
    })?;
    let keys = |key: &str| value.get(key).and_then(Value::as_object);
    let env =
        keys("env").into_iter().flatten().filter_map(|(name, value)| setting(text, name, value)).collect();
    let processes = keys("formation").into_iter().flatten().map(|(name, _)| name.clone()).collect();
    Ok(AppJson { env, processes })
}

fn setting(text: &str, name: &str, entry: &Value) -> Option<Lined<Setting>> {
    let value = entry.as_str().or_else(|| entry.get("value")?.as_str()).filter(|value| !value.is_empty());
    let required = entry.get("required").and_then(Value::as_bool).unwrap_or(true) && value.is_none();
    let key = format!("\"{name}\"");
    let line = super::line_at(text, text.find(&key).unwrap_or_default());
    let setting = Setting { name: name.to_owned(), value: value.map(str::to_owned), required };
    is_variable(name).then(|| Lined::new(setting, line))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn variables_and_what_they_need() {
        let text = r#"{
  "name": "x",
  "env": {
    "SECRET_KEY": { "generator": "secret" },
    "WEB_CONCURRENCY": "5",
    "MODE": { "description": "m", "value": "prod" },
    "EXTRA": { "required": false }
  },
  "formation": { "web": { "quantity": 1 } }
}"#;
        let found = parse(text).unwrap();
        let env: Vec<_> = found
            .env
            .iter()
            .map(|it| (it.value.name.as_str(), it.value.value.as_deref(), it.value.required, it.line))
            .collect();
        assert!(
            env.contains(&("SECRET_KEY", None, true, 4))
                && env.contains(&("WEB_CONCURRENCY", Some("5"), false, 5))
        );
        assert!(env.contains(&("MODE", Some("prod"), false, 6)) && env.contains(&("EXTRA", None, false, 7)));
        assert_eq!(found.processes, ["web"]);
    }

    #[test]
    fn other_programs_files() {
        assert_eq!(parse(r#"{"expo": {"name": "x"}}"#), Ok(AppJson::default()));
        assert_eq!(parse("[]"), Ok(AppJson::default()));
        assert_eq!(parse("{\n\"env\": {").unwrap_err().line, Some(2));
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"[{}\[\]":,a1 \n]{0,40}"#) {
            let _ = parse(&text);
        }
    }
}
