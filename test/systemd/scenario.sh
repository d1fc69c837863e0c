#!/bin/sh
# The life of the service, as systemd and its user see it; runs in the machine of init.sh and reports as TAP.
# Functions that tell whether something holds say why it does not.

service=ebpf-agent.service
metrics=http://127.0.0.1:9110/metrics
config=/etc/ebpf-agent/config.yaml
settings=/etc/ebpf-agent/environment
overrides=/etc/systemd/system/$service.d
shadow_reads='ebpf_agent_rule_matches_total{rule="shadow-read",severity="high"}'
work=$(mktemp -d)

main() {
	tree >"$work/before"
	holds 'install.sh puts all back where the port is taken' install_without_port
	holds 'install.sh installs and starts the service, and ends with its status' install || return
	holds 'systemd finds nothing wrong with the unit' verify
	holds 'the service has a user of its own, two capabilities and a filter of system calls' is_confined
	holds 'systemctl status shows events a second and what was lost' eventually shows_status
	holds 'the journal has executions as JSON, and no opens but those of rules' eventually records_executions
	holds 'the journal has an execution as one entry, whatever its arguments' eventually keeps_entries_whole
	holds 'the journal has the priority of messages, and the time once' has_priorities
	holds 'the rules of the pack are in use, and tell who reads /etc/shadow' eventually pack_matches
	holds 'the metrics count executions and reads of /etc/passwd, and the ledger is balanced' eventually counts
	holds 'systemctl reload takes changed rules over, and leaves the agent running' reload
	holds 'systemctl reload of a wrong file leaves what runs, and says why' reload_wrong
	hasten
	holds 'after SIGKILL it is started again' restarts_after KILL "Failed with result 'signal'"
	holds 'after SIGTERM that is not of systemd it is started again' restarts_after TERM 'Deactivated successfully'
	holds 'a stuck loop is ended by the watchdog, and started again' restarts_after STOP "Failed with result 'watchdog'"
	holds 'an upgrade that does not run leaves the service running' refuse_upgrade
	holds 'an upgrade keeps changed settings, and starts the new program with them' upgrade
	holds 'systemctl stop ends it with a closed ledger' stop
	holds 'install.sh --uninstall names what stays' uninstall
	rm -rf /etc/ebpf-agent "$overrides"
	systemctl daemon-reload
	holds 'then nothing is left' is_as_before
	echo "1..$number"
}

number=0

# holds NAME FUNCTION [ARGUMENTS]
holds() {
	name=$1
	shift
	number=$((number + 1))
	if said=$("$@" 2>&1); then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		printf '%s\n' "$said" | sed 's/^/# /'
		return 1
	fi
}

# For at most half a minute.
eventually() {
	for _ in $(seq 150); do
		! said=$("$@" 2>&1) || return 0
		sleep 0.2
	done
	printf '%s\n' "$said"
	return 1
}

install_without_port() {
	systemd-run --quiet --unit=taken --socket-property=ListenStream=127.0.0.1:9110 /bin/cat
	code=0
	said=$(/shared/install.sh 2>&1) || code=$?
	systemctl stop taken.socket
	printf '%s\n' "$said"
	[ "$code" = 1 ] || return
	contains "$said" 'Cannot start ebpf-agent.service' && contains "$said" 'All is as it was before' &&
		is_as_before && is 'the load state' not-found "$(property LoadState)"
}

install() {
	said=$(/shared/install.sh 2>&1)
	code=$?
	printf '%s\n' "$said"
	[ "$code" = 0 ] && contains "$said" 'Active: active (running)' && contains "$said" "curl $metrics" &&
		is 'it is enabled' enabled "$(systemctl is-enabled "$service")"
}

verify() {
	is 'what systemd-analyze says' '' "$(systemd-analyze verify --man=no "/etc/systemd/system/$service" 2>&1)"
}

is_confined() {
	status=/proc/$(property MainPID)/status
	cat "$status"
	! grep -q '^Uid:[[:space:]]*0[[:space:]]' "$status" || return
	# CAP_PERFMON is 38 and CAP_BPF 39.
	for set in CapInh CapPrm CapEff CapBnd CapAmb; do
		grep -qx "$set:[[:space:]]*000000c000000000" "$status" || return
	done
	grep -qx 'NoNewPrivs:[[:space:]]*1' "$status" && grep -qx 'Seccomp:[[:space:]]*2' "$status"
}

