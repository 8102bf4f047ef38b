import { RedirectError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import { linuxKernel } from "../kernel/linux/linux-kernel.js";
import { MAP_NAMES } from "../layout/pins.js";
import { removeLink } from "./attach.js";
import { DEFAULT_PINS } from "./options.js";
import { linksFolder, mapPin, mapsFolder } from "./pinned.js";

/** What `removeRedirect` removed. */
export interface Removed {
  /** Programs that were on hooks. */
  readonly links: number;
  /** Maps that were pinned. */
  readonly maps: number;
}

/**
 * Ends a redirect: what redirects goes first. Connections that are open stay as they are; new ones go where they would without a mesh.
 *
 * @throws RedirectError `busy` while a sink works with these pins
 */
export function removeRedirect(options: { readonly pins?: string; readonly kernel?: Kernel } = {}): Removed {
  const kernel = options.kernel ?? linuxKernel();
  const pins = options.pins ?? DEFAULT_PINS;
  if (kernel.pins.list(pins).length === 0) {
    kernel.pins.remove(pins);
    return { links: 0, maps: 0 };
  }
  const lock = kernel.pins.lock(pins);
  try {
    const links = kernel.pins.list(linksFolder(pins));
    // connect and sendmsg before sockops and getsockopt: nothing is redirected that would not be told where it was to go.
    const order = [...links].sort((a, b) => rank(a) - rank(b));
    for (const name of order) removeLink(kernel, `${linksFolder(pins)}/${name}`);
    const maps = MAP_NAMES.filter((name) => kernel.pins.remove(mapPin(pins, name))).length;
    const unknown = kernel.pins.list(mapsFolder(pins));
    if (unknown.length > 0) {
      throw new RedirectError(
        "layout",
        `expected only maps of this version in ${mapsFolder(pins)}; there are ${unknown.join(", ")}`,
        {
          path: mapsFolder(pins),
        },
      );
    }
    for (const folder of [linksFolder(pins), mapsFolder(pins), pins]) kernel.pins.remove(folder);
    return { links: links.length, maps };
  } finally {
    lock.release();
  }
}

function rank(link: string): number {
  if (link.startsWith("connect") || link.startsWith("sendmsg")) return 0;
  return link.startsWith("getsockopt") || link.startsWith("tcp_events") ? 2 : 1;
}
