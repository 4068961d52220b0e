//! What the project's own code says: the extensions whose functions it calls, the folders that it writes, the variables that
//! it refuses to start without.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::work::Work;
use crate::detect::{join_inside, places};
use crate::facts::{Evidence, Extension, Found, Listen, Project, Variable};
use crate::source::php::{self, Call, Value};

/// Words without which a file has nothing to say here.
const TELLING: [&str; 4] = ["PDO", "mysqli", "SQLite3", "required("];

/// The project's own files: where no framework's row and no manifest says what it needs, all of them.
fn files<'a>(work: &'a Work, all: bool) -> impl Iterator<Item = &'a Utf8PathBuf> {
    let apart = &work.cx.knowledge.of(super::LANGUAGE).apart;
    let vendor = work.manifest.as_ref().and_then(|manifest| manifest.vendor_dir.clone());
    let vendor = work.root.join(vendor.unwrap_or_else(|| "vendor".to_owned()));
    let own = move |path: &&Utf8PathBuf| {
        let inner = path.strip_prefix(&work.root).unwrap_or(path);
        path.extension() == Some("php")
            && !path.starts_with(&vendor)
            && !inner.components().any(|part| apart.iter().any(|own| own == part.as_str()))
    };
    let says = move |path: &&Utf8PathBuf| {
        all || work.cx.repo.source(path).is_some_and(|text| TELLING.iter().any(|word| text.contains(word)))
    };
    work.cx.repo.under(&work.root).filter(own).filter(says)
}

/// No manifest and no row: the code alone tells.
fn is_plain(work: &Work) -> bool {
    work.manifest.is_none() && work.application.is_none()
}

fn each_call(work: &Work, all: bool, mut see: impl FnMut(&Utf8Path, &Call)) {
    for path in files(work, all) {
        let Some(text) = work.cx.repo.source(path) else { continue };
        for call in php::calls(&text) {
            see(path, &call);
        }
    }
}

fn shown(work: &Work, path: &Utf8Path) -> String {
    path.strip_prefix(&work.root).unwrap_or(path).to_string()
}

/// Extensions that the code calls and that are not `known` yet. A manifest should name them and often does not; what is not
/// part of PHP's own sources, or is asked for first, is then somebody's choice.
pub(super) fn extensions(work: &Work, known: &[Found<Extension>]) -> Vec<Found<Extension>> {
    let plain = is_plain(work);
    let row = work.row();
    if row.is_some_and(|row| row.files.len() > 1 && row.packages.is_empty()) {
        return Vec::new();
    }
    // The framework's configuration says which database it is.
    let told = row.is_some_and(|row| row.database.is_some());
    let of_database = |call: &Call| call.name == "pdo" || call.name.starts_with("mysqli");
    let mut found: BTreeMap<String, Evidence> = BTreeMap::new();
    each_call(work, true, |path, call| {
        if told && of_database(call) {
            return;
        }
        let Some(name) = extension_of(work, path, call, plain) else { return };
        let says = format!("{} in {}", call.name, shown(work, path));
        found.entry(name).or_insert_with(|| Evidence::line(path, call.line, says));
    });
    if !told {
        for (name, because) in addressed(work) {
            found.entry(name).or_insert(because);
        }
    }
    let new = found.into_iter().filter(|(name, _)| known.iter().all(|one| one.value.name != *name));
    new.map(|(name, because)| Found::new(Extension { name }, because)).collect()
}

/// Drivers whose addresses the code puts together for PDO: `'mysql:host=' . $host`, `$dsn = 'pgsql:';`.
fn addressed(work: &Work) -> Vec<(String, Evidence)> {
    let drivers = || work.table.drivers.iter().filter(|(_, extension)| extension.starts_with("pdo_"));
    let mut found: Vec<(String, Evidence)> = Vec::new();
    for path in files(work, false) {
        let Some(text) = work.cx.repo.source(path).filter(|text| text.contains("PDO")) else { continue };
        let lines = text.lines().zip(1u32..);
        for (line, number) in lines.filter(|(line, _)| !line.trim_start().starts_with(['*', '/', '#', ';'])) {
            for (driver, extension) in drivers() {
                let is = |quote: char| {
                    let after = line.split_once(&format!("{quote}{driver}:")).map(|(_, after)| after);
                    let mut words = work.table.database_addresses.iter();
                    after.is_some_and(|after| {
                        after.starts_with(quote) || words.any(|word| after.starts_with(word.as_str()))
                    })
                };
                if (is('\'') || is('"')) && found.iter().all(|(known, _)| known != extension) {
                    let says = format!("an address of {driver} in {}", shown(work, path));
                    found.push((extension.clone(), Evidence::line(path, number, says)));
                }
            }
        }
    }
    found
}

fn extension_of(work: &Work, path: &Utf8Path, call: &Call, plain: bool) -> Option<String> {
    if call.method {
        return None;
    }
    if call.name == "pdo" {
        let Some(Value::Text(address)) = call.arguments.first() else { return None };
        let driver = work.table.drivers.get(address.split(':').next()?)?;
        return (!driver.is_empty()).then(|| driver.clone());
    }
    let is_called = |name: &String| match name.strip_suffix('*') {
        Some(start) => call.name.starts_with(&start.to_ascii_lowercase()),
        None => call.name.eq_ignore_ascii_case(name),
    };
    let mut rows = work.table.extensions.iter();
    let (row, name) = rows.find_map(|row| Some((row, row.used.iter().find(|name| is_called(name))?)))?;
    let function = !name.contains(|letter: char| letter.is_ascii_uppercase());
    let needed = || function && row.pecl.is_none() && row.missing.is_none() && !is_asked_for(work, path);
    (plain || row.name == "mysqli" || needed()).then(|| row.name.clone())
}

