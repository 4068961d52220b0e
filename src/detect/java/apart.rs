//! The modules that a program is made without: an edit of theirs is none of this one. Maven's poms name every dependency.
//! Any script of Gradle's may add one to any project, so there all scripts that hold for a project are read, and everything
//! stays where one of them says something that only running it would tell.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::module::{self, Manifest, Module};
use super::{Ground, gradle};
use crate::detect::Context;
use crate::facts::{Evidence, Note};
use crate::manifest::gradle::mentions::{self, Mention, Mentions, Part, mentions};
use crate::manifest::yaml::Lined;

/// The folders of sources of modules that the program `own` is made without; a note where they would be some, and what the
/// scripts of the build name is not certain.
pub(super) fn others(ground: &Ground<'_>, own: usize) -> (Vec<Utf8PathBuf>, Option<Note>) {
    let Some(module) = ground.modules.get(own).filter(|module| !module.path.is_empty()) else {
        return (Vec::new(), None);
    };
    match (&module.manifest, &ground.tool) {
        (Manifest::Maven(_), _) => {
            let touched = module::touched(&ground.modules, own);
            let is_program = |at: &usize| matches!(ground.packed(*at), Ok(Some(_)));
            let apart = (0..ground.modules.len()).filter(|at| !touched.contains(at)).filter(is_program);
            (sources(ground, apart), None)
        }
        (Manifest::Gradle(_), super::tool::Picked::Gradle(build, _)) => of_gradle(ground, build, own),
        (Manifest::Gradle(_), super::tool::Picked::Maven(..)) => (Vec::new(), None),
    }
}

fn sources(ground: &Ground<'_>, apart: impl Iterator<Item = usize>) -> Vec<Utf8PathBuf> {
    let holds = |dir: &Utf8PathBuf| ground.modules.iter().any(|module: &Module| module.dir.starts_with(dir));
    let dirs = apart.filter_map(|at| ground.modules.get(at)).map(|module| module.dir.join("src"));
    dirs.filter(|dir| ground.cx.repo.has_dir(dir) && !holds(dir)).collect()
}

fn of_gradle(ground: &Ground<'_>, build: &gradle::Ground, own: usize) -> (Vec<Utf8PathBuf>, Option<Note>) {
    let mut reading = Reading { cx: ground.cx, build, reached: BTreeSet::new(), open: None };
    reading.settings();
    reading.reach(own);
    let apart = (0..build.projects.len()).filter(|at| *at != 0 && !reading.reached.contains(at));
    let folders = sources(ground, apart);
    let Some((file, what)) = reading.open.filter(|_| !folders.is_empty()) else { return (folders, None) };
    let name = file.file_name().unwrap_or("build.gradle");
    let text = format!(
        "the sources of every module are in this image's context: what `{}` of {name} stands for is known only when Gradle runs",
        what.value
    );
    let because = vec![Evidence::line(&file, what.line, format!("`{}` of {name}", what.value))];
    (Vec::new(), Some(Note { code: "keeps-every-module".to_owned(), text, because }))
}

/// A script of a project, read.
struct Script {
    /// Its project's place.
    project: usize,
    file: Utf8PathBuf,
    says: Mentions,
}

/// The modules that a build of one of them touches.
struct Reading<'a> {
    cx: &'a Context<'a>,
    build: &'a gradle::Ground,
    reached: BTreeSet<usize>,
    open: Option<(Utf8PathBuf, Lined<String>)>,
}

