//! Modules of Gradle's that a program is made without.

use std::collections::BTreeMap;

use super::{MAIN, at, detection};
use crate::detect::Detection;
use crate::facts::{Bound, JavaFacts, Project};

/// A build of four modules of Gradle's, each a program but `core` and `util`; `more` stands over the files or adds some.
fn apart(more: &[(&str, &str)]) -> (Project, JavaFacts) {
    let web = "plugins { id 'org.springframework.boot' version '3.3.0' }\ndependencies { implementation 'org.springframework.boot:spring-boot-starter-web'; implementation project(':core') }";
    let boot = web.replace("; implementation project(':core')", "");
    let mut files: BTreeMap<&str, &str> = BTreeMap::from([
        ("settings.gradle", "include 'api', 'mail', 'core', 'util'"),
        ("api/build.gradle", web),
        ("api/src/main/java/x/App.java", MAIN),
        ("mail/build.gradle", boot.as_str()),
        ("mail/src/main/java/x/App.java", MAIN),
        ("core/build.gradle", "plugins { id 'java-library' }"),
        ("core/src/main/java/y/Core.java", "package y; class Core { }"),
        ("util/build.gradle", "plugins { id 'java-library' }"),
        ("util/src/main/java/y/Util.java", "package y; class Util { }"),
    ]);
    files.extend(more.iter().copied());
    at(&files.into_iter().collect::<Vec<_>>(), "api")
}

#[test]
fn modules_of_gradle_that_nothing_names_are_apart() {
    let without = |more: &[(&str, &str)]| {
        let (project, facts) = apart(more);
        assert_eq!(
            project.notes.iter().filter(|note| note.code == "keeps-every-module").count(),
            0,
            "{more:?}"
        );
        facts.others
    };
    assert_eq!(without(&[]), ["mail/src", "util/src"]);
    let core = |text: &'static str| ("core/build.gradle", text);
    let root = |text: &'static str| ("build.gradle", text);
    let convention =
        ("build-logic/src/main/kotlin/ours.gradle.kts", "dependencies { \"api\"(projects.util) }");
    let included = ("settings.gradle", "includeBuild 'build-logic'\ninclude 'api', 'mail', 'core', 'util'");
    for needs in [
        vec![core("dependencies { api projects.util }")],
        vec![core("sourceSets.main.java.srcDir '../util/src/main/java'")],
        vec![core("dependencies { api(platform(project(path: ':util'))) }")],
        vec![core("processResources.dependsOn ':util:jar'")],
        vec![
            core("apply from: 'more.gradle'"),
            ("core/more.gradle", "dependencies { api project(':util') }"),
        ],
        vec![root(
            "subprojects { if (name != 'util') { dependencies { implementation project(':util') } } }",
        )],
        vec![
            root("subprojects { apply from: \"$rootDir/more.gradle\" }"),
            ("more.gradle", "x project(':util')"),
        ],
        vec![root("project(':core') { dependencies { api project(':util') } }")],
        vec![(
            "buildSrc/src/main/java/P.java",
            "class P { void apply(Project p) { p.project(\":util\"); } }",
        )],
        vec![included, convention, core("plugins { id 'ours' }")],
    ] {
        assert_eq!(without(&needs), ["mail/src"], "{needs:?}");
    }
    let report = "dependencies { jacoco project(':mail') }\ntask all { dependsOn subprojects.test }";
    assert_eq!(without(&[root(report)]), ["mail/src", "util/src"], "the root's own");
    assert_eq!(without(&[included, convention]), ["mail/src"], "a plug-in that anything may apply");
}

#[test]
fn every_module_of_gradle_stays_where_only_running_would_tell() {
    for more in [
        ("core/build.gradle", "dependencies { api project(name) }"),
        ("core/build.gradle", "dependencies { api projects.elsewhere }"),
        ("core/build.gradle", "apply from: \"https://x.example/y.gradle\""),
        (
            "build.gradle",
            "subprojects { dependencies { rootProject.subprojects.each { implementation it } } }",
        ),
        ("settings.gradle", "include 'api', 'mail', 'core', 'util'\nrootDir.eachDir { include it.name }"),
        ("buildSrc/src/main/kotlin/P.kt", "class P { fun apply(p: Project) { p.findProject(\":util\") } }"),
    ] {
        let (project, facts) = apart(&[more]);
        assert!(facts.others.is_empty(), "{more:?}");
        assert!(project.notes.iter().any(|note| note.code == "keeps-every-module"), "{more:?}");
    }
}

