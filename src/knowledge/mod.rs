//! What dfgen knows, as data: the serde types of `detectors/*.toml`, read from the binary and from `.dfgen/detectors/`.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use camino::Utf8Path;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::repo::Repo;

mod access;
mod bases;
mod detector;
mod framework;
mod jvm;
mod lazy;
mod own;
mod php;
mod serving;

pub use self::access::{Access, Credentials, Standing, Way};
pub use self::bases::{Bases, Builder, Capability, Image, Manager, Ranges, System, Toolchain, Version};
pub use self::detector::{Cache, Ceiling, Detector, Download, Gate, Package, Tool, Unlocked};
pub use self::framework::{Folder, Framework, ListenCall, Mode};
pub use self::jvm::{
    FatJar, Jvm, JvmBuilder, Layering, PublishedCatalogue, RunsElsewhere, RunsOn, Skip, at_least,
};
pub use self::lazy::{Lazy, Whole};
pub use self::php::{Application, Extension, Php};
pub use self::serving::{Brings, Conflict, Server, Supports};

// `TABLES`: the files of `detectors/` by name, as the JSON that `build.rs` makes of them.
include!(concat!(env!("OUT_DIR"), "/tables.rs"));

/// Everything in `detectors/`.
#[derive(Debug, Clone)]
pub struct Knowledge {
    /// The languages.
    pub detectors: Detectors,
    /// The base images.
    pub bases: Bases,
    /// The capabilities.
    pub system: Lazy<System>,
    /// Registries, and how tools take credentials.
    pub access: Lazy<Access>,
    /// Stacks that are recognised so that the answer is exact, and that nothing is written for.
    pub unsupported: Vec<Unsupported>,
    /// Files of tools that make projects from a repository.
    pub templates: Vec<String>,
    /// Folders that hold no service, by what people call them.
    pub folders: Lazy<FoldersTable>,
}

/// The languages by id. Those of the binary are read when they are first asked for: most runs need one or two.
#[derive(Debug, Clone)]
pub struct Detectors(BTreeMap<String, Row>);

#[derive(Debug, Clone)]
struct Row {
    json: &'static str,
    read: OnceLock<Detector>,
}

impl Row {
    #[expect(clippy::expect_used, reason = "`build.rs` made the text; tests/rooms.rs reads every one")]
    fn detector(&self) -> &Detector {
        self.read
            .get_or_init(|| serde_json::from_str(self.json).expect("a table in the format of a detector"))
    }
}

impl Detectors {
    /// The table of a language.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Detector> {
        self.0.get(id).map(Row::detector)
    }

    /// Every table, by id.
    pub fn values(&self) -> impl Iterator<Item = &Detector> {
        self.0.values().map(Row::detector)
    }

    /// Every id.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }
}

/// `_folders.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoldersTable {
    /// Folders that hold no service, by what people call them.
    pub folders: Vec<Folders>,
}

/// Folders of the same purpose, that hold no service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folders {
    /// What they are called in messages.
    pub what: String,
    /// Their names, or endings with `*` in front.
    pub names: Vec<String>,
    /// Nobody is told that they were left out.
    #[serde(default)]
    pub silent: bool,
}

/// `_unsupported.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnsupportedTable {
    #[serde(default)]
    templates: Vec<String>,
    stacks: Vec<Unsupported>,
}

impl Whole for FoldersTable {}

impl Whole for UnsupportedTable {}

/// A stack that is recognised, and that nothing is written for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unsupported {
    /// Its name in messages.
    pub name: String,
    /// File names, paths of files, or endings with `*` in front.
    pub markers: Vec<String>,
    /// It builds the whole folder: whatever else lies there is its own, or only helps.
    #[serde(default)]
    pub whole: bool,
    /// It is a program of its own, whatever front end lies beside it.
    #[serde(default)]
    pub backend: bool,
}

impl Knowledge {
    /// What the binary carries, with what the repository's `.dfgen/detectors/*.toml` put in.
    ///
    /// # Errors
    /// A file of the repository's `.dfgen/detectors/` is not in the format.
    pub fn load(repo: &Repo) -> Result<Self> {
        let mut files: BTreeMap<&str, Table> =
            TABLES.iter().map(|(name, json)| (*name, Table::BuiltIn(name, json))).collect();
        for path in
            repo.under(Utf8Path::new(".dfgen/detectors")).filter(|path| path.extension() == Some("toml"))
        {
            let (Some(name), Some(text)) = (path.file_name(), repo.read(path)?) else { continue };
            let built_in = TABLES.iter().find(|(own, _)| *own == name).map(|(_, json)| *json);
            files.insert(name, Table::Own { path, text, built_in });
        }
        Self::parse(&files)
    }

