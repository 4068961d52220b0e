//! How the project's own Makefile, Taskfile or goreleaser builds the program: values set by the linker, build tags,
//! and further programs that probes call by name.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::choose::same_package;
use super::module::Ground;
use super::tree::{Pack, Tree};
use super::{binary_of, is_go};
use crate::detect::Context;
use crate::error::Result;
use crate::facts::{Evidence, Found, GoFacts};
use crate::manifest::{goreleaser, makefile};
use crate::source::go::program::Program;
use crate::source::ports::words as name_words;

/// What a build calls its result where it says nothing about the program.
const NAMELESS: [&str; 7] = ["main", "app", "bin", "out", "build", "bootstrap", "a"];

/// A build of the program: its words, and where they stand.
struct Build {
    words: Vec<String>,
    /// What it calls the binary.
    binary: Option<String>,
    /// The target is called like the one that builds for real.
    main: bool,
    /// Whether it says what becomes of cgo, and what.
    cgo: Option<bool>,
    evidence: Evidence,
}

/// Fills what the build is told.
///
/// # Errors
/// A file that cannot be read.
pub(super) fn fill(
    cx: &Context<'_>,
    ground: &Ground,
    tree: &Tree,
    pack: &Pack,
    program: &Program,
    facts: &mut GoFacts,
) -> Result<()> {
    let builds = builds(cx, ground, pack)?;
    facts.link = link(program, &builds);
    facts.tags = tags(&builds);
    if !ground.modules.is_empty() {
        facts.companions = companions(cx, ground, tree, pack);
    }
    Ok(())
}

/// What the releases or the build target of the Makefile call the binary, where they agree.
///
/// # Errors
/// A file that cannot be read.
pub(super) fn binary(cx: &Context<'_>, ground: &Ground, pack: &Pack) -> Result<Option<String>> {
    let builds = builds(cx, ground, pack)?;
    let named: BTreeSet<&String> =
        builds.iter().filter(|build| build.main).filter_map(|build| build.binary.as_ref()).collect();
    let mut named = named.into_iter().filter(|name| is_name(name));
    Ok(named.next().filter(|_| named.next().is_none()).cloned())
}

/// What words say of `CGO_ENABLED`.
fn said_of_cgo(words: &[String]) -> Option<bool> {
    words.iter().find_map(|word| word.trim().strip_prefix("CGO_ENABLED=")).map(|value| value != "0")
}

/// Whether every release of the program, or its build target, goes without cgo.
///
/// # Errors
/// A file that cannot be read.
pub(super) fn goes_without_cgo(cx: &Context<'_>, ground: &Ground, pack: &Pack) -> Result<bool> {
    let builds = builds(cx, ground, pack)?;
    let mut said = builds.iter().filter(|build| build.main).map(|build| build.cgo).peekable();
    Ok(said.peek().is_some() && said.all(|cgo| cgo == Some(false)))
}

/// A file's name that speaks of a program, for any system.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        && !NAMELESS.contains(&name)
        && !name_words(name)
            .iter()
            .any(|word| ["linux", "darwin", "windows", "amd64", "arm64"].contains(&word.as_str()))
}

fn builds(cx: &Context<'_>, ground: &Ground, pack: &Pack) -> Result<Vec<Build>> {
    let mut dirs = vec![ground.root.as_path()];
    dirs.extend(ground.module_of(&pack.dir).map(|module| module.dir.as_path()));
    dirs.push(&pack.dir);
    dirs.sort_unstable();
    dirs.dedup();
    let mut found = Vec::new();
    for dir in dirs {
        for name in ["Makefile", "makefile", "GNUmakefile", "Taskfile.yml", "Taskfile.yaml"] {
            let path = dir.join(name);
            let Some(text) = cx.repo.read(&path)? else { continue };
            let recipes =
                if name.starts_with("Task") { makefile::tasks(&text) } else { makefile::recipes(&text) };
            let says = if name.starts_with("Task") { "the Taskfile" } else { "the Makefile" };
            found.extend(recipes.iter().filter_map(|recipe| from_recipe(dir, pack, recipe, &path, says)));
        }
        for name in [".goreleaser.yml", ".goreleaser.yaml", "goreleaser.yml", "goreleaser.yaml"] {
            let path = dir.join(name);
            let Some(text) = cx.repo.read(&path)? else { continue };
            let own =
                goreleaser::read(&text).into_iter().filter(|release| is_release_of(dir, &release.main, pack));
            found.extend(own.map(|release| from_release(release, &path, name)));
        }
    }
    Ok(found)
}

/// Whether the `main` of a release names a package.
pub(super) fn is_release_of(dir: &Utf8Path, main: &str, pack: &Pack) -> bool {
    same_package(dir, main, pack) || same_package(dir, &format!("./{main}"), pack)
}

