//! Files, folders and programs that a file uses: literal paths and those that are joined from the file's own folder or the
//! working folder.

use camino::{Utf8Component, Utf8Path};

use super::expr::{self, Expr, Shape};
use super::lexer::Kind;
use super::names::Names;
use super::worth::worth;
use super::{Base, FileUse, Module, Run};

/// Calls that write what their first argument names, and whether that is a folder.
const WRITES: [(&str, bool); 17] = [
    ("mkdir", true),
    ("mkdirSync", true),
    ("mkdirp", true),
    ("mkdirpSync", true),
    ("ensureDir", true),
    ("ensureDirSync", true),
    ("emptyDir", true),
    ("emptyDirSync", true),
    ("writeFile", false),
    ("writeFileSync", false),
    ("appendFile", false),
    ("appendFileSync", false),
    ("createWriteStream", false),
    ("outputFile", false),
    ("outputFileSync", false),
    ("outputJson", false),
    ("writeJson", false),
];

/// Calls that read what their first argument names.
const READS: [(&str, bool); 12] = [
    ("static", true),
    ("useStaticAssets", true),
    ("setBaseViewsDir", true),
    ("readdir", true),
    ("readdirSync", true),
    ("opendir", true),
    ("sendFile", false),
    ("readFile", false),
    ("readFileSync", false),
    ("createReadStream", false),
    ("readJson", false),
    ("readJsonSync", false),
];

/// Calls that run what their first argument names.
const RUNS: [&str; 6] = ["spawn", "spawnSync", "execFile", "execFileSync", "execa", "execaSync"];

/// Keys of options that name a folder or file that is served.
const SERVED: [&str; 3] = ["root", "views", "directory"];

/// How the file of an embedded database or store ends.
const STORES: [&str; 4] = ["db", "sqlite", "sqlite3", "db3"];

/// Calls that compare, look for, print or delete what their argument names.
const ONLY_TALKS: [&str; 30] = [
    "join",
    "resolve",
    "dirname",
    "basename",
    "extname",
    "relative",
    "exists",
    "existsSync",
    "access",
    "accessSync",
    "stat",
    "statSync",
    "log",
    "info",
    "warn",
    "error",
    "debug",
    "includes",
    "startsWith",
    "endsWith",
    "indexOf",
    "equal",
    "has",
    "replace",
    "split",
    "extract",
    "unlink",
    "unlinkSync",
    "rm",
    "rmSync",
];

/// Fields of `global` that programs keep their own folder in.
const OWN_FOLDER: [&str; 6] = ["approot", "basedir", "rootdir", "root", "rootpath", "appdir"];

/// Reads the uses of files and programs into the module.
pub(super) fn uses(names: &Names<'_, '_>, module: &mut Module) {
    let mut scan = Scan { names, module, joined: Vec::new() };
    for at in 0..names.tokens.len() {
        scan.token(at);
    }
    scan.views();
    scan.read_joined();
}

struct Scan<'n, 't, 'a, 'm> {
    names: &'n Names<'t, 'a>,
    module: &'m mut Module,
    /// Paths that are put together, whatever they are for.
    joined: Vec<FileUse>,
}

/// A path on the way.
#[derive(Debug, Clone)]
struct Place {
    base: Base,
    path: String,
    variable: Option<String>,
}

