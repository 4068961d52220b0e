//! Commands that the project's own files start it with: a Procfile, a platform's file, Pipenv's scripts. What only develops
//! is left out of them, and what stays on the machine's own address listens everywhere.

use camino::{Utf8Path, Utf8PathBuf};

use super::port;
use super::start::{Begin, Looking};
use crate::detect::deployment::{self, Command};
use crate::detect::join_inside;
use crate::error::Result;
use crate::facts::{Evidence, Found, Kind, Listen};
use crate::knowledge::Server;
use crate::source::command::{self, Simple};

/// The command of the web process, else of the worker, in the deployment files.
pub(super) fn deployed<'a>(looking: &Looking<'_, 'a>) -> Result<Option<Begin<'a>>> {
    let found = deployment::evidence(looking.work.cx, &looking.work.root)?;
    let of = |process: &'static str| found.commands.iter().filter(move |one| one.value.process == process);
    let rest = found
        .commands
        .iter()
        .filter(|one| !["release", "postdeploy", "migrate"].contains(&one.value.process.as_str()));
    let single = rest.clone().count() == 1;
    // Of several processes that are built of one folder, the one that is called like it is its own.
    let folder = looking.work.root.file_name();
    let own = found.commands.iter().filter(move |one| folder == Some(one.value.process.as_str()));
    let ordered = of("web")
        .chain(own)
        .chain(of("app"))
        .chain(of("worker"))
        .chain(of("bot"))
        .chain(rest.filter(|_| single));
    for one in ordered {
        let text = match &one.value.command {
            Command::Text(text) => text.clone(),
            Command::Argv(words) => crate::text::shell_line(words),
            Command::Args(_) => continue,
        };
        if let Some(begin) = read(looking, &text, &one.because).filter(|begin| !is_stale(looking, begin)) {
            return Ok(Some(begin));
        }
    }
    Ok(None)
}

/// A server is handed a module that the project's own package does not have: the command was left behind by a move.
fn is_stale(looking: &Looking, begin: &Begin) -> bool {
    let Some(server) = begin.server.filter(|server| !server.serves.is_empty()) else { return false };
    let targets = begin.argv.iter().filter(|_| begin.argv.first() == Some(&server.id)).filter_map(|word| {
        let (module, object) = word.split_once(':')?;
        let plain = |word: &str| {
            !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')
        };
        (plain(module) && plain(object) && module.contains('.')).then_some(module)
    });
    let root = looking.work.root.join(&begin.place);
    targets.into_iter().any(|module| {
        let top = module.split('.').next().unwrap_or_default();
        let stem = root.join(module.replace('.', "/"));
        let there = looking.work.cx.repo.has(format!("{stem}.py")) || looking.work.cx.repo.has_dir(&stem);
        super::app::holds_code(looking.work, &root.join(top))
            && !there
            && looking.code.module(module).is_none()
    })
}

/// `start`, `serve` or `web` of a Pipfile's scripts.
pub(super) fn scripts_of_pipfile<'a>(looking: &Looking<'_, 'a>) -> Option<Begin<'a>> {
    let path = looking.work.root.join("Pipfile");
    let text = looking.work.cx.repo.source(&path)?;
    let read_file = crate::manifest::python::pipfile::parse(&text).ok()?;
    let names = ["start", "serve", "server", "web", "prod", "app", "run"];
    let (name, line) = names.iter().find_map(|name| read_file.scripts.iter().find(|(own, _)| own == name))?;
    let because = Evidence {
        says: format!("the script {name} of Pipfile"),
        file: Some(path),
        line: crate::manifest::line_of(&text, &format!("{name} =")),
    };
    read(looking, line, &[because])
}

