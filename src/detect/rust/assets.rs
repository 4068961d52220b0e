//! Files that the compiler takes in, and files and folders that the program reads and writes when it runs.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::ground::{self, Ground};
use super::reach::Reach;
use super::settings::Files;
use crate::detect::places::{is_empty, is_loose, outermost, relative, written};
use crate::detect::{Context, join_inside};
use crate::facts::{Evidence, Found, Note, Project, RustFacts};
use crate::source::rust::cfg::Build;
use crate::source::rust::file::File;
use crate::source::rust::paths::{self, Named, Opens};
use crate::source::rust::program::{Place, Program};
use crate::source::rust::value::{Evaluator, MANIFEST};

/// Everything that paths are looked up with.
pub(super) struct Look<'a> {
    pub(super) cx: &'a Context<'a>,
    pub(super) ground: &'a Ground,
    pub(super) program: &'a Program,
    pub(super) evaluator: &'a Evaluator<'a>,
}

impl Look<'_> {
    pub(super) fn evidence(&self, place: Place, says: impl Fn(&Utf8Path) -> String) -> Evidence {
        self.program.file(place).map_or_else(
            || Evidence::told("the program"),
            |file| Evidence::line(&file.path, file.line(place.at), says(&file.path)),
        )
    }

    fn package_of(&self, place: Place) -> Utf8PathBuf {
        self.program.crates.get(place.owner).map(|one| one.dir.clone()).unwrap_or_default()
    }
}

/// Fills what macros and build scripts take in.
pub(super) fn embeds(look: &Look<'_>, reach: &Reach, facts: &mut RustFacts) {
    let mut named: BTreeMap<Utf8PathBuf, Evidence> = BTreeMap::new();
    let table = &look.cx.knowledge.of(super::LANGUAGE).embedding;
    for (place, file, call) in look.program.calls().filter(|(_, _, call)| call.is_macro) {
        let Some(argument) = table.get(call.name) else { continue };
        let path = call.args.get(*argument).and_then(|arg| path_of(look, place, file, arg.start));
        let default =
            if call.name == "migrate" || call.name == "embed_migrations" { Some("migrations") } else { None };
        let Some(path) = path.or(default.filter(|_| call.args.is_empty()).map(str::to_owned)) else {
            continue;
        };
        let of_file =
            matches!(call.name, "include_str" | "include_bytes" | "include") && !path.starts_with(MANIFEST);
        let package = look.package_of(place);
        let beside = file.path.parent().unwrap_or(Utf8Path::new("")).to_owned();
        let there = |base: &Utf8Path| inside(base, &path).filter(|path| !is_empty(look.cx, path));
        // Macros of crates (`grass::include!`) and diesel's search begin elsewhere than the compiler's own.
        let above = package.ancestors().filter(|_| call.args.is_empty()).find(|base| there(base).is_some());
        let base = match (of_file, above) {
            (true, _) if there(&beside).is_some() || there(&package).is_none() => beside,
            (false, Some(above)) => above.to_owned(),
            _ => package,
        };
        let place = Place { at: call.at, ..place };
        if let Some(path) = inside(&base, &path) {
            named.entry(path).or_insert_with(|| look.evidence(place, |file| format!("embedded by {file}")));
        }
    }
    derived(look, &mut named);
    for number in reach.packages.keys() {
        scripts(look, *number, &mut named);
    }
    let built = named.iter().filter(|(path, _)| !path.as_str().is_empty() && is_empty(look.cx, path));
    facts.embeds_built =
        built.map(|(path, evidence)| Found::new(built_folder(look.cx, path), evidence.clone())).collect();
    facts.embeds_built.dedup_by(|one, other| one.value == other.value);
    facts.embeds.extend(outermost(named));
}

/// The path of a macro's argument, `$CARGO_MANIFEST_DIR` and `concat!` in it.
fn path_of(look: &Look<'_>, place: Place, file: &File, at: usize) -> Option<String> {
    if let Some(text) = file.string(at) {
        return Some(text.replace("$CARGO_MANIFEST_DIR", MANIFEST));
    }
    let end = file.call_at(at).map_or(at + 1, |call| call.close + 1);
    look.evaluator.value(place, &(at..end)).and_then(|value| value.whole().map(str::to_owned))
}