fn from_release(release: goreleaser::Release, path: &Utf8Path, name: &str) -> Build {
    let mut words = release.ldflags;
    if !release.tags.is_empty() {
        words.extend(["-tags".to_owned(), release.tags.join(",")]);
    }
    let evidence = Evidence::file(path, format!("the builds of {name}"));
    let cgo = said_of_cgo(&release.env);
    Build { words, binary: release.binary, main: true, cgo, evidence }
}

fn from_recipe(
    dir: &Utf8Path,
    pack: &Pack,
    recipe: &makefile::Recipe,
    path: &Utf8Path,
    says: &str,
) -> Option<Build> {
    let words = makefile::words(&recipe.command)?;
    let target = name_words(&recipe.target);
    let tests = [
        "test", "tests", "dev", "debug", "race", "lint", "bench", "cover", "coverage", "e2e", "run", "watch",
    ];
    if target.iter().any(|word| tests.contains(&word.as_str())) || words.iter().any(|word| word == "-race") {
        return None;
    }
    let go = words.windows(2).position(|pair| matches!(pair, [go, build] if go.ends_with("go") && matches!(build.as_str(), "build" | "install")));
    let packages: Vec<&String> = words
        .iter()
        .skip(go.map_or(words.len(), |go| go + 2))
        .take_while(|word| !matches!(word.as_str(), ";" | "&" | "|"))
        .filter(|word| word.starts_with("./") || word.starts_with("cmd/") || *word == "." || is_go(word))
        .filter(|word| !is_output(&words, word))
        .collect();
    let all = packages.iter().any(|word| word.ends_with("..."));
    let own = packages.is_empty() && pack.dir == dir
        || all
        || packages.iter().any(|word| same_package(dir, word, pack));
    if go.is_some() && !own {
        return None;
    }
    let main = matches!(recipe.target.as_str(), "build" | "all" | "release" | "compile");
    let evidence = Evidence::line(path, recipe.line, says);
    let binary = output(&words).and_then(|path| Utf8Path::new(path).file_name()).map(str::to_owned);
    // `-o bin/` is a folder.
    let binary = binary.filter(|_| !all && output(&words).is_some_and(|path| !path.ends_with('/')));
    let cgo = said_of_cgo(&words);
    Some(Build { words, binary, main: main && go.is_some(), cgo, evidence })
}

/// What `-o` says.
fn output(words: &[String]) -> Option<&str> {
    words.windows(2).find_map(|pair| match pair {
        [flag, output] if flag == "-o" => Some(output.as_str()),
        _ => None,
    })
}

fn is_output(words: &[String], word: &str) -> bool {
    output(words) == Some(word)
}

/// `-X` values that are plain and that change what the program does.
fn link(program: &Program, builds: &[Build]) -> Vec<Found<String>> {
    let mut values: BTreeMap<String, (BTreeSet<String>, Evidence)> = BTreeMap::new();
    for build in builds {
        let parts: Vec<&str> = build.words.iter().flat_map(|word| split_flags(word)).collect();
        for pair in parts.windows(2) {
            let [flag, setting] = pair else { continue };
            let Some((key, value)) = setting.split_once('=').filter(|_| flag.ends_with("-X")) else {
                continue;
            };
            if is_plain(value) && !tells_the_build(key) && is_variable(program, key) {
                let entry =
                    values.entry(key.to_owned()).or_insert_with(|| (BTreeSet::new(), build.evidence.clone()));
                entry.0.insert(value.to_owned());
            }
        }
    }
    let one = |(key, (values, evidence)): (String, (BTreeSet<String>, Evidence))| {
        let mut values = values.into_iter();
        let value = values.next()?;
        let says = format!("LDFLAGS of {}", evidence.says);
        values.next().is_none().then(|| Found::new(format!("{key}={value}"), Evidence { says, ..evidence }))
    };
    values.into_iter().filter_map(one).collect()
}

/// The flags in a word such as `-ldflags=-s -X 'main.Mode=prod'`.
fn split_flags(word: &str) -> impl Iterator<Item = &str> {
    word.split(|letter: char| letter.is_whitespace() || letter == '\'' || letter == '"')
        .filter(|part| !part.is_empty())
}

fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/:".contains(&byte))
}

/// Values that say which build it is, and change nothing.
fn tells_the_build(key: &str) -> bool {
    let name = key.rsplit('.').next().unwrap_or(key);
    let telling = [
        "version",
        "commit",
        "date",
        "time",
        "revision",
        "rev",
        "hash",
        "sha",
        "branch",
        "tag",
        "build",
        "built",
        "builder",
        "git",
        "release",
        "stamp",
        "timestamp",
        "number",
        "ver",
        "author",
        "goversion",
    ];
    name_words(name)
        .iter()
        .any(|word| telling.contains(&word.as_str()) || word.ends_with("version") || word.starts_with("git"))
}

