# Configure checks of this package.                       -*- autoconf -*-
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

dnl DVS_CHECK_PYTHON3
dnl
dnl Python runs the generators (ovsdb-idlc, ovsdb-doc) and parts of the tests.
AC_DEFUN([DVS_CHECK_PYTHON3],
  [dnl The distribution's first: that is the one with Debian's packages.
   AC_PATH_PROG([PYTHON3], [python3], [no], [/usr/bin$PATH_SEPARATOR$PATH])
   AS_IF([test "$PYTHON3" = no], [AC_MSG_ERROR([python3 is needed])])])

dnl DVS_CHECK_CTAGS
dnl
dnl Universal Ctags knows where functions end; the lint uses it for the limit
dnl on function length.
AC_DEFUN([DVS_CHECK_CTAGS],
  [AC_CHECK_PROGS([CTAGS_UNIVERSAL], [ctags-universal universal-ctags ctags],
                  [no])])

dnl DVS_CHECK_OVS
dnl
dnl Finds the Open vSwitch tree that build-aux/build-ovs.sh has built, and how
dnl to link with its libopenvswitch.  Our config.h starts with that tree's own
dnl config.h (less the package's identity), because its headers must be
dnl compiled with the answers that the library was compiled with.
AC_DEFUN([DVS_CHECK_OVS],
  [AC_ARG_WITH([ovs-build],
     [AS_HELP_STRING([--with-ovs-build=DIR],
       [Open vSwitch tree built by build-aux/build-ovs.sh DIR
        [default: "ovs" in the build directory]])],
     [OVS_BUILD=$withval], [OVS_BUILD=ovs])
   AC_MSG_CHECKING([for the Open vSwitch build])
   AS_IF([test ! -f "$OVS_BUILD/dvs-private/libopenvswitch.a"],
     [AC_MSG_RESULT([no])
      AC_MSG_ERROR([no usable Open vSwitch build in "$OVS_BUILD".
Make one with: $srcdir/build-aux/build-ovs.sh "$OVS_BUILD"
(or let ./boot.sh do all of it)])])
   OVS_BUILD=`cd "$OVS_BUILD" && pwd`
   AC_MSG_RESULT([$OVS_BUILD])
   OVS_LIBS="$OVS_BUILD/dvs-private/libopenvswitch.a"
   OVS_LIBS="$OVS_LIBS `cat "$OVS_BUILD/dvs-private/libs"`"
   AC_SUBST([OVS_BUILD])
   AC_SUBST([OVS_LIBS])
   AH_TOP([/* What libopenvswitch was configured with comes first. */
#include "ovs-config.h"
])
   AC_CONFIG_COMMANDS([ovs-config.h],
     [{ echo "/* Generated from $OVS_BUILD/config.h. */"
        $SED '/^#define \(PACKAGE\|VERSION\|LT_OBJDIR\)/d' \
          "$OVS_BUILD/config.h"
      } > ovs-config.h.tmp
      AS_IF([cmp -s ovs-config.h.tmp ovs-config.h],
        [rm -f ovs-config.h.tmp], [mv ovs-config.h.tmp ovs-config.h])],
     [OVS_BUILD='$OVS_BUILD' SED='$SED'])])

dnl DVS_CHECK_DIRS
dnl
dnl The programs keep sockets, databases and logs where libopenvswitch has
dnl been configured to keep them: beside Open vSwitch's own.
AC_DEFUN([DVS_CHECK_DIRS],
  [. "$OVS_BUILD/dvs-private/dirs"
   AC_SUBST([RUNDIR])
   AC_SUBST([DBDIR])
   AC_SUBST([LOGDIR])])

dnl DVS_ENABLE_OPTION(OPTION)
dnl
dnl Adds OPTION to WARNING_FLAGS if the compiler takes it.  A -Wno-X is asked
dnl for as -WX, because gcc accepts any unknown -Wno-X in silence.
AC_DEFUN([DVS_ENABLE_OPTION],
  [AS_VAR_PUSHDEF([cache], [dvs_cv_cc_$1])
   AC_CACHE_CHECK([whether $CC accepts $1], [cache],
     [dvs_save_CFLAGS=$CFLAGS
      CFLAGS="$CFLAGS -Werror -Wall m4_bpatsubst([$1], [-Wno-], [-W])"
      AC_COMPILE_IFELSE([AC_LANG_SOURCE([extern int x; int x;])],
        [AS_IF([test -s conftest.err &&
                grep "unrecognized option" conftest.err >/dev/null],
           [AS_VAR_SET([cache], [no])], [AS_VAR_SET([cache], [yes])])],
        [AS_VAR_SET([cache], [no])])
      CFLAGS=$dvs_save_CFLAGS])
   AS_VAR_IF([cache], [yes], [WARNING_FLAGS="$WARNING_FLAGS $1"])
   AS_VAR_POPDEF([cache])])

dnl DVS_ENABLE_OPTIONS(OPTIONS)
AC_DEFUN([DVS_ENABLE_OPTIONS],
  [m4_foreach_w([option], [$1], [DVS_ENABLE_OPTION(m4_defn([option]))])
   AC_SUBST([WARNING_FLAGS])])

dnl DVS_ENABLE_WERROR
dnl
dnl Added to our own AM_CFLAGS only, so that it does not disturb configure.
AC_DEFUN([DVS_ENABLE_WERROR],
  [AC_ARG_ENABLE([Werror],
     [AS_HELP_STRING([--enable-Werror], [treat warnings as errors])],
     [], [enable_Werror=no])
   AS_IF([test "$enable_Werror" = yes],
     [WARNING_FLAGS="$WARNING_FLAGS -Werror"])])

dnl DVS_ENABLE_SANITIZERS
AC_DEFUN([DVS_ENABLE_SANITIZERS],
  [AC_ARG_ENABLE([sanitizers],
     [AS_HELP_STRING([--enable-sanitizers],
       [build with AddressSanitizer and UndefinedBehaviorSanitizer;
        whatever they find ends the program])],
     [], [enable_sanitizers=no])
   AS_IF([test "$enable_sanitizers" = yes],
     [SANITIZER_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"])
   AC_SUBST([SANITIZER_CFLAGS])
   AC_SUBST([enable_sanitizers])])

dnl DVS_ENABLE_FUZZING
dnl
dnl The fuzz targets always build as replay programs that the tests run over
dnl their corpus; this builds them as libFuzzer programs too.
AC_DEFUN([DVS_ENABLE_FUZZING],
  [AC_ARG_ENABLE([fuzzing],
     [AS_HELP_STRING([--enable-fuzzing],
       [also build libFuzzer programs (needs CC=clang)])],
     [], [enable_fuzzing=no])
   AS_IF([test "$enable_fuzzing" = yes],
     [dvs_save_CFLAGS=$CFLAGS
      CFLAGS="$CFLAGS -fsanitize=fuzzer-no-link"
      AC_COMPILE_IFELSE([AC_LANG_SOURCE([extern int x; int x;])], [],
        [AC_MSG_ERROR([--enable-fuzzing needs clang: configure CC=clang])])
      CFLAGS=$dvs_save_CFLAGS
      SANITIZER_CFLAGS="$SANITIZER_CFLAGS -fsanitize=fuzzer-no-link"])
   AM_CONDITIONAL([FUZZING], [test "$enable_fuzzing" = yes])])
