//! Versions and specifiers as PEP 440 has them, and the carets and tildes that Poetry adds: as much of both as it takes
//! to say which releases a project allows.

use std::cmp::Ordering;

/// A release: its numbers, and whether something stands behind them that makes it older than the plain release (`rc1`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Version {
    numbers: Vec<u64>,
    before: bool,
}

impl Version {
    /// Reads a version; `None` where it does not begin with a number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches(['v', 'V']);
        let text = text.split_once('!').map_or(text, |(_, rest)| rest);
        let text = text.split('+').next().unwrap_or_default();
        let mut numbers = Vec::new();
        let mut rest = text;
        loop {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, behind) = rest.split_at_checked(digits)?;
            match number.parse() {
                Ok(number) => numbers.push(number),
                Err(_) => break,
            }
            rest = behind;
            match rest.strip_prefix('.') {
                Some(next) if next.starts_with(|c: char| c.is_ascii_digit()) => rest = next,
                _ => break,
            }
        }
        let suffix = rest.trim_start_matches(['.', '-', '_']);
        let before = ["a", "b", "c", "rc", "dev", "pre", "alpha", "beta"]
            .iter()
            .any(|word| suffix.to_ascii_lowercase().starts_with(word));
        (!numbers.is_empty()).then_some(Self { numbers, before })
    }

    /// The first so many numbers, zeros added.
    #[must_use]
    pub fn release(&self, length: usize) -> Vec<u64> {
        (0..length).map(|at| self.numbers.get(at).copied().unwrap_or(0)).collect()
    }

    /// How many numbers were written.
    #[must_use]
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Never: a version has a number.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    fn starts_with(&self, other: &Self) -> bool {
        self.release(other.len()) == other.numbers
    }

    /// The version whose number at a place is one higher, what stands behind it dropped.
    fn bumped(&self, at: usize) -> Self {
        let mut numbers = self.release(at + 1);
        if let Some(last) = numbers.last_mut() {
            *last = last.saturating_add(1);
        }
        Self { numbers, before: false }
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.len().max(other.len());
        let numbers = self.release(length).cmp(&other.release(length));
        numbers.then_with(|| other.before.cmp(&self.before))
    }
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Clause {
    AtLeast(Version),
    Above(Version),
    AtMost(Version),
    Below(Version),
    Same(Version),
    Line(Version),
    NotSame(Version),
    NotLine(Version),
}

impl Clause {
    fn allows(&self, version: &Version) -> bool {
        match self {
            Self::AtLeast(bound) => version >= bound,
            Self::Above(bound) => version > bound,
            Self::AtMost(bound) => version <= bound,
            Self::Below(bound) => version < bound,
            Self::Same(one) => version == one || version.cmp(one) == Ordering::Equal,
            Self::Line(one) => version.starts_with(one),
            Self::NotSame(one) => version.cmp(one) != Ordering::Equal,
            Self::NotLine(one) => !version.starts_with(one),
        }
    }

    /// Whether some version that this allows is not below `least`.
    fn reaches(&self, least: &Version) -> bool {
        match self {
            Self::AtMost(bound) | Self::Same(bound) => bound >= least,
            Self::Below(bound) => bound > least,
            Self::Line(line) => line.bumped(line.len().saturating_sub(1)) > *least,
            Self::AtLeast(_) | Self::Above(_) | Self::NotSame(_) | Self::NotLine(_) => true,
        }
    }
}

/// What a project allows of something: alternatives, each a list of comparisons that all have to hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Specifier(Vec<Vec<Clause>>);

impl Specifier {
    /// Reads `>=3.8,<4`, `~=3.11`, `==3.11.*`, and Poetry's `^3.9`, `~3.9`, `3.9.*`, `^3.9 || ^4.0`. What cannot be read
    /// allows everything.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let alternatives = text.split("||").map(conjunction).collect();
        Self(alternatives)
    }

    /// Whether a version is allowed.
    #[must_use]
    pub fn allows(&self, version: &Version) -> bool {
        self.0.is_empty() || self.0.iter().any(|all| all.iter().all(|clause| clause.allows(version)))
    }

    /// Whether a version that is not below `least` is allowed: a package that runs on a new interpreter since `least` may do so.
    #[must_use]
    pub fn reaches(&self, least: &Version) -> bool {
        self.0.is_empty() || self.0.iter().any(|all| all.iter().all(|clause| clause.reaches(least)))
    }

    /// The one version that is allowed, where it is one.
    #[must_use]
    pub fn exact(&self) -> Option<&Version> {
        match self.0.as_slice() {
            [all] => all.iter().find_map(|clause| match clause {
                Clause::Same(version) => Some(version),
                _ => None,
            }),
            _ => None,
        }
    }
}

