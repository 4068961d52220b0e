//! The whole way in one place: repository in, files and their reasons out. Nothing is written here.

mod read_back;
mod told;

pub use self::read_back::{Problem, problems};

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::answers::{Answers, Every, Settings};
use crate::compose::{self, Composition, Survey};
use crate::detect::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::Stack;
use crate::knowledge::Knowledge;
use crate::plan::{self, Service, Wishes, ignore};
use crate::render::Templates;
use crate::repo::Repo;

/// A service with its files.
#[derive(Debug, Clone)]
pub struct Generated {
    /// Which projects it is made of.
    pub composition: Composition,
    /// What was decided.
    pub service: Service,
    /// Where the Dockerfile goes, relative to the repository.
    pub dockerfile: Utf8PathBuf,
    /// Its text.
    pub dockerfile_text: String,
    /// Where the .dockerignore goes.
    pub dockerignore: Utf8PathBuf,
    /// Its text.
    pub dockerignore_text: String,
    /// The tables' defaults that this may rest on, for the lock.
    pub defaults: BTreeMap<String, String>,
}

/// Reads a repository and makes the files of one service. `held` are the defaults that its lock keeps, `known`
/// what it is made of, where that was looked at already.
///
/// # Errors
/// A manifest is broken, nothing runs, a choice is open, what was asked for cannot work, or a template fails.
pub fn generate(
    repo: &Repo,
    service: Option<&Utf8Path>,
    settings: &Settings,
    held: &BTreeMap<String, String>,
    known: Option<&Composition>,
) -> Result<Generated> {
    let mut knowledge = Knowledge::load(repo)?;
    knowledge.hold(held);
    let answers = settings.answers(service.map(Utf8Path::to_owned));
    let wishes = settings.wishes();
    let composition = match known {
        Some(known) => known.clone(),
        None => compose::compose(&Context { repo, knowledge: &knowledge, answers: &answers })?,
    };
    let mut composition = told::told(composition, &answers)?;
    told::versions(&mut composition, &answers, &knowledge)?;
    let mut service = plan(&composition, &knowledge, &answers, &wishes)?;
    plan::extras::add(&mut service, &composition, &knowledge, &wishes);
    ignore::fit(&mut service.ignore, &composition, &service.context, repo.files());
    let (dockerfile, dockerignore) = places(&service, settings.output.as_deref())?;
    let templates = Templates::load(repo)?;
    let rendered = templates.render(&service, &knowledge.bases.headings)?;
    let ends = composition.front_ends.iter().map(|end| &end.project);
    let languages = [&composition.main].into_iter().chain(ends).map(|project| project.language.as_str());
    Ok(Generated {
        defaults: knowledge.defaults(languages),
        composition,
        service,
        dockerfile,
        dockerfile_text: rendered.dockerfile,
        dockerignore,
        dockerignore_text: rendered.dockerignore,
    })
}

/// Every service of a repository, and what is none.
///
/// # Errors
/// A file of the repository's `.dfgen/detectors/` is not in the format.
pub fn survey(repo: &Repo, every: &Every) -> Result<Survey> {
    let knowledge = Knowledge::load(repo)?;
    Ok(compose::survey(&Context { repo, knowledge: &knowledge, answers: &Answers::default() }, every))
}

fn plan(
    composition: &Composition,
    knowledge: &Knowledge,
    answers: &Answers,
    wishes: &Wishes,
) -> Result<Service> {
    match &composition.main.stack {
        Stack::Go(facts) => plan::go::plan(composition, facts, knowledge, answers, wishes),
        Stack::Rust(facts) => plan::rust::plan(composition, facts, knowledge, answers, wishes),
        Stack::Node(facts) => plan::node::plan(composition, facts, knowledge, answers, wishes),
        Stack::Java(facts) => plan::java::plan(composition, facts, knowledge, answers, wishes),
        Stack::Php(facts) => plan::php::plan(composition, facts, knowledge, answers, wishes),
        Stack::Python(facts) => plan::python::plan(composition, facts, knowledge, answers, wishes),
        Stack::Static(facts) => plan::site::plain(composition, facts, knowledge, answers),
    }
}

/// In the service's own folder; beside it where the context is a folder above, so that each service has its own.
fn places(service: &Service, output: Option<&Utf8Path>) -> Result<(Utf8PathBuf, Utf8PathBuf)> {
    let dockerfile = match output {
        Some(output) => crate::detect::join_inside("".into(), output.as_str())
            .filter(|path| !output.is_absolute() && path.file_name().is_some())
            .ok_or_else(|| {
                Error::new(ErrorKind::Usage, format!("`--output {output}` leaves the repository"))
                    .help("give a path relative to PATH, such as `--output docker/Dockerfile`")
            })?,
        None => service.root.join("Dockerfile"),
    };
    let usual = dockerfile == service.context.join("Dockerfile");
    let ignore = if usual {
        service.context.join(".dockerignore")
    } else {
        Utf8PathBuf::from(format!("{dockerfile}.dockerignore"))
    };
    Ok((dockerfile, ignore))
}
