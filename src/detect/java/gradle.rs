//! Gradle: which projects belong to a build, and what each comes to when the root's blocks for all projects, scripts that
//! are applied, conventions of the build's own and the catalogue of versions are put together.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::detect::{Context, join_inside};
use crate::error::{Error, Result};
use crate::knowledge::PublishedCatalogue;
use crate::manifest::gradle::value::Names;
use crate::manifest::gradle::{self, Build, Repository, Settings, What, plugin};
use crate::manifest::gradle_catalog::{self, Catalog};
use crate::manifest::java_properties;
use crate::manifest::yaml::Lined;

/// A project of a build.
#[derive(Debug, Clone, Default)]
pub(super) struct Project {
    /// Its folder.
    pub(super) dir: Utf8PathBuf,
    /// Its path: `:app`; empty for the root.
    pub(super) path: String,
    /// What it is called.
    pub(super) name: String,
    /// Its build file.
    pub(super) file: Utf8PathBuf,
    /// Everything that holds for it, with the file of the part.
    pub(super) parts: Vec<(Utf8PathBuf, Build)>,
    /// The repositories that the settings name for every project, with their file.
    pub(super) shared: Option<(Utf8PathBuf, Vec<Lined<Repository>>)>,
}

/// A catalogue beside the usual one.
#[derive(Debug, Clone)]
enum Further {
    /// A file of the repository.
    File(Catalog),
    /// One that a framework publishes, and its version.
    Published(PublishedCatalogue, Option<String>),
}

/// A build.
#[derive(Debug, Clone, Default)]
pub(super) struct Ground {
    /// The folder that Gradle runs in.
    pub(super) root: Utf8PathBuf,
    /// The projects, that of the root first.
    pub(super) projects: Vec<Project>,
    /// Everything that resolving reads; a trailing `/` is a folder.
    pub(super) manifests: Vec<Utf8PathBuf>,
    /// The catalogue.
    pub(super) catalog: Catalog,
    /// Further catalogues, by the names that build files call them.
    further: BTreeMap<String, Further>,
    /// The settings.
    pub(super) settings: Settings,
    /// The plug-ins that the build holds as code: their ids and classes.
    pub(super) own_plugins: Vec<(String, String)>,
}

const BUILD: [&str; 2] = ["build.gradle", "build.gradle.kts"];
const SETTINGS: [&str; 2] = ["settings.gradle", "settings.gradle.kts"];

/// More scripts than these are not followed.
const MOST: usize = 16;

/// Finds the build that a folder belongs to.
///
/// # Errors
/// A catalogue that cannot be understood, or a file that cannot be read.
pub(super) fn find(cx: &Context<'_>, dir: &Utf8Path) -> Result<Option<Ground>> {
    let has = |dir: &Utf8Path, names: &[&str]| {
        names.iter().map(|name| dir.join(name)).find(|path| cx.repo.has(path))
    };
    if has(dir, &BUILD).is_none() && has(dir, &SETTINGS).is_none() {
        return Ok(None);
    }
    let mut ground = Ground { root: dir.to_owned(), ..Ground::default() };
    let mut shared = None;
    for above in dir.ancestors() {
        let Some(file) = has(above, &SETTINGS) else { continue };
        let settings = gradle::settings(&cx.repo.read(&file)?.unwrap_or_default());
        let lists =
            settings.projects.iter().any(|one| join_inside(above, &one.value.1).as_deref() == Some(dir));
        if above == dir || lists {
            above.clone_into(&mut ground.root);
            shared = Some((file, settings.repositories.clone()));
            ground.settings = settings;
            break;
        }
    }
    ground.catalog = catalog(cx, &ground.root.join("gradle/libs.versions.toml"))?;
    ground.further = further(cx, &ground)?;
    ground.own_plugins = own_plugins(cx, &ground);
    projects(cx, &mut ground)?;
    ground.projects.iter_mut().for_each(|one| one.shared.clone_from(&shared));
    ground.manifests = manifests(cx, &ground);
    Ok(Some(ground))
}

fn catalog(cx: &Context<'_>, path: &Utf8Path) -> Result<Catalog> {
    let Some(text) = cx.repo.read(path)? else { return Ok(Catalog::default()) };
    gradle_catalog::read(&text).map_err(|(line, message)| Error::broken(path, line, message))
}