fn inside(base: &Utf8Path, path: &str) -> Option<Utf8PathBuf> {
    let path = path.strip_prefix(MANIFEST).map_or(path, |rest| rest.trim_start_matches('/'));
    let plain: Vec<&str> = path.split('/').take_while(|part| !part.contains(['*', '?', '[', '$'])).collect();
    join_inside(base, &plain.join("/")).filter(|_| !path.starts_with('/'))
}

/// `#[folder = "dist/"]` of rust-embed, and askama's templates.
fn derived(look: &Look<'_>, named: &mut BTreeMap<Utf8PathBuf, Evidence>) {
    for (place, file) in look.program.files() {
        for at in 0..file.len() {
            let here = Place { at, ..place };
            let base = look.package_of(place);
            if file.mark(at) == "folder" && file.mark(at + 1) == "=" && file.before(at, 1) == "[" {
                let path = file.string(at + 2).map(|text| text.replace("$CARGO_MANIFEST_DIR", MANIFEST));
                if let Some(path) = path.and_then(|path| inside(&base, &path)) {
                    named
                        .entry(path)
                        .or_insert_with(|| look.evidence(here, |file| format!("embedded by {file}")));
                }
            }
            if file.mark(at) == "template" && file.before(at, 1) == "[" && file.mark(at + 1) == "(" {
                let path = base.join("templates");
                if look.cx.repo.has_dir(&path) {
                    named.entry(path).or_insert_with(|| {
                        look.evidence(here, |file| format!("templates that {file} compiles in"))
                    });
                }
            }
        }
    }
}

/// Strings of a build script that are paths of the repository.
fn scripts(look: &Look<'_>, number: usize, named: &mut BTreeMap<Utf8PathBuf, Evidence>) {
    let Some(member) = look.ground.members.get(number) else { return };
    let Some(path) = ground::build_script(look.cx, member) else { return };
    let Some(text) = look.cx.repo.source(&path) else { return };
    let file = File::read(&path, &text, &Build::default());
    named
        .entry(path.clone())
        .or_insert_with(|| Evidence::file(&path, format!("the build script of {}", member.file)));
    for at in 0..file.len() {
        let Some(text) =
            file.string(at).filter(|text| text.len() > 1 && text.len() < 200 && !text.contains(' '))
        else {
            continue;
        };
        let text =
            text.trim_start_matches("cargo:rerun-if-changed=").trim_start_matches("cargo::rerun-if-changed=");
        let Some(found) = inside(&member.dir, text).filter(|found| *found != member.dir) else { continue };
        if look.cx.repo.has(&found) || look.cx.repo.has_dir(&found) {
            let line = file.line(at);
            named.entry(found).or_insert_with(|| Evidence::line(&path, line, format!("read by {path}")));
        }
    }
}

/// A missing file's folder, where that is missing, too.
fn built_folder(cx: &Context<'_>, place: &Utf8Path) -> Utf8PathBuf {
    match place.parent() {
        Some(parent) if place.extension().is_some() && is_empty(cx, parent) => parent.to_owned(),
        _ => place.to_owned(),
    }
}

fn functions(table: &BTreeMap<String, usize>) -> Vec<Opens> {
    table.iter().map(|(call, argument)| Opens { call: call.clone(), argument: *argument }).collect()
}

/// Paths of the repository that the program names, and that are not compiled in.
pub(super) fn reads(look: &Look<'_>, facts: &mut RustFacts, project: &mut Project) {
    let table = look.cx.knowledge.of(super::LANGUAGE);
    let mut named = paths::handed(look.program, look.evaluator, &functions(&table.reading));
    named.extend(paths::settings(look.program, look.evaluator).into_iter().map(|(_, one)| one));
    named.extend(
        paths::relative(look.program, look.evaluator)
            .into_iter()
            .filter(|one| is_here(look, one, &project.root)),
    );
    named.extend(own_configuration(look, &project.root));
    let mut found: BTreeMap<Utf8PathBuf, Evidence> = BTreeMap::new();
    let mut in_place: BTreeMap<Utf8PathBuf, Evidence> = BTreeMap::new();
    for one in named {
        let because = look.evidence(one.place, |file| says(&one, file));
        if let Some(rest) = one.path.strip_prefix(MANIFEST) {
            let path = join_inside(&look.package_of(one.place), rest.trim_start_matches('/'));
            if let Some(path) = path.filter(|path| is_asset(look, path)) {
                in_place.entry(path).or_insert(because);
            }
            continue;
        }
        match in_repository(look, &one, &project.root, &facts.workspace_root) {
            Some(path) if is_asset(look, &path) && !is_document(&path) => {
                found.entry(path).or_insert(because);
            }
            Some(_) => {}
            None => missing(look, &one, project, facts, because),
        }
    }
    let compiled = |path: &Utf8Path| {
        facts
            .embeds
            .iter()
            .any(|embed| path.starts_with(&embed.value) && embed.says().starts_with("embedded"))
    };
    let reads = outermost(found).into_iter().filter(|one| !compiled(&one.value));
    let root = project.root.clone();
    project.reads.extend(reads.map(|one| one.map(|path| relative(&path, &root))));
    facts.reads_in_place = outermost(in_place);
}

