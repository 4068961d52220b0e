//! Every source of Node's or Bun's version. Pins name what people build with, ranges what may work.

use camino::Utf8Path;
use nodejs_semver::{Range, Version};

use super::work::{Work, note};
use crate::detect::Context;
use crate::error::Result;
use crate::facts::{Bound, Constraint, Evidence, Found, Note};
use crate::manifest::version_files as files;

/// All of them, the project's own in front of its workspace's, pins in front of ranges.
pub(super) fn find(cx: &Context, work: &mut Work, bun: bool) -> Result<Vec<Constraint>> {
    let mut found = pins(cx, work, bun)?;
    found.extend(manifest_pins(work, bun));
    if !bun {
        found = found.into_iter().map(|pin| outgrown(cx, work, pin)).collect();
    }
    found.extend(engines(work, bun));
    if !bun {
        found.extend(ceilings(cx, work));
        found.extend(locked(cx, work));
    }
    Ok(found)
}

/// A pin that the project's own engines, or its framework as it is locked, have left behind: what they ask for stands
/// in its place.
fn outgrown(cx: &Context, work: &mut Work, pin: Constraint) -> Constraint {
    let Bound::Pin(text) = &pin.value else { return pin };
    let line = text.split('.').next().unwrap_or_default().to_owned();
    let Ok(wanted) = Range::parse(&line) else { return pin };
    if let Some(engines) = engines(work, false).into_iter().find(|one| is_past(one, &line)) {
        let text = format!("{} asks for Node {text}, which {} has left behind", pin.says(), engines.says());
        let because = pin.because.into_iter().chain(engines.because.iter().cloned()).collect();
        work.notes.push(Note { code: "outgrown-version-file".to_owned(), text, because });
        return engines;
    }
    let rows = cx.knowledge.of("node").frameworks.iter().filter(|row| !row.library);
    let names = rows.flat_map(|row| &row.when).filter(|name| work.has(name));
    let locks = work.lock.lock();
    let refuses = names.filter_map(|name| {
        let package = locks.named(name).next()?;
        let engines = package
            .engines
            .as_ref()
            .filter(|engines| Range::parse(engines.trim()).is_ok_and(|range| !range.allows_any(&wanted)))?;
        Some((package, engines.trim().to_owned()))
    });
    let Some((package, engines)) = refuses.into_iter().next() else { return pin };
    let mut because = work.lock.evidence(cx, package);
    because.says = format!("engines of {}", because.says);
    let text = format!(
        "{} asks for Node {text}, on which {} {} does not run: its own engines decide",
        pin.says(),
        package.name,
        package.version
    );
    let note = note("outgrown-version-file", text, because.clone());
    work.notes.push(Note { because: pin.because.into_iter().chain(note.because).collect(), ..note });
    Found::new(Bound::Range(engines), because)
}

/// Whether every version of a range is newer than a line of versions.
fn is_past(engines: &Constraint, line: &str) -> bool {
    let Bound::Range(text) = &engines.value else { return false };
    let Ok(range) = Range::parse(text) else { return false };
    let older = Range::parse(format!("<={line}")).is_ok_and(|older| !range.allows_any(&older));
    older && range.min_version().is_some()
}

/// Packages of the lock whose native code newer versions do not compile, the strictest of each name.
fn ceilings(cx: &Context, work: &Work) -> Vec<Constraint> {
    let holds = |range: &str, version: &str| {
        let version = Version::parse(version).ok();
        version.zip(Range::parse(range).ok()).is_some_and(|(version, range)| range.satisfies(&version))
    };
    let optional = |name: &str| work.manifest.optional_dependencies.contains_key(name);
    let rows = cx.knowledge.of("node").ceilings.iter();
    let found = rows.filter(|row| !optional(&row.name)).filter_map(|row| {
        let package =
            work.lock.lock().named(&row.name).find(|package| holds(&row.versions, &package.version))?;
        let mut because = work.lock.evidence(cx, package);
        because.says = format!("{} {} does not compile with a newer Node", package.name, package.version);
        Some(Found::new(Bound::Range(row.range.clone()), because))
    });
    found.collect()
}

