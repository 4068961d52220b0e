//! Images and system packages: the serde types of `_bases.toml` and `_system.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::lazy::{Lazy, Whole, check_all};
use crate::facts::Phase;

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
    /// Variables that name the port a program serves on, whatever its language, the most usual first.
    pub port_variables: Vec<String>,
    /// Lines of every .dockerignore, by heading.
    pub ignore: BTreeMap<String, Vec<String>>,
    /// What the headings are called.
    pub headings: BTreeMap<String, String>,
    /// Toolchains: the versions of each language.
    pub toolchains: BTreeMap<String, Lazy<Toolchain>>,
    /// Images that bring a build tool with a toolchain.
    #[serde(default)]
    pub builders: Vec<Builder>,
    /// Runtime images, in no order: a language names the ones it can use.
    pub images: BTreeMap<String, Lazy<Image>>,
}

impl Bases {
    /// The toolchain of an id.
    #[must_use]
    pub fn toolchain(&self, id: &str) -> Option<&Toolchain> {
        self.toolchains.get(id).map(std::ops::Deref::deref)
    }
}

impl Whole for Bases {
    fn check(&self) -> serde_json::Result<()> {
        check_all(self.toolchains.values())?;
        check_all(self.images.values())
    }
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
    /// Strategies that no image can serve, each with the reason.
    #[serde(default)]
    pub refused: BTreeMap<String, String>,
    /// The syntax of its ranges: `npm`, `pep440` or `composer`.
    #[serde(default)]
    pub ranges: Ranges,
    /// Capabilities that the build images have, by flavour.
    #[serde(default)]
    pub offers: BTreeMap<String, Vec<String>>,
}

impl Toolchain {
    /// Whether there are images of a version.
    #[must_use]
    pub fn has(&self, version: &str) -> bool {
        self.versions.iter().any(|one| one.version == version)
    }
}

/// An image that brings a build tool with a toolchain.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Builder {
    /// The tool's id.
    pub tool: String,
    /// The tool's version, as the tag has it.
    pub version: String,
    /// Its name and tag, with `{version}` for the toolchain's.
    pub image: String,
    /// The versions of the toolchain that it was published for, the newest first.
    pub java: Vec<String>,
}

/// The syntax of a language's ranges of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ranges {
    /// `>=18 <23`, `^20 || ^22`.
    #[default]
    Npm,
    /// `>=3.8,<4`, `~=3.11`, and Poetry's `^3.9`.
    Pep440,
    /// `^8.1`, `~8.2.0`, `>=7.4 <8.3`, `8.*`.
    Composer,
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
    /// The same image with a shell.
    #[serde(default)]
    pub debug: Option<String>,
    /// The port that its own server listens on.
    #[serde(default)]
    pub port: Option<u16>,
}

/// `_system.toml`: a capability to its packages in each suite and phase.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// Package managers of images: `apt`, `apk`.
    pub managers: BTreeMap<String, Manager>,
    /// The capabilities by id.
    pub capabilities: BTreeMap<String, Lazy<Capability>>,
}

impl Whole for System {
    fn check(&self) -> serde_json::Result<()> {
        check_all(self.capabilities.values())
    }
}

/// How an image's package manager is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manager {
    /// Installs `{packages}`: commands joined by `&&`.
    pub install: Vec<String>,
    /// Installs `{packages}` and, for the while, `{temporary}`: the first commands of a `RUN` that compiles.
    pub lend: Vec<String>,
    /// Takes those away again: its last commands.
    pub take_back: Vec<String>,
    /// Makes a user without a home of its own, `{uid}` and `{gid}` put in.
    pub user: Vec<String>,
    /// Where the package of the init puts its program.
    pub init: String,
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
    /// How an image without a package manager gets it: a path in a Debian build stage that has the build packages.
    #[serde(default)]
    pub copy: Option<String>,
    /// The path of that in an Alpine build stage, where it is another.
    #[serde(default)]
    pub alpine_copy: Option<String>,
    /// Where that copy lies in the image, where the path differs.
    #[serde(default)]
    pub copy_to: Option<String>,
    /// Whose names were looked up in the distribution's own index: suites of Debian, `alpine`.
    #[serde(default)]
    pub checked: Vec<String>,
    /// Whose names nobody looked up.
    #[serde(default)]
    pub unchecked: Vec<String>,
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
