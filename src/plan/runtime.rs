//! What the last stages of all languages share: packages, a user, copied capabilities, folders that are written, ports.

use camino::{Utf8Path, Utf8PathBuf};

use super::base::Chosen;
use super::layout::{absolute, in_context};
use super::{Act, Copy, Mount, Run, Runtime, Step};
use crate::facts::{Evidence, Found, Need, Phase, Project};
use crate::knowledge::Knowledge;

/// A folder that is written at run time: where, and the empty folder of a build stage that it is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Absolute, in the image.
    pub path: String,
    /// In the build stage.
    pub made: String,
    /// For the comment.
    pub because: String,
}

/// Packages that an image's own package manager installs, as one RUN.
#[must_use]
pub fn install(
    knowledge: &Knowledge,
    manager: &str,
    packages: &[String],
    because: &[String],
) -> Option<Step> {
    let row = knowledge.system.managers.get(manager)?;
    if packages.is_empty() {
        return None;
    }
    let words = crate::text::shell_line(packages);
    let commands = row.install.iter().map(|line| line.replace("{packages}", &words)).collect();
    Some(Step { because: because.to_vec(), act: Act::Run(Run { mounts: Vec::<Mount>::new(), commands }) })
}

/// Packages of the build phase that an image with these offers lacks, in the names of its package manager.
#[must_use]
pub fn build_packages(
    knowledge: &Knowledge,
    needs: &[Found<Need>],
    offers: &[String],
    alpine: bool,
    suite: &str,
) -> (Vec<String>, Vec<String>) {
    let mut packages = std::collections::BTreeSet::new();
    let mut because = Vec::new();
    for need in needs.iter().filter(|need| need.value.phase == Phase::Build) {
        if offers.contains(&need.value.capability) {
            continue;
        }
        let Some(row) = knowledge.system.capabilities.get(&need.value.capability) else { continue };
        let names = if alpine { row.alpine(Phase::Build) } else { row.debian(Phase::Build, suite) };
        if !names.is_empty() {
            packages.extend(names.iter().cloned());
            because.push(full_stop(&sentence(need.says())));
        }
    }
    let because = dedup(because);
    (packages.into_iter().collect(), because)
}

fn full_stop(text: &str) -> String {
    format!("{}.", text.trim_end_matches('.'))
}

/// How a comment tells why a folder is written.
fn told(because: &str) -> String {
    let says = because.contains("writ") || because.starts_with("the default");
    if says { sentence(because) } else { format!("Written at run time ({because})") }
}

/// A line of a comment: an upper-case letter in front where it begins with an ordinary word.
#[must_use]
pub fn sentence(text: &str) -> String {
    let first = text.split(' ').next().unwrap_or_default();
    if first.chars().all(|letter| letter.is_ascii_lowercase()) && !first.is_empty() {
        let mut letters = text.chars();
        return letters.next().map(|letter| letter.to_ascii_uppercase()).into_iter().chain(letters).collect();
    }
    text.to_owned()
}

/// What the image lacks and can be given: packages, a user with a name, capabilities from a build stage.
pub fn provide(
    runtime: &mut Runtime,
    chosen: &Chosen,
    knowledge: &Knowledge,
    needs: &[Found<Need>],
    from: &str,
) {
    let manager = chosen.image.packages.as_deref();
    if let Some(manager) = manager {
        let because: Vec<String> = needs
            .iter()
            .filter(|need| need.value.phase == Phase::Run && !chosen.offers(&need.value.capability))
            .filter(|need| installs(knowledge, &need.value.capability))
            .map(|need| full_stop(&sentence(need.says())))
            .chain(has_init(knowledge, &chosen.install).then(|| WHY_INIT.to_owned()))
            .collect();
        let installs = install(knowledge, manager, &chosen.install, &dedup(because));
        let user = (!chosen.image.named).then(|| user(knowledge, manager, &chosen.image.user)).flatten();
        runtime.provisions.extend(one_run(installs, user));
    }
    for capability in &chosen.copy {
        let Some(row) = knowledge.system.capabilities.get(capability) else { continue };
        let Some(path) = &row.copy else { continue };
        runtime.copies.push(Step::copy_from(
            from,
            path.clone(),
            row.copy_to.as_ref().unwrap_or(path).clone(),
        ));
    }
}

