//! A module that was chosen, as a project with all its facts.

use camino::{Utf8Path, Utf8PathBuf};

use super::module::{Manifest, Module};
use super::{Candidate, Ground, config, module, version};
use crate::detect::slug;
use crate::error::Result;
use crate::facts::{Evidence, Found, JavaFacts, Kind, Listen, Need, Phase, Project, Stack, Variable};
use crate::knowledge::Framework;

impl Ground<'_> {
    /// Kotlin where its plug-in compiles the module's own sources.
    pub(super) fn language(&self, module: &Module) -> String {
        let main = module.dir.join("src/main/kotlin");
        let kotlin = self.cx.repo.has_dir(&main)
            || self.cx.repo.under(&module.dir.join("src")).any(|path| path.extension() == Some("kt"));
        let java = self.cx.repo.has_dir(module.dir.join("src/main/java"));
        if kotlin && !java { "kotlin".to_owned() } else { super::TABLE.to_owned() }
    }
}

/// Puts the facts together.
///
/// # Errors
/// A version file or a wrapper's settings that cannot be read.
pub(super) fn project(ground: &Ground<'_>, root: &Utf8Path, candidate: &Candidate) -> Result<Project> {
    let reached = module::reached(&ground.modules, candidate.module);
    let Some(own) = reached.first().copied() else {
        return Err(crate::error::Error::new(crate::error::ErrorKind::Nothing, "the build has no modules"));
    };
    let tool = ground.tool.facts(ground.cx, ground.jvm, &reached)?;
    let runs_on =
        tool.version.as_ref().and_then(|version| ground.jvm.tool(&tool.id)?.runs_on(&version.value));
    let mut dirs: Vec<&Utf8Path> = vec![root, &own.dir, &tool.root, Utf8Path::new("")];
    dirs.dedup();
    let versions =
        version::constraints(ground.cx, ground.jvm, &reached, &dirs, runs_on.map(|row| row.oldest))?;
    let framework = ground.framework(&reached, &candidate.code);
    let listen = listening(ground, candidate, framework.as_ref().map(|(row, because)| (*row, because)));
    let module = (!own.path.is_empty())
        .then(|| Found::new(own.path.clone(), Evidence::file(&own.file(), own.file().as_str())));
    let mut goals = candidate.built.goals.clone();
    if tool.id == "gradle" {
        goals = goals
            .iter()
            .map(|task| format!("{}:{task}", own.path))
            .map(|task| if own.path.is_empty() { task.trim_start_matches(':').to_owned() } else { task })
            .collect();
    }
    let facts = JavaFacts {
        module_root: own.dir.clone(),
        module,
        modules: ground.modules.iter().map(|module| module.dir.clone()).collect(),
        framework: framework.as_ref().map(|(row, because)| Found::new(row.id.clone(), because.clone())),
        artefact: Some(candidate.built.artefact.clone()),
        args: Vec::new(),
        jvm_args: candidate.built.jvm_args.clone(),
        keeps_tests: keeps_tests(&ground.modules),
        toolchain: None,
        front_end: None,
        tool: crate::facts::JvmTool { goals, ..tool },
    };
    let mut project = Project {
        root: root.to_owned(),
        name: slug(&own.name),
        language: ground.language(own),
        kind: kind(&listen, candidate),
        versions,
        stack: Stack::Java(Box::default()),
        listen,
        env: Vec::new(),
        reads: Vec::new(),
        writes: Vec::new(),
        needs: needs(ground, &reached),
        notes: ground
            .tool
            .note()
            .cloned()
            .into_iter()
            .chain(candidate.config.notes.iter().cloned())
            .collect(),
    };
    environment(candidate, framework.as_ref().map(|(row, _)| *row), &mut project);
    writes(ground, candidate, &mut project);
    project.stack = Stack::Java(Box::new(facts));
    Ok(project)
}

fn kind(listen: &[Found<Listen>], candidate: &Candidate) -> Found<Kind> {
    match listen.first() {
        Some(listen) => Found { value: Kind::Web, because: listen.because.clone() },
        None => Found { value: Kind::Worker, because: candidate.built.artefact.because.clone() },
    }
}

/// The port: what the sources open, what the configuration sets, what the framework listens on by itself.
fn listening(
    ground: &Ground<'_>,
    candidate: &Candidate,
    framework: Option<(&Framework, &Evidence)>,
) -> Vec<Found<Listen>> {
    let mut found: Vec<Found<Listen>> = Vec::new();
    if let Some((row, because)) = framework {
        found.extend(row.port_key.as_deref().and_then(|key| candidate.config.port(key, row)));
        if found.is_empty() {
            found.extend(candidate.code.listens(row));
        }
        if found.is_empty() {
            found.extend(row.port.map(|port| by_itself(row, port, because)));
        }
    }
    if found.is_empty() {
        let rows = &ground.cx.knowledge.of(super::TABLE).frameworks;
        found.extend(
            rows.iter()
                .map(|row| candidate.code.listens(row))
                .find(|all| !all.is_empty())
                .into_iter()
                .flatten(),
        );
    }
    let management = ["management.server.port", "quarkus.management.port", "server.adminConnectors[0].port"];
    if let Some((row, _)) = framework.filter(|_| !found.is_empty()) {
        let more = management.iter().filter_map(|key| candidate.config.port(key, row));
        let more: Vec<Found<Listen>> =
            more.filter(|one| found.iter().all(|known| known.value.port != one.value.port)).collect();
        found.extend(more);
    }
    found
}

