//! `bunfig.toml`: the registries that Bun installs from.

use camino::Utf8Path;

use super::toml_tree;
use super::yaml::Node;
use crate::error::Result;

/// A registry of the settings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registry {
    /// Its key: `install.registry`, or `install.scopes.@own`.
    pub key: String,
    /// Its address.
    pub address: Option<String>,
    /// A token, or a name and a password, stand beside it.
    pub signed: bool,
    /// The variables that its values are taken from.
    pub variables: Vec<String>,
    /// Its line.
    pub line: u32,
}

/// Every registry: of the packages that are in no scope, and of each scope.
///
/// # Errors
/// It is not TOML.
pub fn registries(path: &Utf8Path, text: &str) -> Result<Vec<Registry>> {
    let tree = toml_tree::read(path, text)?;
    let own = tree.at(&["install", "registry"]).map(|node| registry("install.registry", node));
    let scopes = tree.at(&["install", "scopes"]);
    let scopes = scopes.iter().flat_map(|scopes| scopes.entries());
    let scopes = scopes.map(|(name, node)| registry(&format!("install.scopes.{name}"), node));
    Ok(own.into_iter().chain(scopes).collect())
}

fn registry(key: &str, node: &Node) -> Registry {
    let value = |name: &str| node.get(name).and_then(Node::text);
    let words = ["token", "username", "password", "url"].map(value);
    let address = node.text().or(value("url")).map(str::to_owned);
    let variables = words.into_iter().chain([node.text()]).flatten().flat_map(variables).collect();
    let signed = value("token").is_some() || value("password").is_some();
    Registry { key: key.to_owned(), address, signed, variables, line: node.line }
}

/// `$NAME` and `${NAME}`.
fn variables(text: &str) -> Vec<String> {
    let name = |rest: &str| -> String {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect()
    };
    text.split('$').skip(1).map(name).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_and_their_variables() {
        let text = "[install]\nregistry = \"https://npm.example.com\"\n\n[install.scopes]\n\"@own\" = { token = \"$OWN_TOKEN\", url = \"https://npm.own.example/\" }\nplain = \"https://user:${WORD}@npm.example.org/\"\n";
        let all = registries("bunfig.toml".into(), text).unwrap();
        assert_eq!((all[0].address.as_deref(), all[0].signed), (Some("https://npm.example.com"), false));
        assert_eq!((all[1].variables.as_slice(), all[1].signed), (["OWN_TOKEN".to_owned()].as_slice(), true));
        assert_eq!((all[2].key.as_str(), all[2].variables[0].as_str()), ("install.scopes.plain", "WORD"));
        assert!(registries("bunfig.toml".into(), "[install").is_err());
    }
}
