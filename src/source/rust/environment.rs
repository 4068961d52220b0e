//! What a program asks of its surroundings: variables without which it does not start, and the signals that it handles.

use std::collections::{BTreeMap, BTreeSet};

use super::file::{File, Span};
use super::items::Field;
use super::program::{Place, Program};
use super::value::{Evaluator, is_variable};

/// Calls are followed this far from `main`.
const FARTHEST: usize = 4;

/// The variables that have to be set, and where the program asks.
#[must_use]
pub fn required(program: &Program, evaluator: &Evaluator<'_>) -> BTreeMap<String, Place> {
    let mut found = BTreeMap::new();
    for (place, body) in straight(program) {
        let Some(file) = program.file(place) else { continue };
        for at in own_level(file, &body) {
            let Some(call) = file.call_at(at).filter(|call| is_asking(call.base(), call.name)) else {
                continue;
            };
            let here = Place { at, ..place };
            let name = call.args.first().and_then(|arg| evaluator.value(here, arg));
            let name =
                name.and_then(|value| value.whole().map(str::to_owned)).filter(|name| is_variable(name));
            if let Some(name) = name.filter(|_| insists(file, call.close + 1)) {
                found.entry(name).or_insert(here);
            }
        }
    }
    options(program, evaluator, &mut found);
    found
}

fn is_asking(base: &str, name: &str) -> bool {
    matches!((base, name), ("env" | "dotenvy" | "dotenv", "var"))
}

/// Whether a result is taken for granted: `.unwrap()`, `.expect("...")`, `?`, with nothing in front that gives another.
fn insists(file: &File, mut at: usize) -> bool {
    for _ in 0..6 {
        if file.mark(at) == "?" {
            return true;
        }
        let Some(call) = file.call_at(at + 1).filter(|_| file.mark(at) == ".") else { return false };
        match call.name {
            "unwrap" | "expect" => return true,
            "unwrap_or_else" => return call.args.first().is_some_and(|arg| ends(file, arg)),
            "context" | "with_context" | "map_err" | "wrap_err" | "ok_or" | "ok_or_else" | "trim"
            | "parse" => {}
            _ => return false,
        }
        at = call.close + 1;
    }
    false
}

fn ends(file: &File, span: &Span) -> bool {
    file.calls(span.clone()).any(|call| matches!(call.name, "panic" | "exit" | "abort"))
}

/// The bodies that run whatever happens: `main`, what it calls outside any branch, and statics.
fn straight(program: &Program) -> Vec<(Place, Span)> {
    let mut seen = BTreeSet::new();
    let mut bodies: Vec<(Place, Span)> = Vec::new();
    for (place, one) in program.functions("main").filter(|(place, _)| place.owner == 0 && place.file == 0) {
        bodies.push((place, one.body.clone()));
    }
    for (place, file) in program.files() {
        for constant in &file.constants {
            bodies.push((Place { at: constant.value.start, ..place }, lazily(file, &constant.value)));
        }
    }
    let mut from = 0;
    for _ in 0..FARTHEST {
        let to = bodies.len();
        for number in from..to {
            let Some((place, body)) = bodies.get(number).cloned() else { continue };
            let Some(file) = program.file(place) else { continue };
            for call in own_level(file, &body).filter_map(|at| file.call_at(at)) {
                if let Some((at, function)) = program.callee(Place { at: call.at, ..place }, &call)
                    && seen.insert(at)
                {
                    bodies.push((at, function.body.clone()));
                }
            }
        }
        from = to;
    }
    bodies
}

/// The body of `LazyLock::new(|| { ... })`.
fn lazily(file: &File, value: &Span) -> Span {
    let open = file.find(value.clone(), &["("]);
    let brace = open.and_then(|open| file.close(open).and_then(|close| file.find(open + 1..close, &["{"])));
    brace.and_then(|brace| file.close(brace).map(|close| brace + 1..close)).unwrap_or(value.clone())
}

