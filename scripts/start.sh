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
# `check` tells what whoever calls it may do, and what is missing; help and version need nothing.
as=root
case ${1-} in check | version | help) as=caller ;; esac
for option; do
	case $option in -h | --help) as=caller ;; esac
done
if [ "$as" = root ]; then
	announce_root 'run the agent'
	require libbpf.so.1
fi
exec_agent "$as" "$@"
