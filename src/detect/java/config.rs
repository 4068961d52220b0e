//! What a framework's own configuration says: the port, variables without which the program does not start, files it writes.

use camino::{Utf8Path, Utf8PathBuf};

use super::code::is_name;
use super::remote::{self, Remote};
use crate::detect::Context;
use crate::facts::{Evidence, Found, Listen, Note, Variable};
use crate::knowledge::Framework;
use crate::manifest::settings::{self, Placeholder, Setting, placeholders};

/// A setting and its file.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    /// The setting.
    pub(super) setting: Setting,
    /// Its file.
    pub(super) file: Utf8PathBuf,
}

impl Placed {
    /// The place.
    pub(super) fn because(&self) -> Evidence {
        let name = self.file.file_name().unwrap_or_default();
        Evidence::line(&self.file, self.setting.line, format!("{} in {name}", self.setting.key))
    }
}

/// The settings that hold where nobody chooses a profile, and those of the profile that is chosen in them.
#[derive(Debug, Clone, Default)]
pub(super) struct Config {
    /// The settings, those that stand over others first.
    pub(super) all: Vec<Placed>,
    /// The files that could not be read.
    pub(super) notes: Vec<Note>,
    /// A server that the repository does not hold the files of gives the rest.
    pub(super) elsewhere: Option<Evidence>,
}

/// Reads the configuration of a framework from the resources of modules.
/// `filled` gives what the build puts in the place of `@name@`.
pub(super) fn read(
    cx: &Context<'_>,
    framework: &Framework,
    dirs: &[&Utf8Path],
    filled: &dyn Fn(&str) -> Option<String>,
) -> Config {
    let mut config = Config::default();
    let mut everything = Vec::new();
    for dir in dirs {
        for name in &framework.config {
            for place in ["src/main/resources", "src/jvmMain/resources", "resources", "config", ""] {
                let path = dir.join(place).join(name);
                everything.extend(file(cx, &path, &mut config.notes));
            }
        }
    }
    for one in &mut everything {
        let name = one.setting.value.strip_prefix('@').and_then(|rest| rest.strip_suffix('@'));
        if let Some(value) = name.and_then(filled) {
            one.setting.value = value;
        }
    }
    let profiles = active(&everything);
    for profile in &profiles {
        everything.extend(of_profile(cx, framework, dirs, profile, &mut config.notes));
    }
    match remote::of(cx, &everything, dirs) {
        Some(Remote::Files(files)) => {
            let read = |path: &Utf8PathBuf| file(cx, path, &mut config.notes);
            let own = std::mem::take(&mut everything);
            everything = files.iter().flat_map(read).chain(own).collect();
        }
        Some(Remote::Elsewhere(because)) => config.elsewhere = Some(because),
        None => {}
    }
    let holds = |one: &Placed| match &one.setting.profile {
        None => true,
        Some(profile) => {
            profile == "prod" && framework.id == "quarkus" || profiles.iter().any(|active| active == profile)
        }
    };
    let (chosen, always): (Vec<Placed>, Vec<Placed>) =
        everything.into_iter().filter(holds).partition(|one| one.setting.profile.is_some());
    config.all = chosen.into_iter().chain(always).collect();
    config
}

/// The code of the note of a file that cannot be read.
pub(super) const UNREADABLE: &str = "unreadable";

fn file(cx: &Context<'_>, path: &Utf8Path, notes: &mut Vec<Note>) -> Vec<Placed> {
    let Some(text) = cx.repo.source(path) else { return Vec::new() };
    let read = match path.extension() {
        Some("properties") => Ok(settings::properties(&text)),
        Some("conf") => Ok(settings::hocon(&text)),
        // Gradle's expand, which fills templates, takes the backslash of `\${name}` away.
        _ => settings::yaml(&text)
            .or_else(|first| settings::yaml(&text.replace("\\$", "$")).map_err(|_| first)),
    };
    let all = read.unwrap_or_else(|unreadable| {
        let mut because = Evidence::file(path, path.as_str());
        because.line = unreadable.line;
        let text = format!("`{path}` cannot be read, so nothing in it was heeded: {}", unreadable.message);
        notes.push(Note { code: UNREADABLE.to_owned(), text, because: vec![because] });
        Vec::new()
    });
    all.into_iter().map(|setting| Placed { setting, file: path.to_owned() }).collect()
}

