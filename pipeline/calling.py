"""The functions an answer calls, one after the other: from the model's pieces to what the listener is told."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.engines import CallPiece, ToolCall
from pipeline.events import CallBegan, CallGrew, CallMade, Event
from pipeline.ids import new_id


@dataclass(slots=True)
class Calling:
    """One answer's calls."""

    turn: str
    say: Callable[[Event], None]
    calls: int = 0
    """How many have begun."""
    _entry: str = ""
    _call: ToolCall | None = None
    """The one that is being made."""

    def take(self, piece: CallPiece) -> None:
        """The next piece of a call; the first of another one ends the one before."""
        if piece.number >= self.calls:
            self.finish()
            self.calls = piece.number + 1
            # An id of our own: models count theirs anew in each answer, and clients take the same id for the same call.
            self._entry, self._call = new_id("item"), ToolCall(new_id("call"), piece.name, "")
            self.say(CallBegan(self.turn, self._entry, self._call.id, piece.name))
        if self._call and piece.arguments:
            self._call = ToolCall(self._call.id, self._call.name, self._call.arguments + piece.arguments)
            self.say(CallGrew(self.turn, self._entry, piece.arguments))

    def finish(self) -> None:
        """The call under way, if there is one, is complete."""
        call, self._call = self._call, None
        if call:
            self.say(CallMade(self.turn, self._entry, ToolCall(call.id, call.name, call.arguments or "{}")))
