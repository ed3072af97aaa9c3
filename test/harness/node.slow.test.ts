/** dawn.node in place of Chrome: the same bits on the same adapter, and a process that ends whatever happens. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { openNode } from '../../harness/runtime/node'
import { resolveConfig } from '../../src/config/config'
import { eventually, processesWith, runCli, startCli } from '../support/cli'
import { rowsIn } from '../support/train'
import { chrome, folder, node, SOFTWARE, useRuntimes } from './runtimes'

useRuntimes()

describe.each(['layered', 'fused'] as const)('the %s plan', (plan) => {
  const sizes = { numAgents: 2, numEnvs: 4, numSteps: 32, numMinibatches: 2, updateEpochs: 2, totalTimesteps: 384 }
  const config = resolveConfig(cartPole.preset, { ...sizes, hidden: [16], plan, seed: 3 })

  test("trains to the bits of Chrome's weights, with the same rows", async () => {
    const [a, b] = await Promise.all(
      [chrome, node].map(async (runtime) => {
        const rows: unknown[] = []
        const collect = (event: unknown) => rows.push(...rowsIn(event))
        const result = await runtime.call('train', { env: cartPole.id, config }, collect)
        return { rows, result }
      }),
    )
    expect(b.result).toMatchObject({ iterations: 3, plan, dispatchesPerIteration: a.result.dispatchesPerIteration })
    expect(b.rows).toEqual(a.rows)
    const bits = ({ params }: { params: Float32Array }) => new Uint32Array(params.buffer, 0, params.length)
    expect(bits(b.result).some((word) => word !== 0)).toBe(true)
    expect(bits(b.result)).toEqual(bits(a.result))
  })
})

describe('the process with the GPU', () => {
  const endless = resolveConfig(cartPole.preset, {
    numEnvs: 4,
    numSteps: 64,
    stopWhenSolved: false,
    totalTimesteps: 2 ** 30,
  })

  test('rejects what is pending at once when it dies, and stays broken', async () => {
    const runtime = await openNode(SOFTWARE)
    const training = runtime.call('train', { env: cartPole.id, config: endless }, () =>
      process.kill(runtime.pid, 'SIGKILL'),
    )
    await expect(training).rejects.toMatchObject({ exitCode: 5, message: 'dawn.node: its process ended (SIGKILL).' })
    await expect(runtime.call('adapter', {})).rejects.toMatchObject({ exitCode: 5 })
    await runtime.close()
  })

  test('ends when the runtime is closed in the middle of training', async () => {
    const runtime = await openNode(SOFTWARE)
    const training = runtime.call('train', { env: cartPole.id, config: endless }).catch((error) => error)
    await runtime.close()
    expect(await training).toMatchObject({ exitCode: 75, message: 'dawn.node: the runtime was closed.' })
    expect(() => process.kill(runtime.pid, 0)).toThrow('ESRCH')
  })
})

describe('the commands', () => {
  const SMALL = ['--num-envs', '8', '--num-steps', '32', '--set', 'numMinibatches=4', '--set', 'updateEpochs=1']
  const NODE = ['--runtime', 'node', '--adapter', 'software']

  test('Ctrl-C, which the whole process group hears, stops, saves and says 75; nothing is left running', async () => {
    const out = join(folder, 'interrupted')
    const running = startCli(['train', ...NODE, ...SMALL, '--set', 'stopWhenSolved=false', '--json', '--out', out])
    await running.shows(/steps\/s/)
    const hosts = childrenOf(running.pid)
    expect(hosts).toHaveLength(1)
    for (const pid of [...hosts, running.pid]) process.kill(pid, 'SIGINT')
    expect((await running.done).code).toBe(75)
    expect(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')).interrupted).toBe(true)
    expect(await eventually(() => hosts.every((pid) => !isAlive(pid)), 5)).toBe(true)
  })

  test('a killed command takes the process with the GPU along', async () => {
    const running = startCli([
      'train',
      ...NODE,
      ...SMALL,
      '--set',
      'stopWhenSolved=false',
      '--out',
      join(folder, 'killed'),
    ])
    await running.shows(/steps\/s/)
    const hosts = childrenOf(running.pid)
    running.kill('SIGKILL')
    await running.done
    expect(hosts).toHaveLength(1)
    expect(await eventually(() => hosts.every((pid) => !isAlive(pid)), 10)).toBe(true)
  })

  test('verify', async () => {
    const files = ['gae.safetensors', 'discrete.safetensors'].map((name) => `test/golden/${name}`)
    const { code, stdout } = await runCli(['verify', ...NODE, ...files, '--json'])
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!).ok).toBe(true)
    expect(code).toBe(0)
  })
})

/** Processes of host.js whose parent is `pid`. */
function childrenOf(parent: number): number[] {
  const hosts = processesWith('dist/host.js')
  return hosts.filter((pid) => {
    const [, ppid] = readFileSync(`/proc/${pid}/stat`, 'utf8').match(/\) \S (\d+) /)!
    return Number(ppid) === parent
  })
}

function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