/// The catalogues that settings name: files, and those that the tables know.
fn further(cx: &Context<'_>, ground: &Ground) -> Result<BTreeMap<String, Further>> {
    let jvm = cx.knowledge.of(super::TABLE).jvm.as_ref();
    let mut found = BTreeMap::new();
    for (name, from) in &ground.settings.catalogs {
        let row = jvm.into_iter().flat_map(|jvm| &jvm.catalogues).find(|row| {
            from.strip_prefix(&row.module).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        });
        if let Some(row) = row {
            let version = from.rsplit(':').next().filter(|version| !version.contains('$'));
            found.insert(name.clone(), Further::Published(row.clone(), version.map(str::to_owned)));
        } else if let Some(path) = join_inside(&ground.root, from).filter(|path| cx.repo.has(path)) {
            found.insert(name.clone(), Further::File(catalog(cx, &path)?));
        }
    }
    Ok(found)
}

fn projects(cx: &Context<'_>, ground: &mut Ground) -> Result<()> {
    let name = ground.settings.name.as_ref().map(|name| name.value.clone());
    let name = name.or(ground.root.file_name().map(str::to_owned)).unwrap_or_else(|| "app".to_owned());
    let mut known = names(cx, &ground.root, &ground.catalog)?;
    let mut root = project(cx, ground, (&ground.root.clone(), "", &name), &known)?;
    for (_, part) in &root.parts {
        known.extend(part.names.clone());
    }
    let below: Vec<(Utf8PathBuf, Build)> =
        root.parts.iter_mut().filter_map(|(file, part)| Some((file.clone(), *part.below.take()?))).collect();
    let listed = ground.settings.projects.clone();
    ground.projects.push(root);
    for one in listed {
        let (path, folder) = one.value;
        let Some(dir) = join_inside(&ground.root, &folder) else { continue };
        let name = path.rsplit(':').next().unwrap_or_default().to_owned();
        let mut known = known.clone();
        known.extend(names(cx, &dir, &Catalog::default())?);
        let mut inner = project(cx, ground, (&dir, &path, &name), &known)?;
        inner.parts.extend(below.iter().cloned());
        let applied = below.iter().flat_map(|(file, build)| followed(cx, ground, &dir, file, build));
        let applied: Vec<Utf8PathBuf> = applied.collect();
        follow(cx, ground, &mut inner, applied, &known)?;
        ground.projects.push(inner);
    }
    Ok(())
}

/// What `gradle.properties` and the catalogue define.
fn names(cx: &Context<'_>, dir: &Utf8Path, catalog: &Catalog) -> Result<Names> {
    let mut names = Names::new();
    if let Some(text) = cx.repo.read(dir.join("gradle.properties"))? {
        names.extend(java_properties::parse(&text).into_iter().map(|(key, value)| (key, value.value)));
    }
    names.extend(catalog.versions.iter().map(|(key, value)| (format!("libs.versions.{key}"), value.clone())));
    Ok(names)
}

fn project(
    cx: &Context<'_>,
    ground: &Ground,
    (dir, path, name): (&Utf8Path, &str, &str),
    known: &Names,
) -> Result<Project> {
    // A project's file may have the project's own name.
    let own = format!("{name}.gradle");
    let candidates = BUILD.iter().map(|name| (*name).to_owned()).chain([format!("{own}.kts"), own]);
    let file = candidates.map(|name| dir.join(name)).find(|file| cx.repo.has(file));
    let mut project =
        Project { dir: dir.to_owned(), path: path.to_owned(), name: name.to_owned(), ..Project::default() };
    let Some(file) = file else { return Ok(project) };
    project.file.clone_from(&file);
    follow(cx, ground, &mut project, vec![file], known)?;
    Ok(project)
}

/// Adds scripts to a project, and those that they apply.
fn follow(
    cx: &Context<'_>,
    ground: &Ground,
    project: &mut Project,
    mut waiting: Vec<Utf8PathBuf>,
    known: &Names,
) -> Result<()> {
    waiting.retain(|file| project.parts.iter().all(|(there, _)| there != file));
    let mut next = 0;
    while let Some(file) = waiting.get(next).cloned().filter(|_| next < MOST) {
        next += 1;
        let Some(text) = cx.repo.read(&file)? else { continue };
        let code = matches!(file.extension(), Some("groovy" | "java" | "kt"));
        let build = if code { plugin::class(&text, known) } else { gradle::build(&text, known) };
        for more in followed(cx, ground, &project.dir, &file, &build) {
            if !waiting.contains(&more) {
                waiting.push(more);
            }
        }
        project.parts.push((file, build));
    }
    Ok(())
}

