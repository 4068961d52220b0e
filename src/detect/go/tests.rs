use camino::Utf8PathBuf;

mod builds;

use super::*;
use crate::answers::Answers;
use crate::facts::Bound;
use crate::facts::Phase::{Build, Run};
use crate::knowledge::Knowledge;
use crate::repo::Repo;

pub(super) fn at(files: &[(&str, &str)], root: &str, bin: Option<&str>) -> Result<Detection> {
    let repo = Repo::from_files(files.iter().copied());
    let knowledge = Knowledge::load(&repo).unwrap();
    let answers = Answers { bin: bin.map(str::to_owned), ..Answers::default() };
    detect(&Context { repo: &repo, knowledge: &knowledge, answers: &answers }, root.into())
}

pub(super) fn found(files: &[(&str, &str)], root: &str) -> (Project, GoFacts) {
    match at(files, root, None).unwrap() {
        Detection::Found(project) => {
            let Stack::Go(facts) = project.stack.clone() else { panic!("{project:?}") };
            (*project, *facts)
        }
        other => panic!("{other:?}"),
    }
}

fn package(facts: &GoFacts) -> &str {
    facts.package.as_ref().map_or("", |package| package.value.as_str())
}

fn ports(project: &Project) -> Vec<(u16, Option<&str>, bool)> {
    project
        .listen
        .iter()
        .map(|one| (one.value.port, one.value.variable.as_deref(), one.value.must_set))
        .collect()
}

fn paths(found: &[Found<Utf8PathBuf>]) -> Vec<&str> {
    found.iter().map(|one| one.value.as_str()).collect()
}

pub(super) const MOD: (&str, &str) = ("go.mod", "module example.com/shop\n\ngo 1.26\n");
const SERVE_80: &str =
    "package main\nimport \"net/http\"\nfunc main() { http.ListenAndServe(\":80\", nil) }\n";
pub(super) const TOOL: &str = "package main\nimport \"fmt\"\nfunc main() { fmt.Println(1) }\n";

#[test]
fn missing_library_and_empty_module_are_told_apart() {
    assert_eq!(at(&[("a.py", "")], "", None), Ok(Detection::Missing));
    assert_eq!(at(&[("deep/x/a.go", "package a")], "", None), Ok(Detection::Missing));
    let Ok(Detection::NothingToRun(library)) =
        at(&[MOD, ("shop.go", "package shop"), ("x_test.go", SERVE_80)], "", None)
    else {
        panic!()
    };
    assert_eq!(library.what, "`example.com/shop` is a Go library: no package main");
    let Ok(Detection::NothingToRun(empty)) = at(&[MOD], "", None) else { panic!() };
    assert!(empty.what.contains("no Go files"));
}

#[test]
fn a_broken_go_mod_is_an_error_at_its_line() {
    let error = at(&[("go.mod", "module a\nrequire (\n"), ("main.go", TOOL)], "", None).unwrap_err();
    assert_eq!((error.kind, error.place), (ErrorKind::Broken, Some(("go.mod".into(), Some(2)))));
}

#[test]
fn the_toolchain_line_decides() {
    let files = [
        ("go.mod", "module a\ngo 1.24.0\ntoolchain go1.25.3\n"),
        ("main.go", TOOL),
        (".tool-versions", "golang 1.25.3\n"),
    ];
    let pins: Vec<_> = found(&files, "")
        .0
        .versions
        .into_iter()
        .map(|one| (one.value, one.because[0].says.clone()))
        .collect();
    let pin = |version: &str, says: &str| (Bound::Pin(version.to_owned()), says.to_owned());
    assert_eq!(
        pins,
        [
            pin("1.25.3", "the toolchain line of go.mod"),
            (Bound::Floor("1.24.0".to_owned()), "the go line of go.mod".to_owned()),
            pin("1.25.3", ".tool-versions")
        ]
    );
}

#[test]
fn one_serious_program_beside_tools_and_other_systems() {
    let files = [
        MOD,
        ("cmd/api/main.go", SERVE_80),
        ("tools/gen/main.go", TOOL),
        ("examples/a/main.go", SERVE_80),
        ("scripts/seed.go", &format!("//go:build ignore\n\n{TOOL}")),
        ("cmd/tray/main_windows.go", TOOL),
        ("internal/testdata/x/main.go", TOOL),
    ];
    let (project, facts) = found(&files, "");
    assert_eq!((package(&facts), facts.binary.as_str()), ("./cmd/api", "api"));
    assert_eq!(ports(&project), [(80, None, false)]);
    assert_eq!(project.kind.value, Kind::Web);
}

