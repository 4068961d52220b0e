//! What a value of a build file comes to: a text with what is put in, a constant, a version of Java.

use std::collections::BTreeMap;

use super::lex::{Kind, Statement, Token};

/// The names that a build file may use, each with its value: constants, `gradle.properties`, `libs.versions.java`.
pub type Names = BTreeMap<String, String>;

/// A chain of names longer than this refers to itself.
const LONGEST: usize = 8;

/// Words in front of a name that say nothing of their own.
const HOLDERS: [&str; 10] = [
    "rootProject",
    "project",
    "ext",
    "extra",
    "properties",
    "providers",
    "rootProject.ext",
    "project.ext",
    "parent",
    "this",
];

/// Calls that hand through what they are given.
const CALLS: [&str; 11] = [
    "of",
    "set",
    "property",
    "findProperty",
    "gradleProperty",
    "valueOf",
    "parseInt",
    "toVersion",
    "fromTarget",
    "getProperty",
    "invoke",
];

/// Those that are given a name.
const BY_NAME: [&str; 4] = ["property", "findProperty", "gradleProperty", "getProperty"];

/// What a list of tokens comes to.
#[must_use]
pub fn value(tokens: &[Token], names: &Names) -> Option<String> {
    let first = tokens
        .iter()
        .find(|token| !matches!(token.text.as_str(), "=" | "(" | "[") || token.kind != Kind::Mark)?;
    match first.kind {
        Kind::Text => Some(filled(&first.text, names)),
        Kind::Number => Some(first.text.clone()),
        Kind::Word => named(&words(tokens), tokens, names),
        Kind::Mark | Kind::Line => None,
    }
}

/// The dotted name that tokens begin with.
fn words(tokens: &[Token]) -> Vec<&str> {
    let inner = tokens.iter().skip_while(|token| token.kind == Kind::Mark);
    inner
        .take_while(|token| token.kind == Kind::Word || token.text == ".")
        .filter(|token| token.kind == Kind::Word)
        .map(|token| token.text.as_str())
        .collect()
}

fn named(words: &[&str], tokens: &[Token], names: &Names) -> Option<String> {
    let last = words.last()?;
    if let Some(version) = java_version(last) {
        return Some(version);
    }
    if CALLS.contains(last) {
        let open = tokens
            .iter()
            .position(|token| token.text == "(" && token.kind == Kind::Mark && token.line > 0)?;
        let at = tokens.iter().position(|token| token.text == *last).map_or(open, |at| at + 1);
        let given = value(tokens.get(at..)?, names)?;
        return if BY_NAME.contains(last) { look_up(&given, names) } else { Some(given) };
    }
    if words.first() == Some(&"extra") || words.first() == Some(&"properties") {
        let key = tokens.iter().find(|token| token.kind == Kind::Text)?;
        return names.get(&key.text).cloned();
    }
    look_up(&words.join("."), names)
}

/// A name's value: as it stands, without what holds it, and without `get()` behind it.
fn look_up(name: &str, names: &Names) -> Option<String> {
    let bare = ["get", "toInt", "toString", "asProvider", "orNull", "toInteger"]
        .iter()
        .fold(name.to_owned(), |name, call| {
            name.strip_suffix(&format!(".{call}")).map_or(name.clone(), str::to_owned)
        });
    let held = HOLDERS.iter().find_map(|holder| bare.strip_prefix(&format!("{holder}.")));
    names.get(&bare).or_else(|| names.get(held?)).cloned()
}

/// `VERSION_17`, `VERSION_1_8`, `JVM_17`.
fn java_version(word: &str) -> Option<String> {
    let digits = word.strip_prefix("VERSION_").or_else(|| word.strip_prefix("JVM_"))?;
    let version = digits.replace('_', ".");
    version.starts_with(|first: char| first.is_ascii_digit()).then_some(version)
}

/// A text with the constants that it names; what is not known stays.
#[must_use]
pub fn filled(text: &str, names: &Names) -> String {
    let mut done = text.to_owned();
    for _ in 0..LONGEST {
        let Some((from, to, value)) = next_name(&done, names) else { break };
        done.replace_range(from..to, &value);
    }
    done
}

fn next_name(text: &str, names: &Names) -> Option<(usize, usize, String)> {
    text.match_indices('$').find_map(|(at, _)| {
        let rest = text.get(at + 1..)?;
        if let Some(inner) = rest.strip_prefix('{') {
            let length = inner.find('}')?;
            let value = look_up(inner.get(..length)?.trim(), names)?;
            return Some((at, at + 2 + length + 1, value));
        }
        let length =
            rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
        let value = look_up(rest.get(..length)?, names)?;
        Some((at, at + 1 + length, value))
    })
}

