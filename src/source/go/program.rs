//! The packages that one program reaches, with tables of what their names stand for.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::OnceLock;

use camino::Utf8PathBuf;
use foldhash::HashMap;

use super::file::{Call, File, Function, Span};
use super::scan;

/// A package that the program reaches.
#[derive(Debug)]
pub struct Package {
    /// Its folder, relative to the repository.
    pub dir: Utf8PathBuf,
    /// Its import path.
    pub import: String,
    /// Its files for Linux.
    pub files: Vec<File>,
}

/// Where something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The number of the package.
    pub package: usize,
    /// The number of the file in it.
    pub file: usize,
    /// The token.
    pub at: usize,
}

/// What a name is given somewhere.
#[derive(Debug, Clone)]
pub struct Definition {
    /// Where.
    pub place: Place,
    /// The function that it stands in, where it stands in one.
    pub function: Option<usize>,
    /// It is a field of something.
    pub field: bool,
    /// The fields and types around it: `Configuration.Server`.
    pub context: String,
    /// What it is given.
    pub given: Given,
}

/// A value as it is written.
#[derive(Debug, Clone)]
pub enum Given {
    /// An expression.
    Expression(Span),
    /// A text: the default of a struct tag.
    Text(String),
    /// A text, the default of a struct tag, and the flag that changes it.
    Option(String, String),
    /// What this environment variable says; a constant's name behind `=`.
    Variable(String),
    /// What the setting of this name says.
    Key(String),
}

/// How a setting is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A flag.
    Flag,
    /// A key of a configuration file.
    Key,
    /// A field with a tag, or of a literal.
    Field,
    /// An environment variable.
    Variable,
}

/// Something that whoever starts the program can set, and its default.
#[derive(Debug, Clone)]
pub struct Setting {
    /// How it is named.
    pub source: Source,
    /// Its name.
    pub name: String,
    /// The fields and types around it.
    pub context: String,
    /// Where.
    pub place: Place,
    /// The default.
    pub default: Option<Given>,
    /// The environment variable that sets it.
    pub variable: Option<String>,
}

/// The program.
#[derive(Debug, Default)]
pub struct Program {
    /// The packages, that of `func main` first.
    pub packages: Vec<Package>,
    /// What each name is given.
    pub definitions: HashMap<String, Vec<Definition>>,
    /// What can be set.
    pub settings: Vec<Setting>,
    /// The packages that names have their types from.
    pub types: HashMap<String, BTreeSet<String>>,
    /// Variables are derived from keys, with this prefix.
    pub automatic: Option<String>,
    /// Where each name is called, made when it is first asked for.
    called: OnceLock<HashMap<String, Vec<Place>>>,
    functions: HashMap<String, Vec<(usize, usize, usize)>>,
    by_import: BTreeMap<String, usize>,
    /// Every path that is imported.
    imported: BTreeSet<String>,
}

impl Program {
    /// Reads the tables of some packages.
    #[must_use]
    pub fn new(packages: Vec<Package>) -> Self {
        let mut program = Self { packages, ..Self::default() };
        program.index();
        let tables = scan::tables(&program);
        program.definitions = tables.definitions;
        program.types = tables.types;
        program.settings = tables.settings;
        program.automatic = tables.automatic;
        scan::name_constants(&mut program);
        program
    }

    fn index(&mut self) {
        for (number, package) in self.packages.iter().enumerate() {
            self.by_import.insert(package.import.clone(), number);
            for (file_number, file) in package.files.iter().enumerate() {
                for import in &file.header.imports {
                    if !self.imported.contains(&import.path) {
                        self.imported.insert(import.path.clone());
                    }
                }
                for (function_number, function) in file.functions.iter().enumerate() {
                    let entry = self.functions.entry(function.name.clone()).or_default();
                    entry.push((number, file_number, function_number));
                }
            }
        }
    }

    /// The file of a place.
    #[must_use]
    pub fn file(&self, place: Place) -> Option<&File> {
        self.packages.get(place.package)?.files.get(place.file)
    }

