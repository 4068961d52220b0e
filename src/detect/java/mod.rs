//! Java and Kotlin: which tool builds, which module is the application, and every fact that its image rests on.

mod artefact;
mod code;
mod config;
mod gradle;
mod maven;
mod module;
mod nothing;
mod project;
mod tool;
mod version;

use camino::Utf8Path;

use self::artefact::Built;
use self::code::Code;
use self::config::Config;
use self::module::{Module, names};
use super::{Context, Detection};
use crate::error::Result;
use crate::facts::Evidence;
use crate::knowledge::{Framework, Jvm};

/// The table that holds for both languages.
const TABLE: &str = "java";

/// A build, whatever tool runs it.
struct Ground<'a> {
    cx: &'a Context<'a>,
    jvm: &'a Jvm,
    tool: tool::Picked,
    modules: Vec<Module>,
}

/// A module that can be an image's program.
struct Candidate {
    /// Its place in the list.
    module: usize,
    /// What it makes.
    built: Built,
    /// Its sources.
    code: Code,
    /// Its configuration.
    config: Config,
}

/// Finds the JVM program of the folder `root`, relative to the repository.
///
/// # Errors
/// A manifest that cannot be understood.
pub fn detect(cx: &Context<'_>, root: &Utf8Path) -> Result<Detection> {
    let Some(tool) = tool::pick(cx, root)? else { return Ok(Detection::Missing) };
    let Some(jvm) = &cx.knowledge.of(TABLE).jvm else { return Ok(Detection::Missing) };
    let modules = tool.modules();
    let ground = Ground { cx, jvm, tool, modules };
    let inside: Vec<usize> = ground.inside(root);
    let own = inside.iter().copied().find(|at| ground.modules.get(*at).is_some_and(|one| one.dir == root));
    let mut found: Vec<Candidate> = Vec::new();
    for at in own.into_iter().chain(inside.iter().copied().filter(|at| Some(*at) != own)) {
        found.extend(ground.packed(at));
        if Some(at) == own && !found.is_empty() {
            break;
        }
    }
    if found.is_empty() {
        found = inside.iter().filter_map(|at| ground.plain(*at)).collect();
    }
    if let Some(chosen) = ground.answered(&mut found) {
        found = vec![chosen];
    }
    Ok(match found.as_slice() {
        [one] => Detection::Found(Box::new(project::project(&ground, root, one)?)),
        [] => Detection::NothingToRun(nothing::library(&ground, root, &inside)),
        several => Detection::NothingToRun(nothing::several(&ground, root, several)),
    })
}

