import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { linesOfJson } from '../../harness/cli/output'
import { quantile, spreadCurve, thinCurve } from '../../harness/figures/curve'
import { lineChart } from '../../harness/figures/plot'
import { deviation } from '../../harness/figures/summary'
import { runCli } from '../support/cli'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
beforeAll(buildCli)
afterAll(() => rmSync(folder, { recursive: true }))

const SMALL = '--seeds 2 --seed 7 --num-envs 8 --num-steps 64 --set numMinibatches=4 --set updateEpochs=1'.split(' ')

const KEYS = [
  ...['env', 'preset', 'seeds', 'evalReturn', 'evalReturnStd', 'evalReturns'],
  ...['evalIqm', 'evalIqmLow', 'evalIqmHigh', 'solvedAt', 'solvedSeconds'],
  ...['timesteps', 'wallSeconds', 'sps', 'plan', 'adapter', 'curve', 'out'],
]
const FILES = [
  ...[
    'agent-0',
    'agent-1',
    'config.json',
    'facts.json',
    'learn.json',
    'learning-curve.svg',
    'metrics.csv',
    'metrics.jsonl',
  ],
  ...['policy-0.safetensors', 'policy-1.safetensors', 'policy.safetensors'],
]
const read = (out: string, name: string) => readFileSync(join(out, name), 'utf8')

describe('learn', () => {
  test('--json on the CPU reference: shape, folder, and the same scores from eval', async () => {
    const out = join(folder, 'reference')
    const options = [...SMALL, '--total-timesteps', '4096', '--set', 'hidden=8', '--reference', '--json', '--out', out]
    const { code, stdout, stderr } = await runCli(['learn', ...options])
    expect({ code, lines: stdout.trim().split('\n').length }, stderr).toEqual({ code: 0, lines: 1 })
    const result = JSON.parse(stdout)
    expect(Object.keys(result)).toEqual(KEYS)
    expect(result).toMatchObject({ env: 'CartPole-v1', preset: 'default', seeds: [7, 8], plan: 'reference', out })
    expect(result).toMatchObject({ timesteps: 4096, solvedAt: [null, null], solvedSeconds: [null, null] })
    expect(result.evalReturns).toHaveLength(2)
    expect(result.evalReturn).toBeCloseTo((result.evalReturns[0] + result.evalReturns[1]) / 2, 9)
    expect(result.evalReturnStd).toBeCloseTo(Math.abs(result.evalReturns[0] - result.evalReturns[1]) / 2, 9)
    expect(result.curve.length).toBeGreaterThan(0)
    for (const point of result.curve) {
      expect(Object.keys(point)).toEqual(['timesteps', 'mean', 'q25', 'q75'])
      expect(point.q25 <= point.mean && point.mean <= point.q75).toBe(true) // of two seeds the mean is the median
    }
    expect(result.curve.at(-1).timesteps).toBe(4096)

    expect(readdirSync(out).sort()).toEqual(FILES)
    const saved = JSON.parse(read(out, 'learn.json'))
    expect(saved).toMatchObject(result)
    expect(saved).toMatchObject({ interrupted: false, config: { numAgents: 2, seed: 7 } })
    expect(saved.source).toMatchObject({ date: expect.any(String), commit: expect.anything() })
    const svg = read(out, 'learning-curve.svg')
    expect(svg).toContain('2 seeds from 7')
    expect(svg).toContain('solved: 475')
    expect(svg).toContain('fill-opacity')

    const seed = String(saved.agents[1].evaluation.evalSeed)
    const again = await runCli(['eval', join(out, 'policy-1.safetensors'), '--seed', seed, '--json'])
    expect(JSON.parse(again.stdout)).toMatchObject({
      episodes: 100,
      meanReturn: result.evalReturns[1],
      stdReturn: saved.agents[1].evaluation.stdReturn,
    })
  })

  test('on the GPU: the table', async () => {
    const out = join(folder, 'gpu')
    const { code, stdout, stderr } = await runCli(['learn', ...SMALL, '--total-timesteps', '1024', '--out', out])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^seed +solved at +seconds +final return +evaluation$/m)
    expect(stdout).toMatch(/^7 .* \d+\.\d \+- \d+\.\d$/m)
    expect(stdout).toMatch(/^8 .* \d+\.\d \+- \d+\.\d$/m)
    expect(stdout).toMatch(/^all .* \d+\.\d \+- \d+\.\d$/m)
    expect(stdout).toMatch(/^Return .* over 2 seeds, 100 episodes each \(the threshold is 475\)\.$/m)
    expect(readdirSync(out).sort()).toEqual(FILES)
    const saved = JSON.parse(read(out, 'learn.json'))
    expect(saved.plan).toMatch(/^(layered|fused)$/)
    expect(saved.source.browser).toEqual(expect.any(String))
  })
})

