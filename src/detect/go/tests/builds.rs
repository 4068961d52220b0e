//! What the project's own builds and commands say: the program among several, cgo, and what no server does.

use super::*;

const HUB: &str = "package main\nimport \"net/http\"\nfunc main() { http.ListenAndServe(\":8090\", nil) }\n";
const AGENT: &str =
    "package main\nimport \"net/http\"\nfunc main() { http.ListenAndServe(\":45876\", nil) }\n";

#[test]
fn the_program_of_several_that_the_project_is_released_as() {
    let release = "project_name: shop\nbuilds:\n  - main: internal/cmd/hub/hub.go\n    binary: shop\n  - main: internal/cmd/agent/agent.go\n    binary: shop-agent\n";
    let files = [
        ("go.mod", "module example.com/x/repo\n\ngo 1.26\n"),
        ("internal/cmd/hub/hub.go", HUB),
        ("internal/cmd/agent/agent.go", AGENT),
        (".goreleaser.yml", release),
    ];
    let (project, facts) = found(&files, "");
    assert_eq!((package(&facts), facts.binary.as_str()), ("./internal/cmd/hub", "shop"));
    assert_eq!(ports(&project), [(8090, None, false)]);
}

#[test]
fn a_framework_that_serves_when_it_is_told_to_is_a_server() {
    let hub = "package main\nimport \"github.com/pocketbase/pocketbase\"\nfunc main() { app := pocketbase.New(); run(app) }\n";
    let (project, facts) = found(&[MOD, ("main.go", hub)], "");
    assert_eq!((ports(&project), project.kind.value), (vec![(8090, None, false)], Kind::Web));
    assert_eq!(facts.args[0].value, "serve");
}

#[test]
fn a_toolchain_line_is_built_with_and_the_go_line_a_floor() {
    let (project, _) = found(
        &[("go.mod", "module example.com/shop\n\ngo 1.25\n\ntoolchain go1.26.1\n"), ("main.go", TOOL)],
        "",
    );
    let bounds: Vec<Bound> = project.versions.iter().map(|one| one.value.clone()).collect();
    assert_eq!(bounds, [Bound::Pin("1.26.1".into()), Bound::Floor("1.25".into())]);
}

#[test]
fn releases_that_go_without_cgo_need_no_compiler() {
    let module = "module example.com/shop\n\ngo 1.26\n\nrequire github.com/DataDog/zstd v1.5.5\n";
    let code = "package main\nimport \"github.com/DataDog/zstd\"\nfunc main() { zstd.Compress(nil, nil) }\n";
    let release = "builds:\n  - main: .\n    env: [CGO_ENABLED=0]\n";
    let files = [("go.mod", module), ("main.go", code), (".goreleaser.yml", release)];
    let compiled = |files: &[(&str, &str)]| found(files, "").1.cgo.is_some();
    assert!(compiled(&files[..2]));
    assert!(!compiled(&files));
}

#[test]
fn a_file_that_keeps_an_embedded_folder_is_there() {
    let code = "package main\nimport \"embed\"\n//go:embed *\nvar f embed.FS\nfunc main() {}\n";
    let (_, facts) = found(&[MOD, ("main.go", code), (".gitignore", ""), ("a.css", "")], "");
    assert!(facts.embeds_built.is_empty());
}

#[test]
fn what_other_commands_open_and_write_no_server_does() {
    let root = "package main\nimport \"github.com/spf13/cobra\"\nvar rootCmd = &cobra.Command{Use: \"shop\"}\nfunc main() { rootCmd.AddCommand(serveCmd, newDoc()); rootCmd.Execute() }\n";
    let serve = "package main\nimport \"net/http\"\nimport \"github.com/spf13/cobra\"\nvar serveCmd = &cobra.Command{Use: \"serve\", RunE: func(c *cobra.Command, a []string) error { os.MkdirAll(\"data\", 0o755); return http.ListenAndServe(\":8080\", nil) }}\n";
    let doc = "package main\nimport \"os\"\nimport \"github.com/spf13/cobra\"\nfunc newDoc() *cobra.Command {\n docCmd := &cobra.Command{Use: \"doc\", RunE: func(c *cobra.Command, a []string) error { path := \"tmp/docs\"; return os.MkdirAll(path, 0o755) }}\n docCmd.Flags().String(\"port\", \"3306\", \"\")\n return docCmd\n}\n";
    let serve = serve.replace("import \"net/http\"", "import (\n\"net/http\"\n\"os\"\n)");
    let (project, _) = found(&[MOD, ("main.go", root), ("serve.go", &serve), ("doc.go", doc)], "");
    assert_eq!(paths_of(&project), ["data"]);
    assert_eq!(ports(&project), [(8080, None, false)]);
}

