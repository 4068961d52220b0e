//! Every source of Python's version: files and manifests that name one, and what the wheels of a lock file allow.

use camino::Utf8Path;

use super::work::Work;
use crate::error::Result;
use crate::facts::{Binary, Bound, Constraint, Evidence, Found};
use crate::manifest::python::lock::Locked;
use crate::manifest::python::pep440::{Specifier, Version};
use crate::manifest::python::version_files as files;
use crate::manifest::version_files;

/// All of them, pins in front.
pub(super) fn find(work: &Work, binaries: &[Found<Binary>]) -> Result<Vec<Constraint>> {
    let mut found = pins(work)?;
    found.extend(ranges(work));
    let wheels = wheels(work, binaries);
    found.extend(decisive(work, wheels, &found));
    Ok(found)
}

/// The version files of the nearest folder that has any: the project's, its ancestors'.
fn pins(work: &Work) -> Result<Vec<Constraint>> {
    for folder in work.root.ancestors() {
        let mut found = Vec::new();
        found.extend(pin(work, &folder.join(".python-version"), files::python_version)?);
        found.extend(pin(work, &folder.join("runtime.txt"), files::runtime_txt)?);
        let tools = |text: &str| {
            let (version, line) = version_files::tool_versions(text, &["python"])?;
            Some((files::version(&version)?, line))
        };
        found.extend(pin(work, &folder.join(".tool-versions"), tools)?);
        for name in ["mise.toml", ".mise.toml", ".config/mise.toml"] {
            let mise = |text: &str| {
                let (version, line) = version_files::mise(text, &["python"])?;
                Some((files::version(&version)?, line))
            };
            found.extend(pin(work, &folder.join(name), mise)?);
        }
        found.extend(pin(work, &folder.join("app.yaml"), files::app_yaml)?);
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(pipfile(work)?.into_iter().collect())
}

fn pin(
    work: &Work,
    file: &Utf8Path,
    read: impl Fn(&str) -> Option<files::Line>,
) -> Result<Option<Constraint>> {
    let Some((version, line)) = work.cx.repo.read(file)?.and_then(|text| read(&text)) else {
        return Ok(None);
    };
    let says = file.file_name().unwrap_or_default().to_owned();
    Ok(Some(Found::new(Bound::Pin(version), Evidence::line(file, line, says))))
}

fn pipfile(work: &Work) -> Result<Option<Constraint>> {
    let path = work.root.join("Pipfile");
    let Some(text) = work.cx.repo.read(&path)? else { return Ok(None) };
    let Ok(read) = crate::manifest::python::pipfile::parse(&text) else { return Ok(None) };
    let version = read.python.and_then(|version| files::version(&version));
    let line = crate::manifest::line_of(&text, "python_");
    Ok(version.map(|version| {
        let because = Evidence { says: "requires of Pipfile".to_owned(), file: Some(path), line };
        Found::new(Bound::Pin(version), because)
    }))
}

/// `requires-python` and its kin, of the project and of its lock file.
fn ranges(work: &Work) -> Vec<Constraint> {
    let mut found = Vec::new();
    if let Some(manifest) = &work.pyproject
        && let Some(range) = &manifest.value.python
    {
        let standard = manifest.text.contains("requires-python");
        let (key, says) = if standard {
            ("requires-python", "requires-python of pyproject.toml")
        } else {
            ("python =", "python of pyproject.toml")
        };
        found.push(Found::new(Bound::Range(range.clone()), manifest.at(key, says)));
    }
    if let Some(setup) = &work.setup
        && let Some((range, line)) = &setup.value.python
    {
        let says = format!("python_requires of {}", setup.path.file_name().unwrap_or_default());
        found.push(Found::new(Bound::Range(range.clone()), Evidence::line(&setup.path, *line, says)));
    }
    if let Some((path, lock)) = &work.lock
        && let Some(range) = lock.python.as_ref().filter(|_| found.is_empty() && work.tool.id != "pipenv")
    {
        let says = format!("requires-python of {}", path.file_name().unwrap_or_default());
        found.push(Found::new(Bound::Range(range.clone()), Evidence::file(path, says)));
    }
    found
}

/// The releases that images are published for, the newest first.
fn published(work: &Work) -> Vec<String> {
    let toolchain = work.cx.knowledge.bases.toolchains.get("python");
    toolchain
        .iter()
        .flat_map(|toolchain| &toolchain.versions)
        .map(|version| version.version.clone())
        .collect()
}

/// Packages of the lock file whose wheels are for some interpreters only: what they allow without a compiler.
pub(super) fn binaries(work: &Work) -> Vec<Found<Binary>> {
    let Some((_, lock)) = &work.lock else { return Vec::new() };
    let published = published(work);
    let mut all = Vec::new();
    for name in work.packages.keys() {
        let versions: Vec<&Locked> = lock.named(name).filter(|one| one.files && one.path.is_none()).collect();
        let portable =
            versions.iter().any(|one| one.wheels.iter().any(|wheel| wheel.is_portable() && wheel.fits(14)));
        let Some(first) = versions.first().filter(|_| !portable) else { continue };
        let wheels = || versions.iter().flat_map(|one| &one.wheels);
        let releases = |fits: &dyn Fn(u32) -> bool| -> Vec<String> {
            published.iter().filter(|release| minor(release).is_some_and(fits)).cloned().collect()
        };
        let glibc = releases(&|minor| wheels().any(|wheel| wheel.is_glibc() && wheel.fits(minor)));
        let musl = releases(&|minor| wheels().any(|wheel| wheel.is_musl() && wheel.fits(minor)));
        let sdist = versions.iter().any(|one| one.sdist);
        // For another operating system alone, or without any wheel: plain Python mostly, and the table knows the others.
        if glibc.is_empty() && !sdist || wheels().next().is_none() {
            continue;
        }
        let because = work.locked(first, format!("the set of wheels of {name} in {}", work.lock_name()));
        all.push(Found::new(Binary { name: name.clone(), glibc, musl, sdist }, because));
    }
    all
}

fn minor(release: &str) -> Option<u32> {
    release.split('.').nth(1)?.parse().ok()
}

/// Releases that a package allows, as a range, with its evidence.
fn wheels(work: &Work, binaries: &[Found<Binary>]) -> Vec<(Vec<bool>, Evidence)> {
    let published = published(work);
    let mut all: Vec<(Vec<bool>, Evidence)> = Vec::new();
    for one in binaries.iter().filter(|one| !one.value.glibc.is_empty()) {
        let allowed = published.iter().map(|release| one.value.glibc.contains(release)).collect();
        if let Some(because) = one.because.first() {
            all.push((allowed, because.clone()));
        }
    }
    for row in &work.cx.knowledge.of("python").supports {
        let Some(package) = work.packages.get(&row.name) else { continue };
        let about = row.versions.as_ref().is_none_or(|range| match &package.exact {
            Some(exact) => Specifier::parse(range).allows(exact),
            None => false,
        });
        if !about {
            continue;
        }
        let first = row.since.keys().filter_map(|release| minor(release)).min();
        let runs = |release: &String| {
            // The first release that is newer than this one and that the table knows tells, too: support only grows.
            let since = row
                .since
                .iter()
                .filter(|(known, _)| minor(known) <= minor(release))
                .max_by_key(|(known, _)| minor(known));
            match since.and_then(|(_, version)| Version::parse(version)) {
                Some(least) => package.versions.reaches(&least),
                None => first > minor(release) || first.is_none(),
            }
        };
        let allowed: Vec<bool> = published.iter().map(runs).collect();
        let because =
            Evidence { says: format!("the version of {}", package.because.says), ..package.because.clone() };
        all.push((allowed, because));
    }
    all
}

/// The strictest first, and each further one only if it leaves out something that those before it allow. One that would
/// leave nothing is passed over: it compiles.
fn decisive(work: &Work, mut bounding: Vec<(Vec<bool>, Evidence)>, known: &[Constraint]) -> Vec<Constraint> {
    let published = published(work);
    let mut left: Vec<bool> = published
        .iter()
        .map(|release| {
            let version = Version::parse(&format!("{release}.99"));
            known.iter().all(|constraint| match (&constraint.value, &version) {
                (Bound::Range(range), Some(version)) => Specifier::parse(range).allows(version),
                _ => true,
            })
        })
        .collect();
    bounding.sort_by_key(|(allowed, _)| allowed.iter().filter(|yes| **yes).count());
    let mut kept = Vec::new();
    for (allowed, because) in bounding {
        let both: Vec<bool> = left.iter().zip(&allowed).map(|(left, allowed)| *left && *allowed).collect();
        if both == left || !both.iter().any(|yes| *yes) {
            continue;
        }
        left = both;
        if let Some(range) = as_range(&published, &allowed) {
            kept.push(Found::new(Bound::Range(range), because));
        }
    }
    kept
}

/// The oldest and the newest release that are allowed: `>=3.8,<3.11`.
fn as_range(published: &[String], allowed: &[bool]) -> Option<String> {
    let mut inside =
        published.iter().zip(allowed).filter(|(_, yes)| **yes).filter_map(|(release, _)| minor(release));
    let newest = inside.next()?;
    let oldest = inside.next_back().unwrap_or(newest);
    let open_below = published.last().and_then(|release| minor(release)) == Some(oldest);
    let open_above = published.first().and_then(|release| minor(release)) == Some(newest);
    match (open_below, open_above) {
        (true, true) => None,
        (true, false) => Some(format!("<3.{}", newest + 1)),
        (false, true) => Some(format!(">=3.{oldest}")),
        (false, false) => Some(format!(">=3.{oldest},<3.{}", newest + 1)),
    }
}
