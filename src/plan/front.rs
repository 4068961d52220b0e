//! Front ends that are built for another program: a stage for each, and how that program takes what it makes.

use camino::Utf8Path;

use super::layout::{absolute, in_context};
use super::{Stage, Step, Wishes, node, runtime, version};
use crate::compose::Composition;
use crate::error::Result;
use crate::knowledge::Knowledge;

/// A stage for each front end, and how the toolchain of each was picked.
///
/// # Errors
/// The tables lack its package manager.
pub fn stages<'a>(
    composition: &'a Composition,
    context: &Utf8Path,
    knowledge: &'a Knowledge,
    wishes: &'a Wishes,
) -> Result<(Vec<Stage>, Vec<version::Picked<'a>>)> {
    let ends = composition.front_ends.iter().enumerate();
    ends.map(|(number, end)| node::front_end(&end.project, &name(number), context, knowledge, wishes))
        .collect()
}

/// The folders that the build context has to hold for the front ends.
pub fn folders(composition: &Composition) -> impl Iterator<Item = &Utf8Path> {
    let ends = composition.front_ends.iter();
    ends.flat_map(|end| [end.project.root.as_path(), node::tool_root(&end.project)])
}

/// The name of a front end's stage.
pub(super) fn name(number: usize) -> String {
    if number == 0 { "ui".to_owned() } else { format!("ui{}", number + 1) }
}

/// What the compiler takes in: copied to where the sources have it.
#[must_use]
pub fn embedded(composition: &Composition, context: &Utf8Path) -> Vec<Step> {
    copies(composition, context, true, |into| in_context(into, context))
}

/// What the program reads when it runs: copied to where it looks for it.
#[must_use]
pub fn served(composition: &Composition, context: &Utf8Path) -> Vec<Step> {
    copies(composition, context, false, |into| in_context(into, &composition.main.root))
}

fn copies(
    composition: &Composition,
    context: &Utf8Path,
    embedded: bool,
    to: impl Fn(&Utf8Path) -> String,
) -> Vec<Step> {
    let ends = composition.front_ends.iter().enumerate().filter(|(_, end)| end.embedded == embedded);
    let each = ends.flat_map(|(number, end)| {
        let because = vec![runtime::sentence(end.output.says())];
        let first = (number, &end.output.value, &end.into, because);
        let beside = end.beside.iter().map(move |made| (number, made, made, Vec::new()));
        [first].into_iter().chain(beside)
    });
    each.map(|(number, made, into, because)| {
        let made = absolute("/src", &in_context(made, context));
        Step { because, ..Step::copy_from(&name(number), made, to(into)) }
    })
    .collect()
}
