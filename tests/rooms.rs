//! The rules of the house that the compiler does not know.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use dfgen::knowledge::{Knowledge, Whole as _};
use dfgen::repo::Repo;

#[expect(clippy::disallowed_methods, reason = "a test reads the project's own files")]
fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[expect(clippy::disallowed_methods, reason = "a test lists the project's own files")]
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{folder} holds no {ending}");
    found
}

fn knowledge() -> Knowledge {
    Knowledge::load(&Repo::from_files([])).unwrap()
}

/// The code of a source file without its own tests.
fn code(path: &Path) -> String {
    let text = read(path);
    text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned()
}

#[test]
fn tables_can_be_read_whole() {
    let knowledge = knowledge();
    for detector in knowledge.detectors.values() {
        detector.check().unwrap_or_else(|error| panic!("{}.toml: {error}", detector.id));
    }
    knowledge.bases.check().unwrap();
    knowledge.system.capabilities.values().for_each(|row| row.check().unwrap());
    knowledge.access.check().unwrap();
    knowledge.folders.check().unwrap();
}

/// Every tag that an image of the tables can be written with was published.
#[test]
fn every_tag_was_published() {
    let list = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tags.txt"));
    let published: BTreeSet<&str> = list.lines().map(|line| line.trim_start_matches("- ")).collect();
    let bases = knowledge().bases;
    let mut tags = BTreeSet::new();
    for (id, toolchain) in &bases.toolchains {
        for version in &toolchain.versions {
            let own: Vec<&String> = toolchain.images.values().collect();
            let strategies = toolchain.strategies.values().flatten().map(|image| &bases.images[image]);
            let runtime = strategies
                .filter(|image| image.versions.is_empty() || image.versions.contains(&version.version));
            for tag in own
                .into_iter()
                .chain(runtime.flat_map(|image| [Some(&image.tag), image.debug.as_ref()]).flatten())
            {
                tags.extend(filled(
                    tag,
                    &version.version,
                    &version.suites,
                    &version.alpine,
                    &bases.debian,
                    &bases.alpine,
                ));
            }
            assert!(!version.suites.is_empty(), "{id} {} has no suite", version.version);
        }
    }
    for composer in knowledge().detectors.values().filter_map(|row| Some(&row.php.as_ref()?.composer)) {
        tags.extend([composer.image.clone(), composer.old_image.clone()]);
    }
    for builder in &bases.builders {
        tags.extend(builder.java.iter().map(|version| builder.image.replace("{version}", version)));
    }
    let unknown: Vec<&String> =
        tags.iter().filter(|tag| *tag != "scratch" && !published.contains(tag.as_str())).collect();
    assert!(unknown.is_empty(), "never published: {unknown:?}");
    assert!(tags.len() > 60, "{} tags are too few to be all", tags.len());
}

fn filled(
    tag: &str,
    version: &str,
    suites: &[String],
    alpine: &[String],
    debian: &str,
    default_alpine: &str,
) -> Vec<String> {
    let tag = tag.replace("{version}", version);
    if tag.contains("{suite}") && !tag.starts_with("debian") {
        return suites.iter().map(|suite| tag.replace("{suite}", suite)).collect();
    }
    if tag.contains("{alpine}") && !tag.starts_with("alpine") {
        return alpine.iter().map(|release| tag.replace("{alpine}", release)).collect();
    }
    vec![tag.replace("{suite}", debian).replace("{alpine}", default_alpine)]
}

/// What is chosen where nothing is asked for gets fixes still, and exists.
#[test]
fn defaults_are_supported() {
    let bases = knowledge().bases;
    for (id, toolchain) in &bases.toolchains {
        let row = toolchain.versions.iter().find(|one| one.version == toolchain.default);
        assert!(row.is_some_and(|row| row.end > bases.as_of), "{id}: {}", toolchain.default);
        for strategy in &toolchain.auto {
            assert!(toolchain.strategies.contains_key(strategy), "{id}: auto names {strategy}");
        }
        for strategy in dfgen::plan::base::STRATEGIES {
            let known =
                toolchain.strategies.contains_key(strategy) ^ toolchain.refused.contains_key(strategy);
            assert!(known, "{id}: {strategy} has to have images or a reason, not both");
        }
    }
}

