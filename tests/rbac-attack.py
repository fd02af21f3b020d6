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

"""Tries everything on the DVS database that the agent of a host must not.

Connects by TLS to PORT of this machine as NAME, with NAME-privkey.pem and
NAME-cert.pem of the current folder, and attempts to write
 - each table that is not the agents', in every way;
 - the rows of the host VICTIM, and rows in its name;
 - in the rows of HOST, each column that says whose or what they are.

Prints each attempt that was not refused, and how many were.  With --pretend,
nothing is committed, whatever the server permits.

usage: rbac-attack.py [--pretend] SCHEMA CA-CERT PORT NAME HOST VICTIM
       rbac-attack.py --knock CA-CERT PORT [NAME]

With --knock, only says whether the server talks to NAME, or to somebody
without a certificate.
"""

import json
import socket
import ssl
import sys

from dvsdb import Database

# The tables of which each host writes its own rows: the column with its name,
# and the columns that an agent must leave alone.
STATE = {"Host": ("name", ["name", "external_ids"]),
         "Physical_NIC": ("host", ["host", "name", "external_ids"]),
         "Proxy_State": ("host", ["host", "switch", "external_ids"]),
         "Rule_State": ("host", ["host", "switch", "portgroup", "key",
                                 "external_ids"]),
         "Port_State": ("host", ["host", "kind", "nic", "external_ids"])}

ALL = []                        # A condition that every row meets.


def connect(ca_cert, port, name):
    """Returns a session as 'name', or as nobody if that is None."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(ca_cert)
    if name:
        context.load_cert_chain(name + "-cert.pem", name + "-privkey.pem")
    sock = socket.create_connection(("127.0.0.1", int(port)), timeout=30)
    return Database(None, context.wrap_socket(sock))


def knock(ca_cert, port, name=None):
    try:
        connect(ca_cert, port, name).try_transact()
    except (ssl.SSLError, ConnectionError) as e:
        print("refused")
        print(e, file=sys.stderr)
    else:
        print("welcome")


class Attacker:
    def __init__(self, schema, session, host, victim, pretend):
        self.schema = schema
        self.session = session
        self.host = host
        self.victim = victim
        self.pretend = pretend
        self.attempts = self.refused = 0

    def attempt(self, op):
        """Tries 'op', which should be refused."""
        extra = [{"op": "abort"}] if self.pretend else []
        results = self.session.try_transact(op, *extra)
        self.attempts += 1
        if results[0] and results[0].get("error") == "permission error":
            self.refused += 1
        elif not self.pretend:
            print("not refused: %s: %s" % (json.dumps(op), results))

    def update(self, table, where, column, value):
        self.attempt({"op": "update", "table": table, "where": where,
                      "row": {column: value}})

    def mutate(self, table, where):
        """Tries to add to all columns to which something can be added."""
        for column, schema in self.schema["tables"][table]["columns"].items():
            kind = schema["type"]
            if not isinstance(kind, dict) or kind.get("max") != "unlimited":
                continue
            self.attempt({"op": "mutate", "table": table, "where": where,
                          "mutations": [[column, "insert",
                                         ["map" if "value" in kind else "set",
                                          []]]]})

    def rows(self, table, where):
        return self.session.transact({"op": "select", "table": table,
                                      "where": where})[0]["rows"]

    def insert(self, table, **given):
        """Tries to insert a row with nothing more than 'given' and what the
        schema demands."""
        row = {}
        for column, schema in self.schema["tables"][table]["columns"].items():
            kind = schema["type"]
            key = kind.get("key") if isinstance(kind, dict) else None
            if not isinstance(key, dict) or kind.get("min") == 0:
                continue
            elif "enum" in key:
                row[column] = key["enum"][1][0]
            elif key["type"] == "string":
                row[column] = "x"
            elif key["type"] == "integer":
                row[column] = key.get("minInteger", 0)
        row.update(given)
        self.attempt({"op": "insert", "table": table, "row": row})

    def others(self, table):
        """Attacks a table of which nothing is the agents'."""
        self.insert(table)
        self.attempt({"op": "delete", "table": table, "where": ALL})
        self.attempt({"op": "update", "table": table, "where": ALL,
                      "row": {}})
        self.mutate(table, ALL)
        for row in self.rows(table, ALL)[:1]:
            where = [["_uuid", "==", row["_uuid"]]]
            self.attempt({"op": "delete", "table": table, "where": where})
            for column in row:
                if not column.startswith("_"):
                    self.update(table, where, column, row[column])

    def state(self, table):
        """Attacks a table of which each host writes its own rows."""
        owner, fixed = STATE[table]
        theirs = [[owner, "==", self.victim]]
        ours = [[owner, "==", self.host]]
        assert self.rows(table, theirs) and self.rows(table, ours), table
        self.insert(table, **{owner: self.victim})
        self.insert(table, **{owner: "nobody"})
        self.attempt({"op": "delete", "table": table, "where": theirs})
        self.attempt({"op": "delete", "table": table, "where": ALL})
        self.mutate(table, theirs)
        row = self.rows(table, theirs)[0]
        for column in row:
            if not column.startswith("_"):
                self.update(table, theirs, column, row[column])
                self.update(table, ALL, column, row[column])
        self.update(table, ours, owner, self.victim)
        row = self.rows(table, ours)[0]
        for column in fixed:
            self.update(table, ours, column, row[column])

    def run(self):
        for table in sorted(self.schema["tables"]):
            if table in STATE:
                self.state(table)
            else:
                self.others(table)


def main(argv):
    if argv[0] == "--knock":
        knock(*argv[1:])
        return
    pretend = argv[0] == "--pretend"
    schema, ca_cert, port, name, host, victim = argv[pretend:]
    with open(schema) as f:
        attacker = Attacker(json.load(f), connect(ca_cert, port, name), host,
                            victim, pretend)
    attacker.run()
    assert attacker.attempts > 200, attacker.attempts
    print("%s refused" % ("all" if attacker.refused == attacker.attempts
                          else "%d of %d" % (attacker.refused,
                                             attacker.attempts)))


main(sys.argv[1:])
