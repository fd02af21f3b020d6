#! /usr/bin/env python3
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

"""What does a change cost dvs-controller?

Starts a database server and a controller of their own, and prints for a
portgroup of each of the numbers of PORTS (1000 and 10000 if none is given):

  - the time and CPU time of making that many ports, and the memory they take;
  - the CPU time, and the rows that the controller writes, for connecting one
    NIC, for its host's claim, for blocking its port, for a change of the
    portgroup's policy, and for one port more; the median of 20;
  - the time and CPU time of connecting 1000 NICs in one transaction.

At the end, the same for 2000 NICs with a reservation, in a resource pool, and
for their 10 hosts that claim them.

CPU time is the controller's alone, and includes its taking in what it has
written itself.

usage: controller.py DVS-CONTROLLER SCHEMA [PORTS]...
"""

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                ".."))
from dvsdb import Database, insert  # noqa: E402

REPEAT = 20
NICS = 1000
RESERVING_NICS = 2000
RESERVING_HOSTS = 10


class Controller:
    def __init__(self, program, sock):
        self.process = subprocess.Popen(
            [program, "-vconsole:off", "-vsyslog:off", "--unixctl=none",
             "unix:" + sock])

    def cpu(self):
        """CPU time so far, in milliseconds."""
        with open("/proc/%d/schedstat" % self.process.pid) as f:
            return int(f.read().split()[0]) / 1e6

    def rss(self):
        """Memory in use, in kB."""
        with open("/proc/%d/status" % self.process.pid) as f:
            for line in f:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])

    def settle(self):
        """Waits until the controller has nothing more to do."""
        last = None
        while last != self.cpu():
            last = self.cpu()
            time.sleep(0.02)
        return last


def rows_written(log, start):
    """Rows in the transactions of the controller that the database file has
    got since 'start', by table.  (The file does not have ephemeral
    columns.)"""
    counts = {}
    with open(log, "rb") as f:
        f.seek(start)
        for line in f:
            if line.startswith(b"{"):
                record = json.loads(line)
                if record.get("_comment") == "dvs-controller":
                    for table, rows in record.items():
                        if not table.startswith("_"):
                            counts[table] = counts.get(table, 0) + len(rows)
    return counts


