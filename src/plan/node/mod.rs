//! A program that Node or Bun runs, and the stages that install and build with their package managers.

use camino::{Utf8Path, Utf8PathBuf};

use super::base::{self, Chosen, Question};
use super::layout::{absolute, common, in_context};
use super::runtime::{self, Written, need};
use super::service::{self, Made};
use super::{Runtime, Service, Stage, Wishes, front, site, version};
use crate::answers::Answers;
use crate::compose::Composition;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Found, Need, NodeFacts, Phase, Project, Stack};
use crate::knowledge::{Knowledge, Tool};

mod install;
mod run;

pub(super) use self::install::build_stage;

const WORKDIR: &str = "/app";

/// The parts of a plan that the stages look at.
pub(super) struct Build<'a> {
    pub(super) knowledge: &'a Knowledge,
    pub(super) wishes: &'a Wishes,
    pub(super) project: &'a Project,
    pub(super) facts: &'a NodeFacts,
    pub(super) context: Utf8PathBuf,
    pub(super) tool: &'a Tool,
    pub(super) image: String,
    pub(super) alpine: bool,
    pub(super) offers: Vec<String>,
    pub(super) image_tools: &'a [String],
    pub(super) suite: String,
    pub(super) workdir: String,
}

/// The folder whose lock file a Node project is installed from.
#[must_use]
pub fn tool_root(project: &Project) -> &Utf8Path {
    match &project.stack {
        Stack::Node(facts) => &facts.tool.root,
        _ => &project.root,
    }
}

/// The folder that holds everything the project is installed and built from.
pub(super) fn context_of(project: &Project, facts: &NodeFacts) -> Utf8PathBuf {
    let siblings = facts.siblings.iter().map(Utf8PathBuf::as_path);
    let manifests = facts.tool.manifests.iter().filter_map(|file| file.parent());
    common([project.root.as_path(), facts.tool.root.as_path()].into_iter().chain(siblings).chain(manifests))
}

fn toolchain_id(facts: &NodeFacts) -> &'static str {
    if facts.bun { "bun" } else { "node" }
}

fn tool<'a>(knowledge: &'a Knowledge, facts: &NodeFacts) -> Result<&'a Tool> {
    let all = ["node", "bun"].iter().filter_map(|id| knowledge.detectors.get(id)).flat_map(|row| &row.tools);
    let found = all.into_iter().find(|tool| tool.id == facts.tool.id);
    found.ok_or_else(|| {
        Error::new(ErrorKind::Nothing, format!("no detector has the tool `{}`", facts.tool.id))
    })
}

/// Plans the image of a Node or Bun project: a server, or a site for a web server.
///
/// # Errors
/// There is nothing to start, or the base that was asked for cannot work.
pub fn plan(
    composition: &Composition,
    facts: &NodeFacts,
    knowledge: &Knowledge,
    answers: &Answers,
    wishes: &Wishes,
) -> Result<Service> {
    if facts.start.is_none() && facts.site.is_some() {
        return site::built(composition, facts, knowledge, answers, wishes);
    }
    let project = &composition.main;
    let id = toolchain_id(facts);
    let picked = service::pick(knowledge, id, &project.versions)?;
    let needs = needs_of(project, facts, id);
    let question = Question {
        knowledge,
        toolchain: id,
        version: picked.version,
        needs: &needs,
        asked: answers.base.as_deref(),
    };
    let chosen = base::choose(question)?;
    let mut build = builder(project, facts, knowledge, wishes, &question, chosen.is("musl"))?;
    around_front_ends(&mut build, composition);
    let (mut all_stages, fronts) = front::stages(composition, &build.context, knowledge, wishes)?;
    let home = home(&build);
    let written = runtime::written(project, runtime::working_folder(project, &home));
    let (stages, mut runtime) = stages(&build, &chosen, &needs, &written, &picked.says);
    all_stages.extend(stages);
    runtime.copies.extend(run::front_ends(&build, composition, &home));
    let made = Made {
        composition,
        knowledge,
        context: build.context,
        picked,
        fronts,
        chosen,
        stages: all_stages,
        runtime,
    };
    Ok(made.service())
}

/// The context holds the front ends, too; one beside the program keeps its place there.
fn around_front_ends(build: &mut Build, composition: &Composition) {
    let ends = composition.front_ends.iter();
    let folders =
        ends.flat_map(|end| [end.project.root.as_path(), tool_root(&end.project), end.into.as_path()]);
    let root = &build.facts.tool.root;
    build.context = common([build.context.as_path()].into_iter().chain(folders));
    if composition.front_ends.iter().any(|end| !end.into.starts_with(root)) {
        build.workdir = absolute(WORKDIR, &in_context(root, &build.context));
    }
}

