"""What can go wrong on the way in."""

from __future__ import annotations


class IntakeError(Exception):
    """Base of all errors of the intake."""

    can_retry = False


class JournalFull(IntakeError):
    """The journal cannot take more: nothing of this batch is kept, so nothing may be acknowledged."""

    can_retry = True

    def __init__(self, path: str, cause: str) -> None:
        self.path, self.cause = path, cause
        super().__init__(f"journal {path}: cannot write ({cause}); free disk space, then it goes on by itself")


class JournalDamaged(IntakeError):
    """A record in the middle of the journal does not match its checksum."""

    def __init__(self, path: str, position: int) -> None:
        self.path, self.position = path, position
        super().__init__(f"journal {path}: record at {position} is damaged; restore this segment from a backup")


class GatewayPortInUse(IntakeError):
    """Another process listens there."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        super().__init__(f"got {host}:{port}, already in use; choose another port or end the other process")


class WrongSecret(IntakeError):
    """A device's key was sealed under another secret."""

    def __init__(self, mn: str) -> None:
        self.mn = mn
        super().__init__(
            f"key of station {mn}: sealed under another secret.key, or for another station; register the key again"
        )


class NoRegister(IntakeError):
    """The copy of the register that the gateway goes by is not there or cannot be read."""

    can_retry = True

    def __init__(self, path: str, cause: str) -> None:
        self.path, self.cause = path, cause
        super().__init__(f"register {path}: {cause}; start the role `work`, which writes it")


class NotSendable(IntakeError):
    """A request that the gateway does not send to devices, whoever asks for it."""

    def __init__(self, mn: str, what: str) -> None:
        self.mn, self.what = mn, what
        super().__init__(
            f"station {mn}: got request {what}; only the clock (1012) and stored data (2031, 2041, 2051, 2061) may be "
            "asked for, where the device's edition has the command"
        )


class NoWishes(IntakeError):
    """The file of requests to send cannot be read."""

    can_retry = True

    def __init__(self, path: str, cause: str) -> None:
        self.path, self.cause = path, cause
        super().__init__(f"requests {path}: cannot be read ({cause}); the role `work` writes it anew")
