//! Which project plays which role in which image: the program itself, front ends that are built for it, tooling that
//! changes nothing. Where the repository leaves a choice open, the error lists the answers and the flag for each.

use camino::{Utf8Path, Utf8PathBuf};

use crate::answers::Every;
use crate::detect::{self, Context, Detection, NothingToRun};
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Evidence, Found, JavaFacts, Note, Project, Stack};

mod served;
mod survey;
mod template;

pub use self::survey::{Candidate, LeftOut, Survey, survey, together};

/// A front end that is built for another program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrontEnd {
    /// The Node project.
    pub project: Project,
    /// What its build makes, relative to the repository, and who takes it.
    pub output: Found<Utf8PathBuf>,
    /// Where the program expects it, relative to the repository.
    pub into: Utf8PathBuf,
    /// Embedded in the binary, not read from the disk.
    pub embedded: bool,
    /// What the same build makes beside it, each for its own place.
    pub beside: Vec<Utf8PathBuf>,
}

/// One image's projects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composition {
    /// The program.
    pub main: Project,
    /// What is built for it.
    pub front_ends: Vec<FrontEnd>,
    /// What a person should be told.
    pub notes: Vec<Note>,
}

/// Finds the program of the folder that was asked for, and its front ends.
///
/// # Errors
/// A manifest is broken; nothing that runs was found; several programs were.
pub fn compose(cx: &Context) -> Result<Composition> {
    let root = service_root(cx)?;
    if let Some(refusal) = template::refusal(cx).filter(|_| cx.answers.service.is_none()) {
        return Err(refusal);
    }
    if let Some(unknown) = unknown_stacks(cx, &root).iter().find(|unknown| unknown.whole) {
        return Err(unsupported(unknown));
    }
    let seen = look(cx, &root)?;
    if let Some(member) = handed_over(cx, &root, seen.found.first())? {
        return Ok(member);
    }
    let Some(main) = seen.found.into_iter().next() else {
        return elsewhere(cx, &root, &seen.nothing);
    };
    if is_loose_script(cx, &main)
        && survey::survey(cx, &Every::default()).services.iter().any(|one| one.root != root)
    {
        return elsewhere(cx, &root, &[]);
    }
    refuse_unknown_backend(cx, &main)?;
    let mut notes = Vec::new();
    let front_ends = match &main.stack {
        Stack::Java(facts) => built_into(cx, facts)?,
        Stack::Python(_) => {
            let mut ends = front_ends(cx, &main, &mut notes)?;
            ends.extend(styles(cx, &main, &ends)?);
            if ends.is_empty() {
                bundled(cx, &main, &mut ends, &mut notes)?;
            }
            ends
        }
        Stack::Php(facts) => served::find(cx, &main, facts, &mut notes)?,
        _ => front_ends(cx, &main, &mut notes)?,
    };
    Ok(Composition { main, front_ends, notes })
}

/// The program of the one member that the root of a Node workspace starts.
fn handed_over(cx: &Context, root: &Utf8Path, main: Option<&Project>) -> Result<Option<Composition>> {
    let asked = cx.answers;
    let told = asked.service.is_some() || asked.bin.is_some() || asked.start.is_some();
    if told || main.is_some_and(|main| !matches!(main.stack, Stack::Node(_))) {
        return Ok(None);
    }
    let Some(member) = detect::node::hands_over(cx, root)? else { return Ok(None) };
    let answers = crate::answers::Answers { service: Some(member), ..asked.clone() };
    // A member that nothing starts by itself leaves the root as it is.
    Ok(compose(&Context { answers: &answers, ..*cx }).ok())
}

/// A script that no manifest describes and that does not listen: a tool of the repository, where programs lie below it.
fn is_loose_script(cx: &Context, main: &Project) -> bool {
    let asked = &cx.answers;
    let told = asked.service.is_some() || asked.bin.is_some() || asked.start.is_some();
    !told
        && main.listen.is_empty()
        && matches!(&main.stack, Stack::Python(facts)
            if facts.tool.manifests.is_empty() && !facts.has_dependencies && facts.framework.is_none())
}

