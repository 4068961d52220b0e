//! A repository that projects are made from: what stands in it is no program yet.

use camino::{Utf8Path, Utf8PathBuf};

use crate::detect::Context;
use crate::error::{Error, ErrorKind};

/// What names are put into when a project is made.
const HOLE: &str = "{{";
/// Manifests in whose formats no such thing stands.
const MANIFESTS: [&str; 3] = ["Cargo.toml", "pyproject.toml", "package.json"];

/// The refusal, where the tool that makes projects has its file at the root and names or manifests have holes.
pub(super) fn refusal(cx: &Context) -> Option<Error> {
    let marker = cx.knowledge.templates.iter().find(|name| cx.repo.has(name))?;
    let in_name = || cx.repo.files().iter().any(|path| path.as_str().contains(HOLE));
    let in_manifest = || {
        let mut texts = MANIFESTS.iter().filter_map(|name| cx.repo.source(Utf8Path::new(name)));
        texts.any(|text| text.contains(HOLE))
    };
    (in_name() || in_manifest()).then(|| {
        Error::new(ErrorKind::Nothing, "this is a template, which projects are made from".to_owned())
            .at(&Utf8PathBuf::from(marker), None)
            .help("make a project from it, and run dfgen there")
    })
}
