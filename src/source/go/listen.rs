//! Where a program listens: the calls that open a port, what their addresses come to, and which port is the main one.

use foldhash::HashSet;

use super::file::{Call, File};
use super::program::{Definition, Given, Place, Program, Setting, Source};
use super::value::{Changed, Evaluator, Value};
use crate::source::ports::{ASIDE, OTHERS, Role, TLS, words};

/// A call, or a field of a literal, that opens a port.
#[derive(Debug, Clone)]
pub struct Opener {
    /// The package, by the beginning of its path.
    pub import: String,
    /// The function, or `Type{Field}`.
    pub call: String,
    /// Which argument is the address, counted from 0.
    pub argument: usize,
    /// What listens.
    pub role: Role,
    /// The name of the package in messages.
    pub name: String,
    /// The port where no address is given.
    pub port: Option<u16>,
    /// The variable that changes it then.
    pub variable: Option<String>,
}

/// A port that is opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// What listens.
    pub role: Role,
    /// For metrics, profiles, health or administration.
    pub aside: bool,
    /// The address, as far as it is known.
    pub value: Option<Value>,
    /// It is the package's own default, of this name.
    pub by_itself: Option<String>,
    /// Where.
    pub place: Place,
}

/// The main port of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The port; `None` where only the variable says.
    pub port: Option<u16>,
    /// The variable that changes it.
    pub variable: Option<String>,
    /// The flag that changes it.
    pub flag: Option<String>,
    /// The package whose default it is.
    pub by_itself: Option<String>,
    /// Only this machine can reach it.
    pub loopback: bool,
    /// What changes the loopback host alone.
    pub host: Option<Changed>,
    /// Where it stands.
    pub place: Place,
}

/// Words that name the program's own server, or say nothing.
const OWN: [&str; 15] = [
    "http",
    "server",
    "web",
    "app",
    "api",
    "listen",
    "listener",
    "service",
    "bind",
    "config",
    "configuration",
    "default",
    "host",
    "rest",
    "main",
];

/// Everything that the program opens.
#[must_use]
pub fn opened(program: &Program, openers: &[Opener]) -> Vec<Opened> {
    let evaluator = Evaluator::new(program);
    let names: HashSet<&str> = openers.iter().map(|opener| opener.call.as_str()).collect();
    let mut found: Vec<Opened> = program
        .calls(|name| names.contains(name))
        .filter_map(|(place, file, call)| {
            let fits = openers
                .iter()
                .filter(|opener| opens(program, file, &call, opener))
                .min_by_key(|one| one.import.len());
            fits.and_then(|opener| by_call(program, &evaluator, place, file, &call, opener))
        })
        .collect();
    for opener in openers {
        found.extend(by_literal(program, &evaluator, opener));
    }
    if found.iter().any(|one| one.value.is_some() && one.role == Role::Http && !one.aside) {
        // The listener that a server is handed, or the server that a literal describes, is the same port.
        found.retain(|one| one.value.is_some());
    }
    found
}

fn opens(program: &Program, file: &File, call: &Call<'_>, opener: &Opener) -> bool {
    call.name == opener.call && !call.base.is_empty() && program.is_from(file, call.base, &opener.import)
}

fn by_call(
    program: &Program,
    evaluator: &Evaluator<'_>,
    place: Place,
    file: &File,
    call: &Call<'_>,
    opener: &Opener,
) -> Option<Opened> {
    // A method of net.ListenConfig has a context in front of what the function of that name has.
    let argument = opener.argument + usize::from(opener.role == Role::Any && call.args.len() > 2);
    let address = call.args.get(argument);
    let value = address.and_then(|address| evaluator.value(place, address));
    let network = call.args.get(argument.wrapping_sub(1)).and_then(|arg| file.only_string(arg));
    if opener.role == Role::Any
        && (is_of_others(file) || network.is_some_and(|network| network.starts_with("unix")))
    {
        return None;
    }
    let default = opener.port.filter(|_| address.is_none()).map(|port| Value {
        text: port.to_string(),
        variable: opener.variable.clone(),
        flag: None,
        host: None,
        place,
    });
    let by_itself = default.is_some().then(|| opener.name.clone());
    let role = role_of(program, file, opener.role, value.as_ref());
    let aside = is_aside(file, place, value.as_ref());
    Some(Opened { role, aside, value: value.or(default), by_itself, place })
}

/// A plain listener belongs to gRPC where its file serves nothing else.
fn role_of(program: &Program, file: &File, role: Role, value: Option<&Value>) -> Role {
    let named = value.is_some_and(|value| names(value).iter().any(|word| TLS.contains(&word.as_str())));
    let grpc = value.is_some_and(|value| names(value).iter().any(|word| word == "grpc"));
    let serves = |import: &str| file.header.imports.iter().any(|one| one.path.starts_with(import));
    match role {
        Role::Http if named => Role::Tls,
        Role::Any if grpc || serves("google.golang.org/grpc") && !serves("net/http") => Role::Grpc,
        Role::Any if serves("net/http") || program.imports("net/http") && file.header.package == "main" => {
            Role::Http
        }
        role => role,
    }
}

