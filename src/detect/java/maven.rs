//! Maven: which poms belong to a build, and what each module comes to when its parents, properties and active profiles are
//! put together.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::detect::{Context, join_inside};
use crate::error::{Error, Result};
use crate::facts::{Evidence, Found};
use crate::manifest::maven_pom::{self, Dependency, Model, Plugin, Pom};
use crate::manifest::yaml::Lined;

/// A module with everything that it inherits within the repository, its own pom first.
#[derive(Debug, Clone)]
pub(super) struct Module {
    /// Its folder.
    pub(super) dir: Utf8PathBuf,
    /// Its pom and those of its parents, each with its path.
    pub(super) chain: Vec<(Utf8PathBuf, Rc<Pom>)>,
    /// The profiles that hold.
    pub(super) profiles: Vec<String>,
}

/// A build.
#[derive(Debug, Clone, Default)]
pub(super) struct Reactor {
    /// The folder that Maven runs in.
    pub(super) root: Utf8PathBuf,
    /// The modules, that of the root first.
    pub(super) modules: Vec<Module>,
    /// Every pom that resolving reads.
    pub(super) poms: BTreeSet<Utf8PathBuf>,
    /// The profile that the repository builds for production with.
    pub(super) profile: Option<Found<String>>,
}

/// A build has no more modules than this.
const MOST: usize = 500;

/// Finds the build that the pom.xml of a folder belongs to.
///
/// # Errors
/// A pom.xml that cannot be understood, or a module without one.
pub(super) fn find(cx: &Context<'_>, dir: &Utf8Path) -> Result<Option<Reactor>> {
    if !cx.repo.has(dir.join("pom.xml")) {
        return Ok(None);
    }
    let poms = Poms { cx, read: RefCell::default() };
    let root = outermost(&poms, dir)?;
    let profile = poms.get(&root.join("pom.xml"))?.and_then(|pom| production(cx, &root, &pom));
    let mut reactor = Reactor { root: root.clone(), profile, ..Reactor::default() };
    collect(&poms, &root, &mut reactor)?;
    Ok(Some(reactor))
}

/// The poms that were read: each module asks for those of its parents.
struct Poms<'a> {
    cx: &'a Context<'a>,
    read: RefCell<BTreeMap<Utf8PathBuf, Rc<Pom>>>,
}

impl Poms<'_> {
    fn get(&self, path: &Utf8Path) -> Result<Option<Rc<Pom>>> {
        if let Some(known) = self.read.borrow().get(path) {
            return Ok(Some(Rc::clone(known)));
        }
        let found = pom(self.cx, path)?;
        if let Some(found) = &found {
            self.read.borrow_mut().insert(path.to_owned(), Rc::clone(found));
        }
        Ok(found)
    }
}

fn pom(cx: &Context<'_>, path: &Utf8Path) -> Result<Option<Rc<Pom>>> {
    let Some(text) = cx.repo.read(path)? else { return Ok(None) };
    let read = maven_pom::read(&text).map_err(|(line, message)| {
        Error::broken(path, line, message).help("mend it: Maven would refuse the file, too")
    })?;
    Ok(Some(Rc::new(read)))
}

/// The folder above which no pom names this one as its module.
fn outermost(poms: &Poms<'_>, dir: &Utf8Path) -> Result<Utf8PathBuf> {
    let mut root = dir.to_owned();
    for above in dir.ancestors().skip(1) {
        let Some(pom) = poms.get(&above.join("pom.xml"))? else { continue };
        let holds = active(poms.cx, above, &pom, None);
        let lists =
            modules(&pom, &holds).any(|module| module_dir(above, &module.value).as_ref() == Some(&root));
        if lists {
            above.clone_into(&mut root);
        }
    }
    Ok(root)
}

fn modules<'a>(pom: &'a Pom, active: &'a [String]) -> impl Iterator<Item = &'a Lined<String>> {
    pom.models(active).flat_map(|model| &model.modules)
}

/// The profiles of a pom that hold for the module in a folder.
fn active(cx: &Context<'_>, dir: &Utf8Path, pom: &Pom, chosen: Option<&str>) -> Vec<String> {
    let there =
        |file: &str| join_inside(dir, file).is_some_and(|path| cx.repo.has(&path) || cx.repo.has_dir(&path));
    pom.active(chosen, &there)
}

/// What profiles for production are called.
const PRODUCTION: [&str; 2] = ["prod", "production"];

