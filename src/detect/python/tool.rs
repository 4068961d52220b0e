//! Which package manager installs the project, from which files, and which packages production has.

use camino::{Utf8Path, Utf8PathBuf};
use globset::Glob;

use super::work::{Manifest, Package, Work};
use crate::detect::{Context, join_inside};
use crate::error::{Error, Result};
use crate::facts::{Evidence, Found, PythonTool};
use crate::knowledge::Tool;
use crate::manifest::python::lock::{self, Lock};
use crate::manifest::python::pep440::{Specifier, Version};
use crate::manifest::python::project::{self, PyProject};
use crate::manifest::python::{pipfile, requirements, requirements::Requirement, setup};
use crate::source::python;

/// Reads the manifests of a folder; `None` where it has none.
///
/// # Errors
/// One of them is broken.
pub(super) fn read<'a>(cx: &'a Context<'a>, root: &Utf8Path) -> Result<Work<'a>> {
    let pyproject = pyproject(cx, root)?;
    let mut work = Work {
        cx,
        root: root.to_owned(),
        tool: PythonTool { root: root.to_owned(), ..PythonTool::default() },
        described: pyproject.as_ref().is_some_and(|one| one.value.is_project),
        pyproject,
        setup: setup_py(cx, root),
        lock: None,
        packages: std::collections::BTreeMap::new(),
        indexes: Vec::new(),
        git: Vec::new(),
        paths: Vec::new(),
        no_binary: Vec::new(),
        notes: Vec::new(),
    };
    choose(&mut work)?;
    work.described |= work.setup.is_some() || !work.tool.manifests.is_empty();
    brought(&mut work);
    Ok(work)
}

fn pyproject(cx: &Context, root: &Utf8Path) -> Result<Option<Manifest<PyProject>>> {
    let path = root.join("pyproject.toml");
    let Some(text) = cx.repo.read(&path)? else { return Ok(None) };
    let mut value = project::parse(&text).map_err(|(message, line)| Error::broken(&path, line, message))?;
    let rows = &cx.knowledge.of("python").production_groups;
    let group = rows.iter().find(|name| value.groups.contains_key(*name)).filter(|_| !value.is_project);
    if let Some(group) = group {
        value.is_project = true;
        value.dependencies = value.groups.get(group).cloned().unwrap_or_default();
        value.group = Some(group.clone());
    }
    Ok(Some(Manifest { path, text, value }))
}

/// setup.py, else setup.cfg, in setup.py's shape.
fn setup_py(cx: &Context, root: &Utf8Path) -> Option<Manifest<python::Setup>> {
    let cfg = root.join("setup.cfg");
    let from_cfg = cx.repo.source(&cfg).map(|text| {
        let read = setup::parse(&text);
        let scripts = read.scripts.iter().map(|(name, function)| format!("{name} = {function}")).collect();
        let requires = text
            .lines()
            .map(str::trim)
            .filter(|line| requirements::requirement(line).is_some_and(|one| read.requires.contains(&one)));
        let value = python::Setup {
            name: read.name.clone(),
            python: read.python.clone(),
            requires: requires.map(str::to_owned).collect(),
            scripts,
            line: 1,
        };
        Manifest { path: cfg.clone(), text, value }
    });
    let path = root.join("setup.py");
    let own = cx.repo.source(&path).and_then(|text| {
        let value = python::setup(&python::parse(&text))?;
        Some(Manifest { path, text, value })
    });
    match (own, from_cfg) {
        (Some(own), Some(cfg)) if own.value.name.is_none() && cfg.value.name.is_some() => Some(cfg),
        (Some(own), _) => Some(own),
        (None, cfg) => cfg.filter(|cfg| cfg.value.name.is_some()),
    }
}

/// The tool's row in the table.
pub(super) fn row<'a>(cx: &'a Context, id: &str) -> Option<&'a Tool> {
    cx.knowledge.of("python").tools.iter().find(|tool| tool.id == id)
}

