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


"""Link aggregation: LACP with the physical switch."""

import struct
import time

from test_marks import marks_of
from test_mtu import mtu_of
from test_rules import packet
from test_statistics import begin, of_uplinks
from traffic import BROADCAST, Watch, frame

LAB = {"hosts": 2, "uplinks": 3}
# It has a channel of its own that the closing tests would not understand.
PORTS = ("host1-nic2", "host1-nic3")
MEMBERS = ("nic2", "nic3")
OUTSIDE = "02:99:00:00:00:01"


def udp(src_mac, dst_mac, mark, sport):
    """Returns a frame with a UDP packet that has 'sport'."""
    data = struct.pack("!4H", sport, 7, 8 + len(mark), 0) + mark
    ip = struct.pack("!2B3H2BH4s4s", 0x45, 0, 20 + len(data), 0, 0, 64, 17, 0,
                     bytes([10, 0, 0, 1]), bytes([10, 0, 0, 9]))
    return frame(dst_mac, src_mac, ip + data, ethertype=0x800)


def lag_states(t):
    """Returns what host1 says of its LAGs."""
    states = {}
    for row in t.lab.dvs().rows("Proxy_State", ["host", "==", "host1"]):
        states.update(row["lags"])
    return states


def until_attached(t, *ports):
    """Waits until just 'ports' of lag1 are attached."""
    def attached():
        return sorted(name for name, state in lag_states(t).items()
                      if state.startswith("attached"))
    t.until(lambda: attached() == sorted(ports),
            "%s attached; %s" % (ports, lag_states(t)), 20)


def channel(t, policy=("active=lag1", "standby=uplink1")):
    """Gives host1 a LAG of nic2 and nic3, and a portgroup that uses it."""
    t.ctl("--may-exist", "add-lag", "prod", "lag1", "timeout=fast")
    t.ctl("set-uplinks", "prod", "host1", "uplink1=nic1", "lag1-0=nic2",
          "lag1-1=nic3")
    if "lag-" + PORTS[0] not in t.lab.tor().dump():
        t.lab.tor().lacp(PORTS, True)
    t.ctl("--may-exist", "add-portgroup", "prod", "agg", "vlan=30", "--",
          "set-policy", "prod/agg", *policy)
    until_attached(t, "lag1-0", "lag1-1")


def wires(t):
    return {nic: t.wire("tor", "host1-" + nic) for nic in t.lab.nics}


def spread(t, sender, wire, n=24):
    """Returns by which NICs frames of 'n' flows of VM 'sender' leave."""
    used = {}
    for i in range(n):
        def data(mark, port=1000 + 7 * i):
            return udp(t.vms[sender].mac, OUTSIDE, mark, port)
        got = Watch(dict(wire, **{sender: t.vms[sender].nic})).deliver(
            sender, data, settle=0.04, at_least=1)
        nics = tuple(sorted(set(got) - {sender}))
        used[nics] = used.get(nics, 0) + 1
    return used


def test_spread(t):
    """flows are shared by the ports of a LAG, floods come in once"""
    channel(t)
    t.vm("a", "host1", "agg")
    t.vm("b", "host2", "agg")
    used = spread(t, "a", wires(t))
    assert set(used) == {("nic2",), ("nic3",)}, used
    t.notes.append("%d flows by one port, %d by the other"
                   % tuple(used.values()))
    t.expect("a", BROADCAST, ["b"])
    t.expect("b", BROADCAST, ["a"])
    t.expect("b", "a", ["a"])
    assert t.vms["a"].state()["uplink"] == "lag1"
    t.until(lambda: lag_states(t).get("lag1-0.partner")
            and lag_states(t).get("lag1-1.partner"), "partners are known")
    partners = {lag_states(t)["lag1-%d.partner" % i] for i in (0, 1)}
    assert len({p.split()[0] for p in partners}) == 1, partners
    assert len(partners) == 2, partners
    text = t.lab.ctl("list-lags", "prod", "lag1")
    assert partners.pop() in text, text
    assert text.count("attached") == 2, text
    assert t.lab.ctl("show").count("LACP attached") == 2


