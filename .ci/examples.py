#!/usr/bin/env python3
"""Holds dfgen to its examples: the committed output is what it writes, lints clean, builds, answers and stops.

Prints a line for each check, writes OUT/report.md (a row for each image) and OUT/counts (passed, failed, skipped).
"""
import argparse
import json
import re
import shutil
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from bake import Bake
from given import Given
from weight import Weight

ROOT = Path(__file__).resolve().parent.parent
OURS = ("Dockerfile", ".dockerignore", "Dockerfile.dockerignore", "docker-bake.hcl", "dfgen.lock")
ALWAYS = ("Dockerfile", "dfgen.lock")
# Strategies besides the default: rendered and linted wherever dfgen has one for the example, and tried where listed.
STRATEGIES = {"slim": ("go",), "scratch": ("go",), "alpine": ()}
NOT_TRIED = {"slim": "its default image was tried", "scratch": "the lab has no compiler for musl", "alpine": "the lab serves Alpine's language images with glibc"}
INSTALLS = re.compile(
    r"\b(go mod (download|vendor)|npm (ci|install|i)\b|pnpm (install|fetch|i)\b|yarn (install|workspaces focus)"
    r"|bun (install|i)\b|corepack (prepare|install)|go-offline|gradlew? .*dependencies\b|pip install|uv (sync|pip)|apt-get (update|install)|apk add)"
)
SLOWEST_STOP = 1.5
LIMIT = 1200


@dataclass
class Tally:
    """What came of every check so far."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)
    rows: list[tuple] = field(default_factory=list)
    rendered: dict[str, int] = field(default_factory=dict)
    tried: int = 0

    def hold(self, name, problems, seconds=0.0, detail=""):
        """Counts a check, which holds where there are no problems."""
        for problem in problems:
            self.failures.append(f"{name}: {problem.splitlines()[0]}")
        self.passed += not problems
        self.failed += bool(problems)
        mark = "FAILED" if problems else "ok"
        print(f"{mark:6} {name} ({seconds:.1f} s){': ' + detail if detail else ''}", flush=True)
        for problem in problems:
            print(f"       {problem}", flush=True)
        return not problems

    def not_tried(self, name, reason):
        self.skipped += 1
        print(f"not tried: {name}: {reason}", flush=True)


def run(*argv, cwd=ROOT):
    """The exit status, stdout, stderr and seconds of a command; one that does not end has failed."""
    began = time.monotonic()
    try:
        done = subprocess.run([str(word) for word in argv], cwd=cwd, text=True, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return 124, "", f"it did not end within {LIMIT} seconds", float(LIMIT)
    return done.returncode, done.stdout, done.stderr, time.monotonic() - began


def tail(text, lines=15):
    return "\n       ".join(text.strip().splitlines()[-lines:])


def fresh_copy(example, target):
    """The files of an example that git knows or would add, laid out anew."""
    shutil.rmtree(target, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard", "--", f"examples/{example}"],
                            cwd=ROOT, check=True, capture_output=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            to = target / Path(name).relative_to(f"examples/{example}")
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, to)


def remove_ours(copy):
    for path in [path for path in copy.rglob("*") if path.name in OURS]:
        path.unlink()


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---------------------------------------------------------------- the checks

def reproduces(options, example, copy):
    """dfgen init writes what is committed, byte for byte, and nothing else."""
    fresh_copy(example, copy)
    committed = files_of(copy)
    problems = [f"examples/{example} has no {name}" for name in ALWAYS if all(Path(one).name != name for one in committed)]
    remove_ours(copy)
    status, out, err, seconds = run(options.dfgen, "init", copy, "--format", "json")
    if status:
        return [*problems, f"dfgen init ended with {status}: {tail(err)}"], seconds
    try:
        json.loads(out)
    except json.JSONDecodeError as error:
        problems.append(f"--format json printed no JSON: {error}")
    written = files_of(copy)
    for name in sorted(written.keys() | committed.keys()):
        if written.get(name) != committed.get(name) and name in written and name in committed:
            problems.append(f"{name} is not the committed one: {first_difference(committed[name], written[name])}")
        elif name not in committed:
            problems.append(f"dfgen init wrote {name}, which is not committed")
        elif name not in written:
            problems.append(f"dfgen init did not write {name}")
    return problems, seconds


def first_difference(old, new):
    old, new = old.decode(errors="replace").splitlines(), new.decode(errors="replace").splitlines()
    for number, (was, now) in enumerate(zip(old + [""] * len(new), new + [""] * len(old)), 1):
        if was != now:
            return f"line {number} is {now!r}, not {was!r}"
    return "the ends of lines differ"


def lints(options, file, context):
    """Clean under hadolint and under Docker's own check."""
    status, out, err, seconds = run(options.hadolint, "--config", ROOT / ".hadolint.yaml", "--no-color", file)
    problems = [f"hadolint: {tail(out + err)}"] if status else []
    status, out, err, more = run(options.lab, "check", file, context)
    if status and no_stand_in(err):
        return problems, seconds + more, no_stand_in(err)
    if status:
        problems.append(f"docker build --check: {tail(out + err)}")
    return problems, seconds + more, None