/// Why there is an init.
const WHY_INIT: &str =
    "Nothing here handles SIGTERM, and process 1 ignores it by default: an init passes it on.";

/// Whether packages are those of the init.
fn has_init(knowledge: &Knowledge, packages: &[String]) -> bool {
    let row = knowledge.system.capabilities.get("init");
    row.is_some_and(|row| row.run.iter().chain(&row.alpine_run).any(|name| packages.contains(name)))
}

/// Two RUN instructions in one: a layer less.
fn one_run(first: Option<Step>, second: Option<Step>) -> Option<Step> {
    let (Some(mut first), Some(second)) = (first.clone(), second.clone()) else { return first.or(second) };
    if let (Act::Run(run), Act::Run(more)) = (&mut first.act, second.act) {
        run.commands.extend(more.commands);
        first.because.extend(second.because);
    }
    Some(first)
}

fn dedup(mut lines: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    lines.retain(|line| seen.insert(line.clone()));
    lines
}

fn installs(knowledge: &Knowledge, capability: &str) -> bool {
    knowledge.system.capabilities.get(capability).is_some_and(|row| !row.run.is_empty())
}

fn user(knowledge: &Knowledge, manager: &str, ids: &str) -> Option<Step> {
    let uid = ids.split(':').next().unwrap_or(ids);
    let commands = knowledge.system.managers.get(manager)?.user.iter();
    let commands = commands.map(|line| line.replace("{uid}", uid)).collect();
    Some(Step::because(
        "A user with a name, and a home that can be written under a read-only root.",
        Act::Run(Run { mounts: vec![], commands }),
    ))
}

/// The working folder of a program that writes files beside itself is a volume of its own; where it writes above that
/// folder, the volume is the folder above.
#[must_use]
pub fn working_folder<'a>(project: &Project, usual: &'a str) -> &'a str {
    let beside = |path: &Utf8Path| {
        !path.is_absolute() && is_file(path) && path.parent().is_none_or(|up| up.as_str().is_empty())
    };
    let above = |path: &Utf8Path| is_file(path) && path.parent().is_some_and(|up| up == "..");
    if project.writes.iter().any(|found| above(&found.value)) {
        "/data/app"
    } else if project.writes.iter().any(|found| beside(&found.value)) {
        "/data"
    } else {
        usual
    }
}

fn is_file(path: &Utf8Path) -> bool {
    path.extension().is_some()
}

/// The folders that a project writes to. A file stands for the folder that it lies in.
#[must_use]
pub fn written(project: &Project, workdir: &str) -> Vec<Written> {
    let mut all: Vec<Written> = Vec::new();
    for found in &project.writes {
        let mut path = Utf8PathBuf::from(normal(&absolute(workdir, found.value.as_str())));
        if is_file(&path) {
            path.pop();
        }
        let inside = |one: &Written| path.starts_with(&one.path);
        if path == "/" || path.starts_with("/tmp") || all.iter().any(inside) {
            continue;
        }
        all.retain(|one| !Utf8Path::new(&one.path).starts_with(&path));
        let base = path.file_name().unwrap_or("data").to_owned();
        let made = (0..).map(|n| if n == 0 { base.clone() } else { format!("{base}-{n}") });
        let made =
            made.map(|name| format!("/out/{name}")).find(|made| all.iter().all(|one| one.made != *made));
        all.push(Written {
            path: path.into_string(),
            made: made.unwrap_or_default(),
            because: found.says().to_owned(),
        });
    }
    all
}

/// The empty folders of a build stage, none of them at the place of the program that is built there.
pub fn keep_apart(written: &mut [Written], program: &str) {
    let place = format!("/out/{program}");
    for folder in written.iter_mut().filter(|folder| folder.made == place) {
        folder.made.push_str("-data");
    }
}

