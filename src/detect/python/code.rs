//! The project's own sources: modules found by their names, and what expressions come to when they are followed through
//! names, files and settings.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};

use super::value::{Value, join, joined, parent, with_default};
use crate::detect::Context;
use crate::source::python::{self, Expr, File, Import, Kind};

/// The sources, read once each.
pub(super) struct Code<'a> {
    cx: &'a Context<'a>,
    /// Folders that modules are looked for in.
    roots: Vec<Utf8PathBuf>,
    files: RefCell<HashMap<Utf8PathBuf, Option<Rc<File>>>>,
    /// Steps that the value at hand may still take: expressions that name themselves grow without end.
    steps: Cell<u32>,
}

/// One value may take so many steps.
const STEPS: u32 = 20_000;

/// Names, files and calls are followed this far.
const FURTHEST: u32 = 14;

/// More files than these are not followed.
const MOST: usize = 600;

impl<'a> Code<'a> {
    pub(super) fn new(cx: &'a Context<'a>, roots: Vec<Utf8PathBuf>) -> Self {
        Self { cx, roots, files: RefCell::default(), steps: Cell::new(STEPS) }
    }

    /// A parsed file.
    pub(super) fn file(&self, path: &Utf8Path) -> Option<Rc<File>> {
        if let Some(known) = self.files.borrow().get(path) {
            return known.clone();
        }
        let file = self.cx.repo.source(path).map(|text| Rc::new(python::parse(&text)));
        self.files.borrow_mut().insert(path.to_owned(), file.clone());
        file
    }

    /// The file of a module.
    pub(super) fn module(&self, dotted: &str) -> Option<Utf8PathBuf> {
        let path = dotted.replace('.', "/");
        self.roots.iter().find_map(|root| self.at(&root.join(&path)))
    }

    fn at(&self, stem: &Utf8Path) -> Option<Utf8PathBuf> {
        let file = Utf8PathBuf::from(format!("{stem}.py"));
        let package = stem.join("__init__.py");
        [file, package].into_iter().find(|path| self.cx.repo.has(path))
    }

    /// The file that an import of `from` is about; with a name, the file of that module where the name is one.
    pub(super) fn imported(
        &self,
        from: &Utf8Path,
        import: &Import,
        name: Option<&str>,
    ) -> Option<Utf8PathBuf> {
        let base = if import.level > 0 {
            let mut folder = from.parent()?.to_owned();
            for _ in 1..import.level {
                folder.pop();
            }
            vec![folder]
        } else {
            let beside = from.parent().map(Utf8Path::to_owned);
            self.roots.iter().cloned().chain(beside).collect()
        };
        let path = import.module.replace('.', "/");
        base.iter().find_map(|folder| {
            let stem = if path.is_empty() { folder.clone() } else { folder.join(&path) };
            let inner = name.and_then(|name| self.at(&stem.join(name)));
            inner.or_else(|| self.at(&stem)).or_else(|| {
                let init = stem.join("__init__.py");
                self.cx.repo.has(&init).then_some(init)
            })
        })
    }

    /// The files that a file imports from the project, and those that these import, itself in front.
    pub(super) fn reached(&self, entries: &[Utf8PathBuf]) -> Vec<Utf8PathBuf> {
        let mut all: Vec<Utf8PathBuf> = Vec::new();
        let mut known: BTreeSet<Utf8PathBuf> = BTreeSet::new();
        for entry in entries {
            if known.insert(entry.clone()) {
                all.push(entry.clone());
            }
        }
        let mut at = 0;
        while let Some(path) = all.get(at).cloned() {
            at += 1;
            let Some(file) = self.file(&path).filter(|_| all.len() < MOST) else { continue };
            for (import, _) in file.imports() {
                let names: Vec<Option<&str>> = if import.names.is_empty() {
                    vec![None]
                } else {
                    import.names.iter().map(|(name, _)| Some(name.as_str())).collect()
                };
                for name in names {
                    let found = self.imported(&path, import, name);
                    all.extend(found.filter(|found| known.insert(found.clone())));
                }
            }
        }
        all.retain(|path| self.cx.repo.has(path));
        all
    }

    /// What an expression of a file comes to.
    pub(super) fn value(&self, path: &Utf8Path, expression: &Expr) -> Value {
        let Some(file) = self.file(path) else { return Value::Unknown };
        self.steps.set(STEPS);
        self.follow(path, &file, expression, 0)
    }

