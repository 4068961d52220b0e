//! The sub-command that a program needs to serve, where without one it only prints its help.

use std::collections::BTreeSet;

use super::file::{File, Span};
use super::program::{Place, Program};

/// Words that a sub-command which serves is called by, and nothing else.
const SERVES: [&str; 2] = ["serve", "server"];

/// Words that it may be called by, where no other one is.
const MAY_SERVE: [&str; 5] = ["start", "run", "web", "daemon", "api"];

/// A sub-command, and where it is defined.
#[must_use]
pub fn serving(program: &Program) -> Option<(String, Place)> {
    by_switch(program).or_else(|| by_command(program))
}

/// Whether a sub-command's name alone says that it serves.
#[must_use]
pub fn says_so(name: &str) -> bool {
    SERVES.contains(&name)
}

/// Files, by the numbers of their package and of the file in it.
pub type Apart = BTreeSet<(usize, usize)>;

/// Sub-commands that do something once, and serve nothing.
const ONCE: [&str; 20] = [
    "migrate",
    "migration",
    "import",
    "export",
    "completion",
    "doc",
    "docs",
    "init",
    "version",
    "backup",
    "restore",
    "cert",
    "client",
    "quickstart",
    "debug",
    "bench",
    "benchmark",
    "test",
    "validate",
    "man",
];

/// The files that define other sub-commands alone than the one that serves: what they open and write, no server does.
#[must_use]
pub fn apart(program: &Program) -> Apart {
    let commands = commands(program);
    if commands.is_empty() {
        return Apart::new();
    }
    let of = |place: Place| (place.package, place.file);
    let serving = serving(program).map(|(_, place)| of(place));
    let roots = commands.iter().filter(|one| one.root || !one.runs).map(|one| of(one.place));
    let kept: Apart = roots.chain(serving).collect();
    let others = commands.iter().filter(|one| serving.is_some() || ONCE.contains(&one.name.as_str()));
    let others: Apart = others.map(|one| of(one.place)).collect();
    let more: Apart =
        commands.iter().filter(|one| !ONCE.contains(&one.name.as_str())).map(|one| of(one.place)).collect();
    others
        .into_iter()
        .filter(|file| !kept.contains(file) && (serving.is_some() || !more.contains(file)))
        .collect()
}

fn one_that_serves(names: &[(String, Place)]) -> Option<(String, Place)> {
    one_of(&SERVES, names).or_else(|| one_of(&MAY_SERVE, names))
}

fn one_of(words: &[&str], names: &[(String, Place)]) -> Option<(String, Place)> {
    let mut serving = names.iter().filter(|(name, _)| words.contains(&name.as_str()));
    let one = serving.next()?;
    serving.next().is_none().then(|| one.clone())
}

/// `switch os.Args[1] { case "serve": ...`, with a variable in between, too.
fn by_switch(program: &Program) -> Option<(String, Place)> {
    program.files().filter(|(place, _)| place.package == 0).find_map(|(place, file)| {
        let switches = (0..file.len()).filter(|at| file.word(*at) == "switch" && file.is_word(*at));
        switches.take(64).find_map(|at| {
            let names = labels(file, at, place)?;
            (is_command(file, at) || tells_of_itself(&names)).then(|| one_that_serves(&names))?
        })
    })
}

/// The texts that a switch has cases for.
fn labels(file: &File, switch: usize, place: Place) -> Option<Vec<(String, Place)>> {
    let open = (switch..file.len()).find(|at| file.word(*at) == "{")?;
    let body = open + 1..file.close(open)?;
    let mut names = Vec::new();
    let mut at = body.start;
    while at < body.end {
        if file.word(at) == "case" {
            let labels = (at + 1..body.end).take_while(|at| file.word(*at) != ":");
            names.extend(labels.filter_map(|at| Some((file.string(at)?, Place { at, ..place }))));
        }
        at = file.close(at).unwrap_or(at) + 1;
    }
    Some(names)
}

