//! Python's statements, one a logical line: imports, assignments, functions, classes, blocks and what is merely evaluated.

use super::File;
use super::expr::{Expr, Reader};
use super::lex::{self, Line};

/// An import.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Import {
    /// The module, dotted; empty for `from . import x`.
    pub module: String,
    /// The dots in front.
    pub level: usize,
    /// The names that are taken from it, with what they are called here; none where the module itself is imported.
    pub names: Vec<(String, Option<String>)>,
    /// What the module is called here, where that is not its own name.
    pub alias: Option<String>,
}

/// A parameter of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its default.
    pub default: Option<Expr>,
}

/// What a statement is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `import` and `from ... import`.
    Import(Import),
    /// `a = b = value`, `a: Type = value`, `a: Type`, `a += value`.
    Assign {
        /// What is assigned to.
        targets: Vec<Expr>,
        /// Its type.
        annotation: Option<Expr>,
        /// The value.
        value: Option<Expr>,
        /// The value is added to what was there.
        adds: bool,
    },
    /// `def`.
    Function {
        /// Its name.
        name: String,
        /// Its parameters.
        parameters: Vec<Parameter>,
    },
    /// `class`.
    Class {
        /// Its name.
        name: String,
        /// What it is made from.
        bases: Vec<Expr>,
    },
    /// `@decorator`.
    Decorator(Expr),
    /// `return`.
    Return(Option<Expr>),
    /// `if`, `with`, `for` and their kin, with what stands before the colon.
    Block(Vec<Expr>),
    /// What is merely evaluated.
    Evaluate(Expr),
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// How far it is indented.
    pub indent: u32,
    /// Its line, counted from 1.
    pub line: u32,
    /// What it is.
    pub kind: Kind,
}

impl Statement {
    /// The expressions that it holds.
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        let mut all: Vec<&Expr> = Vec::new();
        match &self.kind {
            Kind::Import(_) => {}
            Kind::Assign { targets, annotation, value, .. } => {
                all.extend(targets);
                all.extend(annotation);
                all.extend(value);
            }
            Kind::Function { parameters, .. } => {
                all.extend(parameters.iter().filter_map(|one| one.default.as_ref()));
            }
            Kind::Class { bases, .. } => all.extend(bases),
            Kind::Decorator(one) | Kind::Evaluate(one) => all.push(one),
            Kind::Return(one) => all.extend(one),
            Kind::Block(list) => all.extend(list),
        }
        all.into_iter()
    }

    /// A plain assignment to one name: the name and the value.
    #[must_use]
    pub fn assigned(&self) -> Option<(&str, &Expr)> {
        match &self.kind {
            Kind::Assign { targets, value: Some(value), adds: false, .. } => {
                targets.iter().find_map(|target| match target {
                    Expr::Name(name) => Some((name.as_str(), value)),
                    _ => None,
                })
            }
            _ => None,
        }
    }
}

/// Reads a file.
#[must_use]
pub fn parse(text: &str) -> File {
    let mut statements = Vec::new();
    for line in lex::lines(text) {
        statement(&line, line.indent, &mut statements);
    }
    File { statements }
}

const BLOCKS: [&str; 9] = ["if", "elif", "else", "for", "while", "with", "try", "except", "finally"];

fn statement(line: &Line, indent: u32, all: &mut Vec<Statement>) {
    let mut reader = Reader::new(&line.tokens);
    let number = reader.line();
    reader.take("async");
    let kind = match reader.peek() {
        Some("import") => {
            reader.at += 1;
            return imports(&mut reader, indent, number, all);
        }
        Some("from") => {
            reader.at += 1;
            from(&mut reader)
        }
        Some("def") => {
            reader.at += 1;
            function(&mut reader)
        }
        Some("class") => {
            reader.at += 1;
            class(&mut reader)
        }
        Some("@") => {
            reader.at += 1;
            Kind::Decorator(reader.expression())
        }
        Some("return") => {
            reader.at += 1;
            Kind::Return((!reader.done()).then(|| reader.expressions()))
        }
        Some(word) if BLOCKS.contains(&word) => {
            reader.at += 1;
            block(&mut reader)
        }
        Some("raise" | "assert" | "del" | "global" | "nonlocal" | "pass" | "break" | "continue") => {
            reader.at += 1;
            Kind::Evaluate(if reader.done() { Expr::Other(Vec::new()) } else { reader.expressions() })
        }
        _ => simple(&mut reader),
    };
    let opens = matches!(kind, Kind::Block(_) | Kind::Function { .. } | Kind::Class { .. });
    all.push(Statement { indent, line: number, kind });
    if opens && reader.take(":") && !reader.done() {
        let rest = line.tokens.get(reader.at..).unwrap_or_default().to_vec();
        statement(&Line { indent: indent + 1, tokens: rest }, indent + 1, all);
    }
}

fn imports(reader: &mut Reader, indent: u32, line: u32, all: &mut Vec<Statement>) {
    while !reader.done() {
        let module = dotted(reader);
        let alias = alias(reader);
        let import = Import { module, alias, ..Import::default() };
        all.push(Statement { indent, line, kind: Kind::Import(import) });
        if !reader.take(",") {
            return;
        }
    }
}

