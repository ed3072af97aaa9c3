import { afterAll, beforeAll, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { type HarnessMachine, openMachine } from '../../harness/sweep/machine'
import { splitCheckpoint } from '../../src/checkpoint/agents'
import { resolveConfig } from '../../src/config/config'
import { sourceHash } from '../../src/env/source'
import { agentState } from '../../src/sweep/agent'
import { readLeft } from '../../src/sweep/left'
import { workOn } from '../../src/sweep/work'
import { batchOf, collecting, member } from '../support/batches'

const config = resolveConfig({}, { numEnvs: 4, numSteps: 32, hidden: [8], totalTimesteps: 40 * 128 }, cartPole)
const batch = batchOf({
  env: { id: cartPole.id, hash: sourceHash(cartPole) },
  ...{ config, until: 40 * 128, members: [member(0), member(1), member(2)] },
})

let machine: HarnessMachine
const warnings: string[] = []
beforeAll(async () => {
  machine = await openMachine({ adapter: 'software' }, (line) => warnings.push(line))
})
afterAll(() => machine.close())

const hashes = ({ results }: ReturnType<typeof collecting>) => results.map((one) => [one.trial, one.weightsHash])

test('a batch goes on in another browser after a loss, and ends when it is told to', async () => {
  expect(machine.fits(cartPole, config)).toBeGreaterThanOrEqual(1)
  expect(machine.software).toBe(true)
  let killed = false
  const kill = () => {
    if (!killed) process.kill(machine.pid, 'SIGKILL')
    killed = true
  }
  const lost = collecting({ spec: cartPole, machine, speed: kill })
  await workOn(batch, lost)
  expect(warnings.join()).toMatch(/Starting again, 1 of at most 3/)
  expect(lost.results.map(({ status }) => status)).toEqual(['finished', 'finished', 'finished'])

  const abort = new AbortController()
  const { signal } = abort
  const found: Uint8Array[] = []
  const leave = async (bytes: Uint8Array) => void found.push(bytes)
  const ended = collecting({ spec: cartPole, machine, signal, leave, speed: () => abort.abort() })
  await expect(workOn(batch, ended)).rejects.toMatchObject({ name: 'AbortError' })
  // What it had computed is there for the next one.
  expect(found).toHaveLength(1)
  const { left, checkpoint } = readLeft(found[0])!
  const [state] = splitCheckpoint(checkpoint, cartPole).map((bytes) => agentState(bytes, cartPole))
  expect(state.iterations).toBeGreaterThan(0)
  expect(left.curves[0].at(-1)![0]).toBe(state.iterations * 128)
  const heir = collecting({ spec: cartPole, machine, found })
  await workOn(batch, heir)

  const whole = collecting({ spec: cartPole, machine })
  await workOn(batch, whole)
  expect(hashes(whole)).toEqual(hashes(lost))
  expect(hashes(heir).sort()).toEqual(hashes(whole).sort())
  expect(heir.results.map(({ curve }) => curve)).toEqual(whole.results.map(({ curve }) => curve))
  expect(whole.results.every(({ mixed }) => !mixed)).toBe(true)
})
