#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod apart;

use super::*;
use crate::answers::Answers;
use crate::facts::{Bound, Form, JavaFacts, Kind, Project, Stack};
use crate::knowledge::Knowledge;
use crate::repo::Repo;

fn detection(files: &[(&str, &str)], root: &str) -> Result<Detection> {
    let repo = Repo::from_files(files.iter().copied());
    let knowledge = Knowledge::load(&repo).unwrap();
    let cx = Context { repo: &repo, knowledge: &knowledge, answers: &Answers::default() };
    detect(&cx, root.into())
}

fn at(files: &[(&str, &str)], root: &str) -> (Project, JavaFacts) {
    match detection(files, root).unwrap() {
        Detection::Found(project) => {
            let Stack::Java(facts) = project.stack.clone() else { panic!("{project:?}") };
            (*project, *facts)
        }
        other => panic!("{other:?}"),
    }
}

fn found(files: &[(&str, &str)]) -> (Project, JavaFacts) {
    at(files, "")
}

fn nothing(files: &[(&str, &str)]) -> String {
    match detection(files, "").unwrap() {
        Detection::NothingToRun(nothing) => nothing.what,
        other => panic!("{other:?}"),
    }
}

fn pom(inner: &str) -> String {
    format!(
        "<project><groupId>g</groupId><artifactId>app</artifactId><version>1.0</version>{inner}</project>"
    )
}

const BOOT_PARENT: &str = "<parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId><version>3.5.0</version><relativePath/></parent>";
const BOOT_PLUGIN: &str = "<build><plugins><plugin><groupId>org.springframework.boot</groupId><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build>";
const WEB: &str = "<dependencies><dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId></dependency></dependencies>";
const MAIN: &str =
    "package x; @SpringBootApplication public class App { public static void main(String[] args) { } }";
const PLAIN: &str = "package x; public class Main { public static void main(String[] args) { } }";

fn boot(inner: &str) -> String {
    format!(
        "<project>{BOOT_PARENT}<artifactId>app</artifactId><version>1.0</version>{inner}{WEB}{BOOT_PLUGIN}</project>"
    )
}

fn made(facts: &JavaFacts) -> (&str, &Form, Option<&str>) {
    let artefact = &facts.artefact.as_ref().unwrap().value;
    (&artefact.made, &artefact.form, artefact.main_class.as_deref())
}

fn versions(project: &Project) -> Vec<Bound> {
    project.versions.iter().map(|one| one.value.clone()).collect()
}

#[test]
fn spring_boot_with_maven() {
    let pom = boot("<properties><java.version>17</java.version></properties>");
    let (project, facts) = found(&[("pom.xml", &pom), ("src/main/java/x/App.java", MAIN)]);
    assert_eq!(made(&facts), ("target/app-*.jar", &Form::Layers("3.5.0".into()), None));
    assert_eq!(facts.tool.goals, ["package"]);
    assert_eq!(versions(&project)[0], Bound::Pin("17".into()));
    assert_eq!(
        (project.listen[0].value.port, project.listen[0].value.variable.as_deref()),
        (8080, Some("SERVER_PORT"))
    );
    assert_eq!(
        (project.kind.value, project.language.as_str(), project.name.as_str()),
        (Kind::Web, "java", "app")
    );
}

#[test]
fn a_parent_of_the_framework_names_the_java_that_it_builds_for() {
    let pom = boot("");
    let (project, _) = found(&[("pom.xml", &pom), ("src/main/java/x/App.java", MAIN)]);
    assert_eq!(versions(&project)[0], Bound::Pin("17".into()));
}

#[test]
fn without_its_parent_somebody_has_to_ask_the_plugin_to_pack_again() {
    let bom = "<dependencyManagement><dependencies><dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-dependencies</artifactId><version>2.7.1</version><type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement>";
    let pom = pom(&format!("{bom}{WEB}{BOOT_PLUGIN}"));
    let (_, facts) = found(&[("pom.xml", &pom), ("src/main/java/x/App.java", MAIN)]);
    assert_eq!(facts.tool.goals, ["package", "spring-boot:repackage"]);
    assert_eq!(made(&facts).1, &Form::Layers("2.7.1".into()));
}

