//! What packages need of the system: compilers and libraries at the install, libraries and programs at run time.

use super::work::Work;
use crate::facts::{Evidence, Found, Need, Phase};
use crate::knowledge::Package;
use crate::manifest::python::pep440::Version;

/// The needs of every package of production that the table knows.
pub(super) fn find(work: &Work) -> Vec<Found<Need>> {
    let mut needs: Vec<Found<Need>> = Vec::new();
    for row in &work.cx.knowledge.of("python").packages {
        for need in of_row(work, row) {
            match needs.iter_mut().find(|known| known.value == need.value) {
                Some(known) => known.because.extend(need.because),
                None => needs.push(need),
            }
        }
    }
    needs
}

fn of_row(work: &Work, row: &Package) -> Vec<Found<Need>> {
    let Some(package) = work.packages.get(&row.name) else { return Vec::new() };
    // psycopg brings its library with the extra `binary`, and compiles with `c`.
    let bundled = |extra: &str| {
        package.extras.iter().any(|one| one == extra) || work.has(&format!("{}-{extra}", row.name)).is_some()
    };
    if bundled("binary") {
        return Vec::new();
    }
    let because =
        Evidence { says: format!("the package {} {}", row.name, row.because), ..package.because.clone() };
    let need = |capability: &String, phase: Phase| {
        Found::new(Need { capability: capability.clone(), phase }, because.clone())
    };
    let mut needs = Vec::new();
    if compiles(work, row) {
        needs.extend(row.build.iter().map(|capability| need(capability, Phase::Build)));
        if !row.build.is_empty() || row.below.is_none() {
            needs.extend(row.run.iter().map(|capability| need(capability, Phase::Run)));
        }
    } else if row.build.is_empty() {
        needs.extend(row.run.iter().map(|capability| need(capability, Phase::Run)));
    }
    let old = row.below.is_none() || compiles(work, row);
    if old && row.never.iter().any(|name| name == "musl") {
        needs.push(need(&"glibc".to_owned(), Phase::Run));
    }
    needs
}

/// Whether it is built from sources: the lock file's wheels tell, else the table's versions.
fn compiles(work: &Work, row: &Package) -> bool {
    if work.no_binary.contains(&row.name) || work.no_binary.iter().any(|one| one == "-all-" || one == "all") {
        return true;
    }
    let locked = work.lock.as_ref().and_then(|(_, lock)| lock.named(&row.name).find(|one| one.files));
    if let Some(locked) = locked {
        return !locked.wheels.iter().any(crate::manifest::python::wheel::Wheel::is_glibc);
    }
    match (&row.below, work.packages.get(&row.name).and_then(|one| one.exact.as_ref())) {
        (None, _) => true,
        (Some(below), Some(exact)) => Version::parse(below).is_some_and(|below| *exact < below),
        (Some(_), None) => false,
    }
}
