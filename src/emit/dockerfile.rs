//! Reads a Dockerfile as BuildKit does, so that a file that dfgen or a person wrote can be held against its project.

use serde::Serialize;

pub mod pieces;
pub mod words;

pub use pieces::{Piece, PieceKind, pieces};
pub use words::{Decoded, decode};

/// A Dockerfile, or a .dockerignore, that Docker would refuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ParseError {
    /// The line, counted from 1.
    pub line: u32,
    /// Lower case, names in back-ticks, no full stop.
    pub message: String,
}

impl ParseError {
    pub(crate) fn new(line: u32, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

/// A parser directive: `# syntax=docker/dockerfile:1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Directive {
    /// `syntax`, `escape` or `check`.
    pub name: String,
    /// What stands behind the `=`.
    pub value: String,
    /// Its line, counted from 1.
    pub line: u32,
}

/// A Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dockerfile {
    /// The parser directives.
    pub directives: Vec<Directive>,
    /// The character that the `escape` directive chose.
    pub escape: char,
    /// The `ARG` instructions in front of the first `FROM`.
    pub args: Vec<Instruction>,
    /// The stages in order, at least one.
    pub stages: Vec<Stage>,
}

/// A build stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// Its name, as written.
    pub name: Option<String>,
    /// The image or the earlier stage that it begins with, variables left as they are.
    pub image: String,
    /// The value of `--platform`.
    pub platform: Option<String>,
    /// The line of its `FROM`.
    pub line: u32,
    /// What follows the `FROM`.
    pub instructions: Vec<Instruction>,
}

impl Stage {
    /// Its instructions of a keyword.
    pub fn all<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a Instruction> {
        self.instructions.iter().filter(move |instruction| instruction.keyword == keyword)
    }

    /// The last of its instructions of a keyword: the one that counts for `USER`, `ENTRYPOINT` and `CMD`.
    #[must_use]
    pub fn last<'a>(&'a self, keyword: &'a str) -> Option<&'a Instruction> {
        self.all(keyword).last()
    }
}

/// A flag of an instruction: `--from=build`, `--link`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flag {
    /// The name, without the dashes.
    pub name: String,
    /// The value, none for a switch.
    pub value: Option<String>,
}

impl Flag {
    /// The fields of a `--mount` in order: `type=cache,id=npm` is two.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.value.as_deref().unwrap_or_default().split(',');
        fields.map(|field| field.split_once('=').unwrap_or((field, "")))
    }

    /// One field of a `--mount`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// A here-document of `RUN`, `COPY` or `ADD`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Heredoc {
    /// The word that ends it.
    pub name: String,
    /// Whether variables in it are replaced.
    pub expand: bool,
    /// Its lines.
    pub content: String,
}

/// An instruction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Instruction {
    /// In upper case.
    pub keyword: String,
    /// The flags in order.
    pub flags: Vec<Flag>,
    /// Exec form: the strings of its JSON. Shell form: one text. Others: words as written, with their quotes; see [`Instruction::plain`].
    pub operands: Vec<String>,
    /// Whether the operands were JSON.
    pub exec: bool,
    /// The here-documents.
    pub heredocs: Vec<Heredoc>,
    /// Its lines as they stand in the file.
    pub raw: String,
    /// Its first line, counted from 1.
    pub line: u32,
    escape: char,
}

impl Instruction {
    /// The value of a flag.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find(|flag| flag.name == name)?.value.as_deref()
    }

    /// The `--mount` flags.
    pub fn mounts(&self) -> impl Iterator<Item = &Flag> {
        self.flags.iter().filter(|flag| flag.name == "mount")
    }

    /// The variables that its flags refer to.
    ///
    /// # Errors
    /// A brace in one of them is not closed.
    pub fn flag_variables(&self) -> Result<Vec<String>, ParseError> {
        let mut variables = Vec::new();
        for value in self.flags.iter().filter_map(|flag| flag.value.as_deref()) {
            let decoded =
                decode(value, self.escape).map_err(|message| ParseError::new(self.line, message))?;
            variables.extend(decoded.variables);
        }
        Ok(variables)
    }

    /// The operands as Docker understands them: quotes and escapes taken away where this instruction's are,
    /// variables left as they are.
    ///
    /// # Errors
    /// A quote or a brace is not closed.
    pub fn plain(&self) -> Result<Vec<Decoded>, ParseError> {
        let verbatim = matches!(
            self.keyword.as_str(),
            "RUN" | "CMD" | "ENTRYPOINT" | "SHELL" | "HEALTHCHECK" | "ONBUILD" | "MAINTAINER"
        );
        let one = |operand: &String| {
            if verbatim { Ok(Decoded::verbatim(operand)) } else { decode(operand, self.escape) }
        };
        self.operands
            .iter()
            .map(|operand| one(operand).map_err(|message| ParseError::new(self.line, message)))
            .collect()
    }
}

const KEYWORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// Reads a Dockerfile.
///
/// # Errors
/// BuildKit would refuse to parse it; the first reason, with its line.
pub fn parse(text: &str) -> Result<Dockerfile, ParseError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let directives = directives(text)?;
    let escape = escape(&directives)?;
    let mut lines = Lines { lines: text.split_inclusive('\n').collect(), next: 0 };
    let mut file = Dockerfile { directives, escape, args: Vec::new(), stages: Vec::new() };
    while let Some(instruction) = instruction(&mut lines, escape)? {
        file.add(instruction)?;
    }
    if file.stages.is_empty() {
        return Err(ParseError::new(lines.number(), "there is no `FROM`"));
    }
    Ok(file)
}

impl Dockerfile {
    fn add(&mut self, instruction: Instruction) -> Result<(), ParseError> {
        if instruction.keyword == "FROM" {
            self.stages.push(stage(&instruction)?);
        } else if let Some(stage) = self.stages.last_mut() {
            stage.instructions.push(instruction);
        } else if instruction.keyword == "ARG" {
            self.args.push(instruction);
        } else {
            let message = format!("`{}` stands in front of the first `FROM`", instruction.keyword);
            return Err(ParseError::new(instruction.line, message));
        }
        Ok(())
    }
}

fn stage(from: &Instruction) -> Result<Stage, ParseError> {
    let (image, name) = match from.operands.as_slice() {
        [image] => (image.clone(), None),
        [image, word, name] if word.eq_ignore_ascii_case("as") => (image.clone(), Some(name.clone())),
        _ => return Err(ParseError::new(from.line, "`FROM` takes an image, or an image, `AS` and a name")),
    };
    let platform = from.flag("platform").map(str::to_owned);
    Ok(Stage { name, image, platform, line: from.line, instructions: Vec::new() })
}

fn directives(text: &str) -> Result<Vec<Directive>, ParseError> {
    let mut found: Vec<Directive> = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let Some((name, value)) = directive(line) else { break };
        let name = name.to_ascii_lowercase();
        if !["syntax", "escape", "check"].contains(&name.as_str()) {
            continue;
        }
        if found.iter().any(|directive| directive.name == name) {
            return Err(ParseError::new(number, format!("a second `{name}` directive")));
        }
        found.push(Directive { name, value: value.to_owned(), line: number });
    }
    Ok(found)
}

fn directive(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix('#')?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let named = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric());
    (named && !value.is_empty()).then_some((name, value))
}

fn escape(directives: &[Directive]) -> Result<char, ParseError> {
    match directives.iter().find(|directive| directive.name == "escape") {
        None => Ok('\\'),
        Some(directive) if directive.value == "\\" => Ok('\\'),
        Some(directive) if directive.value == "`" => Ok('`'),
        Some(directive) => {
            Err(ParseError::new(directive.line, format!("`{}` is no escape character", directive.value)))
        }
    }
}

struct Lines<'a> {
    lines: Vec<&'a str>,
    next: usize,
}

