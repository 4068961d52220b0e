//! A program that Python runs by itself: a console script, a module, a file; and what such a program listens on.

use camino::{Utf8Path, Utf8PathBuf};

use super::app;
use super::port::{self, Opened, Opening};
use super::start::{Begin, Looking, shown};
use super::work::Work;
use crate::detect::join_inside;
use crate::facts::{Evidence, Found, Kind, Listen};
use crate::knowledge::Framework;
use crate::source::python::{Expr, File, Kind as Statement};

/// The console scripts of the project: name, function, where it stands.
fn scripts(work: &Work) -> Vec<(String, String, Evidence)> {
    let mut all = Vec::new();
    if let Some(manifest) = &work.pyproject {
        for (name, function) in &manifest.value.scripts {
            all.push((
                name.clone(),
                function.clone(),
                manifest.at(&format!("{name} ="), format!("the script {name} of pyproject.toml")),
            ));
        }
    }
    if let Some(setup) = &work.setup {
        let file = setup.path.file_name().unwrap_or_default();
        for line in &setup.value.scripts {
            let Some((name, function)) = line.split_once('=') else { continue };
            let says = format!("the console script {} of {file}", name.trim());
            all.push((name.trim().to_owned(), function.trim().to_owned(), setup.at(line, says)));
        }
    }
    all
}

/// Their names.
pub(super) fn names(work: &Work) -> Vec<String> {
    scripts(work).into_iter().map(|(name, ..)| name).collect()
}

/// The console script that is the program: the only one, or the one that is named like the project.
pub(super) fn console<'a>(looking: &Looking<'_, 'a>) -> Option<Begin<'a>> {
    let work = looking.work;
    if is_framework(work) {
        return None;
    }
    let all = scripts(work);
    let own = work
        .pyproject
        .as_ref()
        .and_then(|one| one.value.name.clone())
        .or_else(|| work.setup.as_ref()?.value.name.clone());
    let own = own.map(|name| crate::manifest::python::normal(&name));
    let named = all.iter().find(|(name, ..)| Some(crate::manifest::python::normal(name)) == own);
    let serves = all
        .iter()
        .find(|(name, ..)| ["serve", "server", "start", "web", "main", "run"].contains(&name.as_str()));
    let chosen = match all.as_slice() {
        [only] => Some(only),
        _ => named.or(serves).or(all.first().filter(|_| all.len() > 1)),
    }?;
    let begin = script(looking, &chosen.0, &chosen.1, &chosen.2);
    let own = own.filter(|_| named.is_none());
    own.and_then(|own| served_by_module(looking, &own, &begin)).or(Some(begin))
}

/// The package itself is the server, and its scripts are clients: `python -m package` listens or goes on.
fn served_by_module<'a>(looking: &Looking<'_, 'a>, project: &str, script: &Begin) -> Option<Begin<'a>> {
    let package = project.replace('-', "_");
    let file = looking.code.module(&format!("{package}.__main__"))?;
    if script.entries.contains(&file) {
        return None;
    }
    let because = Evidence::file(&file, format!("{} is the program", shown(looking.work, &file)));
    of_file(looking, &file, because).filter(|begin| begin.kind != Some(Kind::Cli))
}

/// A framework that others build on: its script develops their programs.
fn is_framework(work: &Work) -> bool {
    let known = &work.cx.knowledge.of("python").framework_classifiers;
    let classifiers = work.pyproject.iter().flat_map(|one| &one.value.classifiers);
    classifiers.into_iter().any(|one| known.contains(one))
}

fn script<'a>(looking: &Looking<'_, 'a>, name: &str, function: &str, because: &Evidence) -> Begin<'a> {
    let module = function.split(':').next().unwrap_or_default();
    let mut begin = Begin {
        argv: vec![name.to_owned()],
        because: vec![because.clone()],
        entries: looking.code.module(module).into_iter().collect(),
        own_script: true,
        ..Begin::default()
    };
    complete(looking, &mut begin);
    begin
}

