//! Reads compose files: what each service is built of, listens on, mounts and is started with.

use super::process::{Command, Probe, Setting, is_variable};
use super::yaml::{Lined, Node, Unreadable, documents};

/// A service of a compose file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Service {
    /// Its key.
    pub name: String,
    /// Its `container_name`.
    pub container: Option<String>,
    /// Its `image`, as written.
    pub image: Option<String>,
    /// What it is built of; none where an image is only pulled.
    pub build: Option<Build>,
    /// The container's side of `ports` and `expose`, TCP alone.
    pub ports: Vec<Lined<Port>>,
    /// The variables of `environment`.
    pub env: Vec<Lined<Setting>>,
    /// The mounts of `volumes`.
    pub mounts: Vec<Lined<Mount>>,
    /// `entrypoint` and `command`.
    pub command: Option<Lined<Command>>,
    /// The test of `healthcheck`.
    pub probe: Option<Lined<Probe>>,
}

/// The `build` of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// The build context, relative to the compose file.
    pub context: String,
    /// The Dockerfile, relative to the context.
    pub dockerfile: Option<String>,
    /// The stage.
    pub target: Option<String>,
}

/// A port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port {
    /// The port in the container.
    pub number: u16,
    /// Only the machine itself can reach it: a debugger's.
    pub loopback: bool,
}

/// A mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What is mounted.
    pub source: Source,
    /// Where, absolute.
    pub target: String,
    /// The container cannot write to it.
    pub read_only: bool,
}

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A volume with a name.
    Named,
    /// A volume without one: it often only hides a folder of a mount around it.
    Anonymous,
    /// A path of the machine, as written.
    Path(String),
}

/// The services in order; none where the file is YAML of another kind.
///
/// # Errors
/// The file is not YAML.
pub fn parse(text: &str) -> Result<Vec<Service>, Unreadable> {
    let documents = documents(text)?;
    let services = documents.iter().flat_map(|document| document.entries_of("services"));
    Ok(services
        .filter(|(_, node)| !node.entries().is_empty())
        .map(|(name, node)| service(name, node))
        .collect())
}

fn service(name: &str, node: &Node) -> Service {
    Service {
        name: name.to_owned(),
        container: node.text_of("container_name").map(str::to_owned),
        image: node.text_of("image").map(str::to_owned),
        build: node.get("build").and_then(build),
        ports: ["ports", "expose"].iter().flat_map(|key| node.items_of(key)).filter_map(port).collect(),
        env: settings(node.get("environment")),
        mounts: node.items_of("volumes").iter().filter_map(mount).collect(),
        command: command(node.get("entrypoint"), node.get("command")),
        probe: node.at(&["healthcheck", "test"]).and_then(probe),
    }
}

/// The last part of an image's name, without tag and digest.
#[must_use]
pub fn image_name(image: &str) -> String {
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split(['@', ':']).next().unwrap_or(name).to_owned()
}

fn build(node: &Node) -> Option<Build> {
    if let Some(context) = node.text() {
        return Some(Build { context: interpolate(context)?, dockerfile: None, target: None });
    }
    let text = |key: &str| node.text_of(key).and_then(interpolate);
    let context = text("context").unwrap_or_else(|| ".".to_owned());
    (!node.entries().is_empty()).then(|| Build {
        context,
        dockerfile: text("dockerfile"),
        target: text("target"),
    })
}

fn port(node: &Node) -> Option<Lined<Port>> {
    let (number, loopback) = match node.text() {
        Some(text) => short_port(text)?,
        None if node.text_of("protocol") == Some("udp") => return None,
        None => (node.text_of("target")?.to_owned(), node.text_of("host_ip") == Some("127.0.0.1")),
    };
    let number = interpolate(&number)?.parse().ok().filter(|number| *number != 0)?;
    Some(Lined::new(Port { number, loopback }, node.line))
}

/// `[IP:][HOST:]CONTAINER[/PROTOCOL]`
fn short_port(text: &str) -> Option<(String, bool)> {
    let parts = split(text);
    let number = parts.last()?;
    let loopback = parts.len() > 2 && ["127.0.0.1", "localhost", "[", "[::1]"].contains(parts.first()?);
    match number.split_once('/') {
        Some((number, "tcp")) => Some((number.to_owned(), loopback)),
        Some(_) => None,
        None => Some(((*number).to_owned(), loopback)),
    }
}

/// Splits at colons outside of `${...}`.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let outside = |letter: char| {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ':' && depth == 0
    };
    text.split(outside).collect()
}