#[test]
fn the_port_stands_in_the_configuration() {
    let pom = boot("");
    let port = |name: &str, text: &str| {
        let (project, _) = found(&[("pom.xml", &pom), ("src/main/java/x/App.java", MAIN), (name, text)]);
        let listen = project.listen[0].value.clone();
        (listen.port, listen.variable, listen.must_set)
    };
    let properties = "src/main/resources/application.properties";
    assert_eq!(port(properties, "server.port=${PORT:5000}"), (5000, Some("PORT".into()), false));
    assert_eq!(port(properties, "server.port=9090"), (9090, Some("SERVER_PORT".into()), false));
    assert_eq!(port(properties, "server.port=${PORT}"), (8080, Some("PORT".into()), true));
    assert_eq!(port("src/main/resources/application.yml", "server:\n  port: 8081\n---\nspring:\n  config:\n    activate:\n      on-profile: dev\nserver:\n  port: 1234\n").0, 8081);
}

#[test]
fn variables_without_a_default_are_required() {
    let pom = boot("");
    let text = "spring.datasource.url=${DB_URL}\nspring.datasource.password=${DB_PASSWORD:x}\napp.v=@project.version@\nlogging.file.name=logs/app.log\nserver.port=${PORT}\n";
    let (project, _) = found(&[
        ("pom.xml", &pom),
        ("src/main/java/x/App.java", MAIN),
        ("src/main/resources/application.properties", text),
    ]);
    let names: Vec<&str> = project.env.iter().map(|one| one.value.name.as_str()).collect();
    assert_eq!(names, ["DB_URL"]);
    assert_eq!(project.writes[0].value, "logs/app.log");
}

#[test]
fn one_module_of_several_is_the_program() {
    let root = pom("<packaging>pom</packaging><modules><module>core</module><module>web</module></modules>");
    let core = "<project><parent><groupId>g</groupId><artifactId>app</artifactId><version>1.0</version></parent><artifactId>core</artifactId></project>";
    let web = format!(
        "<project><parent><groupId>g</groupId><artifactId>app</artifactId><version>1.0</version></parent><artifactId>web</artifactId><dependencies><dependency><groupId>g</groupId><artifactId>core</artifactId><version>1.0</version></dependency></dependencies>{BOOT_PLUGIN}</project>"
    );
    let files = [
        ("pom.xml", root.as_str()),
        ("core/pom.xml", core),
        ("web/pom.xml", &web),
        ("web/src/main/java/x/App.java", MAIN),
    ];
    for root in ["", "web"] {
        let (project, facts) = at(&files, root);
        assert_eq!(facts.module.as_ref().unwrap().value, "web");
        assert_eq!(
            (facts.tool.root.as_str(), facts.module_root.as_str(), project.root.as_str()),
            ("", "web", root)
        );
        assert_eq!(facts.tool.manifests, ["core/pom.xml", "pom.xml", "web/pom.xml"]);
    }
    assert!(matches!(detection(&files, "core").unwrap(), Detection::NothingToRun(_)));
}

#[test]
fn several_programs_are_a_choice() {
    let root = pom("<packaging>pom</packaging><modules><module>a</module><module>b</module></modules>");
    let one = |name: &str| {
        format!("<project>{BOOT_PARENT}<artifactId>{name}</artifactId>{WEB}{BOOT_PLUGIN}</project>")
    };
    let (a, b) = (one("a"), one("b"));
    let files = [
        ("pom.xml", root.as_str()),
        ("a/pom.xml", &a),
        ("b/pom.xml", &b),
        ("a/src/main/java/x/A.java", MAIN),
        ("b/src/main/java/x/B.java", MAIN),
    ];
    let what = nothing(&files);
    assert_eq!(what, "this build has 2 programs: `a` and `b`");
}