/// Settings of files that the program's own code reads, not its framework.
pub(super) fn beside(cx: &Context<'_>, dirs: &[&Utf8Path]) -> Vec<Placed> {
    let resources: Vec<Utf8PathBuf> = dirs.iter().map(|dir| dir.join("src/main/resources")).collect();
    let read = |path: &&Utf8PathBuf| {
        let stem = path.file_stem().unwrap_or_default();
        let ours = matches!(path.extension(), Some("properties" | "conf" | "yml" | "yaml"));
        let other = ["log", "messages", "gradle", "quartz"].iter().any(|start| stem.starts_with(start));
        ours && !other
    };
    let found = resources.iter().flat_map(|folder| {
        cx.repo.under(folder).filter(move |path| path.parent() == Some(folder.as_path())).filter(read)
    });
    let mut unread = Vec::new();
    let all = found.take(MOST).flat_map(|path| file(cx, path, &mut unread));
    all.filter(|one| one.setting.profile.is_none()).collect()
}

/// More files of settings than these are not read.
const MOST: usize = 24;

/// The profiles that the configuration itself chooses.
fn active(all: &[Placed]) -> Vec<String> {
    let chosen = all.iter().filter(|one| one.setting.profile.is_none());
    let values = chosen.filter(|one| {
        matches!(
            one.setting.key.as_str(),
            "spring.profiles.active" | "spring.profiles.default" | "spring.profiles.active[0]"
        )
    });
    let texts = values.map(|one| match placeholders(&one.setting.value).first() {
        Some(placeholder) => placeholder.default.clone().unwrap_or_default(),
        None => one.setting.value.clone(),
    });
    texts
        .flat_map(|text| text.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>())
        .filter(|name| is_name(&name.replace('-', "_")))
        .collect()
}

/// `application-dev.yml` of an active profile.
fn of_profile(
    cx: &Context<'_>,
    framework: &Framework,
    dirs: &[&Utf8Path],
    profile: &str,
    notes: &mut Vec<Note>,
) -> Vec<Placed> {
    let mut found = Vec::new();
    for dir in dirs {
        for name in &framework.config {
            let Some((stem, ending)) = name.rsplit_once('.') else { continue };
            let path = dir.join("src/main/resources").join(format!("{stem}-{profile}.{ending}"));
            found.extend(file(cx, &path, notes).into_iter().map(|mut one| {
                one.setting.profile = Some(profile.to_owned());
                one
            }));
        }
    }
    found
}

