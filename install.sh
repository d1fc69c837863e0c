#!/bin/sh
# Installs ebpf-agent as a service of systemd: the program beside this script, or the one that is named.
# Where anything fails, all is put back as it was.
set -eu

usage='Usage: install.sh [OPTIONS] [PROGRAM]

Installs PROGRAM (or else ebpf-agent, or dist/ebpf-agent, beside this script) with its service, man
page, shell completions, settings and rules, and starts the service. Settings and rules that were
changed are kept, and rule files that were removed stay away.

  --no-start     do not enable and start the service
  --prefix=DIR   where the program, man page and completions go: where they are, or else /usr/local
  --uninstall    take it all away again, but for settings and rules that were changed
  --dry-run      only say what would be done
  --help         show this

With DESTDIR=FOLDER all goes into that folder, and nothing else of this machine is looked at.'

name=ebpf-agent
unit=/etc/systemd/system/$name.service
config=/etc/$name/config.yaml
settings=/etc/$name/environment
# The program prints each by this name; it stands beside the configuration.
rule_pack='rules/execution.yaml rules/persistence.yaml rules/privilege.yaml rules/sensitive-files.yaml
	rules/web-server.yaml'
# What was installed, for an upgrade and for --uninstall.
manifest=/etc/$name/installed
destdir=${DESTDIR-}

main() {
	read_arguments "$@"
	if [ "$action" = install ]; then
		find_program
		[ -n "$destdir" ] || check_machine
	fi
	[ -n "$dry$destdir" ] || become_root "$@"
	begin
	"$action"
	finish
}

