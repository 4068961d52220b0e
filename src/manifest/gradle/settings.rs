//! `settings.gradle`: the name of the build and the projects in it.

use super::lex::{self, Kind, Statement};
use super::value::{Names, value};
use super::{Plugin, Repository, plugin};
use crate::manifest::yaml::Lined;

/// A settings file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// What the whole is called.
    pub name: Option<Lined<String>>,
    /// The paths of the projects, `:a:b`, and where each lies.
    pub projects: Vec<Lined<(String, String)>>,
    /// Builds that are taken in: `build-logic`.
    pub included: Vec<Lined<String>>,
    /// The plug-ins of the settings.
    pub plugins: Vec<Plugin>,
    /// Further catalogues of versions: the name of each, and the module or file that it comes from.
    pub catalogs: Vec<(String, String)>,
    /// Where every project's dependencies and plug-ins come from, beside the public repositories.
    pub repositories: Vec<Lined<Repository>>,
}

/// Reads a settings file.
#[must_use]
pub fn settings(text: &str) -> Settings {
    let names = Names::new();
    let mut settings = Settings::default();
    for statement in lex::statements(text) {
        statement.walk(&mut |inner| one(&mut settings, inner, &names));
    }
    settings
}

fn one(settings: &mut Settings, statement: &Statement, names: &Names) {
    let texts = || statement.tokens.iter().filter(|token| token.kind == Kind::Text);
    match statement.name().as_str() {
        "rootProject.name" => {
            settings.name = value(statement.rest(), names).map(|name| Lined::new(name, statement.line()));
        }
        "include" => {
            for text in texts() {
                let path = format!(":{}", text.text.trim_start_matches(':'));
                let folder = path.trim_start_matches(':').replace(':', "/");
                settings.projects.push(Lined::new((path, folder), text.line));
            }
        }
        "includeBuild" => {
            settings.included.extend(texts().take(1).map(|text| Lined::new(text.text.clone(), text.line)));
        }
        "plugins" => settings.plugins.extend(statement.block.iter().filter_map(|line| plugin(line, names))),
        "project" => moved(settings, statement),
        "versionCatalogs" => settings.catalogs.extend(statement.block.iter().filter_map(catalog)),
        "repositories" => settings.repositories.extend(super::repositories(&statement.block, names)),
        _ => {}
    }
}

/// `create("x") { from("g:a:v") }`, `create("x").from(files("x.toml"))`, `x { from('g:a:v') }`.
fn catalog(statement: &Statement) -> Option<(String, String)> {
    let mut texts = statement.tokens.iter().filter(|token| token.kind == Kind::Text).map(|token| &token.text);
    let name = if statement.name() == "create" { texts.next()?.clone() } else { statement.name() };
    let inner = statement.block.iter().find(|line| line.name() == "from").and_then(Statement::text);
    Some((name, texts.next().or(inner.map(|text| &text.text))?.clone()))
}

/// `project(':a').projectDir = file('x/a')`.
fn moved(settings: &mut Settings, statement: &Statement) {
    let texts: Vec<&str> = statement
        .tokens
        .iter()
        .filter(|token| token.kind == Kind::Text)
        .map(|token| token.text.as_str())
        .collect();
    let moves = statement.tokens.iter().any(|token| token.text == "projectDir");
    let (Some(path), Some(folder), true) = (texts.first(), texts.last(), moves && texts.len() > 1) else {
        return;
    };
    let path = format!(":{}", path.trim_start_matches(':'));
    let folder = folder.trim_start_matches("$rootDir/").trim_start_matches("./").to_owned();
    if let Some(project) = settings.projects.iter_mut().find(|project| project.value.0 == path) {
        project.value.1 = folder;
    }
}

#[cfg(test)]
mod tests {
    use super::settings;

    #[test]
    fn reads_further_catalogues() {
        for text in [
            "dependencyResolutionManagement { versionCatalogs { create(\"k\") { from(\"g:a:1\") } } }",
            "dependencyResolutionManagement { versionCatalogs { create(\"k\").from(\"g:a:1\") } }",
            "dependencyResolutionManagement { versionCatalogs { k { from('g:a:1') } } }",
            "dependencyResolutionManagement { versionCatalogs { create('k') { from(files('g:a:1')) } } }",
        ] {
            assert_eq!(settings(text).catalogs, [("k".to_owned(), "g:a:1".to_owned())], "{text}");
        }
    }
}
