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

"""Late binding, ephemeral portgroups and conflicts, by packets."""

import uuid

from traffic import BROADCAST


def portgroup(t, name, *keys):
    """Makes a portgroup in VLAN 10, where "web" is, too."""
    t.ctl("--may-exist", "add-portgroup", "prod", name, "vlan=10", *keys)


def forget(t, condition, what):
    """Waits until what depends on NICs that have gone has followed."""
    t.ctl("set", "DVS_Global", ".", "options:claim_gc_interval=1")
    t.until(condition, what)
    t.ctl("remove", "DVS_Global", ".", "options", "claim_gc_interval")
    t.settled()


def port_of(t, vm):
    """Returns the row of the port that 'vm' is connected to, or None."""
    for vnic in t.lab.dvs().rows("VNIC", ["id", "==", vm.row["nic"]]):
        if vnic["connection"] != []:
            return t.lab.dvs().rows("Port", ["_uuid", "==",
                                             ["uuid", vnic["connection"]]])[0]
    return None


def test_late(t):
    """a dynamic portgroup's port goes to the next NIC when one is unplugged"""
    portgroup(t, "dyn", "type=dynamic", "ports=2")
    t.vm("a", "host1", "prod/dyn")
    t.vm("c", "host2", "prod/dyn")
    t.vm("x", "host3", "prod/web")
    t.expect("a", BROADCAST, ["c", "x"])

    # There is no third port.
    d = t.adopt(t.lab.vms.add("d", "host3", "prod/dyn", wait=False))
    where = ["id", "==", d.row["nic"]]
    t.until(lambda: any("ResourceNotAvailable" in str(row["faults"])
                        for row in t.lab.dvs().rows("VNIC", where)),
            "the NIC finds no port")
    t.expect("d", BROADCAST, [])
    t.expect("a", BROADCAST, ["c", "x"])

    t.unplug("a")
    forget(t, lambda: port_of(t, d), "the waiting NIC gets the port")
    t.until(lambda: d.key, "its host has it")
    t.expect("d", BROADCAST, ["c", "x"])
    t.expect("c", "d", ["d"])


def test_ephemeral(t):
    """an ephemeral port comes and goes with its NIC"""
    portgroup(t, "eph", "type=ephemeral")
    where = ["name", "==", "eph"]
    a = t.vm("a", "host1", "prod/eph")
    t.vm("c", "host2", "prod/eph")
    t.expect("a", "c", ["c"])
    key = a.key
    t.lab.vms.move("a", "host3")
    t.until(lambda: a.key == key, "the port moves with the NIC")
    t.expect("c", "a", ["a"])
    assert t.lab.dvs().rows("Portgroup", where)[0]["port_count"] == 2
    t.unplug("a")
    t.unplug("c")
    forget(t, lambda: not t.lab.dvs().rows("Portgroup",
                                           where)[0]["port_count"],
           "the ports are gone")
    assert t.vm("a", "host1", "prod/eph").key != key


def test_ephemeral_headless(t):
    """with the database dead an ephemeral NIC works, and goes on afterwards"""
    portgroup(t, "eph", "type=ephemeral")
    portgroup(t, "dyn", "type=dynamic", "ports=2")
    a, c = t.vm("a", "host1", "prod/eph"), t.vm("c", "host2", "prod/web")
    keys = {a.key, c.key}
    t.lab.daemon("database").kill()
    b = t.adopt(t.lab.vms.add("b", "host1", "prod/eph", wait=False))
    d = t.adopt(t.lab.vms.add("d", "host3", "prod/eph", wait=False))
    t.adopt(t.lab.vms.add("x", "host1", "prod/dyn", wait=False))
    t.until(lambda: set(t.deliver("b", BROADCAST)) == {"a", "c", "d"},
            "the new NICs work")
    b.announce()
    d.announce()
    t.expect("d", "b", ["b"])
    t.expect("b", "c", ["c"])
    t.expect("a", "b", ["b"])
    t.expect("x", BROADCAST, [])

    # Its port is made known, and not one frame is lost.
    old, new = t.stream(a, c), t.stream(b, d)
    t.lab.daemon("database").start()
    t.until(lambda: port_of(t, b) and port_of(t, d),
            "the controller knows the ports", 30)
    t.until(lambda: b.key and d.key, "the hosts tell of them", 30)
    t.settled()
    for stream in (old, new):
        stream.run(1)
        stream.stop()
        t.notes.append("%d of %d lost" % (stream.lost, stream.sent))
        assert stream.lost == 0, "%d lost" % stream.lost
        assert not stream.duplicates, "%d duplicates" % stream.duplicates
    for vm in (b, d):
        assert int(vm.key) >= 1 << 47, vm.state()
        assert port_of(t, vm)["key"] == vm.key, port_of(t, vm)
    assert keys == {a.key, c.key}
    t.expect("d", "b", ["b"])


def test_ephemeral_agent_restart(t):
    """...also if the agent dies before the database is back"""
    portgroup(t, "eph", "type=ephemeral")
    c = t.vm("c", "host2", "prod/web")
    t.lab.daemon("database").kill()
    b = t.adopt(t.lab.vms.add("b", "host1", "prod/eph", wait=False))
    t.until(lambda: t.deliver("b", BROADCAST) == {"c": [None]},
            "the new NIC works")
    b.announce()
    stream = t.stream(b, c)
    t.restart("agent", "host1")
    t.lab.daemon("database").start()
    t.until(lambda: port_of(t, b), "the controller knows the port", 30)
    t.until(lambda: b.key, "the host tells of it", 30)
    t.settled()
    stream.run(1)
    stream.stop()
    t.notes.append("%d of %d lost" % (stream.lost, stream.sent))
    assert stream.lost == 0, "%d lost" % stream.lost


def test_conflict(t):
    """a NIC that claims another's port does not disturb it"""
    a, c = t.vm("a", "host1"), t.vm("c", "host2")
    key, port = a.key, port_of(t, a)
    stream = t.stream(c, a)
    nic = str(uuid.uuid4())
    t.lab.ctl("--no-wait", "create", "VNIC", "id=" + nic, "kind=vm",
              "port=" + port["_uuid"])
    b = t.vm("b", "host3", nic=nic)
    stream.run(1)
    stream.stop()
    assert stream.lost == 0, "%d lost" % stream.lost
    assert a.key == key and b.key != key, (a.key, b.key)
    conflict = port_of(t, b)
    assert conflict["conflict"] is True, conflict
    assert conflict["conflict_key"] == key, conflict
    vnic, = t.lab.dvs().rows("VNIC", ["id", "==", nic])
    assert "ResourceInUse" in str(vnic["faults"]), vnic
    t.expect("c", "a", ["a"])
    t.expect("b", "c", ["c"])

    # The rightful one goes: the other one gets the port.
    t.unplug("a")
    forget(t, lambda: port_of(t, b)["key"] == key, "the port is free")
    t.until(lambda: b.key == key, "its host has it")
    t.expect("c", "b", ["b"])
    assert not t.lab.dvs().rows("Port", ["conflict", "==", True])
    t.unplug("b")
    t.ctl("disconnect", nic)
