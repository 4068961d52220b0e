//! What a module's build makes, and in which form: the jar of a framework, a jar of everything, a folder, a class path.

use super::maven;
use super::module::{Manifest, Module, Seen, names};
use crate::facts::{Artefact, Evidence, Form, Found};
use crate::knowledge::Jvm;
use crate::manifest::gradle::{Archive, Build};
use crate::manifest::maven_pom::Plugin;
use crate::manifest::xml::Element;

/// What is built, and the goals or tasks that build it.
#[derive(Debug, Clone)]
pub(super) struct Built {
    /// What it is.
    pub(super) artefact: Found<Artefact>,
    /// The goals or tasks.
    pub(super) goals: Vec<String>,
    /// It is one only where a class has a main.
    pub(super) needs_main: bool,
    /// Flags that the start script of the build's own gives the JVM.
    pub(super) jvm_args: Vec<Found<String>>,
}

impl Built {
    fn new(made: String, form: Form, main_class: Option<String>, goals: &[&str], because: Evidence) -> Self {
        let needs_main = main_class.as_deref() == Some("");
        let artefact = Found::new(Artefact { made, form, main_class }, because);
        let goals = goals.iter().map(|goal| (*goal).to_owned()).collect();
        Self { artefact, goals, needs_main, jvm_args: Vec::new() }
    }

    /// A library that inherits the plug-in is no program.
    fn with_main(self) -> Self {
        Self { needs_main: true, ..self }
    }
}

/// A setting of the framework's own that changes what is packed: `uber-jar`.
pub(super) type Packed<'a> = Option<&'a str>;

/// What a module's plug-ins say that it makes; none where they say nothing, and a class with a main is all there may be.
pub(super) fn by_plugins(jvm: &Jvm, module: &Module, boot: Option<&str>, packed: Packed) -> Option<Built> {
    match &module.manifest {
        Manifest::Maven(maven) => of_maven(jvm, module, maven, boot, packed),
        Manifest::Gradle(gradle) => {
            let parts: Vec<&Build> = gradle.parts.iter().map(|(_, part)| part).collect();
            of_gradle(jvm, module, &parts, boot, packed)
        }
    }
}

const BOOT: &str = "spring-boot-maven-plugin";

fn of_maven(
    jvm: &Jvm,
    module: &Module,
    maven: &maven::Module,
    boot: Option<&str>,
    packed: Packed,
) -> Option<Built> {
    let packaging = maven.packaging();
    if packaging == "pom" {
        return None;
    }
    let usual = maven.file_name(None);
    if let Some(seen) = module.plugin(BOOT) {
        return Some(boot_maven(module, maven, seen, &packaging, boot));
    }
    if let Some(seen) = module.plugin("quarkus-maven-plugin") {
        let runner = format!("target/{usual}-runner.jar");
        return Some(quarkus("target/quarkus-app", &runner, packed, &["package"], seen.because.clone()));
    }
    shaded(module, maven, &usual)
        .or_else(|| assembled(module, maven, &usual))
        .or_else(|| table(jvm, module, "target", &usual, &["package"]))
        .or_else(|| beside(module, maven, &usual))
}

/// Spring Boot's plug-in packs again what Maven packed; without its own parent, somebody has to ask it to.
fn boot_maven(
    module: &Module,
    maven: &maven::Module,
    seen: &Seen,
    packaging: &str,
    boot: Option<&str>,
) -> Built {
    let settings = maven.settings_of(BOOT);
    let told = |path: &[&str]| settings.iter().find_map(|(_, plugin)| plugin.told(path));
    let repackages = module.plugin("spring-boot-starter-parent").is_some()
        || settings.iter().any(|(_, plugin)| plugin.runs("repackage"));
    let mut name = maven.file_name(told(&["finalName"]).map(|name| name.text.as_str()));
    if let Some(classifier) = told(&["classifier"]) {
        name = format!("{name}-{}", maven.fill(&classifier.text));
    }
    let ending = if packaging == "war" { "war" } else { "jar" };
    let layered = told(&["layers", "enabled"]).is_none_or(|one| one.text != "false") && ending == "jar";
    let form = boot.filter(|_| layered).map_or(Form::Jar, |version| Form::Layers(version.to_owned()));
    let goals: &[&str] = if repackages { &["package"] } else { &["package", "spring-boot:repackage"] };
    Built::new(format!("target/{name}.{ending}"), form, None, goals, seen.because.clone()).with_main()
}

