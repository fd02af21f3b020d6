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

"""Tasks, as far as hosts carry them out."""

import os
import re

from dvslab.util import LabError



def counters(vm):
    """Returns how many frames the switch has received of 'vm'."""
    return vm.state()["statistics"].get("rx_packets", 0)


def let_move(t, *portgroups):
    """Allows live ports of 'portgroups' to be moved."""
    for portgroup in portgroups:
        t.ctl("set-portgroup", portgroup, "live-port-moving=yes")


def pings(t, host, ip):
    """Returns whether 'host' reaches 'ip' by its own NICs."""
    try:
        t.lab.machine(host).run("ping", "-c1", "-W2", ip)
    except LabError:
        return False
    return True


def test_moved_port_gets_policy(t):
    """a moved port keeps key and NIC, and has the other portgroup's VLAN"""
    a, c = t.vm("a", "host1"), t.vm("c", "host2", "db")
    key = c.key
    t.expect("a", "c", [])
    t.ctl_fails("move-port", "prod:" + key, "web")
    let_move(t, "prod/web", "prod/db")
    t.ctl("move-port", "prod:" + key, "web")
    assert c.key == key
    t.expect("a", "c", ["c"])
    t.expect("c", "a", ["a"])
    # It stays where it was moved, although its interface names "db".
    t.restart("controller")
    t.restart("agent", "host2")
    t.settled()
    t.expect("a", "c", ["c"])
    t.ctl("move-port", "prod:" + key)
    t.expect("a", "c", [])
    t.ctl("move-port", "prod:" + key, "db")
    t.expect("a", "c", [])
    assert c.key == key
    assert a.key != key


def test_moved_port_loses_nothing(t):
    """moving a port between portgroups of one VLAN loses no frame"""
    a, c = t.vm("a", "host1"), t.vm("c", "host2")
    t.ctl("add-portgroup", "prod", "web2", "vlan=10", "live-port-moving=yes")
    let_move(t, "prod/web")
    stream = t.stream(a, c)
    for portgroup in "web2", "web":
        for vm in a, c:
            t.ctl("move-port", "prod:" + vm.key, portgroup)
    stream.run(0.5)
    stream.stop()
    t.ctl("del-portgroup", "prod/web2")
    t.notes.append("%d of %d lost" % (stream.lost, stream.sent))
    assert stream.lost == 0, "%d lost" % stream.lost


def test_rectify_restores_flows(t):
    """rectify restores flows and groups that were deleted by hand"""
    t.vm("a", "host1")
    t.vm("c", "host2")
    t.settled()
    before = t.flows("host1")
    target = "unix:%s/host1/%s.mgmt" % (t.lab.directory,
                                        t.lab.bridge("host1", "prod"))
    for command in "del-flows", "del-groups":
        t.lab.machine("host1").run("ovs-ofctl", "-OOpenFlow15", command,
                                   target)
    t.expect("a", "c", [])
    t.ctl("rectify", "prod", "host1")
    assert t.flows("host1") == before
    t.expect("a", "c", ["c"])
    t.ctl("rectify", "prod")
    assert t.flows("host1") == before


def test_rectify_survives_restart(t):
    """an agent that is killed while it rectifies finishes it"""
    t.vm("a", "host1")
    t.settled()
    before = t.flows("host1")
    t.lab.daemon("agent", "host1").kill()
    task = t.lab.ctl("--no-wait", "rectify", "prod", "host1").strip()
    t.lab.ctl("sync")
    assert t.lab.ctl("get", "Task", task, "state").strip() == "running"
    t.lab.daemon("agent", "host1").start()
    t.until(lambda: t.lab.ctl("get", "Task", task, "state").strip()
            == "success", "the task ends")
    assert t.flows("host1") == before


def test_rectify_without_host(t):
    """rectify of a host that is gone fails, and says which it is"""
    t.lab.ctl("set", "DVS_Global", ".", "options:heartbeat_interval=200")
    t.lab.daemon("agent", "host2").kill()
    said = t.ctl_fails("rectify", "prod")
    t.lab.daemon("agent", "host2").start()
    t.lab.ctl("remove", "DVS_Global", ".", "options", "heartbeat_interval")
    assert re.search(r"DvsOperationBulkFault: host \"host2\" is disconnected",
                     said), said


def test_merge(t):
    """a merged switch keeps its NICs connected, and they reach the others"""
    # A switch of its own for a host: a member of one switch only.
    t.lab.ctl("--timeout=20", "del-host", "prod", "host2")
    t.ctl("add-switch", "old", "uplinks=2", "datapath=netdev")
    t.ctl("add-host", "old", "host2", "uplink1=nic1", "uplink2=nic2")
    t.ctl("add-portgroup", "old", "web", "vlan=10")
    a = t.vm("a", "host1")
    c = t.vm("c", "host2", "old/web")
    d = t.vm("d", "host2", "old/web")
    # The host's own NIC is a device of the bridge, which stays.
    t.ctl("connect", "host2/vmk0", "old/web", "kind=host", "host=host2")
    host2 = t.lab.machine("host2")
    host2.ip("addr", "replace", "10.9.0.2/24", "dev", "vmk0")
    vmk0 = host2.ip("-o", "addr", "show", "dev", "vmk0")
    t.expect("a", "c", ["c"])
    across, local = t.stream(a, c), t.stream(c, d)
    t.ctl("merge-switch", "old", "prod")
    across.run(1)
    t.settled()
    for stream in across, local:
        stream.stop()
        t.notes.append("%d of %d lost" % (stream.lost, stream.sent))
    t.expect("a", "c", ["c"])
    t.expect("c", "a", ["a"])
    t.expect("c", "d", ["d"])
    for vm in c, d:
        assert vm.state()["switch"] == a.state()["switch"]
    assert host2.ip("-o", "addr", "show", "dev", "vmk0") == vmk0
    host2.run("ping", "-c1", "-W2", "-I", "vmk0", "10.9.0.2")
    t.ctl("connect", "host1/vmk0", "web", "kind=host", "host=host1")
    t.lab.machine("host1").ip("addr", "replace", "10.9.0.1/24", "dev", "vmk0")
    t.until(lambda: pings(t, "host1", "10.9.0.2"), "host1 reaches host2")
    t.restart("agent", "host2")
    t.restart("controller")
    t.settled()
    t.expect("a", "c", ["c"])
    assert host2.ip("-o", "addr", "show", "dev", "vmk0") == vmk0
    t.until(lambda: pings(t, "host1", "10.9.0.2"), "host1 reaches host2")
    t.ctl("disconnect", "host1/vmk0")
    t.ctl("disconnect", "host2/vmk0")
    assert across.lost < 200, "%d lost" % across.lost
    assert local.lost < 200, "%d lost" % local.lost