/// `--bin`: a console script, a module, a file.
pub(super) fn named<'a>(looking: &Looking<'_, 'a>, bin: &str, because: &Evidence) -> Option<Begin<'a>> {
    let work = looking.work;
    if let Some((name, function, at)) = scripts(work).into_iter().find(|(name, ..)| name == bin) {
        let mut begin = script(looking, &name, &function, &at);
        begin.because.insert(0, because.clone());
        return Some(begin);
    }
    let file =
        join_inside(&work.root, bin).filter(|file| work.cx.repo.has(file) && file.extension() == Some("py"));
    if let Some(file) = file {
        let mut begin = of_file(looking, &file, because.clone())?;
        begin.because.insert(0, because.clone());
        return Some(begin);
    }
    let module = looking.code.module(&format!("{bin}.__main__")).or_else(|| looking.code.module(bin))?;
    let mut begin = Begin {
        argv: ["python", "-m", bin].map(str::to_owned).to_vec(),
        because: vec![because.clone()],
        entries: vec![module],
        ..Begin::default()
    };
    complete(looking, &mut begin);
    Some(begin)
}

/// A framework that runs a file of the project: Streamlit, Chainlit, Gradio.
pub(super) fn by_framework<'a>(looking: &Looking<'_, 'a>) -> Option<Begin<'a>> {
    let work = looking.work;
    let rows = &work.cx.knowledge.of("python").frameworks;
    let row = rows.iter().find(|row| {
        row.start.iter().any(|word| word == "{file}")
            && row.when.iter().any(|name| work.packages.get(name).is_some_and(|one| one.direct))
    })?;
    let file = file_of(looking, row)?;
    let relative = file.strip_prefix(&work.root).unwrap_or(&file).to_string();
    let line = looking.code.file(&file).and_then(|parsed| import_line(&parsed, row)).unwrap_or(1);
    let because = Evidence::line(&file, line, format!("{relative} is written for {}", row.name));
    let argv: Vec<String> = row.start.iter().map(|word| word.replace("{file}", &relative)).collect();
    let server =
        work.cx.knowledge.of("python").servers.iter().find(|server| argv.first() == Some(&server.id));
    let mut begin = Begin {
        argv,
        because: vec![because.clone()],
        server,
        framework: Some((row, because.clone())),
        entries: vec![file],
        kind: Some(Kind::Web),
        handles_sigterm: server.is_some_and(|server| server.handles_sigterm),
        ..Begin::default()
    };
    begin.env = server
        .iter()
        .flat_map(|server| &server.env)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let port = configured(looking)
        .or_else(|| Some((row.port?, Evidence { says: format!("{}'s own port", row.name), ..because })))?;
    begin.listen = Some(Found::new(Listen { port: port.0, variable: None, must_set: false }, port.1));
    Some(begin)
}

/// `server.port` of Streamlit's own settings.
fn configured(looking: &Looking) -> Option<(u16, Evidence)> {
    let path = looking.work.root.join(".streamlit/config.toml");
    let text = looking.work.cx.repo.source(&path)?;
    let table: toml::Table = toml::from_str(&text).ok()?;
    let port = u16::try_from(table.get("server")?.get("port")?.as_integer()?).ok()?;
    let line = crate::manifest::line_of(&text, "port");
    Some((
        port,
        Evidence { says: "server.port of .streamlit/config.toml".to_owned(), file: Some(path), line },
    ))
}