#[test]
fn the_only_one_that_listens() {
    let files = [
        MOD,
        ("cmd/migrate/main.go", TOOL),
        (
            "cmd/web/main.go",
            "package main\nimport \"example.com/shop/server\"\nfunc main() { server.Run() }\n",
        ),
        (
            "server/s.go",
            "package server\nimport \"net/http\"\nfunc Run() {\n\tsrv := &http.Server{Addr: \":9000\"}\n\tsrv.ListenAndServe()\n}\n",
        ),
    ];
    let (project, facts) = found(&files, "");
    assert_eq!(package(&facts), "./cmd/web");
    assert_eq!(facts.package.unwrap().because[0].says, "the only package main that listens");
    assert_eq!(ports(&project), [(9000, None, false)]);
}

#[test]
fn two_servers_are_a_choice_with_a_flag_for_each() {
    let files = [MOD, ("cmd/api/main.go", SERVE_80), ("cmd/admin/main.go", SERVE_80)];
    let error = at(&files, "", None).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Choice);
    assert_eq!(
        error.help,
        [
            "`--bin admin` for ./cmd/admin, which listens on 80",
            "`--bin api` for ./cmd/api, which listens on 80"
        ]
    );
    for answer in ["api", "./cmd/api", "cmd/api"] {
        assert!(
            matches!(at(&files, "", Some(answer)), Ok(Detection::Found(project)) if project.name == "api")
        );
    }
    assert_eq!(at(&files, "", Some("x")).unwrap_err().kind, ErrorKind::Refused);
    let procfile = [files[0], files[1], files[2], ("Procfile", "web: bin/admin\n")];
    assert_eq!(package(&found(&procfile, "").1), "./cmd/admin");
}

#[test]
fn a_folder_inside_of_a_module() {
    let files = [MOD, ("go.sum", ""), ("cmd/api/main.go", SERVE_80), ("cmd/admin/main.go", SERVE_80)];
    let (project, facts) = found(&files, "cmd/api");
    assert_eq!(
        (project.root.as_str(), facts.module_root.as_str(), package(&facts)),
        ("cmd/api", "", "./cmd/api")
    );
    assert_eq!(facts.manifests, ["go.mod", "go.sum"]);
}

#[test]
fn a_workspace_of_two_services() {
    let files = [
        ("go.work", "go 1.26\nuse (\n\t./api\n\t./worker\n\t./lib\n)\n"),
        ("api/go.mod", "module x.y/api\ngo 1.26\nrequire x.y/lib v0.0.0\n"),
        (
            "api/main.go",
            "package main\nimport (\"net/http\"; \"x.y/lib\")\nfunc main() { http.ListenAndServe(lib.Addr, nil) }\n",
        ),
        ("lib/go.mod", "module x.y/lib\ngo 1.26\n"),
        ("lib/l.go", "package lib\nconst Addr = \":7000\"\n"),
        ("worker/go.mod", "module x.y/worker\ngo 1.26\n"),
        ("worker/go.sum", ""),
        ("worker/main.go", "package main\nimport \"os/signal\"\nfunc main() { signal.Notify(c) }\n"),
    ];
    let (project, facts) = found(&files, "api");
    assert_eq!((facts.module_root.as_str(), package(&facts), facts.binary.as_str()), ("", "./api", "api"));
    assert_eq!(facts.manifests, ["go.work", "api/go.mod", "worker/go.mod", "worker/go.sum", "lib/go.mod"]);
    assert_eq!(ports(&project), [(7000, None, false)]);
    let (project, _) = found(&files, "worker");
    assert_eq!((project.kind.value, project.listen.len()), (Kind::Worker, 0));
}

#[test]
fn a_local_replace_outside_of_the_module() {
    let files = [
        ("svc/go.mod", "module a\ngo 1.26\nrequire x.y/b v0.0.0\nreplace x.y/b => ../b\n"),
        ("svc/main.go", "package main\nimport \"x.y/b\"\nfunc main() { b.F() }\n"),
        ("b/go.mod", "module x.y/b\ngo 1.26\n"),
        ("b/b.go", "package b\nimport \"C\"\nfunc F() {}\n"),
    ];
    let (_, facts) = found(&files, "svc");
    assert_eq!(
        (facts.outside, facts.manifests),
        (vec!["b".into()], vec!["svc/go.mod".into(), "b/go.mod".into()])
    );
    assert_eq!(facts.cgo.unwrap().value, "b/b.go imports C");
    let error = at(&files[..2], "svc", None).unwrap_err();
    assert_eq!(error.place, Some(("svc/go.mod".into(), Some(4))));
}

