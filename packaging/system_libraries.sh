#!/bin/sh
# Installs the system packages that VidGen needs on Debian and its relatives, when root or sudo
# allows; otherwise names them in one line. Elsewhere it leaves things as they are.
#
# system_libraries.sh          what Qt needs to run
# system_libraries.sh test     also a display without a screen, and what freezing the app takes
set -eu

libraries="
libEGL.so.1=libegl1
libGL.so.1=libgl1
libX11.so.6=libx11-6
libX11-xcb.so.1=libx11-xcb1
libXext.so.6=libxext6
libXrandr.so.2=libxrandr2
libbrotlidec.so.1=libbrotli1
libdbus-1.so.3=libdbus-1-3
libdrm.so.2=libdrm2
libfontconfig.so.1=libfontconfig1
libfreetype.so.6=libfreetype6
libglib-2.0.so.0=libglib2.0-0
libgssapi_krb5.so.2=libgssapi-krb5-2
libpulse.so.0=libpulse0
libwayland-client.so.0=libwayland-client0
libwayland-cursor.so.0=libwayland-cursor0
libwayland-egl.so.1=libwayland-egl1
libxcb.so.1=libxcb1
libxcb-cursor.so.0=libxcb-cursor0
libxcb-glx.so.0=libxcb-glx0
libxcb-icccm.so.4=libxcb-icccm4
libxcb-image.so.0=libxcb-image0
libxcb-keysyms.so.1=libxcb-keysyms1
libxcb-randr.so.0=libxcb-randr0
libxcb-render.so.0=libxcb-render0
libxcb-render-util.so.0=libxcb-render-util0
libxcb-shape.so.0=libxcb-shape0
libxcb-shm.so.0=libxcb-shm0
libxcb-sync.so.1=libxcb-sync1
libxcb-xfixes.so.0=libxcb-xfixes0
libxcb-xkb.so.1=libxcb-xkb1
libxkbcommon.so.0=libxkbcommon0
libxkbcommon-x11.so.0=libxkbcommon-x11-0
libzstd.so.1=libzstd1
"
programs="
Xvfb=xvfb
objcopy=binutils
"

[ "$(uname -s)" = Linux ] || exit 0
ldconfig=$(command -v ldconfig || echo /sbin/ldconfig)
[ -x "$ldconfig" ] || exit 0
present=$("$ldconfig" -p)

missing=""
for pair in $libraries; do
    case "$present" in
        *"${pair%%=*} ("*) ;;
        *) missing="$missing ${pair#*=}" ;;
    esac
done
if [ "${1:-}" = test ]; then
    for pair in $programs; do
        command -v "${pair%%=*}" >/dev/null || missing="$missing ${pair#*=}"
    done
    # Debian's own Python keeps its library, which the frozen app starts, in a package apart.
    if [ "$(command -v "${PYTHON:-python3}")" = /usr/bin/python3 ]; then
        library=$(/usr/bin/python3 -c 'import sys; print("libpython%d.%d" % sys.version_info[:2])')
        case "$present" in
            *"$library.so.1.0 ("*) ;;
            *) missing="$missing $library" ;;
        esac
    fi
fi
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "VidGen needs these libraries, please install them:$missing" >&2
    exit 0
fi
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "VidGen needs some system packages, please run: sudo apt-get install$missing" >&2
    exit 0
fi
echo "Installing system packages:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086 -- the list is meant to be split
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
