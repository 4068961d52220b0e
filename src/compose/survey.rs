//! Every service of a repository: the programs that run, and what looks like one and is none, each with its reason.
//!
//! A wrong service is worse than one that is listed as left out: its owner can name that with `--service`. So what only runs
//! and ends, what lies in folders of tests and examples, and the root of a workspace that only calls its members are no
//! services.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Composition, compose, matches_marker};
use crate::answers::{Answers, Every};
use crate::detect::{self, Context};
use crate::error::{Error, ErrorKind};
use crate::facts::{Evidence, Kind, Project, Stack};
use crate::manifest::package_json::PackageJson;
use crate::text::{list, shell_word};

/// How deep a service's folder may lie.
const DEPTH: usize = 4;

/// What there is in a repository.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// The services, sorted by folder.
    pub services: Vec<Candidate>,
    /// What is none.
    pub left_out: Vec<LeftOut>,
    /// What leaves a choice open or is broken.
    pub open: Vec<(Utf8PathBuf, Error)>,
}

/// A program that runs.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The folder to name it by, relative to the repository.
    pub root: Utf8PathBuf,
    /// What it is made of.
    pub composition: Composition,
}

/// A folder that holds no service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The folder, relative to the repository.
    pub root: Utf8PathBuf,
    /// Why: `a library: no script starts it`.
    pub why: String,
    /// What says so.
    pub because: Vec<Evidence>,
    /// `--service` can have it all the same.
    pub runs: bool,
}

/// Looks through all folders of a repository.
#[must_use]
pub fn survey(cx: &Context, every: &Every) -> Survey {
    let mut looking = Looking { cx: *cx, every, survey: Survey::default() };
    for folder in folders(cx) {
        looking.visit(folder);
    }
    looking.finish()
}

/// Folders with a manifest, each before those in it. The packages of a Go module are no projects of their own.
fn folders<'a>(cx: &Context<'a>) -> BTreeSet<&'a Utf8Path> {
    let marked = |file: &&Utf8PathBuf| {
        file.file_name().is_some_and(|name| marks(cx, name)) && !(is_go(file) && in_module(cx, file))
    };
    let folders = cx.repo.files().iter().filter(marked).filter_map(|file| file.parent());
    folders.filter(|folder| folder.components().count() <= DEPTH).collect()
}

fn is_go(file: &Utf8Path) -> bool {
    file.extension() == Some("go")
}

fn in_module(cx: &Context, file: &Utf8Path) -> bool {
    file.ancestors().skip(1).any(|folder| cx.repo.has(folder.join("go.mod")))
}

fn marks(cx: &Context, name: &str) -> bool {
    let known = cx.knowledge.detectors.values().flat_map(|detector| &detector.markers);
    let unknown = cx.knowledge.unsupported.iter().flat_map(|stack| &stack.markers);
    known.chain(unknown).any(|marker| matches_marker(marker, name))
}

struct Looking<'a> {
    cx: Context<'a>,
    every: &'a Every,
    survey: Survey,
}