#[test]
fn without_a_module_files_are_named() {
    let (project, facts) =
        found(&[("backend/main.go", SERVE_80), ("backend/util.go", "package main\n")], "backend");
    assert_eq!(
        (package(&facts), facts.binary.as_str(), facts.has_module),
        ("main.go util.go", "backend", false)
    );
    assert_eq!(ports(&project), [(80, None, false)]);
    let foreign = [(
        "main.go",
        "package main\nimport \"github.com/gin-gonic/gin\"\nfunc main() { gin.Default().Run() }\n",
    )];
    let error = at(&foreign, "", None).unwrap_err();
    assert_eq!((error.kind, error.place), (ErrorKind::Refused, Some(("main.go".into(), Some(2)))));
}

#[test]
fn cgo_of_modules_and_their_needs() {
    let with = |requires: &str| {
        let manifest = format!("module a\ngo 1.26\nrequire (\n{requires}\n)\n");
        found(
            &[
                ("go.mod", &manifest),
                ("main.go", SERVE_80),
                ("x_test.go", "package main\nimport _ \"github.com/mattn/go-sqlite3\"\n"),
            ],
            "",
        )
    };
    assert!(with("modernc.org/sqlite v1.0.0").1.cgo.is_none());
    assert!(with("github.com/mattn/go-sqlite3 v1.14.0 // indirect").1.cgo.is_some());
    assert!(with("github.com/mattn/go-sqlite3 v1.14.0").1.cgo.is_none(), "only its tests import it");
    let (project, _) = with("github.com/davidbyttow/govips/v2 v2.0.0");
    let needs: Vec<_> =
        project.needs.iter().map(|need| (need.value.capability.as_str(), need.value.phase)).collect();
    assert_eq!(needs, [("c-compiler", Build), ("libvips", Build), ("libvips", Run)]);
}

#[test]
fn cgo_with_another_way_is_none() {
    let files = [
        MOD,
        ("main.go", SERVE_80),
        ("a_cgo.go", "//go:build cgo\n\npackage main\nimport \"C\"\n"),
        ("a_plain.go", "//go:build !cgo\n\npackage main\n"),
    ];
    assert!(found(&files, "").1.cgo.is_none());
}

#[test]
fn embeds_that_a_front_end_builds() {
    let files = [
        MOD,
        ("main.go", "package main\nimport _ \"example.com/shop/ui\"\nfunc main() {}\n"),
        (
            "ui/ui.go",
            "package ui\nimport \"embed\"\n//go:embed all:dist\n//go:embed static/*.css *.txt\nvar f embed.FS\n",
        ),
        ("ui/static/a.css", ""),
        ("ui/n.txt", ""),
        ("ui/dist/.gitkeep", ""),
    ];
    let (_, facts) = found(&files, "");
    assert_eq!(paths(&facts.embeds), ["ui/dist", "ui/n.txt", "ui/static"]);
    assert_eq!(paths(&facts.embeds_built), ["ui/dist"]);
}

#[test]
fn a_cobra_app_with_flags_in_a_package() {
    let files = [
        MOD,
        ("main.go", "package main\nimport \"example.com/shop/cmd\"\nfunc main() { cmd.Execute() }\n"),
        (
            "cmd/root.go",
            "package cmd\nimport \"github.com/spf13/cobra\"\nvar rootCmd = &cobra.Command{Use: \"shop\"}\nfunc Execute() { rootCmd.Execute() }\n",
        ),
        (
            "cmd/serve.go",
            "package cmd\nimport (\"fmt\"; \"net/http\"; \"github.com/spf13/cobra\")\nvar port int\nvar serveCmd = &cobra.Command{\n\tUse: \"serve\",\n\tRun: func(c *cobra.Command, a []string) {\n\t\thttp.ListenAndServe(fmt.Sprintf(\":%d\", port), nil)\n\t},\n}\nfunc init() {\n\tserveCmd.Flags().IntVarP(&port, \"port\", \"p\", 8088, \"port\")\n\trootCmd.AddCommand(serveCmd)\n}\n",
        ),
    ];
    let (project, facts) = found(&files, "");
    assert_eq!(ports(&project), [(8088, None, false)]);
    assert_eq!(facts.args.iter().map(|arg| arg.value.as_str()).collect::<Vec<_>>(), ["serve"]);
}

