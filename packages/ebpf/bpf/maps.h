/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* The maps. All of them are pinned; user space may change the number of entries before they are made. */
#pragma once
#include "layouts.h"

/*
 * A generation of redirects. Sizes and flags of every generation must equal those of this one, the number of entries need not
 * (kernel: bpf_map_meta_equal). Programs only read it.
 */
struct redirect_table {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
	__type(key, struct redirect_key);
	__type(value, struct redirect_to);
};

/* The first generation: nothing is redirected. */
struct redirect_table no_redirects SEC(".maps");

/* The generation in force: [0]. A new one is put in its place by one update, which waits until no program uses the old one. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct redirect_table);
} redirects SEC(".maps") = { .values = { &no_redirects } };

/* Who is enrolled, by the cookie of the network namespace. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
	__type(key, __u64);
	__type(value, struct enrolment);
} enrolled_netns SEC(".maps");

/* Who is enrolled, by the id of a cgroup that the process is in or below. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
	__type(key, __u64);
	__type(value, struct enrolment);
} enrolled_cgroup SEC(".maps");

/* Who is never redirected, by the id of a cgroup that the process is in or below: the proxies. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
	__type(key, __u64);
	__type(value, __u32);
} bypassed SEC(".maps");

/* Groups whose proxy does not answer. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
	__type(key, __u32);
	__type(value, struct group_state);
} groups SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__type(key, __u32);
	__type(value, struct settings);
} settings SEC(".maps");

/* Original destinations, with the sockets that they are of: gone when those are. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct original);
} originals SEC(".maps");

/* On their way from a caller's socket to the proxy's: from the SYN to the end of the handshake. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct connection);
	__type(value, struct original);
} handshakes SEC(".maps");

/* Where a socket's datagrams really come from. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct reply_key);
	__type(value, struct reply_from);
} replies SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, struct service_counters);
} counters SEC(".maps");

/* Both sockets of each accelerated connection, by the connection as that socket sees it. */
struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 65536);
	__type(key, struct connection);
	__type(value, __u64);
} sockets SEC(".maps");

/* Only for user space. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sink_state);
} state SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 131072);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct name_key);
	__type(value, struct name);
} names SEC(".maps");
