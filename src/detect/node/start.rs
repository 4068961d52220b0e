//! What starts the program: the best of the scripts, Procfile, framework, `main`, `bin`, and the files that are there.

use camino::{Utf8Path, Utf8PathBuf};

use super::framework::Used;
use super::manager;
use super::prepare::{is_builder, prepares};
use super::tsc::{self, Output};
use super::work::Work;
use crate::detect::{Context, join_inside};
use crate::facts::{Evidence, Found, Start};
use crate::source::command::{self, Command, Simple};

/// Scripts that call each other further than this are a circle.
const DEPTH: usize = 8;

/// What a start command comes down to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    /// It starts the program.
    Program(Box<Begin>),
    /// It serves while developing.
    Develops,
    /// It serves a folder of files.
    ServesFiles(Option<Utf8PathBuf>),
    /// Nothing that could start in an image.
    Unknown,
}

/// A start, and what it rests on.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Begin {
    /// The start.
    pub(super) start: Start,
    /// The file that runs, relative to the project.
    pub(super) file: Option<Utf8PathBuf>,
    /// The source that it is made of, relative to the project, where no compiler's settings tell.
    pub(super) source: Option<Utf8PathBuf>,
    /// Commands in front of it that build.
    pub(super) builds: Vec<Vec<String>>,
    /// The package of a program that production does not depend on.
    pub(super) borrowed: Option<String>,
    /// Bun runs it.
    pub(super) bun: bool,
    /// Node is named as what runs it.
    pub(super) node: bool,
}

/// What is known when a start is looked for.
pub(super) struct Looking<'a> {
    pub(super) cx: &'a Context<'a>,
    pub(super) work: &'a Work,
    pub(super) compiled: Option<&'a Output>,
    /// Folders that the build makes.
    pub(super) made: Vec<Utf8PathBuf>,
    /// Whether anything is built.
    pub(super) builds: bool,
    /// Bun installs, and runs what does not name Node.
    pub(super) bun: bool,
    /// What nx builds.
    pub(super) nx: Option<Found<Begin>>,
}

/// The start with its evidence, and whether a script only serves files or develops.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// The start.
    pub(super) begin: Option<Found<Begin>>,
    /// A script develops.
    pub(super) develops: bool,
    /// A script serves files from this folder.
    pub(super) files: Option<Found<Option<Utf8PathBuf>>>,
}

/// Looks for the start.
pub(super) fn find(looking: &Looking, frameworks: &[Used]) -> Search {
    let mut search = Search::default();
    scripts(looking, &mut search);
    if search.begin.is_none() {
        search.begin = procfile(looking);
    }
    if search.begin.is_none() {
        search.begin = looking.nx.clone().filter(|_| looking.builds);
    }
    let built = frameworks.iter().find(|used| !used.start.is_empty());
    let site = frameworks.iter().position(|used| used.site.is_some());
    let server = frameworks.iter().position(|used| !used.start.is_empty());
    if search.begin.is_none()
        && let Some(used) = built
        && site.is_none_or(|site| server.is_some_and(|server| server < site))
    {
        search.begin = super::around::server(looking, used).or_else(|| own_start(looking, used));
    }
    if search.begin.is_none() && site.is_none() && search.files.is_none() {
        search.begin = by_files(looking);
    }
    search
}

fn scripts(looking: &Looking, search: &mut Search) {
    let table = looking.cx.knowledge.of("node");
    for name in &table.start_scripts {
        let Some((name, text)) = script(looking, name) else { continue };
        let because = looking.work.at_script(name);
        match outcome(looking, text, 0) {
            Outcome::Program(mut begin) => {
                before(looking, name, &mut begin);
                search.begin = Some(Found::new(*begin, because));
                return;
            }
            Outcome::Develops => search.develops = true,
            Outcome::ServesFiles(folder) => {
                search.files.get_or_insert(Found::new(folder, because));
            }
            Outcome::Unknown => {}
        }
    }
}

/// A script and its name; of one that picks another by the system, that for Linux.
fn script<'w>(looking: &Looking<'w>, name: &str) -> Option<(&'w str, &'w String)> {
    let name = super::delegate::for_linux(&looking.work.manifest, name)?;
    looking.work.scripts().get_key_value(&name).map(|(name, text)| (name.as_str(), text))
}

