#! /usr/bin/env python3
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at:
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Makes a bridge look as if its datapath had no meters.

Open vSwitch cannot be told to have none.  This stands between it and those
that connect to the bridge by OpenFlow: it takes the place of the bridge's
Unix socket MGMT, which it renames, until SIGTERM, and passes on what is said,
but says that there are no meters, as Open vSwitch does of a kernel that has
none.  It prints a line for each change of a meter that is asked for.

usage: meterless.py MGMT
"""

import os
import selectors
import signal
import socket
import struct
import sys

# OpenFlow 1.3 and later.
MULTIPART_REPLY = 19
METER_MOD = 29
METER_FEATURES = 11


def messages(buffer):
    """Takes the whole messages off 'buffer', a bytearray, and yields them."""
    while len(buffer) >= 8:
        length = struct.unpack_from("!H", buffer, 2)[0]
        if len(buffer) < length:
            return
        yield buffer[:length]
        del buffer[:length]


def from_bridge(message):
    """Returns what becomes of 'message' of the bridge."""
    if (message[1] == MULTIPART_REPLY
            and struct.unpack_from("!H", message, 8)[0] == METER_FEATURES):
        message[16:] = bytes(len(message) - 16)
    return message


def to_bridge(message):
    """Returns what becomes of 'message' to the bridge."""
    if message[1] == METER_MOD:
        print("meter_mod", flush=True)
    return message


def relay(selector, client, real):
    """Joins 'client' and the bridge, whose socket is 'real' now."""
    bridge = socket.socket(socket.AF_UNIX)
    bridge.connect(real)
    for source, target, change in ((client, bridge, to_bridge),
                                   (bridge, client, from_bridge)):
        selector.register(source, selectors.EVENT_READ,
                          (bytearray(), target, change))


def take(selector, source, buffer, target, change):
    """Passes on what has come from 'source'."""
    try:
        data = source.recv(65536)
        buffer += data
        for message in messages(buffer):
            target.sendall(change(message))
    except OSError:
        data = b""
    if not data:
        for s in source, target:
            selector.unregister(s)
            s.close()


def main(mgmt):
    real = mgmt + ".real"
    selector = selectors.DefaultSelector()
    listener = socket.socket(socket.AF_UNIX)

    def stop(*_):
        os.rename(real, mgmt)
        sys.exit(0)

    os.rename(mgmt, real)
    signal.signal(signal.SIGTERM, stop)
    listener.bind(mgmt)
    listener.listen()
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                relay(selector, listener.accept()[0], real)
            elif key.fileobj.fileno() >= 0:
                take(selector, key.fileobj, *key.data)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
