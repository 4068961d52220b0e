//! The stages that install and build: manifests before sources, one tool, one lock file.

use camino::{Utf8Path, Utf8PathBuf};

use super::Build;
use crate::facts::{Found, NodeFacts};
use crate::plan::layout::{absolute, copies, in_context};
use crate::plan::{Act, CacheStyle, Mount, Run, Stage, Step, access, runtime};

/// What the runtime stage takes from which stage.
pub(super) struct Parts {
    pub(super) stages: Vec<Stage>,
    pub(super) deps: Option<&'static str>,
    pub(super) built: Option<&'static str>,
}

pub(super) fn init_packages(build: &Build) -> Vec<String> {
    build.knowledge.system.capabilities.get("init").map(|row| row.build.clone()).unwrap_or_default()
}

/// A stage for what an image without a shell cannot make itself, where nothing is installed or built.
pub(super) fn tools_stage(build: &Build, says: &str, packages: &[String]) -> Stage {
    Stage {
        name: "tools".into(),
        purpose: vec![format!("tools has what the runtime image cannot make itself. {says}")],
        image: build.image.clone(),
        packages: runtime::install(build.knowledge, manager(build), packages, &[]).into_iter().collect(),
        ..Stage::default()
    }
}

fn manager(build: &Build) -> &'static str {
    if build.alpine { "apk" } else { "apt" }
}

impl Parts {
    /// The stage that makes the folders for the runtime stage: the one whose artefacts it takes, not one that others build on.
    pub(super) fn maker(&self) -> usize {
        let wanted = self.deps.or(self.built);
        self.stages.iter().position(|stage| Some(stage.name.as_str()) == wanted).unwrap_or(0)
    }
}

/// The dependencies alone, the build, or both, as far as the project has them. What both begin with is a stage of its own.
pub(super) fn parts(build: &Build, says: &str, extra: &[String]) -> Parts {
    let facts = build.facts;
    let builds = !facts.build.is_empty();
    let wants_deps = facts.has_dependencies && !facts.standalone;
    let keep_all = keeps_everything(build);
    let mut stages = Vec::new();
    if wants_deps && !(builds && keep_all) {
        let which = if keep_all { "every dependency" } else { "production dependencies alone" };
        stages.push(install_stage(
            build,
            "deps",
            &format!("deps holds {which}{}.{}", from_lock(facts), stays(facts)),
            !keep_all,
            extra,
        ));
    }
    if builds {
        let purpose =
            format!("build has the development dependencies, too, and makes what runs.{}", stays(facts));
        let extra = if stages.is_empty() { extra } else { &[] };
        stages.push(build_stage(build, "build", &purpose, extra));
    }
    let deps = match (wants_deps, builds && keep_all) {
        (false, _) => None,
        (true, true) => Some("build"),
        (true, false) => Some("deps"),
    };
    share(&mut stages, says);
    Parts { stages, deps, built: builds.then_some("build") }
}

/// Two stages that begin with the same packages and tools begin with a stage that has them.
fn share(stages: &mut Vec<Stage>, says: &str) {
    if let [first, second] = stages.as_mut_slice()
        && !(second.packages.is_empty() && second.setup.is_empty())
    {
        let base = Stage {
            name: "base".to_owned(),
            purpose: vec![format!("base has what installing takes. {says}")],
            image: first.image.clone(),
            workdir: std::mem::take(&mut first.workdir),
            env: std::mem::take(&mut first.env),
            packages: std::mem::take(&mut first.packages),
            setup: std::mem::take(&mut first.setup),
            ..Stage::default()
        };
        for stage in [first, second] {
            "base".clone_into(&mut stage.image);
            (stage.workdir, stage.env, stage.packages, stage.setup) = Default::default();
        }
        stages.insert(0, base);
    } else if let Some(purpose) = stages.first_mut().and_then(|first| first.purpose.first_mut()) {
        *purpose = format!("{purpose} {says}");
    }
}

fn from_lock(facts: &NodeFacts) -> String {
    let name = facts.tool.lock.as_ref().and_then(|lock| lock.file_name());
    name.map_or(String::new(), |name| format!(", from {name}"))
}

/// Why the image has what package.json lists for development.
fn stays(facts: &NodeFacts) -> String {
    let because = facts.keeps_dev.iter().flat_map(|found| &found.because).next();
    because.map_or(String::new(), |one| format!(" The image keeps those for development: {}.", one.says))
}

