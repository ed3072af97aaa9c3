/**
 * Steps and evaluations that were recorded in MuJoCo: a JSON file with `meta.xml`, `transitions` (columns) and `forward`.
 * Positions, velocities and forces are MuJoCo's own; the file says which model they are of.
 */
import { RECORDED, type RecordedTask } from './planarmodels'

/** A transition: positions, velocities and warm start before, the raw action, and what came of it. */
export interface PlanarTransition {
  ep: number
  q: number[]
  v: number[]
  w: number[]
  a: number[]
  q2: number[]
  v2: number[]
  o: number[]
  r: number
  te: number
  /** The reward by the rules of the id with -v4. */
  r4?: number
}

/** One evaluation of the forces, with warm start 0. Matrices by rows; rows of constraints in MuJoCo's order. */
export interface PlanarForward {
  q: number[]
  v: number[]
  ctrl: number[]
  M: number[]
  qfrc_bias: number[]
  qfrc_passive: number[]
  qfrc_actuator: number[]
  qacc_smooth: number[]
  ncon: number
  /** `dist` is the gap, `pos` the point in space, `mu` the friction, `im` the distance at which it acts. */
  contacts: { g: [number, number]; dist: number; pos: number[]; dim: number; mu: number; im: number }[]
  nefc: number
  efc_type: number[]
  efc_J: number[]
  efc_pos: number[]
  efc_D: number[]
  efc_aref: number[]
  efc_force: number[]
  qacc: number[]
  /** Positions of the bodies in space, the world's first. */
  xpos: number[]
}

export interface PlanarGolden extends RecordedTask {
  xml: string
  transitions: PlanarTransition[]
  forward: PlanarForward[]
}

/** Since this version MuJoCo adds the margins of two geoms; before, the larger one counted. */
const MARGINS_ADDED = [3, 5]

/** Whether a parsed file names a MuJoCo model. */
export const isPlanar = (file: unknown): boolean => {
  const { meta } = (file ?? {}) as { meta?: { xml?: unknown } }
  return meta?.xml !== undefined
}

/** @throws Error that says where the file is wrong, what is wrong, and what to do. */
export function readPlanar(text: string): PlanarGolden {
  const { meta, transitions, forward } = JSON.parse(text) as Record<string, unknown>
  const { xml, source } = meta as Record<string, unknown>
  const task = RECORDED[xml as string]
  if (typeof xml !== 'string' || !Object.hasOwn(RECORDED, xml)) {
    throw new Error(
      `meta.xml: ${JSON.stringify(xml)} is no model that is known here. Give a recording of ${Object.keys(RECORDED).join(', ')}.`,
    )
  }
  checkMeta(meta as Record<string, unknown>, xml, task)
  const golden = { ...task, xml, transitions: readTransitions(transitions, task), forward: readForward(forward, task) }
  checkVersion(source, golden)
  return golden
}

/** The sizes and times of the model that the file was recorded with are those of ours. */
function checkMeta(meta: Record<string, unknown>, xml: string, { model }: RecordedTask): void {
  const { joints, actuators, timestep, frameSkip } = model
  const wanted = { nq: joints.length, nv: joints.length, nu: actuators.length, timestep, frame_skip: frameSkip }
  for (const [name, value] of Object.entries(wanted)) {
    if (meta[name] === value) continue
    throw new Error(
      `meta.${name}: ${JSON.stringify(meta[name])}, but ${xml} has ${value}. The file was recorded with another model: ` +
        `record it with Gymnasium's ${xml}, or correct meta.xml.`,
    )
  }
}

/**
 * Refuses recordings of MuJoCo 3.5.0 and later of models with margins, unless their contacts act at our distance: then
 * they were recorded with margins that add up to it.
 */
function checkVersion(source: unknown, { xml, model, forward }: PlanarGolden): void {
  const version = typeof source === 'string' ? /(\d+)\.(\d+)\.(\d+)/.exec(source)?.slice(1).map(Number) : undefined
  if (!version) {
    throw new Error(
      `meta.source: ${JSON.stringify(source)} names no version of MuJoCo. Write for example "MuJoCo 3.3.8": since 3.5.0 ` +
        'contacts act at other distances.',
    )
  }
  const margins = model.capsules.map(({ margin }) => margin)
  const margin = Math.max(0, model.floor?.margin ?? 0, ...margins)
  const later = version[0] > MARGINS_ADDED[0] || (version[0] === MARGINS_ADDED[0] && version[1] >= MARGINS_ADDED[1])
  if (!later || margin === 0) return
  const contacts = forward.flatMap((entry) => entry.contacts)
  if (contacts.length > 0 && contacts.every(({ im }) => im === margin)) return
  const [found] = contacts.map(({ im }) => im)
  throw new Error(
    `meta.source: ${JSON.stringify(source)}, and ${xml} has geoms with margins: since MuJoCo 3.5.0 the margins of two geoms ` +
      `are summed, so contacts act at ${found ?? 2 * margin} m instead of ${margin} m, and the file contradicts those of earlier ` +
      `versions, such as Hopper-v5.json. The tasks are as published with ${margin} m: record with MuJoCo before 3.5.0, or ` +
      `with margin="${margin / 2}" in ${xml}.`,
  )
}

