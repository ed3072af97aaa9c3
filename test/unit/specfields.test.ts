/** Fields of a description that nothing reads, and pictures that cannot be drawn, are errors that say what may be meant. */
import { describe, expect, test, vi } from 'vitest'
import { presetOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { checkEnv } from '../../src/envcheck/checkenv'
import { createPpo } from '../../src/run/create'
import { loadPpo } from '../../src/run/load'
import { createPpoWorker } from '../../src/worker/create'
import { drift, refusal } from '../support/broken'
import { emptyCheckpoint } from '../support/checkpoint'

const FIELDS =
  'Fields: id, observations, observation, privileged, actionSpace, actions, maxEpisodeSteps, rewardThreshold, published, angles, tolerance, params, ' +
  'preset, wgsl, wgslFile, modules, picture, twin.'

describe('a field that is not one', () => {
  test.each<[string, object, string]>([
    ['twn', { twn: {} }, `env.twn: an EnvSpec has no field "twn" (did you mean "twin"?). ${FIELDS}`],
    ['parms', { parms: {} }, `env.parms: an EnvSpec has no field "parms" (did you mean "params"?). ${FIELDS}`],
    ['players', { players: 2 }, `env.players: an EnvSpec has no field "players". ${FIELDS}`],
    [
      'a name of Gymnasium',
      { max_episode_steps: 3 },
      `env.max_episode_steps: an EnvSpec has no field "max_episode_steps" (did you mean "maxEpisodeSteps"?). ${FIELDS}`,
    ],
    [
      'several',
      { actionMask: 'env_mask', observationShape: [10, 5], players: 2 },
      'env: an EnvSpec has no fields "actionMask" (a mask is fn env_mask in the WGSL, and mask of the twin), ' +
        `"observationShape" (did you mean "observations"?), "players". ${FIELDS}`,
    ],
    [
      'of the action space',
      { actionSpace: { ...drift.actionSpace, hihg: [1] } },
      'env.actionSpace.hihg: the action space box has no field "hihg" (did you mean "high"?). Fields: kind, low, high.',
    ],
    [
      'of another action space',
      { actionSpace: { kind: 'discrete', n: 3, low: [0] } },
      'env.actionSpace.low: the action space discrete has no field "low". Fields: kind, n.',
    ],
    [
      'of a published result',
      { published: { score: 1, labl: 'x' } },
      'env.published.labl: a published result has no field "labl" (did you mean "label"?). Fields: score, label.',
    ],
    [
      'of a parameter',
      { params: { wind: { default: 1, mn: 0, max: 2, help: 'Wind.' } } },
      'env.params.wind.mn: a parameter has no field "mn" (did you mean "min"?). Fields: default, min, max, unit, help, inexact.',
    ],
    [
      'of a parameter that is true or false',
      { params: { windy: { default: true, min: 0, help: 'Wind.' } } },
      'env.params.windy.min: a parameter that is true or false has no field "min". Fields: default, help, inexact.',
    ],
    [
      'of a picture',
      { picture: { frame: [0, 0, 1, 1], fps: 3, folow: 'x', handles: [] } },
      'env.picture.folow: a picture has no field "folow" (did you mean "follow"?). Fields: frame, fps, follow, handles.',
    ],
    [
      'of a handle',
      { picture: { frame: [0, 0, 1, 1], fps: 3, handles: [{ field: 'x', lable: 'x', min: 0, max: 1 }] } },
      'env.picture.handles[0].lable: a handle has no field "lable" (did you mean "label"?). Fields: field, label, min, max.',
    ],
    [
      'of a module',
      { modules: { more: { file: 'a.wgsl', sorce: '' } } },
      'env.modules["more"].sorce: a module has no field "sorce" (did you mean "source"?). Fields: file, source, numbers.',
    ],
    [
      'of a preset',
      { preset: { lerningRate: 1e-3 } },
      'env.preset: config.lerningRate: there is no option "lerningRate" (did you mean "learningRate"?).',
    ],
    [
      'of the twin, in place of its own',
      { twin: { ...drift.twin, maks() {} } },
      'env.twin.maks: nothing calls it (did you mean "mask"?). Called are: reset, step, observe, mask, privileged.',
    ],
  ])('%s', (_, more, message) => {
    expect(refusal({ ...drift, ...more })).toContain(message)
  })

  test('that is undefined is left out, and a twin may have helpers', () => {
    const twin = { ...drift.twin, physics() {}, steps: 3 }
    expect(refusal({ ...drift, twn: undefined, twin })).toBe('no error')
  })

  test('is refused wherever a description comes in, before an adapter is asked for', async () => {
    const gpu = { requestAdapter: vi.fn() } as unknown as GPU
    const env = { ...drift, parms: {} } as EnvSpec
    const message = 'env.parms: an EnvSpec has no field "parms" (did you mean "params"?).'
    await expect(createPpo({ env, gpu })).rejects.toThrow(message)
    await expect(checkEnv(env, { gpu })).rejects.toThrow(message)
    await expect(createPpoWorker({ env })).rejects.toThrow(message)
    await expect(createPpoWorker({ env: { ...drift, twn: drift.twin } as never })).rejects.toThrow(
      'did you mean "twin"?',
    )
    await expect(loadPpo(emptyCheckpoint(1), { env, gpu })).rejects.toThrow(message)
    expect(gpu.requestAdapter).not.toHaveBeenCalled()
  })
})

describe('a preset', () => {
  test('that is missing has no options', () => {
    const { preset: _, ...rest } = drift
    const without: EnvSpec = rest
    expect(refusal(without)).toBe('no error')
    expect(presetOptions(without, 'default')).toEqual({})
    expect(resolveConfig(without.preset, {}, without)).toEqual(resolveConfig({}, {}, without))
  })

  test.each([3, 'fast', [1]])('%j is none', (preset) => {
    expect(refusal({ ...drift, preset })).toBe(
      `env.preset: ${JSON.stringify(preset)} is not an object of options. Give for example { numEnvs: 32 }.`,
    )
  })
})

describe('a picture', () => {
  const good = { frame: [-1, -1, 1, 1], fps: 30, follow: 'x', handles: [{ field: 'x', label: 'x', min: 0, max: 1 }] }
  const drawn = {
    ...drift,
    wgsl: `${drift.wgsl}const NUM_SHAPES = 1u;\nfn env_shape(state: EnvState, i: u32) -> Shape { return Shape(vec2f(state.x, 0.0), vec2f(1.0), 0.0, 0.0, vec4f(1.0)); }\n`,
  }
  const CORNERS = 'Give [left, bottom, right, top], in the units of env_shape.'

  test('that can be drawn is right', () => {
    expect(refusal({ ...drawn, picture: good })).toBe('no error')
    expect(refusal({ ...drawn, picture: { ...good, follow: ['x', 'count'], handles: [] } })).toBe('no error')
  })

  test.each<[string, object, string]>([
    [
      'no area',
      { frame: [0, 0, 0, 0] },
      `env.picture.frame: [0, 0, 0, 0] has no area: left 0 is not left of right 0. ${CORNERS}`,
    ],
    [
      'upside down',
      { frame: [0, 1, 2, 0] },
      `env.picture.frame: [0, 1, 2, 0] has no area: bottom 1 is not below top 0. ${CORNERS}`,
    ],
    [
      'a view that is not finite',
      { frame: [0, 0, Number.POSITIVE_INFINITY, 1] },
      `env.picture.frame: [0, 0, Infinity, 1] is not four finite numbers in f32. ${CORNERS}`,
    ],
    [
      'three corners',
      { frame: [0, 0, 1] },
      `env.picture.frame: [0, 0, 1] is not four finite numbers in f32. ${CORNERS}`,
    ],
    [
      'an area that f32 does not hold',
      { frame: [1, 0, 1 + 1e-9, 1] },
      `env.picture.frame: [1, 0, 1.000000001, 1] has no area: left 1 is not left of right 1.000000001. ${CORNERS}`,
    ],
    ['no frame', { frame: undefined }, `env.picture.frame: undefined is not four finite numbers in f32. ${CORNERS}`],
    ['fps 0', { fps: 0 }, 'env.picture.fps: 0 is not a number of steps per second. Use a number above 0, such as 30.'],
    ['a negative fps', { fps: -5 }, 'env.picture.fps: -5 is not a number of steps per second.'],
    ['fps as text', { fps: '30' }, 'env.picture.fps: "30" is not a number of steps per second.'],
    [
      'three to follow',
      { follow: ['x', 'x', 'x'] },
      'env.picture.follow: ["x","x","x"] is not the name of a float of EnvState',
    ],
    [
      'a typo in what it follows',
      { follow: 'cont' },
      'env.picture.follow: EnvState has no float "cont" (did you mean "count"?). Its floats: x, count.',
    ],
    [
      'no handles',
      { handles: undefined },
      'env.picture.handles: undefined is not a list. Give { field, label, min, max }',
    ],
    ['a handle that is a name', { handles: ['x'] }, 'env.picture.handles[0]: "x" is not a handle.'],
    [
      'a handle without a label',
      { handles: [{ field: 'x', min: 0, max: 1 }] },
      'env.picture.handles[0].label: undefined is not a label. Say in a word or two what it is.',
    ],
    [
      'a handle without a bound',
      { handles: [{ field: 'x', label: 'x', min: 0 }] },
      'env.picture.handles[0].max: undefined is not a finite number in f32. Give one.',
    ],
    [
      'a handle whose bounds are reversed',
      { handles: [{ field: 'x', label: 'x', min: 1, max: 0 }] },
      'env.picture.handles[0]: min 1 is not below max 0. Swap or widen them.',
    ],
    [
      'a handle on a field that is not there',
      { handles: [{ field: 'nothing', label: 'x', min: 0, max: 1 }] },
      'env.picture.handles[0].field: EnvState has no float "nothing". Its floats: x, count.',
    ],
  ])('with %s', (_, wrong, message) => {
    expect(refusal({ ...drawn, picture: { ...good, ...wrong } })).toContain(message)
  })

  test.each<[string, string, string]>([
    ['nothing to draw', '', 'env.picture: there is nothing to draw: my/drift.wgsl has no NUM_SHAPES and env_shape.'],
    [
      'shapes without their number',
      'fn env_shape(state: EnvState, i: u32) -> Shape { return Shape(); }',
      'my/drift.wgsl:22: env_shape is there, but NUM_SHAPES is missing. Write const NUM_SHAPES = 1u; for one, or how many',
    ],
    [
      'no shapes',
      'const NUM_SHAPES = 0u; fn env_shape(state: EnvState, i: u32) -> Shape { return Shape(); }',
      'env.picture: there is nothing to draw: NUM_SHAPES and NUM_POLYGONS are 0.',
    ],
  ])('with %s', (_, wgsl, message) => {
    expect(refusal({ ...drift, picture: good, wgsl: `${drift.wgsl}${wgsl}` })).toContain(message)
  })

  test('that is no object', () => {
    expect(refusal({ ...drift, picture: 3 })).toBe('env.picture: 3 is not a picture. Give { frame, fps, handles }.')
  })
})

describe('what is said twice', () => {
  const three = { ...drift, actionSpace: { kind: 'discrete', n: 4 }, actions: ['a', 'b', 'c', 'd'] }
  test.each<[string, object, string]>([
    [
      'ACTION_DIM and n',
      three,
      "my/drift.wgsl:4: ACTION_DIM is 3u, but the spec's actionSpace has 4 actions: n is 4. Write const ACTION_DIM = 4u; or " +
        'change actionSpace in the spec.',
    ],
    [
      'ACTION_DIM and the parts',
      {
        ...drift,
        actionSpace: { kind: 'multi_discrete', nvec: [2, 2] },
        actions: [
          ['a', 'b'],
          ['c', 'd'],
        ],
      },
      "my/drift.wgsl:4: ACTION_DIM is 3u, but the spec's actionSpace has 4 actions in all parts: nvec [2, 2] adds up to 4.",
    ],
    [
      'ACTION_DIM and bounds',
      { ...drift, actionSpace: { kind: 'box', low: [0, 0], high: [1, 1] }, actions: ['a', 'b'] },
      "my/drift.wgsl:4: ACTION_DIM is 3u, but the spec's actionSpace has 2 dimensions: low and high have 2 bounds.",
    ],
    [
      'names and n',
      { ...three, actions: ['a', 'b', 'c'] },
      'env.actions: has 3 names, not 4: one for each action of actionSpace (n is 4; in my/drift.wgsl ACTION_DIM is 3).',
    ],
    [
      'a parameter that the WGSL reads',
      {
        ...drift,
        wgsl: `//#import "params"\n${drift.wgsl.replace('0.5 * s.x', 'params.wind_pwer * s.x')}`,
        params: { windPower: { default: 1, min: 0, max: 2, help: 'Wind.' } },
      },
      'my/drift.wgsl:16: params.wind_pwer is read, but the spec\'s params have no windPwer (did you mean "wind_power"?). It has ' +
        'wind_power: add it there, or leave it out here.',
    ],
    [
      'a parameter without params',
      { ...drift, wgsl: `//#import "params"\n${drift.wgsl.replace('0.5 * s.x', 'params.wind * s.x')}` },
      "my/drift.wgsl:16: params.wind is read, but the spec's params have no wind. It has none: add it there, or leave it out here.",
    ],
    [
      'a parameter that is a number',
      { params: { gravity: 9.8 } },
      'Give { default: 9.8, min, max, help }, or for true',
    ],
  ])('%s', (_, wrong, message) => {
    expect(refusal({ ...drift, ...wrong })).toContain(message)
  })
})

describe('an import', () => {
  test.each([
    ['shaders/lib/rgn.wgsl', 'shaders/lib/rng.wgsl'],
    ['rng.wgsl', 'shaders/lib/rng.wgsl'],
    ['shaders/sincos.wgsl', 'shaders/lib/sincos.wgsl'],
    ['lib/tanh', 'shaders/lib/tanh.wgsl'],
    ['shaders/lib/evn.wgsl', 'shaders/lib/env.wgsl'],
    ['parms', 'params'],
    ['reward', undefined],
    ['rewrd', 'my_reward'],
  ])('of %s', (name, meant) => {
    const modules = meant === 'my_reward' ? { my_reward: { file: 'my/reward.wgsl', source: '' } } : {}
    const wgsl = `//#import ${JSON.stringify(name === 'rewrd' ? 'my_rewrd' : name)}\n${drift.wgsl}`
    const hint = meant ? ` (did you mean ${JSON.stringify(meant)}?)` : ''
    const given = name === 'rewrd' ? 'my_rewrd' : name
    const message = refusal({ ...drift, wgsl, modules })
    expect(message).toContain(`env.wgsl: my/drift.wgsl:1: unknown import ${JSON.stringify(given)}${hint}. Known: `)
    expect(message).toContain('shaders/lib/sincos.wgsl')
    expect(message.length).toBeLessThan(600)
  })

  test.each([
    '//#include "shaders/lib/tanh.wgsl"',
    '//#improt "shaders/lib/tanh.wgsl"',
    '// #import "shaders/lib/tanh.wgsl"',
  ])('that is only a comment: %s', (line) => {
    expect(refusal({ ...drift, wgsl: `${line}\n${drift.wgsl}` })).toBe(
      `env.wgsl: my/drift.wgsl:1: ${line} imports nothing. Did you mean //#import "shaders/lib/tanh.wgsl"?`,
    )
  })
})
