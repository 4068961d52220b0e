//! What the running program needs: its port, its variables, the files that it reads and writes, its sub-command.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::detect::places::{is_loose, relative, written};
use crate::detect::{Context, join_inside};
use crate::error::Result;
use crate::facts::{Evidence, Found, GoFacts, Kind, Listen, Note, Project, Variable};
use crate::knowledge::Framework;
use crate::source::go::command;
use crate::source::go::environment;
use crate::source::go::listen::{Opened, Port, main_port};
use crate::source::go::paths::{self, Named, Opens};
use crate::source::go::program::{Place, Program};

/// Fills what the container needs.
///
/// # Errors
/// A Procfile that cannot be read.
pub(super) fn fill(
    cx: &Context<'_>,
    program: &Program,
    (heard, apart): (&[Opened], &command::Apart),
    facts: &mut GoFacts,
    project: &mut Project,
) -> Result<()> {
    let required = environment::required(program);
    let port = main_port(program, heard);
    let opened = port.as_ref().and_then(|port| listens(cx, program, port, project));
    if project.listen.is_empty()
        && let Some((row, port)) = server_of(cx, program).and_then(|row| Some((row, row.port?)))
    {
        let because = Evidence::told(format!("the default of {}", row.name));
        let value = Listen { port, variable: None, must_set: false };
        project.kind = Found::new(Kind::Web, because.clone());
        project.listen.push(Found::new(value, because));
    }
    let asked = project.listen.iter().find_map(|one| one.value.variable.clone());
    for (name, place) in required.into_iter().filter(|(name, _)| Some(name) != asked.as_ref()) {
        let evidence =
            evidence(program, place, |path| format!("{name}, without which it does not start ({path})"));
        project.env.push(Found::new(Variable { name, value: None, required: true }, evidence));
    }
    reads(cx, (program, apart), facts, project);
    writes(cx, (program, apart), project);
    facts.args = arguments(cx, program, heard, facts, project)?;
    facts.args.extend(
        opened.filter(|arg| !facts.args.iter().any(|one| flag_of(&one.value) == flag_of(&arg.value))),
    );
    Ok(())
}

fn evidence(program: &Program, place: Place, says: impl Fn(&Utf8Path) -> String) -> Evidence {
    program.file(place).map_or_else(
        || Evidence::told("the program"),
        |file| Evidence::line(&file.path, file.line(place.at), says(&file.path)),
    )
}

/// Fills the port. Back comes the argument that opens a program on the loopback address to others.
fn listens(cx: &Context<'_>, program: &Program, port: &Port, project: &mut Project) -> Option<Found<String>> {
    let table = cx.knowledge.of(super::LANGUAGE).asked_port;
    let number = port.port.or(table)?;
    let must_set = port.port.is_none();
    let because = evidence(program, port.place, |path| match (&port.by_itself, &port.flag, &port.variable) {
        _ if must_set => {
            format!("{}, which has no default ({path})", port.variable.as_deref().unwrap_or("the port"))
        }
        (Some(name), _, _) => format!("the default of {name} ({path})"),
        (None, Some(flag), _) => format!("the default of --{flag} ({path})"),
        (None, None, Some(variable)) => format!("the default of {variable} ({path})"),
        (None, None, None) => format!("the port in {path}"),
    });
    let mut argument = None;
    if port.loopback {
        match opening(program, port, number, &because) {
            Some(Opening::Variable(variable)) => project.env.push(variable),
            Some(Opening::Argument(found)) => argument = Some(found),
            None => project.notes.push(Note {
                code: "listens-on-loopback".to_owned(),
                text:
                    "it listens on the loopback address alone, which nothing outside of the container reaches"
                        .to_owned(),
                because: vec![because.clone()],
            }),
        }
    }
    project
        .listen
        .push(Found::new(Listen { port: number, variable: port.variable.clone(), must_set }, because));
    argument
}

/// What makes a program listen on every address.
enum Opening {
    Variable(Found<Variable>),
    Argument(Found<String>),
}

