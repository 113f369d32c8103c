"""Passwords that somebody chooses: refused when they are tried first, taken when they are not, in bounded time."""

from __future__ import annotations

import time

import pytest

from app.core.errors import InvalidInput
from app.core.passwords import Passwords

ANN = ("ann.miller@example.com", "Ann Miller")


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "1234567890",
        "qwertyuiop",
        "Passwort123456",
        "aaaaaaaaaaaaaaaa",
        "ann.miller@example.com",
        "annmiller2",
        "easelstudio",
        "iloveyou2023",
        "x" * 256,
    ],
)
async def test_what_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await Passwords().hash_new(password, own_words=ANN, pointer="/new_password")
    (error,) = refusal.value.errors
    assert (error.pointer, error.code) == ("/new_password", "weak_password")


@pytest.mark.parametrize(
    "password", ["correct horse battery staple", "Tr0ub4dor&3x!", "ein Pinsel am Fenster", "🦊 im hohen Gras"]
)
async def test_others_are_taken_and_verified(password: str) -> None:
    passwords = Passwords()
    password_hash = await passwords.hash_new(password, own_words=(None, "Ann"))
    assert await passwords.verify(password, password_hash)


async def test_the_longest_password_costs_no_more_than_its_beginning() -> None:
    worst = "1li!a@4sS$5o0O" * 18
    for password in (worst[:64], worst):
        began = time.process_time()
        await Passwords().hash_new(password, own_words=ANN)
        assert time.process_time() - began < 2
