//! What other files of the repository add to a project that was found: its web server's configuration, and the
//! deployment files that an image has to work with. The program's own code stands above both.

use camino::{Utf8Path, Utf8PathBuf};

use super::deployment::{self, Command, Deployment};
use super::{Context, join_inside, sample};
use crate::error::{Error, Result};
use crate::facts::{Evidence, Found, JavaFacts, Kind, Listen, Project, Stack, WebServer};
use crate::manifest::nginx_conf::{self, Scope};
use crate::source::command;

/// Adds to a project what the files around it say.
///
/// # Errors
/// A Procfile has a line that is no process, or the web server's configuration a brace without its partner.
pub fn add(cx: &Context, project: &mut Project) -> Result<()> {
    web_server(cx, project)?;
    let found = deployment::evidence(cx, &project.root)?;
    if !project.stack.serves_files() {
        ports(project, &found);
        asked_port(cx, project, &found);
        sample_port(cx, project);
        volumes(project, &found);
        arguments(project, &found);
    }
    project.notes.extend(found.notes);
    project.writes.retain(|write| !joined_to_nothing(&write.value));
    Ok(())
}

/// A hidden folder right in the root is a path that was joined to a setting without a default: nobody keeps data there.
fn joined_to_nothing(path: &Utf8Path) -> bool {
    path.parent().is_some_and(|parent| parent == "/")
        && path.file_name().is_some_and(|name| name.starts_with('.'))
}

/// The project's own nginx configuration: its ports are the image's, its root is where the files go.
fn web_server(cx: &Context, project: &mut Project) -> Result<()> {
    let Some(own) = project.stack.nginx().filter(|_| project.stack.serves_files()) else { return Ok(()) };
    let file = project.root.join(&own.value);
    let Some(text) = cx.repo.source(&file) else { return Ok(()) };
    let conf = nginx_conf::parse(&text);
    if let Some(line) = conf.unpaired {
        return Err(Error::broken(&file, Some(line), "a brace has no partner")
            .help("mend it: nginx would refuse the file, and the image would not start"));
    }
    let listen: Vec<Found<Listen>> = conf
        .listen
        .iter()
        .map(|port| {
            let value = Listen { port: port.value, variable: None, must_set: false };
            Found::new(value, Evidence::line(&file, port.line, format!("the listen line of {file}")))
        })
        .collect();
    if !listen.is_empty() {
        project.listen = listen;
    }
    let server = WebServer {
        whole: conf.scope == Scope::Whole,
        template: conf.is_template,
        root: conf.roots.first().map(|root| root.value.clone()),
    };
    project.stack.set_web_server(server);
    Ok(())
}

/// A port of the deployment files counts where the code names none, or leaves it to a variable.
fn ports(project: &mut Project, found: &Deployment) {
    let [port] = found.ports.as_slice() else { return };
    match project.listen.first_mut() {
        None => {
            let value = Listen { port: port.value, variable: None, must_set: false };
            project.listen.push(Found { value, because: port.because.clone() });
            project.notes.retain(|note| note.code != "computed-port");
        }
        Some(listen) if listen.value.must_set && listen.value.port != port.value => {
            listen.value.port = port.value;
            listen.because.extend(port.because.iter().cloned());
        }
        Some(_) => {}
    }
}

/// A compiled server that opens what its configuration says: a sample of that is the only place of the port.
fn sample_port(cx: &Context, project: &mut Project) {
    let compiled = matches!(project.stack, Stack::Go(_) | Stack::Rust(_));
    if !compiled || project.kind.value != Kind::Web || !project.listen.is_empty() {
        return;
    }
    let Some((port, files)) = sample::port(cx, project) else { return };
    project.listen.push(port);
    for file in files {
        if project.reads.iter().all(|known| !file.value.starts_with(&known.value)) {
            project.reads.push(file);
        }
    }
}

