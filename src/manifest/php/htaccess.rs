//! Reads an .htaccess: the directives it has, each of which a module of Apache answers.

/// The directives outside of comments, each once, with its line, in lower case.
#[must_use]
pub fn directives(text: &str) -> Vec<(String, u32)> {
    let mut found: Vec<(String, u32)> = Vec::new();
    for (line, number) in text.lines().zip(1u32..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let word = line.trim_start_matches(['<', '/']).split([' ', '\t', '>']).next().unwrap_or_default();
        let word = word.to_ascii_lowercase();
        if !word.is_empty() && found.iter().all(|(known, _)| *known != word) {
            found.push((word, number));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_without_comments() {
        let text = "# RewriteEngine On\n<IfModule mod_rewrite.c>\n    RewriteEngine On\n\tHeader set X-Robots-Tag none\n</IfModule>\n";
        assert_eq!(
            directives(text),
            [("ifmodule".into(), 2), ("rewriteengine".into(), 3), ("header".into(), 4)]
        );
    }
}
