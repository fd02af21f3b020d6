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

"""idl_client.py REMOTE SCHEMA SWITCH HOST ...

Makes SWITCH, with portgroup "pg" in VLAN 12, of HOSTs, through ovs.db.idl:
the way of a Python program that knows nothing of ours but the schema.
"""

import sys

import ovs.db.idl
import ovs.poller


def wait(idl, done):
    """Runs 'idl' until done() returns something true."""
    while not done():
        seqno = idl.change_seqno
        idl.run()
        if idl.change_seqno == seqno and not done():
            poller = ovs.poller.Poller()
            idl.wait(poller)
            poller.timer_wait(1000)
            poller.block()


def main(remote, schema, name, *hosts):
    helper = ovs.db.idl.SchemaHelper(schema)
    helper.register_all()
    idl = ovs.db.idl.Idl(remote, helper)
    wait(idl, idl.has_ever_connected)

    txn = ovs.db.idl.Transaction(idl)
    switch = txn.insert(idl.tables["Switch"])
    switch.name = name
    switch.datapath_type = "netdev"
    switch.uplinks = {0: "up1", 1: "up2"}
    setting = txn.insert(idl.tables["Port_Setting"])
    setting.vlan_mode = "access"
    setting.vlan_id = 12
    portgroup = txn.insert(idl.tables["Portgroup"])
    portgroup.switch = switch
    portgroup.name = "pg"
    portgroup.type = "early_binding"
    portgroup.num_ports = 4
    portgroup.auto_expand = True
    portgroup.setting = setting
    for host in hosts:
        member = txn.insert(idl.tables["Host_Member"])
        member.switch = switch
        member.host = host
        member.uplinks = {"up1": "nic1", "up2": "nic2"}
    status = txn.commit_block()
    if status != ovs.db.idl.Transaction.SUCCESS:
        sys.exit("%s: %s" % (status, txn.get_error()))


if __name__ == "__main__":
    main(*sys.argv[1:])
