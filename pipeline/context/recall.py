"""Old turns found again when they bear on a question: a full-text index in memory, SQLite's FTS5."""

import math
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.context.details import LOOKED_THROUGH, names, subjects
from pipeline.words import HAN

TOP = 3
"""Turns that are recalled at most."""

BEARING = 0.6
"""Share of a question's topics, weighed by how rare they are, that a turn must have to be recalled."""

UNHEARD, UNHEARD_HAN = 0.5, 0.1
"""What a topic weighs that no turn has, to the rarest one: it may only be another word for what was said. Names are
not, and weigh in full; of pairs of Chinese characters most are no words at all."""

CANDIDATES = 12
"""Turns that are looked at more closely."""

MOST_TERMS = 10
"""Of a question: the rarest count."""

COMMON, FEW = 0.2, 5
"""Share of all turns from which on a topic says nothing; where there are few turns, five of them."""

_ASKED_WITH = subjects(
    """tell told said mention again before earlier remember know think thought asked exactly once more time thing
    something already still today right talk one good look thanks thank hello great nice perfect cool fine sure okay
    yes really maybe love hey bye mean anything everything nothing happen please question answer
    go going went come came work works call called name
    什么 么时 时候 刚才 之前 记得 你还 还记 我说 说过 过的 告诉 知道 我的 是什 多少 哪里 谢谢 你好 好的 再见"""
)
"""What questions about anything are made of."""


@dataclass
class Recall:
    """The turns of one conversation. For one thread at a time."""

    _db: sqlite3.Connection | None = field(default=None, repr=False)
    _rows: dict[str, int] = field(default_factory=dict[str, int])
    """The index's number of each turn."""
    _names: dict[int, str] = field(default_factory=dict[int, str])
    _last: int = 0

    def add(self, turn: str, text: str) -> None:
        """Put a turn, or a new text of it, into the index: what it begins with, where it is very long."""
        self.forget([turn])
        self._db = self._db or _open()
        self._last = row = self._last + 1
        terms = " ".join(sorted(subjects(text[:LOOKED_THROUGH])))
        self._db.execute("INSERT INTO turns(rowid, terms) VALUES (?, ?)", (row, terms))
        self._rows[turn], self._names[row] = row, turn

    def forget(self, turns: Iterable[str]) -> None:
        """Take turns out; those that are not there are none."""
        for turn in turns:
            if self._db and (row := self._rows.pop(turn, None)):
                del self._names[row]
                self._db.execute("DELETE FROM turns WHERE rowid = ?", (row,))

    def __contains__(self, turn: str) -> bool:
        return turn in self._rows

    def search(self, question: str) -> list[str]:
        """The turns that bear on a question, the closest first. About 0.3 ms with 1,000 turns."""
        if not (self._db and self._rows):
            return []
        weights = self._weights(self._db, question)
        rare = dict(sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:MOST_TERMS])
        telling = [term for term in rare if not self._is_common(rare[term])]
        if not telling:
            return []
        needed = BEARING * sum(rare.values())
        found = [
            (sum(rare.get(term, 0.0) for term in terms), row) for row, terms in self._candidates(self._db, telling)
        ]
        best = sorted((one for one in found if one[0] >= needed), reverse=True)[:TOP]
        return [self._names[row] for _, row in best]

    def close(self) -> None:
        """Let go of the memory. Safe to call twice."""
        db, self._db = self._db, None
        if db:
            db.close()

    def _weights(self, db: sqlite3.Connection, question: str) -> dict[str, float]:
        """How rare each topic of a question is: BM25's inverse document frequency."""
        turns, asked = len(self._rows), sorted(subjects(question) - _ASKED_WITH)
        marks = ",".join("?" * len(asked))
        seen = dict(db.execute(f"SELECT term, doc FROM vocabulary WHERE term IN ({marks})", asked))
        named = subjects(" ".join(names(f"- {question}")))

        def weight(term: str) -> float:
            heard = 1.0 if term in seen or term in named else UNHEARD_HAN if HAN.match(term) else UNHEARD
            return heard * _rarity(turns, max(1, seen.get(term, 0)))

        return {term: weight(term) for term in asked}

    def _is_common(self, rarity: float) -> bool:
        turns = len(self._rows)
        return rarity < _rarity(turns, max(FEW, round(turns * COMMON)))

    def _candidates(self, db: sqlite3.Connection, terms: Iterable[str]) -> Iterable[tuple[int, list[str]]]:
        match = " OR ".join(f'"{term}"' for term in terms)
        rows = db.execute(
            "SELECT rowid, terms FROM turns WHERE turns MATCH ? ORDER BY bm25(turns), rowid DESC LIMIT ?",
            (match, CANDIDATES),
        )
        return [(row, terms.split()) for row, terms in rows]


def _rarity(turns: int, having: int) -> float:
    return math.log(1 + (turns - having + 0.5) / (having + 0.5))


def _open() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    db.execute("CREATE VIRTUAL TABLE turns USING fts5(terms, tokenize = 'unicode61 remove_diacritics 0')")
    db.execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab(turns, row)")
    return db
