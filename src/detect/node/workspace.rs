//! Workspaces: whose root a project is a member of, which members there are, and which of them it depends on.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use globset::{GlobBuilder, GlobMatcher};

use crate::detect::{Context, join_inside};
use crate::error::Result;
use crate::manifest::package_json::PackageJson;
use crate::manifest::pnpm_workspace::{self, PnpmWorkspace};

/// A chain of members longer than this is nobody's.
const DEPTH: usize = 64;

/// A workspace and its members.
#[derive(Debug, Clone, Default)]
pub(super) struct Workspace {
    /// Its folder, relative to the repository.
    pub(super) root: Utf8PathBuf,
    /// The file that lists the members.
    pub(super) file: Utf8PathBuf,
    /// The members but the root, sorted by folder.
    pub(super) members: Vec<Member>,
    /// The root's package.json, relative to the repository.
    pub(super) manifest_file: Utf8PathBuf,
    /// The root's own manifest.
    pub(super) manifest: Option<PackageJson>,
    /// What `pnpm-workspace.yaml` says.
    pub(super) pnpm: Option<PnpmWorkspace>,
}

/// A member of a workspace.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// Its folder, relative to the repository.
    pub(super) root: Utf8PathBuf,
    /// Its manifest.
    pub(super) manifest: PackageJson,
}

impl Workspace {
    /// The member in a folder.
    pub(super) fn member(&self, root: &Utf8Path) -> Option<&Member> {
        self.members.iter().find(|member| member.root == root)
    }

    /// The folders of members that `manifest` depends on, each after those that it depends on itself.
    pub(super) fn siblings(&self, root: &Utf8Path, manifest: &PackageJson) -> Vec<Utf8PathBuf> {
        let mut seen = BTreeSet::from([root.to_owned()]);
        let mut ordered = Vec::new();
        self.visit(root, manifest, &mut seen, &mut ordered, 0);
        ordered
    }

    /// Those of them that are reached without development dependencies.
    pub(super) fn shipped(&self, root: &Utf8Path, manifest: &PackageJson) -> BTreeSet<Utf8PathBuf> {
        let mut seen = BTreeSet::new();
        let mut next = vec![(root.to_owned(), manifest)];
        while let Some((from, manifest)) = next.pop() {
            for member in self.members.iter().filter(|member| ships(&from, manifest, member)) {
                if seen.insert(member.root.clone()) {
                    next.push((member.root.clone(), &member.manifest));
                }
            }
        }
        seen
    }

    fn visit(
        &self,
        from: &Utf8Path,
        manifest: &PackageJson,
        seen: &mut BTreeSet<Utf8PathBuf>,
        ordered: &mut Vec<Utf8PathBuf>,
        depth: usize,
    ) {
        for member in &self.members {
            if depth < DEPTH && depends(from, manifest, member) && seen.insert(member.root.clone()) {
                self.visit(&member.root, &member.manifest, seen, ordered, depth + 1);
                ordered.push(member.root.clone());
            }
        }
    }
}

/// Whether a manifest names a member: by its name, or by a path to its folder.
fn depends(from: &Utf8Path, manifest: &PackageJson, member: &Member) -> bool {
    any_is(manifest.all_dependencies(), from, member)
}

fn ships(from: &Utf8Path, manifest: &PackageJson, member: &Member) -> bool {
    any_is(manifest.dependencies.iter().chain(&manifest.optional_dependencies), from, member)
}

fn any_is<'a>(
    mut dependencies: impl Iterator<Item = (&'a String, &'a String)>,
    from: &Utf8Path,
    member: &Member,
) -> bool {
    dependencies.any(|(name, specifier)| {
        let by_path =
            ["file:", "link:", "workspace:", "portal:"].iter().find_map(|kind| specifier.strip_prefix(kind));
        let named = member.manifest.name.as_deref() == Some(name.as_str());
        let elsewhere = specifier.starts_with("npm:") || specifier.contains("://");
        (named && !elsewhere)
            || by_path.and_then(|path| join_inside(from, path)).is_some_and(|path| path == member.root)
    })
}

/// The workspace that a folder belongs to, as its root or as a member.
///
/// # Errors
/// A manifest of it is broken.
pub(super) fn find(cx: &Context, root: &Utf8Path) -> Result<Option<Workspace>> {
    for folder in root.ancestors() {
        let Some(found) = open(cx, folder)? else { continue };
        if folder == root || found.member(root).is_some() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The workspace whose root a folder is.
fn open(cx: &Context, folder: &Utf8Path) -> Result<Option<Workspace>> {
    let manifest_file = folder.join("package.json");
    let manifest = match cx.repo.read(&manifest_file)? {
        Some(text) => Some(PackageJson::read(&manifest_file, &text)?),
        None => None,
    };
    let yaml = folder.join("pnpm-workspace.yaml");
    let pnpm = match cx.repo.read(&yaml)? {
        Some(text) => Some(pnpm_workspace::read(&yaml, &text)?),
        None => None,
    };
    let from_pnpm = pnpm.as_ref().map(|pnpm| pnpm.packages.clone()).filter(|globs| !globs.is_empty());
    let file = if from_pnpm.is_some() { yaml } else { manifest_file.clone() };
    let globs = from_pnpm.or_else(|| manifest.as_ref()?.workspaces.clone());
    let Some(globs) = globs else { return Ok(None) };
    let members = members(cx, folder, &globs)?;
    Ok(Some(Workspace { root: folder.to_owned(), file, members, manifest_file, manifest, pnpm }))
}

fn members(cx: &Context, root: &Utf8Path, globs: &[String]) -> Result<Vec<Member>> {
    let (without, with): (Vec<&String>, Vec<&String>) = globs.iter().partition(|glob| glob.starts_with('!'));
    let with: Vec<GlobMatcher> = with.iter().filter_map(|text| glob(text)).collect();
    let without: Vec<GlobMatcher> =
        without.iter().filter_map(|text| glob(text.trim_start_matches('!'))).collect();
    let mut members = Vec::new();
    for file in cx.repo.under(root).filter(|file| file.file_name() == Some("package.json")) {
        let Some(folder) = file.parent().filter(|folder| *folder != root) else { continue };
        let Ok(path) = folder.strip_prefix(root) else { continue };
        let matches = |globs: &[GlobMatcher]| globs.iter().any(|glob| glob.is_match(path));
        if matches(&with)
            && !matches(&without)
            && let Some(text) = cx.repo.read(file)?
        {
            members.push(Member { root: folder.to_owned(), manifest: PackageJson::read(file, &text)? });
        }
    }
    Ok(members)
}

fn glob(text: &str) -> Option<GlobMatcher> {
    let text = text.trim().trim_start_matches("./").trim_end_matches('/');
    GlobBuilder::new(text).literal_separator(true).build().ok().map(|glob| glob.compile_matcher())
}
