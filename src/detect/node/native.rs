//! What packages need of the system: native code that compiles, libraries and programs at run time, downloads that
//! only tests use, Prisma's engine.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use nodejs_semver::{Range, Version};

use super::version;
use super::work::{Work, note};
use crate::detect::{Context, join_inside};
use crate::facts::{Constraint, Evidence, Found, Need, NodeFacts, Phase, ToolFacts};
use crate::knowledge::Package;
use crate::manifest::lock::Locked;
use crate::manifest::package_json::PackageJson;

/// What a project needs of the system because of its packages.
pub(super) fn find(
    cx: &Context,
    work: &mut Work,
    facts: &mut NodeFacts,
    versions: &[Constraint],
) -> Vec<Found<Need>> {
    let mut needs = Vec::new();
    for row in &cx.knowledge.of("node").packages {
        known(cx, work, row, versions, facts, &mut needs);
    }
    unknown(cx, work, facts, &mut needs);
    if !facts.compiles.is_empty() {
        distutils(cx, work, &mut needs);
    }
    downloads(cx, work, facts);
    blocked(cx, work, facts);
    dedup(needs)
}

/// A package of the table, where the project has it in a version that the row is about.
fn known(
    cx: &Context,
    work: &Work,
    row: &Package,
    versions: &[Constraint],
    facts: &mut NodeFacts,
    needs: &mut Vec<Found<Need>>,
) {
    if row.direct && !work.has(&row.name) {
        return;
    }
    if row.unless.iter().any(|other| present(cx, work, other).is_some_and(|(_, shipped, _)| shipped)) {
        return;
    }
    let Some((version, shipped, because)) = present(cx, work, &row.name) else { return };
    if row.versions.as_ref().is_some_and(|range| !within(range, version.as_deref())) {
        return;
    }
    let because = Evidence { says: format!("{} {}", row.name, row.because), ..because };
    let old = row.below.as_ref().is_none_or(|below| within(&format!("<{below}"), version.as_deref()));
    if old {
        let build = row.build.iter().map(|capability| need(capability, Phase::Build, &because));
        needs.extend(build);
        if row.build.iter().any(|capability| capability == "node-gyp") {
            facts.compiles.push(Found::new(row.name.clone(), because.clone()));
        }
    }
    if shipped {
        let configures = row.direct && only_configures(cx, work, &row.name);
        let phase = if configures { Phase::Build } else { Phase::Run };
        needs.extend(row.run.iter().map(|capability| need(capability, phase, &because)));
    }
    let outside = row.runtime.as_ref().is_some_and(|range| version::outside(versions, range));
    let set = |name: &str| work.scripts().values().any(|script| script.contains(name));
    for (name, value) in row.env.iter().filter(|(_, value)| !outside && !set(value)) {
        if !facts.build_env.iter().any(|found| found.value.0 == *name) {
            facts.build_env.push(Found::new((name.clone(), value.clone()), because.clone()));
        }
    }
}

/// Whether only files that configure the build, or scripts, load a package.
fn only_configures(cx: &Context, work: &Work, name: &str) -> bool {
    let sources: Vec<&Utf8PathBuf> = cx
        .repo
        .under(&work.root)
        .filter(|file| matches!(file.extension(), Some("js" | "mjs" | "cjs" | "ts" | "mts" | "cts" | "vue")))
        .collect();
    let quoted = [format!("'{name}'"), format!("\"{name}\"")];
    let loads = |file: &Utf8Path, text: &str| {
        quoted.iter().any(|quoted| text.contains(quoted.as_str())).then(|| file.to_owned())
    };
    let loading: Vec<Utf8PathBuf> = cx.repo.map_sources(&sources, loads).into_iter().flatten().collect();
    let configures = |file: &Utf8PathBuf| {
        let inside = file.strip_prefix(&work.root).unwrap_or(file);
        let first = inside.components().next().map_or("", |first| first.as_str());
        CONFIGURING.contains(&first) || file.file_stem().is_some_and(|stem| stem.ends_with(".config"))
    };
    !loading.is_empty() && loading.iter().all(configures)
}

/// Folders of what runs while a project is built or released.
const CONFIGURING: [&str; 7] = ["config", "configs", "scripts", "script", "build", "tools", "modules"];

/// The version of a package, whether production needs it, and where it stands.
fn present(cx: &Context, work: &Work, name: &str) -> Option<(Option<String>, bool, Evidence)> {
    let shipped = work.lock.shipped().find(|package| package.name == name);
    if let Some(package) = shipped.or_else(|| work.lock.lock().named(name).next()) {
        return Some((Some(package.version.clone()), shipped.is_some(), work.lock.evidence(cx, package)));
    }
    work.has(name)
        .then(|| (work.locked_version(name), work.manifest.in_production(name), work.at_dependency(name)))
}

/// Whether a version is within a range; one that is not known is taken for a new one.
fn within(range: &str, version: Option<&str>) -> bool {
    let version = version.and_then(|version| Version::parse(version).ok().or_else(|| least(version)));
    match (version, Range::parse(range)) {
        (Some(version), Ok(range)) => range.satisfies_with_prerelease(&version, true),
        _ => false,
    }
}

fn least(text: &str) -> Option<Version> {
    Range::parse(text).ok()?.min_version()
}

fn need(capability: &str, phase: Phase, because: &Evidence) -> Found<Need> {
    Found::new(Need { capability: capability.to_owned(), phase }, because.clone())
}

