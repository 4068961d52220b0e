//! The whole table: each kind of program on each base works, or is refused with the fact that forbids it and the nearest
//! base that works. Images on musl are rendered and read back here; the lab cannot run them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::Dir;

/// What a cell of the table says.
enum Cell {
    /// The last stage's image, and a piece of the Dockerfile that makes it work there.
    Works(&'static str, &'static str),
    /// A piece of the reason, and the strategy that is offered instead.
    Refused(&'static str, &'static str),
}
use Cell::{Refused, Works};

const GO: &str =
    "package main\n\nimport \"net/http\"\n\nfunc main() {\n\t_ = http.ListenAndServe(\":8080\", nil)\n}\n";
const MODULE: &str = "module example.com/hello\n\ngo 1.26\n";
const CGO: &str = "module example.com/hello\n\ngo 1.26\n\nrequire github.com/mattn/go-sqlite3 v1.14.32\n";
const SERVER: &str = "require('http').createServer().listen(3000)\n";
const LOCK: &str = r#"{"name":"x","lockfileVersion":3,"packages":{"":{"name":"x","dependencies":{"ms":"2.1.3"}},"node_modules/ms":{"version":"2.1.3"}}}"#;

fn go() -> Dir {
    Dir::new(&[("go.mod", MODULE), ("main.go", GO)])
}

fn cgo() -> Dir {
    let main = GO
        .replace("\"net/http\"", "\"net/http\"\n\n\t_ \"github.com/mattn/go-sqlite3\"")
        .replace("import \"net/http\"", "import (\n\t\"net/http\"")
        .replacen("\"\n\nfunc", "\"\n)\n\nfunc", 1);
    Dir::new(&[
        ("go.mod", CGO),
        ("go.sum", "github.com/mattn/go-sqlite3 v1.14.32 h1:x=\n"),
        ("main.go", &main),
    ])
}

fn node() -> Dir {
    let manifest = r#"{"name":"x","scripts":{"start":"node server.js"},"dependencies":{"ms":"2.1.3"}}"#;
    Dir::new(&[("package.json", manifest), ("package-lock.json", LOCK), ("server.js", SERVER)])
}

fn bun() -> Dir {
    let manifest = r#"{"name":"x","packageManager":"bun@1.4.0","scripts":{"start":"bun run index.ts"}}"#;
    Dir::new(&[
        ("package.json", manifest),
        ("bun.lock", "{\"lockfileVersion\": 1, \"workspaces\": {\"\": {\"name\": \"x\"}}, \"packages\": {}}"),
        ("index.ts", "Bun.serve({ port: 3000, fetch: () => new Response('hi') })\n"),
    ])
}

const CARGO: &str = "[package]\nname = \"hello\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[dependencies]\naxum = \"0.8\"\nCRATE = \"1\"\n";
const LISTENS: &str = "fn main() { tokio::signal::unix::signal(SignalKind::terminate()); TcpListener::bind(\"0.0.0.0:3000\"); }\n";

/// A Rust program with a crate, and what that crate depends on.
fn rust(name: &str, uses: &str) -> Dir {
    let lock = format!(
        "version = 4\n\n[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\ndependencies = [\n \"{uses}\",\n]\n"
    );
    Dir::new(&[
        ("Cargo.toml", &CARGO.replace("CRATE", name)),
        ("Cargo.lock", &lock),
        ("src/main.rs", LISTENS),
    ])
}

fn python() -> Dir {
    Dir::new(&[
        ("requirements.txt", "flask==3.1.2\ngunicorn==23.0.0\n"),
        ("app.py", "from flask import Flask\n\napp = Flask(__name__)\n"),
    ])
}

fn php() -> Dir {
    let manifest = r#"{"type":"project","require":{"php":"^8.3","ext-intl":"*","monolog/monolog":"^3.0"}}"#;
    let lock = r#"{"packages":[{"name":"monolog/monolog","version":"3.9.0","require":{"php":">=8.1"}}],"packages-dev":[]}"#;
    Dir::new(&[("composer.json", manifest), ("composer.lock", lock), ("public/index.php", "<?php echo 1;\n")])
}

