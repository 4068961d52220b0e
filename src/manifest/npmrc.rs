//! `.npmrc`: keys and values, a line each.

/// What an `.npmrc` says that an image has to know.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Npmrc {
    /// Variables that are put in (`${NPM_TOKEN}`), with their line.
    pub variables: Vec<(String, u32)>,
    /// Keys and values, with their line, in order.
    pub settings: Vec<(String, String, u32)>,
}

impl Npmrc {
    /// The last value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.settings.iter().rev().find(|(name, _, _)| name == key).map(|(_, value, _)| value.as_str())
    }

    /// A key that is `true`, and its line.
    #[must_use]
    pub fn is_on(&self, key: &str) -> Option<u32> {
        let (_, value, line) = self.settings.iter().rev().find(|(name, _, _)| name == key)?;
        (value == "true").then_some(*line)
    }
}

/// Reads it.
#[must_use]
pub fn read(text: &str) -> Npmrc {
    let mut npmrc = Npmrc::default();
    for (line, number) in text.lines().zip(1u32..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';', '[']) {
            continue;
        }
        npmrc.variables.extend(variables(line).map(|name| (name, number)));
        let (key, value) = line.split_once('=').unwrap_or((line, "true"));
        let value = value.trim().trim_matches(['"', '\'']);
        npmrc.settings.push((key.trim().to_owned(), value.to_owned(), number));
    }
    npmrc
}

/// The names in `${NAME}`, `${NAME-default}` and `${NAME?}`.
pub(crate) fn variables(line: &str) -> impl Iterator<Item = String> {
    line.split("${").skip(1).filter_map(|rest| {
        let name: String =
            rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
        (!name.is_empty() && rest.contains('}')).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_it() {
        let npmrc = read(
            "# x\n//npm.example.com/:_authToken=${NPM_TOKEN}\nlegacy-peer-deps=true\n\nengine-strict = true\n",
        );
        assert_eq!(npmrc.variables, [("NPM_TOKEN".to_owned(), 2)]);
        assert_eq!(npmrc.is_on("legacy-peer-deps"), Some(3));
        assert_eq!(npmrc.is_on("engine-strict"), Some(5));
        assert_eq!(npmrc.is_on("save-exact"), None);
    }
}