    fn parse(files: &BTreeMap<&str, Table>) -> Result<Self> {
        let mut detectors = BTreeMap::new();
        for (name, table) in files.iter().filter(|(name, _)| !name.starts_with('_')) {
            let id = name.strip_suffix(".toml").unwrap_or(name);
            detectors.insert(id.to_owned(), table.row(id)?);
        }
        let part = |name: &str| files.get(name).ok_or_else(|| Error::broken(name.into(), None, "is missing"));
        let unsupported: UnsupportedTable = part("_unsupported.toml")?.read()?;
        Ok(Self {
            detectors: Detectors(detectors),
            bases: part("_bases.toml")?.read()?,
            system: part("_system.toml")?.later()?,
            access: part("_access.toml")?.later()?,
            unsupported: unsupported.stacks,
            templates: unsupported.templates,
            folders: part("_folders.toml")?.later()?,
        })
    }

    /// Puts defaults of an earlier table in the place of today's, where they can still be had: a Dockerfile that asks for
    /// no version does not move because dfgen's tables did.
    pub fn hold(&mut self, defaults: &BTreeMap<String, String>) {
        for (name, value) in defaults {
            let bases = &mut self.bases;
            let mut versions = bases.toolchains.values().flat_map(|toolchain| &toolchain.versions);
            match name.as_str() {
                "debian" if versions.any(|version| version.suites.contains(value)) => {
                    bases.debian.clone_from(value);
                }
                "alpine" if versions.any(|version| version.alpine.contains(value)) => {
                    bases.alpine.clone_from(value);
                }
                language => {
                    let toolchain = bases.toolchains.get_mut(language);
                    if let Some(toolchain) = toolchain.filter(|one| one.default != *value && one.has(value)) {
                        toolchain.default.clone_from(value);
                        "dfgen.lock keeps it".clone_into(&mut toolchain.why);
                    }
                }
            }
        }
    }

    /// The defaults that a service of these languages may rest on, for [`Knowledge::hold`].
    #[must_use]
    pub fn defaults<'a>(&self, languages: impl Iterator<Item = &'a str>) -> BTreeMap<String, String> {
        let own = languages.filter_map(|language| {
            let toolchain =
                self.detectors.get(language).and_then(|row| row.toolchain.as_deref()).unwrap_or(language);
            Some((toolchain.to_owned(), self.bases.toolchains.get(toolchain)?.default.clone()))
        });
        let (debian, alpine) = (self.bases.debian.clone(), self.bases.alpine.clone());
        own.chain([("debian".to_owned(), debian), ("alpine".to_owned(), alpine)]).collect()
    }

    /// The table of a language that has code of its own.
    ///
    /// # Panics
    /// Never for an id that `tests/rooms.rs` holds against the folder.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the binary carries the file; tests/rooms.rs proves it")]
    pub fn of(&self, id: &str) -> &Detector {
        self.detectors.get(id).expect("a detector file of this id")
    }
}

/// A file of `detectors/`.
enum Table<'a> {
    /// The binary's, as JSON, by its name.
    BuiltIn(&'static str, &'static str),
    /// The repository's, as TOML, by its path; with the binary's of that name, which it is put into.
    Own { path: &'a Utf8Path, text: Arc<str>, built_in: Option<&'static str> },
}

impl Table<'_> {
    fn path(&self) -> &Utf8Path {
        match self {
            Self::BuiltIn(name, _) => Utf8Path::new(name),
            Self::Own { path, .. } => path,
        }
    }

    fn row(&self, id: &str) -> Result<Row> {
        if let Self::BuiltIn(_, json) = self {
            return Ok(Row { json, read: OnceLock::new() });
        }
        let detector: Detector = self.read()?;
        if detector.id != id {
            return Err(Error::broken(self.path(), None, format!("its id is `{}`", detector.id))
                .help(format!("call the file `{}.toml`", detector.id)));
        }
        Ok(Row { json: "", read: OnceLock::from(detector) })
    }

    /// The binary's table when it is first asked for, the repository's at once, so that what is wrong in it is told.
    fn later<T: Whole>(&self) -> Result<Lazy<T>> {
        match self {
            Self::BuiltIn(_, json) => Ok(Lazy::table(json)),
            Self::Own { .. } => Ok(self.read_own::<T>()?.into()),
        }
    }

    fn read<T: Whole>(&self) -> Result<T> {
        match self {
            Self::BuiltIn(_, json) => serde_json::from_str(json)
                .map_err(|error| Error::broken(self.path(), None, error.to_string())),
            Self::Own { .. } => self.read_own(),
        }
    }
}
