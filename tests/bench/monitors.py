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

"""How should an agent listen to the database?

Prints the database server's CPU time for changes of a shared row (which all
hosts read) and of a host's own row, with N hosts that listen in one of two
ways: by ONE connection, with the condition "host == me" on the per-host
tables, or by TWO, one without any condition on the shared tables and one with
the condition on the others.  A session with a condition cannot use the
server's shared cache of updates; a second session costs a second socket.

usage: monitors.py SCHEMA [HOSTS [CHANGES]]
"""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import uuid

SHARED = {"Proxy_Switch": ["name", "setting", "version"],
          "Proxy_Portgroup": ["name", "setting", "version"]}
OWN = {"Proxy_Host": ["host", "uplinks", "version"],
       "Proxy_Port": ["host", "key", "nic", "setting", "version"]}


class Session:
    """One JSON-RPC session that counts the updates it gets."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(path)
        self.decoder = json.JSONDecoder()
        self.buffer = ""
        self.updates = 0

    def send(self, method, params, id_=0):
        self.sock.sendall(json.dumps(
            {"method": method, "params": params, "id": id_}).encode())

    def recv(self):
        while True:
            if self.buffer:
                try:
                    msg, end = self.decoder.raw_decode(self.buffer)
                    self.buffer = self.buffer[end:].lstrip()
                    if msg.get("method") == "echo":
                        continue
                    return msg
                except ValueError:
                    pass
            data = self.sock.recv(1 << 20)
            if not data:
                sys.exit("connection closed")
            self.buffer += data.decode()

    def call(self, method, params):
        self.send(method, params)
        while True:
            msg = self.recv()
            if "result" in msg and msg["id"] == 0:
                if msg.get("error"):
                    sys.exit(str(msg["error"]))
                return msg["result"]

    def monitor(self, tables, host=None):
        requests = {}
        for table, columns in tables.items():
            request = {"columns": columns}
            if host and table in OWN:
                request["where"] = [["host", "==", host]]
            requests[table] = [request]
        self.call("monitor_cond", ["DVS", [], requests])


def listen(path, hosts, ways):
    sessions = []
    for i in range(hosts):
        host = "host%d" % i
        if ways == 1:
            session = Session(path)
            session.monitor(dict(SHARED, **OWN), host)
            sessions.append([session])
        else:
            shared, own = Session(path), Session(path)
            shared.monitor(SHARED)
            own.monitor(OWN, host)
            sessions.append([shared, own])
    return sessions


def cpu(pid):
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def transact(writer, *operations):
    for result in writer.call("transact", ["DVS"] + list(operations)):
        if result and "error" in result:
            sys.exit(str(result))


def fill(writer, switch, hosts, portgroups=50, ports=20):
    for i in range(portgroups):
        transact(writer, {"op": "insert", "table": "Proxy_Portgroup", "row": {
            "switch": ["uuid", switch], "portgroup": ["uuid",
                                                      str(uuid.uuid4())],
            "name": "pg%d" % i, "setting": ["map", [["vlan", str(i + 1)]]]}})
    for i in range(hosts):
        transact(writer, *[{
            "op": "insert", "table": "Proxy_Port", "row": {
                "host": "host%d" % i, "switch": ["uuid", switch],
                "key": str(i * ports + j), "nic": "nic-%d-%d" % (i, j)}}
                for j in range(ports)])


def measure(schema, hosts, changes, ways):
    directory = tempfile.mkdtemp(prefix="dvs-bench-")
    db, path = directory + "/db", directory + "/sock"
    subprocess.check_call(["ovsdb-tool", "create", db, schema])
    subprocess.check_call(
        ["ovsdb-server", db, "--remote=punix:" + path, "--detach",
         "--no-chdir", "--pidfile=" + directory + "/pid", "-vconsole:off",
         "--unixctl=" + directory + "/ctl", "--log-file=/dev/null"])
    with open(directory + "/pid") as f:
        pid = int(f.read())
    try:
        writer = Session(path)
        switch = str(uuid.uuid4())
        fill(writer, switch, hosts)
        start = cpu(pid)
        sessions = listen(path, hosts, ways)
        connect = cpu(pid) - start

        start = cpu(pid)
        for i in range(changes):
            transact(writer, {"op": "update", "table": "Proxy_Portgroup",
                              "where": [["name", "==", "pg1"]],
                              "row": {"version": i + 1}})
            for session in sessions:
                while session[0].recv().get("method") != "update2":
                    pass
        shared = cpu(pid) - start

        start = cpu(pid)
        for i in range(changes):
            transact(writer, {"op": "update", "table": "Proxy_Port",
                              "where": [["nic", "==", "nic-1-1"]],
                              "row": {"version": i + 1}})
            while sessions[1][-1].recv().get("method") != "update2":
                pass
        own = cpu(pid) - start
        with open("/proc/%d/status" % pid) as f:
            rss = [int(line.split()[1]) for line in f
                   if line.startswith("VmRSS")][0]
        print("%d connection%s: %4d hosts connect %.2f s CPU, shared row "
              "%.2f ms, own row %.2f ms CPU a change, server RSS %.1f MB"
              % (ways, "s" if ways > 1 else " ", hosts, connect,
                 shared / changes * 1e3, own / changes * 1e3, rss / 1024))
    finally:
        os.kill(pid, signal.SIGTERM)
        subprocess.call(["rm", "-rf", directory])


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    hosts = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    changes = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    for ways in 1, 2:
        measure(sys.argv[1], hosts, changes, ways)


if __name__ == "__main__":
    main()
