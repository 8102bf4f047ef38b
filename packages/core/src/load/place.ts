/** One step down: a key of a map, or a position in a list. */
export type Step = string | number;

/** A place in a document: how it was reached. */
export interface Place {
  /** Which document, from 0. */
  readonly document: number;
  /** The place above; undefined: this is the document itself. */
  readonly up: Place | undefined;
  /** The step from the place above. */
  readonly step: Step;
  /** How many steps down. */
  readonly depth: number;
  /** Whether what stands here may be secret and must not be shown. */
  readonly secret: boolean;
  /** Whether the step is not shown either. */
  readonly hidden: boolean;
}

/** A document as a place. */
export function documentPlace(document: number): Place {
  return { document, up: undefined, step: "", depth: 0, secret: false, hidden: false };
}

/** The place one step down. A secret place has only secret places below it. */
export function below(up: Place, step: Step, secret = false): Place {
  return { document: up.document, up, step, depth: up.depth + 1, secret: up.secret || secret, hidden: false };
}

/** The place under a key that a user chose: where secrets stand, it may be one that slipped. */
export function belowKey(up: Place, key: string): Place {
  return { ...below(up, key), hidden: up.secret };
}

/** The steps from the document to a place. */
export function stepsTo(place: Place): Step[] {
  return placesTo(place).map(({ step }) => step);
}

function placesTo(place: Place): Place[] {
  const places: Place[] = [];
  for (let at = place; at.up !== undefined; at = at.up) places.push(at);
  return places.reverse();
}

const SHOWN = 80;

/** A place for people: `clusters[1].typed_extension_protocol_options["a.b"].name`. */
export function pathText(place: Place): string {
  let text = "";
  for (const { step, hidden } of placesTo(place)) {
    if (hidden) text += "[…]";
    else if (typeof step === "number") text += `[${step}]`;
    else if (/^[A-Za-z_]\w*$/.test(step) && step.length <= SHOWN) text += text === "" ? step : `.${step}`;
    else text += `[${shorten(step)}]`;
  }
  return text;
}

/** A text in quotes, cut when it is long. */
export function shorten(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