/// Node projects that write among a Python program's own files: a bundle beside its code, in the folder of its static files.
fn styles(cx: &Context, main: &Project, known: &[FrontEnd]) -> Result<Vec<FrontEnd>> {
    let mut ends: Vec<FrontEnd> = Vec::new();
    let mut found: Vec<(Project, Utf8PathBuf)> = Vec::new();
    for project in node_projects(cx, &main.root, false)? {
        let outside = made(&project).find(|made| {
            let own = made.starts_with(&project.root) && project.root != main.root;
            made.starts_with(&main.root) && !own && *made != main.root && *made != project.root
        });
        found.extend(outside.filter(|made| in_code(cx, main, made)).map(|made| (project, made)));
    }
    for (project, made) in found {
        if known.iter().chain(&ends).any(|end| made.starts_with(&end.into) || end.into.starts_with(&made)) {
            continue;
        }
        let file = project.root.join("package.json");
        let because = vec![Evidence::file(&file, format!("Built by the build script of {file}"))];
        let end = front_end(&project, made.clone(), &Found { value: made, because });
        ends.push(FrontEnd { embedded: false, ..end });
    }
    Ok(ends)
}

/// A package.json beside the program that starts nothing and bundles for its folder of static files: built where its script
/// takes nothing but bundlers, else told.
fn bundled(cx: &Context, main: &Project, ends: &mut Vec<FrontEnd>, notes: &mut Vec<Note>) -> Result<()> {
    let file = main.root.join("package.json");
    let Some(text) = cx.repo.source(&file).filter(|text| text.contains("\"build\"")) else { return Ok(()) };
    let Some(made) = static_folder(cx, &main.root) else { return Ok(()) };
    let line = crate::manifest::line_of(&text, "\"build\"");
    let inside = made.strip_prefix(&main.root).unwrap_or(&made).to_owned();
    let because = Evidence { line, ..Evidence::file(&file, format!("Built by the build script of {file}")) };
    if let Some(project) = detect::node::bundle(cx, &main.root, Found::new(inside, because.clone()))? {
        let end = front_end(&project, made.clone(), &Found::new(made, because));
        ends.push(FrontEnd { embedded: false, ..end });
        return Ok(());
    }
    notes.push(Note {
        code: "bundle-not-built".to_owned(),
        text: format!(
            "the build script of `{file}` writes to `{made}`, and the image does not run it: make it before `docker build`"
        ),
        because: vec![Evidence { line, ..Evidence::file(&file, "build script") }],
    });
    Ok(())
}

/// A folder that lies in the program's code or beside it under a name of static files.
fn in_code(cx: &Context, main: &Project, made: &Utf8Path) -> bool {
    let below = made.strip_prefix(&main.root).unwrap_or(made);
    below.components().any(|part| ["static", "assets", "public"].contains(&part.as_str()))
        || made.parent().is_some_and(|folder| cx.repo.has(folder.join("__init__.py")))
}

/// `package/static` that the scripts of package.json or a bundler's configuration write to: the first of several.
fn static_folder(cx: &Context, root: &Utf8Path) -> Option<Utf8PathBuf> {
    let configuration = |name: &&str| {
        *name == "package.json"
            || ["rollup", "webpack", "vite", "esbuild"]
                .iter()
                .any(|tool| name.starts_with(&format!("{tool}.config")))
    };
    let names = cx.repo.list(root).0.into_iter().filter(configuration);
    let texts = names.filter_map(|name| cx.repo.source(&root.join(name)));
    let first = |text: std::sync::Arc<str>| {
        let mut words = text.split(['"', '\'', '`', ' ', '=']).filter(|word| !word.contains("node_modules"));
        words.find_map(|word| {
            let end = word.find("/static/")? + "/static".len();
            detect::join_inside(root, word.get(..end)?).filter(|path| cx.repo.has_dir(path))
        })
    };
    texts.into_iter().find_map(first)
}

fn service_root(cx: &Context) -> Result<Utf8PathBuf> {
    let Some(service) = &cx.answers.service else { return Ok(Utf8PathBuf::new()) };
    let root = detect::join_inside("".into(), service.as_str());
    match root.filter(|root| cx.repo.has_dir(root)) {
        Some(root) => Ok(root),
        None => Err(Error::new(
            ErrorKind::Usage,
            format!("`--service {service}`: no such folder in the repository"),
        )
        .help("give a folder relative to PATH, such as `--service apps/api`")),
    }
}

