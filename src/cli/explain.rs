//! `dfgen explain`.

use std::process::ExitCode;

use clap::Args;

use super::asked::{Asked, Format};
use super::product;
use crate::error::Result;
use crate::update::{Options, Plan, Policy};
use crate::{explain, report};

#[derive(Debug, Args)]
pub(super) struct Explain {
    #[command(flatten)]
    asked: Asked,
}

impl Explain {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let there = self.asked.there(false)?;
        let wanted = self.asked.meant(&there)?;
        let options = Options { policy: Policy::Force, ..Options::default() };
        let plan = Plan::new(&there.repo, &self.asked.path, &there.locks, &wanted, options)?;
        for service in &plan.services {
            match self.asked.format {
                Format::Text => product(&explain::text(&service.generated))?,
                Format::Json => product(&report::explain_json(&service.generated))?,
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
