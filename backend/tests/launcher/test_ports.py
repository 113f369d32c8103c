from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.studio.ports import LOOPBACK, PortBook, PortTaken, free_port, is_free, require_free


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen()
        yield server


def test_a_listening_port_is_not_free(listener: socket.socket) -> None:
    assert not is_free(listener.getsockname()[1])


def test_a_port_that_is_taken_on_all_addresses_is_not_free_on_one() -> None:
    with socket.socket() as server:
        server.bind(("", 0))
        server.listen()
        assert not is_free(server.getsockname()[1], LOOPBACK)


def test_the_error_names_the_port_and_its_holder(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with pytest.raises(PortTaken, match=rf"port {port} .* \(pid {os.getpid()}\)"):
        require_free(port)


def test_a_part_gets_the_same_port_again(home: Path) -> None:
    assert PortBook(home).claim("api") == PortBook(home).claim("api")


def test_a_part_gets_another_port_when_its_own_is_taken(home: Path) -> None:
    port = PortBook(home).claim("api")
    with socket.socket() as server:
        server.bind((LOOPBACK, port))
        server.listen()
        assert PortBook(home).claim("api") != port


def test_two_parts_never_share_a_port(home: Path) -> None:
    book = PortBook(home)
    ports = [book.claim(name) for name in ("postgres", "redis", "api", "web")]
    assert len(set(ports)) == len(ports)


def test_a_broken_port_book_is_written_anew(home: Path) -> None:
    (home / "run").mkdir(parents=True)
    (home / "run" / "ports.json").write_text("{half")
    assert is_free(PortBook(home).claim("api"))


def test_a_free_port_is_free() -> None:
    require_free(free_port())
