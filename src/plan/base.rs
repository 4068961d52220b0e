//! Which runtime image: the first candidate whose offers cover what the program needs, or can be made to.
//!
//! A strategy names candidates in order; `auto` is the language's own order of strategies. Every candidate that is
//! passed over leaves its reason behind, for `explain` and for the error that refuses a strategy somebody asked for.

use std::collections::BTreeSet;

use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Decision, Evidence, Found, Need, Phase};
use crate::knowledge::{Image, Knowledge, Toolchain, Version};

/// The strategies that can be asked for, `auto` apart.
pub const STRATEGIES: [&str; 4] = ["distroless", "slim", "alpine", "scratch"];

/// The image that was chosen.
#[derive(Debug, Clone)]
pub struct Chosen<'a> {
    /// The strategy that it belongs to.
    pub strategy: String,
    /// Its row.
    pub image: &'a Image,
    /// Its name and tag.
    pub tag: String,
    /// Packages to install in it.
    pub install: Vec<String>,
    /// Capabilities to copy into it from a build stage.
    pub copy: Vec<String>,
    /// For `explain`.
    pub decision: Decision,
}

impl Chosen<'_> {
    /// Whether the image has a trait (`musl`, `distroless`, `scratch`).
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.image.traits.iter().any(|one| one == name)
    }

    /// Whether the image has a capability by itself.
    #[must_use]
    pub fn offers(&self, capability: &str) -> bool {
        self.image.offers.iter().any(|one| one == capability)
    }
}

/// What the choice is made from.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// What dfgen knows.
    pub knowledge: &'a Knowledge,
    /// The id in `toolchains`.
    pub toolchain: &'a str,
    /// The version of the toolchain.
    pub version: &'a Version,
    /// Everything that the program needs in the container.
    pub needs: &'a [Found<Need>],
    /// The strategy that was asked for.
    pub asked: Option<&'a str>,
}

/// Chooses the runtime image.
///
/// # Errors
/// The strategy that was asked for, or every one of the language's own, cannot work; the error says why.
pub fn choose(question: Question<'_>) -> Result<Chosen<'_>> {
    let bases = &question.knowledge.bases;
    let Some(toolchain) = bases.toolchains.get(question.toolchain) else {
        return Err(Error::new(ErrorKind::Nothing, format!("`{}` has no base images", question.toolchain)));
    };
    let strategies: Vec<&str> = match question.asked {
        Some(asked) if asked != "auto" => vec![asked],
        _ => toolchain.auto.iter().map(String::as_str).collect(),
    };
    let mut rejected = Vec::new();
    for strategy in &strategies {
        if let Some(chosen) = try_strategy(&question, toolchain, strategy, &mut rejected) {
            return Ok(finish(chosen, &question, toolchain, rejected));
        }
    }
    Err(refusal(&question, toolchain, &strategies, &rejected))
}

fn try_strategy<'a>(
    question: &Question<'a>,
    toolchain: &Toolchain,
    strategy: &str,
    rejected: &mut Vec<(String, String)>,
) -> Option<Chosen<'a>> {
    let Some(candidates) = toolchain.strategies.get(strategy) else {
        let reason = toolchain.refused.get(strategy).map_or("it has no image for this", String::as_str);
        rejected.push((strategy.to_owned(), reason.to_owned()));
        return None;
    };
    for id in candidates {
        let Some(image) = question.knowledge.bases.images.get(id) else { continue };
        let tag = tag_of(image, question);
        match cover(question, image) {
            Ok((install, copy)) => {
                let decision = Decision {
                    about: "base image".into(),
                    taken: tag.clone(),
                    because: vec![],
                    rejected: vec![],
                };
                return Some(Chosen { strategy: strategy.to_owned(), image, tag, install, copy, decision });
            }
            Err(reason) => rejected.push((tag, reason)),
        }
    }
    None
}

/// What has to be installed in and copied into an image so that it covers the needs, or why it cannot.
fn cover(question: &Question, image: &Image) -> std::result::Result<(Vec<String>, Vec<String>), String> {
    if !image.versions.is_empty() && !image.versions.contains(&question.version.version) {
        return Err(format!(
            "it is published for {} alone, not for {}",
            crate::text::list(&image.versions),
            question.version.version
        ));
    }
    let (mut install, mut copy) = (BTreeSet::new(), Vec::new());
    for need in question.needs.iter().filter(|need| need.value.phase == Phase::Run) {
        let capability = need.value.capability.as_str();
        if image.offers.iter().any(|offer| offer == capability) || copy.iter().any(|one| one == capability) {
            continue;
        }
        match packages(question, image, capability) {
            Some(packages) => install.extend(packages),
            None if can_copy(question, image, capability) => copy.push(capability.to_owned()),
            None => return Err(lack(question.knowledge, need)),
        }
    }
    Ok((install.into_iter().collect(), copy))
}

