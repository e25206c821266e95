#!/bin/sh
# Pictures of pages, to be looked at: at three widths and in both schemes, and what a printer gets.
# Usage: bench/screenshots.sh FOLDER PAGE.html…   (needs chromium; CHROMIUM names another)
set -eu
folder=$1
shift
mkdir -p "$folder"
chromium=${CHROMIUM:-chromium}
shoot() { # OUT FLAGS… URL
    "$chromium" --headless --no-sandbox --disable-gpu --hide-scrollbars --virtual-time-budget=5000 "$@" >/dev/null 2>&1
}
for page in "$@"; do
    name=$(basename "$page" .html)
    url=file://$(realpath "$page")${FRAGMENT:+#$FRAGMENT}
    for width in 390 820 1440; do
        # A window is never narrower than 500 pixels; a frame of the width asked for stands in one that is wide enough.
        frame=$folder/.frame.html
        printf '<body style="margin:0"><iframe src="%s" style="border:0;width:%spx;height:%spx">' \
            "$url" "$width" "${HEIGHT:-3000}" >"$frame"
        for scheme in light dark; do
            dark=0
            [ "$scheme" = light ] && dark=1
            shoot --blink-settings=preferredColorScheme=$dark --window-size="$width,${HEIGHT:-3000}" \
                --screenshot="$folder/$name-$width-$scheme.png" "file://$(realpath "$frame")"
        done
    done
    shoot --print-to-pdf="$folder/$name.pdf" --no-pdf-header-footer "$url"
    rm -f "$folder/.frame.html"
done
