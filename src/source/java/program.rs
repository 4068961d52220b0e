//! Where programs start: classes with a main method, and Kotlin's main functions.

use camino::Utf8Path;

use super::file::Main;
use super::lex::{Kind, Token};

/// A class around the place that is read.
#[derive(Debug, Clone, Default)]
struct Class {
    name: String,
    annotations: Vec<String>,
    above: Vec<String>,
    /// The number of brackets that are open within it.
    depth: usize,
    /// A companion's main is its class's.
    companion: bool,
}

/// The mains of a file.
#[must_use]
pub fn mains(all: &[Token], path: &Utf8Path, package: &str) -> Vec<Main> {
    let kotlin = path.extension() == Some("kt");
    let mut found: Vec<Main> = Vec::new();
    let mut classes: Vec<Class> = Vec::new();
    let mut annotations: Vec<String> = Vec::new();
    let mut depth = 0usize;
    let mut file_class = None;
    for (at, token) in all.iter().enumerate() {
        if token.is("{") {
            depth += 1;
        } else if token.is("}") {
            depth = depth.saturating_sub(1);
            classes.retain(|class| class.depth <= depth);
            annotations.clear();
        } else if token.is(";") {
            annotations.clear();
        } else if token.is("@") {
            if let Some(name) = file_name_of(all, at) {
                file_class = Some(name);
            }
            annotations.extend(word(all, at + 1).map(str::to_owned));
        } else if let Some(class) = class(all, at, depth, &mut annotations) {
            classes.push(class);
        } else if token.says("main") && is_main(all, at, kotlin, depth) {
            let class = named(&classes, path, package, file_class.as_deref());
            let outer = classes.iter().rfind(|class| !class.companion).cloned().unwrap_or_default();
            let main = Main { class, annotations: outer.annotations, above: outer.above, line: token.line };
            if found.iter().all(|known| known.class != main.class) {
                found.push(main);
            }
        }
    }
    found
}

fn word<'a>(all: &[Token<'a>], at: usize) -> Option<&'a str> {
    all.get(at).filter(|token| token.kind == Kind::Word).map(|token| token.text)
}

/// `@file:JvmName("X")`.
fn file_name_of(all: &[Token], at: usize) -> Option<String> {
    let named = word(all, at + 1) == Some("file") && word(all, at + 3) == Some("JvmName");
    all.get(at + 5).filter(|token| named && token.kind == Kind::Text).map(|token| token.text.to_owned())
}

/// `class X extends Y implements Z {`, `object X : Y {`, `companion object {`.
fn class(all: &[Token], at: usize, depth: usize, annotations: &mut Vec<String>) -> Option<Class> {
    let keyword = word(all, at)?;
    if !matches!(keyword, "class" | "object" | "record" | "enum" | "interface") {
        return None;
    }
    let before = at.checked_sub(1).and_then(|at| all.get(at));
    if before.is_some_and(|token| token.is(".") || token.is(":")) {
        return None;
    }
    let companion = before.is_some_and(|token| token.says("companion"));
    let name = word(all, at + 1).filter(|name| !matches!(*name, "class"));
    let name = if companion { "Companion" } else { name? };
    let head = head(all, at + 2)?;
    let above =
        head.iter().filter(|token| token.kind == Kind::Word && token.text.starts_with(char::is_uppercase));
    Some(Class {
        name: name.to_owned(),
        annotations: std::mem::take(annotations),
        above: above.map(|token| token.text.to_owned()).collect(),
        depth: depth + 1,
        companion,
    })
}

