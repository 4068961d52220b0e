//! The port: in a server's flags, in its configuration file, in the calls that would start the program by itself.

use camino::{Utf8Path, Utf8PathBuf};

use super::app::App;
use super::code::Code;
use super::command::value_of;
use super::start::{Looking, shown};
use super::value::Value;
use super::work::Work;
use crate::detect::join_inside;
use crate::facts::{Evidence, Found, Listen};
use crate::knowledge::{Framework, ListenCall, Server};
use crate::source::python::{Expr, File};

/// What makes a program that listens on the machine's own address listen on every one.
#[derive(Debug, Clone)]
pub(super) enum Opening {
    /// A variable of the environment.
    Variable(String),
    /// A flag of its command.
    Flag(String),
}

/// A call of the project's code that opens a port.
#[derive(Debug, Clone)]
pub(super) struct Opened<'a> {
    pub(super) row: &'a Framework,
    pub(super) port: Option<u16>,
    pub(super) variable: Option<String>,
    /// It listens on the machine's own address alone.
    pub(super) local: bool,
    /// What opens it to others.
    pub(super) opens: Option<Opening>,
    /// A port is given, and only the running program works it out.
    pub(super) computed: bool,
    pub(super) because: Evidence,
}

/// The calls of some files that open a port, the outermost file's first.
pub(super) fn opened<'a>(work: &Work<'a>, code: &Code, files: &[Utf8PathBuf]) -> Vec<Opened<'a>> {
    let rows = &work.cx.knowledge.of("python").frameworks;
    let mut all = Vec::new();
    for path in files {
        let Some(file) = code.file(path) else { continue };
        for call in file.calls() {
            for row in rows {
                let named = |listens: &&ListenCall| {
                    fits(&file, call, row, listens) || names_itself(work, &file, call, row, listens)
                };
                let Some(listens) = row.listens.iter().find(named) else { continue };
                all.extend(one(work, code, path, call, row, listens));
                break;
            }
        }
    }
    all
}

/// Whether a call is the row's: its module is imported by the file, and the name is the call's.
fn fits(file: &File, call: &Expr, row: &Framework, listens: &ListenCall) -> bool {
    if call.called() != Some(listens.call.as_str()) {
        return false;
    }
    let imports = file.imports().any(|(import, _)| {
        row.modules.iter().any(|own| {
            import.module == *own
                || import.module.strip_prefix(own.as_str()).is_some_and(|rest| rest.starts_with('.'))
                || import.names.iter().any(|(name, _)| format!("{}.{name}", import.module) == *own)
        })
    });
    let name = call.call().map(|(name, ..)| file.resolved(&name)).unwrap_or_default();
    if file.function(&name).is_some() {
        return false;
    }
    let head = name.split('.').next().unwrap_or_default();
    let modules = || row.modules.iter().any(|own| own.split('.').next() == Some(head));
    // `uvicorn.run` and `asyncio.run` are told apart by the module, `app.run` and `server.run` by what is imported.
    let other =
        ["asyncio", "subprocess", "anyio", "trio", "os", "threading", "process", "cli", "loop", "mcp"];
    imports
        && !(listens.by_itself && is_else(file, row, head))
        && !other.iter().any(|one| *one == head && !modules())
        && (file.imported(head).is_none() || modules() || !is_module(file, head))
}

/// `app.run(host=..., port=...)` of an application that comes from another file of the project.
fn names_itself(work: &Work, file: &File, call: &Expr, row: &Framework, listens: &ListenCall) -> bool {
    let (Some(keyword), Some((host, _))) = (&listens.keyword, &listens.host) else { return false };
    let own = || row.when.iter().any(|name| work.packages.get(name).is_some_and(|one| one.direct));
    let head = call.call().and_then(|(name, ..)| name.split_once('.').map(|(head, _)| head.to_owned()));
    call.called() == Some(listens.call.as_str())
        && call.keyword(keyword).is_some()
        && call.keyword(host).is_some()
        && head.is_some_and(|head| {
            ["app", "application", "server"].contains(&head.as_str()) && !is_module(file, &head)
        })
        && own()
}

/// Whether a name is given to what something else makes, and is not called like an application: `importer.run()`.
fn is_else(file: &File, row: &Framework, head: &str) -> bool {
    let usual = ["app", "server", "api", "demo", "ui", "bot", "wsgi", "service", "main"];
    if usual.iter().any(|word| head.to_ascii_lowercase().contains(word)) {
        return false;
    }
    let given = file.statements.iter().filter_map(|statement| statement.assigned());
    let makers = given.filter(|(name, _)| *name == head).filter_map(|(_, value)| Some(value.call()?.0));
    let foreign = |maker: String| {
        let maker = file.resolved(&maker);
        !row.modules.iter().any(|own| maker.starts_with(own.as_str()))
    };
    makers.map(foreign).next().unwrap_or(false)
}

