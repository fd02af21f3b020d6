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

# System tests on Open vSwitch's datapath in the kernel, in a virtual machine.
EXTRA_DIST += \
	tests/kernel/init.c \
	tests/kernel/run

# The machine's first process: on its own, so static, and in no case with
# sanitizers.
tests/kernel/init: tests/kernel/init.c config.h
	$(AM_V_GEN)$(MKDIR_P) tests/kernel && \
	$(CC) -O2 -static -Wall -Wextra -I. -o $@ $(srcdir)/tests/kernel/init.c
CLEANFILES += tests/kernel/init

check-kernel: all-am tests/kernel/init
	$(srcdir)/tests/kernel/run . $(KERNELFLAGS)
.PHONY: check-kernel
