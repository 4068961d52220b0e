//! The build stage. With cache mounts, cargo's target folder outlives the step, so that an edit compiles the workspace
//! alone. Without them, dependencies are compiled in a layer of their own, from the manifests and sources that stand for
//! the real ones: fetching them alone would compile all of them at every edit.
//!
//! Cargo tells what has changed by time. A checkout may be older than what an earlier build left in the target folder,
//! and then the earlier program would be shipped: every source is touched before the build.

use camino::Utf8Path;

use super::{Rust, SOURCES, init_wanted};
use crate::compose::Composition;
use crate::facts::{Found, Need, Phase};
use crate::plan::layout::{absolute, copies, in_context};
use crate::plan::{Act, CacheStyle, Mount, Run, Stage, Step, access, front, ignore, runtime};
use crate::text::{shell_line, shell_word};

const CARGO_HOME: &str = "/usr/local/cargo";

pub(super) fn stage(rust: &Rust, composition: &Composition, offers: &[String], says: &str) -> Stage {
    let manager = if rust.needs.musl { "apk" } else { "apt" };
    let needs = build_needs(rust);
    let (mut packages, mut because) =
        runtime::build_packages(rust.knowledge, &needs, offers, rust.needs.musl, rust.suite);
    if init_wanted(rust) && rust.chosen.image.packages.is_none() {
        let row = rust.knowledge.system.capabilities.get("init");
        packages.extend(
            row.map(|row| if rust.needs.musl { row.alpine_build.clone() } else { row.build.clone() })
                .unwrap_or_default(),
        );
        packages.sort();
        because.push("The init of the last stage.".to_owned());
    }
    packages.dedup();
    let how = match (rust.needs.musl, rust.needs.dynamic) {
        (false, _) => "compiles with cargo",
        (true, false) => "compiles a static program, on musl",
        (true, true) => "compiles on musl",
    };
    Stage {
        name: "build".into(),
        purpose: vec![format!("build {how}. {says}")],
        image: rust.image.clone(),
        workdir: SOURCES.into(),
        packages: runtime::install(rust.knowledge, manager, &packages, &because).into_iter().collect(),
        env: environment(rust),
        setup: toolchain(rust).into_iter().chain(access::setup(&rust.project.access)).collect(),
        manifests: manifests(rust),
        install: skeleton(rust),
        sources: sources(rust, composition),
        build: compile(rust, composition),
        ..Stage::default()
    }
}

/// What the build needs, and what the last stage is copied from it.
fn build_needs(rust: &Rust) -> Vec<Found<Need>> {
    let mut needs = rust.needs.all.clone();
    for capability in &rust.chosen.copy {
        let asked =
            needs.iter().find(|need| need.value.capability == *capability && need.value.phase == Phase::Run);
        if let Some(asked) = asked.cloned() {
            let value = Need { capability: capability.clone(), phase: Phase::Build };
            needs.push(Found { value, because: asked.because });
        }
    }
    needs
}

fn environment(rust: &Rust) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Some(offline) = &rust.facts.sqlx_offline {
        let pairs = vec![("SQLX_OFFLINE".to_owned(), "true".to_owned())];
        steps.push(Step::because(format!("{}.", runtime::sentence(offline.says())), Act::Env(pairs)));
    }
    if rust.needs.dynamic {
        let pairs = vec![("RUSTFLAGS".to_owned(), "-C target-feature=-crt-static".to_owned())];
        steps.push(Step::because("Libraries of the image are linked: no static program.", Act::Env(pairs)));
    } else if rust.needs.musl && rust.facts.fixed.iter().any(|one| one == "libssl") {
        let pairs = vec![("OPENSSL_STATIC".to_owned(), "1".to_owned())];
        steps.push(Step::because("OpenSSL is linked into the program.", Act::Env(pairs)));
    }
    if let Some(nightly) = &rust.facts.nightly {
        steps.push(Step::plain(Act::Env(vec![("RUSTUP_TOOLCHAIN".to_owned(), nightly.value.clone())])));
    }
    steps
}

/// A toolchain that no image has.
fn toolchain(rust: &Rust) -> Vec<Step> {
    let Some(nightly) = &rust.facts.nightly else { return Vec::new() };
    let command = format!("rustup toolchain install {} --profile minimal", shell_word(&nightly.value));
    let because = vec![format!("{}: no image is published for it.", runtime::sentence(nightly.says()))];
    vec![Step { because, ..Step::run(vec![], vec![command]) }]
}

fn layers(rust: &Rust) -> bool {
    rust.wishes.cache == CacheStyle::Layers
}

