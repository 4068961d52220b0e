//! The functions, fields, constants and modules of a file.

use super::file::{File, Span};
use super::strip::attribute;

/// A function with a body.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The type that it is a method of.
    pub owner: Option<String>,
    /// Between the brackets of its parameters.
    pub params: Span,
    /// Its result's type.
    pub result: Span,
    /// Between its braces.
    pub body: Span,
}

/// A field of a struct, or of a variant.
#[derive(Debug, Clone)]
pub struct Field {
    /// The struct or variant.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// The insides of its attributes.
    pub attributes: Vec<Span>,
    /// Its type.
    pub kind: Span,
    /// The token of its name.
    pub at: usize,
}

/// A constant or static.
#[derive(Debug, Clone)]
pub struct Constant {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: Span,
    /// What it is given.
    pub value: Span,
}

/// A module in another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// The inline modules around it and its name: `a::b`.
    pub path: Vec<String>,
    /// The file that `#[path]` names.
    pub file: Option<String>,
}

/// Finds them.
pub(super) fn fill(file: &mut File) {
    let mut functions = Vec::new();
    let mut fields = Vec::new();
    let mut constants = Vec::new();
    let mut modules = Vec::new();
    // The blocks that are open: where each ends, the type of an impl, the name of a module.
    let mut open: Vec<(usize, Option<String>, Option<String>)> = Vec::new();
    for at in 0..file.len() {
        open.retain(|(end, _, _)| *end > at);
        if !file.is_word(at) {
            continue;
        }
        match file.word(at) {
            "impl" | "trait" => {
                if let Some((owner, body)) = block_of(file, at) {
                    open.push((body.end, Some(owner), None));
                }
            }
            "mod" => match inline_module(file, at) {
                Some((name, end)) => open.push((end, None, Some(name))),
                None => modules.extend(module(file, at, &open)),
            },
            "fn" => {
                let owner = open.iter().rev().find_map(|(_, owner, _)| owner.clone());
                functions.extend(function(file, at, owner));
            }
            "struct" => fields.extend(struct_fields(file, at)),
            "enum" => fields.extend(variants(file, at)),
            "const" | "static" => constants.extend(constant(file, at)),
            _ => {}
        }
    }
    (file.functions, file.fields, file.constants, file.modules) = (functions, fields, constants, modules);
}

/// The type that an `impl` is for, and its body.
fn block_of(file: &File, at: usize) -> Option<(String, Span)> {
    let start = file.past_generics(at + 1);
    let open = file.find(start..file.len().min(start + 200), &["{", ";", ")", "}"])?;
    let close = file.close(open).filter(|_| file.mark(open) == "{")?;
    let of = file.find(start..open, &["for"]).map_or(start, |found| found + 1);
    let end = file.find(of..open, &["where"]).unwrap_or(open);
    Some((type_name(file, &(of..end))?, open + 1..close))
}

/// The last name of a type's path: `config::Settings<T>` is `Settings`.
#[must_use]
pub fn type_name(file: &File, span: &Span) -> Option<String> {
    let end = file.find(span.clone(), &["<"]).unwrap_or(span.end);
    let words = (span.start..end).rev().filter(|at| file.is_word(*at));
    words.map(|at| file.word(at)).find(|word| !matches!(*word, "dyn" | "mut" | "impl")).map(str::to_owned)
}

fn inline_module(file: &File, at: usize) -> Option<(String, usize)> {
    let close = file.close(at + 2).filter(|_| file.mark(at + 2) == "{" && file.is_word(at + 1))?;
    Some((file.word(at + 1).to_owned(), close))
}

fn module(file: &File, at: usize, open: &[(usize, Option<String>, Option<String>)]) -> Option<Module> {
    if file.mark(at + 2) != ";" || !file.is_word(at + 1) {
        return None;
    }
    let mut path: Vec<String> = open.iter().filter_map(|(_, _, name)| name.clone()).collect();
    path.push(file.word(at + 1).trim_start_matches("r#").to_owned());
    Some(Module { path, file: path_attribute(file, at) })
}

/// `#[path = "x.rs"]` in front of a module.
fn path_attribute(file: &File, at: usize) -> Option<String> {
    let from = at.saturating_sub(24);
    let attributes = (from..at).filter_map(|start| attribute(file, start));
    let mut near = attributes.filter(|(span, close)| {
        let between = close + 1..at;
        file.mark(span.start) == "path" && file.find(between, &[";", "}", "mod", "fn"]).is_none()
    });
    near.next_back().and_then(|(span, _)| file.string(span.start + 2))
}

fn function(file: &File, at: usize, owner: Option<String>) -> Option<Function> {
    let name = file.is_word(at + 1).then(|| file.word(at + 1).to_owned())?;
    let open = file.past_generics(at + 2);
    let close = file.close(open).filter(|_| file.mark(open) == "(")?;
    let brace =
        file.find(close + 1..file.len(), &["{", ";", "}"]).filter(|brace| file.mark(*brace) == "{")?;
    let end = file.close(brace)?;
    let result = if file.mark(close + 1) == "->" {
        close + 2..file.find(close + 2..brace, &["where"]).unwrap_or(brace)
    } else {
        brace..brace
    };
    Some(Function { name, owner, params: open + 1..close, result, body: brace + 1..end })
}

fn struct_fields(file: &File, at: usize) -> Vec<Field> {
    let name = file.word(at + 1).to_owned();
    let start = file.past_generics(at + 2);
    let Some(open) = file.find(start..file.len(), &["{", ";", "("]) else { return Vec::new() };
    match file.close(open) {
        Some(close) if file.mark(open) == "{" => fields_of(file, &name, open + 1..close),
        _ => Vec::new(),
    }
}

