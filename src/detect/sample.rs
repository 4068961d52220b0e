//! The port of a program that takes it from a configuration file alone: the sample of it that is committed says what
//! people run it with.

use camino::{Utf8Path, Utf8PathBuf};

use super::Context;
use crate::facts::{Evidence, Found, Listen, Project};
use crate::manifest::settings::{self, Setting};
use crate::manifest::{ini, toml_tree};
use crate::source::ports::words;

/// Words that the name of such a file is made of, beside the program's own.
const NAMES: [&str; 20] = [
    "config",
    "configuration",
    "conf",
    "cfg",
    "settings",
    "app",
    "server",
    "example",
    "sample",
    "default",
    "defaults",
    "dist",
    "template",
    "production",
    "prod",
    "toml",
    "yaml",
    "yml",
    "ini",
    "local",
];

/// Folders that hold one.
const PLACES: [&str; 5] = ["", "conf", "config", "configs", "etc"];

/// Words of the key of the main port, and nothing else.
const KEYS: [&str; 13] = [
    "port", "addr", "address", "listen", "listener", "bind", "host", "http", "web", "server", "app", "main",
    "public",
];

/// Words of which a key for an address has one.
const ADDRESSES: [&str; 6] = ["port", "addr", "address", "listen", "bind", "host"];

/// Words of the name of a file that nobody reads as it is.
const SAMPLES: [&str; 6] = ["example", "sample", "default", "defaults", "dist", "template"];

/// The port of the one key that can only mean it, and the files that have it and are no samples: the program reads them.
#[must_use]
pub fn port(cx: &Context, project: &Project) -> Option<(Found<Listen>, Vec<Found<Utf8PathBuf>>)> {
    let own = words(&project.name);
    let mut found: Vec<Found<Listen>> = Vec::new();
    let mut read_as_is: Vec<Found<Utf8PathBuf>> = Vec::new();
    for place in PLACES {
        let folder = project.root.join(place);
        for name in cx.repo.list(&folder).0 {
            let named = words(name).iter().all(|word| NAMES.contains(&word.as_str()) || own.contains(word));
            let path = folder.join(name);
            for setting in named.then(|| settings_of(cx, &path)).into_iter().flatten() {
                let Some(port) = main_port(&setting) else { continue };
                let because = Evidence::line(&path, setting.line, format!("{} in {name}", setting.key));
                if !words(name).iter().any(|word| SAMPLES.contains(&word.as_str())) {
                    let says = format!("the port stands in {name}");
                    let path = Utf8PathBuf::from(place).join(name);
                    read_as_is.push(Found::new(path, Evidence { says, ..because.clone() }));
                }
                found.push(Found::new(Listen { port, variable: None, must_set: false }, because));
            }
        }
    }
    let first = found.first()?;
    let agreed = found.iter().all(|other| other.value.port == first.value.port);
    agreed.then(|| (first.clone(), read_as_is))
}

fn settings_of(cx: &Context, path: &Utf8Path) -> Vec<Setting> {
    let name = path.file_name().unwrap_or_default();
    let of = |ending: &str| words(name).iter().any(|word| word == ending);
    let text = || cx.repo.source(path);
    if of("toml") {
        let tree = text().and_then(|text| toml_tree::read(path, &text).ok());
        tree.map(|tree| settings::flat(&tree)).unwrap_or_default()
    } else if of("yaml") || of("yml") {
        text().and_then(|text| settings::yaml(&text).ok()).unwrap_or_default()
    } else if of("ini") {
        text().map(|text| ini::read(&text)).unwrap_or_default()
    } else {
        Vec::new()
    }
}

fn main_port(setting: &Setting) -> Option<u16> {
    let key = words(&setting.key);
    let only = key.iter().all(|word| KEYS.contains(&word.as_str()));
    let meant = only && key.iter().any(|word| ADDRESSES.contains(&word.as_str()));
    let last = setting.value.trim().rsplit(':').next().filter(|_| meant && setting.profile.is_none())?;
    last.parse().ok().filter(|port| *port >= 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(key: &str, value: &str) -> Option<u16> {
        main_port(&Setting { key: key.to_owned(), value: value.to_owned(), profile: None, line: 1 })
    }

    #[test]
    fn one_key_can_only_mean_the_main_port() {
        assert_eq!(of("app.address", "localhost:9000"), Some(9000));
        assert_eq!(of("listen_addr", "127.0.0.1:8080"), Some(8080));
        assert_eq!(of("server.HTTP_PORT", "3000"), Some(3000));
        assert_eq!(of("db.port", "5432"), None);
        assert_eq!(of("metrics_listen_addr", ":9090"), None);
        assert_eq!(of("apiAddress", ":9997"), None);
        assert_eq!(of("server.host", "0.0.0.0"), None);
    }
}