#[test]
fn a_database_lies_in_the_folder_that_it_is_joined_to() {
    let of = |code: &str| {
        let text = format!(
            "package main\nimport (\n\"flag\"\n\"path/filepath\"\n)\nconst inner = \"index.db\"\n{code}\n"
        );
        let project = found(&[MOD, ("main.go", &text)], "").0;
        paths_of(&project).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        of("func main() { open(filepath.Join(root(), \"a.db\"), filepath.Join(dir, inner)) }"),
        [""; 0]
    );
    assert_eq!(
        of(
            "var d = flag.String(\"d\", \"/data\", \"\")\nfunc main() { open(filepath.Join(*d, \"a.db\"), filepath.Join(x, inner)) }"
        ),
        ["/data"]
    );
    assert_eq!(
        of(
            "var names = []string{\"lib/rpm/Packages.db\"}\nfunc main() { find(names, dir + \"/x.db\", filepath.Join(x, inner)) }"
        ),
        [""; 0]
    );
    assert_eq!(of("func main() { open(inner) }"), ["index.db"]);
}

#[test]
fn a_group_of_options_puts_its_name_in_front() {
    let code = "package main\nimport \"net/http\"\nvar opts struct {\n\tHost string `long:\"bind\" description:\"x\" default:\"localhost\"`\n\tPort int `long:\"listen\" description:\"x\" default:\"8081\"`\n\tPlugin struct {\n\t\tAddress string `long:\"address\" env:\"ADDRESS\" default:\"127.0.0.1:9\" description:\"x\"`\n\t} `group:\"plugin\" namespace:\"plugin\" env-namespace:\"PLUGIN\"`\n}\nfunc main() { http.ListenAndServe(fmt.Sprintf(\"%v:%v\", opts.Host, opts.Port), nil) }\n";
    let (project, facts) = found(&[MOD, ("main.go", code)], "");
    assert_eq!(ports(&project), [(8081, None, false)]);
    let words: Vec<&str> = facts.args.iter().map(|one| one.value.as_str()).collect();
    assert_eq!(words, ["--bind=0.0.0.0"]);
    assert!(project.notes.iter().all(|note| note.code != "listens-on-loopback"));
}

fn paths_of(project: &Project) -> Vec<&str> {
    project.writes.iter().map(|one| one.value.as_str()).collect()
}

#[test]
fn a_version_file_newer_than_the_go_line_is_what_people_build_with() {
    let of = |line: &str, file: &str| {
        let module = format!("module example.com/shop\n\ngo {line}\n");
        let files = [("go.mod", module.as_str()), ("main.go", TOOL), (".go-version", file)];
        found(&files, "").0.versions.into_iter().map(|one| one.value).collect::<Vec<_>>()
    };
    assert_eq!(of("1.25.0", "1.26.1\n"), [Bound::Floor("1.25.0".into()), Bound::Pin("1.26.1".into())]);
    assert_eq!(of("1.26.2", "1.25.1\n")[0], Bound::Pin("1.26.2".into()));
}

#[test]
fn a_kind_of_storage_is_no_folder() {
    let of = |path: &str| {
        let code = format!(
            "package main\nimport \"net/http\"\ntype C struct {{ Storage string }}\nvar c = C{{Storage: \"{path}\"}}\nfunc main() {{ http.ListenAndServe(\":80\", nil) }}\n"
        );
        paths_of(&found(&[MOD, ("main.go", &code)], "").0).len()
    };
    assert_eq!((of("memory"), of("./files")), (0, 1));
}
#[test]
fn a_library_with_examples_and_tools_is_one() {
    let library = ("cache.go", "package cache");
    let Ok(Detection::NothingToRun(nothing)) =
        at(&[MOD, library, ("contrib/load/main.go", SERVE_80)], "", None)
    else {
        panic!()
    };
    assert!(nothing.what.contains("is a Go library"), "{}", nothing.what);
    assert_eq!(nothing.help, ["`--bin ./contrib/load` makes an image of that one"]);
    found(&[MOD, library, ("contrib/load/main.go", TOOL), ("cmd/cached/main.go", SERVE_80)], "");
    found(&[MOD, ("contrib/load/main.go", SERVE_80)], "");
}
