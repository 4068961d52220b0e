//! From a plan to text: the plan's plain values are encoded for their places here, and the templates of
//! `templates/` only say how it looks. A repository may override any of them in `.dfgen/templates/`.

use std::sync::OnceLock;

use camino::Utf8Path;
use include_dir::{Dir, include_dir};
use serde::Serialize;
use tera::{Context, Tera};

use crate::error::{Error, ErrorKind, Result};
use crate::plan::bake::{Bake, Target};
use crate::plan::{Act, Copy, File, Mount, Runtime, Service, Stage, Step};
use crate::repo::Repo;
use crate::text;

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The templates, ours and the repository's.
pub struct Templates {
    tera: Tera,
    /// Those of [`SELDOM`], parsed when one is asked for; `None` where `tera` has them.
    seldom: Option<OnceLock<Tera>>,
}

/// What most services do without, and what nothing of the other templates includes.
const SELDOM: [&str; 2] = ["docker-bake.tera", "file/"];

/// The two files of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The Dockerfile.
    pub dockerfile: String,
    /// The .dockerignore.
    pub dockerignore: String,
}

#[derive(Serialize)]
struct StageView {
    purpose: Vec<String>,
    from: String,
    name: String,
    workdir: String,
    roomy: bool,
    packages: Vec<StepView>,
    env: Vec<StepView>,
    setup: Vec<StepView>,
    manifests: Vec<StepView>,
    install: Vec<StepView>,
    sources: Vec<StepView>,
    build: Vec<StepView>,
}

#[derive(Serialize, Default)]
struct StepView {
    because: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    copy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<RunView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    env: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workdir: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<FileView>,
}

#[derive(Serialize)]
struct RunView {
    mounts: Vec<String>,
    commands: Vec<Vec<String>>,
}

#[derive(Serialize)]
struct FileView {
    to: String,
    text: String,
}

#[derive(Serialize)]
struct RuntimeView {
    workdir: String,
    provisions: Vec<StepView>,
    env: Vec<StepView>,
    copies: Vec<StepView>,
    volumes: String,
    user: String,
    expose: Vec<ExposeView>,
    healthcheck: String,
    labels: Vec<String>,
    start_because: String,
    entrypoint: String,
    cmd: String,
}

/// The last stage, and before it the same with a shell where that was asked for.
#[derive(Serialize)]
struct TargetView {
    purpose: Vec<String>,
    image: String,
    name: &'static str,
}

#[derive(Serialize)]
struct ExposeView {
    port: u16,
    because: String,
}

/// A target of the bake file: every value is a string of HCL, or a list of them without its brackets.
#[derive(Serialize)]
struct TargetRow {
    name: String,
    context: String,
    dockerfile: String,
    tag: String,
    args: String,
    secrets: String,
    ssh: String,
}

#[derive(Serialize)]
struct Heading {
    title: String,
    lines: Vec<String>,
}

impl Templates {
    /// The binary's templates, under those of the repository's `.dfgen/templates/`.
    ///
    /// # Errors
    /// A template of the repository does not parse; Tera's message says where.
    pub fn load(repo: &Repo) -> Result<Self> {
        let folder = Utf8Path::new(".dfgen/templates");
        let mut own: Vec<(String, String)> = Vec::new();
        for path in repo.under(folder).filter(|path| path.extension() == Some("tera")) {
            let (Ok(name), Some(text)) = (path.strip_prefix(folder), repo.read(path)?) else { continue };
            own.push((format!("user/{name}"), text.to_string()));
        }
        // A template of the repository may include any of ours.
        if own.is_empty() {
            let tera = parsed(builtin(|name| !is_seldom(name)))?;
            return Ok(Self { tera, seldom: Some(OnceLock::new()) });
        }
        own.extend(builtin(|_| true));
        Ok(Self { tera: parsed(own)?, seldom: None })
    }

    /// Both files of a service.
    ///
    /// # Errors
    /// A template of the repository fails.
    pub fn render(
        &self,
        service: &Service,
        headings: &std::collections::BTreeMap<String, String>,
    ) -> Result<Rendered> {
        let mut context = Context::new();
        context.insert("stages", &self.stages(service)?);
        let ignore: Vec<Heading> = service
            .ignore
            .iter()
            .map(|(heading, lines)| Heading {
                title: headings.get(heading).unwrap_or(heading).clone(),
                lines: lines.clone(),
            })
            .collect();
        context.insert("headings", &ignore);
        Ok(Rendered {
            dockerfile: self.text("Dockerfile.tera", &context)?,
            dockerignore: self.text("dockerignore.tera", &context)?,
        })
    }

