"""The project's pages, as tests read them."""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Page:
    """One Markdown file."""

    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    def blocks(self, *languages: str) -> list[str]:
        """The fenced code of these languages."""
        named = "|".join(languages)
        return re.findall(rf"^```(?:{named})\n(.*?)^```", self.text, re.MULTILINE | re.DOTALL)

    def lines(self) -> Iterator[list[str]]:
        """Every command a reader is to type, split as a shell would, without its variables; and those in the text."""
        spans = re.findall(r"`((?:[A-Z_]+=\S+ )*(?:antiphon|docker|make|python|pip) [^`]+)`", self.text)
        for block in [*self.blocks("sh"), *spans]:
            for line in block.replace("\\\n", " ").splitlines():
                words = shlex.split(line.split(" #")[0].rstrip(" &"))
                yield words[next((at for at, word in enumerate(words) if "=" not in word), 0) :]

    def commands(self, program: str) -> Iterator[list[str]]:
        """What follows the name of this program, each time."""
        return (words[1:] for words in self.lines() if words[:1] == [program])

    def links(self) -> Sequence[str]:
        """Where its links lead within the project."""
        return sorted(set(re.findall(r"\]\((?!https?:)([^)]+)\)", self.text)))

    def headings(self) -> list[str]:
        """All of them, the title as well."""
        prose = re.sub(r"^```.*?^```", "", self.text, flags=re.MULTILINE | re.DOTALL)
        return re.findall(r"^#+ (.+)$", prose, re.MULTILINE)


README = Page(ROOT / "README.md")
CHINESE = Page(ROOT / "README.zh-CN.md")
PAGES = [README, CHINESE, *map(Page, sorted((ROOT / "docs").glob("*.md")))]
