import { afterAll, beforeAll, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { type HarnessMachine, openMachine } from '../../harness/sweep/machine'
import { resolveConfig } from '../../src/config/config'
import { sourceHash } from '../../src/env/source'
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
  const ended = collecting({ spec: cartPole, machine, signal: abort.signal, speed: () => abort.abort() })
  await expect(workOn(batch, ended)).rejects.toMatchObject({ name: 'AbortError' })

  const whole = collecting({ spec: cartPole, machine })
  await workOn(batch, whole)
  expect(hashes(whole)).toEqual(hashes(lost))
  expect(whole.results.every(({ mixed }) => !mixed)).toBe(true)
})
