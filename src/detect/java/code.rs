//! What the sources of a program's modules say: where it starts, which ports it opens, which variables it cannot do without.

use std::collections::BTreeSet;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};

use super::config::Placed;
use super::module::Module;
use crate::detect::Context;
use crate::facts::{Evidence, Found, Listen, Variable};
use crate::knowledge::{Detector, Framework, ListenCall};
use crate::manifest::settings::placeholders;
use crate::source::java::file::{self, Call, File, Hint};

/// The sources that were read.
#[derive(Debug, Clone, Default)]
pub(super) struct Code {
    /// The files of each module, those of the program's own first.
    pub(super) parts: Vec<Rc<Vec<File>>>,
    /// Settings that the code reads by their keys.
    pub(super) settings: Vec<Placed>,
}

/// Names of folders whose sources are no part of the program.
const ASIDE: [&str; 10] = [
    "test",
    "tests",
    "androidTest",
    "integrationTest",
    "testFixtures",
    "jmh",
    "it",
    "buildSrc",
    "build-logic",
    "commonTest",
];

/// Reads the sources of a module.
pub(super) fn read(cx: &Context<'_>, module: &Module, all: &[Module]) -> Vec<File> {
    let wanted = wanted(cx.knowledge.of("java"));
    cx.repo.map_sources(&sources(cx, module, all), |path, text| file::read(path, text, &wanted))
}

fn wanted(detector: &Detector) -> BTreeSet<String> {
    let calls =
        detector.frameworks.iter().flat_map(|framework| &framework.listens).map(|one| one.call.clone());
    let paths = detector.reading.keys().chain(detector.writing.keys()).cloned();
    calls.chain(paths).chain(["mkdirs".to_owned(), "mkdir".to_owned()]).collect()
}

/// The source files of a module, those of modules within its folder left out.
pub(super) fn sources<'a>(cx: &Context<'a>, module: &Module, all: &[Module]) -> Vec<&'a Utf8PathBuf> {
    let inner: Vec<&Utf8Path> = all
        .iter()
        .map(|one| one.dir.as_path())
        .filter(|dir| *dir != module.dir && dir.starts_with(&module.dir))
        .collect();
    let is_own = |path: &Utf8PathBuf| {
        let source = path.extension().is_some_and(|ending| matches!(ending, "java" | "kt"));
        source && !inner.iter().any(|dir| path.starts_with(dir)) && !aside(path, &module.dir)
    };
    let own: Vec<&Utf8PathBuf> = cx.repo.under(&module.dir).filter(|path| is_own(path)).collect();
    let main = module.dir.join("src/main");
    let usual: Vec<&Utf8PathBuf> = own.iter().copied().filter(|path| path.starts_with(&main)).collect();
    // Beside modules lies much that is none of the root's own: it has its sources where every other has them.
    let gathers = !inner.is_empty();
    if usual.is_empty() && !gathers { own } else { usual }
}

fn aside(path: &Utf8Path, dir: &Utf8Path) -> bool {
    let inner = path.strip_prefix(dir).unwrap_or(path);
    // Packages may have any name: only the folders above them count.
    inner.components().take(2).any(|part| ASIDE.contains(&part.as_str()))
}

impl Code {
    /// Every file.
    pub(super) fn files(&self) -> impl Iterator<Item = &File> {
        self.parts.iter().flat_map(|part| part.iter())
    }

    /// Whether any of the annotations stands in the sources.
    pub(super) fn annotated(&self, names: &[String]) -> Option<Evidence> {
        self.files().find_map(|file| {
            let name = names.iter().find(|name| file.annotations.contains(*name))?;
            Some(Evidence::file(
                &file.path,
                format!("@{name} in {}", file.path.file_name().unwrap_or_default()),
            ))
        })
    }

    /// The ports that calls of a framework open.
    pub(super) fn listens(&self, framework: &Framework) -> Vec<Found<Listen>> {
        let mut found: Vec<Found<Listen>> = Vec::new();
        for file in self.files().filter(|file| imports(file, framework)) {
            for call in &file.calls {
                let Some(row) = framework.listens.iter().find(|row| row.call == call.name) else { continue };
                let Some(listen) = self.opened(file, call, row, framework) else { continue };
                if found.iter().all(|known| known.value.port != listen.value.port) {
                    found.push(listen);
                }
            }
        }
        found
    }

    fn opened(
        &self,
        file: &File,
        call: &Call,
        row: &ListenCall,
        framework: &Framework,
    ) -> Option<Found<Listen>> {
        let named =
            call.arguments.iter().find(|(name, _)| name.as_deref() == Some("port")).map(|(_, hint)| hint);
        let usual = call.arguments.get(row.argument).map(|(_, hint)| hint);
        let others = call.arguments.iter().map(|(_, hint)| hint);
        let (port, variable) =
            named.into_iter().chain(usual).chain(others).find_map(|hint| self.port(file, hint, 0)).or_else(
                || {
                    let own = framework.port.filter(|_| row.by_itself && call.arguments.is_empty());
                    own.map(|port| (port, None))
                },
            )?;
        let name = file.path.file_name().unwrap_or_default();
        let because = Evidence::line(&file.path, call.line, format!("{}() in {name}", call.name));
        Some(Found::new(Listen { port, variable, must_set: false }, because))
    }