/// A lock file of the folder, else of a workspace around it, else requirements, else the manifest alone.
fn choose(work: &mut Work) -> Result<()> {
    if let Some((id, path)) = lock_of(work) {
        return locked(work, &id, path);
    }
    if let Some(root) = workspace_of(work) {
        open_workspace(work, &root);
        return Ok(());
    }
    if work.has_file("Pipfile") {
        // What is exported from a lock file that nobody committed pins what the Pipfile only names.
        let exported = requirements_file(work).filter(|path| pins_all(work, path));
        return match exported {
            Some(path) => pip(work, &path),
            None => pipenv(work, None),
        };
    }
    if let Some(path) = requirements_file(work) {
        return pip(work, &path);
    }
    manifest_alone(work);
    Ok(())
}

fn lock_of(work: &Work) -> Option<(String, Utf8PathBuf)> {
    let tools = &work.cx.knowledge.of("python").tools;
    let rows = || tools.iter().flat_map(|tool| tool.locks.iter().map(move |lock| (tool.id.clone(), lock)));
    let own = rows().find(|(_, lock)| work.has_file(lock)).map(|(id, lock)| (id, work.root.join(lock)));
    own.or_else(|| {
        let around = work.root.ancestors().skip(1).find(|folder| is_member(work.cx, folder, &work.root))?;
        let path = around.join("uv.lock");
        work.cx.repo.has(&path).then(|| ("uv".to_owned(), path))
    })
}

/// The root of the uv workspace that a project without a lock file belongs to, where it needs other members.
fn workspace_of(work: &Work) -> Option<Utf8PathBuf> {
    work.pyproject.as_ref().filter(|one| !one.value.members.is_empty())?;
    let mut around = work.root.ancestors().skip(1);
    let own = work.pyproject.as_ref().is_some_and(|one| one.value.uv.as_ref().is_some_and(|uv| uv.workspace));
    if own {
        return Some(work.root.clone());
    }
    around.find(|folder| is_member(work.cx, folder, &work.root)).map(Utf8Path::to_owned)
}

/// A workspace that nobody locked: uv resolves it at each build, with its members at hand.
fn open_workspace(work: &mut Work, root: &Utf8Path) {
    "uv".clone_into(&mut work.tool.id);
    root.clone_into(&mut work.tool.root);
    manifests(work, root, &root.join("uv.lock"));
    declared(work);
    let path = root.join("pyproject.toml");
    work.tool.workspace = true;
    if root != work.root {
        work.tool.member = work.pyproject.as_ref().and_then(|one| one.value.name.clone());
    }
    unlocked(work, &path);
}

/// The folders of the members that a project needs, and that these need, by the names in their manifests.
pub(super) fn needed_members(work: &Work) -> Vec<Utf8PathBuf> {
    let all: Vec<(Utf8PathBuf, PyProject)> = members(work.cx, &work.tool.root)
        .into_iter()
        .filter_map(|folder| Some((folder.clone(), pyproject(work.cx, &folder).ok()??.value)))
        .collect();
    let mut names: Vec<String> =
        work.pyproject.as_ref().map(|one| one.value.members.clone()).unwrap_or_default();
    let mut folders = Vec::new();
    let mut at = 0;
    while let Some(name) = names.get(at).cloned() {
        at += 1;
        let normal = |own: &String| crate::manifest::python::normal(own) == name;
        let Some((folder, manifest)) = all.iter().find(|(_, one)| one.name.as_ref().is_some_and(normal))
        else {
            continue;
        };
        folders.push(folder.clone());
        names.extend(
            manifest.members.iter().filter(|more| !names.contains(more)).cloned().collect::<Vec<_>>(),
        );
    }
    folders
}

/// Whether a folder is the root of a uv workspace that another is a member of.
fn is_member(cx: &Context, root: &Utf8Path, member: &Utf8Path) -> bool {
    let Ok(Some(manifest)) = pyproject(cx, root) else { return false };
    let Some(uv) = manifest.value.uv.filter(|uv| uv.workspace) else { return false };
    let Ok(relative) = member.strip_prefix(root) else { return false };
    let fits = |glob: &String| {
        Glob::new(glob.trim_end_matches('/')).is_ok_and(|glob| glob.compile_matcher().is_match(relative))
    };
    uv.members.iter().any(fits) && !uv.exclude.iter().any(fits)
}

