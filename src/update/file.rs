//! What becomes of one file: written, merged, left alone, refused.

use camino::{Utf8Path, Utf8PathBuf};

use super::{Job, LABELS, Options, Policy, rebase, unmarked};
use crate::emit::lock::{LockedFile, LockedService};
use crate::emit::write::current;
use crate::error::{Error, ErrorKind, Result};
use crate::merge::{self, Merged, Stretch};

/// Which file of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The Dockerfile.
    Dockerfile,
    /// The .dockerignore.
    Ignore,
    /// The file that builds several services together.
    Bake,
}

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was not there.
    Created,
    /// It says that already.
    Unchanged,
    /// Nobody had edited it.
    Renewed,
    /// Edits and news are in it, both.
    Merged,
    /// It is taken over as it is.
    Adopted,
    /// It is replaced by force.
    Replaced,
    /// It was removed since dfgen wrote it, and stays so.
    Gone,
    /// A person has to look.
    Conflict,
}

/// A file on its three sides, and what becomes of it.
#[derive(Debug, Clone)]
pub struct File {
    /// Relative to the repository.
    pub path: Utf8PathBuf,
    /// Which one.
    pub kind: Kind,
    /// What is on disk.
    pub there: Option<String>,
    /// What dfgen would write without any edit.
    pub fresh: String,
    /// The three sides put together.
    pub merged: Merged,
    /// What becomes of it.
    pub fate: Fate,
    /// A copy of what is there stays beside it.
    pub backup: bool,
    /// Where it was until now, where that is another place.
    pub moved_from: Option<Utf8PathBuf>,
}

impl File {
    /// What is to be written; `None` where the file is left as it is.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self.fate {
            Fate::Unchanged | Fate::Adopted | Fate::Gone => None,
            Fate::Conflict => Some(self.merged.marked(LABELS)),
            Fate::Created | Fate::Renewed | Fate::Merged | Fate::Replaced => Some(self.merged.text()),
        }
    }

    /// Whether what is on disk would change.
    #[must_use]
    pub fn changes(&self) -> bool {
        !matches!(self.fate, Fate::Unchanged | Fate::Adopted | Fate::Gone)
    }

    /// Looks again at what becomes of it: conflicts may have been found since.
    pub(super) fn judge(&mut self) {
        let conflict = self.merged.conflicts().next().is_some();
        self.fate = match self.fate {
            Fate::Renewed | Fate::Merged | Fate::Unchanged | Fate::Adopted | Fate::Created if conflict => {
                Fate::Conflict
            }
            Fate::Renewed | Fate::Merged if self.there.as_deref() == Some(&self.merged.text()) => {
                Fate::Unchanged
            }
            Fate::Renewed if self.merged.stretches.iter().any(Stretch::edited) => Fate::Merged,
            fate => fate,
        };
    }
}

/// What becomes of each file of a service.
pub(super) fn plan(
    job: &Job<'_>,
    kinds: &[Kind],
    row: Option<&LockedService>,
    target: &LockedService,
) -> Result<Vec<File>> {
    let pairs = kinds.iter().copied().zip(&target.files).enumerate();
    pairs
        .map(|(at, (kind, fresh))| {
            let last = row.and_then(|row| row.files.get(at));
            let mut file = Sides { job, kind, last, fresh }.file()?;
            file.judge();
            Ok(file)
        })
        .collect()
}

struct Sides<'a> {
    job: &'a Job<'a>,
    kind: Kind,
    last: Option<&'a LockedFile>,
    fresh: &'a LockedFile,
}

