//! Install hooks whose programs production lacks.

use super::*;

fn hooked(script: &str, text: &str, dependencies: &str) -> (Vec<String>, bool) {
    let manifest = format!(
        r#"{{ "scripts": {{ "start": "node server.js", "{script}": "{text}" }}, "dependencies": {{ "express": "^4"{dependencies} }},
        "devDependencies": {{ "husky": "9", "typescript": "5", "prisma": "6" }} }}"#
    );
    let (_, facts) = found(&[("package.json", &manifest), ("server.js", "")], "");
    let tool = facts.tool;
    (tool.drops.into_iter().map(|one| one.value).collect(), tool.no_production)
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
