//! The stage that Composer works in: packages from the manifests alone, then the sources, then the autoloader and what the
//! project's own scripts make of it.

use super::{Build, join};
use crate::facts::{Found, Need, Phase};
use crate::plan::layout::{copies, in_context};
use crate::plan::runtime::{self, sentence};
use crate::plan::{Act, CacheStyle, Mount, Run, Stage, Step, access};

/// Where Composer keeps what it fetched.
const CACHE: &str = "/tmp/composer-cache";

/// What the stage is for, where it installs.
const BOTH: &str = "build installs the packages and makes the autoloader.";

pub(super) fn stage(build: &Build, says: Option<&str>) -> Stage {
    let (has_packages, locked) =
        build.facts.composer.as_ref().map_or((false, false), |it| (it.has_packages, it.lock.is_some()));
    let purpose = if has_packages { BOTH } else { "build makes the autoloader." };
    let mut stage = Stage {
        name: "build".to_owned(),
        purpose: vec![join(purpose, says)],
        image: build.ground.clone(),
        workdir: build.home.to_owned(),
        env: vec![environment()],
        packages: packages(build, has_packages),
        setup: [composer(build)].into_iter().chain(access::setup(&build.project.access)).collect(),
        manifests: manifests(build),
        sources: vec![Step::copy(vec![in_context(&build.project.root, &build.context)], "./")],
        build: vec![make(build)],
        ..Stage::default()
    };
    if let [Step { act: Act::Copy(copy), .. }] = stage.sources.as_mut_slice()
        && copy.sources == ["."]
    {
        ".".clone_into(&mut copy.to);
    }
    if has_packages {
        stage.install.push(install(build, locked));
    } else {
        stage.manifests.clear();
    }
    stage
}

/// Packages in a stage of their own, front ends that find them where the sources name them, and what is left of the build.
pub(super) fn beside(stage: Stage, mut ends: Vec<Stage>, vendor: (&str, &str), why: &str) -> Vec<Stage> {
    let packages = Stage {
        name: "packages".to_owned(),
        purpose: stage
            .purpose
            .iter()
            .map(|line| line.replace(BOTH, "packages installs the packages."))
            .collect(),
        sources: vec![],
        build: vec![],
        ..stage.clone()
    };
    let build = Stage {
        name: stage.name,
        purpose: vec!["build makes the autoloader.".to_owned()],
        image: packages.name.clone(),
        sources: stage.sources,
        build: stage.build,
        ..Stage::default()
    };
    for end in &mut ends {
        let copy = Step::copy_from(&packages.name, vendor.0.to_owned(), vendor.1);
        end.sources.insert(0, Step { because: vec![format!("{}.", sentence(why))], ..copy });
    }
    [packages].into_iter().chain(ends).chain([build]).collect()
}

fn environment() -> Step {
    let pairs = [("COMPOSER_ALLOW_SUPERUSER", "1"), ("COMPOSER_CACHE_DIR", CACHE)];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Step::because("Plug-ins of Composer run for root only where that is said.", Act::Env(pairs.to_vec()))
}

/// Composer unpacks with unzip, and clones what has no archive.
fn packages(build: &Build, has_packages: bool) -> Vec<Step> {
    let Some(composer) = build.facts.composer.as_ref().filter(|_| has_packages) else { return vec![] };
    let mut needs: Vec<Found<Need>> =
        vec![runtime::need("unzip", Phase::Build, "Composer unpacks archives with unzip")];
    if let Some(git) = &composer.git_dependency {
        needs.push(Found {
            value: Need { capability: "git".into(), phase: Phase::Build },
            because: git.because.clone(),
        });
    }
    let ssh = ["git", "ssh-client"];
    let asked = build.project.needs.iter().filter(|need| ssh.contains(&need.value.capability.as_str()));
    needs.extend(asked.cloned());
    let (packages, because) =
        runtime::build_packages(build.knowledge, &needs, &build.offers(), build.alpine(), &build.suite);
    let manager = build.chosen.image.packages.as_deref().unwrap_or("apt");
    runtime::install(build.knowledge, manager, &packages, &because).into_iter().collect()
}

fn composer(build: &Build) -> Step {
    let own = &build.table.composer;
    let old = super::extensions::numbers(&build.version.version) < super::extensions::numbers(&own.needs);
    let image = if old { &own.old_image } else { &own.image };
    Step::copy_from(image, own.program.clone(), "/usr/local/bin/composer")
}

fn manifests(build: &Build) -> Vec<Step> {
    let files = build.facts.composer.iter().flat_map(|composer| &composer.manifests);
    let files: Vec<String> = files
        .map(|path| {
            let inner = path.strip_prefix(&build.project.root).unwrap_or(path).to_string();
            if path.as_str().ends_with('/') && !inner.ends_with('/') { format!("{inner}/") } else { inner }
        })
        .collect();
    let mut steps = copies(&files);
    let prefix = in_context(&build.project.root, &build.context);
    for step in &mut steps {
        if let (Act::Copy(copy), false) = (&mut step.act, prefix == ".") {
            for source in &mut copy.sources {
                *source = format!("{prefix}/{source}");
            }
        }
    }
    steps
}

/// The frozen install, without what needs the sources.
fn install(build: &Build, locked: bool) -> Step {
    let verb = if locked { "install" } else { "update" };
    let command = format!(
        "composer {verb} --no-dev --no-scripts --no-autoloader --prefer-dist --no-interaction --no-progress"
    );
    let act = Act::Run(Run { mounts: mounts(build), commands: vec![command] });
    Step { because: access::reasons(&build.project.access), act }
}

fn mounts(build: &Build) -> Vec<Mount> {
    let cache = || Mount::Cache { id: "composer".to_owned(), target: CACHE.to_owned(), locked: false };
    let mut mounts: Vec<Mount> = (build.wishes.cache == CacheStyle::Mounts).then(cache).into_iter().collect();
    mounts.extend(access::mounts(&build.project.access));
    mounts
}

/// The autoloader, which runs the project's scripts; then the application's own steps, and folders for its user.
fn make(build: &Build) -> Step {
    let mut because = Vec::new();
    let pairs = build.row.iter().flat_map(|row| &row.build_env);
    let pairs: Vec<String> =
        pairs.map(|(name, value)| format!("{name}={} ", crate::text::shell_word(value))).collect();
    let env = pairs.concat();
    let mut commands = vec![format!("{env}composer dump-autoload --optimize --no-dev --no-interaction")];
    for one in &build.facts.build {
        commands.push(format!("{env}{}", one.value));
        because.push(sentence(&format!("{}.", one.says())));
    }
    commands.extend(folders(build));
    Step { because, act: Act::Run(Run { mounts: vec![], commands }) }
}

/// Folders that the image's user may write to; COPY keeps their owner.
pub(super) fn folders(build: &Build) -> Vec<String> {
    let folders = build.folders();
    if folders.is_empty() {
        return vec![];
    }
    let words = crate::text::shell_line(&folders);
    vec![format!("mkdir -p {words}"), format!("chown -R {} {words}", build.chosen.image.user)]
}
