//! The reader of `docker-bake.hcl`, as far as dfgen's own checks need it: which blocks there are, and whether quotes and
//! brackets find their partners. What buildx makes of the values is buildx's to say.

/// A block: `target "api"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// `target`, `group`, `variable`.
    pub kind: String,
    /// Its name; empty where it has none.
    pub name: String,
    /// Its first line, counted from 1.
    pub line: u32,
}

/// Something that buildx would refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The line, counted from 1.
    pub line: u32,
    /// Lower case, names in back-ticks, no full stop.
    pub message: String,
}

/// The blocks of the file.
///
/// # Errors
/// A quote or a bracket has no partner, or two blocks have one name.
pub fn read(text: &str) -> Result<Vec<Block>, Flaw> {
    let mut reader = Reader { rest: text, line: 1, open: Vec::new(), words: Vec::new(), blocks: Vec::new() };
    while reader.step()? {}
    if let Some((bracket, line)) = reader.open.last() {
        return Err(Flaw { line: *line, message: format!("`{bracket}` has no partner") });
    }
    for (at, block) in reader.blocks.iter().enumerate() {
        let same = |other: &&Block| (&other.kind, &other.name) == (&block.kind, &block.name);
        if let Some(first) = reader.blocks.iter().take(at).find(same) {
            let message = format!("`{} \"{}\"` stands on line {}, too", block.kind, block.name, first.line);
            return Err(Flaw { line: block.line, message });
        }
    }
    Ok(reader.blocks)
}

struct Reader<'a> {
    rest: &'a str,
    line: u32,
    /// Open brackets with their lines.
    open: Vec<(char, u32)>,
    /// What stands on the top level since the last block or line.
    words: Vec<String>,
    blocks: Vec<Block>,
}

impl Reader<'_> {
    /// Takes the next piece; `false` at the end.
    fn step(&mut self) -> Result<bool, Flaw> {
        let Some(letter) = self.rest.chars().next() else { return Ok(false) };
        match letter {
            '#' => self.skip_line(),
            '/' if self.rest.starts_with("//") => self.skip_line(),
            '/' if self.rest.starts_with("/*") => {
                self.take(self.rest.find("*/").map_or(self.rest.len(), |end| end + 2));
            }
            '<' if self.rest.starts_with("<<") => self.here_document(),
            '"' => self.string()?,
            '{' | '[' | '(' => self.enter(letter),
            '}' | ']' | ')' => self.leave(letter)?,
            '\n' => {
                self.words.clear();
                self.take(1);
            }
            _ if letter.is_alphanumeric() || letter == '_' => self.word(),
            _ => self.take(letter.len_utf8()),
        }
        Ok(true)
    }

    fn take(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        self.line += u32::try_from(taken.matches('\n').count()).unwrap_or_default();
        self.rest = rest;
    }

    fn skip_line(&mut self) {
        self.take(self.rest.find('\n').unwrap_or(self.rest.len()));
    }

    fn word(&mut self) {
        let inner = |letter: char| letter.is_alphanumeric() || "_-.".contains(letter);
        let end = self.rest.find(|letter: char| !inner(letter)).unwrap_or(self.rest.len());
        self.words.push(self.rest[..end].to_owned());
        self.take(end);
    }

    /// Interpolations may hold strings of their own.
    fn string(&mut self) -> Result<(), Flaw> {
        let (line, mut depth, mut escaped, mut inner) = (self.line, 0, false, false);
        for (at, letter) in self.rest.char_indices().skip(1) {
            match letter {
                _ if escaped => escaped = false,
                '\n' => break,
                '\\' => escaped = true,
                '"' if depth > 0 => inner = !inner,
                _ if inner => {}
                '{' if depth > 0 || expands(&self.rest[..at]) => depth += 1,
                '}' if depth > 0 => depth -= 1,
                '"' => {
                    self.words.push(self.rest[1..at].to_owned());
                    self.take(at + 1);
                    return Ok(());
                }
                _ => {}
            }
        }
        Err(Flaw { line, message: "a quote has no partner".to_owned() })
    }

    fn here_document(&mut self) {
        let head = self.rest.lines().next().unwrap_or_default();
        let mark = head.trim_start_matches("<<").trim_start_matches('-').trim();
        let mut length = head.len();
        for line in self.rest.split_inclusive('\n').skip(1) {
            length += line.len();
            if line.trim() == mark {
                break;
            }
        }
        self.take(length.min(self.rest.len()));
    }

    fn enter(&mut self, bracket: char) {
        if bracket == '{' && self.open.is_empty() {
            let mut words = std::mem::take(&mut self.words).into_iter();
            let (kind, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            self.blocks.push(Block { kind, name, line: self.line });
        }
        self.open.push((bracket, self.line));
        self.take(1);
    }

    fn leave(&mut self, bracket: char) -> Result<(), Flaw> {
        let fits = matches!(
            (self.open.pop(), bracket),
            (Some(('{', _)), '}') | (Some(('[', _)), ']') | (Some(('(', _)), ')')
        );
        if !fits {
            return Err(Flaw { line: self.line, message: format!("`{bracket}` has no partner") });
        }
        self.take(1);
        Ok(())
    }
}

/// Whether a brace behind this text begins an interpolation.
fn expands(before: &str) -> bool {
    before.ends_with(['$', '%']) && !before.ends_with("$$") && !before.ends_with("%%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read_past_comments_and_strings() {
        let text = "# target \"no\" {\nvariable \"TAG\" {\n  default = \"a}\\\"{\"\n}\ntarget \"api\" {\n  tags = [\"x:${TAG == \"\" ? \"}\" : TAG}\"]\n}\n/* } */ group \"all\" { targets = [\"api\"] }\n";
        let read = read(text).unwrap();
        let told: Vec<(&str, &str, u32)> =
            read.iter().map(|one| (one.kind.as_str(), one.name.as_str(), one.line)).collect();
        assert_eq!(told, [("variable", "TAG", 2), ("target", "api", 5), ("group", "all", 8)]);
    }

    #[test]
    fn what_buildx_would_refuse_has_its_line() {
        for (text, line) in [
            ("target \"a\" {\n", 1),
            ("a = 1\n}\n", 2),
            ("x = \"a\ny = 1\n", 1),
            ("target \"a\" {}\n\ntarget \"a\" {}\n", 3),
            ("x = [\n)\n", 2),
        ] {
            assert_eq!(read(text).unwrap_err().line, line, "{text}");
        }
    }
}
