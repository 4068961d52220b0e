use super::*;
use crate::answers::Answers;
use crate::facts::Bound;
use crate::facts::Phase::{Build, Run};
use crate::knowledge::Knowledge;
use crate::repo::Repo;

fn at(files: &[(&str, &str)], root: &str, bin: Option<&str>) -> Result<Detection> {
    let repo = Repo::from_files(files.iter().copied());
    let knowledge = Knowledge::load(&repo).unwrap();
    let answers = Answers { bin: bin.map(str::to_owned), ..Answers::default() };
    detect(&Context { repo: &repo, knowledge: &knowledge, answers: &answers }, root.into())
}

fn found(files: &[(&str, &str)]) -> (Project, RustFacts) {
    match at(files, "", None).unwrap() {
        Detection::Found(project) => {
            let Stack::Rust(facts) = project.stack.clone() else { panic!("{project:?}") };
            (*project, *facts)
        }
        other => panic!("{other:?}"),
    }
}

fn nothing(files: &[(&str, &str)]) -> NothingToRun {
    match at(files, "", None).unwrap() {
        Detection::NothingToRun(nothing) => nothing,
        other => panic!("{other:?}"),
    }
}

fn needs(project: &Project) -> Vec<(&str, crate::facts::Phase)> {
    project.needs.iter().map(|need| (need.value.capability.as_str(), need.value.phase)).collect()
}

fn binary(facts: &RustFacts) -> &str {
    facts.binary.as_ref().map_or("", |binary| binary.value.as_str())
}

const PACKAGE: (&str, &str) =
    ("Cargo.toml", "[package]\nname = \"shop\"\nedition = \"2021\"\n\n[dependencies]\naxum = \"0.8\"\n");
const SERVE: &str = "fn main() { TcpListener::bind(\"0.0.0.0:3000\"); }";
const TOOL: &str = "fn main() { println!(\"x\"); }";

fn locked(entries: &[(&str, &str, &[&str])]) -> String {
    let each = entries.iter().map(|(name, version, uses)| {
        let source = if *name == "shop" { "" } else { "source = \"registry+https://x\"\n" };
        let uses: Vec<String> = uses.iter().map(|one| format!(" \"{one}\",\n")).collect();
        let uses = uses.concat();
        format!(
            "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{source}dependencies = [\n{uses}]\n"
        )
    });
    format!("version = 4\n{}", each.collect::<Vec<_>>().concat())
}

#[test]
fn missing_library_and_program_are_told_apart() {
    assert_eq!(at(&[("a.py", "")], "", None), Ok(Detection::Missing));
    assert_eq!(
        nothing(&[PACKAGE, ("src/lib.rs", ""), ("examples/a.rs", SERVE)]).what,
        "`shop` is a Rust library: it has no binary"
    );
    let workspace = nothing(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n"),
        ("a/Cargo.toml", "[package]\nname = \"a\"\n"),
        ("a/src/lib.rs", ""),
    ]);
    assert!(workspace.what.contains("no binary: `a`"), "{}", workspace.what);
    let (project, facts) = found(&[PACKAGE, ("src/main.rs", SERVE)]);
    assert_eq!((binary(&facts), project.kind.value, project.listen[0].value.port), ("shop", Kind::Web, 3000));
    assert_eq!(project.notes[0].code, "no-lock-file");
}

#[test]
fn broken_manifests_say_where() {
    let error = at(&[("Cargo.toml", "[package\n")], "", None).unwrap_err();
    assert_eq!(error.place.and_then(|(_, line)| line), Some(1));
    let error = at(&[("Cargo.toml", "[workspace]\nmembers = [\n  \"a\",\n]\n")], "", None).unwrap_err();
    assert!(error.to_string().starts_with("Cargo.toml:3: the member `a`"), "{error}");
    let away = "[package]\nname = \"x\"\n[dependencies]\ny = { path = \"../y\" }\n";
    let error = at(&[("Cargo.toml", away), ("src/main.rs", TOOL)], "", None).unwrap_err();
    assert!(error.to_string().contains("`y` is in `../y`"), "{error}");
}

