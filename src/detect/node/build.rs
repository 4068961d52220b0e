//! What builds the project, in order, and which folders of the result the program needs.

use camino::{Utf8Path, Utf8PathBuf};

use super::framework::Used;
use super::manifests::followed;
use super::native::schema;
use super::start::Begin;
use super::tool::row;
use super::tsc::Output;
use super::work::Work;
use crate::detect::Context;
use crate::facts::{Evidence, Found, NodeFacts, Start};
use crate::manifest::package_json::PackageJson;
use crate::source::command::Simple;

type Step = Found<Vec<String>>;

/// The script that builds, where one does.
pub(super) fn script<'a>(cx: &Context<'a>, work: &'a Work) -> Option<&'a String> {
    let table = cx.knowledge.detectors.get("node")?;
    if let Some(name) = outward(work) {
        return Some(name);
    }
    let builds = |name: &&String| {
        let commands = followed(&work.manifest, name);
        work.scripts().contains_key(*name) && !commands.iter().all(|simple| packs(&table.packers, simple))
    };
    // One that tests and checks on the way is for a pipeline.
    let checks = |name: &&String| {
        let commands = followed(&work.manifest, name);
        commands
            .iter()
            .filter_map(Simple::program)
            .any(|program| table.checkers.iter().any(|one| one == program))
    };
    let all = || table.build_scripts.iter().filter(builds);
    let used = table.frameworks.iter().filter(|row| row.when.iter().any(|name| work.has(name)));
    let own = || used.flat_map(|row| &row.scripts).find(builds);
    all().find(|name| !checks(name)).or_else(|| all().next()).or_else(own).or_else(|| only_part(cx, work))
}

/// The one script that bundles a part of the project, where none makes all of it: `build:frontend` beside a server that
/// runs from its sources.
fn only_part<'a>(cx: &Context, work: &'a Work) -> Option<&'a String> {
    let table = cx.knowledge.of("node");
    let bundles = |simple: &Simple| {
        let named = |build: &String| build.split(' ').eq(simple.argv.iter().map(String::as_str).take(2));
        simple.program().is_some_and(|program| table.builders.iter().any(|one| one == program))
            || table.frameworks.iter().filter_map(|row| row.build.as_ref()).any(named)
    };
    let aside = |name: &str| ["doc", "story", "test", "type"].iter().any(|word| name.contains(word));
    let mut parts = work.scripts().keys().filter(|name| {
        let commands = followed(&work.manifest, name);
        name.starts_with("build:") && !aside(name) && commands.iter().any(bundles)
    });
    parts.next().filter(|_| parts.next().is_none())
}

/// The script that builds right into the folder of the program that serves or embeds the result: where there is one
/// beside the usual build, it is the one that is meant for it.
fn outward(work: &Work) -> Option<&String> {
    let names = work.scripts().keys();
    let mut outward =
        names.filter(|name| out_folder(&work.manifest, name).is_some_and(|to| to.starts_with("../")));
    outward.next().filter(|_| outward.next().is_none())
}

/// The folder that a script's bundler is told to write to: `vite build --outDir site`.
pub(super) fn out_folder(manifest: &PackageJson, script: &str) -> Option<String> {
    followed(manifest, script).iter().find_map(|command| {
        let options = ["--outDir", "--out-dir", "--dest"];
        command.argv.iter().enumerate().find_map(|(at, word)| match word.split_once('=') {
            Some((option, folder)) if options.contains(&option) => Some(folder.to_owned()),
            None if options.contains(&word.as_str()) => command.argv.get(at + 1).cloned(),
            _ => None,
        })
    })
}

/// The folder that a builder's command is told to write to, by an option that all have or the short one of its own.
fn written(cx: &Context, simple: &Simple) -> Option<Utf8PathBuf> {
    let short = cx.knowledge.of("node").written.get(simple.program()?)?;
    let options = [short.as_str(), "--out-dir", "--outDir", "--outdir"];
    let folder = simple.argv.iter().enumerate().find_map(|(at, word)| match word.split_once('=') {
        Some((option, folder)) if options.contains(&option) => Some(folder),
        None if options.contains(&word.as_str()) => simple.argv.get(at + 1).map(String::as_str),
        _ => None,
    });
    crate::detect::join_inside(Utf8Path::new(""), folder?).filter(|folder| !folder.as_str().is_empty())
}

