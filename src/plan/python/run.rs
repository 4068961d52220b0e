//! The stage that runs: the environment before the sources, a user with a name, an init where nothing handles SIGTERM.

use super::{Build, DATA, VENV};
use crate::facts::{Found, Need};
use crate::plan::base::Chosen;
use crate::plan::layout::in_context;
use crate::plan::runtime::{Written, sentence};
use crate::plan::{Act, Copy, Runtime, Step, runtime};

/// Python ignores SIGTERM as process 1 unless its server or the program handles it; a shell passes nothing on.
pub(super) fn init_wanted(build: &Build) -> bool {
    let shell = build.facts.start.as_ref().and_then(|start| start.value.shell.as_ref());
    let replaced = shell.is_none_or(|line| line.starts_with("exec "));
    let cli = matches!(build.project.kind.value, crate::facts::Kind::Cli) && replaced;
    !cli && (!replaced || !build.facts.handles_sigterm)
}

pub(super) fn runtime(build: &Build, chosen: &Chosen, needs: &[Found<Need>], written: &[Written]) -> Runtime {
    let user = chosen.image.user.clone();
    let mut runtime = Runtime {
        purpose: vec![format!("runtime {}.", chosen.image.is)],
        image: chosen.tag.clone(),
        workdir: Some(build.place.clone()),
        user: user.clone(),
        expose: runtime::expose(build.project),
        ..Runtime::default()
    };
    let mut chosen = chosen.clone();
    let mut init = None;
    if init_wanted(build) {
        init = runtime::init(&mut runtime, &mut chosen, build.knowledge, ("build", false));
    }
    runtime::provide(&mut runtime, &chosen, build.knowledge, needs, "build");
    environment(build, &mut runtime);
    runtime.copies.push(Step::copy_from("build", VENV, VENV));
    runtime::own(&mut runtime, written, "build", &user);
    beside(build, &mut runtime, &user);
    runtime.copies.extend(sources(build));
    start(build, &chosen, init, &mut runtime);
    runtime
}

/// The image of a program without packages: the interpreter and the sources, from no other stage.
pub(super) fn bare(build: &Build, chosen: &Chosen, needs: &[Found<Need>], says: &str) -> Runtime {
    let mut made = runtime(build, chosen, needs, &[]);
    made.purpose = vec![format!("runtime has the interpreter; the program takes no packages. {says}")];
    made.copies.retain(|step| !matches!(&step.act, Act::Copy(copy) if copy.from.is_some()));
    for step in &mut made.env {
        if let Act::Path(_, pairs) = &mut step.act {
            step.act = Act::Env(std::mem::take(pairs));
        }
    }
    made
}

fn environment(build: &Build, runtime: &mut Runtime) {
    let mut pairs = vec![
        ("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned()),
        ("PYTHONUNBUFFERED".to_owned(), "1".to_owned()),
    ];
    pairs.extend(runtime::environment(build.project));
    let set = build.project.listen.iter().find(|listen| listen.value.must_set);
    let program = build.facts.start.as_ref().and_then(|start| start.value.argv.first());
    let because = set.map(|listen| {
        let variable = listen.value.variable.as_deref().unwrap_or("PORT");
        format!(
            "{} listens on {variable}, on every address: {}.",
            program.map_or("The program", String::as_str),
            listen.says()
        )
    });
    runtime
        .env
        .push(Step { because: because.into_iter().collect(), act: Act::Path(format!("{VENV}/bin"), pairs) });
}

/// Files that the program writes beside its code lie in a volume; what the repository has of them begins it.
fn beside(build: &Build, runtime: &mut Runtime, user: &str) {
    let Some(first) = build.facts.beside.first() else { return };
    let names: Vec<&str> = build.facts.beside.iter().filter_map(|file| file.value.file_name()).collect();
    let because = format!(
        "{} ({}) lies in a volume; a link leads there from beside the code.",
        crate::text::list(&names),
        first.says()
    );
    runtime.copies.push(Step::because(
        because,
        Act::Copy(Copy {
            from: Some("build".into()),
            chown: Some(user.to_owned()),
            sources: vec![format!("/out{DATA}")],
            to: DATA.to_owned(),
        }),
    ));
    runtime.volumes.push(DATA.to_owned());
    runtime.copies.push(Step::copy_from("build", "/out/links", format!("{}/", build.home)));
}

/// The sources as they lie, or as the build left them.
fn sources(build: &Build) -> Vec<Step> {
    let facts = build.facts;
    if facts.installs_itself.is_some() && !facts.keeps_sources {
        return Vec::new();
    }
    let to = if build.place == build.home { "./".to_owned() } else { format!("{}/", build.home) };
    if build.makes() {
        return vec![Step::copy_from("build", build.home.clone(), to)];
    }
    let source = in_context(&build.project.root, &build.context);
    let whole = source == "." && build.place == build.home;
    vec![Step::copy(vec![source], if whole { ".".to_owned() } else { to })]
}

fn start(build: &Build, chosen: &Chosen, init: Option<String>, runtime: &mut Runtime) {
    let Some(start) = &build.facts.start else { return };
    runtime.start_because = Some(sentence(start.says())).filter(|line| !line.is_empty());
    let shell = start.value.shell.as_ref();
    let words = match shell {
        Some(line) => vec!["sh".to_owned(), "-c".to_owned(), line.clone()],
        None => start.value.argv.clone(),
    };
    if let Some(init) = init {
        runtime.entrypoint = vec![init];
        runtime
            .entrypoint
            .extend(shell.is_some_and(|line| !line.starts_with("exec ")).then(|| "-g".to_owned()));
        runtime.entrypoint.push("--".to_owned());
        runtime.cmd = words;
    } else if chosen.is("distroless") || matches!(build.project.kind.value, crate::facts::Kind::Cli) {
        // The image's own entrypoint is the interpreter; a command that ends takes its arguments behind it.
        let own = if words.first().is_some_and(|word| word == "python") { 2 } else { 1 };
        let mut words = words.into_iter();
        runtime.entrypoint = words.by_ref().take(own).collect();
        runtime.cmd = words.collect();
    } else {
        runtime.cmd = words;
    }
}
