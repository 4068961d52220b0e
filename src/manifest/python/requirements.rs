//! Requirements files as pip reads them: requirements, options, includes, continued lines, comments.

use super::normal;
use super::pep440::Specifier;

/// One requirement (PEP 508).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requirement {
    /// The name, normalised.
    pub name: String,
    /// The extras, normalised.
    pub extras: Vec<String>,
    /// What versions it allows, as written.
    pub versions: String,
    /// The environment that it is for, as written.
    pub marker: Option<String>,
    /// Where it comes from, where that is no index: a URL, or a path in the project.
    pub source: Option<String>,
}

impl Requirement {
    /// The versions that it allows.
    #[must_use]
    pub fn specifier(&self) -> Specifier {
        Specifier::parse(&self.versions)
    }

    /// Whether a git repository is its source.
    #[must_use]
    pub fn is_git(&self) -> bool {
        self.source.as_ref().is_some_and(|source| source.starts_with("git+"))
    }

    /// The folder or file of the project that is its source.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        let source = self.source.as_deref()?;
        let path = source.strip_prefix("file://").or_else(|| source.strip_prefix("file:")).unwrap_or(source);
        (!path.contains("://") && !source.starts_with("git+")).then_some(path)
    }

    /// For another operating system, or for an interpreter that nothing here has any more.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        let Some(marker) = self.marker.as_ref().filter(|marker| !marker.contains(" or ")) else {
            return false;
        };
        let plain: String = marker
            .chars()
            .filter(|letter| !letter.is_whitespace() && !matches!(letter, '"' | '\''))
            .collect();
        let old = plain
            .strip_prefix("python_version<3.")
            .and_then(|rest| rest.split(')').next()?.parse::<u32>().ok());
        FOREIGN.iter().any(|foreign| plain.contains(foreign))
            || plain.starts_with("python_version<3") && !plain.contains('.')
            || old.is_some_and(|minor| minor < 8)
    }
}

/// Environments that no Linux image with `CPython` has.
const FOREIGN: [&str; 8] = [
    "sys_platform==win32",
    "sys_platform==darwin",
    "sys_platform==cygwin",
    "platform_system==Windows",
    "platform_system==Darwin",
    "os_name==nt",
    "implementation_name==pypy",
    "platform_python_implementation==PyPy",
];

/// What a requirements file holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requirements {
    /// The requirements, each with its line.
    pub all: Vec<(Requirement, u32)>,
    /// Files that are read in its place (`-r`), each with its line.
    pub includes: Vec<(String, u32)>,
    /// Files that bound versions (`-c`).
    pub constraints: Vec<(String, u32)>,
    /// Indexes, as written: they may name variables.
    pub indexes: Vec<(String, u32)>,
    /// Hashes stand behind the versions.
    pub hashed: bool,
    /// Its own packages may be built from sources alone (`--no-binary`).
    pub no_binary: Vec<String>,
}

/// Reads a requirements file. Lines that are neither a requirement nor an option are passed over.
#[must_use]
pub fn parse(text: &str) -> Requirements {
    let mut found = Requirements::default();
    for (line, number) in joined(text) {
        let line = uncommented(&line);
        if line.starts_with('-') {
            option(line, number, &mut found);
        } else if let Some(requirement) = requirement(line) {
            found.hashed |= line.contains("--hash=");
            found.all.push((requirement, number));
        }
    }
    found
}

/// Lines with those that a backslash continues put behind them.
fn joined(text: &str) -> Vec<(String, u32)> {
    let mut lines: Vec<(String, u32)> = Vec::new();
    let mut open = false;
    for (line, number) in text.lines().zip(1u32..) {
        let (part, more) = line.strip_suffix('\\').map_or((line, false), |part| (part, true));
        match lines.last_mut().filter(|_| open) {
            Some((last, _)) => last.push_str(part),
            None => lines.push((part.to_owned(), number)),
        }
        open = more && !part.trim_start().starts_with('#');
    }
    lines
}

fn uncommented(line: &str) -> &str {
    let end = if line.trim_start().starts_with('#') {
        Some(0)
    } else {
        line.find(" #").or_else(|| line.find("\t#"))
    };
    line.get(..end.unwrap_or(line.len())).unwrap_or_default().trim()
}

fn option(line: &str, number: u32, found: &mut Requirements) {
    let (name, value) = line
        .split_once(|c: char| c == '=' || c.is_whitespace())
        .map_or_else(|| line.split_at_checked(2).unwrap_or((line, "")), |(name, value)| (name, value.trim()));
    let value = value.trim_matches(['"', '\'']).to_owned();
    match name {
        "-r" | "--requirement" => found.includes.push((value, number)),
        "-c" | "--constraint" => found.constraints.push((value, number)),
        "-i" | "--index-url" | "--extra-index-url" => found.indexes.push((value, number)),
        "--no-binary" => found.no_binary.extend(value.split(',').map(normal)),
        "-e" | "--editable" => {
            if let Some(requirement) = requirement(&value) {
                found.all.push((requirement, number));
            }
        }
        _ if name.starts_with("-r") && !name.starts_with("--") => {
            found.includes.push((line.trim_start_matches("-r").trim().to_owned(), number));
        }
        _ => {}
    }
}