    /// The file that builds several services together.
    ///
    /// # Errors
    /// A template of the repository fails.
    pub fn bake(&self, bake: &Bake) -> Result<String> {
        let targets: Vec<TargetRow> = bake.targets.iter().map(target_row).collect();
        let mut context = Context::new();
        context.insert("targets", &targets);
        self.text("docker-bake.tera", &context)
    }

    /// Each stage by itself: a template that extends one of ours has its blocks only where it is rendered as the whole.
    fn stages(&self, service: &Service) -> Result<Vec<String>> {
        let mut texts = Vec::new();
        for stage in &service.stages {
            let mut context = Context::new();
            context.insert("stage", &self.stage(stage)?);
            texts.push(self.text("stage/build.tera", &context)?);
        }
        for target in targets(&service.runtime) {
            let mut context = Context::new();
            context.insert("runtime", &self.runtime(&service.runtime)?);
            context.insert("target", &target);
            texts.push(self.text("stage/runtime.tera", &context)?);
        }
        Ok(texts.iter().map(|text| format!("{}\n", text.trim_matches('\n'))).collect())
    }

    fn text(&self, name: &str, context: &Context) -> Result<String> {
        let failed = |error| Error::new(ErrorKind::Broken, format!("the template `{name}` fails: {error}"));
        self.tera(name)?.render(name, context).map_err(failed)
    }

    fn tera(&self, name: &str) -> Result<&Tera> {
        let Some(seldom) = self.seldom.as_ref().filter(|_| is_seldom(name)) else { return Ok(&self.tera) };
        if let Some(tera) = seldom.get() {
            return Ok(tera);
        }
        let tera = parsed(builtin(is_seldom))?;
        Ok(seldom.get_or_init(|| tera))
    }

    fn stage(&self, stage: &Stage) -> Result<StageView> {
        let platform = if stage.native { "--platform=$BUILDPLATFORM " } else { "" };
        let explained = stage.manifests.first().is_some_and(|step| !step.because.is_empty());
        Ok(StageView {
            purpose: comments(&stage.purpose),
            from: format!("{platform}{}", stage.image),
            name: stage.name.clone(),
            workdir: text::path_word(&stage.workdir),
            roomy: explained && !stage.build.is_empty(),
            packages: self.steps(&stage.packages)?,
            env: self.steps(&stage.env)?,
            setup: self.steps(&stage.setup)?,
            manifests: self.steps(&stage.manifests)?,
            install: self.steps(&stage.install)?,
            sources: self.steps(&stage.sources)?,
            build: self.steps(&stage.build)?,
        })
    }

    fn runtime(&self, runtime: &Runtime) -> Result<RuntimeView> {
        let exec = |words: &[String]| if words.is_empty() { String::new() } else { text::exec_form(words) };
        Ok(RuntimeView {
            workdir: runtime.workdir.as_deref().map(text::path_word).unwrap_or_default(),
            provisions: self.steps(&runtime.provisions)?,
            env: self.steps(&runtime.env)?,
            copies: self.steps(&runtime.copies)?,
            volumes: exec(&runtime.volumes),
            user: runtime.user.clone(),
            expose: runtime.expose.iter().map(expose).collect(),
            healthcheck: runtime.healthcheck.as_deref().map(exec).unwrap_or_default(),
            labels: runtime.labels.iter().map(|(name, value)| label(name, value)).collect(),
            start_because: runtime.start_because.as_deref().map(text::comment).unwrap_or_default(),
            entrypoint: exec(&runtime.entrypoint),
            cmd: exec(&runtime.cmd),
        })
    }

    fn steps(&self, steps: &[Step]) -> Result<Vec<StepView>> {
        steps.iter().map(|step| self.step(step)).collect()
    }

    fn step(&self, step: &Step) -> Result<StepView> {
        let mut view = StepView { because: comments(&step.because), ..StepView::default() };
        match &step.act {
            Act::Copy(one) => view.copy = Some(copy(one)),
            Act::Run(one) => view.run = Some(run(&one.mounts, &one.commands)),
            Act::Env(pairs) => {
                view.env = Some(pairs.iter().map(|(name, value)| text::pair(name, value)).collect());
            }
            Act::Path(folder, pairs) => {
                let path = format!("PATH={}:$PATH", text::path_word(folder));
                let pairs = pairs.iter().map(|(name, value)| text::pair(name, value));
                view.env = Some([path].into_iter().chain(pairs).collect());
            }
            Act::Arg(name, None) => view.arg = Some(name.clone()),
            Act::Arg(name, Some(value)) => view.arg = Some(text::pair(name, value)),
            Act::Workdir(path) => view.workdir = Some(text::path_word(path)),
            Act::File(one) => view.file = Some(self.file(one)?),
        }
        Ok(view)
    }

