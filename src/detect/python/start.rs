//! How the program starts: what the project's own files say, else what its framework asks for, else its script.

use camino::{Utf8Path, Utf8PathBuf};

use super::app::{self, App};
use super::code::Code;
use super::command;
use super::django::Django;
use super::script;
use super::work::Work;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Evidence, Found, Kind, Listen};
use crate::knowledge::{Framework, Server};

/// A start.
#[derive(Debug, Clone, Default)]
pub(super) struct Begin<'a> {
    pub(super) argv: Vec<String>,
    pub(super) env: Vec<(String, String)>,
    /// It takes a shell: kept as it is.
    pub(super) shell: Option<String>,
    /// The folder that it runs in, relative to the project.
    pub(super) place: Utf8PathBuf,
    pub(super) because: Vec<Evidence>,
    pub(super) server: Option<&'a Server>,
    pub(super) framework: Option<(&'a Framework, Evidence)>,
    /// The files that it begins with, relative to the repository.
    pub(super) entries: Vec<Utf8PathBuf>,
    pub(super) listen: Option<Found<Listen>>,
    pub(super) kind: Option<Kind>,
    /// It ends on SIGTERM by itself.
    pub(super) handles_sigterm: bool,
    /// Requirements that the image adds.
    pub(super) adds: Vec<Found<String>>,
    /// A console script of the project's own: it has to be installed.
    pub(super) own_script: bool,
    /// Told where it starts with something that only develops, or cannot be reached.
    pub(super) notes: Vec<(String, String)>,
}

/// What the ways of starting look at.
pub(super) struct Looking<'w, 'a> {
    pub(super) work: &'w Work<'a>,
    pub(super) code: &'w Code<'a>,
    pub(super) django: Option<&'w Django>,
}

/// Finds the start.
///
/// # Errors
/// A Procfile is broken, or the script that was asked for is not there.
pub(super) fn find<'a>(looking: &Looking<'_, 'a>) -> Result<Option<Begin<'a>>> {
    if let Some(bin) = &looking.work.cx.answers.bin {
        return by_answer(looking, bin).map(Some);
    }
    if let Some(start) = &looking.work.cx.answers.start {
        let because = Evidence::told(format!("`--start \"{start}\"`"));
        return Ok(command::read(looking, start, &[because]));
    }
    if let Some(begin) = command::deployed(looking)? {
        return Ok(Some(begin));
    }
    Ok(by_code(looking)
        .or_else(|| command::scripts_of_pipfile(looking))
        .or_else(|| script::console(looking))
        .or_else(|| script::file(looking))
        .or_else(|| worker(looking)))
}

/// The start that the framework asks for.
pub(super) fn by_code<'a>(looking: &Looking<'_, 'a>) -> Option<Begin<'a>> {
    entrypoint(looking)
        .or_else(|| looking.django.and_then(|django| of_django(looking, django)))
        .or_else(|| of_app(looking).filter(|begin| !is_weak(looking, begin)))
        .or_else(|| script::by_framework(looking))
}

/// An application in a module that is no program's usual one, beside a script of the project's own: the script prepares it.
fn is_weak(looking: &Looking, begin: &Begin) -> bool {
    let work = looking.work;
    let Some(file) = begin.entries.first() else { return false };
    let stem = file.file_stem().unwrap_or_default();
    let usual = work.cx.knowledge.of("python").entries.iter().any(|entry| entry == stem);
    let plain = usual || stem == "__init__" || file.parent() == Some(&work.root);
    !plain && !script::names(work).is_empty()
}

/// The same on another port, which a command names.
pub(super) fn on_port<'a>(mut begin: Begin<'a>, port: u16, because: &Evidence) -> Begin<'a> {
    let Some(listen) = &mut begin.listen else { return begin };
    let old = listen.value.port.to_string();
    for word in &mut begin.argv {
        if *word == old {
            *word = port.to_string();
        } else if let Some(address) = word.strip_suffix(&format!(":{old}")) {
            *word = format!("{address}:{port}");
        }
    }
    listen.value.port = port;
    listen.because.insert(0, because.clone());
    begin
}

