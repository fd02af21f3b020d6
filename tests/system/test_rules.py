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

"""Traffic rules: filtering and marking."""

import socket
import struct
import time

from test_marks import marks_of
from traffic import BROADCAST, EXPERIMENT, frame, vlan_of

IP4, IP6 = 0x0800, 0x86dd
TCP, UDP = 6, 17


def checksum(data):
    """Returns the Internet checksum of 'data' (RFC 1071); 0 if it has one that
    is right."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packet(mark, protocol=UDP, sport=1000, dport=2000, src="10.0.0.1",
           dst="10.0.0.2", fragment=0):
    """Returns EtherType and packet.  'fragment' is IPv4's flags and offset; of
    a later one, 'mark' is all there is."""
    family = socket.AF_INET6 if ":" in src else socket.AF_INET
    ends = socket.inet_pton(family, src) + socket.inet_pton(family, dst)
    if fragment & 0x1fff:
        body = mark
    else:
        length = len(mark) + (8 if protocol == UDP else 20)
        head = struct.pack("!HH", sport, dport)
        if protocol == UDP:
            head += struct.pack("!HH", length, 0)
        else:
            head += struct.pack("!LLHHHH", 1, 0, 5 << 12 | 2, 1000, 0, 0)
        body = head + mark
        total = checksum(ends + struct.pack("!LL", length, protocol) + body)
        at = 6 if protocol == UDP else 16
        body = body[:at] + struct.pack("!H", total) + body[at + 2:]
    if family == socket.AF_INET6:
        return IP6, (struct.pack("!LHBB", 6 << 28, len(body), protocol, 64)
                     + ends + body)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 7, fragment, 64,
                       protocol, 0) + ends
    total = checksum(head)
    return IP4, head[:10] + struct.pack("!H", total) + head[12:] + body


class Rules:
    """Who gets what 'sender' sends."""
    def __init__(self, t, sender):
        self.t = t
        self.sender = t.vms[sender]
        self.number = 0

    def got(self, want, to=BROADCAST, ethertype=None, vlan=None, **how):
        """Sends a packet and returns what each VM got of it: frames, by name.
        Waits for those in 'want', and a while for others."""
        self.number += 1
        mark = b"<rule %d>" % self.number
        if ethertype:
            payload = mark
        else:
            ethertype, payload = packet(mark, **how)
        for vm in self.t.vms.values():
            vm.nic.received()
        self.sender.nic.send(frame(
            to, self.sender.mac, payload, vlan=vlan, ethertype=ethertype))
        got = {}
        end = time.monotonic() + 5
        settle = time.monotonic() + 0.15
        while (time.monotonic() < settle
               or set(want) - set(got) and time.monotonic() < end):
            for name, vm in self.t.vms.items():
                for _, data in vm.nic.received():
                    if mark in data and vm is not self.sender:
                        assert name not in got, "twice to " + name
                        got[name] = data
            time.sleep(0.01)
        return got

    def expect(self, want, to=BROADCAST, **how):
        want = want.split()
        got = self.got(want, to, **how)
        assert sorted(got) == want, (how, sorted(got), want)
        for data in got.values():
            if vlan_of(data) is not None:
                data = data[:12] + data[16:]
            if data[12:14] == b"\x08\0":
                assert checksum(data[14:34]) == 0, data.hex()
        return got


def clean(t):
    t.ctl("clear-policy", "web", "filter", "rules", "--",
          "clear-policy", "prod", "filter", "rules")


def start(t):
    for name, host in (("a", "host1"), ("b", "host2"), ("c", "host1")):
        t.vm(name, host)
    t.ctl("set-portgroup", "web", "override=block,traffic-filter")
    clean(t)
    return Rules(t, "a")


def test_in(t):
    """what a VM sends is filtered: all qualifiers, negated ones, ranges"""
    r = start(t)
    t.ctl("add-rule", "web", "10", "action=drop", "direction=in",
          "protocol=udp", "dst-port=5000-5999", "--",
          "add-rule", "web", "20", "action=drop", "direction=in",
          "protocol=tcp", "dst-port=22", "src-ip!=10.0.0.1", "--",
          "add-rule", "web", "30", "action=accept", "direction=in",
          "src-ip=10.0.0.0/30", "--",
          "add-rule", "web", "40", "action=drop", "direction=in",
          "dst-ip=2001:db8::/32", "--",
          "add-rule", "web", "50", "action=drop", "direction=in",
          "src-port=1-9", "dst-port=3-70", "--",
          "add-rule", "web", "60", "action=drop", "direction=in",
          "ethertype=%d" % EXPERIMENT,
          "dst-mac=02:00:00:00:00:00/ff:ff:ff:00:00:00", "--",
          "add-rule", "web", "70", "action=drop", "direction=in",
          "protocol=253", "class=virtual-machine")
    r.expect("b c", dport=5000)         # Not yet applied.
    t.ctl("set-policy", "web", "filter=on")
    for dport, want in ((4999, "b c"), (5000, ""), (5999, ""), (6000, "b c")):
        r.expect(want, dport=dport)
    r.expect("", dport=5500, src="fe80::1", dst="fe80::2")
    r.expect("b c", protocol=TCP, dport=22)
    r.expect("", protocol=TCP, dport=22, src="10.0.0.9")
    r.expect("", protocol=TCP, dport=22, src="fe80::1", dst="fe80::2")
    r.expect("", src="fe80::1", dst="2001:db8:5::1")
    r.expect("b c", src="fe80::1", dst="2001:db9::1")
    r.expect("b c", sport=5, dport=5)
    r.expect("", sport=5, dport=5, src="10.0.0.5")
    r.expect("b c", sport=10, dport=5, src="10.0.0.5")
    r.expect("b c", ethertype=EXPERIMENT)
    r.expect("", ethertype=EXPERIMENT, to="02:00:00:11:22:33")
    r.expect("b", to=t.vms["b"].mac)
    r.expect("", to=t.vms["b"].mac, dport=5000)

    # The first fragment of a packet decides on all of it.
    r.expect("", dport=5000, fragment=0x2000)
    r.expect("b c", dport=4000, fragment=0x2000)
    r.expect("b c", fragment=1)

    # A port's own rules join those of its portgroup, or replace them.
    port = "prod:" + t.vms["a"].key
    t.ctl("add-rule", port, "5", "action=accept", "direction=in",
          "dst-port=5001", "--",
          "add-rule", port, "30", "action=drop", "direction=in",
          "dst-port=6000")
    r.expect("b c", dport=5001)
    r.expect("", dport=5002)
    r.expect("", dport=6000)
    t.ctl("set-policy", port, "filter=off")
    r.expect("b c", dport=5002)
    t.ctl("clear-policy", port, "rules", "filter")
    r.expect("", dport=5001)
    r.expect("b c", dport=6000)
    clean(t)
    r.expect("b c", dport=5000)


def test_out(t):
    """what a VM gets is filtered, of unicast and of floods"""
    r = start(t)
    t.ctl("add-rule", "prod", "1", "action=drop", "direction=out",
          "src-port=1234", "--", "set-policy", "prod", "filter=on")
    r.expect("", sport=1234)
    port = "prod:" + t.vms["c"].key
    t.ctl("set-policy", "prod", "filter=off", "--",
          "set-policy", port, "filter=on")
    r.expect("b", sport=1234)
    r.expect("b c")
    r.expect("", to=t.vms["c"].mac, sport=1234)
    r.expect("c", to=t.vms["c"].mac)
    # Only IP has ports, and all of a protocol but one.
    t.ctl("add-rule", port, "2", "action=drop", "direction=out",
          "protocol!=tcp", "src-ip=10.0.0.1", "--",
          "add-rule", port, "3", "action=drop", "direction=out",
          "ethertype!=0x0800")
    r.expect("b c", protocol=TCP)
    r.expect("b")
    r.expect("b c", src="10.0.0.9")
    r.expect("b", ethertype=EXPERIMENT)
    t.ctl("clear-policy", port, "rules", "filter")
    clean(t)


def test_marks(t):
    """rules mark packets, on the wire and for whom they are"""
    r = start(t)
    wire = t.wire("tor", "host1-" + t.vms["a"].uplink_nic())
    t.ctl("set-policy", "web", "filter=on", "dscp=1", "--",
          "add-rule", "web", "10", "action=tag", "direction=in", "cos=5",
          "dscp=46", "dst-port=4000", "--",
          "add-rule", "web", "20", "action=tag", "direction=in", "dscp=10",
          "--", "add-rule", "web", "30", "action=tag", "direction=out",
          "dscp=0", "dst-port=4000")
    for dport, want, end in ((4000, (5, 46), 0), (4001, (0, 10), 10)):
        wire.received()
        got = r.expect("b c", dport=dport)
        assert marks_of(got["b"]) == (None, end), got
        assert marks_of(got["c"]) == (None, end), got
        seen = [marks_of(data) for _, data in wire.received()
                if b"<rule %d>" % r.number in data]
        assert want in seen, (dport, seen)
    r.expect("b c", ethertype=EXPERIMENT)
    t.ctl("clear-policy", "web", "dscp")
    clean(t)


def test_rewrite(t):
    """a rule sends packets to another NIC"""
    r = start(t)
    b = t.vms["b"].mac
    t.ctl("set-policy", "web", "filter=on", "--",
          "add-rule", "web", "10", "action=mac-rewrite", "direction=in",
          "rewrite-mac=" + b, "dst-mac=" + t.vms["c"].mac, "dst-port=80")
    r.expect("c", to=t.vms["c"].mac)
    got = r.expect("b", to=t.vms["c"].mac, dport=80)
    assert got["b"][:6].hex(":") == b, got
    clean(t)


def packets(t, target, rule):
    """Returns how often 'rule' of 'target' has matched."""
    return int({line.split()[0]: line for line in t.ctl(
        "--no-headings", "--", "--columns=rule,packets", "list-rules",
        target).splitlines()}[str(rule)].split()[1])


def test_hits(t):
    """hits of rules are counted on all hosts"""
    r = start(t)
    t.ctl("set", "DVS_Global", ".", "options:stats_interval=300")
    port = "prod:" + t.vms["b"].key
    t.ctl("set-policy", "web", "filter=on", "--",
          "add-rule", "web", "10", "action=drop", "direction=in",
          "src-port=5-9", "dst-port=1-3", "--",
          "add-rule", "web", "20", "action=accept", "direction=out",
          "protocol=udp")
    for sport, dport, want in ((5, 1, ""), (9, 3, ""), (5, 4, "b c"),
                               (6, 2, "")):
        r.expect(want, sport=sport, dport=dport)
    t.until(lambda: packets(t, "web", 10) == 3, "hits of rule 10")
    t.until(lambda: packets(t, "web", 20) == 2, "hits of rule 20")
    assert packets(t, port, 20) == packets(t, "prod:" + t.vms["c"].key, 20)

    # What changes about one rule leaves the others' counters alone, and a
    # port with rules of its own counts for itself.
    t.ctl("set-policy", "web", "rule.10=action=drop direction=in dst-port=7")
    t.ctl("add-rule", port, "30", "action=drop", "direction=out",
          "protocol=tcp")
    r.expect("", dport=7)
    r.expect("b c", dport=8)
    r.expect("c", protocol=TCP)
    t.until(lambda: packets(t, "web", 10) == 4, "hits of rule 10")
    t.until(lambda: packets(t, port, 30) == 1, "hits of the port")
    t.until(lambda: packets(t, port, 20) == 1, "hits of the port")
    t.until(lambda: packets(t, "web", 20) == 2, "hits of rule 20")

    # The flow leads to the rule.
    flow = next(line for line in t.flows("host1")
                if "tp_dst=7" in line and "cookie=0x8" in line)
    said = t.appctl("agent", "flows/why",
                    flow.split("cookie=")[1].split(",")[0], host="host1")
    assert "traffic rule 10 " in said and "dst-port=7" in said, said
    rows = t.lab.dvs().rows("Rule_State")
    assert {row["host"] for row in rows} == {"host1", "host2"}, rows
    t.ctl("clear-policy", port, "rules")
    clean(t)
    t.until(lambda: not t.lab.dvs().rows("Rule_State"), "no rows")
    t.ctl("remove", "DVS_Global", ".", "options", "stats_interval")


def test_uplinks(t):
    """rules of uplinks, for what comes in and what leaves by them"""
    r = start(t)
    t.ctl("set", "DVS_Global", ".", "options:stats_interval=300")
    b = t.vms["b"]
    here = t.ctl("--no-headings", "--bare", "--columns=key", "find", "Port",
                 "uplink_host=host1",
                 "uplink_name=uplink" + t.vms["a"].uplink_nic()[3:]).strip()
    uplinks = "prod-DVUplinks"
    t.ctl("set-portgroup", uplinks, "override=vlan,block,traffic-filter",
          "--", "set-policy", uplinks, "filter=on", "--",
          "add-rule", uplinks, "10", "action=drop", "direction=in",
          "dst-port=22", "--", "add-rule", uplinks, "20", "action=drop",
          "direction=out", "dst-port=23", "--", "add-rule", uplinks, "30",
          "action=tag", "direction=out", "dscp=46", "vlan=10")
    # Only what passes an uplink.
    r.expect("c", dport=22)
    r.expect("c", dport=23)
    got = r.expect("b c", dport=24)
    assert marks_of(got["b"])[1] == 46, got
    assert marks_of(got["c"])[1] == 0, got
    r.expect("b", to=b.mac, dport=24)
    # One copy of a broadcast comes by each uplink of host2.
    t.until(lambda: packets(t, uplinks, 10) >= 1, "hits of rule 10")
    t.until(lambda: packets(t, uplinks, 20) == 1, "hits of rule 20")
    t.until(lambda: [row["statistics"].get("tx_dropped") for row in
                     t.lab.dvs().rows("Port_State", ["key", "==", here])]
            == [1], "the uplink port counts the drop")

    # One of its own.
    t.ctl("add-rule", "prod:" + here, "20", "action=accept", "direction=out",
          "--", "add-rule", "prod:" + here, "40", "action=drop",
          "direction=in")
    r.expect("b c", dport=23)
    back = Rules(t, "b")
    back.expect("", to=t.vms["a"].mac)
    t.until(lambda: packets(t, "prod:" + here, 40) >= 1, "hits of rule 40")
    t.ctl("clear-policy", "prod:" + here, "rules", "--",
          "clear-policy", uplinks, "rules", "filter", "--",
          "remove", "DVS_Global", ".", "options", "stats_interval")
    back.expect("a", to=t.vms["a"].mac)
    clean(t)


def test_guest_vlans(t):
    """the VLAN of a guest that tags, and of one that does not"""
    start(t)
    t.ctl("add-portgroup", "prod", "trunk", "vlan=trunk:0,10-20", "filter=on",
          "--", "add-rule", "trunk", "10", "action=drop", "direction=in",
          "vlan!=10", "--", "add-rule", "web", "10", "action=drop",
          "vlan=10", "--", "set-policy", "web", "filter=on")
    t.vm("d", "host2", "trunk")
    r = Rules(t, "d")
    r.expect("a b c", vlan=10)
    r.expect("", vlan=20)
    r.expect("")
    clean(t)


def test_under_traffic(t):
    """rules change under traffic, and nothing is lost that may pass"""
    stream = t.stream(t.vm("a", "host1"), t.vm("b", "host2"))
    for change in (["set-policy", "web", "filter=on"],
                   ["add-rule", "web", "10", "action=drop", "protocol=tcp"],
                   ["add-rule", "web", "20", "action=accept",
                    "ethertype!=0x0800"],
                   ["add-rule", "web", "30", "action=drop", "vlan=0"],
                   ["set-policy", "web", "rule.10=action=drop src-ip!=::1"],
                   ["del-rule", "web"]):
        t.ctl(*change)
        stream.run(0.2)
    stream.stop()
    t.notes.append("%d of %d lost" % (stream.lost, stream.sent))
    assert stream.lost == 0, stream.lost
    assert not stream.duplicates, stream.duplicates
    clean(t)
