"""An image without an engine: a Dockerfile's steps carried out in a folder that is the root of all they see.

This machine's own Debian and its Python take the place of the base image. What the steps write is theirs alone. Needs
Linux and root.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from tests.conftest import missing
from tests.deploy.dockerfile import ROOT, Stage, Step, environment, steps_of

SYSTEM = ("bin", "etc", "lib", "lib32", "lib64", "sbin", "usr", "proc", "dev")
"""What is seen of this machine."""

PYTHON = Path("/usr/bin/python3")
"""Debian's, since the base is a Debian too."""

PLAIN = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
"""The environment that a step begins with."""

IGNORED = shutil.ignore_patterns("__pycache__")

PASSED_ON = ("PIP_", "SSL_", "REQUESTS_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
"""How variables begin that tell a build how this machine reaches the packages."""


@dataclass(frozen=True, slots=True)
class Box:
    """One root, and what is mounted into it."""

    root: Path
    volumes: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """By where they are seen."""
    read_only: bool = False

    def command(self, words: Sequence[str], env: Mapping[str, str], user: str, folder: str) -> list[str]:
        """The command that runs these words in here, in mount and process spaces of their own."""
        inner = ["env", "-i", *(f"{name}={value}" for name, value in env.items()), *words]
        enter = ["chroot", f"--userspec={user}", str(self.root), "sh", "-c", 'cd "$0" && exec "$@"', folder, *inner]
        script = "\n".join(["set -e", *self._mounts(), 'exec "$@"'])
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh", *enter]

    def _mounts(self) -> list[str]:
        root = self.root
        mounts = [f"mount --bind {root} {root}"]
        for name in SYSTEM:
            if Path("/", name).is_dir():
                (root / name).mkdir(exist_ok=True)
                mounts.append(f"mount --rbind /{name} {root}/{name}")
        mounts += [f"mount -t tmpfs tmpfs {root}/usr/local", f"mkdir {root}/usr/local/bin"]
        mounts += [f"cp {PYTHON.resolve()} {root}/usr/local/bin/python"]  # where the base image has it
        (root / "tmp").mkdir(exist_ok=True)
        mounts.append(f"mount -t tmpfs -o mode=1777 tmpfs {root}/tmp")
        for seen, folder in self.volumes.items():
            where = root / seen.lstrip("/")
            where.mkdir(parents=True, exist_ok=True)
            folder.mkdir(parents=True, exist_ok=True)
            mounts.append(f"mount --bind {folder} {where}")
        if self.read_only:
            mounts.append(f"mount -o remount,bind,ro {root}")
        return mounts


@dataclass(frozen=True, slots=True)
class Image:
    """A stage that was built."""

    steps: Sequence[Step]
    root: Path
    env: Mapping[str, str]
    user: str
    folder: str

    def last(self, keyword: str) -> Step:
        """The one that counts, of those that replace each other."""
        return [step for step in self.steps if step.keyword == keyword][-1]

    def running(self, volume: Path, words: Sequence[str], env: Mapping[str, str]) -> list[str]:
        """The command that runs these words as compose would: only the volume and /tmp can be written."""
        box = Box(self.root, {self.last("VOLUME").value: volume}, read_only=True)
        return box.command(words, {**self.env, **env}, self.user, self.folder)


@dataclass(slots=True)
class Builder:
    """Builds stages under a folder, each once."""

    stages: Mapping[str, Stage]
    under: Path
    known: Collection[str] = ()
    """Packages that need not be fetched, because the Python that runs the tests has them: pip finds them there, and
    fetches those whose versions are others."""
    built: dict[str, Image] = field(default_factory=dict[str, Image])

    def build(self, name: str) -> Image:
        """The stage and whatever it needs. Raises `CalledProcessError` when a step fails."""
        if name not in self.built:
            root = self.under / name
            root.mkdir(parents=True)
            env, user, folder = dict(PLAIN), "0:0", "/"
            steps = steps_of(self.stages, name)
            for step in steps:
                env = environment([step], env)
                where = root / folder.lstrip("/")
                match step.keyword:
                    case "WORKDIR":
                        folder = step.value
                        (root / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
                    case "USER":
                        user = step.value
                    case "COPY" if "from" in step.flags:
                        source, target = step.words()
                        origin = self.build(step.flags["from"]).root
                        _copy(origin / source.lstrip("/"), root / target.lstrip("/"), linked=True)
                    case "COPY":
                        *sources, target = step.words()
                        for source in sources:
                            _copy(ROOT / source, where / target / (Path(source).name if len(sources) > 1 else ""))
                    case "RUN":
                        self._run(root, step.value, step.flags, env, folder)
                    case _:
                        pass
            self.built[name] = Image(steps, root, env, user, folder)
        return self.built[name]

    def _run(self, root: Path, script: str, flags: Mapping[str, str], env: Mapping[str, str], folder: str) -> None:
        caches = {"/root/.cache/pip": _pip_cache()} if "mount" in flags else {}
        passed = {name: value for name, value in os.environ.items() if name.upper().startswith(PASSED_ON)}
        passed.pop("PIP_FIND_LINKS", None)  # a folder that is not seen in there
        words = Box(root, caches).command(["sh", "-ec", script], {**passed, **env}, "0:0", folder)
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        if found := re.fullmatch(r"python -m venv (\S+)", script):
            self._seed(next(Path(root, found[1].lstrip("/")).glob("lib/python3*/site-packages")))

    def _seed(self, packages: Path) -> None:
        if packages.parent.name != f"python3.{sys.version_info.minor}":
            return
        for name in self.known:
            with suppress(PackageNotFoundError):
                for file in distribution(name).files or ():
                    target = packages / file
                    if ".." not in file.parts and not target.exists():
                        target.parent.mkdir(parents=True, exist_ok=True)
                        _linked(str(file.locate()), str(target))


def can_be_built() -> None:
    """Whether this machine can; else the test is skipped, or in CI fails."""
    trying = ["unshare", "--mount", "--pid", "--fork", "true"]
    if not shutil.which("unshare") or subprocess.run(trying, capture_output=True, check=False).returncode:
        missing("a mount namespace", "run the tests as root on Linux")
    if not PYTHON.exists() or subprocess.run([PYTHON, "-c", "import ensurepip"], check=False).returncode:
        missing("Debian's Python", "apt install python3-venv")


def _pip_cache() -> Path:
    asking = [sys.executable, "-m", "pip", "cache", "dir"]
    return Path(subprocess.run(asking, capture_output=True, text=True, check=True).stdout.strip())


def _copy(source: Path, target: Path, *, linked: bool = False) -> None:
    if source.is_dir():
        copy, ignored = (_linked, None) if linked else (shutil.copy2, IGNORED)
        shutil.copytree(source, target, symlinks=True, ignore=ignored, copy_function=copy, dirs_exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _linked(source: str, target: str) -> None:
    """A second name for a file that nobody writes to; on another disk a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
