//! The .dockerignore, fitted to the project: a line stands there only where it says something about this repository
//! or guards against what people commonly have lying about.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::layout::in_context;
use crate::compose::{Composition, FrontEnd};
use crate::facts::{JavaFacts, Stack};
use crate::knowledge::Knowledge;

/// The headings in their order; the tables of `detectors/` fill them.
const HEADINGS: [&str; 7] = ["automation", "built", "unbuilt", "others", "tests", "local", "container"];

/// Headings whose lines have to name something that is there.
const FITTED: [&str; 2] = ["automation", "tests"];

/// The lines by heading, for a build context.
#[must_use]
pub fn lines(
    knowledge: &Knowledge,
    composition: &Composition,
    context: &Utf8Path,
) -> Vec<(String, Vec<String>)> {
    let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut languages: Vec<&str> = vec![composition.main.language.as_str()];
    languages.extend(composition.front_ends.iter().map(|end| end.project.language.as_str()));
    for id in ["_all"].into_iter().chain(languages) {
        let table = if id == "_all" {
            Some(&knowledge.bases.ignore)
        } else {
            knowledge.detectors.get(id).map(|row| &row.ignore)
        };
        for (heading, lines) in table.into_iter().flatten() {
            let group = groups.entry(heading.as_str()).or_default();
            group.extend(lines.iter().filter(|line| kept(composition, context, line)).cloned());
        }
    }
    if let Stack::Java(facts) = &composition.main.stack {
        groups.entry("built").or_default().extend(of_modules(facts, context, tool_output(facts)));
        let tests = of_modules(facts, context, "src/test");
        groups
            .entry("unbuilt")
            .or_default()
            .extend(tests.into_iter().filter(|_| facts.keeps_tests.is_none()));
    }
    groups.entry("built").or_default().extend(built(composition, context));
    groups.entry("others").or_default().extend(others(composition, context));
    HEADINGS
        .iter()
        .filter_map(|heading| {
            let mut lines = groups.remove(heading)?;
            dedup(&mut lines);
            (!lines.is_empty()).then(|| ((*heading).to_owned(), lines))
        })
        .collect()
}

/// Leaves out lines that say nothing about this repository (plain names that no file of the context lies in or is), and
/// those that would take sources away: a folder called `docs` or `deploy` may hold packages, and pages are what a site
/// is built from.
pub fn fit(
    groups: &mut Vec<(String, Vec<String>)>,
    composition: &Composition,
    context: &Utf8Path,
    files: &[Utf8PathBuf],
) {
    let inside: Vec<&str> = files.iter().filter_map(|file| crate::repo::below(file, context)).collect();
    let main = &composition.main;
    let read = needed_paths(composition);
    let stacks =
        std::iter::once(&main.stack).chain(composition.front_ends.iter().map(|end| &end.project.stack));
    let installed: Vec<String> = stacks
        .flat_map(crate::facts::Stack::manifests)
        .map(|manifest| in_context(manifest, context))
        .collect();
    let needed = |line: &str, names: &Names<'_>, taken: &[&str]| {
        installed.iter().any(|manifest| names.takes(manifest))
            || taken.iter().any(|file| main.stack.is_built_from(line, Utf8Path::new(file)))
            || !read.is_empty()
                && ending(line).is_some_and(|ending| {
                    let mut ending = inside.iter().filter(|file| file.ends_with(ending));
                    ending.any(|file| read.iter().any(|path| lies_in(file, path, context)))
                })
    };
    // A bundle among the program's own files: what is bundled lies there, too.
    let ends = composition.front_ends.iter().filter(|end| !end.embedded && end.project.root == main.root);
    let shared: Vec<String> =
        ends.map(|end| crate::text::ignore_line(&in_context(&end.output.value, context))).collect();
    let sources = |taken: &[&str]| taken.iter().any(|file| !file.ends_with("/.gitkeep"));
    // Other programs' sources are sources, and none of this one.
    for (heading, lines) in groups.iter_mut().filter(|(heading, _)| heading != "others") {
        let fitted = FITTED.contains(&heading.as_str());
        lines.retain(|line| {
            let names = Names::of(line);
            let taken: Vec<&str> = inside.iter().copied().filter(|file| names.takes(file)).collect();
            let kept = needed(line, &names, &taken) || shared.contains(line) && sources(&taken);
            !kept && (!fitted || always(line) || !taken.is_empty())
        });
        drop_inner(lines);
    }
    groups.retain(|(_, lines)| !lines.is_empty());
}

