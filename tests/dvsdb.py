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

"""A JSON-RPC session with a server of the DVS database (RFC 7047), for tests
and benchmarks."""

import codecs
import json
import socket


def insert(table, **row):
    name = row.pop("name_", None)
    op = {"op": "insert", "table": table, "row": row}
    if name:
        op["uuid-name"] = name
    return op


class Database:
    """A JSON-RPC session with the database server, at the Unix socket 'path'
    or through 'sock', which is connected already."""

    def __init__(self, path, sock=None):
        self.sock = sock or socket.socket(socket.AF_UNIX)
        if not sock:
            self.sock.connect(path)
        self.decoder = json.JSONDecoder()
        self.utf8 = codecs.getincrementaldecoder("utf-8")()
        self.buffer = ""
        self.id = 0

    def recv(self):
        while True:
            try:
                msg, end = self.decoder.raw_decode(self.buffer)
                self.buffer = self.buffer[end:].lstrip()
                return msg
            except ValueError:
                data = self.sock.recv(1 << 16)
                if not data:
                    raise ConnectionError("the server hung up")
                self.buffer += self.utf8.decode(data)

    def try_transact(self, *ops):
        """Tries to carry out 'ops', and returns what came of each."""
        self.id += 1
        self.sock.sendall(json.dumps(
            {"method": "transact", "params": ["DVS"] + list(ops),
             "id": self.id}).encode())
        while True:
            msg = self.recv()
            if msg.get("method") == "echo":
                self.sock.sendall(json.dumps(
                    {"result": msg["params"], "error": None,
                     "id": msg["id"]}).encode())
            elif msg.get("id") == self.id:
                break
        return msg["result"]

    def transact(self, *ops):
        """Carries out 'ops', and returns what came of each."""
        results = self.try_transact(*ops)
        for result in results:
            if result and "error" in result:
                raise RuntimeError(result)
        return results

    def do(self, *ops):
        """Commits 'ops' and waits until the controller has carried them
        out."""
        result = self.transact(
            *ops,
            {"op": "mutate", "table": "DVS_Global", "where": [],
             "mutations": [["next_cfg", "+=", 1]]},
            {"op": "select", "table": "DVS_Global", "where": [],
             "columns": ["next_cfg"]})
        cfg = result[-1]["rows"][0]["next_cfg"]
        self.transact(
            {"op": "wait", "table": "DVS_Global", "timeout": 600000,
             "where": [["controller_cfg", ">=", cfg]],
             "columns": ["next_cfg"], "until": "!=", "rows": []})
        return result

    def get(self, table, where, column):
        rows = self.transact({"op": "select", "table": table, "where": where,
                              "columns": [column]})[0]["rows"]
        return rows[0][column]
