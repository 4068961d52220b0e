//! Servers of a project's own around what a framework builds for that: nothing but the file itself says that it starts.

use super::framework::Used;
use super::start::{self, Begin, Looking};
use crate::detect::join_inside;
use crate::facts::{Evidence, Found};

/// A server of the project's own around what a framework builds for that.
pub(super) fn server(looking: &Looking, used: &Used) -> Option<Found<Begin>> {
    let (root, repo) = (&looking.work.root, looking.cx.repo);
    let handler = root.join(used.start.first()?).join(used.row.handler.as_ref()?);
    let entries = looking.cx.knowledge.of("node").entries.iter();
    entries.filter(|path| repo.has(root.join(path))).find_map(|path| {
        let place = root.join(path);
        let module = crate::source::js::read(&repo.source(&place)?);
        let place_of =
            |specifier: &str| join_inside(place.parent()?, specifier).filter(|path| *path == handler);
        let taken = module.imports.iter().find(|one| place_of(&one.specifier).is_some())?;
        let because = Evidence::line(&place, taken.line, format!("{} in {place}", taken.specifier));
        start::file(looking, path, &[], because)
    })
}
