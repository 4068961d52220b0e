//! What the running program needs: its port, its variables, an address that others reach, how it ends.

use camino::Utf8PathBuf;

use super::assets::Look;
use super::reach::Reach;
use super::settings::Files;
use crate::facts::{Evidence, Found, Kind, Listen, Note, Project, RustFacts, Variable};
use crate::knowledge::Framework;
use crate::manifest::toml_tree;
use crate::source::ports::Role;
use crate::source::rust::listen::{self, Opened, Opener, Port};
use crate::source::rust::value::is_variable;
use crate::source::rust::{command, environment};

/// The frameworks that the program is made with.
pub(super) fn frameworks<'k>(look: &Look<'k>, reach: &Reach) -> Vec<&'k Framework> {
    let all = look.cx.knowledge.of(super::LANGUAGE).frameworks.iter();
    all.filter(|one| one.when.iter().any(|name| name == "*" || is_used(reach, name))).collect()
}

/// Whether the program's own packages depend on a crate: `ctrlc`, or `ctrlc+termination` with a feature of it.
fn is_used(reach: &Reach, name: &str) -> bool {
    let (name, feature) = name.split_once('+').map_or((name, None), |(name, feature)| (name, Some(feature)));
    let used = reach.direct(name);
    used.is_some_and(|(_, used)| feature.is_none_or(|feature| used.features.iter().any(|one| one == feature)))
}

/// The calls that open a port.
pub(super) fn openers(frameworks: &[&Framework]) -> Vec<Opener> {
    let each = frameworks.iter().flat_map(|one| one.listens.iter().map(move |listens| (one, listens)));
    each.map(|(one, listens)| Opener {
        call: listens.call.clone(),
        argument: listens.argument,
        role: match listens.role.as_deref() {
            Some("tls") => Role::Tls,
            Some("grpc") => Role::Grpc,
            Some("any") => Role::Any,
            _ => Role::Http,
        },
        name: one.name.clone(),
        port: one.port.filter(|_| listens.by_itself),
        variable: one.port_variable.clone(),
    })
    .collect()
}

/// Fills what the container needs.
pub(super) fn fill(
    look: &Look<'_>,
    reach: &Reach,
    files: &Files,
    facts: &mut RustFacts,
    project: &mut Project,
) {
    let frameworks = frameworks(look, reach);
    // What a tool for authors opens, nobody but them shall reach.
    let tool = command::previews(look.program);
    let heard =
        if tool { Vec::new() } else { listen::opened(look.program, look.evaluator, &openers(&frameworks)) };
    project.kind = kind(look, &heard, !tool && frameworks.iter().any(|one| one.worker));
    let serves = !tool
        && frameworks.iter().any(|one| !one.listens.is_empty() && !one.when.iter().any(|when| when == "*"));
    let named = || listen::by_name(look.program, look.evaluator).filter(|_| serves);
    let made = || listen::made(look.program, look.evaluator, &heard);
    if let Some(port) = listen::main_port(&heard).or_else(named).or_else(made) {
        let opened_by = listens(look, &port, project);
        if opened_by.is_empty() {
            super::host::open(look, project);
        }
        if project.kind.value != Kind::Web {
            let because = look.evidence(port.place, |file| format!("it has a port ({file})"));
            project.kind = Found::new(Kind::Web, because);
        }
        facts.args = command::serving(look.program)
            .into_iter()
            .map(|(word, place)| {
                let because = look.evidence(place, |path| format!("the sub-command that serves ({path})"));
                Found::new(word, because)
            })
            .chain(opened_by)
            .collect();
    }
    facts.handles_sigterm = project.kind.value == Kind::Cli
        || environment::handles_sigterm(look.program).is_some()
        || frameworks.iter().any(|one| one.handles_sigterm);
    own_files(look, &frameworks, project);
    modes(look, files, project);
    variables(look, project);
}

fn kind(look: &Look<'_>, heard: &[Opened], worker: bool) -> Found<Kind> {
    let server = heard.iter().min_by_key(|one| (one.aside, one.role));
    let works = worker || environment::works_on(look.program);
    if let Some(found) = server.filter(|found| !found.aside || !works) {
        let because = look.evidence(found.place, |file| format!("it listens ({file})"));
        return Found::new(Kind::Web, because);
    }
    let main = look.program.functions("main").next().map_or_else(
        || Evidence::told("fn main"),
        |(place, _)| look.evidence(place, |_| "fn main".to_owned()),
    );
    Found::new(if works { Kind::Worker } else { Kind::Cli }, main)
}

