/**
 * What an environment's WGSL must declare, read from its source before any GPU sees it: a compiler would report a missing
 * function at the framework's line that calls it, not at the author's.
 */
import { actionDim, type EnvSpec, obsDim } from '../../envs/env'
import { ConfigError } from '../config'
import { type Linked, link } from '../gpu/link'
import { reflectStruct } from '../gpu/reflect'
import { envSlots } from '../kernels'
import { SHADERS } from '../shaders'

/** Parameters and result of every function that the framework calls. */
const FUNCTIONS: Record<string, { parameters: string[]; names: string[]; result: string }> = {
  env_reset: { names: ['rng'], parameters: ['ptr<function, Rng>'], result: 'EnvState' },
  env_step: {
    names: ['state', 'action', 'rng'],
    parameters: ['ptr<function, EnvState>', 'Action', 'ptr<function, Rng>'],
    result: 'StepResult',
  },
  env_observe: { names: ['state'], parameters: ['EnvState'], result: 'array<f32, OBS_DIM>' },
  env_shape: { names: ['state', 'i'], parameters: ['EnvState', 'u32'], result: 'Shape' },
}

/** Comments as spaces, so that places stay where they are. */
const blankComments = (code: string): string =>
  code.replace(/\/\/.*$|\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, ' '))

/**
 * Checks the declarations of `spec` in `linked`, which is its WGSL with all that it imports.
 * @throws ConfigError that names file, line and what to write.
 */
export function checkContract(spec: EnvSpec, linked: Linked): void {
  const code = blankComments(linked.code)
  const own = new Set([spec.wgslFile, ...Object.values(spec.modules ?? {}).map(({ file }) => file)])
  const fileAt = (index: number): { file: string; line: number } =>
    linked.origin[code.slice(0, index).split('\n').length - 1]
  const placeOf = (index: number): string => `${fileAt(index).file}:${fileAt(index).line}`

  checkConstant(spec, code, placeOf, 'OBS_DIM', obsDim(spec), 'observations has')
  checkConstant(spec, code, placeOf, 'ACTION_DIM', actionDim(spec), 'actionSpace has')
  checkState(spec, linked.code, code, placeOf)
  checkAction(spec, code, placeOf)
  for (const name of Object.keys(FUNCTIONS)) {
    const drawn = /\bconst\s+NUM_SHAPES\b/.test(code)
    if (name !== 'env_shape' || drawn) checkFunction(spec, code, placeOf, name)
  }
  checkNoMemory(code, (index) => own.has(fileAt(index).file), placeOf)
}

/** Where the functions of `spec` are declared: `envs/x/x.wgsl:30`, by name. */
export function functionPlaces(spec: EnvSpec): Record<string, string> {
  const { code, origin } = link('env', SHADERS, envSlots(spec))
  const places: Record<string, string> = {}
  code.split('\n').forEach((line, i) => {
    const name = /^\s*fn\s+(env_\w+)/.exec(line)?.[1]
    if (name !== undefined) places[name] = `${origin[i].file}:${origin[i].line}`
  })
  return places
}

type PlaceOf = (index: number) => string

function checkConstant(
  spec: EnvSpec,
  code: string,
  placeOf: PlaceOf,
  name: string,
  wanted: number,
  says: string,
): void {
  const match = new RegExp(`\\bconst\\s+${name}\\s*(?::\\s*u32\\s*)?=\\s*([^;]*);`).exec(code)
  if (!match) throw new ConfigError(`${spec.wgslFile}: ${name} is missing. Write: const ${name} = ${wanted}u;`)
  const value = /^\d+u?$/.test(match[1].trim()) ? Number.parseInt(match[1], 10) : Number.NaN
  if (value === wanted) return
  throw new ConfigError(
    `${placeOf(match.index)}: ${name} is ${match[1].trim()}, but the spec's ${says} ${wanted} ` +
      `${name === 'OBS_DIM' ? 'names' : spec.actionSpace.kind === 'discrete' ? 'actions' : 'dimensions'}. ` +
      `Write const ${name} = ${wanted}u; or change the spec.`,
  )
}

