//! Start commands, as scripts of package.json and lines of a Procfile write them: what is run, with which
//! variables, and whether it takes a shell to understand it.

/// A command line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Command {
    /// The line as it was written, surrounding space removed.
    pub text: String,
    /// It takes a shell: `$PORT`, a pipe, `;`, a glob, `&`.
    pub needs_shell: bool,
    /// The commands of an `a && b` chain in order; the last is the program. Where a shell is needed, as far as they
    /// can be told.
    pub commands: Vec<Simple>,
}

/// One command: variables and words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Simple {
    /// Variables that are set in front of it.
    pub env: Vec<(String, String)>,
    /// Files that variables are read from in front of it (`dotenv -e .env.production --`).
    pub env_files: Vec<String>,
    /// The words, quotes removed.
    pub argv: Vec<String>,
}

/// `node`, `bun` or their kin and the file that they run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs {
    /// The program: `node`, `bun`, `deno`, or one that compiles on the way (`tsx`, `ts-node`).
    pub runtime: String,
    /// Flags of the runtime, in front of the file.
    pub flags: Vec<String>,
    /// The file.
    pub file: String,
    /// What the file is given.
    pub args: Vec<String>,
}

/// Scripts of package.json that a command runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scripts {
    /// Their names, in order.
    pub names: Vec<String>,
    /// What the last one is given.
    pub args: Vec<String>,
    /// They run side by side.
    pub parallel: bool,
    /// The name may also be a program of a package (`yarn x`, `bun x`).
    pub maybe_program: bool,
    /// The folder or workspace that the scripts belong to, where it is not this one (`--prefix server`, `-w api`).
    pub elsewhere: Option<String>,
}

/// Parses a command line.
#[must_use]
pub fn parse(text: &str) -> Command {
    let text = text.trim();
    let mut split = Split::default();
    split.run(text);
    let commands = split.commands.into_iter().filter_map(simple).collect();
    Command { text: text.to_owned(), needs_shell: split.needs_shell, commands }
}

/// A word, and whether its first character was quoted.
#[derive(Debug, Clone, Default)]
struct Word {
    text: String,
    quoted: bool,
}

/// Cuts a line into commands and words.
#[derive(Debug, Default)]
struct Split {
    commands: Vec<Vec<Word>>,
    needs_shell: bool,
    words: Vec<Word>,
    word: Option<Word>,
    /// The next word is a redirection's file.
    redirected: bool,
}