def test_port_down(t):
    """a port's cable is pulled: the other port carries all"""
    channel(t)
    a, b = t.vm("a", "host1", "agg"), t.vm("b", "host2", "agg")
    stream = t.stream(a, b)
    t.lab.cable("host1", "nic2", False)
    until_attached(t, "lag1-1")
    assert set(spread(t, "a", wires(t), 8)) == {("nic3",)}
    t.lab.cable("host1", "nic2", True)
    until_attached(t, "lag1-0", "lag1-1")
    stream.stop()
    t.notes.append("%d of %d lost" % (stream.lost, stream.sent))
    assert stream.lost < 150, stream.lost
    assert not stream.duplicates


def test_vlans(t):
    """a LAG carries the VLANs it has, whatever its uplink portgroup does"""
    channel(t)
    a, b = t.vm("a", "host1", "agg"), t.vm("b", "host2", "agg")
    t.expect("a", b.mac, ["b"])
    t.ctl("set-lag", "prod", "lag1", "vlan=trunk:0,31-99")
    t.settled()
    t.expect("a", b.mac, [])
    t.expect("b", BROADCAST, [])
    t.ctl("set-lag", "prod", "lag1", "vlan=trunk:30")
    t.settled()
    t.expect("a", b.mac, ["b"])
    t.expect("b", a.mac, ["a"])
    t.ctl("set-lag", "prod", "lag1", "vlan=")


def test_mtu(t):
    """the NICs in a LAG have the switch's MTU, whatever it becomes"""
    channel(t)
    for mtu in (1600, 1500):
        t.ctl("set-switch", "prod", "mtu=%d" % mtu)
        for nic in t.lab.nics:
            t.until(lambda: mtu_of(t, "host1", nic) == mtu,
                    "%s has %d" % (nic, mtu))


def test_partner_stops(t):
    """the physical switch ends LACP, links stay up: standby takes over"""
    begin(t)
    channel(t)
    a = t.vm("a", "host1", "agg")
    t.vm("b", "host2", "agg")
    t.lab.tor().lacp(PORTS, False)
    try:
        until_attached(t)
        t.until(lambda: a.state()["uplink"] == "uplink1", "a uses uplink1")
        assert set(spread(t, "a", wires(t), 4)) == {("nic1",)}
        t.expect("a", BROADCAST, ["b"])
        was = of_uplinks(t, "host1", "rx_dropped", "nic2")
        t.expect("b", BROADCAST, ["a"])
        t.until(lambda: of_uplinks(t, "host1", "rx_dropped", "nic2") > was,
                "what comes in on a detached port is counted")
        t.until(lambda: lag_states(t) == {
            "lag1": "down", "lag1-0": "detached", "lag1-1": "detached"},
                "no partner is left")
    finally:
        t.lab.tor().lacp(PORTS, True)
    until_attached(t, "lag1-0", "lag1-1")
    t.until(lambda: a.state()["uplink"] == "lag1", "a is back on lag1")
    t.expect("a", BROADCAST, ["b"])
    t.expect("b", BROADCAST, ["a"])


def test_hashes(t):
    """by MAC, all flows of a VM take one port; by VLAN, those of a VLAN"""
    channel(t)
    for name in "acde":
        t.vm(name, "host1", "agg")
    wire = wires(t)
    t.ctl("set-lag", "prod", "lag1", "hash=src-mac")
    used = [spread(t, name, wire, 4) for name in "acde"]
    assert all(len(u) == 1 for u in used), used
    for word in ("dst-port", "src-dst-ip-vlan", "vlan", "src-port-id"):
        t.ctl("set-lag", "prod", "lag1", "hash=" + word)
        used = spread(t, "a", wire, 4)
        assert len(used) == 1, (word, used)
    t.ctl("set-lag", "prod", "lag1", "hash=src-port")
    used = spread(t, "a", wire, 16)
    assert set(used) == {("nic2",), ("nic3",)}, used
    t.ctl("set-lag", "prod", "lag1", "hash=")


