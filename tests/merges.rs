//! Random edits of real outputs against random changes of the stack: every edit survives or stands in a named conflict.
//!
//! `DFGEN_MERGES=10000` says how many; `.ci/run` tries that many.

#![allow(clippy::unwrap_used, clippy::format_push_string, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use dfgen::answers::{Labels, Settings};
use dfgen::emit::dockerfile::{PieceKind, parse, pieces};
use dfgen::generate::generate;
use dfgen::merge::{Labels as Names, Merged, Side, Stretch, dockerfile, plain};
use dfgen::repo::Repo;

/// The same numbers every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % end.max(1)
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// What dfgen writes for an example, asked in different ways: what a change of the stack can make of a Dockerfile.
fn renders(example: &Path) -> Vec<String> {
    let repo = Repo::open(example).unwrap();
    let text = |one: &str| Some(one.to_owned());
    let asked = [
        Settings::default(),
        Settings { base: text("slim"), ..Settings::default() },
        Settings { base: text("alpine"), labels: Some(Labels::Usual(true)), ..Settings::default() },
        Settings { cache: text("layers"), port: Some(9999), ..Settings::default() },
        Settings { debug_target: Some(true), healthcheck: Some(true), ..Settings::default() },
    ];
    let mut all: Vec<String> = asked
        .iter()
        .filter_map(|settings| generate(&repo, None, settings, &BTreeMap::new(), None).ok())
        .map(|generated| generated.dockerfile_text)
        .collect();
    all.dedup();
    all
}

/// A newer version in a tag, another port: the smallest changes, and the most usual.
fn bumped(text: &str, dice: &mut Dice) -> String {
    let bumps = [
        (":1.26", ":1.27"),
        ("node:24", "node:26"),
        ("-trixie", "-bookworm"),
        ("EXPOSE ", "EXPOSE 1"),
        ("/out/", "/made/"),
    ];
    let (from, to) = dice.of(&bumps);
    text.replace(from, to)
}

/// The lines of `base` that are not in `fresh`, and those beside them.
fn changing(base: &str, fresh: &str) -> Vec<usize> {
    let diff = similar::TextDiff::from_lines(base, fresh);
    let ops = diff.ops().iter().filter(|op| op.tag() != similar::DiffTag::Equal);
    ops.flat_map(|op| op.old_range().start.saturating_sub(1)..op.old_range().end + 1).collect()
}

/// One edit at a line of the file; `name` is a word that nothing else has.
fn edited(text: &str, at: usize, name: &str, dice: &mut Dice) -> String {
    let pieces = pieces(text).unwrap();
    let mut line = 0;
    let mut number = 0;
    for (index, piece) in pieces.iter().enumerate() {
        if line <= at {
            number = index;
        }
        line += piece.text.lines().count();
    }
    let mut parts: Vec<String> = pieces.iter().map(|piece| piece.text.clone()).collect();
    let own = &pieces[number];
    let instruction = own.kind == PieceKind::Instruction;
    let words: Vec<&str> = own.text.split(' ').collect();
    match dice.below(14) {
        0 => parts[number].insert_str(0, &format!("RUN echo {name}\n")),
        1 => parts[number] += &format!("ENV {}=1\n", name.replace('-', "_")),
        2 => parts[number] += &format!("LABEL com.example.{name}=1\n"),
        3 => parts[number].insert_str(0, &format!("# {name}\n")),
        4 => parts[number] += &format!("COPY {name} ./\n"),
        5 => parts.push(format!("\n# {name} is theirs.\nFROM scratch AS {name}\n")),
        6 if instruction && !own.text.contains('[') => {
            let end = parts[number].trim_end().to_owned();
            parts[number] = format!("{end} {name}\n");
        }
        7 if instruction && words.len() > 2 && !own.text.contains(['[', '=']) => {
            let word = 1 + dice.below(words.len() - 2);
            parts[number] = words
                .iter()
                .enumerate()
                .map(|(at, old)| if at == word { name } else { old })
                .collect::<Vec<_>>()
                .join(" ");
        }
        8 if own.keyword != "FROM" => parts[number].clear(),
        9 if own.keyword == "RUN" && own.text.contains("\\\n") => {
            parts[number] = own.text.replacen("\\\n", &format!("\\\n    {name} \\\n"), 1);
        }
        10 if own.keyword == "FROM" => {
            let image = own
                .text
                .split(' ')
                .find(|word| word.contains([':', '/']) && !word.starts_with("--"))
                .unwrap_or("AS");
            parts[number] = own.text.replace(image, &format!("registry.example.com/{name}:1"));
        }
        11 if number + 1 < parts.len()
            && instruction
            && own.keyword != "FROM"
            && pieces[number + 1].keyword != "FROM" =>
        {
            parts.swap(number, number + 1);
        }
        12 if own.kind == PieceKind::Comment => parts[number] = format!("# {name}\n"),
        13 => {
            return parts
                .concat()
                .replace(" \\\n    ", dice.of(&[" \\\n  ", " \\\n\t", " \\\n    \\\n    "]));
        }
        _ => parts[number].insert(0, '\n'),
    }
    parts.concat()
}

