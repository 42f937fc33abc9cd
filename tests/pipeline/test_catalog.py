"""The table of models: what is read, and what each mistake in it is called."""

from pathlib import Path

import pytest

import models
from pipeline.errors import ConfigError
from pipeline.llm.catalog import read_catalog

ROW = """
[[model]]
name = "small"
url = "http://127.0.0.1:8000/v1"
model = "qwen3:4b"
price_in = 0.0015
price_out = 0.002
window = 4096
quality = 0.72
first_token_p50_ms = 350
first_token_p90_ms = 850
tokens_per_second = 80
"""


def catalog(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "catalog.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("name", ["catalog.toml", "catalog_modern.toml"])
def test_our_own_tables_are_right(name: str) -> None:
    rows = read_catalog(Path(models.__file__).with_name(name))
    assert [row.name for row in rows] == ["small", "large", "large-long"]
    assert [row.quality for row in rows] == [0.72, 0.86, 0.88]


def test_a_row_may_leave_out_what_has_a_default(tmp_path: Path) -> None:
    (row,) = read_catalog(catalog(tmp_path, ROW))
    assert (row.tier, row.tools, row.tokenizer, row.requests_per_minute, row.key_env) == ("normal", True, "", 0, "")
    assert row.price(1000, 500) == pytest.approx(0.0025)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('model = "qwen3:4b"\n', ""), "row 1 (small): model is missing"),
        (("price_in = 0.0015\n", ""), "row 1 (small): price_in is missing"),
        (("window = 4096\n", ""), "row 1 (small): window is missing"),
        (("price_in = 0.0015", "price_in = -1"), "row 1 (small): price_in is -1; it must be at least 0"),
        (("price_out = 0.002", "price_out = nan"), "row 1 (small): price_out is nan; it must be at least 0"),
        (("window = 4096", "window = 0"), "row 1 (small): window is 0; it must be at least 1"),
        (("window = 4096", "window = 40.5"), "row 1 (small): window is 40.5; it must be a whole number"),
        (("quality = 0.72", "quality = 72"), "row 1 (small): quality is 72; it must be at least 0 and at most 1"),
        (("quality = 0.72", "quality = true"), "row 1 (small): quality is True; it must be a number"),
        (("name = ", 'tokenizer = "gpt5"\nname = '), "row 1 (small): tokenizer is 'gpt5'; choose one of"),
        (("name = ", 'tier = "gold"\nname = '), "row 1 (small): tier is 'gold'; it must be normal or vip"),
        (("name = ", 'tools = "yes"\nname = '), "row 1 (small): tools is 'yes'; it must be true or false"),
        (("name = ", 'colour = "red"\nname = '), "row 1 (small): there is no field 'colour'; there are"),
        (('name = "small"', 'name = " "'), "name is empty"),
        (("http://", "ftp://"), "row 1 (small): url is 'ftp://127.0.0.1:8000/v1'; write it like http://"),
        (("_p90_ms = 850", "_p90_ms = 300"), "first_token_p90_ms is 300, below first_token_p50_ms, which is 350"),
        (("[[model]]", "[[models]]"), "must have [[model]] rows, at least one, and nothing else"),
        (("window = 4096", "window ="), "is not valid TOML"),
    ],
)
def test_a_wrong_row_is_named_with_its_field(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        read_catalog(catalog(tmp_path, ROW.replace(*change)))
    assert message in str(error.value)


@pytest.mark.parametrize("text", ["", "model = 3", "model = []", "model = [3]"])
def test_a_table_without_rows_is_none(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"\[\[model\]\]"):
        read_catalog(catalog(tmp_path, text))


def test_two_rows_of_a_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="rows 1 and 2 are both named 'small'; rename one of them"):
        read_catalog(catalog(tmp_path, ROW + ROW))


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read .*nowhere\.toml: No such file"):
        read_catalog(tmp_path / "nowhere.toml")
