"""Attacks on single sign-on: forged and confused tokens, mixed-up answers, open redirects, false logouts."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from hashlib import sha256
from time import time
from typing import Any

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey
from starlette.responses import RedirectResponse, Response

from app.core.errors import Unavailable, UpstreamFailed
from app.core.oidc_settings import OidcProviderSettings
from app.integrations.oidc.http import ProviderHttp, make_provider_client
from app.integrations.oidc.keys import FRESH_SECONDS, REFETCH_SECONDS, ProviderKeys
from app.integrations.oidc.tokens import LOGOUT_EVENT
from app.services import single_sign_on
from tests.attacks.test_21_outbound import listening
from tests.conftest import Servers, make_settings
from tests.support.clock import Clock
from tests.support.sign_in_services import CLIENT_ID, LyingProvider, arrive, depart, lying_provider, parameter
from tests.support.studio import Studio, open_studio

Forge = Callable[[LyingProvider, str], str]
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})


@pytest.fixture(scope="module")
async def liar_and_studio(
    servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[LyingProvider, Studio]]:
    async with lying_provider() as liar:
        providers = [liar.settings(), liar.settings(name="other", issuer=liar.issuer, client_id="other")]
        settings = make_settings(servers, tmp_path_factory.mktemp("sso"), oidc_providers=providers)
        async with open_studio(settings) as studio:
            yield liar, studio


@pytest.fixture
async def liar(
    liar_and_studio: tuple[LyingProvider, Studio], empty: None
) -> AsyncIterator[tuple[LyingProvider, Studio]]:
    liar, studio = liar_and_studio
    fresh = LyingProvider(issuer=liar.issuer, key=liar.key)
    liar.__dict__.update(fresh.__dict__)
    async with AsyncExitStack() as clients:
        studio.renew(clients)
        await studio.register("owner")
        yield liar, studio


async def come_back(
    liar: LyingProvider, http: httpx.AsyncClient, forge: Forge | None = None, **changes: str | None
) -> str:
    """Begin, let the provider make its ID token, come back. `changes` to the answer's parameters; None drops one."""
    url = await depart(http)
    nonce = parameter(url, "nonce")
    liar.id_token = forge(liar, nonce) if forge else liar.sign(liar.claims(nonce=nonce))
    answer = {"code": "a-code", "state": parameter(url, "state"), "iss": liar.issuer, **changes}
    query = httpx.QueryParams({name: value for name, value in answer.items() if value is not None})
    return await arrive(http, f"/api/v1/auth/oidc/work/callback?{query}")


def claims(**changes: Any) -> Forge:
    return lambda liar, nonce: liar.sign(liar.claims(**{"nonce": nonce, **changes}))


def signed(**how: Any) -> Forge:
    return lambda liar, nonce: liar.sign(liar.claims(nonce=nonce), **how)


def unsigned(liar: LyingProvider, nonce: str) -> str:
    parts = [json.dumps(each).encode() for each in ({"alg": "none"}, liar.claims(nonce=nonce))]
    return ".".join([*map(_encoded, parts), ""])


def confused(liar: LyingProvider, nonce: str) -> str:
    """HS256 with the public RSA key, which everybody knows, as the secret. By hand: the library makes no such token."""
    parts = [json.dumps(each).encode() for each in ({"alg": "HS256", "kid": "one"}, liar.claims(nonce=nonce))]
    signed_part = ".".join(_encoded(part) for part in parts)
    secret = liar.key.as_pem(private=False)
    return f"{signed_part}.{_encoded(hmac.digest(secret, signed_part.encode(), 'sha256'))}"


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def of_the_client_secret(liar: LyingProvider, nonce: str) -> str:
    return liar.sign(liar.claims(nonce=nonce), key=OctKey.import_key("a secret between the two: +%&"), alg="HS256")


def with_own_key(liar: LyingProvider, nonce: str) -> str:
    return liar.sign(liar.claims(nonce=nonce), key=OTHER, jwk=OTHER.as_dict(private=False))


