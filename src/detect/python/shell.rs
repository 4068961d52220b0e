//! A start command that is a shell script of the project: what the script runs, as one line, where it is a plain list of
//! commands.

use camino::{Utf8Path, Utf8PathBuf};

use super::work::Work;
use crate::detect::join_inside;
use crate::source::command::{self, Simple};

/// Words of a script that decide and repeat: only a shell can follow it.
const CONTROL: [&str; 14] = [
    "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "function",
    "trap",
];

/// The commands of the script that `simple` runs, joined as a line of the shell; `None` where it runs none, or a script
/// that decides for itself.
pub(super) fn line(work: &Work, place: &Utf8Path, simple: &Simple) -> Option<String> {
    let file = script(work, place, simple)?;
    let text = work.cx.repo.source(&file)?;
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut commands: Vec<&str> = lines.filter(|line| !is_setting(line)).collect();
    let last = commands.pop()?;
    commands.push(last.strip_prefix("exec ").unwrap_or(last));
    let plain = |line: &&str| {
        let parsed = command::parse(line);
        let first = line.split([' ', ';']).next().unwrap_or_default();
        !CONTROL.contains(&first)
            && !line.contains(['|', ';', '`', '&', '(', '{', '}', '<', '>'])
            && !line.contains("$@")
            && parsed.commands.len() == 1
            && parsed.commands.iter().all(|one| !one.argv.is_empty())
    };
    commands.iter().all(plain).then(|| commands.join(" && "))
}

/// `set -e` and its kin, which `&&` says, too.
fn is_setting(line: &str) -> bool {
    line.starts_with("set -") || line.starts_with("set +") || line.starts_with("echo ")
}

/// `bash start.sh`, `sh start.sh`, `./start.sh`: a script without words of its own.
fn script(work: &Work, place: &Utf8Path, simple: &Simple) -> Option<Utf8PathBuf> {
    let path = match simple.argv.as_slice() {
        [shell, path] if ["sh", "bash", "/bin/sh", "/bin/bash"].contains(&shell.as_str()) => path,
        [path] if path.contains('/') || Utf8Path::new(path).extension() == Some("sh") => path,
        _ => return None,
    };
    let file = join_inside(&work.root.join(place), path)?;
    let shell = |text: &str| {
        let first = text.lines().next().unwrap_or_default();
        file.extension() == Some("sh") || first.starts_with("#!") && first.ends_with("sh")
    };
    work.cx.repo.source(&file).filter(|text| shell(text)).map(|_| file)
}
