//! What is written only where it was asked for: labels, a health check, a target with a shell.

use super::{Service, Wishes};
use crate::compose::Composition;
use crate::facts::{Note, Stack};
use crate::knowledge::Knowledge;

/// Adds what was asked for, and says where it cannot be had.
pub fn add(service: &mut Service, composition: &Composition, knowledge: &Knowledge, wishes: &Wishes) {
    if wishes.labels {
        service.runtime.labels = labels(service, composition);
        let own = |(name, _): &(String, String)| !wishes.own_labels.contains_key(name);
        service.runtime.labels.retain(own);
        service.runtime.labels.extend(wishes.own_labels.clone());
    }
    if wishes.debug_target {
        debug(service, knowledge);
    }
    if wishes.healthcheck {
        health(service, composition);
    }
    low_port(service);
}

fn labels(service: &Service, composition: &Composition) -> Vec<(String, String)> {
    let title = composition.main.stack.title().unwrap_or(&service.id).to_owned();
    vec![
        ("org.opencontainers.image.title".to_owned(), title),
        ("org.opencontainers.image.version".to_owned(), "${VERSION}".to_owned()),
    ]
}

fn debug(service: &mut Service, knowledge: &Knowledge) {
    let taken = service.runtime.image.as_str();
    let image = knowledge.bases.images.values().find_map(|image| {
        let debug = image.debug.as_ref()?;
        let (before, after) = image.tag.split_once("{version}").unwrap_or((&image.tag, ""));
        let version = taken.strip_prefix(before)?.strip_suffix(after)?;
        (image.tag.replace("{version}", version) == taken).then(|| debug.replace("{version}", version))
    });
    match image {
        Some(image) => service.runtime.debug_image = Some(image),
        None => service.notes.push(Note {
            code: "no-debug-target".to_owned(),
            text: format!(
                "`{}` has no variant with a shell, or has one itself: no debug target is written",
                service.runtime.image
            ),
            because: vec![],
        }),
    }
}

/// A health check needs a program in the image that can ask: node and bun can, and so can `BusyBox`'s wget.
fn health(service: &mut Service, composition: &Composition) {
    let port = service.runtime.expose.first().map(|(port, _)| *port);
    let command = port.and_then(|port| match &composition.main.stack {
        Stack::Node(facts) if facts.start.is_some() => asked_by_runtime(service, port),
        Stack::Node(_) | Stack::Static(_) if service.strategy == "alpine" => Some(asked_by_busybox(port)),
        _ => None,
    });
    if command.is_none() {
        service.notes.push(Note {
            code: "no-health-check".to_owned(),
            text: "nothing in the image can ask the program whether it is well: no HEALTHCHECK is written"
                .to_owned(),
            because: vec![],
        });
    }
    service.runtime.healthcheck = command;
}

fn asked_by_runtime(service: &Service, port: u16) -> Option<Vec<String>> {
    let program =
        service.runtime.entrypoint.iter().find(|word| word.ends_with("node") || word.ends_with("bun"))?;
    let script = format!(
        "fetch('http://127.0.0.1:{port}/').then(r => process.exit(r.status < 500 ? 0 : 1), () => process.exit(1))"
    );
    Some(vec![program.clone(), "-e".to_owned(), script])
}

fn asked_by_busybox(port: u16) -> Vec<String> {
    ["wget", "-q", "-O", "/dev/null", &format!("http://127.0.0.1:{port}/")].map(str::to_owned).to_vec()
}

/// Docker lets any user bind a port below 1024; older Kubernetes runtimes do not.
fn low_port(service: &mut Service) {
    if let Some((port, _)) = service.runtime.expose.iter().find(|(port, _)| *port < 1024) {
        service.notes.push(Note {
            code: "low-port".to_owned(),
            text: format!("port {port} is kept: Docker lets any user listen on it, runtimes before containerd 1.6 do not"),
            because: vec![],
        });
    }
}
