//! Which of several programs is the application.

use camino::Utf8Path;

use super::module::Ground;
use super::tree::{self, Pack, Tree};
use super::{binary_of, build, listening, package_of};
use crate::detect::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Evidence, Found};
use crate::manifest::{goreleaser, makefile};
use crate::source::go::listen::{Opener, Port, main_port};

/// Folders of programs that help to develop.
const ASIDE: [&str; 38] = [
    "example",
    "examples",
    "_example",
    "_examples",
    "sample",
    "samples",
    "demo",
    "demos",
    "test",
    "tests",
    "testing",
    "testutil",
    "e2e",
    "integration",
    "hack",
    "tool",
    "tools",
    "script",
    "scripts",
    "doc",
    "docs",
    "plugin",
    "plugins",
    "bench",
    "benchmark",
    "benchmarks",
    "fuzz",
    "mock",
    "mocks",
    "codegen",
    "generate",
    "generator",
    "gen",
    "ci",
    "build",
    "contrib",
    "dev",
    "magefiles",
];

/// Programs that are read to see whether they listen.
const MOST_READ: usize = 16;

/// Picks the program.
///
/// # Errors
/// What was asked for is not there, or the choice is a person's.
pub(super) fn choose<'t>(
    cx: &Context<'_>,
    ground: &Ground,
    tree: &'t Tree,
    root: &Utf8Path,
    mains: &[&'t Pack],
    openers: &[Opener],
) -> Result<Found<&'t Pack>> {
    if let Some(asked) = &cx.answers.bin {
        return by_answer(ground, root, mains, asked);
    }
    let told = |pack: &'t Pack, says: String| {
        let because = pack
            .main()
            .map_or_else(|| Evidence::told(&*says), |(file, line)| Evidence::line(file, line, &*says));
        Ok(Found::new(pack, because))
    };
    if let [only] = mains {
        return told(only, "the only package main".to_owned());
    }
    let serious: Vec<&Pack> =
        mains.iter().copied().filter(|pack| !is_aside(pack, root) && !pack.is_idle()).collect();
    let candidates = if serious.is_empty() { mains.to_vec() } else { serious };
    if let [only] = candidates.as_slice() {
        return told(only, "the only package main that is no example, test or tool".to_owned());
    }
    if let Some(pack) = candidates.iter().find(|pack| pack.dir == root) {
        return told(pack, "the package main of the folder itself".to_owned());
    }
    if let Some(pack) = by_module_name(ground, root, &candidates) {
        return told(pack, "the package main that is named like the module".to_owned());
    }
    let ports: Vec<(&Pack, bool, Option<Port>)> =
        candidates.iter().map(|pack| heard(cx, tree, pack, openers, candidates.len())).collect();
    let mut servers = ports.iter().filter(|(_, listens, _)| *listens);
    if let (Some((pack, _, _)), None) = (servers.next(), servers.next()) {
        return told(pack, "the only package main that listens".to_owned());
    }
    if let Some(found) = named_elsewhere(cx, ground, root, &candidates)? {
        return Ok(found);
    }
    Err(open_choice(ground, &ports))
}

pub(super) fn is_aside(pack: &Pack, root: &Utf8Path) -> bool {
    let below = pack.dir.strip_prefix(root).unwrap_or(&pack.dir);
    below.components().any(|part| {
        let part = part.as_str();
        ASIDE.contains(&part)
            || part.starts_with("gen-")
            || part.starts_with("generate-")
            || part.ends_with("-gen")
            || part.ends_with("_example")
    })
}

fn by_answer<'t>(
    ground: &Ground,
    root: &Utf8Path,
    mains: &[&'t Pack],
    asked: &str,
) -> Result<Found<&'t Pack>> {
    let path = asked.trim_start_matches("./").trim_end_matches('/');
    let fits = |pack: &&&Pack| {
        let dir = pack.dir.as_path();
        let relative = dir.strip_prefix(root).unwrap_or(dir);
        dir == path || relative == path || package_of(ground, pack) == asked
    };
    let named: Vec<&&Pack> = mains.iter().filter(|pack| binary_of(ground, pack) == asked).collect();
    let found = mains.iter().find(fits).or(match named.as_slice() {
        [one] => Some(*one),
        _ => None,
    });
    if let Some(pack) = found {
        return Ok(Found::new(pack, Evidence::told(format!("--bin {asked}"))));
    }
    let error = Error::new(ErrorKind::Refused, format!("no program here is called `{asked}`"));
    Err(mains.iter().fold(error, |error, pack| {
        error.help(format!("`--bin {}` is {}", binary_of(ground, pack), package_of(ground, pack)))
    }))
}

fn by_module_name<'t>(ground: &Ground, root: &Utf8Path, candidates: &[&'t Pack]) -> Option<&'t Pack> {
    let module = ground.module_of(root).or(ground.modules.first())?;
    let name = super::module_name(&module.manifest.module);
    let bare = name.strip_prefix("go-").or_else(|| name.strip_suffix("-go")).unwrap_or(name);
    let mut fits =
        candidates.iter().filter(|pack| pack.dir.file_name().is_some_and(|dir| dir == name || dir == bare));
    let one = fits.next()?;
    fits.next().is_none().then_some(*one)
}

