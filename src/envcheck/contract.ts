/**
 * What an environment's WGSL must declare, checked in its source before any GPU call: a compiler would report a missing
 * function at the framework's line that calls it, not at the author's.
 */

import { ConfigError } from '../config/config'
import { actionCount, actionDim, type EnvSpec, hasMask, isPacked, obsDim } from '../env/contract'
import type { Linked } from '../gpu/link'
import { camel, reflectStruct } from '../gpu/reflect'
import { takesMask } from '../model/distributions/distribution'
import { distributionFor, distributionOf } from '../model/distributions/table'
import { suggest } from '../options/suggest'
import { snake } from '../plan/params'
import { evaluate } from '../wgsl/constants'
import type { Declaration } from '../wgsl/module'
import { readTokens, type Token, textOf, WgslError } from '../wgsl/tokens'
import { typeText } from '../wgsl/typetext'
import { saysActions } from './actions'
import { notCalled } from './observation'
import { checkDrawing } from './picture'
import { says as inWords, type Source, sourceOf } from './source'

/** What ACTION_DIM counts. */
const ACTIONS = { discrete: 'actions', box: 'dimensions', multi_discrete: 'actions in all parts' }

interface Called {
  parameters: string[]
  names: string[]
  /** So many parameters must be there; left out: all. */
  required?: number
  result: string
}

/** Parameters and result of every function that the framework calls. */
const FUNCTIONS: Record<string, Called> = {
  env_reset: {
    names: ['rng', 'previous'],
    parameters: ['ptr<function, Rng>', 'EnvState'],
    required: 1,
    result: 'EnvState',
  },
  env_step: {
    names: ['state', 'action', 'rng'],
    parameters: ['ptr<function, EnvState>', 'Action', 'ptr<function, Rng>'],
    result: 'StepResult',
  },
  env_observe: { names: ['state'], parameters: ['EnvState'], result: 'array<f32, OBS_DIM>' },
  env_observe_word: { names: ['state', 'i'], parameters: ['EnvState', 'u32'], result: 'u32' },
  env_privileged: { names: ['state'], parameters: ['EnvState'], result: 'array<f32, PRIVILEGED_DIM>' },
  env_mask: { names: ['state'], parameters: ['EnvState'], result: 'array<u32, ACTION_DIM>' },
  env_shape: { names: ['state', 'i'], parameters: ['EnvState', 'u32'], result: 'Shape' },
  env_polygon: { names: ['state', 'i'], parameters: ['EnvState', 'u32'], result: 'Polygon' },
}

/**
 * Checks the declarations of `spec` in `linked`, its WGSL with all imports.
 * @throws ConfigError that names file and line, and says what to write.
 */
export function checkContract(spec: EnvSpec, linked: Linked): void {
  const source = sourceOf(spec, linked)
  try {
    const { observation } = spec
    const observed = observation
      ? `observation.shape ${observation.shape.join(' x ')} has ${obsDim(spec)} entries`
      : `observations has ${obsDim(spec)} names`
    checkConstant(source, 'OBS_DIM', obsDim(spec), observed, observation ? 'observation.shape' : 'observations')
    checkConstant(
      source,
      'ACTION_DIM',
      actionDim(spec),
      `actionSpace has ${actionDim(spec)} ${ACTIONS[spec.actionSpace.kind]}: ${saysActions(spec.actionSpace)}`,
      'actionSpace',
    )
    checkState(source)
    checkAction(source)
    checkDrawing(source)
    const { named } = source.module
    const wanted: Record<string, boolean> = {
      env_shape: named.has('NUM_SHAPES'),
      env_polygon: named.has('NUM_POLYGONS'),
      env_mask: checkMasked(source),
      env_privileged: checkPrivileged(source),
      env_observe: !isPacked(spec),
      env_observe_word: isPacked(spec),
    }
    checkNotCalled(source)
    for (const name of Object.keys(FUNCTIONS)) if (wanted[name] ?? true) checkFunction(source, name)
    checkNoMemory(source)
    checkParamUses(source)
    if (isPacked(spec)) checkWordParams(source)
  } catch (error) {
    if (!(error instanceof WgslError)) throw error
    throw new ConfigError(`${source.placeOf(error.at)}: ${error.message}.`)
  }
}

