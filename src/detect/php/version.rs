//! Every source of PHP's version: the manifest and its platform, what each package of the lock file asks for, version files.

use crate::detect::php::work::Work;
use crate::error::Result;
use crate::facts::{Bound, Constraint, Evidence, Found};
use crate::manifest::php::constraint;
use crate::manifest::version_files;

/// All of them, the most telling first.
///
/// # Errors
/// A version file cannot be read.
pub(super) fn find(work: &Work) -> Result<Vec<Constraint>> {
    let mut all = files(work)?;
    if let Some(manifest) = &work.manifest {
        if let Some(range) = manifest.require.get("php") {
            let because = work.key(&["require", "php"], "php in composer.json");
            all.push(Found::new(Bound::Range(range.clone()), because));
        }
        if let Some(platform) = &manifest.platform {
            let because = work.key(&["config", "platform", "php"], "the platform of composer.json");
            // Packages are resolved for the oldest PHP that it is meant for; without another word, within its line.
            let operator = if manifest.require.contains_key("php") { ">=" } else { "^" };
            all.push(Found::new(Bound::Range(format!("{operator}{platform}")), because));
        }
    }
    all.extend(narrowing(work, packages(work), &all));
    Ok(all)
}

fn files(work: &Work) -> Result<Vec<Constraint>> {
    let mut all = Vec::new();
    for (name, read) in [
        (".php-version", version_files::plain as fn(&str) -> Option<version_files::Line>),
        (".tool-versions", |text| version_files::tool_versions(text, &["php"])),
        ("mise.toml", |text| version_files::mise(text, &["php"])),
    ] {
        let path = work.root.join(name);
        let Some(text) = work.cx.repo.read(&path)? else { continue };
        let Some((version, line)) = read(&text) else { continue };
        let numeric = version.starts_with(|first: char| first.is_ascii_digit());
        if numeric && version.chars().all(|letter| letter.is_ascii_digit() || letter == '.') {
            all.push(Found::new(Bound::Pin(version), Evidence::line(&path, line, name)));
        }
    }
    Ok(all)
}

/// What packages ask for: their own constraints, and what the table knows of those whose constraint has no end.
fn packages(work: &Work) -> Vec<Constraint> {
    let path = work.root.join("composer.lock");
    let mut all = Vec::new();
    for package in work.lock.iter().flat_map(|lock| &lock.packages) {
        let because = |says: String| Evidence::line(&path, package.line, says);
        if let Some(range) = package.require.get("php") {
            let says = format!("{} in composer.lock", package.name);
            all.push(Found::new(Bound::Range(range.clone()), because(says)));
        }
        for range in ceilings(work, &package.name, &package.version) {
            let says = format!("{} {} in composer.lock", package.name, package.version);
            all.push(Found::new(Bound::Range(range), because(says)));
        }
    }
    if let (None, Some(manifest)) = (&work.lock, &work.manifest) {
        for (name, range) in &manifest.require {
            // The oldest version that the manifest allows would tell of the oldest PHP; its newest of the newest.
            let Some(newest) = newest(range) else { continue };
            for ceiling in ceilings(work, name, &newest) {
                let because = work.key(&["require", name], format!("{name} in composer.json"));
                all.push(Found::new(Bound::Range(ceiling), because));
            }
        }
    }
    all
}

fn ceilings(work: &Work, name: &str, version: &str) -> Vec<String> {
    let rows = work.cx.knowledge.of(super::LANGUAGE).ceilings.iter().filter(|row| row.name == name);
    let holds = |versions: &str| {
        constraint::Constraint::parse(versions).is_some_and(|versions| versions.allows(version))
    };
    rows.filter(|row| holds(&row.versions)).map(|row| row.range.clone()).collect()
}

/// The number that a range of a manifest without a lock file ends with: `5.5.*`, `^9.0`, `^8.0|^9.0`.
fn newest(range: &str) -> Option<String> {
    let last = range.rsplit('|').next()?.trim();
    let bounded = last.starts_with(['^', '~']) || last.contains('*');
    let number = last.trim_start_matches(['^', '~', 'v', '=', ' ']).trim_end_matches(['*', '.']);
    let plain = number.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    (bounded && plain && !number.is_empty()).then(|| number.to_owned())
}

/// Those that leave out a release which the ones before allow: hundreds of packages say the same.
fn narrowing(work: &Work, all: Vec<Constraint>, before: &[Constraint]) -> Vec<Constraint> {
    let Some(toolchain) = work.cx.knowledge.bases.toolchains.get(super::LANGUAGE) else { return vec![] };
    let allows = |one: &Constraint, exact: &str| match &one.value {
        Bound::Range(range) => constraint::Constraint::parse(range).is_none_or(|range| range.allows(exact)),
        Bound::Pin(_) | Bound::Floor(_) => true,
    };
    let mut left: Vec<&str> = toolchain.versions.iter().map(|version| version.patch.as_str()).collect();
    left.retain(|exact| before.iter().all(|one| allows(one, exact)));
    let mut kept = Vec::new();
    for one in all {
        let still: Vec<&str> = left.iter().copied().filter(|exact| allows(&one, exact)).collect();
        if still.len() < left.len() {
            left = still;
            kept.push(one);
        }
    }
    kept
}
