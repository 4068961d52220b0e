//! A Rust program: compiled with what its crates need, and put where the libraries that it links are.

mod build;

use camino::{Utf8Path, Utf8PathBuf};

use super::base::{self, Chosen, Question};
use super::layout::{common, in_context};
use super::runtime::{self, Written, need};
use super::service::{self, Made};
use super::{Act, Copy, Runtime, Service, Step, Wishes, front};
use crate::answers::Answers;
use crate::compose::Composition;
use crate::error::Result;
use crate::facts::{Found, Kind, Need, Phase, Project, RustFacts};
use crate::knowledge::Knowledge;

const WORKDIR: &str = "/app";
/// Where the build stage has the context.
const SOURCES: &str = "/src";

/// Everything that the parts of this plan look at.
struct Rust<'a> {
    knowledge: &'a Knowledge,
    wishes: &'a Wishes,
    project: &'a Project,
    facts: &'a RustFacts,
    context: Utf8PathBuf,
    chosen: Chosen<'a>,
    written: Vec<Written>,
    workdir: &'a str,
    image: String,
    suite: &'a str,
    needs: &'a Needs,
}

/// What is needed on one C library.
struct Needs {
    all: Vec<Found<Need>>,
    /// Built on musl.
    musl: bool,
    /// On musl, and linked with libraries of the image.
    dynamic: bool,
}

/// Plans the image of a Rust program.
///
/// # Errors
/// The base that was asked for cannot work.
pub fn plan(
    composition: &Composition,
    facts: &RustFacts,
    knowledge: &Knowledge,
    answers: &Answers,
    wishes: &Wishes,
) -> Result<Service> {
    let project = &composition.main;
    let toolchain = service::toolchain(knowledge, "rust")?;
    let picked = service::pick(knowledge, "rust", &project.versions)?;
    let musl = facts.is_musl() || matches!(answers.base.as_deref(), Some("alpine" | "scratch"));
    let needs = needs_of(project, facts, musl);
    let question = Question {
        knowledge,
        toolchain: "rust",
        version: picked.version,
        needs: &needs.all,
        asked: answers.base.as_deref(),
    };
    let chosen = base::choose(question)?;
    let flavour = if musl { "alpine" } else { "debian" };
    let image = base::fill(toolchain.images.get(flavour).map_or("", String::as_str), &question);
    let suite = base::suite_of(&question);
    let workdir = runtime::working_folder(project, WORKDIR);
    let mut written = runtime::written(project, workdir);
    runtime::keep_apart(&mut written, facts.program());
    let context = context_of(composition, facts);
    let rust = Rust {
        knowledge,
        wishes,
        project,
        facts,
        context,
        chosen,
        written,
        workdir,
        image,
        suite,
        needs: &needs,
    };
    let offers = toolchain.offers.get(flavour).cloned().unwrap_or_default();
    let (mut stages, fronts) = front::stages(composition, &rust.context, knowledge, wishes)?;
    stages.push(build::stage(&rust, composition, &offers, &picked.says));
    let runtime = runtime_stage(&rust, composition);
    let made = Made {
        composition,
        knowledge,
        context: rust.context,
        picked,
        fronts,
        chosen: rust.chosen,
        stages,
        runtime,
    };
    Ok(made.service())
}

fn context_of(composition: &Composition, facts: &RustFacts) -> Utf8PathBuf {
    let mut paths: Vec<&Utf8Path> = vec![&facts.workspace_root];
    paths.extend(facts.outside.iter().map(|path| path.parent().unwrap_or(path)));
    paths.extend(
        facts.manifests.iter().filter_map(|file| file.parent()).filter(|dir| !dir.ends_with(".cargo")),
    );
    paths.extend(front::folders(composition));
    common(paths)
}

/// Capabilities that have nothing to do with what is linked.
const UNLINKED: [&str; 6] = ["ca-certificates", "tzdata", "user", "tmp", "glibc", "git"];

