//! The application object that a server is handed: which module has it, under which name, or which function makes it.

use camino::{Utf8Path, Utf8PathBuf};

use super::code::Code;
use super::work::{Work, is_apart};
use crate::facts::Evidence;
use crate::knowledge::Framework;
use crate::source::python::{Expr, File, Kind, Statement};

/// An application.
#[derive(Debug, Clone)]
pub(super) struct App<'a> {
    /// Its file, relative to the repository.
    pub(super) file: Utf8PathBuf,
    /// The folder that its module is imported from, relative to the project.
    pub(super) place: Utf8PathBuf,
    /// `package.module:object`; of a factory, the function.
    pub(super) target: String,
    /// The name is that of a function which makes it.
    pub(super) factory: bool,
    pub(super) framework: &'a Framework,
    pub(super) because: Evidence,
}

/// Files that are looked at, at most.
const MOST: usize = 400;

/// Names of objects, the most usual first.
const OBJECTS: [&str; 5] = ["app", "application", "server", "api", "asgi_app"];

/// Names of functions that make one.
const FACTORIES: [&str; 8] = [
    "create_app",
    "make_app",
    "get_app",
    "build_app",
    "create_application",
    "get_application",
    "app_factory",
    "application_factory",
];

/// The project's sources that may hold a program, the nearest to its folder first.
pub(super) fn sources(work: &Work) -> Vec<Utf8PathBuf> {
    let depth = work.root.components().count();
    let mut files: Vec<Utf8PathBuf> = work
        .cx
        .repo
        .under(&work.root)
        .filter(|file| file.extension() == Some("py"))
        .filter(|file| file.components().count() <= depth + 5)
        .filter(|file| !is_apart(work.cx, file.strip_prefix(&work.root).unwrap_or(file)))
        .cloned()
        .collect();
    files.sort_by_key(|file| file.components().count());
    files
}

/// Finds the application.
pub(super) fn find<'a>(work: &Work<'a>, code: &Code, wanted: impl Fn(&Framework) -> bool) -> Option<App<'a>> {
    let rows: Vec<&'a Framework> = work
        .cx
        .knowledge
        .of("python")
        .frameworks
        .iter()
        .filter(|row| !row.objects.is_empty() && wanted(row))
        .collect();
    let files = sources(work);
    let own = own_classes(work, code, &files, &rows);
    let look = Look { rows: &rows, own: &own };
    let mut makers: Vec<(Utf8PathBuf, String, &'a Framework)> = Vec::new();
    let mut found: Vec<(Rank, App<'a>)> = Vec::new();
    for path in files.iter().filter(|path| mentions(work, path, &look)).take(MOST) {
        let Some(file) = code.file(path) else { continue };
        direct(work, path, &file, &look, &mut found);
        functions(path, &file, &look, &mut makers);
    }
    for path in files.iter().take(MOST).filter(|path| names_one(work, path, &makers)) {
        let Some(file) = code.file(path) else { continue };
        made(work, code, path, &file, &makers, &mut found);
    }
    found.sort_by_key(|(rank, _)| *rank);
    let found = found.into_iter().map(|(_, app)| app).next();
    found.map(|app| from_outside(work, code, app)).or_else(|| factory(work, code, &makers))
}

/// An application in a folder that its own imports begin at, which a file of the project's own folder takes by its whole way:
/// what lies beside that folder is imported, too.
fn from_outside<'a>(work: &Work<'a>, code: &Code, app: App<'a>) -> App<'a> {
    if app.place.as_str().is_empty() || app.framework.attribute.is_some() {
        return app;
    }
    let object = app.target.rsplit(':').next().unwrap_or_default();
    let (names, _) = work.cx.repo.list(&work.root);
    let files = names.iter().map(|name| work.root.join(name)).filter(|path| path.extension() == Some("py"));
    let takes = |path: &Utf8PathBuf| {
        code.file(path).is_some_and(|file| {
            file.imports().any(|(import, _)| {
                import.names.iter().any(|(name, _)| name == object)
                    && code.imported(path, import, None).as_ref() == Some(&app.file)
            })
        })
    };
    if !files.into_iter().any(|path| takes(&path)) {
        return app;
    }
    let target = format!("{}:{object}", module_name(&work.root, &app.file));
    App { target, place: Utf8PathBuf::new(), ..app }
}

/// How likely it is the application: the framework's own order last.
type Rank = (usize, usize, usize, usize);

fn rank(work: &Work, path: &Utf8Path, object: &str, row: usize) -> Rank {
    let stem = path.file_stem().unwrap_or_default();
    let entries = &work.cx.knowledge.of("python").entries;
    let name = match stem {
        "wsgi" | "asgi" => 0,
        _ => entries.iter().position(|entry| entry == stem).map_or(50, |at| at + 1),
    };
    let name = if stem == "__init__" { 40 } else { name };
    let depth = path.strip_prefix(&work.root).unwrap_or(path).components().count();
    let object = OBJECTS.iter().position(|one| *one == object).unwrap_or(9);
    (object.min(4) / 4, name + 8 * depth, object, row)
}

/// The classes whose objects are applications: the frameworks', and those that the project makes from them.
struct Look<'l, 'a> {
    rows: &'l [&'a Framework],
    own: &'l [(String, usize)],
}

