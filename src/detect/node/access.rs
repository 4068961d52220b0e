//! Where packages come from that not everybody may fetch: the registries of the tools' own settings and of the lock file,
//! and git over SSH.

use camino::Utf8Path;

use super::work::{Work, note};
use crate::detect::Context;
use crate::detect::access::Keys;
use crate::error::Result;
use crate::facts::{Evidence, Found, Need, NodeFacts, Phase, Project};
use crate::knowledge::Standing;
use crate::manifest::{bunfig, lock};

/// Keys of an `.npmrc` that hold what nobody else may know.
const SECRET: [&str; 4] = ["_authToken", "_password", "_auth", "_authtoken"];

/// Fills what the install has to be given.
///
/// # Errors
/// Bun's settings are broken.
pub(super) fn fill(cx: &Context, work: &Work, facts: &NodeFacts, project: &mut Project) -> Result<()> {
    let mut keys = Keys::of(cx.knowledge, &facts.tool.id);
    npmrc(work, &mut keys);
    yarnrc(work, &mut keys);
    if facts.tool.id == "bun" {
        bunfig(cx, work, &mut keys)?;
    }
    locked(cx, work, facts, &mut keys)?;
    git(cx, work, facts, &mut keys, project);
    keys.finish(project, true);
    Ok(())
}

/// Tokens that variables hold, and registries that no line has a token for.
fn npmrc(work: &Work, keys: &mut Keys) {
    let file = work.tool_root.join(".npmrc");
    let because = |line, says: &str| Evidence::line(&file, line, format!("the {says} of .npmrc"));
    for (name, line) in work.npmrc.variables.iter().filter(|(_, line)| is_about_registries(work, *line)) {
        keys.variable(name, &because(*line, name));
    }
    let signed: Vec<&str> = work
        .npmrc
        .settings
        .iter()
        .filter(|(key, ..)| SECRET.iter().any(|end| key.ends_with(end)))
        .filter_map(|(key, ..)| key.strip_prefix("//")?.split(['/', ':']).next())
        .collect();
    for (key, address, line) in &work.npmrc.settings {
        let host =
            address.split("://").nth(1).and_then(|rest| rest.split(['/', ':']).next()).unwrap_or_default();
        if (key == "registry" || key.ends_with(":registry")) && !signed.contains(&host) {
            keys.registry(address, None, &because(*line, key));
        }
    }
}

/// A folder for a cache may come from a variable, too, and is no secret.
fn is_about_registries(work: &Work, line: u32) -> bool {
    let key =
        work.npmrc.settings.iter().find(|(_, _, number)| *number == line).map(|(key, _, _)| key.as_str());
    key.is_some_and(|key| key.starts_with("//") || key.starts_with('_') || key.ends_with("registry"))
}

fn yarnrc(work: &Work, keys: &mut Keys) {
    let file = work.tool_root.join(".yarnrc.yml");
    for (name, line) in &work.yarnrc.variables {
        keys.variable(name, &Evidence::line(&file, *line, format!("the {name} of .yarnrc.yml")));
    }
    for (address, line) in &work.yarnrc.unsigned {
        keys.registry(address, None, &Evidence::line(&file, *line, "the npmRegistryServer of .yarnrc.yml"));
    }
}

fn bunfig(cx: &Context, work: &Work, keys: &mut Keys) -> Result<()> {
    let file = work.tool_root.join("bunfig.toml");
    let Some(text) = cx.repo.read(&file)? else { return Ok(()) };
    for registry in bunfig::registries(&file, &text)? {
        let because = Evidence::line(&file, registry.line, format!("the {} of bunfig.toml", registry.key));
        registry.variables.iter().for_each(|name| keys.variable(name, &because));
        if let Some(address) = registry.address.filter(|_| !registry.signed) {
            keys.registry(&address, None, &because);
        }
    }
    Ok(())
}

/// Registries that the lock file's archives come from and that give nothing without credentials. Where the settings name
/// the registry with a token, that is the one.
fn locked(cx: &Context, work: &Work, facts: &NodeFacts, keys: &mut Keys) -> Result<()> {
    let Some(file) = &facts.tool.lock else { return Ok(()) };
    if !work.npmrc.variables.is_empty() || !work.yarnrc.variables.is_empty() {
        return Ok(());
    }
    let Some(text) = cx.repo.read(file)? else { return Ok(()) };
    if let Some((host, line)) = private(cx, &text) {
        let says = format!("{host} in {}", file.file_name().unwrap_or_default());
        keys.file(&Evidence::line(file, line, says));
    }
    Ok(())
}

/// The first registry of a lock file that gives nothing without credentials.
pub(super) fn private<'a>(cx: &Context, text: &'a str) -> Option<(&'a str, u32)> {
    let addresses = lock::addresses(text).into_iter();
    let private = |place: &str| cx.knowledge.access.standing(place) == Standing::Private;
    addresses
        .filter(|(place, _)| private(place))
        .find_map(|(place, line)| Some((place.split('/').next()?, line)))
}

/// What git fetches over SSH: what a manifest asks for in so many words, and what the lock file has from a host that
/// only SSH reaches. npm writes SSH into its lock for public repositories of the great hosts, too, and fetches archives.
fn git(cx: &Context, work: &Work, facts: &NodeFacts, keys: &mut Keys, project: &mut Project) {
    for (file, manifest) in work.files() {
        for (name, specifier) in manifest.all_dependencies().filter(|(_, specifier)| is_explicit(specifier)) {
            let says = format!("{name} of package.json comes from git");
            let line = manifest.dependency_line(name);
            let because = Evidence { says, file: Some(Utf8Path::to_owned(file)), line };
            keys.git(specifier, &because);
            // pnpm has archives of the great hosts.
            let archive = facts.tool.id == "pnpm" && !specifier.contains("ssh://");
            let value = Need { capability: "git".to_owned(), phase: Phase::Build };
            if !archive && project.needs.iter().all(|known| known.value != value) {
                project.needs.push(Found::new(value, because));
            }
        }
    }
    for package in work.lock.lock().packages.iter().filter(|package| package.git) {
        let Some(address) = &package.source else { continue };
        let mut because = work.lock.evidence(cx, package);
        let file = work.lock.file.file_name().unwrap_or_default();
        because.says = format!("{} of {file} comes from git", package.name);
        keys.git(address, &because);
    }
}

fn is_explicit(specifier: &str) -> bool {
    ["git+", "git://", "ssh://", "git@"].iter().any(|start| specifier.starts_with(start))
}

/// A token that stands in the repository itself gets into the stage that installs, and is everybody's already.
pub(super) fn plain_token(work: &mut Work) {
    let secret = |key: &str| SECRET.iter().any(|end| key.ends_with(end));
    let plain = work
        .npmrc
        .settings
        .iter()
        .find(|(key, value, _)| secret(key) && !value.is_empty() && !value.contains("${"));
    if let Some((_, _, line)) = plain {
        let because = Evidence::line(&work.tool_root.join(".npmrc"), *line, "the token of .npmrc");
        let text = "`.npmrc` holds a token as plain text: revoke it, and put `${NPM_TOKEN}` in its place, which becomes a secret of the build";
        work.notes.push(note("plain-token", text, because));
    }
}