/// Whether the key names a variable of a package that the program reaches.
fn is_variable(program: &Program, key: &str) -> bool {
    let Some((import, name)) = key.rsplit_once('.') else { return false };
    let package = if import == "main" { Some(0) } else { program.package(import) };
    let Some(package) = package else { return false };
    let declares = |file: &crate::source::go::file::File| {
        (1..file.len()).any(|at| {
            file.word(at) == name
                && file.function_of(at).is_none()
                && matches!(file.word(at + 1), "=" | "string")
        })
    };
    program.packages.get(package).is_some_and(|package| package.files.iter().any(declares))
}

/// Tags that every build of the program agrees on, or that the one called `build` has.
fn tags(builds: &[Build]) -> Vec<Found<String>> {
    let go: Vec<&Build> =
        builds.iter().filter(|build| build.main || build.words.iter().any(|word| word == "build")).collect();
    let main: Vec<&&Build> = go.iter().filter(|build| build.main).collect();
    let of: Vec<(BTreeSet<String>, &Evidence)> = if main.is_empty() {
        go.iter().map(|build| (tags_of(&build.words), &build.evidence)).collect()
    } else {
        main.iter().map(|build| (tags_of(&build.words), &build.evidence)).collect()
    };
    let Some((first, evidence)) = of.first() else { return Vec::new() };
    if of.iter().any(|(tags, _)| tags != first) {
        return Vec::new();
    }
    let says = format!("the build tags of {}", evidence.says);
    first
        .iter()
        .map(|tag| Found::new(tag.clone(), Evidence { says: says.clone(), ..(*evidence).clone() }))
        .collect()
}

fn tags_of(words: &[String]) -> BTreeSet<String> {
    let mut tags = BTreeSet::new();
    for (number, word) in words.iter().enumerate() {
        let value = match word.trim_start_matches('-') {
            "tags" if word.starts_with('-') => words.get(number + 1).map(String::as_str),
            other => other.strip_prefix("tags=").filter(|_| word.starts_with('-')),
        };
        let plain = value.filter(|value| {
            value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_., ".contains(&byte))
        });
        tags.extend(
            plain
                .into_iter()
                .flat_map(|value| value.split([',', ' ']))
                .filter(|tag| !tag.is_empty())
                .map(str::to_owned),
        );
    }
    tags
}

/// Other programs of the ground that probes in the repository's YAML call by name.
fn companions(cx: &Context<'_>, ground: &Ground, tree: &Tree, pack: &Pack) -> Vec<Found<(String, String)>> {
    let others: BTreeMap<String, &Pack> = tree
        .mains(&ground.root)
        .into_iter()
        .filter(|other| other.dir != pack.dir)
        .map(|other| (binary_of(ground, other), other))
        .collect();
    if others.is_empty() {
        return Vec::new();
    }
    let yaml: Vec<&Utf8PathBuf> =
        cx.repo.files().iter().filter(|path| matches!(path.extension(), Some("yaml" | "yml"))).collect();
    let mut found: BTreeMap<String, Found<(String, String)>> = BTreeMap::new();
    for (path, probes) in cx.repo.map_sources(&yaml, |path, text| (path.to_owned(), probes(text))) {
        for (program, line) in probes {
            if let Some(other) = others.get(&program) {
                let evidence = Evidence::line(&path, line, format!("the probes of {path} call it by name"));
                let value = (super::package_of(ground, other), program.clone());
                found.entry(program).or_insert_with(|| Found::new(value, evidence));
            }
        }
    }
    found.into_values().collect()
}

/// The programs that `exec:` probes call. By line, since Helm's templates are no YAML yet.
fn probes(text: &str) -> Vec<(String, u32)> {
    let mut found = Vec::new();
    let mut before = ["", ""];
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let line = line.trim();
        let listed = line.strip_prefix("- ").filter(|_| before == ["exec:", "command:"]);
        let flow = line
            .strip_prefix("command:")
            .filter(|_| before[1] == "exec:")
            .and_then(|rest| rest.trim().strip_prefix('['));
        let first = listed.or_else(|| flow.and_then(|flow| flow.split([',', ']']).next()));
        if let Some(program) = first.map(|word| word.trim().trim_matches(['"', '\''])) {
            found.push((program.rsplit('/').next().unwrap_or(program).to_owned(), number));
        }
        before = [before[1], line];
    }
    found
}
