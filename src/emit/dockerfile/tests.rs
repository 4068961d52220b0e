use proptest::prelude::*;

use super::*;

const SAMPLE: &str = r#"# syntax=docker/dockerfile:1
# check=skip=JSONArgsRecommended

# a comment
ARG VERSION=1.2
FROM --platform=$BUILDPLATFORM golang:1.26-trixie AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,id=go-mod,target=/go/pkg/mod \
    # said in between

    --mount=type=cache,id=go-build-${TARGETARCH},target=/root/.cache/go-build \
    go build -ldflags="-s -w" \
    -o /out/ .

FROM scratch
ENV A="b c" D=e\ f
COPY --from=build --chown=1:1 --link ["/out/a b", "/app/"]
COPY <<a.conf <<-"b.conf" /etc/
x=$X
a.conf
	y
	b.conf
entrypoint [ "/app/a b", "$HOME" ]
HEALTHCHECK --interval=5s CMD ["/app/a b", "check"]
EXPOSE 80 443/udp
"#;

fn sample() -> Dockerfile {
    parse(SAMPLE).unwrap()
}

fn operands(instruction: &str) -> Vec<String> {
    let file = parse(&format!("FROM a:1\n{instruction}\n")).unwrap();
    file.stages[0].instructions[0].plain().unwrap().into_iter().map(|operand| operand.text).collect()
}

fn refused(text: &str) -> (u32, String) {
    let error = parse(text).unwrap_err();
    (error.line, error.message)
}

#[test]
fn stages_and_flags() {
    let file = sample();
    assert_eq!(file.directives.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["syntax", "check"]);
    assert_eq!(file.args[0].operands, ["VERSION=1.2"]);
    let [build, last] = file.stages.as_slice() else { panic!("two stages") };
    assert_eq!((build.name.as_deref(), build.image.as_str()), (Some("build"), "golang:1.26-trixie"));
    assert_eq!(build.platform.as_deref(), Some("$BUILDPLATFORM"));
    assert_eq!((last.name.as_deref(), last.line), (None, 16));
    let copy = last.all("COPY").next().unwrap();
    assert_eq!(copy.flag("from"), Some("build"));
    assert!(copy.exec && copy.flags.iter().any(|flag| flag.name == "link" && flag.value.is_none()));
    assert_eq!(copy.operands, ["/out/a b", "/app/"]);
}

