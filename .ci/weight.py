"""What an image holds above its base: the artefact, its production packages and what they need of the system, and nothing else.

A layer is a COPY of ours, an installation of system packages, or has to be small; none may keep what installing left behind.
"""
import json
import os
import re
import subprocess
import tarfile
import tempfile

LIMIT = 1200
# Bytes of folders, users and configuration that are neither copied nor installed.
SPARE = 1_000_000
PACKAGES = re.compile(r"\b(apt-get install|apk add|docker-php-ext-install|pecl install)\b")
LEFT = re.compile(
    r"^var/lib/apt/lists/[^/]+_|^var/cache/(apt/.*\.(deb|bin)$|apk/.)|^(root|home/[^/]+)/\.(cache|npm|cargo|m2|gradle|composer|bun|yarn)/."
    r"|^tmp/.|(^|/)node_modules/\.cache/.|(^|/)\.git/.|(^|/)target/(debug|release)/(deps|build|incremental)/.|\.(rlib|rmeta|whl)$"
)


class Weight:
    """An image that was built, and the Dockerfile that it was built of."""

    def __init__(self, lab, dockerfile, tag):
        self.tag, self.base = tag, base_of(dockerfile)
        up = subprocess.run([lab, "up"], check=True, capture_output=True, text=True).stdout
        self.env = os.environ | {"DOCKER_HOST": re.search(r"DOCKER_HOST=(\S+)", up).group(1)}

    def docker(self, *argv):
        return subprocess.run(["docker", *argv], env=self.env, text=True, stdin=subprocess.DEVNULL, check=True,
                              stdout=subprocess.PIPE, timeout=LIMIT).stdout

    def inspect(self, image):
        return json.loads(self.docker("image", "inspect", image))[0]

    def above(self):
        """The bytes above the base image."""
        return self.inspect(self.tag)["Size"] - self.under()["Size"]

    def under(self):
        """The base image; nothing lies under what stands on scratch."""
        return {"Size": 0, "RootFS": {"Layers": []}} if self.base == "scratch" else self.inspect(self.base)

    def problems(self):
        """What the image holds that it should not."""
        rest = sum(size for size, made in self.layers() if not made.startswith("COPY ") and not PACKAGES.search(made))
        heavy = [f"{rest} bytes above {self.base} are neither copied nor packages of the system"] if rest > SPARE else []
        return heavy + [f"the image keeps {name}" for name in sorted(self.left())[:5]]

    def layers(self):
        """The size of each layer above the base, with the instruction that made it."""
        shown = self.docker("history", "--no-trunc", "--human=false", "--format", "json", self.tag).splitlines()
        base = [] if self.base == "scratch" else self.docker("history", "--quiet", self.base).splitlines()
        rows = [json.loads(line) for line in shown[: len(shown) - len(base)]]
        return [(int(row["Size"]), row["CreatedBy"]) for row in rows]

    def left(self):
        """The files of the layers above the base that installing or building left behind."""
        known = set(self.under()["RootFS"]["Layers"])
        digests = self.inspect(self.tag)["RootFS"]["Layers"]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "image.tar")
            self.docker("save", "--output", path, self.tag)
            with tarfile.open(path) as image:
                files = json.load(image.extractfile("manifest.json"))[0]["Layers"]
                names = [name for digest, file in zip(digests, files) if digest not in known
                         for name in members(image.extractfile(file))]
        return {name for name in names if LEFT.search(name)}


def members(layer):
    """The names of the files of a layer."""
    with tarfile.open(fileobj=layer) as files:
        return [member.name.removeprefix("./") for member in files if member.isfile()]


def base_of(dockerfile):
    """The image that the last stage stands on, through stages that stand between."""
    stages = re.findall(r"^FROM (?:--platform=\S+ )?(\S+)(?: AS (\S+))?$", dockerfile, re.M)
    named = {name: image for image, name in stages if name}
    image = stages[-1][0]
    while image in named:
        image = named[image]
    return image
