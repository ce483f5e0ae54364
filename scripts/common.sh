# Shared by scripts/demo and scripts/test: words for people, packages, build. Sourced, never run.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }
stop() {
    say "sakk: $1"
    [ -n "${2:-}" ] && say "      $2"
    exit 3
}

# Debian packages: what the build links, what the plant runs, what the tests judge with, and what looks at
# the console's pages.
build_packages="pkg-config libpcsclite-dev libusb-1.0-0-dev libssl-dev libsqlite3-dev libpango1.0-dev librsvg2-dev
    libaravis-dev libqrencode-dev libzint-dev libumockdev-dev libudev-dev libjpeg-dev libopenjp2-7-dev libpng-dev
    libopencv-core-dev libopencv-imgproc-dev libopencv-video-dev libopencv-calib3d-dev libzxing-dev
    libp11-kit-dev libcurl4-openssl-dev libpq-dev"
plant_packages="python3 pcscd vsmartcard-vpcd umockdev libusb-1.0-0 iproute2 util-linux fonts-ocr-b fonts-noto-core
    softhsm2"
# Faces that documents are often set in: a signed text is verified in the face that it is set in.
face_packages="fonts-dejavu-core fonts-liberation fonts-lato fonts-roboto-unhinted fonts-open-sans fonts-freefont-ttf
    fonts-hosny-amiri fonts-sil-scheherazade fonts-kacst"
browser_packages="chromium libnss3-tools python3-pip"
judge_packages="postgresql openssl librsvg2-bin zbar-tools dmtx-utils zxing-cpp-tools poppler-utils sqlite3 imagemagick opensc
    libeac-dev locales tzdata"

install_missing() {
    command -v dpkg-query >/dev/null || stop "this script needs a Debian system (12 or newer)" \
        "On another system install the libraries named in scripts/common.sh and run: swift build"
    local missing=() package
    for package in $build_packages $plant_packages $judge_packages $browser_packages $face_packages; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    [ "$(id -u)" -eq 0 ] || stop "these packages are missing: ${missing[*]}" \
        "Run once as root: apt-get install ${missing[*]}"
    say "Installing ${#missing[@]} packages: ${missing[*]}"
    local log
    log=$(mktemp)
    if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        "${missing[@]}"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        stop "the packages could not be installed" "The last lines above say why; then run this script again."
    fi
    rm -f "$log"
}

need_swift() {
    command -v swift >/dev/null || stop "Swift 6.3 is not installed" "See https://www.swift.org/install/linux/ ."
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    case "$version" in
        6.[3-9] | 6.[1-9][0-9] | [7-9].*) ;;
        *) stop "Swift 6.3 or newer is needed, this is ${version:-unknown}" "See https://www.swift.org/install/linux/ ." ;;
    esac
}

need_root() {
    [ "$(id -u)" -eq 0 ] || stop "the virtual plant needs root: it makes a network and a mount namespace of its own" \
        "Run: sudo $0"
    unshare -m -n true 2>/dev/null || stop "this machine forbids namespaces (unshare -m -n)" \
        "Run on a machine or in a container with CAP_SYS_ADMIN."
}

# The package manager repeats one harmless line for each library whose .pc file says -pthread; nothing else is hidden.
# With sakk come the programs that it starts. Who has just built everything says so in SAKK_BUILT, and is not asked
# to look again (a few seconds for each product of each script).
swift_build() {
    local status companion
    [ -n "${SAKK_BUILT:-}" ] && [ $# -eq 2 ] && [ "$1" = --product ] && return 0
    if [ "${*: -2}" = "--product sakk" ]; then
        for companion in sakk-border sakk-picture; do swift_build "${@:1:$#-1}" "$companion"; done
    fi
    set +e
    swift build "$@" 2>&1 | grep --line-buffered -v 'prohibited flag(s): -pthread' >&2
    status=${PIPESTATUS[0]}
    set -e
    [ "$status" -eq 0 ] || stop "the build failed" "The lines above say where."
}
