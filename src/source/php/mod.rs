//! What only PHP's code says: the functions it calls and the objects it makes, with arguments as far as they are plain
//! values or paths beside the file.

mod lex;

use self::lex::{Token, lex};

/// An argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A path relative to the folder of the file (`__DIR__ . '/data'`).
    Beside(String),
    /// A list of texts.
    List(Vec<String>),
    /// A number.
    Number(String),
    /// Something else.
    Unknown,
}

/// A call, or an object that is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The name without its namespace, in lower case: PHP does not tell them apart.
    pub name: String,
    /// It is a method's.
    pub method: bool,
    /// The arguments.
    pub arguments: Vec<Value>,
    /// The line.
    pub line: u32,
}

/// Every call of a file, in order.
#[must_use]
pub fn calls(text: &str) -> Vec<Call> {
    let tokens = lex(text);
    let mut calls = Vec::new();
    for (at, (token, line)) in tokens.iter().enumerate() {
        let Token::Name(name) = token else { continue };
        let before = at.checked_sub(1).and_then(|at| tokens.get(at)).map(|(token, _)| token);
        let declared = matches!(before, Some(Token::Name(word)) if word == "function" || word == "fn");
        let opens = matches!(tokens.get(at + 1), Some((Token::Mark('('), _)));
        if !opens || declared {
            continue;
        }
        let method = matches!(before, Some(Token::Mark('>' | ':')));
        let name = name.rsplit('\\').next().unwrap_or(name).to_ascii_lowercase();
        let arguments = arguments(tokens.get(at + 2..).unwrap_or_default());
        calls.push(Call { name, method, arguments, line: *line });
    }
    calls
}

/// The arguments up to the bracket that closes the call.
fn arguments(tokens: &[(Token, u32)]) -> Vec<Value> {
    let mut all: Vec<Vec<&Token>> = vec![Vec::new()];
    let mut depth = 0usize;
    for (token, _) in tokens.iter().take(400) {
        match token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')') if depth == 0 => break,
            Token::Mark(')' | ']' | '}') => depth = depth.saturating_sub(1),
            Token::Mark(',') if depth == 0 => {
                all.push(Vec::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = all.last_mut() {
            last.push(token);
        }
    }
    all.iter().map(|tokens| value(tokens)).collect()
}

fn value(tokens: &[&Token]) -> Value {
    match tokens {
        [Token::Number(number)] => return Value::Number(number.clone()),
        [Token::Mark('['), inner @ .., Token::Mark(']')] => return list(inner),
        _ => {}
    }
    let mut parts = tokens.split(|token| matches!(token, Token::Mark('.')));
    let Some(first) = parts.next() else { return Value::Unknown };
    let start = folder(first);
    let mut beside = start.is_some();
    let mut text = match (start, first) {
        (Some(folder), _) => folder,
        (None, [Token::Text(text)]) => text.clone(),
        _ => return Value::Unknown,
    };
    for part in parts {
        match part {
            [Token::Text(more)] => text.push_str(more),
            [Token::Name(name)] if name == "DIRECTORY_SEPARATOR" => text.push('/'),
            // The folder is known, the file in it is not.
            _ if beside && text.ends_with('/') => break,
            // A scheme in front of a path beside the file (`'sqlite:' . __DIR__ . '/app.db'`) says what it is for.
            _ if !beside && text.ends_with(':') => {
                let Some(folder) = self::folder(part) else { return Value::Unknown };
                text = folder;
                beside = true;
            }
            _ => return Value::Unknown,
        }
    }
    if beside {
        Value::Beside(text.replace("//", "/").trim_start_matches('/').to_owned())
    } else {
        Value::Text(text)
    }
}

/// `__DIR__`, `dirname(__FILE__)`, `dirname(__DIR__)`, `dirname(__DIR__, 2)`, relative to the folder of the file.
fn folder(part: &[&Token]) -> Option<String> {
    let name =
        |token: &Token, word: &str| matches!(token, Token::Name(name) if name.eq_ignore_ascii_case(word));
    match part {
        [one] if name(one, "__DIR__") => Some(String::new()),
        [call, Token::Mark('('), inner, rest @ .., Token::Mark(')')] if name(call, "dirname") => {
            let levels = match rest {
                [] => 1,
                [Token::Mark(','), Token::Number(levels)] => {
                    levels.parse().ok().filter(|levels| *levels < 9)?
                }
                _ => return None,
            };
            match inner {
                inner if name(inner, "__FILE__") => Some("../".repeat(levels - 1)),
                inner if name(inner, "__DIR__") => Some("../".repeat(levels)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn list(tokens: &[&Token]) -> Value {
    let texts = tokens.split(|token| matches!(token, Token::Mark(','))).filter(|part| !part.is_empty());
    let texts: Option<Vec<String>> = texts
        .map(|part| match part {
            [Token::Text(text)] => Some(text.clone()),
            _ => None,
        })
        .collect();
    texts.map_or(Value::Unknown, Value::List)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(text: &str) -> Call {
        calls(text).into_iter().next().unwrap()
    }

    #[test]
    fn arguments_as_far_as_they_are_plain() {
        let of = |text: &str| one(&format!("<?php {text};")).arguments;
        assert_eq!(
            of("mkdir(__DIR__ . '/data', 0755)"),
            [Value::Beside("data".into()), Value::Number("0755".into())]
        );
        assert_eq!(
            of("new PDO('sqlite:' . __DIR__ . '/db/a.sqlite')"),
            [Value::Beside("db/a.sqlite".into())]
        );
        assert_eq!(of("touch(dirname(__DIR__) . '/var/x')"), [Value::Beside("../var/x".into())]);
        assert_eq!(
            of("fopen(\"logs/a.log\", 'a')"),
            [Value::Text("logs/a.log".into()), Value::Text("a".into())]
        );
        assert_eq!(
            of("file_put_contents(__DIR__ . '/cache/' . $key, $value)")[0],
            Value::Beside("cache/".into())
        );
        assert_eq!(of("mkdir(\"$dir/x\")"), [Value::Unknown]);
        assert_eq!(of("$env->required(['A', 'B'])"), [Value::List(vec!["A".into(), "B".into()])]);
    }

    #[test]
    fn comments_pages_and_declarations_are_no_calls() {
        let text = "<p>mkdir('a')</p><?php // mkdir('b')\n# mkdir('c')\n/* mkdir('d') */ function mkdir($x) {}\n$a = <<<EOT\nmkdir('e')\nEOT;\n$b = 'it\\'s mkdir(1)'; ?> mkdir('f') <?= \\strlen('g') ?>";
        let found = calls(text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].name.as_str(), found[0].line), ("strlen", 7));
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,200}") {
            let _ = calls(&format!("<?php {text}"));
            let _ = calls(&text);
        }
    }
}
