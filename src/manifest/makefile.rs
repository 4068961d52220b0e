//! Makefiles and Taskfiles, as far as they say how a program is built: commands by target, variables put in.

use std::collections::BTreeMap;

/// A command of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// The target.
    pub target: String,
    /// The command, lines that go on joined, variables that are plain put in.
    pub command: String,
    /// Its first line, counted from 1.
    pub line: u32,
}

/// Variables are put in this deep, and no longer than this.
const DEEPEST: usize = 6;
const LONGEST: usize = 8192;
/// Variables that are put into one command.
const MOST_STEPS: usize = 1000;

/// The commands of a Makefile.
#[must_use]
pub fn recipes(text: &str) -> Vec<Recipe> {
    let mut variables = BTreeMap::new();
    let mut found: Vec<Recipe> = Vec::new();
    let mut target = String::new();
    for (line, text) in joined(text) {
        if let Some(command) = text.strip_prefix('\t') {
            let command = command.trim_start_matches(['@', '-', '+', ' ', '\t']).to_owned();
            found.push(Recipe { target: target.clone(), command, line });
        } else if let Some((name, value)) = variable(&text) {
            variables.entry(name).and_modify(|old: &mut String| add(old, &text, &value)).or_insert(value);
        } else if let Some((names, _)) = text.split_once(':').filter(|_| !text.starts_with(['#', ' '])) {
            names.split_whitespace().next().unwrap_or("").clone_into(&mut target);
        }
    }
    for recipe in &mut found {
        recipe.command = expand(&recipe.command, &variables, 0, &mut 0);
    }
    found
}

/// The commands of a Taskfile; one that is not understood says nothing, since no image rests on it.
#[must_use]
pub fn tasks(text: &str) -> Vec<Recipe> {
    let Ok(serde_json::Value::Object(file)) = serde_saphyr::from_str(text) else { return Vec::new() };
    let Some(serde_json::Value::Object(tasks)) = file.get("tasks") else { return Vec::new() };
    let commands = |task: &serde_json::Value| -> Vec<String> {
        let all = task.get("cmds").and_then(|cmds| cmds.as_array()).cloned().unwrap_or_default();
        let all = all.into_iter().chain(task.get("cmd").cloned());
        all.filter_map(|one| one.as_str().or(one.get("cmd").and_then(|cmd| cmd.as_str())).map(str::to_owned))
            .collect()
    };
    tasks
        .iter()
        .flat_map(|(target, task)| commands(task).into_iter().map(|command| (target.clone(), command)))
        .map(|(target, command)| {
            let first = command.lines().next().unwrap_or("");
            let line = text.find(first).map_or(1, |at| super::line_at(text, at));
            Recipe { target, command, line }
        })
        .collect()
}

fn add(old: &mut String, line: &str, value: &str) {
    if line.contains("+=") && old.len() < LONGEST {
        old.push(' ');
        old.push_str(value);
    } else if !line.contains("?=") {
        value.clone_into(old);
    }
}

/// The lines, those joined that end with a backslash, each with the number of its first.
fn joined(text: &str) -> Vec<(u32, String)> {
    let mut found: Vec<(u32, String)> = Vec::new();
    let mut open = false;
    for (number, line) in (1..).zip(text.lines()) {
        let body = line.strip_suffix('\\').unwrap_or(line);
        match found.last_mut().filter(|_| open) {
            Some((_, last)) => {
                last.push(' ');
                last.push_str(body.trim());
            }
            None => found.push((number, body.to_owned())),
        }
        open = line.ends_with('\\');
    }
    found
}

fn variable(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end_matches([':', '?', '+', ' ', '\t']).trim();
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let plain =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    let value = value.split(" #").next().unwrap_or(value).trim();
    plain.then(|| (name.to_owned(), value.to_owned()))
}

/// Puts variables in; what is not known stays as it is written.
fn expand(text: &str, variables: &BTreeMap<String, String>, depth: usize, steps: &mut usize) -> String {
    *steps += 1;
    if depth > DEEPEST || text.len() > LONGEST || *steps > MOST_STEPS {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(rest.get(..at).unwrap_or(""));
        let tail = rest.get(at..).unwrap_or("");
        let length = reference(tail);
        let whole = tail.get(..length).unwrap_or(tail);
        let name = whole.trim_start_matches(['$', '(', '{']).trim_end_matches([')', '}']);
        match variables.get(name).filter(|_| length > 2 && out.len() < LONGEST) {
            Some(value) => out.push_str(&expand(value, variables, depth + 1, steps)),
            None => out.push_str(whole),
        }
        rest = tail.get(length..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

/// The length of `$(NAME)`, `${NAME}`, `$$` or a lone `$`.
fn reference(text: &str) -> usize {
    let close = match text.as_bytes().get(1) {
        Some(b'(') => ')',
        Some(b'{') => '}',
        Some(b'$') => return 2,
        _ => return 1,
    };
    text.find(close).map_or(text.len(), |end| end + 1)
}

/// The words of a shell command, quotes taken off; `None` where a quote is open.
#[must_use]
pub fn words(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None | Some('"'), '\\') => word.get_or_insert_default().extend(letters.next()),
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, ';' | '&' | '|' | '(' | ')') => {
                words.extend(word.take());
                words.push(letter.to_string());
            }
            (None, _) if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_commands_with_variables() {
        let text = "FLAGS := -s -w\nFLAGS += -X main.Mode=prod\nGIT=$(shell git rev-parse HEAD)\n\nbuild: test ## x\n\t@CGO_ENABLED=0 go build \\\n\t  -ldflags \"$(FLAGS) -X main.C=$(GIT)\" ./cmd/app\n";
        let found = recipes(text);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].target.as_str(), found[0].line), ("build", 6));
        assert_eq!(
            words(&found[0].command).unwrap(),
            [
                "CGO_ENABLED=0",
                "go",
                "build",
                "-ldflags",
                "-s -w -X main.Mode=prod -X main.C=$(shell git rev-parse HEAD)",
                "./cmd/app"
            ]
        );
    }

    #[test]
    fn variables_that_name_themselves_end() {
        assert_eq!(recipes("A = $(A)x\nb:\n\techo $(A)\n").len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "([A-C]|[ =:\t\n$(){}\\\\'\"+?#é-]){0,120}") {
            for recipe in recipes(&text) {
                let _ = words(&recipe.command);
            }
        }
    }
}
