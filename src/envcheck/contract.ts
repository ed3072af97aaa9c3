/**
 * What an environment's WGSL must declare, checked in its source before any GPU call: a compiler would report a missing
 * function at the framework's line that calls it, not at the author's.
 */

import { ConfigError } from '../config/config'
import { actionCount, actionDim, type EnvSpec, hasMask, obsDim } from '../env/contract'
import { type Linked, link } from '../gpu/link'
import { reflectStruct } from '../gpu/reflect'
import { SHADERS } from '../gpu/shaders'
import { takesMask } from '../model/distributions/distribution'
import { distributionFor, distributionOf } from '../model/distributions/table'
import { envSlots } from '../plan/kernels'
import { evaluate } from '../wgsl/constants'
import { type Declaration, type Module, moduleOf } from '../wgsl/module'
import { lineAt, readTokens, type Token, textOf, WgslError } from '../wgsl/tokens'
import { typeText } from '../wgsl/typetext'
import { stateWords } from './state'

/** Parameters and result of every function that the framework calls. */
const FUNCTIONS: Record<string, { parameters: string[]; names: string[]; result: string }> = {
  env_reset: { names: ['rng'], parameters: ['ptr<function, Rng>'], result: 'EnvState' },
  env_step: {
    names: ['state', 'action', 'rng'],
    parameters: ['ptr<function, EnvState>', 'Action', 'ptr<function, Rng>'],
    result: 'StepResult',
  },
  env_observe: { names: ['state'], parameters: ['EnvState'], result: 'array<f32, OBS_DIM>' },
  env_mask: { names: ['state'], parameters: ['EnvState'], result: 'array<u32, ACTION_DIM>' },
  env_shape: { names: ['state', 'i'], parameters: ['EnvState', 'u32'], result: 'Shape' },
  env_polygon: { names: ['state', 'i'], parameters: ['EnvState', 'u32'], result: 'Polygon' },
}

/** The WGSL of an environment with its imports, and the lines of the author's files. */
interface Source {
  spec: EnvSpec
  code: string
  module: Module
  /** `envs/x/x.wgsl:30` */
  placeOf(at: number): string
  /** Whether this place is in the author's own file. */
  isOwn(at: number): boolean
}

function sourceOf(spec: EnvSpec, { code, origin }: Linked): Source {
  const own = new Set([spec.wgslFile, ...Object.values(spec.modules ?? {}).map(({ file }) => file)])
  const originOf = (at: number) => origin[lineAt(code, at) - 1]
  const placeOf = (at: number) => `${originOf(at).file}:${originOf(at).line}`
  return { spec, code, module: moduleOf(code), placeOf, isOwn: (at) => own.has(originOf(at).file) }
}

/**
 * Checks the declarations of `spec` in `linked`, its WGSL with all imports.
 * @throws ConfigError that names file and line, and says what to write.
 */
export function checkContract(spec: EnvSpec, linked: Linked): void {
  const source = sourceOf(spec, linked)
  try {
    checkConstant(source, 'OBS_DIM', obsDim(spec), 'observations has')
    checkConstant(source, 'ACTION_DIM', actionDim(spec), 'actionSpace has')
    checkState(source)
    checkAction(source)
    checkPicture(source)
    const { named } = source.module
    const wanted: Record<string, boolean> = {
      env_shape: named.has('NUM_SHAPES'),
      env_polygon: named.has('NUM_POLYGONS'),
      env_mask: checkMasked(source),
    }
    for (const name of Object.keys(FUNCTIONS)) if (wanted[name] ?? true) checkFunction(source, name)
    checkNoMemory(source)
  } catch (error) {
    if (!(error instanceof WgslError)) throw error
    throw new ConfigError(`${source.placeOf(error.at)}: ${error.message}.`)
  }
}

/** Where the functions of `spec` are declared: `envs/x/x.wgsl:30`, by name. */
export function functionPlaces(spec: EnvSpec): Record<string, string> {
  const { module, placeOf } = sourceOf(spec, link('env', SHADERS, envSlots(spec)))
  const functions = module.declarations.filter(({ kind, name }) => kind === 'fn' && name.startsWith('env_'))
  return Object.fromEntries(functions.map(({ name, at }) => [name, placeOf(at)]))
}

const declaredAs = ({ module }: Source, kind: Declaration['kind'], name: string): Declaration | undefined =>
  module.declarations.find((declared) => declared.kind === kind && declared.name === name)

function checkConstant(source: Source, name: string, wanted: number, says: string): void {
  const { spec, module, placeOf } = source
  const declared = declaredAs(source, 'const', name)
  if (!declared) throw new ConfigError(`${spec.wgslFile}: ${name} is missing. Write: const ${name} = ${wanted}u;`)
  const value = evaluate(module, declared.value)
  if (value === wanted) return
  const written = textOf(declared.value)
  throw new ConfigError(
    `${placeOf(declared.at)}: ${name} is ${written}${/^\d+u?$/.test(written) ? '' : ` = ${value}`}, but the spec's ${says} ` +
      `${wanted} ${name === 'OBS_DIM' ? 'names' : spec.actionSpace.kind === 'box' ? 'dimensions' : 'actions'}. ` +
      `Write const ${name} = ${wanted}u; or change the spec.`,
  )
}

/**
 * Whether the environment has a mask: then its actions are discrete, its twin has one too, and it is in its own file.
 */
