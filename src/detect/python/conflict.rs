//! Pinned packages beside packages that nothing pins: where the newest of those breaks the pinned one, the install is told.

use super::work::Work;
use crate::facts::{Evidence, Found, Note};
use crate::knowledge::Conflict;
use crate::manifest::python::pep440::Version;

/// The requirements that have to be added, each with its reason. A lock file has settled all of it.
pub(super) fn find(work: &Work) -> (Vec<Found<String>>, Vec<Note>) {
    let mut adds: Vec<Found<String>> = Vec::new();
    let mut notes = Vec::new();
    if work.lock.is_some() {
        return (adds, notes);
    }
    for row in work.cx.knowledge.of("python").conflicts.iter().filter(|row| holds(work, row)) {
        let Some(package) = work.packages.get(&row.name) else { continue };
        let open: Vec<&String> = row.with.iter().filter(|with| is_open(work, with, row.brings)).collect();
        let open: Vec<&String> =
            open.into_iter().filter(|with| !adds.iter().any(|one| one.value == **with)).collect();
        if open.is_empty() {
            continue;
        }
        let says = format!("{} of this version {}", row.name, row.because);
        let because = Evidence { says, ..package.because.clone() };
        let words: Vec<String> = open.iter().map(|with| (*with).clone()).collect();
        notes.push(Note {
            code: "unpinned".to_owned(),
            text: format!(
                "`{}` of this version {}: the image installs {}; put it into the requirements",
                row.name,
                row.because,
                crate::text::ticked(&words)
            ),
            because: vec![because.clone()],
        });
        adds.extend(words.into_iter().map(|with| Found::new(with, because.clone())));
    }
    (adds, notes)
}

/// The project has the package in a version that the row is about. A row without versions is about the newest, too.
fn holds(work: &Work, row: &Conflict) -> bool {
    let Some(package) = work.packages.get(&row.name) else { return false };
    let Some(exact) = &package.exact else { return row.below.is_none() && row.from.is_none() };
    let before = row.below.as_deref().and_then(Version::parse).is_none_or(|below| *exact < below);
    let after = row.from.as_deref().and_then(Version::parse).is_none_or(|from| *exact >= from);
    before && after
}

/// Nothing keeps the newest version of a requirement's package away: `werkzeug<3` is about `werkzeug`.
fn is_open(work: &Work, requirement: &str, brought: bool) -> bool {
    let Some((name, least)) = requirement.split_once('<') else { return false };
    let Some(least) = Version::parse(least) else { return false };
    match work.packages.get(name) {
        None => brought,
        Some(package) => package.exact.is_none() && package.versions.reaches(&least),
    }
}
