//! From the file that is started through what it loads: a port that one file names and another listens on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::worth::Worth;
use super::{Constant, Listen, Load, Module, Reference, Sure, constants, read};

/// Gives a file's text; `None` where there is no such file.
pub type Text<'f> = &'f dyn Fn(&Utf8Path) -> Option<Arc<str>>;

/// Whether a port of a file can be the program's own.
pub type Counts<'f> = &'f dyn Fn(&Utf8Path, &Listen) -> bool;

/// Gives the file that a specifier stands for in a file; [`resolve`] does where nothing is compiled.
pub type Find<'f> = &'f dyn Fn(&Utf8Path, &str) -> Option<Utf8PathBuf>;

/// Enough for any program that a person wrote.
const MOST: usize = 2000;

/// The files of a program, from its entry on.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// What each file says, by path.
    pub modules: BTreeMap<Utf8PathBuf, Module>,
    /// The files in the order in which they are reached, the entry first.
    pub order: Vec<Utf8PathBuf>,
}

/// Reads files and every file of this repository that they load at run time; the first is what is started.
#[must_use]
pub fn program(entries: &[Utf8PathBuf], text: Text<'_>, find: Find<'_>) -> Program {
    let mut program = Program::default();
    let mut seen: BTreeSet<Utf8PathBuf> = entries.iter().cloned().collect();
    let mut waiting: VecDeque<Utf8PathBuf> = entries.iter().cloned().collect();
    while let Some(path) = waiting.pop_front() {
        let Some(source) = text(&path).filter(|_| program.order.len() < MOST) else { continue };
        let module = read_file(&path, &source);
        let loads = module.imports.iter().filter(|import| import.load != Load::Type);
        for specifier in loads.map(|import| &import.specifier).chain(&module.passes_on) {
            if let Some(next) = find(&path, specifier)
                && seen.insert(next.clone())
            {
                waiting.push_back(next);
            }
        }
        program.order.push(path.clone());
        program.modules.insert(path, module);
    }
    program
}

/// One file by itself; JSON is what a file of it would export.
#[must_use]
pub fn read_file(path: &Utf8Path, source: &str) -> Module {
    match path.extension() {
        Some("yaml" | "yml") => super::settings::yaml(source),
        Some("json" | "json5") => read(&format!("module.exports = {source}")),
        Some("node" | "css" | "svg" | "png" | "html") => Module::default(),
        _ => read(source),
    }
}

/// The endings that a specifier may leave out.
const ENDINGS: [&str; 9] = ["", ".ts", ".js", ".mjs", ".cjs", ".tsx", ".jsx", ".mts", ".json"];

/// The file of this repository that a specifier stands for.
#[must_use]
pub fn resolve(from: &Utf8Path, specifier: &str, text: Text<'_>) -> Option<Utf8PathBuf> {
    let folder = from.parent().unwrap_or(Utf8Path::new(""));
    if specifier.starts_with("./") || specifier.starts_with("../") || matches!(specifier, "." | "..") {
        return file_at(&within(folder, specifier)?, text);
    }
    // What compilers are told to call the sources' folder; only a file that is there counts.
    let rest = ["@/", "~/", "src/"].iter().find_map(|alias| specifier.strip_prefix(alias))?;
    let homes = folder.ancestors().flat_map(|above| [above.join("src"), above.to_owned()]);
    homes.filter_map(|home| within(&home, rest)).find_map(|path| file_at(&path, text))
}

/// The file that a path stands for, with the ending and the index that it may leave out.
fn file_at(path: &Utf8Path, text: Text<'_>) -> Option<Utf8PathBuf> {
    let is_file = |path: &Utf8PathBuf| path.extension().is_some() && text(path).is_some();
    let plain = ENDINGS.iter().map(|ending| Utf8PathBuf::from(format!("{path}{ending}")));
    let compiled = compiled_from(path).into_iter();
    let index = ENDINGS.iter().skip(1).map(|ending| path.join(format!("index{ending}")));
    plain.chain(compiled).chain(index).find(is_file)
}

/// `./config.js` in a TypeScript file is config.ts.
fn compiled_from(path: &Utf8Path) -> Option<Utf8PathBuf> {
    let ending = match path.extension()? {
        "js" => "ts",
        "mjs" => "mts",
        "cjs" => "cts",
        "jsx" => "tsx",
        _ => return None,
    };
    Some(path.with_extension(ending))
}

/// A relative path below a folder; `None` where it leaves the repository.
fn within(folder: &Utf8Path, relative: &str) -> Option<Utf8PathBuf> {
    let mut path = folder.to_owned();
    for part in Utf8Path::new(relative).components() {
        match part {
            Utf8Component::ParentDir => {
                if !path.pop() {
                    return None;
                }
            }
            Utf8Component::Normal(name) => path.push(name),
            Utf8Component::CurDir => {}
            _ => return None,
        }
    }
    Some(path)
}

