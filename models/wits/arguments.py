"""Fill a tool's arguments out of what was said, led by its JSON schema."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeGuard

import orjson

from models.wits.numbers import NUMBER, digits
from models.wits.units import UNITS
from models.wits.words import COMMON, HAN, plain, stem, straight, topics

Json = Mapping[str, object]

MAX_DEPTH = 4
"""Of objects within objects; deeper ones are left empty."""

MAX_ARGUMENTS = 64

_BEFORE: Final = (
    (re.compile(r"from|origin|source|sender"), "from"),
    (re.compile(r"to$|^to|destination|recipient|target"), "to|into|for"),
    (re.compile(r"city|location|place|country|region|town|address|where|area"), "in|at|for|near|around|of|to"),
    (re.compile(r"room|device|lamp"), "in|on|the|of"),
    (re.compile(r"contact|person|who|name|title|artist"), "called|named|for|to|by|call|the"),
    (re.compile(r"message|text|body|content|note|reminder|task|item"), "saying|that says|that|to"),
    (
        re.compile(r"query|search|topic|subject|keyword|question|term|q$"),
        "search for|look up|look for|about|for|on|search|find",
    ),
)
"""What an argument's name says about the word before its value."""

_STOP: Final = (
    r"(?= (?:in|at|on|for|from|to|with|by|about|and then|saying|that|please|today|tomorrow|now|right now|tonight)\b"
    r"|[,.?!;]|\s*$)"
)
_WHEN = re.compile(
    r"\b((?:on |next |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|tonight|yesterday"
    r"|\d{4}-\d\d-\d\d|(?:at )?\d{1,2}(?::\d\d)? ?(?:am|pm|o'clock))\b"
    r"|(今天|明天|后天|昨天|今晚|(?:星期|周)[一二三四五六日天])",
    re.I,
)
_PLACE_ZH = re.compile(
    rf"(?:请问|查一下|查查|看看|告诉我|帮我查?|在|去|到|今天|明天|现在|的)*([{HAN}]{{2,4}}?)(?:市|的|今天|明天|现在|天气|时间|几点|气温|温度)"
)
_OFF = re.compile(r"\b(?:off|no|false|disable|stop|without|not|don't)\b|关|不要|别")


def is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    """A JSON object; its keys are strings, since it was parsed from JSON."""
    return isinstance(value, Mapping)


def is_array(value: object) -> TypeGuard[Sequence[object]]:
    """A JSON array."""
    return isinstance(value, list)


def fill(schema: Json, said: str, own: str = "", depth: int = 0) -> tuple[dict[str, object], list[str]]:
    """The arguments found in `said`, and the names of the required ones that were not.

    Required ones only; all, where the schema requires none. `own` is the tool's name and description: its words are
    not taken for values.
    """
    properties = schema.get("properties")
    if not is_object(properties) or depth >= MAX_DEPTH:
        return {}, []
    required = schema.get("required")
    wanted = (
        [name for name in required if isinstance(name, str)] if is_array(required) and required else list(properties)
    )
    filled: dict[str, object] = {}
    missing: list[str] = []
    used: list[str] = []
    for name in wanted[:MAX_ARGUMENTS]:
        details = properties.get(name)
        value = _value(name, details if is_object(details) else {}, said, own, used, depth)
        if value is None:
            missing.append(name)
        else:
            filled[name] = value
    return filled, missing if required else []


def forced(schema: Json, missing: Sequence[str], said: str) -> dict[str, object]:
    """Something of the right type for each missing argument, when the call must be made all the same."""
    properties = schema.get("properties")
    values: dict[str, object] = {}
    for name in missing:
        details = properties.get(name) if is_object(properties) else None
        match _kind(details) if is_object(details) else "string":
            case "integer" | "number":
                values[name] = 0
            case "array":
                values[name] = []
            case "object":
                values[name] = {}
            case _:
                values[name] = said
    return values


def shaped(schema: Json, said: str, reply: str) -> str:
    """A JSON object after the schema that carries the reply in its first free string."""
    properties = schema.get("properties")
    if not is_object(properties):
        return orjson.dumps({"reply": reply}).decode()
    filled, missing = fill(schema, said)
    values = filled | forced(schema, missing, reply)
    for name, details in properties.items():
        if is_object(details) and _kind(details) == "string" and "enum" not in details:
            values[name] = reply
            break
    return orjson.dumps(values).decode()


