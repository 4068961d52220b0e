//! Rust: which binary of a package or workspace is the application, and every fact that its image rests on.

mod assets;
mod build;
mod choose;
mod config;
mod features;
mod ground;
mod host;
mod needs;
mod reach;
mod runtime;
mod settings;
mod tree;

use camino::{Utf8Path, Utf8PathBuf};

use self::assets::Look;
use self::ground::{Bin, Ground};
use super::{Context, Detection, NothingToRun, slug};
use crate::error::Result;
use crate::facts::{Access, Evidence, Found, Kind, Project, RustFacts, Stack};
use crate::source::rust::listen;
use crate::source::rust::value::Evaluator;

const LANGUAGE: &str = "rust";

/// Finds the Rust program of the folder `root`, relative to the repository.
///
/// # Errors
/// A manifest that cannot be understood, or a choice that only a person can make.
pub fn detect(cx: &Context<'_>, root: &Utf8Path) -> Result<Detection> {
    let Some(own) = ground::manifest(cx, root)? else { return Ok(Detection::Missing) };
    let ground = ground::find(cx, root, own)?;
    let bins = own_bins(cx, &ground, root);
    let (bins, elsewhere): (Vec<Bin>, Vec<Bin>) =
        bins.into_iter().partition(|bin| build::elsewhere(cx, &ground, bin).is_none());
    if bins.is_empty() {
        let other = elsewhere.first().and_then(|bin| build::elsewhere(cx, &ground, bin));
        return Ok(Detection::NothingToRun(other.unwrap_or_else(|| nothing(&ground, root))));
    }
    if cx.answers.bin.is_none() && is_library(cx, &ground, root, &bins) {
        return Ok(Detection::NothingToRun(nothing(&ground, root)));
    }
    let configs = config::read(cx, &ground)?;
    if let Some(nothing) = build::no_linux(&configs, root) {
        return Ok(Detection::NothingToRun(nothing));
    }
    let chosen = choose::choose(cx, &ground, root, &bins)?;
    if cx.answers.bin.is_none()
        && let Some(nothing) = build::browser_part(cx, &ground, &chosen.value)
    {
        return Ok(Detection::NothingToRun(nothing));
    }
    Ok(Detection::Found(Box::new(project(cx, &ground, root, &chosen, &configs)?)))
}

/// The binaries of the folder's own package; those of all members where it has none, or is a workspace without one.
fn own_bins(cx: &Context<'_>, ground: &Ground, root: &Utf8Path) -> Vec<Bin> {
    let own: Vec<Bin> = ground.at(root).map(|number| ground::bins(cx, ground, number)).unwrap_or_default();
    if !own.is_empty() || root != ground.root {
        return own;
    }
    let members = ground.members.iter().enumerate().filter(|(_, member)| !member.foreign);
    members.flat_map(|(number, _)| ground::bins(cx, ground, number)).collect()
}

/// The folder's own package is a library, and every binary around it an example or a tool of it.
fn is_library(cx: &Context<'_>, ground: &Ground, root: &Utf8Path, bins: &[Bin]) -> bool {
    let package = ground.at(root).filter(|number| ground::bins(cx, ground, *number).is_empty());
    package.is_some() && bins.iter().all(|bin| choose::is_aside(ground, root, bin))
}

fn nothing(ground: &Ground, root: &Utf8Path) -> NothingToRun {
    let file = root.join("Cargo.toml");
    let package = ground.at(root).and_then(|number| ground.members.get(number));
    let names: Vec<&str> = ground.members.iter().map(|member| member.package.name.value.as_str()).collect();
    let what = match package {
        Some(member) => format!("`{}` is a Rust library: it has no binary", member.package.name.value),
        None if names.is_empty() => "this Cargo workspace has no members".to_owned(),
        None if names.len() > 6 => {
            format!("this Cargo workspace has {} libraries and no binary", names.len())
        }
        None => format!("this Cargo workspace has no binary: {} are libraries", crate::text::ticked(&names)),
    };
    NothingToRun {
        root: root.to_owned(),
        language: LANGUAGE.to_owned(),
        what,
        because: vec![Evidence::file(&file, "the targets of Cargo.toml")],
        help: vec![
            "a library needs no image: whoever depends on it builds one".to_owned(),
            "a program has a `src/main.rs`, a file in `src/bin` or a `[[bin]]`; `examples/` are none"
                .to_owned(),
        ],
    }
}

/// Whether a binary listens.
fn listens(cx: &Context<'_>, ground: &Ground, bin: &Bin) -> bool {
    let reach = reach::follow(cx, ground, bin.member, &bin.required);
    let program = tree::program(cx, ground, bin, &reach);
    let settings = |_: &[String]| None;
    let evaluator = Evaluator::new(&program, &settings);
    let look = Look { cx, ground, program: &program, evaluator: &evaluator };
    let openers = runtime::openers(&runtime::frameworks(&look, &reach));
    listen::opened(&program, &evaluator, &openers).iter().any(|one| !one.aside)
}

fn project(
    cx: &Context<'_>,
    ground: &Ground,
    root: &Utf8Path,
    chosen: &Found<Bin>,
    configs: &[(Utf8PathBuf, crate::manifest::cargo_config::CargoConfig)],
) -> Result<Project> {
    let bin = &chosen.value;
    let features = features::wanted(cx, ground, bin);
    let names: Vec<String> = features.iter().map(|feature| feature.value.clone()).collect();
    let reach = reach::follow(cx, ground, bin.member, &names);
    let program = tree::program(cx, ground, bin, &reach);
    let member_dir = ground.members.get(bin.member).map(|member| member.dir.clone()).unwrap_or_default();
    let files = settings::Files::read(cx, &[root, &member_dir, &ground.root]);
    let settings = |keys: &[String]| files.find(keys).map(|(value, _, _)| value);
    let evaluator = Evaluator::new(&program, &settings);
    let look = Look { cx, ground, program: &program, evaluator: &evaluator };
    let mut facts = RustFacts {
        workspace_root: ground.root.clone(),
        package_root: member_dir,
        binary: Some(Found { value: bin.name.clone(), because: chosen.because.clone() }),
        features,
        ..RustFacts::default()
    };
    let mut project = Project {
        root: root.to_owned(),
        name: slug(&bin.name),
        language: LANGUAGE.to_owned(),
        kind: Found::new(Kind::Cli, Evidence::told("fn main")),
        versions: config::versions(cx, ground, bin.member, &reach, &mut facts)?,
        stack: Stack::Rust(Box::default()),
        listen: Vec::new(),
        env: Vec::new(),
        reads: Vec::new(),
        writes: Vec::new(),
        needs: Vec::new(),
        access: Access::default(),
        notes: Vec::new(),
    };
    build::fill(cx, ground, bin, &reach, &mut facts, &mut project);
    needs::fill(cx, ground, &reach, &mut facts, &mut project);
    config::fill(configs, &mut facts, &mut project);
    config::keys(cx, ground, configs, &reach, &mut project);
    assets::embeds(&look, &reach, &mut facts);
    build::outside(cx, ground, &mut facts);
    runtime::fill(&look, &reach, &files, &mut facts, &mut project);
    assets::reads(&look, &mut facts, &mut project);
    assets::writes(&look, &files, &mut project);
    build::sqlx(&look, &reach, &mut facts, &mut project);
    project.stack = Stack::Rust(Box::new(facts));
    Ok(project)
}

#[cfg(test)]
mod tests;
