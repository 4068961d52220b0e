//! Which module a folder belongs to, which workspace the module, and what of both the download of modules reads.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use crate::detect::{Context, join_inside};
use crate::error::{Error, Result};
use crate::facts::{Bound, Constraint, Evidence, Found};
use crate::manifest::go_mod::{self, GoMod, Line, Replace};
use crate::manifest::go_work::{self, GoWork};

/// A module of the repository.
#[derive(Debug, Clone)]
pub(super) struct Module {
    /// Its folder.
    pub(super) dir: Utf8PathBuf,
    /// Its go.mod.
    pub(super) manifest: GoMod,
}

/// What a folder is built in.
#[derive(Debug, Clone, Default)]
pub(super) struct Ground {
    /// The folder that `go build` runs in.
    pub(super) root: Utf8PathBuf,
    /// The modules whose sources a build can take, those of a workspace or else the one, first.
    pub(super) modules: Vec<Module>,
    /// How many of `modules` are built here; the rest only replace what is required.
    pub(super) own: usize,
    /// The workspace.
    pub(super) work: Option<GoWork>,
    /// go.mod, go.sum, go.work and their kin.
    pub(super) manifests: Vec<Utf8PathBuf>,
    /// Folders outside of `root` that replace what is required.
    pub(super) outside: Vec<Utf8PathBuf>,
}

impl Ground {
    /// Whether a module is required that does not lie here: go.sum has a line for no other.
    pub(super) fn downloads(&self) -> bool {
        let of_work = self.work.iter().flat_map(|work| &work.replaces);
        let local: BTreeSet<&str> = (self.modules.iter())
            .flat_map(|module| &module.manifest.replaces)
            .chain(of_work)
            .filter(|line| line.is_local())
            .map(|line| line.path.as_str())
            .chain(self.modules.iter().take(self.own).map(|module| module.manifest.module.as_str()))
            .collect();
        let requires = self.modules.iter().flat_map(|module| &module.manifest.requires);
        requires.into_iter().any(|required| !local.contains(required.path.as_str()))
    }

    /// The module that a folder lies in: the deepest.
    pub(super) fn module_of(&self, dir: &Utf8Path) -> Option<&Module> {
        let around = self.modules.iter().filter(|module| dir.starts_with(&module.dir));
        around.max_by_key(|module| module.dir.as_str().len())
    }
}

/// Finds the module around a folder.
///
/// # Errors
/// A go.mod or go.work that cannot be understood.
pub(super) fn find(cx: &Context<'_>, root: &Utf8Path) -> Result<Ground> {
    let around = root.ancestors().find(|dir| cx.repo.has(dir.join("go.mod")));
    let start = around.unwrap_or(root);
    let mut ground = Ground { root: start.to_owned(), ..Ground::default() };
    if let Some((dir, work)) = workspace(cx, start)? {
        let members = members(cx, &dir, &work)?;
        if around.is_none() || members.iter().any(|member| member.dir == start) {
            ground.root = dir;
            ground.modules = members;
            ground.work = Some(work);
        }
    }
    if ground.work.is_none()
        && let Some(dir) = around
    {
        ground.modules.extend(module(cx, dir)?);
    }
    ground.own = ground.modules.len();
    replaced(cx, &mut ground)?;
    ground.manifests = manifests(cx, &ground);
    Ok(ground)
}

fn module(cx: &Context<'_>, dir: &Utf8Path) -> Result<Option<Module>> {
    let path = dir.join("go.mod");
    let Some(text) = cx.repo.read(&path)? else { return Ok(None) };
    Ok(Some(Module { dir: dir.to_owned(), manifest: go_mod::read(&path, &text)? }))
}

/// The go.work around a folder.
fn workspace(cx: &Context<'_>, from: &Utf8Path) -> Result<Option<(Utf8PathBuf, GoWork)>> {
    let Some(dir) = from.ancestors().find(|dir| cx.repo.has(dir.join("go.work"))) else { return Ok(None) };
    let path = dir.join("go.work");
    let Some(text) = cx.repo.read(&path)? else { return Ok(None) };
    Ok(Some((dir.to_owned(), go_work::read(&path, &text)?)))
}

fn members(cx: &Context<'_>, dir: &Utf8Path, work: &GoWork) -> Result<Vec<Module>> {
    let mut members: Vec<Module> = Vec::new();
    for used in &work.uses {
        let place = dir.join("go.work");
        let missing = || {
            Error::broken(
                &place,
                Some(used.line),
                format!("`{}` has no go.mod in this repository", used.value),
            )
            .help("take the line out, or add the module")
        };
        let folder =
            join_inside(dir, &used.value).filter(|_| !used.value.starts_with('/')).ok_or_else(missing)?;
        let member = module(cx, &folder)?.ok_or_else(missing)?;
        if members.iter().all(|other| other.dir != member.dir) {
            members.push(member);
        }
    }
    Ok(members)
}

