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

"""Programs that are killed at random moments while the configuration changes:
what is changed, imported or rolled back, tried out by canaries first or not,
is then as it was or as it was to be, hosts agree with it, and those who have
nothing to do with it lose nothing.

    run --seconds=120 --seed=7 BUILD kills

kills for two minutes, with the moments that seed 7 stands for.
"""

import json
import os
import random
import subprocess
import time

import closing

TIMEOUT_S = 400                 # Of a test, with --seconds=120.

SECONDS = float(os.environ.get("DVS_TEST_SECONDS", 8))
SEED = int(os.environ.get("DVS_TEST_SEED", 1))

# The portgroups that change, and the two states that each may be in.
PORTGROUPS = ["p0", "p1", "p2"]
STATES = ("old", "new")

# A change takes about that long, in seconds.
A_CHANGE = 0.15

# How many changes are tried out by canaries first, and how many of those by
# one that does not answer, so that they are taken back, after so many seconds.
CANARIES = 0.4
DEAF = 0.4
DEAF_TIMEOUT_S = 1

# What dvsctl says of a change that has been taken back.
TAKEN_BACK = "is again as it was in checkpoint"

# What may be killed.  The userspace datapath stops without ovs-vswitchd and
# its database, so theirs are killed where the undisturbed VMs are not.
VICTIMS = ([("dvsctl", None)] * 3 + [("controller", None)] * 3
           + [("database", None)] * 2
           + [("agent", host) for host in ("host1", "host2", "host3")]
           + [("vswitchd", "host3"), ("ovsdb", "host3")])


def vlan(name, state):
    return 30 + PORTGROUPS.index(name) + 10 * STATES.index(state)


def words(name, state):
    """The words of set-policy that bring portgroup 'name' into 'state'."""
    first, second = ("uplink1", "uplink2")[::1 if state == "old" else -1]
    return ["prod/" + name, "vlan=%d" % vlan(name, state),
            "teaming=explicit", "active=" + first, "standby=" + second,
            "forged-transmits=" + ("accept" if state == "new" else "reject")]


