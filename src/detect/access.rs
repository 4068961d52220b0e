//! Registries and git hosts that not everybody may read, in one shape for every tool: an address comes in, and what the
//! build has to be given comes out. Nothing is asked; what nobody knows may be given, and is not demanded.

use crate::facts::{Access, Evidence, Found, Host, Need, Note, Phase, Project, Secret, SecretFile};
use crate::knowledge::{Credentials, Knowledge, Standing, Way};
use crate::manifest::npmrc::variables;

/// What is known while a project is read.
pub(crate) struct Keys<'a> {
    knowledge: &'a Knowledge,
    way: Option<&'a Way>,
    access: Access,
    notes: Vec<Note>,
}

impl<'a> Keys<'a> {
    /// For the packages of one tool of `_access.toml`.
    pub(crate) fn of(knowledge: &'a Knowledge, tool: &str) -> Self {
        let way = knowledge.access.tools.get(tool);
        Self { knowledge, way, access: Access::default(), notes: Vec::new() }
    }

    /// A variable that settings of the tool put into an address or a token.
    pub(crate) fn variable(&mut self, name: &str, because: &Evidence) {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        if !name.is_empty() && name.chars().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit()) {
            self.give(name.to_owned(), None, true, because);
        }
    }

    /// A file of the person's own that the tool reads for any registry: what it asks for stands in the repository.
    pub(crate) fn file(&mut self, because: &Evidence) {
        if let Some(file) = self.way.and_then(|way| way.file.as_ref()) {
            self.credentials(file, true, because);
        }
    }

    /// A registry that packages come from: its address, and the name that the project gives it.
    pub(crate) fn registry(&mut self, address: &str, name: Option<&str>, because: &Evidence) {
        if self.variables_of(address, because) {
            return;
        }
        let Some(place) = place(address) else { return };
        let Some(way) = self.way else { return };
        let required = match self.knowledge.access.standing(&place) {
            Standing::Open => return,
            Standing::Private => true,
            Standing::Unknown => way.always,
        };
        let flags = self.by(way, name, required, because);
        self.access.setup.clone_from(&way.setup);
        self.told(&place, required, &flags, because);
    }

    /// A git repository that a package comes from.
    pub(crate) fn git(&mut self, address: &str, because: &Evidence) {
        let address = address.trim_start_matches("git+");
        if let Some(host) = ssh_host(address) {
            self.ssh(&host, false, because);
            return;
        }
        if self.variables_of(address, because) {
            return;
        }
        let Some(place) = place(address) else { return };
        let Some(way) = self.knowledge.access.tools.get("git") else { return };
        if self.knowledge.access.standing(&place) != Standing::Open {
            let flags = self.by(way, None, false, because);
            self.told(&place, false, &flags, because);
        }
    }

    /// A host that git asks over SSH; `instead` where addresses say HTTPS.
    pub(crate) fn ssh(&mut self, host: &str, instead: bool, because: &Evidence) {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-[]:_".contains(letter);
        if host.is_empty() || host.starts_with('-') || !host.chars().all(plain) {
            return;
        }
        if let Some(known) = self.access.ssh.iter_mut().find(|known| known.value.name == host) {
            known.value.instead |= instead;
            return;
        }
        let key = self.knowledge.access.keys.get(host).cloned();
        self.access.ssh.push(Found::new(Host { name: host.to_owned(), key, instead }, because.clone()));
    }

    /// Puts what was found into the project, with the programs that git over SSH takes where the tool calls git.
    pub(crate) fn finish(self, project: &mut Project, calls_git: bool) {
        for capability in ["git", "ssh-client"] {
            let Some(host) = self.access.ssh.first().filter(|_| calls_git) else { continue };
            let value = Need { capability: capability.to_owned(), phase: Phase::Build };
            if project.needs.iter().all(|known| known.value != value) {
                project.needs.push(Found { value, because: host.because.clone() });
            }
        }
        project.notes.extend(self.notes);
        project.access = self.access;
    }

    fn give(&mut self, id: String, file: Option<SecretFile>, required: bool, because: &Evidence) -> String {
        let secret = Secret { id, file, required };
        let flag = secret.flag();
        self.access.give(Found::new(secret, because.clone()));
        flag
    }

    fn credentials(&mut self, file: &Credentials, required: bool, because: &Evidence) -> String {
        let own = SecretFile { target: file.target.clone(), from: file.from.clone() };
        self.give(file.id.clone(), Some(own), required, because)
    }

    fn by(&mut self, way: &Way, name: Option<&str>, required: bool, because: &Evidence) -> Vec<String> {
        let name = name.filter(|name| !name.is_empty()).map(upper);
        match (name, &way.file) {
            (Some(name), _) if !way.variables.is_empty() => {
                let names = way.variables.iter().map(|row| row.replace("{NAME}", &name));
                names.map(|one| self.give(one, None, required, because)).collect()
            }
            (_, Some(file)) => vec![self.credentials(file, required, because)],
            (_, None) => Vec::new(),
        }
    }

    /// Whether an address takes its credentials from variables.
    fn variables_of(&mut self, address: &str, because: &Evidence) -> bool {
        let names: Vec<String> = variables(address).collect();
        for name in &names {
            self.variable(name, because);
        }
        !names.is_empty()
    }

    /// What is not demanded is told, with the words that give it.
    fn told(&mut self, place: &str, required: bool, flags: &[String], because: &Evidence) {
        let host = place.split('/').next().unwrap_or(place);
        if required
            || flags.is_empty()
            || self.notes.iter().any(|note| note.text.contains(&format!("`{host}`")))
        {
            return;
        }
        let text = format!(
            "packages come from `{host}`: where it asks for credentials, give them as `docker build {}`",
            flags.join(" ")
        );
        let code = "packages-from-elsewhere".to_owned();
        self.notes.push(Note { code, text, because: vec![because.clone()] });
    }
}

