"""What all pages say is true: their links, commands, settings, files and profiles; and the two READMEs say the same."""

import re
import tomllib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.context.personas import personas
from pipeline.llm.rollout import read_rollout
from server.__main__ import COMMANDS, parser_for
from server.settings import known_settings, read_settings
from server.settings_page import page
from tests.deploy.test_compose import SERVICES
from tests.pages import CHINESE, PAGES, README, ROOT, Page

MADE_ELSEWHERE = {"docs/settings.md": page}
"""Pages that are made from the code."""

FOLDERS = "pipeline|server|client|models|tests|deploy|docs|requirements"

OTHERS = {"ANTIPHON_KEY", "ANTIPHON_LIVE"}
"""Variables of ours that are no settings: the client's key, and what turns tests on that take long."""


def named(page: Page) -> str:
    return str(page)


def slug(heading: str) -> str:
    """The anchor that GitHub gives it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Page) -> None:
    for link in page.links():
        path, _, anchor = link.partition("#")
        target = page.path.parent / path if path else page.path
        assert target.exists(), link
        assert not anchor or anchor in map(slug, Page(target).headings()), link


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_are_understood(page: Page) -> None:
    for words in page.commands("antiphon"):
        assert words[0] in COMMANDS
        if len(words) > 1:  # else it is only mentioned
            parser_for(words).parse_args(words)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_make_knows_what_is_made(page: Page) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert {words[0] for words in page.commands("make")} <= set(targets)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_modules_that_are_run_are_there(page: Page) -> None:
    for words in page.commands("python"):
        if words[0] == "-m":
            assert (ROOT / words[1].replace(".", "/")).with_suffix(".py").exists()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_compose_has_these_profiles_and_services(page: Page) -> None:
    for words in page.commands("docker"):
        if words[0] == "compose":
            profiles, services = asked_of_compose(words[1:])
            there = {profile for one in SERVICES.values() for profile in one.get("profiles", ())}
            at_hand = {name for name, one in SERVICES.items() if set(profiles) & set(one.get("profiles", profiles))}
            assert set(profiles) <= there
            assert set(services) <= at_hand


def asked_of_compose(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Which profiles, and which services."""
    profiles = [word for before, word in pairwise(words) if before == "--profile"]
    rest = [word for word in words if word not in {"--profile", *profiles}]
    return profiles, [word for word in rest[1:] if not word.startswith("-")]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_variables_are_settings(page: Page) -> None:
    known = {one.variable for one in known_settings()} | OTHERS
    assert set(re.findall(r"\bANTIPHON_[A-Z_]+\b", page.text)) <= known


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_files_that_are_named_are_there(page: Page) -> None:
    for span in re.findall(r"`([^`\n]+)`", page.text):
        if re.fullmatch(rf"(?:{FOLDERS})/[\w./-]+", span) and span != "deploy/antiphon.env":
            assert (ROOT / span).exists(), span


@pytest.mark.parametrize("path", MADE_ELSEWHERE)
def test_a_page_that_is_made_is_as_it_would_be_made_now(path: str) -> None:
    assert (ROOT / path).read_text("utf-8") == MADE_ELSEWHERE[path](), "run: make docs"


def test_the_personas_of_the_page_of_settings_are_some() -> None:
    [example] = [block for block in Page(ROOT / "docs/settings.md").blocks("toml") if "[personas]" in block]
    assert personas(tomllib.loads(example)["personas"]).keys() >= {"pirate", "nurse"}


def test_the_examples_of_the_page_of_models_are_settings(tmp_path: Path) -> None:
    for block in Page(ROOT / "docs/models.md").blocks("toml"):
        path = tmp_path / "antiphon.toml"
        path.write_text(block)
        chosen = read_settings({"config": path}, {})
        read_rollout(chosen.rollout, ["large"], chosen.personas)


def test_every_page_is_in_the_list_of_pages() -> None:
    index = Page(ROOT / "docs" / "README.md")
    assert {one.path.name for one in PAGES if one.path.parent.name == "docs"} - {"README.md"} <= set(index.links())


# The two READMEs


def code(page: Page) -> list[str]:
    """What is typed or copied, without what is said about it."""
    return [re.sub(r" *# .*$", "", block, flags=re.MULTILINE) for block in page.blocks("sh", "python", "toml", "json")]


def numbers(page: Page) -> list[list[str]]:
    """In the rows of its tables."""
    rows = [line for line in page.text.splitlines() if line.startswith("| ")]
    return [re.findall(r"\d+(?:\.\d+)?", row) for row in rows]


def test_the_readmes_have_the_same_sections() -> None:
    assert len(CHINESE.headings()) == len(README.headings())
    assert all(re.search(r"[\u4e00-\u9fff]|Antiphon", heading) for heading in CHINESE.headings())


def test_the_readmes_have_the_same_code() -> None:
    assert code(CHINESE) == code(README)


def test_the_readmes_have_the_same_figures() -> None:
    english = [sorted(row) for row in numbers(README)]
    assert [sorted(set(row) - {"11"}) for row in numbers(CHINESE)] == [sorted(set(row)) for row in english]


def test_the_readmes_lead_to_each_other_and_to_the_same_pages() -> None:
    assert set(README.links()) - {"README.zh-CN.md"} == set(CHINESE.links()) - {"README.md"}
    assert "README.md" in CHINESE.links()