/// A variable before a flag: of the address as a whole, or of its host.
fn opening(program: &Program, port: &Port, number: u16, because: &Evidence) -> Option<Opening> {
    let told = |name: &str, place: Option<Place>| {
        let says = |path: &Utf8Path| format!("the loopback default of {name} ({path})");
        place.map_or_else(
            || Evidence { says: because.says.replace("default", "loopback default"), ..because.clone() },
            |place| evidence(program, place, says),
        )
    };
    let variable = |name: &String, value: String, place| {
        let set = Variable { name: name.clone(), value: Some(value), required: false };
        Opening::Variable(Found::new(set, told(name, place)))
    };
    let argument = |name: &String, value: String, place| {
        Opening::Argument(Found::new(format!("--{name}={value}"), told(&format!("--{name}"), place)))
    };
    let (any, whole) = ("0.0.0.0".to_owned(), format!("0.0.0.0:{number}"));
    let host = port.host.as_ref();
    let of_host = host.and_then(|host| {
        let by_flag = || host.flag.as_ref().map(|name| argument(name, any.clone(), Some(host.place)));
        host.variable.as_ref().map(|name| variable(name, any.clone(), Some(host.place))).or_else(by_flag)
    });
    of_host
        .or_else(|| {
            let named = port.variable.as_ref().filter(|name| names_address(name));
            named.map(|name| variable(name, whole.clone(), None))
        })
        .or_else(|| {
            port.flag
                .as_ref()
                .filter(|name| host.is_none() && !names_port(name))
                .map(|name| argument(name, whole, None))
        })
}

/// Whether a flag sets a port alone.
fn names_port(flag: &str) -> bool {
    crate::source::ports::words(flag).iter().any(|word| word == "port")
}

/// The name of a flag with its dashes.
fn flag_of(argument: &str) -> Option<&str> {
    argument.split('=').next().filter(|name| name.starts_with('-'))
}

/// Whether a variable is named after an address and not after a part of one.
fn names_address(variable: &str) -> bool {
    let words = crate::source::ports::words(variable);
    words.iter().any(|word| ["addr", "address", "listen", "bind"].contains(&word.as_str()))
        && !words.iter().any(|word| ["port", "host", "ip"].contains(&word.as_str()))
}

fn says(named: &Named, path: &Utf8Path) -> String {
    match &named.by {
        Some(by) => format!("the default of {by} ({path})"),
        None => format!("named in {path}"),
    }
}

/// Paths of the repository that the program names, and that are not embedded.
fn reads(
    cx: &Context<'_>,
    (program, apart): (&Program, &command::Apart),
    facts: &GoFacts,
    project: &mut Project,
) {
    let mut named = paths::handed(program, &functions(&cx.knowledge.of(super::LANGUAGE).reading));
    named.extend(paths::settings(program).into_iter().map(|(_, named)| named));
    named.extend(paths::held(program));
    let mut found: BTreeMap<Utf8PathBuf, Evidence> = BTreeMap::new();
    named.retain(|one| !apart.contains(&(one.place.package, one.place.file)));
    for one in named {
        let Some(path) = in_repository(cx, &one.path, &project.root, &facts.module_root) else { continue };
        let embedded = facts.embeds.iter().any(|embed| path.starts_with(&embed.value));
        if !embedded && !is_code(cx, &path) {
            let because = evidence(program, one.place, |file| says(&one, file));
            found.entry(path).or_insert(because);
        }
    }
    for (path, because) in configured(cx, program, project) {
        found.entry(path).or_insert(because);
    }
    let mut kept: Vec<Utf8PathBuf> = Vec::new();
    for (path, because) in found {
        if !kept.iter().any(|outer| path.starts_with(outer)) {
            project.reads.push(Found::new(relative(&path, &project.root), because));
            kept.push(path);
        }
    }
}

