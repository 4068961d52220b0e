//! What the program asks of its surroundings: variables that it cannot start without, folders that it writes.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::code::Code;
use super::start::shown;
use super::value::{Value, join, with_default};
use super::work::Work;
use crate::facts::{Evidence, Found, Note, Project, Variable};
use crate::manifest::python::pep440::Version;
use crate::source::python::{Expr, File, Kind};

/// Fills in variables and folders from the files that the program reaches.
pub(super) fn fill(
    work: &Work,
    code: &Code,
    place: &Utf8Path,
    reached: &[Utf8PathBuf],
    project: &mut Project,
) {
    for path in reached {
        variables(work, code, path, project);
        let Some(file) = code.file(path) else { continue };
        settings(work, path, &file, project);
        writes(work, code, place, path, &file, project);
    }
}

fn require(project: &mut Project, name: &str, because: Evidence) {
    let plain = !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if plain && !project.env.iter().any(|one| one.value.name == name) {
        let variable = Variable { name: name.to_owned(), value: None, required: true };
        project.env.push(Found::new(variable, because));
    }
}

/// `os.environ["X"]` and its kin at a file's own level.
fn variables(work: &Work, code: &Code, path: &Utf8Path, project: &mut Project) {
    for (name, line, _) in code.required(path) {
        let because = Evidence::line(path, line, format!("{name} in {}", shown(work, path)));
        require(project, &name, because);
    }
}

/// Fields of pydantic's settings that have no default.
fn settings(work: &Work, path: &Utf8Path, file: &File, project: &mut Project) {
    for (at, statement) in file.statements.iter().enumerate() {
        let Kind::Class { name, bases } = &statement.kind else { continue };
        let is_settings = bases
            .iter()
            .filter_map(Expr::dotted)
            .any(|base| base.rsplit('.').next() == Some("BaseSettings") || base.ends_with("AppSettings"));
        let developing = ["Test", "Dev", "Local"].iter().any(|word| name.contains(word));
        let made = file.calls().iter().any(|call| call.called() == Some(name)) || !bases.is_empty();
        if !is_settings || developing || !made || is_part(file, name) {
            continue;
        }
        let prefix = prefix(file, at).unwrap_or_default();
        let own = statement.indent;
        let fields = file.body(at).filter(|(_, inner)| inner.indent > own).map(|(_, inner)| inner);
        let first = file.body(at).next().map_or(0, |(_, inner)| inner.indent);
        for field in fields.filter(|field| field.indent == first) {
            let Kind::Assign { targets, annotation: Some(annotation), value, .. } = &field.kind else {
                continue;
            };
            let [Expr::Name(target)] = targets.as_slice() else { continue };
            if target.starts_with('_')
                || target == "model_config"
                || annotation.dotted().is_some_and(|name| name.ends_with("ClassVar"))
                || is_optional(annotation) && value.is_some()
            {
                continue;
            }
            let required = match value {
                None => true,
                Some(value) => {
                    value.called() == Some("Field")
                        && value.keyword("default").is_none()
                        && value.keyword("default_factory").is_none()
                        && first_is_open(value)
                }
            };
            if required {
                let alias = value.as_ref().and_then(|value| {
                    ["validation_alias", "alias", "env"]
                        .iter()
                        .find_map(|key| value.keyword(key)?.text().map(str::to_owned))
                });
                let name = alias.unwrap_or_else(|| format!("{prefix}{target}")).to_uppercase();
                require(
                    project,
                    &name,
                    Evidence::line(
                        path,
                        field.line,
                        format!("{target} of {} in {}", class_name(statement), shown(work, path)),
                    ),
                );
            }
        }
    }
}