/// A registry's name as variables have it.
fn upper(name: &str) -> String {
    let letter = |one: char| if one.is_ascii_alphanumeric() { one.to_ascii_uppercase() } else { '_' };
    name.chars().map(letter).collect()
}

/// The host and path of an address on the network; none of a file, of this machine, or of an address in clear with its
/// own credentials.
fn place(address: &str) -> Option<String> {
    let address = address.trim_start_matches("sparse+").trim_start_matches("registry+");
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.split(['?', '#']).next().unwrap_or_default();
    let (user, host) = host.rsplit_once('@').unwrap_or(("", host));
    let name = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-".contains(letter);
    let own = name == "localhost" || name.starts_with("127.");
    let known = !name.is_empty() && name.chars().all(plain) && !own && user.is_empty();
    known.then(|| format!("{name}/{path}"))
}

/// The host of an address that SSH is meant by, as `known_hosts` has it.
fn ssh_host(address: &str) -> Option<String> {
    let rest = match address.strip_prefix("ssh://") {
        Some(rest) => rest.split(['/', '?', '#']).next().unwrap_or_default(),
        // `git@host:group/project`: a port has no place in this form.
        None if !address.contains("://") && address.contains('@') => {
            let (host, path) = address.split_once(':')?;
            if path.is_empty() || host.contains('/') {
                return None;
            }
            host
        }
        None => return None,
    };
    let host = rest.rsplit('@').next().unwrap_or(rest);
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let number = port.parse::<u16>().ok().filter(|port| *port != 22);
    let name = name.to_ascii_lowercase();
    (!name.is_empty()).then(|| number.map_or(name.clone(), |port| format!("[{name}]:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_every_form() {
        for (address, host) in [
            ("ssh://git@git.example.com/a/b.git", Some("git.example.com")),
            ("ssh://git@Git.example.com:2222/a/b.git", Some("[git.example.com]:2222")),
            ("ssh://git.example.com:22/a", Some("git.example.com")),
            ("git@github.com:a/b.git", Some("github.com")),
            ("https://github.com/a/b", None),
            ("a/b", None),
            ("./a@b:c", None),
        ] {
            assert_eq!(ssh_host(address).as_deref(), host, "{address}");
        }
        assert_eq!(place("https://user:word@x.example/simple"), None);
        assert_eq!(place("sparse+https://x.example/index/").as_deref(), Some("x.example/index/"));
        assert_eq!(place("http://localhost:8081/simple"), None);
        assert_eq!(place("file:///srv/wheels"), None);
    }
}
