//! What a review says of `RUN` and of the order around it: other commands of the same tools, sources before dependencies,
//! downloads that are not kept.

use super::{Remark, Review, quoted, remark};
use crate::emit::dockerfile::{Dockerfile, Instruction};

/// One command of a `RUN`: its words, without mounts and variables in front.
struct Command<'a> {
    instruction: &'a Instruction,
    words: Vec<&'a str>,
}

impl Command<'_> {
    /// The tool and what it is to do: `npm ci`.
    fn verb(&self) -> String {
        self.words.iter().take(2).copied().collect::<Vec<_>>().join(" ")
    }

    fn text(&self) -> String {
        self.words.join(" ")
    }
}

fn commands(file: &Dockerfile) -> Vec<Command<'_>> {
    let runs = file
        .stages
        .iter()
        .flat_map(|stage| &stage.instructions)
        .filter(|one| one.keyword == "RUN" && !one.exec);
    let mut all = Vec::new();
    for instruction in runs {
        let text = instruction.operands.first().map_or("", String::as_str);
        for command in text.split("&&").flat_map(|part| part.split(';')) {
            let words: Vec<&str> = command
                .split_whitespace()
                .skip_while(|word| word.contains('=') && !word.starts_with('-'))
                .collect();
            if !words.is_empty() {
                all.push(Command { instruction, words });
            }
        }
    }
    all
}

/// How tools call it.
const INSTALLING: [&str; 6] = ["install", "i", "ci", "sync", "update", "add"];

/// A tool for the whole image, not the project's dependencies.
fn is_global(command: &Command<'_>) -> bool {
    command.words.iter().any(|word| ["-g", "--global", "global"].contains(word))
}

pub(super) fn remarks(review: &Review<'_>) -> Vec<Remark> {
    let own = |file| commands(file).into_iter().filter(|command| !is_global(command)).collect::<Vec<_>>();
    let (yours, fresh) = (own(review.yours), own(review.fresh));
    let mut remarks = Vec::new();
    for command in &fresh {
        remarks.extend(other_command(review, command, &yours, &fresh));
    }
    remarks.extend(sources_first(review, &yours, &fresh));
    remarks.extend(not_kept(&yours, &fresh));
    remarks
}

/// The same tool is told to do something else, or the same without a flag.
fn other_command(
    review: &Review<'_>,
    fresh: &Command<'_>,
    yours: &[Command<'_>],
    all: &[Command<'_>],
) -> Option<Remark> {
    let ours = |command: &Command<'_>| all.iter().any(|one| one.verb() == command.verb());
    let why = || review.reason(fresh.instruction.line);
    let tool = fresh.words.first()?;
    let own = ["mkdir", "rm", "cp", "mv", "apt-get", "apk", "useradd", "adduser", "addgroup"];
    if own.contains(tool) {
        return None;
    }
    if let Some(same) = yours.iter().find(|one| one.verb() == fresh.verb()) {
        // What only quiets a tool is no difference.
        let lacks =
            |word: &&&str| word.starts_with('-') && !word.starts_with("--no") && !same.words.contains(*word);
        let flags: Vec<&str> = fresh.words.iter().filter(lacks).copied().collect();
        return (!flags.is_empty()).then(|| Remark {
            line: same.instruction.line,
            yours: format!("{} without {}", quoted(&same.verb()), quoted(&flags.join(" "))),
            fresh: quoted(&fresh.text()),
            why: why(),
        });
    }
    let installs = |one: &Command<'_>| one.words.get(1).is_some_and(|word| INSTALLING.contains(word));
    let other = yours.iter().find(|one| one.words.first() == Some(tool) && installs(one) && !ours(one))?;
    if !installs(fresh) {
        return None;
    }
    Some(remark(other.instruction.line, &other.text(), &fresh.text(), why()))
}

/// Everything is copied before dependencies are installed.
fn sources_first(review: &Review<'_>, yours: &[Command<'_>], fresh: &[Command<'_>]) -> Option<Remark> {
    let manifests = review.fresh.stages.iter().find_map(|stage| {
        let first = stage
            .instructions
            .iter()
            .find(|one| ["COPY", "RUN"].contains(&one.keyword.as_str()) && !all(one))?;
        let later = stage.instructions.iter().skip_while(|one| one.line <= first.line).any(all);
        (first.keyword == "COPY" && first.flag("from").is_none() && later).then_some(first)
    })?;
    let installs = fresh.iter().find(|one| one.instruction.line > manifests.line)?;
    for stage in &review.yours.stages {
        let Some(copy) = stage.instructions.iter().find(|one| one.keyword == "COPY") else { continue };
        let runs = |one: &&Command<'_>| {
            one.words.first() == installs.words.first() && one.instruction.line > copy.line
        };
        if all(copy) && yours.iter().any(|one| runs(&one)) {
            let why = "with all sources first, every edit installs everything again".to_owned();
            return Some(remark(copy.line, &copy.raw, &manifests.raw, why));
        }
    }
    None
}

/// `COPY . .`
fn all(copy: &Instruction) -> bool {
    copy.keyword == "COPY"
        && copy.flag("from").is_none()
        && copy.operands.first().is_some_and(|source| [".", "./"].contains(&source.as_str()))
}

/// Downloads of the same tool are kept between builds.
fn not_kept(yours: &[Command<'_>], fresh: &[Command<'_>]) -> Option<Remark> {
    let kept = fresh.iter().find(|one| one.instruction.mounts().next().is_some())?;
    let mine = yours.iter().find(|one| one.words.first() == kept.words.first())?;
    if yours.iter().any(|one| one.instruction.mounts().next().is_some()) {
        return None;
    }
    let mount = kept.instruction.raw.lines().next().unwrap_or_default();
    let why = "downloads are kept between builds".to_owned();
    Some(remark(mine.instruction.line, &mine.text(), mount, why))
}
