/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* connect(2): TCP, and UDP sockets that are connected. */
#include "redirect.h"

/* DENY, ALLOW, or -1: `to` is where the connection goes. */
static __always_inline int on_connect(struct bpf_sock_addr *ctx, struct redirect_key *key, struct redirect_to **to)
{
	if (key->protocol != IPPROTO_TCP && key->protocol != IPPROTO_UDP)
		return ALLOW;
	struct redirect_to *found = redirect_for(ctx, key);
	if (!found)
		return leave_alone(ctx);
	__u32 state = away(key->group);
	if (state & GROUP_PASS)
		return leave_alone(ctx);
	if (state)
		return refuse(found);
	if (!remember(ctx, key, found))
		return refuse(found);
	if (key->protocol == IPPROTO_UDP) {
		expect_replies(ctx, key, found);
		COUNT(found->service, datagrams, 1);
	}
	*to = found;
	return -1;
}

SEC("cgroup/connect4")
int connect4(struct bpf_sock_addr *ctx)
{
	struct redirect_key key = { .port = ctx->user_port, .protocol = ctx->protocol };
	struct redirect_to *to = 0;
	from_v4(key.addr, ctx->user_ip4);
	int verdict = on_connect(ctx, &key, &to);
	if (verdict >= 0)
		return verdict;
	if (to)
		set_v4(ctx, to->addr, to->port);
	return ALLOW;
}

SEC("cgroup/connect6")
int connect6(struct bpf_sock_addr *ctx)
{
	struct redirect_key key = { .port = ctx->user_port, .protocol = ctx->protocol };
	struct redirect_to *to = 0;
	dialed_v6(key.addr, ctx);
	int verdict = on_connect(ctx, &key, &to);
	if (verdict >= 0)
		return verdict;
	if (to)
		set_v6(ctx, to->addr, to->port);
	return ALLOW;
}