#[test]
fn jars_of_everything() {
    let shade = |config: &str| {
        pom(&format!(
            "<build><plugins><plugin><artifactId>maven-shade-plugin</artifactId><executions><execution><phase>package</phase><goals><goal>shade</goal></goals></execution></executions><configuration>{config}<mainClass>x.Main</mainClass></configuration></plugin></plugins></build>"
        ))
    };
    let of = |pom: &str| {
        let (_, facts) = found(&[("pom.xml", pom), ("src/main/java/x/Main.java", PLAIN)]);
        let (path, _, main) = made(&facts);
        (path.to_owned(), main.map(str::to_owned), facts.tool.goals.clone())
    };
    assert_eq!(of(&shade("")), ("target/app-*.jar".into(), None, vec!["package".into()]));
    assert_eq!(of(&shade("<finalName>x</finalName>")).0, "target/x.jar");
    assert_eq!(
        of(&shade("<shadedArtifactAttached>true</shadedArtifactAttached>")).0,
        "target/app-*-shaded.jar"
    );
    let assembly = |phase: &str| {
        pom(&format!(
            "<build><finalName>one</finalName><plugins><plugin><artifactId>maven-assembly-plugin</artifactId><configuration><descriptorRefs><descriptorRef>jar-with-dependencies</descriptorRef></descriptorRefs></configuration>{phase}</plugin></plugins></build>"
        ))
    };
    let bound = "<executions><execution><phase>package</phase><goals><goal>single</goal></goals></execution></executions>";
    assert_eq!(
        of(&assembly(bound)),
        ("target/one-jar-with-dependencies.jar".into(), Some("x.Main".into()), vec!["package".into()])
    );
    assert_eq!(of(&assembly("")).2, ["package", "assembly:single"]);
}

#[test]
fn a_class_with_a_main_and_its_dependencies() {
    let (project, facts) = found(&[("pom.xml", &pom("")), ("src/main/java/x/Main.java", PLAIN)]);
    assert_eq!(made(&facts), ("target/app-*.jar", &Form::ClassPath, Some("x.Main")));
    assert!(facts.tool.goals.contains(&"dependency:copy-dependencies".to_owned()));
    assert_eq!(project.kind.value, Kind::Worker);
}

#[test]
fn quarkus_lays_out_a_folder() {
    let plugin = pom(
        "<build><plugins><plugin><groupId>io.quarkus.platform</groupId><artifactId>quarkus-maven-plugin</artifactId><version>3.20.0</version></plugin></plugins></build>",
    );
    let (project, facts) =
        found(&[("pom.xml", &plugin), ("src/main/java/x/A.java", "package x; class A { }")]);
    assert_eq!(made(&facts).0, "target/quarkus-app");
    assert_eq!(project.listen[0].value.port, 8080);
    let (_, facts) = found(&[
        ("pom.xml", &plugin),
        ("src/main/resources/application.properties", "quarkus.package.jar.type=uber-jar\n"),
    ]);
    assert_eq!(made(&facts), ("target/app-*-runner.jar", &Form::Jar, None));
}

#[test]
fn what_runs_elsewhere_is_said() {
    let android = "plugins { id 'com.android.application' }\n";
    assert!(nothing(&[("build.gradle", android), ("settings.gradle", "")]).contains("an Android app"));
    assert!(
        nothing(&[("pom.xml", &pom("<packaging>war</packaging>")), ("src/main/java/x/A.java", "class A {}")])
            .contains("a war for a servlet container")
    );
    assert!(nothing(&[("pom.xml", &pom("<packaging>maven-plugin</packaging>"))]).contains("a plug-in"));
    assert!(
        nothing(&[("pom.xml", &pom("")), ("src/main/java/x/A.java", "class A {}")]).contains("is a library")
    );
    assert!(nothing(&[("build.gradle.kts", "plugins { `java-library` }\n")]).contains("is a library"));
}

