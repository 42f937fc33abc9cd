"""Choose the tool that fits what was asked, and speak what came back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from models.wits.arguments import Json, fill, forced, is_array, is_object
from models.wits.conversation import Call, Heard, Line
from models.wits.words import COMMON, HAN, Language, capitalised, plain, stem, topics


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the model may call; `parameters` is its JSON schema."""

    name: str
    description: str
    parameters: Mapping[str, object]


_COMMON_VERBS: Final = (
    "get set list find search fetch look make create add turn send show current check run start read write "
    "update query lookup tool function information return"
)
_VERBS: Final = frozenset(stem(verb) for verb in _COMMON_VERBS.split())
"""Words in a tool's name that say little about its subject."""

_GLOSSARY: Final = {
    "天气": "weather", "气温": "temperature weather", "时间": "time", "几点": "time", "灯": "light lamp",
    "音乐": "music", "歌": "music song", "定时": "timer", "闹钟": "alarm", "提醒": "reminder remind",
    "搜索": "search", "查": "search lookup", "新闻": "news", "股票": "stock", "股价": "stock",
    "邮件": "email mail", "日历": "calendar", "日程": "calendar schedule", "打开": "turn on open",
    "关": "turn off close", "订": "book order", "翻译": "translate", "汇率": "exchange currency",
    "地图": "map", "路线": "route directions", "餐": "restaurant", "航班": "flight", "酒店": "hotel",
    "计算": "calculate",
}  # fmt: skip
"""What Chinese questions share with tools that are described in English."""

ENOUGH = 2.0
"""Score that a tool must reach: one subject word of its name, or two words of its description."""

_PARTS = re.compile(r"(?:,? and (?:also |then )?|, then | then |[?;.!] +|[，；。？]|然后|并且|还有|以及|和)")
_FOLLOW_ON = re.compile(r"^(?:in|for|at|to|about|on|of) \w", re.I)
_PLACE = re.compile(r"city|location|place|country|town")
_SAYING: Final = ("message", "result", "answer", "text", "summary", "content", "output", "response", "description")

MAX_PARTS = 8
MAX_SPOKEN = 600
"""Characters of a tool's result that are read out."""


def choose(tools: Sequence[Tool], heard: Heard, *, several: bool) -> tuple[Call, ...] | str | None:
    """The calls that what was said asks for, a question back when an argument is missing, None when no tool fits."""
    for tool in tools:
        if (name := _asked_back(tool, heard)) is not None:
            before = next(reversed(heard.texts("user")), "")
            arguments, missing = fill(tool.parameters, before, f"{tool.name} {tool.description}")
            arguments |= {name: heard.raw.rstrip(".?!。？！ ")} | forced(tool.parameters, missing, heard.raw)
            return (_call(tool, arguments | {name: _bare(heard.raw)}, heard, 0),)
    parts = [part for part in _PARTS.split(heard.raw) if part.strip()][:MAX_PARTS] if several else []
    asked = _calls_for(tools, parts, heard) if len(parts) > 1 else ()
    if len(asked) > 1:
        return asked
    tool = _best(tools, heard.raw)
    if tool is None:
        return None
    arguments, missing = fill(tool.parameters, heard.raw, f"{tool.name} {tool.description}")
    return _question(missing[0], heard.language) if missing else (_call(tool, arguments, heard, 0),)


def force(tools: Sequence[Tool], heard: Heard, name: str | None) -> tuple[Call, ...]:
    """The call that must be made: of the named tool, else of the best one; guesses what was not said."""
    tool = next((tool for tool in tools if tool.name == name), None) or _best(tools, heard.raw, enough=0.0) or tools[0]
    arguments, missing = fill(tool.parameters, heard.raw, f"{tool.name} {tool.description}")
    return (_call(tool, arguments | forced(tool.parameters, missing, heard.raw), heard, 0),)


def speak(lines: Sequence[Line], language: Language) -> str:
    """The results of the last calls, as sentences."""
    at = len(lines)
    while at and lines[at - 1].role == "tool":
        at -= 1
    calls = {call.id: call for line in lines[:at] for call in line.calls}
    said = [_sentence(line.text, calls.get(line.call_id), language) for line in lines[at:]]
    return ("" if language == "zh" else " ").join(dict.fromkeys(said))


def _calls_for(tools: Sequence[Tool], parts: list[str], heard: Heard) -> tuple[Call, ...]:
    calls: list[Call] = []
    last: Tool | None = None
    for part in parts:
        tool = _best(tools, part)
        if tool is None and last is not None and _follows(last, part):
            tool, part = last, part if _FOLLOW_ON.match(part.strip()) else f"in {part}"  # noqa: PLW2901 - the elided word
        if tool is None:
            continue
        arguments, missing = fill(tool.parameters, part, f"{tool.name} {tool.description}")
        call = _call(tool, arguments, heard, len(calls))
        if not missing and all((call.name, call.arguments) != (other.name, other.arguments) for other in calls):
            calls.append(call)
        last = tool
    return tuple(calls)