#[test]
fn which_of_several_binaries() {
    let two = [PACKAGE, ("src/main.rs", TOOL), ("src/bin/server.rs", SERVE)];
    assert_eq!(binary(&found(&two).1), "server");
    let run = PACKAGE.1.replace("edition", "default-run = \"shop\"\nedition");
    let (_, facts) = found(&[("Cargo.toml", &run), two[1], two[2]]);
    assert_eq!((binary(&facts), facts.binary.as_ref().unwrap().because[0].line), ("shop", Some(3)));
    let error = at(&[PACKAGE, ("src/bin/a.rs", SERVE), ("src/bin/b.rs", SERVE)], "", None).unwrap_err();
    assert_eq!(
        error.help,
        ["`--bin a` for src/bin/a.rs, which listens", "`--bin b` for src/bin/b.rs, which listens"]
    );
    assert!(matches!(at(&two, "", Some("shop")), Ok(Detection::Found(_))));
    assert!(at(&two, "", Some("nobody")).is_err());
}

#[test]
fn binaries_that_a_manifest_names() {
    let manifest = format!(
        "{}\n[[bin]]\nname = \"app\"\npath = \"cli/run.rs\"\nrequired-features = [\"cli\"]\n\n[features]\ncli = []\n",
        PACKAGE.1
    );
    let (_, facts) = found(&[("Cargo.toml", &manifest), ("cli/run.rs", TOOL)]);
    assert_eq!((binary(&facts), facts.features[0].value.as_str()), ("app", "cli"));
    let off = PACKAGE.1.replace("edition", "autobins = false\nedition");
    assert!(
        nothing(&[("Cargo.toml", &off), ("src/main.rs", TOOL), ("src/lib.rs", "")]).what.contains("library")
    );
}

#[test]
fn a_feature_that_it_does_not_compile_without() {
    let manifest = format!("{}\n[features]\nmysql = []\nsqlite = []\n", PACKAGE.1);
    let main = format!(
        "#[cfg(not(any(feature = \"sqlite\", feature = \"mysql\")))]\ncompile_error!(\"choose\");\n{TOOL}"
    );
    let (_, facts) = found(&[("Cargo.toml", &manifest), ("src/main.rs", &main)]);
    assert_eq!(facts.features.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), ["sqlite"]);
    let on = manifest.replace("mysql = []", "default = [\"mysql\"]\nmysql = []");
    assert!(found(&[("Cargo.toml", &on), ("src/main.rs", &main)]).1.features.is_empty());
}

#[test]
fn a_workspace_gives_what_members_inherit() {
    let files = [
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"crates/*\"]\n\n[workspace.package]\nrust-version = \"1.90\"\nedition = \"2024\"\n\n[workspace.dependencies]\ncore = { path = \"crates/core\" }\naxum = \"0.8\"\n",
        ),
        ("crates/core/Cargo.toml", "[package]\nname = \"core\"\n"),
        ("crates/core/src/lib.rs", "pub const PORT: u16 = 4000;"),
        (
            "crates/server/Cargo.toml",
            "[package]\nname = \"server\"\nrust-version.workspace = true\nedition.workspace = true\n\n[dependencies]\ncore.workspace = true\naxum.workspace = true\n",
        ),
        ("crates/server/src/main.rs", "fn main() { TcpListener::bind((\"0.0.0.0\", core::PORT)); }"),
        ("crates/xtask/Cargo.toml", "[package]\nname = \"xtask\"\n"),
        ("crates/xtask/src/main.rs", TOOL),
    ];
    let (project, facts) = found(&files);
    assert_eq!((binary(&facts), facts.several_packages), ("server", true));
    assert_eq!(project.listen[0].value.port, 4000);
    assert_eq!(project.versions[0].value, Bound::Floor("1.90".into()));
    assert_eq!(project.versions[0].because[0].line, Some(5));
    let Ok(Detection::Found(member)) = at(&files, "crates/server", None) else { panic!() };
    let Stack::Rust(facts) = member.stack else { panic!() };
    assert_eq!((facts.workspace_root.as_str(), facts.package_root.as_str()), ("", "crates/server"));
}

