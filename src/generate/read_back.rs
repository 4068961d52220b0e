//! What is about to be written, held against the repository: a Dockerfile that would not build is never written.

use camino::{Utf8Path, Utf8PathBuf};

use crate::compose::Composition;
use crate::emit::dockerignore::Patterns;
use crate::emit::verify;
use crate::error::Error;
use crate::facts::Stack;
use crate::generate::Generated;
use crate::repo::{Repo, below};

/// Something that would not build, or that dfgen promises not to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line of the Dockerfile, counted from 1.
    pub line: Option<u32>,
    /// Lower case, names in back-ticks, no full stop.
    pub message: String,
    help: String,
}

impl Problem {
    /// As the error that it is where dfgen wrote the text.
    #[must_use]
    pub fn error(self, place: &Utf8Path) -> Error {
        Error::broken(place, self.line, format!("would not build: {}", self.message)).help(self.help)
    }
}

/// Everything that is wrong with a Dockerfile and a .dockerignore for this service.
#[must_use]
pub fn problems(repo: &Repo, generated: &Generated, dockerfile: &str, ignore: &str) -> Vec<Problem> {
    let (composition, context) = (&generated.composition, &generated.service.context);
    let files: Vec<Utf8PathBuf> =
        repo.under(context).filter_map(|file| below(file, context).map(Utf8PathBuf::from)).collect();
    let ignore = Patterns::parse(ignore);
    let patterns = ignore.as_ref().ok();
    let hidden =
        patterns.and_then(|patterns| hidden(composition, context, patterns, &files)).map(|file| Problem {
            line: None,
            message: format!("`{file}` is excluded by the .dockerignore"),
            help: format!("let it in: add `!{file}` to the .dockerignore"),
        });
    let found = verify::verify(dockerfile, &ignore, &files).into_iter().map(|finding| Problem {
        line: Some(finding.line),
        message: finding.message,
        help: "look at `--stdout`; a .dockerignore of the project's own may exclude what the build reads"
            .to_owned(),
    });
    hidden.into_iter().chain(found).collect()
}

/// A file that every build of this kind reads and that the .dockerignore hides: `COPY . .` would take what is left.
fn hidden(
    composition: &Composition,
    context: &Utf8Path,
    patterns: &Patterns,
    files: &[Utf8PathBuf],
) -> Option<Utf8PathBuf> {
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
        Stack::Java(facts) => {
            let apart: Vec<Utf8PathBuf> = facts.others.iter().cloned().filter_map(inner).collect();
            let own = |file: &&Utf8PathBuf| !apart.iter().any(|dir| file.starts_with(dir));
            let sources =
                files.iter().filter(|file| facts.builds_from(file) && file.as_str().contains("src/main/"));
            let sources = sources.filter(own);
            let manifests = facts.tool.manifests.iter().cloned().filter_map(inner);
            manifests.chain(sources.cloned()).collect()
        }
        Stack::Rust(facts) => facts.manifests.iter().cloned().filter_map(inner).collect(),
        Stack::Node(_) => inner(main.root.join("package.json")).into_iter().collect(),
        Stack::Php(facts) => {
            let index = facts.site.iter().map(|site| main.root.join(&site.value).join("index.php"));
            let manifests = facts.composer.iter().flat_map(|composer| composer.manifests.iter().cloned());
            index.chain(manifests).filter_map(inner).collect()
        }
        Stack::Python(facts) => {
            facts.reached.iter().chain(&facts.tool.manifests).cloned().filter_map(inner).collect()
        }
        Stack::Static(facts) => inner(main.root.join(&facts.site).join("index.html")).into_iter().collect(),
    };
    needed.into_iter().find(|file| files.contains(file) && patterns.excludes(file))
}
