//! Which package manager installs, at which version, from which lock file.

use camino::{Utf8Path, Utf8PathBuf};
use nodejs_semver::{Range, Version};

use super::lock::LockFile;
use super::work::{Work, note};
use crate::detect::Context;
use crate::error::Result;
use crate::facts::{Evidence, Found, Note, ToolFacts};
use crate::knowledge::Tool;
use crate::manifest::{json_lines, yarnrc};

/// The tool of a project, with its lock file.
pub(super) fn find(cx: &Context, work: &mut Work) -> Result<ToolFacts> {
    let locks = locks(cx, work)?;
    let other = if work.bun_runs { locks.first().map(|(_, lock)| lock.clone()) } else { None };
    let (id, lock) = choose(cx, work, locks);
    let mut tool = ToolFacts { id, root: work.tool_root.clone(), ..ToolFacts::default() };
    if let Some(lock) = lock {
        tool.lock = Some(lock.file.clone());
        tool.frozen = fits(work, &lock);
        work.lock = lock;
    } else if let Some(other) = other {
        migrated(work, &tool, other);
    } else {
        no_lock(work, &tool);
    }
    yarn_settings(cx, work, &mut tool)?;
    tool.version = version(cx, work, &tool);
    plugin(cx, work, &mut tool);
    Ok(tool)
}

/// The table's row of a tool.
pub(super) fn row<'a>(cx: &Context<'a>, id: &str) -> Option<&'a Tool> {
    cx.knowledge.detectors.get("node")?.tools.iter().find(|tool| tool.id == id)
}

fn locks(cx: &Context, work: &Work) -> Result<Vec<(String, LockFile)>> {
    let mut found = Vec::new();
    for tool in &cx.knowledge.of("node").tools {
        let mut files = tool.locks.iter().map(|name| work.tool_root.join(name));
        if let Some(file) = files.find(|file| cx.repo.has(file)) {
            let lock = LockFile::read(cx, &file)?;
            let id = if lock.is_berry() { "berry" } else { &tool.id };
            found.push((id.to_owned(), lock));
        }
    }
    Ok(found)
}

fn choose(cx: &Context, work: &mut Work, mut locks: Vec<(String, LockFile)>) -> (String, Option<LockFile>) {
    if work.bun_runs {
        let own = locks.iter().position(|(id, _)| id == "bun").map(|at| locks.swap_remove(at).1);
        return ("bun".to_owned(), own);
    }
    let asked = asked(cx, work, &locks);
    if let Some(id) = &asked
        && (locks.is_empty() || locks.iter().any(|(other, _)| other == id))
    {
        let lock = locks.iter().position(|(other, _)| other == id).map(|at| locks.swap_remove(at).1);
        return (id.clone(), lock);
    }
    if locks.len() > 1 {
        return between(cx, work, locks);
    }
    match locks.pop() {
        Some((id, lock)) => (id, Some(lock)),
        None => (unlocked(cx, work), None),
    }
}

/// The tool that a manifest names.
fn asked(cx: &Context, work: &Work, locks: &[(String, LockFile)]) -> Option<String> {
    for manifest in work.manifests() {
        let named = manifest.package_manager.iter().chain(&manifest.dev_manager);
        for (name, version) in named {
            if name == "yarn" {
                return Some(which_yarn(cx, work, version, locks));
            }
            if row(cx, name).is_some() {
                return Some(name.clone());
            }
        }
    }
    None
}

fn which_yarn(cx: &Context, work: &Work, version: &str, locks: &[(String, LockFile)]) -> String {
    let modern = match version.trim_start_matches(['^', '~', '>', '=', ' ']).split('.').next() {
        Some("" | "*") | None => {
            locks.iter().any(|(id, _)| id == "berry") || cx.repo.has(work.tool_root.join(".yarnrc.yml"))
        }
        Some(major) => !matches!(major, "0" | "1"),
    };
    if modern { "berry" } else { "yarn" }.to_owned()
}