const COLUMNS = ['q', 'v', 'w', 'a', 'q2', 'v2', 'o'] as const

function readTransitions(given: unknown, { model, obsDim }: RecordedTask): PlanarTransition[] {
  const columns = asObject(given, 'transitions')
  const n = Array.isArray(columns.q) ? columns.q.length : 0
  if (n === 0) throw new Error('transitions.q: no transitions. Give a list with the positions before each step.')
  const [nv, nu] = [model.joints.length, model.actuators.length]
  const widths = { q: nv, v: nv, w: nv, a: nu, q2: nv, v2: nv, o: obsDim }
  const optional = columns.r4 === undefined ? [] : (['r4'] as const)
  const lists = Object.fromEntries(
    [...COLUMNS, 'ep', 'r', 'te', ...optional].map((name) => {
      const list = columns[name]
      if (Array.isArray(list) && list.length === n) return [name, list]
      const found = Array.isArray(list) ? `has ${list.length} entries` : 'is no list'
      throw new Error(`transitions.${name}: ${found}, but transitions.q has ${n}. Give one for each transition.`)
    }),
  )
  return Array.from({ length: n }, (_, i) => {
    const where = (name: string) => `transitions.${name}[${i}]`
    const vectors = COLUMNS.map((name) => [name, numbers(lists[name][i], widths[name], where(name))])
    const scalars = ['ep', 'r', ...optional].map((name) => [name, numbers([lists[name][i]], 1, where(name))[0]])
    const te = lists.te[i]
    if (te !== 0 && te !== 1 && typeof te !== 'boolean') {
      throw new Error(`${where('te')}: ${JSON.stringify(te)} is not 0 or 1: whether the step ended the task.`)
    }
    return { ...Object.fromEntries([...vectors, ...scalars]), te: Number(te) } as unknown as PlanarTransition
  })
}

function readForward(given: unknown, { model }: RecordedTask): PlanarForward[] {
  if (!Array.isArray(given) || given.length === 0) {
    throw new Error('forward: no list of evaluations. Give at least one, with all intermediate quantities.')
  }
  const [nv, nu] = [model.joints.length, model.actuators.length]
  return given.map((value, i) => {
    const at = (name: string) => `forward[${i}].${name}`
    const entry = asObject(value, `forward[${i}]`)
    const count = (name: 'ncon' | 'nefc') => {
      const size = entry[name]
      if (Number.isInteger(size) && (size as number) >= 0) return size as number
      throw new Error(`${at(name)}: ${JSON.stringify(size)} is not a count. Give a whole number, 0 or more.`)
    }
    const [ncon, nefc] = [count('ncon'), count('nefc')]
    const widths = {
      ...{ q: nv, v: nv, ctrl: nu, M: nv * nv, qfrc_bias: nv, qfrc_passive: nv, qfrc_actuator: nv, qacc_smooth: nv },
      ...{ efc_type: nefc, efc_J: nefc * nv, efc_pos: nefc, efc_D: nefc, efc_aref: nefc, efc_force: nefc, qacc: nv },
      xpos: 3 * (model.bodies.length + 1),
    }
    const vectors = Object.entries(widths).map(([name, width]) => [name, numbers(entry[name], width, at(name))])
    return { ...Object.fromEntries(vectors), ncon, nefc, contacts: readContacts(entry.contacts, ncon, at('contacts')) }
  })
}

function readContacts(given: unknown, ncon: number, where: string): PlanarForward['contacts'] {
  if (!Array.isArray(given) || given.length !== ncon) {
    const found = Array.isArray(given) ? `has ${given.length} entries` : 'is no list'
    throw new Error(`${where}: ${found}, but ncon is ${ncon}. Give one for each contact.`)
  }
  return given.map((value, i) => {
    const contact = asObject(value, `${where}[${i}]`)
    const at = (name: string) => `${where}[${i}].${name}`
    const one = (name: string) => numbers([contact[name]], 1, at(name))[0]
    const g = numbers(contact.g, 2, at('g')) as [number, number]
    return {
      g,
      dist: one('dist'),
      pos: numbers(contact.pos, 3, at('pos')),
      dim: one('dim'),
      mu: one('mu'),
      im: one('im'),
    }
  })
}

function asObject(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new Error(`${where}: ${JSON.stringify(value) ?? 'missing'} is no object. Give what a recording has there.`)
}

function numbers(value: unknown, length: number, where: string): number[] {
  if (value === undefined) throw new Error(`${where}: is missing. Give ${length} numbers.`)
  if (!Array.isArray(value)) throw new Error(`${where}: ${JSON.stringify(value)} is no list. Give ${length} numbers.`)
  if (value.length !== length) {
    throw new Error(`${where}: has ${value.length} numbers, not ${length}. Is it of another model than meta.xml says?`)
  }
  const bad = value.findIndex((x) => typeof x !== 'number' || !Number.isFinite(x))
  if (bad >= 0) throw new Error(`${where}[${bad}]: ${JSON.stringify(value[bad])} is not a finite number.`)
  return value
}