#[test]
fn a_grpc_server_counts_where_nothing_else_does() {
    let grpc = "package main\nimport (\"net\"; \"google.golang.org/grpc\")\nfunc main() {\n\tl, _ := net.Listen(\"tcp\", \":50051\")\n\tgrpc.NewServer().Serve(l)\n}\n";
    assert_eq!(ports(&found(&[MOD, ("main.go", grpc)], "").0), [(50051, None, false)]);
    let both = [MOD, ("main.go", SERVE_80), ("rpc.go", &grpc.replace("main()", "rpc()"))];
    assert_eq!(ports(&found(&both, "").0), [(80, None, false)]);
}

#[test]
fn metrics_and_other_servers_are_not_the_port() {
    let text = "package main\nimport (\"net/http\"; \"os\")\nfunc metricsServer() { http.ListenAndServe(\":9090\", nil) }\nfunc main() {\n\tgo metricsServer()\n\tredis := getEnv(\"REDIS_ADDR\", \"redis:6379\")\n\thttp.ListenAndServe(getEnv(\"LISTEN\", \":8181\"), nil)\n}\nfunc getEnv(k, d string) string { if v := os.Getenv(k); v != \"\" { return v }; return d }\n";
    assert_eq!(ports(&found(&[MOD, ("main.go", text)], "").0), [(8181, Some("LISTEN"), false)]);
}

#[test]
fn ports_that_differ_are_none() {
    let text = "package main\nimport \"net/http\"\nfunc main() {\n\tgo http.ListenAndServe(\":1111\", nil)\n\thttp.ListenAndServe(\":2222\", nil)\n}\n";
    let (project, _) = found(&[MOD, ("main.go", text)], "");
    assert_eq!((project.kind.value, project.listen.len()), (Kind::Web, 0));
}

#[test]
fn host_and_port_of_settings() {
    let text = "package main\nimport (\"net/http\"; \"github.com/spf13/viper\")\ntype C struct {\n\tHost string `mapstructure:\"host\"`\n\tPort string `mapstructure:\"port\"`\n}\nfunc main() {\n\tviper.SetDefault(\"host\", \"0.0.0.0\")\n\tviper.SetDefault(\"port\", 9191)\n\tviper.SetEnvPrefix(\"shop\")\n\tviper.AutomaticEnv()\n\tsrv := &http.Server{Addr: c.Host + \":\" + c.Port}\n\tsrv.ListenAndServe()\n}\n";
    assert_eq!(ports(&found(&[MOD, ("main.go", text)], "").0), [(9191, Some("SHOP_PORT"), false)]);
}

#[test]
fn frameworks_listen_by_themselves_or_where_they_are_told() {
    let run = |import: &str, body: &str| {
        let text = format!("package main\nimport (\"os\"; \"{import}\")\nfunc main() {{\n{body}\n}}\n");
        let (project, _) = found(&[("go.mod", "module a\ngo 1.26\n"), ("main.go", &text)], "");
        project.listen.first().map(|one| (one.value.port, one.value.variable.clone()))
    };
    assert_eq!(
        run("github.com/gin-gonic/gin", "r := gin.Default()\nr.Run()"),
        Some((8080, Some("PORT".to_owned())))
    );
    assert_eq!(
        run("github.com/labstack/echo/v4", "e := echo.New()\ne.Logger.Fatal(e.Start(\":1323\"))"),
        Some((1323, None))
    );
    assert_eq!(
        run("github.com/gofiber/fiber/v2", "app := fiber.New()\nlog.Fatal(app.Listen(\":3000\"))"),
        Some((3000, None))
    );
    assert_eq!(run("os/exec", "exec.Command(\"x\").Run()"), None);
}

#[test]
fn what_it_reads_and_writes() {
    let text = "package main\nimport (\"os\"; \"net/http\"; \"flag\")\nvar dir = flag.String(\"data-dir\", \"./var/data\", \"\")\nfunc main() {\n\thttp.Handle(\"/\", http.FileServer(http.Dir(\"./public\")))\n\tos.ReadFile(\"config/app.yaml\")\n\tos.ReadFile(\"gone/x.yaml\")\n\tos.MkdirAll(\"/tmp/x\", 0o755)\n\tsql.Open(\"sqlite3\", \"app.db\")\n\thttp.ListenAndServe(\":80\", nil)\n}\n";
    let files = [MOD, ("main.go", text), ("public/index.html", ""), ("config/app.yaml", "")];
    let (project, _) = found(&files, "");
    assert_eq!(paths(&project.reads), ["config", "public"]);
    assert_eq!(paths(&project.writes), ["app.db", "var/data"]);
    assert_eq!(
        project.notes.iter().map(|note| note.code.as_str()).collect::<Vec<_>>(),
        ["writes-working-folder"]
    );
}

