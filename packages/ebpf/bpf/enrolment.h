/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* Whose connections are redirected, and to which group they belong. */
#pragma once
#include "maps.h"

/* As many levels of cgroups as settings can name. */
#define CGROUP_LEVELS 32

static __always_inline struct settings *the_settings(void)
{
	__u32 zero = 0;
	return bpf_map_lookup_elem(&settings, &zero);
}

/*
 * The group of the process that calls, or NULL. What is bypassed is never enrolled, wherever it runs: a proxy that shares its pod's
 * network namespace would be redirected to itself. Nor is what shares the host's namespace, whatever its cgroup.
 */
static __always_inline struct enrolment *enrolment_of(struct bpf_sock_addr *ctx)
{
	struct settings *set = the_settings();
	if (!set)
		return 0;
	__u64 netns = bpf_get_netns_cookie(ctx);
	if (netns == set->host_netns)
		return 0;
	struct enrolment *found = bpf_map_lookup_elem(&enrolled_netns, &netns);
	__u32 levels = set->cgroup_levels;
	for (int level = 0; level < CGROUP_LEVELS; level++) {
		if (!(levels >> level))
			break;
		if (!(levels >> level & 1))
			continue;
		__u64 id = bpf_get_current_ancestor_cgroup_id(level);
		if (!id)
			break;
		if (bpf_map_lookup_elem(&bypassed, &id))
			return 0;
		struct enrolment *by_cgroup = bpf_map_lookup_elem(&enrolled_cgroup, &id);
		if (by_cgroup)
			found = by_cgroup;
	}
	return found;
}
