//! What every language's plan ends with: its stages, and all that follows from the project and from what was picked.

use camino::Utf8PathBuf;

use super::base::Chosen;
use super::version::{self, Picked};
use super::{Runtime, Service, Stage, access, ignore, runtime};
use crate::compose::Composition;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::Constraint;
use crate::knowledge::{Knowledge, Toolchain};

/// What differs between the languages.
pub(super) struct Made<'a> {
    pub(super) composition: &'a Composition,
    pub(super) knowledge: &'a Knowledge,
    pub(super) context: Utf8PathBuf,
    /// How the program's toolchain was picked.
    pub(super) picked: Picked<'a>,
    /// How those of its front ends were.
    pub(super) fronts: Vec<Picked<'a>>,
    pub(super) chosen: Chosen<'a>,
    pub(super) stages: Vec<Stage>,
    pub(super) runtime: Runtime,
}

impl Made<'_> {
    /// The whole service.
    pub(super) fn service(self) -> Service {
        let project = &self.composition.main;
        let mut notes = project.notes.clone();
        notes.extend(self.composition.notes.iter().cloned());
        notes.extend(self.picked.notes);
        let mut decisions = vec![self.picked.decision, self.chosen.decision.clone()];
        for front in self.fronts {
            notes.extend(front.notes);
            decisions.push(front.decision);
        }
        Service {
            id: project.name.clone(),
            root: project.root.clone(),
            language: project.language.clone(),
            version: Some(self.picked.version.version.clone()),
            strategy: self.chosen.strategy.clone(),
            ignore: ignore::lines(self.knowledge, self.composition, &self.context),
            decisions,
            notes,
            build_flags: access::flags(self.composition),
            required_env: runtime::required(project),
            context: self.context,
            stages: self.stages,
            runtime: self.runtime,
        }
    }
}

/// A toolchain of the tables.
///
/// # Errors
/// A repository's own tables took it away.
pub(super) fn toolchain<'a>(knowledge: &'a Knowledge, id: &str) -> Result<&'a Toolchain> {
    let toolchain = knowledge.bases.toolchain(id);
    toolchain.ok_or_else(|| Error::new(ErrorKind::Nothing, format!("`_bases.toml` has no `{id}`")))
}

/// The version of a toolchain that all constraints allow.
///
/// # Errors
/// The tables have none.
pub(super) fn pick<'a>(knowledge: &'a Knowledge, id: &str, constraints: &[Constraint]) -> Result<Picked<'a>> {
    let picked = version::pick(toolchain(knowledge, id)?, constraints, &knowledge.bases.as_of);
    picked.ok_or_else(|| Error::new(ErrorKind::Nothing, format!("`_bases.toml` has no version of `{id}`")))
}
