//! What `init` and `update` would write, and what `check` tells: the fresh render of each service, merged with what people
//! made of the last one. Everything is worked out before anything is written.

use std::collections::BTreeMap;
use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};

use crate::answers::Settings;
use crate::compose::{Composition, LeftOut};
use crate::emit::lock::{self, Lock, LockedFile, LockedService};
use crate::emit::write::{Batch, current};
use crate::error::{Error, ErrorKind, Result};
use crate::explain;
use crate::generate::{self, Generated};
use crate::merge::{self, Labels};
use crate::repo::Repo;
use crate::review::{Remark, review};

mod bake;
mod drift;
mod file;
mod rebase;
mod sound;

pub use self::bake::Together;
pub use self::drift::{Drift, FactChange};
pub use self::file::{Fate, File, Kind};

/// What may become of a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// It is merged where dfgen wrote it, and refused where it did not.
    #[default]
    Merge,
    /// One that dfgen did not write is the person's, over the fresh render.
    Adopt,
    /// It is replaced; a backup stays.
    Force,
    /// Nothing is written: one that dfgen did not write is told as if it were replaced.
    Show,
}

/// How to go about it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// What may become of a file.
    pub policy: Policy,
    /// The lock is made anew, whatever it says; the files stay.
    pub rebase: bool,
    /// New tables and templates of dfgen are taken, too.
    pub upgrade: bool,
    /// Nothing is written for a service that has no files and no row in the lock.
    pub only_known: bool,
}

/// A service with what would become of its files.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its folder as the lock has it; `.` is the repository's own.
    pub root: String,
    /// The fresh render.
    pub generated: Generated,
    /// Its Dockerfile and its .dockerignore.
    pub files: Vec<File>,
    /// What changed since the lock was written.
    pub drift: Drift,
    /// The lock had no row of it.
    pub first: bool,
    /// What dfgen would do otherwise in a Dockerfile that it takes over.
    pub review: Vec<Remark>,
    row: LockedService,
}

/// A service that is meant.
#[derive(Debug, Clone, Default)]
pub struct One {
    /// Its folder; none is the one that the repository has.
    pub folder: Option<Utf8PathBuf>,
    /// The answers for it.
    pub settings: Settings,
    /// What it is made of, where that was looked at already.
    pub known: Option<Composition>,
}

/// The services that are meant.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The services.
    pub services: Vec<One>,
    /// They are all that there are: a file builds them together. With what was left out.
    pub all: Option<Vec<LeftOut>>,
}

/// A run, before it writes.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The services, sorted by folder.
    pub services: Vec<Service>,
    /// The file that builds all of them together.
    pub together: Option<Together>,
    lock: Lock,
}

/// The locks that there are: none, one, or the two sides that git could not merge.
#[derive(Debug, Clone, Default)]
pub struct Locks {
    /// The lock that files are merged over.
    pub base: Option<Lock>,
    /// The other branch's, where the file holds git's conflict markers.
    pub other: Option<Lock>,
}

impl Locks {
    /// Reads the lock. One that is broken is an error, unless it is about to be made anew.
    ///
    /// # Errors
    /// It cannot be read, or is not in the format.
    pub fn read(root: &Path, rebase: bool) -> Result<Self> {
        let Some(text) = current(root, lock::FILE.into())? else { return Ok(Self::default()) };
        match Lock::parse(&text) {
            Ok(lock) => Ok(Self { base: Some(lock), other: None }),
            Err(error) if !rebase => Err(error),
            Err(_) => Ok(rebase::sides(&text)),
        }
    }
}

impl Service {
    /// Whether any of its files would change.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.files.iter().any(File::changes)
    }
}

impl Plan {
    /// Works out what becomes of the files of these services.
    ///
    /// # Errors
    /// The repository cannot be read or leaves a choice open, or a file is there that dfgen did not write.
    pub fn new(repo: &Repo, root: &Path, locks: &Locks, wanted: &Wanted, options: Options) -> Result<Self> {
        let mut lock = locks.base.clone().unwrap_or_default();
        let job = Job { repo, root, locks, options };
        let planned = wanted.services.iter().map(|one| job.service(one));
        let mut services = bake::all_or_none(planned.collect(), wanted)?;
        let together = match &wanted.all {
            Some(left_out) => Some(job.together(&mut services, left_out)?),
            None => None,
        };
        for service in &services {
            if lock.service(&service.root) != Some(&service.row) {
                lock.put(service.row.clone());
            }
        }
        if let Some(together) = &together {
            lock.services.retain(|row| !together.removed.contains(&row.root));
            lock.bake = Some(together.row.clone());
        }
        Ok(Self { services, together, lock })
    }

    /// Every file of every service, and the one that builds them together.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        let together = self.together.iter().map(|together| &together.file);
        self.services.iter().flat_map(|service| &service.files).chain(together)
    }

    /// Whether a person has to look before anything can be written.
    #[must_use]
    pub fn has_conflicts(&self) -> bool {
        self.files().any(|file| file.fate == Fate::Conflict)
    }

    /// Whether any file would change.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.files().any(File::changes)
    }

    /// Whether any fact changed, or only dfgen did, whatever it means for the files.
    #[must_use]
    pub fn drifts(&self) -> bool {
        let together = self.together.iter().map(|together| &together.drift);
        let mut drifts = self.services.iter().map(|service| &service.drift).chain(together);
        drifts.any(|drift| drift.held_back || !drift.facts.is_empty())
    }

    /// What is to be written; where there are conflicts, between markers.
    #[must_use]
    pub fn batch(&self) -> Batch {
        let files = self.files().filter_map(|file| Some((file.path.clone(), file.text()?)));
        let backups = self.files().filter(|file| file.backup).map(|file| file.path.clone());
        Batch { files: files.collect(), backups: backups.collect(), lock: Some(self.lock.clone()) }
    }
}

