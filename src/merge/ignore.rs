//! The merge of a .dockerignore: a set of lines, of which the order matters to `!` alone.
//!
//! Yours is the skeleton. A line that dfgen takes out goes where it is still dfgen's; one that it puts in comes behind the
//! one that it stands behind in dfgen's own text; what you took out stays out.

use super::{Merged, Side, Stretch, closed, windows};

/// Merges a .dockerignore.
#[must_use]
pub fn ignore(base: &str, yours: &str, fresh: &str) -> Merged {
    let closed = closed(yours);
    let was: Vec<&str> = base.lines().map(bare).collect();
    let now: Vec<&str> = fresh.lines().map(bare).collect();
    let mine: Vec<&str> = closed.lines().map(bare).collect();
    let mut out: Vec<Stretch> = Vec::new();
    let groups = new_lines(&was, &mine, fresh);
    for (at, line) in closed.split_inclusive('\n').enumerate() {
        out.push(one(line, mine.get(at).copied().unwrap_or_default(), &was, &now));
        let behind = groups.iter().filter(|group| group.behind == Some(at));
        out.extend(behind.map(|group| Stretch::new(Side::Fresh, ["", "", &group.text])));
    }
    let last = groups.iter().filter(|group| group.behind.is_none());
    out.extend(last.map(|group| Stretch::new(Side::Fresh, ["", "", &group.text])));
    let gone = was.iter().filter(|line| !line.is_empty() && !mine.contains(line) && now.contains(line));
    out.extend(gone.map(|line| {
        let text = format!("{line}\n");
        Stretch::new(Side::Yours, [&text, "", &text])
    }));
    Merged { stretches: out, open_end: !yours.is_empty() && !yours.ends_with('\n'), windows: windows(yours) }
}

/// Takes over a .dockerignore that dfgen did not write: its lines stay as they are, and what it lacks follows.
#[must_use]
pub fn append(yours: &str, fresh: &str) -> Merged {
    let known: Vec<&str> = yours.lines().map(bare).collect();
    let lacks = |line: &&str| !line.is_empty() && !line.starts_with('#') && !known.contains(&bare(line));
    let missing: Vec<&str> = fresh.lines().filter(lacks).collect();
    let closed = closed(yours);
    let mut stretches = vec![Stretch::new(Side::Yours, ["", &closed, ""])];
    if !missing.is_empty() {
        let text = format!("\n# Added for the Dockerfile beside it\n{}\n", missing.join("\n"));
        stretches.push(Stretch::new(Side::Fresh, ["", "", &text]));
    }
    let open_end = !yours.is_empty() && !yours.ends_with('\n');
    Merged { stretches, open_end: open_end && missing.is_empty(), windows: windows(yours) }
}

/// A line of yours.
fn one(line: &str, bare: &str, was: &[&str], now: &[&str]) -> Stretch {
    let (was, now) = (was.contains(&bare), now.contains(&bare));
    let side = |there: bool| if there { line } else { "" };
    match (was, now) {
        _ if bare.is_empty() => Stretch::new(Side::Both, [line, line, line]),
        (true, false) => Stretch::new(Side::Fresh, [line, line, ""]),
        (false, false) => Stretch::new(Side::Yours, ["", line, ""]),
        (was, true) => Stretch::new(Side::Both, [side(was), line, line]),
    }
}

/// Lines that dfgen puts in, next to each other, and the line of yours that they come behind.
struct Group {
    behind: Option<usize>,
    text: String,
}

fn new_lines(was: &[&str], mine: &[&str], fresh: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let (mut behind, mut open, mut blank) = (None, false, "");
    for line in fresh.split_inclusive('\n') {
        let name = bare(line);
        if name.is_empty() {
            blank = line;
            continue;
        }
        if let Some(at) = mine.iter().position(|one| *one == name) {
            (behind, open, blank) = (Some(at), false, "");
        } else if !was.contains(&name) {
            if !open {
                groups.push(Group { behind, text: String::new() });
                open = true;
            }
            if let Some(group) = groups.last_mut() {
                group.text.push_str(std::mem::take(&mut blank));
                group.text.push_str(line);
            }
        }
    }
    groups
}

/// What a line says, however it is written.
fn bare(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with('#') { line } else { line.trim_start_matches("./").trim_matches('/') }
}