impl<'a> Scan<'_, '_, 'a, '_> {
    fn token(&mut self, at: usize) {
        let tokens = self.names.tokens;
        let Some(name) = tokens.name(at) else { return };
        if tokens.is(at + 1, "(") {
            self.call(name, at);
        } else if tokens.is(at + 1, ":") {
            self.key(name, at);
        }
    }

    fn call(&mut self, name: &str, at: usize) {
        let known = |table: &[(&str, bool)]| {
            table.iter().find(|(known, _)| *known == name).map(|(_, folder)| *folder)
        };
        if let Some(folder) = known(&WRITES) {
            self.write(at, folder);
        } else if let Some(folder) = known(&READS) {
            self.read(at, folder);
        } else if RUNS.contains(&name) {
            self.run(at);
        } else if matches!(name, "file" | "write" | "writer") {
            self.handle(name, at);
        } else if name == "destination" {
            self.given(at, at + 80);
        } else if matches!(name, "join" | "resolve" | "URL") {
            self.joins(at);
        } else if matches!(name, "exec" | "execSync") {
            self.shell(at);
        } else if !matches!(name, "if" | "for" | "while" | "switch" | "catch" | "require" | "import") {
            self.store(at);
        }
    }

    fn called(&self, name: usize) -> String {
        let tokens = self.names.tokens;
        let receiver = (name >= 2 && tokens.is(name - 1, ".")).then(|| tokens.name(name - 2)).flatten();
        let last = tokens.name(name).unwrap_or_default();
        receiver.map_or_else(|| last.to_owned(), |receiver| format!("{receiver}.{last}"))
    }

    fn file(&self, place: Place, folder: bool, at: usize) -> FileUse {
        let Place { base, path, variable } = place;
        FileUse { path, base, variable, folder, call: self.called(at), line: self.names.tokens.line(at) }
    }

    fn write(&mut self, at: usize, folder: bool) {
        let args = expr::parse_args(self.names.tokens, at + 1);
        if let Some(place) = args.first().and_then(|path| self.place(path, 0)).filter(is_named) {
            let written = self.file(place, folder, at);
            self.module.writes.push(written);
        }
    }

    /// What Bun writes: `Bun.write('x', data)`, `Bun.file('x').writer()`, `const file = Bun.file('x'); file.writer()`.
    fn handle(&mut self, name: &str, at: usize) {
        let tokens = self.names.tokens;
        let owner = (at >= 2 && tokens.is(at - 1, ".")).then(|| tokens.name(at - 2)).flatten();
        let place = match (owner, name) {
            (Some("Bun"), "write") => {
                expr::parse_args(tokens, at + 1).first().and_then(|path| self.place(path, 0))
            }
            (Some("Bun"), "file") => {
                let next =
                    tokens.partner(at + 1).filter(|close| tokens.is(close + 1, ".")).map(|close| close + 2);
                let writes =
                    next.and_then(|next| tokens.name(next)).is_some_and(|next| next.starts_with("write"));
                let args = expr::parse_args(tokens, at + 1);
                args.first().filter(|_| writes).and_then(|path| self.place(path, 0))
            }
            (Some(owner), "writer" | "write") => self.bun_file(owner, at),
            _ => None,
        };
        if let Some(place) = place.filter(is_named) {
            let written = self.file(place, false, at);
            self.module.writes.push(written);
        }
    }

    /// The path of a name that stands for `Bun.file(path)`.
    fn bun_file(&self, name: &str, at: usize) -> Option<Place> {
        let bound = self.names.lookup(name, at);
        let Shape::Call { callee, args } = &bound.first()?.value.shape else { return None };
        (callee.dotted()? == "Bun.file").then(|| self.place(args.first()?, 0))?
    }

    fn read(&mut self, at: usize, folder: bool) {
        let args = expr::parse_args(self.names.tokens, at + 1);
        let Some(mut place) = args.first().and_then(|path| self.place(path, 0)) else { return };
        let root = args.get(1).and_then(|options| options.entry("root")).and_then(|root| self.place(root, 0));
        if let Some(root) = root {
            place = join(root, place);
        }
        // `express.static(__dirname)`
        let whole =
            self.names.tokens.is(at, "static") && place.base == Base::ModuleDir && place.path.is_empty();
        if whole || is_named(&place) {
            let read = self.file(place, folder, at);
            self.module.reads.push(read);
        }
    }

    /// `path.join(__dirname, '..', 'demos')`, `new URL('./x', import.meta.url)`
    fn joins(&mut self, at: usize) {
        let (tokens, called) = (self.names.tokens, self.called(at));
        let begin = if called.contains('.') { at - 2 } else { at };
        let (whole, _) = expr::parse(tokens, begin);
        let own = |place: &Place| {
            place.base == Base::ModuleDir || called.starts_with("path.") && !place.path.starts_with('/')
        };
        if let Some(place) = self.place(&whole, 0).filter(is_named).filter(own) {
            if is_log(&place) {
                let written = self.file(place, false, at);
                self.module.writes.push(written);
            } else {
                let joined = self.file(place, true, at);
                self.joined.push(joined);
            }
        }
    }

    /// Whoever puts a path together and does not write there, reads it.
    fn read_joined(&mut self) {
        for one in std::mem::take(&mut self.joined) {
            let module = &self.module;
            let known = |other: &FileUse| other.base == one.base && other.path == one.path;
            if !module.reads.iter().chain(&module.writes).any(known) {
                self.module.reads.push(one);
            }
        }
    }

    /// `spawn('ffmpeg', ...)`, `Bun.spawn(['ffmpeg', ...])`, `Bun.spawn({ cmd: [...] })`
    fn run(&mut self, at: usize) {
        let args = expr::parse_args(self.names.tokens, at + 1);
        let Some(first) = args.first() else { return };
        let first = first.entry("cmd").unwrap_or(first);
        let first = match &first.shape {
            Shape::Array(items) => items.first().unwrap_or(first),
            _ => first,
        };
        let program = worth(self.names, first).text;
        self.push_run(program.as_deref(), at);
    }

    /// `exec('ffmpeg -i x')`, where exec is not a regular expression's.
    fn shell(&mut self, at: usize) {
        let tokens = self.names.tokens;
        let owner = if at >= 2 && tokens.is(at - 1, ".") { tokens.name(at - 2) } else { tokens.name(at) };
        let module = owner.and_then(|owner| self.names.module_of(owner)).unwrap_or_default();
        if !["child_process", "exec", "shell"].iter().any(|part| module.contains(part)) {
            return;
        }
        // Whatever it is, a shell starts it.
        self.push_run(Some("sh"), at);
        let args = expr::parse_args(tokens, at + 1);
        let line = match args.first().map(|first| &first.shape) {
            Some(Shape::Template(texts, _)) => {
                texts.first().map(ToString::to_string).filter(|text| text.contains(' '))
            }
            Some(_) => args.first().and_then(|first| worth(self.names, first).text),
            None => None,
        };
        self.push_run(line.as_deref().and_then(|line| line.split_whitespace().next()), at);
    }

    fn push_run(&mut self, program: Option<&str>, at: usize) {
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '+');
        let program = program.filter(|program| !program.is_empty() && program.chars().all(fits));
        if let Some(program) = program {
            self.module.runs.push(Run { program: program.to_owned(), line: self.names.tokens.line(at) });
        }
    }

    /// `new Database('data/app.db')`, `multer({ dest: 'uploads/' })`
    fn store(&mut self, at: usize) {
        let tokens = self.names.tokens;
        let plain = tokens.get(at + 2).is_some_and(|first| {
            matches!(first.kind, Kind::Str | Kind::Name | Kind::TemplateHead) || first.text == "{"
        });
        if !plain {
            return;
        }
        if tokens.is(at + 2, "{") {
            return self.destination(at);
        }
        // A name costs a look-up for each call of the file; only what is made or opened can be a store.
        let opens = at > 0 && (tokens.is(at - 1, "new") || tokens.is(at - 1, "."))
            || tokens.name(at).is_some_and(|name| name.to_ascii_lowercase().contains("open"))
            || tokens.get(at + 2).is_some_and(|first| first.kind == Kind::Str);
        if !opens {
            return;
        }
        let (first, _) = expr::parse(tokens, at + 2);
        if tokens.name(at).is_some_and(|name| ONLY_TALKS.contains(&name)) {
            return;
        }
        if let Some(place) = self.place(&first, 0).filter(is_store) {
            let written = self.file(place, false, at);
            self.module.writes.push(written);
        }
    }

    /// `multer({ dest: 'uploads/' })`
    fn destination(&mut self, at: usize) {
        let tokens = self.names.tokens;
        let (options, _) = expr::parse_primary(tokens, at + 2);
        let alone = tokens
            .partner(at + 1)
            .is_some_and(|close| tokens.partner(at + 2).is_some_and(|end| end + 1 == close));
        let dest = options.entry("dest").filter(|_| alone);
        if let Some(place) = dest.and_then(|dest| self.place(dest, 0)).filter(is_named) {
            let written = self.file(place, true, at);
            self.module.writes.push(written);
        }
    }

    /// `filename: './data.db'`, `root: path.join(__dirname, 'public')`, `destination: (..) => cb(null, 'uploads')`
    fn key(&mut self, name: &str, at: usize) {
        if SERVED.contains(&name) {
            let (value, _) = expr::parse(self.names.tokens, at + 2);
            if let Some(place) =
                self.place(&value, 0).filter(is_named).filter(|place| !place.path.starts_with('/'))
            {
                let read = self.file(place, true, at);
                self.module.reads.push(read);
            }
        } else if matches!(
            name,
            "filename" | "storage" | "database" | "file" | "path" | "url" | "db" | "location"
        ) {
            let (value, _) = expr::parse(self.names.tokens, at + 2);
            let written = |place: &Place| is_store(place) || name == "filename" && is_log(place);
            if let Some(place) = self.place(&value, 0).filter(written) {
                let written = self.file(place, false, at);
                self.module.writes.push(written);
            }
        } else if name == "destination" {
            self.upload(at);
        }
    }

    fn upload(&mut self, at: usize) {
        let (value, end) = expr::parse(self.names.tokens, at + 2);
        if let Shape::Function(..) = &value.shape {
            return self.given(at, end.min(at + 80));
        }
        if let Some(place) = self.place(&value, 0).filter(is_named) {
            let written = self.file(place, true, at);
            self.module.writes.push(written);
        }
    }

    /// `destination(request, file, done) { done(null, 'uploads/') }`
    fn given(&mut self, at: usize, end: usize) {
        let tokens = self.names.tokens;
        let open =
            (at..end).find(|at| tokens.is(*at, "(") && tokens.is(at + 1, "null") && tokens.is(at + 2, ","));
        let place = open.and_then(|open| self.place(&expr::parse(tokens, open + 3).0, 0));
        if let Some(place) = place.filter(is_named) {
            let written = self.file(place, true, at);
            self.module.writes.push(written);
        }
    }

    /// `app.set('views', path.join(__dirname, 'views'))`
    fn views(&mut self) {
        let Some(value) = self.names.settings.get("views") else { return };
        if let Some(place) = self.place(value, 0).filter(is_named) {
            let (at, call) = (value.at, "set".to_owned());
            self.module.reads.push(FileUse { call, ..self.file(place, true, at) });
        }
    }

    /// The path that an expression comes to.
    fn place(&self, expr: &Expr<'a>, depth: u8) -> Option<Place> {
        if depth > 12 {
            return None;
        }
        let depth = depth + 1;
        match &expr.shape {
            Shape::Str(text) => Some(literal(text)),
            // A module that knows no `__dirname` of its own may give it another meaning.
            Shape::Name("__dirname") => self.bound("__dirname", expr, depth).or_else(|| Some(own_folder())),
            Shape::Name(name) => self.bound(name, expr, depth),
            Shape::Member(_, key) => self.member(expr, key, depth),
            Shape::Call { callee, args } => self.made(callee, args, depth),
            Shape::Binary("+", left, right) => self.concatenated(left, right, depth),
            Shape::Template(texts, parts) => self.template(texts, parts, depth),
            Shape::Binary("||" | "??", left, right) => {
                let variable = worth(self.names, left).variable;
                let place = self.place(right, depth).or_else(|| self.place(left, depth))?;
                Some(Place { variable: place.variable.clone().or(variable), ..place })
            }
            Shape::Conditional(test, then, other) => self.chosen(test, then, other, depth),
            _ => None,
        }
    }

    fn bound(&self, name: &str, expr: &Expr<'a>, depth: u8) -> Option<Place> {
        let bound = self.names.lookup(name, expr.at);
        let [only] = bound.as_slice() else { return None };
        self.place(&only.value, depth)
    }

    /// `process.env.DIR ? `${process.env.DIR}/x` : 'data/x'` is the second; `existsSync('/data') ? '/data' : 'x'` is the
    /// first, which an image has.
    fn chosen(&self, test: &Expr<'a>, then: &Expr<'a>, other: &Expr<'a>, depth: u8) -> Option<Place> {
        let looks =
            matches!(&test.shape, Shape::Call { callee, .. } if callee.last_name() == Some("existsSync"));
        if looks {
            return self.place(then, depth);
        }
        let variable = worth(self.names, test).variable?;
        let place = self.place(other, depth)?;
        Some(Place { variable: place.variable.clone().or(Some(variable)), ..place })
    }

    fn member(&self, expr: &Expr<'a>, key: &str, depth: u8) -> Option<Place> {
        let dotted = expr.dotted()?;
        if matches!(&*dotted, "import.meta.dirname" | "import.meta.dir") {
            return Some(own_folder());
        }
        if let Some(bound) = self.names.lookup(&dotted, expr.at).first() {
            return self.place(&bound.value, depth);
        }
        let shared = dotted.strip_prefix("global.").or_else(|| dotted.strip_prefix("globalThis."));
        let plain = |name: &str| name.trim_start_matches('_').replace('_', "").to_ascii_lowercase();
        if shared.is_some_and(|name| OWN_FOLDER.contains(&plain(name).as_str())) {
            // Another file gives it: the one that starts, whose folder is the project's.
            return Some(started_in());
        }
        let Shape::Member(object, _) = &expr.shape else { return None };
        let found = super::worth::Worths::new(self.names).find(object, key, 0)?;
        self.place(&found, depth)
    }

    fn made(&self, callee: &Expr<'a>, args: &[Expr<'a>], depth: u8) -> Option<Place> {
        match callee.last_name()? {
            "cwd" => Some(started_in()),
            "resolve" if args.is_empty() => Some(started_in()),
            "join" => self.joined(args, depth),
            "resolve" => {
                let from = args
                    .iter()
                    .rposition(|arg| arg.as_str().is_some_and(|text| text.starts_with('/')))
                    .unwrap_or(0);
                self.joined(args.get(from..)?, depth)
            }
            "normalize" | "fileURLToPath" | "String" => self.place(args.first()?, depth),
            "file" if callee.dotted()? == "Bun.file" => self.place(args.first()?, depth),
            "dirname" => self.parent(args.first()?, depth),
            "URL" if args.get(1)?.dotted()? == "import.meta.url" => {
                Some(Place { base: Base::ModuleDir, ..literal(args.first()?.as_str()?) })
            }
            _ => None,
        }
    }

    fn parent(&self, file: &Expr<'a>, depth: u8) -> Option<Place> {
        if let Shape::Name("__filename") = &file.shape
            && self.names.lookup("__filename", file.at).is_empty()
        {
            return Some(own_folder());
        }
        if let Shape::Name(name) = &file.shape {
            let bound = self.names.lookup(name, file.at);
            return self.parent(&bound.first()?.value, depth + 1).filter(|_| depth < 8);
        }
        if let Shape::Call { callee, args } = &file.shape
            && callee.last_name() == Some("fileURLToPath")
            && args.first()?.dotted()? == "import.meta.url"
        {
            return Some(own_folder());
        }
        if file.dotted().as_deref() == Some("import.meta.filename") {
            return Some(own_folder());
        }
        let place = self.place(file, depth + 1)?;
        let path = Utf8Path::new(&place.path).parent()?.to_string();
        Some(Place { path, ..place })
    }

    fn joined(&self, args: &[Expr<'a>], depth: u8) -> Option<Place> {
        let mut args = args.iter();
        let mut place = self.place(args.next()?, depth)?;
        for arg in args {
            place = join(place, self.place(arg, depth)?);
        }
        Some(Place { path: tidy(&place.path), ..place })
    }

    fn concatenated(&self, left: &Expr<'a>, right: &Expr<'a>, depth: u8) -> Option<Place> {
        let left = self.place(left, depth)?;
        let right = worth(self.names, right).text?;
        let rooted = left.base == Base::ModuleDir && left.path.is_empty();
        let right = if rooted { right.trim_start_matches('/') } else { &right };
        Some(Place { path: tidy(&format!("{}{right}", left.path)), ..left })
    }

    fn template(&self, texts: &[std::borrow::Cow<'a, str>], parts: &[Expr<'a>], depth: u8) -> Option<Place> {
        let [part] = parts else { return None };
        let ["", rest] = [&**texts.first()?, &**texts.get(1)?] else { return None };
        let place = self.place(part, depth)?;
        let rest = if place.path.is_empty() { rest.trim_start_matches('/') } else { rest };
        Some(Place { path: tidy(&format!("{}{rest}", place.path)), ..place })
    }
}

