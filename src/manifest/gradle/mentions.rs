//! Which other projects of a build a script can touch. Any statement of Gradle's may add one project to another, so not
//! only `dependencies` are read: every text and every call that can name a project counts, and what only running the
//! script would tell is said to be unknown.

use super::lex::{self, Kind, Statement, Token};
use crate::manifest::yaml::Lined;

/// How a script names another project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mention {
    /// `project(':core')`: the path, as it is written.
    Path(String),
    /// `projects.core.api`: what follows `projects`.
    Accessor(String),
    /// A text that may hold the path of a project, of its tasks or its folder.
    Text(String),
}

/// What a stretch of a script names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// The projects, as far as they are named.
    pub named: Vec<Mention>,
    /// What could name any project, and its line.
    pub unsure: Option<Lined<String>>,
}

/// Everything that a script names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mentions {
    /// Its dependencies and the tasks that it adds: they hold for its own project.
    pub own: Part,
    /// Everything else that it says outside of blocks for other projects.
    pub acts: Part,
    /// For one other project: `project(':api') { ... }`.
    pub of: Vec<(String, Part)>,
    /// For every project that there may be: `subprojects { ... }`.
    pub every: Part,
}

/// Words that reach projects without naming them.
const ANY: [&str; 9] = [
    "childProjects",
    "findProject",
    "getChildProjects",
    "getSubprojects",
    "getAllprojects",
    "subprojects",
    "allprojects",
    "getDependencyProject",
    "evaluationDependsOnChildren",
];

/// Words of settings that make projects which they do not name, or say something of all of them.
const MAKING: [&str; 14] = [
    "allprojects",
    "beforeProject",
    "afterProject",
    "projectsLoaded",
    "projectsEvaluated",
    "children",
    "eachDir",
    "eachDirRecurse",
    "eachFile",
    "eachFileRecurse",
    "fileTree",
    "listFiles",
    "walk",
    "walkTopDown",
];

/// Reads a script.
#[must_use]
pub fn mentions(text: &str) -> Mentions {
    let mut found = Mentions::default();
    for statement in lex::statements(text) {
        top(&mut found, &statement);
    }
    found
}

/// What in a settings file leaves open which projects there are and where they lie.
#[must_use]
pub fn open(text: &str) -> Option<Lined<String>> {
    let mut found = None;
    for statement in lex::statements(text) {
        statement.walk(&mut |one| found = found.take().or_else(|| leaves_open(one)));
    }
    found
}

fn leaves_open(statement: &Statement) -> Option<Lined<String>> {
    let name = statement.name();
    let word = |token: &&Token| {
        let says = token.text.as_str();
        token.kind == Kind::Word
            && (MAKING.contains(&says)
                || (says == "projectDir" && name != "project")
                || (says == "from" && name == "apply"))
    };
    let found = statement.tokens.iter().find(word);
    let filled = |token: &&Token| {
        matches!(name.as_str(), "include" | "project") && token.kind == Kind::Text && token.text.contains('$')
    };
    let plain = |token: &&Token| token.text.starts_with("$rootDir/");
    let found = found.or_else(|| statement.tokens.iter().find(|token| filled(token) && !plain(token)));
    let bare = name == "include" && statement.text().is_none();
    let found = found.or_else(|| statement.tokens.first().filter(|_| bare));
    found.map(|token| Lined::new(token.text.clone(), token.line))
}

fn top(found: &mut Mentions, statement: &Statement) {
    match statement.name().as_str() {
        // Which projects it configures needs no answer: what it says holds for each of them here.
        "configure" => found.every.statements(&statement.block),
        "subprojects" | "allprojects" => {
            found.every.tokens(statement.tokens.get(1..).unwrap_or_default());
            found.every.statements(&statement.block);
        }
        "project" if !statement.block.is_empty() => {
            let target = statement.text().filter(|text| !text.text.contains('$'));
            let mut inner = Part::default();
            inner.statements(&statement.block);
            match target {
                Some(target) => found.of.push((target.text.clone(), inner)),
                None => found.every.add(inner),
            }
        }
        name if is_own(name, statement) => found.own.statement(statement),
        _ => found.acts.statement(statement),
    }
}

/// Dependencies, and tasks that are added: nobody else runs them unless it says so.
fn is_own(name: &str, statement: &Statement) -> bool {
    let adds = |token: &Token| matches!(token.text.as_str(), "registering" | "creating");
    matches!(name, "dependencies" | "plugins" | "buildscript" | "task" | "tasks.register" | "tasks.create")
        || (name == "val" && statement.tokens.iter().any(adds))
}

impl Part {
    /// Takes in what another stretch names.
    pub fn add(&mut self, other: Self) {
        self.named.extend(other.named);
        self.unsure = self.unsure.take().or(other.unsure);
    }

    fn statements(&mut self, all: &[Statement]) {
        for one in all {
            self.statement(one);
        }
    }

    fn statement(&mut self, statement: &Statement) {
        self.tokens(&statement.tokens);
        self.statements(&statement.block);
    }

    fn tokens(&mut self, tokens: &[Token]) {
        for (at, token) in tokens.iter().enumerate() {
            let rest = tokens.get(at + 1..).unwrap_or_default();
            match (token.kind, token.text.as_str()) {
                (Kind::Text, text) => self.named.push(Mention::Text(text.to_owned())),
                (Kind::Word, "project" | "evaluationDependsOn") => self.call(token, rest),
                (Kind::Word, "projects") => self.accessor(token, rest),
                (Kind::Word, "rootProject") if of_tasks(rest) => {
                    self.named.push(Mention::Path(":".to_owned()));
                }
                (Kind::Word, word) if ANY.contains(&word) => self.unknown(token),
                _ => {}
            }
        }
    }

