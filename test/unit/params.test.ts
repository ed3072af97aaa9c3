import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { lunarLander } from '../../envs/lunar_lander/spec'
import { sweptValues } from '../../harness/figures/population'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import { parseParam } from '../../src/config/params'
import type { EnvSpec } from '../../src/env/contract'
import { defaultParams, episodeParams } from '../../src/env/params'
import { makeRng, STREAM, uniform } from '../../src/env/rng'
import { checkSpec } from '../../src/envcheck/spec'
import { agentConfig } from '../../src/options/sweep'
import { resetEnvs } from '../../src/reference/reset_envs'
import { paramEnv } from '../support/param_env'

const spec = paramEnv as unknown as EnvSpec
const lander = lunarLander as unknown as EnvSpec
const resolve = (envParams: PpoOptions['envParams'], numAgents = 1, env = spec) =>
  resolveConfig({}, { envParams, numAgents }, env).envParams

describe('a configuration holds every parameter', () => {
  test('defaults where nothing is given, none where the environment has none', () => {
    expect(resolve({})).toEqual({ push: 0.5, flip: false, stepSize: 0.25 })
    expect(resolve({ flip: true }, 1)).toEqual({ push: 0.5, flip: true, stepSize: 0.25 })
    expect(resolve({}, 1, { ...cartPole, params: undefined })).toEqual({})
  })

  test('a preset may set some', () => {
    const config = resolveConfig({ envParams: { push: 2, stepSize: 1 } }, { envParams: { push: 3 } }, spec)
    expect(config.envParams).toEqual({ push: 3, flip: false, stepSize: 1 })
  })

  test('lists and sweeps have a value for each agent', () => {
    const given = { push: { lin: [-1, 3] as [number, number] }, flip: [true, false, true], stepSize: [0, 0.5, 1] }
    const config = resolveConfig({}, { envParams: given, numAgents: 3 }, spec)
    expect(config.envParams).toEqual({ push: [-1, 1, 3], flip: [true, false, true], stepSize: [0, 0.5, 1] })
    expect(agentConfig(config, 1).envParams).toEqual({ push: 1, flip: false, stepSize: 0.5 })
    const setup = { spec, preset: 'default', config }
    expect(sweptValues(setup, 1)).toEqual({ push: 1, flip: false, stepSize: 0.5 })
    expect(sweptValues({ ...setup, config: agentConfig(config, 1) }, 0)).toEqual({})
  })

  test.each<[string, PpoOptions['envParams'], string]>([
    [
      'an unknown one',
      { pushh: 1 },
      'config.envParams: Param-v0 has no parameter "pushh" (did you mean "push"?). Parameters: push, flip, stepSize.',
    ],
    ['too small', { push: -2 }, 'config.envParams.push: -2 is out of range. Use a number from -1 to 3.'],
    ['no number', { push: true }, 'config.envParams.push: true is not a number. Use a number from -1 to 3.'],
    ['no flag', { flip: 1 }, 'config.envParams.flip: 1 is not true or false.'],
    [
      'drawn from too far',
      { push: { uniform: [0, 4] } },
      'config.envParams.push: 4 is out of range. Use a number from -1 to 3.',
    ],
    [
      'drawn the wrong way round',
      { push: { uniform: [2, 1] } },
      'config.envParams.push: uniform(2,1): 2 is not below 1. Write uniform(a,b), a below b.',
    ],
    [
      'too many values',
      { push: [1, 2] },
      'config.envParams.push: [1,2] has 2 values for numAgents 1. Use as many agents, or one value for all.',
    ],
    [
      'flags for too many agents',
      { flip: [true, false] },
      'config.envParams.flip: [true,false] is not true or false, nor a list of those for numAgents 1.',
    ],
  ])('%s is refused', (_, given, message) => {
    expect(() => resolve(given)).toThrow(message)
  })

  test('an environment without parameters has none to set', () => {
    expect(() => resolve({ gravity: 1 }, 1, { ...cartPole, params: undefined })).toThrow(
      'config.envParams: CartPole-v1 has no parameter "gravity". It has none: leave it out.',
    )
  })

  test("LunarLander's ranges", () => {
    expect(() => resolve({ gravity: -12.1 }, 1, lander)).toThrow(
      'gravity: -12.1 is out of range. Use a number from -12 to 0',
    )
    expect(() => resolve({ windPower: -1 }, 1, lander)).toThrow(
      'windPower: -1 is out of range. Use a number from 0 to 20',
    )
    expect(resolve({ gravity: -4, enableWind: true }, 1, lander)).toEqual({
      ...{ gravity: -4, enableWind: true, windPower: 15, turbulencePower: 1.5, fast: false },
    })
  })
})

