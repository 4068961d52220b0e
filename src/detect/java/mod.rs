//! Java and Kotlin: which tool builds, which module is the application, and every fact that its image rests on.

mod access;
mod apart;
mod arguments;
mod artefact;
mod code;
mod config;
mod gradle;
mod maven;
mod module;
mod nothing;
mod project;
mod remote;
mod start;
mod tool;
mod version;

use std::cell::OnceCell;
use std::rc::Rc;

use camino::Utf8Path;

use self::artefact::Built;
use self::code::Code;
use self::config::Config;
use self::module::{Module, names};
use super::{Context, Detection};
use crate::error::Result;
use crate::facts::Evidence;
use crate::knowledge::{Framework, Jvm};
use crate::source::java::file::File;

/// The table that holds for both languages.
const TABLE: &str = "java";

/// A build, whatever tool runs it.
struct Ground<'a> {
    cx: &'a Context<'a>,
    jvm: &'a Jvm,
    tool: tool::Picked,
    modules: Vec<Module>,
    /// The sources of each module, read when they are first asked for.
    sources: Vec<OnceCell<Rc<Vec<File>>>>,
}

/// A module that can be an image's program.
struct Candidate {
    /// Its place in the list.
    module: usize,
    /// What it makes.
    built: Built,
    /// Its main class is one that only a class with a main makes likely, no framework.
    doubtful: bool,
}

/// Finds the JVM program of the folder `root`, relative to the repository.
///
/// # Errors
/// A manifest that cannot be understood, or a choice that only a person can make.
pub fn detect(cx: &Context<'_>, root: &Utf8Path) -> Result<Detection> {
    let Some(tool) = tool::pick(cx, root)? else { return Ok(Detection::Missing) };
    let Some(jvm) = &cx.knowledge.of(TABLE).jvm else { return Ok(Detection::Missing) };
    let modules = tool.modules();
    let sources = modules.iter().map(|_| OnceCell::new()).collect();
    let ground = Ground { cx, jvm, tool, modules, sources };
    let inside: Vec<usize> = ground.inside(root);
    let mut found: Vec<Candidate> = Vec::new();
    for (place, at) in inside.iter().enumerate() {
        found.extend(ground.packed(*at)?);
        let own = ground.modules.get(*at).is_some_and(|module| module.dir == root);
        if place == 0 && own && !found.is_empty() {
            break;
        }
    }
    if found.iter().any(|one| !one.doubtful) {
        found.retain(|one| !one.doubtful);
    }
    if found.is_empty() {
        found = inside
            .iter()
            .map(|at| ground.plain(*at))
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect();
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
        let dir = |at: &usize| self.modules.get(*at).map(|module| module.dir.as_path());
        let mut all: Vec<usize> =
            (0..self.modules.len()).filter(|at| dir(at).is_some_and(|dir| dir.starts_with(root))).collect();
        all.sort_by_key(|at| (dir(at) != Some(root), *at));
        all
    }

    /// The sources of modules.
    fn code(&self, modules: &[usize]) -> Code {
        let of = |at: &usize| {
            let module = self.modules.get(*at)?;
            let read = || Rc::new(code::read(self.cx, module, &self.modules));
            Some(Rc::clone(self.sources.get(*at)?.get_or_init(read)))
        };
        Code { parts: modules.iter().filter_map(of).collect(), ..Code::default() }
    }

    /// A module whose plug-ins say what they pack.
    fn packed(&self, at: usize) -> Result<Option<Candidate>> {
        let Some(module) = self.modules.get(at) else { return Ok(None) };
        if nothing::elsewhere(self, module).is_some() && !starts_itself(module) {
            return Ok(None);
        }
        let reached = self.reached(at);
        let boot = self.boot(&reached);
        let packed = packed_as(module, &self.config(&reached));
        let Some(mut built) = artefact::by_plugins(self.jvm, module, boot.as_deref(), packed.as_deref())
        else {
            return Ok(None);
        };
        if start::is_hollow(self, at) {
            return Ok(None);
        }
        let mut doubtful = false;
        if built.needs_main {
            let start = match start::of(self, at) {
                // Classes that only try something out do not make a program of a library.
                Err(_) if inherits(module) => None,
                start => start?,
            };
            let Some(start) = start else { return Ok(None) };
            doubtful = inherits(module) && !start.is_sure();
            if built.artefact.value.main_class.as_deref() == Some("") {
                built.artefact.value.main_class = Some(start.class);
            }
            built.artefact.because.push(start.because);
        }
        Ok(Some(Candidate { module: at, built, doubtful }))
    }

    /// A module that has a class with a main, and whose plug-ins pack nothing.
    fn plain(&self, at: usize) -> Result<Option<Candidate>> {
        let Some(module) = self.modules.get(at) else { return Ok(None) };
        if nothing::elsewhere(self, module).is_some() || module.is_aggregate() {
            return Ok(None);
        }
        let start = match start::of(self, at) {
            // Of a program's library, classes with a main are tools.
            Err(_) if self.is_of_a_program(at) => None,
            start => start?,
        };
        let Some(start) = start else { return Ok(None) };
        let built = artefact::class_path(module, &start.class, start.because);
        Ok(built.map(|built| Candidate { module: at, built, doubtful: true }))
    }

    /// A program of the build needs the module.
    fn is_of_a_program(&self, at: usize) -> bool {
        (0..self.modules.len()).any(|other| {
            other != at
                && module::reached(&self.modules, other).contains(&at)
                && matches!(self.packed(other), Ok(Some(_)))
        })
    }

    /// A module and those that it needs, itself first.
    fn reached(&self, at: usize) -> Vec<&Module> {
        module::reached(&self.modules, at).into_iter().filter_map(|at| self.modules.get(at)).collect()
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
                let file = code.files().find(|file| code::imports(file, row) && !row.when.is_empty())?;
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
        let filled = |name: &str| match reached.first().map(|module| &module.manifest) {
            Some(module::Manifest::Maven(maven)) => maven.property(name).map(|(value, _)| value),
            _ => None,
        };
        rows.iter()
            .find(|row| used(row, reached).is_some())
            .map(|row| config::read(self.cx, row, &dirs, &filled))
            .unwrap_or_default()
    }
}

/// The plug-in that packs stands in a parent: whether this module is a program, nobody said.
fn inherits(module: &Module) -> bool {
    module
        .plugin("spring-boot-maven-plugin")
        .is_some_and(|seen| seen.because.file.as_deref() != Some(&module.file()))
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
