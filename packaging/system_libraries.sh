#!/bin/sh
# Installs the system libraries that Qt needs on Debian and its relatives, when root or sudo
# allows; otherwise names them in one line. Elsewhere it leaves things as they are.
set -eu

libraries="
libEGL.so.1=libegl1
libGL.so.1=libgl1
libOpenGL.so.0=libopengl0
libxkbcommon.so.0=libxkbcommon0
libxkbcommon-x11.so.0=libxkbcommon-x11-0
libdbus-1.so.3=libdbus-1-3
libfontconfig.so.1=libfontconfig1
libglib-2.0.so.0=libglib2.0-0
libpulse.so.0=libpulse0
libxcb-cursor.so.0=libxcb-cursor0
libxcb-icccm.so.4=libxcb-icccm4
libxcb-image.so.0=libxcb-image0
libxcb-keysyms.so.1=libxcb-keysyms1
libxcb-randr.so.0=libxcb-randr0
libxcb-render-util.so.0=libxcb-render-util0
libxcb-shape.so.0=libxcb-shape0
libxcb-xinerama.so.0=libxcb-xinerama0
libxcb-xkb.so.1=libxcb-xkb1
"

[ "$(uname -s)" = Linux ] || exit 0
ldconfig=$(command -v ldconfig || echo /sbin/ldconfig)
[ -x "$ldconfig" ] || exit 0
present=$("$ldconfig" -p)

missing=""
for pair in $libraries; do
    case "$present" in
        *"${pair%%=*}"*) ;;
        *) missing="$missing ${pair#*=}" ;;
    esac
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "Qt needs these libraries, please install them:$missing" >&2
    exit 0
fi
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "Qt needs these libraries, please run: sudo apt-get install$missing" >&2
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086 -- the list is meant to be split
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