/// Several lock files and no word of package.json: the tool that the README, CI, Procfile or scripts speak of, else
/// the first of the table.
fn between(cx: &Context, work: &mut Work, mut locks: Vec<(String, LockFile)>) -> (String, Option<LockFile>) {
    let ids: Vec<&str> = locks.iter().map(|(id, _)| id.as_str()).collect();
    let spoken = spoken(cx, work, &ids);
    let at = spoken.as_ref().and_then(|(id, _)| locks.iter().position(|(other, _)| other == id)).unwrap_or(0);
    let names: Vec<String> =
        locks.iter().filter_map(|(_, lock)| lock.file.file_name().map(|name| format!("`{name}`"))).collect();
    let files: Vec<Evidence> =
        locks.iter().map(|(_, lock)| Evidence::file(&lock.file, "a lock file")).collect();
    let (id, lock) = locks.swap_remove(at);
    let taken = lock.file.file_name().unwrap_or_default();
    let why = spoken.as_ref().map_or_else(String::new, |(_, because)| format!(", as {} does", because.says));
    work.notes.push(Note {
        code: "two-lock-files".to_owned(),
        text: format!("{} lie side by side; `{taken}` is used{why}: delete the other", names.join(" and ")),
        because: spoken.into_iter().map(|(_, because)| because).chain(files).collect(),
    });
    (id, Some(lock))
}

/// The one tool among `ids` that a text of the project speaks of; the first text that speaks of one alone decides.
fn spoken(cx: &Context, work: &Work, ids: &[&str]) -> Option<(String, Evidence)> {
    let (mut texts, _) = cx.repo.list(&work.tool_root);
    texts.retain(|name| {
        name.to_ascii_lowercase().starts_with("readme") || *name == "Procfile" || name.ends_with("-ci.yml")
    });
    let own = texts.into_iter().map(|name| work.tool_root.join(name));
    let ci = cx.repo.under(Utf8Path::new(".github/workflows")).cloned();
    let contributing =
        ["CONTRIBUTING.md", "vercel.json", "netlify.toml"].map(|name| work.tool_root.join(name));
    own.chain(ci).chain(contributing).find_map(|file| {
        let text = cx.repo.source(&file)?;
        let mut speaking = ids.iter().filter(|id| row(cx, id).is_some_and(|tool| speaks(&text, tool)));
        let one = speaking.next()?;
        speaking.next().is_none().then(|| ((*one).to_owned(), Evidence::file(&file, says(&file))))
    })
}

fn says(file: &Utf8Path) -> String {
    format!("the {}", file.file_name().unwrap_or_default().trim_end_matches(".md"))
}

/// Whether a command of the tool stands in a text as a word of its own (`pnpm install` holds `npm install`).
fn speaks(text: &str, tool: &Tool) -> bool {
    let starts = |at: usize| {
        text.get(..at).and_then(|before| before.chars().next_back()).is_none_or(|c| !c.is_alphanumeric())
    };
    tool.spoken.iter().any(|word| text.match_indices(word.as_str()).any(|(at, _)| starts(at)))
}

/// No lock file: what settings and scripts speak for, else the first of the table.
fn unlocked(cx: &Context, work: &Work) -> String {
    let has = |name: &str| cx.repo.has(work.tool_root.join(name));
    if work.bun_signs {
        return "bun".to_owned();
    }
    if has(".yarnrc.yml") {
        return "berry".to_owned();
    }
    if has("pnpm-workspace.yaml") {
        return "pnpm".to_owned();
    }
    for tool in cx.knowledge.of("node").tools.iter().filter(|tool| tool.id != "npm") {
        let engine = work.manifests().any(|manifest| manifest.engines.contains_key(&tool.id));
        if engine || work.manifest.scripts.values().any(|script| calls(script, &tool.id)) {
            return tool.id.clone();
        }
    }
    "npm".to_owned()
}

/// Whether a script calls a program as a word of its own.
pub(super) fn calls(script: &str, program: &str) -> bool {
    script.split(['&', '|', ';', '"', '\'', '(']).any(|part| {
        let mut words = part.split_whitespace().skip_while(|word| word.contains('='));
        words.next() == Some(program)
    })
}

fn fits(work: &mut Work, lock: &LockFile) -> bool {
    let inside =
        |folder: &Utf8Path| folder.strip_prefix(&work.tool_root).map(Utf8Path::to_owned).unwrap_or_default();
    let own = lock.lacks(&inside(&work.root), &work.manifest).map(|name| (work.file.clone(), name));
    let lacking = own.or_else(|| {
        let root = work.workspace.as_ref()?.manifest.as_ref()?;
        lock.lacks(Utf8Path::new(""), root).map(|name| (work.tool_root.join("package.json"), name))
    });
    let Some((file, name)) = lacking else { return true };
    let lock_name = lock.file.file_name().unwrap_or_default().to_owned();
    let line = work.manifest.dependency_line(&name);
    work.notes.push(Note {
        code: "stale-lock-file".to_owned(),
        text: format!("`{lock_name}` does not fit the manifest: `{name}` is not in it, so that the install cannot be frozen"),
        because: vec![Evidence { says: format!("{name} in package.json"), file: Some(file), line }],
    });
    false
}

