/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* getpeername(2): a caller sees what it dialed, not the proxy. */
#include "addresses.h"
#include "maps.h"

static __always_inline struct original *dialed_by(struct bpf_sock_addr *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	if (!sk)
		return 0;
	struct original *original = bpf_sk_storage_get(&originals, sk, 0, 0);
	return original && original->role == ROLE_DIALED ? original : 0;
}

SEC("cgroup/getpeername4")
int getpeername4(struct bpf_sock_addr *ctx)
{
	struct original *original = dialed_by(ctx);
	if (original)
		set_v4(ctx, original->addr, original->port);
	return 1;
}

SEC("cgroup/getpeername6")
int getpeername6(struct bpf_sock_addr *ctx)
{
	struct original *original = dialed_by(ctx);
	if (original)
		set_v6(ctx, original->addr, original->port);
	return 1;
}
