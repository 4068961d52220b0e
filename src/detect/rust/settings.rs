//! Configuration files that a program reads: where a field of its settings has its value.

use camino::{Utf8Path, Utf8PathBuf};

use crate::detect::Context;
use crate::manifest::toml_tree;
use crate::manifest::yaml::{self, Node};

/// The configuration files of a project, the one that counts in a container first.
pub(super) struct Files(Vec<(Utf8PathBuf, Node)>);

/// A key that only one file has.
pub(super) struct OnlyIn {
    pub(super) keys: Vec<String>,
    pub(super) path: Utf8PathBuf,
    pub(super) line: u32,
}

/// The scalars of a tree with the keys that lead to them.
fn leaves<'n>(node: &'n Node, keys: &mut Vec<&'n str>, each: &mut impl FnMut(&[&str], &'n Node)) {
    if node.text().is_some() {
        each(keys, node);
    }
    for (key, inner) in node.entries() {
        keys.push(key);
        leaves(inner, keys, each);
        keys.pop();
    }
}

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
                    "toml" | "cfg" | "conf" => toml_tree::read(&path, &text).ok(),
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

    /// Keys that a configuration file for development alone has, and none of those that a container reads, with where they
    /// stand. `mode` is the file that counts in a container, beside it.
    pub(super) fn only_in(&self, cx: &Context<'_>, developing: &str, mode: &str) -> Vec<OnlyIn> {
        let Some((counts, _)) = self.0.iter().find(|(path, _)| path.file_stem() == Some(mode)) else {
            return Vec::new();
        };
        let Some(folder) = counts.parent() else { return Vec::new() };
        let names = cx.repo.list(folder).0;
        let name = names.iter().find(|name| Utf8Path::new(name).file_stem() == Some(developing));
        let Some((path, text)) =
            name.and_then(|name| Some((folder.join(name), cx.repo.source(&folder.join(name))?)))
        else {
            return Vec::new();
        };
        let Some(node) = yaml::documents(&text).ok().and_then(|all| all.into_iter().next()) else {
            return Vec::new();
        };
        let beside = |keys: &[&str]| {
            self.0.iter().any(|(other, node)| other.parent() == Some(folder) && node.at(keys).is_some())
        };
        let mut found = Vec::new();
        leaves(&node, &mut Vec::new(), &mut |keys, leaf| {
            if !beside(keys) {
                let keys = keys.iter().map(|key| (*key).to_owned()).collect();
                found.push(OnlyIn { keys, path: path.clone(), line: leaf.line });
            }
        });
        found
    }

    /// Folders that a setting names and that the program keeps something in: `storage_path: ./storage`.
    pub(super) fn folders(&self) -> Vec<(String, String, Utf8PathBuf, u32)> {
        let mut found = Vec::new();
        for (path, node) in &self.0 {
            leaves(node, &mut Vec::new(), &mut |keys, leaf| {
                let (Some(key), Some(text)) = (keys.last(), leaf.text()) else { return };
                let words = crate::source::ports::words(key);
                let names = ["path", "dir", "directory", "folder"]
                    .iter()
                    .any(|word| words.iter().any(|one| one == word));
                if names && text.starts_with("./") {
                    found.push((keys.join("."), text.to_owned(), path.clone(), leaf.line));
                }
            });
        }
        found
    }

    /// Whether there is a file of a name, whatever its ending.
    pub(super) fn has(&self, stem: &str) -> bool {
        self.0.iter().any(|(path, _)| path.file_stem() == Some(stem))
    }
}
