//! The front door: words in, words out, exit codes. stdout carries the product, stderr the talk.

use std::path::PathBuf;
use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::answers::{self, Settings};
use crate::emit::write::{self, Fate, Force, Output};
use crate::error::{Error, ErrorKind, Result};
use crate::explain;
use crate::generate::{self, Generated};
use crate::repo::Repo;
use crate::report;

/// Reads a repository and writes the Dockerfile and .dockerignore that an expert would have written for it.
#[derive(Debug, Parser)]
#[command(name = "dfgen", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Detect, decide, and write Dockerfile, .dockerignore and dfgen.lock
    Init(Box<Init>),
    /// Tell each fact and each decision with its evidence, and what was rejected and why
    Explain(Box<Explain>),
}

#[derive(Debug, Args)]
struct Asked {
    /// The repository
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The runtime image's kind [default: auto]
    #[arg(long, value_enum)]
    base: Option<Base>,
    /// The service's folder, relative to PATH
    #[arg(long, value_name = "FOLDER", allow_hyphen_values = true)]
    service: Option<Utf8PathBuf>,
    /// The port that the program listens on
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// The start command
    #[arg(long, value_name = "CMD", allow_hyphen_values = true)]
    start: Option<String>,
    /// The program among several
    #[arg(long, value_name = "NAME")]
    bin: Option<String>,
    /// Keep dependencies in cache mounts or in layers alone [default: mounts]
    #[arg(long, value_enum)]
    cache: Option<Cache>,
    /// Where the Dockerfile goes, relative to PATH
    #[arg(long, value_name = "FILE")]
    output: Option<Utf8PathBuf>,
    /// Add a target `debug` with a shell
    #[arg(long)]
    debug_target: bool,
    /// Add OCI labels and a VERSION build argument
    #[arg(long)]
    labels: bool,
    /// Add a HEALTHCHECK
    #[arg(long)]
    healthcheck: bool,
    /// How to tell what was found
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
struct Init {
    #[command(flatten)]
    asked: Asked,
    /// Print the Dockerfile, write nothing
    #[arg(long, conflicts_with_all = ["diff", "force"])]
    stdout: bool,
    /// Show what would change, write nothing; exit 1 where something would
    #[arg(long, conflicts_with = "force")]
    diff: bool,
    /// Replace files that dfgen did not write; a backup stays beside each
    #[arg(long)]
    force: bool,
    /// Tell nothing but errors
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Debug, Args)]
struct Explain {
    #[command(flatten)]
    asked: Asked,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Base {
    Auto,
    Distroless,
    Slim,
    Alpine,
    Scratch,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Cache {
    Mounts,
    Layers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// The program: parses the arguments, does what they say, gives the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let done = match Cli::parse().verb {
        Verb::Init(init) => run_init(&init),
        Verb::Explain(explain) => run_explain(&explain.asked),
    };
    done.unwrap_or_else(|error| {
        talk(&report::error(&error));
        ExitCode::from(2)
    })
}

fn word(value: &impl ValueEnum) -> Option<String> {
    value.to_possible_value().map(|value| value.get_name().to_owned())
}

impl Asked {
    fn flags(&self) -> Settings {
        Settings {
            base: self.base.as_ref().and_then(word),
            port: self.port,
            start: self.start.clone(),
            bin: self.bin.clone(),
            cache: self.cache.as_ref().and_then(word),
            output: self.output.clone(),
            debug_target: self.debug_target.then_some(true),
            labels: self.labels.then_some(true),
            healthcheck: self.healthcheck.then_some(true),
        }
    }
}

/// The repository, the folder that is meant, and the files for it.
struct Made {
    service: Option<Utf8PathBuf>,
    kept: Option<String>,
    lock: Option<crate::emit::lock::Lock>,
    generated: Generated,
}

fn make(asked: &Asked) -> Result<Made> {
    let repo = Repo::open(&asked.path)?;
    // Not from the list of files: where git ignores it, the answers are no less there, and are written again.
    let kept = write::current(&asked.path, answers::FILE.into())?
        .map(|text| text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned));
    let (service, settings) = answers::settle(kept.as_deref(), asked.service.clone(), asked.flags())?;
    let lock = write::read_lock(&asked.path)?;
    let ours = |path: &camino::Utf8Path| {
        lock.as_ref().and_then(|lock| lock.file(path)).map(|file| file.base.clone())
    };
    let generated = generate::generate(&repo, service.as_deref(), &settings, &ours)?;
    Ok(Made { service, kept, lock, generated })
}

fn run_explain(asked: &Asked) -> Result<ExitCode> {
    let made = make(asked)?;
    match asked.format {
        Format::Text => product(&explain::text(&made.generated))?,
        Format::Json => product(&report::explain_json(&made.generated))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn run_init(init: &Init) -> Result<ExitCode> {
    let asked = &init.asked;
    let made = make(asked)?;
    let mut files = outputs(&made.generated);
    if init.stdout {
        product(&made.generated.dockerfile_text)?;
        return Ok(ExitCode::SUCCESS);
    }
    if init.diff {
        return diff(asked, &files);
    }
    if let Some(text) = answers::keep(made.kept.as_deref(), made.service.as_deref(), &asked.flags())? {
        files.push(Output { path: answers::FILE.into(), merged: Some(text.clone()), text });
    }
    let force = if init.force { Force::Yes } else { Force::No };
    let row = write::row(&made.generated.service.root, explain::locked(&made.generated), &files);
    let fates = write::write(&asked.path, made.lock.unwrap_or_default(), row, &files, force)?;
    if !init.quiet {
        talk(&report::summary(&made.generated, &told(&files, &fates), &asked.path.display().to_string()));
    }
    if asked.format == Format::Json {
        product(&report::init_json(&made.generated))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn outputs(generated: &Generated) -> Vec<Output> {
    let file =
        |path: &Utf8PathBuf, text: &str, merged| Output { path: path.clone(), text: text.to_owned(), merged };
    vec![
        file(&generated.dockerfile, &generated.dockerfile_text, None),
        file(&generated.dockerignore, &generated.dockerignore_text, generated.dockerignore_base.clone()),
    ]
}

fn told(files: &[Output], fates: &[Fate]) -> Vec<(String, &'static str)> {
    let words = |fate: &Fate| match fate {
        Fate::Created => "wrote",
        Fate::Replaced => "replaced",
        Fate::Unchanged => "unchanged",
    };
    files.iter().zip(fates).map(|(file, fate)| (file.path.to_string(), words(fate))).collect()
}

fn diff(asked: &Asked, files: &[Output]) -> Result<ExitCode> {
    let mut differs = false;
    for file in files {
        let there = write::current(&asked.path, &file.path)?.unwrap_or_default();
        let fresh = write::with_ends_of(Some(&there), &file.text);
        if there != fresh {
            differs = true;
            product(&report::diff(&file.path, &there, &fresh))?;
        }
    }
    Ok(if differs { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// A closed pipe is no failure: whoever reads has read enough.
fn product(text: &str) -> Result<()> {
    use std::io::{ErrorKind::BrokenPipe, Write};
    let mut stdout = std::io::stdout();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != BrokenPipe => {
            Err(Error::new(ErrorKind::Io, format!("stdout cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

fn talk(text: &str) {
    use std::io::Write;
    let _ = std::io::stderr().write_all(text.as_bytes());
}
