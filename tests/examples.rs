//! The examples are documentation and golden test at once: what dfgen writes for each is committed beside it, unmasked.
//! `DFGEN_BLESS=1 cargo test --test examples` writes the outputs anew; the diff is the review.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::{bless, blessing, copy, examples};

#[test]
fn every_example_is_what_dfgen_writes() {
    let mut wrong = Vec::new();
    for example in examples() {
        let (dir, committed) = copy(&example);
        let before = dir.files();
        let ran = dir.run(&["init", "{}"]);
        assert_eq!(ran.code, 0, "{}: {}", example.display(), ran.stderr);
        let mut written = dir.files();
        written.retain(|path, _| !before.contains_key(path));
        if blessing() {
            for (path, text) in &written {
                bless(&example.join(path), text);
            }
        } else if written != committed {
            wrong.push(example.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    assert!(
        wrong.is_empty(),
        "{wrong:?} differ: `DFGEN_BLESS=1 cargo test --test examples`, then look at the diff"
    );
}

#[test]
fn a_second_run_changes_nothing() {
    for example in examples() {
        let (dir, _) = copy(&example);
        assert_eq!(dir.run(&["init", "{}", "--quiet"]).code, 0, "{}", example.display());
        let first = dir.files();
        let ran = dir.run(&["init", "{}", "--quiet"]);
        assert_eq!(
            (ran.code, ran.stdout, ran.stderr),
            (0, String::new(), String::new()),
            "{}",
            example.display()
        );
        assert_eq!(dir.files(), first, "{}", example.display());
        assert_eq!(dir.run(&["init", "{}", "--diff"]).code, 0, "{}", example.display());
    }
}

#[test]
fn the_output_does_not_depend_on_where_the_repository_lies() {
    for example in examples() {
        let (one, _) = copy(&example);
        let (other, _) = copy(&example);
        let ours = one.run(&["init", "{}", "--stdout"]);
        assert_eq!(ours.stdout, other.run(&["init", "{}", "--stdout"]).stdout, "{}", example.display());
        assert!(!ours.stdout.contains(one.path().to_str().unwrap()), "{}", example.display());
    }
}
