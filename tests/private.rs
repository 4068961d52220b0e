//! Private packages, tool by tool: a repository that names where they come from, the step of the Dockerfile that is given
//! what fetches them, and the words for `docker build`. What is given is never an `ARG`, an `ENV` or a file of a layer.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::Dir;

const FLASK: &str = "from flask import Flask\n\napp = Flask(__name__)\n";
const SERVER: &str = "require('http').createServer().listen(3000)\n";
const LISTENS: &str = "fn main() { tokio::signal::unix::signal(SignalKind::terminate()); TcpListener::bind(\"0.0.0.0:3000\"); }\n";
const GO: &str = "package main\n\nimport (\n\t\"net/http\"\n\n\t_ \"git.example.com/shop/lib\"\n)\n\nfunc main() {\n\t_ = http.ListenAndServe(\":8080\", nil)\n}\n";

/// What has to come out.
struct Case {
    name: &'static str,
    files: Vec<(&'static str, String)>,
    /// Pieces of the Dockerfile.
    says: &'static [&'static str],
    /// The words between `docker build` and `--tag`.
    told: &'static str,
}

fn case(
    name: &'static str,
    files: &[(&'static str, &str)],
    says: &'static [&'static str],
    told: &'static str,
) -> Case {
    let files = files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
    Case { name, files, says, told }
}

fn hold(cases: Vec<Case>) {
    for case in cases {
        let files: Vec<(&str, &str)> = case.files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let dir = Dir::new(&files);
        let ran = dir.run(&["init", "{}"]);
        assert_eq!(ran.code, 0, "{}: {}", case.name, ran.stderr);
        let dockerfile = dir.read("Dockerfile").unwrap();
        for piece in case.says {
            assert!(dockerfile.contains(piece), "{}: no {piece:?} in\n{dockerfile}", case.name);
        }
        let line = format!(
            "docker build {}--tag ",
            if case.told.is_empty() { String::new() } else { format!("{} ", case.told) }
        );
        assert!(
            ran.stderr.contains(&line) || ran.stdout.contains(&line),
            "{}: {line:?} in\n{}{}",
            case.name,
            ran.stdout,
            ran.stderr
        );
        never_kept(case.name, &dockerfile, case.told);
        for file in &files {
            dir.put(file.0, file.1);
        }
        let json = dir.run(&["init", "{}", "--dry-run", "--format", "json"]);
        for flag in case.told.split(" --").filter(|flag| !flag.is_empty()) {
            let flag = flag.trim_start_matches("--");
            assert!(json.stdout.contains(flag), "{}: {flag} in\n{}", case.name, json.stdout);
        }
    }
}

/// No secret's name is an argument or a variable of a stage.
fn never_kept(name: &str, dockerfile: &str, told: &str) {
    for id in told.split_whitespace().filter_map(|word| word.strip_prefix("id=")) {
        let id = id.split(',').next().unwrap();
        for line in dockerfile.lines().filter(|line| line.starts_with("ARG ") || line.starts_with("ENV ")) {
            assert!(!line.contains(id), "{name}: {line}");
        }
    }
}

#[test]
fn pip() {
    hold(vec![
        case(
            "credentials of an index in variables",
            &[
                (
                    "requirements.txt",
                    "--extra-index-url https://${INDEX_USER}:${INDEX_PASSWORD}@pypi.example.com/simple\nflask==3.1.2\ngunicorn==23.0.0\n",
                ),
                ("app.py", FLASK),
            ],
            &[
                "--mount=type=secret,id=INDEX_USER,env=INDEX_USER,required=true",
                "--mount=type=secret,id=INDEX_PASSWORD,env=INDEX_PASSWORD,required=true",
                "# The index of requirements.txt: its credentials are a secret of this step, which no layer keeps.",
            ],
            "--secret id=INDEX_USER,env=INDEX_USER --secret id=INDEX_PASSWORD,env=INDEX_PASSWORD",
        ),
        case(
            "an index that gives nothing without credentials",
            &[
                ("requirements.txt", "-i https://europe-python.pkg.dev/shop/main/simple\nflask==3.1.2\n"),
                ("app.py", FLASK),
            ],
            &["--mount=type=secret,id=netrc,target=/root/.netrc,required=true"],
            "--secret id=netrc,src=$HOME/.netrc",
        ),
        case(
            "an index that nobody knows",
            &[("requirements.txt", "-i https://pypi.example.com/simple\nflask==3.1.2\n"), ("app.py", FLASK)],
            &["--mount=type=secret,id=netrc,target=/root/.netrc \\\n"],
            "",
        ),
        case(
            "a pip.conf of the repository",
            &[
                ("requirements.txt", "flask==3.1.2\n"),
                (
                    "pip.conf",
                    "[global]\nindex-url = https://shop.jfrog.io/artifactory/api/pypi/main/simple\n",
                ),
                ("app.py", FLASK),
            ],
            &[
                "COPY pip.conf requirements.txt ./",
                "--mount=type=secret,id=netrc,target=/root/.netrc,required=true",
                "PIP_CONFIG_FILE=pip.conf pip install --requirement requirements.txt",
            ],
            "--secret id=netrc,src=$HOME/.netrc",
        ),
        case(
            "git over SSH, from a host that publishes its key",
            &[
                ("requirements.txt", "flask==3.1.2\nshop @ git+ssh://git@github.com/example/shop.git@v1\n"),
                ("app.py", FLASK),
            ],
            &[
                "openssh-client",
                "echo 'github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl' >> ~/.ssh/known_hosts",
                "--mount=type=ssh,required=true",
            ],
            "--ssh default",
        ),
        case(
            "git over SSH, from a host of the company's own",
            &[
                (
                    "requirements.txt",
                    "flask==3.1.2\ngit+ssh://git@git.example.com:2222/shop/lib.git#egg=lib\n",
                ),
                ("app.py", FLASK),
            ],
            &[
                "--mount=type=ssh,required=true",
                "--mount=type=secret,id=known_hosts,target=/etc/ssh/ssh_known_hosts,required=true",
            ],
            "--ssh default --secret id=known_hosts,src=$HOME/.ssh/known_hosts",
        ),
        case(
            "git over HTTPS with a token",
            &[
                (
                    "requirements.txt",
                    "flask==3.1.2\nshop @ git+https://${GITHUB_TOKEN}@github.com/example/shop.git\n",
                ),
                ("app.py", FLASK),
            ],
            &["--mount=type=secret,id=GITHUB_TOKEN,env=GITHUB_TOKEN,required=true", "git"],
            "--secret id=GITHUB_TOKEN,env=GITHUB_TOKEN",
        ),
        case(
            "git over HTTPS from everybody's host",
            &[
                ("requirements.txt", "flask==3.1.2\nshop @ git+https://github.com/example/shop.git\n"),
                ("app.py", FLASK),
            ],
            &["git"],
            "",
        ),
    ]);
}

const UV: &str = "[project]\nname = \"x\"\nversion = \"1\"\nrequires-python = \">=3.12\"\ndependencies = [\"flask\", \"shop\"]\n";

fn uv_lock(source: &str) -> String {
    format!(
        "version = 1\nrequires-python = \">=3.12\"\n\n[[package]]\nname = \"flask\"\nversion = \"3.1.2\"\nsource = {{ registry = \"https://pypi.org/simple\" }}\n\n[[package]]\nname = \"shop\"\nversion = \"1.0\"\nsource = {{ {source} }}\n\n[[package]]\nname = \"x\"\nversion = \"1\"\nsource = {{ virtual = \".\" }}\ndependencies = [{{ name = \"flask\" }}, {{ name = \"shop\" }}]\n"
    )
}

#[test]
fn uv() {
    let index = |url: &str| format!("{UV}\n[[tool.uv.index]]\nname = \"shop-internal\"\nurl = \"{url}\"\n");
    let cloudsmith = "https://dl.cloudsmith.io/basic/shop/main/python/simple/";
    hold(vec![
        case(
            "an index with a name",
            &[
                ("pyproject.toml", &index(cloudsmith)),
                ("uv.lock", &uv_lock(&format!("registry = \"{cloudsmith}\""))),
                ("app.py", FLASK),
            ],
            &[
                "--mount=type=secret,id=UV_INDEX_SHOP_INTERNAL_PASSWORD,env=UV_INDEX_SHOP_INTERNAL_PASSWORD,required=true",
            ],
            "--secret id=UV_INDEX_SHOP_INTERNAL_USERNAME,env=UV_INDEX_SHOP_INTERNAL_USERNAME --secret id=UV_INDEX_SHOP_INTERNAL_PASSWORD,env=UV_INDEX_SHOP_INTERNAL_PASSWORD",
        ),
        case(
            "an index that production asks nothing of",
            &[
                ("pyproject.toml", &index(cloudsmith)),
                ("uv.lock", &uv_lock("registry = \"https://pypi.org/simple\"")),
                ("app.py", FLASK),
            ],
            &["uv sync"],
            "",
        ),
        case(
            "an index that only the lock file names",
            &[
                ("pyproject.toml", UV),
                (
                    "uv.lock",
                    &uv_lock("registry = \"https://shop.jfrog.io/artifactory/api/pypi/main/simple\""),
                ),
                ("app.py", FLASK),
            ],
            &[
                "--mount=type=secret,id=netrc,target=/root/.netrc,required=true",
                "# The index of shop in uv.lock",
            ],
            "--secret id=netrc,src=$HOME/.netrc",
        ),
        case(
            "git over SSH",
            &[
                ("pyproject.toml", UV),
                (
                    "uv.lock",
                    &uv_lock(
                        "git = \"ssh://git@gitlab.com/shop/shop.git?rev=v1#0123456789012345678901234567890123456789\"",
                    ),
                ),
                ("app.py", FLASK),
            ],
            &["openssh-client", "gitlab.com ssh-ed25519 ", "--mount=type=ssh,required=true"],
            "--ssh default",
        ),
    ]);
}

#[test]
fn poetry_pdm_and_pipenv() {
    let poetry = "[tool.poetry]\nname = \"x\"\nversion = \"1\"\npackage-mode = false\n[tool.poetry.dependencies]\npython = \"^3.12\"\nflask = \"^3\"\nshop = { version = \"^1\", source = \"shop\" }\n[[tool.poetry.source]]\nname = \"shop\"\nurl = \"https://shop.jfrog.io/artifactory/api/pypi/main/simple\"\npriority = \"explicit\"\n";
    let lock = |source: &str| {
        format!(
            "# This file is automatically @generated by Poetry 2.1.3 and should not be changed by hand.\n\n[[package]]\nname = \"flask\"\nversion = \"3.1.2\"\nfiles = []\n\n[[package]]\nname = \"shop\"\nversion = \"1.0\"\nfiles = []\n\n[package.source]\n{source}\n\n[metadata]\nlock-version = \"2.1\"\npython-versions = \"^3.12\"\n"
        )
    };
    let legacy = "type = \"legacy\"\nurl = \"https://shop.jfrog.io/artifactory/api/pypi/main/simple\"\nreference = \"shop\"";
    let cloned = "type = \"git\"\nurl = \"git@github.com:example/shop.git\"\nreference = \"v1\"\nresolved_reference = \"0123\"";
    let pdm = "[project]\nname = \"x\"\nversion = \"1\"\nrequires-python = \">=3.12\"\ndependencies = [\"flask\", \"shop\"]\n[tool.pdm]\ndistribution = false\n[[tool.pdm.source]]\nname = \"shop\"\nurl = \"https://${SHOP_USER}:${SHOP_PASSWORD}@pypi.example.com/simple\"\n";
    let pdm_lock = "[metadata]\ngroups = [\"default\"]\nlock_version = \"4.5.0\"\n\n[[package]]\nname = \"flask\"\nversion = \"3.1.2\"\nfiles = []\n\n[[package]]\nname = \"shop\"\nversion = \"1.0\"\nfiles = []\n";
    let pipfile = "[[source]]\nname = \"shop\"\nurl = \"https://${SHOP_TOKEN}@pypi.example.com/simple\"\nverify_ssl = true\n[packages]\nflask = \"*\"\n[requires]\npython_version = \"3.13\"\n";
    let pipfile_lock = r#"{"_meta":{"requires":{"python_version":"3.13"}},"default":{"flask":{"version":"==3.1.2"}},"develop":{}}"#;
    hold(vec![
        case(
            "Poetry: a source with a name",
            &[("pyproject.toml", poetry), ("poetry.lock", &lock(legacy)), ("app.py", FLASK)],
            &["--mount=type=secret,id=netrc,target=/root/.netrc,required=true"],
            "--secret id=netrc,src=$HOME/.netrc",
        ),
        case(
            "Poetry: git over SSH",
            &[("pyproject.toml", poetry), ("poetry.lock", &lock(cloned)), ("app.py", FLASK)],
            &["openssh-client", "--mount=type=ssh,required=true"],
            "--ssh default",
        ),
        case(
            "PDM: a source with variables",
            &[("pyproject.toml", pdm), ("pdm.lock", pdm_lock), ("app.py", FLASK)],
            &["--mount=type=secret,id=SHOP_PASSWORD,env=SHOP_PASSWORD,required=true"],
            "--secret id=SHOP_USER,env=SHOP_USER --secret id=SHOP_PASSWORD,env=SHOP_PASSWORD",
        ),
        case(
            "Pipenv: a source with a variable",
            &[("Pipfile", pipfile), ("Pipfile.lock", pipfile_lock), ("app.py", FLASK)],
            &["--mount=type=secret,id=SHOP_TOKEN,env=SHOP_TOKEN,required=true"],
            "--secret id=SHOP_TOKEN,env=SHOP_TOKEN",
        ),
    ]);
}

fn package(dependency: &str) -> String {
    format!(
        r#"{{"name":"x","scripts":{{"start":"node server.js"}},"dependencies":{{"@shop/ui":"{dependency}"}}}}"#
    )
}

fn npm_lock(resolved: &str) -> String {
    format!(
        r#"{{"name":"x","lockfileVersion":3,"packages":{{"":{{"name":"x","dependencies":{{"@shop/ui":"1.0.0"}}}},
"node_modules/@shop/ui":{{"version":"1.0.0",
      "resolved": "{resolved}"}}}}}}"#
    )
}

