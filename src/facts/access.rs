//! What a build has to be given to fetch what not everybody may fetch, whatever the language: credentials of registries,
//! and keys for git over SSH.

use serde::Serialize;

use super::Found;

/// Everything of that kind. Empty where every package is everybody's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Access {
    /// Credentials, each once.
    pub secrets: Vec<Found<Secret>>,
    /// Hosts that git asks over SSH, each once.
    pub ssh: Vec<Found<Host>>,
    /// A command without which the tool takes no credentials.
    #[serde(skip)]
    pub setup: Option<String>,
}

/// Credentials that the install is given for its own time: no layer keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Secret {
    /// What `docker build --secret` calls it: for a variable, its name.
    pub id: String,
    /// The file that it becomes; none for a variable.
    pub file: Option<SecretFile>,
    /// The install fails without it. It may be wanted where the registry is not known to be everybody's.
    pub required: bool,
}

/// A file with credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SecretFile {
    /// Where the tool looks for it, in the stage that installs.
    pub target: String,
    /// Where people have it.
    pub from: String,
}

/// A host that git asks over SSH.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Host {
    /// Its name, as `known_hosts` has it: with a port in the form `[name]:2222`.
    pub name: String,
    /// The key that it publishes; none where only the people who use it know that.
    pub key: Option<String>,
    /// What is asked for over HTTPS there is fetched over SSH.
    pub instead: bool,
}

impl Access {
    /// Adds a secret. Of two of the same id the one that is required stays.
    pub fn give(&mut self, secret: Found<Secret>) {
        match self.secrets.iter_mut().find(|known| known.value.id == secret.value.id) {
            Some(known) if secret.value.required && !known.value.required => *known = secret,
            Some(_) => {}
            None => self.secrets.push(secret),
        }
    }

    /// Nothing has to be given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty() && self.ssh.is_empty()
    }
}

impl Secret {
    /// How `docker build` is given it.
    #[must_use]
    pub fn flag(&self) -> String {
        match &self.file {
            None => format!("--secret id={0},env={0}", self.id),
            Some(file) => format!("--secret id={},src={}", self.id, file.from),
        }
    }
}
