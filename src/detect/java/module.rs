//! A module, whatever tool builds it: its plug-ins, its dependencies and the modules that it needs.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::{gradle, maven};
use crate::facts::Evidence;
use crate::manifest::gradle::{Level, What};

/// Something that a manifest names.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// `group:artifact`, or a plug-in's id.
    pub(super) key: String,
    /// Its version, where the repository says it.
    pub(super) version: Option<String>,
    /// The place.
    pub(super) because: Evidence,
}

/// What a module's own manifest is.
#[derive(Debug, Clone)]
pub(super) enum Manifest {
    /// A pom.xml.
    Maven(maven::Module),
    /// A build.gradle.
    Gradle(gradle::Project),
}

/// A module.
#[derive(Debug, Clone)]
pub(super) struct Module {
    /// Its folder, relative to the repository.
    pub(super) dir: Utf8PathBuf,
    /// How the tool names it; empty for the whole build.
    pub(super) path: String,
    /// What it is called.
    pub(super) name: String,
    /// Its plug-ins.
    pub(super) plugins: Vec<Seen>,
    /// Plug-ins that are only made known in it.
    pub(super) known: Vec<Seen>,
    /// Its dependencies at run time.
    pub(super) dependencies: Vec<Seen>,
    /// The modules that it needs, by their place in the list.
    pub(super) needs: Vec<usize>,
    /// The versions of Java that its manifests name, the nearest first.
    pub(super) java: Vec<(Level, String, Evidence)>,
    /// Its manifest.
    pub(super) manifest: Manifest,
}

/// The modules of a Maven build.
pub(super) fn of_maven(reactor: &maven::Reactor) -> Vec<Module> {
    let keys: Vec<String> = reactor.modules.iter().map(maven::Module::key).collect();
    reactor.modules.iter().map(|module| from_maven(reactor, module, &keys)).collect()
}

fn from_maven(reactor: &maven::Reactor, module: &maven::Module, keys: &[String]) -> Module {
    let path = module.dir.strip_prefix(&reactor.root).unwrap_or(&module.dir).to_string();
    let file = |path: &Utf8Path, line: u32, key: &str| {
        let short = key.rsplit(':').next().unwrap_or(key);
        Evidence::line(path, line, format!("{short} of {}", path.file_name().unwrap_or("pom.xml")))
    };
    let mut needs = Vec::new();
    let mut dependencies = Vec::new();
    for (place, one) in module.dependencies() {
        let scope = one.scope.as_deref().map(|scope| module.fill(scope));
        if matches!(scope.as_deref(), Some("test" | "system")) {
            continue;
        }
        let key = module.fill(&one.key);
        needs.extend(keys.iter().position(|known| *known == key));
        let version = one
            .version
            .as_ref()
            .map(|version| module.fill(version))
            .or_else(|| module.managed_version(&one.key));
        dependencies.push(Seen { because: file(place, one.line, &key), key, version });
    }
    let plugins = module.plugins().map(|(place, one)| Seen {
        key: module.fill(&one.key),
        version: one.version.as_ref().map(|version| module.fill(version)),
        because: file(place, one.line, &one.key),
    });
    let outer = module.outer().map(|(key, version, because)| Seen {
        key: key.to_owned(),
        version: Some(module.fill(version)),
        because,
    });
    Module {
        dir: module.dir.clone(),
        path,
        name: module.fill(&module.pom().artifact),
        plugins: plugins.chain(outer).collect(),
        known: Vec::new(),
        dependencies,
        needs,
        java: super::version::of_maven(module),
        manifest: Manifest::Maven(module.clone()),
    }
}

/// Configurations of Gradle that end up in what runs.
const RUNTIME: [&str; 8] = [
    "implementation",
    "api",
    "runtimeOnly",
    "compile",
    "runtime",
    "providedRuntime",
    "shadow",
    "compileOnlyApi",
];

/// The modules of a Gradle build.
pub(super) fn of_gradle(ground: &gradle::Ground) -> Vec<Module> {
    ground.projects.iter().map(|project| from_gradle(ground, project)).collect()
}

