//! A manifest with nothing to run: a library, a workspace's root, tooling.

use camino::Utf8PathBuf;

use super::start::{Search, is_library};
use super::work::Work;
use super::workspace::Workspace;
use crate::detect::{Context, Detection, NothingToRun};
use crate::facts::Evidence;

/// The answer for a project that nothing starts.
pub(super) fn answer(cx: &Context, work: &Work, language: &str) -> Detection {
    let (what, because, help) = reason(cx, work);
    Detection::NothingToRun(NothingToRun {
        root: work.root.clone(),
        language: language.to_owned(),
        what,
        because: vec![because],
        help,
    })
}

type Reason = (String, Evidence, Vec<String>);

fn reason(cx: &Context, work: &Work) -> Reason {
    if let Some(workspace) = rooted(work).filter(|workspace| !workspace.members.is_empty()) {
        let runnable: Vec<String> =
            runnable_members(cx, work).iter().map(|member| format!("`--service {member}`")).collect();
        let help = if runnable.is_empty() {
            "name the member that runs with `--service PATH`".to_owned()
        } else {
            format!("name the member that runs: {}", runnable.join(", "))
        };
        return (
            "a workspace root".to_owned(),
            Evidence::file(&workspace.file, "the workspace's members"),
            vec![help],
        );
    }
    if is_tooling(cx, work) {
        let because = work.at(&["devDependencies"], "devDependencies of package.json");
        return ("tooling: its packages only check, format or test".to_owned(), because, vec![]);
    }
    let help = vec!["give the command that starts it with `--start`".to_owned()];
    if is_library(work) || work.manifest.main.is_some() || work.manifest.library {
        return (
            "a library: no script starts it".to_owned(),
            work.at(&["main"], "main of package.json"),
            help,
        );
    }
    ("a package.json that nothing starts".to_owned(), Evidence::file(&work.file, "package.json"), help)
}

/// The workspace whose root the project is.
fn rooted(work: &Work) -> Option<&Workspace> {
    work.workspace.as_ref().filter(|workspace| workspace.root == work.root)
}

/// The members that look like programs, where the project is their workspace's root; relative to it.
pub(super) fn runnable_members(cx: &Context, work: &Work) -> Vec<Utf8PathBuf> {
    let members = rooted(work).into_iter().flat_map(|workspace| &workspace.members);
    let runnable = members.filter(|member| looks_runnable(cx, &member.manifest));
    runnable.map(|member| member.root.strip_prefix(&work.root).unwrap_or(&member.root).to_owned()).collect()
}

/// Whether the root of a workspace serves what one of its members builds: the member is the program.
pub(super) fn serves_a_member(work: &Work, search: &Search) -> bool {
    let served = search.files.as_ref().and_then(|found| found.value.as_ref());
    let inside = |folder: &Utf8PathBuf| {
        let folder = work.root.join(folder);
        rooted(work)
            .is_some_and(|workspace| workspace.members.iter().any(|one| folder.starts_with(&one.root)))
    };
    search.begin.is_none() && served.is_some_and(inside)
}

/// Whether a member has a script that starts, or a framework that serves.
fn looks_runnable(cx: &Context, manifest: &crate::manifest::package_json::PackageJson) -> bool {
    let table = cx.knowledge.of("node");
    let starts = ["start", "start:prod"].iter().any(|name| manifest.scripts.contains_key(*name));
    let framework = |row: &crate::knowledge::Framework| {
        !row.library && row.when.iter().any(|name| manifest.specifier(name).is_some())
    };
    manifest.offers.is_empty()
        && (starts || table.frameworks.iter().any(framework) && manifest.scripts.contains_key("build"))
}

/// Whether every package only checks, formats or tests.
pub(super) fn is_tooling(cx: &Context, work: &Work) -> bool {
    let table = cx.knowledge.of("node");
    let mut names = work.manifest.all_dependencies().map(|(name, _)| name).peekable();
    names.peek().is_some()
        && work.manifest.dependencies.is_empty()
        && names.all(|name| table.tooling.iter().any(|row| matches(row, name)))
}

fn matches(row: &str, name: &str) -> bool {
    row.strip_suffix('*').map_or(row == name, |prefix| name.starts_with(prefix))
}