def tampered(liar: LyingProvider, nonce: str) -> str:
    head, _, tail = liar.sign(liar.claims(nonce=nonce)).split(".")
    body = json.dumps(liar.claims(nonce=nonce, sub="somebody-else")).encode()
    return f"{head}.{_encoded(body)}.{tail}"


FORGERIES: dict[str, Forge] = {
    "alg none": unsigned,
    "RS256 to HS256 with the public key": confused,
    "HS256 with the client's secret": of_the_client_secret,
    "another key under the same id": signed(key=OTHER),
    "another key that the header brings": with_own_key,
    "a key address in the header": signed(key=OTHER, jku="http://127.0.0.1:1/keys"),
    "an unknown key id": signed(kid="../../etc/passwd"),
    "an algorithm that the settings don't name": signed(alg="PS256"),
    "a tampered body": tampered,
    "another issuer": claims(iss="https://evil.example"),
    "another audience": claims(aud="somebody-else"),
    "several audiences and no azp": claims(aud=[CLIENT_ID, "somebody-else"]),
    "azp of another": claims(azp="somebody-else"),
    "expired": claims(exp=int(time()) - 3600),
    "no end": claims(exp=None),
    "no beginning": claims(iat=None),
    "issued tomorrow": claims(iat=int(time()) + 86400),
    "another nonce": claims(nonce="x" * 43),
    "no nonce": claims(nonce=None),
    "of another access token": claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "nobody": claims(sub=None),
    "somebody without a name": claims(sub=""),
    "a number for somebody": claims(sub=7),
    "no token at all": lambda liar, nonce: "",
    "no token but a text": lambda liar, nonce: "a.b.c",
    "a token of half a megabyte": lambda liar, nonce: liar.sign(liar.claims(nonce=nonce, x="y" * 400_000)),
}


async def test_a_right_answer_is_let_in(liar: tuple[LyingProvider, Studio]) -> None:
    """Without this the refusals below would prove nothing."""
    provider, studio = liar
    http = await studio.http()
    assert await come_back(provider, http) == "/"
    assert (await http.get("/api/v1/users/me")).json()["user"]["email"] == "ann@work.example"
    (redeemed,) = provider.redeemed
    assert len(redeemed["code_verifier"]) >= 43
    assert redeemed["redirect_uri"] == "http://127.0.0.1:3000/api/v1/auth/oidc/work/callback"
    for right in (
        claims(aud=[CLIENT_ID, "somebody-else"], azp=CLIENT_ID),
        claims(at_hash=provider_at_hash(provider)),
        signed(kid=None),
    ):
        assert await come_back(provider, await studio.http(), right) == "/"


def provider_at_hash(provider: LyingProvider) -> str:
    return _encoded(sha256(provider.access_token.encode()).digest()[:16])


async def test_no_forged_token_is_let_in(liar: tuple[LyingProvider, Studio]) -> None:
    provider, studio = liar
    let_in = []
    for name, forge in FORGERIES.items():
        http = await studio.http()
        page = await come_back(provider, http, forge)
        if page != "/login?error=sso_failed" or "easel_access" in http.cookies:
            let_in.append((name, page))
    assert not let_in


async def test_an_answer_of_another_provider_is_refused_before_its_code_goes_anywhere(
    liar: tuple[LyingProvider, Studio],
) -> None:
    provider, studio = liar
    for issuer in ("https://evil.example", provider.issuer + "/", "", None):
        assert await come_back(provider, await studio.http(), iss=issuer) == "/login?error=sso_expired"
    assert provider.redeemed == []


