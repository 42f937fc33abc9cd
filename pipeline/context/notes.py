"""What users want kept: their instructions, and what they tell of themselves; found by rules, kept word for word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.context.conversation import Entry, Item
from pipeline.context.details import LOOKED_THROUGH, names, negates, numbers, subjects
from pipeline.context.note_rules import (
    ABOUT_USER,
    CHATTER,
    FACTS,
    FACTS_ZH,
    I_AM,
    IDLE,
    NOW,
    NOW_ZH,
    ORDERS,
    ORDERS_ZH,
    OWN,
)
from pipeline.context.sentences import asks, core, sentences
from pipeline.words import HAN

INSTRUCTION, FACT, REMARK = 3, 2, 1
"""How much a note weighs when there is no room for all."""

SHORT_ANSWER = 10
"""Words, or Chinese characters, of what may be the answer to a question of ours."""

SYSTEM_NOTE = 300
"""Characters of a system message that is kept whole; longer ones are documents."""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence of the user's."""

    item: str
    """The id of the item it is from."""
    text: str
    weight: int


def notes_of(items: Sequence[Item]) -> list[Note]:
    """All that is to be kept of these items, in their order; nothing twice."""
    found: dict[str, Note] = {}
    asked = ""
    for item in items:
        if isinstance(item, Entry) and item.text:
            for note in _of_entry(item, asked):
                found.pop(note.text.casefold(), None)  # said again, it is newer than what was said in between
                found[note.text.casefold()] = note
            asked = item.text if item.role == "assistant" else ""
    return list(found.values())


def weigh(sentence: str) -> int:
    """What a sentence of the user's weighs; 0 when it need not be kept."""
    said = core(sentence).replace("’", "'")
    if asks(sentence):
        return 0
    if ORDERS.search(said) or ORDERS_ZH.search(said):
        return INSTRUCTION
    if FACTS.search(said) or FACTS_ZH.search(said) or I_AM.search(said):
        return FACT
    return REMARK if not transient(said) and (numbers(said) or _states(said)) else 0


def _states(said: str) -> bool:
    """Whether it says what is not so, or something of the user, and not only how the talk goes."""
    if len(subjects(said)) < 2 or IDLE.search(said):
        return False
    return negates(said) or bool(OWN.search(said) and not CHATTER.search(said))


def transient(sentence: str) -> bool:
    """Whether it wants something done now: "set a timer for ten minutes"."""
    said = core(sentence)
    return bool(NOW_ZH.match(said)) or said.partition(" ")[0].lower().rstrip(",.!") in NOW


def _of_entry(entry: Entry, asked: str) -> Iterator[Note]:
    if entry.role == "system" and len(entry.text) <= SYSTEM_NOTE:
        yield Note(entry.id, " ".join(entry.text.split()), INSTRUCTION)
    if entry.role != "user":
        return
    text = entry.text[:LOOKED_THROUGH]
    said = [(sentence, weigh(sentence)) for sentence in sentences(" ".join(text.split()))]
    if asked and all(weight < FACT for _, weight in said) and (weight := _answers(asked, text)):
        yield Note(entry.id, f"(asked: {sentences(asked)[-1]}) {text.strip()}", weight)
        return
    kept: list[tuple[str, int]] = []
    going_on = False
    for sentence, weight in said:
        if going_on and weight <= REMARK and _goes_on(sentence):
            before, weighs = kept.pop()
            kept.append((f"{before}{'' if HAN.match(sentence) else ' '}{sentence}", weighs))
        else:
            going_on = weight > 0
            kept += [(sentence, weight)] if weight else []
    yield from (Note(entry.id, text, weight) for text, weight in kept)


def _goes_on(sentence: str) -> bool:
    """Whether it may add to the sentence before it: "One every morning, not at night."."""
    states = not (asks(sentence) or transient(sentence))
    return states and bool(negates(sentence) or numbers(sentence) or names(sentence))


def _answers(asked: str, text: str) -> int:
    """What a short answer to a question about the user weighs."""
    question = sentences(asked)[-1]
    length = len(text) if HAN.search(text) else len(text.split())
    if not (question.endswith(("?", "？")) and ABOUT_USER.search(question) and length <= SHORT_ANSWER):
        return 0
    if asks(text) or transient(text) or not subjects(text):
        return 0
    return FACT if numbers(text) or names(f"- {text}") else REMARK
