"""Whisper weights: which there are, which are here, how to get the rest; and `antiphon models` for a terminal."""

import argparse
import hashlib
import json
import queue
import sys
import threading
import tomllib
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ANSWERS_WITHIN = 2.0
"""Seconds that the hub has to show that it can be reached at all."""

NEEDED = ("config.json", "model.bin", "tokenizer.json")
"""Files without which weights are not complete; beside them there is a vocabulary."""

TELL_EVERY = 5.0
"""Seconds between two lines about a download, where nobody watches a bar."""

_PATTERNS = [*NEEDED, "preprocessor_config.json", "vocabulary.*"]


class FetchError(Exception):
    """Weights could not be fetched. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Size:
    """One of the Whisper models."""

    repository: str
    megabytes: int
    """10**6 bytes to download, roughly."""
    languages: Sequence[str]
    """ISO 639-1 codes; empty for all that Whisper knows."""


def _read_sizes() -> Mapping[str, Size]:
    with Path(__file__).with_name("whisper.toml").open("rb") as table:
        return {name: Size(**row) for name, row in tomllib.load(table).items()}


SIZES: Mapping[str, Size] = _read_sizes()
"""By name: "small", "tiny.en", ..."""


def find(size: str) -> Path | None:
    """The folder of these weights in the hub's cache (below HF_HOME), if they are complete. Asks no network."""
    from huggingface_hub.errors import LocalEntryNotFoundError  # noqa: PLC0415

    try:
        folder = _snapshot(SIZES[size].repository, local_files_only=True)
    except LocalEntryNotFoundError:
        return None
    return folder if _complete(folder) else None


def fetch(size: str) -> Path:
    """Downloads what is missing of these weights, and checks each file against the hub's listing.

    Tells on stderr how far it is: with a bar in a terminal, else in lines. Blocking. Takes up where an earlier download
    was cut off. Raises `FetchError`.
    """
    if size not in SIZES:
        raise FetchError(f"no Whisper size {size!r}; choose one of {', '.join(SIZES)}")
    if folder := find(size):
        return folder
    repository = SIZES[size].repository
    listing = _within(ANSWERS_WITHIN, lambda: _listing(repository))
    with _telling(size):
        folder = _download(repository)
    for file in listing:
        _check(folder, file)
    if not _complete(folder):
        raise FetchError(f"{repository} lacks one of {', '.join(NEEDED)}; these are not CTranslate2 weights")
    return folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The `models` command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="Whisper sizes, and which of them are here")
    fetching = actions.add_parser("fetch", help="download the weights of a size")
    fetching.add_argument("size", choices=SIZES, metavar="SIZE", help=", ".join(SIZES))
    for action in (listing, fetching):
        action.add_argument("--json", action="store_true", help="answer in JSON, on stdout")


def run(arguments: argparse.Namespace) -> int:
    """Carries the `models` command out; the exit status."""
    if arguments.action == "list":
        return _print_sizes(arguments.json)
    try:
        folder = fetch(arguments.size)
    except FetchError as error:
        answer, line, status = {"size": arguments.size, "error": str(error)}, f"error: {error}", 1
    else:
        answer, line, status = {"size": arguments.size, "path": str(folder)}, str(folder), 0
    out = sys.stderr if status and not arguments.json else sys.stdout
    out.write((json.dumps(answer) if arguments.json else line) + "\n")
    return status


def _print_sizes(as_json: bool) -> int:
    found = {name: find(name) for name in SIZES}
    if as_json:
        rows = [{"size": n, **asdict(s), "path": found[n] and str(found[n])} for n, s in SIZES.items()]
        sys.stdout.write(json.dumps(rows) + "\n")
        return 0
    for name, size in SIZES.items():
        languages = " ".join(size.languages) or "99 languages"
        sys.stdout.write(f"{name:16} {size.megabytes:5} MB  {languages:13} {found[name] or '-'}\n")
    return 0


