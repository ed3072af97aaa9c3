/** A network as a list of layers: its text, and its checks without an observation. src/options/layershapes.ts has shapes. */
import { ConfigError } from './errors'
import { show } from './show'
import { suggest } from './suggest'

export type ActivationSpec = { type: 'tanh' | 'relu' | 'silu' | 'elu' }
/** A layer with numbers of its own, or that changes the shape. */
export type HiddenSpec =
  | { type: 'conv'; channels: number; kernel: number; stride: number; padding: number }
  | { type: 'max_pool' | 'avg_pool'; kernel: number; stride: number }
  | { type: 'dense'; width: number }
  | { type: 'layer_norm' }
/** One item of a network. `flatten` makes the numbers of a map one row, in the order height, width, channels. */
export type LayerSpec = HiddenSpec | ActivationSpec | { type: 'flatten' }
/** As a caller may write it: `stride` is 1 in a convolution and `kernel` in a pooling if left out, `padding` 0. */
export type LayerGiven = { type: LayerSpec['type'] } & { [field: string]: number | string }

interface Field {
  name: string
  from: number
  to: number
  /** If it is left out: this, or the value of the field of that name. */
  otherwise?: number | string
}

const KERNEL: Field = { name: 'kernel', from: 1, to: 64 }
const POOL: Field[] = [KERNEL, { name: 'stride', from: 1, to: 64, otherwise: 'kernel' }]
const FIELDS: Record<LayerSpec['type'], Field[]> = {
  conv: [
    { name: 'channels', from: 1, to: 4096 },
    KERNEL,
    { name: 'stride', from: 1, to: 64, otherwise: 1 },
    { name: 'padding', from: 0, to: 63, otherwise: 0 },
  ],
  ...{ max_pool: POOL, avg_pool: POOL, flatten: [], dense: [{ name: 'width', from: 1, to: 4096 }], layer_norm: [] },
  ...{ tanh: [], relu: [], silu: [], elu: [] },
}
const TYPES = Object.keys(FIELDS) as LayerSpec['type'][]
const ACTIVATION_TYPES: readonly string[] = ['tanh', 'relu', 'silu', 'elu']
/** The most items of a network. */
const MOST_LAYERS = 32

export const isActivation = (spec: LayerSpec): spec is ActivationSpec => ACTIVATION_TYPES.includes(spec.type)

/** Networks with names. `mlp`, the perceptron of `hidden` and `activation`, is not a list. */
export const NETWORKS: Readonly<Record<string, string>> = {
  minatar: 'conv(16,3),relu,flatten,dense(128),relu',
  nature: 'conv(32,8,4),relu,conv(64,4,2),relu,conv(64,3),relu,flatten,dense(512),relu',
}
export const NETWORK_NAMES = ['mlp', ...Object.keys(NETWORKS)]

const signature = (type: LayerSpec['type']): string =>
  FIELDS[type].length > 0 ? `${type}(${FIELDS[type].map(({ name }) => name).join(',')})` : type
const KNOWN = TYPES.map(signature).join(', ')

/** The hidden layers of the option `network`; null for the perceptron. */
export const networkLayers = (network: string): LayerSpec[] | null =>
  network === 'mlp' ? null : parseLayers('network', NETWORKS[network] ?? network)

/**
 * The text of a network: a name as it is, a list with every number that is not the usual one.
 * @throws ConfigError that names the item, its place and what would be right.
 */
export function networkText(path: string, value: unknown): string {
  if (typeof value === 'string') {
    return NETWORK_NAMES.includes(value) ? value : formatLayers(parseLayers(path, value))
  }
  if (!Array.isArray(value)) {
    throw new ConfigError(`${path}: ${show(value)} is not a name (${NETWORK_NAMES.join(', ')}) or a list of layers.`)
  }
  return formatLayers(checkLayers(path, value))
}

/** A list of layers with every number. @throws ConfigError */
export function checkLayers(path: string, value: readonly unknown[]): LayerSpec[] {
  checkCount(path, value.length)
  return Array.from(value, (item, i) => checkLayer(path, i, item))
}

export const formatLayers = (layers: readonly LayerSpec[]): string => layers.map(formatLayer).join(',')