/// Whether the folder that the program is started in has the path.
fn is_here(look: &Look<'_>, one: &Named, root: &Utf8Path) -> bool {
    let path = join_inside(root, one.path.trim_start_matches("./").trim_end_matches('/'));
    path.is_some_and(|path| path != root && (look.cx.repo.has(&path) || look.cx.repo.has_dir(&path)))
}

/// `config.toml` beside Cargo.toml, where a text of the program is its name.
fn own_configuration(look: &Look<'_>, root: &Utf8Path) -> Vec<Named> {
    let words = &look.cx.knowledge.of(super::LANGUAGE).configuration;
    let endings = ["toml", "yaml", "yml", "json", "cfg", "conf", "ini", "lua", "ron"];
    let known = |name: &str| {
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        endings.contains(&ending) && words.iter().any(|word| word == stem)
    };
    let names: Vec<&str> = look.cx.repo.list(root).0.into_iter().filter(|name| known(name)).collect();
    if names.is_empty() {
        return Vec::new();
    }
    paths::texts(look.program, |text| names.contains(&text))
}

fn says(named: &Named, path: &Utf8Path) -> String {
    match &named.by {
        Some(by) => format!("the default of {by} ({path})"),
        None => format!("named in {path}"),
    }
}

/// A folder that is read and is not there: something builds it.
fn missing(look: &Look<'_>, one: &Named, project: &Project, facts: &mut RustFacts, because: Evidence) {
    let last = one.path.trim_end_matches('/').rsplit('/').next().unwrap_or("");
    let built = ["dist", "build", "out"].contains(&last) || one.path.split('/').any(|part| part == "dist");
    let path = join_inside(&project.root, &one.path).filter(|_| !one.path.starts_with(['/', '~']) && built);
    if let Some(path) = path.filter(|path| !path.as_str().is_empty() && look.cx.repo.list(path).0.is_empty())
        && facts.reads_built.iter().all(|known| known.value != path)
    {
        facts.reads_built.push(Found::new(path, because));
    }
}

/// The path in the repository that a path of the working folder names: a folder, or the folder of a file.
fn in_repository(look: &Look<'_>, one: &Named, root: &Utf8Path, workspace: &Utf8Path) -> Option<Utf8PathBuf> {
    let path = one.path.strip_prefix("file://").unwrap_or(&one.path);
    if path.is_empty() || path.starts_with(['/', '~']) || path.contains(['$', '{', '\n', ':']) {
        return None;
    }
    let plain: Vec<&str> = path.split('/').take_while(|part| !part.contains(['*', '?', '['])).collect();
    let plain = plain.join("/");
    let repo = look.cx.repo;
    let found = [root, workspace].into_iter().find_map(|base| {
        let path = join_inside(base, &plain)?;
        let below = path != base && path.starts_with(workspace) && !path.as_str().is_empty();
        // A configuration file is named without its ending.
        let stem =
            path.parent().is_some_and(|dir| {
                !dir.as_str().is_empty()
                    && dir != base
                    && repo.list(dir).0.iter().any(|name| {
                        name.rsplit_once('.').is_some_and(|(stem, _)| Some(stem) == path.file_name())
                    })
            });
        match (below, repo.has(&path) || repo.has_dir(&path), stem) {
            (true, true, _) => Some(path),
            (true, false, true) => path.parent().map(Utf8Path::to_owned),
            _ => None,
        }
    })?;
    match found.parent() {
        Some(dir) if repo.has(&found) && dir != root && dir != workspace && is_asset(look, dir) => {
            Some(dir.to_owned())
        }
        _ => Some(found),
    }
}

