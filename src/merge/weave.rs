//! An instruction that both sides changed: their words put together, where unchanged words stand between the changes.

use similar::{MergeRegion, MergeResolution, TextMerge};

use super::outline::Unit;

/// A word with the white space, and the continued lines, in front of it.
#[derive(Debug, Clone, Copy)]
struct Word<'a> {
    space: &'a str,
    word: &'a str,
}

/// The instruction with the changes of both; `None` where they touch.
pub(super) fn weave(base: &Unit, yours: &Unit, fresh: &Unit) -> Option<String> {
    // The lines of a here-document mean something; its words do not.
    let lines = [base, yours, fresh].iter().any(|unit| unit.key.contains("<<"));
    let cut = |unit| if lines { by_line(unit) } else { words(unit) };
    let [base, yours, fresh] = [base.text.as_str(), &yours.text, &fresh.text];
    let (base_words, your_words, new_words) = (cut(base), cut(yours), cut(fresh));
    let keys = [&base_words, &your_words, &new_words].map(|words| listed(words));
    let merge = TextMerge::from_lines(keys[0].as_str(), keys[1].as_str(), keys[2].as_str());
    let mut text = String::new();
    for region in merge.regions() {
        let mine = your_words.get(region.ours_range()).unwrap_or_default();
        let theirs = new_words.get(region.theirs_range()).unwrap_or_default();
        match region.resolution() {
            MergeResolution::Unchanged => {
                let was = base_words.get(region.base_range()).unwrap_or_default();
                put(&mut text, &spaced(was, mine, theirs));
            }
            MergeResolution::Ours | MergeResolution::Both => put(&mut text, mine),
            MergeResolution::Theirs => put(&mut text, theirs),
            _ => put(&mut text, &packages(region, base, &base_words, mine, theirs)?),
        }
    }
    let end = &yours[yours.trim_end().len()..];
    Some(format!("{}{end}", text.trim_end()))
}

/// Words that both sides only add to a list of system packages.
fn packages<'a>(
    region: &MergeRegion,
    instruction: &str,
    base: &[Word<'a>],
    yours: &[Word<'a>],
    fresh: &[Word<'a>],
) -> Option<Vec<Word<'a>>> {
    let installs = ["apt-get install", "apk add"].iter().any(|command| instruction.contains(command));
    let name = |word: &Word<'_>| {
        word.word.starts_with(|first: char| first.is_ascii_alphanumeric())
            && word.word.chars().all(|it| it.is_ascii_alphanumeric() || "+-._".contains(it))
    };
    let first = region.base_range().start;
    let before = base.get(..first)?.iter().rev().find(|word| !name(word)).map(|word| word.word);
    let in_list = before.is_none_or(|word| word.starts_with("--") || ["install", "add"].contains(&word));
    let was = base.get(region.base_range())?;
    let has = |words: &[Word<'_>], word: &Word<'_>| words.iter().any(|one| one.word == word.word);
    let grown = |words: &[Word<'_>]| words.iter().all(name) && was.iter().all(|word| has(words, word));
    if !installs || !in_list || !grown(yours) || !grown(fresh) {
        return None;
    }
    let extra = yours.iter().filter(|word| !has(fresh, word));
    Some(fresh.iter().chain(extra).copied().collect())
}

/// Words that nobody changed, with the white space that somebody did: yours before dfgen's.
fn spaced<'a>(base: &[Word<'a>], yours: &[Word<'a>], fresh: &[Word<'a>]) -> Vec<Word<'a>> {
    let one = |((was, mine), theirs): ((&Word<'a>, &Word<'a>), &Word<'a>)| {
        let same = mine.space.replace('\r', "") == was.space;
        Word { space: if same { theirs.space } else { mine.space }, word: mine.word }
    };
    base.iter().zip(yours).zip(fresh).map(one).collect()
}

fn put(text: &mut String, words: &[Word<'_>]) {
    for word in words {
        text.push_str(word.space);
        text.push_str(word.word);
    }
}

fn listed(words: &[Word<'_>]) -> String {
    words.iter().flat_map(|word| [word.word.trim_end(), "\n"]).collect()
}

fn by_line(text: &str) -> Vec<Word<'_>> {
    text.split_inclusive('\n').map(|line| Word { space: "", word: line }).collect()
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = text;
    loop {
        let space = space(rest);
        let (before, word) = rest.split_at(space);
        if word.is_empty() {
            return words;
        }
        let end = word.find(char::is_whitespace).unwrap_or(word.len());
        // The last word of a continued line may have the backslash right behind it.
        let end = if word.get(..end).is_some_and(|word| word.len() > 1 && word.ends_with('\\')) {
            end - 1
        } else {
            end
        };
        words.push(Word { space: before, word: &word[..end] });
        rest = &word[end..];
    }
}

/// How much of the beginning is white space and continued line ends.
fn space(text: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let white = rest.len() - rest.trim_start().len();
        let rest = &rest[white..];
        let line_end = rest
            .strip_prefix('\\')
            .is_some_and(|rest| rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n'));
        at += white;
        if !line_end {
            return at;
        }
        at += 1;
    }
}
