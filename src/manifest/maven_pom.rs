//! Maven's `pom.xml` as it is written: parents, properties and profiles are put together by who asks.

use crate::manifest::xml::{self, Element};
use crate::manifest::yaml::Lined;

/// A pom.xml.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pom {
    /// What it inherits from.
    pub parent: Option<Parent>,
    /// Its own group; none is the parent's.
    pub group: Option<String>,
    /// Its name.
    pub artifact: String,
    /// Its own version; none is the parent's.
    pub version: Option<Lined<String>>,
    /// What it is packed as, where it says so.
    pub packaging: Option<Lined<String>>,
    /// Everything that a profile may have, too.
    pub model: Model,
    /// The profiles.
    pub profiles: Vec<Profile>,
}

/// What stands in a project and in a profile alike.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Model {
    /// The properties in order.
    pub properties: Vec<(String, Lined<String>)>,
    /// The folders, or poms, of the modules.
    pub modules: Vec<Lined<String>>,
    /// The dependencies.
    pub dependencies: Vec<Dependency>,
    /// Those of `dependencyManagement`.
    pub managed: Vec<Dependency>,
    /// The plug-ins of the build.
    pub plugins: Vec<Plugin>,
    /// Those of `pluginManagement`.
    pub managed_plugins: Vec<Plugin>,
    /// The name of what is built, without its ending.
    pub final_name: Option<Lined<String>>,
    /// Where the sources lie, where that is not the usual place.
    pub source_directory: Option<Lined<String>>,
    /// The addresses of further repositories, by id.
    pub repositories: Vec<(String, Lined<String>)>,
}

/// A parent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parent {
    /// `group:artifact`.
    pub key: String,
    /// Its version as written.
    pub version: String,
    /// Where it lies; `../pom.xml` where nothing is said, nowhere where it is empty.
    pub relative_path: Option<String>,
    /// Its line.
    pub line: u32,
}

/// A dependency.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dependency {
    /// `group:artifact`.
    pub key: String,
    /// Its version as written.
    pub version: Option<String>,
    /// `compile` where nothing is said.
    pub scope: Option<String>,
    /// `jar` where nothing is said.
    pub kind: Option<String>,
    /// A file of the repository that it is taken from.
    pub system_path: Option<String>,
    /// Its line.
    pub line: u32,
}

/// A plug-in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plugin {
    /// `group:artifact`.
    pub key: String,
    /// Its version as written.
    pub version: Option<String>,
    /// What it is told.
    pub config: Element,
    /// What it does when.
    pub executions: Vec<Execution>,
    /// Its line.
    pub line: u32,
}

/// An execution of a plug-in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Execution {
    /// Its id; `default` where nothing is said.
    pub id: String,
    /// The phase that it is bound to, where that is said.
    pub phase: Option<String>,
    /// The goals.
    pub goals: Vec<String>,
    /// What they are told.
    pub config: Element,
}

/// A profile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// Its id.
    pub id: String,
    /// It is active where no other is.
    pub by_default: bool,
    /// What switches it on by itself.
    pub when: Vec<When>,
    /// What it adds.
    pub model: Model,
    /// Its line.
    pub line: u32,
}

/// What switches a profile on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// A file is there.
    Exists(String),
    /// A file is not there.
    Missing(String),
    /// A property that nobody sets (`!skipTests`).
    Unset,
}

const PLUGINS: &str = "org.apache.maven.plugins";

impl Plugin {
    /// The configurations of the plug-in and of its executions.
    pub fn configs(&self) -> impl Iterator<Item = &Element> {
        std::iter::once(&self.config).chain(self.executions.iter().map(|one| &one.config))
    }

    /// The text of an element of any configuration, at a path.
    #[must_use]
    pub fn told(&self, path: &[&str]) -> Option<&Element> {
        self.configs().find_map(|config| config.at(path)).filter(|found| !found.text.is_empty())
    }

    /// Whether a goal is part of the build.
    #[must_use]
    pub fn runs(&self, goal: &str) -> bool {
        self.executions.iter().any(|one| one.goals.iter().any(|known| known == goal))
    }
}