/// Whether a program listens, and where.
fn heard<'t>(
    cx: &Context<'_>,
    tree: &'t Tree,
    pack: &'t Pack,
    openers: &[Opener],
    of: usize,
) -> (&'t Pack, bool, Option<Port>) {
    if of > MOST_READ {
        return (pack, false, None);
    }
    let program = tree::program(cx, &tree.reach(&pack.dir));
    let opened = listening(&program, openers);
    let listens = opened.iter().any(|one| !one.aside) || super::runtime::server_of(cx, &program).is_some();
    (pack, listens, main_port(&program, &opened))
}

/// What Procfile, goreleaser or the Makefile name.
fn named_elsewhere<'t>(
    cx: &Context<'_>,
    ground: &Ground,
    root: &Utf8Path,
    candidates: &[&'t Pack],
) -> Result<Option<Found<&'t Pack>>> {
    let one = |names: &dyn Fn(&Pack) -> bool, because: Evidence| {
        let mut fits = candidates.iter().copied().filter(|pack| names(pack));
        match (fits.next(), fits.next()) {
            (Some(pack), None) => Some(Found::new(pack, because)),
            _ => None,
        }
    };
    for dir in [root, ground.root.as_path()] {
        let path = dir.join("Procfile");
        if let Some(text) = cx.repo.read(&path)?
            && let Some((line, program, _)) = procfile(&text)
            && let Some(found) = one(
                &|pack| binary_of(ground, pack) == program,
                Evidence::line(&path, line, "the web process of Procfile"),
            )
        {
            return Ok(Some(found));
        }
        for name in [".goreleaser.yml", ".goreleaser.yaml", "goreleaser.yml", "goreleaser.yaml"] {
            let path = dir.join(name);
            let Some(text) = cx.repo.read(&path)? else { continue };
            let releases = goreleaser::read(&text);
            let of =
                |release: &goreleaser::Release, pack: &Pack| build::is_release_of(dir, &release.main, pack);
            let named = |pack: &Pack| releases.iter().any(|release| of(release, pack));
            if let Some(found) = one(&named, Evidence::file(&path, format!("the builds of {name}"))) {
                return Ok(Some(found));
            }
            let project = goreleaser::project(&text);
            let main = |pack: &Pack| {
                releases
                    .iter()
                    .any(|release| project.is_some() && release.binary == project && of(release, pack))
            };
            if let Some(found) = one(&main, Evidence::file(&path, format!("the project of {name}"))) {
                return Ok(Some(found));
            }
        }
        let path = dir.join("Makefile");
        if let Some(text) = cx.repo.read(&path)? {
            let builds: Vec<Vec<String>> = makefile::recipes(&text)
                .iter()
                .filter(|recipe| recipe.target == "build" && recipe.command.contains("go build"))
                .filter_map(|recipe| makefile::words(&recipe.command))
                .collect();
            let named = |pack: &Pack| builds.iter().flatten().any(|word| same_package(dir, word, pack));
            if let Some(found) = one(&named, Evidence::file(&path, "the build target of the Makefile")) {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

/// Whether an argument of `go build` names a package: its folder, a file in it, or a pattern for its files.
pub(super) fn same_package(dir: &Utf8Path, word: &str, pack: &Pack) -> bool {
    let Some(path) = crate::detect::join_inside(dir, word) else { return false };
    let folder = if matches!(path.extension(), Some("go")) || path.file_name() == Some("*") {
        path.parent().unwrap_or(Utf8Path::new(""))
    } else {
        &path
    };
    let looks = word.starts_with('.') || word.contains('/') || super::is_go(word);
    looks && folder == pack.dir
}

/// The line, the program and the arguments of the web process.
pub(super) fn procfile(text: &str) -> Option<(u32, String, Vec<String>)> {
    (1..).zip(text.lines()).find_map(|(number, line)| {
        let command = line.strip_prefix("web:")?;
        let mut words =
            makefile::words(command)?.into_iter().skip_while(|word| word.contains('=') || word == "exec");
        let program = words.next()?;
        let program = program.rsplit('/').next().unwrap_or("").to_owned();
        Some((number, program, words.collect()))
    })
}

fn open_choice(ground: &Ground, ports: &[(&Pack, bool, Option<Port>)]) -> Error {
    let error = Error::new(
        ErrorKind::Choice,
        format!("there are {} programs, and nothing says which one is the application", ports.len()),
    );
    ports.iter().fold(error, |error, (pack, listens, port)| {
        let does = match (port.as_ref().and_then(|port| port.port), listens) {
            (Some(port), _) => format!(", which listens on {port}"),
            (None, true) => ", which listens".to_owned(),
            // Of very many, none was read.
            (None, false) if ports.len() > MOST_READ => String::new(),
            (None, false) => ", which does not listen".to_owned(),
        };
        let name = binary_of(ground, pack);
        let twice = ports.iter().filter(|(other, _, _)| binary_of(ground, other) == name).count() > 1;
        let name = if twice { pack.dir.to_string() } else { name };
        error.help(format!("`--bin {name}` for {}{does}", package_of(ground, pack)))
    })
}