/// Classes of the project that are made from a framework's: `class Shop(Flask)`, with the place of its row.
fn own_classes(work: &Work, code: &Code, files: &[Utf8PathBuf], rows: &[&Framework]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let objects: Vec<String> =
        rows.iter().flat_map(|row| &row.objects).map(|object| format!("({object}")).collect();
    let derives = |path: &&Utf8PathBuf| {
        work.cx.repo.source(path).is_some_and(|text| objects.iter().any(|one| text.contains(one.as_str())))
    };
    for file in files.iter().filter(derives).take(MOST).filter_map(|path| code.file(path)) {
        for (_, statement) in file.top() {
            let Kind::Class { name, bases } = &statement.kind else { continue };
            let row = bases.iter().filter_map(Expr::dotted).find_map(|base| named_row(&file, &base, rows));
            found.extend(row.map(|(at, _)| (name.clone(), at)));
        }
    }
    found
}

fn mentions(work: &Work, path: &Utf8Path, look: &Look) -> bool {
    let Some(text) = work.cx.repo.source(path) else { return false };
    let objects = look.rows.iter().flat_map(|row| &row.objects).chain(look.own.iter().map(|(name, _)| name));
    objects.into_iter().any(|object| text.contains(object.as_str()) && text.contains(&format!("{object}(")))
}

fn names_one(work: &Work, path: &Utf8Path, makers: &[(Utf8PathBuf, String, &Framework)]) -> bool {
    let Some(text) = work.cx.repo.source(path) else { return false };
    makers.iter().any(|(_, name, _)| text.contains(&format!("{name}(")))
}

/// The row whose application a call makes.
fn row_of<'a>(file: &File, call: &Expr, look: &Look<'_, 'a>) -> Option<(usize, &'a Framework)> {
    let (name, ..) = call.call()?;
    named_row(file, &name, look.rows).or_else(|| {
        let (_, at) = look.own.iter().find(|(own, _)| name == *own)?;
        Some((*at, *look.rows.get(*at)?))
    })
}

/// The row that a name of the file stands for.
fn named_row<'a>(file: &File, name: &str, rows: &[&'a Framework]) -> Option<(usize, &'a Framework)> {
    let resolved = file.resolved(name);
    let (module, object) = resolved.rsplit_once('.').unwrap_or(("", resolved.as_str()));
    let from = |row: &Framework| {
        row.modules.iter().any(|own| {
            module == own || module.strip_prefix(own.as_str()).is_some_and(|rest| rest.starts_with('.'))
        })
    };
    rows.iter().copied().enumerate().find(|(_, row)| row.objects.iter().any(|one| one == object) && from(row))
}

/// The statements of a file's own level that run where it is imported: not those behind `if __name__ == "__main__":`.
fn importable(file: &File) -> impl Iterator<Item = &Statement> {
    let guarded: Vec<usize> =
        file.main().map(|main| file.body(main).map(|(at, _)| at).collect()).unwrap_or_default();
    file.top().filter(move |(at, _)| !guarded.contains(at)).map(|(_, statement)| statement)
}

