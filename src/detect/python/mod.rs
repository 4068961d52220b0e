//! Python: which program of a folder is the application, and every fact that its image rests on.

mod access;
mod app;
mod code;
mod command;
mod conflict;
mod django;
mod extras;
mod native;
mod port;
mod runtime;
mod script;
mod shell;
mod start;
mod tool;
mod value;
mod version;
mod work;

use camino::{Utf8Path, Utf8PathBuf};

use self::code::Code;
use self::start::{Begin, Looking};
use self::work::Work;
use super::{Context, Detection, NothingToRun, join_inside, slug};
use crate::error::Result;
use crate::facts::{Access, Evidence, Found, Kind, Need, Note, Phase, Project, PythonFacts, Stack, Start};
use crate::source::python::Expr;

const LANGUAGE: &str = "python";

/// Finds the Python program of the folder `root`, relative to the repository.
///
/// # Errors
/// A manifest is broken, or what was asked for is not there.
pub fn detect(cx: &Context, root: &Utf8Path) -> Result<Detection> {
    let (files, _) = cx.repo.list(root);
    let marked =
        files.iter().any(|name| cx.knowledge.of(LANGUAGE).markers.iter().any(|marker| marker == name));
    let sources = files.iter().any(|name| Utf8Path::new(name).extension() == Some("py"));
    let listed = cx.knowledge.of(LANGUAGE).requirements.iter().any(|file| cx.repo.has(root.join(file)));
    if !marked && !sources && !listed {
        return Ok(Detection::Missing);
    }
    let mut work = tool::read(cx, root)?;
    for (extra, because) in extras::wanted(&work)? {
        tool::take_extra(&mut work, &extra, because);
    }
    let django = django::find(&work);
    let roots = import_roots(&work, django.as_ref());
    let code = Code::new(cx, roots);
    let looking = Looking { work: &work, code: &code, django: django.as_ref() };
    let begin = start::find(&looking)?;
    match begin {
        Some(begin) => Ok(Detection::Found(Box::new(project(&looking, begin)?))),
        None if work.described => Ok(Detection::NothingToRun(nothing(&work))),
        None => Ok(Detection::Missing),
    }
}

/// The folders that modules are imported from: the program's, the project's, `src`.
fn import_roots(work: &Work, django: Option<&django::Django>) -> Vec<Utf8PathBuf> {
    let mut roots: Vec<Utf8PathBuf> =
        django.map(|django| work.root.join(&django.place)).into_iter().collect();
    roots.extend([work.root.clone(), work.root.join("src")]);
    roots.dedup();
    roots
}

fn nothing(work: &Work) -> NothingToRun {
    let manifest =
        work.pyproject.as_ref().map(|one| one.path.clone()).or_else(|| work.tool.manifests.first().cloned());
    let workspace =
        work.pyproject.as_ref().filter(|one| one.value.uv.as_ref().is_some_and(|uv| uv.workspace));
    if let Some(manifest) = workspace {
        let members = tool::members(work.cx, &work.root);
        let help = members
            .iter()
            .map(|member| format!("`--service {}` names a member", crate::text::shell_word(member.as_str())));
        return NothingToRun {
            root: work.root.clone(),
            language: LANGUAGE.to_owned(),
            what: "a workspace root".to_owned(),
            because: vec![manifest.at("workspace", "the workspace's members")],
            help: help.collect(),
        };
    }
    let library =
        work.pyproject.as_ref().is_some_and(|one| one.value.backend.is_some()) || work.setup.is_some();
    let what = if library {
        "a Python library: no console script, no application"
    } else {
        "a Python project that nothing starts"
    };
    NothingToRun {
        root: work.root.clone(),
        language: LANGUAGE.to_owned(),
        what: what.to_owned(),
        because: manifest
            .map(|file| Evidence::file(&file, file.file_name().unwrap_or_default()))
            .into_iter()
            .collect(),
        help: vec![
            "a program has a web application's object, a console script, a `__main__.py` or a `main.py`"
                .to_owned(),
            "give the command that starts it with `--start`".to_owned(),
        ],
    }
}