/// Scripts that a build file applies, and plug-ins that are scripts of the build's own.
fn followed(
    cx: &Context<'_>,
    ground: &Ground,
    dir: &Utf8Path,
    file: &Utf8Path,
    build: &Build,
) -> Vec<Utf8PathBuf> {
    let scripts = build.scripts.iter().filter_map(|script| applied(cx, ground, (dir, file), script));
    let plugins = build.plugins.iter().filter(|plugin| !plugin.known_only);
    let conventions = plugins.filter_map(|plugin| convention(cx, ground, &ground.plugin(&plugin.id).0));
    scripts.chain(conventions).collect()
}

/// The file that `apply from` means in a script of a project in `dir`.
pub(super) fn applied(
    cx: &Context<'_>,
    ground: &Ground,
    (dir, file): (&Utf8Path, &Utf8Path),
    script: &str,
) -> Option<Utf8PathBuf> {
    let here = file.parent().unwrap_or("".into());
    let from_root = ["$rootDir/", "${rootDir}/", "$rootProject.projectDir/", "${rootProject.projectDir}/"];
    let inner = from_root.iter().find_map(|start| script.strip_prefix(start));
    let path = match inner {
        Some(inner) => join_inside(&ground.root, inner),
        None => {
            join_inside(dir, script).filter(|path| cx.repo.has(path)).or_else(|| join_inside(here, script))
        }
    };
    path.filter(|path| cx.repo.has(path))
}

/// The file of a plug-in that the build holds itself: `buildSrc/src/main/kotlin/ID.gradle.kts`, or its class.
fn convention(cx: &Context<'_>, ground: &Ground, id: &str) -> Option<Utf8PathBuf> {
    let registered = ground.own_plugins.iter().find(|(own, _)| own == id).map(|(_, class)| class.as_str());
    let class =
        id.strip_prefix("class:").or(registered).map(|class| class.rsplit('.').next().unwrap_or(class));
    let wanted: Vec<String> = match class {
        Some(class) => ["kt", "groovy", "java"].iter().map(|ending| format!("{class}.{ending}")).collect(),
        None => vec![format!("{id}.gradle.kts"), format!("{id}.gradle")],
    };
    ground
        .logic()
        .iter()
        .flat_map(|dir| cx.repo.under(dir))
        .find(|file| file.file_name().is_some_and(|name| wanted.iter().any(|one| one == name)))
        .cloned()
}

/// The ids that code of the build is known by: its build files register them, or a file of that name has the class.
fn own_plugins(cx: &Context<'_>, ground: &Ground) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for file in ground.logic().iter().flat_map(|dir| cx.repo.under(dir)) {
        let name = file.file_name().unwrap_or_default();
        let named =
            name.strip_suffix(".properties").filter(|_| file.as_str().contains("META-INF/gradle-plugins/"));
        if !BUILD.contains(&name) && named.is_none() {
            continue;
        }
        let Some(text) = cx.repo.source(file) else { continue };
        let Some(id) = named else {
            found.extend(plugin::registered(&text));
            continue;
        };
        let pairs = java_properties::parse(&text);
        let class = java_properties::get(&pairs, "implementation-class");
        found.extend(class.map(|class| (id.to_owned(), class.value.clone())));
    }
    found
}

/// What resolving reads: build files, settings, properties, the wrapper, the catalogue, and builds that are part of this one.
fn manifests(cx: &Context<'_>, ground: &Ground) -> Vec<Utf8PathBuf> {
    let mut found: Vec<Utf8PathBuf> = Vec::new();
    let root = [
        "settings.gradle",
        "settings.gradle.kts",
        "gradle.properties",
        "gradlew",
        "gradle.lockfile",
        "settings-gradle.lockfile",
        "buildscript-gradle.lockfile",
    ];
    found.extend(root.iter().map(|name| ground.root.join(name)).filter(|path| cx.repo.has(path)));
    let built_in = ground.settings.included.iter().map(|one| one.value.as_str());
    for folder in ["gradle", "buildSrc"].into_iter().chain(built_in) {
        let Some(path) = join_inside(&ground.root, folder).filter(|path| cx.repo.has_dir(path)) else {
            continue;
        };
        found.push(format!("{path}/").into());
    }
    let catalogs = ground.settings.catalogs.iter().filter_map(|(_, from)| join_inside(&ground.root, from));
    found.extend(catalogs.filter(|path| cx.repo.has(path)));
    for project in &ground.projects {
        let own = ["gradle.properties", "gradle.lockfile"].iter().map(|name| project.dir.join(name));
        found.extend(own.filter(|path| cx.repo.has(path)));
        found.extend(project.parts.iter().map(|(file, _)| file.clone()));
    }
    let folders: Vec<String> =
        found.iter().filter(|path| path.as_str().ends_with('/')).map(ToString::to_string).collect();
    found.retain(|path| {
        path.as_str().ends_with('/')
            || !folders.iter().any(|folder| path.as_str().starts_with(folder.as_str()))
    });
    found.sort();
    found.dedup();
    found
}

