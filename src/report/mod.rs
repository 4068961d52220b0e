//! How results are told: the summary and the errors for people, JSON for programs.

use camino::Utf8Path;

use crate::error::{Error, ErrorKind};
use crate::explain;
use crate::facts::Evidence;
use crate::generate::Generated;
use crate::update::{Fate, File, Kind, Plan, Service, Together};

mod json;
mod plan;
mod schema;

pub use self::json::{explain_json, init_json};
pub use self::plan::{check, conflicts, plan_json};
pub use self::schema::{NAMES as SCHEMAS, schema};

/// An error with its next steps.
#[must_use]
pub fn error(error: &Error) -> String {
    let mut lines = vec![format!("error: {error}")];
    if error.help.is_empty() {
        lines.push(format!("help: {}", next_step(error.kind)));
    }
    lines.extend(error.help.iter().map(|line| format!("help: {line}")));
    plain(&(lines.join("\n") + "\n"))
}

/// The next step where an error knows none of its own.
fn next_step(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Broken => "mend the file, then run dfgen again",
        ErrorKind::Io => "look at the permissions and the space of the disk, then run dfgen again",
        ErrorKind::Nothing | ErrorKind::Choice => "`--service FOLDER` names the folder that is meant",
        ErrorKind::Refused | ErrorKind::Usage => "`dfgen init --help` lists the flags",
    }
}

/// Text of a repository must not drive the terminal.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() && letter != '\n' { ' ' } else { letter }).collect()
}

/// What was found and written, and the two commands to type next; for an update, what changed.
#[must_use]
pub fn summary(plan: &Plan, path: &str, dry: bool) -> String {
    let several = plan.together.is_some();
    let mut text: Vec<String> =
        plan.services.iter().map(|service| about(service, path, dry, several)).collect();
    text.extend(plan.together.iter().map(|together| around(together, path, dry)));
    text.retain(|one| !one.is_empty());
    plain(&text.join("\n"))
}

fn about(service: &Service, path: &str, dry: bool, several: bool) -> String {
    let generated = &service.generated;
    let mut lines = Vec::new();
    if several {
        lines.push(format!("{:>10}  {}", "service", service.root));
    }
    if service.first {
        for row in main_rows(generated) {
            lines.push(format!("{:>10}  {}{}", row.about, row.value, explain::places(&row.because)));
        }
        for note in &generated.service.notes {
            lines.push(format!("{:>10}  {}{}", "note", note.text, explain::places(&note.because)));
        }
    } else {
        lines.extend(
            plan::update(&service.drift, &service.files)
                .into_iter()
                .map(|(about, text)| format!("{about:>10}  {text}")),
        );
    }
    lines.extend(plan::remarks(service));
    lines.extend(service.files.iter().map(|file| written(file, dry)));
    if service.first && several {
        lines.push(format!("{:>10}  {}", "run", run_line(generated)));
    } else if service.first {
        lines.push(String::new());
        lines.push(format!("{:>10}  {}", "build", build_line(generated, path)));
        lines.push(format!("{:>10}  {}", "run", run_line(generated)));
    }
    lines.join("\n") + "\n"
}

/// What became of a file.
fn written(file: &File, dry: bool) -> String {
    let gone = file.fate == Fate::Gone;
    let from = match &file.moved_from {
        Some(from) => format!(", from {from}"),
        None if gone && file.kind == Kind::Dockerfile => {
            ", which is gone; `--force` writes it again, `--output FILE` says where it is now".to_owned()
        }
        None if gone => ", which is gone; `--force` writes it again".to_owned(),
        None => String::new(),
    };
    format!("{:>10}  {}{from}", word(file.fate, dry), file.path)
}

/// What is no service, what is none any more, and the file that builds all of them together.
fn around(together: &Together, path: &str, dry: bool) -> String {
    let mut rows: Vec<(&str, String)> = Vec::new();
    if together.first {
        let left_out = crate::compose::together(&together.left_out);
        rows.extend(left_out.into_iter().map(|(folders, why)| ("left out", format!("{folders}: {why}"))));
    } else {
        rows.extend(plan::baked(together));
    }
    let gone = together.removed.iter();
    rows.extend(
        gone.map(|root| {
            ("removed", format!("{root} is no service any more; what there is of its files stays"))
        }),
    );
    let mut lines: Vec<String> =
        rows.into_iter().map(|(about, text)| format!("{about:>10}  {text}")).collect();
    lines.push(written(&together.file, dry));
    if together.first {
        lines.push(String::new());
        lines.push(format!("{:>10}  {}", "build", bake_line(together, path)));
    }
    lines.join("\n") + "\n"
}

