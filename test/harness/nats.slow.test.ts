/**
 * Sweeps by two workers over a real nats-server, with SIGKILL of a worker, the coordinator or the server at random
 * moments: every trial has exactly one result in every rung, equal to that of one machine alone.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { runCli, type Started, startCli } from '../support/cli'
import { type NatsServer, startNats } from '../support/nats'

const KILLS = 20
const SEED = Number(process.env.PPO_WEBGPU_KILL_SEED ?? Date.now() % 2 ** 31)
const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-many-'))
let server: NatsServer
const workers: Started[] = []

beforeAll(async () => {
  await buildCli()
  server = await startNats()
})
afterAll(async () => {
  for (const worker of workers) worker.kill('SIGTERM')
  await Promise.all(workers.map(({ done }) => done))
  await server?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Mulberry32. */
function makeRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const sweepArgs = (out: string) => [
  ...['sweep', '--env', 'CartPole-v1', '--trials', '9', '--seed', '3', '--total-timesteps', '73728', '--eta', '3'],
  ...['--set', 'learningRate=loguniform(1e-4,1e-2)', '--set', 'hidden=16', '--num-envs', '8', '--num-steps', '64'],
  ...['--finalists', '1', '--final-seeds', '2', '--out', out],
]
const startSweep = (out: string) => startCli([...sweepArgs(out), '--nats', server.url, '--nats-ack-wait', '3'])
const startWorker = () => startCli(['worker', '--nats', server.url, '--adapter', 'software'])

/** What must be equal, by trial and rung. */
function resultsOf(out: string): Record<string, unknown> {
  const results: Record<string, unknown> = {}
  for (const line of readFileSync(join(out, 'results.jsonl'), 'utf8').trim().split('\n')) {
    const { trial, rung, score, weightsHash, timesteps, status, mixed, error } = JSON.parse(line)
    expect(results, `trial ${trial}, rung ${rung} again`).not.toHaveProperty(`${trial}/${rung}`)
    results[`${trial}/${rung}`] = { score, weightsHash, timesteps, status, mixed, error }
  }
  return results
}

const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

test(`after ${KILLS} kills every trial has one result, that of one machine alone (seed ${SEED})`, async () => {
  const random = makeRandom(SEED)
  const alone = join(folder, 'alone')
  const { code, stderr } = await runCli([...sweepArgs(alone), '--adapter', 'software'])
  expect(code, stderr).toBe(0)
  const wanted = resultsOf(alone)
  expect(Object.keys(wanted).length).toBeGreaterThan(12)

  workers.push(startWorker(), startWorker())
  const told: string[] = []
  let kills = 0
  for (let sweep = 0; kills < KILLS; sweep++) {
    const out = join(folder, `together-${sweep}`)
    let coordinator = startSweep(out)
    for (;;) {
      const ended = await Promise.race([coordinator.done, sleep(1 + 5 * random())])
      if (ended) {
        expect((ended as { code: number }).code, (ended as { stderr: string }).stderr).toBe(0)
        break
      }
      if (kills === KILLS) continue
      const kind = ['worker', 'coordinator', 'server'][kills % 3]
      told.push(kind)
      kills++
      if (kind === 'server') {
        await server.kill('SIGKILL')
        await server.start()
      } else if (kind === 'coordinator') {
        coordinator.kill('SIGKILL')
        await coordinator.done
        coordinator = startSweep(out)
      } else {
        const k = Math.floor(random() * workers.length)
        workers[k].kill('SIGKILL')
        await workers[k].done
        workers[k] = startWorker()
      }
    }
    expect(existsSync(join(out, 'result.json'))).toBe(true)
    expect(resultsOf(out), `sweep ${sweep}, seed ${SEED}, after ${told.join(', ')}`).toEqual(wanted)
  }
  expect(kills).toBe(KILLS)
}, 480_000)