/// The file that a framework is to run: one that imports it, with the name that such a file has most often.
fn file_of(looking: &Looking, row: &Framework) -> Option<Utf8PathBuf> {
    let work = looking.work;
    let imports = |path: &&Utf8PathBuf| {
        let text = work.cx.repo.source(path);
        text.is_some_and(|text| row.modules.iter().any(|module| text.contains(module.as_str())))
            && looking.code.file(path).is_some_and(|file| import_line(&file, row).is_some())
    };
    let files = app::sources(work);
    let pages = |path: &&Utf8PathBuf| !path.components().any(|part| part.as_str() == "pages");
    let mut candidates: Vec<&Utf8PathBuf> = files.iter().filter(pages).filter(imports).collect();
    let told = readme_names(work, row);
    let entries = &work.cx.knowledge.of("python").entries;
    let beside_pages =
        |path: &Utf8Path| path.parent().is_some_and(|folder| work.cx.repo.has_dir(folder.join("pages")));
    candidates.sort_by_key(|path| {
        let relative = shown(work, path);
        let stem = path.file_stem().unwrap_or_default();
        let known = entries.iter().position(|entry| entry == stem).unwrap_or(99);
        (!told.contains(&relative), !beside_pages(path), path.components().count(), known, relative)
    });
    candidates.first().map(|path| (*path).clone())
}

/// The files that a README or a workflow says are run: `streamlit run Chatbot.py`.
fn readme_names(work: &Work, row: &Framework) -> Vec<String> {
    let (files, _) = work.cx.repo.list(&work.root);
    let readmes = files.iter().filter(|name| name.to_ascii_lowercase().starts_with("readme"));
    let words: Vec<&str> =
        row.start.iter().take_while(|word| *word != "{file}").map(String::as_str).collect();
    let before = format!("{} ", words.join(" "));
    let mut found = Vec::new();
    for name in readmes {
        let Some(text) = work.cx.repo.source(&work.root.join(name)) else { continue };
        for line in text.lines() {
            let rest = line.find(&before).and_then(|at| line.get(at + before.len()..));
            let named = rest.and_then(|rest| rest.split(['`', ' ', '"', '\'']).next());
            found.extend(named.map(|name| name.trim_start_matches("./").to_owned()));
        }
    }
    found
}

fn import_line(file: &File, row: &Framework) -> Option<u32> {
    let named = |module: &str| {
        row.modules.iter().any(|own| module == own || module.split('.').next() == Some(own.as_str()))
    };
    file.imports().find(|(import, _)| named(&import.module)).map(|(_, line)| line)
}