fn settings(node: Option<&Node>) -> Vec<Lined<Setting>> {
    let Some(node) = node else { return Vec::new() };
    let listed = node.items().iter().filter_map(|item| {
        let text = item.text()?;
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        setting(name, value, item.line)
    });
    let mapped = node.entries().iter().filter_map(|(name, value)| setting(name, value.text(), value.line));
    listed.chain(mapped).collect()
}

fn setting(name: &str, value: Option<&str>, line: u32) -> Option<Lined<Setting>> {
    let required = value.is_some_and(|value| value.starts_with("${") && value.contains(":?"));
    let value = value.and_then(interpolate).filter(|value| !value.is_empty());
    is_variable(name).then(|| Lined::new(Setting { name: name.to_owned(), value, required }, line))
}

fn mount(node: &Node) -> Option<Lined<Mount>> {
    let mount = match node.text() {
        Some(text) => short_mount(text)?,
        None => long_mount(node)?,
    };
    mount.target.starts_with('/').then(|| Lined::new(mount, node.line))
}

/// `[SOURCE:]TARGET[:MODE]`
fn short_mount(text: &str) -> Option<Mount> {
    let (source, target, mode) = match split(text).as_slice() {
        [target] => (Source::Anonymous, *target, ""),
        [source, target] => (self::source(source), *target, ""),
        [source, target, mode] => (self::source(source), *target, *mode),
        _ => return None,
    };
    Some(Mount { source, target: interpolate(target)?, read_only: mode.split(',').any(|it| it == "ro") })
}

fn source(text: &str) -> Source {
    let path = interpolate(text).unwrap_or_else(|| text.to_owned());
    if path.starts_with(['.', '/', '~', '$']) || path.contains('/') {
        Source::Path(path)
    } else {
        Source::Named
    }
}

fn long_mount(node: &Node) -> Option<Mount> {
    let source = match (node.text_of("type")?, node.text_of("source")) {
        ("volume", None) => Source::Anonymous,
        ("volume", Some(_)) => Source::Named,
        ("bind", Some(path)) => Source::Path(interpolate(path).unwrap_or_else(|| path.to_owned())),
        _ => return None,
    };
    let target = interpolate(node.text_of("target")?)?;
    Some(Mount { source, target, read_only: node.text_of("read_only") == Some("true") })
}

fn command(entrypoint: Option<&Node>, command: Option<&Node>) -> Option<Lined<Command>> {
    let parts: Vec<&Node> = [entrypoint, command].into_iter().flatten().collect();
    let line = parts.first()?.line;
    let words = |part: &Node| part.texts()?.iter().map(|word| interpolate(word)).collect::<Option<Vec<_>>>();
    let command = match parts.as_slice() {
        [one] if !one.is_list() => Command::Text(interpolate(one.text()?)?),
        parts => Command::Argv(parts.iter().map(|part| words(part)).collect::<Option<Vec<_>>>()?.concat()),
    };
    match &command {
        Command::Text(text) if text.trim().is_empty() => None,
        Command::Argv(words) if words.is_empty() => None,
        _ => Some(Lined::new(command, line)),
    }
}

fn probe(test: &Node) -> Option<Lined<Probe>> {
    let shell = |script: &str| Some(vec!["sh".to_owned(), "-c".to_owned(), interpolate(script)?]);
    let words = test.texts().unwrap_or_default();
    let argv = match (test.text(), words.split_first()) {
        (Some("NONE"), _) => return None,
        (Some(script), _) => shell(script)?,
        (None, Some((kind, words))) if kind == "CMD" => {
            words.iter().map(|word| interpolate(word)).collect::<Option<Vec<_>>>()?
        }
        (None, Some((kind, [script]))) if kind == "CMD-SHELL" => shell(script)?,
        _ => return None,
    };
    (!argv.is_empty()).then(|| Lined::new(Probe::command(argv), test.line))
}

/// The text with compose's variables replaced by their defaults; none where one has no default.
fn interpolate(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        plain.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            plain.push('$');
            rest = after;
        } else if let Some(after) = after.strip_prefix('{') {
            let (variable, after) = after.split_once('}')?;
            plain.push_str(variable.split_once('-')?.1);
            rest = after;
        } else {
            return None;
        }
    }
    plain.push_str(rest);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FILE: &str = r#"
x-env: &env
  LOG: info
