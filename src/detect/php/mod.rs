//! PHP: what of a folder is served or run, and every fact that its image rests on.

mod code;
mod extensions;
mod folders;
mod front;
mod packages;
mod program;
mod serve;
mod version;
mod work;

use camino::{Utf8Path, Utf8PathBuf};

use self::work::Work;
use super::{Context, Detection, NothingToRun, slug};
use crate::error::Result;
use crate::facts::{Access, Evidence, Found, Kind, Listen, Note, PhpFacts, Project, Stack, Variable};
use crate::knowledge::Application;

const LANGUAGE: &str = "php";

/// Finds the PHP program of the folder `root`, relative to the repository.
///
/// # Errors
/// A manifest or lock file is broken.
pub fn detect(cx: &Context, root: &Utf8Path) -> Result<Detection> {
    // Before the table is read: most folders have none of it.
    let any =
        |file: &Utf8PathBuf| file.extension() == Some("php") || file.file_name() == Some("composer.json");
    if !cx.repo.under(root).any(any) {
        return Ok(Detection::Missing);
    }
    let Some(mut work) = work::read(cx, root)? else { return Ok(Detection::Missing) };
    let started = program::asked(&work);
    let site = serve::site(&work).filter(|_| started.is_none() && !is_part(&work));
    let begin = if site.is_some() { None } else { started.or_else(|| program::find(&work)) };
    if site.is_none() && begin.is_none() {
        let described = work.manifest.is_some();
        return Ok(if described { Detection::NothingToRun(nothing(&work)) } else { Detection::Missing });
    }
    Ok(Detection::Found(Box::new(project(&mut work, site, begin)?)))
}

/// A plug-in, a theme, a bundle: it has files of PHP, and runs within another program.
fn is_part(work: &Work) -> bool {
    let kind = work.manifest.as_ref().and_then(|manifest| manifest.kind.as_deref());
    let whole = ["project", "library", "metapackage", "application", "website", "app"];
    let library = kind == Some("library") && work.application.is_none();
    kind.is_some_and(|kind| !whole.contains(&kind))
        || library && !work.has("public/index.php") && !work.has("web/index.php")
}

fn nothing(work: &Work) -> NothingToRun {
    let kind = work.manifest.as_ref().and_then(|manifest| manifest.kind.clone());
    let what = match kind.as_deref() {
        None | Some("library" | "project") => {
            "a PHP library: no index.php to serve, no program of its own".to_owned()
        }
        Some(kind) => format!("a {kind} of Composer: it runs within another program"),
    };
    NothingToRun {
        root: work.root.clone(),
        language: LANGUAGE.to_owned(),
        what,
        because: vec![work.key(&["type"], "the type of composer.json")],
        help: vec![
            "a program has an index.php in its folder or in a public one, or a `bin` in composer.json"
                .to_owned(),
            "give the command that starts it with `--start`".to_owned(),
        ],
    }
}

fn project(
    work: &mut Work,
    site: Option<Found<Utf8PathBuf>>,
    begin: Option<program::Begin>,
) -> Result<Project> {
    let composer = packages::find(work);
    let mut extensions = extensions::find(work);
    extensions.extend(code::extensions(work, &extensions));
    extensions.sort_by(|one, other| one.value.name.cmp(&other.value.name));
    let (needs, notes) = extensions::needs(work, &extensions);
    work.notes.extend(notes);
    let name = work.manifest.as_ref().and_then(|manifest| manifest.name.clone());
    let row = work.row();
    let kind = match (&site, &begin) {
        (Some(site), _) => Found { value: Kind::Web, because: site.because.clone() },
        (None, Some(begin)) => Found { value: begin.kind, because: begin.start.because.clone() },
        (None, None) => Found::new(Kind::Worker, Evidence::told("nothing")),
    };
    let mut facts = PhpFacts {
        package: name.clone(),
        application: work
            .application
            .as_ref()
            .map(|(row, because)| Found::new(row.id.clone(), because.clone())),
        composer,
        extensions,
        build: row.map(|row| build(work, row)).unwrap_or_default(),
        fixed: row.is_some_and(|row| row.fixed),
        local: row.map(|row| row.local.clone()).unwrap_or_default(),
        ..PhpFacts::default()
    };
    if let Some(site) = &site {
        facts.front = serve::front(work, &site.value);
        facts.modules = serve::modules(work, &site.value);
        if let Some((because, _)) = serve::fast_cgi(work) {
            work.note("fastcgi", by_apache(&because.says), vec![because]);
        }
    }
    let short = name.as_deref().and_then(|name| name.rsplit('/').next());
    let mut project = Project {
        root: work.root.clone(),
        name: slug(short.or(work.root.file_name()).unwrap_or("app")),
        language: LANGUAGE.to_owned(),
        kind,
        versions: version::find(work)?,
        stack: Stack::Php(Box::default()),
        listen: begin.iter().filter_map(|begin| begin.listen.clone()).collect(),
        env: Vec::new(),
        reads: Vec::new(),
        writes: Vec::new(),
        needs,
        access: Access::default(),
        notes: Vec::new(),
    };
    if let (Some(row), Some(_)) = (row, &site) {
        of_application(work, row, &mut facts, &mut project);
        project.listen.extend(program::served_port(work));
    }
    code::read(work, site.as_ref().map(|site| site.value.as_path()), &mut project);
    if let (true, Some(listen)) = (site.is_none(), project.listen.first()) {
        project.kind = Found { value: Kind::Web, because: listen.because.clone() };
    }
    if let Some(site) = &site {
        folders::kept(work, &mut facts, &mut project);
        facts.front_reads_packages = front::reads_packages(work, &site.value);
    }
    facts.site = site;
    let inside = project.writes.iter().map(|one| &one.value).filter(|path| path.is_relative());
    let local = inside.filter(|path| work.cx.repo.under(&work.root.join(path)).next().is_none());
    facts.local.extend(local.map(ToString::to_string));
    if let Some(begin) = begin {
        facts.handles_sigterm = begin.handles_sigterm;
        facts.start = Some(begin.start);
    }
    packages::keys(work, &mut project);
    project.notes.append(&mut work.notes);
    project.stack = Stack::Php(Box::new(facts));
    Ok(project)
}

