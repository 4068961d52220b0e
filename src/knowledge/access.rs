//! `_access.toml`: which registries and git hosts are everybody's, which ask for credentials, and where each tool takes
//! them from.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::lazy::Whole;

/// The whole table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// Registries and git hosts that answer everybody, by host, with everything below it; or by host and path.
    pub open: Vec<String>,
    /// Registries that give nothing without credentials, in the same form. A path here stands over a host above.
    pub private: Vec<String>,
    /// The keys that git hosts publish, as `known_hosts` has them: the kind and the key.
    pub keys: BTreeMap<String, String>,
    /// How each tool takes credentials, by its id.
    pub tools: BTreeMap<String, Way>,
}

/// How a tool takes the credentials of a registry.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// Variables, for a registry that the project names: `{NAME}` is that name in upper case.
    #[serde(default)]
    pub variables: Vec<String>,
    /// A file of the person's own, for any registry.
    #[serde(default)]
    pub file: Option<Credentials>,
    /// A command without which it asks no registry for credentials.
    #[serde(default)]
    pub setup: Option<String>,
    /// Nobody has a registry of this kind beside the public one unless it is private.
    #[serde(default)]
    pub always: bool,
}

/// A file with credentials.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// What the build calls it.
    pub id: String,
    /// Where the tool looks for it when root installs.
    pub target: String,
    /// Where people have it.
    pub from: String,
}

/// What is known of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It answers everybody.
    Open,
    /// It gives nothing without credentials.
    Private,
    /// Nothing is known of it.
    Unknown,
}

impl Whole for Access {}

impl Access {
    /// What is known of a place: a host, with a path or without one.
    #[must_use]
    pub fn standing(&self, place: &str) -> Standing {
        let longest = |list: &[String]| list.iter().filter(|row| fits(row, place)).map(String::len).max();
        match (longest(&self.open), longest(&self.private)) {
            (open, Some(private)) if open.is_none_or(|open| private > open) => Standing::Private,
            (Some(_), _) => Standing::Open,
            (None, _) => Standing::Unknown,
        }
    }
}

/// Whether a row names a place: its host or one above it, `*` for any one label, and the beginning of the row's path.
fn fits(row: &str, place: &str) -> bool {
    let (host, path) = place.split_once('/').unwrap_or((place, ""));
    let (wanted, below) = row.split_once('/').unwrap_or((row, ""));
    let mut labels = host.rsplit('.');
    let same = wanted.rsplit('.').all(|one| labels.next().is_some_and(|label| one == "*" || one == label));
    same && path.starts_with(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_more_than_its_host() {
        let list = |rows: &[&str]| rows.iter().map(|row| (*row).to_owned()).collect();
        let (keys, tools) = (BTreeMap::new(), BTreeMap::new());
        let table = Access {
            open: list(&["gitlab.com", "cloudsmith.io/public"]),
            private: list(&["gitlab.com/api/v4", "cloudsmith.io", "pkg.dev", "codeartifact.*.amazonaws.com"]),
            keys,
            tools,
        };
        for (place, standing) in [
            ("gitlab.com/group/project", Standing::Open),
            ("gitlab.com/api/v4/projects/1/packages/pypi/simple", Standing::Private),
            ("dl.cloudsmith.io/public/a/b", Standing::Open),
            ("dl.cloudsmith.io/basic/a/b", Standing::Private),
            ("europe-python.pkg.dev/a", Standing::Private),
            ("shop-1.d.codeartifact.eu-west-1.amazonaws.com/npm/shop/", Standing::Private),
            ("s3.eu-west-1.amazonaws.com/jars", Standing::Unknown),
            ("otherpkg.dev", Standing::Unknown),
        ] {
            assert_eq!(table.standing(place), standing, "{place}");
        }
    }
}
