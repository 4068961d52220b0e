//! What front ends, routes, examples and versions come to when they stand together.

use super::*;

#[test]
fn a_template_that_can_also_make_files_is_a_server() {
    let nuxt = |scripts: &str| {
        let manifest =
            format!(r#"{{ "scripts": {{ {scripts} }}, "dependencies": {{ "nuxt": "^3.13.0" }} }}"#);
        let files = [("package.json", manifest.as_str()), ("nuxt.config.ts", "export default {}")];
        found(&files, "").1
    };
    let both = nuxt(r#""build": "nuxt build", "generate": "nuxt generate""#);
    assert_eq!(argv(&both), [".output/server/index.mjs"]);
    assert!(both.site.is_none());
    let site = nuxt(r#""generate": "nuxt generate""#).site.unwrap();
    assert_eq!(site.value, ".output/public");
}

#[test]
fn a_start_in_the_standalone_folder_is_the_frameworks_own() {
    let manifest = r#"{ "scripts": { "build": "next build", "start": "cross-env PORT=5225 node .next/standalone/server.js" },
      "dependencies": { "next": "15.0.0" }, "devDependencies": { "cross-env": "7" } }"#;
    let files = [
        ("package.json", manifest),
        ("next.config.js", "module.exports = { output: 'standalone' }"),
        ("pages/index.tsx", ""),
    ];
    let (project, facts) = found(&files, "");
    assert_eq!(argv(&facts), ["server.js"]);
    assert!(facts.handles_sigterm);
    assert_eq!(project.listen[0].value.port, 5225);
    assert!(project.env.iter().any(|one| one.value.name == "HOSTNAME"));
}

#[test]
fn what_routes_throw_without_is_required() {
    let manifest = r#"{ "scripts": { "build": "next build", "start": "next start" }, "dependencies": { "next": "15.0.0" } }"#;
    let files = [
        ("package.json", manifest),
        ("app/page.tsx", "import { db } from '@/lib/db'; export default function Page() { return db; }"),
        (
            "lib/db.ts",
            "if (!process.env.POSTGRES_URL) throw new Error('x');\n\
             if (!process.env.NEXT_PUBLIC_SITE) throw new Error('x');\nexport const db = process.env.POSTGRES_URL;",
        ),
        ("lib/mail.ts", "export function mail() { if (!process.env.MAIL) throw new Error('x'); }"),
        ("middleware.ts", "import { mail } from './lib/mail';"),
        ("lib/seed.ts", "if (!process.env.SEED) throw new Error('x');"),
    ];
    let (project, _) = found(&files, "");
    let names: Vec<&str> = project.env.iter().map(|one| one.value.name.as_str()).collect();
    assert_eq!(names, ["POSTGRES_URL"]);
}

#[test]
fn an_example_that_is_checked_says_what_is_required() {
    let manifest = r#"{ "scripts": { "start": "node index.js" }, "dependencies": { "dotenv-safe": "9" } }"#;
    let files = [
        ("package.json", manifest),
        (
            "index.js",
            "require('dotenv-safe').config(); require('http').createServer().listen(process.env.PORT)",
        ),
        (".env.example", "# keys\nPORT=3000\nNODE_ENV=development\nJWT_SECRET=\n"),
    ];
    let (project, facts) = found(&files, "");
    let names: Vec<&str> = project.env.iter().map(|one| one.value.name.as_str()).collect();
    assert_eq!(names, ["JWT_SECRET"]);
    assert!(facts.sources.iter().any(|file| file == ".env.example"));
}

#[test]
fn a_file_that_is_only_there_as_an_example_is_told() {
    let manifest = r#"{ "scripts": { "start": "node src/index.js" } }"#;
    let files = [
        ("package.json", manifest),
        (
            "src/index.js",
            "const a = require('./config'); const b = require('../settings.json'); require('./lost');",
        ),
        ("src/config.js.example", ""),
        ("settings.sample.json", "{}"),
    ];
    let (project, _) = found(&files, "");
    let texts: Vec<&str> = project
        .notes
        .iter()
        .filter(|note| note.code == "only-an-example")
        .map(|note| note.text.as_str())
        .collect();
    assert_eq!(texts.len(), 2);
    assert!(
        texts[0].contains("`src/config.js`") && texts[0].contains("`src/config.js.example`"),
        "{texts:?}"
    );
    assert!(texts[1].contains("`settings.json`"), "{texts:?}");
}

#[test]
fn engines_outgrow_a_version_file() {
    let at = |file: &str, engines: &str| {
        let manifest = format!(
            r#"{{ "engines": {{ "node": "{engines}" }}, "scripts": {{ "start": "node index.js" }} }}"#
        );
        let files = [("package.json", manifest.as_str()), ("index.js", ""), (".nvmrc", file)];
        let (project, _) = found(&files, "");
        (project.versions[0].value.clone(), codes(&project).contains(&"outgrown-version-file"))
    };
    assert_eq!(at("16.16.0", ">=20.x"), (Bound::Range(">=20.x".to_owned()), true));
    assert_eq!(at("22", ">=20"), (Bound::Pin("22".to_owned()), false));
    // A newer file is what people build with.
    assert_eq!(at("22", "^18"), (Bound::Pin("22".to_owned()), false));
}

#[test]
fn a_builder_says_where_it_writes() {
    let manifest = r#"{ "main": "dist", "scripts": { "build": "babel src -s -d dist", "start": "node dist" },
      "devDependencies": { "babel-cli": "6" } }"#;
    let files = [("package.json", manifest), ("src/index.js", "app.listen(process.env.PORT || 8080)")];
    let (project, facts) = found(&files, "");
    assert_eq!(argv(&facts), ["dist"]);
    assert_eq!(facts.output.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), ["dist"]);
    assert_eq!(project.listen[0].value.port, 8080);
}

