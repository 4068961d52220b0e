//! The names that deployment files may know a project by.

use camino::Utf8Path;

use crate::detect::slug;
use crate::repo::Repo;

/// A project's names as slugs.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Those that the project's own manifests give it.
    declared: Vec<String>,
    folder: Option<String>,
}

impl Names {
    pub(super) fn of(repo: &Repo, root: &Utf8Path) -> Self {
        let folder = root.file_name().map(slug);
        let read = |file: &str| repo.source(&root.join(file));
        let manifests = [
            read("go.mod").and_then(|text| go_module(&text)),
            read("package.json").and_then(|text| json_name(&text)),
            read("Cargo.toml").and_then(|text| toml_name(&text, "package")),
            read("pyproject.toml").and_then(|text| toml_name(&text, "project")),
        ];
        Self { declared: manifests.into_iter().flatten().map(|name| slug(&name)).collect(), folder }
    }

    /// Whether this is the project's name.
    pub(super) fn has(&self, name: &str) -> bool {
        let name = slug(name);
        self.declared.contains(&name) || self.folder.as_ref() == Some(&name)
    }

    /// Whether this image is the project's: `me/shop`, and `me/shop_vote` for the folder `vote`. A folder `redis` does
    /// not make the official image of that name ours.
    pub(super) fn has_image(&self, name: &str, owned: bool) -> bool {
        let name = slug(name);
        let ends = |folder: &String| {
            name.strip_suffix(folder.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('-'))
        };
        self.declared.contains(&name) || owned && self.folder.as_ref().is_some_and(ends)
    }
}

/// The last part of a module's path that is not its major version.
fn go_module(text: &str) -> Option<String> {
    let module = text.lines().find_map(|line| line.trim().strip_prefix("module "))?;
    let parts = module.split("//").next()?.trim().trim_matches('"').rsplit('/');
    let is_major = |part: &str| {
        part.strip_prefix('v')
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit()))
    };
    parts.filter(|part| !is_major(part)).map(str::to_owned).next()
}

fn json_name(text: &str) -> Option<String> {
    let manifest: serde_json::Value = serde_json::from_str(text).ok()?;
    let name = manifest.get("name")?.as_str()?;
    name.rsplit('/').next().map(str::to_owned).filter(|name| !name.is_empty())
}

fn toml_name(text: &str, table: &str) -> Option<String> {
    let manifest: toml::Table = text.parse().ok()?;
    Some(manifest.get(table)?.get("name")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_manifests_and_folders() {
        let repo = Repo::from_files([
            ("go.mod", "module github.com/me/Shop/v2 // x\n"),
            ("apps/vote/package.json", r#"{"name": "@me/vote-ui"}"#),
            ("rs/Cargo.toml", "[package]\nname = \"tool\"\n"),
        ]);
        let root = Names::of(&repo, "".into());
        assert!(
            root.has("shop")
                && !root.has("v2")
                && !root.has_image("my-shop", true)
                && root.has_image("shop", false)
        );
        let vote = Names::of(&repo, "apps/vote".into());
        assert!(
            vote.has("vote")
                && vote.has("vote_ui")
                && vote.has_image("examplevotingapp_vote", true)
                && !vote.has_image("vote", false)
        );
        assert!(!vote.has_image("devote", true) && Names::of(&repo, "rs".into()).has("tool"));
    }
}
