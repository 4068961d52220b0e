//! Java and Kotlin: the image that brings the tool and the JDK, the steps of the build, and what the runtime image gets of it.

use camino::{Utf8Path, Utf8PathBuf};

use super::base::{self, Chosen, Question};
use super::layout::{absolute, common, copies, in_context};
use super::runtime::{self, Written, need};
use super::service::{self, Made};
use super::{Act, CacheStyle, Mount, Run, Runtime, Service, Stage, Step, Wishes, access, front};
use crate::answers::Answers;
use crate::compose::Composition;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Artefact, Form, Found, JavaFacts, Need, Phase, Project};
use crate::knowledge::{self, Jvm, JvmBuilder, Knowledge, Layering, Toolchain};
use crate::text::shell_word;

const TOOLCHAIN: &str = "java";
const WORKDIR: &str = "/app";

/// Everything that the steps are made from.
struct Plan<'a> {
    knowledge: &'a Knowledge,
    jvm: &'a Jvm,
    wishes: &'a Wishes,
    project: &'a Project,
    facts: &'a JavaFacts,
    row: &'a JvmBuilder,
    builder: Builder,
    context: Utf8PathBuf,
    chosen: Chosen<'a>,
    written: Vec<Written>,
    workdir: &'a str,
}

/// What builds, and in which image.
struct Builder {
    /// The image.
    image: String,
    /// The command with the words that every call has.
    command: String,
    /// The image of a second JDK that compiles, where the tool runs on another.
    compiler: Option<(String, String)>,
    /// Why this image, for the stage's comment.
    says: String,
}

/// Plans the image of a JVM program.
///
/// # Errors
/// No base image can run it, or the tables lack what it needs.
pub fn plan(
    composition: &Composition,
    facts: &JavaFacts,
    knowledge: &Knowledge,
    answers: &Answers,
    wishes: &Wishes,
) -> Result<Service> {
    let project = &composition.main;
    let missing = |what: &str| Error::new(ErrorKind::Nothing, format!("the tables lack {what}"));
    let toolchain = service::toolchain(knowledge, TOOLCHAIN)?;
    let jvm = knowledge.of(TOOLCHAIN).jvm.as_ref().ok_or_else(|| missing("`[jvm]` of java.toml"))?;
    let row = jvm.tool(&facts.tool.id).ok_or_else(|| missing("the build tool"))?;
    let picked = service::pick(knowledge, TOOLCHAIN, &project.versions)?;
    let needs = needs_of(project);
    let question = Question {
        knowledge,
        toolchain: TOOLCHAIN,
        version: picked.version,
        needs: &needs,
        asked: answers.base.as_deref(),
    };
    let chosen = base::choose(question)?;
    let builder = builder(facts, toolchain, row, &question)?;
    let workdir = runtime::working_folder(project, WORKDIR);
    let written = runtime::written(project, workdir);
    let context = context_of(composition, facts);
    let plan =
        Plan { knowledge, jvm, wishes, project, facts, row, builder, context, chosen, written, workdir };
    let (mut stages, fronts) = front::stages(composition, &plan.context, knowledge, wishes)?;
    stages.extend(compiler_stage(&plan));
    stages.push(build_stage(&plan, composition, &needs, &picked.says));
    let runtime = runtime_stage(&plan, &needs);
    let Plan { context, chosen, .. } = plan;
    let made = Made { composition, knowledge, context, picked, fronts, chosen, stages, runtime };
    Ok(made.service())
}

fn needs_of(project: &Project) -> Vec<Found<Need>> {
    let mut needs = vec![
        need("java", Phase::Run, "the program runs on the JVM"),
        need("user", Phase::Run, "an ordinary user"),
        need("tmp", Phase::Run, "temporary files"),
    ];
    needs.extend(project.needs.iter().cloned());
    needs
}

