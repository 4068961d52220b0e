//! Repositories that not everybody may read: what the build files name beside the public ones.

use camino::Utf8Path;

use super::module::{Manifest, Module};
use crate::detect::access::Keys;
use crate::detect::{Context, join_inside};
use crate::error::Result;
use crate::facts::{Evidence, JvmTool, Project};

/// Fills what the build has to be given.
///
/// # Errors
/// Settings of Maven cannot be read.
pub(super) fn fill(cx: &Context, tool: &JvmTool, reached: &[&Module], project: &mut Project) -> Result<()> {
    let mut keys = Keys::of(cx.knowledge, &tool.id);
    let own = settings(cx, &tool.root, &mut keys)?;
    for module in reached {
        match &module.manifest {
            Manifest::Maven(maven) if !own => {
                for (path, (_, url)) in maven.repositories() {
                    let says = format!("a repository of {}", path.file_name().unwrap_or("pom.xml"));
                    let address = maven.fill(&url.value);
                    if !address.contains("${") {
                        keys.registry(&address, None, &Evidence::line(path, url.line, says));
                    }
                }
            }
            Manifest::Maven(_) => {}
            Manifest::Gradle(gradle) => {
                let all = gradle.parts.iter();
                let all = all.flat_map(|(file, part)| part.repositories.iter().map(move |one| (file, one)));
                let shared = gradle.shared.iter();
                let shared = shared.flat_map(|(file, all)| all.iter().map(move |one| (file, one)));
                for (file, one) in all.chain(shared).filter(|(_, one)| one.value.secret) {
                    let name = file.file_name().unwrap_or("build.gradle");
                    let says = format!("a repository of {name} asks for credentials");
                    let because = Evidence::line(file, one.line, says);
                    one.value.variables.iter().for_each(|name| keys.variable(name, &because));
                    if one.value.variables.is_empty() {
                        keys.file(&because);
                    }
                }
            }
        }
    }
    keys.finish(project, false);
    Ok(())
}

/// Settings of the repository's own, which `.mvn/maven.config` names: credentials stand in them as `${env.NAME}`.
fn settings(cx: &Context, root: &Utf8Path, keys: &mut Keys) -> Result<bool> {
    let Some(config) = cx.repo.read(root.join(".mvn/maven.config"))? else { return Ok(false) };
    let words: Vec<&str> = config.split_whitespace().collect();
    let flag = |word: &str| matches!(word, "-s" | "--settings");
    let apart = words.iter().position(|word| flag(word)).and_then(|at| words.get(at + 1).copied());
    let joined = words.iter().find_map(|word| {
        let (name, value) = word.split_once('=')?;
        flag(name).then_some(value)
    });
    let Some(file) = apart.or(joined).and_then(|path| join_inside(root, path)) else { return Ok(false) };
    let Some(text) = cx.repo.read(&file)? else { return Ok(false) };
    for (line, number) in text.lines().zip(1u32..) {
        for name in line.split("${env.").skip(1).filter_map(|rest| rest.split('}').next()) {
            keys.variable(name, &Evidence::line(&file, number, format!("the {name} of {file}")));
        }
    }
    Ok(true)
}