/// The members of a workspace: folders with a pyproject.toml that its globs name.
pub(super) fn members(cx: &Context, root: &Utf8Path) -> Vec<Utf8PathBuf> {
    let folders = cx
        .repo
        .under(root)
        .filter(|file| file.file_name() == Some("pyproject.toml"))
        .filter_map(|file| file.parent());
    folders.filter(|folder| *folder != root && is_member(cx, root, folder)).map(Utf8Path::to_owned).collect()
}

fn locked(work: &mut Work, id: &str, path: Utf8PathBuf) -> Result<()> {
    if id == "pipenv" {
        return pipenv(work, Some(path));
    }
    let Some(text) = work.cx.repo.read(&path)? else { return Ok(()) };
    let lock = lock::parse(&text).map_err(|(message, line)| Error::broken(&path, line, message))?;
    id.clone_into(&mut work.tool.id);
    let root = path.parent().map(Utf8Path::to_owned).unwrap_or_default();
    work.tool.lock = Some(path.clone());
    work.tool.root.clone_from(&root);
    version_of_tool(work, &lock, &path);
    manifests(work, &root, &path);
    declared(work);
    let mut names: Vec<String> = work.packages.keys().cloned().collect();
    if root != work.root {
        work.tool.member = work.pyproject.as_ref().and_then(|one| one.value.name.clone());
    }
    let members: Vec<String> =
        work.pyproject.as_ref().map(|one| one.value.members.clone()).unwrap_or_default();
    names.extend(members);
    let reached = lock.reached(&names);
    work.lock = Some((path, lock));
    fill(work, &reached);
    Ok(())
}

/// Installs an extra with the project: its packages are production's, too.
pub(super) fn take_extra(work: &mut Work, extra: &str, because: Evidence) {
    let list = work.pyproject.as_ref().and_then(|one| one.value.extras.get(extra)).cloned();
    for one in list.unwrap_or_default() {
        let says = format!("{} of the extra {extra}", one.name);
        work.require(&one, Evidence { says, ..because.clone() });
    }
    let names: Vec<String> = work.packages.keys().cloned().collect();
    let reached = work.lock.as_ref().map(|(_, lock)| lock.reached(&names));
    fill(work, &reached.unwrap_or_default());
    work.tool.extras.push(Found::new(extra.to_owned(), because));
}

/// The exact version of the tool: the one that the project asks for, else the one that wrote the lock file or its format.
fn version_of_tool(work: &mut Work, lock: &Lock, path: &Utf8Path) {
    let Some(row) = row(work.cx, &work.tool.id) else { return };
    let file = path.file_name().unwrap_or_default();
    if let Some(version) = lock.written_by.as_ref().filter(|_| row.id == "poetry") {
        let because = Evidence::line(path, 1, format!("{file} was written by Poetry {version}"));
        work.tool.version = Some(Found::new(version.clone(), because));
    } else if let Some(version) = lock.format.as_ref().and_then(|format| row.formats.get(format)) {
        let says = format!("the lock-version of {file}");
        work.tool.version = Some(Found::new(version.clone(), Evidence::file(path, says)));
    }
}

/// Everything that the install reads: the manifest, the lock file, settings of the tool, manifests of a workspace's members.
fn manifests(work: &mut Work, root: &Utf8Path, lock: &Utf8Path) {
    let Some(row) = row(work.cx, &work.tool.id) else { return };
    let mut all = vec![root.join("pyproject.toml"), lock.to_owned()];
    all.extend(row.reads.iter().map(|file| root.join(file)));
    if work.tool.id == "uv" {
        all.extend(members(work.cx, root).iter().map(|member| member.join("pyproject.toml")));
    }
    all.retain(|file| work.cx.repo.has(file));
    work.tool.manifests = all;
}

