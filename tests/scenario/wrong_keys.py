"""Knocks with keys that nobody has registered, each a connection of its own, so many a second:

    wrong_keys.py ENDPOINT SERVER_KEY_Z85 PER_SECOND SECONDS

Prints how many it opened and in how many seconds."""

import sys
import time

import zmq

AT_ONCE = 400  # older ones are closed: a handshake here takes far less


def main():
    endpoint, server_key = sys.argv[1], sys.argv[2].encode()
    rate, seconds = float(sys.argv[3]), float(sys.argv[4])
    context = zmq.Context()
    context.max_sockets = 4 * AT_ONCE
    pairs = [zmq.curve_keypair() for _ in range(256)]  # what the server pays does not depend on it
    begin, opened, sockets = time.monotonic(), 0, []
    while time.monotonic() - begin < seconds:
        due = int((time.monotonic() - begin) * rate)
        while opened < due:
            socket = context.socket(zmq.DEALER)
            socket.linger = 0
            socket.reconnect_ivl = -1  # a refused one does not come again by itself
            socket.curve_serverkey = server_key
            socket.curve_publickey, socket.curve_secretkey = pairs[opened % len(pairs)]
            socket.connect(endpoint)
            sockets.append(socket)
            opened += 1
            if len(sockets) > AT_ONCE:
                sockets.pop(0).close()
        time.sleep(0.001)
    took = time.monotonic() - begin
    for socket in sockets:
        socket.close()
    print(opened, f"{took:.2f}", flush=True)


if __name__ == "__main__":
    main()
