//! Reads Kubernetes manifests: the containers of long-running workloads.

use super::compose::image_name;
use super::process::{Command, Probe, Setting, is_variable};
use super::yaml::{Lined, Node, Unreadable, documents};

/// A container of a workload.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// The workload's name.
    pub workload: String,
    /// The last part of its image's name.
    pub image: String,
    /// Whether the image belongs to somebody: an official one has no slash.
    pub owned: bool,
    /// Its TCP ports.
    pub ports: Vec<Lined<u16>>,
    /// `command` and `args`.
    pub command: Option<Lined<Command>>,
    /// Its variables.
    pub env: Vec<Lined<Setting>>,
    /// Where volumes are mounted that it writes to.
    pub volumes: Vec<Lined<String>>,
    /// Where configuration is mounted.
    pub config: Vec<Lined<String>>,
    /// Its probes.
    pub probes: Vec<Lined<Probe>>,
}

/// Workloads that run on; jobs are not asked whether they are well.
const KINDS: [&str; 6] = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Rollout"];

/// The containers of all documents in order.
///
/// # Errors
/// The file is not YAML.
pub fn parse(text: &str) -> Result<Vec<Container>, Unreadable> {
    let documents = documents(text)?;
    let listed = documents.iter().flat_map(|document| document.items_of("items"));
    Ok(documents.iter().chain(listed).flat_map(workload).collect())
}

fn workload(node: &Node) -> Vec<Container> {
    let kind = node.text_of("kind").unwrap_or_default();
    if !KINDS.contains(&kind) {
        return Vec::new();
    }
    let spec = if kind == "Pod" { node.get("spec") } else { node.at(&["spec", "template", "spec"]) };
    let Some(spec) = spec else { return Vec::new() };
    let pod = Pod {
        name: node.at(&["metadata", "name"]).and_then(Node::text).unwrap_or_default(),
        volumes: spec.items_of("volumes"),
        claims: node.get("spec").map_or(&[], |spec| spec.items_of("volumeClaimTemplates")),
    };
    spec.items_of("containers").iter().map(|container| pod.container(container)).collect()
}

struct Pod<'a> {
    name: &'a str,
    volumes: &'a [Node],
    claims: &'a [Node],
}

impl Pod<'_> {
    fn container(&self, node: &Node) -> Container {
        let image = node.text_of("image").unwrap_or_default();
        let mut container = Container {
            name: node.text_of("name").unwrap_or_default().to_owned(),
            workload: self.name.to_owned(),
            image: image_name(image),
            owned: image.contains('/'),
            ports: node.items_of("ports").iter().filter_map(port).collect(),
            command: command(node),
            env: node.items_of("env").iter().filter_map(setting).collect(),
            probes: probes(node),
            ..Container::default()
        };
        for mount in node.items_of("volumeMounts") {
            self.mount(mount, &mut container);
        }
        container
    }

    fn mount(&self, mount: &Node, container: &mut Container) {
        let (Some(name), Some(path)) = (mount.text_of("name"), mount.text_of("mountPath")) else { return };
        if !path.starts_with('/') {
            return;
        }
        let path = Lined::new(path.to_owned(), mount.line);
        let named =
            |nodes: &[Node], of: fn(&Node) -> Option<&str>| nodes.iter().any(|node| of(node) == Some(name));
        let volume = self.volumes.iter().find(|volume| volume.text_of("name") == Some(name));
        let has =
            |kinds: &[&str]| volume.is_some_and(|volume| kinds.iter().any(|kind| volume.get(kind).is_some()));
        let claimed = named(self.claims, |claim| claim.at(&["metadata", "name"])?.text());
        if has(&["configMap", "secret", "projected"]) {
            container.config.push(path);
        } else if claimed || has(&["emptyDir", "persistentVolumeClaim", "ephemeral"]) {
            container.volumes.push(path);
        }
    }
}

fn port(node: &Node) -> Option<Lined<u16>> {
    let number = node.text_of("containerPort")?.parse().ok().filter(|port| *port != 0)?;
    let tcp = node.text_of("protocol").is_none_or(|protocol| protocol == "TCP");
    tcp.then(|| Lined::new(number, node.line))
}

fn command(node: &Node) -> Option<Lined<Command>> {
    let words =
        |key: &str| node.get(key).map(|words| (words.line, words.texts().filter(|words| known(words))));
    match (words("command"), words("args")) {
        (Some((line, program)), args) => {
            let args = args.map_or(Some(Vec::new()), |(_, args)| args)?;
            let whole = [program?, args].concat();
            (!whole.is_empty()).then(|| Lined::new(Command::Argv(whole), line))
        }
        (None, Some((line, args))) => {
            args.filter(|args| !args.is_empty()).map(|args| Lined::new(Command::Args(args), line))
        }
        (None, None) => None,
    }
}

/// What only a cluster or a chart's user can fill in stands in none of the words.
fn known(words: &[String]) -> bool {
    words.iter().all(|word| !word.contains("$(") && !word.contains(super::helm::UNKNOWN))
}

