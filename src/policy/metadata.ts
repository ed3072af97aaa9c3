/** Reading the metadata of a policy: texts, most of them JSON. */
import { show as shown } from '../options/show'
import { PolicyError } from './error'

/** At most 200 characters of it. */
export const show = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : shown(value)
  return text.length > 200 ? `${text.slice(0, 200)}...` : text
}

export type Fields = Record<string, { valid: (value: unknown) => boolean; wanted: string }>

/**
 * The JSON object in `metadata.<key>`, with exactly the fields of `fields`, if given.
 * @throws PolicyError that names the first wrong field.
 */
export function parseObject(key: string, text: string | undefined, fields: Fields | null): Record<string, unknown> {
  const where = `policy: metadata.${key}`
  let given: unknown
  try {
    given = JSON.parse(text ?? '')
  } catch (cause) {
    throw new PolicyError(`${where}: ${show(text)} is not JSON (${(cause as Error).message}).`)
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new PolicyError(`${where}: ${show(given)} is not an object.`)
  }
  const object = given as Record<string, unknown>
  if (fields) checkFields(where, object, fields)
  return object
}

function checkFields(where: string, object: Record<string, unknown>, fields: Fields): void {
  for (const [field, { valid, wanted }] of Object.entries(fields)) {
    const value = Object.hasOwn(object, field) ? object[field] : undefined
    if (!valid(value)) throw new PolicyError(`${where}.${field}: ${show(value)} is not ${wanted}.`)
  }
  const unknown = Object.keys(object).find((key) => !Object.hasOwn(fields, key))
  if (unknown !== undefined) throw new PolicyError(`${where}.${unknown}: the field is not known.`)
}
