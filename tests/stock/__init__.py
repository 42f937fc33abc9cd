"""Clients that know nothing of Antiphon, as their makers publish them, against a whole server."""