shows_status() {
	systemctl --no-pager --lines=0 status "$service" | tee "$work/status"
	grep -qE '^ *Status: "[0-9,]+ events/s, 0 lost"$' "$work/status"
}

records_executions() {
	/bin/true "mark-$$"
	journalctl --unit="$service" --output=cat >"$work/journal"
	grep -E '"action":"exec".*"executable":"/usr/bin/true","args":\["/bin/true","mark-' "$work/journal" &&
		! grep -v '"rule":' "$work/journal" | grep -E '"action":"(open|fork)"'
}

# Six bytes of JSON for each byte: journald splits what is longer than 48 KiB.
keeps_entries_whole() {
	/bin/true "long-$$" "$(printf '%016000d' 0 | tr 0 '\001')"
	journalctl --unit="$service" --output=cat >"$work/journal"
	grep "\"long-$$\"" "$work/journal" | tail -n 1 | cut -c 1-300
	grep -q "^{.*\"long-$$\".*\"cut\":\[\"process.args\"\].*}\$" "$work/journal"
}

has_priorities() {
	journalctl --unit="$service" --output=cat --priority=6 _COMM=ebpf-agent >"$work/messages"
	grep -v '^{' "$work/messages"
	grep -q '^Listening on 127.0.0.1:9110$' "$work/messages" &&
		! grep -E '^(<|[0-9]{4}-)|INFO|WARN' "$work/messages" &&
		journalctl --unit="$service" --output=export _COMM=ebpf-agent | grep -qx 'MESSAGE=Listening on 127.0.0.1:9110'
}

counts() {
	execs=$(sample ebpf_exec_events_total)
	reads=$(sample ebpf_passwd_read_events_total)
	for _ in 1 2 3 4 5; do cat /etc/passwd >/dev/null; done
	echo "from $execs executions and $reads reads of /etc/passwd:"
	curl --silent --show-error "$metrics" | grep -E '^(ebpf_(exec|passwd)|ebpf_agent_ledger)'
	[ "$(sample ebpf_exec_events_total)" -ge $((execs + 5)) ] &&
		[ "$(sample ebpf_passwd_read_events_total)" -ge $((reads + 5)) ] &&
		is 'balanced' 1 "$(sample ebpf_agent_ledger_balanced)"
}

# By a rule about an exact path, and for no program that may.
pack_matches() {
	[ "$(sample ebpf_agent_rules_loaded)" -ge 15 ] || return
	before=$(sample "$shadow_reads")
	cat /etc/shadow >/dev/null
	reads=$(sample "$shadow_reads")
	echo "reads of /etc/shadow: $reads after $before"
	[ "$reads" -gt "$before" ] && journalctl --unit="$service" --output=cat --lines=1000 | grep '"name":"cat"' |
		grep '"rule":{"name":"shadow-read"'
}

reload() {
	pid=$(property MainPID)
	loaded=$(sample ebpf_agent_rules_loaded)
	cp "$config" "$work/config.yaml"
	printf 'rules:\n- { name: true-runs, on: exec, path: "true" }\n' >>"$config"
	# The service has another /home.
	echo '- { name: hidden, on: open, path: /home/hidden, access: create }' >>"$config"
	systemctl reload "$service" && eventually has_rules $((loaded + 2)) && /bin/true && is_reloaded 1 &&
		is 'matches' 1 "$(sample 'ebpf_agent_rule_matches_total{rule="true-runs",severity="medium"}')" &&
		: >/home/hidden && rm /home/hidden &&
		is 'opens' 1 "$(sample 'ebpf_agent_rule_matches_total{rule="hidden",severity="medium"}')" &&
		is 'its process' "$pid" "$(property MainPID)" && is_active && counts
}

reload_wrong() {
	pid=$(property MainPID)
	loaded=$(sample ebpf_agent_rules_loaded)
	echo 'lgo: { level: debug }' >>"$config"
	systemctl reload "$service" && eventually is_reloaded 0 && eventually journal_has "$config:[0-9]*:1: there is no setting" &&
		has_rules "$loaded" && is 'its process' "$pid" "$(property MainPID)" && is_active || return
	cp "$work/config.yaml" "$config"
	systemctl reload "$service" && eventually is_reloaded 1 && has_rules $((loaded - 2))
}

