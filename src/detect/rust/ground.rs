//! The workspace or package around a folder: its members, what they depend on in the repository, the lock file.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use globset::GlobBuilder;

use crate::detect::{Context, join_inside};
use crate::error::{Error, Result};
use crate::manifest::cargo_lock::CargoLock;
use crate::manifest::cargo_toml::{self, CargoToml, Dependency, Package, Target};

/// A package of the workspace, or one of the repository that it depends on.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// Its folder.
    pub(super) dir: Utf8PathBuf,
    /// Its Cargo.toml.
    pub(super) file: Utf8PathBuf,
    /// What stands in it.
    pub(super) manifest: CargoToml,
    /// What its `[package]` says.
    pub(super) package: Package,
    /// It lies outside of the workspace, and is only depended on.
    pub(super) foreign: bool,
}

/// A binary of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bin {
    /// The number of its package.
    pub(super) member: usize,
    /// Its name.
    pub(super) name: String,
    /// Its file, relative to the repository.
    pub(super) file: Utf8PathBuf,
    /// Features without which it is not built.
    pub(super) required: Vec<String>,
}

/// A workspace, or a package that is one by itself.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    /// The folder that cargo runs in.
    pub(super) root: Utf8PathBuf,
    /// The manifest there.
    pub(super) manifest: CargoToml,
    /// The packages, the root's own first.
    pub(super) members: Vec<Member>,
    /// The lock file and where it lies.
    pub(super) lock: Option<(Utf8PathBuf, CargoLock)>,
}

impl Ground {
    /// A dependency with what the workspace says of it.
    pub(super) fn whole(&self, dependency: &Dependency) -> Dependency {
        let shared = self.manifest.workspace.iter().flat_map(|workspace| &workspace.dependencies);
        let Some(base) = shared.into_iter().find(|one| dependency.inherited && one.name == dependency.name)
        else {
            return dependency.clone();
        };
        let mut features = base.features.clone();
        features.extend(dependency.features.iter().cloned());
        Dependency {
            features,
            optional: dependency.optional,
            when: dependency.when,
            target: dependency.target.clone(),
            line: dependency.line,
            ..base.clone()
        }
    }

    /// The folder that a path of a dependency names: the workspace's paths start at the workspace.
    pub(super) fn folder(&self, member: &Member, dependency: &Dependency) -> Option<Utf8PathBuf> {
        let whole = self.whole(dependency);
        let base = if dependency.inherited { &self.root } else { &member.dir };
        join_inside(base, whole.path.as_deref()?)
    }

    /// The number of the package in a folder.
    pub(super) fn at(&self, dir: &Utf8Path) -> Option<usize> {
        self.members.iter().position(|member| member.dir == dir)
    }
}

/// The manifest of a folder.
pub(super) fn manifest(cx: &Context<'_>, dir: &Utf8Path) -> Result<Option<CargoToml>> {
    let path = dir.join("Cargo.toml");
    let Some(text) = cx.repo.read(&path)? else { return Ok(None) };
    cargo_toml::read(&path, &text).map(Some)
}

/// Finds the workspace around a folder that has a Cargo.toml.
///
/// # Errors
/// A manifest or the lock file cannot be understood, or a member is not there.
pub(super) fn find(cx: &Context<'_>, root: &Utf8Path, own: CargoToml) -> Result<Ground> {
    let (dir, manifest) = around(cx, root, own);
    let mut ground = Ground { root: dir, manifest, members: Vec::new(), lock: None };
    if let Some(package) = ground.manifest.package.clone() {
        let file = ground.root.join("Cargo.toml");
        let (dir, manifest) = (ground.root.clone(), ground.manifest.clone());
        ground.members.push(Member { dir, file, manifest, package, foreign: false });
    }
    for dir in folders(cx, &ground)? {
        add(cx, &mut ground, &dir, false)?;
    }
    follow(cx, &mut ground)?;
    let path = ground.root.join("Cargo.lock");
    if let Some(text) = cx.repo.read(&path)? {
        ground.lock = Some((path.clone(), CargoLock::read(&path, &text)?));
    }
    Ok(ground)
}

