//! Plug-ins that a build holds as code of its own: which class is behind an id, and what that class does to a project.

use super::lex::{self, Kind, Statement, Token};
use super::value::{Names, filled};
use super::{Build, Plugin, applied, dependencies, java};

/// The ids that a build file registers, each with the name of its class.
#[must_use]
pub fn registered(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for statement in lex::statements(text) {
        statement.walk(&mut |one| {
            let said = |name: &str| {
                let line = one.block.iter().find(|line| line.name().trim_end_matches(".set") == name)?;
                line.text().map(|text| text.text.clone())
            };
            found.extend(said("id").zip(said("implementationClass")));
        });
    }
    found
}

/// What the class of a plug-in applies, adds and asks of the project that it is applied to.
#[must_use]
pub fn class(text: &str, known: &Names) -> Build {
    let mut build = Build { names: known.clone(), ..Build::default() };
    for statement in lex::statements(text) {
        statement.walk(&mut |one| line(&mut build, one));
    }
    build
}

fn line(build: &mut Build, statement: &Statement) {
    build.plugins.extend(applied(statement).or_else(|| called(statement, &build.names)));
    build.java.extend(java(statement, &build.names));
    if statement.name().rsplit('.').next() == Some("dependencies") {
        dependencies(build, &statement.block);
    }
}

/// `project.plugins.apply("java")`, `pluginManager.apply 'java'`.
fn called(statement: &Statement, names: &Names) -> Option<Plugin> {
    let is = |token: &Token, text: &str| token.kind != Kind::Text && token.text == text;
    let at = statement.tokens.iter().position(|token| is(token, "apply"))?;
    let mut rest = statement.tokens.get(at + 1..)?.iter().filter(|token| !is(token, "("));
    let id = rest.next().filter(|token| token.kind == Kind::Text)?;
    Some(Plugin { id: filled(&id.text, names), line: id.line, ..Plugin::default() })
}

#[cfg(test)]
mod tests {
    use super::super::What;
    use super::*;

    #[test]
    fn tells_which_class_is_behind_an_id() {
        let groovy =
            "gradlePlugin { plugins { web { id = 'our.web'\n implementationClass = 'our.WebPlugin' } } }";
        let kotlin = "gradlePlugin { plugins { register(\"web\") { id.set(\"our.web\")\n implementationClass = \"our.WebPlugin\" } } }";
        for text in [groovy, kotlin] {
            assert_eq!(registered(text), [("our.web".to_owned(), "our.WebPlugin".to_owned())], "{text}");
        }
    }

    #[test]
    fn reads_what_a_class_applies() {
        let groovy = "class A implements Plugin<Project> {\n void apply(Project project) {\n project.apply(plugin: 'a')\n project.plugins.apply 'b'\n project.dependencies { implementation 'g:c:1' }\n }\n}";
        let kotlin = "class A : Plugin<Project> {\n override fun apply(target: Project) = with(target) {\n pluginManager.apply(\"a\")\n plugins.apply(\"b\")\n dependencies { add(\"implementation\", \"g:c:1\") }\n }\n}";
        for text in [groovy, kotlin] {
            let build = class(text, &Names::new());
            let ids: Vec<&str> = build.plugins.iter().map(|one| one.id.as_str()).collect();
            assert_eq!(ids, ["a", "b"], "{text}");
            assert_eq!(build.dependencies[0].configuration, "implementation", "{text}");
            assert_eq!(build.dependencies[0].names, What::Module("g:c".into(), Some("1".into())), "{text}");
        }
    }
}
