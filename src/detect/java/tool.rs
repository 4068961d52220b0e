//! Maven or Gradle: where both can build, what the repository itself uses decides; and what the tool is run with.

use camino::{Utf8Path, Utf8PathBuf};

use super::module::{Manifest, Module, of_gradle, of_maven};
use super::{gradle, maven};
use crate::detect::Context;
use crate::error::Result;
use crate::facts::{Evidence, Found, JvmTool, Note};
use crate::knowledge::Jvm;
use crate::manifest::java_properties;

/// The tool that was picked.
pub(super) enum Picked {
    /// Maven.
    Maven(maven::Reactor, Option<Note>),
    /// Gradle.
    Gradle(Box<gradle::Ground>, Option<Note>),
}

/// Finds what builds the folder.
///
/// # Errors
/// A manifest that cannot be understood.
pub(super) fn pick(cx: &Context<'_>, root: &Utf8Path) -> Result<Option<Picked>> {
    let gradle = gradle::find(cx, root)?;
    let Some(maven) = maven::find(cx, root)? else {
        return Ok(gradle.map(|gradle| Picked::Gradle(Box::new(gradle), None)));
    };
    let Some(gradle) = gradle else { return Ok(Some(Picked::Maven(maven, None))) };
    let signs = [signs(cx, &maven.root, true), signs(cx, &gradle.root, false)];
    let [by_maven, by_gradle] = &signs;
    let (taken, other, because) = if by_gradle.len() > by_maven.len() {
        ("Gradle", "pom.xml", by_gradle)
    } else {
        ("Maven", "the Gradle build", by_maven)
    };
    let why = because
        .first()
        .map_or_else(|| "its build needs no further download".to_owned(), |first| first.says.clone());
    let note = Note {
        code: "two-build-tools".to_owned(),
        text: format!("{taken} builds this image ({why}); {other} is left alone"),
        because: because.clone(),
    };
    Ok(Some(if taken == "Gradle" {
        Picked::Gradle(Box::new(gradle), Some(note))
    } else {
        Picked::Maven(maven, Some(note))
    }))
}

/// What a repository uses a tool for: its wrapper, its Procfile, its workflows.
fn signs(cx: &Context<'_>, root: &Utf8Path, maven: bool) -> Vec<Evidence> {
    let mut found = Vec::new();
    let (wrapper, words): (&str, &[&str]) = if maven {
        ("mvnw", &["mvnw ", "mvn ", "target/"])
    } else {
        ("gradlew", &["gradlew ", "gradle ", "build/libs", "build/install"])
    };
    let path = root.join(wrapper);
    if cx.repo.has(&path) {
        found.push(Evidence::file(&path, format!("the wrapper {wrapper}")));
    }
    let procfile = root.join("Procfile");
    let workflows = cx.repo.under(".github/workflows".into()).cloned();
    for file in std::iter::once(procfile).chain(workflows) {
        let Some(text) = cx.repo.source(&file) else { continue };
        if let Some(line) = words.iter().find_map(|word| crate::manifest::line_of(&text, word)) {
            found.push(Evidence::line(
                &file,
                line,
                format!("{} uses it", file.file_name().unwrap_or_default()),
            ));
        }
    }
    found
}

impl Picked {
    /// The modules of the build.
    pub(super) fn modules(&self) -> Vec<Module> {
        match self {
            Self::Maven(reactor, _) => of_maven(reactor),
            Self::Gradle(ground, _) => of_gradle(ground),
        }
    }

    /// Why this tool, where there are two.
    pub(super) fn note(&self) -> Option<&Note> {
        match self {
            Self::Maven(_, note) | Self::Gradle(_, note) => note.as_ref(),
        }
    }

    /// The facts of the tool for a program whose modules are `reached`.
    ///
    /// # Errors
    /// A wrapper's settings that cannot be read.
    pub(super) fn facts(&self, cx: &Context<'_>, jvm: &Jvm, reached: &[&Module]) -> Result<JvmTool> {
        match self {
            Self::Maven(reactor, _) => of_reactor(cx, jvm, reactor, reached),
            Self::Gradle(ground, _) => of_ground(cx, ground),
        }
    }
}

