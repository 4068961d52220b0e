//! `--all`: every service of a repository and the file that builds them together.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::Dir;

const MAIN: &str =
    "package main\n\nimport \"net/http\"\n\nfunc main() {\n\t_ = http.ListenAndServe(\":8080\", nil)\n}\n";

/// Three programs side by side, a library, and one that dfgen does not write for.
const SHOP: [(&str, &str); 9] = [
    ("api/go.mod", "module example.com/api\n\ngo 1.26\n"),
    ("api/main.go", MAIN),
    ("web/package.json", r#"{ "name": "web", "scripts": { "start": "node server.js" } }"#),
    ("web/server.js", "require('http').createServer().listen(3000)"),
    ("lib/package.json", r#"{ "name": "lib", "main": "index.js" }"#),
    ("lib/index.js", "module.exports = 1"),
    ("cart/cart.csproj", "<Project/>"),
    ("examples/small/package.json", r#"{ "scripts": { "start": "node x.js" } }"#),
    ("examples/small/x.js", "require('http').createServer().listen(3000)"),
];

fn shop() -> Dir {
    Dir::new(&SHOP)
}

#[test]
fn each_service_has_its_files_and_one_file_builds_all() {
    let dir = shop();
    let ran = dir.run(&["init", "{}", "--all"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let written: Vec<String> =
        dir.files().into_keys().filter(|path| !SHOP.iter().any(|(own, _)| own == path)).collect();
    assert_eq!(
        written,
        [
            "api/.dockerignore",
            "api/Dockerfile",
            "dfgen.lock",
            "dfgen.toml",
            "docker-bake.hcl",
            "web/.dockerignore",
            "web/Dockerfile"
        ]
    );
    assert_eq!(dir.read("dfgen.toml").unwrap(), "all = true\n");
    for told in [
        "left out  cart: a .NET project",
        "left out  examples: examples",
        "left out  lib: a package with a main file",
        "docker buildx bake",
    ] {
        assert!(ran.stderr.contains(told), "no `{told}` in\n{}", ran.stderr);
    }
    let bake = dir.read("docker-bake.hcl").unwrap();
    assert!(
        bake.contains("target \"api\" {\n  context    = \"api\"\n  dockerfile = \"Dockerfile\"\n"),
        "{bake}"
    );
}

#[test]
fn nothing_more_is_asked_or_changed() {
    let dir = shop();
    assert_eq!(dir.run(&["init", "{}", "--all", "--quiet"]).code, 0);
    let once = dir.files();
    for words in [
        ["init", "{}", "--quiet"],
        ["update", "{}", "--quiet"],
        ["check", "{}", "--quiet"],
        ["init", "{}", "--diff"],
    ] {
        let ran = dir.run(&words);
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""), "{words:?}");
        assert_eq!(dir.files(), once, "{words:?}");
    }
}

#[test]
fn everything_that_writes_nothing_tells_of_every_file() {
    let dir = shop();
    let before = dir.files();
    let stdout = dir.run(&["init", "{}", "--all", "--stdout"]).stdout;
    for path in ["api/Dockerfile", "web/Dockerfile", "docker-bake.hcl"] {
        assert!(stdout.contains(&format!("==> {path} <==\n")), "{stdout}");
    }
    let diff = dir.run(&["init", "{}", "--all", "--diff"]);
    assert!(diff.code == 1 && diff.stdout.contains("+++ docker-bake.hcl (dfgen)"), "{}", diff.stdout);
    assert!(dir.run(&["init", "{}", "--all", "--dry-run"]).stderr.contains("would write  docker-bake.hcl"));
    assert_eq!(dir.files(), before);
    let ran = dir.run(&["init", "{}", "--all", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(value["bake"], "docker-bake.hcl");
    assert_eq!(value["services"].as_array().unwrap().len(), 2);
    assert_eq!(value["left_out"][0]["root"], "cart");
    assert!(dir.run(&["explain", "{}"]).stdout.contains("node in web"));
}

#[test]
fn a_choice_that_is_open_stops_all_of_them() {
    let dir = shop();
    let rust = "[package]\nname = \"jobs\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    dir.put("jobs/Cargo.toml", rust);
    for name in ["one", "two"] {
        let text = "fn main() {\n    loop {\n        std::thread::park();\n    }\n}\n";
        dir.put(&format!("jobs/src/bin/{name}.rs"), text);
    }
    let before = dir.files();
    let ran = dir.run(&["init", "{}", "--all"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("dfgen init PATH --service jobs --bin one"), "{}", ran.stderr);
    assert!(ran.stderr.contains("`dfgen init --all --skip jobs PATH`"), "{}", ran.stderr);
    assert_eq!(dir.files(), before);
    assert_eq!(dir.run(&["init", "{}", "--all", "--skip", "jobs"]).code, 0);
    assert!(dir.read("jobs/Dockerfile").is_none());
    assert_eq!(dir.read("dfgen.toml").unwrap(), "all = true\n\n[services.jobs]\nskip = true\n");
    assert_eq!(dir.run(&["check", "{}"]).code, 0);
}

#[test]
fn files_of_others_are_told_all_at_once() {
    let dir = shop();
    for path in ["api/Dockerfile", "web/Dockerfile"] {
        dir.put(path, "FROM scratch\n");
    }
    let before = dir.files();
    let ran = dir.run(&["init", "{}", "--all"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.starts_with("error: 2 of 2 services cannot be written, and so none is\n"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stderr.matches("`--adopt` keeps it").count(), 1, "{}", ran.stderr);
    assert_eq!(dir.files(), before);
    assert_eq!(dir.run(&["init", "{}", "--all", "--adopt"]).code, 0);
    assert_eq!(dir.read("api/Dockerfile").unwrap(), "FROM scratch\n");
    let dir = shop();
    dir.put("docker-bake.hcl", "target \"mine\" {}\n");
    assert!(
        dir.run(&["init", "{}", "--all"])
            .stderr
            .contains("docker-bake.hcl: is there, and dfgen did not write it")
    );
}

#[test]
fn a_compose_file_is_not_built_along() {
    let dir = shop();
    dir.put("compose.yaml", "services:\n  api:\n    build: api\n");
    assert!(dir.run(&["init", "{}", "--all"]).stderr.contains("docker buildx bake --file docker-bake.hcl"));
}

#[test]
fn programs_of_the_same_name_are_told_apart() {
    let dir = Dir::new(&[]);
    for folder in ["one/app", "two/app", "three"] {
        dir.put(
            &format!("{folder}/package.json"),
            r#"{ "name": "app", "scripts": { "start": "node s.js" } }"#,
        );
        dir.put(&format!("{folder}/s.js"), "require('http').createServer().listen(3000)");
    }
    assert_eq!(dir.run(&["init", "{}", "--all"]).code, 0);
    let bake = dir.read("docker-bake.hcl").unwrap();
    let blocks = dfgen::emit::bake::read(&bake).unwrap();
    let names: Vec<&str> =
        blocks.iter().filter(|one| one.kind == "target").map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["one-app", "three", "two-app"]);
}

#[test]
fn names_of_folders_stay_names() {
    for nasty in ["a b", "x${TAG}", "q\"uote", "%{if}", "git@host:x", "it's"] {
        let dir = shop();
        dir.put(&format!("{nasty}/package.json"), r#"{ "scripts": { "start": "node s.js" } }"#);
        dir.put(&format!("{nasty}/s.js"), "require('http').createServer().listen(3000)");
        let ran = dir.run(&["init", "{}", "--all"]);
        assert_eq!(ran.code, 0, "{nasty}: {}", ran.stderr);
        let bake = dir.read("docker-bake.hcl").unwrap();
        let blocks = dfgen::emit::bake::read(&bake).unwrap();
        assert_eq!(blocks.len(), 5, "{nasty}\n{bake}");
        assert!(
            blocks
                .iter()
                .all(|one| !one.name.contains(|it: char| !(it.is_ascii_alphanumeric() || it == '-')))
        );
    }
}

#[test]
fn a_module_of_several_programs_is_a_service_for_each_that_runs_on() {
    let dir = Dir::new(&[("go.mod", "module example.com/shop\n\ngo 1.26\n"), ("cmd/api/main.go", MAIN)]);
    dir.put("cmd/admin/main.go", &MAIN.replace("8080", "9090"));
    dir.put("cmd/migrate/main.go", "package main\n\nfunc main() {\n\tprintln(\"done\")\n}\n");
    let ran = dir.run(&["init", "{}", "--all"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        dir.read("cmd/api/Dockerfile").is_some() && dir.read("cmd/admin/Dockerfile.dockerignore").is_some()
    );
    assert!(dir.read("cmd/migrate/Dockerfile").is_none() && dir.read("Dockerfile").is_none());
    dir.put("cmd/report/main.go", "package main\n\nfunc main() {\n\tprintln(\"done\")\n}\n");
    assert!(dir.run(&["explain", "{}"]).code == 0 && dir.run(&["check", "{}"]).code == 0);
    assert!(ran.stderr.contains("left out  cmd/migrate: migrations, which run and end"), "{}", ran.stderr);
    let ignore = dir.read("cmd/api/Dockerfile.dockerignore").unwrap();
    assert!(ignore.contains("\ncmd/*\n!cmd/api\n"), "{ignore}");
}

#[test]
fn what_others_import_or_call_is_no_service() {
    let dir = shop();
    let ui = r#"{ "name": "ui", "private": true, "module": "dist/ui.js", "scripts": { "build": "vite build", "start": "vite" }, "devDependencies": { "vite": "7.1.0" } }"#;
    dir.put("ui/package.json", ui);
    dir.put("ui/index.html", "<p>Every part of it</p>");
    let tool = r#"{ "name": "tool", "bin": "run.js", "scripts": { "start": "node run.js" } }"#;
    dir.put("tool/package.json", tool);
    dir.put("tool/run.js", "require('http').createServer().listen(4000)");
    dir.put("lib/demo/index.html", "<p>How it looks</p>");
    let ran = dir.run(&["init", "{}", "--all"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for told in ["left out  tool: a command line tool", "left out  ui: a library: others import it"] {
        assert!(ran.stderr.contains(told), "no `{told}` in\n{}", ran.stderr);
    }
    for path in ["ui/Dockerfile", "tool/Dockerfile", "lib/demo/Dockerfile"] {
        assert!(dir.read(path).is_none(), "{path}");
    }
    assert_eq!(dir.run(&["init", "{}", "--service", "tool"]).code, 0);
    assert_eq!(dir.run(&["init", "{}", "--quiet"]).code, 0);
    assert!(
        dir.read("docker-bake.hcl").unwrap().contains("target \"tool\""),
        "a service that is named stays one"
    );
}

/// A workspace of two services that share a library.
fn workspace(manager: (&str, &str)) -> Dir {
    let dir = Dir::new(&[
        ("packages/shared/package.json", r#"{ "name": "@x/shared", "exports": "./i.js" }"#),
        ("packages/shared/i.js", "export default 1"),
        ("packages/other/package.json", r#"{ "name": "@x/other", "exports": "./i.js" }"#),
        ("packages/other/i.js", "export default 2"),
    ]);
    for (name, needs) in [("api", "shared"), ("web", "other")] {
        let manifest = format!(
            r#"{{ "name": "@x/{name}", "scripts": {{ "start": "node s.js" }}, "dependencies": {{ "@x/{needs}": "1.0.0" }} }}"#
        );
        dir.put(&format!("apps/{name}/package.json"), &manifest);
        dir.put(&format!("apps/{name}/s.js"), "import 'http'; require('http').createServer().listen(3000)");
    }
    dir.put("package.json", r#"{ "private": true, "workspaces": ["apps/*", "packages/*"] }"#);
    dir.put(manager.0, manager.1);
    dir
}

#[test]
fn an_image_is_made_from_the_members_that_it_needs() {
    let dir = workspace(("package-lock.json", r#"{ "lockfileVersion": 3, "packages": {} }"#));
    assert_eq!(dir.run(&["init", "{}", "--all"]).code, 0);
    let dockerfile = dir.read("apps/api/Dockerfile").unwrap();
    assert!(dockerfile.contains("packages/shared/package.json"), "{dockerfile}");
    assert!(!dockerfile.contains("packages/other") && !dockerfile.contains("apps/web"), "{dockerfile}");
    let ignore = dir.read("apps/api/Dockerfile.dockerignore").unwrap();
    assert!(ignore.contains("\napps/web\npackages/other\n"), "{ignore}");
    dir.put("apps/api/s.js", "import '@x/other/deep';\nrequire('http').createServer().listen(3000)");
    assert_eq!(dir.run(&["update", "{}"]).code, 0);
    assert!(
        dir.read("apps/api/Dockerfile").unwrap().contains("packages/other/package.json"),
        "what sources name is needed"
    );
}

#[test]
fn an_install_that_checks_every_manifest_gets_them() {
    let dir = workspace(("bun.lock", r#"{ "lockfileVersion": 1, "workspaces": {}, "packages": {} }"#));
    assert_eq!(dir.run(&["init", "{}", "--all"]).code, 0);
    assert!(dir.read("apps/api/Dockerfile").unwrap().contains("packages/other/package.json"));
    let ignore = dir.read("apps/api/Dockerfile.dockerignore").unwrap();
    assert!(ignore.contains("packages/other/**\n!packages/other/package.json\n"), "{ignore}");
}

#[test]
fn the_root_of_a_workspace_is_not_its_members() {
    let dir = Dir::new(&[(
        "package.json",
        r#"{ "private": true, "workspaces": ["packages/*"], "scripts": { "start": "node run.js" } }"#,
    )]);
    dir.put("run.js", "require('http').createServer().listen(3000)");
    let member = r#"{ "name": "a", "types": "a.d.ts", "scripts": { "start": "node a.js" } }"#;
    dir.put("packages/a/package.json", member);
    dir.put("packages/a/a.js", "setInterval(() => {}, 1000)");
    let ran = dir.run(&["init", "{}", "--all"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("there is no service in the repository"), "{}", ran.stderr);
    assert!(ran.stderr.contains("left out: packages/a: a library"), "{}", ran.stderr);
}

#[test]
fn what_a_compose_file_starts_is_kept_running() {
    let script = "import os\n\nprint(os.getpid())\n";
    let dir = Dir::new(&[
        ("api/requirements.txt", "requests==2.32.3\n"),
        ("api/work.py", script),
        ("api/run.sh", "exec python work.py\n"),
    ]);
    dir.put("compose.yaml", "services:\n  jobs:\n    build: api\n    command: ./run.sh jobs\n  api:\n    build: api\n    command: ./run.sh\n");
    let ran = dir.run(&["init", "{}", "--all"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let started = "[\"python\", \"work.py\"]";
    assert!(dir.read("api/Dockerfile").unwrap().contains(started), "{}", ran.stderr);
}

#[test]
fn a_module_of_maven_is_built_without_the_other_programs() {
    let pom = |name: &str| {
        format!(
            "<project><parent><groupId>org.example</groupId><artifactId>shop</artifactId><version>1</version></parent>\
             <artifactId>{name}</artifactId><dependencies><dependency><groupId>org.springframework.boot</groupId>\
             <artifactId>spring-boot-starter-web</artifactId></dependency></dependencies><build><plugins><plugin>\
             <groupId>org.springframework.boot</groupId><artifactId>spring-boot-maven-plugin</artifactId>\
             </plugin></plugins></build></project>"
        )
    };
    let root = "<project><parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId>\
                <version>4.0.0</version></parent><groupId>org.example</groupId><artifactId>shop</artifactId><version>1</version>\
                <packaging>pom</packaging><modules><module>api</module><module>mail</module></modules></project>";
    let main = "package x; @SpringBootApplication class App { public static void main(String[] args) {} }";
    let dir = Dir::new(&[
        ("pom.xml", root),
        ("api/pom.xml", &pom("api")),
        ("api/src/main/java/x/App.java", main),
        ("mail/pom.xml", &pom("mail")),
        ("mail/src/main/java/x/App.java", main),
    ]);
    let ran = dir.run(&["init", "{}", "--all"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ignored = dir.read("api/Dockerfile.dockerignore").unwrap();
    assert!(ignored.lines().any(|line| line == "mail/src"), "{ignored}");
    assert!(!ignored.lines().any(|line| line == "api/src"), "{ignored}");
}

#[test]
fn a_project_of_gradle_keeps_the_sources_that_any_script_may_ask_for() {
    let main = "package x; @SpringBootApplication class App { public static void main(String[] args) {} }";
    let build = "plugins { java; id(\"org.springframework.boot\") version \"3.5.0\" }\n\
                 dependencies { implementation(\"org.springframework.boot:spring-boot-starter-web:3.5.0\") }\n";
    let dir = Dir::new(&[
        ("settings.gradle.kts", "rootProject.name = \"shop\"\ninclude(\"api\", \"mail\")\n"),
        (
            "build.gradle.kts",
            "project(\":mail\") { dependencies { \"implementation\"(project(\":api\")) } }\n",
        ),
        ("api/build.gradle.kts", build),
        ("api/src/main/java/x/App.java", main),
        ("mail/build.gradle.kts", build),
        ("mail/src/main/java/x/App.java", main),
    ]);
    let ran = dir.run(&["init", "{}", "--all"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ignored = dir.read("mail/Dockerfile.dockerignore").unwrap();
    assert!(!ignored.lines().any(|line| line == "api/src"), "{ignored}");
    let ignored = dir.read("api/Dockerfile.dockerignore").unwrap();
    assert!(ignored.lines().any(|line| line == "mail/src"), "{ignored}");
    // What only running a script would tell is told, and nothing is left out.
    dir.put(
        "build.gradle.kts",
        "subprojects { dependencies { rootProject.subprojects.forEach { add(\"api\", it) } } }\n",
    );
    assert_eq!(dir.run(&["update", "{}"]).code, 0);
    let told = dir.run(&["explain", "{}", "--service", "api"]).stdout;
    assert!(told.contains("`subprojects` of build.gradle.kts"), "{told}");
    let ignored = dir.read("api/Dockerfile.dockerignore").unwrap();
    assert!(!ignored.lines().any(|line| line == "mail/src"), "{ignored}");
}
