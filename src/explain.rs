//! Facts and decisions for people: what `explain` prints, what `init` tells in a few lines, what the lock keeps.

use std::fmt::Write;

use crate::answers::Settings;
use crate::facts::{Evidence, Found, Project, Stack};
use crate::generate::Generated;
use crate::text::comment;

/// A fact as a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is about.
    pub about: String,
    /// The value.
    pub value: String,
    /// Why.
    pub because: Vec<Evidence>,
}

/// Every fact of a project, in a fixed order.
#[must_use]
pub fn rows(project: &Project) -> Vec<Row> {
    let mut rows = Rows::default();
    let kind = format!("{:?}", project.kind.value).to_lowercase();
    rows.add("kind", kind, &project.kind.because);
    for one in &project.versions {
        let (word, value) = match &one.value {
            crate::facts::Bound::Pin(value) => ("version asked for", value),
            crate::facts::Bound::Floor(value) => ("version at least", value),
            crate::facts::Bound::Range(value) => ("version range", value),
        };
        rows.add(word, value.clone(), &one.because);
    }
    match &project.stack {
        Stack::Go(facts) => go(&mut rows, facts),
        Stack::Rust(facts) => rust(&mut rows, facts),
        Stack::Node(facts) => node(&mut rows, facts),
        Stack::Java(facts) => java(&mut rows, facts),
        Stack::Php(facts) => php(&mut rows, facts),
        Stack::Python(facts) => python(&mut rows, facts),
        Stack::Static(facts) => {
            rows.plain("site", facts.site.as_str());
            rows.all("web server configuration", facts.nginx.as_slice_of(), std::string::ToString::to_string);
        }
    }
    for listen in &project.listen {
        let variable =
            listen.value.variable.as_ref().map_or(String::new(), |name| format!(", changed by {name}"));
        rows.add("port", format!("{}{variable}", listen.value.port), &listen.because);
    }
    for one in &project.env {
        let value = one.value.value.as_ref().map_or(String::new(), |value| format!("={value}"));
        let required = if one.value.required { ", required" } else { "" };
        rows.add("variable", format!("{}{value}{required}", one.value.name), &one.because);
    }
    rows.all("read at run time", &project.reads, ToString::to_string);
    rows.all("written at run time", &project.writes, ToString::to_string);
    rows.all("secret", &project.access.secrets, |secret| {
        let demanded = if secret.required { "" } else { ", where it is asked for" };
        format!("{}{demanded}", secret.id)
    });
    rows.all("git over SSH", &project.access.ssh, |host| host.name.clone());
    for need in &project.needs {
        let phase = format!("{:?}", need.value.phase).to_lowercase();
        rows.add(&format!("needed to {phase}"), need.value.capability.clone(), &need.because);
    }
    rows.0
}

trait AsSlice<T> {
    fn as_slice_of(&self) -> &[T];
}

impl<T> AsSlice<T> for Option<T> {
    fn as_slice_of(&self) -> &[T] {
        self.as_ref().map_or(&[], std::slice::from_ref)
    }
}

#[derive(Default)]
struct Rows(Vec<Row>);

impl Rows {
    fn add(&mut self, about: &str, value: String, because: &[Evidence]) {
        self.0.push(Row { about: about.to_owned(), value, because: because.to_vec() });
    }

    fn plain(&mut self, about: &str, value: &str) {
        if !value.is_empty() {
            self.add(about, value.to_owned(), &[]);
        }
    }

    fn all<T>(&mut self, about: &str, found: &[Found<T>], tell: impl Fn(&T) -> String) {
        for one in found {
            self.add(about, tell(&one.value), &one.because);
        }
    }
}

fn go(rows: &mut Rows, facts: &crate::facts::GoFacts) {
    rows.all("program", facts.package.as_slice_of(), Clone::clone);
    rows.plain("binary", &facts.binary);
    rows.all("private modules", facts.private.as_slice_of(), |patterns| patterns.join(","));
    rows.all("companion", &facts.companions, |(package, _)| package.clone());
    rows.all("argument", &facts.args, Clone::clone);
    rows.all("cgo", facts.cgo.as_slice_of(), Clone::clone);
    rows.all("plug-ins", facts.plugins.as_slice_of(), |()| "loaded".to_owned());
    rows.all("linked value", &facts.link, Clone::clone);
    rows.all("build tag", &facts.tags, Clone::clone);
    rows.all("embedded", &facts.embeds, ToString::to_string);
}

