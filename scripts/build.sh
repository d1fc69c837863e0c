#!/bin/sh
# Makes dist/ebpf-agent: a launcher that runs this checkout's code with the command line it is given.
set -eu
self=$0
[ ! -L "$self" ] || self=$(readlink -f -- "$self")
case $self in */*) ;; *) self=./$self ;; esac
root=$(CDPATH='' cd -- "${self%/*}/.." && pwd -P)
# shellcheck source=scripts/lib.sh
. "$root/scripts/lib.sh"

require_deno
if is_root; then require libbpf.so.1; fi
mkdir -p "$root/dist"
launcher=$(mktemp "$root/dist/ebpf-agent.XXXXXX")
trap 'rm -f "$launcher"' EXIT
cat >"$launcher" <<'LAUNCHER'
#!/bin/sh
# Runs the agent from the checkout that this stands in. Made by scripts/build.sh.
set -eu
self=$(readlink -f -- "$0")
start=${self%/dist/*}/scripts/start.sh
if [ ! -x "$start" ]; then
	echo "Cannot start the agent: $self is not in its checkout's dist/. Link to it instead of copying it" >&2
	exit 1
fi
exec "$start" "$@"
LAUNCHER
chmod 755 "$launcher"
mv -f "$launcher" "$root/dist/ebpf-agent"
say "Made $root/dist/ebpf-agent"
