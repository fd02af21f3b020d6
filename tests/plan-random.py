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

"""Does a plan foretell whom a running dvs-controller refuses bandwidth?

Plans random runs of commands, carries them out, and compares.

usage: plan-random.py SOCKET SEED STEPS
"""

import csv
import io
import random
import subprocess
import sys

from dvsdb import Database, insert

VMS = ["vm%d" % i for i in range(8)]
PORTGROUPS = ["web", "app", "db", "late", "net"]
POOLS = ["gold", "silver"]


def dvsctl(*args):
    return subprocess.run(["dvsctl", "--timeout=60"] + list(args),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          universal_newlines=True)


def set_up(db):
    """Makes two switches, and hosts of which one is a member of both."""
    for host in "h1", "h2":
        db.transact(insert("Host", name=host, heartbeat=1),
                    *[insert("Physical_NIC", host=host, name="eth%d" % i)
                      for i in range(3)])
    done = dvsctl(*"""
        add-switch prod uplinks=2 resource-management=yes
        -- set-traffic-class prod virtual-machine reservation=100
        -- add-host prod h1 uplink1=eth0 uplink2=eth1
        -- add-host prod h2 uplink1=eth0 uplink2=eth1
        -- add-pool prod gold quota=100 -- add-pool prod silver quota=50
        -- add-portgroup prod web pool=gold
        -- add-portgroup prod app pool=silver
        -- add-portgroup prod db -- add-portgroup prod late type=dynamic
        -- add-switch new uplinks=2 resource-management=yes
        -- set-traffic-class new virtual-machine reservation=60
        -- add-portgroup new net -- add-host new h1 uplink1=eth2""".split())
    if done.returncode:
        sys.exit(done.stderr)


def plug(db, r):
    """Some host has a NIC from now on."""
    nic = r.choice(VMS)
    host, switch = r.choice([("h1", "prod"), ("h2", "prod"), ("h1", "new")])
    uuid = db.get("Switch", [["name", "==", switch]], "_uuid")
    db.do({"op": "delete", "table": "Port_State",
           "where": [["nic", "==", nic]]},
          insert("Port_State", host=host, nic=nic, kind="vm", bridge=switch,
                 switch=uuid, running=True))


def command(r, asked):
    """Returns some command.  Adds to 'asked' who asks for bandwidth by it."""
    action = r.randrange(11)
    if action < 6:
        nic = r.choice(VMS)
        asked.add(nic)
        return ["connect", nic, r.choice(PORTGROUPS),
                "reservation=%d" % r.choice([0, 10, 20, 40, 60, 90, 101])]
    elif action == 6:
        return ["--if-exists", "disconnect", r.choice(VMS)]
    elif action == 7:
        pool = r.choice(POOLS)
        asked.add(pool)
        return ["set-pool", "prod", pool, "quota=%d" % r.randrange(0, 260,
                                                                   10)]
    elif action == 8:
        return ["set-traffic-class", "prod", "virtual-machine",
                "reservation=%d" % r.choice([60, 80, 100])]
    elif action == 9:
        return ["set-policy", r.choice(["web", "app", "db"]),
                "teaming=" + r.choice(["explicit", "ip-hash",
                                       "originating-port"])]
    return ["set-policy", r.choice(["web", "app", "db"]),
            "pool=" + r.choice(POOLS + ["none"])]


def refused(db):
    """Returns the NICs and pools that do not get the bandwidth they ask
    for."""
    found = set()
    for table, column in ("VNIC", "id"), ("Resource_Pool", "name"):
        for row in db.transact({"op": "select", "table": table, "where": [],
                                "columns": [column, "faults"]})[0]["rows"]:
            faults = row["faults"]
            faults = faults[1] if isinstance(faults, list) else [faults]
            if any(": reservation: " in fault for fault in faults):
                found.add(row[column])
    return found


def step(db, r):
    """Returns how many were refused in a plan."""
    asked, args = set(), []
    if r.random() < 0.3:
        plug(db, r)
    for _ in range(r.choice([1, 1, 2, 3])):
        args += (["--"] if args else []) + command(r, asked)
    dvsctl("sync")
    before = refused(db)
    plan = dvsctl("--format=csv", "--no-headings", "--plan", *args)
    done = dvsctl(*args)
    dvsctl("sync")
    after = refused(db)
    if plan.returncode:
        # A fault before anything was changed.
        if before != after or plan.stderr != done.stderr:
            sys.exit("%s: %s%s" % (args, plan.stderr, done.stderr))
        return 1
    rows = [row for row in csv.reader(io.StringIO(plan.stdout))
            if row[3] == "refused"]
    # A pool is "prod resource pool gold".  Who asks again for what it does not
    # get may be told again.
    planned = {row[1].split()[-1] for row in rows}
    if not after - before <= planned <= (after - before) | (after & asked):
        sys.exit("%s\nplan: %s\nbefore: %s\nafter: %s\n%s"
                 % (args, rows, before, after, done.stderr))
    return len(rows)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__.strip().split("\n")[-1])
    db = Database(sys.argv[1])
    r = random.Random(int(sys.argv[2]))
    set_up(db)
    n = sum(step(db, r) for _ in range(int(sys.argv[3])))
    print("%d were refused" % n)
    if not n:
        sys.exit("nobody was refused anything")


if __name__ == "__main__":
    main()