/// What the manifest itself names for production.
fn declared(work: &mut Work) {
    let Some(manifest) = work.pyproject.take() else { return };
    for one in &manifest.value.dependencies {
        let says = format!("{} in {}", one.name, manifest.path.file_name().unwrap_or_default());
        let because =
            Evidence { line: line_of_name(&manifest.text, &one.name), ..manifest.at(&one.name, says) };
        work.require(one, because);
    }
    for (name, url) in &manifest.value.indexes {
        let because =
            manifest.at(url, format!("the index {name} of pyproject.toml").replace("index  of", "index of"));
        work.indexes.push((name.clone(), url.clone(), because));
    }
    let production = |name: &String| manifest.value.dependencies.iter().any(|one| one.name == *name);
    for (name, address) in manifest.value.git.iter().filter(|(name, _)| production(name)) {
        let because = manifest.at(name, format!("{name} comes from a git repository"));
        work.git.push((name.clone(), address.clone(), because));
    }
    for (name, path) in manifest.value.paths.iter().filter(|(name, _)| production(name)) {
        work.paths.push((path.clone(), manifest.at(name, format!("{name} comes from {path}"))));
    }
    work.pyproject = Some(manifest);
}

/// The line that names a package, however its name is written.
fn line_of_name(text: &str, name: &str) -> Option<u32> {
    let normal = |line: &str| crate::manifest::python::normal(line.trim().trim_matches(['"', '\'', ',']));
    let named = |line: &str| {
        let line = normal(line);
        let rest = line.strip_prefix(name);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-'))
    };
    let lines = text.lines().zip(1u32..);
    lines
        .clone()
        .find(|(line, _)| named(line))
        .map(|(_, number)| number)
        .or_else(|| crate::manifest::line_of(text, name))
}

/// Every package of the lock file that production reaches, with its version.
fn fill(work: &mut Work, reached: &[String]) {
    let Some((path, lock)) = work.lock.take() else { return };
    for name in reached {
        let Some(package) = lock.named(name).next() else { continue };
        let says = format!("{name} in {}", path.file_name().unwrap_or_default());
        let locked = Evidence::line(&path, package.line, says);
        let exact = Version::parse(&package.version);
        let versions = Specifier::parse(&format!("=={}", package.version));
        if package.git {
            let because = Evidence::line(&path, package.line, format!("{name} comes from a git repository"));
            work.git.push((name.clone(), package.source.clone().unwrap_or_default(), because));
        }
        if let Some(known) = work.packages.get_mut(name) {
            (known.versions, known.exact) = (versions, exact);
        } else {
            let package = Package { versions, exact, extras: Vec::new(), because: locked, direct: false };
            work.packages.insert(name.clone(), package);
        }
    }
    work.lock = Some((path, lock));
}

fn pipenv(work: &mut Work, lock: Option<Utf8PathBuf>) -> Result<()> {
    "pipenv".clone_into(&mut work.tool.id);
    let path = work.root.join("Pipfile");
    if let Some(text) = work.cx.repo.read(&path)? {
        let read = pipfile::parse(&text).map_err(|(message, line)| Error::broken(&path, line, message))?;
        for one in &read.packages {
            let line = line_of_name(&text, &one.name);
            let because =
                Evidence { says: format!("{} in Pipfile", one.name), file: Some(path.clone()), line };
            work.clone_of(one, &because);
            work.require(one, because);
        }
        let because = |url: &str| {
            let line = crate::manifest::line_of(&text, url);
            Evidence { says: "the sources of Pipfile".to_owned(), file: Some(path.clone()), line }
        };
        let indexes = read.indexes.into_iter();
        work.indexes.extend(indexes.map(|(name, url)| (name, url.clone(), because(&url))));
        work.tool.manifests.push(path.clone());
    }
    match lock {
        Some(lock) => {
            let Some(text) = work.cx.repo.read(&lock)? else { return Ok(()) };
            let read = lock::pipfile(&text).map_err(|(message, line)| Error::broken(&lock, line, message))?;
            let names: Vec<String> = read.packages.iter().map(|one| one.name.clone()).collect();
            work.tool.manifests.push(lock.clone());
            work.tool.lock = Some(lock.clone());
            work.lock = Some((lock, read));
            fill(work, &names);
        }
        None => unlocked(work, &path),
    }
    Ok(())
}

fn unlocked(work: &mut Work, path: &Utf8Path) {
    let name = work.tool.id.clone();
    let text = format!(
        "there is no lock file: each build installs what is newest that day; `{name} lock` writes one"
    );
    work.note("no-lock-file", text, vec![Evidence::file(path, path.file_name().unwrap_or_default())]);
}

