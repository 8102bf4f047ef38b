/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * What programs and user space share. User space declares the same structs and refuses an object whose BTF says otherwise.
 *
 * Addresses are 16 bytes in network order, IPv4 as ::ffff:a.b.c.d; ports are in network order. Ids, cookies, counters and flags are
 * in the order of the machine. No struct has padding that is not named: keys of hash maps are compared byte by byte.
 */
#pragma once
#include <linux/types.h>

/* Increased whenever a struct or a map below changes: pins of another layout are not touched. */
#define LAYOUT 1

/* What was dialed, by whom: a key of a generation of redirects. */
struct redirect_key {
	__u8 addr[16];
	__be16 port;
	__u8 protocol; /* IPPROTO_TCP or IPPROTO_UDP */
	__u8 pad;
	__u32 group; /* of the caller: callers of one group share a proxy */
};

/* Where it goes instead. */
struct redirect_to {
	__u32 service; /* id, for counters */
	__u8 addr[16];
	__be16 port;
	__u8 pad[2];
};

/* Whose connections are redirected: by the cookie of a network namespace, or by the id of a cgroup. */
struct enrolment {
	__u32 group;
};

/* How the proxy of a group is; a group without it has a proxy that is up. */
struct group_state {
	__u32 flags;
};
#define GROUP_AWAY 1 /* the proxy does not answer */
#define GROUP_PASS 2 /* while it does not: leave connections alone, rather than refuse them */

/* What a socket was to be connected to, kept with the socket. */
struct original {
	__u8 addr[16];
	__be16 port;
	__u8 role;
	__u8 flags;
	__u32 service;
};
#define ROLE_DIALED 1	 /* the caller's socket */
#define ROLE_ACCEPTED 2	 /* the proxy's */
#define ORIGINAL_ESTABLISHED 1
#define ORIGINAL_PLAIN 2 /* bytes of it went through TCP: never past it from now on */

/* A TCP connection between a caller and a proxy, seen from the caller. */
struct connection {
	__u64 netns; /* cookie, if an end is a loopback address, which every namespace has; else 0 */
	__u8 local[16];
	__u8 remote[16];
	__be16 local_port;
	__be16 remote_port;
	__u32 pad;
};

/* Where datagrams come from that a socket gets from a proxy. */
struct reply_key {
	__u64 socket; /* cookie */
	__u8 addr[16]; /* of the proxy */
	__be16 port;
	__u8 pad[6];
};

/* Where the socket is told that they come from. */
struct reply_from {
	__u8 addr[16];
	__be16 port;
	__u8 pad[2];
};

/* Of one service, on one CPU. */
struct service_counters {
	__u64 connections; /* TCP: established */
	__u64 closed;	   /* TCP: of those, closed */
	__u64 failed;	   /* TCP: never established */
	__u64 refused;	   /* TCP and UDP: refused while the proxy was away */
	__u64 sent;	   /* TCP: bytes that callers sent; counted at close, SYN and FIN as one each; at once if they pass by TCP */
	__u64 received;	   /* TCP: bytes that callers received; likewise */
	__u64 datagrams;   /* UDP: datagrams of unconnected sockets, and sockets that were connected */
};

/* What holds for all. */
struct settings {
	__u32 flags;
	__u32 cgroup_levels; /* bit n: some cgroup of level n below the root is enrolled or bypassed */
	__u64 host_netns;    /* cookie of the namespace that is never redirected; 0: none */
};
#define SETTING_ACCELERATE 1 /* bytes between caller and proxy pass by TCP */

/* What user space keeps for its own next start. */
struct sink_state {
	__u32 layout;
	__u32 entries;	  /* of the generation */
	__u64 changes;	  /* how often the table of redirects was changed */
	__u8 object[32];  /* SHA-256 of the object that the programs are from */
	__u8 plan[64];	  /* the generation of the plan, as text that ends with a zero byte */
};

/* A name for an id: of a service, a proxy or a workload. */
struct name_key {
	__u32 kind;
	__u32 pad;
	__u64 id;
};
struct name {
	__u8 text[128]; /* UTF-8, ends with a zero byte; of a longer name its end, after a hash of all of it */
};
