//! Reads the sample of a `.env` file: the names of the variables that a program reads.

use super::process::{Setting, is_variable};
use super::yaml::Lined;

/// The variables in order; lines that set none are passed over.
#[must_use]
pub fn parse(text: &str) -> Vec<Lined<Setting>> {
    let settings =
        text.lines().zip(1..).filter_map(|(line, number)| Some(Lined::new(setting(line)?, number)));
    settings.collect()
}

fn setting(line: &str) -> Option<Setting> {
    let line = line.trim();
    let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
    let name = name.trim();
    let value = value.trim();
    let value = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value.split(quote).nth(1).unwrap_or_default(),
        _ => value.split(" #").next().unwrap_or_default().trim_end(),
    };
    let value = (!value.is_empty()).then(|| value.to_owned());
    is_variable(name).then(|| Setting { name: name.to_owned(), value, required: false })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_and_values() {
        let found = parse(
            "# PORT of it\nPORT=3000 # http\nexport HOST = '0.0.0.0' # all\nEMPTY=\n#OFF=1\nnot a line\nURL=\"a=b #c\"\n",
        );
        let pairs: Vec<_> =
            found.iter().map(|it| (it.value.name.as_str(), it.value.value.as_deref(), it.line)).collect();
        let expected = [
            ("PORT", Some("3000"), 2),
            ("HOST", Some("0.0.0.0"), 3),
            ("EMPTY", None, 4),
            ("URL", Some("a=b #c"), 7),
        ];
        assert_eq!(pairs, expected);
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