/// What the detectors say about one folder, in the order in which a program is preferred.
#[derive(Default)]
struct Seen {
    found: Vec<Project>,
    nothing: Vec<NothingToRun>,
}

fn look(cx: &Context, root: &Utf8Path) -> Result<Seen> {
    let mut seen = Seen::default();
    for detection in detect::all(cx, root)? {
        match detection {
            Detection::Found(project) => seen.found.push(*project),
            Detection::NothingToRun(nothing) => seen.nothing.push(nothing),
            Detection::Missing => {}
        }
    }
    Ok(seen)
}

/// A package.json that only serves another language's program must not become the image's program.
fn refuse_unknown_backend(cx: &Context, main: &Project) -> Result<()> {
    let serves = matches!(&main.stack, Stack::Node(facts) if facts.start.is_some());
    if serves
        || matches!(
            main.stack,
            Stack::Go(_) | Stack::Java(_) | Stack::Php(_) | Stack::Rust(_) | Stack::Python(_)
        )
    {
        return Ok(());
    }
    match unknown_stacks(cx, &main.root).first() {
        Some(unknown) if unknown.backend => Err(unsupported(unknown)),
        _ => Ok(()),
    }
}

fn unsupported(unknown: &Unknown) -> Error {
    Error::new(ErrorKind::Nothing, format!("this is {}, which dfgen does not write for yet", unknown.name))
        .at(&unknown.file, None)
        .help("`dfgen init PATH --service FOLDER` takes another folder of the repository")
}

/// A stack that is recognised and not written for.
struct Unknown {
    name: String,
    file: Utf8PathBuf,
    backend: bool,
    whole: bool,
}

fn unknown_stacks(cx: &Context, root: &Utf8Path) -> Vec<Unknown> {
    let (files, _) = cx.repo.list(root);
    let mut unknown = Vec::new();
    for stack in &cx.knowledge.unsupported {
        let named = files.iter().find(|file| stack.markers.iter().any(|marker| matches_marker(marker, file)));
        let inside =
            || stack.markers.iter().find(|marker| marker.contains('/') && cx.repo.has(root.join(marker)));
        if let Some(file) = named.copied().or_else(|| inside().map(String::as_str)) {
            let (name, file) = (stack.name.clone(), root.join(file));
            unknown.push(Unknown { name, file, backend: stack.backend, whole: stack.whole });
        }
    }
    unknown
}

fn matches_marker(marker: &str, file: &str) -> bool {
    marker.strip_prefix('*').map_or(marker == file, |ending| file.ends_with(ending))
}

/// Nothing runs in the folder itself: the answer is the one program below it, the list of them, or what was seen.
fn elsewhere(cx: &Context, root: &Utf8Path, nothing: &[NothingToRun]) -> Result<Composition> {
    let below =
        if cx.answers.service.is_none() { survey::survey(cx, &Every::default()) } else { Survey::default() };
    if nothing.is_empty()
        && let Some(only) = below.only()
        && unknown_stacks(cx, root).is_empty()
    {
        let answers = crate::answers::Answers { service: Some(only.to_owned()), ..cx.answers.clone() };
        return compose(&Context { answers: &answers, ..*cx });
    }
    Err(nothing_runs(cx, root, nothing, &below))
}

fn nothing_runs(cx: &Context, root: &Utf8Path, nothing: &[NothingToRun], below: &Survey) -> Error {
    let unknown = unknown_stacks(cx, root);
    let mut error = match (nothing.first(), unknown.first()) {
        (_, Some(unknown)) if nothing.is_empty() || unknown.backend => unsupported(unknown),
        (Some(nothing), _) => told(nothing),
        _ if !below.is_empty() => Error::new(
            ErrorKind::Choice,
            format!("no application lies in `{}` itself, {} in folders below it", place(root), below.count()),
        ),
        _ => nothing_known(cx, root),
    };
    if below.services.len() > 1 {
        error = error.help(format!("all {}: `dfgen init --all PATH`", below.services.len()));
    }
    below.help().into_iter().fold(error, Error::help)
}

