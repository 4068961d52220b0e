//! Which of several binaries is the application.

use camino::Utf8Path;

use super::ground::{Bin, Ground, Member};
use super::listens;
use crate::detect::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Evidence, Found};
use crate::source::command;

/// Words of folders and names of programs that help to develop.
const ASIDE: [&str; 32] = [
    "example",
    "examples",
    "demo",
    "demos",
    "sample",
    "samples",
    "test",
    "tests",
    "testing",
    "bench",
    "benches",
    "benchmark",
    "benchmarks",
    "fuzz",
    "xtask",
    "task",
    "tasks",
    "tool",
    "tools",
    "script",
    "scripts",
    "dev",
    "codegen",
    "gen",
    "generate",
    "generator",
    "build",
    "mock",
    "mocks",
    "utils",
    "integration",
    "e2e",
];

/// Programs that are read to see whether they listen.
const MOST_READ: usize = 12;

/// Picks the program.
///
/// # Errors
/// What was asked for is not there, or the choice is a person's.
pub(super) fn choose(cx: &Context<'_>, ground: &Ground, root: &Utf8Path, bins: &[Bin]) -> Result<Found<Bin>> {
    if let Some(asked) = &cx.answers.bin {
        return by_answer(ground, bins, asked);
    }
    let told = |bin: &Bin, says: &str| {
        let because = Evidence::file(&bin.file, says);
        Ok(Found::new(bin.clone(), because))
    };
    if let [only] = bins {
        return told(only, "the only binary");
    }
    if let Some(found) = by_default_run(ground, root, bins) {
        return Ok(found);
    }
    let on = |bin: &&Bin| bin.required.is_empty() || needs_nothing(ground, bin);
    let serious: Vec<&Bin> = bins.iter().filter(|bin| !is_aside(ground, root, bin)).filter(on).collect();
    let candidates = if serious.is_empty() { bins.iter().collect() } else { serious };
    if let [only] = candidates.as_slice() {
        return told(only, "the only binary that is no example, test or tool");
    }
    if let Some(found) = named_elsewhere(cx, ground, root, &candidates)? {
        return Ok(found);
    }
    let hear = |bin: &&&Bin| candidates.len() <= MOST_READ && listens(cx, ground, bin);
    let servers: Vec<&&Bin> = candidates.iter().filter(hear).collect();
    if let [only] = servers.as_slice() {
        return told(only, "the only binary that listens");
    }
    let among: Vec<&Bin> =
        if servers.is_empty() { candidates.clone() } else { servers.into_iter().copied().collect() };
    let own = |bin: &&&Bin| ground.members.get(bin.member).is_some_and(|member| is_own(bin, member, root));
    if let [only] = among.iter().filter(own).collect::<Vec<_>>().as_slice() {
        return told(only, "the binary of the package itself");
    }
    if let [only] = defaults(ground, &among).as_slice() {
        return told(only, "the binary of the workspace's default-members");
    }
    if let [only] = among.iter().filter(|bin| is_named_like(ground, root, bin)).collect::<Vec<_>>().as_slice()
    {
        return told(only, "the binary that is named like the repository");
    }
    Err(open_choice(cx, ground, &candidates))
}

/// The package's own `src/main.rs`, where the package is the folder that was asked about.
fn is_own(bin: &Bin, member: &Member, root: &Utf8Path) -> bool {
    member.dir == root && (bin.file.ends_with("src/main.rs") || bin.name == member.package.name.value)
}

fn is_named_like(ground: &Ground, root: &Utf8Path, bin: &Bin) -> bool {
    let folder = if root.as_str().is_empty() { &ground.root } else { root };
    folder.file_name().is_some_and(|name| name == bin.name)
}

fn by_answer(ground: &Ground, bins: &[Bin], asked: &str) -> Result<Found<Bin>> {
    let path = asked.trim_start_matches("./");
    let package = |bin: &Bin| ground.members.get(bin.member).map(|member| member.package.name.value.clone());
    let mut named: Vec<&Bin> = bins.iter().filter(|bin| bin.name == asked || bin.file == path).collect();
    if named.is_empty() {
        named = bins.iter().filter(|bin| package(bin).as_deref() == Some(asked)).collect();
    }
    if let [one] = named.as_slice() {
        return Ok(Found::new((*one).clone(), Evidence::told(format!("--bin {asked}"))));
    }
    let error = Error::new(
        ErrorKind::Refused,
        if named.is_empty() {
            format!("no binary here is called `{asked}`")
        } else {
            format!("several binaries here are called `{asked}`")
        },
    );
    Err(bins
        .iter()
        .fold(error, |error, bin| error.help(format!("`--bin {}` is {}", word(bins, bin), bin.file))))
}

