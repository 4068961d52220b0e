//! The merge of a file of lines that no reader of instructions knows: blocks with blank lines between them.

use similar::{MergeResolution, TextMerge};

use super::{Merged, Side, Stretch, closed};

/// Merges line by line; what both changed in one place is a conflict.
#[must_use]
pub fn lines(base: &str, yours: &str, fresh: &str) -> Merged {
    let whole = closed(yours);
    let unix = whole.replace("\r\n", "\n");
    let merge = TextMerge::from_lines(base, unix.as_str(), fresh);
    let [base, mine, theirs] =
        [base, &whole, fresh].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    let stretches = merge.regions().iter().map(|region| {
        let part =
            |lines: &[&str], range| lines.get::<std::ops::Range<usize>>(range).unwrap_or_default().concat();
        let sides = [
            part(&base, region.base_range()),
            part(&mine, region.ours_range()),
            part(&theirs, region.theirs_range()),
        ];
        let sides = sides.each_ref().map(String::as_str);
        match region.resolution() {
            MergeResolution::Unchanged | MergeResolution::Both => Stretch::new(Side::Both, sides),
            MergeResolution::Ours => Stretch::new(Side::Yours, sides),
            MergeResolution::Theirs => Stretch::new(Side::Fresh, sides),
            _ => Stretch::conflict(sides, "both changed these lines"),
        }
    });
    Merged::of(stretches.collect(), yours)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "a\n\nb\n\nc\n";

    #[test]
    fn lines_apart_are_both_had() {
        let merged = lines(BASE, "a\n\nB\n\nc\n", "a\n\nb\n\nc\n\nd\n");
        assert_eq!(merged.text(), "a\n\nB\n\nc\n\nd\n");
        assert_eq!(lines(BASE, "a\r\n\r\nB\r\n\r\nc", "a\n\nb\n\nC\n").text(), "a\r\n\r\nB\r\n\r\nC");
    }

    #[test]
    fn the_same_line_changed_twice_is_a_conflict() {
        let merged = lines(BASE, "a\n\nB\n\nc\n", "a\n\nx\n\nc\n");
        let conflict = merged.conflicts().next().unwrap();
        assert_eq!((conflict.yours.as_str(), conflict.fresh.as_str()), ("B\n", "x\n"));
    }
}
