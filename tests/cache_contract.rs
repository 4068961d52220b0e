//! What an edit may cost, as (change, expectation) pairs over every example: computed from the COPY instructions and the
//! .dockerignore as Docker reads them, without Docker. `.ci/run` measures the same in the lab.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use camino::{Utf8Path, Utf8PathBuf};
use dfgen::emit::dockerfile::{self, Instruction, Stage};
use dfgen::emit::dockerignore::Patterns;
use support::{Dir, copy, single_examples};

/// What somebody changes.
#[derive(Debug, Clone, Copy)]
enum Change {
    Source,
    Manifest,
    LockFile,
    ContainerFiles,
    Secrets,
}

/// What that may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    NothingRebuilt,
    InstallCached,
    InstallAgain,
}

const CONTRACT: [(Change, Expect); 5] = [
    (Change::Source, Expect::InstallCached),
    (Change::Manifest, Expect::InstallAgain),
    (Change::LockFile, Expect::InstallAgain),
    (Change::ContainerFiles, Expect::NothingRebuilt),
    (Change::Secrets, Expect::NothingRebuilt),
];

const MANIFESTS: [&str; 12] = [
    "composer.json",
    "pyproject.toml",
    "requirements.txt",
    "package.json",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "settings.gradle",
    "settings.gradle.kts",
    "libs.versions.toml",
    "Cargo.toml",
];
const LOCKS: [&str; 10] = [
    "composer.lock",
    "uv.lock",
    "poetry.lock",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "go.sum",
    "npm-shrinkwrap.json",
    "Cargo.lock",
];
const INSTALLS: [&str; 13] = [
    "composer install",
    "composer update",
    "uv sync",
    "pip install --requirement",
    "dependency:go-offline",
    "dependencies",
    "go mod download",
    "npm ci",
    "npm install",
    "pnpm install",
    "yarn install",
    "yarn workspaces",
    "bun install",
];
const SOURCES: [&str; 10] = ["php", "py", "go", "js", "ts", "tsx", "mjs", "java", "kt", "rs"];

/// The files that a change touches.
fn touched(change: Change, files: &[Utf8PathBuf]) -> Vec<Utf8PathBuf> {
    let named = |names: &[&str]| -> Vec<Utf8PathBuf> {
        files
            .iter()
            .filter(|file| file.file_name().is_some_and(|name| names.contains(&name)))
            .cloned()
            .collect()
    };
    match change {
        Change::Source => files
            .iter()
            .filter(|file| {
                file.extension().is_some_and(|end| SOURCES.contains(&end))
                    && !file.as_str().contains("config")
            })
            .cloned()
            .collect(),
        Change::Manifest => named(&MANIFESTS),
        Change::LockFile => named(&LOCKS),
        Change::ContainerFiles => ["Dockerfile", ".dockerignore", "dfgen.lock", "dfgen.toml", "compose.yaml"]
            .map(Into::into)
            .to_vec(),
        Change::Secrets => [".env", ".env.local", "server.key"].map(Into::into).to_vec(),
    }
}

/// Whether an instruction reads one of the files from the build context.
fn reads(instruction: &Instruction, files: &[&Utf8Path]) -> bool {
    if instruction.keyword != "COPY" || instruction.flag("from").is_some() || !instruction.heredocs.is_empty()
    {
        return false;
    }
    let operands = instruction.plain().unwrap();
    let (_, sources) = operands.split_last().unwrap();
    sources.iter().any(|source| {
        let source = source.text.trim_start_matches("./").trim_end_matches('/');
        files.iter().any(|file| source == "." || source.is_empty() || file.starts_with(source))
    })
}

/// How far down the first instruction is that a change reaches, and whether an install comes after it.
fn cost(stage: &Stage, files: &[&Utf8Path]) -> Expect {
    let Some(first) = stage.instructions.iter().position(|one| reads(one, files)) else {
        return Expect::NothingRebuilt;
    };
    let installs =
        |one: &Instruction| one.keyword == "RUN" && INSTALLS.iter().any(|install| one.raw.contains(install));
    if stage.instructions[first..].iter().any(installs) {
        Expect::InstallAgain
    } else {
        Expect::InstallCached
    }
}

