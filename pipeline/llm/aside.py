"""What a model thinks to itself before it speaks, where its server leaves that among the words."""

from dataclasses import dataclass

OPENING = ("<think>", "<thinking>", "<thought>", "<reasoning>")
"""How thoughts begin; the same with a slash ends them."""


@dataclass(slots=True)
class Aside:
    """Takes thoughts, and the space around them, from the beginning of an answer as it streams in."""

    _held: str = ""
    """What may be the beginning or the end of thoughts."""
    _closing: str = ""
    """What ends the thoughts under way; empty when there are none."""
    _speaks: bool = False
    """Whether the first word has been said: whatever comes now is for others."""

    def without(self, words: str) -> str:
        """What of the next words is for others to hear."""
        if self._speaks:
            return words
        self._held += words
        while True:
            if self._closing:
                thought, closed, rest = self._held.partition(self._closing)
                if not closed:
                    self._held = thought[-len(self._closing) :]
                    return ""
                self._held, self._closing = rest, ""
            said = self._held.lstrip()
            opened = next((tag for tag in OPENING if said.startswith(tag)), "")
            if opened:
                self._held, self._closing = said.removeprefix(opened), opened.replace("<", "</")
            elif any(tag.startswith(said) for tag in OPENING):
                return ""
            else:
                self._speaks = True
                return said