#[test]
fn crates_of_the_lock_file_need_what_they_need() {
    let manifest = "[package]\nname = \"shop\"\n\n[dependencies]\nreqwest = \"0.12\"\nrusqlite = { version = \"1\", optional = true }\n";
    let lock = locked(&[
        ("shop", "0.1.0", &["reqwest", "rusqlite"]),
        ("reqwest", "0.12.0", &["native-tls"]),
        ("native-tls", "0.2.0", &["openssl-sys"]),
        ("openssl-sys", "0.9.0", &["cc", "openssl-src", "pkg-config"]),
        ("openssl-src", "300.0.0", &[]),
        ("rusqlite", "0.30.0", &["libsqlite3-sys"]),
        ("libsqlite3-sys", "0.30.0", &["pkg-config"]),
    ]);
    let (project, facts) = found(&[("Cargo.toml", manifest), ("Cargo.lock", &lock), ("src/main.rs", TOOL)]);
    assert_eq!(needs(&project), [("ca-certificates", Run), ("make", Build), ("perl", Build)]);
    assert!(project.needs[1].says().starts_with("openssl-sys compiles"));
    assert!(facts.fixed.is_empty());
    let system = lock.replace(" \"openssl-src\",\n", "");
    let (project, facts) = found(&[("Cargo.toml", manifest), ("Cargo.lock", &system), ("src/main.rs", TOOL)]);
    assert_eq!(
        needs(&project),
        [("ca-certificates", Run), ("libssl", Build), ("libssl", Run), ("pkg-config", Build)]
    );
    assert_eq!(facts.fixed, ["libssl"]);
}

#[test]
fn what_only_stands_in_the_lock_file_is_no_need() {
    let manifest = "[package]\nname = \"shop\"\n\n[dependencies]\nsqlx = { version = \"0.8\", features = [\"postgres\"] }\n\n[target.'cfg(windows)'.dependencies]\nopenssl-sys = \"0.9\"\n";
    let lock = locked(&[
        ("shop", "0.1.0", &["openssl-sys", "sqlx"]),
        ("sqlx", "0.8.0", &["sqlx-core", "sqlx-sqlite"]),
        ("sqlx-core", "0.8.0", &[]),
        ("sqlx-sqlite", "0.8.0", &["libsqlite3-sys"]),
        ("libsqlite3-sys", "0.30.0", &["pkg-config"]),
        ("openssl-sys", "0.9.0", &["pkg-config"]),
    ]);
    let (project, _) = found(&[("Cargo.toml", manifest), ("Cargo.lock", &lock), ("src/main.rs", TOOL)]);
    assert_eq!(needs(&project), []);
}

#[test]
fn toolchains_are_pins_and_newer_compilers_refuse_old_crates() {
    let lock = locked(&[("shop", "0.1.0", &["time"]), ("time", "0.3.20", &[])]);
    let manifest = "[package]\nname = \"shop\"\n[dependencies]\ntime = \"0.3\"\n";
    let (project, facts) = found(&[
        ("Cargo.toml", manifest),
        ("Cargo.lock", &lock),
        ("src/main.rs", TOOL),
        ("rust-toolchain.toml", "[toolchain]\nchannel = \"1.75\"\n"),
    ]);
    assert_eq!(project.versions[0].value, Bound::Pin("1.75".into()));
    assert!(project.versions.iter().any(|one| one.value == Bound::Range("<1.80".into())));
    assert_eq!(facts.toolchain_file.map(|one| one.value).as_deref(), Some("rust-toolchain.toml"));
    let (_, facts) = found(&[PACKAGE, ("src/main.rs", TOOL), ("rust-toolchain", "nightly-2026-01-01\n")]);
    assert_eq!(facts.nightly.map(|one| one.value).as_deref(), Some("nightly-2026-01-01"));
}