/// Whether a name is that of another module.
fn is_module(file: &File, name: &str) -> bool {
    matches!(file.imported(name), Some((_, None)))
}

fn one<'a>(
    work: &Work<'a>,
    code: &Code,
    path: &Utf8Path,
    call: &Expr,
    row: &'a Framework,
    listens: &ListenCall,
) -> Option<Opened<'a>> {
    let Expr::Call { line, .. } = call else { return None };
    let argument = call.argument(listens.keyword.as_deref().unwrap_or("\0"), listens.argument);
    let found = argument.and_then(|value| code.value(path, value).port());
    let because = |says: String| Evidence::line(path, *line, says);
    let host = listens.host.as_ref().map(|(keyword, default)| {
        let given = call.keyword(keyword).map(|value| code.value(path, value));
        match given {
            Some(value) => value.text().map_or_else(|| "0.0.0.0".to_owned(), str::to_owned),
            None => default.clone(),
        }
    });
    let local = host.is_some_and(|host| host == "127.0.0.1" || host == "localhost");
    let given = listens.host.as_ref().and_then(|(keyword, _)| call.keyword(keyword)).filter(|_| local);
    let opens = given.and_then(|value| opening(code, path, value));
    let name = shown(work, path);
    match found {
        Some((port, variable)) => {
            let says = match &variable {
                Some(variable) => format!("{variable} in {name}"),
                None => format!("the port in {name}"),
            };
            Some(Opened { row, port, variable, local, opens, computed: false, because: because(says) })
        }
        None if argument.is_some() => Some(Opened {
            row,
            port: None,
            variable: None,
            local: false,
            opens: None,
            computed: true,
            because: because(format!("the port in {name}")),
        }),
        None if listens.by_itself && call.keyword("**").is_none() => {
            let says = format!("{}'s own port", row.name);
            Some(Opened {
                row,
                port: row.port,
                variable: row.port_variable.clone(),
                local,
                opens,
                computed: false,
                because: because(says),
            })
        }
        None => None,
    }
}

/// The variable that an address comes from, or the flag of the option that it is.
fn opening(code: &Code, path: &Utf8Path, address: &Expr) -> Option<Opening> {
    if let Value::Variable(name, _) = code.value(path, address) {
        return Some(Opening::Variable(name));
    }
    let name = address.dotted()?;
    code.flag(path, name.rsplit('.').next()?).map(Opening::Flag)
}

/// The port that a server gets for an application: what the code says where it starts by itself, else the usual one.
pub(super) fn of_app(looking: &Looking, app: &App, server: &Server, told: &[String]) -> Found<Listen> {
    let work = looking.work;
    let own = configuration(looking, &app.place, server, told);
    if let Some((listen, because)) = own {
        return Found::new(listen, because);
    }
    let mut files = vec![app.file.clone()];
    let folders = [
        app.file.parent().map(Utf8Path::to_owned),
        Some(work.root.join(&app.place)),
        Some(work.root.clone()),
    ];
    for folder in folders.into_iter().flatten() {
        let (names, _) = work.cx.repo.list(&folder);
        files.extend(
            names
                .iter()
                .filter(|name| Utf8Path::new(name).extension() == Some("py"))
                .map(|name| folder.join(name)),
        );
    }
    files.retain(|file| !super::work::is_apart(work.cx, file.strip_prefix(&work.root).unwrap_or(file)));
    files.dedup();
    let calls = opened(work, looking.code, &files);
    let known = calls.iter().find(|one| one.port.is_some() && !one.because.says.ends_with("own port"));
    let asked = known.or_else(|| calls.iter().find(|one| one.variable.is_some()));
    let (port, because) = match asked {
        Some(one) => (one.port.unwrap_or(server.port), one.because.clone()),
        None => match flask_environment(looking, app) {
            Some(found) => found,
            None => match calls.iter().find(|one| one.port.is_some()) {
                Some(one) => (
                    one.port.unwrap_or(server.port),
                    Evidence { says: format!("{}'s usual port", one.row.name), ..one.because.clone() },
                ),
                None => usual(work, app, server),
            },
        },
    };
    let variable = server.port_variable.clone();
    Found::new(Listen { port, must_set: variable.is_some(), variable }, because)
}

/// A configuration of the server's that it does not find by itself.
pub(super) fn own_config(looking: &Looking, place: &Utf8Path, server: &Server) -> Option<String> {
    let root = looking.work.root.join(place);
    let there = |name: &String| looking.work.cx.repo.has(root.join(name));
    if server.config.as_ref().is_some_and(there) {
        return None;
    }
    server.configs.iter().find(|name| there(name)).cloned()
}

