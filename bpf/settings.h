/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What is set before the object is loaded. */
#ifndef EBPF_AGENT_SETTINGS_H
#define EBPF_AGENT_SETTINGS_H

const volatile struct settings settings = {};

#endif
