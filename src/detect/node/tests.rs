use super::*;
use crate::answers::Answers;
use crate::detect::NothingToRun;
use crate::facts::{Bound, NodeFacts, Project, Stack};
use crate::knowledge::Knowledge;
use crate::repo::Repo;

mod commands;
mod gathered;
mod hooks;
mod served;
mod settings;
mod workspaces;

fn detection(files: &[(&str, &str)], root: &str) -> Result<Detection> {
    let repo = Repo::from_files(files.iter().copied());
    let knowledge = Knowledge::load(&repo).unwrap();
    detect(&Context { repo: &repo, knowledge: &knowledge, answers: &Answers::default() }, root.into())
}

fn found(files: &[(&str, &str)], root: &str) -> (Project, NodeFacts) {
    match detection(files, root).unwrap() {
        Detection::Found(project) => match project.stack.clone() {
            Stack::Node(facts) => (*project, *facts),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn nothing(files: &[(&str, &str)]) -> NothingToRun {
    match detection(files, "").unwrap() {
        Detection::NothingToRun(nothing) => nothing,
        other => panic!("{other:?}"),
    }
}

fn argv(facts: &NodeFacts) -> Vec<&str> {
    facts.start.iter().flat_map(|start| start.value.argv.iter().map(String::as_str)).collect()
}

fn builds(facts: &NodeFacts) -> Vec<String> {
    facts.build.iter().map(|step| step.value.join(" ")).collect()
}

fn codes(project: &Project) -> Vec<&str> {
    project.notes.iter().map(|note| note.code.as_str()).collect()
}

const EXPRESS: &str = r#"{ "name": "shop", "main": "server.js", "dependencies": { "express": "^4.18.2" } }"#;
const LOCK: &str = r#"{ "lockfileVersion": 3, "packages": { "": { "dependencies": { "express": "^4.18.2" } },
  "node_modules/express": { "version": "4.18.2", "engines": { "node": ">= 0.10.0" } } } }"#;

#[test]
fn a_broken_manifest_is_an_error_at_its_line() {
    let error = detection(&[("package.json", "{\n \"name\": \"x\",\n}")], "").unwrap_err();
    assert_eq!(error.place, Some(("package.json".into(), Some(3))));
    assert_eq!(detection(&[("go.mod", "")], "").unwrap(), Detection::Missing);
    let lock = "{\n<<<<<<< HEAD\n}";
    let error = detection(&[("package.json", EXPRESS), ("package-lock.json", lock)], "").unwrap_err();
    assert_eq!(error.place, Some(("package-lock.json".into(), Some(2))));
}

#[test]
fn fields_of_the_wrong_type_never_panic() {
    let odd = r#"{ "name": 1, "scripts": ["a"], "engines": "18", "workspaces": "x", "bin": 4, "dependencies": [], "packageManager": 7 }"#;
    assert!(matches!(detection(&[("package.json", odd)], "").unwrap(), Detection::NothingToRun(_)));
}

#[test]
fn main_starts_where_no_script_does() {
    let files =
        [("package.json", EXPRESS), ("package-lock.json", LOCK), ("server.js", ""), ("views/a.html", "")];
    let (project, facts) = found(&files, "");
    assert_eq!(argv(&facts), ["server.js"]);
    assert_eq!((facts.tool.id.as_str(), facts.tool.frozen), ("npm", true));
    assert_eq!(facts.tool.manifests, ["package-lock.json", "package.json"]);
    assert_eq!(facts.sources, ["package.json", "server.js", "views/"]);
    assert!(project.notes.is_empty() && facts.build.is_empty());
}

#[test]
fn a_lock_that_lacks_a_dependency_is_not_trusted() {
    let manifest = r#"{ "main": "a.js", "dependencies": { "express": "^4", "pg": "^8" } }"#;
    let (project, facts) =
        found(&[("package.json", manifest), ("package-lock.json", LOCK), ("a.js", "")], "");
    assert!(!facts.tool.frozen);
    assert_eq!(codes(&project), ["stale-lock-file"]);
    assert!(project.notes[0].text.contains("`pg`"));
}

#[test]
fn of_two_locks_the_one_that_the_readme_speaks_for() {
    let files = |readme: &'static str| {
        [
            ("package.json", EXPRESS),
            ("package-lock.json", LOCK),
            ("yarn.lock", "# yarn lockfile v1\n\nexpress@^4.18.2:\n  version \"4.18.2\"\n"),
            ("server.js", ""),
            ("README.md", readme),
        ]
    };
    let (project, facts) = found(&files("Run `yarn install`."), "");
    assert_eq!((facts.tool.id.as_str(), codes(&project)), ("yarn", vec!["two-lock-files"]));
    assert_eq!(found(&files("Nothing is said."), "").1.tool.id, "npm");
    assert_eq!(found(&files("pnpm install"), "").1.tool.id, "npm");
}

