//! Variables that a program cannot go on without and that its entry does not tell: what a framework's routes ask for,
//! what an example of settings lists.

use camino::{Utf8Path, Utf8PathBuf};

use super::code::Reached;
use super::framework::Used;
use super::work::Work;
use crate::detect::Context;
use crate::facts::{Evidence, Found, Project, Variable};

/// The package that starts nothing while a variable of the example is missing.
const CHECKED: &str = "dotenv-safe";
/// The example that it reads where nothing else is said.
const EXAMPLE: &str = ".env.example";

/// Adds what the routes of a framework's own server throw without.
pub(super) fn by_routes(cx: &Context, main: Option<&Used>, project: &mut Project) {
    let Some(used) = main.filter(|used| !used.row.routes.is_empty()) else { return };
    let entries: Vec<Utf8PathBuf> =
        used.row.routes.iter().flat_map(|place| sources(cx, &project.root.join(place))).collect();
    let reached = Reached::all(cx, &project.root, &entries, None);
    let public = |name: &str| used.row.public.iter().any(|prefix| name.starts_with(prefix.as_str()));
    for found in reached.required_to_load() {
        let known = project.env.iter().any(|one| one.value.name == found.value.name);
        if !known && !public(&found.value.name) {
            project.env.push(found);
        }
    }
}

/// The sources below a folder, or a file itself.
fn sources(cx: &Context, place: &Utf8Path) -> Vec<Utf8PathBuf> {
    let source = |file: &&Utf8PathBuf| {
        matches!(
            file.extension(),
            Some("ts" | "tsx" | "mts" | "js" | "jsx" | "mjs" | "svelte" | "astro" | "vue")
        )
    };
    if cx.repo.has(place) {
        return vec![place.to_owned()];
    }
    cx.repo.under(place).filter(source).cloned().collect()
}

/// Adds what dotenv-safe insists on, and the example that it reads while the program runs.
pub(super) fn by_example(cx: &Context, work: &Work, project: &mut Project) {
    let file = work.root.join(EXAMPLE);
    if !work.manifest.in_production(CHECKED) {
        return;
    }
    let Some(text) = cx.repo.source(&file) else { return };
    for (line, number) in text.lines().zip(1u32..) {
        let Some((name, _)) = line.split_once('=') else { continue };
        let name = name.trim().trim_start_matches("export ").trim();
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let listens = project.listen.iter().any(|listen| listen.value.variable.as_deref() == Some(name));
        let known = listens || project.env.iter().any(|one| one.value.name == name);
        if name.is_empty() || !plain || known || name == "NODE_ENV" {
            continue;
        }
        let says = format!("{CHECKED} asks for what {EXAMPLE} lists");
        let variable = Variable { name: name.to_owned(), value: None, required: true };
        project.env.push(Found::new(variable, Evidence::line(&file, number, says)));
    }
    project.reads.push(Found::new(Utf8PathBuf::from(EXAMPLE), work.at_dependency(CHECKED)));
}