fn context_of(composition: &Composition, facts: &JavaFacts) -> Utf8PathBuf {
    let mut paths: Vec<&Utf8Path> = vec![&facts.tool.root];
    paths.extend(facts.tool.manifests.iter().filter_map(|file| file.parent()));
    paths.extend(front::folders(composition));
    common(paths)
}

/// The image that brings the tool; or the JDK alone, where the repository's own wrapper brings it.
fn builder(
    facts: &JavaFacts,
    toolchain: &Toolchain,
    row: &JvmBuilder,
    question: &Question,
) -> Result<Builder> {
    let bases = &question.knowledge.bases;
    let asked = facts.tool.version.as_ref().map(|version| version.value.as_str());
    let wanted = question.version.version.as_str();
    let version = asked.unwrap_or_else(|| usual(row, &bases.builders, wanted));
    let jdk = running(row, version, question);
    let of = |version: &str| jdk_image(toolchain, question, version);
    let elsewhere = row.compiles_elsewhere.as_ref().is_none_or(|from| knowledge::at_least(version, from));
    let compiler = (jdk != wanted && elsewhere)
        .then(|| of(wanted).map(|image| (image, wanted.to_owned())))
        .transpose()?;
    let tool = &row.name;
    let brings = brought(row, version, &jdk, &bases.builders);
    if facts.tool.wrapper && (row.exact || brings.is_none()) {
        let older = if compiler.is_none() && jdk != wanted {
            format!(", which runs on Java {jdk} at the newest")
        } else {
            String::new()
        };
        let says = format!("{tool}: its own wrapper{older}.");
        return Ok(Builder { image: of(&jdk)?, command: row.wrapper.clone(), compiler, says });
    }
    let Some(builder) = brings else {
        let message = format!("no image of {tool} {version} was published for Java {jdk}");
        return Err(Error::new(ErrorKind::Refused, message)
            .help(format!("commit the whole wrapper of {tool}: it runs on the JDK alone")));
    };
    let same = facts.tool.version.as_ref().filter(|one| line(&one.value, 2) == builder.version);
    let says = same.map(|one| format!("{tool}: {}.", one.says())).unwrap_or_default();
    Ok(Builder {
        image: builder.image.replace("{version}", &jdk),
        command: row.command.clone(),
        compiler,
        says,
    })
}

/// The tool's version where nothing asks for one: the usual one, unless only another comes with the Java that is wanted.
fn usual<'a>(row: &'a JvmBuilder, builders: &'a [knowledge::Builder], wanted: &str) -> &'a str {
    let fits =
        |one: &&knowledge::Builder| one.tool == row.id && one.java.iter().any(|version| version == wanted);
    let fitting: Vec<&str> = builders.iter().filter(fits).map(|one| one.version.as_str()).collect();
    if fitting.contains(&row.version.as_str()) {
        &row.version
    } else {
        fitting.first().copied().unwrap_or(&row.version)
    }
}

/// The first numbers of a version.
fn line(version: &str, numbers: usize) -> String {
    version.split('.').take(numbers).collect::<Vec<_>>().join(".")
}

/// The version of Java that the tool itself runs on: the program's own where it can.
fn running(row: &JvmBuilder, version: &str, question: &Question) -> String {
    let wanted = &question.version.version;
    let Some(limits) = row.runs_on(version) else { return wanted.clone() };
    let number = |version: &str| version.parse::<u32>().unwrap_or(0);
    if (limits.oldest..=limits.newest).contains(&number(wanted)) {
        return wanted.clone();
    }
    let bases = &question.knowledge.bases;
    let rows = bases.toolchains.get(TOOLCHAIN).map_or(&[] as &[_], |java| &java.versions);
    let fit = rows.iter().filter(|row| {
        row.end >= bases.as_of && (limits.oldest..=limits.newest).contains(&number(&row.version))
    });
    let nearest = fit.min_by_key(|row| number(&row.version).abs_diff(number(wanted)));
    nearest.map_or_else(|| wanted.clone(), |row| row.version.clone())
}

