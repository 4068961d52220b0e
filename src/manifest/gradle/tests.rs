use super::*;

fn read(text: &str) -> Build {
    build(text, &Names::from([("libs.versions.java".into(), "21".into())]))
}

fn ids(build: &Build) -> Vec<&str> {
    build.plugins.iter().map(|plugin| plugin.id.as_str()).collect()
}

#[test]
fn reads_plugins_of_every_form() {
    let text = "plugins {\n  id 'java'\n  id(\"org.springframework.boot\") version \"3.4.1\"\n  kotlin(\"jvm\") version \"2.1.0\"\n  `java-library`\n  application\n  alias(libs.plugins.ktor)\n  id 'x' version '1' apply false\n}\napply plugin: 'war'\napply(plugin = \"idea\")\n";
    let build = read(text);
    assert_eq!(
        ids(&build),
        [
            "java",
            "org.springframework.boot",
            "org.jetbrains.kotlin.jvm",
            "java-library",
            "application",
            "alias:libs.plugins.ktor",
            "x",
            "war",
            "idea"
        ]
    );
    assert_eq!((build.plugins[1].version.as_deref(), build.plugins[1].line), (Some("3.4.1"), 3));
    assert!(build.plugins[6].known_only && !build.plugins[0].known_only);
}

#[test]
fn reads_versions_of_java() {
    let told = |text: &str| read(text).java.into_iter().map(|one| one.value).collect::<Vec<_>>();
    assert_eq!(
        told("java { toolchain { languageVersion = JavaLanguageVersion.of(17) } }"),
        [(Level::Toolchain, "17".into())]
    );
    assert_eq!(
        told("java.toolchain.languageVersion.set(JavaLanguageVersion.of(21))"),
        [(Level::Toolchain, "21".into())]
    );
    assert_eq!(
        told("kotlin { jvmToolchain(libs.versions.java.get().toInt()) }"),
        [(Level::Toolchain, "21".into())]
    );
    assert_eq!(told("sourceCompatibility = '1.8'"), [(Level::Language, "8".into())]);
    assert_eq!(
        told("java {\n sourceCompatibility = JavaVersion.VERSION_11\n}"),
        [(Level::Language, "11".into())]
    );
    assert_eq!(
        told("tasks.withType<KotlinCompile> { kotlinOptions { jvmTarget = \"17\" } }"),
        [(Level::Language, "17".into())]
    );
    assert_eq!(
        told("kotlin { jvmToolchain { languageVersion = JavaLanguageVersion.of(11) } }"),
        [(Level::Toolchain, "11".into())]
    );
    assert_eq!(told("sourceCompatibility = project.someVersion"), []);
}

#[test]
fn reads_dependencies() {
    let text = "val v = \"1.2\"\ndependencies {\n  implementation 'g:a:1'\n  implementation(\"g:b:$v\")\n  implementation(libs.spring.web)\n  implementation project(':core')\n  api(projects.sub.part)\n  testImplementation group: 'g', name: 'c', version: '3'\n  runtimeOnly 'g:d', 'g:e'\n  implementation(platform(\"g:bom:1\"))\n  implementation(kotlin(\"reflect\"))\n  implementation files('x.jar')\n  implementation(\"g:f\") { exclude group: 'x' }\n}\n";
    let build = read(text);
    let module = |key: &str, version: Option<&str>| What::Module(key.into(), version.map(str::to_owned));
    let names: Vec<What> = build.dependencies.iter().map(|one| one.names.clone()).collect();
    assert_eq!(
        names,
        [
            module("g:a", Some("1")),
            module("g:b", Some("1.2")),
            What::Alias("libs.spring.web".into()),
            What::Project(":core".into()),
            What::Project(":sub:part".into()),
            module("g:c", Some("3")),
            module("g:d", None),
            module("g:e", None),
            module("g:bom", Some("1")),
            module("org.jetbrains.kotlin:kotlin-reflect", None),
            What::Other,
            module("g:f", None),
        ]
    );
    assert_eq!(build.dependencies[5].configuration, "testImplementation");
}