def _value(name: str, details: Json, said: str, own: str, used: list[str], depth: int) -> object:
    if "const" in details:
        return details["const"]
    if is_array(choices := details.get("enum")):
        return _chosen(choices, said) or details.get("default")
    kind = _kind(details)
    if kind in {"integer", "number"}:
        value = _number(name, said, used, whole=kind == "integer")
    elif kind == "boolean":
        value = _OFF.search(said.lower()) is None
    elif kind == "array":
        items = details.get("items")
        value = _several(name, items if is_object(items) else {}, said, own)
    elif kind == "object":
        value, missing = fill(details, said, own, depth + 1)
        value |= forced(details, missing, said)
    else:
        value = _words(name, said, own, used)
    return details.get("default") if value is None else value


def _kind(details: Json) -> str:
    """The JSON type asked for; the first that is not null of several, a string where nothing sensible stands."""
    kind = details.get("type")
    if is_array(kind):
        kind = next((option for option in kind if option != "null"), None)
    return kind if isinstance(kind, str) else "string"


def _chosen(choices: Sequence[object], said: str) -> object:
    """The choice that was named, the longest first: "light blue" before "blue"."""
    text, stems = f" {plain(said)} ", topics(said)
    words = sorted((choice for choice in choices if isinstance(choice, str)), key=len, reverse=True)
    for choice in words:
        if f" {plain(choice.replace('_', ' '))} " in text or (re.match(f"[{HAN}]", choice) and choice in said):
            return choice
    for choice in words:
        if (parts := topics(choice.replace("_", " "))) and parts <= stems:
            return choice
    numbers = digits(plain(said)).split()
    return next((choice for choice in choices if not isinstance(choice, str) and str(choice) in numbers), None)


def _number(name: str, said: str, used: list[str], *, whole: bool) -> int | float | None:
    """The next number not used yet; one with a unit is turned into the unit that the argument's name ends with."""
    text = digits(plain(said))
    wanted = next((UNITS[word] for word in reversed(re.split(r"[_\W]+", name.lower())) if word in UNITS), None)
    found = [match for match in re.finditer(rf"({NUMBER})(?: ?([a-z]+|[{HAN}]+))?", text) if match[0] not in used]
    if not found:
        return None
    match = found[0]
    total, takes = float(match[1]), [match]
    if wanted is not None and wanted.kind == "time":
        timed = [hit for hit in found if hit[2] in UNITS and UNITS[hit[2]].kind == "time"]
        if timed:
            total, takes = float(sum(float(hit[1]) * UNITS[hit[2]].factor for hit in timed) / wanted.factor), timed
    used.extend(hit[0] for hit in takes)
    return round(total) if whole or total.is_integer() else total


def _words(name: str, said: str, own: str, used: list[str]) -> str | None:
    """The words that look like the value of an argument of that name."""
    text, key = straight(said).rstrip(".?! 。？！"), name.lower()
    if re.search(r"date|day|when|time", key) and (found := _WHEN.search(text)):
        return found[0]
    if re.search(f"[{HAN}]", text):
        return _words_zh(key, text, own)
    cues = next((before for pattern, before in _BEFORE if pattern.search(key)), "in|for|about|to|on|called")
    free = re.search(r"message|text|body|content|note|reminder|task|query|search|topic|question", key)
    for cue in cues.split("|"):
        end = r"(?=\s*[.?!;]|\s*$)" if free else _STOP
        for found in re.finditer(rf"\b{cue} (?:the )?(\S.*?){end}", text, re.I):
            value = found[1].strip(" ,")
            if value and value not in used and not _is_own(value, own):
                used.append(value)
                return value
    return None


def _words_zh(key: str, text: str, own: str) -> str | None:
    if re.search(r"city|location|place|country|region|town", key):
        found = _PLACE_ZH.search(text)
        return found[1] if found else None
    rest = re.sub(r"^(?:请|帮我|给我|查一下|搜索一?下?|提醒我|告诉我|发送?|关于|找)+", "", text)
    return rest or None


def _several(name: str, items: Json, said: str, own: str) -> list[object] | None:
    used: list[str] = []
    if _kind(items) in {"integer", "number"}:
        found: list[object] = []
        while (number := _number(name, said, used, whole=_kind(items) == "integer")) is not None and len(found) < 32:
            found.append(number)
        return found or None
    if is_array(choices := items.get("enum")):
        text = plain(said)
        return [choice for choice in choices if isinstance(choice, str) and plain(choice) in text] or None
    value = _words(name.removesuffix("s"), said, own, used)
    return None if value is None else [part for part in re.split(r",? and |, |和|、", value) if part]


def _is_own(value: str, own: str) -> bool:
    """Whether the words only repeat what the tool is about: "a timer", "the weather"."""
    words = {stem(word) for word in plain(value).split() if word not in COMMON}
    return not words or (words <= topics(own) and value.islower())
