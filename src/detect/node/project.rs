//! Puts the themes together: from manifests and sources to one project.

use camino::{Utf8Path, Utf8PathBuf};

use super::code::Reached;
use super::framework::{self, Used};
use super::start::{self, Begin, Looking, Search};
use super::tsc::{self, Output};
use super::work::{Work, note};
use super::{
    access, build, demanded, examples, manifests, members, native, nothing, served, sources, tool, version,
};
use crate::detect::{Context, Detection, slug};
use crate::error::Result;
use crate::facts::{Access, Evidence, Found, Kind, Listen, NodeFacts, Project, Stack, Variable};
use crate::manifest::package_json::PackageJson;
use crate::manifest::package_lock;

/// Everything that is known before the start is looked for, and the start.
struct Sight<'a> {
    used: Vec<Used<'a>>,
    compiled: Option<Output>,
    search: Search,
}

/// The project of a manifest.
pub(super) fn find(cx: &Context, mut work: Work) -> Result<Detection> {
    let mut tool = tool::find(cx, &mut work)?;
    let every = installed_for(&work);
    work.lock.mark(&every);
    let used = framework::find(cx, &mut work)?;
    let project_compiler = compiler_project(&work);
    let compiled = tsc::output(cx, &work, project_compiler.as_deref())?;
    let nx = build::nx(cx, &work)?;
    let mut made = made(&used, compiled.as_ref(), nx.as_ref());
    made.extend(build::folders(cx, &work));
    let builds = build::script(cx, &work).is_some();
    let bun = tool.id == "bun";
    let looking = Looking { cx, work: &work, compiled: compiled.as_ref(), made, builds, bun, nx };
    let search = if work.bundle.is_some() { Search::default() } else { start::find(&looking, &used) };
    if let Some(refused) = framework::elsewhere(cx, &work, &used, &search) {
        return Ok(Detection::NothingToRun(refused));
    }
    let runs_nothing = || {
        nothing::is_tooling(cx, &work) && !is_started(&search, &work)
            || nothing_runs(&search, &used, &work)
            || framework::is_lent(cx, &work, &search)
            || nothing::serves_a_member(&work, &search)
    };
    let unfit = work.bundle.is_some() && !build::only_bundles(cx, &work);
    if unfit || work.bundle.is_none() && runs_nothing() {
        return Ok(nothing::answer(cx, &work, if bun { "bun" } else { "node" }));
    }
    work.others = members::others(cx, &work);
    manifests::fill(cx, &mut work, &mut tool)?;
    let sight = Sight { used, compiled, search };
    let facts = NodeFacts { tool, ..NodeFacts::default() };
    assemble(cx, work, facts, sight)
}

/// The manifests whose packages the project needs: its own, its workspace's and those of members that it depends on.
fn installed_for(work: &Work) -> Vec<(Utf8PathBuf, PackageJson)> {
    let folder = |file: &Utf8Path| file.parent().map_or_else(Utf8PathBuf::new, Utf8Path::to_owned);
    let mut every: Vec<(Utf8PathBuf, PackageJson)> =
        work.files().map(|(file, manifest)| (folder(file), manifest.clone())).collect();
    if let Some(workspace) = work.workspace.as_ref().filter(|workspace| workspace.root != work.root) {
        let siblings = workspace.shipped(&work.root, &work.manifest);
        let members = siblings.iter().filter_map(|root| workspace.member(root));
        every.extend(members.map(|member| (member.root.clone(), member.manifest.clone())));
    }
    every
}

/// The configuration that a build script hands to the compiler.
fn compiler_project(work: &Work) -> Option<String> {
    let names = ["build", "build:server", "prestart:prod", "compile"];
    let commands = names.iter().flat_map(|name| manifests::followed(&work.manifest, name));
    commands.filter(|simple| simple.program() == Some("tsc")).find_map(|simple| {
        let at = simple
            .argv
            .iter()
            .position(|word| ["-p", "--project", "-b", "--build"].contains(&word.as_str()))?;
        simple.argv.get(at + 1).cloned()
    })
}

