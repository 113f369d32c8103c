"""What a side process runs: functions that its parent sends, one after the other, until the line ends."""

from __future__ import annotations

import importlib
import os
import pickle
import signal
import socket
import struct
import sys
import traceback
from typing import Any

LENGTH = struct.Struct(">Q")
"""Before each answer; questions need none, since a pickle knows its end."""
NICE = 5
"""What is done here has time; who waits for a claim, or for an answer of the API, has not."""


def main() -> None:
    # Its parent may have something to finish when it is asked to stop: it ends with the line, and not before.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    os.nice(NICE)
    number, *modules = sys.argv[1:]
    for module in modules:
        importlib.import_module(module)
    with socket.socket(fileno=int(number)) as line, line.makefile("rb") as questions:
        while True:
            try:
                function, args = pickle.load(questions)  # noqa: S301 (our own parent's)
            except EOFError:
                return
            answer = _answer(function, args)
            line.sendall(LENGTH.pack(len(answer)) + answer)


def _answer(function: Any, args: tuple[Any, ...]) -> bytes:
    try:
        return pickle.dumps((True, function(*args)), pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is the parent's)
        story = "".join(traceback.format_exception(error))
        error.add_note(story)  # the traceback itself does not survive the way
        try:
            answer = pickle.dumps((False, error))
            pickle.loads(answer)  # noqa: S301 (ours; not every error can be made again from its arguments)
        except Exception:  # noqa: BLE001
            return pickle.dumps((False, RuntimeError(story)))
        return answer


if __name__ == "__main__":
    main()
