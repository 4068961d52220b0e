//! setup.cfg: setuptools' manifest as an INI file.

use super::requirements::{Requirement, requirement};

/// What a setup.cfg says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SetupCfg {
    /// `metadata.name`.
    pub name: Option<String>,
    /// `options.python_requires`, and its line.
    pub python: Option<(String, u32)>,
    /// `options.install_requires`.
    pub requires: Vec<Requirement>,
    /// `options.entry_points` console scripts: name and function.
    pub scripts: Vec<(String, String)>,
}

/// Reads a setup.cfg. Files of other tools have sections of theirs in it, which are passed over.
#[must_use]
pub fn parse(text: &str) -> SetupCfg {
    let mut found = SetupCfg::default();
    for (section, key, value, line) in entries(text) {
        match (section.as_str(), key.as_str()) {
            ("metadata", "name") => found.name = Some(value),
            ("options", "python_requires") => found.python = Some((value, line)),
            ("options", "install_requires") => {
                found.requires = value.lines().filter_map(requirement).collect();
            }
            ("options.entry_points", "console_scripts") => {
                let pairs = value.lines().filter_map(|line| line.split_once('='));
                found.scripts =
                    pairs.map(|(name, place)| (name.trim().to_owned(), place.trim().to_owned())).collect();
            }
            _ => {}
        }
    }
    found
}

/// Section, key, value with its continued lines, line.
fn entries(text: &str) -> Vec<(String, String, String, u32)> {
    let mut section = String::new();
    let mut all: Vec<(String, String, String, u32)> = Vec::new();
    for (line, number) in text.lines().zip(1u32..) {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut section);
        } else if line.starts_with([' ', '\t']) {
            if let Some((own, _, value, _)) = all.last_mut().filter(|(own, ..)| *own == section) {
                let _ = own;
                value.push('\n');
                value.push_str(trimmed);
            }
        } else if let Some((key, value)) = trimmed.split_once(['=', ':']) {
            all.push((section.clone(), key.trim().to_owned(), value.trim().to_owned(), number));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_setup_cfg() {
        let found = parse(
            "[metadata]\nname = x\n[options]\npython_requires = >=3.8\ninstall_requires =\n    a>=1\n    b\n[options.entry_points]\nconsole_scripts =\n    x = x.cli:main\n[flake8]\nmax-line-length = 100\n",
        );
        assert_eq!((found.name.as_deref(), found.requires.len()), (Some("x"), 2));
        assert_eq!(found.python, Some((">=3.8".into(), 4)));
        assert_eq!(found.scripts, [("x".to_owned(), "x.cli:main".to_owned())]);
    }
}
