//! Logback's configuration: the files that its appenders write.

use std::collections::BTreeMap;

use crate::manifest::settings;
use crate::manifest::xml::{self, Element};
use crate::manifest::yaml::Lined;

/// The files that appenders write which somebody refers to, whatever profile is chosen. A text that is no XML has none.
#[must_use]
pub fn files(text: &str) -> Vec<Lined<String>> {
    let Ok(root) = xml::parse(text) else { return Vec::new() };
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for property in root.children.iter().filter(|one| matches!(one.name.as_str(), "property" | "variable")) {
        if let (Some(name), Some(value)) = (property.attribute("name"), property.attribute("value")) {
            names.insert(name, value);
        }
    }
    let used = referred(&root);
    let appenders = root.children.iter().filter(|one| one.name == "appender");
    let kept = appenders.filter(|one| one.attribute("name").is_some_and(|name| used.contains(&name)));
    kept.filter_map(|appender| {
        let file = appender.get("file").or_else(|| appender.at(&["rollingPolicy", "fileNamePattern"]))?;
        let path = filled(&file.text, &names);
        (!path.contains('$') && !path.is_empty()).then(|| Lined::new(path, file.line))
    })
    .collect()
}

/// The names of appenders that loggers, or other appenders, refer to outside of profiles.
fn referred(root: &Element) -> Vec<&str> {
    let own = root.children.iter().filter(|one| one.name != "springProfile");
    let all = own.flat_map(Element::all).filter(|one| one.name == "appender-ref");
    all.filter_map(|one| one.attribute("ref")).collect()
}

/// A text with the properties of the file, or their defaults, put in.
fn filled(text: &str, names: &BTreeMap<&str, &str>) -> String {
    let mut done = text.to_owned();
    for _ in 0..8 {
        let Some(placeholder) = settings::placeholders(&done).into_iter().next() else { break };
        let Some(from) = done.find("${") else { break };
        let Some(to) = done.get(from..).and_then(|rest| rest.find('}')).map(|length| from + length + 1)
        else {
            break;
        };
        let value =
            names.get(placeholder.name.as_str()).map(|value| (*value).to_owned()).or(placeholder.default);
        let Some(value) = value else { break };
        done.replace_range(from..to, &value);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_files_that_are_written() {
        let text = "<configuration>\n<property name=\"dir\" value=\"logs\"/>\n<appender name=\"F\"><file>${dir}/app.log</file></appender>\n<appender name=\"G\"><rollingPolicy><fileNamePattern>${LOG:-/var/log/x}/a.%d.log</fileNamePattern></rollingPolicy></appender>\n<appender name=\"unused\"><file>x.log</file></appender>\n<springProfile name=\"prod\"><root><appender-ref ref=\"unused\"/></root></springProfile>\n<root><appender-ref ref=\"F\"/><appender-ref ref=\"G\"/></root></configuration>";
        let told: Vec<(String, u32)> = files(text).into_iter().map(|file| (file.value, file.line)).collect();
        assert_eq!(told, [("logs/app.log".to_owned(), 3), ("/var/log/x/a.%d.log".to_owned(), 4)]);
        assert_eq!(files("<a"), []);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "<configuration>(<property name=\"a\" value=\"[$a{}]{0,6}\"/>|<appender name=\"a\"><file>[$a{}:-]{0,8}</file></appender>|<root><appender-ref ref=\"a\"/></root>){0,5}</configuration>") {
            let _ = files(&text);
        }
    }
}