class Kills:
    """Changes on the lab of test 't', and what they make of it."""

    def __init__(self, t):
        self.t = t
        self.random = random.Random(SEED)
        self.files = {state: os.path.join(t.lab.directory, state + ".json")
                      for state in STATES}
        self.state = {}         # Portgroup -> its state.
        self.whole = {}         # State -> the document's portgroups by name.
        self.counts = {}        # What was killed -> how often.
        self.rollouts = 0       # Of those, during rollouts.
        self.taken_back = 0     # Of these, of changes that were taken back.

    def setup(self):
        command = []
        for name in PORTGROUPS:
            command += ["--", "add-portgroup", "prod", name, "ports=4"]
        self.t.ctl(*command[1:])
        for name in PORTGROUPS:
            for host in "host1", "host3":
                self.t.vm("%s-%s" % (name, host), host, "prod/" + name)
        for state in reversed(STATES):
            command = []
            for name in PORTGROUPS:
                command += ["--", "set-policy"] + words(name, state)
                self.state[name] = state
            self.t.ctl(*command[1:])
            self.t.ctl("export", "prod", "--out=" + self.files[state])
            self.whole[state] = self.read_portgroups()

    def read_portgroups(self):
        """The portgroups as a document has them, but for their versions."""
        document = json.loads(self.t.lab.ctl("--timeout=20", "export",
                                             "prod"))
        return {row["name"]: row for row in find_portgroups(document)}

    def some_change(self):
        """Returns a command of dvsctl, and which portgroups it brings into
        which state."""
        state = self.random.choice(STATES)
        name = self.random.choice(PORTGROUPS)
        kind = self.random.choice(("set-policy", "import", "rollback",
                                   "rollback-one"))
        if kind == "set-policy":
            return ["set-policy"] + words(name, state), state, [name]
        if kind == "import":
            return ["import", self.files[state]], state, PORTGROUPS
        if kind == "rollback":
            return (["rollback", "prod", self.files[state]], state,
                    PORTGROUPS)
        return ["rollback", "prod/" + name, self.files[state]], state, [name]

    def step(self):
        """Makes a change, and kills something meanwhile."""
        command, state, names = self.some_change()
        what, host = self.random.choice(VICTIMS)
        deaf = None
        moment = A_CHANGE
        options = ["--wait=none"]
        if self.random.random() < CANARIES:
            canaries = self.random.sample(self.t.lab.hosts,
                                          self.random.randint(1, 2))
            options = ["--wait=hosts", "--canary=" + ",".join(canaries)]
            if self.random.random() < DEAF and host not in canaries:
                deaf = self.t.lab.daemon("agent", canaries[0])
                moment = DEAF_TIMEOUT_S + 2 * A_CHANGE
                self.t.ctl("set", "DVS_Global", ".",
                           "options:task_timeout=%d" % DEAF_TIMEOUT_S)
                deaf.kill()
            self.rollouts += 1
        central = self.t.lab.machine("central")
        client = subprocess.Popen(
            central.command(["dvsctl", "--timeout=20"] + options + command),
            env=central.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(self.random.uniform(0, moment))
        if what == "dvsctl":
            # nsenter has become dvsctl, under the same PID.
            client.kill()
        else:
            daemon = self.t.lab.daemon(what, host)
            daemon.kill()
            time.sleep(self.random.uniform(0, A_CHANGE))
            daemon.start()
        said = client.communicate()[1]
        if what == "ovsdb":
            carries(self.t, host)
        self.counts[what] = self.counts.get(what, 0) + 1
        if deaf:
            self.t.until(lambda: not self.t.lab.dvs().rows(
                "Task", ["operation", "==", "rollout"],
                ["state", "==", "running"]), "the rollout is over", 30)
            deaf.start()
        self.t.settled()
        all_up(self.t)
        self.t.settled()
        if deaf:
            self.t.ctl("remove", "DVS_Global", ".", "options", "task_timeout")
        self.check(command, state, names, client.returncode, said)

    def check(self, command, state, names, status, said):
        """Each portgroup is as it was or as it was to be."""
        self.taken_back += TAKEN_BACK in said
        now = self.read_portgroups()
        for name in PORTGROUPS:
            may = {self.state[name]}
            if name in names:
                may = ({state} if status == 0
                       else may if TAKEN_BACK in said else may | {state})
            found = {s for s in may if now[name] == self.whole[s][name]}
            assert found, "%s (%s, %s): %s is %s" % (
                " ".join(command), status, said, name, now[name])
            self.state[name] = found.pop()
        # One of them by packets.
        name = self.random.choice(PORTGROUPS)
        uplink = 1 if self.state[name] == "old" else 2
        wire = self.t.wire("tor", "host1-nic%d" % uplink)
        try:
            self.t.expect(name + "-host1", name + "-host3",
                          {name + "-host3": [None],
                           "wire": [vlan(name, self.state[name])]},
                          extra={"wire": wire}, settle=0.05)
        finally:
            self.t.nics.remove(wire)
            wire.close()


def find_portgroups(node):
    """Returns the portgroups of a document; 'node' is a part of it."""
    if isinstance(node, list):
        return [found for item in node for found in find_portgroups(item)]
    found = []
    for key, value in node.items() if isinstance(node, dict) else ():
        found += value if key == "portgroups" else find_portgroups(value)
    return [{key: value for key, value in row.items()
             if key not in ("config_version", "port_count")}
            for row in found]


def all_up(t):
    """Waits until all hosts are heard of: nobody waits for those that are not,
    and who has just been started has not heard of any yet."""
    t.until(lambda: all(row["status"] == "up" for row
                        in t.lab.dvs().rows("Host_Member")),
            "all hosts are up", 30)


def carries(t, host):
    """Waits until a host's userspace datapath carries frames again.  It stops
    while ovs-vswitchd is without its database, to which it may take seconds
    to reconnect if that goes again and again."""
    vsctl = ("ovs-vsctl", "--timeout=30")
    machine = t.lab.machine(host)
    machine.run(*vsctl, "set", "Open_vSwitch", ".", "external_ids:killed=yes")
    machine.run(*vsctl, "remove", "Open_vSwitch", ".", "external_ids",
                "killed")


def test_kills(t):
    """programs killed at random moments of a change: all of it or nothing"""
    kills = Kills(t)
    kills.setup()
    # Apart from the others: who watches all VMs would take the stream's frames.
    a, c = [t.vm(name, host) and t.vms.pop(name)
            for name, host in (("a", "host1"), ("c", "host2"))]
    stream = t.stream(a, c)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        kills.step()
    stream.stop()
    t.vms.update({"a": a, "c": c})
    t.notes.append("seed %d, %d kills (%s), %d during rollouts, of which %d "
                   "were taken back, %d of %d frames lost" % (
                       SEED, sum(kills.counts.values()), ", ".join(
                           "%d %s" % (n, what) for what, n
                           in sorted(kills.counts.items())),
                       kills.rollouts, kills.taken_back, stream.lost,
                       stream.sent))
    assert stream.lost == 0, "%s: lost %s" % (t.notes[-1], stream.losses())
    assert not stream.duplicates, "%d duplicates" % stream.duplicates

    all_up(t)
    closing.recompute(t)
    for vm in list(t.vms.values()):
        vm.nic.close()
        t.lab.vms.remove(vm.name)
    t.vms.clear()
    t.forget_nics()
    command = []
    for name in PORTGROUPS:
        command += ["--", "del-portgroup", "prod/" + name]
    t.ctl(*command[1:])