impl Sides<'_> {
    fn file(&self) -> Result<File> {
        let path = &self.fresh.path;
        let there = current(self.job.root, path)?;
        let old_place = self.last.filter(|last| last.path != *path).map(|last| last.path.clone());
        let Options { policy, rebase, .. } = self.job.options;
        let mut file = self.start(path, there.clone());
        match (there, self.last) {
            (Some(there), _) if rebase => self.rebased(&mut file, &there)?,
            (Some(there), _) if policy == Policy::Force && self.kind != Kind::Ignore => {
                file.backup = self.last.is_none_or(|last| merge::plain(&last.base) != merge::plain(&there));
                file.fate = Fate::Replaced;
                file.merged = merge::whole(&there, &self.fresh.base);
            }
            (Some(there), Some(last)) if old_place.is_none() || self.moved_by_hand() => {
                unmarked(path, &there)?;
                file.moved_from = old_place;
                file.merged = self.merge(&last.base, &there)?;
            }
            (Some(there), _) => self.theirs(&mut file, &there)?,
            (None, Some(last)) if policy != Policy::Force => match &old_place {
                None => file.fate = Fate::Gone,
                Some(place) => self.elsewhere(&mut file, last, place)?,
            },
            (None, _) => {
                file.fate = Fate::Created;
                file.merged = merge::whole("", &self.fresh.base);
            }
        }
        Ok(file)
    }

    fn start(&self, path: &Utf8Path, there: Option<String>) -> File {
        File {
            path: path.to_owned(),
            kind: self.kind,
            there,
            fresh: self.fresh.base.clone(),
            merged: Merged::default(),
            fate: Fate::Renewed,
            backup: false,
            moved_from: None,
        }
    }

    fn merge(&self, base: &str, yours: &str) -> Result<Merged> {
        merged(self.kind, &self.fresh.path, base, yours, &self.fresh.base)
    }

    /// The file stays, and the lock is made anew around it.
    fn rebased(&self, file: &mut File, there: &str) -> Result<()> {
        let Self { job, kind, fresh, .. } = *self;
        file.merged = rebase::rebased(job.locks, kind, &fresh.path, there, &fresh.base)?;
        file.fate = if file.merged.text() == there { Fate::Adopted } else { Fate::Merged };
        Ok(())
    }

    /// The output was given another place, and somebody moved the file there.
    fn moved_by_hand(&self) -> bool {
        self.last.is_some_and(|last| matches!(current(self.job.root, &last.path), Ok(None)))
    }

    /// The output was given another place: what was edited at the old one goes along, and the old one stays.
    fn elsewhere(&self, file: &mut File, last: &LockedFile, place: &Utf8Path) -> Result<()> {
        let Some(old) = current(self.job.root, place)? else {
            file.fate = Fate::Gone;
            return Ok(());
        };
        unmarked(place, &old)?;
        file.merged = self.merge(&last.base, &old)?;
        file.moved_from = Some(place.to_owned());
        file.fate = Fate::Created;
        Ok(())
    }

    /// A file that dfgen did not write.
    fn theirs(&self, file: &mut File, there: &str) -> Result<()> {
        unmarked(&file.path, there)?;
        let fresh = &self.fresh.base;
        let same = merge::plain(there) == merge::plain(fresh);
        if self.kind == Kind::Ignore {
            file.merged = merge::append(there, fresh);
            file.fate = Fate::Merged;
        } else if self.job.options.policy == Policy::Show {
            file.merged = merge::whole(there, fresh);
            file.fate = Fate::Replaced;
        } else if same || self.job.options.policy == Policy::Adopt {
            file.merged = self.merge(fresh, there)?;
            file.fate = if same { Fate::Unchanged } else { Fate::Adopted };
        } else {
            return Err(self.refused());
        }
        Ok(())
    }

    fn refused(&self) -> Error {
        let error = Error::new(ErrorKind::Refused, "is there, and dfgen did not write it")
            .at(&self.fresh.path, None)
            .help(
                "`--adopt` keeps it as it is, tells what is different in it and why, and merges from then on",
            )
            .help("`--diff` shows what dfgen would write instead; `--stdout` prints it");
        error.help(match self.kind {
            Kind::Bake => "`--force` replaces it and keeps a backup",
            Kind::Dockerfile | Kind::Ignore => {
                "`--output PATH` writes beside it; `--force` replaces it and keeps a backup"
            }
        })
    }
}

/// Merges a file of a kind.
pub(super) fn merged(kind: Kind, path: &Utf8Path, base: &str, yours: &str, fresh: &str) -> Result<Merged> {
    match kind {
        Kind::Ignore => Ok(merge::ignore(base, yours, fresh)),
        Kind::Bake => Ok(merge::lines(base, yours, fresh)),
        Kind::Dockerfile => merge::dockerfile(base, yours, fresh).map_err(|error| {
            Error::broken(path, Some(error.line), error.message)
                .help("Docker would refuse it, too: mend it, then run dfgen again")
        }),
    }
}
