//! Files for a web server: as a build makes them, or as they lie in the repository.

use camino::{Utf8Path, Utf8PathBuf};

use super::base::{self, Chosen, Question};
use super::layout::{absolute, in_context};
use super::{Act, File, Runtime, Service, Stage, Step, Wishes, access, ignore, node, runtime, service};
use crate::answers::Answers;
use crate::compose::Composition;
use crate::error::Result;
use crate::facts::{Decision, Found, Need, NodeFacts, Note, Phase, Project, StaticFacts, WebServer};
use crate::knowledge::Knowledge;

/// The server's own folders; `templates/file/nginx.conf.tera` knows them, too.
const FILES: &str = "/usr/share/nginx/html";
const CONFIGURATION: &str = "/etc/nginx/conf.d/default.conf";

struct Server<'a> {
    chosen: Chosen<'a>,
    version: String,
    decisions: Vec<Decision>,
    notes: Vec<Note>,
}

fn server<'a>(
    composition: &Composition,
    knowledge: &'a Knowledge,
    answers: &'a Answers,
    needs: &'a [Found<Need>],
) -> Result<Server<'a>> {
    let picked = service::pick(knowledge, "static", &[])?;
    let question = Question {
        knowledge,
        toolchain: "static",
        version: picked.version,
        needs,
        asked: answers.base.as_deref(),
    };
    let chosen = base::choose(question)?;
    let decisions = vec![picked.decision, chosen.decision.clone()];
    let mut notes = composition.main.notes.clone();
    notes.extend(composition.notes.iter().cloned());
    Ok(Server { chosen, version: picked.version.version.clone(), decisions, notes })
}

fn needs() -> Vec<Found<Need>> {
    vec![runtime::need("web-server", Phase::Run, "the files need a web server")]
}

/// A site that Node's tools build.
///
/// # Errors
/// The base that was asked for has no web server.
pub fn built(
    composition: &Composition,
    facts: &NodeFacts,
    knowledge: &Knowledge,
    answers: &Answers,
    wishes: &Wishes,
) -> Result<Service> {
    let project = &composition.main;
    let needs = needs();
    let mut server = server(composition, knowledge, answers, &needs)?;
    let (build, picked) = node::site_builder(project, facts, knowledge, wishes)?;
    let build = node::Build { workdir: "/src".to_owned(), ..build };
    let mut stage = node::build_stage(
        &build,
        "build",
        &format!("build makes static files, the same for every architecture. {}", picked.says),
        &[],
    );
    stage.native = true;
    let home = absolute(&build.workdir, &in_context(&project.root, &facts.tool.root));
    let site = facts.site.as_ref().map_or("", |site| site.value.as_str());
    let own = configuration(
        project,
        facts.nginx.as_ref(),
        facts.server.as_ref(),
        &build.context,
        &mut server.notes,
    );
    let files = Step::copy_from(
        "build",
        runtime::normal(&absolute(&home, site)),
        root_of(facts.server.as_ref(), own.as_ref()),
    );
    let runtime = runtime_stage(composition, &server.chosen, files, own, facts.spa);
    server.version.clone_from(&picked.version.version);
    server.decisions.insert(0, picked.decision);
    server.notes.extend(picked.notes);
    Ok(service(composition, knowledge, build.context.clone(), server, vec![stage], runtime))
}

/// The project's own configuration in the build context, where an ordinary user can run the server with it: a whole
/// nginx.conf keeps its process id and temporary files where only root writes, a template is filled in a folder of root's.
fn configuration(
    project: &Project,
    own: Option<&Found<Utf8PathBuf>>,
    server: Option<&WebServer>,
    context: &Utf8Path,
    notes: &mut Vec<Note>,
) -> Option<String> {
    let own = own?;
    if server.is_some_and(|server| server.whole || server.template) {
        notes.push(Note {
            code: "web-server-configuration-left-out".to_owned(),
            text: format!("`{}` needs a server that runs as root: only a `server` block without variables is taken over", own.value),
            because: own.because.clone(),
        });
        return None;
    }
    Some(in_context(&project.root.join(&own.value), context))
}

/// Where the configuration that is used looks for the files.
fn root_of(server: Option<&WebServer>, own: Option<&String>) -> String {
    let root = server.filter(|_| own.is_some()).and_then(|server| server.root.clone());
    root.filter(|root| root.starts_with('/') && root != "/").unwrap_or_else(|| FILES.to_owned())
}

/// A site that is served as it lies.
///
/// # Errors
/// The base that was asked for has no web server.
pub fn plain(
    composition: &Composition,
    facts: &StaticFacts,
    knowledge: &Knowledge,
    answers: &Answers,
) -> Result<Service> {
    let project = &composition.main;
    let needs = needs();
    let mut server = server(composition, knowledge, answers, &needs)?;
    let context = project.root.clone();
    let source = in_context(&project.root.join(&facts.site), &context);
    let own =
        configuration(project, facts.nginx.as_ref(), facts.server.as_ref(), &context, &mut server.notes);
    let files = Step::copy(vec![source], root_of(facts.server.as_ref(), own.as_ref()));
    let runtime = runtime_stage(composition, &server.chosen, files, own, false);
    Ok(service(composition, knowledge, context, server, vec![], runtime))
}

fn service(
    composition: &Composition,
    knowledge: &Knowledge,
    context: Utf8PathBuf,
    server: Server,
    stages: Vec<Stage>,
    runtime: Runtime,
) -> Service {
    let project = &composition.main;
    Service {
        id: project.name.clone(),
        root: project.root.clone(),
        language: project.language.clone(),
        version: Some(server.version),
        strategy: server.chosen.strategy.clone(),
        ignore: ignore::lines(knowledge, composition, &context),
        decisions: server.decisions,
        notes: server.notes,
        build_flags: access::flags(composition),
        required_env: Vec::new(),
        context,
        stages,
        runtime,
    }
}

fn runtime_stage(
    composition: &Composition,
    chosen: &Chosen,
    files: Step,
    own: Option<String>,
    spa: bool,
) -> Runtime {
    let purpose = match &own {
        Some(path) => format!(
            "runtime serves the files as the project's own {} says.",
            Utf8Path::new(path).file_name().unwrap_or("nginx.conf")
        ),
        None => format!("runtime {}.", chosen.image.is),
    };
    let mut expose = runtime::expose(&composition.main);
    if own.is_none()
        && composition.main.listen.iter().all(|listen| listen.because.iter().all(|one| one.file.is_some()))
    {
        // Ports of a configuration that is not taken over say nothing; one that was asked for does.
        expose.clear();
    }
    if expose.is_empty() {
        expose.extend(chosen.image.port.map(|port| (port, None)));
    }
    let port = expose.first().map_or(chosen.image.port.unwrap_or_default(), |(port, _)| *port);
    let configuration = match own {
        Some(path) => Step::copy(vec![path], CONFIGURATION),
        None => Step::because(
            if spa {
                "Unknown paths are the application's own routes."
            } else {
                "Pages are asked for again each time."
            },
            Act::File(File {
                template: "nginx.conf".into(),
                to: CONFIGURATION.into(),
                port,
                spa,
                ..File::default()
            }),
        ),
    };
    Runtime {
        purpose: vec![purpose],
        image: chosen.tag.clone(),
        user: chosen.image.user.clone(),
        copies: vec![configuration, files],
        expose,
        ..Runtime::default()
    }
}
