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

"""Priority and DSCP marks of ports."""

import struct
import time

from traffic import BROADCAST, frame

ETH_TYPE_IP = 0x0800


def packet(mark, dscp=0):
    """Returns an IPv4 packet of a protocol for experiments (RFC 3692)."""
    words = [0x4500 | dscp << 2, 20 + len(mark), 0, 0, 64 << 8 | 253, 0,
             0x0a00, 1, 0x0a00, 2]
    total = sum(words)
    words[5] = ~(total + (total >> 16)) & 0xffff
    return struct.pack("!10H", *words) + mark


def marks_of(data):
    """Returns priority (None without a tag) and DSCP of IPv4 frame 'data', and
    checks its header's checksum."""
    priority = None
    if data[12:14] == b"\x81\0":
        priority = data[14] >> 5
        data = data[:12] + data[16:]
    total = sum(struct.unpack("!10H", data[14:34]))
    assert (total & 0xffff) + (total >> 16) == 0xffff, data.hex()
    return priority, data[15] >> 2


def sent(t, sender, receivers, mark, **how):
    """Returns the marks of what 'receivers' (Nics by name) get of a packet
    from VM 'sender'."""
    for nic in receivers.values():
        nic.received()
    t.vms[sender].nic.send(frame(BROADCAST, t.vms[sender].mac,
                                 packet(mark, **how), ethertype=ETH_TYPE_IP))
    got = {}
    end = time.monotonic() + 5
    while set(got) != set(receivers) and time.monotonic() < end:
        for name, nic in receivers.items():
            for _, data in nic.received():
                if mark in data:
                    got[name] = marks_of(data)
        time.sleep(0.01)
    return got


def test_marks(t):
    """what a VM sends is marked on the wire, and what it gets is not"""
    t.vm("a", "host1")
    t.vm("b", "host2")
    wire = t.wire("tor", "host1-" + t.vms["a"].uplink_nic())
    receivers = {"wire": wire, "b": t.vms["b"].nic}
    t.ctl("set-portgroup", "web", "override=block,qos")
    port = "prod:" + t.vms["a"].key
    assert sent(t, "a", receivers, b"<none>", dscp=9) == {
        "wire": (0, 9), "b": (None, 9)}
    for level, policy, want in (
            ("prod", ["cos=3", "dscp=10"], (3, 10)),
            ("web", ["cos=5", "dscp=46"], (5, 46)),
            (port, ["cos=none", "dscp=0"], (0, 0)),
            (port, ["cos=7", "dscp=none"], (7, 9))):
        t.ctl("set-policy", level, *policy)
        got = sent(t, "a", receivers, ("<%s>" % want[0]).encode(), dscp=9)
        assert got == {"wire": want, "b": (None, want[1])}, (policy, got)
    t.ctl("clear-policy", port, "cos", "dscp", "--",
          "set-policy", "web", "cos=none", "dscp=none")
    assert sent(t, "a", receivers, b"<again>", dscp=9) == {
        "wire": (0, 9), "b": (None, 9)}
    t.ctl("clear-policy", "prod", "cos", "dscp", "--",
          "clear-policy", "web", "cos", "dscp")


def test_under_traffic(t):
    """marks change under traffic, and nothing is lost"""
    stream = t.stream(t.vm("a", "host1"), t.vm("b", "host2"))
    for policy in ("cos=5", "dscp=46", "cos=none", "dscp=none"):
        t.ctl("set-policy", "web", policy)
        stream.run(0.3)
    stream.stop()
    t.notes.append("%d of %d lost" % (stream.lost, stream.sent))
    assert stream.lost == 0, stream.lost
    assert not stream.duplicates, stream.duplicates
    t.ctl("clear-policy", "web", "cos", "dscp")
