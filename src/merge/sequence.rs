//! What one side made of a list that dfgen wrote: what became of each item, and what was put in between.

use std::ops::Range;

use super::align::Pairs;

/// One side of a merge.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    pairs: Pairs,
    /// What was put in before each of the base's items, and behind the last.
    slots: Vec<Range<usize>>,
}

impl Walk {
    pub(super) fn new(pairs: Pairs, len: usize) -> Self {
        let mut slots = vec![0..0; pairs.len() + 1];
        let (mut next, mut slot) = (0, 0);
        for (at, pair) in pairs.iter().enumerate() {
            if let Some(pair) = *pair {
                slots[slot] = next..pair;
                (next, slot) = (pair + 1, at + 1);
            }
        }
        slots[slot] = next..len;
        Self { pairs, slots }
    }

    /// What was put in before the base's `at`.
    pub(super) fn inserted(&self, at: usize) -> Range<usize> {
        self.slots.get(at).cloned().unwrap_or_default()
    }

    /// What was put in the place of the base's `at`, if that is gone.
    pub(super) fn instead(&self, at: usize) -> Range<usize> {
        let first =
            (0..at).rev().find(|before| self.partner(*before).is_some()).map_or(0, |before| before + 1);
        let mut slots = (first..=self.gone_until(at)).map(|slot| self.inserted(slot));
        slots.find(|range| !range.is_empty()).unwrap_or_default()
    }

    /// The first of the base's items from `at` on that is there still; their number, where none is.
    fn gone_until(&self, at: usize) -> usize {
        (at..self.pairs.len()).find(|at| self.partner(*at).is_some()).unwrap_or(self.pairs.len())
    }

    /// What was put in beside items that are gone stands before them as well as behind: where the other side put something
    /// in, if it did.
    pub(super) fn meet(&mut self, other: &Self) {
        for slot in 0..self.slots.len() {
            let own = self.inserted(slot);
            let mut reach = slot..=self.gone_until(slot);
            let met = reach.find(|slot| !other.inserted(*slot).is_empty());
            if let Some(met) = met.filter(|met| *met != slot && !own.is_empty()) {
                self.slots[slot] = 0..0;
                self.slots[met] = own;
            }
        }
    }

    /// What became of the base's `at`.
    pub(super) fn partner(&self, at: usize) -> Option<usize> {
        self.pairs.get(at).copied().flatten()
    }
}
