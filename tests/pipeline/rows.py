"""Rows of a catalogue, made up for tests."""

from dataclasses import replace

from pipeline.llm.catalog import Model

SMALL = Model("small", "http://127.0.0.1:8001/v1", "s", 0.001, 0.002, 4096, 0.72, 150.0, 275.0, 100.0)
LARGE = replace(SMALL, name="large", price_in=0.03, quality=0.86, first_token_p50_ms=300.0, first_token_p90_ms=550.0)
LONG = replace(
    SMALL, name="long", price_in=0.06, window=100_000, quality=0.88, first_token_p50_ms=700.0, first_token_p90_ms=1400.0
)
