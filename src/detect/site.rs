//! Sites that are served as they lie: an `index.html` in a folder of its own, and nothing that builds it.

use camino::{Utf8Path, Utf8PathBuf};

use super::{Context, Detection, slug};
use crate::error::Result;
use crate::facts::{Access, Evidence, Found, Kind, Project, Stack, StaticFacts};

/// A folder with an `index.html`, or with one in a folder of the names that hold sites.
///
/// # Errors
/// None: a site has no manifest that could be broken.
pub fn detect(cx: &Context, root: &Utf8Path) -> Result<Detection> {
    let markers = &cx.knowledge.of("static").markers;
    let Some(marker) = markers.iter().find(|marker| cx.repo.has(root.join(marker))) else {
        return Ok(Detection::Missing);
    };
    let page = Utf8Path::new(marker);
    let site = page.parent().map_or_else(Utf8PathBuf::new, Utf8Path::to_owned);
    let place = root.join(page);
    if !site.as_str().is_empty() && has_neighbours(cx, root) {
        return Ok(Detection::Missing);
    }
    let because = Evidence::file(&place, format!("the page {marker}"));
    let facts = StaticFacts { site, nginx: super::enrich::nginx(cx, root), server: None };
    Ok(Detection::Found(Box::new(Project {
        root: root.to_owned(),
        name: slug(root.file_name().unwrap_or("site")),
        language: "static".into(),
        kind: Found::new(Kind::Static, because),
        versions: vec![],
        stack: Stack::Static(facts),
        listen: vec![],
        env: vec![],
        reads: vec![],
        writes: vec![],
        needs: vec![],
        access: Access::default(),
        notes: vec![],
    })))
}

/// Whether projects lie in the folders beside: what is public there is theirs.
fn has_neighbours(cx: &Context, root: &Utf8Path) -> bool {
    let (_, folders) = cx.repo.list(root);
    let languages = cx.knowledge.detectors.values().filter(|row| row.id != "static");
    let markers: Vec<&String> =
        languages.flat_map(|row| &row.markers).filter(|marker| !marker.contains('*')).collect();
    folders.iter().any(|folder| markers.iter().any(|marker| cx.repo.has(root.join(folder).join(marker))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::Answers;
    use crate::knowledge::Knowledge;
    use crate::repo::Repo;

    #[test]
    fn a_page_makes_a_site() {
        let site = |files: &[(&str, &str)]| {
            let repo = Repo::from_files(files.iter().copied());
            let knowledge = Knowledge::load(&repo).unwrap();
            let cx = Context { repo: &repo, knowledge: &knowledge, answers: &Answers::default() };
            match detect(&cx, "".into()).unwrap() {
                Detection::Found(project) => match project.stack {
                    Stack::Static(facts) => Some(facts.site.to_string()),
                    _ => None,
                },
                _ => None,
            }
        };
        assert_eq!(site(&[("index.html", ""), ("Rakefile", "")]).as_deref(), Some(""));
        assert_eq!(site(&[("public/index.html", "")]).as_deref(), Some("public"));
        assert_eq!(site(&[("doc/index.html", "")]), None);
        assert_eq!(site(&[("public/index.html", ""), ("server/package.json", "{}")]), None);
    }
}
