"""What keeps the program from starting is told to the user in one sentence, never as a stack trace."""


class CannotStart(Exception):
    """Assay can't start. Its text is one clear sentence that says what is wrong and what to do about it."""