/// A command line as a start.
pub(super) fn read<'a>(looking: &Looking<'_, 'a>, text: &str, because: &[Evidence]) -> Option<Begin<'a>> {
    let line = command::parse(text);
    let (place, commands) = folder(looking, &line.commands);
    if let [only] = commands
        && let Some(inner) = super::shell::line(looking.work, &place, only)
    {
        let moved = if place.as_str().is_empty() { inner } else { format!("cd {place} && {inner}") };
        return read(looking, &moved, because);
    }
    let mut begin = Begin { because: because.to_vec(), place, ..Begin::default() };
    let hard = text.contains(['|', ';', '`', '(']) || text.contains("$(") || commands.len() != 1;
    let simple = unwrapped(looking, commands.last()?);
    let server = server_of(looking, &simple);
    begin.server = server;
    begin.kind =
        Some(if server.is_some_and(|server| server.serves.is_empty()) { Kind::Worker } else { Kind::Web });
    begin.handles_sigterm = server.is_some_and(|server| server.handles_sigterm);
    if is_runserver(&simple) || server.is_some_and(|server| server.develops) && !hard {
        return instead(looking, &simple, because).or_else(|| Some(plain(looking, begin, simple)));
    }
    if hard {
        begin.entries = entries(looking, &begin.place, &simple);
        let listen = server.and_then(|server| port::of_words(looking, &begin.place, server, &simple.argv));
        begin.listen = listen.map(|(value, because)| Found::new(value, because)).or_else(|| {
            let web = server.filter(|server| !server.serves.is_empty())?;
            Some(port::of_server(looking, &begin.place, web, &begin.because))
        });
        begin.shell = Some(text.to_owned());
        begin.handles_sigterm = false;
        begin.argv = simple.argv;
        return Some(script_kind(looking, begin));
    }
    match server {
        Some(server) => Some(with_server(looking, begin, &simple, server)),
        None => Some(plain(looking, begin, simple)),
    }
}

/// `cd backend && ...` names the folder.
fn folder<'c>(looking: &Looking, commands: &'c [Simple]) -> (Utf8PathBuf, &'c [Simple]) {
    match commands {
        [first, rest @ ..] if first.argv.first().is_some_and(|word| word == "cd") => {
            let place = first.argv.get(1).and_then(|path| join_inside("".into(), path)).unwrap_or_default();
            if looking.work.cx.repo.has_dir(looking.work.root.join(&place)) {
                (place, rest)
            } else {
                (Utf8PathBuf::new(), commands)
            }
        }
        _ => (Utf8PathBuf::new(), commands),
    }
}

/// Without what only runs another program: `poetry run`, `python -m gunicorn`.
fn unwrapped(looking: &Looking, simple: &Simple) -> Simple {
    let table = looking.work.cx.knowledge.of("python");
    let mut found = simple.clone();
    loop {
        let front = table.wrappers.iter().find(|row| {
            let words: Vec<&str> = row.split(' ').collect();
            // A script of the project's own does what it does, whatever a platform calls so.
            if row.contains('/') && looking.work.cx.repo.has(looking.work.root.join(row)) {
                return false;
            }
            found.argv.len() > words.len() && found.argv.iter().zip(&words).all(|(own, word)| own == word)
        });
        match front {
            Some(row) => {
                found.argv.drain(..row.split(' ').count());
            }
            None => break,
        }
    }
    let module = is_python(found.argv.first()) && found.argv.get(1).is_some_and(|word| word == "-m");
    if module && found.argv.get(2).is_some_and(|name| table.servers.iter().any(|server| server.id == *name)) {
        found.argv.drain(..2);
    }
    if let Some(first) = found.argv.first_mut().filter(|first| is_python(Some(first))) {
        "python".clone_into(first);
    }
    found
}

