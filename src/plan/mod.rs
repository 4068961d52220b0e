//! From facts to decisions: which images, which steps in which order, and why. Pure: nothing here reads a
//! repository or writes a file.

use camino::Utf8PathBuf;

use crate::facts::{Decision, Note};

pub mod access;
pub mod bake;
pub mod base;
pub mod extras;
pub mod front;
pub mod go;
pub mod ignore;
pub mod java;
pub mod layout;
pub mod node;
pub mod php;
pub mod python;
pub mod runtime;
pub mod rust;
mod service;
pub mod site;
pub mod version;

/// How dependencies are kept between builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CacheStyle {
    /// Cache mounts with explicit ids.
    #[default]
    Mounts,
    /// Layers alone, for builders without mounts and for registry caches.
    Layers,
}

/// What was asked for of the output's form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Mounts or layers.
    pub cache: CacheStyle,
    /// A further target with a shell.
    pub debug_target: bool,
    /// OCI labels and the arguments that they take.
    pub labels: bool,
    /// Labels of the project's own.
    pub own_labels: std::collections::BTreeMap<String, String>,
    /// A HEALTHCHECK.
    pub healthcheck: bool,
}

impl Wishes {
    /// What differs from the default, for the lock.
    #[must_use]
    pub fn named(&self) -> Vec<(String, String)> {
        let all = [
            ("dependencies kept", "in layers", self.cache == CacheStyle::Layers),
            ("debug target", "asked for", self.debug_target),
            ("labels", "asked for", self.labels),
            ("health check", "asked for", self.healthcheck),
        ];
        let own = self.own_labels.iter().map(|(name, value)| (format!("label {name}"), value.clone()));
        let all = all.into_iter().filter(|(.., asked)| *asked);
        all.map(|(about, value, _)| (about.to_owned(), value.to_owned())).chain(own).collect()
    }
}

/// One image: everything that its Dockerfile and .dockerignore say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// A name for the image: lower case letters, digits, dashes.
    pub id: String,
    /// The project's folder, relative to the repository.
    pub root: Utf8PathBuf,
    /// The build context, relative to the repository.
    pub context: Utf8PathBuf,
    /// The language's id.
    pub language: String,
    /// The toolchain's version.
    pub version: Option<String>,
    /// The strategy that was taken.
    pub strategy: String,
    /// Build stages in order.
    pub stages: Vec<Stage>,
    /// The last stage.
    pub runtime: Runtime,
    /// The .dockerignore, by heading.
    pub ignore: Vec<(String, Vec<String>)>,
    /// What was decided and what was rejected.
    pub decisions: Vec<Decision>,
    /// What a person should be told.
    pub notes: Vec<Note>,
    /// What `docker build` has to be given (`--secret id=npmrc,src=.npmrc`).
    pub build_flags: Vec<String>,
    /// Variables that it cannot start without.
    pub required_env: Vec<String>,
}

/// A build stage. The order of its fields is the order of its layers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stage {
    /// Lower case, unique.
    pub name: String,
    /// The comment above FROM; it begins with the stage's name.
    pub purpose: Vec<String>,
    /// The image, or an earlier stage.
    pub image: String,
    /// Runs on the builder's own platform, whatever it builds for.
    pub native: bool,
    /// Where it works.
    pub workdir: String,
    /// Variables for the whole stage.
    pub env: Vec<Step>,
    /// System packages.
    pub packages: Vec<Step>,
    /// The package manager itself.
    pub setup: Vec<Step>,
    /// Manifests and lock files.
    pub manifests: Vec<Step>,
    /// Dependencies from manifests alone.
    pub install: Vec<Step>,
    /// Sources.
    pub sources: Vec<Step>,
    /// The build.
    pub build: Vec<Step>,
}

/// One instruction and the reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Comment lines above it; none where nobody would ask.
    pub because: Vec<String>,
    /// The instruction.
    pub act: Act,
}

/// An instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// COPY.
    Copy(Copy),
    /// RUN.
    Run(Run),
    /// ENV.
    Env(Vec<(String, String)>),
    /// ENV with a folder in front of PATH, and further variables.
    Path(String, Vec<(String, String)>),
    /// ARG, with a default where there is one.
    Arg(String, Option<String>),
    /// WORKDIR, where it has to come after what is copied to that place.
    Workdir(String),
    /// A file that the Dockerfile itself holds.
    File(File),
}

