/** `share` and `enjoy`, from the command to the page in Chrome: without a network, and without WebGPU. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as ort from 'onnxruntime-web'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import { buildCli } from '../../harness/build.js'
import { type LaunchedChrome, launchChrome } from '../../harness/chrome/launch'
import { evaluatePolicy } from '../../harness/policies/evaluate'
import { layoutNetwork, type NetworkShape } from '../../src/model/network'
import { loadPolicy, policyFile } from '../../src/policy/policyfile'
import { runCli, startCli } from '../support/cli'

ort.env.wasm.numThreads = 1

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
const path = (...names: string[]) => join(folder, ...names)
let chrome: LaunchedChrome

beforeAll(async () => {
  await buildCli()
  chrome = await launchChrome({ flags: ['--disable-features=WebGPU', '--disable-webgpu'] })
})
afterAll(async () => {
  await chrome?.close()
  rmSync(folder, { recursive: true })
})

const NETWORK = { actorHidden: [8], criticHidden: [8], activation: 'tanh' as const }
const POLICIES: Record<string, NetworkShape> = {
  'CartPole-v1': { obsDim: 4, actionDim: 2, ...NETWORK, dist: 'categorical' },
  'LunarLander-v3': { obsDim: 8, actionDim: 4, ...NETWORK, dist: 'categorical' },
}

/** A policy with weights that follow from their places. */
function writePolicy(env: string): string {
  const shape = POLICIES[env]
  const params = Float32Array.from({ length: layoutNetwork(shape).paramStride }, (_, i) => Math.sin(i + 1))
  writeFileSync(path(`${env}.safetensors`), policyFile(findEnv(env), shape, params))
  return path(`${env}.safetensors`)
}

/** The page, opened as a file with the network off. */
async function opened(file: string) {
  const page = await chrome.browser.newPage()
  const problems: string[] = []
  const asked: string[] = []
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())))
  page.on('request', (request) => asked.push(request.url()))
  await page.setOfflineMode(true)
  await page.evaluateOnNewDocument(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(event.violatedDirective))
    Object.defineProperty(navigator, 'gpu', { value: undefined })
  })
  await page.goto(pathToFileURL(file).href)
  return { page, problems, asked }
}

describe('share', () => {
  test.each(Object.keys(POLICIES))('%s: the page plays exactly what eval plays, offline', async (env) => {
    const [file, out] = [writePolicy(env), path(`${env}-out`)]
    const { code, stdout, stderr } = await runCli([
      'share',
      file,
      '--out',
      out,
      '--no-film',
      '--repo',
      'me/it',
      '--json',
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const result = JSON.parse(stdout)
    const size = Object.fromEntries(
      result.files.map(({ name, bytes }: { name: string; bytes: number }) => [name, bytes]),
    )
    const weights = readFileSync(file).length
    expect(Object.keys(size)).toEqual(['policy.safetensors', 'policy.onnx', 'config.json', 'replay.html', 'README.md'])
    expect(size['replay.html'] - (4 / 3) * weights).toBeLessThan(300_000)
    expect(readFileSync(join(out, 'README.md'), 'utf8')).toContain('name: "me/it"')

    const { page, problems, asked } = await opened(join(out, 'replay.html'))
    const returns = await page.evaluate('ppoReplay.returns(5)')
    const episodes = evaluatePolicy(findEnv(env), loadPolicy(readFileSync(file)), 5, 1_000_000)
    expect(returns).toEqual(episodes.map((episode) => episode.return))
    // Something is drawn, and a push moves the state.
    await page.waitForFunction('ppoReplay.show.standing.step > 2 || ppoReplay.show.standing.episode > 0')
    const colours = await page.evaluate(() => {
      const canvas = document.querySelector('canvas')!
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      const pixels = new Uint32Array(data.buffer)
      return new Set(pixels).size
    })
    expect(colours).toBeGreaterThan(3)
    await page.evaluate(() => {
      const input = document.querySelector<HTMLInputElement>('fieldset input[type=range]')!
      input.value = input.max
      input.dispatchEvent(new Event('input'))
    })
    expect(await page.evaluate('ppoReplay.show.standing.moved')).toBe(true)
    expect(problems).toEqual([])
    expect(asked).toEqual([pathToFileURL(join(out, 'replay.html')).href])
    await page.close()

    // The folder is a policy for other commands, and the model acts as the policy.
    const evaluated = JSON.parse((await runCli(['eval', out, '--json'])).stdout)
    expect(evaluated.meanReturn).toBe(result.meanReturn)
    const session = await ort.InferenceSession.create(readFileSync(join(out, 'policy.onnx')))
    const obs = Array.from({ length: POLICIES[env].obsDim }, (_, i) => 0.1 * (i - 1))
    const { action } = await session.run({ obs: new ort.Tensor('float32', obs, [1, obs.length]) })
    expect(Number(action.data[0])).toBe(loadPolicy(readFileSync(join(out, 'policy.safetensors'))).act(obs)[0])
    expect((await runCli(['share', file, '--out', out, '--no-film'])).stderr).toContain('has files already')
  })
})

describe('enjoy', () => {
  test('makes its own page: no page and no script of a shared folder is used', async () => {
    const [file, shared] = [writePolicy('CartPole-v1'), path('from-elsewhere')]
    mkdirSync(shared)
    writeFileSync(join(shared, 'policy.safetensors'), readFileSync(file))
    writeFileSync(join(shared, 'config.json'), '{"env":"../../evil"}')
    writeFileSync(join(shared, 'replay.html'), '<script>evil</script>')
    writeFileSync(join(shared, 'spec.ts'), 'throw new Error("evil")')
    const started = startCli(['enjoy', shared, '--no-open'])
    await started.shows(/plays at http/)
    started.kill('SIGINT')
    const { code, stdout, stderr } = await started.done
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^CartPole-v1 plays at http:\/\/127\.0\.0\.1:\d+\/$/m)
  })
})
