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

"""Daemons that are killed and started again, under a stream."""


def survives(t, what, host=None):
    """Kills and restarts a daemon; not one frame may be lost."""
    a, c = t.vm("a", "host1"), t.vm("c", "host2")
    stream = t.stream(a, c)
    daemon = t.lab.daemon(what, host)
    daemon.kill()
    stream.run(1)
    daemon.start()
    stream.run(2)
    t.settled()
    stream.stop()
    t.notes.append("%d of %d lost" % (stream.lost, stream.sent))
    assert stream.lost == 0, "%d lost" % stream.lost
    assert not stream.duplicates, "%d duplicates" % stream.duplicates
    t.expect("a", "c", ["c"])


def test_agent_of_sender(t):
    """kill -9 and restart of the sender's agent lose nothing"""
    survives(t, "agent", "host1")


def test_agent_of_receiver(t):
    """kill -9 and restart of the receiver's agent lose nothing"""
    survives(t, "agent", "host2")


def test_controller(t):
    """kill -9 and restart of the controller lose nothing"""
    survives(t, "controller")


def test_database(t):
    """kill -9 and restart of the database lose nothing"""
    survives(t, "database")


def test_database_forgets(t):
    """what a restarted database has forgotten of hosts, they say again"""
    t.vm("a", "host1")
    host = t.lab.machine("host1")
    # A NIC without a port, and without a cable.
    host.ip("tuntap", "add", "tap0", "mode", "tap")
    host.ip("link", "set", "tap0", "up")
    host.run("ovs-vsctl", "--timeout=5", "add-port",
             t.lab.bridge("host1", "prod"), "tap0", "--", "set", "Interface",
             "tap0", "external-ids:iface-id=nobody")
    t.until(lambda: [row for row in t.lab.dvs().rows(
        "Port_State", ["nic", "==", "nobody"]) if row["link_up"] is False],
        "the NIC is reported")
    t.settled()
    before = said(t)
    t.restart("database")
    t.until(lambda: said(t) == before, lambda: "the same is said again, not "
            + differences(before, said(t)), 20)
    host.run("ovs-vsctl", "--timeout=5", "del-port", "tap0")
    host.ip("link", "del", "tap0")


def differences(before, after):
    """Returns the rows that are in one of two results of said()."""
    return "; ".join(
        "%s: %s, was %s" % (table, [r for r in after[table] if r not in rows],
                            [r for r in rows if r not in after[table]])
        for table, rows in before.items() if rows != after[table])


def said(t):
    """What hosts say, but for counters and times."""
    return {table: sorted((sorted(
        (column, str(value)) for column, value in row.items() if column
        not in ("_version", "heartbeat", "statistics", "statistics_time",
                "base_statistics", "last_change", "learned_macs",
                "learned_mac_count"))
        for row in t.lab.dvs().rows(table)), key=str)
        for table in ("Host", "Physical_NIC", "Port_State", "Proxy_State")}


def flows_again(t, what):
    """Kills and restarts a daemon of Open vSwitch on host1.  While it is
    down, its userspace datapath does not forward: what matters is what comes
    after."""
    a, c = t.vm("a", "host1"), t.vm("c", "host2")
    stream = t.stream(a, c)
    t.restart(what, "host1")
    stream.wait_flowing()
    stream.run(0.5)
    stream.stop()
    t.notes.append("%d of %d lost" % (stream.lost, stream.sent))
    t.expect("a", "c", ["c"])
    t.expect("c", "a", ["a"])


def test_host_database(t):
    """after kill -9 of a host's ovsdb-server traffic flows again"""
    flows_again(t, "ovsdb")


def test_vswitchd(t):
    """after kill -9 of ovs-vswitchd traffic flows again"""
    flows_again(t, "vswitchd")


def test_cut(t):
    """a host cut off from the database goes on, and catches up later"""
    a, c = t.vm("a", "host1"), t.vm("c", "host2")
    stream = t.stream(a, c)
    t.lab.management("host1", False)
    t.lab.ctl("set-policy", "prod/web", "vlan=11")
    t.lab.ctl("set-policy", "prod/web", "vlan=10")
    stream.run(1)
    t.lab.management("host1", True)
    t.until(lambda: applied(t, "host1"), "host1 catches up", 30)
    stream.stop()
    # While VLAN 11 was set, the hosts disagreed; before and after, not.
    t.expect("a", "c", ["c"])
    t.expect("c", "a", ["a"])


def applied(t, host):
    """True if 'host' has carried out all there is."""
    wanted = t.lab.dvs().rows("DVS_Global")[0]["next_cfg"]
    row, = t.lab.dvs().rows("Host", ["name", "==", host])
    return row["applied_cfg"] == wanted


def test_changes_while_down(t):
    """what changes while an agent is down is made up for when it is back"""
    t.vm("a", "host1")
    t.vm("c", "host2")
    t.lab.daemon("agent", "host1").kill()
    t.lab.ctl("--wait=none", "set-policy", "prod/web", "vlan=55")
    t.lab.daemon("agent", "host1").start()
    t.settled()
    wires = {nic: t.wire("tor", "host1-" + nic) for nic in t.lab.nics}
    got = t.deliver("a", "c", expected=["c"], extra=wires)
    try:
        assert got == {"c": [None], t.vms["a"].uplink_nic(): [55]}, got
    finally:
        t.ctl("set-policy", "prod/web", "vlan=10")
