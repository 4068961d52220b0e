//! The crates that one program is made of, with tables of what their names stand for.

use std::collections::{HashMap, HashSet};

use camino::Utf8PathBuf;

use super::file::{Call, File, Span};
use super::items::{Constant, Field, Function};

/// A crate of the repository.
#[derive(Debug)]
pub struct Crate {
    /// The package's folder, relative to the repository.
    pub dir: Utf8PathBuf,
    /// Its files, the root first.
    pub files: Vec<File>,
}

/// Where something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The number of the crate.
    pub owner: usize,
    /// The number of the file in it.
    pub file: usize,
    /// The token.
    pub at: usize,
}

/// A field of a struct literal and what it is given.
#[derive(Debug, Clone)]
pub struct Given {
    /// The struct.
    pub owner: String,
    /// Where.
    pub place: Place,
    /// What.
    pub value: Span,
}

/// The program.
#[derive(Debug, Default)]
pub struct Program {
    /// The crates, the binary's first.
    pub crates: Vec<Crate>,
    /// Structs and variants with fields.
    pub owners: HashSet<String>,
    /// What fields are given in struct literals, by the field's name.
    pub literals: HashMap<String, Vec<Given>>,
    functions: HashMap<String, Vec<(Place, usize)>>,
    fields: HashMap<String, Vec<(Place, usize)>>,
    constants: HashMap<String, Vec<(Place, usize)>>,
    called: HashMap<String, Vec<Place>>,
}

impl Program {
    /// Reads the tables of some crates.
    #[must_use]
    pub fn new(crates: Vec<Crate>) -> Self {
        let mut program = Self::default();
        for (owner, one) in crates.iter().enumerate() {
            for (file, text) in one.files.iter().enumerate() {
                program.index(Place { owner, file, at: 0 }, text);
            }
        }
        program.crates = crates;
        program
    }

    fn index(&mut self, place: Place, file: &File) {
        for (number, one) in file.functions.iter().enumerate() {
            let at = Place { at: one.body.start, ..place };
            self.functions.entry(one.name.clone()).or_default().push((at, number));
        }
        for (number, one) in file.fields.iter().enumerate() {
            self.owners.insert(one.owner.clone());
            self.fields.entry(one.name.clone()).or_default().push((Place { at: one.at, ..place }, number));
        }
        for (number, one) in file.constants.iter().enumerate() {
            let at = Place { at: one.value.start, ..place };
            self.constants.entry(one.name.clone()).or_default().push((at, number));
        }
        for call in file.calls(file.all()) {
            self.called.entry(call.name.to_owned()).or_default().push(Place { at: call.at, ..place });
        }
        for at in 0..file.len() {
            self.literal(place, file, at);
        }
    }

    /// `Config { port: 1, host }`, with the type of the impl for `Self`.
    fn literal(&mut self, place: Place, file: &File, at: usize) {
        let name = file.word(at);
        let starts = file.is_word(at) && name.starts_with(|first: char| first.is_uppercase());
        let other = ["struct", "enum", "impl", "for", "->", "trait", "union", "let", ":", "&"];
        if !starts || file.mark(at + 1) != "{" || other.contains(&file.before(at, 1)) {
            return;
        }
        let Some(close) = file.close(at + 1) else { return };
        let of = file.function_at(at).and_then(|one| one.owner.clone());
        let owner = if name == "Self" { of.unwrap_or_default() } else { name.to_owned() };
        for part in file.split(at + 2..close, ",") {
            let named = file.is_word(part.start) && matches!(file.mark(part.start + 1), ":" | "," | "}");
            if !named {
                continue;
            }
            let whole = file.mark(part.start + 1) == ":";
            let value = if whole { part.start + 2..part.end } else { part.clone() };
            let given = Given { owner: owner.clone(), place: Place { at, ..place }, value };
            self.literals.entry(file.word(part.start).to_owned()).or_default().push(given);
        }
    }

    /// The file of a place.
    #[must_use]
    pub fn file(&self, place: Place) -> Option<&File> {
        self.crates.get(place.owner)?.files.get(place.file)
    }

    /// Every file, with its place.
    pub fn files(&self) -> impl Iterator<Item = (Place, &File)> {
        self.crates.iter().enumerate().flat_map(|(owner, one)| {
            one.files.iter().enumerate().map(move |(file, text)| (Place { owner, file, at: 0 }, text))
        })
    }

    /// Every call, with its place.
    pub fn calls(&self) -> impl Iterator<Item = (Place, &File, Call<'_>)> {
        self.files().flat_map(|(place, file)| {
            file.calls(file.all()).map(move |call| (Place { at: call.at, ..place }, file, call))
        })
    }

    /// The calls of a name.
    #[must_use]
    pub fn called(&self, name: &str) -> &[Place] {
        self.called.get(name).map_or(&[], Vec::as_slice)
    }

    /// The functions of a name.
    pub fn functions(&self, name: &str) -> impl Iterator<Item = (Place, &Function)> {
        let all = self.functions.get(name).into_iter().flatten();
        all.filter_map(|(place, number)| Some((*place, self.file(*place)?.functions.get(*number)?)))
    }

    /// The fields of a name.
    pub fn fields(&self, name: &str) -> impl Iterator<Item = (Place, &Field)> {
        let all = self.fields.get(name).into_iter().flatten();
        all.filter_map(|(place, number)| Some((*place, self.file(*place)?.fields.get(*number)?)))
    }

    /// The constants of a name.
    pub fn constants(&self, name: &str) -> impl Iterator<Item = (Place, &Constant)> {
        let all = self.constants.get(name).into_iter().flatten();
        all.filter_map(|(place, number)| Some((*place, self.file(*place)?.constants.get(*number)?)))
    }

    /// The function that a call calls, where the name leaves no doubt.
    #[must_use]
    pub fn callee(&self, place: Place, call: &Call<'_>) -> Option<(Place, &Function)> {
        let base = call.base();
        let of_type = base.starts_with(|first: char| first.is_uppercase());
        let owner = if base == "Self" {
            self.file(place)?.function_at(place.at)?.owner.clone()
        } else {
            of_type.then(|| base.to_owned())
        };
        let fits: Vec<(Place, &Function)> = self
            .functions(call.name)
            .filter(|(_, one)| match &owner {
                Some(owner) => one.owner.as_ref() == Some(owner),
                None => one.owner.is_some() == call.method,
            })
            .collect();
        let here = fits.iter().filter(|(at, _)| at.owner == place.owner && at.file == place.file);
        match (fits.as_slice(), here.collect::<Vec<_>>().as_slice()) {
            ([one], _) => Some(*one),
            (_, [one]) => Some(**one),
            _ => None,
        }
    }

    /// The struct with fields that a type names, whatever is around it: `Arc<Config>`.
    #[must_use]
    pub fn owner_in(&self, file: &File, span: &Span) -> Option<String> {
        let words = span.clone().rev().filter(|at| file.is_word(*at)).map(|at| file.word(at));
        words.into_iter().find(|word| self.owners.contains(*word)).map(str::to_owned)
    }
}
