//! A merge of two right files can be wrong: what neither side got wrong alone is a conflict, not a result.

use super::file::{Fate, File, Kind};
use crate::error::Result;
use crate::generate::{Generated, Problem, problems};
use crate::merge::Side;
use crate::repo::Repo;

/// Reads the merged files back. What was wrong in the person's file before is the person's to know.
///
/// # Errors
/// It would not build, and nobody edited the Dockerfile: what stands in the way is elsewhere.
pub(super) fn check(repo: &Repo, generated: &Generated, files: &mut [File]) -> Result<()> {
    let [dockerfile, ignore] = files else { return Ok(()) };
    if matches!(dockerfile.fate, Fate::Gone | Fate::Conflict | Fate::Adopted) {
        return Ok(());
    }
    if [&*dockerfile, &*ignore].iter().all(|file| !file.changes()) {
        return Ok(());
    }
    let now = |file: &File| file.text().or(file.there.clone()).unwrap_or_default();
    if now(dockerfile) == generated.dockerfile_text && now(ignore) == generated.dockerignore_text {
        // Read back before it was merged.
        return Ok(());
    }
    let found = problems(repo, generated, &now(dockerfile), &now(ignore));
    let before = dockerfile
        .there
        .as_ref()
        .filter(|_| dockerfile.fate != Fate::Replaced)
        .map(|there| problems(repo, generated, there, ignore.there.as_deref().unwrap_or_default()));
    let before: Vec<String> = before.into_iter().flatten().map(|problem| said(&problem)).collect();
    let edited = dockerfile.kind == Kind::Dockerfile
        && dockerfile.merged.stretches.iter().any(|one| one.side != Side::Both && one.edited());
    for problem in found.into_iter().filter(|problem| !before.contains(&said(problem))) {
        if !edited {
            return Err(problem.error(&dockerfile.path));
        }
        dockerfile.merged.object(&lines(&problem), &problem.message);
    }
    dockerfile.judge();
    Ok(())
}

/// The message without its numbers of lines.
fn said(problem: &Problem) -> String {
    let words = problem.message.split(' ').scan("", |last, word| {
        let number = *last == "line" && word.parse::<u32>().is_ok();
        *last = word;
        Some(if number { "" } else { word })
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The lines that a problem is about.
fn lines(problem: &Problem) -> Vec<u32> {
    let words: Vec<&str> = problem.message.split(' ').collect();
    let named = words.windows(2).filter(|pair| pair.first() == Some(&"line"));
    let named = named.filter_map(|pair| pair.get(1)?.parse().ok());
    problem.line.into_iter().chain(named).collect()
}
