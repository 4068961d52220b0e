//! Which Java: what files name as the JDK to build with, what manifests name as the language, and what frameworks and tools need.

use camino::Utf8Path;

use super::maven;
use super::module::{Module, names};
use crate::detect::Context;
use crate::error::Result;
use crate::facts::{Bound, Constraint, Evidence, Found};
use crate::knowledge::{Jvm, RunsOn, at_least};
use crate::manifest::gradle::Level;
use crate::manifest::java_properties;
use crate::manifest::version_files;

/// `17`, `1.8`, `21.0.2`, `temurin-17.0.8+7`, `17.0.2-tem`: the number that images are called by.
pub(super) fn feature(text: &str) -> Option<String> {
    let start = text.find(|letter: char| letter.is_ascii_digit())?;
    let rest = text.get(start..)?;
    let rest = rest.strip_prefix("1.").unwrap_or(rest);
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let number: u32 = digits.parse().ok()?;
    (5..100).contains(&number).then(|| number.to_string())
}

/// The properties of a pom.xml that name a version, the most telling first.
const PROPERTIES: [&str; 8] = [
    "maven.compiler.release",
    "java.version",
    "maven.compiler.source",
    "maven.compiler.target",
    "release.version",
    "jdk.version",
    "kotlin.compiler.jvmTarget",
    "java.release",
];

/// What the poms of a module name.
pub(super) fn of_maven(module: &maven::Module) -> Vec<(Level, String, Evidence)> {
    let mut found = Vec::new();
    for (path, plugin) in module.settings_of("maven-compiler-plugin") {
        for key in ["release", "source", "target"] {
            if let Some(element) = plugin.told(&[key])
                && let Some(version) = feature(&module.fill(&element.text))
            {
                let name = element.text.strip_prefix("${").and_then(|text| text.strip_suffix('}'));
                let because = name.and_then(|name| module.property(name)).map(|(_, because)| because);
                let says =
                    || format!("{key} of the compiler plug-in in {}", path.file_name().unwrap_or("pom.xml"));
                found.push((
                    Level::Language,
                    version,
                    because.unwrap_or_else(|| Evidence::line(path, element.line, says())),
                ));
            }
        }
    }
    for name in PROPERTIES {
        if let Some((value, because)) = module.property(name)
            && let Some(version) = feature(&value)
        {
            found.push((Level::Language, version, because));
        }
    }
    for (path, plugin) in module.settings_of("kotlin-maven-plugin") {
        if let Some(element) = plugin.told(&["jvmTarget"])
            && let Some(version) = feature(&module.fill(&element.text))
        {
            found.push((
                Level::Language,
                version,
                Evidence::line(path, element.line, "jvmTarget of pom.xml"),
            ));
        }
    }
    found
}

/// Every source of the version for a module, the decisive one first.
///
/// `tool` is what the build tool's own version runs on.
///
/// # Errors
/// A version file that cannot be read.
pub(super) fn constraints(
    cx: &Context<'_>,
    jvm: &Jvm,
    reached: &[&Module],
    dirs: &[&Utf8Path],
    tool: Option<(&RunsOn, Evidence)>,
) -> Result<Vec<Constraint>> {
    let mut found = files(cx, dirs)?;
    let own = reached.iter().flat_map(|module| &module.java);
    let mut toolchains: Vec<_> = own.filter(|(level, ..)| *level == Level::Toolchain).collect();
    toolchains.truncate(1);
    for (_, version, because) in toolchains {
        found.push(Found::new(Bound::Pin(version.clone()), because.clone()));
    }
    let language = |module: &&Module| {
        let said = module.java.iter().find(|(level, ..)| *level == Level::Language)?;
        Some((said.1.clone(), said.2.clone()))
    };
    let told = reached.first().and_then(language).or_else(|| outer(jvm, reached));
    // What a library is written in is the oldest that the program may run on.
    let of_libraries = told.is_none();
    let languages = told.or_else(|| reached.iter().filter_map(language).max_by_key(|one| number(&one.0)));
    let settled = !found.is_empty() || of_libraries;
    if let Some((version, because)) = &languages {
        // A JDK compiles every older language: where one is named, or the tool itself needs a newer one, this is the oldest that may work.
        let older = tool.as_ref().is_some_and(|(limits, _)| number(version) < limits.oldest);
        let newer = libraries(jvm, reached).is_some_and(|(least, _)| number(version) < number(&least));
        let floor = settled || older || newer || !published(cx, version);
        let bound = if floor { lowest(cx, version, settled) } else { Bound::Pin(version.clone()) };
        found.push(Found::new(bound, because.clone()));
    }
    found.extend(needed(cx, reached));
    if let Some((least, because)) = libraries(jvm, reached)
        && !found.iter().any(|one| least_of(&one.value) >= number(&least))
    {
        found.push(Found::new(Bound::Floor(least), because));
    }
    let above = tool.and_then(|(limits, because)| within(cx, limits.newest, because, &found));
    found.extend(above);
    Ok(found)
}

/// Where nobody names a JDK, the build is spared a second one: the newest that the tool itself runs on will do.
fn within(cx: &Context<'_>, newest: u32, because: Evidence, found: &[Constraint]) -> Option<Constraint> {
    let oldest = found.iter().map(|one| match &one.value {
        Bound::Floor(version) => Some(number(version)),
        Bound::Pin(_) | Bound::Range(_) => None,
    });
    let oldest = oldest.collect::<Option<Vec<u32>>>()?.into_iter().max().unwrap_or(0);
    let java = cx.knowledge.bases.toolchains.get("java")?;
    let fits = java.versions.iter().any(|row| (oldest..=newest).contains(&number(&row.version)));
    (fits && number(&java.default) > newest)
        .then(|| Found::new(Bound::Range(format!("<{}", newest + 1)), because))
}

