"""A conversation as plain JSON, to be written down and taken up again."""

import asyncio
from typing import cast

from pipeline.context.conversation import Called, Conversation, Entry, Item, Returned
from pipeline.engines import Result, Role, ToolCall
from pipeline.playout import Playout, SpokenClause
from pipeline.session import Session
from server.realtime.checks import Json


def snapshot(session: Session, config: Json) -> Json:
    """All that is needed to go on later, but for sounds and what has not been said yet."""
    turn = session.answering()
    saying = turn.entry if turn else ""
    items = [_written(item, being_said=item.id == saying) for item in session.talk.entries]
    return {"config": config, "items": items, "owed": session.owes()}


def conversation_of(state: Json) -> Conversation:
    """The conversation in a snapshot."""
    return Conversation([_read(item) for item in state["items"]])


def _written(item: Item, *, being_said: bool) -> Json:
    match item:
        case Called(call=call, complete=complete):
            return {"id": item.id, "call": [call.id, call.name, call.arguments], "complete": complete}
        case Returned(result=result):
            return {"id": item.id, "result": [result.call_id, result.output]}
        case Entry(playout=playout):
            said = {"id": item.id, "role": item.role, "text": item.text, "cut": item.cut}
            said |= {"complete": item.complete, "spoken": item.spoken}
            if playout is None:
                return said
            if being_said and not item.cut:
                said["text"] = playout.heard(playout.heard_seconds(asyncio.get_running_loop().time()))
            clauses = [[clause.text, clause.seconds, clause.complete, clause.speed] for clause in playout.clauses]
            return said | {"sent": playout.sent, "clauses": clauses}


def _read(item: Json) -> Item:
    entry_id = item["id"]
    if "call" in item:
        return Called(entry_id, ToolCall(*item["call"]), item["complete"])
    if "result" in item:
        return Returned(entry_id, Result(*item["result"]))
    playout = None
    if "clauses" in item:
        playout = Playout([SpokenClause(*clause) for clause in item["clauses"]], sent=item["sent"])
    role, text = cast("Role", item["role"]), item["text"]
    return Entry(entry_id, role, text, playout, item["cut"], item["complete"], item["spoken"])
