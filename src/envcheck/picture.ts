/** Whether an environment's picture can be drawn: its values, and what it names in the WGSL. */

import { ConfigError } from '../config/config'
import type { EnvSpec } from '../env/contract'
import { show } from '../options/show'
import { suggest } from '../options/suggest'
import { evaluate } from '../wgsl/constants'
import { isFloat } from './floats'
import { type Source, says } from './source'
import { stateWords } from './state'

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The values of `picture`. @throws ConfigError */
export function checkPicture({ picture }: Pick<EnvSpec, 'picture'>): void {
  if (picture === undefined) return
  if (!isObject(picture)) {
    throw new ConfigError(`env.picture: ${show(picture)} is not a picture. Give { frame, fps, handles }.`)
  }
  checkFrame(picture.frame)
  const { fps, follow, handles } = picture as Record<string, unknown>
  if (!(isFloat(fps) && fps > 0)) {
    throw new ConfigError(
      `env.picture.fps: ${show(fps)} is not a number of steps per second. Use a number above 0, such as 30.`,
    )
  }
  const names = [follow ?? []].flat()
  if (names.length > 2 || !names.every((name) => typeof name === 'string')) {
    throw new ConfigError(
      `env.picture.follow: ${show(follow)} is not the name of a float of EnvState, nor a list of two. Use for example ["x", "y"].`,
    )
  }
  if (!Array.isArray(handles)) {
    throw new ConfigError(
      `env.picture.handles: ${show(handles)} is not a list. Give { field, label, min, max } of each, or [] for none.`,
    )
  }
  for (const [i, handle] of handles.entries()) checkHandle(`env.picture.handles[${i}]`, handle)
}

function checkFrame(frame: unknown): void {
  const path = 'env.picture.frame'
  if (!Array.isArray(frame) || frame.length !== 4 || ![0, 1, 2, 3].every((i) => isFloat(frame[i]))) {
    const given = Array.isArray(frame) ? `[${Array.from(frame, show).join(', ')}]` : show(frame)
    throw new ConfigError(
      `${path}: ${given} is not four finite numbers in f32. Give [left, bottom, right, top], in the units of env_shape.`,
    )
  }
  const [left, bottom, right, top] = frame.map(Math.fround)
  if (left < right && bottom < top) return
  const why =
    left < right
      ? `bottom ${frame[1]} is not below top ${frame[3]}`
      : `left ${frame[0]} is not left of right ${frame[2]}`
  throw new ConfigError(
    `${path}: [${frame.join(', ')}] has no area: ${why}. Give [left, bottom, right, top], in the units of env_shape.`,
  )
}

function checkHandle(path: string, handle: unknown): void {
  if (!isObject(handle)) {
    throw new ConfigError(`${path}: ${show(handle)} is not a handle. Give { field, label, min, max }.`)
  }
  for (const name of ['field', 'label']) {
    if (typeof handle[name] === 'string' && handle[name] !== '') continue
    const what = name === 'field' ? 'the name of a float of EnvState' : 'a label. Say in a word or two what it is'
    throw new ConfigError(`${path}.${name}: ${show(handle[name])} is not ${what}.`)
  }
  for (const name of ['min', 'max']) {
    if (isFloat(handle[name])) continue
    throw new ConfigError(`${path}.${name}: ${show(handle[name])} is not a finite number in f32. Give one.`)
  }
  const [min, max] = [Number(handle.min), Number(handle.max)]
  if (Math.fround(min) < Math.fround(max)) return
  throw new ConfigError(`${path}: min ${min} is not below max ${max}. Swap or widen them.`)
}

/** What the picture names are floats of the state, and there is something to draw. @throws ConfigError */
export function checkDrawing(source: Source): void {
  const { spec, code } = source
  const { follow, handles = [] } = spec.picture ?? {}
  const wanted = handles.map(({ field }, i): [string, string] => [`handles[${i}].field`, field])
  if (follow !== undefined) for (const field of [follow].flat()) wanted.push(['follow', field])
  const floats = wanted.length > 0 ? stateWords(code).flatMap(({ kind, name }) => (kind === 'f32' ? [name] : [])) : []
  for (const [place, field] of wanted) {
    if (floats.includes(field)) continue
    const known = floats.length > 0 ? `Its floats: ${floats.join(', ')}` : 'It has none'
    throw new ConfigError(
      `env.picture.${place}: EnvState has no float ${JSON.stringify(field)}${suggest(field, floats)}. ${known}.`,
    )
  }
  checkParts(source)
}

/** What a picture is made of: the constant with their number, and the function that gives each. */
export const PARTS = [
  { count: 'NUM_SHAPES', fn: 'env_shape' },
  { count: 'NUM_POLYGONS', fn: 'env_polygon' },
]

/** The functions that draw and the constants with their numbers come in pairs; nothing is drawn without the first. */
function checkParts(source: Source): void {
  const { spec, module, placeOf } = source
  let parts = 0
  for (const { count, fn } of PARTS) {
    const [number, drawn] = [module.named.get(count), module.named.get(fn)]
    if (drawn && !number) {
      throw new ConfigError(
        `${placeOf(drawn.at)}: ${fn} is there, but ${count} is missing. Write const ${count} = 1u; for one, or how many there are.`,
      )
    }
    if (!number) continue
    const value = evaluate(module, number.value)
    if (value < 0 || value > 65_536) {
      throw new ConfigError(`${placeOf(number.at)}: ${count} is ${says(module, number.value)}. Use 0 to 65536.`)
    }
    parts += value
  }
  const first = module.named.get('NUM_POLYGONS')
  const hasShapes = module.named.has('NUM_SHAPES')
  if (first && !hasShapes) {
    throw new ConfigError(
      `${placeOf(first.at)}: NUM_POLYGONS is there, but NUM_SHAPES is missing. Write const NUM_SHAPES = 0u; and env_shape.`,
    )
  }
  if (!spec.picture || parts > 0) return
  const why = hasShapes ? 'NUM_SHAPES and NUM_POLYGONS are 0' : `${spec.wgslFile} has no NUM_SHAPES and env_shape`
  throw new ConfigError(`env.picture: there is nothing to draw: ${why}. Write them, or leave the picture out.`)
}
