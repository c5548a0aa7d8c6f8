#!/bin/sh
# Installs the system tools of the real tests where that is possible, names what is missing elsewhere.
missing=""
command -v soffice >/dev/null 2>&1 || missing="$missing libreoffice-writer-nogui"
command -v pdftoppm >/dev/null 2>&1 || missing="$missing poppler-utils"
command -v qpdf >/dev/null 2>&1 || missing="$missing qpdf"
command -v strace >/dev/null 2>&1 || missing="$missing strace"
ls /usr/lib/*/libzbar.so.0 >/dev/null 2>&1 || missing="$missing libzbar0"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing:$missing"
  apt-get update -qq >/dev/null 2>&1
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 && exit 0
fi
echo "not installed, tests that need them are skipped by name:$missing"
exit 0