impl Looking<'_> {
    fn visit(&mut self, folder: &Utf8Path) {
        if let Some(outer) = self.every.skipped(folder) {
            let because = vec![Evidence::told(format!("skip of {}", crate::answers::FILE))];
            return self.leave(outer, "skipped", because, false);
        }
        if !self.every.names(folder)
            && let Some((outer, kind)) = aside(&self.cx, folder)
        {
            if !kind.silent {
                self.leave(outer, &kind.what, Vec::new(), false);
            }
            return;
        }
        let found = self.at(folder);
        match self.programs(folder, &found) {
            Some(programs) => programs.into_iter().for_each(|one| self.take(one)),
            None => match found {
                Ok(composition) => self.take(Candidate { root: folder.to_owned(), composition }),
                Err(error) => self.refuse(folder, error),
            },
        }
    }

    fn at(&self, folder: &Utf8Path) -> crate::error::Result<Composition> {
        let answers = Answers { service: Some(folder.to_owned()), ..self.every.answers(folder) };
        compose(&Context { answers: &answers, ..self.cx })
    }

    /// The programs of one Go module, each in a folder of its own, where there are several that run on.
    fn programs(
        &mut self,
        folder: &Utf8Path,
        found: &crate::error::Result<Composition>,
    ) -> Option<Vec<Candidate>> {
        let go = match found {
            Ok(composition) => matches!(composition.main.stack, Stack::Go(_)),
            Err(error) => error.kind == ErrorKind::Choice,
        };
        if !go || self.every.answers(folder).bin.is_some() {
            return None;
        }
        let programs = detect::go::programs(&self.cx, folder).ok().filter(|programs| programs.len() > 1)?;
        let read =
            |root: &Utf8PathBuf| Some(Candidate { root: root.clone(), composition: self.at(root).ok()? });
        let (others, programs): (Vec<_>, Vec<_>) =
            programs.into_iter().partition(|program| self.is_aside(program, folder));
        let all: Vec<Candidate> = programs.iter().filter_map(read).collect();
        let runs_on = |one: &Candidate| one.composition.main.kind.value != Kind::Cli;
        let services = all.iter().filter(|one| runs_on(one)).count();
        let taken = services > 1 || services == 1 && found.is_err();
        let cx = self.cx;
        let told = others.iter().filter(|_| taken).filter_map(|program| aside(&cx, program));
        for (outer, kind) in told {
            self.leave(outer, &kind.what, Vec::new(), false);
        }
        taken.then_some(all)
    }

    fn is_aside(&self, program: &Utf8Path, module: &Utf8Path) -> bool {
        program != module && !self.every.names(program) && aside(&self.cx, program).is_some()
    }

    fn take(&mut self, one: Candidate) {
        let main = &one.composition.main;
        let within = self.survey.services.iter().any(|outer| {
            !outer.root.as_str().is_empty() && one.root.starts_with(&outer.root) && one.root != outer.root
        });
        let named = self.every.names(&one.root);
        let around = |outer: &LeftOut| !outer.root.as_str().is_empty() && one.root.starts_with(&outer.root);
        let part = within || self.survey.left_out.iter().any(around);
        if part && !named && matches!(main.stack, Stack::Static(_)) || within && is_page(&self.cx, main) {
            return;
        }
        if main.kind.value == Kind::Cli && !named && !is_deployed(main) {
            let because = main.kind.because.clone();
            return self.leave(&one.root, "runs and ends: no service", because, true);
        }
        if is_only_main(main) && !named {
            let because = main.stack.start_evidence().to_vec();
            return self.leave(&one.root, "a package with a main file, which listens nowhere", because, true);
        }
        if let Some((why, because)) = lent(&self.cx, main).filter(|_| !named) {
            return self.leave(&one.root, why, vec![because], true);
        }
        if within && main.stack.serves_files() && !named {
            let because = main.kind.because.clone();
            return self.leave(&one.root, "pages within another service", because, true);
        }
        self.survey.services.push(one);
    }

    fn leave(&mut self, folder: &Utf8Path, why: &str, because: Vec<Evidence>, runs: bool) {
        let one = LeftOut { root: folder.to_owned(), why: why.to_owned(), because, runs };
        if !self.survey.left_out.contains(&one) {
            self.survey.left_out.push(one);
        }
    }

    fn refuse(&mut self, folder: &Utf8Path, error: Error) {
        // A manifest that no service needs may be broken: templates and fixtures are.
        let told =
            error.kind == ErrorKind::Nothing || error.kind == ErrorKind::Broken && !self.every.names(folder);
        if !told {
            return self.survey.open.push((folder.to_owned(), error));
        }
        let because = error.place.iter().map(|(file, line)| Evidence {
            says: error.message.clone(),
            file: Some(file.clone()),
            line: *line,
        });
        let because = because.collect();
        self.leave(folder, &error.message, because, false);
    }

    /// What only the whole shows: who is built into whom, and which roots only call their members.
    fn finish(self) -> Survey {
        let Survey { mut services, mut left_out, mut open } = self.survey;
        let all = services.clone();
        // What is only another one's shadow takes no front end either.
        services.retain(|one| !matches!(role(one, &all, self.every), Role::Same));
        let mut kept = Vec::new();
        for one in &services {
            if calls_left_out(&self.cx, one, &left_out) && !self.every.names(&one.root) {
                continue;
            }
            match role(one, &services, self.every) {
                Role::Service => kept.push(one.clone()),
                Role::Same => {}
                Role::LeftOut(why) => left_out.push(LeftOut {
                    root: one.root.clone(),
                    why,
                    because: one.composition.main.kind.because.clone(),
                    runs: true,
                }),
            }
        }
        // A choice between members is none where each of them is a service.
        open.retain(|(folder, error)| {
            let below = kept.iter().any(|one| one.root != *folder && one.root.starts_with(folder));
            !(error.kind == ErrorKind::Choice && below)
        });
        drop_inner(&mut left_out, &kept);
        left_out.sort_by(|one, other| one.root.cmp(&other.root));
        Survey { services: kept, left_out, open }
    }
}