#[test]
fn npm_pnpm_and_yarn() {
    let plain = npm_lock("https://registry.npmjs.org/@shop/ui/-/ui-1.0.0.tgz");
    let (npmrc, manifest) = ("--mount=type=secret,id=npmrc,target=/root/.npmrc", package("1.0.0"));
    assert!(npmrc.ends_with("npmrc"));
    let pnpm = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      '@shop/ui':\n        specifier: 1.0.0\n        version: git+ssh://git@git.example.com/shop/ui.git#0123\n\npackages:\n\n  '@shop/ui@git+ssh://git@git.example.com/shop/ui.git#0123':\n    resolution: {commit: 0123, repo: ssh://git@git.example.com/shop/ui.git, type: git}\n    version: 1.0.0\n";
    let yarn = "# yarn lockfile v1\n\n\n\"@shop/ui@git+ssh://git@github.com/shop/ui.git\":\n  version \"1.0.0\"\n  resolved \"git+ssh://git@github.com/shop/ui.git#0123\"\n";
    hold(vec![
        case(
            "a token in a variable",
            &[
                ("package.json", &manifest),
                ("package-lock.json", &plain),
                (
                    ".npmrc",
                    "@shop:registry=https://npm.pkg.github.com\n//npm.pkg.github.com/:_authToken=${GITHUB_TOKEN}\n",
                ),
                ("server.js", SERVER),
            ],
            &[
                "--mount=type=secret,id=GITHUB_TOKEN,env=GITHUB_TOKEN,required=true",
                "# The GITHUB_TOKEN of .npmrc: its credentials",
            ],
            "--secret id=GITHUB_TOKEN,env=GITHUB_TOKEN",
        ),
        case(
            "a scope without a token",
            &[
                ("package.json", &manifest),
                ("package-lock.json", &plain),
                (".npmrc", "@shop:registry=https://npm.pkg.github.com\n"),
                ("server.js", SERVER),
            ],
            &["--mount=type=secret,id=npmrc,target=/root/.npmrc,required=true"],
            "--secret id=npmrc,src=$HOME/.npmrc",
        ),
        case(
            "a registry that only the lock file names",
            &[
                ("package.json", &manifest),
                (
                    "package-lock.json",
                    &npm_lock(
                        "https://shop-1.d.codeartifact.eu-west-1.amazonaws.com/npm/shop/@shop/ui/-/ui-1.0.0.tgz",
                    ),
                ),
                ("server.js", SERVER),
            ],
            &["--mount=type=secret,id=npmrc,target=/root/.npmrc,required=true"],
            "--secret id=npmrc,src=$HOME/.npmrc",
        ),
        case(
            "git over SSH in so many words",
            &[
                ("package.json", &package("git+ssh://git@github.com/shop/ui.git#v1")),
                ("package-lock.json", &npm_lock("git+ssh://git@github.com/shop/ui.git#0123")),
                ("server.js", SERVER),
            ],
            &["openssh-client", "github.com ssh-ed25519 ", "--mount=type=ssh,required=true"],
            "--ssh default",
        ),
        case(
            "GitHub's shorthand: npm fetches the archive",
            &[
                ("package.json", &package("github:shop/ui")),
                ("package-lock.json", &npm_lock("git+ssh://git@github.com/shop/ui.git#0123")),
                ("server.js", SERVER),
            ],
            &["npm ci"],
            "",
        ),
        case(
            "git over HTTPS in so many words: git clones it",
            &[
                ("package.json", &package("git+https://github.com/shop/ui.git#v1")),
                ("package-lock.json", &npm_lock("git+https://git@github.com/shop/ui.git#0123")),
                ("server.js", SERVER),
            ],
            &["--no-install-recommends ca-certificates git"],
            "",
        ),
        case(
            "pnpm: git over SSH",
            &[
                ("package.json", &manifest.replace("1.0.0", "git+ssh://git@git.example.com/shop/ui.git")),
                ("pnpm-lock.yaml", pnpm),
                ("server.js", SERVER),
            ],
            &["--mount=type=ssh,required=true", "id=known_hosts,target=/etc/ssh/ssh_known_hosts"],
            "--ssh default --secret id=known_hosts,src=$HOME/.ssh/known_hosts",
        ),
        case(
            "Yarn: git over SSH that the lock file has",
            &[
                ("package.json", &package("git+ssh://git@github.com/shop/ui.git")),
                ("yarn.lock", yarn),
                ("server.js", SERVER),
            ],
            &["openssh-client", "--mount=type=ssh,required=true"],
            "--ssh default",
        ),
    ]);
}

