#!/bin/sh
# Gets the tools that the benchmarks compare with, from Debian, where they are not there yet; run as root. A
# tool that cannot be had is named and left out: the benchmarks say so as well.
set -eu
root=$(CDPATH='' cd -- "${0%/*}/.." && pwd -P)
# shellcheck source=scripts/lib.sh
. "$root/scripts/lib.sh"

# The audit daemon would start, and start at each boot, if it were installed.
unpacked=$root/build/bench/peers

main() {
	PATH=$PATH:/usr/sbin:/sbin
	missing=''
	command -v opensnoop >/dev/null || missing="$missing libbpf-tools"
	command -v bpftrace >/dev/null || missing="$missing bpftrace"
	command -v perf >/dev/null || missing="$missing linux-perf"
	command -v gcc >/dev/null || missing="$missing gcc libc6-dev"
	command -v git >/dev/null || missing="$missing git"
	if [ -z "$missing" ] && [ -d "$unpacked" ]; then return; fi
	if ! command -v apt-get >/dev/null; then
		say "Cannot get${missing}: the benchmarks take them from Debian's packages, and there is no apt-get"
		return
	fi
	# One by one: a package that cannot be had does not keep the others away.
	for package in $missing; do (install_packages "$package") || true; done
	[ -d "$unpacked" ] || unpack auditd libauparse0 libwrap0 libcap-ng0 libaudit1 laurel
}

# unpack PACKAGE...
unpack() {
	say "Unpacking $* into ${unpacked} (once)"
	mkdir -p "$root/build/bench"
	folder=$(mktemp -d "$root/build/peers.XXXXXX")
	# What apt-get downloads as root, another user could not write into a folder of root's.
	for package; do
		(cd "$folder" && quietly apt-get -qq -o APT::Sandbox::User=root download "$package") ||
			say "Cannot download ${package}: see above"
	done
	mkdir "$folder/unpacked"
	for file in "$folder"/*.deb; do
		[ ! -e "$file" ] || dpkg -x "$file" "$folder/unpacked"
	done
	mv -T "$folder/unpacked" "$unpacked" 2>/dev/null || true
	rm -rf "$folder"
}

main