fn by_itself(row: &Framework, port: u16, because: &Evidence) -> Found<Listen> {
    let says = format!("{} listens on {port} where nothing says otherwise", row.name);
    let value = Listen { port, variable: row.port_variable.clone(), must_set: false };
    Found::new(value, Evidence { says, ..because.clone() })
}

/// Modules whose tests others use have to compile them.
fn keeps_tests(modules: &[Module]) -> Option<Found<()>> {
    modules.iter().find_map(|module| {
        let Manifest::Maven(maven) = &module.manifest else { return None };
        let (path, one) = maven.dependencies().find(|(_, one)| one.kind.as_deref() == Some("test-jar"))?;
        Some(Found::new(
            (),
            Evidence::line(
                path,
                one.line,
                format!("a test-jar of {}", path.file_name().unwrap_or("pom.xml")),
            ),
        ))
    })
}

fn environment(candidate: &Candidate, framework: Option<&Framework>, project: &mut Project) {
    let key = framework.and_then(|row| row.port_key.as_deref());
    let mut found: Vec<Found<Variable>> = candidate.config.required(key);
    found.extend(candidate.code.required());
    let port = project.listen.first().and_then(|listen| listen.value.variable.clone());
    found.retain(|one| Some(&one.value.name) != port.as_ref());
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|one| seen.insert(one.value.name.clone()));
    project.env = found;
}

fn writes(ground: &Ground<'_>, candidate: &Candidate, project: &mut Project) {
    let detector = ground.cx.knowledge.of(super::TABLE);
    let mut found = candidate.config.writes();
    found.extend(
        candidate
            .code
            .paths(|call| detector.writing.get(call).copied())
            .into_iter()
            .filter(|path| sensible(&path.value)),
    );
    for file in &candidate.code.files {
        for (hint, name) in file.names.iter().map(|(name, hint)| (hint, name)) {
            for path in hint
                .texts
                .iter()
                .filter_map(|text| config::database(text))
                .filter(|path| !path.contains(['$', '%', '{', '~']))
            {
                let says = format!("{name} in {}", file.path.file_name().unwrap_or_default());
                found.push(Found::new(Utf8PathBuf::from(path), Evidence::file(&file.path, says)));
            }
        }
    }
    for one in found {
        let value = Utf8PathBuf::from(one.value.as_str().trim_start_matches("./"));
        if project.writes.iter().all(|known| known.value != value) && !value.as_str().is_empty() {
            project.writes.push(Found { value, because: one.because });
        }
    }
}

/// A path that a program of a container writes: a plain one, and not where builds put things.
fn sensible(path: &Utf8Path) -> bool {
    let text = path.as_str();
    let plain = !text.is_empty()
        && !text.contains(['$', '%', '{', '~', '\\', ':', ' ', '*'])
        && !text.starts_with("src/")
        && text != "."
        && text != "/";
    let built = ["target", "build"].iter().any(|folder| path.starts_with(folder));
    plain && !built && !path.starts_with("/tmp")
}

/// What packages need of the system.
fn needs(ground: &Ground<'_>, reached: &[&Module]) -> Vec<Found<Need>> {
    let mut found: Vec<Found<Need>> = Vec::new();
    for row in &ground.cx.knowledge.of(super::TABLE).packages {
        let seen = reached
            .iter()
            .flat_map(|module| &module.dependencies)
            .find(|seen| module::names(&row.name, &seen.key));
        let Some(seen) = seen else { continue };
        let says = format!("{} {}", seen.key, row.because);
        for (phase, capabilities) in [(Phase::Build, &row.build), (Phase::Run, &row.run)] {
            for capability in capabilities {
                let value = Need { capability: capability.clone(), phase };
                found.push(Found::new(value, Evidence { says: says.clone(), ..seen.because.clone() }));
            }
        }
    }
    found
}

impl Module {
    /// A pom that only gathers others.
    pub(super) fn is_aggregate(&self) -> bool {
        self.packaging().is_some_and(|(packaging, _)| packaging == "pom")
    }

    /// What Maven packs it as, and where that is said.
    pub(super) fn packaging(&self) -> Option<(String, Evidence)> {
        match &self.manifest {
            Manifest::Maven(maven) => {
                let line = maven.pom().packaging.as_ref().map(|packaging| packaging.line);
                let because = Evidence {
                    says: "the packaging of pom.xml".to_owned(),
                    file: Some(maven.path().to_owned()),
                    line,
                };
                Some((maven.packaging(), because))
            }
            Manifest::Gradle(_) => None,
        }
    }

    /// Its manifest's path.
    pub(super) fn file(&self) -> Utf8PathBuf {
        match &self.manifest {
            Manifest::Maven(maven) => maven.path().to_owned(),
            Manifest::Gradle(gradle) if gradle.file.as_str().is_empty() => self.dir.join("settings.gradle"),
            Manifest::Gradle(gradle) => gradle.file.clone(),
        }
    }
}