#[test]
fn queries_need_what_was_prepared() {
    let manifest = format!("{}sqlx = \"0.8\"\n", PACKAGE.1);
    let main = "fn main() { sqlx::query!(\"SELECT 1\"); }";
    let (project, facts) = found(&[("Cargo.toml", &manifest), ("src/main.rs", main)]);
    assert!(
        facts.sqlx_offline.is_none() && project.notes.iter().any(|note| note.code == "sqlx-not-prepared")
    );
    let (project, facts) =
        found(&[("Cargo.toml", &manifest), ("src/main.rs", main), (".sqlx/query-1.json", "{}")]);
    assert!(
        facts.sqlx_offline.is_some() && project.notes.iter().all(|note| note.code != "sqlx-not-prepared")
    );
}

#[test]
fn rocket_has_a_port_and_an_address_of_its_own() {
    let manifest = ("Cargo.toml", "[package]\nname = \"shop\"\n[dependencies]\nrocket = \"0.5\"\n");
    let main = (
        "src/main.rs",
        "#[launch]\nfn rocket() -> _ { rocket::build().mount(\"/\", FileServer::from(\"static\")) }",
    );
    let (project, facts) = found(&[manifest, main, ("static/a.css", "")]);
    assert_eq!(
        (project.listen[0].value.port, project.listen[0].value.variable.as_deref()),
        (8000, Some("ROCKET_PORT"))
    );
    assert_eq!(project.env[0].value.value.as_deref(), Some("0.0.0.0"));
    assert_eq!(project.reads[0].value, "static");
    assert!(facts.handles_sigterm);
    let own = ("Rocket.toml", "[default]\naddress = \"0.0.0.0\"\nport = 9999\n");
    let (project, _) = found(&[manifest, main, own]);
    assert_eq!(project.listen[0].value.port, 9999);
    assert!(project.env.is_empty() && project.reads.iter().any(|read| read.value == "Rocket.toml"));
}

#[test]
fn files_that_are_compiled_in_and_files_that_are_read() {
    let main = "#[derive(RustEmbed)] #[folder = \"dist/\"] struct Assets;\nfn main() { TcpListener::bind(\"0.0.0.0:80\"); include_str!(\"../page.html\"); let t = Tera::new(\"templates/**/*\"); let c = concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/conf\"); fs::read_dir(c); fs::create_dir_all(\"data/x\"); }";
    let (project, facts) = found(&[
        PACKAGE,
        ("src/main.rs", main),
        ("page.html", ""),
        ("templates/a/b.html", ""),
        ("conf/x.yaml", ""),
    ]);
    let embeds: Vec<&str> = facts.embeds.iter().map(|one| one.value.as_str()).collect();
    assert_eq!(embeds, ["dist", "page.html"]);
    assert_eq!(facts.embeds_built[0].value, "dist");
    assert_eq!(project.reads.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), ["templates"]);
    assert_eq!(facts.reads_in_place[0].value, "conf");
    assert_eq!(project.writes[0].value, "data/x");
}

#[test]
fn a_mode_that_chooses_a_configuration_file_is_production() {
    let main = "fn main() { let dir = env::current_dir().unwrap().join(\"configuration\"); let env = env::var(\"APP_ENVIRONMENT\").unwrap_or_else(|_| \"local\".into()); let s = Settings::load(); TcpListener::bind(format!(\"{}:{}\", s.application.host, s.application.port)); }\nstruct Settings { application: App } struct App { host: String, port: u16 }";
    let (project, _) = found(&[
        PACKAGE,
        ("src/main.rs", main),
        ("configuration/base.yaml", "application:\n  port: 8000\n"),
        ("configuration/local.yaml", "application:\n  host: 127.0.0.1\n"),
        ("configuration/production.yaml", "application:\n  host: 0.0.0.0\n"),
    ]);
    assert_eq!(project.listen[0].value.port, 8000);
    assert_eq!(project.env[0].value.value.as_deref(), Some("production"));
    assert_eq!(project.notes.len(), 1, "{:?}", project.notes);
}

#[test]
fn what_is_built_for_another_place_is_told() {
    let tauri = nothing(&[
        ("Cargo.toml", "[package]\nname = \"app\"\n[dependencies]\ntauri = \"2\"\n"),
        ("src/main.rs", TOOL),
    ]);
    assert!(tauri.what.contains("Tauri"));
    let chip = nothing(&[
        PACKAGE,
        ("src/main.rs", TOOL),
        (".cargo/config.toml", "[build]\ntarget = \"thumbv7em-none-eabihf\"\n"),
    ]);
    assert!(chip.what.contains("thumbv7em"));
}

