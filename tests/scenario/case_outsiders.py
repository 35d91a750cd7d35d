"""Who can decrypt what, with all it holds: tried with every key there is on everything stored."""

import re

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox
from zmq.utils import z85

from client import pb


def secrets_of(unit, *more):
    """Every X25519 secret that a unit's keys are or could be made into."""
    return [PrivateKey(secret) for secret in (
        bytes(unit.encrypt), z85.decode(unit.curve[1]), bytes(unit.signing),
        bytes(unit.signing.to_curve25519_private_key()), *more)]


def secrets_of_server(data):
    """Likewise the aggregator's, from the files of its keys."""
    found = set()
    for path in (data / "keys").rglob("*"):
        text = path.read_text(errors="replace")
        for word in re.findall(r"[0-9a-fA-F]{64,}", text):
            raw = bytes.fromhex(word[:len(word) // 2 * 2])
            found.update((raw[:32], raw[-32:]))
        found.update(z85.decode(word.encode()) for word in re.findall(
            r"(?<=\s)[0-9A-Za-z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}(?=\s)", text))
    return [PrivateKey(secret) for secret in sorted(found)]


def everything_wrapped(server):
    """[(record, whose key it is wrapped for, wrapped)] of all that was ever stored."""
    found = []
    for kind, payload in server.sql("select kind, encode(payload, 'hex') from zhibao.registry_event"
                                    " where kind in (30, 32)"):
        body = (pb().CaseReport if kind == "30" else pb().CaseEvent).FromString(
            bytes.fromhex(payload))
        parts = [body.content.wraps]
        if kind == "30":
            parts.append(body.reporter.wraps)
        found += [(body.head.id, wrap.holder, wrap.wrapped) for part in parts for wrap in part]
        if kind == "32":
            found += [(grant.record, grant.wrap.holder, grant.wrap.wrapped)
                      for grant in body.grants]
    return found


def opened_with(secrets, wrapped):
    opened = set()
    for secret in secrets:
        box = SealedBox(secret)
        for record, _, content in wrapped:
            try:
                box.decrypt(content)
                opened.add(record)
            except CryptoError:
                continue
    return opened


def check_outsiders(stage):
    """A handler opens the records that name it and no others; everybody else, and the aggregator
    with its own keys, opens nothing."""
    checks, wrapped = stage.checks, everything_wrapped(stage.server)
    checks.check("there is much to open", len(wrapped) > 100, str(len(wrapped)))
    for holder in stage.holders:
        opened = opened_with(secrets_of(holder.unit, bytes(holder.secret)), wrapped)
        named = {record for record, whose, _ in wrapped if whose == holder.unit.key}
        checks.equal(f"unit {holder.unit.number} opens what names it, and nothing else",
                     (len(opened), opened), (len(named), named))
    outsiders = {"the reporting village": stage.village.unit, "statistics": stage.statistics.unit,
                 "the administrator": stage.district.root.unit}
    for name, unit in outsiders.items():
        checks.equal(f"{name} opens nothing with all it holds",
                     opened_with(secrets_of(unit), wrapped), set())
    own = secrets_of_server(stage.server.data)
    checks.check("the aggregator has keys", len(own) >= 2, str(len(own)))
    checks.equal("and they open nothing", opened_with(own, wrapped), set())
