/** States with more than a few floats: kernel and host must agree on the layout of every member. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCheckpoint } from '../../src/checkpoint/checkpoint'
import { resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { checkEnvOn, envReportText } from '../../src/envcheck/checkenv'
import { stateWords } from '../../src/envcheck/state'
import { readSafetensors } from '../../src/files/safetensors'
import { link } from '../../src/gpu/link'
import type { RunKernel } from '../../src/gpu/once'
import { SHADERS } from '../../src/gpu/shaders'
import { envSlots } from '../../src/plan/kernels'
import { driftEnv } from '../kernels/envs'
import { gpu } from '../support/gpu'
import { structsOf } from '../support/kernel'
import { gap, numbersOf, randomStruct, type Struct, sourceOf } from '../support/structs'
import { trainInPage } from '../support/train'
import { walker as walkerEnv } from '../support/walker'

const onPage: RunKernel = async (run) => (await gpu()).call('runKernel', run)

test('every number of a struct made at random lies where the layout says', async () => {
  const members = fc.sample(randomStruct, { seed: 7, numRuns: 12 }).flatMap((struct) => struct.members)
  const tree: Struct = { is: 'struct', members, trailing: true }
  const numbers = numbersOf(tree, '', 0)
  expect(numbers.length).toBeGreaterThan(150)
  const fill = numbers.map(([path, kind], i) => `  s.${path} = ${kind}(${i + 1});`)
  const spec = {
    ...(driftEnv as unknown as EnvSpec),
    wgsl: `${sourceOf(tree, fc.sample(gap, { seed: 8, numRuns: 61 }))}
      fn env_reset(rng: ptr<function, Rng>) -> EnvState {\n  var s: EnvState;\n${fill.join('\n')}\n  return s;\n}`,
  }
  const slots = envSlots(spec)
  const structs = structsOf('reset_envs', slots)
  const { env_states } = await onPage({
    stem: 'reset_envs',
    slots,
    args: { numEnvs: 2, staggerOver: 0 },
    buffers: {
      progress: new Uint32Array(structs.words('Progress')),
      env_states: new Uint32Array(2 * structs.words('EnvState')),
      episodes: new Uint32Array(2 * structs.words('Episode')),
    },
    outputs: ['env_states'],
    workgroups: [1, 1, 1],
  })
  const { code } = link('shaders/reset_envs.wgsl', SHADERS, slots)
  const view = new DataView(env_states.buffer, env_states.byteOffset)
  const get = { f32: 'getFloat32', u32: 'getUint32', i32: 'getInt32' } as const
  for (const env of [0, 1]) {
    const start = env * 4 * structs.words('EnvState')
    const found = stateWords(code).map(({ kind, offset }) => view[get[kind]](start + 4 * offset, true))
    expect(found).toEqual(numbers.map((_, i) => i + 1))
  }
})

const walker = walkerEnv as unknown as EnvSpec

test('check-env compares every number of a state with arrays, structs, comments and attributes', async () => {
  const report = await checkEnvOn(onPage, walker, { numEnvs: 5, steps: 25 })
  expect(report, envReportText(report)).toMatchObject({ ok: true, terminated: 5, problems: [] })
  const wrong = { ...walker, wgsl: walker.wgsl.replace('s.grid[s.ticks % 2u]', 's.grid[1u]') }
  const { problems } = await checkEnvOn(onPage, wrong, { numEnvs: 5, steps: 25 })
  expect(problems.map(({ message }) => message).join('\n')).toContain('state.grid[0][2]: kernel ')
})

test.each(['layered', 'fused'] as const)(
  '%s: such a state is trained on, kept in a checkpoint, and gone on from',
  async (plan) => {
    const options = {
      plan,
      numEnvs: 4,
      numSteps: 8,
      numMinibatches: 2,
      updateEpochs: 1,
      hidden: [8],
      totalTimesteps: 128,
    }
    const { twin: _, ...spec } = walker
    const args = { env: walker.id, spec, config: resolveConfig({}, options, walker) }
    const whole = await trainInPage(args)
    const { tensors } = readSafetensors(whole.checkpoint!)
    const shapes = [...tensors]
      .filter(([name]) => name.startsWith('env.'))
      .map(([name, { dtype, shape }]) => [name, dtype, shape])
    expect(shapes).toEqual([
      ['env.position', 'F32', [1, 4, 3]],
      ['env.ticks', 'U32', [1, 4]],
      ['env.legs.angle', 'F32', [1, 4, 4]],
      ['env.legs.contact', 'U32', [1, 4, 4]],
      ['env.legs.force', 'F32', [1, 4, 4, 3]],
      ['env.grid', 'F32', [1, 4, 2, 3]],
      ['env.last', 'F32', [1, 4]],
    ])
    // 32 steps with an end after every 20.
    expect([...tensors.get('env.ticks')!.data]).toEqual([12, 12, 12, 12])
    if (plan === 'fused') return // the same state, and slower to compile
    const half = await trainInPage({ ...args, untilTimesteps: 64 })
    const rest = await trainInPage({ ...args, from: half.checkpoint! })
    const state = ({ checkpoint }: typeof rest) => readCheckpoint(checkpoint!, walker).snapshot.buffers
    expect(state(rest)).toEqual(state(whole))
  },
)