#[test]
fn spring_boot_with_gradle() {
    let build = "plugins {\n id 'java'\n id 'org.springframework.boot' version '2.6.3'\n}\nsourceCompatibility = '11'\ndependencies { implementation 'org.springframework.boot:spring-boot-starter-web' }\n";
    let wrapper = "distributionUrl=https\\://services.gradle.org/distributions/gradle-7.4-bin.zip\n";
    let (project, facts) = found(&[
        ("build.gradle", build),
        ("gradlew", ""),
        ("gradle/wrapper/gradle-wrapper.jar", ""),
        ("gradle/wrapper/gradle-wrapper.properties", wrapper),
        ("src/main/java/x/App.java", MAIN),
    ]);
    assert_eq!(made(&facts), ("build/libs/*.jar", &Form::Layers("2.6.3".into()), None));
    assert_eq!((facts.tool.goals.clone(), facts.tool.wrapper), (vec!["bootJar".to_owned()], true));
    assert_eq!(facts.tool.version.as_ref().unwrap().value, "7.4");
    assert_eq!(versions(&project), [Bound::Pin("11".into())]);
    assert_eq!(facts.tool.manifests, ["build.gradle", "gradle/", "gradlew"]);
}

#[test]
fn kotlin_with_a_catalogue_and_conventions() {
    let files = [
        (
            "settings.gradle.kts",
            "rootProject.name = \"shop\"\nincludeBuild(\"build-logic\")\ninclude(\":core\", \":api\")\n",
        ),
        (
            "gradle/libs.versions.toml",
            "[versions]\njava = \"21\"\nktor = \"3.0.0\"\n[plugins]\nktor = { id = \"io.ktor.plugin\", version.ref = \"ktor\" }\n[libraries]\nktor-server = { module = \"io.ktor:ktor-server-netty\", version.ref = \"ktor\" }\n",
        ),
        (
            "build-logic/src/main/kotlin/base.gradle.kts",
            "plugins { kotlin(\"jvm\") }\nkotlin { jvmToolchain(17) }\n",
        ),
        ("core/build.gradle.kts", "plugins { id(\"base\") }\n"),
        (
            "api/build.gradle.kts",
            "plugins { id(\"base\")\n alias(libs.plugins.ktor) }\ndependencies { implementation(project(\":core\"))\n implementation(libs.ktor.server) }\n",
        ),
        (
            "api/src/main/kotlin/A.kt",
            "import io.ktor.server.netty.*\nval port = System.getenv(\"PORT\")?.toInt() ?: 9000\nfun main() { embeddedServer(Netty, port = port) {} }\n",
        ),
    ];
    let (project, facts) = found(&files);
    assert_eq!(project.language, "kotlin");
    assert_eq!(facts.tool.goals, [":api:buildFatJar"]);
    assert_eq!(versions(&project), [Bound::Pin("17".into())]);
    assert_eq!(
        (project.listen[0].value.port, project.listen[0].value.variable.as_deref()),
        (9000, Some("PORT"))
    );
    assert!(facts.tool.manifests.contains(&"build-logic/".into()));
}

#[test]
fn a_gradle_application() {
    let build = "plugins { id 'application' }\napplication { mainClass = 'x.Main'\n applicationDefaultJvmArgs = ['-Xss4m'] }\n";
    let (_, facts) = found(&[("build.gradle", build), ("src/main/java/x/Main.java", PLAIN)]);
    assert_eq!(made(&facts), ("build/install/*/lib", &Form::ClassPath, Some("x.Main")));
    assert_eq!(facts.jvm_args[0].value, "-Xss4m");
    let (_, facts) =
        found(&[("build.gradle", "plugins { id 'application' }\n"), ("src/main/java/x/Main.java", PLAIN)]);
    assert_eq!(made(&facts).2, Some("x.Main"));
}