fn place(root: &Utf8Path) -> &str {
    if root.as_str().is_empty() { "." } else { root.as_str() }
}

fn told(nothing: &NothingToRun) -> Error {
    let mut error = Error::new(ErrorKind::Nothing, nothing.what.clone());
    if let Some(evidence) = nothing.because.first()
        && let Some(file) = &evidence.file
    {
        error = error.at(file, evidence.line);
    }
    nothing.help.iter().fold(error, |error, line| error.help(line.clone()))
}

fn nothing_known(cx: &Context, root: &Utf8Path) -> Error {
    let (files, dirs) = cx.repo.list(root);
    let mut seen: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
    seen.extend(dirs.iter().map(|dir| format!("{dir}/")));
    let more = seen.len().saturating_sub(8);
    seen.truncate(8);
    let what = match (seen.is_empty(), more) {
        (true, _) => format!("`{}` holds no files", place(root)),
        (false, 0) => {
            format!("nothing that dfgen knows in `{}`: it holds {}", place(root), crate::text::ticked(&seen))
        }
        (false, more) => format!(
            "nothing that dfgen knows in `{}`: it holds {} and {more} more",
            place(root),
            seen.join(", ")
        ),
    };
    let names: Vec<&str> = cx.knowledge.detectors.values().map(|detector| detector.docs.as_str()).collect();
    names.iter().fold(Error::new(ErrorKind::Nothing, what), |error, docs| {
        error.help(format!("dfgen looks for: {docs}"))
    })
}

/// Node projects whose build makes what a program embeds or serves: what the repository lacks, and what it has as a
/// placeholder.
fn front_ends(cx: &Context, main: &Project, notes: &mut Vec<Note>) -> Result<Vec<FrontEnd>> {
    let mut ends: Vec<FrontEnd> = Vec::new();
    let Some(taken) = main.stack.takes_built() else { return Ok(ends) };
    if taken.embeds.is_empty() && taken.built.is_empty() && taken.served.is_empty() {
        return Ok(ends);
    }
    let base = if main.root.starts_with(taken.root) { taken.root } else { &main.root };
    let mut candidates = node_projects(cx, base, !taken.built.is_empty())?;
    // A program is no front end of its own.
    candidates.retain(|project| project.root != main.root || !matches!(main.stack, Stack::Node(_)));
    for embed in taken.built {
        if ends.iter().any(|end| embed.value.starts_with(&end.into)) {
            continue;
        }
        match made_by(&candidates, embed).or_else(|| around(&candidates, embed)) {
            Some(end) => ends.push(end),
            None => notes.push(Note {
                code: "embedded-not-there".to_owned(),
                text: format!(
                    "`{}` is embedded and nothing in the repository builds it: make it before `docker build`",
                    embed.value
                ),
                because: embed.because.clone(),
            }),
        }
    }
    for embed in taken.embeds {
        if !ends.iter().any(|end| embed.value.starts_with(&end.into)) {
            ends.extend(made_by(&candidates, embed));
        }
        let Some(left) = ignored_in(cx, &main.root, &embed.value) else { continue };
        if !ends.iter().any(|end| left.value.starts_with(&end.into) || end.into.starts_with(&left.value)) {
            notes.push(Note {
                code: "embedded-not-there".to_owned(),
                text: format!(
                    "`{}` is embedded, git ignores it, and nothing known builds it: make it before `docker build`",
                    left.value
                ),
                because: left.because,
            });
        }
    }
    for read in taken.served {
        let found = made_by(&candidates, read).or_else(|| around(&candidates, read));
        ends.extend(found.map(|end| FrontEnd { embedded: false, into: read.value.clone(), ..end }));
    }
    Ok(ends)
}

