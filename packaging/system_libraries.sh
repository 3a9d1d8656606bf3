#!/bin/sh
# Installs the system packages that VidGen needs on Debian and its relatives, when root or sudo
# allows; otherwise names them in one line. Elsewhere it leaves things as they are.
#
# system_libraries.sh          what Qt needs to run
# system_libraries.sh test     also a display without a screen, and what freezing the app takes
set -eu

[ "$(uname -s)" = Linux ] || exit 0
ldconfig=$(command -v ldconfig || echo /sbin/ldconfig)
[ -x "$ldconfig" ] || exit 0
present=$("$ldconfig" -p)

missing=""
while read -r library package; do
    case "$library" in "#"*) continue ;; esac
    case "$present" in
        *"$library ("*) ;;
        *) missing="$missing $package" ;;
    esac
done <"$(dirname "$0")/../resources/system_libraries.txt"
if [ "${1:-}" = test ]; then
    command -v Xvfb >/dev/null || missing="$missing xvfb"
    command -v objcopy >/dev/null || missing="$missing binutils"
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
# shellcheck disable=SC2086 -- the list is meant to be split
if ! { $as_root apt-get update -qq \
    && $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null; }; then
    echo "That failed; VidGen needs them, please run: apt-get install$missing" >&2
fi
