//! The variables that a program cannot start without: it asks, finds nothing, and ends.

use std::collections::{BTreeMap, BTreeSet};

use super::file::{File, Span};
use super::program::{Given, Place, Program};
use super::scan::tag_value;
use super::setting::is_variable;
use super::value::Evaluator;

/// Calls are followed this far from `main`.
const FARTHEST: usize = 4;

/// The variables that have to be set, and where the program asks.
#[must_use]
pub fn required(program: &Program) -> BTreeMap<String, Place> {
    let mut found = BTreeMap::new();
    let evaluator = Evaluator::new(program);
    for (place, body) in straight(program) {
        let Some(file) = program.file(place) else { continue };
        for at in own_level(file, &body) {
            let here = Place { at, ..place };
            for name in asked(program, &evaluator, file, here, &body) {
                found.entry(name).or_insert(here);
            }
        }
    }
    tags(program, &mut found);
    found
}

/// The bodies that run whatever happens: `main`, every `init`, and what they call outside any branch.
#[must_use]
pub fn straight(program: &Program) -> Vec<(Place, Span)> {
    let mut seen = BTreeSet::new();
    let mut bodies: Vec<(Place, Span)> = Vec::new();
    for (place, file) in program.files() {
        for function in file.functions.iter().filter(|function| !function.method) {
            if function.name == "init" || function.name == "main" && place.package == 0 {
                bodies.push((Place { at: function.body.start, ..place }, function.body.clone()));
            }
        }
    }
    let mut from = 0;
    for _ in 0..FARTHEST {
        let to = bodies.len();
        for number in from..to {
            let Some((place, body)) = bodies.get(number).cloned() else { continue };
            let Some(file) = program.file(place) else { continue };
            for call in own_level(file, &body).filter_map(|at| file.call_at(at)) {
                let Some((at, function)) = program.callee(Place { at: call.at, ..place }, &call) else {
                    continue;
                };
                if seen.insert(at) {
                    bodies.push((at, function.body.clone()));
                }
            }
        }
        from = to;
    }
    bodies
}

/// The tokens of a body that stand in no block of it; those in brackets of calls do count.
fn own_level<'a>(file: &'a File, body: &Span) -> impl Iterator<Item = usize> + use<'a> {
    let (mut at, end) = (body.start, body.end);
    std::iter::from_fn(move || {
        while at < end && file.word(at) == "{" {
            at = file.close(at).unwrap_or(at) + 1;
        }
        let here = (at < end).then_some(at);
        at += 1;
        here
    })
}

/// The variables that the code at a token ends the program for.
fn asked(
    program: &Program,
    evaluator: &Evaluator<'_>,
    file: &File,
    place: Place,
    body: &Span,
) -> Vec<String> {
    let at = place.at;
    if file.word(at) == "if" && file.is_word(at) {
        return checked(evaluator, file, place, body);
    }
    let Some(call) = file.call_at(at) else { return Vec::new() };
    let first = call.args.first().and_then(|arg| file.only_string(arg)).filter(|name| is_variable(name));
    let must = call.name.to_ascii_lowercase().starts_with("must")
        || call.name.to_ascii_lowercase().starts_with("require");
    let ends = || {
        program.callee(place, &call).is_some_and(|(at, function)| {
            program.file(at).is_some_and(|theirs| {
                let mut calls = theirs.calls(function.body.clone());
                let reads = theirs
                    .calls(function.body.clone())
                    .any(|call| matches!(call.name, "Getenv" | "LookupEnv"));
                reads && calls.any(|call| is_fatal(call.base, call.name))
            })
        })
    };
    first.filter(|_| must && call.args.len() == 1 && ends()).into_iter().collect()
}

/// `if port == "" { log.Fatal(...) }` and `if !ok { panic(...) }`.
fn checked(evaluator: &Evaluator<'_>, file: &File, place: Place, body: &Span) -> Vec<String> {
    let Some(open) = (place.at..body.end.min(place.at + 80)).find(|at| file.word(*at) == "{") else {
        return Vec::new();
    };
    let Some(close) = file.close(open) else { return Vec::new() };
    let condition = file.split(place.at + 1..open, ";").pop().unwrap_or(place.at + 1..open);
    if condition.clone().any(|at| matches!(file.word(at), "&&" | "!=")) || !ends(file, open + 1..close) {
        return Vec::new();
    }
    let mut names = Vec::new();
    for part in file.split(condition, "||") {
        let sides = file.split(part.clone(), "==");
        if let [left, right] = sides.as_slice()
            && let Some(asked) = emptiness(file, left, right.start)
            && let Some(value) = evaluator.value(place, &asked)
            && value.whole().is_none_or(str::is_empty)
        {
            names.extend(value.variable);
        }
        if file.word(part.start) == "!" && part.len() == 2 {
            names.extend(looked_up(file, place.at, body, file.word(part.start + 1)));
        }
    }
    names
}

