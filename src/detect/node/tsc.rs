//! Where TypeScript's compiler puts a file.

use camino::{Utf8Path, Utf8PathBuf};
use globset::{GlobBuilder, GlobMatcher};

use super::work::Work;
use crate::detect::{Context, join_inside};
use crate::error::Result;
use crate::facts::Evidence;
use crate::manifest::tsconfig::{self, TsConfig};

/// A chain of `extends` longer than this is a circle.
const EXTENDS: usize = 8;

/// The compiler's output, as one configuration says.
#[derive(Debug, Clone)]
pub(super) struct Output {
    /// Its folder, relative to the project.
    pub(super) folder: Utf8PathBuf,
    /// The folder that it mirrors, relative to the project.
    pub(super) mirrors: Utf8PathBuf,
    /// What says so.
    pub(super) because: Evidence,
}

impl Output {
    /// Where a source file of the project ends up.
    pub(super) fn of(&self, source: &Utf8Path) -> Option<Utf8PathBuf> {
        let rest = source.strip_prefix(&self.mirrors).ok()?;
        let extension = match source.extension()? {
            "mts" => "mjs",
            "cts" => "cjs",
            _ => "js",
        };
        Some(self.folder.join(rest).with_extension(extension))
    }

    /// The source, among the project's files, that a compiled file comes from.
    pub(super) fn source(&self, cx: &Context, root: &Utf8Path, made: &Utf8Path) -> Option<Utf8PathBuf> {
        let rest = made.strip_prefix(&self.folder).ok()?;
        candidates(&self.mirrors.join(rest)).into_iter().find(|path| cx.repo.has(root.join(path)))
    }
}

/// The names that a module can have as a source.
pub(super) fn candidates(path: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut all = vec![path.to_owned()];
    let stem = match path.extension() {
        Some("js" | "mjs" | "cjs" | "jsx") => path.with_extension(""),
        _ => path.to_owned(),
    };
    for extension in ["ts", "tsx", "mts", "cts", "js", "mjs", "cjs", "jsx", "json"] {
        all.push(Utf8PathBuf::from(format!("{stem}.{extension}")));
    }
    all.extend(["index.ts", "index.tsx", "index.js", "index.mjs", "index.cjs"].map(|name| stem.join(name)));
    all
}

/// The output of the project's configuration; `named` is the file that a build script gives to the compiler.
pub(super) fn output(cx: &Context, work: &Work, named: Option<&str>) -> Result<Option<Output>> {
    let usual = [
        "tsconfig.build.json",
        "tsconfig.prod.json",
        "tsconfig.json",
        "tsconfig.app.json",
        "tsconfig.server.json",
    ];
    for name in named.into_iter().chain(usual) {
        let Some(mut file) = join_inside(&work.root, name) else { continue };
        if cx.repo.has_dir(&file) {
            file.push("tsconfig.json");
        }
        let Some((config, line)) = resolved(cx, &file)? else { continue };
        if config.no_emit == Some(true) {
            continue;
        }
        let Some(folder) =
            config.out_dir.as_deref().and_then(|folder| join_inside(Utf8Path::new(""), folder))
        else {
            continue;
        };
        let base = file.parent().unwrap_or(Utf8Path::new(""));
        let mirrors = mirrored(cx, &file, &config, &folder);
        let inside = |path: &Utf8Path| path.strip_prefix(&work.root).map(Utf8Path::to_owned).ok();
        let (Some(folder), Some(mirrors)) = (inside(&folder), inside(&mirrors)) else { continue };
        let says = format!("outDir of {}", file.file_name().unwrap_or_default());
        let because = Evidence { says, file: Some(line.0), line: line.1 };
        if folder.as_str().is_empty() && base == work.root {
            continue;
        }
        return Ok(Some(Output { folder, mirrors, because }));
    }
    Ok(None)
}

type Place = (Utf8PathBuf, Option<u32>);

