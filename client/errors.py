"""What stops a client, each as one line that says what was wrong and what to do."""


class ClientError(Exception):
    """The server, the network or the sound card does not play along."""


class UsageError(ClientError):
    """The command was given what it cannot use."""


class SoundFileError(UsageError):
    """A file that cannot be heard, or cannot be written."""


class UnreachableError(ClientError):
    """The server is not there just now, or the connection broke: trying again may help."""