fn no_lock(work: &mut Work, tool: &ToolFacts) {
    if work.manifest.all_dependencies().next().is_none() {
        return;
    }
    let text = format!("there is no lock file of {}: every build may install other versions", tool.id);
    let because = Evidence::file(&work.file, "package.json without a lock file beside it");
    work.notes.push(note("no-lock-file", text, because));
}

/// Bun takes the versions over from another manager's lock file where it has none of its own.
fn migrated(work: &mut Work, tool: &ToolFacts, other: LockFile) {
    let name = other.file.file_name().unwrap_or_default().to_owned();
    let text = format!(
        "{} runs the project and has no lock file: it takes the versions over from `{name}`",
        tool.id
    );
    work.notes.push(note("no-lock-file", text, Evidence::file(&other.file, "another manager's lock file")));
    work.lock = other;
}

/// What `.yarnrc.yml` and `.yarnrc` change.
fn yarn_settings(cx: &Context, work: &mut Work, tool: &mut ToolFacts) -> Result<()> {
    let modern = tool.id == "berry";
    if !modern && tool.id != "yarn" {
        return Ok(());
    }
    let file = work.tool_root.join(if modern { ".yarnrc.yml" } else { ".yarnrc" });
    let text = cx.repo.read(&file)?;
    let settings = match text {
        Some(text) if modern => yarnrc::read(&file, &text)?,
        Some(text) => yarnrc::read_classic(&text),
        None => yarnrc::Yarnrc::default(),
    };
    tool.pnp = modern && settings.linker.as_deref().unwrap_or("pnp") == "pnp";
    tool.vendored = settings.path.as_ref().is_some_and(|path| cx.repo.has(work.tool_root.join(path)));
    let zero_install = cx.repo.has_dir(work.tool_root.join(".yarn/cache"));
    if modern && !zero_install {
        let row = row(cx, "berry");
        let (env, says) = match row.and_then(|row| row.pnp.as_ref()).filter(|_| tool.pnp) {
            Some(pnp) => (Some(&pnp.env), "the program reads its packages from the project's own cache"),
            None => (row.map(|row| &row.env), "the cache mount holds Yarn's global cache"),
        };
        let pairs = env.into_iter().flatten();
        tool.env = pairs
            .map(|(name, value)| Found::new((name.clone(), value.clone()), Evidence::told(says)))
            .collect();
    }
    work.yarnrc = settings;
    Ok(())
}

/// The flags that make Node find packages where there is no `node_modules`.
pub(super) fn preload(cx: &Context, work: &Work, tool: &ToolFacts) -> Vec<String> {
    let Some(pnp) = row(cx, &tool.id).and_then(|row| row.pnp.as_ref()).filter(|_| tool.pnp) else {
        return Vec::new();
    };
    let depth = work.root.strip_prefix(&work.tool_root).map_or(0, |place| place.components().count());
    let root = if depth == 0 { "./".to_owned() } else { "../".repeat(depth) };
    let modules = pnp.modules.iter().filter(|_| work.manifest.module);
    pnp.preload.iter().chain(modules).map(|word| word.replace("{root}", &root)).collect()
}

/// The version of the tool itself: asked for, kept in the repository, or told by the lock file's format.
fn version(cx: &Context, work: &Work, tool: &ToolFacts) -> Option<Found<String>> {
    let name = if tool.id == "berry" { "yarn" } else { tool.id.as_str() };
    for (file, manifest) in work.files() {
        let says = |key: &str| format!("the {key} of package.json");
        if let Some((_, version)) =
            manifest.package_manager.as_ref().filter(|(id, version)| id == name && !version.is_empty())
        {
            let line = manifest.line(&["packageManager"]).unwrap_or(1);
            return Some(Found::new(version.clone(), Evidence::line(file, line, says("packageManager"))));
        }
        if let Some(version) = manifest.volta.get(name) {
            let line = manifest.line(&["volta", name]).unwrap_or(1);
            return Some(Found::new(version.clone(), Evidence::line(file, line, says("volta"))));
        }
        let dev = manifest.dev_manager.iter().find(|(id, _)| id == name).and_then(|(_, range)| least(range));
        if let Some(version) = dev {
            let line = manifest.line(&["devEngines", "packageManager"]).unwrap_or(1);
            return Some(Found::new(version, Evidence::line(file, line, says("devEngines"))));
        }
    }
    released(work, tool).or_else(|| from_format(cx, work, tool, name))
}