/// Whether a file looks for functions or extensions before it calls them: then it works without.
fn is_asked_for(work: &Work, path: &Utf8Path) -> bool {
    let text = work.cx.repo.source(path);
    text.is_some_and(|text| ["function_exists", "extension_loaded"].iter().any(|guard| text.contains(guard)))
}

/// Folders that it writes, and variables that it asks for by name.
pub(super) fn read(work: &Work, site: Option<&Utf8Path>, project: &mut Project) {
    let writing = &work.cx.knowledge.of(super::LANGUAGE).writing;
    let rows = work.row().is_some_and(|row| !row.writes.is_empty() || !row.owned.is_empty() && row.fixed);
    let mut listens = Vec::new();
    each_call(work, !rows, |path, call| {
        if call.method && call.name == "required" {
            required(work, path, call, project);
        }
        if site.is_none() {
            listens.extend(listen(work, path, call));
        }
        // A command of the console runs where people develop and install: what serves writes elsewhere.
        if rows || call.method || path.file_stem().is_some_and(|stem| stem.ends_with("Command")) {
            return;
        }
        let Some(place) = writing.get(&call.name).filter(|_| opens_to_write(call)) else { return };
        let folder = call.arguments.get(*place).and_then(|value| folder(work, path, site, value));
        if let Some(folder) =
            folder.filter(|folder| project.writes.iter().all(|one| !folder.starts_with(&one.value)))
        {
            let because = Evidence::line(path, call.line, format!("written by {}", shown(work, path)));
            project.writes.retain(|one| !one.value.starts_with(&folder));
            project.writes.push(Found::new(folder, because));
        }
    });
    if project.listen.is_empty() {
        project.listen.extend(listens.into_iter().next());
    }
}

/// `fopen` writes where its mode says so; the others always do.
fn opens_to_write(call: &Call) -> bool {
    let mode = call.arguments.get(1);
    call.name != "fopen"
        || matches!(mode, Some(Value::Text(mode)) if mode.contains(['w', 'a', 'x', 'c', '+']))
}

/// The folder of a path that is written, relative to the project; a database lies in it.
fn folder(work: &Work, path: &Utf8Path, site: Option<&Utf8Path>, value: &Value) -> Option<Utf8PathBuf> {
    let (base, text) = match value {
        Value::Beside(text) => (path.parent()?.to_owned(), text.clone()),
        Value::Text(text) => {
            let text = text.strip_prefix("sqlite:").unwrap_or(text);
            (site.map_or_else(|| work.root.clone(), |site| work.root.join(site)), text.to_owned())
        }
        _ => return None,
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    if text.is_empty() || text.contains(':') || !text.bytes().all(plain) || text.starts_with("/tmp") {
        return None;
    }
    if text.starts_with('/') && matches!(value, Value::Text(_)) {
        return places::written(&text, Utf8Path::new(&text).extension().is_some());
    }
    let whole = join_inside(&base, &text)?;
    let inner = whole.strip_prefix(&work.root).ok()?;
    let folder = if inner.extension().is_some() { inner.parent()? } else { inner };
    (!folder.as_str().is_empty() && Some(folder) != site).then(|| folder.to_owned())
}

/// `$dotenv->required(['A', 'B'])`.
fn required(work: &Work, path: &Utf8Path, call: &Call, project: &mut Project) {
    let names = match call.arguments.first() {
        Some(Value::List(names)) => names.clone(),
        Some(Value::Text(name)) => vec![name.clone()],
        _ => return,
    };
    let plain = |name: &String| {
        name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    for name in names.into_iter().filter(plain) {
        if project.env.iter().all(|one| one.value.name != name) {
            let because = Evidence::line(path, call.line, format!("{name} in {}", shown(work, path)));
            project.env.push(Found::new(Variable { name, value: None, required: true }, because));
        }
    }
}

/// The port of a server's class: `new SocketServer('0.0.0.0:8080')`, `new Server('0.0.0.0', 9501)`.
fn listen(work: &Work, path: &Utf8Path, call: &Call) -> Option<Found<Listen>> {
    let row = work.table.listens.iter().find(|row| call.name.eq_ignore_ascii_case(&row.call))?;
    let text = work.cx.repo.source(path)?;
    if !text.contains(row.with.as_str()) {
        return None;
    }
    let port = match (row.port, call.arguments.first()?) {
        (Some(at), _) => match call.arguments.get(at)? {
            Value::Number(port) => port.parse().ok()?,
            _ => return None,
        },
        (None, Value::Text(address)) => address.rsplit_once(':')?.1.parse().ok()?,
        _ => return None,
    };
    let value = Listen { port, variable: None, must_set: false };
    Some(Found::new(value, Evidence::line(path, call.line, format!("{} in {}", row.call, shown(work, path)))))
}
