//! Every file that the install reads: copied first, so that editing a source installs nothing again.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::tool::row;
use super::work::{Work, note};
use crate::detect::{Context, join_inside};
use crate::error::Result;
use crate::facts::{Evidence, Found, Note, ToolFacts};
use crate::manifest::npmrc;
use crate::manifest::package_json::PackageJson;
use crate::source::command::{self, Simple};

/// Scripts that npm and its kin run by themselves when they install.
const HOOKS: [&str; 6] = ["preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare"];

/// A folder with more files is copied as a whole: Yarn's cache has one a package.
const MANY: usize = 12;

/// Fills `tool.manifests`, and what `.npmrc` says.
pub(super) fn fill(cx: &Context, work: &mut Work, tool: &mut ToolFacts) -> Result<()> {
    let mut files = BTreeSet::new();
    let root = work.tool_root.clone();
    if let Some(text) = cx.repo.read(root.join(".npmrc"))? {
        work.npmrc = npmrc::read(&text);
    }
    files.extend(tool.lock.clone());
    files.extend(Some(work.lock.file.clone()).filter(|file| cx.repo.has(file)));
    let reads = row(cx, &tool.id).into_iter().flat_map(|row| row.reads.iter());
    for name in reads {
        read_by_tool(cx, &root.join(name.trim_end_matches('/')), name.ends_with('/'), &mut files);
    }
    let patches = work.manifests().flat_map(|manifest| manifest.patches.clone()).collect::<Vec<_>>();
    let pnpm = work.workspace.iter().filter_map(|workspace| workspace.pnpm.as_ref());
    let patches = patches.into_iter().chain(pnpm.flat_map(|pnpm| pnpm.patches.clone()));
    files.extend(patches.filter_map(|path| join_inside(&root, &path)).filter(|file| cx.repo.has(file)));
    let partial = row(cx, &tool.id).is_some_and(|row| row.partial) && tool.frozen;
    let spared = if partial { work.others.clone() } else { Vec::new() };
    for (folder, manifest) in installed(work).into_iter().filter(|(folder, _)| !spared.contains(folder)) {
        files.insert(folder.join("package.json"));
        local(cx, &folder, &manifest, &mut files)?;
        hooks(cx, work, tool, &folder, &manifest, &mut files);
    }
    dropped(cx, work, tool);
    let there = |file: &Utf8PathBuf| cx.repo.has(file) || file.as_str().ends_with('/');
    tool.manifests = files.into_iter().filter(there).collect();
    Ok(())
}

/// The packages that one install handles: the root, the project and every member of the workspace.
fn installed(work: &Work) -> Vec<(Utf8PathBuf, PackageJson)> {
    let mut all = vec![(work.root.clone(), work.manifest.clone())];
    if let Some(workspace) = &work.workspace {
        let outer = workspace.manifest.iter().map(|manifest| (workspace.root.clone(), manifest.clone()));
        let members = workspace.members.iter().map(|member| (member.root.clone(), member.manifest.clone()));
        all.extend(outer.chain(members).filter(|(root, _)| *root != work.root).collect::<Vec<_>>());
    }
    all
}

fn read_by_tool(cx: &Context, path: &Utf8Path, folder: bool, files: &mut BTreeSet<Utf8PathBuf>) {
    if folder && cx.repo.under(path).nth(MANY).is_some() {
        files.insert(Utf8PathBuf::from(format!("{path}/")));
    } else if folder {
        files.extend(cx.repo.under(path).cloned());
    } else if cx.repo.has(path) {
        files.insert(path.to_owned());
    }
}

/// `file:` and `link:` dependencies: the manifest of a folder, or an archive.
fn local(
    cx: &Context,
    folder: &Utf8Path,
    manifest: &PackageJson,
    files: &mut BTreeSet<Utf8PathBuf>,
) -> Result<()> {
    let mut next: Vec<(Utf8PathBuf, PackageJson)> = vec![(folder.to_owned(), manifest.clone())];
    while let Some((from, manifest)) = next.pop() {
        for (_, specifier) in manifest.all_dependencies() {
            let path = ["file:", "link:", "portal:"].iter().find_map(|kind| specifier.strip_prefix(kind));
            let Some(path) = path.and_then(|path| join_inside(&from, path)) else { continue };
            if cx.repo.has(&path) {
                files.insert(path);
                continue;
            }
            let file = path.join("package.json");
            let Some(text) = cx.repo.read(&file)? else { continue };
            if files.insert(file.clone()) {
                next.push((path, PackageJson::read(&file, &text)?));
            }
        }
    }
    Ok(())
}