/// A class that is only the type of another one's field, or the base of such ones: their values come with that one's input.
fn is_part(file: &File, class: &str) -> bool {
    let called = |class: &str| file.calls().iter().any(|call| call.called() == Some(class));
    let part = |class: &str| is_typed(file, class) && !called(class);
    let heirs: Vec<&str> = file
        .statements
        .iter()
        .filter_map(|statement| match &statement.kind {
            Kind::Class { name, bases } => Some((name, bases)),
            _ => None,
        })
        .filter(|(_, bases)| bases.iter().any(|base| matches!(base, Expr::Name(name) if name == class)))
        .map(|(name, _)| name.as_str())
        .collect();
    part(class) || !called(class) && !heirs.is_empty() && heirs.into_iter().all(part)
}

/// Whether a field has a class as its type: `mail: Mail`, `items: list[Item]`.
fn is_typed(file: &File, class: &str) -> bool {
    let names = |annotation: &Expr| {
        let mut named = false;
        annotation.walk(&mut |part| named |= matches!(part, Expr::Name(name) if name == class));
        named
    };
    file.statements.iter().any(|statement| {
        let Kind::Assign { annotation: Some(annotation), .. } = &statement.kind else { return false };
        statement.indent > 0 && names(annotation)
    })
}

fn class_name(statement: &crate::source::python::Statement) -> &str {
    match &statement.kind {
        Kind::Class { name, .. } => name,
        _ => "",
    }
}

/// `Field(...)` and `Field(alias="x")`: no default in front.
fn first_is_open(value: &Expr) -> bool {
    match value.argument("default", 0) {
        None => true,
        // The three dots are an operator that the reader passes over.
        Some(first) => matches!(first, Expr::Other(inner) if inner.is_empty()),
    }
}

fn is_optional(annotation: &Expr) -> bool {
    let mut found = false;
    annotation.walk(&mut |inner| {
        found |= matches!(inner, Expr::Name(name) if name == "Optional" || name == "None");
    });
    found
}

fn prefix(file: &File, class: usize) -> Option<String> {
    let mut found = None;
    for (_, statement) in file.body(class) {
        for expression in statement.expressions() {
            expression.walk(&mut |inner| {
                if let Some(text) = inner.keyword("env_prefix").and_then(Expr::text) {
                    found = Some(text.to_owned());
                }
            });
        }
        if let Some(("env_prefix", value)) = statement.assigned() {
            found = found.or_else(|| value.text().map(str::to_owned));
        }
    }
    found
}

/// Paths that the file hands to something that writes.
fn writes(work: &Work, code: &Code, place: &Utf8Path, path: &Utf8Path, file: &File, project: &mut Project) {
    if path.file_stem() == Some("commands") {
        return;
    }
    let mut seen: BTreeSet<Utf8PathBuf> = BTreeSet::new();
    let apart = administration(file);
    for call in file.calls() {
        let Some(argument) = written(work, file, call) else { continue };
        let Expr::Call { line, .. } = call else { continue };
        if apart.iter().any(|(first, last)| (first..=last).contains(&line)) {
            continue;
        }
        let value = code.value(path, argument);
        add(work, place, path, *line, &value, &mut seen, project);
    }
    for call in file
        .calls()
        .into_iter()
        .filter(|call| matches!(call.called(), Some("create_engine" | "create_async_engine")))
    {
        let Expr::Call { line, .. } = call else { continue };
        let Some(url) = call.argument("url", 0) else { continue };
        database(work, place, path, *line, &code.value(path, url), &mut seen, project);
    }
    for statement in &file.statements {
        let Some((name, value)) = statement.assigned() else { continue };
        let upper = name.to_ascii_uppercase();
        let named = DATABASE_NAMES.iter().any(|known| upper.ends_with(known));
        // A class of settings takes the variable of the field's name.
        let field = statement.indent > 0 && named && file_has_settings(file);
        let value = if named { code.value(path, value) } else { Value::Unknown };
        let value = if field { with_default(Value::Variable(upper, None), || value) } else { value };
        database(work, place, path, statement.line, &value, &mut seen, project);
    }
}

/// What variables and fields that hold the address of the database are called, whatever stands in front.
const DATABASE_NAMES: [&str; 7] =
    ["DATABASE_URI", "DATABASE_URL", "DB_URL", "DB_URI", "SQLITE_URL", "SQLITE_URI", "DATABASE_DSN"];

