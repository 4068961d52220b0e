//! Kubernetes manifests and Helm charts: the containers that run this project's image.

use camino::{Utf8Path, Utf8PathBuf};

use super::names::Names;
use super::{Context, Deployment, From, is_unshipped};
use crate::manifest::helm::{Chart, fill};
use crate::manifest::kubernetes::{Container, parse};
use crate::manifest::yaml::{Node, Unreadable, documents};
use crate::repo::Repo;

/// A manifest longer than this is generated: definitions, not workloads.
const LONGEST: usize = 1 << 20;

type Read = (Utf8PathBuf, Result<Vec<Container>, Unreadable>);

pub(super) fn read(cx: &Context<'_>, root: &Utf8Path, names: &Names, found: &mut Deployment) {
    let mut containers = Vec::new();
    for (file, read) in manifests(cx.repo) {
        match read {
            Ok(read) => containers.extend(read.into_iter().map(|container| (file.clone(), container))),
            Err(unreadable) => found.unreadable(&file, &unreadable),
        }
    }
    for (file, container) in ours(containers, root, names) {
        tell(container, From { file: &file, found: &mut *found });
    }
}

/// The manifests with workloads, plain ones before charts, those near the root first.
fn manifests(repo: &Repo) -> Vec<Read> {
    let mut files: Vec<&Utf8PathBuf> = repo.files().iter().filter(|path| is_manifest(path)).collect();
    files.sort_by_key(|path| (chart_of(repo, path).is_some(), path.components().count(), path.as_str()));
    repo.map_sources(&files, |path, text| workloads(repo, path, text)).into_iter().flatten().collect()
}

fn is_manifest(path: &Utf8Path) -> bool {
    let hidden =
        || path.components().any(|part| part.as_str().starts_with('.') || is_unshipped(part.as_str()));
    matches!(path.extension(), Some("yaml" | "yml")) && !hidden()
}

fn workloads(repo: &Repo, path: &Utf8Path, text: &str) -> Option<Read> {
    if text.len() > LONGEST || !text.contains("containers:") || !text.contains("kind:") {
        return None;
    }
    let read = match chart_of(repo, path) {
        // A template that cannot be filled in without its user is none of ours to complain of.
        Some(chart) => Ok(parse(&filled(repo, chart, text)).unwrap_or_default()),
        None if text.contains("{{") => return None,
        None => parse(text),
    };
    Some((path.to_owned(), read))
}

/// The folder of the Helm chart whose template this is.
fn chart_of<'a>(repo: &Repo, path: &'a Utf8Path) -> Option<&'a Utf8Path> {
    path.ancestors()
        .filter(|dir| dir.file_name() == Some("templates"))
        .filter_map(Utf8Path::parent)
        .find(|chart| repo.has(chart.join("Chart.yaml")))
}

fn filled(repo: &Repo, chart: &Utf8Path, template: &str) -> String {
    let first = |file: &str| {
        let text = repo.source(&chart.join(file)).filter(|text| text.len() <= LONGEST)?;
        documents(&text).ok()?.into_iter().next()
    };
    let (about, values) = (first("Chart.yaml"), first("values.yaml"));
    let name = about.as_ref().and_then(|about| about.text_of("name")).unwrap_or_default();
    fill(template, &Chart { name, values: values.as_ref() as Option<&Node> })
}

type Placed = (Utf8PathBuf, Container);

/// Those whose image has one of the project's names; else those that are called so; else the only image of a repository.
fn ours(containers: Vec<Placed>, root: &Utf8Path, names: &Names) -> Vec<Placed> {
    let by_image = |(_, container): &Placed| names.has_image(&container.image, container.owned);
    let by_name = |(_, container): &Placed| {
        container.owned && (names.has(&container.name) || names.has(&container.workload))
    };
    let only = root.as_str().is_empty() && is_one_image(&containers);
    if containers.iter().any(by_image) {
        containers.into_iter().filter(by_image).collect()
    } else if only {
        containers
    } else {
        containers.into_iter().filter(by_name).collect()
    }
}

fn is_one_image(containers: &[Placed]) -> bool {
    let mut images = containers.iter().map(|(_, container)| (&container.image, container.owned));
    images.next().is_some_and(|first| first.1 && images.all(|image| image == first))
}

fn tell(container: Container, mut said: From<'_>) {
    let file = said.file;
    for port in &container.ports {
        said.port(port, format!("containerPort of {file}"));
    }
    if let Some(command) = container.command {
        said.command(&container.name, command, format!("the command of {file}"));
    }
    said.env(container.env, &format!("env of {file}"), &[]);
    for path in &container.volumes {
        said.volume(path, format!("volumeMounts of {file}"));
    }
    for path in &container.config {
        said.config(path, format!("volumeMounts of {file}"));
    }
    for probe in container.probes {
        said.probe(probe, format!("the probes of {file}"));
    }
}