    /// A port, and the variable that changes it: what an expression says itself, or what the names in it stand for.
    fn port(&self, file: &File, hint: &Hint, depth: u8) -> Option<(u16, Option<String>)> {
        let variable = hint.variables.first().cloned();
        let own = hint
            .numbers
            .iter()
            .find(|number| (80..=65535).contains(*number))
            .and_then(|number| u16::try_from(*number).ok());
        if let Some(port) = own {
            return Some((port, variable.or_else(|| variable_of(file, hint, depth))));
        }
        if let Some((port, own)) = self.set(hint) {
            return Some((port, variable.or(own)));
        }
        if depth > 3 {
            return None;
        }
        hint.names
            .iter()
            .filter_map(|name| self.named(file, name))
            .find_map(|(file, inner)| self.port(file, inner, depth + 1))
            .map(|(port, inner)| (port, variable.or(inner)))
    }

    /// The port of a key that is read: `getProperty("server_port")`, `env.server.port` of an object of settings.
    fn set(&self, hint: &Hint) -> Option<(u16, Option<String>)> {
        let texts = hint.texts.iter().filter(|key| key.to_lowercase().contains("port")).cloned();
        let ports = hint.names.last().is_some_and(|name| name.to_lowercase().contains("port"));
        let paths = (0..hint.names.len().saturating_sub(1)).filter(|_| ports);
        let paths = paths.filter_map(|from| Some(hint.names.get(from..)?.join(".")));
        let mut found = texts
            .chain(paths)
            .filter_map(|key| self.settings.iter().find(|one| one.setting.key == key))
            .filter_map(|one| told(&one.setting.value));
        found.find(|(port, _)| *port >= 80)
    }

    /// What a name stands for: in the same file, or in the one file that knows it.
    fn named<'a>(&'a self, file: &'a File, name: &str) -> Option<(&'a File, &'a Hint)> {
        if let Some(hint) = file.names.get(name) {
            return Some((file, hint));
        }
        let mut others = self.files().filter_map(|other| Some((other, other.names.get(name)?)));
        let first = others.next()?;
        others.next().is_none().then_some(first)
    }

    /// Variables that the program does not go on without.
    pub(super) fn required(&self) -> Vec<Found<Variable>> {
        let mut found: Vec<Found<Variable>> = Vec::new();
        for file in self.files() {
            for read in file.variables.iter().filter(|read| read.required) {
                if found.iter().all(|known| known.value.name != read.name) && is_name(&read.name) {
                    let says = format!("{} in {}", read.name, file.path.file_name().unwrap_or_default());
                    let value = Variable { name: read.name.clone(), value: None, required: true };
                    found.push(Found::new(value, Evidence::line(&file.path, read.line, says)));
                }
            }
        }
        found
    }

    /// The paths that calls of a table are handed.
    pub(super) fn paths(&self, calls: impl Fn(&str) -> Option<usize>) -> Vec<Found<Utf8PathBuf>> {
        let mut found = Vec::new();
        for file in self.files() {
            for call in &file.calls {
                let made = matches!(call.name.as_str(), "mkdirs" | "mkdir").then_some(&call.object);
                let given =
                    calls(&call.name).and_then(|number| call.arguments.get(number)).map(|(_, hint)| hint);
                let Some(text) = made.or(given).and_then(|hint| text_of(file, hint)) else { continue };
                let says = format!("{}() in {}", call.name, file.path.file_name().unwrap_or_default());
                found.push(Found::new(Utf8PathBuf::from(text), Evidence::line(&file.path, call.line, says)));
            }
        }
        found
    }
}

/// The number of a setting, and the variable that changes it.
fn told(value: &str) -> Option<(u16, Option<String>)> {
    if let Ok(port) = value.trim().parse() {
        return Some((port, None));
    }
    let placeholder = placeholders(value).into_iter().next()?;
    let port = placeholder.default?.trim().parse().ok()?;
    Some((port, is_name(&placeholder.name).then_some(placeholder.name)))
}

/// The variable that the names of an expression lead to.
fn variable_of(file: &File, hint: &Hint, depth: u8) -> Option<String> {
    if depth > 3 {
        return None;
    }
    let mut inner = hint.names.iter().filter_map(|name| file.names.get(name));
    let lead =
        |inner: &Hint| inner.variables.first().cloned().or_else(|| variable_of(file, inner, depth + 1));
    inner.find_map(lead)
}

/// Names that make a path of a text, and change nothing about it.
const PLAIN: [&str; 9] = ["Paths", "Path", "get", "of", "new", "File", "Files", "toPath", "toFile"];

/// The one text that an expression comes to, where nothing is put in front of it.
fn text_of(file: &File, hint: &Hint) -> Option<String> {
    match hint.texts.as_slice() {
        [text] if hint.names.iter().all(|name| PLAIN.contains(&name.as_str())) => Some(text.clone()),
        [] => {
            let mut inner = hint.names.iter().filter_map(|name| file.names.get(name));
            let plain = |inner: &&Hint| {
                inner.texts.len() == 1 && inner.names.iter().all(|name| PLAIN.contains(&name.as_str()))
            };
            inner.find(plain)?.texts.first().cloned()
        }
        _ => None,
    }
}

/// Whether a name is one that an environment can have.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether a file uses a framework.
pub(super) fn imports(file: &File, framework: &Framework) -> bool {
    framework.imports.iter().any(|package| {
        file.imports.iter().any(|import| {
            import.strip_prefix(package.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    })
}