/// What a candidate is beside the others.
enum Role {
    Service,
    /// The same program as one further in.
    Same,
    LeftOut(String),
}

fn role(one: &Candidate, all: &[Candidate], every: &Every) -> Role {
    let main = &one.composition.main;
    let others = || all.iter().filter(|other| other.root != one.root);
    let below = || others().filter(|other| other.root.starts_with(&one.root));
    if every.names(&one.root) {
        return Role::Service;
    }
    let (family, place) = program(main);
    let same = |other: &&Candidate| {
        let (its, there) = program(&other.composition.main);
        its == family && (there == place || starts_in(main, &other.root))
    };
    if below().any(|other| same(&other)) {
        return Role::Same;
    }
    let taker =
        others().find(|other| other.composition.front_ends.iter().any(|end| end.project.root == one.root));
    if let Some(taker) = taker {
        return Role::LeftOut(format!("the front end of `{}`, built into its image", named(&taker.root)));
    }
    if calls_members(main) && below().any(|other| shares_root(&other.composition.main, main)) {
        return Role::LeftOut("a workspace root: its members are the services".to_owned());
    }
    if matches!(main.stack, Stack::Static(_)) && below().next().is_some() {
        return Role::LeftOut("pages around services".to_owned());
    }
    Role::Service
}

/// What two folders have in common that come to the same program: its language's family and its own folder.
fn program(project: &Project) -> (&'static str, Utf8PathBuf) {
    match &project.stack {
        Stack::Go(facts) => {
            let package = facts.package.as_ref().map_or(".", |package| package.value.as_str());
            ("go", detect::join_inside(&facts.module_root, package).unwrap_or_default())
        }
        Stack::Java(facts) => ("java", facts.module_root.clone()),
        Stack::Rust(facts) => ("rust", facts.package_root.clone()),
        Stack::Node(_) => ("node", project.root.clone()),
        Stack::Php(_) => ("php", project.root.clone()),
        Stack::Python(_) => ("python", project.root.clone()),
        Stack::Static(_) => ("static", project.root.clone()),
    }
}

/// Whether what starts a project lies in a folder.
fn starts_in(project: &Project, folder: &Utf8Path) -> bool {
    let mut files = project.stack.start_evidence().iter().filter_map(|one| one.file.as_ref());
    files.next().is_some_and(|file| file.starts_with(folder))
}

/// What a compose file or a Procfile starts is kept running, whatever its code looks like.
fn is_deployed(project: &Project) -> bool {
    let deploys = |file: &Utf8PathBuf| {
        file.file_name().is_some_and(|name| {
            name == "Procfile" || name.trim_start_matches("docker-").starts_with("compose")
        })
    };
    project.stack.start_evidence().iter().filter_map(|one| one.file.as_ref()).any(deploys)
}

/// A page of PHP within another service is its entry, not a program.
fn is_page(cx: &Context, project: &Project) -> bool {
    matches!(project.stack, Stack::Php(_)) && !cx.repo.has(project.root.join("composer.json"))
}

/// The root of a workspace whose members run, and are left out: what it starts is them.
fn calls_left_out(cx: &Context, one: &Candidate, left_out: &[LeftOut]) -> bool {
    let main = &one.composition.main;
    let root = &one.root;
    let manifest = |file: &Utf8Path| PackageJson::read(file, &cx.repo.source(file)?).ok();
    let members = cx.repo.has(root.join("pnpm-workspace.yaml"))
        || manifest(&root.join("package.json")).is_some_and(|manifest| manifest.workspaces.is_some());
    let below = |out: &LeftOut| out.runs && out.root != *root && out.root.starts_with(root);
    calls_members(main) && members && left_out.iter().any(below)
}

/// The root of a workspace of Node's tools.
fn calls_members(project: &Project) -> bool {
    matches!(&project.stack, Stack::Node(facts) if facts.tool.root == project.root)
}

