//! The answers that a person gives: flags over `dfgen.toml`. The repository's own files and defaults stand below them.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::plan::{CacheStyle, Wishes};

mod every;

pub use self::every::{Every, keeps_all};

/// The file that keeps answers.
pub const FILE: &str = "dfgen.toml";

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// The folder of the service, relative to the repository.
    pub service: Option<Utf8PathBuf>,
    /// The strategy: `auto`, `distroless`, `slim`, `alpine`, `scratch`.
    pub base: Option<String>,
    /// The port that the program listens on.
    pub port: Option<u16>,
    /// The start command.
    pub start: Option<String>,
    /// The program among several.
    pub bin: Option<String>,
    /// Versions of toolchains, by their ids: they stand over those that the repository names.
    pub versions: BTreeMap<String, String>,
}

/// Labels of the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Labels {
    /// Those of OCI, or none.
    Usual(bool),
    /// Those, and these.
    Own(BTreeMap<String, String>),
}

/// The answers for one service as `dfgen.toml` keeps them; flags fill the same type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The runtime image's kind: `auto`, `distroless`, `slim`, `alpine` or `scratch`.
    #[schemars(extend("enum" = ["auto", "distroless", "slim", "alpine", "scratch"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The port that the program listens on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The start command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// The program among several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bin: Option<String>,
    /// Where downloads are kept between builds: `mounts` or `layers`.
    #[schemars(extend("enum" = ["mounts", "layers"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<String>,
    /// Where the Dockerfile goes, relative to the repository.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Utf8PathBuf>,
    /// A target `debug` with a shell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debug_target: Option<bool>,
    /// OCI labels and a `VERSION` build argument; as a table, these labels, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Labels>,
    /// A HEALTHCHECK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<bool>,
    /// Versions of toolchains (`node = "22"`): they stand over those that the repository names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<String, String>,
    /// `--all` leaves it out, and what lies in its folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip: Option<bool>,
}

/// `dfgen.toml`: answers for the repository's own folder, and for services in folders of theirs.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Kept {
    #[serde(flatten)]
    own: BTreeMap<String, toml::Value>,
    #[serde(default)]
    all: bool,
    #[serde(default)]
    services: BTreeMap<Utf8PathBuf, Settings>,
}