/// What a framework reads by itself, without the program naming it.
fn configured(cx: &Context<'_>, program: &Program, project: &Project) -> Vec<(Utf8PathBuf, Evidence)> {
    let rows = cx.knowledge.of(super::LANGUAGE).frameworks.iter();
    let used =
        rows.filter(|row| !row.config.is_empty() && row.when.iter().any(|import| program.imports(import)));
    let places = used.flat_map(|row| row.config.iter().map(move |name| (row, project.root.join(name))));
    let there = places.filter(|(_, path)| cx.repo.has(path) || cx.repo.has_dir(path) && !is_code(cx, path));
    there.map(|(row, path)| (path, Evidence::told(format!("{} reads it", row.name)))).collect()
}

fn functions(table: &BTreeMap<String, usize>) -> Vec<Opens> {
    table.iter().map(|(name, argument)| Opens { call: name.clone(), argument: *argument }).collect()
}

/// The path in the repository that a path of the working folder names: a folder, or the folder of a file that holds no code.
fn in_repository(cx: &Context<'_>, path: &str, root: &Utf8Path, module: &Utf8Path) -> Option<Utf8PathBuf> {
    let path = path.strip_prefix("file://").unwrap_or(path);
    if path.is_empty() || path.starts_with(['/', '~']) || path.contains(['$', '{', '\n']) {
        return None;
    }
    let plain: Vec<&str> = path.split('/').take_while(|part| !part.contains(['*', '?', '['])).collect();
    let plain = plain.join("/");
    let found = [root, module].into_iter().find_map(|base| {
        let path = join_inside(base, &plain)?;
        let below = path != base && path.starts_with(module) && !path.as_str().is_empty();
        (below && (cx.repo.has(&path) || cx.repo.has_dir(&path))).then_some(path)
    })?;
    match found.parent() {
        Some(dir) if cx.repo.has(&found) && dir != root && dir != module && !is_code(cx, dir) => {
            Some(dir.to_owned())
        }
        _ => Some(found),
    }
}

/// A folder that holds Go files right in it, or a Go file: sources that a program does not read at run time.
fn is_code(cx: &Context<'_>, path: &Utf8Path) -> bool {
    let (files, _) = cx.repo.list(path);
    path.extension() == Some("go") || files.iter().any(|name| super::is_go(name))
}

/// Folders and database files that the program makes.
fn writes(cx: &Context<'_>, (program, apart): (&Program, &command::Apart), project: &mut Project) {
    let table = cx.knowledge.of(super::LANGUAGE);
    let mut found: BTreeMap<Utf8PathBuf, Evidence> = BTreeMap::new();
    let names = own_names(program, &project.name);
    let mut add = |one: &Named, database: bool| {
        // A number in front is the start value of something that is counted.
        let counted = one.path.split('/').next().is_some_and(|first| first.parse::<u64>().is_ok());
        if counted || apart.contains(&(one.place.package, one.place.file)) {
            return;
        }
        let Some(path) = written(&one.path, database) else { return };
        let because = evidence(program, one.place, |file| match &one.by {
            Some(by) => format!("the default of {by} is written ({file})"),
            None => format!("written by {file}"),
        });
        found.entry(path).or_insert(because);
    };
    for one in paths::databases(program, &table.databases) {
        let there = cx.repo.has(project.root.join(one.path.trim_start_matches("./")));
        // A name alone may be another program's database, which this one only reads.
        if !there && !is_anothers(Utf8Path::new(&one.path), &names) {
            add(&one, true);
        }
    }
    for one in paths::handed(program, &functions(&table.writing)) {
        let file = table.databases.iter().any(|ending| one.path.ends_with(ending.as_str()));
        add(&one, file);
    }
    for (words, one) in paths::settings(program) {
        let kept = ["data", "upload", "uploads", "storage", "cache", "store", "state", "uploaded"];
        let is_folder = ["path", "dir", "directory", "folder", "root"]
            .iter()
            .any(|word| words.iter().any(|one| one == word))
            || words.len() == 1;
        let here =
            cx.repo.has_dir(project.root.join(one.path.trim_start_matches("./").trim_end_matches('/')));
        // `storage = "memory"` names a kind, no folder.
        let names_folder =
            one.path.contains(['/', '.']) || words.len() > 1 || kept.contains(&one.path.as_str());
        if is_folder && names_folder && !here && words.iter().any(|word| kept.contains(&word.as_str())) {
            add(&one, false);
        }
    }
    let rows = table.frameworks.iter().filter(|row| row.when.iter().any(|import| program.imports(import)));
    for (name, path) in rows.flat_map(|row| row.writes.iter().map(move |path| (&row.name, path))) {
        found
            .entry(Utf8PathBuf::from(path))
            .or_insert_with(|| Evidence::told(format!("{name} writes there")));
    }
    let mut kept: Vec<Utf8PathBuf> = Vec::new();
    for (path, because) in found {
        if kept.iter().any(|outer| path.starts_with(outer)) {
            continue;
        }
        if is_loose(&path) {
            project.notes.push(Note {
                code: "writes-working-folder".to_owned(),
                text: format!("`{path}` is written to the working folder itself, or beside it: only its folder as a whole can be a volume"),
                because: vec![because.clone()],
            });
        }
        kept.push(path.clone());
        project.writes.push(Found::new(path, because));
    }
}