#[test]
fn the_makefile_links_and_tags() {
    let makefile = "LDFLAGS = -s -w -X main.mode=prod -X main.version=$(shell git describe) -X main.commit=abc -X main.gone=1\nbuild:\n\tgo build -tags netgo,prod -ldflags \"$(LDFLAGS)\" -o bin/shop .\ntest:\n\tgo build -tags e2e -ldflags \"-X main.mode=test\" .\n";
    let main = "package main\nvar mode = \"dev\"\nvar version, commit string\nfunc main() {}\n";
    let (_, facts) = found(&[MOD, ("main.go", main), ("Makefile", makefile)], "");
    assert_eq!(facts.link.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), ["main.mode=prod"]);
    assert_eq!(facts.tags.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), ["netgo", "prod"]);
}

#[test]
fn companions_are_programs_that_probes_call() {
    let yaml = "livenessProbe:\n  exec:\n    command:\n    - shopctl\n    - check\n";
    let files = [
        MOD,
        ("cmd/shop/main.go", SERVE_80),
        ("cmd/shopctl/main.go", TOOL),
        ("cmd/other/main.go", TOOL),
        ("k8s/d.yaml", yaml),
    ];
    let (_, facts) = found(&files, "");
    let names: Vec<_> = facts.companions.iter().map(|one| one.value.clone()).collect();
    assert_eq!(names, [("./cmd/shopctl".to_owned(), "shopctl".to_owned())]);
}

#[test]
fn a_command_line_tool_is_found_too() {
    let (project, facts) = found(&[("go.mod", "module x.y/grab/v3\ngo 1.26\n"), ("main.go", TOOL)], "");
    assert_eq!((project.kind.value, facts.binary.as_str(), package(&facts)), (Kind::Cli, "grab", "."));
}

#[test]
fn addresses_that_are_handed_on() {
    let files = [
        MOD,
        (
            "main.go",
            "package main\nimport \"example.com/shop/web\"\nconst addr = \":7171\"\nfunc main() {\n\ts := web.New(addr, 3)\n\ts.Start()\n}\n",
        ),
        (
            "web/w.go",
            "package web\nimport \"net/http\"\ntype Server struct{ addr string }\nfunc New(addr string, n int) *Server { return &Server{addr: addr} }\nfunc (s *Server) Start() { http.ListenAndServe(s.addr, nil) }\n",
        ),
    ];
    assert_eq!(ports(&found(&files, "").0), [(7171, None, false)]);
}

#[test]
fn configurations_with_tags() {
    let env = "package main\nimport (\"fmt\"; \"net/http\")\ntype Config struct {\n\tHTTP struct {\n\t\tPort int `env:\"HTTP_PORT\" envDefault:\"8085\"`\n\t}\n\tDB struct {\n\t\tPort int `env:\"DB_PORT\" envDefault:\"5432\"`\n\t}\n}\nfunc main() {\n\tsrv := http.Server{Addr: fmt.Sprintf(\":%d\", cfg.HTTP.Port)}\n\tsrv.ListenAndServe()\n}\n";
    assert_eq!(ports(&found(&[MOD, ("main.go", env)], "").0), [(8085, Some("HTTP_PORT"), false)]);
}

#[test]
fn a_worker_that_only_serves_its_metrics() {
    let text = "package main\nimport \"net/http\"\nfunc main() {\n\tgo func() {\n\t\thttp.Handle(\"/metrics\", h)\n\t\thttp.ListenAndServe(\":2112\", nil)\n\t}()\n\tfor {\n\t\twork()\n\t}\n}\n";
    assert_eq!(found(&[MOD, ("main.go", text)], "").0.kind.value, Kind::Worker);
}

proptest::proptest! {
    #[test]
    fn never_panics(text in "(func main|import \"net/http\"|http.ListenAndServe|os.Getenv|flag.String|if |return |switch |case |cobra.Command|\"PORT\"|\":80\"|:=|==|[a-c.,:;=+*&(){}\n ]|`env:\"A\"`){0,60}") {
        let text = format!("package main\n{text}\nfunc main() {{ http.ListenAndServe(a, nil) }}\n{text}");
        let _ = at(&[MOD, ("main.go", &text), ("Makefile", &text), ("Procfile", &text)], "", None);
    }
}

