//! Three-way merges of a Dockerfile and of a .dockerignore: what dfgen wrote last, what a person made of it, and what
//! dfgen would write now. Text in, stretches with their origin out; nothing here reads or writes a file.
//!
//! Lines alone would not do. A version in a `FROM` and a `RUN` added below it touch each other, and a merge of lines calls
//! that a conflict; a line that two stages share is taken for the other one's. So stages are held against stages,
//! instructions against instructions, and only the words of an instruction that both sides changed against each other.

use crate::emit::dockerfile::ParseError;

mod align;
mod ignore;
mod lines;
mod outline;
mod put_in;
mod sequence;
mod stage;
mod weave;

pub use self::ignore::{append, ignore};
pub use self::lines::lines;
pub use self::outline::{Outline, outline};

/// Whose text a stretch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Nobody's change, or both made the same.
    Both,
    /// The person's.
    Yours,
    /// dfgen's.
    Fresh,
    /// Words of both.
    Woven,
    /// dfgen's, and not taken: it is about what the person took out.
    Passed,
}

/// A stretch of a merged file, with what the three sides have there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The text that was taken; where the sides are at odds, yours.
    pub text: String,
    /// Whose it is.
    pub side: Side,
    /// What dfgen wrote last.
    pub base: String,
    /// What stands in the file.
    pub yours: String,
    /// What dfgen would write now.
    pub fresh: String,
    /// Why the sides cannot both be had.
    pub conflict: Option<String>,
}

impl Stretch {
    fn new(side: Side, [base, yours, fresh]: [&str; 3]) -> Self {
        let text = if side == Side::Fresh { fresh } else { yours };
        let [base, yours, fresh] = [base, yours, fresh].map(str::to_owned);
        Self { text: text.to_owned(), side, base, yours, fresh, conflict: None }
    }

    fn conflict(sides: [&str; 3], why: impl Into<String>) -> Self {
        Self { conflict: Some(why.into()), ..Self::new(Side::Yours, sides) }
    }

    /// Whether a person changed something here.
    #[must_use]
    pub fn edited(&self) -> bool {
        plain(&self.base) != plain(&self.yours)
    }

    /// Whether dfgen changes something here.
    #[must_use]
    pub fn renewed(&self) -> bool {
        plain(&self.base) != plain(&self.fresh)
    }
}

/// A text without the line ends of Windows and without a last one: what two texts are compared by.
#[must_use]
pub fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").trim_end().to_owned()
}

/// How the sides are called where both stand in a file.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// The person's side.
    pub yours: &'a str,
    /// What dfgen wrote last.
    pub base: &'a str,
    /// dfgen's side.
    pub fresh: &'a str,
}

/// A merged file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Merged {
    /// Its stretches in order, each of whole lines.
    pub stretches: Vec<Stretch>,
    /// The person's file ends without a line's end.
    open_end: bool,
    /// The person's file has the line ends of Windows.
    windows: bool,
}

/// Merges a Dockerfile.
///
/// # Errors
/// The person's file, the second, does not parse; the other two are dfgen's own and do.
pub fn dockerfile(base: &str, yours: &str, fresh: &str) -> Result<Merged, ParseError> {
    let stretches = stage::merge(&outline(base)?, &outline(&closed(yours))?, &outline(fresh)?);
    Ok(Merged::of(stretches, yours))
}

/// The fresh text in the place of what is there, which need not be a Dockerfile at all: only its line ends are kept.
#[must_use]
pub fn whole(there: &str, fresh: &str) -> Merged {
    let stretch = Stretch { text: fresh.to_owned(), ..Stretch::new(Side::Fresh, [there, there, fresh]) };
    Merged { stretches: vec![stretch], open_end: false, windows: windows(there) }
}

/// The text with a last line's end.
fn closed(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') {
        return text.to_owned();
    }
    format!("{text}{}", if windows(text) { "\r\n" } else { "\n" })
}

/// Most lines end as on Windows.
#[must_use]
pub fn windows(text: &str) -> bool {
    2 * text.matches("\r\n").count() > text.matches('\n').count()
}

const MARKERS: [&str; 4] = ["<<<<<<< ", "||||||| ", "=======", ">>>>>>> "];

/// The first line with a conflict marker, git's or dfgen's, counted from 1.
#[must_use]
pub fn marker(text: &str) -> Option<u32> {
    let [open, _, _, close] = MARKERS;
    let starts = |line: &str| line.starts_with(open) || line.starts_with(close);
    text.lines().position(starts).and_then(|line| u32::try_from(line + 1).ok())
}

