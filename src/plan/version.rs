//! Which version of a toolchain: every source of one is a constraint, and solving them picks it.
//!
//! A pin names what people build with and is taken at the line that images are published for; a floor or a range
//! names what may work and takes the newest supported line that all of them allow.

use std::fmt::Write;

use nodejs_semver::{Range, Version as Exact};

use crate::facts::{Bound, Constraint, Decision, Evidence, Note};
use crate::knowledge::{Ranges, Toolchain, Version};
use crate::manifest::php::constraint;
use crate::manifest::python::pep440;

/// The version that was picked.
#[derive(Debug, Clone)]
pub struct Picked<'a> {
    /// Its row.
    pub version: &'a Version,
    /// How the stage's comment tells it: `Go: the go line of go.mod.`
    pub says: String,
    /// For `explain`.
    pub decision: Decision,
    /// What to tell.
    pub notes: Vec<Note>,
}

/// Picks a version of `toolchain` at the day `as_of`.
///
/// Returns `None` only where the table has no versions at all.
#[must_use]
pub fn pick<'a>(toolchain: &'a Toolchain, constraints: &[Constraint], as_of: &str) -> Option<Picked<'a>> {
    let mut notes: Vec<Note> = unpublished(toolchain, constraints).into_iter().collect();
    let all: Vec<&Version> = toolchain.versions.iter().collect();
    let pins: Vec<&Constraint> =
        constraints.iter().filter(|constraint| pin_of(&all, constraint).is_some()).collect();
    let allowed: Vec<&Version> =
        all.iter().copied().filter(|version| fits(toolchain, version, constraints, &all)).collect();
    let (version, because) = if let Some(pin) = pins.first() {
        let wanted = pin_of(&all, pin)?;
        let same = allowed.iter().copied().find(|version| version.version == wanted.version);
        if same.is_none() {
            notes.push(disagreement(toolchain, wanted, constraints));
        }
        (same.unwrap_or(wanted), pin.because.clone())
    } else if constraints.is_empty() {
        (
            all.iter()
                .copied()
                .find(|version| version.version == toolchain.default)
                .or(all.first().copied())?,
            vec![],
        )
    } else {
        newest(toolchain, &allowed, &all, constraints, as_of, &mut notes)?
    };
    notes.extend(ended(toolchain, version, as_of, &because));
    let supported = version.end.as_str() >= as_of;
    let open = pins.is_empty() && !constraints.is_empty();
    let mut says = match because.first().filter(|_| open && allowed.is_empty()) {
        Some(first) => {
            let (name, why) = (&toolchain.name, &toolchain.why);
            format!("{name} {}: no image satisfies {}; {why}.", version.version, first.says)
        }
        None => sentence(toolchain, version, &because, open, supported),
    };
    if version.end.as_str() < as_of {
        let _ = write!(says, " It got its last fixes on {}.", version.end);
    }
    let decision = decide(toolchain, version, because, &all, constraints, as_of);
    Some(Picked { version, says, decision, notes })
}

