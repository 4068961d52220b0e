//! The facts of a program that runs on the JVM, whatever tool builds it.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::{Evidence, Found};

/// A Java or Kotlin program's own facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct JavaFacts {
    /// What builds it.
    pub tool: JvmTool,
    /// The folder of the program's own module, relative to the repository.
    pub module_root: Utf8PathBuf,
    /// How the tool names that module: `server` for Maven, `:server` for Gradle; none where it is the whole build.
    pub module: Option<Found<String>>,
    /// The folders of all modules of the build, relative to the repository.
    pub modules: Vec<Utf8PathBuf>,
    /// Folders of sources of a Maven build's other programs, which this one is made without.
    pub others: Vec<Utf8PathBuf>,
    /// A package of the sources has the name of the folder that the tool builds in.
    pub named_like_built: bool,
    /// The framework's id in `detectors/java.toml`.
    pub framework: Option<Found<String>>,
    /// What is built and how it is started.
    pub artefact: Option<Found<Artefact>>,
    /// Arguments of the program (`server`, `config.yml`).
    pub args: Vec<Found<String>>,
    /// Flags for the JVM that the project starts it with.
    pub jvm_args: Vec<Found<String>>,
    /// Tests are a part of the build that others need: they are compiled, and not run.
    pub keeps_tests: Option<Found<()>>,
    /// The version of Java that compiles, where the tool itself runs on another.
    pub toolchain: Option<Found<String>>,
    /// A front end that the build itself makes: its folder, and the words that keep the build from making it again.
    pub front_end: Option<Found<JvmFrontEnd>>,
}

/// What builds a JVM program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct JvmTool {
    /// Its row in `detectors/java.toml`: `maven`, `gradle`.
    pub id: String,
    /// The folder that it runs in, relative to the repository.
    pub root: Utf8PathBuf,
    /// The version that its wrapper asks for.
    pub version: Option<Found<String>>,
    /// The wrapper is whole: it can be run from the repository.
    pub wrapper: bool,
    /// Everything that resolving dependencies reads, relative to the repository; a trailing `/` is a folder.
    pub manifests: Vec<Utf8PathBuf>,
    /// Further words of every command, each with its reason (`-Dmaven.gitcommitid.skip=true`).
    pub flags: Vec<Found<String>>,
    /// The goals or tasks that build the program.
    pub goals: Vec<String>,
    /// Dependencies can be resolved from the manifests alone.
    pub resolves: bool,
}

/// What a build makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Artefact {
    /// Where it lies below the module's folder: a path, or a pattern where the version is a part of its name.
    pub made: String,
    /// How it is put into the image.
    pub form: Form,
    /// The class that it starts with, where that has to be said.
    pub main_class: Option<String>,
}

/// How a build's result is put into the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// One jar that holds everything.
    #[default]
    Jar,
    /// A jar that can be taken apart into layers; the version of the framework says how.
    Layers(String),
    /// A jar, and a folder of jars beside it, named in its manifest.
    JarAndFolder(String),
    /// A folder that is laid out for an image: what lies in it, the steadiest first, and the jar that starts.
    Folder(Vec<String>, String),
    /// A folder of jars, one of which holds the main class.
    ClassPath,
}

/// A front end that a JVM build makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct JvmFrontEnd {
    /// Its folder, relative to the repository.
    pub root: Utf8PathBuf,
    /// Words that keep the build from making it again.
    pub skip: Vec<String>,
}

impl JavaFacts {
    /// Whether a file is a source that the build compiles: a package may be called `target` or `build`.
    #[must_use]
    pub fn builds_from(&self, file: &Utf8Path) -> bool {
        let source =
            file.extension().is_some_and(|ending| matches!(ending, "java" | "kt" | "groovy" | "scala"));
        source && !file.as_str().contains("src/test/")
    }

    /// Whether a path lies among what the build takes into the jar: resources, or the folder that it compiles to.
    #[must_use]
    pub fn takes_into(&self, path: &Utf8Path) -> bool {
        let places = ["src/main/resources", "src/main/webapp", "target/classes", "build/resources/main"];
        self.modules.iter().any(|module| places.iter().any(|place| path.starts_with(module.join(place))))
    }

    /// Takes over how somebody else starts the program: flags of the JVM and arguments, whatever the jar is called there.
    pub fn started_with(&mut self, words: &[String], because: &Evidence) {
        let (flags, args) = start_words(words);
        let found =
            |words: Vec<String>| words.into_iter().map(|word| Found::new(word, because.clone())).collect();
        if !flags.is_empty() {
            self.jvm_args = found(flags);
        }
        if !args.is_empty() {
            self.args = found(args);
        }
    }
}

/// The flags of the JVM and the arguments of the program in a command that starts it. Words that only a shell would fill are
/// what the image sets by itself: the port, and flags of the platform's own.
fn start_words(words: &[String]) -> (Vec<String>, Vec<String>) {
    let plain = |word: &&String| !word.contains('$') && !word.is_empty();
    let java = words.first().is_some_and(|word| word == "java" || word.ends_with("/java"));
    let script = words.iter().position(|word| word.contains("/bin/") && !word.ends_with("/java"));
    let skipped = if java { 1 } else { script.map_or(0, |at| at + 1) };
    let mut rest = words.iter().skip(skipped);
    if !java {
        let args = rest.filter(|word| plain(word) && !is_jar(word)).cloned().collect();
        return (Vec::new(), args);
    }
    let mut flags = Vec::new();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-cp" | "-classpath" | "--class-path" | "-jar" => {
                rest.next();
                if word == "-jar" {
                    break;
                }
            }
            flag if flag.starts_with('-') => flags.extend(Some(word).filter(plain).cloned()),
            _ if word.starts_with('$') => {}
            _ => break,
        }
    }
    // The port and the size of the heap belong to the place where it runs.
    let placed = ["-Dserver.port=", "-Dquarkus.http.port=", "-Xmx", "-Xms", "-XX:MaxRAMPercentage"];
    flags.retain(|flag| !placed.iter().any(|start| flag.starts_with(start)));
    (flags, rest.filter(plain).cloned().collect())
}

fn is_jar(word: &str) -> bool {
    Utf8Path::new(word).extension().is_some_and(|ending| ending == "jar" || ending == "war")
}

#[cfg(test)]
mod tests {
    use super::start_words;

    fn told(text: &str) -> (Vec<String>, Vec<String>) {
        start_words(&text.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_command_comes_to_flags_and_arguments() {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            told("java $JAVA_OPTS -Xss2m -Dserver.port=$PORT -jar target/x.jar server a.yml"),
            (list(&["-Xss2m"]), list(&["server", "a.yml"]))
        );
        assert_eq!(told("java -cp target/classes:target/dependency/* Main"), (vec![], vec![]));
        assert_eq!(told("sh build/install/app/bin/app serve"), (vec![], list(&["serve"])));
        assert_eq!(told("server config.yml"), (vec![], list(&["server", "config.yml"])));
    }
}
