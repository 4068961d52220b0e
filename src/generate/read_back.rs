//! What is about to be written, held against the repository: a Dockerfile that would not build is never written.

use camino::{Utf8Path, Utf8PathBuf};

use crate::compose::Composition;
use crate::emit::dockerignore::Patterns;
use crate::emit::verify;
use crate::error::{Error, Result};
use crate::facts::Stack;
use crate::plan::Service;
use crate::repo::Repo;

/// Everything written is read back: a finding is a defect of the repository's own templates or of dfgen.
///
/// # Errors
/// The first finding, at its line of the Dockerfile.
pub(super) fn read_back(
    repo: &Repo,
    (composition, service): (&Composition, &Service),
    dockerfile: &str,
    ignore: &str,
    place: &Utf8Path,
) -> Result<()> {
    let files: Vec<Utf8PathBuf> = repo
        .under(&service.context)
        .filter_map(|file| file.strip_prefix(&service.context).ok().map(Utf8Path::to_owned))
        .collect();
    if let Some(file) = hidden(composition, &service.context, ignore, &files) {
        return Err(Error::broken(
            place,
            None,
            format!("would not build: `{file}` is excluded by the .dockerignore"),
        )
        .help(format!("let it in: add `!{file}` to the .dockerignore")));
    }
    match verify::verify(dockerfile, ignore, &files).into_iter().next() {
        None => Ok(()),
        Some(finding) => Err(Error::broken(
            place,
            Some(finding.line),
            format!("would not build: {}", finding.message),
        )
        .help("look at `--stdout`; a .dockerignore of the project's own may exclude what the build reads")),
    }
}

/// A file that every build of this kind reads and that the .dockerignore hides: `COPY . .` would take what is left.
fn hidden(
    composition: &Composition,
    context: &Utf8Path,
    ignore: &str,
    files: &[Utf8PathBuf],
) -> Option<Utf8PathBuf> {
    let patterns = Patterns::parse(ignore).ok()?;
    let inner = |path: Utf8PathBuf| path.strip_prefix(context).map(Utf8Path::to_owned).ok();
    let main = &composition.main;
    let needed: Vec<Utf8PathBuf> = match &main.stack {
        Stack::Go(facts) => {
            let package = facts.package.as_ref().map_or(".", |package| package.value.as_str());
            let folder = crate::detect::join_inside(&facts.module_root, package)?;
            let folder = inner(folder)?;
            let here =
                files.iter().filter(|file| file.parent() == Some(&folder) && file.extension() == Some("go"));
            let sources = here.filter(|file| !file.as_str().ends_with("_test.go")).cloned();
            let module = facts.has_module.then(|| inner(facts.module_root.join("go.mod"))).flatten();
            sources.chain(module).collect()
        }
        Stack::Node(_) => inner(main.root.join("package.json")).into_iter().collect(),
        Stack::Static(facts) => inner(main.root.join(&facts.site).join("index.html")).into_iter().collect(),
    };
    needed.into_iter().find(|file| files.contains(file) && patterns.excludes(file))
}