/// What stands between a class's name and its body; none where it has no body.
fn head<'a>(all: &'a [Token<'a>], from: usize) -> Option<&'a [Token<'a>]> {
    let mut open = 0usize;
    for (at, token) in all.iter().enumerate().skip(from).take(400) {
        match token.text {
            "(" if token.is("(") => open += 1,
            ")" if token.is(")") => open = open.saturating_sub(1),
            "{" if token.is("{") && open == 0 => return all.get(from..at),
            _ => {}
        }
        let next = ["class", "object", "fun", "val", "interface", "enum", "typealias"]
            .iter()
            .any(|word| token.says(word));
        if open == 0 && (next || token.is("@") || token.is(";")) {
            return None;
        }
    }
    None
}

/// `static void main(String`, `fun main(`; since Java 25 `void main(` in a class is one, too.
fn is_main(all: &[Token], at: usize, kotlin: bool, depth: usize) -> bool {
    if !all.get(at + 1).is_some_and(|token| token.is("(")) {
        return false;
    }
    let before = |back: usize| at.checked_sub(back).and_then(|at| word(all, at));
    if kotlin {
        let marked = (2..=12).any(|back| before(back) == Some("JvmStatic"));
        return before(1) == Some("fun") && (depth == 0 || marked);
    }
    let plain = (2..=5).any(|back| before(back) == Some("static"));
    let arguments = word(all, at + 2) == Some("String") || word(all, at + 3) == Some("String");
    before(1) == Some("void") && plain && (arguments || all.get(at + 2).is_some_and(|token| token.is(")")))
}

fn named(classes: &[Class], path: &Utf8Path, package: &str, file_class: Option<&str>) -> String {
    let own: Vec<&str> =
        classes.iter().filter(|class| !class.companion).map(|class| class.name.as_str()).collect();
    let stem = path.file_stem().unwrap_or("Main");
    let class = match (own.is_empty(), file_class) {
        (true, Some(name)) => name.to_owned(),
        (true, None) => kotlin_class(stem),
        (false, _) => own.join("$"),
    };
    if package.is_empty() { class } else { format!("{package}.{class}") }
}

/// The class of a Kotlin file's functions: `Application.kt` is `ApplicationKt`.
fn kotlin_class(stem: &str) -> String {
    let mut letters = stem.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let rest: String =
        letters.map(|letter| if letter.is_alphanumeric() || letter == '_' { letter } else { '_' }).collect();
    format!("{first}{rest}Kt")
}

#[cfg(test)]
mod tests {
    use super::super::lex::tokens;
    use super::*;

    fn of(path: &str, text: &str) -> Vec<String> {
        mains(&tokens(text), path.into(), "a.b").into_iter().map(|main| main.class).collect()
    }

    #[test]
    fn finds_the_mains_of_java() {
        assert_eq!(
            of(
                "A.java",
                "@SpringBootApplication public class A { public static void main(String[] args) { } }"
            ),
            ["a.b.A"]
        );
        assert_eq!(
            of(
                "A.java",
                "class A { void x() { } static class B { public static final void main(final String... a) {} } }"
            ),
            ["a.b.A$B"]
        );
        assert_eq!(
            of("A.java", "class A { void f() { main(\"x\"); } // static void main(String[] a)\n }"),
            [""; 0]
        );
        let main = &mains(
            &tokens("@X(1) class A extends Application<C> { public static void main(String[] a) {} }"),
            "A.java".into(),
            "",
        )[0];
        assert_eq!(
            (main.annotations.clone(), main.above.clone()),
            (vec!["X".to_owned()], vec!["Application".to_owned(), "C".to_owned()])
        );
    }

    #[test]
    fn finds_the_mains_of_kotlin() {
        assert_eq!(of("application.kt", "fun main(args: Array<String>) = f(args)"), ["a.b.ApplicationKt"]);
        assert_eq!(of("A.kt", "@file:JvmName(\"Run\")\npackage a.b\nsuspend fun main() { }"), ["a.b.Run"]);
        assert_eq!(of("A.kt", "object App { @JvmStatic fun main(args: Array<String>) { } }"), ["a.b.App"]);
        assert_eq!(
            of("A.kt", "class App { companion object { @JvmStatic\n fun main(args: Array<String>) { } } }"),
            ["a.b.App"]
        );
        assert_eq!(of("A.kt", "class App { fun main() { } }"), [""; 0]);
        assert_eq!(
            of("A.kt", "@SpringBootApplication class App\nfun main(args: Array<String>) { }"),
            ["a.b.AKt"]
        );
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)(class|fun|static|void|main|String|object|companion|[@(){}A-b;: ]){0,30}") {
            let _ = mains(&tokens(&text), "a.kt".into(), "");
        }
    }
}
