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

"""Changes that cut hosts off from the database, which they reach through the
switch: by a NIC in portgroup "management".  They go back by themselves."""

import re
import signal
import subprocess
import time

LAB = {"hosts": 3, "uplinks": 2, "management": True, "closing": False}

# DVS_Global.options:rollback_timeout in these tests, and how much later
# everything has to work again, in seconds.
TIMEOUT = 6
PATIENCE = 5


def address(t, host):
    return "172.31.1.%d" % (t.lab.hosts.index(host) + 1)


def reaches(t, host, size=56):
    """True if the database's machine reaches 'host' through the switch."""
    said = t.lab.machine("central").run(
        "ping", "-n", "-c1", "-W1", "-s%d" % size, address(t, host),
        check=False)
    return " 1 received" in said


def ping_all_the_time(t, hosts):
    """Begins to ping 'hosts' from the database's machine.  Returns what ends
    that, and returns how many pings each has missed, and how many there
    were at least."""
    central = t.lab.machine("central")
    pings = {host: subprocess.Popen(
        central.command(["ping", "-n", "-q", "-i0.05", "-W5", address(t, host)]),
        env=central.env, stdout=subprocess.PIPE, text=True) for host in hosts}

    def end():
        missed, least = {}, None
        for host, process in pings.items():
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=10)[0]
            sent, received = map(int, re.search(
                r"(\d+) packets transmitted, (\d+) received", said).groups())
            # The last one may be under way.
            missed[host] = max(0, sent - received - 1)
            least = min(sent, least or sent)
        return missed, least

    return end


def states(t):
    """What each host says of itself and of what it refuses."""
    return {row["host"]: (row["status"], sorted(row["rolled_back"]))
            for row in t.lab.dvs().rows("Proxy_State")}


def prepare(t):
    """Puts the portgroup in order, and waits less long than usual."""
    t.ctl("set", "DVS_Global", ".", "options:rollback_timeout=%d" % TIMEOUT,
          "--", "set-policy", "prod/management", "vlan=99", "active=uplink1",
          "standby=uplink2")


def goes_back(t, *change, size=56):
    """Makes 'change', which cuts all hosts off, and checks that all are back
    in time, while a stream between VMs goes on; returns what is taken back."""
    a, c = t.vm("a", "host1"), t.vm("c", "host2")
    for vm in (a, c):
        # Else Open vSwitch keeps the host's own NICs at the least MTU.
        t.lab.machine(vm.host).ip("link", "set", vm.row["vnet"], "mtu",
                                  "9000")
    for host in t.lab.hosts:
        assert reaches(t, host), host
    stream = t.stream(a, c)
    before = taken_back(t)
    start = time.monotonic()
    t.lab.ctl("--wait=none", *change)
    t.until(lambda: not any(reaches(t, host, size) for host in t.lab.hosts),
            "all hosts are cut off", TIMEOUT)
    t.until(lambda: all(reaches(t, host) for host in t.lab.hosts),
            "all hosts are reached again", TIMEOUT + PATIENCE)
    took = time.monotonic() - start
    t.notes.append("%.1f s" % took)
    assert took < TIMEOUT + PATIENCE, took
    # The controller takes it back for everyone, and hosts follow again.
    t.until(lambda: taken_back(t) - before, "the controller takes it back",
            TIMEOUT + PATIENCE)
    in_sync(t)
    stream.stop()
    assert stream.lost == 0, "%d lost" % stream.lost
    return {name for name, _ in taken_back(t) - before}


def taken_back(t):
    """What the controller has taken back, and in which events it said so."""
    return {(row["object"], row["sequence"])
            for row in t.lab.dvs().rows("Event")
            if row["type"] == "RollbackEvent"}


def in_sync(t):
    """All hosts follow the database again."""
    t.settled()
    t.until(lambda: set(map(str, states(t).values()))
            == {str(("up", []))}, "all hosts are in sync")


def test_vlan(t):
    """a wrong VLAN on the management portgroup"""
    prepare(t)
    what = goes_back(t, "set-policy", "prod/management", "vlan=666")
    assert what == {"prod/management"}, what
    assert "99" in t.ctl("get-policy", "prod/management"), "not restored"
    # A second one, and then a good one.
    t.lab.ctl("--wait=none", "set-policy", "prod/management", "vlan=667")
    t.until(lambda: not reaches(t, "host1"), "host1 is cut off again")
    t.until(lambda: all(reaches(t, host) for host in t.lab.hosts),
            "all hosts are reached again", TIMEOUT + PATIENCE)
    t.ctl("set-policy", "prod/management", "vlan=99", "failback=no")
    in_sync(t)


def cut_all_off(t):
    """Makes a change that cuts all hosts off, and waits until they are."""
    t.lab.ctl("--wait=none", "set-policy", "prod/management", "vlan=666")
    t.until(lambda: not any(reaches(t, host) for host in t.lab.hosts),
            "all hosts are cut off", TIMEOUT)


