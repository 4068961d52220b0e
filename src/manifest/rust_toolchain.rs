//! rust-toolchain.toml and rust-toolchain: the toolchain that rustup takes in this folder.

use camino::Utf8Path;

use super::toml_tree;
use super::yaml::Lined;
use crate::error::Result;

/// A toolchain file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RustToolchain {
    /// `stable`, `1.88.0`, `nightly-2026-01-01`.
    pub channel: Option<Lined<String>>,
    /// Targets that are added.
    pub targets: Vec<String>,
    /// Components that are added.
    pub components: Vec<String>,
}

/// Reads a toolchain file: TOML, or a channel alone where the name has no ending.
///
/// # Errors
/// It is meant to be TOML and is none.
pub fn read(path: &Utf8Path, text: &str) -> Result<RustToolchain> {
    let bare = text.trim();
    if path.extension().is_none() && !bare.contains(['[', '=']) {
        let line = (1..).zip(text.lines()).find(|(_, line)| !line.trim().is_empty());
        let channel = line.map(|(number, line)| Lined::new(line.trim().to_owned(), number));
        return Ok(RustToolchain { channel, ..RustToolchain::default() });
    }
    let tree = toml_tree::read(path, text)?;
    let Some(section) = tree.get("toolchain") else { return Ok(RustToolchain::default()) };
    let channel = section.get("channel");
    let texts = |key: &str| section.get(key).and_then(super::yaml::Node::texts).unwrap_or_default();
    Ok(RustToolchain {
        channel: channel.and_then(|node| Some(Lined::new(node.text()?.to_owned(), node.line))),
        targets: texts("targets"),
        components: texts("components"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms() {
        let toml = "[toolchain]\nchannel = \"1.88\"\ntargets = [\"wasm32-unknown-unknown\"]\n";
        let found = read("rust-toolchain.toml".into(), toml).unwrap();
        assert_eq!(found.channel, Some(Lined::new("1.88".into(), 2)));
        assert_eq!(found.targets, ["wasm32-unknown-unknown"]);
        assert_eq!(read("rust-toolchain".into(), toml).unwrap(), found);
        let bare = read("rust-toolchain".into(), "\nnightly-2026-01-01\n").unwrap();
        assert_eq!(bare.channel, Some(Lined::new("nightly-2026-01-01".into(), 2)));
        assert!(read("rust-toolchain.toml".into(), "[toolchain\n").is_err());
    }
}
