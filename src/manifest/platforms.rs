//! Reads what platforms deploy by: fly.toml, heroku.yml, render.yaml.

use toml::de::{DeTable, DeValue};

use super::process::{Command, Probe, Setting, is_variable};
use super::yaml::{Lined, Node, Unreadable, Value, documents};

/// What a platform is told of one service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Service {
    /// Its folder, relative to the file.
    pub root: String,
    /// Its processes by name (`web`, `worker`, `release`).
    pub processes: Vec<(String, Lined<Command>)>,
    /// The ports that it listens on.
    pub ports: Vec<Lined<u16>>,
    /// Its variables.
    pub env: Vec<Lined<Setting>>,
    /// Where its volumes are mounted.
    pub volumes: Vec<Lined<String>>,
    /// Its probes.
    pub probes: Vec<Lined<Probe>>,
}

/// Reads a fly.toml.
///
/// # Errors
/// The file is not TOML.
pub fn fly(text: &str) -> Result<Service, Unreadable> {
    let root = toml_tree(text)?;
    let services: Vec<&Node> =
        root.get("http_service").into_iter().chain(root.items_of("services")).collect();
    let ports: Vec<_> = services.iter().filter_map(|service| number(service.get("internal_port")?)).collect();
    let mut probes: Vec<_> = services.iter().flat_map(|service| fly_probes(service)).collect();
    probes.extend(
        root.entries_of("checks")
            .iter()
            .filter_map(|(_, check)| fly_probe(check, number(check.get("port")?))),
    );
    let mut processes = processes(root.entries_of("processes"));
    processes.extend(
        root.at(&["deploy", "release_command"]).and_then(text_command).map(|it| ("release".to_owned(), it)),
    );
    Ok(Service {
        processes,
        ports,
        env: root.entries_of("env").iter().filter_map(|(name, value)| setting(name, Some(value))).collect(),
        volumes: mounts(root.get("mounts")),
        probes,
        ..Service::default()
    })
}

fn fly_probes(service: &Node) -> Vec<Lined<Probe>> {
    let port = service.get("internal_port").and_then(number);
    let checks = ["checks", "http_checks"].iter().flat_map(|key| service.items_of(key));
    checks.filter_map(|check| fly_probe(check, port.clone())).collect()
}

fn fly_probe(check: &Node, port: Option<Lined<u16>>) -> Option<Lined<Probe>> {
    let path = check.get("path")?;
    Some(Lined::new(
        Probe::Http { path: path.text()?.to_owned(), port: port.map(|port| port.value) },
        path.line,
    ))
}

/// `[mounts]` or `[[mounts]]`
fn mounts(node: Option<&Node>) -> Vec<Lined<String>> {
    let Some(node) = node else { return Vec::new() };
    let one = |mount: &Node| path(mount.get("destination")?);
    node.items().iter().chain(std::iter::once(node)).filter_map(one).collect()
}

/// Reads a heroku.yml.
///
/// # Errors
/// The file is not YAML.
pub fn heroku(text: &str) -> Result<Service, Unreadable> {
    let documents = documents(text)?;
    let run = documents.iter().flat_map(|document| document.entries_of("run")).cloned().collect::<Vec<_>>();
    let mut processes = processes(&run);
    let release = documents.iter().find_map(|document| document.at(&["release", "command"]));
    processes.extend(release.and_then(command).map(|command| ("release".to_owned(), command)));
    let config = documents.iter().filter_map(|document| document.at(&["setup", "config"]));
    let env = config.flat_map(Node::entries).filter_map(|(name, value)| setting(name, Some(value))).collect();
    Ok(Service { processes, env, ..Service::default() })
}

/// Reads a render.yaml: a service each.
///
/// # Errors
/// The file is not YAML.
pub fn render(text: &str) -> Result<Vec<Service>, Unreadable> {
    let documents = documents(text)?;
    Ok(documents.iter().flat_map(|document| document.items_of("services")).map(render_service).collect())
}

fn render_service(node: &Node) -> Service {
    let kind = match node.text_of("type") {
        Some("pserv") | None => "web",
        Some(kind) => kind,
    };
    let start = ["startCommand", "dockerCommand"].iter().find_map(|key| text_command(node.get(key)?));
    let env = node.items_of("envVars").iter().filter_map(|entry| {
        let mut found = setting(entry.text_of("key")?, entry.get("value"))?;
        found.line = entry.line;
        Some(found)
    });
    let health = node.get("healthCheckPath").and_then(|path| {
        Some(Lined::new(Probe::Http { path: path.text()?.to_owned(), port: None }, path.line))
    });
    Service {
        root: node.text_of("rootDir").unwrap_or_default().to_owned(),
        processes: start.map(|command| (kind.to_owned(), command)).into_iter().collect(),
        ports: Vec::new(),
        env: env.collect(),
        volumes: node.at(&["disk", "mountPath"]).and_then(path).into_iter().collect(),
        probes: health.into_iter().collect(),
    }
}

fn processes(entries: &[(String, Node)]) -> Vec<(String, Lined<Command>)> {
    entries.iter().filter_map(|(name, node)| Some((name.clone(), command(node)?))).collect()
}

/// A text, a list of words, or either below `command`.
fn command(node: &Node) -> Option<Lined<Command>> {
    let node = node.get("command").unwrap_or(node);
    match node.texts() {
        Some(words) => match words.as_slice() {
            [] => None,
            // heroku.yml takes a list of one line.
            [line] => Some(Lined::new(Command::Text(line.clone()), node.line)),
            _ => Some(Lined::new(Command::Argv(words), node.line)),
        },
        None => text_command(node),
    }
}