/// Folders that the build makes.
fn made(used: &[Used], compiled: Option<&Output>, nx: Option<&Found<Begin>>) -> Vec<Utf8PathBuf> {
    let outputs = used.iter().flat_map(|used| &used.output).map(Utf8PathBuf::from);
    let sites = used.iter().filter_map(|used| used.site.as_ref()).map(|site| site.value.clone());
    let compiled = compiled.map(|compiled| compiled.folder.clone());
    outputs
        .chain(sites)
        .chain(compiled)
        .chain(nx.and_then(|nx| nx.value.file.clone()))
        .filter(|path| path != "public" && !path.as_str().is_empty())
        .collect()
}

/// A start script runs a file of the project's own.
fn is_started(search: &Search, work: &Work) -> bool {
    work.scripts().contains_key("start")
        && search.begin.as_ref().is_some_and(|begin| begin.value.file.is_some())
}

/// Neither a program nor a site.
fn nothing_runs(search: &Search, used: &[Used], work: &Work) -> bool {
    let site = used.iter().any(|used| used.site.is_some()) && !only_develops_library(work);
    search.begin.is_none() && !site && search.files.is_none()
}

/// A library that is bundled by a site's tool and offers its result to others.
fn only_develops_library(work: &Work) -> bool {
    !work.manifest.offers.is_empty() && work.manifest.library && !work.scripts().contains_key("start")
}

fn assemble(cx: &Context, mut work: Work, mut facts: NodeFacts, sight: Sight) -> Result<Detection> {
    let Sight { used, compiled, search } = sight;
    let begin = search.begin.as_ref().map(|found| &found.value);
    let main = main_framework(&used, begin);
    facts.bun =
        begin.map_or(facts.tool.id == "bun", |begin| begin.bun || facts.tool.id == "bun" && !begin.node);
    facts.package.clone_from(&work.manifest.name);
    facts.has_dependencies =
        !work.manifest.dependencies.is_empty() || !work.manifest.optional_dependencies.is_empty();
    facts.has_dev_dependencies = !work.manifest.dev_dependencies.is_empty();
    workspace(&work, &mut facts);
    facts.framework = main.map(|used| Found::new(used.row.id.clone(), used.because.clone()));
    facts.git_dependency = manifests::git_dependency(cx, &work);
    access::plain_token(&mut work);
    let versions = version::find(cx, &mut work, facts.bun)?;
    engines_flag(cx, &versions, &mut facts);
    registry_flag(cx, &work, &mut facts)?;
    facts.build = build::steps(cx, &work, &mut facts, main, begin, compiled.as_ref());
    let migrates = super::migrations::note(cx, &work);
    work.notes.extend(migrates);
    let mut needs = native::find(cx, &mut work, &mut facts, &versions);
    let mut project = Project {
        root: work.root.clone(),
        name: slug(
            work.manifest
                .name
                .as_deref()
                .and_then(|name| name.rsplit('/').next())
                .or(work.root.file_name())
                .unwrap_or("app"),
        ),
        language: if facts.bun { "bun" } else { "node" }.to_owned(),
        kind: Found::new(Kind::Worker, Evidence::file(&work.file, "package.json")),
        versions,
        stack: Stack::Node(Box::default()),
        listen: Vec::new(),
        env: Vec::new(),
        reads: Vec::new(),
        writes: Vec::new(),
        needs: Vec::new(),
        access: Access::default(),
        notes: Vec::new(),
    };
    match begin {
        Some(_) => server(cx, &mut work, &mut facts, &mut project, &search, &used, compiled.as_ref()),
        None => site(cx, &work, &mut facts, &mut project, &used, &search),
    }
    needs.append(&mut project.needs);
    project.needs = needs;
    decided(main, &mut work, &mut facts);
    project.notes = std::mem::take(&mut work.notes);
    access::fill(cx, &work, &facts, &mut project)?;
    project.stack = Stack::Node(Box::new(facts));
    Ok(Detection::Found(Box::new(project)))
}

/// The framework that says most about the project: with a program of its own, a site's tool is only its front end.
fn main_framework<'a, 'b>(used: &'a [Used<'b>], begin: Option<&Begin>) -> Option<&'a Used<'b>> {
    if begin.is_none() {
        return used.iter().find(|used| used.site.is_some());
    }
    let server = used.iter().find(|used| used.site.is_none() && !used.row.library);
    server.or_else(|| used.iter().find(|used| used.row.library))
}