    /// The package of an import path.
    #[must_use]
    pub fn package(&self, import: &str) -> Option<usize> {
        self.by_import.get(import).copied()
    }

    /// Every file, with its place.
    pub fn files(&self) -> impl Iterator<Item = (Place, &File)> {
        self.packages.iter().enumerate().flat_map(|(package, one)| {
            one.files.iter().enumerate().map(move |(file, text)| (Place { package, file, at: 0 }, text))
        })
    }

    /// Every call of the names that are wanted, with its place, in the order of the files.
    pub fn calls(&self, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = (Place, &File, Call<'_>)> {
        let named = self.by_name().iter().filter(|(name, _)| wanted(name));
        let mut places: Vec<Place> = named.flat_map(|(_, places)| places).copied().collect();
        places.sort_unstable();
        places.into_iter().filter_map(|place| {
            let file = self.file(place)?;
            Some((place, file, file.call_at(place.at)?))
        })
    }

    /// Where a name is called, mocks and test helpers left out.
    pub fn called(&self, name: &str) -> impl Iterator<Item = Place> {
        let all = self.by_name().get(name).map(Vec::as_slice).unwrap_or_default();
        all.iter().copied().filter(|place| self.file(*place).is_some_and(|file| !scan::stands_in(file)))
    }

    fn by_name(&self) -> &HashMap<String, Vec<Place>> {
        self.called.get_or_init(|| {
            let mut all: HashMap<String, Vec<Place>> = HashMap::default();
            for (place, file) in self.files() {
                for at in file.called_in(file.all()) {
                    let (name, place) = (file.word(at), Place { at, ..place });
                    match all.get_mut(name) {
                        Some(known) => known.push(place),
                        None => {
                            all.insert(name.to_owned(), vec![place]);
                        }
                    }
                }
            }
            all
        })
    }

    /// What every file holds of something, in their order: the files are looked through on all cores.
    pub fn look<T: Send>(&self, within: impl Fn(Place, &File) -> Vec<T> + Sync) -> Vec<T> {
        let files: Vec<(Place, &File)> = self.files().collect();
        let found = crate::parallel::map(&files, |(place, file)| within(*place, file));
        found.into_iter().flatten().collect()
    }

    /// The function of the program that a call calls, where the name leaves no doubt.
    #[must_use]
    pub fn callee(&self, place: Place, call: &Call<'_>) -> Option<(Place, &Function)> {
        let file = self.file(place)?;
        let known = self.functions.get(call.name)?;
        let wanted = match call.base {
            "" => Some((place.package, false)),
            base => file.import(base).and_then(|import| self.package(import)).map(|package| (package, false)),
        };
        let imported = call.base.is_empty() || file.import(call.base).is_some();
        let found: Vec<_> = known
            .iter()
            .filter_map(|(package, file, function)| {
                let here = self.packages.get(*package)?.files.get(*file)?.functions.get(*function)?;
                let fits = match wanted {
                    Some((wanted, method)) => *package == wanted && here.method == method,
                    None => !imported && here.method,
                };
                fits.then_some((Place { package: *package, file: *file, at: here.body.start }, here))
            })
            .collect();
        match found.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// Whether a name is, or has its type from, a package whose path starts with `import`.
    #[must_use]
    pub fn is_from(&self, file: &File, name: &str, import: &str) -> bool {
        let fits = |path: &str| {
            path == import || path.strip_prefix(import).is_some_and(|rest| rest.starts_with('/'))
        };
        file.import(name).is_some_and(fits)
            || self.types.get(name).is_some_and(|paths| paths.iter().any(|path| fits(path)))
    }

    /// Whether any file imports a package whose path starts with `import`.
    #[must_use]
    pub fn imports(&self, import: &str) -> bool {
        let from = (Bound::Included(import), Bound::Unbounded);
        self.imported.range::<str, _>(from).next().is_some_and(|path| path.starts_with(import))
    }
}
