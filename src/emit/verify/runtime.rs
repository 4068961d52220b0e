//! What a stage's instructions promise of the container: one start command, no shell around it, no root.

use std::collections::BTreeMap;

use super::{Findings, Stage};
use crate::emit::dockerfile::Instruction;

/// Instructions that Docker takes only the last of.
const ONCE: [&str; 4] = ["ENTRYPOINT", "CMD", "HEALTHCHECK", "STOPSIGNAL"];

/// What a merge may have put in twice.
pub(super) fn doubled(stage: &Stage, findings: &mut Findings) {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for instruction in &stage.instructions {
        for (key, name) in keys(instruction, findings) {
            if let Some(first) = seen.insert(key, instruction.line) {
                findings.add(instruction.line, format!("`{name}` stands in line {first} already"));
            }
        }
    }
}

/// What of an instruction may stand only once in a stage: a key, and how to call it.
fn keys(instruction: &Instruction, findings: &mut Findings) -> Vec<(String, String)> {
    let keyword = instruction.keyword.as_str();
    if ONCE.contains(&keyword) {
        return vec![(keyword.to_owned(), keyword.to_owned())];
    }
    let plain = findings.plain(instruction);
    let own = |text: &str| {
        let name = format!("{keyword} {text}");
        (name.clone(), name)
    };
    match keyword {
        "EXPOSE" => plain.iter().map(|port| own(port.text.trim_end_matches("/tcp"))).collect(),
        "VOLUME" => plain.iter().map(|path| own(&path.text)).collect(),
        "ARG" => plain.iter().filter_map(|arg| arg.text.split('=').next().map(own)).collect(),
        "ENV" => plain.iter().filter_map(|pair| changes(&pair.text, &pair.variables).map(own)).collect(),
        "COPY" | "ADD" if instruction.heredocs.is_empty() => vec![own(&written(instruction))],
        _ => Vec::new(),
    }
}

/// The name that an `ENV` sets, unless it builds on what was there (`PATH=/opt/bin:$PATH`).
fn changes<'a>(pair: &'a str, variables: &[String]) -> Option<&'a str> {
    let name = pair.split('=').next()?;
    (!variables.iter().any(|variable| variable == name)).then_some(name)
}

fn written(instruction: &Instruction) -> String {
    let flags = instruction.flags.iter().map(|flag| {
        flag.value
            .as_ref()
            .map_or_else(|| format!("--{}", flag.name), |value| format!("--{}={value}", flag.name))
    });
    flags.chain(instruction.operands.iter().cloned()).collect::<Vec<_>>().join(" ")
}

/// A shell in front of the program keeps signals from it.
pub(super) fn exec_form(stage: &Stage, findings: &mut Findings) {
    for instruction in ["ENTRYPOINT", "CMD"].iter().flat_map(|keyword| stage.all(keyword)) {
        if !instruction.exec {
            findings.add(instruction.line, format!("`{}` is not in exec form", instruction.keyword));
        }
    }
}

/// The image runs as a numeric user and group that is not root.
pub(super) fn user(last: &Stage, findings: &mut Findings) {
    let Some(user) = last.last("USER") else {
        findings.add(last.line, "the last stage has no `USER`");
        return;
    };
    for user_and_group in findings.plain(user) {
        let text = user_and_group.text;
        match text.split_once(':').map(|(user, group)| (user.parse::<u32>(), group.parse::<u32>())) {
            Some((Ok(0), _)) => findings.add(user.line, "the image runs as root"),
            Some((Ok(_), Ok(_))) => {}
            _ => findings.add(user.line, format!("`USER {text}` is not a numeric user and group")),
        }
    }
}

/// An image made from nothing has no command of its own.
pub(super) fn start(last: &Stage, findings: &mut Findings) {
    let starts = ["ENTRYPOINT", "CMD"].iter().any(|keyword| last.last(keyword).is_some());
    if last.image == "scratch" && !starts {
        findings.add(last.line, "the image has no `ENTRYPOINT` and no `CMD`");
    }
}
