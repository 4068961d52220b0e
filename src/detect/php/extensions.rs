//! Which extensions the program needs and no image has: what the manifest and every package of the lock file require, the
//! driver of its database, what the code calls.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::work::Work;
use crate::facts::{Evidence, Extension, Found, Need, Note, Phase};
use crate::manifest::dotenv;

/// The extensions by name, each with what asks for it.
pub(super) fn find(work: &Work) -> Vec<Found<Extension>> {
    let mut all: BTreeMap<String, Evidence> = BTreeMap::new();
    let mut add = |name: &str, because: Evidence| {
        let name = name.to_ascii_lowercase().replace('-', "_");
        all.entry(if name == "zend_opcache" { "opcache".to_owned() } else { name }).or_insert(because);
    };
    for (name, because) in required(work) {
        add(&name, because);
    }
    for name in work.row().into_iter().flat_map(|row| &row.extensions) {
        let says = format!("{} uses {name}", work.row().map_or("", |row| row.name.as_str()));
        let because = work.application.as_ref().map(|(_, because)| Evidence { says, ..because.clone() });
        add(name, because.unwrap_or_else(|| Evidence::told("the table")));
    }
    for (name, because) in drivers(work) {
        add(&name, because);
    }
    let included = |name: &String| work.table.included.iter().any(|own| own == name);
    let each = all.into_iter().filter(|(name, _)| !included(name));
    each.map(|(name, because)| Found::new(Extension { name }, because)).collect()
}

/// `ext-*` of the manifest, and of each package unless another stands in for it.
fn required(work: &Work) -> Vec<(String, Evidence)> {
    let mut all = Vec::new();
    for name in work.manifest.iter().flat_map(|manifest| manifest.require.keys()) {
        if let Some(extension) = name.strip_prefix("ext-") {
            let says = format!("{name} in composer.json");
            all.push((extension.to_owned(), work.key(&["require", name], says)));
        }
    }
    let Some(lock) = &work.lock else { return all };
    let provided = |name: &str| lock.packages.iter().any(|one| one.provides.iter().any(|own| own == name));
    let path = work.root.join("composer.lock");
    for package in &lock.packages {
        for name in package.require.keys().filter(|name| !provided(name)) {
            if let Some(extension) = name.strip_prefix("ext-") {
                let says = format!("{} needs {name}", package.name);
                all.push((extension.to_owned(), Evidence::line(&path, package.line, says)));
            }
        }
    }
    all
}

/// The drivers of the database that the project is set to: the sample of its settings, else the default of its own file. Where
/// whoever installs it chooses, all that its manifest suggests or its code has an address for.
fn drivers(work: &Work) -> Vec<(String, Evidence)> {
    let row = work.row();
    let variable = row.and_then(|row| row.database.as_deref());
    let told = variable.and_then(|variable| sample(work, variable).or_else(|| default(work, variable)));
    let told = told.or_else(|| keyed(work)).or_else(|| {
        let names = work.table.database_variables.iter().filter(|_| variable.is_none() || speaks(work));
        names.into_iter().find_map(|name| sample(work, name))
    });
    let mut all: Vec<(String, Evidence)> =
        told.and_then(|(value, because)| Some((extension_of(work, &value)?, because))).into_iter().collect();
    for (name, because) in suggested(work) {
        if all.iter().all(|(known, _)| *known != name) {
            all.push((name, because));
        }
    }
    all
}

/// What says that the database is a SQLite file, where nothing else was named.
pub(super) fn is_sqlite(work: &Work) -> Option<Evidence> {
    let variable = work.row()?.database.as_deref()?;
    let (value, because) = sample(work, variable).or_else(|| default(work, variable))?;
    matches!(value.as_str(), "sqlite" | "sqlite3").then_some(because)
}

/// The extension that a driver's name or an address stands for; none where every image has it.
fn extension_of(work: &Work, value: &str) -> Option<String> {
    let driver = value.split([':', '+']).next()?.trim_matches(['"', '\'']).to_ascii_lowercase();
    work.table.drivers.get(&driver).filter(|extension| !extension.is_empty()).cloned()
}

/// Whether a package of the project speaks to databases.
fn speaks(work: &Work) -> bool {
    let locked = work.lock.iter().flat_map(|lock| lock.packages.iter().map(|package| package.name.as_str()));
    let own = work.manifest.iter().flat_map(|manifest| manifest.require.keys().map(String::as_str));
    own.chain(locked).any(|name| work.table.speakers.iter().any(|known| known == name))
}

/// Drivers that the manifest suggests: whoever installs it chooses one of them.
fn suggested(work: &Work) -> Vec<(String, Evidence)> {
    let names = work.manifest.iter().flat_map(|manifest| manifest.suggest.keys());
    let drivers = names.filter_map(|name| {
        let extension = name.strip_prefix("ext-")?.to_ascii_lowercase();
        work.table.drivers.values().any(|own| *own == extension && extension.starts_with("pdo_")).then(|| {
            let says = format!("{name} suggested by composer.json");
            (extension, work.key(&["suggest", name], says))
        })
    });
    drivers.collect()
}