/// Packages with an install script that use a helper for native code, and that the table does not know.
fn unknown(cx: &Context, work: &Work, facts: &mut NodeFacts, needs: &mut Vec<Found<Need>>) {
    let table = cx.knowledge.of("node");
    let listed = |name: &str| {
        table.packages.iter().any(|row| row.name == name) || table.foreign.iter().any(|one| one == name)
    };
    let helper = |key: &String| {
        // Yarn 2 and later put this into every package with a script that names it, those with binaries among them.
        if key == "node-gyp@latest" {
            return false;
        }
        let name = key
            .char_indices()
            .skip(1)
            .find(|(_, letter)| *letter == '@')
            .map_or(key.as_str(), |(at, _)| &key[..at]);
        table.addon_helpers.iter().any(|helper| helper == name)
    };
    for package in &work.lock.lock().packages {
        let installs = package.install_script != Some(false) && !package.foreign;
        if installs
            && !listed(&package.name)
            && !table.addon_helpers.contains(&package.name)
            && package.needs.iter().any(helper)
        {
            let mut because = work.lock.evidence(cx, package);
            because.says = format!("{} compiles at install where no prebuilt binary fits", package.name);
            facts.compiles.push(Found::new(package.name.clone(), because.clone()));
            needs.push(need("node-gyp", Phase::Build, &because));
        }
    }
}

/// node-gyp before 10 uses Python's distutils, which Python 3.12 and later lack.
fn distutils(cx: &Context, work: &Work, needs: &mut Vec<Found<Need>>) {
    let old = |package: &&Locked| within("<10.0.0", Some(&package.version));
    if let Some(package) = work.lock.lock().named("node-gyp").find(old) {
        let mut because = work.lock.evidence(cx, package);
        "node-gyp below 10 needs Python's distutils".clone_into(&mut because.says);
        needs.push(need("distutils", Phase::Build, &because));
    }
}

/// Browsers and the like that an install script fetches and production does not use.
fn downloads(cx: &Context, work: &Work, facts: &mut NodeFacts) {
    for row in &cx.knowledge.of("node").downloads {
        let Some((_, shipped, because)) = present(cx, work, &row.package) else { continue };
        let known = facts.skip_downloads.iter().any(|found| found.value.0 == row.variable);
        if !shipped && !known {
            facts.skip_downloads.push(Found::new((row.variable.clone(), row.value.clone()), because));
        }
    }
}

/// Install scripts that a current package manager runs only where the project allows them.
fn blocked(cx: &Context, work: &mut Work, facts: &NodeFacts) {
    let tool: &ToolFacts = &facts.tool;
    let Some(from) = super::tool::row(cx, &tool.id).and_then(|row| row.blocks_scripts.as_ref()) else {
        return;
    };
    let Some(version) = &tool.version else { return };
    if !within(&format!(">={from}.0.0"), Some(&version.value)) {
        return;
    }
    let pnpm = work.workspace.iter().filter_map(|workspace| workspace.pnpm.as_ref());
    let allowed: BTreeSet<&String> = work
        .manifests()
        .flat_map(|manifest| &manifest.allowed_scripts)
        .chain(pnpm.flat_map(|pnpm| &pnpm.allowed_scripts))
        .collect();
    let stopped = facts.compiles.iter().find(|found| !allowed.contains(&found.value));
    if let Some(found) = stopped {
        let text = format!(
            "{} of this version runs the install script of `{}` only where the project allows it",
            tool.id, found.value
        );
        let because = found.because.first().cloned().unwrap_or_else(|| Evidence::told("the lock file"));
        work.notes.push(note("install-script-blocked", text, because));
    }
}

fn dedup(needs: Vec<Found<Need>>) -> Vec<Found<Need>> {
    let mut kept: Vec<Found<Need>> = Vec::new();
    for need in needs {
        match kept.iter_mut().find(|other| other.value == need.value) {
            Some(other) => other.because.extend(need.because),
            None => kept.push(need),
        }
    }
    kept
}

/// A Prisma schema: the file that evidence names, and all of its files.
pub(super) struct Schema {
    /// The file or folder.
    pub(super) path: Utf8PathBuf,
    /// Its files.
    pub(super) files: Vec<Utf8PathBuf>,
    /// What says so.
    pub(super) because: Evidence,
}

/// Prisma's schema of a package: where `package.json#prisma.schema` says, else at the places that Prisma looks at.
pub(super) fn schema(cx: &Context, folder: &Utf8Path, manifest: &PackageJson) -> Option<Schema> {
    let told = manifest.prisma_schema.as_ref().and_then(|path| join_inside(folder, path));
    let line = manifest.line(&["prisma", "schema"]);
    let package = folder.join("package.json");
    let because = |path: &Utf8Path| match (&told, line) {
        (Some(_), Some(line)) => Evidence::line(&package, line, "prisma.schema of package.json"),
        _ => Evidence::file(path, "Prisma's schema"),
    };
    let usual = ["prisma/schema.prisma", "schema.prisma", "prisma/schema"].map(|path| folder.join(path));
    told.iter().chain(&usual).find_map(|path| {
        let files: Vec<Utf8PathBuf> =
            cx.repo.under(path).filter(|file| file.extension() == Some("prisma")).cloned().collect();
        (!files.is_empty()).then(|| Schema { path: path.clone(), files, because: because(path) })
    })
}