fn jdk_image(toolchain: &Toolchain, question: &Question, version: &str) -> Result<String> {
    let row = toolchain.versions.iter().find(|row| row.version == version);
    let image = row.zip(toolchain.images.get("debian"));
    let (row, image) =
        image.ok_or_else(|| Error::new(ErrorKind::Nothing, format!("the tables lack a JDK {version}")))?;
    Ok(base::fill(image, &Question { version: row, ..*question }))
}

/// The image that brings the tool with a JDK: of its own line, or of another line of the same major version.
fn brought<'a>(
    row: &JvmBuilder,
    version: &str,
    jdk: &str,
    builders: &'a [knowledge::Builder],
) -> Option<&'a knowledge::Builder> {
    let rows =
        || builders.iter().filter(|one| one.tool == row.id && one.java.iter().any(|version| version == jdk));
    let same = |numbers: usize| rows().find(|one| line(&one.version, numbers) == line(version, numbers));
    same(2).or_else(|| same(1))
}

/// A JDK that only compiles, for a toolchain that the tool cannot run on.
fn compiler_stage(plan: &Plan) -> Option<Stage> {
    let (image, version) = plan.builder.compiler.as_ref()?;
    Some(Stage {
        name: "jdk".into(),
        purpose: vec![format!("jdk compiles: {} itself does not run on Java {version}.", plan.row.name)],
        image: image.clone(),
        native: true,
        ..Stage::default()
    })
}

fn build_stage(plan: &Plan, composition: &Composition, needs: &[Found<Need>], says: &str) -> Stage {
    let (packages, because) = runtime::build_packages(plan.knowledge, needs, &[], false, "");
    let builds = format!(
        "build runs on the builder's own platform: bytecode is the same everywhere. {says} {}",
        plan.builder.says
    );
    let root = in_context(&plan.facts.tool.root, &plan.context);
    let below = root != ".";
    let mut stage = Stage {
        name: "build".into(),
        purpose: vec![builds.trim_end().to_owned()],
        image: plan.builder.image.clone(),
        native: true,
        workdir: "/src".into(),
        packages: runtime::install(plan.knowledge, "apt", &packages, &because).into_iter().collect(),
        manifests: manifests(plan),
        install: resolve(plan).into_iter().collect(),
        sources: sources(plan, composition),
        build: build(plan, !composition.front_ends.is_empty()),
        ..Stage::default()
    };
    if plan.builder.compiler.is_some() {
        stage.setup.push(Step::copy_from("jdk", "/opt/java/openjdk", "/opt/java/compiler"));
    }
    if below {
        stage.manifests.push(Step::plain(Act::Workdir(absolute("/src", &root))));
    }
    stage
}

/// Build files alone, so that editing a source resolves nothing again.
fn manifests(plan: &Plan) -> Vec<Step> {
    if !plan.facts.tool.resolves {
        return Vec::new();
    }
    let slash = |path: &Utf8PathBuf| if path.as_str().ends_with('/') { "/" } else { "" };
    let files: Vec<String> = plan
        .facts
        .tool
        .manifests
        .iter()
        .map(|path| format!("{}{}", in_context(path, &plan.context).trim_end_matches('/'), slash(path)))
        .collect();
    let mut steps = copies(&files);
    if let Some(first) = steps.first_mut() {
        first.because =
            vec!["Build files alone: dependencies are resolved again only when these change.".to_owned()];
    }
    steps
}

fn resolve(plan: &Plan) -> Option<Step> {
    let tool = &plan.facts.tool;
    if !tool.resolves {
        return None;
    }
    let module = plan.facts.module.as_ref().map_or("", |module| module.value.as_str());
    let prefix = if module.is_empty() { String::new() } else { format!("{module}:") };
    let own = plan.row.resolve_module.as_ref().filter(|_| !module.is_empty());
    let words = own.unwrap_or(&plan.row.resolve).replace("{module}", &prefix);
    let profiles = tool.flags.iter().map(|flag| flag.value.as_str()).filter(|flag| flag.starts_with("-P"));
    let goals: Vec<&str> = std::iter::once(words.as_str()).chain(profiles).collect();
    let command = command(plan, &goals);
    let because = access::reasons(&plan.project.access);
    Some(Step { because, ..Step::run(mounts(plan), vec![command]) })
}

