//! Front ends of a program that a web server serves: what their builds make below the document root.

use camino::{Utf8Path, Utf8PathBuf};

use super::{FrontEnd, front_end, made, node_projects};
use crate::detect::Context;
use crate::error::Result;
use crate::facts::{Evidence, Found, Note, PhpFacts, Project};

/// Node projects whose build makes files below the document root that the repository does not hold.
pub(super) fn find(
    cx: &Context,
    main: &Project,
    facts: &PhpFacts,
    notes: &mut Vec<Note>,
) -> Result<Vec<FrontEnd>> {
    let mut ends: Vec<FrontEnd> = Vec::new();
    let Some(site) = facts.site.as_ref().filter(|site| !site.value.as_str().is_empty()) else {
        return Ok(ends);
    };
    let (site, usual) = (main.root.join(&site.value), main.root.join("public"));
    let projects = node_projects(cx, &main.root, false)?;
    if projects.iter().all(|project| project.root != main.root) {
        notes.extend(unbuilt(cx, &main.root));
    }
    for project in projects {
        // The tools for front ends know the usual name of the folder; the project may have another.
        let moved =
            |made: Utf8PathBuf| made.strip_prefix(&usual).map_or(made.clone(), |inner| site.join(inner));
        let all = made(&project).map(moved).filter(|made| made.starts_with(&site) && *made != site);
        let manifest = project.root.join("package.json");
        let says = format!("Made by the build of {manifest}");
        let because = vec![Evidence::file(&manifest, says)];
        let known = |made: &Utf8PathBuf| ends.iter().any(|end| end.into == *made);
        let mut all: Vec<Utf8PathBuf> = all.filter(|made| !holds_output(cx, made) && !known(made)).collect();
        // Where the repository holds what is made, the list of its names is no reason to make it again.
        if all.iter().all(|made| stands_in(made)) && made(&project).any(|made| holds_output(cx, &moved(made)))
        {
            continue;
        }
        if all.is_empty() {
            let unknown = made(&project).next().is_none() || made(&project).any(|made| moved(made) == site);
            notes.extend(unbuilt(cx, &project.root).filter(|_| unknown && project.root == main.root));
            continue;
        }
        let made = all.remove(0);
        all.retain(|more| *more != made);
        let end = front_end(&project, made.clone(), &Found { value: made, because });
        ends.push(FrontEnd { embedded: false, beside: all, ..end });
    }
    Ok(ends)
}

/// Told where nothing says what a build makes: it may be the files of the site.
fn unbuilt(cx: &Context, root: &Utf8Path) -> Option<Note> {
    let file = root.join("package.json");
    let text = cx.repo.source(&file).filter(|text| text.contains("\"build\""))?;
    let line = crate::manifest::line_of(&text, "\"build\"");
    Some(Note {
        code: "bundle-not-built".to_owned(),
        text: format!(
            "the build script of `{file}` is not run, since nothing says where it writes: make what it makes before `docker build`"
        ),
        because: vec![Evidence { line, ..Evidence::file(&file, "build script") }],
    })
}

/// Whether the repository has what a build would make: a manifest of its names, or a file that keeps the folder, is not that.
fn holds_output(cx: &Context, made: &Utf8Path) -> bool {
    cx.repo.has(made) && !stands_in(made) || cx.repo.under(made).any(|file| !stands_in(file))
}

fn stands_in(file: &Utf8Path) -> bool {
    let name = file.file_name().unwrap_or_default();
    name.starts_with('.') || name.ends_with("manifest.json")
}

#[cfg(test)]
mod tests {
    use crate::answers::Answers;
    use crate::compose::{Composition, compose};
    use crate::detect::Context;
    use crate::knowledge::Knowledge;
    use crate::repo::Repo;

    fn composed(files: &[(&str, &str)]) -> Composition {
        let repo = Repo::from_files(files.iter().copied());
        let knowledge = Knowledge::load(&repo).unwrap();
        let answers = Answers::default();
        compose(&Context { repo: &repo, knowledge: &knowledge, answers: &answers }).unwrap()
    }