    fn follow(&self, path: &Utf8Path, file: &File, expression: &Expr, depth: u32) -> Value {
        let left = self.steps.get();
        if depth > FURTHEST || left == 0 {
            return Value::Unknown;
        }
        self.steps.set(left - 1);
        let inner = |expression: &Expr| self.follow(path, file, expression, depth + 1);
        match expression {
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Number(number) => Value::Number(*number),
            Expr::Format(parts) => joined(parts.iter().map(inner).collect()),
            Expr::List(items) => Value::List(items.iter().map(inner).collect()),
            Expr::Name(name) => self.name(path, file, name, depth),
            Expr::Attribute(base, name) => self.attribute(path, file, base, name, depth),
            Expr::Index(base, index, _) => {
                match (base.dotted().map(|base| file.resolved(&base)), index.text()) {
                    (Some(base), Some(name)) if is_environment(&base) => {
                        Value::Variable(name.to_owned(), None)
                    }
                    _ => match (base.as_ref(), index.as_ref()) {
                        (Expr::Attribute(of, parents), Expr::Number(up)) if parents == "parents" => {
                            (0..=*up).take(20).fold(inner(of), |value, _| parent(value))
                        }
                        _ => Value::Unknown,
                    },
                }
            }
            Expr::Binary(left, operator, right) => match operator.as_str() {
                "or" => with_default(inner(left), || inner(right)),
                "/" => join(inner(left), inner(right)),
                "+" => joined(vec![inner(left), inner(right)]),
                _ => Value::Unknown,
            },
            Expr::If { then, otherwise, .. } => match inner(then) {
                Value::Unknown | Value::Nothing => inner(otherwise),
                found => found,
            },
            Expr::Call { .. } => self.call(path, file, expression, depth),
            Expr::Other(_) | Expr::Dict(_) => Value::Unknown,
        }
    }

    fn name(&self, path: &Utf8Path, file: &File, name: &str, depth: u32) -> Value {
        if depth > FURTHEST {
            return Value::Unknown;
        }
        match name {
            "__file__" => return Value::Path(path.to_owned()),
            "None" => return Value::Nothing,
            "True" | "False" => return Value::Unknown,
            _ => {}
        }
        let assigned = file.top().filter_map(|(_, one)| one.assigned()).find(|(own, _)| *own == name);
        if let Some((_, value)) = assigned {
            return self.follow(path, file, value, depth + 1);
        }
        if let Some((import, Some(own))) = file.imported(name) {
            let found = self.imported(path, import, None);
            if let Some((found, inner)) = found
                .filter(|found| found != path)
                .and_then(|found| Some((found.clone(), self.file(&found)?)))
            {
                return self.name(&found, &inner, own, depth + 1);
            }
            return Value::Unknown;
        }
        // A name of a function: assigned there, or a command's option.
        let local =
            file.statements.iter().filter_map(python::Statement::assigned).find(|(own, _)| *own == name);
        match local {
            Some((_, value)) if depth < FURTHEST => self.follow(path, file, value, depth + 1),
            _ => self.option(path, file, name, depth),
        }
    }

    /// The default of a command's option: `@click.option("--port", default=8000)`, `add_argument("--port", default=8000)`, a
    /// parameter `port: int = 8000`.
    fn option(&self, path: &Utf8Path, file: &File, name: &str, depth: u32) -> Value {
        let flag = format!("--{}", name.replace('_', "-"));
        let other = format!("--{name}");
        for call in file.calls() {
            let called = call.called().unwrap_or_default();
            if !matches!(called, "option" | "add_argument" | "Option" | "define" | "DEFINE_integer") {
                continue;
            }
            let Expr::Call { arguments, .. } = call else { continue };
            let named = arguments.iter().any(|(keyword, value)| {
                keyword.is_none()
                    && value.text().is_some_and(|text| {
                        text == flag || text == other || called == "define" && text == name
                    })
            });
            if let Some(default) = call.keyword("default").filter(|_| named) {
                return match (
                    self.follow(path, file, default, depth + 1),
                    call.keyword("envvar").and_then(Expr::text),
                ) {
                    (value, Some(variable)) => Value::Variable(variable.to_owned(), Some(Box::new(value))),
                    (value, None) => value,
                };
            }
        }
        let parameters = file.statements.iter().filter_map(|one| match &one.kind {
            Kind::Function { parameters, .. } => {
                parameters.iter().find(|one| one.name == name)?.default.as_ref()
            }
            _ => None,
        });
        for default in parameters {
            let value = match default.called() {
                Some("Option" | "Argument") => default.argument("default", 0).unwrap_or(default),
                _ => default,
            };
            let value = self.follow(path, file, value, depth + 1);
            if value != Value::Unknown {
                return value;
            }
        }
        Value::Unknown
    }