/// Fills the port. Back come the words that open a program on the loopback address to others.
fn listens(look: &Look<'_>, port: &Port, project: &mut Project) -> Vec<Found<String>> {
    let table = look.cx.knowledge.of(super::LANGUAGE).asked_port;
    let Some(number) = port.port.or(table) else { return Vec::new() };
    let mut words = Vec::new();
    let must_set = port.port.is_none();
    let because = look.evidence(port.place, |path| match (&port.by_itself, &port.flag, &port.variable) {
        _ if must_set => {
            format!("{}, which has no default ({path})", port.variable.as_deref().unwrap_or("the port"))
        }
        (Some(name), _, _) => format!("the default of {name} ({path})"),
        (None, _, Some(variable)) => format!("the default of {variable} ({path})"),
        (None, Some(flag), None) => format!("the default of --{flag} ({path})"),
        (None, None, None) => format!("the port in {path}"),
    });
    let mut variable = port.variable.clone();
    if port.loopback || must_set && port.whole {
        let whole = variable.clone().filter(|_| port.whole).map(|name| (name, format!("0.0.0.0:{number}")));
        let host = port.host.clone().map(|name| (name, "0.0.0.0".to_owned()));
        let flag = port.host_flag.as_ref().filter(|_| port.loopback && !command::has(look.program));
        match (whole.or(host), flag) {
            (Some((name, value)), _) => {
                let says = if must_set {
                    format!("{name} is the address to listen on, and has no default")
                } else {
                    format!(
                        "{name} is a loopback address by default, which nothing outside of the container reaches"
                    )
                };
                let evidence = Evidence { says, ..because.clone() };
                project
                    .env
                    .push(Found::new(Variable { name, value: Some(value), required: false }, evidence));
            }
            (None, Some((flag, whole))) => {
                let says = format!(
                    "--{flag} is a loopback address by default, which nothing outside of the container reaches"
                );
                let everyone = if *whole { format!("0.0.0.0:{number}") } else { "0.0.0.0".to_owned() };
                let evidence = Evidence { says, ..because.clone() };
                words.extend([format!("--{flag}"), everyone].map(|word| Found::new(word, evidence.clone())));
            }
            (None, None) => project.notes.push(Note {
                code: "listens-on-loopback".to_owned(),
                text:
                    "it listens on the loopback address alone, which nothing outside of the container reaches"
                        .to_owned(),
                because: vec![because.clone()],
            }),
        }
    }
    if port.whole {
        variable = None;
    }
    let must_set = must_set && !port.whole;
    project.listen.push(Found::new(Listen { port: number, variable, must_set }, because));
    words
}

/// A framework's own configuration file, and the variables that its server needs in a container.
fn own_files(look: &Look<'_>, frameworks: &[&Framework], project: &mut Project) {
    for framework in frameworks.iter().filter(|one| one.port.is_some()) {
        let mut told: Vec<(String, String)> = Vec::new();
        for name in &framework.config {
            let path = project.root.join(name);
            let Some(text) = look.cx.repo.source(&path) else { continue };
            let Ok(tree) = toml_tree::read(&path, &text) else { continue };
            let sections =
                ["global", "release", "production", "default"].iter().filter_map(|one| tree.get(one));
            for section in sections {
                for key in ["port", "address"] {
                    if let Some(node) = section.get(key)
                        && told.iter().all(|(known, _)| known != key)
                    {
                        let value = node.text().unwrap_or_default().to_owned();
                        if let (Some(listen), Ok(port)) = (project.listen.first_mut(), value.parse())
                            && key == "port"
                        {
                            listen.value.port = port;
                            listen.because =
                                vec![Evidence::line(&path, node.line, format!("the port of {path}"))];
                        }
                        told.push((key.to_owned(), value));
                    }
                }
            }
            let because = Evidence::file(&path, format!("{} reads it when it starts", framework.name));
            project.reads.push(Found::new(Utf8PathBuf::from(name), because));
        }
        let reachable =
            told.iter().any(|(key, value)| key == "address" && (value == "0.0.0.0" || value == "::"));
        for (name, value) in framework.env.iter().filter(|_| !reachable) {
            let says = format!(
                "{} listens on the loopback address by itself, which nothing outside reaches",
                framework.name
            );
            let value = Variable { name: name.clone(), value: Some(value.clone()), required: false };
            project.env.push(Found::new(value, Evidence::told(says)));
        }
    }
}