/// What `--bin` has to be given for it: its name, or its file where the name is another's, too.
fn word(bins: &[Bin], bin: &Bin) -> String {
    let twice = bins.iter().filter(|other| other.name == bin.name).count() > 1;
    crate::text::shell_word(if twice { bin.file.as_str() } else { &bin.name })
}

fn by_default_run(ground: &Ground, root: &Utf8Path, bins: &[Bin]) -> Option<Found<Bin>> {
    let mut with: Vec<Found<Bin>> = Vec::new();
    for (number, member) in ground.members.iter().enumerate() {
        let Some(name) = &member.package.default_run else { continue };
        let bin = bins.iter().find(|bin| bin.member == number && bin.name == name.value);
        let says = format!("default-run of {}", member.file);
        with.extend(bin.map(|bin| Found::new(bin.clone(), Evidence::line(&member.file, name.line, says))));
    }
    let own =
        with.iter().find(|found| ground.members.get(found.value.member).is_some_and(|one| one.dir == root));
    match (own, with.as_slice()) {
        (Some(own), _) => Some(own.clone()),
        (None, [one]) => Some(one.clone()),
        _ => None,
    }
}

/// Features that it asks for and that are on by themselves.
fn needs_nothing(ground: &Ground, bin: &Bin) -> bool {
    let Some(member) = ground.members.get(bin.member) else { return false };
    let default = member.manifest.features.get("default").cloned().unwrap_or_default();
    bin.required.iter().all(|feature| default.contains(feature))
}

/// Whether a binary is an example, a test or a tool.
pub(super) fn is_aside(ground: &Ground, root: &Utf8Path, bin: &Bin) -> bool {
    let below = bin.file.strip_prefix(root).unwrap_or(&bin.file);
    let folders = below.parent().into_iter().flat_map(Utf8Path::components);
    let mut folders = folders.map(|part| part.as_str()).filter(|part| *part != "src" && *part != "bin");
    let package = ground.members.get(bin.member).map_or("", |member| member.package.name.value.as_str());
    let is = |name: &str| {
        ASIDE.contains(&name)
            || ["gen-", "generate-", "gen_", "generate_", "test-", "test_", "bench-", "xtask-"]
                .iter()
                .any(|start| name.starts_with(start))
            || ["-gen", "_gen", "-codegen", "-bench", "_bench", "-test", "_test", "-example", "-fuzz"]
                .iter()
                .any(|end| name.ends_with(end))
    };
    folders.any(|part| ASIDE.contains(&part)) || is(&bin.name) || is(package)
}

fn defaults<'b>(ground: &Ground, among: &[&'b Bin]) -> Vec<&'b Bin> {
    let Some(workspace) = &ground.manifest.workspace else { return Vec::new() };
    let named = |bin: &Bin| {
        let dir = ground.members.get(bin.member).map(|member| member.dir.clone()).unwrap_or_default();
        let below = dir.strip_prefix(&ground.root).unwrap_or(&dir);
        workspace
            .default_members
            .iter()
            .any(|one| below == one.trim_start_matches("./").trim_end_matches('/'))
    };
    among.iter().copied().filter(|bin| named(bin)).collect()
}

/// What the Procfile starts.
fn named_elsewhere(
    cx: &Context<'_>,
    ground: &Ground,
    root: &Utf8Path,
    candidates: &[&Bin],
) -> Result<Option<Found<Bin>>> {
    for dir in [root, ground.root.as_path()] {
        let path = dir.join("Procfile");
        let Some(text) = cx.repo.read(&path)? else { continue };
        for (number, line) in (1..).zip(text.lines()) {
            let Some(line) = line.strip_prefix("web:") else { continue };
            let parsed = command::parse(line);
            let program = parsed.program().and_then(|simple| simple.argv.first().cloned());
            let name = program.as_deref().and_then(|program| program.rsplit('/').next()).unwrap_or("");
            if let Some(bin) = candidates.iter().find(|bin| bin.name == name) {
                let because = Evidence::line(&path, number, "the web process of Procfile");
                return Ok(Some(Found::new((*bin).clone(), because)));
            }
        }
    }
    Ok(None)
}

fn open_choice(cx: &Context<'_>, ground: &Ground, candidates: &[&Bin]) -> Error {
    let message =
        format!("there are {} binaries, and nothing says which one is the application", candidates.len());
    let all: Vec<Bin> = candidates.iter().map(|bin| (*bin).clone()).collect();
    candidates.iter().fold(Error::new(ErrorKind::Choice, message), |error, bin| {
        let heard = candidates.len() <= MOST_READ && listens(cx, ground, bin);
        let does = if heard { "which listens" } else { "which does not listen" };
        error.help(format!("`--bin {}` for {}, {does}", word(&all, bin), bin.file))
    })
}
