//! setup.py: what its call of `setup` says, as far as it says it in so many words.

use super::{Expr, File, Kind};

/// What setup.py hands to setuptools.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Setup {
    /// `name`.
    pub name: Option<String>,
    /// `python_requires`, and its line.
    pub python: Option<(String, u32)>,
    /// `install_requires`.
    pub requires: Vec<String>,
    /// `entry_points`' console scripts: `name = module:function`.
    pub scripts: Vec<String>,
    /// The line of the call.
    pub line: u32,
}

/// Reads setup.py; `None` where it calls no `setup`.
#[must_use]
pub fn setup(file: &File) -> Option<Setup> {
    let call = file.calls().into_iter().find(|call| call.called() == Some("setup"))?;
    let Expr::Call { line, .. } = call else { return None };
    let value = |keyword: &str| call.keyword(keyword).map(|value| followed(file, value));
    let text = |keyword: &str| value(keyword).and_then(Expr::text).map(str::to_owned);
    let python = text("python_requires").map(|range| {
        let own = file
            .expressions()
            .find(|(expression, _)| holds(expression, &range))
            .map_or(*line, |(_, line)| line);
        (range, own)
    });
    let requires = value("install_requires").map(texts).unwrap_or_default();
    let scripts = value("entry_points").map(console_scripts).unwrap_or_default();
    Some(Setup { name: text("name"), python, requires, scripts, line: *line })
}

fn holds(expression: &Expr, text: &str) -> bool {
    let mut found = false;
    expression.walk(&mut |inner| found |= inner.text() == Some(text));
    found
}

/// The value of a name that the file assigns.
fn followed<'f>(file: &'f File, value: &'f Expr) -> &'f Expr {
    let Expr::Name(name) = value else { return value };
    let assigned = file.statements.iter().find_map(|one| match (&one.kind, one.assigned()) {
        (Kind::Assign { .. }, Some((own, value))) if own == name => Some(value),
        _ => None,
    });
    assigned.unwrap_or(value)
}

fn texts(value: &Expr) -> Vec<String> {
    match value {
        Expr::List(items) => items.iter().filter_map(Expr::text).map(str::to_owned).collect(),
        Expr::Text(lines) => {
            lines.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
        }
        _ => Vec::new(),
    }
}

fn console_scripts(value: &Expr) -> Vec<String> {
    match value {
        Expr::Dict(pairs) => {
            let scripts = pairs.iter().filter(|(key, _)| key.text() == Some("console_scripts"));
            scripts.flat_map(|(_, value)| texts(value)).collect()
        }
        Expr::Text(ini) => {
            let lines = ini.lines().map(str::trim).skip_while(|line| *line != "[console_scripts]").skip(1);
            lines
                .take_while(|line| !line.starts_with('['))
                .filter(|line| line.contains('='))
                .map(str::to_owned)
                .collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_setup() {
        let file = super::super::parse(
            "from setuptools import setup\nREQ = ['a>=1', 'b']\nsetup(\n    name='x',\n    python_requires='>=3.8',\n    install_requires=REQ,\n    entry_points={'console_scripts': ['x = x.cli:main']},\n)\n",
        );
        let found = setup(&file).unwrap();
        assert_eq!((found.name.as_deref(), found.requires.len()), (Some("x"), 2));
        assert_eq!(found.python.as_ref().map(|(range, _)| range.as_str()), Some(">=3.8"));
        assert_eq!(found.scripts, ["x = x.cli:main"]);
        assert_eq!(setup(&super::super::parse("print('x')\n")), None);
    }
}
