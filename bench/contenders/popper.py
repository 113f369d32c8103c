"""The least that a worker could do: pop from a list in Redis, and say how long what came was on its way.

`python -m bench.contenders.popper URL LIST COUNT`. What is pushed is the time at which it was.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import redis


def main() -> None:
    url, name, count = sys.argv[1:]
    client: Any = redis.Redis.from_url(url, socket_timeout=None)
    client.ping()
    print("ready", flush=True)
    waits = []
    for _ in range(int(count)):
        _, sent = client.brpop([name])
        waits.append(time.time() - float(sent))
    print(*map(repr, waits), flush=True)


if __name__ == "__main__":
    main()