/// A folder inside of an embedded one that .gitignore names and that is not there: some build makes it.
fn ignored_in(cx: &Context, root: &Utf8Path, embed: &Utf8Path) -> Option<Found<Utf8PathBuf>> {
    let file = root.join(".gitignore");
    let text = cx.repo.source(&file)?;
    (1..).zip(text.lines()).find_map(|(number, line)| {
        let plain = line.trim().trim_matches('/');
        let named = !plain.is_empty() && plain.contains('/') && !plain.contains(['*', '!', '#', '.', '[']);
        let path = named.then(|| detect::join_inside(root, plain)).flatten()?;
        let inside = path.starts_with(embed) && path != embed && cx.repo.under(&path).next().is_none();
        let says = format!("{plain} in .gitignore");
        inside.then(|| Found { value: path, because: vec![Evidence::line(&file, number, says)] })
    })
}

/// Node projects whose build makes what a JVM program takes into its jar: they write among its resources, or a plug-in of its
/// build runs them.
fn built_into(cx: &Context, facts: &JavaFacts) -> Result<Vec<FrontEnd>> {
    let mut ends: Vec<FrontEnd> = Vec::new();
    for project in node_projects(cx, &facts.tool.root, false)? {
        let plugin = facts.front_end.as_ref().filter(|end| end.value.root == project.root);
        let resources = made(&project).find(|made| facts.takes_into(made));
        let because = match (plugin, &resources) {
            (Some(plugin), _) => made_by_plugin(plugin),
            (None, Some(_)) => vec![Evidence::file(
                &project.root.join("package.json"),
                format!("Built into the jar by {}/package.json", project.root),
            )],
            (None, None) => continue,
        };
        let Some(made) = resources.or_else(|| made(&project).next()) else { continue };
        if ends.iter().all(|end| end.into != made) {
            ends.push(front_end(&project, made.clone(), &Found { value: made, because }));
        }
    }
    Ok(ends)
}

fn made_by_plugin<T>(plugin: &Found<T>) -> Vec<Evidence> {
    let told = |one: &Evidence| Evidence { says: format!("What {} would make", one.says), ..one.clone() };
    plugin.because.iter().map(told).collect()
}

/// Node projects below a folder that build something. A broken manifest matters only where something has to be built.
fn node_projects(cx: &Context, root: &Utf8Path, must: bool) -> Result<Vec<Project>> {
    let answers = crate::answers::Answers::default();
    let inner = Context { answers: &answers, ..*cx };
    let mut found = Vec::new();
    for folder in node_folders(cx, root) {
        match detect::node::detect(&inner, &folder) {
            Ok(Detection::Found(project)) if builds(&project) => found.push(*project),
            Err(error) if must => return Err(error),
            _ => {}
        }
    }
    Ok(found)
}

/// What a Node project's build makes, relative to the repository.
fn made(project: &Project) -> impl Iterator<Item = Utf8PathBuf> {
    let facts = match &project.stack {
        Stack::Node(facts) => Some(facts),
        _ => None,
    };
    let made = facts.into_iter().flat_map(|facts| facts.site.iter().chain(&facts.output));
    made.filter_map(|path| detect::join_inside(&project.root, path.value.as_str()))
}

fn builds(project: &Project) -> bool {
    matches!(&project.stack, Stack::Node(facts) if !facts.build.is_empty())
}

/// The project whose build says that it makes what is embedded.
fn made_by(candidates: &[Project], embed: &Found<Utf8PathBuf>) -> Option<FrontEnd> {
    candidates.iter().find_map(|project| {
        let made =
            made(project).find(|made| embed.value.starts_with(made) || made.starts_with(&embed.value))?;
        Some(front_end(project, made, embed))
    })
}

/// The project that the embedded folder lies in.
fn around(candidates: &[Project], embed: &Found<Utf8PathBuf>) -> Option<FrontEnd> {
    let holds =
        |project: &&Project| !project.root.as_str().is_empty() && embed.value.starts_with(&project.root);
    candidates.iter().rfind(holds).map(|project| front_end(project, embed.value.clone(), embed))
}

fn front_end(project: &Project, made: Utf8PathBuf, embed: &Found<Utf8PathBuf>) -> FrontEnd {
    let output = Found { value: made.clone(), because: embed.because.clone() };
    FrontEnd { project: project.clone(), output, into: made, embedded: true, beside: Vec::new() }
}

