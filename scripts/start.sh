#!/bin/sh
# Runs the agent from source in the foreground; sets up what is missing first. Options are the agent's own.
set -eu
self=$0
[ ! -L "$self" ] || self=$(readlink -f -- "$self")
case $self in */*) ;; *) self=./$self ;; esac
root=$(CDPATH='' cd -- "${self%/*}/.." && pwd -P)
# shellcheck source=scripts/lib.sh
. "$root/scripts/lib.sh"

require_deno
# `check` tells what whoever calls it may do, and what is missing; `test` only reads files; help, version and what is
# printed need nothing.
as=root imports=yes
case ${1-} in
check | test) as=caller ;;
print | version | help) as=caller imports='' ;;
esac
for option; do
	case $option in -h | --help | --version) as=caller imports='' ;; esac
done
[ -z "$imports" ] || require_imports
if [ "$as" = root ]; then
	announce_root 'run the agent'
	require libbpf.so.1
fi
exec_agent "$as" "$@"
