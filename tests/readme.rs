//! The README is tested: its commands are run, its settings and templates are tried. What needs Docker is in `.ci/run`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::Dir;

const README: &str = include_str!("../README.md");

/// The fenced blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    README.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

/// The commands of the shell blocks.
fn commands() -> Vec<&'static str> {
    blocks("sh").iter().flat_map(|block| block.lines()).collect()
}

#[test]
fn the_first_screen_has_the_two_commands() {
    let first: Vec<&str> = README.lines().take(20).collect();
    assert!(first.contains(&"cargo test"));
    assert!(first.iter().any(|line| line.starts_with("cargo run") && line.contains(" init ")));
}

/// Every command is run; `cargo test` is what runs this.
#[test]
fn every_command_works() {
    let mut ran = 0;
    for command in commands() {
        let words: Vec<&str> = command.split_whitespace().collect();
        let after = words.iter().position(|word| *word == "--").map(|at| &words[at + 1..]);
        match (after, command) {
            (Some(words), _) => {
                let root = env!("CARGO_MANIFEST_DIR");
                let words: Vec<String> = words
                    .iter()
                    .map(|word| {
                        if word.starts_with("examples/") {
                            format!("{root}/{word}")
                        } else {
                            (*word).to_owned()
                        }
                    })
                    .collect();
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let done = Dir::new(&[]).run(&words);
                assert!(done.code == 0 && done.stdout.starts_with("# syntax="), "{command}: {}", done.stderr);
                ran += 1;
            }
            (None, "cargo test" | "cargo bench") => ran += 1,
            (None, other) => panic!("this test does not know how to try `{other}`"),
        }
    }
    assert!(ran >= 2);
}

fn server() -> Dir {
    Dir::new(&[
        ("go.mod", "module example.com/hello\n\ngo 1.26\n"),
        (
            "main.go",
            "package main\n\nimport \"net/http\"\n\nfunc main() {\n\t_ = http.ListenAndServe(\":8080\", nil)\n}\n",
        ),
    ])
}

/// A block that says in its first line which file it is.
fn block(path: &str) -> &'static str {
    let all = ["toml", "jinja", "yaml"].into_iter().flat_map(blocks);
    let mut named = all.filter(|text| text.lines().next().is_some_and(|line| line.contains(path)));
    named.next().unwrap_or_else(|| panic!("the README has no {path}"))
}

#[test]
fn the_settings_are_read() {
    let dir = server();
    dir.put("dfgen.toml", block("dfgen.toml"));
    dir.put("apps/api/main.go", &dir.read("main.go").unwrap());
    let ran = dir.run(&["init", "{}", "--stdout", "--service", "apps/api"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("org.opencontainers.image.source=https://git.example.com/shop"),
        "{}",
        ran.stdout
    );
    dir.put("go.mod", "module example.com/hello\n\ngo 1.27\n");
    let ran = dir.run(&["init", "{}", "--stdout", "--service", "."]);
    assert!(ran.stdout.contains("golang:1.26-"), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_framework_in_four_lines_is_known() {
    let dir = server();
    dir.put(
        "main.go",
        "package main\n\nimport \"example.com/acme/serve\"\n\nfunc main() { serve.Serve(\":7070\") }\n",
    );
    dir.put("go.mod", "module example.com/hello\n\ngo 1.26\n\nrequire example.com/acme/serve v1.0.0\n");
    dir.put("go.sum", "example.com/acme/serve v1.0.0 h1:x=\n");
    let before = dir.run(&["init", "{}", "--stdout"]);
    dir.put(".dfgen/detectors/go.toml", block(".dfgen/detectors/go.toml"));
    let ran = dir.run(&["init", "{}", "--stdout"]);
    assert!(
        !before.stdout.contains("EXPOSE 7070") && ran.stdout.contains("EXPOSE 7070"),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
}

#[test]
fn images_come_from_the_companys_registry() {
    let dir = server();
    dir.put(".dfgen/detectors/_bases.toml", block(".dfgen/detectors/_bases.toml"));
    let ran = dir.run(&["init", "{}", "--stdout"]);
    for image in [
        "registry.example.com/golang:1.26-trixie AS build",
        "registry.example.com/static:2-nonroot AS runtime",
    ] {
        assert!(ran.stdout.contains(image), "{}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn the_templates_override_one_block_each() {
    let dir = server();
    dir.put(".dfgen/templates/stage/runtime.tera", block("stage/runtime.tera"));
    dir.put(".dfgen/templates/stage/build.tera", block("stage/build.tera"));
    dir.put("company-ca.crt", "x");
    let ran = dir.run(&["init", "{}", "--stdout"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("\nLABEL com.example.team=payments\nUSER 65532:65532\n"), "{}", ran.stdout);
    assert!(
        ran.stdout
            .contains("COPY company-ca.crt /usr/local/share/ca-certificates/\nRUN update-ca-certificates\n"),
        "{}",
        ran.stdout
    );
}

/// What `.ci/run` tries with the real tool is what the README shows.
#[test]
fn the_template_of_copier_is_the_one_that_is_tried() {
    assert_eq!(include_str!("scaffold/copier/copier.yml").trim_end(), block("copier.yml"));
}

/// The hooks that pre-commit is told of are there, and are commands that work.
#[test]
fn the_hooks_are_commands() {
    let hooks = include_str!("../.pre-commit-hooks.yaml");
    assert!(
        block(".pre-commit-config.yaml").contains("id: dfgen-check") && hooks.contains("id: dfgen-check")
    );
    let dir = server();
    assert_eq!(dir.run(&["init", "{}", "--quiet"]).code, 0);
    for entry in hooks.lines().filter_map(|line| line.trim().strip_prefix("entry: dfgen ")) {
        let words: Vec<&str> = entry.split(' ').chain(["{}"]).collect();
        let ran = dir.run(&words);
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""), "{entry}");
    }
}

/// Every flag that the README names exists, and every flag is named.
#[test]
fn the_flags_are_the_programs_own() {
    let verbs = ["init", "update", "check", "explain"];
    let help: String = verbs.iter().map(|verb| Dir::new(&[]).run(&[verb, "--help"]).stdout).collect();
    let flags = |text: &str| -> std::collections::BTreeSet<String> {
        text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
            .filter(|word| word.starts_with("--") && word.len() > 3)
            .map(str::to_owned)
            .collect()
    };
    let table = README.split("## Commands").nth(1).unwrap().split("\n## ").next().unwrap();
    let told = flags(table);
    for flag in flags(&help).iter().filter(|flag| !["--help", "--format"].contains(&flag.as_str())) {
        assert!(told.contains(flag), "the README does not name {flag}");
    }
    for flag in &told {
        assert!(help.contains(flag.as_str()), "there is no {flag}");
    }
}

/// What the README shows of a run is what a run says.
#[test]
fn the_summary_is_the_programs_own() {
    let example = support::examples().into_iter().find(|path| path.ends_with("go-several-mains")).unwrap();
    let (dir, _) = support::copy(&example);
    let ran = dir.run(&["init", "{}"]);
    let said = ran.stderr.replace(&format!(" {}\n", dir.path().display()), " .\n");
    assert_eq!(blocks("text").first(), Some(&said.trim_end()));
}