/// Folders that builders of the build script, and of what runs in front of the start, are told to write to.
pub(super) fn folders(cx: &Context, work: &Work) -> Vec<Utf8PathBuf> {
    let ahead = ["prestart", "prestart:prod"].map(str::to_owned);
    let names = script(cx, work).into_iter().chain(&ahead);
    let commands = names.flat_map(|name| followed(&work.manifest, name));
    commands.filter_map(|simple| written(cx, &simple)).collect()
}

/// Whether a command makes nothing that an image runs.
fn packs(packers: &[String], simple: &Simple) -> bool {
    packers.iter().any(|row| {
        let mut words = row.split(' ');
        let first = words.next();
        simple.program() == first && words.all(|word| simple.argv.iter().any(|other| other == word))
    })
}

/// The commands of the build.
pub(super) fn steps(
    cx: &Context,
    work: &Work,
    facts: &mut NodeFacts,
    used: Option<&Used>,
    begin: Option<&Begin>,
    compiled: Option<&Output>,
) -> Vec<Step> {
    let mut steps = prisma(cx, work, facts);
    steps.extend(siblings(cx, work, facts));
    if let Some(name) = script(cx, work) {
        let because = work.at_script(name);
        let whole = || vec![run(cx, facts, name)];
        let parts = super::migrations::left_out(cx, work, name)
            .map_or_else(whole, |left| left.kept.iter().map(|argv| in_tool(cx, facts, argv)).collect());
        steps.extend(parts.into_iter().map(|argv| Found::new(argv, because.clone())));
        return steps;
    }
    let ahead: Vec<Vec<String>> = begin.iter().flat_map(|begin| begin.builds.clone()).collect();
    if !ahead.is_empty() {
        let name = pre_script(work);
        let because = work.at_script(&name);
        steps.extend(ahead.into_iter().map(|argv| Found::new(in_tool(cx, facts, &argv), because.clone())));
        return steps;
    }
    if let Some(used) = used.filter(|used| used.site.is_some() || !used.output.is_empty())
        && let Some(build) = &used.row.build
        && installed(cx, work, build)
    {
        let words: Vec<String> = build.split(' ').map(str::to_owned).collect();
        let words =
            if words.first().is_some_and(|first| first == "node") { words } else { exec(cx, facts, &words) };
        steps.push(Found::new(words, used.because.clone()));
        return steps;
    }
    let made = begin.and_then(|begin| begin.file.as_ref()).filter(|file| !cx.repo.has(work.root.join(file)));
    if let (Some(made), Some(compiled)) = (made, compiled)
        && made.starts_with(&compiled.folder)
    {
        let mut words = vec!["tsc".to_owned()];
        let file = compiled.because.file.as_ref().and_then(|file| file.strip_prefix(&work.root).ok());
        if let Some(file) = file.filter(|file| *file != "tsconfig.json") {
            words.extend(["--project".to_owned(), file.to_string()]);
        }
        steps.push(Found::new(exec(cx, facts, &words), compiled.because.clone()));
    }
    steps
}

/// Whether the project has the package of a command's program, as far as the table knows it.
fn installed(cx: &Context, work: &Work, command: &str) -> bool {
    let program = command.split(' ').next().unwrap_or_default();
    let Some(path) = cx.knowledge.of("node").programs.get(program) else { return true };
    let mut parts = path.splitn(3, '/');
    let first = parts.next().unwrap_or_default();
    let package = if first.starts_with('@') {
        format!("{first}/{}", parts.next().unwrap_or_default())
    } else {
        first.to_owned()
    };
    work.has(&package)
}

