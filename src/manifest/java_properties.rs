//! Java's `.properties`: keys, values, escapes and lines that go on.

use crate::manifest::yaml::Lined;

/// The pairs of a text in order.
#[must_use]
pub fn parse(text: &str) -> Vec<(String, Lined<String>)> {
    let mut pairs = Vec::new();
    let mut lines = text.lines().zip(1u32..);
    while let Some((line, number)) = lines.next() {
        let mut logical = line.trim_start().to_owned();
        if logical.is_empty() || logical.starts_with(['#', '!']) {
            continue;
        }
        while goes_on(&logical) {
            logical.pop();
            match lines.next() {
                Some((more, _)) => logical.push_str(more.trim_start()),
                None => break,
            }
        }
        let (key, value) = split(&logical);
        pairs.push((unescape(key), Lined::new(unescape(value).trim_end().to_owned(), number)));
    }
    pairs
}

/// The value of a key; the last one counts.
#[must_use]
pub fn get<'a>(pairs: &'a [(String, Lined<String>)], key: &str) -> Option<&'a Lined<String>> {
    pairs.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value)
}

fn goes_on(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// At the first separator that no backslash stands before.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, letter) in line.char_indices() {
        if !escaped && (letter == '=' || letter == ':' || letter.is_whitespace()) {
            let (key, rest) = line.split_at(at);
            let rest = rest.trim_start();
            let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
            return (key, rest.trim_start());
        }
        escaped = letter == '\\' && !escaped;
    }
    (line, "")
}

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            plain.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some('u') => {
                let digits: String = letters.clone().take(4).collect();
                if let Some(letter) = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32) {
                    plain.push(letter);
                    letters.by_ref().take(4).for_each(drop);
                }
            }
            Some(other) => plain.push(other),
            None => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String, u32)> {
        parse(text).into_iter().map(|(key, value)| (key, value.value, value.line)).collect()
    }

    #[test]
    fn reads_pairs() {
        let text = "# c\n! c\ndistributionUrl=https\\://x/gradle-8.5-bin.zip\n  a.b : c d \nkey value\nempty=\nlong=a,\\\n   b\nlast\\=key=\\u0041";
        let told = pairs(text);
        assert_eq!(told[0], ("distributionUrl".into(), "https://x/gradle-8.5-bin.zip".into(), 3));
        assert_eq!(told[1], ("a.b".into(), "c d".into(), 4));
        assert_eq!(told[2], ("key".into(), "value".into(), 5));
        assert_eq!(told[3], ("empty".into(), String::new(), 6));
        assert_eq!(told[4], ("long".into(), "a,b".into(), 7));
        assert_eq!(told[5], ("last=key".into(), "A".into(), 9));
    }

    #[test]
    fn the_last_value_of_a_key_counts() {
        assert_eq!(get(&parse("a=1\na=2\n"), "a").unwrap().value, "2");
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)[a-c\\\\=:# u0\n\r\t]{0,80}") {
            let _ = parse(&text);
        }
    }
}