/// A `prestart` script: what builds is built into the image, anything else runs in front of the program.
fn before(looking: &Looking, name: &str, begin: &mut Begin) {
    let pre = format!("pre{name}");
    let Some(text) = looking.work.scripts().get(&pre) else { return };
    let commands = super::manifests::followed(&looking.work.manifest, &pre);
    if commands.iter().all(|simple| prepares(looking, simple)) {
        begin.builds.extend(
            commands.iter().filter(|simple| is_builder(looking, simple)).map(|simple| simple.argv.clone()),
        );
        return;
    }
    let run = begin.start.shell.clone().unwrap_or_else(|| format!("node {}", begin.start.argv.join(" ")));
    begin.start.shell = Some(format!("{} && {run}", text.trim()));
}

fn procfile(looking: &Looking) -> Option<Found<Begin>> {
    let file = looking.work.root.join("Procfile");
    let text = looking.cx.repo.source(&file)?;
    let (line, number) = text.lines().zip(1u32..).find(|(line, _)| line.starts_with("web:"))?;
    match outcome(looking, line.trim_start_matches("web:").trim(), 0) {
        Outcome::Program(begin) => {
            Some(Found::new(*begin, Evidence::line(&file, number, "the web line of the Procfile")))
        }
        _ => None,
    }
}

/// A framework's own server.
fn own_start(looking: &Looking, used: &Used) -> Option<Found<Begin>> {
    let first = used.start.first()?;
    let package = first.strip_prefix("node_modules/").map(package_of);
    if let Some(package) = &package
        && !looking.work.reaches(package)
    {
        return None;
    }
    let borrowed = package.filter(|package| !looking.work.ships(package));
    let file =
        first.starts_with("node_modules/").then(Utf8PathBuf::new).is_none().then(|| Utf8PathBuf::from(first));
    let file = file.map(|file| place(looking, &file).unwrap_or(file));
    let mut argv = used.start.clone();
    if let Some(first) = argv.first_mut() {
        *first =
            file.as_ref().map_or_else(|| format!("{}{first}", hoisted(looking, first)), ToString::to_string);
    }
    let begin = Begin { start: Start { argv, ..Start::default() }, file, borrowed, ..Begin::default() };
    Some(Found::new(begin, used.because.clone()))
}

/// Where the compiler really puts a framework's usual entry: `dist/main.js` or `dist/src/main.js`.
fn place(looking: &Looking, usual: &Utf8Path) -> Option<Utf8PathBuf> {
    let name = usual.file_stem()?;
    let source = Utf8PathBuf::from(format!("src/{name}.ts"));
    looking.cx.repo.has(looking.work.root.join(&source)).then_some(())?;
    looking.compiled?.of(&source)
}

/// `main`, `bin`, usual names, and what a development script runs.
fn by_files(looking: &Looking) -> Option<Found<Begin>> {
    let work = looking.work;
    let main = work.manifest.main.as_ref().filter(|_| !is_library(work));
    if let Some(found) =
        main.and_then(|main| file(looking, main, &[], work.at(&["main"], "main of package.json")))
    {
        return Some(found);
    }
    let bin = work.manifest.bin.iter().next();
    if let Some(found) =
        bin.and_then(|(_, path)| file(looking, path, &[], work.at(&["bin"], "bin of package.json")))
    {
        return Some(found);
    }
    let hinted = developing(looking);
    if is_library(work) {
        let opens = |file: &Utf8PathBuf| super::code::Reached::opens_port(looking.cx, &work.root, file);
        return hinted.filter(|found| found.value.file.as_ref().is_some_and(opens));
    }
    let usual = || {
        let entries = looking.cx.knowledge.of("node").entries.iter();
        let found = entries.map(Utf8PathBuf::from).find(|path| looking.cx.repo.has(work.root.join(path)))?;
        let because = Evidence::file(&work.root.join(&found), format!("the file {found}"));
        file(looking, found.as_str(), &[], because)
    };
    hinted.or_else(usual)
}

/// A manifest that offers modules to others and has no server among its dependencies.
pub(super) fn is_library(work: &Work) -> bool {
    work.manifest.library && !work.scripts().contains_key("start")
}