test('text of a command line', () => {
  const parse = (name: string, text: string) => parseParam(`--env-set ${name}`, name, text, spec)
  expect(parse('push', '-1e-1')).toBe(-0.1)
  expect(parse('push', 'uniform(-1, 3)')).toEqual({ uniform: [-1, 3] })
  expect(parse('push', 'lin(0,1)')).toEqual({ lin: [0, 1] })
  expect(parse('push', '[1,2]')).toEqual([1, 2])
  expect(parse('flip', 'true')).toBe(true)
  expect(parse('flip', '[true,false]')).toEqual([true, false])
  expect(parse('flip', 'uniform(false,true)')).toEqual({ uniform: [false, true] })
  expect(parse('push', 'much')).toBe('much')
  expect(() => resolve({ push: parse('push', 'much') })).toThrow('config.envParams.push: "much" is not a number')
  expect(() => parse('speed', '1')).toThrow('--env-set speed: Param-v0 has no parameter "speed"')
})

describe('what an episode is played with', () => {
  const drawn = resolve({ push: { uniform: [-1, 3] }, flip: { uniform: [false, true] } })

  test('nothing drawn: the values that are set, in f32', () => {
    expect(defaultParams(spec)).toEqual({ push: 0.5, flip: false, stepSize: 0.25 })
    expect(episodeParams(spec, resolve({ push: 0.1 }), 7, 8, 9).push).toBe(Math.fround(0.1))
  })

  test('parameter i takes draw i of stream 6, keyed by the environment and the step of the reset', () => {
    const { push, flip, stepSize } = episodeParams(spec, drawn, 7, 8, 9)
    const rng = makeRng(7, 8, 6, 9)
    expect(STREAM.PARAMS).toBe(6)
    expect(push).toBe(Math.fround(-1 + Math.fround(4 * uniform(rng))))
    expect(flip).toBe(uniform(rng) >= 0.5)
    expect(stepSize).toBe(0.25)
    // Drawing one does not move the others.
    const alone = resolve({ flip: { uniform: [false, true] } })
    expect(episodeParams(spec, alone, 7, 8, 9)).toEqual({ push: 0.5, flip, stepSize })
  })

  test('all of the range, both flags', () => {
    const values = Array.from({ length: 400 }, (_, env) => episodeParams(spec, drawn, 1, 0, env))
    const pushes = values.map(({ push }) => Number(push))
    expect(Math.min(...pushes)).toBeGreaterThanOrEqual(-1)
    expect(Math.min(...pushes)).toBeLessThan(-0.9)
    expect(Math.max(...pushes)).toBeGreaterThan(2.9)
    expect(Math.max(...pushes)).toBeLessThan(3)
    const flips = values.filter(({ flip }) => flip).length
    expect(Math.abs(flips - 200)).toBeLessThan(60)
  })

  test('first states are drawn as before', () => {
    const [plain, varied] = [{}, drawn].map((settings) => resetEnvs(spec, 5, 20, false, settings))
    expect(varied.map(({ state }) => state.x)).toEqual(plain.map(({ state }) => state.x))
    expect(varied.map(({ state }) => state.first)).toEqual(varied.map(({ params }) => params.push))
  })
})

describe('a spec is refused', () => {
  const good = spec.params!.push
  test.each<[string, object, string]>([
    [
      'for a list',
      [good],
      'env.params: [{"default":0.5,"min":-1,"max":3,"unit":"m","help":"What is observed."}] is not an object',
    ],
    ['for a name that WGSL has not', { 'wind-power': good }, 'env.params.wind-power: is not a name'],
    ['without help', { push: { ...good, help: '' } }, 'env.params.push.help: "" says nothing'],
    [
      'without a bound',
      { push: { ...good, max: undefined } },
      'env.params.push.max: undefined is not a finite number in f32',
    ],
    ['for bounds the wrong way round', { push: { ...good, min: 4 } }, 'env.params.push.min: 4 is not below max 3'],
    ['for a default outside', { push: { ...good, default: 5 } }, 'env.params.push.default: 5 is not from -1 to 3'],
    ['for text', { push: { default: 'a', help: 'b' } }, 'env.params.push.default: "a" is not a finite number in f32'],
    [
      'for more than there is room for',
      Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`p${i}`, good])),
      'env.params: has 17 parameters; there is room for 16',
    ],
  ])('%s', (_, params, message) => {
    expect(() => checkSpec({ ...spec, params } as unknown as EnvSpec)).toThrow(message)
  })

  test('but not as it is', () => {
    expect(() => checkSpec(spec)).not.toThrow()
  })
})
