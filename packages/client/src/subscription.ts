import { type Observable, Subject } from "rxjs";
import { XdsClientError } from "./error.js";
import { type Hub, type Member, release, retain } from "./hub.js";
import { WILDCARD, type XdsResourceError } from "./protocol/messages.js";
import type { Change } from "./protocol/receive.js";
import { heldBy, isAnswered } from "./protocol/sub-stream.js";
import type { XdsResource } from "./resource.js";
import type { Waiters, WaitOptions } from "./waiters.js";

/** What changed in a subscription. */
export interface XdsChange {
  /** New resources, and resources that differ from what was held before. */
  readonly upserts: readonly XdsResource[];
  /** Names of resources that were held and no longer are. */
  readonly removals: readonly string[];
  /** Wanted names of which the server now says that they do not exist. */
  readonly missing: readonly string[];
  /** Errors for wanted names. */
  readonly errors: readonly XdsResourceError[];
  /** The nonce of the response that brought the change. Absent for what expired or was (un)subscribed. */
  readonly nonce?: string;
}

/** Options of a subscription. */
export interface SubscribeOptions {
  /**
   * Says when what a response brought is in force: it is acknowledged when the promise resolves, and refused (NACK) with the
   * error's message when it is rejected. `resources` and `changes$` do not wait for it. Called after `changes$` with each change by a
   * response that concerns this subscription; its `upserts` are also what came again because it was not confirmed before, which is
   * so after a stream was lost meanwhile, or after a NACK. Answers keep the order of responses, so later ones of the type
   * wait; other types do not. The error's message is sent to the server: keep secrets out of it. Default: what a response
   * brought is in force when it was applied.
   */
  readonly confirm?: (change: XdsChange) => Promise<void>;
}

/** Names of one type that a client follows, and what the server says about them. */
export interface XdsSubscription {
  /** The type URL of the resources. */
  readonly typeUrl: string;
  /** The names that are subscribed to; `*` is everything the server has for this client. A live view. */
  readonly names: ReadonlySet<string>;
  /** The resources that match, by their own name. A live view; it keeps its content while there is no connection. */
  readonly resources: ReadonlyMap<string, XdsResource>;
  /** Names of this subscription of which the server said that there is no such resource. A live view. */
  readonly missing: ReadonlySet<string>;
  /** Errors that the server reported for names of this subscription. A live view. */
  readonly errors: ReadonlyMap<string, XdsResourceError>;
  /**
   * Every change from now on, after it was applied: read `resources` first, then subscribe. Completes when the
   * subscription or the client is closed; never fails.
   */
  readonly changes$: Observable<XdsChange>;
  /** The matching resource with this name or alias. */
  get(nameOrAlias: string): XdsResource | undefined;
  /**
   * Subscribes to more names. They are sent in one request with all other changes of this turn of the event loop, or in
   * the first request of the next stream.
   *
   * @throws XdsClientError `closed`, or `invalid-argument` for an empty name.
   */
  add(names: string | readonly string[]): void;
  /** Unsubscribes from names; those that are not subscribed to are ignored. */
  remove(names: string | readonly string[]): void;
  /**
   * Resolves once the server has answered for every name: with a resource, with "no such resource" or with an error; for
   * `*` with the first response that is accepted after the subscription. Stays true when the connection is lost.
   *
   * Some servers keep silent about names that do not exist: give `deadlineMs`.
   *
   * @throws XdsClientError (by rejection) `timeout`, `aborted` or `closed`.
   */
  synced(options?: WaitOptions): Promise<void>;
  /** Unsubscribes from everything. `resources` keeps its last content. */
  close(): void;
}

/** What a subscription needs of its client. */
export interface SubscriptionContext {
  readonly hub: Hub;
  readonly waiters: Waiters;
  readonly confirm?: SubscribeOptions["confirm"] | undefined;
  /** There may be something to write. */
  wake(): void;
  /** A sentence about the connection, for errors. */
  describeStatus(): string;
}

