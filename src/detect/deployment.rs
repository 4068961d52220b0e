//! What the repository's own deployment files say: an image has to work with them.
//!
//! They are evidence like any other, and weaker than the program itself: files and stages for development
//! and tests are passed over, and a file that is not understood is a note, not an error.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::{Context, slug};
use crate::error::{Error, Result};
use crate::facts::{Evidence, Found, Note, Variable};
pub use crate::manifest::process::{Command, Probe};
use crate::manifest::process::{Setting, is_secret};
use crate::manifest::yaml::{Lined, Unreadable};
use crate::manifest::{app_json, dotenv, procfile};

mod compose;
mod kubernetes;
mod names;
mod platforms;

/// A command that a deployment file starts a process with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeployCommand {
    /// `web`, `worker`, `release`; the service or container where the file has no such word.
    pub process: String,
    /// The command.
    pub command: Command,
}

/// Everything that the deployment files say of one project, the most telling file first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Deployment {
    /// Ports in the container.
    pub ports: Vec<Found<u16>>,
    /// Commands.
    pub commands: Vec<Found<DeployCommand>>,
    /// Variables. A value is what the file has, where it is a literal that means the same everywhere: an image need not set it.
    pub env: Vec<Found<Variable>>,
    /// Absolute paths of folders that outlive the container.
    pub volumes: Vec<Found<Utf8PathBuf>>,
    /// Probes.
    pub probes: Vec<Found<Probe>>,
    /// Absolute paths of configuration that is mounted.
    pub config_files: Vec<Found<Utf8PathBuf>>,
    /// Files that could not be read.
    pub notes: Vec<Note>,
}

/// What the deployment files say of the project whose folder is `root`.
///
/// # Errors
/// A Procfile has a line that is no process, or is not text.
pub fn evidence(cx: &Context<'_>, root: &Utf8Path) -> Result<Deployment> {
    let mut found = Deployment::default();
    let names = names::Names::of(cx.repo, root);
    procfile(cx, root, &mut found)?;
    platforms::read(cx, root, &mut found);
    compose::read(cx, root, &names, &mut found);
    kubernetes::read(cx, root, &names, &mut found);
    app_json(cx, root, &mut found);
    samples(cx, root, &mut found);
    Ok(found)
}

fn procfile(cx: &Context<'_>, root: &Utf8Path, found: &mut Deployment) -> Result<()> {
    let path = root.join("Procfile");
    let Some(text) = cx.repo.read(&path)? else { return Ok(()) };
    let processes = procfile::parse(&text).map_err(|line| {
        Error::broken(&path, Some(line), "is no process").help("write each as `name: command`")
    })?;
    let mut said = From { file: &path, found };
    for process in processes {
        let says = format!("the {} line of {path}", process.value.name);
        let command = Lined::new(Command::Text(process.value.command), process.line);
        said.command(&process.value.name, command, says);
    }
    Ok(())
}

fn app_json(cx: &Context<'_>, root: &Utf8Path, found: &mut Deployment) {
    let path = root.join("app.json");
    let Some(text) = cx.repo.source(&path) else { return };
    match app_json::parse(&text) {
        Ok(app) => From { file: &path, found }.env(app.env, &format!("env of {path}"), &[]),
        Err(unreadable) => found.unreadable(&path, &unreadable),
    }
}

fn samples(cx: &Context<'_>, root: &Utf8Path, found: &mut Deployment) {
    for path in cx.repo.list(root).0.into_iter().filter(|name| is_sample(name)).map(|name| root.join(name)) {
        let Some(text) = cx.repo.source(&path) else { continue };
        From { file: &path, found: &mut *found }.env(dotenv::parse(&text), path.as_str(), &[]);
    }
}

/// `.env.example` and its kin; one for tests or a single machine tells nothing.
fn is_sample(name: &str) -> bool {
    let parts: Vec<&str> = name.split('.').collect();
    let sample = parts.last().is_some_and(|last| matches!(*last, "example" | "sample" | "template" | "dist"));
    sample
        && parts.contains(&"env")
        && !parts.iter().any(|part| matches!(*part, "test" | "local" | "development"))
}

