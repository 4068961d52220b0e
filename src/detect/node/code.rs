//! What the program's own files say, from its entry along its imports: ports, variables, folders, signals.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::alias::Aliases;
use super::tsc::{self, Output};
use crate::detect::places::is_loose;
use crate::detect::{Context, join_inside};
use crate::facts::{Evidence, Found, Listen, Variable};
use crate::source::js::{self, Base, Load, Module, Sure};

/// More files of settings than any program has.
const SETTINGS: usize = 40;

/// Calls that only put a path together.
const JOINS: [&str; 3] = ["join", "resolve", "URL"];

/// The files that an entry reaches, each read once.
#[derive(Debug, Default)]
pub(super) struct Reached {
    /// By their place, relative to the repository, in the order in which they are reached.
    pub(super) order: Vec<Utf8PathBuf>,
    /// The folder that the program is started in.
    root: Utf8PathBuf,
    program: js::Program,
    /// What each specifier stands for in a file.
    loads: BTreeMap<(Utf8PathBuf, String), Utf8PathBuf>,
}

impl Reached {
    /// Reads an entry and everything that it loads by a path or by an alias of the project's.
    /// `made` maps what a compiler makes back to its source, below the project's folder.
    pub(super) fn from(
        cx: &Context,
        root: &Utf8Path,
        entry: &Utf8Path,
        made: Option<(&Output, &Utf8Path)>,
    ) -> Self {
        Self::all(cx, root, &[entry.to_owned()], made)
    }

    /// Likewise of several entries: the routes that a framework loads by itself.
    pub(super) fn all(
        cx: &Context,
        root: &Utf8Path,
        entries: &[Utf8PathBuf],
        made: Option<(&Output, &Utf8Path)>,
    ) -> Self {
        let aliases = Aliases::of(cx, root);
        let loads = RefCell::new(BTreeMap::new());
        let find = |file: &Utf8Path, specifier: &str| {
            let found = resolve(cx, file, specifier)
                .or_else(|| source_of(cx, file, specifier, made?))
                .or_else(|| aliases.resolve(cx, specifier))
                .or_else(|| usual_alias(cx, file, specifier))
                .or_else(|| (specifier == SETTINGS_PACKAGE).then(|| settings_of(cx, root, "default"))?)?;
            loads.borrow_mut().insert((file.to_owned(), specifier.to_owned()), found.clone());
            Some(found)
        };
        let mut program = js::program(entries, &|file| cx.repo.source(file), &find);
        overlay(cx, root, &mut program);
        Self { order: program.order.clone(), root: root.to_owned(), program, loads: loads.into_inner() }
    }

    /// Whether a file of the project, and what it loads, opens a port: the program of a package that also offers modules.
    pub(super) fn opens_port(cx: &Context, root: &Utf8Path, file: &Utf8Path) -> bool {
        let file = root.join(file);
        cx.repo.has(&file) && Self::from(cx, root, &file, None).listen(cx, root).is_some()
    }

    fn each(&self) -> impl Iterator<Item = (&Utf8PathBuf, &Module)> {
        self.order.iter().filter_map(|file| Some((file, self.program.modules.get(file)?)))
    }

    /// The port that it listens on, the surest place first. A mere value called port counts in the file that starts
    /// and in files of settings, and none does in a file that only speaks another protocol.
    pub(super) fn listen(&self, cx: &Context, root: &Utf8Path) -> Option<Found<Listen>> {
        let find = |file: &Utf8Path, name: &str| self.loads.get(&(file.to_owned(), name.to_owned())).cloned();
        let counts = |file: &Utf8Path, listen: &js::Listen| {
            let entry = self.order.first().is_some_and(|first| first == file);
            let stands = listen.sure != Sure::Named || entry || holds_settings(cx, file);
            stands && !self.program.modules.get(file).is_some_and(|module| speaks_otherwise(cx, module))
        };
        let settings = self.unseen_settings(cx, root);
        let all = self.program.listens(&find, &settings, &counts);
        all.iter().find_map(|(file, listen)| port(cx, file, listen))
    }