#[test]
fn what_the_repository_uses_decides_between_two_tools() {
    let pom = boot("");
    let build = "plugins { id 'org.springframework.boot' version '3.5.0' }\n";
    let both = [("pom.xml", pom.as_str()), ("build.gradle", build), ("src/main/java/x/App.java", MAIN)];
    assert_eq!(found(&both).1.tool.id, "maven");
    let with: Vec<(&str, &str)> = both.into_iter().chain([("gradlew", "")]).collect();
    let (project, facts) = found(&with);
    assert_eq!((facts.tool.id.as_str(), project.notes[0].code.as_str()), ("gradle", "two-build-tools"));
}

#[test]
fn a_version_file_stands_over_the_language() {
    let pom = boot("<properties><java.version>17</java.version></properties>");
    let (project, _) =
        found(&[("pom.xml", &pom), (".sdkmanrc", "java=21.0.2-tem\n"), ("src/main/java/x/App.java", MAIN)]);
    assert_eq!(versions(&project)[..2], [Bound::Pin("21".into()), Bound::Floor("17".into())]);
}

#[test]
fn a_library_that_inherits_the_plugin_is_no_program() {
    let root = pom(&format!(
        "<packaging>pom</packaging><modules><module>a</module><module>b</module></modules>{BOOT_PLUGIN}"
    ));
    let one = |name: &str| {
        format!(
            "<project><parent><groupId>g</groupId><artifactId>app</artifactId><version>1.0</version></parent><artifactId>{name}</artifactId>{WEB}</project>"
        )
    };
    let (a, b) = (one("a"), one("b"));
    let tool = "package x; class Keys { public static void main(String[] args) { } }";
    let (_, facts) = found(&[
        ("pom.xml", &root),
        ("a/pom.xml", &a),
        ("b/pom.xml", &b),
        ("a/src/main/java/x/Keys.java", tool),
        ("b/src/main/java/x/App.java", MAIN),
    ]);
    assert_eq!(facts.module.unwrap().value, "b");
}

#[test]
fn classes_that_are_as_likely_are_a_choice() {
    let other = PLAIN.replace("Main ", "Other ").replace("class Main", "class Other");
    let tool = PLAIN.replace("class Main", "class Tool");
    let pom = pom("");
    let files = [
        ("pom.xml", pom.as_str()),
        ("src/main/java/x/Other.java", other.as_str()),
        ("src/main/java/x/Tool.java", &tool),
    ];
    let error = detection(&files, "").unwrap_err();
    assert!(error.help.iter().any(|line| line.contains("--bin x.Tool")), "{error:?}");
}

#[test]
fn the_production_profile_of_the_readme_is_chosen() {
    let profiles = "<profiles><profile><id>dev</id><activation><activeByDefault>true</activeByDefault></activation><properties><mode>dev</mode></properties></profile><profile><id>prod</id><properties><mode>prod</mode></properties></profile></profiles>";
    let pom = boot(profiles);
    let readme = "Run `./mvnw -Pprod clean verify`.\n";
    let settings = "spring.profiles.active=@mode@\n";
    let files = [
        ("pom.xml", pom.as_str()),
        ("README.md", readme),
        ("src/main/java/x/App.java", MAIN),
        ("src/main/resources/application.properties", settings),
        ("src/main/resources/application-dev.properties", "server.port=1111\n"),
        ("src/main/resources/application-prod.properties", "server.port=2222\n"),
    ];
    let (project, facts) = found(&files);
    assert_eq!(facts.tool.flags[0].value, "-Pprod");
    assert_eq!(project.listen[0].value.port, 2222);
    let without: Vec<(&str, &str)> = files.into_iter().filter(|(name, _)| *name != "README.md").collect();
    assert_eq!(found(&without).0.listen[0].value.port, 1111);
}