/// `--bin` names a console script, a module or a file.
fn by_answer<'a>(looking: &Looking<'_, 'a>, bin: &str) -> Result<Begin<'a>> {
    let because = Evidence::told(format!("`--bin {bin}`"));
    if let Some(begin) = script::named(looking, bin, &because) {
        return Ok(begin);
    }
    let names = script::names(looking.work);
    let mut error = Error::new(
        ErrorKind::Usage,
        format!("`--bin {bin}`: the project has no such script, module or file"),
    );
    for name in names {
        error = error.help(format!("`--bin {}` is one", crate::text::shell_word(&name)));
    }
    Err(error.help("a module is named like `package.module`, a file like `main.py`"))
}

/// `tool.fastapi.entrypoint` names the application.
fn entrypoint<'a>(looking: &Looking<'_, 'a>) -> Option<Begin<'a>> {
    let work = looking.work;
    let manifest = work.pyproject.as_ref()?;
    let target = manifest.value.fastapi.clone()?;
    let framework = work.cx.knowledge.of("python").frameworks.iter().find(|row| row.id == "fastapi")?;
    let module = target.split(':').next().unwrap_or_default();
    let because = manifest.at("entrypoint", "entrypoint of [tool.fastapi] in pyproject.toml");
    let file = looking.code.module(module).unwrap_or_else(|| work.root.clone());
    let app = App { file, place: Utf8PathBuf::new(), target, factory: false, framework, because };
    Some(serve(looking, &app))
}

fn of_django<'a>(looking: &Looking<'_, 'a>, django: &Django) -> Option<Begin<'a>> {
    let work = looking.work;
    let framework = work.cx.knowledge.of("python").frameworks.iter().find(|row| row.id == "django")?;
    let wsgi = django.wsgi.as_ref().filter(|_| !django.prefers_asgi);
    let has_wsgi = installed(work, "wsgi").is_some();
    let asgi =
        django.asgi.as_ref().filter(|_| wsgi.is_none() || !has_wsgi && installed(work, "asgi").is_some());
    let (module, serves) = match (asgi, wsgi) {
        (Some(module), _) => (module, "asgi"),
        (None, Some(module)) => (module, "wsgi"),
        (None, None) => return None,
    };
    let shown = module.file.strip_prefix(&work.root).unwrap_or(&module.file);
    let because = Evidence::line(&module.file, module.line, format!("the Django application of {shown}"));
    let target = format!("{}:application", module.name);
    let choice = server_for(work, serves);
    let app = App {
        file: module.file.clone(),
        place: django.place.clone(),
        target,
        factory: false,
        framework,
        because,
    };
    let mut begin = served(looking, &app, choice);
    if let Some(settings) = &django.settings {
        begin.entries.push(settings.file.clone());
    }
    begin.entries.push(django.manage.clone());
    Some(begin)
}

fn of_app<'a>(looking: &Looking<'_, 'a>) -> Option<Begin<'a>> {
    let app = app::find(looking.work, looking.code, |row| row.serves.is_some())?;
    script::starts_itself(looking, &app).or_else(|| Some(serve(looking, &app)))
}

/// A queue's worker, where nothing serves.
fn worker<'a>(looking: &Looking<'_, 'a>) -> Option<Begin<'a>> {
    let app = app::find(looking.work, looking.code, |row| row.worker)?;
    let server =
        looking.work.cx.knowledge.of("python").servers.iter().find(|server| server.id == app.framework.id);
    let module = app.target.split(':').next().unwrap_or_default();
    let words = app.framework.start.iter();
    let argv = words.map(|word| word.replace("{app}", &app.target).replace("{module}", module)).collect();
    Some(Begin {
        argv,
        place: app.place.clone(),
        because: vec![app.because.clone()],
        server,
        framework: Some((app.framework, app.because.clone())),
        entries: vec![app.file.clone()],
        kind: Some(Kind::Worker),
        handles_sigterm: app.framework.handles_sigterm,
        ..Begin::default()
    })
}

