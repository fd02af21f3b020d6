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

"""Tags, on the wire and at a virtual machine's NIC."""

from traffic import BROADCAST


def portgroups(t):
    """Makes a trunk of VLANs 10 and 30-33, and one of untagged frames."""
    t.ctl("--may-exist", "add-portgroup", "prod", "trunk",
          "vlan=trunk:10,30-33", "--",
          "--may-exist", "add-portgroup", "prod", "plain", "vlan=none", "--",
          "--may-exist", "add-portgroup", "prod", "v30", "vlan=30", "--",
          "--may-exist", "add-portgroup", "prod", "v40", "vlan=40")


def wires(t, host):
    return {nic: t.wire("tor", "%s-%s" % (host, nic)) for nic in t.lab.nics}


def test_wire_tag(t):
    """frames of an access port bear its VLAN on the wire, and nowhere else"""
    t.vm("a", "host1")
    t.vm("c", "host2")
    got = t.deliver("a", "c", expected=["c"], extra=wires(t, "host1"))
    assert got == {"c": [None], t.vms["a"].uplink_nic(): [10]}, got


def test_untagged(t):
    """a portgroup with vlan=none sends and gets untagged frames"""
    portgroups(t)
    t.vm("p", "host1", "plain")
    t.vm("q", "host2", "plain")
    t.vm("a", "host2", "web")
    got = t.deliver("p", BROADCAST, expected=["q"], extra=wires(t, "host1"))
    assert got == {"q": [None], t.vms["p"].uplink_nic(): [None]}, got


def test_access_refuses_tags(t):
    """an access port drops frames that bear a tag of their own"""
    t.vm("a", "host1")
    t.vm("b", "host1")
    t.vm("c", "host2")
    for vlan in (10, 20, 4094):
        got = t.deliver("a", BROADCAST, vlan=vlan, extra=wires(t, "host1"))
        assert got == {}, "VLAN %d: %s" % (vlan, got)
    # A priority tag (VLAN 0) is no VLAN.
    got = t.deliver("a", BROADCAST, vlan=0, expected=["b", "c"])
    assert got == {"b": [None], "c": [None]}, got


def test_trunk_tags(t):
    """a trunk port gets and sends its VLANs with their tags"""
    portgroups(t)
    t.vm("t1", "host1", "trunk")
    t.vm("t2", "host2", "trunk")
    t.vm("a", "host1", "web")
    t.vm("v", "host2", "v30")
    got = t.deliver("t1", BROADCAST, vlan=30, expected=["t2", "v"],
                    extra=wires(t, "host1"))
    assert got == {"t2": [30], "v": [None],
                   t.vms["t1"].uplink_nic(): [30]}, got
    got = t.deliver("v", BROADCAST, expected=["t1", "t2"])
    assert got == {"t1": [30], "t2": [30]}, got
    got = t.deliver("t1", BROADCAST, vlan=10, expected=["t2", "a"])
    assert got == {"t2": [10], "a": [None]}, got
    got = t.deliver("t1", "t2", vlan=33, expected=["t2"])
    assert got == {"t2": [33]}, got


def test_trunk_limits(t):
    """a trunk port carries no other VLAN, in no direction"""
    portgroups(t)
    t.vm("t1", "host1", "trunk")
    t.vm("t2", "host2", "trunk")
    t.vm("w", "host1", "v40")
    for vlan in (None, 9, 11, 29, 34, 40):
        got = t.deliver("t1", BROADCAST, vlan=vlan, extra=wires(t, "host1"))
        assert got == {}, "VLAN %s: %s" % (vlan, got)
    got = t.deliver("w", BROADCAST, extra=wires(t, "host1"))
    assert got == {t.vms["w"].uplink_nic(): [40]}, got


def test_physical_limit(t):
    """what the physical switch does not carry does not arrive"""
    t.vm("a", "host1")
    t.vm("b", "host1")
    t.vm("c", "host2")
    for nic in t.lab.nics:
        t.lab.tor().allow("host1-" + nic, "20-30")
    try:
        t.expect("a", BROADCAST, ["b"])
    finally:
        for nic in t.lab.nics:
            t.lab.tor().allow("host1-" + nic, "all")
    t.expect("a", BROADCAST, ["b", "c"])


def test_change(t):
    """a changed VLAN carries at once, on all hosts"""
    t.vm("a", "host1")
    t.vm("c", "host2")
    t.vm("y", "host2", "db")
    t.ctl("set-policy", "prod/web", "vlan=77")
    got = t.deliver("a", "c", expected=["c"], extra=wires(t, "host1"))
    assert got == {"c": [None], t.vms["a"].uplink_nic(): [77]}, got
    t.ctl("set-policy", "prod/web", "vlan=20")
    t.expect("a", BROADCAST, ["c", "y"])
    t.ctl("set-policy", "prod/web", "vlan=10")
    t.expect("a", BROADCAST, ["c"])