    /// Files of settings that the program may load in ways that no reader sees.
    fn unseen_settings(&self, cx: &Context, root: &Utf8Path) -> Vec<Module> {
        let fits = |file: &&Utf8PathBuf| {
            matches!(file.extension(), Some("js" | "cjs" | "mjs" | "ts" | "json"))
                && !self.order.contains(file)
                && holds_settings(cx, file)
        };
        let files = cx.repo.under(root).filter(fits).take(SETTINGS);
        files.filter_map(|file| Some(js::read_file(file, &cx.repo.source(file)?))).collect()
    }

    /// A host that no other machine reaches: where it stands, and the variable that changes it.
    pub(super) fn local_host(&self) -> Option<(Evidence, Option<String>)> {
        self.each().find_map(|(file, module)| {
            let local = |listen: &&js::Listen| {
                listen.sure == Sure::Listens
                    && matches!(listen.host.as_deref(), Some("localhost" | "127.0.0.1" | "::1"))
            };
            let listen = module.listens.iter().find(local)?;
            Some((
                Evidence::line(file, listen.line, format!("the host in {file}")),
                listen.host_variable.clone(),
            ))
        })
    }

    /// `HOSTNAME` as the address to listen on: Docker sets it to the container's name, which not every one resolves.
    pub(super) fn host_by_name(&self) -> Option<Evidence> {
        self.each().find_map(|(file, module)| {
            let address =
                |fallback: &String| matches!(fallback.as_str(), "0.0.0.0" | "::" | "localhost" | "127.0.0.1");
            let read = module.env.iter().find(|read| read.name == "HOSTNAME")?;
            read.fallback.as_ref().filter(|fallback| address(fallback))?;
            Some(Evidence::line(file, read.line, format!("HOSTNAME in {file}")))
        })
    }

    /// The variables that it cannot start without.
    pub(super) fn required(&self) -> Vec<Found<Variable>> {
        self.asked_for(|read| read.required)
    }

    /// The variables that loading its files takes.
    pub(super) fn required_to_load(&self) -> Vec<Found<Variable>> {
        self.asked_for(|read| read.loading)
    }

    fn asked_for(&self, counts: impl Fn(&js::EnvRead) -> bool) -> Vec<Found<Variable>> {
        let mut found: Vec<Found<Variable>> = Vec::new();
        for (file, module) in self.each().filter(|(file, _)| !tests(file)) {
            for read in module.env.iter().filter(|read| counts(read) && !read.has_fallback) {
                if !found.iter().any(|other| other.value.name == read.name) {
                    let because = Evidence::line(file, read.line, format!("{} in {file}", read.name));
                    found.push(Found::new(
                        Variable { name: read.name.clone(), value: None, required: true },
                        because,
                    ));
                }
            }
        }
        found
    }

    /// Whether some file handles SIGTERM.
    pub(super) fn handles_sigterm(&self) -> bool {
        self.each().any(|(_, module)| module.handles_sigterm.is_some())
    }

    /// Names of every variable that it reads and that begins with one of the prefixes.
    pub(super) fn variables_with(&self, prefixes: &[String]) -> Vec<Found<String>> {
        let mut found: Vec<Found<String>> = Vec::new();
        for (file, module) in self.each() {
            for read in
                module.env.iter().filter(|read| prefixes.iter().any(|prefix| read.name.starts_with(prefix)))
            {
                if !found.iter().any(|other| other.value == read.name) {
                    found.push(Found::new(
                        read.name.clone(),
                        Evidence::line(file, read.line, format!("{} in {file}", read.name)),
                    ));
                }
            }
        }
        found
    }