/// The tool with its flags, its goals and the module that is meant.
fn command(plan: &Plan, goals: &[&str]) -> String {
    let mut words = vec![plan.builder.command.clone()];
    words.extend(goals.iter().map(|goal| (*goal).to_owned()));
    if plan.facts.tool.id == "maven"
        && let Some(module) = &plan.facts.module
    {
        words.push(format!("-pl {} -am", shell_word(&module.value)));
    }
    if plan.builder.compiler.is_some() && plan.facts.tool.id == "gradle" {
        words.push("-Porg.gradle.java.installations.paths=/opt/java/compiler".to_owned());
    }
    words.join(" ")
}

fn mounts(plan: &Plan) -> Vec<Mount> {
    let mut mounts = Vec::new();
    let secret = plan.project.access.secrets.iter().any(|one| one.value.file.is_some());
    if plan.wishes.cache == CacheStyle::Mounts {
        let cache = &plan.row.cache;
        // A file that is mounted into a cache would leave an empty one behind there.
        let inner = match (secret, plan.facts.tool.id.as_str()) {
            (true, "maven") => "/repository",
            (true, _) => "/caches",
            (false, _) => "",
        };
        let id = if inner.is_empty() {
            cache.id.clone()
        } else {
            format!("{}{}", cache.id, inner.replace('/', "-"))
        };
        mounts.push(Mount::Cache { id, target: format!("{}{inner}", cache.target), locked: cache.locked });
    }
    mounts.extend(access::mounts(&plan.project.access));
    mounts
}

fn sources(plan: &Plan, composition: &Composition) -> Vec<Step> {
    let root = in_context(&plan.facts.tool.root, &plan.context);
    let to = if root == "." { "." } else { "/src" };
    let mut steps = vec![Step::copy(vec![".".into()], to)];
    for (number, end) in composition.front_ends.iter().enumerate() {
        let made = absolute("/src", &in_context(&end.output.value, &plan.context));
        let into = absolute("/src", &in_context(&end.into, &plan.context));
        steps.push(Step {
            because: vec![runtime::sentence(end.output.says())],
            ..Step::copy_from(&front::name(number), made, into)
        });
    }
    steps
}

fn build(plan: &Plan, has_front_ends: bool) -> Vec<Step> {
    let tool = &plan.facts.tool;
    let mut goals: Vec<&str> = tool.goals.iter().map(String::as_str).collect();
    let tests = if plan.facts.keeps_tests.is_some() { "-DskipTests" } else { "-Dmaven.test.skip=true" };
    if tool.id == "maven" {
        goals.push(tests);
    }
    goals.extend(tool.flags.iter().map(|flag| flag.value.as_str()));
    let front = plan.facts.front_end.iter().filter(|_| has_front_ends).flat_map(|end| &end.value.skip);
    goals.extend(front.map(String::as_str));
    let mut commands = vec![command(plan, &goals)];
    let first = Some(&plan.project.access).filter(|_| !tool.resolves);
    let flags = tool.flags.iter();
    let because = flags
        .map(|flag| format!("{}: {}.", flag.value.split('=').next().unwrap_or_default(), flag.says()))
        .chain(first.into_iter().flat_map(access::reasons))
        .collect();
    let Some(artefact) = plan.facts.artefact.as_ref().map(|found| &found.value) else { return Vec::new() };
    let layering = layering(plan, artefact);
    let mut steps = Vec::new();
    match layering {
        Some(layering) if layering.extract.is_some() => {
            steps.push(Step { because, act: Act::Run(Run { mounts: mounts(plan), commands }) });
            let extract = format!("java {}", layering.extract.as_deref().unwrap_or_default());
            let mut commands = vec![format!("mv {} app.jar", made(plan, artefact)), extract];
            commands.extend(folders(plan));
            steps.push(Step::because(
                "The framework's own layers: dependencies change less often than classes.",
                Act::Run(Run { mounts: Vec::new(), commands }),
            ));
        }
        _ => {
            commands.extend(gathered(plan, artefact));
            commands.extend(folders(plan));
            steps.push(Step { because, act: Act::Run(Run { mounts: mounts(plan), commands }) });
        }
    }
    steps
}

