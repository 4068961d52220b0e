//! What deployment files say of a process: its command, its probes, its variables. Their readers share these types.

use serde::Serialize;

/// A command as a deployment file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Command {
    /// A line that a shell splits.
    Text(String),
    /// The whole command, word by word.
    Argv(Vec<String>),
    /// Arguments alone: the program is the image's own.
    Args(Vec<String>),
}

/// How a platform asks whether the program is well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Probe {
    /// A request.
    Http {
        /// The path, with its slash.
        path: String,
        /// The port, where the file says it.
        #[serde(skip_serializing_if = "Option::is_none")]
        port: Option<u16>,
    },
    /// A command in the container.
    Exec {
        /// Its words.
        argv: Vec<String>,
    },
    /// A connection.
    Tcp {
        /// The port.
        port: u16,
    },
}

impl Probe {
    /// The probe of a command in the container: one that only fetches a page of its own is a request.
    #[must_use]
    pub fn command(argv: Vec<String>) -> Self {
        let words = || argv.iter().flat_map(|word| word.split_whitespace());
        let fetches = words().next().is_some_and(|program| matches!(program, "curl" | "wget"))
            || argv.iter().any(|word| word.starts_with("curl ") || word.starts_with("wget "));
        match words().find_map(own_page).filter(|_| fetches) {
            Some((path, port)) => Self::Http { path, port: Some(port) },
            None => Self::Exec { argv },
        }
    }
}

/// The path and port of a URL that the container has of itself.
fn own_page(word: &str) -> Option<(String, u16)> {
    let url = word.trim_matches(['"', '\'']);
    let rest = url.strip_prefix("http://").unwrap_or(url);
    let rest =
        ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"].iter().find_map(|host| rest.strip_prefix(host))?;
    let (port, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, "/"),
    };
    let port = match port.strip_prefix(':') {
        Some(port) => port.parse().ok()?,
        None if port.is_empty() => 80,
        None => return None,
    };
    Some((path.to_owned(), port))
}

/// A variable as a deployment file has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value, where it is a literal.
    pub value: Option<String>,
    /// The file says that it cannot be left out.
    pub required: bool,
}

/// Whether a name is one that a variable of a program can have.
#[must_use]
pub fn is_variable(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// Whether a variable of this name holds what nobody else may know.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    const WORDS: [&str; 11] = [
        "SECRET",
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "PASS",
        "PWD",
        "TOKEN",
        "KEY",
        "CREDENTIAL",
        "CREDENTIALS",
        "DSN",
    ];
    let name = name.to_ascii_uppercase();
    name.split('_').any(|part| WORDS.contains(&part))
        || ["SECRET", "PASSWORD", "APIKEY"].iter().any(|it| name.contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(words: &[&str]) -> Probe {
        Probe::command(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn fetching_a_page_is_a_request() {
        let http = |path: &str, port| Probe::Http { path: path.into(), port: Some(port) };
        assert_eq!(probe(&["curl", "-f", "http://localhost"]), http("/", 80));
        assert_eq!(
            probe(&["sh", "-c", "curl --silent localhost:8000/health || exit 1"]),
            http("/health", 8000)
        );
        assert_eq!(probe(&["wget", "-qO-", "http://127.0.0.1:3000/a?b=1"]), http("/a?b=1", 3000));
        assert!(matches!(probe(&["podcli", "check", "http", "localhost:9898/healthz"]), Probe::Exec { .. }));
        assert!(matches!(probe(&["curl", "http://example.com"]), Probe::Exec { .. }));
    }

    #[test]
    fn secrets_by_their_name() {
        for name in
            ["SESSION_SECRET", "DB_PASSWORD", "API_KEY", "GITHUB_TOKEN", "PGPASSWORD", "stripe_api_key"]
        {
            assert!(is_secret(name), "{name}");
        }
        for name in ["PORT", "KEYBOARD", "MONKEY", "COMPASS_URL"] {
            assert!(!is_secret(name), "{name}");
        }
        assert!(
            is_variable("_A1") && !is_variable("discovery.type") && !is_variable("1A") && !is_variable("")
        );
    }
}
