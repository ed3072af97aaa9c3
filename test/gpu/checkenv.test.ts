/** `checkEnv` passes correct environments, and finds errors in wrong ones: where, what, and what to do. */
import { describe, expect, test } from 'vitest'
import { ENVS } from '../../envs/registry'
import type { EnvSpec } from '../../src/env/contract'
import { uniform } from '../../src/env/rng'
import type { CheckEnvOptions } from '../../src/envcheck/checkenv'
import { checkEnvOn, envReportText } from '../../src/envcheck/checkenv'
import type { RunKernel } from '../../src/gpu/once'
import { driftEnv } from '../kernels/envs'
import { driftTwin, lineOf, withTwin, withWgsl } from '../support/broken'
import { isSlow, onPage, testEnvs } from './own_envs'

const small = { numEnvs: 8, steps: 12 }
const check = (spec: EnvSpec, options: CheckEnvOptions = small) => checkEnvOn(onPage, spec, options)
const drift = driftEnv as unknown as EnvSpec

testEnvs(ENVS.filter(({ id }) => !isSlow(id)))

test('the environment that the broken ones are made of is right', async () => {
  const report = await check(drift)
  expect(report).toMatchObject({ ok: true, problems: [], terminated: 24, truncated: 0, numEnvs: 8, steps: 12 })
  expect(report.checked.join()).toContain('against the twin')
  expect(envReportText(report)).toContain('Drift: OK, 8 environments x 12 steps, seed 1; 24 episodes terminated')
})

test('the time limit ends episodes', async () => {
  expect(await check({ ...drift, maxEpisodeSteps: 3 })).toMatchObject({ ok: true, terminated: 0, truncated: 32 })
})

const step = lineOf('fn env_step')
const observe = lineOf('fn env_observe')
const RESULT = 'StepResult(-x * x, select(0u, 1u, s.count + 1.0 >= 4.0))'