fn layering<'a>(plan: &'a Plan, artefact: &Artefact) -> Option<&'a Layering> {
    match &artefact.form {
        Form::Layers(version) => plan.jvm.layering(version),
        _ => None,
    }
}

/// What the build made, as a shell word with its stars, from where the tool runs.
fn made(plan: &Plan, artefact: &Artefact) -> String {
    beside(plan, &artefact.made)
}

/// A path below the module's folder, from where the tool runs; stars stay stars.
fn beside(plan: &Plan, path: &str) -> String {
    let module = in_context(&plan.facts.module_root, &plan.facts.tool.root);
    let whole = if module == "." { path.to_owned() } else { format!("{module}/{path}") };
    whole
        .split('*')
        .map(|part| if part.is_empty() { String::new() } else { shell_word(part) })
        .collect::<Vec<_>>()
        .join("*")
}

/// Puts what the runtime image gets into `/out`.
fn gathered(plan: &Plan, artefact: &Artefact) -> Vec<String> {
    let made = made(plan, artefact);
    let maven = plan.facts.tool.id == "maven";
    match &artefact.form {
        Form::Jar | Form::Layers(_) => {
            vec!["mkdir /out".to_owned(), format!("mv {made} /out/app.{}", ending(artefact))]
        }
        Form::JarAndFolder(folder) => {
            let target = artefact.made.rsplit_once('/').map_or("target", |(folder, _)| folder);
            let beside = beside(plan, &format!("{target}/{folder}"));
            vec![
                "mkdir /out".to_owned(),
                format!("mv {made} /out/app.jar"),
                format!("mv {beside} /out/{}", shell_word(folder)),
            ]
        }
        Form::Folder(..) => vec![format!("mv {made} /out")],
        Form::ClassPath if maven => {
            vec![
                "mkdir /out".to_owned(),
                format!("mv {} /out/lib", beside(plan, "target/lib")),
                format!("mv {made} /out/app.jar"),
            ]
        }
        Form::ClassPath => vec!["mkdir /out".to_owned(), format!("mv {made} /out/lib")],
    }
}

fn ending(artefact: &Artefact) -> &str {
    Utf8Path::new(&artefact.made).extension().unwrap_or("jar")
}

/// Empty folders that the runtime stage takes over, since its image may have no shell to make them.
fn folders(plan: &Plan) -> Option<String> {
    let made: Vec<&str> = plan.written.iter().map(|folder| folder.made.as_str()).collect();
    (!made.is_empty()).then(|| format!("mkdir {}", crate::text::shell_line(&made)))
}

fn runtime_stage(plan: &Plan, needs: &[Found<Need>]) -> Runtime {
    let user = plan.chosen.image.user.clone();
    let mut runtime = Runtime {
        purpose: vec![format!("runtime {}.", plan.chosen.image.is)],
        image: plan.chosen.tag.clone(),
        workdir: Some(plan.workdir.to_owned()),
        user: user.clone(),
        expose: runtime::expose(plan.project),
        ..Runtime::default()
    };
    runtime::provide(&mut runtime, &plan.chosen, plan.knowledge, needs, "build");
    let mut env = vec![("JAVA_TOOL_OPTIONS".to_owned(), plan.jvm.options.join(" "))];
    env.extend(runtime::environment(plan.project));
    runtime.env.push(Step::because(plan.jvm.options_because.clone(), Act::Env(env)));
    let Some(artefact) = plan.facts.artefact.as_ref().map(|found| &found.value) else { return runtime };
    runtime.copies.extend(artefacts(plan, artefact));
    runtime.copies.extend(assets(plan));
    runtime::own(&mut runtime, &plan.written, "build", &user);
    let program = plan.chosen.image.program.clone().unwrap_or_else(|| "java".to_owned());
    runtime.entrypoint = vec![program];
    runtime.entrypoint.extend(plan.facts.jvm_args.iter().map(|flag| flag.value.clone()));
    runtime.entrypoint.extend(start(plan, artefact));
    runtime.cmd = plan.facts.args.iter().map(|arg| arg.value.clone()).collect();
    runtime.start_because = plan.facts.args.first().map(|arg| runtime::sentence(arg.says()));
    runtime
}