fn php_tool() -> Dir {
    let manifest = r#"{"name":"acme/tool","require":{"php":"^8.3","ext-intl":"*"},"bin":["bin/tool"]}"#;
    Dir::new(&[("composer.json", manifest), ("bin/tool", "#!/usr/bin/env php\n<?php echo 1;\n")])
}

fn site() -> Dir {
    Dir::new(&[("index.html", "<!doctype html>")])
}

fn holds(name: &str, dir: &Dir, base: &str, cell: &Cell) {
    let ran = dir.run(&["init", "{}", "--stdout", "--base", base]);
    match cell {
        Works(image, piece) => {
            assert_eq!(ran.code, 0, "{name} on {base}: {}", ran.stderr);
            let last = ran.stdout.lines().rfind(|line| line.starts_with("FROM ")).unwrap();
            assert!(last.contains(image), "{name} on {base}: {last}");
            assert!(ran.stdout.contains(piece), "{name} on {base}: no `{piece}` in\n{}", ran.stdout);
        }
        Refused(why, nearest) => {
            assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{name} on {base}");
            assert!(ran.stderr.contains(why), "{name} on {base}: {}", ran.stderr);
            assert!(ran.stderr.contains(&format!("`--base {nearest}`")), "{name} on {base}: {}", ran.stderr);
        }
    }
}

#[test]
fn go_without_c_works_everywhere() {
    let dir = go();
    holds("go", &dir, "auto", &Works("distroless/static-", "CGO_ENABLED=0"));
    holds("go", &dir, "distroless", &Works("distroless/static-", "CGO_ENABLED=0"));
    holds("go", &dir, "slim", &Works("debian:trixie-slim", "ca-certificates"));
    holds("go", &dir, "alpine", &Works("alpine:", "apk add --no-cache ca-certificates tzdata"));
    holds(
        "go",
        &dir,
        "scratch",
        &Works("FROM scratch", "COPY --from=build /etc/ssl/certs/ca-certificates.crt"),
    );
    for piece in [
        "-tags=timetzdata",
        "/out/root/etc/passwd",
        "mkdir -m 1777 /out/root/tmp",
        "COPY --from=build /out/root /",
    ] {
        holds("go", &dir, "scratch", &Works("FROM scratch", piece));
    }
}

#[test]
fn go_with_c_needs_a_libc() {
    let dir = cgo();
    holds("cgo", &dir, "auto", &Works("distroless/base-nossl-", "CGO_ENABLED=1"));
    holds("cgo", &dir, "distroless", &Works("distroless/base-nossl-", "CGO_ENABLED=1"));
    holds("cgo", &dir, "slim", &Works("debian:trixie-slim", "CGO_ENABLED=1"));
    holds("cgo", &dir, "alpine", &Works("alpine:", "apk add --no-cache gcc musl-dev"));
    holds("cgo", &dir, "scratch", &Refused("github.com/mattn/go-sqlite3", "distroless"));
}

#[test]
fn node_needs_node() {
    let dir = node();
    holds(
        "node",
        &dir,
        "auto",
        &Works("distroless/nodejs24-", "ENTRYPOINT [\"/tini\", \"--\", \"/nodejs/bin/node\"]"),
    );
    holds("node", &dir, "distroless", &Works("distroless/nodejs24-", "tini-static"));
    holds(
        "node",
        &dir,
        "slim",
        &Works("node:24-trixie-slim", "ENTRYPOINT [\"/usr/bin/tini\", \"--\", \"node\"]"),
    );
    holds("node", &dir, "alpine", &Works("node:24-alpine", "apk add --no-cache tini"));
    holds("node", &dir, "scratch", &Refused("run by node", "distroless"));
}

