//! JSON schemas, made from the types that read and write: for editors, and for programs that read dfgen's output.

use std::collections::BTreeMap;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::Serialize;

use super::json::{Explain, Init};
use super::plan::Told;
use crate::answers::Settings;
use crate::knowledge::Detector;

/// `dfgen.toml`: answers for the repository's own folder, and for services in folders of theirs.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "its schema is what it is for")]
struct Answers {
    #[serde(flatten)]
    own: Settings,
    /// Every service of the repository is meant, as `--all` says.
    #[serde(default)]
    all: bool,
    /// Services by their folders.
    #[serde(default)]
    services: BTreeMap<String, Settings>,
}

/// What `--format json` prints.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "its schema is what it is for")]
enum Output<'a> {
    /// `init`
    Init(Init),
    /// `explain`
    Explain(Explain),
    /// `update` and `check`
    Run(Told<'a>),
}

/// What there is a schema of.
pub const NAMES: [&str; 3] = ["dfgen.toml", "output", "detector"];

/// The schema of one of [`NAMES`].
#[must_use]
pub fn schema(name: &str) -> Option<String> {
    match name {
        "dfgen.toml" => Some(of::<Answers>(name)),
        "output" => Some(of::<Output<'_>>(name)),
        "detector" => Some(of::<Detector>(name)),
        _ => None,
    }
}

fn of<T: JsonSchema>(name: &str) -> String {
    let mut generator = SchemaSettings::draft2020_12();
    generator.inline_subschemas = false;
    let mut schema = generator.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), format!("dfgen: {name}").into());
    super::json::pretty(&schema)
}