/// What a program is called: its binary, and the parts of the path that its main package is imported by.
fn own_names(program: &Program, binary: &str) -> Vec<String> {
    let import = program.packages.first().map(|package| package.import.as_str()).unwrap_or_default();
    let parts = import.split('/').filter(|part| !part.contains('.'));
    parts.chain([binary]).map(str::to_owned).collect()
}

/// A folder of the system's that is named after another program.
fn is_anothers(path: &Utf8Path, names: &[String]) -> bool {
    let homes = ["/var/lib", "/var/log", "/var/spool", "/opt", "/srv"];
    let inside = homes.iter().find_map(|home| path.strip_prefix(home).ok());
    let owner = inside.and_then(|path| path.components().next()).map(|owner| owner.as_str().to_owned());
    let own = |owner: &String| {
        names.iter().any(|name| owner.contains(name.as_str()) || name.contains(owner.as_str()))
    };
    owner.is_some_and(|owner| !own(&owner) && owner != "data")
}

/// The framework whose programs serve when they are told to.
pub(super) fn server_of<'k>(cx: &Context<'k>, program: &Program) -> Option<&'k Framework> {
    let mut rows = cx.knowledge.of(super::LANGUAGE).frameworks.iter();
    rows.find(|row| !row.arguments.is_empty() && row.when.iter().any(|import| program.imports(import)))
}

/// What programs that a framework makes are started with.
fn of_framework(cx: &Context<'_>, program: &Program) -> Option<Vec<Found<String>>> {
    let row = server_of(cx, program)?;
    let because = Evidence::told(format!("{} programs serve when told to", row.name));
    Some(row.arguments.iter().map(|word| Found::new(word.clone(), because.clone())).collect())
}

/// The sub-command that serves.
fn arguments(
    cx: &Context<'_>,
    program: &Program,
    heard: &[Opened],
    facts: &GoFacts,
    project: &Project,
) -> Result<Vec<Found<String>>> {
    if let Some(words) = of_framework(cx, program) {
        return Ok(words);
    }
    let stays = project.kind.value != Kind::Cli;
    if let Some((word, place)) = command::serving(program).filter(|(word, _)| stays || command::says_so(word))
    {
        let because = evidence(program, place, |path| format!("the sub-command that serves ({path})"));
        return Ok(vec![Found::new(word, because)]);
    }
    if heard.is_empty() {
        return Ok(Vec::new());
    }
    let path = project.root.join("Procfile");
    let Some(text) = cx.repo.read(&path)? else { return Ok(Vec::new()) };
    let Some((line, binary, words)) = super::choose::procfile(&text) else { return Ok(Vec::new()) };
    let plain = |word: &String| !word.contains(['$', ';', '&', '|', '>', '<', '`']);
    if binary != facts.binary || words.is_empty() || !words.iter().all(plain) {
        return Ok(Vec::new());
    }
    let because = Evidence::line(&path, line, "the web process of Procfile");
    let command = words
        .first()
        .is_some_and(|word| !word.starts_with('-') && crate::source::ports::words(word).len() == 1);
    Ok(words.into_iter().filter(|_| command).map(|word| Found::new(word, because.clone())).collect())
}
