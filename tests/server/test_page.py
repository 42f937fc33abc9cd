"""The page as browsers get it: every file with its type, nothing else, and nothing twice."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Generator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

import httpx2
import pytest

from server.house import House
from server.page import FOLDER, GUARDED, TYPES
from tests.server.houses import next_door

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]

FILES = sorted(file.relative_to(FOLDER).as_posix() for file in FOLDER.rglob("*") if file.suffix in TYPES)


@pytest.fixture(scope="module")
def house() -> Generator[House]:
    with next_door({"server.keys": "sesame"}) as house:
        yield house


@pytest.fixture
def client(house: House) -> Generator[httpx2.Client]:
    with httpx2.Client(base_url=house.url, trust_env=False) as client:
        yield client


def test_the_page_needs_no_key_but_what_it_talks_to_does(client: httpx2.Client) -> None:
    page = client.get("/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.content == (FOLDER / "index.html").read_bytes() == client.get("/index.html?any=query").content
    assert client.get("/v1/models").status_code == 401
    assert client.get("/v1/nothing").json()["error"]["type"] == "invalid_request_error"
    assert client.get("/healthz").json()["status"] == "ready"


def test_every_file_of_the_page_is_served_as_what_it_is(client: httpx2.Client) -> None:
    assert {"index.html", "js/app.js", "worklets/capture.js", "favicon.svg", "css/base.css"} <= set(FILES)
    for path in FILES:
        answer = client.get(f"/{path}")
        assert answer.content == (FOLDER / path).read_bytes()
        assert answer.headers["content-type"] == TYPES[Path(path).suffix]


def test_all_that_a_browser_gets_comes_with_the_same_strict_rules(client: httpx2.Client) -> None:
    tag = client.get("/").headers["etag"]
    for answer in (client.get("/"), client.get("/nothing"), client.get("/", headers={"if-none-match": tag})):
        assert {name: answer.headers[name] for name in GUARDED} == GUARDED
    assert "script-src 'self';" in GUARDED["content-security-policy"]
    assert "unsafe" not in GUARDED["content-security-policy"]


def test_no_answer_waits_for_the_one_before_to_be_acknowledged(client: httpx2.Client) -> None:
    took = median(client.get("/favicon.svg").elapsed.total_seconds() for _ in range(20))
    assert took < 0.03  # 0.044 with Nagle's algorithm


@pytest.mark.parametrize("known", ["{tag}", "W/{tag}", '"other", {tag}', '"a" ,W/{tag} , "b"'])
def test_what_a_browser_has_already_is_not_sent_again(client: httpx2.Client, known: str) -> None:
    first = client.get("/js/app.js")
    tag = first.headers["etag"]
    again = client.get("/js/app.js", headers={"if-none-match": known.format(tag=tag)})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert first.headers["cache-control"] == again.headers["cache-control"] == "no-cache"


def test_a_changed_file_is_sent_anew(client: httpx2.Client) -> None:
    other = client.get("/index.html").headers["etag"]
    for known in (other, f"x{other}", ""):
        assert client.get("/js/app.js", headers={"if-none-match": known}).status_code == 200


def test_one_may_ask_how_long_a_file_is(client: httpx2.Client) -> None:
    head, whole = client.head("/js/app.js"), client.get("/js/app.js")
    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(whole.headers)
    assert client.head("/nothing").status_code == 404
    assert client.post("/js/app.js").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/nothing.html",
        "/js",
        "/js/",
        "/js/app.js/",
        "/js/app.js/more.js",
        "//js/app.js",
        "/./js/app.js",
        "/js/../index.html",
        "/../__init__.py",
        "/../../pyproject.toml",
        "/%2e%2e/%2e%2e/README.md",
        "/..%2f..%2fclient%2fweb%2findex.html",
        "/..%5cweb%5cindex.html",
        "/js%5capp.js",
        "/%2fetc%2fpasswd",
        "/js/app.js%00.html",
        "/js/app%00.js",
        "/%ff.html",
        "/package.json",
        "/tsconfig.json",
        "/worklets/scope.d.ts",
        "/.html",
        f"/{'a' * 300}.html",
    ],
)
def test_nothing_else_is_there(house: House, path: str) -> None:
    with closing(HTTPConnection(house.url.removeprefix("http://"))) as connection:
        connection.request("GET", path)  # as it stands: other clients resolve the dots themselves
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (404, b"Not Found\n")


def test_the_page_is_in_the_wheel_and_found_there(tmp_path: Path) -> None:
    source, installed = tmp_path / "source", tmp_path / "installed"
    for package in ("pipeline", "server", "client", "models"):
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source)
    wheel = "from setuptools import build_meta; build_meta.build_wheel('.')"
    subprocess.run([sys.executable, "-c", wheel], cwd=source, check=True, capture_output=True)
    zipfile.ZipFile(next(source.glob("*.whl"))).extractall(installed)
    where = subprocess.run(
        [sys.executable, "-P", "-c", "from server.page import FOLDER; print(FOLDER)"],
        env=os.environ | {"PYTHONPATH": str(installed)},
        check=True,
        capture_output=True,
        text=True,
    )
    found = Path(where.stdout.strip())
    assert found.is_relative_to(installed)
    assert sorted(one.relative_to(found).as_posix() for one in found.rglob("*") if one.suffix in TYPES) == FILES
