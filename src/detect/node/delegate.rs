//! The root of a workspace that hands over to one of its members: `"start": "yarn workspace web start"`.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::workspace::{self, Workspace};
use crate::detect::{Context, join_inside};
use crate::error::Result;
use crate::manifest::package_json::PackageJson;
use crate::source::command::{self, Simple};

/// Scripts that call each other further than this are a circle.
const DEPTH: usize = 8;

/// The one member, relative to the repository, that the start scripts of a workspace's root run.
///
/// # Errors
/// A manifest or a list of members is there and broken.
pub fn hands_over(cx: &Context, root: &Utf8Path) -> Result<Option<Utf8PathBuf>> {
    let file = root.join("package.json");
    let Some(text) = cx.repo.read(&file)? else { return Ok(None) };
    let manifest = PackageJson::read(&file, &text)?;
    let workspace = workspace::find(cx, root)?.filter(|workspace| workspace.root == root);
    let Some(workspace) = workspace else { return Ok(None) };
    let names = &cx.knowledge.of("node").start_scripts;
    let scripts = names.iter().filter_map(|name| for_linux(&manifest, name));
    let told = scripts.map(|name| members(&manifest, &name, &workspace)).find(|found| !found.is_empty());
    Ok(told.and_then(|found| one(&found)))
}

/// The name of a script; of one that picks another by the system, that of the one for Linux.
pub(super) fn for_linux(manifest: &PackageJson, name: &str) -> Option<String> {
    let text = manifest.scripts.get(name)?;
    if !matches!(text.trim(), "run-script-os" | "run-os") {
        return Some(name.to_owned());
    }
    let systems = ["linux", "darwin:linux", "nix", "default"];
    systems
        .map(|system| format!("{name}:{system}"))
        .into_iter()
        .find(|name| manifest.scripts.contains_key(name))
}

/// The member of all commands that name one, where the last does.
fn one(found: &[Option<Utf8PathBuf>]) -> Option<Utf8PathBuf> {
    let named: BTreeSet<&Utf8PathBuf> = found.iter().flatten().collect();
    found.last().cloned().flatten().filter(|_| named.len() == 1)
}

/// The member that each command of a script runs something in.
fn members(manifest: &PackageJson, script: &str, workspace: &Workspace) -> Vec<Option<Utf8PathBuf>> {
    let mut found = Vec::new();
    gather(manifest, script, workspace, 0, &mut found);
    found
}

fn gather(
    manifest: &PackageJson,
    script: &str,
    workspace: &Workspace,
    depth: usize,
    found: &mut Vec<Option<Utf8PathBuf>>,
) {
    let Some(text) = manifest.scripts.get(script).filter(|_| depth < DEPTH) else { return };
    let mut at: Option<Utf8PathBuf> = None;
    for simple in command::parse(text).commands {
        if let [cd, folder] = simple.argv.as_slice()
            && cd == "cd"
        {
            at = join_inside(&workspace.root, folder);
            continue;
        }
        let own = simple.scripts().filter(|scripts| at.is_none() && scripts.elsewhere.is_none());
        let own = own.filter(|scripts| scripts.names.iter().any(|name| manifest.scripts.contains_key(name)));
        if let Some(scripts) = own {
            scripts.names.iter().for_each(|name| gather(manifest, name, workspace, depth + 1, found));
            continue;
        }
        let entered = at.as_ref().and_then(|folder| around(workspace, folder));
        let file =
            || join_inside(&workspace.root, &simple.runs()?.file).and_then(|file| around(workspace, &file));
        let names = named(&simple);
        if entered.is_none() && !names.is_empty() {
            found.extend(names.iter().map(|name| member(workspace, name)));
        } else {
            found.push(entered.or_else(file));
        }
    }
}

