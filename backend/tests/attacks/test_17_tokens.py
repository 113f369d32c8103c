"""Attack 17: forged, altered, confused and outlived access tokens. All answer 401, none 500, none is logged."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from app.core.clock import utc_now
from app.core.enums import Scope
from app.core.signing import ALGORITHM
from tests.support.people import access_tokens_of, bearer_of, make_organization
from tests.support.studio import Studio


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).rstrip(b"=").decode()


class Forger:
    """Knows a good token, the public keys, and (for the cases that need a good signature) the signing key."""

    def __init__(self, studio: Studio, good: str) -> None:
        self.good = good
        self.tokens = access_tokens_of(studio)
        self.key = self.tokens._keys.current(utc_now())
        header, claims, self.signature = good.split(".")
        self.header: dict[str, Any] = json.loads(base64.urlsafe_b64decode(header + "=="))
        self.claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(claims + "=="))

    def signed(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """With the real key: only the claim or header is wrong. A claim of None is left out."""
        body = {name: value for name, value in {**self.claims, **claims}.items() if value is not None}
        return jwt.encode({**self.header, **(header or {})}, body, self.key, algorithms=[ALGORITHM])

    def signed_by(self, key: Any, algorithm: str, **header: Any) -> str:
        return jwt.encode({**self.header, "alg": algorithm, **header}, self.claims, key, algorithms=[algorithm])

    def hmac_with_public_key(self, key: bytes, **header: Any) -> str:
        head = f"{part({**self.header, 'alg': 'HS256', **header})}.{part(self.claims)}"
        signature = hmac.new(key, head.encode(), hashlib.sha256).digest()
        return f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    def altered(self, **claims: Any) -> str:
        head = self.good.split(".")[0]
        return f"{head}.{part({**self.claims, **claims})}.{self.signature}"


def forgeries(forger: Forger) -> dict[str, str]:
    now = int(time.time())
    mine = OKPKey.generate_key("Ed25519")
    public_pem = forger.key.as_pem(private=False)
    public_jwk = orjson.dumps(forger.key.as_dict(private=False))
    raw_public = base64.urlsafe_b64decode(str(forger.key.as_dict(private=False)["x"]) + "==")
    head, claims, signature = forger.good.split(".")
    return {
        "none, unsigned": f"{part({**forger.header, 'alg': 'none'})}.{claims}.",
        "None in capitals": f"{part({**forger.header, 'alg': 'NoNe'})}.{claims}.",
        "none with the old signature": f"{part({**forger.header, 'alg': 'none'})}.{claims}.{signature}",
        "no algorithm": f"{part({'typ': 'at+jwt', 'kid': forger.header['kid']})}.{claims}.{signature}",
        "HS256 with the public PEM": forger.hmac_with_public_key(public_pem),
        "HS256 with the public JWK": forger.hmac_with_public_key(public_jwk),
        "HS256 with the raw public key": forger.hmac_with_public_key(raw_public),
        "HS256 with an empty key": forger.hmac_with_public_key(b""),
        "another key of ours by name": forger.signed_by(mine, ALGORITHM),
        "another key with its own kid": forger.signed_by(mine, ALGORITHM, kid="mine"),
        "EdDSA, the older name": forger.signed_by(forger.key, "EdDSA"),
        "ES256": forger.signed_by(ECKey.generate_key("P-256"), "ES256"),
        "RS256": forger.signed_by(RSAKey.generate_key(2048), "RS256"),
        "HS256 with a key of theirs": forger.signed_by(OctKey.generate_key(256), "HS256"),
        "jwk in the header": forger.signed_by(mine, ALGORITHM, jwk=mine.as_dict(private=False)),
        "jku in the header": forger.signed({"jku": "http://127.0.0.1:9/jwks"}),
        "x5u in the header": forger.signed({"x5u": "http://127.0.0.1:9/cert"}),
        "kid is a path": forger.signed({"kid": "../../../../dev/null"}),
        "kid is SQL": forger.signed({"kid": "x' OR '1'='1"}),
        "kid is a number": f"{part({**forger.header, 'kid': 7})}.{claims}.{signature}",
        "kid is a list": f"{part({**forger.header, 'kid': ['a']})}.{claims}.{signature}",
        "no kid": f"{part({'alg': ALGORITHM, 'typ': 'at+jwt'})}.{claims}.{signature}",
        "crit extension": f"{part({**forger.header, 'crit': ['exp'], 'exp': 1})}.{claims}.{signature}",
        "another type in the header": forger.signed({"typ": "JWT"}),
        "wrong audience": forger.signed(aud="another-api"),
        "no audience": forger.signed(aud=None),
        "wrong issuer": forger.signed(iss="https://evil.example"),
        "no issuer": forger.signed(iss=None),
        "wrong type": forger.signed(typ="refresh"),
        "no type": forger.signed(typ=None),
        "expired": forger.signed(iat=now - 1200, exp=now - 600),
        "never expires": forger.signed(exp=None),
        "expires in a word": forger.signed(exp="tomorrow"),
        "issued in the future": forger.signed(iat=now + 600, exp=now + 1200),
        "not yet valid": forger.signed(nbf=now + 600),
        "no subject": forger.signed(sub=None),
        "subject is no id": forger.signed(sub="admin"),
        "no session": forger.signed(sid=None),
        "a session that never was": forger.signed(sid="00000000-0000-7000-8000-000000000000"),
        "unknown role": forger.signed(role="root"),
        "unknown scope": forger.signed(scope="everything"),
        "claims altered": forger.altered(scope=" ".join(Scope), role="owner", sub=forger.claims["sub"] + " "),
        "signature cut": forger.good[:-4],
        "signature of zeros": f"{head}.{claims}.{'A' * len(signature)}",
        "claims are a list": f"{head}.{part([1, 2])}.{signature}",
        "header is a number": f"{part(1)}.{claims}.{signature}",
        "deep header": f"{base64.urlsafe_b64encode(b'[' * 2000).decode()}.{claims}.{signature}",
        "very long": forger.good + "A" * 6000,
        "five parts": forger.good + ".x.y",
        "empty": "..",
        "not base64": "!!.!!.!!",
    }


@pytest.mark.usefixtures("empty")
async def test_every_forged_token_is_refused_and_none_is_logged(
    studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    owner = await make_organization(studio, "Own")
    http, headers = await studio.http(), await bearer_of(studio, owner)
    good = headers["Authorization"].removeprefix("Bearer ")
    assert (await http.get("/api/v1/users/me", headers=headers)).status_code == 200
    forged = forgeries(Forger(studio, good))
    wrong = []
    for name, token in forged.items():
        for as_cookie in (False, True):
            sent = {"Cookie": f"easel_access={token}"} if as_cookie else {"Authorization": f"Bearer {token}"}
            answer = await http.get("/api/v1/users/me", headers=sent)
            if answer.status_code != 401 or token in answer.text:
                wrong.append(f"{name}: {answer.status_code}")
    assert not wrong
    assert (await http.get("/api/v1/users/me", headers=headers)).status_code == 200
    log = capsys.readouterr().out
    assert not [name for name, token in forged.items() if len(token) > 8 and token in log]
    assert good not in log


async def test_a_refresh_token_is_no_access_token_and_the_other_way_round(studio: Studio) -> None:
    ann = await studio.register("ann")
    refresh, access = ann.http.cookies["easel_refresh"], ann.http.cookies["easel_access"]
    http = await studio.http()
    for sent in ({"Authorization": f"Bearer {refresh}"}, {"Cookie": f"easel_access={refresh}"}):
        assert (await http.get("/api/v1/users/me", headers=sent)).status_code == 401
    answer = await http.post("/api/v1/auth/refresh", headers={"Cookie": f"easel_refresh={access}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")
    assert (await ann.post("/api/v1/auth/refresh")).status_code == 200