/// Neither sources nor what only cargo reads.
fn is_asset(look: &Look<'_>, path: &Utf8Path) -> bool {
    let (files, _) = look.cx.repo.list(path);
    let code = |name: &str| {
        Utf8Path::new(name).extension() == Some("rs") || matches!(name, "Cargo.toml" | "Cargo.lock")
    };
    let name = path.file_name().unwrap_or("");
    !code(name)
        && !files.iter().any(|name| code(name))
        && !name.starts_with(".env")
        && !path.starts_with("target")
        && name != "src"
        && !path
            .components()
            .any(|part| ["tests", "benches", "testdata", "fixtures"].contains(&part.as_str()))
}

/// A document of the repository's own is only named.
fn is_document(path: &Utf8Path) -> bool {
    path.extension() == Some("md") && path.parent().is_none_or(|parent| parent.as_str().is_empty())
}

/// Folders and database files that the program makes.
pub(super) fn writes(look: &Look<'_>, files: &Files, project: &mut Project) {
    let table = look.cx.knowledge.of(super::LANGUAGE);
    let mut found: BTreeMap<Utf8PathBuf, Evidence> = BTreeMap::new();
    let mut add = |one: &Named, database: bool| {
        let named = one.path.bytes().any(|byte| byte.is_ascii_alphabetic());
        let path = written(one.path.trim_end_matches('/'), database).filter(|_| named);
        let Some(path) = path else { return };
        let because = look.evidence(one.place, |file| match &one.by {
            Some(by) => format!("the default of {by} is written ({file})"),
            None => format!("written by {file}"),
        });
        found.entry(path).or_insert(because);
    };
    for one in paths::databases(look.program, look.evaluator, &table.databases) {
        if !look.cx.repo.has(project.root.join(one.path.trim_start_matches("./"))) {
            add(&one, true);
        }
    }
    for one in paths::handed(look.program, look.evaluator, &functions(&table.writing)) {
        add(&one, table.databases.iter().any(|ending| one.path.ends_with(ending.as_str())));
    }
    for (words, one) in paths::settings(look.program, look.evaluator) {
        let kept = ["data", "upload", "uploads", "storage", "cache", "store", "state"];
        let is_folder = ["path", "dir", "directory", "folder", "root"]
            .iter()
            .any(|word| words.iter().any(|one| one == word));
        let clean = one.path.trim_start_matches("./").trim_end_matches('/');
        let here = look.cx.repo.has_dir(project.root.join(clean));
        if is_folder
            && !here
            && !clean.starts_with('.')
            && words.iter().any(|word| kept.contains(&word.as_str()))
        {
            add(&one, false);
        }
    }
    for (key, text, file, line) in files.folders() {
        let here = look.cx.repo.has_dir(project.root.join(text.trim_start_matches("./")));
        if let Some(path) = written(text.trim_end_matches('/'), false).filter(|_| !here) {
            found.entry(path).or_insert_with(|| Evidence::line(&file, line, format!("{key} of {file}")));
        }
    }
    for one in gathered(&outermost(found)) {
        let path = one.value.clone();
        if is_loose(&path) {
            project.notes.push(Note {
                code: "writes-working-folder".to_owned(),
                text: format!("`{path}` is written to the working folder itself, or beside it: only its folder as a whole can be a volume"),
                because: one.because.clone(),
            });
        }
        project.writes.push(one);
    }
}

/// Folders beside each other are one volume: the folder that they lie in.
fn gathered(all: &[Found<Utf8PathBuf>]) -> Vec<Found<Utf8PathBuf>> {
    let mut kept: Vec<Found<Utf8PathBuf>> = Vec::new();
    for one in all {
        let parent =
            one.value.parent().filter(|parent| !matches!(parent.as_str(), "" | "/" | ".." | "/var/lib"));
        let beside = parent
            .filter(|parent| all.iter().filter(|other| other.value.parent() == Some(parent)).count() > 1);
        let value = beside.unwrap_or(&one.value).to_owned();
        if kept.iter().all(|known| !value.starts_with(&known.value)) {
            kept.push(Found { value, because: one.because.clone() });
        }
    }
    kept
}
