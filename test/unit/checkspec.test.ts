/** A wrong description of an environment is an error before any GPU call, which says where, what and what to do. */
import { describe, expect, test, vi } from 'vitest'
import { ENVS } from '../../envs/registry'
import { checkEnv } from '../../src/envcheck/checkenv'
import { SLOTS, STEMS } from '../../src/envcheck/spec'
import { SHADERS } from '../../src/gpu/shaders'
import { createPpo } from '../../src/run/create'
import { drift, lineOf, refusal, withWgsl } from '../support/broken'

const box = (low: unknown, high: unknown) => ({ actionSpace: { kind: 'box', low, high } as never })

test.each([...ENVS, drift].map((spec) => [spec.id, spec] as const))('%s is right', (_, spec) => {
  expect(refusal(spec)).toBe('no error')
})

describe('fields', () => {
  test.each<[string, object, string]>([
    ['no id', { id: undefined }, 'env.id: undefined is not a name.'],
    ['an id that is a path', { id: '../x' }, 'env.id: "../x" is not a name. Use a letter or a digit, then'],
    ['an id of three parts', { id: 'a/b/c' }, 'env.id: "a/b/c" is not a name.'],
    ['an id with spaces', { id: 'my env' }, 'env.id: "my env" is not a name.'],
    ['an id with a line break', { id: 'a\n' }, 'env.id: "a\\n" is not a name.'],
    ['no observations', { observations: [] }, 'env.observations: [] is not a list of names. Give at least one.'],
    ['observations as a number', { observations: 3 }, 'env.observations: 3 is not a list of names.'],
    ['a nameless observation', { observations: ['x', '', 'y'] }, 'env.observations[1]: "" is not a name.'],
    [
      'no action space',
      { actionSpace: undefined },
      'env.actionSpace.kind: undefined is not one of discrete, multi_discrete, box.',
    ],
    ['no actions', { actionSpace: { kind: 'discrete', n: 0 } }, 'env.actionSpace.n: 0 is not a number of actions.'],
    [
      'half an action',
      { actionSpace: { kind: 'discrete', n: 2.5 } },
      'env.actionSpace.n: 2.5 is not a number of actions.',
    ],
    ['no bounds', box([], []), 'env.actionSpace.low: [] is not a list of bounds.'],
    ['fewer bounds', box([0, 0, 0], [1, 1]), 'env.actionSpace.high: has 2 bounds, but low has 3. Give as many.'],
    [
      'an infinite bound',
      box([0, 0, -Infinity], [1, 1, 1]),
      'env.actionSpace.low[2]: -Infinity is not a finite number',
    ],
    ['a NaN bound', box([0, 0, 0], [1, Number.NaN, 1]), 'env.actionSpace.high[1]: NaN is not a finite number'],
    [
      'a bound beyond f32',
      box([0, 0, 0], [1, 1, 1e39]),
      'env.actionSpace.high[2]: 1e+39 is not a finite number in f32.',
    ],
    ['reversed bounds', box([0, 1, 0], [1, -1, 1]), 'env.actionSpace: low[1] 1 is not below high[1] -1'],
    [
      'bounds that are one in f32',
      box([0, 1, 0], [1, 1 + 1e-9, 1]),
      'low[1] 1 is not below high[1] 1.000000001 in f32.',
    ],
    [
      'a box too wide for its random numbers',
      box(Array(513).fill(0), Array(513).fill(1)),
      'env.actionSpace: has 513 dimensions; at most 512 have random numbers of their own. Use fewer.',
    ],
    [
      'a name too few',
      { actions: ['a', 'b'] },
      'env.actions: has 2 names, not 3: one for each dimension of actionSpace (low and high have 3 bounds',
    ],
    ['no time limit', { maxEpisodeSteps: Infinity }, 'env.maxEpisodeSteps: Infinity is not a whole number from 1 to'],
    ['a time limit that is left out', { maxEpisodeSteps: undefined }, 'env.maxEpisodeSteps: undefined is not a whole'],
    [
      'staggered episodes without a time limit',
      { maxEpisodeSteps: null, preset: { staggerEpisodes: true } },
      'env.preset: config.staggerEpisodes: true, but Drift has no time limit (maxEpisodeSteps null) that first episodes',
    ],
    ['a time limit of 0', { maxEpisodeSteps: 0 }, 'env.maxEpisodeSteps: 0 is not a whole number from 1 to 16777216'],
    ['a threshold of NaN', { rewardThreshold: Number.NaN }, 'env.rewardThreshold: NaN is not a number. Use null'],
    ['a tolerance of 0', { tolerance: 0 }, 'env.tolerance: 0 is out of range.'],
    ['an angle that is no field', { angles: ['phi'] }, 'has no field "phi". Fields: x, count.'],
    [
      'a camera that follows no field',
      { picture: { frame: [0, 0, 1, 1], fps: 30, follow: 'qpos[0]', handles: [] } },
      'env.picture.follow: EnvState has no float "qpos[0]". Its floats: x, count.',
    ],
    [
      'a handle of no field',
      {
        picture: {
          frame: [0, 0, 1, 1],
          fps: 30,
          follow: 'x',
          handles: [
            { field: 'x', label: 'x', min: 0, max: 1 },
            { field: 'y', label: 'y', min: 0, max: 1 },
          ],
        },
      },
      'env.picture.handles[1].field: EnvState has no float "y".',
    ],
    [
      'a published score that is text',
      { published: { score: '1800', label: 'the paper' } },
      'env.published: {"score":"1800","label":"the paper"} is not a published result. Give { score, label }',
    ],
    ['a twin without step', { twin: { reset() {} } }, 'env.twin.step: undefined is not a function. Write it, or leave'],
    ['a wrong preset', { preset: { gamma: 2 } }, 'env.preset: config.gamma: 2 is out of range.'],
    ['an unknown option', { preset: { gama: 1 } }, 'env.preset: config.gama: there is no option "gama"'],
    ['no WGSL', { wgsl: '' }, 'env.wgsl: is empty. Give the source of the WGSL.'],
    ['WGSL that was not loaded', { wgsl: undefined }, 'env.wgsl: undefined. Give the source of the WGSL.'],
    ['no file name', { wgslFile: '' }, 'env.wgslFile: "" is not a file name.'],
    ['a module of a slot', { modules: { mask: { file: 'a', source: '' } } }, 'env.modules["mask"]: the framework has'],
    [
      'a module that is text',
      { modules: { more: 'fn f() {}' } },
      'env.modules["more"]: is not a module. Give { file, source }',
    ],
  ])('%s', (_, wrong, message) => {
    expect(refusal({ ...drift, ...wrong })).toContain(message)
  })

  test('nothing at all', () => {
    expect(refusal(undefined)).toBe('env: undefined is not an environment. Give an EnvSpec, such as cartPole.')
  })
})

