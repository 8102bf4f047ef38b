import type { RedirectPlan } from "@rxds/mesh/plan";
import type { Observable } from "rxjs";
import type { Kernel } from "../kernel/kernel.js";
import type { ReadyListeners } from "./target.js";

/** Where a redirect is in the kernel, and what it covers. */
export interface PlaceOptions {
  /** Folder for pins, on a BPF file system. One for each node. Default: `/sys/fs/bpf/rxds`. */
  readonly pins?: string;
  /**
   * The cgroup whose processes' calls the programs see: it must hold the pods and the proxies. Its folder, or its path below the root.
   * Default: the root, that is the whole machine.
   */
  readonly cgroup?: string;
  /**
   * The cgroups of the proxies. Nothing in them is ever redirected, and only their processes are told original destinations, at the
   * cost of 0.6 to 0.8 µs for each of their getsockopt(2). A proxy that shares the network namespace of an enrolled pod must be in one.
   * Default: none is left out, and all that `cgroup` covers is told.
   */
  readonly proxyCgroups?: readonly string[];
  /** The file of the node's own network namespace, which is never enrolled. Default: this process's. */
  readonly hostNetworkNamespace?: string;
}

/** How many entries maps have. They are made with the first start and keep their size. */
export interface SizeOptions {
  /** Redirects. Grows with each new generation. Default: 131,072. */
  readonly redirects?: number;
  /** Workloads on the node. Default: 8,192. */
  readonly workloads?: number;
  /** Services with counters. Default: 65,536. */
  readonly services?: number;
  /** Connections whose handshake is under way; the oldest is forgotten when there are more. Default: 65,536. */
  readonly handshakes?: number;
}

/** Options of `redirectSink`. */
export interface RedirectSinkOptions extends PlaceOptions {
  /** What is to be in force; the newest counts. */
  readonly plan$: Observable<RedirectPlan>;
  /**
   * Which listeners are ready; the newest counts. Entries whose listeners are not are held back. Default: every listener that a plan
   * names is ready: it is for whoever makes the plans to leave out what is not (`readyEntries` of `@rxds/mesh` does).
   */
  readonly ready$?: Observable<ReadyListeners>;
  /**
   * While a proxy does not answer: `"refuse"` connections at once, as a host does where nothing listens; or `"pass"`: leave them alone, so
   * that they go where they would without a mesh. Default: what the plan says, else `"refuse"`.
   */
  readonly whenAway?: "refuse" | "pass";
  /** How often it is looked whether proxies listen and accept, in milliseconds; 0: never. Default: 250. */
  readonly watchProxiesMs?: number;
  /**
   * Up to so many changed entries are written into the generation that is in force; more make a new one. 0: every change makes a new
   * one, and generations are frozen: nobody but programs can write to them. Default: 4,096.
   */
  readonly inPlace?: number;
  /**
   * Lets bytes between a caller and its proxy pass by TCP (sk_msg). Faster for small messages, but TCP then holds back nobody: a sender
   * whose peer does not read fills the machine's memory for sockets. Default: false.
   */
  readonly accelerate?: boolean;
  /** How many entries maps have. */
  readonly sizes?: SizeOptions;
  /** The object with the programs. Default: the one of this package. */
  readonly object?: string;
  /** Default: this machine's. */
  readonly kernel?: Kernel;
}

/** Where pins are, unless told otherwise. */
export const DEFAULT_PINS = "/sys/fs/bpf/rxds";
/** The node's own network namespace, unless told otherwise. */
export const DEFAULT_HOST_NETNS = "/proc/self/ns/net";
/** Redirects that fit, unless told otherwise. */
export const DEFAULT_REDIRECTS = 131_072;
/** Changes in place, unless told otherwise. */
export const DEFAULT_IN_PLACE = 4096;
