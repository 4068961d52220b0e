//! Go: which program of a folder is the application, and every fact that its image rests on.

mod build;
mod choose;
mod module;
mod native;
mod others;
mod private;
mod runtime;
mod served;
mod tree;

use camino::{Utf8Path, Utf8PathBuf};

use self::module::Ground;
use self::tree::{Pack, Tree};
use super::{Context, Detection, NothingToRun, slug};
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Access, Evidence, Found, GoFacts, Kind, Note, Project, Stack};
use crate::knowledge::Detector;
use crate::source::go::command;
use crate::source::go::header::is_major;
use crate::source::go::listen::{Opened, Opener, opened};
use crate::source::go::program::{Place, Program};
use crate::source::ports::Role;

const LANGUAGE: &str = "go";

/// Finds the Go program of the folder `root`, relative to the repository.
///
/// # Errors
/// A manifest that cannot be understood, or a choice that only a person can make.
pub fn detect(cx: &Context<'_>, root: &Utf8Path) -> Result<Detection> {
    let here = ["go.mod", "go.work"].iter().any(|name| cx.repo.has(root.join(name)));
    if !here && !cx.repo.under(root).any(|path| path.extension() == Some("go")) {
        return Ok(Detection::Missing);
    }
    let ground = module::find(cx, root)?;
    if ground.modules.is_empty() && !has_program(cx, root) {
        return Ok(Detection::Missing);
    }
    let tree = tree::read(cx, &ground);
    let mains = own_mains(&ground, &tree, root);
    if mains.is_empty() {
        return Ok(Detection::NothingToRun(nothing(&ground, &tree, root)));
    }
    if let Some(library) = library_beside(cx, &ground, &tree, root, &mains) {
        return Ok(Detection::NothingToRun(library));
    }
    let openers = openers(cx.knowledge.of(LANGUAGE));
    let chosen = choose::choose(cx, &ground, &tree, root, &mains, &openers)?;
    Ok(Detection::Found(Box::new(project(cx, &ground, &tree, root, &chosen, &openers)?)))
}

/// A library whose programs all lie among its examples and tools: none of them is what the module is for.
fn library_beside(
    cx: &Context<'_>,
    ground: &Ground,
    tree: &Tree,
    root: &Utf8Path,
    mains: &[&Pack],
) -> Option<NothingToRun> {
    let told = cx.answers.bin.is_some() || cx.answers.start.is_some();
    let module = ground.module_of(root).filter(|module| module.dir == root && !told)?;
    let is_library = tree.at(root).is_some_and(|pack| pack.main().is_none());
    if !is_library || !mains.iter().all(|pack| choose::is_aside(pack, root)) {
        return None;
    }
    let one = |pack: &&Pack| {
        let name = crate::text::shell_word(&package_of(ground, pack));
        format!("`--bin {name}` makes an image of that one")
    };
    let name = &module.manifest.module;
    let programs = mains.iter().filter_map(|pack| pack.main());
    let programs = programs.map(|(file, line)| Evidence::line(file, line, "package main"));
    let own = Evidence::file(&module.dir.join("go.mod"), format!("the module {name}"));
    Some(NothingToRun {
        root: root.to_owned(),
        language: LANGUAGE.to_owned(),
        what: format!("`{name}` is a Go library: its programs are examples and tools"),
        because: [own].into_iter().chain(programs).collect(),
        help: mains.iter().map(one).collect(),
    })
}

/// The folders of the programs of the module in a folder, those that help to develop left out; none where it holds no
/// module of its own.
///
/// # Errors
/// A manifest that cannot be understood.
pub fn programs(cx: &Context<'_>, root: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    if !cx.repo.has(root.join("go.mod")) {
        return Ok(Vec::new());
    }
    let ground = module::find(cx, root)?;
    let tree = tree::read(cx, &ground);
    let own = |pack: &&&Pack| ground.module_of(&pack.dir).is_some_and(|module| module.dir == root);
    let mains = own_mains(&ground, &tree, root);
    let serious = mains.iter().filter(own).filter(|pack| !choose::is_aside(pack, root));
    Ok(serious.map(|pack| pack.dir.clone()).collect())
}

/// Without a module, only a folder whose own files are a program is one: a `.go` file somewhere below says nothing.
fn has_program(cx: &Context<'_>, root: &Utf8Path) -> bool {
    let (files, _) = cx.repo.list(root);
    files.iter().any(|name| is_go(name))
}

/// The programs that are built here: those below the folder, not those of modules that only replace others.
fn own_mains<'t>(ground: &Ground, tree: &'t Tree, root: &Utf8Path) -> Vec<&'t Pack> {
    let built = |pack: &&Pack| {
        let Some(module) = ground.module_of(&pack.dir) else { return pack.dir == root };
        ground.modules.iter().take(ground.own).any(|own| own.dir == module.dir)
    };
    tree.mains(root).into_iter().filter(built).collect()
}

