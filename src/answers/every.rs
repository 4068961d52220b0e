//! The answers for every service of a repository at once, as `--all` asks for them.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Answers, Kept, Settings, checked_flags, checked_kept, own_settings, parse, plain_folder};
use crate::error::Result;

/// The answers for every service: flags, then those of its own table, then those for all of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Every {
    flags: Settings,
    own: Settings,
    services: BTreeMap<Utf8PathBuf, Settings>,
    skips: Vec<Utf8PathBuf>,
}

impl Every {
    /// Reads `dfgen.toml`; `skips` are folders that are to be left out from now on.
    ///
    /// # Errors
    /// It is not in the format, or an answer makes no sense.
    pub fn read(text: Option<&str>, flags: Settings, skips: &[Utf8PathBuf]) -> Result<Self> {
        let flags = checked_flags(flags)?;
        let skips = skips.iter().cloned().map(plain_folder).collect();
        let Some(text) = text else { return Ok(Self { flags, skips, ..Self::default() }) };
        let Kept { own, services, .. } = parse(text)?;
        let own = checked_kept(own_settings(&own, text)?, text, None)?;
        let checked = services.into_iter().map(|(folder, kept)| {
            let kept = checked_kept(kept, text, Some(&folder))?;
            Ok((plain_folder(folder), kept))
        });
        Ok(Self { flags, own, services: checked.collect::<Result<_>>()?, skips })
    }

    /// What was said for the service of a folder.
    #[must_use]
    pub fn settings(&self, folder: &Utf8Path) -> Settings {
        let below = if folder.as_str().is_empty() { self.own.clone() } else { self.own.shared() };
        let own = self.services.get(folder).cloned().unwrap_or_default();
        self.flags.clone().over(own.over(below))
    }

    /// What detection looks at in a folder.
    #[must_use]
    pub fn answers(&self, folder: &Utf8Path) -> Answers {
        self.settings(folder).answers(Some(folder.to_owned()))
    }

    /// Whether `dfgen.toml` names the folder: then it is a service whatever it looks like.
    #[must_use]
    pub fn names(&self, folder: &Utf8Path) -> bool {
        self.services.get(folder).is_some_and(|kept| kept.skip != Some(true))
    }

    /// The folder that is to be left out and that this one lies in or is.
    #[must_use]
    pub fn skipped<'a>(&self, folder: &'a Utf8Path) -> Option<&'a Utf8Path> {
        let skips = |outer: &&Utf8Path| {
            let kept = self.services.get(*outer).is_some_and(|kept| kept.skip == Some(true));
            (kept || self.skips.iter().any(|skip| skip == outer))
                && (!outer.as_str().is_empty() || folder.as_str().is_empty())
        };
        folder.ancestors().find(skips)
    }
}

impl Settings {
    /// Whether an answer is about one program: its port, its start, its name, its place.
    #[must_use]
    pub fn is_of_one(&self) -> bool {
        self.port.is_some() || self.start.is_some() || self.bin.is_some() || self.output.is_some()
    }

    /// The answers that are no one program's own: the form of the output.
    #[must_use]
    pub(super) fn shared(&self) -> Self {
        let Self { base, cache, debug_target, labels, healthcheck, versions, .. } = self.clone();
        Self { base, cache, debug_target, labels, healthcheck, versions, ..Self::default() }
    }
}

/// Whether `dfgen.toml` says that every service is meant.
///
/// # Errors
/// It is not in the format.
pub fn keeps_all(text: Option<&str>) -> Result<bool> {
    Ok(text.map(parse::<Kept>).transpose()?.is_some_and(|kept| kept.all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(text: &str) -> Every {
        Every::read(Some(text), Settings::default(), &["web/".into()]).unwrap()
    }

    #[test]
    fn what_is_said_for_all_is_no_ones_port() {
        let every = every("all = true\nbase = \"slim\"\nport = 1\n[services.api]\nport = 2\n");
        let said = |folder: &str| {
            let settings = every.settings(folder.into());
            (settings.base, settings.port)
        };
        assert_eq!(said(""), (Some("slim".into()), Some(1)));
        assert_eq!(said("api"), (Some("slim".into()), Some(2)));
        assert_eq!(said("other"), (Some("slim".into()), None));
        assert!(every.names("api".into()) && !every.names("other".into()));
    }

    #[test]
    fn a_folder_is_left_out_with_what_lies_in_it() {
        let every = every("[services.old]\nskip = true\n[services.\".\"]\nskip = true\n");
        for (folder, skipped) in
            [("old/api", true), ("older", false), ("web/x", true), ("", true), ("api", false)]
        {
            assert_eq!(every.skipped(folder.into()).is_some(), skipped, "{folder}");
        }
        assert!(!every.names("old".into()));
    }

    #[test]
    fn the_answer_is_kept() {
        assert_eq!(keeps_all(Some("all = true\n")), Ok(true));
        assert_eq!(keeps_all(Some("base = \"slim\"\n")), Ok(false));
        assert_eq!(keeps_all(None), Ok(false));
    }
}