fn workspace(work: &Work, facts: &mut NodeFacts) {
    let Some(workspace) = work.workspace.as_ref().filter(|workspace| workspace.root != work.root) else {
        return;
    };
    facts.workspace = true;
    facts.siblings = workspace.siblings(&work.root, &work.manifest);
    let shipped = workspace.shipped(&work.root, &work.manifest);
    facts.shipped = facts.siblings.iter().filter(|folder| shipped.contains(*folder)).cloned().collect();
    facts.others.clone_from(&work.others);
    let outer = workspace.manifest.as_ref();
    facts.roots_ship = outer.is_some_and(|manifest| !manifest.dependencies.is_empty());
    facts.has_dependencies |= facts.roots_ship;
    facts.has_dev_dependencies |= outer.is_some_and(|manifest| !manifest.dev_dependencies.is_empty());
}

/// Yarn 1 refuses packages whose engines leave out the Node that is used, and its lock file does not tell which do.
fn engines_flag(cx: &Context, versions: &[crate::facts::Constraint], facts: &mut NodeFacts) {
    let Some(flag) = tool::row(cx, &facts.tool.id).and_then(|row| row.ignore_engines.as_ref()) else {
        return;
    };
    let Some(lock) = facts.tool.lock.as_ref().filter(|_| !version::pinned(versions)) else { return };
    let because = Evidence::file(
        lock,
        "Yarn 1 refuses packages whose engines leave a newer Node out, and yarn.lock does not tell which",
    );
    facts.tool.flags.push(Found::new(flag.clone(), because));
}

/// A lock file may name a registry that only its author had; where the project configures none, the tool is told to
/// take the same packages from its own.
fn registry_flag(cx: &Context, work: &Work, facts: &mut NodeFacts) -> Result<()> {
    let Some(row) = tool::row(cx, &facts.tool.id) else { return Ok(()) };
    let (Some(flag), Some(lock)) = (&row.replace_registry, &facts.tool.lock) else { return Ok(()) };
    if work.npmrc.settings.iter().any(|(key, _, _)| key.ends_with("registry")) {
        return Ok(());
    }
    let Some(text) = cx.repo.read(lock)? else { return Ok(()) };
    // What the public registry does not have is fetched from where it is.
    if access::private(cx, &text).is_some() {
        return Ok(());
    }
    let known = |host: &str| row.public_hosts.iter().any(|name| host.contains(name.as_str()));
    let foreign = package_lock::registries(&text).into_iter().find(|(host, _)| !known(host));
    if let Some((_, line)) = foreign {
        let says = format!(
            "{} names a registry that the project does not configure",
            lock.file_name().unwrap_or_default()
        );
        facts.tool.flags.push(Found::new(flag.clone(), Evidence::line(lock, line, says)));
    }
    Ok(())
}