fn rust(rows: &mut Rows, facts: &crate::facts::RustFacts) {
    rows.plain("package", &facts.package);
    rows.all("binary", facts.binary.as_slice_of(), Clone::clone);
    rows.all("feature", &facts.features, Clone::clone);
    rows.plain("lock file", facts.lock.as_ref().map_or("none", |lock| lock.as_str()));
    rows.all("toolchain", facts.nightly.as_slice_of(), Clone::clone);
    rows.all("target", facts.target.as_slice_of(), Clone::clone);
    rows.all("compiler wrapper", facts.wrapper.as_slice_of(), Clone::clone);
    rows.all("queries", facts.sqlx_offline.as_slice_of(), |()| "checked offline".to_owned());
    rows.all("argument", &facts.args, Clone::clone);
    rows.all("embedded", &facts.embeds, ToString::to_string);
    rows.all("read where it was built", &facts.reads_in_place, ToString::to_string);
}

fn node(rows: &mut Rows, facts: &crate::facts::NodeFacts) {
    rows.plain("package manager", &facts.tool.id);
    rows.all("its version", facts.tool.version.as_slice_of(), Clone::clone);
    rows.plain("lock file", facts.tool.lock.as_ref().map_or("none", |lock| lock.as_str()));
    rows.all("install flag", &facts.tool.flags, Clone::clone);
    rows.all("framework", facts.framework.as_slice_of(), Clone::clone);
    rows.all("build", &facts.build, |argv| crate::text::shell_line(argv));
    rows.all("made by the build", &facts.output, ToString::to_string);
    rows.all("start", facts.start.as_slice_of(), start_line);
    rows.all("site", facts.site.as_slice_of(), ToString::to_string);
    rows.all("web server configuration", facts.nginx.as_slice_of(), ToString::to_string);
    rows.all("compiles", &facts.compiles, Clone::clone);
    rows.all("kept out", &facts.skip_downloads, |(name, value)| format!("{name}={value}"));
    rows.all("git dependency", facts.git_dependency.as_slice_of(), Clone::clone);
    rows.all("build argument", &facts.build_args, Clone::clone);
}

fn java(rows: &mut Rows, facts: &crate::facts::JavaFacts) {
    rows.plain("build tool", &facts.tool.id);
    rows.all("its version", facts.tool.version.as_slice_of(), Clone::clone);
    rows.plain("wrapper", if facts.tool.wrapper { "whole" } else { "none" });
    rows.all("module", facts.module.as_slice_of(), Clone::clone);
    rows.all("framework", facts.framework.as_slice_of(), Clone::clone);
    rows.plain("goals", &facts.tool.goals.join(" "));
    rows.all("build flag", &facts.tool.flags, Clone::clone);
    rows.all("made by the build", facts.artefact.as_slice_of(), |artefact| artefact.made.clone());
    let main = facts.artefact.as_ref().and_then(|artefact| artefact.value.main_class.as_deref());
    rows.plain("main class", main.unwrap_or_default());
    rows.all("argument", &facts.args, Clone::clone);
    rows.all("flag of the JVM", &facts.jvm_args, Clone::clone);
    rows.all("tests are compiled", facts.keeps_tests.as_slice_of(), |()| "yes".to_owned());
}

fn php(rows: &mut Rows, facts: &crate::facts::PhpFacts) {
    rows.all("application", facts.application.as_slice_of(), Clone::clone);
    rows.all("served folder", facts.site.as_slice_of(), |site| {
        if site.as_str().is_empty() { ".".to_owned() } else { site.to_string() }
    });
    rows.plain("unknown paths", facts.front.as_deref().unwrap_or_default());
    rows.all("module of Apache", &facts.modules, Clone::clone);
    rows.all("start", facts.start.as_slice_of(), start_line);
    if let Some(composer) = &facts.composer {
        rows.plain("lock file", composer.lock.as_ref().map_or("none", |lock| lock.as_str()));
        rows.all("git dependency", composer.git_dependency.as_slice_of(), Clone::clone);
    }
    rows.all("extension", &facts.extensions, |one| one.name.clone());
    rows.all("build", &facts.build, Clone::clone);
    rows.all("written beside the code", &facts.owned, ToString::to_string);
}

