//! Which stage, and which instruction, of an edited file is which of the one that dfgen wrote: the pairing in order that
//! is worth the most, equal ones above all, then those that are like each other.

use super::outline::{Stage, Unit};

/// For each of the first list its partner in the second, in order.
pub(super) type Pairs = Vec<Option<usize>>;

/// A table larger than this is not filled: beyond it only what is equal at the same place is paired.
const LARGEST: usize = 20_000_000;

/// What equal instructions are worth: more than any number of words that two have in common.
const EQUAL: u32 = 300;

/// The stages. Those of one name are the same whatever is in them.
pub(super) fn stages(base: &[Stage], side: &[Stage]) -> Pairs {
    pair(base.len(), side.len(), |one, other| match (base.get(one), side.get(other)) {
        // What stands before all stages.
        _ if one == 0 && other == 0 => EQUAL,
        _ if one == 0 || other == 0 => 0,
        (Some(base), Some(side)) if base.name == side.name && !base.name.is_empty() => EQUAL,
        (Some(base), Some(side)) => content(base, side),
        _ => 0,
    })
}

/// The image of a stage without its tag.
fn image(stage: &Stage) -> Option<&str> {
    let from = stage.units.iter().find(|unit| unit.keyword == "FROM")?;
    let image = from.key.split_whitespace().skip(1).find(|word| !word.starts_with("--"))?;
    image.split(['@', ':']).next()
}

/// How much of two stages is the same, where that is a good part.
fn content(one: &Stage, other: &Stage) -> u32 {
    let keys = |stage: &Stage| {
        let instructions = stage.units.iter().filter(|unit| unit.is_instruction());
        let mut keys: Vec<String> = instructions.map(|unit| unit.key.clone()).collect();
        keys.sort_unstable();
        keys
    };
    let alike = alike(&keys(one), &keys(other));
    let same_image = image(one).is_some() && image(one) == image(other);
    if alike >= 40 || same_image { alike.max(20) } else { 0 }
}

/// The pieces of a stage.
pub(super) fn units(base: &[Unit], side: &[Unit]) -> Pairs {
    pair(base.len(), side.len(), |one, other| match (base.get(one), side.get(other)) {
        (Some(base), Some(side)) => worth(base, side),
        _ => 0,
    })
}

fn worth(base: &Unit, side: &Unit) -> u32 {
    if base.kind != side.kind || base.keyword != side.keyword {
        return 0;
    }
    if base.is_blank() {
        return 1;
    }
    if base.key == side.key {
        return EQUAL;
    }
    let alike = alike(&base.bag, &side.bag);
    let known = !base.identity().is_empty() && base.identity() == side.identity();
    match known {
        true => 50 + alike,
        false if alike >= 50 => alike,
        false => 0,
    }
}

/// Of two sorted lists, how much they share, in hundredths.
fn alike(one: &[String], other: &[String]) -> u32 {
    let (mut left, mut right, mut shared) = (one.iter().peekable(), other.iter().peekable(), 0);
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        match a.cmp(b) {
            std::cmp::Ordering::Less => drop(left.next()),
            std::cmp::Ordering::Greater => drop(right.next()),
            std::cmp::Ordering::Equal => {
                shared += 200;
                left.next();
                right.next();
            }
        }
    }
    u32::try_from((shared / (one.len() + other.len()).max(1)).min(100)).unwrap_or(100)
}

/// The pairing in order of the greatest worth; what is worth 0 is no pair.
fn pair(base: usize, side: usize, worth: impl Fn(usize, usize) -> u32) -> Pairs {
    if base.saturating_mul(side) > LARGEST {
        return (0..base).map(|at| (at < side && worth(at, at) >= EQUAL).then_some(at)).collect();
    }
    let table = Table::fill(base, side, &worth);
    let mut pairs = vec![None; base];
    let (mut i, mut j) = (0, 0);
    while i < base && j < side {
        let own = worth(i, j);
        if own > 0 && table.at(i, j) == own + table.at(i + 1, j + 1) {
            pairs[i] = Some(j);
            (i, j) = (i + 1, j + 1);
        } else if table.at(i, j) == table.at(i + 1, j) {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// What can be had by pairing from a place on, for every pair of places.
struct Table {
    width: usize,
    best: Vec<u32>,
}

impl Table {
    fn fill(base: usize, side: usize, worth: &impl Fn(usize, usize) -> u32) -> Self {
        let mut table = Self { width: side + 1, best: vec![0; (base + 1) * (side + 1)] };
        for i in (0..base).rev() {
            for j in (0..side).rev() {
                let own = worth(i, j);
                let paired = if own == 0 { 0 } else { own + table.at(i + 1, j + 1) };
                table.best[i * (side + 1) + j] = paired.max(table.at(i + 1, j)).max(table.at(i, j + 1));
            }
        }
        table
    }

    fn at(&self, i: usize, j: usize) -> u32 {
        self.best[i * self.width + j]
    }
}
