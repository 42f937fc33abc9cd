"""Small programs as a user of each client would write them; they run in an environment of their own and import
nothing of Antiphon's."""
