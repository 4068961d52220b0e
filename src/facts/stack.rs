//! The language of a project, and the questions that every language answers from its own facts: whoever asks one of
//! them needs to know no language.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::{
    Evidence, Found, GoFacts, JavaFacts, NodeFacts, PhpFacts, PythonFacts, RustFacts, StaticFacts, WebServer,
};

/// What only one language has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stack {
    /// A Go program.
    Go(Box<GoFacts>),
    /// A program or site that Node's or Bun's tools build or run.
    Node(Box<NodeFacts>),
    /// A program that runs on the JVM.
    Java(Box<JavaFacts>),
    /// A Rust program.
    Rust(Box<RustFacts>),
    /// A program that Python runs.
    Python(Box<PythonFacts>),
    /// A program that PHP runs, within Apache or by itself.
    Php(Box<PhpFacts>),
    /// Files that are served as they lie.
    Static(StaticFacts),
}

/// What a program takes that something else may build.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'a> {
    /// The folder below which that lies, relative to the repository.
    pub root: &'a Utf8Path,
    /// What the compiler takes in.
    pub embeds: &'a [Found<Utf8PathBuf>],
    /// What of it git does not hold.
    pub built: &'a [Found<Utf8PathBuf>],
    /// What is read when it runs and git does not hold.
    pub served: &'a [Found<Utf8PathBuf>],
}

impl Stack {
    /// A web server serves files; no program of the project's own runs.
    #[must_use]
    pub fn serves_files(&self) -> bool {
        match self {
            Self::Static(_) => true,
            Self::Node(facts) => facts.start.is_none() && facts.site.is_some(),
            Self::Go(_) | Self::Java(_) | Self::Php(_) | Self::Python(_) | Self::Rust(_) => false,
        }
    }

    /// A web server's configuration of the project's own, relative to its root.
    #[must_use]
    pub fn nginx(&self) -> Option<&Found<Utf8PathBuf>> {
        match self {
            Self::Static(facts) => facts.nginx.as_ref(),
            Self::Node(facts) => facts.nginx.as_ref(),
            Self::Go(_) | Self::Java(_) | Self::Php(_) | Self::Python(_) | Self::Rust(_) => None,
        }
    }

    /// What that configuration says, where the files are served with it.
    #[must_use]
    pub fn web_server(&self) -> Option<&WebServer> {
        match self {
            Self::Static(facts) => facts.server.as_ref(),
            Self::Node(facts) if facts.start.is_none() => facts.server.as_ref(),
            Self::Node(_) | Self::Go(_) | Self::Java(_) | Self::Php(_) | Self::Python(_) | Self::Rust(_) => {
                None
            }
        }
    }

    /// Keeps what the configuration says.
    pub fn set_web_server(&mut self, server: WebServer) {
        match self {
            Self::Static(facts) => facts.server = Some(server),
            Self::Node(facts) => facts.server = Some(server),
            Self::Go(_) | Self::Java(_) | Self::Php(_) | Self::Python(_) | Self::Rust(_) => {}
        }
    }

    /// What says which program starts, and how.
    #[must_use]
    pub fn start_evidence(&self) -> &[Evidence] {
        match self {
            Self::Go(facts) => facts.package.as_ref().map(|one| one.because.as_slice()),
            Self::Node(facts) => facts.start.as_ref().map(|one| one.because.as_slice()),
            Self::Java(facts) => facts.artefact.as_ref().map(|one| one.because.as_slice()),
            Self::Rust(facts) => facts.binary.as_ref().map(|one| one.because.as_slice()),
            Self::Python(facts) => facts.start.as_ref().map(|one| one.because.as_slice()),
            Self::Php(facts) => {
                let site = facts.site.as_ref().map(|one| one.because.as_slice());
                site.or(facts.start.as_ref().map(|one| one.because.as_slice()))
            }
            Self::Static(_) => None,
        }
        .unwrap_or_default()
    }

