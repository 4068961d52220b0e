//! Node and Bun projects: everything that package.json, its lock file, settings and sources say.

mod access;
mod alias;
mod around;
mod build;
mod code;
mod delegate;
mod demanded;
mod examples;
mod framework;
mod loaded;
mod lock;
mod manager;
mod manifests;
mod members;
mod migrations;
mod native;
mod nothing;
mod prepare;
mod project;
mod served;
mod sources;
mod start;
mod tool;
mod tsc;
mod version;
mod work;
mod workspace;

use camino::{Utf8Path, Utf8PathBuf};

pub use self::delegate::hands_over;
use self::work::Work;
use super::{Context, Detection};
use crate::error::Result;
use crate::facts::{Found, Project};
use crate::manifest::package_json::PackageJson;

/// What the folder `root`, relative to the repository, is as a Node or Bun project.
///
/// # Errors
/// A manifest, lock file or setting is there and broken.
pub fn detect(cx: &Context, root: &Utf8Path) -> Result<Detection> {
    at(cx, root, None)
}

/// The folder `root` as what builds `folder`, relative to it, for another program: it starts nothing itself.
///
/// # Errors
/// See [`detect`].
pub fn bundle(cx: &Context, root: &Utf8Path, folder: Found<Utf8PathBuf>) -> Result<Option<Project>> {
    match at(cx, root, Some(folder))? {
        Detection::Found(project) => Ok(Some(*project)),
        _ => Ok(None),
    }
}

fn at(cx: &Context, root: &Utf8Path, bundle: Option<Found<Utf8PathBuf>>) -> Result<Detection> {
    let file = root.join("package.json");
    let Some(text) = cx.repo.read(&file)? else { return Ok(Detection::Missing) };
    let manifest = PackageJson::read(&file, &text)?;
    let workspace = workspace::find(cx, root)?;
    let tool_root = workspace.as_ref().map_or_else(|| root.to_owned(), |workspace| workspace.root.clone());
    let mut work =
        Work { root: root.to_owned(), file, manifest, tool_root, workspace, bundle, ..Work::default() };
    speaks_bun(cx, &mut work);
    project::find(cx, work)
}

/// Whether scripts, settings or packages say that Bun runs the project.
fn speaks_bun(cx: &Context, work: &mut Work) {
    let Some(table) = cx.knowledge.detectors.get("bun") else { return };
    let calls = |name: &str| {
        let text = work.manifest.scripts.get(name);
        text.is_some_and(|text| table.signs.iter().any(|sign| tool::calls(text, sign)))
    };
    let runs = ["start", "start:prod", "serve", "dev"].iter().any(|name| calls(name));
    let settings = cx.repo.has(work.tool_root.join("bunfig.toml"));
    let package = table.signs.iter().any(|sign| work.has(sign));
    let other = work
        .manifests()
        .any(|manifest| manifest.package_manager.as_ref().is_some_and(|(name, _)| name != "bun"));
    work.bun_signs = settings || package || runs;
    work.bun_runs = !other && runs && (settings || package || calls("start"));
}

#[cfg(test)]
mod tests;
