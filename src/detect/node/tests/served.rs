//! Front ends that a server serves: built by a stage of their own.

use super::*;

fn served(facts: &NodeFacts) -> Vec<&str> {
    facts.reads_built.iter().map(|one| one.value.as_str()).collect()
}

const SERVER: &str = r#"{ "scripts": { "start": "node server.js" }, "dependencies": { "express": "^4" } }"#;
const CLIENT: &str = r#"{ "scripts": { "build": "vite build" }, "devDependencies": { "vite": "5" } }"#;

#[test]
fn what_the_server_reads_and_nobody_committed() {
    let server = "app.use(express.static(path.join(__dirname, 'client', 'dist')));\n\
        app.get('*', (q, r) => r.sendFile(path.join(__dirname, 'client/dist/index.html')));\napp.listen(80)";
    let files = [("package.json", SERVER), ("server.js", server), ("client/package.json", CLIENT)];
    assert_eq!(served(&found(&files, "").1), ["client/dist"]);
    let beside = "const dist = path.resolve(__dirname, '../client/dist');\napp.use(express.static(dist));\napp.listen(80)";
    let files =
        [("server/package.json", SERVER), ("server/server.js", beside), ("client/package.json", CLIENT)];
    assert_eq!(served(&found(&files, "server").1), ["client/dist"]);
    let committed = [
        ("package.json", SERVER),
        ("server.js", server),
        ("client/package.json", CLIENT),
        ("client/dist/index.html", ""),
    ];
    assert_eq!(served(&found(&committed, "").1), [] as [&str; 0]);
}

#[test]
fn a_build_of_the_front_end_alone_is_left_to_it() {
    let manifest = |build: &str| {
        format!(
            r#"{{ "scripts": {{ "start": "node server.js", "build": "{build}", "compile": "tsc" }}, "dependencies": {{ "express": "^4" }}, "devDependencies": {{ "typescript": "5" }} }}"#
        )
    };
    let server = "app.use(express.static('client/dist'));\napp.listen(80)";
    let built = |build: &str| {
        let manifest = manifest(build);
        let files =
            [("package.json", manifest.as_str()), ("server.js", server), ("client/package.json", CLIENT)];
        builds(&found(&files, "").1)
    };
    assert_eq!(built("cd client && npm install && npm run build"), [] as [&str; 0]);
    assert_eq!(built("npm install --prefix client && npm run build --prefix client"), [] as [&str; 0]);
    assert_eq!(built("npm run compile && cd client && npm run build"), ["npx tsc"]);
    assert_eq!(built("tsc"), ["npm run build"]);
}