fn names(value: &Value) -> Vec<String> {
    [&value.flag, &value.variable].into_iter().flatten().flat_map(|name| words(name)).collect()
}

fn is_aside(file: &File, place: Place, value: Option<&Value>) -> bool {
    let mut around = words(file.function_name(place.at));
    around.extend(words(file.path.file_stem().unwrap_or("")));
    if place.package != 0 {
        around.extend(words(file.path.parent().and_then(|dir| dir.file_name()).unwrap_or("")));
    }
    around.extend(value.into_iter().flat_map(names));
    let aside = |word: &String| ASIDE.contains(&word.as_str()) || word.contains("profil");
    around.iter().any(aside) || serves_only_aside(file)
}

/// Every path that a file serves is for metrics and the like.
fn serves_only_aside(file: &File) -> bool {
    let served = file.calls(file.all()).filter(|call| matches!(call.name, "Handle" | "HandleFunc"));
    let mut paths = served.filter_map(|call| file.only_string(call.args.first()?)).peekable();
    let aside = |path: String| words(&path).iter().any(|word| ASIDE.contains(&word.as_str()));
    paths.peek().is_some() && paths.all(aside)
}

/// `http.Server{Addr: ...}` and `srv.Addr = ...`.
fn by_literal(program: &Program, evaluator: &Evaluator<'_>, opener: &Opener) -> Vec<Opened> {
    let Some((kind, field)) = opener.call.strip_suffix('}').and_then(|call| call.split_once('{')) else {
        return Vec::new();
    };
    let fits = |one: &&Definition| {
        let Some(file) = program.file(one.place) else { return false };
        let last = one.context.rsplit('.').next().unwrap_or("");
        let literal = last == kind && file.header.imports.iter().any(|import| import.path == opener.import);
        one.field && (literal || !last.is_empty() && program.is_from(file, last, &opener.import))
    };
    let all = program.definitions.get(field).map(Vec::as_slice).unwrap_or_default();
    all.iter()
        .filter(fits)
        .filter_map(|one| {
            let Given::Expression(span) = &one.given else { return None };
            let file = program.file(one.place)?;
            let value = evaluator.value(one.place, span);
            let role = role_of(program, file, opener.role, value.as_ref());
            let aside = is_aside(file, one.place, value.as_ref());
            Some(Opened { role, aside, value, by_itself: None, place: one.place })
        })
        .collect()
}

/// The main port, where the sources leave no doubt about it.
#[must_use]
pub fn main_port(program: &Program, opened: &[Opened]) -> Option<Port> {
    if opened.is_empty() {
        return None;
    }
    let own = |one: &&Opened| !is_anothers(program, one);
    for role in [Role::Http, Role::Any, Role::Grpc, Role::Tls] {
        for aside in [false, true] {
            let of: Vec<&Opened> =
                opened.iter().filter(|one| one.role == role && one.aside == aside).filter(own).collect();
            // A port aside that only a variable names is opened where somebody sets it.
            if of.is_empty()
                || aside && of.iter().all(|one| port_of(one).is_none_or(|port| port.port.is_none()))
            {
                continue;
            }
            if let Some(port) = one_of(&of) {
                return Some(port);
            }
            if !aside && role != Role::Tls {
                return by_name(program, role);
            }
        }
    }
    None
}

/// What is opened as another file, of another protocol, says.
fn is_anothers(program: &Program, one: &Opened) -> bool {
    let said = one.value.as_ref().filter(|value| value.port().is_some()).map(|value| value.place);
    let elsewhere = said.filter(|at| (at.package, at.file) != (one.place.package, one.place.file));
    elsewhere.and_then(|at| program.file(at)).is_some_and(is_of_others)
}

fn one_of(of: &[&Opened]) -> Option<Port> {
    let told: Vec<(Port, Place)> = of.iter().filter_map(|one| Some((port_of(one)?, one.place))).collect();
    let same = |one: &(Port, Place), other: &(Port, Place)| {
        (one.0.port, &one.0.variable) == (other.0.port, &other.0.variable)
    };
    let (first, _) = told.first()?;
    if told.iter().all(|one| one.0.port == first.port) {
        return told.iter().map(|one| &one.0).max_by_key(|port| port.variable.is_some()).cloned();
    }
    // Several: the one that can be set, or that package main opens.
    let set: Vec<&(Port, Place)> =
        told.iter().filter(|one| one.0.variable.is_some() || one.0.flag.is_some()).collect();
    if let [one, rest @ ..] = set.as_slice()
        && rest.iter().all(|other| same(one, other))
    {
        return Some(one.0.clone());
    }
    let main: Vec<&(Port, Place)> = told.iter().filter(|one| one.1.package == 0).collect();
    match main.as_slice() {
        [one] => Some(one.0.clone()),
        _ => None,
    }
}