/// `'DBDriver' => 'MySQLi'` of the file with the settings.
fn keyed(work: &Work) -> Option<(String, Evidence)> {
    let row = work.row()?;
    let (file, key) = (row.database_file.as_deref()?, row.database_key.as_deref()?);
    let path = work.root.join(file);
    let text = work.cx.repo.source(&path)?;
    text.lines().zip(1u32..).find_map(|(line, number)| {
        let after = line.split_once(key)?.1;
        let mut words =
            after.split(['\'', '"']).filter(|word| word.chars().any(|c| c.is_ascii_alphanumeric()));
        Some((words.next()?.to_owned(), Evidence::line(&path, number, format!("{key} of {file}"))))
    })
}

/// A variable that whoever runs the image has to set: its samples name it, or its own `.env` leaves it open. Where a
/// project has neither, any.
pub(super) fn is_open(work: &Work, variable: &str) -> bool {
    let settings = |name: &&str| {
        let text = work.cx.repo.source(&work.root.join(name))?;
        Some((**name == *".env", dotenv::parse(&text)))
    };
    let all: Vec<_> = SAMPLES.iter().filter_map(settings).collect();
    let named = |own: bool| {
        let files = all.iter().filter(move |(is_own, _)| *is_own == own);
        files.flat_map(|(_, settings)| settings).find(|one| one.value.name == variable)
    };
    match named(true) {
        Some(own) => own.value.value.is_none(),
        None => all.is_empty() || named(false).is_some(),
    }
}

/// Settings of the repository, samples first.
const SAMPLES: [&str; 4] = [".env.example", ".env.dist", ".env.sample", ".env"];

/// The folder of a database in a file, relative to the project, where the settings name one that is not the cache's.
pub(super) fn file_database(work: &Work) -> Option<(Utf8PathBuf, Evidence)> {
    let (value, because) = sample(work, work.row()?.database.as_deref()?)?;
    let path = value.strip_prefix("sqlite:")?.trim_start_matches('/');
    let path = path.strip_prefix("%kernel.project_dir%/")?.split('?').next()?;
    let folder = Utf8Path::new(path).parent().filter(|folder| !matches!(folder.as_str(), "" | "var"))?;
    let plain = folder.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
    let inside = plain && !folder.as_str().contains("..");
    inside.then(|| (folder.to_owned(), because))
}

/// A variable of `.env.example` and its kin, else of the `.env` that the repository has.
fn sample(work: &Work, variable: &str) -> Option<(String, Evidence)> {
    SAMPLES.iter().find_map(|name| {
        let path = work.root.join(name);
        let text = work.cx.repo.source(&path)?;
        let found = dotenv::parse(&text).into_iter().find(|one| one.value.name == variable)?;
        let says = format!("{variable} in {name}");
        Some((found.value.value.filter(|value| !value.is_empty())?, Evidence::line(&path, found.line, says)))
    })
}

/// `env('DB_CONNECTION', 'mysql')` of the file with the settings, wherever the project keeps it.
fn default(work: &Work, variable: &str) -> Option<(String, Evidence)> {
    let name = Utf8Path::new(work.row()?.database_file.as_deref()?).file_name()?;
    let call = format!("env('{variable}',");
    let files = work.cx.repo.under(&work.root).filter(|path| path.file_name() == Some(name));
    for path in files {
        let Some(text) = work.cx.repo.source(path) else { continue };
        let Some((line, number)) = text.lines().zip(1u32..).find(|(line, _)| line.contains(&call)) else {
            continue;
        };
        let value =
            line.split(&call).nth(1).and_then(|rest| rest.trim().strip_prefix('\'')?.split('\'').next());
        let place = path.strip_prefix(&work.root).unwrap_or(path);
        if let Some(value) = value {
            return Some((value.to_owned(), Evidence::line(path, number, format!("{variable} in {place}"))));
        }
    }
    None
}

/// What the extensions need of the system, and notes on those that no image can have.
pub(super) fn needs(work: &Work, found: &[Found<Extension>]) -> (Vec<Found<Need>>, Vec<Note>) {
    let (mut needs, mut notes): (Vec<Found<Need>>, Vec<Note>) = (Vec::new(), Vec::new());
    for one in found {
        let name = &one.value.name;
        let row = work.table.extensions.iter().find(|row| row.name == *name);
        let Some(row) = row.filter(|row| row.missing.is_none()) else {
            let why = row.and_then(|row| row.missing.clone());
            let why = why.unwrap_or_else(|| "dfgen knows no way to install it".to_owned());
            let text = format!("the extension `{name}` is left out: {why}");
            notes.push(Note { code: "extension-left-out".to_owned(), text, because: one.because.clone() });
            continue;
        };
        let phases = [(Phase::Build, &row.build), (Phase::Run, &row.run)];
        for (phase, capability) in phases.iter().flat_map(|(phase, all)| all.iter().map(|it| (*phase, it))) {
            let need = Need { capability: capability.clone(), phase };
            match needs.iter_mut().find(|known| known.value == need) {
                Some(known) => known.because.extend(one.because.iter().cloned()),
                None => needs.push(Found { value: need, because: one.because.clone() }),
            }
        }
    }
    (needs, notes)
}