fn nothing(ground: &Ground, tree: &Tree, root: &Utf8Path) -> NothingToRun {
    let module = ground.module_of(root).or(ground.modules.first());
    let because = module.map(|module| {
        Evidence::file(&module.dir.join("go.mod"), format!("the module {}", module.manifest.module))
    });
    let empty = !tree.any;
    let what = match (module, empty) {
        (Some(module), true) => format!("the Go module `{}` has no Go files", module.manifest.module),
        (Some(module), false) => format!("`{}` is a Go library: no package main", module.manifest.module),
        (None, _) => "these Go files are a library: no package main".to_owned(),
    };
    NothingToRun {
        root: root.to_owned(),
        language: LANGUAGE.to_owned(),
        what,
        because: because.into_iter().collect(),
        help: vec![
            "a library needs no image: whoever imports it builds one".to_owned(),
            "a program has a file of package main with `func main`".to_owned(),
        ],
    }
}

fn project(
    cx: &Context<'_>,
    ground: &Ground,
    tree: &Tree,
    root: &Utf8Path,
    chosen: &Found<&Pack>,
    openers: &[Opener],
) -> Result<Project> {
    let pack = chosen.value;
    let reached = tree.reach(&pack.dir);
    if ground.modules.is_empty() {
        refuse_imports(pack, &reached)?;
    }
    let mut program = tree::program(cx, &reached);
    let mut heard = listening(&program, openers);
    let apart = command::apart(&program);
    if !apart.is_empty() {
        let here = |place: Place| !apart.contains(&(place.package, place.file));
        program.settings.retain(|setting| here(setting.place));
        if heard.iter().any(|one| here(one.place)) {
            heard.retain(|one| here(one.place));
        }
    }
    let facts = GoFacts {
        module_root: ground.root.clone(),
        has_module: !ground.modules.is_empty(),
        has_dependencies: ground.modules.iter().any(|module| !module.manifest.requires.is_empty()),
        vendor: cx.repo.has(ground.root.join("vendor/modules.txt")),
        manifests: ground.manifests.clone(),
        outside: ground.outside.clone(),
        package: Some(Found { value: package_of(ground, pack), because: chosen.because.clone() }),
        binary: build::binary(cx, ground, pack)?.unwrap_or_else(|| binary_of(ground, pack)),
        private: private::modules(cx, ground, root),
        ..GoFacts::default()
    };
    let mut project = Project {
        root: root.to_owned(),
        name: slug(&facts.binary),
        language: LANGUAGE.to_owned(),
        kind: kind(&program, &heard, pack),
        versions: module::versions(cx, ground, root)?,
        stack: Stack::Go(Box::default()),
        listen: Vec::new(),
        env: Vec::new(),
        reads: Vec::new(),
        writes: Vec::new(),
        needs: Vec::new(),
        access: Access::default(),
        notes: Vec::new(),
    };
    let mut facts = facts;
    private::keys(cx, &facts, &mut project);
    let without_cgo = build::goes_without_cgo(cx, ground, pack)?;
    native::fill(cx, ground, tree, &reached, (&program, without_cgo), &mut facts, &mut project)?;
    build::fill(cx, ground, tree, pack, &program, &mut facts)?;
    if !heard.is_empty() {
        served::fill(cx, &program, root, &mut facts);
    }
    facts.others = others::folders(cx, ground, tree, pack, &facts);
    facts.programs = others::programs(cx, ground, pack, &facts);
    runtime::fill(cx, &program, (&heard, &apart), &mut facts, &mut project)?;
    notes(ground, tree, &reached, &facts, &mut project);
    project.stack = Stack::Go(Box::new(facts));
    Ok(project)
}

/// Without a go.mod, only the standard library can be imported.
fn refuse_imports(pack: &Pack, reached: &[&Pack]) -> Result<()> {
    for (path, header) in reached.iter().flat_map(|pack| &pack.files) {
        let foreign = header
            .imports
            .iter()
            .find(|import| import.path.split('/').next().is_some_and(|first| first.contains('.')));
        if let Some(import) = foreign {
            let message =
                format!("imports `{}`, and there is no go.mod that says which version", import.path);
            return Err(Error::new(ErrorKind::Refused, message).at(path, Some(import.line)).help(format!(
                "`go mod init {}` and `go mod tidy` write a go.mod",
                pack.dir.file_name().unwrap_or("app")
            )));
        }
    }
    Ok(())
}