fn server(
    cx: &Context,
    work: &mut Work,
    facts: &mut NodeFacts,
    project: &mut Project,
    search: &Search,
    used: &[Used],
    compiled: Option<&Output>,
) {
    let Some(found) = &search.begin else { return };
    let begin = &found.value;
    let main = main_framework(used, Some(begin));
    let mut start = found.clone().map(|begin| begin.start);
    if let Some(used) = main.filter(|used| used.standalone.is_some() && !used.start.is_empty()) {
        facts.standalone = true;
        start = Found {
            value: crate::facts::Start { argv: used.start.clone(), env: start.value.env, shell: None },
            because: used.standalone.iter().cloned().chain(start.because).collect(),
        };
    }
    facts.output = build::output(cx, work, facts, used, Some(begin), compiled);
    let entry = entry(cx, work, begin, compiled);
    let reached = entry
        .as_ref()
        .map(|entry| {
            Reached::from(cx, &work.root, entry, compiled.map(|output| (output, work.root.as_path())))
        })
        .unwrap_or_default();
    facts.handles_sigterm = main.is_some_and(|used| used.row.handles_sigterm && !custom(used, begin))
        || reached.handles_sigterm();
    listen(cx, main, &reached, begin, &start.value.argv, project);
    variables(cx, main, begin, &reached, project, work);
    demanded::by_routes(cx, main.filter(|used| !custom(used, begin)), project);
    work.notes.extend(examples::notes(cx, &reached));
    let moves = begin.file.as_ref().is_some_and(|file| !cx.repo.has(work.root.join(file)));
    project.reads.extend(reached.reads(cx, &work.root, moves));
    project.writes = reached.writes(&work.root);
    writes_of(main, project, begin);
    beside(cx, &reached, (begin, &start.value), &facts.output, project, work);
    project.kind = kind(main, project, work, found);
    for run in reached.runs() {
        if let Some(capability) = cx.knowledge.of("node").called.get(&run.value) {
            let run = run.map(|_| capability.clone());
            project.needs.push(
                run.map(|capability| crate::facts::Need { capability, phase: crate::facts::Phase::Run }),
            );
        }
    }
    facts.build_args = main.map(|used| reached.variables_with(&used.row.public)).unwrap_or_default();
    facts.reads_built = served::built(cx, work, facts, &reached);
    served::leave(cx, work, facts);
    facts.sources = sources::sources(cx, work, facts, &reached, project, begin);
    borrowed(facts, begin, work, &start.because);
    super::loaded::at_start(cx, work, facts, begin, (&reached, compiled));
    if !facts.standalone && start.value.shell.is_none() {
        start.value.argv.splice(0..0, tool::preload(cx, work, &facts.tool));
    }
    facts.start = Some(start);
}

/// A project's own server around a framework: the framework's signals and port are not the program's.
fn custom(used: &Used, begin: &Begin) -> bool {
    let framework = |file: &Utf8PathBuf| {
        used.start.first().is_some_and(|first| file == first)
            || used
                .output
                .iter()
                .any(|folder| file.starts_with(folder.split(" -> ").next().unwrap_or(folder)))
    };
    begin.file.as_ref().is_some_and(|file| !framework(file))
}

/// The source that the start's file comes from, relative to the repository.
fn entry(cx: &Context, work: &Work, begin: &Begin, compiled: Option<&Output>) -> Option<Utf8PathBuf> {
    if let Some(source) = &begin.source {
        return Some(work.root.join(source));
    }
    let file = begin.file.as_ref()?;
    let made = compiled.filter(|output| file.starts_with(&output.folder));
    let source = made.and_then(|output| output.source(cx, &work.root, file));
    let there = |path: &Utf8PathBuf| cx.repo.has(work.root.join(path));
    let source = source.or_else(|| tsc::candidates(file).into_iter().find(there)).or_else(|| {
        let stem = file.file_stem()?;
        let usual = ["src", "server", "app", ""].map(|folder| Utf8Path::new(folder).join(stem));
        let built = !cx.repo.has_dir(work.root.join(file.components().next()?.as_str()));
        usual.iter().filter(|_| built).flat_map(|path| tsc::candidates(path)).find(there)
    });
    let source = source.or_else(|| {
        // Nx puts `apps/api/src/main.ts` at `dist/apps/api/main.js`.
        let inside: Utf8PathBuf = file.components().skip(1).map(|part| part.as_str()).collect();
        let beside = inside.parent()?.join("src").join(inside.file_stem()?);
        tsc::candidates(&beside).into_iter().find(there)
    })?;
    Some(work.root.join(source))
}

