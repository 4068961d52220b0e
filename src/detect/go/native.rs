//! What a build needs beside Go: a C compiler, libraries, files that are embedded, sources that something makes first.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use globset::GlobBuilder;

use super::module::Ground;
use super::tree::{Pack, Tree};
use crate::detect::Context;
use crate::detect::places::{is_empty, outermost};
use crate::error::Result;
use crate::facts::{Evidence, Found, GoFacts, Need, Phase, Project};
use crate::knowledge::Package;
use crate::source::go::constraint;
use crate::source::go::program::Program;
use crate::source::go::scan::stands_in;

/// What cgo needs.
const COMPILER: &str = "c-compiler";

/// Commands of git that only tell about a program's own sources.
const TELLING: [&str; 5] = ["describe", "log", "rev-parse", "show", "version"];

/// Fills what the build and the run need of the system.
///
/// # Errors
/// A go.sum that cannot be read.
pub(super) fn fill(
    cx: &Context<'_>,
    ground: &Ground,
    tree: &Tree,
    reached: &[&Pack],
    (program, switched_off): (&Program, bool),
    facts: &mut GoFacts,
    project: &mut Project,
) -> Result<()> {
    let own = own_cgo(reached);
    let mut foreign = foreign_cgo(cx, ground, tree, reached)?;
    if own.is_none() && switched_off {
        // The project's own releases go without: what would be compiled has another way.
        foreign.retain(|(row, _)| !row.build.iter().any(|id| id == COMPILER));
    }
    let mut needs: BTreeMap<Need, Vec<Evidence>> = BTreeMap::new();
    let mut need = |capability: &str, phase, because: &Evidence| {
        needs
            .entry(Need { capability: capability.to_owned(), phase })
            .or_insert_with(|| vec![because.clone()]);
    };
    for (row, evidence) in &foreign {
        row.build.iter().for_each(|id| need(id, Phase::Build, evidence));
        row.run.iter().for_each(|id| need(id, Phase::Run, evidence));
    }
    for (capability, evidence) in called(cx, program) {
        need(&capability, Phase::Run, &evidence);
    }
    if let Some(evidence) = &own {
        need(COMPILER, Phase::Build, evidence);
    }
    facts.cgo = own.map(|evidence| Found::new(evidence.says.clone(), evidence)).or_else(|| {
        foreign
            .iter()
            .find(|(row, _)| row.build.iter().any(|id| id == COMPILER))
            .map(|(row, evidence)| Found::new(format!("{} {}", row.name, row.because), evidence.clone()))
    });
    project.needs.extend(needs.into_iter().map(|(value, because)| Found { value, because }));
    facts.plugins = plugins(program);
    embeds(cx, reached, facts);
    Ok(())
}

/// `import "C"` in a package that has no other way.
fn own_cgo(reached: &[&Pack]) -> Option<Evidence> {
    for pack in reached {
        let falls_back = pack.files.iter().any(|(_, header)| {
            header
                .constraint
                .as_ref()
                .is_some_and(|one| !constraint::holds(one, &[], true) && constraint::holds(one, &[], false))
        });
        let uses = pack.files.iter().find_map(|(path, header)| {
            header.imports.iter().find(|import| import.path == "C").map(|import| (path, import.line))
        });
        if let Some((path, line)) = uses.filter(|_| !falls_back) {
            return Some(Evidence::line(path, line, format!("{path} imports C")));
        }
    }
    None
}

/// Rows of modules that need cgo and that the program uses, or that something it requires may use.
fn foreign_cgo<'k>(
    cx: &Context<'k>,
    ground: &Ground,
    tree: &Tree,
    reached: &[&Pack],
) -> Result<Vec<(&'k Package, Evidence)>> {
    let mut found: Vec<(&Package, Evidence)> = Vec::new();
    let files = reached.iter().flat_map(|pack| &pack.files);
    let paths: BTreeSet<&str> =
        files.flat_map(|(_, header)| &header.imports).map(|import| import.path.as_str()).collect();
    for row in &cx.knowledge.of(super::LANGUAGE).packages {
        let required = match required(ground, &row.name) {
            Some(evidence) => Some(evidence).filter(|_| !is_elsewhere(tree, reached, ground, row)),
            None => in_old_sum(cx, ground, row)?,
        };
        let used = paths.iter().any(|path| within(path, &row.name));
        let imported = used.then(|| imported(reached, &row.name)).flatten();
        if let Some(evidence) = imported.or(required) {
            found.push((row, evidence));
        }
    }
    Ok(found)
}