/// Quarkus lays out a folder, unless a setting asks for one jar.
fn quarkus(folder: &str, runner: &str, packed: Packed, goals: &[&str], because: Evidence) -> Built {
    match packed {
        Some("uber-jar") => Built::new(runner.to_owned(), Form::Jar, None, goals, because),
        Some("legacy-jar") => {
            Built::new(runner.to_owned(), Form::JarAndFolder("lib".to_owned()), None, goals, because)
        }
        _ => {
            let parts = ["lib", "quarkus-run.jar", "app", "quarkus"].map(str::to_owned).to_vec();
            Built::new(
                folder.to_owned(),
                Form::Folder(parts, "quarkus-run.jar".to_owned()),
                None,
                goals,
                because,
            )
        }
    }
}

/// The main class that a packing plug-in writes into the manifest.
fn manifest_main(plugins: &[(&camino::Utf8Path, &Plugin)]) -> Option<String> {
    let own = |config: &Element| {
        let all = config.all();
        let found =
            all.iter().find(|one| matches!(one.name.as_str(), "mainClass" | "Main-Class" | "manifestEntry"));
        found.map(|one| one.text.clone()).filter(|text| !text.is_empty())
    };
    plugins.iter().flat_map(|(_, plugin)| plugin.configs()).find_map(own)
}

fn shaded(module: &Module, maven: &maven::Module, usual: &str) -> Option<Built> {
    let key = "maven-shade-plugin";
    let seen = module.plugin(key)?;
    let settings = maven.plugin(key);
    if !settings.iter().any(|(_, plugin)| plugin.runs("shade")) {
        return None;
    }
    let told = |name: &str| {
        settings.iter().find_map(|(_, plugin)| plugin.told(&[name])).map(|one| one.text.as_str())
    };
    let mut name = told("finalName").map_or_else(|| usual.to_owned(), |name| maven.file_name(Some(name)));
    if told("shadedArtifactAttached") == Some("true") {
        let classifier = told("shadedClassifierName").unwrap_or("shaded");
        name = format!("{name}-{}", maven.fill(classifier));
    }
    let made = match told("outputFile") {
        Some(file) => maven.file_name(Some(file)).trim_start_matches("./").to_owned(),
        None => format!("target/{name}.jar"),
    };
    let main = manifest_main(&settings)
        .or_else(|| manifest_main(&maven.plugin("maven-jar-plugin")))
        .map(|main| maven.fill(&main));
    Some(named(made, main.as_ref(), &["package"], seen.because.clone()))
}

/// A jar whose manifest names its main class is started as it is: what the class is called does not matter then.
fn named(made: String, main: Option<&String>, goals: &[&str], because: Evidence) -> Built {
    let mut built = Built::new(made, Form::Jar, None, goals, because);
    built.needs_main = main.is_none();
    built.artefact.value.main_class = built.needs_main.then(String::new);
    built
}

fn assembled(module: &Module, maven: &maven::Module, usual: &str) -> Option<Built> {
    let key = "maven-assembly-plugin";
    let seen = module.plugin(key)?;
    let settings = maven.plugin(key);
    let all = || settings.iter().flat_map(|(_, plugin)| plugin.configs()).flat_map(Element::all);
    let together = all().any(|one| one.text == "jar-with-dependencies");
    if !together {
        return None;
    }
    let text = |name: &str| all().find(|one| one.name == name).map(|one| one.text.clone());
    let name = text("finalName").map_or_else(|| usual.to_owned(), |name| maven.file_name(Some(&name)));
    let id = if text("appendAssemblyId").as_deref() == Some("false") { "" } else { "-jar-with-dependencies" };
    let bound = settings
        .iter()
        .any(|(_, plugin)| plugin.executions.iter().any(|one| one.phase.is_some() && !one.goals.is_empty()));
    let goals: &[&str] = if bound { &["package"] } else { &["package", "assembly:single"] };
    let main = manifest_main(&settings).map(|main| maven.fill(&main));
    Some(named(format!("target/{name}{id}.jar"), main.as_ref(), goals, seen.because.clone()))
}