fn listen(
    cx: &Context,
    main: Option<&Used>,
    reached: &Reached,
    begin: &Begin,
    argv: &[String],
    project: &mut Project,
) {
    let option = argv
        .iter()
        .zip(argv.iter().skip(1))
        .find(|(name, _)| ["-p", "--port", "--listen"].contains(&name.as_str()));
    let said = option.and_then(|(_, value)| value.parse::<u16>().ok());
    let set = begin
        .start
        .env
        .iter()
        .find(|(name, _)| name == "PORT")
        .and_then(|(_, value)| value.parse::<u16>().ok());
    let own = main.filter(|used| used.row.port.is_some() && !custom(used, begin));
    if let (Some(used), Some(port)) = (own, said.or(set).or(own.and_then(|used| used.row.port))) {
        let listen = Listen {
            port,
            variable: used.row.port_variable.clone().filter(|_| said.is_none()),
            must_set: false,
        };
        let because =
            if said.or(set).is_some() { Evidence::told("the start command") } else { used.because.clone() };
        project
            .listen
            .push(Found::new(listen, Evidence { says: format!("the port of {}", used.row.name), ..because }));
        return;
    }
    if let Some(mut found) = reached.listen(cx, &project.root) {
        if let Some(port) = set.filter(|_| found.value.variable.as_deref() == Some("PORT")) {
            found.value.port = port;
            found.value.must_set = false;
        }
        project.listen.push(found);
    }
}

fn variables(
    cx: &Context,
    main: Option<&Used>,
    begin: &Begin,
    reached: &Reached,
    project: &mut Project,
    work: &mut Work,
) {
    let own = main.filter(|used| !custom(used, begin));
    for (name, value) in own.iter().flat_map(|used| &used.env) {
        let because = own.map_or_else(|| Evidence::told("the framework"), |used| used.because.clone());
        let variable = Variable { name: name.clone(), value: Some(value.clone()), required: false };
        project.env.push(Found::new(variable, because));
    }
    if let Some((because, variable)) = reached.local_host() {
        match variable {
            Some(name) => {
                let variable = Variable { name, value: Some("0.0.0.0".to_owned()), required: false };
                project.env.push(Found::new(variable, because));
            }
            None => work.notes.push(note(
                "listens-on-localhost",
                "the program listens on localhost, which nothing outside of its container reaches",
                because,
            )),
        }
    }
    if let Some(because) =
        reached.host_by_name().filter(|_| project.env.iter().all(|one| one.value.name != "HOSTNAME"))
    {
        let value = Some("0.0.0.0".to_owned());
        project
            .env
            .push(Found::new(Variable { name: "HOSTNAME".to_owned(), value, required: false }, because));
    }
    let set = |name: &String| begin.start.env.iter().any(|(other, _)| other == name);
    let port = project.listen.first().and_then(|listen| listen.value.variable.clone());
    let required = reached
        .required()
        .into_iter()
        .filter(|found| !set(&found.value.name) && Some(&found.value.name) != port.as_ref());
    project.env.extend(required);
    demanded::by_example(cx, work, project);
}

fn writes_of(main: Option<&Used>, project: &mut Project, begin: &Begin) {
    for used in main.iter().filter(|used| !custom(used, begin)) {
        let folder = used.row.folder.as_ref().map_or("", |folder| folder.default.as_str());
        let written = used.row.writes.iter().map(|path| Utf8PathBuf::from(path.replace("{folder}", folder)));
        let says = format!("{} writes there", used.row.name);
        let because = || Evidence { says: says.clone(), ..used.because.clone() };
        project.writes.extend(written.map(|path| Found::new(path, because())));
    }
}

/// A file that is written right into the working folder makes that folder a volume of its own, where the program finds
/// everything else by its own place.
fn beside(
    cx: &Context,
    reached: &Reached,
    (begin, start): (&Begin, &crate::facts::Start),
    made: &[Found<Utf8PathBuf>],
    project: &mut Project,
    work: &mut Work,
) {
    let Some(found) = reached.loose(&project.root) else { return };
    let plain = |word: &String| !word.contains(['/', '.']);
    let moves = begin.file.is_some()
        && begin.borrowed.is_none()
        && start.shell.is_none()
        && start.argv.iter().skip(1).all(plain)
        && project.writes.iter().all(|written| written.value.is_absolute())
        && !cx.repo.has(project.root.join(&found.value))
        && !reached.reads_beside(cx, &project.root, made);
    if moves {
        project.writes.push(found);
        return;
    }
    work.notes.push(crate::facts::Note {
        code: "writes-working-folder".to_owned(),
        text: format!("`{}` is written to the working folder itself: it cannot be written under a read-only root, nor be kept", found.value),
        because: found.because,
    });
}

