//! .goreleaser.yml: which programs are released, and how each is built.

use serde::Deserialize;

/// A program that is released.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Release {
    /// The package: `./cmd/app`.
    pub main: String,
    /// The binary's name.
    pub binary: Option<String>,
    /// What the linker is told.
    pub ldflags: Vec<String>,
    /// Build tags.
    pub tags: Vec<String>,
    /// The environment of the build.
    pub env: Vec<String>,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    project_name: Option<String>,
    #[serde(default)]
    builds: Vec<RawBuild>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawBuild {
    main: Option<String>,
    dir: Option<String>,
    binary: Option<String>,
    ldflags: Many,
    tags: Many,
    env: Many,
    skip: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Many {
    One(String),
    All(Vec<String>),
    Other(serde::de::IgnoredAny),
}

impl Default for Many {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl Many {
    fn all(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::All(all) => all,
            Self::Other(_) => Vec::new(),
        }
    }
}

/// The programs that a configuration releases; one that is not understood says nothing, since no image rests on it.
#[must_use]
pub fn read(text: &str) -> Vec<Release> {
    let Ok(raw) = serde_saphyr::from_str::<Raw>(text) else { return Vec::new() };
    raw.builds
        .into_iter()
        .filter(|build| build.skip.as_ref().is_none_or(|skip| *skip == serde_json::Value::Bool(false)))
        .map(|build| {
            let main = build.main.unwrap_or_else(|| ".".to_owned());
            let dir = build.dir.unwrap_or_default();
            Release {
                main: if dir.is_empty() || dir == "." { main } else { format!("{dir}/{main}") },
                binary: build.binary.filter(|name| !name.contains("{{")),
                ldflags: build.ldflags.all(),
                tags: build.tags.all(),
                env: build.env.all(),
            }
        })
        .collect()
}

/// What a configuration calls the project.
#[must_use]
pub fn project(text: &str) -> Option<String> {
    serde_saphyr::from_str::<Raw>(text).ok()?.project_name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_builds() {
        let text = "version: 2\nbuilds:\n  - main: ./cmd/app\n    binary: app\n    env: [CGO_ENABLED=0]\n    ldflags: -s -X main.Mode=prod\n    tags:\n      - netgo\n  - id: x\n    skip: true\n";
        let found = read(text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].main, "./cmd/app");
        assert_eq!(found[0].ldflags, ["-s -X main.Mode=prod"]);
        assert_eq!(found[0].tags, ["netgo"]);
        assert!(read(": {").is_empty());
        assert_eq!(project("project_name: app\nbuilds: []\n").as_deref(), Some("app"));
    }
}
