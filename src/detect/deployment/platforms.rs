//! Platforms' own files: fly.toml and heroku.yml of the project's folder, render.yaml of the repository's.

use camino::Utf8Path;

use super::{Context, Deployment, From};
use crate::detect::join_inside;
use crate::manifest::platforms::{Service, fly, heroku, render};
use crate::manifest::yaml::Unreadable;

pub(super) fn read(cx: &Context<'_>, root: &Utf8Path, found: &mut Deployment) {
    let one = |read: fn(&str) -> Result<Service, Unreadable>| {
        move |text: &str| read(text).map(|service| vec![service])
    };
    file(cx, root, &root.join("fly.toml"), one(fly), found);
    file(cx, root, &root.join("heroku.yml"), one(heroku), found);
    file(cx, root, Utf8Path::new("render.yaml"), render, found);
    if !root.as_str().is_empty() {
        file(cx, root, &root.join("render.yaml"), render, found);
    }
}

fn file(
    cx: &Context<'_>,
    root: &Utf8Path,
    path: &Utf8Path,
    read: impl Fn(&str) -> Result<Vec<Service>, Unreadable>,
    found: &mut Deployment,
) {
    let Some(text) = cx.repo.source(path) else { return };
    let dir = path.parent().unwrap_or(Utf8Path::new(""));
    match read(&text) {
        Ok(services) => {
            let ours = services.into_iter().filter(|it| join_inside(dir, &it.root).as_deref() == Some(root));
            ours.for_each(|service| tell(service, From { file: path, found: &mut *found }));
        }
        Err(unreadable) => found.unreadable(path, &unreadable),
    }
}

fn tell(service: Service, mut said: From<'_>) {
    let file = said.file;
    for port in &service.ports {
        said.port(port, format!("internal_port of {file}"));
    }
    for (process, command) in service.processes {
        said.command(&process, command, format!("the {process} process of {file}"));
    }
    said.env(service.env, file.as_str(), &[]);
    for path in &service.volumes {
        said.volume(path, format!("the volume of {file}"));
    }
    for probe in service.probes {
        said.probe(probe, format!("the health check of {file}"));
    }
}
