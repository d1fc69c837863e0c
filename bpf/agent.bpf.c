/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The kernel's side: counts every event in per-CPU maps, and writes those that are asked for to
 * the ring. Each kind of event stands in a file of its own, with one body and one program for each
 * way of attaching it.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "agent.h"
#include "settings.h"
#include "read.h"
#include "task.h"
#include "syscalls.h"
#include "origin.h"
#include "events.h"
#include "files.h"
#include "rule_tables.h"
#include "rule_files.h"
#include "rules.h"
#include "name_service.h"
#include "clone.h"
#include "open.h"
#include "exec.h"
#include "privilege.h"
#include "calls.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Nothing refers to these by type, and a type that nothing refers to is left out of BTF. */
const struct origin *unused_origin __attribute__((unused));
const struct exec_event *unused_exec __attribute__((unused));
const struct clone_event *unused_clone __attribute__((unused));
const struct open_event *unused_open __attribute__((unused));
const struct privilege_event *unused_privilege __attribute__((unused));
const enum event_kind *unused_kind __attribute__((unused));
const enum cut *unused_cut __attribute__((unused));
const enum limit *unused_limit __attribute__((unused));
const enum transport *unused_transport __attribute__((unused));
const enum road *unused_road __attribute__((unused));
const enum mark *unused_mark __attribute__((unused));
const enum filter *unused_filter __attribute__((unused));
const enum rule_field *unused_rule_field __attribute__((unused));
const enum fact *unused_fact __attribute__((unused));
const enum builtin *unused_builtin __attribute__((unused));
