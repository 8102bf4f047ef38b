/**
 * The services that a proxy serves: those that its callers see, and those that they saw until lately, for as long as
 * connections may still be redirected to it on their account.
 */
export class Serving {
  #wanted: ReadonlySet<string> = new Set();
  readonly #leaving = new Set<string>();

  /** Everything that is served. */
  get services(): Set<string> {
    return new Set([...this.#wanted, ...this.#leaving]);
  }

  /** Whether anything is served that callers see no more. */
  get leaving(): boolean {
    return this.#leaving.size > 0;
  }

  want(services: ReadonlySet<string>, exists: (service: string) => boolean): void {
    for (const service of this.#wanted) if (!services.has(service)) this.#leaving.add(service);
    for (const service of [...this.#leaving]) {
      if (services.has(service) || !exists(service)) this.#leaving.delete(service);
    }
    this.#wanted = services;
  }

  /** Nobody is redirected any more on account of what callers do not see. */
  settle(): void {
    this.#leaving.clear();
  }
}
