/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* A TCP connection as one of its sockets sees it. */
#pragma once
#include "addresses.h"
#include "maps.h"

/*
 * Loads a field of a context with its offset in the instruction: otherwise clang may add the offset to the context's pointer first,
 * which the verifier refuses ("dereference of modified ctx ptr").
 */
#define LOAD(ctx, field)                                                                   \
	({                                                                                 \
		__u32 v_;                                                                  \
		asm volatile("%0 = *(u32 *)(%1 + %2)"                                      \
			     : "=r"(v_)                                                    \
			     : "r"(ctx), "i"(__builtin_offsetof(typeof(*(ctx)), field))); \
		v_;                                                                        \
	})

#define LOAD_V6(addr, ctx, field)                                              \
	do {                                                                   \
		__u32 w_[4];                                                   \
		w_[0] = LOAD(ctx, field[0]);                                   \
		w_[1] = LOAD(ctx, field[1]);                                   \
		w_[2] = LOAD(ctx, field[2]);                                   \
		w_[3] = LOAD(ctx, field[3]);                                   \
		__builtin_memcpy(addr, w_, 16);                                \
	} while (0)

/*
 * Fills in a zeroed struct connection from a context of sockops or sk_msg; `near` and `far` say whose end is called local. The local
 * port is in the order of the machine there, the remote one in the upper half of a word in network order (kernel: bpf.h).
 */
#define CONNECTION(c, ctx, near, far)                                                  \
	do {                                                                           \
		if ((ctx)->family == AF_INET) {                                        \
			__u32 l_ = LOAD(ctx, local_ip4), r_ = LOAD(ctx, remote_ip4);   \
			from_v4((c).near, l_);                                         \
			from_v4((c).far, r_);                                          \
		} else {                                                               \
			LOAD_V6((c).near, ctx, local_ip6);                             \
			LOAD_V6((c).far, ctx, remote_ip6);                             \
		}                                                                      \
		__u32 lp_ = LOAD(ctx, local_port), rp_ = LOAD(ctx, remote_port);       \
		(c).near##_port = bpf_htons((__u16)lp_);                               \
		(c).far##_port = (__be16)(rp_ >> 16);                                  \
		if (is_loopback((c).local) || is_loopback((c).remote))                 \
			(c).netns = bpf_get_netns_cookie(ctx);                         \
	} while (0)

#define AS_SEEN_HERE(c, ctx) CONNECTION(c, ctx, local, remote)
#define AS_SEEN_THERE(c, ctx) CONNECTION(c, ctx, remote, local)