def test_merge_on_one_host(t):
    """NICs of a host that is a member of both come into one bridge"""
    t.ctl("set-uplinks", "prod", "host2", "uplink1=nic1")
    t.ctl("add-switch", "old", "uplinks=2", "datapath=netdev")
    t.ctl("add-host", "old", "host2", "uplink1=nic2")
    t.ctl("add-portgroup", "old", "app", "vlan=10")
    a = t.vm("a", "host1")
    c = t.vm("c", "host2", "prod/web")
    d = t.vm("d", "host2", "old/app")
    bridge = t.lab.bridge("host2", "old")
    assert d.state()["bridge"] == bridge
    t.expect("a", "d", ["d"])
    stays, moves = t.stream(a, c), t.stream(a, d)
    t.ctl("merge-switch", "old", "prod")
    stays.run(1)
    t.settled()
    for stream in stays, moves:
        stream.stop()
        t.notes.append("%d of %d lost" % (stream.lost, stream.sent))
    assert d.state()["bridge"] == c.state()["bridge"] != bridge
    assert d.state()["switch"] == c.state()["switch"]
    assert bridge not in t.lab.machine("host2").run(
        "ovs-vsctl", "--timeout=5",
        "list-br").split()
    for sender, receiver in ("a", "d"), ("d", "a"), ("c", "d"), ("d", "c"):
        t.expect(sender, receiver, [receiver])
    # The other NIC is of use, too.
    t.ctl("set-policy", "prod/app", "active=uplink2")
    t.expect("a", "d", ["d"])
    t.expect("d", "a", ["a"])
    t.until(lambda: d.uplink_nic() == "nic2", "it leaves by nic2")
    before = t.flows("host2")
    t.restart("agent", "host2")
    t.restart("controller")
    t.settled()
    assert t.flows("host2") == before
    t.expect("d", "a", ["a"])
    assert stays.lost < 200, "%d lost" % stays.lost
    assert moves.lost < 1000, "%d lost" % moves.lost


def test_refresh(t):
    """refresh-port has a host report the counters of a port at once"""
    a = t.vm("a", "host1")
    t.vm("b", "host1")
    t.ctl("set", "DVS_Global", ".", "options:stats_interval=3600000")
    # What the agent knows itself comes once in an interval, which it has
    # begun with the old one.
    t.restart("agent", "host1")
    t.settled()
    old = counters(a)
    for _ in range(20):
        t.expect("a", "b", ["b"], settle=0)

    def refreshed():
        t.ctl("refresh-port", "prod:" + a.key)
        return counters(a) >= old + 20
    t.until(refreshed, "the counters are up to date")
    t.ctl("remove", "DVS_Global", ".", "options", "stats_interval")


def test_import_brings_all_back(t):
    """what was exported and deleted is imported again, the same bytes, and \
frames pass"""
    vms = [t.vm("a", "host1"), t.vm("b", "host2", "db"), t.vm("c", "host2")]
    t.ctl("set-portgroup", "prod/db", "override=vlan",
          "--", "set-policy", "prod:" + vms[1].key, "vlan=10")
    t.expect("a", "c", ["c"])
    t.expect("a", "b", ["b"])
    # Of VMs that are gone, the controller forgets the NICs when it likes.
    command = []
    for row in t.lab.dvs().rows("VNIC"):
        if row["id"] not in [vm.row["nic"] for vm in vms]:
            command += ["--", "disconnect", row["id"]]
    if command:
        t.ctl(*command[1:])
    saved = os.path.join(t.lab.directory, "prod.json")
    t.lab.ctl("export", "prod", "--out=" + saved)

    command = []
    for vm in vms:
        command += ["--", "disconnect", vm.row["nic"]]
    for host in t.lab.hosts:
        command += ["--", "del-host", "prod", host]
    command += ["--", "del-portgroup", "prod/web", "--", "del-portgroup",
                "prod/db", "--", "del-switch", "prod"]
    t.ctl(*command[1:])
    assert not t.lab.dvs().rows("Proxy_Port")
    t.expect("a", "c", [])

    t.ctl("import", saved)
    again = os.path.join(t.lab.directory, "again.json")
    t.lab.ctl("export", "prod", "--out=" + again)
    with open(saved) as first, open(again) as second:
        assert first.read() == second.read()
    t.expect("a", "c", ["c"])
    t.expect("a", "b", ["b"])
    t.expect("c", "a", ["a"])
