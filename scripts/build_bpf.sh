#!/bin/sh
# Compiles the BPF object, bpf/agent.bpf.o, and what is generated from it. With --check it changes nothing
# and ends with 1 where the committed object is not what the source gives or the C code is not formatted,
# and with 3 where that may be because another compiler is here than the object was made with.
set -eu
self=$0
[ ! -L "$self" ] || self=$(readlink -f -- "$self")
case $self in */*) ;; *) self=./$self ;; esac
root=$(CDPATH='' cd -- "${self%/*}/.." && pwd -P)
# shellcheck source=scripts/lib.sh
. "$root/scripts/lib.sh"

# Of Debian 12. Another version of clang or libbpf's headers gives other bytes.
clang_pinned=14.0.6

case $#${1-} in
0 | 1--check) ;;
*) die 2 "Cannot build the BPF object: unknown arguments: $*. Use --check or none" ;;
esac

require clang llvm-strip clang-format bpf/bpf_helpers.h
cd "$root"
object=bpf/agent.bpf.o
folder=$(mktemp -d "${TMPDIR:-/tmp}/build_bpf.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
built=$folder/agent.bpf.o

# -g gives BTF, whose line information names the source: relative to the checkout, wherever that lies.
# llvm-strip then takes DWARF away and leaves BTF.
clang -O2 -g -target bpf -D__TARGET_ARCH_x86 -Wall -Werror -fdebug-compilation-dir=. \
	-c bpf/agent.bpf.c -o "$built"
llvm-strip -g "$built"

if [ "${1-}" = --check ]; then
	problem=''
	find bpf test bench -name '*.[ch]' -exec clang-format --dry-run -Werror {} + ||
		problem="the C code is not formatted. Run clang-format -i on it"
	cmp -s "$built" "$object" ||
		problem="$object is not what its source gives. Run scripts/build_bpf.sh and commit the result"
	[ -n "$problem" ] || exit 0
	version=$(clang -dumpversion)
	[ "$version" = "$clang_pinned" ] ||
		die 3 "Cannot check $object: it is made with clang $clang_pinned (Debian 12), and here is clang $version"
	die 1 "Cannot accept the BPF object: $problem"
fi

chmod 644 "$built"
if ! cmp -s "$built" "$object"; then
	# Renamed within its folder, so that an agent that starts meanwhile reads the old one or the new one.
	cp "$built" "$object.new"
	mv -f "$object.new" "$object"
	say "Made $object"
fi
require_deno
PATH=${deno%/*}:$PATH deno task --quiet gen