/// A switch with cases for `help` and for `version` is over a command, whatever it is read from.
fn tells_of_itself(names: &[(String, Place)]) -> bool {
    ["help", "version"].iter().all(|word| names.iter().any(|(name, _)| name == word))
}

/// Whether a switch is over the first argument.
fn is_command(file: &File, switch: usize) -> bool {
    let Some(open) = (switch..file.len()).find(|at| file.word(*at) == "{") else { return false };
    let subject = file.split(switch + 1..open, ";").pop().unwrap_or(switch + 1..open);
    if is_first_argument(file, &subject) {
        return true;
    }
    if subject.len() != 1 {
        return false;
    }
    let name = file.word(subject.start);
    let from = file
        .function_of(switch)
        .and_then(|number| file.functions.get(number))
        .map_or(0, |one| one.body.start);
    (from..switch).any(|at| {
        file.word(at) == name
            && matches!(file.word(at + 1), ":=" | "=")
            && is_first_argument(file, &(at + 2..file.statement_end(at + 2)))
    })
}

/// `os.Args[1]`, `flag.Arg(0)`, `args[0]`.
fn is_first_argument(file: &File, span: &Span) -> bool {
    let words: Vec<&str> = span.clone().take(8).map(|at| file.word(at)).collect();
    matches!(
        words.as_slice(),
        ["os", ".", "Args", "[", "1", "]"] | [_, ".", "Arg", "(", "0", ")"] | ["args", "[", "0", "]"]
    )
}

/// A command as a literal of cobra's or urfave's kind describes it.
struct Command {
    name: String,
    place: Place,
    /// What it is assigned to, or the function that makes it.
    known_as: Vec<String>,
    runs: bool,
    root: bool,
}

/// The commands of cobra and urfave, the roots marked.
fn commands(program: &Program) -> Vec<Command> {
    let mut commands: Vec<Command> = program
        .files()
        .filter(|(_, file)| imports_commands(file))
        .flat_map(|(place, file)| commands_of(place, file))
        .collect();
    if commands.is_empty() {
        return commands;
    }
    let executed: Vec<&str> = program
        .calls(|name| matches!(name, "Execute" | "ExecuteContext" | "ExecuteC" | "Run" | "RunContext"))
        // Other things are run, too, but not on the program's arguments.
        .filter(|(_, file, call)| {
            let mut words = call.args.iter().cloned().flatten().map(|at| file.word(at));
            !call.name.starts_with("Run") || words.any(|word| word == "Args")
        })
        .map(|(_, file, call)| if call.base == ")" { called_before(file, call.at) } else { call.base })
        .collect();
    for command in &mut commands {
        command.root |= command.known_as.iter().any(|name| executed.contains(&name.as_str()));
    }
    commands
}

fn by_command(program: &Program) -> Option<(String, Place)> {
    let commands = commands(program);
    let roots: Vec<&Command> = commands.iter().filter(|command| command.root).collect();
    if roots.is_empty() {
        return None;
    }
    let names: Vec<(String, Place)> = commands
        .iter()
        .filter(|command| !command.root && command.runs)
        .map(|one| (one.name.clone(), one.place))
        .collect();
    // What a program with a command to serve does by itself is something else.
    if roots.iter().any(|root| root.runs) || given_an_action(program, &roots) {
        return one_of(&SERVES, &names);
    }
    one_that_serves(&names)
}

/// Of `NewRoot().Execute()`, `NewRoot`.
fn called_before(file: &File, at: usize) -> &str {
    let Some(close) = at.checked_sub(2) else { return "" };
    let open = (0..close).rev().take(64).find(|open| file.close(*open) == Some(close));
    open.map_or("", |open| file.before(open, 1))
}

/// `app.Action = ...`: the root does something by itself.
fn given_an_action(program: &Program, roots: &[&Command]) -> bool {
    ["Action", "Run", "RunE"]
        .iter()
        .filter_map(|field| program.definitions.get(*field))
        .flatten()
        .any(|one| one.field && roots.iter().any(|root| root.known_as.contains(&one.context)))
}

