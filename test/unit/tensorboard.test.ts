import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import { watchDisk } from '../../harness/disk/disk'
import type { AgentRow } from '../../harness/figures/csv'
import { masked, openEventFile } from '../../harness/tensorboard/eventfile'
import { MAX_AGENTS, openTensorboard } from '../../harness/tensorboard/log'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import { crc32c } from '../../src/files/crc32c'
import { NO_EVALUATION } from '../../src/metrics'
import { readEvents } from '../support/events'

/** These tests have a disk without errors. */
const watch = watchDisk((line) => {
  throw new Error(line)
})
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const setup = (options: PpoOptions = {}) => {
  const spec = findEnv('CartPole-v1')
  return { spec, preset: 'default', config: resolveConfig(spec.preset, options, spec) }
}
/** A row whose numbers all differ. */
const row = (timesteps: number, changes: Partial<AgentRow> = {}): AgentRow => ({
  ...{ agent: 0, seed: 1, iteration: timesteps / 64, timesteps, status: 'running' },
  ...{ pgLoss: -0.25, vLoss: 2, entropy: 0.5, loss: 1.25, approxKl: 0.0625, oldApproxKl: -0.125, clipfrac: 0.375 },
  ...{ kl: 0.03125, gradNorm: 3, explainedVariance: 0.75, learningRate: 2 ** -10, klCoef: 4 },
  ...{ minibatches: 8, updates: 8, epochsDone: 1, situations: [1, 2, 3, 4, 5, 6], episodes: 2 },
  ...{ returnMean: 20, returnMin: 10, returnMax: 30, returnStd: 10, lengthMean: 21, lengthMin: 11, lengthMax: 31 },
  ...{ lengthStd: 10, episodicReturn: 22, solvedAt: null, ...NO_EVALUATION, notFinite: null },
  ...changes,
})
const filesOf = (path: string) =>
  readdirSync(path)
    .filter((name) => name.includes('tfevents'))
    .sort()
    .map((name) => join(path, name))