fn python(rows: &mut Rows, facts: &crate::facts::PythonFacts) {
    rows.plain("package manager", &facts.tool.id);
    rows.all("its version", facts.tool.version.as_slice_of(), Clone::clone);
    let lock = facts.tool.lock.iter().chain(&facts.tool.requirements).map(|file| file.as_str());
    let lock: Vec<&str> = lock.collect();
    rows.plain("installed from", &lock.join(", "));
    rows.all("framework", facts.framework.as_slice_of(), Clone::clone);
    rows.plain("started in", facts.place.as_str());
    rows.all("start", facts.start.as_slice_of(), start_line);
    rows.all("added", &facts.adds, Clone::clone);
    rows.all("installed itself", facts.installs_itself.as_slice_of(), |()| "yes".to_owned());
    rows.all("build", &facts.build, start_line);
    rows.all("wheels", &facts.binaries, |one| format!("{} for {}", one.name, crate::text::list(&one.glibc)));
    rows.all("git dependency", facts.git_dependency.as_slice_of(), Clone::clone);
    rows.all("written beside the code", &facts.beside, ToString::to_string);
}

fn start_line(start: &crate::facts::Start) -> String {
    start.shell.clone().unwrap_or_else(|| crate::text::shell_line(&start.argv))
}

/// The evidence of a row in brackets: `(go.mod:3; --port 80)`.
#[must_use]
pub fn places(because: &[Evidence]) -> String {
    let places: Vec<String> = because.iter().map(Evidence::place).filter(|place| !place.is_empty()).collect();
    if places.is_empty() { String::new() } else { format!("  ({})", places.join("; ")) }
}

/// The whole explanation as text.
#[must_use]
pub fn text(generated: &Generated) -> String {
    let mut out = String::new();
    let main = (&generated.composition.main, "");
    let ends = generated.composition.front_ends.iter().map(|end| (&end.project, ", built for it"));
    for (project, role) in [main].into_iter().chain(ends) {
        let root = if project.root.as_str().is_empty() { "." } else { project.root.as_str() };
        let _ = writeln!(out, "{} in {root}{role}", project.language);
        for row in rows(project) {
            let _ = writeln!(out, "  {}: {}{}", row.about, comment(&row.value), reasons(&row.because));
        }
        out.push('\n');
    }
    out.push_str("decisions\n");
    for decision in &generated.service.decisions {
        let _ = writeln!(out, "  {}: {}", decision.about, decision.taken);
        for evidence in &decision.because {
            let _ = writeln!(out, "    because {}", reason(evidence));
        }
        for (what, why) in &decision.rejected {
            let _ = writeln!(out, "    not {what}: {why}");
        }
    }
    if !generated.service.notes.is_empty() {
        out.push_str("\nnotes\n");
    }
    for note in &generated.service.notes {
        let _ = writeln!(out, "  {}: {}{}", note.code, note.text, places(&note.because));
    }
    out
}

fn reasons(because: &[Evidence]) -> String {
    let all: Vec<String> = because.iter().map(reason).collect();
    if all.is_empty() { String::new() } else { format!("\n      {}", all.join("\n      ")) }
}

fn reason(evidence: &Evidence) -> String {
    match &evidence.file {
        Some(_) => comment(&format!("{} ({})", evidence.says, evidence.place())),
        None => comment(&evidence.says),
    }
}

/// The facts as the lock keeps them: values and their keys, no line numbers, so that an edit elsewhere changes nothing.
#[must_use]
pub fn locked(generated: &Generated, settings: &Settings) -> Vec<String> {
    let decisions = generated.service.decisions.iter();
    let decisions = decisions.map(|decision| fact(&decision.about, &decision.taken, &decision.because));
    let main = rows(&generated.composition.main);
    let main = main.iter().map(|row| fact(&row.about, &row.value, &row.because));
    let ends = generated.composition.front_ends.iter().flat_map(|end| {
        let of_it =
            |row: Row| fact(&format!("{} of {}", row.about, end.project.root), &row.value, &row.because);
        rows(&end.project).into_iter().map(of_it)
    });
    let asked = settings.wishes().named().into_iter().map(|(about, value)| format!("{about} = {value}"));
    decisions.chain(main).chain(ends).chain(asked).collect()
}

fn fact(about: &str, value: &str, because: &[Evidence]) -> String {
    match because.first() {
        Some(evidence) => format!("{about} = {value} ({})", evidence.says),
        None => format!("{about} = {value}"),
    }
}