describe('bad input ends with exit code 2 and one message, before any browser', () => {
  test.each<[string, RegExp]>([
    ['--seeds 0', /--seeds: "0" is not a whole number from 1/],
    ['--seeds five', /--seeds: "five" is not a whole number/],
    ['--seed -1', /config\.seed: -1 is out of range/],
    ['--seed 4294967295', /config\.seed: the last of 5 agents/],
    ['--sees 5', /--sees: learn has no such option \(did you mean "--seeds?"\?\)/],
    ['--num-agents 5', /--num-agents: learn trains one agent for each seed\. Use --seeds N\./],
    ['--num-agents', /--num-agents: learn trains one agent for each seed/],
    ['--num-agent 5', /--num-agent: learn has no such option\. See/],
    ['--set numAgents=5', /--set numAgents: learn trains one agent for each seed/],
    ['--set learningRate=[1e-3,1e-4] --seeds 2', /learningRate: learn trains every seed with the same options/],
    ['--env CartPol', /there is no environment "CartPol"/],
    ['--preset cleanr', /no preset "cleanr" \(did you mean "cleanrl"\?\)/],
    ['--reference --set gamma=2', /config\.gamma: 2 is out of range/],
    ['--adapter sofware', /--adapter: "sofware" is not one of/],
    ['--out /proc/nowhere', /--out: cannot write to \/proc\/nowhere/],
    ['more', /"more": learn takes no argument without a name/],
  ])('%s', async (line, message) => {
    const out = join(folder, 'refused')
    const place = line.includes('--out') ? [] : ['--out', out]
    const { code, stdout, stderr } = await runCli(['learn', ...line.split(' '), ...place], {
      PPO_WEBGPU_CHROME: join(folder, 'no-browser'),
    })
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/^error: /)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(existsSync(out)).toBe(false)
  })
})

test('--help names --seeds and not --num-agents', async () => {
  const { code, stdout } = await runCli(['learn', '--help'])
  expect(code).toBe(0)
  expect(stdout).toContain('npm run learn --')
  expect(stdout).toContain('--seeds N')
  expect(stdout).not.toMatch(/--num-agents|numAgents/)
})

describe('the band', () => {
  const agent = (...returns: (number | null)[]) =>
    returns.map((r, i) => ({ timesteps: 10 * (i + 1), episodicReturn: r }))

  test("quartiles are NumPy's", () => {
    // numpy.quantile([3, 1, 10, 4, 2], q) and ([1, 2, 3, 5], q)
    expect([0, 0.25, 0.5, 0.75, 1].map((q) => quantile([3, 1, 10, 4, 2], q))).toEqual([1, 2, 3, 4, 10])
    expect([0.25, 0.75].map((q) => quantile([5, 1, 2, 3], q))).toEqual([1.75, 3.5])
    expect(quantile([7], 0.25)).toBe(7)
    expect(quantile([-0.5, -100, 20], 0.5)).toBe(-0.5)
  })

  test('starts where every agent has a return; one that stopped keeps its last', () => {
    const curve = spreadCurve([agent(null, 1, 3), agent(0, 2, 4, 8), agent(0, 6)])
    expect(curve).toEqual([
      { timesteps: 20, mean: 3, q25: 1.5, q75: 4 },
      { timesteps: 30, mean: 13 / 3, q25: 3.5, q75: 5 },
      { timesteps: 40, mean: 17 / 3, q25: 4.5, q75: 7 },
    ])
    expect(spreadCurve([agent(1, 2), []])).toEqual([])
    expect(spreadCurve([agent(null), agent(5)])).toEqual([])
  })

  test('thinning keeps means of all three', () => {
    const curve = Array.from({ length: 10 }, (_, i) => ({ timesteps: 100 * i, mean: i, q25: i - 1, q75: i + 2 }))
    expect(thinCurve(curve, 10)).toEqual(curve)
    expect(thinCurve(curve, 5)[0]).toEqual({ timesteps: 50, mean: 0.5, q25: -0.5, q75: 2.5 })
  })

  test('is drawn within the axes, and left out without points', () => {
    const text = { title: 't', subtitle: 's', xLabel: 'x', yLabel: 'y', series: [] }
    const band = { color: '#123456', label: 'half' }
    const svg = lineChart({ ...text, band: { ...band, points: [1, 2, 3].map((x) => ({ x, low: -x, high: 700 * x })) } })
    expect(svg).toContain('>2500<')
    expect(svg).toContain('>half<')
    const d = /<path d="M([^"]*)Z" fill="#123456"/.exec(svg)![1]
    const corners = d.split('L').map((p) => p.split(' ').map(Number))
    expect(corners).toHaveLength(6)
    for (const [x, y] of corners) expect(x >= 76 && x <= 772 && y >= 72 && y <= 402).toBe(true)
    const empty = lineChart({ ...text, band: { ...band, points: [] } })
    expect(empty).not.toMatch(/#123456|NaN|undefined/)
  })
})

test('the standard deviation divides by n', () => {
  expect(deviation([2, 4, 4, 4, 5, 5, 7, 9])).toBe(2)
  expect(deviation([3])).toBe(0)
})

test('JSON with a line for each field and each entry of a list of objects', () => {
  const value = { a: 1, seeds: [1, 2], none: null, empty: [], list: [{ x: 1 }, { x: 2 }], nested: { y: [3] } }
  const text = linesOfJson(value)
  expect(JSON.parse(text)).toEqual(value)
  expect(text.trimEnd().split('\n')).toHaveLength(11)
})
