use super::*;

const BASE: &str = "# syntax=docker/dockerfile:1

# build makes it. Go 1.25: the go line of go.mod.
FROM golang:1.25-trixie AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,id=go-mod,target=/go/pkg/mod \\
    go mod download
COPY . .
RUN --mount=type=cache,id=go-mod,target=/go/pkg/mod \\
    CGO_ENABLED=0 \\
    go build -trimpath -o /out/app .

# runtime has no shell.
FROM gcr.io/distroless/static-debian13:nonroot AS runtime
WORKDIR /app
COPY --from=build /out/app ./
USER 65532:65532
EXPOSE 8080
ENTRYPOINT [\"/app/app\"]
";

fn fresh() -> String {
    BASE.replace("1.25", "1.26")
}

fn merged(yours: &str, fresh: &str) -> Merged {
    dockerfile(BASE, yours, fresh).unwrap()
}

fn clean(yours: &str, fresh: &str) -> String {
    let merged = merged(yours, fresh);
    let conflicts: Vec<&Stretch> = merged.conflicts().collect();
    assert!(conflicts.is_empty(), "{conflicts:#?}");
    merged.text()
}

fn conflict(yours: &str, fresh: &str) -> Stretch {
    let merged = merged(yours, fresh);
    let mut conflicts = merged.conflicts().cloned();
    let first = conflicts.next().unwrap_or_else(|| panic!("no conflict in\n{}", merged.text()));
    assert_eq!(conflicts.next(), None);
    first
}

#[test]
fn without_edits_the_fresh_render_is_taken() {
    assert_eq!(clean(BASE, &fresh()), fresh());
    assert_eq!(clean(&fresh(), &fresh()), fresh());
    assert_eq!(clean(BASE, BASE), BASE);
}

#[test]
fn an_edit_beside_a_change_is_no_conflict() {
    let edit = |text: &str| text.replace("WORKDIR /src", "RUN apt-get update\nWORKDIR /source");
    assert_eq!(clean(&edit(BASE), &fresh()), edit(&fresh()));
}

#[test]
fn words_of_one_instruction_are_woven() {
    let edit =
        |text: &str| text.replace(" AS build\n", " AS builder\n").replace("--from=build", "--from=builder");
    assert_eq!(clean(&edit(BASE), &fresh()), edit(&fresh()));
    let new = BASE.replace("go build -trimpath", "go build -trimpath -ldflags=-s");
    let mine = BASE.replace("CGO_ENABLED=0 ", "CGO_ENABLED=1 GOFLAGS=-v ");
    assert!(
        clean(&mine, &new).contains("CGO_ENABLED=1 GOFLAGS=-v \\\n    go build -trimpath -ldflags=-s -o")
    );
}

#[test]
fn one_word_that_both_changed_is_a_conflict() {
    let found = conflict(&BASE.replace("8080", "9000"), &BASE.replace("8080", "9090"));
    assert_eq!((found.yours.as_str(), found.fresh.as_str()), ("EXPOSE 9000\n", "EXPOSE 9090\n"));
}

#[test]
fn what_is_gone_or_replaced_and_changed_is_a_conflict() {
    let without = BASE.replace("EXPOSE 8080\n", "");
    let other = BASE.replace("8080", "9090");
    assert!(conflict(&other, &without).why().contains("dfgen leaves it out now"));
    let instead = BASE
        .replace("RUN --mount=type=cache,id=go-mod,target=/go/pkg/mod \\\n    go mod download", "RUN make");
    let new = BASE.replace("go mod download", "go mod download -x");
    assert!(conflict(&instead, &new).why().contains("you replaced this"));
}

#[test]
fn what_you_took_out_stays_out() {
    let without = BASE.replace("EXPOSE 8080\n", "");
    assert_eq!(clean(&without, &BASE.replace("8080", "9090")), without);
    let alone = BASE.split("\n# runtime").next().unwrap();
    assert_eq!(clean(alone, &BASE.replace("8080", "9090")), alone);
}

#[test]
fn comments_are_never_in_the_way() {
    let without =
        |text: &str| text.split_inclusive('\n').filter(|line| !line.starts_with("# b")).collect::<String>();
    assert_eq!(clean(&without(BASE), &fresh()), without(&fresh()));
    let translated =
        |text: &str| text.replace("# build makes it. Go 1.25: the go line of go.mod.", "# baut es");
    assert_eq!(clean(&translated(BASE), &fresh()), translated(BASE).replace("golang:1.25", "golang:1.26"));
}

#[test]
fn an_edit_stays_in_its_stage() {
    let mine = BASE.replace("WORKDIR /app\n", "WORKDIR /app\nENV A=1\n");
    let without = BASE.replace("WORKDIR /src\n", "WORKDIR /app\n");
    assert_eq!(clean(&mine, &without), without.replace("/app\nCOPY --from", "/app\nENV A=1\nCOPY --from"));
}

#[test]
fn a_stage_of_yours_stays() {
    let stage = "\nFROM runtime AS test\nRUN true\n";
    assert_eq!(clean(&format!("{BASE}{stage}"), &fresh()), format!("{}{stage}", fresh()));
}

#[test]
fn what_stood_in_what_is_gone_is_a_conflict() {
    let gone = BASE.replace(
        "COPY go.mod go.sum ./\nRUN --mount=type=cache,id=go-mod,target=/go/pkg/mod \\\n    go mod download\n",
        "",
    );
    let mine = BASE.replace("go.sum ./\n", "go.sum ./\nCOPY private.netrc ./\n");
    assert!(conflict(&mine, &gone).why().contains("what stood around this"));
}

#[test]
fn a_moved_instruction_gets_its_news_where_it_is() {
    let moved = |text: &str, port: &str| {
        let line = format!("EXPOSE {port}\n");
        text.replace(&line, "").replace("USER 65532", &format!("{line}USER 65532"))
    };
    let new = BASE.replace("8080", "9090");
    assert_eq!(clean(&moved(BASE, "8080"), &new), moved(&new, "9090"));
}

#[test]
fn a_reformatted_file_gets_the_news() {
    let pretty = |text: &str| text.replace("    CGO_ENABLED=0 \\\n    go build", "  CGO_ENABLED=0 go build");
    let new = BASE.replace("-trimpath", "-trimpath -race");
    assert_eq!(clean(&pretty(BASE), &new), pretty(&new));
}

#[test]
fn packages_of_both_are_installed() {
    let base = "FROM debian:13\nRUN apt-get update \\\n    && apt-get install --yes libc6 \\\n    && rm -rf /var/lib/apt/lists/*\n";
    let yours = base.replace("libc6", "libc6 curl");
    let fresh = base.replace("libc6", "libc6 libpq5");
    let merged = dockerfile(base, &yours, &fresh).unwrap();
    assert_eq!(merged.conflicts().count(), 0);
    assert!(merged.text().contains("--yes libc6 libpq5 curl \\\n"), "{}", merged.text());
}

#[test]
fn line_ends_and_an_open_end_stay() {
    let windows = |text: &str| text.replace('\n', "\r\n");
    assert_eq!(clean(&windows(BASE), &fresh()), windows(&fresh()));
    assert_eq!(clean(BASE.trim_end(), &fresh()), fresh().trim_end());
    let marked = merged(&windows(&BASE.replace("8080", "1")), &BASE.replace("8080", "2")).marked(Labels {
        yours: "a",
        base: "b",
        fresh: "c",
    });
    assert_eq!(marked.matches('\n').count(), marked.matches("\r\n").count());
    assert_eq!(marker(&marked), Some(19));
}

#[test]
fn an_ignore_file_is_a_set_of_lines() {
    let base = "# A\n.git\nbin\n\n# B\n*.md\n";
    let yours = "# A\n.git\nmine\nbin\n\n# B\n";
    let fresh = "# A\n.git\n.github\n\n# B\n*.md\n*.txt\n\n# C\nx\n";
    let merged = ignore(base, yours, fresh);
    assert_eq!(merged.text(), "# A\n.git\n.github\nmine\n\n# B\n*.txt\n\n# C\nx\n");
    assert_eq!(
        append("a\n.git/", "# A\n.git\nb\n").text(),
        "a\n.git/\n\n# Added for the Dockerfile beside it\nb\n"
    );
}

impl Stretch {
    fn why(&self) -> &str {
        self.conflict.as_deref().unwrap_or_default()
    }
}
