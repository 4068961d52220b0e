//! How long a whole `dfgen init` takes, beside the work that it cannot avoid and beside nixpacks, in one run.
//!
//! `cargo bench` makes two trees in a temporary folder, measures, and prints a table. The walk and the reading are
//! measured within this process, without a start of their own: they are the floor, not rivals.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use ignore::{WalkBuilder, WalkState};

const RUNS: usize = 15;
const PACKAGES: usize = 400;
const FILES_IN_EACH: usize = 10;
const IGNORED: usize = 16_000;

fn main() -> Result<()> {
    // `cargo test --benches` starts this program, too, and wants no measurement.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let trees = [
        ("one file", small_tree(&folder.path().join("small"))?),
        ("20,000 files", large_tree(&folder.path().join("large"))?),
    ];
    let mut table = String::new();
    for (name, root) in &trees {
        for (what, times) in measure(root)? {
            writeln!(table, "| {name} | {what} | {} | {} |", median(&times), millis(times.iter().min()))?;
        }
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}\n\n| tree | what | median ms | min ms |\n|---|---|---:|---:|\n{table}", machine())?;
    Ok(())
}

// ---------------------------------------------------------------- what is measured

type Timed<'a> = (String, Box<dyn FnMut() -> Result<()> + 'a>);

/// Every measurement of one tree, taken in turns so that a busy moment of the machine hits all of them.
fn measure(root: &Path) -> Result<Vec<(String, Vec<Duration>)>> {
    let sources = walk(root)?;
    let mut works: Vec<Timed<'_>> = vec![
        (
            "`dfgen init --stdout`".into(),
            Box::new(|| whole(env!("CARGO_BIN_EXE_dfgen"), &["init", "--stdout"], root)),
        ),
        ("walk alone (the `ignore` crate, parallel)".into(), Box::new(|| walk(root).map(drop))),
        (
            format!("reading its {} files (parallel, after the walk)", sources.len()),
            Box::new(|| read(&sources).map(drop)),
        ),
    ];
    if let Some(version) = version_of("nixpacks") {
        works.push((format!("`nixpacks plan` ({version})"), Box::new(|| whole("nixpacks", &["plan"], root))));
    }
    let mut times = vec![Vec::with_capacity(RUNS); works.len()];
    for run in 0..=RUNS {
        for ((_, work), times) in works.iter_mut().zip(&mut times) {
            let began = Instant::now();
            work()?;
            // The first round only warms the file system's cache.
            if run > 0 {
                times.push(began.elapsed());
            }
        }
    }
    Ok(works.into_iter().map(|(what, _)| what).zip(times).collect())
}

