import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";

/**
 * Returns its argument when every map in it is in order, otherwise a copy that shares whatever was in order. The argument
 * is never changed.
 */
type Order = (value: unknown) => unknown;

/** What must be looked at in messages of one type: only members that hold a map somewhere below them. */
interface Plan {
  readonly fields: readonly { readonly name: string; readonly order: Order }[];
  readonly oneofs: readonly { readonly name: string; readonly orders: ReadonlyMap<string, Order> }[];
}

type Fields = Readonly<Record<string, unknown>>;

const plans = new WeakMap<DescMessage, Plan>();
const holdsMap = new WeakMap<DescMessage, boolean>();

/**
 * The message itself when its maps, at every depth, enumerate in the fixed order; otherwise a copy in which they do.
 *
 * The fixed order is what a JavaScript object gives whose keys were inserted in ascending UTF-16 order: small integers
 * first and by value, everything else by code unit. It depends on the set of keys alone, which is all that equal bytes
 * need; protobuf itself defines no order.
 *
 * Packed `google.protobuf.Any` values are bytes and stay as they are.
 */
export function orderMaps<T extends Message>(schema: DescMessage, message: T): T {
  if (!mayHoldMap(schema)) return message;
  return orderMessage(planFor(schema), message) as T;
}

function orderMessage(plan: Plan, message: unknown): unknown {
  if (!isFields(message)) return message;
  let copy: Record<string, unknown> | undefined;
  for (const { name, order } of plan.fields) {
    const value = message[name];
    if (value === undefined) continue;
    const ordered = order(value);
    if (ordered === value) continue;
    copy ??= cloneFields(message);
    copy[name] = ordered;
  }
  for (const { name, orders } of plan.oneofs) {
    const oneof = message[name];
    if (!isFields(oneof) || typeof oneof.case !== "string") continue;
    const ordered = orders.get(oneof.case)?.(oneof.value) ?? oneof.value;
    if (ordered === oneof.value) continue;
    copy ??= cloneFields(message);
    copy[name] = { case: oneof.case, value: ordered };
  }
  return copy ?? message;
}

function orderList(order: Order, list: unknown): unknown {
  if (!Array.isArray(list)) return list;
  let copy: unknown[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const item: unknown = list[i];
    const ordered = order(item);
    if (ordered === item) continue;
    copy ??= [...list];
    copy[i] = ordered;
  }
  return copy ?? list;
}

function orderMap(order: Order | undefined, map: unknown): unknown {
  if (!isFields(map)) return map;
  const keys = Object.keys(map);
  let values = map;
  if (order !== undefined) {
    let copy: Record<string, unknown> | undefined;
    for (const key of keys) {
      const ordered = order(map[key]);
      if (ordered === map[key]) continue;
      copy ??= cloneFields(map);
      copy[key] = ordered;
    }
    values = copy ?? map;
  }
  if (isAscending(keys)) return values;
  // fromEntries, because assigning to the key "__proto__" would not make an entry.
  const sorted = Object.fromEntries(keys.toSorted().map((key) => [key, values[key]]));
  return sameOrder(keys, Object.keys(sorted)) ? values : sorted;
}

/** Fields of type `google.protobuf.Struct` are kept as plain JSON in messages. */
function orderJson(json: unknown): unknown {
  return Array.isArray(json) ? orderList(orderJson, json) : orderMap(orderJson, json);
}

function planFor(schema: DescMessage): Plan {
  const known = plans.get(schema);
  if (known !== undefined) return known;
  const plan: Plan = {
    fields: schema.fields
      .filter((field) => field.oneof === undefined && fieldMayHoldMap(field))
      .map((field) => ({ name: field.localName, order: orderField(field) })),
    oneofs: schema.oneofs
      .map((oneof) => ({
        name: oneof.localName,
        orders: new Map(oneof.fields.filter(fieldMayHoldMap).map((field) => [field.localName, orderField(field)])),
      }))
      .filter(({ orders }) => orders.size > 0),
  };
  plans.set(schema, plan);
  return plan;
}

function orderField(field: DescField): Order {
  const orderValue = field.message === undefined ? undefined : orderSubmessage(field, field.message);
  switch (field.fieldKind) {
    case "map":
      return (map) => orderMap(orderValue, map);
    case "list":
      return (list) => orderList(orderValue ?? same, list);
    default:
      return orderValue ?? same;
  }
}

function orderSubmessage(field: DescField, schema: DescMessage): Order | undefined {
  if (isJsonStruct(field)) return orderJson;
  if (!mayHoldMap(schema)) return undefined;
  // The plan is made on first use: message types refer to themselves.
  let plan: Plan | undefined;
  return (message) => {
    plan ??= planFor(schema);
    return orderMessage(plan, message);
  };
}

function isJsonStruct(field: DescField): boolean {
  return field.message?.typeName === "google.protobuf.Struct" && field.parent.typeName !== "google.protobuf.Value";
}

function fieldMayHoldMap(field: DescField): boolean {
  return field.fieldKind === "map" || (field.message !== undefined && mayHoldMap(field.message));
}

/** Whether a map can occur at any depth below a message of this type. Settles every type it reaches in one pass. */
function mayHoldMap(schema: DescMessage): boolean {
  const known = holdsMap.get(schema);
  if (known !== undefined) return known;
  const reached = new Set([schema]);
  const parents = new Map<DescMessage, DescMessage[]>();
  const holders: DescMessage[] = [];
  for (const parent of reached) {
    if (parent.fields.some((field) => field.fieldKind === "map")) holders.push(parent);
    for (const child of parent.fields.map((field) => field.message)) {
      if (child === undefined) continue;
      reached.add(child);
      const others = parents.get(child);
      if (others === undefined) parents.set(child, [parent]);
      else others.push(parent);
    }
  }
  const found = new Set(holders);
  for (const holder of found) for (const parent of parents.get(holder) ?? []) found.add(parent);
  for (const message of reached) holdsMap.set(message, found.has(message));
  return found.has(schema);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function cloneFields(fields: Fields): Record<string, unknown> {
  const copy = { ...fields };
  // Messages of proto2 keep their defaults on the prototype.
  const prototype: object | null = Object.getPrototypeOf(fields);
  return prototype === Object.prototype ? copy : Object.setPrototypeOf(copy, prototype);
}

function isAscending(keys: readonly string[]): boolean {
  return keys.every((key, i) => i === 0 || (keys[i - 1] ?? "") < key);
}

function sameOrder(a: readonly string[], b: readonly string[]): boolean {
  return a.every((key, i) => key === b[i]);
}

function same(value: unknown): unknown {
  return value;
}