/// The file that a development script watches: `nodemon -L src/index.js`.
fn developing(looking: &Looking) -> Option<Found<Begin>> {
    let names = &looking.cx.knowledge.of("node").dev_scripts;
    names.iter().find_map(|name| {
        let text = looking.work.scripts().get(name)?;
        let commands = command::parse(text).commands;
        let words = commands.iter().flat_map(|simple| simple.argv.iter().skip(1));
        let word = words.filter(|word| !word.starts_with('-')).find(|word| is_source(word))?;
        file(looking, word, &[], looking.work.at_script(name))
    })
}

fn is_source(word: &str) -> bool {
    matches!(Utf8Path::new(word).extension(), Some("js" | "mjs" | "cjs" | "ts" | "mts" | "cts" | "tsx"))
        && !word.contains(['*', '{', '='])
}

/// A start at a file, where it is there or will be built.
pub(super) fn file(
    looking: &Looking,
    path: &str,
    args: &[String],
    because: Evidence,
) -> Option<Found<Begin>> {
    let begin = run_file(looking, path, args)?;
    Some(Found::new(begin, because))
}

fn run_file(looking: &Looking, path: &str, args: &[String]) -> Option<Begin> {
    let found = locate(looking, path)?;
    let mut words = vec![found.to_string()];
    words.extend(args.iter().cloned());
    let mut begin = Begin { file: Some(found.clone()), ..Begin::default() };
    let typescript = matches!(found.extension(), Some("ts" | "tsx" | "mts" | "cts"));
    if typescript && !looking.bun {
        if let Some(made) = looking.compiled.and_then(|output| output.of(&found)) {
            if let Some(first) = words.first_mut() {
                *first = made.to_string();
            }
            begin.file = Some(made);
        } else if let Some((file, package)) = source_runner(looking) {
            words.insert(0, file);
            begin.borrowed = Some(package).filter(|package| !looking.work.ships(package));
        } else {
            return None;
        }
    }
    begin.start.argv = words;
    Some(begin)
}

/// A program among the dependencies that runs TypeScript as it is.
fn source_runner(looking: &Looking) -> Option<(String, String)> {
    let table = looking.cx.knowledge.of("node");
    let name = table.source_runners.iter().find(|name| looking.work.has(name))?;
    resolve(looking, name)
}

/// The file that node would run for a path, relative to the project: the path itself, with `.js`, or a folder's index.
fn locate(looking: &Looking, path: &str) -> Option<Utf8PathBuf> {
    let root = &looking.work.root;
    let inside = join_inside(root, path)?;
    let inside = inside.strip_prefix(root).ok()?.to_owned();
    let there = |path: &Utf8PathBuf| looking.cx.repo.has(root.join(path));
    if inside.as_str().is_empty() {
        let main = looking.work.manifest.main.clone().filter(|main| main != "." && main != "./");
        return main.map_or_else(|| locate(looking, "index.js"), |main| locate(looking, &main));
    }
    if there(&inside) {
        return Some(inside);
    }
    let exact =
        ["js", "mjs", "cjs", "json"].map(|extension| Utf8PathBuf::from(format!("{inside}.{extension}")));
    if let Some(found) = exact.iter().find(|path| there(path)) {
        return Some(found.clone());
    }
    let index = inside.join("index.js");
    if there(&index) {
        return Some(index);
    }
    if looking.bun {
        return tsc::candidates(&inside).into_iter().find(there);
    }
    if looking.builds && looking.made.contains(&inside) {
        return Some(index);
    }
    let made = looking.made.iter().any(|folder| inside.starts_with(folder));
    let mirrored = looking.compiled.is_some_and(|output| output.source(looking.cx, root, &inside).is_some());
    (looking.builds && made || mirrored).then_some(inside)
}

