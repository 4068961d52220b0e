//! The one RUN that gives PHP its extensions: libraries that stay, headers that leave with it.

use std::collections::BTreeSet;

use super::Build;
use crate::facts::{Found, Need, Phase};
use crate::knowledge::Extension;
use crate::plan::{Act, Run, Step};

/// The step, where the image lacks an extension.
pub(super) fn run(build: &Build, needs: &[Found<Need>]) -> Option<Step> {
    let rows = rows(build);
    if rows.is_empty() {
        return None;
    }
    let keep = packages(build, needs, Phase::Run);
    let lent = packages(build, needs, Phase::Build);
    let compiles = compile(build, &rows);
    let mut commands = Vec::new();
    let manager =
        build.chosen.image.packages.as_deref().and_then(|name| build.knowledge.system.managers.get(name));
    let filled = |line: &String| {
        let line = line.replace("{packages}", &keep.join(" ")).replace("{temporary}", &lent.join(" "));
        line.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
    };
    let empty = |line: &&String| {
        !(line.contains("{temporary}")
            && lent.is_empty()
            && (keep.is_empty() || !line.contains("{packages}")))
            && !(line.contains("{packages}") && !line.contains("{temporary}") && keep.is_empty())
    };
    let touched = !keep.is_empty() || !lent.is_empty();
    if let Some(manager) = manager.filter(|_| touched) {
        commands.extend(manager.lend.iter().filter(empty).map(filled));
        commands.extend(compiles);
        commands.extend(manager.take_back.iter().filter(empty).map(filled));
    } else {
        commands.extend(compiles);
    }
    Some(Step { because: because(build, &rows), act: Act::Run(Run { mounts: vec![], commands }) })
}

/// The rows of the extensions that this release's image lacks, by name.
fn rows<'a>(build: &Build<'a>) -> Vec<&'a Extension> {
    let mut names: Vec<&str> = build.facts.extensions.iter().map(|one| one.value.name.as_str()).collect();
    names.extend(build.facts.site.is_some().then_some("opcache"));
    let mut rows: Vec<&Extension> = build
        .table
        .extensions
        .iter()
        .filter(|row| names.contains(&row.name.as_str()) && row.missing.is_none())
        .filter(|row| !row.included_from.as_deref().is_some_and(|from| at_least(build, from)))
        .collect();
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    rows
}

fn at_least(build: &Build, release: &str) -> bool {
    numbers(&build.version.version) >= numbers(release)
}

pub(super) fn numbers(release: &str) -> Vec<u32> {
    release.split('.').map_while(|part| part.parse().ok()).collect()
}

/// Packages of a phase that the image and its compilers do not bring.
fn packages(build: &Build, needs: &[Found<Need>], phase: Phase) -> Vec<String> {
    let image = if phase == Phase::Run { &build.chosen.image.offers } else { &build.offers() };
    let system = &build.knowledge.system.capabilities;
    let of = |capability: &String, phase: Phase| {
        let row = system.get(capability);
        let names =
            row.map(|row| if build.alpine() { row.alpine(phase) } else { row.debian(phase, &build.suite) });
        names.unwrap_or_default().to_vec()
    };
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    if phase == Phase::Build && build.alpine() {
        wanted.extend(of(&"phpize".to_owned(), phase));
    }
    for need in needs.iter().filter(|need| need.value.phase == phase && need.value.capability != "init") {
        if !image.contains(&need.value.capability) {
            wanted.extend(of(&need.value.capability, phase));
        }
    }
    let there: BTreeSet<String> = image.iter().flat_map(|capability| of(capability, Phase::Build)).collect();
    wanted.into_iter().filter(|package| phase == Phase::Run || !there.contains(package)).collect()
}

/// Configure what has flags, compile what PHP's sources have, then what PECL has.
fn compile(build: &Build, rows: &[&Extension]) -> Vec<String> {
    let pecl = |row: &&&Extension| {
        row.pecl.is_some() || row.pecl_from.as_deref().is_some_and(|from| at_least(build, from))
    };
    let mut commands = Vec::new();
    for row in rows.iter().filter(|row| !pecl(row)) {
        let flags = row.configure.iter().filter(|(from, _)| at_least(build, from));
        let flags = flags.max_by_key(|(from, _)| numbers(from)).map(|(_, flags)| flags);
        if let Some(flags) = flags.filter(|flags| !flags.is_empty()) {
            commands.push(format!("docker-php-ext-configure {} {flags}", row.name));
        }
    }
    let own: Vec<&str> = rows.iter().filter(|row| !pecl(row)).map(|row| row.name.as_str()).collect();
    if !own.is_empty() {
        commands.push(format!("docker-php-ext-install -j\"$(nproc)\" {}", own.join(" ")));
    }
    let fetched: Vec<&&Extension> = rows.iter().filter(pecl).collect();
    if !fetched.is_empty() {
        // One at a time: pecl ends well where one of several did not compile.
        commands.extend(fetched.iter().map(|row| format!("pecl install {}", in_pecl(build, row))));
        let names: Vec<&str> = fetched.iter().map(|row| row.name.as_str()).collect();
        commands.push(format!("docker-php-ext-enable {}", names.join(" ")));
    }
    commands
}

/// The name of an extension in PECL, and the version that is known to compile on this release.
fn in_pecl(build: &Build, row: &Extension) -> String {
    let name = row.pecl.as_deref().unwrap_or(&row.name);
    let held = row.versions.iter().filter(|(from, _)| at_least(build, from));
    let version = held.max_by_key(|(from, _)| numbers(from)).map(|(_, version)| version);
    version
        .filter(|version| !version.is_empty())
        .map_or_else(|| name.to_owned(), |version| format!("{name}-{version}"))
}

/// What asks for each: one line for all that the manifest itself requires, and one for each of the others.
fn because(build: &Build, rows: &[&Extension]) -> Vec<String> {
    let named = build.facts.extensions.iter().filter(|one| rows.iter().any(|row| row.name == one.value.name));
    let of_manifest = |one: &&Found<crate::facts::Extension>| {
        one.because
            .first()
            .and_then(|because| because.file.as_ref())
            .is_some_and(|file| file.file_name() == Some("composer.json"))
    };
    let (own, others): (Vec<_>, Vec<_>) = named.partition(of_manifest);
    let own: Vec<&str> = own.iter().map(|one| one.value.name.as_str()).collect();
    let first = (!own.is_empty()).then(|| format!("composer.json requires {}.", crate::text::list(&own)));
    let rest = others.iter().map(|one| format!("{}: {}.", one.value.name, one.says()));
    first.into_iter().chain(rest).collect()
}