/// An absolute path without `.` and `..`.
#[must_use]
pub fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Copies each written folder, owned by the user, and makes it a volume. A working folder inside one comes after it:
/// WORKDIR would make it first, as root's.
pub fn own(runtime: &mut Runtime, written: &[Written], from: &str, user: &str) {
    let mut late = None;
    for folder in written {
        let holds = |dir: &String| Utf8Path::new(dir).starts_with(&folder.path);
        if let Some(workdir) = runtime.workdir.take_if(|dir| holds(dir)) {
            late = Some(workdir);
        }
        let to = runtime.workdir.as_deref().and_then(|dir| folder.path.strip_prefix(&format!("{dir}/")));
        let to = to.filter(|to| !to.contains('/')).unwrap_or(&folder.path).to_owned();
        let copy = Copy {
            from: Some(from.to_owned()),
            chown: Some(user.to_owned()),
            sources: vec![folder.made.clone()],
            to,
        };
        runtime
            .copies
            .push(Step::because(format!("{}: mount a volume.", told(&folder.because)), Act::Copy(copy)));
        runtime.volumes.push(folder.path.clone());
    }
    runtime.copies.extend(late.map(|workdir| Step::plain(Act::Workdir(workdir))));
}

/// Files and folders of the repository that the program reads, at the places where it looks for them.
#[must_use]
pub fn assets(
    project: &Project,
    context: &Utf8Path,
    workdir: &str,
    written: &[Written],
    owner: &str,
) -> Vec<Step> {
    let each = project.reads.iter().map(|read| {
        let source =
            in_context(&Utf8PathBuf::from(normal_relative(&project.root.join(&read.value))), context);
        let to = read.value.as_str().to_owned();
        let place = normal(&absolute(workdir, &to));
        let inside = written.iter().any(|folder| Utf8Path::new(&place).starts_with(&folder.path));
        let chown = inside.then(|| owner.to_owned());
        let copy = Copy { from: None, chown, sources: vec![source], to };
        Step::because(sentence(read.says()), Act::Copy(copy))
    });
    each.collect()
}

/// A path of the repository without `..`.
fn normal_relative(path: &Utf8Path) -> String {
    normal(path.as_str()).trim_start_matches('/').to_owned()
}

/// Commands that make what the runtime stage takes over, since its image may have no shell to make it: empty folders,
/// and for an image that has nothing a folder for temporary files and a name for the user.
#[must_use]
pub fn folders(written: &[Written], workdir: &str, chosen: &Chosen) -> Vec<String> {
    let mut commands = Vec::new();
    let made: Vec<&str> = written.iter().map(|folder| folder.made.as_str()).collect();
    if !made.is_empty() {
        commands.push(format!("mkdir {}", crate::text::shell_line(&made)));
    }
    for folder in written.iter().filter(|folder| workdir.starts_with(&format!("{}/", folder.path))) {
        let inner = workdir.replacen(&folder.path, &folder.made, 1);
        commands.push(format!("mkdir {}", crate::text::shell_word(&inner)));
    }
    if lacks(chosen, "tmp") {
        commands.push("mkdir -p /out/root/etc".to_owned());
        commands.push("mkdir -m 1777 /out/root/tmp".to_owned());
        let ids = &chosen.image.user;
        commands.push(format!("echo 'app:x:{ids}::/tmp:/sbin/nologin' > /out/root/etc/passwd"));
    }
    commands
}

fn lacks(chosen: &Chosen, capability: &str) -> bool {
    chosen.copy.iter().any(|one| one == capability)
}

/// Takes over what [`folders`] made for an image that has nothing.
pub fn bare_root(runtime: &mut Runtime, chosen: &Chosen, from: &str) {
    if lacks(chosen, "tmp") {
        let sources = vec!["/out/root".to_owned()];
        let copy = Copy { from: Some(from.to_owned()), sources, to: "/".into(), chown: None };
        let because = "A name for the user, and a folder for temporary files.";
        runtime.copies.push(Step::because(because, Act::Copy(copy)));
    }
}

