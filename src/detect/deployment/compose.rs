//! Compose files: the services that are built of this project.

use camino::{Utf8Path, Utf8PathBuf};

use super::names::Names;
use super::{Context, Deployment, From, is_unshipped};
use crate::detect::join_inside;
use crate::manifest::compose::{Build, Mount, Service, Source, image_name, parse};
use crate::manifest::process::Setting;
use crate::manifest::yaml::Lined;

pub(super) fn read(cx: &Context<'_>, root: &Utf8Path, names: &Names, found: &mut Deployment) {
    for path in files(cx) {
        let Some(text) = cx.repo.source(path) else { continue };
        let services = match parse(&text) {
            Ok(services) => services,
            Err(unreadable) => {
                found.unreadable(path, &unreadable);
                continue;
            }
        };
        let hosts: Vec<&str> = services.iter().map(|service| service.name.as_str()).collect();
        let place = Place { cx, root, names, dir: path.parent().unwrap_or(Utf8Path::new("")) };
        for service in services.iter().filter(|service| place.is_ours(service)) {
            place.service(service, &hosts, From { file: path, found: &mut *found });
        }
    }
}

/// Compose files that are not about development or tests, those of the root first.
fn files<'a>(cx: &Context<'a>) -> Vec<&'a Utf8PathBuf> {
    let mut files: Vec<&Utf8PathBuf> = cx.repo.files().iter().filter(|path| is_compose(path)).collect();
    files.sort_by_key(|path| (path.components().count(), path.as_str()));
    files
}

fn is_compose(path: &Utf8Path) -> bool {
    let Some(stem) = path.file_stem() else { return false };
    let named = ["compose", "docker-compose", "docker-stack"].iter().any(|name| {
        stem.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
    });
    named
        && matches!(path.extension(), Some("yaml" | "yml"))
        && !path.components().any(|part| is_unshipped(part.as_str()))
}

struct Place<'a> {
    cx: &'a Context<'a>,
    root: &'a Utf8Path,
    names: &'a Names,
    dir: &'a Utf8Path,
}

