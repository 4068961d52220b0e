//! What dfgen knows, as data: the serde types of `detectors/*.toml`, read from the binary and from `.dfgen/detectors/`.

use std::collections::BTreeMap;

use camino::Utf8Path;
use include_dir::{Dir, include_dir};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::repo::Repo;

mod bases;
mod detector;

pub use self::bases::{Bases, Capability, Image, Manager, System, Toolchain, Version};
pub use self::detector::{Cache, Detector, Download, Folder, Framework, ListenCall, Mode, Package, Tool};

static DETECTORS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/detectors");

/// Everything in `detectors/`.
#[derive(Debug, Clone)]
pub struct Knowledge {
    /// The languages by id.
    pub detectors: BTreeMap<String, Detector>,
    /// The base images.
    pub bases: Bases,
    /// The capabilities.
    pub system: System,
    /// Stacks that are recognised so that the answer is exact, and that nothing is written for.
    pub unsupported: Vec<Unsupported>,
}

/// `_unsupported.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnsupportedTable {
    stacks: Vec<Unsupported>,
}

/// A stack that is recognised, and that nothing is written for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unsupported {
    /// Its name in messages.
    pub name: String,
    /// File names, or endings with `*` in front.
    pub markers: Vec<String>,
    /// It is a program of its own, whatever front end lies beside it.
    #[serde(default)]
    pub backend: bool,
}

impl Knowledge {
    /// What the binary carries, with what the repository's `.dfgen/detectors/*.toml` add or replace.
    ///
    /// # Errors
    /// A file of the repository's `.dfgen/detectors/` is not in the format.
    pub fn load(repo: &Repo) -> Result<Self> {
        let mut files: BTreeMap<String, (String, String)> = DETECTORS
            .files()
            .filter_map(|file| {
                let name = file.path().file_name()?.to_str()?;
                Some((name.to_owned(), (format!("detectors/{name}"), file.contents_utf8()?.to_owned())))
            })
            .collect();
        for path in
            repo.under(Utf8Path::new(".dfgen/detectors")).filter(|path| path.extension() == Some("toml"))
        {
            let (Some(name), Some(text)) = (path.file_name(), repo.read(path)?) else { continue };
            files.insert(name.to_owned(), (path.to_string(), text.to_string()));
        }
        Self::parse(&files)
    }

    fn parse(files: &BTreeMap<String, (String, String)>) -> Result<Self> {
        let mut detectors = BTreeMap::new();
        for (name, (path, text)) in files.iter().filter(|(name, _)| !name.starts_with('_')) {
            let detector: Detector = from_toml(path, text)?;
            if format!("{}.toml", detector.id) != *name {
                return Err(Error::broken(
                    path.as_str().into(),
                    None,
                    format!("its id is `{}`", detector.id),
                )
                .help(format!("call the file `{}.toml`", detector.id)));
            }
            detectors.insert(detector.id.clone(), detector);
        }
        let part = |name: &str| files.get(name).ok_or_else(|| Error::broken(name.into(), None, "is missing"));
        let (bases, system, unsupported) =
            (part("_bases.toml")?, part("_system.toml")?, part("_unsupported.toml")?);
        let table: UnsupportedTable = from_toml(&unsupported.0, &unsupported.1)?;
        Ok(Self {
            detectors,
            bases: from_toml(&bases.0, &bases.1)?,
            system: from_toml(&system.0, &system.1)?,
            unsupported: table.stacks,
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
            Some((language.to_owned(), self.bases.toolchains.get(language)?.default.clone()))
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

fn from_toml<T: serde::de::DeserializeOwned>(path: &str, text: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| crate::manifest::line_at(text, span.start));
        Error::broken(path.into(), line, error.message().trim_end().replace('\n', "; "))
    })
}
