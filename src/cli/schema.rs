//! `dfgen schema`, `dfgen completions`, `dfgen man`: what is made from the program's own definitions.

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, product};
use crate::error::{Error, ErrorKind, Result};
use crate::report;

#[derive(Debug, Args)]
pub(super) struct Schema {
    /// What of
    #[arg(value_parser = report::SCHEMAS)]
    name: String,
}

impl Schema {
    pub(super) fn run(&self) -> Result<ExitCode> {
        product(&report::schema(&self.name).unwrap_or_default())?;
        Ok(ExitCode::SUCCESS)
    }
}

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "dfgen", &mut script);
        product(&String::from_utf8_lossy(&script))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The man page: the program's own, then one a verb.
pub(super) fn man() -> Result<ExitCode> {
    let command = Cli::command().disable_help_subcommand(true);
    let mut page = Vec::new();
    let unwritten =
        |error: std::io::Error| Error::new(ErrorKind::Io, format!("the man page cannot be made: {error}"));
    clap_mangen::Man::new(command.clone()).render(&mut page).map_err(unwritten)?;
    for verb in command.get_subcommands() {
        page.extend(format!(".SH \"DFGEN {}\"\n", verb.get_name().to_uppercase()).into_bytes());
        let man = clap_mangen::Man::new(verb.clone());
        man.render_description_section(&mut page).map_err(unwritten)?;
        man.render_options_section(&mut page).map_err(unwritten)?;
    }
    product(&String::from_utf8_lossy(&page))?;
    Ok(ExitCode::SUCCESS)
}