/// The version files of the nearest folder that has any: the project's, its ancestors'.
fn pins(cx: &Context, work: &Work, bun: bool) -> Result<Vec<Constraint>> {
    let (id, names): (&str, &[&str]) = if bun { ("bun", &["bun"]) } else { ("node", &["nodejs", "node"]) };
    let plain: &[&str] = if bun { &[".bun-version"] } else { &[".nvmrc", ".node-version"] };
    for folder in work.root.ancestors() {
        let mut found = Vec::new();
        for name in plain {
            found.extend(pin(cx, id, &folder.join(name), files::plain)?);
        }
        found.extend(pin(cx, id, &folder.join(".tool-versions"), |text| files::tool_versions(text, names))?);
        for name in ["mise.toml", ".mise.toml", ".config/mise.toml"] {
            found.extend(pin(cx, id, &folder.join(name), |text| files::mise(text, names))?);
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

fn pin(
    cx: &Context,
    id: &str,
    file: &Utf8Path,
    read: impl Fn(&str) -> Option<files::Line>,
) -> Result<Option<Constraint>> {
    let Some((version, line)) = cx.repo.read(file)?.and_then(|text| read(&text)) else { return Ok(None) };
    let says = file.file_name().unwrap_or_default().to_owned();
    Ok(bound(cx, id, &version).map(|bound| Found::new(bound, Evidence::line(file, line, says))))
}

/// A version as people write it: an alias, digits, or a range. What is none of them is no constraint.
fn bound(cx: &Context, id: &str, text: &str) -> Option<Bound> {
    let aliases = cx.knowledge.detectors.get(id).map(|detector| &detector.aliases);
    if let Some(version) = aliases.and_then(|aliases| aliases.get(&text.to_ascii_lowercase())) {
        return Some(Bound::Pin(version.clone()));
    }
    if text.is_empty() || text == "*" || text == "system" {
        return None;
    }
    let digits = text.trim_end_matches(".x").trim_end_matches(".*");
    let exact =
        digits.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if exact {
        return Some(Bound::Pin(digits.to_owned()));
    }
    Range::parse(text).is_ok().then(|| Bound::Range(text.to_owned()))
}

/// `volta` and `devEngines.runtime`.
fn manifest_pins(work: &Work, bun: bool) -> Vec<Constraint> {
    let id = if bun { "bun" } else { "node" };
    let mut found = Vec::new();
    for (file, manifest) in work.files() {
        let evidence = |path: &[&str], key: &str| Evidence {
            says: format!("{key} of package.json"),
            file: Some(file.to_owned()),
            line: manifest.line(path),
        };
        if let Some(version) = manifest.volta.get(id) {
            found.push(Found::new(
                Bound::Pin(version.clone()),
                evidence(&["volta", id], &format!("volta.{id}")),
            ));
        }
        let runtime = manifest.dev_runtime.iter().find(|(name, version)| name == id && !version.is_empty());
        if let Some((_, version)) = runtime {
            let exact = Version::parse(version).is_ok();
            let bound = if exact { Bound::Pin(version.clone()) } else { Bound::Range(version.clone()) };
            found.push(Found::new(bound, evidence(&["devEngines", "runtime"], "devEngines.runtime")));
        }
    }
    found
}

fn engines(work: &Work, bun: bool) -> Vec<Constraint> {
    let id = if bun { "bun" } else { "node" };
    let one = |(file, manifest): (&Utf8Path, &crate::manifest::package_json::PackageJson)| {
        let range = manifest.engines.get(id).filter(|range| !range.trim().is_empty())?;
        Range::parse(range).ok()?;
        let line = manifest.line(&["engines", id]);
        let because =
            Evidence { says: format!("engines.{id} of package.json"), file: Some(file.to_owned()), line };
        Some(Found::new(Bound::Range(range.clone()), because))
    };
    work.files().filter_map(one).collect()
}

/// Ranges of production dependencies that leave out the newest Node: the fewest that say all of it.
fn locked(cx: &Context, work: &Work) -> Vec<Constraint> {
    let bases = &cx.knowledge.bases;
    let rows = bases.toolchains.get("node").into_iter().flat_map(|toolchain| &toolchain.versions);
    let (published, supported): (Vec<Version>, Vec<bool>) =
        rows.filter_map(|row| Some((Version::parse(&row.patch).ok()?, row.end >= bases.as_of))).unzip();
    let Some(newest) = published.first() else { return Vec::new() };
    let mut bounding: Vec<(Vec<bool>, Constraint)> = Vec::new();
    for package in work.lock.shipped() {
        let Some(text) = package.engines.as_ref() else { continue };
        let Ok(range) = Range::parse(text.trim()) else { continue };
        if range.satisfies(newest) {
            continue;
        }
        let allowed: Vec<bool> = published.iter().map(|version| range.satisfies(version)).collect();
        // A package that allows no published version at all says nothing about which to take.
        if allowed.iter().any(|yes| *yes) {
            let mut because = work.lock.evidence(cx, package);
            because.says =
                format!("engines of {} in {}", package.name, work.lock.file.file_name().unwrap_or_default());
            bounding.push((allowed, Found::new(Bound::Range(text.trim().to_owned()), because)));
        }
    }
    decisive(bounding, &supported)
}

/// The strictest first, and each further one only if it leaves out something that those before it allow. One that
/// would leave nothing that gets fixes is passed over: npm and pnpm warn about it and install all the same, and packages
/// that contradict each other run somewhere.
fn decisive(mut bounding: Vec<(Vec<bool>, Constraint)>, supported: &[bool]) -> Vec<Constraint> {
    bounding.sort_by_key(|(allowed, _)| allowed.iter().filter(|yes| **yes).count());
    let mut left: Vec<bool> = Vec::new();
    let mut kept = Vec::new();
    for (allowed, constraint) in bounding {
        if left.is_empty() {
            left.resize(allowed.len(), true);
        }
        let both: Vec<bool> = left.iter().zip(&allowed).map(|(left, allowed)| *left && *allowed).collect();
        if both != left && both.iter().zip(supported).any(|(yes, supported)| *yes && *supported) {
            left = both;
            kept.push(constraint);
        }
    }
    kept
}

/// Whether some constraint names the version that people build with.
pub(super) fn pinned(versions: &[Constraint]) -> bool {
    versions.iter().any(|version| matches!(version.value, Bound::Pin(_)))
}

/// Whether every version that the constraints name lies outside a range.
pub(super) fn outside(versions: &[Constraint], range: &str) -> bool {
    let Ok(range) = Range::parse(range) else { return false };
    versions.iter().any(|version| {
        let (Bound::Pin(text) | Bound::Floor(text) | Bound::Range(text)) = &version.value;
        Range::parse(text).is_ok_and(|asked| !asked.allows_any(&range))
    })
}