fn started_in() -> Place {
    Place { base: Base::Cwd, path: String::new(), variable: None }
}

fn own_folder() -> Place {
    Place { base: Base::ModuleDir, path: String::new(), variable: None }
}

fn literal(text: &str) -> Place {
    Place { base: Base::Cwd, path: tidy(text.strip_prefix("file:").unwrap_or(text)), variable: None }
}

/// What is joined is relative, whatever it begins with.
fn join(base: Place, rest: Place) -> Place {
    let path = match (base.path.as_str(), rest.path.trim_start_matches('/')) {
        ("", rest) => rest.to_owned(),
        (base, "") => base.to_owned(),
        (base, rest) => format!("{base}/{rest}"),
    };
    Place { path: tidy(&path), base: base.base, variable: base.variable.or(rest.variable) }
}

/// The path without `.` and, where they can be worked out, `..`.
fn tidy(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in Utf8Path::new(path).components() {
        match part {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir if parts.last().is_some_and(|last| !matches!(*last, ".." | "/")) => {
                parts.pop();
            }
            part => parts.push(part.as_str()),
        }
    }
    parts.join("/").replacen("//", "/", 1)
}

/// A path that names something in particular.
fn is_named(place: &Place) -> bool {
    let path = place.path.as_str();
    !path.is_empty()
        && path != "/"
        && path.len() < 200
        && !path.contains(|c: char| c.is_control() || matches!(c, '*' | '\\' | '<' | '>' | ' ' | ':'))
        && !["/dev/", "/proc/", "/tmp/"].iter().any(|system| path.starts_with(system))
}

fn is_store(place: &Place) -> bool {
    is_named(place) && Utf8Path::new(&place.path).extension().is_some_and(|ending| STORES.contains(&ending))
}

/// A log file: programs write those, and where they cannot, most of them end.
fn is_log(place: &Place) -> bool {
    is_named(place) && Utf8Path::new(&place.path).extension() == Some("log")
}