/// The script whose commands in front of the program build.
fn pre_script(work: &Work) -> String {
    let pre = work.scripts().keys().find(|name| name.starts_with("prestart"));
    pre.cloned().unwrap_or_else(|| "start".to_owned())
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn run(cx: &Context, facts: &NodeFacts, script: &str) -> Vec<String> {
    let mut argv = row(cx, &facts.tool.id).map(|row| words(&row.run)).unwrap_or_default();
    argv.push(script.to_owned());
    argv
}

fn exec(cx: &Context, facts: &NodeFacts, command: &[String]) -> Vec<String> {
    let exec = row(cx, &facts.tool.id).and_then(|row| row.exec.as_ref());
    let mut argv = exec.map(|exec| words(exec)).unwrap_or_default();
    argv.extend(command.iter().cloned());
    argv
}

/// A command of a script as the project's tool runs it: `npm run build` is its own already.
pub(super) fn in_tool(cx: &Context, facts: &NodeFacts, argv: &[String]) -> Vec<String> {
    let simple = Simple { argv: argv.to_vec(), ..Simple::default() };
    match simple.scripts().as_ref().map(|scripts| scripts.names.as_slice()) {
        Some([name]) => run(cx, facts, name),
        _ => exec(cx, facts, argv),
    }
}

/// `prisma generate`, where the project or a member that it depends on has a schema and no hook or build script does it.
fn prisma(cx: &Context, work: &Work, facts: &mut NodeFacts) -> Vec<Step> {
    let members = work
        .workspace
        .iter()
        .flat_map(|workspace| facts.siblings.iter().filter_map(|root| workspace.member(root)));
    let places: Vec<(Utf8PathBuf, PackageJson)> = std::iter::once((work.root.clone(), work.manifest.clone()))
        .chain(members.map(|member| (member.root.clone(), member.manifest.clone())))
        .collect();
    let mut steps = Vec::new();
    for (root, manifest) in places {
        let uses = manifest
            .all_dependencies()
            .any(|(name, _)| ["prisma", "@prisma/client"].contains(&name.as_str()));
        let Some(schema) = schema(cx, &root, &manifest).filter(|_| uses) else { continue };
        facts.prisma.get_or_insert(Found::new(schema.path.clone(), schema.because.clone()));
        if generated(cx, work, &manifest) {
            continue;
        }
        let mut command = ["prisma", "generate"].map(str::to_owned).to_vec();
        if root != work.root {
            command.push(format!("--schema={}{}", "../".repeat(work.root.components().count()), schema.path));
        }
        steps.push(Found::new(exec(cx, facts, &command), schema.because));
    }
    steps
}

/// Whether an install hook or the build script generates the client.
fn generated(cx: &Context, work: &Work, manifest: &PackageJson) -> bool {
    let mut automatic: Vec<String> =
        ["preinstall", "install", "postinstall", "prepare"].map(str::to_owned).to_vec();
    if let Some(name) = script(cx, work).filter(|name| manifest.scripts.contains_key(*name)) {
        automatic.extend([name.clone(), format!("pre{name}")]);
    }
    let generates = |simple: &Simple| {
        simple.argv.iter().any(|word| word == "prisma") && simple.argv.iter().any(|word| word == "generate")
    };
    automatic.iter().any(|name| followed(manifest, name).iter().any(generates))
}

/// Members that this one depends on and that offer what only their own build makes.
fn siblings(cx: &Context, work: &Work, facts: &NodeFacts) -> Vec<Step> {
    let Some(workspace) = &work.workspace else { return Vec::new() };
    let Some(template) = row(cx, &facts.tool.id).and_then(|row| row.run_in.as_ref()) else {
        return Vec::new();
    };
    let mut steps = Vec::new();
    for member in facts.siblings.iter().filter_map(|folder| workspace.member(folder)) {
        // A member without an entry offers what it publishes: a front end's files.
        let entries = &member.manifest.offers;
        let offers = if entries.is_empty() { &member.manifest.files } else { entries };
        let there = |file: &String| {
            crate::detect::join_inside(&member.root, file)
                .is_some_and(|path| cx.repo.has(&path) || file.contains('*'))
        };
        let name = member.manifest.name.as_ref();
        let shipped = name.is_some_and(|name| work.manifest.dependencies.contains_key(name));
        let idle = if offers.is_empty() { !shipped } else { offers.iter().any(there) };
        if idle || !member.manifest.scripts.contains_key("build") {
            continue;
        }
        let up = "../".repeat(work.root.components().count());
        let folder = format!("{up}{}", member.root);
        let mut argv: Vec<String> =
            words(template).into_iter().map(|word| word.replace("{folder}", &folder)).collect();
        argv.push("build".to_owned());
        let file = member.root.join("package.json");
        let line = member.manifest.line(&["scripts", "build"]);
        steps.push(Found::new(
            argv,
            Evidence { says: format!("the build script of {file}"), file: Some(file), line },
        ));
    }
    steps
}

/// The folders of the result that the program needs, relative to the project.
pub(super) fn output(
    cx: &Context,
    work: &Work,
    facts: &NodeFacts,
    used: &[Used],
    begin: Option<&Begin>,
    compiled: Option<&Output>,
) -> Vec<Found<Utf8PathBuf>> {
    let mut found: Vec<Found<Utf8PathBuf>> = Vec::new();
    let mut add = |value: Utf8PathBuf, because: Evidence| {
        if !value.as_str().is_empty() && !found.iter().any(|other| value.starts_with(&other.value)) {
            found.push(Found::new(value, because));
        }
    };
    for (folder, because) in begin.iter().flat_map(|begin| compiled_in_place(cx, work, begin)) {
        add(folder, because);
    }
    for folder in begin.iter().flat_map(|begin| ahead(work, begin)).filter_map(|simple| written(cx, &simple))
    {
        add(folder, work.at_script(&pre_script(work)));
    }
    let file = begin.and_then(|begin| begin.file.as_ref());
    let server = used.iter().find(|used| !used.output.is_empty());
    if let Some(used) = server.filter(|used| is_served(used, begin)) {
        let top = used.output.first().map(|first| top_of(first)).unwrap_or_default();
        for path in &used.output {
            let made = work.root.join(path.split(" -> ").next().unwrap_or(path));
            let there = cx.repo.has_dir(&made) || cx.repo.has(&made);
            if top_of(path) == top || there {
                add(Utf8PathBuf::from(path), used.because.clone());
            }
        }
    }
    if facts.standalone {
        return found;
    }
    if let Some(begin) = begin.filter(|begin| begin.source.is_some())
        && let Some(file) = &begin.file
        && let Some(because) = facts.build.last().and_then(|step| step.because.first())
    {
        add(file.clone(), because.clone());
        return found;
    }
    let calls_tsc = facts.build.iter().any(|step| step.value.iter().any(|word| word == "tsc"))
        || script(cx, work).is_some_and(|name| {
            followed(&work.manifest, name).iter().any(|simple| simple.program() == Some("tsc"))
        });
    if let Some(compiled) =
        compiled.filter(|compiled| calls_tsc || file.is_some_and(|file| file.starts_with(&compiled.folder)))
    {
        add(compiled.folder.clone(), compiled.because.clone());
    }
    for (number, one) in used.iter().enumerate() {
        // What a framework runs as a part of itself makes the framework's output alone.
        let within = used
            .iter()
            .take(number)
            .any(|outer| outer.row.build.is_some() && outer.row.build == one.row.build);
        if let Some(site) = one.site.as_ref().filter(|_| !within && is_called(cx, work, one)) {
            add(site.value.clone(), one.because.clone());
        }
    }
    for bundle in super::framework::bundled(cx, work, used) {
        add(bundle.value, bundle.because.into_iter().next().unwrap_or_else(|| Evidence::told("the bundler")));
    }
    if let Some(file) = file.filter(|file| !cx.repo.has(work.root.join(file)))
        && let Some(top) = file.parent().filter(|parent| !parent.as_str().is_empty())
        && let Some(because) = facts.build.last().and_then(|step| step.because.first())
    {
        let top = top.components().next().map(|first| Utf8PathBuf::from(first.as_str())).unwrap_or_default();
        add(top, because.clone());
    }
    if found.is_empty() && !facts.build.is_empty() {
        found = ignored(cx, work);
    }
    found
}

/// The commands in front of the program that build, scripts followed.
fn ahead<'w>(work: &'w Work, begin: &'w Begin) -> impl Iterator<Item = Simple> + use<'w> {
    let line = begin.builds.iter().map(|argv| Simple { argv: argv.clone(), ..Simple::default() });
    line.flat_map(|simple| match simple.scripts() {
        Some(scripts) => scripts.names.iter().flat_map(|name| followed(&work.manifest, name)).collect(),
        None => vec![simple],
    })
}

/// Folders that commands in front of the program compile right where they lie: `sass public/scss:public/css`.
fn compiled_in_place(cx: &Context, work: &Work, begin: &Begin) -> Vec<(Utf8PathBuf, Evidence)> {
    let last =
        ahead(work, begin).filter_map(|simple| simple.argv.last()?.split(':').next_back().map(str::to_owned));
    let folders = last.filter_map(|path| crate::detect::join_inside(Utf8Path::new(""), &path));
    let there = folders.filter(|path| {
        let styles =
            path.extension() == Some("css") && path.parent().is_some_and(|up| !up.as_str().is_empty());
        cx.repo.has_dir(work.root.join(path))
            || styles && cx.repo.has_dir(work.root.join(top_of(path.as_str())))
    });
    let because = work.at_script(&pre_script(work));
    there.map(|folder| (Utf8PathBuf::from(top_of(folder.as_str())), because.clone())).collect()
}

/// Whether the build script runs nothing but bundlers and what copies and clears files.
pub(super) fn only_bundles(cx: &Context, work: &Work) -> bool {
    let table = cx.knowledge.of("node");
    let helps = ["rimraf", "rm", "mkdir", "echo", "cp", "copyfiles", "cpx", "true", "vite"];
    let known = |simple: &Simple| {
        simple
            .program()
            .is_some_and(|name| helps.contains(&name) || table.builders.iter().any(|one| one == name))
            || simple
                .package_program()
                .and_then(<[String]>::first)
                .is_some_and(|name| table.builders.contains(name))
    };
    let Some(name) = script(cx, work) else { return false };
    let commands = followed(&work.manifest, name);
    !commands.is_empty() && commands.iter().all(known)
}

/// Whether the build script runs the framework's own program.
fn is_called(cx: &Context, work: &Work, used: &Used) -> bool {
    let Some(program) = used.row.build.as_ref().and_then(|build| build.split(' ').next()) else {
        return false;
    };
    let Some(name) = script(cx, work) else { return false };
    followed(&work.manifest, name).iter().any(|simple| simple.argv.iter().any(|word| word == program))
}

/// Whether the start is the framework's, or a script that runs what the framework built.
fn is_served(used: &Used, begin: Option<&Begin>) -> bool {
    !used.start.is_empty() && begin.is_some() && used.site.is_none()
}

fn top_of(path: &str) -> &str {
    path.trim_start_matches("./").split('/').next().unwrap_or_default()
}

/// Folders that the project's .gitignore names and builds usually make.
fn ignored(cx: &Context, work: &Work) -> Vec<Found<Utf8PathBuf>> {
    let file = work.root.join(".gitignore");
    let Some(text) = cx.repo.source(&file) else { return Vec::new() };
    let usual = &cx.knowledge.of("node").outputs;
    let lines = text.lines().zip(1u32..);
    lines
        .filter_map(|(line, number)| {
            let name = line.trim().trim_matches('/').trim_end_matches("/*");
            let because = Evidence::line(&file, number, format!("{name} in .gitignore"));
            usual.iter().any(|one| one == name).then(|| Found::new(Utf8PathBuf::from(name), because))
        })
        .collect()
}

/// What nx builds, by `project.json`: a folder that node runs by its package.json or index.
pub(super) fn nx(cx: &Context, work: &Work) -> crate::error::Result<Option<Found<Begin>>> {
    let file = work.root.join("project.json");
    let Some(json) = super::tool::json(cx, &file)? else { return Ok(None) };
    let option = |key: &str| {
        let value = crate::manifest::json_lines::at(&json, &["targets", "build", "options", key])?;
        crate::detect::join_inside(Utf8Path::new(""), value.as_str()?)
    };
    let (Some(folder), main) = (option("outputPath"), option("main")) else { return Ok(None) };
    if main.is_none() {
        return Ok(None);
    }
    let text = cx.repo.source(&file).unwrap_or_default();
    let line = crate::manifest::line_of(&text, "\"outputPath\"");
    let because = Evidence { says: "outputPath of project.json".to_owned(), file: Some(file), line };
    let start = Start { argv: vec![folder.to_string()], ..Start::default() };
    Ok(Some(Found::new(Begin { start, file: Some(folder), source: main, ..Begin::default() }, because)))
}