#[test]
fn dropwizard_is_started_with_a_command_and_its_configuration() {
    let pom = pom(
        "<dependencies><dependency><groupId>io.dropwizard</groupId><artifactId>dropwizard-core</artifactId><version>4.0.0</version></dependency></dependencies><build><plugins><plugin><artifactId>maven-shade-plugin</artifactId><executions><execution><goals><goal>shade</goal></goals><configuration><mainClass>x.Main</mainClass></configuration></execution></executions></plugin></plugins></build>",
    );
    let config = "server:\n  applicationConnectors:\n    - type: http\n      port: 9000\n  adminConnectors:\n    - type: http\n      port: 9001\n";
    let (project, facts) =
        found(&[("pom.xml", &pom), ("config.yml", config), ("src/main/java/x/Main.java", PLAIN)]);
    let args: Vec<&str> = facts.args.iter().map(|arg| arg.value.as_str()).collect();
    assert_eq!(args, ["server", "config.yml"]);
    let ports: Vec<u16> = project.listen.iter().map(|listen| listen.value.port).collect();
    assert_eq!(ports, [9000, 9001]);
    assert_eq!(project.reads[0].value, "config.yml");
}

#[test]
fn files_that_are_written_need_a_place() {
    let pom = boot("");
    let logback = "<configuration><appender name=\"F\"><file>logs/app.log</file></appender><root><appender-ref ref=\"F\"/></root></configuration>";
    let settings = "spring.datasource.url=jdbc:h2:file:./data/app\napp.work-dir=${user.home}/.app\n";
    let (project, facts) = found(&[
        ("pom.xml", &pom),
        ("src/main/java/x/App.java", MAIN),
        ("src/main/resources/application.properties", settings),
        ("src/main/resources/logback.xml", logback),
    ]);
    let writes: Vec<&str> = project.writes.iter().map(|write| write.value.as_str()).collect();
    assert_eq!(writes, ["data/app.mv.db", "logs/app.log", "/data"]);
    assert_eq!(facts.jvm_args[0].value, "-Duser.home=/data");
}

#[test]
fn a_path_in_another_folder_is_not_known() {
    let source = "package x; public class Main { public static void main(String[] args) { java.nio.file.Files.createDirectories(base.resolve(\"w\")); new File(\"cache\").mkdirs(); } }";
    let (project, _) = found(&[("pom.xml", &pom("")), ("src/main/java/x/Main.java", source)]);
    let writes: Vec<&str> = project.writes.iter().map(|write| write.value.as_str()).collect();
    assert_eq!(writes, ["cache"]);
}

#[test]
fn a_tool_that_needs_a_newer_java_compiles_the_older_language() {
    let build =
        "plugins { id 'application' }\nsourceCompatibility = 11\napplication { mainClass = 'x.Main' }\n";
    let wrapper = "distributionUrl=https\\://services.gradle.org/distributions/gradle-9.2-bin.zip\n";
    let (project, _) = found(&[
        ("build.gradle", build),
        ("gradle/wrapper/gradle-wrapper.properties", wrapper),
        ("src/main/java/x/Main.java", PLAIN),
    ]);
    assert_eq!(versions(&project), [Bound::Floor("11".into())]);
}

#[test]
fn broken_manifests_are_errors_at_their_lines() {
    let error = detection(&[("pom.xml", "<project>\n<a>\n</project>")], "").unwrap_err();
    assert_eq!(error.place.as_ref().unwrap().1, Some(3));
    let error = detection(&[("pom.xml", &pom("<modules><module>gone</module></modules>"))], "").unwrap_err();
    assert!(error.message.contains("`gone` has no pom.xml"), "{error}");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    #[test]
    fn never_panics(build in "(plugins|id 'application'|dependencies|include|[a-c'{}()=:\n ]){0,30}", pom in "<project>(<modules><module>a</module></modules>|<build><plugins><plugin>|</plugin></plugins></build>|<artifactId>|</artifactId>|[a-c$\\{\\}.]){0,8}</project>", source in "(class|main|static|void|String|getenv|[a-c(){}\"=.; ]){0,30}") {
        let files = [("build.gradle", build.as_str()), ("settings.gradle", build.as_str()), ("src/main/java/A.java", source.as_str())];
        let _ = detection(&files, "");
        let _ = detection(&[("pom.xml", pom.as_str()), ("src/main/java/A.java", source.as_str())], "");
    }
}