/// The default where every constraint allows it: a range says what may work, not what is wanted, and binaries of native
/// packages come weeks after a new line. Else the newest supported line; past its end only where nothing else is allowed.
fn newest<'a>(
    toolchain: &Toolchain,
    allowed: &[&'a Version],
    all: &[&'a Version],
    constraints: &[Constraint],
    as_of: &str,
    notes: &mut Vec<Note>,
) -> Option<(&'a Version, Vec<Evidence>)> {
    let default = allowed.iter().find(|version| version.version == toolchain.default);
    let because = if default.is_none() && !allowed.is_empty() {
        decisive_first(toolchain, all, constraints)
    } else {
        constraints.iter().flat_map(|constraint| constraint.because.iter().cloned()).collect()
    };
    let supported = allowed.iter().find(|version| version.end.as_str() >= as_of);
    if let Some(version) = default.or(supported).or(allowed.first()) {
        return Some((version, because));
    }
    let default = all.iter().copied().find(|version| version.version == toolchain.default)?;
    notes.push(disagreement(toolchain, default, constraints));
    Some((default, because))
}

/// The evidence of those that leave the default out, then that of the others.
fn decisive_first(toolchain: &Toolchain, all: &[&Version], constraints: &[Constraint]) -> Vec<Evidence> {
    let preferred = all.iter().find(|version| version.version == toolchain.default);
    let leaves_out = |constraint: &&Constraint| {
        let alone = std::slice::from_ref(*constraint);
        preferred.is_some_and(|version| !fits(toolchain, version, alone, all))
    };
    let (decisive, others): (Vec<&Constraint>, Vec<&Constraint>) = constraints.iter().partition(leaves_out);
    decisive.into_iter().chain(others).flat_map(|one| one.because.iter().cloned()).collect()
}

/// A pin that is newer than every published image: nothing that dfgen can write would build it.
fn unpublished(toolchain: &Toolchain, constraints: &[Constraint]) -> Option<Note> {
    let newest = toolchain.versions.first().map(|version| numbers(&version.patch))?;
    let ahead = constraints.iter().find(|one| match &one.value {
        Bound::Pin(text) => numbers(text).iter().take(2).cmp(newest.iter().take(2)).is_gt(),
        Bound::Floor(_) | Bound::Range(_) => false,
    })?;
    Some(Note {
        code: "version-not-published".to_owned(),
        text: format!(
            "{} asks for a {} that no image was published for: the build will fail",
            ahead.says(),
            toolchain.name
        ),
        because: ahead.because.clone(),
    })
}

/// The published line that a pin names, where there is one. A pin older than every published line is a floor.
fn pin_of<'a>(all: &[&'a Version], constraint: &Constraint) -> Option<&'a Version> {
    let Bound::Pin(text) = &constraint.value else { return None };
    let wanted = numbers(text);
    all.iter().copied().find(|version| {
        let line = numbers(&version.version);
        wanted.len() >= line.len() && wanted.starts_with(&line)
    })
}

fn fits(toolchain: &Toolchain, version: &Version, constraints: &[Constraint], all: &[&Version]) -> bool {
    constraints.iter().all(|constraint| match &constraint.value {
        Bound::Pin(_) => pin_of(all, constraint).is_none_or(|pinned| pinned.version == version.version),
        Bound::Floor(text) => numbers(&version.patch) >= numbers(text),
        Bound::Range(text) => in_range(toolchain.ranges, version, text),
    })
}

/// Whether the newest exact version of a line lies in a range; one that does not parse allows everything.
#[must_use]
pub fn in_range(ranges: Ranges, version: &Version, range: &str) -> bool {
    match ranges {
        Ranges::Npm => match (Range::parse(range), Exact::parse(&version.patch)) {
            (Ok(range), Ok(exact)) => range.satisfies(&exact),
            _ => true,
        },
        Ranges::Pep440 => pep440::Version::parse(&version.patch)
            .is_none_or(|exact| pep440::Specifier::parse(range).allows(&exact)),
        Ranges::Composer => {
            constraint::Constraint::parse(range).is_none_or(|range| range.allows(&version.patch))
        }
    }
}

fn numbers(version: &str) -> Vec<u64> {
    version
        .trim_start_matches(['v', 'V', '=', ' '])
        .trim_start_matches("go")
        .split('.')
        .map_while(|part| part.split(['-', '+', 'r', 'b']).next().and_then(|digits| digits.parse().ok()))
        .collect()
}

fn sentence(
    toolchain: &Toolchain,
    version: &Version,
    because: &[Evidence],
    open: bool,
    supported: bool,
) -> String {
    let name = &toolchain.name;
    match because.first() {
        None => format!("{name}: no version is asked for; {}.", toolchain.why),
        Some(first) if open && version.version == toolchain.default => {
            format!("{name} {}: {} allows it; {}.", version.version, first.says, toolchain.why)
        }
        Some(first) if open && supported => {
            format!("{name}: the newest supported that {} allows.", first.says)
        }
        Some(first) if open => format!("{name}: the newest that {} allows.", first.says),
        Some(first) => format!("{name} {}: {}.", version.version, first.says),
    }
}

fn disagreement(toolchain: &Toolchain, taken: &Version, constraints: &[Constraint]) -> Note {
    let because: Vec<Evidence> = constraints.iter().flat_map(|one| one.because.iter().cloned()).collect();
    let places: Vec<String> = because.iter().map(Evidence::place).collect();
    Note {
        code: "versions-disagree".to_owned(),
        text: format!(
            "no published {} satisfies {}; {} is taken",
            toolchain.name,
            crate::text::list(&places),
            taken.version
        ),
        because,
    }
}

fn ended(toolchain: &Toolchain, version: &Version, as_of: &str, because: &[Evidence]) -> Option<Note> {
    (version.end.as_str() < as_of).then(|| Note {
        code: "past-end-of-life".to_owned(),
        text: format!("{} {} got its last fixes on {}", toolchain.name, version.version, version.end),
        because: because.to_vec(),
    })
}

