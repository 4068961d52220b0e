//! A module that was chosen, as a project with all its facts.

use camino::{Utf8Path, Utf8PathBuf};

use super::code::Code;
use super::config::Config;
use super::module::{Manifest, Module};
use super::{Candidate, Ground, access, apart, arguments, config, module, version};
use crate::detect::{join_inside, slug};
use crate::error::Result;
use crate::facts::{
    Access, Evidence, Found, JavaFacts, JvmFrontEnd, Kind, Listen, Need, Phase, Project, Stack, Variable,
};
use crate::knowledge::Framework;
use crate::manifest::logback;

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

/// What the sources and the configuration of the program say.
#[derive(Clone, Copy)]
struct Seen<'a> {
    code: &'a Code,
    config: &'a Config,
}

/// Puts the facts together.
///
/// # Errors
/// A version file or a wrapper's settings that cannot be read.
pub(super) fn project(ground: &Ground<'_>, root: &Utf8Path, candidate: &Candidate) -> Result<Project> {
    let places = module::reached(&ground.modules, candidate.module);
    let reached = ground.reached(candidate.module);
    let (mut code, config) = (ground.code(&places), ground.config(&reached));
    code.settings =
        config::beside(ground.cx, &reached.iter().map(|module| module.dir.as_path()).collect::<Vec<_>>());
    let seen = Seen { code: &code, config: &config };
    let Some(own) = reached.first().copied() else {
        return Err(crate::error::Error::new(crate::error::ErrorKind::Nothing, "the build has no modules"));
    };
    let tool = ground.tool.facts(ground.cx, ground.jvm, &reached)?;
    let runs_on = tool.version.as_ref().and_then(|version| {
        let row = ground.jvm.tool(&tool.id)?;
        let says = format!("{} {}", row.name, version.value);
        let because = version.because.first().map(|one| Evidence { says, ..one.clone() })?;
        Some((row.runs_on(&version.value)?, because))
    });
    let mut dirs: Vec<&Utf8Path> = vec![root, &own.dir, &tool.root, Utf8Path::new("")];
    dirs.dedup();
    let versions = version::constraints(ground.cx, ground.jvm, &reached, &dirs, runs_on)?;
    let framework = ground.framework(&reached, &code);
    let listen = listening(ground, (own, seen), framework.as_ref().map(|(row, because)| (*row, because)));
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
    let (others, kept) = apart::others(ground, candidate.module);
    let mut facts = JavaFacts {
        module_root: own.dir.clone(),
        module,
        modules: ground.modules.iter().map(|module| module.dir.clone()).collect(),
        others,
        named_like_built: named_like_built(ground),
        framework: framework.as_ref().map(|(row, because)| Found::new(row.id.clone(), because.clone())),
        artefact: Some(candidate.built.artefact.clone()),
        args: Vec::new(),
        jvm_args: candidate.built.jvm_args.clone(),
        keeps_tests: keeps_tests(&ground.modules),
        toolchain: None,
        front_end: front_end(ground, &reached),
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
        access: Access::default(),
        notes: ground
            .tool
            .note()
            .cloned()
            .into_iter()
            .chain(seen.config.notes.iter().cloned())
            .chain(kept)
            .collect(),
    };
    environment(seen, framework.as_ref().map(|(row, _)| *row), &mut project);
    let dirs: Vec<&Utf8Path> = reached.iter().map(|module| module.dir.as_path()).collect();
    writes(ground, seen, &dirs, &mut project);
    reads(ground, seen, &mut project);
    let words = framework
        .as_ref()
        .and_then(|(row, because)| arguments::of(ground.cx, row, because, (root, &own.dir)));
    if let Some(words) = words {
        words.fill(&mut project);
        facts.args = words.args;
    }
    home(seen, &mut facts, &mut project);
    access::fill(ground.cx, &facts.tool, &reached, &mut project)?;
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
    (own, seen): (&Module, Seen<'_>),
    framework: Option<(&Framework, &Evidence)>,
) -> Vec<Found<Listen>> {
    let mut found: Vec<Found<Listen>> = Vec::new();
    if let Some((row, because)) = framework {
        found.extend(row.port_key.as_deref().and_then(|key| seen.config.port(key, row)));
        if found.is_empty() {
            found.extend(seen.code.listens(row));
        }
        // What a configuration that cannot be read sets is not known: no port is better than a wrong one.
        let unread = seen.config.elsewhere.is_some()
            || seen.config.notes.iter().any(|note| note.code == config::UNREADABLE);
        if found.is_empty() {
            found.extend(ground.published(row, own));
        }
        if found.is_empty() && !unread {
            found.extend(row.port.map(|port| by_itself(row, port, because)));
        }
    }
    if found.is_empty() {
        let rows = &ground.cx.knowledge.of(super::TABLE).frameworks;
        found.extend(
            rows.iter().map(|row| seen.code.listens(row)).find(|all| !all.is_empty()).into_iter().flatten(),
        );
    }
    let management = ["management.server.port", "quarkus.management.port", "server.adminConnectors[0].port"];
    if let Some((row, _)) = framework.filter(|_| !found.is_empty()) {
        let more = management.iter().filter_map(|key| seen.config.port(key, row));
        let more: Vec<Found<Listen>> =
            more.filter(|one| found.iter().all(|known| known.value.port != one.value.port)).collect();
        found.extend(more);
    }
    found
}

impl Ground<'_> {
    /// The port that a pom.xml publishes of the image that its own plug-in makes, where a program can be told it.
    fn published(&self, row: &Framework, own: &Module) -> Option<Found<Listen>> {
        let Manifest::Maven(maven) = &own.manifest else { return None };
        let (value, because) = self.jvm.port_properties.iter().find_map(|name| maven.property(name))?;
        let port = value.parse().ok().filter(|port| *port != 0)?;
        let variable = row.port_variable.clone()?;
        Some(Found::new(Listen { port, variable: Some(variable), must_set: true }, because))
    }
}