has_rules() {
	is 'rules' "$1" "$(sample ebpf_agent_rules_loaded)"
}

# is_reloaded SUCCESSFULLY: 1 or 0
is_reloaded() {
	is 'the last reload' "$1" "$(sample ebpf_agent_config_last_reload_successful)"
}

journal_has() {
	journalctl --unit="$service" --output=cat --lines=50 | tee "$work/journal"
	grep -q "$1" "$work/journal"
}

# What takes half a minute by the unit itself, in a test.
hasten() {
	mkdir "$overrides"
	printf '[Service]\nWatchdogSec=3s\nRestartSec=100ms\n' >"$overrides/hasten.conf"
	systemctl daemon-reload
	systemctl restart "$service"
}

# restarts_after SIGNAL WORDS: with these the journal tells how it ended.
restarts_after() {
	pid=$(property MainPID)
	restarts=$(property NRestarts)
	kill -"$1" "$pid"
	eventually has_restarted "$pid" $((restarts + 1)) && eventually counts || return
	journalctl --unit="$service" --output=cat --lines=2000 _PID=1 | tail -n 20
	journalctl --unit="$service" --output=cat _PID=1 | grep -q "$2"
}

has_restarted() {
	systemctl --no-pager --lines=0 status "$service"
	[ "$(property MainPID)" != "$1" ] && is 'restarts' "$2" "$(property NRestarts)" && is_active
}

refuse_upgrade() {
	pid=$(property MainPID)
	tree >"$work/upgrade"
	printf '#!/bin/sh\necho "I do not run" >&2\nexit 1\n' >"$work/ebpf-agent"
	chmod 755 "$work/ebpf-agent"
	! said=$(/shared/install.sh "$work/ebpf-agent" 2>&1) || return
	printf '%s\n' "$said"
	contains "$said" 'I do not run' && is 'its process' "$pid" "$(property MainPID)" && counts || return
	tree | diff "$work/upgrade" -
}

upgrade() {
	pid=$(property MainPID)
	echo 'EBPF_AGENT_WEB_LISTEN_ADDRESS=:9200' >>"$settings"
	said=$(/shared/install.sh 2>&1) || return
	printf '%s\n' "$said"
	contains "$said" "keep $settings" && contains "$said" 'curl http://127.0.0.1:9200/metrics' || return
	[ "$(property MainPID)" != "$pid" ] && is_active || return
	metrics=http://127.0.0.1:9200/metrics
	counts
}

stop() {
	systemctl stop "$service"
	journalctl --unit="$service" --output=cat --lines=10
	is 'the state' inactive "$(property ActiveState)" && is 'the result' success "$(property Result)" &&
		journalctl --unit="$service" --output=cat --lines=10 | grep -qx 'The ledger closes'
}

uninstall() {
	systemctl start "$service"
	said=$(/shared/install.sh --uninstall 2>&1) || return
	printf '%s\n' "$said"
	contains "$said" "keep $settings" && contains "$said" "keep $overrides" || return
	is 'the state' inactive "$(property ActiveState)" && [ ! -e /usr/local/bin/ebpf-agent ] &&
		grep -q '^EBPF_AGENT_WEB_LISTEN_ADDRESS=:9200$' "$settings"
}

is_as_before() {
	tree | diff "$work/before" -
}

# All that is kept on disk, but for what systemd writes by itself.
tree() {
	find / -xdev \( -path /var/log/journal -o -path /var/lib/systemd -o -path "$work" \) -prune -o \
		-type d -printf '%p %M %U %G\n' -o -printf '%p %M %U %G %s %l\n' | sort
}

is_active() {
	is 'the state' active "$(property ActiveState)"
}

property() {
	systemctl show --property="$1" --value "$service"
}

# sample NAME: a metric without labels.
sample() {
	curl --silent --show-error --max-time 5 "$metrics" | sed -n "s/^$1 //p"
}

# is WHAT EXPECTED FOUND
is() {
	[ "$2" = "$3" ] || {
		echo "$1: $3, not $2"
		return 1
	}
}

contains() {
	case $1 in *"$2"*) ;; *)
		echo "It does not say: $2"
		return 1
		;;
	esac
}

main
