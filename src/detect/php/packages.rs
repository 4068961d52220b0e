//! What Composer has to do: the files that its install reads, packages that need git, credentials or a folder of the
//! repository, scripts that run behind the autoloader.

use camino::{Utf8Path, Utf8PathBuf};
use globset::Glob;

use super::work::Work;
use crate::detect::access::Keys;
use crate::facts::{ComposerFacts, Evidence, Found, Project};

/// Composer's facts; none where it would do nothing.
pub(super) fn find(work: &mut Work) -> Option<ComposerFacts> {
    let manifest = work.manifest.clone()?;
    let platform = |name: &str| {
        name == "php" || name.starts_with("ext-") || name.starts_with("lib-") || !name.contains('/')
    };
    let has_packages = match &work.lock {
        Some(lock) => !lock.packages.is_empty(),
        None => manifest.require.keys().any(|name| !platform(name)),
    };
    if !has_packages && manifest.autoload.is_empty() {
        return None;
    }
    let lock = work.lock.is_some().then(|| work.root.join("composer.lock"));
    if lock.is_none() && has_packages {
        let because = vec![Evidence::file(&work.root.join("composer.json"), "composer.json")];
        let text = "there is no composer.lock: each build installs what is newest that day; `composer update` writes one";
        work.note("no-lock-file", text, because);
    }
    let vendor = manifest.vendor_dir.as_deref().unwrap_or("vendor").trim_end_matches('/');
    Some(ComposerFacts {
        lock,
        manifests: manifests(work, &manifest.paths),
        has_packages,
        vendor: Utf8PathBuf::from(vendor),
        git_dependency: git(work),
    })
}

/// composer.json, the lock file, Symfony's own, and folders that packages come from.
fn manifests(work: &Work, globs: &[String]) -> Vec<Utf8PathBuf> {
    let names = ["composer.json", "composer.lock", "symfony.lock", "patches.lock.json"];
    let mut all: Vec<Utf8PathBuf> =
        names.iter().map(|name| work.root.join(name)).filter(|path| work.cx.repo.has(path)).collect();
    for folder in path_folders(work, globs) {
        all.push(Utf8PathBuf::from(format!("{folder}/")));
    }
    if work.cx.repo.has_dir(work.root.join("patches")) && work.requires("cweagans/composer-patches").is_some()
    {
        all.push(Utf8PathBuf::from(format!("{}/", work.root.join("patches"))));
    }
    all
}

/// Folders with a composer.json of their own that a `path` repository names.
fn path_folders(work: &Work, globs: &[String]) -> Vec<Utf8PathBuf> {
    let folders = work.cx.repo.under(&work.root).filter(|file| file.file_name() == Some("composer.json"));
    let folders: Vec<&Utf8Path> = folders.filter_map(|file| file.parent()).collect();
    let mut found: Vec<Utf8PathBuf> = Vec::new();
    for glob in globs {
        let plain = glob.trim_start_matches("./").trim_end_matches('/');
        let Ok(matcher) = Glob::new(plain).map(|glob| glob.compile_matcher()) else { continue };
        let named = folders.iter().filter(|folder| {
            folder
                .strip_prefix(&work.root)
                .is_ok_and(|inner| !inner.as_str().is_empty() && matcher.is_match(inner))
        });
        found.extend(named.map(|folder| (*folder).to_owned()));
    }
    found.sort();
    found.dedup();
    found
}

fn git(work: &Work) -> Option<Found<String>> {
    let package = work.lock.as_ref()?.packages.iter().find(|package| package.git)?;
    let says = format!("{} is cloned", package.name);
    Some(Found::new(
        package.name.clone(),
        Evidence::line(&work.root.join("composer.lock"), package.line, says),
    ))
}

/// Repositories of the manifest, and packages that git fetches over SSH.
pub(super) fn keys(work: &Work, project: &mut Project) {
    let mut keys = Keys::of(work.cx.knowledge, "composer");
    for address in work.manifest.iter().flat_map(|manifest| &manifest.repositories) {
        let because =
            |name: &str| work.key(&["repositories"], format!("{name} in the repositories of composer.json"));
        let name =
            address.split("://").nth(1).unwrap_or(address).split(['/', ':']).next().unwrap_or_default();
        let name = name.rsplit('@').next().unwrap_or_default();
        if address.contains("://") && !address.starts_with("ssh://") {
            keys.registry(address, None, &because(name));
        } else {
            keys.git(address, &because(name));
        }
    }
    let lock = work.root.join("composer.lock");
    for package in work.lock.iter().flat_map(|lock| &lock.packages).filter(|package| package.git) {
        let because = Evidence::line(&lock, package.line, format!("{} is cloned", package.name));
        package.url.iter().for_each(|address| keys.git(address, &because));
    }
    keys.finish(project, true);
}
