//! pyproject.toml: the standard tables (PEP 621, 735) and those of uv, Poetry, PDM, setuptools and `FastAPI`.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::normal;
use super::requirements::{Requirement, requirement};

/// A console script: what it is called, and the function behind it.
pub type Script = (String, String);

/// What a pyproject.toml says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts that a manifest states or not")]
pub struct PyProject {
    /// `project.name`, else Poetry's.
    pub name: Option<String>,
    /// `[project]` or `[tool.poetry]` is there: it describes a project and does not only configure tools.
    pub is_project: bool,
    /// `requires-python`, else Poetry's `python`.
    pub python: Option<String>,
    /// Dependencies of production.
    pub dependencies: Vec<Requirement>,
    /// Optional dependencies by extra.
    pub extras: BTreeMap<String, Vec<Requirement>>,
    /// Dependency groups (PEP 735, Poetry's, PDM's for development).
    pub groups: BTreeMap<String, Vec<Requirement>>,
    /// The group that stands for the dependencies of production, where no table describes a project.
    pub group: Option<String>,
    /// Groups that are installed only where they are asked for (Poetry).
    pub optional_groups: Vec<String>,
    /// `project.scripts` and Poetry's.
    pub scripts: Vec<Script>,
    /// `classifiers`, as the index of packages knows them.
    pub classifiers: Vec<String>,
    /// `build-system.build-backend`.
    pub backend: Option<String>,
    /// `build-system.requires`.
    pub backend_requires: Vec<Requirement>,
    /// `project.dynamic`.
    pub dynamic: Vec<String>,
    /// The readme that building the project reads.
    pub readme: Option<String>,
    /// Files that the licence names.
    pub license_file: Option<String>,
    /// `tool.uv`.
    pub uv: Option<Uv>,
    /// `tool.poetry` is there.
    pub poetry: bool,
    /// Poetry is told that this is no package (`package-mode = false`), or uv (`package = false`), PDM (`distribution = false`).
    pub no_package: bool,
    /// `tool.pdm` is there.
    pub pdm: bool,
    /// Indexes of the project's own: name and URL.
    pub indexes: Vec<(String, String)>,
    /// Packages that come from a git repository: name and address.
    pub git: Vec<(String, String)>,
    /// Packages that come from a folder: name and path.
    pub paths: Vec<(String, String)>,
    /// Packages that are members of the same workspace.
    pub members: Vec<String>,
    /// `tool.fastapi.entrypoint`.
    pub fastapi: Option<String>,
    /// `tool.setuptools` files that hold the dependencies, where they are dynamic.
    pub dependency_files: Vec<String>,
}

/// `tool.uv`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Uv {
    /// `required-version`.
    pub required_version: Option<String>,
    /// `workspace.members`: globs.
    pub members: Vec<String>,
    /// `workspace.exclude`.
    pub exclude: Vec<String>,
    /// There is a `workspace` table.
    pub workspace: bool,
    /// `package = true`.
    pub package: Option<bool>,
}

/// Reads a pyproject.toml.
///
/// # Errors
/// It is no TOML: the message, and the line where one is known.
pub fn parse(text: &str) -> Result<PyProject, (String, Option<u32>)> {
    let table: Table = toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| crate::manifest::line_at(text, span.start));
        (error.message().trim_end().replace('\n', "; "), line)
    })?;
    let mut found = PyProject::default();
    if let Some(project) = sub(&table, &["project"]) {
        standard(project, &mut found);
    }
    if let Some(groups) = sub(&table, &["dependency-groups"]) {
        found.groups.extend(dependency_groups(groups));
    }
    if let Some(system) = sub(&table, &["build-system"]) {
        found.backend = text_of(system, "build-backend");
        found.backend_requires = requirements(system.get("requires"));
    }
    if let Some(poetry) = sub(&table, &["tool", "poetry"]) {
        self::poetry(poetry, &mut found);
    }
    if let Some(uv) = sub(&table, &["tool", "uv"]) {
        self::uv(uv, &mut found);
    }
    if let Some(pdm) = sub(&table, &["tool", "pdm"]) {
        self::pdm(pdm, &mut found);
    }
    found.fastapi = sub(&table, &["tool", "fastapi"]).and_then(|fastapi| text_of(fastapi, "entrypoint"));
    if let Some(dynamic) = sub(&table, &["tool", "setuptools", "dynamic", "dependencies"]) {
        found.dependency_files = words(dynamic.get("file"));
    }
    let placed: Vec<(String, String)> = found
        .dependencies
        .iter()
        .filter_map(|one| Some((one.name.clone(), one.path()?.to_owned())))
        .collect();
    found.paths.extend(placed);
    let cloned = found.dependencies.iter().filter(|one| one.is_git());
    let cloned = cloned.map(|one| (one.name.clone(), one.source.clone().unwrap_or_default()));
    found.git.extend(cloned.collect::<Vec<_>>());
    Ok(found)
}

