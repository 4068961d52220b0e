//! Paths: from the repository's to the build context's, and files grouped into as few COPY instructions as keep their places.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::Step;

/// The smallest folder that holds all of them.
#[must_use]
pub fn common<'a>(paths: impl IntoIterator<Item = &'a Utf8Path>) -> Utf8PathBuf {
    let mut paths = paths.into_iter();
    let Some(first) = paths.next() else { return Utf8PathBuf::new() };
    let mut common = first.to_owned();
    for path in paths {
        while !path.starts_with(&common) {
            common.pop();
        }
    }
    common
}

/// A path of the repository as the build context has it; `.` for the context itself.
#[must_use]
pub fn in_context(path: &Utf8Path, context: &Utf8Path) -> String {
    let relative = path.strip_prefix(context).unwrap_or(path);
    if relative.as_str().is_empty() { ".".to_owned() } else { relative.to_string() }
}

/// `base` and a relative path as an absolute one.
#[must_use]
pub fn absolute(base: &str, relative: &str) -> String {
    let relative = relative.trim_start_matches("./");
    match relative {
        "" | "." => base.to_owned(),
        _ if relative.starts_with('/') => relative.to_owned(),
        _ => format!("{}/{relative}", base.trim_end_matches('/')),
    }
}

/// COPY instructions that put files of the context at the same places below the working folder: one a folder.
/// A path that ends in `/` is a folder, and gets a COPY of its own.
#[must_use]
pub fn copies(paths: &[String]) -> Vec<Step> {
    let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut steps = Vec::new();
    for path in paths.iter().filter(|path| !path.ends_with('/')) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        folders.entry(folder.to_owned()).or_default().push(path.clone());
    }
    for (folder, mut files) in folders {
        files.sort_by_key(|file| (!file.ends_with("package.json"), file.clone()));
        files.dedup();
        steps.push(Step::copy(files, format!("./{}", dir(&folder))));
    }
    for path in paths.iter().filter(|path| path.ends_with('/')) {
        let path = path.trim_end_matches('/').to_owned();
        steps.push(Step::copy(vec![path.clone()], path));
    }
    steps
}

fn dir(folder: &str) -> String {
    if folder.is_empty() { String::new() } else { format!("{folder}/") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Act;

    #[test]
    fn the_smallest_folder_that_holds_all() {
        let common = |paths: &[&str]| common(paths.iter().map(|path| Utf8Path::new(*path))).to_string();
        assert_eq!(common(&["a/b", "a/c"]), "a");
        assert_eq!(common(&["a/b", "a/bc"]), "a");
        assert_eq!(common(&["a", ""]), "");
        assert_eq!(common(&["a/b"]), "a/b");
    }

    #[test]
    fn files_keep_their_places() {
        let paths =
            ["package-lock.json", "package.json", "apps/a/package.json", "patches/"].map(String::from);
        let told: Vec<(Vec<String>, String)> = copies(&paths)
            .into_iter()
            .filter_map(|step| match step.act {
                Act::Copy(copy) => Some((copy.sources, copy.to)),
                _ => None,
            })
            .collect();
        assert_eq!(told[0], (vec!["package.json".into(), "package-lock.json".into()], "./".into()));
        assert_eq!(told[1], (vec!["apps/a/package.json".into()], "./apps/a/".into()));
        assert_eq!(told[2], (vec!["patches".into()], "patches".into()));
    }
}
