//! Python sources: tokens, expressions and statements, as much of the language as it takes to find what a program
//! imports, listens on, reads, writes and asks its environment for.

mod expr;
mod lex;
mod setup;
mod stmt;

pub use self::expr::{Argument, Expr};
pub use self::setup::{Setup, setup};
pub use self::stmt::{Import, Kind, Parameter, Statement, parse};

/// A parsed file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct File {
    /// Its statements in order, each with its indentation.
    pub statements: Vec<Statement>,
}

impl File {
    /// The statements of the body of the one at `at`: those behind it that are indented further.
    pub fn body(&self, at: usize) -> impl Iterator<Item = (usize, &Statement)> {
        let indent = self.statements.get(at).map_or(0, |statement| statement.indent);
        let rest = self.statements.iter().enumerate().skip(at + 1);
        rest.take_while(move |(_, statement)| statement.indent > indent)
    }

    /// The statements of the file's own level, those in its `if`, `try` and `with` among them, but not the body of functions and classes.
    pub fn top(&self) -> impl Iterator<Item = (usize, &Statement)> {
        let mut inside: Option<u32> = None;
        self.statements.iter().enumerate().filter(move |(_, statement)| {
            if inside.is_some_and(|indent| statement.indent > indent) {
                return false;
            }
            inside = matches!(statement.kind, Kind::Function { .. } | Kind::Class { .. })
                .then_some(statement.indent);
            true
        })
    }

    /// Every expression of the file with the line that its statement begins at.
    pub fn expressions(&self) -> impl Iterator<Item = (&Expr, u32)> {
        self.statements.iter().flat_map(|statement| statement.expressions().map(|one| (one, statement.line)))
    }

    /// Every call of the file, calls in calls among them.
    #[must_use]
    pub fn calls(&self) -> Vec<&Expr> {
        let mut calls = Vec::new();
        for (expression, _) in self.expressions() {
            expression.walk(&mut |inner| {
                if matches!(inner, Expr::Call { .. }) {
                    calls.push(inner);
                }
            });
        }
        calls
    }

    /// The function of a name, at the file's own level.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<(usize, &Statement)> {
        self.top().find(|(_, one)| matches!(&one.kind, Kind::Function { name: own, .. } if own == name))
    }

    /// The imports, whatever block they stand in.
    pub fn imports(&self) -> impl Iterator<Item = (&Import, u32)> {
        self.statements.iter().filter_map(|statement| match &statement.kind {
            Kind::Import(import) => Some((import, statement.line)),
            _ => None,
        })
    }

    /// The full name of what a name of this file stands for: `app.core.config.settings` for an imported `settings`.
    #[must_use]
    pub fn imported(&self, name: &str) -> Option<(&Import, Option<&str>)> {
        self.imports().find_map(|(import, _)| {
            if import.names.is_empty() {
                let own = import
                    .alias
                    .as_deref()
                    .unwrap_or_else(|| import.module.split('.').next().unwrap_or_default());
                return (own == name).then_some((import, None));
            }
            let found = import.names.iter().find(|(own, alias)| alias.as_ref().unwrap_or(own) == name)?;
            Some((import, Some(found.0.as_str())))
        })
    }

    /// The dotted name of a called function with the import put in: `uvicorn.run`, `flask.Flask` for a `Flask` that was imported.
    #[must_use]
    pub fn resolved(&self, dotted: &str) -> String {
        let (first, rest) =
            dotted.split_once('.').map_or((dotted, None), |(first, rest)| (first, Some(rest)));
        let head = match self.imported(first) {
            Some((import, Some(name))) => format!("{}{}.{name}", ".".repeat(import.level), import.module),
            Some((import, None)) if import.alias.is_some() => import.module.clone(),
            _ => first.to_owned(),
        };
        rest.map_or(head.clone(), |rest| format!("{head}.{rest}"))
    }

    /// The statements behind `if __name__ == "__main__":`.
    #[must_use]
    pub fn main(&self) -> Option<usize> {
        self.statements.iter().position(|statement| match &statement.kind {
            Kind::Block(condition) => {
                let mut named = false;
                for one in condition {
                    one.walk(&mut |inner| named |= matches!(inner, Expr::Name(name) if name == "__name__"));
                }
                named && statement.indent == 0
            }
            _ => false,
        })
    }
}