services:
  web:
    build: { context: ./api, dockerfile: docker/Dockerfile, target: dev }
    container_name: shop-web
    image: ghcr.io/me/shop-web:1.2
    ports:
      - "127.0.0.1:9229:9229"
      - ${PORT:-8080}:${INNER:-80}/tcp
      - 53:53/udp
      - 3000-3005
      - target: 4000
        published: 1
      - ${UNKNOWN}
    expose: [9000]
    environment:
      <<: *env
      A: 1.10
      B: ${B:?needed}
      C:
    volumes:
      - data:/var/lib/data
      - ./src:/app/src:ro
      - /app/node_modules
      - ${DATA}:/data
      - type: bind
        source: ./conf
        target: /etc/conf
        read_only: true
      - { type: tmpfs, target: /tmp }
    entrypoint: ["/bin/app"]
    command: [serve, "--cost=$$5"]
    healthcheck:
      test: ["CMD-SHELL", "curl -f http://localhost:80/ok || exit 1"]
  db:
    image: postgres:15
    command: postgres -c x=${X}
    environment:
      - POSTGRES_DB=a=b
      - PGDATA
"#;

    #[test]
    fn ports_are_the_containers() {
        let services = parse(FILE).unwrap();
        let ports: Vec<_> = services[0]
            .ports
            .iter()
            .map(|port| (port.value.number, port.value.loopback, port.line))
            .collect();
        assert_eq!(ports, [(9229, true, 10), (80, false, 11), (4000, false, 14), (9000, false, 17)]);
    }

    #[test]
    fn build_and_names() {
        let services = parse(FILE).unwrap();
        let build = services[0].build.as_ref().unwrap();
        assert_eq!(
            (build.context.as_str(), build.dockerfile.as_deref(), build.target.as_deref()),
            ("./api", Some("docker/Dockerfile"), Some("dev"))
        );
        assert_eq!(services[0].container.as_deref(), Some("shop-web"));
        assert_eq!(services[0].image.as_deref().map(image_name).as_deref(), Some("shop-web"));
        assert_eq!((services[1].build.as_ref(), services[1].image.as_deref()), (None, Some("postgres:15")));
    }

    #[test]
    fn variables() {
        let services = parse(FILE).unwrap();
        let env = |at: usize| {
            services[at]
                .env
                .iter()
                .map(|it| (it.value.name.clone(), it.value.value.clone(), it.value.required))
                .collect::<Vec<_>>()
        };
        let set =
            |name: &str, value: Option<&str>, required| (name.to_owned(), value.map(str::to_owned), required);
        let web = env(0);
        for expected in [
            set("A", Some("1.10"), false),
            set("B", None, true),
            set("C", None, false),
            set("LOG", Some("info"), false),
        ] {
            assert!(web.contains(&expected), "{expected:?} in {web:?}");
        }
        assert_eq!(env(1), [set("POSTGRES_DB", Some("a=b"), false), set("PGDATA", None, false)]);
    }

    #[test]
    fn mounts() {
        let services = parse(FILE).unwrap();
        let mounts: Vec<_> = services[0]
            .mounts
            .iter()
            .map(|it| (it.value.source.clone(), it.value.target.as_str(), it.value.read_only))
            .collect();
        let path = |path: &str| Source::Path(path.to_owned());
        let expected = [
            (Source::Named, "/var/lib/data", false),
            (path("./src"), "/app/src", true),
            (Source::Anonymous, "/app/node_modules", false),
            (path("${DATA}"), "/data", false),
            (path("./conf"), "/etc/conf", true),
        ];
        assert_eq!(mounts, expected);
    }

    #[test]
    fn commands_and_probes() {
        let services = parse(FILE).unwrap();
        let words = ["/bin/app", "serve", "--cost=$5"].map(str::to_owned).to_vec();
        assert_eq!(services[0].command.as_ref().unwrap().value, Command::Argv(words));
        assert_eq!(
            services[0].probe.as_ref().unwrap().value,
            Probe::Http { path: "/ok".into(), port: Some(80) }
        );
        assert_eq!(services[1].command, None);
    }

    #[test]
    fn other_yaml() {
        assert_eq!(parse("a: 1\n"), Ok(vec![]));
        assert_eq!(parse("services: [a]\n"), Ok(vec![]));
        assert!(parse("services: {\n").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"[-${}:/a1\[\]" ,]{0,24}"#) {
            let _ = parse(&format!("services:\n  a:\n    build: {text}\n    ports: ['{text}']\n    volumes:\n    - '{text}'\n    environment:\n    - '{text}'\n    command: '{text}'\n    healthcheck: {{test: '{text}'}}\n"));
        }
    }
}