fn requirements_file(work: &Work) -> Option<Utf8PathBuf> {
    let rows = &work.cx.knowledge.of("python").requirements;
    let known = rows.iter().map(|row| work.root.join(row)).find(|path| work.cx.repo.has(path));
    known.or_else(|| {
        let described = work.pyproject.as_ref().is_some_and(|one| !one.value.dependencies.is_empty());
        let (files, _) = work.cx.repo.list(&work.root);
        let other = |name: &&&str| {
            let plain = name.to_ascii_lowercase();
            plain.starts_with("requirements")
                && Utf8Path::new(&plain).extension() == Some("txt")
                && !["dev", "test", "doc", "lint", "ci", "local"].iter().any(|word| plain.contains(word))
        };
        let mut found = files.iter().filter(other);
        match (found.next(), found.next()) {
            (Some(only), None) if !described => Some(work.root.join(only)),
            _ => None,
        }
    })
}

fn pip(work: &mut Work, path: &Utf8Path) -> Result<()> {
    "pip".clone_into(&mut work.tool.id);
    work.tool.requirements = vec![path.to_owned()];
    let mut next = vec![path.to_owned()];
    let mut at = 0;
    while let Some(file) = next.get(at).cloned() {
        at += 1;
        let Some(text) = work.cx.repo.read(&file)? else {
            return Err(Error::broken(path, None, format!("reads `{file}`, which is not there"))
                .help("add the file, or take the line out"));
        };
        work.tool.manifests.push(file.clone());
        let read = requirements::parse(&text);
        let name = shown(work, &file);
        for (one, line) in &read.all {
            let because = Evidence::line(&file, *line, format!("{} in {name}", one.name));
            work.clone_of(one, &because);
            if let Some(place) = one.path() {
                work.paths.push((place.to_owned(), because.clone()));
            }
            work.require(one, because);
        }
        let urls = read.indexes.iter();
        work.indexes.extend(urls.map(|(url, line)| {
            (String::new(), url.clone(), Evidence::line(&file, *line, format!("the index of {name}")))
        }));
        work.no_binary.extend(read.no_binary);
        for (include, line) in read.includes.iter().chain(&read.constraints) {
            let folder = file.parent().unwrap_or(Utf8Path::new(""));
            let inner = join_inside(folder, include).filter(|inner| work.cx.repo.has(inner));
            let Some(inner) = inner else {
                return Err(Error::broken(&file, Some(*line), format!("`{include}` is not there"))
                    .help("add the file, or take the line out"));
            };
            if !next.contains(&inner) {
                next.push(inner);
            }
        }
    }
    unpinned(work, path);
    super::access::settings(work)?;
    sources_first(work);
    Ok(())
}

/// Told where a requirement is open.
fn unpinned(work: &mut Work, path: &Utf8Path) {
    if work.packages.values().any(|one| one.exact.is_none()) {
        let text = "not every requirement is pinned: each build installs what is newest that day; `pip-compile` or `uv pip compile` writes a file that pins them";
        work.note("no-lock-file", text, vec![Evidence::file(path, path.file_name().unwrap_or_default())]);
    }
}

/// Whether a file names packages, each at one version.
fn pins_all(work: &Work, path: &Utf8Path) -> bool {
    let read = work.cx.repo.source(path).map(|text| requirements::parse(&text));
    let pinned = |one: &Requirement| one.versions.contains("==") && !one.versions.contains('*');
    read.is_some_and(|read| {
        !read.all.is_empty() && read.includes.is_empty() && read.all.iter().all(|(one, _)| pinned(one))
    })
}

/// How comments name a file: without the project's folder.
fn shown(work: &Work, file: &Utf8Path) -> String {
    file.strip_prefix(&work.root).unwrap_or(file).to_string()
}

/// Requirements that name folders of the project need their sources at the install.
fn sources_first(work: &mut Work) {
    let folder = |path: &String| {
        join_inside(&work.root, path)
            .is_some_and(|place| work.cx.repo.has_dir(&place) || place.as_str().is_empty())
    };
    if let Some((_, because)) = work.paths.iter().find(|(path, _)| folder(path)) {
        work.tool.needs_sources = Some(Found::new((), because.clone()));
    }
}

