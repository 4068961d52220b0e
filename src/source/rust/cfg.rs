//! `cfg(...)`: whether code or a dependency is part of a release build for Linux.

use std::collections::BTreeSet;

use super::lex::{Kind, Lexer, unquote};

/// What a build is made for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Build {
    /// Features that are on; none where that is not known.
    pub features: Option<BTreeSet<String>>,
    /// The C library is musl.
    pub musl: bool,
}

impl Build {
    /// Whether a condition, without its `cfg` and brackets, holds; none where that depends on the machine.
    #[must_use]
    pub fn holds(&self, condition: &str) -> Option<bool> {
        let tokens: Vec<(Kind, &str)> = Lexer::new(condition)
            .filter_map(|token| Some((token.kind, condition.get(token.start..token.end)?)))
            .collect();
        self.part(&tokens, 0)
    }

    /// Whether the target of a dependency (`cfg(unix)`, a triple) may be Linux.
    #[must_use]
    pub fn targets(&self, target: &str) -> bool {
        match target.trim().strip_prefix("cfg(").and_then(|rest| rest.strip_suffix(')')) {
            Some(condition) => self.holds(condition) != Some(false),
            None => target.contains("linux") && target.contains("musl") == self.musl,
        }
    }

    fn part(&self, tokens: &[(Kind, &str)], depth: usize) -> Option<bool> {
        let (_, name) = tokens.first()?;
        if depth > 16 {
            return None;
        }
        match tokens.get(1).map(|(_, mark)| *mark) {
            Some("(") => {
                let inner = tokens.get(2..tokens.len().saturating_sub(1)).unwrap_or(&[]);
                let parts = split(inner).into_iter().map(|part| self.part(part, depth + 1));
                combined(name, &parts.collect::<Vec<_>>())
            }
            Some("=") => self.equals(name, &unquote(tokens.get(2).map_or("", |(_, text)| *text))),
            _ => match *name {
                "unix" | "true" => Some(true),
                "windows" | "test" | "debug_assertions" | "doc" | "docsrs" | "doctest" | "miri" | "false"
                | "bench" => Some(false),
                _ => None,
            },
        }
    }

    fn equals(&self, key: &str, value: &str) -> Option<bool> {
        match key {
            "target_os" => Some(value == "linux"),
            "target_family" => Some(value == "unix"),
            "target_env" => Some(value == if self.musl { "musl" } else { "gnu" }),
            "target_pointer_width" => Some(value == "64"),
            "target_arch" => {
                if value.starts_with("wasm") {
                    Some(false)
                } else {
                    None
                }
            }
            "feature" => self.features.as_ref().map(|on| on.contains(value)),
            _ => None,
        }
    }
}

fn combined(name: &str, parts: &[Option<bool>]) -> Option<bool> {
    match name {
        "not" => parts.first().copied().flatten().map(|holds| !holds),
        "all" if parts.contains(&Some(false)) => Some(false),
        "any" if parts.contains(&Some(true)) => Some(true),
        "all" | "any" => (!parts.contains(&None)).then_some(name == "all"),
        _ => None,
    }
}

/// The parts between commas outside of brackets.
fn split<'a, 'b>(tokens: &'a [(Kind, &'b str)]) -> Vec<&'a [(Kind, &'b str)]> {
    let mut depth = 0i32;
    let parts = tokens.split(|(_, mark)| {
        match *mark {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        *mark == "," && depth == 0
    });
    parts.filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions() {
        let on = BTreeSet::from(["tls".to_owned()]);
        let build = Build { features: Some(on), musl: false };
        let holds = |text: &str| build.holds(text);
        assert_eq!(holds("unix"), Some(true));
        assert_eq!(holds("not(test)"), Some(true));
        assert_eq!(holds("all(unix, feature = \"tls\")"), Some(true));
        assert_eq!(holds("any(feature = \"x\", windows)"), Some(false));
        assert_eq!(holds("all(target_env = \"musl\", target_pointer_width = \"64\")"), Some(false));
        assert_eq!(holds("target_arch = \"x86_64\""), None);
        assert_eq!(holds("any(target_arch = \"x86_64\", target_os = \"linux\")"), Some(true));
        assert!(!build.targets("x86_64-pc-windows-msvc") && build.targets("cfg(not(windows))"));
        assert_eq!(Build::default().holds("feature = \"x\""), None);
    }
}
