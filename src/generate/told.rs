//! The answers of a person about the program itself, put over what was found: its start command and its port.

use camino::Utf8Path;

use crate::answers::{Answers, FILE};
use crate::compose::Composition;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Bound, Evidence, Found, Listen, Project, Stack, Start};
use crate::knowledge::Knowledge;
use crate::source::command;

/// What a person gave stands over what was found.
///
/// # Errors
/// What was given cannot work for a program of this kind.
pub(super) fn told(mut composition: Composition, answers: &Answers) -> Result<Composition> {
    if let Some(start) = &answers.start {
        started(&mut composition.main, start)?;
    }
    listening(composition, answers)
}

/// Versions that a person gave stand over those that the repository names.
pub(super) fn versions(
    composition: &mut Composition,
    answers: &Answers,
    knowledge: &Knowledge,
) -> Result<()> {
    for (language, version) in &answers.versions {
        let wrong = |message: String| Error::broken(FILE.into(), None, format!("`versions`: {message}"));
        let toolchains = &knowledge.bases.toolchains;
        let Some(toolchain) = toolchains.get(language) else {
            let known: Vec<&str> = toolchains.keys().map(String::as_str).collect();
            return Err(wrong(format!("`{language}` is none of {}", known.join(", "))));
        };
        if !toolchain.has(version) {
            let known: Vec<&str> = toolchain.versions.iter().map(|one| one.version.as_str()).collect();
            let message = format!("there is no image of {} {version}", toolchain.name);
            return Err(wrong(message).help(format!("there are images of {}", known.join(", "))));
        }
        let ends = composition.front_ends.iter_mut().map(|end| &mut end.project);
        for project in ends.chain([&mut composition.main]).filter(|project| project.language == *language) {
            let because = Evidence::told(format!("versions.{language} of {FILE}"));
            project.versions = vec![Found::new(Bound::Pin(version.clone()), because)];
        }
    }
    Ok(())
}

/// A start command as a person types it: for Go what follows the program, for Node what runs.
fn started(project: &mut Project, start: &str) -> Result<()> {
    let because = Evidence::told(format!("`--start \"{start}\"`"));
    let command = command::parse(start);
    let simple = command.program().filter(|_| !command.needs_shell && command.commands.len() == 1);
    match &mut project.stack {
        Stack::Go(facts) => {
            facts.args = behind(simple, start, "Go", &facts.binary, &because)?;
        }
        Stack::Rust(facts) => {
            let name = facts.binary.as_ref().map(|name| name.value.clone()).unwrap_or_default();
            facts.args = behind(simple, start, "Rust", &name, &because)?;
        }
        Stack::Node(facts) => {
            let value = simple.and_then(direct);
            let value = value.unwrap_or_else(|| Start { shell: Some(start.to_owned()), ..Start::default() });
            facts.site = None;
            facts.start = Some(Found::new(value, because));
        }
        Stack::Java(facts) => {
            let words = simple.map(|simple| simple.argv.clone()).ok_or_else(|| {
                refused(start, "a JVM program is started without a shell")
                    .help("give the words behind the program alone")
            })?;
            facts.started_with(&words, &because);
        }
        // Read where programs are found: what starts tells what is installed.
        Stack::Php(_) | Stack::Python(_) => {}
        Stack::Static(_) => {
            return Err(refused(start, "files are served by a web server, which starts by itself"));
        }
    }
    Ok(())
}

/// The words behind a program that was built.
fn behind(
    simple: Option<&command::Simple>,
    start: &str,
    language: &str,
    binary: &str,
    because: &Evidence,
) -> Result<Vec<Found<String>>> {
    let simple = simple.filter(|simple| simple.env.is_empty()).ok_or_else(|| {
        refused(start, &format!("a {language} program is started without a shell"))
            .help("give the words behind the program alone")
    })?;
    let own = simple.argv.first().is_some_and(|word| Utf8Path::new(word).file_name() == Some(binary));
    let args = simple.argv.iter().skip(usize::from(own));
    Ok(args.map(|word| Found::new(word.clone(), because.clone())).collect())
}

/// A file that node or bun runs needs no shell; scripts and programs of packages do.
fn direct(simple: &command::Simple) -> Option<Start> {
    let runs = simple.runs().filter(|runs| runs.runtime == "node" || runs.runtime == "bun");
    let argv: Vec<String> = match runs {
        Some(runs) => runs.flags.into_iter().chain([runs.file]).chain(runs.args).collect(),
        None if simple.argv.first().is_some_and(|word| is_script(word)) => simple.argv.clone(),
        None => return None,
    };
    Some(Start { argv, env: simple.env.clone(), shell: None })
}

fn is_script(word: &str) -> bool {
    Utf8Path::new(word).extension().is_some_and(|ending| ["js", "mjs", "cjs", "ts"].contains(&ending))
}

fn refused(start: &str, why: &str) -> Error {
    Error::new(ErrorKind::Refused, format!("`--start \"{start}\"` cannot work here: {why}"))
}

/// The port that a person gave stands over the one that was found; the variable that sets it stays.
fn listening(mut composition: Composition, answers: &Answers) -> Result<Composition> {
    let Some(port) = answers.port else { return Ok(composition) };
    if composition.main.stack.web_server().is_some_and(|server| !server.whole && !server.template) {
        let why = format!(
            "`--port {port}` cannot work here: the port stands in the project's own nginx configuration"
        );
        return Err(Error::new(ErrorKind::Refused, why).help("change its listen line"));
    }
    let found = composition.main.listen.first();
    let variable = found.and_then(|listen| listen.value.variable.clone());
    let same = found.is_some_and(|listen| listen.value.port == port && !listen.value.must_set);
    let value = Listen { port, must_set: variable.is_some() && !same, variable };
    composition.main.listen = vec![Found::new(value, Evidence::told(format!("`--port {port}`")))];
    Ok(composition)
}
