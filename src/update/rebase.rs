//! The way out where `dfgen.lock` cannot be merged over: edited by hand, or left by git with both sides in it.
//!
//! Where git left both, each branch's edits are known: those of one are merged into the fresh render, and those of the other
//! into that. Nobody has to take a side of a file that nobody wrote.

use camino::Utf8Path;

use super::file::{Kind, merged};
use super::{Locks, unmarked};
use crate::emit::lock::Lock;
use crate::error::Result;
use crate::merge::Merged;

/// The locks of both branches; none where either is no lock.
pub(super) fn sides(text: &str) -> Locks {
    let both = split(text)
        .and_then(|(ours, theirs)| Some((Lock::parse_side(&ours).ok()?, Lock::parse_side(&theirs).ok()?)));
    both.map(|(ours, theirs)| Locks { base: Some(ours), other: Some(theirs) }).unwrap_or_default()
}

/// The two texts that git's conflict markers stand between; `None` where there are none.
fn split(text: &str) -> Option<(String, String)> {
    let (mut ours, mut theirs) = (String::new(), String::new());
    let (mut in_ours, mut in_theirs, mut conflicts) = (true, true, 0);
    for line in text.split_inclusive('\n') {
        match line {
            _ if line.starts_with("<<<<<<< ") => {
                (in_ours, in_theirs, conflicts) = (true, false, conflicts + 1);
            }
            _ if line.starts_with("||||||| ") => (in_ours, in_theirs) = (false, false),
            _ if line.trim_end() == "=======" && in_ours != in_theirs => (in_ours, in_theirs) = (false, true),
            _ if line.trim_end() == "=======" && !in_ours => (in_ours, in_theirs) = (false, true),
            _ if line.starts_with(">>>>>>> ") => (in_ours, in_theirs) = (true, true),
            _ => {
                ours.push_str(if in_ours { line } else { "" });
                theirs.push_str(if in_theirs { line } else { "" });
            }
        }
    }
    (conflicts > 0 && in_ours && in_theirs).then_some((ours, theirs))
}

/// A file with the edits of both branches; else as it is, over the fresh render.
pub(super) fn rebased(
    locks: &Locks,
    kind: Kind,
    path: &Utf8Path,
    there: &str,
    fresh: &str,
) -> Result<Merged> {
    let base =
        |lock: &Option<Lock>| lock.as_ref().and_then(|lock| lock.file(path)).map(|file| file.base.clone());
    let sides = split(there);
    let marked = sides.is_some();
    if let (Some(_), Some(ours), Some(theirs)) = (&locks.other, base(&locks.base), base(&locks.other)) {
        let (mine, other) = sides.unwrap_or_else(|| (there.to_owned(), there.to_owned()));
        let first = merged(kind, path, &ours, &mine, fresh)?;
        let both = if first.conflicts().next().is_some() {
            first
        } else {
            merged(kind, path, &theirs, &other, &first.text())?
        };
        if marked || both.conflicts().next().is_none() {
            return Ok(both);
        }
    }
    unmarked(path, there)?;
    merged(kind, path, fresh, there, fresh)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_a_conflict_are_read() {
        let text = "a\n<<<<<<< HEAD\nb\n||||||| base\nc\n=======\nd\n>>>>>>> other\ne\n";
        assert_eq!(split(text), Some(("a\nb\ne\n".into(), "a\nd\ne\n".into())));
        assert_eq!(split("a\n=======\n"), None);
        assert_eq!(split("<<<<<<< x\na\n"), None);
    }
}
