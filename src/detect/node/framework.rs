//! The framework: the first of the table that the manifest depends on, and what its configuration changes.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value as Json;

use super::start::Search;
use super::tool::json;
use super::work::{Work, note};
use crate::detect::{Context, NothingToRun, join_inside};
use crate::error::Result;
use crate::facts::{Evidence, Found};
use crate::knowledge::{Framework, Mode};
use crate::source::js::{self, ValueKind};

/// A framework as the project uses it.
#[derive(Debug, Clone)]
pub(super) struct Used<'a> {
    /// Its row.
    pub(super) row: &'a Framework,
    /// The dependency that says so.
    pub(super) because: Evidence,
    /// `start` of the row or its mode, `{folder}` put in.
    pub(super) start: Vec<String>,
    /// `output` likewise.
    pub(super) output: Vec<String>,
    /// `site` likewise.
    pub(super) site: Option<Found<Utf8PathBuf>>,
    /// What it makes beside its site.
    pub(super) more: Vec<Found<Utf8PathBuf>>,
    /// The output runs without `node_modules`.
    pub(super) standalone: Option<Evidence>,
    /// The site routes in the browser.
    pub(super) spa: bool,
    /// `env` of the row and its mode.
    pub(super) env: BTreeMap<String, String>,
    /// A variable that decides what is built, the value that makes it so, and where.
    pub(super) decides: Option<Found<(String, String)>>,
}

/// The frameworks of the manifest, the most telling first.
pub(super) fn find<'a>(cx: &Context<'a>, work: &mut Work) -> Result<Vec<Used<'a>>> {
    let Some(table) = cx.knowledge.detectors.get("node") else { return Ok(Vec::new()) };
    let mut used = Vec::new();
    for row in &table.frameworks {
        let wanted =
            |name: &&String| if row.library { work.manifest.in_production(name) } else { work.has(name) };
        let own = row.when.iter().find(wanted).map(|name| work.at_dependency(name));
        if let Some(because) = own.or_else(|| hoisted(work, row)).filter(|_| is_here(cx, work, row)) {
            used.push(configured(cx, work, row, because)?);
        }
    }
    Ok(used)
}

/// A bundler that a member's scripts call and that only the workspace's root, or another member, depends on.
fn hoisted(work: &Work, row: &Framework) -> Option<Evidence> {
    let build = row.build.as_ref().filter(|_| !row.library)?;
    work.scripts().values().any(|script| holds(script, build)).then_some(())?;
    let (file, outer) = work.files().nth(1)?;
    let members = work.workspace.iter().flat_map(|workspace| &workspace.members);
    let members = members.map(|member| (member.root.join("package.json"), &member.manifest));
    let (file, manifest, name) =
        std::iter::once((file.to_owned(), outer)).chain(members).find_map(|(file, manifest)| {
            let name = row.when.iter().find(|name| manifest.specifier(name).is_some())?;
            Some((file, manifest, name))
        })?;
    let says = format!("the dependency {name} of {file}");
    Some(Evidence { says, line: manifest.dependency_line(name), file: Some(file) })
}

/// Whether the project is an application of a framework, as far as its row tells by files.
fn is_here(cx: &Context, work: &Work, row: &Framework) -> bool {
    let there = |place: &String| {
        let path = work.root.join(place);
        cx.repo.has(&path) || cx.repo.has_dir(&path)
    };
    if !row.places.is_empty() {
        return row.places.iter().any(there);
    }
    // At the root of a workspace, a bundler and a tool for documents serve the members, unless it has a page.
    let site = row.site.is_some() && !row.library;
    let page = || cx.knowledge.of("static").markers.iter().any(there) || there(&"src/index.html".to_owned());
    !site || super::nothing::runnable_members(cx, work).is_empty() || !row.documents && page()
}

/// Whether the start is the program of a framework that has no application here: a manifest that holds it for others.
pub(super) fn is_lent(cx: &Context, work: &Work, search: &Search) -> bool {
    let Some(begin) = &search.begin else { return false };
    let first = begin.value.start.argv.first().map(|first| first.trim_start_matches("../"));
    let own = |row: &Framework| {
        row.when.iter().any(|name| work.has(name)) && row.start.first().map(String::as_str) == first
    };
    let mut rows = cx.knowledge.of("node").frameworks.iter().filter(|row| own(row)).peekable();
    begin.value.start.shell.is_none()
        && rows.peek().is_some()
        && rows.all(|row| !is_here(cx, work, row) || is_offered(work, row))
}