#[test]
fn berry_and_bun() {
    let manifest = r#"{"name":"x","packageManager":"yarn@4.6.0","scripts":{"start":"node server.js"},"dependencies":{"@shop/ui":"1.0.0"}}"#;
    let lock = "__metadata:\n  version: 8\n  cacheKey: 10c0\n\n\"@shop/ui@npm:1.0.0\":\n  version: 1.0.0\n  resolution: \"@shop/ui@npm:1.0.0\"\n  languageName: node\n  linkType: hard\n";
    let rc = "nodeLinker: node-modules\nnpmScopes:\n  shop:\n    npmRegistryServer: \"https://shop.jfrog.io/artifactory/api/npm/main\"\n";
    let signed = format!("{rc}    npmAuthToken: \"${{SHOP_TOKEN}}\"\n");
    let bun = r#"{"name":"x","packageManager":"bun@1.4.0","scripts":{"start":"bun run index.ts"},"dependencies":{"@shop/ui":"1.0.0"}}"#;
    let bun_lock = r#"{"lockfileVersion": 1, "workspaces": {"": {"name": "x", "dependencies": {"@shop/ui": "1.0.0"}}}, "packages": {"@shop/ui": ["@shop/ui@1.0.0", "", {}, ""]}}"#;
    let serve = "Bun.serve({ port: 3000, fetch: () => new Response('hi') })\n";
    hold(vec![
        case(
            "Yarn 4: a scope with a token",
            &[
                ("package.json", manifest),
                ("yarn.lock", lock),
                (".yarnrc.yml", &signed),
                ("server.js", SERVER),
            ],
            &["--mount=type=secret,id=SHOP_TOKEN,env=SHOP_TOKEN,required=true"],
            "--secret id=SHOP_TOKEN,env=SHOP_TOKEN",
        ),
        case(
            "Yarn 4: a scope without one",
            &[("package.json", manifest), ("yarn.lock", lock), (".yarnrc.yml", rc), ("server.js", SERVER)],
            &["--mount=type=secret,id=yarnrc,target=/root/.yarnrc.yml,required=true"],
            "--secret id=yarnrc,src=$HOME/.yarnrc.yml",
        ),
        case(
            "Bun: a scope with a token",
            &[
                ("package.json", bun),
                ("bun.lock", bun_lock),
                (
                    "bunfig.toml",
                    "[install.scopes]\nshop = { token = \"$SHOP_TOKEN\", url = \"https://shop.jfrog.io/artifactory/api/npm/main/\" }\n",
                ),
                ("index.ts", serve),
            ],
            &[
                "--mount=type=secret,id=SHOP_TOKEN,env=SHOP_TOKEN,required=true",
                "# The install.scopes.shop of bunfig.toml",
            ],
            "--secret id=SHOP_TOKEN,env=SHOP_TOKEN",
        ),
    ]);
}

