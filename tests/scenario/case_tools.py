"""Sealing, codes and directories of cases, written anew from proto/CASES.md."""

import os
import struct
import time
from dataclasses import dataclass, field

from nacl.bindings import (crypto_aead_xchacha20poly1305_ietf_decrypt,
                           crypto_aead_xchacha20poly1305_ietf_encrypt)
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.signing import SigningKey

import layout
from client import pb

SIZES = (2048, 8192, 32768, 131072)
MAILBOX = 99
CONTENT, REPORTER, PIECE = 1, 2, 3
LEAD, HANDLER, MEMBER, SUPERVISOR, OFFERED = 1, 2, 3, 4, 5


class DoesNotOpen(Exception):
    pass


def named(name, data):
    return layout.digest(name + b"\0" + data)


def pad(plain, size=0):
    room = size or next(room for room in SIZES if len(plain) < room)
    return plain + b"\x80" + bytes(room - len(plain) - 1)


def unpad(padded):
    return padded.rstrip(b"\0")[:-1]


def encryption_key_id(public):
    return named(b"zhibao/casekey/v1", b"\x01" + public)[:16]


def context(district, case_id, record, part, commitment):
    return (b"zhibao/casecontext/v1\0" + struct.pack(">Q", district) + case_id + record
            + bytes([part]) + commitment)


@dataclass
class Holder:
    """A person's keys at a unit, as the directory lists them."""

    client: object
    duty: int
    secret: PrivateKey = field(default_factory=PrivateKey.generate)

    @property
    def unit(self):
        return self.client.unit

    @property
    def public(self):
        return bytes(self.secret.public_key)

    def entry(self, year):
        return pb().CaseKey(unit=self.unit.number, duty=self.duty, year=year,
                            sign_public=self.unit.sign_public, encrypt_public=self.public,
                            sealing=pb().CASE_X25519_XCHACHA20)

    def wrap(self, key, role, level=0):
        return pb().CaseWrap(unit=self.unit.number, holder=self.unit.key, role=role, level=level,
                             key=encryption_key_id(self.public),
                             wrapped=SealedBox(PublicKey(self.public)).encrypt(key))


def seal(message, district, case_id, record, part, recipients):
    """(CaseSealed, content key); recipients: (holder, role, level)."""
    key, nonce = os.urandom(32), os.urandom(24)
    commitment = named(b"zhibao/casecommit/v1", key)
    ciphertext = crypto_aead_xchacha20poly1305_ietf_encrypt(
        pad(message.SerializeToString()), context(district, case_id, record, part, commitment),
        nonce, key)
    sealed = pb().CaseSealed(sealing=pb().CASE_X25519_XCHACHA20, nonce=nonce,
                             commitment=commitment, ciphertext=ciphertext,
                             wraps=[holder.wrap(key, role, level)
                                    for holder, role, level in recipients])
    return sealed, key


def unwrap(holder, wraps):
    """The content key among these wraps; raises DoesNotOpen."""
    for wrap in wraps:
        try:
            return SealedBox(holder.secret).decrypt(wrap.wrapped)
        except CryptoError:
            continue
    raise DoesNotOpen("no wrap is for this key")


def open_sealed(sealed, key, district, case_id, record, part):
    if named(b"zhibao/casecommit/v1", key) != sealed.commitment:
        raise DoesNotOpen("another key")
    try:
        return unpad(crypto_aead_xchacha20poly1305_ietf_decrypt(
            sealed.ciphertext, context(district, case_id, record, part, sealed.commitment),
            sealed.nonce, key))
    except CryptoError as error:
        raise DoesNotOpen("does not decrypt") from error


class Code:
    """The reporter's."""

    def __init__(self):
        self.secret = os.urandom(16)
        self.signing = SigningKey(named(b"zhibao/casesign/v1", self.secret))
        self.reply = PrivateKey(named(b"zhibao/casereply/v1", self.secret))
        self.lookup = named(b"zhibao/caselookup/v1", self.secret)[:16]

    @property
    def sign_public(self):
        return bytes(self.signing.verify_key)

    def open_reply(self, reply):
        return pb().CaseReply.FromString(unpad(SealedBox(self.reply).decrypt(reply))).text


