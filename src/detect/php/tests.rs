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
fn a_command_makes_no_other_program_one_of_php() {
    let started = |files: &[(&str, &str)]| {
        let repo = Repo::from_files(files.iter().copied());
        let knowledge = Knowledge::load(&repo).unwrap();
        let answers = Answers { start: Some("node server.js".to_owned()), ..Answers::default() };
        detect(&Context { repo: &repo, knowledge: &knowledge, answers: &answers }, "".into()).unwrap()
    };
    assert!(matches!(started(&[("package.json", "{}"), ("server.js", "")]), Detection::Missing));
    assert!(matches!(started(&[("worker.php", "<?php")]), Detection::Found(_)));
}

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

fn written(project: &Project) -> Vec<&str> {
    project.writes.iter().map(|one| one.value.as_str()).collect()
}

#[test]
fn the_code_says_folders_and_extensions() {
    let store = "<?php $db = new PDO('sqlite:' . __DIR__ . '/../data/app.sqlite'); $other = new PDO('pgsql:host=x'); imagecreatetruecolor(1, 1);";
    let (project, facts) = project_of(&[
        ("public/index.php", "<?php require '../src/store.php'; $logo = mb_strlen('x');"),
        ("src/store.php", store),
        ("tests/a.php", "<?php mkdir(__DIR__ . '/tmp/x'); bcadd('1', '2');"),
    ]);
    assert_eq!(names(&facts), ["gd", "pdo_pgsql"]);
    assert_eq!(written(&project), ["data"]);
}

#[test]
fn folders_that_git_keeps_empty_are_written() {
    let (project, facts) = project_of(&[
        ("index.php", "<?php"),
        ("uploads/.gitkeep", ""),
        ("uploads/.htaccess", "Deny from all"),
        ("tmp/.gitignore", "*"),
        ("themes/.gitkeep", ""),
    ]);
    assert_eq!(written(&project), ["uploads"]);
    assert_eq!(facts.owned[0].value, "tmp");
}

#[test]
fn a_folder_of_data_with_empty_ones_in_it_is_written_whole() {
    let files = [
        ("index.php", "<?php"),
        ("data/attic/_dummy", ""),
        ("data/meta/_dummy", ""),
        ("data/pages/start.txt", "hello"),
        ("lib/plugins/_dummy", ""),
        ("lib/tpl/_dummy", ""),
    ];
    assert_eq!(written(&project_of(&files).0), ["data"]);
}

#[test]
fn a_server_of_its_own_says_its_port() {
    let server = "<?php use React\\Socket\\SocketServer; $socket = new SocketServer('0.0.0.0:8099');"
        .replace("\\\\", "\\");
    let manifest = r#"{"type":"project","require":{"react/http":"^1.9"}}"#;
    let (project, facts) = project_of(&[("composer.json", manifest), ("server.php", &server)]);
    assert_eq!(facts.start.unwrap().value.argv, ["php", "server.php"]);
    assert_eq!((project.kind.value, project.listen[0].value.port), (Kind::Web, 8099));
}

#[test]
fn private_packages_are_told_from_those_of_an_unknown_host() {
    let of = |host: &str| {
        let manifest = format!(
            r#"{{"type":"project","require":{{"a/b":"^1"}},"repositories":[{{"type":"composer","url":"https://{host}"}}]}}"#
        );
        let (project, _) = project_of(&[("composer.json", &manifest), ("public/index.php", "<?php")]);
        let note = project.notes.iter().any(|note| note.code == "packages-from-elsewhere");
        (project.access.secrets.first().map(|one| one.value.required), note)
    };
    assert_eq!(of("nova.laravel.com"), (Some(true), false));
    assert_eq!(of("packages.example.com"), (Some(false), true));
    assert_eq!(of("repo.wp-packages.org"), (None, false));
}

#[test]
fn a_web_server_of_the_project_names_the_document_root() {
    let conf = "<VirtualHost *:80>\n  DocumentRoot /var/www/Reader/p/\n</VirtualHost>\n";
    let (_, facts) =
        project_of(&[("index.php", "<?php"), ("p/index.php", "<?php"), ("Docker/apache.conf", conf)]);
    assert_eq!(facts.site.unwrap().value, "p");
}

#[test]
fn variables_that_a_program_refuses_to_start_without() {
    let config =
        "<?php $dotenv = Dotenv\\Dotenv::create(__DIR__); $dotenv->required(['DB_NAME', 'DB_USER']);"
            .replace("\\\\", "\\");
    let (project, _) = project_of(&[("index.php", &config)]);
    let required: Vec<&str> =
        project.env.iter().filter(|one| one.value.required).map(|one| one.value.name.as_str()).collect();
    assert_eq!(required, ["DB_NAME", "DB_USER"]);
}