/// A generated client lies among the dependencies, or development tools run the program.
fn keeps_everything(build: &Build) -> bool {
    let facts = build.facts;
    let generated = facts.prisma.is_some() && facts.tool.id != "npm";
    generated || facts.keeps_dev.is_some() || facts.tool.no_production
}

fn install_stage(build: &Build, name: &str, purpose: &str, production: bool, extra: &[String]) -> Stage {
    let mut stage = Stage {
        name: name.to_owned(),
        purpose: vec![purpose.to_owned()],
        image: build.image.clone(),
        workdir: build.workdir.clone(),
        ..Stage::default()
    };
    prepare(build, &mut stage, production, extra);
    stage
}

/// Packages, the package manager, the manifests and the install.
fn prepare(build: &Build, stage: &mut Stage, production: bool, extra: &[String]) {
    let needs = &build.project.needs;
    let (mut packages, because) =
        runtime::build_packages(build.knowledge, needs, &build.offers, build.alpine, &build.suite);
    packages.extend(extra.iter().cloned());
    stage.packages.extend(runtime::install(build.knowledge, manager(build), &packages, &because));
    let skips: Vec<(String, String)> =
        build.facts.skip_downloads.iter().map(|skip| skip.value.clone()).collect();
    if let Some(first) = build.facts.skip_downloads.first() {
        let because = format!("What only tests use is not fetched: {}.", first.says());
        stage.env.push(Step::because(because, Act::Env(skips)));
    }
    stage.setup.extend(access::setup(&build.project.access));
    stage.setup.extend(setup(build));
    let manifests: Vec<String> =
        build.facts.tool.manifests.iter().map(|file| manifest_path(build, file)).collect();
    stage.manifests = if build.facts.tool.needs_sources(production) {
        let mut steps = sources(build);
        steps.iter_mut().take(1).for_each(|step| step.because = vec![SOURCES_FIRST.to_owned()]);
        steps
    } else {
        rooted(build, &manifests)
    };
    stage.install.push(install(build, production));
}

const SOURCES_FIRST: &str = "The scripts that the install runs need the sources.";

/// A manifest as COPY names it; a folder keeps its trailing slash.
fn manifest_path(build: &Build, file: &Utf8Path) -> String {
    let folder = file.as_str().ends_with('/');
    let path = in_context(Utf8Path::new(file.as_str().trim_end_matches('/')), &build.context);
    if folder { format!("{path}/") } else { path }
}

/// COPY keeps places below the context; the working folder stands for the tool's root in it.
fn rooted(build: &Build, paths: &[String]) -> Vec<Step> {
    let root = in_context(&build.facts.tool.root, &build.context);
    let mut steps = copies(paths);
    if root == "." {
        return steps;
    }
    for step in &mut steps {
        if let Act::Copy(copy) = &mut step.act {
            copy.to = relative_to(&copy.to, &root);
        }
    }
    steps
}

fn relative_to(to: &str, root: &str) -> String {
    let plain = to.trim_start_matches("./");
    match plain.strip_prefix(root) {
        Some("" | "/") => "./".to_owned(),
        Some(rest) if rest.starts_with('/') => format!(".{rest}"),
        _ => format!("{}{plain}", "../".repeat(root.split('/').count())),
    }
}

fn setup(build: &Build) -> Option<Step> {
    let tool = build.tool;
    let template = tool.setup.as_ref()?;
    let asked = build.facts.tool.version.as_ref();
    if build.facts.tool.vendored || build.image_tools.contains(&tool.id) {
        return None;
    }
    let version = asked.map(|asked| asked.value.clone()).or_else(|| tool.version.clone())?;
    let command = template.replace("{version}", &crate::text::shell_word(&version));
    let lacks = || format!("The image has no {} of its own.", tool.name);
    let because = asked.map_or_else(lacks, |asked| runtime::sentence(asked.says()));
    Some(Step::because(because, Act::Run(Run { mounts: vec![], commands: vec![command] })))
}