/** `conv(16,3)`: without the numbers that are what they would be if left out. */
export function formatLayer(spec: LayerSpec): string {
  const values = spec as unknown as Record<string, number>
  const fields = [...FIELDS[spec.type]]
  const usual = ({ name, otherwise }: Field): boolean =>
    otherwise !== undefined && values[name] === (typeof otherwise === 'string' ? values[otherwise] : otherwise)
  while (fields.length > 0 && usual(fields.at(-1)!)) fields.pop()
  return fields.length > 0 ? `${spec.type}(${fields.map(({ name }) => values[name]).join(',')})` : spec.type
}

/** `conv(16,3),relu,flatten,dense(128),relu`; numbers in order, or by name: `conv(16,3,padding=1)`. */
function parseLayers(path: string, text: string): LayerSpec[] {
  const items = text.trim() === '' ? [] : text.split(/,(?![^(]*\))/)
  checkCount(path, items.length)
  return items.map((item, i) => {
    const [, type, inside] = /^\s*(\w+)\s*(?:\(([^()]*)\))?\s*$/.exec(item) ?? []
    if (type === undefined) refuse(path, i, item.trim(), `is not a layer. Layers: ${KNOWN}.`)
    if (!TYPES.includes(type as LayerSpec['type'])) refuse(path, i, item.trim(), unknown(type, items.length === 1))
    const fields = FIELDS[type as LayerSpec['type']]
    const given: Record<string, number | string> = { type }
    const values = inside === undefined || inside.trim() === '' ? [] : inside.split(',')
    values.forEach((value, k) => {
      const named = /^\s*(\w+)\s*=(.*)$/.exec(value)
      const name = named?.[1] ?? fields[k]?.name
      if (name === undefined || Object.hasOwn(given, name)) {
        refuse(path, i, item.trim(), `has a number too many, or twice. Write ${signature(type as LayerSpec['type'])}.`)
      }
      const number = (named?.[2] ?? value).trim()
      given[name] = /^\d+$/.test(number) ? Number(number) : number
    })
    return checkLayer(path, i, given, item.trim())
  })
}

const unknown = (type: string, alone: boolean): string =>
  alone
    ? `is not known${suggest(type, [...NETWORK_NAMES, ...TYPES])}. Networks: ${NETWORK_NAMES.join(', ')}; layers: ${KNOWN}.`
    : `is not known${suggest(type, TYPES)}. Layers: ${KNOWN}.`

function refuse(path: string, i: number, what: string, why: string): never {
  throw new ConfigError(`${path}: layer ${i + 1}, ${what}: ${why}`)
}

function checkCount(path: string, count: number): void {
  if (count > 0 && count <= MOST_LAYERS) return
  throw new ConfigError(
    `${path}: has ${count} layers. Use 1 to ${MOST_LAYERS}, or a name: ${NETWORK_NAMES.join(', ')}.`,
  )
}

/** An item with every number, from an object. */
function checkLayer(path: string, i: number, item: unknown, text = show(item)): LayerSpec {
  const given = (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>
  const type = given.type as LayerSpec['type']
  if (typeof type !== 'string') refuse(path, i, text, `is not { type: ... }. Layers: ${KNOWN}.`)
  if (!TYPES.includes(type)) refuse(path, i, text, unknown(type, false))
  const fields = FIELDS[type]
  const spec: Record<string, unknown> = { type }
  for (const { name, from, to, otherwise } of fields) {
    const value = given[name] ?? (typeof otherwise === 'string' ? spec[otherwise] : otherwise)
    if (value === undefined) refuse(path, i, text, `has no ${name}. Write ${signature(type)}.`)
    if (typeof value !== 'number' || !Number.isInteger(value) || value < from || value > to) {
      refuse(path, i, text, `${name} ${show(value)} is not a whole number from ${from} to ${to}.`)
    }
    spec[name] = value
  }
  const names = ['type', ...fields.map(({ name }) => name)]
  const other = Object.keys(given).find((name) => !names.includes(name))
  if (other !== undefined)
    refuse(path, i, text, `has no number "${other}"${suggest(other, names)}. Write ${signature(type)}.`)
  return spec as unknown as LayerSpec
}