async def test_a_state_or_flow_that_is_not_of_this_browser_is_refused(
    liar: tuple[LyingProvider, Studio], monkeypatch: pytest.MonkeyPatch
) -> None:
    provider, studio = liar
    for state in ("x" * 43, "", None, "é"):
        assert await come_back(provider, await studio.http(), state=state) == "/login?error=sso_expired"

    http = await studio.http()
    url = await depart(http)
    callback = f"/api/v1/auth/oidc/work/callback?code=x&state={parameter(url, 'state')}&iss={provider.issuer}"
    flow = http.cookies["easel_sso_work"]
    other = await studio.http()
    await depart(other, "other")
    forged = [flow[:-2] + ("00" if flow[-2:] != "00" else "11"), "", "zz", other.cookies["easel_sso_other"]]
    for cookie in forged:
        thief = await studio.http()
        thief.cookies.set("easel_sso_work", cookie)
        assert await arrive(thief, callback) == "/login?error=sso_expired"

    monkeypatch.setattr(single_sign_on, "time", lambda: time() + single_sign_on.FLOW_SECONDS + 1)
    assert await arrive(http, callback) == "/login?error=sso_expired"
    assert provider.redeemed == []


@pytest.mark.parametrize(
    "leading_away",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/x\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "evil.example",
        " //evil.example",
        "/" + "x" * 1990 + "\\",
    ],
)
async def test_signing_in_leads_to_no_other_site(liar: tuple[LyingProvider, Studio], leading_away: str) -> None:
    provider, studio = liar
    http = await studio.http()
    url = await depart(http, next_path=leading_away)
    provider.id_token = provider.sign(provider.claims(nonce=parameter(url, "nonce")))
    callback = f"/api/v1/auth/oidc/work/callback?code=x&state={parameter(url, 'state')}&iss={provider.issuer}"
    assert await arrive(http, callback) == "/"


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://192.0.2.1/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"userinfo_endpoint": "http://169.254.169.254/latest"},
        {"code_challenge_methods_supported": ["plain"]},
    ],
)
async def test_a_discovery_document_that_is_not_safe_is_not_followed(
    liar: tuple[LyingProvider, Studio], metadata: dict[str, Any]
) -> None:
    provider, studio = liar
    provider.metadata = metadata
    known = studio.parts.oidc_providers["work"]
    remembered, known._metadata = known._metadata, None
    try:
        answer = await (await studio.http()).get("/api/v1/auth/oidc/work/login")
        assert answer.headers["Location"] == "http://127.0.0.1:3000/login?error=sso_failed"
    finally:
        known._metadata = remembered


@pytest.mark.parametrize(
    "answer",
    [
        RedirectResponse("http://127.0.0.1:1/elsewhere", 307),
        Response(b"[]", media_type="application/json"),
        Response(b"{", media_type="application/json"),
        Response(b'{"id_token": 7}', media_type="application/json"),
        Response(b" " * 2_000_000, media_type="application/json"),
        Response(b'{"error": "invalid_grant"}', 400, media_type="application/json"),
        Response(status_code=500),
    ],
)
async def test_a_provider_that_answers_nonsense_harms_nobody(
    liar: tuple[LyingProvider, Studio], answer: Response
) -> None:
    provider, studio = liar
    provider.answer = answer
    assert await come_back(provider, await studio.http()) == "/login?error=sso_failed"


async def test_userinfo_counts_only_about_the_same_person(liar: tuple[LyingProvider, Studio]) -> None:
    provider, studio = liar
    more = {"email": "ann@work.example", "email_verified": True}
    provider.userinfo = {"sub": "somebody-else", **more}
    assert await come_back(provider, await studio.http(), claims(email=None)) == "/login?error=sso_failed"
    provider.userinfo = {"sub": "person-1", **more, "iss": "https://evil.example"}
    http = await studio.http()
    assert await come_back(provider, http, claims(email=None)) == "/"
    assert (await http.get("/api/v1/users/me")).json()["user"]["email"] == "ann@work.example"