/// What must be true of every merge.
fn promises(base: &str, yours: &str, fresh: &str, merged: &Merged) -> Result<(), String> {
    let side = |of: fn(&Stretch) -> &str| merged.stretches.iter().map(of).collect::<String>();
    let whole = [
        (side(|one| &one.base), base, "base"),
        (side(|one| &one.yours), yours, "yours"),
        (side(|one| &one.fresh), fresh, "fresh"),
    ];
    for (joined, text, name) in whole {
        if plain(&joined) != plain(text) {
            return Err(format!("the stretches joined are not {name}:\n{joined}"));
        }
    }
    for one in merged.stretches.iter().filter(|one| one.edited() && one.conflict.is_none()) {
        let kept = match one.side {
            Side::Yours => one.text == one.yours,
            Side::Both => plain(&one.yours) == plain(&one.fresh),
            Side::Passed => one.yours.is_empty() && one.text.is_empty(),
            Side::Woven => words(&one.yours)
                .iter()
                .all(|word| words(&one.text).contains(word) || words(base).contains(word)),
            // What you put in is what dfgen writes now, or what it does not write any more, which you had moved.
            Side::Fresh => one
                .yours
                .lines()
                .all(|line| line.trim().is_empty() || one.fresh.contains(line) || base.contains(line)),
        };
        if !kept {
            return Err(format!("an edit is lost: {one:#?}"));
        }
    }
    for one in merged.stretches.iter().filter(|one| one.renewed() && one.conflict.is_none()) {
        let comment = one.base.lines().chain(one.fresh.lines()).all(|line| line.starts_with('#'));
        let moved = one.side == Side::Yours && one.yours.is_empty();
        let kept = (one.side != Side::Yours) || comment || moved;
        if !kept {
            return Err(format!("a change of dfgen's is lost: {one:#?}"));
        }
    }
    Ok(())
}

fn words(text: &str) -> Vec<&str> {
    text.split(|letter: char| letter.is_whitespace() || letter == '\\')
        .filter(|word| !word.is_empty())
        .collect()
}

