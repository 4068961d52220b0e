//! A Go program: built on the builder's own platform where no C is needed, and put where its needs are met.

use std::collections::BTreeSet;
use std::fmt::Write;

use camino::{Utf8Path, Utf8PathBuf};

use super::base::{self, Chosen, Question};
use super::layout::{common, copies, in_context};
use super::runtime::{self, Written, need};
use super::service::{self, Made};
use super::{Act, CacheStyle, Mount, Run, Runtime, Service, Stage, Step, Wishes, access, front};
use crate::answers::Answers;
use crate::compose::Composition;
use crate::error::Result;
use crate::facts::{Found, GoFacts, Need, Phase, Project};
use crate::knowledge::Knowledge;

const WORKDIR: &str = "/app";

/// Everything that the parts of this plan look at.
struct Go<'a> {
    knowledge: &'a Knowledge,
    wishes: &'a Wishes,
    project: &'a Project,
    facts: &'a GoFacts,
    context: Utf8PathBuf,
    chosen: Chosen<'a>,
    written: Vec<Written>,
    workdir: &'a str,
    image: String,
    alpine: bool,
}

/// Plans the image of a Go program.
///
/// # Errors
/// The base that was asked for cannot work.
pub fn plan(
    composition: &Composition,
    facts: &GoFacts,
    knowledge: &Knowledge,
    answers: &Answers,
    wishes: &Wishes,
) -> Result<Service> {
    let project = &composition.main;
    let context = context_of(composition, facts);
    let toolchain = service::toolchain(knowledge, "go")?;
    let picked = service::pick(knowledge, "go", &project.versions)?;
    let needs = needs_of(project, facts);
    let question = Question {
        knowledge,
        toolchain: "go",
        version: picked.version,
        needs: &needs,
        asked: answers.base.as_deref(),
    };
    let chosen = base::choose(question)?;
    let alpine = facts.cgo.is_some() && chosen.is("musl");
    let flavour = if alpine { "alpine" } else { "debian" };
    let image = base::fill(toolchain.images.get(flavour).map_or("", String::as_str), &question);
    let workdir = runtime::working_folder(project, WORKDIR);
    let mut written = runtime::written(project, workdir);
    runtime::keep_apart(&mut written, &facts.binary);
    let go = Go { knowledge, wishes, project, facts, context, chosen, written, workdir, image, alpine };
    let offers = toolchain.offers.get(flavour).cloned().unwrap_or_default();
    let (mut stages, fronts) = front::stages(composition, &go.context, knowledge, wishes)?;
    stages.push(build_stage(&go, composition, &needs, &offers, base::suite_of(&question), &picked.says));
    let runtime = runtime_stage(&go, composition, &needs, workdir);
    let made = Made {
        composition,
        knowledge,
        context: go.context,
        picked,
        fronts,
        chosen: go.chosen,
        stages,
        runtime,
    };
    Ok(made.service())
}

fn context_of(composition: &Composition, facts: &GoFacts) -> Utf8PathBuf {
    let mut paths: Vec<&Utf8Path> = vec![&facts.module_root];
    paths.extend(facts.outside.iter().map(Utf8PathBuf::as_path));
    paths.extend(facts.manifests.iter().filter_map(|file| file.parent()));
    paths.extend(front::folders(composition));
    common(paths)
}

fn needs_of(project: &Project, facts: &GoFacts) -> Vec<Found<Need>> {
    let mut needs = vec![
        need("ca-certificates", Phase::Run, "CA certificates, for connections to other servers"),
        need("tzdata", Phase::Run, "the table of time zones"),
        need("user", Phase::Run, "an ordinary user"),
        need("tmp", Phase::Run, "temporary files"),
    ];
    if let Some(cgo) = &facts.cgo {
        for (capability, phase) in [("libc", Phase::Run), ("c-compiler", Phase::Build)] {
            let value = Need { capability: capability.into(), phase };
            needs.push(Found { value, because: cgo.because.clone() });
        }
    }
    if let Some(plugins) = &facts.plugins {
        let value = Need { capability: "glibc".into(), phase: Phase::Run };
        needs.push(Found { value, because: plugins.because.clone() });
    }
    needs.extend(project.needs.iter().cloned());
    needs
}