#[test]
fn a_node_that_distroless_lacks_goes_to_slim() {
    let dir = node();
    dir.put(".nvmrc", "20\n");
    holds("node 20", &dir, "auto", &Works("node:20-trixie-slim", "npm ci --omit=dev"));
    holds("node 20", &dir, "distroless", &Refused("published for 22, 24 and 26 alone", "slim"));
}

#[test]
fn a_start_that_needs_a_shell_has_one_under_an_init() {
    let dir = Dir::new(&[
        ("package.json", r#"{"scripts":{"start":"node server.js --port $PORT"}}"#),
        ("server.js", SERVER),
    ]);
    holds(
        "shell",
        &dir,
        "auto",
        &Works("node:24-trixie-slim", "ENTRYPOINT [\"/usr/bin/tini\", \"-g\", \"--\"]"),
    );
    holds("shell", &dir, "distroless", &Refused("a shell", "slim"));
}

#[test]
fn bun_needs_bun() {
    let dir = bun();
    holds("bun", &dir, "auto", &Works("oven/bun:1.4-slim", "\"bun\""));
    holds("bun", &dir, "slim", &Works("oven/bun:1.4-slim", "USER 1000:1000"));
    holds("bun", &dir, "alpine", &Works("oven/bun:1.4-alpine", "USER 1000:1000"));
    holds("bun", &dir, "distroless", &Refused("past its end of life", "slim"));
    holds("bun", &dir, "scratch", &Refused("run by bun", "slim"));
}

const POM: &str = "<project><parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId><version>3.5.6</version><relativePath/></parent><groupId>g</groupId><artifactId>app</artifactId><version>1</version><properties><java.version>21</java.version></properties><dependencies><dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId></dependency></dependencies><build><plugins><plugin><groupId>org.springframework.boot</groupId><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build></project>";
const APP: &str = "package x; public class App { public static void main(String[] args) { } }";

#[test]
fn java_needs_a_jvm() {
    let dir = Dir::new(&[("pom.xml", POM), ("src/main/java/x/App.java", APP)]);
    holds(
        "java",
        &dir,
        "auto",
        &Works("distroless/java21-", "ENTRYPOINT [\"/usr/bin/java\", \"-jar\", \"app.jar\"]"),
    );
    holds("java", &dir, "distroless", &Works("distroless/java21-", "USER 65532:65532"));
    holds("java", &dir, "slim", &Works("eclipse-temurin:21-jre-noble", "useradd"));
    holds("java", &dir, "alpine", &Works("eclipse-temurin:21-jre-alpine-3.24", "adduser"));
    holds("java", &dir, "scratch", &Refused("run by java", "distroless"));
}

#[test]
fn a_java_that_distroless_lacks_goes_to_slim() {
    let pom = POM.replace("<java.version>21", "<java.version>11");
    let dir = Dir::new(&[("pom.xml", &pom), ("src/main/java/x/App.java", APP)]);
    holds("java 11", &dir, "auto", &Works("eclipse-temurin:11-jre-noble", "maven:3.9-eclipse-temurin-11"));
    holds("java 11", &dir, "distroless", &Refused("published for 17, 21 and 25 alone", "slim"));
}

#[test]
fn native_code_for_glibc_keeps_java_off_musl() {
    let netty = "<dependency><groupId>io.netty</groupId><artifactId>netty-tcnative-boringssl-static</artifactId></dependency></dependencies>";
    let pom = POM.replace("</dependencies>", netty);
    let dir = Dir::new(&[("pom.xml", &pom), ("src/main/java/x/App.java", APP)]);
    holds("java with native code", &dir, "auto", &Works("distroless/java21-", "app.jar"));
    holds("java with native code", &dir, "alpine", &Refused("netty-tcnative", "distroless"));
}

#[test]
fn rust_is_static_on_musl() {
    let dir = rust("zstd-sys", "cc");
    holds("rust", &dir, "auto", &Works("distroless/cc-", "rust:1.98-slim-trixie"));
    holds("rust", &dir, "distroless", &Works("distroless/cc-", "--mount=type=cache,id=hello-target-"));
    holds("rust", &dir, "slim", &Works("debian:trixie-slim", "useradd"));
    holds("rust", &dir, "alpine", &Works("alpine:", "rust:1.98-alpine3.24"));
    holds("rust", &dir, "scratch", &Works("FROM scratch", "compiles a static program, on musl"));
    holds("rust", &dir, "scratch", &Works("FROM scratch", "COPY --from=build /out/root /"));
}

#[test]
fn rust_links_openssl_statically_on_musl() {
    let dir = rust("openssl-sys", "pkg-config");
    holds("openssl", &dir, "auto", &Works("distroless/cc-", "libssl-dev pkg-config"));
    holds("openssl", &dir, "slim", &Works("debian:trixie-slim", "libssl-dev pkg-config"));
    holds("openssl", &dir, "alpine", &Works("alpine:", "openssl-libs-static"));
    holds("openssl", &dir, "scratch", &Works("FROM scratch", "ENV OPENSSL_STATIC=1"));
}

#[test]
fn rust_with_a_library_of_the_system_needs_an_image_that_has_it() {
    let dir = rust("pq-sys", "libc");
    holds("libpq", &dir, "auto", &Works("debian:trixie-slim", "libpq5"));
    holds("libpq", &dir, "distroless", &Refused("pq-sys links libpq", "slim"));
    holds("libpq", &dir, "slim", &Works("debian:trixie-slim", "libpq-dev"));
    holds("libpq", &dir, "alpine", &Works("alpine:", "RUSTFLAGS=\"-C target-feature=-crt-static\""));
    holds("libpq", &dir, "scratch", &Refused("pq-sys links libpq", "slim"));
}

#[test]
fn rust_whose_build_reads_headers_needs_glibc() {
    let dir = rust("bindgen", "clang-sys");
    dir.put("Cargo.toml", &CARGO.replace("CRATE = \"1\"\n", "\n[build-dependencies]\nbindgen = \"0.72\"\n"));
    holds("bindgen", &dir, "auto", &Works("distroless/cc-", "clang libclang-dev"));
    holds("bindgen", &dir, "alpine", &Refused("bindgen reads C headers", "distroless"));
    holds("bindgen", &dir, "scratch", &Refused("bindgen reads C headers", "distroless"));
}

#[test]
fn a_build_that_fetches_its_library_has_what_it_fetches_it_with() {
    holds("v8", &rust("v8", "bindgen"), "auto", &Works("distroless/cc-", "python3"));
}

#[test]
fn rocksdb_of_java_brings_a_library_for_musl() {
    let streams = "<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-streams</artifactId></dependency></dependencies>";
    let pom = POM.replace("</dependencies>", streams);
    let dir = Dir::new(&[("pom.xml", &pom), ("src/main/java/x/App.java", APP)]);
    holds("streams", &dir, "auto", &Works("distroless/java21-", "app.jar"));
    holds("streams", &dir, "alpine", &Works("eclipse-temurin:21-jre-alpine", "libstdc++"));
}

#[test]
fn extensions_of_php_are_built_and_run_with_their_libraries() {
    let dir = php();
    let needs = r#""require":{"ext-enchant":"*","ext-event":"*","#;
    let composer = dir.read("composer.json").unwrap().replace(r#""require":{"#, needs);
    dir.put("composer.json", &composer);
    holds("enchant", &dir, "auto", &Works("FROM base AS runtime", "libenchant-2-dev"));
    holds("event", &dir, "auto", &Works("FROM base AS runtime", "libevent-openssl-2.1-7t64"));
}

#[test]
fn a_site_needs_a_web_server() {
    let dir = site();
    holds("site", &dir, "auto", &Works("nginx-unprivileged:1.30-alpine-slim", "USER 101:101"));
    holds("site", &dir, "alpine", &Works("nginx-unprivileged:1.30-alpine-slim", "USER 101:101"));
    holds("site", &dir, "slim", &Works("nginx-unprivileged:1.30 ", "USER 101:101"));
    holds("site", &dir, "distroless", &Refused("web server", "alpine"));
    holds("site", &dir, "scratch", &Refused("web server", "alpine"));
}

#[test]
fn php_is_served_by_apache_on_debian() {
    let dir = php();
    holds("php", &dir, "auto", &Works("FROM base AS runtime", "FROM php:8.5-apache-trixie AS base"));
    holds("php", &dir, "slim", &Works("FROM base AS runtime", "libicu76"));
    holds("php", &dir, "alpine", &Refused("Apache with PHP in it", "slim"));
    holds("php", &dir, "distroless", &Refused("no distroless image has PHP", "slim"));
    holds("php", &dir, "scratch", &Refused("PHP runs the program", "slim"));
}

#[test]
fn front_ends_of_php_are_built_beside_the_packages_that_they_read() {
    let dir = php();
    let ui = r#"{"private":true,"scripts":{"build":"vite build"},"devDependencies":{"vite":"^7","laravel-vite-plugin":"^2"}}"#;
    dir.put("package.json", ui);
    holds(
        "front end",
        &dir,
        "auto",
        &Works("FROM base AS runtime", "COPY --from=ui /src/public/build public/build"),
    );
    dir.put("resources/app.css", "@source '../vendor/monolog/monolog';\n");
    holds(
        "beside",
        &dir,
        "auto",
        &Works("FROM base AS runtime", "COPY --from=packages /var/www/html/vendor vendor"),
    );
    holds("beside", &dir, "auto", &Works("FROM base AS runtime", "FROM packages AS build"));
}

#[test]
fn php_of_the_command_line_runs_on_musl() {
    let dir = php_tool();
    holds("tool", &dir, "auto", &Works("php:8.5-cli-trixie", "ENTRYPOINT [\"php\", \"bin/tool\"]"));
    holds(
        "tool",
        &dir,
        "alpine",
        &Works("php:8.5-cli-alpine3.24", "--virtual .build \\\n        $PHPIZE_DEPS icu-dev"),
    );
}

#[test]
fn python_needs_its_interpreter() {
    let dir = python();
    holds("python", &dir, "auto", &Works("python:3.14-slim-trixie", "COPY --from=build /opt/venv /opt/venv"));
    holds("python", &dir, "slim", &Works("python:3.14-slim-trixie", "useradd --uid 10001"));
    holds("python", &dir, "alpine", &Works("python:3.14-alpine", "adduser"));
    holds("python", &dir, "scratch", &Refused("run by Python", "slim"));
}

#[test]
fn python_on_distroless_is_debians() {
    let dir = python();
    holds("python", &dir, "distroless", &Works("distroless/python3-", "ENTRYPOINT [\"gunicorn\"]"));
    holds("python", &dir, "distroless", &Works("distroless/python3-", "python3 -m venv /opt/venv"));
    dir.put(".python-version", "3.12\n");
    holds("python 3.12", &dir, "distroless", &Refused("published for 3.13 alone", "slim"));
}

#[test]
fn wheels_for_glibc_alone_do_not_go_to_musl() {
    let dir = Dir::new(&[
        ("requirements.txt", "streamlit==1.51.0\nonnxruntime==1.23.2\n"),
        ("app.py", "import streamlit as st\n\nst.title('x')\n"),
    ]);
    holds("wheels", &dir, "alpine", &Refused("glibc", "slim"));
}

#[test]
fn python_that_takes_its_port_in_a_shell_has_one() {
    let dir = python();
    dir.put("requirements.txt", "fastapi\nuvicorn\n");
    dir.put("Procfile", "web: uvicorn app:app --host 0.0.0.0 --port $PORT\n");
    holds("shell", &dir, "auto", &Works("python:3.14-slim", "exec uvicorn app:app"));
    holds("shell", &dir, "distroless", &Refused("a shell", "slim"));
}
