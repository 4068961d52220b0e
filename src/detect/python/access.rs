//! Where packages come from that not everybody may fetch: indexes beside the public one, and git.

use super::work::Work;
use crate::detect::access::Keys;
use crate::error::Result;
use crate::facts::{Evidence, Found, Project};
use crate::manifest::python::pip_conf;

/// Fills what the install has to be given.
pub(super) fn fill(work: &Work, project: &mut Project) {
    let mut keys = Keys::of(work.cx.knowledge, &work.tool.id);
    indexes(work, &mut keys);
    for (_, address, because) in &work.git {
        keys.git(address, because);
    }
    keys.finish(project, true);
}

/// A pip.conf right in the project's folder, where it names indexes: pip reads none there by itself.
///
/// # Errors
/// It cannot be read.
pub(super) fn settings(work: &mut Work) -> Result<()> {
    let file = work.root.join("pip.conf");
    let Some(text) = work.cx.repo.read(&file)? else { return Ok(()) };
    let indexes = pip_conf::indexes(&text);
    let Some((_, line)) = indexes.first().filter(|_| !text.contains("${")) else { return Ok(()) };
    let because = |line| Evidence::line(&file, line, "the index of pip.conf");
    work.tool.settings = Some(Found::new(file.clone(), because(*line)));
    work.tool.manifests.push(file.clone());
    work.indexes.extend(indexes.into_iter().map(|(url, line)| (String::new(), url, because(line))));
    Ok(())
}

/// A lock file that names the index of each package says which of them production asks; without one it may be any.
fn indexes(work: &Work, keys: &mut Keys) {
    let locked = locked(work);
    // PyPI has no line of its own in Poetry's.
    let told = work.lock.is_some() && ["uv", "poetry"].contains(&work.tool.id.as_str());
    let same = |one: &str, other: &str| one.trim_end_matches('/') == other.trim_end_matches('/');
    for (name, url, because) in &work.indexes {
        let named = url.contains("${") || !told || locked.iter().any(|(own, _)| same(own, url));
        if named {
            keys.registry(url, Some(name), because);
        }
    }
    let declared = |url: &str| work.indexes.iter().any(|(_, own, _)| same(own, url));
    for (url, because) in locked.iter().filter(|(url, _)| !declared(url)) {
        keys.registry(url, None, because);
    }
}

/// The indexes of the lock file's packages that production has, each once.
fn locked<'a>(work: &'a Work) -> Vec<(&'a str, Evidence)> {
    let mut found: Vec<(&str, Evidence)> = Vec::new();
    let packages = work.lock.iter().flat_map(|(_, lock)| &lock.packages);
    for package in packages.filter(|package| !package.git && work.packages.contains_key(&package.name)) {
        let Some(url) = package.source.as_deref().filter(|url| url.contains("://")) else { continue };
        if found.iter().all(|(known, _)| *known != url) {
            found.push((
                url,
                work.locked(package, format!("the index of {} in {}", package.name, work.lock_name())),
            ));
        }
    }
    found
}