fn standard(project: &Table, found: &mut PyProject) {
    found.is_project = true;
    found.name = text_of(project, "name");
    found.python = text_of(project, "requires-python");
    found.dependencies = requirements(project.get("dependencies"));
    found.dynamic = words(project.get("dynamic"));
    found.scripts = scripts(project.get("scripts"));
    found.classifiers = words(project.get("classifiers"));
    found.readme = match project.get("readme") {
        Some(Value::Table(table)) => text_of(table, "file"),
        Some(Value::String(text)) => Some(text.clone()),
        _ => None,
    };
    found.license_file = sub(project, &["license"]).and_then(|license| text_of(license, "file"));
    for (extra, list) in sub(project, &["optional-dependencies"]).into_iter().flatten() {
        found.extras.insert(normal(extra), requirements(Some(list)));
    }
}

/// PEP 735: a group may include others.
fn dependency_groups(groups: &Table) -> BTreeMap<String, Vec<Requirement>> {
    let list = |name: &str| groups.iter().find(|(key, _)| normal(key) == name).map(|(_, list)| list);
    let mut all = BTreeMap::new();
    for name in groups.keys().map(|key| normal(key)) {
        let mut seen = vec![name.clone()];
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(one) = seen.get(at).cloned() {
            at += 1;
            found.extend(requirements(list(&one)));
            for include in list(&one).and_then(Value::as_array).into_iter().flatten() {
                let included = include.get("include-group").and_then(Value::as_str).map(normal);
                seen.extend(included.filter(|group| !seen.contains(group)));
            }
        }
        all.insert(name, found);
    }
    all
}

fn poetry(poetry: &Table, found: &mut PyProject) {
    found.poetry = true;
    let described = poetry.contains_key("dependencies") || poetry.contains_key("name");
    found.is_project |= described;
    found.name = found.name.take().or_else(|| text_of(poetry, "name"));
    found.readme = found.readme.take().or_else(|| text_of(poetry, "readme"));
    found.no_package |= poetry.get("package-mode").and_then(Value::as_bool) == Some(false);
    let dependencies = sub(poetry, &["dependencies"]);
    if let Some(dependencies) = dependencies {
        let python = dependencies.get("python").and_then(Value::as_str).map(str::to_owned);
        found.python = found.python.take().or(python);
        let known: Vec<String> = found.dependencies.iter().map(|one| one.name.clone()).collect();
        let own = poetry_dependencies(dependencies, found);
        found.dependencies.extend(own.into_iter().filter(|one| !known.contains(&one.name)));
    }
    if let Some(dev) = sub(poetry, &["dev-dependencies"]) {
        let dev = poetry_dependencies(dev, found);
        found.groups.insert("dev".to_owned(), dev);
    }
    for (name, group) in sub(poetry, &["group"]).into_iter().flatten() {
        let Some(group) = group.as_table() else { continue };
        if group.get("optional").and_then(Value::as_bool) == Some(true) {
            found.optional_groups.push(normal(name));
        }
        let list = sub(group, &["dependencies"]).map(|list| poetry_dependencies(list, found));
        found.groups.insert(normal(name), list.unwrap_or_default());
    }
    for (name, value) in sub(poetry, &["scripts"]).into_iter().flatten() {
        let function = match value {
            Value::Table(table) => text_of(table, "reference").or_else(|| text_of(table, "callable")),
            other => other.as_str().map(str::to_owned),
        };
        found.scripts.extend(function.map(|function| (name.clone(), function)));
    }
    found.indexes.extend(sources(poetry.get("source")));
}