/// Adds the constants of a build file: `val x = "1"`, `def x = '1'`, `ext.x = '1'`, `ext { x = '1' }`, `extra["x"] = "1"`.
pub fn constants(statements: &[Statement], names: &mut Names) {
    for statement in statements {
        let name = statement.name();
        if name == "ext"
            || name == "buildscript"
            || name == "allprojects"
            || name == "subprojects"
            || name == "plugins"
        {
            constants(&statement.block, names);
            if name == "ext" {
                statement.block.iter().for_each(|inner| pair(inner, &inner.name(), names));
            }
        }
        pair(statement, &name, names);
    }
}

fn pair(statement: &Statement, name: &str, names: &mut Names) {
    let Some(at) = statement.tokens.iter().position(|token| token.kind == Kind::Mark && token.text == "=")
    else {
        return by_extra(statement, names);
    };
    let (before, after) = statement.tokens.split_at(at);
    let keyword = before.first().is_some_and(|first| {
        matches!(first.text.as_str(), "val" | "def" | "var" | "const" | "final" | "String" | "set")
    });
    let key = if keyword {
        let words: Vec<&Token> = before
            .iter()
            .take_while(|token| token.text != ":" && token.text != ")")
            .filter(|token| token.kind != Kind::Mark)
            .collect();
        words.last().map(|token| token.text.clone())
    } else if name == "extra" || name == "ext" {
        before.iter().find(|token| token.kind == Kind::Text).map(|token| token.text.clone())
    } else {
        let held = HOLDERS.iter().find_map(|holder| name.strip_prefix(&format!("{holder}.")));
        Some(held.unwrap_or(name).to_owned())
    };
    if let (Some(key), Some(value)) = (key, value(after, names)) {
        names.entry(key).or_insert(value);
    }
}

/// `set("x", "1")` of `ext`, `val x by extra("1")`.
fn by_extra(statement: &Statement, names: &mut Names) {
    let words: Vec<&Token> = statement.tokens.iter().filter(|token| token.kind != Kind::Mark).collect();
    let texts: Vec<&str> = words.iter().map(|token| token.text.as_str()).collect();
    match texts.as_slice() {
        ["set", key, value] | ["ext" | "extra", "set", key, value] | ["val", key, "by", "extra", value] => {
            names.entry((*key).to_owned()).or_insert_with(|| (*value).to_owned());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::lex::statements;
    use super::*;

    fn of(text: &str) -> Option<String> {
        let all = statements(text);
        let mut names =
            Names::from([("libs.versions.java".into(), "21".into()), ("jdk".into(), "17".into())]);
        constants(&all, &mut names);
        let last = all.last()?;
        let at = last.tokens.iter().position(|token| token.text == "=" || token.text == "(")?;
        value(&last.tokens[at..], &names)
    }

    #[test]
    fn values_come_to_what_they_say() {
        let told = |text: &str, value: &str| assert_eq!(of(text).as_deref(), Some(value), "{text}");
        told("x = '17'", "17");
        told("x = 17", "17");
        told("x = JavaVersion.VERSION_1_8", "1.8");
        told("x.set(JvmTarget.JVM_21)", "21");
        told("x = JavaLanguageVersion.of(25)", "25");
        told("x.set(JavaLanguageVersion.of(libs.versions.java.get()))", "21");
        told("jvmToolchain(libs.versions.java.get().toInt())", "21");
        told("val v = 11\nx = v", "11");
        told("ext { v = '11' }\nx = JavaVersion.toVersion(v)", "11");
        told("ext.v = '2.7'\nx = \"g:a:$v\"", "g:a:2.7");
        told("val v by extra(\"3.1\")\nx = \"a:${v}\"", "a:3.1");
        told("extra[\"v\"] = \"3\"\nx = \"a:${property}\"", "a:${property}");
        told("x = project.property('jdk')", "17");
        assert_eq!(of("x = y + 1"), None);
    }

    #[test]
    fn a_name_of_itself_ends() {
        assert_eq!(filled("$a", &Names::from([("a".into(), "$a".into())])), "$a");
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)[a-b$\\{\\}()'\"=.\n ]{0,60}") {
            let _ = of(&text);
        }
    }
}
