#![expect(clippy::disallowed_methods, reason = "makes and looks at files of its own")]

use super::*;

fn run(root: &Path, files: &[(&str, &str)]) -> Result<()> {
    let files = files.iter().map(|(path, text)| ((*path).into(), (*text).to_owned())).collect();
    write(root, &Batch { files, lock: Some(Lock::default()), ..Batch::default() })
}

fn names(root: &Path) -> Vec<String> {
    let all = std::fs::read_dir(root).unwrap();
    let mut names: Vec<String> = all.map(|one| one.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn text(root: &Path, path: &str) -> Option<String> {
    current(root, path.into()).unwrap()
}

#[test]
fn a_backup_stays_beside_what_is_replaced() {
    let tmp = tempfile::tempdir().unwrap();
    let root = tmp.path();
    for round in ["1\n", "2\n", "3\n"] {
        let files = vec![("Dockerfile".into(), round.to_owned())];
        let backups = vec!["Dockerfile".into()];
        write(root, &Batch { files, backups, lock: None }).unwrap();
    }
    assert_eq!(names(root), ["Dockerfile", "Dockerfile.bak", "Dockerfile.bak1"]);
    assert_eq!(text(root, "Dockerfile.bak1").as_deref(), Some("2\n"));
}

#[test]
fn what_a_killed_run_left_is_removed() {
    let tmp = tempfile::tempdir().unwrap();
    let root = tmp.path();
    for name in [".Dockerfile.dfgen-123", ".Dockerfile.dfgen-mine", ".dfgen.lock.dfgen-7", "Dockerfile"] {
        std::fs::write(root.join(name), "x").unwrap();
    }
    run(root, &[("Dockerfile", "1\n")]).unwrap();
    assert_eq!(names(root), [".Dockerfile.dfgen-mine", "Dockerfile", "dfgen.lock"]);
}

#[test]
fn a_failure_leaves_no_folder() {
    let tmp = tempfile::tempdir().unwrap();
    // The name of its temporary file is longer than a file system takes.
    let long = "x".repeat(250);
    let files = [("a/b/Dockerfile", "1\n"), (long.as_str(), "2\n")];
    assert_eq!(run(tmp.path(), &files).unwrap_err().kind, ErrorKind::Io);
    assert!(names(tmp.path()).is_empty(), "{:?}", names(tmp.path()));
}

#[cfg(unix)]
#[test]
fn links_and_modes_are_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let tmp = tempfile::tempdir().unwrap();
    let root = tmp.path();
    run(root, &[("real", "1\n")]).unwrap();
    std::fs::set_permissions(root.join("real"), std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real", root.join("Dockerfile")).unwrap();
    run(root, &[("Dockerfile", "2\n")]).unwrap();
    assert!(root.join("Dockerfile").is_symlink());
    assert_eq!(text(root, "real").as_deref(), Some("2\n"));
    assert_eq!(root.join("real").metadata().unwrap().permissions().mode() & 0o777, 0o640);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_that_leads_out() {
    use std::os::unix::fs::symlink;
    let tmp = tempfile::tempdir().unwrap();
    let (root, out) = (tmp.path().join("repo"), tmp.path().join("out"));
    std::fs::create_dir_all(&root).unwrap();
    std::fs::create_dir_all(&out).unwrap();
    std::fs::write(out.join("rc"), "theirs\n").unwrap();
    symlink(out.join("rc"), root.join("dfgen.toml")).unwrap();
    symlink(&out, root.join("docker")).unwrap();
    symlink(out.join("new"), root.join("Dockerfile")).unwrap();
    for path in ["dfgen.toml", "docker/Dockerfile", "Dockerfile"] {
        assert_eq!(run(&root, &[(path, "1\n")]).unwrap_err().kind, ErrorKind::Refused);
    }
    assert_eq!(names(&out), ["rc"]);
    assert_eq!(text(&out, "rc").as_deref(), Some("theirs\n"));
    assert_eq!(names(&root), ["Dockerfile", "dfgen.toml", "docker"]);
}