    /// What it reads, relative to the project, as far as it is there.
    /// `moves` says that the
    /// build puts the sources in another place: what they read beside themselves is somewhere else by then.
    pub(super) fn reads(&self, cx: &Context, root: &Utf8Path, moves: bool) -> Vec<Found<Utf8PathBuf>> {
        let uses = self.each().flat_map(|(file, module)| module.reads.iter().map(move |one| (file, one)));
        let mut found: Vec<Found<Utf8PathBuf>> = Vec::new();
        for (file, one) in uses {
            let Some(path) = placed(root, file, one) else { continue };
            let joined = one.call.rsplit('.').next().is_some_and(|call| JOINS.contains(&call));
            let beside = file.strip_prefix(root).ok().and_then(|file| file.components().next());
            let elsewhere = moves
                && one.base == Base::ModuleDir
                && is_typescript(file)
                && beside.is_some_and(|top| path.components().next() == Some(top));
            if elsewhere || joined && !can_be_read(&path) {
                continue;
            }
            // `express.static(__dirname)`: the project's folder as a whole.
            let whole = path.as_str().is_empty() && one.call.ends_with("static");
            let path = if whole { Utf8PathBuf::from(".") } else { path };
            let there = cx.repo.has(root.join(&path)) || cx.repo.has_dir(root.join(&path)) || whole;
            if there && !path.as_str().is_empty() && !found.iter().any(|other| other.value == path) {
                found.push(Found::new(
                    path,
                    Evidence::line(file, one.line, format!("{} in {file}", one.call)),
                ));
            }
        }
        found
    }

    /// What it reads and the repository does not hold, relative to the repository.
    pub(super) fn missing(&self, cx: &Context) -> Vec<(Utf8PathBuf, Evidence)> {
        let uses = self.each().flat_map(|(file, module)| module.reads.iter().map(move |one| (file, one)));
        let relative = uses.filter(|(_, one)| !one.path.starts_with('/'));
        let placed = relative.filter_map(|(file, one)| {
            let base = if one.base == Base::Cwd { self.root.as_path() } else { file.parent()? };
            let because = Evidence::line(file, one.line, format!("served by {file}"));
            Some((join_inside(base, &one.path)?, because))
        });
        placed.filter(|(path, _)| !cx.repo.has(path) && cx.repo.list(path).0.is_empty()).collect()
    }

    /// What it loads or reads by a path that leads to nothing in the repository.
    pub(super) fn absent(&self, cx: &Context) -> Vec<(Utf8PathBuf, Evidence)> {
        let loads = self.each().flat_map(|(file, module)| module.imports.iter().map(move |one| (file, one)));
        let lost = loads.filter(|(file, one)| {
            let known = self.loads.contains_key(&((*file).clone(), one.specifier.clone()));
            one.specifier.starts_with('.') && one.load != Load::Type && !known
        });
        let lost = lost.filter_map(|(file, one)| {
            let path = join_inside(file.parent()?, &one.specifier)?;
            Some((path, super::examples::loads(file, one.line)))
        });
        lost.chain(self.missing(cx)).collect()
    }

    /// Packages that it does not start without, as the entry and what that loads at once name them.
    pub(super) fn packages(&self) -> Vec<Found<String>> {
        let mut waiting: Vec<&Utf8PathBuf> = self.order.first().into_iter().collect();
        let mut seen: BTreeSet<&Utf8PathBuf> = waiting.iter().copied().collect();
        let mut found: Vec<Found<String>> = Vec::new();
        while let Some(file) = waiting.pop() {
            let imports = self.program.modules.get(file).into_iter().flat_map(|module| &module.imports);
            for one in imports.filter(|one| one.at_once) {
                if let Some(next) = self.loads.get(&(file.clone(), one.specifier.clone())) {
                    waiting.extend(Some(next).filter(|next| seen.insert(next)));
                } else if !one.specifier.starts_with(['.', '/', '#']) && !one.specifier.contains(':') {
                    let because = Evidence::line(file, one.line, format!("{} in {file}", one.specifier));
                    found.push(Found::new(super::start::package_of(&one.specifier), because));
                }
            }
        }
        found
    }

    /// What it writes: relative to the project, or absolute.
    pub(super) fn writes(&self, root: &Utf8Path) -> Vec<Found<Utf8PathBuf>> {
        let uses = self.each().flat_map(|(file, module)| module.writes.iter().map(move |one| (file, one)));
        let mut found: Vec<Found<Utf8PathBuf>> = Vec::new();
        for (file, one) in uses {
            let path = if one.path.starts_with('/') {
                Some(Utf8PathBuf::from(&one.path))
            } else {
                placed(root, file, one)
            };
            let Some(path) = path.filter(|path| !path.as_str().is_empty() && !path.starts_with("/tmp"))
            else {
                continue;
            };
            let folder = if one.folder { Some(path) } else { path.parent().map(Utf8Path::to_owned) };
            let Some(folder) = folder.filter(|folder| !folder.as_str().is_empty() && folder != "/") else {
                continue;
            };
            if !found.iter().any(|other| other.value == folder) {
                found.push(Found::new(
                    folder,
                    Evidence::line(file, one.line, format!("{} in {file}", one.call)),
                ));
            }
        }
        found
    }