impl Pom {
    /// The profiles that hold: one that is chosen, those that a file or a missing property switches on, or else those that
    /// are active where no other is. `has` tells whether a file of the project is there.
    #[must_use]
    pub fn active(&self, chosen: Option<&str>, has: &dyn Fn(&str) -> bool) -> Vec<String> {
        let on = |profile: &&Profile| {
            Some(profile.id.as_str()) == chosen || profile.when.iter().any(|when| when.holds(has))
        };
        let named: Vec<String> = self.profiles.iter().filter(on).map(|profile| profile.id.clone()).collect();
        if named.is_empty() {
            return self
                .profiles
                .iter()
                .filter(|profile| profile.by_default)
                .map(|profile| profile.id.clone())
                .collect();
        }
        named
    }

    /// The project's own part and that of each profile that holds.
    pub fn models<'a>(&'a self, active: &'a [String]) -> impl Iterator<Item = &'a Model> {
        let profiles =
            self.profiles.iter().filter(|profile| active.contains(&profile.id)).map(|one| &one.model);
        std::iter::once(&self.model).chain(profiles)
    }
}

impl When {
    fn holds(&self, has: &dyn Fn(&str) -> bool) -> bool {
        let path = |path: &str| {
            path.trim_start_matches("${basedir}/").trim_start_matches("${project.basedir}/").to_owned()
        };
        match self {
            Self::Exists(file) => has(&path(file)),
            Self::Missing(file) => !has(&path(file)),
            Self::Unset => true,
        }
    }
}

/// Reads a pom.xml.
///
/// # Errors
/// The line, where one is known, and what is wrong.
pub fn read(text: &str) -> Result<Pom, (Option<u32>, String)> {
    let root = xml::parse(text)?;
    if root.name != "project" {
        return Err((
            Some(root.line),
            format!("its root element is `{}`, not `project`", plain_name(&root.name)),
        ));
    }
    Ok(Pom {
        parent: root.get("parent").map(parent),
        group: root.text_of("groupId").map(str::to_owned),
        artifact: root.text_of("artifactId").unwrap_or_default().to_owned(),
        version: lined(&root, "version"),
        packaging: lined(&root, "packaging"),
        model: model(&root),
        profiles: root.each("profiles").map(profile).collect(),
    })
}

/// A name for a message.
fn plain_name(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(40).collect()
}

fn lined(element: &Element, name: &str) -> Option<Lined<String>> {
    let child = element.get(name).filter(|child| !child.text.is_empty())?;
    Some(Lined::new(child.text.clone(), child.line))
}

fn key(element: &Element, usual: &str) -> String {
    let group = element.text_of("groupId").unwrap_or(usual);
    format!("{group}:{}", element.text_of("artifactId").unwrap_or_default())
}

fn parent(element: &Element) -> Parent {
    Parent {
        key: key(element, ""),
        version: element.text_of("version").unwrap_or_default().to_owned(),
        relative_path: element.get("relativePath").map(|path| path.text.clone()),
        line: element.line,
    }
}

fn profile(element: &Element) -> Profile {
    let by_default = element.at(&["activation", "activeByDefault"]).is_some_and(|one| one.text == "true");
    Profile {
        id: element.text_of("id").unwrap_or_default().to_owned(),
        by_default,
        when: when(element),
        model: model(element),
        line: element.line,
    }
}

fn when(profile: &Element) -> Vec<When> {
    let file = |name: &str| profile.at(&["activation", "file", name]).map(|one| one.text.clone());
    let property = profile.at(&["activation", "property"]);
    let unset = property.is_some_and(|one| {
        let starts = |name: &str| one.text_of(name).is_some_and(|text| text.starts_with('!'));
        starts("name") || starts("value")
    });
    let files = file("exists").map(When::Exists).into_iter().chain(file("missing").map(When::Missing));
    files.chain(unset.then_some(When::Unset)).collect()
}

fn model(element: &Element) -> Model {
    let empty = Element::default();
    let build = element.get("build").unwrap_or(&empty);
    let managed = build.get("pluginManagement").unwrap_or(&empty);
    let management = element.get("dependencyManagement").unwrap_or(&empty);
    let pair = |one: &Element| (one.name.clone(), Lined::new(one.text.clone(), one.line));
    Model {
        properties: element.each("properties").map(pair).collect(),
        modules: element.each("modules").map(|one| Lined::new(one.text.clone(), one.line)).collect(),
        dependencies: element.each("dependencies").map(dependency).collect(),
        managed: management.each("dependencies").map(dependency).collect(),
        plugins: build.each("plugins").map(plugin).collect(),
        managed_plugins: managed.each("plugins").map(plugin).collect(),
        final_name: lined(build, "finalName"),
        source_directory: lined(build, "sourceDirectory"),
        repositories: element
            .each("repositories")
            .chain(element.each("pluginRepositories"))
            .filter_map(|one| Some((one.text_of("id").unwrap_or_default().to_owned(), lined(one, "url")?)))
            .collect(),
    }
}

