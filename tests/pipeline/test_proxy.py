"""Which proxy the environment wants, as its variables are commonly read."""

import pytest

from pipeline.proxy import proxy_for

PROXY = {"http_proxy": "http://one:3128", "https_proxy": "two:3128", "all_proxy": "http://three:3128"}


@pytest.mark.parametrize(
    ("variables", "url", "proxy"),
    [
        ({}, "http://example.org/v1", None),
        (PROXY, "http://example.org/v1", "http://one:3128"),
        (PROXY, "https://example.org/v1", "http://two:3128"),
        ({"all_proxy": "http://three:3128"}, "https://example.org/v1", "http://three:3128"),
        ({**PROXY, "no_proxy": "*"}, "http://example.org/v1", None),
        ({**PROXY, "no_proxy": "example.org"}, "http://me:secret@speech.example.org:8000/v1", None),
        ({**PROXY, "no_proxy": "example.org"}, "http://example.com/v1", "http://one:3128"),
        ({**PROXY, "no_proxy": "localhost, 10.0.0.0/8"}, "http://10.1.2.3:8000/v1", None),
        ({**PROXY, "no_proxy": "localhost, 10.0.0.0/8"}, "http://11.1.2.3:8000/v1", "http://one:3128"),
        ({**PROXY, "no_proxy": "::1"}, "http://[::1]:8000/v1", None),
    ],
)
def test_the_environment_names_the_proxy(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str, proxy: str | None
) -> None:
    for name in (*PROXY, "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(url) == proxy
