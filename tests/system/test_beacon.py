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


"""Beacon probing: uplinks whose links are up and that carry nothing."""

from traffic import vlan_of

LAB = {"hosts": 2, "uplinks": 3}
# It takes 3.5 s to be sure.
PATIENCE_S = 15
DESTINATION = bytes.fromhex("036476730001")


def portgroups(t):
    """Makes portgroups that start at uplink1, with and without beacons."""
    for name, *policy in (
            ("probed", "vlan=10", "beacon=yes"),
            ("other", "vlan=11", "beacon=yes"),
            ("stay", "vlan=10", "beacon=yes", "failback=no"),
            ("plain", "vlan=10")):
        t.ctl("--may-exist", "add-portgroup", "prod", name, "--",
              "set-policy", "prod/" + name, "teaming=explicit", *policy)


def allow(t, nics, vlans):
    for nic in nics:
        t.lab.tor().allow("host1-" + nic, vlans)


def until_on(t, vm, nic):
    t.until(lambda: vm.uplink_nic() == nic, "%s is on %s" % (vm.name, nic),
            PATIENCE_S)


def state(t):
    row, = t.lab.dvs().rows("Proxy_State", ["host", "==", "host1"])
    return row


def beacons(nic):
    """Returns those that 'nic' has got: (VLAN, id of uplink, host)."""
    found = []
    for _, data in nic.received():
        if data[:6] == DESTINATION:
            body = data[14 if vlan_of(data) is None else 18:]
            found.append((vlan_of(data), body[5],
                          body[31:31 + body[30]].decode()))
    return found


def test_failover(t):
    """traffic leaves an uplink that carries nothing, and comes back"""
    portgroups(t)
    a, p = t.vm("a", "host1", "probed"), t.vm("p", "host1", "plain")
    o, s = t.vm("o", "host1", "other"), t.vm("s", "host1", "stay")
    c = t.vm("c", "host2", "plain")
    for vm in (a, p, o, s):
        until_on(t, vm, "nic1")
    t.expect("a", c.mac, ["c"])
    t.expect("c", a.mac, ["a"])

    # Only VLAN 10 is gone.
    allow(t, ["nic1"], "0-9,11-4094")
    until_on(t, a, "nic2")
    until_on(t, s, "nic2")
    t.expect("a", c.mac, ["c"])
    t.expect("c", a.mac, ["a"])
    assert o.uplink_nic() == "nic1"
    # It does not ask for beacons.
    assert p.uplink_nic() == "nic1"
    t.expect("p", c.mac, [])
    t.until(lambda: state(t)["uplinks"] == {
        "uplink1": "cut-off", "uplink2": "up", "uplink3": "up"},
        "host1 says so", 5)
    t.until(lambda: "do not pass by \"uplink1\" (NIC \"nic1\") in VLAN 10"
            in str(state(t)["faults"]), "and why: %s" % state(t)["faults"], 5)
    t.until(lambda: any("beacons do not pass" in row["message"]
                        for row in t.lab.dvs().rows("Event")), "an event", 5)

    # The agent remembers it.
    t.restart("agent", "host1")
    t.settled()
    assert a.uplink_nic() == "nic2"
    t.expect("a", c.mac, ["c"])

    allow(t, ["nic1"], "all")
    until_on(t, a, "nic1")
    t.expect("a", c.mac, ["c"])
    t.expect("c", a.mac, ["a"])
    assert s.uplink_nic() == "nic2"
    t.until(lambda: state(t)["uplinks"]["uplink1"] == "up"
            and not state(t)["faults"], "all is well", 5)


def test_unclear(t):
    """what says nothing about which uplink is right changes nothing"""
    portgroups(t)
    a = t.vm("a", "host1", "probed")
    p = t.vm("p", "host1", "plain")
    until_on(t, a, "nic1")
    # All of them, then those of others are back.
    allow(t, t.lab.nics, "none")
    wire = t.wire("tor", "host1-nic1")
    t.until(lambda: len(beacons(wire)) > 0, "beacons leave by nic1", 5)
    for _ in range(5):
        t.until(lambda: beacons(wire), "the next beacon", 5)
    assert a.uplink_nic() == "nic1"
    assert "cut-off" not in state(t)["uplinks"].values(), state(t)["uplinks"]
    allow(t, ["nic2", "nic3"], "all")
    until_on(t, a, "nic2")
    assert p.uplink_nic() == "nic1"
    allow(t, ["nic1"], "all")
    until_on(t, a, "nic1")


def test_frames(t):
    """beacons leave in the VLANs of their ports and reach no NIC"""
    portgroups(t)
    t.ctl("set-policy", "prod/plain", "promiscuous=accept")
    a, o = t.vm("a", "host1", "probed"), t.vm("o", "host1", "other")
    p, c = t.vm("p", "host1", "plain"), t.vm("c", "host2", "plain")
    for vm in (a, p, o, c):
        vm.nic.received()
    wires = {nic: t.wire("tor", "host1-" + nic) for nic in t.lab.nics}
    seen = {}

    def all_seen():
        for nic, wire in wires.items():
            seen.setdefault(nic, set()).update(beacons(wire))
        return all(len(those) >= 2 for those in seen.values())

    t.until(all_seen, "beacons on all uplinks", 5)
    for nic, those in seen.items():
        assert those == {(vlan, int(nic[3:]), "host1") for vlan in (10, 11)
                         }, (nic, those)
    # What guests send is kept from the wire.
    for wire in wires.values():
        wire.received()
    a.nic.send(DESTINATION + bytes.fromhex("060000000001") + b"\x88\xb5dvsb"
               + bytes([1, 9]) + bytes(60))
    t.until(lambda: beacons(wires["nic1"]), "the next beacon", 5)
    for nic, wire in wires.items():
        assert 9 not in {b[1] for b in beacons(wire)}, nic
    for vm in (a, p, o, c):
        assert not beacons(vm.nic), vm.name
    t.ctl("set-policy", "prod/plain", "promiscuous=reject")


def test_conflict(t):
    """a port whose policies do not go together says so"""
    portgroups(t)
    a = t.vm("a", "host1", "probed")
    message = t.ctl_fails("set-policy", "prod/probed", "teaming=ip-hash")
    assert "beacon probing does not go with teaming by IP hash" in message
    t.ctl("add-portgroup", "prod", "hash", "vlan=10", "--",
          "set-policy", "prod/hash", "teaming=ip-hash")
    h = t.vm("h", "host1", "hash")
    t.ctl("set-policy", "prod", "beacon=yes")
    t.until(lambda: h.state()["fault"] == "ConflictingConfiguration: beacon: "
            "beacon probing does not go with teaming by IP hash",
            "the fault of h")
    assert not a.state()["fault"]
    t.ctl("set-policy", "prod", "beacon=no")
    t.until(lambda: not h.state()["fault"], "no fault of h")