fn conjunction(text: &str) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let mut operator = String::new();
    for part in text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty()) {
        let bare = part.trim_start_matches(['<', '>', '=', '!', '~', '^']);
        let (sign, version) = part.split_at(part.len() - bare.len());
        operator.push_str(sign);
        if !version.is_empty() {
            clauses.extend(clause(&operator, version));
            operator.clear();
        }
    }
    clauses
}

fn clause(operator: &str, text: &str) -> Vec<Clause> {
    let line = text.ends_with(['*', 'x']);
    let Some(version) = Version::parse(text) else { return Vec::new() };
    let last = version.len().saturating_sub(1);
    match operator {
        ">=" => vec![Clause::AtLeast(version)],
        ">" => vec![Clause::Above(version)],
        "<=" => vec![Clause::AtMost(version)],
        "<" => vec![Clause::Below(version)],
        "!=" if line => vec![Clause::NotLine(version)],
        "!=" => vec![Clause::NotSame(version)],
        "" | "=" | "==" | "===" if line => vec![Clause::Line(version)],
        "" | "=" | "==" | "===" => vec![Clause::Same(version)],
        "~=" => vec![Clause::Below(version.bumped(last.saturating_sub(1))), Clause::AtLeast(version)],
        "~" => vec![Clause::Below(version.bumped(last.min(1))), Clause::AtLeast(version)],
        "^" => {
            let first = version.numbers.iter().position(|number| *number > 0).unwrap_or(last);
            vec![Clause::Below(version.bumped(first)), Clause::AtLeast(version)]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(specifier: &str, version: &str) -> bool {
        Specifier::parse(specifier).allows(&Version::parse(version).unwrap())
    }

    #[test]
    fn specifiers_of_pep_440() {
        for (specifier, version, expected) in [
            (">=3.8", "3.14.0", true),
            (">=3.8,<3.12", "3.12.1", false),
            (">= 3.8, < 3.12", "3.11.9", true),
            ("~=3.11", "3.14.2", true),
            ("~=3.11", "4.0", false),
            ("~=3.11.2", "3.12.0", false),
            ("==3.11.*", "3.11.9", true),
            ("==3.11.*", "3.12.0", false),
            ("!=3.9.*,>=3.8", "3.9.7", false),
            ("!=3.9.0,>=3.8", "3.9.7", true),
            (">3.8", "3.8", false),
            ("<=3.13", "3.13.4", false),
            ("==3.13.1", "3.13.1", true),
            ("", "3.13.1", true),
            ("nonsense", "3.13.1", true),
            (">=3.14", "3.14rc1", false),
            ("<4", "3.14.0", true),
        ] {
            assert_eq!(allows(specifier, version), expected, "{version} in {specifier}");
        }
    }

    #[test]
    fn specifiers_of_poetry() {
        for (specifier, version, expected) in [
            ("^3.9", "3.14.0", true),
            ("^3.9", "4.0", false),
            ("^0.79.1", "0.80.0", false),
            ("~3.9", "3.10.0", false),
            ("~3", "3.14.0", true),
            ("3.9.*", "3.9.18", true),
            ("^2.7 || ^3.6", "3.8.1", true),
            ("*", "3.8.1", true),
            ("3.11", "3.11", true),
        ] {
            assert_eq!(allows(specifier, version), expected, "{version} in {specifier}");
        }
    }

    #[test]
    fn whether_a_release_can_be_reached() {
        let reaches = |specifier: &str, least: &str| {
            Specifier::parse(specifier).reaches(&Version::parse(least).unwrap())
        };
        assert!(!reaches("==1.24.0", "1.26.0"));
        assert!(reaches("==1.26.4", "1.26.0"));
        assert!(!reaches(">=3.2,<3.3", "4.2"));
        assert!(reaches(">=3.2", "4.2"));
        assert!(!reaches("~=3.2.1", "4.2"));
        assert!(!reaches("^1.24", "2.1.0"));
        assert!(reaches("<2", "1.26.0"));
        assert!(!reaches("==4.1.*", "4.2"));
        assert!(reaches("", "4.2"));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[0-9.<>=!~^*|, a-z+-]{0,30}", version in "[0-9.a-z!+-]{0,12}") {
            let specifier = Specifier::parse(&text);
            if let Some(version) = Version::parse(&version) {
                let _ = (specifier.allows(&version), specifier.reaches(&version), specifier.exact());
            }
        }
    }
}