fn dependency(element: &Element) -> Dependency {
    let text = |name: &str| element.text_of(name).map(str::to_owned);
    Dependency {
        key: key(element, ""),
        version: text("version"),
        scope: text("scope"),
        kind: text("type"),
        system_path: text("systemPath"),
        line: element.line,
    }
}

fn plugin(element: &Element) -> Plugin {
    Plugin {
        key: key(element, PLUGINS),
        version: element.text_of("version").map(str::to_owned),
        config: element.get("configuration").cloned().unwrap_or_default(),
        executions: element.each("executions").map(execution).collect(),
        line: element.line,
    }
}

fn execution(element: &Element) -> Execution {
    Execution {
        id: element.text_of("id").unwrap_or("default").to_owned(),
        phase: element.text_of("phase").map(str::to_owned),
        goals: element.each("goals").map(|goal| goal.text.clone()).collect(),
        config: element.get("configuration").cloned().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POM: &str = r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <parent>
    <groupId>org.springframework.boot</groupId>
    <artifactId>spring-boot-starter-parent</artifactId>
    <version>3.4.1</version>
    <relativePath/>
  </parent>
  <artifactId>app</artifactId>
  <version>1.0</version>
  <properties><java.version>17</java.version></properties>
  <modules><module>core</module></modules>
  <dependencies>
    <dependency><groupId>a</groupId><artifactId>b</artifactId><scope>test</scope></dependency>
  </dependencies>
  <build>
    <finalName>app</finalName>
    <plugins>
      <plugin>
        <artifactId>maven-shade-plugin</artifactId>
        <executions><execution><phase>package</phase><goals><goal>shade</goal></goals>
          <configuration><transformers><transformer><mainClass>x.Main</mainClass></transformer></transformers></configuration>
        </execution></executions>
      </plugin>
    </plugins>
  </build>
  <profiles>
    <profile><id>dev</id><activation><activeByDefault>true</activeByDefault></activation>
      <properties><p>1</p></properties></profile>
    <profile><id>native</id></profile>
  </profiles>
</project>"#;

    #[test]
    fn reads_a_pom() {
        let pom = read(POM).unwrap();
        let parent = pom.parent.as_ref().unwrap();
        assert_eq!(parent.key, "org.springframework.boot:spring-boot-starter-parent");
        assert_eq!((parent.version.as_str(), parent.relative_path.as_deref()), ("3.4.1", Some("")));
        assert_eq!(pom.model.properties[0], ("java.version".into(), Lined::new("17".into(), 10)));
        assert_eq!(pom.model.modules[0].value, "core");
        assert_eq!(pom.model.dependencies[0].scope.as_deref(), Some("test"));
        let shade = &pom.model.plugins[0];
        assert_eq!(shade.key, "org.apache.maven.plugins:maven-shade-plugin");
        assert!(shade.runs("shade") && !shade.runs("help"));
        let main = shade.told(&["transformers", "transformer", "mainClass"]);
        assert_eq!(main.map(|one| one.text.as_str()), Some("x.Main"));
        let none = |_: &str| false;
        assert_eq!(pom.active(None, &none), ["dev"]);
        assert_eq!(pom.active(Some("native"), &none), ["native"]);
        assert_eq!(pom.models(&["dev".to_owned()]).count(), 2);
    }

    #[test]
    fn files_and_missing_properties_switch_profiles_on() {
        let text = "<project><profiles><profile><id>a</id><activation><activeByDefault>true</activeByDefault></activation></profile><profile><id>b</id><activation><file><exists>src/x</exists></file></activation></profile><profile><id>c</id><activation><property><name>!skip</name></property></activation></profile></profiles></project>";
        let pom = read(text).unwrap();
        assert_eq!(pom.active(None, &|file| file == "src/x"), ["b", "c"]);
        assert_eq!(pom.active(None, &|_| false), ["c"]);
    }

    #[test]
    fn refuses_what_is_no_pom() {
        assert_eq!(read("<settings/>").unwrap_err().1, "its root element is `settings`, not `project`");
        assert_eq!(read("<project>\n<a>\n</project>").unwrap_err().0, Some(3));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)<project>[<>/a-c ]{0,60}</project>") {
            let _ = read(&text);
        }
    }
}
