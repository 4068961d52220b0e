//! The stage that runs: dependencies before what changes with every edit, an init where node would ignore SIGTERM.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::install::Parts;
use super::{Build, WORKDIR, home};
use crate::compose::Composition;
use crate::detect::relative;
use crate::facts::{Found, Need, NodeFacts};
use crate::plan::base::Chosen;
use crate::plan::layout::{absolute, in_context};
use crate::plan::runtime::Written;
use crate::plan::{Act, Copy, Runtime, Step, front, runtime};

/// Node ignores SIGTERM as process 1 unless the program or its framework handles it.
pub(super) fn init_wanted(build: &Build) -> bool {
    let shell = build.facts.start.as_ref().is_some_and(|start| start.value.shell.is_some());
    shell || !build.facts.handles_sigterm
}

pub(super) fn runtime(
    build: &Build,
    chosen: &Chosen,
    needs: &[Found<Need>],
    written: &[Written],
    (parts, init): (&Parts, bool),
    purpose: String,
) -> Runtime {
    let home = home(build);
    let user = chosen.image.user.clone();
    let mut runtime = Runtime {
        purpose: vec![purpose],
        image: chosen.tag.clone(),
        workdir: Some(if build.facts.standalone { WORKDIR.to_owned() } else { home.clone() }),
        user: user.clone(),
        expose: runtime::expose(build.project),
        ..Runtime::default()
    };
    let from = parts.stages.first().map_or("tools", |stage| stage.name.as_str()).to_owned();
    let mut chosen = chosen.clone();
    let mut first = Runtime::default();
    let prefix =
        if init { runtime::init(&mut first, &mut chosen, build.knowledge, (&from, false)) } else { None };
    runtime::provide(&mut runtime, &chosen, build.knowledge, needs, &from);
    runtime.copies.extend(first.copies);
    let mut env = vec![("NODE_ENV".to_owned(), "production".to_owned())];
    env.extend(runtime::environment(build.project).into_iter().filter(|(name, _)| name != "NODE_ENV"));
    env.extend(
        build
            .facts
            .start
            .iter()
            .flat_map(|start| start.value.env.clone())
            .filter(|(name, _)| name != "NODE_ENV"),
    );
    runtime.env.push(Step::plain(Act::Env(env)));
    let maker = parts.stages.get(parts.maker()).map_or(from.as_str(), |stage| stage.name.as_str());
    runtime::own(&mut runtime, written, maker, &user);
    runtime
        .copies
        .extend(artefacts(build, parts, &home).into_iter().map(|step| owned(step, &home, written, &user)));
    start(build, &chosen, prefix, &mut runtime);
    beside(build, &home, &mut runtime);
    runtime
}

/// What lies in a folder that the program writes to belongs to its user.
fn owned(mut step: Step, home: &str, written: &[Written], user: &str) -> Step {
    if let Act::Copy(copy) = &mut step.act {
        let place = runtime::normal(&absolute(home, &copy.to));
        let inside = |folder: &Written| Utf8Path::new(&place).starts_with(&folder.path);
        if copy.from.is_none() && written.iter().any(inside) {
            copy.chown = Some(user.to_owned());
        }
    }
    step
}

/// What the front ends' stages make, where the program looks for it.
pub(super) fn front_ends(build: &Build, composition: &Composition, home: &str) -> Vec<Step> {
    let mut steps = front::served(composition, &build.context);
    for (step, end) in steps.iter_mut().zip(composition.front_ends.iter().filter(|end| !end.embedded)) {
        if let (Act::Copy(copy), false) = (&mut step.act, end.into.starts_with(&build.project.root)) {
            let way = relative(&end.into, &build.project.root);
            copy.to = runtime::normal(&absolute(home, way.as_str()));
        }
    }
    steps
}

/// A program that writes right into its working folder is started in a volume, and named by its whole path.
fn beside(build: &Build, home: &str, runtime: &mut Runtime) {
    let folder = runtime::working_folder(build.project, home);
    if folder == home {
        return;
    }
    runtime.copies.push(Step::plain(Act::Workdir(folder.to_owned())));
    if let Some(file) = runtime.cmd.first_mut() {
        *file = absolute(home, file);
    }
}

fn start(build: &Build, chosen: &Chosen, init: Option<String>, runtime: &mut Runtime) {
    let Some(start) = &build.facts.start else { return };
    runtime.start_because = Some(runtime::sentence(start.says())).filter(|line| !line.is_empty());
    if let Some(init) = init {
        runtime.entrypoint = vec![init];
        // A shell passes no signal on: the whole group gets it.
        runtime.entrypoint.extend(start.value.shell.is_some().then(|| "-g".to_owned()));
        runtime.entrypoint.push("--".to_owned());
    }
    if let Some(shell) = &start.value.shell {
        runtime.cmd = vec!["sh".to_owned(), "-c".to_owned(), shell.clone()];
        return;
    }
    runtime.entrypoint.push(chosen.image.program.clone().unwrap_or_else(|| "node".to_owned()));
    runtime.cmd.clone_from(&start.value.argv);
}

