//! The stage that makes the virtual environment: the package manager, manifests, dependencies, then what takes the sources.

use camino::Utf8Path;

use super::{Build, DATA, VENV, WORKDIR};
use crate::facts::{Found, Need};
use crate::manifest::python::pep440;
use crate::plan::layout::{absolute, copies, in_context};
use crate::plan::runtime::{Written, sentence};
use crate::plan::{Act, CacheStyle, Mount, Run, Stage, Step, access, runtime};

/// The stages in order: the package manager's own, where it comes as an image, and the build.
pub(super) fn stages(build: &Build, needs: &[Found<Need>], written: &[Written], says: &str) -> Vec<Stage> {
    let mut stages: Vec<Stage> = manager_stage(build).into_iter().collect();
    let (packages, because) = runtime::build_packages(
        build.knowledge,
        needs,
        &build.offers,
        build.flavour == "alpine",
        &build.suite,
    );
    let mut packages = packages;
    let init = super::run::init_wanted(build) && build.flavour == "distroless";
    if init {
        let row = build.knowledge.system.capabilities.get("init");
        packages.extend(row.into_iter().flat_map(|row| row.build.clone()));
    }
    let mut stage = Stage {
        name: "build".to_owned(),
        purpose: vec![format!("build makes {}. {says}", made(build))],
        image: build.image.clone(),
        workdir: WORKDIR.to_owned(),
        packages: runtime::install(build.knowledge, build.manager(), &packages, &because)
            .into_iter()
            .collect(),
        setup: access::setup(&build.project.access).chain(setup(build)).collect(),
        ..Stage::default()
    };
    if build.sources_first() {
        stage.sources = sources(build);
        if let Some(first) = stage.sources.first_mut()
            && let Some(why) = &build.facts.tool.needs_sources
        {
            first.because = vec![sentence(&format!("{}: the install takes the sources.", why.says()))];
        }
        stage.build.extend(install(build));
    } else {
        stage.manifests = manifests(build);
        stage.install = install(build).into_iter().collect();
        if build.makes() || build.facts.installs_itself.is_some() || needs_siblings(build) {
            stage.sources = sources(build);
        }
    }
    stage.build.extend(itself(build));
    stage.build.extend(make(build));
    folders(build, written, &mut stage);
    one_layer(&mut stage);
    stages.push(stage);
    stages
}

/// Packages that one command installs, and a setup that explains itself behind them, are one RUN.
fn one_layer(stage: &mut Stage) {
    let alone =
        |step: &Step| matches!(&step.act, Act::Run(run) if run.commands.len() == 1 && run.mounts.is_empty());
    if stage.packages.len() != 1
        || !stage.packages.iter().all(alone)
        || !stage.setup.first().is_some_and(|step| alone(step) && step.because.is_empty())
    {
        return;
    }
    if let (Some(Act::Run(packages)), Act::Run(setup)) =
        (stage.packages.first_mut().map(|step| &mut step.act), stage.setup.remove(0).act)
    {
        packages.commands.extend(setup.commands);
    }
}

fn made(build: &Build) -> &'static str {
    let collects =
        build.facts.build.iter().any(|one| one.value.argv.iter().any(|word| word == "collectstatic"));
    if collects { "a virtual environment and the static files" } else { "a virtual environment" }
}

/// uv is published as an image that holds nothing else.
fn manager_stage(build: &Build) -> Option<Stage> {
    let setup = build.tool.setup.as_ref().filter(|_| build.tool.id == "uv")?;
    let version = build.tool.version.clone().unwrap_or_default();
    Some(Stage {
        name: "uv".to_owned(),
        purpose: vec!["uv is the package manager alone.".to_owned()],
        image: setup.replace("{version}", &version),
        ..Stage::default()
    })
}

