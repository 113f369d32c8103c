from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.integrations.storage.links import content_disposition, window_end


@given(st.floats(min_value=0, max_value=4e9), st.integers(min_value=60, max_value=7 * 86400))
def test_a_link_lives_between_half_and_one_lifetime(now: float, lifetime: int) -> None:
    left = window_end(now, lifetime) - now
    assert lifetime / 2 - 1 <= left <= lifetime


def test_without_a_name_the_browser_shows_the_file() -> None:
    assert content_disposition(None) == "inline"
    assert content_disposition("") == "inline"


@given(st.text(min_size=1, max_size=60))
def test_no_name_breaks_out_of_the_header(name: str) -> None:
    header = content_disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2


def test_a_name_in_unicode_is_given_twice() -> None:
    assert content_disposition('ein "Öl".png') == (
        "attachment; filename=\"ein __l_.png\"; filename*=UTF-8''ein%20%22%C3%96l%22.png"
    )