fn file_has_settings(file: &File) -> bool {
    file.statements.iter().any(|one| match &one.kind {
        Kind::Class { bases, .. } => {
            bases.iter().filter_map(Expr::dotted).any(|base| base.ends_with("Settings"))
        }
        _ => false,
    })
}

/// A SQLite file is data. Where a variable can name another database, and the project speaks to one, it is only told.
fn database(
    work: &Work,
    place: &Utf8Path,
    path: &Utf8Path,
    line: u32,
    value: &Value,
    seen: &mut BTreeSet<Utf8PathBuf>,
    project: &mut Project,
) {
    let (variable, value) = match value {
        Value::Variable(name, Some(default)) => (Some(name), default.as_ref()),
        value => (None, value),
    };
    let Some(file) = sqlite_file(work, value) else { return };
    let other = work.cx.knowledge.of("python").drivers.iter().any(|driver| work.has(driver).is_some());
    let Some(variable) = variable.filter(|_| other) else {
        add(work, place, path, line, &file, seen, project);
        return;
    };
    let note = format!(
        "without {variable}, the database is a SQLite file beside the code, which the image cannot write: set {variable}"
    );
    if !project.notes.iter().any(|known| known.code == "sqlite-default") {
        let because =
            Evidence::line(path, line, format!("the default of {variable} in {}", shown(work, path)));
        project.notes.push(Note { code: "sqlite-default".to_owned(), text: note, because: vec![because] });
    }
}