/// `python`, `python3`, `python3.11`, wherever it lies.
pub(super) fn is_python(word: Option<&String>) -> bool {
    let name = word.and_then(|word| word.rsplit('/').next()).unwrap_or_default();
    name.strip_prefix("python").is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

fn server_of<'a>(looking: &Looking<'_, 'a>, simple: &Simple) -> Option<&'a Server> {
    let program = simple.program()?;
    looking.work.cx.knowledge.of("python").servers.iter().find(|server| server.id == program)
}

fn is_runserver(simple: &Simple) -> bool {
    simple.argv.iter().any(|word| word == "runserver")
        && simple.argv.iter().any(|word| word.ends_with("manage.py"))
}

/// A server that only develops is told by what it would serve.
fn instead<'a>(looking: &Looking<'_, 'a>, simple: &Simple, because: &[Evidence]) -> Option<Begin<'a>> {
    let mut begin = super::start::by_code(looking)?;
    begin.because.extend(because.iter().cloned());
    let flags = looking.work.cx.knowledge.of("python").servers.iter().flat_map(|server| &server.port_flags);
    let named =
        flags.filter_map(|flag| value_of(&simple.argv, flag)).find_map(|value| value.parse::<u16>().ok());
    let last =
        simple.argv.last().and_then(|word| word.rsplit(':').next()).and_then(|port| port.parse::<u16>().ok());
    if let (Some(port), Some(first)) = (named.or(last.filter(|_| is_runserver(simple))), because.first()) {
        begin = super::start::on_port(begin, port, first);
    }
    Some(begin)
}

/// The value of a flag: behind it, or joined to it.
pub(super) fn value_of(argv: &[String], flag: &str) -> Option<String> {
    argv.iter().enumerate().find_map(|(at, word)| {
        if word == flag {
            return argv.get(at + 1).cloned();
        }
        let rest = word.strip_prefix(flag)?;
        if let Some(value) = rest.strip_prefix('=') {
            return Some(value.to_owned());
        }
        (!flag.starts_with("--") && flag.len() == 2 && !rest.is_empty()).then(|| rest.to_owned())
    })
}

/// The command of a server: everywhere, at a port that is known, without what only develops.
fn with_server<'a>(
    looking: &Looking<'_, 'a>,
    mut begin: Begin<'a>,
    simple: &Simple,
    server: &'a Server,
) -> Begin<'a> {
    let mut argv: Vec<String> =
        simple.argv.iter().filter(|word| !server.dev_flags.contains(word)).cloned().collect();
    if let Some(first) = argv.first_mut() {
        first.clone_from(&server.id);
    }
    let listen = port::of_words(looking, &begin.place, server, &argv);
    if let Some((variable, value)) = port_variable(&argv, server) {
        match &server.port_variable {
            Some(own) if *own == variable => drop_flags(&mut argv, &server.bind),
            _ => {}
        }
        let because = begin.because.first().cloned().unwrap_or_else(|| Evidence::told("the command"));
        let value = Listen { port: value.unwrap_or(server.port), variable: Some(variable), must_set: true };
        begin.listen = Some(Found::new(value, because));
    } else if let Some((listen, because)) = listen {
        begin.listen = Some(Found::new(listen, because));
    }
    everywhere(&mut argv, server);
    let has_flag = |flags: &[String]| flags.iter().any(|flag| value_of(&argv, flag).is_some());
    let configured = begin.listen.as_ref().is_some_and(|listen| {
        listen.because.iter().any(|one| {
            one.file
                .as_ref()
                .is_some_and(|file| file.extension() == Some("py") || file.extension() == Some("ini"))
        })
    });
    if !has_flag(&server.bind)
        && !has_flag(&server.host_flags)
        && !configured
        && !server.everywhere.is_empty()
    {
        let port = begin.listen.as_ref().map_or(server.port, |listen| listen.value.port);
        argv.extend(server.everywhere.iter().map(|word| word.replace("{port}", &port.to_string())));
    }
    argv.extend(server.always.iter().filter(|word| !argv.contains(word)).cloned().collect::<Vec<_>>());
    if begin.listen.is_none() && begin.kind == Some(Kind::Web) {
        begin.listen = Some(port::of_server(looking, &begin.place, server, &begin.because));
    }
    begin.entries = entries(looking, &begin.place, &Simple { argv: argv.clone(), ..Simple::default() });
    begin.env = server.env.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    begin.env.extend(simple.env.iter().filter(|(name, _)| name != "PORT").cloned());
    begin.framework = framework(looking, &begin.entries);
    let known = looking.work.has(&server.package).is_some()
        || looking.work.packages.is_empty()
        || server.id == "fastapi"
        || server.id == "celery";
    if !known && let Some(requirement) = &server.requirement {
        let says = format!("{} starts the program, and the requirements do not name it", server.id);
        begin.adds.push(Found::new(requirement.clone(), Evidence::told(says)));
    }
    if argv.iter().any(|word| word.contains('$')) {
        let words: Vec<String> = argv.iter().map(|word| shell_word(word)).collect();
        begin.shell = Some(format!("exec {}", words.join(" ")));
    }
    begin.argv = argv;
    begin
}

/// A word that may name variables.
fn shell_word(word: &str) -> String {
    if word.contains('$') && !word.contains(['"', '`', '\\']) {
        return format!("\"{word}\"");
    }
    crate::text::shell_word(word)
}

/// The variable that stands for the port in a server's flags, and its default: `0.0.0.0:$PORT`, `${PORT:-8000}`.
fn port_variable(argv: &[String], server: &Server) -> Option<(String, Option<u16>)> {
    let flags = server.bind.iter().chain(&server.port_flags);
    let value = flags.filter_map(|flag| value_of(argv, flag)).find(|value| value.contains('$'))?;
    let at = value.rfind('$')?;
    let inner = value.get(at + 1..)?.trim_start_matches('{').trim_end_matches('}');
    let (name, default) = inner.split_once(":-").unwrap_or((inner, ""));
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !name.is_empty();
    plain.then(|| (name.to_owned(), default.parse().ok()))
}