fn build_stage(
    go: &Go,
    composition: &Composition,
    needs: &[Found<Need>],
    offers: &[String],
    suite: &str,
    says: &str,
) -> Stage {
    let (packages, because) = runtime::build_packages(go.knowledge, needs, offers, go.alpine, suite);
    let manager = if go.alpine { "apk" } else { "apt" };
    let purpose = match &go.facts.cgo {
        None => vec![format!("build cross-compiles on the builder's own platform. {says}")],
        Some(cgo) => vec![
            format!("build needs a C compiler: {}. {says}", cgo.value),
            "Without a cross compiler, other architectures are built under emulation.".to_owned(),
        ],
    };
    Stage {
        name: "build".into(),
        purpose,
        image: go.image.clone(),
        native: go.facts.cgo.is_none(),
        workdir: "/src".into(),
        packages: runtime::install(go.knowledge, manager, &packages, &because).into_iter().collect(),
        setup: private(go),
        manifests: manifests(go),
        install: download(go).into_iter().collect(),
        sources: sources(go, composition),
        build: compile(go),
        ..Stage::default()
    }
}

fn downloads(go: &Go) -> bool {
    go.facts.has_module && go.facts.has_dependencies && !go.facts.vendor
}

fn manifests(go: &Go) -> Vec<Step> {
    if !downloads(go) {
        return Vec::new();
    }
    let files: Vec<String> = go.facts.manifests.iter().map(|file| in_context(file, &go.context)).collect();
    let mut steps = copies(&files);
    if let Some(first) = steps.first_mut() {
        first.because = vec!["Modules alone: this step runs again only when they change.".to_owned()];
    }
    steps
}

/// `go` in the module's folder, wherever that lies in the build context.
fn go_command(go: &Go) -> String {
    match in_context(&go.facts.module_root, &go.context).as_str() {
        "." => "go".to_owned(),
        folder => format!("go -C {}", crate::text::shell_word(folder)),
    }
}

fn download(go: &Go) -> Option<Step> {
    let mut mounts = module_cache(go);
    mounts.extend(access::mounts(&go.project.access));
    let because = access::reasons(&go.project.access);
    let command = format!("{} mod download", go_command(go));
    downloads(go).then(|| Step { because, ..Step::run(mounts, vec![command]) })
}

/// git takes private modules over SSH, from hosts that it knows.
fn private(go: &Go) -> Vec<Step> {
    let Some(private) = go.facts.private.as_ref().filter(|_| downloads(go)) else { return Vec::new() };
    let because =
        format!("{}: these modules come from git, no proxy has them.", runtime::sentence(private.says()));
    let pairs = vec![("GOPRIVATE".to_owned(), private.value.join(","))];
    [Step::because(because, Act::Env(pairs))].into_iter().chain(access::setup(&go.project.access)).collect()
}

fn module_cache(go: &Go) -> Vec<Mount> {
    if go.wishes.cache == CacheStyle::Layers || !downloads(go) {
        return Vec::new();
    }
    vec![Mount::Cache { id: "go-mod".into(), target: "/go/pkg/mod".into(), locked: false }]
}

fn sources(go: &Go, composition: &Composition) -> Vec<Step> {
    let mut steps = vec![Step::copy(vec![".".into()], ".")];
    steps.extend(front::embedded(composition, &go.context));
    steps
}

fn compile(go: &Go) -> Vec<Step> {
    let mut steps = Vec::new();
    let cross = go.facts.cgo.is_none();
    let mounts = go.wishes.cache == CacheStyle::Mounts;
    if cross {
        steps.push(Step::plain(Act::Arg("TARGETOS".into(), None)));
    }
    if cross || mounts {
        steps.push(Step::plain(Act::Arg("TARGETARCH".into(), None)));
    }
    let mut run = Run { mounts: module_cache(go), commands: vec![build_command(go)] };
    // A cache that was emptied since makes this step fetch again.
    run.mounts.extend(access::mounts(&go.project.access));
    if mounts {
        run.mounts.push(Mount::Cache {
            id: "go-build-${TARGETARCH}".into(),
            target: "/root/.cache/go-build".into(),
            locked: false,
        });
    }
    run.commands.extend(runtime::folders(&go.written, go.workdir, &go.chosen));
    steps.push(Step { because: build_reasons(go), act: Act::Run(run) });
    steps
}

fn build_reasons(go: &Go) -> Vec<String> {
    let mut lines = Vec::new();
    if go.facts.cgo.is_none() {
        lines.push("No package of this build needs cgo, so the binary needs no libc.".to_owned());
    }
    for link in &go.facts.link {
        lines.push(format!("{}: {}.", link.value.split('=').next().unwrap_or_default(), link.says()));
    }
    for alike in go.facts.tags.chunk_by(|one, next| one.says() == next.says()) {
        let names: Vec<&str> = alike.iter().map(|tag| tag.value.as_str()).collect();
        let tags = if names.len() == 1 { "tag" } else { "tags" };
        let says = alike.first().map(Found::says).unwrap_or_default();
        lines.push(format!("The {tags} {}: {says}.", names.join(", ")));
    }
    if go.facts.plugins.is_some() {
        lines.push(
            "No -trimpath: this program loads Go plug-ins, whose paths have to match its own.".to_owned(),
        );
    }
    lines
}

