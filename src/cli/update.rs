//! `dfgen update`, and all that it shares with `init`: what becomes of the files is worked out, told, and written.

use std::process::ExitCode;

use clap::Args;

use super::asked::{Asked, Format, There};
use super::{product, talk};
use crate::answers;
use crate::emit::write;
use crate::error::Result;
use crate::report;
use crate::update::{Options, Plan, Policy, Wanted};

/// How files are written.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Writing {
    /// Show what would change, write nothing; exit 1 where something would
    #[arg(long, conflicts_with_all = ["force", "markers"])]
    diff: bool,
    /// Tell what would be done, write nothing
    #[arg(long)]
    dry_run: bool,
    /// Where both sides changed the same, write both between markers
    #[arg(long, conflicts_with = "force")]
    markers: bool,
    /// Keep a Dockerfile that dfgen did not write as it is, and merge from then on
    #[arg(long, conflicts_with = "force")]
    adopt: bool,
    /// Replace a Dockerfile whatever is in it; a backup stays beside it
    #[arg(long)]
    force: bool,
    /// Tell nothing but errors
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct Update {
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    writing: Writing,
    /// Make dfgen.lock anew: the files stay, and what differs in them is yours
    #[arg(long, conflicts_with = "force")]
    rebase_lock: bool,
    /// Take newer defaults and looks of dfgen, too
    #[arg(long)]
    upgrade: bool,
}

impl Update {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let options = Options {
            rebase: self.rebase_lock,
            upgrade: self.upgrade,
            only_known: true,
            ..Options::default()
        };
        self.writing.run(&self.asked, options, |there| self.asked.known(there))
    }
}

impl Writing {
    pub(super) fn run(
        &self,
        asked: &Asked,
        options: Options,
        wanted: impl Fn(&There) -> Result<Wanted>,
    ) -> Result<ExitCode> {
        let writes = !self.diff && !self.dry_run;
        let _alone = writes.then(|| write::alone(&asked.path));
        let there = asked.there(options.rebase)?;
        let wanted = wanted(&there)?;
        let policy = match (self.adopt, self.force) {
            (true, _) => Policy::Adopt,
            (_, true) => Policy::Force,
            _ if self.diff => Policy::Show,
            _ => Policy::Merge,
        };
        let (updates, newcomers) = (options.only_known, wanted.all.is_some() && there.locks.base.is_some());
        let options = Options { policy, only_known: updates && !newcomers, ..options };
        let plan = Plan::new(&there.repo, &asked.path, &there.locks, &wanted, options)?;
        if self.diff {
            return diff(&plan);
        }
        let conflicts = plan.has_conflicts();
        if writes && (!conflicts || self.markers) {
            let mut batch = plan.batch();
            let answers = asked.answers(&there, &wanted)?;
            batch.files.extend(answers.map(|text| (answers::FILE.into(), text)));
            write::write(&asked.path, &batch)?;
        }
        self.tell(asked, &plan, updates)?;
        Ok(if conflicts { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }

    fn tell(&self, asked: &Asked, plan: &Plan, updates: bool) -> Result<()> {
        if plan.has_conflicts() {
            talk(&report::conflicts(plan, self.markers));
        } else if !self.quiet {
            talk(&report::summary(plan, &asked.path.display().to_string(), self.dry_run));
        }
        if asked.format == Format::Json && updates {
            product(&report::plan_json(plan))?;
        } else if asked.format == Format::Json {
            product(&report::init_json(plan))?;
        }
        Ok(())
    }
}

fn diff(plan: &Plan) -> Result<ExitCode> {
    let mut differs = false;
    for file in plan.files() {
        let there = file.there.clone().unwrap_or_default();
        let text = file.text().unwrap_or_else(|| there.clone());
        if there != text {
            differs = true;
            product(&report::diff(&file.path, &there, &text))?;
        }
    }
    Ok(if differs { ExitCode::from(1) } else { ExitCode::SUCCESS })
}