/** A subscription to no names yet. */
export function createSubscription(context: SubscriptionContext): XdsSubscription {
  const { hub, waiters, wake, describeStatus } = context;
  const { sub } = hub;
  const names = new Set<string>();
  const resources = new Map<string, XdsResource>();
  const missing = new Set<string>();
  const errors = new Map<string, XdsResourceError>();
  const changes = new Subject<XdsChange>();
  let open = true;

  const matches = ({ name, aliases }: XdsResource): boolean =>
    names.has(WILDCARD) || names.has(name) || aliases.some((alias) => names.has(alias));

  const closedError = (): XdsClientError =>
    new XdsClientError("closed", `the subscription of ${sub.typeUrl} is closed`, { typeUrl: sub.typeUrl });

  function emit(change: XdsChange): void {
    if (!isEmpty(change)) changes.next(change);
  }

  async function confirm(change: XdsChange): Promise<void> {
    await context.confirm?.(change);
  }

  const member: Member = {
    // A listener may have changed subscriptions before this one is told: only what still holds is taken over.
    deliver(change, nonce) {
      const upserts: XdsResource[] = [];
      const removals: string[] = [];
      for (const resource of change.upserts) {
        if (sub.held.get(resource.name) !== resource || resources.get(resource.name) === resource) continue;
        if (matches(resource)) {
          resources.set(resource.name, resource);
          upserts.push(resource);
        } else if (resources.delete(resource.name)) {
          removals.push(resource.name);
        }
        for (const name of [resource.name, ...resource.aliases]) {
          missing.delete(name);
          errors.delete(name);
        }
      }
      for (const name of change.removals) if (!sub.held.has(name) && resources.delete(name)) removals.push(name);
      const gone = change.missing.filter((name) => names.has(name) && sub.missing.has(name));
      const failed = change.errors.filter(({ name }) => names.has(name) && sub.errors.has(name));
      for (const name of gone) {
        missing.add(name);
        errors.delete(name);
      }
      for (const error of failed) errors.set(error.name, error);
      const rest = { removals, missing: gone, errors: failed, ...(nonce === undefined ? {} : { nonce }) };
      emit({ upserts, ...rest });
      const again = (change.repeated ?? []).filter((resource) => resources.get(resource.name) === resource);
      const whole = { upserts: [...upserts, ...again], ...rest };
      if (nonce === undefined || context.confirm === undefined || isEmpty(whole)) return undefined;
      return confirm(whole);
    },
    end() {
      open = false;
      changes.complete();
    },
  };
  hub.members.add(member);

  function add(list: string | readonly string[]): void {
    if (!open) throw closedError();
    const fresh = new Set([list].flat().filter((name) => !names.has(name)));
    if (fresh.has("")) {
      throw new XdsClientError("invalid-argument", "a resource name must not be empty", { argument: "names" });
    }
    for (const name of fresh) names.add(name);
    retain(hub, fresh);
    const upserts = fresh.has(WILDCARD) ? [...sub.held.values()] : [...fresh].flatMap((name) => heldBy(sub, name));
    const change: Change = {
      upserts,
      removals: [],
      missing: [...fresh].filter((name) => sub.missing.has(name)),
      errors: [...fresh].flatMap((name) => sub.errors.get(name) ?? []),
    };
    wake();
    member.deliver(change);
  }

  function remove(list: string | readonly string[]): void {
    const gone = new Set([list].flat().filter((name) => names.delete(name)));
    if (gone.size === 0) return;
    const candidates = gone.has(WILDCARD) ? [...resources.values()] : [...gone].flatMap((name) => heldBy(sub, name));
    for (const name of gone) {
      missing.delete(name);
      errors.delete(name);
    }
    release(hub, gone);
    const removals = new Set<string>();
    for (const resource of candidates) {
      if (!matches(resource) && resources.delete(resource.name)) removals.add(resource.name);
    }
    wake();
    emit({ upserts: [], removals: [...removals], missing: [], errors: [] });
    waiters.poll();
  }

  return {
    typeUrl: sub.typeUrl,
    names,
    resources,
    missing,
    errors,
    changes$: changes.asObservable(),
    get: (name) =>
      resources.get(name) ?? heldBy(sub, name).find((resource) => resources.get(resource.name) === resource),
    add,
    remove,
    async synced(options) {
      const unanswered = (): string | undefined => {
        for (const name of names) if (!isAnswered(sub, name)) return name;
        return undefined;
      };
      const end = await waiters.wait(
        {
          check: () => (!open ? "closed" : unanswered() === undefined ? "synced" : undefined),
          describe: () => `no answer for ${JSON.stringify(unanswered())} of ${sub.typeUrl}; ${describeStatus()}`,
          details: { typeUrl: sub.typeUrl },
        },
        options,
      );
      if (end === "closed") throw closedError();
    },
    close() {
      if (!open) return;
      hub.members.delete(member);
      open = false;
      release(hub, names);
      changes.complete();
      wake();
      waiters.poll();
    },
  };
}

function isEmpty({ upserts, removals, missing, errors }: XdsChange): boolean {
  return upserts.length + removals.length + missing.length + errors.length === 0;
}
