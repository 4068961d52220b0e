//! What a program reads and writes beside itself: the paths that its calls, flags and defaults name.

use foldhash::HashSet;

use super::file::{Call, File};
use super::lex::Kind;
use super::program::{Place, Program, Setting, Source};
use super::value::{Evaluator, Value};
use crate::source::ports::words;

/// A path that the program names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The path, as it is written.
    pub path: String,
    /// The flag or variable whose default it is.
    pub by: Option<String>,
    /// Where.
    pub place: Place,
}

/// A function that is handed a path.
#[derive(Debug, Clone)]
pub struct Opens {
    /// Its name, with the package where it needs one: `os.Open`.
    pub call: String,
    /// Which argument is the path, counted from 0.
    pub argument: usize,
}

/// Paths that functions of these names are handed.
#[must_use]
pub fn handed(program: &Program, functions: &[Opens]) -> Vec<Named> {
    let evaluator = Evaluator::new(program);
    let mut found = Vec::new();
    let names: HashSet<&str> =
        functions.iter().map(|opens| opens.call.rsplit('.').next().unwrap_or(&opens.call)).collect();
    for (place, file, call) in program.calls(|name| names.contains(name)) {
        let Some(opens) = functions.iter().find(|opens| fits(file, &call, &opens.call)) else { continue };
        if is_test(file, place.at) {
            continue;
        }
        let many = matches!(call.name, "ParseFiles" | "LoadHTMLFiles");
        for arg in call.args.iter().skip(opens.argument).take(if many { 32 } else { 1 }) {
            found.extend(evaluator.value(place, arg).and_then(named));
        }
    }
    found
}

fn fits(file: &File, call: &Call<'_>, wanted: &str) -> bool {
    match wanted.rsplit_once('.') {
        Some((import, name)) => {
            call.name == name && file.import(call.base).is_some_and(|path| path == import)
        }
        None => call.name == wanted && !call.base.is_empty(),
    }
}

/// Files that only tests or mocks would name.
fn is_test(file: &File, at: usize) -> bool {
    words(file.function_name(at))
        .iter()
        .any(|word| matches!(word.as_str(), "test" | "tests" | "mock" | "fake" | "bench"))
}

fn named(value: Value) -> Option<Named> {
    let path = value.whole()?.to_owned();
    Some(Named {
        path,
        by: value.flag.map(|flag| format!("--{flag}")).or(value.variable),
        place: value.place,
    })
}

/// Defaults of settings whose names say that they are paths.
#[must_use]
pub fn settings(program: &Program) -> Vec<(Vec<String>, Named)> {
    let evaluator = Evaluator::new(program);
    let paths = |setting: &&Setting| {
        let name = words(&setting.name);
        let is = |list: &[&str]| name.iter().any(|word| list.contains(&word.as_str()));
        is(&[
            "path",
            "dir",
            "directory",
            "folder",
            "file",
            "root",
            "templates",
            "static",
            "assets",
            "storage",
        ]) && !is(&["url", "route", "prefix", "base", "api", "import"])
            && setting.default.is_some()
    };
    program
        .settings
        .iter()
        .filter(paths)
        .filter_map(|setting| {
            let mut found = named(evaluator.setting(setting)?)?;
            if setting.source == Source::Field {
                found.by = None;
            }
            Some((words(&setting.name), found))
        })
        .collect()
}

/// What names for folders are given (`staticDir = "static"`), and pairs of a path and its alias (`"./schema.sql:schema.sql"`).
#[must_use]
pub fn held(program: &Program) -> Vec<Named> {
    program.look(|place, file| {
        let texts = (0..file.len()).filter(|at| file.kind(*at) == Some(Kind::Text));
        let held = texts.filter_map(|at| {
            let named = matches!(file.before(at, 1), "=" | ":=")
                && words(file.before(at, 2))
                    .last()
                    .is_some_and(|word| matches!(word.as_str(), "dir" | "folder"));
            let word = file.word(at);
            let pair = word.starts_with("\"./") && word.contains(':');
            if !(named || pair) || is_test(file, at) {
                return None;
            }
            let text = file.string(at)?;
            let path = if named { text.as_str() } else { text.split(':').next().unwrap_or("") };
            Some(Named { path: path.to_owned(), by: None, place: Place { at, ..place } })
        });
        held.collect()
    })
}

/// Strings that end like a database file.
#[must_use]
pub fn databases(program: &Program, endings: &[String]) -> Vec<Named> {
    let finders: Vec<_> = endings.iter().map(memchr::memmem::Finder::new).collect();
    program.look(|place, file| {
        if !file.holds(&finders) {
            return Vec::new();
        }
        let texts = (0..file.len()).filter(|at| file.kind(*at) == Some(Kind::Text));
        let named = texts.filter_map(|at| {
            if !may_end_like(file.word(at), endings) {
                return None;
            }
            let place = Place { at, ..place };
            let path = in_its_folder(program, place, database(&file.string(at)?, endings)?, endings)?;
            let asks = matches!(file.before(at, 2), "HasSuffix" | "TrimSuffix" | "Ext");
            let named = !is_test(file, at) && !asks && file.before(at, 1) != "==";
            named.then_some(Named { path, by: None, place })
        });
        named.collect()
    })
}