fn decide(
    toolchain: &Toolchain,
    taken: &Version,
    mut because: Vec<Evidence>,
    all: &[&Version],
    constraints: &[Constraint],
    as_of: &str,
) -> Decision {
    if because.is_empty() {
        because.push(Evidence::told(format!("no version is asked for; {}", toolchain.why)));
    }
    let rejected = all
        .iter()
        .filter(|version| version.version != taken.version)
        .map(|version| {
            (version.version.clone(), rejection(toolchain, version, taken, constraints, all, as_of))
        })
        .collect();
    Decision { about: format!("{} version", toolchain.name), taken: taken.version.clone(), because, rejected }
}

fn rejection(
    toolchain: &Toolchain,
    version: &Version,
    taken: &Version,
    constraints: &[Constraint],
    all: &[&Version],
    as_of: &str,
) -> String {
    let against = constraints.iter().find(|one| !fits(toolchain, version, std::slice::from_ref(*one), all));
    match against {
        Some(constraint) => format!("not what {} asks for", constraint.says()),
        None if version.end.as_str() < as_of => format!("got its last fixes on {}", version.end),
        None => format!("{} is preferred", taken.version),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Found;
    use crate::knowledge::Knowledge;
    use crate::repo::Repo;

    fn picked(language: &str, constraints: &[(&str, &str)]) -> (String, Vec<String>) {
        let (version, notes, _) = told(language, constraints);
        (version, notes)
    }

    fn told(language: &str, constraints: &[(&str, &str)]) -> (String, Vec<String>, String) {
        let knowledge = Knowledge::load(&Repo::from_files([])).unwrap();
        let toolchain = &knowledge.bases.toolchains[language];
        let constraints: Vec<Constraint> = constraints
            .iter()
            .map(|(kind, text)| {
                let bound = match *kind {
                    "pin" => Bound::Pin((*text).to_owned()),
                    "floor" => Bound::Floor((*text).to_owned()),
                    _ => Bound::Range((*text).to_owned()),
                };
                Found::new(bound, Evidence::told(*kind))
            })
            .collect();
        let picked = pick(toolchain, &constraints, &knowledge.bases.as_of).unwrap();
        let notes = picked.notes.into_iter().map(|note| note.code).collect();
        (picked.version.version.clone(), notes, picked.says)
    }

    #[test]
    fn a_pin_is_taken_at_its_line() {
        assert_eq!(picked("go", &[("pin", "1.26.0")]).0, "1.26");
        assert_eq!(picked("go", &[("pin", "go1.26.3"), ("pin", "1.25.0")]).0, "1.26");
        assert_eq!(picked("node", &[("pin", "v18.17.1")]), ("18".into(), vec!["past-end-of-life".into()]));
    }

    #[test]
    fn a_pin_older_than_every_image_is_a_floor() {
        assert_eq!(picked("go", &[("pin", "1.15")]), ("1.27".into(), vec![]));
    }

    #[test]
    fn a_range_takes_the_default_or_the_newest_supported() {
        assert_eq!(picked("node", &[("range", ">=18")]).0, "24");
        assert_eq!(picked("node", &[("range", ">=25")]).0, "26");
        assert_eq!(picked("node", &[("range", "^20 || ^22")]).0, "22");
        assert_eq!(picked("node", &[("range", ">=18 <23"), ("range", "<=21")]).0, "21");
        assert_eq!(picked("node", &[("range", "18 - 20")]).0, "20");
        assert_eq!(picked("node", &[]).0, "24");
    }

    #[test]
    fn what_cannot_be_satisfied_is_told() {
        assert_eq!(
            picked("node", &[("pin", "16"), ("range", ">=18")]),
            ("16".into(), vec!["versions-disagree".into(), "past-end-of-life".into()])
        );
        assert_eq!(picked("node", &[("range", "nonsense of a range")]).0, "24");
        assert_eq!(picked("go", &[("pin", "1.99")]), ("1.27".into(), vec!["version-not-published".into()]));
        let (version, notes, says) = told("node", &[("range", "10.x")]);
        assert_eq!((version.as_str(), notes), ("24", vec!["versions-disagree".to_owned()]));
        assert!(says.contains("no image satisfies range") && !says.contains("allows"), "{says}");
    }
}
