//! .cargo/config.toml: what changes where and how cargo builds.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::toml_tree;
use super::yaml::{Lined, Node};
use crate::error::Result;

/// A cargo configuration, as far as a build in a container heeds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CargoConfig {
    /// `build.target`.
    pub target: Option<Lined<String>>,
    /// `build.target-dir`.
    pub target_dir: Option<String>,
    /// A program in front of the compiler (`sccache`).
    pub wrapper: Option<Lined<String>>,
    /// Flags and linkers: the target that they are for (a triple or `cfg(...)`), none for all.
    pub flags: Vec<(Option<String>, Lined<String>)>,
    /// Registries by name, with their index.
    pub registries: BTreeMap<String, Lined<String>>,
    /// git is run to fetch what comes from git.
    pub git_cli: Option<u32>,
    /// Sources that replace others, by name: the folder of a vendored one.
    pub vendored: Option<Lined<String>>,
}

/// Reads a configuration.
///
/// # Errors
/// It is not TOML.
pub fn read(path: &Utf8Path, text: &str) -> Result<CargoConfig> {
    let tree = toml_tree::read(path, text)?;
    let build = tree.get("build");
    let of_build = |key: &str| build.and_then(|build| build.get(key));
    let mut flags: Vec<(Option<String>, Lined<String>)> = Vec::new();
    flags.extend(of_build("rustflags").into_iter().flat_map(|node| words(node, None)));
    for (target, node) in tree.entries_of("target") {
        let keys = ["rustflags", "linker"].iter().filter_map(|key| node.get(key));
        flags.extend(keys.flat_map(|node| words(node, Some(target))));
    }
    let target = of_build("target");
    let target = target.and_then(|node| if node.is_list() { node.items().first() } else { Some(node) });
    let wrapper = ["rustc-wrapper", "rustc-workspace-wrapper"].iter().find_map(|key| of_build(key));
    let git_cli = tree.at(&["net", "git-fetch-with-cli"]).filter(|node| node.is_truthy());
    Ok(CargoConfig {
        target: target.and_then(lined),
        target_dir: of_build("target-dir").and_then(Node::text).map(str::to_owned),
        wrapper: wrapper.and_then(lined).filter(|one| !one.value.is_empty()),
        flags,
        registries: registries(&tree),
        git_cli: git_cli.map(|node| node.line),
        vendored: vendored(&tree),
    })
}

fn lined(node: &Node) -> Option<Lined<String>> {
    Some(Lined::new(node.text()?.to_owned(), node.line))
}

/// Each word of a list or a text.
fn words(node: &Node, target: Option<&str>) -> Vec<(Option<String>, Lined<String>)> {
    let items: Vec<&Node> = if node.is_list() { node.items().iter().collect() } else { vec![node] };
    let texts = items.into_iter().filter_map(|one| Some((one.text()?, one.line)));
    let each = texts.flat_map(|(text, line)| text.split_whitespace().map(move |word| (word, line)));
    each.map(|(word, line)| (target.map(str::to_owned), Lined::new(word.to_owned(), line))).collect()
}

fn registries(tree: &Node) -> BTreeMap<String, Lined<String>> {
    let all = tree.entries_of("registries").iter();
    all.filter_map(|(name, node)| Some((name.clone(), lined(node.get("index")?)?))).collect()
}

/// The folder of the source that stands for the public registry.
fn vendored(tree: &Node) -> Option<Lined<String>> {
    let with = tree.at(&["source", "crates-io", "replace-with"])?.text()?;
    lined(tree.at(&["source", with, "directory"])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_build_heeds() {
        let text = "[build]\ntarget = \"x86_64-unknown-linux-musl\"\nrustc-wrapper = \"sccache\"\n\n[target.x86_64-unknown-linux-gnu]\nlinker = \"clang\"\nrustflags = [\"-C\", \"link-arg=-fuse-ld=lld\"]\n\n[registries.own]\nindex = \"sparse+https://example.com/\"\n\n[net]\ngit-fetch-with-cli = true\n\n[source.crates-io]\nreplace-with = \"vendored-sources\"\n[source.vendored-sources]\ndirectory = \"vendor\"\n";
        let config = read(".cargo/config.toml".into(), text).unwrap();
        assert_eq!(config.target.map(|one| one.line), Some(2));
        assert_eq!(config.wrapper.map(|one| one.value).as_deref(), Some("sccache"));
        let flags: Vec<&str> = config.flags.iter().map(|(_, flag)| flag.value.as_str()).collect();
        assert_eq!(flags, ["-C", "link-arg=-fuse-ld=lld", "clang"]);
        assert_eq!(config.registries["own"].line, 10);
        assert_eq!((config.git_cli, config.vendored.map(|one| one.value)), (Some(13), Some("vendor".into())));
    }
}