/// A file with a program in it: by its name, by its guard, or because it is the only one.
pub(super) fn file<'a>(looking: &Looking<'_, 'a>) -> Option<Begin<'a>> {
    let work = looking.work;
    let files = app::sources(work);
    let entries = &work.cx.knowledge.of("python").entries;
    let guarded = |path: &&Utf8PathBuf| looking.code.file(path).is_some_and(|file| file.main().is_some());
    let runs = |path: &&Utf8PathBuf| looking.code.file(path).is_some_and(|file| does_something(&file));
    let place =
        |path: &Utf8PathBuf| entries.iter().position(|entry| Some(entry.as_str()) == path.file_stem());
    let near = |path: &&Utf8PathBuf| path.components().count() <= work.root.components().count() + 2;
    // It wants a sub-command, and most of them develop or administer.
    let commands = |path: &Utf8PathBuf| {
        work.cx.knowledge.of("python").commands.iter().any(|name| Some(name.as_str()) == path.file_name())
            && port::opened(work, looking.code, std::slice::from_ref(path)).is_empty()
    };
    let files: Vec<Utf8PathBuf> = files.into_iter().filter(|path| !commands(path)).collect();
    let mut named: Vec<&Utf8PathBuf> = files
        .iter()
        .filter(|path| place(path).is_some())
        .filter(near)
        .filter(|path| guarded(path) || runs(path))
        .collect();
    named.sort_by_key(|path| (path.components().count(), !guarded(path), place(path)));
    let listening = || {
        let mut servers = files
            .iter()
            .filter(near)
            .filter(|path| !port::opened(work, looking.code, std::slice::from_ref(path)).is_empty());
        servers.next()
    };
    let only = || {
        let mut all = files
            .iter()
            .filter(|path| path.parent() == Some(&work.root))
            .filter(|path| guarded(path) || runs(path));
        match (all.next(), all.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    };
    let library = is_library(work);
    let main = named.iter().find(|path| path.file_name() == Some("__main__.py"));
    let chosen =
        if library { main.copied() } else { named.first().copied().or_else(listening).or_else(only) }?;
    let line = looking
        .code
        .file(chosen)
        .and_then(|file| file.main().and_then(|at| file.statements.get(at)).map(|one| one.line))
        .unwrap_or(1);
    of_file(looking, chosen, Evidence::line(chosen, line, format!("{} is the program", shown(work, chosen))))
}

/// A package that is built to be imported by others: its `main.py` is no program of its own.
fn is_library(work: &Work) -> bool {
    let builds = work
        .pyproject
        .as_ref()
        .is_some_and(|one| one.value.backend.is_some() && one.value.is_project && !one.value.no_package);
    (builds || work.setup.is_some()) && work.tool.lock.is_none() && work.tool.requirements.is_empty()
}

/// At its own level, it calls something that is not only about names and types.
fn does_something(file: &File) -> bool {
    file.top().any(|(_, statement)| match &statement.kind {
        Statement::Evaluate(expression) => matches!(expression, Expr::Call { .. }),
        Statement::Block(conditions) => matches!(conditions.as_slice(), [Expr::Name(name)] if name == "True"),
        _ => false,
    })
}

/// The application's own file, where its guard hands it to a server for production: `run(app, server=Waitress)`.
pub(super) fn starts_itself<'a>(looking: &Looking<'_, 'a>, app: &app::App<'a>) -> Option<Begin<'a>> {
    let file = looking.code.file(&app.file)?;
    let main = file.main()?;
    let handed = |call: &Expr| {
        app.framework.listens.iter().any(|row| {
            let server = row.server.as_ref().and_then(|keyword| call.keyword(keyword));
            // One that is named by its text can be handed the application without the file.
            call.called() == Some(&row.call) && server.is_some_and(|server| server.text().is_none())
        })
    };
    let mut found = None;
    for (_, statement) in file.body(main) {
        for expression in statement.expressions() {
            expression.walk(&mut |inner| found = found.or(Some(statement.line).filter(|_| handed(inner))));
        }
    }
    let says = format!("{} starts its own server", shown(looking.work, &app.file));
    of_file(looking, &app.file, Evidence::line(&app.file, found?, says))
}

fn of_file<'a>(looking: &Looking<'_, 'a>, path: &Utf8Path, because: Evidence) -> Option<Begin<'a>> {
    let work = looking.work;
    let parsed = looking.code.file(path)?;
    let place = app::place_of(work, path, &parsed);
    let root = work.root.join(&place);
    let package =
        path.file_name() == Some("__main__.py") || parsed.imports().any(|(import, _)| import.level > 0);
    let module = app::module_name(&root, path);
    let argv = if package {
        vec!["python".to_owned(), "-m".to_owned(), module.trim_end_matches(".__main__").to_owned()]
    } else if path.parent() != Some(&root)
        && parsed.imports().any(|(import, _)| {
            let top = import.module.split('.').next().unwrap_or_default();
            import.level == 0 && app::holds_code(work, &root.join(top))
        })
    {
        // Its imports begin at the folder above its own.
        vec!["python".to_owned(), "-m".to_owned(), module]
    } else {
        vec!["python".to_owned(), path.strip_prefix(&root).unwrap_or(path).to_string()]
    };
    let mut begin =
        Begin { argv, place, because: vec![because], entries: vec![path.to_owned()], ..Begin::default() };
    complete(looking, &mut begin);
    Some(begin)
}

