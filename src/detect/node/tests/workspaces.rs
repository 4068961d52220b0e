//! What belongs to a project and what to others around it: lent frameworks, members of workspaces, peers.

use super::{found, nothing};
use crate::facts::Phase;

#[test]
fn a_framework_without_an_application_is_lent_to_others() {
    let next = r#"{ "scripts": { "build": "next build", "start": "next start" }, "dependencies": { "next": "15.0.0" } }"#;
    assert_eq!(nothing(&[("package.json", next)]).what, "a package.json that nothing starts");
    assert_eq!(found(&[("package.json", next), ("app/page.tsx", "")], "").1.framework.unwrap().value, "next");
}

#[test]
fn tools_at_the_root_of_a_workspace_serve_its_members() {
    let root = r#"{ "private": true, "workspaces": ["apps/*"], "scripts": { "build": "vite build", "docs": "vitepress build docs", "start": "START" },
      "devDependencies": { "vite": "^7", "vitepress": "^1" } }"#;
    let api = (
        "apps/api/package.json",
        r#"{ "name": "api", "scripts": { "start": "node a.js", "build": "tsc" } }"#,
    );
    let told = |start: &str| {
        let root = root.replace("START", start);
        nothing(&[("package.json", &root), api, ("apps/api/a.js", ""), ("docs/index.md", "")])
    };
    assert_eq!(told("turbo run start").help, ["name the member that runs: `--service apps/api`"]);
    assert_eq!(told("http-server apps/api/dist").what, "a workspace root");
    let own = root.replace("START", "vite preview");
    assert!(found(&[("package.json", &own), api, ("index.html", "")], "").1.site.is_some());
}

#[test]
fn a_peer_is_brought_by_the_project_itself() {
    let manifest = r#"{ "scripts": { "start": "next start" }, "dependencies": { "next": "15.0.0" }, "devDependencies": { "playwright": "1.57.0" } }"#;
    let lock = "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      next:\n        specifier: 15.0.0\n        version: 15.0.0(playwright@1.57.0)\n    devDependencies:\n      playwright:\n        specifier: 1.57.0\n        version: 1.57.0\n  other:\n    dependencies:\n      sharp:\n        specifier: 0.30.0\n        version: 0.30.0\npackages:\n  next@15.0.0:\n    resolution: {}\n    peerDependencies:\n      playwright: ^1\n  playwright@1.57.0:\n    resolution: {}\n  sharp@0.30.0:\n    resolution: {}\nsnapshots:\n  next@15.0.0(playwright@1.57.0):\n    optionalDependencies:\n      playwright: 1.57.0\n  playwright@1.57.0: {}\n  sharp@0.30.0: {}\n";
    let (project, _) =
        found(&[("package.json", manifest), ("pnpm-lock.yaml", lock), ("app/page.tsx", "")], "");
    let run: Vec<&str> = project
        .needs
        .iter()
        .filter(|need| need.value.phase == Phase::Run)
        .map(|need| need.value.capability.as_str())
        .collect();
    assert!(run.is_empty(), "{run:?}");
}

#[test]
fn a_port_of_a_registered_configuration_counts() {
    let manifest =
        r#"{ "scripts": { "start:prod": "node dist/main" }, "dependencies": { "@nestjs/core": "^11" } }"#;
    let config = "import { registerAs } from '@nestjs/config';\nexport default registerAs('app', () => {\n  check();\n  return { name: 'x', port: process.env.APP_PORT ? parseInt(process.env.APP_PORT, 10) : 3100 };\n});\n";
    let main = "import app from './app.config';\nasync function bootstrap() {\n  const config = nest.get(ConfigService);\n  await nest.listen(config.getOrThrow('app.port', { infer: true }));\n}\n";
    let tsconfig = r#"{ "compilerOptions": { "outDir": "dist", "rootDir": "src" } }"#;
    let files = [
        ("package.json", manifest),
        ("tsconfig.json", tsconfig),
        ("src/main.ts", main),
        ("src/app.config.ts", config),
    ];
    let (project, _) = found(&files, "");
    assert_eq!(project.listen[0].value.port, 3100);
    assert_eq!(project.listen[0].value.variable.as_deref(), Some("APP_PORT"));
}

#[test]
fn node_runs_typescript_as_it_lies_where_it_starts_with_it() {
    let manifest = r#"{ "scripts": { "build": "react-router build", "start": "node index.ts" }, "dependencies": { "@react-router/dev": "7" } }"#;
    let files = [
        ("package.json", manifest),
        ("index.ts", "await import('./server/index.ts')\n"),
        ("server/index.ts", ""),
        ("app/root.tsx", ""),
    ];
    let (_, facts) = found(&files, "");
    let sources: Vec<&str> = facts.sources.iter().map(|path| path.as_str()).collect();
    assert!(sources.contains(&"index.ts") && sources.contains(&"server/"), "{sources:?}");
}

#[test]
fn a_script_that_makes_files_changes_nothing_for_a_start_that_serves() {
    let manifest = r#"{ "scripts": { "build": "nuxt build", "generate": "nuxt generate", "start": "PORT=5314 node .output/server/index.mjs" }, "dependencies": { "nuxt": "4" } }"#;
    let (project, facts) = found(&[("package.json", manifest), ("nuxt.config.ts", "")], "");
    assert!(facts.standalone && facts.handles_sigterm);
    assert_eq!(project.listen[0].value.port, 5314);
}

#[test]
fn a_program_that_a_framework_calls_is_no_need_of_the_project() {
    let lock = r#"{ "lockfileVersion": 3, "packages": { "": { "dependencies": { "nuxt": "4.0.0" } },
      "node_modules/nuxt": { "version": "4.0.0", "dependencies": { "simple-git": "3.0.0" } },
      "node_modules/simple-git": { "version": "3.0.0" } } }"#;
    let needs = |manifest: &str| {
        let files = [("package.json", manifest), ("package-lock.json", lock), ("nuxt.config.ts", "")];
        found(&files, "").0.needs.iter().any(|need| need.value.capability == "git")
    };
    let nuxt = r#"{ "scripts": { "build": "nuxt build" }, "dependencies": { "nuxt": "4.0.0" } }"#;
    assert!(!needs(nuxt));
    assert!(needs(&nuxt.replace(r#""nuxt": "4.0.0""#, r#""nuxt": "4.0.0", "simple-git": "3.0.0""#)));
}

#[test]
fn the_script_that_builds_into_another_folder_is_meant_for_it() {
    let manifest = r#"{ "scripts": { "build": "vite build", "release": "vite build --mode release --outDir=../server/dist --emptyOutDir" }, "devDependencies": { "vite": "7" } }"#;
    let (_, facts) = found(&[("web/package.json", manifest), ("web/index.html", "")], "web");
    assert_eq!(facts.build[0].value, ["npm", "run", "release"]);
    assert_eq!(facts.site.unwrap().value, "../server/dist");
}

#[test]
fn a_getter_of_settings_names_the_port() {
    let manifest = r#"{ "main": "main.js", "dependencies": { "express": "4" } }"#;
    let config = "module.exports = class Config {\n  get app() {\n    return { port: this.getString('PORT') };\n  }\n};\n";
    let main =
        "const Config = require('./config');\nconst config = new Config();\napp.listen(config.app.port);\n";
    let files = [("package.json", manifest), ("main.js", main), ("config.js", config)];
    assert_eq!(found(&files, "").0.listen[0].value.variable.as_deref(), Some("PORT"));
}
