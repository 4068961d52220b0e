"""Builds an image with the secrets that its install asks for, and holds it to them: without one of them nothing is built; each
arrives in the step that asks for it; and no layer, no variable and no line of the history has a value.

The build that follows finds that step in the builder's cache: secrets are no part of what a step is looked up by.
"""
import gzip
import os
import re
import subprocess
import tarfile
import tempfile

LIMIT = 1200


class Given:
    """An image whose build is given secrets: the variables' names with their values."""

    def __init__(self, options, secrets, file, context, name):
        self.secrets = secrets
        self.context = context
        self.log = options.out / f"{name}.secrets"
        self.tag = f"dfgen-ci-{name}-secrets:latest"
        # The engine's own front end reads it: no other can be pulled here.
        self.text = re.sub(r"\A# syntax=.*\n", "", file.read_text())
        up = subprocess.run([options.lab, "up"], check=True, capture_output=True, text=True).stdout
        self.env = os.environ | {"DOCKER_HOST": re.search(r"DOCKER_HOST=(\S+)", up).group(1), "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}

    def docker(self, *argv, given=None):
        return subprocess.run(["docker", *map(str, argv)], env=self.env | (given or {}), text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT)

    def build(self, step, text, given, *more):
        """Whether a build that is given these makes an image, and its last words."""
        flags = [word for name in given for word in ("--secret", f"id={name},env={name}")]
        with tempfile.NamedTemporaryFile("w", suffix=".Dockerfile") as own:
            own.write(text)
            own.flush()
            done = self.docker("build", "--progress", "plain", "--network", "host", "--tag", self.tag, "--file", own.name, *flags,
                               *more, self.context, given=given)
        self.log.with_suffix(f".{step}.log").write_text(done.stdout)
        return done.returncode == 0, "\n       ".join(done.stdout.strip().splitlines()[-15:])

    def problems(self):
        """What does not hold."""
        problems = []
        for name in self.secrets:
            rest = {other: value for other, value in self.secrets.items() if other != name}
            built, _ = self.build(f"without-{name}", self.text, rest, "--no-cache-filter", "build")
            problems += [f"it was built without {name}"] if built else []
        built, said = self.build("asked", self.asking(), self.secrets)
        problems += [] if built else [f"a secret did not arrive: {said}"]
        built, said = self.build("given", self.text, self.secrets)
        return problems + (self.kept() if built else [f"it was not built with its secrets: {said}"])

    def asking(self):
        """The Dockerfile with a look at each value in front of what the step does."""
        look = "".join(f'test "${{{name}}}" = {value} && ' for name, value in self.secrets.items())
        return re.sub(r"(--mount=type=secret[^\n]*\\\n\s+)(?=[^\s-])", lambda found: found.group(1) + look, self.text)

    def kept(self):
        """Where a value can be read in the image."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "image.tar")
            self.docker("save", "--output", path, self.tag).check_returncode()
            return [f"the value of {name} stands in {member} of the image" for name, member in sorted(found(path, self.secrets))]


def found(path, values):
    """The names of values, and the files of an image's archive that hold them: layers are archives themselves."""
    seen = set()
    with tarfile.open(path) as image:
        for member in filter(tarfile.TarInfo.isfile, image):
            data = image.extractfile(member).read()
            data = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
            seen |= {(name, member.name) for name, value in values.items() if value.encode() in data}
    return seen