@dataclass(frozen=True, slots=True)
class _Listed:
    """A file as the hub describes it."""

    name: str
    size: int
    sha256: str
    """Empty for the small files, whose content is not hashed so."""


def _listing(repository: str) -> Sequence[_Listed]:
    from huggingface_hub import HfApi  # noqa: PLC0415
    from huggingface_hub.utils import filter_repo_objects  # noqa: PLC0415

    siblings = HfApi().model_info(repository, files_metadata=True, timeout=ANSWERS_WITHIN).siblings or []
    files = filter_repo_objects(siblings, allow_patterns=_PATTERNS, key=lambda file: file.rfilename)
    return [_Listed(file.rfilename, file.size or 0, file.lfs.sha256 if file.lfs else "") for file in files]


def _download(repository: str) -> Path:
    from httpx2 import HTTPError  # noqa: PLC0415
    from huggingface_hub.errors import XetDownloadError  # noqa: PLC0415

    try:
        return _snapshot(repository, local_files_only=False)
    except (HTTPError, OSError, XetDownloadError) as error:
        raise FetchError(f"the download of {repository} broke off ({_line(error)}); run it again to go on") from error


@contextmanager
def _telling(size: str) -> Generator[None]:
    """Say how far a download is, in lines where stderr is no terminal: a log shows a bar when it is over."""
    if sys.stderr.isatty():
        yield
        return
    from huggingface_hub.constants import HF_HUB_CACHE  # noqa: PLC0415
    from huggingface_hub.utils import disable_progress_bars  # noqa: PLC0415

    disable_progress_bars()
    blobs = Path(HF_HUB_CACHE, f"models--{SIZES[size].repository.replace('/', '--')}", "blobs")
    done = threading.Event()
    teller = threading.Thread(target=_tell, args=(size, blobs, done), daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _tell(size: str, blobs: Path, done: threading.Event) -> None:
    sys.stderr.write(f"fetching Whisper {size}, {SIZES[size].megabytes} MB, into {blobs.parent}\n")
    while not done.wait(TELL_EVERY):
        there = sum(file.stat().st_size for file in blobs.glob("*")) // 10**6
        sys.stderr.write(f"Whisper {size}: {there} of {SIZES[size].megabytes} MB\n")


def _snapshot(repository: str, *, local_files_only: bool) -> Path:
    from huggingface_hub import snapshot_download  # noqa: PLC0415  # pyright: ignore[reportUnknownVariableType]

    return Path(snapshot_download(repository, local_files_only=local_files_only, allow_patterns=_PATTERNS))


def _check(folder: Path, file: _Listed) -> None:
    """Removes a file that is not what the hub promised, so that the next download fetches it anew."""
    path = folder / file.name
    size = path.stat().st_size if path.exists() else 0
    if size == file.size and (not file.sha256 or _sha256(path) == file.sha256):
        return
    path.resolve().unlink(missing_ok=True)
    path.unlink(missing_ok=True)
    raise FetchError(f"{file.name} arrived damaged ({size} of {file.size} bytes) and was removed; run it again")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _complete(folder: Path) -> bool:
    return all((folder / name).exists() for name in NEEDED) and any(folder.glob("vocabulary.*"))


def _within(seconds: float, ask: Callable[[], Sequence[_Listed]]) -> Sequence[_Listed]:
    """The hub's answer. Asked on a thread that may be left behind: looking up a name cannot be given a time limit."""
    answers: queue.Queue[Any] = queue.Queue(1)

    def answer() -> None:
        try:
            answers.put(ask())
        except Exception as error:  # noqa: BLE001 - it is raised below, where somebody listens
            answers.put(error)

    threading.Thread(target=answer, daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except queue.Empty:
        found = TimeoutError(f"no answer within {seconds:g} s")
    if isinstance(found, Exception):
        raise FetchError(f"the model hub does not help ({_line(found)}); check the network and HF_ENDPOINT") from found
    return found


def _line(error: Exception) -> str:
    """The first line of what an error says."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__
