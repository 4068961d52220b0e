//! Programs and modules beside the one that is built: an edit there must not build this one again.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::module::Ground;
use super::tree::{Pack, Tree};
use crate::detect::Context;
use crate::facts::GoFacts;

/// The folders of the ground that hold other programs, and nothing that this one is made of.
pub(super) fn folders(
    cx: &Context<'_>,
    ground: &Ground,
    tree: &Tree,
    pack: &Pack,
    facts: &GoFacts,
) -> Vec<Utf8PathBuf> {
    // A tag takes in files whose imports were not followed.
    if ground.modules.is_empty() || !facts.tags.is_empty() {
        return Vec::new();
    }
    let needed = needed(ground, tree, pack, facts);
    let apart = |dir: &Utf8Path| dir != ground.root && !needed.iter().any(|one| one.starts_with(dir));
    let mains = tree.mains(&ground.root).into_iter().map(|main| main.dir.as_path());
    let modules = ground.modules.iter().take(ground.own).map(|module| module.dir.as_path());
    let found: BTreeSet<&Utf8Path> = mains.chain(modules).filter(|dir| apart(dir)).collect();
    let whole = found.iter().map(|dir| around(cx, dir, &found).filter(|dir| apart(dir)).unwrap_or(dir));
    let mut folders: Vec<Utf8PathBuf> = Vec::new();
    for dir in whole.collect::<BTreeSet<_>>() {
        if !folders.last().is_some_and(|last| dir.starts_with(last)) {
            folders.push(dir.to_owned());
        }
    }
    folders
}

/// The folder around the program, where it holds further ones and nothing else: one that is added is another one, too.
pub(super) fn programs(
    cx: &Context<'_>,
    ground: &Ground,
    pack: &Pack,
    facts: &GoFacts,
) -> Option<(Utf8PathBuf, Vec<Utf8PathBuf>)> {
    let parent = pack.dir.parent().filter(|dir| *dir != ground.root && dir.starts_with(&ground.root))?;
    let (files, names) = cx.repo.list(parent);
    let folders = || names.iter().map(|name| parent.join(name));
    let (apart, own): (Vec<_>, Vec<_>) = folders().partition(|dir| facts.others.contains(dir));
    let made = |dir: &Utf8PathBuf| *dir == pack.dir || companions(ground, facts).any(|one| one == *dir);
    (files.is_empty() && !apart.is_empty() && own.iter().all(made)).then(|| (parent.to_owned(), own))
}

fn companions(ground: &Ground, facts: &GoFacts) -> impl Iterator<Item = Utf8PathBuf> {
    facts.companions.iter().map(|one| ground.root.join(one.value.0.trim_start_matches("./")))
}

fn needed(ground: &Ground, tree: &Tree, pack: &Pack, facts: &GoFacts) -> BTreeSet<Utf8PathBuf> {
    let programs = companions(ground, facts).chain([pack.dir.clone()]);
    let mut needed: BTreeSet<Utf8PathBuf> = programs
        .flat_map(|dir| tree.reach(&dir).into_iter().map(|pack| pack.dir.clone()).collect::<Vec<_>>())
        .collect();
    let taken = [&facts.embeds, &facts.embeds_built, &facts.reads_built];
    needed.extend(taken.into_iter().flatten().map(|one| one.value.clone()));
    needed
}

/// The folder around that holds such folders alone: one line says it for all of them.
fn around<'d>(cx: &Context<'_>, dir: &'d Utf8Path, found: &BTreeSet<&Utf8Path>) -> Option<&'d Utf8Path> {
    let parent = dir.parent()?;
    let (files, folders) = cx.repo.list(parent);
    let alone = files.is_empty() && folders.iter().all(|name| found.contains(parent.join(name).as_path()));
    alone.then_some(parent)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{MOD, TOOL, at, found};
    use crate::detect::Detection;

    #[test]
    fn other_programs_are_apart_and_what_this_one_is_made_of_is_not() {
        let used = "package main\nimport \"example.com/shop/cmd/tool/text\"\nfunc main() { text.Show() }\n";
        let files = [
            MOD,
            ("cmd/shop/main.go", used),
            ("cmd/tool/main.go", TOOL),
            ("cmd/tool/text/t.go", "package text\nfunc Show() {}\n"),
            ("cmd/export/main.go", TOOL),
            ("examples/a/main.go", TOOL),
            ("examples/b/main.go", TOOL),
            ("gen/main.go", TOOL),
            ("gen/deep/main.go", TOOL),
        ];
        let Detection::Found(project) = at(&files, "", Some("shop")).unwrap() else { panic!("one is named") };
        assert_eq!(project.stack.others(), ["cmd/export", "examples", "gen"]);
        let tagged: Vec<_> =
            files.into_iter().chain([("Makefile", "build:\n\tgo build -tags pro ./cmd/shop\n")]).collect();
        let Detection::Found(project) = at(&tagged, "", Some("shop")).unwrap() else {
            panic!("one is named")
        };
        assert!(project.stack.others().is_empty(), "what a tag takes in is not known");
    }

    #[test]
    fn a_module_of_the_workspace_that_nothing_imports_is_apart() {
        let used = "package main\nimport \"example.com/lib\"\nfunc main() { lib.Run() }\n";
        let files = [
            ("go.work", "go 1.26\nuse (\n\t./api\n\t./lib\n\t./worker\n)\n"),
            ("api/go.mod", "module example.com/api\ngo 1.26\nrequire example.com/lib v0.0.0\n"),
            ("api/main.go", used),
            ("lib/go.mod", "module example.com/lib\ngo 1.26\n"),
            ("lib/lib.go", "package lib\nfunc Run() {}\n"),
            ("worker/go.mod", "module example.com/worker\ngo 1.26\n"),
            ("worker/main.go", TOOL),
        ];
        let (project, _) = found(&files, "api");
        assert_eq!(project.stack.others(), ["worker"]);
    }
}