#[test]
fn go_sum_is_missed_only_where_something_is_downloaded() {
    let noted = |requires: &str| {
        let manifest = format!("module a\ngo 1.26\n{requires}\n");
        let lib = ("lib/go.mod", "module example.com/lib\n");
        let (project, _) =
            found(&[("go.mod", &manifest), ("main.go", SERVE_80), lib, ("lib/l.go", "package lib")], "");
        project.notes.iter().any(|note| note.code == "no-lock-file")
    };
    assert!(noted("require example.com/other v1.0.0"));
    assert!(!noted("require example.com/lib v0.0.0\nreplace example.com/lib => ./lib"));
    let work = [
        ("go.work", "go 1.26\nuse (\n\t./api\n\t./lib\n)\n"),
        ("api/go.mod", "module example.com/api\ngo 1.26\nrequire example.com/lib v0.0.0\n"),
        ("api/main.go", SERVE_80),
        ("lib/go.mod", "module example.com/lib\ngo 1.26\n"),
        ("lib/l.go", "package lib"),
    ];
    assert!(found(&work, "api").0.notes.iter().all(|note| note.code != "no-lock-file"));
}

#[test]
fn a_port_of_another_protocol_or_a_profiler_is_not_the_programs() {
    let main = "package main\nimport (\n\"net/http\"\n\"example.com/shop/tunneling\"\n)\nvar c tunneling.Config\nfunc main() { http.ListenAndServe(address(), nil) }\n";
    let tunnel =
        "package tunneling\nconst x = 1\ntype Config struct { Port int }\nvar c = Config{Port: 22}\n";
    let (project, _) = found(&[MOD, ("main.go", main), ("tunneling/tunneling.go", tunnel)], "");
    assert_eq!(ports(&project), []);
    let profiler = "package main\nimport (\n\"net/http\"\n\"os\"\n)\nfunc main() {\n\tif p := os.Getenv(\"APPPROFILER\"); p != \"\" {\n\t\tgo http.ListenAndServe(p, nil)\n\t}\n}\n";
    assert_eq!(ports(&found(&[MOD, ("main.go", profiler)], "").0), []);
}

#[test]
fn a_folder_called_cmd_gives_the_program_no_name() {
    let (project, facts) = found(&[MOD, ("cmd/main.go", SERVE_80)], "");
    assert_eq!((facts.binary.as_str(), project.name.as_str(), package(&facts)), ("shop", "shop", "./cmd"));
}

#[test]
fn a_methods_own_field_is_its_packages() {
    let main = "package main\nimport (\n\"net/http\"\n\"example.com/shop/web\"\n\"example.com/shop/other\"\n)\nfunc main() {\n\tc := web.New()\n\tother.Set()\n\thttp.ListenAndServe(c.Address(), nil)\n}\n";
    let web = "package web\nimport \"fmt\"\nconst Default = 8081\ntype Config struct { Port int }\nfunc New() *Config { return &Config{Port: Default} }\nfunc (w *Config) Address() string { return fmt.Sprintf(\":%d\", w.Port) }\n";
    let other =
        "package other\ntype Config struct { Port int }\nfunc Set() { c := &Config{}; c.Port = 9999 }\n";
    let (project, _) = found(&[MOD, ("main.go", main), ("web/web.go", web), ("other/other.go", other)], "");
    assert_eq!(ports(&project), [(8081, None, false)]);
}

#[test]
fn ports_of_tables_and_of_constants_that_set_their_own_default() {
    let main = "package main\nimport (\"net/http\"; \"example.com/shop/conf\")\nfunc main() { s := &http.Server{Addr: conf.Listen.GetString()}; s.ListenAndServe() }\n";
    let conf = "package conf\nimport \"github.com/spf13/viper\"\ntype Key string\nconst (\n Listen Key = \"service.interface\"\n)\n\
        func (k Key) GetString() string { return viper.GetString(string(k)) }\nfunc (k Key) setDefault(v any) { viper.SetDefault(string(k), v) }\n\
        func init() { Listen.setDefault(\":3456\") }\n";
    let (project, _) = found(&[MOD, ("main.go", main), ("conf/c.go", conf)], "");
    assert_eq!(ports(&project), [(3456, None, false)]);
    let main = "package main\nimport (\"net/http\"; \"example.com/shop/conf\")\nfunc main() { for _, a := range conf.Addresses() { http.ListenAndServe(a, nil) } }\n";
    let conf = "package conf\nvar options = map[string]*value{\n \"LISTEN_ADDR\": {\n  list: []string{\"127.0.0.1:8080\"},\n },\n \"DATABASE_URL\": {text: \"postgres://h:5432\"},\n}\n\
        func Addresses() []string { return options[\"LISTEN_ADDR\"].list }\n";
    let (project, _) = found(&[MOD, ("main.go", main), ("conf/c.go", conf)], "");
    assert_eq!(ports(&project), [(8080, Some("LISTEN_ADDR"), false)]);
    assert_eq!(project.env.first().and_then(|one| one.value.value.as_deref()), Some("0.0.0.0:8080"));
}

