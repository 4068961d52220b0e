"""Holds a docker-bake.hcl to what it promises: an edit in one service builds no other, and an edit installs nothing again."""
import os
import re
import shutil
import subprocess
import time

LIMIT = 1200
# Seconds, the engine's own among them.
SLOWEST_STOP = 1.5


class Bake:
    """A copy of an example whose services are built together."""

    def __init__(self, options, example, copy, installs):
        self.services, self.shared, self.installs = example["service"], example.get("shared"), installs
        self.tree = options.out / "work" / "bake" / example["id"]
        self.log = options.out / f"{example['id']}-bake"
        shutil.rmtree(self.tree, ignore_errors=True)
        shutil.copytree(copy, self.tree)
        for service in self.services:
            # The engine's own front end reads them: no other can be pulled here.
            file = self.tree / service["dockerfile"]
            file.write_text(re.sub(r"\A# syntax=.*\n", "", file.read_text()))
        self.host = self.tree.parent / f"{example['id']}.network.hcl"
        self.host.write_text("".join(f'target "{one["name"]}" {{\n  network = "host"\n}}\n' for one in self.services))
        up = subprocess.run([options.lab, "up"], check=True, capture_output=True, text=True).stdout
        socket = re.search(r"DOCKER_HOST=(\S+)", up).group(1)
        self.env = os.environ | {"DOCKER_HOST": socket, "BUILDX_NO_DEFAULT_ATTESTATIONS": "1", "TAG": "ci"}

    def docker(self, *argv):
        return subprocess.run(["docker", *map(str, argv)], cwd=self.tree, env=self.env, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT)

    def build(self, step):
        """The images by service and the instructions that were not taken from the cache with their service, or what the build said."""
        done = self.docker("buildx", "bake", "--file", "docker-bake.hcl", "--file", self.host, "--allow", "network.host",
                           "--progress", "plain")
        self.log.with_suffix(f".{step}.log").write_text(done.stdout)
        if done.returncode:
            return None, None, "\n       ".join(done.stdout.strip().splitlines()[-15:])
        ids = {one["name"]: self.docker("image", "inspect", "--format", "{{.Id}}", f"{one['name']}:ci").stdout for one in self.services}
        cached = set(re.findall(r"^#(\d+) CACHED", done.stdout, re.M))
        steps = re.findall(r"^#(\d+) \[(\S+) \S+ +\d+/\d+\] (.*)$", done.stdout, re.M)
        return ids, [(name, text) for number, name, text in steps if number not in cached and not text.startswith("FROM ")], None

    def edit(self, path):
        # A bundler drops a comment, and the image stays what it was.
        now = time.time_ns()
        line = {".py": f"# Edited at {now}.", ".js": f"console.info({now}n);"}.get(os.path.splitext(path)[1], f"// Edited at {now}.")
        with open(self.tree / path, "a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")

    def makes(self, path, line):
        """Whether a step makes the packages of a Python workspace from what they share: an edit of that has to; packages of others come before it."""
        return path == self.shared and path.endswith(".py") and "--no-install-project" in line and "--no-install-workspace" not in line

    def problems(self):
        """What does not hold."""
        before, _, broken = self.build("first")
        if broken:
            return [f"docker buildx bake: {broken}"]
        problems = []
        edits = [(f"{one['context']}/{one['touch']}", {one["name"]}) for one in self.services]
        edits += [(self.shared, {one["name"] for one in self.services})] if self.shared else []
        for number, (path, expected) in enumerate(edits):
            self.edit(path)
            after, ran, broken = self.build(number)
            if broken:
                return [*problems, f"after an edit of {path}: {broken}"]
            # A compiler may make the very same of it: that a step ran says that the edit arrived.
            built = {name for name, _ in ran} | {name for name in after if after[name] != before[name]}
            if built != expected:
                problems.append(f"an edit of {path} built {sorted(built)} again, not {sorted(expected)}")
            problems += [f"an edit of {path} installs again: {line}" for _, line in ran if self.installs.search(line) and not self.makes(path, line)]
            before = after
        return problems + [problem for one in self.services if "port" not in one for problem in self.works_on(one)]

    def works_on(self, service):
        """A program without a port has to be there after a while, as no root, and gone a moment after it is asked to."""
        container = self.docker("run", "--detach", "--network", "host", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL",
                                f"{service['name']}:ci").stdout.strip()
        try:
            time.sleep(3)
            if self.docker("inspect", "--format", "{{.State.Running}}", container).stdout.strip() != "true":
                return [f"{service['name']} ended: {self.docker('logs', container).stdout[-600:]}"]
            if self.docker("top", container, "-eo", "uid").stdout.split()[1:2] in ([], ["0"]):
                return [f"{service['name']} runs as root"]
            began = time.monotonic()
            self.docker("stop", "--time", "10", container)
            seconds = time.monotonic() - began
            return [f"{service['name']} took {seconds:.1f} s to stop"] if seconds >= SLOWEST_STOP else []
        finally:
            self.docker("rm", "--force", container)
