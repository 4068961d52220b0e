//! Django: its settings module, the application that a server is handed, the static files that are collected at build, the
//! database and the uploads that lie in folders.

use camino::{Utf8Path, Utf8PathBuf};

use super::app::module_name;
use super::code::Code;
use super::value::Value;
use super::work::Work;
use crate::facts::{Evidence, Found, Note, Start};
use crate::source::python::{Expr, Kind};

/// A Django project.
pub(super) struct Django {
    /// The folder of manage.py, relative to the project.
    pub(super) place: Utf8PathBuf,
    pub(super) manage: Utf8PathBuf,
    /// The settings that it starts with by itself, or those of production where that is what they are.
    pub(super) settings: Option<Settings>,
    /// `package.wsgi`.
    pub(super) wsgi: Option<Module>,
    /// `package.asgi:application`.
    pub(super) asgi: Option<Module>,
    /// Settings or packages say that it speaks more than HTTP requests.
    pub(super) prefers_asgi: bool,
}

/// A module with its file.
#[derive(Debug, Clone)]
pub(super) struct Module {
    pub(super) name: String,
    pub(super) file: Utf8PathBuf,
    pub(super) line: u32,
}

/// The settings module.
pub(super) struct Settings {
    pub(super) module: String,
    pub(super) file: Utf8PathBuf,
    /// Not what the program would take by itself: a variable has to say so.
    pub(super) set: Option<Evidence>,
}

/// Words of a settings module that only develops.
const DEVELOPS: [&str; 6] = ["dev", "development", "local", "develop", "debug", "test"];

/// Names of one that is for production, the best first.
const PRODUCTION: [&str; 5] = ["production", "prod", "deploy", "live", "heroku"];

/// Finds the Django project at or just below the folder.
pub(super) fn find(work: &Work) -> Option<Django> {
    let depth = work.root.components().count();
    let mut manages: Vec<&Utf8PathBuf> = work
        .cx
        .repo
        .under(&work.root)
        .filter(|file| file.file_name() == Some("manage.py") && file.components().count() <= depth + 3)
        .filter(|file| {
            !super::work::is_apart(
                work.cx,
                file.parent().and_then(|dir| dir.strip_prefix(&work.root).ok()).unwrap_or(file),
            )
        })
        .filter(|file| work.cx.repo.source(file).is_some_and(|text| text.contains("DJANGO_SETTINGS_MODULE")))
        .collect();
    manages.sort_by_key(|file| file.components().count());
    let manage = (*manages.first()?).clone();
    let folder = manage.parent()?.to_owned();
    let place = folder.strip_prefix(&work.root).ok()?.to_owned();
    let code = Code::new(work.cx, vec![folder.clone()]);
    let own = default_settings(&code, &manage);
    let wsgi = entry(work, &folder, "wsgi", own.as_ref().map(|(name, _)| name.as_str()));
    let asgi = entry(work, &folder, "asgi", own.as_ref().map(|(name, _)| name.as_str()));
    let started = wsgi.as_ref().or(asgi.as_ref()).and_then(|module| default_settings(&code, &module.file));
    let settings = settings(work, &code, &folder, started.or(own));
    let prefers_asgi = prefers_asgi(work, &code, settings.as_ref());
    Some(Django { place, manage, settings, wsgi, asgi, prefers_asgi })
}

/// The default of `DJANGO_SETTINGS_MODULE` in a file.
fn default_settings(code: &Code, path: &Utf8Path) -> Option<(String, u32)> {
    let file = code.file(path)?;
    let found = file.calls().into_iter().find_map(|call| {
        let named = call.argument("key", 0).and_then(Expr::text) == Some("DJANGO_SETTINGS_MODULE");
        let Expr::Call { line, .. } = call else { return None };
        let value = call.argument("value", 1).filter(|_| named)?;
        Some((code.value(path, value).text()?.to_owned(), *line))
    });
    found.or_else(|| {
        file.statements.iter().find_map(|statement| match &statement.kind {
            Kind::Assign { targets, value: Some(value), .. } => {
                let named = targets.iter().any(|target| match target {
                    Expr::Index(_, key, _) => key.text() == Some("DJANGO_SETTINGS_MODULE"),
                    _ => false,
                });
                named.then(|| value.text().map(|text| (text.to_owned(), statement.line)))?
            }
            _ => None,
        })
    })
}

