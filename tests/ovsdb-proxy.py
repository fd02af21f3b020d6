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

"""An OVSDB server's unfortunate network.

Passes on what clients that connect to the Unix socket LISTEN and the server at
SERVER say, but for what follows the first transaction, of whatever client,
that has PATTERN in it:

  drop   it is lost, and so is the connection.
  lose   the server gets it, but its answer and all that comes with it are
         lost, and so is the connection.
  hold   what the server says is held back until UNTIL is in it, and then sent
         at once.

Tells on standard output when that has been done.

usage: ovsdb-proxy.py LISTEN SERVER {drop|lose} PATTERN
       ovsdb-proxy.py LISTEN SERVER hold PATTERN UNTIL
"""

import codecs
import json
import socket
import sys
import threading


class Messages:
    """JSON messages out of a stream, as text."""

    def __init__(self, sock):
        self.sock = sock
        self.utf8 = codecs.getincrementaldecoder("utf-8")()
        self.decoder = json.JSONDecoder()
        self.buffer = ""

    def __iter__(self):
        while True:
            try:
                end = self.decoder.raw_decode(self.buffer)[1]
            except ValueError:
                data = self.sock.recv(1 << 16)
                if not data:
                    return
                self.buffer = (self.buffer + self.utf8.decode(data)).lstrip()
                continue
            yield self.buffer[:end]
            self.buffer = self.buffer[end:].lstrip()


class Proxy:
    def __init__(self, server, mode, pattern, until=None):
        self.server = server
        self.mode = mode
        self.pattern = pattern
        self.until = until
        self.lock = threading.Lock()
        self.begun = False

    def matches(self, text):
        """Whether 'text', of a client, is what has been waited for."""
        with self.lock:
            if (self.begun or self.pattern not in text
                    or json.loads(text).get("method") != "transact"):
                return False
            self.begun = True
            return True

    def serve(self, client):
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self.server)
        except OSError:
            client.close()
            return
        holding = threading.Event()
        threading.Thread(target=self.answer, args=(client, server, holding),
                         daemon=True).start()
        try:
            for text in Messages(client):
                if self.matches(text):
                    if self.mode == "drop":
                        print(self.mode, flush=True)
                        break
                    holding.id = json.loads(text)["id"]
                    holding.set()
                server.sendall(text.encode())
        except OSError:
            pass
        self.close(client, server)

    def answer(self, client, server, holding):
        held = ""
        try:
            for text in Messages(server):
                if not holding.is_set():
                    client.sendall(text.encode())
                    continue
                held += text
                if (self.until in text if self.until
                        else json.loads(text).get("id") == holding.id):
                    if self.until:
                        client.sendall(held.encode())
                        held = ""
                        holding.clear()
                    print(self.mode, flush=True)
                    if not self.until:
                        break
        except OSError:
            pass
        self.close(client, server)

    @staticmethod
    def close(*socks):
        for sock in socks:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def main():
    listen, server, mode, pattern, *until = sys.argv[1:]
    proxy = Proxy(server, mode, pattern, *until)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(listen)
    listener.listen(10)
    while True:
        client = listener.accept()[0]
        threading.Thread(target=proxy.serve, args=(client,),
                         daemon=True).start()


main()
