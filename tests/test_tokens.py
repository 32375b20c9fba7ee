"""Tokens and headers: small, whole or refused, and not to be mistaken for one another."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest

from journeyscore import minutes
from journeyscore.errors import ExpiredToken, InvalidToken
from journeyscore.live.carrier import HEADER, extract, inject
from journeyscore.live.tokens import LONGEST, Promise, Reference, _tag, seal, unseal
from journeyscore.telemetry.origin import Origin

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
KEY, OTHER = b"0123456789abcdef", b"fedcba9876543210"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
STAY = Reference("a1b2c3d4e5f60718", "stay", Origin(PARENT, "vendor=1"))
VALET = Promise(
    journey=STAY, name="hotel.valet", scale=minutes(best=0, worst=30),
    within=timedelta(minutes=10), at=NOON, expires=NOON + timedelta(hours=1),
)  # fmt: skip


@pytest.mark.parametrize("key", [None, KEY])
def test_every_change_of_a_single_character_is_noticed(key: bytes | None) -> None:
    token = VALET.sealed(key)
    assert len(token) < 400
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=~ é"
    for place, old in enumerate(token):
        for new in alphabet.replace(old, ""):
            with pytest.raises(InvalidToken):
                Promise.unsealed(token[:place] + new + token[place + 1 :], key)
        with pytest.raises(InvalidToken):
            Promise.unsealed(token[:place] + token[place + 1 :], key)
        with pytest.raises(InvalidToken):
            Promise.unsealed(token[:place] + "A" + token[place:], key)


def test_keys_must_agree() -> None:
    for made, read in ((None, KEY), (KEY, None), (KEY, OTHER)):
        with pytest.raises(InvalidToken, match="another key"):
            Promise.unsealed(VALET.sealed(made), read)


@pytest.mark.parametrize("given", [None, 7, b"js1p", "", "js1p", "js1p..", "x" * (LONGEST + 1)])
def test_what_is_no_token(given: object) -> None:
    with pytest.raises(InvalidToken):
        Promise.unsealed(given)


@pytest.mark.parametrize(
    "content", [[], ["a"], [None] * 14, [1] * 14, ["a", "b", None, None, *["x"] * 10]]
)
def test_a_whole_token_with_wrong_content_is_refused(content: list[object]) -> None:
    with pytest.raises(InvalidToken):
        Promise.unsealed(seal("js1p", content, None))


@pytest.mark.parametrize(
    ("place", "wrong"), [(3, 30.0), (3, 0), (2, 7), (11, 1.5), (11, True), (12, 1e15), (13, "1")]
)
def test_no_value_of_a_whole_token_is_coerced(place: int, wrong: object) -> None:
    """Found by fuzzing: a fraction of a tick was rounded, and a number made text."""
    content = unseal("js1p", VALET.sealed(), None)
    assert Promise.unsealed(seal("js1p", content, None)) == VALET
    content[place] = wrong
    with pytest.raises(InvalidToken):
        Promise.unsealed(seal("js1p", content, None))


def test_what_is_nested_deep_is_refused_like_any_other_token() -> None:
    """Without a key whoever knows the library can seal it: it ran out of Python's stack."""
    packed = urlsafe_b64encode(b"[" * 3000).decode().rstrip("=")
    body = f"js1p.{packed}"
    with pytest.raises(InvalidToken):
        Promise.unsealed(f"{body}.{_tag(body, None)}")


def test_a_reference_is_no_promise() -> None:
    with pytest.raises(InvalidToken, match="kind"):
        Promise.unsealed(STAY.sealed())
    with pytest.raises(InvalidToken, match="kind"):
        Reference.unsealed(VALET.sealed())


def test_expiry() -> None:
    assert VALET.check(NOON + timedelta(minutes=59)) is VALET
    with pytest.raises(ExpiredToken, match="60 seconds ago"):
        VALET.check(NOON + timedelta(minutes=61))


def test_errors_do_not_quote_the_token() -> None:
    token = VALET.sealed()
    with pytest.raises(InvalidToken) as caught:
        Promise.unsealed(token[:-1])
    assert token[8:20] not in str(caught.value)


@pytest.mark.parametrize("key", [None, KEY])
def test_headers_of_every_kind(key: bytes | None) -> None:
    headers: dict[str, str] = {}
    inject(STAY, headers, key)
    value = headers[HEADER]
    for carrier in (
        headers,
        {HEADER.title(): value},
        {HEADER: [value]},
        [(HEADER.encode(), value.encode())],
        {"other": "x", HEADER.upper(): value.encode()},
    ):
        assert extract(carrier, key) == STAY
    assert extract({}, key) is None
    for wrong in ({HEADER: value + "x"}, {HEADER: [value, value]}, {HEADER: ""}):
        with pytest.raises(InvalidToken):
            extract(wrong, key)


def test_an_origin_that_is_none_links_nowhere() -> None:
    assert Origin("00-nonsense").links == ()
    (link,) = Origin(PARENT, "vendor=1").links
    assert f"{link.context.trace_id:032x}" == PARENT[3:35]
    assert link.context.is_remote and link.context.trace_state["vendor"] == "1"
    assert Origin.of(link.context) == Origin(PARENT, "vendor=1")