fn kind(main: Option<&Used>, project: &Project, work: &Work, begin: &Found<Begin>) -> Found<Kind> {
    if let Some(listen) = project.listen.first() {
        return Found { value: Kind::Web, because: listen.because.clone() };
    }
    if let Some(used) = main {
        return Found::new(Kind::Web, used.because.clone());
    }
    let starts = work.scripts().contains_key("start");
    let kind = if !starts && !work.manifest.bin.is_empty() { Kind::Cli } else { Kind::Worker };
    Found { value: kind, because: begin.because.clone() }
}

/// A program of a package that package.json lists for development: it has to be in the image all the same.
fn borrowed(facts: &mut NodeFacts, begin: &Begin, work: &mut Work, because: &[Evidence]) {
    let Some(package) = &begin.borrowed else { return };
    facts.keeps_dev = Some(Found { value: (), because: because.to_vec() });
    work.notes.push(crate::facts::Note {
        code: "keeps-development-dependencies".to_owned(),
        text: format!("the program runs with `{package}`, which package.json lists for development: all of its packages are in the image"),
        because: std::iter::once(work.at_dependency(package)).chain(because.iter().cloned()).collect(),
    });
}

fn site(
    cx: &Context,
    work: &Work,
    facts: &mut NodeFacts,
    project: &mut Project,
    used: &[Used],
    search: &Search,
) {
    let builder = used.iter().find(|used| used.site.is_some());
    let served = search
        .files
        .as_ref()
        .and_then(|found| Some(Found { value: found.value.clone()?, because: found.because.clone() }));
    let site = work.bundle.clone().or_else(|| builder.and_then(|used| used.site.clone())).or(served);
    let site = site.unwrap_or_else(|| {
        Found::new(Utf8PathBuf::from("public"), Evidence::file(&work.file, "package.json"))
    });
    project.kind = Found { value: Kind::Static, because: site.because.clone() };
    facts.spa = builder.is_some_and(|used| used.spa);
    facts.output = vec![site.clone()];
    facts.output.extend(builder.into_iter().flat_map(|used| used.more.iter().cloned()));
    facts.site = Some(site);
    facts.nginx = crate::detect::enrich::nginx(cx, &work.root);
    let mut prefixes = builder.map(|used| used.row.public.clone()).unwrap_or_default();
    prefixes.extend(framework::own_prefixes(cx, work));
    facts.build_args = public_variables(cx, work, &prefixes);
}

/// Variables that the bundler puts into the site, as its sources read them.
fn public_variables(cx: &Context, work: &Work, prefixes: &[String]) -> Vec<Found<String>> {
    let mut found: Vec<Found<String>> = Vec::new();
    if prefixes.is_empty() {
        return found;
    }
    let wanted = |file: &&Utf8PathBuf| {
        matches!(file.extension(), Some("js" | "jsx" | "ts" | "tsx" | "mjs" | "vue" | "svelte" | "astro"))
    };
    let files: Vec<&Utf8PathBuf> = cx.repo.under(&work.root).filter(wanted).collect();
    let read = |file: &Utf8Path, text: &str| {
        let here = prefixes.iter().any(|prefix| text.contains(prefix.as_str()));
        let env = if here { crate::source::js::read(text).env } else { Vec::new() };
        (file.to_owned(), env)
    };
    for (file, env) in cx.repo.map_sources(&files, read) {
        for one in env.iter().filter(|one| prefixes.iter().any(|prefix| one.name.starts_with(prefix))) {
            if !found.iter().any(|other| other.value == one.name) {
                found.push(Found::new(
                    one.name.clone(),
                    Evidence::line(&file, one.line, format!("{} in {file}", one.name)),
                ));
            }
        }
    }
    found
}

/// A variable that decides what is built: set for the build, so that the result stands alone.
fn decided(main: Option<&Used>, work: &mut Work, facts: &mut NodeFacts) {
    let Some(found) = main.and_then(|used| used.decides.as_ref()) else { return };
    let (variable, value) = &found.value;
    let because = found.because.first().cloned().unwrap_or_else(|| Evidence::told("the configuration"));
    work.notes.push(note(
        "build-variable",
        format!("`{variable}={value}` for the build changes what it makes"),
        because,
    ));
    facts.build_env.push(found.clone());
}