/// The folder of the workspace in the stage.
fn home(rust: &Rust) -> String {
    absolute(SOURCES, &in_context(&rust.facts.workspace_root, &rust.context))
        .trim_end_matches("/.")
        .to_owned()
}

fn is_root(rust: &Rust) -> bool {
    rust.facts.workspace_root == rust.context
}

fn manifests(rust: &Rust) -> Vec<Step> {
    if !layers(rust) {
        return Vec::new();
    }
    let files: Vec<String> =
        rust.facts.manifests.iter().map(|file| in_context(file, &rust.context)).collect();
    let mut steps = copies(&files);
    if let Some(first) = steps.first_mut() {
        first.because =
            vec!["Manifests alone: dependencies are compiled again only when they change.".to_owned()];
    }
    if rust.facts.vendored {
        steps.push(Step::copy(vec!["vendor".into()], "vendor"));
    }
    if !is_root(rust) {
        steps.push(Step::plain(Act::Workdir(home(rust))));
    }
    steps
}

/// Sources that stand for the real ones, and the dependencies compiled for them.
fn skeleton(rust: &Rust) -> Vec<Step> {
    if !layers(rust) {
        return Vec::new();
    }
    let of = |program: bool| -> Vec<String> {
        let skeleton = rust.facts.skeleton.iter().filter(|(_, is)| *is == program);
        skeleton.map(|(path, _)| place(rust, path)).collect()
    };
    let (programs, libraries) = (of(true), of(false));
    let mut commands: Vec<String> = folders_of(programs.iter().chain(&libraries)).into_iter().collect();
    match programs.as_slice() {
        [] => {}
        [one] => commands.push(format!("echo 'fn main() {{}}' > {}", shell_word(one))),
        _ => commands.push(format!(
            "for main in {}; do\necho 'fn main() {{}}' > \"${{main}}\"; done",
            shell_line(&programs)
        )),
    }
    if !libraries.is_empty() {
        commands.push(format!("touch {}", shell_line(&libraries)));
    }
    commands.push(cargo(rust));
    let because = vec![
        "Empty sources stand for the real ones, so that dependencies have a layer of their own.".to_owned(),
    ];
    vec![Step { because, ..Step::run(access::mounts(&rust.project.access), commands) }]
}

/// Where the stage has a file, as commands in the workspace's folder name it.
fn place(rust: &Rust, path: &Utf8Path) -> String {
    path.strip_prefix(&rust.facts.workspace_root)
        .map_or_else(|_| absolute(SOURCES, &in_context(path, &rust.context)), |path| path.as_str().to_owned())
}

/// What makes the folders of files.
fn folders_of<'a>(files: impl Iterator<Item = &'a String>) -> Option<String> {
    let mut folders: Vec<&str> =
        files.filter_map(|path| path.rsplit_once('/').map(|(folder, _)| folder)).collect();
    folders.sort_unstable();
    folders.dedup();
    (!folders.is_empty()).then(|| format!("mkdir -p {}", shell_line(&folders)))
}

/// What stands for the members that the .dockerignore leaves out.
fn stand_ins(rust: &Rust, composition: &Composition) -> Option<Vec<String>> {
    let apart = ignore::apart(composition, &rust.context);
    let out = |path: &Utf8Path| apart.iter().any(|dir| path.starts_with(dir));
    let skeleton = rust.facts.skeleton.iter().filter(|(path, _)| out(path));
    let files: Vec<String> = skeleton.map(|(path, _)| place(rust, path)).collect();
    if files.is_empty() {
        return None;
    }
    Some(folders_of(files.iter()).into_iter().chain([format!("touch {}", shell_line(&files))]).collect())
}

fn sources(rust: &Rust, composition: &Composition) -> Vec<Step> {
    let mut steps =
        vec![Step::copy(vec![".".into()], if layers(rust) && !is_root(rust) { SOURCES } else { "." })];
    let moved = layers(rust) && !is_root(rust);
    steps.extend(front::embedded(composition, &rust.context).into_iter().map(|mut step| {
        if let (Act::Copy(copy), true) = (&mut step.act, moved) {
            copy.to = absolute(SOURCES, &copy.to);
        }
        step
    }));
    if !layers(rust) && !is_root(rust) {
        steps.push(Step::plain(Act::Workdir(home(rust))));
    }
    steps
}

