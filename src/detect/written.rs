//! Which folder has to be there and writable for a path that a program writes to.

use camino::{Utf8Path, Utf8PathBuf};

/// A database file right in the working folder, or above it.
#[must_use]
pub(super) fn is_loose(path: &Utf8Path) -> bool {
    path.starts_with("..")
        || path.extension().is_some() && path.parent().is_some_and(|dir| dir.as_str().is_empty())
}

/// The folder that has to be there and writable; of a database file the folder, or the file where that is the working folder.
#[must_use]
pub(super) fn written(path: &str, database: bool) -> Option<Utf8PathBuf> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    if path.is_empty() || path.starts_with(['~', '$']) || !path.bytes().all(plain) || path.contains("//") {
        return None;
    }
    let mut clean = Utf8PathBuf::from(if path.starts_with('/') { "/" } else { "" });
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if clean.as_str().is_empty() || clean.ends_with("..") => clean.push(".."),
            ".." => {
                clean.pop();
            }
            name => clean.push(name),
        }
    }
    let system =
        ["/tmp", "/dev", "/proc", "/sys", "/etc", "/usr", "/bin", "/run", "/var/run", "/root", "/home"];
    if clean.as_str().is_empty()
        || clean == "/"
        || clean == ".."
        || system.iter().any(|dir| clean.starts_with(dir))
    {
        return None;
    }
    match clean.parent() {
        Some(dir) if database && !matches!(dir.as_str(), "" | "/" | "..") => Some(dir.to_owned()),
        _ => Some(clean),
    }
}