fn setting(node: &Node) -> Option<Lined<Setting>> {
    let name = node.text_of("name").filter(|name| is_variable(name))?.to_owned();
    let value = node.text_of("value").filter(|value| known(&[(*value).to_owned()]) && !value.is_empty());
    Some(Lined::new(Setting { name, value: value.map(str::to_owned), required: false }, node.line))
}

fn probes(container: &Node) -> Vec<Lined<Probe>> {
    let ports = container.items_of("ports");
    let kinds = ["livenessProbe", "readinessProbe", "startupProbe"];
    let found = kinds.iter().filter_map(|kind| {
        let node = container.get(kind)?;
        Some(Lined::new(probe(node, ports)?, node.line))
    });
    found.collect()
}

fn probe(node: &Node, ports: &[Node]) -> Option<Probe> {
    if let Some(request) = node.get("httpGet") {
        let path = request.text_of("path").unwrap_or("/");
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let port = request.get("port").and_then(|port| port_of(port, ports));
        return known(std::slice::from_ref(&path)).then_some(Probe::Http { path, port });
    }
    if let Some(port) = node.at(&["tcpSocket", "port"]) {
        return Some(Probe::Tcp { port: port_of(port, ports)? });
    }
    let argv = node.at(&["exec", "command"])?.texts().filter(|argv| known(argv) && !argv.is_empty())?;
    Some(Probe::command(argv))
}

/// A port by its number or by its name.
fn port_of(node: &Node, ports: &[Node]) -> Option<u16> {
    let text = node.text()?;
    let named = || {
        ports.iter().find(|port| port.text_of("name") == Some(text))?.text_of("containerPort")?.parse().ok()
    };
    text.parse().ok().or_else(named)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FILE: &str = r#"
apiVersion: v1
kind: Service
metadata: {name: web}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: shop}
spec:
  volumeClaimTemplates:
  - metadata: {name: state}
  template:
    spec:
      containers:
      - name: web
        image: registry:5000/me/shop:1.2@sha256:abc
        command: ["./shop"]
        args: ["--port=8080"]
        ports:
        - {name: http, containerPort: 8080}
        - {name: dns, containerPort: 53, protocol: UDP}
        env:
        - {name: MODE, value: "1.10"}
        - name: TOKEN
          valueFrom: {secretKeyRef: {name: a, key: b}}
        - {name: HOST_IP, value: "$(NODE)"}
        livenessProbe:
          httpGet: {path: healthz, port: http}
        readinessProbe:
          exec: {command: [shopctl, check]}
        startupProbe:
          tcpSocket: {port: 8080}
        volumeMounts:
        - {name: data, mountPath: /data}
        - {name: state, mountPath: /state}
        - {name: conf, mountPath: /etc/shop}
        - {name: sock, mountPath: /var/run/docker.sock}
      - name: side
        image: envoy
        args: ["-c", "$(X)"]
      volumes:
      - {name: data, emptyDir: {}}
      - {name: conf, configMap: {name: x}}
      - {name: sock, hostPath: {path: /var/run/docker.sock}}
"#;

    #[test]
    fn a_container() {
        let found = parse(FILE).unwrap();
        let shop = &found[0];
        assert_eq!(
            (shop.name.as_str(), shop.workload.as_str(), shop.image.as_str(), shop.owned),
            ("web", "shop", "shop", true)
        );
        assert_eq!(shop.ports, [Lined::new(8080, 20)]);
        let words = ["./shop", "--port=8080"].map(str::to_owned).to_vec();
        assert_eq!(shop.command, Some(Lined::new(Command::Argv(words), 17)));
        let env: Vec<_> =
            shop.env.iter().map(|it| (it.value.name.as_str(), it.value.value.as_deref())).collect();
        assert_eq!(env, [("MODE", Some("1.10")), ("TOKEN", None), ("HOST_IP", None)]);
    }

    #[test]
    fn mounts_by_what_stands_behind_them() {
        let found = parse(FILE).unwrap();
        let paths = |mounts: &[Lined<String>]| mounts.iter().map(|it| it.value.clone()).collect::<Vec<_>>();
        assert_eq!(paths(&found[0].volumes), ["/data", "/state"]);
        assert_eq!(paths(&found[0].config), ["/etc/shop"]);
    }

    #[test]
    fn probes_know_named_ports() {
        let probes: Vec<_> = parse(FILE).unwrap()[0].probes.iter().map(|it| it.value.clone()).collect();
        let exec = Probe::Exec { argv: vec!["shopctl".into(), "check".into()] };
        assert_eq!(
            probes,
            [Probe::Http { path: "/healthz".into(), port: Some(8080) }, exec, Probe::Tcp { port: 8080 }]
        );
    }

    #[test]
    fn what_a_cluster_fills_in_is_unknown() {
        let found = parse(FILE).unwrap();
        assert_eq!((found[1].command.as_ref(), found[1].owned), (None, false));
        assert_eq!(parse("kind: Job\nspec: {template: {spec: {containers: [{name: a}]}}}\n"), Ok(vec![]));
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"[-${}():/a1\[\]" ,]{0,24}"#) {
            let _ = parse(&format!("kind: Pod\nspec:\n  containers:\n  - {{name: a, ports: {text}, env: {text}, command: {text}}}\n"));
        }
    }
}
