//! What dfgen knows, as data: the serde types of `detectors/*.toml`, read from the binary and from `.dfgen/detectors/`.

use std::collections::BTreeMap;

use camino::Utf8Path;
use include_dir::{Dir, include_dir};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::facts::Phase;
use crate::repo::Repo;

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
}

/// One file `detectors/<id>.toml`: a language or an ecosystem.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detector {
    /// Opens the same-named door in every room.
    pub id: String,
    /// Its name in messages.
    pub name: String,
    /// What is detected, in a sentence.
    pub docs: String,
    /// File names, or endings with `*` in front, that say it is there.
    pub markers: Vec<String>,
    /// It is recognised so that the answer is exact, and nothing is written for it.
    #[serde(default)]
    pub unsupported: bool,
    /// Names for versions that move (`lts/jod`), and the version each means.
    #[serde(default)]
    pub aliases: BTreeMap<String, String>,
    /// Package managers.
    #[serde(default)]
    pub tools: Vec<Tool>,
    /// Frameworks, the most telling first.
    #[serde(default)]
    pub frameworks: Vec<Framework>,
    /// Packages that need something of the system.
    #[serde(default)]
    pub packages: Vec<Package>,
    /// Install scripts that fetch what only tests use, and the variable that stops each.
    #[serde(default)]
    pub downloads: Vec<Download>,
    /// Programs of packages: the file that `node_modules/.bin/NAME` stands for.
    #[serde(default)]
    pub programs: BTreeMap<String, String>,
    /// Programs that only develop: no image starts with one.
    #[serde(default)]
    pub dev_programs: Vec<String>,
    /// Lines of a .dockerignore, by heading.
    #[serde(default)]
    pub ignore: BTreeMap<String, Vec<String>>,
}

/// A package manager.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its id.
    pub id: String,
    /// Its name in messages.
    pub name: String,
    /// Lock files, each says that this tool is used.
    pub locks: Vec<String>,
    /// Further files beside the manifest that the install reads, where they are there; a trailing `/` is a folder.
    pub reads: Vec<String>,
    /// The frozen install of everything.
    pub install: String,
    /// The frozen install of production dependencies.
    pub production: String,
    /// Both without a lock file.
    pub unlocked: String,
    /// See `unlocked`.
    pub unlocked_production: String,
    /// Runs a script of the manifest: the words before its name.
    pub run: String,
    /// The cache mount: id and target.
    pub cache: Cache,
    /// Installs the tool itself where the image lacks it; `{version}` is put in.
    #[serde(default)]
    pub setup: Option<String>,
    /// The version that is set up where nothing asks for one.
    #[serde(default)]
    pub version: Option<String>,
}

/// A cache mount.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// The id, shared by all projects of a builder.
    pub id: String,
    /// Where it is mounted.
    pub target: String,
    /// Only one build at a time may use it.
    #[serde(default)]
    pub locked: bool,
}

/// A framework: what a dependency says about start, port and output.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// Its id.
    pub id: String,
    /// Its name in messages.
    pub name: String,
    /// Any of these dependencies says it is used.
    pub when: Vec<String>,
    /// The port that it listens on by itself.
    #[serde(default)]
    pub port: Option<u16>,
    /// The variable that changes the port.
    #[serde(default)]
    pub port_variable: Option<String>,
    /// The start command where no script says better, relative to the project.
    #[serde(default)]
    pub start: Vec<String>,
    /// Folders that its build makes and the runtime needs.
    #[serde(default)]
    pub output: Vec<String>,
    /// The folder of static files that its build makes.
    #[serde(default)]
    pub site: Option<String>,
    /// The build where no script is called `build`.
    #[serde(default)]
    pub build: Option<String>,
    /// Its server ends on SIGTERM by itself.
    #[serde(default)]
    pub handles_sigterm: bool,
    /// Variables that its server needs in a container (`HOSTNAME = "0.0.0.0"`).
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Prefixes of variables that its bundler puts into the output.
    #[serde(default)]
    pub public: Vec<String>,
    /// The site routes in the browser.
    #[serde(default)]
    pub spa: bool,
    /// Folders that its server writes to, relative to the project.
    #[serde(default)]
    pub writes: Vec<String>,
}

/// A package that needs something of the system.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Its name in the manifest or lock file.
    pub name: String,
    /// Capabilities while it is installed or built.
    #[serde(default)]
    pub build: Vec<String>,
    /// Capabilities in the container.
    #[serde(default)]
    pub run: Vec<String>,
    /// Bases that it cannot run on, by trait (`musl`, `distroless`).
    #[serde(default)]
    pub never: Vec<String>,
    /// Why, for a comment: continues "NAME ...".
    pub because: String,
    /// It compiles only from sources of versions below this one; newer ones bring a binary.
    #[serde(default)]
    pub below: Option<String>,
}

/// An install script that fetches what only tests use.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Download {
    /// The package.
    pub package: String,
    /// The variable that stops it.
    pub variable: String,
    /// The value that stops it.
    pub value: String,
}

