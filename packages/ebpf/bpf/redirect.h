/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* What becomes of a destination: the heart of the connect and sendmsg hooks. */
#pragma once
#include "addresses.h"
#include "counters.h"
#include "enrolment.h"

#define ECONNREFUSED 111
#define ALLOW 1
#define DENY 0

/* The entry for what was dialed (all of the key but its group), or NULL: the kernel goes on as if there were no hook. */
static __always_inline struct redirect_to *redirect_for(struct bpf_sock_addr *ctx, struct redirect_key *key)
{
	struct enrolment *caller = enrolment_of(ctx);
	if (!caller)
		return 0;
	key->group = caller->group;
	__u32 zero = 0;
	/* Looked up once: whoever is here when generations change sees the old one whole. */
	void *generation = bpf_map_lookup_elem(&redirects, &zero);
	if (!generation)
		return 0;
	return bpf_map_lookup_elem(generation, key);
}

/* Whether the proxy of a group is away, and what to do then: 0 (it is there), GROUP_AWAY, or GROUP_AWAY | GROUP_PASS. */
static __always_inline __u32 away(__u32 group)
{
	struct group_state *state = bpf_map_lookup_elem(&groups, &group);
	return state && state->flags & GROUP_AWAY ? state->flags : 0;
}

/* Refuses at once, as a host does where nothing listens. */
static __always_inline int refuse(const struct redirect_to *to)
{
	COUNT(to->service, refused, 1);
	bpf_set_retval(-ECONNREFUSED);
	return DENY;
}

/* Keeps with the socket what was dialed. 0 if there is no memory for it: then the connection must not be redirected. */
static __always_inline int remember(struct bpf_sock_addr *ctx, const struct redirect_key *key, const struct redirect_to *to)
{
	struct bpf_sock *sk = ctx->sk;
	if (!sk)
		return 0;
	struct original *original = bpf_sk_storage_get(&originals, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!original)
		return 0;
	__builtin_memcpy(original->addr, key->addr, 16);
	original->port = key->port;
	original->role = ROLE_DIALED;
	original->flags = 0;
	original->service = to->service;
	return 1;
}

/* A socket can be connected again, to something that is not redirected: what it was connected to before no more counts. */
static __always_inline int leave_alone(struct bpf_sock_addr *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	if (sk && bpf_sk_storage_get(&originals, sk, 0, 0))
		bpf_sk_storage_delete(&originals, sk);
	return ALLOW;
}

/* Answers from the proxy's address are to look as if they came from what was dialed. */
static __always_inline void expect_replies(struct bpf_sock_addr *ctx, const struct redirect_key *key, const struct redirect_to *to)
{
	struct reply_key reply = { .socket = bpf_get_socket_cookie(ctx), .port = to->port };
	struct reply_from from = { .port = key->port };
	__builtin_memcpy(reply.addr, to->addr, 16);
	__builtin_memcpy(from.addr, key->addr, 16);
	struct reply_from *known = bpf_map_lookup_elem(&replies, &reply);
	if (known && known->port == from.port && same_address(known->addr, from.addr))
		return;
	bpf_map_update_elem(&replies, &reply, &from, BPF_ANY);
}