fn within(path: &str, name: &str) -> bool {
    path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// `NAME` or `NAME/v2`.
fn is_module(path: &str, name: &str) -> bool {
    path == name
        || path
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix('/'))
            .is_some_and(crate::source::go::header::is_major)
}

fn imported(reached: &[&Pack], name: &str) -> Option<Evidence> {
    let files = reached.iter().flat_map(|pack| &pack.files);
    files.into_iter().find_map(|(path, header)| {
        let import = header.imports.iter().find(|import| within(&import.path, name))?;
        Some(Evidence::line(path, import.line, format!("{path} imports {}", import.path)))
    })
}

fn required(ground: &Ground, name: &str) -> Option<Evidence> {
    ground.modules.iter().find_map(|module| {
        let one = module.manifest.requires.iter().find(|one| is_module(&one.path, name))?;
        let indirect = if one.indirect { ", which something that it requires uses" } else { "" };
        Some(Evidence::line(
            &module.dir.join("go.mod"),
            one.line,
            format!("go.mod requires {}{indirect}", one.path),
        ))
    })
}

/// A direct requirement that only tests or other programs of the repository import, and nothing here wraps.
fn is_elsewhere(tree: &Tree, reached: &[&Pack], ground: &Ground, row: &Package) -> bool {
    let mut requires = ground.modules.iter().flat_map(|module| &module.manifest.requires);
    let direct = requires.any(|one| is_module(&one.path, &row.name) && !one.indirect);
    let here: BTreeSet<&Utf8Path> = reached.iter().map(|pack| pack.dir.as_path()).collect();
    let others = tree.packs().filter(|pack| !here.contains(pack.dir.as_path())).flat_map(|pack| &pack.files);
    let mut others = others.flat_map(|(_, header)| &header.imports);
    let elsewhere = tree.test_imports.iter().any(|path| within(path, &row.name))
        || others.any(|import| within(&import.path, &row.name));
    direct && elsewhere && imported(reached, &row.name).is_none()
}

/// go.mod files from before module graph pruning do not list what others require; their go.sum does.
fn in_old_sum(cx: &Context<'_>, ground: &Ground, row: &Package) -> Result<Option<Evidence>> {
    for module in &ground.modules {
        let go = module.manifest.go.as_ref().map_or("1.0", |line| line.value.as_str());
        let minor: u32 = go.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or(0);
        if !go.starts_with("1.") || minor >= 17 {
            continue;
        }
        let path = module.dir.join("go.sum");
        let Some(text) = cx.repo.read(&path)? else { continue };
        let line = (1..).zip(text.lines()).find(|(_, line)| {
            let mut words = line.split(' ');
            let fits = words.next().is_some_and(|name| is_module(name, &row.name));
            // Only what is built has a line of its own, beside that of its go.mod.
            fits && words.next().is_some_and(|version| !version.ends_with("/go.mod"))
        });
        if let Some((number, _)) = line {
            return Ok(Some(Evidence::line(&path, number, format!("go.sum has {}", row.name))));
        }
    }
    Ok(None)
}

/// Programs of the table that code runs by their names, and where.
fn called(cx: &Context<'_>, program: &Program) -> Vec<(String, Evidence)> {
    let table = &cx.knowledge.of(super::LANGUAGE).called;
    let calls = program.calls(|name| matches!(name, "Command" | "CommandContext"));
    let calls = calls.filter(|(_, file, call)| file.import(call.base) == Some("os/exec") && !stands_in(file));
    calls
        .filter_map(|(place, file, call)| {
            let text = |number: usize| {
                call.args.get(number).filter(|span| span.len() == 1).and_then(|span| file.string(span.start))
            };
            let first = usize::from(call.name == "CommandContext");
            let named = text(first)?;
            let name = named.rsplit('/').next().unwrap_or_default();
            let capability = table.get(name)?;
            if name == "git" && text(first + 1).is_some_and(|word| TELLING.contains(&word.as_str())) {
                return None;
            }
            let says = format!("{name} in {}", file.path);
            Some((capability.clone(), Evidence::line(&file.path, file.line(place.at), says)))
        })
        .collect()
}

