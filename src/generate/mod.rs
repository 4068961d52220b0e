//! The whole way in one place: repository in, files and their reasons out. Nothing is written here.

mod read_back;
mod told;

use camino::{Utf8Path, Utf8PathBuf};

use crate::answers::{Answers, Settings};
use crate::compose::{self, Composition};
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
    /// What dfgen rendered, where the text holds the lines of one of the repository's own, too.
    pub dockerignore_base: Option<String>,
}

/// Reads a repository and makes the files of one service. `ours` gives the text that dfgen wrote at a path the last time.
///
/// # Errors
/// A manifest is broken, nothing runs, a choice is open, what was asked for cannot work, or a template fails.
pub fn generate(
    repo: &Repo,
    service: Option<&Utf8Path>,
    settings: &Settings,
    ours: &dyn Fn(&Utf8Path) -> Option<String>,
) -> Result<Generated> {
    let knowledge = Knowledge::load(repo)?;
    let answers = settings.answers(service.map(Utf8Path::to_owned));
    let wishes = settings.wishes();
    let composition = compose::compose(&Context { repo, knowledge: &knowledge, answers: &answers })?;
    let composition = told::told(composition, &answers)?;
    let mut service = plan(&composition, &knowledge, &answers, &wishes)?;
    plan::extras::add(&mut service, &composition, &knowledge, &wishes);
    ignore::fit(&mut service.ignore, &composition, &service.context, repo.files());
    let (dockerfile, dockerignore) = places(&service, settings.output.as_deref())?;
    let last = ours(&dockerignore);
    let theirs = repo.read(&dockerignore)?.filter(|text| last.as_deref() != Some(text.as_ref()));
    let templates = Templates::load(repo)?;
    let rendered = templates.render(&service, &knowledge.bases.headings)?;
    let dockerignore_base = theirs.is_some().then(|| rendered.dockerignore.clone());
    let ignore_text =
        theirs.map_or(rendered.dockerignore.clone(), |own| merged(&own, &rendered.dockerignore));
    read_back::read_back(repo, (&composition, &service), &rendered.dockerfile, &ignore_text, &dockerfile)?;
    Ok(Generated {
        composition,
        service,
        dockerfile,
        dockerfile_text: rendered.dockerfile,
        dockerignore,
        dockerignore_text: ignore_text,
        dockerignore_base,
    })
}

fn plan(
    composition: &Composition,
    knowledge: &Knowledge,
    answers: &Answers,
    wishes: &Wishes,
) -> Result<Service> {
    match &composition.main.stack {
        Stack::Go(facts) => plan::go::plan(composition, facts, knowledge, answers, wishes),
        Stack::Node(facts) => plan::node::plan(composition, facts, knowledge, answers, wishes),
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

/// The lines of a .dockerignore of theirs stay as they are; what it lacks follows.
fn merged(theirs: &str, ours: &str) -> String {
    let known: Vec<&str> = theirs.lines().map(bare).collect();
    let missing: Vec<&str> = ours
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#') && !known.contains(&bare(line)))
        .collect();
    if missing.is_empty() {
        return theirs.to_owned();
    }
    let end = if theirs.is_empty() || theirs.ends_with('\n') { "" } else { "\n" };
    format!("{theirs}{end}\n# Added for the Dockerfile beside it\n{}\n", missing.join("\n"))
}

fn bare(line: &str) -> &str {
    line.trim().trim_start_matches("./").trim_matches('/')
}