impl Program {
    /// The ports that the program listens on, each with its file, the surest first; what other files say is put in.
    ///
    /// An option, a setting or a constant counts where no call that listens says its port. `settings` are files that
    /// hold settings (`config/defaults.js`), which a program may load in ways that no reader sees.
    #[must_use]
    pub fn listens(
        &self,
        find: Find<'_>,
        settings: &[Module],
        counts: Counts<'_>,
    ) -> Vec<(Utf8PathBuf, Listen)> {
        let mut found: Vec<(Utf8PathBuf, Listen)> = Vec::new();
        for path in &self.order {
            let listens = self.modules.get(path).map(|module| module.listens.as_slice()).unwrap_or_default();
            // Only the file that is started is served by its default export.
            let entry = self.order.first() == Some(path);
            let served = |listen: &&Listen| entry || listen.call != "export default";
            for listen in listens.iter().filter(served).filter(|listen| counts(path, listen)) {
                found.push((path.clone(), self.complete(path, listen, find, settings)));
            }
        }
        found.sort_by_key(|(_, listen)| listen.sure);
        let known = |listen: &Listen| listen.port.is_some() || listen.must_set;
        let sure = found.iter().any(|(_, listen)| listen.sure == Sure::Listens && known(listen));
        found.retain(|(_, listen)| !sure || listen.sure == Sure::Listens);
        found
    }

    fn complete(&self, path: &Utf8Path, listen: &Listen, find: Find<'_>, settings: &[Module]) -> Listen {
        let mut listen = listen.clone();
        let Some(refers) = listen.refers.clone() else { return listen };
        let worth = self.worth(path, &refers, find, 0).or_else(|| setting(settings, &refers.name));
        let Some(worth) = worth else {
            // A fallback that another file overrides says nothing.
            listen.port = None;
            return listen;
        };
        listen.port = worth.port().or(listen.port);
        listen.variable = worth.variable.or(listen.variable);
        listen.must_set = listen.port.is_none() && listen.variable.is_some();
        listen.refers = None;
        listen
    }

    /// What another file says of a name.
    fn worth(&self, path: &Utf8Path, refers: &Reference, find: Find<'_>, depth: u8) -> Option<Worth> {
        if depth > 8 {
            return None;
        }
        let target = find(path, refers.specifier.as_deref()?)?;
        let module = self.modules.get(&target)?;
        if let Some(constant) = lookup(module, &refers.name) {
            return self.constant(&target, constant, find, depth);
        }
        if let Some(through) = through(module, &refers.name) {
            return self.worth(&target, &through, find, depth + 1);
        }
        let passed = module.passes_on.iter().find_map(|specifier| {
            let refers = Reference { specifier: Some(specifier.clone()), name: refers.name.clone() };
            self.worth(&target, &refers, find, depth + 1)
        });
        passed.or_else(|| option_of(module, &refers.name))
    }

    fn constant(&self, path: &Utf8Path, constant: &Constant, find: Find<'_>, depth: u8) -> Option<Worth> {
        let own =
            Worth { text: constant.text.clone(), variable: constant.variable.clone(), ..Worth::default() };
        let other = constant.refers.as_ref().filter(|_| own.text.is_none());
        match other.and_then(|refers| self.worth(path, refers, find, depth + 1)) {
            Some(other) => Some(Worth {
                variable: own.variable.or(other.variable),
                text: other.text,
                ..Worth::default()
            }),
            None => Some(own).filter(|own| !own.is_empty()),
        }
    }
}

/// A constant by the name that an importing file knows it by.
fn lookup<'m>(module: &'m Module, name: &str) -> Option<&'m Constant> {
    let plain = name.strip_prefix("*.").unwrap_or(name);
    let constants = &module.constants;
    let default = || constants.get(&format!("default.{plain}"));
    // `import config from` and `require` both give what CommonJS exports.
    let bare = || plain.strip_prefix("default.").and_then(|rest| constants.get(rest));
    constants.get(plain).or_else(default).or_else(bare)
}

/// Where a file that hands on another's object has it from: `module.exports = require('./inner')`.
fn through(module: &Module, name: &str) -> Option<Reference> {
    let (object, key) = name.rsplit_once('.')?;
    let object = if object == "*" { "default" } else { object };
    let refers = lookup(module, object)?.refers.clone()?;
    Some(Reference { name: format!("{}.{key}", refers.name), ..refers })
}

/// The setting of a name in files of settings: `Config.values.server.port` is `server.port` of what one exports.
fn setting(settings: &[Module], name: &str) -> Option<Worth> {
    let mut rest = name;
    while let Some((_, suffix)) = rest.split_once('.') {
        let exported = format!("default.{suffix}");
        if let Some(constant) = settings.iter().find_map(|module| module.constants.get(&exported)) {
            let Constant { text, variable, .. } = constant.clone();
            return Some(Worth { text, variable, ..Worth::default() });
        }
        rest = suffix;
    }
    None
}