fn notes(ground: &Ground, tree: &Tree, reached: &[&Pack], facts: &GoFacts, project: &mut Project) {
    let sums = facts.manifests.iter().any(|path| path.file_name() == Some("go.sum"));
    if let Some(path) = facts
        .manifests
        .iter()
        .find(|path| path.file_name() == Some("go.mod"))
        .filter(|_| ground.downloads() && !sums)
    {
        project.notes.push(Note {
            code: "no-lock-file".to_owned(),
            text: "there is no go.sum: the build fails until `go mod tidy` has written one".to_owned(),
            because: vec![Evidence::file(path, "the require lines of go.mod")],
        });
    }
    if let Some((import, evidence)) = native::made_sources(ground, tree, reached) {
        project.notes.push(Note {
            code: "made-sources".to_owned(),
            text: format!(
                "`{import}` is imported and not in the repository: it has to be generated before the build"
            ),
            because: vec![evidence],
        });
    }
}

/// Listens, or works on, or ends.
fn kind(program: &Program, heard: &[Opened], pack: &Pack) -> Found<Kind> {
    let main = pack.main().map_or_else(
        || Evidence::told("package main"),
        |(file, line)| Evidence::line(file, line, "package main"),
    );
    let server = heard.iter().min_by_key(|one| (one.aside, one.role));
    if let Some(found) = server.filter(|found| !found.aside || !works_on(program))
        && let Some(file) = program.file(found.place)
    {
        let says = format!("it listens ({})", file.path);
        return Found::new(Kind::Web, Evidence::line(&file.path, file.line(found.place.at), says));
    }
    if works_on(program) { Found::new(Kind::Worker, main) } else { Found::new(Kind::Cli, main) }
}

/// Whether package main, or what it reaches, waits for signals, for ever, or for messages.
fn works_on(program: &Program) -> bool {
    let waits = program.calls(|name| matches!(name, "Notify" | "NotifyContext" | "NewTicker")).any(
        |(_, file, call)| {
            call.name == "Notify" && file.import(call.base) == Some("os/signal")
                || call.name == "NotifyContext"
                || call.name == "NewTicker" && file.import(call.base) == Some("time")
        },
    );
    waits
        || program.files().any(|(place, file)| {
            place.package == 0
                && (0..file.len()).any(|at| {
                    let ahead = (file.word(at), file.word(at + 1), file.word(at + 2));
                    matches!(ahead, ("select", "{", "}") | ("for", "{", _))
                })
        })
}

/// The table's calls that open a port.
fn openers(detector: &Detector) -> Vec<Opener> {
    let mut openers = Vec::new();
    for framework in &detector.frameworks {
        for (import, listens) in
            framework.when.iter().flat_map(|import| framework.listens.iter().map(move |one| (import, one)))
        {
            let role = match listens.role.as_deref() {
                Some("tls") => Role::Tls,
                Some("grpc") => Role::Grpc,
                Some("any") => Role::Any,
                _ => Role::Http,
            };
            openers.push(Opener {
                import: import.clone(),
                call: listens.call.clone(),
                argument: listens.argument,
                role,
                name: framework.name.clone(),
                port: framework.port.filter(|_| listens.by_itself),
                variable: framework.port_variable.clone(),
            });
        }
    }
    openers
}

fn listening(program: &Program, openers: &[Opener]) -> Vec<Opened> {
    opened(program, openers)
}

/// The last element of a module path that is no version.
fn module_name(path: &str) -> &str {
    let mut parts = path.rsplit('/');
    let last = parts.next().unwrap_or(path);
    let name = if is_major(last) { parts.next().unwrap_or(last) } else { last };
    name.split_once(".v")
        .filter(|(_, rest)| rest.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(name, |(name, _)| name)
}

/// What `go build` is told: `./cmd/app`, or the files where there is no module.
fn package_of(ground: &Ground, pack: &Pack) -> String {
    if ground.modules.is_empty() {
        let names: Vec<&str> = pack.files.iter().filter_map(|(path, _)| path.file_name()).collect();
        return names.join(" ");
    }
    let below = pack.dir.strip_prefix(&ground.root).unwrap_or(&pack.dir);
    if below.as_str().is_empty() { ".".to_owned() } else { format!("./{below}") }
}

/// Whether a name is that of a Go file.
fn is_go(name: &str) -> bool {
    Utf8Path::new(name).extension() == Some("go")
}

/// What `go build` calls the binary.
fn binary_of(ground: &Ground, pack: &Pack) -> String {
    let module = ground.module_of(&pack.dir);
    let own =
        module.filter(|module| module.dir == pack.dir).map(|module| module_name(&module.manifest.module));
    // `cmd/main.go` of a module says nothing about the program; the module does.
    let folder = pack.dir.file_name().filter(|name| !["cmd", "src", "main", "app"].contains(name));
    let name = own.or(folder).or(module.map(|module| module_name(&module.manifest.module))).unwrap_or("app");
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    if name.chars().all(plain) && name.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        name.to_owned()
    } else {
        slug(name)
    }
}

#[cfg(test)]
mod tests;