/// What a command of a package manager or of Turborepo names: the members of its filters, or the folder that it enters.
fn named(simple: &Simple) -> Vec<String> {
    let filter = |word: &str| matches!(word, "--filter" | "-F" | "--workspace" | "-w");
    let manages = matches!(simple.program(), Some("turbo" | "pnpm" | "npm"));
    let words = simple.argv.iter().zip(simple.argv.iter().skip(1).map(Some).chain([None]));
    let named = words.filter_map(|(word, next)| match word.split_once('=') {
        Some((flag, value)) if filter(flag) => Some(value.to_owned()),
        None if filter(word) => next.cloned(),
        _ => None,
    });
    let filters: Vec<String> = named.filter(|_| manages).collect();
    if !filters.is_empty() {
        return filters;
    }
    simple.scripts().and_then(|scripts| scripts.elsewhere).into_iter().collect()
}

/// The member of a name or of a folder, `...` of a filter left out.
fn member(workspace: &Workspace, name: &str) -> Option<Utf8PathBuf> {
    let plain = name.trim_matches('.').trim_matches('{').trim_matches('}');
    let folder = join_inside(&workspace.root, plain);
    let is = |one: &&workspace::Member| {
        one.manifest.name.as_deref() == Some(plain) || Some(&one.root) == folder.as_ref()
    };
    workspace.members.iter().find(is).map(|one| one.root.clone())
}

/// The member that a folder is, or lies in.
fn around(workspace: &Workspace, folder: &Utf8Path) -> Option<Utf8PathBuf> {
    let holds = |one: &&workspace::Member| folder.starts_with(&one.root);
    workspace.members.iter().filter(holds).map(|one| one.root.clone()).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::Answers;
    use crate::knowledge::Knowledge;
    use crate::repo::Repo;

    fn of(start: &str) -> Option<String> {
        let root =
            format!("{{ \"private\": true, \"workspaces\": [\"apps/*\"], \"scripts\": {{ {start} }} }}");
        let repo = Repo::from_files([
            ("package.json", root.as_str()),
            ("apps/web/package.json", "{ \"name\": \"@shop/web\" }"),
            ("apps/api/package.json", "{ \"name\": \"@shop/api\" }"),
            ("apps/api/bin/run", "#!/usr/bin/env node\n"),
        ]);
        let knowledge = Knowledge::load(&repo).unwrap();
        let cx = Context { repo: &repo, knowledge: &knowledge, answers: &Answers::default() };
        hands_over(&cx, "".into()).unwrap().map(Utf8PathBuf::into_string)
    }

    #[test]
    fn a_start_script_names_a_member() {
        for script in [
            "yarn workspace @shop/web start",
            "yarn --cwd ./apps/web start",
            "npm start -w apps/web",
            "pnpm --filter @shop/web... start",
            "turbo run start --filter=@shop/web",
            "cd apps/web && npm start",
        ] {
            assert_eq!(of(&format!("\"start\": \"{script}\"")).as_deref(), Some("apps/web"), "{script}");
        }
        assert_eq!(of("\"start\": \"cd apps/api/bin && ./run start\"").as_deref(), Some("apps/api"));
        assert_eq!(of("\"start\": \"node apps/api/dist/main.js\"").as_deref(), Some("apps/api"));
        let by_system = "\"start\": \"run-script-os\", \"start:default\": \"npm start -w @shop/api\"";
        assert_eq!(of(by_system).as_deref(), Some("apps/api"));
        assert_eq!(
            of("\"start\": \"npm run web\", \"web\": \"yarn workspace @shop/web start\"").as_deref(),
            Some("apps/web")
        );
    }

    #[test]
    fn two_members_or_none_are_left_open() {
        assert_eq!(
            of("\"start\": \"yarn workspace @shop/web start & yarn workspace @shop/api start\""),
            None
        );
        assert_eq!(of("\"start\": \"turbo run start\""), None);
        assert_eq!(of("\"start\": \"turbo run start --filter=@shop/web --filter=@shop/api\""), None);
        assert_eq!(of("\"start\": \"turbo run start --filter=@shop/web --filter=@shop/docs\""), None);
        assert_eq!(of("\"start\": \"yarn workspace @shop/api migrate && node server.js\""), None);
        assert_eq!(of("\"build\": \"yarn workspace @shop/web build\""), None);
    }
}
