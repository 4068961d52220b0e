//! What the sources of a front end take from Composer's packages: it has to be built beside them.

use camino::{Utf8Path, Utf8PathBuf};

use super::work::Work;
use crate::facts::{Evidence, Found};

const SOURCES: [&str; 11] = ["js", "mjs", "cjs", "ts", "jsx", "tsx", "vue", "svelte", "css", "scss", "less"];

/// The package whose files a source of the front end names by their place in the vendor folder.
pub(super) fn reads_packages(work: &Work, site: &Utf8Path) -> Option<Found<String>> {
    if !work.has("package.json") {
        return None;
    }
    let manifest = work.manifest.as_ref()?;
    let locked = work.lock.iter().flat_map(|lock| lock.packages.iter().map(|package| package.name.as_str()));
    let names: Vec<&str> =
        manifest.require.keys().map(String::as_str).chain(locked).filter(|name| name.contains('/')).collect();
    let site = work.root.join(site);
    let apart = |path: &Utf8PathBuf| {
        path.components().any(|part| ["node_modules", "vendor", "docs"].contains(&part.as_str()))
    };
    let files = work.cx.repo.under(&work.root).filter(|path| {
        path.extension().is_some_and(|end| SOURCES.contains(&end))
            && !(site != work.root && path.starts_with(&site))
            && !apart(path)
    });
    for path in files {
        let Some(text) = work.cx.repo.source(path) else { continue };
        for (line, number) in text.lines().zip(1u32..) {
            let places = line
                .match_indices("/vendor/")
                .chain(line.match_indices("\"vendor/"))
                .chain(line.match_indices("'vendor/"));
            let mut after = places.filter_map(|(at, found)| line.get(at + found.len()..));
            let package = after.find_map(|rest| names.iter().find(|name| rest.starts_with(**name)));
            if let Some(package) = package {
                let place = path.strip_prefix(&work.root).unwrap_or(path);
                let says = format!("{place} names files of {package}");
                return Some(Found::new((*package).to_owned(), Evidence::line(path, number, says)));
            }
        }
    }
    None
}