/// Whether a file can describe commands with one of the libraries for it.
fn imports_commands(file: &File) -> bool {
    file.header.imports.iter().any(|import| import.path.contains("cobra") || import.path.contains("/cli"))
}

fn commands_of(place: Place, file: &File) -> Vec<Command> {
    let mut found = made_apps(place, file);
    for open in (0..file.len()).filter(|at| file.word(*at) == "{") {
        let (base, kind) = (file.before(open, 3), file.before(open, 1));
        let fits = file.import(base).is_some_and(|library| {
            library.contains("cobra") && kind == "Command"
                || library.contains("/cli") && matches!(kind, "Command" | "App")
        });
        let Some(close) = file.close(open).filter(|_| fits) else { continue };
        // The body of a function that gives one back.
        if matches!((file.before(open, 4), file.before(open, 5)), (")", _) | ("*", ")")) {
            continue;
        }
        if matches!((file.before(open, 4), file.before(open, 5)), ("]", _) | ("*", "]")) {
            // A list of commands: those in it may leave the type out.
            let untyped =
                file.split(open + 1..close, ",").into_iter().filter(|part| file.word(part.start) == "{");
            found.extend(untyped.filter_map(|part| command(place, file, part.start)));
        } else {
            found.extend(command(place, file, open));
        }
    }
    found
}

/// `app = cli.NewApp()`: its fields are set one by one.
fn made_apps(place: Place, file: &File) -> Vec<Command> {
    let made = file.called_in(file.all()).filter(|at| {
        file.word(*at) == "NewApp"
            && file.import(file.before(*at, 2)).is_some_and(|path| path.contains("/cli"))
    });
    let made = made.filter(|at| matches!(file.before(*at, 3), ":=" | "="));
    made.map(|at| Command {
        name: String::new(),
        place: Place { at, ..place },
        known_as: vec![file.before(at, 4).to_owned()],
        runs: false,
        root: true,
    })
    .collect()
}

/// The command that a literal describes, by the brace that opens it.
fn command(place: Place, file: &File, open: usize) -> Option<Command> {
    let close = file.close(open)?;
    let (mut name, mut runs, mut parent) = (String::new(), false, false);
    for part in file.split(open + 1..close, ",") {
        match file.word(part.start) {
            "Deprecated" => return None,
            "Use" | "Name" => name = part.clone().find_map(|at| file.string(at)).unwrap_or_default(),
            "Run" | "RunE" | "Action" => runs = true,
            "Commands" | "Subcommands" => parent = true,
            _ => {}
        }
    }
    let first = open.checked_sub(3)?;
    let amp = usize::from(file.before(first, 1) == "&");
    let mut known_as = Vec::new();
    // A field of a literal is known as much as a variable is.
    if matches!(file.before(first, 1 + amp), ":=" | "=" | ":") {
        let assigned = file.before(first, 2 + amp);
        if returns(file, open, assigned) {
            known_as.push(file.function_name(open).to_owned());
        }
        known_as.push(assigned.to_owned());
    } else if file.before(first, 1 + amp) == "return" {
        known_as.push(file.function_name(open).to_owned());
    }
    let runs_at_once = file.word(close + 1) == "." && file.word(close + 2).starts_with("Run");
    let root = parent && file.before(open, 1) == "App" || runs_at_once;
    let name = name.split_whitespace().next().unwrap_or("").to_owned();
    Some(Command { name, place: Place { at: open, ..place }, known_as, runs, root })
}

