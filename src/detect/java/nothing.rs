//! Found, and nothing to run: a library, an app for a device, a plug-in, or several programs.

use camino::Utf8Path;

use super::module::{Manifest, Module, names};
use super::{Candidate, Ground};
use crate::detect::NothingToRun;
use crate::facts::Evidence;
use crate::knowledge::RunsElsewhere;

/// What says that a module runs somewhere else.
pub(super) fn elsewhere<'a>(
    ground: &'a Ground<'_>,
    module: &Module,
) -> Option<(&'a RunsElsewhere, Evidence)> {
    let packaging = module.packaging();
    ground.jvm.elsewhere.iter().find_map(|row| {
        let packed =
            packaging.as_ref().filter(|(packaging, _)| row.when.contains(&format!("packaging:{packaging}")));
        if let Some((_, because)) = packed {
            return Some((row, because.clone()));
        }
        // A build's only module is its program, whatever it measures.
        let depends = |key: &String, seen: &super::module::Seen| {
            key.strip_prefix("dependency:").is_some_and(|key| names(key, &seen.key))
                && ground.modules.len() > 1
        };
        let dependency =
            module.dependencies.iter().find(|seen| row.when.iter().any(|key| depends(key, seen)));
        if let Some(seen) = dependency {
            return Some((row, seen.because.clone()));
        }
        let seen = module.plugins.iter().find(|seen| {
            row.when.iter().any(|key| {
                names(key, &seen.key) || seen.key.split_once(':').is_some_and(|(_, artifact)| artifact == key)
            })
        })?;
        Some((row, seen.because.clone()))
    })
}

/// No module has anything that starts.
pub(super) fn library(ground: &Ground<'_>, root: &Utf8Path, inside: &[usize]) -> NothingToRun {
    let modules = || inside.iter().filter_map(|at| ground.modules.get(*at));
    let other = modules().find_map(|module| Some((module, elsewhere(ground, module)?)));
    if let Some((module, (row, because))) = other {
        return NothingToRun {
            root: root.to_owned(),
            language: ground.language(module),
            what: format!("`{}` is {}", module.name, row.what),
            because: vec![because],
            help: vec![row.help.clone()],
        };
    }
    let own = modules().next();
    let name = own.map_or("the build", |module| module.name.as_str());
    let what = match inside.len() {
        0 | 1 => format!("`{name}` is a library: no class has a main method, and no plug-in packs a program"),
        several => format!(
            "none of the {several} modules of `{name}` has a main method or a plug-in that packs a program"
        ),
    };
    let mut help = vec!["a library needs no image: whoever uses it builds one".to_owned()];
    if own.is_some_and(|module| matches!(module.manifest, Manifest::Gradle(_))) {
        help.push("a program has the `application` plug-in and its `mainClass` in build.gradle".to_owned());
    }
    NothingToRun {
        root: root.to_owned(),
        language: own.map_or_else(|| super::TABLE.to_owned(), |module| ground.language(module)),
        what,
        because: own
            .map(|module| Evidence::file(&module.file(), module.file().file_name().unwrap_or_default()))
            .into_iter()
            .collect(),
        help,
    }
}

/// More programs than these are not named.
const LISTED: usize = 8;

/// Several modules can be started: a person says which.
pub(super) fn several(ground: &Ground<'_>, root: &Utf8Path, found: &[Candidate]) -> NothingToRun {
    let modules: Vec<&Module> = found.iter().filter_map(|one| ground.modules.get(one.module)).collect();
    let names: Vec<&str> = modules.iter().map(|module| module.name.as_str()).collect();
    let own = modules.first();
    let told = match names.len().checked_sub(LISTED) {
        Some(more) if more > 0 => format!(
            "{} and {more} more",
            names.iter().take(LISTED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        ),
        _ => crate::text::ticked(&names),
    };
    NothingToRun {
        root: root.to_owned(),
        language: own.map_or_else(|| super::TABLE.to_owned(), |module| ground.language(module)),
        what: format!("this build has {} programs: {told}", names.len()),
        because: own
            .map(|module| Evidence::file(&module.file(), module.file().file_name().unwrap_or_default()))
            .into_iter()
            .collect(),
        help: Vec::new(),
    }
}