/// What `x == ""` and `len(x) == 0` ask about.
fn emptiness(file: &File, left: &Span, right: usize) -> Option<Span> {
    match file.word(right) {
        "\"\"" => Some(left.clone()),
        "0" if file.word(left.start) == "len" => file.call_at(left.start)?.args.first().cloned(),
        _ => None,
    }
}

/// The variable of the `LookupEnv` right before, whose second result goes by a name.
fn looked_up(file: &File, at: usize, body: &Span, ok: &str) -> Option<String> {
    let span = body.start.max(at.saturating_sub(16))..(at + 16).min(body.end);
    let call = file.calls(span).filter(|call| call.name == "LookupEnv").last()?;
    let assigned = file.before(call.at, 3) == ":=" && file.before(call.at, 4) == ok;
    call.args
        .first()
        .filter(|_| assigned)
        .and_then(|arg| file.only_string(arg))
        .filter(|name| is_variable(name))
}

/// Whether one of the first calls of a block ends the program.
fn ends(file: &File, block: Span) -> bool {
    file.calls(block).take(6).any(|call| is_fatal(call.base, call.name))
}

fn is_fatal(base: &str, name: &str) -> bool {
    matches!(
        (base, name),
        (_, "Fatal" | "Fatalf" | "Fatalln" | "Panic" | "Panicf" | "Panicln") | ("os", "Exit") | ("", "panic")
    )
}

/// `env:"TOKEN,required"` and `envconfig:"TOKEN" required:"true"`.
fn tags(program: &Program, found: &mut BTreeMap<String, Place>) {
    for (name, definitions) in &program.definitions {
        for definition in definitions.iter().filter(|one| one.field && !name.is_empty()) {
            let Given::Variable(variable) = &definition.given else { continue };
            let Some(file) = program.file(definition.place) else { continue };
            let at = definition.place.at;
            let line = file.line(at);
            let tag = (at..file.len())
                .take(16)
                .take_while(|at| file.line(*at) == line)
                .find_map(|at| file.string(at));
            let Some(tag) = tag else { continue };
            let listed = tag_value(&tag, "env").is_some_and(|value| {
                value.split(',').skip(1).any(|option| matches!(option, "required" | "notEmpty"))
            });
            let required = listed || tag_value(&tag, "required").is_some_and(|value| value == "true");
            let defaulted =
                ["default", "envDefault", "env-default"].iter().any(|key| tag_value(&tag, key).is_some());
            if required && !defaulted && is_variable(variable) {
                found.entry(variable.clone()).or_insert(definition.place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::go::value::tests::program;

    fn names(body: &str) -> Vec<String> {
        required(&program(&[("main.go", &format!("package main\n{body}"))])).into_keys().collect()
    }

    #[test]
    fn what_ends_the_program_is_required() {
        assert_eq!(
            names("func main() {\n p := os.Getenv(\"PORT\")\n if p == \"\" {\n log.Fatal(\"x\")\n}\n}"),
            ["PORT"]
        );
        assert_eq!(
            names(
                "func main() { load() }\nfunc load() {\n if os.Getenv(\"AA\") == \"\" || os.Getenv(\"BB\") == \"\" {\n panic(1)\n}\n}"
            ),
            ["AA", "BB"]
        );
        assert_eq!(
            names("func main() {\n v, ok := os.LookupEnv(\"KEY\")\n if !ok {\n log.Fatal(\"x\")\n}\n}"),
            ["KEY"]
        );
        assert_eq!(
            names("func main() {\n b := os.Getenv(\"BROKER\")\n if len(b) == 0 {\n os.Exit(1)\n}\n}"),
            ["BROKER"]
        );
        assert_eq!(names("type C struct {\n T string `env:\"TOKEN,required\"`\n}"), ["TOKEN"]);
        assert_eq!(
            names(
                "func main() { x := mustEnv(\"DSN\") }\nfunc mustEnv(k string) string {\n v := os.Getenv(k)\n if v == \"\" {\n panic(k)\n}\n return v\n}"
            ),
            ["DSN"]
        );
    }

    #[test]
    fn what_has_a_default_or_only_a_branch_asks_for_is_not() {
        assert!(
            names("func main() {\n p := os.Getenv(\"PORT\")\n if p == \"\" {\n p = \"1\"\n}\n}").is_empty()
        );
        assert!(
            names("func main() {\n if s3 {\n if os.Getenv(\"KEY\") == \"\" {\n panic(1)\n}\n}\n}").is_empty()
        );
        assert!(
            names(
                "func main() {\n if os.Getenv(\"AA\") == \"\" && os.Getenv(\"BB\") == \"\" {\n panic(1)\n}\n}"
            )
            .is_empty()
        );
    }
}
