//! Names that stand for folders of the project when a module is loaded: `paths` and `baseUrl` of tsconfig.json, `imports`
//! of package.json.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value as Json;

use super::tsc;
use crate::detect::{Context, join_inside};
use crate::manifest::tsconfig;

/// A chain of `extends` longer than this is a circle.
const EXTENDS: usize = 8;

/// The aliases of a project.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    /// The pattern, and what it may stand for, relative to the repository.
    patterns: Vec<(String, Vec<Utf8PathBuf>)>,
    /// Folders that every name may stand in.
    bases: Vec<Utf8PathBuf>,
}

impl Aliases {
    /// Those of the project in a folder.
    pub(super) fn of(cx: &Context, root: &Utf8Path) -> Self {
        let mut aliases = Self::default();
        for name in ["tsconfig.json", "jsconfig.json", "tsconfig.base.json"] {
            aliases.compiler(cx, root.join(name));
        }
        aliases.imports(cx, root);
        // The longest pattern is the one that is meant.
        aliases.patterns.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.len()));
        aliases
    }

    fn compiler(&mut self, cx: &Context, file: Utf8PathBuf) {
        let mut next = vec![file];
        for _ in 0..EXTENDS {
            let Some(file) = next.pop() else { return };
            let Some(text) = cx.repo.source(&file) else { continue };
            let Ok(config) = tsconfig::read(&file, &text) else { continue };
            let folder = file.parent().unwrap_or(Utf8Path::new(""));
            let base = config.base_url.as_ref().and_then(|base| join_inside(folder, base));
            let from = base.clone().unwrap_or_else(|| folder.to_owned());
            for (pattern, places) in config.paths {
                let places = places.iter().filter_map(|place| join_inside(&from, place)).collect();
                self.patterns.push((pattern, places));
            }
            self.bases.extend(base);
            let extended = config.extends.iter().chain(&config.references);
            let local = extended.filter(|name| name.starts_with('.'));
            next.extend(local.filter_map(|name| join_inside(folder, &tsc::with_json(name))));
        }
    }

    /// `"imports": { "#lib/*": "./src/lib/*.js" }`
    fn imports(&mut self, cx: &Context, root: &Utf8Path) {
        let text = cx.repo.source(&root.join("package.json")).unwrap_or_default();
        let manifest: Json = serde_json::from_str(&text).unwrap_or_default();
        let imports = manifest.get("imports").and_then(Json::as_object);
        for (pattern, target) in imports.into_iter().flatten() {
            let mut targets = Vec::new();
            texts(target, &mut targets, 0);
            let places = targets.iter().filter_map(|target| join_inside(root, target)).collect();
            self.patterns.push((pattern.clone(), places));
        }
    }

    /// The file of the repository that a specifier stands for.
    pub(super) fn resolve(&self, cx: &Context, specifier: &str) -> Option<Utf8PathBuf> {
        let named =
            self.patterns.iter().filter_map(|(pattern, places)| Some((rest(pattern, specifier)?, places)));
        let mut places = named.flat_map(|(rest, places)| {
            places.iter().filter_map(move |place| {
                join_inside(Utf8Path::new(""), &place.as_str().replacen('*', rest, 1))
            })
        });
        let base = || {
            self.bases
                .iter()
                .filter_map(|base| join_inside(base, specifier))
                .find_map(|place| file_at(cx, &place))
        };
        places.find_map(|place| file_at(cx, &place)).or_else(base)
    }
}

/// What the star of a pattern stands for in a specifier.
fn rest<'s>(pattern: &str, specifier: &'s str) -> Option<&'s str> {
    match pattern.split_once('*') {
        Some((before, after)) => specifier.strip_prefix(before)?.strip_suffix(after),
        None => (pattern == specifier).then_some(""),
    }
}

fn file_at(cx: &Context, place: &Utf8Path) -> Option<Utf8PathBuf> {
    tsc::candidates(place).into_iter().find(|path| cx.repo.has(path))
}

fn texts<'j>(value: &'j Json, found: &mut Vec<&'j str>, depth: u8) {
    match value {
        Json::String(text) => found.push(text),
        Json::Object(conditions) if depth < 4 => {
            conditions.values().for_each(|value| texts(value, found, depth + 1));
        }
        _ => {}
    }
}
