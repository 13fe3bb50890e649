"""Checks a log that `log_speed make FOLDER COUNT` (an example of `tlog`) has made, without any code of ours.

aics-tlog reads keys, checkpoint, tiles, bundles, proofs and cosignatures; aics-witness, run as a server, judges our
requests; OpenSSL verifies the SM2 signature. Run by scripts/tlog-peer.
"""

import base64
import http.client
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import aics_tlog as peer

# SubjectPublicKeyInfo of an SM2 key up to its 65 bytes, and the identifier behind 0xff in a verifier key.
SM2_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
SM2_TYPE = b"\xffoid/1.2.156.10197.1.501\n"

failed = []


def check(what, agreed):
    print(("agreed " if agreed else "WRONG  ") + what)
    if not agreed:
        failed.append(what)


def refuses(call):
    try:
        return call() in (False, None)
    except Exception:
        return True


def main(folder):
    keys = {key.key_type: key for key in map(peer.parse_vkey, (folder / "keys").read_text().splitlines())}
    check("verifier keys of types 0x01, 0x04 and 0xff, with their ids", sorted(keys) == [1, 4, 0xFF])
    log_key, witness_key = keys[1], keys[4]
    note = peer.parse_note((folder / "log/checkpoint").read_bytes())
    head = peer.parse_checkpoint(note.text)
    result = peer.verify_checkpoint(note, log_key, [witness_key], 1, expected_origin="city.example/log")
    check(f"checkpoint of {head.size} entries: Ed25519 signature and one cosignature/v1 ({result.witnesses})", result.ok)
    check("the note is written again byte for byte", note.to_bytes() == (folder / "log/checkpoint").read_bytes())
    sm2(note, keys[0xFF])

    reader = peer.FileSystemTileReader(folder / "log")
    report = peer.audit_tiles(reader, head.size, head.root)
    check(f"every tile and bundle authenticated: {report.tiles} tiles, {report.bundles} bundles", report.size == head.size)
    check("root from tiles", peer.tree_root_from_tiles(reader, head.size) == head.root)
    entries = []
    for index in range((head.size + 255) // 256):
        width = min(256, head.size - index * 256)
        entries += peer.tiles.parse_entry_bundle(reader.read_entry_bundle(index, None if width == 256 else width))
    tree = peer.MerkleTree(entries)
    check("root from the entries, by its own tree", tree.root() == head.root and len(entries) == head.size)
    ours = {path.relative_to(folder / "log").as_posix(): path.read_bytes() for path in (folder / "log/tile").rglob("*") if path.is_file()}
    theirs = peer.tiles.materialise_tiles(entries)
    check(f"its writer makes the same {len(theirs)} files, byte for byte", all(ours.get(path) == data for path, data in theirs.items()))
    extra = sorted(path for path in ours if path not in theirs)
    fitting = all(any(data.startswith(ours[path]) for name, data in theirs.items() if name.split(".p/")[0] == path.split(".p/")[0]) for path in extra)
    check(f"our {len(extra)} further files are earlier partial ones", fitting and all(".p/" in path for path in extra))

    for path in sorted(folder.glob("*.tlog-proof")):
        receipt(path, log_key, entries)
    samples = sorted({0, 1, 255, 256, 65_535, 65_536, head.size // 3, head.size - 1} & set(range(head.size)))
    proofs = [peer.inclusion_proof_from_tiles(reader, index, head.size) for index in samples]
    check(f"inclusion proofs from tiles at {samples}", all(peer.verify_leaf_inclusion(entries[i], i, head.size, p, head.root) for i, p in zip(samples, proofs)))
    old_note = peer.parse_note((folder / "earlier").read_bytes())
    old = peer.parse_checkpoint(old_note.text)
    check("the earlier checkpoint is signed", peer.verify_checkpoint(old_note, log_key).ok)
    theirs = peer.consistency_proof_from_tiles(reader, old.size, head.size)
    check("consistency with it, by its proof", peer.verify_consistency(old.size, head.size, old.root, head.root, theirs))
    lines = (folder / "request").read_text().split("\n\n")[0].split("\n")[1:]
    check("our consistency proof is the same", [base64.b64decode(line) for line in lines] == theirs)

    with tempfile.TemporaryDirectory() as copy:
        broken = pathlib.Path(copy) / "log"
        shutil.copytree(folder / "log", broken)
        tile = broken / "tile/entries/003"
        tile.write_bytes(tile.read_bytes()[:-1] + b"!")
        check("a changed entry is found by it too", refuses(lambda: peer.audit_tiles(peer.FileSystemTileReader(broken), head.size, head.root)))
    witness(folder, log_key, head, old)


def sm2(note, key):
    """The SM2 line under OpenSSL."""
    what = "SM2 with SM3 signature, by OpenSSL"
    check("SM2 key has our type and 65 bytes", bytes([key.key_type]) + key.public_key[: len(SM2_TYPE) - 1] == SM2_TYPE and len(key.public_key) == len(SM2_TYPE) - 1 + 65)
    if not shutil.which("openssl"):
        print(f"SKIP   {what}: there is no openssl")
        return
    line = next(line for line in note.signatures if line.key_id == key.key_id)
    signature = line.signature
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        spki = base64.encodebytes(SM2_SPKI + key.public_key[-65:]).decode()
        (place / "key.pem").write_text(f"-----BEGIN PUBLIC KEY-----\n{spki}-----END PUBLIC KEY-----\n")
        (place / "signature").write_bytes(der(signature))
        for text, good in [(note.text, True), (note.text.replace("\n", "\n ", 1), False)]:
            (place / "text").write_text(text)
            command = ["openssl", "dgst", "-sm3", "-verify", "key.pem", "-sigopt", "distid:1234567812345678", "-signature", "signature", "text"]
            done = subprocess.run(command, cwd=place, capture_output=True, text=True)
            check(what if good else "and not over another text", (done.returncode == 0) == good)


def der(signature):
    """r || s as OpenSSL wants it."""
    def number(data):
        data = data.lstrip(b"\0") or b"\0"
        data = b"\0" + data if data[0] & 0x80 else data
        return b"\x02" + bytes([len(data)]) + data

    both = number(signature[:32]) + number(signature[32:])
    return b"\x30" + bytes([len(both)]) + both


def receipt(path, log_key, entries):
    """A tlog-proof, read by hand: the package has no form of it."""
    head, _, checkpoint = path.read_text().partition("\n\n")
    first, index, *hashes = head.split("\n")
    number = int(index.removeprefix("index "))
    note = peer.parse_note(checkpoint)
    tree = peer.parse_checkpoint(note.text)
    proof = [base64.b64decode(line) for line in hashes]
    good = first == "c2sp.org/tlog-proof@v1" and peer.verify_checkpoint(note, log_key).ok
    check(f"receipt of entry {number}", good and peer.verify_leaf_inclusion(entries[number], number, tree.size, proof, tree.root))
    check("and not of another", not peer.verify_leaf_inclusion(entries[number] + b"!", number, tree.size, proof, tree.root))


def witness(folder, log_key, head, old):
    """aics-witness as a server: it must take our requests, and refuse as our witness does."""
    with tempfile.TemporaryDirectory() as name, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        run = [sys.executable, "-m", "aics_witness"]
        config = ["--config", f"{name}/witness.json"]
        made = subprocess.run([*run, "init", *config, "--name", "peer.example/w", "--listen", f"127.0.0.1:{port}"], capture_output=True, text=True, check=True)
        subprocess.run([*run, "add-log", *config, "--origin", head.origin, "--vkey", peer.format_vkey(log_key)], capture_output=True, check=True)
        key = next(peer.parse_vkey(word) for word in made.stdout.split() if word.startswith("peer.example/w+"))
        server = subprocess.Popen([*run, "serve", *config, "--log-level", "ERROR"])
        try:
            first, second = (folder / "request-first").read_bytes(), (folder / "request").read_bytes()
            for body, tree, what in [(first, old, "first"), (second, head, "second")]:
                status, answer = post(port, body)
                lines = peer.parse_note(tree.text() + "\n" + answer.decode()) if status == 200 else None
                good = lines and peer.verify_cosignature(lines.signatures[0].signature, key.name, key.public_key, tree.origin, tree.size, tree.root)
                check(f"aics-witness cosigns our {what} request (status {status})", bool(good))
            status, answer = post(port, first)
            check("and answers 409 with the size to one that goes back", (status, answer) == (409, f"{head.size}\n".encode()))
        finally:
            server.terminate()
            server.wait()


def post(port, body):
    for _ in range(100):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("POST", "/add-checkpoint", body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise SystemExit("aics-witness does not answer")


main(pathlib.Path(sys.argv[1]))
print(f"{len(failed)} disagreements" if failed else f"aics-tlog {peer.__version__} agrees in everything")
sys.exit(bool(failed))
