//! What every verb can be asked: the repository, the answers, the form of the output.

use std::collections::BTreeMap;
use std::path::PathBuf;

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use crate::answers::{self, Every, Labels, Settings};
use crate::compose::Candidate;
use crate::emit::write;
use crate::error::{Error, ErrorKind, Result};
use crate::generate;
use crate::repo::Repo;
use crate::update::{Locks, One, Wanted};

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Asked {
    /// The repository
    #[arg(default_value = ".")]
    pub(super) path: PathBuf,
    /// The runtime image's kind [default: auto]
    #[arg(long, value_enum)]
    base: Option<Base>,
    /// The service's folder, relative to PATH
    #[arg(long, value_name = "FOLDER", allow_hyphen_values = true)]
    service: Option<Utf8PathBuf>,
    /// Every service of the repository, and a docker-bake.hcl that builds them together
    #[arg(long, conflicts_with_all = ["service", "port", "start", "bin", "output"])]
    all: bool,
    /// A folder that --all leaves out, relative to PATH; may be given several times
    #[arg(long, value_name = "FOLDER", allow_hyphen_values = true, conflicts_with = "service")]
    skip: Vec<Utf8PathBuf>,
    /// The port that the program listens on
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// The start command
    #[arg(long, value_name = "CMD", allow_hyphen_values = true)]
    start: Option<String>,
    /// The program among several
    #[arg(long, value_name = "NAME")]
    bin: Option<String>,
    /// Keep dependencies in cache mounts or in layers alone [default: mounts]
    #[arg(long, value_enum)]
    cache: Option<Cache>,
    /// Where the Dockerfile goes, relative to PATH
    #[arg(long, value_name = "FILE")]
    output: Option<Utf8PathBuf>,
    /// Add a target `debug` with a shell
    #[arg(long)]
    debug_target: bool,
    /// Add OCI labels and a VERSION build argument
    #[arg(long)]
    labels: bool,
    /// Add a HEALTHCHECK
    #[arg(long)]
    healthcheck: bool,
    /// How to tell what was found
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Base {
    Auto,
    Distroless,
    Slim,
    Alpine,
    Scratch,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Cache {
    Mounts,
    Layers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Text,
    Json,
}

fn word(value: &impl ValueEnum) -> Option<String> {
    value.to_possible_value().map(|value| value.get_name().to_owned())
}

/// The repository as it is: its files, the answers and the lock that it keeps.
pub(super) struct There {
    pub(super) repo: Repo,
    pub(super) kept: Option<String>,
    pub(super) locks: Locks,
}

impl Asked {
    /// Reads the repository.
    pub(super) fn there(&self, rebase: bool) -> Result<There> {
        let repo = Repo::open(&self.path)?;
        // Not from the list of files: where git ignores it, the answers are no less there, and are written again.
        let kept = write::current(&self.path, answers::FILE.into())?
            .map(|text| text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned));
        let locks = Locks::read(&self.path, rebase)?;
        Ok(There { repo, kept, locks })
    }

    /// The one service that is meant, or every one.
    pub(super) fn meant(&self, there: &There) -> Result<Wanted> {
        if self.means_all(there)? {
            return self.every(there);
        }
        let one = answers::settle(there.kept.as_deref(), self.service.clone(), self.flags())?;
        Ok(Wanted { services: vec![One { folder: one.0, settings: one.1, known: None }], all: None })
    }

    /// Whether a flag or `dfgen.toml` asks for every service.
    fn means_all(&self, there: &There) -> Result<bool> {
        let asked = self.all || !self.skip.is_empty();
        Ok(asked || self.service.is_none() && answers::keeps_all(there.kept.as_deref())?)
    }

    /// Every service that there is.
    fn every(&self, there: &There) -> Result<Wanted> {
        let flags = self.flags();
        if flags.is_of_one() {
            return Err(Error::new(
                ErrorKind::Choice,
                "these flags would be the answers of several services",
            )
            .help("name the one that they are for with `--service FOLDER`"));
        }
        let every = Every::read(there.kept.as_deref(), flags, &self.skip)?;
        let survey = generate::survey(&there.repo, &every)?.settled()?;
        let one = |Candidate { root, composition }| One {
            settings: every.settings(&root),
            folder: Some(root),
            known: Some(composition),
        };
        Ok(Wanted { services: survey.services.into_iter().map(one).collect(), all: Some(survey.left_out) })
    }

    /// The service that is named; else all that the lock knows; where there is no lock, the one that `init` would take.
    pub(super) fn known(&self, there: &There) -> Result<Wanted> {
        if self.means_all(there)? {
            return self.every(there);
        }
        let locks = [&there.locks.base, &there.locks.other];
        let mut known: Vec<&str> = locks
            .into_iter()
            .flatten()
            .flat_map(|lock| &lock.services)
            .map(|one| one.root.as_str())
            .collect();
        known.sort_unstable();
        known.dedup();
        if self.service.is_some() || known.is_empty() {
            return self.meant(there);
        }
        if known.len() > 1 && self.flags() != Settings::default() {
            let error = Error::new(ErrorKind::Choice, "these flags would be the answers of several services");
            return Err(known.iter().fold(error, |error, root| error.help(format!("`--service {root}`"))));
        }
        let settled = |root: &&str| {
            let (folder, settings) =
                answers::settle(there.kept.as_deref(), Some(Utf8PathBuf::from(*root)), self.flags())?;
            Ok(One { folder, settings, known: None })
        };
        Ok(Wanted { services: known.iter().map(settled).collect::<Result<_>>()?, all: None })
    }

    /// `dfgen.toml` with what the flags said, where that is new.
    pub(super) fn answers(&self, there: &There, wanted: &Wanted) -> Result<Option<String>> {
        if wanted.all.is_some() {
            return answers::keep_all(there.kept.as_deref(), &self.flags(), &self.skip);
        }
        let services = &wanted.services;
        let named = services.first().filter(|_| services.len() == 1).and_then(|one| one.folder.as_deref());
        let named = named.filter(|_| self.service.is_some());
        answers::keep(there.kept.as_deref(), named, &self.flags())
    }

    fn flags(&self) -> Settings {
        Settings {
            base: self.base.as_ref().and_then(word),
            port: self.port,
            start: self.start.clone(),
            bin: self.bin.clone(),
            cache: self.cache.as_ref().and_then(word),
            output: self.output.clone(),
            debug_target: self.debug_target.then_some(true),
            labels: self.labels.then_some(Labels::Usual(true)),
            healthcheck: self.healthcheck.then_some(true),
            versions: BTreeMap::new(),
            skip: None,
        }
    }
}
