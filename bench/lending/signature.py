"""Verifies what an answer is signed with by no code of ours: Content-Digest (RFC 9530) and the HTTP message signature (RFC 9421).

The signature base is built again from the answer's headers and from what was asked; the key is a JSON Web Key (RFC 8037).
"""

import base64
import hashlib
import re
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PART = re.compile(r'"([^"]+)"((?:;[a-z]+)*)')
NEEDED = {'"@status"', '"content-digest"', '"sanjiang-receipt"', '"@method";req', '"@path";req', '"@query";req'}


class Wrong(Exception):
    """What does not hold."""


def digest(headers: dict, body: bytes) -> None:
    said = re.fullmatch(r"sha-256=:([A-Za-z0-9+/=]+):", headers.get("content-digest", ""))
    if not said or base64.b64decode(said[1]) != hashlib.sha256(body).digest():
        raise Wrong("Content-Digest is not that of the body")


def signature(method: str, address: str, status: int, headers: dict, keys: list[dict]) -> str:
    """Raises what does not hold; answers the id of the key."""
    said = re.fullmatch(r"([a-z]+)=(\(([^)]*)\)(;.*))", headers.get("signature-input", ""))
    if not said:
        raise Wrong("no Signature-Input")
    label, parameters, listed, more = said[1], said[2], said[3], said[4]
    value = re.fullmatch(rf"{label}=:([A-Za-z0-9+/=]+):", headers.get("signature", ""))
    key_id = re.search(r';keyid="([^"]+)"', more)
    if not value or not key_id or ';alg="ed25519"' not in more:
        raise Wrong("no Signature of this label, or no key, or not by Ed25519")
    parts = PART.findall(listed)
    missing = NEEDED - {f'"{name}"{flags}' for name, flags in parts}
    if missing:
        raise Wrong(f"not signed: {missing}")
    asked = urlsplit(address)
    derived = {"@status": str(status), "@method": method, "@path": asked.path, "@query": f"?{asked.query}"}
    lines = [f'"{name}"{flags}: {derived[name] if name.startswith("@") else headers[name]}' for name, flags in parts]
    base = "\n".join([*lines, f'"@signature-params": {parameters}'])
    key = next((key for key in keys if key.get("kid") == key_id[1] and key["kty"] == "OKP" and key["crv"] == "Ed25519"), None)
    if not key:
        raise Wrong(f"the node has no key {key_id[1]}")
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "=" * (-len(key["x"]) % 4)))
    try:
        public.verify(base64.b64decode(value[1]), base.encode())
    except InvalidSignature:
        raise Wrong(f"the signature is not over\n{base}") from None
    return key_id[1]