fn project(looking: &Looking, begin: Begin) -> Result<Project> {
    let work = looking.work;
    let binaries = version::binaries(work);
    let name = work
        .pyproject
        .as_ref()
        .and_then(|one| one.value.name.clone())
        .or_else(|| work.setup.as_ref()?.value.name.clone());
    let mut project = Project {
        root: work.root.clone(),
        name: slug(name.as_deref().or(work.root.file_name()).unwrap_or("app")),
        language: LANGUAGE.to_owned(),
        kind: kind(&begin),
        versions: version::find(work, &binaries)?,
        stack: Stack::Python(Box::default()),
        listen: begin.listen.iter().cloned().collect(),
        env: Vec::new(),
        reads: Vec::new(),
        writes: Vec::new(),
        needs: native::find(work),
        access: Access::default(),
        notes: work.notes.clone(),
    };
    project.notes.extend(begin.notes.iter().map(|(code, text)| Note {
        code: code.clone(),
        text: text.clone(),
        because: begin.because.clone(),
    }));
    let (constraints, notes) = conflict::find(work);
    project.notes.extend(notes);
    let mut facts = PythonFacts {
        package: name,
        tool: work.tool.clone(),
        has_dependencies: !work.packages.is_empty() || work.tool.needs_sources.is_some(),
        place: begin.place.clone(),
        framework: begin.framework.as_ref().map(|(row, because)| Found::new(row.id.clone(), because.clone())),
        handles_sigterm: begin.handles_sigterm,
        adds: begin.adds.iter().cloned().chain(constraints).collect(),
        binaries,
        git_dependency: work.git.first().map(|(name, _, because)| Found::new(name.clone(), because.clone())),
        ..PythonFacts::default()
    };
    environment(&begin, &mut project);
    let reached = looking.code.reached(&begin.entries);
    runtime::fill(work, looking.code, &begin.place, &reached, &mut project);
    if let Some(django) = looking.django {
        of_django(looking, django, &mut facts, &mut project);
    }
    itself(work, &begin, &mut facts);
    if let Some(because) = metadata(looking, &reached).filter(|_| facts.installs_itself.is_none()) {
        facts.installs_itself = Some(Found::new((), because));
        facts.keeps_sources = true;
        versioned(work, &mut facts);
    }
    siblings(work, &mut facts, &mut project);
    if facts.installs_itself.is_some() || work.tool.needs_sources.is_some() {
        facts.built_from = documents(work);
    }
    let installed = facts.installs_itself.is_some() && !facts.keeps_sources;
    if installed || matches!(project.kind.value, Kind::Cli) {
        // An installed program writes where it is called, not beside its code.
        project.writes.retain(|write| write.value.is_absolute());
    }
    facts.reads_built = runtime::built_elsewhere(work, looking.code, &reached, &project);
    beside(&begin, &mut facts, &mut project);
    if let Some(git) = &facts.git_dependency {
        project.needs.push(Found {
            value: Need { capability: "git".into(), phase: Phase::Build },
            because: git.because.clone(),
        });
    }
    access::fill(work, &mut project);
    facts.reached = reached;
    let start = Start { argv: begin.argv, env: begin.env, shell: begin.shell };
    facts.start = Some(Found { value: start, because: begin.because });
    project.stack = Stack::Python(Box::new(facts));
    Ok(project)
}

fn kind(begin: &Begin) -> Found<Kind> {
    let because = begin.because.first().cloned().unwrap_or_else(|| Evidence::told("the start command"));
    let kind = if begin.listen.is_some() {
        Kind::Web
    } else {
        begin.kind.filter(|kind| *kind != Kind::Web).unwrap_or(Kind::Worker)
    };
    Found::new(kind, because)
}