fn plugins(program: &Program) -> Option<Found<()>> {
    program.calls(|name| name == "Open").find_map(|(place, file, call)| {
        let opens = file.import(call.base) == Some("plugin");
        opens.then(|| {
            let says = format!("{} loads Go plug-ins", file.path);
            Found::new((), Evidence::line(&file.path, file.line(place.at), says))
        })
    })
}

/// Everything that `//go:embed` names, and the folders among it that the build of something else fills.
fn embeds(cx: &Context<'_>, reached: &[&Pack], facts: &mut GoFacts) {
    let mut named: BTreeMap<Utf8PathBuf, Evidence> = BTreeMap::new();
    let mut built: BTreeMap<Utf8PathBuf, Evidence> = BTreeMap::new();
    for pack in reached {
        for (path, header) in &pack.files {
            for (pattern, line) in &header.embeds {
                let evidence = Evidence::line(path, *line, format!("embedded by {path}"));
                for place in places(cx, &pack.dir, pattern) {
                    // What keeps a folder in git may be embedded itself.
                    let missing = !cx.repo.has(&place) && is_empty(cx, &place);
                    if !place.as_str().is_empty() && missing {
                        built.entry(built_folder(cx, &pack.dir, &place)).or_insert_with(|| evidence.clone());
                    }
                    named.entry(place).or_insert_with(|| evidence.clone());
                }
            }
        }
    }
    facts.embeds = outermost(named);
    facts.embeds_built = outermost(built);
}

/// A missing file's folder, as long as it is not the package's own.
fn built_folder(cx: &Context<'_>, package: &Utf8Path, place: &Utf8Path) -> Utf8PathBuf {
    match place.parent() {
        Some(parent) if place.extension().is_some() && parent != package && is_empty(cx, parent) => {
            parent.to_owned()
        }
        _ => place.to_owned(),
    }
}

/// The folder in front of a pattern's wildcards; the files of the package's own folder that it fits, where there is none.
fn places(cx: &Context<'_>, dir: &Utf8Path, pattern: &str) -> Vec<Utf8PathBuf> {
    let plain: Vec<&str> = pattern.split('/').take_while(|part| !part.contains(['*', '?', '['])).collect();
    if !plain.is_empty() || !pattern.contains(['*', '?', '[']) {
        return crate::detect::join_inside(dir, &plain.join("/")).into_iter().collect();
    }
    let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).build() else { return Vec::new() };
    let matcher = glob.compile_matcher();
    let (files, _) = cx.repo.list(dir);
    files.into_iter().filter(|name| matcher.is_match(name)).map(|name| dir.join(name)).collect()
}

/// An import of the module's own that has no file in the repository.
pub(super) fn made_sources(ground: &Ground, tree: &Tree, reached: &[&Pack]) -> Option<(String, Evidence)> {
    let files = reached.iter().flat_map(|pack| &pack.files);
    files.into_iter().find_map(|(path, header)| {
        header.imports.iter().find_map(|import| {
            let own = ground.modules.iter().filter(|module| within(&import.path, &module.manifest.module));
            let module = own.max_by_key(|module| module.manifest.module.len())?;
            let below = import.path.strip_prefix(&module.manifest.module)?.trim_start_matches('/');
            let elsewhere =
                ground.modules.iter().flat_map(|module| &module.manifest.requires).any(|one| {
                    one.path.len() > module.manifest.module.len() && within(&import.path, &one.path)
                });
            let missing =
                tree.pack(&module.dir.join(below)).is_none() && tree.pack(Utf8Path::new(below)).is_none();
            let evidence = || Evidence::line(path, import.line, format!("{path} imports {}", import.path));
            (missing && !elsewhere).then(|| (import.path.clone(), evidence()))
        })
    })
}
