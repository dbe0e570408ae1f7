"""Numbers and their nouns, as texts say them."""


def noun(count: float | None, one: str) -> str:
    """Return a noun in the form that goes with a number: `task` with 1, else `tasks`."""
    return one if count == 1 else f"{one}s"


def counted(count: float, one: str) -> str:
    """Return a number with its noun, as `1 task` and `2,000 tasks`."""
    return f"{count:,} {noun(count, one)}"


def verb(count: float | None, one: str, many: str) -> str:
    """Return a verb in the form that goes with a number, such as `is` with 1, else `are`."""
    return one if count == 1 else many