describe('the event files of a run', () => {
  test('hold every number of every row under the usual names, and the configuration', () => {
    const log = openTensorboard(folder, setup({ seed: 3 }), watch)
    const begun = Date.now() / 1000
    log.row(row(2048), 2)
    log.row(row(4096, { returnMean: null, lengthMean: null, episodicReturn: null, explainedVariance: null }), null)
    log.row(row(2 ** 40, { vLoss: Number.NaN }), 4)
    log.close()
    const [path, ...others] = filesOf(folder)
    expect(others).toEqual([])
    const [first, text, , , ...rows] = readEvents(path)
    expect(first).toMatchObject({ version: 'brain.Event:2', step: 0, scalars: {} })
    const table = text.texts['hyperparameters/text_summary']
    expect(table).toMatch(/^\|param\|value\|\n\|-\|-\|\n\|env\|CartPole-v1\|\n\|preset\|default\|\n\|seed\|3\|\n/)
    expect(table).toContain('|hidden|[64,64]|')
    const numbers = {
      ...{ 'charts/episodic_return': 20, 'charts/episodic_length': 21, 'charts/episodic_return_100': 22 },
      ...{ 'charts/learning_rate': 2 ** -10, 'charts/kl_coef': 4, 'losses/policy_loss': -0.25 },
      ...{ 'losses/value_loss': 2, 'losses/entropy': 0.5, 'losses/loss': 1.25, 'losses/approx_kl': 0.0625 },
      ...{ 'losses/old_approx_kl': -0.125, 'losses/kl': 0.03125, 'losses/clipfrac': 0.375, 'losses/grad_norm': 3 },
      ...{ 'losses/explained_variance': 0.75 },
    }
    expect(rows.map(({ step }) => step)).toEqual([2048, 4096, 2 ** 40])
    expect(rows[0].scalars).toEqual({ ...numbers, 'charts/SPS': 1024 })
    const absent = ['charts/episodic_return', 'charts/episodic_length', 'charts/episodic_return_100']
    const there = Object.entries(numbers).filter(([tag]) => ![...absent, 'losses/explained_variance'].includes(tag))
    expect(rows[1].scalars).toEqual(Object.fromEntries(there))
    expect(rows[2].scalars).toMatchObject({ 'losses/value_loss': Number.NaN, 'charts/SPS': 2 ** 38 })
    for (const { wallTime } of rows) expect(Math.abs(wallTime - begun)).toBeLessThan(60)
  })

  test('of a run that goes on: a file of its own that sorts after, and ends what was behind', () => {
    const before = openTensorboard(folder, setup(), watch)
    for (const t of [2048, 4096, 6144]) before.row(row(t), null)
    before.close()
    const log = openTensorboard(folder, setup(), watch, [4096])
    log.row(row(6144), 2)
    log.close()
    const files = filesOf(folder)
    expect(files).toHaveLength(2)
    expect(readEvents(files[0]).map(({ step }) => step)).toEqual([0, 0, 0, 0, 2048, 4096, 6144])
    const again = readEvents(files[1])
    // START with a step: TensorBoard drops what it has from that step on.
    expect(again.map(({ step, session }) => [step, session])).toEqual([
      [0, undefined],
      [4097, 1],
      [0, undefined],
      [0, undefined],
      [0, undefined],
      [6144, undefined],
    ])
    expect(again[5].scalars['charts/SPS']).toBe(1024) // of what this run of the program did
  })

  test('of several agents: a folder each, up to a limit', () => {
    const rates = Array.from({ length: MAX_AGENTS + 2 }, (_, k) => k / 16)
    const log = openTensorboard(folder, setup({ numAgents: MAX_AGENTS + 2, learningRate: rates }), watch)
    for (let agent = 0; agent < MAX_AGENTS + 2; agent++) log.row(row(2048, { agent, vLoss: agent }), 1)
    log.close()
    expect(readdirSync(folder)).toHaveLength(MAX_AGENTS)
    const [, text, , , only, ...more] = readEvents(filesOf(join(folder, 'agent-63'))[0])
    expect(text.texts['hyperparameters/text_summary']).toMatch(/\|learningRate\|3\.9375\|\n/)
    expect(only.scalars['losses/value_loss']).toBe(63)
    expect(more).toEqual([])
  })

  describe('for the panel "HParams"', () => {
    const TAG = '_hparams_/'
    const written = (options: PpoOptions, last: Partial<AgentRow>, path = folder) => {
      const log = openTensorboard(folder, setup(options), watch)
      log.row(row(2048, last), 1)
      log.close()
      return Object.assign({}, ...readEvents(filesOf(path)[0]).map(({ hparams }) => hparams))
    }

    test('hold every option with its type, the metrics, and when training began', () => {
      const begun = Date.now() / 1000
      const { [`${TAG}experiment`]: experiment, [`${TAG}session_start_info`]: start } = written(
        { seed: 3, learningRate: 2 ** -9, hidden: [8, 8], targetKl: null },
        {},
      )
      expect(start.values).toMatchObject({
        ...{ env: 'CartPole-v1', preset: 'default', seed: 3, learningRate: 2 ** -9 },
        ...{ hidden: '[8,8]', annealLr: true, clipVloss: false, algorithm: 'clip' },
      })
      expect(start.values).not.toHaveProperty('targetKl')
      expect(start.values).not.toHaveProperty('sweep')
      expect(Math.abs(start.seconds - begun)).toBeLessThan(60)
      expect(Object.keys(experiment.types)).toEqual(Object.keys(start.values))
      expect(experiment.types).toMatchObject({ env: 1, hidden: 1, annealLr: 2, clipVloss: 2, seed: 3, gamma: 3 })
      expect(experiment.metrics).toContain('charts/episodic_return_100')
      expect(experiment.metrics.every((tag: string) => /^(charts|losses)\/\w+$/.test(tag))).toBe(true)
    })

    test.each([
      ['finished', 1],
      ['solved', 1],
      ['notFinite', 2],
      ['running', undefined],
    ] as const)('an agent that is %s ends with %s', (status, wanted) => {
      const end = written({}, { status })[`${TAG}session_end_info`]
      expect(end?.status).toBe(wanted)
      if (end) expect(Math.abs(end.seconds - Date.now() / 1000)).toBeLessThan(60)
    })

    test('each agent has its own values', () => {
      const options = { numAgents: 2, learningRate: [2 ** -9, 2 ** -8] }
      const { [`${TAG}session_start_info`]: start } = written(options, { agent: 1 }, join(folder, 'agent-1'))
      expect(start.values).toMatchObject({ learningRate: 2 ** -8, seed: 2, numAgents: 1 })
    })

    test('parameters of an environment have a name each', () => {
      const spec = findEnv('LunarLander-v3')
      const config = resolveConfig(spec.preset, { envParams: { gravity: { uniform: [-11, -9] } } }, spec)
      openTensorboard(folder, { spec, preset: 'default', config }, watch).close()
      const events = readEvents(filesOf(folder)[0])
      const values = events.flatMap(({ hparams }) => hparams[`${TAG}session_start_info`]?.values ?? [])[0]
      expect(values).toMatchObject({ 'envParams.gravity': '{"uniform":[-11,-9]}', 'envParams.windPower': 15 })
    })
  })

  test('a folder that cannot be made ends the log with a warning, and nothing else', () => {
    writeFileSync(join(folder, 'agent-1'), 'a file')
    const said: string[] = []
    const log = openTensorboard(
      folder,
      setup({ numAgents: 2 }),
      watchDisk((line) => said.push(line)),
    )
    log.row(row(2048), 1)
    log.flush()
    log.close()
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(/^WARNING: the log for TensorBoard could not be made \(EEXIST/)
  })
})

describe('openEventFile', () => {
  test('never writes into a file that is there, and many in a second sort in order', () => {
    const paths = Array.from({ length: 12 }, () => {
      const file = openEventFile(folder, watch, null, () => 1_700_000_000_999)
      file.close()
      return file.path
    })
    expect(new Set(paths).size).toBe(12)
    expect(paths.toSorted()).toEqual(paths)
    expect(paths[0]).toMatch(/events\.out\.tfevents\.1700000000\.ppo-webgpu\.000$/)
  })

  test('sorts last even when the clock was set back', () => {
    const times = [1_700_000_000_000, 1_600_000_000_000]
    const paths = times.map((time) => {
      const file = openEventFile(folder, watch, null, () => time)
      file.close()
      return file.path
    })
    expect(paths.toSorted()).toEqual(paths)
  })

  test('text of any kind, also |, comes back', () => {
    const file = openEventFile(folder, watch)
    file.text('a/b', 'ä€😀|\n\u0007')
    file.close()
    expect(readEvents(file.path)[1].texts).toEqual({ 'a/b': 'ä€😀|\n\u0007' })
  })

  test('control: one flipped bit anywhere is noticed by the checksums', () => {
    const file = openEventFile(folder, watch)
    file.scalars(1, [['x', 2]])
    file.close()
    const bytes = readFileSync(file.path)
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit >> 3] ^= 1 << (bit & 7)
      writeFileSync(file.path, bytes)
      expect(() => readEvents(file.path), `bit ${bit}`).toThrow()
      bytes[bit >> 3] ^= 1 << (bit & 7)
    }
  })

  test('a folder that is not there is an error', () => {
    expect(() => openEventFile(join(folder, 'none'), watch)).toThrow('ENOENT')
    expect(existsSync(join(folder, 'none'))).toBe(false)
  })
})

test('masked checksums are those of TensorFlow, whose own event files begin with these bytes', () => {
  const begin = [0x18, 0, 0, 0, 0, 0, 0, 0, 0xa3, 0x7f, 0x4b, 0x22]
  const checksum = new DataView(Uint8Array.from(begin).buffer).getUint32(8, true)
  expect(masked(crc32c(Uint8Array.from(begin.slice(0, 8))))).toBe(checksum)
})
