//! Install hooks whose programs production lacks.

use super::*;

fn hooked(script: &str, text: &str, dependencies: &str) -> (Vec<String>, bool) {
    let manifest = format!(
        r#"{{ "scripts": {{ "start": "node server.js", "{script}": "{text}" }}, "dependencies": {{ "express": "^4"{dependencies} }},
        "devDependencies": {{ "husky": "9", "typescript": "5", "prisma": "6" }} }}"#
    );
    let (_, facts) = found(&[("package.json", &manifest), ("server.js", "")], "");
    let tool = facts.tool;
    (tool.dropped(true).map(|one| one.value.clone()).collect(), tool.no_production)
}

#[test]
fn what_sets_up_git_is_taken_out_of_the_production_install() {
    let dropped = |text: &str| hooked("prepare", text, "");
    assert_eq!(dropped("husky"), (vec!["prepare".to_owned()], false));
    assert_eq!(dropped("is-ci || husky install"), (vec!["prepare".to_owned()], false));
    assert_eq!(dropped("tsc"), (vec!["prepare".to_owned()], false));
    assert_eq!(dropped("node scripts/a.js"), (vec![], false));
    assert_eq!(hooked("prepare", "husky", r#", "husky": "9""#), (vec![], false));
}

#[test]
fn a_hook_that_repeats_the_build_runs_in_no_install() {
    assert_eq!(hooked("postinstall", "tsc", ""), (vec!["postinstall".to_owned()], false));
    assert_eq!(hooked("postinstall", "tsc -b server", ""), (vec![], true));
    assert_eq!(hooked("postinstall", "tsc && node seed.js", ""), (vec![], true));
    let manifest = r#"{ "scripts": { "start": "node dist/a.js", "postinstall": "tsc" }, "dependencies": { "express": "^4" }, "devDependencies": { "typescript": "5" } }"#;
    let (_, facts) = found(
        &[
            ("package.json", manifest),
            ("tsconfig.json", r#"{ "compilerOptions": { "outDir": "dist" } }"#),
            ("a.ts", ""),
        ],
        "",
    );
    assert!(!facts.tool.needs_sources(false) && !facts.tool.needs_sources(true));
    assert_eq!(facts.tool.dropped(false).map(|one| one.value.as_str()).collect::<Vec<_>>(), ["postinstall"]);
    assert!(!facts.build.is_empty());
    let manifest = manifest.replace(r#""postinstall""#, r#""build": "vite build", "postinstall""#);
    let (_, facts) = found(&[("package.json", &manifest), ("tsconfig.json", "{}"), ("a.ts", "")], "");
    assert!(facts.tool.needs_sources(false) && facts.tool.dropped(false).next().is_none());
    let manifest =
        manifest.replace("vite build", "tsc && vite build").replace(r#": "tsc" "#, r#": "npm run build" "#);
    let (_, facts) = found(&[("package.json", &manifest), ("tsconfig.json", "{}"), ("a.ts", "")], "");
    assert_eq!(facts.tool.dropped(false).count(), 1, "{manifest}");
}

#[test]
fn a_hook_that_starts_or_builds_the_project_reads_its_sources() {
    let reads = |hook: &str| {
        let manifest = format!(
            r#"{{ "scripts": {{ "start:prod": "node dist/main", "build": "nest build", "postinstall": "{hook}" }}, "dependencies": {{ "@nestjs/core": "^11", "@nestjs/cli": "^11" }} }}"#
        );
        let files = [("package.json", manifest.as_str()), ("nest-cli.json", "{}"), ("src/main.ts", "")];
        found(&files, "").1.tool.needs_sources(true)
    };
    assert!(reads("cross-env SDL=a.gql nest start") && reads("nest build jobs"));
    assert!(!reads("nest build"), "the build does that");
    assert!(!reads("nest info") && !reads("husky"));
}

#[test]
fn any_other_hook_gets_the_program_that_it_runs() {
    assert_eq!(hooked("postinstall", "prisma generate", ""), (vec![], true));
    assert_eq!(hooked("postinstall", "prisma generate", r#", "prisma": "6""#), (vec![], false));
}

#[test]
fn what_yarn_puts_into_its_lock_for_scripts_compiles_nothing() {
    let manifest = r#"{ "main": "a.js", "packageManager": "yarn@4.6.0", "dependencies": { "lmdb": "3", "own-addon": "1" } }"#;
    let lock = |helper: &str| {
        format!(
            "__metadata:\n  version: 8\n\n\"lmdb@npm:3\":\n  version: 3.4.2\n  resolution: \"lmdb@npm:3.4.2\"\n  dependencies:\n    node-gyp: \"npm:latest\"\n\n\"own-addon@npm:1\":\n  version: 1.0.0\n  resolution: \"own-addon@npm:1.0.0\"\n  dependencies:\n    {helper}\n"
        )
    };
    let compiled = |helper: &str| {
        let (_, facts) = found(&[("package.json", manifest), ("yarn.lock", &lock(helper)), ("a.js", "")], "");
        facts.compiles.into_iter().map(|one| one.value).collect::<Vec<_>>()
    };
    assert_eq!(compiled("node-gyp: \"npm:latest\""), [""; 0]);
    assert_eq!(compiled("nan: \"npm:^2.17.0\""), ["own-addon"]);
}
