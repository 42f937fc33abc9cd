"""Which tests of the clients run on their own: those that talk in real time over a sound card (`make live`)."""

import os

collect_ignore_glob = [] if os.environ.get("ANTIPHON_LIVE") else ["test_aloud.py"]
