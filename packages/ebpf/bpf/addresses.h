/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* Addresses of 16 bytes: IPv6, or IPv4 as ::ffff:a.b.c.d. */
#pragma once

#define AF_INET 2
#define AF_INET6 10

static __always_inline void from_v4(__u8 *addr, __be32 v4)
{
	__builtin_memset(addr, 0, 10);
	addr[10] = addr[11] = 0xff;
	__builtin_memcpy(addr + 12, &v4, 4);
}

static __always_inline __be32 to_v4(const __u8 *addr)
{
	__be32 v4;
	__builtin_memcpy(&v4, addr + 12, 4);
	return v4;
}

static __always_inline int same_address(const __u8 *a, const __u8 *b)
{
	__u32 v[4], w[4];
	__builtin_memcpy(v, a, 16);
	__builtin_memcpy(w, b, 16);
	return v[0] == w[0] && v[1] == w[1] && v[2] == w[2] && v[3] == w[3];
}

/* 127.0.0.0/8 or ::1. */
static __always_inline int is_loopback(const __u8 *addr)
{
	__u32 w[4];
	__builtin_memcpy(w, addr, 16);
	if (w[0] || w[1])
		return 0;
	if (w[2] == bpf_htonl(0xffff))
		return addr[12] == 127;
	return !w[2] && w[3] == bpf_htonl(1);
}

/* The address that a program of a connect, sendmsg, recvmsg or getpeername hook was called for. */
static __always_inline void dialed_v6(__u8 *addr, const struct bpf_sock_addr *ctx)
{
	__u32 w[4] = { ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2], ctx->user_ip6[3] };
	__builtin_memcpy(addr, w, 16);
}

static __always_inline void set_v4(struct bpf_sock_addr *ctx, const __u8 *addr, __be16 port)
{
	ctx->user_ip4 = to_v4(addr);
	ctx->user_port = port;
}

static __always_inline void set_v6(struct bpf_sock_addr *ctx, const __u8 *addr, __be16 port)
{
	__u32 w[4];
	__builtin_memcpy(w, addr, 16);
	ctx->user_ip6[0] = w[0];
	ctx->user_ip6[1] = w[1];
	ctx->user_ip6[2] = w[2];
	ctx->user_ip6[3] = w[3];
	ctx->user_port = port;
}