def no_stand_in(err):
    """Why the lab cannot try an image. A stand-in that it began to make and could not finish is no such reason."""
    found = re.search(r"^lab: (no stand-in for (\S+?)(?:: .*)?)$", err, re.M)
    return found.group(1) if found and f"making a stand-in for {found.group(2)}" not in err else None


def tries(options, example, file, context, name):
    """Builds the image, asks it, edits a source and builds again: the lab's report, or what it said instead."""
    # The edit is another one each time: the builder's cache may hold the one of an earlier run.
    comment = "#" if example["touch"].endswith(".py") else "//"
    edit = f"\n{comment} Edited at {time.time_ns()}.\n"
    argv = [options.lab, "try", context, "--file", file, "--tag", f"dfgen-ci-{name}:latest", "--touch", example["touch"],
            "--touch-text", edit, "--log", options.out / f"{name}.log"]
    if "port" in example:
        argv += ["--port", example["port"], "--path", example["path"]]
    for pair in example.get("env", []):
        argv += ["--env", pair]
    _, out, err, seconds = run(*argv)
    try:
        return json.loads(out), seconds, None
    except json.JSONDecodeError:
        return None, seconds, tail(err) or "the lab said nothing"


def judge(example, dockerfile, report):
    """What an image does not do that it should."""
    if not report["built"]:
        return [f"it was not built: {tail(report.get('error', ''))}"]
    problems = asked(example, report) if "port" in example else []
    again = report.get("rebuild_after_edit", {})
    if not again.get("built"):
        problems.append(f"it was not built again after {example['touch']} was edited")
    elif not again["ran"]:
        problems.append(f"the edit of {example['touch']} did not reach the image: nothing was built again")
    problems += [f"an edit of {example['touch']} installs again: {line}" for line in again.get("ran", []) if INSTALLS.search(line)]
    if bool(re.search(r"^VOLUME\b", dockerfile, re.M)) != example.get("writes", False):
        problems.append("it writes files and has no volume" if example.get("writes") else "it writes nothing and has a volume")
    return problems


def asked(example, report):
    """What its answer, its process and its end are not."""
    problems = []
    if report.get("status") != example["status"]:
        problems.append(f"{example['path']} answered {report.get('status')}, not {example['status']}: "
                        f"{report.get('body')!r}; its log: {tail(report.get('logs', ''))}")
    elif example["body"] not in report["body"]:
        problems.append(f"{example['path']} answered without {example['body']!r}: {report['body']!r}")
    uid = (report.get("process") or {}).get("uid")
    if not uid:
        problems.append("it runs as root" if uid == 0 else "its process was gone")
    if report.get("stop_seconds", 99) >= SLOWEST_STOP:
        problems.append(f"it took {report.get('stop_seconds')} s to stop")
    return problems


# ---------------------------------------------------------------- the run

def check_image(options, tally, example, copy, name, skip):
    """Lints what lies in `copy`, and tries it unless there is a reason not to. The lab's check makes every stand-in
    that the build needs, so that one which is missing is known by then."""
    file, context = copy / example.get("dockerfile", "Dockerfile"), copy / example.get("context", ".")
    problems, seconds, missing = lints(options, file, context)
    if problems or not missing:
        tally.hold(f"{name}: lints", problems, seconds)
    if missing or skip:
        tally.not_tried(name, missing or skip)
        return
    if "secrets" in example:
        began = time.monotonic()
        problems = Given(options, example["secrets"], file, context, name).problems()
        tally.hold(f"{name}: secrets", problems, time.monotonic() - began)
    report, seconds, broken = tries(options, example, file, context, name)
    tally.tried += 1
    problems = judge(example, file.read_text(), report) if report else [broken]
    tally.hold(f"{name}: runs", problems, seconds)
    above = weigh(options, tally, file.read_text(), name) if report and report["built"] else None
    tally.rows.append(row(name, report or {}, above))


