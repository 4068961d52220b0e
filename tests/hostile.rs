//! What a repository's text may hold: every name, version, command and comment of it goes through an encoder. The
//! output is read back as Docker would read it, and what comes out is what went in.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use dfgen::emit::dockerfile;
use support::Dir;

const NASTY: [&str; 9] = [
    "a b",
    "it's",
    "$HOME",
    "${PATH}",
    "`id`",
    "$(touch pwned)",
    "semi;colon && rm -rf /",
    "quote\"back\\slash",
    "{{ 7 * 7 }}{% raw %}",
];

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn instructions(text: &str) -> Vec<String> {
    let parsed =
        dockerfile::parse(text).unwrap_or_else(|error| panic!("{}: {}\n{text}", error.line, error.message));
    parsed.stages.iter().flat_map(|stage| &stage.instructions).map(|one| one.keyword.clone()).collect()
}

/// A program like this with nothing odd in it: the instructions that any of its kind has.
fn usual(files: &[(&str, &str)]) -> Vec<String> {
    let ran = Dir::new(files).run(&["init", "{}", "--stdout", "--labels"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    instructions(&ran.stdout)
}

#[test]
fn package_names_and_scripts_add_no_instruction() {
    let manifest = |name: &str, argument: &str| {
        format!(
            "{{\"name\": {}, \"scripts\": {{\"start\": {}}}}}",
            json(name),
            json(&format!("node server.js '{}'", argument.replace('\'', r"'\''")))
        )
    };
    let server = ("server.js", "require('http').createServer().listen(3000)\n");
    let plain = usual(&[("package.json", &manifest("plain", "x")), server]);
    for nasty in NASTY {
        let dir = Dir::new(&[("package.json", &manifest(nasty, nasty)), server]);
        let ran = dir.run(&["init", "{}", "--stdout", "--labels"]);
        assert_eq!(ran.code, 0, "{nasty}: {}", ran.stderr);
        assert_eq!(instructions(&ran.stdout), plain, "{nasty}\n{}", ran.stdout);
    }
}

#[test]
fn a_line_break_in_a_name_is_no_new_line() {
    let dir = Dir::new(&[
        (
            "package.json",
            "{\"name\": \"x\\nRUN touch pwned\", \"scripts\": {\"start\": \"node server.js\"}, \"engines\": {\"node\": \">=18\\nRUN touch pwned\"}}",
        ),
        ("server.js", "require('http').createServer().listen(3000)\n"),
    ]);
    for verb in [&["init", "{}", "--stdout", "--labels"][..], &["explain", "{}"]] {
        let ran = dir.run(verb);
        assert!(!ran.stdout.lines().any(|line| line.starts_with("RUN touch")), "{}", ran.stdout);
    }
}

#[test]
fn odd_file_names_are_copied_as_themselves() {
    let names =
        ["views/users.$id.ejs", "views/[slug].ejs", "views/a b.ejs", "views/--from=x.ejs", "views/*.ejs"];
    let mut files = vec![
        ("package.json", "{\"scripts\": {\"start\": \"node server.js\"}, \"dependencies\": {}}"),
        (
            "server.js",
            "const express = require('express'); const app = express(); app.set('views', 'views'); app.listen(3000)\n",
        ),
    ];
    files.extend(names.iter().map(|name| (*name, "")));
    let ran = Dir::new(&files).run(&["init", "{}", "--stdout"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn odd_folders_are_one_word_everywhere() {
    for nasty in ["my service", "a$b", "a[b]", "it's", "ünï", "--flag", "a;b"] {
        let folder = |path: &str| format!("{nasty}/{path}");
        let files = [
            (folder("package.json"), "{\"scripts\": {\"start\": \"node server.js\"}}"),
            (folder("server.js"), "require('http').createServer().listen(3000)\n"),
        ];
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let dir = Dir::new(&files);
        let service = format!("--service={nasty}");
        let ran = dir.run(&["init", "{}", &service]);
        assert_eq!(ran.code, 0, "{nasty}: {}", ran.stderr);
        assert!(dir.read(&folder("Dockerfile")).is_some(), "{nasty}");
    }
}

#[test]
fn the_terminal_is_not_driven_by_a_repository() {
    let dir = Dir::new(&[
        ("package.json", "{\"name\": \"x\", \"scripts\": {\"start\": \"\u{1b}[31mnode\"}}"),
        ("a\u{7f}b", ""),
    ]);
    let ran = dir.run(&["init", "{}"]);
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
}