#[test]
fn documents_in_front_of_the_start_are_built() {
    let manifest = r#"{ "scripts": { "start": "yarn docs && node src/index.js", "docs": "apidoc -i src -o docs" },
      "devDependencies": { "apidoc": "0.17" } }"#;
    let files = [("package.json", manifest), ("src/index.js", "app.use(express.static('docs'))")];
    let (_, facts) = found(&files, "");
    assert_eq!(argv(&facts), ["src/index.js"]);
    assert_eq!(facts.output.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), ["docs"]);
}

#[test]
fn a_part_is_built_where_a_server_runs_from_its_sources() {
    let manifest = r#"{ "scripts": { "start": "tsx server/index.ts", "build:web": "vite build --config ./web/vite.config.ts",
      "build:docker": "docker build ." }, "dependencies": { "tsx": "4" }, "devDependencies": { "vite": "5" } }"#;
    let files = [
        ("package.json", manifest),
        ("server/index.ts", "express.static('web-dist'); app.listen(5001)"),
        (
            "web/vite.config.ts",
            "export default defineConfig({ root: './web', build: { outDir: '../web-dist' } })",
        ),
    ];
    let (_, facts) = found(&files, "");
    assert_eq!(builds(&facts), ["npm run build:web"]);
    assert_eq!(facts.output.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), ["web-dist"]);
}

#[test]
fn what_a_bundler_writes_into_a_served_folder_is_taken_from_the_build() {
    let manifest = r#"{ "scripts": { "start": "node index.js", "build": "webpack" }, "devDependencies": { "webpack-cli": "5" } }"#;
    let files = [
        ("package.json", manifest),
        ("index.js", "app.use(express.static('public')); app.listen(3000)"),
        ("public/index.html", ""),
        (
            "webpack.config.js",
            "const cfg = { output: { path: join(__dirname, 'public') } };\nexport default cfg;",
        ),
    ];
    let (_, facts) = found(&files, "");
    assert_eq!(facts.output.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), ["public"]);
}

#[test]
fn a_folder_that_is_served_as_a_whole_is_in_the_image() {
    let files = [
        ("package.json", r#"{ "scripts": { "start": "node server.js" } }"#),
        ("server.js", "app.use(express.static(__dirname + '/')); app.listen(8080)"),
        ("index.html", ""),
    ];
    assert_eq!(found(&files, "").1.sources, ["./"]);
}

#[test]
fn a_member_that_only_offers_is_no_application() {
    let root = ("package.json", r#"{ "private": true, "workspaces": ["apps/*", "packages/*"] }"#);
    let widgets = r#"{ "name": "widgets", "exports": { ".": "./index.ts" }, "scripts": { "lint": "oxlint" },
      "dependencies": { "next": "15" } }"#;
    let api = r#"{ "name": "api", "exports": { "./router": "./src/router.ts" }, "scripts": { "dev": "tsx watch src/index.ts" },
      "dependencies": { "hono": "4", "tsx": "4" } }"#;
    let files = [
        root,
        ("packages/widgets/package.json", widgets),
        ("packages/widgets/index.ts", ""),
        ("packages/widgets/src/app/a.tsx", ""),
        ("apps/api/package.json", api),
        ("apps/api/src/index.ts", "serve({ fetch: app.fetch, port: 3003 })"),
        ("apps/api/src/router.ts", ""),
    ];
    assert!(matches!(detection(&files, "packages/widgets").unwrap(), Detection::NothingToRun(_)));
    assert_eq!(found(&files, "apps/api").0.listen[0].value.port, 3003);
}

