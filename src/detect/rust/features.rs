//! Features that the program does not compile without: those that its binary requires, and one of a set that a
//! `compile_error!` asks for.

use super::ground::{self, Bin, Ground};
use crate::detect::Context;
use crate::facts::{Evidence, Found};
use crate::source::rust::cfg::Build;
use crate::source::rust::lex::{Lexer, unquote};

/// The features that `cargo build` has to be given.
pub(super) fn wanted(cx: &Context<'_>, ground: &Ground, bin: &Bin) -> Vec<Found<String>> {
    let Some(member) = ground.members.get(bin.member) else { return Vec::new() };
    let reach = super::reach::follow(cx, ground, bin.member, &[]);
    let on = reach.packages.get(&bin.member).map(|one| one.features.clone()).unwrap_or_default();
    let says = format!("required-features of {}", member.file);
    let required = bin.required.iter().filter(|feature| !on.contains(*feature));
    let mut found: Vec<Found<String>> = required
        .map(|feature| Found::new(feature.clone(), Evidence::file(&member.file, says.clone())))
        .collect();
    let roots = [Some(bin.file.clone()), ground::library(cx, member), ground::build_script(cx, member)];
    for path in roots.into_iter().flatten() {
        let Some(text) = cx.repo.source(&path) else { continue };
        for (condition, line) in refusals(&text) {
            let mut with = on.clone();
            with.extend(found.iter().map(|one| one.value.clone()));
            let refused = |features: &std::collections::BTreeSet<String>| {
                let build = Build { features: Some(features.clone()), musl: false };
                build.holds(&condition) == Some(true)
            };
            if !refused(&with) {
                continue;
            }
            let says = format!("one of its features has to be chosen ({path})");
            let mends = |feature: &String| {
                let mut more = with.clone();
                more.insert(feature.clone());
                !refused(&more)
            };
            if let Some(feature) = named(&condition).into_iter().find(mends) {
                let feature = with_library(&member.manifest.features, feature);
                found.push(Found::new(feature, Evidence::line(&path, line, says)));
            }
        }
    }
    found
}

/// The feature that turns one on and brings the library that it links.
fn with_library(table: &std::collections::BTreeMap<String, Vec<String>>, feature: String) -> String {
    let brings = |entries: &Vec<String>| {
        entries.contains(&feature)
            && entries.iter().any(|one| one.ends_with("/bundled") || one.ends_with("/vendored"))
    };
    table.iter().find(|(_, entries)| brings(entries)).map(|(name, _)| name.clone()).unwrap_or(feature)
}

/// The conditions of `#[cfg(...)] compile_error!`, and their lines.
fn refusals(text: &str) -> Vec<(String, u32)> {
    let tokens: Vec<_> = Lexer::new(text).collect();
    let word = |at: usize| tokens.get(at).and_then(|token| text.get(token.start..token.end)).unwrap_or("");
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if word(at) != "compile_error" {
            continue;
        }
        let near =
            (at.saturating_sub(80)..at).rev().find(|back| word(*back) == "cfg" && word(back + 1) == "(");
        let Some(open) = near.and_then(|cfg| tokens.get(cfg + 1)) else { continue };
        // `#[cfg(...)]` ends right in front, a `::std` between them passed over.
        let close = (at.saturating_sub(6)..at)
            .rev()
            .find(|back| word(*back) == "]" && word(back.saturating_sub(1)) == ")");
        let Some(close) = close.and_then(|close| tokens.get(close.saturating_sub(1))) else { continue };
        if let Some(condition) = text.get(open.end..close.start) {
            found.push((condition.to_owned(), token.line));
        }
    }
    found
}

/// The features that a condition names, in order.
fn named(condition: &str) -> Vec<String> {
    let tokens: Vec<&str> =
        Lexer::new(condition).filter_map(|token| condition.get(token.start..token.end)).collect();
    tokens
        .windows(3)
        .filter(|three| three.first() == Some(&"feature") && three.get(1) == Some(&"="))
        .filter_map(|three| three.get(2).map(|text| unquote(text)))
        .collect()
}
