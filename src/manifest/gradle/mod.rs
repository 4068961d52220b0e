//! Gradle's `build.gradle` and `settings.gradle`, in Groovy and in Kotlin: what they say plainly. They are programs; what
//! only running them would tell is not known here.

mod lex;
pub mod mentions;
pub mod plugin;
mod settings;
pub mod value;

use self::lex::{Kind, Statement, Token};
pub use self::settings::{Settings, settings};
use self::value::{Names, constants, filled, value};
use crate::manifest::yaml::Lined;

/// A repository beside the public ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Repository {
    /// Its address.
    pub url: String,
    /// It is asked with a name and a password.
    pub secret: bool,
    /// The variables that they come from.
    pub variables: Vec<String>,
}

/// A build file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Build {
    /// The plug-ins that it applies.
    pub plugins: Vec<Plugin>,
    /// Every place that names a version of Java.
    pub java: Vec<Lined<(Level, String)>>,
    /// The class that it starts with.
    pub main_class: Option<Lined<String>>,
    /// Flags for the JVM that its start script gives.
    pub jvm_args: Vec<String>,
    /// The dependencies.
    pub dependencies: Vec<Dependency>,
    /// What it says of the tasks that pack: `jar`, `bootJar`, `shadowJar` ...
    pub archives: Vec<Archive>,
    /// Tasks that copy what is needed at run time, and the folder that they copy it into.
    pub copies: Vec<(String, String)>,
    /// The folders of sources, where they are not the usual ones.
    pub source_dirs: Vec<String>,
    /// Repositories beside the public ones.
    pub repositories: Vec<Lined<Repository>>,
    /// The words of every command that a task of its own runs (`npm run build`).
    pub commands: Vec<Lined<Vec<String>>>,
    /// Further scripts that it applies: `gradle/x.gradle`.
    pub scripts: Vec<String>,
    /// What `allprojects` and `subprojects` say for the projects below.
    pub below: Option<Box<Build>>,
    /// The names that it defines.
    pub names: Names,
}

/// A plug-in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plugin {
    /// Its id; `alias:libs.plugins.x` where the catalogue knows it.
    pub id: String,
    /// Its version.
    pub version: Option<String>,
    /// It is only made known here (`apply false`).
    pub known_only: bool,
    /// Its line.
    pub line: u32,
}

/// How a version of Java is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The JDK that compiles.
    Toolchain,
    /// The language of the sources, or the oldest JVM that runs the classes.
    Language,
}

/// A dependency.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dependency {
    /// `implementation`, `testImplementation` ...
    pub configuration: String,
    /// What it names.
    pub names: What,
    /// Its line.
    pub line: u32,
}

/// What a dependency names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum What {
    /// `group:artifact` and a version.
    Module(String, Option<String>),
    /// An entry of the catalogue: `libs.spring.web`.
    Alias(String),
    /// A project of the build: `:core`.
    Project(String),
    /// Files, or what only running would tell.
    #[default]
    Other,
}

/// A task that packs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Archive {
    /// The task: `jar`, `bootJar`, `shadowJar`, `fatJar`, `nativeCompile`; `base` for what holds for all.
    pub task: String,
    /// The whole name of the file.
    pub file: Option<String>,
    /// The name before the version.
    pub base: Option<String>,
    /// What follows the version.
    pub classifier: Option<String>,
    /// It is switched off.
    pub off: bool,
    /// The main class of its manifest.
    pub main_class: Option<Lined<String>>,
    /// It packs the dependencies, too.
    pub fat: bool,
    /// The folder of jars that its manifest names.
    pub class_path: Option<String>,
    /// The folder that it is put into, where that is not the usual one.
    pub folder: Option<String>,
    /// Its line.
    pub line: u32,
}

/// Reads a build file; `known` are the names that it can use from elsewhere.
#[must_use]
pub fn build(text: &str, known: &Names) -> Build {
    let statements = lex::statements(text);
    let mut build = Build { names: known.clone(), ..Build::default() };
    constants(&statements, &mut build.names);
    fill(&mut build, &statements);
    build
}

