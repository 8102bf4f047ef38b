/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * Carries what was dialed from the caller's socket to the one that the proxy accepts, and counts. It must cover the cgroups of both; a
 * listening socket's cgroup is that of the process that made it, and accepted ones inherit it.
 */
#include "connection.h"
#include "counters.h"
#include "enrolment.h"

static __always_inline int accelerates(void)
{
	struct settings *set = the_settings();
	return set && set->flags & SETTING_ACCELERATE;
}

/* A socket joins the map that lets bytes pass by TCP. */
static __always_inline void accelerate(struct bpf_sock_ops *ctx)
{
	struct connection here = {};
	AS_SEEN_HERE(here, ctx);
	bpf_sock_hash_update(ctx, &sockets, &here, BPF_ANY);
}

/* The SYN is about to leave: its source is known now. */
static __always_inline void on_syn(struct bpf_sock_ops *ctx, const struct original *original)
{
	struct connection connection = {};
	struct original copy = *original;
	AS_SEEN_HERE(connection, ctx);
	bpf_map_update_elem(&handshakes, &connection, &copy, BPF_ANY);
	bpf_sock_ops_cb_flags_set(ctx, BPF_SOCK_OPS_STATE_CB_FLAG);
}

/* The caller's end is up. */
static __always_inline void on_dialed(struct bpf_sock_ops *ctx, struct original *original)
{
	original->flags |= ORIGINAL_ESTABLISHED;
	COUNT(original->service, connections, 1);
	if (!accelerates())
		return;
	/* Bytes that left with the SYN (TCP Fast Open) could be overtaken by such that pass by TCP. */
	if (ctx->data_segs_out)
		original->flags |= ORIGINAL_PLAIN;
	else
		accelerate(ctx);
}

/* The proxy's end is up, before accept(2) returns it: it takes what was dialed over, and nothing is left behind. */
static __always_inline void on_accepted(struct bpf_sock_ops *ctx)
{
	struct connection connection = {};
	AS_SEEN_THERE(connection, ctx);
	struct original *dialed = bpf_map_lookup_elem(&handshakes, &connection);
	if (!dialed)
		return;
	struct original accepted = *dialed;
	accepted.role = ROLE_ACCEPTED;
	accepted.flags = 0;
	struct bpf_sock *sk = ctx->sk;
	if (sk)
		bpf_sk_storage_get(&originals, sk, &accepted, BPF_SK_STORAGE_GET_F_CREATE);
	bpf_map_delete_elem(&handshakes, &connection);
	if (accelerates())
		accelerate(ctx);
}

static __always_inline void on_closed(struct bpf_sock_ops *ctx, const struct original *original)
{
	struct service_counters *count = counters_of(original->service);
	if (!count)
		return;
	if (original->flags & ORIGINAL_ESTABLISHED) {
		count->closed++;
		count->sent += ctx->bytes_acked;
		count->received += ctx->bytes_received;
	} else {
		struct connection connection = {};
		AS_SEEN_HERE(connection, ctx);
		bpf_map_delete_elem(&handshakes, &connection);
		count->failed++;
	}
}

/* Whether something of a caller's socket begins or ends. Most calls are for neither, and for every socket of the cgroup. */
static __always_inline int is_callers(const struct bpf_sock_ops *ctx)
{
	switch (ctx->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
		return 1;
	case BPF_SOCK_OPS_STATE_CB:
		return ctx->args[1] == BPF_TCP_CLOSE;
	default:
		return 0;
	}
}

SEC("sockops")
int tcp_events(struct bpf_sock_ops *ctx)
{
	__u32 op = ctx->op;
	if (op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB) {
		on_accepted(ctx);
		return 1;
	}
	if (!is_callers(ctx))
		return 1;
	struct bpf_sock *sk = ctx->sk;
	if (!sk)
		return 1;
	struct original *original = bpf_sk_storage_get(&originals, sk, 0, 0);
	if (!original || original->role != ROLE_DIALED)
		return 1;
	if (op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		on_syn(ctx, original);
	else if (op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		on_dialed(ctx, original);
	else
		on_closed(ctx, original);
	return 1;
}