describe('WGSL', () => {
  const at = (piece: string) => `my/drift.wgsl:${lineOf(piece)}`
  test.each<[string, string, string, string]>([
    [
      'another OBS_DIM',
      'OBS_DIM = 3u',
      'OBS_DIM = 4u',
      `${at('const OBS')}: OBS_DIM is 4u, but the spec's observations has 3 names.`,
    ],
    [
      'an OBS_DIM that is computed',
      'OBS_DIM = 3u',
      'OBS_DIM = 2u + 2u',
      `${at('const OBS')}: OBS_DIM is 2u + 2u = 4, but the spec's observations has 3 names.`,
    ],
    [
      'an OBS_DIM that is no whole number',
      'OBS_DIM = 3u',
      'OBS_DIM = u32(3.5)',
      `${at('const OBS')}: 3.5 is not a constant whole number. Write a number.`,
    ],
    ['no OBS_DIM', 'const OBS_DIM = 3u;', '', 'my/drift.wgsl: OBS_DIM is missing. Write: const OBS_DIM = 3u;'],
    [
      'another ACTION_DIM',
      'ACTION_DIM = 3u',
      'ACTION_DIM = 2u',
      `${at('const ACTION')}: ACTION_DIM is 2u, but the spec's actionSpace`,
    ],
    [
      'no Action',
      'alias Action = array<f32, ACTION_DIM>;',
      '',
      'Action is missing. Write: alias Action = array<f32, ACTION_DIM>;',
    ],
    [
      'an index as action',
      '= array<f32, ACTION_DIM>',
      '= u32',
      `${at('alias')}: Action is u32, but the spec's actionSpace is a box of 3.`,
    ],
    ['no state', 'struct EnvState', 'struct Other', 'my/drift.wgsl: struct EnvState is missing.'],
    [
      'a flag as bool',
      'count: f32',
      'count: bool',
      `${at('count: f32')}: EnvState.count: bool is not possible here: no buffer can hold it; use u32, 0 or 1.`,
    ],
    [
      'no reset',
      'fn env_reset',
      'fn my_reset',
      'my/drift.wgsl: fn env_reset is missing. Declare: fn env_reset(rng: ptr<function, Rng>) -> EnvState',
    ],
    [
      'no step',
      'fn env_step',
      '// fn env_step',
      'my/drift.wgsl: fn env_step is missing. Declare: fn env_step(state: ptr<function, EnvState>,',
    ],
    [
      'a step without rng',
      ', rng: ptr<function, Rng>) -> StepResult',
      ') -> StepResult',
      `${at('fn env_step')}: fn env_step(state: ptr<function, EnvState>, action: Action) -> StepResult is not what is called. Declare: `,
    ],
    [
      'an observation of another length',
      '-> array<f32, OBS_DIM>',
      '-> array<f32, 2>',
      `${at('fn env_observe')}: fn env_observe(state: EnvState) -> array<f32, 2> is not what is called.`,
    ],
    [
      'memory between steps',
      'const OBS_DIM',
      'var<private> calls: u32;\nconst OBS_DIM',
      `${at('const OBS')}: var<private> calls is memory besides EnvState`,
    ],
    [
      'memory of a workgroup',
      'const OBS_DIM',
      'var<workgroup> calls: atomic<u32>;\nconst OBS_DIM',
      'var<workgroup> calls is memory besides EnvState',
    ],
    [
      'a mask for a box',
      'fn env_reset',
      'fn env_mask(state: EnvState) -> array<u32, ACTION_DIM> { return array<u32, ACTION_DIM>(); }\nfn env_reset',
      'env_mask, but a mask cannot forbid actions of the kind box. Leave it out.',
    ],
    [
      'an unknown import',
      '//#import "shaders/lib/env.wgsl"',
      '//#import "shaders/lib/evn.wgsl"',
      'env.wgsl: my/drift.wgsl:2: unknown import "shaders/lib/evn.wgsl"',
    ],
    [
      'a name of the framework',
      'fn env_reset',
      'fn rotate_left() {}\nfn env_reset',
      'rotate_left is declared twice, first at shaders/lib/rng.wgsl:',
    ],
    [
      "a name of the fused plan's",
      'fn env_reset',
      'fn record_of() {}\nfn env_reset',
      'record_of is declared twice, first at my/drift.wgsl:',
    ],
    [
      'a picture without its function',
      'const OBS_DIM',
      'const NUM_SHAPES = 1u;\nconst OBS_DIM',
      'my/drift.wgsl: fn env_shape is missing.',
    ],
    [
      'a state with a type that no buffer holds, in a struct of its own',
      'struct EnvState {',
      'struct Leg { down: bool }\nstruct EnvState {\n  legs: array<Leg, 2>,',
      `${at('struct')}: EnvState.legs.down: bool is not possible here: no buffer can hold it; use u32, 0 or 1.`,
    ],
    [
      'a state without commas',
      'x: f32,',
      'x: f32;',
      `${at('x: f32')}: EnvState.x: cannot read the type f32; count: f32.`,
    ],
    [
      'a state whose array has no length',
      'count: f32',
      'count: array<f32>',
      `${at('count: f32')}: EnvState.count: array<f32> has no length. Give it one: array<f32, 8>.`,
    ],
    [
      'a size below the natural one',
      'count: f32',
      '@size(2) count: f32',
      `${at('count: f32')}: EnvState.count: @size(2) is too small. f32 takes 4 bytes.`,
    ],
    [
      'a comment that is never closed',
      'fn env_observe',
      '/* fn env_observe',
      `env.wgsl: ${at('fn env_observe')}: this comment is never closed. Close it with */.`,
    ],
    [
      'a function that is only a comment',
      'fn env_step(',
      '/* fn env_step() {} */ fn my_step(',
      'my/drift.wgsl: fn env_step is missing.',
    ],
    [
      'a constant that is only a comment',
      'const OBS_DIM = 3u;',
      '/* /* */ const OBS_DIM = 3u; */',
      'my/drift.wgsl: OBS_DIM is missing.',
    ],
    [
      'a constant that is only in a function',
      'const OBS_DIM = 3u;',
      'fn f() { const OBS_DIM = 3u; }',
      'my/drift.wgsl: OBS_DIM is missing.',
    ],
    [
      'memory without an address space, behind a comment with a brace',
      'const OBS_DIM',
      '/* { */ var calls: u32;\nconst OBS_DIM',
      `${at('const OBS')}: var calls is memory besides EnvState`,
    ],
  ])('%s', (_, piece, replacement, message) => {
    expect(refusal(withWgsl(piece, replacement))).toContain(message)
  })

  test.each([
    [
      'a comment that mentions a variable',
      'const OBS_DIM',
      '// var<private> x: u32;\n/* var<private>\ny: u32; */\nconst OBS_DIM',
    ],
    ['plain numbers and aliases in signatures', '-> array<f32, OBS_DIM>', '-> Obs'],
    ['a vector as action', 'array<f32, ACTION_DIM>', 'vec3<f32>'],
    ['an action through an alias of an alias', 'array<f32, ACTION_DIM>', 'Obs'],
    ['an OBS_DIM that is computed', 'OBS_DIM = 3u', 'OBS_DIM: u32 = /* x, y */ 2u + /* z */ 1u'],
    ['comments between members', 'x: f32,', 'x: f32, // } first\n/* y: f32, /* z */ } */'],
    ['@size and @align', 'x: f32,', '@size(16) @align(8) x: f32,'],
    [
      'everything on one line',
      'struct EnvState {\n  x: f32,\n  count: f32,\n}',
      'struct EnvState { x: f32, count: f32 }',
    ],
    ['comments in a signature', 'fn env_step(state: ', 'fn env_step /* { */ ( // the state )\n state : '],
    ['parameters with a comma behind them', '(state: EnvState)', '(state: EnvState,)'],
    ['a local variable', 'let s = *state;', 'var<function> s = *state; { var t = 1; }'],
  ])('%s is right', (_, piece, replacement) => {
    const spec = withWgsl(piece, replacement)
    expect(refusal({ ...spec, wgsl: `${spec.wgsl}alias Obs = array<f32, 3>;\n` })).toBe('no error')
  })
})