/// Whether a member offers modules to others, and no script of it calls the framework.
fn is_offered(work: &Work, row: &Framework) -> bool {
    let Some(program) = row.build.as_ref().and_then(|build| build.split(' ').next()) else { return false };
    let calls = |script: &String| script.split([' ', ';', '&']).any(|word| word == program);
    let packaged = row.start.first().is_some_and(|first| first.starts_with("node_modules/"));
    packaged && !work.manifest.offers.is_empty() && !work.scripts().values().any(calls)
}

/// The answer where the framework builds for a platform alone, and no start of the project's own says otherwise.
pub(super) fn elsewhere(cx: &Context, work: &Work, used: &[Used], search: &Search) -> Option<NothingToRun> {
    let first = used.iter().find(|used| !used.row.library)?;
    let row = first.row.elsewhere.as_ref()?;
    let file = search.begin.as_ref().map(|found| found.value.file.as_ref());
    let own = file.is_some_and(|file| {
        file.is_some_and(|file| !first.output.iter().any(|folder| file.starts_with(folder)))
    });
    if own || !work.manifest.offers.is_empty() && work.manifest.library {
        return None;
    }
    let because = match &row.key {
        None => first.because.clone(),
        Some(key) => {
            let file =
                first.row.config.iter().map(|name| work.root.join(name)).find(|file| cx.repo.has(file))?;
            let path: Vec<&str> = key.split('.').collect();
            let value = js::config_value(&cx.repo.source(&file)?, &path)?;
            let given = value.as_str().or_else(|| value.made_by())?;
            let is = |one: &String| {
                given == one || given.strip_prefix(one.as_str()).is_some_and(|rest| rest.starts_with('/'))
            };
            row.values.iter().any(is).then_some(())?;
            Evidence::line(&file, value.line, format!("{key} of {}", file.file_name()?))
        }
    };
    Some(NothingToRun {
        root: work.root.clone(),
        language: "node".to_owned(),
        what: format!(
            "{} built for a platform of its own: its build makes nothing that a container can run",
            first.row.name
        ),
        because: vec![because],
        help: row.help.clone(),
    })
}

fn configured<'a>(cx: &Context, work: &mut Work, row: &'a Framework, because: Evidence) -> Result<Used<'a>> {
    let usual = || row.config.iter().map(|name| work.root.join(name)).find(|file| cx.repo.has(file));
    let config = told(cx, work, row).or_else(usual);
    let text = config.as_ref().and_then(|file| cx.repo.source(file)).unwrap_or_default();
    let place = config.unwrap_or_else(|| work.file.clone());
    let (named, source) = folder(cx, work, row, &place, &text, &because);
    let fill = |text: &String| text.replace("{folder}", &named);
    let row_site = row
        .site
        .as_ref()
        .map(|site| Found { value: Utf8PathBuf::from(fill(site)), because: vec![source.clone()] });
    let mut used = Used {
        row,
        because: because.clone(),
        start: row.start.iter().map(fill).collect(),
        output: row.output.iter().map(fill).collect(),
        site: row_site,
        more: Vec::new(),
        standalone: row.standalone.then_some(because),
        spa: row.spa,
        env: row.env.clone(),
        decides: None,
    };
    named_outputs(work, row, &place, &text, &mut used);
    let serves = starts_server(work, &used.start);
    for mode in row.modes.iter().filter(|mode| !(serves && mode.site.is_some() && mode.script.is_some())) {
        if let Some((because, decides)) = chosen(work, row, mode, &place, &text) {
            apply(&mut used, mode, &because, decides, fill);
            if mode.standalone {
                member_layout(work, &mut used);
            }
            break;
        }
    }
    if place.extension() == Some("json") && place.file_name() == Some("angular.json") {
        angular(cx, work, &place, &mut used)?;
    }
    Ok(used)
}