/// The path of a database with the folder that it is put into; none where that is not known, or where the text is one of a
/// list of names to look for.
fn in_its_folder(program: &Program, place: Place, path: String, endings: &[String]) -> Option<String> {
    let file = program.file(place)?;
    if let Some(join) = joins(file, place.at) {
        return joined(program, place, &join, endings);
    }
    if let Some(name) = constant(file, place.at) {
        let package = program.packages.get(place.package)?;
        let uses: Vec<(usize, usize)> = (package.files.iter().enumerate())
            .flat_map(|(number, file)| (0..file.len()).map(move |at| (number, at)))
            .filter(|(number, at)| {
                package.files.get(*number).is_some_and(|file| file.word(*at) == name && file.is_word(*at))
            })
            .filter(|used| *used != (place.file, place.at.saturating_sub(2)))
            .collect();
        let each = uses.iter().map(|(number, at)| {
            let file = package.files.get(*number)?;
            Some((Place { package: place.package, file: *number, at: *at }, joins(file, *at)?))
        });
        let all: Vec<(Place, Call<'_>)> = each.flatten().collect();
        if !all.is_empty() {
            return all.iter().find_map(|(place, join)| joined(program, *place, join, endings));
        }
    }
    let listed =
        within(file, place.at).is_some_and(|open| file.word(open) == "{" && file.before(open, 1) == "string");
    let added = file.before(place.at, 1) == "+";
    (!listed && !added).then_some(path)
}

fn joined(program: &Program, place: Place, join: &Call<'_>, endings: &[String]) -> Option<String> {
    let value =
        Evaluator::new(program).value(Place { at: join.at, ..place }, &(join.at - 2..join.close + 1))?;
    database(value.whole()?, endings).filter(|path| !path.starts_with("//"))
}

/// The name of a constant or variable of the package that a token is the value of.
fn constant(file: &File, at: usize) -> Option<&str> {
    let name = at.checked_sub(2).filter(|name| file.is_word(*name) && file.before(at, 1) == "=")?;
    file.function_of(at).is_none().then(|| file.word(name))
}

/// `filepath.Join(folder, TOKEN)`, where the token is not the first part.
fn joins(file: &File, at: usize) -> Option<Call<'_>> {
    let open = within(file, at).filter(|open| file.word(*open) == "(")?;
    let call = file.call_at(open.checked_sub(1)?)?;
    let first = call.args.first().is_none_or(|first| first.contains(&at));
    (call.name == "Join" && matches!(call.base, "filepath" | "path") && !first).then_some(call)
}

/// The bracket that a token stands in, as far as it opens nearby.
fn within(file: &File, at: usize) -> Option<usize> {
    (at.saturating_sub(NEARBY)..at).rev().find(|open| file.close(*open).is_some_and(|close| close > at))
}

/// Further back no bracket is looked for.
const NEARBY: usize = 60;

/// A look at the token as it stands, before its value is made.
fn may_end_like(token: &str, endings: &[String]) -> bool {
    let inner = token.trim_end_matches(['"', '`']);
    inner.contains('?') || endings.iter().any(|ending| inner.ends_with(ending.as_str()))
}

/// The file of `file:data/app.db?cache=shared`.
fn database(text: &str, endings: &[String]) -> Option<String> {
    let path = text.strip_prefix("sqlite3://").or_else(|| text.strip_prefix("sqlite://")).unwrap_or(text);
    let path = path.strip_prefix("file:").unwrap_or(path);
    let path = path.split('?').next().unwrap_or(path);
    let stem = endings.iter().find_map(|ending| path.strip_suffix(ending.as_str()))?;
    let plain = stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
    (plain && !stem.is_empty() && !stem.ends_with('/')).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::go::value::tests::program;

    #[test]
    fn paths_of_calls_flags_and_databases() {
        let text = "package main\nimport \"os\"\nvar d = flag.String(\"data-path\", \"/data\", \"\")\nfunc main() {\n r.Static(\"/static\", \"./static\")\n os.ReadFile(\"a.json\")\n fs.ReadFile(\"b\")\n sql.Open(\"sqlite3\", \"file:data/app.db?x=1\")\n}\nfunc testDB() { open(\"t.db\") }";
        let program = program(&[("main.go", text)]);
        let opens = |call: &str, argument| Opens { call: call.to_owned(), argument };
        let paths: Vec<_> = handed(&program, &[opens("Static", 1), opens("os.ReadFile", 0)])
            .into_iter()
            .map(|n| n.path)
            .collect();
        assert_eq!(paths, ["./static", "a.json"]);
        let pairs = "package main\nfunc main() {\n files := []string{\"./schema.sql:schema.sql\", \"./:/admin\"}\n if i18nDir == \"\" { i18nDir = \"i18n\" }\n}";
        let pairs = held(&super::super::value::tests::program(&[("main.go", pairs)]));
        assert_eq!(
            pairs.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(),
            ["./schema.sql", "./", "i18n"]
        );
        let settings = settings(&program);
        assert_eq!(settings[0].1.path, "/data");
        assert_eq!(settings[0].1.by.as_deref(), Some("--data-path"));
        let bases: Vec<_> = databases(&program, &[".db".to_owned()]).into_iter().map(|n| n.path).collect();
        assert_eq!(bases, ["data/app.db"]);
    }
}