/// The folder itself, or the workspace above that has it as a member.
fn around(cx: &Context<'_>, root: &Utf8Path, own: CargoToml) -> (Utf8PathBuf, CargoToml) {
    if own.workspace.is_some() {
        return (root.to_owned(), own);
    }
    let named = own.package.as_ref().and_then(|package| package.workspace.as_deref());
    let named = named.and_then(|path| join_inside(root, path));
    for dir in root.ancestors().skip(1) {
        // A broken manifest above is nobody's business unless it is the workspace's.
        let Ok(Some(manifest)) = manifest(cx, dir) else { continue };
        let Some(workspace) = &manifest.workspace else { continue };
        let below = root.strip_prefix(dir).unwrap_or(root);
        let member = workspace.members.iter().any(|one| fits(&one.value, below));
        let left_out = workspace.exclude.iter().any(|one| below.starts_with(one.trim_end_matches('/')));
        if named.as_deref() == Some(dir) || member && !left_out {
            return (dir.to_owned(), manifest);
        }
    }
    (root.to_owned(), own)
}

fn fits(pattern: &str, path: &Utf8Path) -> bool {
    let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
    if !pattern.contains(['*', '?', '[']) {
        return path == pattern;
    }
    GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .is_ok_and(|glob| glob.compile_matcher().is_match(path.as_str()))
}

/// The folders that `members` names.
fn folders(cx: &Context<'_>, ground: &Ground) -> Result<Vec<Utf8PathBuf>> {
    let Some(workspace) = &ground.manifest.workspace else { return Ok(Vec::new()) };
    let manifests = cx.repo.under(&ground.root).filter(|file| file.file_name() == Some("Cargo.toml"));
    let all: Vec<&Utf8Path> = manifests.filter_map(|file| file.parent()).collect();
    let mut found: Vec<&Utf8Path> = Vec::new();
    for member in &workspace.members {
        let glob = member.value.contains(['*', '?', '[']);
        let before = found.len();
        let plain = join_inside(&ground.root, &member.value);
        found.extend(all.iter().filter(|dir| {
            let below = dir.strip_prefix(&ground.root).unwrap_or(dir);
            if glob { fits(&member.value, below) } else { plain.as_deref() == Some(**dir) }
        }));
        if !glob && found.len() == before {
            let file = ground.root.join("Cargo.toml");
            let message = format!("the member `{}` has no Cargo.toml in this repository", member.value);
            let modules = cx.repo.source(".gitmodules".into());
            let submodule = modules.is_some_and(|text| {
                text.lines().any(|line| {
                    line.split_once('=').is_some_and(|(key, value)| {
                        key.trim() == "path"
                            && plain.as_deref().is_some_and(|dir| dir.starts_with(value.trim()))
                    })
                })
            });
            let help = if submodule {
                "it lies in a git submodule: `git submodule update --init` fetches that"
            } else {
                "take it out of `members`, or add the package: cargo refuses the workspace, too"
            };
            return Err(Error::broken(&file, Some(member.line), message).help(help));
        }
    }
    found.retain(|dir| {
        let below = dir.strip_prefix(&ground.root).unwrap_or(dir);
        !workspace
            .exclude
            .iter()
            .any(|one| below.starts_with(one.trim_start_matches("./").trim_end_matches('/')))
    });
    Ok(found.into_iter().map(Utf8Path::to_owned).collect())
}

fn add(cx: &Context<'_>, ground: &mut Ground, dir: &Utf8Path, foreign: bool) -> Result<()> {
    if ground.at(dir).is_some() {
        return Ok(());
    }
    let Some(manifest) = manifest(cx, dir)? else { return Ok(()) };
    let Some(package) = manifest.package.clone() else { return Ok(()) };
    let file = dir.join("Cargo.toml");
    ground.members.push(Member { dir: dir.to_owned(), file, manifest, package, foreign });
    Ok(())
}

