#!/bin/sh
#
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

# get-kernel.sh DIR
#
# Puts the distribution's kernel into DIR, and those of its modules that have
# to do with networks and with virtual machines, for tests/kernel/run.  The
# package is unpacked there, not installed: what this machine boots stays as
# it is.

set -e

dir=$1
test -n "$dir" || { echo "usage: $0 DIR" >&2; exit 2; }
test "`dpkg --print-architecture`" = amd64 || {
    echo "$0: only for amd64" >&2
    exit 1
}

package=`apt-cache depends linux-image-amd64 |
    sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1`
test -n "$package" || { echo "$0: there is no linux-image-amd64" >&2; exit 1; }

rm -rf "$dir.new"
mkdir -p "$dir.new"
(
    cd "$dir.new"
    apt-get -q download "$package"
    modules=./lib/modules/*
    dpkg-deb --fsys-tarfile ./*.deb | tar -x --wildcards \
        './boot/vmlinuz-*' "$modules/modules.*" "$modules/kernel/crypto/*" \
        "$modules/kernel/drivers/char/hw_random/*" \
        "$modules/kernel/drivers/net/bonding/*" \
        "$modules/kernel/drivers/net/tun.ko*" \
        "$modules/kernel/drivers/net/veth.ko*" \
        "$modules/kernel/drivers/virtio/*" "$modules/kernel/fs/9p/*" \
        "$modules/kernel/fs/fscache/*" "$modules/kernel/fs/netfs/*" \
        "$modules/kernel/fs/overlayfs/*" "$modules/kernel/lib/*" \
        "$modules/kernel/net/*"
    rm ./*.deb
    PATH=$PATH:/usr/sbin:/sbin depmod -b . "`ls lib/modules`"
)
rm -rf "$dir"
mv "$dir.new" "$dir"