impl Settings {
    /// These answers over those.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        Self {
            base: self.base.or(below.base),
            port: self.port.or(below.port),
            start: self.start.or(below.start),
            bin: self.bin.or(below.bin),
            cache: self.cache.or(below.cache),
            output: self.output.or(below.output),
            debug_target: self.debug_target.or(below.debug_target),
            labels: self.labels.or(below.labels),
            healthcheck: self.healthcheck.or(below.healthcheck),
            versions: below.versions.into_iter().chain(self.versions).collect(),
            skip: self.skip.or(below.skip),
        }
    }

    /// What detection and planning look at.
    #[must_use]
    pub fn answers(&self, service: Option<Utf8PathBuf>) -> Answers {
        let (base, start, bin) = (self.base.clone(), self.start.clone(), self.bin.clone());
        Answers { service, base, port: self.port, start, bin, versions: self.versions.clone() }
    }

    /// What the output's form is to be.
    #[must_use]
    pub fn wishes(&self) -> Wishes {
        let layers = self.cache.as_deref() == Some("layers");
        Wishes {
            cache: if layers { CacheStyle::Layers } else { CacheStyle::Mounts },
            debug_target: self.debug_target.unwrap_or(false),
            labels: self.labels.as_ref().is_some_and(|labels| *labels != Labels::Usual(false)),
            own_labels: match &self.labels {
                Some(Labels::Own(own)) => own.clone(),
                Some(Labels::Usual(_)) | None => BTreeMap::new(),
            },
            healthcheck: self.healthcheck.unwrap_or(false),
        }
    }

    /// The first answer that makes no sense, and why.
    fn flaw(&self) -> Option<(&'static str, String)> {
        let base = |base: &String| base == "auto" || crate::plan::base::STRATEGIES.contains(&base.as_str());
        if let Some(wrong) = self.base.as_ref().filter(|one| !base(one)) {
            let wanted = "`auto`, `distroless`, `slim`, `alpine` or `scratch`";
            return Some(("base", format!("`{wrong}` is none of {wanted}")));
        }
        if let Some(wrong) = self.cache.as_ref().filter(|one| !["mounts", "layers"].contains(&one.as_str())) {
            return Some(("cache", format!("`{wrong}` is none of `mounts` or `layers`")));
        }
        if self.port == Some(0) {
            return Some(("port", "0 is no port: a port is 1 to 65535".to_owned()));
        }
        if let Some(Labels::Own(own)) = &self.labels {
            let plain = |name: &String| name.starts_with(|first: char| first.is_ascii_alphanumeric());
            let odd = |(name, value): (&String, &String)| {
                !plain(name)
                    || name
                        .contains(|it: char| it.is_whitespace() || it.is_control() || "\"'=$\\".contains(it))
                    || value.contains(char::is_control)
            };
            if let Some((name, _)) = own.iter().find(|one| odd(*one)) {
                return Some((
                    "labels",
                    format!(
                        "`{name}` is no label: a name has letters, digits, dots and dashes, a value is one line"
                    ),
                ));
            }
        }
        let texts = [
            ("start", self.start.as_deref()),
            ("bin", self.bin.as_deref()),
            ("output", self.output.as_deref().map(Utf8Path::as_str)),
        ];
        texts.into_iter().find_map(|(key, text)| Some((key, odd_text(text?)?.to_owned()))).or_else(|| {
            self.output.as_deref().and_then(odd_output).map(|message| ("output", message.to_owned()))
        })
    }
}

fn odd_text(text: &str) -> Option<&'static str> {
    if text.trim().is_empty() {
        return Some("is empty");
    }
    text.contains(char::is_control).then_some("holds a line break or another control character")
}

/// A Dockerfile in the place of a file that has another meaning would be overwritten, or never read.
fn odd_output(path: &Utf8Path) -> Option<&'static str> {
    let taken = [FILE, crate::emit::lock::FILE];
    let plain = crate::detect::join_inside("".into(), path.as_str()).unwrap_or_default();
    if path.as_str().ends_with('/') {
        return Some("names a folder; add the file's name");
    }
    if plain.file_name().is_some_and(|name| name.ends_with(".dockerignore"))
        || taken.iter().any(|file| plain == *file)
    {
        return Some("is a file of another meaning");
    }
    plain.starts_with(".git").then_some("lies in git's own folder")
}

fn checked_flags(flags: Settings) -> Result<Settings> {
    match flags.flaw() {
        None => Ok(flags),
        Some((key, message)) => Err(Error::new(ErrorKind::Usage, format!("`--{key}`: {message}"))),
    }
}

fn checked_kept(kept: Settings, text: &str, service: Option<&Utf8Path>) -> Result<Settings> {
    match kept.flaw() {
        None => Ok(kept),
        Some((key, message)) => {
            Err(Error::broken(FILE.into(), key_line(text, service, key), format!("`{key}`: {message}")))
        }
    }
}

/// The answers for a service: what flags said over what `dfgen.toml` keeps. Without `--service`, the only service
/// that the file names is meant.
///
/// # Errors
/// `dfgen.toml` is not in the format.
pub fn settle(
    text: Option<&str>,
    service: Option<Utf8PathBuf>,
    flags: Settings,
) -> Result<(Option<Utf8PathBuf>, Settings)> {
    let flags = checked_flags(flags)?;
    let service = service.map(plain_folder);
    let Some(text) = text else { return Ok((service, flags)) };
    let Kept { own, all, services } = parse(text)?;
    let services: BTreeMap<Utf8PathBuf, Settings> =
        services.into_iter().map(|(folder, kept)| (plain_folder(folder), kept)).collect();
    let own = own_settings(&own, text)?;
    let service =
        service.or_else(|| (services.len() == 1 && !all).then(|| services.keys().next().cloned())?);
    if service.is_none() && services.len() > 1 && own == Settings::default() {
        return Err(several(services.keys()));
    }
    let below = match &service {
        Some(folder) if services.contains_key(folder) || !folder.as_str().is_empty() => {
            let for_all = if all { own.shared() } else { Settings::default() };
            services.get(folder).cloned().unwrap_or_default().over(for_all)
        }
        _ => own,
    };
    let below = checked_kept(below, text, service.as_deref())?;
    Ok((service, flags.over(below)))
}

