//! Text from a repository is hostile until it is encoded for where it goes: a shell word, an exec form, a COPY
//! operand, a value of ENV, a comment. Templates get nothing that has not been through one of these.

/// Whether text may stand in a Dockerfile at all: no control characters, a line break among them.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// One word of a POSIX shell, quoted only where it has to be.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || "_@%+=:,./-".contains(letter);
    if !word.is_empty() && word.chars().all(safe) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A command line of words.
#[must_use]
pub fn shell_line<S: AsRef<str>>(words: &[S]) -> String {
    words.iter().map(|word| shell_word(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// The JSON of an exec form. ENTRYPOINT and CMD expand no variables.
#[must_use]
pub fn exec_form<S: AsRef<str>>(words: &[S]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| json_string(word.as_ref())).collect();
    format!("[{}]", quoted.join(", "))
}

fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Variables are expanded in COPY, ENV, WORKDIR and EXPOSE: a dollar sign is one only behind the escape.
fn unexpanded(text: &str) -> String {
    text.replace('\\', r"\\").replace('$', r"\$")
}

/// A source of COPY as the pattern that matches just this path.
fn pattern(path: &str) -> String {
    let mut pattern = String::new();
    for letter in path.chars() {
        match letter {
            '*' | '?' | '[' => pattern.extend(['[', letter, ']']),
            '\\' => pattern.push_str(r"\\"),
            other => pattern.push(other),
        }
    }
    pattern
}

/// The operands of COPY: words where all are simple, the JSON form otherwise.
#[must_use]
pub fn copy_operands(sources: &[String], to: &str) -> String {
    let simple = |path: &String| {
        !path.is_empty() && path.chars().all(|c| c.is_alphanumeric() || "._-/@+~%=,".contains(c))
    };
    let to_owned = to.to_owned();
    if sources.iter().chain([&to_owned]).all(simple) && !sources.iter().any(|path| path.starts_with("--")) {
        return sources.iter().map(String::as_str).chain([to]).collect::<Vec<_>>().join(" ");
    }
    let words: Vec<String> =
        sources.iter().map(|path| unexpanded(&pattern(path))).chain([unexpanded(to)]).collect();
    exec_form(&words)
}

/// A path where one word is wanted and variables are expanded: WORKDIR, the target of a mount.
#[must_use]
pub fn path_word(path: &str) -> String {
    unexpanded(path)
}

/// `NAME=value` of ENV, ARG or LABEL.
#[must_use]
pub fn pair(name: &str, value: &str) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || "_@%+=:,./-".contains(letter);
    if !value.is_empty() && value.chars().all(safe) {
        return format!("{name}={value}");
    }
    format!("{name}=\"{}\"", unexpanded(value).replace('"', "\\\""))
}

/// A comment's text: one line, whatever it is made of.
#[must_use]
pub fn comment(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// A line of a .dockerignore that matches just this path and what is in it.
#[must_use]
pub fn ignore_line(path: &str) -> String {
    let escaped = pattern(path).replace("[*]", r"\*").replace("[?]", r"\?").replace("[[]", r"\[");
    if escaped.starts_with(['#', '!']) { format!("\\{escaped}") } else { escaped }
}

/// A string of HCL in which nothing is expanded.
#[must_use]
pub fn hcl_string(text: &str) -> String {
    let mut quoted = String::from("\"");
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '$' | '%' if letters.peek() == Some(&'{') => quoted.extend([letter, letter]),
            letter if letter.is_control() => {}
            letter => quoted.push(letter),
        }
    }
    quoted + "\""
}

/// A list for a sentence: `a`, `a and b`, `a, b and c`.
#[must_use]
pub fn list<S: AsRef<str>>(words: &[S]) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// The same with each word in back-ticks, for messages.
#[must_use]
pub fn ticked<S: AsRef<str>>(words: &[S]) -> String {
    list(&words.iter().map(|word| format!("`{}`", word.as_ref())).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_words_are_quoted_where_they_must_be() {
        assert_eq!(shell_line(&["npm", "run", "build:prod"]), "npm run build:prod");
        assert_eq!(shell_line(&["a b", "it's", "$(x)", ""]), r"'a b' 'it'\''s' '$(x)' ''");
    }

    #[test]
    fn copies_name_just_their_paths() {
        let copy = |path: &str| copy_operands(&[path.to_owned()], "./");
        assert_eq!(copy("src"), "src ./");
        assert_eq!(copy("users.$id.tsx"), r#"["users.\\$id.tsx", "./"]"#);
        assert_eq!(copy("[slug]"), r#"["[[]slug]", "./"]"#);
        assert_eq!(copy("my dir"), r#"["my dir", "./"]"#);
        assert_eq!(copy("--from=x"), r#"["--from=x", "./"]"#);
    }

    #[test]
    fn values_stay_one_value() {
        assert_eq!(pair("A", "b"), "A=b");
        assert_eq!(pair("A", r#"x "$HOME" \"#), r#"A="x \"\$HOME\" \\""#);
    }

    #[test]
    fn strings_of_hcl_expand_nothing() {
        assert_eq!(hcl_string(r#"a"b\c${TAG}%{if}$d"#), r#""a\"b\\c$${TAG}%%{if}$d""#);
    }

    #[test]
    fn comments_stay_comments() {
        assert_eq!(comment("a\nRUN rm -rf /"), "a RUN rm -rf /");
    }
}
