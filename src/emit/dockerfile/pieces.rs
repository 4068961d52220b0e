//! A Dockerfile cut into pieces that lose nothing: joined again, they are the file. What a merge works on.

use super::{Lines, ParseError, directives, escape, instruction, is_comment};

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PieceKind {
    /// An empty line.
    Blank,
    /// One line of comment between instructions.
    Comment,
    /// `# syntax=...` and its like.
    Directive,
    /// An instruction with all its lines: those that continue it, comments among them, and its here-documents.
    Instruction,
}

/// A piece with its line's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// In upper case; empty for other pieces than instructions.
    pub keyword: String,
    /// Its lines as they stand in the file.
    pub text: String,
}

/// Cuts a Dockerfile into its pieces.
///
/// # Errors
/// It does not parse.
pub fn pieces(text: &str) -> Result<Vec<Piece>, ParseError> {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let directives = directives(bare)?;
    let escape = escape(&directives)?;
    let last = directives.last().map_or(0, |directive| directive.line as usize);
    let mut lines = Lines { lines: text.split_inclusive('\n').collect(), next: 0 };
    let mut found = Vec::new();
    while let Some(line) = lines.lines.get(lines.next).copied() {
        let from = lines.next;
        let (kind, keyword) = if line.trim().is_empty() {
            (PieceKind::Blank, String::new())
        } else if lines.next < last {
            (PieceKind::Directive, String::new())
        } else if is_comment(line) {
            (PieceKind::Comment, String::new())
        } else {
            let keyword = instruction(&mut lines, escape)?.map(|one| one.keyword);
            (PieceKind::Instruction, keyword.unwrap_or_default())
        };
        lines.next = lines.next.max(from + 1);
        let text = lines.lines.get(from..lines.next).unwrap_or_default().concat();
        found.push(Piece { kind, keyword, text });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_joined_are_the_file() {
        let text = "# syntax=docker/dockerfile:1\r\n\n# a\nFROM x AS y\nRUN a \\\n  # why\n\n  && b\nRUN <<E\nFROM not\nE\nCOPY . .";
        let pieces = pieces(text).unwrap();
        assert_eq!(pieces.iter().map(|one| one.text.as_str()).collect::<String>(), text);
        let kinds: Vec<&str> = pieces.iter().map(|one| one.keyword.as_str()).collect();
        assert_eq!(kinds, ["", "", "", "FROM", "RUN", "RUN", "COPY"]);
        assert_eq!(pieces[0].kind, PieceKind::Directive);
    }
}