fn shares_root(member: &Project, root: &Project) -> bool {
    matches!(&member.stack, Stack::Node(facts) if facts.workspace && facts.tool.root == root.root)
}

/// `main` of package.json is what others import: alone it starts nothing that works on.
fn is_only_main(project: &Project) -> bool {
    let main = |evidence: &Evidence| evidence.says == "main of package.json";
    let node = matches!(project.stack, Stack::Node(_)) && project.kind.value == Kind::Worker;
    node && project.listen.is_empty() && project.stack.start_evidence().iter().any(main)
}

/// A package that others take in: it says what it exports, or what it installs as a command, and listens nowhere. And one
/// that knows a site's tool without having a site.
fn lent(cx: &Context, project: &Project) -> Option<(&'static str, Evidence)> {
    let Stack::Node(facts) = &project.stack else { return None };
    let file = project.root.join("package.json");
    let manifest = PackageJson::read(&file, &cx.repo.source(&file)?).ok()?;
    let at = |key: &str| Evidence {
        says: format!("{key} of package.json"),
        file: Some(file.clone()),
        line: manifest.line(&[key]),
    };
    if !manifest.bin.is_empty() && !manifest.private {
        return Some(("a command line tool", at("bin")));
    }
    if manifest.library && project.listen.is_empty() {
        let key = ["exports", "module", "types", "typings", "files"]
            .into_iter()
            .find(|key| manifest.line(&[key]).is_some());
        return Some(("a library: others import it", at(key.unwrap_or("exports"))));
    }
    let builds =
        ["build", "build:prod", "build:production"].iter().any(|name| manifest.scripts.contains_key(*name));
    let page = cx.repo.has(project.root.join("index.html"));
    let bare = facts.site.is_some() && facts.start.is_none() && !builds && !page;
    bare.then(|| ("a package.json that builds nothing", Evidence::file(&file, "package.json")))
}

/// What is left out within something else that is told needs no line of its own, and neither do a service's own packages.
fn drop_inner(left_out: &mut Vec<LeftOut>, services: &[Candidate]) {
    let all = left_out.clone();
    let within = |one: &LeftOut, outer: &Utf8Path| !outer.as_str().is_empty() && one.root.starts_with(outer);
    left_out.retain(|one| {
        let inner = all.iter().any(|outer| outer.root != one.root && within(one, &outer.root));
        let part = services
            .iter()
            .any(|service| service.root == one.root || !one.runs && within(one, &service.root));
        (one.runs || !one.root.as_str().is_empty()) && !part && !inner
    });
}

/// The folder and the purpose of one that holds no services.
fn aside<'a>(
    cx: &Context<'a>,
    folder: &'a Utf8Path,
) -> Option<(&'a Utf8Path, &'a crate::knowledge::Folders)> {
    let outermost = folder.ancestors().filter(|outer| !outer.as_str().is_empty());
    outermost.collect::<Vec<_>>().into_iter().rev().find_map(|outer| {
        let name = outer.file_name()?;
        let fits =
            |pattern: &String| pattern.strip_prefix('*').map_or(pattern == name, |end| name.ends_with(end));
        let kind = cx.knowledge.folders.folders.iter().find(|kind| kind.names.iter().any(fits))?;
        Some((outer, kind))
    })
}

fn named(root: &Utf8Path) -> &str {
    if root.as_str().is_empty() { "." } else { root.as_str() }
}

impl Survey {
    /// The survey, where nothing in it waits for an answer and something is a service.
    ///
    /// # Errors
    /// A choice is open, or there is no service; the help has the flags.
    pub fn settled(self) -> crate::error::Result<Self> {
        let mut open = self.open.iter();
        let message = match (open.next(), open.next()) {
            (Some((folder, error)), None) => format!("`{}`: {error}", named(folder)),
            (Some(_), Some(_)) => format!("{} folders leave open what they run", self.open.len()),
            (None, _) if self.services.is_empty() => "there is no service in the repository".to_owned(),
            (None, _) => return Ok(self),
        };
        let kind = if self.open.is_empty() { ErrorKind::Nothing } else { ErrorKind::Choice };
        let lines = self.open.iter().flat_map(|(folder, error)| choice(folder, error));
        let mut error =
            lines.skip(usize::from(self.open.len() == 1)).fold(Error::new(kind, message), Error::help);
        if self.open.is_empty() {
            error = self.help().into_iter().fold(error, Error::help);
        } else {
            let skips: Vec<String> =
                self.open.iter().map(|(folder, _)| format!("--skip {}", shell_word(named(folder)))).collect();
            error = error.help(format!("or leave out: `dfgen init --all {} PATH`", skips.join(" ")));
        }
        Err(error)
    }