#[test]
fn comments_and_blank_lines_within_a_continuation() {
    let file = sample();
    let run = file.stages[0].last("RUN").unwrap();
    let ids: Vec<_> = run.mounts().filter_map(|mount| mount.field("id")).collect();
    assert_eq!(ids, ["go-mod", "go-build-${TARGETARCH}"]);
    assert_eq!(run.operands, [r#"go build -ldflags="-s -w"     -o /out/ ."#]);
    assert_eq!(run.line, 9);
    assert!(run.raw.starts_with("RUN --mount") && run.raw.ends_with("-o /out/ ."));
}

#[test]
fn heredocs_end_at_their_word() {
    let file = sample();
    let copy = file.stages[1].all("COPY").nth(1).unwrap();
    assert_eq!(copy.heredocs[0], Heredoc { name: "a.conf".into(), expand: true, content: "x=$X\n".into() });
    assert_eq!(copy.heredocs[1], Heredoc { name: "b.conf".into(), expand: false, content: "\ty\n".into() });
    assert_eq!(refused("FROM a:1\nRUN <<EOF\nls\n").0, 2);
}

#[test]
fn exec_form_is_not_expanded() {
    let file = sample();
    let entrypoint = file.stages[1].last("ENTRYPOINT").unwrap();
    assert!(entrypoint.exec);
    let plain = entrypoint.plain().unwrap();
    assert_eq!(plain[1], Decoded { text: "$HOME".into(), variables: vec![] });
    let health = file.stages[1].last("HEALTHCHECK").unwrap();
    assert_eq!(health.operands, ["CMD", "/app/a b", "check"]);
    assert_eq!(file.stages[1].last("EXPOSE").unwrap().operands, ["80", "443/udp"]);
}

#[test]
fn json_that_is_none_is_shell_form() {
    let file = parse("FROM a:1\nCMD ['x', 'y']\n").unwrap();
    let cmd = file.stages[0].last("CMD").unwrap();
    assert!(!cmd.exec);
    assert_eq!(cmd.operands, ["['x', 'y']"]);
    assert!(refused("FROM a:1\nCMD [1]\n").1.contains("strings"));
}

#[test]
fn hostile_names_read_back() {
    assert_eq!(operands(r"COPY routes/users.\$id.tsx ./"), ["routes/users.$id.tsx", "./"]);
    assert_eq!(
        operands(r#"COPY ["a b", "it's\\'s", "./"]"#.replace("it's", "its").as_str()),
        ["a b", "its's", "./"]
    );
    assert_eq!(operands(r#"ENV A="b c" D=e\ f G='$x'"#), ["A=b c", "D=e f", "G=$x"]);
    assert_eq!(operands("ENV OLD the value"), ["OLD=the value"]);
    assert_eq!(operands(r#"WORKDIR "/a b""#), ["/a b"]);
    assert_eq!(operands(r#"VOLUME ["/a\\$b"]"#), ["/a$b"]);
    assert_eq!(operands(r#"VOLUME ["/v \"2\""]"#), ["/v 2"]);
    assert_eq!(operands(r#"ENV H="q\"r\$s\t" K="x 'y' z" M=a\\b"#), [r#"H=q"r$s\t"#, "K=x 'y' z", r"M=a\b"]);
    assert_eq!(operands(r#"ENTRYPOINT ["/a\"b$c"]"#), [r#"/a"b$c"#]);
}

#[test]
fn variables_are_named() {
    let found = decode(r#"a$B-${C:-${D}x}"$E\$F\n"$"#, '\\').unwrap();
    assert_eq!(found.text, r"a$B-${C:-${D}x}$E$F\n$");
    assert_eq!(found.variables, ["B", "C", "E"]);
    assert!(decode("'a", '\\').is_err() && decode("\"a", '\\').is_err() && decode("${A", '\\').is_err());
}

#[test]
fn the_escape_directive_changes_continuations() {
    let file = parse("# escape=`\nFROM a:1\nRUN dir `\n  c:\\\nCOPY a`$b c\n").unwrap();
    assert_eq!(file.stages[0].instructions[0].operands, ["dir   c:\\"]);
    assert_eq!(file.stages[0].instructions[1].plain().unwrap()[0].text, "a$b");
}

#[test]
fn refuses_what_docker_refuses() {
    assert_eq!(refused("FROM a:1\n\nRUNN x\n").0, 3);
    assert_eq!(refused("RUN x\nFROM a:1\n").0, 1);
    assert_eq!(refused("FROM a:1 b\n").0, 1);
    assert_eq!(refused("FROM a:1\nCOPY x\n").0, 2);
    assert_eq!(refused("FROM a:1\nENV A=1 B\n").0, 2);
    assert!(refused("# nothing\n").1.contains("FROM"));
    assert_eq!(refused("# syntax=a\n# syntax=b\nFROM a:1\n").0, 2);
}

proptest! {
    #[test]
    fn never_panics(text in r#"(FROM a:1\n)?((RUN|COPY|ENV|HEALTHCHECK|#) ?[-a$"'\\{}<>\[\],= \n]{0,24}\n?){0,8}"#) {
        if let Ok(file) = parse(&text) {
            for instruction in file.stages.iter().flat_map(|stage| &stage.instructions) {
                let _ = instruction.plain();
            }
        }
    }

    #[test]
    fn never_panics_on_anything(text in any::<String>()) {
        let _ = parse(&text);
        let _ = decode(&text, '\\');
    }
}
