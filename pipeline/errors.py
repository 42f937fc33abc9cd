"""What can go wrong, and who hears of it.

AntiphonError
├── EngineError     this turn's engine failed: the next in line takes over, else the user hears an apology
│   ├── SpeechCutError   a voice broke off in mid-clause; carries what is left to say
│   ├── RefusedError     this request is refused, the engine is well: the next in line takes over, nobody rests
│   └── LimitedError     asked too often: the next in line takes over, and this one is left alone for as long as it says
├── ConfigError     the program does not start: one line naming the wrong value
└── ProtocolError   the client sent something wrong: an `error` event, the connection lives
"""

from pipeline.words import mended


class AntiphonError(Exception):
    """Anything this project raises on purpose."""


class EngineError(AntiphonError):
    """An engine is missing, late or broken. The message says which, why, and what to do about it."""

    def __init__(self, message: str) -> None:
        super().__init__(mended(message)[0])  # servers quote half characters, which no file and no wire can hold


class SpeechCutError(EngineError):
    """A voice stopped before the clause was done."""

    def __init__(self, message: str, rest: str) -> None:
        super().__init__(message)
        self.rest = rest
        """The part of the clause that was not spoken."""


class RefusedError(EngineError):
    """An engine will not do what it was asked, and works for others: their requests may be better."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        """HTTP's, where a server refuses."""


class LimitedError(EngineError):
    """An engine is well, but was asked too often, or for too much."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds to leave it alone, where it says."""


class ConfigError(AntiphonError):
    """A setting is wrong. The message names the setting, its value, and what would be right."""


class ProtocolError(AntiphonError):
    """A client event that cannot be carried out; `code` and `param` are OpenAI's."""

    def __init__(self, message: str, *, code: str, param: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.param = param
