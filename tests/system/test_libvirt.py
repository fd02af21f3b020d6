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

"""NICs plugged with ovs-vsctl, and nothing else, as hypervisors do."""

import uuid

from traffic import BROADCAST


def test_plug(t):
    """a NIC that libvirt plugs gets a port of the portgroup it names"""
    nic = str(uuid.uuid4())
    a, c = t.vm("a", "host1", nic=nic), t.vm("c", "host2")
    t.expect("a", BROADCAST, ["c"])
    vnic, = t.lab.dvs().rows("VNIC", ["id", "==", nic])
    assert vnic["automatic"] is True, vnic
    port, = t.lab.dvs().rows("Port", ["_uuid", "==",
                                      ["uuid", vnic["connection"]]])
    web, = t.lab.dvs().rows("Portgroup", ["name", "==", "web"])
    assert port["portgroup"] == web["_uuid"], port
    assert port["connectee"] == vnic["_uuid"], port
    assert port["key"] == a.key and a.key != c.key, port


def test_qualified(t):
    """the portgroup may be named as SWITCH/PORTGROUP"""
    t.vm("a", "host1", "prod/web")
    t.vm("c", "host2", "web")
    t.expect("a", "c", ["c"])


def test_state(t):
    """the state says what the hypervisor said, and what came of it"""
    a = t.vm("a", "host1")
    t.until(lambda: a.state()["link_up"], "the link is up")
    state = a.state()
    assert state["attached_mac"] == a.mac, state
    assert state["vm"] == a.row["vm"], state
    assert state["interface"] == a.row["vnet"], state
    assert state["profile"] == "web", state
    assert state["vlans"] == "10", state
    assert state["fault"] == "", state


def test_unplug(t):
    """a NIC that is unplugged leaves its port for good after a while only"""
    nic = str(uuid.uuid4())
    key = t.vm("a", "host1", nic=nic).key
    c = t.vm("c", "host2")
    t.unplug("a")
    assert t.lab.dvs().rows("VNIC", ["id", "==", nic])
    a = t.vm("a", "host2", nic=nic)
    assert a.key == key, (a.key, key)
    t.expect("a", "c", ["c"])
    t.unplug("a")
    t.unplug("c")
    t.forget_nics()
    for row in t.lab.dvs().rows("Port"):
        assert row["connectee"] == [], row
    assert t.vm("c", "host1", nic=c.row["nic"]).key


def test_unknown_portgroup(t):
    """a NIC that names no portgroup of the switch gets no port"""
    t.vm("c", "host2")
    row = t.lab.vms.add("a", "host1", "nonesuch", wait=False)
    where = ["nic", "==", row["nic"]]
    t.until(lambda: t.lab.dvs().rows("Port_State", where),
            "the agent claims the NIC")
    t.settled()
    state, = t.lab.dvs().rows("Port_State", where)
    assert not state["key"], state
    t.adopt(row)
    t.expect("a", BROADCAST, [])
    t.expect("c", BROADCAST, [])


def test_forged(t):
    """a VM that sends from another MAC is heard only where that is allowed"""
    forged = "52:54:00:ff:ff:07"
    t.vm("a", "host1")
    t.vm("c", "host2")
    allowed = t.ctl("get-policy", "prod/web")
    got = t.deliver("a", BROADCAST, src=forged)
    word = [line for line in allowed.splitlines()
            if line.startswith("forged-transmits")]
    assert word, allowed
    assert bool(got) == ("accept" in word[0]), (word, got)