describe('a kernel that is wrong', () => {
  test.each([
    [
      'a wrong reward in the third step',
      withWgsl('StepResult(-x * x', 'StepResult(-x * x + select(0.0, 1.0, s.count == 2.0)'),
      'twin step',
      [
        /^step 2, env 0: reward: kernel \S+, twin \S+, limit \S+, from x \S+, count 2 with action/,
        `my/drift.wgsl:${step}`,
      ],
    ],
    [
      'a state that is NaN from the fourth step on',
      withWgsl('EnvState(x,', 'EnvState(x + select(0.0, sqrt(2.5 - s.count), s.count > 2.5),'),
      'finite',
      [/^step 3, env 0: state.x is NaN, from x \S+, count 3 with action/, `env_step (my/drift.wgsl:${step})`],
    ],
    [
      'an observation that is infinite',
      withWgsl('2.0 * state.x', '1.0 / max(0.0, 2.0 - state.count)'),
      'finite',
      [/^step 1, env 0: observation 2 \(twice x\) is Infinity/, `env_observe (my/drift.wgsl:${observe})`],
    ],
    [
      'terminated is never written',
      withWgsl(`return ${RESULT}`, 'var result: StepResult;\n  result.reward = -x * x;\n  return result'),
      'twin step',
      [/^step 3, env 0: terminated: kernel 0, twin 1, limit 0/, 'The kernel never terminated an episode'],
    ],
    [
      'terminated is no flag',
      withWgsl('select(0u, 1u,', 'select(0u, 7u,'),
      'flags',
      [/^step 3, env 0: terminated is 7, not 0 or 1/, 'select(0u, 1u, condition)'],
    ],
    [
      'the end comes a step late',
      withWgsl('>= 4.0', '>= 5.0'),
      'twin step',
      [/^step 3, env 0: terminated: kernel 0, twin 1/, `Compare env_step (my/drift.wgsl:${step}) with twin.step.`],
    ],
    [
      'two observations are swapped',
      withWgsl('(state.x, state.count,', '(state.count, state.x,'),
      'twin step',
      [/^step 0, env 0: observation 0 \(x\): kernel 1, twin /, `Compare env_observe (my/drift.wgsl:${observe})`],
    ],
    [
      'the first state is another',
      withWgsl('2.0 * rng_uniform(rng) - 1.0', 'rng_uniform(rng)'),
      'twin reset',
      [/^reset with seed 1, env 0: state.x: kernel \S+, twin /, 'draw the same numbers in the same order'],
    ],
    [
      'a step draws one number too many before its own',
      withWgsl('let s = *state;', 'let s = *state;\n  let unused = rng_uniform(rng);'),
      'twin step',
      [/^step 0, env 0: reward: kernel \S+, twin /],
    ],
    [
      'the dynamics drift by 1e-4 a step',
      withWgsl('0.5 * s.x', '0.5 * s.x + 1e-4'),
      'twin step',
      [/^step 0, env 0: reward: kernel /],
    ],
  ])('%s', async (_, spec, kind, messages) => {
    const report = await check(spec)
    expect(report.ok).toBe(false)
    const found = report.problems.filter((problem) => problem.check === kind)
    expect(found.length, envReportText(report)).toBeGreaterThan(0)
    for (const message of messages) expect(found[0].message).toMatch(message)
    expect(envReportText(report)).toContain(`FAILED ${kind}: ${found[0].message}`)
  })

  test('a number that differs between two runs', async () => {
    let steps = 0
    const unsteady: RunKernel = async (run) => {
      const results = await onPage(run)
      // The second run's third step, one bit of one environment's second field.
      if (run.stem === 'replay_envs' && ++steps === 12 + 3) new Uint32Array(results.env_states.buffer)[2 * 5 + 1] ^= 1
      return results
    }
    const { problems } = await checkEnvOn(unsteady, { ...drift, twin: undefined }, small)
    expect(problems[0].message).toContain('step 2, env 5: state.count differs between two runs with the same seed.')
    expect(new Set(problems.map((problem) => problem.check))).toEqual(new Set(['determinism']))
  })

  test('a first state that differs between two resets', async () => {
    let resets = 0
    const unsteady: RunKernel = async (run) => {
      const results = await onPage(run)
      if (run.stem === 'reset_envs' && ++resets === 2) new Uint32Array(results.env_states.buffer)[2 * 3] ^= 1
      return results
    }
    const { problems } = await checkEnvOn(unsteady, drift, small)
    expect(problems).toEqual([
      { check: 'determinism', count: 1, message: expect.stringContaining('first state 3: state.x differs between') },
    ])
  })
})