impl Ground<'_> {
    /// The modules that lie in a folder, by their places; the one that lies right in it first.
    fn inside(&self, root: &Utf8Path) -> Vec<usize> {
        let within = |at: &usize| self.modules.get(*at).is_some_and(|module| module.dir.starts_with(root));
        (0..self.modules.len()).filter(within).collect()
    }

    /// A module whose plug-ins say what they pack.
    fn packed(&self, at: usize) -> Option<Candidate> {
        let module = self.modules.get(at)?;
        if nothing::elsewhere(self, module).is_some() && !starts_itself(module) {
            return None;
        }
        let reached = module::reached(&self.modules, at);
        let boot = self.boot(&reached);
        let config = self.config(&reached);
        let packed = packed_as(module, &config);
        let mut built = artefact::by_plugins(self.jvm, module, boot.as_deref(), packed.as_deref())?;
        let code = code::read(self.cx, &reached, &self.modules);
        if built.artefact.value.main_class.as_deref() == Some("") {
            let start = code.starts(&module.dir).into_iter().next()?;
            built.artefact.value.main_class = Some(start.class);
            built.artefact.because.push(start.because);
        }
        Some(Candidate { module: at, built, code, config })
    }

    /// A module that has a class with a main, and whose plug-ins pack nothing.
    fn plain(&self, at: usize) -> Option<Candidate> {
        let module = self.modules.get(at)?;
        if nothing::elsewhere(self, module).is_some() || module.is_aggregate() {
            return None;
        }
        let reached = module::reached(&self.modules, at);
        let code = code::read(self.cx, &reached, &self.modules);
        let start = code.starts(&module.dir).into_iter().next()?;
        let built = artefact::class_path(module, &start.class, start.because)?;
        Some(Candidate { module: at, built, code, config: self.config(&reached) })
    }

    /// The candidate that `--bin` names.
    fn answered(&self, found: &mut Vec<Candidate>) -> Option<Candidate> {
        let bin = self.cx.answers.bin.as_deref()?;
        let at = found.iter().position(|one| {
            let module = self.modules.get(one.module);
            let class = one.built.artefact.value.main_class.as_deref();
            class == Some(bin)
                || module
                    .is_some_and(|module| module.name == bin || module.path.trim_start_matches(':') == bin)
        })?;
        Some(found.swap_remove(at))
    }

    /// The framework that a program uses: what its manifests name, or what its sources import.
    fn framework(&self, reached: &[&Module], code: &Code) -> Option<(&Framework, Evidence)> {
        let rows = &self.cx.knowledge.of(TABLE).frameworks;
        let by_name = rows.iter().find_map(|row| Some((row, used(row, reached)?)));
        match by_name {
            // A dependency of a library brings the server in: the sources say so.
            Some((row, because)) if row.port.is_none() => {
                let same = rows.iter().find(|other| other.name == row.name && other.port.is_some());
                let said = same.and_then(|other| Some((other, code.annotated(&other.annotations)?)));
                said.or(Some((row, because)))
            }
            Some(found) => Some(found),
            None => rows.iter().find_map(|row| {
                let file = code.files.iter().find(|file| code::imports(file, row) && !row.when.is_empty())?;
                Some((
                    row,
                    Evidence::file(
                        &file.path,
                        format!("the imports of {}", file.path.file_name().unwrap_or_default()),
                    ),
                ))
            }),
        }
    }

    fn boot(&self, reached: &[&Module]) -> Option<String> {
        let row = self.cx.knowledge.of(TABLE).frameworks.iter().find(|row| row.id == "spring-boot")?;
        framework_version(row, reached).map(|(version, _)| version)
    }

    fn config(&self, reached: &[&Module]) -> Config {
        let rows = &self.cx.knowledge.of(TABLE).frameworks;
        let dirs: Vec<&Utf8Path> = reached.iter().map(|module| module.dir.as_path()).collect();
        rows.iter()
            .find(|row| used(row, reached).is_some())
            .map(|row| config::read(self.cx, row, &dirs))
            .unwrap_or_default()
    }
}

/// A server of the framework's own starts the war.
fn starts_itself(module: &Module) -> bool {
    module.plugin("spring-boot-maven-plugin").is_some() || module.plugin("org.springframework.boot").is_some()
}

/// What a framework's setting makes of its jar.
fn packed_as(module: &Module, config: &Config) -> Option<String> {
    let keys = ["quarkus.package.jar.type", "quarkus.package.type"];
    let told = keys.iter().find_map(|key| config.get(key)).map(|placed| placed.setting.value.clone());
    told.or_else(|| match &module.manifest {
        module::Manifest::Maven(maven) => {
            keys.iter().find_map(|key| maven.property(key)).map(|(value, _)| value)
        }
        module::Manifest::Gradle(_) => None,
    })
}

/// Where a program's manifests name a framework.
fn used(row: &Framework, reached: &[&Module]) -> Option<Evidence> {
    let seen = || reached.iter().flat_map(|module| module.plugins.iter().chain(&module.dependencies));
    row.when.iter().find_map(|key| seen().find(|seen| names(key, &seen.key))).map(|seen| seen.because.clone())
}

/// The version of a framework: of its parent, its plug-in, its dependencies or what manages them.
fn framework_version(row: &Framework, reached: &[&Module]) -> Option<(String, Evidence)> {
    let all = || {
        reached
            .iter()
            .flat_map(|module| module.plugins.iter().chain(&module.known).chain(&module.dependencies))
    };
    let group = |key: &str| {
        row.when.iter().any(|known| names(known, key) || names(known.split(':').next().unwrap_or(known), key))
    };
    let said = all()
        .filter(|seen| group(&seen.key))
        .find_map(|seen| Some((seen.version.clone()?, seen.because.clone())));
    said.filter(|(version, _)| version.starts_with(|first: char| first.is_ascii_digit())).or_else(|| {
        reached.iter().find_map(|module| match &module.manifest {
            module::Manifest::Maven(maven) => {
                let bom = ["spring-boot-dependencies", "quarkus-bom"]
                    .iter()
                    .filter(|_| used(row, reached).is_some());
                let version = bom
                    .filter(|bom| bom.starts_with(row.id.split('-').next().unwrap_or_default()))
                    .find_map(|bom| maven.bom_version(bom))?;
                Some((version, Evidence::file(maven.path(), "the managed versions of pom.xml")))
            }
            module::Manifest::Gradle(_) => None,
        })
    })
}

#[cfg(test)]
mod tests;
