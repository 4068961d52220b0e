//! What changed since the lock was written: the project's facts, or only what dfgen knows and how it writes.

use crate::emit::lock::{LockedService, version};

use super::{Options, Policy};

/// A fact that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactChange {
    /// What it is about.
    pub about: String,
    /// What it was; none where it is new.
    pub before: Option<String>,
    /// What it is; none where it is gone.
    pub after: Option<String>,
    /// What it rests on now, or rested on.
    pub because: String,
}

/// What changed since the lock was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drift {
    /// The project's facts.
    pub facts: Vec<FactChange>,
    /// The version of dfgen that wrote the files, where it is another one.
    pub written_by: Option<String>,
    /// Only dfgen changed, and what it would write is not taken.
    pub held_back: bool,
}

/// `port = 8080 (the default of --port (main.go))` in its parts.
fn parts(line: &str) -> (&str, &str, &str) {
    let (about, rest) = line.split_once(" = ").unwrap_or((line, ""));
    let (value, because) = rest.split_once(" (").unwrap_or((rest, ""));
    (about, value, because.strip_suffix(')').unwrap_or(because))
}

impl Drift {
    /// Holds the facts of today against the lock's.
    pub(super) fn between(row: Option<&LockedService>, facts: &[String]) -> Self {
        let Some(row) = row else { return Self::default() };
        let written_by = (row.dfgen != version()).then(|| row.dfgen.clone());
        Self { facts: changes(&row.facts, facts), written_by, held_back: false }
    }

    /// The row that the lock is to have: the fresh one, or the old one where nothing of the project's changed and another
    /// version of dfgen would only write it differently.
    pub(super) fn settle(
        &mut self,
        row: Option<&LockedService>,
        fresh: LockedService,
        options: Options,
    ) -> LockedService {
        let Some(row) = row.filter(|_| self.written_by.is_some() && self.facts.is_empty()) else {
            return fresh;
        };
        if options.upgrade || options.rebase || options.policy == Policy::Force {
            return fresh;
        }
        self.held_back = row.files != fresh.files;
        row.clone()
    }
}

fn changes(before: &[String], after: &[String]) -> Vec<FactChange> {
    let split = |lines: &[String]| -> Vec<(String, String, String)> {
        lines
            .iter()
            .map(|line| parts(line))
            .map(|(a, v, b)| (a.to_owned(), v.to_owned(), b.to_owned()))
            .collect()
    };
    let (before, after) = (split(before), split(after));
    let in_other = |fact: &(String, String, String), others: &[(String, String, String)]| {
        others.iter().any(|other| (&other.0, &other.1) == (&fact.0, &fact.1))
    };
    let mut gone: Vec<_> = before.iter().filter(|fact| !in_other(fact, &after)).collect();
    let mut changes = Vec::new();
    for (about, value, because) in after.iter().filter(|fact| !in_other(fact, &before)) {
        let was = gone.iter().position(|fact| fact.0 == *about).map(|at| gone.remove(at).1.clone());
        let (about, because) = (about.clone(), because.clone());
        changes.push(FactChange { about, before: was, after: Some(value.clone()), because });
    }
    let left = gone.into_iter().map(|(about, value, because)| FactChange {
        about: about.clone(),
        before: Some(value.clone()),
        after: None,
        because: because.clone(),
    });
    changes.extend(left);
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: &[&str], after: &[&str]) -> Vec<(String, Option<String>, Option<String>)> {
        let lines = |lines: &[&str]| -> Vec<String> { lines.iter().map(|line| (*line).to_owned()).collect() };
        let changes = changes(&lines(before), &lines(after));
        changes.into_iter().map(|one| (one.about, one.before, one.after)).collect()
    }

    #[test]
    fn facts_are_told_by_what_they_are_about() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(told(&["port = 80 (a (b))"], &["port = 80 (c)"]), []);
        assert_eq!(told(&["port = 80 (a)"], &["port = 81 (a)"]), [("port".into(), some("80"), some("81"))]);
        assert_eq!(
            told(&["need = a", "need = b", "kind = web"], &["need = b", "need = c", "need = d"]),
            [
                ("need".into(), some("a"), some("c")),
                ("need".into(), None, some("d")),
                ("kind".into(), some("web"), None)
            ]
        );
    }
}
