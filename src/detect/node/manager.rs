//! Process managers: a container has one program and a platform that restarts it, so what a manager would start starts
//! by itself.

use camino::Utf8Path;

use super::start::Looking;
use crate::detect::join_inside;
use crate::source::command::{self, Simple};
use crate::source::js::{self, Value, ValueKind};

/// The command that a manager's command comes down to: `pm2 start dist/main.js` is `node dist/main.js`.
pub(super) fn managed(looking: &Looking, simple: &Simple) -> Option<Simple> {
    let words = words(looking, simple)?;
    let (own, behind) = split(&words);
    let environment = option(own, "--env");
    let named = own.iter().find(|word| is_named(looking, word)).cloned();
    let table = looking.cx.knowledge.of("node");
    let usual =
        || table.ecosystems.iter().find(|name| looking.cx.repo.has(looking.work.root.join(name))).cloned();
    let named = named.or_else(usual)?;
    let mut found = match ecosystem(looking, &named, environment.as_deref()) {
        Some(found) => found,
        None => {
            command(&named, after(own, &named), option(own, "--interpreter").as_deref(), &option_words(own))
        }
    };
    found.argv.extend(behind.iter().cloned());
    found.env.extend(simple.env.iter().cloned());
    Some(found)
}

/// Whether a command only looks at what a manager started: `pm2 logs`.
pub(super) fn only_looks(looking: &Looking, simple: &Simple) -> bool {
    let table = looking.cx.knowledge.of("node");
    let program = simple.program().unwrap_or_default();
    let manages = table.managers.iter().any(|row| row.split(' ').next() == Some(program));
    manages
        && matches!(simple.argv.get(1).map(String::as_str), Some("logs" | "monit" | "list" | "ls" | "save"))
}

/// The words behind the manager's name.
fn words(looking: &Looking, simple: &Simple) -> Option<Vec<String>> {
    let table = looking.cx.knowledge.of("node");
    let program = simple.program()?;
    let rest = simple.argv.get(1..)?;
    table.managers.iter().find_map(|row| match row.split_once(' ') {
        Some((name, verb)) if name == program && rest.iter().any(|word| word == verb) => {
            Some(rest.iter().filter(|word| *word != verb).cloned().collect())
        }
        None if row == program => Some(rest.to_vec()),
        _ => None,
    })
}

/// The manager's own words, and those behind `--`, which the program gets.
fn split(words: &[String]) -> (&[String], &[String]) {
    let at = words.iter().position(|word| word == "--").unwrap_or(words.len());
    (words.get(..at).unwrap_or_default(), words.get(at + 1..).unwrap_or_default())
}

/// What stands behind a file among the manager's words: forever hands it on.
fn after<'w>(words: &'w [String], named: &str) -> &'w [String] {
    let at = words.iter().position(|word| word == named).map_or(words.len(), |at| at + 1);
    let rest = words.get(at..).unwrap_or_default();
    if rest.first().is_some_and(|word| word.starts_with('-')) { &[] } else { rest }
}

fn option(words: &[String], name: &str) -> Option<String> {
    let joined = words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('=').map(str::to_owned));
    joined.or_else(|| words.get(words.iter().position(|word| word == name)? + 1).cloned())
}

/// Node's own flags among the manager's: `--node-args="--max-old-space-size=512"`.
fn option_words(words: &[String]) -> Vec<String> {
    let given = option(words, "--node-args").unwrap_or_default();
    given.split_whitespace().map(str::to_owned).collect()
}

/// A file, or a package manager that runs a script.
fn is_named(looking: &Looking, word: &str) -> bool {
    let table = looking.cx.knowledge.of("node");
    let runs = table.tools.iter().any(|tool| tool.id == word);
    let path = join_inside(&looking.work.root, word).unwrap_or_default();
    !word.starts_with('-')
        && (runs || word.contains(['/', '.']) && path.extension().is_some() || looking.cx.repo.has(path))
}

/// The first program of a manager's file.
fn ecosystem(looking: &Looking, name: &str, environment: Option<&str>) -> Option<Simple> {
    let file = join_inside(&looking.work.root, name)?;
    let base = file.file_name()?;
    let table = looking.cx.knowledge.of("node");
    if file.extension() != Some("json")
        && !base.contains(".config.")
        && !table.ecosystems.iter().any(|one| one == base)
    {
        return None;
    }
    let text = looking.cx.repo.source(&file)?;
    let app = first(&text)?;
    let get = |key: &str| member(&app, key);
    let script = get("script")?.as_str()?.to_owned();
    let interpreter = get("interpreter").and_then(Value::as_str);
    let flags = get("node_args").or_else(|| get("interpreter_args")).map(listed).unwrap_or_default();
    let args = get("args").map(listed).unwrap_or_default();
    let script = match get("cwd").and_then(Value::as_str).filter(|cwd| !cwd.starts_with('/')) {
        Some(cwd) if script.contains('.') => format!("{cwd}/{}", script.trim_start_matches("./")),
        _ => script,
    };
    let mut found = command(&script, &args, interpreter, &flags);
    let chosen = environment.map(|name| format!("env_{name}"));
    for key in chosen.iter().map(String::as_str).chain(["env_production", "env"]) {
        for (name, value) in get(key).map(pairs).unwrap_or_default() {
            if !found.env.iter().any(|(other, _)| *other == name) {
                found.env.push((name, value));
            }
        }
    }
    Some(found)
}

/// `{ apps: [{ ... }] }`, `[{ ... }]` and `{ script: ... }`.
fn first(text: &str) -> Option<Value> {
    let whole = js::config_value(text, &["apps"]).or_else(|| js::config_value(text, &[]))?;
    match whole.kind {
        ValueKind::List(items) => items.into_iter().next(),
        _ => Some(whole),
    }
}

fn member<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    let ValueKind::Object(pairs) = &value.kind else { return None };
    pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

/// A list of words, or one line of them.
fn listed(value: &Value) -> Vec<String> {
    match &value.kind {
        ValueKind::Str(text) => text.split_whitespace().map(str::to_owned).collect(),
        ValueKind::List(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn pairs(value: &Value) -> Vec<(String, String)> {
    let ValueKind::Object(pairs) = &value.kind else { return Vec::new() };
    let text = |value: &Value| match &value.kind {
        ValueKind::Str(text) => Some(text.clone()),
        ValueKind::Number(number) => Some(number.to_string()),
        ValueKind::Bool(yes) => Some(yes.to_string()),
        _ => None,
    };
    pairs.iter().filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect()
}

/// The command of a program: a file by its interpreter, anything else by itself.
fn command(script: &str, args: &[String], interpreter: Option<&str>, flags: &[String]) -> Simple {
    let file = script.contains(['.', '/']);
    // A script may be a line of its own: `npm start`.
    let line = command::parse(script).commands.into_iter().next().unwrap_or_default();
    let runner = match interpreter {
        Some("none") => None,
        Some(other) => Some(other.to_owned()),
        None => (file && line.argv.len() == 1 && Utf8Path::new(script).extension() != Some("sh"))
            .then(|| "node".to_owned()),
    };
    let words = runner.into_iter().chain(flags.iter().cloned()).chain(line.argv).chain(args.iter().cloned());
    Simple { argv: words.collect(), env: line.env, ..Simple::default() }
}