/// Whether the Dockerfile installs from a manifest or lock file: a module without requirements downloads nothing.
fn installed(dockerfile: &str, file: &Utf8Path) -> bool {
    let tool = |name: &str| match name {
        _ if name.starts_with("go.") || name.starts_with("go ") => "go",
        "pom.xml" | "dependency:go-offline" => "maven",
        _ if name.contains("gradle") || matches!(name, "dependencies" | "libs.versions.toml") => "gradle",
        // With mounts, cargo compiles dependencies and sources in one step, out of a folder that outlives it.
        _ if name.starts_with("Cargo.") => "cargo",
        _ if name.starts_with("composer") => "composer",
        _ => "node",
    };
    let own = file.file_name().map_or("", tool);
    INSTALLS.iter().any(|install| tool(install) == own && dockerfile.contains(install))
}

fn worst(dir: &Dir, changed: &[Utf8PathBuf]) -> Expect {
    let parsed = dockerfile::parse(&dir.read("Dockerfile").unwrap()).unwrap();
    let ignore = Patterns::parse(&dir.read(".dockerignore").unwrap()).unwrap();
    let seen: Vec<&Utf8Path> =
        changed.iter().map(Utf8PathBuf::as_path).filter(|file| !ignore.excludes(file)).collect();
    let costs: Vec<Expect> = parsed.stages.iter().map(|stage| cost(stage, &seen)).collect();
    let rank = [Expect::InstallAgain, Expect::InstallCached];
    rank.into_iter().find(|one| costs.contains(one)).unwrap_or(Expect::NothingRebuilt)
}

#[test]
fn the_contract_holds_for_every_example() {
    for example in single_examples() {
        let (dir, _) = copy(&example);
        let files: Vec<Utf8PathBuf> = dir.files().into_keys().map(Utf8PathBuf::from).collect();
        assert_eq!(dir.run(&["init", "{}", "--quiet"]).code, 0, "{}", example.display());
        let text = dir.read("Dockerfile").unwrap();
        for (change, expected) in CONTRACT {
            for file in touched(change, &files) {
                let found = worst(&dir, std::slice::from_ref(&file));
                let place = format!("{}: {change:?} of {file}", example.display());
                match expected {
                    Expect::InstallAgain if !installed(&text, &file) => {}
                    Expect::InstallCached => assert_ne!(found, Expect::InstallAgain, "{place}"),
                    _ => assert_eq!(found, expected, "{place}"),
                }
            }
        }
        assert!(!touched(Change::Source, &files).is_empty(), "{} has no source", example.display());
    }
}

/// Without mounts, cargo compiles dependencies in a layer that only manifests reach, and the sources are touched behind it.
#[test]
fn layers_of_rust_compile_dependencies_apart() {
    for name in ["rust-axum", "rust-workspace-sys"] {
        let example = single_examples().into_iter().find(|path| path.ends_with(name)).unwrap();
        let (dir, _) = copy(&example);
        let files: Vec<Utf8PathBuf> = dir.files().into_keys().map(Utf8PathBuf::from).collect();
        assert_eq!(dir.run(&["init", "{}", "--quiet", "--cache", "layers"]).code, 0, "{name}");
        let text = dir.read("Dockerfile").unwrap();
        assert!(!text.contains("--mount"), "{text}");
        let parsed = dockerfile::parse(&text).unwrap();
        let build = parsed.stages.first().unwrap();
        let runs: Vec<usize> = (0..build.instructions.len())
            .filter(|at| build.instructions[*at].raw.contains("cargo build"))
            .collect();
        let [first, last] = runs.as_slice() else { panic!("{text}") };
        assert!(build.instructions[*last].raw.contains("-exec touch"), "{text}");
        for file in &files {
            let reached = build.instructions.iter().position(|one| reads(one, &[file])).unwrap();
            let manifest = file.file_name().is_some_and(|name| name.starts_with("Cargo."));
            assert_eq!(reached < *first, manifest, "{name}: {file}");
        }
    }
}
