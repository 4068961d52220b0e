//! Two branches that both regenerate, merged by real git: the way out is one command.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "runs git")]

mod support;

use std::process::Command;

use support::Dir;

const SERVER: &str =
    "package main\n\nimport \"net/http\"\n\nfunc main() {\n\t_ = http.ListenAndServe(\":8080\", nil)\n}\n";

struct Git<'a>(&'a Dir);

impl Git<'_> {
    /// Whether git did it.
    fn run(&self, words: &str) -> bool {
        let own = [
            "-c",
            "user.name=x",
            "-c",
            "user.email=x@example.com",
            "-c",
            "init.defaultBranch=main",
            "-c",
            "commit.gpgsign=false",
        ];
        let done = Command::new("git")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .args(own)
            .args(words.split(' '))
            .current_dir(self.0.path())
            .output();
        done.unwrap().status.success()
    }

    fn commit(&self, what: &str) {
        assert!(self.run("add -A") && self.run(&format!("commit -qm {what}")), "{what}");
    }
}

fn edit(dir: &Dir, path: &str, find: &str, with: &str) {
    let text = dir.read(path).unwrap();
    assert!(text.contains(find), "no `{find}` in {path}:\n{text}");
    dir.put(path, &text.replace(find, with));
}

/// A repository where git could not merge what both branches regenerated.
fn merged(ours: &[(&str, &str, &str)], theirs: &[(&str, &str, &str)]) -> Option<Dir> {
    if Command::new("git").arg("--version").output().is_err() {
        assert!(std::env::var("DFGEN_MUST_TRY").is_err(), "NOT TRIED: git is not installed");
        let _ = std::fs::write("/dev/stderr", "NOT TRIED: merges by git: it is not installed\n");
        return None;
    }
    let dir = Dir::new(&[("go.mod", "module example.com/hello\n\ngo 1.26\n"), ("main.go", SERVER)]);
    let git = Git(&dir);
    assert!(git.run("init -q"));
    assert_eq!(dir.run(&["init", "{}", "--quiet"]).code, 0);
    git.commit("base");
    assert!(git.run("branch other"));
    for (branch, edits) in [("main", ours), ("other", theirs)] {
        assert!(git.run(&format!("checkout -q {branch}")));
        for (path, find, with) in edits {
            edit(&dir, path, find, with);
        }
        let ran = dir.run(&["update", "{}", "--quiet"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        git.commit(branch);
    }
    assert!(git.run("checkout -q main") && !git.run("merge -q other"), "git is expected to find a conflict");
    assert!(dir.read("dfgen.lock").unwrap().contains("<<<<<<< "));
    Some(dir)
}

#[test]
fn both_branches_come_together_by_one_command() {
    let ours = [("go.mod", "1.26", "1.27"), ("Dockerfile", "WORKDIR /app\n", "WORKDIR /app\nENV TZ=UTC\n")];
    let theirs = [("main.go", "8080", "9090"), ("Dockerfile", "USER 65532", "# numeric\nUSER 65532")];
    let Some(dir) = merged(&ours, &theirs) else { return };
    let before = dir.files();
    let ran = dir.run(&["update", "{}"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("holds git's conflict markers")
            && ran.stderr.contains("`dfgen update --rebase-lock`"),
        "{}",
        ran.stderr
    );
    assert_eq!(dir.files(), before);
    let ran = dir.run(&["update", "{}", "--rebase-lock"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let text = dir.read("Dockerfile").unwrap();
    for part in ["golang:1.27-", "EXPOSE 9090\n", "ENV TZ=UTC\n", "# numeric\n"] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
    assert_eq!(dir.run(&["check", "{}"]).code, 0);
    assert!(!dir.read("dfgen.lock").unwrap().contains("<<<<<<<"));
}

/// Both changed what dfgen writes at one place, and each has an edit: git leaves markers in the Dockerfile, too.
#[test]
fn a_dockerfile_that_git_could_not_merge_comes_together_as_well() {
    let ours = [("main.go", "8080", "9090"), ("Dockerfile", "WORKDIR /app\n", "WORKDIR /app\nENV TZ=UTC\n")];
    let theirs =
        [("main.go", "8080", "9091"), ("Dockerfile", "WORKDIR /app\n", "WORKDIR /app\nLABEL team=a\n")];
    let Some(dir) = merged(&ours, &theirs) else { return };
    assert!(dir.read("Dockerfile").unwrap().contains("<<<<<<< "));
    // The sources are the person's to decide.
    dir.put("main.go", &SERVER.replace("8080", "9091"));
    let ran = dir.run(&["update", "{}", "--rebase-lock"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let text = dir.read("Dockerfile").unwrap();
    for part in ["EXPOSE 9091\n", "ENV TZ=UTC\n", "LABEL team=a\n"] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
    assert!(!text.contains("<<<<<<<") && !text.contains("9090"), "{text}");
    assert_eq!(dir.run(&["check", "{}"]).code, 0);
}

/// Both edited one line: nothing decides that for them.
#[test]
fn edits_of_both_at_one_line_are_a_conflict() {
    let ours = [("go.mod", "1.26", "1.27"), ("Dockerfile", "WORKDIR /app\n", "WORKDIR /srv\n")];
    let theirs = [("main.go", "8080", "9090"), ("Dockerfile", "WORKDIR /app\n", "WORKDIR /opt\n")];
    let Some(dir) = merged(&ours, &theirs) else { return };
    let before = dir.files();
    let ran = dir.run(&["update", "{}", "--rebase-lock"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("WORKDIR /opt") && ran.stderr.contains("WORKDIR /srv"), "{}", ran.stderr);
    assert_eq!(dir.files(), before);
}
