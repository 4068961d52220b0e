//! Modules that no public proxy has. Nothing in a go.mod tells them from others: only a `GOPRIVATE` that the repository's
//! own files set, and that fits what is required, is believed.

use camino::Utf8Path;

use super::module::Ground;
use crate::detect::Context;
use crate::detect::access::Keys;
use crate::facts::{Evidence, Found, GoFacts, Project};

/// Files, right in a folder, that set variables for people and for builds.
const SETTING: [&str; 10] = [
    "Makefile",
    "makefile",
    "GNUmakefile",
    "Taskfile.yml",
    "Taskfile.yaml",
    "justfile",
    ".envrc",
    ".env.example",
    ".gitlab-ci.yml",
    "README.md",
];

/// The patterns of `GOPRIVATE` that a required module fits, and the file that sets them.
pub(super) fn modules(cx: &Context<'_>, ground: &Ground, root: &Utf8Path) -> Option<Found<Vec<String>>> {
    let folders = [root, ground.root.as_path(), Utf8Path::new("")];
    let own = folders.iter().flat_map(|folder| SETTING.map(|name| folder.join(name)));
    let workflows = cx.repo.under(Utf8Path::new(".github/workflows")).cloned();
    own.chain(workflows).filter(|file| cx.repo.has(file)).find_map(|file| {
        let text = cx.repo.source(&file)?;
        text.lines().zip(1u32..).find_map(|(line, number)| {
            let wanted = fitting(ground, patterns(line));
            let says = format!("GOPRIVATE of {}", file.file_name().unwrap_or_default());
            (!wanted.is_empty()).then(|| Found::new(wanted, Evidence::line(&file, number, says)))
        })
    })
}

/// The hosts of those modules, which git asks over SSH although their paths say HTTPS.
pub(super) fn keys(cx: &Context<'_>, facts: &GoFacts, project: &mut Project) {
    let fetches = facts.has_module && facts.has_dependencies && !facts.vendor;
    let Some(private) = facts.private.as_ref().filter(|_| fetches) else { return };
    let mut keys = Keys::of(cx.knowledge, "go");
    for pattern in &private.value {
        let host = pattern.split('/').next().unwrap_or_default().trim_start_matches("*.");
        private.because.iter().take(1).for_each(|because| keys.ssh(host, true, because));
    }
    keys.finish(project, true);
}

/// The patterns that a line sets: `GOPRIVATE=a,b`, `GOPRIVATE := a`, `GOPRIVATE: "a"`.
fn patterns(line: &str) -> Vec<&str> {
    let Some((_, rest)) = line.split_once("GOPRIVATE") else { return Vec::new() };
    let rest =
        rest.trim_start().trim_start_matches([':', '?', '=']).trim_start().trim_start_matches(['"', '\'']);
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "./*,_-".contains(letter);
    let end = rest.find(|letter| !plain(letter)).unwrap_or(rest.len());
    rest[..end].split(',').filter(|pattern| pattern.contains('.')).collect()
}

fn fitting(ground: &Ground, patterns: Vec<&str>) -> Vec<String> {
    let requires = || ground.modules.iter().flat_map(|module| &module.manifest.requires);
    let fits = |pattern: &&str| {
        let start = pattern.trim_end_matches('*').trim_end_matches('/');
        !start.contains('*') && requires().any(|required| Utf8Path::new(&required.path).starts_with(start))
    };
    patterns.into_iter().filter(fits).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::patterns;

    #[test]
    fn patterns_are_read_however_they_are_set() {
        for line in [
            "export GOPRIVATE=git.example.com/shop/*",
            "GOPRIVATE ?= git.example.com/shop/*",
            "  GOPRIVATE: \"git.example.com/shop/*\"",
        ] {
            assert_eq!(patterns(line), ["git.example.com/shop/*"], "{line}");
        }
        assert_eq!(patterns("go env -w GOPRIVATE=$(HOST)"), [""; 0]);
        assert_eq!(patterns("GOPRIVATE=a.example,b.example go build"), ["a.example", "b.example"]);
    }
}
