"""What a server of this process remembers of a page's conversation."""

from pipeline.context.conversation import Entry
from pipeline.session import Session
from server.house import House
from tests.web.visit import Visit


def session_of(visit: Visit, house: House) -> Session:
    """The session in which the page's last item is; others may wait for pages that are gone."""
    last = visit.events("conversation.item.added")[-1]["item"]["id"]
    (session,) = (session for session in list(house.sessions) if session.talk.find(last))
    return session


def remembered(visit: Visit, house: House, item: str) -> str:
    """What the server knows to have been said under that id."""
    entry = session_of(visit, house).talk.find(item)
    assert isinstance(entry, Entry)
    return entry.text