function checkState(spec: EnvSpec, source: string, code: string, placeOf: PlaceOf): void {
  const match = /\bstruct\s+EnvState\b/.exec(code)
  if (!match) throw new ConfigError(`${spec.wgslFile}: struct EnvState is missing. Declare all that a step changes.`)
  let fields: string[]
  try {
    fields = reflectStruct(source, 'EnvState').fields.map((field) => field.name)
  } catch (error) {
    throw new ConfigError(
      `${placeOf(match.index)}: EnvState: ${(error as Error).message}. Use f32, i32 and u32, vectors, arrays and ` +
        'structs of them (u32 for a flag).',
    )
  }
  if (fields.length === 0) throw new ConfigError(`${placeOf(match.index)}: EnvState has no fields. Give it one.`)
  for (const angle of spec.angles ?? []) {
    if (!fields.includes(angle)) {
      throw new ConfigError(
        `env.angles: EnvState (${placeOf(match.index)}) has no field ${JSON.stringify(angle)}. Fields: ${fields.join(', ')}.`,
      )
    }
  }
}

function checkAction(spec: EnvSpec, code: string, placeOf: PlaceOf): void {
  const discrete = spec.actionSpace.kind === 'discrete'
  const write = `alias Action = ${discrete ? 'u32' : 'array<f32, ACTION_DIM>'};`
  const match = /\balias\s+Action\s*=\s*([^;]+);/.exec(code)
  if (!match) throw new ConfigError(`${spec.wgslFile}: Action is missing. Write: ${write}`)
  const type = plainType(match[1], code)
  const n = actionDim(spec)
  if ((discrete ? ['u32', 'i32'] : [`array<f32,${n}>`, `vec${n}f`]).includes(type)) return
  throw new ConfigError(
    `${placeOf(match.index)}: Action is ${match[1].trim()}, but the spec's actionSpace is ` +
      `${discrete ? `${n} discrete actions` : `a box of ${n}`}. Write: ${write}`,
  )
}

function checkFunction(spec: EnvSpec, code: string, placeOf: PlaceOf, name: string): void {
  const { parameters, names, result } = FUNCTIONS[name]
  const wanted = `fn ${name}(${parameters.map((type, i) => `${names[i]}: ${type}`).join(', ')}) -> ${result}`
  const match = new RegExp(`\\bfn\\s+${name}\\s*\\(([^)]*)\\)\\s*(?:->\\s*([^{]+))?\\{`).exec(code)
  if (!match) throw new ConfigError(`${spec.wgslFile}: fn ${name} is missing. Declare: ${wanted}`)
  const given = splitParameters(match[1]).map((parameter) => parameter.replace(/^[^:]*:/, ''))
  const same = (a: string, b: string): boolean => plainType(a, code) === plainType(b, code)
  if (given.length === parameters.length && given.every((type, i) => same(type, parameters[i]))) {
    if (same(match[2] ?? '', result)) return
  }
  const found = match[0].slice(0, -1).replace(/\s+/g, ' ').trim()
  throw new ConfigError(`${placeOf(match.index)}: ${found} is not what is called. Declare: ${wanted}`)
}

/** At the commas that stand in no brackets. */
function splitParameters(text: string): string[] {
  const parts = ['']
  let depth = 0
  for (const c of text) {
    depth += c === '<' ? 1 : c === '>' ? -1 : 0
    if (c === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += c
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

/** A type without aliases, named constants and spaces: `array<f32,4>`, `vec2f`. */
function plainType(type: string, code: string, depth = 0): string {
  const replaced = type.replace(/[A-Za-z_]\w*/g, (name) => {
    const alias = new RegExp(`\\balias\\s+${name}\\s*=\\s*([^;]+);`).exec(code)?.[1]
    if (alias !== undefined && depth < 8) return plainType(alias, code, depth + 1)
    return new RegExp(`\\bconst\\s+${name}\\s*(?::\\s*\\w+\\s*)?=\\s*(\\d+)[ui]?\\s*;`).exec(code)?.[1] ?? name
  })
  return replaced
    .replace(/\s+/g, '')
    .replace(/\b(\d+)[ui]\b/g, '$1')
    .replace(/\bvec(\d)<([fiu])32>/g, 'vec$1$2')
}

/** Module-scope variables would be memory besides EnvState: one plan forgets it between steps, the other keeps it. */
function checkNoMemory(code: string, isOwn: (index: number) => boolean, placeOf: PlaceOf): void {
  let depth = 0
  for (const match of code.matchAll(/[{}]|\bvar\s*(?:<[^>]*>)?\s*\w+/g)) {
    if (match[0] === '{') depth++
    else if (match[0] === '}') depth--
    else if (depth === 0 && isOwn(match.index)) {
      throw new ConfigError(
        `${placeOf(match.index)}: ${match[0]} is memory besides EnvState, which no step may rely on: the same state and ` +
          'action would not always give the same result. Put it into EnvState, or make it a const or a local.',
      )
    }
  }
}
