//! The file that builds all services together, and what becomes of services that are none any more.

use super::{Drift, Fate, File, Job, Kind, Service, Wanted, file, keep_what_is_gone};
use crate::compose::LeftOut;
use crate::emit::bake as reader;
use crate::emit::lock::{self, LockedFile, LockedService};
use crate::error::{Error, Result};
use crate::merge::Side;
use crate::plan::bake;
use crate::render::Templates;
use crate::text::shell_word;

/// The file that builds every service, with what would become of it.
#[derive(Debug, Clone)]
pub struct Together {
    /// The file.
    pub file: File,
    /// What changed since the lock was written.
    pub drift: Drift,
    /// The lock had no row of it.
    pub first: bool,
    /// What is no service.
    pub left_out: Vec<LeftOut>,
    /// Folders of services that the lock has and that are none any more; their files stay.
    pub removed: Vec<String>,
    /// A compose file lies beside it, which buildx would read, too.
    pub beside_compose: bool,
    pub(super) row: LockedService,
}

/// Compose files that buildx takes targets from, unless it is told which file to read.
const COMPOSE: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/// Every service, or one error that tells what stands in the way of each.
pub(super) fn all_or_none(planned: Vec<Result<Service>>, wanted: &Wanted) -> Result<Vec<Service>> {
    let folders = wanted.services.iter().map(|one| one.folder.as_ref().map_or(".", |folder| folder.as_str()));
    let folders: Vec<&str> = folders.map(|folder| if folder.is_empty() { "." } else { folder }).collect();
    let (mut services, mut errors) = (Vec::new(), Vec::new());
    for (folder, one) in folders.iter().zip(planned) {
        match one {
            Ok(service) => services.push(service),
            Err(error) => errors.push((*folder, error)),
        }
    }
    if errors.is_empty() {
        return Ok(services);
    }
    Err(in_the_way(errors, wanted))
}

fn in_the_way(mut errors: Vec<(&str, Error)>, wanted: &Wanted) -> Error {
    let skip = |folder: &str| format!("`dfgen init --all --skip {}` leaves it out", shell_word(folder));
    if errors.len() == 1 || wanted.all.is_none() {
        let (folder, error) = errors.remove(0);
        return if wanted.all.is_none() { error } else { error.help(skip(folder)) };
    }
    let message =
        format!("{} of {} services cannot be written, and so none is", errors.len(), wanted.services.len());
    let kind = errors.first().map_or(crate::error::ErrorKind::Refused, |(_, error)| error.kind);
    let mut whole = Error::new(kind, message);
    let mut steps: Vec<String> = Vec::new();
    for (folder, error) in errors {
        whole = whole.help(format!("{folder}: {error}"));
        // How much a review of each would say is not the question here.
        steps.extend(error.help.into_iter().filter(|step| !step.starts_with("`dfgen check` tells")));
    }
    let mut seen = std::collections::BTreeSet::new();
    steps.retain(|step| seen.insert(step.clone()));
    steps.into_iter().fold(whole, Error::help).help("`dfgen init --all --skip FOLDER` leaves one out")
}

impl Job<'_> {
    /// Plans the file that builds the services, whose names are told apart first.
    pub(super) fn together(&self, services: &mut [Service], left_out: &[LeftOut]) -> Result<Together> {
        bake::name_apart(&mut services.iter_mut().map(|one| &mut one.generated.service).collect::<Vec<_>>());
        let parts = services.iter().map(|one| (&one.generated.service, one.generated.dockerfile.as_path()));
        let bake = bake::bake(parts);
        let text = Templates::load(self.repo)?.bake(&bake)?;
        reader::read(&text).map_err(|flaw| {
            Error::broken(bake::FILE.into(), Some(flaw.line), format!("would not be read: {}", flaw.message))
                .help("look at the template `docker-bake.tera` of .dfgen/templates")
        })?;
        let lock = self.locks.base.as_ref();
        let row = lock.and_then(|lock| lock.bake.as_ref());
        let facts = bake.facts();
        let mut drift = Drift::between(row, &facts);
        let fresh = LockedService {
            root: ".".to_owned(),
            dfgen: lock::version(),
            defaults: std::collections::BTreeMap::new(),
            facts,
            files: vec![LockedFile::new(bake::FILE.into(), &text)],
        };
        let mut target = drift.settle(row, fresh, self.options);
        let mut files = file::plan(self, &[Kind::Bake], row, &target)?;
        keep_what_is_gone(&files, row, &mut target);
        let Some(mut file) = files.pop() else {
            return Err(Error::broken(bake::FILE.into(), None, "is missing"));
        };
        sound(&mut file);
        let known = lock.into_iter().flat_map(|lock| &lock.services);
        let gone = known.filter(|row| services.iter().all(|service| service.root != row.root));
        let removed = gone.map(|row| row.root.clone()).collect();
        let beside_compose = COMPOSE.iter().any(|name| self.repo.has(name));
        let left_out = left_out.to_vec();
        Ok(Together { file, drift, first: row.is_none(), left_out, removed, beside_compose, row: target })
    }
}

/// A merge of two right files can be wrong.
fn sound(file: &mut File) {
    if !matches!(file.fate, Fate::Merged | Fate::Renewed) {
        return;
    }
    let edited = file.merged.stretches.iter().any(|one| one.side != Side::Both && one.edited());
    let before = file.there.as_deref().is_none_or(|there| reader::read(there).is_ok());
    if let Err(flaw) = reader::read(&file.merged.text())
        && edited
        && before
    {
        file.merged.object(&[flaw.line], &flaw.message);
        file.judge();
    }
}