#[test]
fn counts_and_discovery_are_no_ports() {
    let listen = |port: &str, file: &str| {
        let main = "package main\nimport (\"net\"; \"net/http\"; \"example.com/shop/lib/upnp\")\nfunc main() { l, _ := net.Listen(\"tcp\", addr()); http.Serve(l, upnp.H) }\n";
        let other = format!(
            "package upnp\nimport \"net\"\nvar H http.Handler\nfunc find() {{ a := net.UDPAddr{{Port: {port}}}; _ = a }}\n"
        );
        let (project, _) = found(&[MOD, ("main.go", main), (file, &other)], "");
        ports(&project).len()
    };
    assert_eq!((listen("1900", "lib/upnp/find.go"), listen("1", "lib/web/find.go")), (0, 0));
    let main = "package main\nimport (\"fmt\"; \"github.com/beego/beego/v2/server/web\")\nfunc main() { port := web.AppConfig.DefaultInt(\"httpport\", 8001)\n web.Run(fmt.Sprintf(\":%v\", port)) }\n";
    let (project, _) = found(&[MOD, ("main.go", main)], "");
    assert_eq!(ports(&project), [(8001, None, false)]);
}

#[test]
fn private_modules_are_believed_where_the_repository_names_them() {
    let module = "module example.com/a\n\ngo 1.26\n\nrequire git.example.com/shop/lib v1.0.0\n";
    let main = "package main\n\nimport _ \"git.example.com/shop/lib\"\n\nfunc main() {}\n";
    let files =
        [("go.mod", module), ("main.go", main), ("Makefile", "export GOPRIVATE=git.example.com/shop/*\n")];
    let (_, facts) = found(&files, "");
    assert_eq!(facts.private.unwrap().value, ["git.example.com/shop/*"]);
    let (_, facts) = found(&files[..2], "");
    assert!(facts.private.is_none());
    let other = [files[0], files[1], ("Makefile", "export GOPRIVATE=git.other.example/*\n")];
    assert!(found(&other, "").1.private.is_none());
}

#[test]
fn a_main_that_does_nothing_is_not_the_program() {
    let idle = "//go:generate go run ./internal/\npackage main\n\nfunc main() {}\n";
    let files = [MOD, ("generate.go", idle), ("cmd/shop/main.go", SERVE_80), ("internal/gen.go", TOOL)];
    assert_eq!(package(&found(&files, "").1), "./cmd/shop");
}

#[test]
fn a_front_end_that_is_served_from_the_disk() {
    let main = "package main\nimport \"net/http\"\nfunc main() { http.Handle(\"/\", http.FileServer(http.Dir(\"./web/build\"))); http.ListenAndServe(\":80\", nil) }\n";
    let (_, facts) = found(&[MOD, ("main.go", main), ("web/package.json", "{}")], "");
    assert_eq!(paths(&facts.reads_built), ["web/build"]);
    let (_, none) = found(&[MOD, ("main.go", main), ("web/index.html", "")], "");
    assert_eq!(paths(&none.reads_built), [] as [&str; 0]);
}

#[test]
fn another_programs_database_is_not_written() {
    let main = |path: &str| {
        format!(
            "package main\nimport \"net/http\"\nvar db = \"{path}\"\nfunc main() {{ open(db); http.ListenAndServe(\":80\", nil) }}\n"
        )
    };
    let writes = |path: &str| paths(&found(&[MOD, ("main.go", &main(path))], "").0.writes).len();
    assert_eq!((writes("/var/lib/rasdaemon/ras.db"), writes("/var/lib/shop/shop.db")), (0, 1));
    let wrapped = "package main\nimport \"net/http\"\nfunc main() { serverOnlyFlag(a, \"storage.path\", \"Where.\").Default(\"data/\").StringVar(&p); http.ListenAndServe(\":80\", nil) }\n";
    assert_eq!(paths(&found(&[MOD, ("main.go", wrapped)], "").0.writes), ["data"]);
}

