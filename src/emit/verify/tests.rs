use proptest::prelude::*;

use super::*;

const GOOD: &str = r#"# syntax=docker/dockerfile:1

ARG BASE=golang:1.26-trixie
# build compiles.
FROM --platform=$BUILDPLATFORM ${BASE} AS build
WORKDIR /src
COPY go.mod go.sum ./
COPY . .
ARG TARGETARCH
RUN --mount=type=cache,id=go-${TARGETARCH},target=/root/.cache/go-build \
    GOARCH="${TARGETARCH}" go build -o /out/ .

FROM build AS debug
COPY ui ui
USER 1:1

FROM gcr.io/distroless/static-debian13:nonroot AS runtime
WORKDIR /app
ENV PATH=/app/bin:$PATH
ENV PATH=/app/sbin:$PATH
COPY ["ui/a b.html", "ui/users.\\$id.tsx", "ui/[[]slug].tsx", "./"]
COPY ui/*.html ./pages/
COPY --from=build /out/app ./
COPY --from=0 /out/app /second
VOLUME ["/data"]
USER 65532:65532
EXPOSE 80 443/udp
ENTRYPOINT ["/app/app"]
CMD ["serve"]
"#;

const FILES: [&str; 8] =
    [".env", "docs/a.md", "go.mod", "go.sum", "main.go", "ui/[slug].tsx", "ui/a b.html", "ui/users.$id.tsx"];

fn found(dockerfile: &str, ignore: &str) -> Vec<String> {
    let files: Vec<Utf8PathBuf> = FILES.iter().map(Utf8PathBuf::from).collect();
    let findings = verify(dockerfile, &Patterns::parse(ignore), &files);
    findings.into_iter().map(|finding| format!("{}: {}", finding.line, finding.message)).collect()
}

/// The one finding of a last stage with these lines; `FROM` is line 1.
fn one(lines: &str) -> String {
    let dockerfile = format!("FROM a:1 AS first\nFROM b:1\nWORKDIR /app\nUSER 1:1\n{lines}\n");
    match found(&dockerfile, "docs").as_slice() {
        [finding] => finding.clone(),
        other => panic!("one finding: {other:?}"),
    }
}

#[test]
fn a_good_file_is_clean() {
    assert_eq!(found(GOOD, "docs\n**/.env\nDockerfile\n"), Vec::<String>::new());
}

#[test]
fn text_that_docker_refuses() {
    assert_eq!(found("FROM a:1\nNOPE x\n", ""), ["2: `NOPE` is no instruction"]);
    assert_eq!(found("FROM a:1\nUSER 1:1\n", "x\n!\n"), ["2: .dockerignore: `!` without a pattern"]);
    assert_eq!(one("ENV A='x"), "5: a single quote is not closed");
}

#[test]
fn sources_are_there_and_sent() {
    assert_eq!(one("COPY uii ./"), "5: `uii` is not in the build context");
    assert_eq!(one("COPY docs ./"), "5: `docs` is excluded by the .dockerignore");
    assert_eq!(one("COPY docs/*.md ./"), "5: `docs/*.md` is excluded by the .dockerignore");
    assert_eq!(one("COPY ../x ./"), "5: `../x` lies outside of the build context");
    assert_eq!(one("COPY ui/[slug].tsx ./"), "5: `ui/[slug].tsx` is not in the build context");
    assert_eq!(one("COPY [\"ui/a b.htm\", \"./\"]"), "5: `ui/a b.htm` is not in the build context");
    assert_eq!(one("COPY go.mod go.sum /app"), "5: several sources, and `/app` does not end in `/`");
}

#[test]
fn everything_ignored_leaves_nothing_to_copy() {
    let dockerfile = "FROM a:1\nWORKDIR /a\nCOPY . .\nUSER 1:1\n";
    assert_eq!(found(dockerfile, "**"), ["3: `.` is excluded by the .dockerignore"]);
    assert_eq!(found(dockerfile, "**\n!ui"), Vec::<String>::new());
}

