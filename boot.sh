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

# boot.sh: from a fresh clone on Debian 12 to something that runs.
#
#   ./boot.sh            build everything, in build/
#   ./boot.sh lab        build, start a datacentre on this machine, and give a
#                        tour of what it does
#   ./boot.sh lab ARGS   build, then run "dvs-lab ARGS"
#   ./boot.sh check      build, then run all tests
#
# Each step is left out when it has been done already.  A step that takes
# long writes what it says to a log in build/, and here just what it is.

set -e

usage="usage: $0 [check | lab [ARGS]]"
case $1 in
'' | lab) ;;
check) if test $# -ne 1; then echo "$usage" >&2; exit 2; fi ;;
-h | --help) echo "$usage"; exit 0 ;;
*) echo "$usage" >&2; exit 2 ;;
esac

cd "$(dirname "$0")"
build=build
jobs=`nproc`

# To build.
packages="autoconf automake gcc git libc6-dev libcap-ng-dev libcmocka-dev
libjansson-dev libssl-dev libtool make openvswitch-source pkg-config python3
universal-ctags"

# To run, in the tests and in the lab.
packages="$packages ethtool iproute2 iputils-ping openssl openvswitch-switch
python3-openvswitch python3-ovsdbapp tcpdump"

# step LOG SENTENCE COMMAND...
#
# Runs COMMAND with its output in build/LOG; if it fails, shows the end of
# that.
step () {
    log=$build/$1
    printf '%s (%s) ...\n' "$2" "$log"
    shift 2
    if ! "$@" > "$log" 2>&1; then
        tail -n 40 "$log"
        echo "$0: failed; all of it is in $log" >&2
        exit 1
    fi
}

install_packages () {
    if test "`id -u`" = 0; then
        sudo=
    elif command -v sudo > /dev/null; then
        sudo=sudo
    else
        echo "$0: please install:$*" >&2
        exit 1
    fi
    $sudo apt-get -q update
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
        --no-install-recommends install "$@"
}

# What the tests on the kernel's datapath need, or they are skipped: the
# emulator of a machine, and a kernel for it.
get_machine () {
    (install_packages kmod qemu-system-x86) &&
        build-aux/get-kernel.sh $build/kernel
}

if command -v dpkg-query > /dev/null; then
    installed=" $(dpkg-query -W -f '${db:Status-Abbrev}${Package} ' \
                      $packages 2> /dev/null || :)"
    missing=
    for package in $packages; do
        case $installed in
        *"ii $package "*) ;;
        *) missing="$missing $package" ;;
        esac
    done
else
    echo "$0: this is no Debian; going on in the hope that it has the like" \
        "of: $packages" >&2
    missing=
fi

mkdir -p $build
if test -n "$missing"; then
    step packages.log "Installing$missing" install_packages $missing
fi
if test ! -f $build/ovs/dvs-private/stamp; then
    step ovs.log "Building the distribution's Open vSwitch library" \
        build-aux/build-ovs.sh $build/ovs
fi
if test ! -f configure; then
    step autoreconf.log "Making configure" autoreconf --install --force
fi
if test ! -f $build/config.status; then
    step configure.log "Configuring" sh -c "cd $build && ../configure"
fi
step make.log "Building" make -C $build -j"$jobs"

case $1 in
lab)
    shift
    lab=$build/utilities/dvs-lab
    if test $# -gt 0; then
        exec $lab "$@"
    fi
    if $lab status > /dev/null 2>&1; then
        echo "There is a lab already; leaving it as it is."
    else
        $lab up
    fi
    # The tour has a lab of its own.
    $lab demo
    cat <<HINT

The lab is yours.  See what there is with "$lab status", and
end it with "$lab down".
HINT
    ;;
check)
    if test ! -d $build/kernel; then
        log=$build/kernel.log
        echo "Getting a kernel and a machine for it ($log) ..."
        get_machine > $log 2>&1 ||
            echo "There is none; the tests with it will be skipped."
    fi
    exec build-aux/check.py $build
    ;;
*)
    echo "Done.  Next: $0 lab, or $0 check."
    ;;
esac