/// The module wsgi or asgi beside the settings, else the nearest.
fn entry(work: &Work, folder: &Utf8Path, name: &str, settings: Option<&str>) -> Option<Module> {
    let beside = settings.map(|module| {
        let package = module.rsplit_once('.').map_or("", |(package, _)| package);
        folder.join(package.replace('.', "/"))
    });
    let places = beside.iter().flat_map(|one| one.ancestors().take_while(|one| one.starts_with(folder)));
    let tails = [format!("{name}.py"), format!("{name}/__init__.py")];
    let near = places
        .flat_map(|place| tails.iter().map(move |tail| place.join(tail)))
        .find(|file| work.cx.repo.has(file));
    let file = near.or_else(|| {
        let mut all: Vec<&Utf8PathBuf> = work
            .cx
            .repo
            .under(folder)
            .filter(|file| tails.iter().any(|tail| file.ends_with(tail)))
            .filter(|file| work.cx.repo.source(file).is_some_and(|text| text.contains("application =")))
            .collect();
        all.retain(|file| !super::work::is_apart(work.cx, file.strip_prefix(folder).unwrap_or(file)));
        all.sort_by_key(|file| file.components().count());
        all.first().map(|file| (*file).clone())
    })?;
    let text = work.cx.repo.source(&file)?;
    let line = crate::manifest::line_of(&text, "application =").unwrap_or(1);
    Some(Module { name: module_name(folder, &file), file, line })
}

/// The settings that start by themselves; where these are for development and others for production lie beside them, those.
fn settings(work: &Work, code: &Code, folder: &Utf8Path, started: Option<(String, u32)>) -> Option<Settings> {
    let (module, _) = started?;
    let (package, last) = module.rsplit_once('.').unwrap_or(("", module.as_str()));
    let file = code.module(&module)?;
    let dir = folder.join(package.replace('.', "/"));
    let is_package = file.file_name() == Some("__init__.py");
    let (dir, package) =
        if is_package { (file.parent()?.to_owned(), module.as_str()) } else { (dir, package) };
    let develops = DEVELOPS.iter().any(|word| last.split('_').any(|part| part == *word));
    let plain = is_package && work.cx.repo.source(&file).is_some_and(|text| text.trim().is_empty());
    if develops || plain {
        let found = PRODUCTION.iter().find_map(|name| {
            let plain = dir.join(format!("{name}.py"));
            let tail = dir.join(format!("settings_{name}.py"));
            [(plain, (*name).to_owned()), (tail, format!("settings_{name}"))]
                .into_iter()
                .find(|(path, _)| work.cx.repo.has(path))
        });
        if let Some((path, name)) = found {
            let module = if package.is_empty() { name } else { format!("{package}.{name}") };
            let says = format!("{} is for production", path.strip_prefix(&work.root).unwrap_or(&path));
            return Some(Settings { module, set: Some(Evidence::file(&path, says)), file: path });
        }
    }
    Some(Settings { module, file, set: None })
}

fn prefers_asgi(work: &Work, code: &Code, settings: Option<&Settings>) -> bool {
    let Some(settings) = settings else { return false };
    let asked = chain(code, &settings.file)
        .iter()
        .any(|path| code.file(path).is_some_and(|file| assigned(&file, "ASGI_APPLICATION").is_some()));
    asked
        && (work.has("channels").is_some() || work.has("daphne").is_some())
        && work.has("gunicorn").is_none()
        || asked && work.has("channels").is_some()
}

/// The settings and the files that they take everything from.
pub(super) fn chain(code: &Code, path: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut all = vec![path.to_owned()];
    let mut at = 0;
    while let Some(path) = all.get(at).cloned() {
        at += 1;
        let Some(file) = code.file(&path).filter(|_| all.len() < 20) else { continue };
        for (import, _) in file.imports() {
            if import.names.iter().any(|(name, _)| name == "*")
                && let Some(found) = code.imported(&path, import, None)
                && !all.contains(&found)
            {
                all.push(found);
            }
        }
    }
    all
}

/// The value that a file gives a setting at its own level, and its line.
fn assigned<'f>(file: &'f crate::source::python::File, name: &str) -> Option<(&'f Expr, u32)> {
    let found = file
        .top()
        .filter_map(|(_, one)| Some((one.assigned()?, one.line)))
        .find(|((own, _), _)| *own == name);
    found.map(|((_, value), line)| (value, line))
}

/// What a setting comes to, and where it stands.
fn setting(code: &Code, chain: &[Utf8PathBuf], name: &str) -> Option<(Value, Evidence)> {
    chain.iter().find_map(|path| {
        let file = code.file(path)?;
        let (value, line) = assigned(&file, name)?;
        Some((code.value(path, value), Evidence::line(path, line, format!("{name} of {path}"))))
    })
}

/// What the settings say of an image: static files, the database's file, uploads.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) build: Vec<Found<Start>>,
    /// The files that collecting makes, relative to the repository.
    pub(super) static_root: Option<Utf8PathBuf>,
    pub(super) writes: Vec<Found<Utf8PathBuf>>,
    pub(super) notes: Vec<Note>,
}

/// Reads the settings.
pub(super) fn said(work: &Work, code: &Code, django: &Django) -> Said {
    let mut said = Said::default();
    let Some(settings) = &django.settings else { return said };
    let chain = chain(code, &settings.file);
    collect(work, code, settings, &chain, &mut said);
    if let Some((Value::Path(path), because)) = setting(code, &chain, "MEDIA_ROOT") {
        said.writes.push(Found::new(path, because));
    }
    database(code, &chain, &mut said);
    said
}