fn fill(build: &mut Build, statements: &[Statement]) {
    for statement in statements {
        one(build, statement);
    }
}

fn one(build: &mut Build, statement: &Statement) {
    let name = statement.name();
    match name.as_str() {
        "plugins" => {
            build.plugins.extend(statement.block.iter().filter_map(|line| plugin(line, &build.names)));
        }
        "apply" => {
            build.plugins.extend(applied(statement));
            let from = statement.tokens.iter().any(|token| token.text == "from");
            build.scripts.extend(statement.text().filter(|_| from).map(|text| text.text.clone()));
        }
        "dependencies" => dependencies(build, &statement.block),
        "allprojects" | "subprojects" => below(build, statement, name == "allprojects"),
        "buildscript" => classpath(build, &statement.block),
        "repositories" => build.repositories.extend(repositories(&statement.block, &build.names)),
        "application"
        | "mainClassName"
        | "springBoot"
        | "application.mainClass"
        | "application.mainClassName" => application(build, statement),
        "sourceSets" => statement.walk(&mut |inner| source_dirs(build, inner)),
        "base" | "archivesBaseName" | "base.archivesName" => {
            build.archives.push(base(statement, &build.names));
        }
        "jar.destinationDirectory" | "shadowJar.destinationDirectory" => {
            let task = name.split('.').next().unwrap_or_default().to_owned();
            let folder = folder(statement, &build.names);
            build.archives.push(Archive { task, folder, line: statement.line(), ..Archive::default() });
        }
        _ if packing_task(statement, &name).is_some() => archive(build, statement, &name),
        _ if statement.tokens.iter().any(|token| matches!(token.text.as_str(), "Copy" | "Sync")) => {
            build.copies.extend(copying(statement, &build.names));
        }
        _ => {}
    }
    if let Some(level) = java(statement, &build.names) {
        build.java.push(level);
    }
    if !matches!(
        name.as_str(),
        "allprojects" | "subprojects" | "buildscript" | "plugins" | "dependencies" | "repositories" | "if"
    ) {
        statement
            .block
            .iter()
            .for_each(|inner| inner.walk(&mut |deep| build.java.extend(java(deep, &build.names))));
        statement.walk(&mut |inner| build.commands.extend(command(inner, &build.names)));
    }
    if name == "ktor" {
        statement.walk(&mut |inner| {
            if inner.name() == "fatJar" {
                build.archives.push(settings_of("shadowJar", inner, &build.names));
            }
        });
    }
}

/// `id 'x' version '1'`, `kotlin("jvm")`, `alias(libs.plugins.x)`, `` `java-library` ``, `application`.
fn plugin(statement: &Statement, names: &Names) -> Option<Plugin> {
    let name = statement.name();
    let text = || statement.text().map(|text| filled(&text.text, names));
    let id = match name.as_str() {
        "id" => text()?,
        "kotlin" => format!("org.jetbrains.kotlin.{}", text()?),
        "alias" => format!("alias:{}", dotted(statement.rest())),
        "val" | "def" | "" => return None,
        bare => bare.to_owned(),
    };
    let after = |word: &str| {
        let at = statement.tokens.iter().position(|token| token.kind == Kind::Word && token.text == word)?;
        statement.tokens.get(at + 1..)
    };
    let known_only = after("apply").is_some_and(|rest| rest.iter().any(|token| token.text == "false"));
    let version = after("version").and_then(|rest| value(rest, names));
    // `kotlin("jvm") version x` of the old form is one statement; a name with blocks is none.
    statement.block.is_empty().then_some(Plugin { id, version, known_only, line: statement.line() })
}

/// The dotted name within brackets: `libs.plugins.spring.boot`.
fn dotted(tokens: &[Token]) -> String {
    let inner = tokens.iter().skip_while(|token| token.kind == Kind::Mark);
    inner
        .take_while(|token| token.kind == Kind::Word || token.text == ".")
        .map(|token| token.text.as_str())
        .collect()
}