impl Reading<'_> {
    fn settings(&mut self) {
        for name in ["settings.gradle", "settings.gradle.kts"] {
            let file = self.build.root.join(name);
            let found = self.cx.repo.source(&file).and_then(|text| mentions::open(&text));
            self.opens(&file, found);
        }
    }

    fn opens(&mut self, file: &Utf8Path, found: Option<Lined<String>>) {
        if let (Some(found), None) = (found, &self.open) {
            self.open = Some((file.to_owned(), found));
        }
    }

    fn reach(&mut self, own: usize) {
        let scripts = self.scripts();
        let mut waiting = vec![own];
        for script in &scripts {
            let every = &script.says.every;
            waiting.extend(self.named(own, &script.file, every));
            if script.project == 0 || self.is_above(script.project, own) {
                waiting.extend(self.named(script.project, &script.file, &script.says.acts));
            }
        }
        waiting.extend(self.by_plugins(own));
        while let Some(next) = waiting.pop() {
            if !self.reached.insert(next) {
                continue;
            }
            for script in scripts.iter().filter(|script| script.project == next) {
                for part in [&script.says.own, &script.says.acts] {
                    waiting.extend(self.named(next, &script.file, part));
                }
            }
            for script in &scripts {
                let of = script.says.of.iter();
                let meant = of.filter(|(path, _)| {
                    self.build.project_at(&self.path(script.project), path) == Some(next)
                });
                let parts: Vec<Part> = meant.map(|(_, part)| part.clone()).collect();
                for part in &parts {
                    waiting.extend(self.named(next, &script.file, part));
                }
            }
        }
    }

    fn path(&self, at: usize) -> String {
        self.build.projects.get(at).map_or_else(String::new, |project| project.path.clone())
    }

    fn is_above(&self, at: usize, own: usize) -> bool {
        self.path(own).starts_with(&format!("{}:", self.path(at)))
    }

    /// Every script of the build, once for each project that it holds for. What the root says for those below it is a part of
    /// theirs, too, and read with the root.
    fn scripts(&mut self) -> Vec<Script> {
        let mut all = Vec::new();
        for (at, project) in self.build.projects.iter().enumerate() {
            for (file, build) in &project.parts {
                let below = build.below.iter().flat_map(|below| &below.scripts);
                for script in build.scripts.iter().chain(below) {
                    let place = (project.dir.as_path(), file.as_path());
                    let found = gradle::applied(self.cx, self.build, place, script);
                    let read = |path: &Utf8PathBuf| project.parts.iter().any(|(there, _)| there == path);
                    if !found.as_ref().is_some_and(read) {
                        self.opens(file, Some(Lined::new(script.clone(), 1)));
                    }
                }
                let of_root = at != 0
                    && self
                        .build
                        .projects
                        .first()
                        .is_some_and(|root| root.parts.iter().any(|one| one.0 == *file));
                let Some(text) = self.cx.repo.source(file).filter(|_| !of_root) else { continue };
                all.push(Script { project: at, file: file.clone(), says: mentions(&text) });
            }
        }
        all
    }

    /// What plug-ins that the build holds as code name: they may be applied by anything.
    fn by_plugins(&mut self, own: usize) -> Vec<usize> {
        let code = |file: &Utf8Path| {
            matches!(file.extension(), Some("kt" | "kts" | "java" | "groovy" | "gradle"))
                && file.components().any(|part| part.as_str() == "src")
                && !file.as_str().contains("/src/test/")
        };
        let mut found = Vec::new();
        for dir in self.build.logic() {
            for file in self.cx.repo.under(&dir).filter(|file| code(file)) {
                let Some(text) = self.cx.repo.source(file) else { continue };
                let says = mentions(&text);
                for part in
                    [&says.own, &says.acts, &says.every].into_iter().chain(says.of.iter().map(|one| &one.1))
                {
                    found.extend(self.named(own, file, part));
                }
            }
        }
        found
    }

    /// The places of the projects that a part of a script names for one of them.
    fn named(&mut self, at: usize, file: &Utf8Path, part: &Part) -> Vec<usize> {
        self.opens(file, part.unsure.clone());
        let from = self.path(at);
        let mut found = Vec::new();
        for mention in &part.named {
            let (one, said) = match mention {
                Mention::Path(path) => (self.build.project_at(&from, path), path),
                Mention::Accessor(path) => (self.accessed(path), path),
                Mention::Text(text) => {
                    found.extend(self.in_text(text));
                    continue;
                }
            };
            if one.is_none() {
                self.opens(file, Some(Lined::new(said.clone(), 1)));
            }
            found.extend(one);
        }
        found
    }

    /// The accessor of a project may be asked for what it holds.
    fn accessed(&self, path: &str) -> Option<usize> {
        let plain = ["dependencyProject", "path", "name"]
            .iter()
            .find_map(|held| path.strip_suffix(&format!(".{held}")));
        self.build.accessed(path).or_else(|| self.build.accessed(plain?))
    }

    /// The projects whose path or folder a text holds: `:core:jar`, `../core/src`.
    fn in_text(&self, text: &str) -> Vec<usize> {
        let projects = || self.build.projects.iter().enumerate().skip(1);
        if text.starts_with(':') {
            let holds = |path: &str| {
                text.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
            };
            let named = projects().filter(|(_, one)| holds(&one.path)).max_by_key(|(_, one)| one.path.len());
            return vec![named.map_or(0, |(at, _)| at)];
        }
        let inner = |dir: &Utf8Path| dir.strip_prefix(&self.build.root).map(|dir| format!("/{dir}/")).ok();
        let text = format!("/{}/", text.trim_matches('/'));
        projects()
            .filter(|(_, one)| inner(&one.dir).is_some_and(|dir| text.contains(&dir)))
            .map(|(at, _)| at)
            .collect()
    }
}
