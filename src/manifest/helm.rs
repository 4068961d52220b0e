//! Fills in a Helm template as far as its chart's own values say, so that it can be read as a manifest.
//!
//! This is no template engine: a block whose condition is not plainly true is left out, a value that is not
//! plainly known is marked. Lines keep their numbers.

use super::yaml::Node;

/// Stands for a value that only the chart's user knows.
pub const UNKNOWN: char = '\u{FFFD}';

/// A chart: its name and its `values.yaml`.
#[derive(Debug, Clone, Copy)]
pub struct Chart<'a> {
    /// The name in Chart.yaml.
    pub name: &'a str,
    /// The document of values.yaml.
    pub values: Option<&'a Node>,
}

/// Whether what a condition guards is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Yes,
    No,
    Unknown,
}

/// The template with what the chart's values say.
#[must_use]
pub fn fill(template: &str, chart: &Chart<'_>) -> String {
    let mut filled = Filled { chart, blocks: Vec::new(), text: String::with_capacity(template.len()) };
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.plain(before);
        let Some((action, after)) = after.split_once("}}") else { return filled.text };
        filled.action(action.trim_start_matches('-').trim_end_matches('-').trim());
        filled.lines_of(action);
        rest = after;
    }
    filled.plain(rest);
    filled.text.lines().flat_map(|line| [without_holes(line), "\n"]).collect()
}

/// A line of nothing but actions says nothing.
fn without_holes(line: &str) -> &str {
    if line.trim().chars().all(|letter| letter == UNKNOWN) { "" } else { line }
}

struct Filled<'a> {
    chart: &'a Chart<'a>,
    blocks: Vec<Open>,
    text: String,
}

impl Filled<'_> {
    fn is_open(&self) -> bool {
        self.blocks.iter().all(|block| *block == Open::Yes)
    }

    fn plain(&mut self, text: &str) {
        if self.is_open() {
            self.text.push_str(text);
        } else {
            self.lines_of(text);
        }
    }

    fn lines_of(&mut self, text: &str) {
        self.text.extend(text.chars().filter(|letter| *letter == '\n'));
    }

    fn action(&mut self, action: &str) {
        let (word, rest) = action.split_once(char::is_whitespace).unwrap_or((action, ""));
        match word {
            "if" | "with" => {
                let open = self.condition(rest.trim());
                self.blocks.push(open);
            }
            "range" | "define" | "block" => self.blocks.push(Open::Unknown),
            "else" => self.otherwise(rest.trim()),
            "end" => {
                self.blocks.pop();
            }
            _ if action.starts_with("/*") || action.starts_with('$') && action.contains('=') => {}
            _ if self.is_open() => {
                let value = self.value(action);
                match value {
                    Some(value) => self.text.push_str(&value.replace('\n', " ")),
                    None => self.text.push(UNKNOWN),
                }
            }
            _ => {}
        }
    }

    fn otherwise(&mut self, rest: &str) {
        let Some(block) = self.blocks.pop() else { return };
        let next = match (block, rest.strip_prefix("if ")) {
            (Open::No, None) => Open::Yes,
            (Open::No, Some(condition)) => self.condition(condition.trim()),
            _ => Open::Unknown,
        };
        self.blocks.push(next);
    }

    fn condition(&self, condition: &str) -> Open {
        let (not, path) =
            condition.strip_prefix("not ").map_or((false, condition), |path| (true, path.trim()));
        let Some(keys) = values_path(path) else { return Open::Unknown };
        let truthy = self.node(&keys).is_some_and(Node::is_truthy);
        if truthy == not { Open::No } else { Open::Yes }
    }

    fn node(&self, keys: &[&str]) -> Option<&Node> {
        self.chart.values?.at(keys)
    }

    /// A pipeline: a value, and functions that leave it what it is.
    fn value(&self, pipeline: &str) -> Option<String> {
        let mut stages = pipeline.split('|').map(str::trim);
        let mut value = self.term(stages.next()?);
        for stage in stages {
            let (function, argument) = stage.split_once(' ').unwrap_or((stage, ""));
            match function {
                "default" => {
                    value = value.filter(|value| !value.is_empty()).or_else(|| self.term(argument.trim()));
                }
                "quote" | "squote" | "toString" | "int" | "int64" | "trim" => {}
                _ => return None,
            }
        }
        value.filter(|value| !value.contains("{{"))
    }

    fn term(&self, term: &str) -> Option<String> {
        let term =
            ["quote ", "int ", "toString "].iter().find_map(|it| term.strip_prefix(it)).unwrap_or(term);
        if let Some(keys) = values_path(term.trim()) {
            return self.node(&keys)?.text().map(str::to_owned);
        }
        if term == ".Chart.Name" {
            return Some(self.chart.name.to_owned());
        }
        let text = term.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let number = term.chars().all(|digit| digit.is_ascii_digit()) && !term.is_empty();
        text.filter(|text| !text.contains('"')).or(number.then_some(term)).map(str::to_owned)
    }
}

