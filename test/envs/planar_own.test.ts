/** A planar robot of a user's own: described, compiled, given a task, and linked into WGSL. */
import { expect, test } from 'vitest'
import { compilePlanar } from '../../envs/planar/compile'
import { findContacts } from '../../envs/planar/contacts'
import { planarEnv } from '../../envs/planar/env'
import { kinematics } from '../../envs/planar/kinematics'
import type { PlanarModel } from '../../envs/planar/model'
import { partsOf } from '../../envs/planar/parts'
import { noisy, type PlanarTask, reference, speed, sumOfSquares } from '../../envs/planar/task'
import { actionDim, obsDim } from '../../src/env/contract'
import { makeRng, STREAM } from '../../src/env/rng'
import { link } from '../../src/gpu/link'
import { reflectStruct } from '../../src/gpu/reflect'
import { SHADERS } from '../../src/gpu/shaders'
import { paramSlots } from '../../src/plan/params'

const model = compilePlanar({
  name: 'worm',
  bodies: [
    {
      name: 'tail',
      position: [0, 0.1],
      joints: [
        { kind: 'slide', name: 'x', axis: [1, 0] },
        { kind: 'slide', name: 'y', axis: [0, 1], ref: 0.1 },
        { kind: 'hinge', name: 'tilt' },
      ],
      capsules: [
        {
          ends: [
            [-0.5, 0],
            [0, 0],
          ],
          radius: 0.1,
        },
      ],
    },
    {
      name: 'head',
      parent: 'tail',
      position: [0, 0],
      joints: [{ kind: 'hinge', name: 'bend', range: [-1, 1], damping: 1, armature: 0.1 }],
      capsules: [
        {
          ends: [
            [0, 0],
            [0.5, 0],
          ],
          radius: 0.1,
        },
      ],
    },
  ],
  actuators: [{ joint: 'bend', gear: 60 }],
  floor: {},
  timestep: 0.01,
  frameSkip: 4,
  integrator: 'euler',
})

const worm: PlanarTask = {
  id: 'Worm-v0',
  model,
  observations: ['height', 'tilt', 'bend', 'x velocity', 'y velocity', 'tilting', 'bending'],
  maxEpisodeSteps: 500,
  rewardThreshold: null,
  params: {},
  start: (rng) => ({ qpos: noisy(rng, reference(model), 0.05), qvel: noisy(rng, [0, 0, 0, 0], 0.05) }),
  observe: ({ qpos, qvel }) => [...qpos.slice(1), ...qvel],
  outcome: (step) => ({ reward: speed(model, step) - 1e-3 * sumOfSquares(step.action), terminated: false }),
}

const wgsl = `
//#import "planar/task"
//#import "planar/picture"
const OBS_DIM = 7u;

fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  var qpos = uniform_noise(rng, 0.05);
  qpos[1] += REF[1];
  return state_at(qpos, uniform_noise(rng, 0.05));
}

fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let moved = advance(state, action);
  return StepResult(moved[0] / DT - 1e-3f * effort(action), 0u);
}

fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  let q = state.qpos;
  let v = state.qvel;
  return array<f32, OBS_DIM>(q[1], q[2], q[3], v[0], v[1], v[2], v[3]);
}
`

const spec = planarEnv(worm, {
  wgsl,
  wgslFile: 'worm.wgsl',
  preset: {},
  look: {
    frame: [-1, -0.2, 1, 1],
    capsules: { tail: '#46bfae', head: '#e2603f' },
    tiles: { kind: 'ground', size: 1 },
    handles: [],
  },
})

test('its sizes follow from the motors and the names of what it observes', () => {
  expect(spec.actionSpace).toEqual({ kind: 'box', low: [-1], high: [1] })
  expect([actionDim(spec), obsDim(spec)]).toEqual([1, 7])
  expect(spec.actions).toEqual(['bend'])
  expect(spec.picture?.follow).toBe('qpos[0]')
})

test('its WGSL links with the physics, and has the state of its twin', () => {
  const env = { file: spec.wgslFile, source: spec.wgsl }
  const { code } = link('env', SHADERS, { ...spec.modules, ...paramSlots(spec), env })
  const fields = reflectStruct(code, 'EnvState').fields.map(({ name }) => name)
  const state = spec.twin!.reset(makeRng(1, 0, STREAM.ENV_RESET, 0))
  expect(fields).toEqual(Object.keys(state))
  for (const name of ['env_shape', 'advance', 'effort']) expect(code).toContain(`fn ${name}(`)
})

test('a sphere touches the floor once, in the twin as in the kernel; a capsule that lies there twice', () => {
  const [long] = model.capsules
  const round: PlanarModel = {
    ...model,
    capsules: [{ ...long, ends: [long.ends[0], long.ends[0]] }],
    floorCapsules: [0],
  }
  const low = [0, 0.05, 0, 0]
  const touching = (model: PlanarModel) => findContacts(model, kinematics(model, low, [0, 0, 0, 0])).length
  expect(touching({ ...model, floorCapsules: [0] })).toBe(2)
  expect(touching(round)).toBe(1)
  expect([model, round].map((model) => partsOf({ ...model, floorCapsules: [0] }).touches.length)).toEqual([2, 1])
})

test('its twin falls onto the floor and stays above it', () => {
  const state = spec.twin!.reset(makeRng(1, 0, STREAM.ENV_RESET, 0))
  state.qpos[1] = 0.5
  const rng = makeRng(1, 0, STREAM.ENV_STEP, 0)
  for (let i = 0; i < 100; i++) expect(Number.isFinite(spec.twin!.step(state, [Math.sin(i)], rng).reward)).toBe(true)
  expect(state.qpos[1]).toBeGreaterThan(0.05)
  expect(state.qpos[1]).toBeLessThan(0.4)
})