/// The folders that calls of the configuration name, instead of the row's.
fn named_outputs(work: &Work, row: &Framework, file: &Utf8Path, text: &str, used: &mut Used) {
    let name = file.file_name().unwrap_or_default();
    let mut found: Vec<Found<Utf8PathBuf>> = Vec::new();
    let mut add = |path: &str, line: u32, says: String| {
        let inside = inside_root(work, path.trim_end_matches('/')).map(Utf8PathBuf::from);
        if let Some(inside) = inside.filter(|inside| found.iter().all(|one| !inside.starts_with(&one.value)))
        {
            found.push(Found::new(inside, Evidence::line(file, line, says)));
        }
    };
    let lines = || text.lines().zip(1u32..).filter(|(line, _)| !is_comment(line));
    for (line, number) in lines() {
        for call in &row.output_calls {
            let after = line.split_once(&format!("{call}(")).map(|(_, after)| after);
            if let Some(path) = after.and_then(quoted) {
                add(path, number, format!("{call} of {name}"));
            }
        }
    }
    // The folder of the targets is nobody's output: it holds what the repository has beside them.
    let below = row.targets_below.as_deref().filter(|below| used_whole(&found, below));
    if let Some(below) = below {
        found.clear();
        let beginning = format!("{below}/");
        for (line, number) in lines() {
            for path in line.split(',').skip(1).filter_map(quoted).filter(|path| path.starts_with(&beginning))
            {
                let path = Utf8Path::new(path);
                let folder = if path.extension().is_some() { path.parent() } else { Some(path) };
                let known =
                    found.iter().any(|one| folder.is_some_and(|folder| folder.starts_with(&one.value)));
                if let Some(folder) = folder.filter(|folder| *folder != below && !known) {
                    let because = Evidence::line(file, number, format!("the targets of {name}"));
                    found.push(Found::new(folder.to_owned(), because));
                }
            }
        }
        let because = used.because.clone();
        let also = row.also.iter().map(|file| Found::new(Utf8Path::new(below).join(file), because.clone()));
        if !found.is_empty() {
            found.extend(also);
        }
    }
    let mut found = found.into_iter();
    if let Some(first) = found.next() {
        used.site = Some(first);
        used.more = found.collect();
    }
}

/// Nothing is named, or the folder that holds everything.
fn used_whole(found: &[Found<Utf8PathBuf>], below: &str) -> bool {
    found.iter().all(|one| one.value == below)
}

fn is_comment(line: &str) -> bool {
    ["//", "*", "/*"].iter().any(|mark| line.trim_start().starts_with(mark))
}

/// The first text in quotes, where it is plain.
fn quoted(text: &str) -> Option<&str> {
    let at = text.find(['"', '\'', '`'])?;
    let quote = text.get(at..=at)?;
    let inner = text.get(at + 1..)?.split(quote).next()?;
    (!inner.is_empty() && !inner.contains(['$', '*'])).then_some(inner)
}

/// Folders that bundlers make which only the build script names, as their configurations say.
pub(super) fn bundled(cx: &Context, work: &Work, used: &[Used]) -> Vec<Found<Utf8PathBuf>> {
    let Some(name) = super::build::script(cx, work) else { return Vec::new() };
    let commands = super::manifests::followed(&work.manifest, name);
    let known = |row: &&Framework| !used.iter().any(|one| one.row.id == row.id);
    let rows = cx.knowledge.of("node").frameworks.iter().filter(known).filter(|row| {
        let program = row.build.as_ref().and_then(|build| build.split(' ').next());
        row.site.is_some()
            && row.folder.is_some()
            && program.is_some()
            && commands.iter().any(|simple| simple.program() == program)
    });
    let found = rows.filter_map(|row| {
        let usual = || row.config.iter().map(|name| work.root.join(name)).find(|file| cx.repo.has(file));
        let file = told(cx, work, row).or_else(usual)?;
        let unsaid = Evidence::told("no folder");
        let (path, because) = folder(cx, work, row, &file, &cx.repo.source(&file)?, &unsaid);
        (because != unsaid).then(|| Found::new(Utf8PathBuf::from(path), because))
    });
    found.collect()
}

/// Prefixes of variables that a bundler's configuration names in place of its own.
pub(super) fn own_prefixes(cx: &Context, work: &Work) -> Vec<String> {
    let rows = cx.knowledge.of("node").frameworks.iter();
    let mut values = rows.filter_map(|row| Some((row, row.prefix_key.as_deref()?))).flat_map(|(row, key)| {
        let files = row.config.iter().map(|name| work.root.join(name));
        files.filter_map(move |file| js::config_value(&cx.repo.source(&file)?, &[key]))
    });
    match values.next().map(|value| value.kind) {
        Some(ValueKind::Str(text)) => vec![text],
        _ => Vec::new(),
    }
}

/// The configuration that the build script hands to the framework's program.
fn told(cx: &Context, work: &Work, row: &Framework) -> Option<Utf8PathBuf> {
    let program = row.build.as_ref()?.split(' ').next()?;
    let name = super::build::script(cx, work)?;
    let commands = super::manifests::followed(&work.manifest, name);
    let simple = commands.iter().find(|simple| simple.program() == Some(program))?;
    let at = simple.argv.iter().position(|word| ["--config", "-c"].contains(&word.as_str()))?;
    join_inside(&work.root, simple.argv.get(at + 1)?).filter(|file| cx.repo.has(file))
}

