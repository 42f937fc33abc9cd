"""Who the assistant is in a session: as usual, or one of the personas of the settings, as the wire names them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from pipeline.context.personas import Persona
from pipeline.errors import ProtocolError
from pipeline.manner import Manner
from server.realtime.checks import Json, as_object, as_text
from server.realtime.config import new_session, updated

PARAM = "session.antiphon.persona"


@dataclass(frozen=True, slots=True)
class Roles:
    """What sessions may be like here."""

    usual: Manner
    personas: Mapping[str, Persona] = field(default_factory=dict[str, Persona])

    def base(self, session: Json) -> Manner:
        """What holds wherever a session's configuration says nothing."""
        persona = self.of(session)
        return persona.manner(self.usual) if persona else self.usual

    def of(self, session: Json) -> Persona | None:
        """Who it is in this session; None as usual, or where the settings have that persona no more."""
        ours: Json = session.get("antiphon") or {}
        return self.personas.get(ours.get("persona") or "")

    def taken_on(self, session: Json, name: str) -> Json:
        """The session as that persona, or with an empty name as usual: all that a persona may decide is as it says.

        Raises `ProtocolError` that tells which there are.
        """
        if name and name not in self.personas:
            there = f"choose one of {sorted(self.personas)}" if self.personas else "the server's settings have none"
            raise ProtocolError(f"there is no persona {name!r}; {there}", code="invalid_value", param=PARAM)
        changed: Json = {
            **orjson.loads(orjson.dumps(session)),
            "antiphon": {**(session.get("antiphon") or {}), "persona": name or None},
        }
        fresh = new_session(self.base(changed), session["model"])
        changed["instructions"] = fresh["instructions"]
        changed["audio"]["output"]["voice"] = fresh["audio"]["output"]["voice"]
        if transcription := changed["audio"]["input"]["transcription"]:
            transcription["language"] = fresh["audio"]["input"]["transcription"]["language"]
        return changed

    def updated(self, session: Json, changes: object) -> Json:
        """The session with the client's changes, of which the persona comes first. Raises `ProtocolError`."""
        given = as_object(changes, "session")
        ours = as_object(given.get("antiphon") or {}, "session.antiphon")
        if "persona" in ours:
            session = self.taken_on(session, as_text(ours["persona"] or "", PARAM))
        rest = {name: value for name, value in ours.items() if name != "persona"}
        return updated(session, {**given, "antiphon": rest} if "antiphon" in given else given)

    def listed(self) -> list[Json]:
        """The personas, for those who want to choose one; what they are told to be is nobody's business."""
        return [
            {
                "id": one.name,
                "object": "persona",
                "voice": one.voice or None,
                "language": one.language or None,
                "greeting": one.greeting or None,
            }
            for one in self.personas.values()
        ]