/// What a command line comes down to.
pub(super) fn outcome(looking: &Looking, text: &str, depth: usize) -> Outcome {
    if depth > DEPTH {
        return Outcome::Unknown;
    }
    let mut command = command::parse(text);
    while command.commands.len() > 1
        && command.commands.last().is_some_and(|last| manager::only_looks(looking, last))
    {
        command.commands.pop();
    }
    let Some((last, before)) = command.commands.split_last() else {
        return if command.needs_shell { shell(&command) } else { Outcome::Unknown };
    };
    let last = inside(looking, before, unwrapped(looking, last));
    let found = single(looking, &last, depth);
    let Outcome::Program(mut begin) = found else {
        return if command.needs_shell && found == Outcome::Unknown { Outcome::Unknown } else { found };
    };
    let builds = before.iter().filter(|simple| is_builder(looking, simple)).map(|simple| simple.argv.clone());
    begin.builds.extend(builds);
    if command.needs_shell || !before.iter().all(|simple| prepares(looking, simple)) {
        begin.start.shell = Some(in_shell(looking, &command));
        begin.start.argv.clear();
        begin.start.env.clear();
    }
    Outcome::Program(begin)
}

/// A command behind `cd dist`, as it is from the project's own folder: what it names there, by its whole path.
fn inside(looking: &Looking, before: &[Simple], mut last: Simple) -> Simple {
    let folder = before.iter().rev().find_map(|simple| match simple.argv.as_slice() {
        [cd, folder] if cd == "cd" => join_inside(Utf8Path::new(""), folder),
        _ => None,
    });
    let Some(folder) = folder else { return last };
    let runs = last.runs().map(|runs| runs.file);
    for word in &mut last.argv {
        let Some(path) = join_inside(&folder, word) else { continue };
        let there = looking.cx.repo.has(looking.work.root.join(&path));
        let made = looking.builds && runs.as_ref() == Some(word);
        if there || made {
            *word = path.to_string();
        }
    }
    last
}

fn shell(command: &Command) -> Outcome {
    let start = Start { shell: Some(command.text.clone()), ..Start::default() };
    Outcome::Program(Box::new(Begin { start, ..Begin::default() }))
}

/// The line as a shell in the image understands it: npm's `node_modules/.bin` is not in its PATH.
fn in_shell(looking: &Looking, command: &Command) -> String {
    if command.needs_shell {
        return command.text.clone();
    }
    let mut parts: Vec<String> = Vec::new();
    for simple in &command.commands {
        let mut simple = unwrapped(looking, simple);
        if let Some(first) = simple.argv.first_mut()
            && let Some((_, package)) = resolve(looking, first)
        {
            *first = format!("{}node_modules/.bin/{first}", hoisted(looking, &package));
        }
        let env = simple.env.iter().map(|(name, value)| format!("{name}={}", crate::text::shell_word(value)));
        let words = simple.argv.iter().map(|word| crate::text::shell_word(word));
        parts.push(env.chain(words).collect::<Vec<_>>().join(" "));
    }
    parts.join(" && ")
}

/// `cross-env A=b program`, `npx program`, `dotenv -- program` as the program itself.
pub(super) fn unwrapped(looking: &Looking, simple: &Simple) -> Simple {
    let mut simple = simple.clone();
    for _ in 0..DEPTH {
        if let Some(argv) = simple.package_program() {
            simple.argv = argv.to_vec();
            continue;
        }
        let wrapped =
            simple.argv.first().is_some_and(|first| looking.cx.knowledge.of("node").wrappers.contains(first));
        if !wrapped {
            break;
        }
        simple.argv.remove(0);
        let dashes = simple.argv.iter().position(|word| word == "--");
        if let Some(at) = dashes.filter(|at| {
            simple.argv.iter().take(*at).all(|word| word.starts_with('-') || word.contains(".env"))
        }) {
            simple.argv.drain(..=at);
        }
        while let Some((name, value)) = simple.argv.first().and_then(|word| word.split_once('=')) {
            simple.env.push((name.to_owned(), value.to_owned()));
            simple.argv.remove(0);
        }
        while simple.argv.first().is_some_and(|word| word.starts_with('-')) {
            simple.argv.remove(0);
        }
    }
    simple
}

