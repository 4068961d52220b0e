//! Configuration files that a program reads: where a field of its settings has its value.

use camino::{Utf8Path, Utf8PathBuf};

use crate::detect::Context;
use crate::manifest::toml_tree;
use crate::manifest::yaml::{self, Node};

/// The configuration files of a project, the one that counts in a container first.
pub(super) struct Files(Vec<(Utf8PathBuf, Node)>);

/// Folders that configuration files lie in.
const FOLDERS: [&str; 6] = ["configuration", "config", "conf", "settings", "etc", ""];

impl Files {
    /// Reads those of a folder.
    pub(super) fn read(cx: &Context<'_>, roots: &[&Utf8Path]) -> Self {
        let words = &cx.knowledge.of(super::LANGUAGE).configuration;
        let mut found: Vec<(usize, Utf8PathBuf, Node)> = Vec::new();
        let folders = roots.iter().flat_map(|root| FOLDERS.iter().map(move |folder| root.join(folder)));
        for folder in folders {
            for name in cx.repo.list(&folder).0 {
                let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
                let Some(rank) = words.iter().position(|word| word.eq_ignore_ascii_case(stem)) else {
                    continue;
                };
                let path = folder.join(name);
                if found.iter().any(|(_, known, _)| *known == path) {
                    continue;
                }
                let Some(text) = cx.repo.source(&path) else { continue };
                let node = match ending {
                    "yaml" | "yml" | "json" => {
                        yaml::documents(&text).ok().and_then(|all| all.into_iter().next())
                    }
                    "toml" => toml_tree::read(&path, &text).ok(),
                    _ => None,
                };
                found.extend(node.map(|node| (rank, path, node)));
            }
        }
        found.sort_by_key(|(rank, path, _)| (*rank, path.clone()));
        Self(found.into_iter().map(|(_, path, node)| (path, node)).collect())
    }

    /// The value of some keys, and where it stands; the last of them alone where it has no others around it.
    pub(super) fn find(&self, keys: &[String]) -> Option<(String, Utf8PathBuf, u32)> {
        self.0.iter().find_map(|(path, node)| {
            let starts =
                (0..keys.len()).filter(|from| *from == 0 || keys.len() - from > 1 || keys.len() == 1);
            let found = starts.into_iter().find_map(|from| {
                let keys: Vec<&str> = keys.iter().skip(from).map(String::as_str).collect();
                node.at(&keys)
            })?;
            Some((found.text()?.to_owned(), path.clone(), found.line))
        })
    }

    /// Whether there is a file of a name, whatever its ending.
    pub(super) fn has(&self, stem: &str) -> bool {
        self.0.iter().any(|(path, _)| path.file_stem() == Some(stem))
    }
}