/// Whether the start script names the framework's own server: another script may make files all the same.
fn starts_server(work: &Work, start: &[String]) -> bool {
    let script = ["start", "start:prod"].iter().find_map(|name| work.scripts().get(*name));
    script.zip(start.first()).is_some_and(|(script, server)| script.contains(server.as_str()))
}

/// The folder of the output: the configuration's key, else an option of the build script, else the row's.
fn folder(
    cx: &Context,
    work: &Work,
    row: &Framework,
    file: &Utf8Path,
    text: &str,
    because: &Evidence,
) -> (String, Evidence) {
    let Some(folder) = &row.folder else { return (String::new(), because.clone()) };
    let path: Vec<&str> = folder.key.split('.').collect();
    let within = folder.within.as_ref().and_then(|key| js::config_value(text, &[key.as_str()]));
    let within = within.and_then(|value| place_of(&value)).map(|(path, _)| path).unwrap_or_default();
    if let Some(value) = js::config_value(text, &path) {
        let name = file.file_name().unwrap_or_default();
        let because = Evidence::line(file, value.line, format!("{} of {name}", folder.key));
        let place =
            place_of(&value).map(|(path, whole)| if whole { path } else { format!("{within}/{path}") });
        if let Some(inside) = place.and_then(|place| inside_root(work, &place)) {
            return (inside, because);
        }
    }
    // Adapters take the folder as an argument: `adapter({ out: 'dist' })`.
    if let Some((parent, last)) = path.split_last().map(|(last, parent)| (parent, *last))
        && let Some(value) = js::config_value(text, parent)
        && let ValueKind::Call { arguments, .. } = &value.kind
        && let Some(text) = arguments.iter().find_map(|argument| argument_key(argument, last))
    {
        let because = Evidence::line(
            file,
            value.line,
            format!("{} of {}", folder.key, file.file_name().unwrap_or_default()),
        );
        return (text, because);
    }
    let option = out_option(cx, work);
    let default = || inside_root(work, &format!("{within}/{}", folder.default));
    option.unwrap_or_else(|| (default().unwrap_or_else(|| folder.default.clone()), because.clone()))
}

/// A path of a configuration, and whether it stands on the configuration's own folder: `path.resolve(__dirname, 'x')`.
fn place_of(value: &js::Value) -> Option<(String, bool)> {
    match &value.kind {
        ValueKind::Str(text) => Some((text.clone(), false)),
        ValueKind::Call { name, arguments, .. } if name.ends_with("resolve") || name.ends_with("join") => {
            let texts: Vec<&str> = arguments.iter().filter_map(js::Value::as_str).collect();
            let known = arguments.iter().skip(1).all(|argument| argument.as_str().is_some());
            (known && !texts.is_empty()).then(|| (texts.join("/"), true))
        }
        _ => None,
    }
}

fn argument_key(argument: &js::Value, key: &str) -> Option<String> {
    let ValueKind::Object(pairs) = &argument.kind else { return None };
    let (_, value) = pairs.iter().find(|(name, _)| name == key)?;
    value.as_str().map(str::to_owned)
}

fn inside_root(work: &Work, text: &str) -> Option<String> {
    let path = join_inside(&work.root, text.trim_start_matches('/'))?;
    match path.strip_prefix(&work.root) {
        Ok(inner) => Some(inner.to_string()).filter(|path| !path.is_empty()),
        // A front end may build right into the program that serves it.
        Err(_) => Some(format!("{}{path}", "../".repeat(work.root.components().count()))),
    }
}

/// `vite build --outDir site`.
fn out_option(cx: &Context, work: &Work) -> Option<(String, Evidence)> {
    let name = super::build::script(cx, work).map_or("build", String::as_str);
    let folder = inside_root(work, &super::build::out_folder(&work.manifest, name)?)?;
    Some((folder, work.at_script(name)))
}

type Chosen = (Evidence, Option<(String, String)>);

/// Whether the configuration or the build script sets a mode, and the variable that decides it.
fn chosen(work: &Work, row: &Framework, mode: &Mode, file: &Utf8Path, text: &str) -> Option<Chosen> {
    if let Some(word) = &mode.script {
        let script = |kind: &str, words: &str| {
            let mut scripts = work.scripts().iter();
            scripts.find(|(name, text)| name.contains(kind) && holds(text, words)).map(|(name, _)| name)
        };
        // Templates come with a script that makes files beside the one that builds the server.
        let server = row.build.as_deref().is_some_and(|build| script("build", build).is_some());
        let found = script("build", word).or_else(|| script("generate", word).filter(|_| !server))?;
        return Some((work.at_script(found), None));
    }
    let path: Vec<&str> = mode.key.as_ref()?.split('.').collect();
    let wanted = mode.value.as_ref()?;
    let value = js::config_value(text, &path)?;
    let because =
        Evidence::line(file, value.line, format!("{} of {}", mode.key.as_ref()?, file.file_name()?));
    let is = |value: &js::Value| match &value.kind {
        ValueKind::Str(text) => text == wanted,
        ValueKind::Bool(yes) => yes.to_string() == *wanted,
        _ => false,
    };
    match &value.kind {
        ValueKind::Conditional { variable, equals, then } if is(then) => {
            let to = equals.clone().unwrap_or_else(|| "1".to_owned());
            Some((because, Some((variable.clone(), to))))
        }
        _ => is(&value).then_some((because, None)),
    }
}

