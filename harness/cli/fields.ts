/**
 * The fields of what a command prints with `--json`, as a table: the type of the result must have exactly these fields,
 * they are printed in this order, and docs/json.md is made of them.
 */

/** How a type is called in the documents. */
type TypeText<T> = [T] extends [string]
  ? 'text'
  : [T] extends [string | null]
    ? 'text or null'
    : [T] extends [boolean]
      ? 'true or false'
      : [T] extends [boolean | null]
        ? 'true, false or null'
        : [T] extends [number]
          ? 'number'
          : [T] extends [number | null]
            ? 'number or null'
            : [T] extends [readonly string[]]
              ? 'list of texts'
              : [T] extends [readonly number[]]
                ? 'list of numbers'
                : [T] extends [readonly (number | null)[]]
                  ? 'list of numbers or null'
                  : [T] extends [readonly (number | string)[]]
                    ? 'list of numbers or texts'
                    : 'object'

/** An optional field says when it is there. */
type When<T> = undefined extends T ? { when: string } : { when?: undefined }
/** Of an object, or of the objects of a list, the fields may stand in the type's place. */
type Inside<T> = T extends readonly (infer E)[]
  ? E extends object
    ? { each: Fields<E> }
    : never
  : T extends object
    ? { of: Fields<T> }
    : never

/** Its meaning, and its type or the fields inside. */
export type Field<T> = { help: string } & When<T> & ({ type: TypeText<Exclude<T, undefined>> } | Inside<NonNullable<T>>)
export type Fields<T> = { [K in keyof T]-?: Field<T[K]> }

/** Any such table, for those who go through one. */
export interface AnyField {
  help: string
  when?: string
  type?: string
  of?: AnyFields
  each?: AnyFields
}
export interface AnyFields {
  [name: string]: AnyField
}

/** `value` with its fields in the order of the table. */
export function inOrder<T extends object>(fields: Fields<T>, value: T): T {
  const ordered: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields as AnyFields)) {
    const own = (value as Record<string, unknown>)[name]
    if (own !== undefined) ordered[name] = entryInOrder(field, own)
  }
  return ordered as T
}

function entryInOrder({ of, each }: AnyField, value: unknown): unknown {
  if (value === null) return null
  if (of) return inOrder(of as Fields<object>, value as object)
  if (each) {
    return (value as (object | null)[]).map((entry) => entry && inOrder(each as Fields<object>, entry))
  }
  return value
}