/// `yarnPath: .yarn/releases/yarn-4.6.0.cjs` names its version.
fn released(work: &Work, tool: &ToolFacts) -> Option<Found<String>> {
    let path = Utf8Path::new(work.yarnrc.path.as_ref().filter(|_| tool.vendored)?);
    let version = path.file_stem()?.strip_prefix("yarn-")?;
    let file: Utf8PathBuf = work.tool_root.join(path);
    Version::parse(version).ok()?;
    Some(Found::new(version.to_owned(), Evidence::file(&file, "the release kept in the repository")))
}

fn from_format(cx: &Context, work: &Work, tool: &ToolFacts, name: &str) -> Option<Found<String>> {
    let ranges = work.files().find_map(|(file, manifest)| {
        let range = manifest.engines.get(name)?;
        let line = manifest.line(&["engines", name]).unwrap_or(1);
        Some((range.clone(), Evidence::line(file, line, format!("engines.{name} of package.json"))))
    });
    let format = work.lock.lock().format.as_ref();
    let told = format.and_then(|format| row(cx, &tool.id)?.formats.get(format)).map(|version| {
        let key = if tool.id == "berry" { "__metadata" } else { "lockfileVersion" };
        let file = work.lock.file.file_name().unwrap_or_default();
        Found::new(version.clone(), Evidence::file(&work.lock.file, format!("the {key} of {file}")))
    });
    match (told, ranges) {
        (Some(told), Some((range, because))) if !allows(&range, &told.value) => {
            Some(least(&range).map_or(told, |version| Found::new(version, because)))
        }
        (Some(told), _) => Some(told),
        // A manager that comes with the image is as good as any that a wide range allows.
        (None, Some((range, because))) if row(cx, &tool.id).is_some_and(|row| row.setup.is_some()) => {
            let default = row(cx, &tool.id).and_then(|row| row.version.clone()).unwrap_or_default();
            if allows(&range, &default) {
                None
            } else {
                least(&range).map(|version| Found::new(version, because))
            }
        }
        _ => None,
    }
}

/// Whether a range allows a version, or some release of a line such as `10`.
fn allows(range: &str, version: &str) -> bool {
    let Ok(range) = Range::parse(range) else { return true };
    let line = Range::parse(version);
    line.is_ok_and(|line| range.allows_any(&line))
}

/// The oldest version of a range: what it names.
fn least(range: &str) -> Option<String> {
    let version = Range::parse(range).ok()?.min_version()?;
    (version.major() > 0).then(|| version.to_string())
}

/// Yarn 2 and 3 install production dependencies with a plug-in that the repository has to hold.
fn plugin(cx: &Context, work: &mut Work, tool: &mut ToolFacts) {
    let Some((below, name)) = row(cx, &tool.id).and_then(|row| row.production_plugin.as_ref()) else {
        return;
    };
    let old = tool.version.as_ref().is_some_and(|found| allows(&format!("<{below}.0.0"), &found.value));
    if !old || work.yarnrc.plugins.iter().any(|plugin| plugin.contains(name.as_str())) {
        return;
    }
    tool.no_production = true;
    let text = format!(
        "this Yarn installs production dependencies alone only with `{name}`, which .yarnrc.yml does not list"
    );
    let file = work.tool_root.join(".yarnrc.yml");
    work.notes.push(note("yarn-plugin", text, Evidence::file(&file, "the plugins of .yarnrc.yml")));
}

/// Whether the members of a JSON list name something: `nx.json`, `project.json`.
pub(super) fn json(cx: &Context, file: &Utf8Path) -> Result<Option<serde_json::Value>> {
    cx.repo.read(file)?.map(|text| json_lines::with_comments(file, &text)).transpose()
}