#[test]
fn other_programs_of_the_build_are_apart_unless_tests_need_them() {
    let module = |name: &str, more: &str| {
        format!(
            "<project><parent><groupId>g</groupId><artifactId>app</artifactId><version>1.0</version></parent><artifactId>{name}</artifactId>{more}{BOOT_PLUGIN}</project>"
        )
    };
    let web = |also: &str| {
        format!(
            "<dependencies><dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId></dependency>{also}</dependencies>"
        )
    };
    let root = pom(
        "<packaging>pom</packaging><modules><module>api</module><module>mail</module><module>stub</module></modules>",
    );
    let stub = "<dependency><groupId>g</groupId><artifactId>stub</artifactId><version>1.0</version><scope>test</scope></dependency>";
    let (api, other) = (module("api", &web(stub)), module("mail", &web("")));
    let third = module("stub", &web(""));
    let files = [
        ("pom.xml", root.as_str()),
        ("api/pom.xml", api.as_str()),
        ("api/src/main/java/x/App.java", MAIN),
        ("mail/pom.xml", other.as_str()),
        ("mail/src/main/java/x/App.java", MAIN),
        ("stub/pom.xml", third.as_str()),
        ("stub/src/main/java/x/App.java", MAIN),
    ];
    let (_, facts) = at(&files, "api");
    assert_eq!(facts.others, ["mail/src"]);
    let (_, facts) = at(&files, "mail");
    assert_eq!(facts.others, ["api/src", "stub/src"]);
}

#[test]
fn the_tool_bounds_a_java_that_nobody_names_and_libraries_bound_it_from_below() {
    let of = |gradle: &str, library: &str| {
        let wrapper =
            format!("distributionUrl=https\\://services.gradle.org/distributions/gradle-{gradle}-bin.zip\n");
        let build = format!(
            "plugins {{ id 'application' }}\napplication {{ mainClass = 'a.Main' }}\ndependencies {{ implementation '{library}' }}\n"
        );
        let (project, _) = found(&[
            ("build.gradle", build.as_str()),
            ("gradle/wrapper/gradle-wrapper.properties", wrapper.as_str()),
            ("src/main/java/a/Main.java", "package a; class Main { public static void main(String[] a) {} }"),
        ]);
        versions(&project)
    };
    assert_eq!(of("4.10", "org.slf4j:slf4j-api:1.7.30"), [Bound::Range("<9".to_owned())]);
    assert_eq!(of("8.14", "org.slf4j:slf4j-api:1.7.30"), []);
    assert_eq!(of("4.10", "com.zaxxer:HikariCP:5.1.0"), [Bound::Floor("11".to_owned())]);
}

#[test]
fn the_first_argument_of_a_socket_is_its_port() {
    let code =
        "package a; class Main { public static void main(String[] a) { new ServerSocket(port(), 100); } }";
    let (project, _) = found(&[
        ("build.gradle", "plugins { id 'application' }\napplication { mainClass = 'a.Main' }\n"),
        ("src/main/java/a/Main.java", code),
    ]);
    assert_eq!(project.listen, []);
}

