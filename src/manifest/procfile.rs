//! Reads a Procfile: a process and its command a line.

use super::yaml::Lined;

/// A process of a Procfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// `web`, `worker`, `release`.
    pub name: String,
    /// The command, for a shell.
    pub command: String,
}

/// The processes in order, or the first line that is none.
///
/// # Errors
/// A line that is neither blank, a comment, nor `name: command`.
pub fn parse(text: &str) -> Result<Vec<Lined<Process>>, u32> {
    let mut processes = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let process = process(line).ok_or(number)?;
        processes.push(Lined::new(process, number));
    }
    Ok(processes)
}

fn process(line: &str) -> Option<Process> {
    let (name, command) = line.split_once(':')?;
    let (name, command) = (name.trim(), command.trim());
    let named = !name.is_empty() && name.chars().all(|it| it.is_ascii_alphanumeric() || "-_".contains(it));
    (named && !command.is_empty()).then(|| Process { name: name.to_owned(), command: command.to_owned() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn processes_with_their_lines() {
        let found = parse(
            "# start\nweb: node server.js --bind tcp://0.0.0.0:$PORT\r\n\nrelease:python manage.py migrate\n",
        )
        .unwrap();
        assert_eq!(found[0].value.command, "node server.js --bind tcp://0.0.0.0:$PORT");
        assert_eq!((found[1].value.name.as_str(), found[1].line), ("release", 4));
    }

    #[test]
    fn a_line_that_is_none() {
        assert_eq!(parse("web: a\nworker\n"), Err(2));
        assert_eq!(parse("we b: a\n"), Err(1));
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
