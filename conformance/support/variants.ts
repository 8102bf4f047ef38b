/** The two variants of the protocol. */
export const modes = ["delta", "SotW"] as const;
export type Mode = (typeof modes)[number];

/** How a stream is carried: aggregated with other types, or by the service of its type. */
export const carriers = ["ADS", "its own service"] as const;
export type Carrier = (typeof carriers)[number];

/** All four ways to ask for a type. */
export interface Variant {
  readonly mode: Mode;
  readonly carrier: Carrier;
}

/** For `describe.each(variants)("%s", (_, variant) => …)`. */
export const variants: readonly (readonly [label: string, variant: Variant])[] = carriers.flatMap((carrier) =>
  modes.map((mode) => [`${mode} over ${carrier}`, { mode, carrier }] as const),
);