/// Objects that a file makes at its own level.
fn direct<'a>(
    work: &Work<'a>,
    path: &Utf8Path,
    file: &File,
    look: &Look<'_, 'a>,
    found: &mut Vec<(Rank, App<'a>)>,
) {
    for statement in importable(file) {
        let Some((name, value)) = statement.assigned() else { continue };
        let mut maker = None;
        value.walk(&mut |inner| maker = maker.or_else(|| row_of(file, inner, look)));
        let Some((at, row)) = maker else { continue };
        let says = format!("the {} application of {}", row.name, shown(work, path));
        found.push((
            rank(work, path, name, at),
            app(work, path, file, name, row, Evidence::line(path, statement.line, says)),
        ));
    }
}

/// Functions of a file that make an application.
fn functions<'a>(
    path: &Utf8Path,
    file: &File,
    look: &Look<'_, 'a>,
    makers: &mut Vec<(Utf8PathBuf, String, &'a Framework)>,
) {
    for (at, statement) in file.top() {
        let Kind::Function { name, .. } = &statement.kind else { continue };
        let mut row = None;
        for (_, inner) in file.body(at) {
            for expression in inner.expressions() {
                expression.walk(&mut |inner| row = row.or_else(|| row_of(file, inner, look)));
            }
        }
        if let Some((_, row)) = row {
            makers.push((path.to_owned(), name.clone(), row));
        }
    }
}

/// Objects that a file has from such a function, its own or an imported one.
fn made<'a>(
    work: &Work<'a>,
    code: &Code,
    path: &Utf8Path,
    file: &File,
    makers: &[(Utf8PathBuf, String, &'a Framework)],
    found: &mut Vec<(Rank, App<'a>)>,
) {
    for statement in importable(file) {
        let Some((name, value)) = statement.assigned() else { continue };
        let Some((called, ..)) = value.call() else { continue };
        let first = called.split('.').next().unwrap_or_default();
        let last = called.rsplit('.').next().unwrap_or_default();
        let place = match file.imported(first) {
            Some((import, own)) => code
                .imported(path, import, own.filter(|_| first != last))
                .or_else(|| code.imported(path, import, None)),
            None => Some(path.to_owned()),
        };
        let own = match file.imported(first) {
            Some((_, Some(own))) if first == last => own,
            _ => last,
        };
        let place = place.map(|place| given_on(code, place, own));
        let maker = makers.iter().find(|(file, function, _)| function == own && Some(file) == place.as_ref());
        let Some((_, _, row)) = maker else { continue };
        let says = format!("the {} application of {}", row.name, shown(work, path));
        found.push((
            rank(work, path, name, 0),
            app(work, path, file, name, row, Evidence::line(path, statement.line, says)),
        ));
    }
}

/// The file that a package has a name from: `from .app import create_app` in its `__init__.py`.
fn given_on(code: &Code, path: Utf8PathBuf, name: &str) -> Utf8PathBuf {
    let Some(file) = code.file(&path).filter(|file| file.function(name).is_none()) else { return path };
    let found = file.imported(name).and_then(|(import, _)| code.imported(&path, import, None));
    found.unwrap_or(path)
}

/// A function that makes it, where no module has the object itself.
fn factory<'a>(
    work: &Work<'a>,
    code: &Code,
    makers: &[(Utf8PathBuf, String, &'a Framework)],
) -> Option<App<'a>> {
    let usual = |name: &str| FACTORIES.iter().position(|one| *one == name);
    let mut candidates: Vec<_> = makers.iter().filter(|(_, name, _)| usual(name).is_some()).collect();
    candidates.sort_by_key(|(path, name, _)| (usual(name), rank(work, path, name, 0)));
    candidates.into_iter().find_map(|(path, name, row)| {
        let file = code.file(path)?;
        let (_, statement) = file.function(name)?;
        let Kind::Function { parameters, .. } = &statement.kind else { return None };
        if parameters.iter().any(|one| one.default.is_none()) {
            return None;
        }
        let says = format!("the function {name} of {} makes the application", shown(work, path));
        let because = Evidence::line(path, statement.line, says);
        Some(App { factory: true, ..app(work, path, &file, name, row, because) })
    })
}

fn shown(work: &Work, path: &Utf8Path) -> String {
    path.strip_prefix(&work.root).unwrap_or(path).to_string()
}

fn app<'a>(
    work: &Work<'a>,
    path: &Utf8Path,
    file: &File,
    name: &str,
    framework: &'a Framework,
    because: Evidence,
) -> App<'a> {
    let place = place_of(work, path, file);
    let module = module_name(&work.root.join(&place), path);
    let object =
        framework.attribute.as_ref().map_or(name.to_owned(), |attribute| format!("{name}.{attribute}"));
    App {
        file: path.to_owned(),
        place,
        target: format!("{module}:{object}"),
        factory: false,
        framework,
        because,
    }
}

