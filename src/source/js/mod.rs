//! JavaScript and TypeScript sources: where a program listens, what it reads from its environment, which files and
//! programs it uses. A tolerant reading, of one file at a time: what it does not understand, it passes over.

use std::collections::BTreeMap;

mod config;
mod constants;
mod environment;
mod expr;
mod files;
mod follow;
mod lexer;
mod listen;
mod names;
mod schema;
mod settings;
mod worth;

pub use config::{Value, ValueKind, config_value};
pub use follow::{Counts, Find, Program, Text, program, read_file, resolve};
pub use settings::overlaid;

/// What one file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Module {
    /// What it loads, in order.
    pub imports: Vec<Import>,
    /// Ports that it listens on or that it names, in order.
    pub listens: Vec<Listen>,
    /// Environment variables that it reads, one entry a name, the first line.
    pub env: Vec<EnvRead>,
    /// The line of a handler for SIGTERM.
    pub handles_sigterm: Option<u32>,
    /// Files and folders that it writes.
    pub writes: Vec<FileUse>,
    /// Files and folders that it reads.
    pub reads: Vec<FileUse>,
    /// Programs that it runs as child processes.
    pub runs: Vec<Run>,
    /// What other files can take from it, by dotted name: `port`, `default.server.port`.
    pub constants: BTreeMap<String, Constant>,
    /// Specifiers that it passes on whole (`export * from './x'`).
    pub passes_on: Vec<String>,
}

/// How a module is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// `import x from 'y'`, `export x from 'y'`.
    Import,
    /// `import type`: nothing at run time.
    Type,
    /// `require('y')`, `require.resolve('y')`.
    Require,
    /// `import('y')`.
    Dynamic,
}

/// A module that is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// What stands between the quotes: `express`, `./config`, `node:fs`.
    pub specifier: String,
    /// How.
    pub load: Load,
    /// Loading the file loads it for certain: no function, condition or `try` stands around it, and TypeScript's compiler
    /// does not drop it as a mere type.
    pub at_once: bool,
    /// The line, counted from 1.
    pub line: u32,
}

/// How sure a port is, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sure {
    /// Given to a call that listens: `app.listen(3000)`, `Bun.serve({ port })`, `export default { port, fetch }`.
    Listens,
    /// The default of a command line option called port.
    Option,
    /// A setting called port: `app.set('port', ...)`, `PORT: z.number().default(3000)`, `env: 'PORT'`.
    Setting,
    /// A mere constant called port.
    Named,
}

/// A port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// The port where nothing changes it; `None` where the file does not say.
    pub port: Option<u16>,
    /// The environment variable that changes it.
    pub variable: Option<String>,
    /// There is a variable and no fallback.
    pub must_set: bool,
    /// The host, where it is known: `localhost` and `127.0.0.1` do not work in a container.
    pub host: Option<String>,
    /// The environment variable that changes the host.
    pub host_variable: Option<String>,
    /// What is called, as the file names it: `app.listen`, `Bun.serve`, `export default`; a constant's name.
    pub call: String,
    /// The module that the called name is imported from.
    pub from: Option<String>,
    /// Where another file says the port.
    pub refers: Option<Reference>,
    /// The line, counted from 1.
    pub line: u32,
    /// How sure it is.
    pub sure: Sure,
}

/// A value that another file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The module; `None` where the name is not an import.
    pub specifier: Option<String>,
    /// The dotted name in it: `default.port`.
    pub name: String,
}

/// An environment variable that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvRead {
    /// Its name.
    pub name: String,
    /// The literal that is taken where it is not set.
    pub fallback: Option<String>,
    /// Something is taken where it is not set, literal or not.
    pub has_fallback: bool,
    /// Without it, the program throws or exits.
    pub required: bool,
    /// It does so when the file is loaded, not when a function of it is called.
    pub loading: bool,
    /// The line, counted from 1.
    pub line: u32,
}