#[test]
fn folders_that_guards_keep_or_git_leaves_out() {
    let wrote = |files: &[(&str, &str)]| {
        let (project, facts) = project_of(files);
        let owned = facts.owned.iter().map(|one| one.value.to_string());
        let paths: Vec<String> =
            project.writes.iter().map(|one| one.value.to_string()).chain(owned).collect();
        paths
    };
    let site = ("index.php", "<?php echo 1;");
    assert_eq!(wrote(&[site, ("data/.htaccess", "Deny from all"), ("img/.htaccess", "")]), ["data"]);
    assert_eq!(wrote(&[site, (".gitignore", "/vendor\n/data/\ncache\n")]), ["data", "cache"]);
    let command = ("app/Console/CssCommand.php", "<?php file_put_contents('assets/css/a.css', $x);");
    assert_eq!(wrote(&[site, command]), Vec::<String>::new());
}

#[test]
fn functions_of_extensions_that_a_manifest_forgets() {
    let manifest = r#"{"type":"project","require":{"slim/slim":"^4"}}"#;
    let extensions = |code: &str| {
        let (_, facts) = project_of(&[("composer.json", manifest), ("public/index.php", code)]);
        facts.extensions.iter().map(|one| one.value.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(extensions("<?php $ldap = ldap_connect($host);"), ["ldap"]);
    let laravel = r#"{"type":"project","require":{"laravel/framework":"^12"}}"#;
    let files = [
        ("composer.json", laravel),
        ("public/index.php", "<?php"),
        ("app/Ldap.php", "<?php return \\ldap_connect($host);"),
    ];
    let (_, facts) = project_of(&files);
    assert!(facts.extensions.iter().any(|one| one.value.name == "ldap"), "{facts:?}");
    assert_eq!(extensions("<?php if (function_exists('bcadd')) { bcadd($a, $b); }"), [""; 0]);
    assert_eq!(extensions("<?php use App\\Collator; $own = new Collator('a'); apcu_fetch('x');"), [""; 0]);
}

#[test]
fn drivers_that_settings_suggestions_and_addresses_name() {
    let manifest = r#"{"name":"a/b","type":"project","require":{"codeigniter4/framework":"^4"}}"#;
    let files = [
        ("composer.json", manifest),
        ("public/index.php", "<?php"),
        (
            "app/Config/Database.php",
            "<?php class Database { public array $default = [\n 'DBDriver' => 'MySQLi',\n]; }",
        ),
    ];
    assert_eq!(names(&project_of(&files).1), ["intl", "mysqli"]);
    // Symfony whose settings have a driver instead of an address.
    let manifest = r#"{"name":"a/b","type":"project","require":{"symfony/framework-bundle":"^7","doctrine/dbal":"^4"},"suggest":{"ext-pdo_mysql":"to use MySQL"}}"#;
    let files = [
        ("composer.json", manifest),
        ("bin/console", "<?php"),
        ("public/index.php", "<?php"),
        (".env", "DB_DRIVER=pdo_pgsql\n"),
    ];
    assert_eq!(names(&project_of(&files).1), ["pdo_mysql", "pdo_pgsql"]);
    // An installer asks: the code has an address for each.
    let code = "<?php\n// 'sqlsrv:server=x'\n$dsn = $type === 'pgsql' ? 'pgsql:host=' . $host : 'mysql:';\nnew PDO($dsn, $user);\n";
    let files = [("index.php", "<?php"), ("app/db.php", code)];
    assert_eq!(names(&project_of(&files).1), ["pdo_mysql", "pdo_pgsql"]);
}

#[test]
fn a_web_server_in_front_of_php_fpm_is_told_and_says_what_answers() {
    let conf = "server {\n  root /srv/app/public;\n  location / {\n    try_files $uri $uri/ /index.php?$query_string;\n  }\n  location ~ \\.php$ {\n    fastcgi_pass php:9000;\n  }\n}\n";
    let files = [("public/index.php", "<?php"), ("deploy/nginx.conf", conf)];
    let (project, facts) = project_of(&files);
    assert_eq!(facts.front.as_deref(), Some("/index.php"));
    let note = project.notes.iter().find(|note| note.code == "fastcgi").unwrap();
    assert_eq!((note.because[0].line, note.text.contains("Apache")), (Some(7), true));
    let (project, _) = project_of(&[("public/index.php", "<?php")]);
    assert!(project.notes.iter().all(|note| note.code != "fastcgi"));
}

#[test]
fn a_sqlite_file_lies_in_the_volume() {
    let files = [
        ("composer.json", LARAVEL),
        ("artisan", "#!/usr/bin/env php\n<?php"),
        ("bootstrap/app.php", "<?php"),
        ("public/index.php", "<?php"),
        (".env.example", "APP_KEY=\nDB_CONNECTION=sqlite\n"),
    ];
    let (project, _) = project_of(&files);
    let moved = project.env.iter().find(|one| one.value.name == "DB_DATABASE").unwrap();
    assert_eq!(moved.value.value.as_deref(), Some("{home}/storage/database.sqlite"));
    assert!(project.notes.iter().any(|note| note.code == "sqlite-default"));
}