    fn made(files: &[(&str, &str)]) -> Vec<String> {
        let composition = composed(files);
        let each = |end: &super::FrontEnd| {
            let first = [end.into.to_string()];
            first.into_iter().chain(end.beside.iter().map(ToString::to_string)).collect::<Vec<_>>()
        };
        composition.front_ends.iter().flat_map(each).collect()
    }

    const LARAVEL: [(&str, &str); 4] = [
        ("composer.json", r#"{"name":"a/b","type":"project","require":{"laravel/framework":"^10"}}"#),
        ("artisan", "<?php"),
        ("bootstrap/app.php", "<?php"),
        ("public/index.php", "<?php"),
    ];

    #[test]
    fn laravel_mix_writes_into_folders_of_the_document_root() {
        let manifest = r#"{"scripts":{"prod":"mix --production"},"devDependencies":{"laravel-mix":"6.0.0"}}"#;
        let mix = "mix.js('resources/js/app.js', 'public/js')\n   // .js('a', 'public/no')\n   .postCss('resources/css/app.css', 'public/css', [])\n   .copy('x', 'public/css/x.css');\n";
        let files: Vec<_> =
            LARAVEL.into_iter().chain([("package.json", manifest), ("webpack.mix.js", mix)]).collect();
        assert_eq!(made(&files), ["public/js", "public/css", "public/mix-manifest.json"]);
        // A manifest of names alone is not what the build makes.
        let own = "mix.setPublicPath('public/dist').js('a.js', 'public/dist/js/a.js');\n";
        let files: Vec<_> = LARAVEL
            .into_iter()
            .chain([
                ("package.json", manifest),
                ("webpack.mix.js", own),
                ("public/dist/mix-manifest.json", "{}"),
            ])
            .collect();
        assert_eq!(made(&files), ["public/dist"]);
        let held: Vec<_> = files.into_iter().chain([("public/dist/a.js", "1")]).collect();
        assert_eq!(made(&held), [] as [&str; 0]);
    }

    #[test]
    fn laravel_mix_is_built_by_its_templates_script_unless_the_result_is_held() {
        let manifest = r#"{"scripts":{"prod":"npm run production","production":"cross-env NODE_ENV=production node_modules/webpack/bin/webpack.js --config=node_modules/laravel-mix/setup/webpack.config.js"},"devDependencies":{"laravel-mix":"0.*"}}"#;
        let mix = "mix.js('resources/js/app.js', 'public/js').sass('a.scss', 'public/css');\n";
        let files: Vec<_> =
            LARAVEL.into_iter().chain([("package.json", manifest), ("webpack.mix.js", mix)]).collect();
        let composition = composed(&files);
        let crate::facts::Stack::Node(facts) = &composition.front_ends[0].project.stack else {
            panic!("Node")
        };
        assert_eq!(facts.build[0].value, ["npm", "run", "production"]);
        let held: Vec<_> =
            files.into_iter().chain([("public/js/app.js", "1"), ("public/css/app.css", "1")]).collect();
        assert_eq!(made(&held), [] as [&str; 0]);
    }

    #[test]
    fn a_build_that_says_not_where_it_writes_is_told() {
        let manifest = r#"{"scripts":{"build":"gulp default"},"devDependencies":{"gulp":"5.0.0"}}"#;
        let files: Vec<_> = LARAVEL.into_iter().chain([("package.json", manifest)]).collect();
        let composition = composed(&files);
        assert!(composition.front_ends.is_empty());
        assert_eq!(composition.notes[0].code, "bundle-not-built");
    }

    #[test]
    fn encore_writes_where_its_configuration_says() {
        let manifest = r#"{"scripts":{"build":"encore production"},"devDependencies":{"@symfony/webpack-encore":"5.0.0"}}"#;
        let config = "Encore\n    .setOutputPath('../public/build/')\n    .setPublicPath('/build');\n";
        let files = [
            (
                "composer.json",
                r#"{"name":"a/b","type":"project","require":{"symfony/framework-bundle":"^7"}}"#,
            ),
            ("bin/console", "<?php"),
            ("public/index.php", "<?php"),
            ("assets/package.json", manifest),
            ("assets/webpack.config.js", config),
        ];
        assert_eq!(made(&files), ["public/build"]);
    }
}
