//! Killed at every step, at random, on a full disk, on one that cannot be written, twice at once: each file is the old or
//! the new one, never half, and nothing is left behind.
//!
//! What needs a tracer or a mount says so where it is not tried; with `DFGEN_MUST_TRY=1`, as `.ci/run` has it, that fails.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "runs, kills and mounts")]

mod support;

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::Dir;

const SERVER: &str =
    "package main\n\nimport \"net/http\"\n\nfunc main() {\n\t_ = http.ListenAndServe(\":8080\", nil)\n}\n";
const OUTPUTS: [&str; 3] = ["Dockerfile", ".dockerignore", "dfgen.lock"];

/// A project whose Dockerfile was edited, and which has changed since.
fn project(dir: &Dir) {
    dir.put("go.mod", "module example.com/hello\n\ngo 1.26\n");
    dir.put("main.go", SERVER);
    assert_eq!(dir.run(&["init", "{}", "--quiet"]).code, 0);
    dir.put(
        "Dockerfile",
        &dir.read("Dockerfile").unwrap().replace("WORKDIR /app\n", "WORKDIR /app\nENV TZ=UTC\n"),
    );
    dir.put(
        "go.mod",
        "module example.com/hello\n\ngo 1.27\n\nrequire github.com/mattn/go-sqlite3 v1.14.33\n",
    );
    dir.put("go.sum", "github.com/mattn/go-sqlite3 v1.14.33 h1:x=\n");
    dir.put("docs/index.md", "");
}

/// The files before and after a run that nothing disturbs.
fn before_and_after() -> [BTreeMap<String, String>; 2] {
    let dir = Dir::new(&[]);
    project(&dir);
    let before = dir.files();
    assert_eq!(dir.run(&["update", "{}", "--quiet"]).code, 0);
    let after = dir.files();
    assert!(OUTPUTS.iter().all(|file| before[*file] != after[*file]), "each file has to change");
    [before, after]
}

/// After a kill: each file old or new; and the next run ends where an undisturbed one does.
fn recovers(dir: &Dir, before: &BTreeMap<String, String>, after: &BTreeMap<String, String>, what: &str) {
    for file in OUTPUTS {
        let text = dir.read(file).unwrap_or_else(|| panic!("{what}: {file} is gone"));
        assert!(
            text == before[file] || text == after[file],
            "{what}: {file} is neither old nor new:\n{text}"
        );
    }
    assert!(
        dir.read("dfgen.lock").unwrap() == before["dfgen.lock"]
            || OUTPUTS.iter().all(|file| dir.read(file).unwrap() == after[*file]),
        "{what}: the lock is new and a file is old"
    );
    let ran = dir.run(&["update", "{}", "--quiet"]);
    assert_eq!(ran.code, 0, "{what}: {}", ran.stderr);
    assert_eq!(&dir.files(), after, "{what}");
}

/// Something that this machine cannot do is told, and must not pass for tried.
fn not_tried(what: &str) {
    assert!(std::env::var("DFGEN_MUST_TRY").is_err(), "NOT TRIED: {what}");
    let line = format!("NOT TRIED: {what}\n");
    // Past the test harness, which would keep it for itself.
    let _ = std::fs::write("/dev/stderr", line);
}

#[test]
fn a_kill_at_any_write_fsync_or_rename_leaves_each_file_old_or_new() {
    let traces =
        Command::new("strace").args(["-o", "/dev/null", "true"]).status().is_ok_and(|done| done.success());
    if !traces {
        return not_tried("kills at every step: strace is not installed, or may not trace");
    }
    let [before, after] = before_and_after();
    for call in ["write", "fsync", "rename", "fchmod", "unlink"] {
        for number in 1.. {
            let dir = Dir::new(&[]);
            project(&dir);
            let done = Command::new("strace")
                .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")])
                .args(["-e", &format!("inject={call}:signal=SIGKILL:when={number}")])
                .arg(env!("CARGO_BIN_EXE_dfgen"))
                .args(["update", "--quiet"])
                .arg(dir.path())
                .output()
                .unwrap();
            recovers(&dir, &before, &after, &format!("{call} {number}"));
            if done.status.success() {
                assert!(
                    number > 3 || ["fchmod", "unlink"].contains(&call),
                    "{call} was called {} times only",
                    number - 1
                );
                break;
            }
        }
    }
}