/// The option or setting called port of a file, where that is what the name asks for and all of them agree.
fn option_of(module: &Module, name: &str) -> Option<Worth> {
    let last = name.rsplit('.').next().unwrap_or(name);
    if !constants::is_port_name(last) {
        return None;
    }
    let mut options =
        module.listens.iter().filter(|listen| listen.sure != Sure::Listens && listen.port.is_some());
    let first = options.next()?;
    let agree = options.all(|other| other.port == first.port);
    agree.then(|| Worth {
        text: first.port.map(|port| port.to_string()),
        variable: first.variable.clone(),
        ..Worth::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(files: &[(&str, &str)], settings: &[&str]) -> Vec<(String, Option<u16>, Option<String>)> {
        let text = |path: &Utf8Path| {
            files.iter().find(|(name, _)| *name == path.as_str()).map(|(_, text)| Arc::<str>::from(*text))
        };
        let find = |from: &Utf8Path, specifier: &str| resolve(from, specifier, &text);
        let program = program(&[files[0].0.into()], &text, &find);
        let settings: Vec<Module> =
            settings.iter().filter_map(|path| Some(read(&text((*path).into())?))).collect();
        let found = program.listens(&find, &settings, &|_, _| true);
        found.into_iter().map(|(path, listen)| (path.into_string(), listen.port, listen.variable)).collect()
    }

    #[test]
    fn a_port_comes_from_another_file() {
        let variable = Some("PORT".to_owned());
        let found = ports(
            &[
                (
                    "src/main.ts",
                    "import { config } from './config.js';\nimport app from './app';\napp.listen(config.port)",
                ),
                (
                    "src/config.ts",
                    "export const config = { port: process.env.PORT || 3000, db: { port: 5432 } }",
                ),
                ("src/app/index.ts", "export default express()"),
            ],
            &[],
        );
        assert_eq!(found, [("src/main.ts".to_owned(), Some(3000), variable.clone())]);
        let required = [
            (
                "server.js",
                "const { port } = require('./settings'); require('http').createServer().listen(port)",
            ),
            ("settings.js", "module.exports = require('./inner')"),
            ("inner.js", "exports.port = 4000;"),
        ];
        assert_eq!(ports(&required[..2], &[]), [("server.js".to_owned(), None, None)]);
        assert_eq!(ports(&required, &[])[0].1, Some(4000));
        let default = [
            ("index.js", "import cfg from './config/index.js'; app.listen(cfg.server.port)"),
            (
                "config/index.js",
                "const server = { port: 8000 };\nconst config = { server };\nexport default config;",
            ),
        ];
        assert_eq!(ports(&default, &[])[0].1, Some(8000));
        let json =
            [("a.js", "const c = require('./c.json'); app.listen(c.port)"), ("c.json", "{\"port\": 81}")];
        assert_eq!(ports(&json, &[])[0].1, Some(81));
        let passed = [
            ("a.ts", "import { PORT } from './lib'; serve({ fetch, port: PORT })"),
            ("lib/index.ts", "export * from './env'"),
            ("lib/env.ts", "export const PORT = Number(process.env.PORT ?? 7000)"),
        ];
        assert_eq!(ports(&passed, &[]), [("a.ts".to_owned(), Some(7000), variable)]);
    }

    #[test]
    fn an_option_of_the_file_that_is_named() {
        let files = [
            ("index.ts", "import { config } from './src/config.js'; Bun.serve({ port: config.port, fetch })"),
            (
                "src/config.ts",
                "const DEFAULT_PORT = '3000'; const opts = program.addOption(\n\
                 new Option('-p, --port <n>').env('PORT').default(DEFAULT_PORT)).opts();\n\
                 export const config = Schema.parse(opts);",
            ),
        ];
        assert_eq!(ports(&files, &[]), [("index.ts".to_owned(), Some(3000), Some("PORT".to_owned()))]);
    }

    #[test]
    fn settings_that_are_loaded_unseen() {
        let files = [
            ("server.ts", "import Config from './config'; s.listen({ port: Config.values.port || 1 })"),
            ("config.ts", "export default new Config()"),
            ("defaults/config.js", "module.exports = { port: 9000, ident: { port: 113 } }"),
        ];
        assert_eq!(ports(&files, &["defaults/config.js"])[0].1, Some(9000));
        assert_eq!(ports(&files, &[])[0].1, None);
    }

    #[test]
    fn specifiers_stay_in_the_repository() {
        let text = |path: &Utf8Path| (path == "b.ts").then(|| Arc::<str>::from(""));
        assert_eq!(resolve(Utf8Path::new("a.ts"), "./b.js", &text).as_deref(), Some(Utf8Path::new("b.ts")));
        assert_eq!(resolve(Utf8Path::new("a.ts"), "../b", &text), None);
        assert_eq!(resolve(Utf8Path::new("a.ts"), "b", &text), None);
        assert_eq!(resolve(Utf8Path::new("x/y/a.ts"), "@/b", &text).as_deref(), Some(Utf8Path::new("b.ts")));
    }
}