#[test]
fn programs_that_code_runs_are_in_the_image() {
    let serves = |body: &str| {
        let text = format!(
            "package main\nimport (\n\t\"net/http\"\n\t\"os/exec\"\n)\nfunc main() {{\n\t{body}\n\thttp.ListenAndServe(\":80\", nil)\n}}\n"
        );
        let (project, facts) = found(&[MOD, ("main.go", &text)], "");
        assert_eq!(facts.cgo, None);
        project.needs.iter().map(|need| (need.value.capability.clone(), need.value.phase)).collect::<Vec<_>>()
    };
    let git = [("git".to_owned(), Run)];
    assert_eq!(serves("exec.Command(\"git\", \"clone\", from).Run()"), git);
    assert_eq!(serves("exec.CommandContext(ctx, \"/usr/bin/git\", args...).Run()"), git);
    // What tells about its own sources is no part of what it does.
    assert_eq!(serves("exec.Command(\"git\", \"describe\", \"--tags\").Output()"), []);
    assert_eq!(serves("exec.Command(name).Run()"), []);
}

#[test]
fn a_binary_is_called_as_the_build_calls_it() {
    let main = ("cmd/server/main.go", SERVE_80);
    let name = |file: (&str, &str)| found(&[MOD, main, file], "").1.binary;
    assert_eq!(
        name((".goreleaser.yaml", "builds:\n  - main: ./cmd/server\n    binary: shop-server\n")),
        "shop-server"
    );
    assert_eq!(name(("Makefile", "build:\n\tgo build -o bin/shopd ./cmd/server\n")), "shopd");
    assert_eq!(name(("Makefile", "build:\n\tgo build -o bin/ ./cmd/server\n")), "server");
    assert_eq!(name(("Makefile", "build:\n\tgo build -o bin/shop-linux-amd64 ./cmd/server\n")), "server");
    assert_eq!(name(("Makefile", "build:\n\tgo build -o bin/tool ./cmd/tool\n")), "server");
}

#[test]
fn a_loopback_default_is_opened_with_what_the_program_takes() {
    let of = |text: &str| {
        let (project, facts) = found(&[MOD, ("main.go", text)], "");
        let args: Vec<String> = facts.args.into_iter().map(|arg| arg.value).collect();
        let env: Vec<(String, Option<String>)> =
            project.env.into_iter().map(|one| (one.value.name, one.value.value)).collect();
        (args, env, project.notes.len())
    };
    let whole = "package main\nimport (\n\t\"flag\"\n\t\"net/http\"\n)\nfunc main() {\n\taddr := flag.String(\"listen\", \"127.0.0.1:8090\", \"\")\n\tflag.Parse()\n\thttp.ListenAndServe(*addr, nil)\n}\n";
    assert_eq!(of(whole), (vec!["--listen=0.0.0.0:8090".to_owned()], Vec::new(), 0));
    let host = "package main\nimport (\n\t\"flag\"\n\t\"net/http\"\n)\nfunc main() {\n\thost := flag.String(\"host\", \"localhost\", \"\")\n\tport := flag.String(\"port\", \"8090\", \"\")\n\tflag.Parse()\n\thttp.ListenAndServe(*host+\":\"+*port, nil)\n}\n";
    assert_eq!(of(host), (vec!["--host=0.0.0.0".to_owned()], Vec::new(), 0));
    let port = "package main\nimport (\n\t\"flag\"\n\t\"net/http\"\n)\nfunc main() {\n\tport := flag.String(\"port\", \"8090\", \"\")\n\tflag.Parse()\n\thttp.ListenAndServe(\"127.0.0.1:\"+*port, nil)\n}\n";
    assert_eq!(of(port), (Vec::new(), Vec::new(), 1));
}

#[test]
fn a_program_of_a_framework_is_told_to_serve_and_where_to_write() {
    let text = "package main\nimport \"github.com/pocketbase/pocketbase\"\nfunc main() {\n\tapp := pocketbase.New()\n\tapp.Start()\n}\n";
    let module = ("go.mod", "module a\ngo 1.26\nrequire github.com/pocketbase/pocketbase v0.30.0\n");
    let (project, facts) = found(&[module, ("main.go", text)], "");
    let args: Vec<String> = facts.args.into_iter().map(|arg| arg.value).collect();
    assert_eq!(args, ["serve", "--http=0.0.0.0:8090", "--dir=pb_data"]);
    assert_eq!((ports(&project)[0].0, paths(&project.writes)), (8090, vec!["pb_data"]));
}