#[test]
fn a_configuration_that_gradle_fills_and_one_that_nobody_can_read() {
    let build = "plugins {\n id 'java'\n id 'org.springframework.boot' version '3.3.0'\n}\ndependencies { implementation 'org.springframework.boot:spring-boot-starter-web' }\n";
    let main = "package a; @SpringBootApplication class Main { public static void main(String[] a) { SpringApplication.run(Main.class, a); } }";
    let ports = |yaml: &str| -> Vec<u16> {
        let (project, _) = found(&[
            ("build.gradle", build),
            ("src/main/java/a/Main.java", main),
            ("src/main/resources/application.yml", yaml),
        ]);
        project.listen.iter().map(|one| one.value.port).collect()
    };
    assert_eq!(ports("a: \"\\${b}/c\"\nserver:\n  port: 25600\n"), [25600]);
    assert!(ports("a: \"\\q\"\nserver:\n  port: 25600\n").is_empty());
}

#[test]
fn settings_of_a_server_in_the_same_repository_stand_over_the_own() {
    let pom = boot("");
    let asks =
        "spring:\n  application:\n    name: orders\n  config:\n    import: configserver:http://c:8888\n";
    let port = |import: &str, more: &[(&str, &str)]| {
        let own = asks.replace("configserver", import);
        let mut files = vec![
            ("orders/pom.xml", pom.as_str()),
            ("orders/src/main/java/x/App.java", MAIN),
            ("orders/src/main/resources/application.yml", &own),
        ];
        files.extend(more);
        at(&files, "orders").0.listen.first().map(|one| one.value.port)
    };
    let kept = ("config/src/main/resources/shared/orders.yml", "server:\n  port: 6000\n");
    assert_eq!(port("configserver", &[kept]), Some(6000));
    assert_eq!(port("optional:configserver", &[]), Some(8080));
    assert_eq!(port("configserver", &[]), None);
}

#[test]
fn the_port_that_the_own_image_publishes_is_told_to_the_program() {
    let pom = boot("<properties><docker.image.exposed.port>8081</docker.image.exposed.port></properties>");
    let (project, _) = found(&[("pom.xml", &pom), ("src/main/java/x/App.java", MAIN)]);
    assert_eq!((project.listen[0].value.port, project.listen[0].value.must_set), (8081, true));
}

#[test]
fn a_port_of_settings_is_read_by_its_key() {
    let build = "plugins { id 'application' }\napplication { mainClass = 'x.Main' }\ndependencies { implementation 'io.javalin:javalin:6.0' }";
    let main = "package x; import io.javalin.Javalin; public class Main { public static void main(String[] args) { Javalin.create().start(Integer.parseInt(p.getProperty(\"server_port\"))); p.load(new FileReader(\"config.properties\")); } }";
    let (project, _) = found(&[
        ("build.gradle", build),
        ("src/main/java/x/Main.java", main),
        ("src/main/resources/app.properties", "server_port=7001"),
        ("config.properties", ""),
    ]);
    assert_eq!(project.listen[0].value.port, 7001);
    assert_eq!(project.reads[0].value, "config.properties");
}

#[test]
fn a_plugin_of_something_else_is_no_program() {
    let root = "subprojects { apply(plugin = \"application\") }";
    let app = "application { mainClass.set(\"x.AppKt\") }";
    let plugin = "plugins { id(\"com.gradleup.shadow\") }\napplication { mainClass.set(\"y.Extra\") }";
    let (project, _) = found(&[
        ("settings.gradle.kts", "include(\"app\", \"extra\")"),
        ("build.gradle.kts", root),
        ("app/build.gradle.kts", app),
        ("app/src/main/kotlin/x/App.kt", "package x\nfun main() = run { }"),
        ("extra/build.gradle.kts", plugin),
        ("extra/src/main/kotlin/y/Extra.kt", "package y\nclass Extra : Plugin()"),
        ("app-test/tool/src/Tool.kt", "fun main() { }"),
    ]);
    assert_eq!(project.name, "app");
}

#[test]
fn a_library_that_is_packed_whole_is_no_program() {
    let build = "plugins { id 'java-library'; id 'com.gradleup.shadow' version '9.0' }";
    let code = ("src/main/java/x/Lib.java", "package x; public class Lib { }");
    assert!(nothing(&[("build.gradle", build), code]).contains("is a library"));
}
