//! What a run does, or would do: for people a few lines, for programs the same as JSON.

use camino::Utf8Path;
use schemars::JsonSchema;
use serde::Serialize;

use super::json::{LeftOutRow, SCHEMA, left_out, pretty};
use super::plain;
use crate::emit::lock::version;
use crate::merge::{Side, Stretch};
use crate::review::Remark;
use crate::update::{Drift, FactChange, Fate, File, Plan, Service, Together};

/// The product of `update` and `check`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Told<'a> {
    /// The version of this format.
    schema: u32,
    /// Whether the files are what dfgen would write, edits aside.
    current: bool,
    /// The services, sorted by folder.
    services: Vec<ToldService<'a>>,
    /// The file that builds all of them together.
    #[serde(skip_serializing_if = "Option::is_none")]
    bake: Option<ToldBake<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ToldBake<'a> {
    /// Targets that changed since the lock was written.
    facts: Vec<ToldFact<'a>>,
    dfgen: ToldDfgen<'a>,
    file: ToldFile,
    /// Folders of services that are none any more.
    removed: &'a [String],
    /// What is no service.
    left_out: Vec<LeftOutRow>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ToldService<'a> {
    root: &'a str,
    /// The project's facts that changed since the lock was written.
    facts: Vec<ToldFact<'a>>,
    dfgen: ToldDfgen<'a>,
    /// What dfgen would do otherwise in a Dockerfile that it did not write.
    review: &'a [Remark],
    files: Vec<ToldFile>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ToldFact<'a> {
    about: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
    because: &'a str,
}

/// Drift of what dfgen knows, apart from the project's.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ToldDfgen<'a> {
    /// The version that wrote the files.
    wrote: Option<&'a str>,
    /// This version.
    version: String,
    /// It would write them differently, and does not until `update --upgrade`.
    held_back: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ToldFile {
    path: String,
    fate: &'static str,
    /// What dfgen changes.
    changes: Vec<ToldChange>,
    /// What a person changed, and stays.
    edits: Vec<ToldChange>,
    conflicts: Vec<ToldConflict>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ToldChange {
    before: String,
    after: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ToldConflict {
    line: usize,
    why: String,
    base: String,
    yours: String,
    fresh: String,
}

/// The product of a run as JSON.
#[must_use]
pub fn plan_json(plan: &Plan) -> String {
    let services = plan.services.iter().map(told).collect();
    let bake = plan.together.as_ref().map(|together| ToldBake {
        facts: facts(&together.drift),
        dfgen: dfgen(&together.drift),
        file: told_file(&together.file),
        removed: &together.removed,
        left_out: left_out(&together.left_out),
    });
    let told = Told { schema: SCHEMA, current: !plan.changes(), services, bake };
    pretty(&told)
}

fn facts<'a>(drift: &'a Drift) -> Vec<ToldFact<'a>> {
    let one = |fact: &'a FactChange| {
        let FactChange { about, before, after, because } = fact;
        ToldFact { about, before: before.as_deref(), after: after.as_deref(), because }
    };
    drift.facts.iter().map(one).collect()
}

fn dfgen(drift: &Drift) -> ToldDfgen<'_> {
    let Drift { written_by, held_back, .. } = drift;
    ToldDfgen { wrote: written_by.as_deref(), version: version(), held_back: *held_back }
}

fn told(service: &Service) -> ToldService<'_> {
    ToldService {
        root: &service.root,
        facts: facts(&service.drift),
        dfgen: dfgen(&service.drift),
        review: &service.review,
        files: service.files.iter().map(told_file).collect(),
    }
}

fn told_file(file: &File) -> ToldFile {
    let clear = || file.merged.stretches.iter().filter(|one| one.conflict.is_none());
    let change =
        |before: &str, after: &str| ToldChange { before: before.to_owned(), after: after.to_owned() };
    let changes = clear().filter(|one| taken(one)).map(|one| change(&one.base, &one.fresh));
    let edits = clear().filter(|one| edit(one)).map(|one| change(&one.base, &one.yours));
    let whole = file.fate == Fate::Created && file.moved_from.is_none();
    ToldFile {
        path: file.path.to_string(),
        fate: fate(file.fate),
        changes: if whole { Vec::new() } else { changes.collect() },
        edits: edits.collect(),
        conflicts: conflicts_of(file),
    }
}

fn taken(stretch: &Stretch) -> bool {
    stretch.renewed() && !matches!(stretch.side, Side::Yours | Side::Passed)
}

fn edit(stretch: &Stretch) -> bool {
    stretch.edited() && stretch.side != Side::Both
}

fn conflicts_of(file: &File) -> Vec<ToldConflict> {
    let mut line = 1;
    let mut conflicts = Vec::new();
    for stretch in &file.merged.stretches {
        if let Some(why) = &stretch.conflict {
            let Stretch { base, yours, fresh, .. } = stretch.clone();
            conflicts.push(ToldConflict { line, why: why.clone(), base, yours, fresh });
        }
        line += stretch.yours.lines().count();
    }
    conflicts
}

fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Created => "created",
        Fate::Unchanged => "unchanged",
        Fate::Renewed => "renewed",
        Fate::Merged => "merged",
        Fate::Adopted => "adopted",
        Fate::Replaced => "replaced",
        Fate::Gone => "gone",
        Fate::Conflict => "conflict",
    }
}

/// What changed in the project, what that changes in the files, and which edits stay.
#[must_use]
pub(super) fn update(drift: &Drift, files: &[File]) -> Vec<(&'static str, String)> {
    let mut rows: Vec<(&'static str, String)> = Vec::new();
    let mut changes: Vec<&Stretch> = stretches(files)
        .filter(|one| taken(one))
        .filter(|one| !label(&one.fresh, &one.base).is_empty())
        .collect();
    let facts = &drift.facts;
    let told = |at: usize, fact: &FactChange| {
        let same = |one: &FactChange| (&one.before, &one.after) == (&fact.before, &fact.after);
        facts.get(..at).unwrap_or_default().iter().any(same)
    };
    for (_, fact) in facts.iter().enumerate().filter(|(at, fact)| !told(*at, fact)) {
        let (mine, others): (Vec<_>, Vec<_>) = changes.into_iter().partition(|one| belongs(one, fact));
        changes = others;
        let labels: Vec<String> = mine.iter().map(|one| label(&one.fresh, &one.base)).collect();
        let colon = if labels.is_empty() { "" } else { ": " };
        rows.push(("changed", format!("{}{colon}{}", sentence(fact), listed(&labels))));
    }
    if let Some(version) = &drift.written_by {
        let own = crate::emit::lock::version();
        let how = if drift.held_back {
            "would write this differently: `dfgen update --upgrade` takes it"
        } else {
            "writes this now"
        };
        rows.push(("dfgen", format!("{own} {how}; {version} wrote it last")));
    }
    let labels: Vec<String> = changes.iter().map(|one| label(&one.fresh, &one.base)).collect();
    rows.extend((!labels.is_empty()).then(|| ("rewrote", listed(&labels))));
    let kept: Vec<String> = stretches(files)
        .filter(|one| edit(one))
        .map(|one| label(if one.side == Side::Woven { &one.text } else { &one.yours }, &one.base))
        .filter(|one| !one.is_empty())
        .collect();
    let passed: Vec<String> = stretches(files)
        .filter(|one| one.side == Side::Passed)
        .map(|one| label(&one.fresh, ""))
        .filter(|one| !one.is_empty())
        .collect();
    rows.extend((!passed.is_empty()).then(|| ("passed", format!("{}: you took it out", listed(&passed)))));
    rows.extend(
        (!kept.is_empty() && files.iter().any(File::changes))
            .then(|| ("kept", format!("your {}", listed(&kept)))),
    );
    rows
}

fn stretches(files: &[File]) -> impl Iterator<Item = &Stretch> {
    let files = files.iter().filter(|file| file.there.is_some() && file.fate != Fate::Replaced);
    files.flat_map(|file| &file.merged.stretches).filter(|one| one.conflict.is_none())
}

/// Whether a change of the file comes from a change of a fact: the values stand in it.
fn belongs(stretch: &Stretch, fact: &FactChange) -> bool {
    let has =
        |text: &str, value: &Option<String>| value.as_ref().is_none_or(|value| text.contains(value.as_str()));
    let named = fact.before.is_some() || fact.after.is_some();
    let new = |value: &Option<String>| value.as_ref().is_some_and(|value| !value.is_empty());
    named
        && (new(&fact.before) || new(&fact.after))
        && has(&stretch.base, &fact.before)
        && has(&stretch.fresh, &fact.after)
}

fn sentence(fact: &FactChange) -> String {
    let because = if fact.because.is_empty() { String::new() } else { format!(" ({})", fact.because) };
    match (&fact.before, &fact.after) {
        (Some(before), Some(after)) => format!("{} {before} to {after}{because}", fact.about),
        (None, Some(after)) => format!("{} {after}{because}, new", fact.about),
        (Some(before), None) => format!("{} {before}, gone", fact.about),
        (None, None) => fact.about.clone(),
    }
}

/// The first line that is new and does something; what was taken out is told as such.
fn label(now: &str, before: &str) -> String {
    let does = |line: &str| !line.trim().is_empty() && !line.starts_with('#');
    let lines = |text: &str| text.lines().filter(|line| does(line)).map(str::to_owned).collect::<Vec<_>>();
    let (now, before) = (lines(now), lines(before));
    let new = now.iter().find(|line| !before.contains(line)).or(now.first());
    let told = |line: &String| {
        let line = line.trim_end_matches('\\').trim();
        let cut: String = line.chars().take(72).collect();
        if cut.len() < line.len() { format!("`{cut}...`") } else { format!("`{cut}`") }
    };
    new.map(told)
        .or_else(|| before.first().map(|line| format!("{} taken out", told(line))))
        .unwrap_or_default()
}

fn listed(labels: &[String]) -> String {
    const SHOWN: usize = 6;
    let shown = labels.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match labels.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The conflicts with their sides, and what to do.
#[must_use]
pub fn conflicts(plan: &Plan, written: bool) -> String {
    let mut text = String::new();
    let mut count = 0;
    for file in plan.files() {
        for conflict in conflicts_of(file) {
            count += 1;
            text.push_str(&one_conflict(&file.path, &conflict));
        }
    }
    let (count, them) =
        if count == 1 { ("1 conflict".to_owned(), "it") } else { (format!("{count} conflicts"), "them") };
    let help = if written {
        format!("both sides of {them} are in the file: keep what is right, take the markers out\n")
    } else {
        format!(
            "`dfgen update --markers` writes both sides of {them} into the file, to decide there\nhelp: or take dfgen's side over by hand; `dfgen update --rebase-lock` keeps yours as it is\n"
        )
    };
    let said = if written { "written with markers" } else { "nothing was written" };
    plain(&format!("error: {count}, {said}\n{text}help: {help}"))
}

fn one_conflict(path: &Utf8Path, conflict: &ToldConflict) -> String {
    let side = |name: &str, text: &str| {
        let mut lines: Vec<String> = text.lines().map(|line| format!("  {name:>10} | {line}\n")).collect();
        if lines.is_empty() {
            lines.push(format!("  {name:>10} |\n"));
        }
        lines.concat()
    };
    let ToldConflict { line, why, base, yours, fresh } = conflict;
    format!(
        "{path}:{line}: {why}\n{}{}{}",
        side("yours", yours),
        side("dfgen was", base),
        side("dfgen now", fresh)
    )
}

/// What has drifted, for `check`.
#[must_use]
pub fn check(plan: &Plan) -> String {
    let mut lines = Vec::new();
    for service in &plan.services {
        let several = if plan.services.len() > 1 { format!("{}: ", service.root) } else { String::new() };
        for (about, text) in
            update(&service.drift, &service.files).iter().filter(|(about, _)| *about != "kept")
        {
            lines.push(format!("{about:>10}  {several}{text}"));
        }
        lines.extend(remarks(service));
        for file in &service.files {
            lines.push(format!("{:>10}  {}", state(file), file.path));
        }
    }
    lines.extend(plan.together.iter().flat_map(checked));
    let is = |fate: Fate| plan.files().any(|file| file.fate == fate);
    let end = match plan.changes() {
        true if is(Fate::Replaced) => "`dfgen init --adopt` takes over what is there",
        true if is(Fate::Conflict) => "`dfgen update` tells where an edit and a change are at odds",
        true => "`dfgen update` brings them up to date",
        false => "",
    };
    lines.extend((!end.is_empty()).then(|| format!("{:>10}  {end}", "drifted")));
    plain(&(lines.join("\n") + "\n"))
}

/// What changed in the file that builds all services together. Where targets did, its lines have nothing to add.
pub(super) fn baked(together: &Together) -> Vec<(&'static str, String)> {
    let mut rows = update(&together.drift, std::slice::from_ref(&together.file));
    rows.retain(|(about, _)| *about != "rewrote" || together.drift.facts.is_empty());
    rows
}

/// The file that builds all services together, and what is none any more.
fn checked(together: &Together) -> Vec<String> {
    let gone = together.removed.iter().map(|root| ("removed", format!("{root} is no service any more")));
    let rows = baked(together).into_iter().filter(|(about, _)| *about != "kept");
    let file = (state(&together.file), together.file.path.to_string());
    gone.chain(rows).chain([file]).map(|(about, text)| format!("{about:>10}  {text}")).collect()
}

/// The review of a Dockerfile that dfgen did not write.
pub(super) fn remarks(service: &Service) -> impl Iterator<Item = String> {
    let path = service.files.first().map(|file| file.path.clone()).unwrap_or_default();
    service.review.iter().map(move |remark| {
        let Remark { line, yours, fresh, why } = remark;
        let instead = if fresh.is_empty() { String::new() } else { format!("; dfgen: {fresh}") };
        let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
        format!("{:>10}  {path}:{line}: {yours}{instead}{why}", "differs")
    })
}

fn state(file: &File) -> &'static str {
    match file.fate {
        Fate::Created => "missing",
        Fate::Unchanged | Fate::Adopted => "current",
        Fate::Renewed | Fate::Merged => "behind",
        Fate::Replaced => "not ours",
        Fate::Gone => "left out",
        Fate::Conflict => "conflict",
    }
}