#[test]
fn a_build_script_that_asks_git_gets_the_history() {
    let script = "fn main() { Command::new(\"git\").arg(\"show\").output().expect(\"git\"); }";
    let (project, facts) = found(&[PACKAGE, ("src/main.rs", TOOL), ("build.rs", script)]);
    assert!(needs(&project).contains(&("git-history", Build)));
    assert!(facts.embeds.iter().any(|embed| embed.value == ".git"));
}

#[test]
fn what_only_the_configuration_for_development_has() {
    let code = "struct Settings { base_url: String, port: u16, #[serde(default)] colour: String }\nfn main() {\n    let mode: String = std::env::var(\"APP_ENVIRONMENT\").unwrap_or_else(|_| \"local\".into());\n    \
                let file = format!(\"{}.yaml\", mode);\n    config::Environment::with_prefix(\"APP\").prefix_separator(\"_\").separator(\"__\");\n}\n";
    let (project, _) = found(&[
        (
            "Cargo.toml",
            "[package]\nname = \"x\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[dependencies]\nconfig = \"0.15\"\n",
        ),
        ("src/main.rs", code),
        ("configuration/base.yaml", "application:\n  port: 8000\n"),
        (
            "configuration/local.yaml",
            "application:\n  base_url: http://127.0.0.1\n  port: 8001\n  colour: red\n",
        ),
        ("configuration/production.yaml", "application:\n  host: 0.0.0.0\n"),
    ]);
    let required: Vec<&str> =
        project.env.iter().filter(|one| one.value.required).map(|one| one.value.name.as_str()).collect();
    assert_eq!(required, ["APP_APPLICATION__BASE_URL"]);
}

#[test]
fn paths_that_are_written_out_and_folders_of_the_configuration() {
    let code = "const PUBLIC: &str = \"public\";\nconst FILES: [&str; 2] = [\"./config.cfg\", \"/etc/x.cfg\"];\nfn main() {\n    let place = format!(\"./{}\", PUBLIC);\n    serve(place, \"config.toml\");\n}\n";
    let (project, _) = found(&[
        ("Cargo.toml", "[package]\nname = \"x\"\nversion = \"1.0.0\"\nedition = \"2021\"\n"),
        ("src/main.rs", code),
        ("config.cfg", "[store]\npath = \"./data/store\"\n"),
        ("config.toml", "a = 1\n"),
        ("public/a.css", ""),
    ]);
    let mut reads: Vec<&str> = project.reads.iter().map(|one| one.value.as_str()).collect();
    reads.sort_unstable();
    assert_eq!(reads, ["config.cfg", "config.toml", "public"]);
    assert_eq!(project.writes[0].value, "data/store");
}

#[test]
fn a_part_for_browsers_is_not_left_out_in_silence() {
    let files = [
        ("Cargo.toml", "[workspace]\nmembers = [\"server\", \"app\"]\n"),
        ("server/Cargo.toml", "[package]\nname = \"server\"\nversion = \"1.0.0\"\nedition = \"2021\"\n"),
        ("server/src/main.rs", "fn main() {}\n"),
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[lib]\ncrate-type = [\"cdylib\"]\n[dependencies]\nyew = \"0.21\"\n",
        ),
        ("app/src/lib.rs", ""),
        ("app/index.html", ""),
    ];
    let what = nothing(&files).what;
    assert!(what.contains("browsers"), "{what}");
}

