#!/usr/bin/env python3
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

"""headless.py [BUILD] [PORTGROUPS]

Prints what it takes to confirm a change, how large the host cache and a
checkpoint are with PORTGROUPS portgroups (default: 1,000), and how long a host is without
connection that starts again without the database, with the programs in build
folder BUILD (default: "build" of the sources).

Nothing passes or fails; run it on an idle machine, and compare.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "system"),
                os.path.join(TOP, "utilities")]
sys.dont_write_bytecode = True

from dvslab.lab import Lab, Tools                           # noqa: E402
from dvslab.sandbox import Sandbox                          # noqa: E402
from dvslab.util import run, wait_until                     # noqa: E402
from traffic import Nic, Stream                             # noqa: E402

ROUNDS = 10

# Portgroups that one command makes.
BATCH = 50


def status(lab, host):
    return lab.daemon("agent", host).appctl("config-status")


def wait_confirmed(lab):
    wait_until(lambda: all("not confirmed: 0" in status(lab, host)
                           for host in lab.hosts), "all is confirmed", 60,
               0.005)


def confirm(lab):
    """Changes a portgroup; prints how long all hosts take to confirm."""
    times = []
    for i in range(ROUNDS):
        start = time.monotonic()
        lab.ctl("--wait=hosts", "set-policy", "prod/web",
                "vlan=%d" % (10 + i % 2))
        wait_confirmed(lab)
        times.append((time.monotonic() - start) * 1000)
    print("From \"dvsctl set-policy\" to confirmed on %d hosts: "
          "median %.0f ms, worst %.0f ms"
          % (len(lab.hosts), statistics.median(times), max(times)))


def fill(lab, portgroups):
    for first in range(0, portgroups, BATCH):
        words = []
        for i in range(first, min(first + BATCH, portgroups)):
            words += ["--", "add-portgroup", "prod", "pg%d" % i,
                      "vlan=%d" % (100 + i % 3000), "ports=1"]
        lab.ctl("--wait=hosts", "--timeout=120", *words[1:])
    wait_until(lambda: "being written" not in status(lab, "host1"),
               "the cache is on disk", 60)


def cache_size(lab):
    name = [line for line in status(lab, "host1").splitlines()
            if line.startswith("cache: ")][0][7:]
    agent = lab.daemon("agent", "host1")
    print("Host cache with %d portgroups: %.0f kB, written %s times so far"
          % (len(lab.dvs().rows("Portgroup")), os.path.getsize(name) / 1024,
             agent.appctl("coverage/read-counter",
                          "host_cache_write").strip()))


def checkpoint_size(lab):
    rows = lab.dvs().rows("Checkpoint")
    sizes = sorted(len(row["document"].encode()) for row in rows)
    print("Checkpoints with as many: the largest of %d has %.0f kB"
          % (len(sizes), sizes[-1] / 1024))


def gap(lab, what):
    """Restarts daemons of host1; returns the longest pause of a stream."""
    nics = {name: Nic(lab.vms.machine(name), "eth0") for name in ("a", "b")}
    vms = {vm["name"]: vm["mac"] for vm in lab.vms.list()}
    stream = Stream(nics["a"], nics["b"], vms["a"], vms["b"])
    stream.wait_flowing()
    for name in what:
        lab.daemon(name, "host1").kill()
    start = time.time()
    for name in reversed(what):
        lab.daemon(name, "host1").start()
    wait_until(lambda: stream.arrivals and stream.arrivals[-1][0] > start
               and "in_step=yes" in lab.daemon("agent", "host1").appctl(
                   "flows/stats"), "the stream flows again", 60)
    stream.run(1.5)
    stream.stop()
    for nic in nics.values():
        nic.close()
    return stream.gap()


def figures(lab, portgroups):
    for name, host in (("a", "host1"), ("b", "host2")):
        lab.vms.add(name, host, "web")
    confirm(lab)
    fill(lab, portgroups)
    cache_size(lab)
    checkpoint_size(lab)
    lab.daemon("controller").kill()
    lab.daemon("database").kill()
    for what in ("agent",), ("agent", "vswitchd"), ("agent", "vswitchd",
                                                    "ovsdb"):
        print("Without the database, %s restarted: %.2f s without a frame"
              % (", ".join(what), gap(lab, what)), flush=True)


def main(argv):
    if argv[:1] == ["--inside"]:
        build, directory, portgroups = argv[1:]
        figures(Lab(directory, Tools(
            [os.path.join(build, folder)
             for folder in ("utilities", "controller", "ovs-bridge")],
            os.path.join(TOP, "schema", "dvs.ovsschema"))), int(portgroups))
        return 0
    build = os.path.abspath(argv[0] if argv else os.path.join(TOP, "build"))
    portgroups = argv[1] if len(argv) > 1 else "1000"
    with tempfile.TemporaryDirectory(prefix="dvs-bench-") as home:
        directory = os.path.join(home, "lab")
        dvs_lab = [os.path.join(build, "utilities", "dvs-lab"),
                   "--dir=" + directory]
        run(dvs_lab + ["up", "--hosts=3", "--uplinks=2"])
        try:
            return subprocess.call(Sandbox(directory).enter_command(
                [sys.executable, os.path.realpath(__file__), "--inside",
                 build, directory, portgroups]))
        finally:
            run(dvs_lab + ["down"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
