"""Logs in to applications with a running demo as the provider, through authlib, which knows OpenID Connect by itself.

The ID token is verified by joserfc with the keys that the provider publishes. A browser is played by requests: it logs in,
agrees, and follows the pages that lead on. Run by scripts/oidc-peer.
"""

import re
import html
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.parse

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

PASSWORD = "three rivers meet"
BACK = "http://127.0.0.1:1/back"

failed = []


def check(what, agreed):
    print(("agreed " if agreed else "WRONG  ") + what)
    if not agreed:
        failed.append(what)


def refuses(kind, call):
    try:
        call()
        return False
    except kind:
        return True


def hidden(page, name):
    return html.unescape(re.search(rf'name="{name}" value="([^"]*)"', page).group(1))


class Browser:
    """Somebody who logs in where asked, and agrees once."""

    def __init__(self, issuer, name):
        self.issuer, self.name, self.session, self.agreed = issuer, name, requests.Session(), 0

    def go(self, address):
        """From an application's request to the address that leads back to it."""
        for _ in range(10):
            if address.startswith(BACK):
                return address
            answer = self.session.get(urllib.parse.urljoin(self.issuer, address), allow_redirects=False, timeout=20)
            if answer.is_redirect:
                address = answer.headers["location"]
            elif urllib.parse.urlsplit(answer.url).path == "/login":
                fields = {"name": self.name, "password": PASSWORD, "next": hidden(answer.text, "next")}
                address = self.send("/login", fields)
            else:
                self.agreed += 1
                fields = {name: hidden(answer.text, name) for name in ("csrf", "address")}
                address = self.send("/oidc/agree", fields)
        raise RuntimeError("it goes round in circles")

    def send(self, path, fields):
        answer = self.session.post(self.issuer + path, data=fields, allow_redirects=False, timeout=20)
        return answer.headers["refresh"].split("url=", 1)[1]


class Application:
    def __init__(self, demo, method, scope, *more):
        made = demo.run("client", "add", f"peer {method}", "--redirect", BACK, "--scope", "profile", "--scope", "sanjiang", "--scope", "offline_access", *more)
        known = dict(line.split("=", 1) for line in made.splitlines())
        self.metadata = requests.get(f"{demo.issuer}/.well-known/openid-configuration", timeout=20).json()
        self.id = known["client_id"]
        self.client = OAuth2Session(self.id, known.get("client_secret"), scope=scope, redirect_uri=BACK, token_endpoint_auth_method=method, code_challenge_method="S256")

    def login(self, browser, **more):
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        address, state = self.client.create_authorization_url(self.metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **more)
        back = browser.go(address)
        token = self.client.fetch_token(self.metadata["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier)
        return token, nonce, back, verifier

    def verified(self, id_token, **expected):
        keys = KeySet.import_key_set(requests.get(self.metadata["jwks_uri"], timeout=20).json())
        token = jwt.decode(id_token, keys, algorithms=self.metadata["id_token_signing_alg_values_supported"])
        wanted = {"iss": self.metadata["issuer"], "aud": self.id, **expected}
        jwt.JWTClaimsRegistry(sub={"essential": True}, exp={"essential": True}, **{name: {"essential": True, "value": value} for name, value in wanted.items()}).validate(token.claims)
        return token


class Demo:
    def __init__(self, binary, folder):
        self.binary, self.data = binary, f"{folder}/data"
        self.child = subprocess.Popen([binary, "demo", "--data", self.data, "--scale", "0.001", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        for line in self.child.stdout:
            found = re.search(r"Sanjiang is at\s+(http://\S+)", line)
            if found:
                self.issuer = found.group(1)
                break
        else:
            raise SystemExit("the demo did not start")

    def run(self, *words, **more):
        return subprocess.run([self.binary, *words, "--data", self.data], check=True, capture_output=True, text=True, timeout=120, **more).stdout

    def stop(self):
        self.child.terminate()
        self.child.wait(30)


def main(demo):
    demo.run("account", "add", "li", "--role", "officer", "--department", "housing", input=PASSWORD)
    browser = Browser(demo.issuer, "li")
    subjects = set()
    for method, more in [("client_secret_basic", ()), ("client_secret_post", ()), ("none", ("--public",))]:
        app = Application(demo, method, "openid profile sanjiang", *more)
        token, nonce, back, verifier = app.login(browser)
        id_token = app.verified(token["id_token"], nonce=nonce)
        check(f"{method}: the ID token is verified by the published keys ({id_token.header['alg']}, kid {id_token.header['kid'][:8]}…)", id_token.header["alg"] == "RS256")
        check(f"{method}: it says who it is", id_token.claims["preferred_username"] == "li" and id_token.claims["roles"] == ["officer"] and id_token.claims["department"] == "housing")
        info = app.client.get(app.metadata["userinfo_endpoint"]).json()
        check(f"{method}: userinfo says the same", info["sub"] == id_token.claims["sub"])
        subjects.add(info["sub"])
        check(f"{method}: another audience is not believed", refuses(JoseError, lambda: app.verified(token["id_token"], aud="somebody")))
        replay = lambda: app.client.fetch_token(app.metadata["token_endpoint"], authorization_response=back, code_verifier=verifier)
        check(f"{method}: a code is good once", refuses(OAuthError, replay))
        check(f"{method}: and what it gave is taken back", app.client.get(app.metadata["userinfo_endpoint"]).status_code == 401)
        agreed = browser.agreed
        app.login(browser, prompt="none")
        check(f"{method}: what was agreed to is remembered", browser.agreed == agreed)
    check("each application knows the person by another name", len(subjects) == 3)

    app = Application(demo, "client_secret_basic", "openid offline_access")
    token, _, _, _ = app.login(browser)
    fresh = app.client.refresh_token(app.metadata["token_endpoint"], refresh_token=token["refresh_token"])
    check("a refresh token gives others", app.verified(fresh["id_token"]).claims["sub"] and fresh["refresh_token"] != token["refresh_token"])
    check("and is good once", refuses(OAuthError, lambda: app.client.refresh_token(app.metadata["token_endpoint"], refresh_token=token["refresh_token"])))

    token, nonce, _, _ = app.login(browser)
    old = app.verified(token["id_token"], nonce=nonce).header["kid"]
    demo.run("client", "key")
    time.sleep(1.1)
    token, nonce, _, _ = app.login(browser)
    new = app.verified(token["id_token"], nonce=nonce).header["kid"]
    published = {key["kid"] for key in requests.get(app.metadata["jwks_uri"], timeout=20).json()["keys"]}
    check("a new key signs at once, and the old one is still published", old != new and {old, new} <= published)

    wrong = app.client.create_authorization_url(app.metadata["authorization_endpoint"], code_verifier="x" * 50, redirect_uri="http://127.0.0.1:1/elsewhere")[0]
    answer = browser.session.get(wrong, allow_redirects=False, timeout=20)
    check("an address that is not registered is not returned to", answer.status_code == 400 and "location" not in answer.headers)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        running = Demo(sys.argv[1], folder)
        try:
            main(running)
        finally:
            running.stop()
    sys.exit(1 if failed else 0)
