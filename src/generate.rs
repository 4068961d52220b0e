//! The whole way in one place: repository in, files and their reasons out. Nothing is written here.

use camino::{Utf8Path, Utf8PathBuf};

use crate::answers::{Answers, Settings};
use crate::compose::{self, Composition};
use crate::detect::Context;
use crate::emit::dockerignore::Patterns;
use crate::emit::verify;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Evidence, Found, Listen, Project, Stack, Start, WebServer};
use crate::knowledge::Knowledge;
use crate::plan::{self, Service, Wishes, ignore};
use crate::render::Templates;
use crate::repo::Repo;
use crate::source::command;

/// A service with its files.
#[derive(Debug, Clone)]
pub struct Generated {
    /// Which projects it is made of.
    pub composition: Composition,
    /// What was decided.
    pub service: Service,
    /// Where the Dockerfile goes, relative to the repository.
    pub dockerfile: Utf8PathBuf,
    /// Its text.
    pub dockerfile_text: String,
    /// Where the .dockerignore goes.
    pub dockerignore: Utf8PathBuf,
    /// Its text.
    pub dockerignore_text: String,
    /// What dfgen rendered, where the text holds the lines of one of the repository's own, too.
    pub dockerignore_base: Option<String>,
}

/// Reads a repository and makes the files of one service. `ours` gives the text that dfgen wrote at a path the last time.
///
/// # Errors
/// A manifest is broken, nothing runs, a choice is open, what was asked for cannot work, or a template fails.
pub fn generate(
    repo: &Repo,
    service: Option<&Utf8Path>,
    settings: &Settings,
    ours: &dyn Fn(&Utf8Path) -> Option<String>,
) -> Result<Generated> {
    let knowledge = Knowledge::load(repo)?;
    let answers = settings.answers(service.map(Utf8Path::to_owned));
    let wishes = settings.wishes();
    let composition = compose::compose(&Context { repo, knowledge: &knowledge, answers: &answers })?;
    let composition = told(composition, &answers)?;
    let mut service = plan(&composition, &knowledge, &answers, &wishes)?;
    plan::extras::add(&mut service, &composition, &knowledge, &wishes);
    ignore::fit(&mut service.ignore, &composition, &service.context, repo.files());
    let (dockerfile, dockerignore) = places(&service, settings.output.as_deref())?;
    let last = ours(&dockerignore);
    let theirs = repo.read(&dockerignore)?.filter(|text| last.as_deref() != Some(text.as_ref()));
    let templates = Templates::load(repo)?;
    let rendered = templates.render(&service, &knowledge.bases.headings)?;
    let dockerignore_base = theirs.is_some().then(|| rendered.dockerignore.clone());
    let ignore_text =
        theirs.map_or(rendered.dockerignore.clone(), |own| merged(&own, &rendered.dockerignore));
    read_back(repo, (&composition, &service), &rendered.dockerfile, &ignore_text, &dockerfile)?;
    Ok(Generated {
        composition,
        service,
        dockerfile,
        dockerfile_text: rendered.dockerfile,
        dockerignore,
        dockerignore_text: ignore_text,
        dockerignore_base,
    })
}

fn plan(
    composition: &Composition,
    knowledge: &Knowledge,
    answers: &Answers,
    wishes: &Wishes,
) -> Result<Service> {
    match &composition.main.stack {
        Stack::Go(facts) => plan::go::plan(composition, facts, knowledge, answers, wishes),
        Stack::Node(facts) => plan::node::plan(composition, facts, knowledge, answers, wishes),
        Stack::Static(facts) => plan::site::plain(composition, facts, knowledge, answers),
    }
}

/// What a person gave stands over what was found.
fn told(mut composition: Composition, answers: &Answers) -> Result<Composition> {
    if let Some(start) = &answers.start {
        started(&mut composition.main, start)?;
    }
    listening(composition, answers)
}

/// A start command as a person types it: for Go what follows the program, for Node what runs.
fn started(project: &mut Project, start: &str) -> Result<()> {
    let because = Evidence::told(format!("`--start \"{start}\"`"));
    let command = command::parse(start);
    let simple = command.program().filter(|_| !command.needs_shell && command.commands.len() == 1);
    match &mut project.stack {
        Stack::Go(facts) => {
            let simple = simple.filter(|simple| simple.env.is_empty()).ok_or_else(|| {
                refused(start, "a Go program is started without a shell")
                    .help("give the words behind the program alone")
            })?;
            let own = simple
                .argv
                .first()
                .is_some_and(|word| Utf8Path::new(word).file_name() == Some(&facts.binary));
            let args = simple.argv.iter().skip(usize::from(own));
            facts.args = args.map(|word| Found::new(word.clone(), because.clone())).collect();
        }
        Stack::Node(facts) => {
            let value = simple.and_then(direct);
            let value = value.unwrap_or_else(|| Start { shell: Some(start.to_owned()), ..Start::default() });
            facts.site = None;
            facts.start = Some(Found::new(value, because));
        }
        Stack::Static(_) => {
            return Err(refused(start, "files are served by a web server, which starts by itself"));
        }
    }
    Ok(())
}

/// A file that node or bun runs needs no shell; scripts and programs of packages do.
fn direct(simple: &command::Simple) -> Option<Start> {
    let runs = simple.runs().filter(|runs| runs.runtime == "node" || runs.runtime == "bun");
    let argv: Vec<String> = match runs {
        Some(runs) => runs.flags.into_iter().chain([runs.file]).chain(runs.args).collect(),
        None if simple.argv.first().is_some_and(|word| is_script(word)) => simple.argv.clone(),
        None => return None,
    };
    Some(Start { argv, env: simple.env.clone(), shell: None })
}