def weigh(options, tally, dockerfile, name):
    """Holds an image to its weight; the bytes above its base."""
    began = time.monotonic()
    weight = Weight(options.lab, dockerfile, f"dfgen-ci-{name}:latest")
    above = weight.above()
    tally.hold(f"{name}: weight", weight.problems(), time.monotonic() - began, f"{above} bytes above {weight.base}")
    return above


def row(name, report, above):
    again = report.get("rebuild_after_edit", {})
    return (name, report.get("seconds"), report.get("bytes"), above, report.get("status"),
            (report.get("process") or {}).get("uid"), again.get("seconds"), report.get("stop_seconds"))


def strategy(options, tally, example, base):
    """Another base image, where dfgen has one for this example."""
    copy = options.out / "work" / base / example["id"]
    fresh_copy(example["id"], copy)
    remove_ours(copy)
    status, _, err, seconds = run(options.dfgen, "init", copy, "--base", base)
    name = f"{example['id']}-{base}"
    if status == 2:
        reason = next((line for line in err.splitlines() if line.strip()), "no reason given")
        print(f"refused: {name}: {reason.strip()}", flush=True)
    elif status:
        tally.hold(f"{name}: init", [f"dfgen init --base {base} ended with {status}: {tail(err)}"], seconds)
    else:
        tally.rendered[base] = tally.rendered.get(base, 0) + 1
        language = example["id"].split("-")[0]
        check_image(options, tally, example, copy, name, example.get("not_tried") or (None if language in STRATEGIES[base] else NOT_TRIED[base]))


def check(options, tally, example):
    copy = options.out / "work" / "default" / example["id"]
    problems, seconds = reproduces(options, example["id"], copy)
    tally.hold(f"{example['id']}: init", problems, seconds)
    if "service" in example:
        check_services(options, tally, example, copy)
        return
    if (copy / "Dockerfile").exists():
        check_image(options, tally, example, copy, example["id"], example.get("not_tried"))
    for base in STRATEGIES:
        strategy(options, tally, example, base)


def check_services(options, tally, example, copy):
    """Each service's image, then all of them together."""
    for service in example["service"]:
        check_image(options, tally, service, copy, f"{example['id']}-{service['name']}", example.get("not_tried"))
    if example.get("not_tried"):
        tally.not_tried(f"{example['id']}: bake", example["not_tried"])
        return
    fresh_copy(example["id"], copy)
    began = time.monotonic()
    problems = Bake(options, example, copy, INSTALLS).problems()
    tally.hold(f"{example['id']}: bake", problems, time.monotonic() - began)


def report_of(tally):
    head = ("image", "built s", "bytes", "above its base", "status", "uid", "rebuild s", "stop s")
    lines = [head, ("---",) * len(head), *tally.rows]
    return "".join("| " + " | ".join("-" if cell is None else str(cell) for cell in line) + " |\n" for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--dfgen", "--lab", "--hadolint", "--out"):
        parser.add_argument(name, required=True, type=lambda path: Path(path).resolve())
    parser.add_argument("--only", action="append", help="the id of an example; all of them by default")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    examples = tomllib.loads((ROOT / "examples/examples.toml").read_text())["example"]
    tally = Tally()
    folders = {path.name for path in (ROOT / "examples").iterdir() if path.is_dir()}
    tally.hold("examples.toml: names every example", sorted(f"{name}: no row or no folder" for name in folders ^ {one["id"] for one in examples}))
    for example in examples:
        if not options.only or example["id"] in options.only:
            check(options, tally, example)
    if not options.only:
        tally.hold("every strategy renders", [f"--base {base} was refused for all examples" for base in STRATEGIES if not tally.rendered.get(base)])
        tally.hold("the lab works", [] if tally.tried else ["not one image was tried"])
    (options.out / "report.md").write_text(report_of(tally))
    (options.out / "counts").write_text(f"{tally.passed} {tally.failed} {tally.skipped}\n")
    print(report_of(tally))
    print("\n".join(f"FAILED: {failure}" for failure in tally.failures))
    sys.exit(bool(tally.failed))


if __name__ == "__main__":
    main()
