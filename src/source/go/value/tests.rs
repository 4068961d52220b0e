use super::*;
use crate::source::go::program::Package;

pub(crate) fn program(files: &[(&str, &str)]) -> Program {
    let mut packages: Vec<Package> = Vec::new();
    for (path, text) in files {
        let path = camino::Utf8Path::new(path);
        let dir = path.parent().unwrap().to_owned();
        let file = File::read(path, &(*text).into());
        match packages.iter_mut().find(|package| package.dir == dir) {
            Some(package) => package.files.push(file),
            None => packages.push(Package { import: format!("app/{dir}"), dir, files: vec![file] }),
        }
    }
    Program::new(packages)
}

/// The value of the first argument of the call of `f`.
fn value(files: &[(&str, &str)]) -> Option<(String, Option<String>)> {
    let program = program(files);
    let (place, _, call) = program.calls(|name| name == "f").next().unwrap();
    let value = Evaluator::new(&program).value(place, &call.args[0])?;
    Some((value.text, value.variable))
}

fn of(body: &str) -> Option<(String, Option<String>)> {
    value(&[("main.go", &format!("package main\n{body}"))])
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with what may be nothing")]
fn known(text: &str, variable: Option<&str>) -> Option<(String, Option<String>)> {
    Some((text.to_owned(), variable.map(str::to_owned)))
}

#[test]
fn literals_and_sums() {
    assert_eq!(of("func main() { f(\":80\") }"), known(":80", None));
    assert_eq!(
        of("const p = 8_080\nfunc main() { f(fmt.Sprintf(\"%s:%d\", host, p)) }"),
        known("\u{1}:8080", None)
    );
    assert_eq!(of("func main() { f(net.JoinHostPort(\"\", strconv.Itoa(90))) }"), known(":90", None));
}

#[test]
fn variables_with_fallbacks() {
    let fallback =
        "func main() {\n p := os.Getenv(\"PORT\")\n if p == \"\" {\n p = \"8080\"\n}\n f(\":\" + p)\n}";
    assert_eq!(of(fallback), known(":8080", Some("PORT")));
    let reversed = "func main() {\n p := \"3000\"\n if v, ok := os.LookupEnv(\"PORT\"); ok {\n p = v\n}\n f(\":\" + p)\n}";
    assert_eq!(of(reversed), known(":3000", Some("PORT")));
    assert_eq!(of("func main() { f(\":\" + os.Getenv(\"PORT\")) }"), known(":\u{1}", Some("PORT")));
    assert_eq!(of("func main() { f(getEnv(\"HTTP_PORT\", \"81\")) }"), known("81", Some("HTTP_PORT")));
    assert_eq!(of("func main() { f(cmp.Or(os.Getenv(\"ADDR\"), \":81\")) }"), known(":81", Some("ADDR")));
}

#[test]
fn flags_and_structs() {
    assert_eq!(of("var a = flag.String(\"addr\", \":82\", \"\")\nfunc main() { f(*a) }"), known(":82", None));
    assert_eq!(
        of(
            "var p int\nfunc init() { flag.IntVar(&p, \"port\", 83, \"\") }\nfunc main() { f(fmt.Sprintf(\":%d\", p)) }"
        ),
        known(":83", None)
    );
    let tags = "type C struct {\n Port string `env:\"PORT\" envDefault:\"84\"`\n}\nfunc main() { f(\":\" + c.Port) }";
    assert_eq!(of(tags), known(":84", Some("PORT")));
    let tags = "type C struct {\n Port string `yaml:\"port\" conf:\"default:86\"`\n}\nfunc main() { f(\":\" + c.Port) }";
    assert_eq!(of(tags), known(":86", None));
}

#[test]
fn across_packages() {
    let files = [
        ("main.go", "package main\nimport \"app/conf\"\nfunc main() { f(conf.Addr()) }"),
        ("conf/c.go", "package conf\nconst port = \"85\"\nfunc Addr() string { return \":\" + port }"),
    ];
    assert_eq!(value(&files), known(":85", None));
}

#[test]
fn defaults_that_differ_are_none() {
    let body = "func main() {\n var p string\n if prod {\n p = \"1\"\n } else {\n p = \"2\"\n }\n f(p)\n}";
    assert_eq!(of(body), None);
}

#[test]
fn names_that_name_each_other_end() {
    assert_eq!(of("var a = b + b\nvar b = a + a\nfunc main() { f(a) }").map(|value| value.1), Some(None));
}
