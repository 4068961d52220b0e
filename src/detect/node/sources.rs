//! Which files and folders of the project run as they are: what the program loads, reads and is configured by.

use camino::{Utf8Path, Utf8PathBuf};

use super::code::Reached;
use super::start::Begin;
use super::work::Work;
use crate::detect::{Context, join_inside};
use crate::facts::{NodeFacts, Project};

/// The files and folders of the project that run as they are.
pub(super) fn sources(
    cx: &Context,
    work: &Work,
    facts: &NodeFacts,
    reached: &Reached,
    project: &Project,
    begin: &Begin,
) -> Vec<Utf8PathBuf> {
    if facts.standalone {
        return Vec::new();
    }
    let mut found = std::collections::BTreeSet::from([Utf8PathBuf::from("package.json")]);
    let made = |path: &Utf8Path| facts.output.iter().any(|output| path.starts_with(&output.value));
    let runs_as_is = begin.file.as_ref().is_some_and(|file| cx.repo.has(work.root.join(file)) && !made(file));
    let packaged = begin.start.argv.first().is_some_and(|first| first.contains("node_modules/"));
    if begin.start.shell.is_some() || packaged && begin.file.is_none() && facts.output.is_empty() {
        return vec![Utf8PathBuf::from("./")];
    }
    if project.reads.iter().any(|read| read.value == ".") {
        return vec![Utf8PathBuf::from("./")];
    }
    found.extend(named(cx, work, begin).into_iter().filter(|path| !made(path)));
    if runs_as_is {
        let typescript = |file: &Utf8Path| matches!(file.extension(), Some("ts" | "tsx" | "mts" | "cts"));
        // Node runs what it is given: types are stripped, nothing is compiled.
        let stripped = begin.file.as_ref().is_some_and(|file| typescript(file));
        let compiled = |file: &Utf8Path| {
            typescript(file) && !stripped && !facts.bun && begin.borrowed.is_none() && !facts.build.is_empty()
        };
        let own = reached.order.iter().filter_map(|file| file.strip_prefix(&work.root).ok());
        for file in own.filter(|file| !compiled(file)) {
            found.insert(top(cx, work, file));
        }
        let assets = cx.knowledge.of("node").assets.iter().map(Utf8PathBuf::from);
        found.extend(assets.filter(|path| cx.repo.has_dir(work.root.join(path)) && !made(path)).map(slashed));
        found.extend(settings(cx, work, facts));
        found.extend(published(cx, work, begin).into_iter().filter(|path| !made(path)));
    }
    let reads = project.reads.iter().filter(|read| !made(&read.value) && !read.value.as_str().is_empty());
    found.extend(reads.map(|read| {
        if cx.repo.has(work.root.join(&read.value)) {
            read.value.clone()
        } else {
            slashed(read.value.clone())
        }
    }));
    found.extend(configuration(cx, work, facts, begin));
    if let Some(schema) = facts.prisma.as_ref().and_then(|schema| schema.value.strip_prefix(&work.root).ok())
    {
        let folder = schema.parent().filter(|parent| !parent.as_str().is_empty());
        found.insert(folder.map_or_else(|| schema.to_owned(), |folder| slashed(folder.to_owned())));
    }
    within(found.into_iter().collect())
}

/// Folders that a package publishes beside the program that runs it: what that loads by names of its own.
fn published(cx: &Context, work: &Work, begin: &Begin) -> Vec<Utf8PathBuf> {
    let is = |path: &String| join_inside(Utf8Path::new(""), path) == begin.file;
    if !work.manifest.bin.values().any(is) {
        return Vec::new();
    }
    let named = work.manifest.files.iter().filter_map(|path| join_inside(Utf8Path::new(""), path));
    named.filter(|path| cx.repo.has_dir(work.root.join(path))).map(slashed).collect()
}

