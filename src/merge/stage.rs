//! The merge proper: stage against stage, and in each, instruction against instruction.
//!
//! What one side left alone is taken from the other. Where both changed something, their words are woven; where that cannot
//! be, or where one changed what the other took out, a person has to look.

use std::ops::Range;

use super::align;
use super::outline::{Outline, Stage, Unit};
use super::put_in::{PutIn, joined};
use super::sequence::Walk;
use super::{Side, Stretch, plain, weave};

/// Merges three outlines.
pub(super) fn merge(base: &Outline, yours: &Outline, fresh: &Outline) -> Vec<Stretch> {
    let (base, yours, fresh) = (&base.stages, &yours.stages, &fresh.stages);
    let mut your = Walk::new(align::stages(base, yours), yours.len());
    let mut new = Walk::new(align::stages(base, fresh), fresh.len());
    your.meet(&new);
    new.meet(&your);
    let mut out = Vec::new();
    for at in 0..=base.len() {
        added(&mut out, &texts(yours, your.inserted(at)), &texts(fresh, new.inserted(at)));
        let Some(was) = base.get(at) else { break };
        let mine = your.partner(at).and_then(|at| yours.get(at));
        let theirs = new.partner(at).and_then(|at| fresh.get(at));
        match (mine, theirs) {
            (Some(mine), Some(theirs)) => Within::new(was, mine, theirs).merge(&mut out),
            (mine, theirs) => {
                let replaced = !your.instead(at).is_empty();
                let sides = [Some(was), mine, theirs].map(|one| one.map(Stage::text));
                out.push(taken_out(sides, "this stage", replaced));
            }
        }
    }
    out
}

fn texts(stages: &[Stage], range: Range<usize>) -> String {
    stages.get(range).unwrap_or_default().iter().map(Stage::text).collect()
}

/// Stages that one side, or both, put in at one place: which comes last decides what a build makes.
fn added(out: &mut Vec<Stretch>, yours: &str, fresh: &str) {
    out.extend(match (yours, fresh) {
        ("", "") => None,
        (yours, "") => Some(Stretch::new(Side::Yours, ["", yours, ""])),
        ("", fresh) => Some(Stretch::new(Side::Fresh, ["", "", fresh])),
        (yours, fresh) if plain(yours) == plain(fresh) => Some(Stretch::new(Side::Both, ["", yours, fresh])),
        (yours, fresh) => Some(Stretch::conflict(["", yours, fresh], "both put a stage in here")),
    });
}

/// Something that at least one side took out. What you only took out stays out, whatever dfgen makes of it; what you put
/// something else in the place of may have to follow.
fn taken_out([base, yours, fresh]: [Option<String>; 3], what: &str, replaced: bool) -> Stretch {
    let base = base.unwrap_or_default();
    let left_alone = |side: &Option<String>| side.as_ref().is_some_and(|side| plain(side) == plain(&base));
    let sides = [base.as_str(), yours.as_deref().unwrap_or_default(), fresh.as_deref().unwrap_or_default()];
    match (&yours, &fresh) {
        (None, None) => Stretch::new(Side::Both, sides),
        (Some(_), None) if left_alone(&yours) => Stretch::new(Side::Fresh, sides),
        (None, Some(_)) if left_alone(&fresh) => Stretch::new(Side::Yours, sides),
        (None, _) if !replaced => Stretch::new(Side::Passed, sides),
        (Some(_), _) => Stretch::conflict(sides, format!("you changed {what}, and dfgen leaves it out now")),
        (None, _) => {
            Stretch::conflict(sides, format!("you replaced {what}, and dfgen writes it differently now"))
        }
    }
}

/// One stage on its three sides.
struct Within<'a> {
    base: &'a [Unit],
    yours: &'a [Unit],
    fresh: &'a [Unit],
    your: Walk,
    new: Walk,
}

impl<'a> Within<'a> {
    fn new(base: &'a Stage, yours: &'a Stage, fresh: &'a Stage) -> Self {
        let (base, yours, fresh) = (&base.units, &yours.units, &fresh.units);
        let mut your = Walk::new(align::units(base, yours), yours.len());
        let mut new = Walk::new(align::units(base, fresh), fresh.len());
        your.meet(&new);
        new.meet(&your);
        Self { base, yours, fresh, your, new }
    }

    fn merge(&self, out: &mut Vec<Stretch>) {
        for at in 0..=self.base.len() {
            self.slot(at, out);
            let Some(was) = self.base.get(at) else { break };
            out.push(self.became(at, was));
        }
    }

