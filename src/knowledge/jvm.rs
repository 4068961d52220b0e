//! What the table of a language on the JVM says beside what every language has.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Cache;

/// The `[jvm]` part of a detector.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Jvm {
    /// Flags for every JVM in a container.
    pub options: Vec<String>,
    /// Why they are set, for a comment.
    pub options_because: String,
    /// The build tools.
    pub tools: Vec<JvmBuilder>,
    /// What parents outside of the repository define.
    #[serde(default)]
    pub parents: Vec<OuterParent>,
    /// Libraries whose classes an older Java does not read: the newest row of a library first.
    #[serde(default)]
    pub libraries: Vec<OuterParent>,
    /// How the jar of a framework is taken apart, the newest first.
    #[serde(default)]
    pub layers: Vec<Layering>,
    /// Plug-ins that cannot work in the build of an image, or make what no image holds.
    #[serde(default)]
    pub skips: Vec<Skip>,
    /// Plug-ins and packagings that say that nothing here runs in a container.
    #[serde(default)]
    pub elsewhere: Vec<RunsElsewhere>,
    /// Plug-ins that build a front end.
    #[serde(default)]
    pub front_ends: Vec<FrontEndPlugin>,
    /// Properties of a pom.xml that say which port the project's own image publishes.
    #[serde(default)]
    pub port_properties: Vec<String>,
    /// Catalogues of versions that frameworks publish for Gradle.
    #[serde(default)]
    pub catalogues: Vec<PublishedCatalogue>,
    /// Plug-ins and parents that make one jar of everything.
    #[serde(default)]
    pub fat: Vec<FatJar>,
}

/// A catalogue of versions that is published: its names are those of a framework's modules.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishedCatalogue {
    /// The catalogue itself: `group:artifact`.
    pub module: String,
    /// What stands in front of a name to make a module of it: `io.ktor:ktor-`.
    pub libraries: String,
    /// The ids of its plug-ins by their names.
    #[serde(default)]
    pub plugins: BTreeMap<String, String>,
}

/// A build tool.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JvmBuilder {
    /// Its id.
    pub id: String,
    /// Its name in messages.
    pub name: String,
    /// Its command with the words that every call has.
    pub command: String,
    /// The same through the wrapper.
    pub wrapper: String,
    /// Resolves every dependency: the words behind the command, `{module}` in front of a task.
    pub resolve: String,
    /// The same for one module of several, where that needs another.
    #[serde(default)]
    pub resolve_module: Option<String>,
    /// Its cache.
    pub cache: Cache,
    /// The version that is taken where nothing asks for one.
    pub version: String,
    /// The wrapper's version is run as it is: another one may not understand the build.
    #[serde(default)]
    pub exact: bool,
    /// From this version on, another JDK than its own can compile.
    #[serde(default)]
    pub compiles_elsewhere: Option<String>,
    /// The versions of Java that its own versions run on, the newest first.
    pub runs_on: Vec<RunsOn>,
}

/// The versions of Java that a version of a tool runs on.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunsOn {
    /// The tool's version from which this holds.
    pub from: String,
    /// The oldest version of Java.
    pub oldest: u32,
    /// The newest.
    pub newest: u32,
}

/// What a parent outside of the repository defines.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OuterParent {
    /// `group:artifact`.
    pub key: String,
    /// The parent's version from which this holds; the newest row comes first.
    pub from: String,
    /// The version of Java that it builds for.
    pub java: String,
}

/// How a jar is taken apart.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Layering {
    /// The framework's version from which this holds.
    pub from: String,
    /// The words behind `java` that take `app.jar` apart into `/out`; none where it cannot be.
    pub extract: Option<String>,
    /// The layers, the steadiest first.
    pub layers: Vec<String>,
    /// The words behind `java` that start it.
    pub start: Vec<String>,
}

/// A plug-in that is switched off.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Skip {
    /// Its key or id.
    pub plugin: String,
    /// The word that switches it off.
    pub flag: String,
    /// Why, for a comment: continues "NAME ".
    pub because: String,
}

/// A plug-in that builds a front end.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FrontEndPlugin {
    /// Its artifact.
    pub plugin: String,
    /// The key of its configuration that names the folder.
    pub folder: String,
    /// A goal, and the word that switches it off.
    pub skips: Vec<(String, String)>,
}

/// A plug-in or packaging that says that nothing runs in a container.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunsElsewhere {
    /// Plug-ins, or packagings as `packaging:war`.
    pub when: Vec<String>,
    /// What it is: continues "`NAME` is ".
    pub what: String,
    /// What to do about it.
    pub help: String,
}

/// A plug-in or parent that makes one jar of everything, with no further settings.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FatJar {
    /// Its key or id.
    pub when: String,
    /// The task or goal that makes it; none where the usual one does.
    #[serde(default)]
    pub task: Option<String>,
    /// What its file is called, below the folder of what is built; `{name}` is the usual name with `*` for the version.
    pub file: String,
    /// The folder beside it whose jars its manifest names.
    #[serde(default)]
    pub folder: Option<String>,
}

impl Jvm {
    /// The row of a build tool.
    #[must_use]
    pub fn tool(&self, id: &str) -> Option<&JvmBuilder> {
        self.tools.iter().find(|tool| tool.id == id)
    }

    /// How a version's jar is taken apart.
    #[must_use]
    pub fn layering(&self, version: &str) -> Option<&Layering> {
        self.layers.iter().find(|row| at_least(version, &row.from))
    }
}

impl JvmBuilder {
    /// The versions of Java that a version of the tool runs on.
    #[must_use]
    pub fn runs_on(&self, version: &str) -> Option<&RunsOn> {
        self.runs_on.iter().find(|row| at_least(version, &row.from))
    }
}

/// Whether a version is another one or newer, by its numbers.
#[must_use]
pub fn at_least(version: &str, other: &str) -> bool {
    let numbers = |text: &str| -> Vec<u64> {
        let parts = text.split(['.', '-', '+']);
        parts.map_while(|part| part.parse().ok()).collect()
    };
    numbers(version) >= numbers(other)
}