/// Variables of the start belong to the image.
fn environment(begin: &Begin, project: &mut Project) {
    let because = begin.because.first().cloned().unwrap_or_else(|| Evidence::told("the start command"));
    for (name, value) in &begin.env {
        let variable =
            crate::facts::Variable { name: name.clone(), value: Some(value.clone()), required: false };
        project.env.push(Found::new(variable, because.clone()));
    }
}

fn of_django(looking: &Looking, django: &django::Django, facts: &mut PythonFacts, project: &mut Project) {
    let said = django::said(looking.work, looking.code, django);
    if let Some(settings) = &django.settings
        && let Some(because) = &settings.set
        && !project.env.iter().any(|one| one.value.name == "DJANGO_SETTINGS_MODULE")
    {
        let variable = crate::facts::Variable {
            name: "DJANGO_SETTINGS_MODULE".into(),
            value: Some(settings.module.clone()),
            required: false,
        };
        project.env.push(Found::new(variable, because.clone()));
    }
    facts.build.extend(said.build);
    let root = looking.work.root.join(&facts.place);
    let inside = said.writes.into_iter().filter_map(|one| {
        let path = one.value.strip_prefix(&root).ok()?.to_owned();
        Some(Found { value: path, because: one.because })
    });
    project.writes.extend(inside.collect::<Vec<_>>());
    project.notes.extend(said.notes);
}

/// Whether the project itself has to be installed: its console script, or code that only an install puts on the path.
fn itself(work: &Work, begin: &Begin, facts: &mut PythonFacts) {
    let packaged =
        work.pyproject.as_ref().is_some_and(|one| one.value.backend.is_some() && !one.value.no_package)
            || work.setup.is_some();
    let poetry = work.pyproject.as_ref().is_some_and(|one| one.value.poetry && !one.value.no_package);
    let uv = work
        .pyproject
        .as_ref()
        .is_some_and(|one| one.value.uv.as_ref().is_some_and(|uv| uv.package == Some(true)));
    let source = begin.entries.first();
    let in_src = source
        .and_then(|file| file.strip_prefix(&work.root).ok())
        .is_some_and(|file| file.starts_with("src"));
    let named = |word: &String| word.starts_with("src.") || word.starts_with("src:");
    let module =
        begin.argv.iter().any(|word| word == "-m" || word.contains(':')) && !begin.argv.iter().any(named);
    let because = begin.because.first().cloned().unwrap_or_else(|| Evidence::told("the start command"));
    if begin.own_script {
        facts.installs_itself = Some(Found::new((), because));
    } else if (packaged || poetry || uv) && in_src && module && begin.place.as_str().is_empty() {
        let says = "its packages lie in src".to_owned();
        facts.installs_itself = Some(Found::new((), Evidence { says, ..because }));
    }
    if facts.installs_itself.is_some() {
        versioned(work, facts);
    }
}

/// Files beside the manifests that these name: a readme, a licence, a list of authors.
fn documents(work: &Work) -> Vec<Utf8PathBuf> {
    let manifests = ["pyproject.toml", "setup.py", "setup.cfg"].map(|name| work.root.join(name));
    let texts: Vec<_> = manifests.iter().filter_map(|path| work.cx.repo.source(path)).collect();
    let (files, _) = work.cx.repo.list(&work.root);
    let named = |name: &&&str| texts.iter().any(|text| text.contains(**name));
    let document = |name: &&&str| matches!(Utf8Path::new(name).extension(), Some("md" | "rst" | "txt"));
    files.iter().filter(document).filter(named).map(|name| Utf8PathBuf::from(*name)).collect()
}