/** Where the functions of `spec` are declared: `envs/x/x.wgsl:30`, by name. */
export function functionPlaces(spec: EnvSpec): Record<string, string> {
  const { module, placeOf } = sourceOf(spec)
  const functions = module.declarations.filter(({ kind, name }) => kind === 'fn' && name.startsWith('env_'))
  return Object.fromEntries(functions.map(({ name, at }) => [name, placeOf(at)]))
}

const declaredAs = ({ module }: Source, kind: Declaration['kind'], name: string): Declaration | undefined =>
  module.declarations.find((declared) => declared.kind === kind && declared.name === name)

/** @param says What the spec says, and with which value; `field`: where it says so. */
function checkConstant(source: Source, name: string, wanted: number, says: string, field: string): void {
  const { spec, module, placeOf } = source
  const declared = declaredAs(source, 'const', name)
  if (!declared) throw new ConfigError(`${spec.wgslFile}: ${name} is missing. Write: const ${name} = ${wanted}u;`)
  if (evaluate(module, declared.value) === wanted) return
  throw new ConfigError(
    `${placeOf(declared.at)}: ${name} is ${inWords(module, declared.value)}, but the spec's ${says}. Write const ` +
      `${name} = ${wanted}u; or change ${field} in the spec.`,
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

/** Whether the spec has privileged entries: then WGSL and twin have them too, else neither. */
function checkPrivileged(source: Source): boolean {
  const { spec, placeOf } = source
  const { privileged, twin } = spec
  if (privileged) {
    checkConstant(
      source,
      'PRIVILEGED_DIM',
      privileged.length,
      `privileged has ${privileged.length} names`,
      'privileged',
    )
    if (!twin || twin.privileged) return true
    throw new ConfigError(
      `env.twin.privileged: is missing, but the spec's privileged has ${privileged.length} names. Write privileged(state, out, offset).`,
    )
  }
  const declared = declaredAs(source, 'fn', 'env_privileged')
  const name = declared ? `${placeOf(declared.at)}: env_privileged` : 'env.twin.privileged:'
  if (!declared && !twin?.privileged) return false
  throw new ConfigError(`${name} is not called: the spec has no privileged. Name its entries there, or leave it out.`)
}

function checkState(source: Source): void {
  const { spec, code, placeOf } = source
  const declared = declaredAs(source, 'struct', 'EnvState') ?? declaredAs(source, 'alias', 'EnvState')
  if (!declared) throw new ConfigError(`${spec.wgslFile}: struct EnvState is missing. Declare all that a step changes.`)
  const fields = reflectStruct(code, 'EnvState').fields.map((field) => field.name)
  for (const angle of spec.angles ?? []) {
    if (!fields.includes(angle)) {
      throw new ConfigError(
        `env.angles: EnvState (${placeOf(declared.at)}) has no field ${JSON.stringify(angle)}${suggest(angle, fields)}. Fields: ${fields.join(', ')}.`,
      )
    }
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
      `${form.is}. Write ${write} or change actionSpace in the spec.`,
  )
}

/** The function of the other storage would not be called. */
function checkNotCalled(source: Source): void {
  const { name, why } = notCalled(source.spec)
  const declared = declaredAs(source, 'fn', name)
  if (declared) throw new ConfigError(`${source.placeOf(declared.at)}: ${name} is not called: ${why}.`)
}

function checkFunction(source: Source, name: string): void {
  const { spec, module, placeOf } = source
  const { parameters, names, required = parameters.length, result } = FUNCTIONS[name]
  const form = (n: number) => {
    const list = parameters.slice(0, n).map((type, i) => `${names[i]}: ${type}`)
    return `fn ${name}(${list.join(', ')}) -> ${result}`
  }
  const wanted = required < parameters.length ? `${form(required)}, or ${form(parameters.length)}` : form(required)
  const declared = declaredAs(source, 'fn', name)
  if (!declared) throw new ConfigError(`${spec.wgslFile}: fn ${name} is missing. Declare: ${wanted}`)
  if (declared.problem) throw declared.problem
  const { members, type } = declared
  const same = (given: readonly Token[], text: string) =>
    typeText(module, given) === typeText(module, readTokens(text).tokens)
  const given = members.length
  const counts = given >= required && given <= parameters.length
  const fits = counts && members.every(({ type }, i) => same(type, parameters[i]))
  if (fits && same(type, result)) return
  const written = members.map((member) => `${member.name}: ${textOf(member.type)}`).join(', ')
  const found = `fn ${name}(${written})${type.length > 0 ? ` -> ${textOf(type)}` : ''}`
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

/**
 * `env_observe_word` runs after the step, when the parameters of an episode that has ended are not known any more: it may
 * not read `params`, nor may a function that it calls.
 */
function checkWordParams({ spec, code, placeOf }: Source): void {
  const { tokens } = readTokens(code)
  /** The tokens of the body of function `name`. */
  const bodyOf = (name: string): Token[] => {
    const start = tokens.findIndex(({ text }, i) => text === name && tokens[i - 1]?.text === 'fn')
    const open = start < 0 ? -1 : tokens.findIndex(({ text }, i) => i > start && text === '{')
    if (open < 0) return []
    let depth = 0
    const end = tokens.findIndex(({ text }, i) => {
      if (i >= open) depth += text === '{' ? 1 : text === '}' ? -1 : 0
      return i > open && depth === 0
    })
    return tokens.slice(open + 1, end)
  }
  const isCall = (body: Token[], i: number): boolean => body[i].kind === 'name' && body[i + 1]?.text === '('
  const seen = new Set(['env_observe_word'])
  for (const name of seen) {
    const body = bodyOf(name)
    const read = body.find(({ text }, i) => text === 'params' && body[i + 1]?.text === '.' && body[i - 1]?.text !== '.')
    if (read && spec.params) {
      const by = name === 'env_observe_word' ? name : `${name}, which env_observe_word calls,`
      throw new ConfigError(
        `${placeOf(read.at)}: ${by} reads params, which are not known where words are made. Keep what it needs in EnvState, ` +
          'as env_reset finds it in params.',
      )
    }
    body.forEach(({ text }, i) => {
      if (isCall(body, i)) seen.add(text)
    })
  }
}

/** Whatever the WGSL reads of `params` is a parameter of the spec. */
function checkParamUses({ spec, code, isOwn, placeOf }: Source): void {
  const { tokens } = readTokens(code)
  const known = Object.keys(spec.params ?? {}).map(snake)
  const own = tokens.flatMap(({ text, at }, i) => (text === 'params' && isOwn(at) ? [i] : []))
  const follows = (i: number, text: string) => tokens[i + 1]?.text === text
  // A local of that name is the author's.
  if (own.some((i) => ['let', 'var', 'const'].includes(tokens[i - 1].text) || follows(i, ':'))) return
  for (const i of own) {
    const [field] = tokens.slice(i + 2)
    if (tokens[i - 1].text === '.' || !follows(i, '.') || !field || known.includes(field.text)) continue
    const has = known.length > 0 ? `It has ${known.join(', ')}` : 'It has none'
    throw new ConfigError(
      `${placeOf(field.at)}: params.${field.text} is read, but the spec's params have no ${camel(field.text)}` +
        `${suggest(field.text, known)}. ${has}: add it there, or leave it out here.`,
    )
  }
}