fn mounts(rust: &Rust) -> Vec<Mount> {
    let mut mounts = access::mounts(&rust.project.access);
    if layers(rust) {
        return mounts;
    }
    let cache = |id: &str, target: String| Mount::Cache { id: id.to_owned(), target, locked: true };
    if !rust.facts.vendored {
        mounts.push(cache("cargo-registry", format!("{CARGO_HOME}/registry")));
    }
    if rust.facts.git {
        mounts.push(cache("cargo-git", format!("{CARGO_HOME}/git/db")));
    }
    let id = format!("{}-target-${{TARGETARCH}}", rust.project.name);
    mounts.push(cache(&id, absolute(&home(rust), &rust.facts.target_dir)));
    mounts
}

fn compile(rust: &Rust, composition: &Composition) -> Vec<Step> {
    let mut steps = Vec::new();
    if !layers(rust) {
        steps.push(Step::plain(Act::Arg("TARGETARCH".into(), None)));
    }
    let stand_ins = if layers(rust) { None } else { stand_ins(rust, composition) };
    let mut because = reasons(rust);
    because.extend(stand_ins.as_ref().map(|_| {
        "Cargo wants a target in every member: empty ones stand for those that this program is made without.".to_owned()
    }));
    let mut commands: Vec<String> = stand_ins.into_iter().flatten().collect();
    commands.extend([touch(rust), cargo(rust), install(rust)]);
    commands.extend(runtime::folders(&rust.written, rust.workdir, &rust.chosen));
    steps.push(Step { because, act: Act::Run(Run { mounts: mounts(rust), commands }) });
    steps
}

fn reasons(rust: &Rust) -> Vec<String> {
    let several = rust.facts.several_packages;
    let alone = if several { "this workspace" } else { "this crate" };
    let mut lines = vec![if layers(rust) {
        "touch: cargo goes by time, and a checkout may be older than the layer above.".to_owned()
    } else {
        format!(
            "The target folder outlives the step: an edit compiles {alone} alone. touch: cargo goes by time, and a checkout may be older than it."
        )
    }];
    for feature in &rust.facts.features {
        lines.push(format!("The feature {}: {}.", feature.value, feature.says()));
    }
    if let Some(file) = &rust.facts.toolchain_file {
        lines.push(format!(
            "RUSTUP_TOOLCHAIN: the image has what {} asks for; rustup would fetch it again.",
            file.value
        ));
    }
    if let Some(wrapper) = &rust.facts.wrapper {
        lines.push(format!("RUSTC_WRAPPER: the {}.", wrapper.says()));
    }
    lines.extend(access::reasons(&rust.project.access));
    lines
}

/// The target folder is left out: its files say by their times what is fresh.
fn touch(rust: &Rust) -> String {
    let dir = absolute(&home(rust), &rust.facts.target_dir);
    let (from, target) = if is_root(rust) && !rust.facts.target_dir.starts_with('/') {
        (".".to_owned(), format!("./{}", rust.facts.target_dir))
    } else {
        (SOURCES.to_owned(), dir)
    };
    format!("find {from} -path {} -prune -o -type f -exec touch {{}} +", shell_word(&target))
}

fn cargo(rust: &Rust) -> String {
    let facts = rust.facts;
    let mut words = vec!["cargo".to_owned(), "build".to_owned(), "--release".to_owned()];
    if facts.lock.is_some() {
        words.push("--locked".to_owned());
    }
    if facts.several_packages {
        words.extend(["--package".to_owned(), facts.package.clone()]);
    }
    words.extend(facts.binary.iter().flat_map(|binary| ["--bin".to_owned(), binary.value.clone()]));
    if !facts.features.is_empty() {
        let names: Vec<&str> = facts.features.iter().map(|feature| feature.value.as_str()).collect();
        words.extend(["--features".to_owned(), names.join(",")]);
    }
    let mut set = Vec::new();
    if facts.toolchain_file.is_some() {
        set.push("RUSTUP_TOOLCHAIN=\"${RUST_VERSION}\"");
    }
    if facts.wrapper.is_some() {
        set.push("RUSTC_WRAPPER=''");
    }
    let command = shell_line(&words);
    if set.is_empty() { command } else { format!("{}\n{command}", set.join(" ")) }
}

/// Out of the folder that is no layer; symbols go, unless the profile says what becomes of them.
fn install(rust: &Rust) -> String {
    let facts = rust.facts;
    let name = facts.program();
    let triple = facts.target.as_ref().map(|target| format!("{}/", target.value)).unwrap_or_default();
    let made = format!("{}/{triple}release/{name}", facts.target_dir);
    let strip = if facts.keeps_symbols { "" } else { " -s" };
    format!("install -D{strip} {}", shell_line(&[made, format!("/out/{name}")]))
}