/// Files are collected where something in the image serves them: `WhiteNoise`.
fn collect(work: &Work, code: &Code, settings: &Settings, chain: &[Utf8PathBuf], said: &mut Said) {
    let Some((root, because)) = setting(code, chain, "STATIC_ROOT") else { return };
    let served = work.has("whitenoise").is_some()
        || chain.iter().any(|path| work.cx.repo.source(path).is_some_and(|text| text.contains("whitenoise")));
    if !served {
        said.notes.push(Note {
            code: "static-files".to_owned(),
            text: "nothing in the image serves Django's static files: add WhiteNoise, or let a web server serve what `collectstatic` gathers".to_owned(),
            because: vec![because],
        });
        return;
    }
    if let Value::Path(path) = &root {
        said.static_root = Some(path.clone());
    }
    let mut env: Vec<(String, String)> = Vec::new();
    if settings.set.is_some() {
        env.push(("DJANGO_SETTINGS_MODULE".to_owned(), settings.module.clone()));
    }
    for path in chain {
        for (name, _, number) in code.required(path) {
            if !env.iter().any(|(known, _)| *known == name) {
                let value = stand_in(&name, number);
                env.push((name, value));
            }
        }
    }
    let argv = ["python", "manage.py", "collectstatic", "--noinput"].map(str::to_owned).to_vec();
    let because = Evidence {
        says: format!(
            "WhiteNoise serves what Django collects in STATIC_ROOT of {}",
            because.file.as_deref().unwrap_or(&settings.file)
        ),
        ..because
    };
    let compress = compressed(work, code, chain, &env);
    said.build = [Some(Found::new(Start { argv, env, shell: None }, because)), compress]
        .into_iter()
        .flatten()
        .collect();
}

/// django-compressor refuses to make in a request what it was told to make before.
fn compressed(
    work: &Work,
    code: &Code,
    chain: &[Utf8PathBuf],
    env: &[(String, String)],
) -> Option<Found<Start>> {
    work.has("django-compressor")?;
    let (path, line) = chain.iter().find_map(|path| {
        let file = code.file(path)?;
        let (value, line) = assigned(&file, "COMPRESS_OFFLINE")?;
        matches!(value, Expr::Name(name) if name == "True").then(|| (path.clone(), line))
    })?;
    let argv = ["python", "manage.py", "compress"].map(str::to_owned).to_vec();
    let because = Evidence::line(&path, line, format!("COMPRESS_OFFLINE of {path}"));
    Some(Found::new(Start { argv, env: env.to_vec(), shell: None }, because))
}

/// A value that lets settings be read where the real one is a secret: no connection is made.
fn stand_in(name: &str, number: bool) -> String {
    let upper = name.to_ascii_uppercase();
    if number || upper.ends_with("PORT") {
        "1".to_owned()
    } else if upper.contains("DATABASE_URL") || upper.ends_with("DB_URL") {
        "sqlite:///:memory:".to_owned()
    } else if upper.contains("REDIS") && upper.contains("URL") || upper.contains("BROKER") {
        "redis://localhost".to_owned()
    } else if upper.ends_with("URL") || upper.ends_with("URI") {
        "http://localhost".to_owned()
    } else if upper.contains("DEBUG") {
        "False".to_owned()
    } else {
        "none".to_owned()
    }
}

/// A SQLite file that no variable can move.
fn database(code: &Code, chain: &[Utf8PathBuf], said: &mut Said) {
    let elsewhere = chain.iter().any(|path| {
        code.file(path).is_some_and(|file| {
            file.calls().into_iter().any(|call| {
                let name = call.call().map(|(name, ..)| name).unwrap_or_default();
                name.ends_with("dj_database_url.config")
                    || name.ends_with("dj_database_url.parse")
                    || name.split('.').next_back() == Some("db")
                    || name.ends_with("db_url")
            })
        })
    });
    if elsewhere {
        return;
    }
    for path in chain {
        let Some(file) = code.file(path) else { continue };
        let Some((value, line)) = assigned(&file, "DATABASES") else { continue };
        let mut name = None;
        let mut sqlite = false;
        value.walk(&mut |inner| {
            if let Expr::Dict(pairs) = inner {
                for (key, value) in pairs {
                    match key.text() {
                        Some("ENGINE") => {
                            sqlite |=
                                code.value(path, value).text().is_some_and(|text| text.contains("sqlite3"));
                        }
                        Some("NAME") => name = name.take().or_else(|| Some(code.value(path, value))),
                        _ => {}
                    }
                }
            }
        });
        if sqlite && let Some(Value::Path(file)) = name {
            let because = Evidence::line(path, line, format!("DATABASES of {path}"));
            said.notes.push(Note {
                code: "migrations".to_owned(),
                text: "the database is a file in the volume: `python manage.py migrate` in the image makes its tables".to_owned(),
                because: vec![because.clone()],
            });
            said.writes.push(Found::new(file, because));
        }
        return;
    }
}
