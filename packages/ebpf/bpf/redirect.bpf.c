/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * The programs of the redirect, as one object. The hooks' files are included rather than linked, so that all share one set of maps.
 * Kernel 5.18 or newer (bpf_set_retval).
 */
#include <linux/bpf.h>
#include <linux/in.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "connect.c"
#include "datagrams.c"
#include "peer_name.c"
#include "sockops.c"
#include "original_destination.c"
#include "acceleration.c"

/* What the kernel is told: some of the helpers are for programs under the GPL only. */
char LICENSE[] SEC("license") = "GPL";