fn poetry_dependencies(table: &Table, found: &mut PyProject) -> Vec<Requirement> {
    let mut all = Vec::new();
    for (name, value) in table.iter().filter(|(name, _)| *name != "python") {
        let one = match value {
            Value::Array(several) => several.first(),
            other => Some(other),
        };
        let mut requirement = Requirement { name: normal(name), ..Requirement::default() };
        match one {
            Some(Value::String(versions)) => requirement.versions.clone_from(versions),
            Some(Value::Table(table)) => {
                requirement.versions = text_of(table, "version").unwrap_or_default();
                requirement.extras = words(table.get("extras")).iter().map(|extra| normal(extra)).collect();
                requirement.marker = text_of(table, "markers");
                if let Some(git) = text_of(table, "git") {
                    requirement.source = Some(format!("git+{git}"));
                }
                if let Some(path) = text_of(table, "path") {
                    found.paths.push((requirement.name.clone(), path));
                }
                if table.get("optional").and_then(Value::as_bool) == Some(true) {
                    continue;
                }
            }
            _ => {}
        }
        all.push(requirement);
    }
    all
}

fn uv(uv: &Table, found: &mut PyProject) {
    let workspace = sub(uv, &["workspace"]);
    let package = uv.get("package").and_then(Value::as_bool);
    found.no_package |= package == Some(false);
    found.uv = Some(Uv {
        required_version: text_of(uv, "required-version"),
        members: workspace.map(|table| words(table.get("members"))).unwrap_or_default(),
        exclude: workspace.map(|table| words(table.get("exclude"))).unwrap_or_default(),
        workspace: workspace.is_some(),
        package,
    });
    let dev = requirements(uv.get("dev-dependencies"));
    if !dev.is_empty() {
        found.groups.entry("dev".to_owned()).or_default().extend(dev);
    }
    for (name, source) in sub(uv, &["sources"]).into_iter().flatten() {
        let every: Vec<&Table> = match source {
            Value::Array(several) => several.iter().filter_map(Value::as_table).collect(),
            other => other.as_table().into_iter().collect(),
        };
        for source in every {
            if let Some(git) = text_of(source, "git") {
                found.git.push((normal(name), git));
            }
            if let Some(path) = text_of(source, "path") {
                found.paths.push((normal(name), path));
            }
            if source.get("workspace").and_then(Value::as_bool) == Some(true) {
                found.members.push(normal(name));
            }
        }
    }
    found.indexes.extend(sources(uv.get("index")));
    let more = ["index-url", "extra-index-url"].into_iter().flat_map(|key| match uv.get(key) {
        Some(Value::String(url)) => vec![url.clone()],
        other => words(other),
    });
    found.indexes.extend(more.map(|url| (String::new(), url)));
}

fn pdm(pdm: &Table, found: &mut PyProject) {
    found.pdm = true;
    found.no_package |= pdm.get("distribution").and_then(Value::as_bool) == Some(false);
    for (name, list) in sub(pdm, &["dev-dependencies"]).into_iter().flatten() {
        found.groups.insert(normal(name), requirements(Some(list)));
    }
    found.indexes.extend(sources(pdm.get("source")));
}

fn sources(value: Option<&Value>) -> Vec<(String, String)> {
    let tables = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table);
    tables
        .filter_map(|table| Some((text_of(table, "name").unwrap_or_default(), text_of(table, "url")?)))
        .collect()
}

fn scripts(value: Option<&Value>) -> Vec<Script> {
    let pairs = value.and_then(Value::as_table).into_iter().flatten();
    pairs.filter_map(|(name, function)| Some((name.clone(), function.as_str()?.to_owned()))).collect()
}