    /// Whether nothing at all was seen.
    pub(super) fn is_empty(&self) -> bool {
        self.services.is_empty() && self.left_out.is_empty() && self.open.is_empty()
    }

    /// The only folder where anything was seen, if it runs; what is built into its image is a part of it.
    pub(super) fn only(&self) -> Option<&Utf8Path> {
        let taken = |one: &LeftOut| {
            let ends = self.services.iter().flat_map(|service| &service.composition.front_ends);
            ends.map(|end| &end.project.root).any(|root| *root == one.root)
        };
        match (self.services.as_slice(), self.left_out.as_slice(), self.open.as_slice()) {
            ([one], left_out, []) if left_out.iter().all(taken) => Some(&one.root),
            ([], [one], []) if one.runs && !one.because.is_empty() => Some(&one.root),
            _ => None,
        }
    }

    /// How many were seen, in words.
    pub(super) fn count(&self) -> String {
        match self.services.len() {
            0 => "none that dfgen would take by itself".to_owned(),
            1 => "one".to_owned(),
            several => several.to_string(),
        }
    }

    /// A line for each service with what says so, then the others.
    pub(super) fn help(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.services.iter().map(listed).collect();
        lines.extend(self.open.iter().flat_map(|(folder, error)| choice(folder, error)));
        lines.extend(self.left_out().into_iter().map(|(folders, why)| format!("left out: {folders}: {why}")));
        lines
    }

    fn left_out(&self) -> Vec<(String, String)> {
        together(&self.left_out)
    }
}

/// What has to be answered before the program of a folder is known.
fn choice(folder: &Utf8Path, error: &Error) -> Vec<String> {
    let flag = format!("`dfgen init PATH --service {} --", shell_word(named(folder)));
    let told = format!("{}: {error}", named(folder));
    let answers =
        error.help.iter().map(|line| line.replace("`dfgen init PATH --", "`--").replace("`--", &flag));
    [told].into_iter().chain(answers).collect()
}

/// What was left out, those of the same reason in one line: folders and reason.
#[must_use]
pub fn together(left_out: &[LeftOut]) -> Vec<(String, String)> {
    const SHOWN: usize = 6;
    let mut reasons: Vec<&str> = Vec::new();
    for one in left_out {
        if !reasons.contains(&sort(&one.why)) {
            reasons.push(sort(&one.why));
        }
    }
    let line = |why: &str| {
        let mut folders: Vec<String> = left_out
            .iter()
            .filter(|one| sort(&one.why) == why)
            .map(|one| named(&one.root).to_owned())
            .collect();
        let more = folders.len().saturating_sub(SHOWN);
        folders.truncate(SHOWN);
        folders.extend((more > 0).then(|| format!("{more} more")));
        (list(&folders), why.to_owned())
    };
    reasons.into_iter().map(line).collect()
}

/// The reason without the name that it begins with: ``a Rust library`` for `` `x` is a Rust library``.
fn sort(why: &str) -> &str {
    match why.strip_prefix('`').and_then(|rest| rest.split_once("` is ")) {
        Some((_, rest)) => rest,
        None => why.strip_prefix("this is ").unwrap_or(why),
    }
}

/// `go (web, port 8080; cmd/server/main.go:27): ...`.
fn listed(one: &Candidate) -> String {
    let main = &one.composition.main;
    let kind = format!("{:?}", main.kind.value).to_lowercase();
    let port = main.listen.first().map(|listen| format!(", port {}", listen.value.port));
    let because = main.stack.start_evidence().iter().chain(&main.kind.because).find(|one| one.file.is_some());
    let because = because.map(|evidence| format!("; {}", evidence.place()));
    format!(
        "{} ({kind}{}{}): `dfgen init PATH --service {}`",
        main.language,
        port.unwrap_or_default(),
        because.unwrap_or_default(),
        shell_word(named(&one.root))
    )
}
