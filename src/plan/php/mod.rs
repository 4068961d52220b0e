//! A program in PHP: served by Apache or run by itself, with the extensions that it needs compiled into one stage that the
//! build and the image stand on, so that Composer checks its requirements against what will run.

use camino::Utf8PathBuf;

use super::base::{self, Chosen, Question};
use super::layout::{absolute, common};
use super::runtime::{self, Written, need};
use super::service::{self, Made};
use super::{Service, Stage, Wishes, front};
use crate::answers::Answers;
use crate::compose::Composition;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Evidence, Found, Need, Phase, PhpFacts, Project};
use crate::knowledge::{Application, Knowledge, Php, Version};

mod extensions;
mod install;
mod run;

/// Where Apache's image serves from, and where other programs lie.
const SERVED: &str = "/var/www/html";
const WORKDIR: &str = "/app";
/// The stage that has the extensions.
const GROUND: &str = "base";

/// The parts of a plan that the stages look at.
pub(super) struct Build<'a> {
    pub(super) knowledge: &'a Knowledge,
    pub(super) wishes: &'a Wishes,
    pub(super) table: &'a Php,
    pub(super) project: &'a Project,
    pub(super) facts: &'a PhpFacts,
    pub(super) row: Option<&'a Application>,
    pub(super) context: Utf8PathBuf,
    pub(super) chosen: Chosen<'a>,
    pub(super) version: &'a Version,
    pub(super) suite: String,
    /// Where the project lies, in the build as in the image.
    pub(super) home: &'static str,
    pub(super) written: Vec<Written>,
    /// The image or stage that the others stand on.
    pub(super) ground: String,
}

impl Build<'_> {
    pub(super) fn alpine(&self) -> bool {
        self.chosen.is("musl")
    }

    pub(super) fn offers(&self) -> Vec<String> {
        let flavour = if self.alpine() { "alpine" } else { "debian" };
        let row = self.knowledge.bases.toolchains.get("php");
        row.and_then(|row| row.offers.get(flavour)).cloned().unwrap_or_default()
    }

    /// Composer makes something that the image takes over.
    pub(super) fn makes(&self) -> bool {
        self.facts.composer.is_some()
    }

    /// Folders within the project that its user owns, whether they are volumes or not.
    pub(super) fn folders(&self) -> Vec<String> {
        let inside = self.written.iter().filter_map(|one| one.path.strip_prefix(&format!("{}/", self.home)));
        let owned = self.facts.owned.iter().map(|one| one.value.as_str());
        let mut all: Vec<String> = inside.chain(owned).map(str::to_owned).collect();
        all.sort();
        all.dedup();
        all
    }
}

/// Plans the image of a PHP program.
///
/// # Errors
/// The base that was asked for cannot work.
pub fn plan(
    composition: &Composition,
    facts: &PhpFacts,
    knowledge: &Knowledge,
    answers: &Answers,
    wishes: &Wishes,
) -> Result<Service> {
    let project = &composition.main;
    let lacking = || Error::new(ErrorKind::Nothing, "no detector has `[php]`");
    let table = knowledge.of("php").php.as_ref().ok_or_else(lacking)?;
    let picked = service::pick(knowledge, "php", &project.versions)?;
    let needs = needs_of(project, facts);
    let question = Question {
        knowledge,
        toolchain: "php",
        version: picked.version,
        needs: &needs,
        asked: answers.base.as_deref(),
    };
    let chosen = base::choose(question)?;
    let home = if facts.site.is_some() { SERVED } else { WORKDIR };
    let mut written = runtime::written(project, home);
    written.retain(|folder| !home.starts_with(&folder.path));
    let id = facts.application.as_ref().map(|one| one.value.as_str());
    let mut build = Build {
        knowledge,
        wishes,
        table,
        project,
        facts,
        row: table.applications.iter().find(|row| Some(row.id.as_str()) == id),
        context: common([project.root.as_path()].into_iter().chain(front::folders(composition))),
        ground: chosen.tag.clone(),
        version: picked.version,
        suite: base::suite_of(&question).to_owned(),
        home,
        written,
        chosen,
    };
    let (ends, fronts) = front::stages(composition, &build.context, knowledge, wishes)?;
    let (stages, mut last) = stages(&mut build, &needs, &picked.says, ends);
    last.copies.extend(front::served(composition, &build.context));
    let made = Made {
        composition,
        knowledge,
        context: build.context,
        picked,
        fronts,
        chosen: build.chosen,
        stages,
        runtime: last,
    };
    Ok(made.service())
}

/// The stages in order, each beginning with how the version was picked where it is the first that names the image. Front ends
/// come first, unless they are built beside the packages.
fn stages(
    build: &mut Build,
    needs: &[Found<Need>],
    says: &str,
    mut ends: Vec<Stage>,
) -> (Vec<Stage>, super::Runtime) {
    let beside = build.facts.front_reads_packages.as_ref().filter(|_| !ends.is_empty());
    let packages = build.facts.composer.as_ref().filter(|composer| composer.has_packages);
    let beside = beside.and_then(|read| Some((read.says().to_owned(), packages?)));
    let mut stages = if beside.is_none() { std::mem::take(&mut ends) } else { vec![] };
    let extensions = extensions::run(build, needs);
    let shared = extensions.is_some() && build.makes();
    let mut says = Some(says);
    if let (true, Some(step)) = (shared, extensions.clone()) {
        let purpose = "base is PHP with its extensions, for the build and the image.";
        stages.push(Stage {
            name: GROUND.to_owned(),
            purpose: vec![join(purpose, says.take())],
            image: build.chosen.tag.clone(),
            packages: vec![step],
            ..Stage::default()
        });
        GROUND.clone_into(&mut build.ground);
    }
    if build.makes() {
        let stage = install::stage(build, says.take());
        match &beside {
            Some((why, composer)) => {
                let vendor = absolute(build.home, composer.vendor.as_str());
                stages.extend(install::beside(stage, ends, (&vendor, composer.vendor.as_str()), why));
            }
            None => stages.push(stage),
        }
    }
    let own = extensions.filter(|_| !shared);
    let runtime = run::runtime(build, own, says);
    (stages, runtime)
}

/// A sentence, and another behind it where there is one.
fn join(first: &str, second: Option<&str>) -> String {
    second.map_or_else(|| first.to_owned(), |second| format!("{first} {second}"))
}

/// What has to be there: Apache for what is served, and what the extensions need.
fn needs_of(project: &Project, facts: &PhpFacts) -> Vec<Found<Need>> {
    let mut needs = project.needs.clone();
    if let Some(site) = &facts.site {
        let because =
            Evidence { says: "the project is served over HTTP".to_owned(), ..site.because[0].clone() };
        needs.push(Found::new(Need { capability: "apache".into(), phase: Phase::Run }, because));
    }
    let init = facts.start.is_some() && run::init_wanted(project, facts);
    needs.extend(init.then(|| need("init", Phase::Run, "PHP ignores SIGTERM as process 1")));
    needs
}