/// The tokens of a body that stand in no branch or loop of it; struct literals, plain and async blocks do count.
fn own_level<'a>(file: &'a File, body: &Span) -> impl Iterator<Item = usize> + use<'a> {
    let (mut at, end) = (body.start, body.end);
    let enters = |at: usize| {
        let before = file.before(at, 1);
        matches!(before, "async" | "unsafe" | "move" | "=" | ";" | "{")
            || before.starts_with(|first: char| first.is_uppercase())
    };
    std::iter::from_fn(move || {
        while at < end && file.mark(at) == "{" && !enters(at) {
            at = file.past(at);
        }
        let here = (at < end).then_some(at);
        at += 1;
        here
    })
}

/// Options and fields that are filled from the environment and have no default: clap's `env`, envy's structs.
fn options(program: &Program, evaluator: &Evaluator<'_>, found: &mut BTreeMap<String, Place>) {
    let filled = envy(program);
    let parsed = parsed(program);
    for (place, file) in program.files() {
        for field in &file.fields {
            if !parsed.contains(&field.owner) && filled.iter().all(|(owner, _)| *owner != field.owner) {
                continue;
            }
            let here = Place { at: field.at, ..place };
            let kind = file.text_of(&field.kind);
            let free = ["Option", "Vec", "bool"].iter().any(|name| kind.trim_start().starts_with(name));
            if free || has_default(file, field) {
                continue;
            }
            let value = evaluator.held(here, field, 0).filter(|value| value.whole().is_none());
            let asked = value.and_then(|value| value.variable).filter(|_| is_option(file, field));
            let prefix = filled.iter().find(|(owner, _)| *owner == field.owner).map(|(_, prefix)| prefix);
            let derived = prefix.map(|prefix| format!("{prefix}{}", field.name.to_ascii_uppercase()));
            if let Some(name) = asked.or(derived) {
                found.entry(name).or_insert(here);
            }
        }
    }
}

/// The structs that the command line or the environment fills whatever is started, those within them among them. The
/// options of a sub-command are not asked for by another.
fn parsed(program: &Program) -> BTreeSet<String> {
    let mut owners: BTreeSet<String> = BTreeSet::new();
    for name in ["parse", "try_parse", "init_from_env", "from_args", "from_env", "load"] {
        let places = program.called(name).iter();
        owners.extend(
            places.filter_map(|place| Some(program.file(*place)?.call_at(place.at)?.base().to_owned())),
        );
    }
    for _ in 0..3 {
        let within = program.files().flat_map(|(_, file)| file.fields.iter().map(move |field| (file, field)));
        let inner: Vec<String> = within
            .filter(|(file, field)| {
                let mut words = field.attributes.iter().flat_map(Clone::clone);
                owners.contains(&field.owner) && words.any(|at| matches!(file.mark(at), "flatten" | "nested"))
            })
            .filter_map(|(file, field)| program.owner_in(file, &field.kind))
            .collect();
        owners.extend(inner);
    }
    owners
}

fn is_option(file: &File, field: &Field) -> bool {
    let names = ["arg", "clap", "structopt", "envconfig", "config", "env"];
    field.attributes.iter().any(|attribute| names.contains(&file.mark(attribute.start)))
}

fn has_default(file: &File, field: &Field) -> bool {
    field.attributes.iter().any(|attribute| {
        attribute.clone().any(|at| {
            matches!(
                file.mark(at),
                "default"
                    | "default_value"
                    | "default_value_t"
                    | "required"
                    | "skip"
                    | "required_unless_present"
                    | "conflicts_with"
                    | "subcommand"
                    | "flatten"
                    | "default_missing_value"
                    | "nested"
            )
        })
    })
}