/// Every capability that a table names is known, and so is every image and package manager.
#[test]
fn tables_name_what_exists() {
    let knowledge = knowledge();
    let built_in = ["user", "tmp", "node", "bun", "java", "fontconfig", "npm", "web-server"];
    let known =
        |name: &String| knowledge.system.capabilities.contains_key(name) || built_in.contains(&name.as_str());
    for detector in knowledge.detectors.values() {
        for package in &detector.packages {
            for capability in package.build.iter().chain(&package.run) {
                assert!(known(capability), "{}: {} needs `{capability}`", detector.id, package.name);
            }
        }
    }
    for (id, image) in &knowledge.bases.images {
        let manager = image.packages.as_ref();
        assert!(manager.is_none_or(|name| knowledge.system.managers.contains_key(name)), "{id}");
        let ids: Vec<u32> = image.user.split(':').map(|part| part.parse().unwrap()).collect();
        assert!(ids.len() == 2 && ids.iter().all(|id| *id > 0), "{id}: user {}", image.user);
    }
    for (id, toolchain) in &knowledge.bases.toolchains {
        for image in toolchain.strategies.values().flatten() {
            assert!(knowledge.bases.images.contains_key(image), "{id}: {image}");
        }
    }
}

/// One language id opens the same-named door in every room.
/// A row of native packages says what it rests on; names of a distribution are marked as looked up, or as not.
#[test]
fn every_native_row_has_its_evidence() {
    let knowledge = knowledge();
    let mut without = Vec::new();
    let mut hold = |table: &str, name: &str, evidence: Option<&String>| {
        let kinds = ["lab: ", "lock: ", "registry: "];
        let says = evidence
            .is_some_and(|text| kinds.iter().any(|kind| text.starts_with(kind) && text.len() > kind.len()));
        if !says {
            without.push(format!("{table}: {name}"));
        }
    };
    for detector in knowledge.detectors.values() {
        let table = detector.id.as_str();
        detector.packages.iter().for_each(|row| hold(table, &row.name, row.evidence.as_ref()));
        detector.ceilings.iter().for_each(|row| hold(table, &row.name, row.evidence.as_ref()));
        detector.conflicts.iter().for_each(|row| hold(table, &row.name, row.evidence.as_ref()));
        let extensions = detector.php.iter().flat_map(|php| php.extensions.iter());
        for row in extensions {
            hold(table, &row.name, row.evidence.as_ref());
            if !row.versions.is_empty() {
                hold(table, &format!("the versions of {}", row.name), row.pinned.as_ref());
            }
        }
    }
    for (name, row) in &knowledge.system.capabilities {
        // Bookworm has no girepository 2.
        let suites: &[&str] = if name == "gobject" { &["trixie"] } else { &["bookworm", "trixie"] };
        let named = !(row.build.is_empty() && row.run.is_empty());
        let debian = !named || suites.iter().all(|suite| row.checked.iter().any(|one| one == suite));
        let marked = row.checked.iter().chain(&row.unchecked).any(|one| one == "alpine");
        let alpine = row.alpine_build.is_empty() && row.alpine_run.is_empty() || marked;
        if !(debian && alpine) {
            without.push(format!("_system: {name}"));
        }
    }
    assert_eq!(without, Vec::<String>::new());
}

#[test]
fn every_language_has_its_rooms() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for id in knowledge().detectors.keys() {
        let own = match id.as_str() {
            "static" => "site",
            "bun" => "node",
            "kotlin" => "java",
            own => own,
        };
        let code = root.join(format!("src/detect/{own}.rs")).is_file()
            || root.join(format!("src/detect/{own}/mod.rs")).is_file();
        assert!(code, "detectors/{id}.toml has no src/detect/{id}");
        let example = files("examples", "Dockerfile")
            .iter()
            .any(|path| path.to_str().unwrap().contains(&format!("/{id}-")));
        assert!(example, "detectors/{id}.toml has no examples/{id}-*");
    }
}