fn text_command(node: &Node) -> Option<Lined<Command>> {
    let text = node.text().map(str::trim).filter(|text| !text.is_empty())?;
    Some(Lined::new(Command::Text(text.to_owned()), node.line))
}

fn setting(name: &str, value: Option<&Node>) -> Option<Lined<Setting>> {
    let text = value.and_then(Node::text).filter(|text| !text.is_empty()).map(str::to_owned);
    let line = value.map_or(0, |value| value.line);
    is_variable(name)
        .then(|| Lined::new(Setting { name: name.to_owned(), value: text, required: false }, line))
}

fn number(node: &Node) -> Option<Lined<u16>> {
    let number = node.text()?.parse().ok().filter(|number| *number != 0)?;
    Some(Lined::new(number, node.line))
}

fn path(node: &Node) -> Option<Lined<String>> {
    let path = node.text().filter(|path| path.starts_with('/'))?;
    Some(Lined::new(path.to_owned(), node.line))
}

fn toml_tree(text: &str) -> Result<Node, Unreadable> {
    let table = DeTable::parse(text).map_err(|error| Unreadable {
        line: error.span().map(|span| super::line_at(text, span.start)),
        message: error.message().lines().next().unwrap_or_default().to_owned(),
    })?;
    Ok(Node::new(1, toml_table(table.get_ref(), text)))
}

fn toml_table(table: &DeTable<'_>, text: &str) -> Value {
    Value::Map(table.iter().map(|(key, value)| (key.get_ref().to_string(), toml_node(value, text))).collect())
}

fn toml_node(value: &toml::Spanned<DeValue<'_>>, text: &str) -> Node {
    let tree = match value.get_ref() {
        DeValue::String(string) => Value::Scalar(string.to_string()),
        DeValue::Integer(number) => Value::Scalar(number.as_str().to_owned()),
        DeValue::Float(number) => Value::Scalar(number.as_str().to_owned()),
        DeValue::Boolean(value) => Value::Scalar(value.to_string()),
        DeValue::Datetime(value) => Value::Scalar(value.to_string()),
        DeValue::Array(items) => Value::List(items.iter().map(|item| toml_node(item, text)).collect()),
        DeValue::Table(table) => toml_table(table, text),
    };
    Node::new(super::line_at(text, value.span().start), tree)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn http(path: &str, port: Option<u16>) -> Probe {
        Probe::Http { path: path.into(), port }
    }

    #[test]
    fn fly_services() {
        let text = "app = \"x\"\n[env]\nPORT = \"8080\"\nN = 1\n[mounts]\nsource = \"data\"\ndestination = \"/data\"\n\
            [deploy]\nrelease_command = \"npx prisma migrate deploy\"\n[processes]\napp = \"node a.js\"\n\
            [[services]]\ninternal_port = 8080\n[[services.http_checks]]\npath = \"/healthcheck\"\n[[services.ports]]\nport = 443\n";
        let found = fly(text).unwrap();
        assert_eq!(found.ports, [Lined::new(8080, 13)]);
        assert_eq!(found.volumes, [Lined::new("/data".to_owned(), 7)]);
        assert_eq!(found.probes, [Lined::new(http("/healthcheck", Some(8080)), 15)]);
        let env: Vec<_> =
            found.env.iter().map(|it| (it.value.name.as_str(), it.value.value.as_deref())).collect();
        assert_eq!(env.len(), 2);
        assert!(env.contains(&("PORT", Some("8080"))));
        assert_eq!(found.processes[0], ("app".into(), Lined::new(Command::Text("node a.js".into()), 11)));
        assert_eq!(found.processes[1].0, "release");
    }

    #[test]
    fn fly_http_service() {
        let text = "[http_service]\ninternal_port = 3000\n[[http_service.checks]]\npath = \"/up\"\n[[mounts]]\ndestination = \"/d\"\n";
        let found = fly(text).unwrap();
        assert_eq!((found.ports[0].value, found.probes[0].value.clone()), (3000, http("/up", Some(3000))));
        assert_eq!(found.volumes[0].value, "/d");
        assert_eq!(fly("a = 1\nb = [").unwrap_err().line, Some(2));
    }

    #[test]
    fn heroku_runs() {
        let found = heroku("build:\n  docker: {web: Dockerfile}\nrun:\n  web: go-app -x\n  worker:\n    command: [python worker.py]\n    image: web\nrelease:\n  command: [a, b]\n").unwrap();
        let commands: Vec<_> =
            found.processes.iter().map(|(name, it)| (name.as_str(), it.value.clone())).collect();
        let text = |text: &str| Command::Text(text.into());
        assert_eq!(
            commands,
            [
                ("web", text("go-app -x")),
                ("worker", text("python worker.py")),
                ("release", Command::Argv(vec!["a".into(), "b".into()]))
            ]
        );
    }

    #[test]
    fn render_services() {
        let found = render("services:\n- type: web\n  rootDir: api\n  startCommand: npm start\n  healthCheckPath: /up\n  envVars:\n  - key: A\n    value: 1.10\n  - key: B\n    sync: false\n  disk: {name: d, mountPath: /var/data}\n- type: worker\n  startCommand: npm run work\n").unwrap();
        assert_eq!((found[0].root.as_str(), found[0].volumes[0].value.as_str()), ("api", "/var/data"));
        assert_eq!(
            found[0].env[0],
            Lined::new(Setting { name: "A".into(), value: Some("1.10".into()), required: false }, 7)
        );
        assert_eq!(
            (found[0].probes[0].value.clone(), found[1].processes[0].0.as_str()),
            (http("/up", None), "worker")
        );
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"([-a=\[\]{}"':. #]{0,12}\n){0,6}"#) {
            let _ = (fly(&text), heroku(&text), render(&text));
        }
    }
}
