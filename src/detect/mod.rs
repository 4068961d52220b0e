//! From a repository to facts: which projects there are, and everything about each, with evidence.

pub(crate) mod access;
pub mod deployment;
pub mod enrich;
pub mod go;
pub mod java;
pub mod node;
pub mod php;
mod places;
pub mod python;
pub mod rust;
pub mod sample;
pub mod site;

use camino::{Utf8Path, Utf8PathBuf};

pub use self::places::relative;

use crate::answers::Answers;
use crate::error::Result;
use crate::facts::{Evidence, Project, Stack};
use crate::knowledge::Knowledge;
use crate::repo::Repo;

/// What every detector is handed.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The repository.
    pub repo: &'a Repo,
    /// What dfgen knows.
    pub knowledge: &'a Knowledge,
    /// What was asked for.
    pub answers: &'a Answers,
}

/// The answers of a detector about one folder; the fourth, broken, is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detection {
    /// Nothing of this language is here.
    Missing,
    /// It is here, and there is nothing to run: a library, a workspace root, tooling.
    NothingToRun(NothingToRun),
    /// A project with something to run.
    Found(Box<Project>),
}

/// Found, but nothing to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NothingToRun {
    /// The folder.
    pub root: Utf8PathBuf,
    /// The language's id.
    pub language: String,
    /// What it is instead: "a library: no package main" .
    pub what: String,
    /// What says so.
    pub because: Vec<Evidence>,
    /// What to do next, a line each.
    pub help: Vec<String>,
}

/// What every detector says about a folder, in the order in which a program is preferred as the image's own.
///
/// # Errors
/// A manifest of the folder is broken.
pub fn all(cx: &Context, root: &Utf8Path) -> Result<Vec<Detection>> {
    let mut said = vec![go::detect(cx, root)?, java::detect(cx, root)?, rust::detect(cx, root)?];
    let (node, python, php) = (node::detect(cx, root)?, python::detect(cx, root)?, php::detect(cx, root)?);
    let (before, behind) =
        if php_first(cx, root, &php, &node) { (Some(php), None) } else { (None, Some(php)) };
    said.extend(before);
    said.extend(if is_backend(&python) { [python, node] } else { [node, python] });
    said.extend(behind);
    said.push(site::detect(cx, root)?);
    for detection in &mut said {
        if let Detection::Found(project) = detection {
            enrich::add(cx, project)?;
            php::settle(cx, project);
        }
    }
    Ok(said)
}

/// A package.json beside a Python program that a framework or a queue runs is its front end or its tooling; beside a mere
/// script, it is the program.
fn is_backend(python: &Detection) -> bool {
    let Detection::Found(project) = python else { return false };
    matches!(&project.stack, Stack::Python(facts) if facts.framework.is_some() && facts.has_dependencies)
}

/// A package.json beside PHP builds its front end or checks its code, unless Node serves and nothing but a page is PHP.
fn php_first(cx: &Context, root: &Utf8Path, php: &Detection, node: &Detection) -> bool {
    let serves = matches!(node, Detection::Found(project) if matches!(&project.stack, Stack::Node(facts) if facts.start.is_some()));
    matches!(php, Detection::Found(_)) && (!serves || cx.repo.has(root.join("composer.json")))
}

/// A name for images, stages and volumes: lower case letters, digits and single dashes, never empty.
#[must_use]
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "app".to_owned() } else { slug.to_owned() }
}

/// `base` joined with a path that may hold `..`, as long as it stays in the repository.
#[must_use]
pub fn join_inside(base: &Utf8Path, path: &str) -> Option<Utf8PathBuf> {
    let mut joined = base.to_owned();
    for part in path.split('/') {
        match part {
            ".." if !joined.pop() => return None,
            "" | "." | ".." => {}
            name => joined.push(name),
        }
    }
    Some(joined)
}