/// The server's own port; where the image only adds the server, people know the framework's.
fn usual(work: &Work, app: &App, server: &Server) -> (u16, Evidence) {
    let known = app.framework.port.filter(|_| work.has(&server.package).is_none());
    let (port, name) =
        known.map_or((server.port, server.id.as_str()), |port| (port, app.framework.name.as_str()));
    (port, Evidence { says: format!("{name}'s usual port"), ..app.because.clone() })
}

/// `FLASK_RUN_PORT` of .flaskenv.
fn flask_environment(looking: &Looking, app: &App) -> Option<(u16, Evidence)> {
    let path = looking.work.root.join(&app.place).join(".flaskenv");
    let text = looking.work.cx.repo.source(&path)?;
    text.lines().zip(1u32..).find_map(|(line, number)| {
        let value = line.trim().trim_start_matches("export ").strip_prefix("FLASK_RUN_PORT=")?;
        let port = value.trim_matches(['"', '\'']).parse().ok()?;
        Some((port, Evidence::line(&path, number, "FLASK_RUN_PORT of .flaskenv")))
    })
}

/// The port in a server's words or in the configuration that they name.
pub(super) fn of_words(
    looking: &Looking,
    place: &Utf8Path,
    server: &Server,
    argv: &[String],
) -> Option<(Listen, Evidence)> {
    let flags = server.bind.iter().chain(&server.port_flags);
    let plain = flags
        .filter_map(|flag| value_of(argv, flag))
        .find_map(|value| value.rsplit(':').next()?.parse().ok());
    if let Some(port) = plain.filter(|port| *port > 0) {
        return Some((Listen { port, variable: None, must_set: false }, Evidence::told("the start command")));
    }
    configuration(looking, place, server, argv)
}

/// The port where a command names none.
pub(super) fn of_server(
    looking: &Looking,
    place: &Utf8Path,
    server: &Server,
    because: &[Evidence],
) -> Found<Listen> {
    if let Some((listen, because)) = configuration(looking, place, server, &[]) {
        return Found::new(listen, because);
    }
    let first = because.first().cloned().unwrap_or_else(|| Evidence::told("the start command"));
    let variable = server.port_variable.clone();
    let says = format!("{}'s usual port", server.id);
    Found::new(
        Listen { port: server.port, must_set: variable.is_some(), variable },
        Evidence { says, ..first },
    )
}

/// The port in a server's own configuration file.
fn configuration(
    looking: &Looking,
    place: &Utf8Path,
    server: &Server,
    argv: &[String],
) -> Option<(Listen, Evidence)> {
    let work = looking.work;
    let root = work.root.join(place);
    let named = server.config_flags.iter().find_map(|flag| value_of(argv, flag));
    let bare = argv
        .iter()
        .skip(1)
        .find(|word| matches!(Utf8Path::new(word.as_str()).extension(), Some("ini" | "yaml")))
        .cloned();
    let name = named.or(bare).or_else(|| server.config.clone())?;
    let name = name.trim_start_matches("file:").trim_start_matches("python:");
    let path = join_inside(&root, name).filter(|path| work.cx.repo.has(path))?;
    if path.extension() == Some("py") {
        let file = looking.code.file(&path)?;
        let (value, line) = file
            .top()
            .filter_map(|(_, one)| Some((one.assigned()?, one.line)))
            .find(|((own, _), _)| *own == "bind")
            .map(|((_, value), line)| (value, line))?;
        let (port, variable) = looking.code.value(&path, value).port()?;
        let says = match &variable {
            Some(variable) if port.is_some() => {
                format!("the default of {variable} in {}", shown(work, &path))
            }
            Some(variable) => format!("{variable} in {}", shown(work, &path)),
            None => format!("bind in {}", shown(work, &path)),
        };
        let must_set = port.is_none();
        return Some((
            Listen { port: port.unwrap_or(server.port), variable, must_set },
            Evidence::line(&path, line, says),
        ));
    }
    let text = work.cx.repo.source(&path)?;
    text.lines().zip(1u32..).find_map(|(line, number)| {
        let (key, value) = line.split_once('=')?;
        if !["http", "http-socket", "socket"].contains(&key.trim()) {
            return None;
        }
        let says = format!("{} of {}", key.trim(), shown(work, &path));
        let tail = value.trim().rsplit(':').next()?.trim();
        let because = Evidence::line(&path, number, says);
        if let Ok(port) = tail.parse::<u16>() {
            return Some((Listen { port, variable: None, must_set: false }, because));
        }
        {
            {
                let name = tail.strip_prefix("$(")?.strip_suffix(')')?;
                Some((Listen { port: server.port, variable: Some(name.to_owned()), must_set: true }, because))
            }
        }
    })
}