describe('random numbers', () => {
  /** Random numbers per step (`step`) and per reset (`reset`) of the kernel; the twin is unchanged. */
  const drawing = (step: string, reset: string, more: Partial<EnvSpec> = {}) =>
    withWgsl('let s', '', {
      ...more,
      wgsl: drift.wgsl
        .replace('let s = *state;', `for (var i = 0u; i < ${step}; i++) { _ = rng_uniform(rng); }\n  let s = *state;`)
        .replace(
          'return EnvState(',
          `for (var i = 0u; i < ${reset}; i++) { _ = rng_normal_pair(rng); }\n  return EnvState(`,
        ),
    })
  const alone = { twin: undefined }
  const drawsOf = ({ problems }: { problems: { check: string; message: string }[] }) =>
    problems.filter(({ check }) => check === 'draws').map(({ message }) => message)

  test('as many as there are is right, and the report tells the most', async () => {
    const report = await check(drawing('255u', '255u', alone))
    expect(report, envReportText(report)).toMatchObject({ ok: true, draws: { reset: 256, step: 256 } })
    expect(envReportText(report)).toContain('most random numbers drawn: 256 in a reset, 256 in a step, of 256 each')
    expect((await check(drift)).draws).toEqual({ reset: 1, step: 1 })
    expect((await check(ENVS.find(({ id }) => id === 'Pendulum-v1')!)).draws).toEqual({ reset: 2, step: 0 })
  })

  test.each([
    ['257 in a step', '256u', '0u', 'step 0, env 0: env_step drew 257 numbers; at most 256 per step', 'env_step', 96],
    [
      '257 in a reset',
      '0u',
      '256u',
      'first state 0: env_reset drew 257 numbers; at most 256 per reset',
      'env_reset',
      128,
    ],
    ['1000 in a step', '999u', '0u', 'step 0, env 0: env_step drew 1000 numbers', 'env_step', 96],
    [
      'more in one step only',
      'select(0u, 300u, (*state).count == 2.0)',
      '0u',
      'step 2, env 0: env_step drew 301',
      'env_step',
      24,
    ],
  ])('%s are too many, without a twin too', async (_, step, reset, message, name, count) => {
    const spec = drawing(step, reset, alone)
    const report = await check(spec)
    expect(report.ok).toBe(false)
    expect(report.problems).toMatchObject([{ check: 'draws', count }])
    expect(report.problems[0].message).toContain(message)
    expect(report.problems[0].message).toContain(`${name} (my/drift.wgsl:${lineOf(`fn ${name}`, spec.wgsl)})`)
  })

  test('kernel and twin must draw as many', async () => {
    expect(drawsOf(await check(drawing('2u', '0u')))[0]).toMatch(
      /^step 0, env 0: env_step drew 3 numbers, twin.step 1, from x .* Draw the same numbers in the same order in env_step \(my/,
    )
    const reset = withTwin({
      reset(rng) {
        const state = driftTwin.reset(rng)
        uniform(rng)
        return state
      },
    })
    const report = await check(reset)
    // No other error: the number that is drawn last is not used.
    expect(report.problems).toMatchObject([{ check: 'draws', count: 128 }])
    expect(report.problems[0].message).toMatch(
      /^reset with seed 1, env 0: env_reset drew 1 number, twin.reset 2\. Draw /,
    )
  })
})

describe('a twin that is wrong', () => {
  const { reset, step: act, observe: see } = driftTwin
  test.each([
    [
      'drifts by 1e-4 a step',
      withTwin({
        step(state, action, rng) {
          const result = act(state, action, rng)
          state.x += 1e-4
          return result
        },
      }),
      'twin step',
      'step 0, env 0: state.x: kernel ',
    ],
    [
      'is not the same twice',
      withTwin({ step: (state, action, rng) => ({ ...act(state, action, rng), reward: Math.random() }) }),
      'determinism',
      'twin.step: the same arguments give different results.',
    ],
    [
      'has a field of its own',
      withTwin({ reset: (rng) => ({ ...reset(rng), memory: 0 }) }),
      'twin shape',
      'twin.reset: its state has x, count, memory, EnvState x, count. Use the same.',
    ],
    [
      'has its fields in another order',
      withTwin({
        reset(rng) {
          const { x, count } = reset(rng)
          return { count, x }
        },
      }),
      'twin shape',
      'twin.reset: its state has count, x, EnvState x, count.',
    ],
    [
      'returns numbers as flags',
      withTwin({ step: (...args) => ({ ...act(...args), terminated: Number(act(...args).terminated) as never }) }),
      'twin shape',
      'twin.step: terminated is 0, not true or false.',
    ],
    [
      'leaves an observation out',
      withTwin({
        observe(state, obs, offset) {
          obs[offset] = state.x
          obs[offset + 2] = 2 * state.x
        },
      }),
      'twin shape',
      'twin.observe: entry 1 is not written, or is NaN. Write obs[offset + 1].',
    ],
    [
      'writes beside its observation',
      withTwin({
        observe(state, obs, offset) {
          see(state, obs, offset)
          obs[0] = 1
        },
      }),
      'twin shape',
      'twin.observe: writes outside of obs[offset .. offset + 3).',
    ],
    [
      'draws too many numbers',
      withTwin({
        reset(rng) {
          const state = reset(rng)
          rng.draw = 300
          return state
        },
      }),
      'twin shape',
      'twin.reset: draws 300 random numbers; after 256 they repeat.',
    ],
  ])('%s', async (_, spec, kind, message) => {
    const report = await check(spec)
    expect(report.ok).toBe(false)
    const messages = report.problems.filter((problem) => problem.check === kind).map((problem) => problem.message)
    expect(messages, envReportText(report)).toContainEqual(expect.stringContaining(message))
  })
})

describe('an edge', () => {
  /** Nothing moves; the task ends where x is above `kernel` (in the WGSL) or `twin`. */
  const edge = (kernel: string, twin: number): EnvSpec =>
    withWgsl('*state = EnvState(x, s.count + 1.0);', '*state = s;', {
      wgsl: driftEnv.wgsl
        .replace('*state = EnvState(x, s.count + 1.0);', '*state = s;')
        .replace(' + rng_uniform(rng);', ';')
        .replace(RESULT, `StepResult(0.0, select(0u, 1u, s.x > ${kernel}))`),
      twin: { ...driftTwin, step: (state: { x: number }) => ({ reward: 0, terminated: state.x > twin }) } as never,
    })
  const options = { numEnvs: 4, steps: 1 }

  test('within the rounding of the state is allowed, and told', async () => {
    const report = await check(edge('0.5000001', 0.5000004), { ...options, from: [{ x: 0.5000002, count: 0 }] })
    expect(report.ok, envReportText(report)).toBe(true)
    expect(report.notes.join()).toContain('1 steps differ at an edge')
  })

  test('that lies elsewhere is not', async () => {
    const report = await check(edge('0.5', 0.51), { ...options, from: [{ x: 0.505, count: 0 }] })
    expect(report.problems[0].message).toContain('step 0, env 0: terminated: kernel 1, twin 0')
  })

  test('that is met too often is not', async () => {
    const from = Array.from({ length: 4 }, () => ({ x: 0.5000002, count: 0 }))
    const report = await check(edge('0.5000001', 0.5000004), { ...options, from })
    expect(report.problems).toMatchObject([{ check: 'twin step', count: 4 }])
  })

  test('of a counter is exact', async () => {
    const once = withWgsl('>= 4.0', '>= 5.0')
    const report = await check(once, { numEnvs: 64, steps: 40, from: [{ x: 0, count: 3 }] })
    expect(report.problems[0].message).toContain('step 0, env 0: terminated: kernel 0, twin 1')
  })
})

describe('WGSL that does not compile', () => {
  test('is reported at its own file, line and column', async () => {
    const spec = withWgsl('0.5 * s.x', '0.5 * s.count_of_nothing')
    await expect(check(spec)).rejects.toThrow(`my/drift.wgsl:${lineOf('0.5 * s.x')}:17: `)
  })

  test('is reported at the file and line of the module that it stands in', async () => {
    const module = {
      file: 'my/reward.wgsl',
      source: '// what a step is worth\n\nfn worth(x: f32) -> f32 {\n  return 1u;\n}\n',
    }
    const spec = withWgsl('StepResult(-x * x', 'StepResult(worth(x)', { modules: { worth: module } })
    const wgsl = `//#import "worth"\n${spec.wgsl}`
    await expect(check({ ...spec, wgsl })).rejects.toThrow('my/reward.wgsl:4:')
  })
})

test('without a twin the rest is checked, and the report says what is not', async () => {
  const report = await check({ ...drift, twin: undefined })
  expect(report).toMatchObject({ ok: true, maxError: null, terminated: 24 })
  expect(report.checked.join()).not.toContain('twin')
  expect(report.notChecked.join()).toContain('rewards, dynamics, first states, ends of episodes')
  const broken = await check(
    withWgsl('EnvState(x,', 'EnvState(x + select(0.0, sqrt(2.5 - s.count), s.count > 2.5),', { twin: undefined }),
  )
  expect(broken.problems[0]).toMatchObject({ check: 'finite', message: expect.stringContaining('state.x is NaN') })
})

test('what is odd, but not wrong, is told', async () => {
  const still = withWgsl('2.0 * rng_uniform(rng) - 1.0', '0.5', { twin: undefined })
  const never = { ...still, wgsl: still.wgsl.replace(RESULT, 'StepResult(0.0, 0u)') }
  const { ok, notes, notChecked } = await check(never)
  expect(ok).toBe(true)
  expect(notes).toEqual(['reward is always 0', 'every episode starts in the same state: env_reset draws nothing'])
  expect(notChecked.join()).toContain('none terminated (is terminated ever written?)')
  expect(notChecked.join()).toContain('env_shape: there is none')
})
