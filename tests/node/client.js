'use strict';
// A connection of PROTOCOL.md sections 1 and 2: a DEALER over CURVE, one Envelope in one frame.

const path = require('node:path');
const crypto = require('node:crypto');
const protobuf = require('protobufjs');
const zmq = require('zeromq');
const z85 = require('./z85.js');

const ANSWER_MS = 20000;

// proto3 without `optional`: an absent field reads as its default, as the contract says.
const READ = { defaults: true, arrays: true, longs: String, enums: String, bytes: Buffer };

class Protocol {
    constructor(directory) {
        this.root = new protobuf.Root();
        this.root.resolvePath = (origin, target) => path.join(directory, path.basename(target));
        this.root.loadSync(['envelope.proto', 'record.proto', 'query.proto', 'enrol.proto'],
            { keepCase: true });
    }

    encode(name, fields) {
        const type = this.root.lookupType(`zhibao.${name}`);
        return Buffer.from(type.encode(type.fromObject(fields)).finish());
    }

    decode(name, bytes) {
        const type = this.root.lookupType(`zhibao.${name}`);
        return type.toObject(type.decode(bytes), READ);
    }

    number(enumeration, name) {
        return this.root.lookupEnum(`zhibao.${enumeration}`).values[name];
    }
}

// What each kind of answer holds (the comments beside Kind in envelope.proto).
const BODY = {
    KIND_ERROR: 'Error', KIND_PONG: 'Pong', KIND_ENROLLED: 'Enrolled', KIND_RECEIPT: 'ReceiptReply',
    KIND_REFUSAL: 'RefusalReply', KIND_FORM: 'Form', KIND_TRACKED: 'Tracked',
    KIND_INBOX_ITEMS: 'InboxItems', KIND_RECORD: 'RecordReply',
};

class Client {
    constructor(protocol, endpoint, serverKey, transport) {
        this.protocol = protocol;
        this.socket = new zmq.Dealer({
            curveServerKey: z85.encode(serverKey),
            curvePublicKey: transport.publicKey,
            curveSecretKey: transport.secretKey,
            linger: 0,
            receiveTimeout: ANSWER_MS,
            sendTimeout: ANSWER_MS,
        });
        this.socket.connect(endpoint);
    }

    // Sends `body` as it stands and returns { kind, body }: the answer, decoded.
    async ask(kind, message, fields, { version = 1, extraFrames = [] } = {}) {
        const request = crypto.randomBytes(8).readBigUInt64BE().toString();
        const envelope = this.protocol.encode('Envelope', {
            version, request, kind, timeout_ms: ANSWER_MS,
            body: message === null ? fields : this.protocol.encode(message, fields),
        });
        await this.socket.send([envelope, ...extraFrames]);
        for (;;) {
            const frames = await this.socket.receive();
            if (frames.length !== 1) throw new Error(`answer of ${frames.length} frames`);
            const answer = this.protocol.decode('Envelope', frames[0]);
            // An unreadable question has no request id to echo; its ERROR carries 0.
            if (answer.request !== request && !(extraFrames.length > 0 && answer.request === '0'))
                continue;
            if (answer.version !== 1) throw new Error(`answer of version ${answer.version}`);
            const type = BODY[answer.kind];
            if (!type) throw new Error(`unexpected answer ${answer.kind}`);
            return { kind: answer.kind, body: this.protocol.decode(type, answer.body) };
        }
    }

    close() {
        this.socket.close();
    }
}

module.exports = { Protocol, Client };
