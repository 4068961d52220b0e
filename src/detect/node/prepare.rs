//! Commands that a script has in front of the program: what the image's build does, or has done.

use super::start::{Looking, unwrapped};
use crate::source::command::Simple;

/// Whether a command in front of the program belongs into the build, or changes nothing in an image.
pub(super) fn prepares(looking: &Looking, simple: &Simple) -> bool {
    let simple = unwrapped(looking, simple);
    let harmless = ["rimraf", "rm", "mkdir", "echo", "clear", "cp", "copyfiles", "cd", "true"];
    let plain = |simple: &Simple| {
        installs(simple) || simple.program().is_some_and(|program| harmless.contains(&program))
    };
    is_builder(looking, &simple)
        || plain(&simple)
        || simple.scripts().is_some_and(|scripts| {
            let inner = |name: &String| super::manifests::followed(&looking.work.manifest, name);
            let inner: Vec<Simple> = scripts.names.iter().flat_map(inner).collect();
            !inner.is_empty() && inner.iter().all(|simple| is_builder(looking, simple) || plain(simple))
        })
}

/// `npm ci`, `yarn`: the image's build has done it.
fn installs(simple: &Simple) -> bool {
    let words: Vec<&str> =
        simple.argv.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
    matches!(words.as_slice(), ["npm" | "pnpm" | "yarn" | "bun", "install" | "i" | "ci"] | ["yarn"])
}

pub(super) fn is_builder(looking: &Looking, simple: &Simple) -> bool {
    let table = looking.cx.knowledge.of("node");
    let simple = unwrapped(looking, simple);
    if let Some(scripts) = simple.scripts() {
        let compiles = |name: &String| {
            let commands = super::manifests::followed(&looking.work.manifest, name);
            let builder =
                |simple: &Simple| table.builders.iter().any(|one| Some(one.as_str()) == simple.program());
            !commands.is_empty() && commands.iter().all(builder)
        };
        return !scripts.names.is_empty()
            && scripts.names.iter().all(|name| {
                ["build", "compile", "generate"].iter().any(|word| name.contains(word))
                    || table.build_scripts.contains(name)
                    || compiles(name)
            });
    }
    let program = simple.program().unwrap_or_default();
    table.builders.iter().any(|builder| builder == program)
        || simple.argv.get(1).is_some_and(|word| word == "build" || word == "generate")
}
