//! Cargo.toml: packages, workspaces, targets, dependencies and features, each with its line.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::toml_tree;
use super::yaml::{Lined, Node};
use crate::error::{Error, Result};

/// A Cargo.toml.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CargoToml {
    /// Its package; none where it is only a workspace's.
    pub package: Option<Package>,
    /// Its workspace.
    pub workspace: Option<Workspace>,
    /// The library, where the manifest names it.
    pub lib: Option<Target>,
    /// `[[bin]]`.
    pub bins: Vec<Target>,
    /// `[[example]]`, `[[test]]` and `[[bench]]`, each with the folder that it is looked for in.
    pub others: Vec<(&'static str, Target)>,
    /// Every dependency.
    pub dependencies: Vec<Dependency>,
    /// Features and what each turns on.
    pub features: BTreeMap<String, Vec<String>>,
    /// What the release profile says of symbols.
    pub release: Profile,
    /// Folders that `[patch]` names.
    pub patches: Vec<Lined<String>>,
    /// The sections below `package.metadata` and `workspace.metadata`.
    pub metadata: BTreeMap<String, Node>,
}

/// A value of the package, or the workspace's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// It stands here.
    Own(Lined<String>),
    /// `KEY.workspace = true`.
    Inherited,
}

/// `[package]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: Lined<String>,
    /// Its edition.
    pub edition: Option<Field>,
    /// The oldest Rust that it builds with.
    pub rust_version: Option<Field>,
    /// The binary that `cargo run` runs.
    pub default_run: Option<Lined<String>>,
    /// Binaries are found by their files.
    pub autobins: bool,
    /// The build script's path; `None` where it is turned off.
    pub build: Option<String>,
    /// The build script is named, not found.
    pub build_named: bool,
    /// The folder of its workspace, where it names one.
    pub workspace: Option<String>,
}

/// `[workspace]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workspace {
    /// Folders of members, globs among them.
    pub members: Vec<Lined<String>>,
    /// Folders that are none.
    pub exclude: Vec<String>,
    /// What is built where nothing is named.
    pub default_members: Vec<String>,
    /// What members inherit.
    pub edition: Option<Lined<String>>,
    /// See `edition`.
    pub rust_version: Option<Lined<String>>,
    /// Dependencies that members inherit.
    pub dependencies: Vec<Dependency>,
}

/// A library, binary, example, test or bench.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// Its name.
    pub name: Option<String>,
    /// Its file.
    pub path: Option<String>,
    /// Features without which it is not built.
    pub required: Vec<String>,
    /// The kinds of library that it makes.
    pub crate_types: Vec<String>,
    /// Its line.
    pub line: u32,
}

/// When a dependency is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// In the program.
    Run,
    /// In the build script.
    Build,
    /// In tests.
    Dev,
}

/// A dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The name in this manifest.
    pub name: String,
    /// The package's own name.
    pub package: String,
    /// When it is there.
    pub when: When,
    /// `cfg(...)` or a target triple that it is limited to.
    pub target: Option<String>,
    /// A folder.
    pub path: Option<String>,
    /// A git repository.
    pub git: Option<String>,
    /// A registry that is not the public one.
    pub registry: Option<String>,
    /// The version that it asks for.
    pub version: Option<String>,
    /// Features that it asks for.
    pub features: Vec<String>,
    /// Whether its default features are on.
    pub defaults: bool,
    /// It is there only where a feature asks for it.
    pub optional: bool,
    /// The workspace says the rest.
    pub inherited: bool,
    /// Its line.
    pub line: u32,
}

/// A profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// It says whether symbols are stripped.
    pub strip: bool,
    /// It asks for debug information.
    pub debug: bool,
}

/// Reads a Cargo.toml.
///
/// # Errors
/// It is not TOML, or has neither a package nor a workspace.
pub fn read(path: &Utf8Path, text: &str) -> Result<CargoToml> {
    let tree = toml_tree::read(path, text)?;
    let package = tree.get("package").or_else(|| tree.get("project"));
    let manifest = CargoToml {
        package: package.map(|node| self::package(path, node)).transpose()?,
        workspace: tree.get("workspace").map(workspace),
        lib: tree.get("lib").map(target),
        bins: tree.items_of("bin").iter().map(target).collect(),
        others: others(&tree),
        dependencies: all_dependencies(&tree),
        features: features(&tree),
        release: tree.at(&["profile", "release"]).map(profile).unwrap_or_default(),
        patches: patches(&tree),
        metadata: metadata(&tree),
    };
    if manifest.package.is_none() && manifest.workspace.is_none() {
        return Err(Error::broken(path, None, "has neither a `[package]` nor a `[workspace]`")
            .help("cargo refuses it, too: `cargo init` writes a whole one"));
    }
    Ok(manifest)
}