fn by_itself(row: &Framework, port: u16, because: &Evidence) -> Found<Listen> {
    let says = format!("{} listens on {port} where nothing says otherwise", row.name);
    let value = Listen { port, variable: row.port_variable.clone(), must_set: false };
    Found::new(value, Evidence { says, ..because.clone() })
}

/// A package may be called `build` or `target`, too.
fn named_like_built(ground: &Ground<'_>) -> bool {
    let like = |path: &Utf8PathBuf| {
        path.as_str()
            .split("src/")
            .nth(1)
            .is_some_and(|inner| inner.contains("/build/") || inner.contains("/target/"))
    };
    ground
        .cx
        .repo
        .files()
        .iter()
        .any(|path| path.extension().is_some_and(|ending| matches!(ending, "java" | "kt")) && like(path))
}

/// A plug-in of the build that makes a front end.
fn front_end(ground: &Ground<'_>, reached: &[&Module]) -> Option<Found<JvmFrontEnd>> {
    ground.jvm.front_ends.iter().find_map(|row| {
        reached.iter().find_map(|module| {
            let Manifest::Maven(maven) = &module.manifest else { return None };
            let settings = maven.plugin(&row.plugin);
            let (path, first) = *settings.first()?;
            let folder = settings
                .iter()
                .find_map(|(_, plugin)| plugin.told(&[row.folder.as_str()]))
                .map(|one| maven.fill(&one.text));
            let root = join_inside(&module.dir, folder.as_deref().unwrap_or("."))?;
            let runs = |goal: &str| settings.iter().any(|(_, plugin)| plugin.runs(goal));
            let skip =
                row.skips.iter().filter(|(goal, _)| runs(goal)).map(|(_, word)| word.clone()).collect();
            let says = format!("{} of {}", row.plugin, path.file_name().unwrap_or("pom.xml"));
            Some(Found::new(JvmFrontEnd { root, skip }, Evidence::line(path, first.line, says)))
        })
    })
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

/// Where the home of the user that runs the program is moved to.
const HOME: &str = "/data";

/// What a program keeps in the home of its user belongs into a volume: the user of an image has no home to write to.
fn home(seen: Seen<'_>, facts: &mut JavaFacts, project: &mut Project) {
    let code = || {
        seen.code.files().find_map(|file| {
            let read = file.names.values().any(|hint| hint.texts.iter().any(|text| text == "user.home"));
            read.then(|| {
                Evidence::file(
                    &file.path,
                    format!("user.home in {}", file.path.file_name().unwrap_or_default()),
                )
            })
        })
    };
    let Some(because) = seen.config.home().or_else(code) else { return };
    facts.jvm_args.push(Found::new(format!("-Duser.home={HOME}"), because.clone()));
    let says = format!("the home of the user is written to: {}", because.says);
    project.writes.push(Found::new(Utf8PathBuf::from(HOME), Evidence { says, ..because }));
}

fn environment(seen: Seen<'_>, framework: Option<&Framework>, project: &mut Project) {
    let key = framework.and_then(|row| row.port_key.as_deref());
    let mut found: Vec<Found<Variable>> = seen.config.required(key);
    found.extend(seen.code.required());
    let port = project.listen.first().and_then(|listen| listen.value.variable.clone());
    found.retain(|one| Some(&one.value.name) != port.as_ref());
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|one| seen.insert(one.value.name.clone()));
    project.env = found;
}

fn writes(ground: &Ground<'_>, seen: Seen<'_>, dirs: &[&Utf8Path], project: &mut Project) {
    let detector = ground.cx.knowledge.of(super::TABLE);
    let mut found = seen.config.writes();
    found.extend(
        seen.code
            .paths(|call| detector.writing.get(call).copied())
            .into_iter()
            .filter(|path| sensible(&path.value)),
    );
    for file in seen.code.files() {
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
    found.extend(logs(ground, dirs));
    for one in found {
        let value = Utf8PathBuf::from(one.value.as_str().trim_start_matches("./"));
        if project.writes.iter().all(|known| known.value != value) && !value.as_str().is_empty() {
            project.writes.push(Found { value, because: one.because });
        }
    }
}

/// Files of the repository that the program opens from where it is started.
fn reads(ground: &Ground<'_>, seen: Seen<'_>, project: &mut Project) {
    let detector = ground.cx.knowledge.of(super::TABLE);
    for one in seen.code.paths(|call| detector.reading.get(call).copied()) {
        let value = Utf8PathBuf::from(one.value.as_str().trim_start_matches("./"));
        let here = sensible(&value)
            && join_inside(&project.root, value.as_str()).is_some_and(|path| ground.cx.repo.has(path));
        let known = project.reads.iter().any(|known| known.value == value);
        if here && !known && project.writes.iter().all(|written| written.value != value) {
            project.reads.push(Found { value, because: one.because });
        }
    }
}

/// The files that the configuration of the log names.
fn logs(ground: &Ground<'_>, dirs: &[&Utf8Path]) -> Vec<Found<Utf8PathBuf>> {
    let mut found = Vec::new();
    for dir in dirs {
        for name in ["logback-spring.xml", "logback.xml"] {
            let path = dir.join("src/main/resources").join(name);
            let Some(text) = ground.cx.repo.source(&path) else { continue };
            for file in logback::files(&text) {
                let because = Evidence::line(&path, file.line, format!("an appender of {name}"));
                found.push(Found::new(Utf8PathBuf::from(file.value), because));
            }
            break;
        }
    }
    found.retain(|file| !file.value.as_str().contains(['{', '~']));
    found
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