#[test]
fn go_and_cargo() {
    let module = "module example.com/a\n\ngo 1.26\n\nrequire git.example.com/shop/lib v1.0.0\n";
    let cargo = "[package]\nname = \"hello\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[dependencies]\naxum = \"0.8\"\n";
    let lock = |source: &str| {
        format!(
            "version = 4\n\n[[package]]\nname = \"shop\"\nversion = \"1.0.0\"\nsource = \"{source}\"\n\n[[package]]\nname = \"hello\"\nversion = \"1.0.0\"\ndependencies = [\n \"shop\",\n]\n"
        )
    };
    hold(vec![
        case(
            "Go: GOPRIVATE",
            &[
                ("go.mod", module),
                ("go.sum", "git.example.com/shop/lib v1.0.0 h1:x=\n"),
                ("main.go", GO),
                ("Makefile", "export GOPRIVATE=git.example.com/shop/*\n"),
            ],
            &[
                "ENV GOPRIVATE=\"git.example.com/shop/*\"",
                "git config --global url.\"ssh://git@git.example.com/\".insteadOf https://git.example.com/",
                "--mount=type=ssh,required=true",
                "--mount=type=secret,id=known_hosts,target=/etc/ssh/ssh_known_hosts,required=true",
            ],
            "--ssh default --secret id=known_hosts,src=$HOME/.ssh/known_hosts",
        ),
        case(
            "Cargo: a registry with a name",
            &[
                ("Cargo.toml", &format!("{cargo}shop = {{ version = \"1\", registry = \"shop-crates\" }}\n")),
                ("Cargo.lock", &lock("sparse+https://crates.example.com/index/")),
                (
                    ".cargo/config.toml",
                    "[registries.shop-crates]\nindex = \"sparse+https://crates.example.com/index/\"\n",
                ),
                ("src/main.rs", LISTENS),
            ],
            &[
                "&& printf '[registry]\\nglobal-credential-providers = [\"cargo:token\"]\\n' >> \"$CARGO_HOME/config.toml\"",
                "--mount=type=secret,id=CARGO_REGISTRIES_SHOP_CRATES_TOKEN,env=CARGO_REGISTRIES_SHOP_CRATES_TOKEN,required=true",
            ],
            "--secret id=CARGO_REGISTRIES_SHOP_CRATES_TOKEN,env=CARGO_REGISTRIES_SHOP_CRATES_TOKEN",
        ),
        case(
            "Cargo: git over SSH, and no SSH client",
            &[
                (
                    "Cargo.toml",
                    &format!("{cargo}shop = {{ git = \"ssh://git@github.com/example/shop.git\" }}\n"),
                ),
                ("Cargo.lock", &lock("git+ssh://git@github.com/example/shop.git#0123")),
                ("src/main.rs", LISTENS),
            ],
            &["github.com ssh-ed25519 ", "--mount=type=ssh,required=true"],
            "--ssh default",
        ),
    ]);
}