/// A language without images of its own is compiled by the next JDK that has long-term support.
fn lowest(cx: &Context<'_>, version: &str, settled: bool) -> Bound {
    let wanted = number(version);
    let versions = cx.knowledge.bases.toolchains.get("java").map_or(&[] as &[_], |java| &java.versions);
    let as_of = &cx.knowledge.bases.as_of;
    let next = versions
        .iter()
        .filter(|row| number(&row.version) >= wanted && row.end >= *as_of)
        .min_by_key(|row| number(&row.version));
    match next.filter(|_| !settled && !published(cx, version)) {
        Some(next) => Bound::Pin(next.version.clone()),
        None => Bound::Floor(version.to_owned()),
    }
}

fn published(cx: &Context<'_>, version: &str) -> bool {
    cx.knowledge
        .bases
        .toolchains
        .get("java")
        .is_some_and(|java| java.versions.iter().any(|row| row.version == version))
}

pub(super) fn number(version: &str) -> u32 {
    version.split('.').next().and_then(|first| first.parse().ok()).unwrap_or(0)
}

/// What a parent outside of the repository defines.
fn outer(jvm: &Jvm, reached: &[&Module]) -> Option<(String, Evidence)> {
    let own = reached.first()?;
    jvm.parents.iter().find_map(|row| {
        let seen = own.plugins.iter().find(|seen| names(&row.key, &seen.key))?;
        let version = seen.version.as_deref().filter(|version| at_least(version, &row.from))?;
        let artifact = seen.key.rsplit(':').next().unwrap_or_default();
        let says = format!("java.version of {artifact} {}", version.split('.').next().unwrap_or(version));
        Some((row.java.clone(), Evidence { says, ..seen.because.clone() }))
    })
}

/// The oldest Java that a bound allows, as far as it tells.
fn least_of(bound: &Bound) -> u32 {
    match bound {
        Bound::Pin(version) | Bound::Floor(version) => number(version),
        Bound::Range(_) => 0,
    }
}

/// The Java whose classes the libraries are.
fn libraries(jvm: &Jvm, reached: &[&Module]) -> Option<(String, Evidence)> {
    let all = reached.iter().flat_map(|module| &module.dependencies);
    let needs = all.filter_map(|seen| {
        let version = seen.version.as_deref()?;
        let row =
            jvm.libraries.iter().find(|row| names(&row.key, &seen.key) && at_least(version, &row.from))?;
        let artifact = seen.key.rsplit(':').next().unwrap_or_default();
        let says = format!("{artifact} {} and newer", row.from);
        Some((row.java.clone(), Evidence { says, ..seen.because.clone() }))
    });
    needs.max_by_key(|(java, _)| number(java))
}

/// What the versions of frameworks need.
fn needed(cx: &Context<'_>, reached: &[&Module]) -> Vec<Constraint> {
    let mut found = Vec::new();
    for framework in cx.knowledge.of("java").frameworks.iter().filter(|framework| !framework.needs.is_empty())
    {
        let Some((version, seen)) = super::framework_version(framework, reached) else { continue };
        let row = framework.needs.iter().find(|(from, _)| at_least(&version, from));
        if let Some((from, java)) = row {
            let says = format!("{} {from} and newer", framework.name);
            found.push(Found::new(Bound::Floor(java.clone()), Evidence { says, ..seen }));
        }
    }
    found
}

/// Files that name the JDK that people build with.
fn files(cx: &Context<'_>, dirs: &[&Utf8Path]) -> Result<Vec<Constraint>> {
    let mut found = Vec::new();
    for dir in dirs {
        for name in
            [".java-version", ".sdkmanrc", ".tool-versions", "mise.toml", ".mise.toml", "system.properties"]
        {
            let path = dir.join(name);
            let Some(text) = cx.repo.read(&path)? else { continue };
            let pairs = || java_properties::parse(&text);
            let line = match name {
                ".java-version" => version_files::plain(&text),
                ".tool-versions" => version_files::tool_versions(&text, &["java"]),
                ".sdkmanrc" => {
                    java_properties::get(&pairs(), "java").map(|one| (one.value.clone(), one.line))
                }
                "system.properties" => java_properties::get(&pairs(), "java.runtime.version")
                    .map(|one| (one.value.clone(), one.line)),
                _ => version_files::mise(&text, &["java"]),
            };
            let Some((version, line)) = line.and_then(|(text, line)| Some((feature(&text)?, line))) else {
                continue;
            };
            if found.iter().all(|known: &Constraint| known.value != Bound::Pin(version.clone())) {
                found.push(Found::new(Bound::Pin(version), Evidence::line(&path, line, name)));
            }
        }
    }
    // One file decides; the others are what somebody forgot.
    found.truncate(1);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::feature;

    #[test]
    fn versions_come_to_the_number_that_images_have() {
        for (text, number) in
            [("17", "17"), ("1.8", "8"), ("21.0.2", "21"), ("temurin-17.0.8+7", "17"), ("17.0.2-tem", "17")]
        {
            assert_eq!(feature(text).as_deref(), Some(number), "{text}");
        }
        assert_eq!(feature("latest"), None);
        assert_eq!(feature("${java.version}"), None);
    }
}
