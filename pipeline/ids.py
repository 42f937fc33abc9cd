"""Names for what is new."""

from uuid import uuid4


def new_id(kind: str) -> str:
    """A fresh id as OpenAI writes them: `item_...`, `resp_...`."""
    return f"{kind}_{uuid4().hex[:24]}"
