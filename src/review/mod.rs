//! An expert's review of a Dockerfile that dfgen did not write: what it would do otherwise, one by one, each with its reason.
//!
//! The reasons are those that stand in dfgen's own render: the comment above an instruction says why it is there.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::emit::dockerfile::{Dockerfile, Instruction, PieceKind, Stage, parse, pieces};
use crate::generate::Problem;

mod commands;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// The line of theirs, counted from 1.
    pub line: u32,
    /// What stands there, or what is wrong with it.
    pub yours: String,
    /// What dfgen would write; empty where it only knows that this is wrong.
    pub fresh: String,
    /// Why.
    pub why: String,
}

/// Reviews a Dockerfile; `problems` are what a build of it would run into. Nothing where it does not parse.
#[must_use]
pub fn review(yours: &str, fresh: &str, problems: &[Problem]) -> Vec<Remark> {
    let (Ok(yours), Ok(fresh_file)) = (parse(yours), parse(fresh)) else { return Vec::new() };
    let review = Review { yours: &yours, fresh: &fresh_file, reasons: reasons(fresh) };
    let mut remarks = review.images();
    remarks.extend(problems.iter().map(|problem| review.problem(problem)));
    remarks.extend(review.container());
    remarks.extend(commands::remarks(&review));
    remarks.sort();
    remarks
        .dedup_by(|one, other| (one.line, &one.fresh) == (other.line, &other.fresh) && !one.fresh.is_empty());
    remarks
}

/// What stands above each instruction of dfgen's render, by its line.
fn reasons(fresh: &str) -> BTreeMap<u32, String> {
    let (mut line, mut comment, mut reasons) = (1, Vec::new(), BTreeMap::new());
    for piece in pieces(fresh).unwrap_or_default() {
        match piece.kind {
            PieceKind::Comment => {
                comment.push(piece.text.trim_start_matches('#').trim().trim_end_matches('.').to_owned());
            }
            PieceKind::Instruction => {
                reasons.insert(line, std::mem::take(&mut comment).join("; "));
            }
            PieceKind::Blank | PieceKind::Directive => comment.clear(),
        }
        line += u32::try_from(piece.text.lines().count()).unwrap_or_default();
    }
    reasons
}

/// Both files.
struct Review<'a> {
    yours: &'a Dockerfile,
    fresh: &'a Dockerfile,
    reasons: BTreeMap<u32, String>,
}

/// The image without its tag.
fn name(image: &str) -> &str {
    image.split(['@', ':']).next().unwrap_or_default()
}

fn quoted(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim_end_matches('\\').trim_end();
    format!("`{}`", line.chars().take(90).collect::<String>())
}

fn remark(line: u32, yours: &str, fresh: &str, why: String) -> Remark {
    Remark { line, yours: quoted(yours), fresh: quoted(fresh), why }
}

impl Review<'_> {
    fn reason(&self, line: u32) -> String {
        self.reasons.get(&line).cloned().unwrap_or_default()
    }

    /// The image that a stage begins with, through the stages that it is built on.
    fn image<'b>(file: &'b Dockerfile, stage: &'b Stage) -> &'b str {
        let mut stage = stage;
        for _ in &file.stages {
            let named = |one: &&Stage| {
                one.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&stage.image))
            };
            match file.stages.iter().take_while(|one| one.line < stage.line).find(named) {
                Some(base) => stage = base,
                None => break,
            }
        }
        &stage.image
    }

    /// Other tags of the same images, and another image to run in.
    fn images(&self) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for stage in &self.yours.stages {
            let same = self.fresh.stages.iter().find(|one| name(&one.image) == name(&stage.image));
            if let Some(same) = same.filter(|same| same.image != stage.image) {
                let open = same.image.strip_prefix(&stage.image).is_some_and(|rest| rest.starts_with('-'));
                let why =
                    if open { "what the tag leaves open moves".to_owned() } else { self.reason(same.line) };
                remarks.push(remark(stage.line, &stage.image, &same.image, why));
            }
        }
        if let (Some(yours), Some(fresh)) = (self.yours.stages.last(), self.fresh.stages.last()) {
            let (mine, theirs) = (Self::image(self.yours, yours), Self::image(self.fresh, fresh));
            let mut build = self.fresh.stages.iter().take(self.fresh.stages.len() - 1);
            let tools = build.any(|one| name(&one.image) == name(mine));
            if name(mine) != name(theirs) {
                let kept = if tools { "what only builds it stays in the image; " } else { "" };
                remarks.push(remark(yours.line, mine, theirs, format!("{kept}{}", self.reason(fresh.line))));
            }
        }
        remarks
    }

    fn problem(&self, problem: &Problem) -> Remark {
        let message = &problem.message;
        let (keywords, why): (&[&str], &str) = match message.as_str() {
            text if text.contains("no `USER`") || text.contains("as root") => {
                (&["USER"], "the image runs as root")
            }
            text if text.contains("numeric user") => {
                (&["USER"], "whoever checks that it is not root sees only a name")
            }
            text if text.contains("exec form") => {
                (&["ENTRYPOINT", "CMD"], "a shell in front of the program keeps signals from it")
            }
            text if text.contains("moves") || text.contains("no tag") => {
                (&[], "the same Dockerfile gives another image tomorrow")
            }
            text if text.contains("cache mount") => (&[], "builders tell cache mounts apart by it"),
            _ => (&[], ""),
        };
        let last = self.fresh.stages.last();
        let instead = keywords.iter().find_map(|keyword| last?.last(keyword));
        Remark {
            line: problem.line.unwrap_or(1),
            yours: message.clone(),
            fresh: instead.map(|one| quoted(&one.raw)).unwrap_or_default(),
            why: why.to_owned(),
        }
    }

    /// Ports, volumes and variables of the container.
    fn container(&self) -> Vec<Remark> {
        let (Some(yours), Some(fresh)) = (self.yours.stages.last(), self.fresh.stages.last()) else {
            return Vec::new();
        };
        let mine: BTreeSet<String> =
            self.yours.stages.iter().flat_map(|one| &one.instructions).flat_map(promises).collect();
        let line = yours.instructions.last().map_or(yours.line, |one| one.line);
        let lacks = |one: &&Instruction| promises(one).iter().any(|promise| !mine.contains(promise));
        let lacking = fresh.instructions.iter().filter(lacks);
        lacking
            .map(|one| Remark {
                line,
                yours: format!("no such `{}`", one.keyword),
                fresh: quoted(&one.raw.replace(" \\\n", " ")),
                why: self.reason(one.line),
            })
            .collect()
    }
}

/// What an instruction says of the container: a port, a volume, a variable.
fn promises(instruction: &Instruction) -> Vec<String> {
    let keyword = instruction.keyword.as_str();
    if !["EXPOSE", "VOLUME", "ENV"].contains(&keyword) {
        return Vec::new();
    }
    let bare = |operand: &String| {
        operand.split(['=', '/']).find(|part| !part.is_empty()).unwrap_or_default().to_owned()
    };
    let text = |operand: &String| if keyword == "VOLUME" { operand.clone() } else { bare(operand) };
    instruction.operands.iter().map(|operand| format!("{keyword} {}", text(operand))).collect()
}

#[cfg(test)]
mod tests;