/// A front end as a build stage of another program, the same for every architecture, and how its version was picked.
///
/// # Errors
/// The tables lack its package manager.
pub fn front_end<'a>(
    project: &'a Project,
    name: &str,
    context: &Utf8Path,
    knowledge: &'a Knowledge,
    wishes: &'a Wishes,
) -> Result<(Stage, version::Picked<'a>)> {
    let Stack::Node(facts) = &project.stack else {
        return Err(Error::new(ErrorKind::Nothing, "a front end that is no Node project"));
    };
    let (mut build, picked) = site_builder(project, facts, knowledge, wishes)?;
    context.clone_into(&mut build.context);
    build.workdir = absolute("/src", &in_context(&facts.tool.root, context));
    let purpose = format!("{name} is the front end, the same for every architecture. {}", picked.says);
    let mut stage = build_stage(&build, name, &purpose, &[]);
    stage.native = true;
    Ok((stage, picked))
}

/// What builds files that no Node runs afterwards.
pub(super) fn site_builder<'a>(
    project: &'a Project,
    facts: &'a NodeFacts,
    knowledge: &'a Knowledge,
    wishes: &'a Wishes,
) -> Result<(Build<'a>, version::Picked<'a>)> {
    let id = toolchain_id(facts);
    let picked = service::pick(knowledge, id, &project.versions)?;
    let question = Question { knowledge, toolchain: id, version: picked.version, needs: &[], asked: None };
    let build = builder(project, facts, knowledge, wishes, &question, false)?;
    Ok((build, picked))
}

fn builder<'a>(
    project: &'a Project,
    facts: &'a NodeFacts,
    knowledge: &'a Knowledge,
    wishes: &'a Wishes,
    question: &Question<'a>,
    alpine: bool,
) -> Result<Build<'a>> {
    let row = service::toolchain(knowledge, question.toolchain)?;
    let flavour = if alpine { "alpine" } else { "debian" };
    Ok(Build {
        knowledge,
        wishes,
        project,
        facts,
        context: context_of(project, facts),
        tool: tool(knowledge, facts)?,
        image: base::fill(row.images.get(flavour).map_or("", String::as_str), question),
        alpine,
        offers: row.offers.get(flavour).cloned().unwrap_or_default(),
        image_tools: &question.version.tools,
        suite: base::suite_of(question).to_owned(),
        workdir: WORKDIR.to_owned(),
    })
}

fn needs_of(project: &Project, facts: &NodeFacts, id: &str) -> Vec<Found<Need>> {
    let mut needs = vec![
        need(id, Phase::Run, "the program's own runtime"),
        need("user", Phase::Run, "an ordinary user"),
        need("tmp", Phase::Run, "temporary files"),
    ];
    if let Some(start) = facts.start.as_ref().filter(|start| start.value.shell.is_some()) {
        let value = Need { capability: "shell".into(), phase: Phase::Run };
        needs.push(Found { value, because: start.because.clone() });
    }
    needs.extend(project.needs.iter().cloned());
    needs
}

/// The project's folder in the image.
fn home(build: &Build) -> String {
    absolute(&build.workdir, &in_context(&build.project.root, &build.facts.tool.root))
}

fn stages(
    build: &Build,
    chosen: &Chosen,
    needs: &[Found<Need>],
    written: &[Written],
    says: &str,
) -> (Vec<Stage>, Runtime) {
    let init = run::init_wanted(build);
    let extra =
        if init && chosen.image.packages.is_none() { install::init_packages(build) } else { Vec::new() };
    let mut parts = install::parts(build, says, &extra);
    let made: Vec<&str> = written.iter().map(|folder| folder.made.as_str()).collect();
    let mut purpose = format!("runtime {}.", chosen.image.is);
    if parts.stages.is_empty() && extra.is_empty() && made.is_empty() {
        purpose = format!("{purpose} {says}");
    } else if parts.stages.is_empty() {
        parts.stages.push(install::tools_stage(build, says, &extra));
    }
    let maker = parts.maker();
    if let Some(stage) = parts.stages.get_mut(maker).filter(|_| !made.is_empty()) {
        stage.also_run(format!("mkdir -p {}", crate::text::shell_line(&made)));
    }
    empty_inside_outputs(build, &mut parts);
    let runtime = run::runtime(build, chosen, needs, written, (&parts, init), purpose);
    (parts.stages, runtime)
}

/// A folder that is written at run time lies empty in what the build makes: it comes into the image owned by the user.
fn empty_inside_outputs(build: &Build, parts: &mut install::Parts) {
    let home = home(build);
    let inside = |path: &Utf8Path| {
        build.facts.output.iter().any(|output| path != output.value && path.starts_with(&output.value))
    };
    let folders = build.project.writes.iter().filter(|write| inside(&write.value));
    let folders: Vec<String> = folders.map(|write| absolute(&home, write.value.as_str())).collect();
    let stage = parts.stages.iter_mut().find(|stage| Some(stage.name.as_str()) == parts.built);
    if let Some(stage) = stage.filter(|_| !folders.is_empty()) {
        stage.also_run(format!("rm -rf {}", crate::text::shell_line(&folders)));
    }
}