/// No lock file and no requirements: the manifest says what is needed.
fn manifest_alone(work: &mut Work) {
    let pyproject = work.pyproject.as_ref().filter(|one| one.value.is_project);
    if let Some(path) = pyproject.map(|one| one.path.clone()) {
        declared(work);
        let (poetry, standard) = work.pyproject.as_ref().map_or((false, false), |one| {
            (
                one.value.poetry
                    && one.value.backend.as_deref().is_some_and(|backend| backend.contains("poetry")),
                !one.value.dynamic.contains(&"dependencies".to_owned()),
            )
        });
        let poetry_alone =
            poetry && work.pyproject.as_ref().is_some_and(|one| !one.text.contains("[project]"));
        if poetry_alone {
            "poetry".clone_into(&mut work.tool.id);
        } else if standard {
            "uv".clone_into(&mut work.tool.id);
        } else {
            dynamic(work, &path);
            return;
        }
        work.tool.manifests = vec![path.clone()];
        work.tool.group = work.pyproject.as_ref().and_then(|one| one.value.group.clone());
        if work.tool.group.is_some() {
            unpinned(work, &path);
        } else if !work.packages.is_empty() {
            unlocked(work, &path);
        }
        return;
    }
    "pip".clone_into(&mut work.tool.id);
    let Some(setup) = work.setup.take() else { return };
    for text in &setup.value.requires {
        if let Some(one) = requirements::requirement(text) {
            let because =
                setup.at(text, format!("{} in {}", one.name, setup.path.file_name().unwrap_or_default()));
            work.require(&one, because);
        }
    }
    let because = Evidence::file(
        &setup.path,
        format!("{} lists the packages", setup.path.file_name().unwrap_or_default()),
    );
    work.tool.needs_sources = Some(Found::new((), because));
    work.tool.manifests =
        ["setup.py", "setup.cfg", "pyproject.toml"].map(|name| work.root.join(name)).to_vec();
    work.tool.manifests.retain(|file| work.cx.repo.has(file));
    work.setup = Some(setup);
}

/// setuptools reads the dependencies from files of its own choice.
fn dynamic(work: &mut Work, path: &Utf8Path) {
    "pip".clone_into(&mut work.tool.id);
    let files: Vec<String> =
        work.pyproject.as_ref().map(|one| one.value.dependency_files.clone()).unwrap_or_default();
    let files: Vec<Utf8PathBuf> = files
        .iter()
        .filter_map(|file| join_inside(&work.root, file))
        .filter(|file| work.cx.repo.has(file))
        .collect();
    if files.is_empty() {
        work.tool.needs_sources =
            Some(Found::new((), Evidence::file(path, "the dependencies of pyproject.toml are dynamic")));
        work.tool.manifests = vec![path.to_owned()];
        return;
    }
    for file in &files {
        let Some(text) = work.cx.repo.source(file) else { continue };
        for (one, line) in requirements::parse(&text).all {
            work.require(&one, Evidence::line(file, line, format!("{} in {file}", one.name)));
        }
    }
    work.tool.manifests.clone_from(&files);
    work.tool.requirements = files;
}

/// Packages that others bring, where no lock file says so.
fn brought(work: &mut Work) {
    if work.lock.is_some() {
        return;
    }
    for row in &work.cx.knowledge.of("python").brings {
        let Some(package) = work.packages.get(&row.name) else { continue };
        if !row.extras.is_empty() && !row.extras.iter().any(|extra| package.extras.contains(extra)) {
            continue;
        }
        let because = package.because.clone();
        let (versions, exact) = (package.versions.clone(), package.exact.clone());
        for name in &row.brings {
            // A part of a package is released with it: psycopg and psycopg-binary.
            let part = name.strip_prefix(&row.name).is_some_and(|rest| rest.starts_with('-'));
            let one = Package {
                versions: if part { versions.clone() } else { Specifier::default() },
                exact: exact.clone().filter(|_| part),
                extras: Vec::new(),
                because: because.clone(),
                direct: false,
            };
            work.packages.entry(name.clone()).or_insert(one);
        }
    }
}