/// What the build or the run reads by its path: certificates that are embedded must not fall to `**/*.pem`.
fn needed_paths(composition: &Composition) -> Vec<Utf8PathBuf> {
    let main = &composition.main;
    let mut paths: Vec<Utf8PathBuf> = main.reads.iter().map(|read| main.root.join(&read.value)).collect();
    paths.extend(main.stack.embeds());
    paths
}

/// The `.pem` of `**/*.pem`.
fn ending(line: &str) -> Option<&str> {
    line.strip_prefix("**/*").filter(|ending| ending.starts_with('.'))
}

fn lies_in(file: &str, path: &Utf8Path, context: &Utf8Path) -> bool {
    let path = in_context(path, context);
    path != "." && Utf8Path::new(file).starts_with(path.trim_end_matches("/*"))
}

/// What lies in a folder that another line names needs no line of its own.
fn drop_inner(lines: &mut Vec<String>) {
    let all = lines.clone();
    lines.retain(|line| {
        !all.iter().any(|outer| line.strip_prefix(outer.as_str()).is_some_and(|rest| rest.starts_with('/')))
    });
}

/// Lines that guard against what a checkout does not show: version control, secrets, the container files.
fn always(line: &str) -> bool {
    line == ".git" || line.starts_with("**/") || line.contains("dfgen") || line.starts_with('\\')
}

/// What a line of ours takes.
enum Names<'a> {
    /// `**/x*`: names that start like this, in any folder.
    Starting(&'a str),
    /// `*x`: names that end like this, in the context itself.
    Ending(&'a str),
    /// A file, or a folder with what is in it.
    Path(&'a str),
}

impl<'a> Names<'a> {
    fn of(line: &'a str) -> Self {
        let start = line.strip_prefix("**/").and_then(|line| line.strip_suffix('*'));
        start.map(Self::Starting).or(line.strip_prefix('*').map(Self::Ending)).unwrap_or(Self::Path(line))
    }

    fn takes(&self, file: &str) -> bool {
        match self {
            Self::Starting(start) => file.rsplit('/').next().is_some_and(|name| name.starts_with(start)),
            Self::Ending(ending) => !file.contains('/') && file.ends_with(ending),
            Self::Path(path) => {
                file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
        }
    }
}

fn dedup(lines: &mut Vec<String>) {
    let mut seen = std::collections::BTreeSet::new();
    lines.retain(|line| seen.insert(line.clone()));
}

/// Folders that builds make as a whole.
const MADE: [&str; 5] = ["dist", "build", "out", "lib", "target"];
/// Folders that hold what builds make beside what people wrote, and what is no folder of the context.
const MIXED: [&str; 7] = [".", "..", "node_modules", "public", "static", "assets", "views"];

/// What builds make inside must not come in from outside: a local build's results are stale.
fn built(composition: &Composition, context: &Utf8Path) -> Vec<String> {
    let mut lines = Vec::new();
    for end in &composition.front_ends {
        lines.push(crate::text::ignore_line(&in_context(&end.output.value, context)));
    }
    if let Stack::Node(facts) = &composition.main.stack {
        if facts.build.is_empty() {
            return lines;
        }
        let made = facts.output.iter().chain(&facts.site).map(|out| out.value.as_str());
        for made in made {
            let made = made.split_once(" -> ").map_or(made, |(made, _)| made);
            let top = made.split('/').next().unwrap_or_default();
            if !top.is_empty() && !MIXED.contains(&top) && !is_source(facts, top) {
                // Other folders hold sources beside what is made in them: `frontend/build`.
                let made = if MADE.contains(&top) || top.starts_with('.') { top } else { made };
                let path = in_context(&composition.main.root.join(made), context);
                lines.push(crate::text::ignore_line(&path));
            }
        }
    }
    if let Stack::Php(facts) = &composition.main.stack {
        let root = &composition.main.root;
        let vendor = facts.composer.iter().map(|composer| composer.vendor.as_str());
        let made = vendor.chain(facts.local.iter().map(String::as_str));
        let of = |line: &str| in_context(&root.join(line), context);
        lines.extend(made.map(of));
        return lines;
    }
    for written in &composition.main.writes {
        if !written.value.is_absolute()
            && written.value.as_str() != "."
            && !written.value.as_str().contains("..")
        {
            let path = in_context(&composition.main.root.join(&written.value), context);
            let line = crate::text::ignore_line(&path);
            if kept(composition, context, &line) {
                lines.push(line);
            }
        }
    }
    lines
}

/// Members of the workspace that this image is made without. Where the tool looks at every manifest, those stay; Maven's
/// modules are named by their sources.
fn others(composition: &Composition, context: &Utf8Path) -> Vec<String> {
    let stack = &composition.main.stack;
    let manifests = if matches!(stack, Stack::Java(_)) { &[] } else { stack.manifests() };
    let programs = match stack {
        Stack::Go(facts) => facts.programs.as_ref(),
        _ => None,
    };
    let folders = apart(composition, context);
    // One line for all of them also holds for one that is added.
    let programs = programs.filter(|(parent, _)| {
        let inside = |dirs: &[Utf8PathBuf]| dirs.iter().filter(|dir| dir.parent() == Some(parent)).count();
        parent != context
            && inside(stack.others()) == folders.iter().filter(|dir| dir.parent() == Some(parent)).count()
    });
    let mut lines = Vec::new();
    if let Some((parent, own)) = programs {
        lines.push(format!("{}/*", crate::text::ignore_line(&in_context(parent, context))));
        lines.extend(
            own.iter().map(|dir| format!("!{}", crate::text::ignore_line(&in_context(dir, context)))),
        );
    }
    for folder in folders {
        if programs.is_some_and(|(parent, _)| folder.parent() == Some(parent)) {
            continue;
        }
        let line = crate::text::ignore_line(&in_context(folder, context));
        let manifests: Vec<&Utf8PathBuf> = manifests.iter().filter(|file| file.starts_with(folder)).collect();
        lines.push(if manifests.is_empty() { line } else { format!("{line}/**") });
        lines.extend(
            manifests.iter().map(|file| format!("!{}", crate::text::ignore_line(&in_context(file, context)))),
        );
    }
    lines
}

/// The folders that [`others`] leaves out: what is taken in by its path stays, and so do front ends and the members of
/// the workspace that those are made of.
pub(super) fn apart<'a>(composition: &'a Composition, context: &Utf8Path) -> Vec<&'a Utf8PathBuf> {
    let uses = |end: &FrontEnd, dir: &Utf8Path| match &end.project.stack {
        Stack::Node(facts) if facts.workspace => !facts.others.iter().any(|other| other == dir),
        _ => false,
    };
    let front = |dir: &Utf8Path| {
        composition.front_ends.iter().any(|end| end.project.root.starts_with(dir) || uses(end, dir))
    };
    let others = composition.main.stack.others().iter().filter(|dir| dir.starts_with(context) && !front(dir));
    let line = |dir: &Utf8Path| crate::text::ignore_line(&in_context(dir, context));
    others.filter(|dir| kept(composition, context, &line(dir))).collect()
}

/// The folder that the tool builds in.
fn tool_output(facts: &JavaFacts) -> &'static str {
    if facts.tool.id == "maven" { "target" } else { "build" }
}

