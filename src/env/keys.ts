/** The fields that a description of an environment has, at every level; any other is an error. */
import { ConfigError } from '../options/errors'
import { suggest } from '../options/suggest'

/** What has fields, and which. */
interface Level {
  /** As in `an EnvSpec`. */
  name: string
  fields: readonly string[]
  /** What to do instead of fields that others have, or that one would expect here. */
  instead?: Readonly<Record<string, string>>
}

const MASK = 'a mask is fn env_mask in the WGSL, and mask of the twin'

export const SPEC: Level = {
  name: 'an EnvSpec',
  fields: [
    ...[
      'id',
      'observations',
      'observation',
      'privileged',
      'actionSpace',
      'actions',
      'maxEpisodeSteps',
      'rewardThreshold',
      'published',
    ],
    ...['angles', 'tolerance', 'params', 'preset', 'wgsl', 'wgslFile', 'modules', 'picture', 'twin'],
  ],
  instead: {
    actionmask: MASK,
    actionmasks: MASK,
    mask: MASK,
    name: 'did you mean "id"?',
    observationspace: 'did you mean "observations", a list of names, or "observation", a grid?',
    storage: 'it belongs into "observation"',
    privilegedobservations: 'did you mean "privileged"?',
    criticobservations: 'did you mean "privileged"?',
    obsdim: 'the length of "observations" says it',
    actiondim: '"actionSpace" says it',
    timelimit: 'did you mean "maxEpisodeSteps"?',
    options: 'did you mean "preset"?',
    config: 'did you mean "preset"?',
    handles: 'it belongs into "picture"',
    frame: 'it belongs into "picture"',
    fps: 'it belongs into "picture"',
  },
}

const ACTION_SPACES: Record<string, readonly string[]> = {
  discrete: ['kind', 'n'],
  box: ['kind', 'low', 'high'],
  multi_discrete: ['kind', 'nvec'],
}
const GRID: Level = { name: 'a grid', fields: ['shape', 'storage'] }
const PUBLISHED: Level = { name: 'a published result', fields: ['score', 'label'] }
const NUMBER_PARAM: Level = { name: 'a parameter', fields: ['default', 'min', 'max', 'unit', 'help', 'inexact'] }
const BOOLEAN_PARAM: Level = { name: 'a parameter that is true or false', fields: ['default', 'help', 'inexact'] }
const PICTURE: Level = { name: 'a picture', fields: ['frame', 'fps', 'follow', 'handles'] }
const HANDLE: Level = { name: 'a handle', fields: ['field', 'label', 'min', 'max'] }
const MODULE: Level = { name: 'a module', fields: ['file', 'source', 'numbers'] }
const TWIN = ['reset', 'step', 'observe', 'mask', 'privileged']

/** The fields of `value`; none of anything that is not an object: what reads it reports that. */
const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : []

/**
 * Checks the names of all fields of `spec`, which may be anything; values are not checked.
 * @throws ConfigError that names each unknown field of the first level that has one, and what may be meant.
 */
export function checkKeys(spec: unknown): void {
  check('env', spec, SPEC)
  const { observation, actionSpace, published, params, picture, modules, twin } = spec as Record<string, unknown>
  check('env.observation', observation, GRID)
  const kind = (actionSpace as { kind?: unknown } | undefined)?.kind
  if (typeof kind === 'string' && Object.hasOwn(ACTION_SPACES, kind)) {
    check('env.actionSpace', actionSpace, { name: `the action space ${kind}`, fields: ACTION_SPACES[kind] })
  }
  check('env.published', published, PUBLISHED)
  for (const [name, param] of entriesOf(params)) {
    const isFlag = typeof (param as { default?: unknown } | null)?.default === 'boolean'
    check(`env.params.${name}`, param, isFlag ? BOOLEAN_PARAM : NUMBER_PARAM)
  }
  check('env.picture', picture, PICTURE)
  const handles = (picture as { handles?: unknown } | null | undefined)?.handles
  for (const [i, handle] of entriesOf(handles)) check(`env.picture.handles[${i}]`, handle, HANDLE)
  for (const [name, module] of entriesOf(modules)) check(`env.modules[${JSON.stringify(name)}]`, module, MODULE)
  checkTwinNames(twin)
}

function check(path: string, value: unknown, { name, fields, instead = {} }: Level): void {
  if (Array.isArray(value)) return
  // As with options, undefined is as good as left out.
  const unknown = entriesOf(value).flatMap(([key, given]) => (fields.includes(key) || given === undefined ? [] : [key]))
  if (unknown.length === 0) return
  const told = unknown.map((key) => {
    const plain = key.toLowerCase().replace(/[-_\s]/g, '')
    const hint = Object.hasOwn(instead, plain) ? ` (${instead[plain]})` : suggest(key, fields)
    return `${JSON.stringify(key)}${hint}`
  })
  const place = unknown.length === 1 ? `${path}.${unknown[0]}` : path
  throw new ConfigError(
    `${place}: ${name} has no field${unknown.length === 1 ? '' : 's'} ${told.join(', ')}. Fields: ${fields.join(', ')}.`,
  )
}

/** A twin may have more of its own, but a function whose name is nearly one that is called is a slip. */
function checkTwinNames(twin: unknown): void {
  for (const [key, value] of entriesOf(twin)) {
    const hint = TWIN.includes(key) || typeof value !== 'function' ? '' : suggest(key, TWIN)
    // Only where the function that is probably meant is missing.
    const meant = /"(\w+)"/.exec(hint)?.[1]
    if (!meant || typeof (twin as Record<string, unknown>)[meant] === 'function') continue
    throw new ConfigError(`env.twin.${key}: nothing calls it${hint}. Called are: ${TWIN.join(', ')}.`)
  }
}