    fn file(&self, file: &File) -> Result<FileView> {
        let mut context = Context::new();
        context.insert("port", &file.port);
        context.insert("spa", &file.spa);
        context.insert("root", &file.root);
        context.insert("front", &file.front);
        let text = self.text(&format!("file/{}.tera", file.template), &context)?;
        Ok(FileView { to: text::path_word(&file.to), text })
    }
}

fn target_row(target: &Target) -> TargetRow {
    let list =
        |words: &[String]| words.iter().map(|word| text::hcl_string(word)).collect::<Vec<_>>().join(", ");
    TargetRow {
        name: text::hcl_string(&target.name),
        context: text::hcl_string(&target.context),
        dockerfile: text::hcl_string(&target.dockerfile),
        // A name is letters, digits and dashes: what stands behind it is ours to expand.
        tag: format!("\"{}:${{TAG}}\"", crate::detect::slug(&target.name)),
        args: if target.versioned { "VERSION = TAG".to_owned() } else { String::new() },
        secrets: list(&target.secrets),
        ssh: list(&target.ssh),
    }
}

fn targets(runtime: &Runtime) -> Vec<TargetView> {
    let debug = runtime.debug_image.as_ref().map(|image| TargetView {
        purpose: vec!["debug is runtime with a shell: `docker build --target debug`.".to_owned()],
        image: image.clone(),
        name: "debug",
    });
    let last =
        TargetView { purpose: comments(&runtime.purpose), image: runtime.image.clone(), name: "runtime" };
    debug.into_iter().chain([last]).collect()
}

fn is_seldom(name: &str) -> bool {
    SELDOM.iter().any(|start| name.starts_with(start))
}

fn parsed(templates: Vec<(String, String)>) -> Result<Tera> {
    let broken =
        |error: tera::Error| Error::new(ErrorKind::Broken, format!("a template does not parse: {error}"));
    let mut tera = Tera::default();
    tera.set_fallback_prefixes(vec!["user/".to_owned(), "builtin/".to_owned()]).map_err(broken)?;
    tera.add_raw_templates(templates).map_err(broken)?;
    Ok(tera)
}

/// The binary's templates of some names, each under the name that the fallback prefixes look for.
fn builtin(wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let mut all = Vec::new();
    collect(&TEMPLATES, &mut all);
    all.into_iter()
        .filter(|(name, _)| wanted(name))
        .map(|(name, text)| (format!("builtin/{name}"), text.to_owned()))
        .collect()
}

fn collect(dir: &'static Dir, all: &mut Vec<(&'static str, &'static str)>) {
    let files = dir.files().filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)));
    all.extend(files);
    for inner in dir.dirs() {
        collect(inner, all);
    }
}

fn comments(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| text::comment(line)).collect()
}

fn expose((port, because): &(u16, Option<String>)) -> ExposeView {
    ExposeView { port: *port, because: because.as_deref().map(text::comment).unwrap_or_default() }
}

/// A label's value may name a build argument: it is quoted, and only `${...}` of ours is left to expand.
fn label(name: &str, value: &str) -> String {
    match value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
        Some(_) => format!("{name}=\"{value}\""),
        None => text::pair(name, value),
    }
}

fn copy(copy: &Copy) -> String {
    let from = copy.from.as_ref().map(|stage| format!("--from={stage} ")).unwrap_or_default();
    let chown = copy.chown.as_ref().map(|owner| format!("--chown={owner} ")).unwrap_or_default();
    format!("{from}{chown}{}", text::copy_operands(&copy.sources, &copy.to))
}

fn run(mounts: &[Mount], commands: &[String]) -> RunView {
    let commands = commands.iter().map(|command| command.lines().map(str::to_owned).collect()).collect();
    RunView { mounts: mounts.iter().map(mount).collect(), commands }
}

/// A build without the secret ends at once, and not with whatever its tool says of an address that it cannot read.
fn demanded(required: bool) -> &'static str {
    if required { ",required=true" } else { "" }
}

fn mount(mount: &Mount) -> String {
    match mount {
        Mount::Cache { id, target, locked } => {
            let sharing = if *locked { ",sharing=locked" } else { "" };
            format!("type=cache,id={id},target={target}{sharing}")
        }
        Mount::SecretFile { id, target, required } => {
            format!("type=secret,id={id},target={target}{}", demanded(*required))
        }
        Mount::SecretEnv { name, required } => {
            format!("type=secret,id={name},env={name}{}", demanded(*required))
        }
        Mount::Ssh => "type=ssh,required=true".to_owned(),
    }
}
