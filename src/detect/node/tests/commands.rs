//! Scripts that do more than their name says: what an image's build does already, or must not do.

use super::*;

#[test]
fn installs_in_front_of_the_program_are_done_already() {
    let manifest = r#"{ "scripts": { "client": "cd client && npm ci && npm run generate", "prod": "npm run client && npm ci && node server.js" },
        "dependencies": { "express": "^4" } }"#;
    let facts = found(&[("package.json", manifest), ("server.js", "app.listen(80)")], "").1;
    assert_eq!(argv(&facts), ["server.js"]);
    assert_eq!(facts.start.unwrap().value.shell, None);
}

#[test]
fn a_folder_that_a_script_enters() {
    let manifest = r#"{ "scripts": { "start": "run-script-os", "start:windows": "cd bin && run", "start:default": "cd bin && ./run start" },
        "bin": { "shop": "./bin/run" }, "files": ["bin", "marketplaces", "dist"], "dependencies": { "express": "^4" } }"#;
    let files = [
        ("package.json", manifest),
        ("bin/run", "#!/usr/bin/env node\nrequire('express')().listen(80)\n"),
        ("marketplaces/a.json", "{}"),
    ];
    let facts = found(&files, "").1;
    assert_eq!(argv(&facts), ["bin/run", "start"]);
    // What it publishes beside its program, it loads.
    assert!(facts.sources.iter().any(|source| source == "marketplaces/"));
}

#[test]
fn migrations_are_no_part_of_an_image() {
    let build = |scripts: &str| {
        let manifest = format!(
            r#"{{ "scripts": {{ "start": "node dist/server.js", {scripts} }}, "dependencies": {{ "express": "^4" }},
            "devDependencies": {{ "prisma": "6", "next": "15", "npm-run-all": "4" }} }}"#
        );
        let (project, facts) = found(&[("package.json", &manifest), ("src/server.ts", "")], "");
        (builds(&facts), codes(&project).contains(&"build-migrates"))
    };
    let plain = r#""build": "prisma generate && prisma migrate deploy && tsup src""#;
    assert_eq!(build(plain), (vec!["npx prisma generate".to_owned(), "npx tsup src".to_owned()], true));
    let named = r#""build": "run-s db:migrate build:next", "db:migrate": "dotenv -c -- drizzle-kit migrate", "build:next": "next build""#;
    assert_eq!(build(named), (vec!["npm run build:next".to_owned()], true));
    // What takes a shell, or a variable, stays whole.
    let shell = r#""build": "prisma migrate deploy || true; tsup src""#;
    assert_eq!(build(shell), (vec!["npm run build".to_owned()], false));
    assert_eq!(build(r#""build": "tsup src""#), (vec!["npm run build".to_owned()], false));
}

#[test]
fn a_framework_within_a_framework_makes_no_output_of_its_own() {
    let manifest = r#"{ "scripts": { "build": "vite build" },
        "devDependencies": { "@sveltejs/adapter-node": "5", "@sveltejs/kit": "2", "vite": "5" } }"#;
    let files =
        [("package.json", manifest), ("svelte.config.js", "export default {}"), ("vite.config.js", "")];
    let facts = found(&files, "").1;
    let output: Vec<&str> = facts.output.iter().map(|one| one.value.as_str()).collect();
    assert_eq!(output, ["build"]);
}

#[test]
fn a_bundler_of_the_workspace_builds_its_members() {
    let files = [
        ("package.json", r#"{ "private": true, "workspaces": ["app"], "devDependencies": { "vite": "5" } }"#),
        ("app/package.json", r#"{ "name": "app", "scripts": { "build": "vite build", "start": "vite" } }"#),
        ("app/index.html", ""),
    ];
    let (project, facts) = found(&files, "app");
    assert_eq!(project.kind.value, crate::facts::Kind::Static);
    assert_eq!(facts.site.unwrap().value, "dist");
}

#[test]
fn a_version_file_that_the_framework_has_outgrown() {
    let versions = |next: &str| {
        let lock = format!(
            r#"{{ "lockfileVersion": 3, "packages": {{ "": {{ "dependencies": {{ "next": "{next}" }} }},
            "node_modules/next": {{ "version": "{next}", "engines": {{ "node": ">=18.17.0" }}, "bin": {{ "next": "dist/bin/next" }} }} }} }}"#
        );
        let manifest = format!(
            r#"{{ "scripts": {{ "build": "next build", "start": "next start" }}, "dependencies": {{ "next": "{next}" }} }}"#
        );
        move |pin: &str| {
            let files = [
                ("package.json", &*manifest),
                ("package-lock.json", &*lock),
                (".nvmrc", pin),
                ("app/page.tsx", ""),
            ];
            let project = found(&files, "").0;
            (project.versions[0].value.clone(), codes(&project).contains(&"outgrown-version-file"))
        }
    };
    let of = versions("14.2.5");
    assert_eq!(of("v16.18.0"), (Bound::Range(">=18.17.0".to_owned()), true));
    assert_eq!(of("v18.17.0"), (Bound::Pin("18.17.0".to_owned()), false));
    assert_eq!(of("18"), (Bound::Pin("18".to_owned()), false));
}