impl<'a> Lines<'a> {
    fn take(&mut self) -> Option<&'a str> {
        let line = self.lines.get(self.next).copied()?;
        self.next += 1;
        Some(line)
    }

    fn number(&self) -> u32 {
        u32::try_from(self.next).unwrap_or(u32::MAX)
    }

    fn since(&self, line: u32) -> String {
        let first = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
        self.lines.get(first..self.next).unwrap_or_default().concat().trim_end().to_owned()
    }

    fn logical(&mut self, escape: char) -> Option<(u32, String)> {
        loop {
            let first = self.take()?;
            if is_comment(first) || first.trim().is_empty() {
                continue;
            }
            let number = self.number();
            let (start, mut more) = continued(first.trim_start(), escape);
            let mut text = start.to_owned();
            while more {
                let Some(line) = self.take() else { break };
                if is_comment(line) || line.trim().is_empty() {
                    continue;
                }
                let (part, again) = continued(line, escape);
                text.push_str(part);
                more = again;
            }
            return Some((number, text));
        }
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

fn without_newline(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}

fn continued(line: &str, escape: char) -> (&str, bool) {
    let line = without_newline(line);
    match line.trim_end_matches([' ', '\t']).strip_suffix(escape) {
        Some(head) if !head.ends_with(escape) => (head, true),
        _ => (line, false),
    }
}

fn instruction(lines: &mut Lines<'_>, escape: char) -> Result<Option<Instruction>, ParseError> {
    let Some((line, text)) = lines.logical(escape) else { return Ok(None) };
    let text = text.trim();
    let (keyword, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let keyword = keyword.to_ascii_uppercase();
    if !KEYWORDS.contains(&keyword.as_str()) {
        return Err(ParseError::new(line, format!("`{keyword}` is no instruction")));
    }
    let (flags, rest) = words::flags(rest, escape);
    let body = rest.trim();
    let (operands, exec) =
        operands(&keyword, body, escape).map_err(|message| ParseError::new(line, message))?;
    let heredocs = if !exec && ["ADD", "COPY", "RUN"].contains(&keyword.as_str()) {
        heredocs(lines, body, escape)?
    } else {
        Vec::new()
    };
    let raw = lines.since(line);
    Ok(Some(Instruction { keyword, flags, operands, exec, heredocs, raw, line, escape }))
}

type Operands = (Vec<String>, bool);

fn operands(keyword: &str, body: &str, escape: char) -> Result<Operands, String> {
    if body.is_empty() {
        return Err(format!("`{keyword}` needs an operand"));
    }
    let spaced = || body.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let (operands, exec) = match keyword {
        "RUN" | "CMD" | "ENTRYPOINT" | "SHELL" => {
            json(body)?.map_or_else(|| (vec![body.to_owned()], false), |words| (words, true))
        }
        "COPY" | "ADD" | "VOLUME" => json(body)?.map_or_else(|| (spaced(), false), |words| (words, true)),
        "FROM" | "EXPOSE" => (spaced(), false),
        "ENV" | "LABEL" => (pairs(keyword, body, escape)?, false),
        "ARG" => (words::split(body, escape), false),
        "HEALTHCHECK" => health(body)?,
        _ => (vec![body.to_owned()], false),
    };
    match keyword {
        "COPY" | "ADD" if operands.len() < 2 => Err(format!("`{keyword}` needs a source and a destination")),
        "SHELL" if !exec => Err("`SHELL` needs the JSON form".to_owned()),
        _ => Ok((operands, exec)),
    }
}

fn json(body: &str) -> Result<Option<Vec<String>>, String> {
    if !body.starts_with('[') {
        return Ok(None);
    }
    match serde_json::from_str::<Vec<serde_json::Value>>(body) {
        Err(_) => Ok(None),
        Ok(values) => values
            .into_iter()
            .map(|value| {
                value.as_str().map(str::to_owned).ok_or("only strings may stand in JSON form".to_owned())
            })
            .collect::<Result<Vec<_>, _>>()
            .map(Some),
    }
}

fn pairs(keyword: &str, body: &str, escape: char) -> Result<Vec<String>, String> {
    let words = words::split(body, escape);
    if words.first().is_some_and(|first| !first.contains('=')) {
        let (name, value) = body
            .split_once(char::is_whitespace)
            .ok_or_else(|| format!("`{keyword}` needs a name and a value"))?;
        return Ok(vec![format!("{name}={}", value.trim_start())]);
    }
    match words.iter().find(|word| !word.contains('=')) {
        Some(word) => Err(format!("`{word}` has no `=`")),
        None => Ok(words),
    }
}

fn health(body: &str) -> Result<Operands, String> {
    let (kind, rest) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
    match kind.to_ascii_uppercase().as_str() {
        "NONE" if rest.trim().is_empty() => Ok((vec!["NONE".to_owned()], false)),
        "CMD" if !rest.trim().is_empty() => {
            let command = json(rest.trim())?;
            let exec = command.is_some();
            let words = command.unwrap_or_else(|| vec![rest.trim().to_owned()]);
            Ok((std::iter::once("CMD".to_owned()).chain(words).collect(), exec))
        }
        _ => Err("`HEALTHCHECK` takes `NONE`, or `CMD` and a command".to_owned()),
    }
}

fn heredocs(lines: &mut Lines<'_>, body: &str, escape: char) -> Result<Vec<Heredoc>, ParseError> {
    let mut found = Vec::new();
    for word in words::split(body, escape) {
        let Some((tabs, quoted)) = heredoc_word(&word) else { continue };
        let name = decode(quoted, escape).map_err(|message| ParseError::new(lines.number(), message))?.text;
        let content = heredoc_content(lines, &name, tabs)?;
        found.push(Heredoc { expand: name == quoted, name, content });
    }
    Ok(found)
}

fn heredoc_word(word: &str) -> Option<(bool, &str)> {
    let rest = word.trim_start_matches(|digit: char| digit.is_ascii_digit()).strip_prefix("<<")?;
    let (tabs, name) = rest.strip_prefix('-').map_or((false, rest), |name| (true, name));
    (!name.is_empty() && !name.contains('<')).then_some((tabs, name))
}

fn heredoc_content(lines: &mut Lines<'_>, name: &str, tabs: bool) -> Result<String, ParseError> {
    let start = lines.number();
    let mut content = String::new();
    while let Some(line) = lines.take() {
        let bare = without_newline(line);
        let bare = if tabs { bare.trim_start_matches('\t') } else { bare };
        if bare == name {
            return Ok(content);
        }
        content.push_str(line);
    }
    Err(ParseError::new(start, format!("the here-document `{name}` has no end")))
}

#[cfg(test)]
mod tests;
