//! The file that builds several services together: one target a service, for `docker buildx bake`.

use camino::Utf8Path;

use super::Service;
use super::layout::in_context;

/// The file's name, in the repository's own folder.
pub const FILE: &str = "docker-bake.hcl";

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bake {
    /// A target a service, sorted by name.
    pub targets: Vec<Target>,
}

/// How one service is built. Plain values: they are encoded when they are rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Lower case letters, digits and dashes; of no other target. The image's name, too.
    pub name: String,
    /// The build context, relative to the repository; `.` for all of it.
    pub context: String,
    /// The Dockerfile, relative to the context.
    pub dockerfile: String,
    /// Secrets that the build asks for: `id=npmrc,src=.npmrc`.
    pub secrets: Vec<String>,
    /// SSH agents that it asks for: `default`.
    pub ssh: Vec<String>,
    /// The image has a label with the version.
    pub versioned: bool,
}

/// The targets of services and their Dockerfiles. Their names have to be unique by now.
#[must_use]
pub fn bake<'a>(services: impl IntoIterator<Item = (&'a Service, &'a Utf8Path)>) -> Bake {
    let mut targets: Vec<Target> =
        services.into_iter().map(|(service, file)| target(service, file)).collect();
    targets.sort_by(|one, other| one.name.cmp(&other.name));
    Bake { targets }
}

fn target(service: &Service, dockerfile: &Utf8Path) -> Target {
    let flags = |name: &str| {
        let values = service.build_flags.iter().filter_map(|flag| flag.strip_prefix(name)?.strip_prefix(' '));
        values.map(str::to_owned).collect()
    };
    Target {
        name: service.id.clone(),
        context: local(in_context(&service.context, "".into())),
        dockerfile: below(dockerfile, &service.context),
        secrets: flags("--secret"),
        ssh: flags("--ssh"),
        versioned: service.runtime.labels.iter().any(|(_, value)| value == "${VERSION}"),
    }
}

/// A folder that is called like a place elsewhere would be fetched from there.
fn local(path: String) -> String {
    if path.contains(':') || path.starts_with("github.com/") { format!("./{path}") } else { path }
}

/// A path relative to a folder, with `..` where it lies outside.
fn below(path: &Utf8Path, folder: &Utf8Path) -> String {
    let up = folder.components().count();
    path.strip_prefix(folder).map_or_else(|_| format!("{}{path}", "../".repeat(up)), ToString::to_string)
}

/// Names for images that are each only one service's: where two programs are called the same, their folders say which.
pub fn name_apart(services: &mut [&mut Service]) {
    let names: Vec<String> = services.iter().map(|service| service.id.clone()).collect();
    let mut taken: Vec<String> = Vec::new();
    for (at, service) in services.iter_mut().enumerate() {
        let shared = names.iter().enumerate().any(|(other, name)| other != at && *name == service.id);
        let by_folder = crate::detect::slug(service.root.as_str());
        let name = if shared && !service.root.as_str().is_empty() { by_folder } else { service.id.clone() };
        let free = |name: &String| {
            !taken.contains(name) && (!shared || !names.contains(name) || *name == service.id)
        };
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let free = [name.clone()].into_iter().chain(numbered).find(free).unwrap_or(name);
        taken.push(free.clone());
        service.id = free;
    }
}

impl Bake {
    /// What the file rests on, for the lock.
    #[must_use]
    pub fn facts(&self) -> Vec<String> {
        let one = |target: &Target| {
            let file = target.dockerfile.as_str();
            let secrets: Vec<&str> = target.secrets.iter().chain(&target.ssh).map(String::as_str).collect();
            let given =
                if secrets.is_empty() { String::new() } else { format!(", given {}", secrets.join(" ")) };
            format!("target {} = {file}, context {}{given}", target.name, target.context)
        };
        self.targets.iter().map(one).collect()
    }
}