fn several<'a>(folders: impl Iterator<Item = &'a Utf8PathBuf>) -> Error {
    let error = Error::new(ErrorKind::Choice, "`dfgen.toml` names several services").at(FILE.into(), None);
    folders.fold(error, |error, folder| {
        error.help(format!("`dfgen init PATH --service {}`", crate::text::shell_word(folder.as_str())))
    })
}

/// `./apps/api/` and `apps/api` are one folder; `.` is the repository's own. One outside stays as it is, to be refused.
fn plain_folder(folder: Utf8PathBuf) -> Utf8PathBuf {
    if folder.is_absolute() {
        return folder;
    }
    crate::detect::join_inside("".into(), folder.as_str()).unwrap_or(folder)
}

/// The answers outside of any table of a service. Serde's flattening loses their lines, so the key gives them back.
fn own_settings(own: &BTreeMap<String, toml::Value>, text: &str) -> Result<Settings> {
    let alone = toml::to_string(own).unwrap_or_default();
    parse(&alone).map_err(|error: Error| {
        let wrong = error.place.as_ref().and_then(|(_, line)| *line);
        let line = wrong.and_then(|line| alone.lines().nth(usize::try_from(line).ok()?.checked_sub(1)?));
        let key = line.and_then(|line| line.split('=').next()).map_or("", str::trim);
        Error { place: Some((FILE.into(), key_line(text, None, key))), ..error }
    })
}

/// The line of a key: among those before any table, or below the header of the service's table.
fn key_line(text: &str, service: Option<&Utf8Path>, key: &str) -> Option<u32> {
    let table = |line: &str| line.trim_start().starts_with('[');
    let lines: Vec<&str> = text.lines().collect();
    let header = |folder: &Utf8Path| {
        lines
            .iter()
            .position(|line| table(line) && line.contains("services") && line.contains(folder.as_str()))
    };
    let first = match service.filter(|folder| !folder.as_str().is_empty()) {
        Some(folder) => header(folder)? + 1,
        None => 0,
    };
    let own = lines.iter().enumerate().skip(first).take_while(|(_, line)| !table(line));
    let mut named = own.filter(|(_, line)| line.split('=').next().is_some_and(|name| name.trim() == key));
    u32::try_from(named.next()?.0 + 1).ok()
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| crate::manifest::line_at(text, span.start));
        let broken = Error::broken(FILE.into(), line, said(error.message()));
        match nearest(error.message()) {
            Some(key) => broken.help(format!("did you mean `{key}`?")),
            None => broken,
        }
        .help("`dfgen schema dfgen.toml` has every key")
    })
}

/// The known key that an unknown one is most like: ``unknown field `basis`, expected one of `base`, ...``.
fn nearest(message: &str) -> Option<&str> {
    let (unknown, known) = message.strip_prefix("unknown field `")?.split_once("`, expected ")?;
    let keys = known.split('`').skip(1).step_by(2);
    let alike = |key: &str| strsim::jaro_winkler(unknown, key);
    let best = keys.max_by(|one, other| alike(one).total_cmp(&alike(other)))?;
    (alike(best) > 0.7).then_some(best)
}

