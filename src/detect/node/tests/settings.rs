//! Ports behind settings, files that are written, and what starts build on the way.

use super::*;

/// The first port, its variable and whether it must be set.
fn port(files: &[(&str, &str)]) -> Option<(u16, Option<String>, bool)> {
    let (project, _) = found(files, "");
    project.listen.first().map(|one| (one.value.port, one.value.variable.clone(), one.value.must_set))
}

const SERVER: &str = r#"{ "scripts": { "start": "node server.js" }, "dependencies": { "express": "^4" } }"#;

#[test]
fn a_class_of_settings_says_the_port() {
    let files = [
        ("package.json", SERVER),
        (
            "server.js",
            "import env from './env';\nconst port = getArg('port', 'p') || env.PORT;\napp.listen(port)",
        ),
        (
            "env.js",
            "import environment from './environment';\nclass Environment {\n  PORT = this.toOptionalNumber(environment.PORT) ?? 3001;\n\
               SMTP_PORT = 25;\n}\nexport default new Environment();",
        ),
        ("environment.js", "export default process.env"),
    ];
    assert_eq!(port(&files), Some((3001, Some("PORT".into()), false)));
    let service = [
        ("package.json", SERVER),
        (
            "server.js",
            "import { Api } from './api-config.service.js';\napp.listen(app.get(Api).appConfig.port)",
        ),
        (
            "api-config.service.js",
            "export class Api { get appConfig() { return { port: this.getString('PORT') } } }",
        ),
    ];
    assert_eq!(port(&service), Some((3000, Some("PORT".into()), true)));
}

#[test]
fn a_schema_says_the_default_under_any_name() {
    let files = [
        ("package.json", SERVER),
        ("server.js", "import './app.config.js';\napp.listen(appConfig.backendPort, appConfig.ip)"),
        (
            "app.config.js",
            "const schema = z.object({ backendPort: z.number().int().max(65535).default(3001).describe('X'), dbPort: z.number().default(5432) });",
        ),
    ];
    assert_eq!(port(&files), Some((3001, None, false)));
}

#[test]
fn the_folder_of_settings_of_the_package_config() {
    let files = [
        (
            "package.json",
            r#"{ "scripts": { "start": "node server.js" }, "dependencies": { "config": "^3" } }"#,
        ),
        (
            "server.js",
            "const config = require('config');\nconst start = require('./start');\nstart(config.get('server.port'))",
        ),
        ("start.js", "module.exports = port => http.createServer().listen(port)"),
        ("config/default.yml", "server:\n  port: 3000\ndb:\n  port: 5432\n"),
        ("config/custom-environment-variables.yml", "server:\n  port: APP_PORT\n"),
    ];
    assert_eq!(port(&files), Some((3000, Some("APP_PORT".into()), false)));
}

#[test]
fn a_file_in_the_working_folder_is_written_where_nothing_else_is_read() {
    let written = |server: &str| {
        let (project, _) =
            found(&[("package.json", SERVER), ("server.js", server), ("public/a.css", "")], "");
        (
            project.writes.iter().map(|one| one.value.to_string()).collect::<Vec<_>>(),
            codes(&project).contains(&"writes-working-folder"),
        )
    };
    let file = "const path = 'buffer.txt'; let writer = Bun.file(path).writer(); app.listen(80);";
    assert_eq!(written(file), (vec!["buffer.txt".to_owned()], false));
    assert_eq!(written("Bun.write('a.json', x)").0, ["a.json"]);
    assert_eq!(written("const f = Bun.file('a.log'); f.writer(); Bun.file('b.txt').text()").0, ["a.log"]);
    assert_eq!(written("new Database('app.sqlite')").0, ["app.sqlite"]);
    let reads = format!("{file} app.use(express.static('public'))");
    assert_eq!(written(&reads), (vec![], true));
}

