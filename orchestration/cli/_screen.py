"""The terminal while something is followed: its other screen, keys without echo, and back to what it was."""

import os
import select
import signal
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

_TICK = 0.25
"""Seconds between two looks for a change, a key or another size."""
# The other screen, no cursor, no wrapping of what is wider than the window.
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l\x1b[?7l", "\x1b[?7h\x1b[?25h\x1b[?1049l"
_QUIT = (b"q", b"Q", b"\x04", b"\x03")


@contextmanager
def stopping() -> Iterator[None]:
    """Let a polite end (SIGTERM) arrive as Ctrl-C does, and end the block quietly on either."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


class Lines:
    """Stands in for a screen where the terminal cannot move its cursor: one frame below the other."""

    @property
    def rows(self) -> int | None:
        """How many lines a frame may have; None for any number."""
        return None

    def __enter__(self) -> "Lines":
        self._shown: list[str] = []
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def paint(self, lines: list[str], footer: str) -> None:
        """Print a frame that differs from the one before."""
        if lines != self._shown:
            self._shown = lines
            sys.stdout.write("\n".join([*lines, footer, "", ""]))
            sys.stdout.flush()

    def wait(self, changed: Callable[[], bool], *, pause: float, timeout: float) -> bool:
        """Wait for a change, at least `pause` and at most `timeout` seconds; never told to quit."""
        return _wait(changed, lambda: time.sleep(_TICK), pause=pause, timeout=timeout)


class Screen(Lines):
    """A whole terminal, drawn over and over; it is left as it was found, whatever happens."""

    @property
    def rows(self) -> int | None:
        """How many lines a frame may have: those of the window but the last."""
        return max(os.get_terminal_size(sys.stdout.fileno()).lines - 1, 1)

    def __enter__(self) -> "Screen":
        self._shown, self._size, self._stale = [], (0, 0), False
        self._mode: list[Any] | None = None
        self._handlers: dict[int, Any] = {}
        try:
            for number, handler in ((signal.SIGWINCH, self._resized), (signal.SIGTSTP, self._suspended)):
                self._handlers[number] = signal.signal(number, handler)
            self._open()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._close()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _open(self) -> None:
        with suppress(termios.error, OSError, ValueError, AttributeError):  # stdin is no terminal
            fd = sys.stdin.fileno()
            self._mode = termios.tcgetattr(fd)
            tty.setcbreak(fd)
        sys.stdout.write(_ENTER)
        self._stale = True

    def _close(self) -> None:
        with suppress(OSError, ValueError):  # the terminal is gone
            sys.stdout.write(_LEAVE)
            sys.stdout.flush()
        if self._mode is not None:
            with suppress(termios.error, OSError):
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, self._mode)
            self._mode = None

    def _resized(self, *_: object) -> None:
        self._stale = True

    def _suspended(self, *_: object) -> None:
        """Give the terminal back while the job is stopped (Ctrl-Z)."""
        self._close()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._suspended)  # and here it goes on
        self._open()

    def paint(self, lines: list[str], footer: str) -> None:
        """Draw a frame from the top, cut to the window, with `footer` as its last line."""
        columns, rows = os.get_terminal_size(sys.stdout.fileno())
        self._stale = False
        room = max(rows - 1, 1)
        if len(lines) > room:
            hidden = len(lines) - room + 1
            lines = [*lines[: room - 1], f"… {hidden} more lines in a higher window"]
        frame = [*lines, *[""] * (room - len(lines)), footer[:columns]][:rows]
        if frame == self._shown and (columns, rows) == self._size:
            return
        self._shown, self._size = frame, (columns, rows)
        sys.stdout.write("\x1b[H" + "\r\n".join(f"{line}\x1b[0m\x1b[K" for line in frame) + "\x1b[J")
        sys.stdout.flush()

    def wait(self, changed: Callable[[], bool], *, pause: float, timeout: float) -> bool:
        """Wait for a change or another size of the window; True when a key says to quit."""
        return _wait(lambda: changed() or self._stale, self._key, pause=pause, timeout=timeout)

    def _key(self) -> bool:
        """Wait for a tick or a key; True when it is one to quit with."""
        if self._mode is None:
            time.sleep(_TICK)
            return False
        fd = sys.stdin.fileno()
        if not select.select([fd], [], [], _TICK)[0]:
            return False
        pressed = os.read(fd, 64)
        return not pressed or pressed[:1] in _QUIT


def _wait(
    changed: Callable[[], bool], tick: Callable[[], bool | None], *, pause: float, timeout: float
) -> bool:
    begun = time.monotonic()
    is_new = False
    while True:
        if tick():
            return True
        waited = time.monotonic() - begun
        is_new = changed() or is_new
        if waited >= timeout or (is_new and waited >= pause):
            return False