/// What must be true of one that has no conflict. Whether a run that was killed before it wrote the lock is followed by one
/// without a conflict.
fn settled(base: &str, fresh: &str, merged: &Merged) -> Result<bool, String> {
    let text = merged.text();
    parse(&text).map_err(|error| format!("line {}: {}\n{text}", error.line, error.message))?;
    let again = |last: &str| {
        let again = dockerfile(last, &text, fresh).unwrap();
        let conflicts: Vec<Stretch> = again.conflicts().cloned().collect();
        (again.text() == text, conflicts, again.text())
    };
    let (same, conflicts, other) = again(fresh);
    if !same || !conflicts.is_empty() {
        return Err(format!("merging once more changes something: {conflicts:#?}\n{text}\n---\n{other}"));
    }
    let (same, conflicts, other) = again(base);
    // Of two blank lines nobody can tell which one was put in.
    let lines = |text: &str| {
        text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let same = same || lines(&other) == lines(&text);
    if !same && conflicts.is_empty() {
        return Err(format!("merging once more changes something: {conflicts:#?}\n{text}\n---\n{other}"));
    }
    Ok(conflicts.is_empty())
}

#[derive(Default)]
struct Count {
    cases: usize,
    edits: usize,
    beside: usize,
    conflicts: usize,
    by_lines: usize,
    killed: usize,
}

#[expect(clippy::print_stdout, reason = "what was tried, for `.ci/run`")]
#[test]
fn every_edit_survives_or_is_a_named_conflict() {
    let cases: usize = option("DFGEN_MERGES").unwrap_or(1000);
    let stacks: Vec<Vec<String>> =
        support::single_examples().iter().map(|example| renders(example)).collect();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut count = Count::default();
    while count.edits < cases {
        one(&stacks, &mut dice, &mut count);
    }
    let Count { cases, edits, beside, conflicts, by_lines, killed } = count;
    println!(
        "{edits} edits in {cases} merges, {beside} on or beside a change; {conflicts} with a conflict, {by_lines} where \
         lines are merged; {killed} with one after a kill"
    );
    assert!(beside * 3 >= edits, "{beside} of {edits} edits are on or beside a change");
    assert!(killed * 100 <= cases, "{killed} of {cases} runs that were killed leave a conflict");
    assert!(conflicts < by_lines, "{conflicts} conflicts; a merge of lines has {by_lines}");
}

#[expect(clippy::disallowed_methods, reason = "how long a test may take is asked from outside")]
fn option(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

fn one(stacks: &[Vec<String>], dice: &mut Dice, count: &mut Count) {
    let stack = dice.of(stacks);
    let base = dice.of(&stack);
    let fresh = dice.of(&stack);
    let fresh = if base == fresh || dice.below(3) == 0 { bumped(&fresh, dice) } else { fresh };
    let near = changing(&base, &fresh);
    let mut yours = base.clone();
    for _ in 0..=dice.below(3) {
        let beside = !near.is_empty() && dice.below(2) == 0;
        let at = if beside { dice.of(&near) } else { dice.below(base.lines().count()) };
        let edit = edited(&yours, at, &format!("edit-{}", count.edits), dice);
        if edit != yours && parse(&edit).is_ok() {
            yours = edit;
            count.edits += 1;
            count.beside += usize::from(near.contains(&at));
        }
    }
    let (open, windows) = (dice.below(10) == 0, dice.below(10) == 0);
    let there = if open { yours.trim_end().to_owned() } else { yours.clone() };
    let there = if windows { there.replace('\n', "\r\n") } else { there };
    let merged = dockerfile(&base, &there, &fresh).unwrap();
    count.cases += 1;
    count.by_lines += usize::from(
        similar::TextMerge::from_lines(base.as_str(), yours.as_str(), fresh.as_str()).is_conflicted(),
    );
    let clear = merged.conflicts().next().is_none();
    count.conflicts += usize::from(!clear);
    let done = promises(&base, &there, &fresh, &merged)
        .and_then(|()| if clear { settled(&base, &fresh, &merged) } else { named(&merged).map(|()| true) });
    count.killed += usize::from(done == Ok(false));
    if let Err(why) = done {
        let show = |name: &str, text: &str| format!("\n===== {name}\n{text}");
        panic!(
            "{why}{}{}{}{}",
            show("base", &base),
            show("yours", &yours),
            show("fresh", &fresh),
            show("merged", &merged.text())
        );
    }
}

/// Both sides of a conflict stand between markers, with the reason.
fn named(merged: &Merged) -> Result<(), String> {
    let marked = merged.marked(Names { yours: "yours", base: "last", fresh: "now" }).replace("\r\n", "\n");
    for conflict in merged.conflicts() {
        let sides = [&conflict.yours, &conflict.fresh];
        if conflict.conflict.as_ref().is_none_or(String::is_empty)
            || sides.iter().any(|side| !marked.contains(plain(side).as_str()))
        {
            return Err(format!("a conflict is not told: {conflict:#?}\n{marked}"));
        }
    }
    Ok(())
}