/// A profile for production, where the repository itself says that it builds with it.
fn production(cx: &Context<'_>, root: &Utf8Path, pom: &Pom) -> Option<Found<String>> {
    let profile = pom.profiles.iter().find(|one| PRODUCTION.contains(&one.id.as_str()) && !one.by_default)?;
    let word = format!("-P{}", profile.id);
    let named =
        ["README.md", "Procfile", "package.json", "Jenkinsfile", "Makefile", ".gitlab-ci.yml", "app.json"];
    let own = named.iter().map(|name| root.join(name));
    let workflows = cx.repo.under(".github".into()).cloned();
    own.chain(workflows).find_map(|file| {
        let text = cx.repo.source(&file)?;
        let at = text.match_indices(&word).map(|(at, _)| at).find(|at| {
            let after = text.get(at + word.len()..).and_then(|rest| rest.chars().next());
            after.is_none_or(|letter| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '_')
        })?;
        let says = format!("{word} in {}", file.file_name().unwrap_or_default());
        Some(Found::new(profile.id.clone(), Evidence::line(&file, crate::manifest::line_at(&text, at), says)))
    })
}

/// The folder of a module; it may be named by its pom.
fn module_dir(dir: &Utf8Path, module: &str) -> Option<Utf8PathBuf> {
    let joined = join_inside(dir, module)?;
    if joined.extension() == Some("xml") { joined.parent().map(Utf8Path::to_owned) } else { Some(joined) }
}

fn collect(poms: &Poms<'_>, dir: &Utf8Path, reactor: &mut Reactor) -> Result<()> {
    let path = dir.join("pom.xml");
    let Some(own) = poms.get(&path)? else { return Ok(()) };
    let chain = chain(poms, &path, Rc::clone(&own))?;
    reactor.poms.extend(chain.iter().map(|(path, _)| path.clone()));
    let chosen = reactor.profile.as_ref().map(|profile| profile.value.clone());
    let profiles: Vec<String> =
        chain.iter().flat_map(|(_, pom)| active(poms.cx, dir, pom, chosen.as_deref())).collect();
    reactor.modules.push(Module { dir: dir.to_owned(), chain, profiles: profiles.clone() });
    for module in modules(&own, &profiles) {
        let Some(inner) = module_dir(dir, &module.value) else { continue };
        if reactor.modules.len() >= MOST || reactor.modules.iter().any(|known| known.dir == inner) {
            continue;
        }
        if !poms.cx.repo.has(inner.join("pom.xml")) {
            let message = format!("the module `{}` has no pom.xml in this repository", module.value);
            return Err(Error::broken(&path, Some(module.line), message)
                .help("add the module, take the line out, or fetch the submodule that it lies in"));
        }
        collect(poms, &inner, reactor)?;
    }
    // Modules of other profiles are read by nobody, but their poms are cheap and Maven may ask for them.
    Ok(())
}

/// A pom and its parents in the repository.
fn chain(poms: &Poms<'_>, path: &Utf8Path, own: Rc<Pom>) -> Result<Vec<(Utf8PathBuf, Rc<Pom>)>> {
    let mut chain = vec![(path.to_owned(), own)];
    while chain.len() < 12 {
        let Some((path, pom)) = chain.last() else { break };
        let Some((above, parent)) = parent_of(poms, path, pom)? else { break };
        if chain.iter().any(|(known, _)| *known == above) {
            break;
        }
        chain.push((above, parent));
    }
    Ok(chain)
}

/// The parent in the repository, where it is the one that is meant.
fn parent_of(poms: &Poms<'_>, path: &Utf8Path, own: &Pom) -> Result<Option<(Utf8PathBuf, Rc<Pom>)>> {
    let Some(parent) = &own.parent else { return Ok(None) };
    let relative = parent.relative_path.as_deref().unwrap_or("../pom.xml");
    let dir = path.parent().unwrap_or("".into());
    let Some(mut above) = join_inside(dir, relative).filter(|_| !relative.is_empty()) else {
        return Ok(None);
    };
    if above.extension() != Some("xml") {
        above = above.join("pom.xml");
    }
    let Some(found) = poms.get(&above)? else { return Ok(None) };
    let same = parent.key.rsplit_once(':').is_some_and(|(_, artifact)| artifact == found.artifact);
    Ok(same.then_some((above, found)))
}