/// A whole process, from its start to its end.
#[expect(clippy::disallowed_methods, reason = "what is measured is the program as people start it")]
fn whole(program: &str, words: &[&str], root: &Path) -> Result<()> {
    let done = Command::new(program)
        .args(words)
        .arg(root)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {program}"))?;
    ensure!(
        done.status.success() && !done.stdout.is_empty(),
        "{program} {words:?} ended with {}: {}",
        done.status,
        String::from_utf8_lossy(&done.stderr)
    );
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the version of the program that dfgen is measured beside")]
fn version_of(program: &str) -> Option<String> {
    let done = Command::new(program).arg("--version").output().ok()?;
    done.status.success().then(|| String::from_utf8_lossy(&done.stdout).trim().to_owned())
}

/// The files that git would not ignore: the same walk as dfgen's.
fn walk(root: &Path) -> Result<Vec<PathBuf>> {
    let (send, receive) = std::sync::mpsc::channel();
    WalkBuilder::new(root)
        .hidden(false)
        .parents(false)
        .ignore(false)
        .git_global(false)
        .git_exclude(false)
        .require_git(false)
        .build_parallel()
        .run(|| {
            let send = send.clone();
            Box::new(move |entry| {
                let file = entry.ok().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
                match file.map(|file| send.send(file.into_path())) {
                    Some(Err(_)) => WalkState::Quit,
                    _ => WalkState::Continue,
                }
            })
        });
    drop(send);
    let files: Vec<PathBuf> = receive.into_iter().collect();
    ensure!(!files.is_empty(), "the walk found no file");
    Ok(files)
}

/// The bytes of all these files, read on all cores.
#[expect(clippy::disallowed_methods, reason = "the bare reading, without dfgen's reader")]
fn read(files: &[PathBuf]) -> Result<usize> {
    let share = files.len().div_ceil(cores()).max(1);
    std::thread::scope(|scope| {
        let readers: Vec<_> = files
            .chunks(share)
            .map(|files| {
                scope.spawn(move || files.iter().map(|file| std::fs::read(file).map(|text| text.len())).sum())
            })
            .collect();
        let mut bytes = 0;
        for reader in readers {
            let read: std::io::Result<usize> =
                reader.join().map_err(|_| anyhow::anyhow!("a reader ended"))?;
            bytes += read?;
        }
        Ok(bytes)
    })
}

// ---------------------------------------------------------------- the trees

const GO_MOD: &str = "module example.com/speed\n\ngo 1.26\n";

fn main_go(import: &str, call: &str) -> String {
    format!(
        "package main\n\nimport (\n\t\"flag\"\n\t\"fmt\"\n\t\"net/http\"\n{import})\n\nfunc main() {{\n\
         \tport := flag.Int(\"port\", 8080, \"port to listen on\")\n\tflag.Parse()\n{call}\
         \t_ = http.ListenAndServe(fmt.Sprintf(\":%d\", *port), nil)\n}}\n"
    )
}

fn small_tree(root: &Path) -> Result<PathBuf> {
    put(root, "go.mod", GO_MOD)?;
    put(root, "main.go", &main_go("", ""))?;
    Ok(root.to_owned())
}

/// 4,000 Go sources in 400 packages that the one program reaches, beside 16,000 files that git ignores.
fn large_tree(root: &Path) -> Result<PathBuf> {
    put(root, ".gitignore", "node_modules/\n/dist/\n")?;
    put(root, "go.mod", GO_MOD)?;
    let main = main_go("\n\t\"example.com/speed/internal/p0\"\n", "\tfmt.Println(p0.Total())\n");
    put(root, "cmd/speed/main.go", &main)?;
    for package in 0..PACKAGES {
        put(root, &format!("internal/p{package}/p.go"), &entry_go(package))?;
        // The program is a file of the 4,000: the last package has one less.
        let last = usize::from(package + 1 == PACKAGES);
        for file in 1..FILES_IN_EACH - last {
            put(root, &format!("internal/p{package}/f{file}.go"), &source_go(package, file))?;
        }
    }
    for file in 0..IGNORED {
        let path = if file % 4 == 0 {
            format!("dist/assets/{}/chunk-{file}.js", file / 400)
        } else {
            format!("web/node_modules/package-{}/lib/file-{file}.js", file / 40)
        };
        put(root, &path, "export default 1;\n")?;
    }
    let files = walk(root)?;
    ensure!(files.len() == PACKAGES * FILES_IN_EACH + 2, "the tree has {} files", files.len());
    Ok(root.to_owned())
}

/// A package's first file: it imports two further packages, so that all are reached from the first.
fn entry_go(package: usize) -> String {
    let children: Vec<usize> =
        [2 * package + 1, 2 * package + 2].into_iter().filter(|child| *child < PACKAGES).collect();
    let mut imports = String::new();
    let mut sum = String::from("one1()");
    for child in children {
        let _ = writeln!(imports, "\t\"example.com/speed/internal/p{child}\"");
        let _ = write!(sum, " + p{child}.Total()");
    }
    let imports = if imports.is_empty() { imports } else { format!("import (\n{imports})\n\n") };
    format!(
        "// Package p{package} is one of many.\npackage p{package}\n\n{imports}\
         // Total counts.\nfunc Total() int {{\n\treturn {sum}\n}}\n"
    )
}

/// A source of some forty lines, with comments and strings that a reader has to pass over.
fn source_go(package: usize, file: usize) -> String {
    let mut text = format!("package p{package}\n\nimport (\n\t\"os\"\n\t\"strings\"\n)\n\n");
    let _ = writeln!(text, "// one{file} counts; \"this is no string\" and `neither is this`.");
    let _ = writeln!(text, "func one{file}() int {{\n\treturn {file}\n}}\n");
    for function in 0..4 {
        let _ = writeln!(
            text,
            "/* read{file}x{function} takes a setting, with a default. */\n\
             func read{file}x{function}(name string) string {{\n\
             \tvalue := strings.TrimSpace(os.Getenv(\"SPEED_\" + name)) // package main\n\
             \tif value == \"\" {{\n\t\treturn `a raw \"string\" of p{package}`\n\t}}\n\
             \treturn strings.ToLower(value) + \"\\\"quoted\\\"\"\n}}\n"
        );
    }
    text
}

#[expect(clippy::disallowed_methods, reason = "a tree to measure on")]
fn put(root: &Path, name: &str, text: &str) -> Result<()> {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().unwrap_or(root))?;
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

// ---------------------------------------------------------------- the report

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[expect(clippy::disallowed_methods, reason = "the machine's own description")]
fn machine() -> String {
    let described = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = described
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("an unknown processor", |(_, name)| name.trim());
    format!("{} cores of {name}, {} {}; {RUNS} runs", cores(), std::env::consts::OS, std::env::consts::ARCH)
}

fn median(times: &[Duration]) -> String {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    millis(sorted.get(sorted.len() / 2))
}

fn millis(time: Option<&Duration>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| format!("{:.1}", time.as_secs_f64() * 1000.0))
}