#[test]
fn the_host_of_the_settings_is_opened_by_its_variable() {
    let settings = "struct Settings { host: String, port: u16 }\nfn main() {\n    let s = Config::builder().set_default(\"host\", \"127.0.0.1\").set_default(\"port\", 8888)\n        .add_source(Environment::with_prefix(\"shop\").prefix_separator(\"_\"));\n    axum::serve(s.port);\n}\n";
    let manifest =
        "[package]\nname = \"x\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[dependencies]\naxum = \"0.8\"\n";
    let (project, _) = found(&[("Cargo.toml", manifest), ("src/main.rs", settings)]);
    let set: Vec<(&str, Option<&str>)> =
        project.env.iter().map(|one| (one.value.name.as_str(), one.value.value.as_deref())).collect();
    assert_eq!(
        (project.listen[0].value.port, set.as_slice()),
        (8888, [("SHOP_HOST", Some("0.0.0.0"))].as_slice())
    );
    let alone = settings
        .replace(".prefix_separator(\"_\")", "")
        .replace("Environment::with_prefix(\"shop\")", "file");
    let (project, _) = found(&[("Cargo.toml", manifest), ("src/main.rs", &alone)]);
    assert!(project.notes.iter().any(|note| note.code == "listens-on-loopback"));
}

#[test]
fn a_port_that_only_an_option_names() {
    let code = "fn main() {\n    let m = Command::new(\"x\").arg(Arg::new(\"port\").env(\"PORT\").default_value(\"8081\")).get_matches();\n    let address = [m.host(), \":\", m.get_one(\"port\")].concat();\n    server::listen(address);\n}\n";
    let manifest = "[package]\nname = \"x\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[dependencies]\nhyper = \"0.14\"\n";
    let (project, _) = found(&[("Cargo.toml", manifest), ("src/main.rs", code)]);
    let listen = &project.listen[0].value;
    assert_eq!((listen.port, listen.variable.as_deref()), (8081, Some("PORT")));
}

#[test]
fn members_that_the_program_does_not_depend_on_are_apart() {
    let member = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n{more}")
    };
    let api = member(
        "api",
        "[dependencies]\nlib = { path = \"../lib\" }\n[dev-dependencies]\nkit = { path = \"../kit\" }\n",
    );
    let (lib, worker, kit) = (member("lib", ""), member("worker", ""), member("kit", ""));
    let files = [
        ("Cargo.toml", "[workspace]\nmembers = [\"api\", \"lib\", \"worker\", \"kit\"]\n"),
        ("api/Cargo.toml", &api),
        ("api/src/main.rs", "fn main() {}\n"),
        ("lib/Cargo.toml", &lib),
        ("lib/src/lib.rs", ""),
        ("worker/Cargo.toml", &worker),
        ("worker/src/main.rs", "fn main() {}\n"),
        ("kit/Cargo.toml", &kit),
        ("kit/src/lib.rs", ""),
    ];
    let Detection::Found(project) = at(&files, "api", None).unwrap() else { panic!("a program") };
    assert_eq!(project.stack.others(), ["kit", "worker"]);
    let optional = api.replace("{ path = \"../lib\" }", "{ path = \"../lib\", optional = true }");
    let patched = "[workspace]\nmembers = [\"api\", \"lib\", \"worker\", \"kit\"]\n[patch.crates-io]\nlog = { path = \"kit\" }\n";
    for (place, text, apart) in [(1, optional.as_str(), &["kit", "worker"][..]), (0, patched, &[][..])] {
        let mut files = files;
        files[place].1 = text;
        let Detection::Found(project) = at(&files, "api", None).unwrap() else { panic!("a program") };
        assert_eq!(project.stack.others(), apart, "{text}");
    }
}

#[test]
fn a_feature_decides_which_signals_are_handled() {
    let with = |dependency: &str| {
        let manifest = format!(
            "[package]\nname = \"x\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[dependencies]\n{dependency}\n"
        );
        let code = "fn main() {\n    ctrlc::set_handler(|| {}).unwrap();\n    loop { work(); }\n}\n";
        found(&[("Cargo.toml", &manifest), ("src/main.rs", code)]).1.handles_sigterm
    };
    assert!(with("ctrlc = { version = \"3\", features = [\"termination\"] }"));
    assert!(!with("ctrlc = \"3\""), "SIGINT alone");
}

#[test]
fn a_plain_block_is_no_branch() {
    let code = "const KEY: &str = \"SHOP_KEY\";\nfn main() {\n    let state = { let pool = connect(); pool };\n    if debug() { other(); }\n}\nfn connect() { std::env::var(KEY).expect(\"set\"); }\nfn other() { std::env::var(\"OTHER\").unwrap(); }\n";
    let (project, _) = found(&[PACKAGE, ("src/main.rs", code)]);
    let names: Vec<&str> = project.env.iter().map(|one| one.value.name.as_str()).collect();
    assert_eq!(names, ["SHOP_KEY"]);
}