impl Config {
    /// The setting of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Placed> {
        let same = |one: &&Placed| relaxed(&one.setting.key) == relaxed(key);
        self.all.iter().find(same)
    }

    /// The port of a key: its value, and the variable that changes it.
    pub(super) fn port(&self, key: &str, framework: &Framework) -> Option<Found<Listen>> {
        let all: Vec<&Placed> =
            self.all.iter().filter(|one| relaxed(&one.setting.key) == relaxed(key)).collect();
        let placed = all.first()?;
        let mut found = self.value(&placed.setting.value, 0);
        // HOCON: a number, then the variable that stands over it.
        for other in all.iter().skip(1) {
            let (port, variable) = self.value(&other.setting.value, 0);
            found = (found.0.or(port), found.1.or(variable));
        }
        let (port, variable) = found;
        let variable = variable.or_else(|| framework.port_variable.clone());
        let must_set = port.is_none();
        let port = port.or(framework.port.filter(|_| variable.is_some()))?;
        Some(Found::new(Listen { port, variable, must_set }, placed.because()))
    }

    /// A port's value: a number, or a placeholder with a default.
    fn value(&self, value: &str, depth: u8) -> (Option<u16>, Option<String>) {
        if let Ok(port) = value.trim().parse::<u16>() {
            return (Some(port).filter(|port| *port != 0), None);
        }
        let Some(placeholder) = placeholders(value).into_iter().next().filter(|_| depth < 4) else {
            return (None, None);
        };
        let inner = match &placeholder.default {
            Some(default) => self.value(default, depth + 1),
            None => self
                .get(&placeholder.name)
                .map_or((None, None), |placed| self.value(&placed.setting.value, depth + 1)),
        };
        let own = is_variable(&placeholder.name).then(|| placeholder.name.clone());
        (inner.0, own.or(inner.1))
    }

    /// Variables that stand in the configuration without a default.
    pub(super) fn required(&self, port_key: Option<&str>) -> Vec<Found<Variable>> {
        let mut found: Vec<Found<Variable>> = Vec::new();
        for placed in self.all.iter().filter(|one| Some(one.setting.key.as_str()) != port_key) {
            for name in missing(&placed.setting.value) {
                let known = found.iter().any(|one| one.value.name == name) || self.get(&name).is_some();
                if !known {
                    let value = Variable { name, value: None, required: true };
                    found.push(Found::new(value, placed.because()));
                }
            }
        }
        found
    }

    /// A setting that keeps something in the home of whoever runs the program.
    pub(super) fn home(&self) -> Option<Evidence> {
        let mut all = self.all.iter();
        let found =
            all.find(|one| one.setting.value.contains("${user.home}") || one.setting.value.contains(":~/"))?;
        Some(found.because())
    }

    /// What the database's address, the log and folders of the program's own name as paths to write.
    pub(super) fn writes(&self) -> Vec<Found<Utf8PathBuf>> {
        let mut found = Vec::new();
        for placed in &self.all {
            let value = with_defaults(&placed.setting.value);
            let path = database(&value).or_else(|| kept(&placed.setting.key, &value));
            if let Some(path) = path.filter(|path| is_plain(path)) {
                found.push(Found::new(Utf8PathBuf::from(path), placed.because()));
            }
        }
        found
    }
}

/// `server.servlet.contextPath` and `server.servlet.context-path` are one.
fn relaxed(key: &str) -> String {
    key.chars().filter(|letter| *letter != '-' && *letter != '_').flat_map(char::to_lowercase).collect()
}