/// `apply plugin: 'java'`, `apply(plugin = "java")`; `class:OurPlugin` for the `apply plugin: OurPlugin` of a class.
fn applied(statement: &Statement) -> Option<Plugin> {
    let at = statement.tokens.iter().position(|token| token.kind != Kind::Line && token.text == "plugin")?;
    let class = || {
        let rest = statement.tokens.get(at + 1..).unwrap_or_default();
        rest.iter().rfind(|token| token.kind == Kind::Word).map(|token| format!("class:{}", token.text))
    };
    let id = statement.text().map(|text| text.text.clone()).or_else(class)?;
    Some(Plugin { id, line: statement.line(), ..Plugin::default() })
}

/// Plug-ins of the old form get their versions from `buildscript`.
fn classpath(build: &mut Build, block: &[Statement]) {
    for statement in block.iter().filter(|one| one.name() == "dependencies") {
        let before = build.dependencies.len();
        dependencies(build, &statement.block);
        for dependency in build.dependencies.get_mut(before..).unwrap_or_default() {
            "buildscript".clone_into(&mut dependency.configuration);
        }
    }
}

fn below(build: &mut Build, statement: &Statement, all: bool) {
    let mut inner = Build { names: build.names.clone(), ..Build::default() };
    fill(&mut inner, &statement.block);
    if all {
        fill(build, &statement.block);
    }
    match &mut build.below {
        Some(known) => known.add(inner),
        none => *none = Some(Box::new(inner)),
    }
}

impl Build {
    /// Adds what another build file says for the same project.
    pub fn add(&mut self, other: Build) {
        self.plugins.extend(other.plugins);
        self.java.extend(other.java);
        self.main_class = self.main_class.take().or(other.main_class);
        self.jvm_args.extend(other.jvm_args);
        self.dependencies.extend(other.dependencies);
        self.archives.extend(other.archives);
        self.copies.extend(other.copies);
        self.source_dirs.extend(other.source_dirs);
        self.repositories.extend(other.repositories);
        self.commands.extend(other.commands);
        self.scripts.extend(other.scripts);
        for (name, value) in other.names {
            self.names.entry(name).or_insert(value);
        }
    }

    /// What it says of a task that packs.
    #[must_use]
    pub fn archive(&self, task: &str) -> Option<&Archive> {
        self.archives.iter().find(|one| one.task == task)
    }
}

fn dependencies(build: &mut Build, block: &[Statement]) {
    for statement in block {
        let name = statement.name();
        let configuration = match name.split_once('.') {
            _ if name.is_empty() || name == "add" => {
                statement.text().map_or(String::new(), |text| text.text.clone())
            }
            Some((first, _)) => first.to_owned(),
            None => name.clone(),
        };
        for names in what(statement, &build.names) {
            let configuration = configuration.clone();
            build.dependencies.push(Dependency { configuration, names, line: statement.line() });
        }
    }
}

/// What a line of `dependencies` names: one, or a list of them.
fn what(statement: &Statement, names: &Names) -> Vec<What> {
    let rest = statement.rest();
    let word = |text: &str| rest.iter().position(|token| token.kind == Kind::Word && token.text == text);
    if word("files").is_some() || word("fileTree").is_some() {
        return vec![What::Other];
    }
    if word("project").is_some() {
        return rest
            .iter()
            .filter(|token| token.kind == Kind::Text && token.text != "path")
            .take(1)
            .map(|token| What::Project(token.text.clone()))
            .collect();
    }
    if let Some(at) = word("kotlin").filter(|at| rest.get(at + 1).is_some_and(|next| next.text == "(")) {
        let text = rest.get(at..).unwrap_or_default().iter().find(|token| token.kind == Kind::Text);
        return text
            .map(|text| What::Module(format!("org.jetbrains.kotlin:kotlin-{}", text.text), None))
            .into_iter()
            .collect();
    }
    let path = dotted(unwrapped(rest));
    if let Some(project) = path.strip_prefix("projects.") {
        return vec![What::Project(format!(":{}", project.replace('.', ":")))];
    }
    if path.contains('.') && !rest.iter().any(|token| token.kind == Kind::Text) {
        return vec![What::Alias(path)];
    }
    modules(rest, names)
}

