/** Numbers inside of a twin's state, by the names that a picture gives them: `legs[1].angle`. */

/** `['legs', '1', 'angle']` */
const pathOf = (name: string): string[] => name.split(/[.[\]]/).filter(Boolean)

type Inside = Record<string, unknown>

export function numberAt(state: unknown, name: string): number {
  let value = state
  for (const part of pathOf(name)) value = (value as Inside | null | undefined)?.[part]
  return typeof value === 'number' ? value : 0
}

/** Sets a number that is there; anything else is left as it is. */
export function setNumberAt(state: unknown, name: string, value: number): void {
  const path = pathOf(name)
  const last = path.pop()!
  let place = state
  for (const part of path) place = (place as Inside | null | undefined)?.[part]
  if (typeof (place as Inside | null | undefined)?.[last] === 'number') (place as Inside)[last] = value
}
