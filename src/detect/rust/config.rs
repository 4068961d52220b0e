//! What the project's own settings of cargo and rustup change: the toolchain, the target, linkers, registries.

use camino::{Utf8Path, Utf8PathBuf};

use super::ground::Ground;
use super::reach::Reach;
use crate::detect::Context;
use crate::detect::access::Keys;
use crate::error::Result;
use crate::facts::{Bound, Constraint, Evidence, Found, Need, Note, Phase, Project, RustFacts};
use crate::manifest::cargo_config::{self, CargoConfig};
use crate::manifest::cargo_toml::Field;
use crate::manifest::rust_toolchain;
use crate::manifest::yaml::Lined;

/// Every source of Rust's version, the decisive one first, and what rustup would do by itself.
///
/// # Errors
/// A toolchain file cannot be understood.
pub(super) fn versions(
    cx: &Context<'_>,
    ground: &Ground,
    package: usize,
    reach: &Reach,
    facts: &mut RustFacts,
) -> Result<Vec<Constraint>> {
    let mut found = Vec::new();
    toolchain(cx, ground, facts, &mut found)?;
    rust_version(ground, package, &mut found);
    let floors = &cx.knowledge.of(super::LANGUAGE).floors;
    if let Some((file, edition)) = edition(ground, package)
        && let Some(oldest) = floors.get(&format!("edition {}", edition.value))
    {
        let says = format!("edition {} of {file}", edition.value);
        found.push(Found::new(Bound::Floor(oldest.clone()), Evidence::line(&file, edition.line, says)));
    }
    if let Some((path, lock)) = &ground.lock
        && let Some(oldest) = floors.get(&format!("format {}", lock.format))
    {
        let says = format!("the format of {path}");
        found.push(Found::new(Bound::Floor(oldest.clone()), Evidence::file(path, says)));
    }
    found.extend(super::needs::ceilings(cx, ground, reach).into_iter().map(|one| one.map(Bound::Range)));
    Ok(found)
}

fn toolchain(
    cx: &Context<'_>,
    ground: &Ground,
    facts: &mut RustFacts,
    found: &mut Vec<Constraint>,
) -> Result<()> {
    for dir in ground.root.ancestors() {
        for name in ["rust-toolchain", "rust-toolchain.toml"] {
            let path = dir.join(name);
            let Some(text) = cx.repo.read(&path)? else { continue };
            let read = rust_toolchain::read(&path, &text)?;
            let because = |line| Evidence::line(&path, line, format!("the channel of {name}"));
            let Some(channel) = read.channel else { return Ok(()) };
            let exact = channel.value.split('.').count() == 3
                && read.targets.is_empty()
                && read.components.is_empty();
            if channel.value.starts_with("nightly") || channel.value.starts_with("beta") {
                facts.nightly = Some(Found::new(channel.value, because(channel.line)));
                return Ok(());
            }
            if !exact {
                facts.toolchain_file = Some(Found::new(name.to_owned(), because(channel.line)));
            }
            if channel.value.starts_with(|first: char| first.is_ascii_digit()) {
                let version = channel.value.split('-').next().unwrap_or_default().to_owned();
                found.push(Found::new(Bound::Pin(version), because(channel.line)));
            }
            return Ok(());
        }
        for name in [".tool-versions", "mise.toml", ".mise.toml"] {
            found.extend(managed(cx, &dir.join(name), name)?);
        }
    }
    Ok(())
}

/// The line of a version manager.
fn managed(cx: &Context<'_>, path: &Utf8Path, name: &str) -> Result<Option<Constraint>> {
    let Some(text) = cx.repo.read(path)? else { return Ok(None) };
    let found = (1..).zip(text.lines()).find_map(|(number, line)| {
        let code = line.split('#').next().unwrap_or(line).trim();
        let value = if name == ".tool-versions" {
            code.strip_prefix("rust ")?
        } else {
            let (key, value) = code.split_once('=')?;
            (key.trim() == "rust").then_some(value)?
        };
        let value = value.trim().trim_matches(['"', '\'']);
        let plain = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && value.contains('.');
        plain.then(|| (value.to_owned(), number))
    });
    Ok(found.map(|(value, line)| {
        Found::new(Bound::Pin(value), Evidence::line(path, line, format!("the rust line of {name}")))
    }))
}

fn rust_version(ground: &Ground, package: usize, found: &mut Vec<Constraint>) {
    let Some(member) = ground.members.get(package) else { return };
    let file = ground.root.join("Cargo.toml");
    let (place, version) = match &member.package.rust_version {
        Some(Field::Own(own)) => (&member.file, Some(own)),
        Some(Field::Inherited) => {
            (&file, ground.manifest.workspace.as_ref().and_then(|workspace| workspace.rust_version.as_ref()))
        }
        None => return,
    };
    if let Some(version) = version {
        let says = format!("the rust-version of {place}");
        found
            .push(Found::new(Bound::Floor(version.value.clone()), Evidence::line(place, version.line, says)));
    }
}

