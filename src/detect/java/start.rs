//! The class that a program starts with: what the build is told, what a person answers, what the sources have.

use super::Ground;
use super::module::{Manifest, Module};
use crate::error::{Error, ErrorKind, Result};
use crate::facts::Evidence;
use crate::source::java::file::{File, Main};

/// A class with a main.
#[derive(Debug, Clone)]
pub(super) struct Start {
    /// The class.
    pub(super) class: String,
    /// How likely it is the program: the lowest first.
    rank: u8,
    /// The place.
    pub(super) because: Evidence,
}

impl Start {
    /// A framework's own class, or what the build is told.
    pub(super) fn is_sure(&self) -> bool {
        self.rank == 0
    }
}

/// Annotations of the class that a framework's program starts with.
const STARTERS: [&str; 4] =
    ["SpringBootApplication", "QuarkusMain", "EnableAutoConfiguration", "SpringBootConfiguration"];

/// Properties of a pom.xml that name the class.
const PROPERTIES: [&str; 5] = ["start-class", "exec.mainClass", "mainClass", "main.class", "main-class"];

/// The class of a module.
///
/// # Errors
/// Several are as likely: a person says which.
pub(super) fn of(ground: &Ground<'_>, at: usize) -> Result<Option<Start>> {
    let Some(module) = ground.modules.get(at) else { return Ok(None) };
    let told = told(module);
    let code = ground.code(&[at]);
    let mut all: Vec<Start> =
        code.files().flat_map(|file| file.mains.iter().map(move |main| start(file, main))).collect();
    all.sort_by(|one, other| (one.rank, &one.class).cmp(&(other.rank, &other.class)));
    if let Some(bin) = &ground.cx.answers.bin
        && let Some(answered) =
            all.iter().find(|start| start.class == *bin || start.class.rsplit('.').next() == Some(bin))
    {
        return Ok(Some(answered.clone()));
    }
    if told.is_some() {
        return Ok(told);
    }
    let best = all.first().map(|start| start.rank);
    let likely: Vec<&Start> = all.iter().take_while(|start| Some(start.rank) == best).collect();
    match likely.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some((*one).clone())),
        several => Err(choice(module, several)),
    }
}

/// The build is told a class of the module's own sources that has no main: a plug-in of something else, no program.
pub(super) fn is_hollow(ground: &Ground<'_>, at: usize) -> bool {
    let Some(module) = ground.modules.get(at).filter(|module| !module.path.is_empty()) else { return false };
    let Manifest::Gradle(gradle) = &module.manifest else { return false };
    let Some(main) = gradle.parts.iter().find_map(|(_, part)| part.main_class.as_ref()) else { return false };
    let (package, short) = main.value.rsplit_once('.').unwrap_or(("", &main.value));
    let code = ground.code(&[at]);
    let stems = [short, short.trim_end_matches("Kt")];
    let of = |file: &&File| file.path.file_stem().is_some_and(|stem| stems.contains(&stem));
    let mut own = code.files().filter(of).filter(|file| file.package == package);
    own.any(|file| file.mains.is_empty())
}

fn start(file: &File, main: &Main) -> Start {
    let mut annotations = main.annotations.iter().chain(&file.annotations);
    let framework = annotations.any(|name| STARTERS.contains(&name.as_str()));
    let short = main.class.rsplit('.').next().unwrap_or(&main.class);
    let bare = short.trim_end_matches("Kt");
    let named = matches!(bare, "Main" | "App" | "Application" | "Server") || bare.ends_with("Application");
    // What calls a server is there to try it.
    let calls = bare.ends_with("Client");
    let says = format!("the main method of {short}");
    Start {
        class: main.class.clone(),
        rank: if framework { 0 } else { 2 - u8::from(named) + 2 * u8::from(calls) },
        because: Evidence::line(&file.path, main.line, says),
    }
}

/// What the build itself is told.
fn told(module: &Module) -> Option<Start> {
    let found = |class: String, because: Evidence| {
        Some(Start { class, rank: 0, because }).filter(|start| !start.class.contains('$'))
    };
    match &module.manifest {
        Manifest::Maven(maven) => {
            let property = PROPERTIES.iter().find_map(|name| maven.property(name));
            if let Some((class, because)) = property {
                return found(class, because);
            }
            let settings = ["exec-maven-plugin", "spring-boot-maven-plugin", "maven-jar-plugin"].into_iter();
            settings.flat_map(|plugin| maven.plugin(plugin)).find_map(|(path, plugin)| {
                let element = plugin
                    .configs()
                    .flat_map(crate::manifest::xml::Element::all)
                    .find(|one| one.name == "mainClass" && !one.text.is_empty())?;
                found(maven.fill(&element.text), Evidence::line(path, element.line, "mainClass of pom.xml"))
            })
        }
        Manifest::Gradle(gradle) => gradle.parts.iter().find_map(|(path, part)| {
            let main = part.main_class.as_ref()?;
            let says = format!("mainClass of {}", path.file_name().unwrap_or("build.gradle"));
            found(main.value.clone(), Evidence::line(path, main.line, says))
        }),
    }
}

/// More classes than these are not listed.
const LISTED: usize = 8;

fn choice(module: &Module, several: &[&Start]) -> Error {
    let message = format!("{} classes of `{}` have a main method", several.len(), module.name);
    let error = Error::new(ErrorKind::Choice, message).at(&module.file(), None);
    several.iter().take(LISTED).fold(error, |error, start| {
        error.help(format!("{}: `dfgen init PATH --bin {}`", start.because.place(), start.class))
    })
}
