/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * getsockopt(2) of the proxy: SO_ORIGINAL_DST answers what was dialed, as netfilter does after its REDIRECT, in the same struct
 * (kernel: nf_conntrack_proto.c). Attached to the proxies' cgroup alone, because it is called for every getsockopt of it.
 */
#include "addresses.h"
#include "maps.h"

#define SOL_IP 0
#define SOL_IPV6 41
#define SO_ORIGINAL_DST 80 /* and IP6T_SO_ORIGINAL_DST */

struct v4_name {
	__u16 family;
	__be16 port;
	__be32 addr;
	__u8 zero[8];
};

struct v6_name {
	__u16 family;
	__be16 port;
	__be32 flow;
	__u8 addr[16];
	__u32 scope;
};

/* Passes on what the kernel answered. A buffer of more than a page is not copied to the program, nor back if it says so. */
static __always_inline int as_it_is(struct bpf_sockopt *ctx)
{
	if (ctx->optlen > 4096)
		ctx->optlen = 0;
	return 1;
}

SEC("cgroup/getsockopt")
int getsockopt(struct bpf_sockopt *ctx)
{
	if (ctx->optname != SO_ORIGINAL_DST || (ctx->level != SOL_IP && ctx->level != SOL_IPV6))
		return as_it_is(ctx);
	struct bpf_sock *sk = ctx->sk;
	if (!sk)
		return as_it_is(ctx);
	struct original *original = bpf_sk_storage_get(&originals, sk, 0, 0);
	if (!original || original->role != ROLE_ACCEPTED)
		return as_it_is(ctx);
	if (ctx->level == SOL_IP) {
		struct v4_name *name = ctx->optval;
		if ((void *)(name + 1) > ctx->optval_end)
			return as_it_is(ctx);
		name->family = AF_INET;
		name->port = original->port;
		name->addr = to_v4(original->addr);
		__builtin_memset(name->zero, 0, sizeof(name->zero));
		ctx->optlen = sizeof(*name);
	} else {
		struct v6_name *name = ctx->optval;
		if ((void *)(name + 1) > ctx->optval_end)
			return as_it_is(ctx);
		name->family = AF_INET6;
		name->port = original->port;
		name->flow = 0;
		__builtin_memcpy(name->addr, original->addr, 16);
		name->scope = 0;
		ctx->optlen = sizeof(*name);
	}
	ctx->retval = 0;
	return 1;
}
