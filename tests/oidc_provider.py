"""An OpenID Connect provider for tests: discovery, authorization, token (with PKCE), keys, userinfo; and how it may lie."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "chatter", "not-a-secret"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
FOREIGN_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    """One issuer. `person` are the claims of who logs in there; `lies` replace claims of the next identity token."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.person: dict[str, Any] = {"sub": "1001", "preferred_username": "dora", "name": "Dora Maar"}
        self.person |= {"email": "dora@example.org", "email_verified": True}
        self.lies: dict[str, Any] = {}
        self.key: Any = KEY
        self.algorithm = "RS256"
        self.discovery: dict[str, Any] = {}
        self.userinfo: dict[str, Any] | None = None
        self.token_text: str | None = None
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: dict[str, str] = {}

    def authorize(self, url: str) -> str:
        """Log in at `url`, where a browser was sent; the answer is where it is sent back to."""
        self.asked = dict(parse_qsl(urlsplit(url).query))
        assert self.asked["client_id"] == CLIENT_ID
        assert self.asked["response_type"] == "code"
        assert self.asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = dict(self.asked)
        return f"{self.asked['redirect_uri']}?{urlencode({'code': code, 'state': self.asked['state']})}"

    def exchange(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """A code for tokens, once, to who began the attempt."""
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if form.get("client_secret") != CLIENT_SECRET:
            return 401, {"error": "invalid_client"}
        return 200, {"access_token": "access", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])}

    def id_token(self, nonce: str) -> str:
        if self.token_text is not None:
            return self.token_text
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce}
        claims |= {"sub": self.person["sub"]} | self.lies
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, self.key, algorithm=self.algorithm, headers={"kid": "one"})

    def answer(self, path: str) -> tuple[int, Any]:
        match path:
            case "/.well-known/openid-configuration":
                pages = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
                pages |= {"userinfo_endpoint": "userinfo"}
                config = {"issuer": self.url} | {name: f"{self.url}/{page}" for name, page in pages.items()}
                return 200, config | self.discovery
            case "/jwks":
                public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
                return 200, {"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]}
            case "/userinfo":
                return 200, self.person if self.userinfo is None else self.userinfo
        return 404, {}


@contextmanager
def serve() -> Iterator[Provider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/authorize"):
                self.send_response(302)
                self.send_header("Location", provider.authorize(self.path))
                self.end_headers()
                return
            self.write(*provider.answer(self.path))

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.write(*provider.exchange({name: values[0] for name, values in parse_qs(text).items()}))

        def write(self, status: int, answer: Any) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_given: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    server.server_close()
    thread.join()
