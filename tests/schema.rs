//! The published schemas are those of the types, and what is read and written fits them.
//! `DFGEN_BLESS=1 cargo test --test schema` writes them anew.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "a test reads the project's own files")]

mod support;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use support::{Dir, bless, blessing};

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn validator(name: &str) -> jsonschema::Validator {
    let text = std::fs::read_to_string(root(&format!("schema/{name}.json"))).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn flaws(name: &str, value: &Value) -> Vec<String> {
    validator(name).iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn toml(text: &str) -> Value {
    serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap()
}

#[test]
fn what_is_published_is_what_the_program_prints() {
    for name in dfgen::report::SCHEMAS {
        let path = root(&format!("schema/{name}.json"));
        let ran = Dir::new(&[]).run(&["schema", name]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        if blessing() {
            bless(&path, &ran.stdout);
        }
        assert!(
            std::fs::read_to_string(path).is_ok_and(|text| text == ran.stdout),
            "schema/{name}.json differs: `DFGEN_BLESS=1 cargo test --test schema`"
        );
    }
}

#[test]
fn every_output_fits() {
    let dir = Dir::new(&[
        ("package.json", r#"{"scripts":{"start":"node server.js"}}"#),
        ("server.js", "require('http').createServer().listen(3000)\n"),
    ]);
    for verb in ["init", "explain", "update", "check"] {
        let ran = dir.run(&[verb, "{}", "--format", "json"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(
            flaws("output", &serde_json::from_str(&ran.stdout).unwrap()),
            Vec::<String>::new(),
            "{verb}"
        );
    }
    dir.put("server.js", "require('http').createServer().listen(3001)\n");
    dir.put("Dockerfile", &dir.read("Dockerfile").unwrap().replace("EXPOSE 3000", "EXPOSE 3002"));
    for verb in ["update", "check"] {
        let ran = dir.run(&[verb, "{}", "--format", "json"]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        let value: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(flaws("output", &value), Vec::<String>::new(), "{verb}");
        let file = &value["services"][0]["files"][0];
        assert_eq!(
            (&file["fate"], &file["conflicts"][0]["fresh"], &value["current"]),
            (&json!("conflict"), &json!("EXPOSE 3001\n"), &json!(false))
        );
    }
    assert!(!validator("output").is_valid(&json!({"schema": 1})), "the schema accepts anything");
}

#[test]
fn settings_fit_where_they_are_read_and_no_others_do() {
    let dir = Dir::new(&[("index.html", "<!doctype html>")]);
    let good = "port = 8080\nlabels = { team = \"a\" }\nversions = { node = \"22\" }\n[services.\"a/b\"]\nbase = \"slim\"\nlabels = true\n";
    for (text, fits) in [
        (good, true),
        ("", true),
        ("prot = 8080\n", false),
        ("base = \"debian\"\n", false),
        ("[services.a]\nbasis = \"slim\"\n", false),
        ("versions = { node = 22 }\n", false),
    ] {
        dir.put("dfgen.toml", text);
        let ran = dir.run(&["init", "{}", "--stdout", "--service", "."]);
        assert_eq!(flaws("dfgen.toml", &toml(text)).is_empty(), fits, "{text}");
        // A service in a table of its own is read when it is asked for.
        assert!(ran.code == 0 || !fits || ran.stderr.contains("services"), "{text}: {}", ran.stderr);
    }
}

#[test]
fn the_tables_fit() {
    let mut seen = 0;
    for entry in std::fs::read_dir(root("detectors")).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_str().unwrap().starts_with('_') {
            let value = toml(&std::fs::read_to_string(&path).unwrap());
            assert_eq!(flaws("detector", &value), Vec::<String>::new(), "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 4);
}

#[test]
fn completions_and_the_man_page_know_every_verb() {
    let dir = Dir::new(&[]);
    let verbs = ["init", "update", "check", "explain", "schema"];
    for words in [["completions", "bash"], ["completions", "fish"], ["completions", "zsh"], ["man", ""]] {
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let ran = dir.run(&words);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(verbs.iter().all(|verb| ran.stdout.contains(verb)), "{words:?}");
        assert!(ran.stdout.contains("rebase"), "{words:?}");
    }
}