fn drop_flags(argv: &mut Vec<String>, flags: &[String]) {
    let mut kept: Vec<String> = Vec::new();
    let mut skip = false;
    for word in argv.drain(..) {
        if std::mem::take(&mut skip) {
            continue;
        }
        if flags.contains(&word) {
            skip = true;
        } else if !flags.iter().any(|flag| {
            word.strip_prefix(flag.as_str()).is_some_and(|rest| {
                rest.starts_with('=')
                    || flag.len() == 2 && rest.starts_with(|c: char| c.is_ascii_digit() || c == ':')
            })
        }) {
            kept.push(word);
        }
    }
    *argv = kept;
}

/// The machine's own address is the container's own: nobody could reach it.
fn everywhere(argv: &mut [String], server: &Server) {
    let flags: Vec<&String> = server.bind.iter().chain(&server.host_flags).collect();
    for at in 0..argv.len() {
        let behind = at > 0 && argv.get(at - 1).is_some_and(|word| flags.contains(&word));
        let Some(word) = argv.get_mut(at) else { continue };
        let joined = flags.iter().any(|flag| word.starts_with(&format!("{flag}=")));
        if behind || joined {
            *word = word.replace("127.0.0.1", "0.0.0.0").replace("localhost", "0.0.0.0");
        }
    }
}

/// A command of the project's own: a script that Python runs, a program of a package.
fn plain<'a>(looking: &Looking<'_, 'a>, mut begin: Begin<'a>, simple: Simple) -> Begin<'a> {
    begin.entries = entries(looking, &begin.place, &simple);
    begin.env.clone_from(&simple.env);
    if simple.argv.iter().any(|word| word.contains('$')) {
        let words: Vec<String> = simple.argv.iter().map(|word| shell_word(word)).collect();
        begin.shell = Some(format!("exec {}", words.join(" ")));
    }
    begin.argv = simple.argv;
    script_kind(looking, begin)
}

fn script_kind<'a>(looking: &Looking<'_, 'a>, mut begin: Begin<'a>) -> Begin<'a> {
    let own = begin.argv.first().is_some_and(|first| super::script::names(looking.work).contains(first));
    begin.own_script = own;
    super::script::complete(looking, &mut begin);
    begin
}

/// The files of the project that a command begins with.
fn entries(looking: &Looking, place: &Utf8Path, simple: &Simple) -> Vec<Utf8PathBuf> {
    let work = looking.work;
    let root = work.root.join(place);
    let mut found: Vec<Utf8PathBuf> = Vec::new();
    let mut module = false;
    for word in &simple.argv {
        if Utf8Path::new(word).extension() == Some("py") {
            found.extend(join_inside(&root, word).filter(|file| work.cx.repo.has(file)));
        } else if let Some((name, _)) =
            word.split_once(':').filter(|(name, _)| !name.is_empty() && !name.contains('/'))
        {
            found.extend(looking.code.module(name));
        } else if module || word.contains('.') && !word.contains(['/', '=', ':', '$']) {
            let main = looking.code.module(&format!("{word}.__main__"));
            found.extend(main.or_else(|| looking.code.module(word)));
        }
        module = word == "-m" || word == "-A" || word == "--app";
    }
    if let Some(django) = looking.django {
        found.extend(django.settings.iter().map(|settings| settings.file.clone()));
    }
    found
}

/// The framework that the files of the start import.
fn framework<'a>(
    looking: &Looking<'_, 'a>,
    entries: &[Utf8PathBuf],
) -> Option<(&'a crate::knowledge::Framework, Evidence)> {
    let rows = &looking.work.cx.knowledge.of("python").frameworks;
    let used = |row: &&crate::knowledge::Framework| {
        row.when.iter().find_map(|name| looking.work.has(name)).is_some()
    };
    let row = rows.iter().filter(|row| row.serves.is_some() || row.id == "django").find(used)?;
    let because = row.when.iter().find_map(|name| looking.work.has(name)).cloned();
    because.filter(|_| !entries.is_empty() || looking.django.is_some()).map(|because| (row, because))
}