/// `.Values.a.b` as its keys.
fn values_path(term: &str) -> Option<Vec<&str>> {
    let path = term.strip_prefix('$').unwrap_or(term).strip_prefix(".Values.")?;
    let plain = |key: &str| !key.is_empty() && key.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
    let keys: Vec<&str> = path.split('.').collect();
    keys.iter().all(|key| plain(key)).then_some(keys)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::manifest::{kubernetes, yaml};

    const VALUES: &str = "image: {repository: ghcr.io/me/shop}\nservice: {port: 8080}\ntls: {enabled: false, port: 8443}\nextra: {}\nhost:\n";

    const TEMPLATE: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.fullname" . }}
  labels:
    {{- include "shop.labels" . | nindent 4 }}
spec:
  template:
    spec:
      {{- with .Values.extra }}
      securityContext:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          {{- if and .Values.a .Values.b }}
          command: [a]
          {{- end }}
          args:
            - --port={{ .Values.service.port }}
            {{- if .Values.host }}
            - --host={{ .Values.host }}
            {{- else if not .Values.tls.enabled }}
            - --prefix={{ .Values.prefix | default "/" }}
            {{- else }}
            - --tls
            {{- end }}
          ports:
            - name: http
              containerPort: {{ $.Values.service.port }}
            {{- if .Values.tls.enabled }}
            - containerPort: {{ .Values.tls.port | default 9899 }}
            {{- end }}
          livenessProbe:
            httpGet:
              path: {{ .Values.probe.path | default "/healthz" | quote }}
              port: http
          readinessProbe:
            httpGet:
              path: {{ trimSuffix "/" .Values.x }}/ready
              port: http
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
"#;

    fn filled() -> String {
        let values = yaml::documents(VALUES).unwrap().remove(0);
        fill(TEMPLATE, &Chart { name: "shop", values: Some(&values) })
    }

    #[test]
    fn a_chart_becomes_a_manifest() {
        let text = filled();
        let shop = &kubernetes::parse(&text).unwrap()[0];
        assert_eq!((shop.name.as_str(), shop.image.as_str()), ("shop", "shop"));
        assert_eq!(shop.ports.iter().map(|it| (it.value, it.line)).collect::<Vec<_>>(), [(8080, 30)]);
        let args = ["--port=8080", "--prefix=/"].map(str::to_owned).to_vec();
        assert_eq!(shop.command.as_ref().unwrap().value, crate::manifest::process::Command::Args(args));
        let probes: Vec<_> = shop.probes.iter().map(|it| &it.value).collect();
        let health = crate::manifest::process::Probe::Http { path: "/healthz".into(), port: Some(8080) };
        assert_eq!(probes, [&health]);
    }

    #[test]
    fn lines_stay_where_they_were() {
        assert_eq!(filled().lines().count(), TEMPLATE.lines().count());
        assert!(filled().lines().nth(21).unwrap().trim().is_empty());
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"(\{\{|\}\}|if |else |end|[-.Va|"é $\n]){0,40}"#) {
            let _ = fill(&text, &Chart { name: "a", values: None });
        }
    }
}