/// Without `platform(...)` and its kin around it.
fn unwrapped(tokens: &[Token]) -> &[Token] {
    let wraps = ["platform", "enforcedPlatform", "testFixtures"];
    let at = tokens.iter().position(|token| token.kind == Kind::Word && wraps.contains(&token.text.as_str()));
    at.and_then(|at| tokens.get(at + 1..)).unwrap_or(tokens)
}

/// `'g:a:v'`, and `group: 'g', name: 'a', version: 'v'` in either language.
fn modules(tokens: &[Token], names: &Names) -> Vec<What> {
    let pair = |key: &str| {
        let at = tokens.iter().position(|token| token.kind == Kind::Word && token.text == key)?;
        let text = tokens.get(at + 2).filter(|token| token.kind == Kind::Text);
        text.map(|text| filled(&text.text, names))
    };
    if let (Some(group), Some(name)) = (pair("group"), pair("name")) {
        return vec![What::Module(format!("{group}:{name}"), pair("version"))];
    }
    let texts =
        tokens.iter().filter(|token| token.kind == Kind::Text).map(|token| filled(&token.text, names));
    texts
        .filter_map(|text| {
            let mut parts = text.split(':');
            let (group, name) = (parts.next()?, parts.next()?);
            let version = parts
                .next()
                .filter(|version| !version.is_empty() && !version.contains('$'))
                .map(str::to_owned);
            Some(What::Module(format!("{group}:{name}"), version))
        })
        .collect()
}

/// `maven` of a `repositories` block.
fn repositories(block: &[Statement], names: &Names) -> Vec<Lined<Repository>> {
    block.iter().filter(|one| one.name() == "maven").filter_map(|one| repository(one, names)).collect()
}

fn repository(statement: &Statement, names: &Names) -> Option<Lined<Repository>> {
    let mut url = statement.text().map(|text| text.text.clone());
    let mut repository = Repository::default();
    statement.walk(&mut |inner| {
        repository.secret |= inner.name().starts_with("credentials");
        repository.variables.extend(variables(&inner.tokens));
        if matches!(inner.name().as_str(), "url" | "setUrl" | "url.set") {
            url = inner.text().map(|text| filled(&text.text, names));
        }
    });
    url.map(|url| Lined::new(Repository { url, ..repository }, statement.line()))
}

/// The variables that a statement reads: `System.getenv("NAME")`, `providers.environmentVariable("NAME")`.
fn variables(tokens: &[Token]) -> Vec<String> {
    let reads = |token: &Token| matches!(token.text.as_str(), "getenv" | "environmentVariable");
    let at = tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Word && reads(token));
    let named =
        at.filter_map(|(at, _)| tokens.iter().skip(at + 1).take(4).find(|one| one.kind == Kind::Text));
    named.map(|token| token.text.clone()).collect()
}

fn application(build: &mut Build, statement: &Statement) {
    let mut main = None;
    statement.walk(&mut |inner| {
        let name = inner.name();
        let last = name.trim_end_matches(".set").rsplit('.').next().unwrap_or_default();
        if matches!(last, "mainClass" | "mainClassName") && main.is_none() {
            main = value(inner.rest(), &build.names).map(|class| Lined::new(class, inner.line()));
        }
        if last == "applicationDefaultJvmArgs" {
            let texts = inner.tokens.iter().filter(|token| token.kind == Kind::Text);
            build.jvm_args.extend(texts.map(|token| filled(&token.text, &build.names)));
        }
    });
    if main.is_some() {
        build.main_class = main;
    }
}

fn source_dirs(build: &mut Build, statement: &Statement) {
    let name = statement.name();
    if name.ends_with("srcDirs") || name.ends_with("srcDir") || name.ends_with("setSrcDirs") {
        let texts = statement.tokens.iter().filter(|token| token.kind == Kind::Text);
        build.source_dirs.extend(texts.map(|token| token.text.clone()));
    }
}

