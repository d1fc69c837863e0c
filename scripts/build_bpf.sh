#!/bin/sh
# Compiles the BPF objects, one for each architecture, and what is generated from them. With --check it
# changes nothing and ends with 1 where a committed object is not what the source gives or the C code is not
# formatted, and with 3 where that may be because another compiler is here than the objects were made with.
set -eu
self=$0
[ ! -L "$self" ] || self=$(readlink -f -- "$self")
case $self in */*) ;; *) self=./$self ;; esac
root=$(CDPATH='' cd -- "${self%/*}/.." && pwd -P)
# shellcheck source=scripts/lib.sh
. "$root/scripts/lib.sh"

# Of Debian 12. Another version of clang or libbpf's headers gives other bytes.
clang_pinned=14.0.6
# Architectures as libbpf's headers call them, whether kernel memory is read in place, and the object in bpf/.
objects='x86:0=agent.bpf.o x86:1=agent.cast.bpf.o arm64:0=agent.arm64.bpf.o arm64:1=agent.cast.arm64.bpf.o'

case $#${1-} in
0 | 1--check) ;;
*) die 2 "Cannot build the BPF object: unknown arguments: $*. Use --check or none" ;;
esac

require clang llvm-strip clang-format bpf/bpf_helpers.h
cd "$root"
folder=$(mktemp -d "${TMPDIR:-/tmp}/build_bpf.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# -g gives BTF, whose line information names the source: relative to the checkout, wherever that lies.
# llvm-strip then takes DWARF away and leaves BTF.
for entry in $objects; do
	built=$folder/${entry#*=}
	casts=${entry#*:}
	clang -O2 -g -target bpf "-D__TARGET_ARCH_${entry%:*}" "-DCASTS=${casts%=*}" -Wall -Werror \
		-fdebug-compilation-dir=. -c bpf/agent.bpf.c -o "$built"
	llvm-strip -g "$built"
	chmod 644 "$built"
done

if [ "${1-}" = --check ]; then
	problem=''
	find bpf test bench -name '*.[ch]' -exec clang-format --dry-run -Werror {} + ||
		problem="the C code is not formatted. Run clang-format -i on it"
	for entry in $objects; do
		object=bpf/${entry#*=}
		if ! cmp -s "$folder/${entry#*=}" "$object"; then
			problem="$object is not what its source gives. Run scripts/build_bpf.sh and commit the result"
			break
		fi
	done
	[ -n "$problem" ] || exit 0
	version=$(clang -dumpversion)
	[ "$version" = "$clang_pinned" ] ||
		die 3 "Cannot check $object: it is made with clang $clang_pinned (Debian 12), and here is clang $version"
	die 1 "Cannot accept the BPF object: $problem"
fi

for entry in $objects; do
	object=bpf/${entry#*=}
	! cmp -s "$folder/${entry#*=}" "$object" || continue
	# Renamed within its folder, so that an agent that starts meanwhile reads the old one or the new one.
	cp "$folder/${entry#*=}" "$object.new"
	mv -f "$object.new" "$object"
	say "Made $object"
done
require_deno
PATH=${deno%/*}:$PATH deno task --quiet gen
