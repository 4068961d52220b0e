//! `pip.conf`: the indexes that pip asks. It takes no variables.

/// The addresses of `index-url` and `extra-index-url`, with their line; an indented line goes on with the one above.
#[must_use]
pub fn indexes(text: &str) -> Vec<(String, u32)> {
    let mut found = Vec::new();
    let mut inside = false;
    for (line, number) in text.lines().zip(1u32..) {
        let goes_on = line.starts_with([' ', '\t']);
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or(("", line));
        let value = if goes_on { line } else { value.trim() };
        inside = if goes_on { inside } else { matches!(key.trim(), "index-url" | "extra-index-url") };
        if inside {
            let addresses = value.split_whitespace().filter(|word| word.contains("://"));
            found.extend(addresses.map(|address| (address.to_owned(), number)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::indexes;

    #[test]
    fn addresses_of_both_keys() {
        let text = "[global]\ntimeout = 60\nindex-url = https://a.example/simple\nextra-index-url =\n    https://b.example/simple\n    # no\n    https://c.example/simple\ntrusted-host = https://d.example\n";
        let lines: Vec<(String, u32)> = indexes(text);
        let short: Vec<(&str, u32)> = lines.iter().map(|(url, line)| (&url[8..9], *line)).collect();
        assert_eq!(short, [("a", 3), ("b", 5), ("c", 7)]);
    }
}