function checkMasked(source: Source): boolean {
  const { spec, module, placeOf } = source
  const declared = module.declarations.find(({ kind, name }) => kind === 'fn' && name === 'env_mask')
  if (!declared) {
    if (!spec.twin?.mask) return false
    throw new ConfigError(
      `env.twin.mask: is there, but ${spec.wgslFile} has no env_mask. Declare fn env_mask(state: EnvState) -> array<u32, ACTION_DIM>.`,
    )
  }
  const where = placeOf(declared.at)
  if (!hasMask(spec)) throw new ConfigError(`${where}: env_mask is not in ${spec.wgslFile}. Move it there.`)
  if (!takesMask(distributionOf(distributionFor(spec.actionSpace)))) {
    throw new ConfigError(
      `${where}: env_mask, but a mask cannot forbid actions of the kind ${spec.actionSpace.kind}. Leave it out.`,
    )
  }
  if (spec.twin && !spec.twin.mask) {
    throw new ConfigError(
      `env.twin.mask: is missing, but ${where} has env_mask. Write mask(state, out, offset), 0 or 1.`,
    )
  }
  return true
}

function checkState(source: Source): void {
  const { spec, code, placeOf } = source
  const declared = declaredAs(source, 'struct', 'EnvState') ?? declaredAs(source, 'alias', 'EnvState')
  if (!declared) throw new ConfigError(`${spec.wgslFile}: struct EnvState is missing. Declare all that a step changes.`)
  const fields = reflectStruct(code, 'EnvState').fields.map((field) => field.name)
  for (const angle of spec.angles ?? []) {
    if (!fields.includes(angle)) {
      throw new ConfigError(
        `env.angles: EnvState (${placeOf(declared.at)}) has no field ${JSON.stringify(angle)}. Fields: ${fields.join(', ')}.`,
      )
    }
  }
}

/** What the picture names is a float of the state. */
function checkPicture({ spec, code }: Source): void {
  const { follow, handles = [] } = spec.picture ?? {}
  const wanted = handles.map(({ field }, i): [string, unknown] => [`handles[${i}].field`, field])
  if (follow !== undefined) for (const field of [follow].flat()) wanted.push(['follow', field])
  if (wanted.length === 0) return
  const floats = stateWords(code).flatMap(({ kind, name }) => (kind === 'f32' ? [name] : []))
  for (const [place, field] of wanted) {
    if (floats.includes(field as string)) continue
    throw new ConfigError(
      `env.picture.${place}: EnvState has no float ${JSON.stringify(field)}. Its floats: ${floats.join(', ')}.`,
    )
  }
}

function checkAction(source: Source): void {
  const { spec, module, placeOf } = source
  const { actionSpace: space } = spec
  const n = actionCount(spec)
  const form = {
    discrete: { write: 'u32', types: ['u32', 'i32'], is: `${actionDim(spec)} discrete actions` },
    box: { write: 'array<f32, ACTION_DIM>', types: [`array<f32,${n}>`, `vec${n}f`], is: `a box of ${n}` },
    multi_discrete: { write: `array<u32, ${n}>`, types: [`array<u32,${n}>`], is: `${n} discrete choices` },
  }[space.kind]
  const write = `alias Action = ${form.write};`
  const declared = declaredAs(source, 'alias', 'Action')
  if (!declared) throw new ConfigError(`${spec.wgslFile}: Action is missing. Write: ${write}`)
  if (form.types.includes(typeText(module, declared.type))) return
  throw new ConfigError(
    `${placeOf(declared.at)}: Action is ${textOf(declared.type)}, but the spec's actionSpace is ` +
      `${form.is}. Write: ${write}`,
  )
}

function checkFunction(source: Source, name: string): void {
  const { spec, module, placeOf } = source
  const { parameters, names, result } = FUNCTIONS[name]
  const wanted = `fn ${name}(${parameters.map((type, i) => `${names[i]}: ${type}`).join(', ')}) -> ${result}`
  const declared = declaredAs(source, 'fn', name)
  if (!declared) throw new ConfigError(`${spec.wgslFile}: fn ${name} is missing. Declare: ${wanted}`)
  if (declared.problem) throw declared.problem
  const { members, type } = declared
  const same = (given: readonly Token[], text: string) =>
    typeText(module, given) === typeText(module, readTokens(text).tokens)
  const fits = members.length === parameters.length && members.every(({ type }, i) => same(type, parameters[i]))
  if (fits && same(type, result)) return
  const given = members.map((member) => `${member.name}: ${textOf(member.type)}`).join(', ')
  const found = `fn ${name}(${given})${type.length > 0 ? ` -> ${textOf(type)}` : ''}`
  throw new ConfigError(`${placeOf(declared.at)}: ${found} is not what is called. Declare: ${wanted}`)
}

/** Module-scope variables would be memory besides EnvState: one plan loses it between steps, the other does not. */
function checkNoMemory({ module, isOwn, placeOf }: Source): void {
  for (const { kind, name, space, at } of module.declarations) {
    if (kind !== 'var' || !isOwn(at)) continue
    const what = `var${space.length > 0 ? `<${space.join(', ')}>` : ''} ${name}`
    throw new ConfigError(
      `${placeOf(at)}: ${what} is memory besides EnvState, which no step may rely on: the same state and action would not ` +
        'always give the same result. Put it into EnvState, or make it a const or a local.',
    )
  }
}