/// A configuration with what it extends; its folders relative to the repository.
fn resolved(cx: &Context, file: &Utf8Path) -> Result<Option<(TsConfig, Place)>> {
    let mut merged = TsConfig::default();
    let mut place = (file.to_owned(), None);
    let mut next = vec![file.to_owned()];
    for _ in 0..EXTENDS {
        let Some(file) = next.pop() else { break };
        let Some(text) = cx.repo.read(&file)? else {
            if merged == TsConfig::default() {
                return Ok(None);
            }
            continue;
        };
        let config = tsconfig::read(&file, &text)?;
        let folder = file.parent().unwrap_or(Utf8Path::new("")).to_owned();
        let placed = |path: &String| join_inside(&folder, path).map(Utf8PathBuf::into_string);
        if merged.out_dir.is_none() && config.out_dir.is_some() {
            merged.out_dir = config.out_dir.as_ref().and_then(placed);
            place = (file.clone(), config.out_dir_line);
        }
        merged.root_dir = merged.root_dir.or_else(|| config.root_dir.as_ref().and_then(placed));
        merged.no_emit = merged.no_emit.or(config.no_emit);
        merged.composite |= config.composite;
        let all = |list: &Vec<String>| list.iter().filter_map(placed).collect::<Vec<_>>();
        merged.include = merged.include.or_else(|| config.include.as_ref().map(all));
        merged.files = merged.files.or_else(|| config.files.as_ref().map(all));
        if merged.exclude.is_empty() {
            merged.exclude = all(&config.exclude);
        }
        let bases = config.extends.iter().filter(|name| name.starts_with('.'));
        next.extend(bases.filter_map(|name| join_inside(&folder, &with_json(name))));
    }
    Ok(Some((merged, place)))
}

pub(super) fn with_json(name: &str) -> String {
    if Utf8Path::new(name).extension() == Some("json") { name.to_owned() } else { format!("{name}.json") }
}

/// The folder that the output mirrors: `rootDir`, or the deepest that holds every source.
fn mirrored(cx: &Context, file: &Utf8Path, config: &TsConfig, out: &Utf8Path) -> Utf8PathBuf {
    let folder = file.parent().unwrap_or(Utf8Path::new(""));
    if let Some(root) = &config.root_dir {
        return Utf8PathBuf::from(root);
    }
    if config.composite {
        return folder.to_owned();
    }
    let include =
        config.include.as_ref().map(|list| list.iter().filter_map(|text| glob(text)).collect::<Vec<_>>());
    let exclude: Vec<GlobMatcher> = config.exclude.iter().filter_map(|text| glob(text)).collect();
    let named =
        |path: &Utf8PathBuf| config.files.as_ref().is_some_and(|files| files.iter().any(|one| path == one));
    let included = |path: &Utf8PathBuf| match &include {
        Some(globs) => {
            globs.iter().any(|glob| glob.is_match(path)) && !exclude.iter().any(|glob| glob.is_match(path))
        }
        None => config.files.is_none() && !exclude.iter().any(|glob| glob.is_match(path)),
    };
    let source = |path: &Utf8PathBuf| {
        matches!(path.extension(), Some("ts" | "tsx" | "mts" | "cts"))
            && !path.as_str().ends_with(".d.ts")
            && !path.starts_with(out)
            && (named(path) || included(path))
    };
    let mut sources = cx.repo.under(folder).filter(|path| source(path)).filter_map(|path| path.parent());
    let Some(first) = sources.next() else { return folder.to_owned() };
    sources.fold(first.to_owned(), |common, next| {
        common.ancestors().find(|ancestor| next.starts_with(ancestor)).unwrap_or(Utf8Path::new("")).to_owned()
    })
}

/// A glob of tsconfig: a folder stands for all of its files.
fn glob(text: &str) -> Option<GlobMatcher> {
    let last = text.rsplit('/').next().unwrap_or_default();
    let text = if last.contains(['*', '.', '?']) { text.to_owned() } else { format!("{text}/**/*") };
    let text = if text.starts_with('/') { text.trim_start_matches('/').to_owned() } else { text };
    GlobBuilder::new(&text).literal_separator(true).build().ok().map(|glob| glob.compile_matcher())
}
