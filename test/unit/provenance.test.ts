/** What a policy file says of where it comes from: its environment, and how it was trained. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ENVS, findEnv } from '../../envs/registry'
import { pointMass } from '../../examples/pointmass/spec'
import { withoutComments } from '../../harness/vite/barewgsl.js'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import type { AnyEnvSpec } from '../../src/env/contract'
import { sourceHash } from '../../src/env/source'
import { readSafetensors, writeSafetensors } from '../../src/files/safetensors'
import { layoutNetwork, networkShape } from '../../src/model/network'
import { environmentOf, otherSource } from '../../src/policy/environment'
import { loadPolicy, policyFile } from '../../src/policy/policyfile'
import { emptyCheckpoint } from '../support/checkpoint'
import { choiceEnv } from '../support/choice_env'

const config = (spec: AnyEnvSpec, options: PpoOptions = {}) =>
  resolveConfig(spec.preset, { hidden: [4], seed: 7, ...options }, spec)
const CHOICE = choiceEnv()
const ORIGIN = { library: '0.3.0', adapter: 'an adapter (software)', seed: 7, steps: 4096, score: -3.25 }

/** A file of a policy whose outputs are `10 * (-1) ** i`, whatever it sees. */
function fileOf(spec: AnyEnvSpec, options: PpoOptions = {}): Uint8Array {
  const shape = networkShape(spec, config(spec, options))
  const layout = layoutNetwork(shape)
  const params = new Float32Array(layout.paramStride)
  const last = layout.actor.at(-1) as { bias: number }
  for (let i = 0; i < shape.actionDim; i++) params[last.bias + i] = 10 * (-1) ** i
  return policyFile(spec, shape, params, null, null, { ...ORIGIN, config: config(spec, options) })
}
/** The file with other metadata; undefined removes a key. */
function changed(bytes: Uint8Array, metadata: Record<string, string | undefined>): Uint8Array {
  const read = readSafetensors(bytes)
  const all = Object.entries({ ...read.metadata, ...metadata }).filter(([, text]) => text !== undefined)
  const tensors = [...read.tensors].map(([name, { shape, data }]) => ({ name, shape, data }))
  return writeSafetensors(tensors, Object.fromEntries(all) as Record<string, string>)
}

describe('the file of a policy', () => {
  test.each([pointMass, findEnv('CartPole-v1'), CHOICE])('says all of its environment and training: $id', (spec) => {
    const policy = loadPolicy(fileOf(spec))
    const { observations, actionSpace, actions, maxEpisodeSteps, rewardThreshold } = spec
    const source = sourceHash(spec)
    const facts = { observations, actionSpace, actions, maxEpisodeSteps, rewardThreshold, source }
    expect(policy.environment).toEqual(facts)
    expect(policy.origin).toEqual({ ...ORIGIN, config: config(spec) })
  })

  test('bounds the actions of a box, and names what it takes', () => {
    const policy = loadPolicy(fileOf(pointMass))
    expect(policy.act([0, 0, 0, 0])).toEqual([1, -1])
    expect(policy.sample([0, 0, 0, 0], () => 0.5)).toEqual([1, -1])
    expect(policy.outputs([0, 0, 0, 0])).toEqual([10, -10])
    expect(() => policy.act([0])).toThrow(
      'obs: 1 numbers, but this policy takes 4: x, y, velocity along x, velocity along y.',
    )
    expect(() => policy.act([0, 0, Number.NaN, 0])).toThrow('obs[2] (velocity along x): NaN is not a finite number.')
  })

  test('of before 0.3.0 loads, and lacks both', () => {
    const old = loadPolicy(readFileSync(new URL('../old/0.2.0/layered-policy.safetensors', import.meta.url)))
    expect(old).toMatchObject({ env: 'Pendulum-v1', environment: null, origin: null })
    const without = changed(fileOf(pointMass), { environment: undefined, origin: undefined, config: undefined })
    const policy = loadPolicy(without)
    expect(policy).toMatchObject({ environment: null, origin: null })
    expect(policy.act([0, 0, 0, 0])).toEqual([10, -10])
    expect(() => policy.act([0])).toThrow('obs: 1 numbers, but this policy takes 4.')
  })

  test('in a checkpoint says the same, of each agent', () => {
    const bytes = emptyCheckpoint(3, 0, { numAgents: 2 })
    const policy = loadPolicy(bytes, 1)
    expect(policy.environment).toEqual(environmentOf(findEnv('CartPole-v1')))
    const { config: options, ...origin } = policy.origin!
    expect(origin).toEqual({ library: '0.1.0', adapter: 'none', seed: 0, steps: 3 * 32, score: null })
    expect(options).toMatchObject({ numAgents: 2, numEnvs: 4 })
    expect(() => loadPolicy(changed(bytes, { origin: '{"steps":-1}' }))).toThrow('policy: metadata.origin.steps: -1')
  })

  test('says null for what its writer did not know, and holds as many names as fit', () => {
    const { id } = pointMass
    const shape = networkShape(pointMass, config(pointMass))
    const params = new Float32Array(layoutNetwork(shape).paramStride)
    const few = loadPolicy(policyFile({ id }, shape, params, null, null, { seed: 3 }))
    expect(few.environment).toBeNull()
    expect(few.origin).toEqual({ library: null, adapter: null, seed: 3, steps: null, score: null, config: null })
    const many = Array.from({ length: 30_000 }, (_, i) => `pixel ${i}`)
    const picture = { ...pointMass, observations: many }
    const policy = loadPolicy(fileOf(picture, { hidden: [1] }))
    expect(policy.environment).toMatchObject({ observations: null, actions: pointMass.actions })
    expect(policy.shape.obsDim).toBe(30_000)
    const some = { ...pointMass, observations: many.slice(0, 7056) }
    expect(loadPolicy(fileOf(some, { hidden: [1] })).environment?.observations).toHaveLength(7056)
  })
})