read_arguments() {
	action=install start=yes dry='' prefix='' program=''
	for argument; do
		case $argument in
		--no-start) start='' ;;
		--prefix=*) prefix=${argument#--prefix=} ;;
		--uninstall) action=uninstall ;;
		--dry-run) dry=yes ;;
		--help)
			printf '%s\n' "$usage"
			exit 0
			;;
		-*) die 2 "Unknown option $argument (see install.sh --help)" ;;
		*)
			[ -z "$program" ] || die 2 "Unexpected argument $argument: the program is $program already"
			program=$argument
			;;
		esac
	done
	if [ -z "$prefix" ]; then
		prefix=$(installed_before | sed -n "s|^file \(.*\)/bin/$name\$|\1|p")
		prefix=${prefix:-/usr/local}
	fi
	prefix=${prefix%/}
	# It stands in the unit and in the manifest as it is.
	case $prefix in
	*[!A-Za-z0-9/._+-]*) die 2 "--prefix=$prefix: only letters, digits and / . _ + - can be in it" ;;
	/*) ;;
	*) die 2 "--prefix=$prefix: is no absolute path such as /usr/local" ;;
	esac
}

find_program() {
	if [ -z "$program" ]; then
		here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
		for program in "$here/$name" "$here/dist/$name"; do
			[ ! -f "$program" ] || return 0
		done
		die 2 "Cannot find the program: there is no $here/$name. Copy it there, or name it"
	fi
	[ -f "$program" ] || die 2 "Cannot find the program: there is no file $program"
}

check_machine() {
	release=$(uname -r)
	minor=${release#*.}
	minor=${minor%%[!0-9]*}
	if [ "$(uname -s)" != Linux ] || [ $((${release%%.*} * 1000 + minor)) -lt 5008 ]; then
		die 3 "Cannot use this kernel: it is $(uname -s) $release. Run Linux 5.10 or later"
	fi
	[ -r /sys/kernel/btf/vmlinux ] ||
		die 3 "Cannot use this kernel: it has no type information (/sys/kernel/btf/vmlinux)." \
			"Run one that is built with CONFIG_DEBUG_INFO_BTF=y, as distributions do"
	has_library libbpf.so.1 ||
		die 3 "Cannot find libbpf.so.1, which the agent needs. Install it$(libbpf_command)"
}

has_library() {
	for folder in /usr/lib/x86_64-linux-gnu /usr/lib/aarch64-linux-gnu /usr/lib64 /lib64 /usr/lib /lib; do
		[ ! -e "$folder/$1" ] || return 0
	done
	PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -qF "$1 "
}

# What to type here to have libbpf, as the end of a sentence.
libbpf_command() {
	set -- 'apt-get install libbpf1' 'dnf install libbpf' 'zypper install libbpf1' \
		'pacman -S libbpf' 'apk add libbpf'
	for line; do
		if command -v "${line%% *}" >/dev/null; then
			printf ': %s' "$line"
			return
		fi
	done
	printf ', for example with one of these:'
	printf '\n  %s' "$@"
}

become_root() {
	[ "$(id -u)" != 0 ] || return 0
	command -v sudo >/dev/null ||
		die 3 "Cannot $action $name: this needs root, and there is no sudo. Run it as root"
	say "To $action $name needs root: calling sudo"
	exec sudo -- sh "$0" "$@"
}

# --- what is done ---

install() {
	find_changed
	place "$program" "$prefix/bin/$name" 755
	place_printed unit "$unit"
	place_unless_changed config "$config"
	place_unless_changed environment "$settings"
	for rules in $rule_pack; do place_rules "$rules"; done
	place_printed man "$prefix/share/man/man8/$name.8"
	place_printed bash "$prefix/share/bash-completion/completions/$name"
	place_printed zsh "$prefix/share/zsh/site-functions/_$name"
	place_printed fish "$prefix/share/fish/vendor_completions.d/$name.fish"
	place_manifest
	for path in $old_files; do
		grep -qxF "file $path" "$work/files" || take_away_unless_changed "$path"
	done
	if runs_systemd; then start_service; fi
}

uninstall() {
	if [ ! -f "$destdir$manifest" ]; then
		echo "There is nothing to uninstall: there is no $destdir$manifest"
		return
	fi
	find_changed
	if runs_systemd; then stop_service; fi
	for path in $old_files; do take_away_unless_changed "$path"; done
	[ ! -d "$destdir$unit.d" ] || keep "$unit.d"
}

# Sets `changed`: the files that are there, and that the installed program did not write so.
find_changed() {
	installed=''
	for path in $old_files; do
		case $path in */bin/"$name") installed=$destdir$path ;; esac
	done
	changed=''
	find_if_changed config "$config"
	find_if_changed environment "$settings"
	for rules in $rule_pack; do find_if_changed "$rules" "/etc/$name/$rules"; done
	for path in $old_files; do
		# Rules of a pack that had more.
		case $path in /etc/"$name"/rules/*)
			is_changed "$path" || find_if_changed "${path#/etc/"$name"/}" "$path"
			;;
		esac
	done
}

# find_if_changed WHAT PATH
find_if_changed() {
	is_as_printed "$1" "$2" || changed="$changed $2"
}

# is_as_printed WHAT PATH
is_as_printed() {
	[ -f "$destdir$2" ] || return 0
	[ -n "$installed" ] && "$installed" print "$1" 2>/dev/null | cmp -s - "$destdir$2"
}

is_changed() {
	is_in "$1" "$changed"
}

# is_in WORD WORDS
is_in() {
	for word in $2; do [ "$word" != "$1" ] || return 0; done
	return 1
}

# place_unless_changed WHAT PATH
place_unless_changed() {
	if is_changed "$2"; then keep "$2"; else place_printed "$1" "$2"; fi
}

# place_rules WHAT: a file that was installed and is not there has been removed on purpose.
place_rules() {
	path=/etc/$name/$1
	if [ ! -e "$destdir$path" ] && is_in "$path" "$old_files"; then
		echo "file $path" >>"$work/files"
	else
		place_unless_changed "$1" "$path"
	fi
}

take_away_unless_changed() {
	if is_changed "$1"; then keep "$1"; else take_away "$1"; fi
}

# place_printed WHAT PATH: what the program prints, by the program that is now in its place.
place_printed() {
	if [ -z "$dry" ]; then
		"$destdir$prefix/bin/$name" print "$1" >"$work/printed" 2>"$work/error" ||
			fail "Cannot run $program on this machine: $(cat "$work/error")." \
				"Take one that is built for it, by scripts/build.sh"
		sed "s|^ExecStart=/usr/local/|ExecStart=$prefix/|" "$work/printed" >"$work/$1"
	fi
	place "$work/$1" "$2" 644
}

place_manifest() {
	{
		echo '# What install.sh has made here, and install.sh --uninstall takes away.'
		{
			for path in $old_folders; do echo "folder $path"; done
			grep '^folder ' "$work/undo" || :
		} | awk 'NF == 2 && !seen[$0]++'
		cat "$work/files"
		echo "file $manifest"
	} >"$work/manifest"
	place "$work/manifest" "$manifest" 644
}

# --- how it is done, so that it can be undone ---

# What a file is called until all is done; nobody has files of such names.
new=.$name-$$.new
old=.$name-$$.old
part=.$name-$$.part

begin() {
	umask 022
	old_files=$(installed_before | sed -n 's/^file //p')
	old_folders=$(installed_before | sed -n 's/^folder //p')
	service_was=''
	work=$(mktemp -d)
	mkdir "$work/rules"
	: >"$work/undo"
	: >"$work/files"
	trap leave EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

installed_before() {
	if [ -f "$destdir$manifest" ]; then cat "$destdir$manifest"; fi
}

# place SOURCE PATH MODE
place() {
	did install "$2"
	echo "file $2" >>"$work/files"
	[ -z "$dry" ] || return 0
	make_folder "${2%/*}"
	target=$destdir$2
	[ ! -d "$target" ] || fail "Cannot install $target: a folder is there. Remove it"
	note new "$2"
	try "install $target" rm -f -- "$target$new"
	try "install $target" cp -- "$1" "$target$new"
	try "install $target" chmod "$3" "$target$new"
	if [ -e "$target" ] || [ -L "$target" ]; then
		save "$2"
	else
		note made "$2"
	fi
	try "install $target" mv -f -- "$target$new" "$target"
}

# What has the old name is whole, for undo puts it back.
save() {
	rm -f -- "$target$old"
	note old "$1"
	! ln -- "$target" "$target$old" 2>/dev/null || return 0
	try "save $target" cp -pP -- "$target" "$target$part"
	try "save $target" mv -f -- "$target$part" "$target$old"
}

take_away() {
	target=$destdir$1
	[ -e "$target" ] || [ -L "$target" ] || return 0
	did remove "$1"
	[ -z "$dry" ] || return 0
	note old "$1"
	try "remove $target" mv -f -- "$target" "$target$old"
}

keep() {
	did keep "$1"
	echo "file $1" >>"$work/files"
}

# With its parents.
make_folder() {
	[ -n "$destdir$1" ] || return 0
	[ ! -d "$destdir$1" ] || return 0
	[ -z "$1" ] || make_folder "${1%/*}"
	try "make the folder $destdir$1" mkdir -- "$destdir$1"
	note folder "$1"
}

runs_systemd() {
	[ -z "$destdir" ] && [ -d /run/systemd/system ] && command -v systemctl >/dev/null
}

start_service() {
	[ -z "$start" ] || did start "$name.service"
	[ -z "$dry" ] || return 0
	remember_service
	try "load $unit" systemctl daemon-reload
	[ -n "$start" ] || return 0
	try "enable $name.service" systemctl --quiet enable "$name.service"
	systemctl restart "$name.service" 2>/dev/null || {
		systemctl --no-pager --full status "$name.service" || :
		fail "Cannot start $name.service: see above. Remove the cause, or" \
			"install it with --no-start, change $config and start it by hand"
	}
}

stop_service() {
	did stop "$name.service"
	[ -z "$dry" ] || return 0
	remember_service
	try "stop $name.service" systemctl --quiet disable --now "$name.service"
}

# Sets `service_was`: "active enabled", "inactive disabled" and so on.
remember_service() {
	service_was=$(systemctl is-active "$name.service" || :)
	# One that ends again and again is running, too.
	[ "$service_was" != activating ] || service_was=active
	service_was="$service_was $(systemctl is-enabled "$name.service" 2>/dev/null || :)"
}

finish() {
	[ -n "$dry" ] && return
	while read -r what path; do
		if [ "$what" = old ]; then rm -f -- "$destdir$path$old"; fi
	done <"$work/undo"
	: >"$work/undo"
	newest_first <<EOF | while read -r path; do rmdir -- "$destdir$path" 2>/dev/null || :; done
$old_folders
EOF
	if [ "$action" = install ]; then
		show_result
	elif [ -n "$service_was" ]; then
		systemctl daemon-reload
		systemctl reset-failed "$name.service" 2>/dev/null || :
	fi
}

leave() {
	status=$?
	trap '' HUP INT TERM
	if [ "$status" -ne 0 ]; then
		if undo; then
			say "All is as it was before. Remove the cause and run it again"
		else
			say "Not everything could be put back: see above"
		fi
	fi
	rm -rf -- "$work"
}

undo() {
	undone=0
	if [ -n "$service_was" ]; then
		was_service active || systemctl stop "$name.service" || undone=1
		was_service enabled || systemctl --quiet disable "$name.service" || undone=1
	fi
	newest_first <"$work/undo" >"$work/newest_first"
	while read -r what path; do
		target=$destdir$path
		case $what in
		new) rm -f -- "$target$new" ;;
		made) rm -f -- "$target" ;;
		old) put_back ;;
		folder) rmdir -- "$target" ;;
		esac || undone=1
	done <"$work/newest_first"
	if [ -n "$service_was" ]; then
		systemctl daemon-reload || undone=1
		systemctl reset-failed "$name.service" 2>/dev/null || :
		! was_service enabled || systemctl --quiet enable "$name.service" || undone=1
		! was_service active || systemctl restart "$name.service" || undone=1
	fi
	return "$undone"
}

put_back() {
	if [ -e "$target$old" ] || [ -L "$target$old" ]; then mv -f -- "$target$old" "$target" || return; fi
	rm -f -- "$target$part"
}

# was_service active|enabled
was_service() {
	case " $service_was " in *" $1 "*) ;; *) return 1 ;; esac
}

show_result() {
	"$destdir$prefix/bin/$name" version
	[ -z "$destdir" ] || return 0
	if ! runs_systemd; then
		echo "systemd does not run here. To run the agent: $prefix/bin/$name"
	elif [ -z "$start" ]; then
		echo "To start it: systemctl enable $name && systemctl restart $name"
	else
		systemctl --no-pager --lines=0 status "$name.service" || :
		echo
		echo "Metrics:  curl http://$(metrics_address)"
		echo "Events:   journalctl --unit=$name --output=cat --follow"
	fi
	echo "Settings: $config"
	echo "Rules:    /etc/$name/rules"
}

# By the file of variables, which beats the configuration; that one the program itself has to read.
metrics_address() {
	address=$("$prefix/bin/$name" check --config.file="$config" 2>/dev/null |
		sed -n 's/^  metrics *\([^ ,]*\).*/\1/p')
	address=${address:-127.0.0.1:9110/metrics}
	path=/${address#*/}
	address=$(setting WEB_LISTEN_ADDRESS "${address%%/*}")
	case $address in :*) address=127.0.0.1$address ;; esac
	echo "$address$(setting WEB_TELEMETRY_PATH "$path")"
}

# setting NAME OTHERWISE
setting() {
	set -- "$2" "$(sed -n "s/^EBPF_AGENT_$1=\"\\{0,1\\}\\([^\",]*\\).*/\\1/p" "$settings" | tail -n 1)"
	echo "${2:-$1}"
}

newest_first() {
	sed '1!G;h;$!d'
}

note() {
	echo "$1 $2" >>"$work/undo"
}

# did VERB PATH
did() {
	echo "${dry:+would }$1 $destdir$2"
}

# try DOING COMMAND...: the last words of its error are the reason.
try() {
	doing=$1
	shift
	reason=$("$@" 2>&1) || fail "Cannot $doing: ${reason##*: }"
}

fail() {
	die 1 "$@"
}

# die STATUS MESSAGE
die() {
	status=$1
	shift
	say "$*"
	exit "$status"
}

say() {
	printf '%s\n' "$*" >&2
}

main "$@"
