//! Packages that a program loads when it starts: one that package.json lists for development is missing from a production
//! install, and the program ends with `Cannot find module`.

use super::code::Reached;
use super::start::Begin;
use super::tsc::Output;
use super::work::Work;
use super::{build, manifests};
use crate::detect::Context;
use crate::facts::{Found, NodeFacts, Note};

/// A package that the program loads when it starts and that package.json lists for development: without it, it ends there.
pub(super) fn at_start(
    cx: &Context,
    work: &mut Work,
    facts: &mut NodeFacts,
    begin: &Begin,
    (reached, compiled): (&Reached, Option<&Output>),
) {
    if facts.standalone || facts.keeps_dev.is_some() || !loads_as_written(cx, work, begin, compiled) {
        return;
    }
    // pnpm and PnP let a program load only what its own manifest lists, others also what comes with that.
    let apart = facts.tool.pnp || facts.tool.id == "pnpm";
    let comes = |name: &str| !apart && work.lock.shipped().any(|package| package.name == name);
    let lost = |found: &Found<String>| {
        let name = &found.value;
        work.manifest.dev_dependencies.contains_key(name) && !work.ships(name) && !comes(name)
    };
    let Some(Found { value: package, because }) = reached.packages().into_iter().find(lost) else { return };
    work.notes.push(Note {
        code: "loads-development-dependency".to_owned(),
        text: format!("the program loads `{package}` when it starts, which package.json lists for development: all of its packages are in the image; `dependencies` is its place"),
        because: because.iter().cloned().chain([work.at_dependency(&package)]).collect(),
    });
    facts.keeps_dev = Some(Found { value: (), because });
}

/// Whether what runs loads what the sources load: they run as they are, or a compiler made them file by file.
fn loads_as_written(cx: &Context, work: &Work, begin: &Begin, compiled: Option<&Output>) -> bool {
    let Some(file) = &begin.file else { return false };
    if cx.repo.has(work.root.join(file)) {
        return true;
    }
    let table = cx.knowledge.of("node");
    let Some(script) = build::script(cx, work) else { return false };
    let commands = manifests::followed(&work.manifest, script);
    let of = |list: &[String]| {
        commands
            .iter()
            .filter_map(|simple| simple.program())
            .filter(|name| list.iter().any(|one| one == name))
            .count()
    };
    let every = [table.builders.clone(), table.compilers.clone()].concat();
    compiled.is_some_and(|output| file.starts_with(&output.folder))
        && of(&table.compilers) > 0
        && of(&table.compilers) == of(&every)
}