/// The file of an address of SQLite: a text, or a text in front of a path.
fn sqlite_file(work: &Work, value: &Value) -> Option<Value> {
    match value {
        Value::Text(text) if text.starts_with("sqlite") => {
            let path = sqlite(text)?.trim_start_matches("./");
            // Flask-SQLAlchemy looks in Flask's folder for data from its third version on.
            let third = work.packages.get("flask-sqlalchemy").is_some_and(|one| {
                one.exact
                    .as_ref()
                    .is_none_or(|exact| Version::parse("3.0").is_some_and(|third| *exact >= third))
            });
            let within = third && !path.starts_with('/');
            Some(Value::Text(if within { format!("instance/{path}") } else { path.to_owned() }))
        }
        Value::Pieces(pieces) => match pieces.as_slice() {
            [Value::Text(front), Value::Path(file)] if front.starts_with("sqlite") => {
                Some(Value::Path(file.clone()))
            }
            [Value::Text(front), Value::Path(base), Value::Text(rest)] if front.starts_with("sqlite") => {
                Some(join(Value::Path(base.clone()), Value::Text(rest.trim_start_matches('/').to_owned())))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The lines of functions that only a command of administration runs: `@app.cli.command("x")`, `@shop_command()`.
fn administration(file: &File) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    for (at, statement) in file.statements.iter().enumerate() {
        let Kind::Decorator(one) = &statement.kind else { continue };
        let name = match one {
            Expr::Call { function, .. } => function.dotted(),
            other => other.dotted(),
        };
        let name = name.unwrap_or_default();
        let last = name.rsplit('.').next().unwrap_or_default();
        let own = name.contains(".cli.") || last.ends_with("_command");
        let function = file
            .statements
            .iter()
            .enumerate()
            .skip(at + 1)
            .find(|(_, one)| matches!(one.kind, Kind::Function { .. }));
        if let Some((function, first)) = function.filter(|_| own) {
            let last = file.body(function).last().map_or(first.line, |(_, one)| one.line);
            found.push((first.line, last));
        }
    }
    found
}

/// The argument of a call that is a path to be written.
fn written<'e>(work: &Work, file: &File, call: &'e Expr) -> Option<&'e Expr> {
    let table = work.cx.knowledge.of("python");
    let name = call.call().map(|(name, ..)| file.resolved(&name)).unwrap_or_default();
    if let Some(place) =
        table.writing.get(&name).or_else(|| table.writing.get(call.called()?).filter(|_| !name.contains('.')))
    {
        return call.argument("\0", *place);
    }
    if name == "open" {
        let mode = call.argument("mode", 1).and_then(Expr::text)?;
        return mode.contains(['w', 'a', 'x', '+']).then(|| call.argument("file", 0))?;
    }
    let Expr::Call { function, .. } = call else { return None };
    match (function.as_ref(), call.called()) {
        (Expr::Attribute(base, _), Some("mkdir" | "write_text" | "write_bytes" | "touch")) => Some(base),
        _ => None,
    }
}

/// `sqlite:///./app.db` and `sqlite+aiosqlite:////data/app.db` without the words in front.
fn sqlite(url: &str) -> Option<&str> {
    let path = url.split_once(":///")?.1.split('?').next()?;
    (!path.is_empty() && path != ":memory:").then_some(path)
}

/// A path as a fact: relative to the program's folder, or absolute.
fn add(
    work: &Work,
    place: &Utf8Path,
    path: &Utf8Path,
    line: u32,
    value: &Value,
    seen: &mut BTreeSet<Utf8PathBuf>,
    project: &mut Project,
) {
    let root = work.root.join(place);
    let folder = match value {
        Value::Path(found) => match found.strip_prefix(&root) {
            Ok(inner) => inner.to_owned(),
            Err(_) => return,
        },
        Value::Text(_) | Value::Variable(_, Some(_)) if !text_of(value).is_empty() => {
            Utf8PathBuf::from(text_of(value).trim_start_matches("./"))
        }
        _ => return,
    };
    let bare = folder.extension().is_none()
        && !folder.as_str().contains('/')
        && !folder.as_str().chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-' || c == '.');
    let odd = bare
        || folder.as_str() == "-"
        || folder.as_str().is_empty()
        || folder.as_str() == "."
        || folder.as_str().contains("..")
        || folder.starts_with("/tmp")
        || folder.starts_with("/dev")
        || folder.as_str().contains(['~', '*', '{', '%', '\\', ':'])
        || folder.as_str().contains(char::is_control);
    let in_repository = work.cx.repo.has(root.join(&folder)) && !is_database(work, &folder);
    if odd || in_repository || !seen.insert(folder.clone()) {
        return;
    }
    if !project.writes.iter().any(|write| write.value == folder) {
        let says = format!("written by {}", shown(work, path));
        project.writes.push(Found::new(folder, Evidence::line(path, line, says)));
    }
}

fn is_database(work: &Work, path: &Utf8Path) -> bool {
    work.cx.knowledge.of("python").databases.iter().any(|ending| path.as_str().ends_with(ending.as_str()))
}

fn text_of(value: &Value) -> &str {
    value.text().unwrap_or_default()
}

/// Folders that the program names by its own place and that the repository lacks: what a build of something else makes.
pub(super) fn built_elsewhere(
    work: &Work,
    code: &Code,
    reached: &[Utf8PathBuf],
    project: &Project,
) -> Vec<Found<Utf8PathBuf>> {
    let mut found: Vec<Found<Utf8PathBuf>> = Vec::new();
    for path in reached {
        let Some(file) = code.file(path) else { continue };
        for (_, statement) in file.top() {
            let Some((name, value)) = statement.assigned() else { continue };
            let Value::Path(folder) = code.value(path, value) else { continue };
            let inside =
                folder.starts_with(&work.root) && folder != work.root && folder.extension().is_none();
            let there = work.cx.repo.has_dir(&folder) || work.cx.repo.has(&folder);
            let written = project.writes.iter().any(|write| folder.ends_with(&write.value));
            let known = found.iter().any(|one| one.value == folder);
            if inside && !there && !written && !known {
                let says = format!("{name} of {}", shown(work, path));
                found.push(Found::new(folder, Evidence::line(path, statement.line, says)));
            }
        }
    }
    found
}
