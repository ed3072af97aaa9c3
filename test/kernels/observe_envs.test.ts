import { expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { criticDim, networkShape } from '../../src/model/network'
import { envSlots, policySlots } from '../../src/plan/kernels'
import { observeEnvs } from '../../src/reference/observe_envs'
import { resetEnvs } from '../../src/reference/reset_envs'
import {
  columnOf,
  expectUntouched,
  gates,
  isField,
  makeRecords,
  perItem,
  progressOf,
  runKernel,
  structsOf,
} from '../support/kernel'
import { windEnv } from '../support/privileged_env'
import { asStruct, driftEnv, paramsFor } from './envs'

// Three agents, the second one halted: its records must not change.
test.each([
  ['CartPole-v1', cartPole, 1, 1],
  ['CartPole-v1', cartPole, 65, 2],
  ['Drift', driftEnv, 7, 123],
  ['Wind-v0', windEnv(), 65, 2],
] as [string, EnvSpec, number, number][])(
  'observe_envs: $0, $2 environments x $3 steps',
  async (_, spec, numEnvs, numSteps) => {
    const shape = networkShape(spec, resolveConfig({}, {}))
    const slots = { ...policySlots(shape), ...envSlots(spec) }
    const structs = structsOf('observe_envs', slots)
    const numAgents = 3
    const states = [1, 2, 3].map((seed) => resetEnvs(spec, seed, numEnvs))
    for (const slot of states.flat()) {
      const state = slot.state as Record<string, number>
      for (const field in state) state[field] = Math.fround(state[field])
    }
    const agentRows = (numSteps + 1) * numEnvs
    const episodes = new Uint32Array(numAgents * numEnvs * (spec.params ? structs.words('Episode') : 0))
    const transitions = makeRecords(shape, numAgents * agentRows)
    const after = await runKernel({
      stem: 'observe_envs',
      slots,
      args: { numEnvs, numSteps, stopStride: 3, isFirst: 0 },
      buffers: {
        stop: gates(numAgents, 3, { 1: [0] }),
        env_states: structs.write(
          'EnvState',
          states.flat().map(({ state }) => asStruct(state)),
        ),
        transitions,
        ...paramsFor('observe_envs', slots, spec, numAgents),
        ...(spec.params ? { progress: progressOf(structs, [{}, {}, {}]), episodes } : {}),
      },
      outputs: ['transitions'],
      workgroups: perItem(numEnvs, numAgents),
    })
    for (const agent of [0, 2]) {
      const width = criticDim(shape)
      const obs = new Float64Array(numEnvs * width)
      observeEnvs(spec, states[agent], obs, 0, width)
      // Copies, and a doubling: exact.
      const column = (field: 'obs' | 'actorObs') =>
        columnOf(shape, after.transitions, field, numEnvs, agent * agentRows)
      expect(column('obs')).toEqual(Float32Array.from(obs))
      expect(column('actorObs')).toEqual(Float32Array.from(obs).filter((_, i) => i % width < shape.obsDim))
    }
    const written = isField(
      shape,
      ['obs', 'actorObs'],
      (row) => row % agentRows < numEnvs && Math.floor(row / agentRows) % 2 === 0,
    )
    expectUntouched(
      'observe_envs.transitions',
      after.transitions,
      transitions,
      (i) => i < transitions.length - 16 && written(i),
    )
  },
)
