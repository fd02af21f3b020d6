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

"""lookups.py FLOWS TRACE...

Prints what it takes Open vSwitch to translate a frame for its datapath, for
each file TRACE from "ovs-appctl ofproto/trace", with the bridge's flows in file
FLOWS from "ovs-ofctl --no-names dump-flows":

    TRACE: tables, sets, writes

"tables" is how many OpenFlow tables the frame is looked up in, "sets" in how
many hash tables in all, at most: Open vSwitch has one for each set of fields
that flows of a table match on, and looks the frame up in all of them whose
highest priority is not below that of the flow it finds.  "writes" is how many
actions change a register or the frame.
"""

import collections
import re
import sys

FLOW = re.compile(r"table=(\d+), .*?(?:priority=(\d+))?,?(\S*) actions=")
LOOKUP = re.compile(r"^ *(\d+)\. (?:.*priority (\d+), cookie|No match)")
WRITE = re.compile(r"^ +(?:set_field:|load:|move:|push_vlan|pop_vlan)")


def set_of_fields(match):
    """Returns the fields of 'match', each with its mask, if it has one."""
    fields = []
    for word in match.split(","):
        field, _, value = word.partition("=")
        fields.append(field + "/" + value.partition("/")[2])
    return ",".join(sorted(fields))


def highest_priorities(lines):
    """Returns for each table {set of fields: highest priority}."""
    tables = collections.defaultdict(dict)
    for line in lines:
        flow = FLOW.search(line)
        if flow:
            sets = tables[int(flow[1])]
            fields = set_of_fields(flow[3])
            priority = int(flow[2] or 32768)
            sets[fields] = max(priority, sets.get(fields, 0))
    return tables


def cost(trace, highest):
    """Returns what the lines in 'trace' tell of: tables, sets and writes."""
    n_tables = n_sets = n_writes = 0
    for line in trace:
        lookup = LOOKUP.match(line)
        if lookup:
            n_tables += 1
            n_sets += sum(priority >= int(lookup[2] or 0)
                          for priority in highest[int(lookup[1])].values())
        elif WRITE.match(line):
            n_writes += 1
    return n_tables, n_sets, n_writes


def main(flows, *traces):
    with open(flows) as f:
        highest = highest_priorities(f)
    for name in traces:
        with open(name) as f:
            print("%s: %d, %d, %d" % ((name,) + cost(f, highest)))


if __name__ == "__main__":
    main(*sys.argv[1:])
