//! Which members of a workspace a project's image is made of, and which ones it can do without: an edit there must
//! neither install nor build anything again.

use std::collections::{BTreeSet, HashMap};

use camino::{Utf8Path, Utf8PathBuf};

use super::work::Work;
use super::workspace::Workspace;
use crate::detect::{Context, join_inside};
use crate::manifest::tsconfig;

/// Files that may name another member.
const SOURCES: [&str; 15] = [
    "ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "vue", "svelte", "astro", "css", "scss", "json",
    "mdx",
];

/// Members that nothing of the project's build names, sorted by folder; none where it is no member itself.
pub(super) fn others(cx: &Context, work: &Work) -> Vec<Utf8PathBuf> {
    let Some(workspace) = work.workspace.as_ref().filter(|workspace| workspace.root != work.root) else {
        return Vec::new();
    };
    let mut needed = BTreeSet::from([work.root.clone()]);
    needed.extend(workspace.siblings(&work.root, &work.manifest));
    if let Some(outer) = &workspace.manifest {
        needed.extend(workspace.siblings(&workspace.root, outer));
    }
    let names = names(cx, workspace);
    let mut next: Vec<Utf8PathBuf> = needed.iter().cloned().collect();
    while let Some(folder) = next.pop() {
        let found = named(cx, &names, &folder);
        for member in found.iter().filter_map(|root| workspace.member(root)) {
            let inner = workspace.siblings(&member.root, &member.manifest);
            next.extend(
                inner.into_iter().chain([member.root.clone()]).filter(|root| needed.insert(root.clone())),
            );
        }
    }
    let holds = |folder: &Utf8PathBuf| needed.iter().any(|one| one.starts_with(folder));
    workspace.members.iter().map(|member| member.root.clone()).filter(|folder| !holds(folder)).collect()
}

/// What sources call members by: their names, their paths below the workspace, and what its configuration makes of them.
type Names = HashMap<String, Utf8PathBuf>;

fn names(cx: &Context, workspace: &Workspace) -> Names {
    let mut names = Names::new();
    for (alias, place) in aliases(cx, workspace) {
        let of = workspace.members.iter().find(|member| place.starts_with(&member.root));
        names.extend(of.map(|member| (alias, member.root.clone())));
    }
    for member in &workspace.members {
        let path = member.root.strip_prefix(&workspace.root).unwrap_or(&member.root).to_string();
        let own = member.manifest.name.clone().into_iter().chain([path]);
        names.extend(own.map(|name| (name, member.root.clone())));
    }
    names
}

/// `paths` of the configuration that members extend.
fn aliases(cx: &Context, workspace: &Workspace) -> Vec<(String, Utf8PathBuf)> {
    let mut aliases = Vec::new();
    for name in ["tsconfig.json", "tsconfig.base.json"] {
        let file = workspace.root.join(name);
        let Some(text) = cx.repo.source(&file) else { continue };
        let Ok(config) = tsconfig::read(&file, &text) else { continue };
        let base = workspace.root.join(config.base_url.as_deref().unwrap_or("."));
        for (alias, places) in config.paths {
            let alias = alias.trim_end_matches('*').trim_end_matches('/').to_owned();
            let places = places.iter().filter_map(|place| join_inside(&base, place));
            aliases.extend(places.map(|place| (alias.clone(), place)));
        }
    }
    aliases.retain(|(alias, _)| !alias.is_empty());
    aliases
}

/// The folders of members that the files of a folder name.
fn named(cx: &Context, names: &Names, folder: &Utf8Path) -> BTreeSet<Utf8PathBuf> {
    let source = |file: &&Utf8PathBuf| {
        let lock = matches!(file.file_name(), Some("package-lock.json" | "package.json"));
        file.extension().is_some_and(|ending| SOURCES.contains(&ending)) && !lock
    };
    let files: Vec<&Utf8PathBuf> = cx.repo.under(folder).filter(source).collect();
    let read = |_: &Utf8Path, text: &str| said(text, names);
    cx.repo.map_sources(&files, read).into_iter().flatten().collect()
}

/// What the strings of a text name.
fn said(text: &str, names: &Names) -> BTreeSet<Utf8PathBuf> {
    let mut found = BTreeSet::new();
    for quote in memchr::memchr3_iter(b'"', b'\'', b'`', text.as_bytes()) {
        let rest = text.get(quote + 1..).unwrap_or_default();
        let end = rest.bytes().take(LONGEST).position(|byte| !is_path(byte)).unwrap_or(0);
        let path = rest.get(..end).unwrap_or_default();
        if !path.is_empty() {
            found.extend(windows(path).filter_map(|part| names.get(part)).cloned());
        }
    }
    found
}

/// A path that is longer names nothing.
const LONGEST: usize = 200;

fn is_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"@/._-*".contains(&byte)
}

/// Every run of up to four parts of a path.
fn windows(path: &str) -> impl Iterator<Item = &str> {
    let starts = [0].into_iter().chain(path.match_indices('/').map(|(at, _)| at + 1));
    starts.flat_map(move |start| {
        let rest = path.get(start..).unwrap_or_default();
        let ends = rest.match_indices('/').map(|(at, _)| at).chain([rest.len()]).take(4);
        ends.filter_map(move |end| rest.get(..end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_whole_one() {
        let names: Names = [("@shop/ui", "packages/ui"), ("packages/ui", "packages/ui")]
            .map(|(name, root)| (name.to_owned(), root.into()))
            .into();
        let says = |text: &str| !said(text, &names).is_empty();
        assert!(says("import { a } from '@shop/ui';"));
        assert!(says("import '@shop/ui/button'"));
        assert!(says("\"include\": [\"../../packages/ui/src\"]"));
        assert!(!says("import '@shop/ui-kit'"));
        assert!(!says("// packages/ui is not read"));
    }
}