def _follows(tool: Tool, part: str) -> bool:
    """Whether "and London" is one more question to the same tool."""
    properties = tool.parameters.get("properties")
    places = is_object(properties) and any(_PLACE.search(name.lower()) for name in properties)
    return places and (_FOLLOW_ON.match(part.strip()) is not None or len(part.split()) <= 2)


def _best(tools: Sequence[Tool], said: str, enough: float = ENOUGH) -> Tool | None:
    asked = topics(said)
    for chinese, english in _GLOSSARY.items():
        if chinese in said:
            asked.update(stem(word) for word in english.split())
    words = {stem(word) for word in plain(said).split()}
    scored = [(_score(tool, asked, words), -at) for at, tool in enumerate(tools)]
    score, at = max(scored, default=(0.0, 0))
    return tools[-at] if tools and score >= max(enough, 1e-9) else None


def _score(tool: Tool, asked: set[str], words: set[str]) -> float:
    name = {stem(word) for word in _name_words(tool.name)}
    described = topics(tool.description[:500]) - name
    score = sum(
        1.0 if word in _VERBS else 2.0 for word in name & (asked | words) if word not in COMMON or len(name) == 1
    )
    score += sum(0.5 for word in name & words if word in COMMON)  # the "on" of turn_on
    for word in described & asked:
        score += 2.0 if re.match(f"[{HAN}]", word) else 0.5 if word in _VERBS else 1.0
    properties = tool.parameters.get("properties")
    for details in properties.values() if is_object(properties) else ():
        choices = details.get("enum") if is_object(details) else None
        if is_array(choices) and any(isinstance(choice, str) and topics(choice) & asked for choice in choices):
            score += 0.5
    return score


def _name_words(name: str) -> list[str]:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_\W]+", " ", name).lower().split()


def _call(tool: Tool, arguments: Json, heard: Heard, at: int) -> Call:
    """Its id depends on nothing but the conversation, so that a test can expect it."""
    return Call(f"call_{len(heard.before)}_{at}", tool.name, orjson.dumps(dict(arguments)).decode())


def _question(name: str, language: Language) -> str:
    words = " ".join(_name_words(name))
    return f"请告诉我{words}是什么？" if language == "zh" else f"Which {words}?"


def _asked_back(tool: Tool, heard: Heard) -> str | None:
    """The argument that the assistant has just asked for."""
    last = heard.before[-1] if heard.before else None
    if last is None or last.role != "assistant":
        return None
    properties = tool.parameters.get("properties")
    names = list(properties) if is_object(properties) else []
    return next((name for name in names if last.text == _question(name, heard.language)), None)


def _bare(said: str) -> str:
    return re.sub(r"^(?:in|for|at|to|the|on|it is|it's)\s+", "", said.strip(" .?!。？！"), flags=re.I)


def _sentence(result: str, call: Call | None, language: Language) -> str:
    try:
        value: object = orjson.loads(result)
    except orjson.JSONDecodeError:
        value = result.strip()
    if is_object(value) and (error := value.get("error")):
        told = error.get("message", error) if is_object(error) else error
        return (
            f"没有成功：{_said(told, language)}。"
            if language == "zh"
            else f"That didn't work: {_said(told, language)}."
        )
    said = _said(value, language)[:MAX_SPOKEN]
    if not said or value is True or (is_object(value) and not said):
        return "好了。" if language == "zh" else "Done."
    if (
        is_object(value)
        and call is not None
        and not any(key in value for key in _SAYING)
        and (about := _about(call, value))
    ):
        said = f"{about}：{said}" if language == "zh" else f"For {about}, {said}"
    return said if said[-1] in ".!?。！？" else f"{capitalised(said)}{'。' if language == 'zh' else '.'}"


def _about(call: Call, result: Json) -> str:
    """The words that the call was about, unless the result repeats them."""
    arguments: object = orjson.loads(call.arguments or "{}")
    words = [value for value in arguments.values() if isinstance(value, str)] if is_object(arguments) else []
    return words[0] if words and words[0] not in result.values() and len(words[0]) < 40 else ""


def _said(value: object, language: Language) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return ("是" if value else "否") if language == "zh" else "yes" if value else "no"
    if is_array(value):
        items = [_said(item, language) for item in value[:8]]
        return "、".join(items) if language == "zh" else _joined(items)
    if is_object(value):
        if (spoken := next((value[key] for key in _SAYING if isinstance(value.get(key), str)), None)) is not None:
            return str(spoken)
        shown = [
            (key, _said(item, language))
            for key, item in list(value.items())[:8]
            if key not in {"ok", "success", "status"}
        ]
        pairs = [(" ".join(_name_words(key)), item) for key, item in shown if item]
        return (
            "，".join(f"{key}是{item}" for key, item in pairs)
            if language == "zh"
            else _joined([f"the {key} is {item}" for key, item in pairs])
        )
    return str(value)


def _joined(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""