/// The server of an interface that the project has itself.
fn installed<'a>(work: &Work<'a>, serves: &str) -> Option<&'a Server> {
    let speaks = |server: &&'a Server| server.serves.iter().any(|one| one == serves);
    let table = work.cx.knowledge.of("python");
    table.servers.iter().filter(speaks).find(|server| work.has(&server.package).is_some())
}

/// The server that runs an interface: the project's own, else the best of the table, which the image adds.
pub(super) fn server_for<'a>(work: &Work<'a>, serves: &str) -> (Option<&'a Server>, bool) {
    if let Some(own) = installed(work, serves) {
        return (Some(own), false);
    }
    let best = work
        .cx
        .knowledge
        .of("python")
        .servers
        .iter()
        .find(|server| server.requirement.is_some() && server.serves.iter().any(|one| one == serves));
    (best, true)
}

/// An application and the server for its interface.
fn serve<'a>(looking: &Looking<'_, 'a>, app: &App<'a>) -> Begin<'a> {
    let serves = app.framework.serves.as_deref().unwrap_or("wsgi");
    served(looking, app, server_for(looking.work, serves))
}

fn served<'a>(
    looking: &Looking<'_, 'a>,
    app: &App<'a>,
    (server, added): (Option<&'a Server>, bool),
) -> Begin<'a> {
    let mut begin = Begin {
        place: app.place.clone(),
        because: vec![app.because.clone()],
        server,
        framework: Some((app.framework, app.because.clone())),
        entries: vec![app.file.clone()],
        kind: Some(Kind::Web),
        ..Begin::default()
    };
    let Some(server) = server else { return begin };
    if added && let Some(requirement) = &server.requirement {
        let says = format!("{} is no server for production: {} is added", framework_name(app), server.id);
        begin.adds.push(Found::new(requirement.clone(), Evidence::told(says)));
        begin.notes.push((
            "no-server".to_owned(),
            format!("the project has no server for production: the image installs {}; put `{requirement}` into the requirements", server.id),
        ));
    }
    begin.handles_sigterm = server.handles_sigterm;
    begin.env = server.env.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let config = super::port::own_config(looking, &app.place, server);
    let told: Vec<String> = server.config_flags.first().cloned().into_iter().chain(config).collect();
    let told = if told.len() == 2 { told } else { Vec::new() };
    let listen = super::port::of_app(looking, app, server, &told);
    begin.argv = words(app, server, listen.value.port, &told);
    if listen.value.variable.is_some() && listen.value.must_set && server.port_variable.is_none() {
        // The server takes no variable: the port stands in its command.
        begin.listen = Some(listen.map(|listen| Listen { variable: None, must_set: false, ..listen }));
    } else {
        begin.listen = Some(listen);
    }
    begin
}

fn framework_name<'a>(app: &App<'a>) -> &'a str {
    if app.framework.id == "django" { "Django's runserver" } else { app.framework.name.as_str() }
}

/// The server's command for an application.
fn words(app: &App, server: &Server, port: u16, told: &[String]) -> Vec<String> {
    let put = |word: &String| word.replace("{port}", &port.to_string());
    let mut argv = vec![server.id.clone()];
    argv.extend(told.iter().cloned());
    argv.extend(server.before.iter().map(put));
    if app.factory {
        argv.extend(server.factory.iter().map(|word| word.replace("{app}", &app.target)));
    } else {
        // The usual name needs no word: `gunicorn site.wsgi`.
        let plain = app.target.strip_suffix(":application").filter(|_| server.id == "gunicorn");
        argv.push(plain.unwrap_or(&app.target).to_owned());
    }
    argv.extend(server.after.iter().map(put));
    argv
}

/// A file relative to the project as messages name it.
pub(super) fn shown(work: &Work, path: &Utf8Path) -> String {
    path.strip_prefix(&work.root).unwrap_or(path).to_string()
}