fn single(looking: &Looking, simple: &Simple, depth: usize) -> Outcome {
    let table = looking.cx.knowledge.of("node");
    if let Some(managed) = manager::managed(looking, simple).filter(|_| depth < DEPTH) {
        return single(looking, &unwrapped(looking, &managed), depth + 1);
    }
    if let Some(scripts) = simple.scripts().filter(|scripts| scripts.elsewhere.is_none())
        && let Some((_, text)) = scripts.names.last().and_then(|name| script(looking, name))
    {
        if scripts.parallel && scripts.names.len() > 1 {
            return Outcome::Develops;
        }
        let text = if scripts.args.is_empty() {
            text.clone()
        } else {
            format!("{text} {}", crate::text::shell_line(&scripts.args))
        };
        return with_env(outcome(looking, &text, depth + 1), &simple.env);
    }
    if is_any(&table.dev_programs, &simple.argv) {
        return Outcome::Develops;
    }
    if is_any(&table.file_servers, &simple.argv) {
        let folder = simple
            .argv
            .iter()
            .skip(1)
            .find(|word| !word.starts_with('-') && !word.bytes().all(|b| b.is_ascii_digit()));
        return Outcome::ServesFiles(folder.and_then(|folder| join_inside(Utf8Path::new(""), folder)));
    }
    let found = runtime(looking, simple).or_else(|| program(looking, simple));
    with_env(found.map_or(Outcome::Unknown, |begin| Outcome::Program(Box::new(begin))), &simple.env)
}

fn with_env(outcome: Outcome, env: &[(String, String)]) -> Outcome {
    match outcome {
        Outcome::Program(mut begin) => {
            for pair in env {
                if !begin.start.env.iter().any(|(name, _)| *name == pair.0) {
                    begin.start.env.push(pair.clone());
                }
            }
            Outcome::Program(begin)
        }
        other => other,
    }
}

/// Whether a command is one of the table's: a program, or a program and its first argument.
fn is_any(programs: &[String], argv: &[String]) -> bool {
    let Some(first) = argv.first() else { return false };
    let first = Utf8Path::new(first).file_name().unwrap_or_default();
    programs.iter().any(|row| match row.split_once(' ') {
        Some((program, argument)) => first == program && argv.iter().skip(1).any(|word| word == argument),
        None => first == row,
    }) && !programs_of_production(programs, first, argv)
}

/// `vite` alone develops; `vite build` does not.
fn programs_of_production(programs: &[String], first: &str, argv: &[String]) -> bool {
    let two_words = argv.get(1).map(|word| format!("{first} {word}"));
    argv.get(1).map(String::as_str) == Some("build")
        && two_words.is_none_or(|words| !programs.contains(&words))
}

/// node, bun, tsx and their kin with a file.
fn runtime(looking: &Looking, simple: &Simple) -> Option<Begin> {
    let runs = simple.runs()?;
    let table = looking.cx.knowledge.of("node");
    let bun = runs.runtime == "bun";
    if bun || runs.runtime == "node" {
        let file = locate(looking, &runs.file).or_else(|| {
            let made = join_inside(Utf8Path::new(""), &runs.file)?;
            // What is built lies in a folder: a bare name is a file of the place that somebody copies it to.
            let folder = made.parent().is_some_and(|folder| !folder.as_str().is_empty());
            looking.builds.then_some(made).filter(|_| folder)
        })?;
        let shown = if looking.cx.repo.has(looking.work.root.join(&file)) {
            file.to_string()
        } else {
            runs.file.clone()
        };
        let shown = shown.trim_start_matches("./").to_owned();
        let argv = runs.flags.iter().cloned().chain([shown]).chain(runs.args.iter().cloned()).collect();
        let start = Start { argv, ..Start::default() };
        return Some(Begin { start, file: Some(file), bun, node: !bun, ..Begin::default() });
    }
    if table.source_runners.contains(&runs.runtime) {
        let compiled = locate(looking, &runs.file)
            .and_then(|file| looking.compiled?.of(&file))
            .filter(|_| looking.builds);
        let (runner, package) = resolve(looking, &runs.runtime)?;
        if let Some(made) = compiled.filter(|_| !looking.work.manifest.in_production(&package)) {
            let argv = std::iter::once(made.to_string()).chain(runs.args.iter().cloned()).collect();
            return Some(Begin {
                start: Start { argv, ..Start::default() },
                file: Some(made),
                ..Begin::default()
            });
        }
        let file = locate(looking, &runs.file)?;
        let argv = std::iter::once(runner)
            .chain(runs.flags.iter().cloned())
            .chain([file.to_string()])
            .chain(runs.args.iter().cloned());
        let start = Start { argv: argv.collect(), ..Start::default() };
        let borrowed = Some(package).filter(|package| !looking.work.ships(package));
        return Some(Begin { start, file: Some(file), borrowed, ..Begin::default() });
    }
    None
}