/// Why a project with a web server in front of php-fpm gets one image all the same.
fn by_apache(file: &str) -> String {
    format!(
        "`{file}` hands PHP to php-fpm: the image serves the same folder by Apache with PHP in it, one process that is started, watched and stopped as one, where php-fpm asks for a second image or a supervisor; what the file says of headers, limits and redirects is not taken over"
    )
}

/// What the row of an application says of its folders, variables and database.
fn of_application(work: &Work, row: &Application, facts: &mut PhpFacts, project: &mut Project) {
    let Some((_, because)) = &work.application else { return };
    let says = |what: String| Evidence { says: what, ..because.clone() };
    let there = row.writes_where_there.iter().filter(|path| work.has(path));
    for path in row.writes.iter().chain(there) {
        project.writes.push(Found::new(path.into(), says(format!("{} writes {path}", row.name))));
    }
    for path in row.owned.iter().filter(|path| facts.fixed || work.has(path)) {
        facts.owned.push(Found::new(path.into(), says(format!("{} writes {path}", row.name))));
    }
    for (name, value) in &row.env {
        let variable = Variable { name: name.clone(), value: Some(value.clone()), required: false };
        project.env.push(Found::new(variable, says(format!("{} reads {name}", row.name))));
    }
    for name in row.required.iter().filter(|name| extensions::is_open(work, name)) {
        let variable = Variable { name: name.clone(), value: None, required: true };
        project.env.push(Found::new(variable, says(format!("{} needs {name}", row.name))));
    }
    for path in row.reads.iter().filter(|path| work.has(path)) {
        project.reads.push(Found::new(path.into(), says(format!("{} reads {path}", row.name))));
    }
    if let Some((path, because)) = extensions::file_database(work) {
        project.writes.push(Found::new(path, because));
    }
    if let (Some((name, path)), Some(because)) = (&row.sqlite, extensions::is_sqlite(work)) {
        let variable = Variable { name: name.clone(), value: Some(path.clone()), required: false };
        project.env.push(Found::new(variable, because.clone()));
        let text = "the database is a SQLite file in the volume; `ext-pdo_mysql` or `ext-pdo_pgsql` in composer.json gives the image the driver of another";
        project.notes.push(Note {
            code: "sqlite-default".to_owned(),
            text: text.to_owned(),
            because: vec![because],
        });
    }
    let migrations = row.migrations.iter().find(|path| work.has(path));
    if let (Some(command), Some(path)) = (&row.migrate, migrations) {
        let because = vec![Evidence::file(&work.root.join(path), path.clone())];
        let text = format!("migrations do not run at start: `{command}` in a container of this image");
        project.notes.push(Note { code: "migrations".to_owned(), text, because });
    }
    if let Some((code, text)) = &row.note {
        project.notes.push(Note { code: code.clone(), text: text.clone(), because: vec![because.clone()] });
    }
}

/// Commands behind the autoloader: `{scripts}` stands for what the manifest runs after an install.
fn build(work: &Work, row: &Application) -> Vec<Found<String>> {
    let Some(manifest) = &work.manifest else { return vec![] };
    let own = row.build.iter().filter(|one| *one != "{scripts}");
    let because = || work.application.as_ref().map(|(_, because)| because.clone());
    let mut all: Vec<Found<String>> = own
        .filter_map(|one| {
            Some(Found::new(
                one.clone(),
                Evidence { says: format!("{} serves what its users upload", row.name), ..because()? },
            ))
        })
        .collect();
    let runs = manifest
        .scripts
        .get("post-install-cmd")
        .is_some_and(|lines| lines.iter().any(|line| line == "@auto-scripts"));
    if row.build.iter().any(|one| one == "{scripts}") && runs {
        let because = work.key(&["scripts", "auto-scripts"], "the auto-scripts of composer.json");
        all.push(Found::new("composer run-script --no-dev post-install-cmd".to_owned(), because));
    }
    let steps = row
        .steps
        .iter()
        .filter_map(|(package, command)| Some(Found::new(command.clone(), work.requires(package)?)));
    all.extend(steps);
    all
}

/// A port that nothing names is Apache's own; one for `FastCGI` is not what Apache serves on.
pub(super) fn settle(cx: &Context, project: &mut Project) {
    let Stack::Php(facts) = &project.stack else { return };
    let Some(site) = facts.site.clone() else { return };
    folders::at_home(cx, project);
    let fast_cgi = |listen: &Found<Listen>| listen.value.port == 9000 && listen.value.variable.is_none();
    project.listen.retain(|listen| !fast_cgi(listen));
    if !project.listen.is_empty() {
        return;
    }
    let own = cx
        .knowledge
        .bases
        .images
        .values()
        .find(|image| image.port.is_some() && image.offers.iter().any(|offer| offer == "apache"));
    if let Some(port) = own.and_then(|image| image.port) {
        let because = Evidence { says: "Apache's own port".to_owned(), ..site.because[0].clone() };
        project.listen.push(Found::new(Listen { port, variable: None, must_set: false }, because));
    }
}

#[cfg(test)]
mod tests;