def test_two_in_a_row(t):
    """a second bad change while all hosts are away for the first"""
    prepare(t)
    cut_all_off(t)
    t.lab.ctl("--wait=none", "set-policy", "prod/management", "vlan=667")
    # They try what they have not seen, and all that is restored.
    t.until(lambda: re.search(r"^vlan +99 ", t.lab.ctl(
        "--wait=none", "get-policy", "prod/management"), re.M), "it is taken back",
        3 * (TIMEOUT + PATIENCE))
    t.until(lambda: all(reaches(t, host) for host in t.lab.hosts),
            "all hosts are reached again", TIMEOUT + PATIENCE)
    in_sync(t)


def test_agent_dies(t):
    """agents that die while they wait for the database go back all the same"""
    prepare(t)
    cut_all_off(t)
    start = time.monotonic()
    for host in t.lab.hosts[:2]:
        t.restart("agent", host)
    t.until(lambda: all(reaches(t, host) for host in t.lab.hosts),
            "all hosts are reached again", TIMEOUT + PATIENCE)
    t.notes.append("%.1f s" % (time.monotonic() - start))
    in_sync(t)
    assert "99" in t.ctl("get-policy", "prod/management"), "not restored"


def test_teaming(t):
    """a wrong teaming order: the VLAN is not there on that physical switch"""
    prepare(t)
    for host in t.lab.hosts:
        t.lab.tor().allow(host + "-nic2", "10,20")
    goes_back(t, "set-policy", "prod/management", "active=uplink2",
              "standby=")
    for host in t.lab.hosts:
        t.lab.tor().allow(host + "-nic2", "all")


def test_mtu(t):
    """an MTU that the physical network drops"""
    prepare(t)
    t.lab.tor().set_mtu(1500)
    what = goes_back(t, "set-switch", "prod", "mtu=9000", size=4000)
    assert "prod" in what, what


def test_canary(t):
    """a canary tries out a wrong VLAN: it comes back, others miss no packet"""
    prepare(t)
    canary, *others = t.lab.hosts
    for host in t.lab.hosts:
        assert reaches(t, host), host
    t.settled()
    before = taken_back(t)
    a, c = t.vm("a", others[0]), t.vm("c", others[1])
    stream = t.stream(a, c)
    end = ping_all_the_time(t, others)
    start = time.monotonic()
    try:
        t.lab.ctl("--wait=none", "--canary=" + canary, "set-policy",
                  "prod/management", "vlan=666")
        t.until(lambda: not reaches(t, canary), "the canary is cut off",
                TIMEOUT)
        t.until(lambda: reaches(t, canary), "it is reached again",
                TIMEOUT + PATIENCE)
        t.until(lambda: taken_back(t) - before, "the change is taken back",
                TIMEOUT + PATIENCE)
        took = time.monotonic() - start
        in_sync(t)
    finally:
        missed, least = end()
    stream.stop()
    t.notes.append("%.1f s, %d pings" % (took, least))
    assert not any(missed.values()), missed
    assert least > 50, least
    assert stream.lost == 0, "%d lost" % stream.lost
    assert {name for name, _ in taken_back(t) - before} == {"prod"}
    assert "99" in t.ctl("get-policy", "prod/management"), "not restored"
    task, = t.lab.dvs().rows("Task", ["operation", "==", "rollout"])
    assert task["state"] == "error" and canary in task["fault"], task

    # A good one is carried out by all before dvsctl ends.
    t.ctl("--wait=hosts", "--canary=" + canary, "set-policy",
          "prod/management", "forged-transmits=accept")
    assert all(reaches(t, host) for host in t.lab.hosts)
    good, = t.lab.dvs().rows("Task", ["operation", "==", "rollout"],
                             ["state", "==", "success"])
    t.notes.append("%d ms" % (good["completed"] - good["created"]))
    assert {row["ring"] for row in t.lab.dvs().rows("Proxy_Portgroup")} == {0}


def test_headless(t):
    """a host that starts without the database makes its own NIC again"""
    for what in ("controller", "database"):
        t.lab.daemon(what).kill()
    agent, vswitchd = (t.lab.daemon(what, "host1")
                       for what in ("agent", "vswitchd"))
    t.until(lambda: "database: away" in agent.appctl("config-status"),
            "host1 misses the database")
    host = t.lab.machine("host1")
    bridge = t.lab.bridge("host1", "prod")
    agent.kill()
    host.run("ovs-vsctl", "--timeout=5", "del-br", bridge)
    assert "vmk0" not in host.devices()
    vswitchd.kill()
    host.run("ovs-vswitchd", "--pidfile", "--detach", "--no-chdir",
             "--log-file", "-vconsole:off")
    agent.start()
    t.until(lambda: "vmk0" in host.devices(), "the NIC is back")
    t.lab._configure_management("host1")
    t.until(lambda: reaches(t, "host1"), "host1 is reached")
    for what in ("database", "controller"):
        t.lab.daemon(what).start()
    t.settled()
    assert all(reaches(t, host) for host in t.lab.hosts)
