'use strict';
// The test vectors of PROTOCOL.md section 12.

const fs = require('node:fs');
const layout = require('./layout.js');
const { check, equal, throws } = require('./checks.js');

// What stands behind the hashes in the vectors.
const PAYLOAD = Buffer.from('payload');
const LEAF_SIGNATURE = Buffer.from('signature');
const ERROR = Buffer.from('error');

function read(path) {
    const vectors = {};
    for (const line of fs.readFileSync(path, 'utf8').split('\n')) {
        const match = /^(\w+) = ([0-9a-f]*)$/.exec(line.trim());
        if (match) vectors[match[1]] = Buffer.from(match[2], 'hex');
    }
    return vectors;
}

// How many one-bit changes of `bytes` does `verify` let pass?
function survivors(bytes, verify) {
    const accepted = [];
    for (let at = 0; at < bytes.length; at++) {
        for (let bit = 0; bit < 8; bit++) {
            const altered = Buffer.from(bytes);
            altered[at] ^= 1 << bit;
            try {
                verify(altered);
                accepted.push(`${at}:${bit}`);
            } catch {
                // as it should be
            }
        }
    }
    return accepted;
}

function checkReceipt(v, pinned) {
    const parsed = layout.verifyReceipt(v.receipt, pinned);
    check('receipt verifies', true);
    check('receipt holds the leaf', parsed.leafBytes.equals(v.leaf));
    check('receipt holds the batch header', parsed.headerBytes.equals(v.batch_header));
    check('receipt holds the batch signature', parsed.signature.equals(v.batch_signature));
    equal('batch has three leaves', parsed.header.leaves, 3);
    check('header holds the root', parsed.header.root.equals(v.tree_root));
    const root = layout.climb(layout.leafHash(v.leaf), parsed.index, 3, parsed.path);
    check('path leads to the root', root !== null && root.equals(v.tree_root));
    equal('no altered bit of the receipt passes',
        survivors(v.receipt, (bytes) => layout.verifyReceipt(bytes, pinned)).join(' '), '');
    let short = 0;
    for (let length = 0; length < v.receipt.length; length++) {
        try {
            layout.verifyReceipt(v.receipt.subarray(0, length), pinned);
        } catch {
            short++;
        }
    }
    equal('no truncated receipt passes', short, v.receipt.length);
    throws('no lengthened receipt passes',
        () => layout.verifyReceipt(Buffer.concat([v.receipt, Buffer.from([0])]), pinned));
    throws('no receipt of a key that is not pinned passes',
        () => layout.verifyReceipt(v.receipt, [layout.sha256('another key')]));
}

function checkRefusal(v, pinned) {
    const refusal = layout.verifyRefusal(v.refusal, pinned);
    check('refusal verifies', true);
    equal('refusal code', refusal.code, 136);
    check('refusal names the report',
        refusal.payloadHash.equals(layout.parseLeaf(v.leaf).payloadHash));
    check('refusal holds the hash of its error', refusal.errorHash.equals(layout.sha256(ERROR)));
    equal('no altered bit of the refusal passes',
        survivors(v.refusal, (bytes) => layout.verifyRefusal(bytes, pinned)).join(' '), '');
    throws('no truncated refusal passes',
        () => layout.verifyRefusal(v.refusal.subarray(0, 184), pinned));
}

function checkEnrolCode(v) {
    const text = v.enrol_code_text.toString('ascii');
    const code = layout.parseEnrolCode(text);
    check('enrolment code decodes', true);
    check('enrolment code holds the signing key', code.signKey.equals(v.server_public));
    check('enrolment code holds an endpoint', /^tcp:\/\/.+:\d+$/.test(code.endpoint),
        code.endpoint);
    equal('enrolment code names the unit of the leaf', code.unit, layout.parseLeaf(v.leaf).unit);
    equal('enrolment code encodes to the same text', layout.formatEnrolCode(code), text);
    let accepted = 0;
    for (let at = 0; at < text.length; at++) {
        for (const letter of 'AZaz09-_') {
            const altered = text.slice(0, at) + letter + text.slice(at + 1);
            try {
                if (layout.formatEnrolCode(layout.parseEnrolCode(altered)) !== text) accepted++;
            } catch {
                // as it should be
            }
        }
    }
    equal('no mistyped enrolment code passes', accepted, 0);
}

function run(path) {
    const v = read(path);
    const pinned = [v.server_public];
    check('key id', layout.keyId(v.server_public).equals(v.key_id));
    const leaf = layout.parseLeaf(v.leaf);
    equal('leaf layout version', leaf.version, 1);
    equal('leaf kind', leaf.kind, 1);
    check('leaf holds the hash of the payload', leaf.payloadHash.equals(layout.sha256(PAYLOAD)));
    check('leaf holds the hash of a signature',
        leaf.signatureHash.equals(layout.sha256(LEAF_SIGNATURE)));
    check('report signature',
        layout.verifyRecord(1, PAYLOAD, v.server_public, v.report_signature));
    check('leaf hash', layout.leafHash(v.leaf).equals(v.leaf_hash));
    check('batch signature',
        layout.verifyBytes(v.server_public, 'zhibao/batch/v1', v.batch_header, v.batch_signature));
    checkReceipt(v, pinned);
    checkRefusal(v, pinned);
    checkEnrolCode(v);
}

module.exports = { run };