test('every kernel that contains an environment is linked, and no module may take the name of a slot', () => {
  const imports = (path: string): string[] => {
    const direct = [...(SHADERS.get(path) ?? '').matchAll(/^\/\/#import "([^"]+)"$/gm)].map(([, name]) => name)
    return [...direct, ...direct.flatMap(imports)]
  }
  const kernels = [...SHADERS.keys()].filter((path) => /^shaders\/\w+\.wgsl$/.test(path))
  const withEnv = kernels.filter((path) => imports(path).includes('env')).map((path) => path.slice(8, -5))
  expect([...STEMS].sort()).toEqual(withEnv.sort())
  const slots = new Set(kernels.flatMap(imports).filter((name) => !SHADERS.has(name)))
  expect([...SLOTS].sort()).toEqual([...slots, 'bounds'].sort())
})

test('createPpo and checkEnv refuse before they ask for an adapter', async () => {
  const gpu = { requestAdapter: vi.fn() } as unknown as GPU
  const env = { ...drift, observations: [] }
  await expect(createPpo({ env, gpu })).rejects.toMatchObject({ name: 'ConfigError' })
  await expect(checkEnv(env, { gpu })).rejects.toMatchObject({ name: 'ConfigError' })
  await expect(checkEnv(drift, { gpu, steps: 0 })).rejects.toThrow(
    'checkEnv.steps: 0 is not a whole number from 1 to 10000.',
  )
  await expect(checkEnv(drift, { gpu, step: 3 } as never)).rejects.toThrow('checkEnv.step: there is no such option.')
  expect(gpu.requestAdapter).not.toHaveBeenCalled()
})