fn sub<'t>(table: &'t Table, path: &[&str]) -> Option<&'t Table> {
    path.iter().try_fold(table, |table, key| table.get(*key)?.as_table())
}

fn text_of(table: &Table, key: &str) -> Option<String> {
    Some(table.get(key)?.as_str()?.to_owned())
}

fn words(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(|one| Some(one.as_str()?.to_owned())).collect(),
        _ => Vec::new(),
    }
}

fn requirements(value: Option<&Value>) -> Vec<Requirement> {
    words(value).iter().filter_map(|text| requirement(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_tables() {
        let found = parse(
            "[project]\nname = \"x\"\nrequires-python = \">=3.11\"\ndependencies = [\"fastapi[standard]>=0.1\", \"b @ git+https://x/b\"]\n\
             readme = \"README.md\"\n[project.scripts]\nx = \"x.cli:main\"\n[project.optional-dependencies]\nPg = [\"psycopg\"]\n\
             [dependency-groups]\ndev = [\"pytest\", {include-group = \"lint\"}]\nlint = [\"ruff\"]\n\
             [build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n\
             [tool.uv]\nrequired-version = \">=0.5\"\n[tool.uv.workspace]\nmembers = [\"packages/*\"]\n\
             [tool.uv.sources]\nshared = { workspace = true }\nlib = { path = \"../lib\" }\n[tool.fastapi]\nentrypoint = \"a:b\"\n",
        )
        .unwrap();
        assert_eq!((found.name.as_deref(), found.python.as_deref()), (Some("x"), Some(">=3.11")));
        assert_eq!(found.scripts, [("x".to_owned(), "x.cli:main".to_owned())]);
        assert_eq!(found.groups["dev"].len(), 2);
        assert_eq!(found.extras["pg"][0].name, "psycopg");
        assert_eq!(
            (found.git.as_slice(), found.members.as_slice()),
            ([("b".to_owned(), "git+https://x/b".to_owned())].as_slice(), ["shared".to_owned()].as_slice())
        );
        assert_eq!(found.paths, [("lib".to_owned(), "../lib".to_owned())]);
        assert_eq!(found.uv.as_ref().unwrap().members, ["packages/*"]);
        assert_eq!((found.fastapi.as_deref(), found.readme.as_deref()), (Some("a:b"), Some("README.md")));
    }

    #[test]
    fn the_tables_of_poetry() {
        let found = parse(
            "[tool.poetry]\nname = \"x\"\npackage-mode = false\n[tool.poetry.dependencies]\npython = \"^3.9\"\n\
             Django = \"^4.2\"\ncelery = { version = \"5\", extras = [\"redis\"] }\nopt = { version = \"1\", optional = true }\n\
             b = { git = \"https://x/b\" }\n[tool.poetry.group.dev.dependencies]\npytest = \"*\"\n\
             [tool.poetry.scripts]\nx = \"x:main\"\n[[tool.poetry.source]]\nname = \"own\"\nurl = \"https://x/simple\"\n",
        )
        .unwrap();
        let names: Vec<&str> = found.dependencies.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["django", "b", "celery"]);
        assert!(found.poetry && found.no_package && found.is_project);
        assert_eq!(found.python.as_deref(), Some("^3.9"));
        assert_eq!(found.groups["dev"][0].name, "pytest");
        assert_eq!((found.git[0].0.as_str(), found.indexes.len()), ("b", 1));
    }

    #[test]
    fn tools_alone_are_no_project() {
        assert!(!parse("[tool.ruff]\nline-length = 100\n").unwrap().is_project);
        assert_eq!(parse("[project\n").unwrap_err().1, Some(1));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)(\\[(project|tool\\.(uv|poetry|pdm)|dependency-groups)\\]\n|(name|dependencies|dev|source|scripts|package) = (1|\"a\"|\\[\"a\"\\]|\\{ a = 1 \\})\n){0,8}") {
            let _ = parse(&text);
        }
    }
}