#[test]
fn a_host_that_docker_would_name() {
    let env = |server: &str| {
        let (project, _) = found(&[("package.json", SERVER), ("server.js", server)], "");
        project.env.iter().map(|one| (one.value.name.clone(), one.value.value.clone())).collect::<Vec<_>>()
    };
    let all = "new Option('--hostname <name>').env('HOSTNAME').default('0.0.0.0')";
    assert_eq!(env(all), [("HOSTNAME".to_owned(), Some("0.0.0.0".to_owned()))]);
    assert_eq!(env("const worker = process.env.HOSTNAME || 'unknown'"), []);
}

#[test]
fn styles_are_compiled_in_the_build() {
    let manifest = r#"{ "scripts": { "scss": "sass public/scss:public/css", "start": "npm run scss && node app.js" },
        "dependencies": { "express": "^4", "sass": "^1" } }"#;
    let (_, facts) = found(&[("package.json", manifest), ("app.js", ""), ("public/css/a.scss", "")], "");
    assert_eq!((argv(&facts), builds(&facts)), (vec!["app.js"], vec!["npm run scss".to_owned()]));
    assert_eq!(facts.output.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), ["public"]);
}

#[test]
fn a_platforms_adapter_is_refused_and_an_own_server_is_not() {
    let manifest = |start: &str, adapter: &str| {
        format!(
            r#"{{ "scripts": {{ "build": "remix build", "start": "{start}" }},
            "dependencies": {{ "{adapter}": "*", "express": "^4" }}, "devDependencies": {{ "@remix-run/dev": "*", "vitest": "1", "vite": "5" }} }}"#
        )
    };
    let platform = manifest("arc sandbox", "@remix-run/architect");
    assert!(nothing(&[("package.json", &platform)]).what.starts_with("Remix built for a platform"));
    let own = manifest("node server.js", "@remix-run/express");
    let (project, facts) =
        found(&[("package.json", &own), ("server.js", "app.listen(process.env.PORT || 3000)")], "");
    assert_eq!((argv(&facts), project.listen.len()), (vec!["server.js"], 1));
}

#[test]
fn a_package_of_the_configuration_is_needed_to_build() {
    let manifest = r#"{ "scripts": { "start": "node server.js" }, "dependencies": { "simple-git": "3", "fluent-ffmpeg": "2", "ffmpeg-static": "5" } }"#;
    let needs = |file: &str| {
        let (project, _) = found(
            &[
                ("package.json", manifest),
                ("server.js", "app.listen(80)"),
                (file, "import Git from 'simple-git'"),
            ],
            "",
        );
        project.needs.iter().map(|need| (need.value.capability.clone(), need.value.phase)).collect::<Vec<_>>()
    };
    assert_eq!(needs("config/env.js"), [("git".to_owned(), crate::facts::Phase::Build)]);
    assert_eq!(needs("lib/git.js"), [("git".to_owned(), crate::facts::Phase::Run)]);
}

#[test]
fn what_runs_in_a_shell_needs_one() {
    let server = "const { exec } = require('child_process');\nexec(`du -s ${dir}`);\napp.listen(80)";
    let (project, _) = found(&[("package.json", SERVER), ("server.js", server)], "");
    assert_eq!(project.needs[0].value.capability, "shell");
}

#[test]
fn native_code_that_a_newer_node_does_not_compile() {
    let lock = |version: &str| {
        format!(
            r#"{{ "lockfileVersion": 3, "packages": {{ "": {{ "dependencies": {{ "node-sass": "*", "express": "^4" }} }},
            "node_modules/node-sass": {{ "version": "{version}" }}, "node_modules/express": {{ "version": "4.18.2" }} }} }}"#
        )
    };
    let manifest = r#"{ "scripts": { "start": "node server.js" }, "dependencies": { "express": "^4", "node-sass": "*" } }"#;
    let ranges = |version: &str| {
        let lock = lock(version);
        let files = [("package.json", manifest), ("server.js", ""), ("package-lock.json", lock.as_str())];
        let versions = found(&files, "").0.versions;
        versions.into_iter().map(|one| one.value).collect::<Vec<_>>()
    };
    assert_eq!(ranges("4.14.1"), [Bound::Range("<15".into())]);
    assert_eq!(ranges("9.0.0"), [Bound::Range("<21".into())]);
}