    /// `project(':core')`, `project(path: ':core', configuration: 'x')`, `project ':core'`.
    fn call(&mut self, token: &Token, rest: &[Token]) {
        let opens = rest.first().is_some_and(|next| next.kind == Kind::Mark && next.text == "(");
        if !opens && rest.first().is_none_or(|next| next.kind != Kind::Text) {
            return;
        }
        let close = rest.iter().position(|next| next.kind == Kind::Mark && next.text == ")");
        let inner = rest.get(..close.filter(|_| opens).unwrap_or(1)).unwrap_or(rest);
        let mut texts = inner.iter().filter(|next| next.kind == Kind::Text && next.text != "path");
        let joined = inner.iter().any(|next| next.kind == Kind::Mark && next.text == "+");
        match texts.next() {
            Some(path) if !path.text.contains('$') && !joined => {
                self.named.push(Mention::Path(path.text.clone()));
            }
            _ => self.unknown(token),
        }
    }

    /// `projects.core.api`; `projects` itself is a name like any other where no dot follows.
    fn accessor(&mut self, token: &Token, rest: &[Token]) {
        let dot = |token: &Token| token.kind == Kind::Mark && token.text == ".";
        let mut path = Vec::new();
        let mut rest = rest.iter();
        while let (Some(mark), Some(name)) = (rest.next(), rest.next()) {
            if !dot(mark) || name.kind != Kind::Word {
                break;
            }
            path.push(name.text.as_str());
        }
        if path.is_empty() {
            self.unknown(token);
        } else {
            self.named.push(Mention::Accessor(path.join(".")));
        }
    }

    fn unknown(&mut self, token: &Token) {
        self.unsure.get_or_insert_with(|| Lined::new(token.text.clone(), token.line));
    }
}

/// `rootProject.tasks`: a task of the root's, and whatever that needs.
fn of_tasks(rest: &[Token]) -> bool {
    rest.first().is_some_and(|dot| dot.text == ".")
        && rest.get(1).is_some_and(|name| matches!(name.text.as_str(), "tasks" | "getTasks"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Mention {
        Mention::Path(text.to_owned())
    }

    fn text(text: &str) -> Mention {
        Mention::Text(text.to_owned())
    }

    #[test]
    fn reads_every_form_of_a_name() {
        let found = mentions(
            "dependencies {\n implementation project(':a')\n api(project(path: ':b', configuration: 'x'))\n runtimeOnly(platform(projects.coreApi.inner))\n}\ntasks.named('jar') { dependsOn ':c:jar' }\nproject.version = '1'",
        );
        assert!(found.own.named.contains(&path(":a")) && found.own.named.contains(&path(":b")));
        assert!(found.own.named.contains(&Mention::Accessor("coreApi.inner".to_owned())));
        assert!(found.acts.named.contains(&text(":c:jar")));
        assert_eq!(found.own.unsure.or(found.acts.unsure), None);
    }

    #[test]
    fn tells_whom_a_block_holds_for() {
        let found = mentions(
            "subprojects { dependencies { implementation project(':a') } }\nproject(':x') { dependencies { compile project(':b') } }\nconfigure(subprojects - project(':y')) { z ':c' }",
        );
        assert!(found.every.named.contains(&path(":a")) && found.every.named.contains(&text(":c")));
        assert_eq!(found.of[0].0, ":x");
        assert!(found.of[0].1.named.contains(&path(":b")));
        assert_eq!((found.own, found.acts, found.every.unsure), (Part::default(), Part::default(), None));
    }

    #[test]
    fn says_what_only_running_would_tell() {
        let unsure = |text: &str| {
            let found = mentions(text);
            found.own.unsure.or(found.acts.unsure).map(|one| (one.value, one.line))
        };
        assert_eq!(
            unsure("dependencies {\n implementation project(name)\n}"),
            Some(("project".to_owned(), 2))
        );
        assert_eq!(unsure("dependencies { implementation project(\":$name\") }").map(|one| one.1), Some(1));
        assert_eq!(unsure("x project(':' + name)").map(|one| one.1), Some(1));
        assert_eq!(unsure("rootProject.subprojects.each { x it }"), Some(("subprojects".to_owned(), 1)));
        assert_eq!(unsure("plugins { id 'java' }"), None);
    }

    #[test]
    fn settings_that_look_for_projects_leave_them_open() {
        let left = |text: &str| open(text).map(|one| one.value);
        assert_eq!(left("include 'a', 'b:c'\nproject(':a').projectDir = file('x/a')"), None);
        assert_eq!(left("file('x').eachDir { include it.name }"), Some("eachDir".to_owned()));
        assert_eq!(left("include \"x:$name\""), Some("x:$name".to_owned()));
        assert_eq!(left("names.forEach { include(it) }"), Some("include".to_owned()));
        assert_eq!(left("rootProject.children.each { it.projectDir = x }"), Some("children".to_owned()));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(project|projects|subprojects|[a-b{}()'\"\\\\/*.=,;:$\n ]){0,40}") {
            let _ = mentions(&text);
            let _ = open(&text);
        }
    }
}
