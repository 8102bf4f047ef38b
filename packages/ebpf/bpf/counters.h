/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* What is counted of each service. Each CPU has counters of its own: no two programs ever write the same. */
#pragma once
#include "maps.h"

static __always_inline struct service_counters *counters_of(__u32 service)
{
	struct service_counters *found = bpf_map_lookup_elem(&counters, &service);
	if (found)
		return found;
	struct service_counters none = {};
	bpf_map_update_elem(&counters, &service, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&counters, &service);
}

#define COUNT(service, field, n)                                     \
	do {                                                         \
		struct service_counters *c_ = counters_of(service);  \
		if (c_)                                              \
			c_->field += (n);                            \
	} while (0)
