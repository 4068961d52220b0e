//! A Dockerfile as stages of pieces: what of one side can be held against what of another.

use crate::emit::dockerfile::{ParseError, Piece, PieceKind, pieces};

/// A Dockerfile by its stages; the first is what stands before all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    pub(super) stages: Vec<Stage>,
}

/// A stage: the comment above its `FROM`, and everything down to the next one's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Stage {
    /// In lower case; empty where it has none.
    pub(super) name: String,
    pub(super) units: Vec<Unit>,
}

/// A piece, and what it is compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) kind: PieceKind,
    pub(super) keyword: String,
    pub(super) text: String,
    /// The text without the line ends of Windows.
    pub(super) key: String,
    /// Its words behind the first, paths in their parts, sorted: what tells how like another of its keyword it is.
    pub(super) bag: Vec<String>,
}

impl Unit {
    pub(super) fn is_instruction(&self) -> bool {
        self.kind == PieceKind::Instruction
    }

    pub(super) fn is_comment(&self) -> bool {
        self.kind == PieceKind::Comment
    }

    pub(super) fn is_blank(&self) -> bool {
        self.kind == PieceKind::Blank
    }

    /// What tells it from others of its keyword, where it may be changed in every other word: the target of a `COPY`, the
    /// first name of an `ENV`. Empty where nothing does.
    pub(super) fn identity(&self) -> &str {
        let words = || self.key.split_whitespace().skip(1).filter(|word| !word.starts_with("--"));
        match self.keyword.as_str() {
            "COPY" | "ADD" => words().last().unwrap_or_default(),
            "ENV" | "ARG" | "LABEL" => {
                words().next().and_then(|word| word.split('=').next()).unwrap_or_default()
            }
            "RUN" => "",
            keyword => keyword,
        }
    }
}

impl From<Piece> for Unit {
    fn from(piece: Piece) -> Self {
        let key = super::plain(&piece.text);
        let words = key.split_whitespace().skip(1).flat_map(|word| word.split('/'));
        let mut bag: Vec<String> = words.filter(|part| !part.is_empty()).map(str::to_owned).collect();
        bag.sort_unstable();
        Self { kind: piece.kind, keyword: piece.keyword, text: piece.text, key, bag }
    }
}

impl Stage {
    pub(super) fn text(&self) -> String {
        self.units.iter().map(|unit| unit.text.as_str()).collect()
    }
}

/// Reads a Dockerfile for a merge.
///
/// # Errors
/// It does not parse.
pub fn outline(text: &str) -> Result<Outline, ParseError> {
    let mut stages = vec![Stage::default()];
    let mut units: Vec<Unit> = Vec::new();
    for piece in pieces(text)? {
        if piece.keyword == "FROM" {
            let comments = units.iter().rev().take_while(|unit| unit.is_comment()).count();
            let above = units.split_off(units.len() - comments);
            close(&mut stages, std::mem::replace(&mut units, above));
            stages.push(Stage { name: name(&piece.text), units: Vec::new() });
        }
        units.push(piece.into());
    }
    close(&mut stages, units);
    Ok(Outline { stages })
}

fn close(stages: &mut [Stage], units: Vec<Unit>) {
    if let Some(stage) = stages.last_mut() {
        stage.units = units;
    }
}

fn name(from: &str) -> String {
    let words: Vec<&str> = from.split_whitespace().collect();
    match words.as_slice() {
        [.., word, name] if word.eq_ignore_ascii_case("as") => name.to_ascii_lowercase(),
        _ => String::new(),
    }
}
