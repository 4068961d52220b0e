//! Go's `filepath.Match`, and the dialect of it with `**` that a .dockerignore is written in.
//!
//! All states are followed at once, so that no pattern takes more than its length times the path's.

use std::iter::Peekable;
use std::str::Chars;

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob {
    tokens: Vec<Token>,
    plain: Plain,
}

/// What most patterns are, and what needs no states.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Plain {
    /// A path.
    Path(String),
    /// `**/` and a path.
    Anywhere(String),
    /// `**/`, the start of a name and `*`.
    Named(String),
    /// Neither, and what ends like this.
    Ending(String),
}

impl Plain {
    fn of(tokens: &[Token]) -> Self {
        let letters = |tokens: &[Token]| {
            let letter = |token: &Token| if let Token::Letter(letter) = token { Some(*letter) } else { None };
            tokens.iter().map(letter).collect::<Option<String>>()
        };
        let ending = || {
            let first =
                tokens.iter().rposition(|token| !matches!(token, Token::Letter(_))).map_or(0, |at| at + 1);
            Self::Ending(letters(tokens.get(first..).unwrap_or_default()).unwrap_or_default())
        };
        match tokens {
            [Token::Skip, Token::Folders, name @ .., Token::Many] => {
                letters(name).filter(|name| !name.contains('/')).map_or_else(ending, Self::Named)
            }
            [Token::Skip, Token::Folders, rest @ ..] => letters(rest).map_or_else(ending, Self::Anywhere),
            tokens => letters(tokens).map_or_else(ending, Self::Path),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Letter(char),
    /// `?`
    One,
    /// `*`
    Many,
    /// `**` at the end: everything.
    All,
    /// `**/`: any number of folders. This one may be passed over, `Folders` behind it walks.
    Skip,
    Folders,
    Class {
        not: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Glob {
    /// The pattern of a COPY source; `None` where Go calls it bad.
    pub(crate) fn path(pattern: &str) -> Option<Self> {
        Self::read(pattern, false)
    }

    /// The pattern of a .dockerignore.
    pub(crate) fn ignore(pattern: &str) -> Option<Self> {
        Self::read(pattern, true)
    }

    fn read(pattern: &str, deep: bool) -> Option<Self> {
        let mut letters = pattern.chars().peekable();
        let mut tokens = Vec::with_capacity(pattern.len());
        while let Some(letter) = letters.next() {
            match letter {
                '*' if deep && letters.next_if_eq(&'*').is_some() => {
                    tokens.extend(stars(&mut letters, tokens.is_empty()));
                }
                '*' => tokens.push(Token::Many),
                '?' => tokens.push(Token::One),
                '[' => tokens.push(class(&mut letters)?),
                '\\' => tokens.push(Token::Letter(letters.next()?)),
                letter => tokens.push(Token::Letter(letter)),
            }
        }
        let plain = Plain::of(&tokens);
        Some(Self { tokens, plain })
    }

    /// Whether the whole path matches.
    pub(crate) fn matches(&self, path: &str) -> bool {
        match &self.plain {
            Plain::Path(plain) => path == plain,
            Plain::Anywhere(plain) => path
                .strip_suffix(plain.as_str())
                .is_some_and(|before| before.is_empty() || before.ends_with('/')),
            Plain::Named(start) => path.rsplit('/').next().is_some_and(|name| name.starts_with(start)),
            Plain::Ending(end) => path.ends_with(end.as_str()) && self.walks(path),
        }
    }

    fn walks(&self, path: &str) -> bool {
        let mut here = vec![false; self.tokens.len() + 1];
        let mut next = here.clone();
        self.enter(&mut here, 0);
        for letter in path.chars() {
            next.fill(false);
            let mut alive = false;
            for (at, token) in self.tokens.iter().enumerate().filter(|(at, _)| here.get(*at) == Some(&true)) {
                if token.stays(letter) {
                    self.enter(&mut next, at);
                    alive = true;
                }
                if token.passes(letter) {
                    self.enter(&mut next, at + 1);
                    alive = true;
                }
            }
            if !alive {
                return false;
            }
            std::mem::swap(&mut here, &mut next);
        }
        here.last() == Some(&true)
    }

    /// Stands at a token, and at those behind it that may match nothing.
    fn enter(&self, states: &mut [bool], at: usize) {
        let mut open = vec![at];
        while let Some(at) = open.pop() {
            match states.get_mut(at) {
                Some(state) if !*state => *state = true,
                _ => continue,
            }
            match self.tokens.get(at) {
                Some(Token::Many | Token::All) => open.push(at + 1),
                Some(Token::Skip) => open.extend([at + 1, at + 2]),
                _ => {}
            }
        }
    }
}

impl Token {
    fn stays(&self, letter: char) -> bool {
        match self {
            Self::Many => letter != '/',
            Self::All | Self::Folders => true,
            _ => false,
        }
    }

    fn passes(&self, letter: char) -> bool {
        match self {
            Self::Letter(wanted) => *wanted == letter,
            Self::One => letter != '/',
            Self::Folders => letter == '/',
            Self::Class { not, ranges } => {
                ranges.iter().any(|(first, last)| (*first..=*last).contains(&letter)) != *not
            }
            Self::Many | Self::All | Self::Skip => false,
        }
    }
}

/// What `**` means by what follows: at the end everything; `**name` at the start of a pattern any prefix; else folders.
fn stars(letters: &mut Peekable<Chars<'_>>, first: bool) -> Vec<Token> {
    let slash = letters.next_if_eq(&'/').is_some();
    let plain = letters.clone().all(|letter| !"*?[]\\".contains(letter));
    match letters.peek() {
        None => vec![Token::All],
        Some(_) if first && !slash && plain => vec![Token::All],
        Some(_) => vec![Token::Skip, Token::Folders],
    }
}

fn class(letters: &mut Peekable<Chars<'_>>) -> Option<Token> {
    let not = letters.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        if letters.next_if(|next| *next == ']' && !ranges.is_empty()).is_some() {
            return Some(Token::Class { not, ranges });
        }
        let first = bound(letters)?;
        let last = if letters.next_if_eq(&'-').is_some() { bound(letters)? } else { first };
        ranges.push((first, last));
    }
}

fn bound(letters: &mut Peekable<Chars<'_>>) -> Option<char> {
    match letters.next()? {
        '-' | ']' => None,
        '\\' => letters.next(),
        letter => Some(letter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(pattern: &str, path: &str) -> bool {
        Glob::path(pattern).unwrap().matches(path)
    }

    #[test]
    fn go_match() {
        assert!(
            path("package*.json", "package-lock.json")
                && path("*.json", "a.json")
                && path("a[[]0].txt", "a[0].txt")
        );
        assert!(!path("*.json", "a/b.json") && !path("**.json", "a/b.json") && !path("a?c", "a/c"));
        assert!(path(r"a\*b", "a*b") && path("*/b", "a/b") && path("", "") && path("*", ""));
    }

    #[test]
    fn stars_take_folders() {
        let ignore = |pattern: &str, path: &str| Glob::ignore(pattern).unwrap().matches(path);
        assert!(ignore("a/**/b", "a/b") && ignore("a/**/b", "a/x/y/b") && !ignore("a/**/b", "a/xb"));
        assert!(ignore("**/b*", "x/bc") && !ignore("**/b", "ab") && ignore("**b", "x/ab"));
        assert!(ignore("**/b*", "b") && !ignore("**/b*", "b/c") && ignore("**/x/b*", "a/x/bc"));
    }

    #[test]
    fn long_patterns_end() {
        let pattern = "*a".repeat(2_000);
        assert!(!path(&pattern, &"a".repeat(1_000)));
    }
}