#[test]
fn a_port_behind_parameters_is_the_variables() {
    let port = |file: &str| {
        let files = [
            ("package.json", r#"{ "scripts": { "start": "node index.js" } }"#),
            ("index.js", file),
            ("server.js", "class S { constructor(conf) { server.listen(conf.port) } } module.exports = S"),
        ];
        found(&files, "").0.listen.first().map(|one| one.value.port)
    };
    let load = "const S = require('./server'); const conf = {};";
    assert_eq!(port(&format!("{load} conf.port = process.env.PORT || 3000; new S(conf)")), Some(3000));
    assert_eq!(port(&format!("{load} conf.PORT = readENV('PORT', 1337); new S(conf)")), Some(1337));
    assert_eq!(port(&format!("{load} start({{ port: parseNumber(process.env.PORT, 4242) }})")), Some(4242));
    assert_eq!(port(&format!("{load} start({{ port: parseInt(process.env.DB_PORT || '5432', 10) }})")), None);
}

#[test]
fn a_front_end_beside_a_module_that_says_where_it_starts_is_built_apart() {
    let manifest = r#"{ "type": "module", "scripts": { "start": "node backend/server.js",
      "heroku-postbuild": "npm install --prefix frontend && npm run build --prefix frontend" }, "dependencies": { "express": "4" } }"#;
    let server = "const __dirname = path.resolve();\napp.use(express.static(path.join(__dirname, '/frontend/build')));\n\
        app.listen(process.env.PORT || 5000)";
    let client =
        r#"{ "scripts": { "build": "react-scripts build" }, "dependencies": { "react-scripts": "5" } }"#;
    let files = [
        ("package.json", manifest),
        ("backend/server.js", server),
        ("frontend/package.json", client),
        (".gitignore", "/frontend/build\n"),
    ];
    let (_, facts) = found(&files, "");
    assert_eq!(
        facts.reads_built.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(),
        ["frontend/build"]
    );
    assert!(facts.build.is_empty() && facts.output.is_empty());
}

#[test]
fn what_the_program_loads_at_once_is_in_the_image() {
    let manifest = r#"{ "scripts": { "start": "node server.js", "build": "BUILD" }, "dependencies": { "express": "4" },
      "devDependencies": { "morgan": "1", "nodemon": "3", "@types/node": "24" } }"#;
    let keeps = |files: &[(&str, &str)]| {
        let (project, facts) = found(files, "");
        assert_eq!(facts.keeps_dev.is_some(), codes(&project).contains(&"loads-development-dependency"));
        facts.keeps_dev.map(|found| found.because[0].file.clone().unwrap().to_string())
    };
    let plain = manifest.replace(r#", "build": "BUILD""#, "");
    let with = |server: &str| {
        keeps(&[
            ("package.json", &plain),
            ("server.js", server),
            ("log.js", "module.exports = require('morgan');"),
        ])
    };
    assert_eq!(with("const log = require('./log');"), Some("log.js".to_owned()));
    assert_eq!(with("if (process.env.NODE_ENV !== 'production') { require('./log'); }"), None);
    assert_eq!(with("const log = () => require('morgan');"), None);
    let lock = r#"{ "lockfileVersion": 3, "packages": { "": {}, "node_modules/express": { "version": "4.0.0" }, "node_modules/morgan": { "version": "1.0.0" } } }"#;
    let server = ("server.js", "const log = require('morgan');");
    assert_eq!(keeps(&[("package.json", &plain), ("package-lock.json", lock), server]), None);
    let built = |build: &str| {
        let manifest = manifest.replace("BUILD", build).replace("server.js", "dist/server.js");
        let settings = r#"{ "compilerOptions": { "outDir": "dist", "rootDir": "src" } }"#;
        let source =
            "import log from 'morgan';\nimport { T } from '@types/node';\nexport const x: T = log();";
        keeps(&[("package.json", &manifest), ("tsconfig.json", settings), ("src/server.ts", source)])
    };
    assert_eq!(built("tsc"), Some("src/server.ts".to_owned()));
    assert_eq!(built("tsup src/server.ts"), None);
}

