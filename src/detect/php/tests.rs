use super::*;
use crate::answers::Answers;
use crate::facts::Bound;
use crate::knowledge::Knowledge;
use crate::repo::Repo;

fn found(files: &[(&str, &str)]) -> Detection {
    let repo = Repo::from_files(files.iter().copied());
    let knowledge = Knowledge::load(&repo).unwrap();
    let cx = Context { repo: &repo, knowledge: &knowledge, answers: &Answers::default() };
    detect(&cx, "".into()).unwrap()
}

fn project_of(files: &[(&str, &str)]) -> (Project, PhpFacts) {
    let Detection::Found(project) = found(files) else { panic!("nothing found") };
    let Stack::Php(facts) = project.stack.clone() else { panic!("no PHP") };
    (*project, *facts)
}

fn names(facts: &PhpFacts) -> Vec<&str> {
    facts.extensions.iter().map(|one| one.value.name.as_str()).collect()
}

const LARAVEL: &str = r#"{"name":"acme/shop","type":"project","require":{"php":"^8.2","laravel/framework":"^12.0","ext-intl":"*","ext-json":"*"}}"#;

#[test]
fn plain_php_serves_its_folder() {
    let (project, facts) = project_of(&[("index.php", "<?php echo 1;")]);
    assert_eq!(facts.site.unwrap().value, "");
    assert_eq!((project.kind.value, facts.composer), (Kind::Web, None));
    let (_, facts) = project_of(&[("public/index.php", "<?php"), ("src/a.php", "<?php")]);
    assert_eq!(facts.site.unwrap().value, "public");
}

#[test]
fn an_application_has_its_folders_and_variables() {
    let files = [
        ("composer.json", LARAVEL),
        ("artisan", "#!/usr/bin/env php\n<?php"),
        ("bootstrap/app.php", "<?php"),
        ("public/index.php", "<?php"),
        ("config/database.php", "<?php return ['default' => env('DB_CONNECTION', 'pgsql')];"),
        ("database/migrations/1.php", "<?php"),
    ];
    let (project, facts) = project_of(&files);
    assert_eq!(facts.application.as_ref().unwrap().value, "laravel");
    assert_eq!(names(&facts), ["intl", "pdo_pgsql"]);
    assert_eq!(facts.front.as_deref(), Some("/index.php"));
    assert!(project.env.iter().any(|one| one.value.name == "APP_KEY" && one.value.required));
    assert!(project.notes.iter().any(|note| note.code == "migrations"));
    assert!(project.notes.iter().any(|note| note.code == "no-lock-file"));
}

#[test]
fn the_lock_file_says_extensions_and_releases() {
    let lock = r#"{"packages":[
{"name":"a/b","version":"1.0.0","require":{"php":"^7.3","ext-gd":"*","ext-mbstring":"*","ext-imagick":"*"}},
{"name":"p/imagick","version":"1.0.0","provide":{"ext-imagick":"*"}}],
"packages-dev":[{"name":"c/d","version":"1","require":{"ext-soap":"*"}}]}"#;
    let manifest = r#"{"type":"project","require":{"php":">=7.2","a/b":"^1"}}"#;
    let (project, facts) =
        project_of(&[("composer.json", manifest), ("composer.lock", lock), ("public/index.php", "<?php")]);
    assert_eq!(names(&facts), ["gd"]);
    let ranges: Vec<&Bound> = project.versions.iter().map(|one| &one.value).collect();
    assert_eq!(ranges, [&Bound::Range(">=7.2".into()), &Bound::Range("^7.3".into())]);
}

#[test]
fn libraries_and_parts_run_nothing() {
    let library = found(&[("composer.json", r#"{"name":"a/b","type":"library"}"#), ("src/A.php", "<?php")]);
    assert!(matches!(library, Detection::NothingToRun(nothing) if nothing.what.contains("library")));
    let plugin =
        found(&[("composer.json", r#"{"type":"wordpress-plugin"}"#), ("index.php", "<?php // Silence")]);
    assert!(matches!(plugin, Detection::NothingToRun(nothing) if nothing.what.contains("wordpress-plugin")));
}

#[test]
fn a_bin_is_a_program() {
    let (project, facts) = project_of(&[
        ("composer.json", r#"{"name":"a/tool","bin":["bin/tool"]}"#),
        ("bin/tool", "#!/usr/bin/env php\n<?php"),
    ]);
    assert_eq!(facts.start.unwrap().value.argv, ["php", "bin/tool"]);
    assert_eq!(project.kind.value, Kind::Cli);
}

#[test]
fn htaccess_asks_for_modules() {
    let rules =
        "RewriteEngine On\nRewriteRule ^ index.php\n<IfModule mod_headers.c>\nHeader set A b\n</IfModule>\n";
    let (_, facts) = project_of(&[("index.php", "<?php"), (".htaccess", rules)]);
    let modules: Vec<&str> = facts.modules.iter().map(|one| one.value.as_str()).collect();
    assert_eq!(modules, ["rewrite", "headers"]);
}