#[test]
fn a_chain_of_the_server_listens_whatever_its_address_comes_from() {
    let manifest = "[package]\nname = \"shop\"\nedition = \"2021\"\n\n[dependencies]\nactix-web = \"4\"\n";
    let chain = "fn main() { HttpServer::new(move || App::new()).workers(2).bind((&*conf.host, conf.port)).inspect(|_| ())?.run().await }";
    let (project, _) = found(&[("Cargo.toml", manifest), ("src/main.rs", chain)]);
    assert_eq!((project.kind.value, project.listen.len()), (Kind::Web, 0));
    let whole =
        "fn main() { let a = env::var(\"BIND_ADDRESS\").expect(\"x\"); HttpServer::new(f).bind(&a).run() }";
    let (project, _) = found(&[("Cargo.toml", manifest), ("src/main.rs", whole)]);
    let value = project.env.iter().find(|one| one.value.name == "BIND_ADDRESS");
    assert_eq!(value.and_then(|one| one.value.value.as_deref()), Some("0.0.0.0:8080"));
    assert_eq!((project.listen[0].value.port, project.listen[0].value.must_set), (8080, false));
}

#[test]
fn what_tests_read_is_no_part_of_the_image() {
    let code =
        format!("{SERVE} fn t() {{ fs::read_to_string(\"tests/fixtures/a.toml\"); fs::read(\"pages/a\"); }}");
    let (project, _) =
        found(&[PACKAGE, ("src/main.rs", &code), ("tests/fixtures/a.toml", ""), ("pages/a", "")]);
    let reads: Vec<&str> = project.reads.iter().map(|one| one.value.as_str()).collect();
    assert_eq!(reads, ["pages"]);
}

#[test]
fn the_module_for_fips_is_compiled_where_it_is_asked_for() {
    let lock = locked(&[
        ("shop", "1.0.0", &["rustls"]),
        ("rustls", "0.23.0", &["aws-lc-rs"]),
        ("aws-lc-rs", "1.0.0", &["aws-lc-fips-sys"]),
        ("aws-lc-fips-sys", "0.13.0", &[]),
    ]);
    let manifest =
        "[package]\nname = \"shop\"\nedition = \"2021\"\n\n[dependencies]\nrustls = { version = \"0.23\" }\n";
    let asked = manifest.replace("\"0.23\"", "\"0.23\", features = [\"fips\"]");
    for (manifest, wanted) in [(manifest, false), (asked.as_str(), true)] {
        let (project, _) = found(&[("Cargo.toml", manifest), ("src/main.rs", TOOL), ("Cargo.lock", &lock)]);
        assert_eq!(needs(&project).iter().any(|(name, _)| *name == "golang"), wanted);
    }
}

#[test]
fn a_library_beside_its_examples_and_tools_is_one() {
    let root = "[package]\nname = \"kit\"\nedition = \"2021\"\n\n[workspace]\nmembers = [\"xtask\", \"examples/a\"]\n";
    let member = |name: &str| format!("[package]\nname = \"{name}\"\nedition = \"2021\"\n");
    let (tool, example) = (member("xtask"), member("example-a"));
    let files = [
        ("Cargo.toml", root),
        ("src/lib.rs", ""),
        ("xtask/Cargo.toml", &tool),
        ("xtask/src/main.rs", TOOL),
        ("examples/a/Cargo.toml", &example),
        ("examples/a/src/main.rs", SERVE),
    ];
    assert_eq!(nothing(&files).what, "`kit` is a Rust library: it has no binary");
}

#[test]
fn what_a_match_compares_is_no_database() {
    let code = format!(
        "{SERVE} fn label(key: &str) -> &str {{ match key {{ \"postgresql.db\" => \"Database\", \"a.db\" | \"b.db\" => \"x\", _ => \"\" }} }}"
    );
    assert!(found(&[PACKAGE, ("src/main.rs", &code)]).0.writes.is_empty());
}
