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

"""The guided tour."""

import os
import subprocess
import sys

LAB = {"hosts": 1, "uplinks": 1, "closing": False}
ALONE = True
TIMEOUT_S = 300


def test_demo(t):
    """every command of the tour does what it should"""
    script = os.path.join(t.lab.tools.paths[0], "dvs-lab")
    lab = os.path.join(t.lab.directory, "tour")
    done = subprocess.run([sys.executable, script, "--dir", lab, "demo"],
                          text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    t.notes.append(done.stdout.split("Everything shown worked ")[1]
                   .partition(".")[0])