impl Ground {
    /// The folders of the code that the build holds for itself.
    pub(super) fn logic(&self) -> Vec<Utf8PathBuf> {
        let included = self.settings.included.iter().map(|one| one.value.as_str());
        std::iter::once("buildSrc")
            .chain(included)
            .filter_map(|place| join_inside(&self.root, place))
            .collect()
    }

    /// The place of the project that a script of the project `from` names.
    pub(super) fn project_at(&self, from: &str, named: &str) -> Option<usize> {
        let find = |path: &str| self.projects.iter().position(|one| one.path == path);
        match named.strip_prefix(':') {
            Some("") => Some(0),
            Some(_) => find(named),
            None => find(&format!("{from}:{named}")),
        }
    }

    /// The place of the project that an accessor names: `coreApi.web` is `:core-api:web`.
    pub(super) fn accessed(&self, accessor: &str) -> Option<usize> {
        let plain = |path: &str| path.replace(['-', '_'], "").replace(':', ".").to_lowercase();
        let wanted = plain(accessor);
        let found = self.projects.iter().position(|one| plain(one.path.trim_start_matches(':')) == wanted);
        found.or_else(|| (plain(&self.projects.first()?.name) == wanted).then_some(0))
    }

    /// The id and version of a plug-in, through the catalogue.
    pub(super) fn plugin(&self, id: &str) -> (String, Option<String>) {
        let Some(alias) = id.strip_prefix("alias:") else { return (id.to_owned(), None) };
        let (name, rest) = alias.split_once('.').unwrap_or(("libs", alias));
        let key = rest.strip_prefix("plugins.").unwrap_or(rest);
        let found = match self.further.get(name) {
            Some(Further::File(catalog)) => catalog.plugins.get(key).cloned(),
            Some(Further::Published(row, version)) => {
                row.plugins.get(key).map(|id| (id.clone(), version.clone()))
            }
            None => self.catalog.plugins.get(key).cloned(),
        };
        found.unwrap_or((key.to_owned(), None))
    }

    /// The modules that a dependency names, through the catalogue.
    pub(super) fn modules(&self, what: &What) -> Vec<(String, Option<String>)> {
        match what {
            What::Module(key, version) => vec![(key.clone(), version.clone())],
            What::Alias(alias) => {
                let (name, key) = alias.split_once('.').unwrap_or(("libs", alias));
                match self.further.get(name) {
                    Some(Further::File(catalog)) => libraries(catalog, key),
                    Some(Further::Published(row, version)) => {
                        vec![(format!("{}{}", row.libraries, dashed(key)), version.clone())]
                    }
                    None => libraries(&self.catalog, alias.strip_prefix("libs.").unwrap_or(alias)),
                }
            }
            What::Project(_) | What::Other => Vec::new(),
        }
    }
}

/// What a name of a catalogue stands for: a library, or each of a bundle.
fn libraries(catalog: &Catalog, key: &str) -> Vec<(String, Option<String>)> {
    let library = |key: &str| catalog.libraries.get(key).cloned();
    match key.strip_prefix("bundles.").and_then(|key| catalog.bundles.get(key)) {
        Some(bundle) => bundle.iter().filter_map(|key| library(key)).collect(),
        None => library(key).into_iter().collect(),
    }
}

/// `server.callLogging` as the name of a module: `server-call-logging`.
fn dashed(key: &str) -> String {
    let mut name = String::new();
    for letter in key.chars() {
        match letter {
            '.' => name.push('-'),
            _ if letter.is_ascii_uppercase() => {
                name.push('-');
                name.push(letter.to_ascii_lowercase());
            }
            _ => name.push(letter),
        }
    }
    name
}