describe('broken metadata is refused by the name of its field', () => {
  const box = fileOf(pointMass)
  const environment = environmentOf(pointMass)
  const of = (fields: object) => ({ environment: JSON.stringify({ ...environment, ...fields }) })
  const from = (fields: object) => ({ origin: JSON.stringify({ ...ORIGIN, ...fields }) })
  const space = (fields: object) => of({ actionSpace: { ...pointMass.actionSpace, ...fields } })
  test.each<[string, Record<string, string>, string]>([
    ['no JSON', { environment: '{' }, 'environment: "{" is not JSON ('],
    ['a list', { environment: '[]' }, 'environment: [] is not an object.'],
    ['fewer names', of({ observations: ['x'] }), 'environment.observations: ["x"] is not a list of 4 names, or null.'],
    ['a number', of({ observations: ['x', 'y', 3, 'z'] }), 'environment.observations: ["x","y",3,"z"] is not a list'],
    ['no space', of({ actionSpace: undefined }), 'environment.actionSpace: nothing is not the space of a gaussian'],
    ['another kind', space({ kind: 'discrete', n: 2 }), 'environment.actionSpace: {"kind":"discrete"'],
    ['one bound', space({ low: [-1] }), 'environment.actionSpace: {"kind":"box","low":[-1]'],
    ['no bound', space({ low: [-1, null] }), 'environment.actionSpace: {"kind":"box","low":[-1,null]'],
    ['a text', space({ high: [1, '2'] }), 'environment.actionSpace: {"kind":"box","low":[-1,-1],"high":[1,"2"]}'],
    ['turned bounds', space({ low: [-1, 2] }), 'environment.actionSpace: {"kind":"box","low":[-1,2]'],
    ['more in it', space({ n: 2 }), 'environment.actionSpace: {"kind":"box"'],
    [
      'names of actions',
      of({ actions: [['a'], ['b']] }),
      'environment.actions: [["a"],["b"]] is not a list of 2 names',
    ],
    ['no steps', of({ maxEpisodeSteps: 0 }), 'environment.maxEpisodeSteps: 0 is not a whole number from 1, or null.'],
    ['a threshold', of({ rewardThreshold: 'high' }), 'environment.rewardThreshold: "high" is not a number, or null.'],
    ['no hash', of({ source: 'ABC' }), 'environment.source: "ABC" is not 64 hexadecimal digits.'],
    ['more', of({ wgsl: 'fn main() {}' }), 'environment.wgsl: the field is not known.'],
    ['a prototype', { origin: '{"__proto__":{"seed":1}}' }, 'origin.__proto__: the field is not known.'],
    ['a seed', from({ seed: -1 }), 'origin.seed: -1 is not a whole number from 0, or null.'],
    ['steps', from({ steps: '4096' }), 'origin.steps: "4096" is not a whole number from 0, or null.'],
    ['a score', from({ score: '500' }), 'origin.score: "500" is not a number, or null.'],
    ['a library', from({ library: 3 }), 'origin.library: 3 is not a version of one line, or null.'],
    ['lines', from({ adapter: 'x\nerror: y' }), 'origin.adapter: "x\\nerror: y" is not a name of one line, or null.'],
    ['of checkpoints', from({ seconds: 3 }), 'origin.seconds: the field is not known.'],
    ['a config', { config: '3' }, 'config: 3 is not an object.'],
  ])('%s', (_, metadata, message) => {
    expect(() => loadPolicy(changed(box, metadata))).toThrow(`policy: metadata.${message}`)
  })

  test('spaces that other distributions cannot have', () => {
    const cartPole = findEnv('CartPole-v1')
    const wrong = (spec: AnyEnvSpec, actionSpace: object) =>
      changed(fileOf(spec), { environment: JSON.stringify({ ...environmentOf(spec), actionSpace }) })
    expect(() => loadPolicy(wrong(cartPole, { kind: 'discrete', n: 3 }))).toThrow(
      'policy: metadata.environment.actionSpace: {"kind":"discrete","n":3} is not the space of a categorical policy of 2',
    )
    expect(() => loadPolicy(wrong(CHOICE, { kind: 'multi_discrete', nvec: [1] }))).toThrow('actionSpace: {"kind":"mu')
    // A message shows 200 characters; the comparison takes all of it.
    const nvec = Array<number>(119).fill(2)
    const space = (parts: number[]) => ({ kind: 'multi_discrete' as const, nvec: [...nvec, ...parts] })
    const actions = [...nvec, 3, 2].map((n) => Array.from({ length: n }, (_, i) => `${i}`))
    const long = fileOf({ ...CHOICE, actionSpace: space([3, 2]), actions } as AnyEnvSpec)
    const { environment } = readSafetensors(long).metadata
    const other = { ...JSON.parse(environment), actions: null, actionSpace: space([2, 3]) }
    expect(() => loadPolicy(changed(long, { environment: JSON.stringify(other) }))).toThrow('actionSpace')
    expect(() => loadPolicy(wrong(CHOICE, CHOICE.actionSpace))).not.toThrow()
  })
})