/// The init in front of a program that SIGTERM would not end: its path in the image. Where the image has packages it is
/// one of them; else it is copied from a build stage that has it, on Alpine or not.
pub fn init(
    runtime: &mut Runtime,
    chosen: &mut Chosen,
    knowledge: &Knowledge,
    (from, alpine): (&str, bool),
) -> Option<String> {
    let row = knowledge.system.capabilities.get("init")?;
    if let Some(manager) = chosen.image.packages.as_deref() {
        let names = if manager == "apk" { &row.alpine_run } else { &row.run };
        chosen.install.extend(names.iter().cloned());
        chosen.install.sort();
        chosen.install.dedup();
        return knowledge.system.managers.get(manager).map(|row| row.init.clone());
    }
    let there = if alpine { row.alpine_copy.as_ref() } else { row.copy.as_ref() };
    let (path, init) = (there?.clone(), row.copy_to.clone()?);
    let copy = Copy { from: Some(from.to_owned()), sources: vec![path], to: init.clone(), chown: None };
    runtime.copies.push(Step::because(WHY_INIT, Act::Copy(copy)));
    Some(init)
}

/// Puts a program that was built into the image, beside its assets unless one of them has its name: its path.
pub fn program(
    runtime: &mut Runtime,
    project: &Project,
    written: &[Written],
    beside: bool,
    name: &str,
) -> String {
    let workdir = runtime.workdir.clone().unwrap_or_default();
    let is_name = |path: &Utf8Path| path.components().next().is_some_and(|one| one.as_str() == name);
    let taken = project.reads.iter().any(|read| is_name(&read.value))
        || written.iter().any(|folder| folder.path == format!("{workdir}/{name}"));
    let (to, path) = if beside && !taken {
        ("./".to_owned(), format!("{workdir}/{name}"))
    } else {
        ("/usr/local/bin/".to_owned(), format!("/usr/local/bin/{name}"))
    };
    runtime.copies.push(Step::copy_from("build", format!("/out/{name}"), to));
    path
}

/// EXPOSE for every port, the main one first, with the reason of the main one.
#[must_use]
pub fn expose(project: &Project) -> Vec<(u16, Option<String>)> {
    let mut ports: Vec<(u16, Option<String>)> = Vec::new();
    for listen in &project.listen {
        let told = !listen.value.must_set;
        if ports.iter().all(|(port, _)| *port != listen.value.port) {
            ports.push((listen.value.port, told.then(|| sentence(listen.says()))));
        }
    }
    ports
}

/// A baseline need with its reason.
#[must_use]
pub fn need(capability: &str, phase: Phase, says: &str) -> Found<Need> {
    Found::new(Need { capability: capability.to_owned(), phase }, Evidence::told(says))
}

/// Variables that the image sets: those with a value.
#[must_use]
pub fn environment(project: &Project) -> Vec<(String, String)> {
    let ports = project
        .listen
        .iter()
        .filter(|listen| listen.value.must_set)
        .filter_map(|listen| Some((listen.value.variable.clone()?, listen.value.port.to_string())));
    let values =
        project.env.iter().filter_map(|one| Some((one.value.name.clone(), one.value.value.clone()?)));
    let mut all: Vec<(String, String)> = Vec::new();
    for (name, value) in ports.chain(values) {
        if all.iter().all(|(known, _)| *known != name) {
            all.push((name, value));
        }
    }
    all
}

/// The variables that it cannot start without and whose value only its owner knows.
#[must_use]
pub fn required(project: &Project) -> Vec<String> {
    let set = environment(project);
    let mut names: Vec<String> = project
        .env
        .iter()
        .filter(|one| one.value.required && one.value.value.is_none())
        .map(|one| one.value.name.clone())
        .filter(|name| set.iter().all(|(known, _)| known != name))
        .collect();
    names.sort();
    names.dedup();
    names
}