impl Merged {
    fn of(stretches: Vec<Stretch>, yours: &str) -> Self {
        let open_end = !yours.is_empty() && !yours.ends_with('\n');
        Self { stretches: joined(stretches), open_end, windows: windows(yours) }
    }

    /// The stretches that need a person.
    pub fn conflicts(&self) -> impl Iterator<Item = &Stretch> {
        self.stretches.iter().filter(|one| one.conflict.is_some())
    }

    /// The merged text; yours where there is a conflict.
    #[must_use]
    pub fn text(&self) -> String {
        self.ended(self.stretches.iter().map(|one| self.with_ends(one)).collect())
    }

    /// The merged text with both sides of each conflict between markers.
    #[must_use]
    pub fn marked(&self, labels: Labels<'_>) -> String {
        let mut text = String::new();
        for stretch in &self.stretches {
            match &stretch.conflict {
                Some(why) => text.push_str(&self.line_ends(&between_markers(stretch, why, labels))),
                None => text.push_str(&self.with_ends(stretch)),
            }
        }
        self.ended(text)
    }

    fn with_ends(&self, stretch: &Stretch) -> String {
        match stretch.side {
            Side::Fresh | Side::Woven => self.line_ends(&stretch.text),
            Side::Both | Side::Yours | Side::Passed => stretch.text.clone(),
        }
    }

    fn line_ends(&self, text: &str) -> String {
        let text = text.replace("\r\n", "\n");
        if self.windows { text.replace('\n', "\r\n") } else { text }
    }

    fn ended(&self, text: String) -> String {
        let open = text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n'));
        match open.filter(|_| self.open_end) {
            Some(open) => open.to_owned(),
            None => text,
        }
    }

    /// The stretch that a line of [`Merged::text`] lies in, the line counted from 1.
    fn at_line(&self, line: u32) -> Option<usize> {
        let mut last = 0;
        self.stretches.iter().position(|one| {
            last += one.text.lines().count();
            last >= line as usize
        })
    }

    /// Makes a conflict of what makes the merged file wrong where each side alone is right: of these lines, the first that
    /// either side changed.
    pub fn object(&mut self, lines: &[u32], why: &str) {
        let stretches: Vec<usize> = lines.iter().filter_map(|line| self.at_line(*line)).collect();
        let changed = |at: &&usize| self.stretches.get(**at).is_some_and(|one| one.side != Side::Both);
        let at = stretches.iter().find(changed).or(stretches.first()).copied();
        if let Some(stretch) = self.stretches.get_mut(at.unwrap_or_default()) {
            stretch.conflict.get_or_insert_with(|| why.to_owned());
            stretch.text.clone_from(&stretch.yours);
        }
    }
}

fn between_markers(stretch: &Stretch, why: &str, labels: Labels<'_>) -> String {
    let [yours, base, fresh] = [&stretch.yours, &stretch.base, &stretch.fresh].map(|side| closed(side));
    let [open, middle, split, close] = MARKERS;
    format!(
        "{open}{}\n{yours}{middle}{}\n{base}{split}\n{fresh}{close}{}: {why}\n",
        labels.yours, labels.base, labels.fresh
    )
}

/// Conflicts take in what stands right beside them, so that each shows both sides whole.
fn joined(stretches: Vec<Stretch>) -> Vec<Stretch> {
    let mut joined: Vec<Stretch> = Vec::new();
    for stretch in stretches {
        match joined.last_mut() {
            Some(last) if belongs(last, &stretch) => {
                last.yours.push_str(&stretch.yours);
                last.base.push_str(&stretch.base);
                last.fresh.push_str(&stretch.fresh);
                last.text.clone_from(&last.yours);
                last.side = Side::Yours;
                last.conflict = last.conflict.take().or(stretch.conflict);
            }
            _ => joined.push(stretch),
        }
    }
    joined
}

fn belongs(one: &Stretch, other: &Stretch) -> bool {
    let moved = |one: &Stretch| {
        one.side != Side::Both && [&one.base, &one.yours, &one.fresh].iter().any(|side| side.is_empty())
    };
    match (&one.conflict, &other.conflict) {
        (Some(_), Some(_)) => true,
        (Some(_), None) => moved(other),
        (None, Some(_)) => moved(one),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests;
