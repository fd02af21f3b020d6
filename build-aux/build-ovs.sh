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

# build-ovs.sh DIR [TARBALL]
#
# Makes in DIR the Open vSwitch build that configure wants as
# --with-ovs-build=DIR: unpacks TARBALL there (by default the one from the
# Debian package openvswitch-source), builds libopenvswitch in it, and puts a
# copy of that library into DIR/dvs-private.  Does only what is not done yet.
#
# The copy differs from the original in six symbols: libopenvswitch and
# jansson both define json_array and five others, so ours bear the prefix
# ovs_.  build-aux/ovs-json-names.h gives the callers the same names.

set -e

if test $# -lt 1 || test $# -gt 2; then
    echo "usage: $0 DIR [TARBALL]" >&2
    exit 2
fi
mkdir -p "$1"
dir=`cd "$1" && pwd`
tarball=${2:-/usr/src/openvswitch/openvswitch.tar.gz}
jobs=`nproc 2>/dev/null || echo 2`
private=$dir/dvs-private

if test -f "$private/stamp"; then
    exit 0
fi

if test ! -f "$dir/configure"; then
    if test ! -f "$tarball"; then
        echo "$0: $tarball: not found (install openvswitch-source)" >&2
        exit 1
    fi
    # "configure" comes last, as the mark that all is there.
    tar -xzf "$tarball" -C "$dir" --strip-components=1 \
        --exclude=openvswitch/configure
    tar -xzf "$tarball" -C "$dir" --strip-components=1 openvswitch/configure
fi

cd "$dir"
if test ! -f config.status; then
    # The directories are those of the distribution's daemons, so that the
    # programs find the local ovsdb-server's socket.  With frame pointers, the
    # sanitizers can tell which of our functions called the library.
    ./configure CFLAGS='-g -O2 -fno-omit-frame-pointer' \
        --prefix=/usr --localstatedir=/var --sysconfdir=/etc \
        --disable-shared --enable-silent-rules
fi

# Automake makes the generated headers first only for the goals "all" and
# "check", so ask for them.
printf 'include Makefile\ndvs-built-sources: $(BUILT_SOURCES)\n' |
    make -j"$jobs" -f - dvs-built-sources
make -j"$jobs" lib/libopenvswitch.la

rm -rf "$private"
mkdir "$private"
for name in array equal integer object real string; do
    echo "json_$name ovs_json_$name"
done > "$private/rename"

# Convenience libraries that libopenvswitch is made of (it has one for each
# set of CPU instructions) are merged into it.
libs=`sed -n "s/^dependency_libs='\(.*\)'$/\1/p" lib/libopenvswitch.la`
{
    echo "create $private/merged.a"
    echo "addlib $dir/lib/.libs/libopenvswitch.a"
    for lib in $libs; do
        case $lib in
        *.la) base=${lib##*/}
              echo "addlib ${lib%/*}/.libs/${base%.la}.a" ;;
        esac
    done
    echo save
    echo end
} | ar -M
objcopy --redefine-syms="$private/rename" "$private/merged.a" \
    "$private/libopenvswitch.a"
rm "$private/merged.a"

# What else a program must link with.
for lib in $libs -lpthread; do
    case $lib in
    *.la) ;;
    *) printf '%s ' "$lib" ;;
    esac
done > "$private/libs"

# The directories that are compiled into it, for documents and scripts.
printf 'include Makefile\ndvs-dirs:\n%s\n' \
    '	@for d in RUNDIR=$(RUNDIR) DBDIR=$(DBDIR) LOGDIR=$(LOGDIR); do echo $$d; done' |
    make -s -f - dvs-dirs > "$private/dirs"
touch "$private/stamp"