/// A variable for the port without which the program does not start: its value in a sample of the settings is the
/// port, and the image sets it.
fn asked_port(cx: &Context, project: &mut Project, found: &Deployment) {
    let names = &cx.knowledge.bases.port_variables;
    let asked = |name: &str| project.env.iter().find(|one| one.value.required && one.value.name == name);
    let Some(variable) = names.iter().find_map(|name| asked(name)).cloned() else { return };
    if project.listen.iter().any(|listen| listen.value.variable.as_ref() == Some(&variable.value.name)) {
        return;
    }
    let sample = found.env.iter().find(|one| one.value.name == variable.value.name);
    let port =
        sample.and_then(|one| Some((one.value.value.as_ref()?.parse().ok().filter(|port| *port != 0)?, one)));
    let Some((port, sample)) = port else { return };
    let value = Listen { port, variable: Some(variable.value.name.clone()), must_set: true };
    let because = variable.because.iter().chain(&sample.because).cloned().collect();
    project.env.retain(|one| one.value.name != variable.value.name);
    project.listen.insert(0, Found { value, because });
}

/// Folders of the system, and the program's own, are no data.
const NO_DATA: [&str; 9] = ["/etc", "/proc", "/sys", "/dev", "/run", "/var/run", "/tmp", "/usr", "/app"];

fn volumes(project: &mut Project, found: &Deployment) {
    for volume in &found.volumes {
        let known = project.writes.iter().any(|write| write.value.starts_with(&volume.value));
        let system = NO_DATA.iter().any(|folder| volume.value.starts_with(folder));
        if volume.value.is_absolute() && !known && !system && !is_file(&volume.value) {
            project.writes.push(volume.clone());
        }
    }
}

fn is_file(path: &Utf8Path) -> bool {
    path.extension().is_some()
}

/// What the web process gives a program behind its name.
fn arguments(project: &mut Project, found: &Deployment) {
    if let Stack::Java(facts) = &mut project.stack {
        return started_java(facts, found);
    }
    let Stack::Go(facts) = &mut project.stack else { return };
    if !facts.args.is_empty() {
        return;
    }
    let web = found.commands.iter().find(|one| one.value.process == "web");
    let Some((web, Command::Text(text))) = web.map(|web| (web, &web.value.command)) else { return };
    let line = command::parse(text);
    let Some(simple) = line.program().filter(|_| !line.needs_shell) else { return };
    let named =
        simple.argv.first().is_some_and(|word| Utf8Path::new(word).file_name() == Some(&facts.binary));
    if named {
        let rest = simple.argv.iter().skip(1);
        facts.args = rest.map(|word| Found { value: word.clone(), because: web.because.clone() }).collect();
    }
}

/// How the web process starts a JVM program: its arguments and flags hold, whatever the jar is called there.
fn started_java(facts: &mut JavaFacts, found: &Deployment) {
    let web = found.commands.iter().find(|one| one.value.process == "web");
    let Some((web, Command::Text(text))) = web.map(|web| (web, &web.value.command)) else { return };
    let line = command::parse(text);
    let Some(simple) = line.program().filter(|_| line.commands.len() == 1) else { return };
    let starts = simple.argv.first().is_some_and(|word| {
        word == "java"
            || word.contains("/bin/")
            || simple.argv.get(1).is_some_and(|word| word.contains("/bin/"))
    });
    if let Some(because) = web.because.first().filter(|_| starts) {
        facts.started_with(&simple.argv, because);
    }
}

/// A web server's configuration in the places where projects keep one.
#[must_use]
pub fn nginx(cx: &Context, root: &Utf8Path) -> Option<Found<Utf8PathBuf>> {
    let places = &cx.knowledge.of("static").nginx;
    let found = places.iter().find(|place| {
        let path = join_inside(root, place);
        path.and_then(|path| cx.repo.source(&path))
            .is_some_and(|text| nginx_conf::parse(&text).scope != Scope::Part)
    })?;
    Some(Found::new(found.into(), Evidence::file(&root.join(found), found.clone())))
}

#[cfg(test)]
mod tests {
    use crate::answers::Answers;
    use crate::detect::{Context, Detection, all};
    use crate::facts::Project;
    use crate::knowledge::Knowledge;
    use crate::repo::Repo;

    fn project(files: &[(&str, &str)]) -> Project {
        let repo = Repo::from_files(files.iter().copied());
        let knowledge = Knowledge::load(&repo).unwrap();
        let cx = Context { repo: &repo, knowledge: &knowledge, answers: &Answers::default() };
        let found = all(&cx, "".into()).unwrap().into_iter().find_map(|one| match one {
            Detection::Found(project) => Some(*project),
            _ => None,
        });
        found.unwrap()
    }

    const MODULE: (&str, &str) = ("go.mod", "module example.com/hello\n\ngo 1.26\n");