/// `app.main` for `app/main.py`, `app` for `app/__init__.py`.
pub(super) fn module_name(root: &Utf8Path, path: &Utf8Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let mut parts: Vec<&str> = relative.components().map(|part| part.as_str()).collect();
    if parts.last() == Some(&"__init__.py") {
        parts.pop();
    }
    parts.join(".").trim_end_matches(".py").to_owned()
}

/// The folder that a file's own imports begin at, relative to the project: the project's, where nothing speaks against it.
pub(super) fn place_of(work: &Work, path: &Utf8Path, file: &File) -> Utf8PathBuf {
    let folder = path.parent().unwrap_or(Utf8Path::new(""));
    let inside: Vec<&Utf8Path> = folder.ancestors().take_while(|one| one.starts_with(&work.root)).collect();
    let has = |root: &Utf8Path, name: &str| {
        work.cx.repo.has(root.join(format!("{name}.py"))) || holds_code(work, &root.join(name))
    };
    let relative =
        |root: &Utf8Path| root.strip_prefix(&work.root).map(Utf8Path::to_owned).unwrap_or_default();
    let relative_imports = file.imports().any(|(import, _)| import.level > 0);
    let package = relative_imports || work.cx.repo.has(folder.join("__init__.py"));
    for (import, _) in file.imports() {
        let top = import.module.split('.').next().unwrap_or_default();
        // `import logging` of a package that has a logging.py is the library's.
        let library = package && work.cx.knowledge.of("python").standard.iter().any(|name| name == top);
        if import.level > 0 || top.is_empty() || library {
            continue;
        }
        // The outermost folder that has it: `app/main.py` that imports `app.config` begins at the folder above `app`.
        let root = inside.iter().rev().find(|root| has(root, top) && is_importable(root, path));
        // Dots lead to no place above the folder that imports begin at.
        if let Some(root) = root.filter(|root| !relative_imports || **root != folder) {
            return relative(root);
        }
    }
    let below = folder.strip_prefix(&work.root).unwrap_or(folder);
    if below.as_str().is_empty() || package && is_importable(&work.root, path) && !below.starts_with("src") {
        return Utf8PathBuf::new();
    }
    if package {
        // The folder above the outermost package.
        let outermost = inside.iter().take_while(|one| work.cx.repo.has(one.join("__init__.py"))).last();
        return outermost.and_then(|one| one.parent()).map(relative).unwrap_or_default();
    }
    relative(folder)
}

/// Whether a folder can be imported: a folder of settings or data beside the code has no modules.
pub(super) fn holds_code(work: &Work, folder: &Utf8Path) -> bool {
    work.cx.repo.has_dir(folder) && work.cx.repo.under(folder).any(|file| file.extension() == Some("py"))
}

/// Whether the folders between a root and a file have names that an import can write.
fn is_importable(root: &Utf8Path, path: &Utf8Path) -> bool {
    let Ok(relative) = path.strip_prefix(root) else { return false };
    relative.parent().is_none_or(|folder| {
        folder.components().all(|part| part.as_str().chars().all(|c| c.is_alphanumeric() || c == '_'))
    })
}