/// Files that install hooks name: scripts, patches, a Prisma schema.
fn hooks(
    cx: &Context,
    work: &mut Work,
    tool: &mut ToolFacts,
    folder: &Utf8Path,
    manifest: &PackageJson,
    files: &mut BTreeSet<Utf8PathBuf>,
) {
    let own = folder == work.tool_root;
    for hook in HOOKS {
        let commands = followed(manifest, hook);
        if own && repeats_build(cx, work, tool, &commands) {
            continue;
        }
        for command in commands {
            let named =
                command.argv.iter().filter_map(|word| join_inside(folder, word.split('=').next_back()?));
            let named: Vec<Utf8PathBuf> =
                named.filter(|path| *path != *folder && cx.repo.has(path)).collect();
            let program = command.program().unwrap_or_default().to_owned();
            if program == "patch-package" {
                files.extend(cx.repo.under(&folder.join("patches")).cloned());
            } else if program == "prisma" {
                files.extend(
                    super::native::schema(cx, folder, manifest).into_iter().flat_map(|found| found.files),
                );
            } else if builds(cx, &command, named.iter().all(|file| configures(file))) {
                tool.reading.push(if own { hook.to_owned() } else { format!("{folder} {hook}") });
                if let [_] = tool.reading.as_slice() {
                    work.notes.push(reads_sources(folder, manifest, hook, &program));
                }
            }
            files.extend(named);
        }
    }
}

fn reads_sources(folder: &Utf8Path, manifest: &PackageJson, hook: &str, program: &str) -> Note {
    let because = Evidence {
        says: format!("the {hook} script of package.json"),
        file: Some(folder.join("package.json")),
        line: manifest.line(&["scripts", hook]),
    };
    let text =
        format!("the `{hook}` script runs `{program}`, which reads sources: the install comes after them");
    note("install-reads-sources", text, because)
}

/// Whether a hook does nothing but what the build does, too: then an install need not wait for the sources.
fn repeats_build(cx: &Context, work: &Work, tool: &ToolFacts, commands: &[Simple]) -> bool {
    let repeated = match super::build::script(cx, work) {
        Some(name) => {
            let built = followed(&work.manifest, name);
            commands.iter().all(|simple| built.iter().any(|one| one.argv == simple.argv))
        }
        // The build of a program that only a compiler's output can start.
        None => commands.iter().all(|simple| simple.argv == ["tsc"]),
    };
    work.root == work.tool_root && tool.id != "bun" && !commands.is_empty() && repeated
}

/// Hooks of the manifest that is installed: one that repeats the build is taken out of every install. Of those whose programs
/// only development has, one that sets up git or prepares is taken out of the production install; any other makes production
/// install everything.
fn dropped(cx: &Context, work: &Work, tool: &mut ToolFacts) {
    let outer = work.workspace.as_ref().filter(|workspace| workspace.root == work.tool_root);
    let manifest = outer.and_then(|workspace| workspace.manifest.as_ref()).unwrap_or(&work.manifest);
    let table = cx.knowledge.of("node");
    let lacks = |program: &str| {
        let known =
            table.hooks.iter().any(|one| one == program) || manifest.dev_dependencies.contains_key(program);
        let other = program == "tsc" && manifest.dev_dependencies.contains_key("typescript");
        (known || other) && !manifest.in_production(program)
    };
    for hook in HOOKS {
        // Yarn from version 2 on runs no `prepare` when it installs.
        let Some(text) =
            manifest.scripts.get(hook).filter(|_| !(tool.id == "berry" && hook.contains("prepare")))
        else {
            continue;
        };
        let commands = followed(manifest, hook);
        let at = |says: String| Evidence {
            says,
            file: Some(work.tool_root.join("package.json")),
            line: manifest.line(&["scripts", hook]),
        };
        if repeats_build(cx, work, tool, &commands) {
            let says = format!("the {hook} script does nothing that the build does not do");
            tool.repeats.push(Found::new(hook.to_owned(), at(says)));
            continue;
        }
        let programs = commands.iter().filter_map(Simple::program);
        // `is-ci || husky` is one line for a shell.
        let words = text.split([' ', ';', '&', '|', '(', ')']).filter(|_| commands.is_empty());
        let Some(missing) = programs.chain(words).find(|program| lacks(program)) else { continue };
        let because = at(format!("the {hook} script runs `{missing}`, which production does not install"));
        let harmless = hook.contains("prepare") || table.hooks.iter().any(|one| one == missing);
        if harmless && tool.id != "bun" {
            tool.drops.push(Found::new(hook.to_owned(), because));
        } else {
            tool.no_production = true;
        }
    }
}