/// Whether the function that a token stands in gives back a name.
fn returns(file: &File, at: usize, name: &str) -> bool {
    let body = file.function_of(at).and_then(|number| file.functions.get(number)).map(|one| one.body.clone());
    body.is_some_and(|mut body| body.any(|at| file.word(at) == "return" && file.word(at + 1) == name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::go::value::tests::program;

    fn of(files: &[(&str, &str)]) -> Option<String> {
        serving(&program(files)).map(|found| found.0)
    }

    #[test]
    fn a_switch_over_the_first_argument() {
        let text = "package main\nfunc run(args []string) {\n command := fs.Arg(0)\n switch command {\n case \"serve\", \"\":\n case \"version\":\n}\n}";
        assert_eq!(of(&[("main.go", text)]).as_deref(), Some("serve"));
        let other = "package main\nfunc main() {\n switch mode {\n case \"serve\":\n}\n}";
        assert_eq!(of(&[("main.go", other)]), None);
        let two = "package main\nfunc main() {\n switch os.Args[1] {\n case \"run\":\n case \"web\":\n}\n}";
        assert_eq!(of(&[("main.go", two)]), None);
        let clear = two.replace("run", "serve");
        assert_eq!(of(&[("main.go", &clear)]).as_deref(), Some("serve"));
        let own = "package main\nfunc main() {\n switch cmd {\n case \"help\":\n case \"version\":\n case \"serve\":\n}\n}";
        assert_eq!(of(&[("main.go", own)]).as_deref(), Some("serve"));
    }

    const ROOT: &str = "package cmd\nimport \"github.com/spf13/cobra\"\nvar rootCmd = &cobra.Command{Use: \"app\"RUN}\nvar serveCmd = &cobra.Command{\n\tUse: \"serve [flags]\",\n\tRunE: func(c *cobra.Command, a []string) error { return nil },\n}\nfunc init() { rootCmd.AddCommand(serveCmd) }\nfunc Execute() { rootCmd.Execute() }\n";

    #[test]
    fn a_cobra_root_that_does_nothing() {
        assert_eq!(of(&[("cmd/root.go", &ROOT.replace("RUN", ""))]).as_deref(), Some("serve"));
        let field = ROOT.replace(
            "var rootCmd = &cobra.Command{Use: \"app\"RUN}",
            "var app = &App{\n\trootCmd: &cobra.Command{Use: \"app\"},\n}",
        );
        assert_eq!(of(&[("cmd/root.go", &field)]).as_deref(), Some("serve"));
    }

    #[test]
    fn a_root_that_does_something_else() {
        let root = ROOT.replace("RUN", ", Run: run");
        assert_eq!(of(&[("cmd/root.go", &root)]).as_deref(), Some("serve"));
        assert_eq!(of(&[("cmd/root.go", &root.replace("serve [", "start ["))]), None);
    }

    #[test]
    fn a_command_that_is_no_longer_meant() {
        let old = "var oldCmd = &cobra.Command{Use: \"serve\", Deprecated: \"x\", Run: run}\nvar newCmd = &cobra.Command{Use: \"server\", Run: run}\n";
        let text = ROOT.replace("RUN", "").replace("serve [", "check [") + old;
        assert_eq!(of(&[("cmd/root.go", &text)]).as_deref(), Some("server"));
    }

    #[test]
    fn a_urfave_app() {
        let text = "package main\nimport \"github.com/urfave/cli/v2\"\nfunc main() {\n app := &cli.App{\n Name: \"x\",\n Commands: []*cli.Command{{Name: \"web\"}, {Name: \"a\", Action: b}, &cli.Command{Name: \"server\", Action: run}},\n}\n app.Run(os.Args)\n}";
        assert_eq!(of(&[("main.go", text)]).as_deref(), Some("server"));
        let made = "package main\nimport \"github.com/urfave/cli\"\nvar run = &cli.Command{Name: \"run\", Action: run}\nfunc main() {\n app := cli.NewApp()\n app.Commands = append(app.Commands, run)\n app.Run(os.Args)\n}";
        assert_eq!(of(&[("main.go", made)]).as_deref(), Some("run"));
        let acts = text.replace("Name: \"x\"", "Name: \"x\", Action: run");
        assert_eq!(of(&[("main.go", &acts.replace("server", "start"))]), None);
    }
}
