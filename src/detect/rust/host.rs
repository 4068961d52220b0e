//! The host beside the port of a program's settings: a loopback address by default, which a variable of the settings opens.

use super::assets::Look;
use crate::facts::{Found, Note, Project, Variable};
use crate::source::rust::program::Place;
use crate::source::rust::value::is_variable;

/// What settings call the address that they listen on.
const HOSTS: [&str; 6] = ["host", "address", "addr", "bind", "ip", "listen_address"];
/// What an address of the own machine alone begins with.
const LOOPBACK: [&str; 4] = ["127.0.0.1", "localhost", "::1", "[::1]"];
/// The code of the note that a variable makes needless.
const NOTE: &str = "listens-on-loopback";

/// Opens the host of the settings, or tells that nothing does.
pub(super) fn open(look: &Look<'_>, project: &mut Project) {
    let told = |name: &str| project.env.iter().any(|one| one.value.name == name && one.value.value.is_some());
    let Some((name, place)) = loopback(look) else { return };
    let variable = prefix(look).map(|front| format!("{front}{name}").to_ascii_uppercase());
    let Some(variable) = variable.filter(|variable| is_variable(variable)) else {
        if project.env.iter().all(|one| one.value.value.is_none())
            && project.notes.iter().all(|note| note.code != NOTE)
        {
            let because = look.evidence(place, |path| format!("{name} in {path}"));
            project.notes.push(Note {
                code: NOTE.to_owned(),
                text:
                    "it listens on the loopback address alone, which nothing outside of the container reaches"
                        .to_owned(),
                because: vec![because],
            });
        }
        return;
    };
    if told(&variable) {
        return;
    }
    project.notes.retain(|note| note.code != NOTE);
    let because = look.evidence(place, |_| {
        format!("{variable} is a loopback address by default, which nothing outside of the container reaches")
    });
    let value = Variable { name: variable, value: Some("0.0.0.0".to_owned()), required: false };
    project.env.push(Found::new(value, because));
}

/// The field of the outermost settings whose default nothing outside of the container reaches.
fn loopback(look: &Look<'_>) -> Option<(String, Place)> {
    look.program.files().find_map(|(place, file)| {
        file.fields.iter().find_map(|field| {
            let owner = field.owner.to_ascii_lowercase();
            let outermost = ["settings", "config", "configuration"].contains(&owner.as_str());
            let beside = || file.fields.iter().any(|one| one.owner == field.owner && one.name == "port");
            if !outermost || !HOSTS.contains(&field.name.as_str()) || !beside() {
                return None;
            }
            let here = Place { at: field.at, ..place };
            let keys = [field.name.clone()];
            let value = look.evaluator.held(here, field, 0).filter(|value| value.whole().is_some());
            let value = value.or_else(|| look.evaluator.set_default(&keys, 0))?;
            let text = value.whole()?;
            (value.variable.is_none() && LOOPBACK.contains(&text)).then(|| (field.name.clone(), here))
        })
    })
}

/// What stands in front of a key in the variable that sets it, where settings are read from the environment, too.
fn prefix(look: &Look<'_>) -> Option<String> {
    let text_of = |name: &str| {
        let mut calls = look.program.calls().filter(|(_, _, call)| call.name == name);
        calls.find_map(|(place, _, call)| {
            let value = look.evaluator.value(place, call.args.first()?)?;
            value.whole().map(str::to_owned)
        })
    };
    let prefix = text_of("with_prefix")?;
    let between =
        text_of("prefix_separator").or_else(|| text_of("separator")).unwrap_or_else(|| "_".to_owned());
    Some(format!("{prefix}{between}"))
}