/// The version in the address of a distribution: `.../apache-maven-3.9.11-bin.zip`, `.../gradle-8.5-bin.zip`.
fn wrapped(cx: &Context<'_>, path: &Utf8Path) -> Result<Option<Found<String>>> {
    let Some(text) = cx.repo.read(path)? else { return Ok(None) };
    let pairs = java_properties::parse(&text);
    let Some(url) = java_properties::get(&pairs, "distributionUrl") else { return Ok(None) };
    let name = url.value.rsplit('/').next().unwrap_or_default();
    let version = name.split('-').find(|part| part.starts_with(|first: char| first.is_ascii_digit()));
    let says = "the wrapper's distributionUrl".to_owned();
    Ok(version.map(|version| Found::new(version.to_owned(), Evidence::line(path, url.line, says))))
}

fn of_reactor(cx: &Context<'_>, jvm: &Jvm, reactor: &maven::Reactor, reached: &[&Module]) -> Result<JvmTool> {
    let root = &reactor.root;
    let mut manifests: Vec<Utf8PathBuf> = reactor.poms.iter().cloned().collect();
    let version = wrapped(cx, &root.join(".mvn/wrapper/maven-wrapper.properties"))?;
    // Images bring the tool of the third line; another one comes by its wrapper.
    let wrapper = version.as_ref().is_some_and(|version| !version.value.starts_with("3."));
    let settings: Vec<&Utf8PathBuf> = cx
        .repo
        .under(&root.join(".mvn"))
        .filter(|path| wrapper || !path.as_str().contains(".mvn/wrapper/"))
        .collect();
    manifests.extend(settings.into_iter().cloned());
    manifests.extend(Some(root.join("mvnw")).filter(|path| wrapper && cx.repo.has(path)));
    let mut tool = JvmTool {
        id: "maven".to_owned(),
        root: root.clone(),
        version,
        wrapper: cx.repo.has(root.join("mvnw"))
            && cx.repo.has(root.join(".mvn/wrapper/maven-wrapper.properties")),
        resolves: true,
        ..JvmTool::default()
    };
    tool.flags.extend(reactor.profile.clone().map(|profile| profile.map(|id| format!("-P{id}"))));
    for module in reached {
        let Manifest::Maven(maven) = &module.manifest else { continue };
        for (path, plugin) in maven.plugins() {
            let skip = jvm.skips.iter().find(|skip| {
                skip.plugin == plugin.key || plugin.key.rsplit(':').next() == Some(&skip.plugin)
            });
            if let Some(skip) = skip.filter(|skip| tool.flags.iter().all(|flag| flag.value != skip.flag)) {
                let artifact = plugin.key.rsplit(':').next().unwrap_or_default();
                let says = format!("{artifact} {}", skip.because);
                tool.flags.push(Found::new(skip.flag.clone(), Evidence::line(path, plugin.line, says)));
            }
        }
        local_files(cx, maven, &mut manifests);
    }
    manifests.sort();
    manifests.dedup();
    tool.manifests = manifests;
    Ok(tool)
}

/// Repositories and jars that lie in the repository itself are read by resolving, too.
fn local_files(cx: &Context<'_>, maven: &maven::Module, manifests: &mut Vec<Utf8PathBuf>) {
    let dirs = [maven.dir.as_path(), "".into()];
    let folders = maven.repositories().filter_map(|(_, (_, url))| url.value.strip_prefix("file:"));
    let jars = maven.dependencies().filter_map(|(_, one)| one.system_path.as_deref());
    for path in folders.chain(jars) {
        let inner = path
            .trim_start_matches('/')
            .trim_start_matches("${project.basedir}")
            .trim_start_matches("${basedir}");
        let inner = maven.fill(inner);
        for found in dirs.iter().filter_map(|dir| crate::detect::join_inside(dir, inner.trim_matches('/'))) {
            if cx.repo.has(&found) {
                manifests.push(found);
            } else if cx.repo.has_dir(&found) && !found.as_str().is_empty() && found != maven.dir {
                manifests.push(format!("{found}/").into());
            }
        }
    }
}

fn of_ground(cx: &Context<'_>, ground: &gradle::Ground) -> Result<JvmTool> {
    let root = &ground.root;
    let version = wrapped(cx, &root.join("gradle/wrapper/gradle-wrapper.properties"))?;
    let tool = JvmTool {
        id: "gradle".to_owned(),
        root: root.clone(),
        version,
        wrapper: cx.repo.has(root.join("gradlew"))
            && cx.repo.has(root.join("gradle/wrapper/gradle-wrapper.jar")),
        manifests: ground.manifests.clone(),
        resolves: true,
        ..JvmTool::default()
    };
    Ok(tool)
}
