//! Migrations among the commands of a build script: an image is built where no database is, so they are left out.

use super::manifests::followed;
use super::work::Work;
use crate::detect::Context;
use crate::facts::Note;
use crate::manifest::package_json::PackageJson;
use crate::source::command::{self, Simple};

/// Scripts that call each other further than this are a circle.
const DEPTH: usize = 8;

/// A build script without its migrations.
pub(super) struct Left {
    /// What it runs beside them.
    pub(super) kept: Vec<Vec<String>>,
    /// The first of them.
    migration: String,
}

/// The commands of a build script that migrates, where nothing but words stands between them.
pub(super) fn left_out(cx: &Context, work: &Work, script: &str) -> Option<Left> {
    let table = &cx.knowledge.of("node").migrations;
    let mut parts = Vec::new();
    gather(table, &work.manifest, script, 0, &mut parts)?;
    let (migrating, kept): (Vec<Simple>, Vec<Simple>) =
        parts.into_iter().partition(|simple| migrates(table, simple));
    let migration = migrating.first()?.argv.join(" ");
    // A step has no variables of its own.
    if kept.is_empty() || kept.iter().any(|simple| !simple.env.is_empty()) {
        return None;
    }
    Some(Left { kept: kept.into_iter().map(|simple| simple.argv).collect(), migration })
}

/// What tells about it.
pub(super) fn note(cx: &Context, work: &Work) -> Option<Note> {
    let script = super::build::script(cx, work)?;
    let left = left_out(cx, work, script)?;
    let text = format!(
        "`{}` of the {script} script is left out of the image's build, which reaches no database: run it before the program starts",
        left.migration
    );
    Some(super::work::note("build-migrates", text, work.at_script(script)))
}

/// The commands of a script, with those of scripts that migrate in place of their names; none where it takes a shell.
fn gather(
    table: &[String],
    manifest: &PackageJson,
    script: &str,
    depth: usize,
    parts: &mut Vec<Simple>,
) -> Option<()> {
    let text = manifest.scripts.get(script).filter(|_| depth < DEPTH)?;
    let command = command::parse(text);
    if command.needs_shell {
        return None;
    }
    for simple in command.commands {
        let scripts = simple.scripts().filter(|scripts| scripts.elsewhere.is_none() && !scripts.parallel);
        let own =
            scripts.filter(|scripts| scripts.names.iter().all(|name| manifest.scripts.contains_key(name)));
        let Some(scripts) = own else {
            parts.push(simple);
            continue;
        };
        for name in &scripts.names {
            if followed(manifest, name).iter().any(|simple| migrates(table, simple)) {
                gather(table, manifest, name, depth + 1, parts)?;
            } else {
                let argv = ["npm", "run", name].map(str::to_owned).to_vec();
                parts.push(Simple { argv, ..Simple::default() });
            }
        }
    }
    Some(())
}

/// Whether a command is one of the table's: a program and a word behind it.
fn migrates(table: &[String], simple: &Simple) -> bool {
    table.iter().filter_map(|row| row.split_once(' ')).any(|(program, verb)| {
        let at = simple.argv.iter().position(|word| word == program);
        at.is_some_and(|at| simple.argv.iter().skip(at + 1).any(|word| word == verb))
    })
}