fn packages(question: &Question, image: &Image, capability: &str) -> Option<Vec<String>> {
    let row = question.knowledge.system.capabilities.get(capability)?;
    let suite = image.suite.as_deref().unwrap_or_else(|| suite_of(question));
    let packages = match image.packages.as_deref()? {
        "apk" => row.alpine(Phase::Run),
        _ => row.debian(Phase::Run, suite),
    };
    (!packages.is_empty()).then(|| packages.to_vec())
}

/// A user and a folder for temporary files can always be made; other things where the table says which path to copy.
fn can_copy(question: &Question, image: &Image, capability: &str) -> bool {
    if matches!(capability, "user" | "tmp") {
        return true;
    }
    let row = question.knowledge.system.capabilities.get(capability);
    image.packages.is_none() && row.is_some_and(|row| row.copy.is_some())
}

fn lack(knowledge: &Knowledge, need: &Found<Need>) -> String {
    let id = &need.value.capability;
    let is = knowledge.system.capabilities.get(id).map_or(id.as_str(), |row| row.is.as_str());
    format!("it lacks {is}: {}", need.says())
}

/// The Debian suite of a version's images: the one that is chosen by default, where it was published for it.
#[must_use]
pub fn suite_of<'a>(question: &Question<'a>) -> &'a str {
    let suites = &question.version.suites;
    let wanted = &question.knowledge.bases.debian;
    if suites.contains(wanted) { wanted } else { suites.first().unwrap_or(wanted) }
}

/// The Alpine release likewise.
#[must_use]
pub fn alpine_of<'a>(question: &Question<'a>) -> &'a str {
    let releases = &question.version.alpine;
    let wanted = &question.knowledge.bases.alpine;
    if releases.contains(wanted) { wanted } else { releases.first().unwrap_or(wanted) }
}

/// A tag with everything put in.
#[must_use]
pub fn fill(tag: &str, question: &Question) -> String {
    tag.replace("{version}", &question.version.version)
        .replace("{suite}", suite_of(question))
        .replace("{alpine}", alpine_of(question))
}

/// A Debian image of no language is of the suite that is chosen by default: it is never older than the build's.
fn tag_of(image: &Image, question: &Question) -> String {
    if image.tag.contains("{version}") {
        return fill(&image.tag, question);
    }
    let bases = &question.knowledge.bases;
    image.tag.replace("{suite}", &bases.debian).replace("{alpine}", &bases.alpine)
}

fn finish<'a>(
    mut chosen: Chosen<'a>,
    question: &Question,
    toolchain: &Toolchain,
    mut rejected: Vec<(String, String)>,
) -> Chosen<'a> {
    chosen.decision.because = match question.asked {
        Some(asked) if asked != "auto" => vec![Evidence::told(format!("`--base {asked}`"))],
        _ => covered(question, &chosen),
    };
    for strategy in STRATEGIES.iter().filter(|strategy| **strategy != chosen.strategy) {
        if rejected.iter().any(|(name, _)| name == strategy) {
            continue;
        }
        if let Some(reason) = toolchain.refused.get(*strategy) {
            rejected.push(((*strategy).to_owned(), reason.clone()));
        } else if !toolchain.auto.iter().any(|one| one == strategy) {
            rejected.push(((*strategy).to_owned(), format!("works where `--base {strategy}` asks for it")));
        }
    }
    chosen.decision.rejected = rejected;
    chosen
}

fn covered(question: &Question, chosen: &Chosen) -> Vec<Evidence> {
    let mut because = vec![Evidence::told(format!("it {}", chosen.image.is))];
    for need in question.needs.iter().filter(|need| need.value.phase == Phase::Run) {
        let id = &need.value.capability;
        let is = question.knowledge.system.capabilities.get(id).map_or(id.as_str(), |row| row.is.as_str());
        if let Some(first) = need.because.first() {
            because.push(Evidence { says: format!("it covers {is}: {}", first.says), ..first.clone() });
        }
    }
    because.dedup();
    because
}

fn refusal(
    question: &Question,
    toolchain: &Toolchain,
    strategies: &[&str],
    rejected: &[(String, String)],
) -> Error {
    let why: Vec<String> = rejected.iter().map(|(what, reason)| format!("{what}: {reason}")).collect();
    let asked = strategies.first().copied().unwrap_or("auto");
    let error =
        Error::new(ErrorKind::Refused, format!("`--base {asked}` cannot work here: {}", why.join("; ")));
    let nearest = toolchain
        .auto
        .iter()
        .map(String::as_str)
        .chain(STRATEGIES)
        .filter(|strategy| !strategies.contains(strategy))
        .find(|strategy| try_strategy(question, toolchain, strategy, &mut Vec::new()).is_some());
    match nearest {
        Some(nearest) => error.help(format!("`--base {nearest}` is the nearest that works")),
        None => error.help("no base works: see `dfgen explain`"),
    }
}
