//! How an image's build is given what fetches private packages, for every language alike: as mounts of the step that
//! fetches, which no layer keeps, with the words for `docker build`. No host is believed because it answered first: its
//! key is the one that it publishes, or comes with the people who know it.

use super::{Mount, Step, runtime};
use crate::compose::Composition;
use crate::facts::{Access, Found, Host, Project};
use crate::text::shell_word;

/// The secret that has the keys of hosts which publish none.
const KNOWN_HOSTS: &str = "known_hosts";

/// What the steps that fetch are given.
#[must_use]
pub fn mounts(access: &Access) -> Vec<Mount> {
    let mut mounts: Vec<Mount> = access.ssh.first().map(|_| Mount::Ssh).into_iter().collect();
    if unknown(access).next().is_some() {
        let target = "/etc/ssh/ssh_known_hosts".to_owned();
        mounts.push(Mount::SecretFile { id: KNOWN_HOSTS.to_owned(), target, required: true });
    }
    mounts.extend(access.secrets.iter().map(|secret| {
        let (id, required) = (secret.value.id.clone(), secret.value.required);
        match &secret.value.file {
            Some(file) => Mount::SecretFile { id, target: file.target.clone(), required },
            None => Mount::SecretEnv { name: id, required },
        }
    }));
    mounts
}

/// Why, a line for each place that something is fetched from.
#[must_use]
pub fn reasons(access: &Access) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for secret in &access.secrets {
        let says = runtime::sentence(secret.says());
        lines.push(if secret.value.required {
            format!("{says}: its credentials are a secret of this step, which no layer keeps.")
        } else {
            format!("{says}: where it asks for credentials, this step takes them as a secret.")
        });
    }
    if let Some(host) = access.ssh.first() {
        let says = runtime::sentence(host.says());
        lines.push(format!("{says}: the builder's SSH agent has the key, no layer does."));
    }
    if let Some(host) = unknown(access).next() {
        lines.push(format!(
            "The key of {} comes with known_hosts: nothing here publishes it.",
            host.value.name
        ));
    }
    lines.dedup();
    lines
}

/// What has to be told before anything is fetched: a tool that it takes credentials, git whom it may believe.
pub fn setup(access: &Access) -> impl Iterator<Item = Step> + use<> {
    let tool = access.setup.clone().map(|command| {
        let because = vec!["No registry is asked for credentials otherwise.".to_owned()];
        Step { because, ..Step::run(vec![], vec![command]) }
    });
    tool.into_iter().chain(git(access))
}

fn git(access: &Access) -> Option<Step> {
    let rows: Vec<String> = access
        .ssh
        .iter()
        .filter_map(|host| Some(shell_word(&format!("{} {}", host.value.name, host.value.key.as_ref()?))))
        .collect();
    let mut commands = Vec::new();
    if !rows.is_empty() {
        let write = if rows.len() == 1 { "echo" } else { "printf '%s\\n'" };
        commands.push("mkdir -p -m 0700 ~/.ssh".to_owned());
        commands.push(format!("{write} {} >> ~/.ssh/known_hosts", rows.join(" ")));
    }
    let instead = access.ssh.iter().filter(|host| host.value.instead);
    commands.extend(instead.map(|host| {
        let name = host.value.name.as_str();
        format!("git config --global url.\"ssh://git@{name}/\".insteadOf https://{name}/")
    }));
    let because = (!rows.is_empty())
        .then(|| "The key that the host publishes: nothing that answers first is believed.".to_owned());
    (!commands.is_empty())
        .then(|| Step { because: because.into_iter().collect(), ..Step::run(vec![], commands) })
}

/// What `docker build` has to be given, for everything that the image is made of.
#[must_use]
pub fn flags(composition: &Composition) -> Vec<String> {
    let ends = composition.front_ends.iter().map(|end| &end.project);
    let mut flags: Vec<String> = Vec::new();
    for project in [&composition.main].into_iter().chain(ends) {
        flags.extend(of(project).into_iter().filter(|flag| !flags.contains(flag)).collect::<Vec<_>>());
    }
    flags
}

fn of(project: &Project) -> Vec<String> {
    let access = &project.access;
    let required = access.secrets.iter().filter(|secret| secret.value.required);
    let mut flags: Vec<String> = required.map(|secret| secret.value.flag()).collect();
    flags.extend(access.ssh.first().map(|_| "--ssh default".to_owned()));
    let known = format!("--secret id={KNOWN_HOSTS},src=$HOME/.ssh/known_hosts");
    flags.extend(unknown(access).next().map(|_| known));
    flags
}

/// Hosts whose key nobody published.
fn unknown(access: &Access) -> impl Iterator<Item = &Found<Host>> {
    access.ssh.iter().filter(|host| host.value.key.is_none())
}