    #[test]
    fn compose_gives_the_port_that_the_code_leaves_open() {
        let main = "package main\n\nimport (\n\t\"net/http\"\n\t\"os\"\n)\n\nfunc main() {\n\t_ = http.ListenAndServe(\":\"+os.Getenv(\"PORT\"), nil)\n}\n";
        let compose = "services:\n  web:\n    build: .\n    ports: [\"80:5000\"]\n    volumes: [\"data:/var/lib/hello\"]\nvolumes:\n  data:\n";
        let project = project(&[MODULE, ("main.go", main), ("compose.yaml", compose)]);
        assert_eq!(project.listen[0].value.port, 5000);
        assert!(project.writes.iter().any(|write| write.value == "/var/lib/hello"), "{:?}", project.writes);
    }

    #[test]
    fn a_sample_gives_the_port_without_which_it_does_not_start() {
        let main = "package main\n\nimport (\n\t\"log\"\n\t\"net/http\"\n\t\"os\"\n)\n\nfunc main() {\n\tif os.Getenv(\"HTTP_PORT\") == \"\" {\n\t\tlog.Fatal(\"HTTP_PORT is not set\")\n\t}\n\tserve(load())\n}\n\nfunc load() string { return \"\" }\n\nfunc serve(string) { select {} }\n\nvar _ = http.StatusOK\n";
        let sample = "# settings\nHTTP_PORT=8085\nLOG_LEVEL=info\n";
        let project = project(&[MODULE, ("main.go", main), (".env.example", sample)]);
        let first = &project.listen[0].value;
        assert_eq!((first.port, first.variable.as_deref(), first.must_set), (8085, Some("HTTP_PORT"), true));
        assert!(project.env.iter().all(|one| one.value.name != "HTTP_PORT"));
    }

    #[test]
    fn a_sample_of_the_configuration_gives_the_port_that_code_takes_from_it() {
        let main = "package main\n\nimport \"net/http\"\n\nfunc main() {\n\t_ = http.ListenAndServe(load().Address, nil)\n}\n";
        let sample = "[app]\naddress = \"localhost:9000\"\n[db]\nport = 5432\n";
        let files = [MODULE, ("main.go", main), ("config.toml.sample", sample)];
        assert_eq!(project(&files).listen[0].value.port, 9000);
        let own = project(&[
            MODULE,
            ("main.go", main),
            ("config/config.go", "package config"),
            ("config/config-local.toml", sample),
        ]);
        assert_eq!(
            (own.listen[0].value.port, own.reads[0].value.as_str()),
            (9000, "config/config-local.toml")
        );
        assert!(project(&files).reads.is_empty());
        let two = sample.replace("[db]", "[server]");
        assert_eq!(project(&[MODULE, ("main.go", main), ("config.toml.sample", &two)]).listen, []);
    }

    #[test]
    fn a_path_joined_to_nothing_is_no_folder() {
        let main = "package main\n\nimport (\n\t\"flag\"\n\t\"net/http\"\n\t\"os\"\n)\n\nfunc main() {\n\tdata := flag.String(\"data\", \"\", \"\")\n\tflag.Parse()\n\t_ = os.MkdirAll(*data+\"/.cache\", 0o755)\n\t_ = http.ListenAndServe(\":8080\", nil)\n}\n";
        assert_eq!(project(&[MODULE, ("main.go", main)]).writes, []);
    }

    #[test]
    fn the_code_stands_above_compose() {
        let main = "package main\n\nimport \"net/http\"\n\nfunc main() {\n\t_ = http.ListenAndServe(\":8080\", nil)\n}\n";
        let compose = "services:\n  web:\n    build: .\n    ports: [\"80:5000\"]\n";
        assert_eq!(
            project(&[MODULE, ("main.go", main), ("compose.yaml", compose)]).listen[0].value.port,
            8080
        );
    }

    #[test]
    fn a_site_listens_where_its_own_configuration_says() {
        let conf = "server {\n    listen 9000;\n    root /srv/site;\n    location / { try_files $uri /index.html; }\n}\n";
        let project = project(&[("index.html", ""), ("nginx.conf", conf)]);
        assert_eq!(project.listen[0].value.port, 9000);
        assert_eq!(project.listen[0].because[0].line, Some(2));
    }
}
