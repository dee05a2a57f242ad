"""What can be wrong with the record itself; that a stream moved on (StaleStream) belongs to the services' port."""


class RecordUnavailable(Exception):
    """The database can't be reached, or broke off, or is too busy. Whether an append was written is not known.

    Repeat the whole command: its id makes the repetition write nothing that was written.
    """


class DamagedRecord(Exception):
    """An event of the record can't be read: its name is unknown to this version, or its bytes don't fit its name."""

    def __init__(self, stream: str, version: int, name: str, reason: str) -> None:
        super().__init__(f"event {version} of stream {stream}, {name}, can't be read: {reason}")
        self.stream = stream
        self.version = version
        self.name = name
        self.reason = reason
