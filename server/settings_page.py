"""docs/settings.md, made from the settings themselves: `python -m server.settings_page > docs/settings.md`."""

import sys
import textwrap
from collections.abc import Iterator, Mapping
from typing import get_type_hints

from server.settings import Known, Settings, known_settings

HEAD = """# Settings

A setting is looked for on the command line, then among the variables of the environment, then in `antiphon.toml` (in
this folder, else in `~/.config/antiphon`; `--config FILE` names another), and has its default otherwise. An empty
variable counts as not set. What is wrong is said in one line, with the value and where it stands, and nothing starts.

```toml
[server]
port = 9000
[asr]
language = "en"
```

is the same as `antiphon serve --port 9000 --asr-language en`, and as the variables `ANTIPHON_PORT=9000` and
`ANTIPHON_ASR_LANGUAGE=en`. Keys belong in the environment or the file: other users can read a command line.

Read as well: `OPENAI_API_KEY` and, with it, `OPENAI_BASE_URL` (not in a shell where that names Antiphon itself);
`HF_ENDPOINT` and `HF_HOME` (where Whisper's weights come from and go to); `TIKTOKEN_CACHE_DIR` (tokenizers; without
them tokens are estimated).

This page is made by `make docs`.
"""

PERSONAS = """
## [personas]

Who answers, in the file alone: a name and what it is told, or a table with a `prompt` and, if wanted, a `voice`, a
`language`, a `temperature` and a `greeting`.

```toml
[personas]
pirate = "You are a pirate. Every answer has a joke about the sea."
[personas.nurse]
prompt = "You are a calm night nurse."
greeting = "How are you feeling?"
```
"""

ROLLOUT = """
## [rollout]

Who gets which model, prompt or persona, in the file alone: see [what models may cost](models.md#who-gets-what).
"""

TABLE = "| setting | flag | variable | default | |\n|---|---|---|---|---|\n"

LONGEST = 40
"""Characters of a default that a table has room for; a longer one follows it."""


def page() -> str:
    """All of it, as Markdown."""
    purposes = {name: what.__doc__ or "" for name, what in get_type_hints(Settings).items()}
    sections = dict.fromkeys(one.section for one in known_settings())
    return HEAD + "".join(_section(name, purposes[name]) for name in sections) + PERSONAS + ROLLOUT


def _section(name: str, purpose: str) -> str:
    settings = [one for one in known_settings() if one.section == name]
    rows = "".join(f"| {' | '.join(_cells(one))} |\n" for one in settings)
    return f"\n## [{name}]\n\n{purpose.splitlines()[0]}\n\n{TABLE}{rows}" + "".join(_long_defaults(settings))


def _cells(one: Known) -> Iterator[str]:
    yield f"`{one.dotted}`"
    yield f"`{one.flag}`"
    yield f"`{one.variable}`"
    yield _default(one)
    yield _meaning(one).replace("|", r"\|")


def _default(one: Known) -> str:
    if one.default is None:
        return ""
    shown = YES_NO[one.default] if one.kind is bool else f"{one.default:g}" if one.kind is float else str(one.default)
    return f"`{shown}`" if 0 < len(shown) <= LONGEST else "below" if shown else ""


def _meaning(one: Known) -> str:
    choices = ", ".join(f"`{choice}`" for choice in one.metadata["choices"])
    least = f"at least {one.metadata['least']:g}" if one.metadata["least"] else ""
    return "; ".join(filter(None, (one.metadata["help"], choices and f"one of {choices}", least)))


def _long_defaults(settings: list[Known]) -> Iterator[str]:
    for one in settings:
        if len(text := str(one.default)) > LONGEST:
            yield f"\n`{one.dotted}` by default:\n\n```text\n{textwrap.fill(text, 120)}\n```\n"


YES_NO: Mapping[bool, str] = {True: "yes", False: "no"}

if __name__ == "__main__":
    sys.stdout.write(page())