fn from_gradle(ground: &gradle::Ground, project: &gradle::Project) -> Module {
    let mut module = Module {
        dir: project.dir.clone(),
        path: project.path.clone(),
        name: project.name.clone(),
        plugins: Vec::new(),
        known: Vec::new(),
        dependencies: Vec::new(),
        needs: Vec::new(),
        java: Vec::new(),
        manifest: Manifest::Gradle(project.clone()),
    };
    for (file, build) in &project.parts {
        let name = file.file_name().unwrap_or("build.gradle");
        for plugin in &build.plugins {
            let (key, version) = ground.plugin(&plugin.id);
            let version = plugin.version.clone().or(version);
            let because = Evidence::line(file, plugin.line, format!("the plug-in {key} of {name}"));
            let list = if plugin.known_only { &mut module.known } else { &mut module.plugins };
            list.push(Seen { key, version, because });
        }
        for dependency in &build.dependencies {
            if let What::Project(path) = &dependency.names {
                let named = ground.project_at(&project.path, path);
                module.needs.extend(named.or_else(|| ground.accessed(path.trim_start_matches(':'))));
            }
            let run = RUNTIME.contains(&dependency.configuration.as_str());
            let made_known = dependency.configuration == "buildscript";
            for (key, version) in ground.modules(&dependency.names) {
                let short = key.rsplit(':').next().unwrap_or_default().to_owned();
                let because = Evidence::line(file, dependency.line, format!("{short} of {name}"));
                if run {
                    module.dependencies.push(Seen { key, version, because });
                } else if made_known {
                    module.known.push(Seen { key, version, because });
                }
            }
        }
        for java in &build.java {
            let (level, version) = &java.value;
            let says = match level {
                Level::Toolchain => format!("the toolchain of {name}"),
                Level::Language => format!("the version of Java in {name}"),
            };
            module.java.push((*level, version.clone(), Evidence::line(file, java.line, says)));
        }
    }
    module
}

/// The places of a module and of all that its build can touch: those that only tests need are built along, too.
pub(super) fn touched(modules: &[Module], from: usize) -> BTreeSet<usize> {
    let mut touched = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(next) = waiting.pop() {
        let Some(module) = modules.get(next).filter(|_| touched.insert(next)) else { continue };
        waiting.extend(module.needs.iter().copied());
        if let Manifest::Maven(manifest) = &module.manifest {
            let named = manifest.dependencies().map(|(_, one)| manifest.fill(&one.key));
            waiting.extend(named.filter_map(|key| modules.iter().position(|other| other.is_called(&key))));
        }
    }
    touched
}

/// The places of a module and of those that it needs, its own first.
pub(super) fn reached(modules: &[Module], from: usize) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    let mut waiting = std::collections::VecDeque::from([from]);
    let mut found = Vec::new();
    while let Some(next) = waiting.pop_front() {
        if let Some(module) = modules.get(next).filter(|_| seen.insert(next)) {
            found.push(next);
            waiting.extend(module.needs.iter().copied());
        }
    }
    found
}

/// Whether a key of a table names what a manifest names: `group:artifact`, a group alone, a beginning with `*` behind it.
pub(super) fn names(key: &str, seen: &str) -> bool {
    match key.strip_suffix('*') {
        Some(start) => seen.starts_with(start),
        None => key == seen || seen.split_once(':').is_some_and(|(group, _)| group == key),
    }
}

impl Module {
    /// Whether a dependency of Maven is this one.
    fn is_called(&self, key: &str) -> bool {
        matches!(&self.manifest, Manifest::Maven(manifest) if manifest.key() == key)
    }

    /// A plug-in, by its key or its artifact.
    pub(super) fn plugin(&self, key: &str) -> Option<&Seen> {
        self.plugins.iter().find(|seen| {
            seen.key == key || seen.key.split_once(':').is_some_and(|(_, artifact)| artifact == key)
        })
    }
}