impl Split {
    fn run(&mut self, text: &str) {
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\'' => self.single(&mut chars),
                '"' => self.double(&mut chars),
                '\\' => self.escaped(chars.next()),
                ' ' | '\t' | '\r' => self.end_word(),
                '&' if chars.next_if_eq(&'&').is_some() => self.end_command(),
                '&' if chars.peek() == Some(&'>') => {}
                '>' | '<' => self.redirection(c, &mut chars),
                '#' if self.word.is_none() => break,
                '&' | ';' | '|' | '\n' => {
                    self.needs_shell = true;
                    while chars.next_if(|next| matches!(next, '|' | ';' | '&')).is_some() {}
                    self.end_command();
                }
                _ => self.plain(c, chars.peek().copied()),
            }
        }
        self.end_command();
    }

    fn plain(&mut self, c: char, next: Option<char>) {
        let assigned = self.word.as_ref().is_some_and(|word| word.text.contains('='));
        let special = match c {
            '$' => next.is_some_and(|next| {
                next.is_alphanumeric() || matches!(next, '_' | '{' | '(' | '@' | '*' | '#' | '?')
            }),
            '`' | '(' | ')' => true,
            '*' | '?' | '[' => !assigned,
            '~' => self.word.is_none(),
            '{' => next != Some('}') && self.word.is_none(),
            _ => false,
        };
        self.needs_shell |= special;
        self.word().text.push(c);
    }

    fn word(&mut self) -> &mut Word {
        self.word.get_or_insert_default()
    }

    fn single(&mut self, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
        let word = self.word();
        word.quoted |= word.text.is_empty();
        for c in chars.by_ref() {
            if c == '\'' {
                return;
            }
            self.word().text.push(c);
        }
        self.needs_shell = true;
    }

    fn double(&mut self, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
        let word = self.word();
        word.quoted |= word.text.is_empty();
        while let Some(c) = chars.next() {
            match c {
                '"' => return,
                '\\' => {
                    let escaped = chars.next_if(|next| matches!(next, '"' | '\\' | '$' | '`'));
                    self.word().text.push(escaped.unwrap_or('\\'));
                }
                c => {
                    self.needs_shell |= matches!(c, '$' | '`');
                    self.word().text.push(c);
                }
            }
        }
        self.needs_shell = true;
    }

    fn escaped(&mut self, c: Option<char>) {
        match c {
            Some('\n') | None => {}
            Some(c) => self.word().text.push(c),
        }
    }

    /// `> log`, `2>&1`: output goes to the container's anyway.
    fn redirection(&mut self, c: char, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
        if self.word.as_ref().is_some_and(|word| word.text.bytes().all(|byte| byte.is_ascii_digit())) {
            self.word = None;
        }
        self.end_word();
        self.needs_shell |= c == '<';
        while chars.next_if(|next| matches!(next, '>' | '|')).is_some() {}
        if chars.next_if_eq(&'&').is_some() {
            while chars.next_if(|next| next.is_ascii_digit() || *next == '-').is_some() {}
        } else {
            self.redirected = true;
        }
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        if !std::mem::take(&mut self.redirected) {
            self.words.push(word);
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.redirected = false;
        self.commands.push(std::mem::take(&mut self.words));
    }
}

/// Takes variables and what only sets them off the front of a command.
fn simple(words: Vec<Word>) -> Option<Simple> {
    let mut simple = Simple::default();
    let mut words = words.into_iter().peekable();
    loop {
        let word = words.next()?;
        match (word.text.as_str(), assignment(&word)) {
            (_, Some(assigned)) => simple.env.push(assigned),
            ("cross-env" | "cross-env-shell" | "env" | "exec" | "command" | "nohup", _) => {
                while words.next_if(|word| matches!(word.text.as_str(), "-S" | "-i" | "--")).is_some() {}
            }
            ("dotenv" | "dotenvx", _) => dotenv(&mut words, &mut simple),
            _ => {
                simple.argv.push(word.text);
                simple.argv.extend(words.map(|word| word.text));
                return Some(simple);
            }
        }
    }
}

fn assignment(word: &Word) -> Option<(String, String)> {
    let (name, value) = word.text.split_once('=').filter(|_| !word.quoted)?;
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    named.then(|| (name.to_owned(), value.to_owned()))
}

/// `dotenv -e .env.production -- node x`
fn dotenv(words: &mut std::iter::Peekable<std::vec::IntoIter<Word>>, simple: &mut Simple) {
    while let Some(word) = words.next_if(|word| word.text.starts_with('-') || word.text == "run") {
        match word.text.as_str() {
            "--" => return,
            "-e" | "-f" | "--env-file" => simple.env_files.extend(words.next().map(|file| file.text)),
            "-v" | "-c" | "-p" | "-o" | "run" => {}
            other => simple.env_files.extend(other.split_once('=').map(|(_, file)| file.to_owned())),
        }
    }
}

impl Command {
    /// The command that stays: the last of a chain.
    #[must_use]
    pub fn program(&self) -> Option<&Simple> {
        self.commands.last()
    }
}

/// Runtimes, and programs that compile a file and run it.
const RUNTIMES: [&str; 9] =
    ["node", "nodejs", "bun", "deno", "tsx", "ts-node", "ts-node-dev", "babel-node", "ts-node-esm"];

