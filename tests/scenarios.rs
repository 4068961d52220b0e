//! What becomes of edits when the project changes: a folder of `tests/scenarios/` a case.
//!
//! `scenario.toml` says which project, and what happens to it in what order; `expected.txt` is what dfgen says, and how the
//! files differ in the end from a fresh render: that is the edits, and nothing else. `DFGEN_BLESS=1 cargo test --test
//! scenarios` writes it anew; the diff is the review.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use dfgen::emit::lock::{Lock, sha256};
use serde::Deserialize;
use support::{Dir, Ran, bless, blessing};

/// `scenario.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// What this is about.
    what: String,
    /// The example that it begins with.
    example: Option<String>,
    /// Further files, or all of them.
    #[serde(default)]
    files: BTreeMap<String, String>,
    step: Vec<Step>,
}

/// One thing that happens.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Step {
    /// dfgen is run: `update --markers`.
    run: Option<String>,
    /// Its exit code.
    exit: i32,
    /// A text is changed in `file`.
    find: Option<String>,
    /// It is what stands in place of `find`, or all of `file`.
    with: Option<String>,
    /// The file that `find` or `with` are about.
    file: Option<String>,
    /// A file or folder is gone.
    remove: Option<String>,
    /// A file is elsewhere: from, to.
    rename: Option<[String; 2]>,
    /// A file gets the line ends of Windows.
    windows: Option<String>,
    /// What another version of dfgen would have written: `find` and `with` in the Dockerfile and in the lock.
    written_by: Option<String>,
    /// Defaults of that version's tables.
    defaults: BTreeMap<String, String>,
    /// Facts as that version had them.
    facts: BTreeMap<String, String>,
}

#[expect(clippy::disallowed_methods, reason = "a test reads its own files")]
fn scenarios() -> Vec<std::path::PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut all: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

