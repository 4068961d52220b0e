//! What the crates that are compiled need of the system, in the build and in the container.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use nodejs_semver::{Range, Version};

use super::ground::Ground;
use super::reach::Reach;
use crate::detect::Context;
use crate::facts::{Evidence, Found, Need, Phase, Project, RustFacts};
use crate::knowledge::Package;

/// Fills the needs of the crates.
pub(super) fn fill(
    cx: &Context<'_>,
    ground: &Ground,
    reach: &Reach,
    facts: &mut RustFacts,
    project: &mut Project,
) {
    let mut needs: BTreeMap<Need, Vec<Evidence>> = BTreeMap::new();
    let mut add = |capability: &str, phase, because: &Evidence| {
        let value = Need { capability: capability.to_owned(), phase };
        needs.entry(value).or_default().push(because.clone());
    };
    let mut fixed: BTreeMap<&str, bool> = BTreeMap::new();
    for (row, because) in rows(cx, ground, reach) {
        row.build.iter().for_each(|id| add(id, Phase::Build, &because));
        row.run.iter().for_each(|id| add(id, Phase::Run, &because));
        if row.never.iter().any(|one| one == "musl") {
            add("glibc", Phase::Run, &because);
        }
        for id in &row.run {
            let all = fixed.entry(id).or_insert(true);
            *all &= row.fixed.contains(id);
        }
    }
    if let Some(because) = protobuf_files(cx, ground, reach) {
        let wanted = needs.keys().any(|need| need.capability == "protoc");
        if wanted {
            needs
                .entry(Need { capability: "protobuf-files".into(), phase: Phase::Build })
                .or_default()
                .push(because);
        }
    }
    if ground.lock.is_none() {
        let says = "without a Cargo.lock, whether it connects to other servers is not known";
        let value = Need { capability: "ca-certificates".into(), phase: Phase::Run };
        needs.entry(value).or_default().push(Evidence::told(says));
    }
    facts.fixed = fixed.into_iter().filter(|(_, all)| *all).map(|(id, _)| id.to_owned()).collect();
    project.needs.extend(needs.into_iter().map(|(value, because)| Found { value, because }));
    // It comes into the build context with everything else.
    let history = project.needs.iter().find(|need| need.value.capability == "git-history");
    let history =
        history.map(|need| Found { value: ground.root.join(".git"), because: need.because.clone() });
    facts.embeds.extend(history);
}

/// The rows of the table that hold for the crates that are reached.
fn rows<'k>(cx: &Context<'k>, ground: &Ground, reach: &Reach) -> Vec<(&'k Package, Evidence)> {
    let table = &cx.knowledge.of(super::LANGUAGE).packages;
    match &ground.lock {
        Some(_) => table.iter().filter_map(|row| Some((row, by_lock(ground, reach, row)?))).collect(),
        None => table.iter().filter_map(|row| Some((row, by_manifest(cx, ground, reach, row)?))).collect(),
    }
}

fn by_lock(ground: &Ground, reach: &Reach, row: &Package) -> Option<Evidence> {
    let (path, lock) = ground.lock.as_ref()?;
    let own: Vec<&String> =
        reach.packages.keys().filter_map(|at| Some(&ground.members.get(*at)?.package.name.value)).collect();
    let mut instead =
        row.unless.iter().flat_map(|other| lock.named(other)).filter_map(|at| reach.crates.get(at));
    if instead.any(|users| users.iter().any(|user| own.contains(&user))) {
        return None;
    }
    let brings_its_own = |user: &String| {
        lock.named(user)
            .iter()
            .filter_map(|at| lock.crates.get(*at))
            .any(|one| row.unless.iter().any(|other| one.uses(other)))
    };
    let number = lock.named(&row.name).iter().find(|number| {
        let (Some(one), Some(by)) = (lock.crates.get(**number), reach.crates.get(number)) else {
            return false;
        };
        let used = by.iter().any(|user| !row.except.contains(user) && !brings_its_own(user));
        let with = row.with.as_ref().is_none_or(|name| one.uses(name));
        let without = row.without.as_ref().is_none_or(|name| !one.uses(name));
        let below = row.below.as_ref().is_none_or(|below| is_below(&one.version, below));
        used && with && without && below
    })?;
    let one = lock.crates.get(*number)?;
    Some(Evidence::line(path, one.line, format!("{} {}", row.name, row.because)))
}

fn is_below(version: &str, below: &str) -> bool {
    match (Version::parse(version), Version::parse(below)) {
        (Ok(version), Ok(below)) => version < below,
        _ => false,
    }
}

/// Without a lock file: what the manifest's own dependencies bring.
fn by_manifest(cx: &Context<'_>, ground: &Ground, reach: &Reach, row: &Package) -> Option<Evidence> {
    let all = cx.knowledge.of(super::LANGUAGE).unlocked.iter().filter(|one| one.brings == row.name);
    let named = all.into_iter().find_map(|one| {
        let (number, used) = reach.direct(&one.name)?;
        let has = |feature: &str| match feature {
            "default" => used.defaults,
            feature => used.features.iter().any(|one| one == feature),
        };
        let asked = one.features.is_empty()
            || one.features.iter().any(|feature| match feature.strip_prefix('!') {
                Some(feature) => !has(feature),
                None => has(feature),
            });
        asked.then_some((number, used))
    });
    let (number, used) = named.or_else(|| reach.direct(&row.name)).filter(|_| row.with.is_none())?;
    let file = &ground.members.get(number)?.file;
    Some(Evidence::line(file, used.line, format!("{} {}", row.name, row.because)))
}

/// A .proto file of a program's packages that imports one of Protocol Buffers' own.
fn protobuf_files(cx: &Context<'_>, ground: &Ground, reach: &Reach) -> Option<Evidence> {
    let roots: BTreeSet<&Utf8Path> =
        reach.packages.keys().filter_map(|number| Some(ground.members.get(*number)?.dir.as_path())).collect();
    let files = cx.repo.files().iter().filter(|file| file.extension() == Some("proto"));
    let mut near = files
        .filter(|file| file.starts_with(&ground.root) || roots.iter().any(|root| file.starts_with(root)));
    near.find_map(|file| {
        let text = cx.repo.source(file)?;
        let line = (1..)
            .zip(text.lines())
            .find(|(_, line)| line.trim_start().starts_with("import") && line.contains("\"google/protobuf/"));
        Some(Evidence::line(file, line?.0, format!("{file} imports a file of Protocol Buffers' own")))
    })
}

/// The Rust from which on a crate of the lock file is refused.
pub(super) fn ceilings(cx: &Context<'_>, ground: &Ground, reach: &Reach) -> Vec<Found<String>> {
    let Some((path, lock)) = &ground.lock else { return Vec::new() };
    let table = cx.knowledge.of(super::LANGUAGE).ceilings.iter();
    let found = table.filter_map(|row| {
        let range = Range::parse(&row.versions).ok()?;
        let one = lock.named(&row.name).iter().filter(|number| reach.crates.contains_key(number)).find_map(
            |number| {
                let one = lock.crates.get(*number)?;
                let version = Version::parse(&one.version).ok()?;
                range.satisfies(&version).then_some(one)
            },
        )?;
        let says = format!("{} {} of Cargo.lock, which newer compilers refuse,", row.name, one.version);
        Some(Found::new(row.range.clone(), Evidence::line(path, one.line, says)))
    });
    found.collect()
}
