//! What a person types and sees: exit codes, messages, and that a failed command has written nothing.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::Dir;

const MODULE: &str = "module example.com/hello\n\ngo 1.26\n";
const SERVER: &str =
    "package main\n\nimport \"net/http\"\n\nfunc main() {\n\t_ = http.ListenAndServe(\":8080\", nil)\n}\n";

fn server() -> Dir {
    Dir::new(&[("go.mod", MODULE), ("main.go", SERVER)])
}

/// Runs a command that fails: exit 2, nothing on stdout, nothing written, `error:` with a `help:` line.
fn fails(dir: &Dir, words: &[&str], says: &[&str]) {
    let before = dir.files();
    let ran = dir.run(words);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains("\nhelp: "), "{}", ran.stderr);
    for part in says {
        assert!(ran.stderr.contains(part), "no `{part}` in\n{}", ran.stderr);
    }
    assert_eq!(dir.files(), before);
}

#[test]
fn init_writes_three_files_and_tells_the_next_two_commands() {
    let dir = server();
    let ran = dir.run(&["init", "{}"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    for file in ["Dockerfile", ".dockerignore", "dfgen.lock"] {
        assert!(dir.read(file).is_some(), "{file}");
    }
    assert!(ran.stderr.contains("go.mod:3"), "{}", ran.stderr);
    assert!(ran.stderr.contains("docker build --tag hello "), "{}", ran.stderr);
    assert!(ran.stderr.contains("--publish 8080:8080 hello"), "{}", ran.stderr);
    assert!(dir.read("dfgen.toml").is_none());
}

#[test]
fn stdout_and_diff_write_nothing() {
    let dir = server();
    let before = dir.files();
    let printed = dir.run(&["init", "{}", "--stdout"]);
    assert!(printed.code == 0 && printed.stdout.starts_with("# syntax="), "{}", printed.stderr);
    let diff = dir.run(&["init", "{}", "--diff"]);
    assert!(diff.code == 1 && diff.stdout.contains("+FROM "), "{}", diff.stderr);
    assert_eq!(dir.files(), before);
}

#[test]
fn a_dockerfile_of_theirs_is_not_touched_without_force() {
    let dir = server();
    dir.put("Dockerfile", "FROM scratch\n");
    fails(&dir, &["init", "{}"], &["Dockerfile: is there, and dfgen did not write it", "--force", "--diff"]);
    assert_eq!(dir.run(&["init", "{}", "--force"]).code, 0);
    assert_eq!(dir.read("Dockerfile.bak").as_deref(), Some("FROM scratch\n"));
}

#[test]
fn init_again_is_update() {
    let dir = server();
    assert_eq!(dir.run(&["init", "{}"]).code, 0);
    dir.put("Dockerfile", &(dir.read("Dockerfile").unwrap() + "# mine\n"));
    dir.put("go.mod", &MODULE.replace("1.26", "1.27"));
    let ran = dir.run(&["init", "{}"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let text = dir.read("Dockerfile").unwrap();
    assert!(text.contains("golang:1.27-") && text.ends_with("# mine\n"), "{text}");
}

#[test]
fn a_dockerignore_of_theirs_is_merged() {
    let dir = server();
    dir.put(".dockerignore", "# ours\n.git\nsecret.txt\n");
    assert_eq!(dir.run(&["init", "{}"]).code, 0);
    let text = dir.read(".dockerignore").unwrap();
    assert!(text.starts_with("# ours\n.git\nsecret.txt\n") && text.contains("\n**/.env\n"), "{text}");
    assert_eq!(text.matches(".git\n").count(), 1, "{text}");
    assert_eq!(dir.run(&["init", "{}"]).code, 0);
    assert_eq!(dir.read(".dockerignore"), Some(text));
}

#[test]
fn an_ignore_file_that_hides_what_the_build_reads_is_an_error() {
    let dir = server();
    dir.put("go.mod", "module example.com/hello\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0\n");
    dir.put("go.sum", "github.com/google/uuid v1.6.0 h1:x=\n");
    dir.put(".dockerignore", "go.*\n");
    fails(&dir, &["init", "{}"], &["Dockerfile:", "go.mod"]);
}

#[test]
fn broken_manifests_are_errors_at_their_line() {
    fails(
        &Dir::new(&[("go.mod", "module x\n\ngo 1.26 extra words\n"), ("main.go", SERVER)]),
        &["init", "{}"],
        &["go.mod:3"],
    );
    fails(
        &Dir::new(&[("package.json", "{\n  \"name\": \"x\",\n  oops\n}\n")]),
        &["init", "{}"],
        &["package.json:3"],
    );
}

#[test]
fn nothing_to_run_is_an_error_that_says_what_was_seen() {
    fails(&Dir::new(&[]), &["init", "{}"], &["holds no files"]);
    fails(&Dir::new(&[("notes.txt", "")]), &["init", "{}"], &["`notes.txt`"]);
    fails(&Dir::new(&[("Gemfile", "")]), &["init", "{}"], &["Ruby"]);
    let library = Dir::new(&[("go.mod", MODULE), ("lib.go", "package hello\n")]);
    fails(&library, &["init", "{}"], &["go.mod", "library"]);
}

#[test]
fn several_programs_are_listed_with_the_flag_for_each() {
    let main = |port: &str| SERVER.replace("8080", port);
    let dir = Dir::new(&[
        ("go.mod", MODULE),
        ("cmd/one/main.go", &main("1111")),
        ("cmd/two/main.go", &main("2222")),
    ]);
    fails(&dir, &["init", "{}"], &["--bin one", "--bin two"]);
    assert_eq!(dir.run(&["init", "{}", "--bin", "two"]).code, 0);
    assert!(dir.read("Dockerfile").unwrap().contains("EXPOSE 2222"));
    assert!(dir.read("dfgen.toml").unwrap().contains("bin = \"two\""));
    let again = dir.run(&["init", "{}"]);
    assert_eq!(again.code, 0, "the answer is kept: {}", again.stderr);
}

#[test]
fn several_services_are_listed_with_the_flag_for_each() {
    let dir = Dir::new(&[
        ("api/go.mod", MODULE),
        ("api/main.go", SERVER),
        ("web/package.json", r#"{"scripts":{"start":"node server.js"}}"#),
        ("web/server.js", "require('http').createServer().listen(3000)\n"),
    ]);
    fails(&dir, &["init", "{}"], &["--service api", "--service web"]);
    assert_eq!(dir.run(&["init", "{}", "--service", "web"]).code, 0);
    assert!(dir.read("web/Dockerfile").is_some() && dir.read("Dockerfile").is_none());
    fails(&dir, &["init", "{}", "--service", "nowhere"], &["no such folder"]);
}

#[test]
fn a_base_that_cannot_work_is_refused_with_the_nearest() {
    let dir = Dir::new(&[
        ("package.json", r#"{"scripts":{"start":"node server.js"}}"#),
        ("server.js", "require('http').createServer().listen(3000)\n"),
    ]);
    fails(
        &dir,
        &["init", "{}", "--base", "scratch"],
        &["`--base scratch` cannot work", "`--base distroless`"],
    );
}

#[test]
fn flags_reach_the_output() {
    let dir = server();
    let ran = dir.run(&[
        "init",
        "{}",
        "--stdout",
        "--port",
        "81",
        "--cache",
        "layers",
        "--labels",
        "--debug-target",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("EXPOSE 81") && !ran.stdout.contains("--mount="), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("org.opencontainers.image.version=\"${VERSION}\"")
            && ran.stdout.contains(" AS debug"),
        "{}",
        ran.stdout
    );
    assert_eq!(dir.run(&["init", "{}", "--output", "docker/api.Dockerfile"]).code, 0);
    assert!(
        dir.read("docker/api.Dockerfile").is_some()
            && dir.read("docker/api.Dockerfile.dockerignore").is_some()
    );
    fails(&dir, &["init", "{}", "--output", "../Dockerfile"], &["leaves the repository"]);
}

#[test]
fn explain_gives_lines_and_what_was_rejected() {
    let ran = server().run(&["explain", "{}"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for part in ["go.mod:3", "main.go:6", "base image: ", "not "] {
        assert!(ran.stdout.contains(part), "no `{part}` in\n{}", ran.stdout);
    }
}

#[test]
fn a_lock_with_conflict_markers_is_an_error() {
    let dir = server();
    assert_eq!(dir.run(&["init", "{}"]).code, 0);
    let lock = dir.read("dfgen.lock").unwrap();
    dir.put("dfgen.lock", &format!("<<<<<<< ours\n{lock}"));
    fails(&dir, &["init", "{}"], &["dfgen.lock:1", "conflict markers"]);
}

#[test]
fn a_folder_of_sources_is_not_ignored_for_its_name() {
    let dir = server();
    dir.put("docs/guide.md", "");
    dir.put("deploy/k8s.yaml", "");
    let ignored = |dir: &Dir| {
        assert_eq!(dir.run(&["init", "{}", "--force"]).code, 0);
        let text = dir.read(".dockerignore").unwrap();
        ["docs", "deploy"].map(|name| text.lines().any(|line| line == name))
    };
    assert_eq!(ignored(&dir), [true, true]);
    dir.put("docs/docs.go", "package docs\n");
    assert_eq!(ignored(&dir), [false, true]);
}

#[test]
fn a_local_installation_stays_out_of_the_context() {
    let dir = Dir::new(&[
        ("package.json", r#"{"scripts":{"start":"node server.js"}}"#),
        ("server.js", "require('http').createServer().listen(3000)\n"),
    ]);
    assert_eq!(dir.run(&["init", "{}"]).code, 0);
    assert!(dir.read(".dockerignore").unwrap().lines().any(|line| line == "**/node_modules"));
}

#[test]
fn a_health_check_asks_where_something_can() {
    let site = Dir::new(&[("index.html", "<!doctype html>")]);
    let ran = site.run(&["init", "{}", "--stdout", "--healthcheck"]);
    assert!(ran.stdout.contains("CMD [\"wget\", "), "{}", ran.stdout);
    let node = Dir::new(&[
        ("package.json", r#"{"scripts":{"start":"node server.js"}}"#),
        ("server.js", "require('http').createServer().listen(3000)\n"),
    ]);
    let ran = node.run(&["init", "{}", "--stdout", "--healthcheck"]);
    assert!(
        ran.stdout.contains("CMD [\"/nodejs/bin/node\", \"-e\", \"fetch('http://127.0.0.1:3000/')"),
        "{}",
        ran.stdout
    );
    let go = server().run(&["init", "{}", "--healthcheck"]);
    assert!(go.stderr.contains("no HEALTHCHECK is written"), "{}", go.stderr);
}

#[test]
fn a_folder_and_a_command_may_begin_with_a_dash() {
    let dir = Dir::new(&[
        ("-x/go.mod", MODULE),
        ("-x/main.go", SERVER),
        ("y/go.mod", MODULE),
        ("y/main.go", SERVER),
    ]);
    let ran = dir.run(&["init", "{}", "--service", "-x", "--start", "--verbose"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(dir.read("-x/Dockerfile").unwrap().contains("CMD [\"--verbose\"]"));
}

#[test]
fn answers_that_git_ignores_are_kept_all_the_same() {
    let dir = server();
    dir.put(".gitignore", "dfgen.toml\n");
    assert_eq!(dir.run(&["init", "{}", "--port", "81"]).code, 0);
    assert_eq!(dir.run(&["init", "{}", "--base", "alpine"]).code, 0);
    assert!(dir.read("Dockerfile").unwrap().contains("EXPOSE 81\n"));
    assert!(dir.read("dfgen.toml").unwrap().contains("port = 81\n"));
}

#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "a stdout of its own")]
#[test]
fn a_product_that_cannot_be_written_is_an_error() {
    let dir = server();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut run = std::process::Command::new(env!("CARGO_BIN_EXE_dfgen"));
    let done = run.args(["init", "--stdout"]).arg(dir.path()).stdout(full).output().unwrap();
    let told = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(2), "{told}");
    assert!(told.starts_with("error: stdout cannot be written"), "{told}");
}

#[test]
fn an_allow_list_that_forgets_the_sources_is_an_error() {
    let dir = server();
    dir.put("src/x.txt", "");
    dir.put(".dockerignore", "*\n!src\n");
    fails(&dir, &["init", "{}"], &["is excluded by the .dockerignore", "add `!"]);
}

#[test]
fn a_start_command_is_taken_as_it_is_or_refused() {
    let node = Dir::new(&[
        ("package.json", r#"{"scripts":{"serve":"node server.js"}}"#),
        ("server.js", "require('http').createServer().listen(3000)\n"),
    ]);
    let ran = node.run(&["init", "{}", "--stdout", "--start", "node --enable-source-maps server.js"]);
    assert!(ran.stdout.contains("CMD [\"--enable-source-maps\", \"server.js\"]"), "{}", ran.stdout);
    let ran = node.run(&["init", "{}", "--stdout", "--start", "npm run serve"]);
    assert!(ran.stdout.contains("CMD [\"sh\", \"-c\", \"npm run serve\"]"), "{}", ran.stdout);
    assert!(ran.stdout.contains("FROM node:24-trixie-slim AS runtime"), "{}", ran.stdout);
    fails(
        &server(),
        &["init", "{}", "--start", "hello --port $PORT"],
        &["cannot work here", "without a shell"],
    );
    let ran = server().run(&["init", "{}", "--stdout", "--start", "hello serve"]);
    assert!(ran.stdout.contains("CMD [\"serve\"]"), "{}", ran.stdout);
}

#[test]
fn programs_in_bin_and_embedded_certificates_stay_in_the_context() {
    let dir = Dir::new(&[("go.mod", MODULE), ("bin/app/main.go", SERVER)]);
    assert_eq!(dir.run(&["init", "{}"]).code, 0);
    assert!(!dir.read(".dockerignore").unwrap().lines().any(|line| line == "bin"));
    let main = SERVER
        .replace("func main", "//go:embed certs/*.pem\nvar certs embed.FS\n\nfunc main")
        .replace("import \"net/http\"", "import (\n\t\"embed\"\n\t\"net/http\"\n)");
    let dir = Dir::new(&[("go.mod", MODULE), ("main.go", &main), ("certs/ca.pem", "")]);
    assert_eq!(dir.run(&["init", "{}"]).code, 0);
    assert!(!dir.read(".dockerignore").unwrap().lines().any(|line| line == "**/*.pem"));
}

#[test]
fn a_front_end_is_a_stage_of_the_program_that_embeds_it() {
    let main = SERVER
        .replace("func main", "//go:embed all:dist\nvar site embed.FS\n\nfunc main")
        .replace("import \"net/http\"", "import (\n\t\"embed\"\n\t\"net/http\"\n)");
    let manifest = r#"{"scripts":{"build":"vite build"},"devDependencies":{"vite":"^7.0.0"}}"#;
    let config = "export default { build: { outDir: '../dist' } }\n";
    let dir = Dir::new(&[
        ("go.mod", MODULE),
        ("main.go", &main),
        ("web/package.json", manifest),
        ("web/vite.config.js", config),
    ]);
    for placeholder in [false, true] {
        if placeholder {
            dir.put("dist/index.html", "run the build");
        }
        let ran = dir.run(&["init", "{}", "--stdout"]);
        assert!(
            ran.stdout.contains("COPY --from=ui /src/dist dist"),
            "{placeholder}: {}{}",
            ran.stdout,
            ran.stderr
        );
    }
}

#[test]
fn a_front_end_beside_its_server_is_one_program_with_it() {
    let server = r#"{"scripts":{"start":"node index.js"},"dependencies":{"express":"^4"}}"#;
    let client = r#"{"scripts":{"build":"vite build"},"devDependencies":{"vite":"^7.0.0"}}"#;
    let dir = Dir::new(&[
        ("server/package.json", server),
        (
            "server/index.js",
            "app.use(express.static(path.join(__dirname, '../client/dist')));\napp.listen(80)\n",
        ),
        ("client/package.json", client),
        ("client/index.html", ""),
    ]);
    let ran = dir.run(&["init", "{}", "--stdout"]);
    for line in [
        "WORKDIR /src/client",
        "COPY server/package.json ./",
        "WORKDIR /app/server",
        "COPY --from=ui /src/client/dist /app/client/dist",
    ] {
        assert!(ran.stdout.contains(line), "{line}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn what_a_front_end_is_made_of_stays_in_the_context() {
    let member = |name: &str, rest: &str| format!(r#"{{ "name": "{name}", {rest} }}"#);
    let server =
        member("server", r#""scripts": { "start": "node index.js" }, "dependencies": { "express": "^4" }"#);
    let web = member(
        "web",
        r#""scripts": { "build": "vite build" }, "dependencies": { "ui": "workspace:*", "vite": "7" }"#,
    );
    let dir = Dir::new(&[
        ("package.json", r#"{ "private": true, "packageManager": "pnpm@10.0.0" }"#),
        ("pnpm-workspace.yaml", "packages:\n  - apps/*\n  - packages/*\n"),
        ("apps/server/package.json", &server),
        (
            "apps/server/index.js",
            "app.use(express.static(path.join(__dirname, '../web/dist')));\napp.listen(80)\n",
        ),
        ("apps/web/package.json", &web),
        ("apps/web/index.html", ""),
        ("packages/ui/package.json", &member("ui", r#""main": "index.js""#)),
        ("packages/ui/index.js", ""),
        ("packages/other/package.json", &member("other", r#""main": "index.js""#)),
    ]);
    let ran = dir.run(&["init", "{}", "--service", "apps/server"]);
    let ignored = dir.read("apps/server/Dockerfile.dockerignore");
    let ignored = ignored.unwrap_or_else(|| panic!("{}", ran.stderr));
    assert!(ignored.contains("packages/other"), "{ignored}");
    assert!(!ignored.contains("packages/ui"), "{ignored}");
}

#[test]
fn a_debug_target_is_of_the_same_version() {
    let node = Dir::new(&[
        ("package.json", r#"{"scripts":{"start":"node server.js"}}"#),
        ("server.js", "require('http').createServer().listen(3000)\n"),
    ]);
    let ran = node.run(&["init", "{}", "--stdout", "--debug-target"]);
    assert!(ran.stdout.contains("/nodejs24-debian13:debug-nonroot AS debug"), "{}", ran.stdout);
}

#[test]
fn tools_are_set_up_in_the_version_that_the_interpreter_runs() {
    let pipfile = "[packages]\nflask = \"*\"\n[requires]\npython_version = \"3.7\"\n";
    let dir =
        Dir::new(&[("Pipfile", pipfile), ("app.py", "from flask import Flask\napp = Flask(__name__)\n")]);
    assert_eq!(dir.run(&["init", "{}"]).code, 0);
    assert!(dir.read("Dockerfile").unwrap().contains("pipenv==2023.10.3"));
}

#[test]
fn a_program_without_packages_is_one_stage() {
    let server = "from http.server import HTTPServer\nHTTPServer(('', 8000), H).serve_forever()\n";
    let dir =
        Dir::new(&[("requirements.txt", ""), ("server.py", server), ("Procfile", "web: python server.py\n")]);
    assert_eq!(dir.run(&["init", "{}"]).code, 0);
    let dockerfile = dir.read("Dockerfile").unwrap();
    assert_eq!(
        (dockerfile.matches("\nFROM ").count(), dockerfile.contains("venv")),
        (1, false),
        "{dockerfile}"
    );
}

#[test]
fn a_procfile_of_another_language_starts_nothing_of_node() {
    let dir = Dir::new(&[
        ("package.json", r#"{"devDependencies":{"gulp":"5.0.0"}}"#),
        ("requirements.txt", "flask==3.1.0\ngunicorn==23.0.0\n"),
        ("app.py", "from flask import Flask\napp = Flask(__name__)\n"),
        ("Procfile", "web: bash run.sh\n"),
        ("run.sh", "gunicorn app:app\n"),
    ]);
    let ran = dir.run(&["init", "{}"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(dir.read("Dockerfile").unwrap().contains("CMD [\"gunicorn\", \"app:app\"]"), "{}", ran.stderr);
}

#[test]
fn a_template_of_projects_is_no_program() {
    let app = "from flask import Flask\napp = Flask(__name__)\n";
    let files = [("cookiecutter.json", "{}"), ("requirements.txt", "flask\n"), ("{{name}}/app.py", app)];
    let ran = Dir::new(&files).run(&["init", "{}"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("this is a template"), "{}", ran.stderr);
    let made = [("copier.yml", "name: x\n"), ("requirements.txt", "flask\n"), ("app.py", app)];
    assert_eq!(Dir::new(&made).run(&["init", "{}"]).code, 0);
}