#[test]
fn the_jvm_and_composer() {
    let pom = "<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>shop</artifactId><version>1</version><packaging>jar</packaging><properties><java.version>21</java.version></properties><parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId><version>3.5.0</version></parent><dependencies><dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId></dependency></dependencies><repositories><repository><id>shop</id><url>URL</url></repository></repositories><build><plugins><plugin><groupId>org.springframework.boot</groupId><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build></project>";
    let main = "package a;\n@SpringBootApplication\npublic class App { public static void main(String[] args) { SpringApplication.run(App.class, args); } }\n";
    let gradle = "plugins { id 'java'; id 'org.springframework.boot' version '3.5.0' }\nrepositories {\n  mavenCentral()\n  maven {\n    url = uri('https://maven.pkg.github.com/shop/lib')\n    credentials {\n      username = NAME\n      password = WORD\n    }\n  }\n}\ndependencies { implementation 'org.springframework.boot:spring-boot-starter-web' }\n";
    let environment =
        gradle.replace("NAME", "System.getenv('SHOP_USER')").replace("WORD", "System.getenv('SHOP_TOKEN')");
    let properties =
        gradle.replace("NAME", "findProperty('shop.user')").replace("WORD", "findProperty('shop.token')");
    let plain = "plugins { id 'java'; id 'org.springframework.boot' version '3.5.0' }\ndependencies { implementation 'org.springframework.boot:spring-boot-starter-web' }\n";
    let central = "dependencyResolutionManagement {\n  repositories {\n    maven {\n      url = 'https://maven.pkg.github.com/shop/lib'\n      credentials {\n        username = System.getenv('SHOP_USER')\n        password = System.getenv('SHOP_TOKEN')\n      }\n    }\n  }\n}\nrootProject.name = 'shop'\n";
    let settings = "<settings><servers><server><id>shop</id><username>build</username><password>${env.SHOP_TOKEN}</password></server></servers></settings>";
    let composer = r#"{"type":"project","require":{"shop/lib":"^1"},"repositories":[{"type":"vcs","url":"git@gitlab.com:shop/lib.git"}]}"#;
    let (app, private) = ("src/main/java/a/App.java", "https://maven.pkg.github.com/shop/lib");
    hold(vec![
        case(
            "Maven: a repository that gives nothing without credentials",
            &[("pom.xml", &pom.replace("URL", private)), (app, main)],
            &["--mount=type=secret,id=settings.xml,target=/root/.m2/settings.xml,required=true"],
            "--secret id=settings.xml,src=$HOME/.m2/settings.xml",
        ),
        case(
            "Maven: a repository that nobody knows",
            &[("pom.xml", &pom.replace("URL", "https://maven.example.com/releases")), (app, main)],
            &["--mount=type=secret,id=settings.xml,target=/root/.m2/settings.xml \\\n"],
            "",
        ),
        case(
            "Maven: settings of the repository's own",
            &[
                ("pom.xml", &pom.replace("URL", private)),
                (".mvn/maven.config", "--settings\n.mvn/settings.xml\n"),
                (".mvn/settings.xml", settings),
                (app, main),
            ],
            &["--mount=type=secret,id=SHOP_TOKEN,env=SHOP_TOKEN,required=true"],
            "--secret id=SHOP_TOKEN,env=SHOP_TOKEN",
        ),
        case(
            "Gradle: credentials from variables",
            &[
                ("build.gradle", &environment),
                ("settings.gradle", "rootProject.name = 'shop'\n"),
                (app, main),
            ],
            &["--mount=type=secret,id=SHOP_TOKEN,env=SHOP_TOKEN,required=true"],
            "--secret id=SHOP_USER,env=SHOP_USER --secret id=SHOP_TOKEN,env=SHOP_TOKEN",
        ),
        case(
            "Gradle: credentials from properties",
            &[("build.gradle", &properties), ("settings.gradle", "rootProject.name = 'shop'\n"), (app, main)],
            &[
                "--mount=type=secret,id=gradle.properties,target=/root/.gradle/gradle.properties,required=true",
            ],
            "--secret id=gradle.properties,src=$HOME/.gradle/gradle.properties",
        ),
        case(
            "Gradle: a repository that the settings name for every project",
            &[("build.gradle", plain), ("settings.gradle", central), (app, main)],
            &["--mount=type=secret,id=SHOP_TOKEN,env=SHOP_TOKEN,required=true"],
            "--secret id=SHOP_USER,env=SHOP_USER --secret id=SHOP_TOKEN,env=SHOP_TOKEN",
        ),
        case(
            "Composer: a repository over SSH",
            &[("composer.json", composer), ("public/index.php", "<?php")],
            &["openssh-client", "gitlab.com ssh-ed25519 ", "--mount=type=ssh,required=true"],
            "--ssh default",
        ),
        case(
            "Composer: a private Packagist",
            &[
                (
                    "composer.json",
                    &composer
                        .replace("\"vcs\"", "\"composer\"")
                        .replace("git@gitlab.com:shop/lib.git", "https://repo.packagist.com/shop/"),
                ),
                ("public/index.php", "<?php"),
            ],
            &["--mount=type=secret,id=composer-auth,target=/root/.composer/auth.json,required=true"],
            "--secret id=composer-auth,src=auth.json",
        ),
    ]);
}