def seal_reply(text, reply_public):
    return SealedBox(PublicKey(reply_public)).encrypt(
        pad(pb().CaseReply(text=text).SerializeToString(), SIZES[0]))


def directory(committee, district, serial, holders, year, **more):
    """A CaseDirectoryRecord without its head."""
    now = time.time_ns() // 1000
    content = pb().CaseDirectory(
        district=district, serial=serial, issued_us=now - 1,
        valid_until_us=now + 300 * 24 * 3600 * 1_000_000, duty_phone="0772-0000000（演示）",
        keys=[holder.entry(year) for holder in holders], **more).SerializeToString()
    public = bytes(committee.verify_key)
    return pb().CaseDirectoryRecord(
        directory=content, algorithm=layout.ED25519, committee=layout.key_id(public),
        signature=layout.sign(b"zhibao/casedirectory-signed/v1", content, committee))


class Case:
    """One case, as its reporter makes it."""

    def __init__(self, district, recipients, content, reporter, urgency=None):
        self.district, self.code, self.id = district, Code(), os.urandom(16)
        self.keys = {}
        self.content, self.recipients = content, recipients
        sealed, self.keys[self.id] = seal(content, district, self.id, self.id, CONTENT, recipients)
        leads = [one for one in recipients if one[1] == LEAD] or recipients[:1]
        hidden, _ = seal(reporter, district, self.id, self.id, REPORTER, leads)
        self.payload = pb().CaseReport(
            head=pb().Head(id=self.id, unit=district * 1000 + MAILBOX,
                           signed_at_us=time.time_ns() // 1000),
            urgency=urgency or pb().CASE_ORDINARY, directory=1, content=sealed, reporter=hidden,
            sign_public=self.code.sign_public, reply_public=bytes(self.code.reply.public_key),
            lookup_sha256=layout.digest(self.code.lookup))

    def record(self):
        payload = self.payload.SerializeToString(deterministic=True)
        return pb().Record(
            kind=layout.CASE_REPORT, payload=payload, key=layout.key_id(self.code.sign_public),
            algorithm=layout.ED25519,
            signature=layout.sign(layout.DOMAIN[layout.CASE_REPORT], payload, self.code.signing))

    def piece(self, attachment, data, head=None, record=None):
        """A CasePiece of `data`, which `attachment` is made to name; the reporter's without head."""
        record = record or self.id
        head = head or pb().Head(unit=self.payload.head.unit, signed_at_us=time.time_ns() // 1000,
                                 id=os.urandom(16))
        key, nonce = named(b"zhibao/casepiecekey/v1", self.keys[record] + head.id), os.urandom(24)
        ciphertext = crypto_aead_xchacha20poly1305_ietf_encrypt(
            pad(pb().CaseChunk(data=data).SerializeToString()),
            context(self.district, self.id, head.id, PIECE, named(b"zhibao/casecommit/v1", key)),
            nonce, key)
        attachment.pieces.append(head.id)
        return pb().CasePiece(head=head, district=self.district, case_id=self.id, record=record,
                              sealing=pb().CASE_X25519_XCHACHA20, nonce=nonce,
                              ciphertext=ciphertext)

    def piece_record(self, piece):
        """Signed by the reporter."""
        piece.sign_public = self.code.sign_public
        payload = piece.SerializeToString(deterministic=True)
        return pb().Record(
            kind=layout.CASE_PIECE, payload=payload, key=layout.key_id(self.code.sign_public),
            algorithm=layout.ED25519,
            signature=layout.sign(layout.DOMAIN[layout.CASE_PIECE], payload, self.code.signing))

    def step(self, holder, action, recipients, text="", risk=0, grants=(), **more):
        """A CaseEvent; grants: (holder, role, records)."""
        head = holder.unit.head()
        content, key = seal(pb().CaseStep(text=text, risk=risk), self.district, self.id, head.id,
                            CONTENT, recipients)
        event = pb().CaseEvent(head=head, district=self.district, case_id=self.id, action=action,
                               content=content, **more)
        for newcomer, role, records in grants:
            for record in records:
                event.grants.add(record=record, wrap=newcomer.wrap(self.keys[record], role))
        self.keys[head.id] = key
        return event