    /// A file that it writes right into the folder that it is started in.
    pub(super) fn loose(&self, root: &Utf8Path) -> Option<Found<Utf8PathBuf>> {
        let uses = self.each().flat_map(|(file, module)| module.writes.iter().map(move |one| (file, one)));
        uses.filter(|(_, one)| one.base == Base::Cwd && !one.folder).find_map(|(file, one)| {
            let path = placed(root, file, one).filter(|path| is_loose(path))?;
            Some(Found::new(path, Evidence::line(file, one.line, format!("{} in {file}", one.call))))
        })
    }

    /// Whether it looks for files of the project, or of its build's folders, in the folder that it is started in.
    pub(super) fn reads_beside(&self, cx: &Context, root: &Utf8Path, made: &[Found<Utf8PathBuf>]) -> bool {
        let uses = self.each().flat_map(|(file, module)| module.reads.iter().map(move |one| (file, one)));
        let built = |path: &Utf8PathBuf| made.iter().any(|made| path.starts_with(&made.value));
        let there = |path: Utf8PathBuf| {
            built(&path) || cx.repo.has(root.join(&path)) || cx.repo.has_dir(root.join(&path))
        };
        uses.filter(|(_, one)| one.base == Base::Cwd)
            .any(|(file, one)| placed(root, file, one).is_some_and(there))
    }

    /// Programs that it runs as child processes.
    pub(super) fn runs(&self) -> Vec<Found<String>> {
        let each = self.each().flat_map(|(file, module)| module.runs.iter().map(move |run| (file, run)));
        each.map(|(file, run)| {
            Found::new(
                run.program.clone(),
                Evidence::line(file, run.line, format!("{} in {file}", run.program)),
            )
        })
        .collect()
    }
}

/// Whether a file is a test's.
fn tests(file: &Utf8Path) -> bool {
    let folders = ["test", "tests", "__tests__", "e2e", "spec"];
    let stem = file.file_stem().unwrap_or_default();
    file.components().any(|part| folders.contains(&part.as_str()))
        || stem.split(['.', '-']).any(|part| part == "test" || part == "spec")
}

/// The package that reads a folder of settings, and its folder.
const SETTINGS_PACKAGE: &str = "config";

/// A file of the folder that the package `config` reads.
fn settings_of(cx: &Context, root: &Utf8Path, name: &str) -> Option<Utf8PathBuf> {
    let endings = ["js", "ts", "cjs", "mjs", "json", "json5", "yaml", "yml"];
    let files = endings.map(|ending| root.join(format!("{SETTINGS_PACKAGE}/{name}.{ending}")));
    files.into_iter().find(|file| cx.repo.has(file))
}

/// What production and the environment's own names for settings say over their defaults.
fn overlay(cx: &Context, root: &Utf8Path, program: &mut js::Program) {
    let Some(file) = settings_of(cx, root, "default").filter(|file| program.modules.contains_key(file))
    else {
        return;
    };
    for (name, variables) in [("production", false), ("custom-environment-variables", true)] {
        let over =
            settings_of(cx, root, name).and_then(|file| Some(js::read_file(&file, &cx.repo.source(&file)?)));
        if let (Some(over), Some(base)) = (over, program.modules.get(&file)) {
            let whole = js::overlaid(base, &over, variables);
            program.modules.insert(file.clone(), whole);
        }
    }
}

/// A path of the code, relative to the project.
fn placed(root: &Utf8Path, file: &Utf8Path, one: &js::FileUse) -> Option<Utf8PathBuf> {
    let base = match one.base {
        Base::Cwd => root,
        Base::ModuleDir => file.parent().unwrap_or(Utf8Path::new("")),
    };
    if one.base == Base::Cwd && one.path.starts_with('/') {
        return None;
    }
    let path = join_inside(base, &one.path)?;
    path.strip_prefix(root).ok().map(Utf8Path::to_owned)
}

