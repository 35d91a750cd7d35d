// The protocol's messages, encoded and decoded in the browser.
import Long from 'long';
import protobuf from 'protobufjs/minimal';
import { zhibao } from 'zhibao-messages';

protobuf.util.Long = Long;
protobuf.configure();

export { Long, zhibao };