const PACKING: [&str; 9] =
    ["jar", "bootJar", "bootWar", "war", "shadowJar", "fatJar", "uberJar", "distTar", "distZip"];

/// `jar { }`, `tasks.jar { }`, `tasks.named<Jar>("jar") { }`, `task fatJar(type: Jar) { }`, `tasks.withType<ShadowJar> { }`.
fn packing_task(statement: &Statement, name: &str) -> Option<String> {
    let words = || statement.tokens.iter().map(|token| token.text.as_str());
    let bare = name.strip_prefix("tasks.").unwrap_or(name);
    if PACKING.contains(&bare) {
        return Some(bare.to_owned());
    }
    if bare == "withType" {
        return words().find_map(|word| match word {
            "ShadowJar" => Some("shadowJar".to_owned()),
            "BootJar" => Some("bootJar".to_owned()),
            "Jar" => Some("jar".to_owned()),
            _ => None,
        });
    }
    let registers =
        matches!(bare, "named" | "register" | "create" | "getByName" | "task" | "val" | "getting");
    let packs = words().any(|word| matches!(word, "Jar" | "ShadowJar" | "BootJar" | "War" | "BootWar"));
    if bare == "task" || bare == "val" {
        return statement.tokens.get(1).filter(|_| packs).map(|token| token.text.clone());
    }
    let text = statement.text().filter(|_| registers)?;
    (packs || PACKING.contains(&text.text.as_str())).then(|| text.text.clone())
}

fn archive(build: &mut Build, statement: &Statement, name: &str) {
    if let Some(task) = packing_task(statement, name) {
        build.archives.push(settings_of(&task, statement, &build.names));
    }
}

fn base(statement: &Statement, names: &Names) -> Archive {
    let mut archive = Archive { task: "base".to_owned(), line: statement.line(), ..Archive::default() };
    statement.walk(&mut |inner| {
        let name = inner.name();
        if name.contains("archivesName") || name == "archivesBaseName" {
            archive.base = value(inner.rest(), names);
        }
    });
    archive
}

fn settings_of(task: &str, statement: &Statement, names: &Names) -> Archive {
    let mut archive = Archive { task: task.to_owned(), line: statement.line(), ..Archive::default() };
    statement.walk(&mut |inner| {
        let name = inner.name();
        let said = || value(inner.rest(), names);
        match name.trim_end_matches(".set") {
            "archiveFileName" | "archiveName" => archive.file = said(),
            "archiveBaseName" | "baseName" => archive.base = said(),
            "archiveClassifier" | "classifier" => archive.classifier = said(),
            "enabled" => archive.off = inner.tokens.iter().any(|token| token.text == "false"),
            "mainClass" if archive.main_class.is_none() => {
                archive.main_class = said().map(|class| Lined::new(class, inner.line()));
            }
            _ => {}
        }
        let words: Vec<&str> = inner.tokens.iter().map(|token| token.text.as_str()).collect();
        if words.contains(&"Class-Path") {
            archive.class_path = class_path(inner);
        } else {
            archive.fat |= words.contains(&"configurations") || words.contains(&"zipTree");
        }
        if matches!(name.as_str(), "destinationDirectory" | "destinationDirectory.set" | "destinationDir") {
            archive.folder = folder(inner, names);
        }
        if let Some(at) = words.iter().position(|word| *word == "Main-Class" || *word == "Main") {
            let class = inner.tokens.get(at + 1..).and_then(|rest| main_of(rest, names));
            archive.main_class =
                archive.main_class.take().or(class.map(|class| Lined::new(class, inner.line())));
        }
    });
    archive
}

/// The folder in front of each jar of a manifest's class path: `"lib/$it.name"`, `"lib/${it.name}"`.
fn class_path(statement: &Statement) -> Option<String> {
    let at = statement.tokens.iter().position(|token| token.text == "Class-Path")?;
    let texts = statement.tokens.get(at + 1..)?.iter().filter(|token| token.kind == Kind::Text);
    let folder =
        texts.filter_map(|token| token.text.split_once('/')).find(|(folder, _)| !folder.is_empty())?.0;
    folder
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter))
        .then(|| folder.to_owned())
}