/// A folder of each module. Where the modules are many, one line stands for all.
fn of_modules(facts: &JavaFacts, context: &Utf8Path, folder: &str) -> Vec<String> {
    const MANY: usize = 6;
    let dirs: Vec<&Utf8PathBuf> = facts.modules.iter().filter(|dir| dir.starts_with(context)).collect();
    if dirs.len() > MANY && !facts.named_like_built {
        return vec![format!("**/{folder}")];
    }
    let lines = dirs.iter().map(|dir| in_context(&dir.join(folder), context));
    lines.map(|path| crate::text::ignore_line(&path)).collect()
}

fn is_source(facts: &crate::facts::NodeFacts, folder: &str) -> bool {
    facts.sources.iter().any(|source| source.as_str().trim_end_matches('/') == folder)
}

/// A line must not take away what the build or the run reads.
fn kept(composition: &Composition, context: &Utf8Path, line: &str) -> bool {
    let main = &composition.main;
    let reads = main.reads.iter().map(|read| main.root.join(&read.value));
    let taken_in = main.stack.takes_in(&main.root);
    let pattern = line.trim_start_matches("**/");
    !reads.chain(taken_in).any(|path| {
        let path = in_context(&path, context);
        let path = path.trim_end_matches('/');
        path == pattern
            || path.starts_with(&format!("{pattern}/"))
            || (pattern.starts_with("*.") && path.ends_with(&pattern[1..]))
    })
}
