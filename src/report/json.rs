//! What programs read: the shape of every `--format json`, of which the published schema is made.

use camino::{Utf8Path, Utf8PathBuf};
use schemars::JsonSchema;
use serde::Serialize;

use crate::compose::LeftOut;
use crate::explain;
use crate::facts::{Evidence, Note};
use crate::generate::Generated;
use crate::update::Plan;

/// The version of the JSON's schema.
pub(super) const SCHEMA: u32 = 1;

/// The product of `init`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Init {
    /// The version of this format.
    schema: u32,
    /// What images are made of.
    #[schemars(length(min = 1))]
    services: Vec<Service>,
    notes: Vec<NoteOut>,
    /// The file that builds all of them together, relative to PATH.
    #[serde(skip_serializing_if = "Option::is_none")]
    bake: Option<String>,
    /// What is no service of the repository, where all were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<LeftOutRow>,
}

/// A folder that holds no service.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LeftOutRow {
    /// Relative to PATH.
    #[schemars(length(min = 1))]
    root: String,
    why: String,
    because: Vec<Because>,
}

pub(super) fn left_out(all: &[LeftOut]) -> Vec<LeftOutRow> {
    let one = |one: &LeftOut| LeftOutRow {
        root: folder(&one.root),
        why: one.why.clone(),
        because: because(&one.because),
    };
    all.iter().map(one).collect()
}

/// What an image is made of.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Service {
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9-]*$"))]
    id: String,
    /// The project's folder, relative to PATH.
    #[schemars(length(min = 1))]
    root: String,
    /// Relative to PATH.
    #[schemars(length(min = 1))]
    dockerfile: String,
    /// The build context, relative to PATH.
    #[schemars(length(min = 1))]
    context: String,
    language: String,
    /// The toolchain's version.
    version: Option<String>,
    /// The image of the last stage.
    base: String,
    /// Entrypoint and command; empty where the base image's own server runs.
    start: Vec<String>,
    #[schemars(range(min = 1))]
    port: Option<u16>,
    /// What `docker build` has to be given: `--secret id=npmrc,src=$HOME/.npmrc`, `--ssh default`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    build_flags: Vec<String>,
}

/// The product of `explain`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Explain {
    /// The version of this format.
    schema: u32,
    /// The program, then the front ends that are built for it.
    #[schemars(length(min = 1))]
    projects: Vec<Project>,
    decisions: Vec<Decision>,
    notes: Vec<NoteOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Project {
    root: String,
    language: String,
    facts: Vec<Fact>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fact {
    about: String,
    value: String,
    because: Vec<Because>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Decision {
    about: String,
    taken: String,
    because: Vec<Because>,
    rejected: Vec<Rejected>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rejected {
    what: String,
    why: String,
}

/// Something that a person should be told.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NoteOut {
    #[schemars(regex(pattern = "^[a-z0-9-]+$"))]
    code: String,
    text: String,
    because: Vec<Because>,
}

/// A piece of evidence.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Because {
    says: String,
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<Utf8PathBuf>,
    #[schemars(range(min = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

fn because(all: &[Evidence]) -> Vec<Because> {
    let one = |one: &Evidence| Because { says: one.says.clone(), file: one.file.clone(), line: one.line };
    all.iter().map(one).collect()
}

fn notes(all: &[Note]) -> Vec<NoteOut> {
    let one = |note: &Note| NoteOut {
        code: note.code.clone(),
        text: note.text.clone(),
        because: because(&note.because),
    };
    all.iter().map(one).collect()
}

fn folder(path: &Utf8Path) -> String {
    if path.as_str().is_empty() { ".".to_owned() } else { path.to_string() }
}

/// The product of `init --format json`.
#[must_use]
pub fn init_json(plan: &Plan) -> String {
    let together = plan.together.as_ref();
    let said = plan.services.iter().flat_map(|one| notes(&one.generated.service.notes));
    pretty(&Init {
        schema: SCHEMA,
        services: plan.services.iter().map(|one| service(&one.generated)).collect(),
        notes: said.collect(),
        bake: together.map(|together| together.file.path.to_string()),
        left_out: together.map(|together| left_out(&together.left_out)).unwrap_or_default(),
    })
}

fn service(generated: &Generated) -> Service {
    let service = &generated.service;
    Service {
        id: service.id.clone(),
        root: folder(&service.root),
        dockerfile: generated.dockerfile.to_string(),
        context: folder(&service.context),
        language: service.language.clone(),
        version: service.version.clone(),
        base: service.runtime.image.clone(),
        start: service.runtime.entrypoint.iter().chain(&service.runtime.cmd).cloned().collect(),
        port: service.runtime.expose.first().map(|(port, _)| *port),
        build_flags: service.build_flags.clone(),
    }
}

/// The product of `explain --format json`.
#[must_use]
pub fn explain_json(generated: &Generated) -> String {
    let ends = generated.composition.front_ends.iter().map(|end| &end.project);
    let fact =
        |row: explain::Row| Fact { about: row.about, value: row.value, because: because(&row.because) };
    let project = |project: &crate::facts::Project| Project {
        root: folder(&project.root),
        language: project.language.clone(),
        facts: explain::rows(project).into_iter().map(fact).collect(),
    };
    let rejected = |(what, why): &(String, String)| Rejected { what: what.clone(), why: why.clone() };
    let decision = |one: &crate::facts::Decision| Decision {
        about: one.about.clone(),
        taken: one.taken.clone(),
        because: because(&one.because),
        rejected: one.rejected.iter().map(rejected).collect(),
    };
    pretty(&Explain {
        schema: SCHEMA,
        projects: [&generated.composition.main].into_iter().chain(ends).map(project).collect(),
        decisions: generated.service.decisions.iter().map(decision).collect(),
        notes: notes(&generated.service.notes),
    })
}

pub(super) fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}
