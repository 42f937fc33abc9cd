"""The voice loop: sound in, sound out, every stage timed. Imports neither server nor client."""