/// The package manager and the virtual environment.
fn setup(build: &Build) -> Vec<Step> {
    let mut steps = Vec::new();
    if build.tool.id == "uv" {
        steps.push(Step::copy_from("uv", "/uv", "/usr/local/bin/"));
        let mut pairs: Vec<(String, String)> =
            build.tool.env.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        pairs.push(("UV_PROJECT_ENVIRONMENT".to_owned(), VENV.to_owned()));
        pairs.push(("UV_PYTHON".to_owned(), build.interpreter().to_owned()));
        steps.push(Step::plain(Act::Path(format!("{VENV}/bin"), pairs)));
        if build.facts.tool.lock.is_none() && !build.facts.tool.workspace {
            steps.push(Step::run(vec![], vec![format!("uv venv {VENV}")]));
        }
        return steps;
    }
    let tools = build.flavour == "distroless" && build.tool.setup.is_some();
    if let Some(template) = &build.tool.setup {
        let asked = build.facts.tool.version.as_ref();
        let version = version_of_tool(build);
        let mut command = template.replace("{version}", &crate::text::shell_word(&version));
        if let Some((from, plugin)) = &build.tool.plugin_from
            && pep440::Version::parse(&version) >= pep440::Version::parse(from)
        {
            command = format!("{command} {plugin}");
        }
        let commands = if tools {
            vec![format!("{} -m venv /opt/tools", build.python()), format!("/opt/tools/bin/{command}")]
        } else {
            vec![command]
        };
        let because = asked.map(|one| sentence(&format!("{}.", one.says())));
        steps.push(Step {
            because: because.into_iter().collect(),
            act: Act::Run(Run { mounts: vec![], commands }),
        });
    }
    steps.push(Step::run(vec![], vec![format!("{} -m venv {VENV}", build.python())]));
    let path = if tools { format!("{VENV}/bin:/opt/tools/bin") } else { format!("{VENV}/bin") };
    steps.push(Step::plain(Act::Path(path, Vec::new())));
    steps
}

/// The version of the tool that is asked for, or the usual one, where the interpreter runs it; else the newest that it runs.
fn version_of_tool(build: &Build) -> String {
    let asked = build.facts.tool.version.as_ref().map(|one| &one.value);
    let version = asked.or(build.tool.version.as_ref()).cloned().unwrap_or_default();
    let newest = build.tool.newest_on.get(&build.release);
    let above = |newest: &&String| pep440::Version::parse(&version) > pep440::Version::parse(newest);
    newest.filter(above).cloned().unwrap_or(version)
}