def test_move_nics(t):
    """NICs move from uplinks to a LAG and back, under a stream"""
    if "lag-" + PORTS[0] in t.lab.tor().dump():
        t.lab.tor().lacp(PORTS, False)
    for name in "agg", "peer":
        t.ctl("--may-exist", "add-portgroup", "prod", name, "vlan=30")
    t.ctl("set-policy", "prod/agg", "teaming=explicit",
          "active=uplink2,uplink1", "standby=")
    t.ctl("--may-exist", "add-lag", "prod", "lag1", "timeout=fast")
    t.ctl("set-uplinks", "prod", "host1", "uplink1=nic1", "uplink2=nic2",
          "uplink3=nic3")
    a, b = t.vm("a", "host1", "agg"), t.vm("b", "host2", "peer")
    stream = t.stream(a, b)
    # vSphere's way: LAG on standby, NICs over, LAG active by itself.
    t.ctl("set-policy", "prod/agg", "active=uplink2,uplink1", "standby=lag1")
    t.lab.tor().lacp(PORTS, True)
    t.ctl("set-uplinks", "prod", "host1", "uplink1=nic1", "lag1-0=nic2",
          "lag1-1=nic3")
    until_attached(t, "lag1-0", "lag1-1")
    t.ctl("set-policy", "prod/agg", "active=lag1", "standby=")
    t.until(lambda: a.state()["uplink"] == "lag1", "a uses lag1")
    stream.run(0.3)
    stream.stop()
    t.notes.append("%d of %d lost" % (stream.lost, stream.sent))
    t.expect("b", BROADCAST, ["a"])


def test_merge(t):
    """a LAG comes along when its switch is merged into another"""
    if "lag-" + PORTS[0] in t.lab.tor().dump():
        t.lab.tor().lacp(PORTS, False)
    t.ctl("add-switch", "old", "uplinks=1", "datapath=netdev")
    t.ctl("set-uplinks", "prod", "host1", "uplink1=nic1")
    t.ctl("add-host", "old", "host1")
    t.ctl("add-lag", "old", "lag2", "timeout=fast")
    t.ctl("set-uplinks", "old", "host1", "lag2-0=nic2", "lag2-1=nic3")
    t.ctl("add-portgroup", "old", "merged", "vlan=30", "--",
          "set-policy", "old/merged", "active=lag2")
    t.ctl("--may-exist", "add-portgroup", "prod", "agg", "vlan=30", "--",
          "set-policy", "prod/agg", "active=uplink1", "standby=")
    t.lab.tor().lacp(PORTS, True)
    until_attached(t, "lag2-0", "lag2-1")
    a = t.vm("a", "host1", "old/merged")
    t.vm("b", "host2", "prod/agg")
    t.expect("a", "b", ["b"])
    t.ctl("merge-switch", "old", "prod")
    until_attached(t, "lag2-0", "lag2-1")
    t.until(lambda: a.state()["uplink"] == "lag2", "a uses lag2")
    t.expect("a", BROADCAST, ["b"])
    t.expect("b", "a", ["a"])
    used = spread(t, "a", wires(t))
    assert set(used) == {("nic2",), ("nic3",)}, used


def test_restart(t):
    """an agent that starts again keeps the LAG, its flows and its channel"""
    channel(t)
    a, b = t.vm("a", "host1", "agg"), t.vm("b", "host2", "agg")
    stream = t.stream(a, b)
    before = t.flows("host1")
    t.restart("agent", "host1")
    t.settled()
    assert t.flows("host1") == before
    until_attached(t, "lag1-0", "lag1-1")
    stream.stop()
    assert stream.lost == 0, stream.lost


def uplink_port(t, name):
    """Returns the key of the port of host1's uplink 'name'."""
    return t.ctl("--no-headings", "--bare", "--columns=key", "find", "Port",
                 "uplink_host=host1", "uplink_name=" + name).strip()


def catch(t, wire, sender, dport, n=1, to=OUTSIDE, receiver=None):
    """Sends 'n' packets for 'dport', each of another flow, from VM 'sender'.
    Returns what came to each of 'wire', and to VM 'receiver', by name."""
    nics = dict(wire, **({receiver: t.vms[receiver].nic} if receiver else {}))
    mark = b"<lag %d>" % time.monotonic_ns()
    for nic in nics.values():
        nic.received()
    for i in range(n):
        ethertype, data = packet(mark, sport=1000 + 7 * i, dport=dport)
        t.vms[sender].nic.send(frame(to, t.vms[sender].mac, data,
                                     ethertype=ethertype))
    caught = {name: [] for name in nics}
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        for name, nic in nics.items():
            caught[name] += [data for _, data in nic.received()
                             if mark in data]
        time.sleep(0.01)
    return caught