/// Dependencies before what changes with every edit.
fn artefacts(build: &Build, parts: &Parts, home: &str) -> Vec<Step> {
    let facts = build.facts;
    let mut steps = Vec::new();
    if facts.standalone {
        return outputs(build, home);
    }
    if let Some(stage) = parts.deps {
        steps.extend(dependencies(build, parts, stage, home));
        if parts.built == Some(stage) && in_place(facts) {
            return steps;
        }
    }
    if facts.prisma.is_some() && parts.deps == Some("deps") && parts.built.is_some() {
        let client = absolute(&build.workdir, "node_modules/.prisma");
        steps.push(Step {
            because: vec!["The client that Prisma generates.".into()],
            ..Step::copy_from("build", client, "node_modules/.prisma")
        });
    }
    let sources: Vec<String> = facts.sources.iter().map(|path| path.as_str().to_owned()).collect();
    steps.extend(own_files(build, &sources));
    if parts.built.is_some() {
        steps.extend(outputs(build, home));
    }
    steps
}

/// What the build makes, each part once, and where the server looks for it: `made -> place` where that is elsewhere.
fn outputs(build: &Build, home: &str) -> Vec<Step> {
    let all: Vec<(&str, &str)> = build
        .facts
        .output
        .iter()
        .map(|output| output.value.as_str())
        .map(|path| path.split_once(" -> ").unwrap_or((path, path)))
        .collect();
    let inside = |path: &str| {
        all.iter()
            .any(|(other, place)| other == place && *other != path && Utf8Path::new(path).starts_with(other))
    };
    let mut seen = BTreeSet::new();
    all.iter()
        .filter(|(made, place)| made != place || !inside(made))
        .filter(|output| seen.insert(**output))
        .map(|(made, place)| {
            let place = if *place == "." { "./" } else { place };
            Step::copy_from("build", runtime::normal(&absolute(home, made)), place)
        })
        .collect()
}

/// Links between the packages of a workspace, and the files of `PnP`, hold only at the places where they were made.
fn in_place(facts: &NodeFacts) -> bool {
    facts.tool.pnp || facts.workspace
}

fn dependencies(build: &Build, parts: &Parts, stage: &str, home: &str) -> Vec<Step> {
    let facts = build.facts;
    if in_place(facts) {
        let whole = Step::copy_from(stage, format!("{}/", build.workdir), format!("{}/", build.workdir));
        // The stage that builds holds them, built, already.
        let others = if parts.built == Some(stage) { Vec::new() } else { siblings(build) };
        return std::iter::once(whole).chain(others).collect();
    }
    vec![Step::copy_from(stage, format!("{home}/node_modules"), "node_modules")]
}

fn siblings(build: &Build) -> Vec<Step> {
    let from = if build.facts.build.is_empty() { None } else { Some("build".to_owned()) };
    let place = |folder: &Utf8PathBuf| absolute(&build.workdir, &in_context(folder, &build.facts.tool.root));
    // Where development tools run the program, what they need is there, too.
    let folders = if build.facts.keeps_dev.is_some() { &build.facts.siblings } else { &build.facts.shipped };
    folders
        .iter()
        .map(|folder| {
            let source = if from.is_some() { place(folder) } else { in_context(folder, &build.context) };
            Step::plain(Act::Copy(Copy {
                from: from.clone(),
                sources: vec![source],
                to: place(folder),
                chown: None,
            }))
        })
        .collect()
}

/// Files of the project that run as they are: files in one COPY, each folder in one of its own.
fn own_files(build: &Build, paths: &[String]) -> Vec<Step> {
    let place = |path: &str| in_context(&build.project.root.join(path), &build.context);
    let (folders, files): (Vec<&String>, Vec<&String>) = paths.iter().partition(|path| path.ends_with('/'));
    let mut steps = Vec::new();
    if !files.is_empty() {
        steps.push(Step::copy(files.iter().map(|file| place(file)).collect(), "./"));
    }
    for folder in folders {
        let folder = folder.trim_end_matches('/');
        if folder == "." || folder.is_empty() {
            steps.push(Step::copy(vec![place("")], "./"));
        } else {
            steps.push(Step::copy(vec![place(folder)], folder.to_owned()));
        }
    }
    steps
}
