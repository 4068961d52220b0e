//! What a framework's programs are started with: a command word, and a configuration file of the repository.

use camino::{Utf8Path, Utf8PathBuf};

use crate::detect::Context;
use crate::facts::{Evidence, Found, Listen, Project};
use crate::knowledge::Framework;
use crate::manifest::settings::{self, Setting};

/// The words, and the file that is among them.
pub(super) struct Words {
    /// The words.
    pub(super) args: Vec<Found<String>>,
    /// The file, relative to the repository, with its settings.
    file: Option<(Utf8PathBuf, Vec<Setting>)>,
}

/// Keys that only a configuration of the program has at its root.
const KEYS: [&str; 5] = ["server.", "logging.", "database.", "metrics.", "health."];

/// The words that a framework's programs are started with.
pub(super) fn of(
    cx: &Context<'_>,
    framework: &Framework,
    because: &Evidence,
    (root, dir): (&Utf8Path, &Utf8Path),
) -> Option<Words> {
    if framework.arguments.is_empty() {
        return None;
    }
    let says = format!("{} programs are started with a command", framework.name);
    let because = Evidence { says, ..because.clone() };
    let mut args: Vec<Found<String>> =
        framework.arguments.iter().map(|word| Found::new(word.clone(), because.clone())).collect();
    let file = configuration(cx, dir);
    if let Some((path, _)) = &file {
        let inner = path.strip_prefix(root).unwrap_or(path);
        args.push(Found::new(inner.to_string(), Evidence::file(path, inner.as_str())));
    }
    Some(Words { args, file })
}

/// The configuration beside the build file or in `config`; those for tests are not meant.
fn configuration(cx: &Context<'_>, dir: &Utf8Path) -> Option<(Utf8PathBuf, Vec<Setting>)> {
    let mut found: Vec<(Utf8PathBuf, Vec<Setting>)> = Vec::new();
    for place in [dir.to_owned(), dir.join("config"), dir.join("conf")] {
        for name in cx.repo.list(&place).0 {
            let path = place.join(name);
            let yaml = matches!(path.extension(), Some("yml" | "yaml"));
            if !yaml
                || name.starts_with('.')
                || ["test", "compose", "openapi", "mkdocs"].iter().any(|word| name.contains(word))
            {
                continue;
            }
            let settings =
                cx.repo.source(&path).and_then(|text| settings::yaml(&text).ok()).unwrap_or_default();
            if settings.iter().any(|one| KEYS.iter().any(|key| one.key.starts_with(key))) {
                found.push((path, settings));
            }
        }
    }
    let better = |path: &Utf8Path| {
        ["config", "prod"].iter().any(|word| path.file_name().is_some_and(|name| name.contains(word)))
    };
    found.sort_by_key(|(path, _)| (!better(path), path.clone()));
    found.into_iter().next()
}

impl Words {
    /// Puts what the file says into the project: it is read, and it names the ports.
    pub(super) fn fill(&self, project: &mut Project) {
        let Some((path, settings)) = &self.file else { return };
        let inner = path.strip_prefix(&project.root).unwrap_or(path).to_owned();
        project.reads.push(Found::new(
            inner.clone(),
            Evidence::file(path, format!("{inner} is named when it starts")),
        ));
        let keys = [
            "server.applicationConnectors[0].port",
            "server.connector.port",
            "server.adminConnectors[0].port",
        ];
        let ports =
            keys.iter().filter_map(|key| settings.iter().find(|one| one.key == *key)).filter_map(|one| {
                let value = Listen { port: port(&one.value)?, variable: None, must_set: false };
                Some(Found::new(value, Evidence::line(path, one.line, format!("{} in {inner}", one.key))))
            });
        let mut listen: Vec<Found<Listen>> = Vec::new();
        for one in ports {
            if listen.iter().all(|known| known.value.port != one.value.port) {
                listen.push(one);
            }
        }
        if !listen.is_empty() {
            project.listen = listen;
        }
    }
}

/// A number, or the default of a placeholder: `${PORT:-8080}`.
fn port(value: &str) -> Option<u16> {
    let placeholder = settings::placeholders(value).into_iter().next();
    let text = placeholder.and_then(|one| one.default).unwrap_or_else(|| value.to_owned());
    text.trim().parse().ok().filter(|port| *port != 0)
}