fn variants(file: &File, at: usize) -> Vec<Field> {
    let start = file.past_generics(at + 2);
    let Some(open) = file.find(start..file.len(), &["{", ";"]) else { return Vec::new() };
    let Some(close) = file.close(open).filter(|_| file.mark(open) == "{") else { return Vec::new() };
    let mut fields = Vec::new();
    for variant in file.split(open + 1..close, ",") {
        if let Some(brace) = file.find(variant.clone(), &["{"])
            && let Some(end) = file.close(brace)
        {
            fields.extend(fields_of(file, file.before(brace, 1), brace + 1..end));
        }
    }
    fields
}

fn fields_of(file: &File, owner: &str, span: Span) -> Vec<Field> {
    let mut fields = Vec::new();
    for part in split_fields(file, span) {
        let mut at = part.start;
        let mut attributes = Vec::new();
        while let Some((inside, close)) = attribute(file, at) {
            attributes.push(inside);
            at = close + 1;
        }
        if file.mark(at) == "pub" {
            at += 1;
            if file.mark(at) == "(" {
                at = file.past(at);
            }
        }
        if file.is_word(at) && file.mark(at + 1) == ":" {
            let name = file.word(at).trim_start_matches("r#").to_owned();
            fields.push(Field { owner: owner.to_owned(), name, attributes, kind: at + 2..part.end, at });
        }
    }
    fields
}

/// Fields between commas, those of generics passed over.
fn split_fields(file: &File, span: Span) -> Vec<Span> {
    let (mut parts, mut start, mut at) = (Vec::new(), span.start, span.start);
    while at < span.end {
        match file.mark(at) {
            "," => {
                parts.push(start..at);
                start = at + 1;
                at += 1;
            }
            "<" => at = file.past_generics(at).max(at + 1),
            _ => at = file.past(at),
        }
    }
    parts.push(start..span.end);
    parts.retain(|part| !part.is_empty());
    parts
}

fn constant(file: &File, at: usize) -> Option<Constant> {
    let name =
        (at + 1..at + 4).find(|here| file.is_word(*here) && !matches!(file.word(*here), "mut" | "ref"))?;
    if file.mark(name + 1) != ":" {
        return None;
    }
    let end = file.find(name + 2..file.len(), &[";", "}"])?;
    let equals = file.find(name + 2..end, &["="])?;
    Some(Constant { name: file.word(name).to_owned(), kind: name + 2..equals, value: equals + 1..end })
}

#[cfg(test)]
mod tests {
    use super::super::cfg::Build;
    use super::*;

    fn read(text: &str) -> File {
        File::read("src/main.rs".into(), text, &Build::default())
    }

    #[test]
    fn items_of_a_file() {
        let file = read(
            "#[path = \"other.rs\"]\nmod a;\nmod b { pub mod c; }\nconst PORT: u16 = 3000;\nstatic ref X: String = f();\n\
             impl<T> Default for crate::Config<T> where T: X { fn default() -> Self { Self { port: 1 } } }\n\
             struct Config<T> { #[arg(env = \"A\")] pub port: u16, map: HashMap<u8, T> }\nenum E { S { x: u8 }, T }\n\
             async fn main() -> Result<(), E> { }",
        );
        let modules: Vec<String> = file.modules.iter().map(|one| one.path.join("::")).collect();
        assert_eq!(modules, ["a", "b::c"]);
        assert_eq!(file.modules[0].file.as_deref(), Some("other.rs"));
        let constants: Vec<&str> = file.constants.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(constants, ["PORT", "X"]);
        let functions: Vec<_> =
            file.functions.iter().map(|one| (one.name.as_str(), one.owner.as_deref())).collect();
        assert_eq!(functions, [("default", Some("Config")), ("main", None)]);
        let fields: Vec<_> = file
            .fields
            .iter()
            .map(|one| (one.owner.as_str(), one.name.as_str(), one.attributes.len()))
            .collect();
        assert_eq!(fields, [("Config", "port", 1), ("Config", "map", 0), ("S", "x", 0)]);
    }

    #[test]
    fn tests_and_other_systems_are_left_out() {
        let file = read(
            "fn a() { #[cfg(windows)] let x = if b { 1 } else { 2 }; #[cfg(unix)] run(); }\n#[cfg(test)]\nmod tests { fn b() {} }\n\
             #[tokio::test]\nasync fn c() {}\n#[cfg(target_os = \"macos\")]\nuse d::{e, f};\nfn g(#[cfg(test)] x: u8, y: u8) {}",
        );
        let names: Vec<&str> = file.functions.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["a", "g"]);
        assert_eq!(file.calls(file.all()).map(|call| call.name).collect::<Vec<_>>(), ["run"]);
        assert_eq!(file.text_of(&file.functions[1].params), "y: u8");
    }

    #[test]
    fn calls_know_their_paths() {
        let file = read(
            "fn main() { tokio::net::TcpListener::bind(a, (b, c)); x.parse::<u16>(); format!(\"{}\", y); }",
        );
        let calls: Vec<_> = file
            .calls(file.all())
            .map(|call| (call.path.join("::"), call.name, call.method, call.is_macro, call.args.len()))
            .collect();
        assert_eq!(
            calls,
            [
                ("tokio::net::TcpListener".into(), "bind", false, false, 2),
                (String::new(), "parse", true, false, 0),
                (String::new(), "format", false, true, 2)
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(fn |impl |struct |enum |mod |x|const |static |[(){}<>\\[\\];:,#=!.&]|cfg|\"a\"|where | for ){0,40}") {
            let file = read(&text);
            let _ = file.calls(file.all()).count();
        }
    }
}