/// Packages of the repository that members depend on: those in the workspace's folder are members, too.
fn follow(cx: &Context<'_>, ground: &mut Ground) -> Result<()> {
    let mut number = 0;
    while let Some(member) = ground.members.get(number).cloned() {
        let mut folders: BTreeSet<Utf8PathBuf> = BTreeSet::new();
        for dependency in &member.manifest.dependencies {
            let Some(path) = ground.whole(dependency).path else { continue };
            let folder = ground.folder(&member, dependency);
            let Some(dir) = folder.filter(|dir| cx.repo.has(dir.join("Cargo.toml"))) else {
                let message =
                    format!("`{}` is in `{path}`, which is not in this repository", dependency.name);
                return Err(Error::broken(&member.file, Some(dependency.line), message).help(
                    "point dfgen at the folder that holds both, or name a version or a git repository",
                ));
            };
            folders.insert(dir);
        }
        let patched = member.manifest.patches.iter().filter_map(|path| join_inside(&member.dir, &path.value));
        folders.extend(patched);
        for dir in folders {
            let foreign = !dir.starts_with(&ground.root);
            add(cx, ground, &dir, foreign)?;
        }
        number += 1;
    }
    Ok(())
}

/// The binaries of a package: those that it names, and those that its files are.
pub(super) fn bins(cx: &Context<'_>, ground: &Ground, number: usize) -> Vec<Bin> {
    let Some(member) = ground.members.get(number) else { return Vec::new() };
    let mut found: Vec<Bin> = Vec::new();
    let main = member.dir.join("src/main.rs");
    let folder = member.dir.join("src/bin");
    for target in &member.manifest.bins {
        let name = target.name.clone().unwrap_or_else(|| member.package.name.value.clone());
        if let Some(file) = file_of(cx, member, target, &name) {
            found.push(Bin { member: number, name, file, required: target.required.clone() });
        }
    }
    if !member.package.autobins {
        return found;
    }
    let mut add = |name: &str, file: Utf8PathBuf| {
        if found.iter().all(|one| one.name != name && one.file != file) {
            found.push(Bin { member: number, name: name.to_owned(), file, required: Vec::new() });
        }
    };
    if cx.repo.has(&main) {
        add(&member.package.name.value, main);
    }
    let (files, dirs) = cx.repo.list(&folder);
    for name in files.iter().filter_map(|file| file.strip_suffix(".rs")) {
        add(name, folder.join(format!("{name}.rs")));
    }
    for name in dirs.iter().filter(|dir| cx.repo.has(folder.join(dir).join("main.rs"))) {
        add(name, folder.join(name).join("main.rs"));
    }
    found
}

fn file_of(cx: &Context<'_>, member: &Member, target: &Target, name: &str) -> Option<Utf8PathBuf> {
    if let Some(path) = &target.path {
        return join_inside(&member.dir, path).filter(|path| cx.repo.has(path));
    }
    let own = (name == member.package.name.value).then(|| "src/main.rs".to_owned());
    let places = [format!("src/bin/{name}.rs"), format!("src/bin/{name}/main.rs")];
    let mut places = own.into_iter().chain(places).chain(["src/main.rs".to_owned()]);
    places.find(|path| cx.repo.has(member.dir.join(path))).map(|path| member.dir.join(path))
}

/// The library's file, where the package has one.
pub(super) fn library(cx: &Context<'_>, member: &Member) -> Option<Utf8PathBuf> {
    let named = member.manifest.lib.as_ref().and_then(|lib| lib.path.as_deref());
    join_inside(&member.dir, named.unwrap_or("src/lib.rs")).filter(|path| cx.repo.has(path))
}

/// The build script's file, where the package has one.
pub(super) fn build_script(cx: &Context<'_>, member: &Member) -> Option<Utf8PathBuf> {
    join_inside(&member.dir, member.package.build.as_deref()?).filter(|path| cx.repo.has(path))
}