/// A configuration file that no repository has: its text is a template.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct File {
    /// `templates/file/NAME.tera`.
    pub template: String,
    /// Where it goes.
    pub to: String,
    /// The port that a server in it listens on.
    pub port: u16,
    /// Unknown paths are the application's own routes.
    pub spa: bool,
    /// The folder that a server in it serves: plain letters, as the detector takes care of.
    pub root: String,
    /// The script that answers unknown paths.
    pub front: Option<String>,
}

/// COPY: plain paths; they are encoded when they are rendered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Copy {
    /// A stage; none is the build context.
    pub from: Option<String>,
    /// A numeric owner.
    pub chown: Option<String>,
    /// Paths.
    pub sources: Vec<String>,
    /// Where to: a folder's contents go into a folder; ends in `/` for several sources.
    pub to: String,
}

/// RUN: commands that are shell text already (words went through `text::shell_word`), joined by `&&`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Run {
    /// Mounts.
    pub mounts: Vec<Mount>,
    /// Shell text; a line break in it is kept with a backslash.
    pub commands: Vec<String>,
}

/// A mount of RUN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mount {
    /// A cache.
    Cache {
        /// Its id.
        id: String,
        /// Where.
        target: String,
        /// One build at a time.
        locked: bool,
    },
    /// A secret as a file.
    SecretFile {
        /// Its id.
        id: String,
        /// Where.
        target: String,
        /// Nothing is built without it.
        required: bool,
    },
    /// A secret as a variable of its own name.
    SecretEnv {
        /// The variable, and the id.
        name: String,
        /// Nothing is built without it.
        required: bool,
    },
    /// The builder's SSH agent.
    Ssh,
}

impl Stage {
    /// Adds a command to the stage's last RUN, or makes one for it.
    pub fn also_run(&mut self, command: String) {
        let groups = [&mut self.build, &mut self.install, &mut self.setup];
        let last =
            groups.into_iter().flat_map(|group| group.iter_mut().rev()).find_map(|step| {
                match &mut step.act {
                    Act::Run(run) => Some(run),
                    _ => None,
                }
            });
        match last {
            Some(run) => run.commands.push(command),
            None => self.build.push(Step::run(vec![], vec![command])),
        }
    }
}

impl Step {
    /// An instruction that explains itself.
    #[must_use]
    pub fn plain(act: Act) -> Self {
        Self { because: Vec::new(), act }
    }

    /// An instruction with a line of reason.
    #[must_use]
    pub fn because(line: impl Into<String>, act: Act) -> Self {
        Self { because: vec![line.into()], act }
    }

    /// COPY from the build context.
    #[must_use]
    pub fn copy(sources: Vec<String>, to: impl Into<String>) -> Self {
        Self::plain(Act::Copy(Copy { sources, to: to.into(), ..Copy::default() }))
    }

    /// COPY from a stage.
    #[must_use]
    pub fn copy_from(stage: &str, source: impl Into<String>, to: impl Into<String>) -> Self {
        let from = Some(stage.to_owned());
        Self::plain(Act::Copy(Copy { from, sources: vec![source.into()], to: to.into(), chown: None }))
    }

    /// RUN.
    #[must_use]
    pub fn run(mounts: Vec<Mount>, commands: Vec<String>) -> Self {
        Self::plain(Act::Run(Run { mounts, commands }))
    }
}

/// The last stage. The order of its fields is the order of its layers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Runtime {
    /// The comment above FROM.
    pub purpose: Vec<String>,
    /// The image.
    pub image: String,
    /// Where it works; none keeps the image's.
    pub workdir: Option<String>,
    /// Packages, a user, an init: what the image lacks.
    pub provisions: Vec<Step>,
    /// Variables.
    pub env: Vec<Step>,
    /// The artefact and what it needs, the steadiest first.
    pub copies: Vec<Step>,
    /// Folders that it writes to: absolute.
    pub volumes: Vec<String>,
    /// Numeric user and group.
    pub user: String,
    /// The ports, with a reason where the main one has one.
    pub expose: Vec<(u16, Option<String>)>,
    /// The program.
    pub entrypoint: Vec<String>,
    /// Its arguments.
    pub cmd: Vec<String>,
    /// Why it starts like that.
    pub start_because: Option<String>,
    /// An exec form that ends with 0 when all is well.
    pub healthcheck: Option<Vec<String>>,
    /// OCI labels.
    pub labels: Vec<(String, String)>,
    /// An image of the same with a shell, for a further target.
    pub debug_image: Option<String>,
}
