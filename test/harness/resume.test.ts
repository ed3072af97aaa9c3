import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventually, runCli } from '../support/cli'
import { checkpoints, expectSame, folder, SMALL, set, startUntil, useFolder, WAIT_SECONDS, whole } from './interrupted'

useFolder()

// The fused plan, other interruptions and full disks: resume.slow.test.ts.
describe('a run that is interrupted and goes on', () => {
  test('ends as one that was not: layered, two agents, continuous, normalised; killed', {
    timeout: 600_000,
  }, async () => {
    const options = ['--env', 'Pendulum-v1', '--num-agents', '2', ...SMALL]
    options.push(...set('plan=layered', 'normObs=true', 'normReward=true', 'hidden=16'), '--total-timesteps', '15360')
    await whole('layered', options)
    const out = join(folder, 'layered-parts')
    const args = ['train', ...options, '--checkpoint-every', '4i', '--out', out]
    const killed = await startUntil('layered-parts', 16, args)
    // Rows must be on the disk before the checkpoint of their iteration.
    if (!(await eventually(() => checkpoints('layered-parts').length > 0, WAIT_SECONDS)))
      throw new Error('no checkpoint came')
    killed.kill('SIGKILL')
    await killed.done
    writeFileSync(join(out, 'metrics.jsonl'), '{"agent":0,"seed', { flag: 'a' })
    const [newest] = checkpoints('layered-parts').reverse()
    const { code } = await runCli(['train', '--resume', join(out, newest), '--json'])
    expect(code).toBe(0)
    expectSame('layered-parts', 'layered')
  })
})