/// The program lies in its own folder, which is not where it works if it writes there.
fn place(plan: &Plan, inner: &str) -> String {
    match (plan.workdir == WORKDIR, inner) {
        (true, "") => "./".to_owned(),
        (true, inner) => inner.to_owned(),
        (false, "") => format!("{WORKDIR}/"),
        (false, inner) => format!("{WORKDIR}/{inner}"),
    }
}

fn artefacts(plan: &Plan, artefact: &Artefact) -> Vec<Step> {
    if let Some(layering) = layering(plan, artefact).filter(|layering| layering.extract.is_some()) {
        return layering
            .layers
            .iter()
            .map(|layer| Step::copy_from("build", format!("/out/{layer}/"), place(plan, "")))
            .collect();
    }
    let copy = |inner: &str| Step::copy_from("build", format!("/out/{inner}"), place(plan, inner));
    let file = |inner: &str| Step::copy_from("build", format!("/out/{inner}"), place(plan, ""));
    match &artefact.form {
        Form::Jar | Form::Layers(_) => vec![file(&format!("app.{}", ending(artefact)))],
        Form::JarAndFolder(folder) => vec![copy(folder), file("app.jar")],
        Form::Folder(parts, _) => {
            parts.iter().map(|part| if part.contains('.') { file(part) } else { copy(part) }).collect()
        }
        Form::ClassPath if plan.facts.tool.id == "maven" => vec![copy("lib"), file("app.jar")],
        Form::ClassPath => vec![copy("lib")],
    }
}

/// Files of the repository that the program reads.
fn assets(plan: &Plan) -> Vec<Step> {
    let reads = plan.project.reads.iter().map(|read| {
        let source = in_context(&plan.project.root.join(&read.value), &plan.context);
        let copy = Step::copy(vec![source], read.value.as_str());
        Step { because: vec![runtime::sentence(read.says())], ..copy }
    });
    reads.collect()
}

/// The words behind `java`.
fn start(plan: &Plan, artefact: &Artefact) -> Vec<String> {
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let at = |inner: &str| place(plan, inner);
    if let Some(layering) = layering(plan, artefact).filter(|layering| layering.extract.is_some()) {
        let here = plan.workdir == WORKDIR;
        let start = layering.start.iter().map(|word| if word == "app.jar" { at(word) } else { word.clone() });
        let class_path = !here && layering.start.first().is_none_or(|word| word != "-jar");
        return class_path.then(|| words(&["-cp", WORKDIR])).into_iter().flatten().chain(start).collect();
    }
    let main = artefact.main_class.as_deref().filter(|class| !class.is_empty());
    let jar = at(&format!("app.{}", ending(artefact)));
    match (&artefact.form, main) {
        (Form::Folder(_, jar), _) => words(&["-jar", &at(jar)]),
        (Form::ClassPath, main) => {
            let lib = format!("{}/*", at("lib"));
            let path = if plan.facts.tool.id == "maven" { format!("{jar}:{lib}") } else { lib };
            words(&["-cp", &path, main.unwrap_or("Main")])
        }
        (_, Some(main)) => words(&["-cp", &jar, main]),
        (_, None) => words(&["-jar", &jar]),
    }
}