/// Manifests and lock files at their places.
fn manifests(build: &Build) -> Vec<Step> {
    if !build.facts.has_dependencies {
        return Vec::new();
    }
    let paths: Vec<String> =
        build.facts.tool.manifests.iter().map(|file| in_context(file, &build.context)).collect();
    let root = in_context(&build.facts.tool.root, &build.context);
    let mut steps = copies(&paths);
    if root != "." {
        for step in &mut steps {
            if let Act::Copy(copy) = &mut step.act {
                copy.to = relative_to(&copy.to, &root);
            }
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

fn needs_siblings(build: &Build) -> bool {
    !build.facts.siblings.is_empty()
}

/// The dependencies alone, as far as a file lists them.
fn install(build: &Build) -> Option<Step> {
    let facts = build.facts;
    let mut commands: Vec<String> = Vec::new();
    if facts.has_dependencies {
        let template =
            if is_listed(build) { &build.tool.production } else { &build.tool.unlocked_production };
        commands.extend(
            template.lines().map(|line| open(build, line).replace("{requirements}", &requirements(build))),
        );
        if let Some(first) = commands.first_mut() {
            first.push_str(&extras(build));
        }
        if let Some(group) = &facts.tool.group {
            commands = vec![format!("{} {}", build.tool.unlocked_group, crate::text::shell_word(group))];
        }
        if let Some(member) = &facts.tool.member
            && let Some(first) = commands.first_mut()
        {
            *first = format!(
                "{} --package {}",
                first.replace("--no-install-project", "--no-install-workspace"),
                crate::text::shell_word(member)
            );
        }
        if build.sources_first() && facts.tool.requirements.is_empty() && facts.tool.lock.is_none() {
            let place = build.home.strip_prefix(WORKDIR).unwrap_or("").trim_start_matches('/');
            let named: Vec<&str> = facts.tool.extras.iter().map(|one| one.value.as_str()).collect();
            let plain = format!("./{place}").trim_end_matches('/').to_owned();
            let path = if named.is_empty() { plain } else { format!("{plain}[{}]", named.join(",")) };
            commands = vec![format!("pip install {}", crate::text::shell_word(&path))];
        }
    }
    let adds = facts.adds.iter().map(|one| crate::text::shell_word(&build.running(&one.value)));
    let adds: Vec<String> = adds.collect();
    let mut because: Vec<String> =
        facts.adds.iter().map(|one| sentence(&format!("{}.", one.says()))).collect();
    because.dedup();
    because.extend(
        facts.tool.extras.iter().map(|one| sentence(&format!("The extra {}: {}.", one.value, one.says()))),
    );
    if !adds.is_empty() {
        add(build, &mut commands, &adds.join(" "));
    }
    if commands.is_empty() {
        return None;
    }
    if let Some(settings) = &facts.tool.settings {
        let place = crate::text::shell_word(&in_context(&settings.value, &facts.tool.root));
        for command in commands.iter_mut().filter(|command| command.starts_with("pip install")) {
            *command = format!("PIP_CONFIG_FILE={place} {command}");
        }
        because.push(sentence(&format!("{}: pip reads it where it is told to.", settings.says())));
    }
    because.extend(access::reasons(&build.project.access));
    Some(Step { because, act: Act::Run(Run { mounts: mounts(build), commands }) })
}

/// A file, or a workspace as a whole, lists the dependencies.
fn is_listed(build: &Build) -> bool {
    let tool = &build.facts.tool;
    tool.lock.is_some() || tool.workspace || !tool.requirements.is_empty()
}

/// The words for the extras that the program imports, each with a space in front.
fn extras(build: &Build) -> String {
    let each = build.facts.tool.extras.iter().zip(std::iter::repeat(build.tool.extra.as_ref()));
    let words = each.filter_map(|(one, words)| {
        Some(format!(" {}", words?.replace("{extra}", &crate::text::shell_word(&one.value))))
    });
    words.collect()
}

/// A command that locks what it installs, where no lock file is there to be held to.
fn open(build: &Build, command: &str) -> String {
    if build.facts.tool.workspace { command.replace(" --locked", "") } else { command.to_owned() }
}

/// Further requirements come with the same command where the tool allows it.
fn add(build: &Build, commands: &mut Vec<String>, words: &str) {
    let last = commands.last_mut();
    let last = last.filter(|last| last.starts_with("pip install") || last.starts_with("uv pip install"));
    match last {
        Some(last) => *last = format!("{last} {words}"),
        None if build.tool.id == "uv" => commands.push(format!("uv pip install --python {VENV} {words}")),
        None => commands.push(format!("pip install {words}")),
    }
}

fn requirements(build: &Build) -> String {
    let root = &build.facts.tool.root;
    let files =
        build.facts.tool.requirements.iter().map(|file| crate::text::shell_word(&in_context(file, root)));
    files.collect::<Vec<_>>().join(" --requirement ")
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

/// Everything of the project, and of what it takes from the repository beside it.
fn sources(build: &Build) -> Vec<Step> {
    let root = &build.facts.tool.root;
    if build.context == *root {
        if build.project.root == *root
            || build.facts.siblings.is_empty() && build.project.root.as_str().is_empty()
        {
            return vec![Step::copy(vec![".".into()], ".")];
        }
        // A program that is neither installed nor makes anything here comes later: an edit of it makes no member again.
        let here = build.facts.installs_itself.is_some() || build.makes();
        let own = Some(&build.project.root).filter(|_| here);
        return build.facts.siblings.iter().chain(own).map(|folder| folder_copy(build, folder)).collect();
    }
    let own = Step::copy(vec![in_context(root, &build.context)], "./");
    let beside = build.facts.siblings.iter().filter(|folder| !folder.starts_with(root));
    let mut steps: Vec<Step> = beside
        .map(|folder| {
            let up = in_context(root, &build.context).split('/').count();
            let to = format!("{}{}", "../".repeat(up), in_context(folder, &build.context));
            Step::copy(vec![in_context(folder, &build.context)], to)
        })
        .collect();
    steps.push(own);
    steps
}

fn folder_copy(build: &Build, folder: &Utf8Path) -> Step {
    Step::copy(vec![in_context(folder, &build.context)], in_context(folder, &build.facts.tool.root))
}

/// The project itself, its dependencies being there.
fn itself(build: &Build) -> Option<Step> {
    let facts = build.facts;
    let own = facts.installs_itself.as_ref();
    if own.is_none() && !needs_siblings(build) || build.sources_first() && facts.tool.requirements.is_empty()
    {
        return None;
    }
    let listed = is_listed(build);
    let template = if listed { &build.tool.install } else { &build.tool.unlocked };
    let mut command = open(build, template);
    if build.tool.id == "uv" && listed {
        command.push_str(&extras(build));
        if let Some(member) = &facts.tool.member {
            command = format!("{command} --package {}", crate::text::shell_word(member));
        }
        if own.is_none() {
            command.push_str(" --no-install-project");
        }
    } else if own.is_none() {
        return None;
    }
    let variables: Vec<String> = facts
        .build_env
        .iter()
        .map(|one| format!("{}={} ", one.value.0, crate::text::shell_word(&one.value.1)))
        .collect();
    let mut because: Vec<String> =
        own.map(|own| format!("The project itself: {}.", own.says())).into_iter().collect();
    because.extend(facts.build_env.iter().map(|one| sentence(&format!("{}.", one.says()))));
    let command = format!("{}{command}", variables.concat());
    Some(Step { because, act: Act::Run(Run { mounts: mounts(build), commands: vec![command] }) })
}

/// What is made of the sources, with variables for that command alone.
fn make(build: &Build) -> Vec<Step> {
    let mut steps = Vec::new();
    if build.makes() && build.place != WORKDIR {
        steps.push(Step::plain(Act::Workdir(build.place.clone())));
    }
    for one in &build.facts.build {
        let pairs =
            one.value.env.iter().map(|(name, value)| format!("{name}={} ", crate::text::shell_word(value)));
        let command = format!("{}{}", pairs.collect::<String>(), crate::text::shell_line(&one.value.argv));
        let mut because = vec![format!("{}.", sentence(one.says()))];
        if one.value.env.iter().any(|(name, _)| name != "DJANGO_SETTINGS_MODULE") {
            because.push("The settings ask for these variables; this step uses none of them.".to_owned());
        }
        steps.push(Step { because, act: Act::Run(Run { mounts: vec![], commands: vec![command] }) });
    }
    steps
}

/// Empty folders that the runtime stage takes over, and links from beside the code into a volume.
fn folders(build: &Build, written: &[Written], stage: &mut Stage) {
    let made: Vec<&str> = written.iter().map(|folder| folder.made.as_str()).collect();
    let mut commands = Vec::new();
    if !made.is_empty() {
        commands.push(format!("mkdir -p {}", crate::text::shell_line(&made)));
    }
    if !build.facts.beside.is_empty() {
        let mut folders: Vec<String> = vec![format!("/out{DATA}")];
        for file in &build.facts.beside {
            let folder = file.value.parent().map_or("", Utf8Path::as_str);
            folders.push(absolute("/out/links", folder));
        }
        folders.dedup();
        commands.push(format!("mkdir -p {}", crate::text::shell_line(&folders)));
        for file in &build.facts.beside {
            let name = file.value.file_name().unwrap_or_default();
            let link = absolute("/out/links", file.value.as_str());
            commands.push(format!(
                "ln -s {} {}",
                crate::text::shell_word(&format!("{DATA}/{name}")),
                crate::text::shell_word(&link)
            ));
        }
    }
    let last = stage.setup.iter_mut().rev().find_map(|step| match &mut step.act {
        Act::Run(run) => Some(run),
        _ => None,
    });
    match last {
        Some(run) => run.commands.extend(commands),
        None if commands.is_empty() => {}
        None => stage.setup.push(Step::run(vec![], commands)),
    }
}