/// Rows of the table: parents and plug-ins that need no settings.
fn table(jvm: &Jvm, module: &Module, folder: &str, usual: &str, goals: &[&str]) -> Option<Built> {
    jvm.fat.iter().find_map(|row| {
        let seen = module
            .plugins
            .iter()
            .find(|seen| names(&row.when, &seen.key) || seen.key.rsplit(':').next() == Some(&row.when))?;
        let made = format!("{folder}/{}", row.file.replace("{name}", usual));
        let form = row.folder.clone().map_or(Form::Jar, Form::JarAndFolder);
        let goals: Vec<&str> = row.task.as_deref().map_or(goals.to_vec(), |task| vec![task]);
        Some(Built::new(made, form, None, &goals, seen.because.clone()))
    })
}

/// A jar whose manifest names the jars in a folder beside it.
fn beside(module: &Module, maven: &maven::Module, usual: &str) -> Option<Built> {
    let jar = maven.plugin("maven-jar-plugin");
    let all = || jar.iter().flat_map(|(_, plugin)| plugin.configs()).flat_map(Element::all);
    all().find(|one| one.name == "addClasspath" && one.text == "true")?;
    let copies = maven.plugin("maven-dependency-plugin");
    copies.iter().find(|(_, plugin)| plugin.runs("copy-dependencies"))?;
    let prefix = all()
        .find(|one| one.name == "classpathPrefix")
        .map(|one| one.text.trim_matches(['/', '.']).to_owned());
    let seen = module.plugin("maven-jar-plugin")?;
    let folder = prefix.filter(|prefix| !prefix.is_empty() && !prefix.contains('/'))?;
    manifest_main(&jar)?;
    Some(Built::new(
        format!("target/{usual}.jar"),
        Form::JarAndFolder(folder),
        None,
        &["package"],
        seen.because.clone(),
    ))
}

/// A class path of the jar and of what it needs, where nothing packs them together.
pub(super) fn class_path(module: &Module, main: &str, because: Evidence) -> Option<Built> {
    match &module.manifest {
        Manifest::Maven(maven) => {
            let copy = "dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=target/lib";
            let goals: Vec<&str> = ["package"].into_iter().chain(copy.split(' ')).collect();
            let usual = format!("target/{}.jar", maven.file_name(None));
            Some(Built::new(usual, Form::ClassPath, Some(main.to_owned()), &goals, because))
        }
        // Without the application plug-in or a jar of everything, Gradle gathers nothing.
        Manifest::Gradle(_)
            if module.dependencies.is_empty() && module.needs.is_empty() && !is_kotlin(module) =>
        {
            Some(Built::new(
                "build/libs/*.jar".to_owned(),
                Form::Jar,
                Some(main.to_owned()),
                &["jar"],
                because,
            ))
        }
        Manifest::Gradle(_) => None,
    }
}

fn is_kotlin(module: &Module) -> bool {
    module.plugins.iter().any(|seen| seen.key.starts_with("org.jetbrains.kotlin"))
}

fn of_gradle(
    jvm: &Jvm,
    module: &Module,
    parts: &[&Build],
    boot: Option<&str>,
    packed: Packed,
) -> Option<Built> {
    let plugin = |key: &str| module.plugins.iter().find(|seen| seen.key == key);
    let archive = |task: &str| parts.iter().find_map(|part| part.archive(task));
    if let Some(seen) =
        plugin("org.springframework.boot").filter(|_| archive("bootJar").is_none_or(|one| !one.off))
    {
        let war = plugin("war").is_some();
        let task = if war { "bootWar" } else { "bootJar" };
        let made = file(archive(task), if war { "*.war" } else { "*.jar" });
        let form = boot.filter(|_| !war).map_or(Form::Jar, |version| Form::Layers(version.to_owned()));
        return Some(Built::new(made, form, None, &[task], seen.because.clone()).with_main());
    }
    if let Some(seen) = plugin("io.quarkus") {
        return Some(quarkus(
            "build/quarkus-app",
            "build/*-runner.jar",
            packed,
            &["quarkusBuild"],
            seen.because.clone(),
        ));
    }
    let mut built = table(jvm, module, "build/libs", "*", &[])
        .map(|mut built| {
            let shadow = archive("shadowJar");
            if shadow.is_some_and(|one| one.file.is_some() || one.classifier.is_some()) {
                built.artefact.value.made = file(shadow, "*-all.jar");
            }
            // Libraries are packed with what they need, too: somebody has to say what starts.
            let told = parts.iter().any(|part| {
                part.main_class.is_some() || part.archives.iter().any(|one| one.main_class.is_some())
            });
            if !told {
                built.needs_main = true;
                built.artefact.value.main_class = Some(String::new());
            }
            built
        })
        .or_else(|| distribution(module, parts))
        .or_else(|| packed_by_hand(module))
        .or_else(|| named_in_manifest(module))?;
    for (file, part) in gradle_parts(module) {
        let because = Evidence::file(
            file,
            format!("applicationDefaultJvmArgs of {}", file.file_name().unwrap_or("build.gradle")),
        );
        built.jvm_args.extend(part.jvm_args.iter().map(|flag| Found::new(flag.clone(), because.clone())));
    }
    Some(built)
}

