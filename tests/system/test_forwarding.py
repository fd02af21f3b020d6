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

"""Who gets which frame, over three hosts with two uplinks each."""

from traffic import BROADCAST

UNKNOWN = "52:54:00:ff:ff:01"
MULTICAST = "01:00:5e:01:02:03"


def web_and_db(t):
    """Starts web VMs a and b on host1, c on host2, d on host3, and db VMs x
    on host1, y on host2."""
    for name, host, portgroup in (("a", "host1", "web"), ("b", "host1", "web"),
                                  ("c", "host2", "web"), ("d", "host3", "web"),
                                  ("x", "host1", "db"), ("y", "host2", "db")):
        t.vm(name, host, portgroup)


def test_unicast(t):
    """unicast reaches its target, and nobody else in the portgroup"""
    web_and_db(t)
    t.expect("a", "b", ["b"])
    t.expect("a", "c", ["c"])
    t.expect("c", "a", ["a"])
    t.expect("d", "c", ["c"])
    t.expect("x", "y", ["y"])


def test_third_party(t):
    """a third VM sees none of 2,000 frames between two others"""
    web_and_db(t)
    stream = t.stream(t.vms["a"], t.vms["c"])
    for name in ("b", "d", "x", "y"):
        t.vms[name].nic.received()
    t.until(lambda: len(stream.arrivals) > 2000, "2,000 frames arrive", 30)
    stream.stop()
    for name in ("b", "d", "x", "y"):
        seen = [data for _, data in t.vms[name].nic.received()
                if b"STREAM" in data]
        assert not seen, "%s saw %d frames" % (name, len(seen))
    assert not stream.duplicates


def test_isolation(t):
    """web and db do not reach each other, on one host or across hosts"""
    web_and_db(t)
    t.expect("a", "x", [])
    t.expect("a", "y", [])
    t.expect("y", "a", [])


def test_flood(t):
    """broadcast and multicast reach all others of the portgroup once"""
    web_and_db(t)
    for destination in (BROADCAST, MULTICAST):
        t.expect("a", destination, ["b", "c", "d"])
        t.expect("b", destination, ["a", "c", "d"])
        t.expect("c", destination, ["a", "b", "d"])
        t.expect("x", destination, ["y"])


def test_unknown_unicast(t):
    """unknown unicast goes to the wire once, and to no VM"""
    web_and_db(t)
    wires = {nic: t.wire("tor", "host1-" + nic) for nic in ("nic1", "nic2")}
    got = t.deliver("a", UNKNOWN, extra=wires)
    assert got == {t.vms["a"].uplink_nic(): [10]}, got


def test_no_transit(t):
    """a frame from one uplink never leaves by another"""
    t.vm("a", "host1")
    wires = {"host1-" + nic: t.wire("tor", "host1-" + nic)
             for nic in ("nic1", "nic2")}
    t.vm("c", "host2")
    got = t.deliver("c", BROADCAST, extra=wires, expected=["a"])
    assert got == {"a": [None]}, got


def test_reserved_multicast(t):
    """link-local multicast (spanning tree) of a VM goes nowhere"""
    web_and_db(t)
    wires = {nic: t.wire("tor", "host1-" + nic) for nic in ("nic1", "nic2")}
    got = t.deliver("a", "01:80:c2:00:00:00", extra=wires)
    assert got == {}, got


def test_teaming(t):
    """VMs are spread over both uplinks, and each uses one"""
    wires = {nic: t.wire("tor", "host1-" + nic) for nic in ("nic1", "nic2")}
    used = set()
    for name in ("a", "b", "e", "f"):
        vm = t.vm(name, "host1")
        got = {k: v for k, v in t.deliver(name, BROADCAST, extra=wires).items()
               if k in wires}
        assert got == {vm.uplink_nic(): [10]}, got
        used.update(got)
    assert used == {"nic1", "nic2"}, used


def test_tx_uplink(t):
    """what stays on a host is copied to the uplink, if the port says so"""
    web_and_db(t)
    wires = {nic: t.wire("tor", "host1-" + nic) for nic in ("nic1", "nic2")}
    t.expect("a", "b", ["b"], extra=wires)
    t.ctl("set-policy", "web", "tx-uplink=yes")
    t.expect("a", "b", {"b": [None], t.vms["a"].uplink_nic(): [10]},
             extra=wires)
    t.expect("a", "c", {"c": [None], t.vms["a"].uplink_nic(): [10]},
             extra=wires)
    stream = t.stream(t.vms["a"], t.vms["b"])
    for policy in ("no", "yes", "no"):
        t.ctl("set-policy", "web", "tx-uplink=" + policy)
        stream.run(0.3)
    stream.stop()
    assert stream.lost == 0, stream.lost
    assert not stream.duplicates, stream.duplicates
    t.ctl("clear-policy", "web", "tx-uplink")