    /// The flag of a command's option of a name: `--host` of `add_argument("--host", default="127.0.0.1")`.
    pub(super) fn flag(&self, path: &Utf8Path, name: &str) -> Option<String> {
        let file = self.file(path)?;
        let flags = [format!("--{}", name.replace('_', "-")), format!("--{name}")];
        let options =
            file.calls().into_iter().filter(|call| matches!(call.called(), Some("option" | "add_argument")));
        options.into_iter().find_map(|call| {
            let Expr::Call { arguments, .. } = call else { return None };
            let texts = arguments.iter().filter(|(keyword, _)| keyword.is_none());
            texts
                .into_iter()
                .find_map(|(_, value)| flags.iter().find(|flag| value.text() == Some(flag)).cloned())
        })
    }

    fn attribute(&self, path: &Utf8Path, file: &File, base: &Expr, name: &str, depth: u32) -> Value {
        if name == "parent" {
            return parent(self.follow(path, file, base, depth + 1));
        }
        match base {
            Expr::Name(of) => {
                if let Some((import, own)) = file.imported(of) {
                    let module = self.imported(path, import, own);
                    let Some(found) = module.filter(|found| found != path) else { return Value::Unknown };
                    let Some(inner) = self.file(&found) else { return Value::Unknown };
                    // An object of that file, or the file itself.
                    let object = own.is_some_and(|own| found.file_stem() != Some(own));
                    let field = if object { self.field(&found, &inner, name, depth) } else { Value::Unknown };
                    return match field {
                        Value::Unknown => match self.name(&found, &inner, name, depth + 1) {
                            Value::Unknown | Value::Made => self.field(&found, &inner, name, depth),
                            value => value,
                        },
                        field => field,
                    };
                }
                let value = self.option(path, file, name, depth);
                if value == Value::Unknown { self.field(path, file, name, depth) } else { value }
            }
            Expr::Attribute(_, _) | Expr::Call { .. } => self.field(path, file, name, depth),
            _ => Value::Unknown,
        }
    }

    /// A field of a class of the file: of settings, the environment can set it.
    fn field(&self, path: &Utf8Path, file: &File, name: &str, depth: u32) -> Value {
        for (at, statement) in file.statements.iter().enumerate() {
            let Kind::Class { bases, .. } = &statement.kind else { continue };
            let settings = bases.iter().filter_map(Expr::dotted).any(|base| base.ends_with("Settings"));
            for (_, inner) in file.body(at) {
                let Kind::Assign { targets, value, .. } = &inner.kind else { continue };
                if !targets.iter().any(|target| matches!(target, Expr::Name(own) if own == name)) {
                    continue;
                }
                let default = value.as_ref().map_or(Value::Unknown, |value| match value.called() {
                    Some("Field") => value
                        .argument("default", 0)
                        .map_or(Value::Unknown, |one| self.follow(path, file, one, depth + 1)),
                    _ => self.follow(path, file, value, depth + 1),
                });
                if settings && default != Value::Unknown {
                    let prefix = prefix(file, at).unwrap_or_default();
                    return Value::Variable(
                        format!("{prefix}{name}").to_uppercase(),
                        Some(Box::new(default)),
                    );
                }
                return default;
            }
        }
        // An object of another file that this one imports its class from.
        let Some((import, own)) = file.imports().find_map(|(import, _)| {
            let settings = import.names.iter().find(|(own, _)| {
                own.to_lowercase().contains("settings") || own.to_lowercase().contains("config")
            })?;
            Some((import, settings.0.as_str()))
        }) else {
            return Value::Unknown;
        };
        match self.imported(path, import, Some(own)).filter(|found| found != path && depth < FURTHEST) {
            Some(found) => {
                self.file(&found).map_or(Value::Unknown, |inner| self.field(&found, &inner, name, depth + 1))
            }
            None => Value::Unknown,
        }
    }