/// Whether a file only says how something is compiled: `webpack.config.js`.
fn configures(file: &Utf8Path) -> bool {
    file.file_name().is_some_and(|name| name.contains("config"))
}

/// Whether a hook compiles sources of the project, or starts it.
fn builds(cx: &Context, command: &Simple, no_file: bool) -> bool {
    let table = cx.knowledge.of("node");
    let program = command.program().unwrap_or_default();
    let monorepo = ["turbo", "lerna", "nx"].contains(&program);
    let framework = || {
        let builders = table.frameworks.iter().filter_map(|row| row.build.as_ref());
        command.argv.get(1).is_some_and(|word| word == "build" || word == "start")
            && builders.filter_map(|build| build.split(' ').next()).any(|own| own == program)
    };
    no_file && (monorepo || table.builders.iter().any(|builder| builder == program) || framework())
}

/// The commands that a script comes down to, other scripts of the manifest followed.
pub(super) fn followed(manifest: &PackageJson, script: &str) -> Vec<Simple> {
    let mut commands = Vec::new();
    let mut seen = BTreeSet::new();
    follow(manifest, script, &mut seen, &mut commands);
    commands
}

fn follow(manifest: &PackageJson, script: &str, seen: &mut BTreeSet<String>, commands: &mut Vec<Simple>) {
    let Some(text) = manifest.scripts.get(script).filter(|_| seen.insert(script.to_owned())) else { return };
    for simple in command::parse(text).commands {
        let named = simple
            .scripts()
            .filter(|scripts| scripts.elsewhere.is_none())
            .filter(|scripts| scripts.names.iter().any(|name| manifest.scripts.contains_key(name)));
        match named {
            Some(scripts) => scripts.names.iter().for_each(|name| follow(manifest, name, seen, commands)),
            None => commands.push(without_wrapper(simple)),
        }
    }
}

/// What `npx` and its kin run.
fn without_wrapper(simple: Simple) -> Simple {
    let argv = simple.package_program().map(<[String]>::to_vec);
    match argv {
        Some(argv) => Simple { argv, ..simple },
        None => simple,
    }
}

/// A dependency that is fetched with git.
pub(super) fn git_dependency(cx: &Context, work: &Work) -> Option<Found<String>> {
    let git = |specifier: &str| {
        ["git", "ssh:", "bitbucket:"].iter().any(|kind| specifier.starts_with(kind))
            || is_shorthand(specifier)
    };
    let own = work.files().find_map(|(file, manifest)| {
        let (name, _) = manifest.all_dependencies().find(|(_, specifier)| git(specifier))?;
        let says = format!("the dependency {name} of package.json");
        Some(Found::new(
            name.clone(),
            Evidence { says, file: Some(file.to_owned()), line: manifest.dependency_line(name) },
        ))
    });
    own.or_else(|| {
        let package = work.lock.lock().packages.iter().find(|package| package.git)?;
        Some(Found::new(package.name.clone(), work.lock.evidence(cx, package)))
    })
}

/// `owner/repository` means GitHub.
fn is_shorthand(specifier: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.#".contains(c))
    };
    let parts: Vec<&str> = specifier.split('/').collect();
    matches!(parts.as_slice(), [owner, name] if plain(owner) && plain(name) && !owner.starts_with(['.', '~', '@']))
}