fn package(path: &Utf8Path, node: &Node) -> Result<Package> {
    let name = lined(node, "name").ok_or_else(|| {
        Error::broken(path, Some(node.line), "its package has no `name`").help("add `name = \"...\"`")
    })?;
    let build = node.get("build").map(|build| build.text().unwrap_or_default().to_owned());
    Ok(Package {
        name,
        edition: field(node, "edition"),
        rust_version: field(node, "rust-version"),
        default_run: lined(node, "default-run"),
        autobins: node.text_of("autobins") != Some("false"),
        build_named: build.as_ref().is_some_and(|build| build != "false" && build != "true"),
        build: match build.as_deref() {
            None | Some("true") => Some("build.rs".to_owned()),
            Some("false") => None,
            Some(path) => Some(path.to_owned()),
        },
        workspace: node.text_of("workspace").map(str::to_owned),
    })
}

fn workspace(node: &Node) -> Workspace {
    let texts = |key: &str| -> Vec<String> {
        node.items_of(key).iter().filter_map(Node::text).map(str::to_owned).collect()
    };
    let members = node.items_of("members").iter();
    Workspace {
        members: members.filter_map(|one| Some(Lined::new(one.text()?.to_owned(), one.line))).collect(),
        exclude: texts("exclude"),
        default_members: texts("default-members"),
        edition: node.get("package").and_then(|package| lined(package, "edition")),
        rust_version: node.get("package").and_then(|package| lined(package, "rust-version")),
        dependencies: dependencies(node, "dependencies", When::Run, None),
    }
}

fn target(node: &Node) -> Target {
    let texts = |key: &str| -> Vec<String> {
        node.items_of(key).iter().filter_map(Node::text).map(str::to_owned).collect()
    };
    let mut crate_types = texts("crate-type");
    if node.text_of("proc-macro") == Some("true") {
        crate_types.push("proc-macro".to_owned());
    }
    Target {
        name: node.text_of("name").map(str::to_owned),
        path: node.text_of("path").map(str::to_owned),
        required: texts("required-features"),
        crate_types,
        line: node.line,
    }
}

fn others(tree: &Node) -> Vec<(&'static str, Target)> {
    let kinds = [("example", "examples"), ("test", "tests"), ("bench", "benches")];
    let all = kinds.iter().flat_map(|(key, folder)| tree.items_of(key).iter().map(|one| (*folder, one)));
    all.map(|(folder, one)| (folder, target(one))).collect()
}

const TABLES: [(&str, When); 6] = [
    ("dependencies", When::Run),
    ("build-dependencies", When::Build),
    ("build_dependencies", When::Build),
    ("dev-dependencies", When::Dev),
    ("dev_dependencies", When::Dev),
    ("replace", When::Dev),
];

fn all_dependencies(tree: &Node) -> Vec<Dependency> {
    let of = |node: &Node, target: Option<&str>| -> Vec<Dependency> {
        TABLES.iter().flat_map(|(table, when)| dependencies(node, table, *when, target)).collect()
    };
    let mut all = of(tree, None);
    for (target, node) in tree.entries_of("target") {
        all.extend(of(node, Some(target)));
    }
    all
}

fn dependencies(node: &Node, table: &str, when: When, target: Option<&str>) -> Vec<Dependency> {
    node.entries_of(table).iter().map(|(name, one)| dependency(name, one, when, target)).collect()
}

fn dependency(name: &str, node: &Node, when: When, target: Option<&str>) -> Dependency {
    let text = |key: &str| node.text_of(key).map(str::to_owned);
    let features = node.items_of("features").iter().filter_map(Node::text).map(str::to_owned);
    let off = ["default-features", "default_features"].iter().any(|key| node.text_of(key) == Some("false"));
    Dependency {
        name: name.to_owned(),
        package: text("package").unwrap_or_else(|| name.to_owned()),
        when,
        target: target.map(str::to_owned),
        path: text("path"),
        git: text("git"),
        registry: text("registry").or_else(|| text("registry-index")),
        version: node.text().map(str::to_owned).or_else(|| text("version")),
        features: features.collect(),
        defaults: !off,
        optional: node.text_of("optional") == Some("true"),
        inherited: node.text_of("workspace") == Some("true"),
        line: node.line,
    }
}