fn gradle_parts(module: &Module) -> &[(camino::Utf8PathBuf, Build)] {
    match &module.manifest {
        Manifest::Gradle(gradle) => &gradle.parts,
        Manifest::Maven(_) => &[],
    }
}

/// The file that a task makes: its own name where that is said, a pattern otherwise.
fn file(archive: Option<&Archive>, usual: &str) -> String {
    let Some(archive) = archive else { return format!("build/libs/{usual}") };
    let ending = usual.rsplit('.').next().unwrap_or("jar");
    let name = match (&archive.file, archive.classifier.as_deref()) {
        (Some(file), _) => unfilled(file),
        (None, Some("")) => format!("*.{ending}"),
        (None, Some(classifier)) => format!("*-{classifier}.{ending}"),
        (None, None) => usual.to_owned(),
    };
    format!("build/libs/{name}")
}

/// What only running the build would tell matches anything.
fn unfilled(name: &str) -> String {
    let mut parts = name.split('$');
    let mut done = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = match part.strip_prefix('{') {
            Some(_) => part.find('}').map_or(part.len(), |at| at + 1),
            None => {
                part.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(part.len())
            }
        };
        done.push('*');
        done.push_str(part.get(end..).unwrap_or(""));
    }
    done
}

const APPLICATION: [&str; 4] =
    ["application", "org.gradle.application", "io.micronaut.application", "io.micronaut.minimal.application"];

fn distribution(module: &Module, parts: &[&Build]) -> Option<Built> {
    let seen = module.plugins.iter().find(|seen| APPLICATION.contains(&seen.key.as_str()))?;
    let main = parts.iter().find_map(|part| part.main_class.as_ref()).map(|main| main.value.clone());
    Some(Built::new(
        "build/install/*/lib".to_owned(),
        Form::ClassPath,
        Some(main.unwrap_or_default()),
        &["installDist"],
        seen.because.clone(),
    ))
}

/// A task that packs what is needed at run time into its jar.
fn packed_by_hand(module: &Module) -> Option<Built> {
    let (path, archive) = gradle_parts(module).iter().find_map(|(path, part)| {
        part.archives.iter().find(|one| one.fat && !one.off).map(|archive| (path, archive))
    })?;
    let says = format!("the task {} of {}", archive.task, path.file_name().unwrap_or("build.gradle"));
    let mut built = Built::new(
        file(Some(archive), "*.jar"),
        Form::Jar,
        None,
        &[&archive.task],
        Evidence::line(path, archive.line, says),
    );
    built.needs_main = archive.main_class.is_none();
    built.artefact.value.main_class = built.needs_main.then(String::new);
    Some(built)
}

/// A jar whose manifest names the jars of a folder, and a task that copies them there.
fn named_in_manifest(module: &Module) -> Option<Built> {
    let all = || {
        gradle_parts(module).iter().flat_map(|(path, part)| part.archives.iter().map(move |one| (path, one)))
    };
    let (path, archive) =
        all().find(|(_, one)| one.task == "jar" && one.class_path.is_some() && one.main_class.is_some())?;
    let folder = archive.class_path.clone()?;
    let mut copies = gradle_parts(module).iter().flat_map(|(_, part)| &part.copies);
    let (task, into) = copies.find(|(_, into)| into.rsplit('/').next() == Some(&folder))?;
    let beside = all().find_map(|(_, one)| one.folder.as_ref().filter(|_| one.task == "jar"));
    let usual = "build/libs".to_owned();
    let place = beside.unwrap_or(&usual);
    // What is copied elsewhere would not be found there either.
    (into.rsplit_once('/').map(|(place, _)| place) == Some(place)).then_some(())?;
    let says = format!("the jar task of {}", path.file_name().unwrap_or("build.gradle"));
    let because = Evidence::line(path, archive.line, says);
    Some(Built::new(format!("{place}/*.jar"), Form::JarAndFolder(folder), None, &["jar", task], because))
}
