//! Settings that a program asks Spring Cloud's configuration server for, whose files lie in the same repository.

use camino::{Utf8Path, Utf8PathBuf};

use super::config::Placed;
use crate::detect::Context;
use crate::facts::Evidence;

/// Where the settings of a program's server come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remote {
    /// Files of the repository, those that stand over others first.
    Files(Vec<Utf8PathBuf>),
    /// They lie elsewhere, and the program does not start without them.
    Elsewhere(Evidence),
}

/// What a program gets from a server; none where it asks none, or goes on without one.
pub(super) fn of(cx: &Context<'_>, own: &[Placed], dirs: &[&Utf8Path]) -> Option<Remote> {
    let asks = own.iter().find(|one| is_asked(one))?;
    let name = own.iter().find(|one| one.setting.key == "spring.application.name")?;
    let files = files(cx, &name.setting.value, dirs);
    if !files.is_empty() {
        return Some(Remote::Files(files));
    }
    let optional = asks.setting.value.trim_start().starts_with("optional:");
    (!optional).then(|| Remote::Elsewhere(asks.because()))
}

fn is_asked(one: &Placed) -> bool {
    let key = one.setting.key.as_str();
    key == "spring.cloud.config.uri"
        || key == "spring.cloud.config.discovery.enabled" && one.setting.value == "true"
        || key.starts_with("spring.config.import") && one.setting.value.contains("configserver:")
}

/// The files for a program of this name, where one folder alone has them.
fn files(cx: &Context<'_>, name: &str, dirs: &[&Utf8Path]) -> Vec<Utf8PathBuf> {
    let named = |path: &Utf8Path, stem: &str| {
        path.file_stem() == Some(stem) && matches!(path.extension(), Some("yml" | "yaml" | "properties"))
    };
    let given = |path: &Utf8Path| {
        let folder = path.parent().unwrap_or("".into());
        let own = dirs.iter().any(|dir| !dir.as_str().is_empty() && path.starts_with(dir));
        let kept = folder.as_str().contains("src/main/resources")
            || folder.components().any(|part| part.as_str().contains("config"));
        kept && !own && !folder.components().any(|part| matches!(part.as_str(), "test" | "target" | "build"))
    };
    let own: Vec<&Utf8PathBuf> =
        cx.repo.files().iter().filter(|path| named(path, name) && given(path)).collect();
    let [one] = own.as_slice() else { return Vec::new() };
    let folder = one.parent().unwrap_or("".into());
    let shared = ["yml", "yaml", "properties"].map(|ending| folder.join(format!("application.{ending}")));
    let shared = shared.into_iter().filter(|path| cx.repo.has(path));
    std::iter::once((*one).clone()).chain(shared).collect()
}