fn features(tree: &Node) -> BTreeMap<String, Vec<String>> {
    let each = |node: &Node| node.items().iter().filter_map(Node::text).map(str::to_owned).collect();
    tree.entries_of("features").iter().map(|(name, node)| (name.clone(), each(node))).collect()
}

fn profile(node: &Node) -> Profile {
    let off = ["false", "0", "none"];
    Profile {
        strip: node.text_of("strip").is_some(),
        debug: node.text_of("debug").is_some_and(|debug| !off.contains(&debug)),
    }
}

fn patches(tree: &Node) -> Vec<Lined<String>> {
    let sources = tree.entries_of("patch").iter().flat_map(|(_, source)| source.entries());
    sources.filter_map(|(_, one)| lined(one, "path")).collect()
}

fn metadata(tree: &Node) -> BTreeMap<String, Node> {
    let places = [["workspace", "metadata"], ["package", "metadata"]];
    let entries = places.iter().filter_map(|place| tree.at(place)).flat_map(Node::entries);
    entries.map(|(name, node)| (name.clone(), node.clone())).collect()
}

fn lined(node: &Node, key: &str) -> Option<Lined<String>> {
    let found = node.get(key)?;
    Some(Lined::new(found.text()?.to_owned(), found.line))
}

fn field(node: &Node, key: &str) -> Option<Field> {
    match lined(node, key) {
        Some(own) => Some(Field::Own(own)),
        None => {
            node.get(key).filter(|one| one.text_of("workspace") == Some("true")).map(|_| Field::Inherited)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> CargoToml {
        read("Cargo.toml".into(), text).unwrap()
    }

    #[test]
    fn a_package() {
        let manifest = parsed(
            "[package]\nname = \"x\"\nedition.workspace = true\nrust-version = \"1.80\"\ndefault-run = \"y\"\n\n[[bin]]\nname = \"y\"\nrequired-features = [\"cli\"]\n\n[dependencies]\na = \"1\"\nb = { package = \"c\", path = \"../c\", optional = true, default-features = false, features = [\"f\"] }\nd.workspace = true\n\n[target.'cfg(unix)'.dependencies]\ne = { git = \"https://example.com/e\" }\n\n[features]\ndefault = [\"dep:b\"]\n\n[profile.release]\nstrip = true\n",
        );
        let package = manifest.package.unwrap();
        assert_eq!((package.name.value.as_str(), package.name.line), ("x", 2));
        assert_eq!(package.edition, Some(Field::Inherited));
        assert_eq!(package.build.as_deref(), Some("build.rs"));
        assert_eq!(manifest.bins[0].required, ["cli"]);
        let [a, b, d, e] = manifest.dependencies.as_slice() else { panic!() };
        assert_eq!((a.version.as_deref(), a.line), (Some("1"), 12));
        assert_eq!((b.package.as_str(), b.defaults, b.optional), ("c", false, true));
        assert!(d.inherited && e.target.as_deref() == Some("cfg(unix)") && e.git.is_some());
        assert!(manifest.release.strip && manifest.features["default"] == ["dep:b"]);
    }

    #[test]
    fn a_workspace() {
        let manifest = parsed(
            "[workspace]\nmembers = [\"a\", \"b/*\"]\n\n[workspace.package]\nedition = \"2024\"\n\n[workspace.metadata.leptos]\n",
        );
        let workspace = manifest.workspace.unwrap();
        assert_eq!(workspace.members.len(), 2);
        assert_eq!(workspace.edition.map(|edition| edition.value).as_deref(), Some("2024"));
        assert!(manifest.metadata.contains_key("leptos"));
    }

    #[test]
    fn what_is_none_says_so() {
        assert!(read("Cargo.toml".into(), "[dependencies]\n").is_err());
        assert_eq!(read("Cargo.toml".into(), "[package]\n").unwrap_err().place.unwrap().1, Some(1));
    }
}