/// A program of a package, or a file of the project that can be run.
fn program(looking: &Looking, simple: &Simple) -> Option<Begin> {
    let first = simple.argv.first()?;
    let rest = simple.argv.get(1..).unwrap_or_default();
    if let Some((file, package)) = resolve(looking, first) {
        let argv = std::iter::once(file).chain(rest.iter().cloned()).collect();
        let borrowed = Some(package).filter(|package| !looking.work.ships(package));
        return Some(Begin { start: Start { argv, ..Start::default() }, borrowed, ..Begin::default() });
    }
    let interpreted = ["sh", "bash"].contains(&first.as_str());
    let path = if interpreted { rest.first()? } else { first };
    let file = join_inside(&looking.work.root, path)?;
    let text = looking.cx.repo.source(&file)?;
    let inside = file.strip_prefix(&looking.work.root).ok()?.to_owned();
    let line = text.lines().next().unwrap_or_default();
    if !interpreted && line.starts_with("#!") && line.contains("node") {
        return run_file(looking, inside.as_str(), rest);
    }
    if !speaks_of_node(looking, &text) {
        return None;
    }
    let shell = Some(simple.argv.join(" "))
        .filter(|_| interpreted || line.starts_with("#!") || Utf8Path::new(path).extension() == Some("sh"))?;
    Some(Begin { start: Start { shell: Some(shell), ..Start::default() }, file: None, ..Begin::default() })
}

/// Whether a shell script runs anything of Node's: one of another language may stand in the Procfile of both.
fn speaks_of_node(looking: &Looking, text: &str) -> bool {
    let runners = ["node", "npm", "npx", "yarn", "pnpm", "bun", "bunx", "pm2", "corepack"];
    let known = |word: &str| {
        runners.contains(&word) || word.contains("node_modules/") || resolve(looking, word).is_some()
    };
    let code = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    code.flat_map(|line| line.split([' ', ';', '(', ')', '"', '\'', '`'])).any(known)
}

/// The file of a package's program below `node_modules`, and the package: by the lock file, else by the table.
fn resolve(looking: &Looking, program: &str) -> Option<(String, String)> {
    if program.contains('/') {
        return None;
    }
    let lock = looking.work.lock.lock().packages.iter();
    let mut locked = lock.filter(|package| looking.work.reaches(&package.name));
    if let Some((package, file)) = locked.find_map(|package| Some((package, package.bin.get(program)?))) {
        let file = file.trim_start_matches("./");
        let path = format!("node_modules/{}/{file}", package.name);
        return Some((format!("{}{path}", hoisted(looking, &path)), package.name.clone()));
    }
    let path = looking.cx.knowledge.of("node").programs.get(program)?;
    let package = package_of(path);
    let path = format!("node_modules/{path}");
    looking.work.reaches(&package).then(|| (format!("{}{path}", hoisted(looking, &path)), package))
}

/// The way from a member of a workspace to the folder that its packages are installed in: most managers put them all
/// at the workspace's root, npm's lock file tells which not.
fn hoisted(looking: &Looking, path: &str) -> String {
    let work = looking.work;
    let Ok(place) = work.root.strip_prefix(&work.tool_root) else { return String::new() };
    let linked = work.lock.file.file_name() == Some("pnpm-lock.yaml");
    let package = package_of(path.trim_start_matches("node_modules/"));
    let nested = format!("\"{place}/node_modules/{package}\"");
    if linked && work.has(&package) || work.lock.lock().packages.iter().any(|one| one.mark == nested) {
        return String::new();
    }
    "../".repeat(place.components().count())
}

/// The package of a path below `node_modules`.
pub(super) fn package_of(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [scope, name, ..] if scope.starts_with('@') => format!("{scope}/{name}"),
        [name, ..] => (*name).to_owned(),
        [] => String::new(),
    }
}
