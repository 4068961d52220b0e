//! What `cargo build` is told and given: manifests, the skeleton of the workspace, git and registries, sqlx.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::LANGUAGE;
use super::assets::Look;
use super::ground::{self, Bin, Ground};
use super::reach::Reach;
use crate::detect::{Context, NothingToRun, join_inside};
use crate::facts::{Evidence, Found, Need, Note, Phase, Project, RustFacts};
use crate::manifest::cargo_config::CargoConfig;
use crate::manifest::cargo_toml::When;
use crate::source::rust::cfg::Build;
use crate::source::rust::file::File;

/// What builds a binary where `cargo build` alone does not: a framework's own tool, another platform.
pub(super) fn elsewhere(cx: &Context<'_>, ground: &Ground, bin: &Bin) -> Option<NothingToRun> {
    let member = ground.members.get(bin.member)?;
    let metadata = |name: &str| {
        member.manifest.metadata.contains_key(name) || ground.manifest.metadata.contains_key(name)
    };
    let uses = |name: &str| {
        let mut all = member.manifest.dependencies.iter().filter(|one| one.when == When::Run);
        all.find(|one| one.package == name && !one.optional && !one.features.iter().any(|one| one == "ssr"))
            .map(|one| one.line)
    };
    let table = &cx.knowledge.of(LANGUAGE).frameworks;
    let found =
        table.iter().filter_map(|one| Some((one, one.elsewhere.as_ref()?))).find_map(|(one, elsewhere)| {
            let line = one.when.iter().find_map(|when| match when.strip_prefix("metadata:") {
                Some(name) => metadata(name).then_some(1),
                None => uses(when),
            })?;
            Some((one.name.clone(), elsewhere.help.clone(), line))
        });
    let (name, help, line) = found?;
    Some(NothingToRun {
        root: member.dir.clone(),
        language: LANGUAGE.to_owned(),
        what: format!("`{}` is built for {name}, not for a container", member.package.name.value),
        because: vec![Evidence::line(&member.file, line, format!("the dependencies of {}", member.file))],
        help,
    })
}

/// A member that a browser runs as WebAssembly: the program itself, or the part of the server beside it.
pub(super) fn browser_part(cx: &Context<'_>, ground: &Ground, bin: &Bin) -> Option<NothingToRun> {
    let browsers = &cx.knowledge.of(LANGUAGE).browsers;
    let page = |dir: &Utf8Path| cx.repo.has(dir.join("index.html")) || cx.repo.has(dir.join("Trunk.toml"));
    let made = |dependency: &&crate::manifest::cargo_toml::Dependency| {
        dependency.when == When::Run
            && !dependency.optional
            && browsers.contains(&dependency.package)
            && !dependency.features.iter().any(|one| one == "ssr")
    };
    let mut own = ground.members.iter().filter(|member| !member.foreign && page(&member.dir));
    let (member, found) =
        own.find_map(|member| Some((member, member.manifest.dependencies.iter().find(made)?)))?;
    let itself = ground.members.get(bin.member).is_some_and(|one| one.dir == member.dir);
    let name = &member.package.name.value;
    let what = if itself {
        format!("`{name}` runs in a browser ({}, WebAssembly)", found.package)
    } else {
        format!(
            "its part for browsers, `{name}` ({}, WebAssembly), takes more than cargo to build",
            found.package
        )
    };
    let mut help = vec![
        "a stage of your own can run `trunk build --release` or `wasm-pack build --release --target web`"
            .to_owned(),
    ];
    if !itself {
        help.insert(0, format!("`--bin {}` writes for the server alone", crate::text::shell_word(&bin.name)));
    }
    Some(NothingToRun {
        root: ground.root.clone(),
        language: LANGUAGE.to_owned(),
        what,
        because: vec![Evidence::line(
            &member.file,
            found.line,
            format!("the dependencies of {}", member.file),
        )],
        help,
    })
}

/// A target that is no Linux: a microcontroller's, a browser's.
pub(super) fn no_linux(configs: &[(Utf8PathBuf, CargoConfig)], root: &Utf8Path) -> Option<NothingToRun> {
    let (path, target) = configs.iter().find_map(|(path, config)| Some((path, config.target.as_ref()?)))?;
    if target.value.contains("linux") {
        return None;
    }
    Some(NothingToRun {
        root: root.to_owned(),
        language: LANGUAGE.to_owned(),
        what: format!("it is built for `{}`, which no container runs", target.value),
        because: vec![Evidence::line(path, target.line, "build.target")],
        help: vec!["take `build.target` out where the program is meant for Linux, too".to_owned()],
    })
}