/// A name in capitals is a variable of the environment, wherever else it might come from.
fn is_variable(name: &str) -> bool {
    is_name(name) && !name.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// The variables of a value that have no default anywhere.
fn missing(value: &str) -> Vec<String> {
    // What HOCON asks for with a question mark may be missing.
    if value.starts_with("${?") {
        return Vec::new();
    }
    let mut names = Vec::new();
    for Placeholder { name, default } in placeholders(value) {
        match default {
            Some(default) => names.extend(missing(&default)),
            None if is_variable(&name) => names.push(name),
            None => {}
        }
    }
    names
}

/// A value with the defaults of its placeholders put in.
fn with_defaults(value: &str) -> String {
    let mut done = value.to_owned();
    for placeholder in placeholders(value) {
        let Some(default) = &placeholder.default else { continue };
        done = done.replace(&format!("${{{}:{default}}}", placeholder.name), default);
    }
    if done == value || !done.contains("${") { done } else { with_defaults_once(&done) }
}

fn with_defaults_once(value: &str) -> String {
    placeholders(value).iter().fold(value.to_owned(), |done, one| match &one.default {
        Some(default) => done.replace(&format!("${{{}:{default}}}", one.name), default),
        None => done,
    })
}

/// The file of an embedded database: `jdbc:h2:file:./data/x`, `jdbc:h2:./x`, `jdbc:sqlite:x.db`, `jdbc:hsqldb:file:x`.
pub(super) fn database(value: &str) -> Option<String> {
    let rest = value.strip_prefix("jdbc:")?;
    let (kind, rest) = rest.split_once(':')?;
    let path = match kind {
        "h2" => rest.strip_prefix("file:").or_else(|| Some(rest).filter(|rest| !rest.contains(':')))?,
        "hsqldb" => rest.strip_prefix("file:")?,
        "sqlite" => rest,
        "derby" => rest.trim_start_matches("directory:"),
        _ => return None,
    };
    let path = path.split([';', '?']).next().unwrap_or(path);
    let memory =
        path.is_empty() || path.starts_with("mem:") || path.contains(":memory:") || path.starts_with(':');
    if memory {
        return None;
    }
    // What the address leaves open, the database adds itself.
    Some(match kind {
        "h2" => format!("{path}.mv.db"),
        "hsqldb" => format!("{path}.script"),
        _ => path.to_owned(),
    })
}

/// A folder or file that a key says is written: `logging.file.name`, `app.upload-dir`.
fn kept(key: &str, value: &str) -> Option<String> {
    let key = relaxed(key);
    let log = matches!(key.as_str(), "logging.file.name" | "logging.file" | "quarkus.log.file.path");
    let folder = matches!(
        key.as_str(),
        "logging.file.path" | "logging.path" | "spring.servlet.multipart.location" | "server.tomcat.basedir"
    );
    let last = key.rsplit('.').next().unwrap_or_default();
    let words = ["upload", "storage"];
    let named = words.iter().any(|word| key.contains(word))
        && ["dir", "directory", "folder", "path", "location", "root"].iter().any(|end| last.ends_with(end));
    let path = value.trim_start_matches("file:").trim();
    let sensible = !path.is_empty() && !path.contains(':') && !path.contains(' ');
    (log || folder || named && (path.contains('/') || !path.contains('.')))
        .then(|| path.to_owned())
        .filter(|_| sensible)
}

/// No placeholder is left in it, and nothing that a shell or a home would have to say.
fn is_plain(path: &str) -> bool {
    !path.contains(['$', '~', '{', '*', '\\']) && path != "/" && path != "." && !path.starts_with("classpath")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_databases_are_files() {
        let told = |value: &str| database(value);
        assert_eq!(told("jdbc:h2:file:./data/app;MODE=x").as_deref(), Some("./data/app.mv.db"));
        assert_eq!(told("jdbc:h2:~/test").as_deref(), Some("~/test.mv.db"));
        assert_eq!(told("jdbc:sqlite:dev.db").as_deref(), Some("dev.db"));
        assert_eq!(told("jdbc:h2:mem:x"), None);
        assert_eq!(told("jdbc:h2:tcp://x/y"), None);
        assert_eq!(told("jdbc:sqlite::memory:"), None);
        assert_eq!(told("jdbc:postgresql://x/y"), None);
    }

    #[test]
    fn variables_without_a_default_are_missing() {
        assert_eq!(missing("jdbc:x://${HOST}:${PORT:1}/${A:${B}}"), ["HOST", "B"]);
        assert_eq!(missing("${?X}"), [""; 0]);
        assert_eq!(missing("${project.version}"), [""; 0]);
    }

    #[test]
    fn folders_that_are_written_say_so() {
        assert_eq!(kept("app.upload-dir", "./uploads").as_deref(), Some("./uploads"));
        assert_eq!(kept("storage.location", "upload-dir").as_deref(), Some("upload-dir"));
        assert_eq!(kept("logging.file.name", "logs/app.log").as_deref(), Some("logs/app.log"));
        assert_eq!(kept("spring.servlet.multipart.max-file-size", "10MB"), None);
        assert_eq!(with_defaults("${A:${B:./x}}/y"), "./x/y");
    }
}
