//! What was put in between: both sides' can be had where their order does not matter, or follows from what they are.

use super::outline::Unit;
use super::{Side, Stretch};

/// What both sides put in at one place.
#[derive(Clone)]
pub(super) struct PutIn {
    /// Yours, with what became of instructions that you only moved.
    pub(super) yours: Vec<Unit>,
    /// dfgen's, without what you have elsewhere.
    pub(super) fresh: Vec<Unit>,
    /// Your text as it is.
    pub(super) mine: String,
    /// dfgen's text as it is.
    pub(super) theirs: String,
}

impl PutIn {
    pub(super) fn conflict(&self, why: &str) -> Stretch {
        Stretch::conflict(["", &self.mine, &self.theirs], why)
    }

    fn stretch(&self, side: Side, units: &[Unit]) -> Stretch {
        let sides = ["", self.mine.as_str(), self.theirs.as_str()];
        let side = match side {
            Side::Yours if self.theirs.is_empty() && joined(units) == self.mine => Side::Yours,
            Side::Yours => Side::Woven,
            side => side,
        };
        Stretch { text: joined(units), ..Stretch::new(side, sides) }
    }

    /// Both, one behind the other.
    fn both(&self, yours_first: bool) -> [Stretch; 2] {
        let own = Self { theirs: String::new(), ..self.clone() }.stretch(Side::Yours, &self.yours);
        let new = Self { mine: String::new(), ..self.clone() }.stretch(Side::Fresh, &self.fresh);
        if yours_first { [own, new] } else { [new, own] }
    }

    pub(super) fn settle(&self, out: &mut Vec<Stretch>) {
        let Self { yours, fresh, mine, theirs } = self;
        match (yours.is_empty(), fresh.is_empty()) {
            (true, true) if mine.is_empty() && theirs.is_empty() => {}
            (true, _) => out.push(self.stretch(Side::Fresh, fresh)),
            (false, true) => out.push(self.stretch(Side::Yours, yours)),
            // One put in what the other did, and more.
            _ if is_within(fresh, yours) => out.push(self.stretch(Side::Yours, yours)),
            _ if is_within(yours, fresh) => out.push(self.stretch(Side::Fresh, fresh)),
            _ if share(yours, fresh) => out.push(self.conflict("both put something in here")),
            _ if free(yours) || free(fresh) || (declares(yours) && !runs(fresh)) => {
                out.extend(self.both(false));
            }
            _ if ground(yours) => out.extend(self.both(true)),
            _ => out.push(self.conflict("both put something in here")),
        }
    }
}

pub(super) fn joined(units: &[Unit]) -> String {
    units.iter().map(|unit| unit.text.as_str()).collect()
}

/// Whether all of these stand in the others in this order.
fn is_within(these: &[Unit], others: &[Unit]) -> bool {
    let mut others = others.iter();
    these.iter().filter(|unit| !unit.is_blank()).all(|unit| others.any(|other| other.key == unit.key))
}

fn share(these: &[Unit], others: &[Unit]) -> bool {
    these.iter().any(|unit| unit.is_instruction() && others.iter().any(|other| other.key == unit.key))
}

/// Whether these change nothing of what instructions around them do.
fn free(units: &[Unit]) -> bool {
    units.iter().all(|unit| !unit.is_instruction() || FREE.contains(&unit.keyword.as_str()))
}

const FREE: [&str; 4] = ["LABEL", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK"];

/// Whether these say something of the image, and do nothing.
fn declares(units: &[Unit]) -> bool {
    let says = |keyword: &str| FREE.contains(&keyword) || ["ENV", "ARG"].contains(&keyword);
    units.iter().all(|unit| !unit.is_instruction() || says(&unit.keyword))
}

fn runs(units: &[Unit]) -> bool {
    units.iter().any(|unit| unit.keyword == "RUN")
}

/// Whether these are what others stand on: variables and system packages come first.
fn ground(units: &[Unit]) -> bool {
    let installs =
        ["apt-get install", "apt install", "apk add", "dnf install", "microdnf install", "yum install"];
    let installed =
        |unit: &Unit| unit.keyword == "RUN" && installs.iter().any(|command| unit.key.contains(command));
    units.iter().all(|unit| installed(unit) || declares(std::slice::from_ref(unit)))
}