async def test_an_identity_stays_its_persons_when_the_address_moves_on(liar: tuple[LyingProvider, Studio]) -> None:
    """Ann leaves, her address goes to another Ann: the provider's subject tells them apart."""
    provider, studio = liar
    http = await studio.http()
    await come_back(provider, http)
    first = (await http.get("/api/v1/users/me")).json()["user"]["id"]
    assert await come_back(provider, await studio.http(), claims(sub="person-2")) == "/login?error=sso_account_exists"
    moved = await studio.http()
    assert await come_back(provider, moved, claims(email="new@work.example")) == "/"
    assert (await moved.get("/api/v1/users/me")).json()["user"]["id"] == first


async def test_two_first_sign_ins_at_once_make_one_account(liar: tuple[LyingProvider, Studio]) -> None:

    provider, studio = liar
    browsers = [await studio.http() for _ in range(5)]
    queries = []
    for number, http in enumerate(browsers):
        url = await depart(http)
        provider.tokens_of_codes[str(number)] = provider.sign(provider.claims(nonce=parameter(url, "nonce")))
        queries.append(f"code={number}&state={parameter(url, 'state')}&iss={provider.issuer}")
    callbacks = [f"/api/v1/auth/oidc/work/callback?{query}" for query in queries]
    pages = await asyncio.gather(*(arrive(*each) for each in zip(browsers, callbacks, strict=True)))
    assert pages == ["/"] * 5
    ids = {(await http.get("/api/v1/users/me")).json()["user"]["id"] for http in browsers}
    assert len(ids) == 1


# ------------------------------------------------------------------------------------------------- back-channel logout


def logout_claims(provider: LyingProvider, **changes: Any) -> dict[str, Any]:
    token = {"events": {LOGOUT_EVENT: {}}, "jti": f"token-{time()}", "sid": "their-session", **changes}
    return provider.claims(email=None, email_verified=None, name=None, **token)


async def log_out(studio: Studio, token: str) -> int:
    http = await studio.http()
    answer = await http.post("/api/v1/auth/oidc/work/backchannel-logout", data={"logout_token": token})
    return answer.status_code


async def test_a_logout_token_ends_what_it_names_and_nothing_else(liar: tuple[LyingProvider, Studio]) -> None:
    provider, studio = liar
    people = {sid: await studio.http() for sid in ("one", "two", "three")}
    for sid, http in people.items():
        assert await come_back(provider, http, claims(sid=sid)) == "/"

    async def living() -> list[str]:
        return [sid for sid, http in people.items() if (await http.get("/api/v1/users/me")).status_code == 200]

    assert await log_out(studio, provider.sign(logout_claims(provider, sid="one"), typ="logout+jwt")) == 200
    assert await living() == ["two", "three"]
    assert await log_out(studio, provider.sign(logout_claims(provider, sid="two", sub="somebody-else"))) == 200
    assert await living() == ["two", "three"]
    assert await log_out(studio, provider.sign(logout_claims(provider, sid=None))) == 200
    assert await living() == []


async def test_no_false_logout_token_ends_anything(liar: tuple[LyingProvider, Studio]) -> None:
    provider, studio = liar
    http = await studio.http()
    assert await come_back(provider, http, claims(sid="their-session")) == "/"
    right = logout_claims(provider)
    wrong = {
        "an ID token": provider.sign(provider.claims(nonce="x", sid="their-session")),
        "with a nonce": provider.sign({**right, "nonce": "x"}),
        "without the event": provider.sign({**right, "events": {}}),
        "events of another shape": provider.sign({**right, "events": [LOGOUT_EVENT]}),
        "of another event": provider.sign({**right, "events": {"http://schemas.openid.net/event/other": {}}}),
        "about nobody": provider.sign({name: value for name, value in right.items() if name not in {"sub", "sid"}}),
        "without an id": provider.sign({name: value for name, value in right.items() if name != "jti"}),
        "of yesterday": provider.sign({**right, "iat": right["iat"] - 86400, "exp": right["exp"] + 86400}),
        "for another": provider.sign({**right, "aud": "somebody-else"}),
        "of another": provider.sign({**right, "iss": "https://evil.example"}),
        "signed by another": provider.sign(right, key=OTHER),
        "unsigned": ".".join([*provider.sign(right).split(".")[:2], ""]),
        "no token": "x",
    }
    taken = [name for name, token in wrong.items() if await log_out(studio, token) != 400]
    assert taken == []
    assert (await http.get("/api/v1/users/me")).status_code == 200

    token = provider.sign(right)
    assert await log_out(studio, token) == 200
    again = await studio.http()
    assert await come_back(provider, again, claims(sid="their-session")) == "/"
    assert await log_out(studio, token) == 400, "it was good once"
    assert (await again.get("/api/v1/users/me")).status_code == 200