/// Contexts lie relative to the folder that buildx runs in; where a compose file lies there, too, it would be read as well.
fn bake_line(together: &Together, path: &str) -> String {
    let change =
        if path == "." { String::new() } else { format!("cd {} && ", crate::text::shell_word(path)) };
    let only =
        if together.beside_compose { format!(" --file {}", together.file.path) } else { String::new() };
    format!("{change}docker buildx bake{only}")
}

fn word(fate: Fate, dry: bool) -> &'static str {
    match fate {
        Fate::Created if dry => "would write",
        Fate::Renewed if dry => "would rewrite",
        Fate::Merged if dry => "would merge",
        Fate::Replaced if dry => "would replace",
        Fate::Created => "wrote",
        Fate::Unchanged => "unchanged",
        Fate::Renewed => "rewrote",
        Fate::Merged => "merged",
        Fate::Adopted => "adopted",
        Fate::Replaced => "replaced",
        Fate::Gone => "left out",
        Fate::Conflict => "conflict",
    }
}

fn main_rows(generated: &Generated) -> Vec<explain::Row> {
    let (service, project) = (&generated.service, &generated.composition.main);
    let row = |about: &str, value: String, because: Vec<Evidence>| explain::Row {
        about: about.into(),
        value,
        because,
    };
    let decisions = service.decisions.iter().filter(|one| one.about.ends_with("version"));
    let mut rows: Vec<explain::Row> = decisions
        .map(|one| {
            row(
                "found",
                format!("{} {}", one.about.trim_end_matches(" version"), one.taken),
                one.because.iter().filter(|one| one.file.is_some()).cloned().collect(),
            )
        })
        .collect();
    for end in &generated.composition.front_ends {
        let folder = if end.project.root.as_str().is_empty() { "." } else { end.project.root.as_str() };
        rows.push(row("found", format!("front end in {folder}"), end.output.because.clone()));
    }
    let start = service.runtime.entrypoint.iter().chain(&service.runtime.cmd).cloned().collect::<Vec<_>>();
    if !start.is_empty() {
        rows.push(row(
            "starts",
            crate::text::shell_line(&start),
            generated.composition.main.stack.start_evidence().to_vec(),
        ));
    }
    for listen in &project.listen {
        rows.push(row("port", listen.value.port.to_string(), listen.because.clone()));
    }
    for written in &project.writes {
        rows.push(row("writes", written.value.to_string(), written.because.clone()));
    }
    rows.push(row("base", service.runtime.image.clone(), Vec::new()));
    rows
}

fn build_line(generated: &Generated, path: &str) -> String {
    let service = &generated.service;
    let place = |relative: &Utf8Path| match (path, relative.as_str()) {
        (".", "") => ".".to_owned(),
        (path, "") => path.to_owned(),
        (".", relative) => relative.to_owned(),
        (path, relative) => format!("{}/{relative}", path.trim_end_matches('/')),
    };
    let mut words = vec!["docker build".to_owned()];
    words.extend(service.build_flags.iter().cloned());
    words.extend(["--tag".to_owned(), service.id.clone()]);
    if generated.dockerfile != service.context.join("Dockerfile") {
        words.push(format!("--file {}", crate::text::shell_word(&place(&generated.dockerfile))));
    }
    words.push(crate::text::shell_word(&place(&service.context)));
    words.join(" ")
}

/// Everything that the container needs under a read-only root: ports, volumes, variables, a place for temporary files.
fn run_line(generated: &Generated) -> String {
    let service = &generated.service;
    let mut words = vec!["docker run --rm --read-only --tmpfs /tmp".to_owned()];
    words.extend(service.runtime.expose.iter().map(|(port, _)| format!("--publish {port}:{port}")));
    for volume in &service.runtime.volumes {
        let name =
            crate::detect::slug(&format!("{}-{}", service.id, volume.rsplit('/').next().unwrap_or("data")));
        words.push(format!("--volume {}", crate::text::shell_word(&format!("{name}:{volume}"))));
    }
    words.extend(service.required_env.iter().map(|name| format!("--env {name}=...")));
    words.push(service.id.clone());
    words.join(" ")
}

/// The Dockerfile; of several services each of them with its path above it, as `head` prints files.
#[must_use]
pub fn dockerfiles(plan: &Plan) -> String {
    let fresh = plan.services.iter().map(|one| (&one.generated.dockerfile, &one.generated.dockerfile_text));
    let Some(together) = &plan.together else { return fresh.map(|(_, text)| text.as_str()).collect() };
    let all = fresh.chain([(&together.file.path, &together.file.fresh)]);
    all.map(|(path, text)| format!("==> {path} <==\n{text}")).collect::<Vec<_>>().join("\n")
}

/// A unified diff of a file.
#[must_use]
pub fn diff(path: &Utf8Path, there: &str, fresh: &str) -> String {
    let diff = similar::TextDiff::from_lines(there, fresh);
    diff.unified_diff().header(&format!("{path} (there)"), &format!("{path} (dfgen)")).to_string()
}