#[test]
fn a_server_around_a_built_handler_is_what_starts() {
    let manifest = r#"{ "scripts": { "build": "vite build" }, "dependencies": { "polka": "1" },
      "devDependencies": { "@sveltejs/adapter-node": "5", "@sveltejs/kit": "2", "vite": "6" } }"#;
    let server = "import { handler } from './build/handler.js';\nimport polka from 'polka';\npolka().use(handler).listen(process.env.PORT || 4100);";
    let files = [("package.json", manifest), ("src/routes/+page.svelte", ""), ("server.js", server)];
    let (project, facts) = found(&files, "");
    assert_eq!((argv(&facts), project.listen[0].value.port), (vec!["server.js"], 4100));
    assert_eq!(argv(&found(&files[..2], "").1), ["build"]);
}

#[test]
fn a_monorepo_of_nest_starts_its_first_application() {
    let manifest = r#"{ "scripts": { "build": "nest build", "start": "nest start" }, "dependencies": { "@nestjs/core": "10" } }"#;
    let settings =
        r#"{ "monorepo": true, "root": "apps/shop", "projects": { "shop": { "type": "application" } } }"#;
    let main = "async function run() { const app = await NestFactory.create(M); await app.listen(3100); }";
    let files = [
        ("package.json", manifest),
        ("nest-cli.json", settings),
        ("apps/shop/src/main.ts", main),
        ("apps/jobs/src/main.ts", ""),
    ];
    let (project, facts) = found(&files, "");
    assert_eq!((argv(&facts), project.listen[0].value.port), (vec!["dist/apps/shop/main.js"], 3100));
}

#[test]
fn a_program_of_the_workspaces_root_starts_a_member() {
    let root = r#"{ "private": true, "workspaces": ["apps/*", "packages/*"], "dependencies": { "next": "15", "react": "19" } }"#;
    let web = r#"{ "name": "web", "scripts": { "build": "next build", "start": "dotenv -e ../../.env -- next start -p 4200" } }"#;
    let page = r#"{ "name": "page", "exports": { ".": "./src/main.ts" }, "scripts": { "build": "vite build", "start": "vite" } }"#;
    let files = [
        ("package.json", root),
        ("apps/web/package.json", web),
        ("apps/web/src/app/page.tsx", ""),
        ("apps/page/package.json", page),
        ("apps/page/index.html", ""),
        ("packages/tools/package.json", r#"{ "name": "tools", "dependencies": { "vite": "8" } }"#),
    ];
    let (project, facts) = found(&files, "apps/web");
    assert_eq!(project.listen[0].value.port, 4200);
    assert!(facts.keeps_dev.is_none());
    assert_eq!(found(&files, "apps/page").1.site.unwrap().value, "dist");
}

#[test]
fn settings_name_folders_that_the_server_reads() {
    let manifest = r#"{ "scripts": { "build": "next build", "start": "next start" },
      "dependencies": { "next": "15", "@t3-oss/env-nextjs": "0.12" } }"#;
    let files = [
        ("package.json", manifest),
        (
            "next.config.js",
            "const { i18n } = require('./i18n.config'); module.exports = { i18n, a: path.resolve('./src') };",
        ),
        ("i18n.config.js", "module.exports = { i18n: {}, localePath: path.resolve('./locales') };"),
        ("locales/en.json", "{}"),
        ("src/app/page.tsx", "import { env } from '../env'"),
        (
            "src/env.ts",
            "import { z } from 'zod'; export const env = createEnv({ server: { DATABASE_URL: z.string() } });",
        ),
    ];
    let (project, facts) = found(&files, "");
    assert_eq!(facts.sources, ["i18n.config.js", "locales/", "next.config.js", "package.json"]);
    assert_eq!(facts.build_env[0].value.0, "SKIP_ENV_VALIDATION");
    assert_eq!(project.env[0].value.name, "DATABASE_URL");
}