impl Deployment {
    fn unreadable(&mut self, file: &Utf8Path, unreadable: &Unreadable) {
        let mut because = Evidence::file(file, file.as_str());
        because.line = unreadable.line;
        let text = format!("`{file}` cannot be read, so nothing in it was heeded: {}", unreadable.message);
        self.notes.push(Note { code: "unreadable".to_owned(), text, because: vec![because] });
    }
}

/// Adds what one file says.
struct From<'a> {
    file: &'a Utf8Path,
    found: &'a mut Deployment,
}

impl From<'_> {
    fn port(&mut self, port: &Lined<u16>, says: impl Into<String>) {
        add(&mut self.found.ports, port.value, Evidence::line(self.file, port.line, says));
    }

    fn command(&mut self, process: &str, command: Lined<Command>, says: impl Into<String>) {
        let because = Evidence::line(self.file, command.line, says);
        add(
            &mut self.found.commands,
            DeployCommand { process: process.to_owned(), command: command.value },
            because,
        );
    }

    fn volume(&mut self, path: &Lined<String>, says: impl Into<String>) {
        add(&mut self.found.volumes, folder(&path.value), Evidence::line(self.file, path.line, says));
    }

    fn config(&mut self, path: &Lined<String>, says: impl Into<String>) {
        add(&mut self.found.config_files, folder(&path.value), Evidence::line(self.file, path.line, says));
    }

    fn probe(&mut self, probe: Lined<Probe>, says: impl Into<String>) {
        let because = Evidence::line(self.file, probe.line, says);
        add(&mut self.found.probes, probe.value, because);
    }

    /// Variables; `hosts` are names that mean something only beside this file.
    fn env(&mut self, settings: Vec<Lined<Setting>>, says: &str, hosts: &[&str]) {
        for Lined { value: Setting { name, value, required }, line } in settings {
            let value = value.filter(|value| is_general(&name, value, hosts));
            let because = Evidence::line(self.file, line, format!("{name} in {says}"));
            match self.found.env.iter_mut().find(|known| known.value.name == name) {
                Some(known) => {
                    known.value.required |= required;
                    known.value.value = known.value.value.take().or(value);
                    cite(&mut known.because, because);
                }
                None => self.found.env.push(Found::new(Variable { name, value, required }, because)),
            }
        }
    }
}

/// More places than these tell nobody anything.
const CITED: usize = 4;

fn add<T: PartialEq>(all: &mut Vec<Found<T>>, value: T, because: Evidence) {
    match all.iter_mut().find(|known| known.value == value) {
        Some(known) => cite(&mut known.because, because),
        None => all.push(Found::new(value, because)),
    }
}

fn cite(places: &mut Vec<Evidence>, because: Evidence) {
    if places.len() < CITED && !places.contains(&because) {
        places.push(because);
    }
}

/// The path without the slash at its end.
fn folder(path: &str) -> Utf8PathBuf {
    let trimmed = path.trim_end_matches('/');
    Utf8PathBuf::from(if trimmed.is_empty() { "/" } else { trimmed })
}

/// Whether a value means the same on every machine: no secret, no address.
fn is_general(name: &str, value: &str, hosts: &[&str]) -> bool {
    let address = ["://", "@", "localhost", "127.0.0.1"].iter().any(|it| value.contains(it));
    let host = value.split([':', ',', '/', ' ']).any(|part| hosts.contains(&part));
    !is_secret(name) && !address && !host && !value.contains(char::is_control)
}

/// Words of files, folders and stages that are not about what is shipped.
const UNSHIPPED: [&str; 17] = [
    "dev",
    "development",
    "develop",
    "test",
    "tests",
    "testing",
    "testdata",
    "e2e",
    "ci",
    "local",
    "override",
    "debug",
    "example",
    "examples",
    "fixtures",
    "docs",
    "devcontainer",
];

/// Whether a name says that it is for development, tests or documentation.
fn is_unshipped(name: &str) -> bool {
    slug(name).split('-').any(|word| UNSHIPPED.contains(&word))
}

#[cfg(test)]
mod tests;