    fn call(&self, path: &Utf8Path, file: &File, call: &Expr, depth: u32) -> Value {
        let inner = |expression: &Expr| self.follow(path, file, expression, depth + 1);
        let Expr::Call { function, arguments, .. } = call else { return Value::Unknown };
        let first = arguments.iter().find(|(keyword, _)| keyword.is_none()).map(|(_, value)| value);
        let method = call.called().unwrap_or_default();
        let name = function.dotted().map(|name| file.resolved(&name)).unwrap_or_default();
        if let Some(value) = self.environment(path, file, call, &name, depth) {
            return value;
        }
        match (name.as_str(), method) {
            (_, "int" | "str" | "float" | "bytes") if name == method => first.map_or(Value::Unknown, inner),
            ("os.path.join", _) => {
                arguments.iter().map(|(_, value)| inner(value)).reduce(join).unwrap_or(Value::Unknown)
            }
            ("os.path.dirname", _) => first.map_or(Value::Unknown, |one| parent(inner(one))),
            (
                "os.path.abspath" | "os.path.realpath" | "os.path.normpath" | "os.path.expanduser"
                | "os.fspath" | "pathlib.Path" | "pathlib.PurePath" | "Path",
                _,
            ) => match first {
                Some(one) if arguments.len() > 1 => {
                    arguments.iter().skip(1).map(|(_, value)| inner(value)).fold(inner(one), join)
                }
                Some(one) => inner(one),
                None => Value::Text(".".to_owned()),
            },
            ("os.getcwd" | "pathlib.Path.cwd", _) => Value::Text(".".to_owned()),
            _ => match function.as_ref() {
                Expr::Attribute(base, _)
                    if matches!(
                        method,
                        "resolve" | "absolute" | "expanduser" | "strip" | "lower" | "rstrip" | "as_posix"
                    ) =>
                {
                    inner(base)
                }
                Expr::Attribute(base, _) if method == "joinpath" => {
                    arguments.iter().map(|(_, value)| inner(value)).fold(inner(base), join)
                }
                Expr::Attribute(base, _) if method == "format" => match inner(base) {
                    Value::Text(text) => {
                        let mut pieces = Vec::new();
                        let mut values = arguments.iter().map(|(_, value)| inner(value));
                        for (at, part) in text.split("{}").enumerate() {
                            if at > 0 {
                                pieces.push(values.next().unwrap_or(Value::Unknown));
                            }
                            pieces.push(Value::Text(part.to_owned()));
                        }
                        joined(pieces)
                    }
                    _ => Value::Unknown,
                },
                _ => Value::Made,
            },
        }
    }

    /// Calls that ask the environment: `os.environ.get`, `os.getenv`, and those of decouple, environs and django-environ.
    fn environment(
        &self,
        path: &Utf8Path,
        file: &File,
        call: &Expr,
        name: &str,
        depth: u32,
    ) -> Option<Value> {
        let reader = name.split('.').next().unwrap_or_default();
        let asks = name == "os.getenv"
            || name.strip_suffix(".get").is_some_and(is_environment)
            || name.strip_suffix(".setdefault").is_some_and(is_environment)
            || name == "decouple.config"
            || name == "starlette.config.Config"
            || is_reader(file, reader)
                && (name == reader || !READS_NOTHING.iter().any(|one| name.ends_with(one)));
        let variable = call.argument("key", 0).and_then(Expr::text).filter(|_| asks)?;
        // django-environ takes a cast in this place of a reader that is called itself: `env("DEBUG", bool)`. Others take the default.
        let cast = matches!(call.argument("\0", 1), Some(Expr::Name(name)) if TYPES.contains(&name.as_str()));
        let place = if is_reader(file, reader) && name == reader && cast { usize::MAX } else { 1 };
        let default = call.keyword("default").or_else(|| call.argument("default", place));
        let default = default.or_else(|| scheme(file, reader, variable));
        let default = default.map(|default| Box::new(self.follow(path, file, default, depth + 1)));
        Some(Value::Variable(variable.to_owned(), default))
    }

    /// The variables without which a file cannot be imported: asked for at its own level, without a default, and not only where
    /// something else holds.
    pub(super) fn required(&self, path: &Utf8Path) -> Vec<(String, u32, bool)> {
        let Some(file) = self.file(path) else { return Vec::new() };
        self.steps.set(STEPS);
        let mut all = Vec::new();
        for statement in imported_with(&file) {
            // `os.environ["X"] = "1"` gives what others ask for.
            let given = match &statement.kind {
                Kind::Assign { targets, .. } => targets.len(),
                _ => 0,
            };
            for expression in statement.expressions().skip(given) {
                self.asked(path, &file, expression, statement.line, false, &mut all);
            }
        }
        all.retain(|(name, ..)| !ALWAYS_SET.contains(&name.as_str()));
        all
    }

