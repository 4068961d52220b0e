use proptest::prelude::*;

use super::*;
use crate::answers::Answers;
use crate::error::ErrorKind;
use crate::knowledge::Knowledge;
use crate::repo::Repo;

fn read(root: &str, files: &[(&str, &str)]) -> Result<Deployment> {
    let repo = Repo::from_files(files.iter().copied());
    let knowledge = Knowledge::load(&repo).unwrap();
    let cx = Context { repo: &repo, knowledge: &knowledge, answers: &Answers::default() };
    evidence(&cx, root.into())
}

fn found(root: &str, files: &[(&str, &str)]) -> Deployment {
    read(root, files).unwrap()
}

fn values<T: Clone>(all: &[Found<T>]) -> Vec<T> {
    all.iter().map(|found| found.value.clone()).collect()
}

fn text(process: &str, command: &str) -> DeployCommand {
    DeployCommand { process: process.into(), command: Command::Text(command.into()) }
}

#[test]
fn procfile_and_app_json() {
    let files = [
        ("Procfile", "web: node server.js\nrelease: npm run migrate\n"),
        ("app.json", r#"{"env": {"SESSION_SECRET": {"generator": "secret"}, "MODE": "prod"}}"#),
    ];
    let said = found("", &files);
    assert_eq!(values(&said.commands), [text("web", "node server.js"), text("release", "npm run migrate")]);
    assert_eq!(said.commands[0].says(), "the web line of Procfile");
    let env = values(&said.env);
    assert!(env.contains(&Variable { name: "SESSION_SECRET".into(), value: None, required: true }));
    assert!(env.contains(&Variable { name: "MODE".into(), value: Some("prod".into()), required: false }));
    assert_eq!(found("api", &files), Deployment::default());
}

#[test]
fn a_broken_procfile_is_an_error_and_other_files_are_notes() {
    let error = read("", &[("Procfile", "web: a\nb\n")]).unwrap_err();
    assert_eq!((error.kind, error.to_string().as_str()), (ErrorKind::Broken, "Procfile:2: is no process"));
    let said = found("", &[("compose.yaml", "services: {\n"), ("app.json", "{")]);
    assert_eq!(said.notes.iter().map(|note| note.code.as_str()).collect::<Vec<_>>(), ["unreadable"; 2]);
    assert!(said.notes[0].because[0].line.is_some());
}

const VOTING: &str = "services:
  vote:
    build: ./vote
    ports: ['8080:80']
    environment: {MODE: fast, REDIS: 'redis:6379', DB_URL: 'postgres://u:p@db/x', API_KEY: abc}
    volumes: ['state:/var/lib/vote', './vote/conf.yml:/etc/vote.yml:ro', './data:/data', '/var/run/docker.sock:/s']
    command: ./vote --fast
    healthcheck: {test: [CMD, curl, -f, 'http://localhost/ok']}
  result:
    build: {context: ./result}
    entrypoint: nodemon server.js
    volumes: ['./result:/app', '/app/node_modules', 'mods:/app/node_modules']
    ports: ['8081:80', '127.0.0.1:9229:9229', '9230:9230']
  ui:
    build: {context: ui, target: development}
    ports: ['3000:3000']
  redis:
    image: redis
    ports: ['6379:6379']
";

fn voting(root: &str) -> Deployment {
    let files =
        [("docker-compose.yml", VOTING), ("vote/conf.yml", ""), ("result/server.js", ""), ("ui/a", "")];
    found(root, &files)
}

#[test]
fn compose_services_by_their_build() {
    let vote = voting("vote");
    assert_eq!(values(&vote.ports), [80]);
    assert_eq!(vote.ports[0].because[0].place(), "docker-compose.yml:4");
    assert_eq!(vote.ports[0].says(), "ports of vote in docker-compose.yml");
    assert_eq!(values(&vote.commands), [text("vote", "./vote --fast")]);
    assert_eq!(values(&vote.volumes), ["/var/lib/vote", "/data"]);
    assert_eq!(values(&vote.config_files), ["/etc/vote.yml"]);
    assert_eq!(values(&vote.probes), [Probe::Http { path: "/ok".into(), port: Some(80) }]);
    assert_eq!(voting("redis"), Deployment::default());
}

#[test]
fn values_that_mean_something_elsewhere_stay_out() {
    let vote = voting("vote");
    let set: Vec<_> = vote.env.iter().filter_map(|it| it.value.value.as_deref()).collect();
    assert_eq!((vote.env.len(), set), (4, vec!["fast"]));
}

#[test]
fn development_services_say_less() {
    let result = voting("result");
    assert_eq!(values(&result.ports), [80]);
    assert!(result.commands.is_empty() && result.volumes.is_empty());
    assert!(voting("ui").ports.is_empty());
    let files = [
        ("docker-compose.dev.yml", "services: {a: {build: ., ports: [1234]}}"),
        ("test/compose.yaml", "services: {a: {build: .., ports: [1234]}}"),
    ];
    assert_eq!(found("", &files), Deployment::default());
}

#[test]
fn a_context_around_the_project() {
    let compose = "services:
  web: {build: {context: ../, dockerfile: ./docker/Dockerfile}, container_name: shop, ports: ['3000']}
  api: {build: {context: .., dockerfile: apps/api/Dockerfile}, ports: ['4000']}
";
    let files = [("docker/docker-compose.yml", compose), ("apps/shop/x", ""), ("apps/api/x", "")];
    assert_eq!(values(&found("apps/shop", &files).ports), [3000]);
    assert_eq!(values(&found("apps/api", &files).ports), [4000]);
}

const POD: &str = "kind: Deployment
metadata: {name: front}
spec:
  template:
    spec:
      containers:
      - name: NAME
        image: IMAGE
        args: [serve]
        ports: [{containerPort: PORT}]
        volumeMounts: [{name: data, mountPath: /data/}]
        livenessProbe: {exec: {command: [ctl, check]}}
      volumes: [{name: data, emptyDir: {}}]
";

fn pod(name: &str, image: &str, port: &str) -> String {
    POD.replace("NAME", name).replace("IMAGE", image).replace("PORT", port)
}

#[test]
fn kubernetes_by_image() {
    let (shop, redis) = (pod("web", "ghcr.io/me/shop:1", "9898"), pod("redis", "redis:7", "6379"));
    let files = [
        ("go.mod", "module example.com/me/shop\n"),
        ("k8s/a.yaml", shop.as_str()),
        ("k8s/b.yaml", redis.as_str()),
    ];
    let said = found("", &files);
    assert_eq!((values(&said.ports), values(&said.volumes)), (vec![9898], vec![Utf8PathBuf::from("/data")]));
    let args = DeployCommand { process: "web".into(), command: Command::Args(vec!["serve".into()]) };
    assert_eq!(values(&said.commands), [args]);
    assert_eq!(values(&said.probes), [Probe::Exec { argv: vec!["ctl".into(), "check".into()] }]);
    assert_eq!(said.ports[0].says(), "containerPort of k8s/a.yaml");
}

#[test]
fn kubernetes_by_name_or_alone() {
    let (api, other) = (pod("api", "me/x-1:1", "80"), pod("b", "me/y:1", "81"));
    let files = [("k8s/a.yaml", api.as_str()), ("k8s/b.yaml", other.as_str())];
    assert_eq!(values(&found("svc/api", &files).ports), [80]);
    assert_eq!(found("", &files), Deployment::default());
    assert_eq!(values(&found("", &files[..1]).ports), [80]);
    let official = pod("a", "nginx:1", "80");
    assert_eq!(found("", &[("k8s/a.yaml", official.as_str())]), Deployment::default());
}

#[test]
fn helm_charts() {
    let template = pod(
        "{{ .Chart.Name }}",
        "\"{{ .Values.image.repository }}:{{ .Chart.AppVersion }}\"",
        "\"{{ .Values.service.port }}\"",
    );
    let files = [
        ("package.json", r#"{"name": "shop"}"#),
        ("charts/shop/Chart.yaml", "name: shop\n"),
        ("charts/shop/values.yaml", "image: {repository: ghcr.io/me/shop}\nservice: {port: 8080}\n"),
        ("charts/shop/templates/deployment.yaml", template.as_str()),
        ("charts/shop/templates/broken.yaml", "kind: {{ }\ncontainers: [\n"),
    ];
    let said = found("", &files);
    assert_eq!((values(&said.ports), said.notes.len()), (vec![8080], 0));
}

#[test]
fn platforms() {
    let files = [
        ("fly.toml", "[http_service]\ninternal_port = 8080\n[mounts]\ndestination = \"/data\"\n"),
        ("heroku.yml", "run:\n  web: ./shop\n"),
        (
            "render.yaml",
            "services:\n- {type: web, rootDir: api, startCommand: npm start}\n- {type: worker, startCommand: npm run work}\n",
        ),
        (".env.example", "PORT=3000\nSECRET_KEY=x\n"),
    ];
    let said = found("", &files);
    assert_eq!((values(&said.ports), values(&said.volumes)), (vec![8080], vec![Utf8PathBuf::from("/data")]));
    assert_eq!(values(&said.commands), [text("web", "./shop"), text("worker", "npm run work")]);
    assert_eq!(values(&found("api", &files).commands), [text("web", "npm start")]);
    let env: Vec<_> = said.env.iter().map(|it| (it.value.name.as_str(), it.value.value.as_deref())).collect();
    assert_eq!(env, [("PORT", Some("3000")), ("SECRET_KEY", None)]);
    assert_eq!(said.env[0].says(), "PORT in .env.example");
}

#[test]
fn samples_of_env_files() {
    let names = |name: &str| found("", &[(name, "A=1\n")]).env.len();
    assert_eq!([".env.example", "shop.env.example", "env.sample", ".env.dist"].map(names), [1; 4]);
    assert_eq!([".env", ".env.test.example", "example.env", "sub/.env.example"].map(names), [0; 4]);
}

#[test]
fn the_same_said_twice_is_one_fact() {
    let files = [
        ("fly.toml", "[http_service]\ninternal_port = 80\n"),
        ("compose.yaml", "services: {a: {build: ., ports: [80]}}"),
    ];
    let said = found("", &files);
    assert_eq!((said.ports.len(), said.ports[0].because.len()), (1, 2));
}

proptest! {
    #[test]
    fn never_panics(text in r#"[-a:{}\[\]$"', \n]{0,60}"#) {
        let files = ["Procfile", "app.json", "fly.toml", "heroku.yml", "render.yaml", "compose.yaml", ".env.example", "k8s/a.yaml"];
        let _ = read("", &files.map(|file| (file, text.as_str())));
    }
}