    /// What became of a piece of the base.
    fn became(&self, at: usize, was: &Unit) -> Stretch {
        let yours = self.your.partner(at).and_then(|at| self.yours.get(at));
        let fresh = self.new.partner(at).and_then(|at| self.fresh.get(at));
        match (yours, fresh) {
            (Some(yours), Some(fresh)) => kept(was, yours, fresh),
            (None, Some(fresh)) if self.moved_to(was).is_some() => {
                Stretch::new(Side::Yours, [&was.text, "", &fresh.text])
            }
            (Some(yours), None) if was.is_comment() && yours.key != was.key => {
                Stretch::new(Side::Yours, [&was.text, &yours.text, ""])
            }
            (yours, fresh) => {
                let text = |unit: Option<&Unit>| unit.map(|unit| unit.text.clone());
                taken_out([Some(was), yours, fresh].map(text), "this", self.is_replaced(at))
            }
        }
    }

    /// Whether you put something of the kind in the place of what you took out.
    fn is_replaced(&self, at: usize) -> bool {
        let Some(was) = self.base.get(at) else { return false };
        let put_in = self.yours.get(self.your.instead(at)).unwrap_or_default();
        was.is_instruction() && put_in.iter().any(|one| one.keyword == was.keyword)
    }

    /// What was put in before the base's `at`.
    fn slot(&self, at: usize, out: &mut Vec<Stretch>) {
        let (mine, theirs) = (self.your.inserted(at), self.new.inserted(at));
        let yours = self.yours.get(mine.clone()).unwrap_or_default();
        let fresh = self.fresh.get(theirs.clone()).unwrap_or_default();
        let put_in = PutIn {
            yours: yours.iter().filter_map(|one| self.followed(one)).collect(),
            fresh: fresh.iter().filter(|one| !self.is_there(one, &mine)).cloned().collect(),
            mine: joined(yours),
            theirs: joined(fresh),
        };
        let does = |units: &[Unit]| units.iter().any(Unit::is_instruction);
        let stray = (does(&put_in.yours) && self.is_stray(at, &self.your, &self.new))
            || (does(&put_in.fresh) && self.is_stray(at, &self.new, &self.your));
        if stray {
            out.push(put_in.conflict("what stood around this is gone on the other side"));
        } else {
            put_in.settle(out);
        }
    }

    /// Whether you put the same in at another place than dfgen does now.
    fn is_there(&self, fresh: &Unit, here: &Range<usize>) -> bool {
        let own = (0..=self.base.len()).map(|at| self.your.inserted(at)).filter(|range| range != here);
        let mut others = own.flat_map(|range| self.yours.get(range).unwrap_or_default());
        !fresh.is_blank() && others.any(|other| other.key == fresh.key)
    }

    /// Whether what a side put in has lost its place: what stood before and behind it is gone on the other side. A comment
    /// is right anywhere.
    fn is_stray(&self, at: usize, own: &Walk, other: &Walk) -> bool {
        let instruction = |at: &usize| self.base.get(*at).is_some_and(Unit::is_instruction);
        let gone = |at: usize| other.partner(at).is_none();
        let before = (0..at).rev().find(instruction);
        let behind = (at..self.base.len()).filter(|at| own.partner(*at).is_some()).find(instruction);
        match (before, behind) {
            (Some(before), Some(behind)) => gone(before) && gone(behind),
            (Some(one), None) | (None, Some(one)) => gone(one),
            (None, None) => false,
        }
    }

    /// Where you moved an instruction to, as it was.
    fn moved_to(&self, was: &Unit) -> Option<usize> {
        let same = |one: &Unit| one.is_instruction() && one.key == was.key;
        if !was.is_instruction() || self.base.iter().filter(|one| same(one)).count() != 1 {
            return None;
        }
        let mut places = self.yours.iter().enumerate().filter(|(_, one)| same(one)).map(|(at, _)| at);
        places.next().filter(|_| places.next().is_none())
    }

    /// What you put in; an instruction that you moved, as dfgen writes it now, if it does.
    fn followed(&self, unit: &Unit) -> Option<Unit> {
        let from = self.base.iter().position(|one| one.key == unit.key && self.moved_to(one).is_some());
        let Some(from) = from else { return Some(unit.clone()) };
        let fresh = self.new.partner(from).and_then(|at| self.fresh.get(at));
        let elsewhere = self.fresh.iter().find(|one| one.key == unit.key);
        fresh.or(elsewhere).cloned()
    }
}

/// A piece that all three sides have.
fn kept(base: &Unit, yours: &Unit, fresh: &Unit) -> Stretch {
    let sides = [base.text.as_str(), &yours.text, &fresh.text];
    if yours.key == fresh.key || (base.key == yours.key && base.key == fresh.key) {
        return Stretch::new(Side::Both, sides);
    }
    if fresh.key == base.key {
        return Stretch::new(Side::Yours, sides);
    }
    if yours.key == base.key {
        return Stretch::new(Side::Fresh, sides);
    }
    match weave::weave(base, yours, fresh) {
        Some(text) => Stretch { text, ..Stretch::new(Side::Woven, sides) },
        // A comment does nothing: yours stands.
        None if base.is_comment() => Stretch::new(Side::Yours, sides),
        None => Stretch::conflict(sides, "both changed this"),
    }
}