fn from(reader: &mut Reader) -> Kind {
    let mut level = 0;
    while reader.is(".") || reader.is("...") {
        level += if reader.take("...") { 3 } else { usize::from(reader.take(".")) };
    }
    let module = if reader.is("import") { String::new() } else { dotted(reader) };
    reader.take("import");
    reader.take("(");
    let mut names = Vec::new();
    while let Some(name) = reader.peek().filter(|name| *name != ")") {
        reader.at += 1;
        if name != "," {
            names.push((name.to_owned(), alias(reader)));
        }
    }
    Kind::Import(Import { module, level, names, alias: None })
}

fn dotted(reader: &mut Reader) -> String {
    let mut name = String::new();
    while let Some(part) = reader.peek().filter(|part| *part != "," && *part != "as" && *part != "import") {
        reader.at += 1;
        name.push_str(part);
    }
    name
}

fn alias(reader: &mut Reader) -> Option<String> {
    if !reader.take("as") {
        return None;
    }
    let name = reader.peek().map(str::to_owned);
    reader.at += 1;
    name
}

fn function(reader: &mut Reader) -> Kind {
    let name = reader.peek().unwrap_or_default().to_owned();
    reader.at += 1;
    let mut parameters = Vec::new();
    if reader.take("(") {
        while !reader.done() && !reader.take(")") {
            let before = reader.at;
            if !reader.take(",") {
                parameters.extend(parameter(reader));
            }
            reader.at += usize::from(reader.at == before);
        }
    }
    if reader.take("->") {
        let _ = reader.expression();
    }
    Kind::Function { name, parameters }
}

fn parameter(reader: &mut Reader) -> Option<Parameter> {
    let starred = reader.take("*") || reader.take("**") || reader.take("/");
    let name = reader.peek().filter(|name| *name != "," && *name != ")")?.to_owned();
    reader.at += 1;
    if reader.take(":") {
        let _ = reader.expression();
    }
    let default = if reader.take("=") { Some(reader.expression()) } else { None };
    // What takes any number of arguments needs none.
    let default = default.or_else(|| starred.then(|| Expr::Other(Vec::new())));
    Some(Parameter { name, default })
}

fn class(reader: &mut Reader) -> Kind {
    let name = reader.peek().unwrap_or_default().to_owned();
    reader.at += 1;
    let bases = match reader.is("(").then(|| reader.expression()) {
        Some(Expr::List(bases)) => bases,
        Some(one) => vec![one],
        None => Vec::new(),
    };
    Kind::Class { name, bases }
}

fn block(reader: &mut Reader) -> Kind {
    let mut all = Vec::new();
    while !reader.done() && !reader.is(":") {
        let before = reader.at;
        if !(reader.take(",") || reader.take("as") || reader.take("in")) {
            all.push(reader.expression());
        }
        reader.at += usize::from(reader.at == before);
    }
    Kind::Block(all)
}

fn simple(reader: &mut Reader) -> Kind {
    let first = reader.expressions();
    if reader.take(":") {
        let annotation = Some(reader.expression());
        let value = if reader.take("=") { Some(reader.expressions()) } else { None };
        return Kind::Assign { targets: vec![first], annotation, value, adds: false };
    }
    if reader.is("=") {
        let mut all = vec![first];
        while reader.take("=") {
            all.push(reader.expressions());
        }
        let value = all.pop();
        return Kind::Assign { targets: all, annotation: None, value, adds: false };
    }
    if reader.take("+=") {
        return Kind::Assign {
            targets: vec![first],
            annotation: None,
            value: Some(reader.expressions()),
            adds: true,
        };
    }
    Kind::Evaluate(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_statements() {
        let file = parse(
            "import os, sys as system\nfrom ..core.config import (settings as s,\n    other)\n@x\nasync def make(a, b: int = 1, *c, **d) -> App:\n    return App(a)\n\
             class Settings(BaseSettings):\n    port: int = 8000\n    name: str\nif __name__ == '__main__': main()\napp = server = make()\nitems += [1]\nfrom . import models\n",
        );
        let imports: Vec<&Import> = file.imports().map(|(import, _)| import).collect();
        assert_eq!((imports[1].module.as_str(), imports[1].alias.as_deref()), ("sys", Some("system")));
        assert_eq!(
            (imports[2].level, imports[2].module.as_str(), imports[2].names.len()),
            (2, "core.config", 2)
        );
        assert_eq!(file.resolved("s.port"), "..core.config.settings.port");
        let (at, function) = file.function("make").unwrap();
        let Kind::Function { parameters, .. } = &function.kind else { panic!() };
        assert_eq!(parameters.iter().filter(|one| one.default.is_none()).count(), 1);
        assert_eq!(file.body(at).count(), 1);
        let assigned: Vec<&str> =
            file.top().filter_map(|(_, one)| one.assigned()).map(|(name, _)| name).collect();
        assert_eq!(assigned, ["app"]);
        assert!(file.main().is_some_and(|at| file.body(at).count() == 1));
        assert_eq!(file.calls().len(), 3);
        assert_eq!(imports.last().map(|import| import.level), Some(1));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)(import |from |as |def |class |return |if |with |@|async |[a-c]|\\.|,|:|=|\\(|\\)|'x'|\n|  ){0,40}") {
            let file = parse(&text);
            let _ = (file.main(), file.calls().len(), file.top().count());
        }
    }
}