# ---------------------------------------------------------------------------------------------------------------- keys


async def test_made_up_key_ids_do_not_make_us_ask_the_provider_each_time() -> None:
    published, fetches, clock = [OTHER.as_dict(private=False)], 0, Clock(0.0)

    async def fetch() -> dict[str, Any]:
        nonlocal fetches
        fetches += 1
        return {"keys": published}

    keys = ProviderKeys(fetch, clock=clock)
    for number in range(100):
        assert await keys.find(f"made-up-{number}", "RS256") is None
    assert fetches == 1

    new = RSAKey.generate_key(2048, {"kid": "two"})
    published.append(new.as_dict(private=False))
    assert await keys.find("two", "RS256") is None
    clock.now = REFETCH_SECONDS + 1
    found = await keys.find("two", "RS256")
    assert found is not None
    assert fetches == 2
    published.remove(published[1])
    clock.now += FRESH_SECONDS + 1
    assert await keys.find("two", "RS256") is None, "a key that the provider took back is forgotten within the hour"


async def test_a_key_set_of_nonsense_holds_no_key() -> None:
    nonsense: list[Any] = [
        7,
        {},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "one"},
        {"kty": "RSA", "kid": "one"},
        {**OTHER.as_dict(private=False), "use": "enc"},
        {**OTHER.as_dict(private=False), "alg": "RS512"},
    ]

    async def fetch() -> dict[str, Any]:
        return {"keys": nonsense}

    assert await ProviderKeys(fetch).find("one", "RS256") is None


@pytest.mark.parametrize("host", ["127.0.0.1", "[::ffff:127.0.0.1]", "2130706433"])
async def test_a_public_provider_leads_to_no_neighbour_unless_the_operator_names_its_network(host: str) -> None:
    public = {"name": "work", "issuer": "https://id.example.com", "client_id": CLIENT_ID}
    async with listening() as neighbour:
        strict = ProviderHttp("work", make_provider_client(OidcProviderSettings.model_validate(public)))
        for ask in (
            strict.get(f"https://{host}:{neighbour.port}/keys"),
            strict.post(f"https://{host}/", {}, auth=None),
        ):
            with pytest.raises(UpstreamFailed) as refusal:
                await ask
            assert refusal.value.code == "sso_failed"
        await strict.close()
        assert neighbour.connections == 0
        inside = {**public, "issuer": f"https://127.0.0.1.example:{neighbour.port}", "networks": ["127.0.0.0/8"]}
        allowed = ProviderHttp("work", make_provider_client(OidcProviderSettings.model_validate(inside)))
        if host == "127.0.0.1":
            with pytest.raises(Unavailable):  # it is asked, and speaks no TLS
                await allowed.get(f"https://{host}:{neighbour.port}/keys")
            assert neighbour.connections == 1
        await allowed.close()


async def test_an_issuer_on_this_machine_needs_no_network_and_opens_no_other(
    liar: tuple[LyingProvider, Studio],
) -> None:
    provider, studio = liar
    provider.metadata = {"jwks_uri": "https://10.0.0.7/keys"}
    known = studio.parts.oidc_providers["work"]
    remembered, known._metadata = known._metadata, None
    keys, known._keys._fetched_at = known._keys._fetched_at, None
    try:
        assert await come_back(provider, await studio.http()) == "/login?error=sso_failed"
    finally:
        known._metadata, known._keys._fetched_at = remembered, keys