/// What the start's own words name: `--require ./tracing.js`, `db.json`, and what those files load.
fn named(cx: &Context, work: &Work, begin: &Begin) -> Vec<Utf8PathBuf> {
    let words = begin.start.argv.iter().map(|word| word.rsplit('=').next().unwrap_or(word));
    let paths = words.filter_map(|word| join_inside(&work.root, word));
    let mut found = Vec::new();
    for path in paths.filter(|path| *path != work.root) {
        let Ok(inside) = path.strip_prefix(&work.root).map(Utf8Path::to_owned) else { continue };
        if cx.repo.has_dir(&path) {
            // A bare word is more likely a command of the program's.
            if begin.file.is_some()
                && !begin.start.argv.iter().any(|word| word.ends_with(inside.as_str()) && word.contains('/'))
            {
                continue;
            }
            found.push(slashed(inside));
        } else if cx.repo.has(&path) && begin.file.as_ref() != Some(&inside) {
            let reached = Reached::from(cx, &work.root, &path, None);
            let own = reached.order.iter().filter_map(|file| file.strip_prefix(&work.root).ok());
            found.extend(own.map(|file| if file == inside { inside.clone() } else { top(cx, work, file) }));
        }
    }
    found
}

/// The settings that a framework's own server reads, and what they load.
fn configuration(cx: &Context, work: &Work, facts: &NodeFacts, begin: &Begin) -> Vec<Utf8PathBuf> {
    let own = begin.start.argv.first().is_some_and(|first| first.contains("node_modules/"));
    let table = cx.knowledge.of("node");
    let id = facts.framework.as_ref().map(|framework| framework.value.as_str());
    let row = table.frameworks.iter().find(|row| own && Some(row.id.as_str()) == id);
    let names = row.into_iter().flat_map(|row| &row.config).map(|name| work.root.join(name));
    let Some(file) = names.into_iter().find(|file| cx.repo.has(file)) else { return Vec::new() };
    let reached = Reached::from(cx, &work.root, &file, None);
    let inside = reached.order.iter().filter_map(|file| file.strip_prefix(&work.root).ok());
    let mut found: Vec<Utf8PathBuf> = inside.map(|file| top(cx, work, file)).collect();
    // Settings name the sources that are built, too: only folders that programs usually read while they run count.
    let reads = reached.reads(cx, &work.root, false);
    let usual = |path: &Utf8Path| table.assets.iter().any(|asset| path == asset.as_str());
    found.extend(reads.into_iter().map(|read| read.value).filter(|path| usual(path)).map(slashed));
    found
}

/// Bun and source runners read the compiler's settings when they run.
fn settings(cx: &Context, work: &Work, facts: &NodeFacts) -> Vec<Utf8PathBuf> {
    let typescript = facts.bun || facts.keeps_dev.is_some();
    let names = ["tsconfig.json", "bunfig.toml"].map(Utf8PathBuf::from);
    names.into_iter().filter(|name| typescript && cx.repo.has(work.root.join(name))).collect()
}

/// A file of the project's own folder by its name, any other by the folder at the top.
fn top(cx: &Context, work: &Work, file: &Utf8Path) -> Utf8PathBuf {
    let first = file.components().next().map(|first| Utf8PathBuf::from(first.as_str())).unwrap_or_default();
    if cx.repo.has(work.root.join(&first)) { first } else { slashed(first) }
}

fn slashed(path: Utf8PathBuf) -> Utf8PathBuf {
    if path.as_str().ends_with('/') { path } else { Utf8PathBuf::from(format!("{path}/")) }
}

/// Drops what lies in a folder that is taken whole.
fn within(paths: Vec<Utf8PathBuf>) -> Vec<Utf8PathBuf> {
    let folders: Vec<Utf8PathBuf> =
        paths.iter().filter(|path| path.as_str().ends_with('/')).cloned().collect();
    let inside = |path: &Utf8PathBuf| {
        folders.iter().any(|folder| folder != path && path.as_str().starts_with(folder.as_str()))
    };
    paths.into_iter().filter(|path| !inside(path)).collect()
}
