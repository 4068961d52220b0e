//! A program that Python runs: a virtual environment made in one stage, taken over by the next at the same place.

use camino::Utf8PathBuf;

use super::base::{self, Chosen, Question};
use super::layout::{absolute, common, in_context};
use super::runtime::{self, need};
use super::service::{self, Made};
use super::{Act, Service, Step, Wishes, front, version};
use crate::answers::Answers;
use crate::compose::Composition;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Bound, Constraint, Evidence, Found, Need, Phase, Project, PythonFacts};
use crate::knowledge::{Knowledge, Tool, Toolchain};

mod install;
mod run;

/// Where the virtual environment lies, in the build as in the image.
pub(super) const VENV: &str = "/opt/venv";
const WORKDIR: &str = "/app";
/// The volume of files that the program writes beside its code.
pub(super) const DATA: &str = "/data";

/// The parts of a plan that the stages look at.
pub(super) struct Build<'a> {
    pub(super) knowledge: &'a Knowledge,
    pub(super) wishes: &'a Wishes,
    pub(super) project: &'a Project,
    pub(super) facts: &'a PythonFacts,
    pub(super) context: Utf8PathBuf,
    pub(super) tool: &'a Tool,
    /// The release of the interpreter.
    pub(super) release: String,
    pub(super) image: String,
    pub(super) flavour: &'static str,
    pub(super) offers: Vec<String>,
    pub(super) suite: String,
    /// The project's folder in the image, and the folder that the program runs in.
    pub(super) home: String,
    pub(super) place: String,
}

/// Plans the image of a Python program.
///
/// # Errors
/// The base that was asked for cannot work.
pub fn plan(
    composition: &Composition,
    facts: &PythonFacts,
    knowledge: &Knowledge,
    answers: &Answers,
    wishes: &Wishes,
) -> Result<Service> {
    let project = &composition.main;
    let row = service::toolchain(knowledge, "python")?;
    let picked = service::pick(knowledge, "python", &asked(project, row, knowledge, answers))?;
    let needs = needs_of(project, facts, &picked.version.version);
    let question = Question {
        knowledge,
        toolchain: "python",
        version: picked.version,
        needs: &needs,
        asked: answers.base.as_deref(),
    };
    let chosen = base::choose(question)?;
    let mut build = builder(project, facts, knowledge, wishes, &question, &chosen)?;
    build.context = common([build.context.as_path()].into_iter().chain(front::folders(composition)));
    let (mut all_stages, fronts) = front::stages(composition, &build.context, knowledge, wishes)?;
    let needs = with_interpreter(needs.clone(), &build);
    let written = runtime::written(project, &build.place);
    let (mut stages, mut runtime) = if build.is_bare(&needs, &written) {
        (Vec::new(), run::bare(&build, &chosen, &needs, &picked.says))
    } else {
        let stages = install::stages(&build, &needs, &written, &picked.says);
        (stages, run::runtime(&build, &chosen, &needs, &written))
    };
    let served = front::served(composition, &build.context).into_iter().map(|step| at_home(step, &build));
    match stages.last_mut().filter(|_| build.makes()) {
        // What the sources become is made with the front end in it.
        Some(stage) => {
            let first = stage.build.iter().position(|step| !matches!(step.act, Act::Copy(_))).unwrap_or(0);
            stage.build.splice(first..first, served);
        }
        None => runtime.copies.extend(served),
    }
    all_stages.extend(stages);
    let made = Made {
        composition,
        knowledge,
        context: build.context.clone(),
        picked,
        fronts,
        chosen,
        stages: all_stages,
        runtime,
    };
    let mut service = made.service();
    for note in &mut service.notes {
        note.text = build.running(&note.text);
    }
    Ok(service)
}

/// A front end lies in the project's folder, wherever the program runs.
fn at_home(mut step: Step, build: &Build) -> Step {
    if let Act::Copy(copy) = &mut step.act
        && (build.makes() || build.place != build.home)
    {
        copy.to = absolute(&build.home, copy.to.trim_start_matches("./"));
    }
    step
}

/// The project's constraints; a base that is published for some releases only is one where nothing else is pinned.
fn asked(project: &Project, row: &Toolchain, knowledge: &Knowledge, answers: &Answers) -> Vec<Constraint> {
    let mut constraints = project.versions.clone();
    let pinned = constraints.iter().any(|one| matches!(one.value, Bound::Pin(_)));
    let Some(base) = answers.base.as_ref().filter(|_| !pinned) else { return constraints };
    let images =
        row.strategies.get(base).into_iter().flatten().filter_map(|id| knowledge.bases.images.get(id));
    let releases: Vec<&String> = images.flat_map(|image| &image.versions).collect();
    let ranges: Vec<String> = releases.iter().map(|release| format!("=={release}.*")).collect();
    let allowed = row.versions.iter().filter(|version| releases.contains(&&version.version)).any(|version| {
        constraints.iter().all(|one| match &one.value {
            Bound::Range(range) => version::in_range(row.ranges, version, range),
            Bound::Pin(_) | Bound::Floor(_) => true,
        })
    });
    if allowed {
        let because = Evidence::told(format!("`--base {base}`"));
        constraints.push(Found::new(Bound::Range(ranges.join(" || ")), because));
    }
    constraints
}

