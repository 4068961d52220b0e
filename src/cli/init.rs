//! `dfgen init`: the first time it writes, and from then on it is `update`.

use std::process::ExitCode;

use clap::Args;

use super::asked::Asked;
use super::product;
use super::update::Writing;
use crate::error::Result;
use crate::report;
use crate::update::{Options, Plan, Policy};

#[derive(Debug, Args)]
pub(super) struct Init {
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    writing: Writing,
    /// Print the Dockerfile, write nothing
    #[arg(long, conflicts_with_all = ["diff", "force", "adopt", "markers", "dry_run"])]
    stdout: bool,
}

impl Init {
    pub(super) fn run(&self) -> Result<ExitCode> {
        if !self.stdout {
            return self.writing.run(&self.asked, Options::default(), |there| self.asked.meant(there));
        }
        let there = self.asked.there(false)?;
        let wanted = self.asked.meant(&there)?;
        let options = Options { policy: Policy::Force, ..Options::default() };
        let plan = Plan::new(&there.repo, &self.asked.path, &there.locks, &wanted, options)?;
        product(&report::dockerfiles(&plan))?;
        Ok(ExitCode::SUCCESS)
    }
}
