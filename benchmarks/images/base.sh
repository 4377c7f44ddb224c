#!/bin/sh
# base.sh debian|python ROOT SETTINGS: what debian:bookworm-slim or python:3.11-slim hold, from Debian's own packages.
#
# Fills the folder ROOT, for machines that reach Debian's packages but no image registry. SETTINGS holds files of this
# machine, such as etc/apt/sources.list, that the builds need to reach the packages, too. Needs root and debootstrap.
set -eu
kind=$1 root=$2 settings=$3

case $kind in
    debian) packages= ;;
    # What python:slim adds to debian:slim, with Debian's Python 3.11 in place of the one that it compiles.
    python) packages=ca-certificates,netbase,tzdata,python3,python3-venv ;;
    *) echo "base.sh: debian or python, not $kind" >&2; exit 1 ;;
esac

# The first "deb" line is the archive that this machine uses; without one, debootstrap knows where Debian's is.
mirror=$(sed -n 's/^deb \([^ ]*\) bookworm main$/\1/p' "$settings/etc/apt/sources.list" | head -n 1)
debootstrap --variant=minbase ${packages:+--include=$packages} bookworm "$root" $mirror
cp -r "$settings/." "$root/"

# Debian's slim images tell dpkg to leave these out and apt to keep nothing, also when more is installed later.
cat > "$root/etc/dpkg/dpkg.cfg.d/slim" <<'CONFIG'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/info/*
path-exclude /usr/share/lintian/*
path-exclude /usr/share/locale/*
path-include /usr/share/locale/locale.alias
path-exclude /usr/share/man/*
CONFIG
cat > "$root/etc/apt/apt.conf.d/slim" <<'CONFIG'
APT::Keep-Downloaded-Packages "false";
Acquire::GzipIndexes "true";
Acquire::Languages "none";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
CONFIG

export DEBIAN_FRONTEND=noninteractive
chroot "$root" apt-get update
chroot "$root" apt-get -y dist-upgrade
chroot "$root" apt-get -y autoremove --purge
chroot "$root" apt-get clean

if [ "$kind" = python ]; then
    # As in python:slim: `python` and `pip` are in /usr/local and pip installs there without a word about Debian.
    chroot "$root" python3 -m venv /usr/local
    # It has no bytecode and no tests of the standard library either.
    find "$root/usr" "(" -name __pycache__ -o -path "*/python3.11/*" -name test -o -path "*/python3.11/*" -name tests ")" \
        -type d -prune -exec rm -r {} +
fi

find "$root/usr/share/doc" -depth "(" -type f -o -type l ")" ! -name copyright -delete
find "$root/usr/share/doc" -depth -type d -empty -delete
find "$root/usr/share/locale" -mindepth 1 -maxdepth 1 ! -name locale.alias -exec rm -r {} +
rm -rf "$root"/usr/share/man/* "$root"/usr/share/info/* "$root"/usr/share/lintian/*
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/cache/debconf/*-old "$root"/var/lib/dpkg/*-old
find "$root/var/log" "$root/run" -type f -delete
rm -rf "$root"/tmp/* "$root"/dev/* "$root/etc/hostname" "$root/etc/resolv.conf"