/// A variable that chooses among configuration files: `production` counts in a container.
fn modes(look: &Look<'_>, files: &Files, project: &mut Project) {
    for (place, file, call) in look.program.calls().filter(|(_, _, call)| call.name == "var") {
        let Some(name) =
            call.args.first().and_then(|arg| file.only_string(arg)).filter(|name| is_variable(name))
        else {
            continue;
        };
        let chooses =
            ["ENV", "ENVIRONMENT", "MODE", "PROFILE", "STAGE"].iter().any(|end| name.ends_with(end));
        if !chooses || project.env.iter().any(|one| one.value.name == name) {
            continue;
        }
        let end = (call.close + 1..file.len()).find(|at| file.mark(*at) == ";").unwrap_or(call.close + 1);
        let Some(value) = look.evaluator.value(place, &(call.start..end)) else { continue };
        let Some(default) = value.whole().map(str::to_owned) else { continue };
        let local = ["local", "development", "dev"].contains(&default.as_str());
        let Some(mode) = ["production", "prod", "release"].into_iter().find(|mode| files.has(mode)) else {
            continue;
        };
        if local {
            let because = look.evidence(place, |file| format!("{name} is {default} by default ({file})"));
            project
                .env
                .push(Found::new(Variable { name, value: Some(mode.to_owned()), required: false }, because));
            developing(look, files, &default, mode, project);
        }
    }
}

/// Whether the program's settings have a field of the name that nothing fills: no option, no default of its own or its struct's.
fn must_be_given(look: &Look<'_>, name: &str) -> bool {
    let mut fields =
        look.program.fields(name).filter_map(|(place, field)| Some((look.program.file(place)?, field)));
    fields.any(|(file, field)| {
        let defaults = field.attributes.iter().any(|span| file.text_of(span).contains("default"));
        let optional = ["Option", "bool"].contains(&file.mark(field.kind.start));
        let other = file.text_of(&file.all()).contains(&format!("impl Default for {}", field.owner));
        !defaults && !optional && !other
    })
}

/// What only the configuration for development has comes from the environment, where the program reads that, too.
fn developing(look: &Look<'_>, files: &Files, local: &str, mode: &str, project: &mut Project) {
    let text_of = |name: &str| {
        let mut calls = look.program.calls().filter(|(_, _, call)| call.name == name);
        calls.find_map(|(_, file, call)| file.only_string(call.args.first()?))
    };
    for one in files.only_in(look.cx, local, mode) {
        if !one.keys.last().is_some_and(|key| must_be_given(look, key)) {
            continue;
        }
        let shown = one.keys.join(".");
        let because = Evidence::line(&one.path, one.line, format!("{shown}, which only {} has", one.path));
        let separator = text_of("separator");
        let prefix = text_of("with_prefix").or_else(|| text_of("prefix"));
        let name = prefix.zip(separator.clone()).map(|(prefix, separator)| {
            let front = text_of("prefix_separator").unwrap_or_else(|| separator.clone());
            format!("{prefix}{front}{}", one.keys.join(&separator)).to_ascii_uppercase()
        });
        match name {
            Some(name) if is_variable(&name) => {
                if project.env.iter().all(|known| known.value.name != name) {
                    project.env.push(Found::new(Variable { name, value: None, required: true }, because));
                }
            }
            _ => project.notes.push(Note {
                code: "only-for-development".to_owned(),
                text: format!(
                    "`{shown}` stands in the configuration for development alone: the one for {mode} lacks it"
                ),
                because: vec![because],
            }),
        }
    }
}

fn variables(look: &Look<'_>, project: &mut Project) {
    let asked = project.listen.iter().find_map(|one| one.value.variable.clone());
    for (name, place) in environment::required(look.program, look.evaluator) {
        if Some(&name) == asked.as_ref() || project.env.iter().any(|one| one.value.name == name) {
            continue;
        }
        let because =
            look.evidence(place, |path| format!("{name}, without which it does not start ({path})"));
        project.env.push(Found::new(Variable { name, value: None, required: true }, because));
    }
}