/// Flags of Node whose value is the next word.
const TAKE_A_WORD: [&str; 12] = [
    "-r",
    "--require",
    "--import",
    "--loader",
    "--experimental-loader",
    "-C",
    "--conditions",
    "--env-file",
    "--project",
    "-P",
    "--compiler",
    "--preload",
];

/// Words of package managers that are no script's name.
const NO_SCRIPTS: [&str; 24] = [
    "add",
    "audit",
    "build-if-present",
    "cache",
    "ci",
    "config",
    "create",
    "dedupe",
    "deploy",
    "dlx",
    "exec",
    "i",
    "init",
    "install",
    "link",
    "node",
    "npm",
    "pack",
    "publish",
    "remove",
    "set",
    "up",
    "upgrade",
    "x",
];

impl Simple {
    /// The program's name without its folder and Windows' ending.
    #[must_use]
    pub fn program(&self) -> Option<&str> {
        let first = self.argv.first()?;
        let name = first.rsplit(['/', '\\']).next().unwrap_or(first);
        Some(name.strip_suffix(".cmd").unwrap_or(name))
    }

    /// The file that node, bun or a kin of theirs runs.
    #[must_use]
    pub fn runs(&self) -> Option<Runs> {
        let runtime = self.program().filter(|program| RUNTIMES.contains(program))?;
        let mut words = self.argv.iter().skip(1).peekable();
        let mut flags = Vec::new();
        if matches!(runtime, "bun" | "deno") {
            words.next_if(|word| *word == "run");
        }
        let file = loop {
            let word = words.next()?;
            if matches!(word.as_str(), "-e" | "--eval" | "-p" | "--print" | "-c" | "--check") {
                return None;
            }
            if !word.starts_with('-') {
                break word;
            }
            flags.push(word.clone());
            if word == "--" {
                flags.pop();
            } else if TAKE_A_WORD.contains(&word.as_str()) {
                flags.extend(words.next().cloned());
            }
        };
        let is_file = !matches!(runtime, "bun" | "deno") || file.contains(['.', '/']);
        is_file.then(|| Runs {
            runtime: if runtime == "nodejs" { "node".to_owned() } else { runtime.to_owned() },
            flags,
            file: file.clone(),
            args: words.cloned().collect(),
        })
    }

    /// The scripts of package.json that it runs.
    #[must_use]
    pub fn scripts(&self) -> Option<Scripts> {
        let rest = self.argv.get(1..)?;
        match self.program()? {
            "npm" => npm(rest),
            "pnpm" | "yarn" | "bun" => named_script(rest),
            "run-s" | "run-p" => listed(rest, self.program() == Some("run-p")),
            "npm-run-all" | "npm-run-all2" => listed(rest, false),
            _ => None,
        }
    }

    /// The words behind `npx`, `bunx`, `pnpm exec`, `pnpm dlx`, `yarn exec`.
    #[must_use]
    pub fn package_program(&self) -> Option<&[String]> {
        let second = self.argv.get(1).map(String::as_str);
        let skip = match (self.program()?, second) {
            ("npx" | "bunx" | "pnpx", _) => 1,
            ("npm" | "pnpm" | "yarn", Some("exec" | "dlx")) | ("bun", Some("x")) => 2,
            _ => return None,
        };
        let rest = self.argv.get(skip..)?;
        let start = rest.iter().position(|word| !word.starts_with('-'))?;
        rest.get(start..)
    }
}

fn npm(words: &[String]) -> Option<Scripts> {
    let (words, elsewhere) = without_flags(words);
    match words.as_slice() {
        ["run" | "run-script" | "rum", name, rest @ ..]
        | [name @ ("start" | "stop" | "test" | "restart"), rest @ ..] => Some(one(name, rest, elsewhere)),
        _ => None,
    }
}

