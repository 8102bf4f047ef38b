/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* sendmsg(2) and recvmsg(2) of UDP sockets that are not connected; recvmsg also of those that are. */
#include "redirect.h"

static __always_inline int on_sendmsg(struct bpf_sock_addr *ctx, struct redirect_key *key, struct redirect_to **to)
{
	struct redirect_to *found = redirect_for(ctx, key);
	if (!found)
		return ALLOW;
	__u32 state = away(key->group);
	if (state & GROUP_PASS)
		return ALLOW;
	if (state)
		return refuse(found);
	expect_replies(ctx, key, found);
	COUNT(found->service, datagrams, 1);
	*to = found;
	return -1;
}

SEC("cgroup/sendmsg4")
int sendmsg4(struct bpf_sock_addr *ctx)
{
	struct redirect_key key = { .port = ctx->user_port, .protocol = IPPROTO_UDP };
	struct redirect_to *to = 0;
	from_v4(key.addr, ctx->user_ip4);
	int verdict = on_sendmsg(ctx, &key, &to);
	if (verdict >= 0)
		return verdict;
	if (to)
		set_v4(ctx, to->addr, to->port);
	return ALLOW;
}

SEC("cgroup/sendmsg6")
int sendmsg6(struct bpf_sock_addr *ctx)
{
	struct redirect_key key = { .port = ctx->user_port, .protocol = IPPROTO_UDP };
	struct redirect_to *to = 0;
	dialed_v6(key.addr, ctx);
	int verdict = on_sendmsg(ctx, &key, &to);
	if (verdict >= 0)
		return verdict;
	if (to)
		set_v6(ctx, to->addr, to->port);
	return ALLOW;
}

SEC("cgroup/recvmsg4")
int recvmsg4(struct bpf_sock_addr *ctx)
{
	struct reply_key key = { .socket = bpf_get_socket_cookie(ctx), .port = ctx->user_port };
	from_v4(key.addr, ctx->user_ip4);
	struct reply_from *from = bpf_map_lookup_elem(&replies, &key);
	if (from)
		set_v4(ctx, from->addr, from->port);
	return ALLOW;
}

SEC("cgroup/recvmsg6")
int recvmsg6(struct bpf_sock_addr *ctx)
{
	struct reply_key key = { .socket = bpf_get_socket_cookie(ctx), .port = ctx->user_port };
	dialed_v6(key.addr, ctx);
	struct reply_from *from = bpf_map_lookup_elem(&replies, &key);
	if (from)
		set_v6(ctx, from->addr, from->port);
	return ALLOW;
}
