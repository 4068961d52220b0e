//! Holds a Dockerfile against its build context and its .dockerignore: what would fail, or what dfgen promises not to write.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use serde::Serialize;

use super::dockerfile::{Dockerfile, Instruction, ParseError, Stage, parse};
use super::dockerignore::Patterns;

mod runtime;
mod sources;

/// Something wrong with a Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The line, counted from 1; of the .dockerignore where the message says so.
    pub line: u32,
    /// Lower case, names in back-ticks, no full stop.
    pub message: String,
}

/// Everything wrong with a Dockerfile, in the order of its lines; nothing where it is right.
///
/// `ignore` is the .dockerignore as it was read, `context_files` are the files of the build context, relative to it and
/// sorted.
#[must_use]
pub fn verify(
    dockerfile: &str,
    ignore: &Result<Patterns, ParseError>,
    context_files: &[Utf8PathBuf],
) -> Vec<Finding> {
    let file = match parse(dockerfile) {
        Ok(file) => file,
        Err(error) => return vec![error.into()],
    };
    let mut findings = Findings::default();
    if let Err(error) = ignore {
        findings.add(error.line, format!(".dockerignore: {}", error.message));
    }
    let none = Patterns::default();
    let context = sources::Context { ignore: ignore.as_ref().unwrap_or(&none), files: context_files };
    stage_names(&file, &mut findings);
    for (at, stage) in file.stages.iter().enumerate() {
        let around = Around { file: &file, stage, at };
        around.images(&mut findings);
        around.variables(&mut findings);
        around.folders(&mut findings);
        context.check(stage, &mut findings);
        runtime::doubled(stage, &mut findings);
        runtime::exec_form(stage, &mut findings);
        for instruction in &stage.instructions {
            mounts_named(instruction, &mut findings);
        }
    }
    if let Some(last) = file.stages.last() {
        runtime::user(last, &mut findings);
        runtime::start(last, &mut findings);
    }
    findings.0.into_iter().collect()
}

impl From<ParseError> for Finding {
    fn from(error: ParseError) -> Self {
        Self { line: error.line, message: error.message }
    }
}

#[derive(Debug, Default)]
struct Findings(BTreeSet<Finding>);

impl Findings {
    fn add(&mut self, line: u32, message: impl Into<String>) {
        self.0.insert(Finding { line, message: message.into() });
    }

    /// The operands of an instruction; those that cannot be decoded are a finding.
    fn plain(&mut self, instruction: &Instruction) -> Vec<super::dockerfile::Decoded> {
        instruction.plain().unwrap_or_else(|error| {
            self.0.insert(error.into());
            Vec::new()
        })
    }
}

fn stage_names(file: &Dockerfile, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for (line, name) in file.stages.iter().filter_map(|stage| Some((stage.line, stage.name.as_deref()?))) {
        let good = name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || "-_.".contains(it));
        if !good {
            findings.add(line, format!("the stage name `{name}` is not in lower case letters and digits"));
        }
        if ["scratch", "context"].contains(&name) {
            findings.add(line, format!("the stage name `{name}` is reserved"));
        }
        if !seen.insert(name.to_ascii_lowercase()) {
            findings.add(line, format!("a second stage is called `{name}`"));
        }
    }
}

fn mounts_named(instruction: &Instruction, findings: &mut Findings) {
    for mount in instruction.mounts().filter(|mount| mount.field("type") == Some("cache")) {
        if mount.field("id").is_none_or(str::is_empty) {
            findings.add(instruction.line, "a cache mount has no `id`");
        }
    }
}

/// The variables that BuildKit sets once a stage declares them.
const PLATFORM: [&str; 8] = [
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
];

/// A stage and the file around it.
#[derive(Debug, Clone, Copy)]
struct Around<'a> {
    file: &'a Dockerfile,
    stage: &'a Stage,
    at: usize,
}