fn install(build: &Build, production: bool) -> Step {
    let (tool, facts) = (build.tool, build.facts);
    let locked = facts.tool.lock.is_some() && facts.tool.frozen;
    let command = match (locked, production) {
        (true, false) => &tool.install,
        (true, true) => &tool.production,
        (false, false) => &tool.unlocked,
        (false, true) => &tool.unlocked_production,
    };
    let mut because = Vec::new();
    let of_one = tool.production_member.as_ref().filter(|_| production).zip(member(build));
    let mut command = match of_one {
        Some((template, package)) => template.replace("{package}", &crate::text::shell_word(package)),
        None => command.clone(),
    };
    for flag in &facts.tool.flags {
        command = format!("{command} {}", crate::text::shell_word(&flag.value));
        because.push(runtime::sentence(&format!("{}.", flag.says())));
    }
    let drops: Vec<&Found<String>> = facts.tool.dropped(production).collect();
    because.extend(drops.iter().map(|drop| runtime::sentence(&format!("{}.", drop.says()))));
    because.extend(facts.tool.env.iter().map(|one| runtime::sentence(&format!("{}.", one.says()))));
    because.extend(access::reasons(&build.project.access));
    let command = with_variables(&facts.tool.env, command);
    let keys: Vec<String> = drops.iter().map(|drop| format!("scripts.{}", drop.value)).collect();
    let ahead = (!keys.is_empty()).then(|| format!("npm pkg delete {}", keys.join(" ")));
    let commands = ahead.into_iter().chain([command]).collect();
    Step { because, act: Act::Run(Run { mounts: mounts(build), commands }) }
}

/// The name of a member whose packages are all that is needed.
fn member<'a>(build: &'a Build) -> Option<&'a str> {
    let facts = build.facts;
    let package = facts.package.as_deref().filter(|_| facts.workspace && !facts.roots_ship)?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "@/._-".contains(letter);
    (package.chars().all(plain) && !package.starts_with('-')).then_some(package)
}

/// Variables in front of one command, so that no layer keeps them.
fn with_variables(variables: &[Found<(String, String)>], command: String) -> String {
    let pairs =
        variables.iter().map(|one| format!("{}={}", one.value.0, crate::text::shell_word(&one.value.1)));
    pairs.chain([command]).collect::<Vec<_>>().join(" ")
}

fn mounts(build: &Build) -> Vec<Mount> {
    let mut mounts = Vec::new();
    if build.wishes.cache == CacheStyle::Mounts {
        let cache = &build.tool.cache;
        mounts.push(Mount::Cache {
            id: cache.id.clone(),
            target: cache.target.clone(),
            locked: cache.locked,
        });
    }
    mounts.extend(access::mounts(&build.project.access));
    mounts
}

/// Everything installed, the sources, the build.
pub(in crate::plan) fn build_stage(build: &Build, name: &str, purpose: &str, extra: &[String]) -> Stage {
    let mut stage = install_stage(build, name, purpose, false, extra);
    if !build.facts.tool.needs_sources(false) {
        stage.sources = sources(build);
    }
    for arg in &build.facts.build_args {
        let because = format!("The bundler puts it into the files ({}).", arg.says());
        stage.build.push(Step::because(because, Act::Arg(arg.value.clone(), None)));
    }
    if build.facts.build.is_empty() {
        return stage;
    }
    let place = in_context(&build.project.root, &build.facts.tool.root);
    if place != "." {
        stage.build.push(Step::plain(Act::Workdir(absolute(&build.workdir, &place))));
    }
    if let Some(first) = build.facts.build_env.first() {
        let pairs = build.facts.build_env.iter().map(|one| one.value.clone()).collect();
        stage.build.push(Step::because(runtime::sentence(first.says()), Act::Env(pairs)));
    }
    let commands = build.facts.build.iter().map(|command| crate::text::shell_line(&command.value)).collect();
    stage.build.push(Step::run(vec![], commands));
    stage
}

fn sources(build: &Build) -> Vec<Step> {
    let root = in_context(&build.facts.tool.root, &build.context);
    if build.facts.workspace {
        let mut folders: Vec<&Utf8Path> = build.facts.siblings.iter().map(Utf8PathBuf::as_path).collect();
        folders.push(&build.project.root);
        if build.context == build.facts.tool.root {
            return vec![Step::copy(vec![".".into()], ".")];
        }
        return folders
            .iter()
            .map(|folder| {
                Step::copy(
                    vec![in_context(folder, &build.context)],
                    in_context(folder, &build.facts.tool.root),
                )
            })
            .collect();
    }
    vec![Step::copy(vec![root], if build.context == build.facts.tool.root { "." } else { "./" })]
}
