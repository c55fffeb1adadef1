#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that building (and, with "test", testing) needs and this machine lacks. Says which before it does;
# asks nothing. Exit 1 only when something without which nothing works is still missing.
#     tests/install.sh [build|test]
set -u
what=${1:-build}

have() { command -v "$1" >/dev/null 2>&1; }
have_any() { for tool in "$@"; do have "$tool" && return 0; done; return 1; }
need=""  # nothing works without these
want=""  # a stage is skipped without these
add_need() { need="$need $*"; }
add_want() { want="$want $*"; }

look() {
    need="" want=""
    have cc && [ -e /usr/include/stdio.h ] || add_need gcc libc6-dev
    have make || add_need make
    have cmake || add_need cmake
    have_any ninja make || add_need ninja-build
    have pkg-config || add_need pkg-config
    pkg-config --exists jansson 2>/dev/null || add_need libjansson-dev
    pkg-config --exists libjpeg 2>/dev/null || add_need libjpeg-dev
    pkg-config --exists yaml-0.1 2>/dev/null || add_want libyaml-dev
    [ "$what" = test ] || return 0
    have python3 || add_need python3
    have git || add_want git
    have ninja || add_want ninja-build
    python3 -c 'import venv, ensurepip' 2>/dev/null || add_want python3-venv
    have c++ || add_want g++
    have_any clang-14 clang clang-15 clang-16 clang-17 clang-18 clang-19 || add_want clang
    clang_runtime
    have clang-format-14 || ! apt_knows clang-format-14 || add_want clang-format-14
    have_any qemu-arm qemu-arm-static || add_want qemu-user
    cross arm-linux-gnueabihf armhf armv7l
    cross aarch64-linux-gnu arm64 aarch64
    cross riscv64-linux-gnu riscv64 riscv64
    [ -e /usr/include/zlib.h ] || add_want zlib1g-dev
    have valgrind || add_want valgrind # counts instructions
    ! have localedef || [ -e /usr/share/i18n/locales/de_DE ] || add_want locales
}

# The sanitizers' library, a package of its own beside the compiler (in Ubuntu 22.04 it comes with it).
clang_runtime() {
    for clang in clang-14 clang clang-15 clang-16 clang-17 clang-18 clang-19; do
        have "$clang" || continue
        ls "$("$clang" -print-resource-dir)"/lib/*/libclang_rt.asan*.a >/dev/null 2>&1 && return
        version=$("$clang" -dumpversion | cut -d. -f1)
        ! apt_knows "libclang-rt-$version-dev" || add_want "libclang-rt-$version-dev"
        return
    done
}

apt_knows() { [ -n "$(apt-cache show "$1" 2>/dev/null)" ]; }
cross() { # triple, Debian architecture, uname -m where it is the native compiler
    [ "$(uname -m)" = "$3" ] && return
    have "$1-gcc" && [ -e "/usr/$1/include/stdio.h" ] || add_want "gcc-$1" "libc6-dev-$2-cross"
    have "$1-g++" || add_want "g++-$1"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif [ -t 0 ]; then sudo "$@"
    else sudo -n "$@"
    fi
}

look
[ -n "$need$want" ] || exit 0
if ! have apt-get || { [ "$(id -u)" != 0 ] && ! have sudo; }; then
    [ -n "$want" ] && echo "not installed (stages that need them are skipped):$want"
    [ -z "$need" ] || { echo "missing and not installable here (no apt-get, or neither root nor sudo):$need" >&2; exit 1; }
    exit 0
fi
echo "installing with apt-get:$need$want"
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >"$log" 2>&1 || echo "apt-get update had trouble; trying with the lists at hand"
install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $need $want </dev/null >"$log" 2>&1 && return
    # One package that cannot be had must not cost the others.
    for package in $need $want; do
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" </dev/null >>"$log" 2>&1 ||
            echo "not installed: $package"
    done
}
look # the lists may have taught apt-cache names
install
asked=" $need $want "
look # what was installed may want something more (clang its sanitizers' library)
for package in $need $want; do
    case $asked in *" $package "*) ;; *) install; break ;; esac
done
look
if [ -n "$need" ]; then
    tail -n 20 "$log" >&2
    echo "still missing:$need" >&2
    rm -f "$log"
    exit 1
fi
rm -f "$log"
