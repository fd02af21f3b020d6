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

"""Hosts that start without database and controller."""

import contextlib
import time

# The lowest key of a port that a host makes (schema/dvs-limits.h).
HOST_MADE_KEY_MIN = 1 << 47


def from_cache(t, host):
    """True if the agent of 'host' works without the database."""
    return ("database: away" in t.appctl("agent", "config-status", host=host)
            and "in_step=yes" in t.appctl("agent", "flows/stats", host=host))


@contextlib.contextmanager
def headless(t):
    """Takes database and controller away, and gives them back."""
    for host in t.lab.hosts:
        t.until(lambda: "being written" not in t.appctl(
            "agent", "config-status", host=host), "the cache is on disk")
    t.lab.daemon("controller").kill()
    t.lab.daemon("database").kill()
    for host in t.lab.hosts:
        t.until(lambda: from_cache(t, host), "%s misses the database" % host)
    yield
    t.lab.daemon("database").start()
    t.lab.daemon("controller").start()
    t.settled()


def four(t):
    """Two VMs in web and two in db, on two hosts."""
    return [t.vm("a", "host1"), t.vm("b", "host1", "db"),
            t.vm("c", "host2"), t.vm("d", "host2", "db")]


def works(t):
    """Everybody reaches those who are in its portgroup, and nobody else."""
    for sender, others in (("a", "c"), ("c", "a"), ("b", "d"), ("d", "b")):
        t.expect(sender, "ff:ff:ff:ff:ff:ff", list(others))


def test_agent(t):
    """an agent restarted without the database loses nothing, even when it \
is back"""
    four(t)
    stream = t.stream(t.vms["a"], t.vms["c"])
    with headless(t):
        for host in ("host1", "host2"):
            before = t.flows(host)
            t.restart("agent", host)
            t.until(lambda: from_cache(t, host), "%s is in step" % host)
            assert t.flows(host) == before
    stream.run(0.5)
    stream.stop()
    t.notes.append("%d of %d lost" % (stream.lost, stream.sent))
    assert stream.lost == 0, "%d lost" % stream.lost
    works(t)


def test_vswitchd(t):
    """ovs-vswitchd and the agent restarted without the database"""
    four(t)
    with headless(t):
        before = t.flows("host1")
        t.lab.daemon("agent", "host1").kill()
        t.restart("vswitchd", "host1")
        t.lab.daemon("agent", "host1").start()
        t.until(lambda: t.flows("host1") == before, "the flows are back")
        works(t)
        # The other way round.
        t.restart("agent", "host1")
        t.until(lambda: from_cache(t, "host1"), "host1 is in step")
        t.restart("vswitchd", "host1")
        t.until(lambda: t.flows("host1") == before, "the flows are back")
        works(t)


def reboot(t, host):
    """Restarts all of 'host', on which nothing is left that the agent has
    made, and waits until its VMs are connected as before."""
    before = t.flows(host)
    for what in ("agent", "vswitchd"):
        t.lab.daemon(what, host).kill()
    t.lab.machine(host).run("ovs-vsctl", "--no-wait", "del-br",
                            t.lab.bridge(host, "prod"))
    t.restart("ovsdb", host)
    start = time.monotonic()
    t.lab.daemon("vswitchd", host).start()
    t.lab.daemon("agent", host).start()
    t.until(lambda: t.lab.ovs(host).rows("Bridge"), "the bridge is back")
    for vm in t.vms.values():
        if vm.row["host"] == host:
            t.lab.vms._plug(vm.row, t.lab.bridge(host, "prod"))
    t.until(lambda: from_cache(t, host), "%s is in step" % host)
    t.until(lambda: len(t.flows(host)) == len(before), "the flows are back")
    t.notes.append("%.1f s" % (time.monotonic() - start))


def test_host(t):
    """a whole host restarted without the database: its NICs come back, with \
the same policy"""
    four(t)
    with headless(t):
        before = t.flows("host1")
        reboot(t, "host1")
        works(t)
        # Uplinks fail over as before.
        for nic in "nic1", "nic2":
            t.lab.cable("host1", nic, False)
            t.until(lambda: len(t.deliver("a", expected=["c"])) == 1
                    and len(t.deliver("b", expected=["d"])) == 1,
                    "the other uplink serves")
            works(t)
            t.lab.cable("host1", nic, True)
            t.until(lambda: len(t.flows("host1")) == len(before),
                    "both uplinks serve")
    works(t)


def unplug(t, vm):
    """Takes the NIC of 'vm' out of the bridge."""
    t.lab.machine(vm.row["host"]).run("ovs-vsctl", "--timeout=5", "del-port",
                                      vm.row["vnet"])


def ports_of(t, portgroup):
    """Returns the keys of the ports of a portgroup."""
    row, = t.lab.dvs().rows("Portgroup", ["name", "==", portgroup])
    return [int(port["key"]) for port in t.lab.dvs().rows("Port")
            if port["portgroup"] == row["_uuid"]]


def test_replug(t):
    """NICs that are known, and such of ephemeral portgroups, connect to a \
restarted host"""
    t.ctl("add-portgroup", "prod", "any", "type=ephemeral", "vlan=30")
    four(t)
    new = [t.vm("e", "host1", "any"), t.vm("f", "host2", "any")]
    for vm in new:
        unplug(t, vm)
    # Else they would get these ports again when the database is back.
    t.ctl("set", "DVS_Global", ".", "options:claim_gc_interval=1")
    t.until(lambda: not ports_of(t, "any"), "their ports are gone")
    t.ctl("--wait=hosts", "remove", "DVS_Global", ".", "options",
          "claim_gc_interval")
    with headless(t):
        t.restart("agent", "host1")
        t.until(lambda: from_cache(t, "host1"), "host1 is in step")
        unplug(t, t.vms["a"])
        for vm in [t.vms["a"]] + new:
            t.lab.vms._plug(vm.row, t.lab.bridge(vm.row["host"], "prod"))
        t.until(lambda: "f" in t.deliver("e", expected=["f"]),
                "ephemeral NICs connect")
        t.expect("e", "ff:ff:ff:ff:ff:ff", ["f"])
        works(t)
        # Such a port outlives a restart, too.
        t.restart("agent", "host1")
        t.until(lambda: from_cache(t, "host1"), "host1 is in step")
        t.expect("f", "ff:ff:ff:ff:ff:ff", ["e"])
        stream = t.stream(t.vms["e"], t.vms["f"])
    stream.run(0.5)
    stream.stop()
    assert stream.lost == 0, "%d lost" % stream.lost
    # The ports that the hosts made are known now, and have passed to nobody
    # else.
    ports = ports_of(t, "any")
    assert len(ports) == 2 and min(ports) >= HOST_MADE_KEY_MIN, ports
    works(t)