impl Module {
    /// Its own pom.
    pub(super) fn pom(&self) -> &Pom {
        // A module is made with its own pom in front.
        static EMPTY: std::sync::OnceLock<Pom> = std::sync::OnceLock::new();
        self.chain.first().map_or_else(|| EMPTY.get_or_init(Pom::default), |(_, pom)| pom)
    }

    /// Where its own pom lies.
    pub(super) fn path(&self) -> &Utf8Path {
        self.chain.first().map_or("".into(), |(path, _)| path.as_path())
    }

    /// The parent that is not in the repository: its key and version.
    pub(super) fn outer(&self) -> Option<(&str, &str, Evidence)> {
        let (path, last) = self.chain.last()?;
        let parent = last.parent.as_ref()?;
        let says = format!("the parent of {}", path.file_name().unwrap_or("pom.xml"));
        Some((&parent.key, &parent.version, Evidence::line(path, parent.line, says)))
    }

    fn models(&self) -> impl Iterator<Item = (&Utf8Path, &Model)> {
        self.chain
            .iter()
            .flat_map(|(path, pom)| pom.models(&self.profiles).map(|model| (path.as_path(), model)))
    }

    /// A property: its value with the properties in it, and where it stands.
    pub(super) fn property(&self, name: &str) -> Option<(String, Evidence)> {
        let (path, found) = self.written(name)?;
        let says = format!("{name} of {}", path.file_name().unwrap_or("pom.xml"));
        Some((self.fill(&found.value), Evidence::line(path, found.line, says)))
    }