fn port_of(opened: &Opened) -> Option<Port> {
    let value = opened.value.as_ref()?;
    let port = value.port();
    if port.is_none() && (value.variable.is_none() || value.whole().is_some()) {
        return None;
    }
    Some(Port {
        port,
        variable: value.variable.clone(),
        flag: value.flag.clone(),
        by_itself: opened.by_itself.clone(),
        loopback: value.is_loopback(),
        host: value.host.clone(),
        place: value.place,
    })
}

/// The port among the settings, by name, where no call's address could be followed.
fn by_name(program: &Program, role: Role) -> Option<Port> {
    let evaluator = Evaluator::new(program);
    let ranked: Vec<(u8, &Setting, Value)> = program
        .settings
        .iter()
        .filter_map(|setting| {
            let rank = rank(program.file(setting.place), setting, role)?;
            let value = evaluator
                .setting(setting)
                .filter(|value| value.port().is_some() && is_own_host(&value.text))
                .filter(|value| !program.file(value.place).is_some_and(is_of_others))?;
            Some((rank, setting, value))
        })
        .collect();
    let best = ranked.iter().map(|one| one.0).min()?;
    let of: Vec<_> = ranked.into_iter().filter(|one| one.0 == best).collect();
    let (_, setting, value) = of.first()?;
    if of.iter().any(|other| other.2.port() != value.port()) {
        return None;
    }
    let variable = value.variable.clone().or_else(|| field_variable(program, &evaluator, setting));
    Some(Port {
        port: value.port(),
        variable,
        flag: value.flag.clone(),
        by_itself: None,
        loopback: value.is_loopback(),
        host: value.host.clone(),
        place: value.place,
    })
}

/// The variable of `parseInt(&c.Server.Port, "APP_PORT")` for the field `Port` of a `Server`.
fn field_variable(program: &Program, evaluator: &Evaluator<'_>, setting: &Setting) -> Option<String> {
    let around: Vec<&str> = setting.context.rsplit('.').take(2).collect();
    let same = |one: &&Definition| {
        let parent = one.context.rsplit('.').next().unwrap_or("");
        one.field
            && matches!(one.given, Given::Variable(_))
            && around.iter().any(|name| name.eq_ignore_ascii_case(parent))
    };
    let found = program.definitions.get(&setting.name)?.iter().find(same)?;
    evaluator.variable(found)
}

fn is_own_host(text: &str) -> bool {
    let host = text.rsplit_once(':').map_or("", |(host, _)| host);
    matches!(host, "" | "0.0.0.0" | "localhost" | "127.0.0.1" | "[::]" | "*" | "::")
        || host.contains(super::value::UNKNOWN)
}

/// Whether a file, or its folder, is named after another server or another protocol.
fn is_of_others(file: &File) -> bool {
    let folder = file.path.parent().and_then(|folder| folder.file_name()).unwrap_or("");
    let mut around = words(file.path.file_stem().unwrap_or(""));
    around.extend(words(folder));
    around.iter().any(|word| OTHERS.contains(&word.as_str()))
}

/// How well a setting's name fits the program's own port; the smaller the better.
fn rank(file: Option<&File>, setting: &Setting, role: Role) -> Option<u8> {
    let name = words(&setting.name);
    let around = words(&setting.context);
    let is = |list: &[&str]| name.iter().chain(&around).any(|word| list.contains(&word.as_str()));
    let of_others = file.is_some_and(is_of_others);
    if of_others || is(&ASIDE) || is(&TLS) || is(&OTHERS) || (role != Role::Grpc && is(&["grpc", "rpc"])) {
        return None;
    }
    let last =
        name.iter().any(|word| matches!(word.as_str(), "port" | "addr" | "address" | "listen" | "bind"));
    let noise = ["port", "addr", "address", "number", "grpc", "rpc", "on", "to"];
    let foreign =
        name.iter().filter(|word| !OWN.contains(&word.as_str()) && !noise.contains(&word.as_str())).count();
    // A variable is often named with the program's own name in front: `WHOAMI_PORT_NUMBER`.
    let allowed = usize::from(setting.source == Source::Variable);
    if !last || foreign > allowed {
        return None;
    }
    let field = u8::from(setting.source == Source::Field) * 2;
    let far = u8::from(name.len() > 1)
        + u8::try_from(foreign).unwrap_or(1)
        + around.len().min(8).try_into().unwrap_or(8);
    Some(field + far)
}