fn is_script(word: &str) -> bool {
    Utf8Path::new(word).extension().is_some_and(|ending| ["js", "mjs", "cjs", "ts"].contains(&ending))
}

fn refused(start: &str, why: &str) -> Error {
    Error::new(ErrorKind::Refused, format!("`--start \"{start}\"` cannot work here: {why}"))
}

/// The port that a person gave stands over the one that was found; the variable that sets it stays.
fn listening(mut composition: Composition, answers: &Answers) -> Result<Composition> {
    let Some(port) = answers.port else { return Ok(composition) };
    if web_server(&composition.main).is_some_and(|server| !server.whole && !server.template) {
        let why = format!(
            "`--port {port}` cannot work here: the port stands in the project's own nginx configuration"
        );
        return Err(Error::new(ErrorKind::Refused, why).help("change its listen line"));
    }
    let found = composition.main.listen.first();
    let variable = found.and_then(|listen| listen.value.variable.clone());
    let same = found.is_some_and(|listen| listen.value.port == port && !listen.value.must_set);
    let value = Listen { port, must_set: variable.is_some() && !same, variable };
    composition.main.listen = vec![Found::new(value, Evidence::told(format!("`--port {port}`")))];
    Ok(composition)
}

/// What the project's own nginx configuration says, where the files are served with it.
fn web_server(project: &Project) -> Option<&WebServer> {
    match &project.stack {
        Stack::Static(facts) => facts.server.as_ref(),
        Stack::Node(facts) if facts.start.is_none() => facts.server.as_ref(),
        Stack::Node(_) | Stack::Go(_) => None,
    }
}

/// In the service's own folder; beside it where the context is a folder above, so that each service has its own.
fn places(service: &Service, output: Option<&Utf8Path>) -> Result<(Utf8PathBuf, Utf8PathBuf)> {
    let dockerfile = match output {
        Some(output) => crate::detect::join_inside("".into(), output.as_str())
            .filter(|path| !output.is_absolute() && path.file_name().is_some())
            .ok_or_else(|| {
                Error::new(ErrorKind::Usage, format!("`--output {output}` leaves the repository"))
                    .help("give a path relative to PATH, such as `--output docker/Dockerfile`")
            })?,
        None => service.root.join("Dockerfile"),
    };
    let usual = dockerfile == service.context.join("Dockerfile");
    let ignore = if usual {
        service.context.join(".dockerignore")
    } else {
        Utf8PathBuf::from(format!("{dockerfile}.dockerignore"))
    };
    Ok((dockerfile, ignore))
}

/// The lines of a .dockerignore of theirs stay as they are; what it lacks follows.
fn merged(theirs: &str, ours: &str) -> String {
    let known: Vec<&str> = theirs.lines().map(bare).collect();
    let missing: Vec<&str> = ours
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#') && !known.contains(&bare(line)))
        .collect();
    if missing.is_empty() {
        return theirs.to_owned();
    }
    let end = if theirs.is_empty() || theirs.ends_with('\n') { "" } else { "\n" };
    format!("{theirs}{end}\n# Added for the Dockerfile beside it\n{}\n", missing.join("\n"))
}

fn bare(line: &str) -> &str {
    line.trim().trim_start_matches("./").trim_matches('/')
}

/// Everything written is read back: a finding is a defect of the repository's own templates or of dfgen.
fn read_back(
    repo: &Repo,
    (composition, service): (&Composition, &Service),
    dockerfile: &str,
    ignore: &str,
    place: &Utf8Path,
) -> Result<()> {
    let files: Vec<Utf8PathBuf> = repo
        .under(&service.context)
        .filter_map(|file| file.strip_prefix(&service.context).ok().map(Utf8Path::to_owned))
        .collect();
    if let Some(file) = hidden(composition, &service.context, ignore, &files) {
        return Err(Error::broken(
            place,
            None,
            format!("would not build: `{file}` is excluded by the .dockerignore"),
        )
        .help(format!("let it in: add `!{file}` to the .dockerignore")));
    }
    match verify::verify(dockerfile, ignore, &files).into_iter().next() {
        None => Ok(()),
        Some(finding) => Err(Error::broken(
            place,
            Some(finding.line),
            format!("would not build: {}", finding.message),
        )
        .help("look at `--stdout`; a .dockerignore of the project's own may exclude what the build reads")),
    }
}

/// A file that every build of this kind reads and that the .dockerignore hides: `COPY . .` would take what is left.
fn hidden(
    composition: &Composition,
    context: &Utf8Path,
    ignore: &str,
    files: &[Utf8PathBuf],
) -> Option<Utf8PathBuf> {
    let patterns = Patterns::parse(ignore).ok()?;
    let inner = |path: Utf8PathBuf| path.strip_prefix(context).map(Utf8Path::to_owned).ok();
    let main = &composition.main;
    let needed: Vec<Utf8PathBuf> = match &main.stack {
        Stack::Go(facts) => {
            let package = facts.package.as_ref().map_or(".", |package| package.value.as_str());
            let folder = crate::detect::join_inside(&facts.module_root, package)?;
            let folder = inner(folder)?;
            let here =
                files.iter().filter(|file| file.parent() == Some(&folder) && file.extension() == Some("go"));
            let sources = here.filter(|file| !file.as_str().ends_with("_test.go")).cloned();
            let module = facts.has_module.then(|| inner(facts.module_root.join("go.mod"))).flatten();
            sources.chain(module).collect()
        }
        Stack::Node(_) => inner(main.root.join("package.json")).into_iter().collect(),
        Stack::Static(facts) => inner(main.root.join(&facts.site).join("index.html")).into_iter().collect(),
    };
    needed.into_iter().find(|file| files.contains(file) && patterns.excludes(file))
}
