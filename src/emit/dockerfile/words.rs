//! The words of an instruction: where BuildKit splits them, and what quotes, escapes and `$` mean in them.

use std::iter::Peekable;
use std::str::Chars;

use serde::Serialize;

use super::Flag;

/// An operand as Docker understands it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Decoded {
    /// The text without quotes and escapes; references to variables stand in it as they were written.
    pub text: String,
    /// The names of the variables referred to, in order. Empty: `text` is what Docker sees.
    pub variables: Vec<String>,
}

impl Decoded {
    pub(super) fn verbatim(text: &str) -> Self {
        Self { text: text.to_owned(), variables: Vec::new() }
    }
}

/// What an operand means: `\$` is a dollar sign, quotes group and are gone.
///
/// # Errors
/// A quote or a brace is not closed.
pub fn decode(word: &str, escape: char) -> Result<Decoded, String> {
    let mut decoder = Decoder { chars: word.chars().peekable(), escape, found: Decoded::default() };
    decoder.run()?;
    Ok(decoder.found)
}

struct Decoder<'a> {
    chars: Peekable<Chars<'a>>,
    escape: char,
    found: Decoded,
}

impl Decoder<'_> {
    fn run(&mut self) -> Result<(), String> {
        while let Some(letter) = self.chars.next() {
            match letter {
                '\'' => self.single()?,
                '"' => self.double()?,
                '$' => self.dollar()?,
                letter if letter == self.escape => self.found.text.extend(self.chars.next()),
                letter => self.found.text.push(letter),
            }
        }
        Ok(())
    }

    fn single(&mut self) -> Result<(), String> {
        for letter in self.chars.by_ref() {
            if letter == '\'' {
                return Ok(());
            }
            self.found.text.push(letter);
        }
        Err("a single quote is not closed".to_owned())
    }

    fn double(&mut self) -> Result<(), String> {
        while let Some(letter) = self.chars.next() {
            match letter {
                '"' => return Ok(()),
                '$' => self.dollar()?,
                letter if letter == self.escape => {
                    let special = |next: &char| matches!(next, '"' | '$') || *next == self.escape;
                    let letter = self.chars.next_if(special).unwrap_or(letter);
                    self.found.text.push(letter);
                }
                letter => self.found.text.push(letter),
            }
        }
        Err("a double quote is not closed".to_owned())
    }

    fn dollar(&mut self) -> Result<(), String> {
        self.found.text.push('$');
        if self.chars.next_if_eq(&'{').is_some() {
            return self.braces();
        }
        let name = self.name();
        if !name.is_empty() {
            self.found.text.push_str(&name);
            self.found.variables.push(name);
        }
        Ok(())
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(letter) = self.chars.next_if(|next| next.is_ascii_alphanumeric() || *next == '_') {
            name.push(letter);
        }
        if name.is_empty() {
            name.extend(self.chars.next_if(|next| "@*#?-!$".contains(*next)));
        }
        name
    }

    fn braces(&mut self) -> Result<(), String> {
        let name = self.name();
        if name.is_empty() {
            return Err("`${` without a name".to_owned());
        }
        self.found.text.push('{');
        self.found.text.push_str(&name);
        self.found.variables.push(name);
        let mut open = 1_usize;
        for letter in self.chars.by_ref() {
            self.found.text.push(letter);
            match letter {
                '{' => open += 1,
                '}' => open -= 1,
                _ => {}
            }
            if open == 0 {
                return Ok(());
            }
        }
        Err("`${` is not closed".to_owned())
    }
}

/// Splits at white space outside of quotes and escapes, and leaves both in the words.
pub(super) fn split(text: &str, escape: char) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match quote {
            None if letter.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            None if letter == '"' || letter == '\'' => quote = Some(letter),
            Some(open) if letter == open => quote = None,
            _ => {}
        }
        word.push(letter);
        if letter == escape && quote != Some('\'') {
            word.extend(letters.next());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The flags in front of an instruction's operands, and what follows them.
pub(super) fn flags(text: &str, escape: char) -> (Vec<Flag>, &str) {
    let mut flags = Vec::new();
    let mut rest = text.trim_start();
    while rest.starts_with("--") {
        let (word, after) = flag_word(rest, escape);
        rest = after.trim_start();
        if word == "--" {
            break;
        }
        let word = word.trim_start_matches("--");
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        flags.push(Flag { name: name.to_owned(), value: value.map(str::to_owned) });
    }
    (flags, rest)
}

fn flag_word(text: &str, escape: char) -> (String, &str) {
    let mut word = String::new();
    let mut quote = None;
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match quote {
            None if letter.is_whitespace() => return (word, text.get(at..).unwrap_or_default()),
            None if letter == '"' || letter == '\'' => quote = Some(letter),
            Some(open) if letter == open => quote = None,
            _ if letter == escape && quote != Some('\'') => {
                word.extend(letters.next().map(|(_, escaped)| escaped));
            }
            _ => word.push(letter),
        }
    }
    (word, "")
}