fn build_command(go: &Go) -> String {
    let facts = go.facts;
    let mut words = Vec::new();
    if facts.plugins.is_none() {
        words.push("-trimpath".to_owned());
    }
    let tags = tags(go);
    if !tags.is_empty() {
        words.push(format!("-tags={}", crate::text::shell_word(&tags.join(","))));
    }
    words.push(ldflags(facts));
    let package = facts.package.as_ref().map_or(".", |package| package.value.as_str());
    let several = !facts.companions.is_empty();
    let out = if several { "/out/".to_owned() } else { format!("/out/{}", facts.binary) };
    words.extend([
        "-o".to_owned(),
        crate::text::shell_word(&out),
        crate::text::shell_line(&package.split(' ').collect::<Vec<_>>()),
    ]);
    words.extend(facts.companions.iter().map(|one| crate::text::shell_word(&one.value.0)));
    let command = format!("{} build {}", go_command(go), words.join(" "));
    if facts.cgo.is_some() {
        format!("CGO_ENABLED=1 {command}")
    } else {
        format!("CGO_ENABLED=0 GOOS=\"${{TARGETOS}}\" GOARCH=\"${{TARGETARCH}}\"\n{command}")
    }
}

fn tags(go: &Go) -> Vec<String> {
    let mut tags: BTreeSet<String> = go.facts.tags.iter().map(|tag| tag.value.clone()).collect();
    if go.chosen.copy.iter().any(|one| one == "tzdata") {
        tags.insert("timetzdata".to_owned());
    }
    tags.into_iter().collect()
}

fn ldflags(facts: &GoFacts) -> String {
    let mut flags = "-s -w".to_owned();
    for link in &facts.link {
        let simple = link.value.chars().all(|c| c.is_ascii_alphanumeric() || "._/:=+,@-".contains(c));
        let value = if simple { link.value.clone() } else { format!("'{}'", link.value) };
        let _ = write!(flags, " -X {value}");
    }
    if flags.contains(['\'', '$', '`', '"', '\\']) {
        return format!("-ldflags={}", crate::text::shell_word(&flags));
    }
    format!("-ldflags=\"{flags}\"")
}

fn runtime_stage(go: &Go, composition: &Composition, needs: &[Found<Need>], workdir: &str) -> Runtime {
    let user = go.chosen.image.user.clone();
    let mut runtime = Runtime {
        purpose: vec![format!("runtime {}.", go.chosen.image.is)],
        image: go.chosen.tag.clone(),
        workdir: Some(workdir.to_owned()),
        user: user.clone(),
        expose: runtime::expose(go.project),
        ..Runtime::default()
    };
    let mut chosen = go.chosen.clone();
    chosen.copy.retain(|one| one != "tzdata");
    runtime::provide(&mut runtime, &chosen, go.knowledge, needs, "build");
    runtime::bare_root(&mut runtime, &go.chosen, "build");
    let env = runtime::environment(go.project);
    if !env.is_empty() {
        runtime.env.push(Step { because: env_reason(go.project), act: Act::Env(env) });
    }
    runtime::own(&mut runtime, &go.written, "build", &user);
    runtime.copies.extend(assets(go, composition));
    let program = programs(go, &mut runtime, workdir);
    runtime.entrypoint = vec![program];
    runtime.cmd = go.facts.args.iter().map(|arg| arg.value.clone()).collect();
    let mut told: Vec<String> = go.facts.args.iter().map(|arg| runtime::sentence(arg.says())).collect();
    told.dedup();
    runtime.start_because = Some(told.join(". ")).filter(|told| !told.is_empty());
    runtime
}

fn env_reason(project: &Project) -> Vec<String> {
    let set = project.listen.iter().filter(|listen| listen.value.must_set).map(Found::says);
    let opened = project.env.iter().filter(|one| one.value.value.is_some()).map(Found::says);
    set.chain(opened).map(|says| format!("{}.", runtime::sentence(says))).collect()
}

/// The program beside its assets, unless one of them has its name.
fn programs(go: &Go, runtime: &mut Runtime, workdir: &str) -> String {
    let name = &go.facts.binary;
    let path = runtime::program(runtime, go.project, &go.written, workdir == WORKDIR, name);
    for companion in &go.facts.companions {
        runtime.copies.push(Step {
            because: vec![runtime::sentence(&format!("{}.", companion.says()))],
            ..Step::copy_from("build", format!("/out/{}", companion.value.1), "/usr/local/bin/")
        });
    }
    path
}

fn assets(go: &Go, composition: &Composition) -> Vec<Step> {
    let mut steps = front::served(composition, &go.context);
    let owner = &go.chosen.image.user;
    steps.extend(runtime::assets(go.project, &go.context, go.workdir, &go.written, owner));
    steps
}
