//! What a server serves and another project of the repository builds: a front end beside it, or below it. A build script
//! that only does the front end's work leaves it to the stage that the front end has of its own.

use camino::{Utf8Path, Utf8PathBuf};

use super::code::Reached;
use super::work::Work;
use crate::detect::{Context, join_inside};
use crate::facts::{Found, NodeFacts};
use crate::manifest::package_json::PackageJson;
use crate::source::command::{self, Simple};

/// What bundlers call the folder that they make.
const MADE: [&str; 5] = ["dist", "build", "out", "www", "public"];
/// Scripts that call each other further than this are a circle.
const DEPTH: usize = 8;

/// Folders that the program reads and that the repository does not hold, relative to it.
pub(super) fn built(
    cx: &Context,
    work: &Work,
    facts: &NodeFacts,
    reached: &Reached,
) -> Vec<Found<Utf8PathBuf>> {
    let mut found: Vec<Found<Utf8PathBuf>> = Vec::new();
    for (path, because) in reached.missing(cx) {
        let own = path.strip_prefix(&work.root).ok().filter(|_| elsewhere(cx, work, &path).is_none());
        let made = own.is_some_and(|own| facts.output.iter().any(|output| own.starts_with(&output.value)));
        let Some(folder) = taken(cx, work, &path).filter(|_| !made) else { continue };
        if !found.iter().any(|one| folder.starts_with(&one.value)) {
            found.retain(|one| !one.value.starts_with(&folder));
            found.push(Found::new(folder, because));
        }
    }
    found
}

/// The folder that a bundler makes, for a path in another project's folder; the path itself in the program's own.
fn taken(cx: &Context, work: &Work, path: &Utf8Path) -> Option<Utf8PathBuf> {
    let hidden = |part: &str| part.starts_with('.') || part == "node_modules";
    if path.components().any(|part| hidden(part.as_str())) {
        return None;
    }
    let other = elsewhere(cx, work, path);
    if let Some((folder, inside)) = other.and_then(|folder| Some((folder, path.strip_prefix(folder).ok()?))) {
        let first = inside.components().next()?.as_str();
        return MADE.contains(&first).then(|| folder.join(first));
    }
    let folder = if path.extension().is_some() { path.parent()? } else { path };
    (!folder.as_str().is_empty() && folder != work.root).then(|| folder.to_owned())
}

/// The folder of another project that a path lies in.
fn elsewhere<'p>(cx: &Context, work: &Work, path: &'p Utf8Path) -> Option<&'p Utf8Path> {
    let holds = |folder: &&Utf8Path| cx.repo.has(folder.join("package.json"));
    path.ancestors().skip(1).find(holds).filter(|folder| *folder != work.root)
}

/// A command of a script, and the folder that it works in where that is another.
struct Part {
    folder: Option<Utf8PathBuf>,
    command: Simple,
}

/// Takes out of the build what only makes the front ends that the program serves.
pub(super) fn leave(cx: &Context, work: &Work, facts: &mut NodeFacts) {
    if facts.reads_built.is_empty() {
        return;
    }
    let Some(name) = super::build::script(cx, work).cloned() else { return };
    let mut parts = Vec::new();
    gather(&work.root, &work.manifest, &name, 0, &mut parts);
    let elsewhere = |part: &Part| {
        let folder = part.folder.as_ref();
        folder.is_some_and(|folder| facts.reads_built.iter().any(|made| made.value.starts_with(folder)))
    };
    if !parts.iter().any(elsewhere) {
        return;
    }
    let own = parts.iter().filter(|part| !elsewhere(part) && !is_nothing(&part.command));
    let because = work.at_script(&name);
    let own: Vec<Found<Vec<String>>> = own
        .map(|part| Found::new(super::build::in_tool(cx, facts, &part.command.argv), because.clone()))
        .collect();
    facts.build.pop();
    facts.build.extend(own);
    if facts.build.is_empty() {
        facts.output.clear();
    }
}

/// Neither builds nor changes anything: `cd ..`, `echo`.
fn is_nothing(simple: &Simple) -> bool {
    matches!(simple.program(), Some("cd" | "echo" | "true") | None)
}

fn gather(root: &Utf8Path, manifest: &PackageJson, script: &str, depth: usize, parts: &mut Vec<Part>) {
    let Some(text) = manifest.scripts.get(script).filter(|_| depth < DEPTH) else { return };
    let mut place = root.to_owned();
    for simple in command::parse(text).commands {
        if let ("cd", Some(folder)) = (simple.program().unwrap_or_default(), simple.argv.get(1)) {
            place = join_inside(&place, folder).unwrap_or(place);
            continue;
        }
        let named = simple.scripts();
        let prefix = named.as_ref().and_then(|scripts| scripts.elsewhere.clone()).or_else(|| prefix(&simple));
        let folder = prefix.and_then(|folder| join_inside(&place, &folder)).unwrap_or_else(|| place.clone());
        match named.filter(|scripts| {
            folder == *root && scripts.names.iter().any(|name| manifest.scripts.contains_key(name))
        }) {
            Some(scripts) => {
                scripts.names.iter().for_each(|name| gather(root, manifest, name, depth + 1, parts));
            }
            None => {
                parts.push(Part { folder: Some(folder).filter(|folder| folder != root), command: simple });
            }
        }
    }
}

/// The folder that `npm install --prefix client` works in.
fn prefix(simple: &Simple) -> Option<String> {
    let mut words = simple.argv.iter();
    words.find(|word| ["--prefix", "--cwd", "-C", "--dir"].contains(&word.as_str()))?;
    words.next().cloned()
}