#[test]
fn images_and_stages() {
    let missing = "5: `nope` is neither an earlier stage nor an image with a tag";
    assert_eq!(one("COPY --from=nope /a /b"), missing);
    assert_eq!(one("RUN --mount=type=bind,from=nope,target=/x ls"), missing);
    assert_eq!(
        one("COPY --from=ghcr.io/astral-sh/uv /uv /bin/"),
        "5: the image `ghcr.io/astral-sh/uv` has no tag"
    );
    assert_eq!(one("COPY --from=1 /a /b"), "5: `1` is neither an earlier stage nor an image with a tag");
    assert_eq!(found("FROM node:latest\nUSER 1:1\n", ""), ["1: `node:latest` moves: a version is missing"]);
    assert_eq!(
        found("FROM localhost:5000/a/b\nUSER 1:1\n", ""),
        ["1: the image `localhost:5000/a/b` has no tag"]
    );
}

#[test]
fn stage_names() {
    let names = |name: &str| found(&format!("FROM a:1 AS x\nFROM b:1 AS {name}\nUSER 1:1\n"), "");
    assert_eq!(names("Web"), ["2: the stage name `Web` is not in lower case letters and digits"]);
    assert_eq!(names("context"), ["2: the stage name `context` is reserved"]);
    assert_eq!(names("x"), ["2: a second stage is called `x`"]);
}

#[test]
fn variables_are_declared_in_their_stage() {
    let missing = "5: `TARGETARCH` is used and this stage does not declare `ARG TARGETARCH`";
    assert_eq!(one("RUN --mount=type=cache,id=a-${TARGETARCH},target=/c ls"), missing);
    assert_eq!(one("RUN GOARCH=\"${TARGETARCH}\" go build"), missing);
    assert_eq!(
        found("FROM a:1\nARG TARGETARCH\nRUN x $TARGETARCH $TARGETARCHES\nUSER 1:1\n", ""),
        Vec::<String>::new()
    );
    assert_eq!(
        one("COPY ui/users.$id.tsx $HOME/"),
        "5: `id` is used and this stage does not declare `ARG id`"
    );
    assert_eq!(one("RUN --mount=type=cache,target=/c ls"), "5: a cache mount has no `id`");
}

#[test]
fn relative_folders() {
    let stage = |line: &str| found(&format!("FROM a:1\n{line}\nUSER 1:1\n"), "");
    assert_eq!(stage("COPY ui ./"), ["2: `./` is relative and no absolute `WORKDIR` stands before it"]);
    assert_eq!(stage("WORKDIR app"), ["2: `app` is relative and no absolute `WORKDIR` stands before it"]);
    assert_eq!(stage("COPY ui /ui"), Vec::<String>::new());
}

#[test]
fn one_start_command_in_exec_form() {
    assert_eq!(one("CMD node server.js"), "5: `CMD` is not in exec form");
    assert_eq!(one("ENTRYPOINT [\"a\"]\nENTRYPOINT [\"b\"]"), "6: `ENTRYPOINT` stands in line 5 already");
    assert_eq!(found("FROM scratch\nUSER 1:1\n", ""), ["1: the image has no `ENTRYPOINT` and no `CMD`"]);
}

#[test]
fn doubled_instructions() {
    assert_eq!(one("EXPOSE 80\nEXPOSE 80/tcp"), "6: `EXPOSE 80` stands in line 5 already");
    assert_eq!(one("VOLUME /data\nVOLUME [\"/data\"]"), "6: `VOLUME /data` stands in line 5 already");
    assert_eq!(one("ENV A=1\nENV A=2"), "6: `ENV A` stands in line 5 already");
    assert_eq!(one("ARG A\nARG A=2"), "6: `ARG A` stands in line 5 already");
    assert_eq!(one("COPY ui ui\nCOPY ui ui"), "6: `COPY ui ui` stands in line 5 already");
}

#[test]
fn the_user_is_a_number_and_not_root() {
    let user = |line: &str| found(&format!("FROM a:1\n{line}\n"), "");
    assert_eq!(user("USER node"), ["2: `USER node` is not a numeric user and group"]);
    assert_eq!(user("USER 1000"), ["2: `USER 1000` is not a numeric user and group"]);
    assert_eq!(user("USER 0:0"), ["2: the image runs as root"]);
    assert_eq!(user("EXPOSE 80"), ["1: the last stage has no `USER`"]);
}

proptest! {
    #[test]
    fn never_panics(lines in r#"((FROM|COPY|RUN|ENV|USER|WORKDIR|EXPOSE) [-a:/$"'\\{}*?<\[\],= ]{0,20}\n){0,8}"#, ignore in r"[!*/a\n]{0,12}") {
        let _ = found(&format!("FROM a\n{lines}"), &ignore);
    }
}