/// What a program of the project's own listens on, whether it ends on SIGTERM, what kind it is.
pub(super) fn complete<'a>(looking: &Looking<'_, 'a>, begin: &mut Begin<'a>) {
    let work = looking.work;
    let reached = looking.code.reached(&begin.entries);
    let calls = port::opened(work, looking.code, &reached);
    let rows = &work.cx.knowledge.of("python").frameworks;
    let imported = |row: &&Framework| {
        reached
            .iter()
            .any(|path| looking.code.file(path).is_some_and(|file| import_line(&file, row).is_some()))
    };
    if let Some(opened) = main_port(&calls) {
        listen(begin, opened);
    } else if begin.kind.is_none() || begin.listen.is_none() {
        let worker = rows.iter().filter(|row| row.worker).find(imported);
        begin.kind =
            Some(if worker.is_some() || loops(looking, &reached) { Kind::Worker } else { Kind::Cli });
        if let Some(row) = worker {
            begin.handles_sigterm |= row.handles_sigterm;
            let because = row.when.iter().find_map(|name| work.has(name)).cloned();
            begin.framework = begin.framework.take().or(because.map(|because| (row, because)));
        }
    }
    let handles = |path: &Utf8PathBuf| {
        let words = &work.cx.knowledge.of("python").handlers;
        looking.code.file(path).is_some_and(|file| {
            file.calls().iter().any(|call| {
                let Expr::Call { arguments, .. } = call else { return false };
                matches!(call.called(), Some("signal" | "add_signal_handler"))
                    && arguments.iter().any(|(_, value)| {
                        value
                            .dotted()
                            .is_some_and(|name| words.iter().any(|word| name.ends_with(word.as_str())))
                    })
            })
        })
    };
    begin.handles_sigterm |= reached.iter().any(handles);
}

/// The web's port in front of others.
fn main_port<'c, 'a>(calls: &'c [Opened<'a>]) -> Option<&'c Opened<'a>> {
    calls.iter().find(|one| one.port.is_some()).or_else(|| calls.first())
}

fn listen<'a>(begin: &mut Begin<'a>, opened: &Opened<'a>) {
    if opened.computed {
        begin.notes.push((
            "computed-port".to_owned(),
            "its port is worked out when it runs: `docker run --publish` has to name it".to_owned(),
        ));
    }
    begin.kind = Some(Kind::Web);
    begin.handles_sigterm |= opened.row.handles_sigterm;
    begin.framework = begin.framework.take().or_else(|| Some((opened.row, opened.because.clone())));
    begin.env.extend(opened.row.env.iter().map(|(name, value)| (name.clone(), value.clone())));
    let port = opened.port.or(opened.row.port.filter(|_| !opened.computed));
    if let (Some(port), None) = (port, &begin.listen) {
        let must_set = opened.port.is_none();
        let value = Listen { port, variable: opened.variable.clone(), must_set };
        begin.listen = Some(Found::new(value, opened.because.clone()));
    }
    match opened.opens.clone().filter(|_| begin.shell.is_none()) {
        Some(Opening::Variable(name)) => {
            begin.env.push((name, "0.0.0.0".to_owned()));
            return;
        }
        Some(Opening::Flag(flag)) => {
            if super::command::value_of(&begin.argv, &flag).is_none() {
                begin.argv.extend([flag, "0.0.0.0".to_owned()]);
            }
            return;
        }
        None => {}
    }
    if opened.local {
        begin.notes.push((
            "local-address".to_owned(),
            "the program listens on the container's own address alone: nobody outside reaches it until its host is 0.0.0.0".to_owned(),
        ));
    }
}

/// Whether it goes on by itself: `while True`, a loop of events.
fn loops(looking: &Looking, reached: &[Utf8PathBuf]) -> bool {
    reached.iter().filter_map(|path| looking.code.file(path)).any(|file| {
        file.statements.iter().any(|statement| match &statement.kind {
            Statement::Block(conditions) => {
                matches!(conditions.as_slice(), [Expr::Name(name)] if name == "True")
            }
            _ => false,
        }) || file.calls().iter().any(|call| {
            matches!(
                call.called(),
                Some(
                    "run_forever"
                        | "infinity_polling"
                        | "run_polling"
                        | "start_polling"
                        | "serve_forever"
                        | "run_until_disconnected"
                )
            )
        })
    })
}
