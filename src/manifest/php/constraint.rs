//! Composer's grammar of constraints: `^8.1`, `~8.2.0`, `>=7.4 <8.3`, `8.*`, `7.4 - 8.2`, `||` and `|`.

/// A version as its numbers; what is missing is 0.
type Version = [u64; 3];

/// Alternatives, each a list of bounds that all hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Constraint(Vec<Vec<Bound>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    AtLeast(Version),
    Above(Version),
    Below(Version),
    AtMost(Version),
    Not(Version),
}

impl Constraint {
    /// Reads a constraint; `None` where it is not in the grammar.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let alternatives: Option<Vec<Vec<Bound>>> =
            text.split('|').map(str::trim).filter(|part| !part.is_empty()).map(all_of).collect();
        alternatives.filter(|all| !all.is_empty()).map(Self)
    }

    /// Whether a version is allowed.
    #[must_use]
    pub fn allows(&self, version: &str) -> bool {
        let Some((exact, _)) = numbers(version) else { return true };
        self.0.iter().any(|bounds| bounds.iter().all(|bound| bound.holds(exact)))
    }
}

impl Bound {
    fn holds(self, version: Version) -> bool {
        match self {
            Self::AtLeast(bound) => version >= bound,
            Self::Above(bound) => version > bound,
            Self::Below(bound) => version < bound,
            Self::AtMost(bound) => version <= bound,
            Self::Not(bound) => version != bound,
        }
    }
}

/// Bounds behind each other, or with commas between them.
fn all_of(text: &str) -> Option<Vec<Bound>> {
    if let Some((low, high)) = text.split_once(" - ") {
        let ((low, _), (high, given)) = (numbers(low.trim())?, numbers(high.trim())?);
        let upper =
            if given < 3 { Bound::Below(next(high, given.checked_sub(1)?)) } else { Bound::AtMost(high) };
        return Some(vec![Bound::AtLeast(low), upper]);
    }
    let mut bounds = Vec::new();
    for word in words(text) {
        bounds.extend(one(&word)?);
    }
    Some(bounds)
}

/// Operators stand in front of their version, with or without a space.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for part in text.split([',', ' ', '\t']).filter(|part| !part.is_empty()) {
        match words.last_mut().filter(|last| last.ends_with(['<', '>', '=', '!', '^', '~'])) {
            Some(last) => last.push_str(part),
            None => words.push(part.to_owned()),
        }
    }
    words
}

fn one(word: &str) -> Option<Vec<Bound>> {
    let operators = [">=", "<=", "!=", "<>", "==", ">", "<", "=", "^", "~"];
    let operator = operators.into_iter().find(|operator| word.starts_with(operator)).unwrap_or("");
    let rest = word.get(operator.len()..)?.split('@').next()?;
    if rest.is_empty() && word.starts_with('@') {
        return Some(vec![]);
    }
    if rest == "*" || rest == "x" {
        return Some(vec![]);
    }
    if let Some(prefix) = rest.strip_suffix(".*").or_else(|| rest.strip_suffix(".x")) {
        let (low, given) = numbers(prefix.trim_end_matches(".*"))?;
        return Some(vec![Bound::AtLeast(low), Bound::Below(next(low, given.checked_sub(1)?))]);
    }
    let (version, given) = numbers(rest)?;
    Some(match operator {
        ">=" => vec![Bound::AtLeast(version)],
        ">" => vec![Bound::Above(version)],
        "<" => vec![Bound::Below(version)],
        "<=" => vec![Bound::AtMost(version)],
        "!=" | "<>" => vec![Bound::Not(version)],
        "^" => vec![Bound::AtLeast(version), Bound::Below(next(version, significant(version)))],
        "~" => vec![Bound::AtLeast(version), Bound::Below(next(version, given.saturating_sub(2)))],
        // A bare `8.1` is exactly 8.1.0 to Composer; whoever writes it of PHP means the line.
        _ if given < 3 => vec![Bound::AtLeast(version), Bound::Below(next(version, given.checked_sub(1)?))],
        _ => vec![Bound::AtLeast(version), Bound::AtMost(version)],
    })
}

/// The first number that is not 0: `^0.3` stays below 0.4.
fn significant(version: Version) -> usize {
    version.iter().position(|number| *number > 0).unwrap_or(2)
}

/// The version after all that share the numbers up to `place`.
fn next(version: Version, place: usize) -> Version {
    let mut next = [0; 3];
    for (at, (to, from)) in next.iter_mut().zip(version).enumerate() {
        *to = if at < place { from } else { 0 };
        if at == place {
            *to = from.saturating_add(1);
        }
    }
    next
}

/// The numbers of a version, and how many it has; what stands behind a dash is a state, not a number.
fn numbers(text: &str) -> Option<(Version, usize)> {
    let plain = text.trim().trim_start_matches(['v', 'V']).split(['-', '+', '@']).next()?;
    let mut version = [0; 3];
    let mut given = 0;
    for part in plain.split('.').take(4) {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        let number = digits.parse().ok()?;
        if let Some(place) = version.get_mut(given) {
            *place = number;
            given += 1;
        }
    }
    Some((version, given))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allowed(constraint: &str) -> Vec<&'static str> {
        let lines = ["5.6.40", "7.0.33", "7.4.33", "8.0.30", "8.1.34", "8.2.33", "8.3.33", "8.4.24", "8.5.9"];
        let parsed = Constraint::parse(constraint).unwrap();
        lines
            .into_iter()
            .filter(|line| parsed.allows(line))
            .map(|line| line.rsplit_once('.').unwrap().0)
            .collect()
    }

    #[test]
    fn the_grammar_of_composer() {
        assert_eq!(allowed("^8.1"), ["8.1", "8.2", "8.3", "8.4", "8.5"]);
        assert_eq!(allowed("~8.2.0"), ["8.2"]);
        assert_eq!(allowed("~8.2"), ["8.2", "8.3", "8.4", "8.5"]);
        assert_eq!(allowed(">=7.4 <8.3"), ["7.4", "8.0", "8.1", "8.2"]);
        assert_eq!(allowed(">=7.4,<8.3"), ["7.4", "8.0", "8.1", "8.2"]);
        assert_eq!(allowed(">= 7.4, < 8.1"), ["7.4", "8.0"]);
        assert_eq!(allowed("^7.4 || ^8.0 <8.2"), ["7.4", "8.0", "8.1"]);
        assert_eq!(allowed("^5.5.9|>=7.0.8 <8"), ["5.6", "7.0", "7.4"]);
        assert_eq!(allowed("8.1.*|8.3.*"), ["8.1", "8.3"]);
        assert_eq!(allowed("7.*"), ["7.0", "7.4"]);
        assert_eq!(allowed("7.4 - 8.1"), ["7.4", "8.0", "8.1"]);
        assert_eq!(allowed("8.2"), ["8.2"]);
        assert_eq!(allowed("*").len(), 9);
        assert_eq!(allowed(">=5.3,<8.0-DEV"), ["5.6", "7.0", "7.4"]);
        assert_eq!(allowed("~7.4.0 || ~8.0.0 || ~8.1.0"), ["7.4", "8.0", "8.1"]);
        assert_eq!(allowed(">=8.1 !=8.2.33"), ["8.1", "8.3", "8.4", "8.5"]);
    }

    #[test]
    fn what_is_no_constraint() {
        assert_eq!(Constraint::parse(""), None);
        assert_eq!(Constraint::parse("dev-main"), None);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}", version in "[0-9.]{0,12}") {
            let _ = Constraint::parse(&text).map(|constraint| constraint.allows(&version));
        }
    }
}