/// The structs that envy fills, and the prefix of their variables.
fn envy(program: &Program) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (place, file, call) in program.calls() {
        if call.name != "from_env" || call.method || call.base() != "envy" {
            let chained = call.method && call.name == "from_env" && file.before(call.start, 2) == ")";
            if !chained {
                continue;
            }
        }
        let prefix = file
            .calls(call.at.saturating_sub(8)..call.at)
            .find(|one| one.name == "prefixed" && one.base() == "envy")
            .and_then(|one| file.only_string(one.args.first()?));
        if call.method && prefix.is_none() {
            continue;
        }
        let generic = call.at + 1..call.close;
        let owner = program.owner_in(file, &generic).or_else(|| {
            let function = file.function_at(place.at)?;
            program.owner_in(file, &function.result).or_else(|| function.owner.clone())
        });
        found.extend(owner.map(|owner| (owner, prefix.unwrap_or_default())));
    }
    found
}

/// Whether the program does something of its own on SIGTERM.
#[must_use]
pub fn handles_sigterm(program: &Program) -> Option<Place> {
    program.files().find_map(|(place, file)| {
        (0..file.len()).find_map(|at| {
            let terminate = file.word(at) == "terminate" && file.before(at, 2) == "SignalKind";
            let named = matches!(file.mark(at), "SIGTERM" | "TERM_SIGNALS" | "SIGTERM_SIGNAL");
            (terminate || named).then_some(Place { at, ..place })
        })
    })
}

/// Whether the program's own package goes on by itself: it loops, waits for signals, or works at intervals.
#[must_use]
pub fn works_on(program: &Program) -> bool {
    let own = program.crates.first().map(|one| one.dir.clone());
    let waits = program.calls().any(|(place, _, call)| {
        let named = matches!(
            (call.base(), call.name),
            ("signal", "ctrl_c") | ("time", "interval") | ("JobScheduler", "new")
        );
        named && program.crates.get(place.owner).map(|one| &one.dir) == own.as_ref()
    });
    let loops = program.functions("main").filter(|(place, _)| place.owner == 0).any(|(place, one)| {
        let Some(file) = program.file(place) else { return false };
        one.body.clone().any(|at| file.mark(at) == "loop" && file.mark(at + 1) == "{")
    });
    waits || loops
}

#[cfg(test)]
mod tests {
    use super::super::listen::tests::program;
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let program = program(text);
        let settings = |_: &[String]| None;
        required(&program, &Evaluator::new(&program, &settings)).into_keys().collect()
    }

    #[test]
    fn what_is_taken_for_granted_is_required() {
        assert_eq!(
            names("fn main() { let url = env::var(\"DATABASE_URL\").expect(\"x\"); }"),
            ["DATABASE_URL"]
        );
        assert_eq!(
            names(
                "fn main() -> R { let c = Config::load()?; } impl Config { fn load() -> R { Ok(Self { token: std::env::var(\"TOKEN\").context(\"x\")?, level: env::var(\"LEVEL\").ok() }) } }"
            ),
            ["TOKEN"]
        );
        assert_eq!(
            names("static S: LazyLock<String> = LazyLock::new(|| { env::var(\"SECRET\").unwrap() });"),
            ["SECRET"]
        );
        assert_eq!(
            names(
                "fn main() { A::parse(); } struct A { #[arg(long, env = \"DB\")] db: String, #[arg(long, env)] level: Option<String>, #[arg(env = \"P\", default_value_t = 1)] p: u8 }"
            ),
            ["DB"]
        );
        assert_eq!(
            names(
                "struct C { url: String, #[serde(default)] x: u8 } fn main() { let c: C = envy::prefixed(\"APP_\").from_env::<C>().unwrap(); }"
            ),
            ["APP_URL"]
        );
    }

    #[test]
    fn what_has_another_way_is_not() {
        assert!(names("fn main() { let a = env::var(\"AA\").unwrap_or_default(); if x { env::var(\"BB\").unwrap(); } }").is_empty());
        assert!(names("fn unused() { env::var(\"CC\").unwrap(); } fn main() {}").is_empty());
    }

    #[test]
    fn signals() {
        assert!(handles_sigterm(&program("fn f() { signal(SignalKind::terminate()); }")).is_some());
        assert!(handles_sigterm(&program("fn f() { tokio::signal::ctrl_c(); }")).is_none());
    }
}