/// A folder of the project: `file("$projectDir/target")`, `layout.buildDirectory.dir("x")`.
fn folder(statement: &Statement, names: &Names) -> Option<String> {
    let text = statement.text().map(|text| filled(&text.text, names))?;
    let below =
        statement.tokens.iter().any(|token| matches!(token.text.as_str(), "buildDir" | "buildDirectory"));
    let inner = ["$projectDir/", "${projectDir}/", "$rootDir/", "${rootDir}/", "./"]
        .iter()
        .find_map(|start| text.strip_prefix(start));
    let build = ["$buildDir/", "${buildDir}/", "${layout.buildDirectory}/"]
        .iter()
        .find_map(|start| text.strip_prefix(start));
    let path = match (inner, build) {
        (_, Some(path)) => format!("build/{path}"),
        (Some(path), None) => path.to_owned(),
        (None, None) if below => format!("build/{text}"),
        (None, None) => text.clone(),
    };
    let plain = !path.contains(['$', '*', ':']) && !path.starts_with('/') && !path.contains("..");
    plain.then(|| path.trim_end_matches('/').to_owned())
}

/// `task copyDependencies(type: Copy) { from configurations.runtimeClasspath; into 'x' }`.
fn copying(statement: &Statement, names: &Names) -> Option<(String, String)> {
    let quoted = statement.text().map(|text| text.text.clone());
    let task = quoted.or_else(|| statement.tokens.get(1).map(|token| token.text.clone()))?;
    let (mut from, mut into) = (false, None);
    for inner in &statement.block {
        from |= inner.name() == "from" && inner.tokens.iter().any(|token| token.text == "configurations");
        from |= inner.name().starts_with("from")
            && inner.tokens.iter().any(|token| token.text == "runtimeClasspath");
        if inner.name() == "into" {
            into = folder(inner, names);
        }
    }
    into.filter(|_| from).map(|into| (task, into))
}

/// What stands behind `'Main-Class':`, `"Main-Class" to` or `"Main-Class", `.
fn main_of(tokens: &[Token], names: &Names) -> Option<String> {
    let from = tokens.iter().position(|token| !(token.kind == Kind::Mark || token.text == "to"))?;
    value(tokens.get(from..)?, names)
}

/// A line that names a version of Java.
fn java(statement: &Statement, names: &Names) -> Option<Lined<(Level, String)>> {
    let name = statement.name();
    let last = name.trim_end_matches(".set").rsplit('.').next().unwrap_or_default();
    let level = match last {
        "languageVersion" if statement.tokens.iter().any(|token| token.text == "JavaLanguageVersion") => {
            Level::Toolchain
        }
        "jvmToolchain" if statement.block.is_empty() => Level::Toolchain,
        "sourceCompatibility" | "targetCompatibility" | "jvmTarget" | "release" => Level::Language,
        _ => return None,
    };
    let version = value(statement.rest(), names)?;
    let number = version.strip_prefix("1.").unwrap_or(&version).to_owned();
    let plain = !number.is_empty() && number.chars().all(|letter| letter.is_ascii_digit());
    plain.then(|| Lined::new((level, number), statement.line()))
}

/// `commandLine 'npm', 'run', 'build'`, `args = ["run", "build"]` of a task of the node plug-in.
fn command(statement: &Statement, names: &Names) -> Option<Lined<Vec<String>>> {
    let name = statement.name();
    let bare = name.trim_end_matches(".set");
    if !matches!(bare, "commandLine" | "args" | "npmCommand" | "yarnCommand" | "pnpmCommand") {
        return None;
    }
    let texts = statement.tokens.iter().filter(|token| token.kind == Kind::Text);
    let mut words: Vec<String> = texts.map(|token| filled(&token.text, names)).collect();
    if bare == "npmCommand" {
        words.insert(0, "npm".to_owned());
    }
    (!words.is_empty()).then(|| Lined::new(words, statement.line()))
}

#[cfg(test)]
mod tests;