#[test]
fn an_accessor_names_a_project_as_kotlin_would() {
    let build = "plugins { id 'org.springframework.boot' version '3.3.0' }\ndependencies { implementation(projects.coreApi) }";
    let (project, facts) = at(
        &[
            ("settings.gradle.kts", "include(\"api\", \"core-api\")"),
            ("api/build.gradle.kts", build),
            ("api/src/main/java/x/App.java", MAIN),
            (
                "core-api/build.gradle.kts",
                "plugins { `java-library` }\ndependencies { api(\"org.springframework.boot:spring-boot-starter-web\") }",
            ),
            ("core-api/src/main/java/y/Core.java", "package y; class Core { }"),
        ],
        "api",
    );
    assert_eq!(project.listen.first().map(|one| one.value.port), Some(8080));
    assert!(facts.others.is_empty());
}

#[test]
fn a_plugin_that_the_build_holds_as_code_makes_a_program() {
    let code = "class Service implements Plugin<Project> {\n void apply(Project project) {\n project.apply(plugin: 'org.springframework.boot')\n project.dependencies { implementation 'org.springframework.boot:spring-boot-starter-web:3.3.0' }\n }\n}";
    let registers =
        "gradlePlugin { plugins { s { id = 'our.service'\n implementationClass = 'our.Service' } } }";
    for applies in ["apply plugin: Service", "plugins { id 'our.service' }"] {
        let (project, facts) = at(
            &[
                ("settings.gradle", "include 'api', 'core'"),
                ("buildSrc/build.gradle", registers),
                ("buildSrc/src/main/groovy/our/Service.groovy", code),
                ("api/build.gradle", applies),
                ("api/src/main/java/x/App.java", MAIN),
                ("core/build.gradle", "apply plugin: 'java'"),
            ],
            "api",
        );
        assert_eq!(facts.framework.map(|one| one.value).as_deref(), Some("spring-boot-web"), "{applies}");
        assert_eq!(project.listen.first().map(|one| one.value.port), Some(8080), "{applies}");
    }
}

#[test]
fn a_catalogue_that_a_framework_publishes_and_one_of_another_file() {
    let build = "plugins { alias(ktorLibs.plugins.ktor) }\ndependencies { implementation(ktorLibs.server.callLogging)\n implementation(more.postgres) }\napplication { mainClass = \"io.ktor.server.cio.EngineMain\" }";
    let (project, facts) = at(
        &[
            (
                "settings.gradle.kts",
                "dependencyResolutionManagement { versionCatalogs { create(\"ktorLibs\").from(\"io.ktor:ktor-version-catalog:3.5.0\")\n create(\"more\") { from(files(\"gradle/more.versions.toml\")) } } }\ninclude(\":server\")",
            ),
            ("gradle/more.versions.toml", "[libraries]\npostgres = \"org.postgresql:postgresql:42.7.7\"\n"),
            ("server/build.gradle.kts", build),
            ("server/src/main/kotlin/Main.kt", "fun Application.module() { }"),
            ("server/src/main/resources/application.yaml", "ktor:\n  deployment:\n    port: 8081\n"),
        ],
        "server",
    );
    assert_eq!(facts.framework.map(|one| one.value).as_deref(), Some("ktor"));
    assert_eq!(project.listen.first().map(|one| one.value.port), Some(8081));
    assert!(facts.artefact.is_some_and(|found| found.value.made.ends_with("-all.jar")));
}

#[test]
fn classes_with_a_main_in_a_library_of_a_program_are_tools() {
    let web = "plugins { id 'org.springframework.boot' version '3.3.0' }\ndependencies { implementation project(':core')\n implementation 'org.springframework.boot:spring-boot-starter-web' }";
    let tool =
        |name: &str| format!("package y; class {name} {{ public static void main(String[] args) {{ }} }}");
    let (one, two) = (tool("Encrypt"), tool("Decrypt"));
    let with = |settings: &str| {
        detection(
            &[
                ("settings.gradle", settings),
                ("api/build.gradle", web),
                ("api/src/main/java/x/App.java", MAIN),
                ("core/build.gradle", "plugins { id 'java' }"),
                ("core/src/main/java/y/Encrypt.java", &one),
                ("core/src/main/java/y/Decrypt.java", &two),
            ],
            "core",
        )
    };
    assert!(matches!(with("include 'api', 'core'"), Ok(Detection::NothingToRun(_))));
    assert!(with("include 'core'").is_err(), "nobody says which one");
}

#[test]
fn what_a_library_is_written_in_is_the_oldest_that_its_program_runs_on() {
    let library = "plugins { id 'java-library' }\njava { sourceCompatibility = JavaVersion.VERSION_1_8 }";
    let (project, _) = apart(&[("core/build.gradle", library)]);
    let bounds: Vec<&Bound> = project.versions.iter().map(|one| &one.value).collect();
    assert!(bounds.contains(&&Bound::Floor("8".to_owned())), "{bounds:?}");
    assert!(!bounds.iter().any(|bound| matches!(bound, Bound::Pin(_))), "{bounds:?}");
}
