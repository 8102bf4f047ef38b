/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * sk_msg, off unless asked for: bytes that a caller or its proxy sends go straight to the other's receive queue, past TCP.
 *
 * What that costs: TCP no more holds back a sender whose peer does not read (memory grows, up to the system's limit for TCP). And bytes
 * that pass by could overtake such that went through TCP before: so a socket that once sent through TCP always does.
 */
#include "connection.h"
#include "counters.h"

SEC("sk_msg")
int accelerate_msg(struct sk_msg_md *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	if (!sk)
		return SK_PASS;
	struct original *original = bpf_sk_storage_get(&originals, sk, 0, 0);
	if (!original || original->flags & ORIGINAL_PLAIN)
		return SK_PASS;
	struct connection there = {};
	AS_SEEN_THERE(there, ctx);
	if (bpf_msg_redirect_hash(ctx, &sockets, &there, BPF_F_INGRESS) != SK_PASS) {
		original->flags |= ORIGINAL_PLAIN;
		return SK_PASS;
	}
	/* TCP never sees these. */
	if (original->role == ROLE_DIALED)
		COUNT(original->service, sent, ctx->size);
	else
		COUNT(original->service, received, ctx->size);
	return SK_PASS;
}