/// What a path is relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// The folder that the program is started in, or nothing: an absolute path.
    Cwd,
    /// The folder of the file that says it.
    ModuleDir,
}

/// A file or folder that is read or written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileUse {
    /// The path as the file says it, `.` and `..` worked out as far as they can be.
    pub path: String,
    /// What it is relative to.
    pub base: Base,
    /// The variable that changes it.
    pub variable: Option<String>,
    /// A folder, as far as the call says.
    pub folder: bool,
    /// The call: `express.static`, `fs.mkdirSync`.
    pub call: String,
    /// The line, counted from 1.
    pub line: u32,
}

/// A program that is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its name: `ffmpeg`, `npm`, `sh`.
    pub program: String,
    /// The line, counted from 1.
    pub line: u32,
}

/// A value that has a name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Constant {
    /// The literal.
    pub text: Option<String>,
    /// The environment variable that it is taken from.
    pub variable: Option<String>,
    /// Where another file says it.
    pub refers: Option<Reference>,
    /// The line, counted from 1.
    pub line: u32,
}

/// A file larger than this was made by a program.
const LARGEST: usize = 2 << 20;

/// Reads one file.
#[must_use]
pub fn read(text: &str) -> Module {
    if text.len() > LARGEST {
        return Module::default();
    }
    let tokens = lexer::lex(text);
    let names = names::names(&tokens);
    let mut module = Module {
        constants: constants::constants(&names),
        handles_sigterm: environment::sigterm(&names),
        env: environment::reads(&names),
        ..Module::default()
    };
    module.listens = listen::listens(&names, &module.constants);
    module.listens.extend(listen::by_environment(&module.env, &module.listens));
    files::uses(&names, &mut module);
    module.imports = names.imports;
    module.passes_on = names.passes_on;
    module
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Load::{Dynamic, Import, Require, Type};
    use super::*;

    /// The surest port of a file: port, variable, whether it must be set.
    fn port(text: &str) -> Option<(Option<u16>, Option<String>, bool)> {
        let listen = read(text).listens.into_iter().next()?;
        Some((listen.port, listen.variable, listen.must_set))
    }

    #[track_caller]
    fn listens(text: &str, port_wanted: u16, variable: Option<&str>) {
        let listen = read(text).listens.into_iter().next();
        let listen = listen.unwrap_or_else(|| panic!("nothing in {text}"));
        assert_eq!((listen.port, listen.variable.as_deref()), (Some(port_wanted), variable), "{text}");
        assert!(!listen.must_set && listen.sure == Sure::Listens, "{text}: {listen:?}");
    }

    #[test]
    fn a_port_is_what_listen_is_given() {
        listens("app.listen(3000)", 3000, None);
        listens("app.listen(process.env.PORT || 3000, () => console.log('up'))", 3000, Some("PORT"));
        listens("await app.listen({ port: +(process.env.PORT ?? 8_080), host: '::' })", 8080, Some("PORT"));
        listens("server.listen(Number(process.env.PORT) || 0xBB8)", 3000, Some("PORT"));
        listens("app.listen(parseInt(process.env['PORT'] || '5000', 10), '0.0.0.0')", 5000, Some("PORT"));
        listens("http.createServer(app).listen(4000)", 4000, None);
        listens("const { PORT = 3000 } = process.env;\napp.listen(PORT)", 3000, Some("PORT"));
        listens(
            "app.set('port', process.env.PORT || 1337); server.listen(app.get('port'))",
            1337,
            Some("PORT"),
        );
        listens(
            "var port = normalizePort(process.env.PORT || '3000');\nserver.listen(port);",
            3000,
            Some("PORT"),
        );
        listens(
            "let port = 3000; if (process.env.PORT) port = process.env.PORT; app.listen(port)",
            3000,
            Some("PORT"),
        );
        listens("const config = { server: { port: 9000 } };\napp.listen(config.server.port)", 9000, None);
        listens("class A { port = 4000; start() { this.app.listen(this.port) } }", 4000, None);
        listens("uws.App().listen('0.0.0.0', 9001, t => {})", 9001, None);
        listens(
            "const isProd = process.env.NODE_ENV === 'production';\napp.listen(isProd ? 8080 : 3000)",
            8080,
            None,
        );
        listens("app.listen(process.env.PORT ? Number(process.env.PORT) : 3000)", 3000, Some("PORT"));
        listens("app.listen(process.argv[2] || 7000)", 7000, None);
        listens(
            "app.listen([args.port, process.env.PORT, 3001].map(Number).find(p => p))",
            3001,
            Some("PORT"),
        );
        listens("import { env } from 'node:process'; app.listen(env.PORT ?? 3000)", 3000, Some("PORT"));
        listens(
            "const port: number = <number>(process.env.PORT as any) || 3000;\napp.listen(port!)",
            3000,
            Some("PORT"),
        );
        listens("app.listen(config.get<number>('PORT', 3000))", 3000, Some("PORT"));
        listens("app.listen(await getPort({ port: 3000 }))", 3000, None);
        listens("grpc.bindAsync('0.0.0.0:50051', creds, () => {})", 50051, None);
        listens("grpc.bindAsync(`0.0.0.0:${process.env.PORT || 50052}`, creds, cb)", 50052, Some("PORT"));
    }

    #[test]
    fn servers_take_a_port_as_an_option() {
        listens("Bun.serve({ port: process.env.PORT || 3000, fetch(req) { return x } })", 3000, Some("PORT"));
        listens("serve({ fetch: app.fetch, port: 8787 }, (i) => {})", 8787, None);
        listens("const options = { port: 4001 };\nconst wss = new WebSocket.Server(options)", 4001, None);
        listens("new WebSocketServer({ port: 8081 })", 8081, None);
        listens("Hapi.server({ port: 3000, host: 'localhost' })", 3000, None);
        listens("startStandaloneServer(server, { listen: { port: 4000 } })", 4000, None);
        listens("export default { port: process.env.PORT || 3100, fetch: app.fetch }", 3100, Some("PORT"));
        let unknown = read("Bun.serve({ fetch(req) { return new Response('x') } })").listens;
        assert_eq!((unknown[0].port, unknown[0].call.as_str()), (None, "Bun.serve"));
    }

    #[test]
    fn schemas_say_the_default() {
        let zod = "const env = z.object({ PORT: z.coerce.number().default(3000) }).parse(process.env);\n";
        listens(&format!("{zod}app.listen(env.PORT)"), 3000, Some("PORT"));
        let envalid = "const env = cleanEnv(process.env, { PORT: port({ default: 8000 }) });\n";
        listens(&format!("{envalid}app.listen(env.PORT)"), 8000, Some("PORT"));
        let convict =
            "const config = convict({ port: { format: 'port', default: 3001, env: 'APP_PORT' } });\n";
        listens(&format!("{convict}app.listen(config.get('port'))"), 3001, Some("APP_PORT"));
    }

    #[test]
    fn without_a_fallback_it_must_be_set() {
        assert_eq!(port("app.listen(process.env.PORT)"), Some((None, Some("PORT".into()), true)));
        assert_eq!(
            port("app.listen(process.env.PORT || fallback())"),
            Some((None, Some("PORT".into()), false))
        );
    }

    #[test]
    fn options_and_constants_are_less_sure() {
        let sure = |text: &str| {
            read(text).listens.first().map(|listen| (listen.sure, listen.port, listen.variable.clone()))
        };
        let option =
            "const DEFAULT_PORT = '3000'; new Option('-p, --port <n>').env('PORT').default(DEFAULT_PORT)";
        assert_eq!(sure(option), Some((Sure::Option, Some(3000), Some("PORT".into()))));
        assert_eq!(
            sure("p.option('--port <int>', 'desc', parseInt, 4242)"),
            Some((Sure::Option, Some(4242), None))
        );
        assert_eq!(
            sure("yargs.option('port', { alias: 'p', default: 8080 })"),
            Some((Sure::Option, Some(8080), None))
        );
        assert_eq!(
            sure("module.exports = { public: true, port: 9000 }"),
            Some((Sure::Named, Some(9000), None))
        );
        assert_eq!(sure("export const DEFAULT_PORT = 3000"), Some((Sure::Named, Some(3000), None)));
    }

    #[test]
    fn a_clients_port_is_no_listen() {
        for text in [
            "const client = new Client({ host: 'db', port: 5432, user: 'x' })",
            "createConnection({ host: 'db', port: 3306 })",
            "module.exports = { port: 5432, host: 'x', username: 'u', password: 'p' }",
            "export const config = { redis: { port: 6379 }, smtp: { port: 25 } }",
            "mongoose.connect('mongodb://mongo:27017/test')",
            "const DB_PORT = 5432; const redisPort = 6379",
            "history.listen((location) => {})",
            "function radius(secret, port = 1812) { send(port) }",
            "class S { listen(port = 3000) { return 1 } }",
            "app.listen(0)",
            "app.listen('/tmp/app.sock')",
            "// app.listen(3000)\nconst s = 'app.listen(3000)'; const r = /app.listen(3000)/",
            "app.listen(isDev ? 3001 : 3000)",
        ] {
            let sure: Vec<_> =
                read(text).listens.into_iter().filter(|listen| listen.port.is_some()).collect();
            assert_eq!(sure, [], "{text}");
        }
    }

    #[test]
    fn the_innermost_declaration_counts() {
        let text = "function a() { const port = 1111; connect(port) }\nfunction b() { const port = 2222;\n app.listen(port) }";
        listens(text, 2222, None);
        assert_eq!(read(text).listens[0].line, 3);
    }

    #[test]
    fn hosts_are_kept() {
        let listens = read("app.listen(3000, process.env.HOST || '127.0.0.1')").listens;
        assert_eq!(
            (listens[0].host.as_deref(), listens[0].host_variable.as_deref()),
            (Some("127.0.0.1"), Some("HOST"))
        );
        assert_eq!(
            read("f.listen({ port: 3000, host: 'localhost' })").listens[0].host.as_deref(),
            Some("localhost")
        );
    }

    #[test]
    fn variables_with_fallbacks_and_needs() {
        let env = read(
            "const { A, B = 'b' } = process.env;\nif (!process.env.DATABASE_URL || !A) {\n  throw new Error('x');\n}\n\
             const c = Number(process.env.C) || 3;\nconst d = process.env.D;\ninvariant(process.env.SECRET, 'set it');\n\
             const e = requireEnv('E1');\nconst f = config.getOrThrow('F1');\nif (!process.env.G) console.log('off');\n\
             const h = process.env.H ?? fail('h'); process.env.SET = '1';",
        )
        .env;
        let find = |name: &str| env.iter().find(|read| read.name == name).unwrap();
        let required: Vec<_> =
            env.iter().filter(|read| read.required).map(|read| read.name.as_str()).collect();
        assert_eq!(required, ["A", "DATABASE_URL", "SECRET", "E1", "F1"]);
        assert_eq!((find("B").fallback.as_deref(), find("C").fallback.as_deref()), (Some("b"), Some("3")));
        assert!(!find("D").has_fallback && !find("H").has_fallback && find("DATABASE_URL").line == 2);
        assert!(env.iter().all(|read| read.name != "SET"));
    }

    #[test]
    fn sigterm() {
        assert_eq!(read("\nprocess.on('SIGTERM', () => stop())").handles_sigterm, Some(2));
        assert!(read("for (const s of ['SIGINT', 'SIGTERM']) process.on(s, stop)").handles_sigterm.is_some());
        assert_eq!(read("process.on('SIGINT', stop); child.kill('SIGTERM')").handles_sigterm, None);
    }

    #[test]
    fn files_and_their_bases() {
        let module = read(
            "fs.mkdirSync(path.join(__dirname, '../uploads'), { recursive: true });\n\
             const db = new Database('data/app.db');\nconst up = multer({ dest: 'uploads/' });\n\
             const location = process.env.SQLITE_DB_LOCATION || '/etc/todos/todo.db';\n\
             const db2 = new sqlite3.Database(location, cb);\n\
             fs.createWriteStream(`${__dirname}/logs/access.log`);\n\
             app.use(express.static(path.join(__dirname, 'public')));\nres.sendFile(path.resolve(__dirname + '/views/index.html'));\n\
             app.set('views', path.join(process.cwd(), 'views'));\nserveStatic({ root: './dist' });\n\
             readFileSync(new URL('./schema.sql', import.meta.url));\nfs.writeFileSync(name, 'x');",
        );
        let written: Vec<_> =
            module.writes.iter().map(|file| (file.base, file.path.as_str(), file.line)).collect();
        assert_eq!(
            written,
            [
                (Base::ModuleDir, "../uploads", 1),
                (Base::Cwd, "data/app.db", 2),
                (Base::Cwd, "uploads", 3),
                (Base::Cwd, "/etc/todos/todo.db", 5),
                (Base::ModuleDir, "logs/access.log", 6),
            ]
        );
        assert_eq!(module.writes[3].variable.as_deref(), Some("SQLITE_DB_LOCATION"));
        let read: Vec<_> = module.reads.iter().map(|file| (file.base, file.path.as_str())).collect();
        assert_eq!(
            read,
            [
                (Base::ModuleDir, "public"),
                (Base::ModuleDir, "views/index.html"),
                (Base::Cwd, "dist"),
                (Base::ModuleDir, "schema.sql"),
                (Base::Cwd, "views"),
            ]
        );
    }

    #[test]
    fn a_variable_that_moves_a_folder() {
        let module = read(
            "const FILE = process.env.CONFIG ? `${process.env.CONFIG}/settings.json` : path.join(__dirname, '../config/settings.json');\n\
             fs.writeFileSync(FILE, '{}');\nconst data = fs.existsSync('/data') ? '/data' : root;\nfs.mkdirSync(data);\n\
             if (names.includes('app.sqlite')) { zip.extract('app.sqlite', x) }",
        );
        let written: Vec<_> = module.writes.iter().map(|file| (file.base, file.path.as_str())).collect();
        assert_eq!(written, [(Base::ModuleDir, "../config/settings.json"), (Base::Cwd, "/data")]);
        assert_eq!(module.writes[0].variable.as_deref(), Some("CONFIG"));
    }

    #[test]
    fn the_modules_own_folder_in_es_modules() {
        let module = read(
            "const __filename = fileURLToPath(import.meta.url);\nconst __dirname = path.dirname(__filename);\n\
             const pub = join(__dirname, 'public');\napp.use(express.static(pub));\nfs.mkdir(join(import.meta.dirname, 'tmp'));",
        );
        assert_eq!((module.reads[0].base, module.reads[0].path.as_str()), (Base::ModuleDir, "public"));
        assert_eq!((module.writes[0].base, module.writes[0].path.as_str()), (Base::ModuleDir, "tmp"));
    }

    #[test]
    fn child_processes() {
        let module = read(
            "const { exec, spawn } = require('child_process');\nconst run = promisify(exec);\nspawn('ffmpeg', ['-i']);\n\
             exec(`git log ${x}`);\n/x/.exec('not this');\nBun.spawn(['convert', 'a']);\nspawn(process.execPath, []);",
        );
        let runs: Vec<_> = module.runs.iter().map(|run| run.program.as_str()).collect();
        assert_eq!(runs, ["ffmpeg", "sh", "git", "convert"]);
    }

    #[test]
    fn imports_of_every_kind() {
        let module = read(
            "import a, { b as c } from 'a';\nimport * as d from './d';\nimport 'side';\nimport type { T } from 't';\n\
             const e = require('e');\nawait import('./f.js');\nexport * from './g';\nexport { h } from './h';\nx.import('no');",
        );
        let all: Vec<_> =
            module.imports.iter().map(|import| (import.specifier.as_str(), import.load)).collect();
        assert_eq!(
            all,
            [
                ("a", Import),
                ("./d", Import),
                ("side", Import),
                ("t", Type),
                ("e", Require),
                ("./f.js", Dynamic),
                ("./g", Import),
                ("./h", Import)
            ]
        );
    }

    #[test]
    fn uploads_are_written() {
        let written = |storage: &str| {
            let text = format!("import multer from 'multer'; multer.diskStorage({{ {storage} }})");
            read(&text).writes.into_iter().map(|one| (one.path, one.folder)).collect::<Vec<_>>()
        };
        let folder = [("uploads".to_owned(), true)];
        assert_eq!(written("destination(req, file, cb) { cb(null, 'uploads/') }"), folder);
        assert_eq!(written("destination: (req, file, cb) => cb(null, './uploads')"), folder);
        assert!(written("filename(req, file, cb) { cb(null, 'a') }").is_empty());
    }

    #[test]
    fn markup_does_not_hide_what_follows() {
        let text = "const App = () => <div className=\"a\">Don't `worry` {list.map(x => <b key={x}>it's {x}</b>)} </div>;\n\
                    const f = <T,>(x: T) => x; const g = <T extends object>(x: T) => a < b / c;\n\
                    const r = <img src='x' />; if (x) /['\"`]/.test(y);\napp.listen(3000);";
        listens(text, 3000, None);
        assert_eq!(read(text).listens[0].line, 4);
        listens(
            "const q = \"it's\"; const p = 'say \\'hi\\''; // don't\n/* ` */ app.listen(3001)",
            3001,
            None,
        );
        listens("const t = `a ${b ? `c ${d}` : '}'} e`; app.listen(3002)", 3002, None);
        listens("const x = a / b; const y = c /d/ e; const z = arr[0] / 2; app.listen(3003)", 3003, None);
    }

    #[test]
    fn deep_and_long_is_no_trouble() {
        for piece in [
            "(",
            "{",
            "[",
            "a(",
            "`${",
            "<a>",
            "a.b",
            "!",
            "a?",
            "x=>",
            "{a:",
            "a+",
            "/[",
            "'\\",
            "listen({a:",
        ] {
            let text = piece.repeat(20_000);
            let _ = read(&format!("const port = {text}; app.listen({text}"));
        }
        let mut chain = "const a0 = 1;".to_owned();
        for n in 1..500 {
            chain.extend([
                "const a",
                &n.to_string(),
                " = a",
                &(n - 1).to_string(),
                " || a",
                &(n - 1).to_string(),
                ";",
            ]);
        }
        let _ = read(&format!("{chain} app.listen(a499)"));
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = read(&text);
            let _ = config_value(&text, &["a", "b"]);
        }

        #[test]
        fn never_panics_on_what_looks_like_code(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "const ", "port", " = ", "process.env", ".PORT", "||", "??", "(", ")", "{", "}", "[", "]", "`", "${", "'",
                    "\"", "/", "<", ">", "</", "/>", "a", "=>", ",", ":", ";", "\n", "3000", "listen", "export default ",
                    "import ", "from ", "require", "*", "...", "?", "\\", "é", "new ", "if", "async ", "<T>", "0", "e", "-",
                ]),
                0..60,
            ),
        ) {
            let text: String = parts.concat();
            let _ = read(&text);
            let _ = config_value(&text, &["a"]);
        }
    }
}
