//! What a program is made of: the packages of the repository that it reaches with the features that are on, and the
//! crates of the lock file behind them.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::Ground;
use crate::detect::Context;
use crate::manifest::cargo_lock::Locked;
use crate::manifest::cargo_toml::{Dependency, When};
use crate::source::rust::cfg::Build;

/// A package that is reached.
#[derive(Debug, Clone, Default)]
pub(super) struct Reached {
    /// The features that are on.
    pub(super) features: BTreeSet<String>,
    /// The dependencies that are compiled, each with the features that are asked of it.
    pub(super) uses: Vec<Dependency>,
}

/// The program's packages by number, and the crates of the lock file by number with those that use each.
#[derive(Debug, Clone, Default)]
pub(super) struct Reach {
    /// The packages of the repository.
    pub(super) packages: BTreeMap<usize, Reached>,
    /// The crates of the lock file, and the names of what uses them.
    pub(super) crates: BTreeMap<usize, BTreeSet<String>>,
}

impl Reach {
    /// A dependency of the program's own packages.
    pub(super) fn direct(&self, name: &str) -> Option<(usize, &Dependency)> {
        let all =
            self.packages.iter().flat_map(|(number, one)| one.uses.iter().map(move |used| (*number, used)));
        all.into_iter().find(|(_, used)| used.package == name)
    }
}

/// Follows a package with features of it.
pub(super) fn follow(cx: &Context<'_>, ground: &Ground, package: usize, features: &[String]) -> Reach {
    let mut reach = Reach::default();
    let mut open: Vec<(usize, BTreeSet<String>)> = vec![(package, with_default(features))];
    let mut asked: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    while let Some((number, wanted)) = open.pop() {
        let known = asked.entry(number).or_default();
        if reach.packages.contains_key(&number) && wanted.is_subset(known) {
            continue;
        }
        known.extend(wanted);
        let Some(member) = ground.members.get(number) else { continue };
        let reached = turned_on(ground, number, known);
        for used in &reached.uses {
            let folder = ground.folder(member, used).or_else(|| {
                // What the workspace gave has been put in: its path starts there.
                crate::detect::join_inside(&ground.root, used.path.as_deref()?)
            });
            if let Some(next) = folder.and_then(|dir| ground.at(&dir)) {
                let mut wanted: BTreeSet<String> = used.features.iter().cloned().collect();
                if used.defaults {
                    wanted.insert("default".to_owned());
                }
                open.push((next, wanted));
            }
        }
        reach.packages.insert(number, reached);
    }
    locked(cx, ground, &mut reach);
    reach
}

fn with_default(features: &[String]) -> BTreeSet<String> {
    features.iter().cloned().chain(["default".to_owned()]).collect()
}

/// The features of a package that some turn on, and what is compiled for them.
fn turned_on(ground: &Ground, number: usize, wanted: &BTreeSet<String>) -> Reached {
    let Some(member) = ground.members.get(number) else { return Reached::default() };
    let table = &member.manifest.features;
    let mut on: BTreeSet<String> = BTreeSet::new();
    let mut optional: BTreeSet<&str> = BTreeSet::new();
    let mut further: Vec<(&str, &str)> = Vec::new();
    let mut open: Vec<&str> = wanted.iter().map(String::as_str).collect();
    while let Some(name) = open.pop() {
        if let Some(dependency) = name.strip_prefix("dep:") {
            optional.insert(dependency);
        } else if let Some((dependency, feature)) = name.split_once('/') {
            let weak = dependency.ends_with('?');
            let dependency = dependency.trim_end_matches('?');
            further.push((dependency, feature));
            if !weak {
                optional.insert(dependency);
            }
        } else if on.insert(name.to_owned()) {
            match table.get(name) {
                Some(more) => open.extend(more.iter().map(String::as_str)),
                None => {
                    optional.insert(name);
                }
            }
        }
    }
    let build = Build { features: Some(on.clone()), musl: false };
    let uses = member.manifest.dependencies.iter().filter(|one| {
        let here = one.target.as_ref().is_none_or(|target| build.targets(target));
        one.when != When::Dev && here && (!one.optional || optional.contains(one.name.as_str()))
    });
    let uses = uses.map(|one| {
        let mut whole = ground.whole(one);
        let more =
            further.iter().filter(|(name, _)| *name == one.name).map(|(_, feature)| (*feature).to_owned());
        whole.features.extend(more);
        whole.inherited = one.inherited;
        whole
    });
    Reached { uses: uses.collect(), features: on }
}

/// Follows the lock file from the dependencies that are compiled.
fn locked(cx: &Context<'_>, ground: &Ground, reach: &mut Reach) {
    let Some((_, lock)) = &ground.lock else { return };
    let mut open: Vec<(usize, String)> = Vec::new();
    for (number, reached) in &reach.packages {
        let Some(member) = ground.members.get(*number) else { continue };
        let name = &member.package.name.value;
        let own =
            lock.named(name).iter().filter_map(|at| lock.crates.get(*at)).find(|one| one.source.is_none());
        for used in &reached.uses {
            let listed = own.and_then(|own| {
                own.dependencies.iter().find(|one| one.split(' ').next() == Some(used.package.as_str()))
            });
            let found = lock.find(listed.map_or(used.package.as_str(), String::as_str));
            open.extend(found.map(|found| (found, name.clone())));
        }
    }
    let table = cx.knowledge.of(super::LANGUAGE);
    while let Some((number, by)) = open.pop() {
        let Some(one) = lock.crates.get(number).filter(|one| !table.other_systems.contains(&one.name)) else {
            continue;
        };
        let users = reach.crates.entry(number).or_default();
        let first = users.is_empty();
        users.insert(by);
        if !first || one.source.is_none() {
            continue;
        }
        let inner = one.dependencies.iter().filter(|next| is_compiled(cx, reach, one, next));
        open.extend(inner.filter_map(|next| Some((lock.find(next)?, one.name.clone()))));
    }
}

/// Whether a dependency that the lock file lists is one that only a feature compiles, and nobody asks for that.
fn is_compiled(cx: &Context<'_>, reach: &Reach, one: &Locked, next: &str) -> bool {
    let name = next.split(' ').next().unwrap_or(next);
    let mut gates = cx.knowledge.of(super::LANGUAGE).gates.iter();
    let Some(gate) = gates.find(|gate| gate.dependency == name && gate.crates.contains(&one.name)) else {
        return true;
    };
    let uses = reach.packages.values().flat_map(|one| &one.uses);
    let anybody = gate.of == "*";
    let mut of: Vec<&Dependency> = uses.filter(|used| anybody || used.package == gate.of).collect();
    of.retain(|used| used.when != When::Dev);
    // Somebody else's dependency: its features are not known.
    of.is_empty() && !anybody
        || of.iter().any(|used| used.features.iter().any(|feature| gate.features.contains(feature)))
}