/// What has to be there, the wheels of the release that was picked among it.
fn needs_of(project: &Project, facts: &PythonFacts, release: &String) -> Vec<Found<Need>> {
    let mut needs = vec![
        need("python", Phase::Run, "the program's own runtime"),
        need("user", Phase::Run, "an ordinary user"),
        need("tmp", Phase::Run, "temporary files"),
    ];
    let of = |capability: &str, phase: Phase, because: &[Evidence]| Found {
        value: Need { capability: capability.into(), phase },
        because: because.to_vec(),
    };
    if let Some(start) = facts.start.as_ref().filter(|start| start.value.shell.is_some()) {
        needs.push(of("shell", Phase::Run, &start.because));
    }
    for binary in &facts.binaries {
        let told = |says: String| -> Vec<Evidence> {
            binary.because.iter().map(|one| Evidence { says: says.clone(), ..one.clone() }).collect()
        };
        let name = &binary.value.name;
        if !binary.value.glibc.contains(release) {
            needs.push(of(
                "c-compiler",
                Phase::Build,
                &told(format!("the package {name} has no wheel for Python {release} and compiles")),
            ));
        } else if !binary.value.musl.contains(release) {
            needs.push(of("glibc", Phase::Run, &told(format!("the package {name} has no wheel for musl"))));
        }
    }
    needs.extend(project.needs.iter().cloned());
    needs
}

/// An image without an interpreter gets Debian's, and its headers where something compiles.
fn with_interpreter(mut needs: Vec<Found<Need>>, build: &Build) -> Vec<Found<Need>> {
    if build.flavour != "distroless" {
        return needs;
    }
    let compiles =
        needs.iter().any(|one| one.value.phase == Phase::Build && one.value.capability.ends_with("compiler"));
    needs.insert(
        0,
        need(
            "python",
            Phase::Build,
            "the interpreter of the runtime image is Debian's: the environment is made with it.",
        ),
    );
    if compiles {
        needs.push(need("python-headers", Phase::Build, "compiling takes the interpreter's headers"));
    }
    needs
}

fn builder<'a>(
    project: &'a Project,
    facts: &'a PythonFacts,
    knowledge: &'a Knowledge,
    wishes: &'a Wishes,
    question: &Question<'a>,
    chosen: &Chosen,
) -> Result<Build<'a>> {
    let row = service::toolchain(knowledge, "python")?;
    let flavour = if chosen.is("musl") {
        "alpine"
    } else if chosen.is("distroless") {
        "distroless"
    } else {
        "debian"
    };
    let tools = knowledge.detectors.get("python").into_iter().flat_map(|detector| &detector.tools);
    let id = if facts.tool.id.is_empty() { "pip" } else { facts.tool.id.as_str() };
    let tool = tools.into_iter().find(|tool| tool.id == id);
    let tool =
        tool.ok_or_else(|| Error::new(ErrorKind::Nothing, format!("no detector has the tool `{id}`")))?;
    let home = absolute(WORKDIR, &in_context(&project.root, &facts.tool.root));
    Ok(Build {
        knowledge,
        wishes,
        project,
        facts,
        context: context_of(project, facts),
        tool,
        release: question.version.version.clone(),
        image: base::fill(row.images.get(flavour).map_or("", String::as_str), question),
        flavour,
        offers: row.offers.get(flavour).cloned().unwrap_or_default(),
        suite: base::suite_of(question).to_owned(),
        place: absolute(&home, facts.place.as_str()),
        home,
    })
}

/// The folder that holds everything the project is installed and run from.
fn context_of(project: &Project, facts: &PythonFacts) -> Utf8PathBuf {
    let siblings = facts.siblings.iter().map(Utf8PathBuf::as_path);
    let manifests = facts.tool.manifests.iter().filter_map(|file| file.parent());
    common([project.root.as_path(), facts.tool.root.as_path()].into_iter().chain(siblings).chain(manifests))
}

impl Build<'_> {
    /// A text with requirements of servers in it, each in the version that the interpreter runs.
    pub(super) fn running(&self, text: &str) -> String {
        let servers = self.knowledge.detectors.get("python").into_iter().flat_map(|table| &table.servers);
        let rows =
            servers.filter_map(|row| row.requirement.as_ref().zip(row.requirement_on.get(&self.release)));
        rows.fold(text.to_owned(), |text, (usual, older)| text.replace(usual, older))
    }

    pub(super) fn manager(&self) -> &'static str {
        if self.flavour == "alpine" { "apk" } else { "apt" }
    }

    /// The interpreter before the environment is on the PATH.
    pub(super) fn python(&self) -> &'static str {
        if self.flavour == "distroless" { "python3" } else { "python" }
    }

    /// Where the image's own interpreter lies.
    pub(super) fn interpreter(&self) -> &'static str {
        if self.flavour == "distroless" { "/usr/bin/python3" } else { "/usr/local/bin/python" }
    }

    /// Something is made of the sources, or the project itself is installed.
    pub(super) fn makes(&self) -> bool {
        !self.facts.build.is_empty()
    }

    /// A program of the standard library alone: nothing is installed, made or prepared.
    fn is_bare(&self, needs: &[Found<Need>], written: &[runtime::Written]) -> bool {
        let facts = self.facts;
        let installs = facts.has_dependencies || facts.installs_itself.is_some() || !facts.adds.is_empty();
        let prepares = self.makes() || !facts.beside.is_empty() || !written.is_empty();
        let compiles = needs.iter().any(|one| one.value.phase == Phase::Build);
        !installs && !prepares && !compiles && facts.siblings.is_empty() && self.flavour != "distroless"
    }

    /// The install of the dependencies needs the sources.
    pub(super) fn sources_first(&self) -> bool {
        self.facts.tool.needs_sources.is_some()
    }
}