#[test]
fn a_kill_at_any_time_leaves_each_file_old_or_new() {
    let [before, after] = before_and_after();
    for round in 0..25u64 {
        let dir = Dir::new(&[]);
        project(&dir);
        let mut run = Command::new(env!("CARGO_BIN_EXE_dfgen"))
            .args(["update", "--quiet"])
            .arg(dir.path())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(round * 7919 % 60_000));
        run.kill().unwrap();
        run.wait().unwrap();
        recovers(&dir, &before, &after, &format!("round {round}"));
    }
}

/// A small file system of its own, unmounted with the value.
struct Mount<'a>(&'a Dir);

impl<'a> Mount<'a> {
    fn new(dir: &'a Dir, options: &str) -> Option<Self> {
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "none"])
            .arg(dir.path())
            .stderr(Stdio::null())
            .status();
        done.is_ok_and(|done| done.success()).then_some(Self(dir))
    }

    fn again(&self, options: &str) {
        let done =
            Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(self.0.path()).status();
        assert!(done.unwrap().success());
    }
}

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// A run fails, and nothing is different.
fn fails(dir: &Dir) {
    let before = dir.files();
    let ran = dir.run(&["update", "{}"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot be written: ") && ran.stderr.contains("\nhelp: "), "{}", ran.stderr);
    assert_eq!(dir.files(), before);
}

#[test]
fn a_full_disk_changes_nothing() {
    let dir = Dir::new(&[]);
    let Some(_mount) = Mount::new(&dir, "size=96k") else {
        return not_tried("a full disk: it takes root to mount one");
    };
    let [_, after] = before_and_after();
    project(&dir);
    // Room for some of the files, for none of them, and at last for all.
    for left in [8, 4, 0] {
        let mut filler = vec![0u8; 1 << 20];
        while std::fs::write(dir.path().join("filler"), &filler).is_err() {
            filler.truncate(filler.len() - 4096);
        }
        filler.truncate(filler.len().saturating_sub(left * 1024));
        std::fs::write(dir.path().join("filler"), &filler).unwrap();
        fails(&dir);
        dir.remove("filler");
    }
    assert_eq!(dir.run(&["update", "{}", "--quiet"]).code, 0);
    assert_eq!(dir.files(), after);
}

#[test]
fn a_folder_that_cannot_be_written_changes_nothing() {
    let dir = Dir::new(&[]);
    if let Some(mount) = Mount::new(&dir, "size=1m") {
        project(&dir);
        mount.again("ro");
        fails(&dir);
        return;
    }
    project(&dir);
    let mode = |mode| std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o555);
    fails(&dir);
    mode(0o755);
}

#[test]
fn runs_at_once_leave_what_one_of_them_writes() {
    for _ in 0..5 {
        let dir = Dir::new(&[]);
        project(&dir);
        let runs: Vec<_> = (1..=6)
            .map(|port| {
                let mut run = Command::new(env!("CARGO_BIN_EXE_dfgen"));
                run.args(["update", "--quiet", "--port", &format!("900{port}")])
                    .arg(dir.path())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for mut run in runs {
            assert!(run.wait().unwrap().success());
        }
        let files = dir.files();
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                ".dockerignore",
                "Dockerfile",
                "dfgen.lock",
                "dfgen.toml",
                "docs/index.md",
                "go.mod",
                "go.sum",
                "main.go"
            ]
        );
        let port = dir.read("dfgen.toml").unwrap().trim().rsplit(' ').next().unwrap().to_owned();
        assert!(dir.read("Dockerfile").unwrap().contains(&format!("EXPOSE {port}\n")));
        assert!(dir.read("Dockerfile").unwrap().contains("ENV TZ=UTC\n"));
        assert_eq!(dir.run(&["update", "{}", "--quiet"]).code, 0);
        assert_eq!(dir.files(), files, "the lock fits the files");
    }
}

#[test]
fn a_link_a_mode_and_line_ends_stay() {
    let dir = Dir::new(&[]);
    project(&dir);
    let text = dir.read("Dockerfile").unwrap().trim_end().replace('\n', "\r\n");
    dir.put("docker/api", &text);
    dir.remove("Dockerfile");
    symlink("docker/api", dir.path().join("Dockerfile")).unwrap();
    let real = dir.path().join("docker/api");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(dir.run(&["update", "{}", "--quiet"]).code, 0);
    let link = |path: &Path| std::fs::symlink_metadata(path).unwrap().is_symlink();
    assert!(link(&dir.path().join("Dockerfile")) && !link(&real));
    assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    let [_, after] = before_and_after();
    assert_eq!(dir.read("docker/api").unwrap(), after["Dockerfile"].trim_end().replace('\n', "\r\n"));
}
