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

    /// Where what was put in the place of the base's `at` stands, if it is gone.
    pub(super) fn slot(&self, at: usize) -> usize {
        (0..at).rev().find(|before| self.partner(*before).is_some()).map_or(0, |before| before + 1)
    }

    /// What became of the base's `at`.
    pub(super) fn partner(&self, at: usize) -> Option<usize> {
        self.pairs.get(at).copied().flatten()
    }
}