    /// The name that the manifest gives the project, where that is not its folder's.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        match self {
            Self::Node(facts) => facts.package.as_deref(),
            Self::Php(facts) => facts.package.as_deref(),
            Self::Python(facts) => facts.package.as_deref(),
            Self::Rust(facts) => Some(&facts.package),
            Self::Go(_) | Self::Java(_) | Self::Static(_) => None,
        }
    }

    /// Manifests and lock files that the install reads: relative to the repository.
    #[must_use]
    pub fn manifests(&self) -> &[Utf8PathBuf] {
        match self {
            Self::Go(facts) => &facts.manifests,
            Self::Node(facts) => &facts.tool.manifests,
            Self::Java(facts) => &facts.tool.manifests,
            Self::Php(facts) => facts.composer.as_ref().map_or(&[], |composer| &composer.manifests),
            Self::Python(facts) => &facts.tool.manifests,
            Self::Rust(facts) => &facts.manifests,
            Self::Static(_) => &[],
        }
    }

    /// Folders beside it that its image is made without: relative to the repository.
    #[must_use]
    pub fn others(&self) -> &[Utf8PathBuf] {
        match self {
            Self::Go(facts) => &facts.others,
            Self::Node(facts) => &facts.others,
            Self::Java(facts) => &facts.others,
            Self::Rust(facts) => &facts.others,
            Self::Php(_) | Self::Python(_) | Self::Static(_) => &[],
        }
    }

    /// Paths that the compiler takes in, certificates among them: relative to the repository.
    #[must_use]
    pub fn embeds(&self) -> Vec<Utf8PathBuf> {
        match self {
            Self::Go(facts) => facts.embeds.iter().map(|embed| embed.value.clone()).collect(),
            Self::Rust(facts) => facts.embeds.iter().map(|embed| embed.value.clone()).collect(),
            Self::Node(_) | Self::Java(_) | Self::Php(_) | Self::Python(_) | Self::Static(_) => Vec::new(),
        }
    }

    /// What a front end's build may make for it.
    #[must_use]
    pub fn takes_built(&self) -> Option<Taken<'_>> {
        match self {
            Self::Go(facts) => Some(Taken {
                root: &facts.module_root,
                embeds: &facts.embeds,
                built: &facts.embeds_built,
                served: &facts.reads_built,
            }),
            Self::Python(facts) => {
                Some(Taken { root: &facts.tool.root, embeds: &[], built: &[], served: &facts.reads_built })
            }
            Self::Rust(facts) => Some(Taken {
                root: &facts.workspace_root,
                embeds: &facts.embeds,
                built: &facts.embeds_built,
                served: &facts.reads_built,
            }),
            Self::Node(facts) => {
                // The repository as a whole: what a server serves may lie beside it.
                Some(Taken { root: Utf8Path::new(""), embeds: &[], built: &[], served: &facts.reads_built })
            }
            Self::Java(_) | Self::Php(_) | Self::Static(_) => None,
        }
    }

    /// Everything that the build or the program takes in by its path: relative to the repository; `root` is the project's.
    #[must_use]
    pub fn takes_in(&self, root: &Utf8Path) -> Vec<Utf8PathBuf> {
        match self {
            Self::Go(_) | Self::Rust(_) => self.embeds(),
            Self::Node(facts) => facts.sources.iter().map(|source| root.join(source)).collect(),
            Self::Java(facts) => facts.tool.manifests.clone(),
            Self::Php(facts) => facts.takes_in(root),
            Self::Python(facts) => facts.reached.clone(),
            Self::Static(facts) => vec![root.join(&facts.site)],
        }
    }

    /// Whether a file that a line of the .dockerignore names is one that the program or site is built from.
    #[must_use]
    pub fn is_built_from(&self, line: &str, file: &Utf8Path) -> bool {
        match self {
            Self::Go(_) => file.extension() == Some("go") && !file.as_str().ends_with("_test.go"),
            Self::Node(facts) => facts.start.is_none() && (line.starts_with('*') || line == "docs"),
            Self::Java(facts) => facts.builds_from(file),
            Self::Rust(facts) => facts.is_built_from(line, file),
            Self::Python(facts) => facts.built_from.iter().any(|own| own == file),
            Self::Php(_) | Self::Static(_) => false,
        }
    }
}