/// Where the program asks an index of what is installed about itself, and does not go on without: `version("shop")`.
fn metadata(looking: &Looking, reached: &[Utf8PathBuf]) -> Option<Evidence> {
    let work = looking.work;
    let manifest = work.pyproject.as_ref().filter(|one| !one.value.no_package)?;
    let packaged = manifest.value.backend.is_some() || manifest.value.poetry;
    let own = crate::manifest::python::normal(manifest.value.name.as_deref().filter(|_| packaged)?);
    reached.iter().find_map(|path| {
        let text = work.cx.repo.source(path)?;
        if !text.contains("metadata") || text.contains("PackageNotFoundError") {
            return None;
        }
        let file = looking.code.file(path)?;
        let asks = |call: &&Expr| {
            let name = call.call().map(|(name, ..)| file.resolved(&name)).unwrap_or_default();
            let index = name.starts_with("importlib.metadata.") || name.starts_with("importlib_metadata.");
            let about = call.argument("distribution_name", 0).and_then(Expr::text);
            index && about.is_some_and(|about| crate::manifest::python::normal(about) == own)
        };
        let Expr::Call { line, .. } = file.calls().into_iter().find(asks)? else { return None };
        let says = format!("{} asks for the version that is installed", start::shown(work, path));
        Some(Evidence::line(path, *line, says))
    })
}

/// A version that comes from version control has to be told where that is not there.
fn versioned(work: &Work, facts: &mut PythonFacts) {
    let Some(manifest) = &work.pyproject else { return };
    let rows = &work.cx.knowledge.of(LANGUAGE).versioned_by_git;
    let dynamic = manifest.value.dynamic.iter().any(|one| one == "version")
        || manifest.text.contains("dynamic-versioning");
    let row = manifest.value.backend_requires.iter().find_map(|one| rows.get(&one.name)).filter(|_| dynamic);
    if let Some(variable) = row {
        let because = manifest.at("dynamic", "The version comes from git, which the build does not have");
        facts.build_env.push(Found::new((variable.clone(), "0.0.0".to_owned()), because));
    }
}

/// Folders of the repository that packages come from: members of the workspace, paths.
fn siblings(work: &Work, facts: &mut PythonFacts, project: &mut Project) {
    let mut folders: Vec<Utf8PathBuf> = Vec::new();
    for (path, because) in &work.paths {
        match join_inside(&work.root, path) {
            Some(folder) if work.cx.repo.has_dir(&folder) => folders.push(folder),
            Some(_) => {}
            None => project.notes.push(Note {
                code: "outside".to_owned(),
                text: format!("`{path}` lies outside the repository: the build cannot read it"),
                because: vec![because.clone()],
            }),
        }
    }
    if let Some((_, lock)) = &work.lock {
        let own = work.packages.keys().chain(work.pyproject.iter().flat_map(|one| &one.value.members));
        for package in own.flat_map(|name| lock.named(name)) {
            let folder = package.path.as_ref().and_then(|path| join_inside(&work.tool.root, path));
            folders.extend(folder.filter(|folder| work.cx.repo.has_dir(folder)));
        }
    }
    if work.tool.workspace {
        folders.extend(tool::needed_members(work));
    }
    folders.retain(|folder| *folder != work.root && !folder.as_str().is_empty());
    folders.sort();
    folders.dedup();
    facts.siblings = folders;
}

/// Files that are written beside the code: the code is read-only, so links lead to a folder that is not.
fn beside(begin: &Begin, facts: &mut PythonFacts, project: &mut Project) {
    let is_file = |path: &Utf8Path| path.extension().is_some() && !path.is_absolute();
    let direct = |path: &Utf8Path| path.parent().is_none_or(|folder| folder.as_str().is_empty());
    let (files, rest): (Vec<_>, Vec<_>) =
        project.writes.drain(..).partition(|one| is_file(&one.value) && direct(&one.value));
    project.writes = rest;
    for one in files {
        facts.beside.push(Found { value: begin.place.join(&one.value), because: one.because });
    }
    // A folder is relative to the working folder, which is the program's.
    for one in &mut project.writes {
        if is_file(&one.value)
            && let Some(folder) = one.value.parent()
        {
            one.value = folder.to_owned();
        }
    }
    project.writes.dedup_by(|one, other| one.value == other.value);
}

#[cfg(test)]
mod tests;