impl Place<'_> {
    fn is_ours(&self, service: &Service) -> bool {
        if let Some(build) = &service.build {
            return self.is_built_here(service, build);
        }
        let image = service.image.as_deref();
        image.is_some_and(|image| self.names.has_image(&image_name(image), image.contains('/')))
    }

    fn is_built_here(&self, service: &Service, build: &Build) -> bool {
        let Some(context) = join_inside(self.dir, &build.context) else { return false };
        let file = build.dockerfile.as_deref().unwrap_or("Dockerfile");
        let home = join_inside(&context, file).and_then(|file| file.parent().map(Utf8Path::to_owned));
        if home.as_deref() == Some(self.root) {
            return true;
        }
        let elsewhere = home.is_some_and(|home| home != context && self.is_project(&home));
        let image = service.image.as_deref().map(image_name);
        let called_by = [Some(&service.name), service.container.as_ref(), image.as_ref()];
        let called = || called_by.iter().flatten().any(|name| self.names.has(name));
        self.root.starts_with(&context) && !elsewhere && (context == self.root || called())
    }

    /// Whether a folder has a manifest of its own.
    fn is_project(&self, dir: &Utf8Path) -> bool {
        let mut markers = self.cx.knowledge.detectors.values().flat_map(|detector| &detector.markers);
        markers.any(|marker| !marker.contains('*') && self.cx.repo.has(dir.join(marker)))
    }

    fn service(&self, service: &Service, hosts: &[&str], mut said: From<'_>) {
        let name = &service.name;
        let file = said.file;
        let staged =
            service.build.as_ref().and_then(|build| build.target.as_deref()).is_some_and(is_unshipped);
        let developed = staged || service.mounts.iter().any(|mount| self.is_source(&mount.value));
        let of = |key: &str| format!("{key} of {name} in {file}");
        for port in ports(service, staged, developed) {
            said.port(&port, of("ports"));
        }
        if let Some(command) = service.command.clone().filter(|_| !developed) {
            said.command(name, command, of("the command"));
        }
        if let Some(probe) = service.probe.clone().filter(|_| !staged) {
            said.probe(probe, of("the healthcheck"));
        }
        let env = service
            .env
            .iter()
            .cloned()
            .map(|setting| if developed { without_value(setting) } else { setting });
        said.env(env.collect(), &format!("environment of {name} in {file}"), hosts);
        for Lined { value: mount, line } in &service.mounts {
            let target = Lined::new(mount.target.clone(), *line);
            match self.role(mount, developed) {
                Role::Data if self.is_beside_sources(mount, service) => {}
                Role::Data => said.volume(&target, of("volumes")),
                Role::Config => said.config(&target, of("volumes")),
                Role::Neither => {}
            }
        }
    }

    /// A folder of the project that is mounted over what the image holds: for development.
    fn is_source(&self, mount: &Mount) -> bool {
        self.local(mount).is_some_and(|local| {
            self.cx.repo.has_dir(&local) && (local.starts_with(self.root) || self.root.starts_with(&local))
        })
    }

    /// What stands beside mounted sources (`/code/target` beside `/code/src`) holds a build.
    fn is_beside_sources(&self, mount: &Mount, service: &Service) -> bool {
        let parent = |mount: &Mount| Utf8Path::new(&mount.target).parent().map(Utf8Path::to_owned);
        let beside = parent(mount).filter(|parent| parent.as_str() != "/");
        let mut sources =
            service.mounts.iter().map(|mount| &mount.value).filter(|mount| self.is_source(mount));
        beside.is_some() && sources.any(|source| parent(source) == beside)
    }

    /// The path in the repository that is mounted.
    fn local(&self, mount: &Mount) -> Option<Utf8PathBuf> {
        match &mount.source {
            Source::Path(path) if !path.starts_with(['/', '~', '$']) => join_inside(self.dir, path),
            _ => None,
        }
    }

    fn role(&self, mount: &Mount, developed: bool) -> Role {
        let installed = mount.target.split('/').any(|part| part == "node_modules");
        match &mount.source {
            _ if installed => Role::Neither,
            Source::Anonymous if developed => Role::Neither,
            Source::Named | Source::Anonymous => Role::Data,
            Source::Path(path) => match self.local(mount) {
                Some(_) if self.is_source(mount) => Role::Neither,
                Some(local) if developed && local.starts_with(self.root) && self.cx.repo.has(&local) => {
                    Role::Neither
                }
                Some(local) if self.cx.repo.has(&local) || self.cx.repo.has_dir(&local) => Role::Config,
                None if is_machine(path) || path.starts_with("..") => Role::Neither,
                Some(_) | None => data_unless_fixed(mount),
            },
        }
    }
}

fn without_value(mut setting: Lined<Setting>) -> Lined<Setting> {
    setting.value.value = None;
    setting
}

enum Role {
    Data,
    Config,
    Neither,
}

/// A path of the machine that holds no file of the repository: data, unless the container cannot write to it or it is one file.
fn data_unless_fixed(mount: &Mount) -> Role {
    let file = Utf8Path::new(&mount.target)
        .extension()
        .is_some_and(|end| end.chars().all(|it| it.is_ascii_lowercase()));
    if mount.read_only || file { Role::Config } else { Role::Data }
}

/// Sockets and settings of the machine itself.
fn is_machine(path: &str) -> bool {
    ["/etc/", "/var/run/", "/run/", "/proc", "/sys", "/dev"].iter().any(|it| path.starts_with(it))
        || Utf8Path::new(path).extension() == Some("sock")
}

/// A stage for development may serve elsewhere, and mounted sources mean a debugger's port behind the program's.
fn ports(service: &Service, staged: bool, developed: bool) -> Vec<Lined<u16>> {
    let outside = service.ports.iter().any(|port| !port.value.loopback);
    let reached = service.ports.iter().filter(|port| !port.value.loopback || !outside);
    let count = match (staged, developed) {
        (true, _) => 0,
        (_, true) => 1,
        _ => usize::MAX,
    };
    reached.take(count).map(|port| Lined::new(port.value.number, port.line)).collect()
}