#[test]
fn reads_what_is_packed() {
    let text = "application { mainClass = 'x.Main' \n applicationDefaultJvmArgs = ['-Xss2m'] }\njar { manifest { attributes 'Main-Class': 'x.Jar' }\n from { configurations.runtimeClasspath.collect { it } } }\ntasks.shadowJar { archiveFileName.set(\"app.jar\") }\ntasks.named<BootJar>(\"bootJar\") { archiveClassifier = 'exec' }\ntasks.getByName<Jar>(\"jar\") { enabled = false }\nktor { fatJar { archiveFileName.set(\"fat.jar\") } }\n";
    let build = read(text);
    assert_eq!(build.main_class.as_ref().unwrap().value, "x.Main");
    assert_eq!(build.jvm_args, ["-Xss2m"]);
    let jar = build.archive("jar").unwrap();
    assert!(jar.fat && jar.main_class.as_ref().unwrap().value == "x.Jar");
    assert_eq!(build.archive("shadowJar").unwrap().file.as_deref(), Some("app.jar"));
    assert_eq!(build.archive("bootJar").unwrap().classifier.as_deref(), Some("exec"));
    assert!(build.archives.iter().any(|one| one.task == "jar" && one.off));
    assert!(build.archives.iter().any(|one| one.file.as_deref() == Some("fat.jar")));
}

#[test]
fn reads_a_jar_with_a_folder_beside_it() {
    let text = "jar.destinationDirectory = file(\"$projectDir/target\")\ntasks.register('copyLibs', Copy) {\n into \"$projectDir/target/lib\"\n from configurations.runtimeClasspath\n}\njar { manifest { attributes('Main-Class': 'x.Main', 'Class-Path': configurations.runtimeClasspath.files.collect { \"lib/$it.name\" }.join(' ')) } }\n";
    let build = read(text);
    assert_eq!(build.copies, [("copyLibs".to_owned(), "target/lib".to_owned())]);
    let jars: Vec<&Archive> = build.archives.iter().filter(|one| one.task == "jar").collect();
    assert_eq!(jars[0].folder.as_deref(), Some("target"));
    assert_eq!((jars[1].class_path.as_deref(), jars[1].fat), (Some("lib"), false));
}

#[test]
fn what_holds_for_all_projects_stands_apart() {
    let build = read("allprojects { apply plugin: 'java' }\nsubprojects { sourceCompatibility = 17 }\n");
    assert_eq!(ids(&build), ["java"]);
    let below = build.below.unwrap();
    assert_eq!((ids(&below), below.java.len()), (vec!["java"], 1));
}

#[test]
fn reads_settings() {
    let text = "pluginManagement { includeBuild(\"build-logic\") }\nrootProject.name = \"shop\"\ninclude 'api', 'lib:core'\ninclude(\":web\")\nproject(':web').projectDir = file('apps/web')\n";
    let read = settings(text);
    assert_eq!(read.name.unwrap().value, "shop");
    let projects: Vec<(&str, &str)> =
        read.projects.iter().map(|one| (one.value.0.as_str(), one.value.1.as_str())).collect();
    assert_eq!(projects, [(":api", "api"), (":lib:core", "lib/core"), (":web", "apps/web")]);
    assert_eq!(read.included[0].value, "build-logic");
}

#[test]
fn reads_repositories_of_settings() {
    let text = "dependencyResolutionManagement {\n  repositories {\n    mavenCentral()\n    maven(\"https://maven.example.com/shop\") {\n      credentials {\n        username = System.getenv(\"SHOP_USER\")\n        password = providers.environmentVariable(\"SHOP_TOKEN\").get()\n      }\n    }\n  }\n}\n";
    let [repository] = &settings(text).repositories[..] else { panic!("one repository") };
    assert_eq!((repository.value.url.as_str(), repository.line), ("https://maven.example.com/shop", 4));
    assert!(repository.value.secret);
    assert_eq!(repository.value.variables, ["SHOP_USER", "SHOP_TOKEN"]);
}

proptest::proptest! {
    #[test]
    fn never_panics(text in "(?s)(plugins|dependencies|jar|ext|application| id | version )?[a-b{}()'\"=.,:\n ]{0,60}") {
        let _ = (read(&text), settings(&text));
    }
}