impl<'a> Around<'a> {
    fn earlier(&self) -> &'a [Stage] {
        self.file.stages.get(..self.at).unwrap_or_default()
    }

    fn stage_named(&self, name: &str) -> Option<&'a Stage> {
        self.earlier()
            .iter()
            .rev()
            .find(|stage| stage.name.as_deref().is_some_and(|stage| stage.eq_ignore_ascii_case(name)))
    }

    /// The stage and those that it is built on, itself first.
    fn lineage(&self) -> Vec<&'a Stage> {
        let mut lineage = vec![self.stage];
        let mut here = *self;
        while let Some(base) = here.stage_named(&here.stage.image) {
            lineage.push(base);
            let at = self.file.stages.iter().position(|stage| std::ptr::eq(stage, base)).unwrap_or_default();
            here = Around { file: self.file, stage: base, at };
        }
        lineage
    }

    fn images(&self, findings: &mut Findings) {
        if self.stage.image != "scratch" {
            self.image(self.stage.line, &self.stage.image, findings);
        }
        for instruction in &self.stage.instructions {
            let froms = instruction.mounts().filter_map(|mount| mount.field("from"));
            for from in froms.chain(instruction.flag("from")) {
                let numbered = from.parse::<usize>().is_ok_and(|number| number < self.at);
                if !numbered {
                    self.image(instruction.line, from, findings);
                }
            }
        }
    }

    /// An earlier stage, or an image with a tag or a digest that does not move on its own.
    fn image(&self, line: u32, image: &str, findings: &mut Findings) {
        let default = self.default_of(image);
        let image = default.as_deref().unwrap_or(image);
        if self.stage_named(image).is_some() || image.contains("@sha256:") {
            return;
        }
        let name = image.rsplit('/').next().unwrap_or(image);
        match name.split_once(':') {
            None if image.contains(['/', '.']) => {
                findings.add(line, format!("the image `{image}` has no tag"));
            }
            None => {
                findings.add(line, format!("`{image}` is neither an earlier stage nor an image with a tag"));
            }
            Some((_, "latest")) => {
                findings.add(line, format!("`{image}` moves: a version is missing"));
            }
            Some(_) => {}
        }
    }

    /// The default of a global argument that stands for the whole name.
    fn default_of(&self, image: &str) -> Option<String> {
        let name = image.strip_prefix('$')?;
        let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
        let defaults = self.file.args.iter().filter_map(|arg| arg.plain().ok()).flatten();
        defaults
            .filter_map(|arg| {
                arg.text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
            })
            .find(|(argument, _)| argument == name)
            .map(|(_, value)| value)
    }

    fn variables(&self, findings: &mut Findings) {
        let mut declared: BTreeSet<String> =
            self.lineage().iter().skip(1).flat_map(|stage| &stage.instructions).flat_map(declares).collect();
        for instruction in &self.stage.instructions {
            declared.extend(declares(instruction));
            for name in uses(instruction, findings) {
                if !declared.contains(&name) {
                    findings.add(
                        instruction.line,
                        format!("`{name}` is used and this stage does not declare `ARG {name}`"),
                    );
                }
            }
        }
    }

    /// A relative folder means something only below an absolute `WORKDIR`.
    fn folders(&self, findings: &mut Findings) {
        let absolute = |instruction: &Instruction| instruction.operands.iter().any(|path| is_absolute(path));
        let mut placed = self.lineage().iter().skip(1).flat_map(|stage| stage.all("WORKDIR")).any(absolute);
        for instruction in &self.stage.instructions {
            let target = match instruction.keyword.as_str() {
                "WORKDIR" => instruction.operands.first(),
                "COPY" | "ADD" => instruction.operands.last(),
                _ => None,
            };
            let Some(target) = target else { continue };
            if !placed && !is_absolute(target) {
                findings.add(
                    instruction.line,
                    format!("`{target}` is relative and no absolute `WORKDIR` stands before it"),
                );
            }
            placed |= instruction.keyword == "WORKDIR" && absolute(instruction);
        }
    }
}

/// A path from the root, or one whose beginning only the build knows.
fn is_absolute(path: &str) -> bool {
    path.trim_start_matches(['"', '\'']).starts_with(['/', '$'])
}

fn declares(instruction: &Instruction) -> Vec<String> {
    if !["ARG", "ENV"].contains(&instruction.keyword.as_str()) {
        return Vec::new();
    }
    let name = |operand: &String| operand.split('=').next().unwrap_or_default().to_owned();
    instruction.operands.iter().map(name).collect()
}

/// The variables that nothing but a declaration can set: those of flags, of sources, and those of the platform anywhere.
/// (A base image may set others, `HOME` in a destination among them.)
fn uses(instruction: &Instruction, findings: &mut Findings) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    match instruction.flag_variables() {
        Ok(variables) => used.extend(variables),
        Err(error) => findings.add(error.line, error.message),
    }
    if let Some((_, sources)) = findings.plain(instruction).split_last() {
        let copies = ["COPY", "ADD"].contains(&instruction.keyword.as_str());
        used.extend(sources.iter().filter(|_| copies).flat_map(|source| source.variables.clone()));
    }
    let mentions = |name: &str| {
        let mut texts = instruction.operands.iter().chain(instruction.heredocs.iter().map(|it| &it.content));
        texts.any(|text| mentions(text, name))
    };
    used.extend(PLATFORM.iter().filter(|name| mentions(name)).map(|name| (*name).to_owned()));
    used
}

fn mentions(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + name.len()..).unwrap_or_default();
        (before.ends_with('$') || before.ends_with("${"))
            && !after.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_')
    })
}

#[cfg(test)]
mod tests;
