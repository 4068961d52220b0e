//! `dfgen check`: what has drifted, for people and for CI. Nothing is written.

use std::process::ExitCode;

use clap::Args;

use super::asked::{Asked, Format};
use super::product;
use crate::error::Result;
use crate::report;
use crate::update::{Options, Plan, Policy};

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    asked: Asked,
    /// Exit 1 also where only the lock or dfgen itself is behind
    #[arg(long)]
    strict: bool,
    /// Tell nothing where nothing has drifted
    #[arg(long, short)]
    quiet: bool,
}

impl Check {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let there = self.asked.there(false)?;
        let wanted = self.asked.known(&there)?;
        let options = Options { policy: Policy::Show, ..Options::default() };
        let plan = Plan::new(&there.repo, &self.asked.path, &there.locks, &wanted, options)?;
        let drifted = plan.changes() || (self.strict && plan.drifts());
        if self.asked.format == Format::Json {
            product(&report::plan_json(&plan))?;
        } else if drifted || !self.quiet {
            product(&report::check(&plan))?;
        }
        Ok(if drifted { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }
}
