/** What a pickle holds, as data. Values share their parts: none may be walked through, only looked into. */

/** Names what was refused. */
export class PickleError extends Error {
  override name = 'PickleError'
}

/** `module name`, of a class or function. */
export class Name {
  constructor(readonly text: string) {}
}
export class Tuple {
  constructor(
    readonly items: Value[],
    readonly depth: number,
  ) {}
}
export class List {
  constructor(
    readonly items: Value[],
    public depth: number,
  ) {}
}
/** A dict, or an OrderedDict. */
export class Dict {
  readonly items = new Map<string, Value>()
  depth = 1
  constructor(readonly isOrdered: boolean) {}
}
/** What the caller made of a call or a persistent id. */
export abstract class Made {
  abstract readonly kind: string
}
export type Value = null | boolean | number | string | Name | Tuple | List | Dict | Made

/** What a value is, for messages; never its contents. */
export function kindOf(value: Value | undefined): string {
  if (value === undefined) return 'nothing'
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value)
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80))
  if (value instanceof Name) return value.text.slice(0, 200)
  if (value instanceof Tuple) return `a tuple of ${value.items.length}`
  if (value instanceof List) return `a list of ${value.items.length}`
  return value instanceof Dict ? `a dict of ${value.items.size}` : value.kind
}

/** How deep it is nested; a text or a number is 0. */
export const depthOf = (value: Value): number =>
  value instanceof Tuple || value instanceof List || value instanceof Dict ? value.depth : 0