fn needs_of(project: &Project, facts: &RustFacts, musl: bool) -> Needs {
    let mut all =
        vec![need("user", Phase::Run, "an ordinary user"), need("tmp", Phase::Run, "temporary files")];
    if !musl {
        all.push(need("libc", Phase::Run, "Rust's standard library links the C library"));
        all.push(need("libgcc", Phase::Run, "Rust's standard library links libgcc"));
        all.extend(project.needs.iter().cloned());
        return Needs { all, musl, dynamic: false };
    }
    let mut dynamic = false;
    for found in &project.needs {
        let id = found.value.capability.as_str();
        let linked = found.value.phase == Phase::Run && !UNLINKED.contains(&id);
        // A static build has these in the binary.
        if linked && (id == "libstdc++" || facts.fixed.iter().any(|fixed| fixed == id)) {
            continue;
        }
        dynamic |= linked;
        all.push(found.clone());
    }
    if dynamic {
        all.push(need("libc", Phase::Run, "libraries that are linked need the C library"));
        all.push(need("libgcc", Phase::Run, "Rust's standard library links libgcc"));
    }
    Needs { all, musl, dynamic }
}

/// Process 1 ignores a signal that it does not handle; what ends by itself needs no init.
fn init_wanted(rust: &Rust) -> bool {
    rust.project.kind.value != Kind::Cli && !rust.facts.handles_sigterm
}

fn runtime_stage(rust: &Rust, composition: &Composition) -> Runtime {
    let user = rust.chosen.image.user.clone();
    let mut runtime = Runtime {
        purpose: vec![format!("runtime {}.", rust.chosen.image.is)],
        image: rust.chosen.tag.clone(),
        workdir: Some(rust.workdir.to_owned()),
        user: user.clone(),
        expose: runtime::expose(rust.project),
        ..Runtime::default()
    };
    let mut chosen = rust.chosen.clone();
    let mut first = Runtime::default();
    let init = if init_wanted(rust) {
        runtime::init(&mut first, &mut chosen, rust.knowledge, ("build", rust.needs.musl))
    } else {
        None
    };
    runtime::provide(&mut runtime, &chosen, rust.knowledge, &rust.needs.all, "build");
    runtime.copies.extend(first.copies);
    runtime::bare_root(&mut runtime, &rust.chosen, "build");
    let env = runtime::environment(rust.project);
    if !env.is_empty() {
        runtime.env.push(Step { because: reasons(rust.project), act: Act::Env(env) });
    }
    runtime::own(&mut runtime, &rust.written, "build", &user);
    runtime.copies.extend(front::served(composition, &rust.context));
    runtime.copies.extend(runtime::assets(rust.project, &rust.context, rust.workdir, &rust.written, &user));
    runtime.copies.extend(in_place(rust));
    let name = rust.facts.program();
    let program = runtime::program(&mut runtime, rust.project, &rust.written, rust.workdir == WORKDIR, name);
    runtime.entrypoint = init.into_iter().flat_map(|init| [init, "--".to_owned()]).chain([program]).collect();
    runtime.cmd = rust.facts.args.iter().map(|arg| arg.value.clone()).collect();
    runtime.start_because = rust.facts.args.first().map(|arg| runtime::sentence(arg.says()));
    runtime
}

/// Why the image sets its variables, a line each.
fn reasons(project: &Project) -> Vec<String> {
    let ports = project.listen.iter().filter(|listen| listen.value.must_set).map(Found::says);
    let values = project.env.iter().filter(|one| one.value.value.is_some()).map(Found::says);
    let mut lines: Vec<String> =
        ports.chain(values).map(|says| format!("{}.", runtime::sentence(says))).collect();
    lines.dedup();
    lines
}

/// What the program looks for at the place where its package was built.
fn in_place(rust: &Rust) -> Vec<Step> {
    let each = rust.facts.reads_in_place.iter().map(|read| {
        let source = in_context(&read.value, &rust.context);
        let because = format!(
            "{}: CARGO_MANIFEST_DIR is the folder that it was built in.",
            runtime::sentence(read.says())
        );
        let to = format!("{SOURCES}/{source}");
        Step::because(because, Act::Copy(Copy { from: None, chown: None, sources: vec![source], to }))
    });
    each.collect()
}