def arrives(*args):
    """Likewise, but returns how many came."""
    return {name: len(frames) for name, frames in catch(*args).items()}


def test_rules(t):
    """traffic rules of ports that use a LAG, and of the LAG's own ports"""
    channel(t)
    wire = wires(t)
    a, b = t.vm("a", "host1", "agg"), t.vm("b", "host2", "agg")
    t.expect("a", b.mac, ["b"])

    # Of ports.
    t.ctl("set-policy", "agg", "filter=on", "--",
          "add-rule", "agg", "10", "action=drop", "direction=in",
          "dst-port=22", "--", "add-rule", "agg", "20", "action=drop",
          "direction=out", "dst-port=23", "--", "add-rule", "agg", "30",
          "action=tag", "direction=in", "cos=5", "dst-port=25")
    got = arrives(t, wire, "a", 22, 8, b.mac, "b")
    assert not any(got.values()), got
    got = arrives(t, wire, "a", 23, 8, b.mac, "b")
    assert got["b"] == 0 and got["nic2"] + got["nic3"] == 8, got
    got = arrives(t, wire, "a", 24, 16, b.mac, "b")
    assert got["b"] == 16 and got["nic2"] and got["nic3"], got
    got = arrives(t, wire, "b", 23, 8, a.mac, "a")
    assert got["a"] == 0, got
    got = catch(t, wire, "a", 25, 8, b.mac)
    assert [marks_of(data)[0] for name in MEMBERS for data in got[name]] == [
        5] * 8, got
    t.ctl("clear-policy", "agg", "filter", "rules")

    # Of all of the LAG's ports, with the other uplinks...
    uplinks = "prod-DVUplinks"
    t.ctl("set-portgroup", uplinks, "override=vlan,block,traffic-filter",
          "--", "set-policy", uplinks, "filter=on", "--",
          "add-rule", uplinks, "10", "action=drop", "direction=in",
          "dst-port=22", "--", "add-rule", uplinks, "20", "action=drop",
          "direction=out", "dst-port=23", "class=virtual-machine")
    got = arrives(t, wire, "a", 23, 8, b.mac, "b")
    assert not any(got.values()), got
    got = arrives(t, wire, "b", 22, 8, a.mac, "a")
    assert got["a"] == 0, got
    got = arrives(t, wire, "b", 24, 16, a.mac, "a")
    assert got["a"] == 16, got

    # ...and of one of them: what its rule drops does not go by the other.
    port = "prod:" + uplink_port(t, "lag1-1")
    t.ctl("add-rule", port, "30", "action=drop", "direction=out",
          "dst-port=26")
    got = arrives(t, wire, "a", 26, 24, b.mac, "b")
    assert got["nic2"] == got["b"] and 0 < got["nic2"] < 24, got
    assert got["nic3"] == 0, got
    t.ctl("clear-policy", port, "rules", "--",
          "clear-policy", uplinks, "rules", "filter")

    # Each port has its rate by itself, in and out.
    ports = ["prod:" + uplink_port(t, "lag1-%d" % i) for i in (0, 1)]
    t.ctl("set-policy", uplinks, "filter=on")
    for port in ports:
        t.ctl("add-rule", port, "10", "action=rate-limit", "rate=5",
              "dst-port=27")
    got = arrives(t, wire, "a", 27, 200, b.mac)
    assert all(5 <= got[nic] < 20 for nic in MEMBERS), got
    got = arrives(t, wire, "b", 27, 200, a.mac, "a")
    assert 5 <= got["a"] < 40, got
    got = arrives(t, wire, "a", 28, 100, b.mac)
    assert got["nic2"] + got["nic3"] == 100, got
    t.ctl("clear-policy", uplinks, "filter", "--", "clear-policy", ports[0],
          "rules", "--", "clear-policy", ports[1], "rules")
