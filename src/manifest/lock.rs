//! What every lock file of the Node world says in the end: which packages, at which version, with which demands.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A lock file, whatever its format.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lock {
    /// The version of the format, as written.
    pub format: Option<String>,
    /// Every package in it.
    pub packages: Vec<Locked>,
    /// The dependencies of each workspace folder as the lock has them, by folder (`""` is the root), name to
    /// specifier; empty where the format does not keep them.
    pub importers: BTreeMap<String, BTreeMap<String, String>>,
    /// The keys of the packages that production needs directly, by workspace folder as in `importers`, where the
    /// format tells.
    pub production: BTreeMap<String, Vec<String>>,
}

/// One package of a lock file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Locked {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What others call it in `needs`.
    pub keys: Vec<String>,
    /// The keys of the packages that it needs.
    pub needs: Vec<String>,
    /// The names of packages that whoever uses it has to bring, where the format tells them from its needs.
    pub peers: Vec<String>,
    /// Only development needs it, where the format says so itself.
    pub dev: Option<bool>,
    /// The Node versions that it runs on.
    pub engines: Option<String>,
    /// It has an install script, where the format says so.
    pub install_script: Option<bool>,
    /// Its programs, name to file; `true` files are unknown to the format and left out.
    pub bin: BTreeMap<String, String>,
    /// It comes from a git repository.
    pub git: bool,
    /// The address that git fetches it from, where that says more than the name of a great host.
    pub source: Option<String>,
    /// It is for another operating system than Linux.
    pub foreign: bool,
    /// Text that finds its line in the file.
    pub mark: String,
}

impl Lock {
    /// The packages of a name, in the lock's order.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Locked> {
        self.packages.iter().filter(move |package| package.name == name)
    }

    /// Which packages production needs, by their place in `packages`: the format's own marks where it has them,
    /// else everything that can be reached from `roots` and from what production needs in the workspace's `folders`.
    #[must_use]
    pub fn production_set(&self, roots: &[String], folders: &[&str]) -> BTreeSet<usize> {
        if self.packages.iter().any(|package| package.dev.is_some()) {
            let kept = self.packages.iter().enumerate().filter(|(_, package)| package.dev != Some(true));
            return kept.map(|(index, _)| index).collect();
        }
        let mut by_key: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, package) in self.packages.iter().enumerate() {
            for key in &package.keys {
                by_key.entry(key).or_default().push(index);
            }
        }
        let mut reached = BTreeSet::new();
        let direct = folders.iter().filter_map(|folder| self.production.get(*folder)).flatten();
        let mut next: Vec<&str> = roots.iter().chain(direct).map(String::as_str).collect();
        while let Some(key) = next.pop() {
            for index in by_key.get(key).into_iter().flatten() {
                if reached.insert(*index)
                    && let Some(package) = self.packages.get(*index)
                {
                    next.extend(package.needs.iter().map(String::as_str));
                }
            }
        }
        reached
    }
}

/// The hosts and paths of archives that a lock file of any format names, the first of each host, with its line.
#[must_use]
pub fn addresses(text: &str) -> Vec<(&str, u32)> {
    let mut places: Vec<(&str, u32)> = Vec::new();
    for (line, number) in text.lines().zip(1u32..) {
        let Some((key, rest)) = line.split_once("https://") else { continue };
        if !["resolved", "tarball:", "[\""].iter().any(|word| key.contains(word)) {
            continue;
        }
        let place = rest.split(['"', '\'', ',', '}', ' ', '#']).next().unwrap_or_default();
        let host = place.split('/').next().unwrap_or_default();
        let known = |(one, _): &(&str, u32)| one.split('/').next() == Some(host);
        if !host.is_empty() && !places.iter().any(known) {
            places.push((place, number));
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_a_circle_once() {
        let package = |name: &str, needs: &[&str]| Locked {
            name: name.to_owned(),
            keys: vec![name.to_owned()],
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            ..Locked::default()
        };
        let lock = Lock {
            packages: vec![package("a", &["b"]), package("b", &["a", "gone"]), package("c", &[])],
            ..Lock::default()
        };
        assert_eq!(lock.production_set(&["a".to_owned()], &[]), BTreeSet::from([0, 1]));
    }
}