class Bench:
    def __init__(self, program, schema, n_ports, directory):
        self.n_ports = n_ports
        self.log = os.path.join(directory, "dvs.db")
        sock = os.path.join(directory, "dvs.sock")
        subprocess.check_call(["ovsdb-tool", "create", self.log, schema])
        self.server = subprocess.Popen(
            ["ovsdb-server", "-vconsole:off", "-vsyslog:off",
             "--unixctl=none", "--remote=punix:" + sock, self.log])
        while not os.path.exists(sock):
            time.sleep(0.01)
        self.db = Database(sock)
        self.db.transact(insert("DVS_Global"))
        self.controller = Controller(program, sock)

    def stop(self):
        for process in self.controller.process, self.server:
            process.send_signal(signal.SIGTERM)
            process.wait()

    def measure(self, what, *operations):
        """Prints the median cost of one of 'operations', each a list of
        operations of the database."""
        cpu, wall, rows = [], [], []
        for ops in operations:
            self.controller.settle()
            start = os.path.getsize(self.log)
            cpu0, wall0 = self.controller.cpu(), time.time()
            self.db.do(*ops)
            wall.append((time.time() - wall0) * 1e3)
            cpu.append(self.controller.settle() - cpu0)
            rows.append(rows_written(self.log, start))
        last = rows[-1]
        last.pop("DVS_Global", None)
        print("  %-34s %8.2f ms CPU %8.1f ms  %s" % (
            what, statistics.median(cpu), statistics.median(wall),
            " ".join("%s:%d" % item for item in sorted(last.items()))))

    def run(self):
        db = self.db
        self.controller.settle()
        db.do(insert("Switch", name="s", name_="s",
                     uplinks=["map", [[0, "uplink1"]]]),
              insert("Host", name="h", heartbeat=1),
              insert("Physical_NIC", host="h", name="eth0"),
              insert("Host_Member", switch=["named-uuid", "s"], host="h",
                     uplinks=["map", [["uplink1", "eth0"]]]),
              insert("Portgroup", name="pg", switch=["named-uuid", "s"],
                     type="early_binding", setting=["named-uuid", "set"]),
              insert("Port_Setting", name_="set", vlan_mode="access",
                     vlan_id=1))
        switch = db.get("Switch", [], "_uuid")
        where = [["name", "==", "pg"]]
        pg = db.get("Portgroup", where, "_uuid")
        setting = db.get("Portgroup", where, "setting")
        self.controller.settle()
        rss = self.controller.rss()

        print("%d ports" % self.n_ports)
        self.measure("make the ports", [
            {"op": "update", "table": "Portgroup", "where": where,
             "row": {"num_ports": self.n_ports}}])
        print("  %-34s %8d kB, %d kB before" % (
            "memory", self.controller.rss(), rss))

        nics = range(REPEAT)
        self.measure("connect a NIC", *[
            [insert("VNIC", id="vm%d" % i, kind="vm", portgroup=pg)]
            for i in nics])
        self.measure("its host claims it", *[
            [insert("Port_State", host="h", nic="vm%d" % i, kind="vm",
                    bridge="s", switch=switch, running=True)] for i in nics])
        ports = [db.get("VNIC", [["id", "==", "vm%d" % i]], "connection")
                 for i in nics]
        self.measure("block its port", *[
            [insert("Port_Setting", name_="b", blocked=True),
             {"op": "update", "table": "Port", "where": [["_uuid", "==", p]],
              "row": {"setting": ["named-uuid", "b"]}}] for p in ports])
        self.measure("change the portgroup's VLAN", *[
            [{"op": "update", "table": "Port_Setting",
              "where": [["_uuid", "==", setting]],
              "row": {"vlan_id": 10 + i}}] for i in nics])
        self.measure("one port more", *[
            [{"op": "update", "table": "Portgroup", "where": where,
              "row": {"num_ports": self.n_ports + 1 + i}}] for i in nics])
        self.measure("a host's heartbeat", *[
            [{"op": "update", "table": "Host", "where": [],
              "row": {"heartbeat": 2 + i}}] for i in nics])

        n = min(NICS, self.n_ports - REPEAT)
        self.measure("connect %d NICs at once" % n, [
            insert("VNIC", id="many%d" % i, kind="vm", portgroup=pg)
            for i in range(n)])
        self.measure("their host claims them", [
            insert("Port_State", host="h", nic="many%d" % i, kind="vm",
                   bridge="s", switch=switch, running=True)
            for i in range(n)])
        print("  %-34s %8d kB" % ("memory", self.controller.rss()))

    def run_reservations(self):
        """What it costs to admit many NICs to what can be reserved."""
        n, hosts = RESERVING_NICS, range(RESERVING_HOSTS)
        db = self.db
        switch = ["named-uuid", "r"]
        print("%d NICs with a reservation, %d hosts" % (n, len(hosts)))
        self.measure("make the ports", [
            insert("Switch", name="r", name_="r", resource_management=True,
                   uplinks=["map", [[0, "uplink1"], [1, "uplink2"]]]),
            insert("Traffic_Class", switch=switch, name="virtual-machine",
                   reservation=10000),
            insert("Resource_Pool", switch=switch, name="gold", name_="gold",
                   reservation=n * 10),
            insert("Portgroup", name="rpg", switch=switch,
                   type="early_binding", num_ports=n,
                   setting=["named-uuid", "set"]),
            insert("Port_Setting", name_="set",
                   resource_pool=["named-uuid", "gold"])] + [
            op for h in hosts for op in (
                insert("Host", name="r%d" % h, heartbeat=1),
                insert("Physical_NIC", host="r%d" % h, name="eth0"),
                insert("Physical_NIC", host="r%d" % h, name="eth1"),
                insert("Host_Member", switch=switch, host="r%d" % h,
                       uplinks=["map", [["uplink1", "eth0"],
                                        ["uplink2", "eth1"]]]))])
        pg = db.get("Portgroup", [["name", "==", "rpg"]], "_uuid")
        switch = db.get("Switch", [["name", "==", "r"]], "_uuid")
        self.measure("connect the NICs at once", [
            insert("VNIC", id="rsv%d" % i, kind="vm", portgroup=pg,
                   reservation=10)
            for i in range(n)])
        self.measure("their hosts claim them", [
            insert("Port_State", host="r%d" % (i % len(hosts)),
                   nic="rsv%d" % i, kind="vm", bridge="r", switch=switch,
                   running=True)
            for i in range(n)])
        for table, column in ("VNIC", "reserved"), ("Proxy_Port",
                                                    "reservation"):
            rows = db.transact({"op": "select", "table": table,
                                "where": [[column, "==", 10]],
                                "columns": ["_uuid"]})[0]["rows"]
            if len(rows) != n:
                sys.exit("%d rows of %s have a reservation, not %d"
                         % (len(rows), table, n))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.strip().split("\n")[-1])
    numbers = [int(arg) for arg in sys.argv[3:]] or [1000, 10000]
    for n_ports in numbers + [None]:
        directory = tempfile.mkdtemp(prefix="dvs-bench-")
        bench = Bench(sys.argv[1], sys.argv[2], n_ports, directory)
        try:
            if n_ports:
                bench.run()
            else:
                bench.run_reservations()
        finally:
            bench.stop()
            shutil.rmtree(directory)


if __name__ == "__main__":
    main()