/// Adds the modules that local `replace` lines name.
fn replaced(cx: &Context<'_>, ground: &mut Ground) -> Result<()> {
    let mut wanted: Vec<(Utf8PathBuf, Utf8PathBuf, Replace)> = Vec::new();
    for module in &ground.modules {
        let lines = module.manifest.replaces.iter().cloned();
        wanted.extend(lines.map(|line| (module.dir.join("go.mod"), module.dir.clone(), line)));
    }
    if let Some(work) = &ground.work {
        let lines = work.replaces.iter().cloned();
        wanted.extend(lines.map(|line| (ground.root.join("go.work"), ground.root.clone(), line)));
    }
    for (file, dir, line) in wanted.into_iter().filter(|(_, _, line)| line.is_local()) {
        let away = || {
            Error::broken(
                &file,
                Some(line.line),
                format!("`{}` is replaced by `{}`, which is not in this repository", line.path, line.with),
            )
            .help("take the replace line out, or point dfgen at the folder that holds both")
        };
        let folder =
            join_inside(&dir, &line.with).filter(|_| !line.with.starts_with('/')).ok_or_else(away)?;
        if ground.modules.iter().any(|module| module.dir == folder) {
            continue;
        }
        let module = module(cx, &folder)?.ok_or_else(away)?;
        if !folder.starts_with(&ground.root) {
            ground.outside.push(folder);
        }
        // What is replaced goes by the path that requires it.
        let manifest = GoMod { module: line.path.clone(), ..module.manifest };
        ground.modules.push(Module { dir: module.dir, manifest });
    }
    Ok(())
}

fn manifests(cx: &Context<'_>, ground: &Ground) -> Vec<Utf8PathBuf> {
    let mut paths = Vec::new();
    if ground.work.is_some() {
        paths.extend(["go.work", "go.work.sum"].map(|name| ground.root.join(name)));
    }
    for module in &ground.modules {
        paths.extend(["go.mod", "go.sum"].map(|name| module.dir.join(name)));
    }
    let mut seen = BTreeSet::new();
    paths.retain(|path| cx.repo.has(path) && seen.insert(path.clone()));
    paths
}

/// Every source of Go's version, the decisive one first.
///
/// # Errors
/// A version file that cannot be read.
pub(super) fn versions(cx: &Context<'_>, ground: &Ground, root: &Utf8Path) -> Result<Vec<Constraint>> {
    let mut dirs = vec![root, ground.root.as_path(), Utf8Path::new("")];
    dirs.dedup();
    let mut files = Vec::new();
    for dir in dirs {
        for name in [".go-version", "GO_VERSION", ".tool-versions", "mise.toml", ".mise.toml"] {
            files.extend(version_file(cx, &dir.join(name), name)?);
        }
    }
    let newer = files.first().and_then(|one: &Constraint| match &one.value {
        Bound::Pin(text) => Some(text.clone()),
        Bound::Floor(_) | Bound::Range(_) => None,
    });
    let mut found = Vec::new();
    let mut lines = |file: Utf8PathBuf, name: &str, toolchain: Option<&Line>, go: Option<&Line>| {
        // Beside a toolchain or a version file, the go line says which one may be no older.
        let floor = toolchain.is_some()
            || go.is_some_and(|go| newer.as_ref().is_some_and(|file| is_newer(file, &go.value)));
        for (key, line) in [("toolchain", toolchain), ("go", go)] {
            if let Some(line) = line {
                let says = format!("the {key} line of {name}");
                let bound = if floor && key == "go" { Bound::Floor } else { Bound::Pin };
                found.push(Found::new(bound(line.value.clone()), Evidence::line(&file, line.line, says)));
            }
        }
    };
    if let Some(work) = &ground.work {
        lines(ground.root.join("go.work"), "go.work", work.toolchain.as_ref(), work.go.as_ref());
    }
    if let Some(module) = ground.module_of(root).or(ground.modules.first()) {
        let manifest = &module.manifest;
        lines(module.dir.join("go.mod"), "go.mod", manifest.toolchain.as_ref(), manifest.go.as_ref());
    }
    found.extend(files);
    Ok(found)
}

/// Whether a version is newer than another, as far as both are numbers.
fn is_newer(version: &str, than: &str) -> bool {
    let numbers = |text: &str| text.split('.').map_while(|part| part.parse().ok()).collect::<Vec<u32>>();
    numbers(version) > numbers(than)
}

fn version_file(cx: &Context<'_>, path: &Utf8Path, name: &str) -> Result<Option<Constraint>> {
    let Some(text) = cx.repo.read(path)? else { return Ok(None) };
    let found = (1..).zip(text.lines()).find_map(|(number, line)| {
        let code = line.split('#').next().unwrap_or(line).trim();
        let value = match name {
            ".tool-versions" => code.strip_prefix("golang ").or_else(|| code.strip_prefix("go "))?,
            ".go-version" | "GO_VERSION" => code,
            _ => {
                let (key, value) = code.split_once('=')?;
                matches!(key.trim().trim_matches('"'), "go" | "golang").then_some(value)?
            }
        };
        let value = value.trim().trim_matches(['"', '\'']).trim_start_matches("go").trim_start_matches('v');
        go_mod::is_version(value).then(|| (value.to_owned(), number))
    });
    Ok(found.map(|(value, line)| Found::new(Bound::Pin(value), Evidence::line(path, line, name))))
}
