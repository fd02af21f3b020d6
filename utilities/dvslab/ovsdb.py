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

"""A few lines of OVSDB client (RFC 7047), enough to look and to change."""

import json
import os
import socket

from .util import LabError


class Ovsdb:
    """Database 'name' behind the Unix socket 'path'."""

    def __init__(self, path, name):
        self.path = path
        self.name = name

    def transact(self, *operations):
        """Carries out 'operations' in one transaction; returns one result
        for each.  Raises LabError if any fails."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            try:
                # A socket's path is short, a directory's need not be.
                home = os.open(os.path.dirname(self.path), os.O_PATH)
                try:
                    s.connect("/proc/self/fd/%d/%s"
                              % (home, os.path.basename(self.path)))
                finally:
                    os.close(home)
                request = {"method": "transact", "id": 0,
                           "params": [self.name] + list(operations)}
                s.sendall(json.dumps(request).encode())
                reply = self._receive(s)
            except OSError as e:
                raise LabError("%s: %s" % (self.path, e.strerror or e))
        if reply.get("error"):
            raise LabError("%s: %s" % (self.name, reply["error"]))
        for result in reply["result"]:
            if result and result.get("error"):
                raise LabError("%s: %s: %s" % (self.name, result["error"],
                                               result.get("details", "")))
        return reply["result"][:len(operations)]

    @staticmethod
    def _receive(s):
        text = b""
        decoder = json.JSONDecoder()
        while True:
            data = s.recv(1 << 20)
            if not data:
                raise OSError("connection closed")
            text += data
            try:
                message, _ = decoder.raw_decode(text.decode())
            except (json.JSONDecodeError, UnicodeDecodeError):
                continue
            if message.get("id") == 0:
                return message
            text = b""

    def rows(self, table, *where):
        """Returns the rows of 'table' that fulfil every condition of 'where'
        (each a [column, function, value]) as dictionaries of plain Python
        values."""
        result = self.transact({"op": "select", "table": table,
                                "where": list(where)})
        return [{column: plain(value) for column, value in row.items()}
                for row in result[0]["rows"]]


def plain(value):
    """Returns OVSDB's JSON 'value' as a plain Python value: a UUID is a
    string, a set a list, a map a dictionary."""
    if isinstance(value, list):
        kind, content = value
        if kind == "set":
            return [plain(v) for v in content]
        if kind == "map":
            return {plain(k): plain(v) for k, v in content}
        return content
    return value
