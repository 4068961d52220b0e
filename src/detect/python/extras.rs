//! Extras that the program cannot start without: what it imports at once, and only an optional list of the manifest names.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;

use super::code::Code;
use super::start::{self, Looking, shown};
use super::work::Work;
use super::{django, import_roots};
use crate::error::Result;
use crate::facts::Evidence;
use crate::source::python::Kind;

/// Words in the names of extras that an image for any machine is better without.
const LATER: [&str; 9] = ["gpu", "cuda", "cu1", "rocm", "mps", "dev", "test", "doc", "all"];

/// The extras, each with the import that asks for it.
///
/// # Errors
/// A Procfile is broken, or the script that was asked for is not there.
pub(super) fn wanted(work: &Work) -> Result<Vec<(String, Evidence)>> {
    let Some(manifest) = &work.pyproject else { return Ok(Vec::new()) };
    if manifest.value.extras.is_empty() || !work.tool.requirements.is_empty() {
        return Ok(Vec::new());
    }
    let django = django::find(work);
    let code = Code::new(work.cx, import_roots(work, django.as_ref()));
    let looking = Looking { work, code: &code, django: django.as_ref() };
    let Some(begin) = start::find(&looking)? else { return Ok(Vec::new()) };
    let mut found: Vec<(String, Evidence)> = Vec::new();
    let known: BTreeSet<String> = work.packages.keys().flat_map(|name| modules(work, name)).collect();
    for (module, because) in imported(work, &code, &begin.entries) {
        let holds = |extra: &&String| {
            manifest
                .value
                .extras
                .get(*extra)
                .is_some_and(|list| list.iter().any(|one| modules(work, &one.name).contains(&module)))
        };
        let taken = found.iter().any(|(extra, _)| holds(&extra));
        if known.contains(&module) || taken {
            continue;
        }
        let size = |extra: &&String| manifest.value.extras.get(*extra).map_or(0, Vec::len);
        let later = |extra: &&String| LATER.iter().any(|word| extra.contains(word));
        let best = manifest.value.extras.keys().filter(holds).min_by_key(|extra| (later(extra), size(extra)));
        found.extend(best.map(|extra| (extra.clone(), because)));
    }
    Ok(found)
}

/// The modules that a package is imported by, as far as its name and the tables tell.
fn modules(work: &Work, package: &str) -> Vec<String> {
    let rows = work.cx.knowledge.of("python").frameworks.iter();
    let rows = rows.filter(|row| row.when.iter().any(|name| name == package)).flat_map(|row| &row.modules);
    let tops = rows.filter_map(|module| module.split('.').next()).map(str::to_owned);
    tops.chain([package.replace('-', "_")]).collect()
}

/// What is imported as soon as the program starts, whatever holds: modules by their first name, each once.
fn imported(work: &Work, code: &Code, entries: &[Utf8PathBuf]) -> BTreeMap<String, Evidence> {
    let mut all = BTreeMap::new();
    let mut files = entries.to_vec();
    let mut at = 0;
    while let Some(path) = files.get(at).cloned().filter(|_| at < 300) {
        at += 1;
        let Some(file) = code.file(&path) else { continue };
        for statement in file.statements.iter().filter(|statement| statement.indent == 0) {
            let Kind::Import(import) = &statement.kind else { continue };
            let names = import.names.iter().map(|(name, _)| Some(name.as_str()));
            let own: Vec<Utf8PathBuf> = names
                .chain([None])
                .filter_map(|name| code.imported(&path, import, name))
                .filter(|found| work.cx.repo.has(found))
                .collect();
            if own.is_empty() && import.level == 0 {
                let top = import.module.split('.').next().unwrap_or_default().to_owned();
                let says = format!("{} imports {top}", shown(work, &path));
                all.entry(top).or_insert_with(|| Evidence::line(&path, statement.line, says));
            }
            for found in own {
                if !files.contains(&found) {
                    files.push(found);
                }
            }
        }
    }
    all
}