#[test]
fn the_package_managers_version_comes_without_its_hash() {
    let manifest = r#"{ "packageManager": "pnpm@9.11.0+sha512.abc", "main": "a.js" }"#;
    let (_, facts) = found(
        &[("package.json", manifest), ("pnpm-lock.yaml", "lockfileVersion: '9.0'\n"), ("a.js", "")],
        "",
    );
    assert_eq!(facts.tool.version.map(|version| version.value).as_deref(), Some("9.11.0"));
    let lock = ("pnpm-lock.yaml", "lockfileVersion: '6.0'\n");
    let (_, facts) = found(&[("package.json", r#"{ "main": "a.js" }"#), lock, ("a.js", "")], "");
    assert_eq!(facts.tool.version.map(|version| version.value).as_deref(), Some("8"));
    let (_, facts) = found(
        &[
            ("package.json", r#"{ "main": "a.js", "engines": { "pnpm": "^9.4.0" } }"#),
            ("pnpm-lock.yaml", "lockfileVersion: '9.0'\n"),
            ("a.js", ""),
        ],
        "",
    );
    assert_eq!(facts.tool.version.map(|version| version.value).as_deref(), Some("9.4.0"));
}

#[test]
fn yarn_berry_is_told_from_classic() {
    let lock = "__metadata:\n  version: 8\n\n\"express@npm:^4.18.2\":\n  version: 4.18.2\n";
    let files = [
        ("package.json", EXPRESS),
        ("yarn.lock", lock),
        ("server.js", ""),
        (".yarnrc.yml", "nodeLinker: node-modules\nyarnPath: .yarn/releases/yarn-4.6.0.cjs\n"),
        (".yarn/releases/yarn-4.6.0.cjs", ""),
    ];
    let (_, facts) = found(&files, "");
    assert_eq!(
        (facts.tool.id.as_str(), facts.tool.pnp, facts.tool.vendored, facts.tool.frozen),
        ("berry", false, true, true)
    );
    assert_eq!(facts.tool.version.map(|version| version.value).as_deref(), Some("4.6.0"));
    assert!(facts.tool.manifests.iter().any(|file| file == ".yarn/releases/yarn-4.6.0.cjs"));
    assert!(found(&files[..3], "").1.tool.pnp);
}

#[test]
fn yarn_1_passes_over_engines_unless_a_version_is_asked_for() {
    let lock = ("yarn.lock", "# yarn lockfile v1\n\nexpress@^4.18.2:\n  version \"4.18.2\"\n");
    let files = [("package.json", EXPRESS), lock, ("server.js", ""), (".nvmrc", "v22\n")];
    assert_eq!(found(&files[..3], "").1.tool.flags.len(), 1);
    assert!(found(&files, "").1.tool.flags.is_empty());
}

#[test]
fn versions_are_constraints() {
    let manifest = r#"{ "main": "a.js", "engines": { "node": ">=18 <23" }, "volta": { "node": "20.1.0" }, "dependencies": { "old": "1" } }"#;
    let lock = r#"{ "lockfileVersion": 3, "packages": { "": { "dependencies": { "old": "1" } },
      "node_modules/old": { "version": "1.0.0", "engines": { "node": "<=22" } },
      "node_modules/older": { "version": "1.0.0", "engines": { "node": "<23" } },
      "node_modules/oldest": { "version": "1.0.0", "engines": { "node": "<17" } },
      "node_modules/test": { "version": "1.0.0", "dev": true, "engines": { "node": "<17" } } } }"#;
    let (project, _) = found(
        &[("package.json", manifest), ("package-lock.json", lock), ("a.js", ""), (".nvmrc", "lts/jod\n")],
        "",
    );
    let bounds: Vec<&Bound> = project.versions.iter().map(|version| &version.value).collect();
    let range = |text: &str| Bound::Range(text.to_owned());
    assert_eq!(bounds[..3], [&Bound::Pin("22".into()), &Bound::Pin("20.1.0".into()), &range(">=18 <23")]);
    assert_eq!(
        bounds.len(),
        4,
        "one range of the lock says all that a supported version can keep: {bounds:?}"
    );
    assert_eq!(bounds[3], &range("<=22"));
}

#[test]
fn a_site_is_no_server() {
    let manifest = r#"{ "scripts": { "start": "react-scripts start", "build": "react-scripts build" }, "dependencies": { "react-scripts": "5.0.1" } }"#;
    let conf = (".nginx/nginx.conf", "server {\n listen 80;\n}");
    let (project, facts) = found(&[("package.json", manifest), ("src/index.js", ""), conf], "");
    assert_eq!(project.kind.value, crate::facts::Kind::Static);
    assert_eq!(facts.site.map(|site| site.value.into_string()).as_deref(), Some("build"));
    assert_eq!(facts.nginx.map(|conf| conf.value.into_string()).as_deref(), Some(".nginx/nginx.conf"));
    assert!(facts.start.is_none() && facts.spa);
    assert_eq!(project.notes[0].code, "no-lock-file");
}

#[test]
fn a_member_depends_on_members() {
    let files = [
        ("package.json", r#"{ "private": true, "workspaces": ["apps/*", "packages/*", "!packages/old"] }"#),
        (
            "apps/api/package.json",
            r#"{ "name": "api", "main": "index.js", "dependencies": { "@x/a": "workspace:*" } }"#,
        ),
        ("apps/api/index.js", ""),
        ("packages/a/package.json", r#"{ "name": "@x/a", "main": "i.js", "dependencies": { "@x/b": "*" } }"#),
        ("packages/a/i.js", ""),
        (
            "packages/b/package.json",
            r#"{ "name": "@x/b", "main": "dist/i.js", "scripts": { "build": "tsc" } }"#,
        ),
        ("packages/c/package.json", r#"{ "name": "@x/c" }"#),
    ];
    let (_, facts) = found(&files, "apps/api");
    assert!(facts.workspace);
    assert_eq!(facts.tool.root, "");
    assert_eq!(facts.siblings, ["packages/b", "packages/a"]);
    assert_eq!(facts.tool.manifests.len(), 5);
    assert_eq!(builds(&facts), ["npm run --prefix ../../packages/b build"]);
    assert_eq!(nothing(&files).what, "a workspace root");
}

#[test]
fn tooling_and_libraries_run_nothing() {
    let tooling = r#"{ "devDependencies": { "husky": "9", "eslint-plugin-x": "1", "prettier": "3" } }"#;
    assert!(nothing(&[("package.json", tooling)]).what.starts_with("tooling"));
    let library = r#"{ "name": "x", "main": "index.js", "files": ["index.js"] }"#;
    assert!(nothing(&[("package.json", library), ("index.js", "")]).what.starts_with("a library"));
}

#[test]
fn native_packages_need_a_compiler() {
    let manifest = r#"{ "main": "a.js", "dependencies": { "argon2": "^0.26.2" }, "devDependencies": { "cypress": "13" } }"#;
    let lock = r#"{ "lockfileVersion": 3, "packages": { "": { "dependencies": { "argon2": "^0.26.2" }, "devDependencies": { "cypress": "13" } },
      "node_modules/argon2": { "version": "0.26.2", "hasInstallScript": true },
      "node_modules/cypress": { "version": "13.0.0", "dev": true, "hasInstallScript": true },
      "node_modules/fsevents": { "version": "1.2.0", "os": ["darwin"], "hasInstallScript": true, "dependencies": { "nan": "1" } },
      "node_modules/own-addon": { "version": "1.0.0", "hasInstallScript": true, "dependencies": { "nan": "1" } },
      "node_modules/node-gyp": { "version": "9.0.0" } } }"#;
    let (project, facts) =
        found(&[("package.json", manifest), ("package-lock.json", lock), ("a.js", "")], "");
    let compiles: Vec<&str> = facts.compiles.iter().map(|found| found.value.as_str()).collect();
    assert_eq!(compiles, ["argon2", "own-addon"]);
    let needs: Vec<&str> = project.needs.iter().map(|need| need.value.capability.as_str()).collect();
    assert_eq!(needs, ["node-gyp", "distutils"]);
    assert_eq!(facts.skip_downloads[0].value.0, "CYPRESS_INSTALL_BINARY");
    let newer = lock.replace("0.26.2", "0.44.0");
    let manifest = manifest.replace("0.26.2", "0.44.0");
    let (_, facts) = found(&[("package.json", &manifest), ("package-lock.json", &newer), ("a.js", "")], "");
    assert_eq!(facts.compiles.len(), 1);
}

#[test]
fn tokens_and_git_dependencies_are_seen() {
    let manifest = r#"{ "main": "a.js", "dependencies": { "irc": "github:kiwi/irc#1" } }"#;
    let npmrc = (".npmrc", "# x\n//npm.example.com/:_authToken=${NPM_TOKEN}\ncache=${HOME}/npm\n");
    let (project, facts) = found(&[("package.json", manifest), npmrc, ("a.js", "")], "");
    let [token] = project.access.secrets.as_slice() else { panic!("{:?}", project.access) };
    assert_eq!((token.value.id.as_str(), token.because[0].line), ("NPM_TOKEN", Some(2)));
    assert_eq!(facts.git_dependency.unwrap().value, "irc");
    let two =
        "//a.example/:_authToken=${A}\n//b.example/:_authToken=${B}\n//c.example/:_authToken=of-everybody\n";
    let (project, _) = found(&[("package.json", manifest), (".npmrc", two), ("a.js", "")], "");
    let names: Vec<&str> = project.access.secrets.iter().map(|token| token.value.id.as_str()).collect();
    assert_eq!(names, ["A", "B"]);
    assert!(project.notes.iter().any(|note| note.code == "plain-token"));
}

#[test]
fn scripts_are_followed_to_a_program() {
    let start = |scripts: &str, more: &[(&str, &str)]| {
        let manifest = format!(
            r#"{{ "scripts": {scripts}, "dependencies": {{ "express": "4", "next": "15" }}, "devDependencies": {{ "tsx": "4" }} }}"#
        );
        let mut files = vec![("package.json", manifest.as_str()), ("server.js", ""), ("src/main.ts", "")];
        files.extend(more);
        let (project, facts) = found(&files, "");
        (argv(&facts).join(" "), facts.start.and_then(|start| start.value.shell), project)
    };
    assert_eq!(start(r#"{ "start": "npm run serve:it", "serve:it": "cross-env NODE_ENV=production node server.js --x" }"#, &[]).0, "server.js --x");
    assert_eq!(
        start(r#"{ "start": "next start -p 4000" }"#, &[("app/page.tsx", "")]).0,
        "node_modules/next/dist/bin/next start -p 4000"
    );
    assert_eq!(
        start(r#"{ "start": "nodemon server.js", "start:prod": "node server.js" }"#, &[]).0,
        "server.js"
    );
    let (_, shell, _) =
        start(r#"{ "start": "./start.sh" }"#, &[("start.sh", "#!/bin/sh\nexec node server.js\n")]);
    assert_eq!(shell.as_deref(), Some("./start.sh"));
    let (program, _, project) = start(r#"{ "start": "tsx src/main.ts" }"#, &[]);
    assert_eq!(program, "node_modules/tsx/dist/cli.mjs src/main.ts");
    assert!(codes(&project).contains(&"keeps-development-dependencies"));
}

#[test]
fn scripts_that_call_each_other_end() {
    let manifest = r#"{ "scripts": { "start": "npm run a", "a": "npm run start", "prestart": "npm start", "build": "npm run build" } }"#;
    assert!(matches!(detection(&[("package.json", manifest)], "").unwrap(), Detection::NothingToRun(_)));
}

#[test]
fn typescript_is_compiled_before_it_starts() {
    let manifest = r#"{ "scripts": { "prestart:prod": "tsc", "start:prod": "node dist/main.js", "start": "ts-node src/main.ts" }, "dependencies": { "@nestjs/core": "10", "typescript": "5" } }"#;
    let config = r#"{ "compilerOptions": { "outDir": "./dist" }, "include": ["src/**/*"] }"#;
    let (_, facts) = found(
        &[("package.json", manifest), ("tsconfig.json", config), ("src/main.ts", ""), ("src/a/b.ts", "")],
        "",
    );
    assert_eq!(argv(&facts), ["dist/main.js"]);
    assert_eq!(builds(&facts), ["npx tsc"]);
    let outputs: Vec<&str> = facts.output.iter().map(|output| output.value.as_str()).collect();
    assert_eq!(outputs, ["dist"]);
}

#[test]
fn a_source_outside_of_src_moves_the_output() {
    let manifest = r#"{ "scripts": { "build": "nest build", "start": "nest start" }, "dependencies": { "@nestjs/core": "10" }, "devDependencies": { "@nestjs/cli": "10" } }"#;
    let config =
        r#"{ "compilerOptions": { "outDir": "./dist" }, "exclude": ["node_modules", "test", "dist"] }"#;
    let files = [
        ("package.json", manifest),
        ("tsconfig.json", config),
        ("src/main.ts", ""),
        ("test/a.ts", ""),
        ("prisma/seed.ts", ""),
    ];
    assert_eq!(argv(&found(&files, "").1), ["dist/src/main.js"]);
    assert_eq!(argv(&found(&files[..4], "").1), ["dist/main.js"]);
}

#[test]
fn bun_runs_what_its_scripts_say() {
    let manifest = r#"{ "scripts": { "start": "bun index.ts" }, "dependencies": { "hono": "4" }, "devDependencies": { "@types/bun": "latest" } }"#;
    let lock = r#"{ "lockfileVersion": 3, "packages": { "": { "dependencies": { "hono": "4" } } } }"#;
    let (project, facts) =
        found(&[("package.json", manifest), ("package-lock.json", lock), ("index.ts", "")], "");
    assert_eq!((project.language.as_str(), facts.tool.id.as_str(), facts.bun), ("bun", "bun", true));
    assert_eq!((argv(&facts), &facts.tool.lock), (vec!["index.ts"], &None));
    assert!(facts.tool.manifests.iter().any(|file| file == "package-lock.json"));
}

#[test]
fn a_prisma_client_is_generated_once() {
    let with = |scripts: &str| {
        let manifest = format!(
            r#"{{ "main": "a.js", "scripts": {{ {scripts} }}, "dependencies": {{ "@prisma/client": "^5.0.0", "prisma": "^5.0.0" }} }}"#
        );
        found(&[("package.json", &manifest), ("prisma/schema.prisma", ""), ("a.js", "")], "").1
    };
    assert_eq!(builds(&with("")), ["npx prisma generate"]);
    let hooked = with(r#""postinstall": "prisma generate""#);
    assert!(hooked.build.is_empty());
    assert!(hooked.tool.manifests.iter().any(|file| file == "prisma/schema.prisma"));
}

#[test]
fn webpack_4_needs_old_hashes_on_a_current_node() {
    let manifest =
        r#"{ "scripts": { "build": "react-scripts build" }, "dependencies": { "react-scripts": "4.0.3" } }"#;
    let (_, facts) = found(&[("package.json", manifest)], "");
    assert_eq!(facts.build_env[0].value, ("NODE_OPTIONS".into(), "--openssl-legacy-provider".into()));
    let (_, facts) = found(&[("package.json", manifest), (".nvmrc", "16")], "");
    assert!(facts.build_env.is_empty());
}

#[test]
fn what_a_process_manager_starts_starts_by_itself() {
    let manifest = |start: &str| {
        format!(
            r#"{{ "scripts": {{ "start": "{start}" }}, "dependencies": {{ "pm2": "^5", "express": "^4" }} }}"#
        )
    };
    let json = r#"{ "apps": [{ "name": "app", "script": "src/index.js", "args": "--quiet", "instances": 1, "env": { "LEVEL": "info" } }] }"#;
    let js = "module.exports = { apps: [{ script: './src/index.js', args: ['--quiet'], env_production: { LEVEL: 'info' } }] }";
    for (start, file, text) in [
        ("pm2 start ecosystem.config.json --no-daemon", "ecosystem.config.json", json),
        ("pm2-runtime ecosystem.config.js", "ecosystem.config.js", js),
        ("pm2-runtime start ecosystem.config.cjs --env production", "ecosystem.config.cjs", js),
        ("pm2 start && pm2 logs", "ecosystem.config.js", js),
    ] {
        let text = (file, text);
        let (project, facts) =
            found(&[("package.json", &manifest(start)), text, ("src/index.js", "app.listen(4000)")], "");
        assert_eq!(argv(&facts), ["src/index.js", "--quiet"], "{start}");
        assert_eq!(project.listen[0].value.port, 4000, "{start}");
        let start = facts.start.unwrap().value;
        assert_eq!((start.env, start.shell), (vec![("LEVEL".to_owned(), "info".to_owned())], None));
        assert_eq!(facts.sources, ["package.json", "src/"]);
    }
    for start in [
        "pm2 start src/index.js --name shop -i max",
        "NODE_ENV=production pm2-runtime src/index.js",
        "forever start src/index.js",
        "npx forever src/index.js",
    ] {
        let facts = found(&[("package.json", &manifest(start)), ("src/index.js", "")], "").1;
        assert_eq!(argv(&facts), ["src/index.js"], "{start}");
    }
    let script = r#"{ "scripts": { "start": "node app.js", "prod": "pm2-runtime npm -- start" } }"#;
    assert_eq!(argv(&found(&[("package.json", script), ("app.js", "")], "").1), ["app.js"]);
}

#[test]
fn what_the_start_names_is_in_the_image() {
    let manifest = r#"{ "scripts": { "start": "node -r ./tracing.js --import=./more/hooks.mjs server.js --data data.json" } }"#;
    let files = [
        ("package.json", manifest),
        ("tracing.js", "require('./trace/setup')"),
        ("trace/setup.js", ""),
        ("more/hooks.mjs", ""),
        (
            "server.js",
            "const folder = path.join(__dirname, '..', 'app', 'demos');\nnew URL('./texts/a.txt', import.meta.url)",
        ),
        ("data.json", "{}"),
        ("texts/a.txt", ""),
        ("other.js", ""),
    ];
    let sources = found(&files, "").1.sources;
    let wanted =
        ["data.json", "more/hooks.mjs", "package.json", "server.js", "texts/a.txt", "trace/", "tracing.js"];
    assert_eq!(sources, wanted);
    let packaged =
        r#"{ "scripts": { "start": "json-server db.json" }, "dependencies": { "json-server": "^1" } }"#;
    let facts = found(&[("package.json", packaged), ("db.json", "{}"), ("rules.json", "")], "").1;
    assert_eq!(facts.sources, ["./"]);
}

#[test]
fn a_path_from_the_files_own_folder_is_read() {
    let manifest = r#"{ "main": "server.js" }"#;
    let files = [
        ("package.json", manifest),
        ("server.js", "require('./lib/preview')"),
        (
            "lib/preview.js",
            "const folder = path.join(__dirname, '..', 'demos');\ndotenv({ path: path.join(__dirname, '../.env') })",
        ),
        ("demos/a.txt", ""),
        (".env", "A=1"),
    ];
    assert_eq!(found(&files, "").1.sources, ["demos/", "lib/", "package.json", "server.js"]);
    let compiled = r#"{ "scripts": { "build": "tsc", "start": "node dist/server.js" }, "devDependencies": { "typescript": "^5" } }"#;
    let files = [
        ("package.json", compiled),
        ("tsconfig.json", r#"{ "compilerOptions": { "outDir": "dist", "rootDir": "src" } }"#),
        (
            "src/server.ts",
            "const a = path.join(__dirname, 'entities'); const b = path.join(__dirname, '..', 'texts')",
        ),
        ("src/entities/a.ts", ""),
        ("texts/a.txt", ""),
    ];
    assert_eq!(found(&files, "").1.sources, ["package.json", "texts/"]);
}

#[test]
fn a_mere_port_counts_where_settings_are() {
    let manifest = r#"{ "main": "server.js", "dependencies": { "express": "^4" } }"#;
    let port = |files: &[(&str, &str)]| {
        let files: Vec<(&str, &str)> =
            [("package.json", manifest)].into_iter().chain(files.iter().copied()).collect();
        found(&files, "").0.listen.first().map(|listen| listen.value.port)
    };
    let entry = ("server.js", "require('./radius'); start()");
    assert_eq!(
        port(&[entry, ("radius.js", "exports.check = (host, port = 1812) => 0; const port = 1812;")]),
        None
    );
    assert_eq!(
        port(&[("server.js", "require('./config'); start()"), ("config.js", "exports.port = 9000")]),
        Some(9000)
    );
    let mail = "module.exports = { host: 'mail.example.org', port: 2525, user: 'a', password: 'b' }";
    assert_eq!(port(&[("server.js", "require('./config'); start()"), ("config.js", mail)]), None);
    let other = "module.exports = { host: 'cache.internal', port: 6390 }";
    assert_eq!(port(&[("server.js", "require('./config'); start()"), ("config.js", other)]), None);
    let own = "module.exports = { host: '0.0.0.0', port: 6390 }";
    assert_eq!(port(&[("server.js", "require('./config'); start()"), ("config.js", own)]), Some(6390));
    let unseen = [
        ("server.js", "const config = require('./load')();\nserver.listen({ port: config.values.port })"),
        ("load.js", "module.exports = () => read(process.env.CONFIG)"),
        ("defaults/config.js", "module.exports = { port: 9000, ident: { port: 113 } }"),
    ];
    assert_eq!(port(&unseen), Some(9000));
}

#[test]
fn aliases_of_the_compiler_are_followed() {
    let manifest = r##"{ "main": "src/main.ts", "imports": { "#settings": { "node": "./src/settings.js" } },
        "dependencies": { "express": "^4", "tsx": "^4" } }"##;
    let base = r#"{ "compilerOptions": { "baseUrl": ".", "paths": { "@app/*": ["./src/app/*"] } } }"#;
    let files = [
        ("package.json", manifest),
        ("tsconfig.json", r#"{ "extends": "./tsconfig.base.json" }"#),
        ("tsconfig.base.json", base),
        ("src/main.ts", "import { start } from '@app/start'; start()"),
        (
            "src/app/start.ts",
            "import { port } from '#settings'; import 'lib/log'; export const start = () => app.listen(port)",
        ),
        ("src/settings.ts", "export const port = 4321"),
        ("lib/log.ts", ""),
    ];
    let (project, facts) = found(&files, "");
    assert_eq!(project.listen[0].value.port, 4321);
    assert_eq!(facts.sources, ["lib/", "package.json", "src/"]);
}

#[test]
fn a_build_for_one_platform_is_nothing_to_run() {
    let svelte = |adapter: &str| {
        format!(
            r#"{{ "scripts": {{ "build": "vite build" }}, "devDependencies": {{ "@sveltejs/kit": "^2", "{adapter}": "^5", "vite": "^5" }} }}"#
        )
    };
    let routes = ("src/routes/+page.svelte", "");
    let told = nothing(&[("package.json", &svelte("@sveltejs/adapter-auto")), routes]);
    assert!(told.help[0].contains("@sveltejs/adapter-node"), "{told:?}");
    assert_eq!(argv(&found(&[("package.json", &svelte("@sveltejs/adapter-node")), routes], "").1), ["build"]);
    assert!(found(&[("package.json", &svelte("@sveltejs/adapter-static")), routes], "").1.site.is_some());
    let nuxt = r#"{ "scripts": { "build": "nuxt build" }, "dependencies": { "nuxt": "^3" } }"#;
    let config = "export default defineNuxtConfig({ nitro: { preset: 'vercel' } })";
    let told = nothing(&[("package.json", nuxt), ("nuxt.config.ts", config)]);
    assert_eq!(told.because[0].line, Some(1));
    let server = "export default defineNuxtConfig({ nitro: { preset: 'node-server' } })";
    assert!(found(&[("package.json", nuxt), ("nuxt.config.ts", server)], "").1.standalone);
    let astro = r#"{ "scripts": { "build": "astro build" }, "dependencies": { "astro": "^4", "@astrojs/vercel": "^7" } }"#;
    let config = "import vercel from '@astrojs/vercel/serverless';\nexport default defineConfig({ output: 'server', adapter: vercel() })";
    assert!(
        nothing(&[("package.json", astro), ("astro.config.mjs", config)]).help[0].contains("@astrojs/node")
    );
    assert!(found(&[("package.json", astro), ("src/pages/index.astro", "")], "").1.site.is_some());
}

#[test]
fn next_in_a_workspace_keeps_its_place() {
    let root = r#"{ "workspaces": ["apps/*"], "private": true }"#;
    let app = r#"{ "name": "web", "scripts": { "build": "next build", "start": "next start" }, "dependencies": { "next": "^14" } }"#;
    let files = [
        ("package.json", root),
        ("apps/web/package.json", app),
        ("apps/web/next.config.mjs", "export default { output: 'standalone' }"),
        ("apps/web/public/a.svg", ""),
    ];
    let facts = found(&files, "apps/web").1;
    assert!(facts.standalone && facts.sources.is_empty());
    assert_eq!(argv(&facts), ["apps/web/server.js"]);
    let output: Vec<&str> = facts.output.iter().map(|one| one.value.as_str()).collect();
    let wanted =
        [".next/standalone -> .", ".next/static -> apps/web/.next/static", "public -> apps/web/public"];
    assert_eq!(output, wanted);
}

#[test]
fn plug_and_play_is_loaded_first() {
    let manifest =
        r#"{ "packageManager": "yarn@4.6.0", "main": "server.js", "dependencies": { "express": "^4" } }"#;
    let files = [("package.json", manifest), ("server.js", ""), ("yarn.lock", "__metadata:\n  version: 8\n")];
    let facts = found(&files, "").1;
    assert_eq!(argv(&facts), ["-r", "./.pnp.cjs", "server.js"]);
    assert_eq!(facts.tool.env[0].value.1, "false");
    let linked = [files[0], files[1], files[2], (".yarnrc.yml", "nodeLinker: node-modules\n")];
    assert_eq!(argv(&found(&linked, "").1), ["server.js"]);
}

#[test]
fn javascript_loads_javascript_first() {
    let manifest = r#"{ "scripts": { "start": "node server/main.js", "build": "vite build" }, "devDependencies": { "vite": "^5", "typescript": "^5" }, "dependencies": { "express": "^4" } }"#;
    let files = [
        ("package.json", manifest),
        ("server/main.js", "require('../src/util')"),
        ("src/util.js", ""),
        ("src/util.ts", ""),
    ];
    assert_eq!(found(&files, "").1.sources, ["package.json", "server/", "src/"]);
}

#[test]
fn log_files_are_written() {
    let manifest = r#"{ "main": "server.js", "dependencies": { "winston": "^3" } }"#;
    let logger = "const filename = path.join(__dirname, '../logs/all.log');\nnew transports.File({ filename });\nnew transports.File({ filename: 'other/error.log' })";
    let files = [
        ("package.json", manifest),
        ("server.js", "require('./lib/logger')"),
        ("lib/logger.js", logger),
        ("logs/.gitkeep", ""),
    ];
    let (project, facts) = found(&files, "");
    let written: Vec<&str> = project.writes.iter().map(|one| one.value.as_str()).collect();
    assert_eq!(written, ["logs", "other"]);
    assert_eq!(facts.sources, ["lib/", "package.json", "server.js"]);
}
