"""What can go wrong in the store; each error carries its fields so that an edge can say it in the user's language."""

from __future__ import annotations


class ReadingsError(Exception):
    """Base of all errors of the store."""

    can_retry = False


class StoreFull(ReadingsError):
    """The disk took no more. Nothing of the batch was kept; reading goes on."""

    can_retry = True

    def __init__(self, path: str, cause: str) -> None:
        self.path, self.cause = path, cause
        super().__init__(
            f"readings store {path}: the disk takes no more ({cause}); free space, then it goes on by itself"
        )


class StoreTooNew(ReadingsError):
    """The store was written by a newer version of the program."""

    def __init__(self, path: str, got: int, expected: int) -> None:
        self.path, self.got, self.expected = path, got, expected
        super().__init__(
            f"readings store {path}: got schema {got}, this program knows up to {expected}; "
            "start the newer program or restore a backup made by this one"
        )


class UnknownSeries(ReadingsError):
    """No series answers to the given key."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            f"series {key!r} is not known; expected point/item/statistic/grain, a part of it, or a pattern with *"
        )


class ArchiveBusy(ReadingsError):
    """Another writer changed the archive first. Nothing was changed by us."""

    can_retry = True

    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__(f"readings archive: somebody else wrote first ({cause}); nothing was changed, try again")


class LeaseHeld(ReadingsError):
    """Another process keeps the store in order just now."""

    can_retry = True

    def __init__(self, name: str, holder: str) -> None:
        self.name, self.holder = name, holder
        super().__init__(f"readings store: {name} is held by {holder}; wait until it is done, or has been gone a while")


class LeaseLost(ReadingsError):
    """Our lease ran out before the work was done; the work was given up before it changed anything more."""

    can_retry = True

    def __init__(self, name: str, holder: str) -> None:
        self.name, self.holder = name, holder
        super().__init__(f"readings store: {name} was taken over by {holder}; the work begun is given up, try again")