/// Fills what the build is told.
pub(super) fn fill(
    cx: &Context<'_>,
    ground: &Ground,
    bin: &Bin,
    reach: &Reach,
    facts: &mut RustFacts,
    project: &mut Project,
) {
    let Some(member) = ground.members.get(bin.member) else { return };
    facts.package.clone_from(&member.package.name.value);
    facts.several_packages = ground.members.iter().filter(|member| !member.foreign).count() > 1;
    facts.lock = ground.lock.as_ref().map(|(path, _)| path.clone());
    facts.manifests = manifests(cx, ground);
    facts.skeleton = skeleton(cx, ground);
    facts.others = others(ground, bin.member);
    let release = &ground.manifest.release;
    facts.keeps_symbols = release.strip || release.debug;
    facts.git = from_git(ground, reach);
    if facts.lock.is_none() {
        project.notes.push(Note {
            code: "no-lock-file".to_owned(),
            text: "there is no Cargo.lock: each build takes the newest versions that fit, and `cargo generate-lockfile` fixes them".to_owned(),
            because: vec![Evidence::file(&ground.root.join("Cargo.toml"), "the dependencies of Cargo.toml")],
        });
    }
    for number in reach.packages.keys() {
        script(cx, ground, *number, project);
    }
}

/// Every file that cargo reads before it compiles.
fn manifests(cx: &Context<'_>, ground: &Ground) -> Vec<Utf8PathBuf> {
    let mut paths: Vec<Utf8PathBuf> = vec![ground.root.join("Cargo.toml"), ground.root.join("Cargo.lock")];
    paths.extend(ground.members.iter().map(|member| member.file.clone()));
    for dir in ground.root.ancestors() {
        paths.extend([".cargo/config.toml", ".cargo/config"].map(|name| dir.join(name)));
    }
    let mut seen = BTreeSet::new();
    paths.retain(|path| cx.repo.has(path) && seen.insert(path.clone()));
    paths
}

/// The files of targets without which cargo does not read the manifests: programs and libraries, build scripts, and
/// what `[[test]]` and its kin name without a path.
fn skeleton(cx: &Context<'_>, ground: &Ground) -> Vec<(Utf8PathBuf, bool)> {
    let mut files = Vec::new();
    for (number, member) in ground.members.iter().enumerate() {
        files.extend(ground::library(cx, member).map(|path| (path, false)));
        files.extend(ground::bins(cx, ground, number).into_iter().map(|bin| (bin.file, true)));
        files.extend(ground::build_script(cx, member).map(|path| (path, true)));
        for (folder, target) in &member.manifest.others {
            let name = target.name.clone().unwrap_or_default();
            let named = target.path.clone().unwrap_or_else(|| format!("{folder}/{name}.rs"));
            let inner = join_inside(&member.dir, &format!("{folder}/{name}/main.rs"));
            let path = join_inside(&member.dir, &named).filter(|path| cx.repo.has(path));
            files.extend(path.or(inner).filter(|path| cx.repo.has(path)).map(|path| (path, true)));
        }
    }
    files.sort();
    files.dedup_by(|one, other| one.0 == other.0);
    files
}

/// Members that the program does not depend on, whatever features and platforms turn on. Where they are many, what stands for
/// them would hide the build; where a patch puts a member in a crate's place, no dependency names it.
fn others(ground: &Ground, package: usize) -> Vec<Utf8PathBuf> {
    const MANY: usize = 12;
    if !ground.manifest.patches.is_empty() {
        return Vec::new();
    }
    let needed = depended_on(ground, package);
    let apart = |dir: &Utf8PathBuf| *dir != ground.root && !needed.iter().any(|one| one.starts_with(dir));
    let inside = ground.members.iter().map(|member| &member.dir).filter(|dir| dir.starts_with(&ground.root));
    let mut folders: Vec<Utf8PathBuf> = inside.filter(|dir| apart(dir)).cloned().collect();
    folders.sort();
    if folders.len() > MANY { Vec::new() } else { folders }
}

/// The folders of a package and of every member behind it that a build could compile: all but what tests alone use.
fn depended_on(ground: &Ground, package: usize) -> BTreeSet<Utf8PathBuf> {
    let mut found = BTreeSet::new();
    let mut open = vec![package];
    while let Some(member) = open.pop().and_then(|number| ground.members.get(number)) {
        if !found.insert(member.dir.clone()) {
            continue;
        }
        let built = member.manifest.dependencies.iter().filter(|one| one.when != When::Dev);
        let folders = built.filter_map(|one| ground.folder(member, one));
        open.extend(folders.filter_map(|dir| ground.at(&dir)));
    }
    found
}