fn node_folders(cx: &Context, root: &Utf8Path) -> Vec<Utf8PathBuf> {
    cx.repo
        .under(root)
        .filter(|file| file.file_name() == Some("package.json"))
        .filter_map(|file| file.parent().map(Utf8Path::to_owned))
        .filter(|folder| folder.components().count() <= root.components().count() + 4)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::Answers;
    use crate::knowledge::Knowledge;
    use crate::repo::Repo;

    fn composed(files: &[(&str, &str)]) -> Result<Composition> {
        let repo = Repo::from_files(files.iter().copied());
        let knowledge = Knowledge::load(&repo)?;
        let answers = Answers::default();
        compose(&Context { repo: &repo, knowledge: &knowledge, answers: &answers })
    }

    #[test]
    fn what_git_ignores_in_an_embedded_folder_is_told() {
        let main = "package main\n\nimport (\n\t\"embed\"\n\t\"net/http\"\n)\n\n//go:embed ui\nvar ui embed.FS\n\nfunc main() {\n\thttp.ListenAndServe(\":80\", nil)\n}\n";
        let files = [
            ("go.mod", "module x\n\ngo 1.26\n"),
            ("main.go", main),
            ("ui/favicon.svg", "<svg/>"),
            (".gitignore", "/node_modules/\n/ui/dist\n*.db\n"),
        ];
        let told = |files: &[(&str, &str)]| {
            composed(files).unwrap().notes.into_iter().map(|note| note.code).collect::<Vec<_>>()
        };
        assert_eq!(told(&files), ["embedded-not-there"]);
        let there: Vec<_> = files.into_iter().chain([("ui/dist/app.js", "")]).collect();
        assert_eq!(told(&there), [] as [&str; 0]);
    }

    #[test]
    fn a_script_at_the_root_is_a_tool_where_programs_lie_below_it() {
        let files = [
            ("regenerate.py", "import sys\nprint(sys.argv)\n"),
            ("server/go.mod", "module x\n\ngo 1.26\n"),
            (
                "server/main.go",
                "package main\n\nimport \"net/http\"\n\nfunc main() {\n\thttp.ListenAndServe(\":8080\", nil)\n}\n",
            ),
        ];
        assert_eq!(composed(&files).unwrap().main.root, "server");
        let alone = composed(&files[..1]).unwrap();
        assert_eq!(alone.main.root, "");
    }

    #[test]
    fn a_bundle_that_is_written_into_the_code_is_built_for_it() {
        let files = [
            ("requirements.txt", "flask\ngunicorn\n"),
            ("shop/__init__.py", ""),
            ("shop/app.py", "from flask import Flask\napp = Flask(__name__)\n"),
            (
                "ui/package.json",
                "{\"scripts\": {\"build\": \"vite build\"}, \"devDependencies\": {\"vite\": \"7\"}}",
            ),
            ("ui/index.html", ""),
            ("ui/vite.config.js", "export default { build: { outDir: '../shop/static' } }\n"),
        ];
        let composition = composed(&files).unwrap();
        let made: Vec<&str> = composition.front_ends.iter().map(|end| end.into.as_str()).collect();
        assert_eq!(made, ["shop/static"]);
    }

    #[test]
    fn a_bundle_among_the_programs_files_is_built_where_nothing_but_bundlers_make_it() {
        let of = |script: &str| {
            let manifest =
                format!(r#"{{"scripts":{{"build":"{script}"}},"devDependencies":{{"webpack":"5.0.0"}}}}"#);
            let config =
                "module.exports = { output: { path: path.resolve(__dirname, 'shop/static/dist') } };\n";
            let app = "from flask import Flask\napp = Flask(__name__)\n";
            composed(&[
                ("requirements.txt", "flask\ngunicorn\n"),
                ("shop/__init__.py", app),
                ("shop/static/js/main.js", "1"),
                ("package.json", manifest.as_str()),
                ("webpack.config.js", config),
            ])
            .unwrap()
        };
        let built = of("rimraf x && webpack --mode=production");
        let into: Vec<&str> = built.front_ends.iter().map(|end| end.into.as_str()).collect();
        assert_eq!((into.as_slice(), built.notes.len()), (["shop/static"].as_slice(), 0));
        let told = of("python manage.py bundle && webpack");
        assert_eq!((told.front_ends.len(), told.notes[0].code.as_str()), (0, "bundle-not-built"));
    }
}