describe('the hash of an environment', () => {
  const hash = sourceHash(pointMass)
  test('is of all that decides how it behaves', () => {
    const behaves: Partial<AnyEnvSpec>[] = [
      { wgsl: pointMass.wgsl.replace(/0\.\d/, '0.25') },
      { maxEpisodeSteps: 101 },
      { actionSpace: { kind: 'box', low: [-1, -1], high: [1, 2] } },
      { params: { wind: { default: 1, min: 0, max: 2, help: 'Wind.' } } },
      { modules: { a: { file: 'a.wgsl', source: 'const A = 1;' } } },
    ]
    const hashes = behaves.map((change) => sourceHash({ ...pointMass, ...change }))
    expect(new Set([hash, ...hashes]).size).toBe(1 + behaves.length)
    const one = { ...pointMass, modules: { a: { file: 'a', source: 'x', numbers: { N: 1 } } } }
    const two = { ...pointMass, modules: { a: { file: 'a', source: 'x', numbers: { N: 2 } } } }
    expect(sourceHash(one)).not.toBe(sourceHash(two))
    // All actions of Seaquest have an effect: its two versions are one.
    expect(new Set(ENVS.map(sourceHash)).size).toBe(ENVS.length - 1)
    expect(sourceHash(findEnv('MinAtar/Seaquest-v0'))).toBe(sourceHash(findEnv('MinAtar/Seaquest-v1')))
  })

  test('is the same without comments, with other line ends, names, pictures and twins', () => {
    const { twin: _, picture: __, ...bare } = pointMass
    expect(
      sourceHash({ ...bare, actions: ['a', 'b'], wgsl: `// first\n${bare.wgsl.replaceAll('\n', '\r\n')}/* x */` }),
    ).toBe(hash)
    // Packages hold their WGSL without comments.
    for (const spec of ENVS) {
      const modules = Object.entries(spec.modules ?? {}).map(([name, module]) => {
        return [name, { ...module, source: withoutComments(module.source) }]
      })
      const packed = { ...spec, wgsl: withoutComments(spec.wgsl), modules: Object.fromEntries(modules) }
      expect(sourceHash(packed), spec.id).toBe(sourceHash(spec))
    }
  })

  test('tells a file of another environment of the same name', () => {
    const changedEnv = { ...pointMass, maxEpisodeSteps: 50 }
    const { environment } = loadPolicy(fileOf(changedEnv))
    expect(otherSource(environment, pointMass)).toEqual([sourceHash(changedEnv), hash])
    expect(otherSource(environment, changedEnv)).toBeNull()
    expect(otherSource(null, pointMass)).toBeNull()
  })
})