    fn asked(
        &self,
        path: &Utf8Path,
        file: &File,
        expression: &Expr,
        line: u32,
        number: bool,
        all: &mut Vec<(String, u32, bool)>,
    ) {
        match expression {
            Expr::Index(base, index, _) => {
                let environment = base.dotted().is_some_and(|base| is_environment(&file.resolved(&base)));
                all.extend(index.text().filter(|_| environment).map(|name| (name.to_owned(), line, number)));
            }
            Expr::Call { function, arguments, .. } => {
                let name = function.dotted().map(|name| file.resolved(&name)).unwrap_or_default();
                let reader = name.split('.').next().unwrap_or_default();
                let strict =
                    name == "decouple.config" || is_reader(file, reader) && !name.ends_with("getenv");
                if let Some(Value::Variable(variable, None)) =
                    self.environment(path, file, expression, &name, 0).filter(|_| strict)
                {
                    let cast = expression.keyword("cast").and_then(Expr::dotted);
                    let number = cast.as_deref() == Some("int")
                        || name.split('.').next_back() == Some("int")
                        || number;
                    all.push((variable, line, number));
                    return;
                }
                for (_, value) in arguments {
                    self.asked(path, file, value, line, name == "int", all);
                }
                if let Expr::Attribute(base, _) = function.as_ref() {
                    self.asked(path, file, base, line, false, all);
                }
            }
            Expr::Dict(pairs) => {
                for (_, value) in pairs {
                    self.asked(path, file, value, line, false, all);
                }
            }
            Expr::List(items) | Expr::Format(items) => {
                for item in items {
                    self.asked(path, file, item, line, false, all);
                }
            }
            Expr::Binary(left, operator, right) if operator != "or" && operator != "and" => {
                self.asked(path, file, left, line, false, all);
                self.asked(path, file, right, line, false, all);
            }
            _ => {}
        }
    }
}

/// The statements that run when a file is imported, whatever holds: its own level, and that of its classes.
fn imported_with(file: &File) -> impl Iterator<Item = &python::Statement> {
    let mut within: Option<u32> = None;
    file.statements.iter().filter(move |statement| {
        if statement.indent == 0 {
            within = matches!(statement.kind, Kind::Class { .. }).then_some(0);
            return !matches!(statement.kind, Kind::Block(_));
        }
        // The first statement of a class tells how far its own level is indented.
        if within == Some(0) {
            within = Some(statement.indent);
        }
        within == Some(statement.indent) && matches!(statement.kind, Kind::Assign { .. })
    })
}

/// Variables that each container has.
const ALWAYS_SET: [&str; 3] = ["PATH", "HOME", "HOSTNAME"];

/// The default that a reader was made with: `environ.Env(DEBUG=(bool, False))`.
fn scheme<'f>(file: &'f File, reader: &str, variable: &str) -> Option<&'f Expr> {
    let (_, made) = file.top().filter_map(|(_, one)| one.assigned()).find(|(own, _)| *own == reader)?;
    match made.keyword(variable)? {
        Expr::List(pair) => pair.get(1),
        _ => None,
    }
}

/// Types that a value of the environment is read as.
const TYPES: [&str; 8] = ["bool", "int", "str", "float", "list", "tuple", "dict", "json"];

/// Methods of such a reader that ask for no variable.
const READS_NOTHING: [&str; 6] = ["read_env", "read_envfile", "prefixed", "seal", "dump", "Env"];

/// Whether a name of the file is an object that reads the environment: `env = environ.Env()`.
fn is_reader(file: &File, name: &str) -> bool {
    let made = file.top().filter_map(|(_, one)| one.assigned()).any(|(own, value)| {
        own == name
            && value.call().is_some_and(|(called, ..)| {
                matches!(
                    file.resolved(&called).as_str(),
                    "environ.Env"
                        | "environ.FileAwareEnv"
                        | "environs.Env"
                        | "environs.FileAwareEnv"
                        | "Env"
                        | "starlette.config.Config"
                        | "decouple.Config"
                        | "decouple.AutoConfig"
                        | "prettyconf.Configuration"
                )
            })
    });
    made || name == "env"
        && file.imported("env").is_some()
        && file.imports().any(|(import, _)| import.names.iter().any(|(own, _)| own == "env"))
}

fn is_environment(name: &str) -> bool {
    matches!(name, "os.environ" | "environ")
}

/// `env_prefix` of a class of settings.
fn prefix(file: &File, class: usize) -> Option<String> {
    file.body(class).find_map(|(_, statement)| {
        let mut found = None;
        for expression in statement.expressions() {
            expression.walk(&mut |inner| {
                if let Some(prefix) = inner.keyword("env_prefix").and_then(Expr::text) {
                    found = Some(prefix.to_owned());
                }
            });
        }
        found.or_else(|| match statement.assigned() {
            Some(("env_prefix", value)) => value.text().map(str::to_owned),
            _ => None,
        })
    })
}

#[cfg(test)]
mod tests;
