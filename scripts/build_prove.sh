#!/bin/sh
# Compiles the program that makes events for `ebpf-agent check`, src/check/prove/prove.x86_64. With --check it
# changes nothing and ends with 1 where the committed program is not what the source gives or that is not
# formatted, and with 3 where that may be because other tools are here than the program was made with.
set -eu
self=$0
[ ! -L "$self" ] || self=$(readlink -f -- "$self")
case $self in */*) ;; *) self=./$self ;; esac
root=$(CDPATH='' cd -- "${self%/*}/.." && pwd -P)
# shellcheck source=scripts/lib.sh
. "$root/scripts/lib.sh"

# Of Debian 12. Another compiler or linker gives other bytes.
tools_pinned='clang 14.0.6, ld 2.40'

case $#${1-} in
0 | 1--check) ;;
*) die 2 "Cannot build the proving program: unknown arguments: $*. Use --check or none" ;;
esac

[ "$(uname -m)" = x86_64 ] || die 3 "Cannot build the proving program: it is made on x86-64, for x86-64 alone"
require clang clang-format gcc stdio.h
cd "$root/src/check/prove"
folder=$(mktemp -d "${TMPDIR:-/tmp}/build_prove.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
program=prove.x86_64
built=$folder/$program

# No C library, and nothing that asks for one (a stack protector, memset). Not position-independent:
# 32-bit calls can point below 4 GiB only. Code and constants share a page, or the file would be 20 KB.
clang --target=x86_64-linux-gnu -Os -ffreestanding -nostdlib -static -fno-pie -mno-red-zone \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -Wall -Wextra -Werror \
	-fuse-ld=bfd -Wl,--build-id=none,-z,noseparate-code,-z,noexecstack,--strip-all prove.c -o "$built"
objcopy --remove-section=.comment "$built"

if [ "${1-}" = --check ]; then
	problem=''
	clang-format --dry-run -Werror ./*.[ch] || problem="the C code is not formatted. Run clang-format -i on it"
	cmp -s "$built" "$program" ||
		problem="$program is not what its source gives. Run scripts/build_prove.sh and commit the result"
	[ -n "$problem" ] || exit 0
	tools="clang $(clang -dumpversion), ld $(ld -v | sed 's/.* //')"
	[ "$tools" = "$tools_pinned" ] ||
		die 3 "Cannot check $program: it is made with $tools_pinned (Debian 12), and here is $tools"
	die 1 "Cannot accept the proving program: $problem"
fi

chmod 644 "$built"
if ! cmp -s "$built" "$program"; then
	# Renamed within its folder, so that a check that starts meanwhile reads the old one or the new one.
	cp "$built" "$program.new"
	mv -f "$program.new" "$program"
	say "Made src/check/prove/$program"
fi