/// What all services of a run share.
#[derive(Clone, Copy)]
struct Job<'a> {
    repo: &'a Repo,
    root: &'a Path,
    locks: &'a Locks,
    options: Options,
}

impl Job<'_> {
    fn service(&self, one: &One) -> Result<Service> {
        let One { folder, settings, known } = one;
        let (folder, known) = (folder.as_deref(), known.as_ref());
        let row = self.row_of(folder);
        let held = row.filter(|_| !self.options.upgrade).map(|row| row.defaults.clone()).unwrap_or_default();
        let mut generated = generate::generate(self.repo, folder, settings, &held, known)?;
        let root = rooted(&generated.service.root).to_owned();
        let row = row.filter(|row| row.root == root);
        if row.is_none() && !held.is_empty() {
            // The row that was guessed is another service's.
            generated = generate::generate(self.repo, folder, settings, &BTreeMap::new(), known)?;
        }
        let facts = explain::locked(&generated, settings);
        let mut drift = Drift::between(row, &facts);
        let fresh = LockedService {
            root: root.clone(),
            dfgen: lock::version(),
            defaults: generated.defaults.clone(),
            facts,
            files: vec![
                LockedFile::new(&generated.dockerfile, &generated.dockerfile_text),
                LockedFile::new(&generated.dockerignore, &generated.dockerignore_text),
            ],
        };
        let own = generate::problems(
            self.repo,
            &generated,
            &generated.dockerfile_text,
            &generated.dockerignore_text,
        );
        if let Some(problem) = own.into_iter().next() {
            return Err(problem.error(&generated.dockerfile));
        }
        let mut target = drift.settle(row, fresh, self.options);
        let mut files = file::plan(self, &[Kind::Dockerfile, Kind::Ignore], row, &target)
            .map_err(|error| self.told_first(error, &generated))?;
        keep_what_is_gone(&files, row, &mut target);
        if self.options.only_known && row.is_none() && files.iter().all(|file| file.fate == Fate::Created) {
            return Err(Error::new(
                ErrorKind::Refused,
                "there is nothing to update: no dfgen.lock, no Dockerfile",
            )
            .help("`dfgen init` writes them"));
        }
        sound::check(self.repo, &generated, &mut files)?;
        let review = self.review(&generated, &files);
        Ok(Service { review, root, generated, files, drift, first: row.is_none(), row: target })
    }

    /// A refusal says what there would be to say.
    fn told_first(&self, error: Error, generated: &Generated) -> Error {
        let place = error.place.as_ref().is_some_and(|(path, _)| *path == generated.dockerfile);
        let there = current(self.root, &generated.dockerfile).ok().flatten();
        let Some(there) = there.filter(|_| place && error.kind == ErrorKind::Refused) else { return error };
        let problems = generate::problems(self.repo, generated, &there, "");
        match review(&there, &generated.dockerfile_text, &problems).len() {
            0 => error,
            1 => error.help("`dfgen check` tells the one thing that dfgen would do otherwise, and why"),
            many => error.help(format!(
                "`dfgen check` tells the {many} things that dfgen would do otherwise, and why"
            )),
        }
    }

    /// A look at a Dockerfile that is taken over, or could be.
    fn review(&self, generated: &Generated, files: &[File]) -> Vec<Remark> {
        let [dockerfile, ignore] = files else { return Vec::new() };
        let theirs = dockerfile.there.as_ref().filter(|_| {
            matches!(self.options.policy, Policy::Adopt | Policy::Show)
                && matches!(dockerfile.fate, Fate::Adopted | Fate::Replaced)
        });
        let Some(theirs) = theirs else { return Vec::new() };
        let ignored = ignore.text().or(ignore.there.clone()).unwrap_or_default();
        let problems = generate::problems(self.repo, generated, theirs, &ignored);
        review(theirs, &dockerfile.fresh, &problems)
    }

    /// The row of a folder; where none is named, the only one.
    fn row_of(&self, folder: Option<&Utf8Path>) -> Option<&LockedService> {
        let lock = self.locks.base.as_ref()?;
        match folder {
            Some(folder) => lock.service(rooted(folder)),
            None => lock.services.first().filter(|_| lock.services.len() == 1).or(lock.service(".")),
        }
    }
}

/// What is not there is not written, and what was written last stays what it is merged over, should it come back.
fn keep_what_is_gone(files: &[File], row: Option<&LockedService>, target: &mut LockedService) {
    for (at, _) in files.iter().enumerate().filter(|(_, file)| file.fate == Fate::Gone) {
        if let (Some(old), Some(new)) = (row.and_then(|row| row.files.get(at)), target.files.get_mut(at)) {
            new.clone_from(old);
        }
    }
}

/// A folder as the lock writes it.
fn rooted(folder: &Utf8Path) -> &str {
    if folder.as_str().is_empty() { "." } else { folder.as_str() }
}

/// How the sides are called in a file.
const LABELS: Labels<'static> =
    Labels { yours: "yours", base: "what dfgen wrote last", fresh: "what dfgen would write now" };

/// A file that a person has still to put right.
fn unmarked(path: &Utf8Path, text: &str) -> Result<()> {
    match merge::marker(text) {
        None => Ok(()),
        Some(line) => Err(Error::new(ErrorKind::Refused, "holds conflict markers still")
            .at(path, Some(line))
            .help("keep what is right of both sides, take the markers out, then run dfgen again")),
    }
}