fn edition(ground: &Ground, package: usize) -> Option<(Utf8PathBuf, Lined<String>)> {
    let member = ground.members.get(package)?;
    match member.package.edition.as_ref()? {
        Field::Own(own) => Some((member.file.clone(), own.clone())),
        Field::Inherited => {
            let edition = ground.manifest.workspace.as_ref()?.edition.clone()?;
            Some((ground.root.join("Cargo.toml"), edition))
        }
    }
}

/// Reads the configuration that cargo heeds in the workspace's folder.
///
/// # Errors
/// It cannot be understood.
pub(super) fn read(cx: &Context<'_>, ground: &Ground) -> Result<Vec<(Utf8PathBuf, CargoConfig)>> {
    let mut found = Vec::new();
    for dir in ground.root.ancestors() {
        for name in [".cargo/config.toml", ".cargo/config"] {
            let path = dir.join(name);
            if let Some(text) = cx.repo.read(&path)? {
                found.push((path.clone(), cargo_config::read(&path, &text)?));
                break;
            }
        }
    }
    Ok(found)
}

/// Fills what the configuration changes.
pub(super) fn fill(configs: &[(Utf8PathBuf, CargoConfig)], facts: &mut RustFacts, project: &mut Project) {
    "target".clone_into(&mut facts.target_dir);
    for (path, config) in configs.iter().rev() {
        if let Some(dir) = &config.target_dir
            && crate::detect::join_inside("".into(), dir).is_some_and(|dir| !dir.as_str().is_empty())
        {
            dir.trim_start_matches("./").trim_end_matches('/').clone_into(&mut facts.target_dir);
        }
        if let Some(wrapper) = &config.wrapper {
            let says = format!("rustc-wrapper of {path} is not in the image");
            facts.wrapper = Some(Found::new(wrapper.value.clone(), Evidence::line(path, wrapper.line, says)));
        }
        if let Some(target) = &config.target {
            let says = format!("build.target of {path}");
            facts.target = Some(Found::new(target.value.clone(), Evidence::line(path, target.line, says)));
        }
        facts.vendored |= config.vendored.is_some();
        if let Some(line) = config.git_cli.filter(|_| facts.git) {
            let because = Evidence::line(path, line, format!("git-fetch-with-cli of {path}"));
            need(project, "git", because);
        }
        flags(path, config, project);
    }
}

fn need(project: &mut Project, capability: &str, because: Evidence) {
    let value = Need { capability: capability.to_owned(), phase: Phase::Build };
    if project.needs.iter().all(|known| known.value != value) {
        project.needs.push(Found::new(value, because));
    }
}

/// Linkers that the flags of a Linux build name.
fn flags(path: &Utf8Path, config: &CargoConfig, project: &mut Project) {
    let build = crate::source::rust::cfg::Build::default();
    let here = |target: &Option<String>| target.as_ref().is_none_or(|target| build.targets(target));
    for (_, flag) in config.flags.iter().filter(|(target, _)| here(target)) {
        let word = flag.value.rsplit(['=', '/']).next().unwrap_or(&flag.value);
        let linker = word.trim_start_matches("ld.");
        let because = Evidence::line(path, flag.line, format!("the linker of {path}"));
        match linker {
            "clang" | "clang++" => need(project, "clang", because),
            "lld" | "ld.lld" => need(project, "lld", because),
            "mold" => need(project, "mold", because),
            _ => {}
        }
        if flag.value.contains("target-cpu=native") {
            project.notes.push(Note {
                code: "native-cpu".to_owned(),
                text: "`target-cpu=native` makes a program for the builder's own processor: it may not run elsewhere".to_owned(),
                because: vec![Evidence::line(path, flag.line, format!("rustflags of {path}"))],
            });
        }
    }
}

/// Registries other than the public one, and git hosts, that the program's crates come from.
pub(super) fn keys(
    cx: &Context<'_>,
    ground: &Ground,
    configs: &[(Utf8PathBuf, CargoConfig)],
    reach: &Reach,
    project: &mut Project,
) {
    let mut keys = Keys::of(cx.knowledge, "cargo");
    for (path, config) in configs.iter().rev() {
        for (name, index) in &config.registries {
            let mut used = reach.packages.values().flat_map(|one| &one.uses);
            if used.any(|one| one.registry.as_deref() == Some(name)) {
                let because = Evidence::line(path, index.line, format!("the registry {name} of {path}"));
                keys.registry(&index.value, Some(name), &because);
            }
        }
    }
    for (number, used) in
        reach.packages.iter().flat_map(|(number, one)| one.uses.iter().map(move |used| (number, used)))
    {
        if let (Some(git), Some(member)) = (&used.git, ground.members.get(*number)) {
            let says = format!("{} of {} comes from git", used.name, member.file);
            keys.git(git, &Evidence::line(&member.file, used.line, says));
        }
    }
    if let Some((path, lock)) = &ground.lock {
        for one in reach.crates.keys().filter_map(|number| lock.crates.get(*number)) {
            if let Some(git) = one.source.as_ref().and_then(|source| source.strip_prefix("git+")) {
                keys.git(
                    git,
                    &Evidence::line(path, one.line, format!("{} of {path} comes from git", one.name)),
                );
            }
        }
    }
    let calls_git = configs.iter().any(|(_, config)| config.git_cli.is_some());
    keys.finish(project, calls_git);
}
