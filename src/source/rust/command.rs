//! The sub-command that a program serves with, where it does not start without one.

use super::file::{File, Span};
use super::program::{Place, Program};
use super::strip::attribute;
use crate::source::ports::words;

/// Names of sub-commands that serve, the best first.
const SERVING: [&str; 9] = ["serve", "server", "web", "start", "run", "api", "http", "daemon", "listen"];

/// Sub-commands of a program that makes documents and only shows them while somebody writes.
const AUTHORING: [&str; 4] = ["build", "init", "new", "check"];

/// A tool for authors: it builds, and serves what it built on their own machine.
#[must_use]
pub fn previews(program: &Program) -> bool {
    let declared = declared(program).or_else(|| parsed(program)).and_then(|name| {
        let (_, all) = program.files().find_map(|(place, file)| Some((place, variants(file, &name)?)))?;
        Some(all.into_iter().map(|(name, _)| name).collect())
    });
    let names: Vec<String> = declared.unwrap_or_else(|| matched(program));
    let has = |word: &str| names.iter().any(|name| name == word);
    has("serve") && has("build") && AUTHORING.iter().filter(|word| has(word)).count() > 1
}

/// Whether the program has sub-commands at all: a flag may belong to one of them.
#[must_use]
pub fn has(program: &Program) -> bool {
    let marked = |file: &File| (file.all()).any(|at| matches!(file.mark(at), "subcommand" | "Subcommand"));
    program.files().any(|(_, file)| marked(file))
}

/// The sub-commands of `match matches.subcommand() { Some(("build", _)) => ..`.
fn matched(program: &Program) -> Vec<String> {
    let own = program.files().filter(|(place, _)| place.owner == 0);
    let each = own.flat_map(|(_, file)| {
        (0..file.len()).filter_map(|at| {
            let arm = file.mark(at) == "Some" && file.mark(at + 1) == "(" && file.mark(at + 2) == "(";
            file.string(at + 3).filter(|_| arm)
        })
    });
    each.collect()
}

/// The words that make it serve, and where they are declared; a sub-command of a sub-command behind it.
#[must_use]
pub fn serving(program: &Program) -> Option<(String, Place)> {
    let name = declared(program).or_else(|| parsed(program))?;
    let variants = program.files().find_map(|(place, file)| Some((place, variants(file, &name)?)))?;
    let (at, all) = variants;
    let found = SERVING.iter().find_map(|word| all.iter().find(|(name, _)| name == word))?;
    Some((found.0.clone(), Place { at: found.1, ..at }))
}

/// The enum of a field that holds the sub-command.
fn declared(program: &Program) -> Option<String> {
    program.files().filter(|(place, _)| place.owner == 0).find_map(|(_, file)| {
        let field = file.fields.iter().find(|field| {
            let marked = field.attributes.iter().any(|one| {
                matches!(file.mark(one.start), "command" | "clap" | "structopt" | "argh")
                    && one.clone().any(|at| file.mark(at) == "subcommand")
            });
            marked && file.mark(field.kind.start) != "Option"
        })?;
        let words = field.kind.clone().rev().map(|at| file.mark(at));
        words.into_iter().find(|word| word.len() > 1).map(str::to_owned)
    })
}

/// The enum that is parsed itself.
fn parsed(program: &Program) -> Option<String> {
    let places = program.called("parse").iter().filter(|place| place.owner == 0);
    places.into_iter().find_map(|place| {
        let call = program.file(*place)?.call_at(place.at)?;
        Some(call.base().to_owned()).filter(|base| !base.is_empty() && !program.owners.contains(base))
    })
}

/// The variants of an enum as clap names them, and where each stands.
fn variants(file: &File, name: &str) -> Option<Vec<(String, usize)>> {
    let at = (0..file.len()).find(|at| file.mark(*at) == "enum" && file.word(at + 1) == name)?;
    let open = file.find(at..file.len(), &["{"])?;
    let close = file.close(open)?;
    let each = file.split(open + 1..close, ",").into_iter().filter_map(|span| variant(file, span));
    Some(each.collect())
}

fn variant(file: &File, span: Span) -> Option<(String, usize)> {
    let mut at = span.start;
    let mut named = None;
    while let Some((inside, close)) = attribute(file, at) {
        let own = inside.clone().find(|at| file.mark(*at) == "name" && file.mark(at + 1) == "=");
        named = own.and_then(|at| file.string(at + 2)).or(named);
        at = close + 1;
    }
    let word = file.is_word(at).then(|| file.word(at))?;
    Some((named.unwrap_or_else(|| words(word).join("-")), at))
}

#[cfg(test)]
mod tests {
    use super::super::listen::tests::program;
    use super::{previews, serving};

    #[test]
    fn a_tool_for_authors_only_shows_what_it_builds() {
        let declared = "struct Cli { #[command(subcommand)] command: Commands } enum Commands { Init, Build, Serve { port: u16 } }";
        assert!(previews(&program(declared)));
        assert!(!previews(&program(&declared.replace("Build", "Migrate"))));
        let matched = "fn main() { match m.subcommand() { Some((\"init\", a)) => {} Some((\"build\", a)) => {} Some((\"serve\", a)) => {} _ => {} } }";
        assert!(previews(&program(matched)));
    }

    #[test]
    fn a_sub_command_that_has_to_be_given() {
        let text = "struct Cli { #[command(subcommand)] command: Commands } enum Commands { Migrate, #[clap(about)] Serve { port: u16 } }";
        assert_eq!(serving(&program(text)).map(|one| one.0).as_deref(), Some("serve"));
        let free = text.replace("command: Commands", "command: Option<Commands>");
        assert_eq!(serving(&program(&free)), None);
    }
}