/// Whether a script holds a command as words of their own.
fn holds(script: &str, words: &str) -> bool {
    script.match_indices(words).any(|(at, _)| {
        let after = script.get(at + words.len()..).and_then(|rest| rest.chars().next());
        after.is_none_or(|letter| letter == ' ' || letter == '&' || letter == ';')
    })
}

fn apply(
    used: &mut Used,
    mode: &Mode,
    because: &Evidence,
    decides: Option<(String, String)>,
    fill: impl Fn(&String) -> String,
) {
    if let Some(site) = &mode.site {
        used.site = Some(Found::new(Utf8PathBuf::from(fill(site)), because.clone()));
        used.start.clear();
        used.output.clear();
        used.standalone = None;
    } else {
        used.start = mode.start.iter().map(&fill).collect();
        used.output = mode.output.iter().map(&fill).collect();
        used.standalone = mode.standalone.then(|| because.clone());
    }
    used.spa |= mode.spa;
    used.env.extend(mode.env.clone());
    used.decides = decides.map(|pair| Found::new(pair, because.clone()));
}

/// A member of a workspace that stands alone keeps its place below the workspace's root in the result.
fn member_layout(work: &Work, used: &mut Used) {
    let Some(workspace) = work.workspace.as_ref().filter(|workspace| workspace.root != work.root) else {
        return;
    };
    let Ok(place) = work.root.strip_prefix(&workspace.root) else { return };
    for path in used.output.iter_mut().filter(|path| !path.contains(" -> ")) {
        *path = format!("{path} -> {place}/{path}");
    }
    if let Some(first) = used.start.first_mut() {
        *first = format!("{place}/{first}");
    }
}

/// angular.json: the output of the application that is built by default. The application builder adds `browser`.
fn angular(cx: &Context, work: &mut Work, file: &Utf8Path, used: &mut Used) -> Result<()> {
    let Some(json) = json(cx, file)? else { return Ok(()) };
    let projects = json.get("projects").and_then(Json::as_object);
    let wanted = json.get("defaultProject").and_then(Json::as_str);
    let applications: Vec<(&String, &Json)> = projects
        .into_iter()
        .flatten()
        .filter(|(_, project)| project.get("projectType").and_then(Json::as_str) != Some("library"))
        .collect();
    let project =
        applications.iter().find(|(name, _)| Some(name.as_str()) == wanted).or(applications.first());
    let Some((name, project)) = project else { return Ok(()) };
    if applications.len() > 1 && wanted.is_none() {
        let text = format!("angular.json has {} applications; `{name}` is taken", applications.len());
        work.notes.push(note("several-applications", text, Evidence::file(file, "projects of angular.json")));
    }
    let target =
        project.get("architect").or_else(|| project.get("targets")).and_then(|targets| targets.get("build"));
    let Some(target) = target else { return Ok(()) };
    let modern =
        target.get("builder").and_then(Json::as_str).is_some_and(|builder| builder.ends_with(":application"));
    let path = target.get("options").and_then(|options| options.get("outputPath"));
    let parent = match path {
        Some(Json::String(path)) => path.clone(),
        Some(Json::Object(object)) => object.get("base").and_then(Json::as_str).unwrap_or("dist").to_owned(),
        _ => format!("dist/{name}"),
    };
    let browser = match path {
        Some(Json::Object(object)) => object.get("browser").and_then(Json::as_str).unwrap_or("browser"),
        _ if modern => "browser",
        _ => "",
    };
    let base = Utf8PathBuf::from(parent.trim_end_matches('/').trim_start_matches("./"));
    let because = Evidence::file(file, "outputPath of angular.json");
    if used.site.is_some() {
        let folder = if browser.is_empty() { base } else { base.join(browser) };
        used.site = Some(Found::new(folder, because));
    } else {
        let based = |text: &mut String| *text = text.replace("/server", &format!("{base}/server"));
        used.start.iter_mut().for_each(based);
        used.output = vec![base.into_string()];
    }
    Ok(())
}