/// What the parser says, in one line and without its own names of types.
fn said(message: &str) -> String {
    let words = message.trim_end().replace('\n', "; ");
    words
        .replace("expected u16", "expected a port, 1 to 65535")
        .replace("struct Settings", "a table of answers")
}

/// `dfgen.toml` with what flags said put in, comments and order kept; `None` where nothing was said.
///
/// # Errors
/// The file that is there does not parse.
pub fn keep(text: Option<&str>, service: Option<&Utf8Path>, flags: &Settings) -> Result<Option<String>> {
    let said = toml::Table::try_from(flags)
        .map_err(|error| Error::new(ErrorKind::Usage, format!("these answers cannot be kept: {error}")))?;
    let named = service.filter(|folder| !folder.as_str().is_empty());
    if said.is_empty() && named.is_none() {
        return Ok(None);
    }
    let mut file = document(text)?;
    let table = match named {
        Some(folder) => service_table(&mut file, folder.as_str()),
        None => Some(file.as_table_mut()),
    };
    put(table, said)?;
    Ok(changed(text, &file))
}

/// The same for every service at once: that all are meant, what flags said of all, and which folders are left out.
///
/// # Errors
/// The file that is there does not parse.
pub fn keep_all(text: Option<&str>, flags: &Settings, skips: &[Utf8PathBuf]) -> Result<Option<String>> {
    let said = toml::Table::try_from(flags)
        .map_err(|error| Error::new(ErrorKind::Usage, format!("these answers cannot be kept: {error}")))?;
    let mut file = document(text)?;
    put(Some(file.as_table_mut()), [("all".to_owned(), true.into())].into_iter().chain(said).collect())?;
    for skip in skips.iter().cloned().map(plain_folder) {
        let folder = if skip.as_str().is_empty() { "." } else { skip.as_str() };
        put(service_table(&mut file, folder), [("skip".to_owned(), true.into())].into_iter().collect())?;
    }
    Ok(changed(text, &file))
}

fn document(text: Option<&str>) -> Result<toml_edit::DocumentMut> {
    text.unwrap_or_default()
        .parse()
        .map_err(|error| Error::broken(FILE.into(), None, format!("{error}").trim_end().replace('\n', "; ")))
}

fn put(table: Option<&mut toml_edit::Table>, said: toml::Table) -> Result<()> {
    let table = table.ok_or_else(|| Error::broken(FILE.into(), None, "`services` is no table"))?;
    for (key, value) in said {
        table[key.as_str()] = toml_edit::value(edited(&value));
    }
    Ok(())
}

fn changed(text: Option<&str>, file: &toml_edit::DocumentMut) -> Option<String> {
    let written = file.to_string();
    (text != Some(written.as_str())).then_some(written)
}

fn service_table<'a>(file: &'a mut toml_edit::DocumentMut, folder: &str) -> Option<&'a mut toml_edit::Table> {
    let services = file.entry("services").or_insert_with(|| {
        let mut table = toml_edit::Table::new();
        table.set_implicit(true);
        toml_edit::Item::Table(table)
    });
    services.as_table_mut()?.entry(folder).or_insert_with(toml_edit::table).as_table_mut()
}

