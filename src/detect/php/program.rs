//! A program that PHP runs by itself: a `bin` of composer.json, a script of the manifest, a file with a usual name.

use camino::Utf8Path;

use super::work::Work;
use crate::facts::{Evidence, Found, Kind, Listen, Start};
use crate::source::command;

/// How it begins.
pub(super) struct Begin {
    pub(super) start: Found<Start>,
    pub(super) kind: Kind,
    pub(super) listen: Option<Found<Listen>>,
    pub(super) handles_sigterm: bool,
}

/// The command that a person gave, for a folder that has PHP in it.
pub(super) fn asked(work: &Work) -> Option<Begin> {
    let text = work.cx.answers.start.as_ref().filter(|_| has_php(work))?;
    let because = Evidence::told(format!("`--start \"{text}\"`"));
    let command = command::parse(text);
    let simple = command.program().filter(|_| !command.needs_shell && command.commands.len() == 1);
    let start = match simple {
        Some(simple) => Start { argv: simple.argv.clone(), env: simple.env.clone(), shell: None },
        None => Start { shell: Some(text.clone()), ..Start::default() },
    };
    Some(Begin {
        start: Found::new(start, because),
        kind: Kind::Worker,
        listen: None,
        handles_sigterm: false,
    })
}

/// Composer's manifest, or a file of PHP in the folder itself.
fn has_php(work: &Work) -> bool {
    let (files, _) = work.cx.repo.list(&work.root);
    work.manifest.is_some() || files.iter().any(|name| Utf8Path::new(name).extension() == Some("php"))
}

/// A `bin` of the manifest, then a usual file.
pub(super) fn find(work: &Work) -> Option<Begin> {
    let manifest = work.manifest.as_ref();
    let own = manifest.and_then(|manifest| manifest.bin.iter().find(|path| is_script(work, path)));
    if let Some(path) = own {
        let because = work.key(&["bin"], "the bin of composer.json");
        return Some(begin(path.trim_start_matches("./"), because, Kind::Cli));
    }
    let kind = manifest.and_then(|manifest| manifest.kind.as_deref());
    if !matches!(kind, Some("project") | None) {
        return None;
    }
    let entries = work.table.entries.iter();
    let path = entries.into_iter().find(|path| is_script(work, path))?;
    if manifest.is_none() && path.contains('/') {
        return None;
    }
    let because = Evidence::file(&work.root.join(path), path.clone());
    Some(begin(path, because, if path.ends_with("console") { Kind::Cli } else { Kind::Worker }))
}

fn begin(path: &str, because: Evidence, kind: Kind) -> Begin {
    let start = Start { argv: vec!["php".to_owned(), path.to_owned()], ..Start::default() };
    Begin { start: Found::new(start, because), kind, listen: None, handles_sigterm: false }
}

/// A file of PHP: by its ending, or by its first line.
fn is_script(work: &Work, path: &str) -> bool {
    let place = work.root.join(path.trim_start_matches("./"));
    let php = |text: &str| {
        text.starts_with("<?php")
            || text.lines().next().is_some_and(|line| line.starts_with("#!") && line.contains("php"))
    };
    Utf8Path::new(path).is_relative()
        && work.cx.repo.source(&place).is_some_and(|text| php(text.trim_start()))
}

/// The port of `php -S host:port` in a script of the manifest: what people open while they develop.
pub(super) fn served_port(work: &Work) -> Option<Found<Listen>> {
    let manifest = work.manifest.as_ref()?;
    for name in ["start", "serve", "server", "dev"] {
        for line in manifest.scripts.get(name).into_iter().flatten() {
            let mut words = line.split_whitespace().skip_while(|word| *word != "-S");
            let port = words.nth(1).and_then(|address| address.rsplit_once(':')?.1.parse().ok());
            if let Some(port) = port.filter(|_| line.contains("php")) {
                let because = work.key(&["scripts", name], format!("the script {name} of composer.json"));
                return Some(Found::new(Listen { port, variable: None, must_set: false }, because));
            }
        }
    }
    None
}
