"""The link to Redis: sent together, answered in order, and never waiting for a server that is gone."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy.engine import make_url

from app.integrations import redis_link
from app.integrations.redis_link import RedisLink
from tests.conftest import Servers


@pytest.fixture
async def redis(servers: Servers) -> AsyncIterator[Redis]:
    async with Redis.from_url(servers.redis_url) as client:
        await client.delete("link:list")
        yield client


@pytest.fixture
async def link(redis: Redis) -> AsyncIterator[RedisLink]:
    link = RedisLink(redis)
    yield link
    await link.close()


async def test_answers_come_to_those_who_asked(link: RedisLink) -> None:
    """Those that were asked before there was a connection too, with its password."""
    asked = [link.ask("ECHO", str(number)) for number in range(300)]
    assert await asyncio.gather(*asked) == [str(number).encode() for number in range(300)]
    asked = [link.ask("ECHO", str(number)) for number in range(300)]
    assert await asyncio.gather(*asked) == [str(number).encode() for number in range(300)]


async def test_it_works_on_the_loop_that_the_processes_have(servers: Servers) -> None:
    async def ask() -> list[bytes]:
        async with Redis.from_url(servers.redis_url) as redis:
            link = RedisLink(redis)
            answers = await asyncio.gather(*(link.ask("ECHO", str(number)) for number in range(300)))
            answers += [await link.ask("ECHO", "more")]
            await link.close()
            return answers

    def on_uvloop() -> list[bytes]:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(ask())

    assert await asyncio.to_thread(on_uvloop) == [*(str(number).encode() for number in range(300)), b"more"]


async def _pass_on(servers: Servers, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    address = make_url(servers.redis_url)
    redis_reader, redis_writer = await asyncio.open_connection(address.host, address.port)

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while chunk := await source.read(65536):
            target.write(chunk)
        target.close()

    await asyncio.gather(pump(reader, redis_writer), pump(redis_reader, writer))


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@pytest.mark.parametrize(("trusted", "answers"), [(True, True), (False, False)])
async def test_over_tls_the_server_has_to_be_the_one_that_is_trusted(
    servers: Servers, tmp_path: Path, trusted: bool, answers: bool
) -> None:
    context = _self_signed(tmp_path)
    server = await asyncio.start_server(partial(_pass_on, servers), "127.0.0.1", 0, ssl=context)
    port, password = server.sockets[0].getsockname()[1], make_url(servers.redis_url).password
    trust = f"ssl_cert_reqs=required&ssl_check_hostname=true&ssl_ca_certs={tmp_path / 'cert.pem'}" if trusted else ""
    url = f"rediss://:{password}@localhost:{port}/2?{trust or 'ssl_cert_reqs=required'}"
    async with Redis.from_url(url) as secured:
        link = RedisLink(secured)
        if answers:
            assert b"db=2" in await link.ask("CLIENT", "LIST", "ID", await link.ask("CLIENT", "ID"))
        else:
            with pytest.raises(RedisConnectionError, match="can't be reached"):
                await link.ask("PING")
        await link.close()
    server.close()


async def test_it_goes_through_a_socket_file_too(servers: Servers, tmp_path: Path) -> None:
    server = await asyncio.start_unix_server(partial(_pass_on, servers), tmp_path / "redis.sock")
    async with Redis.from_url(f"unix://:{make_url(servers.redis_url).password}@{tmp_path / 'redis.sock'}") as redis:
        link = RedisLink(redis)
        assert await link.ask("PING") == b"PONG"
        await link.close()
    server.close()


async def test_an_error_is_that_of_its_command_alone(link: RedisLink) -> None:
    before, wrong, after = link.ask("PING"), link.ask("LPUSH", "link:list"), link.ask("PING")
    assert await before == await after == b"PONG"
    with pytest.raises(ResponseError, match="wrong number of arguments"):
        await wrong


async def test_who_stops_waiting_takes_no_answer_of_others(link: RedisLink) -> None:
    gone, next_one = link.ask("ECHO", "gone"), link.ask("ECHO", "next")
    gone.cancel()
    assert await next_one == b"next"


async def test_what_is_asked_in_one_turn_leaves_together_at_its_end() -> None:
    """Seen by a server in another thread, while the caller keeps the event loop to itself."""
    arrived: SimpleQueue[bytes] = SimpleQueue()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, suppress(ConnectionResetError):
                while words := connection.recv(1024):
                    arrived.put(words)
                    connection.sendall(b"+OK\r\n" * words.count(b"*"))

        thread = threading.Thread(target=serve)
        thread.start()
        async with Redis.from_url(f"redis://127.0.0.1:{listening.getsockname()[1]}") as nobody:
            link = RedisLink(nobody)
            await link.ask("HELLO")
            assert b"HELLO" in arrived.get(timeout=10)
            one, two = link.ask("ONE"), link.ask("TWO")
            with pytest.raises(Empty):
                arrived.get(timeout=0.1)
            await asyncio.gather(one, two)
            assert arrived.get(timeout=10) == b"*1\r\n$3\r\nONE\r\n*1\r\n$3\r\nTWO\r\n"
            link.ask("RING")
            await asyncio.sleep(0)
            assert b"RING" in arrived.get(timeout=10), "one turn is enough"
            await link.close()
        thread.join(10)


async def test_what_redis_refuses_is_told_before_the_one_who_asked_hears_of_it(redis: Redis) -> None:
    told = list[str]()
    link = RedisLink(redis, when_refused=lambda error: told.append(str(error)))
    assert await link.ask("PING") == b"PONG"
    with pytest.raises(ResponseError):
        await link.ask("LPUSH", "link:list")
    assert len(told) == 1
    await link.close()


async def test_after_its_connection_broke_it_makes_another_one(link: RedisLink, redis: Redis) -> None:
    number = await link.ask("CLIENT", "ID")
    under_way = link.ask("BRPOP", "link:list", 30)
    assert await redis.client_kill_filter(_id=number) == 1
    with pytest.raises(RedisConnectionError):
        await under_way
    assert await link.ask("CLIENT", "ID") != number


async def test_an_idle_connection_is_made_anew(link: RedisLink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_link, "IDLE_SECONDS", 0.05)
    number = await link.ask("CLIENT", "ID")
    assert await link.ask("CLIENT", "ID") == number
    await asyncio.sleep(0.1)
    assert await link.ask("CLIENT", "ID") != number


async def test_a_server_that_is_away_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with Redis.from_url(f"redis://127.0.0.1:{port}") as nowhere:
        link = RedisLink(nowhere)
        with pytest.raises(RedisConnectionError, match="can't be reached"):
            await link.ask("PING")
        assert link.ask("PING").done()  # refused at once, for a moment
        monkeypatch.setattr(redis_link, "AWAY_SECONDS", 0.0)
        await link.close()


async def test_a_server_that_is_silent_is_given_up_with_all_that_it_was_asked(
    silent: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_link, "ANSWER_SECONDS", 0.2)

    link, began = RedisLink(silent), time.monotonic()
    first = link.ask("PING")
    await asyncio.sleep(0.1)
    second = link.ask("PING")
    for answer in (first, second):
        with pytest.raises(RedisTimeoutError):
            await answer
    assert time.monotonic() - began < 1
    await link.close()


async def test_a_wrong_password_is_an_error_of_each_command(servers: Servers) -> None:
    address = servers.redis_url.rpartition("@")[2]
    async with Redis.from_url(f"redis://:wrong@{address}") as stranger:
        link = RedisLink(stranger)
        with pytest.raises(RedisConnectionError):
            await link.ask("PING")
        await link.close()


async def test_what_is_closed_leaves_nobody_waiting(link: RedisLink) -> None:
    waiting = link.ask("PING")
    await link.close()
    with pytest.raises(RedisConnectionError):
        await waiting
    waiting = link.ask("BRPOP", "link:list", 30)
    await asyncio.sleep(0.1)
    await link.close()
    with pytest.raises(RedisConnectionError):
        await waiting