    fn written(&self, name: &str) -> Option<(&Utf8Path, &Lined<String>)> {
        let of = |model: &'_ Model| -> Option<usize> {
            model.properties.iter().rposition(|(known, _)| known == name)
        };
        self.chain.iter().find_map(|(path, pom)| {
            // What a profile says stands over what the pom itself does.
            let models: Vec<&Model> = pom.models(&self.profiles).collect();
            let model = models.into_iter().rev().find(|model| of(model).is_some())?;
            let (_, value) = model.properties.get(of(model)?)?;
            Some((path.as_path(), value))
        })
    }

    /// The group, its own or its parent's.
    pub(super) fn group(&self) -> String {
        let own = self.chain.iter().find_map(|(_, pom)| pom.group.clone());
        let outer =
            || self.chain.last().and_then(|(_, pom)| pom.parent.as_ref()).map(|parent| parent.key.clone());
        let group =
            own.or_else(|| outer().and_then(|key| key.split_once(':').map(|(group, _)| group.to_owned())));
        self.fill(&group.unwrap_or_default())
    }

    /// `group:artifact`.
    pub(super) fn key(&self) -> String {
        format!("{}:{}", self.group(), self.fill(&self.pom().artifact))
    }

    /// A text with its properties put in; what is not known stays.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut done = text.to_owned();
        for _ in 0..16 {
            let Some((from, to, value)) = self.next_property(&done) else { break };
            done.replace_range(from..to, &value);
        }
        done
    }

    fn next_property(&self, text: &str) -> Option<(usize, usize, String)> {
        text.match_indices("${").find_map(|(at, _)| {
            let length = text.get(at + 2..)?.find('}')?;
            let name = text.get(at + 2..at + 2 + length)?;
            Some((at, at + length + 3, self.named(name)?))
        })
    }

    fn named(&self, name: &str) -> Option<String> {
        let bare = name.strip_prefix("project.").or_else(|| name.strip_prefix("pom.")).unwrap_or(name);
        let own = self.pom();
        match bare {
            "artifactId" if name != bare => Some(own.artifact.clone()),
            "groupId" if name != bare => self.chain.iter().find_map(|(_, pom)| pom.group.clone()),
            "parent.artifactId" => {
                own.parent.as_ref().map(|parent| parent.key.rsplit(':').next().unwrap_or_default().to_owned())
            }
            "version" if name != bare => self
                .chain
                .iter()
                .find_map(|(_, pom)| pom.version.as_ref())
                .map(|version| version.value.clone()),
            "parent.version" => own.parent.as_ref().map(|parent| parent.version.clone()),
            "build.directory" => Some("target".to_owned()),
            "basedir" => Some(".".to_owned()),
            _ => self.written(name).map(|(_, value)| value.value.clone()),
        }
        .filter(|value| !value.contains(&format!("${{{name}}}")))
    }

    /// What the file that is built is called, without its ending, `*` in the place of the version.
    pub(super) fn file_name(&self, told: Option<&str>) -> String {
        let own =
            self.models().find_map(|(_, model)| model.final_name.as_ref()).map(|name| name.value.clone());
        let name = told
            .map(str::to_owned)
            .or(own)
            .unwrap_or_else(|| "${project.artifactId}-${project.version}".to_owned());
        let build = "${project.build.finalName}";
        let name = if name.contains(build) {
            name.replace(build, &self.file_name(Some("${project.artifactId}-${project.version}")))
        } else {
            name
        };
        let mut pattern = name;
        for version in
            ["${project.version}", "${version}", "${pom.version}", "${revision}", "${project.parent.version}"]
        {
            pattern = pattern.replace(version, "*");
        }
        let filled = self.fill(&pattern);
        unknown_as_star(&filled)
    }

    /// What it is packed as.
    pub(super) fn packaging(&self) -> String {
        self.pom()
            .packaging
            .as_ref()
            .map_or_else(|| "jar".to_owned(), |packaging| self.fill(&packaging.value))
    }

    /// Each place that a plug-in stands in, where it is part of the build at all: those that manage it come last.
    pub(super) fn plugin(&self, key: &str) -> Vec<(&Utf8Path, &Plugin)> {
        let artifact = |plugin: &&Plugin| plugin.key == key || plugin.key.rsplit(':').next() == Some(key);
        let used = self
            .models()
            .flat_map(|(path, model)| model.plugins.iter().filter(artifact).map(move |one| (path, one)));
        let mut all: Vec<(&Utf8Path, &Plugin)> = used.collect();
        if all.is_empty() {
            return all;
        }
        let managed = self.models().flat_map(|(path, model)| {
            model.managed_plugins.iter().filter(artifact).map(move |one| (path, one))
        });
        all.extend(managed);
        all
    }

    /// The same for a plug-in that only has to be managed: its settings hold, whoever brings it in.
    pub(super) fn settings_of(&self, artifact: &str) -> Vec<(&Utf8Path, &Plugin)> {
        let known = |plugin: &&Plugin| plugin.key.rsplit(':').next() == Some(artifact);
        self.models()
            .flat_map(|(path, model)| {
                model.plugins.iter().chain(&model.managed_plugins).filter(known).map(move |one| (path, one))
            })
            .collect()
    }

    /// Every plug-in that is part of the build.
    pub(super) fn plugins(&self) -> impl Iterator<Item = (&Utf8Path, &Plugin)> {
        self.models().flat_map(|(path, model)| model.plugins.iter().map(move |one| (path, one)))
    }

    /// Every dependency, its own and those that it inherits.
    pub(super) fn dependencies(&self) -> impl Iterator<Item = (&Utf8Path, &Dependency)> {
        self.models().flat_map(|(path, model)| model.dependencies.iter().map(move |one| (path, one)))
    }

    /// The version of a dependency, where its management in the repository says it.
    pub(super) fn managed_version(&self, key: &str) -> Option<String> {
        let managed = self.models().flat_map(|(_, model)| &model.managed);
        managed
            .filter(|one| one.key == key)
            .find_map(|one| one.version.as_ref())
            .map(|version| self.fill(version))
    }

    /// The version of the bill of materials of a group (`spring-boot-dependencies`).
    pub(super) fn bom_version(&self, artifact: &str) -> Option<String> {
        let managed = self.models().flat_map(|(_, model)| &model.managed);
        let found = managed
            .filter(|one| one.key.rsplit(':').next() == Some(artifact))
            .find_map(|one| one.version.as_ref());
        found.map(|version| self.fill(version))
    }

    /// The addresses of further repositories.
    pub(super) fn repositories(&self) -> impl Iterator<Item = (&Utf8Path, &(String, Lined<String>))> {
        self.models().flat_map(|(path, model)| model.repositories.iter().map(move |one| (path, one)))
    }
}

/// A property that only Maven knows matches anything; one star is enough for its neighbours.
fn unknown_as_star(text: &str) -> String {
    let mut done = text.to_owned();
    while let Some(from) = done.find("${") {
        let to =
            done.get(from..).and_then(|rest| rest.find('}')).map_or(done.len(), |length| from + length + 1);
        done.replace_range(from..to, "*");
    }
    while done.contains("**") {
        done = done.replace("**", "*");
    }
    done
}
