//! The front door: words in, words out, exit codes. stdout carries the product, stderr the talk. A file a verb.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::{Error, ErrorKind, Result};
use crate::report;

mod asked;
mod check;
mod explain;
mod init;
mod schema;
mod update;

/// Reads a repository and writes the Dockerfile and .dockerignore that an expert would have written for it.
#[derive(Debug, Parser)]
#[command(name = "dfgen", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Detect, decide, and write Dockerfile, .dockerignore and dfgen.lock; run again, it is `update`
    Init(Box<init::Init>),
    /// Render afresh and merge with what people edited since
    Update(Box<update::Update>),
    /// Say what has drifted between the project and its files; write nothing
    Check(Box<check::Check>),
    /// Tell each fact and each decision with its evidence, and what was rejected and why
    Explain(Box<explain::Explain>),
    /// Print the JSON schema of a file or of the output
    Schema(schema::Schema),
    /// Print the completions of a shell
    Completions(schema::Completions),
    /// Print the man page
    Man,
}

/// The program: parses the arguments, does what they say, gives the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let done = match Cli::parse().verb {
        Verb::Init(init) => init.run(),
        Verb::Update(update) => update.run(),
        Verb::Check(check) => check.run(),
        Verb::Explain(explain) => explain.run(),
        Verb::Schema(schema) => schema.run(),
        Verb::Completions(completions) => completions.run(),
        Verb::Man => schema::man(),
    };
    done.unwrap_or_else(|error| {
        talk(&report::error(&error));
        ExitCode::from(2)
    })
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