fn named_script(words: &[String]) -> Option<Scripts> {
    let (words, mut elsewhere) = without_flags(words);
    let mut words = words.as_slice();
    // `yarn workspace api start`
    if let ["workspace", member, rest @ ..] = words {
        elsewhere = Some((*member).to_owned());
        words = rest;
    }
    match words {
        ["run" | "run-script", name, rest @ ..] => {
            let file = name.contains(['/', '.']);
            (!file).then(|| one(name, rest, elsewhere))
        }
        [name, rest @ ..] if !NO_SCRIPTS.contains(name) && !name.contains(['/', '.']) => {
            let certain = matches!(*name, "start" | "test");
            Some(Scripts { maybe_program: !certain, ..one(name, rest, elsewhere) })
        }
        _ => None,
    }
}

fn one(name: &str, args: &[&str], elsewhere: Option<String>) -> Scripts {
    let args = args.iter().skip_while(|arg| **arg == "--").map(|arg| (*arg).to_owned()).collect();
    Scripts { names: vec![name.to_owned()], args, elsewhere, ..Scripts::default() }
}

/// The words of a package manager without its own flags in front of the script, and the folder that they name.
fn without_flags(words: &[String]) -> (Vec<&str>, Option<String>) {
    let mut kept: Vec<&str> = Vec::new();
    let mut elsewhere = None;
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let named = kept.iter().any(|word| !matches!(*word, "run" | "run-script"));
        if word == "--" || named && !matches!(word, "--prefix" | "-w" | "--workspace") {
            kept.push(word);
            kept.extend(words.by_ref());
        } else if matches!(
            word,
            "--prefix" | "-C" | "--dir" | "--cwd" | "-w" | "--workspace" | "--filter" | "-F"
        ) {
            elsewhere = words.next().map(str::to_owned);
        } else if let Some((flag, value)) = word.split_once('=').filter(|_| word.starts_with("--")) {
            if matches!(flag, "--prefix" | "--dir" | "--cwd" | "--workspace" | "--filter") {
                elsewhere = Some(value.to_owned());
            }
        } else if !word.starts_with('-') {
            kept.push(word);
        }
    }
    (kept, elsewhere)
}