/// Image tags and versions are data.
#[test]
fn no_image_tag_in_code_or_templates() {
    let images = [
        "golang:",
        "node:",
        "debian:",
        "alpine:",
        "nginx:",
        "python:",
        "php:",
        "composer:",
        "gcr.io/",
        "oven/bun:",
        "nginxinc/",
        "maven:",
        "gradle:",
        "eclipse-temurin:",
    ];
    let tests = |path: &PathBuf| path.file_name().is_some_and(|name| name == "tests.rs");
    for path in files("src", ".rs").into_iter().filter(|path| !tests(path)).chain(files("templates", ".tera"))
    {
        for (number, line) in code(&path).lines().enumerate() {
            let found = images.iter().find(|image| {
                line.find(*image).is_some_and(|at| {
                    line[at + image.len()..]
                        .starts_with(|c: char| c.is_ascii_digit() || c == '{' || c.is_ascii_lowercase())
                })
            });
            let path_like =
                line.contains("crate::") || line.contains("super::") || line.trim_start().starts_with("//");
            assert!(found.is_none() || path_like, "{}:{}: {line}", path.display(), number + 1);
        }
    }
}

/// Templates ask whether and what, never why.
#[test]
fn templates_compare_nothing() {
    for path in files("templates", ".tera") {
        for (number, line) in read(&path).lines().enumerate() {
            for tag in line.split("{%").skip(1).filter_map(|rest| rest.split("%}").next()) {
                let compares = ["==", "!=", "<", ">", " and ", " or ", " in "]
                    .iter()
                    .any(|operator| tag.contains(operator));
                assert!(
                    !compares || tag.trim_start_matches('-').trim_start().starts_with("for "),
                    "{}:{}: {tag}",
                    path.display(),
                    number + 1
                );
            }
        }
    }
}

/// Each room knows only what stands before it.
#[test]
fn imports_point_one_way() {
    let order = [
        "error",
        "facts",
        "text",
        "repo",
        "manifest",
        "source",
        "knowledge",
        "detect",
        "compose",
        "plan",
        "render",
        "emit",
        "merge",
        "generate",
        "explain",
        "review",
        "update",
        "report",
        "cli",
    ];
    let place: BTreeMap<&str, usize> =
        order.iter().enumerate().map(|(number, room)| (*room, number)).collect();
    // What was asked for is known to detection and planning, and is made of the planner's own words.
    let exempt = ["answers"];
    for path in files("src", ".rs") {
        let inner = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
        let room = inner
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs")
            .to_owned();
        let Some(own) = place.get(room.as_str()) else { continue };
        for used in code(&path).split("crate::").skip(1) {
            let name: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if exempt.contains(&name.as_str()) {
                continue;
            }
            if let Some(other) = place.get(name.as_str()) {
                assert!(other <= own, "{} uses crate::{name}, which stands after {room}", inner.display());
            }
        }
    }
}

/// Files stay small enough to be read in one go.
#[test]
fn files_stay_under_600_lines() {
    for path in files("src", ".rs").into_iter().chain(files("tests", ".rs")) {
        let lines = read(&path).lines().count();
        assert!(lines <= 600, "{} has {lines} lines", path.display());
    }
}

/// The crate says what it stands on; each dependency is a decision of ARCHITECTURE.md.
#[test]
fn dependencies_are_the_ones_argued_for() {
    let metadata = cargo_metadata::MetadataCommand::new()
        .no_deps()
        .other_options(vec!["--offline".into()])
        .exec()
        .unwrap();
    let text = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md"));
    let package = metadata.packages.iter().find(|package| package.name.as_str() == "dfgen").unwrap();
    for dependency in &package.dependencies {
        assert!(
            text.contains(&format!("`{}`", dependency.name)),
            "ARCHITECTURE.md does not argue for `{}`",
            dependency.name
        );
    }
}
