//! The stage that runs: production settings, Apache as an ordinary user, the project as the build left it or as it lies.

use super::{Build, install, join};
use crate::facts::{Kind, PhpFacts, Project};
use crate::plan::layout::{absolute, in_context};
use crate::plan::runtime::{self, sentence};
use crate::plan::{Act, File, Run, Runtime, Step};

const SITE: &str = "/etc/apache2/sites-available/000-default.conf";
const SETTINGS: &str = "/usr/local/etc/php/conf.d/zz-production.ini";

/// PHP ignores SIGTERM as process 1, unless the program handles it or ends by itself.
pub(super) fn init_wanted(project: &Project, facts: &PhpFacts) -> bool {
    let shell = facts.start.as_ref().is_some_and(|start| start.value.shell.is_some());
    shell || project.kind.value != Kind::Cli && !facts.handles_sigterm
}

pub(super) fn runtime(build: &Build, extensions: Option<Step>, says: Option<&str>) -> Runtime {
    let user = build.chosen.image.user.clone();
    let mut runtime = Runtime {
        purpose: vec![join(&format!("runtime {}.", build.chosen.image.is), says)],
        image: build.ground.clone(),
        workdir: Some(build.home.to_owned()),
        user,
        expose: runtime::expose(build.project),
        ..Runtime::default()
    };
    runtime.provisions.extend(extensions);
    runtime.provisions.push(settings(build));
    if let Some(site) = &build.facts.site {
        runtime.provisions.push(Step::plain(Act::File(File {
            template: "apache.conf".to_owned(),
            to: SITE.to_owned(),
            port: port(build),
            root: absolute(build.home, site.value.as_str()),
            front: build.facts.front.clone(),
            ..File::default()
        })));
    }
    if build.facts.fixed {
        let file = File { template: "php.ini".to_owned(), to: SETTINGS.to_owned(), ..File::default() };
        runtime.provisions.push(Step::plain(Act::File(file)));
    }
    let mut env = runtime::environment(build.project);
    for (_, value) in &mut env {
        *value = value.replace("{home}", build.home);
    }
    if !env.is_empty() {
        runtime.env.push(Step::plain(Act::Env(env)));
    }
    copies(build, &mut runtime);
    runtime.volumes.extend(build.written.iter().map(|folder| folder.path.clone()));
    start(build, &mut runtime);
    runtime
}

fn port(build: &Build) -> u16 {
    build
        .project
        .listen
        .first()
        .map_or_else(|| build.chosen.image.port.unwrap_or(0), |listen| listen.value.port)
}

/// Production's php.ini, Apache's modules, the port where it is not Apache's own, folders outside of the project.
fn settings(build: &Build) -> Step {
    let mut commands = vec!["mv \"$PHP_INI_DIR/php.ini-production\" \"$PHP_INI_DIR/php.ini\"".to_owned()];
    let mut because = Vec::new();
    let modules: Vec<&str> = build.facts.modules.iter().map(|module| module.value.as_str()).collect();
    if !modules.is_empty() {
        commands.push(format!("a2enmod {}", crate::text::shell_line(&modules)));
        let files: Vec<&str> = build.facts.modules.iter().map(crate::facts::Found::says).collect();
        let mut files: Vec<&str> = files;
        files.dedup();
        because.push(format!(
            "Directives of {} need {}.",
            crate::text::list(&files),
            crate::text::list(&modules)
        ));
    }
    let own = build.chosen.image.port.filter(|_| build.facts.site.is_some());
    if let Some(own) = own.filter(|own| *own != port(build)) {
        commands.push(format!("sed -i 's/^Listen {own}$/Listen {}/' /etc/apache2/ports.conf", port(build)));
        let says = build.project.listen.first().map_or("", |listen| listen.says());
        because.push(format!("Apache listens on {}: {says}.", port(build)));
    }
    let outside: Vec<&str> = build
        .written
        .iter()
        .map(|folder| folder.path.as_str())
        .filter(|path| !path.starts_with(&format!("{}/", build.home)))
        .collect();
    if !outside.is_empty() {
        let words = crate::text::shell_line(&outside);
        commands.push(format!("mkdir -p {words}"));
        commands.push(format!("chown {} {words}", build.chosen.image.user));
    }
    Step { because, act: Act::Run(Run { mounts: vec![], commands }) }
}

/// The project: from the build, where there is one, with the owners that it gave.
fn copies(build: &Build, runtime: &mut Runtime) {
    if build.makes() {
        let copy = Step::copy_from("build", build.home.to_owned(), "./");
        runtime.copies.push(Step { because: told(build), ..copy });
        return;
    }
    let source = in_context(&build.project.root, &build.context);
    let to = if source == "." { "." } else { "./" };
    runtime.copies.push(Step::copy(vec![source], to));
    let commands = install::folders(build);
    if !commands.is_empty() {
        let act = Act::Run(Run { mounts: vec![], commands });
        runtime.copies.push(Step { because: told(build), act });
    }
}

/// Why each volume is one.
fn told(build: &Build) -> Vec<String> {
    let each = build.written.iter().map(|folder| {
        if folder.because.contains(" writes ") {
            return format!("{}: mount a volume.", folder.because);
        }
        let path = folder.path.strip_prefix(&format!("{}/", build.home)).unwrap_or(&folder.path);
        if folder.because.starts_with("written ") || folder.because.starts_with("kept ") {
            return format!("{path} is {}: mount a volume.", folder.because);
        }
        format!("{path} is written ({}): mount a volume.", folder.because)
    });
    each.collect()
}

/// Apache, or the program: behind an init where nothing else would end it.
fn start(build: &Build, runtime: &mut Runtime) {
    let Some(start) = &build.facts.start else {
        runtime.cmd = vec!["apache2-foreground".to_owned()];
        return;
    };
    runtime.start_because = Some(sentence(start.says())).filter(|line| !line.is_empty());
    let words = match &start.value.shell {
        Some(line) => vec!["sh".to_owned(), "-c".to_owned(), line.clone()],
        None => start.value.argv.clone(),
    };
    if init_wanted(build.project, build.facts) {
        let manager = build.chosen.image.packages.as_deref();
        let init =
            manager.and_then(|name| build.knowledge.system.managers.get(name)).map(|row| row.init.clone());
        runtime.entrypoint = init.into_iter().chain(["--".to_owned()]).collect();
        runtime.cmd = words;
    } else {
        let mut words = words.into_iter();
        runtime.entrypoint = words.by_ref().take(2).collect();
        runtime.cmd = words.collect();
    }
}