/// `run-s build start`, `npm-run-all --parallel a b`
fn listed(words: &[String], parallel: bool) -> Option<Scripts> {
    let own: Vec<&str> = words.iter().map(String::as_str).take_while(|word| *word != "--").collect();
    let parallel = parallel || own.iter().any(|word| matches!(*word, "-p" | "--parallel"));
    let names: Vec<String> =
        own.iter().filter(|word| !word.starts_with('-')).map(|word| (*word).to_owned()).collect();
    (!names.is_empty()).then(|| Scripts { names, parallel, ..Scripts::default() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn argv(text: &str) -> Vec<String> {
        let command = parse(text);
        assert!(!command.needs_shell, "{text}");
        command.program().map(|simple| simple.argv.clone()).unwrap_or_default()
    }

    #[test]
    fn variables_and_wrappers_go() {
        for text in [
            "NODE_ENV=production node dist/main.js",
            "cross-env NODE_ENV=production node dist/main.js",
            "env NODE_ENV=production node dist/main.js",
            "exec env NODE_ENV='production' node \"dist/main.js\"",
            "npx-is-not && NODE_ENV=production node dist/main.js > out.log 2>&1",
        ] {
            let command = parse(text);
            let simple = command.program().unwrap();
            assert_eq!(simple.argv, ["node", "dist/main.js"], "{text}");
            assert_eq!(simple.env, [("NODE_ENV".to_owned(), "production".to_owned())], "{text}");
            assert!(!command.needs_shell, "{text}");
        }
        let dotenv = parse("dotenv -e .env.production -- node x.js");
        assert_eq!(dotenv.commands[0].env_files, [".env.production"]);
        assert_eq!(dotenv.commands[0].argv, ["node", "x.js"]);
    }

    #[test]
    fn what_needs_a_shell_is_kept() {
        for text in [
            "node server.js --port $PORT",
            "serve -s build -l ${PORT:-3000}",
            "node a.js & node b.js",
            "node a.js | pino-pretty",
            "node a.js; node b.js",
            "node dist/*.js",
            "(cd x && node y)",
            "node \"$FILE\"",
            "node `which x`",
            "node a || true",
            "node 'open",
        ] {
            let command = parse(text);
            assert!(command.needs_shell, "{text}");
            assert_eq!(command.text, text);
        }
        assert_eq!(argv("node x.js '$HOME' a\\ b"), ["node", "x.js", "$HOME", "a b"]);
        assert_eq!(argv("node x.js --name=a?b cost$"), ["node", "x.js", "--name=a?b", "cost$"]);
    }

    #[test]
    fn chains() {
        let command = parse("prisma migrate deploy && node build/server.js");
        assert_eq!((command.commands.len(), command.needs_shell), (2, false));
        assert_eq!(command.commands[0].program(), Some("prisma"));
        assert_eq!(parse("  ").program(), None);
    }

    #[test]
    fn the_file_behind_flags() {
        let runs = |text: &str| parse(text).program().and_then(Simple::runs);
        let found =
            runs("node --enable-source-maps -r dotenv/config --max-old-space-size=512 dist/main.js --x 1")
                .unwrap();
        assert_eq!(found.flags, ["--enable-source-maps", "-r", "dotenv/config", "--max-old-space-size=512"]);
        assert_eq!((found.file.as_str(), found.args.join(" ").as_str()), ("dist/main.js", "--x 1"));
        assert_eq!(runs("node .").unwrap().file, ".");
        assert_eq!(runs("node index start").unwrap().args, ["start"]);
        assert_eq!(runs("bun run --smol src/index.ts").unwrap().file, "src/index.ts");
        assert_eq!(runs("./node_modules/.bin/ts-node -P tsconfig.json src/a.ts").unwrap().runtime, "ts-node");
        assert!(
            runs("bun run start").is_none()
                && runs("node -e 'x()'").is_none()
                && runs("next start").is_none()
        );
    }

    #[test]
    fn scripts_of_package_managers() {
        let scripts = |text: &str| parse(text).program().and_then(Simple::scripts);
        let names = |text: &str| scripts(text).map(|scripts| scripts.names.join(","));
        assert_eq!(names("npm start").as_deref(), Some("start"));
        assert_eq!(names("npm run -s start:prod -- --port 3").as_deref(), Some("start:prod"));
        assert_eq!(scripts("npm run start:prod -- --port 3").unwrap().args, ["--port", "3"]);
        assert_eq!(names("pnpm --filter api start").as_deref(), Some("start"));
        assert_eq!(scripts("npm run start --prefix server").unwrap().elsewhere.as_deref(), Some("server"));
        assert_eq!(scripts("yarn workspace api serve").unwrap().elsewhere.as_deref(), Some("api"));
        assert!(scripts("yarn next").unwrap().maybe_program && !scripts("yarn start").unwrap().maybe_program);
        assert!(scripts("bun run src/index.ts").is_none() && scripts("bun src/index.ts").is_none());
        assert_eq!(names("run-s build start").as_deref(), Some("build,start"));
        assert!(scripts("npm-run-all --parallel a b").unwrap().parallel);
        assert!(scripts("npm ci").is_none() && scripts("yarn install").is_none());
    }

    #[test]
    fn programs_of_packages() {
        let of = |text: &str| parse(text).program().and_then(Simple::package_program).map(<[String]>::to_vec);
        assert_eq!(of("npx -y serve -s build").unwrap(), ["serve", "-s", "build"]);
        assert_eq!(of("pnpm exec next start").unwrap(), ["next", "start"]);
        assert_eq!(of("next start"), None);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*|[a-z $'\"\\\\&|;<>=(){}`~*#-]*") {
            let command = parse(&text);
            for simple in &command.commands {
                let _ = (simple.program(), simple.runs(), simple.scripts(), simple.package_program());
            }
        }
    }
}