/// The source of a compiled file that a relative specifier names.
fn source_of(
    cx: &Context,
    file: &Utf8Path,
    specifier: &str,
    (output, root): (&Output, &Utf8Path),
) -> Option<Utf8PathBuf> {
    specifier.starts_with('.').then_some(())?;
    let path = join_inside(file.parent().unwrap_or(Utf8Path::new("")), specifier)?;
    let source = output.source(cx, root, path.strip_prefix(root).ok()?)?;
    Some(root.join(source))
}

/// The file of the repository that a relative specifier names.
fn resolve(cx: &Context, file: &Utf8Path, specifier: &str) -> Option<Utf8PathBuf> {
    if !specifier.starts_with('.') {
        return None;
    }
    let path = join_inside(file.parent().unwrap_or(Utf8Path::new("")), specifier)?;
    let there: Vec<Utf8PathBuf> =
        tsc::candidates(&path).into_iter().filter(|path| cx.repo.has(path)).collect();
    // Node loads JavaScript from JavaScript, where the TypeScript that it was compiled from lies beside it.
    let plain = there.iter().find(|path| !is_typescript(file) && !is_typescript(path)).cloned();
    plain.or_else(|| there.into_iter().next())
}

pub(super) fn is_typescript(file: &Utf8Path) -> bool {
    matches!(file.extension(), Some("ts" | "tsx" | "mts" | "cts"))
}

/// A file or folder that a program can mean to read: no secret of a developer's machine, nothing that is installed.
fn can_be_read(path: &Utf8Path) -> bool {
    !path.components().any(|part| part.as_str().starts_with('.') || part.as_str() == "node_modules")
}

/// What compilers are usually told to call the sources' folder; only a file that is there counts.
fn usual_alias(cx: &Context, file: &Utf8Path, specifier: &str) -> Option<Utf8PathBuf> {
    if specifier.starts_with('.') {
        return None;
    }
    js::resolve(file, specifier, &|path| cx.repo.source(path))
}

/// Whether a file is named like one that holds settings: `config.js`, `config/index.ts`, `app.config.ts`.
fn holds_settings(cx: &Context, file: &Utf8Path) -> bool {
    let words = &cx.knowledge.of("node").configuration;
    let known = |text: &str| {
        text.split(['.', '-', '_']).all(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word)))
    };
    // `api-config.service.ts`, as Nest has it.
    let service = file.file_stem().and_then(|stem| stem.strip_suffix(".service"));
    if service.is_some_and(|stem| ["config", "settings", "env"].iter().any(|word| stem.contains(word))) {
        return true;
    }
    // `create-config.ts`: the last word says it.
    let last = file.file_stem().and_then(|stem| stem.rsplit(['.', '-', '_']).next());
    if last.is_some_and(|last| ["config", "settings", "env", "environment"].contains(&last)) {
        return true;
    }
    match file.file_stem() {
        Some("index") => file.parent().and_then(Utf8Path::file_name).is_some_and(known),
        Some(stem) => known(stem),
        None => false,
    }
}

/// Whether a file opens ports for another protocol than the web's alone.
fn speaks_otherwise(cx: &Context, module: &Module) -> bool {
    let table = cx.knowledge.of("node");
    let loads = |name: &String| module.imports.iter().any(|import| import.specifier == *name);
    let web = |import: &js::Import| {
        import.specifier.contains("http")
            || table.frameworks.iter().any(|row| row.when.contains(&import.specifier))
    };
    table.raw.iter().any(loads) && !module.imports.iter().any(web)
}

fn port(cx: &Context, file: &Utf8Path, listen: &js::Listen) -> Option<Found<Listen>> {
    let mut must_set = listen.must_set;
    let mut port = listen.port;
    if port.is_none() && listen.variable.is_some() {
        port = cx.knowledge.of("node").asked_port;
        must_set = true;
    }
    let port = port.filter(|port| *port > 0)?;
    let says = match &listen.variable {
        Some(variable) => format!("{variable} in {file}"),
        None => format!("the port in {file}"),
    };
    let because = Evidence::line(file, listen.line, says);
    Some(Found::new(Listen { port, variable: listen.variable.clone(), must_set }, because))
}