/// Reads one requirement: `name[extra]>=1,<2; marker`, `name @ URL`, a URL, or a path.
#[must_use]
pub fn requirement(text: &str) -> Option<Requirement> {
    let text = text.split(" --").next().unwrap_or_default().trim();
    if text.is_empty() {
        return None;
    }
    if is_place(text) {
        return Some(placed(text));
    }
    let (text, marker) = match text.split_once(';') {
        Some((text, marker)) => (text.trim(), Some(marker.trim().to_owned())),
        None => (text, None),
    };
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')));
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    if name.is_empty() || !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let (extras, rest) = extras(rest.trim_start());
    let rest = rest.trim();
    let mut requirement = Requirement { name: normal(name), extras, marker, ..Requirement::default() };
    if let Some(source) = rest.strip_prefix('@') {
        requirement.source = Some(source.trim().to_owned());
    } else {
        rest.trim_start_matches('(').trim_end_matches(')').trim().clone_into(&mut requirement.versions);
    }
    let odd = requirement.versions.starts_with(|c: char| !matches!(c, '<' | '>' | '=' | '!' | '~'));
    (!odd).then_some(requirement)
}

fn is_place(text: &str) -> bool {
    let head = text.split([';', ' ', '[']).next().unwrap_or_default();
    let url =
        text.find("://").is_some_and(|at| !text.get(..at).is_some_and(|head| head.contains(['@', ' '])));
    url || head == "."
        || head == ".."
        || head.starts_with("./")
        || head.starts_with("../")
        || head.starts_with('/')
        || camino::Utf8Path::new(head).extension() == Some("whl") && head.contains('/')
        || text.starts_with("git+")
}

/// A requirement that only its place names; `#egg=` may tell the name.
fn placed(text: &str) -> Requirement {
    let (place, fragment) = text.split_once('#').unwrap_or((text, ""));
    let egg = fragment.split('&').find_map(|part| part.strip_prefix("egg="));
    let folder = place.split([';', ' ']).next().unwrap_or_default();
    let (folder, extras_text) = match folder.split_once('[') {
        Some((folder, rest)) if !folder.contains("://") => (folder, format!("[{rest}")),
        _ => (folder, String::new()),
    };
    let name = egg.map(|egg| egg.split(['[', '=']).next().unwrap_or_default());
    let guessed = folder.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
    let guessed = guessed.split('@').next().unwrap_or_default().trim_end_matches(".git");
    Requirement {
        name: normal(name.unwrap_or(guessed)).trim_matches('-').to_owned(),
        extras: extras(&extras_text).0,
        source: Some(folder.to_owned()),
        ..Requirement::default()
    }
}

fn extras(text: &str) -> (Vec<String>, &str) {
    let Some((inner, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
        return (Vec::new(), text);
    };
    (inner.split(',').map(normal).filter(|extra| !extra.is_empty()).collect(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_pip_reads() {
        let found = parse(
            "# comment\n-r base.txt\n--requirement=more.txt\n-c constraints.txt\n--index-url https://${TOKEN}@x.example/simple\n\
             Django>=4.2,<5 # why\nuvicorn[standard]==0.30.1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n\
             pywin32==306 ; sys_platform == 'win32'\n-e .\ngit+https://github.com/a/b.git@v1#egg=b\n\
             pkg @ https://x.example/pkg-1.0.tar.gz\n./libs/shared[x]\nold (>=1.0)\n",
        );
        let names: Vec<&str> = found.all.iter().map(|(one, _)| one.name.as_str()).collect();
        assert_eq!(names, ["django", "uvicorn", "pywin32", "", "b", "pkg", "shared", "old"]);
        assert_eq!(found.includes, [("base.txt".into(), 2), ("more.txt".into(), 3)]);
        assert_eq!(found.constraints, [("constraints.txt".into(), 4)]);
        assert_eq!(found.indexes, [("https://${TOKEN}@x.example/simple".into(), 5)]);
        assert_eq!(found.all[1].0.versions, "==0.30.1");
        assert_eq!(
            (found.all[1].0.extras.as_slice(), found.all[1].1),
            (["standard".to_owned()].as_slice(), 7)
        );
        assert!(found.hashed && found.all[2].0.is_foreign() && !found.all[0].0.is_foreign());
        assert_eq!(found.all[3].0.path(), Some("."));
        assert!(found.all[4].0.is_git() && found.all[4].0.path().is_none());
        assert_eq!(found.all[5].0.source.as_deref(), Some("https://x.example/pkg-1.0.tar.gz"));
        assert_eq!(found.all[6].0.path(), Some("./libs/shared"));
        assert_eq!(found.all[7].0.versions, ">=1.0");
    }

    #[test]
    fn prose_is_no_requirement() {
        assert_eq!(requirement("this is text"), None);
        assert_eq!(requirement("==1.0"), None);
        assert_eq!(requirement(""), None);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)[-a-z=<>~!;@#:/.\\[\\](){}$\\\\ \n\"']{0,60}") {
            for (requirement, _) in parse(&text).all {
                let _ = (requirement.path().is_some(), requirement.is_foreign(), requirement.specifier());
            }
        }
    }
}