/// `_bases.toml`: every base image by version and suite.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bases {
    /// The day at which end of life is judged.
    pub as_of: String,
    /// The Debian suite that is chosen where nothing speaks against it.
    pub debian: String,
    /// The Alpine release likewise.
    pub alpine: String,
    /// Toolchains: the versions of each language.
    pub toolchains: BTreeMap<String, Toolchain>,
    /// Runtime images, in no order: a language names the ones it can use.
    pub images: BTreeMap<String, Image>,
}

/// A language's build images.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Toolchain {
    /// What it is called in a comment.
    pub name: String,
    /// The version where nothing is asked for.
    pub default: String,
    /// Why that one, for a comment: continues "no version is asked for; ".
    pub why: String,
    /// Image names by flavour (`debian`, `slim`, `alpine`), with `{version}`, `{suite}` and `{alpine}`.
    pub images: BTreeMap<String, String>,
    /// Every version with an image, the newest first.
    pub versions: Vec<Version>,
    /// Runtime images by strategy, the candidates in order; ids of `images`.
    pub strategies: BTreeMap<String, Vec<String>>,
    /// The order in which `auto` tries the strategies.
    pub auto: Vec<String>,
}

/// A version of a toolchain.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// As the tag has it.
    pub version: String,
    /// The day after which it gets no fixes.
    pub end: String,
    /// Debian suites that it was published for, the newest first.
    pub suites: Vec<String>,
    /// Alpine releases likewise.
    #[serde(default)]
    pub alpine: Vec<String>,
    /// The newest exact version of this line, for ranges that name a patch.
    pub patch: String,
    /// Tools that its images have (`corepack`, `yarn`).
    #[serde(default)]
    pub tools: Vec<String>,
}

/// A runtime image.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// Its name and tag, with `{version}`, `{suite}` and `{alpine}`.
    pub tag: String,
    /// What it is, for the stage's comment: continues "runtime ".
    pub is: String,
    /// What it offers.
    pub offers: Vec<String>,
    /// Its traits (`musl`, `distroless`).
    #[serde(default)]
    pub traits: Vec<String>,
    /// The Debian suite that it is made of.
    #[serde(default)]
    pub suite: Option<String>,
    /// The numeric user and group that it runs as.
    pub user: String,
    /// The user has a name and a home in it; without one, a `RUN` makes it where a name is needed.
    #[serde(default)]
    pub named: bool,
    /// The language versions that it is published for; empty is all.
    #[serde(default)]
    pub versions: Vec<String>,
    /// How a language's program is called in it.
    #[serde(default)]
    pub program: Option<String>,
    /// `apt` or `apk`.
    #[serde(default)]
    pub packages: Option<String>,
    /// The port that its own server listens on.
    #[serde(default)]
    pub port: Option<u16>,
}

/// `_system.toml`: a capability to its packages in each suite and phase.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// The capabilities by id.
    pub capabilities: BTreeMap<String, Capability>,
}

/// A capability.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capability {
    /// What it is, for messages: `a C compiler`.
    pub is: String,
    /// Debian packages while building.
    #[serde(default)]
    pub build: Vec<String>,
    /// Debian packages at run time.
    #[serde(default)]
    pub run: Vec<String>,
    /// Those of another name, by suite: `bookworm = ["libicu72"]`.
    #[serde(default)]
    pub suites: BTreeMap<String, Vec<String>>,
    /// Alpine packages while building.
    #[serde(default)]
    pub alpine_build: Vec<String>,
    /// Alpine packages at run time.
    #[serde(default)]
    pub alpine_run: Vec<String>,
}

impl Capability {
    /// The Debian packages of a phase in a suite.
    #[must_use]
    pub fn debian(&self, phase: Phase, suite: &str) -> &[String] {
        match phase {
            Phase::Build => &self.build,
            Phase::Run => self.suites.get(suite).unwrap_or(&self.run),
        }
    }

    /// The Alpine packages of a phase.
    #[must_use]
    pub fn alpine(&self, phase: Phase) -> &[String] {
        match phase {
            Phase::Build => &self.alpine_build,
            Phase::Run => &self.alpine_run,
        }
    }
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
        for path in repo.under(Utf8Path::new(".dfgen/detectors")).filter(|path| path.extension() == Some("toml")) {
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
                return Err(Error::broken(path.as_str().into(), None, format!("its id is `{}`", detector.id))
                    .help(format!("call the file `{}.toml`", detector.id)));
            }
            detectors.insert(detector.id.clone(), detector);
        }
        let part = |name: &str| files.get(name).ok_or_else(|| Error::broken(name.into(), None, "is missing"));
        let (bases, system) = (part("_bases.toml")?, part("_system.toml")?);
        Ok(Self { detectors, bases: from_toml(&bases.0, &bases.1)?, system: from_toml(&system.0, &system.1)? })
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