fn edited(value: &toml::Value) -> toml_edit::Value {
    match value {
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Boolean(yes) => (*yes).into(),
        other => other.as_str().unwrap_or_default().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_stand_over_the_file() {
        let flags = Settings { port: Some(1), ..Settings::default() };
        let (service, settings) = settle(Some("port = 2\nbase = \"slim\"\n"), None, flags).unwrap();
        assert_eq!((service, settings.port, settings.base.as_deref()), (None, Some(1), Some("slim")));
    }

    #[test]
    fn the_only_service_of_the_file_is_meant() {
        let text = "[services.\"apps/api\"]\nbin = \"x\"\n";
        let (service, settings) = settle(Some(text), None, Settings::default()).unwrap();
        assert_eq!((service, settings.bin.as_deref()), (Some("apps/api".into()), Some("x")));
    }

    #[test]
    fn of_several_services_one_has_to_be_named() {
        let text = "[services.a]\n[services.b]\n";
        let error = settle(Some(text), None, Settings::default()).unwrap_err();
        assert_eq!((error.kind, error.help.len()), (ErrorKind::Choice, 2));
        assert!(settle(Some(text), Some("b".into()), Settings::default()).is_ok());
    }

    #[test]
    fn unknown_keys_and_values_are_errors_at_their_line() {
        let error = settle(Some("port = 80\nbasis = \"slim\"\n"), None, Settings::default()).unwrap_err();
        assert_eq!(error.place, Some((FILE.into(), Some(2))), "{error}");
        assert_eq!(error.help.first().map(String::as_str), Some("did you mean `base`?"));
        let error = settle(Some("[services.api]\nprot = 80\n"), None, Settings::default()).unwrap_err();
        assert_eq!(
            (error.place, error.help[0].as_str()),
            (Some((FILE.into(), Some(2))), "did you mean `port`?")
        );
        assert!(settle(Some("base = \"debian\""), None, Settings::default()).is_err());
        assert!(settle(Some("port = 99999"), None, Settings::default()).is_err());
    }

    #[test]
    fn answers_that_make_no_sense_are_errors_at_their_line() {
        let fault = |text: &str| settle(Some(text), None, Settings::default()).unwrap_err();
        for (text, line) in [
            ("base = \"slim\"\nport = \"x\"\n", 2),
            ("# a\n\nport = 0\n", 3),
            ("start = \" \"\n", 1),
            ("labels = { \"a b\" = \"c\" }\n", 1),
            ("bin = \"a\\nb\"\n", 1),
            ("output = \"docker/\"\n", 1),
            ("output = \"./dfgen.lock\"\n", 1),
            ("output = \".git/Dockerfile\"\n", 1),
            ("output = \"docker/.dockerignore\"\n", 1),
            ("port = 1\n\n[services.\"apps/api\"]\nbin = \"x\"\nport = 0\n", 5),
        ] {
            assert_eq!(fault(text).place, Some((FILE.into(), Some(line))), "{text}: {}", fault(text));
        }
        assert!(fault("port = \"x\"").message.ends_with("expected a port, 1 to 65535"));
        let flags = Settings { output: Some("Docker\nfile".into()), ..Settings::default() };
        assert_eq!(settle(None, None, flags).unwrap_err().kind, ErrorKind::Usage);
    }

    #[test]
    fn a_folder_is_the_same_however_it_is_written() {
        let text = "port = 1\n[services.\"apps/api\"]\nport = 2\n[services.web]\nport = 3\n";
        let port = |folder: &str| settle(Some(text), Some(folder.into()), Settings::default()).unwrap();
        assert_eq!((port("./apps/api/").0, port("./apps/api/").1.port), (Some("apps/api".into()), Some(2)));
        assert_eq!(port(".").1.port, Some(1));
        assert_eq!(port("other").1.port, None);
    }

    #[test]
    fn what_flags_say_is_kept_among_comments() {
        let flags = Settings { port: Some(81), ..Settings::default() };
        let kept = keep(Some("# ours\nbase = \"slim\" # small\n"), None, &flags).unwrap();
        assert_eq!(kept.as_deref(), Some("# ours\nbase = \"slim\" # small\nport = 81\n"));
        let kept = keep(None, Some("apps/api".into()), &Settings::default()).unwrap().unwrap();
        assert_eq!(kept, "[services.\"apps/api\"]\n");
        assert_eq!(keep(None, None, &Settings::default()), Ok(None));
        let kept = keep_all(Some("# ours\nport = 1\n"), &Settings::default(), &["./web/".into()]).unwrap();
        assert_eq!(kept.as_deref(), Some("# ours\nport = 1\nall = true\n\n[services.web]\nskip = true\n"));
        assert_eq!(keep_all(kept.as_deref(), &Settings::default(), &[]), Ok(None));
    }
}