/// Whether dependencies come from git.
fn from_git(ground: &Ground, reach: &Reach) -> bool {
    let mut declared = reach.packages.values().flat_map(|one| &one.uses);
    let locked = ground.lock.as_ref().map(|(_, lock)| lock);
    let mut locked = reach.crates.keys().filter_map(|number| locked?.crates.get(*number)?.source.as_ref());
    declared.any(|used| used.git.is_some()) || locked.any(|source| source.starts_with("git+"))
}

/// Programs that a build script runs and that the image lacks.
fn script(cx: &Context<'_>, ground: &Ground, number: usize, project: &mut Project) {
    let Some(member) = ground.members.get(number) else { return };
    let Some(path) = ground::build_script(cx, member) else { return };
    let Some(text) = cx.repo.source(&path) else { return };
    let file = File::read(&path, &text, &Build::default());
    for call in file.calls(file.all()).filter(|call| call.name == "new" && call.base() == "Command") {
        let Some(program) = call.args.first().and_then(|arg| file.only_string(arg)) else { continue };
        let because = Evidence::line(&path, file.line(call.at), format!("{path} runs {program}"));
        let capability = match program.as_str() {
            "git" if insists(&file, call.close) => "git-history",
            "npm" | "npx" | "node" => "nodejs",
            "protoc" => "protoc",
            "make" => "make",
            "cmake" => "cmake",
            _ => continue,
        };
        let value = Need { capability: capability.to_owned(), phase: Phase::Build };
        if project.needs.iter().all(|known| known.value != value) {
            project.needs.push(Found::new(value, because));
        }
    }
}

/// Whether a command's failure ends the build script.
fn insists(file: &File, from: usize) -> bool {
    let end = (from..file.len()).find(|at| file.mark(*at) == ";").unwrap_or(from);
    let words = || (from..end).map(|at| file.mark(at));
    words().any(|word| matches!(word, "unwrap" | "expect" | "?"))
        && !words().any(|word| matches!(word, "ok" | "unwrap_or" | "unwrap_or_default" | "unwrap_or_else"))
}

/// What the program's packages take in from outside of the workspace.
pub(super) fn outside(cx: &Context<'_>, ground: &Ground, facts: &mut RustFacts) {
    let members = ground.members.iter().filter(|member| member.foreign).map(|member| member.dir.clone());
    let embeds = facts.embeds.iter().map(|embed| embed.value.clone());
    let there = |path: &Utf8PathBuf| cx.repo.has(path) || cx.repo.has_dir(path);
    facts.outside =
        members.chain(embeds.filter(there)).filter(|path| !path.starts_with(&ground.root)).collect();
    let history = |path: &Utf8PathBuf| !path.as_str().is_empty();
    facts.outside.retain(history);
    facts.outside.sort();
    facts.outside.dedup();
}

/// Queries that are checked while it is compiled: against what `cargo sqlx prepare` kept, or against a database.
pub(super) fn sqlx(look: &Look<'_>, reach: &Reach, facts: &mut RustFacts, project: &mut Project) {
    if reach.direct("sqlx").is_none() {
        return;
    }
    let macros = ["query", "query_as", "query_scalar", "query_file", "query_file_as", "query_file_scalar"];
    let asked = look.program.calls().find(|(_, _, call)| {
        call.is_macro && macros.contains(&call.name) && (call.path.is_empty() || call.base() == "sqlx")
    });
    let Some((place, _, _)) = asked else { return };
    let dirs = [&facts.workspace_root, &facts.package_root];
    let kept = dirs.iter().find_map(|dir| {
        let path = dir.join(".sqlx");
        let old = dir.join("sqlx-data.json");
        if look.cx.repo.has_dir(&path) { Some(path) } else { Some(old).filter(|old| look.cx.repo.has(old)) }
    });
    match kept {
        Some(path) => {
            let says = format!("queries are checked against {path}, not against a database");
            facts.embeds.push(Found::new(path.clone(), Evidence::file(&path, "read by sqlx's macros")));
            facts.sqlx_offline = Some(Found::new((), Evidence::file(&path, says)));
        }
        None => project.notes.push(Note {
            code: "sqlx-not-prepared".to_owned(),
            text: "sqlx checks its queries against a database while it compiles, and a build has none: commit what `cargo sqlx prepare` writes".to_owned(),
            because: vec![look.evidence(place, |file| format!("query! in {file}"))],
        }),
    }
}