#[expect(clippy::disallowed_methods, reason = "a test reads its own files")]
fn read(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

#[test]
fn every_scenario_ends_as_expected() {
    let mut wrong = Vec::new();
    for folder in scenarios() {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let text = read(&folder.join("scenario.toml")).unwrap();
        let scenario: Scenario = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (told, problems) = scenario.play();
        assert!(problems.is_empty(), "{name}: {problems:#?}\n{told}");
        if blessing() {
            bless(&folder.join("expected.txt"), &told);
        } else if read(&folder.join("expected.txt")).as_deref() != Some(&told) {
            wrong.push(format!("{name}:\n{told}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "`DFGEN_BLESS=1 cargo test --test scenarios`, then look at the diff\n{}",
        wrong.join("\n")
    );
}

impl Scenario {
    /// What was told and what came out, and what broke a promise.
    fn play(&self) -> (String, Vec<String>) {
        let dir = self.example.as_ref().map_or_else(
            || Dir::new(&[]),
            |name| {
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
                support::copy(&path).0
            },
        );
        for (path, text) in &self.files {
            dir.put(path, text);
        }
        let mut told = format!("{}\n", self.what);
        let mut problems = Vec::new();
        for step in &self.step {
            match &step.run {
                Some(words) => run(&dir, words, step.exit, &mut told, &mut problems),
                None => step.happen(&dir),
            }
        }
        outcome(&dir, &mut told);
        (told, problems)
    }
}

/// Runs dfgen, and holds it to what it promises of every run.
fn run(dir: &Dir, words: &str, exit: i32, told: &mut String, problems: &mut Vec<String>) {
    let before = dir.files();
    let words: Vec<&str> = words.split(' ').chain(["{}"]).collect();
    let ran = dir.run(&words);
    let _ =
        writeln!(told, "\n$ dfgen {}\n{}", words.join(" ").replace(" {}", ""), said(dir, &ran).trim_end());
    if ran.code != exit {
        problems.push(format!("exit {}, expected {exit}", ran.code));
    }
    let quiet = ["check", "--diff", "--dry-run", "--stdout"].iter().any(|word| words.contains(word));
    if dir.files() != before && (quiet || (ran.code != 0 && !words.contains(&"--markers"))) {
        problems.push(format!("`{}` wrote something", words.join(" ")));
    }
    if ran.code == 0 && !quiet {
        let once = dir.files();
        let again = dir.run(&["update", "{}", "--quiet"]);
        if again.code != 0 || !again.stderr.is_empty() || dir.files() != once {
            problems.push(format!("updating once more changes something: {}", again.stderr));
        }
    }
}

fn said(dir: &Dir, ran: &Ran) -> String {
    let path = dir.path();
    let text = format!("{}{}", ran.stdout, ran.stderr).replace(path.to_str().unwrap(), ".");
    if ran.code == 0 { text } else { format!("{text}exit {}", ran.code) }
}

/// How the files differ from those that dfgen would write without any edit.
fn outcome(dir: &Dir, told: &mut String) {
    let lock = dir.read("dfgen.lock").and_then(|text| Lock::parse(&text).ok()).unwrap_or_default();
    for row in lock.rows() {
        for file in &row.files {
            let path = file.path.as_str();
            let _ = match dir.read(path) {
                None => writeln!(told, "\n{path} is not there"),
                Some(text) if text == file.base => writeln!(told, "\n{path} is the fresh render"),
                Some(text) => {
                    writeln!(told, "\n{path} is the fresh render but for\n{}", changes(&file.base, &text))
                }
            };
        }
    }
    let ours = ["dfgen.toml", "Dockerfile.bak"];
    for (path, text) in dir.files().iter().filter(|(path, _)| ours.contains(&path.as_str())) {
        let _ = writeln!(
            told,
            "\n{path}\n{}",
            text.lines().take(12).map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
        );
    }
}

fn changes(fresh: &str, there: &str) -> String {
    let windows = if there.contains("\r\n") { "  (in the line ends of Windows)\n" } else { "" };
    let there = there.replace("\r\n", "\n");
    let diff = similar::TextDiff::from_lines(fresh, &there);
    let diff = diff.unified_diff().context_radius(0).to_string();
    let lines = diff.lines().filter(|line| !line.starts_with("@@") && !line.starts_with("\\ "));
    format!("{windows}{}", lines.map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n"))
}

impl Step {
    fn happen(&self, dir: &Dir) {
        if let Some(version) = &self.written_by {
            return self.written_by(dir, version);
        }
        match (&self.file, &self.find, &self.with) {
            (Some(file), Some(find), Some(with)) => {
                let text = dir.read(file).unwrap_or_else(|| panic!("there is no {file}"));
                assert!(text.contains(find.as_str()), "no `{find}` in {file}:\n{text}");
                dir.put(file, &text.replace(find.as_str(), with));
            }
            (Some(file), None, Some(with)) => dir.put(file, with),
            _ => {}
        }
        if let Some(path) = &self.remove {
            dir.remove(path);
        }
        if let Some([from, to]) = &self.rename {
            dir.put(to, &dir.read(from).unwrap());
            dir.remove(from);
        }
        if let Some(path) = &self.windows {
            dir.put(path, &dir.read(path).unwrap().replace('\n', "\r\n"));
        }
    }

    fn written_by(&self, dir: &Dir, version: &str) {
        let mut lock = Lock::parse(&dir.read("dfgen.lock").unwrap()).unwrap();
        for service in &mut lock.services {
            version.clone_into(&mut service.dfgen);
            service.defaults.extend(self.defaults.clone());
            for (now, then) in &self.facts {
                service.facts.iter_mut().for_each(|fact| *fact = fact.replace(now, then));
            }
            for file in &mut service.files {
                if let (Some(find), Some(with)) = (&self.find, &self.with) {
                    file.base = file.base.replace(find.as_str(), with);
                    file.sha256 = sha256(&file.base);
                    let text = dir.read(file.path.as_str()).unwrap();
                    dir.put(file.path.as_str(), &text.replace(find.as_str(), with));
                }
            }
        }
        dir.put("dfgen.lock", &lock.to_text());
    }
}
