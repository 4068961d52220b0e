//! Files that name an interpreter: `.python-version`, runtime.txt, app.yaml's `runtime`.

/// A version and its line.
pub type Line = (String, u32);

/// The first version of `.python-version` that is one of `CPython`'s: `3.12`, `3.12.1`, `cpython@3.12`, `cpython-3.12.1-linux`.
#[must_use]
pub fn python_version(text: &str) -> Option<Line> {
    text.lines().zip(1u32..).find_map(|(line, number)| {
        let line = line.split('#').next().unwrap_or_default().trim();
        let line = line.strip_prefix("cpython").map_or(line, |rest| rest.trim_start_matches(['@', '-', '=']));
        version(line.strip_prefix("python-").unwrap_or(line)).map(|version| (version, number))
    })
}

/// `python-3.12.1` of runtime.txt.
#[must_use]
pub fn runtime_txt(text: &str) -> Option<Line> {
    let (line, number) = text.lines().zip(1u32..).find(|(line, _)| !line.trim().is_empty())?;
    Some((version(line.trim().strip_prefix("python-")?)?, number))
}

/// `runtime: python312` of app.yaml.
#[must_use]
pub fn app_yaml(text: &str) -> Option<Line> {
    text.lines().zip(1u32..).find_map(|(line, number)| {
        let digits =
            line.strip_prefix("runtime:")?.trim().trim_matches(['"', '\'']).strip_prefix("python3")?;
        let minor: u32 = digits.parse().ok()?;
        Some((format!("3.{minor}"), number))
    })
}

/// The digits in front: `3.12-dev` is 3.12, `3.13t` is 3.13. Another implementation, or a mere `3`, is none.
#[must_use]
pub fn version(text: &str) -> Option<String> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let digits = text.get(..end)?.trim_end_matches('.');
    let mut parts = digits.split('.');
    let python = parts.next() == Some("3") && parts.next().is_some_and(|minor| minor.parse::<u32>().is_ok());
    python.then(|| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions() {
        assert_eq!(python_version("# why\n3.12\n"), Some(("3.12".into(), 2)));
        assert_eq!(python_version("cpython@3.11.4\n").map(|line| line.0).as_deref(), Some("3.11.4"));
        assert_eq!(python_version("pypy3.9\n3.10.1\n"), Some(("3.10.1".into(), 2)));
        assert_eq!(python_version("my-env\n"), None);
        assert_eq!(runtime_txt("python-3.12.1\n"), Some(("3.12.1".into(), 1)));
        assert_eq!(runtime_txt("3.12\n"), None);
        assert_eq!(app_yaml("runtime: python312\nservice: x\n"), Some(("3.12".into(), 1)));
        assert_eq!(version("3"), None);
        assert_eq!(version("3.13t").as_deref(), Some("3.13"));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)[-a-z0-9.@:# \n]{0,30}") {
            let _ = (python_version(&text), runtime_txt(&text), app_yaml(&text));
        }
    }
}
