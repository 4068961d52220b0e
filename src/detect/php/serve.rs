//! What Apache serves: the document root, what answers unknown paths, and the modules that the project's own .htaccess
//! files ask for.

use camino::{Utf8Path, Utf8PathBuf};

use super::work::Work;
use crate::facts::{Evidence, Found};
use crate::manifest::php::htaccess;

/// The document root: the application's, else the first of the usual ones with an index.php.
pub(super) fn site(work: &Work) -> Option<Found<Utf8PathBuf>> {
    if let Some((row, because)) = &work.application {
        let named = work.manifest.as_ref().and_then(|manifest| manifest.public_dir.clone());
        let roots = named.iter().chain([&row.root]).chain(&work.table.roots);
        let root = roots.map(|root| root.trim_end_matches('/')).find(|root| has_index(work, root));
        let says = format!("{} serves its folder {}", row.name, place(root?));
        let says = if root == Some("") { format!("{} serves its own folder", row.name) } else { says };
        return Some(Found::new(Utf8PathBuf::from(root?), Evidence { says, ..because.clone() }));
    }
    if let Some(named) = configured(work) {
        return Some(named);
    }
    let root = work.table.roots.iter().find(|root| has_index(work, root))?;
    let index = Utf8Path::new(root).join("index.php");
    Some(Found::new(root.into(), Evidence::file(&work.root.join(&index), index.as_str())))
}

/// The folder that a web server's configuration in the repository serves: the end of its path that is there.
fn configured(work: &Work) -> Option<Found<Utf8PathBuf>> {
    let files = work.cx.repo.under(&work.root).filter(|path| {
        path.extension() == Some("conf") && !path.components().any(|part| part.as_str() == "vendor")
    });
    for path in files {
        let Some(text) = work.cx.repo.source(path) else { continue };
        for (line, number) in text.lines().zip(1u32..) {
            let line = line.trim();
            let named =
                line.strip_prefix("DocumentRoot ").or_else(|| line.strip_prefix("root ")?.strip_suffix(';'));
            let Some(named) = named.map(|named| named.trim().trim_matches(['"', '\'']).trim_matches('/'))
            else {
                continue;
            };
            let mut ends = named.match_indices('/').filter_map(|(at, _)| named.get(at + 1..));
            if let Some(root) = ends.find(|root| has_index(work, root)) {
                let says = format!("the document root of {}", path.strip_prefix(&work.root).unwrap_or(path));
                return Some(Found::new(root.into(), Evidence::line(path, number, says)));
            }
        }
    }
    None
}

fn place(root: &str) -> &str {
    if root.is_empty() { "." } else { root }
}

fn has_index(work: &Work, root: &str) -> bool {
    plain(root) && work.cx.repo.has(work.root.join(root).join("index.php"))
}

/// The document root stands in Apache's configuration: letters that mean nothing there.
fn plain(root: &str) -> bool {
    !root.contains("..") && root.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c))
}

/// The script that answers unknown paths where no .htaccess of the document root says it.
pub(super) fn front(work: &Work, site: &Utf8Path) -> Option<String> {
    let own = work.cx.repo.has(work.root.join(site).join(".htaccess"));
    let row = work.row().is_some_and(|row| row.front);
    let server = || fast_cgi(work).is_some_and(|(_, front)| front);
    (!own && (row || server())).then(|| "/index.php".to_owned())
}

/// A web server's configuration in the repository that hands PHP to php-fpm, and whether it has index.php answer unknown paths.
pub(super) fn fast_cgi(work: &Work) -> Option<(Evidence, bool)> {
    let apart = ["vendor", "node_modules", "tests"];
    let files = work.cx.repo.under(&work.root).filter(|path| {
        let name = path.file_name().unwrap_or_default();
        let server = name.contains("nginx")
            || name == "Caddyfile"
            || path.extension() == Some("conf")
            || name.contains(".conf.");
        server && !path.components().any(|part| apart.contains(&part.as_str()))
    });
    files.into_iter().find_map(|path| {
        let text = work.cx.repo.source(path)?;
        let lines = || text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
        let number = text.lines().position(|line| {
            ["fastcgi_pass ", "php_fastcgi "].iter().any(|word| line.trim().starts_with(word))
        })?;
        let front = lines().any(|line| {
            line.starts_with("php_fastcgi ") || line.starts_with("try_files ") && line.contains("/index.php")
        });
        let name = path.strip_prefix(&work.root).unwrap_or(path);
        Some((Evidence::line(path, u32::try_from(number + 1).ok()?, name.as_str()), front))
    })
}

/// Modules of Apache that directives of the .htaccess files at and below the document root need.
pub(super) fn modules(work: &Work, site: &Utf8Path) -> Vec<Found<String>> {
    let mut found: Vec<Found<String>> = Vec::new();
    let place = work.root.join(site);
    for path in work.cx.repo.under(&place).filter(|path| path.file_name() == Some(".htaccess")) {
        let Some(text) = work.cx.repo.source(path) else { continue };
        let name = path.strip_prefix(&work.root).unwrap_or(path);
        for (directive, line) in htaccess::directives(&text) {
            let module = work.table.modules.iter().find(|(start, _)| directive.starts_with(start.as_str()));
            let Some((_, module)) = module else { continue };
            if found.iter().all(|one| one.value != *module) {
                found.push(Found::new(module.clone(), Evidence::line(path, line, name.as_str())));
            }
        }
    }
    found
}
